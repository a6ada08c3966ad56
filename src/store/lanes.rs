//! The connections of a store: one that writes, one that reads, each behind its queue; a transaction from its begin to
//! its commit. Never here: what is written, and when it is flushed (log.rs).
use super::StoreError;
use super::log::Log;
use super::rows::Tx;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use tokio::sync::{Notify, Semaphore};

/// When a commit has to be on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flush {
    /// Before it is reported.
    Now,
    /// With the next one that is.
    Soon,
}

pub(super) struct Lanes {
    /// `None` for a read-only store.
    pub(super) writer: Option<Lane>,
    /// `None` in memory, where only one connection sees the data.
    pub(super) reader: Option<Lane>,
}

/// One connection and its queue.
pub(super) struct Lane {
    /// Callers queue here in order of arrival, so that at most one blocking thread waits for the lock.
    pub(super) gate: Arc<Semaphore>,
    pub(super) state: Mutex<LaneState>,
    /// `None` for a reader and in memory.
    pub(super) log: Option<Log>,
    /// Commits since the log was last folded into the file.
    pub(super) unfolded: AtomicU32,
    /// Something was written since somebody last waited for it.
    pub(super) news: Notify,
}

pub(super) struct LaneState {
    pub(super) connection: Option<Connection>,
    /// Set by a failed flush: what the disk then holds is unknown, so nothing more is written (no retry-and-believe).
    pub(super) broken: Option<String>,
}

impl Lanes {
    pub(super) fn reading(&self) -> Result<&Lane, StoreError> {
        self.reader.as_ref().or(self.writer.as_ref()).ok_or(StoreError::Closed)
    }
}

impl Lane {
    pub(super) fn new(connection: Connection) -> Self {
        let state = LaneState { connection: Some(connection), broken: None };
        let gate = Arc::new(Semaphore::new(1));
        Self { gate, state: Mutex::new(state), log: None, unfolded: AtomicU32::new(0), news: Notify::new() }
    }

    pub(super) fn with_log(connection: Connection, path: &Path) -> Self {
        Self { log: Some(Log::beside(path)), ..Self::new(connection) }
    }

    /// Runs a transaction and counts it: what it wrote is news, and owed to the disk.
    pub(super) fn commit<R>(
        &self,
        state: &mut LaneState,
        run: impl FnOnce(&mut Connection) -> Result<R, Failure>,
    ) -> Result<R, StoreError> {
        if let Some(detail) = &state.broken {
            return Err(StoreError::Io(detail.clone()));
        }
        let connection = state.connection.as_mut().ok_or(StoreError::Closed)?;
        let before = connection.total_changes();
        let outcome = run(connection);
        let changed = connection.total_changes() != before;
        match &outcome {
            Ok(_) if changed => {
                self.unfolded.fetch_add(1, Ordering::SeqCst);
                self.news.notify_one();
                if let Some(log) = &self.log {
                    log.written();
                }
            }
            Ok(_) | Err(Failure::Plain(_)) => {}
            Err(Failure::Flush(detail)) => state.broken = Some(detail.clone()),
        }
        outcome.map_err(StoreError::from)
    }

    /// A closure that panicked has had its transaction rolled back while unwinding: the connection is sound.
    pub(super) fn lock(&self) -> MutexGuard<'_, LaneState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The lane, if nobody has it. A closure that panicked has had its transaction rolled back while unwinding: the connection is
/// sound.
pub(super) fn free<'a>(
    state: Result<MutexGuard<'a, LaneState>, TryLockError<MutexGuard<'a, LaneState>>>,
) -> Option<MutexGuard<'a, LaneState>> {
    match state {
        Ok(state) => Some(state),
        Err(TryLockError::Poisoned(poisoned)) => Some(PoisonError::into_inner(poisoned)),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// How a transaction failed.
pub(super) enum Failure {
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

pub(super) fn in_transaction<R>(
    connection: &mut Connection,
    work: impl FnOnce(&Tx<'_>) -> Result<R, StoreError>,
) -> Result<R, Failure> {
    let begun = connection.transaction_with_behavior(TransactionBehavior::Immediate);
    within(begun.map_err(|e| Failure::Plain(e.into()))?, work)
}

/// Does the work of a transaction that has begun, and commits it.
pub(super) fn within<R>(
    transaction: Transaction<'_>,
    work: impl FnOnce(&Tx<'_>) -> Result<R, StoreError>,
) -> Result<R, Failure> {
    let value = work(&Tx::new(&transaction)).map_err(Failure::Plain)?;
    #[cfg(test)]
    super::rows::flags(&transaction);
    transaction.commit().map_err(|error| match error.sqlite_error().map(|e| e.extended_code) {
        Some(rusqlite::ffi::SQLITE_IOERR_FSYNC | rusqlite::ffi::SQLITE_IOERR_DIR_FSYNC) => {
            Failure::Flush(error.to_string())
        }
        _ => Failure::Plain(error.into()),
    })?;
    Ok(value)
}

pub(super) async fn blocking<R: Send + 'static>(
    work: impl FnOnce() -> Result<R, StoreError> + Send + 'static,
) -> Result<R, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(e) if e.is_panic() => Err(StoreError::Panicked),
        Err(_) => Err(StoreError::Closed),
    }
}
