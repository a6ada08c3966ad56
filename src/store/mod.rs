//! The written history and everything that must survive a crash, in SQLite. SQL lives only here.
//! Never here: network, rules, wording.
//!
//! One connection writes, behind a lock: every [`Store::write`] is one IMMEDIATE transaction, flushed (log.rs) to the
//! disk before it returns, rolled back if the closure fails or panics. [`Store::write_soon`] is the same without the flush:
//! visible at once, on the disk with the next `write` (docs/decisions/0012). Reads have a connection of their own
//! and see one consistent snapshot. The async forms run on tokio's blocking threads, so no worker waits, and
//! a paused test clock stands still while the database works.
//!
//! Judge a message inside the same transaction that records it (`tx.past(..)`, decide, `tx.record(..)`):
//! then two mailboxes that see one message at once cannot both answer it.
mod about;
mod adopt;
mod alerts;
mod backup;
mod breaker;
mod claims;
mod connection;
mod contacts;
#[cfg(test)]
mod cost_tests;
mod desk;
mod digest;
mod drafts;
mod erase;
mod error;
mod exchanges;
#[cfg(test)]
mod fixture;
mod folders;
mod handed;
mod history;
mod import;
mod index;
mod jot;
mod journal;
mod lanes;
mod log;
mod meetings;
mod memo;
mod migrate;
mod needles;
mod never;
mod notices;
mod occasions;
mod outbox;
mod own;
mod past;
mod promises;
mod queue;
mod raw;
mod read;
mod rehome;
mod rows;
mod seal;
mod standing;
mod stats;
mod steps;
mod text;
mod thread;
mod timeline;
mod traces;
mod transitions;
mod trust;
mod wishes;

pub use adopt::Contacts;
pub use alerts::{Alert, AlertEnd};
pub use backup::CopyFacts;
pub use digest::DIGEST;
pub use erase::{Erased, Erasure};
pub use error::StoreError;
pub use exchanges::{NewExchange, Recorded};
pub use folders::{Cursor, Place};
pub use handed::{DraftPlace, Handed, NewHanded};
pub use history::{Counts, Entry, Judgement, Remembered};
pub use import::{ImportCursor, ImportPlace, NewImport, Writer};
pub use index::{
    About, Filter, FilterKind, Hits, INDEX_FILE, Index, Jotted, Page, Piece, Query, QueryFault, Sieve, Test, Unread,
    says_all, snippet,
};
pub use journal::{NewNote, NoteSource};
pub use meetings::{NewOffer, NewVisit};
pub use needles::Needles;
pub use never::Silenced;
pub use notices::NewNotice;
pub use occasions::{Lying, NewOccasion};
pub use outbox::{Claim, MailState, NewMail, OutboxRow, Route, SentCopyState, WindowTimes};
pub use own::{NewOwn, OwnSource, RecordedOwn, SentDraft};
pub use promises::NewPromise;
pub use raw::Packed;
pub use rehome::NewHome;
pub use rows::{Reader, Tx};
pub use seal::{ChainFault, Checked, Seal, chain_of};
pub use standing::Seen;
pub use text::{base_subject, is_beginning};
pub use timeline::{ByOwner, Told};
pub use trust::NewSign;

use connection::Inspection;
use lanes::{Flush, Lane, Lanes, blocking, in_transaction};
use log::Log;
use rusqlite::TransactionBehavior;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The database's file name inside the state directory.
pub const FILE: &str = "fuseau.db";

/// So many commits are worth a fold of the write-ahead log, where nobody waits for it.
const FOLD_AFTER: u32 = 64;

/// A handle on the database; clones share it.
#[derive(Clone)]
pub struct Store(Arc<Lanes>);

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

impl Store {
    /// Opens or makes `DIR/fuseau.db` for reading and writing, checks it and brings it to the newest version.
    ///
    /// # Errors
    /// Setup errors ([`StoreError::is_setup`]) for a damaged, newer, foreign or unreachable file; `Busy` if another
    /// process holds it.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        Self::open_after(dir, Inspection::Whole)
    }

    /// [`Self::open`] for one command while no daemon runs: the long check of the whole file is left to the daemon's
    /// start, unless the file is brought to a newer version first.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_alone(dir: &Path) -> Result<Self, StoreError> {
        Self::open_after(dir, Inspection::Owner)
    }

    fn open_after(dir: &Path, inspection: Inspection) -> Result<Self, StoreError> {
        let path = dir.join(FILE);
        let writer = Lane::with_log(connection::writer(&path, inspection)?, &path);
        let reader = Lane::new(connection::reader(&path)?);
        Ok(Self(Arc::new(Lanes { writer: Some(writer), reader: Some(reader) })))
    }

    /// Opens `DIR/fuseau.db` for reading only, while a daemon may be writing.
    ///
    /// # Errors
    /// As [`Self::open`]; also `Open` if there is no database yet, `Older` if it has an older version.
    pub fn open_read_only(dir: &Path) -> Result<Self, StoreError> {
        let reader = Lane::new(connection::reader(&dir.join(FILE))?);
        Ok(Self(Arc::new(Lanes { writer: None, reader: Some(reader) })))
    }

    /// Opens `DIR/fuseau.db` for a single change beside a running daemon (`done`, `pause`): it must exist and have
    /// our version; the long check of the whole file is left to the daemon's start.
    ///
    /// # Errors
    /// As [`Self::open_read_only`].
    pub fn open_beside(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join(FILE);
        let reader = Lane::new(connection::reader(&path)?);
        let writer = Lane::with_log(connection::beside(&path)?, &path);
        Ok(Self(Arc::new(Lanes { writer: Some(writer), reader: Some(reader) })))
    }

    /// Opens a copy of the history for reading.
    ///
    /// # Errors
    /// As [`Self::open_read_only`].
    pub fn open_copy(path: &Path) -> Result<Self, StoreError> {
        let reader = Lane::new(connection::reader(path)?);
        Ok(Self(Arc::new(Lanes { writer: None, reader: Some(reader) })))
    }

    /// A store that lives as long as its last clone: tests, `demo`, `replay`, `simulate`.
    ///
    /// # Errors
    /// Only if SQLite itself cannot start.
    pub fn in_memory() -> Result<Self, StoreError> {
        Ok(Self(Arc::new(Lanes { writer: Some(Lane::new(connection::memory()?)), reader: None })))
    }

    /// Runs `work` in one transaction: committed and flushed if it returns `Ok`, rolled back otherwise. It runs
    /// to its end even if the caller is dropped.
    ///
    /// # Errors
    /// What `work` returned, or why the transaction failed; nothing was written then.
    pub async fn write<R, F>(&self, work: F) -> Result<R, StoreError>
    where
        F: FnOnce(&Tx<'_>) -> Result<R, StoreError> + Send + 'static,
        R: Send + 'static,
    {
        self.change(Flush::Now, work).await
    }

    /// [`Self::write`] without the flush: everybody sees it, a killed process leaves it behind, but a power cut may undo
    /// it, always together with everything that was written later. The next [`Self::write`] of anybody puts it on the
    /// disk. For steps of which the world outside has seen nothing yet.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn write_soon<R, F>(&self, work: F) -> Result<R, StoreError>
    where
        F: FnOnce(&Tx<'_>) -> Result<R, StoreError> + Send + 'static,
        R: Send + 'static,
    {
        self.change(Flush::Soon, work).await
    }

    async fn change<R, F>(&self, flush: Flush, work: F) -> Result<R, StoreError>
    where
        F: FnOnce(&Tx<'_>) -> Result<R, StoreError> + Send + 'static,
        R: Send + 'static,
    {
        let lane = self.0.writer.as_ref().ok_or(StoreError::ReadOnly)?;
        let turn = lane.gate.clone().acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let store = self.clone();
        blocking(move || {
            let value = store.commit(work)?;
            // The next one may write while this one waits for the disk.
            drop(turn);
            store.flush(flush)?;
            Ok(value)
        })
        .await
    }

    /// Whether something written with [`Self::write_soon`] is not on the disk yet.
    #[must_use]
    pub fn owes_a_flush(&self) -> bool {
        self.0.writer.as_ref().and_then(|lane| lane.log.as_ref()).is_some_and(Log::owes)
    }

    /// Folds the write-ahead log into the file if it is worth it: called where nobody waits, so that no commit has to.
    ///
    /// # Errors
    /// Why it could not be; nothing is lost, it stays in the log.
    pub async fn rest(&self) -> Result<(), StoreError> {
        let Some(lane) = &self.0.writer else { return Ok(()) };
        if lane.unfolded.load(Ordering::SeqCst) < FOLD_AFTER {
            return Ok(());
        }
        let _turn = lane.gate.acquire().await.map_err(|_| StoreError::Closed)?;
        lane.unfolded.store(0, Ordering::SeqCst);
        let store = self.clone();
        blocking(move || {
            let state = store.0.writer.as_ref().ok_or(StoreError::ReadOnly)?.lock();
            let connection = state.connection.as_ref().ok_or(StoreError::Closed)?;
            Ok(connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?)
        })
        .await
    }

    /// Commits `begin`, runs `work` and rolls it back, commits `end`: in one go, so that little time lies between the two.
    /// If `begin` says no, or if `work` fails, nothing more is done. Whether it came to the end.
    ///
    /// # Errors
    /// What one of them returned, or why there was no transaction.
    pub async fn rehearse<R, B, W, E>(&self, begin: B, work: W, end: E) -> Result<bool, StoreError>
    where
        B: FnOnce(&Tx<'_>) -> Result<bool, StoreError> + Send + 'static,
        W: FnOnce(&Tx<'_>) -> Result<R, StoreError> + Send + 'static,
        E: FnOnce(&Tx<'_>) -> Result<(), StoreError> + Send + 'static,
    {
        let gate = self.0.writer.as_ref().ok_or(StoreError::ReadOnly)?;
        let turn = gate.gate.clone().acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let store = self.clone();
        blocking(move || {
            let _turn = turn;
            if !store.commit(begin)? {
                return Ok(false);
            }
            let lane = store.0.writer.as_ref().ok_or(StoreError::ReadOnly)?;
            {
                let mut state = lane.lock();
                let connection = state.connection.as_mut().ok_or(StoreError::Closed)?;
                let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                work(&Tx::new(&transaction))?;
            }
            store.commit(end)?;
            Ok(true)
        })
        .await
    }

    /// [`Self::write`] for callers outside the runtime.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn write_blocking<R>(&self, work: impl FnOnce(&Tx<'_>) -> Result<R, StoreError>) -> Result<R, StoreError> {
        let value = self.commit(work)?;
        self.flush(Flush::Now)?;
        Ok(value)
    }

    /// Waits until this process writes something; what was written since the last wait counts. For one waiter.
    pub async fn changed(&self) {
        match &self.0.writer {
            Some(lane) => lane.news.notified().await,
            None => std::future::pending().await,
        }
    }

    /// One transaction, committed to the log and not flushed.
    fn commit<R>(&self, work: impl FnOnce(&Tx<'_>) -> Result<R, StoreError>) -> Result<R, StoreError> {
        let lane = self.0.writer.as_ref().ok_or(StoreError::ReadOnly)?;
        lane.commit(&mut lane.lock(), |connection| in_transaction(connection, work))
    }

    /// Waits until every commit so far is on the disk, if that is wanted.
    fn flush(&self, flush: Flush) -> Result<(), StoreError> {
        let Some(lane) = self.0.writer.as_ref().filter(|_| flush == Flush::Now) else { return Ok(()) };
        let Some(log) = &lane.log else { return Ok(()) };
        log.flush().map_err(|error| {
            let detail = format!("the log could not be flushed: {error}");
            lane.lock().broken = Some(detail.clone());
            StoreError::Io(detail)
        })
    }

    /// Writes a consistent copy of the database to a path, mode 0600, replacing what was there.
    ///
    /// # Errors
    /// `Full`, `Io` or `Open`; an older copy at the path then stays as it was.
    pub fn copy_to(&self, to: &Path) -> Result<(), StoreError> {
        let state = self.0.reading()?.lock();
        migrate::copy_to(state.connection.as_ref().ok_or(StoreError::Closed)?, to)
    }

    /// Rewrites the file without its free pages and empties the write-ahead log.
    ///
    /// # Errors
    /// `Busy` while somebody reads for long, `Full` (it needs as much room again) or `Io`; the data stay as they were.
    pub fn compact(&self) -> Result<(), StoreError> {
        let state = self.0.writer.as_ref().ok_or(StoreError::ReadOnly)?.lock();
        let connection = state.connection.as_ref().ok_or(StoreError::Closed)?;
        // In memory the new file would be built there: gigabytes after years.
        connection.pragma_update(None, "temp_store", "FILE")?;
        let rewritten = connection.execute_batch("VACUUM");
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        rewritten?;
        Ok(connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
    }

    /// Folds the write-ahead log into the file and closes it for all clones; later calls get `Closed`.
    ///
    /// # Errors
    /// Why the log could not be folded in; it is then read at the next start, nothing is lost.
    pub fn close(self) -> Result<(), StoreError> {
        if let Some(reader) = &self.0.reader {
            reader.lock().connection = None;
        }
        let Some(connection) = self.0.writer.as_ref().and_then(|lane| lane.lock().connection.take()) else {
            return Ok(());
        };
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        connection.close().map_err(|(_, e)| e.into())
    }

    /// The version of SQLite inside.
    #[must_use]
    pub fn engine_version() -> &'static str {
        rusqlite::version()
    }

    /// The path of the database in a state directory.
    #[must_use]
    pub fn path_in(dir: &Path) -> PathBuf {
        dir.join(FILE)
    }
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
