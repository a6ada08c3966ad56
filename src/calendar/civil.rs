//! From civil days to instants: spans of wall-clock time on dated days become intervals in order of time, overlapping
//! and touching ones merged. Knows neither owner nor client: `window` and `decent` say what each day holds.
use crate::model::{Instant, Span, Zone};
use chrono::{DateTime, Days, NaiveDate, TimeDelta};
use std::iter::Peekable;

/// How far ahead anything is looked for (PRODUCT 2: 400 days).
pub(super) const HORIZON: TimeDelta = TimeDelta::days(400);

/// No zone of the tz database ever was further from UTC (Manila -15:56, Metlakatla +15:13, both before 1900).
const REACH: TimeDelta = TimeDelta::hours(16);

/// What one civil date holds, and in which zone.
#[derive(Clone, Copy)]
pub(super) struct Day<'a> {
    pub zone: &'a Zone,
    pub spans: &'a [Span],
    pub place: Option<&'a str>,
}

/// An interval of time with the date and the place of its beginning.
#[derive(Clone, Copy)]
pub(super) struct Opening<'a> {
    pub start: Instant,
    pub end: Instant,
    pub zone: &'a Zone,
    pub date: NaiveDate,
    pub place: Option<&'a str>,
}

/// All merged intervals that end after `from`, in order, each made only when it is asked for; none opens later than
/// about [`HORIZON`] after `from` and one day. `day` says what a date holds.
pub(super) fn openings<'a, F>(from: Instant, day: F) -> impl Iterator<Item = Opening<'a>>
where
    F: Fn(NaiveDate) -> Option<Day<'a>> + Copy,
{
    let today = from.date_naive();
    let last = today.checked_add_days(Days::new(401)).unwrap_or(NaiveDate::MAX);
    // A span of date `d` is over by `d + 2` 00:00 local time, so three days back see all that are open at `from`.
    let back_from = |days| {
        let first = today.checked_sub_days(Days::new(days)).unwrap_or(NaiveDate::MIN);
        let dates = Dates { day, next: Some(first), last, waiting: Vec::new() };
        let mut merged = Merged { inner: dates.peekable() }.peekable();
        while merged.next_if(|opening| opening.end <= from).is_some() {}
        merged
    };
    let mut found = back_from(3);
    // If the first one is so long that even earlier spans may belong to it, its true start lies further back.
    let whole = midnight(today).checked_sub_signed(TimeDelta::days(1)).unwrap_or(from);
    if found.peek().is_some_and(|opening| opening.start < whole) {
        found = back_from(400);
    }
    found
}

fn midnight(date: NaiveDate) -> Instant {
    date.and_time(chrono::NaiveTime::MIN).and_utc()
}

/// The spans of one date after the other as intervals, sorted by start although neighbouring dates may lie in
/// different zones.
struct Dates<'a, F> {
    day: F,
    /// The next date to look at; `None` behind the last.
    next: Option<NaiveDate>,
    last: NaiveDate,
    /// Intervals of the dates looked at so far; the earliest is the last element.
    waiting: Vec<Opening<'a>>,
}

impl<'a, F: Fn(NaiveDate) -> Option<Day<'a>>> Dates<'a, F> {
    fn look_at(&mut self, date: NaiveDate) {
        let Some(day) = (self.day)(date) else { return };
        let before = self.waiting.len();
        for span in day.spans {
            let closing = if span.crosses_midnight() { date.succ_opt().unwrap_or(date) } else { date };
            let start = day.zone.instant(date.and_time(span.open));
            let end = day.zone.instant(closing.and_time(span.close));
            // A span that lies wholly in a gap does not exist.
            if start < end {
                self.waiting.push(Opening { start, end, zone: day.zone, date, place: day.place });
            }
        }
        if self.waiting.len() > before {
            self.waiting.sort_by_key(|opening| std::cmp::Reverse((opening.start, opening.date)));
        }
    }
}

impl<'a, F: Fn(NaiveDate) -> Option<Day<'a>>> Iterator for Dates<'a, F> {
    type Item = Opening<'a>;

    fn next(&mut self) -> Option<Opening<'a>> {
        loop {
            let Some(date) = self.next else { return self.waiting.pop() };
            let earliest: DateTime<_> =
                midnight(date).checked_sub_signed(REACH).unwrap_or(DateTime::<chrono::Utc>::MIN_UTC);
            if self.waiting.last().is_some_and(|opening| opening.start < earliest) {
                return self.waiting.pop();
            }
            self.look_at(date);
            self.next = date.succ_opt().filter(|next| *next <= self.last);
        }
    }
}

/// Overlapping and touching intervals as one, which keeps date and place of the first.
struct Merged<I: Iterator> {
    inner: Peekable<I>,
}

impl<'a, I: Iterator<Item = Opening<'a>>> Iterator for Merged<I> {
    type Item = Opening<'a>;

    fn next(&mut self) -> Option<Opening<'a>> {
        let mut opening = self.inner.next()?;
        while let Some(more) = self.inner.next_if(|next| next.start <= opening.end) {
            opening.end = opening.end.max(more.end);
        }
        Some(opening)
    }
}
