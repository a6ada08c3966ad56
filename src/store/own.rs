//! The owner's own mail: what keeps promises. Never here: judging whose mail it is.
use super::exchanges::{Recorded, Role};
use super::memo::What;
use super::outbox::SentCopyState;
use super::rows::{At, Tx};
use super::{Packed, StoreError, base_subject, text, thread};
use crate::decide::Decision;
use crate::model::{Incoming, Instant, PromiseState, Verdict};
use rusqlite::{named_params, params};

/// Where a mail of the owner's side was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnSource {
    /// In a Sent folder: it answers what it names, and whatever was promised to those it goes to.
    Sent,
    /// A team member's mail in an inbox (rule B3): it answers only the conversation it names, because a From
    /// can be forged and a Message-ID not guessed.
    Team,
}

/// A draft of ours that the owner sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentDraft<'a> {
    /// Its id in the outbox.
    pub mail: &'a str,
    /// The owner wrote in it: it is their letter, and answers. As it was, it only says what it says.
    pub edited: bool,
}

/// One mail of the owner or the team to record.
#[derive(Clone, Copy, Debug)]
pub struct NewOwn<'a> {
    /// Its id, made by the caller (UUID version 7).
    pub id: &'a str,
    /// The mailbox that saw it.
    pub mailbox: &'a str,
    /// The folder it lies in.
    pub folder: &'a str,
    /// The folder's UIDVALIDITY.
    pub uidvalidity: u32,
    /// The message's UID.
    pub uid: u32,
    /// The facts.
    pub incoming: &'a Incoming,
    /// The bytes, if they were fetched.
    pub raw: Option<&'a Packed>,
    /// Where it was seen.
    pub source: OwnSource,
    /// The clients among its recipients.
    pub clients: &'a [String],
    /// The draft of ours that it is, as the caller found by [`Reader::drafts_like`] and its words.
    pub draft: Option<SentDraft<'a>>,
    /// The decision, if the rules were asked (team mail).
    pub decision: Option<&'a Decision>,
    /// The present.
    pub now: Instant,
}

/// What became of a mail of the owner's side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedOwn {
    /// The exchange: the given id, or the one it was recorded as before, or our own mail's.
    pub exchange: String,
    /// Its conversation.
    pub conversation: String,
    /// It was recorded before.
    pub duplicate: bool,
    /// It is a mail from our outbox, with this id.
    pub ours: Option<String>,
    /// The promises that it kept.
    pub kept: Vec<String>,
}

impl Tx<'_> {
    /// Records a mail of the owner's side, in any order with the mail it answers, and closes the promises it keeps.
    ///
    /// A mail of our outbox is recognised by its Message-ID (or the one a provider put in its place) and by
    /// X-Fuseau-Id, a draft also by its words ([`NewOwn::draft`]): its copy is noted, a mail in doubt is then known to
    /// be sent, and no promise is kept; except where the owner wrote in a draft before sending it. Other automatic
    /// mail in Sent (another instance, a vacation program) keeps nothing either and counts as automatic mail.
    ///
    /// # Errors
    /// If the rows cannot be written.
    pub fn record_own(&self, new: &NewOwn<'_>) -> Result<RecordedOwn, StoreError> {
        let folder = self.folder(new.mailbox, new.folder, new.incoming.folder, new.now)?;
        if let Some((seq, outbox)) = self.outbox_mail(new)? {
            return self.record_copy(new, folder, seq, outbox);
        }
        let seen = self.seen(new.mailbox, new.folder, new.uidvalidity, new.uid, &new.incoming.key)?;
        if let Some((seq, recorded)) = seen {
            self.locate(folder, new.uidvalidity, new.uid, seq)?;
            // Our own Cc may have been seen in an inbox first, where From proves nothing.
            let by_owner = self.claim_for_owner(new, seq)?;
            let kept = if by_owner { self.keep(new, &recorded.conversation, &recorded.exchange)? } else { Vec::new() };
            let Recorded { exchange, conversation, .. } = recorded;
            return Ok(RecordedOwn { exchange, conversation, duplicate: true, ours: None, kept });
        }
        let automatic = is_automatic(new.incoming);
        let conversation = self.conversation_of(new.incoming)?.unwrap_or_else(|| new.id.to_owned());
        let seq = self.insert_seen(
            new.id,
            new.mailbox,
            &conversation,
            new.incoming,
            new.now,
            &Role {
                direction: if new.source == OwnSource::Sent { "out" } else { "in" },
                kind: if automatic { "automatic" } else { "mail" },
                written_by: if automatic { "machine" } else { "owner" },
                client: new.clients.first().map(String::as_str),
                verdict: Some(Verdict::Own),
            },
        )?;
        self.concern(seq, new.clients)?;
        self.locate(folder, new.uidvalidity, new.uid, seq)?;
        self.keep_references(seq, new.incoming, true)?;
        if let Some(decision) = new.decision {
            self.keep_decision(seq, decision)?;
        }
        if let Some(raw) = new.raw {
            self.keep_packed(seq, raw)?;
        }
        let mut kept = Vec::new();
        if !automatic {
            self.keep_recipients(seq, new.incoming)?;
            kept = self.keep(new, &conversation, new.id)?;
        }
        Ok(RecordedOwn { exchange: new.id.to_owned(), conversation, duplicate: false, ours: None, kept })
    }

    /// The outbox mail that this one is: row number and id.
    fn outbox_mail(&self, new: &NewOwn<'_>) -> Result<Option<(i64, String)>, StoreError> {
        let known = self.ours(new.incoming, new.source)?;
        match (known, new.draft) {
            (Some(known), _) => Ok(Some(known)),
            (None, Some(draft)) => Ok(Some((self.seq_of(draft.mail)?, draft.mail.to_owned()))),
            (None, None) => Ok(None),
        }
    }

    /// Our own mail was seen in Sent.
    fn record_copy(&self, new: &NewOwn<'_>, folder: i64, seq: i64, id: String) -> Result<RecordedOwn, StoreError> {
        let again = self.was_recorded(new.mailbox, new.folder, new.uidvalidity, new.uid)?;
        self.locate(folder, new.uidvalidity, new.uid, seq)?;
        let (conversation, ours, kind, state) = self
            .one(
                "SELECT e.conversation, e.message_id, o.kind, o.state FROM outbox o
                 JOIN exchange e ON e.seq = o.exchange WHERE o.exchange = ?",
                [seq],
                |row| {
                    let ours: Option<String> = row.get(1)?;
                    Ok((row.get::<_, String>(0)?, ours, row.get::<_, String>(2)?, row.get::<_, String>(3)?))
                },
            )?
            .ok_or_else(|| StoreError::Missing { what: "mail", id: id.clone() })?;
        if let Some(theirs) = new.incoming.message_id.as_ref().filter(|i| ours.as_deref() != Some(i.as_str())) {
            self.change("UPDATE outbox SET provider_message_id = ? WHERE exchange = ?", params![theirs.as_str(), seq])?;
        }
        let mut kept = Vec::new();
        if new.source == OwnSource::Sent {
            // Also where no copy was wanted of us: it tells that the server files what it accepts.
            let open = "SELECT count(*) FROM outbox WHERE exchange = ? AND sent_copy IN ('none', 'wanted', 'unneeded')";
            if self.count(open, [seq])? > 0 {
                self.sent_copy(&id, SentCopyState::Present)?;
            }
            let left = self.sent(&id, "found in Sent", new.incoming.arrived)?;
            if self.was_handed(seq)? {
                // Handed over by the owner: that was the owner writing.
                self.change("UPDATE exchange SET written_by = 'owner' WHERE seq = ?", [seq])?;
                self.concern(seq, new.clients)?;
                self.keep_references(seq, new.incoming, true)?;
                self.keep_recipients(seq, new.incoming)?;
                kept = self.keep(new, &conversation, &id)?;
            } else if left && state == "drafted" {
                self.draft_sent(&id, seq, &kind, new.now)?;
                if new.draft.is_some_and(|draft| draft.edited) {
                    self.change("UPDATE exchange SET written_by = 'owner' WHERE seq = ?", [seq])?;
                    self.remember_edited(new, seq)?;
                    self.concern(seq, new.clients)?;
                    kept = self.keep(new, &conversation, &id)?;
                }
            }
        }
        Ok(RecordedOwn { exchange: id.clone(), conversation, duplicate: again, ours: Some(id), kept })
    }

    /// What the owner made of a draft is what the client got: the history shows that.
    fn remember_edited(&self, new: &NewOwn<'_>, seq: i64) -> Result<(), StoreError> {
        let message = new.incoming;
        let subject = message.subject.as_str();
        self.change(
            "UPDATE exchange SET subject = ?2, base_subject = ?3, excerpt = ?4, size = ?5 WHERE seq = ?1",
            params![
                seq,
                subject,
                base_subject(subject),
                text::excerpt(&message.content.text),
                i64::try_from(message.size).unwrap_or(i64::MAX)
            ],
        )?;
        if let Some(raw) = new.raw {
            self.keep_packed(seq, raw)?;
        }
        self.keep_references(seq, message, true)?;
        self.keep_recipients(seq, message)
    }

    /// Makes a message that was recorded as anybody's the owner's; whether it is the owner's now.
    fn claim_for_owner(&self, new: &NewOwn<'_>, seq: i64) -> Result<bool, StoreError> {
        if is_automatic(new.incoming) {
            return Ok(false);
        }
        let changed = self.change(
            "UPDATE exchange SET written_by = 'owner', direction = CASE WHEN ?2 THEN 'out' ELSE direction END,
               client = coalesce(client, ?3), verdict = 'own'
             WHERE seq = ?1 AND written_by = 'other'",
            params![seq, new.source == OwnSource::Sent, new.clients.first()],
        )?;
        if changed > 0 {
            self.concern(seq, new.clients)?;
            self.keep_references(seq, new.incoming, true)?;
            self.keep_recipients(seq, new.incoming)?;
        }
        Ok(changed > 0)
    }

    pub(super) fn keep_recipients(&self, seq: i64, message: &Incoming) -> Result<(), StoreError> {
        self.memo.forget_lacks(What::Written);
        for address in message.recipients().take(100) {
            self.change(
                "INSERT INTO recipient (folded, exchange) VALUES (?, ?) ON CONFLICT DO NOTHING",
                params![address.folded(), seq],
            )?;
        }
        Ok(())
    }

    /// Closes the promises that a mail of the owner's keeps; their ids. `exchange` is that mail as it is recorded.
    fn keep(&self, new: &NewOwn<'_>, conversation: &str, exchange: &str) -> Result<Vec<String>, StoreError> {
        let message = new.incoming;
        let mut kept = Vec::new();
        let mut add = |ids: Vec<String>| kept.extend(ids);
        for id in thread::newest(&message.in_reply_to).into_iter().chain(thread::newest(&message.references)) {
            add(self.many(
                "SELECT p.id FROM exchange e JOIN promise p ON p.exchange = e.seq
                 WHERE e.message_id = ? AND p.state = 'open'",
                [id.as_str()],
                |row| row.get(0),
            )?);
        }
        // In the conversation or to the client: whatever was asked before this mail was written, not after.
        let open = "SELECT p.id FROM promise p JOIN exchange e ON e.seq = p.exchange WHERE p.state = 'open' AND ";
        add(self.many(
            "SELECT p.id FROM exchange e CROSS JOIN promise p ON p.exchange = e.seq
             WHERE e.conversation = :who AND e.at <= :at AND p.state = 'open'",
            named_params! {":at": At(message.arrived), ":who": conversation},
            |row| row.get(0),
        )?);
        if new.source == OwnSource::Sent {
            // A mail that names nothing answers only what came before it: servers' clocks tick in whole seconds, and
            // what arrived within the same second may well have crossed it.
            for client in new.clients {
                let params = named_params! {":at": At(message.arrived), ":who": client};
                add(self.many(&format!("{open} e.at < :at AND p.client = :who"), params, |row| row.get(0))?);
            }
            for address in message.recipients().take(100) {
                let params = named_params! {":at": At(message.arrived), ":who": address.folded()};
                add(self.many(&format!("{open} e.at < :at AND p.to_folded = :who"), params, |row| row.get(0))?);
            }
        }
        kept.sort_unstable();
        kept.dedup();
        let cause = match (new.draft, new.source) {
            (Some(_), _) => "draft",
            (None, OwnSource::Sent) => "answered",
            (None, OwnSource::Team) => "team",
        };
        for id in &kept {
            self.close_promise_for(id, PromiseState::Kept, cause, Some(exchange), message.arrived)?;
        }
        Ok(kept)
    }
}

/// Whether a mail in Sent says that a program made it: Auto-Submitted other than `no` (RFC 3834 5), or the
/// mark of another instance (rule B13).
pub(super) fn is_automatic(message: &Incoming) -> bool {
    let says_so = |value: &str| {
        let word = value.split([';', '(']).next().unwrap_or_default().trim();
        !word.is_empty() && !word.eq_ignore_ascii_case("no")
    };
    message.headers.has("x-fuseau-id") || message.headers.all("auto-submitted").any(says_so)
}

#[cfg(test)]
#[path = "own_tests.rs"]
mod tests;
