//! Where the owner is, and whether a closure or a trip lies between a mail and its answer: facts for the sentence
//! "I am away until ...". The sentence itself: `compose`.
use super::civil::openings;
use super::window::working_day;
use crate::model::{Instant, Owner, Trip, Zone};
use chrono::NaiveDate;

/// Why an answer takes longer, or comes from elsewhere.
///
/// A trip says where the owner is; whether a mail may mention it is for the caller to decide (RFC 3834 section 6: not
/// to people who are no clients).
#[derive(Clone, Debug, PartialEq)]
pub enum Away {
    /// Closed days took at least one window away between the mail and the promised window.
    Closure {
        /// The last closed day, those of closures that follow on without a gap included.
        last_day: NaiveDate,
        /// The owner's own word for it (never shown unless a template asks).
        note: Option<String>,
    },
    /// The owner is elsewhere when the mail arrives, or will be before or in the promised window.
    Trip {
        /// Where, in the owner's words.
        place: Option<String>,
        /// The zone there.
        zone: Zone,
        /// The first day there.
        first_day: NaiveDate,
        /// The last day there.
        last_day: NaiveDate,
    },
}

/// What keeps the owner away between `from` (the acknowledgement is sent) and `until` (the promised window opens).
///
/// A closure comes before a trip, the last closure before earlier ones. A closure that costs no window in between (it
/// begins later, or has only days without hours) is none: naming it would explain nothing. Of trips the first that
/// touches the days from one to the other counts, so that the one under way at `from` is preferred.
#[must_use]
pub fn away(owner: &Owner, from: Instant, until: Instant) -> Option<Away> {
    closure_between(owner, from, until).or_else(|| trip_between(owner, from, until))
}

fn closure_between(owner: &Owner, from: Instant, until: Instant) -> Option<Away> {
    let missed = openings(from, |date| if is_closed(owner, date) { working_day(owner, date) } else { None })
        .take_while(|opening| opening.start < until)
        .last()?;
    let closure =
        owner.closures.iter().filter(|c| c.from <= missed.date && missed.date <= c.to).max_by_key(|c| c.to)?;
    // Closures that follow on are one absence; so it does not matter if the opening goes on into the next one.
    let mut last_day = closure.to;
    while let Some(next) =
        owner.closures.iter().find(|c| c.to > last_day && last_day.succ_opt().is_some_and(|d| c.from <= d))
    {
        last_day = next.to;
    }
    Some(Away::Closure { last_day, note: closure.note.clone() })
}

fn trip_between(owner: &Owner, from: Instant, until: Instant) -> Option<Away> {
    let first = zone_at(owner, from).local(from).date();
    let last = zone_at(owner, until.max(from)).local(until.max(from)).date();
    let trip = owner.trips.iter().find(|trip| trip.from <= last && first <= trip.to)?;
    Some(Away::Trip { place: trip.place.clone(), zone: trip.zone.clone(), first_day: trip.from, last_day: trip.to })
}

/// Whether a date is one of a closure.
pub(super) fn is_closed(owner: &Owner, date: NaiveDate) -> bool {
    owner.closures.iter().any(|closure| closure.from <= date && date <= closure.to)
}

/// The trip to which a civil date belongs.
#[must_use]
pub fn trip_on(owner: &Owner, date: NaiveDate) -> Option<&Trip> {
    owner.trips.iter().find(|trip| trip.from <= date && date <= trip.to)
}

/// The zone of a civil date: the trip's, else home's.
#[must_use]
pub fn zone_on(owner: &Owner, date: NaiveDate) -> &Zone {
    trip_on(owner, date).map_or(&owner.zone, |trip| &trip.zone)
}

/// The trip during which an instant falls: by the calendar there, it is one of the trip's days. Where two trips follow
/// one another across zones, the earlier one.
#[must_use]
pub fn trip_at(owner: &Owner, at: Instant) -> Option<&Trip> {
    owner.trips.iter().find(|trip| {
        let date = trip.zone.local(at).date();
        trip.from <= date && date <= trip.to
    })
}

/// Where the owner is at an instant: the zone of the trip (see [`trip_at`]), else home's.
#[must_use]
pub fn zone_at(owner: &Owner, at: Instant) -> &Zone {
    trip_at(owner, at).map_or(&owner.zone, |trip| &trip.zone)
}
