//! How a mail's state changes: each step is allowed from certain states only, so that a step that comes twice or
//! too late changes nothing; what is reported of a try counts only as long as that try holds the claim
//! (docs/decisions/0026). Never here: sending, deciding what a reply means.
use super::outbox::{Claim, MailState, SentCopyState, WindowTimes};
use super::rows::{At, Tx};
use super::{StoreError, text};
use crate::model::{HeaderText, Instant};
use chrono::TimeDelta;
use rusqlite::{named_params, params};

impl Tx<'_> {
    /// Claims a due mail for one try, before connecting: counts the try and sets the lease. `false` if it is not
    /// due, or somebody else's lease runs.
    ///
    /// # Errors
    /// If the row cannot be written; then nothing may be sent.
    pub fn claim(&self, id: &str, now: Instant, lease: TimeDelta) -> Result<bool, StoreError> {
        let changed = self.change(
            "UPDATE outbox SET state = 'sending', attempts = attempts + 1, lease_until = :until
             WHERE exchange = (SELECT seq FROM exchange WHERE id = :id)
               AND (state = 'queued' AND next_attempt <= :now OR state = 'sending' AND lease_until <= :now)",
            named_params! {":id": id, ":now": At(now), ":until": At(now + lease)},
        )?;
        Ok(changed > 0)
    }

    /// Gives a claim back of which no use was made, not even a word to the server: the try does not count. Whether it
    /// was claimed.
    ///
    /// # Errors
    /// If the row cannot be written; the claim then ends with its lease.
    pub fn unclaim(&self, claim: &Claim) -> Result<bool, StoreError> {
        let changed = self.change(
            "UPDATE outbox SET state = 'queued', attempts = max(attempts - 1, 0), lease_until = NULL
             WHERE exchange = (SELECT seq FROM exchange WHERE id = ?1) AND state = 'sending'
               AND attempts = ?2 AND lease_until IS ?3",
            params![claim.id, claim.attempts, claim.until.map(At)],
        )?;
        Ok(changed > 0)
    }

    /// The final dot is about to be written. `false`: it is not claimed by this try; do not write it.
    ///
    /// # Errors
    /// If the row cannot be written; then the dot must not be sent.
    pub fn dot_sent(&self, claim: &Claim) -> Result<bool, StoreError> {
        let changed = self.change(
            "UPDATE outbox SET state = 'dot_sent'
             WHERE exchange = (SELECT seq FROM exchange WHERE id = ?1) AND state = 'sending'
               AND attempts = ?2 AND lease_until IS ?3",
            params![claim.id, claim.attempts, claim.until.map(At)],
        )?;
        Ok(changed > 0)
    }

    /// The server accepted it, or it lies in Sent: it went out, whatever we believed and whoever tries now, so no try may
    /// write its dot any more. Its promise is announced, its copy in Sent is wanted. The one report that needs no claim:
    /// not to believe it would send the mail again.
    ///
    /// # Errors
    /// If the rows cannot be written.
    pub fn sent(&self, id: &str, reply: &str, now: Instant) -> Result<bool, StoreError> {
        let from = "('queued', 'sending', 'dot_sent', 'unknown', 'failed', 'drafted')";
        let Some(ended) = self.finish(id, from, None, MailState::Sent, Some(reply), now)? else { return Ok(false) };
        let seq = ended.seq;
        self.change("UPDATE exchange SET at = ? WHERE seq = ?", params![At(now), seq])?;
        let mut stated = self.told(seq, true)?;
        if stated.iter().any(|promise| promise.waits) {
            self.begin_renewal(seq, now)?;
            // One whose old promise was kept meanwhile does not begin.
            let waits = "SELECT closed_by IS 'unsent' FROM promise WHERE id = ?";
            for promise in &mut stated {
                promise.waits = self.value(waits, [&promise.id])?.unwrap_or(true);
            }
        }
        if let Some(promise) = stated.iter().find(|it| Some(&it.id) == ended.promise.as_ref() && !it.waits) {
            self.step(&promise.id, "told", Some(id), now)?;
        }
        if !ended.automatic {
            self.written_by_owner(seq, now)?;
            self.occasion_sent(seq, now)?;
        }
        Ok(true)
    }

    /// It was not accepted and may be tried again at `next`: refused for now, or known not to have arrived.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn retry(&self, claim: &Claim, next: Instant, reply: &str) -> Result<bool, StoreError> {
        let changed = self.change(
            "UPDATE outbox SET state = 'queued', next_attempt = ?4, last_reply = ?5, lease_until = NULL
             WHERE exchange = (SELECT seq FROM exchange WHERE id = ?1) AND state IN ('sending', 'dot_sent')
               AND attempts = ?2 AND lease_until IS ?3",
            params![claim.id, claim.attempts, claim.until.map(At), At(next), clean(reply)],
        )?;
        Ok(changed > 0)
    }

    /// Puts a queued mail off without counting a try (paused, out of decent hours); whether it was queued.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn postpone(&self, id: &str, next: Instant) -> Result<bool, StoreError> {
        let changed = self.change(
            "UPDATE outbox SET next_attempt = max(not_before, ?2)
             WHERE exchange = (SELECT seq FROM exchange WHERE id = ?1) AND state = 'queued'",
            params![id, At(next)],
        )?;
        Ok(changed > 0)
    }

    /// Refused for good: its promise was not announced.
    ///
    /// # Errors
    /// If the rows cannot be written.
    pub fn failed(&self, claim: &Claim, reply: &str, now: Instant) -> Result<bool, StoreError> {
        self.end_untold(&claim.id, "('sending', 'dot_sent')", Some(claim), MailState::Failed, reply, now)
    }

    /// In doubt and not found: never sent again, shown to the owner. The client may have been told.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn unknown(&self, claim: &Claim, why: &str, now: Instant) -> Result<bool, StoreError> {
        Ok(self.finish(&claim.id, "('dot_sent')", Some(claim), MailState::Unknown, Some(why), now)?.is_some())
    }

    /// Not needed any more (answered, gone, too late, refused by a limit): only before the final dot. It no longer
    /// counts for the limits; its promise was not announced.
    ///
    /// # Errors
    /// If the rows cannot be written.
    pub fn dropped(&self, id: &str, why: &str, now: Instant) -> Result<bool, StoreError> {
        self.end_untold(id, "('queued', 'sending', 'drafted')", None, MailState::Dropped, why, now)
    }

    /// It would have gone out, but the mailbox only observes now.
    ///
    /// # Errors
    /// If the rows cannot be written.
    pub fn observed(&self, id: &str, now: Instant) -> Result<bool, StoreError> {
        self.end_untold(id, "('queued', 'sending')", None, MailState::Observed, "", now)
    }

    /// It lies in Drafts. The client knows nothing until the owner sends it.
    ///
    /// # Errors
    /// If the rows cannot be written.
    pub fn drafted(&self, claim: &Claim, now: Instant) -> Result<bool, StoreError> {
        self.end_untold(&claim.id, "('sending', 'dot_sent')", Some(claim), MailState::Drafted, "", now)
    }

    /// We are about to file the copy ourselves: if we die in between and find it later, it is ours, not the server's.
    ///
    /// # Errors
    /// If the row cannot be written; then nothing should be filed.
    pub fn copying(&self, id: &str) -> Result<(), StoreError> {
        self.set_meta(&copying(id), "1")
    }

    /// What became of the copy in Sent; one that is found there and was being filed by us is `Appended`.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn sent_copy(&self, id: &str, state: SentCopyState) -> Result<bool, StoreError> {
        let ours = self.change("DELETE FROM meta WHERE key = ?", [copying(id)])? > 0;
        let state = if ours && state == SentCopyState::Present { SentCopyState::Appended } else { state };
        let changed = self.change(
            "UPDATE outbox SET sent_copy = ?2 WHERE exchange = (SELECT seq FROM exchange WHERE id = ?1)",
            params![id, state],
        )?;
        Ok(changed > 0)
    }

    /// The Message-ID that the provider put in the place of ours, as its reply or Sent shows.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn renamed(&self, id: &str, provider_message_id: &crate::model::MessageId) -> Result<bool, StoreError> {
        let changed = self.change(
            "UPDATE outbox SET provider_message_id = ?2 WHERE exchange = (SELECT seq FROM exchange WHERE id = ?1)",
            params![id, provider_message_id.as_str()],
        )?;
        Ok(changed > 0)
    }

    /// What was to be sent waits in Drafts instead: before the first try only, and to be worded anew.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn to_drafts(&self, id: &str) -> Result<bool, StoreError> {
        let changed = self.change(
            "UPDATE outbox SET route = 'draft'
             WHERE exchange = (SELECT seq FROM exchange WHERE id = ?) AND state = 'queued' AND attempts = 0",
            [id],
        )?;
        Ok(changed > 0)
    }

    /// Words a mail anew, because its time moved its promise. Only before the first try: from then on every try
    /// sends the same bytes, or one mail could arrive in two versions. Message-ID and marks stay as they are.
    ///
    /// # Errors
    /// If the rows cannot be written.
    pub fn refreeze(
        &self,
        id: &str,
        bytes: &[u8],
        subject: &HeaderText,
        body: &str,
        not_before: Instant,
        window: Option<&WindowTimes>,
    ) -> Result<bool, StoreError> {
        let changed = self.change(
            "UPDATE outbox SET bytes = :bytes, not_before = :not_before, next_attempt = :not_before,
               window_start = :start, window_end = :end, window_zone = :zone
             WHERE exchange = (SELECT seq FROM exchange WHERE id = :id) AND state = 'queued' AND attempts = 0",
            named_params! {
                ":id": id,
                ":bytes": bytes,
                ":not_before": At(not_before),
                ":start": window.map(|w| At(w.start)),
                ":end": window.map(|w| At(w.end)),
                ":zone": window.map(|w| w.zone.as_str()),
            },
        )?;
        if changed > 0 {
            self.change(
                "UPDATE exchange SET subject = ?2, base_subject = ?3, excerpt = ?4, size = ?5 WHERE id = ?1",
                params![
                    id,
                    subject.as_str(),
                    super::base_subject(subject.as_str()),
                    text::excerpt(body),
                    i64::try_from(bytes.len()).unwrap_or(i64::MAX)
                ],
            )?;
        }
        Ok(changed > 0)
    }

    /// Whether the client was told of the promises that a mail states.
    pub(super) fn told(&self, seq: i64, told: bool) -> Result<Vec<Stated>, StoreError> {
        self.many(
            "UPDATE promise SET announced = ?2 WHERE id IN (SELECT promise FROM stated WHERE mail = ?1)
             RETURNING id, closed_by IS 'unsent'",
            params![seq, told],
            |row| Ok(Stated { id: row.get(0)?, waits: row.get(1)? }),
        )
    }

    fn end_untold(
        &self,
        id: &str,
        from: &str,
        by: Option<&Claim>,
        to: MailState,
        why: &str,
        now: Instant,
    ) -> Result<bool, StoreError> {
        let why = Some(why).filter(|why| !why.is_empty());
        let Some(ended) = self.finish(id, from, by, to, why, now)? else { return Ok(false) };
        self.told(ended.seq, false)?;
        Ok(true)
    }

    /// Moves a mail to an end; `None` if it was in none of the states `from`, or not claimed so.
    fn finish(
        &self,
        id: &str,
        from: &str,
        by: Option<&Claim>,
        to: MailState,
        reply: Option<&str>,
        now: Instant,
    ) -> Result<Option<Ended>, StoreError> {
        self.memo.forget_made();
        // Named only where it changes, so that the counting indexes are left alone.
        let counted = if to == MailState::Dropped { ", counted = 0" } else { "" };
        self.one(
            &format!(
                "UPDATE outbox SET state = ?2, last_reply = coalesce(?3, last_reply), finished_at = ?4,
                   lease_until = NULL{counted},
                   sent_copy = CASE WHEN ?2 = 'sent' AND sent_copy = 'none' THEN 'wanted' ELSE sent_copy END
                 WHERE exchange = (SELECT seq FROM exchange WHERE id = ?1) AND state IN {from}
                   AND (?5 IS NULL OR attempts = ?5 AND lease_until IS ?6)
                 RETURNING exchange, promise, automatic"
            ),
            params![id, to, reply.map(clean), At(now), by.map(|by| by.attempts), by.and_then(|by| by.until).map(At)],
            |row| Ok(Ended { seq: row.get(0)?, promise: row.get(1)?, automatic: row.get(2)? }),
        )
    }
}

/// A mail that has come to an end.
struct Ended {
    seq: i64,
    promise: Option<String>,
    automatic: bool,
}

/// A promise that a mail states.
pub(super) struct Stated {
    id: String,
    /// It begins when its mail is sent.
    waits: bool,
}

/// The note that we are filing a copy.
fn copying(id: &str) -> String {
    format!("copying:{id}")
}

/// A server's reply as it may be kept and shown.
fn clean(reply: &str) -> String {
    crate::model::text::clean(reply, HeaderText::MAX)
}

#[cfg(test)]
#[path = "transitions_tests.rs"]
mod tests;
