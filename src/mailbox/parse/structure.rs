//! The parts of a message and where each lies: one pass over its lines, no recursion, bounded depth and parts.
//! Does not live here: what the parts say.
//!
//! The structure is read here and not by the mail library, whose tree of a hostile message overflows the
//! stack when it is dropped.
use super::fields::{self, Section};
use super::part::{Kind, kind};

/// Multiparts and enclosed messages inside one another; people's mail has five.
const DEEPEST: usize = 100;
/// Parts looked at.
const MOST_PARTS: usize = 500;

/// One part, in the order of the message. Places are octets in the body of the message.
pub(super) struct Part {
    pub(super) kind: Kind,
    /// Where its own header fields begin; of the message itself they lie before the body.
    pub(super) head: usize,
    /// Where its body begins.
    pub(super) start: usize,
    /// Where its body ends, if it is a leaf.
    pub(super) end: usize,
    /// Inside an enclosed message: what a person forwards is not what the person sends.
    pub(super) enclosed: bool,
    /// It has a body of its own: neither a multipart nor an enclosed message.
    pub(super) leaf: bool,
    /// More lies in it, or behind it, that is not looked at: too deep, or too many.
    pub(super) cut: bool,
}

/// The parts below the header section `top`, the message itself first.
pub(super) fn parts(top: &Section<'_>) -> Vec<Part> {
    let mut walk = Walk::default();
    let mut at = walk.enter(kind(top), 0, 0, top.body, 0, false);
    while let Some((line, next)) = fields::line(top.body, at) {
        at = match walk.delimiter(line) {
            Some((level, closes)) => {
                walk.finish(at);
                walk.open.truncate(if closes { level } else { level + 1 });
                match walk.open.last() {
                    Some(parent) if !closes => {
                        if walk.parts.len() >= MOST_PARTS {
                            walk.parts.last_mut().into_iter().for_each(|last| last.cut = true);
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
                        walk.enter(kind, next, start.max(next), top.body, depth, enclosed)
                    }
                    _ => next,
                }
            }
            None => next,
        };
    }
    walk.finish(top.body.len());
    walk.parts
}

/// A multipart whose end has not been met.
struct Open {
    boundary: Vec<u8>,
    depth: usize,
    enclosed: bool,
    /// Its parts are messages unless they say otherwise (RFC 2046 5.1.5).
    digest: bool,
}

#[derive(Default)]
struct Walk {
    open: Vec<Open>,
    parts: Vec<Part>,
    /// The last part has a body whose end has not been met.
    in_leaf: bool,
}

impl Walk {
    /// Takes up a part whose body starts at `at`; follows enclosed messages down to the part that has a
    /// body. Returns where to read on.
    fn enter(&mut self, kind: Kind, head: usize, at: usize, bytes: &[u8], depth: usize, enclosed: bool) -> usize {
        let (mut kind, mut head, mut at, mut depth, mut enclosed) = (kind, head, at, depth, enclosed);
        loop {
            let deeper = depth < DEEPEST && self.parts.len() + 1 < MOST_PARTS;
            let message = matches!(kind.media.as_str(), "message/rfc822" | "message/global");
            let multipart = kind.media.starts_with("multipart/");
            let boundary = kind.boundary.as_ref().filter(|_| multipart);
            let holds_message = message && kind.encoding.is_empty();
            let cut = !deeper && (boundary.is_some() || holds_message);
            let boundary = boundary.filter(|_| deeper).map(|text| text.as_bytes().to_vec());
            let digest = kind.media == "multipart/digest";
            let follow = deeper && holds_message;
            let leaf = boundary.is_none() && !follow;
            self.parts.push(Part { kind, head, start: at, end: at, enclosed, leaf, cut });
            if let Some(boundary) = boundary {
                self.open.push(Open { boundary, depth: depth + 1, enclosed, digest });
                return at;
            }
            if leaf {
                self.in_leaf = true;
                return at;
            }
            // What a person forwards is not what the person sends: below here only names count.
            (depth, enclosed) = (depth + 1, true);
            let section = fields::part(bytes.get(at..).unwrap_or_default());
            head = at;
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

    /// Ends the current part's body at `end`.
    fn finish(&mut self, end: usize) {
        if let Some(last) = self.parts.last_mut().filter(|_| self.in_leaf) {
            last.end = end;
        }
        self.in_leaf = false;
    }
}
