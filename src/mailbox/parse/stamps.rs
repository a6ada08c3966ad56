//! What identifies and dates a message: ids, dates, the key under which it is known everywhere.
//! Does not live here: which conversation it joins (store).
use super::decode::guard;
use crate::model::{Author, Instant, MessageId};
use chrono::{Datelike as _, FixedOffset, NaiveDate};
use mail_parser::{HeaderValue, parsers::MessageStream};
use sha2::{Digest as _, Sha256};

/// Ids kept of one field: the first one and the last of the others.
const MOST_IDS: usize = 100;

/// Ids named in a field, in its order, each once: what stands in angle brackets, and where there are
/// none, words split at blanks and commas. Anything else (`Your message of Monday`) is passed over.
pub(super) fn ids(value: &str) -> Vec<MessageId> {
    let mut found: Vec<MessageId> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    let mut add = |raw: &str| {
        if let Some(id) = MessageId::parse(raw)
            && seen.insert(id.clone())
        {
            found.push(id);
        }
    };
    let separators = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '<' | '>');
    if value.contains('<') {
        for chunk in value.split('<').skip(1) {
            let inner = chunk.split_once('>').map_or(chunk, |(inner, _)| inner);
            if inner.matches('@').count() > 1 {
                inner.split(separators).for_each(&mut add);
            } else {
                // One id, perhaps folded in its middle.
                add(&inner.chars().filter(|c| !separators(*c)).collect::<String>());
            }
        }
    } else {
        value.split(separators).for_each(&mut add);
    }
    if found.len() > MOST_IDS {
        found.drain(1..=found.len() - MOST_IDS);
    }
    found
}

/// A date field (RFC 5322 3.3, obsolete forms included), if it is a real date between 1970 and 2100.
pub(super) fn date(value: &str) -> Option<Instant> {
    let value: String = value.chars().take(200).collect();
    let value = value.trim();
    let line = format!("{value}\n");
    let read = guard(|| match MessageStream::new(line.as_bytes()).parse_date() {
        HeaderValue::DateTime(read) => Some(read),
        _ => None,
    });
    let strict = read.flatten().and_then(|read| {
        let wall = NaiveDate::from_ymd_opt(read.year.into(), read.month.into(), read.day.into())?.and_hms_opt(
            read.hour.into(),
            read.minute.into(),
            u32::from(read.second).min(59),
        )?;
        let east = i32::from(read.tz_hour) * 3600 + i32::from(read.tz_minute) * 60;
        let east = FixedOffset::east_opt(if read.tz_before_gmt { -east } else { east })?;
        Some(wall.and_local_timezone(east).single()?.to_utc())
    });
    let read = strict.or_else(|| Some(chrono::DateTime::parse_from_rfc2822(value).ok()?.to_utc()))?;
    (1970..2100).contains(&read.year()).then_some(read)
}

/// The date behind the last semicolon of a Received field (RFC 5321 4.4).
pub(super) fn received(value: &str) -> Option<Instant> {
    value.rsplit_once(';').and_then(|(_, stamp)| date(stamp))
}

/// What tells two messages apart that have no Message-ID.
pub(super) struct Look<'a> {
    pub date: &'a str,
    pub subject: &'a str,
    pub to: &'a str,
    pub body: &'a [u8],
}

/// Identity across folders and mailboxes: SHA-256 of Message-ID and author, for somebody else might reuse
/// an id to be passed over; without an id, of what the message looks like. Line ends do not count.
pub(super) fn key(id: Option<&MessageId>, author: &Author, look: &Look<'_>) -> String {
    let from = match author {
        Author::None => String::new(),
        Author::One(party) => party.address.to_string().to_lowercase(),
        Author::Several(all) => all.iter().map(|p| p.address.to_string().to_lowercase()).collect::<Vec<_>>().join(","),
    };
    let mut hash = Sha256::new();
    if let Some(id) = id {
        hash.update(format!("id\n{id}\n{from}"));
    } else {
        hash.update(format!("look\n{from}\n{}\n{}\n{}\n", look.date, look.subject, look.to));
        let body: Vec<u8> = look.body.iter().copied().filter(|b| *b != b'\r').take(2048).collect();
        hash.update(body.trim_ascii_end());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_ids() {
        for (raw, want) in [
            ("<a@b> <c@d>", "<a@b> <c@d>"),
            ("<a@b>,<c@d>,\r\n <e@f>", "<a@b> <c@d> <e@f>"),
            ("<a@b><c@d>", "<a@b> <c@d>"),
            ("<abc\r\n def@host>", "<abcdef@host>"),
            ("a@b, c@d", "<a@b> <c@d>"),
            ("Your message of Mon, 4 Jan from joe@x <a@b>", "<a@b>"),
            ("<a@b> <a@b>", "<a@b>"),
            ("<a@b", "<a@b>"),
            ("nonsense", ""),
            ("<a@b c@d>", "<a@b> <c@d>"),
        ] {
            let got = ids(raw).iter().map(MessageId::to_string).collect::<Vec<_>>().join(" ");
            assert_eq!(got, want, "{raw}");
        }
        let many = ids(&(0..500).map(|n| format!("<{n}@x> ")).collect::<String>());
        assert_eq!(many.len(), MOST_IDS);
        assert_eq!(many.first().map(MessageId::as_str), Some("<0@x>"));
        assert_eq!(many.last().map(MessageId::as_str), Some("<499@x>"));
    }

    #[test]
    fn dates() {
        for (raw, want) in [
            ("Thu, 14 Jan 2027 10:02:00 +0800", Some("2027-01-14T02:02:00+00:00")),
            ("14 Jan 27 16:00 EST", Some("2027-01-14T21:00:00+00:00")),
            ("Thu, 14 Jan 2027 10:02:60 GMT", Some("2027-01-14T10:02:59+00:00")),
            ("Thu, 14 Jan 2027 10:02:00 -0500 (EST)", Some("2027-01-14T15:02:00+00:00")),
            ("Wed, 99 Nov 9999 99:99:99 +9999", None),
            ("Sat, 1 Jan 9999 00:00:00 +0000", None),
            ("Thu, 1 Jan 1969 00:00:00 +0000", None),
            ("31 Feb 2027 10:00:00 +0000", None),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(date(raw).map(|at| at.to_rfc3339()).as_deref(), want, "{raw}");
        }
        let stamp = received("from a by b; c with d; Thu, 14 Jan 2027 10:02:00 +0000");
        assert_eq!(stamp.map(|at| at.to_rfc3339()).as_deref(), Some("2027-01-14T10:02:00+00:00"));
    }
}
