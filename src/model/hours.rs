//! Weekly hours in wall-clock time, and the single dates that differ. Where and when they become instants: `calendar`.
use chrono::{NaiveDate, NaiveTime, Weekday};
use std::collections::BTreeMap;

/// An interval of one civil day: from `open` up to `close`, which lies on the next day when it is not
/// later than `open` (windows may cross midnight; a window belongs to the date on which it opens).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First minute.
    pub open: NaiveTime,
    /// First minute after it. `00:00` (also written `24:00`) is midnight at the end of the day.
    pub close: NaiveTime,
}

impl Span {
    /// Whether the interval ends on the day after it opened.
    #[must_use]
    pub fn crosses_midnight(&self) -> bool {
        self.close <= self.open
    }
}

/// What one date has instead of what its weekday and the public holidays say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exception {
    /// Hours of its own (half a day), none if empty.
    Hours(Vec<Span>),
    /// A day off beside the public holidays.
    Off,
    /// The hours of its weekday, although it is a public holiday.
    Working,
}

/// The spans of each weekday, sorted, not overlapping. An empty day has none.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct WeeklyHours {
    days: [Vec<Span>; 7],
    dates: BTreeMap<NaiveDate, Exception>,
    assumed: bool,
}

impl WeeklyHours {
    /// Sets one day's spans; sorts them.
    pub fn set(&mut self, day: Weekday, mut spans: Vec<Span>) {
        spans.sort();
        if let Some(slot) = self.days.get_mut(day.num_days_from_monday() as usize) {
            *slot = spans;
        }
    }

    /// The same spans on the days given.
    #[must_use]
    pub fn on(days: &[Weekday], spans: &[Span]) -> Self {
        let mut hours = Self::default();
        for day in days {
            hours.set(*day, spans.to_vec());
        }
        hours
    }

    /// The spans of a weekday.
    #[must_use]
    pub fn day(&self, day: Weekday) -> &[Span] {
        self.days.get(day.num_days_from_monday() as usize).map_or(&[], Vec::as_slice)
    }

    /// Whether no weekday has any span.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.days.iter().all(Vec::is_empty)
    }

    /// Lets one date differ.
    pub fn except(&mut self, date: NaiveDate, exception: Exception) {
        self.dates.insert(date, exception);
    }

    /// How one date differs, if it does.
    #[must_use]
    pub fn exception(&self, date: NaiveDate) -> Option<&Exception> {
        self.dates.get(&date)
    }

    /// The dates that differ, in order.
    pub fn exceptions(&self) -> impl Iterator<Item = (NaiveDate, &Exception)> {
        self.dates.iter().map(|(date, exception)| (*date, exception))
    }

    /// The same hours, as a supposition: nobody wrote down the weekdays, so no mail may build a sentence on them.
    #[must_use]
    pub fn assumed(self) -> Self {
        Self { assumed: true, ..self }
    }

    /// Whether the weekdays are supposed only.
    #[must_use]
    pub fn is_assumed(&self) -> bool {
        self.assumed
    }
}
