//! Answer windows and days without them, as a reader of the public page sees them. Never here: markup, files.
use super::Shown;
use super::words::Words;
use crate::calendar::holidays::{OWN, kept_on, spans_on};
use crate::calendar::{Window, trip_on};
use crate::compose::phrase;
use crate::compose::zone_name::zone_name;
use crate::model::{Instant, Language, Owner, Span, WeeklyHours, Zone, text::clean};
use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta, Weekday};
use serde::Serialize;

/// So many days with windows are shown.
const SHOWN: usize = 7;
/// Closures and trips are told so far ahead, public holidays a quarter of a year.
const AHEAD: TimeDelta = TimeDelta::days(365);
const HOLIDAYS_AHEAD: TimeDelta = TimeDelta::days(91);
/// Longest note, place or channel in characters.
const VALUE_MAX: usize = 160;

/// One window on a clock.
#[derive(Debug, Serialize)]
pub(super) struct Slot {
    /// UTC, for machines.
    from: String,
    until: String,
    /// "09:00"
    opens: String,
    closes: String,
    /// Behind the time, where it is another day.
    day: String,
}

/// The windows of one date.
#[derive(Debug, Serialize)]
pub(super) struct Day {
    /// "Tuesday, 24 November"
    pub name: String,
    pub slots: Vec<Slot>,
}

/// One zone's clock on the same windows.
#[derive(Debug, Serialize)]
pub(super) struct Elsewhere {
    /// "Singapore time"
    pub name: String,
    pub slots: Vec<Slot>,
}

/// Days that differ from the ordinary week.
#[derive(Debug, Serialize)]
pub(super) struct Differs {
    /// "Thursday, 24 December – Saturday, 2 January"
    pub days: String,
    /// "closed"
    pub what: String,
    /// The owner's own words, if they are published.
    pub note: String,
    /// First day, last day and kind, for the calendar.
    #[serde(skip)]
    pub dates: (NaiveDate, NaiveDate),
    #[serde(skip)]
    pub kind: Kind,
}

/// Why a day differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Closed,
    /// With its name.
    Holiday(String),
    Trip,
}

/// The first dates that have windows, by the clock of `zone`.
pub(super) fn days(language: Language, zone: &Zone, windows: &[&Window], today: NaiveDate) -> Vec<Day> {
    let mut days: Vec<(NaiveDate, Day)> = Vec::new();
    for window in windows {
        let date = zone.local(window.start).date();
        if days.last().is_none_or(|(last, _)| *last != date) {
            if days.len() == SHOWN {
                break;
            }
            days.push((date, Day { name: phrase::date(language, date, today), slots: Vec::new() }));
        }
        if let Some((_, day)) = days.last_mut() {
            day.slots.push(slot(language, zone, window, date, today));
        }
    }
    days.into_iter().map(|(_, day)| day).collect()
}

/// The same windows on other clocks, from west to east; the home clock is left out.
pub(super) fn elsewhere(
    language: Language,
    home: &Zone,
    zones: &[Zone],
    windows: &[&Window],
    today: NaiveDate,
) -> Vec<Elsewhere> {
    let Some(first) = windows.first() else { return Vec::new() };
    let date = home.local(first.start).date();
    let same = windows.iter().take_while(|window| home.local(window.start).date() == date);
    let same: Vec<&&Window> = same.collect();
    let mut zones: Vec<&Zone> = zones.iter().filter(|zone| *zone != home).collect();
    zones.sort_by_key(|zone| zone.offset_seconds(first.start));
    let row = |zone: &&Zone| Elsewhere {
        name: zone_name(language, zone, first.start),
        slots: same.iter().map(|window| slot(language, zone, window, date, today)).collect(),
    };
    zones.iter().map(row).collect()
}

/// A window on a clock, seen from a date.
fn slot(language: Language, zone: &Zone, window: &Window, date: NaiveDate, today: NaiveDate) -> Slot {
    let (opens, closes) = (zone.local(window.start), zone.local(window.end));
    let clock = |at: NaiveDateTime| at.format("%H:%M").to_string();
    let iso = |at: Instant| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let elsewhere = if opens.date() == date { String::new() } else { phrase::weekday(language, opens.date()) };
    // Hours that hardly ever pause: without the day nobody would know which morning is meant.
    let long = window.end - window.start >= TimeDelta::hours(24);
    let last = if long { format!("{}, ", phrase::date(language, closes.date(), today)) } else { String::new() };
    Slot {
        from: iso(window.start),
        until: iso(window.end),
        opens: clock(opens),
        closes: format!("{last}{}", clock(closes)),
        day: elsewhere,
    }
}

/// "Monday–Thursday 09:00–09:30, 11:30–12:00; Friday 09:00–09:30"
pub(super) fn week(language: Language, hours: &WeeklyHours) -> String {
    let days = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
    let mut groups: Vec<(Weekday, Weekday, &[Span])> = Vec::new();
    for day in days {
        let spans = hours.day(day);
        match groups.last_mut() {
            Some((_, last, same)) if *same == spans => *last = day,
            _ => groups.push((day, day, spans)),
        }
    }
    let [list, group] = match language {
        Language::Ja | Language::Zh => ["、", "；"],
        Language::Ar => ["، ", "؛ "],
        _ => [", ", "; "],
    };
    let clock = |span: &Span| format!("{}–{}", span.open.format("%H:%M"), span.close.format("%H:%M"));
    let said = |(first, last, spans): &(Weekday, Weekday, &[Span])| {
        let spans: Vec<String> = spans.iter().map(clock).collect();
        let range = match first == last {
            true => day_name(language, *first),
            false => format!("{}–{}", day_name(language, *first), day_name(language, *last)),
        };
        format!("{range} {}", spans.join(list))
    };
    let said: Vec<String> = groups.iter().filter(|(.., spans)| !spans.is_empty()).map(said).collect();
    said.join(group)
}

fn day_name(language: Language, day: Weekday) -> String {
    // 2027-01-04 is a Monday.
    let monday = NaiveDate::from_ymd_opt(2027, 1, 4).unwrap_or_default();
    phrase::weekday(language, monday + TimeDelta::days(i64::from(day.num_days_from_monday())))
}

/// Closures, public holidays and trips, as far as they are published, in order of time.
pub(super) fn differing(
    language: Language,
    words: &Words,
    owner: &Owner,
    shown: &Shown,
    today: NaiveDate,
) -> Vec<Differs> {
    let range = |from: NaiveDate, to: NaiveDate| {
        let day = |date| phrase::date(language, date, today);
        if from == to { day(from) } else { format!("{} – {}", day(from), day(to)) }
    };
    let differs = |from, to, what, note: Option<&str>, kind| {
        let note = note.filter(|_| shown.notes).map(|note| clean(note, VALUE_MAX)).unwrap_or_default();
        Differs { days: range(from, to), what, note, dates: (from, to), kind }
    };
    let near = |from: NaiveDate, to: NaiveDate| to >= today && from <= today + AHEAD;
    let mut all = Vec::new();
    if shown.closures {
        for it in owner.closures.iter().filter(|it| near(it.from, it.to)) {
            all.push(differs(it.from, it.to, words.say("closed", &[]), it.note.as_deref(), Kind::Closed));
        }
    }
    for (date, holiday) in days_off(owner, today) {
        match holiday {
            Some(name) if shown.holidays => {
                let what = words.say("holiday", &[("name", name)]);
                all.push(differs(date, date, what, None, Kind::Holiday(name.to_owned())));
            }
            None if shown.closures => all.push(differs(date, date, words.say("closed", &[]), None, Kind::Closed)),
            _ => {}
        }
    }
    if shown.trips {
        for it in owner.trips.iter().filter(|it| near(it.from, it.to)) {
            let what = match it.place.as_deref().filter(|_| shown.places) {
                Some(place) => {
                    let noon = it.zone.instant(it.from.and_time(chrono::NaiveTime::MIN));
                    let zone = zone_name(language, &it.zone, noon);
                    words.say("trip.place", &[("place", &clean(place, VALUE_MAX)), ("zone", &zone)])
                }
                None => words.say("trip", &[]),
            };
            all.push(differs(it.from, it.to, what, None, Kind::Trip));
        }
    }
    all.sort_by_key(|it| it.dates);
    all
}

/// Single dates that would have windows by their weekday, and have none: with the name of the public holiday, if it is one.
fn days_off(owner: &Owner, today: NaiveDate) -> impl Iterator<Item = (NaiveDate, Option<&'static str>)> {
    let dates = today.iter_days().take_while(move |date| *date <= today + HOLIDAYS_AHEAD);
    dates.filter_map(move |date| {
        let week = trip_on(owner, date).and_then(|trip| trip.hours.as_ref()).unwrap_or(&owner.hours);
        let closed = owner.closures.iter().any(|it| it.from <= date && date <= it.to);
        let usual = !week.day(date.weekday()).is_empty();
        if closed || !usual || !spans_on(&owner.hours, week, &owner.holidays, date).is_empty() {
            return None;
        }
        let named = kept_on(Some(&owner.hours), &owner.holidays, date).find(|(code, _)| *code != OWN);
        Some((date, named.map(|(_, name)| name)))
    })
}
