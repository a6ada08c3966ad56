//! When the digest goes out: at the opening of a window, or at fixed times of days that have one.
use crate::calendar::{window_at, windows, zone_on};
use crate::model::{Instant, Owner};
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
