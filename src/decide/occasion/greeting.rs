//! The rule for birthdays, and for the day on which the work together began. Never here: words (`compose::draft`).
//!
//! Dates are civil ones where the client is. Who was born on 29 February is congratulated on the 28th in common years. A day
//! off of theirs is thought of on the last working day before it, where that is near; else after it, in words that say so.
use super::common::{asked_key, midnight, morning, occasion};
use super::person::address_of;
use super::{Content, DraftFacts, DraftWhy, Occasion, Ruling, Target};
use crate::model::{Client, DraftKind, Instant};
use chrono::{Datelike, NaiveDate, TimeDelta};

/// So long a word of congratulation is worth something.
const FRESH: TimeDelta = TimeDelta::days(2);
/// So many days before a day off a word about it is not too early.
const EARLY: i64 = 3;
/// A morning later than this after the day is none for it.
const LATE: TimeDelta = TimeDelta::days(4);

/// A day to think of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Greeting {
    /// What day it is.
    pub what: Day,
    /// Its date this time.
    pub on: NaiveDate,
    /// Whether it is past.
    pub past: bool,
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
    let all = facts.policy.clients.iter().flat_map(|client| upcoming(facts, client, now));
    all.map(|occasion| Ruling::Draft(Box::new(occasion))).collect()
}

/// One draft at the owner's word: for the next such day.
pub(super) fn asked(facts: &DraftFacts<'_>, target: &Target<'_>, now: Instant) -> Result<Occasion, DraftWhy> {
    let next = upcoming(facts, target.client, now)
        .into_iter()
        .filter(|it| it.until.is_some_and(|until| until > now))
        .min_by_key(|it| it.due);
    let next = next.ok_or(DraftWhy::NothingToSay)?;
    let key = asked_key(DraftKind::Greeting, &target.client.id, facts, now);
    Ok(Occasion { key, due: now, until: None, why: vec![DraftWhy::Asked], ..next })
}

/// Of each day the one that comes next or is not over yet, and those before it that were taken up.
fn upcoming(facts: &DraftFacts<'_>, client: &Client, now: Instant) -> Vec<Occasion> {
    let mut found = Vec::new();
    for birthday in &client.birthdays {
        let slug = birthday.person.split_whitespace().collect::<Vec<_>>().join("-").to_lowercase();
        let to = address_of(client, facts.contact(&client.id), birthday);
        let one = |year| {
            let on = on(year, birthday.month, birthday.day)?;
            let what = Day::Birthday(birthday.person.clone());
            let key = format!("greeting:{}:birthday:{slug}:{year}", client.id);
            Some(Occasion { to: to.clone(), ..greeting(client, key, (what, on), DraftWhy::Birthday, now)? })
        };
        found.extend(of_years(facts, client, now, one));
    }
    if let Some(since) = client.since {
        let one = |year| {
            let on = on(year, since.month(), since.day()).filter(|_| year > since.year())?;
            let what = Day::Start(year - since.year());
            greeting(client, format!("greeting:{}:start:{year}", client.id), (what, on), DraftWhy::Anniversary, now)
        };
        found.extend(of_years(facts, client, now, one));
    }
    found
}

fn of_years(
    facts: &DraftFacts<'_>,
    client: &Client,
    now: Instant,
    one: impl Fn(i32) -> Option<Occasion>,
) -> Vec<Occasion> {
    let year = client.zone.local(now).date().year();
    let mut found = Vec::new();
    for occasion in (year - 1..=year + 2).filter_map(one) {
        let over = occasion.until.is_some_and(|until| until <= now);
        if !over {
            found.push(occasion);
            break;
        }
        if facts.made(&occasion.key).is_some() {
            found.push(occasion);
        }
    }
    found
}

fn on(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    let day = if (month, day) == (2, 29) && NaiveDate::from_ymd_opt(year, 2, 29).is_none() { 28 } else { day };
    NaiveDate::from_ymd_opt(year, month, day)
}

/// Due on a morning near the day, where there is one.
fn greeting(
    client: &Client,
    key: String,
    (what, on): (Day, NaiveDate),
    why: DraftWhy,
    now: Instant,
) -> Option<Occasion> {
    let due = due(client, on);
    let begins = midnight(&client.zone, on);
    let content = Greeting { what, on, past: client.zone.local(now).date() > on };
    (due - begins <= LATE).then(|| Occasion {
        until: Some(due.max(begins) + FRESH),
        why: vec![why],
        ..occasion(DraftKind::Greeting, key, &client.id, due, Content::Greeting(content))
    })
}

/// The morning of the day; of a day off, that of the last working day shortly before it, else of the first one after it.
fn due(client: &Client, on: NaiveDate) -> Instant {
    let on_itself = |day: NaiveDate| {
        let at = morning(client, day);
        (client.zone.local(at).date() == day).then_some(at)
    };
    let found = (0..=EARLY).find_map(|days| on_itself(on - TimeDelta::days(days)));
    found.unwrap_or_else(|| morning(client, on))
}
