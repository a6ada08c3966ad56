//! Answer windows of the owner as instants.
use super::away::{is_closed, trip_on};
use super::civil::{Day, HORIZON, Opening, openings};
use super::holidays;
use crate::model::{Instant, Owner, Zone};
use chrono::{NaiveDate, TimeDelta};

/// One answer window.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// First instant.
    pub start: Instant,
    /// First instant after it.
    pub end: Instant,
    /// Where the owner is then.
    pub zone: Zone,
    /// The civil date on which it opens, there.
    pub date: NaiveDate,
    /// The place of a trip.
    pub place: Option<String>,
}

impl From<Opening<'_>> for Window {
    fn from(opening: Opening<'_>) -> Self {
        Self {
            start: opening.start,
            end: opening.end,
            zone: opening.zone.clone(),
            date: opening.date,
            place: opening.place.map(str::to_owned),
        }
    }
}

/// All windows that end after `from` and open before `until`, in order.
///
/// Windows that overlap or touch (at the ends of a trip, or around midnight) are one window, with the date, zone and
/// place of the earlier one. Hours that never pause make one window without end; it is cut about 400 days after `from`.
#[must_use]
pub fn windows(owner: &Owner, from: Instant, until: Instant) -> Vec<Window> {
    answering(owner, from).take_while(|opening| opening.start < until).map(Window::from).collect()
}

/// The first window whose end is at least `min_notice` after `sent_at` (PRODUCT 2); it may be open already. Looked for
/// up to 400 days ahead. A negative `min_notice` counts as none.
#[must_use]
pub fn promised_window(owner: &Owner, sent_at: Instant, min_notice: TimeDelta) -> Option<Window> {
    let by = sent_at.checked_add_signed(min_notice.max(TimeDelta::zero()))?;
    let horizon = sent_at.checked_add_signed(HORIZON)?;
    // `openings` gives those that end after an instant; one that ends at `by` exactly is wanted too.
    let just_before = by.checked_sub_signed(TimeDelta::nanoseconds(1))?;
    answering(owner, just_before).next().filter(|opening| opening.start < horizon).map(Window::from)
}

/// The window that is open at an instant.
#[must_use]
pub fn window_at(owner: &Owner, at: Instant) -> Option<Window> {
    answering(owner, at).next().filter(|opening| opening.start <= at).map(Window::from)
}

/// The owner's windows that end after `from`.
fn answering(owner: &Owner, from: Instant) -> impl Iterator<Item = Opening<'_>> {
    openings(from, move |date| if is_closed(owner, date) { None } else { working_day(owner, date) })
}

/// The spans of a date were it not closed: its own, else the weekly hours where the owner is then, none on a public
/// holiday.
pub(super) fn working_day(owner: &Owner, date: NaiveDate) -> Option<Day<'_>> {
    let trip = trip_on(owner, date);
    let week = trip.and_then(|trip| trip.hours.as_ref()).unwrap_or(&owner.hours);
    let spans = holidays::spans_on(&owner.hours, week, &owner.holidays, date);
    if spans.is_empty() {
        return None;
    }
    Some(Day {
        zone: trip.map_or(&owner.zone, |trip| &trip.zone),
        spans,
        place: trip.and_then(|trip| trip.place.as_deref()),
    })
}
