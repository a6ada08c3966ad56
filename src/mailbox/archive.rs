//! Archives of past mail on disk: an mbox file, a Maildir with its subfolders, a folder of messages or of mbox files.
//! Read as a stream: of a message no more is held than its beginning. Does not live here: what the messages mean.
mod files;
mod stream;

use super::{BYTES_MAX, MailboxError};
use crate::model::{Instant, text::clean};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

/// Files that are no mail are named up to so many.
const NAMED: usize = 5;

/// One message of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The message, at most its first [`BYTES_MAX`] octets.
    pub bytes: Vec<u8>,
    /// Octets of the whole message.
    pub size: u64,
    /// A time from outside the message: the name or age of its file, its `From ` line.
    pub stamp: Option<Instant>,
    /// The Maildir flag R.
    pub answered: bool,
    /// Where it lies, for people.
    pub place: String,
}

/// Where reading stands: everything before it was handed out.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Standing {
    /// The file, relative to the archive; empty if the archive is one file.
    pub part: String,
    /// Octets read of it.
    pub position: u64,
}

/// An archive that is being read.
#[derive(Debug)]
pub struct Archive {
    root: PathBuf,
    files: Vec<files::Found>,
    next: usize,
    open: Option<stream::Mbox<BufReader<File>>>,
    standing: Standing,
    octets: u64,
    before: u64,
    foreign: Vec<String>,
    foreign_count: u64,
}

/// What kind of file it is, by its first octets.
enum Kind {
    Mbox,
    Message,
    Foreign,
}

impl Archive {
    /// Looks what there is.
    ///
    /// # Errors
    /// `Disk` if it cannot be read, `NoArchive` for a file that is neither mbox nor message.
    pub fn open(path: &Path) -> Result<Self, MailboxError> {
        let meta = std::fs::metadata(path).map_err(|error| MailboxError::disk(path, error))?;
        let (files, passed_over) = match meta.is_file() {
            true => (vec![files::Found::file(path, &meta)], Vec::new()),
            false => files::below(path)?,
        };
        if meta.is_file() && matches!(kind(path)?, Kind::Foreign) && meta.len() > 0 {
            return Err(MailboxError::NoArchive { path: path.to_owned(), hint: hint(path) });
        }
        let octets = files.iter().map(|file| file.size).sum();
        Ok(Self {
            root: path.to_owned(),
            files,
            next: 0,
            open: None,
            standing: Standing::default(),
            octets,
            before: 0,
            foreign_count: passed_over.len() as u64,
            foreign: passed_over.iter().take(NAMED).map(|name| clean(name, 200)).collect(),
        })
    }

    /// Octets of all files.
    #[must_use]
    pub fn octets(&self) -> u64 {
        self.octets
    }

    /// Octets that were read or passed over.
    #[must_use]
    pub fn octets_read(&self) -> u64 {
        self.before + self.open.as_ref().map_or(0, stream::Mbox::position)
    }

    /// Where reading stands.
    #[must_use]
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Whether the order of the files is by age, so that what comes later is behind what was read.
    #[must_use]
    pub fn grows_at_its_end(&self) -> bool {
        matches!(self.files.as_slice(), [only] if only.path == self.root)
    }

    /// Files that are no mail: how many, and the names of the first.
    #[must_use]
    pub fn foreign(&self) -> (u64, &[String]) {
        (self.foreign_count, &self.foreign)
    }

    /// Goes on where an earlier reading stood; whether that place is still there.
    ///
    /// # Errors
    /// `Disk`.
    pub fn go_to(&mut self, standing: &Standing) -> Result<bool, MailboxError> {
        let Some(index) = self.files.iter().position(|file| file.part == standing.part) else { return Ok(false) };
        let Some(file) = self.files.get(index).cloned() else { return Ok(false) };
        if standing.position > file.size {
            return Ok(false);
        }
        let skipped: u64 = self.files.iter().take(index).map(|file| file.size).sum();
        if standing.position == file.size {
            (self.next, self.before) = (index + 1, skipped + file.size);
        } else if standing.position == 0 {
            (self.next, self.before) = (index, skipped);
        } else {
            let mut reader = open(&file.path)?;
            let disk = |error| MailboxError::disk(&file.path, error);
            reader.seek(SeekFrom::Start(standing.position)).map_err(disk)?;
            // A file that was written anew has something else here.
            if !reader.fill_buf().map_err(disk)?.starts_with(b"From ") {
                return Ok(false);
            }
            self.open = Some(stream::Mbox::at(reader, standing.position));
            (self.next, self.before) = (index + 1, skipped);
        }
        self.standing = standing.clone();
        Ok(true)
    }

    /// The next message; `None` at the end.
    ///
    /// # Errors
    /// `Disk`.
    pub fn read(&mut self) -> Result<Option<Letter>, MailboxError> {
        loop {
            if let Some(mbox) = &mut self.open {
                let index = self.next.saturating_sub(1);
                let file = self.files.get(index).cloned().unwrap_or_default();
                match mbox.read().map_err(|error| MailboxError::disk(&file.path, error))? {
                    Some(cut) => {
                        self.standing = Standing { part: file.part.clone(), position: mbox.position() };
                        let place = format!("{} at octet {}", clean(&file.shown, 200), cut.start);
                        return Ok(Some(Letter {
                            bytes: cut.bytes,
                            size: cut.size,
                            stamp: cut.stamp,
                            answered: false,
                            place,
                        }));
                    }
                    None => {
                        self.open = None;
                        self.before += file.size;
                        self.standing = Standing { part: file.part, position: file.size };
                    }
                }
            }
            let Some(file) = self.files.get(self.next).cloned() else { return Ok(None) };
            self.next += 1;
            match kind(&file.path) {
                Ok(Kind::Mbox) => self.open = Some(stream::Mbox::at(open(&file.path)?, 0)),
                Ok(Kind::Message) => {
                    self.before += file.size;
                    self.standing = Standing { part: file.part.clone(), position: file.size };
                    if let Some(letter) = whole(&file)? {
                        return Ok(Some(letter));
                    }
                }
                // A file that moved from `new` to `cur` while we read comes with the next import.
                Ok(Kind::Foreign) | Err(_) => {
                    self.before += file.size;
                    self.standing = Standing { part: file.part.clone(), position: file.size };
                    self.foreign_count += 1;
                    if self.foreign.len() < NAMED {
                        self.foreign.push(clean(&file.shown, 200));
                    }
                }
            }
        }
    }
}

fn open(path: &Path) -> Result<BufReader<File>, MailboxError> {
    let file = File::open(path).map_err(|error| MailboxError::disk(path, error))?;
    Ok(BufReader::with_capacity(64 * 1024, file))
}

/// A file that is one message; `None` if it is gone.
fn whole(file: &files::Found) -> Result<Option<Letter>, MailboxError> {
    let mut bytes = Vec::new();
    match File::open(&file.path) {
        Ok(source) => {
            let read = source.take(BYTES_MAX as u64).read_to_end(&mut bytes);
            read.map_err(|error| MailboxError::disk(&file.path, error))?;
            if bytes.starts_with(stream::BYTE_ORDER_MARK) {
                bytes.drain(..stream::BYTE_ORDER_MARK.len());
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(MailboxError::disk(&file.path, error)),
    }
    Ok(Some(Letter {
        bytes,
        size: file.size,
        stamp: file.stamp,
        answered: file.answered,
        place: clean(&file.shown, 200),
    }))
}

/// Looks at the first line that is not empty.
fn kind(path: &Path) -> Result<Kind, MailboxError> {
    let mut head = Vec::new();
    let file = File::open(path).map_err(|error| MailboxError::disk(path, error))?;
    file.take(4096).read_to_end(&mut head).map_err(|error| MailboxError::disk(path, error))?;
    let head = head.strip_prefix(stream::BYTE_ORDER_MARK).unwrap_or(&head).trim_ascii_start();
    let name = head.split(|byte| *byte == b':').next().unwrap_or_default();
    let is_name = |name: &[u8]| (1..=100).contains(&name.len()) && name.iter().all(|b| (b'!'..=b'~').contains(b));
    if head.starts_with(b"From ") {
        return Ok(Kind::Mbox);
    }
    Ok(if name.len() < head.len() && is_name(name.trim_ascii_end()) { Kind::Message } else { Kind::Foreign })
}

/// What a file that is no mail may be.
fn hint(path: &Path) -> &'static str {
    let mut head = [0; 4];
    let read = File::open(path).and_then(|mut file| file.read(&mut head));
    match (read, &head) {
        (Ok(2..), [0x1f, 0x8b, ..]) => "it is compressed: unpack it with `gunzip` first",
        (Ok(2..), [b'P', b'K', ..]) => "it is a zip archive: unpack it first",
        (Ok(2..), [0xd0, 0xcf, ..] | [b'!', b'B', b'D', ..]) => {
            "it is an Outlook file: convert it with `readpst` first"
        }
        _ => "an mbox begins with a line `From SENDER DATE`, a message with a header line such as `Date: …`",
    }
}

#[cfg(test)]
#[path = "archive_tests.rs"]
mod tests;
