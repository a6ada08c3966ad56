//! Reading: one snapshot, on another thread, on this one, or outside the runtime. What is read: the files of each table.
use super::lanes::{blocking, free};
use super::{Reader, Store, StoreError};
use rusqlite::{Connection, TransactionBehavior};
use std::panic::{AssertUnwindSafe, catch_unwind};

impl Store {
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

    /// [`Self::read`] on the thread that asks, for a few rows that are found by their key while a client's mail is on its
    /// way: going to another thread and back takes longer than they do. It looks over the writer's shoulder if that is idle, who
    /// has what was written last in memory; where others read, it queues like them.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn glance<R, F>(&self, work: F) -> Result<R, StoreError>
    where
        F: FnOnce(&Reader<'_>) -> Result<R, StoreError> + Send + 'static,
        R: Send + 'static,
    {
        let work = match self.at_the_writer(work) {
            Ok(outcome) => return outcome,
            Err(work) => work,
        };
        match self.0.reading()?.gate.try_acquire() {
            Ok(_turn) => {
                catch_unwind(AssertUnwindSafe(|| self.read_blocking(work))).unwrap_or(Err(StoreError::Panicked))
            }
            Err(_) => self.read(work).await,
        }
    }

    /// The outcome, or the work back: somebody is writing.
    fn at_the_writer<R, F>(&self, work: F) -> Result<Result<R, StoreError>, F>
    where
        F: FnOnce(&Reader<'_>) -> Result<R, StoreError>,
    {
        let Some(lane) = &self.0.writer else { return Err(work) };
        let Ok(_turn) = lane.gate.try_acquire() else { return Err(work) };
        let Some(mut state) = free(lane.state.try_lock()) else { return Err(work) };
        let Some(connection) = state.connection.as_mut() else { return Ok(Err(StoreError::Closed)) };
        Ok(catch_unwind(AssertUnwindSafe(|| snapshot(connection, work))).unwrap_or(Err(StoreError::Panicked)))
    }

    /// [`Self::read`] for callers outside the runtime.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_blocking<R>(&self, work: impl FnOnce(&Reader<'_>) -> Result<R, StoreError>) -> Result<R, StoreError> {
        let mut state = self.0.reading()?.lock();
        snapshot(state.connection.as_mut().ok_or(StoreError::Closed)?, work)
    }
}

fn snapshot<R>(
    connection: &mut Connection,
    work: impl FnOnce(&Reader<'_>) -> Result<R, StoreError>,
) -> Result<R, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
    work(&Reader::new(&transaction))
}
