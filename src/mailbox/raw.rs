//! Messages as a mailbox hands them over: bytes, flags, arrival. Reading them is `parse.rs`' trade.
use crate::model::Instant;
use std::fmt;

/// Octets of a message that are read; the rest is never fetched.
pub const BYTES_MAX: usize = 256 * 1024;
/// Messages asked for in one go.
pub const BATCH_COUNT: usize = 500;
/// Octets asked for in one go: what a slow line (14 KB/s) carries within the limit for one command.
pub const BATCH_BYTES: u64 = 8 * 1024 * 1024;

/// The system flags (RFC 3501 2.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Flags {
    /// `\Answered`.
    pub answered: bool,
    /// `\Seen`.
    pub seen: bool,
    /// `\Draft`.
    pub draft: bool,
    /// `\Deleted`.
    pub deleted: bool,
    /// `\Flagged`.
    pub flagged: bool,
}

/// One line of a folder's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Number within the folder and its UIDVALIDITY.
    pub uid: u32,
    /// Flags.
    pub flags: Flags,
    /// When the server received it (INTERNALDATE); the epoch when it does not say.
    pub arrived: Instant,
    /// Octets of the whole message.
    pub size: u64,
}

/// One message. `Debug` shows nothing of its text.
#[derive(Clone, PartialEq, Eq)]
pub struct Raw {
    /// Number within the folder and its UIDVALIDITY.
    pub uid: u32,
    /// Flags.
    pub flags: Flags,
    /// When the server received it (INTERNALDATE); the epoch when it does not say.
    pub arrived: Instant,
    /// Octets of the whole message.
    pub size: u64,
    /// The message, at most its first [`BYTES_MAX`] octets.
    pub bytes: Vec<u8>,
    /// Why the bytes could not be had, in one line; `bytes` is empty then.
    pub fault: Option<String>,
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Raw({}, {} of {} octets, {:?})", self.uid, self.bytes.len(), self.size, self.fault)
    }
}

/// What ended a wait for news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// Something happened in the folder: look.
    Changed,
    /// Nothing within the limit: look anyway, then wait again.
    Quiet,
    /// The caller's own wish.
    Interrupted,
    /// This server cannot tell: poll.
    NotSupported,
}

/// Cuts a list into portions for `fetch`: at most [`BATCH_COUNT`] messages and [`BATCH_BYTES`] octets each.
#[must_use]
pub fn batches(listed: &[Listed]) -> Vec<Vec<u32>> {
    portions(listed.iter().map(|one| (one.uid, one.size)))
}

pub(super) fn portions(sized: impl Iterator<Item = (u32, u64)>) -> Vec<Vec<u32>> {
    let mut all = Vec::new();
    let mut batch: Vec<u32> = Vec::new();
    let mut bytes = 0;
    for (uid, size) in sized {
        let size = size.min(BYTES_MAX as u64);
        if !batch.is_empty() && (batch.len() >= BATCH_COUNT || bytes + size > BATCH_BYTES) {
            all.push(std::mem::take(&mut batch));
            bytes = 0;
        }
        batch.push(uid);
        bytes += size;
    }
    if !batch.is_empty() {
        all.push(batch);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn portions_keep_both_limits() {
        let one = |uid, size| Listed { uid, flags: Flags::default(), arrived: Instant::default(), size };
        let small: Vec<Listed> = (1..=1200).map(|uid| one(uid, 2000)).collect();
        assert_eq!(batches(&small).iter().map(Vec::len).collect::<Vec<_>>(), [500, 500, 200]);
        let huge: Vec<Listed> = (1..=70).map(|uid| one(uid, u64::MAX)).collect();
        assert_eq!(batches(&huge).iter().map(Vec::len).collect::<Vec<_>>(), [32, 32, 6]);
        assert!(batches(&[]).is_empty());
    }
}
