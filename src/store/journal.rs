//! The journal of projects. Never here: what becomes of it (`decide::occasion`), reading mail.
use super::StoreError;
use super::rows::{At, Reader, Tx, at};
use crate::decide::occasion::JournalEntry;
use crate::model::Instant;
use rusqlite::{Row, params};

/// Longest note, in characters.
const NOTE_MAX: usize = 4_000;
/// Notes of one project that are read at once: the newest.
const READ_MAX: u32 = 500;

/// Where a note came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteSource {
    /// `fuseau note`.
    Cli,
    /// A mail of the owner's to an address of theirs.
    Mail,
    /// A message that was moved.
    Folder,
}

impl NoteSource {
    fn as_str(self) -> &'static str {
        match self {
            Self::Cli => "cli",
            Self::Mail => "mail",
            Self::Folder => "folder",
        }
    }
}

/// One note to write down.
#[derive(Clone, Copy, Debug)]
pub struct NewNote<'a> {
    /// Its id, made by the caller.
    pub id: &'a str,
    /// The project's key.
    pub project: &'a str,
    /// Its client's key.
    pub client: &'a str,
    /// When it was so.
    pub at: Instant,
    /// What.
    pub text: &'a str,
    /// Where it came from.
    pub source: NoteSource,
    /// Identity of the mail that it is made from: one note for each, ever.
    pub once: Option<&'a str>,
}

impl Reader<'_> {
    /// The newest notes of a project, the oldest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn journal(&self, project: &str) -> Result<Vec<JournalEntry>, StoreError> {
        let sql = "SELECT * FROM journal WHERE project = ? ORDER BY at DESC, seq DESC LIMIT ?";
        let mut notes = self.many(sql, params![project, READ_MAX], read)?;
        notes.reverse();
        Ok(notes)
    }

    /// The newest notes on a client's projects from an instant on, the oldest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn notes_of(
        &self,
        client: &str,
        since: Option<Instant>,
        newest: Option<u32>,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        let since = since.map_or(i64::MIN, |since| since.timestamp_millis());
        let sql = "SELECT * FROM journal WHERE client = ? AND at >= ? ORDER BY at DESC, seq DESC LIMIT ?";
        let mut notes = self.many(sql, params![client, since, newest.map_or(-1, i64::from)], read)?;
        notes.reverse();
        Ok(notes)
    }

    /// Every note with the key of its client, the newest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn all_notes(&self) -> Result<Vec<(String, JournalEntry)>, StoreError> {
        let sql = "SELECT * FROM journal WHERE seq > 0 ORDER BY at DESC, seq DESC";
        self.many(sql, [], |row| Ok((row.get("client")?, read(row)?)))
    }

    /// The one note whose id begins so, with the key of its client; `None` if there is none, or more than one.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn note_beginning(&self, start: &str) -> Result<Option<(String, JournalEntry)>, StoreError> {
        // The character behind `f` and `-` in ASCII order ends the range.
        let range = "SELECT * FROM journal WHERE id >= ?1 AND id < ?1 || 'g' LIMIT 2";
        let mut found = self.many(range, [start], |row| Ok((row.get("client")?, read(row)?)))?;
        Ok(if found.len() == 1 { found.pop() } else { None })
    }
}

impl Tx<'_> {
    /// Writes a note down; `false` if one was made from the same mail before.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn note(&self, new: &NewNote<'_>) -> Result<bool, StoreError> {
        let text: String = new.text.trim().chars().take(NOTE_MAX).collect();
        let rows = self.change(
            "INSERT INTO journal (id, project, client, at, text, source, once) VALUES (?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT DO NOTHING",
            params![new.id, new.project, new.client, At(new.at), text, new.source.as_str(), new.once],
        )?;
        Ok(rows > 0)
    }

    /// Takes back the note of a project that was written last; what it was.
    ///
    /// # Errors
    /// If the row cannot be deleted.
    pub fn unnote(&self, project: &str) -> Result<Option<JournalEntry>, StoreError> {
        // By the order of writing, not by `--at`. The mail that it was made from does not make it again.
        let last = "SELECT * FROM journal WHERE seq = (SELECT max(seq) FROM journal WHERE project = ?)";
        let Some(entry) = self.one(last, [project], read)? else { return Ok(None) };
        self.change("DELETE FROM journal WHERE id = ?", [&entry.id])?;
        Ok(Some(entry))
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<JournalEntry> {
    let (id, at): (String, Instant) = (row.get("id")?, at(row, "at")?);
    let written = made_at(&id).unwrap_or(at);
    Ok(JournalEntry { id, project: row.get("project")?, at, written, text: row.get("text")? })
}

/// The time inside an id (UUID version 7, RFC 9562 5.7).
fn made_at(id: &str) -> Option<Instant> {
    let digits: String = id.chars().filter(|c| *c != '-').collect();
    let (millis, rest) = digits.split_at_checked(12)?;
    let millis = i64::from_str_radix(millis, 16).ok().filter(|_| rest.starts_with('7'))?;
    Instant::from_timestamp_millis(millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_when_a_note_was_written_down() {
        // The example of RFC 9562 A.6: 2022-02-22T19:22:22Z.
        let known = Instant::from_timestamp_millis(1_645_557_742_000);
        assert_eq!(made_at("017F22E2-79B0-7CC3-98C4-DC0C0C07398F"), known);
        assert_eq!(made_at("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"), known);
        // Version 4, and ids of another kind.
        for other in ["919108f7-52d1-4320-9bac-f847db4148a8", "n-1", "", "ééééééééééééé7"] {
            assert_eq!(made_at(other), None, "{other}");
        }
    }
}
