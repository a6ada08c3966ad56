//! Writing a few rows on the thread that asks, while a client's mail is on its way: going to another thread and back takes
//! longer than they do. Never here: what waits for the disk, or may take long.
use super::connection::PATIENCE;
use super::lanes::{Failure, LaneState, within};
use super::{Store, StoreError, Tx};
use rusqlite::{Connection, TransactionBehavior};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

impl Store {
    /// [`Self::write_soon`] on the thread that asks. Where somebody else writes, in this process or in another, it queues
    /// like them and this thread goes on.
    ///
    /// # Errors
    /// As [`Self::write_soon`].
    pub async fn jot<R, F>(&self, work: F) -> Result<R, StoreError>
    where
        F: FnOnce(&Tx<'_>) -> Result<R, StoreError> + Send + 'static,
        R: Send + 'static,
    {
        match self.at_once(work) {
            Ok(outcome) => outcome,
            Err(work) => self.write_soon(work).await,
        }
    }

    /// The outcome, or the work back: somebody else is writing.
    fn at_once<R, F>(&self, work: F) -> Result<Result<R, StoreError>, F>
    where
        F: FnOnce(&Tx<'_>) -> Result<R, StoreError>,
    {
        let Some(lane) = &self.0.writer else { return Ok(Err(StoreError::ReadOnly)) };
        let Ok(_turn) = lane.gate.try_acquire() else { return Err(work) };
        let Some(mut state) = free(lane.state.try_lock()) else { return Err(work) };
        let mut left = Some(work);
        let done = catch_unwind(AssertUnwindSafe(|| lane.commit(&mut state, |connection| run(connection, &mut left))));
        match (left, done) {
            // It never began.
            (Some(work), Ok(Err(StoreError::Busy))) => Err(work),
            (_, done) => Ok(done.unwrap_or(Err(StoreError::Panicked))),
        }
    }
}

/// A closure that panicked has had its transaction rolled back while unwinding: the connection is sound.
fn free<'a>(
    state: Result<MutexGuard<'a, LaneState>, TryLockError<MutexGuard<'a, LaneState>>>,
) -> Option<MutexGuard<'a, LaneState>> {
    match state {
        Ok(state) => Some(state),
        Err(TryLockError::Poisoned(poisoned)) => Some(PoisonError::into_inner(poisoned)),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// Begins without waiting for another process; takes the work only once it has begun.
fn run<R, F>(connection: &mut Connection, work: &mut Option<F>) -> Result<R, Failure>
where
    F: FnOnce(&Tx<'_>) -> Result<R, StoreError>,
{
    let plain = |error: rusqlite::Error| Failure::Plain(error.into());
    connection.busy_timeout(Duration::ZERO).map_err(plain)?;
    let outcome = begun(connection, work);
    connection.busy_timeout(PATIENCE).map_err(plain)?;
    outcome
}

fn begun<R, F>(connection: &mut Connection, work: &mut Option<F>) -> Result<R, Failure>
where
    F: FnOnce(&Tx<'_>) -> Result<R, StoreError>,
{
    let plain = |error: rusqlite::Error| Failure::Plain(error.into());
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(plain)?;
    // The work may panic: what comes after it waits as usual.
    transaction.busy_timeout(PATIENCE).map_err(plain)?;
    match work.take() {
        Some(work) => within(transaction, work),
        None => Err(Failure::Plain(StoreError::Closed)),
    }
}
