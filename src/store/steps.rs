//! The written life of each promise. Never here: what makes a promise move on (promises.rs, own.rs).
use super::StoreError;
use super::rows::{At, Reader, Tx, at};
use crate::model::{Instant, PromiseState, Step};
use rusqlite::{Row, params};

impl Reader<'_> {
    /// What happened to a promise, the first step first. One that waits for its holding reply has none yet.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn steps(&self, promise: &str) -> Result<Vec<Step>, StoreError> {
        self.many(
            "SELECT s.at, s.state, s.cause, s.by_at, e.message_id FROM promise_step s
             LEFT JOIN exchange e ON e.id = s.exchange WHERE s.promise = ? ORDER BY s.number",
            [promise],
            read,
        )
    }
}

impl Tx<'_> {
    /// Writes down where a promise stands now, and why. `exchange` is the mail that caused it.
    pub(super) fn step(
        &self,
        promise: &str,
        cause: &str,
        exchange: Option<&str>,
        at: Instant,
    ) -> Result<(), StoreError> {
        self.change(
            "INSERT INTO promise_step (promise, number, state, cause, by_at, exchange, at)
             SELECT id, (SELECT coalesce(max(number), 0) + 1 FROM promise_step WHERE promise = ?1), state, ?2, by_at, ?3, ?4
             FROM promise WHERE id = ?1",
            params![promise, cause, exchange, At(at)],
        )?;
        Ok(())
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Step> {
    let state: String = row.get("state")?;
    Ok(Step {
        at: at(row, "at")?,
        // The column's CHECK admits no other word.
        state: PromiseState::parse(&state).unwrap_or(PromiseState::Open),
        cause: row.get("cause")?,
        by: at(row, "by_at")?,
        message_id: row.get("message_id")?,
    })
}
