//! Flushing the write-ahead log. SQLite writes it and leaves the flush to us (`synchronous = NORMAL`): so the next
//! transaction can be written while one waits for the disk, and one flush serves all that were committed before it. SQLite
//! itself still flushes the log before it folds it into the file, and its header when it begins anew.
//! Never here: transactions.
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// The log of one database, and how much of it is on the disk.
#[derive(Debug)]
pub(super) struct Log {
    path: PathBuf,
    /// Commits so far.
    written: AtomicU64,
    /// How many of them are on the disk for certain.
    flushed: AtomicU64,
    /// Opened at the first flush and kept: an error of the disk is told once to each open file.
    file: Mutex<Option<File>>,
}

impl Log {
    /// The log beside a database.
    pub(super) fn beside(database: &Path) -> Self {
        let mut name = database.as_os_str().to_owned();
        name.push("-wal");
        Self { path: name.into(), written: AtomicU64::new(0), flushed: AtomicU64::new(0), file: Mutex::new(None) }
    }

    /// One more commit stands in the log.
    pub(super) fn written(&self) {
        self.written.fetch_add(1, Ordering::SeqCst);
    }

    /// Whether there are commits that are not on the disk.
    pub(super) fn owes(&self) -> bool {
        self.flushed.load(Ordering::SeqCst) < self.written.load(Ordering::SeqCst)
    }

    /// Waits until every commit so far is on the disk. Those who come while it waits share the next flush.
    pub(super) fn flush(&self) -> io::Result<()> {
        let wanted = self.written.load(Ordering::SeqCst);
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if self.flushed.load(Ordering::SeqCst) >= wanted {
            return Ok(());
        }
        // What is counted now is written: it is counted after its commit.
        let covered = self.written.load(Ordering::SeqCst);
        let file = match &mut *file {
            Some(file) => file,
            none => none.insert(File::open(&self.path)?),
        };
        file.sync_data()?;
        self.flushed.store(covered, Ordering::SeqCst);
        Ok(())
    }
}
