//! An mbox as a stream of messages (RFC 4155). `From ` lines that were quoted with `>` are unquoted, as mboxrd has it.
use super::super::BYTES_MAX;
use crate::model::Instant;
use std::io::{self, BufRead};

/// The longest part of a line that is looked at as one piece; a line may be as long as the file.
const PIECE: usize = 64 * 1024;

/// Some editors put it in front of a file (RFC 3629 6).
pub(super) const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// One message cut out of an mbox.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) bytes: Vec<u8>,
    pub(super) size: u64,
    pub(super) start: u64,
    pub(super) stamp: Option<Instant>,
}

impl Cut {
    /// The empty line behind a message parts it from the next one and is not its own (RFC 4155).
    fn close(&mut self, empty: usize) {
        let whole = u64::try_from(self.bytes.len()) == Ok(self.size);
        self.size -= empty as u64;
        if whole {
            self.bytes.truncate(self.bytes.len().saturating_sub(empty));
        }
    }
}

/// An mbox that is being read.
#[derive(Debug)]
pub(super) struct Mbox<R> {
    reader: R,
    /// Octets taken from the reader.
    taken: u64,
    /// The `From ` line of the next message, read already, and where it begins.
    ahead: Option<(Vec<u8>, u64)>,
    started: bool,
}

impl<R: BufRead> Mbox<R> {
    /// Reads from here on; `position` is how far into the file that is.
    pub(super) fn at(reader: R, position: u64) -> Self {
        Self { reader, taken: position, ahead: None, started: false }
    }

    /// Where the next message begins.
    pub(super) fn position(&self) -> u64 {
        self.ahead.as_ref().map_or(self.taken, |(_, start)| *start)
    }

    /// The next message.
    pub(super) fn read(&mut self) -> io::Result<Option<Cut>> {
        if !self.started {
            self.started = true;
            self.find_first()?;
        }
        let Some((separator, start)) = self.ahead.take() else { return Ok(None) };
        let mut cut = Cut { bytes: Vec::new(), size: 0, start, stamp: stamp(&separator) };
        let mut after_empty = false;
        // Octets of the empty line that was read last.
        let mut empty = 0;
        let mut at_line_start = true;
        loop {
            let began = self.taken;
            let piece = self.piece()?;
            if piece.is_empty() {
                cut.close(empty);
                return Ok(Some(cut));
            }
            if at_line_start && (after_empty && is_separator(&piece) || is_full_separator(&piece)) {
                self.ahead = Some((piece, began));
                cut.close(empty);
                return Ok(Some(cut));
            }
            let kept = if at_line_start { unquoted(&piece) } else { &piece };
            cut.size += kept.len() as u64;
            let room = BYTES_MAX.saturating_sub(cut.bytes.len());
            cut.bytes.extend(kept.iter().take(room));
            after_empty = at_line_start && piece.trim_ascii().is_empty();
            empty = if after_empty && piece.ends_with(b"\n") { kept.len() } else { 0 };
            at_line_start = piece.ends_with(b"\n");
        }
    }

    /// Passes over empty lines before the first message.
    fn find_first(&mut self) -> io::Result<()> {
        loop {
            let began = self.taken;
            let piece = self.piece()?;
            if piece.is_empty() {
                return Ok(());
            }
            let line = piece.strip_prefix(BYTE_ORDER_MARK).filter(|_| began == 0).unwrap_or(&piece);
            if line.starts_with(b"From ") {
                self.ahead = Some((line.to_vec(), began));
                return Ok(());
            }
        }
    }

    /// A line with its end, or as much of it as fits; empty at the end of the file.
    fn piece(&mut self) -> io::Result<Vec<u8>> {
        let mut piece = Vec::new();
        let mut limited = io::Read::take(&mut self.reader, PIECE as u64);
        limited.read_until(b'\n', &mut piece)?;
        self.taken += piece.len() as u64;
        Ok(piece)
    }
}

/// `From ` and, somewhere behind it, a time of day: prose seldom has that.
fn is_separator(line: &[u8]) -> bool {
    let time = |w: &[u8]| matches!(w, [a, b':', c] if a.is_ascii_digit() && c.is_ascii_digit());
    line.starts_with(b"From ") && line.get(..line.len().min(300)).is_some_and(|line| line.windows(3).any(time))
}

/// A `From ` line with a whole date begins a message even where the empty line before it is missing, as behind one that was
/// cut off: what follows is lost otherwise.
fn is_full_separator(line: &[u8]) -> bool {
    line.starts_with(b"From ") && stamp(line).is_some()
}

/// `>From ` is `From ` that was quoted, `>>From ` is `>From `.
fn unquoted(line: &[u8]) -> &[u8] {
    let marks = line.iter().take_while(|byte| **byte == b'>').count();
    let quoted = marks > 0 && line.get(marks..).is_some_and(|rest| rest.starts_with(b"From "));
    if quoted { line.get(1..).unwrap_or(line) } else { line }
}

/// The time in a `From ` line: `From a@b Mon Jan  4 10:00:00 2027`, in UTC (RFC 4155).
fn stamp(line: &[u8]) -> Option<Instant> {
    let text = String::from_utf8_lossy(line.get(..line.len().min(300))?).into_owned();
    let words: Vec<&str> = text.split_whitespace().collect();
    words.windows(5).find_map(|five| {
        let time = chrono::NaiveDateTime::parse_from_str(&five.join(" "), "%a %b %d %H:%M:%S %Y").ok()?;
        Some(time.and_utc())
    })
}
