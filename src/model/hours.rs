//! Weekly hours in wall-clock time. Where and when they become instants: `calendar`.
use chrono::{NaiveTime, Weekday};

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

/// The spans of each weekday, sorted, not overlapping. An empty day has none.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct WeeklyHours {
    days: [Vec<Span>; 7],
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

    /// Whether no day has any span.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.days.iter().all(Vec::is_empty)
    }
}
