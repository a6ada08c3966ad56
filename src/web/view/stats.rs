//! The figures as a page shows them. What they are: `decide::stats`.
use super::Named;
use crate::web::html::Picture;

/// The page.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    /// The one client that they are about.
    pub client: Option<Named>,
    /// The whole history instead of the last year.
    pub all: bool,
    /// Nothing is there to be counted.
    pub empty: bool,
    /// Mails of clients, written by hand, sent by themselves.
    pub counts: [u32; 3],
    /// How long clients waited: in their working time, on the clock.
    pub waits: [Wait; 2],
    /// How many still wait.
    pub waiting: u32,
    /// Promises that clients were told.
    pub promises: Figures,
    /// Client by client.
    pub clients: Vec<(Named, Figures)>,
    /// Questions that came more than once.
    pub asked: Vec<Asked>,
    /// The pictures.
    pub pictures: Vec<Picture>,
}

/// Lengths in minutes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wait {
    /// How many.
    pub count: u32,
    /// Half of them are no longer.
    pub median: Option<i64>,
    /// Nine of ten are no longer.
    pub p90: Option<i64>,
    /// The longest.
    pub longest: Option<i64>,
}

/// Promises and answers, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Mails from them.
    pub received: u32,
    /// The median until a person answered, in their working time.
    pub median: Option<i64>,
    /// Promises made.
    pub made: u32,
    /// Kept in time.
    pub kept: u32,
    /// Missed.
    pub missed: u32,
    /// Renewed.
    pub renewed: u32,
    /// Released.
    pub released: u32,
    /// Not due yet.
    pub open: u32,
    /// Of a hundred that came due, so many were kept.
    pub percent: Option<u32>,
}

/// A question that came more than once.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The words that its mails have in common.
    pub words: String,
    /// How many mails.
    pub mails: u32,
    /// From whom.
    pub clients: Vec<Named>,
    /// Some of the mails.
    pub questions: Vec<Question>,
    /// The topic that knows it already.
    pub topic: Option<String>,
    /// What could stand in the configuration.
    pub proposal: Option<String>,
}

/// One mail that asked.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// The exchange.
    pub exchange: String,
    /// As it was written.
    pub text: String,
    /// When, on the owner's clock.
    pub when: String,
    /// What the owner wrote afterwards.
    pub answer: Option<String>,
}
