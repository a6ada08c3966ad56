//! Cursors of folders, places of messages, and the note that outlives a message that kills us.
//! Never here: IMAP.
use super::StoreError;
use super::rows::{At, Reader, Tx};
use crate::model::{FolderRole, Instant};
use chrono::TimeDelta;
use rusqlite::params;

/// How far a folder was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The UIDVALIDITY for which the UIDs hold.
    pub uidvalidity: u32,
    /// The first UID not yet seen.
    pub uid_next: u32,
    /// Messages with a smaller UID were there at first contact or before UIDVALIDITY changed: `Past::rescan`.
    pub rescan_below: u32,
}

/// Where a message lies on a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The mailbox's name.
    pub mailbox: String,
    /// The folder's name.
    pub folder: String,
    /// Its UIDVALIDITY.
    pub uidvalidity: u32,
    /// The UID.
    pub uid: u32,
}

/// Since when occasions may be new: what was due before a backup was restored may have had its draft, and lost it.
const DRAFTS_FROM: &str = "drafts.from";

impl Reader<'_> {
    /// The instant of the last restored backup.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn restored_at(&self) -> Result<Option<Instant>, StoreError> {
        let text = self.meta(DRAFTS_FROM)?;
        Ok(text.and_then(|text| text.parse().ok()).and_then(Instant::from_timestamp_millis))
    }
}

impl Reader<'_> {
    /// The cursor of a folder; `None` before first contact.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn cursor(&self, mailbox: &str, folder: &str) -> Result<Option<Cursor>, StoreError> {
        self.one(
            "SELECT uidvalidity, uid_next, rescan_below FROM folder
             WHERE mailbox = ? AND name = ? AND uidvalidity > 0",
            [mailbox, folder],
            |row| Ok(Cursor { uidvalidity: row.get(0)?, uid_next: row.get(1)?, rescan_below: row.get(2)? }),
        )
    }

    /// The names of all mailboxes and folders that were ever looked into.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn places_known(&self) -> Result<Vec<String>, StoreError> {
        self.many("SELECT mailbox FROM folder UNION SELECT name FROM folder", [], |row| row.get(0))
    }

    /// Whether the message at a place is recorded.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn was_recorded(&self, mailbox: &str, folder: &str, validity: u32, uid: u32) -> Result<bool, StoreError> {
        Ok(self.recorded_at(mailbox, folder, validity, uid)?.is_some())
    }

    /// The exchange recorded for a place.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn recorded_at(
        &self,
        mailbox: &str,
        folder: &str,
        validity: u32,
        uid: u32,
    ) -> Result<Option<String>, StoreError> {
        self.value(
            "SELECT e.id FROM location l JOIN folder f ON f.id = l.folder JOIN exchange e ON e.seq = l.exchange
             WHERE f.mailbox = ? AND f.name = ? AND l.uidvalidity = ? AND l.uid = ?",
            params![mailbox, folder, validity, uid],
        )
    }

    /// UIDs of the messages of a folder whose reading was begun and never finished.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn in_work(&self, mailbox: &str, folder: &str, validity: u32) -> Result<Vec<u32>, StoreError> {
        self.many(
            "SELECT w.uid FROM in_work w JOIN folder f ON f.id = w.folder
             WHERE f.mailbox = ? AND f.name = ? AND w.uidvalidity = ?",
            params![mailbox, folder, validity],
            |row| row.get(0),
        )
    }

    /// Every place where an exchange was seen; those in folders that are looked after come last.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn places(&self, exchange: &str) -> Result<Vec<Place>, StoreError> {
        self.many(
            "SELECT f.mailbox, f.name, l.uidvalidity, l.uid FROM exchange e
             JOIN location l ON l.exchange = e.seq JOIN folder f ON f.id = l.folder
             WHERE e.id = ? ORDER BY f.imported DESC, f.id, l.uid",
            [exchange],
            |row| Ok(Place { mailbox: row.get(0)?, folder: row.get(1)?, uidvalidity: row.get(2)?, uid: row.get(3)? }),
        )
    }

    /// How often reading the message at a place was begun and never finished.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn deaths(&self, mailbox: &str, folder: &str, validity: u32, uid: u32) -> Result<u32, StoreError> {
        self.count(
            "SELECT w.deaths FROM in_work w JOIN folder f ON f.id = w.folder
             WHERE f.mailbox = ? AND f.name = ? AND w.uidvalidity = ? AND w.uid = ?",
            params![mailbox, folder, validity, uid],
        )
    }
}

/// What arrived so shortly before the first contact may as well have come after it: servers' clocks tick in whole seconds.
const TICK: TimeDelta = TimeDelta::seconds(2);

impl Reader<'_> {
    /// When the inboxes of a mailbox were first seen, the first of them; `None` before that.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn met_at(&self, mailbox: &str) -> Result<Option<Instant>, StoreError> {
        let sql = "SELECT min(first_contact_at) FROM folder WHERE mailbox = ? AND role = 'inbox' AND uidvalidity > 0";
        Ok(self.value::<At>(sql, [mailbox])?.map(|at| at.0))
    }

    /// Whether a mailbox was first seen after a message had arrived there.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn met_after(&self, mailbox: &str, arrived: Instant) -> Result<bool, StoreError> {
        Ok(self.met_at(mailbox)?.is_some_and(|met| arrived + TICK < met))
    }
}

impl Tx<'_> {
    /// Sets the cursor of a folder that was never seen; whatever lies there is older than our time. Does nothing
    /// for a known folder; whether it was new.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn first_contact(
        &self,
        mailbox: &str,
        folder: &str,
        role: FolderRole,
        uidvalidity: u32,
        uid_next: u32,
        now: Instant,
    ) -> Result<bool, StoreError> {
        // A folder of validity 0 was made by a record without a cursor.
        let changed = self.change(
            "INSERT INTO folder (mailbox, name, role, uidvalidity, uid_next, rescan_below, first_contact_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6)
             ON CONFLICT DO UPDATE SET role = excluded.role, uidvalidity = excluded.uidvalidity,
               uid_next = excluded.uid_next, rescan_below = excluded.rescan_below,
               first_contact_at = excluded.first_contact_at, imported = 0 WHERE uidvalidity = 0",
            params![mailbox, folder, role.as_str(), uidvalidity, uid_next, At(now)],
        )?;
        if changed > 0 {
            // What an import noted under other numbers.
            let stale = "DELETE FROM location WHERE uidvalidity <> ?3
                         AND folder = (SELECT id FROM folder WHERE mailbox = ?1 AND name = ?2)";
            self.change(stale, params![mailbox, folder, uidvalidity])?;
        }
        Ok(changed > 0)
    }

    /// The first UID of a folder of wishes that counts. What lay there when the folders were first met (`first`), before
    /// it was numbered anew or before a backup was restored is nobody's wish.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn wishes_from(
        &self,
        mailbox: &str,
        folder: &str,
        validity: u32,
        uid_next: u32,
        first: bool,
        now: Instant,
    ) -> Result<u32, StoreError> {
        let known = self.one(
            "SELECT uidvalidity, rescan_below FROM folder WHERE mailbox = ? AND name = ? AND NOT (imported = 1 AND uidvalidity = 0)",
            [mailbox, folder],
            |row| Ok((row.get::<_, u32>(0)?, row.get::<_, u32>(1)?)),
        )?;
        match known {
            Some((known, from)) if known == validity => Ok(from),
            Some(_) => {
                self.uidvalidity_changed(mailbox, folder, validity, uid_next)?;
                Ok(uid_next)
            }
            None => {
                let from = if first { uid_next } else { 1 };
                self.first_contact(mailbox, folder, FolderRole::Inbox, validity, from, now)?;
                Ok(from)
            }
        }
    }

    /// Moves a cursor. It never goes back while UIDVALIDITY stands (rule B9); whether the folder has that validity.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn set_cursor(&self, mailbox: &str, folder: &str, validity: u32, uid_next: u32) -> Result<bool, StoreError> {
        let changed = self.change(
            "UPDATE folder SET uid_next = max(uid_next, ?4) WHERE mailbox = ?1 AND name = ?2 AND uidvalidity = ?3",
            params![mailbox, folder, validity, uid_next],
        )?;
        Ok(changed > 0)
    }

    /// UIDVALIDITY changed (rule B8): places in the folder are forgotten, messages are not. The cursor goes to 1;
    /// messages below `rescan_below` (the server's UIDNEXT) were there before.
    ///
    /// # Errors
    /// If the rows cannot be written.
    pub fn uidvalidity_changed(
        &self,
        mailbox: &str,
        folder: &str,
        validity: u32,
        rescan_below: u32,
    ) -> Result<(), StoreError> {
        let id = self.value::<i64>("SELECT id FROM folder WHERE mailbox = ? AND name = ?", [mailbox, folder])?;
        let Some(id) = id else { return Err(StoreError::Missing { what: "folder", id: folder.to_owned() }) };
        self.change("DELETE FROM location WHERE folder = ?", [id])?;
        self.change("DELETE FROM in_work WHERE folder = ?", [id])?;
        self.change(
            "UPDATE folder SET uidvalidity = ?, uid_next = 1, rescan_below = ? WHERE id = ?",
            params![validity, rescan_below, id],
        )?;
        Ok(())
    }

    /// A restored backup: every folder is met as on first contact, mails that wait are dropped. How many were dropped.
    ///
    /// # Errors
    /// If the rows cannot be written.
    pub fn meet_anew(&self, now: Instant) -> Result<usize, StoreError> {
        self.change("DELETE FROM in_work", [])?;
        self.change("UPDATE folder SET uidvalidity = 0", [])?;
        self.set_meta(DRAFTS_FROM, &now.timestamp_millis().to_string())?;
        let mut dropped = 0;
        for row in self.outbox_waiting()? {
            dropped += usize::from(self.dropped(&row.id, "restored", now)?);
        }
        Ok(dropped)
    }

    /// Notes, in a transaction of its own before parsing, which messages are about to be read. Gives how
    /// often each UID was noted before and neither recorded nor cleared: from one on it is a suspect.
    ///
    /// # Errors
    /// If the rows cannot be written.
    pub fn note_in_work(
        &self,
        mailbox: &str,
        folder: &str,
        validity: u32,
        uids: &[u32],
        now: Instant,
    ) -> Result<Vec<(u32, u32)>, StoreError> {
        let id = self.folder(mailbox, folder, FolderRole::Inbox, now)?;
        uids.iter()
            .map(|uid| {
                let deaths = self.count(
                    "INSERT INTO in_work (folder, uidvalidity, uid, deaths, noted_at) VALUES (?, ?, ?, 0, ?)
                     ON CONFLICT DO UPDATE SET deaths = deaths + 1, noted_at = excluded.noted_at RETURNING deaths",
                    params![id, validity, uid, At(now)],
                )?;
                Ok((*uid, deaths))
            })
            .collect()
    }

    /// Takes the note back for messages that were not read after all (the connection broke). Recording a message
    /// does it by itself.
    ///
    /// # Errors
    /// If the rows cannot be removed.
    pub fn clear_in_work(&self, mailbox: &str, folder: &str, validity: u32, uids: &[u32]) -> Result<(), StoreError> {
        for uid in uids {
            self.change(
                "DELETE FROM in_work WHERE folder = (SELECT id FROM folder WHERE mailbox = ? AND name = ?)
                 AND uidvalidity = ? AND uid = ?",
                params![mailbox, folder, validity, uid],
            )?;
        }
        Ok(())
    }

    /// The folder's number; a folder without a cursor is made with UIDVALIDITY 0.
    pub(super) fn folder(&self, mailbox: &str, name: &str, role: FolderRole, now: Instant) -> Result<i64, StoreError> {
        let find = "SELECT id FROM folder WHERE mailbox = ? AND name = ?";
        if let Some(id) = self.value(find, [mailbox, name])? {
            return Ok(id);
        }
        self.change(
            "INSERT INTO folder (mailbox, name, role, uidvalidity, uid_next, rescan_below, first_contact_at)
             VALUES (?, ?, ?, 0, 1, 1, ?)",
            params![mailbox, name, role.as_str(), At(now)],
        )?;
        Ok(self.last_row())
    }

    /// Writes down where a message lies and that reading it did no harm.
    pub(super) fn locate(&self, folder: i64, validity: u32, uid: u32, exchange: i64) -> Result<(), StoreError> {
        self.change(
            "INSERT INTO location (folder, uidvalidity, uid, exchange) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            params![folder, validity, uid, exchange],
        )?;
        self.change(
            "DELETE FROM in_work WHERE folder = ? AND uidvalidity = ? AND uid = ?",
            params![folder, validity, uid],
        )?;
        Ok(())
    }
}
