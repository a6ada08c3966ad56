//! Mails recorded before they are sent: making them and finding those that are due. Never here: how their
//! state changes (transitions.rs), sending.
use super::exchanges::Columns;
use super::rows::{At, Reader, Tx, at, maybe_at};
use super::{StoreError, history};
use crate::model::{EmailAddress, HeaderText, Instant, MessageId};
use rusqlite::{Row, ToSql, named_params, params};

macro_rules! words {
    ($(#[$doc:meta])+ $name:ident { $( $(#[$variant_doc:meta])+ $variant:ident $word:literal, )+ }) => {
        $(#[$doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $( $(#[$variant_doc])+ $variant, )+ }

        impl $name {
            /// The word used in the database.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $word, )+ }
            }

            /// The reverse of [`Self::as_str`].
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                [$( Self::$variant, )+].into_iter().find(|it| it.as_str() == word)
            }
        }

        impl rusqlite::types::FromSql for $name {
            fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
                Self::parse(value.as_str()?).ok_or(rusqlite::types::FromSqlError::InvalidType)
            }
        }

        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
                Ok(self.as_str().into())
            }
        }
    };
}

words! {
    /// Where an outgoing mail stands: `queued -> sending -> dot_sent -> sent | unknown`; `failed`, `dropped`,
    /// `observed`, `drafted` are ends too.
    MailState {
        /// Waits for its time or its next try.
        Queued "queued",
        /// Claimed by a worker until its lease ends; the server cannot have accepted it yet.
        Sending "sending",
        /// The final dot (or the APPEND's last octet) was about to be written: accepted or not, nobody knows.
        DotSent "dot_sent",
        /// Accepted by the server.
        Sent "sent",
        /// In doubt and not to be found: never sent again.
        Unknown "unknown",
        /// Refused for good.
        Failed "failed",
        /// Not needed any more; the client heard nothing.
        Dropped "dropped",
        /// Observe mode: this is what would have gone out.
        Observed "observed",
        /// Waits in Drafts for the owner.
        Drafted "drafted",
    }
}

impl MailState {
    /// The word in `history --json`, where `dot_sent` is a moment of `sending`.
    #[must_use]
    pub fn shown(self) -> &'static str {
        match self {
            Self::DotSent => Self::Sending.as_str(),
            other => other.as_str(),
        }
    }
}

words! {
    /// Which way a mail takes.
    Route {
        /// By SMTP.
        Send "send",
        /// Into the Drafts folder.
        Draft "draft",
        /// Nowhere: it is only recorded.
        Observe "observe",
    }
}

words! {
    /// The copy of a sent mail in the Sent folder.
    SentCopyState {
        /// Not sent yet.
        None "none",
        /// Sent: look for the copy, append it if it is missing.
        Wanted "wanted",
        /// The server filed it.
        Present "present",
        /// We appended it.
        Appended "appended",
        /// The owner wants none.
        Unneeded "unneeded",
        /// It could not be appended; the mail itself is sent.
        Failed "failed",
    }
}

/// The window that a mail promises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowTimes {
    /// First instant.
    pub start: Instant,
    /// First instant after it.
    pub end: Instant,
    /// Where the owner is then (IANA name).
    pub zone: String,
}

/// One mail to record before it is sent.
#[derive(Clone, Copy, Debug)]
pub struct NewMail<'a> {
    /// Its id in outbox and history, made by the caller.
    pub id: &'a str,
    /// Which mailbox sends it.
    pub mailbox: &'a str,
    /// The exchange that it answers.
    pub answers: Option<&'a str>,
    /// The promise that it states.
    pub promise: Option<&'a str>,
    /// The client.
    pub client: Option<&'a str>,
    /// `acknowledgement`, `holding`, `digest`, `progress`, ...
    pub kind: &'a str,
    /// It leaves without a human and counts for the limits (acknowledgements and holding replies, in every mode).
    pub automatic: bool,
    /// Its way.
    pub route: Route,
    /// Earliest sending.
    pub not_before: Instant,
    /// From.
    pub from: &'a EmailAddress,
    /// MAIL FROM; `None` is the null sender.
    pub envelope_from: Option<&'a EmailAddress>,
    /// The one recipient.
    pub to: &'a EmailAddress,
    /// Its Message-ID.
    pub message_id: &'a MessageId,
    /// Its X-Fuseau-Id.
    pub fuseau_id: &'a str,
    /// Its subject.
    pub subject: &'a HeaderText,
    /// Its text, for the history.
    pub text: &'a str,
    /// The mail, byte for byte as every try sends it.
    pub bytes: &'a [u8],
    /// One mail per key, ever: [`NewMail::answer_key`] for answers.
    pub dedupe_key: &'a str,
    /// The window that it promises.
    pub window: Option<&'a WindowTimes>,
    /// The present.
    pub now: Instant,
}

impl NewMail<'_> {
    /// The key of an answer: one of each kind for one logical message (its identity, rule B6), whichever mailboxes
    /// and folders it lies in (rule B7).
    #[must_use]
    pub fn answer_key(kind: &str, incoming_key: &str) -> String {
        format!("{kind}:{incoming_key}")
    }
}

/// One mail of the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    /// Its id, also in the history.
    pub id: String,
    /// Which mailbox sends it.
    pub mailbox: String,
    /// The exchange that it answers.
    pub answers: Option<String>,
    /// The promise that it states.
    pub promise: Option<String>,
    /// The conversation.
    pub conversation: String,
    /// The client.
    pub client: Option<String>,
    /// `acknowledgement`, `holding`, ...
    pub kind: String,
    /// It leaves without a human.
    pub automatic: bool,
    /// Its way.
    pub route: Route,
    /// Where it stands.
    pub state: MailState,
    /// Earliest sending.
    pub not_before: Instant,
    /// Next try while queued.
    pub next_attempt: Instant,
    /// Tries begun.
    pub attempts: u32,
    /// While sending: when the claim ends.
    pub lease_until: Option<Instant>,
    /// MAIL FROM; `None` is the null sender.
    pub envelope_from: Option<String>,
    /// RCPT TO.
    pub envelope_to: String,
    /// The mail.
    pub bytes: Vec<u8>,
    /// Its Message-ID.
    pub message_id: String,
    /// The Message-ID that the provider put in its place.
    pub provider_message_id: Option<String>,
    /// Its X-Fuseau-Id.
    pub fuseau_id: String,
    /// Its subject.
    pub subject: String,
    /// The server's last words, or why it was dropped.
    pub last_reply: Option<String>,
    /// The copy in Sent.
    pub sent_copy: SentCopyState,
    /// When it was made.
    pub created_at: Instant,
    /// When it reached its last state.
    pub finished_at: Option<Instant>,
    /// The window that it promises.
    pub window: Option<WindowTimes>,
}

const COLUMNS: &str = "SELECT o.*, e.id, e.message_id, e.subject, e.client, a.id AS answers_id
                       FROM outbox o JOIN exchange e ON e.seq = o.exchange LEFT JOIN exchange a ON a.seq = o.answers ";

impl Reader<'_> {
    /// Mails of a mailbox that may be claimed now: queued ones whose time has come and claimed ones whose lease
    /// ended before the final dot. The longest due first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn outbox_due(&self, mailbox: &str, now: Instant, limit: u32) -> Result<Vec<OutboxRow>, StoreError> {
        let sql = format!(
            "{COLUMNS} WHERE o.exchange IN (
               SELECT exchange FROM outbox WHERE state = 'queued' AND mailbox = ?1 AND next_attempt <= ?2
               UNION ALL
               SELECT exchange FROM outbox WHERE state = 'sending' AND mailbox = ?1 AND lease_until <= ?2)
             ORDER BY o.next_attempt, o.exchange LIMIT ?3"
        );
        self.many(&sql, params![mailbox, At(now), limit], read)
    }

    /// When the next mail of a mailbox becomes due; may lie in the past.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn next_due(&self, mailbox: &str) -> Result<Option<Instant>, StoreError> {
        let due = self.value::<At>(
            "SELECT min(due) FROM (
               SELECT min(next_attempt) AS due FROM outbox WHERE state = 'queued' AND mailbox = ?1
               UNION ALL
               SELECT min(lease_until) FROM outbox WHERE state = 'sending' AND mailbox = ?1)",
            [mailbox],
        )?;
        Ok(due.map(|at| at.0))
    }

    /// Mails of a mailbox whose final dot was sent and whose fate is not known. After a start these are the ones
    /// to look for in Sent; while running, the ones whose lease has not ended are being sent right now.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn outbox_in_doubt(&self, mailbox: &str) -> Result<Vec<OutboxRow>, StoreError> {
        let sql = format!(
            "{COLUMNS} WHERE o.state IN ('queued', 'sending', 'dot_sent', 'unknown') AND o.state = 'dot_sent'
             AND o.mailbox = ? ORDER BY o.exchange"
        );
        self.many(&sql, [mailbox], read)
    }

    /// Every mail that has not reached an end, in all mailboxes; `unknown` ones included, they need the owner.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn outbox_waiting(&self) -> Result<Vec<OutboxRow>, StoreError> {
        let sql = format!(
            "{COLUMNS} WHERE o.state IN ('queued', 'sending', 'dot_sent', 'unknown') ORDER BY o.next_attempt, o.exchange"
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

    /// One mail.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn outbox_row(&self, id: &str) -> Result<Option<OutboxRow>, StoreError> {
        self.one(&format!("{COLUMNS} WHERE e.id = ?"), [id], read)
    }

    /// The mails that were made in answer to one exchange, the first first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn outbox_of(&self, exchange: &str) -> Result<Vec<OutboxRow>, StoreError> {
        self.many(&format!("{COLUMNS} WHERE a.id = ? ORDER BY o.exchange"), [exchange], read)
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
        let answered = match new.answers {
            Some(id) => Some(self.seq_of(id)?),
            None => None,
        };
        let conversation = match answered {
            Some(seq) => self.value("SELECT conversation FROM exchange WHERE seq = ?", [seq])?,
            None => None,
        };
        let conversation = conversation.unwrap_or_else(|| new.id.to_owned());
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

fn read(row: &Row<'_>) -> rusqlite::Result<OutboxRow> {
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
    })
}
