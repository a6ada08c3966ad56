//! Text and other facts of a message's body, from its parts.
//! Does not live here: where the parts are (structure.rs), header fields of the message itself (mod.rs), opening
//! attachments (nowhere).
use super::decode::{base64_body, quoted, text, unlabelled};
use super::fields::{self, Section};
use super::part::Kind;
use super::structure::{self, Part};
use crate::model::text::{beginning, clean_lines, whole_words};
use crate::model::{Content, MessageId};

/// Names of attachments kept.
const MOST_NAMES: usize = 100;
/// Enclosed messages whose names are kept.
const MOST_ENCLOSED: usize = 10;
/// Reads structure below the header section `top`, and at most `most` octets of text. `cut_off`: the message goes on behind
/// these octets. `truncated` is not set here.
pub(super) fn read(top: &Section<'_>, most: usize, cut_off: bool) -> Content {
    let parts = structure::parts(top);
    let mut reading = Reading { most, cut_off, ..Reading::default() };
    reading.content.media_type = parts.first().map(|part| part.kind.media.clone()).unwrap_or_default();
    for part in &parts {
        reading.content.parts_left |= part.cut;
        reading.note(&part.kind, part.enclosed);
        if part.enclosed {
            reading.encloses(&fields::part(top.body.get(part.head..).unwrap_or_default()));
        }
        if part.leaf {
            reading.body(part, top.body);
        }
    }
    // A multipart that names its boundary and never uses it is plain text in practice.
    if !parts.iter().any(|part| part.leaf) {
        reading.plain = Said { text: unlabelled(top.body, None), cut: cut_off };
    }
    reading.into_content()
}

/// What the parts of one kind say together.
#[derive(Default)]
struct Said {
    text: String,
    /// It goes on behind that.
    cut: bool,
}

#[derive(Default)]
struct Reading {
    most: usize,
    cut_off: bool,
    plain: Said,
    html: Said,
    other: Said,
    /// A feedback report says that mail was unwanted.
    complaint: bool,
    /// The Message-IDs of enclosed messages.
    enclosed: Vec<MessageId>,
    content: Content,
}

impl Reading {
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

    /// Takes what the body of a part says.
    fn body(&mut self, part: &Part, bytes: &[u8]) {
        let kind = &part.kind;
        let unmarked = kind.media.starts_with("multipart/") && kind.boundary.is_none();
        let media = if unmarked { "text/plain" } else { kind.media.as_str() };
        let body = bytes.get(part.start..part.end.max(part.start)).unwrap_or_default();
        if !part.enclosed && matches!(media, "message/delivery-status" | "message/global-delivery-status") {
            self.content.undeliverable = super::report::undeliverable(&kind.text(body));
        }
        if !part.enclosed && media == "message/feedback-report" {
            self.complaint = super::report::is_complaint(&kind.text(body));
        }
        if !part.enclosed && media == "text/rfc822-headers" {
            self.encloses(&fields::part(body));
        }
        if part.enclosed || !media.starts_with("text/") {
            return;
        }
        if media == "text/calendar" {
            let method = kind.method.clone().unwrap_or_else(|| method(&kind.text(body)));
            if self.content.calendar_methods.len() < MOST_NAMES {
                self.content.calendar_methods.push(method);
            }
            return;
        }
        let into = match media {
            _ if kind.attached => return,
            "text/plain" => &mut self.plain,
            "text/html" => &mut self.html,
            _ => &mut self.other,
        };
        into.cut |= self.cut_off && part.end == bytes.len();
        if into.text.len() < self.most * 4 {
            into.text.push_str(&kind.text(body));
            into.text.push('\n');
        } else {
            into.cut |= !body.is_empty();
        }
    }

    fn into_content(mut self) -> Content {
        let blank = |said: &Said| said.text.trim().is_empty();
        let raw = match (blank(&self.plain), blank(&self.html)) {
            (false, _) => self.plain,
            (true, false) => Said { text: super::html::text(&self.html.text), cut: self.html.cut },
            (true, true) => self.other,
        };
        let mut text = clean_lines(&raw.text);
        text.truncate(text.trim_end().len());
        let mut kept = beginning(&text, self.most).len();
        self.content.text_cut = raw.cut || kept < text.len();
        if raw.cut && kept == text.len() {
            kept = whole_words(&text).len();
        }
        text.truncate(kept);
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
        .map_or_else(String::new, |(_, value)| crate::model::HeaderText::new(value).as_str().to_ascii_uppercase())
}
