//! The rule for the notice before a trip, and after it. Never here: words (`compose::draft`).
//!
//! What counts for a client is their own clock: on which days and between which hours answers come, there and at home.
use super::common::{Dated, asked_key, in_touch, midnight, mine_between, occasion, spared, was_told};
use super::{Content, DraftFacts, DraftWhy, Occasion, Ruling, Target};
use crate::calendar::{next_decent, windows};
use crate::model::{Client, DraftKind, Instant, Owner, PromiseState, Trip};
use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta, Weekday};
use std::collections::BTreeMap;

/// So much of a trip is looked at: two weeks show every weekday twice.
const LOOK: TimeDelta = TimeDelta::days(13);
/// After this time nobody needs to hear that the owner is back.
const BACK: TimeDelta = TimeDelta::days(5);

/// So long after a trip its drafts are still looked at, so that one that waits ends.
const PAST: TimeDelta = TimeDelta::days(40);

/// A trip, before or after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TripNote {
    /// Whether it is over.
    pub over: bool,
    /// Where, in the owner's words.
    pub place: Option<String>,
    /// The first day there.
    pub from: NaiveDate,
    /// The last day there.
    pub to: NaiveDate,
    /// When answers come, on the client's clock: on the trip, or from now on; `None`: there are no windows.
    pub reach: Option<Reach>,
    /// The same without the trip, if it differs.
    pub usual: Option<Reach>,
    /// What the client gets before it.
    pub before: Vec<Dated>,
    /// What falls into it.
    pub during: Vec<Dated>,
    /// Subjects of the client's mails to which an answer is promised for these days.
    pub promised: Vec<String>,
}

/// When answers come, on the client's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// The opening of the first window of an ordinary day.
    pub from: NaiveTime,
    /// The end of its last one.
    pub to: NaiveTime,
    /// The days of the week, the client's, on which windows open; from Monday on.
    pub days: Vec<Weekday>,
}

/// What should lie there by itself.
pub(super) fn rule(facts: &DraftFacts<'_>, now: Instant) -> Vec<Ruling> {
    let policy = facts.policy;
    let mut found = Vec::new();
    for trip in &policy.owner.trips {
        let (start, end) = bounds(trip);
        if end + PAST <= now {
            continue;
        }
        for client in &policy.clients {
            let early = start - policy.drafts.before_absence;
            let ahead = next_decent(client, early).unwrap_or(early).min(start);
            if !in_touch(facts, client, ahead) {
                continue;
            }
            let today = client.zone.local(now.max(ahead)).date();
            let note = note(facts, client, trip, false, today);
            if note.usual.is_none() && note.during.is_empty() && note.reach.is_some() {
                found.push(spared(DraftKind::Trip, &client.id, None, DraftWhy::NothingToSay));
                continue;
            }
            let key = format!("trip:{}:{}", client.id, trip.from);
            found.push(Ruling::Draft(Box::new(Occasion {
                until: Some(start),
                why: vec![DraftWhy::TripAhead],
                ..occasion(DraftKind::Trip, key.clone(), &client.id, ahead, Content::Trip(note))
            })));
            if now >= start && !was_told(facts, &key) {
                continue;
            }
            let due = next_decent(client, end).unwrap_or(end);
            let note = self::note(facts, client, trip, true, today);
            found.push(Ruling::Draft(Box::new(Occasion {
                until: Some(due + BACK),
                why: vec![DraftWhy::TripOver],
                ..occasion(DraftKind::Trip, format!("{key}:back"), &client.id, due, Content::Trip(note))
            })));
        }
    }
    found
}

/// One draft at the owner's word: about the trip under way, else the next, else the last one.
pub(super) fn asked(facts: &DraftFacts<'_>, target: &Target<'_>, now: Instant) -> Result<Occasion, DraftWhy> {
    let trips = &facts.policy.owner.trips;
    let next = trips.iter().find(|trip| bounds(trip).1 > now);
    let trip = next.or_else(|| trips.last()).ok_or(DraftWhy::NothingToSay)?;
    let today = target.client.zone.local(now).date();
    let content = Content::Trip(note(facts, target.client, trip, next.is_none(), today));
    let about = format!("{}:{}", target.client.id, trip.from);
    let key = asked_key(DraftKind::Trip, &about, facts, now);
    let why = vec![DraftWhy::Asked];
    Ok(Occasion { why, ..occasion(DraftKind::Trip, key, &target.client.id, now, content) })
}

/// The first instant of the first day there, and the first after the last one.
fn bounds(trip: &Trip) -> (Instant, Instant) {
    let after = trip.to.succ_opt().unwrap_or(trip.to);
    (midnight(&trip.zone, trip.from), midnight(&trip.zone, after))
}

fn note(facts: &DraftFacts<'_>, client: &Client, trip: &Trip, over: bool, today: NaiveDate) -> TripNote {
    let owner = &facts.policy.owner;
    let home = Owner { trips: Vec::new(), ..owner.clone() };
    let until = trip.to.min(trip.from + LOOK);
    let there = reach(owner, client, trip.from, until);
    let usual = reach(&home, client, trip.from, until);
    let after = trip.to.succ_opt().unwrap_or(trip.to);
    let eve = trip.from.pred_opt().unwrap_or(trip.from);
    let (reach, usual) = if over { (reach(owner, client, after, after + LOOK), there) } else { (there, usual) };
    let (start, end) = bounds(trip);
    let theirs = facts.promises.iter().filter(|it| it.client == client.id && it.state == PromiseState::Open);
    let inside = theirs.filter(|it| start <= it.by && it.by < end && !it.subject.is_empty());
    TripNote {
        over,
        place: trip.place.clone(),
        from: trip.from,
        to: trip.to,
        usual: usual.filter(|usual| reach.as_ref().is_some_and(|reach| reach != usual)),
        reach,
        before: if over { Vec::new() } else { mine_between(facts, client, today, eve) },
        during: if over { Vec::new() } else { mine_between(facts, client, trip.from.max(today), trip.to) },
        promised: inside.filter(|_| !over).map(|it| it.subject.as_str().to_owned()).collect(),
    }
}

/// The hours of an ordinary day among the owner's dates from one to another, as the client's clock shows them.
fn reach(owner: &Owner, client: &Client, from: NaiveDate, to: NaiveDate) -> Option<Reach> {
    let mut days: BTreeMap<NaiveDate, (Instant, Instant)> = BTreeMap::new();
    // Dates are those of the place where the owner is: a day on either side covers every zone.
    let (start, end) = (midnight(&owner.zone, from), midnight(&owner.zone, to));
    let around = windows(owner, start - TimeDelta::days(2), end + TimeDelta::days(3));
    for window in around.into_iter().filter(|window| from <= window.date && window.date <= to) {
        let day = days.entry(window.date).or_insert((window.start, window.end));
        day.1 = day.1.max(window.end);
    }
    let mut counts: BTreeMap<(NaiveTime, NaiveTime), u32> = BTreeMap::new();
    let mut weekdays: Vec<Weekday> = Vec::new();
    for (start, end) in days.values() {
        let (start, end) = (client.zone.local(*start), client.zone.local(*end));
        *counts.entry((start.time(), end.time())).or_default() += 1;
        if !weekdays.contains(&start.weekday()) {
            weekdays.push(start.weekday());
        }
    }
    weekdays.sort_by_key(Weekday::num_days_from_monday);
    let most = counts.values().max().copied()?;
    let ((from, to), _) = counts.into_iter().find(|(_, count)| *count == most)?;
    Some(Reach { from, to, days: weekdays })
}
