//! Which conversation a message belongs to (rule B4). Never here: whose mail it is, what follows from it.
use super::memo::What;
use super::rows::{Reader, Tx};
use super::{StoreError, base_subject};
use crate::model::{Incoming, MessageId};
use rusqlite::{named_params, params};

/// More ids than this are not looked up: the newest and the root are enough, a hostile mail brings thousands.
const MOST_IDS: usize = 50;

/// A recorded exchange as threading sees it.
pub(super) struct Known {
    pub(super) seq: i64,
    pub(super) conversation: String,
    base_subject: String,
}

/// The ids of `ids` that are looked up, newest first, each once.
pub(super) fn newest(ids: &[MessageId]) -> Vec<&MessageId> {
    let mut kept: Vec<&MessageId> = Vec::new();
    for id in ids.iter().rev().take(MOST_IDS).chain(ids.first()) {
        if !kept.contains(&id) {
            kept.push(id);
        }
    }
    kept
}

impl Reader<'_> {
    /// The exchange with a Message-ID, ours or the provider's for it; the one recorded first, because an id
    /// can be used again by a forger.
    pub(super) fn known(&self, id: &str) -> Result<Option<Known>, StoreError> {
        self.one(
            "SELECT seq, conversation, base_subject FROM exchange WHERE message_id = ?1
             UNION ALL
             SELECT e.seq, e.conversation, e.base_subject FROM outbox o JOIN exchange e ON e.seq = o.exchange
             WHERE o.provider_message_id = ?1
             ORDER BY 1 LIMIT 1",
            [id],
            |row| Ok(Known { seq: row.get(0)?, conversation: row.get(1)?, base_subject: row.get(2)? }),
        )
    }

    /// The conversation that a message joins, if there is one:
    /// 1. In-Reply-To names a known message;
    /// 2. References name one with the same base subject (people recycle old mails for new topics);
    /// 3. a known message names this one in its In-Reply-To: the answer was seen first.
    ///
    /// Never by subject alone. Joining is threading only: it answers nothing and keeps no promise.
    pub(super) fn conversation_of(&self, message: &Incoming) -> Result<Option<String>, StoreError> {
        match self.conversation_before(message)? {
            Some(known) => Ok(Some(known)),
            None => self.conversation_behind(message),
        }
    }

    /// By what the message refers to.
    pub(super) fn conversation_before(&self, message: &Incoming) -> Result<Option<String>, StoreError> {
        for id in newest(&message.in_reply_to) {
            if let Some(known) = self.known(id.as_str())? {
                return Ok(Some(known.conversation));
            }
        }
        let subject = base_subject(message.subject.as_str());
        for id in newest(&message.references) {
            if let Some(known) = self.known(id.as_str())?.filter(|known| known.base_subject == subject) {
                return Ok(Some(known.conversation));
            }
        }
        Ok(None)
    }

    /// By what refers to the message.
    pub(super) fn conversation_behind(&self, message: &Incoming) -> Result<Option<String>, StoreError> {
        match &message.message_id {
            Some(id) if self.is_named(id.as_str())? => self.value(
                "SELECT e.conversation FROM reference r JOIN exchange e ON e.seq = r.exchange
                 WHERE r.message_id = ? AND r.direct = 1 ORDER BY e.seq LIMIT 1",
                [id.as_str()],
            ),
            _ => Ok(None),
        }
    }

    /// Whether a recorded message names a Message-ID: asked first and once, because most that come in are named by nobody.
    pub(super) fn is_named(&self, message_id: &str) -> Result<bool, StoreError> {
        if self.memo.lacks(What::Naming, message_id) {
            return Ok(false);
        }
        let named = "SELECT 1 FROM reference WHERE message_id = ? LIMIT 1";
        let named = self.value::<i64>(named, [message_id])?.is_some();
        self.memo.keep_lack(What::Naming, message_id, named);
        Ok(named)
    }
}

impl Tx<'_> {
    /// Keeps what a message refers to; the owner's References too, because an answer may name the client's
    /// message only there (rule B1), and those of past mail before whose parents it was read.
    pub(super) fn keep_references(
        &self,
        seq: i64,
        message: &Incoming,
        with_references: bool,
    ) -> Result<(), StoreError> {
        self.memo.forget_lacks(What::Naming);
        let insert = "INSERT INTO reference (message_id, exchange, direct) VALUES (?, ?, ?)
                      ON CONFLICT DO UPDATE SET direct = max(direct, excluded.direct)";
        for id in newest(&message.in_reply_to) {
            self.change(insert, params![id.as_str(), seq, true])?;
        }
        if with_references {
            for id in newest(&message.references) {
                self.change(insert, params![id.as_str(), seq, false])?;
            }
        }
        Ok(())
    }

    /// Brings the owner's answers to this message into its conversation, where they were seen before it and
    /// opened one of their own.
    pub(super) fn adopt_answers(&self, message_id: &MessageId, conversation: &str) -> Result<(), StoreError> {
        if !self.is_named(message_id.as_str())? {
            return Ok(());
        }
        let early = self.many(
            "SELECT DISTINCT e.conversation FROM reference r JOIN exchange e ON e.seq = r.exchange
             WHERE r.message_id = ? AND r.direct = 1 AND e.written_by = 'owner' AND e.conversation <> ?",
            [message_id.as_str(), conversation],
            |row| row.get::<_, String>(0),
        )?;
        early.iter().try_for_each(|other| self.move_conversation(other, conversation))
    }

    /// Makes one conversation a part of another.
    pub(super) fn move_conversation(&self, from: &str, to: &str) -> Result<(), StoreError> {
        for sql in [
            // Both are found by the entries of the conversation.
            "UPDATE promise SET conversation = :to WHERE exchange IN (SELECT seq FROM exchange WHERE conversation = :from)",
            "UPDATE outbox SET conversation = :to WHERE exchange IN (SELECT seq FROM exchange WHERE conversation = :from)",
            "UPDATE exchange SET conversation = :to WHERE conversation = :from",
        ] {
            self.change(sql, named_params! {":to": to, ":from": from})?;
        }
        Ok(())
    }
}
