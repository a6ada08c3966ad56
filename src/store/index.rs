//! The full-text index: a file of its own beside the history, made from it and never the truth (decision 0011).
//! A reply's transaction does not know it; a damaged or foreign one is thrown away and made anew.
//! Never here: what a message's text is (the daemon hands it over), how hits are shown.
mod find;
mod moving;
mod plain;
mod query;
mod snippet;
mod words;

pub use find::{About, Hits, Sieve, Test};
pub use plain::Jotted;
pub use query::{Filter, Kind as FilterKind, Query, QueryFault};
pub use snippet::{Piece, says_all, snippet};

use super::{Reader, StoreError, connection};
use crate::model::Instant;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The index's file name inside the state directory.
pub const INDEX_FILE: &str = "search.db";
/// Changes whenever words are cut another way, or more of a text is taken in: an index of another version is made anew.
const VERSION: i64 = 3;
/// Slots of a second: entries of one second lie beside each other.
const SLOTS: i64 = 16;
/// So many slots after a time are looked through for a free one: four minutes.
const NEAR: i64 = 4096;

/// Four MiB of words are gathered before a segment is written: fewer and larger ones, a tenth less on the disk.
const SCHEMA: &str = "
    CREATE TABLE about (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE entry (slot INTEGER PRIMARY KEY, exchange INTEGER NOT NULL UNIQUE) STRICT;
    CREATE TABLE moving (exchange INTEGER PRIMARY KEY, print TEXT NOT NULL) STRICT;
    CREATE VIRTUAL TABLE words USING fts5 (subject, body, sender, recipients, marks,
      content='', contentless_delete=1, tokenize='ascii');
    INSERT INTO words (words, rank) VALUES ('hashsize', 4194304);
    PRAGMA user_version = 3;";

/// A handle on the index; clones share it.
#[derive(Clone)]
pub struct Index(Arc<Mutex<Connection>>);

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Index")
    }
}

/// An entry as it is indexed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Its place in the history.
    pub seq: i64,
    /// Its id.
    pub id: String,
    /// Arrival or sending.
    pub at: Instant,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// Its author: name and address.
    pub sender: String,
    /// Its recipients: names and addresses.
    pub recipients: String,
    /// Names of its attachments.
    pub attachments: Vec<String>,
    /// Of a mail of ours that may still change (a draft, or one that has not left): what it is like now, in short.
    pub moving: Option<String>,
}

/// An entry that waits to be indexed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Its place in the history.
    pub seq: i64,
    /// Its id.
    pub id: String,
    /// Arrival or sending.
    pub at: Instant,
    /// Its subject.
    pub subject: String,
    /// Its author.
    pub from: Option<String>,
    /// Its first recipient.
    pub to: Option<String>,
    /// The beginning of its text.
    pub excerpt: String,
    /// The bytes, if they are kept.
    pub bytes: Option<Vec<u8>>,
    /// As in [`Page`].
    pub moving: Option<String>,
}

/// Octets of messages that are taken in together, about: they and their text lie in memory meanwhile.
const TOGETHER: usize = 8 * 1024 * 1024;

/// What is read of an entry; `WHERE` follows.
const UNREAD: &str = "SELECT e.seq, e.id, e.at, e.subject, e.from_address, e.to_address, e.excerpt, r.bytes, o.bytes,
         o.state, length(o.bytes) AS length
       FROM exchange e LEFT JOIN raw r ON r.exchange = e.seq LEFT JOIN outbox o ON o.exchange = e.seq";

fn unread(row: &rusqlite::Row<'_>) -> rusqlite::Result<Unread> {
    let packed: Option<Vec<u8>> = row.get(7)?;
    Ok(Unread {
        seq: row.get(0)?,
        id: row.get(1)?,
        at: super::rows::at(row, "at")?,
        subject: row.get(3)?,
        from: row.get(4)?,
        to: row.get(5)?,
        excerpt: row.get(6)?,
        bytes: match packed {
            Some(packed) => super::history::unpacked(&packed).ok(),
            None => row.get(8)?,
        },
        moving: moving::print(row)?,
    })
}

impl Reader<'_> {
    /// Entries recorded after `seq`, the first first: so many, fewer if they are large.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn recorded_after(&self, seq: i64, limit: u32) -> Result<Vec<Unread>, StoreError> {
        let mut statement = self.statement(&format!("{UNREAD} WHERE e.seq > ? ORDER BY e.seq LIMIT ?"))?;
        let mut rows = statement.query(params![seq, limit])?;
        let (mut all, mut octets) = (Vec::new(), 0);
        while let Some(row) = rows.next()?.filter(|_| octets < TOGETHER) {
            let one = unread(row)?;
            octets += one.bytes.as_ref().map_or(0, Vec::len);
            all.push(one);
        }
        Ok(all)
    }

    /// The newest entry's place, and the id at a place: by these the index knows whether it fits.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn newest_seq(&self) -> Result<i64, StoreError> {
        Ok(self.value("SELECT seq FROM exchange ORDER BY seq DESC LIMIT 1", [])?.unwrap_or(0))
    }

    fn id_at(&self, seq: i64) -> Result<Option<String>, StoreError> {
        self.value("SELECT id FROM exchange WHERE seq = ?", [seq])
    }
}

impl Index {
    /// Opens or makes `DIR/search.db`; one that is damaged or of another version is made anew.
    ///
    /// # Errors
    /// If the file cannot be made.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join(INDEX_FILE);
        match usable(&path) {
            Ok(Some(connection)) => return Ok(Self(Arc::new(Mutex::new(connection)))),
            Ok(None) | Err(StoreError::Corrupt(_) | StoreError::Sql(_)) => {}
            // Busy, or no room: another program may be using it.
            Err(error) => return Err(error),
        }
        remove(&path)?;
        connection::create_private(&path)?;
        let connection = opened(&path)?;
        let connection = match connection.execute_batch(SCHEMA) {
            Ok(()) => connection,
            // Perhaps another command was faster.
            Err(error) => usable(&path)?.ok_or(error)?,
        };
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// An index that lives as long as its last clone.
    ///
    /// # Errors
    /// Only if SQLite itself cannot start.
    pub fn in_memory() -> Result<Self, StoreError> {
        let connection = Connection::open_in_memory()?;
        connection.execute_batch(SCHEMA)?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// The path of the index in a state directory.
    #[must_use]
    pub fn path_in(dir: &Path) -> PathBuf {
        dir.join(INDEX_FILE)
    }

    /// Up to which entry of this history the index goes; an index of another history is emptied.
    ///
    /// # Errors
    /// If either cannot be read.
    pub fn reaches(&self, history: &Reader<'_>) -> Result<i64, StoreError> {
        let connection = self.lock();
        let (seq, id) = standing(&connection)?;
        let there = history.id_at(seq)?;
        if seq == 0 || there.as_deref() == Some(id.as_str()) {
            return Ok(seq);
        }
        // The last entry was erased, or a backup was restored: only the first leaves the numbers growing.
        if there.is_none() && (id.is_empty() || history.newest_seq()? > seq) {
            return Ok(seq);
        }
        connection.execute_batch(
            "BEGIN IMMEDIATE; DELETE FROM about; DELETE FROM entry; DELETE FROM moving; INSERT INTO words (words) VALUES ('delete-all'); COMMIT",
        )?;
        Ok(0)
    }

    /// Takes entries in, unless another process was faster; how many.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn add(&self, pages: &[Page]) -> Result<usize, StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (done, _) = standing(&transaction)?;
        let fresh: Vec<&Page> = pages.iter().filter(|page| page.seq > done).collect();
        let fresh = take_in(&transaction, fresh)?;
        if let Some((_, last)) = fresh.iter().max_by_key(|(_, page)| page.seq) {
            set_standing(&transaction, last)?;
        }
        transaction.commit()?;
        Ok(fresh.len())
    }

    /// Takes entries in that were recorded just now, if they are all that the index lacks; whether they were.
    ///
    /// # Errors
    /// If either cannot be read or written.
    pub fn follow(&self, history: &Reader<'_>, pages: &[Page]) -> Result<bool, StoreError> {
        let reached = self.reaches(history)?;
        let Some(last) = pages.iter().map(|page| page.seq).max() else { return Ok(true) };
        let missing = history.count("SELECT count(*) FROM exchange WHERE seq > ? AND seq <= ?", [reached, last])?;
        let fresh = pages.iter().filter(|page| page.seq > reached).count();
        if usize::try_from(missing) != Ok(fresh) {
            return Ok(false);
        }
        self.add(pages)?;
        Ok(true)
    }

    /// Takes entries out so that no word of them is left: segments are merged, what is deleted is overwritten.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn forget(&self, entries: &[i64]) -> Result<(), StoreError> {
        self.take_out(entries)?;
        let connection = self.lock();
        connection.execute_batch("VACUUM")?;
        Ok(connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
    }

    /// [`Self::forget`] without rewriting the file.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn take_out(&self, entries: &[i64]) -> Result<(), StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for seq in entries {
            let slot = transaction
                .prepare_cached("DELETE FROM entry WHERE exchange = ? RETURNING slot")?
                .query_row([seq], |row| row.get::<_, i64>(0))
                .optional()?;
            if let Some(slot) = slot {
                transaction.prepare_cached("DELETE FROM words WHERE rowid = ?")?.execute([slot])?;
                transaction.prepare_cached("DELETE FROM moving WHERE exchange = ?")?.execute([seq])?;
            }
        }
        // The id of the last entry stands in the index too.
        let (last, _) = standing(&transaction)?;
        if entries.contains(&last) {
            transaction.execute("UPDATE about SET value = '' WHERE key = 'id'", [])?;
        }
        // Merges all segments into one: deleted words are only marked until then.
        transaction.execute("INSERT INTO words (words) VALUES ('optimize')", [])?;
        Ok(transaction.commit()?)
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes pages down, the earliest first: in rising order FTS5 writes one segment, every step back would begin another.
fn take_in<'a>(transaction: &Connection, pages: Vec<&'a Page>) -> Result<Vec<(i64, &'a Page)>, StoreError> {
    let mut slots: Vec<(i64, &Page)> = Vec::with_capacity(pages.len());
    for page in pages {
        let slot = free_slot(transaction, page)?;
        transaction
            .prepare_cached("INSERT INTO entry (slot, exchange) VALUES (?, ?)")?
            .execute(params![slot, page.seq])?;
        slots.push((slot, page));
    }
    slots.sort_unstable_by_key(|(slot, _)| *slot);
    for (slot, page) in &slots {
        let marks = if page.attachments.is_empty() { "" } else { words::ATTACHMENT };
        let body = format!("{}\n{}", page.text, page.attachments.join("\n"));
        transaction
            .prepare_cached(
                "INSERT INTO words (rowid, subject, body, sender, recipients, marks) VALUES (?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![
                slot,
                words::spaced(&page.subject),
                words::spaced(&body),
                words::spaced(&page.sender),
                words::spaced(&page.recipients),
                marks
            ])?;
        moving::note(transaction, page)?;
    }
    Ok(slots)
}

/// An index that can be used as it is; `None` if there is none of our version.
fn usable(path: &Path) -> Result<Option<Connection>, StoreError> {
    if !path.exists() {
        return Ok(None);
    }
    let connection = opened(path)?;
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    connection.query_row("SELECT count(*) FROM about", [], |_| Ok(()))?;
    Ok((version == VERSION).then_some(connection))
}

fn opened(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path).map_err(|error| StoreError::open(path, &error))?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    // What is lost in a power cut is indexed again.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cache_size", -4_000)?;
    connection.query_row("PRAGMA journal_size_limit = 4194304", [], |_| Ok(()))?;
    Ok(connection)
}

fn remove(path: &Path) -> Result<(), StoreError> {
    for ending in ["", "-wal", "-shm"] {
        let file = PathBuf::from(format!("{}{ending}", path.display()));
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(StoreError::open(&file, &error)),
            _ => {}
        }
    }
    Ok(())
}

fn standing(connection: &Connection) -> Result<(i64, String), StoreError> {
    let value = |key: &str| -> Result<String, StoreError> {
        let sql = "SELECT value FROM about WHERE key = ?";
        Ok(connection.prepare_cached(sql)?.query_row([key], |row| row.get(0)).optional()?.unwrap_or_default())
    };
    Ok((value("seq")?.parse().unwrap_or(0), value("id")?))
}

fn set_standing(connection: &Connection, page: &Page) -> Result<(), StoreError> {
    let sql = "INSERT INTO about (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value";
    let mut set = connection.prepare_cached(sql)?;
    set.execute(["seq", &page.seq.to_string()])?;
    set.execute(["id", &page.id])?;
    Ok(())
}

/// The first slot of an instant.
fn slot_of(at: Instant) -> i64 {
    at.timestamp().clamp(0, i64::from(u32::MAX) * 4) * SLOTS
}

/// A slot at the entry's time, or the next free one. Where thousands have one time (an archive without dates) they are spread
/// over the time after it, wider and wider; there is always room.
fn free_slot(connection: &Connection, page: &Page) -> Result<i64, StoreError> {
    let base = slot_of(page.at);
    let mut taken = connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM entry WHERE slot = ?)")?;
    let mut is_taken = |slot: i64| taken.query_row([slot], |row| row.get::<_, bool>(0));
    for slot in [base, base + page.seq % SLOTS] {
        if !is_taken(slot)? {
            return Ok(slot);
        }
    }
    let mut near = connection.prepare_cached("SELECT slot FROM entry WHERE slot BETWEEN ? AND ? ORDER BY slot")?;
    let mut free = base;
    let mut rows = near.query([base, base + NEAR - 1])?;
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(0)? != free {
            break;
        }
        free += 1;
    }
    if free < base + NEAR {
        return Ok(free);
    }
    for span in [1 << 16, 1 << 20, 1 << 30] {
        let slot = base + NEAR + page.seq % span;
        if !is_taken(slot)? {
            return Ok(slot);
        }
    }
    let mut slot = base + NEAR + page.seq;
    while is_taken(slot)? {
        slot += 1;
    }
    Ok(slot)
}

#[cfg(test)]
#[path = "index_tests.rs"]
mod tests;
