//! Common hours: when the owner is up and every client is at work. What is drawn of it: `cli`.
use super::decent::decent_hours;
use super::window::windows;
use super::zone_at;
use crate::model::{Client, Instant, Owner, Zone};
use chrono::{Days, NaiveDate, NaiveTime, TimeDelta};

/// An interval: first instant, first instant after it.
pub type Interval = (Instant, Instant);

/// When people are supposed to be up: from 07:00 to 22:00 on their own clock.
const UP: (i64, i64) = (7, 22);

/// What of the owner's time counts as common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnerTime {
    /// Only answer windows.
    Windows,
    /// Every hour at which the owner is supposed to be up, also on days without windows.
    Awake,
}

/// The hours between `from` and `until` that are decent for every client and, for the owner, as `time` says; in order,
/// disjoint, cut at both ends. Without clients: the owner's alone.
#[must_use]
pub fn overlap(owner: &Owner, clients: &[&Client], time: OwnerTime, from: Instant, until: Instant) -> Vec<Interval> {
    let mine = match time {
        OwnerTime::Windows => windows(owner, from, until).iter().map(|w| (w.start, w.end)).collect(),
        OwnerTime::Awake => awake_owner(owner, from, until),
    };
    let all = clients.iter().map(|client| decent_hours(client, from, until));
    cut(&all.fold(mine, |common, theirs| intersection(&common, &theirs)), from, until)
}

/// When somebody in `zone` is supposed to be up (07:00 to 22:00 there), cut to `from` and `until`.
#[must_use]
pub fn awake(zone: &Zone, from: Instant, until: Instant) -> Vec<Interval> {
    let at = |date: NaiveDate, hour| zone.instant(date.and_time(NaiveTime::MIN + TimeDelta::hours(hour)));
    let first = zone.local(from).date();
    let last = zone.local(until).date();
    let days = first.iter_days().take_while(|date| *date <= last);
    let all: Vec<Interval> = days.map(|date| (at(date, UP.0), at(date, UP.1))).collect();
    cut(&all, from, until)
}

/// The same for the owner, wherever trips take them.
#[must_use]
pub fn awake_owner(owner: &Owner, from: Instant, until: Instant) -> Vec<Interval> {
    let mut found: Vec<Interval> = Vec::new();
    for (start, end, zone) in stays(owner, from, until) {
        for interval in awake(zone, start, end) {
            match found.last_mut() {
                Some(last) if last.1 >= interval.0 => last.1 = last.1.max(interval.1),
                _ => found.push(interval),
            }
        }
    }
    found
}

/// The instants at which a civil date begins and ends: 23 or 25 hours apart on the days of a clock change.
#[must_use]
pub fn day_of(zone: &Zone, date: NaiveDate) -> Interval {
    let next = date.checked_add_days(Days::new(1)).unwrap_or(date);
    (zone.instant(date.and_time(NaiveTime::MIN)), zone.instant(next.and_time(NaiveTime::MIN)))
}

/// The parts common to two lists of ordered, disjoint intervals.
#[must_use]
pub fn intersection(one: &[Interval], other: &[Interval]) -> Vec<Interval> {
    let (mut one, mut other) = (one.iter().peekable(), other.iter().peekable());
    let mut common = Vec::new();
    while let (Some(a), Some(b)) = (one.peek(), other.peek()) {
        let (start, end) = (a.0.max(b.0), a.1.min(b.1));
        if start < end {
            common.push((start, end));
        }
        if a.1 <= b.1 {
            one.next()
        } else {
            other.next()
        };
    }
    common
}

/// Whether an instant lies in one of the intervals.
#[must_use]
pub fn holds(intervals: &[Interval], at: Instant) -> bool {
    intervals.iter().any(|(start, end)| *start <= at && at < *end)
}

/// The parts between `from` and `until`.
fn cut(intervals: &[Interval], from: Instant, until: Instant) -> Vec<Interval> {
    let cut = |(start, end): &Interval| ((*start).max(from), (*end).min(until));
    intervals.iter().map(cut).filter(|(start, end)| start < end).collect()
}

/// The zones in which the owner is, one after the other.
fn stays(owner: &Owner, from: Instant, until: Instant) -> Vec<(Instant, Instant, &Zone)> {
    let borders = owner.trips.iter().flat_map(|trip| {
        let (start, _) = day_of(&trip.zone, trip.from);
        let (_, end) = day_of(&trip.zone, trip.to);
        [start, end]
    });
    let mut borders: Vec<Instant> = borders.filter(|at| from < *at && *at < until).collect();
    borders.extend([from, until]);
    borders.sort_unstable();
    borders.dedup();
    borders.iter().zip(borders.iter().skip(1)).map(|(start, end)| (*start, *end, zone_at(owner, *start))).collect()
}
