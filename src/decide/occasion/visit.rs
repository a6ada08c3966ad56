//! The rule for proposing to meet where a trip leads near a client: who is near, in which order, on which days. Never here:
//! words (`compose::draft`), where places are (`config`).
use super::{Content, DraftFacts, DraftWhy, Occasion, Place, Point, Ruling, Spared, Target};
use crate::calendar::overlap::day_of;
use crate::calendar::{Meeting, common, zone_on};
use crate::decide::near::{distance, order};
use crate::model::{Client, DraftKind, Instant};
use chrono::{NaiveDate, NaiveTime, TimeDelta};

/// A day on which both have less time than this is no day for a visit.
const LEAST: TimeDelta = TimeDelta::hours(2);
/// Other days that are named beside the first.
const OTHERS: usize = 2;

/// The owner near the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Where the owner is going to be.
    pub place: String,
    /// The first day there.
    pub from: NaiveDate,
    /// The last day there.
    pub to: NaiveDate,
    /// The day that is proposed.
    pub day: NaiveDate,
    /// Others that would do.
    pub others: Vec<NaiveDate>,
}

/// A client on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Stop {
    /// The client's key.
    pub client: String,
    /// Where they are.
    pub place: Place,
    /// How far from the named place, in kilometres.
    pub away_km: f64,
    /// How far from the stop before, in kilometres.
    pub leg_km: f64,
    /// The day of the visit; `None`: no decent one is left.
    pub day: Option<NaiveDate>,
    /// Other decent days.
    pub others: Vec<NaiveDate>,
    /// When the owner met them last.
    pub last: Option<NaiveDate>,
}

/// Days in a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Stay {
    /// Where.
    pub place: Place,
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// Up to which distance a client is near, in kilometres.
    pub near_km: u32,
}

/// The stays of the trips whose places are known.
#[must_use]
pub fn stays(facts: &DraftFacts<'_>) -> Vec<Stay> {
    let known = &facts.policy.drafts.meetings.trips;
    let near_km = facts.policy.drafts.meetings.near_km;
    let stay = |trip: &crate::model::Trip| {
        Some(Stay { place: known.get(&trip.from)?.clone(), from: trip.from, to: trip.to, near_km })
    };
    facts.policy.owner.trips.iter().filter_map(stay).collect()
}

/// The clients near a place in the order of a sensible way, one client a day; days before `now` are over.
#[must_use]
pub fn itinerary(facts: &DraftFacts<'_>, stay: &Stay, now: Instant) -> Vec<Stop> {
    let settings = &facts.policy.drafts.meetings;
    let near = facts.policy.clients.iter().filter_map(|client| {
        let place = settings.clients.get(&client.id)?;
        let away = distance(stay.place.point, place.point);
        (away <= f64::from(stay.near_km)).then_some((client, place, away))
    });
    let near: Vec<(&Client, &Place, f64)> = near.collect();
    let points: Vec<Point> = near.iter().map(|(_, place, _)| place.point).collect();
    let mut here = stay.place.point;
    let mut taken: Vec<NaiveDate> = Vec::new();
    let mut stops = Vec::new();
    for (client, place, away) in order(here, &points).into_iter().filter_map(|n| near.get(n)) {
        let decent = decent_days(facts, client, stay, now);
        let day = decent.iter().find(|day| !taken.contains(day)).copied();
        taken.extend(day);
        let seen = facts.meetings.visits.iter().filter(|visit| visit.client == client.id);
        stops.push(Stop {
            client: client.id.clone(),
            place: (*place).clone(),
            away_km: *away,
            leg_km: distance(here, place.point),
            day,
            others: decent.into_iter().filter(|other| Some(*other) != day).take(OTHERS).collect(),
            last: seen.map(|visit| visit.date).max(),
        });
        here = place.point;
    }
    stops
}

/// The days of a stay on which both have time.
fn decent_days(facts: &DraftFacts<'_>, client: &Client, stay: &Stay, now: Instant) -> Vec<NaiveDate> {
    let owner = &facts.policy.owner;
    let last = stay.to.min(stay.from + TimeDelta::days(60));
    let decent = |date: &NaiveDate| {
        let (start, end) = day_of(zone_on(owner, *date), *date);
        let hours = facts.policy.drafts.meetings.hours.as_ref();
        let busy = &facts.meetings.busy;
        let meeting = Meeting { owner, client, hours, length: LEAST, from: start, until: end, busy };
        let both: TimeDelta = common(&meeting).iter().map(|(from, until)| (*until).min(end) - (*from).max(start)).sum();
        start > now && both >= LEAST
    };
    stay.from.iter_days().take_while(|date| *date <= last).filter(decent).collect()
}

/// The drafts of a stay: one for each client who has a day.
#[must_use]
pub fn of_stay(facts: &DraftFacts<'_>, stay: &Stay, why: DraftWhy, due: Instant, now: Instant) -> Vec<Ruling> {
    let one = |stop: Stop| {
        let client = facts.policy.client(&stop.client)?;
        let Some(day) = stop.day else {
            let spared =
                Spared { kind: DraftKind::Visit, client: stop.client, project: None, why: DraftWhy::NoCommonTime };
            return Some(Ruling::Spared(spared));
        };
        let occasion = Occasion {
            kind: DraftKind::Visit,
            key: format!("visit:{}:{}", client.id, stay.from),
            client: client.id.clone(),
            to: None,
            project: None,
            answers: None,
            due,
            until: Some(client.zone.instant(day.and_time(NaiveTime::MIN))),
            why: if stop.last.is_none() { vec![why, DraftWhy::Unseen] } else { vec![why] },
            content: Content::Visit(Visit {
                place: stay.place.name.clone(),
                from: stay.from,
                to: stay.to,
                day,
                others: stop.others,
            }),
            opening: None,
        };
        Some(Ruling::Draft(Box::new(occasion.opened(facts, now))))
    };
    itinerary(facts, stay, now).into_iter().filter_map(one).collect()
}

/// What should lie there by itself: before each trip to a known place, one for each client near it.
pub(super) fn rule(facts: &DraftFacts<'_>, now: Instant) -> Vec<Ruling> {
    let ahead = facts.policy.drafts.before_absence;
    let home = &facts.policy.owner.zone;
    let due = |stay: &Stay| home.instant((stay.from - ahead).and_time(NaiveTime::MIN + TimeDelta::hours(9)));
    let coming = stays(facts).into_iter().filter(|stay| day_of(home, stay.to).1 > now);
    coming
        .flat_map(|stay| {
            // The days are chosen as on the day on which the draft is due: they do not move while it waits.
            let at = due(&stay);
            of_stay(facts, &stay, DraftWhy::Near, at, at)
        })
        .collect()
}

/// One draft at the owner's word: for the next trip that leads near the client.
pub(super) fn asked(facts: &DraftFacts<'_>, target: &Target<'_>, now: Instant) -> Result<Occasion, DraftWhy> {
    if !facts.policy.drafts.meetings.clients.contains_key(&target.client.id) {
        return Err(DraftWhy::NoPlace);
    }
    let coming = stays(facts).into_iter().filter(|stay| day_of(&facts.policy.owner.zone, stay.to).1 > now);
    let mine =
        coming.flat_map(|stay| of_stay(facts, &stay, DraftWhy::Asked, now, now)).filter_map(|ruling| match ruling {
            Ruling::Draft(occasion) => Some(*occasion),
            Ruling::Spared(_) => None,
        });
    mine.into_iter().find(|occasion| occasion.client == target.client.id).ok_or(DraftWhy::TooFar)
}
