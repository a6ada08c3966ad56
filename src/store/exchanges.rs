//! Recording an incoming message with its decision. Never here: the owner's own mail (own.rs), outgoing mail.
use super::base_subject;
use super::memo::What;
use super::rows::{At, Tx};
use super::text;
use super::{Packed, StoreError};
use crate::decide::Decision;
use crate::model::{EmailAddress, HeaderText, Incoming, Instant, MessageId, Verdict};
use rusqlite::{named_params, params};

/// One incoming message to record.
#[derive(Clone, Copy, Debug)]
pub struct NewExchange<'a> {
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
    /// What is kept of its bytes, if they were fetched.
    pub raw: Option<&'a Packed>,
    /// The verdict and its reasons.
    pub decision: &'a Decision,
    /// The present.
    pub now: Instant,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The exchange: the given id, or the one it was recorded as before.
    pub exchange: String,
    /// The conversation it is in: the id of its first exchange.
    pub conversation: String,
    /// It was recorded before (same place, or same identity elsewhere): only the place was added, the decision
    /// given now was not kept, and nothing may be promised or queued for it.
    pub duplicate: bool,
}

/// The columns of a new exchange.
pub(super) struct Columns<'a> {
    pub(super) id: &'a str,
    pub(super) mailbox: &'a str,
    pub(super) direction: &'static str,
    pub(super) kind: &'a str,
    pub(super) written_by: &'static str,
    pub(super) key: Option<&'a str>,
    pub(super) message_id: Option<&'a MessageId>,
    pub(super) conversation: &'a str,
    pub(super) client: Option<&'a str>,
    pub(super) from: Option<&'a EmailAddress>,
    pub(super) to: Option<&'a EmailAddress>,
    pub(super) subject: &'a HeaderText,
    pub(super) at: Instant,
    pub(super) recorded_at: Instant,
    pub(super) verdict: Option<Verdict>,
    pub(super) size: u64,
    pub(super) text: &'a str,
    pub(super) answered: bool,
}

impl Tx<'_> {
    /// Records one message, its decision, its place and the rests that the decision asks for, and joins or opens
    /// its conversation. Recording a place or an identity again adds only the place.
    ///
    /// # Errors
    /// If the rows cannot be written.
    pub fn record(&self, new: &NewExchange<'_>) -> Result<Recorded, StoreError> {
        let folder = self.folder(new.mailbox, new.folder, new.incoming.folder, new.now)?;
        if let Some((seq, recorded)) =
            self.seen(new.mailbox, new.folder, new.uidvalidity, new.uid, &new.incoming.key)?
        {
            self.locate(folder, new.uidvalidity, new.uid, seq)?;
            return Ok(recorded);
        }
        let message = new.incoming;
        let conversation = self.conversation_of(message)?.unwrap_or_else(|| new.id.to_owned());
        let seq = self.insert_seen(
            new.id,
            new.mailbox,
            &conversation,
            message,
            new.now,
            &Role {
                direction: "in",
                kind: "mail",
                written_by: "other",
                client: new.decision.client.as_deref(),
                verdict: Some(new.decision.verdict),
            },
        )?;
        self.keep_references(seq, message, false)?;
        if let Some(id) = &message.message_id {
            self.adopt_answers(id, &conversation)?;
        }
        self.locate(folder, new.uidvalidity, new.uid, seq)?;
        self.keep_decision(seq, new.decision)?;
        if let Some(raw) = new.raw {
            self.keep_packed(seq, raw)?;
        }
        for pause in &new.decision.pauses {
            self.pause(&pause.scope, pause.until, pause.code.as_str(), new.now)?;
        }
        Ok(Recorded { exchange: new.id.to_owned(), conversation, duplicate: false })
    }

    /// The exchange that a place or an identity was recorded as.
    pub(super) fn seen(
        &self,
        mailbox: &str,
        folder: &str,
        validity: u32,
        uid: u32,
        key: &str,
    ) -> Result<Option<(i64, Recorded)>, StoreError> {
        let id = match self.recorded_at(mailbox, folder, validity, uid)? {
            Some(id) => Some(id),
            None => self.recorded_as(key)?,
        };
        let Some(id) = id else { return Ok(None) };
        self.one("SELECT seq, conversation FROM exchange WHERE id = ?", [&id], |row| {
            Ok((row.get(0)?, Recorded { exchange: id.clone(), conversation: row.get(1)?, duplicate: true }))
        })
    }

    /// Inserts a message that was seen on a server.
    pub(super) fn insert_seen(
        &self,
        id: &str,
        mailbox: &str,
        conversation: &str,
        message: &Incoming,
        now: Instant,
        role: &Role<'_>,
    ) -> Result<i64, StoreError> {
        self.insert(&Columns {
            id,
            mailbox,
            direction: role.direction,
            kind: role.kind,
            written_by: role.written_by,
            key: Some(message.key.as_str()).filter(|key| !key.is_empty()),
            message_id: message.message_id.as_ref(),
            conversation,
            client: role.client,
            from: message.from().map(|party| &party.address),
            to: message.recipients().next(),
            subject: &message.subject,
            at: message.arrived,
            recorded_at: now,
            verdict: role.verdict,
            size: message.size,
            text: &message.content.text,
            answered: message.answered_flag,
        })
    }

    /// Inserts one exchange; its row number.
    pub(super) fn insert(&self, new: &Columns<'_>) -> Result<i64, StoreError> {
        self.memo.forget_lacks(What::Identity);
        let ours = new.client.is_some() || new.direction == "out";
        let excerpt = if ours { text::excerpt(new.text) } else { text::short_excerpt(new.text) };
        self.change(
            "INSERT INTO exchange (id, mailbox, direction, kind, written_by, key, message_id, conversation, client,
               from_address, from_folded, from_domain, to_address, subject, base_subject, at, recorded_at, verdict,
               size, excerpt, body_hash, answered)
             VALUES (:id, :mailbox, :direction, :kind, :written_by, :key, :message_id, :conversation, :client,
               :from_address, :from_folded, :from_domain, :to_address, :subject, :base_subject, :at, :recorded_at,
               :verdict, :size, :excerpt, :body_hash, :answered)",
            named_params! {
                ":id": new.id,
                ":mailbox": new.mailbox,
                ":direction": new.direction,
                ":kind": new.kind,
                ":written_by": new.written_by,
                ":key": new.key,
                ":message_id": new.message_id.map(MessageId::as_str),
                ":conversation": new.conversation,
                ":client": new.client,
                ":from_address": new.from.map(ToString::to_string),
                ":from_folded": new.from.map(EmailAddress::folded),
                ":from_domain": new.from.map(EmailAddress::organisation),
                ":to_address": new.to.map(ToString::to_string),
                ":subject": new.subject.as_str(),
                ":base_subject": base_subject(new.subject.as_str()),
                ":at": At(new.at),
                ":recorded_at": At(new.recorded_at),
                ":verdict": new.verdict.map(Verdict::as_str),
                ":size": i64::try_from(new.size).unwrap_or(i64::MAX),
                ":excerpt": excerpt,
                ":body_hash": text::body_hash(new.text),
                ":answered": new.answered,
            },
        )?;
        Ok(self.last_row())
    }

    pub(super) fn keep_decision(&self, seq: i64, decision: &Decision) -> Result<(), StoreError> {
        let reasons: Vec<_> = decision
            .reasons
            .iter()
            .map(|r| serde_json::json!({"code": r.code.as_str(), "evidence": r.evidence.as_ref().map(HeaderText::as_str)}))
            .collect();
        let plan = decision.plan.as_ref();
        self.change(
            "INSERT INTO decision (exchange, reasons, send_at, window_start, window_end, window_zone, by_at, announced)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                seq,
                serde_json::Value::from(reasons).to_string(),
                plan.map(|p| At(p.send_at)),
                plan.map(|p| At(p.window.start)),
                plan.map(|p| At(p.window.end)),
                plan.map(|p| p.window.zone.name()),
                plan.map(|p| At(p.by)),
                plan.map(|p| p.announced),
            ],
        )?;
        Ok(())
    }
}

/// What a seen message is in the history.
pub(super) struct Role<'a> {
    pub(super) direction: &'static str,
    pub(super) kind: &'static str,
    pub(super) written_by: &'static str,
    pub(super) client: Option<&'a str>,
    pub(super) verdict: Option<Verdict>,
}

#[cfg(test)]
#[path = "exchanges_tests.rs"]
mod tests;
