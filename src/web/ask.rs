//! What the desk is asked for and told to do, as plain values. Who answers: the floor above (`Behind`).
use super::view::{Frame, Page};
use crate::model::Language;
use std::time::Duration;

/// Which page is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// How the day stands.
    Today,
    /// What waits, or with `true` what left too.
    Outbox(bool),
    /// One mail of ours.
    Mail(String),
    /// A client's timeline.
    Client(Look),
    /// One message of the history.
    Message(String),
    /// One note of the journal, or one visit.
    Note(String),
    /// What is found.
    Search(Seek),
    /// The figures: of one client or of all; of the whole history, or of the last year.
    Stats(Option<String>, bool),
}

/// How a client's page is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// The client's key.
    pub id: String,
    /// By conversation instead of by time.
    pub threads: bool,
    /// How many lines; 0 for the usual number.
    pub shown: u32,
    /// A search in it; empty for none.
    pub query: String,
}

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seek {
    /// As typed.
    pub query: String,
    /// Only with this client.
    pub client: Option<String>,
    /// The page, from 1.
    pub page: usize,
    /// Somebody is still typing: the last word may go on.
    pub typing: bool,
}

/// What the owner wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// A promise is kept: the owner answered by other means. The Message-ID.
    Done(String),
    /// It was not so: the promise is open again.
    Undo(String),
    /// The client is told of a later date: Message-ID, and how much later.
    Later(String, String),
    /// A mail is held back: its id, and for how long; `None` until told otherwise.
    Hold(String, Option<String>),
    /// A held mail goes its way again.
    Release(String),
    /// A mail is sent now.
    Send(String),
    /// A mail is never sent.
    Drop(String),
    /// Nothing automatic leaves.
    Pause,
    /// It goes again.
    Resume,
}

impl Act {
    /// The act of a form: its word, the id, and how long.
    #[must_use]
    pub fn parse(word: &str, id: &str, span: &str) -> Option<Self> {
        let id = || id.to_owned();
        let span = Some(span).filter(|span| !span.is_empty()).map(str::to_owned);
        Some(match word {
            "done" => Self::Done(id()),
            "undo" => Self::Undo(id()),
            "later" => Self::Later(id(), span.unwrap_or_else(|| "2d".to_owned())),
            "hold" => Self::Hold(id(), span),
            "release" => Self::Release(id()),
            "send" => Self::Send(id()),
            "drop" => Self::Drop(id()),
            "pause" => Self::Pause,
            "resume" => Self::Resume,
            _ => return None,
        })
    }

    /// Its word in a form.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Done(_) => "done",
            Self::Undo(_) => "undo",
            Self::Later(..) => "later",
            Self::Hold(..) => "hold",
            Self::Release(_) => "release",
            Self::Send(_) => "send",
            Self::Drop(_) => "drop",
            Self::Pause => "pause",
            Self::Resume => "resume",
        }
    }

    /// The act that takes it back, if there is one. What was dropped or told to a client stays so.
    #[must_use]
    pub fn back(&self) -> Option<Self> {
        match self {
            Self::Done(id) => Some(Self::Undo(id.clone())),
            Self::Undo(id) => Some(Self::Done(id.clone())),
            Self::Hold(id, _) => Some(Self::Release(id.clone())),
            Self::Release(id) | Self::Send(id) => Some(Self::Hold(id.clone(), None)),
            Self::Pause => Some(Self::Resume),
            Self::Resume => Some(Self::Pause),
            Self::Later(..) | Self::Drop(_) => None,
        }
    }

    /// What it is done to.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Done(id)
            | Self::Undo(id)
            | Self::Later(id, _)
            | Self::Hold(id, _)
            | Self::Release(id)
            | Self::Send(id)
            | Self::Drop(id) => id,
            Self::Pause | Self::Resume => "",
        }
    }
}

/// Why something is not shown or not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// There is no such thing.
    Missing(String),
    /// It makes no sense or comes too late.
    Refused(String),
    /// Something does not work.
    Failed(String),
}

/// Gathers a page.
pub type Gather = Box<dyn Fn(&Ask) -> Result<(Frame, Page), Trouble> + Send + Sync>;
/// Does something; what it was done to, in words.
pub type Perform = Box<dyn Fn(&Act) -> Result<String, Trouble> + Send + Sync>;
/// The bytes of a message.
pub type Source = Box<dyn Fn(&str) -> Result<Vec<u8>, Trouble> + Send + Sync>;

/// What the floor above does for the desk.
pub struct Behind {
    /// The frame and content of a page.
    pub page: Gather,
    /// Does something.
    pub act: Perform,
    /// The bytes of a message as it came.
    pub source: Source,
    /// Whether this is the one-time link's token; true once for each.
    pub redeem: Box<dyn Fn(&str) -> bool + Send + Sync>,
    /// A new secret, at least 128 random bits in letters and digits.
    pub secret: Box<dyn Fn() -> String + Send + Sync>,
    /// Time that never jumps.
    pub clock: fn() -> Duration,
    /// The owner's language, for those who are not let in yet.
    pub language: Box<dyn Fn() -> Language + Send + Sync>,
    /// What the pictures of ours need in the style sheet.
    pub styles: &'static [&'static str],
}

#[cfg(test)]
mod tests {
    use super::Act;

    #[test]
    fn words_and_acts_belong_together() {
        for word in ["done", "undo", "later", "hold", "release", "send", "drop", "pause", "resume"] {
            let act = Act::parse(word, "an id", "").unwrap();
            assert_eq!(act.word(), word);
            if let Some(back) = act.back() {
                assert_eq!(back.id(), act.id());
                assert!(back.back().is_some());
            }
        }
        assert_eq!(Act::parse("explode", "", ""), None);
    }
}
