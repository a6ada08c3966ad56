//! People and machines named in header fields: address lists, the author, Return-Path.
//! Does not live here: whose addresses they are (decide) and deliverability (model/address.rs).
use super::decode::{guard, joined};
use crate::model::{Author, EmailAddress, HeaderText, Party, ReturnPath};
use mail_parser::{Addr, Address, HeaderValue, parsers::MessageStream};

/// Parties kept of one field name; no rule needs more, and a hostile list may hold 60,000.
const MOST: usize = 500;

/// What one address field says.
#[derive(Default)]
struct List {
    /// Addresses outside groups.
    plain: Vec<Party>,
    /// Members of groups (RFC 5322 3.4).
    grouped: Vec<Party>,
    /// Something with an `@` that is no address stood among them.
    odd: bool,
}

/// Reads one address field, unfolded.
fn list(value: &str) -> List {
    let mut list = List::default();
    let line = format!("{}\n", joined(value));
    let groups = guard(|| match MessageStream::new(line.as_bytes()).parse_address() {
        HeaderValue::Address(Address::List(all)) => vec![(false, all.into_iter().map(Addr::into_owned).collect())],
        HeaderValue::Address(Address::Group(groups)) => groups
            .into_iter()
            .map(|group| (group.name.is_some(), group.addresses.into_iter().map(Addr::into_owned).collect()))
            .collect(),
        _ => Vec::<(bool, Vec<Addr<'static>>)>::new(),
    });
    // `ACME: Support <s@acme.example>` is a careless display name: a group ends in a semicolon.
    let ends = value.contains(';');
    for (named, members) in groups.unwrap_or_default() {
        for member in members {
            let into = if named && ends { &mut list.grouped } else { &mut list.plain };
            match party(&member) {
                Some(party) if into.len() < MOST => into.push(party),
                Some(_) => {}
                None => list.odd |= member.address.as_deref().is_some_and(|address| address.contains('@')),
            }
        }
    }
    list
}

fn party(member: &Addr<'_>) -> Option<Party> {
    let address = EmailAddress::parse(member.address.as_deref()?)?;
    // Letters that cannot be seen make one address look like another.
    if !address.local().is_ascii() && HeaderText::new(address.local()).as_str() != address.local() {
        return None;
    }
    let name = member.name.as_deref().map(HeaderText::new).filter(|name| !name.is_empty());
    Some(Party { name, address })
}

/// All usable addresses of the given fields, group members included, in order.
pub(super) fn parties<'a>(values: impl Iterator<Item = &'a str>) -> Vec<Party> {
    let mut all: Vec<Party> = values
        .flat_map(|value| {
            let list = list(value);
            list.plain.into_iter().chain(list.grouped)
        })
        .take(MOST)
        .collect();
    all.shrink_to_fit();
    all
}

/// The author named by the From fields: one field with one address, or nobody to answer
/// (RFC 5322 3.6.2, RFC 6854). Of two fields servers and people see different ones.
pub(super) fn author(values: &[&str]) -> Author {
    let mut lists = values.iter().map(|value| list(value));
    let first = lists.next().unwrap_or_default();
    if values.len() > 1 {
        let mut all = first.plain;
        all.extend(lists.take(MOST).flat_map(|list| list.plain));
        all.truncate(MOST);
        return Author::Several(all);
    }
    let alone = first.grouped.is_empty() && !first.odd;
    match (<[Party; 1]>::try_from(first.plain), alone) {
        (Ok([party]), true) => Author::One(party),
        (Ok([party]), false) => Author::Several(vec![party]),
        (Err(none), _) if none.is_empty() => Author::None,
        (Err(several), _) => Author::Several(several),
    }
}

/// Return-Path (RFC 5321 4.4): the topmost one, but empty if any of them is.
pub(super) fn return_path<'a>(values: impl Iterator<Item = &'a str>) -> ReturnPath {
    let mut found = ReturnPath::Absent;
    for value in values {
        let inner = match value.split_once('<') {
            Some((_, rest)) => rest.rsplit_once('>').map_or(rest, |(inner, _)| inner).trim(),
            None => value.trim(),
        };
        if inner.is_empty() {
            return ReturnPath::Null;
        }
        // A source route `@a,@b:user@c` (RFC 5321 appendix C) says nothing.
        let inner = match inner.strip_prefix('@').and_then(|route| route.split_once(':')) {
            Some((_, address)) => address,
            None => inner,
        };
        if found == ReturnPath::Absent {
            found = EmailAddress::parse(inner).map_or(ReturnPath::Unreadable, ReturnPath::Address);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(author: &Author) -> String {
        let all = |parties: &[Party]| parties.iter().map(|p| p.address.to_string()).collect::<Vec<_>>().join(" ");
        match author {
            Author::None => "none".to_owned(),
            Author::One(party) => format!("one {}", party.address),
            Author::Several(parties) => format!("several {}", all(parties)),
        }
    }

    #[test]
    fn authors() {
        for (fields, want) in [
            (&["Anna <anna@acme.example>"][..], "one anna@acme.example"),
            (&["anna@acme.example (Anna)"], "one anna@acme.example"),
            (&["Doe, John <john@acme.example>"], "one john@acme.example"),
            (&["ACME: Support <s@acme.example>"], "one s@acme.example"),
            (&["=?utf-8?q?ceo=40client=2Eexample?= <evil@x.example>"], "one evil@x.example"),
            (&["\"ceo@client.example\" <evil@x.example>"], "one evil@x.example"),
            (&["ceo@client.example <evil@x.example>"], "one evil@x.example"),
            (&["a@b.example, c@d.example"], "several a@b.example c@d.example"),
            (&["a@b.example", "c@d.example"], "several a@b.example c@d.example"),
            (&["a@b.example", "a@b.example"], "several a@b.example a@b.example"),
            (&["a@b.example, c@d@e f"], "several a@b.example"),
            (&["Robot:;"], "none"),
            (&["Team: a@b.example;"], "none"),
            (&["Team: a@b.example;, c@d.example"], "several c@d.example"),
            (&["<a@b.example>\0<c@d.example>"], "none"),
            (&["<a@b.example> <c@d.example>"], "none"),
            (&["MAILER-DAEMON (Mail System)"], "none"),
            (&["an\u{200b}na@acme.example"], "none"),
            (&["=?utf-8?q?a=40b=2Eexample?="], "none"),
            (&[""], "none"),
            (&[], "none"),
        ] {
            assert_eq!(show(&author(fields)), want, "{fields:?}");
        }
    }

    #[test]
    fn return_paths() {
        let address = |raw| ReturnPath::Address(EmailAddress::parse(raw).unwrap());
        for (fields, want) in [
            (&[][..], ReturnPath::Absent),
            (&["<>"], ReturnPath::Null),
            (&[" < > (null)"], ReturnPath::Null),
            (&[""], ReturnPath::Null),
            (&["<a@b.example>", "<>"], ReturnPath::Null),
            (&["<a@b.example>", "<c@d.example>"], address("a@b.example")),
            (&["a@b.example"], address("a@b.example")),
            (&["<@r.example,@s.example:a@b.example>"], address("a@b.example")),
            (&["<MAILER-DAEMON>"], ReturnPath::Unreadable),
            (&["<a@b\0.example>"], ReturnPath::Unreadable),
        ] {
            assert_eq!(return_path(fields.iter().copied()), want, "{fields:?}");
        }
    }
}
