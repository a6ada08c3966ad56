//! The claims under which this installation sends drafts that were handed over (`decide::claims`): noted before they are put
//! into the mailbox, so that they are known as ours after a death.
use super::StoreError;
use super::rows::{Reader, Tx};
use crate::model::Instant;

fn key(draft: &str) -> String {
    format!("claim.{draft}")
}

impl Reader<'_> {
    /// The token under which we claim a draft (its identity, rule B6).
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn claim_of(&self, draft: &str) -> Result<Option<String>, StoreError> {
        Ok(self.meta(&key(draft))?.and_then(|text| Some(text.split(' ').next()?.to_owned())))
    }

    /// Whether a mail that was handed over was found to be ours to send since an instant.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn claim_stands(&self, id: &str, since: Instant) -> Result<bool, StoreError> {
        let text = self.value::<String>(
            "SELECT m.value FROM handed h JOIN exchange e ON e.seq = h.exchange
             JOIN meta m ON m.key = 'claim.' || h.draft_key WHERE e.id = ?",
            [id],
        )?;
        let won: Option<i64> = text.and_then(|text| text.split(' ').nth(1)?.parse().ok());
        Ok(won.is_some_and(|at| at >= since.timestamp_millis()))
    }
}

impl Tx<'_> {
    /// We are about to claim a draft under this token.
    ///
    /// # Errors
    /// If the row cannot be written; then no claim may be made.
    pub fn claim_begins(&self, draft: &str, token: &str) -> Result<(), StoreError> {
        self.set_meta(&key(draft), token)
    }

    /// Ours was the only claim.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn claim_won(&self, draft: &str, token: &str, now: Instant) -> Result<(), StoreError> {
        self.set_meta(&key(draft), &format!("{token} {}", now.timestamp_millis()))
    }

    /// Our claim is gone from the mailbox.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn claim_over(&self, draft: &str) -> Result<(), StoreError> {
        self.change("DELETE FROM meta WHERE key = ?", [key(draft)])?;
        Ok(())
    }
}
