//! Reading: one snapshot, on another thread, on this one, or outside the runtime. What is read: the files of each table.
use super::lanes::blocking;
use super::{Reader, Store, StoreError};
use rusqlite::TransactionBehavior;
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
    /// way: going to another thread and back takes longer than they do. Where others read, it queues like them.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn glance<R, F>(&self, work: F) -> Result<R, StoreError>
    where
        F: FnOnce(&Reader<'_>) -> Result<R, StoreError> + Send + 'static,
        R: Send + 'static,
    {
        match self.0.reading()?.gate.try_acquire() {
            Ok(_turn) => {
                catch_unwind(AssertUnwindSafe(|| self.read_blocking(work))).unwrap_or(Err(StoreError::Panicked))
            }
            Err(_) => self.read(work).await,
        }
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
}
