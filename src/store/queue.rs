//! Recording mails before they are sent, and finding those that are due. Never here: how their state changes
//! (transitions.rs), sending.
use super::exchanges::Columns;
use super::outbox::{Claim, MailState, NewMail, OutboxRow, Route, WindowTimes};
use super::rows::{At, Reader, Tx, at, maybe_at};
use super::{StoreError, history};
use crate::model::Instant;
use rusqlite::{Row, named_params, params};

pub(super) const COLUMNS: &str = "SELECT o.*, e.id, e.message_id, e.subject, e.client, a.id AS answers_id
                       FROM outbox o JOIN exchange e ON e.seq = o.exchange LEFT JOIN exchange a ON a.seq = o.answers ";

impl Reader<'_> {
    /// Mails of a mailbox that may be claimed now: queued ones whose time has come and claimed ones whose lease
    /// ended before the final dot. The longest due first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn outbox_due(&self, mailbox: &str, now: Instant, limit: u32) -> Result<Vec<OutboxRow>, StoreError> {
        let sql = format!(
            // What is claimed was due before its lease.
            "{COLUMNS} WHERE o.finished_at IS NULL AND o.mailbox = ?1 AND o.next_attempt <= ?2
               AND (o.state = 'queued' OR o.state = 'sending' AND o.lease_until <= ?2)
             ORDER BY o.next_attempt, o.exchange LIMIT ?3"
        );
        self.many(&sql, params![mailbox, At(now), limit], read)
    }

    /// Whether a try still holds its claim and has not written its dot: asked right before something is put into a folder.
    ///
    /// # Errors
    /// If the row cannot be read; then nothing may be put there.
    pub fn holds(&self, claim: &Claim) -> Result<bool, StoreError> {
        let found = self.value::<bool>(
            "SELECT 1 FROM outbox WHERE exchange = (SELECT seq FROM exchange WHERE id = ?1) AND state = 'sending'
               AND attempts = ?2 AND lease_until IS ?3",
            params![claim.id, claim.attempts, claim.until.map(At)],
        )?;
        Ok(found.is_some())
    }

    /// When the next mail of a mailbox becomes due; may lie in the past.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn next_due(&self, mailbox: &str) -> Result<Option<Instant>, StoreError> {
        let due = self.value::<At>(
            "SELECT min(due) FROM (
               SELECT min(next_attempt) AS due FROM outbox
               WHERE finished_at IS NULL AND mailbox = ?1 AND state = 'queued'
               UNION ALL
               SELECT min(lease_until) FROM outbox WHERE finished_at IS NULL AND mailbox = ?1 AND state = 'sending')",
            [mailbox],
        )?;
        Ok(due.map(|at| at.0))
    }

    /// Since when the oldest copy of a mailbox is looked for in Sent, and when the first lease of a mail in doubt ends:
    /// what the next wake-up needs to know, without the mails themselves.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn looked_for(&self, mailbox: &str) -> Result<(Option<Instant>, Option<Instant>), StoreError> {
        let copy = "SELECT min(finished_at) FROM outbox WHERE sent_copy = 'wanted' AND mailbox = ?";
        let doubt = "SELECT min(lease_until) FROM outbox
                     WHERE finished_at IS NULL AND state = 'dot_sent' AND mailbox = ?";
        let (copy, doubt) = (self.value::<At>(copy, [mailbox])?, self.value::<At>(doubt, [mailbox])?);
        Ok((copy.map(|at| at.0), doubt.map(|at| at.0)))
    }

    /// Mails of a mailbox whose final dot was sent and whose fate is not known. After a start these are the ones
    /// to look for in Sent; while running, the ones whose lease has not ended are being sent right now.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn outbox_in_doubt(&self, mailbox: &str) -> Result<Vec<OutboxRow>, StoreError> {
        let sql = format!(
            "{COLUMNS} WHERE o.finished_at IS NULL AND o.state = 'dot_sent' AND o.mailbox = ? ORDER BY o.exchange"
        );
        self.many(&sql, [mailbox], read)
    }

    /// Every mail that has not reached an end, in all mailboxes; `unknown` ones included, they need the owner.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn outbox_waiting(&self) -> Result<Vec<OutboxRow>, StoreError> {
        let sql = format!(
            "{COLUMNS} WHERE o.exchange IN (
               SELECT exchange FROM outbox WHERE finished_at IS NULL
               UNION ALL
               SELECT exchange FROM outbox WHERE state = 'unknown')
             ORDER BY o.next_attempt, o.exchange"
        );
        self.many(&sql, [], read)
    }

    /// Sent mails of a mailbox whose copy in Sent is still to be looked for.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn copies_wanted(&self, mailbox: &str) -> Result<Vec<OutboxRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE o.sent_copy = 'wanted' AND o.mailbox = ? ORDER BY o.exchange");
        self.many(&sql, [mailbox], read)
    }

    /// Whether the server filed the copies of the last `sure` sent mails of a mailbox by itself (rule 92). Drafts do not
    /// count: their copies are filed by the owner's own program.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn files_copies(&self, mailbox: &str, sure: u32) -> Result<bool, StoreError> {
        let present = self.count(
            "SELECT count(*) FROM (
               SELECT sent_copy FROM outbox
               WHERE mailbox = ?1 AND route = 'send' AND attempts > 0 AND sent_copy IN ('present', 'appended')
               ORDER BY finished_at DESC, exchange DESC LIMIT ?2)
             WHERE sent_copy = 'present'",
            params![mailbox, sure],
        )?;
        Ok(present >= sure)
    }

    /// One mail.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn outbox_row(&self, id: &str) -> Result<Option<OutboxRow>, StoreError> {
        self.one(&format!("{COLUMNS} WHERE e.id = ?"), [id], read)
    }

    /// The mails that were made in answer to one exchange, or that state a promise made for it, the first first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn outbox_of(&self, exchange: &str) -> Result<Vec<OutboxRow>, StoreError> {
        let sql = format!(
            "{COLUMNS} WHERE o.exchange IN (
               SELECT o.exchange FROM exchange e JOIN outbox o ON o.answers = e.seq WHERE e.id = ?1
               UNION
               SELECT mail FROM stated WHERE promise IN (
                 SELECT p.id FROM exchange e JOIN promise p ON p.exchange = e.seq WHERE e.id = ?1))
             ORDER BY o.exchange"
        );
        self.many(&sql, [exchange], read)
    }
}

impl Tx<'_> {
    /// Lets mails that were put off before their first try be looked at at once; how many. What held them back
    /// besides (a sender that rests) puts them off again.
    ///
    /// # Errors
    /// If the rows cannot be written.
    pub fn look_again(&self, now: Instant) -> Result<usize, StoreError> {
        // Whose moment is past stays overdue since then: how late a mail is counts for the gate.
        self.change(
            "UPDATE outbox SET next_attempt = max(not_before, min(next_attempt, ?))
             WHERE finished_at IS NULL AND state = 'queued' AND attempts = 0 AND held_until IS NULL",
            [At(now)],
        )
    }
}

impl Tx<'_> {
    /// Records a mail and its history entry; its id, or `None` if its key was used before: then nothing is written
    /// and nothing may be sent.
    ///
    /// # Errors
    /// `Missing` if the answered exchange is not recorded, or if the rows cannot be written.
    pub fn queue(&self, new: &NewMail<'_>) -> Result<Option<String>, StoreError> {
        if self.value::<i64>("SELECT exchange FROM outbox WHERE dedupe_key = ?", [new.dedupe_key])?.is_some() {
            return Ok(None);
        }
        let (answered, conversation) = match new.answers {
            Some(id) => {
                let found = self.one("SELECT seq, conversation FROM exchange WHERE id = ?", [id], |row| {
                    Ok((row.get::<_, i64>(0)?, row.get(1)?))
                })?;
                let missing = || StoreError::Missing { what: "exchange", id: id.to_owned() };
                found.map(|(seq, conversation)| (Some(seq), conversation)).ok_or_else(missing)?
            }
            None => (None, new.id.to_owned()),
        };
        let seq = self.insert(&outgoing(new, &conversation))?;
        let state = if new.route == Route::Observe { MailState::Observed } else { MailState::Queued };
        self.change(
            "INSERT INTO outbox (exchange, answers, promise, mailbox, conversation, kind, automatic, route, state,
               not_before, next_attempt, attempts, envelope_from, envelope_to, to_folded, to_domain, bytes, fuseau_id,
               dedupe_key, sent_copy, created_at, finished_at, window_start, window_end, window_zone)
             VALUES (:exchange, :answers, :promise, :mailbox, :conversation, :kind, :automatic, :route, :state,
               :not_before, :not_before, 0, :envelope_from, :envelope_to, :to_folded, :to_domain, :bytes, :fuseau_id,
               :dedupe_key, 'none', :created_at, :finished_at, :window_start, :window_end, :window_zone)",
            named_params! {
                ":exchange": seq,
                ":answers": answered,
                ":promise": new.promise,
                ":mailbox": new.mailbox,
                ":conversation": conversation,
                ":kind": new.kind,
                ":automatic": new.automatic,
                ":route": new.route,
                ":state": state,
                ":not_before": At(new.not_before),
                ":envelope_from": new.envelope_from.map(ToString::to_string),
                ":envelope_to": new.to.to_string(),
                ":to_folded": new.to.folded(),
                ":to_domain": new.to.organisation(),
                ":bytes": new.bytes,
                ":fuseau_id": new.fuseau_id,
                ":dedupe_key": new.dedupe_key,
                ":created_at": At(new.now),
                ":finished_at": (state == MailState::Observed).then_some(At(new.now)),
                ":window_start": new.window.map(|w| At(w.start)),
                ":window_end": new.window.map(|w| At(w.end)),
                ":window_zone": new.window.map(|w| w.zone.as_str()),
            },
        )?;
        if new.automatic {
            self.memo.made(new.mailbox, new.to.organisation(), new.now);
        }
        if new.route != Route::Send {
            self.told(seq, false)?;
        }
        Ok(Some(new.id.to_owned()))
    }

    /// The row number of a recorded exchange.
    pub(super) fn seq_of(&self, id: &str) -> Result<i64, StoreError> {
        self.value("SELECT seq FROM exchange WHERE id = ?", [id])?
            .ok_or_else(|| StoreError::Missing { what: "exchange", id: id.to_owned() })
    }
}

/// The history entry of an outgoing mail.
fn outgoing<'a>(new: &NewMail<'a>, conversation: &'a str) -> Columns<'a> {
    Columns {
        id: new.id,
        mailbox: new.mailbox,
        direction: history::OUT,
        kind: new.kind,
        written_by: "machine",
        key: None,
        message_id: Some(new.message_id),
        conversation,
        client: new.client,
        from: Some(new.from),
        to: Some(new.to),
        subject: new.subject,
        at: new.now,
        recorded_at: new.now,
        verdict: None,
        size: u64::try_from(new.bytes.len()).unwrap_or(u64::MAX),
        text: new.text,
        answered: false,
    }
}

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<OutboxRow> {
    let window = match (maybe_at(row, "window_start")?, maybe_at(row, "window_end")?, row.get("window_zone")?) {
        (Some(start), Some(end), Some(zone)) => Some(WindowTimes { start, end, zone }),
        _ => None,
    };
    Ok(OutboxRow {
        id: row.get("id")?,
        mailbox: row.get("mailbox")?,
        answers: row.get("answers_id")?,
        promise: row.get("promise")?,
        conversation: row.get("conversation")?,
        client: row.get("client")?,
        kind: row.get("kind")?,
        automatic: row.get("automatic")?,
        route: row.get("route")?,
        state: row.get("state")?,
        not_before: at(row, "not_before")?,
        next_attempt: at(row, "next_attempt")?,
        attempts: row.get("attempts")?,
        lease_until: maybe_at(row, "lease_until")?,
        envelope_from: row.get("envelope_from")?,
        envelope_to: row.get("envelope_to")?,
        bytes: row.get("bytes")?,
        message_id: row.get("message_id")?,
        provider_message_id: row.get("provider_message_id")?,
        fuseau_id: row.get("fuseau_id")?,
        subject: row.get("subject")?,
        last_reply: row.get("last_reply")?,
        sent_copy: row.get("sent_copy")?,
        created_at: at(row, "created_at")?,
        finished_at: maybe_at(row, "finished_at")?,
        window,
        held_until: maybe_at(row, "held_until")?,
        hurried: row.get("hurried")?,
        wording: row.get("wording")?,
    })
}
