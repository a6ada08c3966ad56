//! Occasions for which a draft was made, and where each stands. Never here: what is due (`decide::occasion`), folders.
use super::StoreError;
use super::outbox::{Claim, MailState, OutboxRow};
use super::rows::{At, Reader, Tx, at, maybe_at};
use crate::decide::occasion::{Made, MadeState};
use crate::model::{DraftKind, HeaderText, Instant};
use rusqlite::{Row, named_params, params};

/// An occasion to be taken up.
#[derive(Clone, Copy, Debug)]
pub struct NewOccasion<'a> {
    /// Its key.
    pub key: &'a str,
    /// What it is.
    pub kind: DraftKind,
    /// To whom.
    pub client: &'a str,
    /// About which project.
    pub project: Option<&'a str>,
    /// Its mail in the outbox.
    pub mail: &'a str,
    /// The owner asked for it.
    pub asked: bool,
    /// What it says.
    pub print: &'a str,
    /// Codes of the reasons.
    pub why: &'a [&'a str],
    /// The present.
    pub now: Instant,
}

/// An occasion with the mail that stands for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lying {
    /// The occasion.
    pub made: Made,
    /// The mail.
    pub row: OutboxRow,
    /// While it is being replaced: the bytes that lie in Drafts.
    pub replaced: Option<Vec<u8>>,
    /// We began to remove the draft.
    pub removing: bool,
    /// The owner wants it gone.
    pub dropped: bool,
    /// It was withdrawn before, by us.
    pub again: bool,
    /// Where Drafts stood just before the draft was put there, as long as nobody knows what became of that:
    /// UIDVALIDITY and the next UID.
    pub going: Option<(u32, u32)>,
}

const COLUMNS: &str =
    "SELECT c.key, c.kind, c.client, c.project, c.state, c.asked, c.print, c.why, c.replaced, c.removing, c.dropped,
                         c.again, c.uidvalidity, c.uid_next,
                         c.made_at, c.ended_at, e.id AS mail_id
                       FROM occasion c LEFT JOIN exchange e ON e.seq = c.mail";

impl Reader<'_> {
    /// The occasions that were taken up since an instant, in the order of their making.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn occasions(&self, since: Instant) -> Result<Vec<Made>, StoreError> {
        let sql = format!("{COLUMNS} WHERE c.made_at >= ? ORDER BY c.made_at, c.key");
        Ok(self.many(&sql, [At(since)], read)?.into_iter().flatten().map(|one| one.made).collect())
    }

    /// One occasion, whatever became of its mail.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn occasion(&self, key: &str) -> Result<Option<Made>, StoreError> {
        Ok(self.one(&format!("{COLUMNS} WHERE c.key = ?"), [key], read)?.flatten().map(|one| one.made))
    }

    /// One occasion with its mail; `None` if it is unknown, or its mail was forgotten.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn lying(&self, key: &str) -> Result<Option<Lying>, StoreError> {
        let found = self.one(&format!("{COLUMNS} WHERE c.key = ?"), [key], read)?.flatten();
        self.with_row(found)
    }

    /// The occasion for which a mail of the outbox stands.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn occasion_of(&self, mail: &str) -> Result<Option<Lying>, StoreError> {
        let which = "WHERE c.mail = (SELECT seq FROM exchange WHERE id = ?)";
        let found = self.one(&format!("{COLUMNS} {which}"), [mail], read)?.flatten();
        self.with_row(found)
    }

    /// The occasions of a mailbox whose drafts are not over yet, the owner's own included.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn occasions_waiting(&self, mailbox: &str) -> Result<Vec<Lying>, StoreError> {
        let which = "WHERE c.state IN ('waiting', 'touched') ORDER BY c.made_at, c.key";
        let found = self.many(&format!("{COLUMNS} {which}"), [], read)?;
        let mut waiting = Vec::new();
        for one in found.into_iter().flatten() {
            waiting.extend(self.with_row(Some(one))?.filter(|lying| lying.row.mailbox == mailbox));
        }
        Ok(waiting)
    }

    /// The reasons of an occasion, as codes.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn occasion_why(&self, key: &str) -> Result<Vec<String>, StoreError> {
        let text = self.value::<String>("SELECT why FROM occasion WHERE key = ?", [key])?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    fn with_row(&self, found: Option<Found>) -> Result<Option<Lying>, StoreError> {
        let Some(found) = found else { return Ok(None) };
        let Some(id) = found.mail else { return Ok(None) };
        let row = self.outbox_row(&id)?;
        Ok(row.map(|row| Lying {
            made: found.made,
            row,
            replaced: found.replaced,
            removing: found.removing,
            dropped: found.dropped,
            again: found.again,
            going: found.going,
        }))
    }
}

impl Tx<'_> {
    /// Takes an occasion up: `false` if it was before, unless it was withdrawn.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn take_up(&self, new: &NewOccasion<'_>) -> Result<bool, StoreError> {
        let rows = self.change(
            "INSERT INTO occasion (key, kind, client, project, mail, state, asked, print, why, made_at)
             VALUES (:key, :kind, :client, :project, (SELECT seq FROM exchange WHERE id = :mail), 'waiting', :asked, :print,
               :why, :now)
             ON CONFLICT (key) DO UPDATE SET mail = excluded.mail, state = 'waiting', print = excluded.print,
               why = excluded.why, replaced = NULL, removing = 0, ended_at = NULL, again = 1, uidvalidity = NULL,
               uid_next = NULL
             WHERE occasion.state = 'withdrawn'",
            named_params! {
                ":key": new.key,
                ":kind": new.kind.as_str(),
                ":client": new.client,
                ":project": new.project,
                ":mail": new.mail,
                ":asked": new.asked,
                ":print": new.print,
                ":why": serde_json::to_string(new.why).unwrap_or_default(),
                ":now": At(new.now),
            },
        )?;
        Ok(rows > 0)
    }

    /// A draft that nobody touched says something else from now on: its mail waits to be put in its place.
    ///
    /// # Errors
    /// If the rows cannot be written.
    pub fn redraft(
        &self,
        key: &str,
        bytes: &[u8],
        subject: &HeaderText,
        text: &str,
        print: &str,
        now: Instant,
    ) -> Result<bool, StoreError> {
        let Some(lying) = self.lying(key)? else { return Ok(false) };
        if lying.made.state != MadeState::Waiting || !matches!(lying.row.state, MailState::Queued | MailState::Drafted)
        {
            return Ok(false);
        }
        let id = lying.row.id.as_str();
        // What lies there is known by its bytes; where nothing does yet, nothing is replaced.
        let lies = lying.row.state == MailState::Drafted || lying.row.attempts > 0;
        let before = lying.replaced.or(lies.then_some(lying.row.bytes));
        self.change("UPDATE occasion SET print = ?2, replaced = ?3 WHERE key = ?1", params![key, print, before])?;
        self.change(
            "UPDATE outbox SET bytes = ?2, state = 'queued', next_attempt = ?3, lease_until = NULL, finished_at = NULL
             WHERE exchange = (SELECT seq FROM exchange WHERE id = ?1)",
            params![id, bytes, At(now)],
        )?;
        self.change(
            "UPDATE exchange SET subject = ?2, base_subject = ?3, excerpt = ?4, size = ?5 WHERE id = ?1",
            params![
                id,
                subject.as_str(),
                super::base_subject(subject.as_str()),
                super::text::excerpt(text),
                i64::try_from(bytes.len()).unwrap_or(i64::MAX)
            ],
        )?;
        Ok(true)
    }

    /// A draft that goes on in the same words for facts that changed.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn draft_says(&self, key: &str, print: &str) -> Result<(), StoreError> {
        self.change("UPDATE occasion SET print = ?2 WHERE key = ?1 AND state = 'waiting'", params![key, print])?;
        Ok(())
    }

    /// An occasion of which the owner wants no draft, before one was made. `false` if it was taken up before.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn pass_over(
        &self,
        key: &str,
        kind: DraftKind,
        client: &str,
        project: Option<&str>,
        now: Instant,
    ) -> Result<bool, StoreError> {
        let rows = self.change(
            "INSERT INTO occasion (key, kind, client, project, state, asked, print, why, made_at, ended_at)
             VALUES (?, ?, ?, ?, 'deleted', 0, '', '[]', ?5, ?5)
             ON CONFLICT (key) DO UPDATE SET state = 'deleted', ended_at = excluded.ended_at
             WHERE occasion.state = 'withdrawn'",
            params![key, kind.as_str(), client, project, At(now)],
        )?;
        Ok(rows > 0)
    }

    /// The owner wants a draft gone that waits: the daemon removes it. `false` if none waits.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn drop_draft(&self, key: &str) -> Result<bool, StoreError> {
        let sql = "UPDATE occasion SET dropped = 1 WHERE key = ? AND state IN ('waiting', 'touched')";
        Ok(self.change(sql, [key])? > 0)
    }

    /// The owner handed over the draft of an occasion: it counts as sent.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn occasion_leaves(&self, mail: &str, now: Instant) -> Result<(), StoreError> {
        self.occasion_sent(self.seq_of(mail)?, now)
    }

    /// We are about to remove its draft from the folder: that it is gone afterwards is our doing.
    ///
    /// # Errors
    /// If the row cannot be written; then nothing may be removed.
    pub fn removing_draft(&self, key: &str) -> Result<(), StoreError> {
        self.change("UPDATE occasion SET removing = 1 WHERE key = ?", [key])?;
        Ok(())
    }

    /// The draft is about to be put into a folder that stands there: UIDVALIDITY and the next UID.
    ///
    /// # Errors
    /// If the row cannot be written; then nothing may be put there.
    pub fn draft_going(&self, key: &str, uidvalidity: u32, uid_next: u32) -> Result<(), StoreError> {
        let sql = "UPDATE occasion SET uidvalidity = ?2, uid_next = ?3 WHERE key = ?1";
        self.change(sql, params![key, uidvalidity, uid_next])?;
        Ok(())
    }

    /// The server refused the draft: it was never there.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn draft_refused(&self, key: &str) -> Result<(), StoreError> {
        self.change("UPDATE occasion SET uidvalidity = NULL, uid_next = NULL WHERE key = ?", [key])?;
        Ok(())
    }

    /// The draft lies there as its row says. `false`: that try was overtaken, nothing is changed.
    ///
    /// # Errors
    /// If the rows cannot be written.
    pub fn draft_lies(&self, claim: &Claim, now: Instant) -> Result<bool, StoreError> {
        if !self.drafted(claim, now)? {
            return Ok(false);
        }
        self.change(
            "UPDATE occasion SET replaced = NULL, removing = 0, uidvalidity = NULL, uid_next = NULL
             WHERE mail = (SELECT seq FROM exchange WHERE id = ?)",
            [&claim.id],
        )?;
        Ok(true)
    }

    /// The owner wrote in a draft, or somebody else put it there: it is theirs. A mail that waited to replace it does not.
    ///
    /// # Errors
    /// If the rows cannot be written.
    pub fn draft_touched(&self, key: &str, now: Instant) -> Result<(), StoreError> {
        let Some(lying) = self.lying(key)? else { return Ok(()) };
        self.change(
            "UPDATE outbox SET state = 'drafted', lease_until = NULL, finished_at = coalesce(finished_at, ?2),
               bytes = coalesce(?3, bytes)
             WHERE exchange = (SELECT seq FROM exchange WHERE id = ?1) AND state IN ('queued', 'sending', 'drafted')",
            params![lying.row.id, At(now), lying.replaced],
        )?;
        self.change("UPDATE occasion SET state = 'touched', replaced = NULL, removing = 0 WHERE key = ?", [key])?;
        Ok(())
    }

    /// An occasion is over without having been sent. Its mail goes with it, except where the owner may yet send what
    /// became of it (`deleted`): then it stays to be recognised.
    ///
    /// # Errors
    /// If the rows cannot be written.
    pub fn occasion_ends(&self, key: &str, state: MadeState, now: Instant) -> Result<bool, StoreError> {
        let rows = self.change(
            "UPDATE occasion SET state = ?2, ended_at = ?3, replaced = NULL, removing = 0
             WHERE key = ?1 AND state IN ('waiting', 'touched')",
            params![key, state.as_str(), At(now)],
        )?;
        let Some(lying) = self.lying(key)?.filter(|_| rows > 0) else { return Ok(rows > 0) };
        let lay = lying.row.state == MailState::Drafted || lying.row.attempts > 0;
        if state == MadeState::Deleted && lay {
            self.change(
                "UPDATE outbox SET state = 'drafted', lease_until = NULL, finished_at = coalesce(finished_at, ?2)
                 WHERE exchange = (SELECT seq FROM exchange WHERE id = ?1) AND state IN ('queued', 'sending')",
                params![lying.row.id, At(now)],
            )?;
        } else {
            self.dropped(&lying.row.id, state.as_str(), now)?;
        }
        Ok(true)
    }

    /// The mail in row `seq` was sent, or handed over to be: its occasion ended with it, whatever was believed.
    pub(super) fn occasion_sent(&self, seq: i64, now: Instant) -> Result<(), StoreError> {
        self.change(
            "UPDATE occasion SET state = 'sent', ended_at = ?2, replaced = NULL, removing = 0 WHERE mail = ?1",
            params![seq, At(now)],
        )?;
        Ok(())
    }

    /// The owner took back what they had handed over: it lies in Drafts, and is theirs.
    pub(super) fn occasion_back(&self, seq: i64) -> Result<(), StoreError> {
        self.change("UPDATE occasion SET state = 'touched', ended_at = NULL WHERE mail = ?", [seq])?;
        Ok(())
    }

    /// Forgets occasions, notes, offers and visits of a client.
    pub(super) fn forget_work(&self, client: &str) -> Result<(), StoreError> {
        self.change("DELETE FROM occasion WHERE client = ?", [client])?;
        for sql in [
            "DELETE FROM journal WHERE client = ?",
            "DELETE FROM offer WHERE client = ?",
            "DELETE FROM visit WHERE client = ?",
        ] {
            self.change(sql, [client])?;
        }
        Ok(())
    }
}

struct Found {
    made: Made,
    mail: Option<String>,
    replaced: Option<Vec<u8>>,
    removing: bool,
    dropped: bool,
    again: bool,
    going: Option<(u32, u32)>,
}

/// `None` for a kind or a state of a newer version that was here before.
fn read(row: &Row<'_>) -> rusqlite::Result<Option<Found>> {
    let (kind, state): (String, String) = (row.get("kind")?, row.get("state")?);
    let (Some(kind), Some(state)) = (DraftKind::parse(&kind), MadeState::parse(&state)) else { return Ok(None) };
    Ok(Some(Found {
        made: Made {
            key: row.get("key")?,
            kind,
            client: row.get("client")?,
            project: row.get("project")?,
            state,
            asked: row.get("asked")?,
            print: row.get("print")?,
            made_at: at(row, "made_at")?,
            ended_at: maybe_at(row, "ended_at")?,
        },
        mail: row.get("mail_id")?,
        replaced: row.get("replaced")?,
        removing: row.get("removing")?,
        dropped: row.get("dropped")?,
        again: row.get("again")?,
        going: row.get::<_, Option<u32>>("uidvalidity")?.zip(row.get("uid_next")?),
    }))
}
