//! Drafts of ours that the owner may have sent, from whatever program. Never here: comparing their words (`decide`),
//! looking into folders (`daemon`).
use super::own::OwnSource;
use super::rows::{At, Reader, Tx};
use super::{NewNotice, OutboxRow, StoreError, base_subject, thread};
use crate::model::{Incoming, Instant, MessageId, NoticeCode};
use rusqlite::params;

/// The fields in which providers note the Message-ID that a mail had before they gave it another.
const ORIGINAL: [&str; 2] = ["x-microsoft-original-message-id", "x-google-original-message-id"];

impl Reader<'_> {
    /// The outbox mail that a seen message is, by Message-ID, by the id that a provider replaced, or by our mark: row
    /// number and id.
    pub(super) fn ours(&self, message: &Incoming, source: OwnSource) -> Result<Option<(i64, String)>, StoreError> {
        let headers = &message.headers;
        let find = "SELECT o.exchange, e.id FROM outbox o JOIN exchange e ON e.seq = o.exchange ";
        let here = source == OwnSource::Sent;
        // Only in our own Sent may the provider's note of the first id stand for it (rule B6).
        let noted: Vec<MessageId> =
            ORIGINAL.iter().filter(|_| here).filter_map(|name| MessageId::parse(headers.first(name)?)).collect();
        for id in message.message_id.iter().chain(&noted) {
            for by in ["WHERE e.message_id = ?", "WHERE o.provider_message_id = ?"] {
                // A draft that came back after it was withdrawn has the Message-ID that it had.
                let found = self.one(&format!("{find}{by} ORDER BY e.seq DESC"), [id.as_str()], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })?;
                if found.is_some() {
                    return Ok(found);
                }
            }
        }
        match headers.first("x-fuseau-id").filter(|_| here) {
            Some(mark) => {
                // A mark is the installation's name and the id of the mail.
                let id = mark.rsplit_once('/').map_or(mark, |(_, id)| id);
                let by = "WHERE e.id = ? AND o.fuseau_id = ?";
                self.one(&format!("{find}{by}"), [id, mark], |row| Ok((row.get(0)?, row.get(1)?)))
            }
            None => Ok(None),
        }
    }

    /// The drafts of a mailbox that a mail seen in Sent may be, with whether its headers prove it: the one that it
    /// names, or else those that wait for one of its recipients in the same thread. Their words decide about the latter.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn drafts_like(&self, message: &Incoming, mailbox: &str) -> Result<Vec<(OutboxRow, bool)>, StoreError> {
        if let Some((_, id)) = self.ours(message, OwnSource::Sent)? {
            let row = self.outbox_row(&id)?.filter(|row| row.state == super::MailState::Drafted);
            return Ok(row.into_iter().map(|row| (row, true)).collect());
        }
        let waiting = self.many(
            "SELECT e.id, o.to_folded, a.message_id, e.base_subject FROM outbox o
             JOIN exchange e ON e.seq = o.exchange LEFT JOIN exchange a ON a.seq = o.answers
             WHERE o.state = 'drafted' AND o.mailbox = ? ORDER BY o.exchange DESC",
            [mailbox],
            |row| {
                let (id, to): (String, String) = (row.get(0)?, row.get(1)?);
                Ok((id, to, row.get::<_, Option<String>>(2)?, row.get::<_, String>(3)?))
            },
        )?;
        let to: Vec<String> = message.recipients().take(100).map(crate::model::EmailAddress::folded).collect();
        let named: Vec<&MessageId> =
            thread::newest(&message.in_reply_to).into_iter().chain(thread::newest(&message.references)).collect();
        let subject = base_subject(message.subject.as_str());
        let mut found = Vec::new();
        for (id, folded, answers, base) in waiting {
            let threaded = match &answers {
                Some(answers) => named.iter().any(|id| id.as_str() == answers),
                None => named.is_empty() && base == subject,
            };
            if threaded && to.contains(&folded) {
                found.extend(self.outbox_row(&id)?.map(|row| (row, false)));
            }
        }
        Ok(found)
    }

    /// Drafts of a mailbox after which the owner wrote, since `since`, to the same address in the same conversation: if
    /// such a draft is gone from its folder, that mail is what became of it. With the id of the owner's mail. (Servers'
    /// clocks tick in whole seconds: the mail may bear the draft's own second.)
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn drafts_perhaps_sent(&self, mailbox: &str, since: Instant) -> Result<Vec<(OutboxRow, String)>, StoreError> {
        let pairs = self.many(
            "SELECT e.id, w.id FROM outbox o JOIN exchange e ON e.seq = o.exchange
             JOIN exchange w ON w.conversation = o.conversation AND w.written_by = 'owner' AND w.direction = 'out'
               AND w.kind = 'mail' AND w.at > max(o.created_at - 1000, ?2)
             JOIN recipient r ON r.exchange = w.seq AND r.folded = o.to_folded
             WHERE o.state = 'drafted' AND o.mailbox = ?1 GROUP BY e.id ORDER BY w.seq",
            params![mailbox, At(since)],
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)),
        )?;
        let mut found = Vec::new();
        for (draft, mail) in pairs {
            found.extend(self.outbox_row(&draft)?.map(|row| (row, mail)));
        }
        Ok(found)
    }
}

impl Tx<'_> {
    /// The owner sent the draft in row `seq`: a word for the next digest.
    pub(super) fn draft_sent(&self, id: &str, seq: i64, kind: &str, now: Instant) -> Result<(), StoreError> {
        let of = self.one("SELECT mailbox, client FROM exchange WHERE seq = ?", [seq], |row| {
            Ok((row.get::<_, Option<String>>(0)?, row.get::<_, Option<String>>(1)?))
        })?;
        let (mailbox, client) = of.unwrap_or_default();
        self.notice(&NewNotice {
            code: NoticeCode::DraftSent,
            mailbox: mailbox.as_deref(),
            client: client.as_deref(),
            exchange: Some(id),
            values: &[("kind", kind)],
            once: Some(&format!("draft.sent:{id}")),
            now,
        })?;
        Ok(())
    }

    /// A draft is gone, and the owner's `mail` stands in its place with other words; whether it was still a draft. The
    /// promise that it stated was told to nobody: the owner's own mail has kept it.
    ///
    /// # Errors
    /// If the rows cannot be written.
    pub fn draft_became(&self, id: &str, mail: &str, now: Instant) -> Result<bool, StoreError> {
        let done = self.one(
            "UPDATE outbox SET state = 'sent', last_reply = 'sent by the owner in other words', finished_at = ?3,
               sent_copy = 'unneeded',
               provider_message_id = coalesce((SELECT message_id FROM exchange WHERE id = ?2), provider_message_id)
             WHERE exchange = (SELECT seq FROM exchange WHERE id = ?1) AND state = 'drafted' RETURNING exchange, kind",
            params![id, mail, At(now)],
            |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)),
        )?;
        let Some((seq, kind)) = done else { return Ok(false) };
        self.draft_sent(id, seq, &kind, now)?;
        self.occasion_sent(seq, now)?;
        Ok(true)
    }
}
