//! Writing a few rows on the thread that asks, while a client's mail is on its way: going to another thread and back takes
//! longer than they do. Never here: what may take long.
use super::connection::PATIENCE;
use super::lanes::{Failure, Flush, free, within};
use super::{Store, StoreError, Tx};
use rusqlite::{Connection, TransactionBehavior};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::block_in_place;

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

    /// [`Self::write`] on the thread that asks, the wait for the disk included: the runtime is told, and goes on with its other
    /// tasks on another thread.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn write_here<R, F>(&self, work: F) -> Result<R, StoreError>
    where
        F: FnOnce(&Tx<'_>) -> Result<R, StoreError> + Send + 'static,
        R: Send + 'static,
    {
        // Where there is no other thread, everything would wait.
        if Handle::current().runtime_flavor() != RuntimeFlavor::MultiThread {
            return self.write(work).await;
        }
        match self.at_once(work) {
            Ok(outcome) => {
                let value = outcome?;
                block_in_place(|| self.flush(Flush::Now))?;
                Ok(value)
            }
            Err(work) => self.write(work).await,
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
