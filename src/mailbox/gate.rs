//! The gate before the IMAP parser: sees every inbound byte first and stops what would hurt the parser.
//! Does not live here: time limits (`watch.rs`) and the meaning of replies (`imap/`).
//!
//! The parser allocates whatever a literal announces (up to 512 MiB), parses long lines again and again,
//! recurses without bound in nested lists and panics on a few texts. We only ever ask for flat FETCH items, so
//! the gate admits exactly these: every FETCH reply must be a flat list, literals have a ceiling and may stand
//! only where both we and the parser agree that one stands.
use std::fmt;

/// Longest line, in octets, without literals.
const LINE_MAX: usize = 64 * 1024;
/// Largest literal: we ask for 256 KiB; servers may be a little generous.
pub(super) const LITERAL_MAX: usize = 320 * 1024;
/// Largest literal in a LIST or STATUS reply: a folder name.
const NAME_MAX: usize = 4 * 1024;

/// Why the gate closed, in our words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rude(pub(super) &'static str);

impl fmt::Display for Rude {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Rude {}

/// Which reply the current line continues after a literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Open {
    /// None: the line starts a reply.
    #[default]
    Nothing,
    /// FETCH items.
    Fetch,
    /// LIST, LSUB or STATUS behind the name.
    Name,
}

/// The state between two reads.
#[derive(Default)]
pub(super) struct Gate {
    line: Vec<u8>,
    literal_left: usize,
    open: Open,
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").field("literal_left", &self.literal_left).finish_non_exhaustive()
    }
}

impl Gate {
    /// Looks at the next inbound bytes; after an error none of them may reach the parser.
    pub(super) fn admit(&mut self, mut bytes: &[u8]) -> Result<(), Rude> {
        while !bytes.is_empty() {
            if self.literal_left > 0 {
                let skipped = self.literal_left.min(bytes.len());
                self.literal_left -= skipped;
                bytes = bytes.get(skipped..).unwrap_or_default();
                continue;
            }
            let end = bytes.iter().position(|&b| b == b'\n');
            let (piece, rest) = bytes.split_at(end.map_or(bytes.len(), |at| at + 1));
            if self.line.len() + piece.len() > LINE_MAX {
                return Err(Rude("a line of more than 64 KiB"));
            }
            self.line.extend_from_slice(piece);
            bytes = rest;
            if end.is_some() {
                let line = std::mem::take(&mut self.line);
                self.judge(line.strip_suffix(b"\n").unwrap_or(&line))?;
                self.line = line;
                self.line.clear();
            }
        }
        Ok(())
    }

    /// One complete line without its LF.
    fn judge(&mut self, line: &[u8]) -> Result<(), Rude> {
        let line = line.strip_suffix(b"\r").ok_or(Rude("a line end without CR"))?;
        if line.iter().any(|&b| b == 0 || b == b'\r') {
            return Err(Rude("NUL or CR in a line"));
        }
        let open = std::mem::take(&mut self.open);
        let (next, literal) = match open {
            Open::Fetch => (Open::Fetch, fetch_items(line.strip_prefix(b" ").unwrap_or(line))?),
            Open::Name if announced(line).is_none() => (Open::Nothing, None),
            Open::Name => return Err(Rude("a literal in an unexpected place")),
            Open::Nothing => start(line)?,
        };
        if let Some(size) = literal {
            self.literal_left = size;
            self.open = next;
        }
        Ok(())
    }
}

/// The first line of a reply: which reply a literal at its end belongs to, and its size.
fn start(line: &[u8]) -> Result<(Open, Option<usize>), Rude> {
    if let Some(items) = fetch_start(line) {
        return Ok((Open::Fetch, fetch_items(items)?));
    }
    if broken_code(line) {
        return Err(Rude("text glued to a response code"));
    }
    let Some(size) = announced(line) else { return Ok((Open::Nothing, None)) };
    if size <= NAME_MAX && before_name(line.strip_prefix(b"* ").unwrap_or_default()) {
        return Ok((Open::Name, Some(size)));
    }
    Err(Rude("a literal in an unexpected place"))
}

/// Whether a line that ends in a literal has it where LIST, LSUB or STATUS have the name.
fn before_name(data: &[u8]) -> bool {
    let Some(open) = data.iter().rposition(|&b| b == b'{') else { return false };
    let before = data.get(..open).unwrap_or_default();
    if before.eq_ignore_ascii_case(b"STATUS ") {
        return true;
    }
    let list = (starts_with(data, b"LIST (") || starts_with(data, b"LSUB (")).then(|| before.get(6..)).flatten();
    match list.and_then(|list| split_once(list, b')')) {
        Some((attributes, delimiter)) => {
            let delimiter = delimiter.strip_prefix(b" ").and_then(|text| text.strip_suffix(b" ")).unwrap_or_default();
            let quoted = delimiter.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\"")).unwrap_or_default();
            let one = matches!(quoted, [b'\\', b'\\' | b'"']) || matches!(quoted, [byte] if !b"\"\\".contains(byte));
            !attributes.iter().any(|b| b"(\"{}".contains(b)) && (one || delimiter.eq_ignore_ascii_case(b"NIL"))
        }
        None => false,
    }
}

/// What follows `* n FETCH (`.
fn fetch_start(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(b"* ")?;
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let rest = rest.get(digits..).filter(|_| digits > 0)?;
    starts_with(rest, b" FETCH ")
        .then(|| rest.get(7..))
        .flatten()
        .map(|items| items.strip_prefix(b"(").unwrap_or(items))
}

/// A flat item list: `NAME value NAME value)`, values being atoms, quoted strings, flat lists; `Some(size)` when
/// the line ends in a literal instead.
fn fetch_items(mut rest: &[u8]) -> Result<Option<usize>, Rude> {
    const SHAPE: Rude = Rude("a FETCH reply of a shape we did not ask for");
    loop {
        rest = rest.trim_ascii_start();
        if let Some(tail) = rest.strip_prefix(b")") {
            return if tail.iter().all(|&b| b == b' ') { Ok(None) } else { Err(SHAPE) };
        }
        let (name, value) = split_once(rest, b' ').ok_or(SHAPE)?;
        if name.is_empty() || name.iter().any(|b| b"()\"{}\\".contains(b)) {
            return Err(SHAPE);
        }
        let first = value.first().copied().ok_or(SHAPE)?;
        if name.eq_ignore_ascii_case(b"INTERNALDATE") && first != b'"' {
            return Err(Rude("INTERNALDATE without a date"));
        }
        let inner = value.get(1..).unwrap_or_default();
        rest = match first {
            b'{' => {
                let size = announced(value).filter(|_| value.ends_with(b"}")).ok_or(SHAPE)?;
                let whole = value.iter().filter(|&&b| b == b'{').count() == 1;
                return match (whole, size <= LITERAL_MAX) {
                    (true, true) => Ok(Some(size)),
                    (true, false) => Err(Rude("a literal larger than we asked for")),
                    _ => Err(SHAPE),
                };
            }
            b'"' => split_once(inner, b'"').filter(|(text, _)| !text.contains(&b'\\')).ok_or(SHAPE)?.1,
            b'(' => {
                let (list, after) = split_once(inner, b')').ok_or(SHAPE)?;
                if list.iter().any(|b| b"(\"{}".contains(b)) {
                    return Err(SHAPE);
                }
                after
            }
            _ => {
                let length = value.iter().take_while(|&&b| b != b' ' && b != b')').count();
                let (atom, after) = value.split_at(length);
                if length == 0 || atom.iter().any(|b| b"(\"{}".contains(b)) {
                    return Err(SHAPE);
                }
                after
            }
        };
        if !matches!(rest.first(), Some(b' ' | b')')) {
            return Err(SHAPE);
        }
    }
}

/// The size in a trailing `{size}`, `{size+}`; sizes beyond `usize` count as the largest.
fn announced(line: &[u8]) -> Option<usize> {
    let inner = line.strip_suffix(b"}")?;
    let inner = inner.strip_suffix(b"+").unwrap_or(inner);
    let count = inner.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let (before, digits) = inner.split_at(inner.len() - count);
    if digits.is_empty() || !before.ends_with(b"{") {
        return None;
    }
    Some(std::str::from_utf8(digits).ok().and_then(|d| d.parse().ok()).unwrap_or(usize::MAX))
}

/// A status reply whose code is followed at once by a non-ASCII letter: the parser would cut it in half.
fn broken_code(line: &[u8]) -> bool {
    let Some((before, after)) = split_once(line, b'[') else { return false };
    let at_code = before.iter().filter(|&&b| b == b' ').count() <= 2 && !before.iter().any(|b| b"(\"".contains(b));
    at_code && matches!(split_once(after, b']'), Some((_, text)) if text.first().is_some_and(|b| !b.is_ascii()))
}

fn starts_with(data: &[u8], name: &[u8]) -> bool {
    data.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
}

fn split_once(bytes: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let position = bytes.iter().position(|&b| b == at)?;
    Some((bytes.get(..position)?, bytes.get(position + 1..)?))
}

#[cfg(test)]
#[path = "gate_tests.rs"]
mod tests;
