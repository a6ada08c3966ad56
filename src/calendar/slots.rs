//! Meeting times that are decent for both, and a choice of them that is well spread. Never here: what they are called
//! (`compose`), what becomes of an offer (`decide`).
use super::away::{is_closed, trip_on, zone_on};
use super::decent::decent_hours;
use super::holidays;
use super::overlap::{Interval, awake, day_of, intersection};
use crate::model::{Client, Instant, Owner, Span, WeeklyHours, Zone};
use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta, Timelike, Weekday};

/// Who wants to meet whom, how long and when.
#[derive(Clone, Copy, Debug)]
pub struct Meeting<'a> {
    /// The owner, with trips, closures and holidays.
    pub owner: &'a Owner,
    /// The client.
    pub client: &'a Client,
    /// When the owner meets people, where they are then; `None`: from the first window of a day to the end of its last.
    pub hours: Option<&'a WeeklyHours>,
    /// How long.
    pub length: TimeDelta,
    /// Not before.
    pub from: Instant,
    /// Over by then.
    pub until: Instant,
    /// When the owner is busy, in any order.
    pub busy: &'a [Interval],
}

/// A time at which both could meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    /// It begins.
    pub start: Instant,
    /// It is over.
    pub end: Instant,
    /// Outside the owner's usual hours, because those have nothing in common with the client's.
    pub late: bool,
}

/// How a meeting lies in somebody's day. In minutes of strain, one scale for everything: less is better.
mod cost {
    /// Outside the owner's usual hours, but while they are up.
    pub(super) const LATE: i64 = 240;
    /// Within the first or last half hour of the client's day, or over somebody's midday.
    pub(super) const EDGE: i64 = 60;
    /// At half past, not at the full hour.
    pub(super) const HALF: i64 = 15;
    /// On a Monday morning or a Friday afternoon of the client's.
    pub(super) const BORDER: i64 = 40;
    /// For each day of waiting.
    pub(super) const DAY: i64 = 12;
    /// On a day that has one already.
    pub(super) const SAME_DAY: i64 = 300;
    /// In the same part of the day as another.
    pub(super) const SAME_PART: i64 = 90;
    /// At the same time of day as another.
    pub(super) const SAME_TIME: i64 = 60;
    /// On the same day of the week as another.
    pub(super) const SAME_WEEKDAY: i64 = 30;
}

/// At most so many possible times are weighed.
const CANDIDATES: usize = 4000;

/// Every stretch in which both could meet, in order, disjoint.
#[must_use]
pub fn common(meeting: &Meeting<'_>) -> Vec<Interval> {
    let usual = stretches(meeting, false);
    let theirs = decent_hours(meeting.client, meeting.from, meeting.until);
    without(&intersection(&usual, &theirs), meeting.busy)
}

/// So many times, in order, or as many as there are: the best first, each further one with what makes it differ from
/// those before. The owner's waking hours are used only where the usual ones do not give enough.
#[must_use]
pub fn propose(meeting: &Meeting<'_>, count: usize) -> Vec<Slot> {
    let mut chosen = choose(meeting, &candidates(meeting, false), count, Vec::new());
    if chosen.len() < count && meeting.hours.is_none() {
        chosen = choose(meeting, &candidates(meeting, true), count, chosen);
    }
    chosen.sort_unstable();
    chosen
}

fn choose(meeting: &Meeting<'_>, all: &[Slot], count: usize, mut chosen: Vec<Slot>) -> Vec<Slot> {
    while chosen.len() < count {
        let apart = |slot: &&Slot| chosen.iter().all(|other| slot.end <= other.start || other.end <= slot.start);
        let best = all
            .iter()
            .filter(apart)
            .min_by_key(|slot| (strain(meeting, slot) + likeness(meeting, slot, &chosen), slot.start));
        let Some(best) = best else { break };
        chosen.push(*best);
    }
    chosen
}

/// Times on the full and half hour of the client's clock (quarters for what is shorter than half an hour).
fn candidates(meeting: &Meeting<'_>, late: bool) -> Vec<Slot> {
    let theirs = decent_hours(meeting.client, meeting.from, meeting.until);
    let usual = stretches(meeting, false);
    let mine = if late { stretches(meeting, true) } else { usual.clone() };
    let grid = if meeting.length < TimeDelta::minutes(30) { 15 } else { 30 };
    let mut found = Vec::new();
    for (start, end) in without(&intersection(&mine, &theirs), meeting.busy) {
        let (start, end) = (start.max(meeting.from), end.min(meeting.until));
        let mut at = ceil(&meeting.client.zone, start);
        while at + meeting.length <= end && found.len() < CANDIDATES {
            if meeting.client.zone.local(at).minute().is_multiple_of(grid) {
                let inside = usual.iter().any(|(open, close)| *open <= at && at + meeting.length <= *close);
                found.push(Slot { start: at, end: at + meeting.length, late: !inside });
            }
            at += TimeDelta::minutes(15);
        }
    }
    found
}

/// The first quarter of an hour on a clock that is not before an instant.
fn ceil(zone: &Zone, at: Instant) -> Instant {
    let local = zone.local(at);
    let over = i64::from(local.minute() % 15) * 60 + i64::from(local.second());
    let over = TimeDelta::seconds(over) + TimeDelta::nanoseconds(i64::from(local.nanosecond()));
    if over.is_zero() { at } else { at + TimeDelta::minutes(15) - over }
}

/// When the owner would meet: on days with windows, from the first to the last of them (or in `meeting.hours`), where the
/// owner is then; `up`: whenever they are up on those days.
fn stretches(meeting: &Meeting<'_>, up: bool) -> Vec<Interval> {
    let first = meeting.from.date_naive() - TimeDelta::days(2);
    let last = meeting.until.date_naive() + TimeDelta::days(1);
    let mut found: Vec<Interval> = Vec::new();
    for date in first.iter_days().take_while(|date| *date <= last) {
        let zone = zone_on(meeting.owner, date);
        let spans = day_spans(meeting, date);
        if up && !spans.is_empty() {
            let (start, end) = day_of(zone, date);
            found.extend(awake(zone, start, end));
        }
        found.extend(spans.iter().filter_map(|span| interval(zone, date, span)));
    }
    found.sort_unstable();
    let mut merged: Vec<Interval> = Vec::new();
    for (start, end) in found {
        match merged.last_mut() {
            Some(last) if last.1 >= start => last.1 = last.1.max(end),
            _ => merged.push((start, end)),
        }
    }
    merged
}

/// The owner's spans of a date; none on closed days, holidays and days without windows.
fn day_spans(meeting: &Meeting<'_>, date: NaiveDate) -> Vec<Span> {
    let owner = meeting.owner;
    if is_closed(owner, date) {
        return Vec::new();
    }
    if let Some(hours) = meeting.hours {
        return holidays::spans_on(&owner.hours, hours, &owner.holidays, date).to_vec();
    }
    let week = trip_on(owner, date).and_then(|trip| trip.hours.as_ref()).unwrap_or(&owner.hours);
    let spans = holidays::spans_on(&owner.hours, week, &owner.holidays, date);
    let open = spans.iter().map(|span| span.open).min();
    let close = spans.iter().max_by_key(|span| (span.crosses_midnight(), span.close)).map(|span| span.close);
    open.zip(close).map(|(open, close)| Span { open, close }).into_iter().collect()
}

fn interval(zone: &Zone, date: NaiveDate, span: &Span) -> Option<Interval> {
    let closing = if span.crosses_midnight() { date.succ_opt()? } else { date };
    let (start, end) = (zone.instant(date.and_time(span.open)), zone.instant(closing.and_time(span.close)));
    (start < end).then_some((start, end))
}

/// What is left of ordered, disjoint intervals.
fn without(intervals: &[Interval], busy: &[Interval]) -> Vec<Interval> {
    let mut busy: Vec<Interval> = busy.iter().filter(|(start, end)| start < end).copied().collect();
    busy.sort_unstable();
    let mut left = Vec::new();
    for (start, end) in intervals {
        let mut from = *start;
        for (b, e) in busy.iter().filter(|(b, e)| b < end && e > start) {
            if *b > from {
                left.push((from, *b));
            }
            from = from.max(*e);
        }
        if from < *end {
            left.push((from, *end));
        }
    }
    left
}

/// How hard a time is on both, whatever else is proposed.
fn strain(meeting: &Meeting<'_>, slot: &Slot) -> i64 {
    let client = &meeting.client.zone;
    let (there, then) = (client.local(slot.start), client.local(slot.end));
    let mut cost = (slot.start - meeting.from).num_days() * cost::DAY;
    if slot.late {
        // The nearer to the night, the worse.
        let here = zone_on(meeting.owner, slot.start.date_naive()).local(slot.start);
        let from_noon = (i64::from(here.hour()) * 60 + i64::from(here.minute()) - 13 * 60).abs();
        cost += cost::LATE + from_noon / 4;
    }
    let edge = TimeDelta::minutes(30);
    let whole = decent_hours(meeting.client, slot.start, slot.end);
    if whole.iter().any(|(open, close)| slot.start - *open < edge || *close - slot.end < edge) {
        cost += cost::EDGE;
    }
    if midday(there.time(), then.time()) {
        cost += cost::EDGE;
    }
    let home = zone_on(meeting.owner, slot.start.date_naive());
    if midday(home.local(slot.start).time(), home.local(slot.end).time()) {
        cost += cost::EDGE;
    }
    if there.minute() != 0 {
        cost += cost::HALF;
    }
    let border = match there.weekday() {
        Weekday::Mon => there.hour() < 11,
        Weekday::Fri => there.hour() >= 14,
        _ => false,
    };
    cost + if border { cost::BORDER } else { 0 }
}

/// Touches the time from 12 to 13.
fn midday(start: NaiveTime, end: NaiveTime) -> bool {
    start.hour() < 13 && end.num_seconds_from_midnight() > 12 * 3600 && start.hour() >= 10
}

/// How much a time is like those that were chosen already.
fn likeness(meeting: &Meeting<'_>, slot: &Slot, chosen: &[Slot]) -> i64 {
    let zone = &meeting.client.zone;
    let here = zone.local(slot.start);
    let part = |hour: u32| (hour >= 12, hour >= 17);
    let one = |other: &Slot| {
        let there = zone.local(other.start);
        let mut cost = 0;
        if here.date() == there.date() {
            cost += cost::SAME_DAY;
        }
        if part(here.hour()) == part(there.hour()) {
            cost += cost::SAME_PART;
        }
        if here.time() == there.time() {
            cost += cost::SAME_TIME;
        }
        if here.weekday() == there.weekday() {
            cost += cost::SAME_WEEKDAY;
        }
        cost
    };
    chosen.iter().map(one).sum()
}

#[cfg(test)]
#[path = "slots_tests.rs"]
mod tests;
