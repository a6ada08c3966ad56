//! Past mail taken into the history: no decision, no promise, nothing in the outbox. Never here: reading archives,
//! whose mail it is.
use super::exchanges::Role;
use super::own::is_automatic;
use super::rows::{At, Reader, Tx};
use super::{Packed, StoreError, base_subject, seal};
use crate::model::{FolderRole, Incoming, Instant, MessageId};
use rusqlite::{named_params, params};

/// One message of the past.
#[derive(Clone, Copy, Debug)]
pub struct NewImport<'a> {
    /// Its id, made by the caller (UUID version 7).
    pub id: &'a str,
    /// The mailbox that it belongs to.
    pub mailbox: &'a str,
    /// Where it lies, if it came from a server.
    pub place: Option<ImportPlace<'a>>,
    /// The facts.
    pub incoming: &'a Incoming,
    /// What is kept of its bytes.
    pub raw: &'a Packed,
    /// Who wrote it.
    pub writer: Writer,
    /// A program made it, by its header.
    pub machine: bool,
    /// The clients it was exchanged with.
    pub clients: &'a [String],
    /// The present.
    pub now: Instant,
}

/// A place on a server.
#[derive(Clone, Copy, Debug)]
pub struct ImportPlace<'a> {
    /// The folder's name.
    pub folder: &'a str,
    /// What the folder is for, if it is one that is watched.
    pub role: Option<FolderRole>,
    /// Its UIDVALIDITY.
    pub uidvalidity: u32,
    /// The message's UID.
    pub uid: u32,
}

/// Who wrote a message of the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    /// A client, or anybody else.
    Other,
    /// The owner.
    Owner,
    /// Somebody of the owner's team.
    Team,
}

/// How far an import came in a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportCursor {
    /// The file within a folder of files, or UIDVALIDITY.
    pub part: String,
    /// Octets read of it, or the next UID.
    pub position: u64,
}

impl Reader<'_> {
    /// How far the import of a source came, if it was asked for the same.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn import_cursor(&self, source: &str, scope: &str) -> Result<Option<ImportCursor>, StoreError> {
        self.one(
            "SELECT part, position FROM import_source WHERE source = ? AND scope = ?",
            [source, &seal::hex_of(scope.as_bytes())],
            |row| {
                let position: i64 = row.get(1)?;
                Ok(ImportCursor { part: row.get(0)?, position: u64::try_from(position).unwrap_or(0) })
            },
        )
    }

    /// When the oldest promise that is still open was made: answers since then are the daemon's to see.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn oldest_open_promise(&self) -> Result<Option<Instant>, StoreError> {
        let at = self.value::<At>("SELECT min(made_at) FROM promise WHERE state = 'open'", [])?;
        Ok(at.map(|at| at.0))
    }
}

impl Tx<'_> {
    /// Takes one message in, unless it is known; its place in the history if it was new.
    ///
    /// # Errors
    /// If the rows cannot be written.
    pub fn import(&self, new: &NewImport<'_>) -> Result<Option<i64>, StoreError> {
        if let Some(known) = self.known_already(new)? {
            // It may lie in another folder than the one in which it was seen.
            if let (Some(place), Some(seq)) = (&new.place, known) {
                self.note_place(new.mailbox, place, seq, new.now)?;
            }
            return Ok(None);
        }
        let message = new.incoming;
        let by_owner = new.writer != Writer::Other;
        let automatic = if by_owner { is_automatic(message) } else { new.machine };
        let before = self.conversation_before(message)?;
        // What it refers to may come later: an archive has no order.
        let waits = before.is_none();
        let conversation = match before {
            Some(known) => known,
            None => self.conversation_behind(message)?.unwrap_or_else(|| new.id.to_owned()),
        };
        let seq = self.insert_seen(
            new.id,
            new.mailbox,
            &conversation,
            message,
            new.now,
            &Role {
                direction: if new.writer == Writer::Owner { "out" } else { "in" },
                kind: if automatic { "automatic" } else { "mail" },
                written_by: match (by_owner, automatic) {
                    (false, _) => "other",
                    (true, false) => "owner",
                    (true, true) => "machine",
                },
                client: new.clients.first().map(String::as_str),
                verdict: None,
            },
        )?;
        self.concern(seq, new.clients)?;
        self.keep_references(seq, message, by_owner || waits)?;
        if let Some(id) = &message.message_id {
            self.join_early(id, &base_subject(message.subject.as_str()), &conversation)?;
        }
        if by_owner && !automatic {
            self.keep_recipients(seq, message)?;
        }
        if let Some(place) = &new.place {
            self.note_place(new.mailbox, place, seq, new.now)?;
        }
        self.keep_packed(seq, new.raw)?;
        Ok(Some(seq))
    }

    /// Recorded before: by identity, or as a mail of our own outbox; with what it was recorded as, unless the daemon has still
    /// to look for it.
    fn known_already(&self, new: &NewImport<'_>) -> Result<Option<Option<i64>>, StoreError> {
        if let Some(seq) = self.value::<i64>("SELECT seq FROM exchange WHERE key = ?", [&new.incoming.key])? {
            return Ok(Some(Some(seq)));
        }
        let Some(id) = &new.incoming.message_id else { return Ok(None) };
        // The plus keeps the planner from walking all mails of ours by their missing key, once for each message.
        let ours = "SELECT EXISTS (SELECT 1 FROM exchange WHERE message_id = ?1 AND +key IS NULL)
                        OR EXISTS (SELECT 1 FROM outbox WHERE provider_message_id = ?1)";
        if self.value::<bool>(ours, [id.as_str()])? != Some(true) {
            return Ok(None);
        }
        let settled = "SELECT o.exchange FROM exchange e JOIN outbox o ON o.exchange = e.seq
                       WHERE e.message_id = ? AND o.state = 'sent' AND o.sent_copy <> 'wanted'";
        Ok(Some(self.value(settled, [id.as_str()])?))
    }

    /// A folder that the daemon has not met is noted without a number: it keeps its first contact.
    fn note_place(&self, mailbox: &str, place: &ImportPlace<'_>, seq: i64, now: Instant) -> Result<(), StoreError> {
        let find = "SELECT id, uidvalidity FROM folder WHERE mailbox = ? AND name = ?";
        let known =
            self.one(find, [mailbox, place.folder], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, u32>(1)?)))?;
        let folder = match known {
            // Numbered anew, and the daemon does not know yet.
            Some((_, known)) if known != 0 && known != place.uidvalidity => return Ok(()),
            Some((folder, _)) => folder,
            None => {
                let folder = self.folder(mailbox, place.folder, place.role.unwrap_or_default(), now)?;
                let plain = place.role.is_none();
                self.change("UPDATE folder SET imported = ? WHERE id = ?", params![plain, folder])?;
                folder
            }
        };
        self.locate(folder, place.uidvalidity, place.uid, seq)
    }

    /// Brings the conversations of all messages that answer this one into its own, and of those that only refer to it and
    /// found nobody else, if they are about the same: an archive has no order.
    fn join_early(&self, message_id: &MessageId, subject: &str, conversation: &str) -> Result<(), StoreError> {
        let early = self.many(
            "SELECT DISTINCT e.conversation FROM reference r JOIN exchange e ON e.seq = r.exchange
             WHERE r.message_id = ?1 AND e.conversation <> ?2 AND (r.direct = 1 OR e.base_subject = ?3)",
            [message_id.as_str(), conversation, subject],
            |row| row.get::<_, String>(0),
        )?;
        early.iter().try_for_each(|other| self.move_conversation(other, conversation))
    }

    /// Notes how far an import came.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn set_import_cursor(
        &self,
        source: &str,
        scope: &str,
        cursor: &ImportCursor,
        now: Instant,
    ) -> Result<(), StoreError> {
        self.change(
            "INSERT INTO import_source (source, scope, part, position, at) VALUES (:source, :scope, :part, :position, :at)
             ON CONFLICT DO UPDATE SET scope = excluded.scope, part = excluded.part, position = excluded.position,
               at = excluded.at",
            named_params! {
                ":source": source,
                ":scope": seal::hex_of(scope.as_bytes()),
                ":part": cursor.part,
                ":position": i64::try_from(cursor.position).unwrap_or(i64::MAX),
                ":at": At(now),
            },
        )?;
        Ok(())
    }

    /// Forgets how far an import came: the next one reads everything again.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn end_import(&self, source: &str) -> Result<(), StoreError> {
        self.change("DELETE FROM import_source WHERE source = ?", [source])?;
        Ok(())
    }
}

#[cfg(test)]
#[path = "import_tests.rs"]
mod tests;
