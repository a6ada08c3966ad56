//! Structure and text of a message: one pass over its lines, no recursion, bounded depth and parts.
//! Does not live here: header fields of the message itself (mod.rs), opening attachments (nowhere).
//!
//! The structure is read here and not by the mail library, whose tree of a hostile message overflows the
//! stack when it is dropped.
use super::decode::{base64_body, quoted, text, unlabelled};
use super::fields::{self, Section};
use super::part::{Kind, kind};
use crate::model::{Content, HeaderText, MessageId, text::clean_lines};

/// Multiparts and enclosed messages inside one another; people's mail has five.
const DEEPEST: usize = 100;
/// Parts looked at.
const MOST_PARTS: usize = 500;
/// Names of attachments kept.
const MOST_NAMES: usize = 100;
/// Enclosed messages whose names are kept.
const MOST_ENCLOSED: usize = 10;
/// Octets of text kept.
const TEXT_CAP: usize = 64 * 1024;

/// Reads structure and text below the header section `top`. `truncated` is not set here.
pub(super) fn read(top: &Section<'_>) -> Content {
    let mut walk = Walk::default();
    walk.content.media_type = kind(top).media;
    let mut at = walk.enter(kind(top), 0, top.body, 0, false);
    while let Some((line, next)) = fields::line(top.body, at) {
        at = match walk.delimiter(line) {
            Some((level, closes)) => {
                walk.finish(top.body, at);
                walk.open.truncate(if closes { level } else { level + 1 });
                match walk.open.last() {
                    Some(parent) if !closes => {
                        if walk.parts >= MOST_PARTS {
                            break;
                        }
                        let (depth, enclosed) = (parent.depth, parent.enclosed);
                        let section = fields::part(top.body.get(next..).unwrap_or_default());
                        let start = top.body.len() - section.body.len();
                        let kind = if parent.digest && section.first("content-type").is_none() {
                            Kind { media: "message/rfc822".to_owned(), ..kind(&section) }
                        } else {
                            kind(&section)
                        };
                        walk.enter(kind, start.max(next), top.body, depth, enclosed)
                    }
                    _ => next,
                }
            }
            None => next,
        };
    }
    walk.finish(top.body, top.body.len());
    walk.into_content(top.body)
}

/// A multipart whose end has not been met.
struct Open {
    boundary: Vec<u8>,
    depth: usize,
    enclosed: bool,
    /// Its parts are messages unless they say otherwise (RFC 2046 5.1.5).
    digest: bool,
}

/// A part whose body is being passed over.
struct Leaf {
    kind: Kind,
    start: usize,
    enclosed: bool,
}

#[derive(Default)]
struct Walk {
    open: Vec<Open>,
    leaf: Option<Leaf>,
    parts: usize,
    /// Parts that are no multipart themselves.
    leaves: usize,
    plain: String,
    html: String,
    other: String,
    /// A feedback report says that mail was unwanted.
    complaint: bool,
    /// The Message-IDs of enclosed messages.
    enclosed: Vec<MessageId>,
    content: Content,
}

impl Walk {
    /// Takes up a part whose body starts at `at`; follows enclosed messages down to the part that has a
    /// body. Returns where to read on.
    fn enter(&mut self, kind: Kind, at: usize, bytes: &[u8], depth: usize, enclosed: bool) -> usize {
        let (mut kind, mut at, mut depth, mut enclosed) = (kind, at, depth, enclosed);
        loop {
            self.parts += 1;
            self.note(&kind, enclosed);
            let deeper = depth < DEEPEST && self.parts < MOST_PARTS;
            if let (true, true, Some(boundary)) = (deeper, kind.media.starts_with("multipart/"), &kind.boundary) {
                let digest = kind.media == "multipart/digest";
                self.open.push(Open { boundary: boundary.as_bytes().to_vec(), depth: depth + 1, enclosed, digest });
                return at;
            }
            let message = matches!(kind.media.as_str(), "message/rfc822" | "message/global");
            if !(deeper && message && kind.encoding.is_empty()) {
                self.leaves += 1;
                self.leaf = Some(Leaf { kind, start: at, enclosed });
                return at;
            }
            // What a person forwards is not what the person sends: below here only names count.
            (depth, enclosed) = (depth + 1, true);
            let section = fields::part(bytes.get(at..).unwrap_or_default());
            self.encloses(&section);
            at = (bytes.len() - section.body.len()).max(at);
            kind = self::kind(&section);
        }
    }

    /// Which open multipart a line delimits (RFC 2046 5.1.1), and whether it ends it. Innermost first.
    fn delimiter(&self, line: &[u8]) -> Option<(usize, bool)> {
        let line = line.strip_prefix(b"--")?.trim_ascii_end();
        let closing = line.strip_suffix(b"--");
        self.open.iter().enumerate().rev().find_map(|(level, open)| {
            if line == open.boundary {
                Some((level, false))
            } else {
                (closing == Some(open.boundary.as_slice())).then_some((level, true))
            }
        })
    }

    /// Facts that need no body.
    fn note(&mut self, kind: &Kind, enclosed: bool) {
        if let Some(name) = kind.name.clone().filter(|_| self.content.attachments.len() < MOST_NAMES) {
            self.content.attachments.push(name);
        }
        if enclosed {
            return;
        }
        self.content.report_part |= kind.is_report();
        self.content.encrypted |= kind.is_encrypted();
        self.content.signed |= kind.is_signed();
    }

    /// Remembers what an enclosed message is called.
    fn encloses(&mut self, section: &Section<'_>) {
        let id = section.first("message-id").and_then(|id| MessageId::parse(String::from_utf8_lossy(id).trim()));
        self.enclosed.extend(id.filter(|_| self.enclosed.len() < MOST_ENCLOSED));
    }

    /// Ends the current part's body at `end`.
    fn finish(&mut self, bytes: &[u8], end: usize) {
        let Some(Leaf { mut kind, start, enclosed }) = self.leaf.take() else { return };
        if kind.media.starts_with("multipart/") && kind.boundary.is_none() {
            "text/plain".clone_into(&mut kind.media);
        }
        let body = bytes.get(start..end.max(start)).unwrap_or_default();
        if !enclosed && matches!(kind.media.as_str(), "message/delivery-status" | "message/global-delivery-status") {
            self.content.undeliverable = super::report::undeliverable(&kind.text(body));
        }
        if !enclosed && kind.media == "message/feedback-report" {
            self.complaint = super::report::is_complaint(&kind.text(body));
        }
        if !enclosed && kind.media == "text/rfc822-headers" {
            self.encloses(&fields::part(body));
        }
        if enclosed || !kind.media.starts_with("text/") {
            return;
        }
        if kind.media == "text/calendar" {
            let method = kind.method.clone().unwrap_or_else(|| method(&kind.text(body)));
            if self.content.calendar_methods.len() < MOST_NAMES {
                self.content.calendar_methods.push(method);
            }
            return;
        }
        let into = match kind.media.as_str() {
            _ if kind.attached => return,
            "text/plain" => &mut self.plain,
            "text/html" => &mut self.html,
            _ => &mut self.other,
        };
        if into.len() < TEXT_CAP * 4 {
            into.push_str(&kind.text(body));
            into.push('\n');
        }
    }

    fn into_content(mut self, body: &[u8]) -> Content {
        // A multipart that names its boundary and never uses it is plain text in practice.
        if self.leaves == 0 {
            self.plain = unlabelled(body, None);
        }
        let blank = |text: &str| text.trim().is_empty();
        let raw = match (blank(&self.plain), blank(&self.html)) {
            (false, _) => self.plain,
            (true, false) => super::html::text(&self.html),
            (true, true) => self.other,
        };
        let mut text = clean_lines(&raw);
        text.truncate(text.floor_char_boundary(TEXT_CAP));
        text.truncate(text.trim_end().len());
        let starts = |mark: &str| text.lines().any(|line| line.starts_with(mark));
        self.content.encrypted |= starts("-----BEGIN PGP MESSAGE-----");
        self.content.signed |= starts("-----BEGIN PGP SIGNED MESSAGE-----");
        self.content.text = text;
        if self.complaint {
            self.content.complained_of = self.enclosed;
        }
        self.content
    }
}

impl Kind {
    /// The body as text: transfer encoding and charset undone.
    fn text(&self, body: &[u8]) -> String {
        match self.encoding.as_str() {
            "base64" if is_prose(body) => text(body, self.charset.as_deref()),
            "base64" => text(&base64_body(body), self.charset.as_deref()),
            "quoted-printable" => text(&quoted(body, false), self.charset.as_deref()),
            _ => text(body, self.charset.as_deref()),
        }
    }
}

/// Whether a body that is labelled base64 is none: base64 has neither blanks within a line nor punctuation.
fn is_prose(body: &[u8]) -> bool {
    let body = body.trim_ascii();
    let foreign = |b: &&u8| !(b.is_ascii_alphanumeric() || matches!(**b, b'+' | b'/' | b'=' | b'\r' | b'\n'));
    body.iter().filter(foreign).count() * 20 > body.len()
}

/// `METHOD` of a calendar object (RFC 5545 3.7.2), for parts that do not name it in their Content-Type.
fn method(calendar: &str) -> String {
    calendar
        .lines()
        .take(50)
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("METHOD"))
        .map_or_else(String::new, |(_, value)| HeaderText::new(value).as_str().to_ascii_uppercase())
}
