//! The snapshot of the past that the rules get (`model::Past`). Never here: what follows from it.
use super::memo::{Totals, What};
use super::rows::{At, Reader};
use super::{StoreError, base_subject, text, thread};
use crate::decide::{self, PauseScope};
use crate::model::{Code, EmailAddress, Incoming, Instant, Past, address};
use chrono::TimeDelta;
use rusqlite::params;

impl Reader<'_> {
    /// What was known about a message's conversation, author and mailbox at `now`, before it is recorded.
    ///
    /// Limits count intents: every automatic mail that was made and not dropped, whether or not it went out
    /// (rule 58), also those of observe and draft mode, over all mailboxes. Who writes is From and, for contact
    /// forms, Reply-To: the greater count wins. [`Past::rescan`] stays false: the caller knows the UID, see
    /// [`super::Cursor::rescan_below`].
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn past(&self, message: &Incoming, mailbox: &str, now: Instant) -> Result<Past, StoreError> {
        // First, because where the owner never wrote to the author, nothing is answered by that.
        if let Some(from) = message.from() {
            self.written_to(&from.address.folded())?;
        }
        let mut past = Past {
            duplicate_of: self.recorded_as(&message.key)?,
            conversation: self.conversation_of(message)?,
            answers_our_automatic: self.answers_our_automatic(message)?,
            answered: self.owner_answered(message)?,
            same_body_hour: self.same_body(message, now)?,
            instance: self.meta("instance")?,
            ..Past::default()
        };
        if let Some(conversation) = past.conversation.clone() {
            self.fill_conversation(&mut past, &conversation, now)?;
        }
        // First, because the counts for one author are kept beside these.
        self.fill_totals(&mut past, mailbox, now)?;
        for author in authors(message) {
            self.fill_author(&mut past, author, now)?;
        }
        Ok(past)
    }

    /// What was known about an address and a mailbox at `now`, without a message: limits, rests, bounces.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn past_of(&self, address: &EmailAddress, mailbox: &str, now: Instant) -> Result<Past, StoreError> {
        let mut past = Past::default();
        self.fill_totals(&mut past, mailbox, now)?;
        self.fill_author(&mut past, address, now)?;
        Ok(past)
    }

    fn fill_totals(&self, past: &mut Past, mailbox: &str, now: Instant) -> Result<(), StoreError> {
        let here = self.paused(&PauseScope::Mailbox(mailbox.to_owned()), now)?;
        past.paused_until = past.paused_until.max(self.paused_all(now)?).max(here);
        (past.total, past.mailbox_total) = match self.memo.totals(mailbox, now) {
            Some(known) => known,
            None => self.totals(mailbox, now)?,
        };
        Ok(())
    }

    /// One walk over the last day for all six, once in a transaction: in a flood of mail it is what costs most.
    fn totals(&self, mailbox: &str, now: Instant) -> Result<(Totals, Totals), StoreError> {
        let made = "SELECT coalesce(sum(created_at > ?2), 0), coalesce(sum(created_at > ?3), 0), count(*),
                      coalesce(sum(mailbox = ?4 AND created_at > ?2), 0),
                      coalesce(sum(mailbox = ?4 AND created_at > ?3), 0), coalesce(sum(mailbox = ?4), 0)
                    FROM outbox WHERE automatic = 1 AND counted = 1 AND created_at > ?1";
        let [ten, hour, day] = [10, 60, 24 * 60].map(|minutes| At(now - TimeDelta::minutes(minutes)));
        let counts = self.one(made, params![day, ten, hour, mailbox], |row| {
            Ok(([row.get(0)?, row.get(1)?, row.get(2)?], [row.get(3)?, row.get(4)?, row.get(5)?]))
        })?;
        let counts = counts.unwrap_or_default();
        self.memo.keep_totals(mailbox, now, counts);
        Ok(counts)
    }

    /// The exchange that a message identity (rule B6) was recorded as, in whatever folder or mailbox.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn recorded_as(&self, key: &str) -> Result<Option<String>, StoreError> {
        if self.memo.lacks(What::Identity, key) {
            return Ok(None);
        }
        let found = self.value("SELECT id FROM exchange WHERE key = ?", [key])?;
        self.memo.keep_lack(What::Identity, key, found.is_some());
        Ok(found)
    }

    fn fill_conversation(&self, past: &mut Past, conversation: &str, now: Instant) -> Result<(), StoreError> {
        past.owner_wrote_at = self
            .value::<At>(
                "SELECT max(at) FROM exchange WHERE conversation = ? AND written_by = 'owner'",
                [conversation],
            )?
            .map(|at| at.0);
        past.open_promise_by = self
            .value::<At>(
                "SELECT min(p.by_at) FROM exchange e CROSS JOIN promise p ON p.exchange = e.seq
                 WHERE e.conversation = ? AND p.state = 'open'",
                [conversation],
            )?
            .map(|at| at.0);
        // Another instance's or a provider's automatic mail in Sent counts like ours (rule B13).
        past.automatic_since_owner = self.value::<bool>(
            "SELECT EXISTS (SELECT 1 FROM exchange e CROSS JOIN outbox o ON o.exchange = e.seq
                            WHERE e.conversation = ?1 AND e.direction = 'out' AND o.automatic = 1 AND o.counted = 1
                            AND o.created_at > ?2)
                 OR EXISTS (SELECT 1 FROM exchange WHERE conversation = ?1 AND kind = 'automatic' AND written_by = 'machine'
                            AND at > ?2)",
            params![conversation, past.owner_wrote_at.map_or(i64::MIN, |at| at.timestamp_millis())],
        )? == Some(true);
        past.in_conversation_day = self.made_in(conversation, now)?;
        let rests = self.paused(&PauseScope::Conversation(conversation.to_owned()), now)?;
        past.paused_until = past.paused_until.max(rests);
        Ok(())
    }

    /// Automatic mails made in a conversation in the last 24 h.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn made_in(&self, conversation: &str, now: Instant) -> Result<u32, StoreError> {
        self.count(
            "SELECT count(*) FROM exchange e CROSS JOIN outbox o ON o.exchange = e.seq
             WHERE e.conversation = ? AND e.direction = 'out' AND o.created_at > ? AND o.automatic = 1 AND o.counted = 1",
            params![conversation, At(now - TimeDelta::hours(24))],
        )
    }

    /// Automatic mails made for an address in the last day, and in the last week.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn made_to(&self, to: &EmailAddress, now: Instant) -> Result<(u32, u32), StoreError> {
        let made = "SELECT coalesce(sum(created_at > ?2), 0), count(*) FROM outbox
                    WHERE automatic = 1 AND counted = 1 AND to_folded = ?1 AND created_at > ?3";
        let [day, week] = [1, 7].map(|days| At(now - TimeDelta::days(days)));
        let counts = self.one(made, params![to.folded(), day, week], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(counts.unwrap_or_default())
    }

    /// Automatic mails made for a domain in the last day.
    fn made_to_domain(&self, domain: &str, now: Instant) -> Result<u32, StoreError> {
        if let Some(known) = self.memo.to_domain(domain, now) {
            return Ok(known);
        }
        let count = self.count(
            "SELECT count(*) FROM outbox
             WHERE automatic = 1 AND counted = 1 AND to_domain = ? AND created_at > ?",
            params![domain, At(now - TimeDelta::hours(24))],
        )?;
        self.memo.keep_to_domain(domain, now, count);
        Ok(count)
    }

    /// Mails of one kind made for an address after an instant, in one mailbox; `but` is not counted, nor are those that
    /// wait for their first try.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn made_for(
        &self,
        to: &EmailAddress,
        mailbox: &str,
        kind: &str,
        since: Instant,
        but: Option<&str>,
    ) -> Result<u32, StoreError> {
        self.count(
            "SELECT count(*) FROM outbox o JOIN exchange e ON e.seq = o.exchange
             WHERE o.to_folded = ? AND o.created_at > ? AND o.automatic = 1 AND o.counted = 1
               AND NOT (o.state = 'queued' AND o.attempts = 0) AND o.mailbox = ? AND o.kind = ? AND e.id IS NOT ?",
            params![to.folded(), At(since), mailbox, kind, but],
        )
    }

    fn fill_author(&self, past: &mut Past, author: &EmailAddress, now: Instant) -> Result<(), StoreError> {
        let (folded, domain) = (author.folded(), author.organisation());
        let (day, week) = self.made_to(author, now)?;
        past.to_sender_day = past.to_sender_day.max(day);
        past.to_sender_week = past.to_sender_week.max(week);
        past.to_domain_day = past.to_domain_day.max(self.made_to_domain(domain, now)?);
        let last = self.value::<At>(
            "SELECT created_at FROM outbox WHERE automatic = 1 AND counted = 1 AND to_folded = ?
             AND kind = 'acknowledgement' ORDER BY created_at DESC LIMIT 1",
            [&folded],
        )?;
        past.last_acknowledgement = past.last_acknowledgement.max(last.map(|at| at.0));
        past.written_to |= self.written_to(&folded)?;
        past.bounced_at = past.bounced_at.max(self.bounced_at(author)?);
        past.paused_until = past.paused_until.max(self.paused_author(author, now)?);
        past.never |= self.is_never(author)?;
        Ok(())
    }

    /// Whether a mail of the owner's answers this message (rule B1), seen before or after it: named in
    /// In-Reply-To or References, or written to its author since with the same base subject.
    pub(super) fn owner_answered(&self, message: &Incoming) -> Result<bool, StoreError> {
        let named = match &message.message_id {
            Some(id) => self.named_by_owner(id.as_str())?.is_some(),
            None => false,
        };
        let Some(from) = message.from().filter(|_| !named) else { return Ok(named) };
        let subject = base_subject(message.subject.as_str());
        Ok(self.written_since(&from.address.folded(), &subject, message.arrived)?.is_some())
    }

    /// Whether the owner ever wrote to an address.
    fn written_to(&self, folded: &str) -> Result<bool, StoreError> {
        if self.memo.lacks(What::Written, folded) {
            return Ok(false);
        }
        let written = self.value::<bool>(
            "SELECT EXISTS (SELECT 1 FROM recipient r JOIN exchange e ON e.seq = r.exchange
                            WHERE r.folded = ? AND e.written_by = 'owner')",
            [folded],
        )?;
        self.memo.keep_lack(What::Written, folded, written == Some(true));
        Ok(written == Some(true))
    }

    /// When the owner first named a Message-ID in a mail of theirs.
    pub(super) fn named_by_owner(&self, message_id: &str) -> Result<Option<Instant>, StoreError> {
        if !self.is_named(message_id)? {
            return Ok(None);
        }
        let at = self.value::<At>(
            "SELECT min(e.at) FROM reference r JOIN exchange e ON e.seq = r.exchange
             WHERE r.message_id = ? AND e.written_by = 'owner'",
            [message_id],
        )?;
        Ok(at.map(|at| at.0))
    }

    /// When the owner first wrote to an address with a base subject, not before `since`.
    pub(super) fn written_since(
        &self,
        folded: &str,
        subject: &str,
        since: Instant,
    ) -> Result<Option<Instant>, StoreError> {
        if self.memo.lacks(What::Written, folded) {
            return Ok(None);
        }
        let at = self.value::<At>(
            "SELECT min(e.at) FROM recipient r JOIN exchange e ON e.seq = r.exchange
             WHERE r.folded = ? AND e.written_by = 'owner' AND e.base_subject = ? AND e.at >= ?",
            params![folded, subject, At(since)],
        )?;
        Ok(at.map(|at| at.0))
    }

    /// When the newest of our automatic mails that the message names was sent (rule 15).
    fn answers_our_automatic(&self, message: &Incoming) -> Result<Option<Instant>, StoreError> {
        let mut newest_sent = None;
        for id in thread::newest(&message.in_reply_to).into_iter().chain(thread::newest(&message.references)) {
            let Some(known) = self.known(id.as_str())? else { continue };
            let sent = self.value::<At>(
                "SELECT coalesce(finished_at, created_at) FROM outbox WHERE exchange = ? AND automatic = 1
                 AND state IN ('sending', 'dot_sent', 'sent', 'unknown')",
                [known.seq],
            )?;
            newest_sent = newest_sent.max(sent.map(|at| at.0));
        }
        Ok(newest_sent)
    }

    /// Messages from the author's domain in the last hour that say the same (rule 55). Thank-yous and machines' mail
    /// count for nothing: no answer goes to them, so no loop runs through them.
    fn same_body(&self, message: &Incoming, now: Instant) -> Result<u32, StoreError> {
        let Some((from, hash)) = message.from().zip(text::body_hash(&message.content.text)) else { return Ok(0) };
        let shared = decide::is_shared(&message.content.text, &from.address).then(|| from.address.folded());
        let (hour, thanks) = (At(now - TimeDelta::hours(1)), format!("\"code\":\"{}\"", Code::Thanks));
        self.count(
            "SELECT count(*) FROM exchange e WHERE from_domain = ?1 AND body_hash = ?2 AND at > ?3 AND direction = 'in'
             AND key IS NOT ?4 AND verdict IS NOT 'ignore' AND (?5 IS NULL OR from_folded = ?5)
             AND NOT EXISTS (SELECT 1 FROM decision d WHERE d.exchange = e.seq AND instr(d.reasons, ?6) > 0)",
            params![from.address.organisation(), hash, hour, message.key, shared, thanks],
        )
    }
}

/// Whose limits a message touches.
fn authors(message: &Incoming) -> impl Iterator<Item = &EmailAddress> {
    message.from().into_iter().chain(&message.reply_to).map(|party| &party.address).take(4)
}

/// The two scopes under which an author's domain can rest.
pub(super) fn domains(author: &EmailAddress) -> [&str; 2] {
    [author.domain(), address::organisation(author.domain())]
}

#[cfg(test)]
#[path = "past_tests.rs"]
mod tests;
