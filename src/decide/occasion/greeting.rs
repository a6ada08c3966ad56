//! The rule for birthdays, and for the day on which the work together began. Never here: words (`compose::draft`).
//!
//! Dates are civil ones where the client is. Who was born on 29 February is congratulated on the 28th in common years.
use super::common::{asked_key, midnight, morning, occasion};
use super::{Content, DraftFacts, DraftWhy, Occasion, Ruling, Target};
use crate::model::{Client, DraftKind, Instant};
use chrono::{Datelike, NaiveDate, TimeDelta};

/// So long a word of congratulation is worth something.
const FRESH: TimeDelta = TimeDelta::days(2);
/// A morning later than this after the day is none for it.
const LATE: TimeDelta = TimeDelta::days(4);

/// A day to think of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Greeting {
    /// What day it is.
    pub what: Day,
    /// Its date this time.
    pub on: NaiveDate,
}

/// What is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Day {
    /// A person's birthday.
    Birthday(String),
    /// So many years since the work together began.
    Start(i32),
}

impl Greeting {
    /// Whose day it is, if it is a person's.
    #[must_use]
    pub fn person(&self) -> Option<&str> {
        match &self.what {
            Day::Birthday(person) => Some(person),
            Day::Start(_) => None,
        }
    }
}

/// What should lie there by itself: of each day the one that is not over yet.
pub(super) fn rule(facts: &DraftFacts<'_>, now: Instant) -> Vec<Ruling> {
    let all = facts.policy.clients.iter().flat_map(|client| upcoming(client, now));
    all.map(|occasion| Ruling::Draft(Box::new(occasion))).collect()
}

/// One draft at the owner's word: for the next such day.
pub(super) fn asked(facts: &DraftFacts<'_>, target: &Target<'_>, now: Instant) -> Result<Occasion, DraftWhy> {
    let next = upcoming(target.client, now).into_iter().min_by_key(|occasion| occasion.due);
    let next = next.ok_or(DraftWhy::NothingToSay)?;
    let key = asked_key(DraftKind::Greeting, &target.client.id, facts, now);
    Ok(Occasion { key, due: now, until: None, why: vec![DraftWhy::Asked], ..next })
}

fn upcoming(client: &Client, now: Instant) -> Vec<Occasion> {
    let year = client.zone.local(now).date().year();
    let mut found = Vec::new();
    for birthday in &client.birthdays {
        let slug = birthday.person.split_whitespace().collect::<Vec<_>>().join("-").to_lowercase();
        let next = (year - 1..=year + 1).find_map(|year| {
            let date = on(year, birthday.month, birthday.day)?;
            let times = fresh(client, date, now)?;
            let key = format!("greeting:{}:birthday:{slug}:{year}", client.id);
            Some((key, times, Greeting { what: Day::Birthday(birthday.person.clone()), on: date }))
        });
        found.extend(next.map(|(key, times, content)| greeting(client, key, times, content, DraftWhy::Birthday)));
    }
    if let Some(since) = client.since {
        let next = (year - 1..=year + 1).filter(|year| *year > since.year()).find_map(|year| {
            let date = on(year, since.month(), since.day())?;
            let times = fresh(client, date, now)?;
            let key = format!("greeting:{}:start:{year}", client.id);
            Some((key, times, Greeting { what: Day::Start(year - since.year()), on: date }))
        });
        found.extend(next.map(|(key, times, content)| greeting(client, key, times, content, DraftWhy::Anniversary)));
    }
    found
}

/// From when to when a word on that day is of use, if it still is or will be.
fn fresh(client: &Client, date: NaiveDate, now: Instant) -> Option<(Instant, Instant)> {
    let due = morning(client, date);
    let until = due + FRESH;
    (until > now && due - midnight(&client.zone, date) <= LATE).then_some((due, until))
}

fn on(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    let day = if (month, day) == (2, 29) && NaiveDate::from_ymd_opt(year, 2, 29).is_none() { 28 } else { day };
    NaiveDate::from_ymd_opt(year, month, day)
}

fn greeting(client: &Client, key: String, times: (Instant, Instant), content: Greeting, why: DraftWhy) -> Occasion {
    let (due, until) = times;
    Occasion {
        until: Some(until),
        why: vec![why],
        ..occasion(DraftKind::Greeting, key, &client.id, due, Content::Greeting(content))
    }
}
