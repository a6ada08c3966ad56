//! What a letter may open with: a public holiday near by, a season that began, a week that begins. Only what is known to be
//! true where the client is, and no longer than it is of use; never weather, never a wish that a date might mock.
//! Never here: the words (`compose::opening`).
use crate::calendar::holidays::{OWN, kept_on};
use crate::model::{Client, Instant};
use chrono::{Datelike, NaiveDate, TimeDelta, Weekday};

/// So many days later the weekday still names a holiday that is past.
const PAST: i64 = 6;
/// So many days the line about a season may wait to be read.
const SEASON: i64 = 14;
/// From so many days on a week has begun long ago.
const WEEK: i64 = 3;

/// A human line after the salutation, not yet in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// What is known.
    pub known: Known,
    /// The second of two wordings, so that two letters of one week do not open alike.
    pub second: bool,
}

/// What is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// A public holiday in the days to come.
    Coming(NaiveDate, &'static str),
    /// A public holiday in the days before.
    Past(NaiveDate, &'static str),
    /// A season began in the last weeks.
    Season(Season),
    /// Their working week begins.
    Week,
}

/// A season.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Season {
    /// Spring.
    Spring,
    /// Summer.
    Summer,
    /// Autumn.
    Autumn,
    /// Winter.
    Winter,
}

/// With what a draft that is of use from `due` on may open, as long as that is true; the same key opens in the same words.
#[must_use]
pub fn of(client: &Client, key: &str, due: Instant, now: Instant) -> Option<Opening> {
    let (date, today) = (client.zone.local(due).date(), client.zone.local(now).date());
    let known = holiday(client, date).or_else(|| season(client.zone.name(), date)).or_else(|| week(client, date))?;
    let fresh = match known {
        Known::Coming(day, _) => today <= day,
        Known::Past(day, _) => (today - day).num_days() <= PAST,
        Known::Season(_) => (today - date).num_days() <= SEASON,
        Known::Week => (today - date).num_days() < WEEK,
    };
    let second = key.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte))) % 2 == 1;
    fresh.then_some(Opening { known, second })
}

/// The next holiday within six days, else the last one within three.
fn holiday(client: &Client, date: NaiveDate) -> Option<Known> {
    let on = |day: NaiveDate| {
        let mut kept = kept_on(client.hours.as_ref(), &client.holidays, day);
        kept.find(|(code, _)| *code != OWN).map(|(_, name)| (day, name))
    };
    let coming = (1..=6).find_map(|days| on(date + TimeDelta::days(days)));
    let past = || (1..=3).find_map(|days| on(date - TimeDelta::days(days)));
    coming.map(|(day, name)| Known::Coming(day, name)).or_else(|| past().map(|(day, name)| Known::Past(day, name)))
}

/// Their first working day of the week, as far as it is written down.
fn week(client: &Client, date: NaiveDate) -> Option<Known> {
    let hours = client.hours.as_ref().filter(|hours| !hours.is_assumed())?;
    let first = match hours.day(Weekday::Sun).is_empty() {
        true => Weekday::Mon,
        false => Weekday::Sun,
    };
    (date.weekday() == first && !hours.day(first).is_empty()).then_some(Known::Week)
}

/// Zones that lie wholly where there are four seasons; in all others nothing is said.
const NORTH: &[&str] = &[
    "Europe/",
    "America/New_York",
    "America/Detroit",
    "America/Toronto",
    "America/Montreal",
    "America/Halifax",
    "America/Chicago",
    "America/Winnipeg",
    "America/Denver",
    "America/Edmonton",
    "America/Vancouver",
    "Asia/Tokyo",
    "Asia/Seoul",
    "Asia/Istanbul",
    "Asia/Tbilisi",
];
const SOUTH: &[&str] = &[
    "Australia/Sydney",
    "Australia/Melbourne",
    "Australia/Hobart",
    "Australia/Adelaide",
    "Pacific/Auckland",
    "America/Argentina/Buenos_Aires",
    "America/Montevideo",
    "America/Santiago",
    "Africa/Johannesburg",
];

/// A season that began one to three weeks ago.
fn season(zone: &str, date: NaiveDate) -> Option<Known> {
    let lies_in =
        |all: &[&str]| all.iter().any(|name| zone == *name || (name.ends_with('/') && zone.starts_with(name)));
    let (north, south) = (lies_in(NORTH), lies_in(SOUTH));
    if !north && !south {
        return None;
    }
    let began = |month, day| {
        let start = NaiveDate::from_ymd_opt(date.year(), month, day)?;
        // Winter goes on into January.
        let start = if start > date { start.with_year(date.year() - 1)? } else { start };
        (7..=21).contains(&(date - start).num_days()).then_some(())
    };
    let all = [
        (3, 21, Season::Spring, Season::Autumn),
        (6, 22, Season::Summer, Season::Winter),
        (9, 23, Season::Autumn, Season::Spring),
        (12, 22, Season::Winter, Season::Summer),
    ];
    let (.., there, below) = all.into_iter().find(|(month, day, ..)| began(*month, *day).is_some())?;
    Some(Known::Season(if north { there } else { below }))
}
