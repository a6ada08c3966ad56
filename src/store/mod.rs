//! The written history and everything that must survive a crash, in SQLite. SQL lives only here.
//! Never here: network, rules, wording.
//!
//! One connection writes, behind a lock: every [`Store::write`] is one IMMEDIATE transaction, flushed to the
//! disk before it returns, rolled back if the closure fails or panics. Reads have a connection of their own
//! and see one consistent snapshot. The async forms run on tokio's blocking threads, so no worker waits, and
//! a paused test clock stands still while the database works.
//!
//! Judge a message inside the same transaction that records it (`tx.past(..)`, decide, `tx.record(..)`):
//! then two mailboxes that see one message at once cannot both answer it.
mod alerts;
mod breaker;
mod connection;
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
mod migrate;
mod never;
mod notices;
mod outbox;
mod own;
mod past;
mod promises;
mod queue;
mod rows;
mod standing;
mod steps;
mod text;
mod thread;
mod transitions;
mod wishes;

pub use alerts::{Alert, AlertEnd};
pub use digest::DIGEST;
pub use error::StoreError;
pub use exchanges::{NewExchange, Recorded};
pub use folders::{Cursor, Place};
pub use handed::{DraftPlace, Handed, NewHanded};
pub use history::{Counts, Entry, Judgement, Remembered};
pub use never::Silenced;
pub use notices::NewNotice;
pub use outbox::{MailState, NewMail, OutboxRow, Route, SentCopyState, WindowTimes};
pub use own::{NewOwn, OwnSource, RecordedOwn, SentDraft};
pub use promises::NewPromise;
pub use rows::{Reader, Tx};
pub use standing::Seen;
pub use text::base_subject;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Semaphore;

/// The database's file name inside the state directory.
pub const FILE: &str = "fuseau.db";

/// A handle on the database; clones share it.
#[derive(Clone)]
pub struct Store(Arc<Lanes>);

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

struct Lanes {
    /// `None` for a read-only store.
    writer: Option<Lane>,
    /// `None` in memory, where only one connection sees the data.
    reader: Option<Lane>,
}

/// One connection and its queue.
struct Lane {
    /// Callers queue here in order of arrival, so that at most one blocking thread waits for the lock.
    gate: Semaphore,
    state: Mutex<LaneState>,
}

struct LaneState {
    connection: Option<Connection>,
    /// Set by a failed flush: what the disk then holds is unknown, so nothing more is written (no retry-and-believe).
    broken: Option<String>,
}

impl Store {
    /// Opens or makes `DIR/fuseau.db` for reading and writing, checks it and brings it to the newest version.
    ///
    /// # Errors
    /// Setup errors ([`StoreError::is_setup`]) for a damaged, newer, foreign or unreachable file; `Busy` if another
    /// process holds it.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join(FILE);
        let writer = Lane::new(connection::writer(&path)?);
        let reader = Lane::new(connection::reader(&path)?);
        Ok(Self(Arc::new(Lanes { writer: Some(writer), reader: Some(reader) })))
    }

    /// Opens `DIR/fuseau.db` for reading only, while a daemon may be writing.
    ///
    /// # Errors
    /// As [`Self::open`]; also `Open` if there is no database yet or it has an older version.
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
        let writer = Lane::new(connection::beside(&path)?);
        Ok(Self(Arc::new(Lanes { writer: Some(writer), reader: Some(reader) })))
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
        let gate = self.0.writer.as_ref().ok_or(StoreError::ReadOnly)?;
        let _turn = gate.gate.acquire().await.map_err(|_| StoreError::Closed)?;
        let store = self.clone();
        blocking(move || store.write_blocking(work)).await
    }

    /// Runs `work` as [`Self::write`] does and rolls everything back, whatever it returns.
    ///
    /// # Errors
    /// What `work` returned, or why there was no transaction.
    pub async fn rehearse<R, F>(&self, work: F) -> Result<R, StoreError>
    where
        F: FnOnce(&Tx<'_>) -> Result<R, StoreError> + Send + 'static,
        R: Send + 'static,
    {
        let gate = self.0.writer.as_ref().ok_or(StoreError::ReadOnly)?;
        let _turn = gate.gate.acquire().await.map_err(|_| StoreError::Closed)?;
        let store = self.clone();
        blocking(move || {
            let lane = store.0.writer.as_ref().ok_or(StoreError::ReadOnly)?;
            let mut state = lane.lock();
            let connection = state.connection.as_mut().ok_or(StoreError::Closed)?;
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            work(&Tx::new(&transaction))
        })
        .await
    }

    /// Runs `work` on one snapshot of the committed data.
    ///
    /// # Errors
    /// What `work` returned, or why the data could not be read.
    pub async fn read<R, F>(&self, work: F) -> Result<R, StoreError>
    where
        F: FnOnce(&Reader<'_>) -> Result<R, StoreError> + Send + 'static,
        R: Send + 'static,
    {
        let _turn = self.0.reading()?.gate.acquire().await.map_err(|_| StoreError::Closed)?;
        let store = self.clone();
        blocking(move || store.read_blocking(work)).await
    }

    /// [`Self::write`] for callers outside the runtime.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn write_blocking<R>(&self, work: impl FnOnce(&Tx<'_>) -> Result<R, StoreError>) -> Result<R, StoreError> {
        let lane = self.0.writer.as_ref().ok_or(StoreError::ReadOnly)?;
        let mut state = lane.lock();
        if let Some(detail) = &state.broken {
            return Err(StoreError::Io(detail.clone()));
        }
        let connection = state.connection.as_mut().ok_or(StoreError::Closed)?;
        let outcome = in_transaction(connection, work);
        if let Err(Failure::Flush(detail)) = &outcome {
            state.broken = Some(detail.clone());
        }
        outcome.map_err(StoreError::from)
    }

    /// [`Self::read`] for callers outside the runtime.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_blocking<R>(&self, work: impl FnOnce(&Reader<'_>) -> Result<R, StoreError>) -> Result<R, StoreError> {
        let mut state = self.0.reading()?.lock();
        let connection = state.connection.as_mut().ok_or(StoreError::Closed)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
        work(&Reader::new(&transaction))
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
        connection.execute_batch("VACUUM")?;
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

impl Lanes {
    fn reading(&self) -> Result<&Lane, StoreError> {
        self.reader.as_ref().or(self.writer.as_ref()).ok_or(StoreError::Closed)
    }
}

impl Lane {
    fn new(connection: Connection) -> Self {
        let state = LaneState { connection: Some(connection), broken: None };
        Self { gate: Semaphore::new(1), state: Mutex::new(state) }
    }

    /// A closure that panicked has had its transaction rolled back while unwinding: the connection is sound.
    fn lock(&self) -> MutexGuard<'_, LaneState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a transaction failed.
enum Failure {
    Plain(StoreError),
    /// The system could not flush to the disk (SQLITE_IOERR_FSYNC, SQLITE_IOERR_DIR_FSYNC).
    Flush(String),
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Plain(error) => error,
            Failure::Flush(detail) => Self::Io(detail),
        }
    }
}

fn in_transaction<R>(
    connection: &mut Connection,
    work: impl FnOnce(&Tx<'_>) -> Result<R, StoreError>,
) -> Result<R, Failure> {
    let begun = connection.transaction_with_behavior(TransactionBehavior::Immediate);
    let transaction: Transaction<'_> = begun.map_err(|e| Failure::Plain(e.into()))?;
    let value = work(&Tx::new(&transaction)).map_err(Failure::Plain)?;
    transaction.commit().map_err(|error| match error.sqlite_error().map(|e| e.extended_code) {
        Some(rusqlite::ffi::SQLITE_IOERR_FSYNC | rusqlite::ffi::SQLITE_IOERR_DIR_FSYNC) => {
            Failure::Flush(error.to_string())
        }
        _ => Failure::Plain(error.into()),
    })?;
    Ok(value)
}

async fn blocking<R: Send + 'static>(
    work: impl FnOnce() -> Result<R, StoreError> + Send + 'static,
) -> Result<R, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(e) if e.is_panic() => Err(StoreError::Panicked),
        Err(_) => Err(StoreError::Closed),
    }
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
