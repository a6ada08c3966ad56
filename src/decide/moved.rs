//! Whether an open promise stands where it stood after the calendar changed: time-zone data, hours, trips, closures, public
//! holidays. Pure; where it is looked at and written down: `daemon::moved`.
//!
//! A client was told a wall-clock time, so that is what stays: if the rules of their zone changed, the instant follows it. If
//! the owner's calendar changed, the promise is a promise: it stays, and the owner hears when none of their windows lies before
//! it any more. What nobody was told moves with the calendar.
use crate::calendar::{holidays, promised_window, trip_on, window, zone_at};
use crate::model::{Instant, Owner, Promise, Zone};
use chrono::{NaiveDateTime, TimeDelta};

/// What is remembered about a promise besides itself.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// The promise as it was worded: the wall clock in `zone`.
    pub wall: NaiveDateTime,
    /// The zone of the wording, with today's rules.
    pub zone: &'a Zone,
    /// The moment from which its window was looked for.
    pub counted_from: Instant,
}

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The rules of a time zone.
    Tz,
    /// A closure.
    Closure,
    /// A public holiday, or a day of its own hours.
    Holiday,
    /// A trip.
    Trip,
    /// The hours, or something that is no longer there.
    Hours,
}

impl Change {
    /// The stable word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tz => "tz",
            Self::Closure => "closure",
            Self::Holiday => "holiday",
            Self::Trip => "trip",
            Self::Hours => "hours",
        }
    }
}

/// What becomes of an open promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// It stands where it stood.
    Keep,
    /// Its instant is another one.
    Move {
        /// Which.
        to: Instant,
        /// Why.
        why: Change,
    },
    /// It stays as it was told, but no window of the owner's lies before it any more.
    Bare(Change),
}

/// Looks at one open promise. `newer_tz`: the zones' data changed since it was looked at last.
#[must_use]
pub fn moved(
    promise: &Promise,
    given: &Given<'_>,
    owner: &Owner,
    min_notice: TimeDelta,
    newer_tz: bool,
    now: Instant,
) -> Moved {
    let cause = |at: Instant| match change_at(owner, at) {
        Change::Hours if newer_tz => Change::Tz,
        change => change,
    };
    if promise.announced {
        // Not by converting back: of a time that the clock shows twice, the second may have been meant.
        let meant = given.zone.local(promise.by) == given.wall;
        let by = if meant { promise.by } else { given.zone.instant(given.wall) };
        if by != promise.by {
            return Moved::Move { to: by, why: Change::Tz };
        }
        let covered = by <= now || !window::windows(owner, now, by).is_empty();
        return if covered { Moved::Keep } else { Moved::Bare(cause(by)) };
    }
    // It lapses in this very moment; what its mail waited for, the last look decides.
    if promise.by <= now {
        return Moved::Keep;
    }
    let from_then = promised_window(owner, given.counted_from, min_notice);
    let window = match from_then {
        Some(window) if window.end > now => Some(window),
        _ => promised_window(owner, now, min_notice),
    };
    match window {
        Some(window) if window.end != promise.by => Moved::Move { to: window.end, why: cause(promise.by) },
        Some(_) => Moved::Keep,
        None => Moved::Bare(cause(promise.by)),
    }
}

/// What the owner's calendar says about the day of an instant.
fn change_at(owner: &Owner, at: Instant) -> Change {
    let date = zone_at(owner, at).local(at).date();
    if owner.closures.iter().any(|closure| closure.from <= date && date <= closure.to) {
        Change::Closure
    } else if owner.hours.exception(date).is_some()
        || holidays::kept_on(Some(&owner.hours), &owner.holidays, date).next().is_some()
    {
        Change::Holiday
    } else if trip_on(owner, date).is_some() {
        Change::Trip
    } else {
        Change::Hours
    }
}

#[cfg(test)]
#[path = "moved_tests.rs"]
mod tests;
