//! What a digest is made from: promises, mails and events since the last one. Values only; what is told of them is in
//! digest.rs.
use crate::model::{Code, Instant, Notice, NoticeCode, Promise, Reason, Verdict};

/// Why a promise "moved" that stays where it is.
const NO_WINDOW: &str = "no-window";

/// A promise with the mail for which it was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Promised {
    /// The promise.
    pub promise: Promise,
    /// Who wrote.
    pub from: Option<String>,
    /// When it arrived.
    pub arrived: Option<Instant>,
    /// The exchange of that mail.
    pub exchange: Option<String>,
}

/// A mail that got no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unanswered {
    /// Its exchange.
    pub exchange: String,
    /// Its Message-ID.
    pub message_id: Option<String>,
    /// Who wrote.
    pub from: Option<String>,
    /// The client, if it is one.
    pub client: Option<String>,
    /// Its subject.
    pub subject: String,
    /// When it arrived.
    pub arrived: Instant,
    /// What the rules said.
    pub verdict: Verdict,
    /// All of their reasons.
    pub reasons: Vec<Reason>,
}

impl Unanswered {
    /// The reason that says most: the first that speaks for the verdict; of those, being a stranger explains least.
    #[must_use]
    pub fn why(&self) -> Option<Code> {
        let spoke = || self.reasons.iter().map(|reason| reason.code).filter(|code| code.verdict() == self.verdict);
        spoke().find(|code| *code != Code::Stranger).or_else(|| spoke().next())
    }
}

/// What became of a mail of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fate {
    /// It went out.
    Sent,
    /// It would have gone out (mode `observe`).
    Observed,
    /// It waits in Drafts.
    Drafted,
    /// It was refused.
    Failed,
    /// Nobody knows whether it arrived.
    Unknown,
}

impl Fate {
    /// The stable word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Observed => "observed",
            Self::Drafted => "drafted",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

/// A mail of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OurMail {
    /// Its exchange.
    pub exchange: String,
    /// Its Message-ID.
    pub message_id: String,
    /// `acknowledgement`, `holding`, ...
    pub kind: String,
    /// The client.
    pub client: Option<String>,
    /// To whom.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// What became of it.
    pub fate: Fate,
    /// When.
    pub at: Instant,
    /// The promise that it states.
    pub by: Option<Instant>,
    /// The server's last words.
    pub why: Option<String>,
}

/// An event, with the mail that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The event.
    pub notice: Notice,
    /// The subject of the mail.
    pub subject: Option<String>,
    /// Its author.
    pub from: Option<String>,
    /// Its Message-ID.
    pub message_id: Option<String>,
}

impl Event {
    /// Whether it says that a promise stays where it is, with no window before it any more.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.notice.code == NoticeCode::PromiseMoved
            && self.notice.values.get("why").is_some_and(|why| why == NO_WINDOW)
    }
}

/// Everything that a digest may say, since the last one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DigestFacts {
    /// When the last digest was made.
    pub since: Option<Instant>,
    /// Every open promise.
    pub open: Vec<Promised>,
    /// Promises that lapsed or were released since.
    pub ended: Vec<Promised>,
    /// What came and got no answer.
    pub unanswered: Vec<Unanswered>,
    /// What went out, and what waits in Drafts.
    pub mails: Vec<OurMail>,
    /// Events that were not told yet.
    pub events: Vec<Event>,
    /// Automatic mail that rests.
    pub rests: Vec<Rest>,
}

/// All automatic mail rests, or that of one mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rest {
    /// The mailbox, if it is only one.
    pub mailbox: Option<String>,
    /// Until when.
    pub until: Instant,
    /// The code that asked for it.
    pub code: String,
}
