//! The one mail to the owner: when it is due, and what stands in it, in which order. Never here: its words (`compose`),
//! where the facts come from (`store`).
use super::policy::Policy;
use crate::calendar::{
    DayPhase, Shift, coming_shift, day_phase, decent_hours, next_decent, window_at, windows, zone_on,
};
use crate::model::{Client, Code, Instant, Notice, NoticeCode, Owner, Promise, Reason, Verdict};
use chrono::{NaiveTime, TimeDelta};
use std::collections::BTreeSet;

/// When the digest goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DigestTimes {
    /// At the opening of each answer window.
    Window,
    /// At these times of day where the owner is; sorted, not empty.
    At(Vec<NaiveTime>),
    /// Never.
    Off,
}

/// How long after a fixed time its digest may still come.
const LATE: TimeDelta = TimeDelta::hours(2);
/// How far ahead the next moment is looked for: first a little, then as far as a long absence lasts.
const AHEAD: [TimeDelta; 2] = [TimeDelta::days(4), TimeDelta::days(100)];

/// Why a promise "moved" that stays where it is.
const NO_WINDOW: &str = "no-window";

/// One occasion for a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    /// The window's opening, or the fixed time.
    pub start: Instant,
    /// First instant at which it is too late.
    pub end: Instant,
}

/// The occasion that lasts at `now`: the open window, or a fixed time not long ago.
#[must_use]
pub fn slot(owner: &Owner, times: &DigestTimes, now: Instant) -> Option<Slot> {
    match times {
        DigestTimes::Off => None,
        DigestTimes::Window => window_at(owner, now).map(|window| Slot { start: window.start, end: window.end }),
        DigestTimes::At(times) => fixed(owner, times, now - LATE, now).pop().filter(|slot| now < slot.end),
    }
}

/// When the next occasion after `now` begins.
#[must_use]
pub fn next_slot(owner: &Owner, times: &DigestTimes, now: Instant) -> Option<Instant> {
    AHEAD.into_iter().find_map(|ahead| {
        let starts: Vec<Instant> = match times {
            DigestTimes::Off => Vec::new(),
            DigestTimes::Window => windows(owner, now, now + ahead).into_iter().map(|window| window.start).collect(),
            DigestTimes::At(times) => {
                fixed(owner, times, now, now + ahead).into_iter().map(|slot| slot.start).collect()
            }
        };
        starts.into_iter().find(|start| *start > now)
    })
}

/// The fixed times from one instant to another, both included, in order, on days that have a window.
fn fixed(owner: &Owner, times: &[NaiveTime], from: Instant, until: Instant) -> Vec<Slot> {
    let reach = TimeDelta::days(2);
    let days: BTreeSet<_> = windows(owner, from - reach, until + reach).into_iter().map(|window| window.date).collect();
    let mut slots: Vec<Slot> = days
        .into_iter()
        .flat_map(|day| times.iter().map(move |time| zone_on(owner, day).instant(day.and_time(*time))))
        .filter(|start| from <= *start && *start <= until)
        .map(|start| Slot { start, end: start + LATE })
        .collect();
    slots.sort_unstable();
    slots
}

/// A promise with the mail for which it was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Promised {
    /// The promise.
    pub promise: Promise,
    /// Who wrote.
    pub from: Option<String>,
    /// When it arrived.
    pub arrived: Option<Instant>,
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

/// Arranges the facts for the owner.
#[must_use]
pub fn digest(facts: &DigestFacts, policy: &Policy, now: Instant) -> Digest {
    let mut all: Vec<(Part, Item)> = Vec::new();
    all.extend(facts.rests.iter().map(|rest| (Part::Attention, Item::Rest(rest.clone()))));
    let events = facts.events.iter().filter(|event| still_true(event, facts));
    all.extend(events.map(|event| (part_of(event), Item::Event(event.clone()))));
    all.extend(ended(facts).map(|it| (part_of_ended(it), Item::Ended(it.clone()))));
    let mut open: Vec<(&Promised, Option<DayLeft>)> = facts
        .open
        .iter()
        .map(|it| (it, policy.client(&it.promise.client).map(|client| day_left(client, now))))
        .collect();
    open.sort_by_key(|(it, day)| (it.promise.by, day.as_ref().map(day_order), it.promise.id.clone()));
    all.extend(open.iter().map(|(it, day)| (Part::Promises, Item::Open((*it).clone(), day.clone()))));
    // Who is never to get automatic mail is no machine, and no news either.
    let wanted = facts.unanswered.iter().filter(|mail| mail.why() != Some(Code::Never));
    let (looked_at, ignored): (Vec<_>, Vec<_>) = wanted.partition(|mail| mail.verdict == Verdict::Hold);
    all.extend(looked_at.into_iter().map(|mail| (Part::Unanswered, Item::Unanswered(mail.clone()))));
    all.extend(
        facts
            .mails
            .iter()
            .filter(|mail| !told(mail, facts))
            .map(|mail| (part_of_mail(mail.fate), Item::Mail(mail.clone()))),
    );
    all.extend(days(&all, policy, now).into_iter().map(|day| (Part::Days, Item::Day(day))));
    let soon = |client: &Client| coming_shift(&policy.owner, &client.zone, now, now);
    all.extend(
        policy.clients.iter().filter_map(|client| Some((Part::Clocks, Item::Clock(client.id.clone(), soon(client)?)))),
    );
    // Stable: within a part the order is the one above.
    all.sort_by_key(|(part, _)| *part);
    let mut sections: Vec<Section> = Vec::new();
    for (part, item) in all {
        match sections.last_mut().filter(|section| section.part == part) {
            Some(section) if section.items.len() < part.most() => section.items.push(item),
            Some(section) => section.more += 1,
            None => sections.push(Section { part, items: vec![item], more: 0 }),
        }
    }
    Digest {
        at: now,
        since: facts.since,
        promises: open.len(),
        first_by: open.first().map(|(it, _)| it.promise.by),
        ignored: ignored.len(),
        sections,
    }
}

/// Whether an event still asks for something: what the owner has seen to in the meantime does not.
fn still_true(event: &Event, facts: &DigestFacts) -> bool {
    match event.notice.code {
        // Rests are read where they stand, for as long as they last.
        NoticeCode::Breaker => false,
        NoticeCode::PromiseUnheld => open(event, facts),
        NoticeCode::PromiseMoved if event.is_bare() => open(event, facts),
        // "Could not be sent" would be more than is known.
        NoticeCode::CommandFailed => {
            !facts.mails.iter().any(|mail| mail.fate == Fate::Unknown && is_about(event, mail))
        }
        _ => true,
    }
}

/// Whether the promise that an event is about is open.
fn open(event: &Event, facts: &DigestFacts) -> bool {
    event.message_id.is_none() || facts.open.iter().any(|it| it.promise.message_id == event.message_id)
}

/// Whether an event tells what became of a mail. That nobody knows it is always said.
fn told(mail: &OurMail, facts: &DigestFacts) -> bool {
    matches!(mail.fate, Fate::Sent | Fate::Observed | Fate::Failed)
        && facts.events.iter().any(|event| is_about(event, mail))
}

fn is_about(event: &Event, mail: &OurMail) -> bool {
    event.notice.exchange.as_ref() == Some(&mail.exchange)
}

/// Promises that ended and that no event tells of.
fn ended(facts: &DigestFacts) -> impl Iterator<Item = &Promised> {
    let told = |it: &Promised| {
        facts.events.iter().any(|event| {
            matches!(event.notice.code, NoticeCode::PromiseLapsed | NoticeCode::PromiseReleased)
                && event.message_id.is_some()
                && event.message_id == it.promise.message_id
        })
    };
    facts.ended.iter().filter(move |it| !told(it))
}

fn part_of_ended(it: &Promised) -> Part {
    if it.promise.state == crate::model::PromiseState::Lapsed { Part::Attention } else { Part::News }
}

fn part_of_mail(fate: Fate) -> Part {
    match fate {
        Fate::Sent | Fate::Observed => Part::Sent,
        Fate::Drafted => Part::Drafts,
        Fate::Failed | Fate::Unknown => Part::Attention,
    }
}

fn part_of(event: &Event) -> Part {
    use NoticeCode as N;
    match event.notice.code {
        N::PromiseMoved if event.is_bare() => Part::Attention,
        N::Urgent
        | N::Login
        | N::Breaker
        | N::TrustLowered
        | N::Hook
        | N::PromiseUnheld
        | N::PromiseLapsed
        | N::OfferDeclined
        | N::CommandFailed => Part::Attention,
        N::PromiseMoved
        | N::PromiseReleased
        | N::MailSkipped
        | N::CommandDone
        | N::DraftSent
        | N::DraftStale
        | N::OfferExpired => Part::News,
    }
}

/// The days of the clients who wait for something, the one with the least left first.
fn days(all: &[(Part, Item)], policy: &Policy, now: Instant) -> Vec<DayLeft> {
    let waiting: BTreeSet<&str> = all
        .iter()
        .filter_map(|(part, item)| match item {
            Item::Open(it, _) => Some(it.promise.client.as_str()),
            Item::Unanswered(it) => it.client.as_deref(),
            Item::Mail(it) if *part == Part::Drafts => it.client.as_deref(),
            _ => None,
        })
        .collect();
    let mut days: Vec<DayLeft> =
        policy.clients.iter().filter(|it| waiting.contains(it.id.as_str())).map(|it| day_left(it, now)).collect();
    days.sort_by_key(|day| (day_order(day), day.client.clone()));
    days
}

/// Days that last come first, the shortest rest first; then those that begin next.
fn day_order(day: &DayLeft) -> (bool, bool, Option<Instant>) {
    (day.phase != DayPhase::During, day.at.is_none(), day.at)
}

/// What is left of a client's day.
#[must_use]
pub fn day_left(client: &Client, now: Instant) -> DayLeft {
    let phase = day_phase(client, now);
    let at = match phase {
        DayPhase::During => {
            let today = client.zone.local(now).date();
            let ahead = decent_hours(client, now, now + TimeDelta::hours(30));
            // Hours that began yesterday and go on past midnight are still yesterday's day.
            let running =
                ahead.iter().find(|(start, _)| *start <= now).map(|(start, _)| client.zone.local(*start).date());
            let day = running.unwrap_or(today);
            ahead.into_iter().filter(|(start, _)| client.zone.local(*start).date() == day).map(|(_, end)| end).max()
        }
        _ => next_decent(client, now),
    };
    DayLeft { client: client.id.clone(), phase, at }
}
