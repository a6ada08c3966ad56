//! Drafts that the owner handed over: their mail in the outbox, the place of the draft, and when it counts as written.
//! Never here: moving mail between folders, sending.
use super::StoreError;
use super::memo::What;
use super::outbox::{MailState, NewMail, Route, SentCopyState};
use super::rows::{At, Reader, Tx, at};
use crate::model::{EmailAddress, HeaderText, Incoming, Instant, PromiseState, text::clean};
use rusqlite::{Row, named_params, params};

/// Where a draft lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftPlace {
    /// The folder's name.
    pub folder: String,
    /// Its UIDVALIDITY.
    pub uidvalidity: u32,
    /// The draft's UID.
    pub uid: u32,
}

/// What is recorded of a draft beside its mail.
#[derive(Clone, Copy, Debug)]
pub struct NewHanded<'a> {
    /// Where the draft lies.
    pub place: &'a DraftPlace,
    /// The facts of the draft.
    pub draft: &'a Incoming,
    /// `their-morning` or `send-now`.
    pub wish: &'a str,
    /// All recipients.
    pub recipients: &'a [EmailAddress],
}

/// A draft that was handed over and is not settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handed {
    /// The mail's id.
    pub id: String,
    /// Where the draft lies.
    pub place: DraftPlace,
    /// The draft's Message-ID.
    pub draft_id: Option<String>,
    /// `their-morning` or `send-now`.
    pub wish: String,
    /// Where the mail stands.
    pub state: MailState,
    /// Its subject.
    pub subject: String,
    /// Its client.
    pub client: Option<String>,
    /// The server's last words.
    pub last_reply: Option<String>,
    /// The draft is gone from its folder.
    pub settled: bool,
    /// The draft's identity (rule B6).
    pub key: String,
    /// Its copy in Sent is still to be looked for.
    pub copy_wanted: bool,
    /// When it is tried next.
    pub next_attempt: Instant,
}

const COLUMNS: &str = "SELECT e.id, h.folder, h.uidvalidity, h.uid, h.draft_id, h.wish, o.state, e.subject, e.client,
                         o.last_reply, h.settled_at IS NOT NULL AS settled, h.draft_key,
                         o.sent_copy = 'wanted' AS copy_wanted, o.next_attempt
                       FROM handed h JOIN exchange e ON e.seq = h.exchange JOIN outbox o ON o.exchange = h.exchange ";

impl Reader<'_> {
    /// Drafts of a mailbox that still lie where they were handed over, as far as we know.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn handed_open(&self, mailbox: &str) -> Result<Vec<Handed>, StoreError> {
        self.many(&format!("{COLUMNS} WHERE h.mailbox = ? AND h.settled_at IS NULL ORDER BY e.seq"), [mailbox], read)
    }

    /// The mails that one draft (its identity, rule B6) became, the newest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn handed_as(&self, draft_key: &str) -> Result<Vec<Handed>, StoreError> {
        self.many(&format!("{COLUMNS} WHERE h.draft_key = ? ORDER BY e.seq DESC"), [draft_key], read)
    }

    /// The mail that a draft with this Message-ID became and that leaves or has left, though no occasion of ours stands
    /// for it: another installation wrote the draft.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn handed_by_another(&self, message_id: &str) -> Result<Option<String>, StoreError> {
        self.value(
            "SELECT e.id FROM exchange e JOIN handed h ON h.exchange = e.seq JOIN outbox o ON o.exchange = e.seq
             WHERE e.message_id = ? AND o.state IN ('queued', 'sending', 'dot_sent', 'sent', 'unknown')
               AND NOT EXISTS (SELECT 1 FROM occasion c WHERE c.mail = e.seq)",
            [message_id],
        )
    }

    /// When a mail of the outbox was handed over by the owner, what they wished.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn handed_wish(&self, id: &str) -> Result<Option<String>, StoreError> {
        self.value("SELECT h.wish FROM handed h JOIN exchange e ON e.seq = h.exchange WHERE e.id = ?", [id])
    }

    /// Whom a mail goes to, where it is more than one.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn recipients_of(&self, id: &str) -> Result<Vec<String>, StoreError> {
        self.many(
            "SELECT r.address FROM outbox_recipient r JOIN exchange e ON e.seq = r.exchange WHERE e.id = ?
             ORDER BY r.address",
            [id],
            |row| row.get(0),
        )
    }

    /// A draft of ours that waits in Drafts, by its Message-ID.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn drafted_as(&self, message_id: &str) -> Result<Option<(String, String)>, StoreError> {
        self.one(
            "SELECT e.id, o.fuseau_id FROM exchange e JOIN outbox o ON o.exchange = e.seq
             WHERE e.message_id = ? AND o.state = 'drafted'",
            [message_id],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    /// Whether a mail of the owner's waits in the conversation of an exchange and leaves before the promise there is due:
    /// then the answer is as good as written.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn answer_waits(&self, exchange: &str) -> Result<bool, StoreError> {
        let found = self.value::<i64>(
            "SELECT 1 FROM exchange e CROSS JOIN exchange c ON c.conversation = e.conversation
             CROSS JOIN outbox o ON o.exchange = c.seq JOIN handed h ON h.exchange = o.exchange
             WHERE e.id = ?1 AND o.state IN ('queued', 'sending', 'dot_sent')
               AND o.not_before <= coalesce((SELECT min(p.by_at)
                 FROM exchange m CROSS JOIN promise p ON p.exchange = m.seq
                 WHERE m.conversation = e.conversation AND p.state = 'open'), o.not_before) LIMIT 1",
            [exchange],
        )?;
        Ok(found.is_some())
    }
}

impl Tx<'_> {
    /// Records a draft as a mail of the outbox; its id, or `None` if its key was used before.
    ///
    /// # Errors
    /// If the rows cannot be written.
    pub fn hand_over(&self, mail: &NewMail<'_>, handed: &NewHanded<'_>) -> Result<Option<String>, StoreError> {
        let conversation = self.conversation_of(handed.draft)?;
        let Some(id) = self.queue(mail)? else { return Ok(None) };
        let seq = self.seq_of(&id)?;
        if let Some(conversation) = conversation {
            self.change("UPDATE exchange SET conversation = ?2 WHERE seq = ?1", params![seq, conversation])?;
            self.change("UPDATE outbox SET conversation = ?2 WHERE exchange = ?1", params![seq, conversation])?;
        }
        self.keep_references(seq, handed.draft, true)?;
        self.keep_recipients(seq, handed.draft)?;
        self.note_handed(seq, mail.mailbox, handed, false)?;
        Ok(Some(id))
    }

    /// One of our own drafts is handed over: its row goes on, with the bytes as the owner left them. `false` if it waits
    /// in Drafts no longer.
    ///
    /// # Errors
    /// If the rows cannot be written.
    pub fn adopt(&self, id: &str, mail: &NewMail<'_>, handed: &NewHanded<'_>) -> Result<bool, StoreError> {
        let seq = self.value::<i64>(
            "UPDATE outbox SET state = 'queued', route = :route, bytes = :bytes, not_before = :at, next_attempt = :at,
               attempts = 0, lease_until = NULL, finished_at = NULL, envelope_from = :from, envelope_to = :to,
               to_folded = :folded, to_domain = :domain
             WHERE exchange = (SELECT seq FROM exchange WHERE id = :id) AND state = 'drafted' RETURNING exchange",
            named_params! {
                ":id": id,
                ":route": Route::Send,
                ":bytes": mail.bytes,
                ":at": At(mail.not_before),
                ":from": mail.envelope_from.map(ToString::to_string),
                ":to": mail.to.to_string(),
                ":folded": mail.to.folded(),
                ":domain": mail.to.organisation(),
            },
        )?;
        let Some(seq) = seq else { return Ok(false) };
        self.memo.forget_made();
        self.change("DELETE FROM handed WHERE exchange = ?", [seq])?;
        self.note_handed(seq, mail.mailbox, handed, true)?;
        self.occasion_sent(seq, mail.now)?;
        Ok(true)
    }

    fn note_handed(&self, seq: i64, mailbox: &str, new: &NewHanded<'_>, adopted: bool) -> Result<(), StoreError> {
        self.change(
            "INSERT INTO handed (exchange, mailbox, folder, uidvalidity, uid, draft_key, draft_id, wish, adopted)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                seq,
                mailbox,
                new.place.folder,
                new.place.uidvalidity,
                new.place.uid,
                new.draft.key,
                new.draft.message_id.as_ref().map(crate::model::MessageId::as_str),
                new.wish,
                adopted
            ],
        )?;
        self.change("DELETE FROM outbox_recipient WHERE exchange = ?", [seq])?;
        for address in new.recipients.iter().filter(|_| new.recipients.len() > 1) {
            self.change(
                "INSERT INTO outbox_recipient (exchange, address) VALUES (?, ?) ON CONFLICT DO NOTHING",
                params![seq, address.to_string()],
            )?;
        }
        Ok(())
    }

    /// It lies in Sent: another installation sent it, or the owner from some program. `false` if that was known.
    ///
    /// # Errors
    /// If the rows cannot be written.
    pub fn handed_found(&self, id: &str, now: Instant) -> Result<bool, StoreError> {
        let found = self.sent(id, "found in Sent", now)?;
        if found {
            // Whose copy it is says nothing about our server.
            self.sent_copy(id, SentCopyState::Unneeded)?;
        }
        Ok(found)
    }

    /// It cannot be sent, without a try having been made: the draft goes back. `false` if it is on its way.
    ///
    /// # Errors
    /// If the rows cannot be written.
    pub fn handed_in_vain(&self, id: &str, why: &str, now: Instant) -> Result<bool, StoreError> {
        self.memo.forget_made();
        let seq = self.value::<i64>(
            "UPDATE outbox SET state = 'failed', last_reply = ?2, finished_at = ?3, lease_until = NULL
             WHERE exchange = (SELECT seq FROM exchange WHERE id = ?1) AND state = 'queued' RETURNING exchange",
            params![id, clean(why, HeaderText::MAX), At(now)],
        )?;
        let Some(seq) = seq else { return Ok(false) };
        self.told(seq, false)?;
        Ok(true)
    }

    /// The draft lies elsewhere now: the folder was numbered anew, or it was moved from one wish to another.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn handed_moved(&self, id: &str, place: &DraftPlace) -> Result<(), StoreError> {
        self.change(
            "UPDATE handed SET folder = ?2, uidvalidity = ?3, uid = ?4
             WHERE exchange = (SELECT seq FROM exchange WHERE id = ?1)",
            params![id, place.folder, place.uidvalidity, place.uid],
        )?;
        Ok(())
    }

    /// The owner took the draft back. `false` if the mail is on its way already.
    ///
    /// # Errors
    /// If the rows cannot be written.
    pub fn call_back(&self, id: &str, why: &str, now: Instant) -> Result<bool, StoreError> {
        let adopted = self.value::<bool>(
            "SELECT h.adopted FROM handed h JOIN exchange e ON e.seq = h.exchange WHERE e.id = ?",
            [id],
        )?;
        let queued = self.value::<i64>(
            "SELECT o.exchange FROM outbox o JOIN exchange e ON e.seq = o.exchange WHERE e.id = ? AND o.state = 'queued'",
            [id],
        )?;
        let Some(seq) = queued else { return Ok(false) };
        if adopted == Some(true) {
            self.waits_in_drafts(seq, now)?;
        } else {
            self.dropped(id, why, now)?;
            self.handed_settled(id, now)?;
        }
        Ok(true)
    }

    /// A draft of ours is what it was before it was handed over.
    fn waits_in_drafts(&self, seq: i64, now: Instant) -> Result<(), StoreError> {
        self.change(
            "UPDATE outbox SET state = 'drafted', route = 'draft', finished_at = ?2, lease_until = NULL
             WHERE exchange = ?1 AND state IN ('queued', 'failed')",
            params![seq, At(now)],
        )?;
        self.change("DELETE FROM handed WHERE exchange = ?", [seq])?;
        self.occasion_back(seq)
    }

    /// The draft is gone from its folder: removed after it was sent, or put back because it could not be.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn handed_settled(&self, id: &str, now: Instant) -> Result<(), StoreError> {
        let failed = self.one(
            "SELECT h.exchange, h.adopted AND o.state = 'failed' FROM handed h JOIN exchange e ON e.seq = h.exchange
             JOIN outbox o ON o.exchange = h.exchange WHERE e.id = ?",
            [id],
            |row| Ok((row.get::<_, i64>(0)?, row.get::<_, bool>(1)?)),
        )?;
        if let Some((seq, true)) = failed {
            return self.waits_in_drafts(seq, now);
        }
        self.change(
            "UPDATE handed SET settled_at = ?2 WHERE exchange = (SELECT seq FROM exchange WHERE id = ?1)",
            params![id, At(now)],
        )?;
        Ok(())
    }

    /// A mail in row `seq` was sent: if the owner handed it over, it is an answer of theirs, as if they had sent it.
    pub(super) fn written_by_owner(&self, seq: i64, now: Instant) -> Result<(), StoreError> {
        let written = self.value::<At>(
            "SELECT o.created_at FROM outbox o JOIN handed h ON h.exchange = o.exchange WHERE o.exchange = ?",
            [seq],
        )?;
        let Some(written) = written else { return Ok(()) };
        self.memo.forget_lacks(What::Written);
        self.change("UPDATE exchange SET written_by = 'owner' WHERE seq = ?", [seq])?;
        let mut kept = Vec::new();
        for which in [
            "p.exchange IN (SELECT m.seq FROM reference r JOIN exchange m ON m.message_id = r.message_id
               WHERE r.exchange = :seq)",
            "e.conversation = (SELECT conversation FROM exchange WHERE seq = :seq) AND e.at <= :at",
            "p.to_folded IN (SELECT folded FROM recipient WHERE exchange = :seq) AND e.at < :at",
            "p.client = (SELECT client FROM exchange WHERE seq = :seq) AND e.at < :at",
        ] {
            kept.extend(self.many(
                &format!(
                    "SELECT p.id FROM promise p JOIN exchange e ON e.seq = p.exchange
                     WHERE p.state = 'open' AND :at IS NOT NULL AND {which}"
                ),
                named_params! {":seq": seq, ":at": At(written.0)},
                |row| row.get::<_, String>(0),
            )?);
        }
        for id in kept {
            self.close_promise(&id, PromiseState::Kept, "answered", now)?;
        }
        Ok(())
    }

    /// Whether a mail in row `seq` is a letter of the owner's that was handed over; an automatic one that waited in Drafts
    /// answers nothing.
    pub(super) fn was_handed(&self, seq: i64) -> Result<bool, StoreError> {
        let found = self.value::<i64>(
            "SELECT 1 FROM handed h JOIN outbox o ON o.exchange = h.exchange WHERE h.exchange = ? AND o.automatic = 0",
            [seq],
        )?;
        Ok(found.is_some())
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Handed> {
    Ok(Handed {
        id: row.get("id")?,
        place: DraftPlace { folder: row.get("folder")?, uidvalidity: row.get("uidvalidity")?, uid: row.get("uid")? },
        draft_id: row.get("draft_id")?,
        wish: row.get("wish")?,
        state: row.get("state")?,
        subject: row.get("subject")?,
        client: row.get("client")?,
        last_reply: row.get("last_reply")?,
        settled: row.get("settled")?,
        key: row.get("draft_key")?,
        copy_wanted: row.get("copy_wanted")?,
        next_attempt: at(row, "next_attempt")?,
    })
}

#[cfg(test)]
#[path = "handed_tests.rs"]
mod tests;
