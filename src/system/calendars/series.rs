//! Events -> busy times: a series becomes its dates, as far as they are asked for. Rules are unrolled on the wall clock by the
//! library; which instants those are, exceptions and single dates that were moved are settled here, by UID and date. Bounded:
//! an endless or absurd rule costs a moment and is said.
use super::Wanted;
use super::events::{Event, Length, When, events, instant};
use crate::calendar::overlap::Interval;
use crate::calendar::zone_on;
use crate::model::{Instant, Zone};
use calcard::common::PartialDateTime;
use calcard::common::timezone::Tz;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarEntry, ICalendarProperty, ICalendarRecurrenceRule,
    ICalendarValue,
};
use chrono::{NaiveDateTime, NaiveTime, TimeDelta};
use std::collections::BTreeMap;

/// Dates of one series that are looked at: a daily one of fifty years.
const DATES: usize = 20_000;
/// Dates of all series of a calendar.
const DATES_OF_ALL: usize = 400_000;
/// Nothing keeps a person busy for longer: a mistake in the file.
const LONGEST: TimeDelta = TimeDelta::days(366);

/// The busy times of a calendar.
pub(super) fn busy(calendar: &ICalendar, wanted: &Wanted<'_>, faults: &mut Vec<String>) -> Vec<Interval> {
    let events = events(calendar, wanted, faults);
    let mut moved: BTreeMap<&str, Vec<(&Event, &When, bool)>> = BTreeMap::new();
    for event in &events {
        if let Some((of, onwards)) = &event.instead {
            moved.entry(&event.uid).or_default().push((event, of, *onwards));
        }
    }
    let mut found = Vec::new();
    let mut budget = DATES_OF_ALL;
    for event in &events {
        let instead: &[_] = match event.instead {
            // A single date of a series stands for itself.
            Some(_) => &[],
            None => moved.get(event.uid.as_str()).map_or(&[], Vec::as_slice),
        };
        found.extend(dates(event, instead, wanted, &mut budget, faults));
    }
    found.retain(|(start, end)| start < end && *end > wanted.from && *start < wanted.until);
    found
}

/// One date of a series, before exceptions.
struct Date {
    when: When,
    at: Instant,
    length: Option<TimeDelta>,
}

fn dates(
    event: &Event,
    moved: &[(&Event, &When, bool)],
    wanted: &Wanted<'_>,
    budget: &mut usize,
    faults: &mut Vec<String>,
) -> Vec<Interval> {
    let date = |when: When, length| Date { at: instant(&when, wanted), when, length };
    let mut all = vec![date(event.start.clone(), None)];
    if let Some(rule) = &event.rule {
        match unrolled(event, rule, wanted, *budget) {
            Unrolled::All(dates) => {
                *budget = budget.saturating_sub(dates.len());
                all.extend(dates.into_iter().map(|when| date(when, None)));
            }
            Unrolled::TooMany(dates) => {
                *budget = budget.saturating_sub(dates.len());
                faults.push("an event repeats too often to be followed".to_owned());
                all.extend(dates.into_iter().map(|when| date(when, None)));
            }
            Unrolled::Unreadable => faults.push("an event repeats in a way that cannot be read".to_owned()),
        }
    }
    all.extend(event.more.iter().map(|(when, length)| date(when.clone(), *length)));
    all.sort_by_key(|date| date.at);
    all.dedup_by_key(|date| date.at);
    // From a date on, the rest of the series is moved and may be free.
    let onwards: Vec<_> = moved.iter().filter(|(.., onwards)| *onwards).collect();
    let is = |one: &When, date: &Date| same(one, date, wanted);
    all.retain(|date| !event.except.iter().any(|one| is(one, date)) && !moved.iter().any(|(_, of, _)| is(of, date)));
    let stretch = |date: &Date| {
        let since = onwards.iter().rfind(|(_, of, _)| instant(of, wanted) < date.at);
        match since {
            Some((other, of, _)) => {
                let shift = instant(&other.start, wanted) - instant(of, wanted);
                other.busy.then(|| interval(other, &shifted(&date.when, shift), date.length, wanted))
            }
            None => event.busy.then(|| interval(event, &date.when, date.length, wanted)),
        }
    };
    all.iter().filter_map(stretch).collect()
}

/// Whether a RECURRENCE-ID or an EXDATE means a date: some programs write the day alone.
fn same(one: &When, date: &Date, wanted: &Wanted<'_>) -> bool {
    match (one, &date.when) {
        (When::Day(day), When::Wall(wall, _)) => wall.date() == *day,
        (When::Day(day), When::At(at)) => zone_on(wanted.owner, *day).local(*at).date() == *day,
        _ => instant(one, wanted) == date.at,
    }
}

fn shifted(when: &When, by: TimeDelta) -> When {
    match when {
        When::Day(date) => When::Day(*date + TimeDelta::days(by.num_days())),
        When::Wall(wall, zone) => When::Wall(*wall + by, zone.clone()),
        When::At(at) => When::At(*at + by),
    }
}

fn interval(event: &Event, when: &When, length: Option<TimeDelta>, wanted: &Wanted<'_>) -> Interval {
    let start = instant(when, wanted);
    let end = match (length.map_or(event.length, Length::Time), when) {
        (Length::Days(days), When::Day(date)) => {
            let last = *date + days.clamp(-LONGEST, LONGEST);
            instant(&When::Day(last), wanted)
        }
        (Length::Days(length) | Length::Time(length), _) => start + length.clamp(-LONGEST, LONGEST),
    };
    (start, end)
}

enum Unrolled {
    All(Vec<When>),
    TooMany(Vec<When>),
    Unreadable,
}

/// The dates of a rule up to the end of what is wanted, on the wall clock of the event.
fn unrolled(event: &Event, rule: &ICalendarRecurrenceRule, wanted: &Wanted<'_>, budget: usize) -> Unrolled {
    let wall = wall(&event.start);
    let mut rule = rule.clone();
    if let Some(until) = rule.until.take() {
        let Some(last) = last_wall(&until, &event.start) else { return Unrolled::Unreadable };
        rule.until = Some(PartialDateTime::from_naive_timestamp(last.and_utc().timestamp()));
    }
    let entry = |name, value| ICalendarEntry { name, params: Vec::new(), values: vec![value] };
    let start = PartialDateTime::from_naive_timestamp(wall.and_utc().timestamp());
    let series = ICalendar {
        components: vec![ICalendarComponent {
            component_type: ICalendarComponentType::VEvent,
            entries: vec![
                entry(ICalendarProperty::Dtstart, ICalendarValue::PartialDateTime(Box::new(start))),
                entry(ICalendarProperty::Rrule, ICalendarValue::RecurrenceRule(Box::new(rule))),
            ],
            component_ids: Vec::new(),
        }],
    };
    let limit = DATES.min(budget);
    let expanded = series.expand_dates(Tz::Floating, limit);
    if !expanded.errors.is_empty() {
        return Unrolled::Unreadable;
    }
    let walls: Vec<NaiveDateTime> = expanded.events.iter().map(|event| event.start.naive_local()).collect();
    let end = wanted.until.naive_utc() + TimeDelta::days(2);
    let cut = walls.len() >= limit && walls.last().is_none_or(|last| *last < end);
    let begin = wanted.from.naive_utc() - LONGEST - TimeDelta::days(2);
    let near = walls.into_iter().filter(|wall| begin < *wall && *wall < end);
    let dates = near.map(|wall| on_the_clock(&event.start, wall)).collect();
    if cut { Unrolled::TooMany(dates) } else { Unrolled::All(dates) }
}

fn wall(when: &When) -> NaiveDateTime {
    match when {
        When::Day(date) => date.and_time(NaiveTime::MIN),
        When::Wall(wall, _) => *wall,
        When::At(at) => at.naive_utc(),
    }
}

fn on_the_clock(like: &When, wall: NaiveDateTime) -> When {
    match like {
        When::Day(_) => When::Day(wall.date()),
        When::Wall(_, zone) => When::Wall(wall, zone.clone()),
        When::At(_) => When::At(wall.and_utc()),
    }
}

/// UNTIL on the wall clock of the event: it is written in UTC, as a date, or on that clock.
fn last_wall(until: &PartialDateTime, start: &When) -> Option<NaiveDateTime> {
    let read = until.to_date_time()?;
    if !until.has_time() {
        return read.date_time.date().and_hms_opt(23, 59, 59);
    }
    let Some(offset) = read.offset else { return Some(read.date_time) };
    let at = read.date_time.and_utc() - TimeDelta::seconds(i64::from(offset.local_minus_utc()));
    let local = |zone: &Zone| zone.local(at);
    Some(match start {
        When::Wall(_, Some(zone)) => local(zone),
        // Nobody knows where the owner was: a day later is no other date of the series.
        When::Day(_) => at.naive_utc().date().and_hms_opt(23, 59, 59)?,
        When::Wall(_, None) | When::At(_) => at.naive_utc(),
    })
}
