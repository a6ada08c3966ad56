//! Addresses that get no automatic mail any more. Never here: what follows for one message (`decide::limits`).
use super::StoreError;
use super::memo::What;
use super::rows::{At, Reader, Tx, at};
use crate::model::{EmailAddress, Instant, PromiseState};
use rusqlite::params;

/// An address that the owner has silenced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silenced {
    /// As it was written.
    pub address: String,
    /// `folder` or `cli`.
    pub made_by: String,
    /// Since when.
    pub at: Instant,
}

impl Reader<'_> {
    /// Whether an address never gets automatic mail.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn is_never(&self, address: &EmailAddress) -> Result<bool, StoreError> {
        let folded = address.folded();
        if self.memo.lacks(What::Never, &folded) {
            return Ok(false);
        }
        let found = self.value::<i64>("SELECT 1 FROM never WHERE folded = ?", [&folded])?.is_some();
        self.memo.keep_lack(What::Never, &folded, found);
        Ok(found)
    }

    /// Every silenced address, by name.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn nevers(&self) -> Result<Vec<Silenced>, StoreError> {
        self.many("SELECT * FROM never ORDER BY folded", [], |row| {
            Ok(Silenced { address: row.get("address")?, made_by: row.get("made_by")?, at: at(row, "made_at")? })
        })
    }
}

impl Tx<'_> {
    /// No automatic mail to an address from now on: what waits for it is dropped, open promises to it are released.
    /// `false` if it was so before.
    ///
    /// # Errors
    /// If the rows cannot be written.
    pub fn never(&self, address: &EmailAddress, made_by: &str, now: Instant) -> Result<bool, StoreError> {
        self.memo.forget_lacks(What::Never);
        let folded = address.folded();
        let new = self.change(
            "INSERT INTO never (folded, address, made_by, made_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            params![folded, address.to_string(), made_by, At(now)],
        )?;
        for row in self.outbox_waiting()? {
            let theirs = EmailAddress::parse(&row.envelope_to).is_some_and(|to| to.folded() == folded);
            if row.automatic && theirs {
                self.dropped(&row.id, "never", now)?;
            }
        }
        let open: Vec<String> =
            self.many("SELECT id FROM promise WHERE state = 'open' AND to_folded = ?", [&folded], |row| row.get(0))?;
        for id in open {
            self.close_promise(&id, PromiseState::Released, "never", now)?;
        }
        Ok(new > 0)
    }

    /// Takes it back; whether there was something to take back. What was dropped stays dropped.
    ///
    /// # Errors
    /// If the row cannot be removed.
    pub fn never_mind(&self, address: &EmailAddress) -> Result<bool, StoreError> {
        Ok(self.change("DELETE FROM never WHERE folded = ?", [address.folded()])? > 0)
    }
}
