//! "You have an answer by T", given to a client for a conversation.
use super::{HeaderText, Instant};
use serde::Serialize;

/// Where a promise stands: `open -> kept | renewed | lapsed | released`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PromiseState {
    /// Nobody has answered yet.
    Open,
    /// A human answered.
    Kept,
    /// A holding reply made a new promise in its place.
    Renewed,
    /// Its time passed without an answer.
    Lapsed,
    /// No answer is expected any more.
    Released,
}

impl PromiseState {
    /// The word used in the database and in `--json`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Kept => "kept",
            Self::Renewed => "renewed",
            Self::Lapsed => "lapsed",
            Self::Released => "released",
        }
    }

    /// The reverse of [`Self::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Open, Self::Kept, Self::Renewed, Self::Lapsed, Self::Released].into_iter().find(|s| s.as_str() == word)
    }
}

/// One promise as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Promise {
    /// Its own id.
    pub id: String,
    /// To whom.
    pub client: String,
    /// In which mailbox.
    pub mailbox: String,
    /// The conversation it belongs to.
    pub conversation: String,
    /// The client's message that it answers (with angle brackets), if it had an id.
    pub message_id: Option<String>,
    /// That message's subject.
    pub subject: HeaderText,
    /// Where it stands.
    pub state: PromiseState,
    /// The end of the promised window.
    pub by: Instant,
    /// The zone in which the promise was worded (an IANA name).
    pub zone: String,
    /// When it was made.
    pub made_at: Instant,
    /// Whether the client was told (false for tracked, unannounced ones and in observe mode).
    pub announced: bool,
    /// When and how it ended.
    pub closed_at: Option<Instant>,
    /// Why it ended, in stable words (`answered`, `flag`, `done`, ...).
    pub closed_by: Option<String>,
}

/// What happened to a promise at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub at: Instant,
    /// Where the promise stands from then on.
    pub state: PromiseState,
    /// The cause, in a stable word: `made`, `told`, `answered`, `team`, `draft`, `flag`, `done`, `holding`, `time`, `gone`,
    /// `withdrawn`, `late` (its mail had to wait), `tz`, `calendar`, ...
    pub cause: String,
    /// The promised instant from then on.
    pub by: Instant,
    /// The Message-ID of the mail that caused it, if one did and bears one.
    pub message_id: Option<String>,
}
