//! Mails of ours that may still change after they were indexed: a draft that the owner edits, a mail that waits. The index
//! keeps a list of them with what they were like, and takes them in again when that is no longer true. Never here: what
//! of an entry is indexed.
use super::super::{Reader, StoreError, rows, seal};
use super::{Index, Page, UNREAD, Unread, take_in, unread};
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};

/// So many are looked at, the newest: drafts that lie about for ever shall not cost every search.
const LOOKED_AT: u32 = 100;

impl Reader<'_> {
    /// Of these entries those that are no longer like this, as they are now.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn changed(&self, known: &[(i64, String)]) -> Result<Vec<Unread>, StoreError> {
        let sql = "SELECT e.at, e.subject, e.excerpt, o.state, length(o.bytes) AS length
                   FROM exchange e LEFT JOIN outbox o ON o.exchange = e.seq WHERE e.seq = ?";
        let mut changed = Vec::new();
        for (seq, before) in known {
            if self.one(sql, [seq], print)?.is_some_and(|now| now.as_ref() != Some(before)) {
                changed.extend(self.one(&format!("{UNREAD} WHERE e.seq = ?"), [seq], unread)?);
            }
        }
        Ok(changed)
    }
}

impl Index {
    /// Entries whose mail may have changed since it was indexed, and what they were like.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub fn moving(&self) -> Result<Vec<(i64, String)>, StoreError> {
        let connection = self.lock();
        let mut all = connection.prepare_cached("SELECT exchange, print FROM moving ORDER BY exchange DESC LIMIT ?")?;
        let all = all.query_map([LOOKED_AT], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        Ok(all)
    }

    /// Takes entries in again that have changed; those that were erased meanwhile stay away.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn renew(&self, pages: &[Page]) -> Result<usize, StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut there = Vec::with_capacity(pages.len());
        for page in pages {
            let slot = transaction
                .prepare_cached("DELETE FROM entry WHERE exchange = ? RETURNING slot")?
                .query_row([page.seq], |row| row.get::<_, i64>(0))
                .optional()?;
            transaction.prepare_cached("DELETE FROM moving WHERE exchange = ?")?.execute([page.seq])?;
            if let Some(slot) = slot {
                transaction.prepare_cached("DELETE FROM words WHERE rowid = ?")?.execute([slot])?;
                there.push(page);
            }
        }
        let done = take_in(&transaction, there)?.len();
        transaction.commit()?;
        Ok(done)
    }
}

/// Puts a page that may still change on the list.
pub(super) fn note(transaction: &Connection, page: &Page) -> Result<(), StoreError> {
    if let Some(print) = &page.moving {
        transaction
            .prepare_cached("INSERT OR REPLACE INTO moving (exchange, print) VALUES (?, ?)")?
            .execute(params![page.seq, print])?;
    }
    Ok(())
}

/// What an entry is like, if it may still change.
pub(super) fn print(row: &Row<'_>) -> rusqlite::Result<Option<String>> {
    let state: Option<String> = row.get("state")?;
    let moving = matches!(state.as_deref(), Some("queued" | "sending" | "dot_sent" | "unknown" | "failed" | "drafted"));
    if !moving {
        return Ok(None);
    }
    let (subject, excerpt): (String, String) = (row.get("subject")?, row.get("excerpt")?);
    let (at, length) = (rows::at(row, "at")?, row.get::<_, Option<i64>>("length")?);
    Ok(Some(seal::hex_of(format!("{at}\n{length:?}\n{subject}\n{excerpt}").as_bytes())))
}
