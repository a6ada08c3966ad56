//! The figures of a history: how long clients waited for a person, what became of the promises, when mail comes. Pure
//! arithmetic over entries and promises; what was asked most: asked.rs; where the entries come from: `daemon`.
mod answers;
mod kept;
mod load;

pub use answers::{Answers, BOUNDS, Spread};
pub use kept::{Month, Promises, Tally};
pub use load::{Grid, Load, ZoneLoad};

use super::asked::Asked;
use crate::model::{Client, Instant, Owner, Promise, Zone};
use chrono::{NaiveTime, TimeDelta};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Who wrote an entry of the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hand {
    /// A client's people; `true` if they may expect an answer (thanks and machines do not).
    Client(bool),
    /// The owner or the team.
    Owner,
    /// fuseau, or a program like it.
    Machine,
}

/// One entry, as far as the figures need it. A long history has a million of them: what they have in common is kept once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id; empty where nobody points at it (only at the owner's mails).
    pub id: Arc<str>,
    /// Arrival or sending.
    pub at: Instant,
    /// Its conversation.
    pub conversation: Arc<str>,
    /// Its client's key.
    pub client: Option<Arc<str>>,
    /// Who wrote it.
    pub hand: Hand,
}

/// One promise, with what its own row does not say.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    /// The promise.
    pub promise: Promise,
    /// When the message arrived for which it was made.
    pub asked: Instant,
    /// What was promised in its place.
    pub renewed_to: Option<Instant>,
}

/// From when to when: what arrived, and what was due. Neither end: everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// The first instant.
    pub since: Option<Instant>,
    /// The first instant after it.
    pub until: Option<Instant>,
}

impl Period {
    /// The last 12 months: what is counted unless something else is asked for. It begins with a day at home.
    #[must_use]
    pub fn last_year(now: Instant, home: &Zone) -> Self {
        let day = home.local(now).date() - TimeDelta::days(365);
        Self { since: Some(home.instant(day.and_time(NaiveTime::MIN))), until: None }
    }

    /// Whether an instant lies in it.
    #[must_use]
    pub fn holds(&self, at: Instant) -> bool {
        self.since.is_none_or(|since| since <= at) && self.until.is_none_or(|until| at < until)
    }
}

/// What the figures are made of. The entries may begin before the period: an answer needs what it answers.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The history, in any order.
    pub entries: &'a [Entry],
    /// The promises, in any order; those that never began are left out by the caller.
    pub promises: &'a [Given],
    /// The owner, for where they were.
    pub owner: &'a Owner,
    /// The clients of the configuration, for their hours and zones.
    pub clients: &'a [Client],
    /// The present.
    pub now: Instant,
}

/// All figures: what `fuseau stats` prints, and what a page shows. Lengths are whole minutes, rounded down.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Stats {
    /// The client, if it is about one.
    pub client: Option<String>,
    /// From when.
    pub since: Option<Instant>,
    /// The first instant after it.
    pub until: Option<Instant>,
    /// Mails of clients.
    pub received: u32,
    /// Mails that the owner or the team wrote.
    pub written: u32,
    /// Mails that went out by themselves.
    pub automatic: u32,
    /// How long clients waited for a person.
    pub answers: Answers,
    /// What became of the promises.
    pub promises: Promises,
    /// The same month by month, by the date on which they were due at home.
    pub months: Vec<Month>,
    /// When mail comes and goes, on the clock where the owner was.
    pub load: Load,
    /// When mail comes, on the clients' own clocks.
    pub zones: Vec<ZoneLoad>,
    /// Client by client, those with the most mail first.
    pub clients: Vec<ClientFigures>,
    /// Questions that came more than once, the most frequent first.
    pub asked: Vec<Asked>,
}

/// One client's figures.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ClientFigures {
    /// The key in the configuration.
    pub client: String,
    /// The name; the key where the configuration has no such client any more.
    pub name: String,
    /// Mails of theirs.
    pub received: u32,
    /// Mails written to them by hand.
    pub written: u32,
    /// How long they waited.
    pub answers: Answers,
    /// What became of their promises.
    pub promises: Promises,
}

impl Stats {
    /// Whether nothing is there to be counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.received + self.written + self.automatic == 0 && self.promises.told.made + self.promises.untold.made == 0
    }
}

/// Counts. `client` limits the figures to one; what was asked is added by the caller (`asked`).
#[must_use]
pub fn stats(facts: &Facts<'_>, client: Option<&str>, period: Period) -> Stats {
    let ends = answers::ends(facts);
    let of = |id: &Option<Arc<str>>| client.is_none_or(|wanted| id.as_deref() == Some(wanted));
    let mut waits = answers::waits(facts, &ends);
    waits.retain(|it| of(&it.client) && period.holds(it.since));
    answers::measure(&mut waits, facts.clients);
    let waits: Vec<&answers::Wait> = waits.iter().collect();
    let entries: Vec<&Entry> = facts.entries.iter().filter(|it| of(&it.client) && period.holds(it.at)).collect();
    let given: Vec<&Given> = facts.promises.iter().filter(|it| period.holds(it.promise.by)).collect();
    let given: Vec<&Given> =
        given.into_iter().filter(|it| client.is_none_or(|wanted| it.promise.client == wanted)).collect();
    Stats {
        client: client.map(str::to_owned),
        since: period.since,
        until: period.until,
        received: count(&entries, |hand| matches!(hand, Hand::Client(_))),
        written: count(&entries, |hand| hand == Hand::Owner),
        automatic: count(&entries, |hand| hand == Hand::Machine),
        answers: Answers::of(&waits),
        promises: Promises::of(&given, &ends, facts.now),
        months: kept::months(&given, &facts.owner.zone),
        load: Load::of(&entries, facts.owner),
        zones: load::zones(&entries, facts.clients),
        clients: clients(&entries, &waits, &given, &ends, facts),
        asked: Vec::new(),
    }
}

fn count(entries: &[&Entry], wanted: impl Fn(Hand) -> bool) -> u32 {
    let found = entries.iter().filter(|it| wanted(it.hand)).count();
    u32::try_from(found).unwrap_or(u32::MAX)
}

/// What belongs to one client.
type Theirs<'a> = (Vec<&'a Entry>, Vec<&'a answers::Wait>, Vec<&'a Given>);

fn clients(
    entries: &[&Entry],
    waits: &[&answers::Wait],
    given: &[&Given],
    ends: &answers::Ends<'_>,
    facts: &Facts<'_>,
) -> Vec<ClientFigures> {
    let mut by: BTreeMap<&str, Theirs<'_>> = BTreeMap::new();
    for entry in entries {
        if let Some(client) = entry.client.as_deref() {
            by.entry(client).or_default().0.push(entry);
        }
    }
    for wait in waits {
        if let Some(client) = wait.client.as_deref() {
            by.entry(client).or_default().1.push(wait);
        }
    }
    for it in given {
        by.entry(it.promise.client.as_str()).or_default().2.push(it);
    }
    let mut all: Vec<ClientFigures> = by
        .into_iter()
        .map(|(id, (entries, waits, given))| ClientFigures {
            client: id.to_owned(),
            name: facts.clients.iter().find(|it| it.id == id).map_or(id, |it| it.name.as_str()).to_owned(),
            received: count(&entries, |hand| matches!(hand, Hand::Client(_))),
            written: count(&entries, |hand| hand == Hand::Owner),
            answers: Answers::of(&waits),
            promises: Promises::of(&given, ends, facts.now),
        })
        .collect();
    all.sort_by_key(|it| std::cmp::Reverse(it.received));
    all
}
