//! Splits bytes into header fields and body, tolerantly and in the order of the message.
//! Does not live here: what the values mean (parties.rs, stamps.rs) and how they are decoded (decode.rs).
use std::borrow::Cow;

/// One header field as it stands in the message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field<'a> {
    /// Printable ASCII without a colon, as written.
    name: &'a str,
    /// Everything behind the colon, folds included.
    pub value: &'a [u8],
}

impl<'a> Field<'a> {
    /// The name as written; compare it without case.
    pub(super) fn name(&self) -> &'a str {
        self.name
    }

    /// Whether the field is called `name`.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// The fields of a message or part, and what follows them.
#[derive(Clone, Debug, Default)]
pub(super) struct Section<'a> {
    /// Topmost first, every occurrence.
    pub fields: Vec<Field<'a>>,
    /// Behind the blank line, or from the first line that is no field.
    pub body: &'a [u8],
}

impl<'a> Section<'a> {
    /// Values of a field, topmost first.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.fields.iter().filter(move |field| field.is(name)).map(|field| field.value)
    }

    /// The topmost value of a field.
    pub(super) fn first(&self, name: &str) -> Option<&'a [u8]> {
        self.all(name).next()
    }

    /// Whether anything proves that this is an e-mail: any text with a colon has "fields".
    pub(super) fn is_mail(&self) -> bool {
        self.fields.iter().any(|field| is_known(field.name))
    }
}

/// Fields that every mail has some of.
const KNOWN: &[&str] = &[
    "auto-submitted",
    "bcc",
    "cc",
    "content-disposition",
    "content-transfer-encoding",
    "content-type",
    "date",
    "delivered-to",
    "dkim-signature",
    "from",
    "in-reply-to",
    "list-id",
    "message-id",
    "mime-version",
    "received",
    "references",
    "reply-to",
    "return-path",
    "sender",
    "subject",
    "to",
    "x-mailer",
];

fn is_known(name: &str) -> bool {
    KNOWN.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Gives text with bare CR line ends (old Macs, some mail stores) LF ones. A bare CR in any other text is
/// no line end: there it would let a sender hide fields from servers that do not see them.
pub(super) fn unify(bytes: &[u8]) -> Cow<'_, [u8]> {
    if bytes.contains(&b'\r') && !bytes.contains(&b'\n') {
        Cow::Owned(bytes.iter().map(|&b| if b == b'\r' { b'\n' } else { b }).collect())
    } else {
        Cow::Borrowed(bytes)
    }
}

/// The line that starts at `at`, without its end, and where the next one starts; `None` behind the last.
pub(super) fn line(bytes: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
    let (text, next) = match rest.iter().position(|&b| b == b'\n') {
        Some(end) => (rest.get(..end).unwrap_or_default(), at + end + 1),
        None => (rest, bytes.len()),
    };
    let mut text = text;
    while let [head @ .., b'\r'] = text {
        text = head;
    }
    Some((text, next))
}

/// Name of the field that a line starts, and the length of name and colon.
fn start(line: &[u8]) -> Option<(&str, usize)> {
    let colon = line.iter().take(120).position(|&b| b == b':')?;
    let name = std::str::from_utf8(line.get(..colon)?).ok()?.trim_end_matches([' ', '\t']);
    let fits = !name.is_empty() && !name.starts_with("--") && name.bytes().all(|b| b.is_ascii_graphic());
    fits.then_some((name, colon + 1))
}

/// Reads the header section of a whole message: skips a byte order mark, leading blank lines, an mbox
/// `From ` line, and a torn line that stands right above a well-known field.
pub(super) fn message(bytes: &[u8]) -> Section<'_> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    read(bytes, true)
}

/// Reads the header section of a MIME part.
pub(super) fn part(bytes: &[u8]) -> Section<'_> {
    read(bytes, false)
}

fn read(bytes: &[u8], whole: bool) -> Section<'_> {
    let mut section = Section::default();
    // Where the last field's value starts: folded lines extend it.
    let mut open: Option<usize> = None;
    let mut at = 0;
    while let Some((text, next)) = line(bytes, at) {
        let blank = text.iter().all(|b| matches!(b, b' ' | b'\t' | b'\r'));
        let folded = text.first().is_some_and(|b| matches!(b, b' ' | b'\t'));
        if blank {
            if !whole || !section.fields.is_empty() {
                section.body = bytes.get(next..).unwrap_or_default();
                return section;
            }
        } else if let (true, Some(from), Some(last)) = (folded, open, section.fields.last_mut()) {
            last.value = bytes.get(from..at + text.len()).unwrap_or_default();
        } else if let Some((name, width)) = start(text).filter(|_| !folded) {
            section.fields.push(Field { name, value: text.get(width..).unwrap_or_default() });
            open = Some(at + width);
        } else {
            open = None;
            let envelope = section.fields.is_empty() && (text.starts_with(b"From ") || text.starts_with(b">From "));
            let torn = || {
                line(bytes, next).and_then(|(below, _)| start(below)).is_some_and(|(name, _)| is_known(name))
                    && !text.starts_with(b"--")
            };
            if !whole || !(envelope || torn()) {
                section.body = bytes.get(at..).unwrap_or_default();
                return section;
            }
        }
        at = next;
    }
    section
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(raw: &[u8]) -> (Vec<&str>, &[u8]) {
        let section = message(raw);
        (section.fields.iter().map(Field::name).collect(), section.body)
    }

    #[test]
    fn sections() {
        let (from_to, body): (Vec<&str>, &[u8]) = (vec!["From", "To"], b"x");
        for raw in [
            "From: a\nTo: b\n\nx",
            "From: a\r\nTo: b\r\n\r\nx",
            "From: a\r\r\nTo: b\r\r\n\r\r\nx",
            "\u{feff}From: a\nTo: b\n \t\nx",
            "\n\r\nFrom: a\n folded\n\tagain\nTo : b\n\nx",
            "From c Mon Jan 4 10:00:00 2027\nFrom: a\nTo: b\n\nx",
            ">From c\nFrom: a\nTo: b\n\nx",
            "From: a\ntorn line\nTo: b\n\nx",
            "From: a\nTo: b\nx",
        ] {
            assert_eq!(names(raw.as_bytes()), (from_to.clone(), body), "{raw:?}");
        }
        assert_eq!(names(b""), (vec![], &b""[..]));
        assert_eq!(names(b"\x00\x01\x02"), (vec![], &b"\x00\x01\x02"[..]));
        assert_eq!(names(b"From: a\n--b\nContent-Type: x\n\nx").0, ["From"]);
        assert_eq!(message(b"Subject: a\r\n b\r\n\r\n").first("subject"), Some(&b" a\r\n b"[..]));
    }

    #[test]
    fn bare_cr_ends_lines_only_where_nothing_else_does() {
        assert_eq!(unify(b"From: a\rTo: b\r\rx").as_ref(), b"From: a\nTo: b\n\nx");
        assert_eq!(unify(b"Subject: a\rFrom: b\n\n").as_ref(), b"Subject: a\rFrom: b\n\n");
    }

    #[test]
    fn a_note_is_no_mail() {
        assert!(!message(b"Note: buy milk\n\n").is_mail());
        assert!(!message(b"2027-01-04T10:00:00 INFO started\n").is_mail());
        assert!(message(b"X-Odd: 1\nSUBJECT: x\n").is_mail());
    }
}
