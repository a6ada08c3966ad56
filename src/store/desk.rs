//! What the pages of the desk ask that no other reader does. Each walks a number of rows that does not grow with the
//! history: from the newest on, and no further than a limit. Never here: how it is shown.
use super::history::{COLUMNS as ENTRY, remembered};
use super::outbox::OutboxRow;
use super::promises::{COLUMNS as PROMISE, read as promise};
use super::queue::{COLUMNS as MAIL, read as mail};
use super::rows::{At, Reader, Tx};
use super::{Remembered, StoreError};
use crate::model::{Instant, Promise};
use rusqlite::params;

/// Promises and decisions from the newest on that are looked at, whatever is among them.
const LOOKED_AT: u32 = 500;

impl Reader<'_> {
    /// The newest mails of ours, the newest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn outbox_newest(&self, limit: u32) -> Result<Vec<OutboxRow>, StoreError> {
        self.many(&format!("{MAIL} ORDER BY o.exchange DESC LIMIT ?"), [limit], mail)
    }

    /// Promises that were missed at or after an instant, as far as they are among the newest; the last one first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn promises_missed(&self, since: Instant, limit: u32) -> Result<Vec<Promise>, StoreError> {
        let which = "WHERE p.rowid > (SELECT max(rowid) - ?1 FROM promise) AND p.state = 'lapsed' AND p.by_at >= ?2
                     ORDER BY p.by_at DESC LIMIT ?3";
        self.many(&format!("{PROMISE} {which}"), params![LOOKED_AT, At(since), limit], promise)
    }

    /// Messages that came at or after an instant and got no reply, with the decision; the newest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn silent(&self, since: Instant, limit: u32) -> Result<Vec<Remembered>, StoreError> {
        let which = "WHERE e.seq IN (SELECT exchange FROM decision ORDER BY exchange DESC LIMIT ?1)
                     AND e.verdict IN ('hold', 'wait', 'ignore') AND e.at >= ?2 ORDER BY e.seq DESC LIMIT ?3";
        let rows = self.many(&format!("{ENTRY} {which}"), params![LOOKED_AT, At(since), limit], remembered)?;
        rows.into_iter().map(|(seq, it)| self.with_decision(seq, it)).collect()
    }

    /// The newest entries of a conversation, the oldest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn conversation_newest(&self, id: &str, limit: u32) -> Result<Vec<Remembered>, StoreError> {
        let sql = format!("{ENTRY} WHERE e.conversation = ? ORDER BY e.at DESC, e.seq DESC LIMIT ?");
        let mut rows = self.many(&sql, params![id, limit], remembered)?;
        rows.reverse();
        Ok(rows.into_iter().map(|(_, it)| it).collect())
    }
}

impl Tx<'_> {
    /// Takes `done` back: what it kept for a message since an instant is open again. Whether anything was.
    ///
    /// # Errors
    /// If the rows cannot be written.
    pub fn undo_done(&self, exchange: &str, since: Instant, now: Instant) -> Result<bool, StoreError> {
        let ids = self.many(
            "SELECT p.id FROM exchange e JOIN promise p ON p.exchange = e.seq
             WHERE e.id = ? AND p.state = 'kept' AND p.closed_by = 'done' AND p.closed_at >= ?",
            params![exchange, At(since)],
            |row| row.get::<_, String>(0),
        )?;
        for id in &ids {
            self.change("UPDATE promise SET state = 'open', closed_by = NULL, closed_at = NULL WHERE id = ?", [id])?;
            self.step(id, "undone", None, now)?;
        }
        Ok(!ids.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use crate::model::PromiseState;
    use crate::store::fixture::*;

    #[test]
    fn done_is_taken_back_for_a_while() {
        let world = World::new();
        world.receive(&message("m", "anna@acme.example", "Logo", 0));
        world.promise("m", "acme", 600);
        let write = |work: &dyn Fn(&crate::store::Tx<'_>) -> Result<bool, crate::store::StoreError>| {
            world.store.write_blocking(work).unwrap()
        };
        assert!(!write(&|tx| tx.undo_done("x-m", minute(0), minute(1))), "nothing was done");
        write(&|tx| Ok(!tx.close_of("x-m", PromiseState::Kept, "done", minute(5))?.is_empty()));
        assert!(!write(&|tx| tx.undo_done("x-m", minute(6), minute(30))), "too long ago");
        assert!(write(&|tx| tx.undo_done("x-m", minute(4), minute(6))));
        let open = world.store.read_blocking(|r| r.promises(true)).unwrap();
        assert_eq!(open.len(), 1);
        let steps = world.store.read_blocking(|r| r.steps(&open[0].id)).unwrap();
        assert_eq!(steps.last().map(|step| step.cause.as_str()), Some("undone"));
        write(&|tx| Ok(!tx.close_of("x-m", PromiseState::Kept, "answered", minute(8))?.is_empty()));
        assert!(!write(&|tx| tx.undo_done("x-m", minute(4), minute(9))), "an answer is no mistake");
    }

    #[test]
    fn the_newest_are_found() {
        let world = World::new();
        for n in 0..5 {
            world.receive(&message(&format!("m{n}"), "anna@acme.example", "Logo", n));
        }
        world.promise("m1", "acme", 3);
        world.acknowledge("m1", "anna@acme.example", 1);
        let (mails, missed, silent) = world
            .store
            .read_blocking(|r| Ok((r.outbox_newest(9)?, r.promises_missed(minute(0), 9)?, r.silent(minute(0), 9)?)))
            .unwrap();
        assert_eq!((mails.len(), missed.len()), (1, 0));
        assert!(silent.is_empty(), "the fixture acknowledges: {silent:?}");
        world.store.write_blocking(|tx| tx.close_of("x-m1", PromiseState::Lapsed, "time", minute(4))).unwrap();
        let conversation = world.store.read_blocking(|r| r.told_of("x-m1")).unwrap().unwrap().it.conversation;
        let beside = world.store.read_blocking(|r| r.conversation_newest(&conversation, 2)).unwrap();
        assert!((1..=2).contains(&beside.len()), "{beside:?}");
        let missed = world.store.read_blocking(|r| r.promises_missed(minute(0), 9)).unwrap();
        assert_eq!(missed.len(), 1);
        assert!(world.store.read_blocking(|r| r.promises_missed(minute(4), 9)).unwrap().is_empty());
    }
}
