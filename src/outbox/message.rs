//! The finished bytes of a mail as they may travel. Does not live here: making them (compose).
use crate::model::{EmailAddress, Instant, MessageId};

/// Why bytes cannot be sent as they are. Always a mistake of ours, hence refused and never mended: half of a
/// CRLF is what SMTP smuggling is made of (RFC 5321 2.3.8: CR and LF only together).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsendable {
    /// A CR without LF behind it.
    #[error("the message holds a bare CR at byte {0}: this is a mistake in fuseau, the mail was not sent")]
    BareCr(usize),
    /// A LF without CR before it.
    #[error("the message holds a bare LF at byte {0}: this is a mistake in fuseau, the mail was not sent")]
    BareLf(usize),
    /// Nothing at all.
    #[error("the message is empty: this is a mistake in fuseau, the mail was not sent")]
    Empty,
}

/// Checks that lines end in CRLF and nothing else looks like a line end. The last line may lack its CRLF.
///
/// # Errors
/// See [`Unsendable`].
pub fn check(message: &[u8]) -> Result<(), Unsendable> {
    if message.is_empty() {
        return Err(Unsendable::Empty);
    }
    let mut before = 0;
    for (at, &byte) in message.iter().enumerate() {
        if before == b'\r' && byte != b'\n' {
            return Err(Unsendable::BareCr(at.saturating_sub(1)));
        }
        if byte == b'\n' && before != b'\r' {
            return Err(Unsendable::BareLf(at));
        }
        before = byte;
    }
    if before == b'\r' { Err(Unsendable::BareCr(message.len().saturating_sub(1))) } else { Ok(()) }
}

/// The message between DATA's 354 and the final dot: a dot more before each line that begins with one, a
/// CRLF at the end (RFC 5321 4.5.2, 4.1.1.4). The final `.` CRLF is not part of it.
///
/// # Errors
/// See [`check`].
pub fn stuffed(message: &[u8]) -> Result<Vec<u8>, Unsendable> {
    check(message)?;
    let mut out = Vec::with_capacity(message.len() + message.len() / 64 + 2);
    for line in message.split_inclusive(|&byte| byte == b'\n') {
        if line.first() == Some(&b'.') {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    }
    if !out.ends_with(b"\r\n") {
        out.extend_from_slice(b"\r\n");
    }
    Ok(out)
}

/// The message with the line ends of local programs, LF.
///
/// # Errors
/// See [`check`].
pub fn with_local_line_ends(message: &[u8]) -> Result<Vec<u8>, Unsendable> {
    check(message)?;
    Ok(message.iter().copied().filter(|&byte| byte != b'\r').collect())
}

/// The first `Message-ID` of the header, if it is a valid one.
#[must_use]
pub fn message_id(message: &[u8]) -> Option<MessageId> {
    MessageId::parse(&field(message, "message-id")?)
}

/// The moment in the `Date` header (RFC 5322 3.3), which our own mails carry.
#[must_use]
pub fn date(message: &[u8]) -> Option<Instant> {
    let text = field(message, "date")?;
    chrono::DateTime::parse_from_rfc2822(text.trim()).ok().map(|date| date.to_utc())
}

/// The colleague who gets our mail in copy: the one address of its `Cc`. Whoever made the mail wrote it there from the
/// configuration; more than one is none of ours.
#[must_use]
pub fn copy(message: &[u8]) -> Option<EmailAddress> {
    let text = field(message, "cc")?;
    let text = text.trim();
    let bare = text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(text);
    EmailAddress::parse(bare).filter(EmailAddress::is_deliverable)
}

/// The first header field named `name` (lower case), unfolded.
fn field(message: &[u8], name: &str) -> Option<String> {
    let mut found: Option<String> = None;
    for line in message.split(|&byte| byte == b'\n') {
        let line = String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line));
        match &mut found {
            Some(value) if line.starts_with([' ', '\t']) => value.push_str(&line),
            Some(_) => break,
            None if line.is_empty() => break,
            None => {
                found = line
                    .split_once(':')
                    .filter(|(field, _)| field.trim_end().eq_ignore_ascii_case(name))
                    .map(|(_, value)| value.to_owned());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_a_line_end_are_refused() {
        for (message, want) in [
            (&b"a\r\nb\r\n"[..], Ok(())),
            (b"a", Ok(())),
            (b"", Err(Unsendable::Empty)),
            (b"a\nb", Err(Unsendable::BareLf(1))),
            (b"\n", Err(Unsendable::BareLf(0))),
            (b"a\r.\r\nb", Err(Unsendable::BareCr(1))),
            (b"a\r\r\n", Err(Unsendable::BareCr(1))),
            (b"a\r", Err(Unsendable::BareCr(1))),
            (b"a\r\n.\r\n\n", Err(Unsendable::BareLf(6))),
        ] {
            assert_eq!(check(message), want, "{message:?}");
        }
    }

    #[test]
    fn dots_are_doubled_at_line_starts_only() {
        for (message, want) in [
            (&b"a.b\r\n"[..], &b"a.b\r\n"[..]),
            (b".", b"..\r\n"),
            (b".\r\n", b"..\r\n"),
            (b"..\r\n", b"...\r\n"),
            (b"a\r\n.\r\nMAIL FROM:<x@y>\r\n", b"a\r\n..\r\nMAIL FROM:<x@y>\r\n"),
            (b"a", b"a\r\n"),
        ] {
            assert_eq!(stuffed(message).unwrap(), want);
        }
    }

    #[test]
    fn header_fields() {
        let mail = b"Subject: x\r\nMessage-ID:\r\n <a@b>\r\nDate: Mon, 23 Nov 2026 10:00:00 +0100\r\n\r\nDate: x\r\n";
        assert_eq!(message_id(mail).unwrap().as_str(), "<a@b>");
        assert_eq!(date(mail).unwrap().to_rfc3339(), "2026-11-23T09:00:00+00:00");
        let copied = |cc: &str| copy(format!("To: a@x.example\r\nCc: {cc}\r\n\r\nCc: z@x.example\r\n").as_bytes());
        assert_eq!(copied("paul@studio.example").unwrap().to_string(), "paul@studio.example");
        assert_eq!(copied("<paul@studio.example>").unwrap().to_string(), "paul@studio.example");
        assert_eq!(copied("a@x.example, b@x.example"), None);
        assert_eq!(copy(b"To: a@x.example\r\n\r\nCc: z@x.example\r\n"), None);
        assert_eq!(message_id(b"Subject: x\r\n\r\nMessage-ID: <a@b>\r\n"), None);
    }

    proptest::proptest! {
        /// What a server makes of the stuffed form is the message, and no line of it is a lone dot.
        #[test]
        fn unstuffing_gives_the_message_back(lines in proptest::collection::vec("[.a ]{0,4}", 1..20)) {
            let message = lines.iter().map(|l| format!("{l}\r\n")).collect::<String>();
            let wire = String::from_utf8(stuffed(message.as_bytes()).unwrap()).unwrap();
            proptest::prop_assert!(!wire.starts_with(".\r\n") && !wire.contains("\r\n.\r\n"));
            let back: String = wire.split_inclusive("\r\n").map(|l| l.strip_prefix('.').unwrap_or(l)).collect();
            proptest::prop_assert_eq!(back, message);
        }
    }
}
