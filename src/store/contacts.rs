//! What drafts need to know of the exchange with clients: who wrote last, which question of the owner's is open. Never
//! here: what counts as a question (`decide::occasion::ask`), what follows.
use super::StoreError;
use super::rows::{At, Reader, at};
use crate::decide::occasion::{Contact, Question, question_in};
use crate::model::{Client, EmailAddress, Instant, Promise};
use rusqlite::params;

/// Questions that are looked at, the newest.
const QUESTIONS: u32 = 300;

/// A draft of ours that was sent counts as the owner's word, edited or not.
const SENT_DRAFT: &str = "e.kind NOT IN ('mail', 'automatic', 'acknowledgement', 'holding', 'digest')
                          AND EXISTS (SELECT 1 FROM outbox o WHERE o.exchange = e.seq AND o.state = 'sent' AND o.automatic = 0)";

impl Reader<'_> {
    /// What is known about the exchange with a client; `None` if nothing was ever exchanged.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn contact(&self, client: &Client) -> Result<Option<Contact>, StoreError> {
        // A machine of theirs is nobody.
        let human = "e.written_by = 'other' AND e.kind = 'mail' AND e.verdict IS NOT 'ignore'";
        let owner = "e.written_by = 'owner' AND e.direction = 'out'";
        let newest = |which: &str| {
            format!("FROM exchange e WHERE e.client = ?1 AND ({which}) ORDER BY e.at DESC, e.seq DESC LIMIT 1")
        };
        let at = |which: &str| -> Result<Option<Instant>, StoreError> {
            Ok(self.value::<At>(&format!("SELECT e.at {}", newest(which)), [&client.id])?.map(|at| at.0))
        };
        let last_in = at(human)?;
        let last_out = at(&format!("{owner} OR {SENT_DRAFT}"))?;
        let last_by_hand = at(&format!("{owner} AND e.kind = 'mail'"))?;
        let last = self.one(
            &format!("SELECT e.id, e.mailbox {}", newest(&format!("{human} OR {owner} OR {SENT_DRAFT}"))),
            [&client.id],
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)),
        )?;
        let Some((exchange, mailbox)) = last else { return Ok(None) };
        let from = self.value::<String>(&format!("SELECT e.from_address {}", newest(human)), [&client.id])?;
        let to = self.value::<String>(&format!("SELECT e.to_address {}", newest(owner)), [&client.id])?;
        // Whom the owner wrote to is the client's only if the address is.
        let theirs = |text: Option<String>| {
            text.and_then(|text| EmailAddress::parse(&text)).filter(|address| client.knows(address))
        };
        let (from, to) = (theirs(from), theirs(to));
        let address = if last_by_hand > last_in { to.or(from) } else { from.or(to) };
        Ok(Some(Contact {
            client: client.id.clone(),
            address,
            mailbox: Some(mailbox),
            last_in,
            last_out,
            last_by_hand,
            last_exchange: Some(exchange),
            people: Vec::new(),
        }))
    }

    /// The last mail of a human of a client's.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn last_heard(&self, client: &str, from: &EmailAddress) -> Result<Option<String>, StoreError> {
        self.value(
            "SELECT id FROM exchange WHERE client = ? AND written_by = 'other' AND kind = 'mail' AND from_folded = ?
             ORDER BY at DESC, seq DESC LIMIT 1",
            params![client, from.folded()],
        )
    }

    /// The newest mail of each human of a client's, and the newest ones of the owner to them, at most so many of either kind.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn mails_with_names(&self, client: &str, most: u32) -> Result<Vec<String>, StoreError> {
        let id = |row: &rusqlite::Row<'_>| row.get::<_, String>(0);
        let mut found = self.many(
            "SELECT id, MAX(at) FROM exchange WHERE client = ? AND written_by = 'other' AND kind = 'mail'
             GROUP BY from_folded ORDER BY 2 DESC LIMIT ?",
            params![client, most],
            id,
        )?;
        found.extend(self.many(
            "SELECT id FROM exchange WHERE client = ? AND written_by = 'owner' AND direction = 'out' AND kind = 'mail'
             ORDER BY at DESC, seq DESC LIMIT ?",
            params![client, most],
            id,
        )?);
        Ok(found)
    }

    /// Mails that the owner wrote to a client by hand since an instant, that ask something, and after which nobody else
    /// wrote in their conversation, nor the owner, but for drafts of ours that repeat the question; the oldest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn questions(&self, client: &Client, since: Instant) -> Result<Vec<Question>, StoreError> {
        let found = self.many(
            "SELECT e.id, e.to_address, e.at, e.subject, e.excerpt, e.message_id FROM exchange e
             WHERE e.client = ?1 AND e.at >= ?2 AND e.written_by = 'owner' AND e.direction = 'out' AND e.kind = 'mail'
               AND NOT EXISTS (SELECT 1 FROM exchange l WHERE l.conversation = e.conversation AND l.at >= e.at
                 AND l.seq <> e.seq AND (l.written_by = 'other' AND l.at > e.at AND l.kind = 'mail' AND l.verdict IS NOT 'ignore'
                   OR l.written_by = 'owner' AND l.kind <> 'follow-up' AND (l.at > e.at OR l.seq > e.seq)))
             ORDER BY e.at DESC, e.seq DESC LIMIT ?3",
            params![client.id, At(since), QUESTIONS],
            |row| {
                let (id, to, at): (String, Option<String>, Instant) = (row.get(0)?, row.get(1)?, at(row, "at")?);
                Ok((id, to, at, row.get::<_, String>(3)?, row.get::<_, String>(4)?, row.get(5)?))
            },
        )?;
        let mut questions: Vec<Question> = Vec::new();
        for (exchange, to, asked_at, subject, text, message_id) in found {
            let to = to.and_then(|to| EmailAddress::parse(&to)).filter(|to| client.knows(to));
            if let (Some(to), Some(sentence)) = (to, question_in(&text)) {
                let client = client.id.clone();
                questions.push(Question { exchange, message_id, client, to, asked_at, subject, sentence });
            }
        }
        questions.reverse();
        Ok(questions)
    }

    /// All promises that are open, and those that were due since an instant.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn promises_since(&self, since: Instant) -> Result<Vec<Promise>, StoreError> {
        Ok(self
            .promises(false)?
            .into_iter()
            .filter(|one| one.state == crate::model::PromiseState::Open || one.by >= since)
            .collect())
    }
}
