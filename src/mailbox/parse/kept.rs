//! What of a message is kept: its bytes without attachments, its text, or its header fields alone. What is left out is
//! listed in its place with size and hash, so that a later reader finds name, type and proof. Also reads that listing.
//! Does not live here: where it is kept (store), what the owner wants kept (config).
//!
//! A message that was changed begins with the field `X-Fuseau-Kept`, which no server ever puts first; only below it a
//! part's `X-Fuseau-Not-Kept` is believed.
use super::content;
use super::decode::{base64_body, quoted};
use super::fields::{self, Section};
use super::part::Kind;
use super::structure::{self, Part};
use super::{KEPT_CAP, READ_CAP};
use crate::model::HeaderText;
use crate::model::keep::{Form, Keep};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

pub(super) const KEPT: &str = "X-Fuseau-Kept";
pub(super) const NOT_KEPT: &str = "X-Fuseau-Not-Kept";
/// Its values where the text alone is kept.
const TEXT: &str = "text";
const BEGINNING: &str = "text, its beginning";
/// Octets of an attachment that is kept anyway: a key, a card. Its listing would be as long.
const SMALL: u64 = 1024;
/// What is larger than that encoded is larger than [`SMALL`] itself: at worst an octet is `=41=` and a line end.
const SMALL_ENCODED: usize = 8 * 1024;

/// One attachment of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Its file name; empty if it has none.
    pub name: HeaderText,
    /// Type and subtype.
    pub media: String,
    /// Octets, its transfer encoding undone.
    pub size: u64,
    /// The size is a guess: only the beginning was read.
    pub about: bool,
    /// SHA-256 of its octets, hex; `None` where only the beginning was read.
    pub sha256: Option<String>,
    /// Its bytes lie in the history too.
    pub kept: bool,
}

/// What is kept of a message of `size` octets of which `bytes` is the beginning, or all.
#[must_use]
pub fn kept(bytes: &[u8], size: u64, keep: Keep) -> Option<Vec<u8>> {
    let unified = fields::unify(bytes.get(..READ_CAP).unwrap_or(bytes));
    let section = fields::message(&unified);
    let truncated = size.max(bytes.len() as u64) > unified.len() as u64;
    let whole =
        Message { bytes: &unified, section: &section, size: truncated.then_some(size), line_end: line_end(&unified) };
    match keep.form {
        Form::Raw if keep.attachments => whole.disowned(),
        Form::Raw => whole.listed().or_else(|| whole.disowned()),
        Form::Text => {
            let read = content::read(&section, KEPT_CAP, truncated);
            Some(whole.rebuilt(if read.text_cut { BEGINNING } else { TEXT }, &read.text))
        }
        Form::Headers => Some(whole.rebuilt("headers", "")),
    }
}

/// The attachments of a message as it is kept, in their order. `size` is that of the whole message as it came.
#[must_use]
pub fn attachments(bytes: &[u8], size: u64) -> Vec<Attachment> {
    let unified = fields::unify(bytes.get(..KEPT_CAP).unwrap_or(bytes));
    let section = fields::message(&unified);
    let changed = section.fields.first().is_some_and(|field| field.is(KEPT));
    let cut = !changed && size > unified.len() as u64;
    let whole = Message { bytes: &unified, section: &section, size: cut.then_some(size), line_end: "\n" };
    let parts = structure::parts(&section);
    let attached = parts.iter().filter(|part| is_attachment(part));
    attached
        .map(|part| {
            let head = whole.fields_of(part);
            match head.first(NOT_KEPT).filter(|_| changed).and_then(read) {
                Some((size, about, sha256)) => Attachment { size, about, sha256, kept: false, ..named(&part.kind) },
                None => whole.measured(part),
            }
        })
        .collect()
}

/// How much of its text a message holds of which nothing else is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alone {
    Whole,
    Beginning,
}

/// Whether a message holds its text alone.
pub(super) fn text_alone(section: &Section<'_>) -> Option<Alone> {
    let value = section.fields.first().filter(|field| field.is(KEPT))?.value.trim_ascii();
    match value {
        value if value == TEXT.as_bytes() => Some(Alone::Whole),
        value if value == BEGINNING.as_bytes() => Some(Alone::Beginning),
        _ => None,
    }
}

/// What is read of a message.
struct Message<'a> {
    bytes: &'a [u8],
    section: &'a Section<'a>,
    /// Octets of the whole message, if this is only its beginning.
    size: Option<u64>,
    line_end: &'static str,
}

impl Message<'_> {
    /// Where the body begins.
    fn body_at(&self) -> usize {
        self.bytes.len() - self.section.body.len()
    }

    /// Where the first header field begins: behind byte order marks, blank lines and the line of an mbox.
    fn first_field(&self) -> usize {
        first_field(self.bytes, self.section)
    }

    /// The header section of a part, from its first field to behind its blank line.
    fn head(&self, part: &Part, top: bool) -> (usize, usize) {
        let at = self.body_at();
        if top { (self.first_field(), at) } else { (at + part.head, at + part.start) }
    }

    fn fields_of(&self, part: &Part) -> Section<'_> {
        if part.head == 0 && part.start == 0 {
            return self.section.clone();
        }
        fields::part(self.section.body.get(part.head..part.start).unwrap_or_default())
    }

    /// A message that pretends to have been changed here loses the pretence.
    fn disowned(&self) -> Option<Vec<u8>> {
        if !self.section.fields.first().is_some_and(|field| field.is(KEPT)) {
            return None;
        }
        let head = self.bytes.get(self.first_field()..self.body_at()).unwrap_or_default();
        let mut out = fields_where(head, self.line_end, |name| !is(name, KEPT));
        out.extend(self.line_end.bytes());
        out.extend(self.section.body);
        Some(out)
    }

    /// The bytes with every larger attachment listed in its place; `None` if there is none.
    fn listed(&self) -> Option<Vec<u8>> {
        let parts = structure::parts(self.section);
        let marked = |part: &Part| part.leaf && self.fields_of(part).first(NOT_KEPT).is_some();
        let large =
            |part: &Part| part.end.saturating_sub(part.start) > SMALL_ENCODED || self.measured(part).size > SMALL;
        let leaves: Vec<(usize, &Part)> =
            parts.iter().enumerate().filter(|(_, part)| is_attachment(part) && (large(part) || marked(part))).collect();
        if leaves.is_empty() {
            return None;
        }
        let mut out = format!("{KEPT}: without attachments{}", self.line_end).into_bytes();
        let mut at = self.first_field();
        for (number, part) in leaves {
            let (head, body) = self.head(part, number == 0);
            out.extend(self.bytes.get(at..head).unwrap_or_default());
            let head = self.bytes.get(head..body).unwrap_or_default();
            out.extend(fields_where(head, self.line_end, |name| !is(name, KEPT) && !is(name, NOT_KEPT)));
            let listing = self.measured(part).listing();
            out.extend(format!("{NOT_KEPT}: {listing}{}{}", self.line_end, self.line_end).bytes());
            at = self.body_at() + part.end;
        }
        out.extend(self.bytes.get(at..).unwrap_or_default());
        Some(out)
    }

    /// A new message of the header fields, a text and the listing of all attachments.
    fn rebuilt(&self, form: &str, text: &str) -> Vec<u8> {
        let end = self.line_end;
        let mut out = format!("{KEPT}: {form}{end}").into_bytes();
        let head = self.bytes.get(self.first_field()..self.body_at()).unwrap_or_default();
        let other = |name: &[u8]| !is_mime(name) && !is(name, "mime-version") && !is(name, KEPT);
        out.extend(fields_where(head, end, other));
        let plain = format!("Content-Type: text/plain; charset=utf-8{end}Content-Transfer-Encoding: 8bit{end}{end}");
        let parts = structure::parts(self.section);
        let attached: Vec<(usize, &Part)> = parts.iter().enumerate().filter(|(_, part)| is_attachment(part)).collect();
        let text = text.replace('\n', end);
        out.extend(format!("MIME-Version: 1.0{end}").bytes());
        if attached.is_empty() {
            out.extend(format!("{plain}{text}{end}").bytes());
            return out;
        }
        let mut lines = (0..).map(|n| format!("=_fuseau_{n}"));
        let boundary = lines.find(|line| !text.contains(line.as_str())).unwrap_or_default();
        out.extend(format!("Content-Type: multipart/mixed; boundary=\"{boundary}\"{end}{end}").bytes());
        out.extend(format!("--{boundary}{end}{plain}{text}{end}").bytes());
        for (number, part) in attached {
            let (head, body) = self.head(part, number == 0);
            let head = self.bytes.get(head..body).unwrap_or_default();
            out.extend(format!("--{boundary}{end}").bytes());
            out.extend(fields_where(head, end, is_mime));
            out.extend(format!("{NOT_KEPT}: {}{end}{end}", self.measured(part).listing()).bytes());
        }
        out.extend(format!("--{boundary}--{end}").bytes());
        out
    }

    /// A part as it would be listed.
    fn measured(&self, part: &Part) -> Attachment {
        let body = self.section.body.get(part.start..part.end.max(part.start)).unwrap_or_default();
        let body = body.strip_suffix(b"\n").map_or(body, |body| body.strip_suffix(b"\r").unwrap_or(body));
        let octets = match part.kind.encoding.as_str() {
            "base64" => base64_body(body),
            "quoted-printable" => quoted(body, false),
            _ => body.to_vec(),
        };
        let listed = Attachment { size: octets.len() as u64, kept: true, ..named(&part.kind) };
        match self.size.filter(|_| part.end == self.section.body.len()) {
            // Behind what was read there is more of it: what the whole message has left, less its encoding.
            Some(size) => {
                let more = size.saturating_sub(self.bytes.len() as u64);
                let more = if part.kind.encoding == "base64" { more / 78 * 57 } else { more };
                Attachment { size: listed.size + more, about: true, ..listed }
            }
            None => Attachment { sha256: Some(hex(&Sha256::digest(&octets))), ..listed },
        }
    }
}

impl Attachment {
    /// Its value in [`NOT_KEPT`].
    fn listing(&self) -> String {
        match &self.sha256 {
            Some(hash) => format!("{} octets; sha256={hash}", self.size),
            None => format!("about {} octets", self.size),
        }
    }
}

/// Reads [`Attachment::listing`].
fn read(value: &[u8]) -> Option<(u64, bool, Option<String>)> {
    let value = std::str::from_utf8(value).ok()?.trim();
    let (about, value) = value.strip_prefix("about ").map_or((false, value), |rest| (true, rest));
    let (size, rest) = value.split_once(" octets")?;
    let hash = rest.trim().strip_prefix("; sha256=").map(str::to_owned);
    let is_hash = |hash: &String| hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
    Some((size.parse().ok()?, about, hash.filter(is_hash)))
}

fn named(kind: &Kind) -> Attachment {
    Attachment {
        name: kind.name.clone().unwrap_or_default(),
        media: kind.media.clone(),
        size: 0,
        about: false,
        sha256: None,
        kept: false,
    }
}

/// A part that is no text to read in place, and no report about a mail.
fn is_attachment(part: &Part) -> bool {
    let kind = &part.kind;
    let (family, _) = kind.media.split_once('/').unwrap_or((&kind.media, ""));
    let read_here = match family {
        "text" => !kind.attached,
        "multipart" => true,
        "message" => kind.is_report() || kind.media == "message/partial",
        _ => false,
    };
    part.leaf && !read_here
}

/// Where the first header field of a message begins, in its bytes; where its body does, if it has none.
pub(super) fn first_field(bytes: &[u8], section: &Section<'_>) -> usize {
    let first = section.fields.first().map(|field| field.name().as_ptr() as usize);
    first.map_or(bytes.len() - section.body.len(), |first| first.saturating_sub(bytes.as_ptr() as usize))
}

/// The fields of a header section whose names are wanted, each with its folded lines, without the blank line.
pub(super) fn fields_where(head: &[u8], line_end: &str, wanted: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(head.len() + 2);
    let mut taken = false;
    for line in head.split_inclusive(|byte| *byte == b'\n') {
        if !line.starts_with(b" ") && !line.starts_with(b"\t") {
            taken = wanted(line.split(|byte| *byte == b':').next().unwrap_or_default().trim_ascii_end());
        }
        if taken {
            out.extend(line);
        }
    }
    out.truncate(out.trim_ascii_end().len());
    if !out.is_empty() {
        out.extend(line_end.bytes());
    }
    out
}

pub(super) fn is(name: &[u8], field: &str) -> bool {
    name.eq_ignore_ascii_case(field.as_bytes())
}

pub(super) fn is_mime(name: &[u8]) -> bool {
    name.get(..8).is_some_and(|start| start.eq_ignore_ascii_case(b"content-"))
}

pub(super) fn line_end(bytes: &[u8]) -> &'static str {
    let first = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    if first > 0 && bytes.get(first - 1) == Some(&b'\r') { "\r\n" } else { "\n" }
}

fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}

#[cfg(test)]
#[path = "kept_tests.rs"]
mod tests;
