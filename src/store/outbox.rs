//! The words of the outbox and one mail of it as a value. Never here: statements (queue.rs, transitions.rs).
use crate::model::{EmailAddress, HeaderText, Instant, MessageId};
use rusqlite::ToSql;

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

/// One try with one mail, as it was claimed. Whoever reports of a try names it: once the mail was given to somebody else,
/// a report of the try before changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Of which mail.
    pub id: String,
    pub(super) attempts: u32,
    pub(super) until: Option<Instant>,
}

impl Claim {
    /// Whether its lease has ended.
    #[must_use]
    pub fn is_over(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| until <= now)
    }
}

impl OutboxRow {
    /// The try that ran when this row was read.
    #[must_use]
    pub fn claim(&self) -> Claim {
        Claim { id: self.id.clone(), attempts: self.attempts, until: self.lease_until }
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
    /// The owner holds it back until then.
    pub held_until: Option<Instant>,
    /// The owner wants it sent at once.
    pub hurried: bool,
    /// Which of the wordings of its kind it has.
    pub wording: u32,
}
