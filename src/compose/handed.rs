//! A draft that the owner handed over, as it travels: the bytes of their mail program with nothing changed but what must
//! not leave (Bcc, notes of mail programs), and Date and Message-ID as they must be. Never here: whether it may leave.
use crate::model::{Instant, MessageId};

/// Fields that stay at home: the hidden recipients, and what mail programs note for themselves.
const DROPPED: &[&str] = &[
    "bcc",
    "resent-bcc",
    "fcc",
    "return-path",
    "delivered-to",
    "x-unsent",
    "x-identity-key",
    "x-account-key",
    "status",
    "x-status",
    "x-uid",
    "x-keywords",
    "x-uniform-type-identifier",
    "x-universally-unique-identifier",
    "x-gmail-original-message-id",
    "x-ms-exchange-organization-authas",
];

/// Families of such fields.
const DROPPED_FAMILIES: &[&str] =
    &["x-mozilla-", "x-kmail-", "x-evolution-", "x-apple-", "x-fuseau-", "x-claws-", "x-sylpheed-"];

/// What the mail is given.
#[derive(Clone, Copy, Debug)]
pub struct Stamp<'a> {
    /// Date: when it leaves.
    pub date: Instant,
    /// Its Message-ID; the draft's own, if that is usable.
    pub message_id: &'a MessageId,
    /// `X-Fuseau-Id` of a draft that was ours.
    pub fuseau_id: Option<&'a str>,
}

/// The bytes to send: CRLF line ends, one Date, one Message-ID, no field of [`DROPPED`]; everything else as it was.
#[must_use]
pub fn handed_over(draft: &[u8], stamp: &Stamp<'_>) -> Vec<u8> {
    let lines = lines(draft);
    let end = lines.iter().position(|line| line.is_empty()).unwrap_or(lines.len());
    let (head, body) = lines.split_at(end);
    let date = stamp.date.format("%a, %d %b %Y %H:%M:%S +0000");
    let mut out = format!("Date: {date}\r\nMessage-ID: {}\r\n", stamp.message_id).into_bytes();
    if let Some(mark) = stamp.fuseau_id {
        out.extend_from_slice(format!("X-Fuseau-Id: {mark}\r\n").as_bytes());
    }
    let (mut keeps, mut has_version, mut has_type) = (false, false, false);
    for (nth, line) in head.iter().enumerate() {
        let continues = line.first().is_some_and(|byte| b" \t".contains(byte));
        if !continues {
            // A line of an mbox in front of the header is no field.
            let name = name(line).filter(|_| nth > 0 || !line.starts_with(b"From "));
            has_version |= name.as_deref() == Some("mime-version");
            has_type |= name.as_deref() == Some("content-type");
            keeps = name.is_some_and(|name| travels(&name));
        }
        if keeps {
            out.extend_from_slice(line);
            out.extend_from_slice(b"\r\n");
        }
    }
    if has_type && !has_version {
        out.extend_from_slice(b"MIME-Version: 1.0\r\n");
    }
    out.extend_from_slice(b"\r\n");
    for line in body.iter().skip(1) {
        out.extend_from_slice(line);
        out.extend_from_slice(b"\r\n");
    }
    out
}

fn travels(name: &str) -> bool {
    let stamped = matches!(name, "date" | "message-id");
    !stamped && !DROPPED.contains(&name) && !DROPPED_FAMILIES.iter().any(|family| name.starts_with(family))
}

/// The name of a field in lower case; `None` for a line that is none.
fn name(line: &[u8]) -> Option<String> {
    let end = line.iter().position(|byte| *byte == b':')?;
    let name = line.get(..end)?.trim_ascii_end();
    let fits = !name.is_empty() && name.iter().all(|byte| (33..=126).contains(byte));
    fits.then(|| String::from_utf8_lossy(name).to_ascii_lowercase())
}

/// Lines, however they end: CRLF, LF or a lone CR (half a line end must not travel). No empty one behind the last end.
fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| b"\r\n".contains(byte)).unwrap_or(rest.len());
        let (line, behind) = rest.split_at(end);
        lines.push(line);
        rest = behind.strip_prefix(b"\r\n").or_else(|| behind.get(1..)).unwrap_or_default();
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    fn sent(draft: &str) -> String {
        let id = MessageId::parse("<1@studio.example>").unwrap();
        let date = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let bytes = handed_over(draft.as_bytes(), &Stamp { date, message_id: &id, fuseau_id: None });
        String::from_utf8(bytes).unwrap()
    }

    const STAMP: &str = "Date: Fri, 15 Jan 2027 08:00:00 +0000\r\nMessage-ID: <1@studio.example>\r\n";

    #[test]
    fn hidden_recipients_and_notes_of_programs_stay_at_home() {
        let draft = "From: claire@studio.example\nBcc: a@b.example,\n c@d.example\nX-Mozilla-Draft-Info: x; y\nX-Unsent: 1\n\
                     Message-ID: <old@x>\nmessage-id: <older@x>\nDate: yesterday\nTo: anna@acme.example\nSubject: Bcc: no\n field\n\n\
                     Bcc: a line of the text\n\nend";
        let want = format!(
            "{STAMP}From: claire@studio.example\r\nTo: anna@acme.example\r\nSubject: Bcc: no\r\n field\r\n\r\n\
             Bcc: a line of the text\r\n\r\nend\r\n"
        );
        assert_eq!(sent(draft), want);
    }

    #[test]
    fn odd_shapes_become_a_mail() {
        // (draft, what follows the stamp)
        for (draft, want) in [
            ("", "\r\n"),
            ("To: a@b.example", "To: a@b.example\r\n\r\n"),
            ("To: a@b.example\r\n\r\n", "To: a@b.example\r\n\r\n"),
            ("From claire Mon\nTo: a@b.example\n\nx", "To: a@b.example\r\n\r\nx\r\n"),
            ("To: a@b.example\rBcc: c@d.example\r\rx\ry", "To: a@b.example\r\n\r\nx\r\ny\r\n"),
            ("no field\n more\nTo: a@b.example\n\nx\r\n", "To: a@b.example\r\n\r\nx\r\n"),
            ("Content-Type: text/plain\n\nx", "Content-Type: text/plain\r\nMIME-Version: 1.0\r\n\r\nx\r\n"),
            ("BCC : c@d.example\nTo: a@b.example\n\n", "To: a@b.example\r\n\r\n"),
        ] {
            assert_eq!(sent(draft), format!("{STAMP}{want}"), "{draft:?}");
        }
    }

    proptest::proptest! {
        /// Whatever the draft, no half line end travels and no hidden recipient does.
        #[test]
        fn nothing_half_or_hidden_travels(draft in "(Bcc: h|To: a|\r|\n|\r\n| x|:|[a-z]){0,30}") {
            let sent = sent(&draft);
            proptest::prop_assert!(!sent.replace("\r\n", "").contains(['\r', '\n']));
            let head = sent.split("\r\n\r\n").next().unwrap();
            proptest::prop_assert!(!head.lines().any(|line| line.starts_with("Bcc")));
        }
    }
}
