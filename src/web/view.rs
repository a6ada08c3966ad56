//! What pages show: plain values, already put into words where the words depend on dates and zones. Made by the floor
//! above. Every text may be hostile: pages/ escapes all of them.
mod past;
mod stats;

pub use past::{Client, Event, Line, Message, Outcome, Own, Search, Step, Thread, Wrong};
pub use stats::{Asked, Figures, Question, Stats, Wait};

use super::html::Picture;
use crate::model::Language;

/// What stands around every page.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The owner's language.
    pub language: Language,
    /// The day and the time where the owner is.
    pub now: String,
    /// Where that is.
    pub place: String,
    /// The page with its query: where an act comes back to.
    pub path: String,
    /// Whether the daemon runs.
    pub running: bool,
    /// Whether nothing automatic leaves.
    pub paused: bool,
    /// All clients.
    pub clients: Vec<Named>,
}

/// Why something was said or left unsaid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// In the owner's language, where it has words for it.
    pub said: Option<String>,
    /// In the words of the rules (English).
    pub detail: String,
    /// The stable code.
    pub code: &'static str,
    /// It speaks for the verdict.
    pub speaks: bool,
}

/// A client: key and name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The key in the configuration.
    pub id: String,
    /// The name.
    pub name: String,
}

/// One page.
#[derive(Clone, Debug)]
pub enum Page {
    /// How the day stands.
    Today(Box<Today>),
    /// What waits; with `true` what left too.
    Outbox(Vec<Mail>, bool),
    /// One mail of ours.
    Mail(Box<Letter>),
    /// A client.
    Client(Box<Client>),
    /// One message.
    Message(Box<Message>),
    /// A note or a visit.
    Note(Box<Own>),
    /// A search.
    Search(Box<Search>),
    /// The figures.
    Stats(Box<Stats>),
}

/// What somebody does at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Asleep, as far as one can know.
    Night,
    /// Up, but not at work.
    Awake,
    /// At work.
    Work,
    /// The owner's answer window.
    Window,
}

/// Somebody's present.
#[derive(Clone, Debug)]
pub struct Person {
    /// The client; none for the owner.
    pub id: Option<String>,
    /// The name.
    pub name: String,
    /// The city.
    pub place: String,
    /// The time there.
    pub clock: String,
    /// The day there, if it is another one than the owner's.
    pub day: String,
    /// How far from the owner's clock.
    pub gap: String,
    /// What they do.
    pub doing: Doing,
}

/// How the day stands.
#[derive(Clone, Debug, Default)]
pub struct Today {
    /// The owner and all clients.
    pub people: Vec<Person>,
    /// The common hours.
    pub band: Picture,
    /// The next answer window.
    pub window: Option<String>,
    /// What is open, the most pressing first.
    pub promises: Vec<Promised>,
    /// What lies in Drafts.
    pub drafts: Vec<Mail>,
    /// What waits, and how many more do.
    pub waiting: Vec<Mail>,
    /// How many more wait than are shown.
    pub more_waiting: usize,
    /// How many more promises are open than are shown.
    pub more_promises: usize,
    /// What left.
    pub sent: Vec<Mail>,
    /// What did not, and why.
    pub withheld: Vec<Withheld>,
    /// The mailboxes.
    pub health: Vec<Health>,
    /// Whose automatic mail rests, until when and why.
    pub rests: Vec<String>,
}

/// A promise.
#[derive(Clone, Debug)]
pub struct Promised {
    /// To whom.
    pub client: Named,
    /// About what.
    pub subject: String,
    /// The exchange, if it is in the history.
    pub exchange: Option<String>,
    /// By when, on the owner's clock.
    pub here: String,
    /// By when, on the client's clock.
    pub there: String,
    /// Minutes left; negative when overdue.
    pub left: i64,
    /// Whether the client was told.
    pub told: bool,
    /// Where it stands: `open`, `kept`, ...
    pub state: &'static str,
}

/// A mail of ours.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Its id.
    pub id: String,
    /// `acknowledgement`, `holding`, ...
    pub kind: String,
    /// To whom, if it is a client.
    pub client: Option<Named>,
    /// To which address.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Where it stands: `queued`, `sent`, ...
    pub state: &'static str,
    /// When it left, or when it is looked at next; both clocks.
    pub when: String,
    /// What the gate says, or the server's last words, or why it was dropped.
    pub why: Vec<String>,
    /// It waits and can be held, sent, dropped.
    pub waits: bool,
    /// The owner holds it back.
    pub held: bool,
}

/// One mail of ours with everything.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Itself.
    pub mail: Mail,
    /// From.
    pub from: String,
    /// The text.
    pub text: String,
    /// What it promises, both clocks.
    pub promise: Option<String>,
    /// The message that it answers.
    pub answers: Option<String>,
    /// The gate's checks: name, outcome, in words.
    pub checks: Vec<(&'static str, &'static str, String)>,
}

/// A message that got no answer of ours.
#[derive(Clone, Debug)]
pub struct Withheld {
    /// Its id.
    pub exchange: String,
    /// Who wrote.
    pub who: String,
    /// About what.
    pub subject: String,
    /// When, on the owner's clock.
    pub when: String,
    /// `hold`, `wait`, `ignore`
    pub verdict: &'static str,
    /// The reasons that speak for it.
    pub reasons: Vec<Why>,
}

/// How a mailbox fares.
#[derive(Clone, Debug)]
pub struct Health {
    /// Its name.
    pub name: String,
    /// Its rung: `observe`, `draft`, `send`
    pub mode: &'static str,
    /// Why it stands there: which line of the configuration says so (English).
    pub rung: Option<String>,
    /// Whether a session is up; none while nothing runs.
    pub connected: Option<bool>,
    /// The last look.
    pub looked: Option<String>,
    /// What is wrong.
    pub error: Option<String>,
}
