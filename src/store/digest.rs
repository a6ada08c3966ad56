//! What a digest asks the memory, and what it leaves there. Never here: what stands in it.
use super::rows::{At, Reader, Tx, at};
use super::{MailState, StoreError};
use crate::decide::PauseScope;
use crate::decide::digest::{DigestFacts, Event, Fate, OurMail, Promised, Rest, Unanswered};
use crate::model::{Instant, Promise, PromiseState, Verdict};
use chrono::TimeDelta;
use rusqlite::params;

/// The kind of mail, and the beginning of its key: `digest:` and the moment, so that keys are in order of time.
pub const DIGEST: &str = "digest";
/// Without a digest before it, and after a long silence, so much is told.
const BACK: TimeDelta = TimeDelta::days(7);
/// Drafts older than this are no news.
const DRAFTS: TimeDelta = TimeDelta::days(30);
/// Exchanges looked at; a digest is no archive.
const MOST: u32 = 500;

impl Reader<'_> {
    /// When the last digest was made that reached the owner, as far as is known.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn last_digest(&self) -> Result<Option<Instant>, StoreError> {
        let made = self.value::<At>(
            "SELECT created_at FROM outbox WHERE dedupe_key >= 'digest:' AND dedupe_key < 'digest;'
             AND state NOT IN ('dropped', 'failed') ORDER BY dedupe_key DESC LIMIT 1",
            [],
        )?;
        Ok(made.map(|at| at.0))
    }

    /// Everything that a digest made at `now` may tell.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn digest_facts(&self, now: Instant) -> Result<DigestFacts, StoreError> {
        let since = self.last_digest()?;
        let from = since.map_or(now - BACK, |since| since.max(now - BACK));
        let mut facts = DigestFacts { since: since.map(|_| from), ..DigestFacts::default() };
        for promise in self.promises(true)? {
            facts.open.push(self.promised(promise)?);
        }
        let ended = |promise: &Promise| {
            matches!(promise.state, PromiseState::Lapsed | PromiseState::Released)
                && promise.announced
                && promise.closed_by.as_deref() != Some("unsent")
                && promise.closed_at.is_some_and(|at| from < at && at <= now)
        };
        for promise in self.promises(false)?.into_iter().filter(ended) {
            facts.ended.push(self.promised(promise)?);
        }
        facts.unanswered = self.unanswered(from)?;
        facts.mails = self.our_mails(from, now)?;
        for notice in self.notices_untold()? {
            let about =
                notice.exchange.as_deref().map(|id| self.exchange(id)).transpose()?.flatten().map(|it| it.entry);
            facts.events.push(Event {
                notice,
                subject: about.as_ref().map(|it| it.subject.clone()),
                from: about.as_ref().and_then(|it| it.from.clone()),
                message_id: about.and_then(|it| it.message_id),
            });
        }
        let wide = |(scope, until, code)| match scope {
            PauseScope::All => Some(Rest { mailbox: None, until, code }),
            PauseScope::Mailbox(name) => Some(Rest { mailbox: Some(name), until, code }),
            _ => None,
        };
        facts.rests = self.pauses(now)?.into_iter().filter_map(wide).collect();
        Ok(facts)
    }

    fn promised(&self, promise: Promise) -> Result<Promised, StoreError> {
        let exchange = self.promise_exchange(&promise.id)?;
        let about = exchange.as_deref().map(|id| self.exchange(id)).transpose()?.flatten();
        let (from, arrived) = match about {
            Some(it) => (it.entry.from, Some(it.entry.at)),
            None => (None, None),
        };
        Ok(Promised { promise, from, arrived, exchange })
    }

    /// Mails since an instant that got no answer, and none from the owner either.
    fn unanswered(&self, since: Instant) -> Result<Vec<Unanswered>, StoreError> {
        let mut found = Vec::new();
        for it in self.recent(since, MOST)? {
            let Some(decision) = it.decision else { continue };
            let silent = matches!(decision.verdict, Verdict::Hold | Verdict::Ignore);
            if !silent || it.entry.at <= since - BACK || self.answered_at(&it.entry.id)?.is_some() {
                continue;
            }
            found.push(Unanswered {
                exchange: it.entry.id,
                message_id: it.entry.message_id,
                from: it.entry.from,
                client: it.client,
                subject: it.entry.subject,
                arrived: it.entry.at,
                verdict: decision.verdict,
                reasons: decision.reasons,
            });
        }
        Ok(found)
    }

    /// What became of our mails since an instant, and what waits in Drafts.
    fn our_mails(&self, since: Instant, now: Instant) -> Result<Vec<OurMail>, StoreError> {
        self.many(
            "SELECT e.id, e.message_id, e.subject, e.client, o.kind, o.envelope_to, o.state, o.finished_at, o.last_reply,
               p.by_at
             FROM exchange e JOIN outbox o ON o.exchange = e.seq LEFT JOIN promise p ON p.id = o.promise
             WHERE e.recorded_at >= ?1 AND o.kind <> 'digest'
               AND (o.state IN ('sent', 'observed', 'failed', 'unknown') AND o.finished_at > ?2
                 OR o.state = 'drafted' AND NOT EXISTS
                   (SELECT 1 FROM occasion c WHERE c.mail = o.exchange AND c.state = 'deleted'))
             ORDER BY o.finished_at, e.seq",
            params![At(now - DRAFTS), At(since)],
            |row| {
                Ok(OurMail {
                    exchange: row.get("id")?,
                    message_id: row.get::<_, Option<String>>("message_id")?.unwrap_or_default(),
                    kind: row.get("kind")?,
                    client: row.get("client")?,
                    to: row.get("envelope_to")?,
                    subject: row.get("subject")?,
                    fate: fate(row.get("state")?),
                    at: at(row, "finished_at")?,
                    by: super::rows::maybe_at(row, "by_at")?,
                    why: row.get("last_reply")?,
                })
            },
        )
    }
}

fn fate(state: MailState) -> Fate {
    match state {
        MailState::Observed => Fate::Observed,
        MailState::Drafted => Fate::Drafted,
        MailState::Failed => Fate::Failed,
        MailState::Unknown => Fate::Unknown,
        _ => Fate::Sent,
    }
}

impl Tx<'_> {
    /// The owner was told of every notice up to now.
    ///
    /// # Errors
    /// If the rows cannot be written.
    pub fn tell_notices(&self, now: Instant) -> Result<usize, StoreError> {
        match self.notices_untold()?.last() {
            Some(last) => self.notices_told(last.seq, now),
            None => Ok(0),
        }
    }

    /// Makes room for a new digest: one that still waits is dropped, and what the undelivered ones told is untold.
    ///
    /// # Errors
    /// If the rows cannot be written.
    pub fn take_back_digests(&self, now: Instant) -> Result<(), StoreError> {
        let waiting: Vec<String> = self.many(
            "SELECT e.id FROM outbox o JOIN exchange e ON e.seq = o.exchange
             WHERE o.dedupe_key >= 'digest:' AND o.dedupe_key < 'digest;' AND o.state = 'queued'",
            [],
            |row| row.get(0),
        )?;
        for id in waiting {
            self.dropped(&id, "a newer digest takes its place", now)?;
        }
        let last = self.last_digest()?.unwrap_or(Instant::UNIX_EPOCH);
        self.change(
            "UPDATE notice SET told_at = NULL WHERE told_at > ?1 AND told_at IN (
               SELECT created_at FROM outbox WHERE dedupe_key >= 'digest:' AND dedupe_key < 'digest;'
               AND state IN ('dropped', 'failed'))",
            [At(last)],
        )?;
        // Delivered ones are never read again, and a year of them would outgrow the history.
        self.change(
            "UPDATE outbox SET bytes = x'' WHERE dedupe_key >= 'digest:' AND dedupe_key < 'digest;'
             AND state IN ('sent', 'dropped', 'failed') AND bytes <> x''",
            [],
        )?;
        Ok(())
    }
}
