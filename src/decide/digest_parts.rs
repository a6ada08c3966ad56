//! What a digest says: its parts, in order, and their items. Values only; which fact becomes which item is in digest.rs.
use super::digest_facts::{Event, OurMail, Promised, Rest, Unanswered};
use crate::calendar::{DayPhase, Shift};
use crate::model::Instant;

/// A part of the digest, in the order in which they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// What cannot wait.
    Attention,
    /// Open promises, the least time left first.
    Promises,
    /// What is left of each client's day.
    Days,
    /// What was not answered, and why.
    Unanswered,
    /// Drafts that wait.
    Drafts,
    /// What was sent.
    Sent,
    /// What else happened.
    News,
    /// Clocks about to change.
    Clocks,
}

impl Part {
    /// The stable word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Attention => "attention",
            Self::Promises => "promises",
            Self::Days => "days",
            Self::Unanswered => "unanswered",
            Self::Drafts => "drafts",
            Self::Sent => "sent",
            Self::News => "news",
            Self::Clocks => "clocks",
        }
    }

    /// How many items are shown; the rest is counted.
    #[must_use]
    pub fn most(self) -> usize {
        match self {
            Self::Attention | Self::Promises => 10,
            Self::Unanswered | Self::News => 8,
            Self::Days | Self::Drafts | Self::Sent | Self::Clocks => 6,
        }
    }

    /// Whether it is worth a mail by itself. The rest only goes with one.
    fn counts(self) -> bool {
        !matches!(self, Self::Days | Self::Clocks)
    }
}

/// What is left of a client's day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayLeft {
    /// The client's key.
    pub client: String,
    /// How the present lies to their day.
    pub phase: DayPhase,
    /// When their day ends, if it lasts, else when the next one begins; `None` for a client without hours.
    pub at: Option<Instant>,
}

/// One thing that a digest says.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// An open promise, with what is left of the client's day.
    Open(Promised, Option<DayLeft>),
    /// A promise that lapsed or was released.
    Ended(Promised),
    /// A client's day.
    Day(DayLeft),
    /// A mail without answer.
    Unanswered(Unanswered),
    /// A mail of ours.
    Mail(OurMail),
    /// An event.
    Event(Event),
    /// Automatic mail rests.
    Rest(Rest),
    /// A clock change that shifts the gap to a client.
    Clock(String, Shift),
}

/// A part with its items.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// Which part.
    pub part: Part,
    /// What is shown.
    pub items: Vec<Item>,
    /// How many more there are.
    pub more: usize,
}

/// What the mail says.
#[derive(Clone, Debug, PartialEq)]
pub struct Digest {
    /// Its moment.
    pub at: Instant,
    /// When the last one was made.
    pub since: Option<Instant>,
    /// Open promises in all.
    pub promises: usize,
    /// The earliest of their deadlines.
    pub first_by: Option<Instant>,
    /// Mails of machines and lists that got no answer and need none.
    pub ignored: usize,
    /// Its parts; none is empty.
    pub sections: Vec<Section>,
}

impl Digest {
    /// Whether there is nothing worth a mail.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.sections.iter().any(|section| section.part.counts())
    }
}
