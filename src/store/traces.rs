//! Where an erased entry is still named: notices, steps of other promises, notes of the daemon, conversations that it
//! began. Never here: what is erased.
use super::StoreError;
use super::notices::read;
use super::rows::{Reader, Tx};
use crate::model::Notice;
use rusqlite::params;
use std::collections::BTreeSet;

impl Reader<'_> {
    /// What was noted for the owner about some entries or a client, told or not.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn notices_about(&self, entries: &BTreeSet<&str>, client: Option<&str>) -> Result<Vec<Notice>, StoreError> {
        let all =
            self.many("SELECT * FROM notice WHERE exchange IS NOT NULL OR client IS NOT NULL ORDER BY seq", [], read)?;
        let about = |notice: &Notice| {
            notice.exchange.as_deref().is_some_and(|id| entries.contains(id))
                || client.is_some() && notice.client.as_deref() == client
        };
        Ok(all.into_iter().flatten().filter(about).collect())
    }

    /// What marked an entry as urgent, where the owner was to hear of it at once.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn alert_evidence(&self, exchange: &str) -> Result<Option<String>, StoreError> {
        self.value("SELECT evidence FROM alert WHERE exchange = (SELECT seq FROM exchange WHERE id = ?)", [exchange])
    }
}

impl Tx<'_> {
    /// Forgets the names of entries that were deleted, and what was noted about a client.
    pub(super) fn forget_traces(&self, gone: &BTreeSet<String>, client: Option<&str>) -> Result<(), StoreError> {
        if let Some(client) = client {
            self.change("DELETE FROM notice WHERE client = ?", [client])?;
            self.forget_trust(client)?;
        }
        if gone.is_empty() {
            return Ok(());
        }
        // One walk each instead of an index that each reply would have to keep.
        let notices = self.many("SELECT seq, exchange FROM notice WHERE exchange IS NOT NULL", [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
        })?;
        for (seq, _) in notices.iter().filter(|(_, exchange)| gone.contains(exchange)) {
            self.change("DELETE FROM notice WHERE seq = ?", [seq])?;
        }
        let steps =
            self.many("SELECT promise, number, exchange FROM promise_step WHERE exchange IS NOT NULL", [], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, String>(2)?))
            })?;
        for (promise, number, _) in steps.iter().filter(|(_, _, exchange)| gone.contains(exchange)) {
            let forget = "UPDATE promise_step SET exchange = NULL WHERE promise = ? AND number = ?";
            self.change(forget, params![promise, number])?;
        }
        self.forget_notes(gone)?;
        gone.iter().try_for_each(|id| self.name_conversation_anew(id))
    }

    /// The daemon's notes: a line each, beginning with the entry's id.
    fn forget_notes(&self, gone: &BTreeSet<String>) -> Result<(), StoreError> {
        let notes = self.many("SELECT key, value FROM meta WHERE key > ''", [], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        })?;
        for (key, value) in notes {
            if key.split_once(':').is_some_and(|(_, id)| gone.contains(id)) {
                self.change("DELETE FROM meta WHERE key = ?", [key])?;
                continue;
            }
            let named = |line: &&str| line.split_whitespace().next().is_some_and(|id| gone.contains(id));
            if value.lines().any(|line| named(&line)) {
                let left: String = value.lines().filter(|line| !named(line)).map(|line| format!("{line}\n")).collect();
                self.set_meta(&key, &left)?;
            }
        }
        Ok(())
    }

    /// A conversation bears the id of its first entry: what is left of it gets the name of the next.
    fn name_conversation_anew(&self, gone: &str) -> Result<(), StoreError> {
        let next = "SELECT id FROM exchange WHERE conversation = ? ORDER BY seq LIMIT 1";
        if let Some(next) = self.value::<String>(next, [gone])? {
            self.move_conversation(gone, &next)?;
            self.change(
                "UPDATE OR REPLACE pause SET scope = 'conversation:' || ?2 WHERE scope = 'conversation:' || ?1",
                params![gone, next],
            )?;
        } else {
            self.memo.forget_rests();
            self.change("DELETE FROM pause WHERE scope = 'conversation:' || ?", [gone])?;
        }
        Ok(())
    }
}
