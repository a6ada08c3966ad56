//! Answer windows of the owner as instants.
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

/// All windows that end after `from` and open before `until`, in order, overlapping ones merged.
#[must_use]
pub fn windows(_owner: &Owner, _from: Instant, _until: Instant) -> Vec<Window> {
    Vec::new()
}

/// The first window whose end is at least `min_notice` after `sent_at` (PRODUCT 2), looked for up to 400 days ahead.
#[must_use]
pub fn promised_window(_owner: &Owner, _sent_at: Instant, _min_notice: TimeDelta) -> Option<Window> {
    None
}

/// The window that is open at an instant.
#[must_use]
pub fn window_at(_owner: &Owner, _at: Instant) -> Option<Window> {
    None
}
