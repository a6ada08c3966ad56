//! What was exchanged, searched, promised: lines, conversations, a client's page, one message.
use super::{Mail, Named, Person, Promised, Why};
use crate::web::html::Picture;

/// What became of a promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// By when, on the owner's clock.
    pub here: String,
    /// By when, on the client's clock; empty where it is the same.
    pub there: String,
    /// Whether the client was told.
    pub told: bool,
    /// Where it stands: `open`, `kept`, ...
    pub state: &'static str,
    /// Minutes between the end and the promised time, positive when late; for open ones those that are left.
    pub minutes: Option<i64>,
}

/// A step in the life of a promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When, on the owner's clock.
    pub when: String,
    /// Where the promise stands from then on.
    pub state: &'static str,
    /// Why, in a stable word.
    pub cause: String,
    /// The promised time from then on, on both clocks; empty where nothing changes.
    pub by: String,
}

/// One line of the history.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// The exchange.
    pub exchange: String,
    /// Its conversation.
    pub conversation: String,
    /// It came in.
    pub incoming: bool,
    /// Made by fuseau: its page is the mail's.
    pub ours: bool,
    /// `mail`, `acknowledgement`, ...
    pub kind: String,
    /// What the rules said, whose hand wrote it, or where the mail stands.
    pub verdict: Option<&'static str>,
    /// The subject.
    pub subject: String,
    /// The other one's address.
    pub who: String,
    /// The client, where lines of several stand together.
    pub client: Option<Named>,
    /// On the owner's clock.
    pub here: String,
    /// On the client's clock; empty where it is the same.
    pub there: String,
    /// Its promises.
    pub promises: Vec<Outcome>,
    /// Why nothing was sent.
    pub why: Vec<Why>,
    /// The subject with the words that were looked for: (text, whether it is marked); empty without a search.
    pub title: Vec<(String, bool)>,
    /// The passage with those words, likewise.
    pub snippet: Vec<(String, bool)>,
}

/// What the owner wrote down about a client.
#[derive(Clone, Debug, Default)]
pub struct Own {
    /// Its id.
    pub id: String,
    /// `journal` or `visit`
    pub kind: &'static str,
    /// What its project is called; empty for a visit.
    pub title: String,
    /// The client, if it is one of the configuration.
    pub client: Option<Named>,
    /// On the owner's clock; the day of a visit.
    pub here: String,
    /// On the client's clock; empty where it is the same, and for a visit.
    pub there: String,
    /// The owner's words; empty in a search, which shows a passage of them.
    pub text: String,
    /// The title with the words that were looked for, as in [`Line::title`].
    pub marked: Vec<(String, bool)>,
    /// The passage with those words.
    pub snippet: Vec<(String, bool)>,
}

/// What stands in a line of time.
#[derive(Clone, Debug)]
pub enum Event {
    /// A mail.
    Mail(Line),
    /// A note or a visit.
    Own(Own),
}

/// A conversation.
#[derive(Clone, Debug)]
pub struct Thread {
    /// The subject of its first line.
    pub subject: String,
    /// When it went on last, on the owner's clock.
    pub last: String,
    /// A promise of it is open.
    pub open: bool,
    /// Its lines, the oldest first.
    pub lines: Vec<Event>,
}

/// A wrong query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The query before the place.
    pub before: String,
    /// What is wrong there.
    pub here: String,
    /// The rest.
    pub after: String,
    /// What is wrong (English).
    pub what: String,
    /// How to mend it (English).
    pub remedy: String,
}

/// A search.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// As it was typed.
    pub query: String,
    /// Only this client.
    pub client: Option<Named>,
    /// What was found, of this page.
    pub found: Vec<Event>,
    /// What is wrong with the query.
    pub wrong: Option<Wrong>,
    /// The page, from 1.
    pub page: usize,
    /// How many hits stand before this page.
    pub before: usize,
    /// There is a next page.
    pub more: bool,
    /// Older matches were not looked at.
    pub cut_short: bool,
    /// The index is not ready: (entries in it, of all).
    pub behind: Option<(i64, i64)>,
}

/// A client's page.
#[derive(Clone, Debug)]
pub struct Client {
    /// Who.
    pub who: Person,
    /// The key in the configuration.
    pub id: String,
    /// The zone's name.
    pub zone: String,
    /// The owner's next answer window, on both clocks.
    pub window: Option<(String, String)>,
    /// The hours in common.
    pub band: Picture,
    /// Open promises.
    pub promises: Vec<Promised>,
    /// A search in this history, if one was asked for.
    pub search: Option<Search>,
    /// The history, the newest first; beside threads only what belongs to none.
    pub lines: Vec<Event>,
    /// The same by conversation, the newest first.
    pub threads: Option<Vec<Thread>>,
    /// How many lines are shown; there are older ones if `older`.
    pub shown: u32,
    /// There are older ones.
    pub older: bool,
}

/// One message.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its id.
    pub id: String,
    /// The subject.
    pub subject: String,
    /// From and to.
    pub from: String,
    /// The first recipient.
    pub to: String,
    /// The client.
    pub client: Option<Named>,
    /// When, on the owner's clock.
    pub here: String,
    /// When, on the client's clock.
    pub there: String,
    /// Its Message-ID.
    pub message_id: Option<String>,
    /// What the rules said.
    pub verdict: Option<&'static str>,
    /// All reasons.
    pub reasons: Vec<Why>,
    /// Its promises that are open.
    pub promises: Vec<Promised>,
    /// What became of its promises, each with its life.
    pub lives: Vec<(Outcome, Vec<Step>)>,
    /// The text.
    pub text: String,
    /// It goes on; this is its beginning.
    pub text_cut: bool,
    /// Names of its attachments.
    pub attachments: Vec<String>,
    /// Its source is kept: size in octets.
    pub source: Option<usize>,
    /// The mails that answer it.
    pub mails: Vec<Mail>,
    /// The rest of its conversation.
    pub conversation: Vec<Event>,
}
