//! What the owner wishes of a mail that waits, and which promises a mail states. Never here: whether a wish is sensible.
use super::StoreError;
use super::outbox::OutboxRow;
use super::queue::{COLUMNS, read};
use super::rows::{At, Reader, Tx};
use crate::model::{EmailAddress, Instant};
use rusqlite::params;

impl Reader<'_> {
    /// The ids of the promises that a mail states, the first made first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn stated_by(&self, mail: &str) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT promise FROM stated WHERE mail = (SELECT seq FROM exchange WHERE id = ?) ORDER BY promise";
        self.many(sql, [mail], |row| row.get(0))
    }

    /// The mail that states a promise; the newest, if an earlier one was taken back.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn mail_stating(&self, promise: &str) -> Result<Option<OutboxRow>, StoreError> {
        let which = "WHERE o.exchange = (SELECT max(mail) FROM stated WHERE promise = ?)";
        self.one(&format!("{COLUMNS} {which}"), [promise], read)
    }

    /// The newest mails of every state that were made at or after an instant, the oldest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn outbox_since(&self, since: Instant, limit: u32) -> Result<Vec<OutboxRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE e.recorded_at >= ? ORDER BY e.recorded_at DESC, e.seq DESC LIMIT ?");
        let mut rows = self.many(&sql, params![At(since), limit], read)?;
        rows.reverse();
        Ok(rows)
    }

    /// Mails of one kind for one address in one mailbox that wait for their first try.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn waiting_for(&self, to: &EmailAddress, mailbox: &str, kind: &str) -> Result<Vec<OutboxRow>, StoreError> {
        let sql = format!(
            "{COLUMNS} WHERE o.finished_at IS NULL AND o.state = 'queued' AND o.mailbox = ? AND o.to_folded = ? AND o.kind = ?
               AND o.attempts = 0 ORDER BY o.exchange"
        );
        self.many(&sql, params![mailbox, to.folded(), kind], read)
    }

    /// The wordings of the mails that stated several promises, one of them in this conversation.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn merged_wordings(&self, conversation: &str) -> Result<Vec<u32>, StoreError> {
        self.many(
            "SELECT o.wording FROM exchange e CROSS JOIN promise p ON p.exchange = e.seq
             CROSS JOIN outbox o ON o.exchange IN (SELECT mail FROM stated WHERE promise = p.id)
             WHERE e.conversation = ? AND o.state <> 'dropped'
               AND (o.promise IS NOT NULL) + (SELECT count(*) FROM stated_too t WHERE t.mail = o.exchange) > 1
             ORDER BY o.exchange",
            [conversation],
            |row| row.get(0),
        )
    }
}

impl Tx<'_> {
    /// A recorded mail states these promises too, in this wording of its kind.
    ///
    /// # Errors
    /// `Missing` if the mail is not recorded, or if the rows cannot be written.
    pub fn states(&self, mail: &str, promises: &[String], wording: u32) -> Result<(), StoreError> {
        let seq = self.seq_of(mail)?;
        for promise in promises {
            self.state_promise(promise, seq)?;
        }
        self.change("UPDATE outbox SET wording = ? WHERE exchange = ?", params![wording, seq])?;
        Ok(())
    }

    pub(super) fn state_promise(&self, promise: &str, seq: i64) -> Result<(), StoreError> {
        self.change(
            "INSERT INTO stated_too (promise, mail) SELECT ?1, ?2
             WHERE NOT EXISTS (SELECT 1 FROM outbox WHERE exchange = ?2 AND promise = ?1) ON CONFLICT DO NOTHING",
            params![promise, seq],
        )?;
        Ok(())
    }

    /// The owner holds a waiting mail back until an instant; whether it waited.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn hold(&self, id: &str, until: Instant) -> Result<bool, StoreError> {
        let changed = self.change(
            "UPDATE outbox SET held_until = ?2, hurried = 0, next_attempt = max(not_before, ?2)
             WHERE exchange = (SELECT seq FROM exchange WHERE id = ?1) AND state = 'queued'",
            params![id, At(until)],
        )?;
        Ok(changed > 0)
    }

    /// The owner wants a waiting mail sent at once; whether it waited.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn hurry(&self, id: &str, now: Instant) -> Result<bool, StoreError> {
        let changed = self.change(
            "UPDATE outbox SET held_until = NULL, hurried = 1, not_before = min(not_before, ?2), next_attempt = ?2
             WHERE exchange = (SELECT seq FROM exchange WHERE id = ?1) AND state = 'queued'",
            params![id, At(now)],
        )?;
        Ok(changed > 0)
    }

    /// A holding reply is taken back to be made anew: it is dropped, and the promises that it would have begun are
    /// forgotten, so that those that they were to renew can be renewed by another mail.
    ///
    /// # Errors
    /// If the rows cannot be written.
    pub fn take_back(&self, id: &str, why: &str, now: Instant) -> Result<bool, StoreError> {
        let stated = self.stated_by(id)?;
        if !self.dropped(id, why, now)? {
            return Ok(false);
        }
        // Another mail may speak of the same.
        self.change(
            "UPDATE outbox SET dedupe_key = dedupe_key || ' ' || exchange
             WHERE exchange = (SELECT seq FROM exchange WHERE id = ?)",
            [id],
        )?;
        for promise in stated {
            self.change("DELETE FROM promise WHERE id = ? AND closed_by = 'unsent'", [promise])?;
        }
        Ok(true)
    }
}

#[cfg(test)]
#[path = "wishes_tests.rs"]
mod tests;
