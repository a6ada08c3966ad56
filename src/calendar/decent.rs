//! Decent hours of a client: their working time, where they are. Whether they hold a mail back: `decide`.
use super::civil::{Day, HORIZON, Opening, openings};
use super::holidays;
use crate::model::{Client, Instant, Span, WeeklyHours};
use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta, Weekday};
use std::sync::LazyLock;

/// 09:00-18:00 from Monday to Friday, for a client without hours of their own.
static ORDINARY: LazyLock<WeeklyHours> = LazyLock::new(|| {
    let at = |hour: i64| NaiveTime::MIN + TimeDelta::hours(hour);
    let workdays = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
    WeeklyHours::on(&workdays, &[Span { open: at(9), close: at(18) }])
});

/// So long after it began a day still counts as beginning.
const FRESH: TimeDelta = TimeDelta::hours(1);

/// How an instant lies to the client's day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DayPhase {
    /// Their day has not begun: they sleep, or have breakfast.
    Before,
    /// Their day has begun and is not over; breaks between two spans count as part of it.
    During,
    /// Their day is over.
    After,
    /// They do not work that day: a weekday without hours, or a holiday of theirs.
    DayOff,
}

/// Whether it is a decent hour where the client is: inside their hours, no holiday of theirs.
#[must_use]
pub fn is_decent(client: &Client, at: Instant) -> bool {
    decent(client, at).next().is_some_and(|opening| opening.start <= at)
}

/// `from` itself if it is decent, else the start of the next decent hour; `None` if there is none within 400 days (a
/// client without any hours).
#[must_use]
pub fn next_decent(client: &Client, from: Instant) -> Option<Instant> {
    let next = decent(client, from).next()?.start.max(from);
    (next - from <= HORIZON).then_some(next)
}

/// The client's decent hours that end after `from` and begin before `until`, as (first instant, first instant after),
/// in order and disjoint.
#[must_use]
pub fn decent_hours(client: &Client, from: Instant, until: Instant) -> Vec<(Instant, Instant)> {
    decent(client, from)
        .take_while(|opening| opening.start < until)
        .map(|opening| (opening.start, opening.end))
        .collect()
}

/// The next moment at which the client's day begins; `from` itself if it began within the last hour. `None` if no day is in
/// sight.
#[must_use]
pub fn next_morning(client: &Client, from: Instant) -> Option<Instant> {
    let mut day = None;
    for opening in decent(client, from - TimeDelta::days(1)) {
        // A client whose hours never pause has no morning: any moment is as good.
        if opening.start <= from && opening.end - from > TimeDelta::days(1) {
            return Some(from);
        }
        let opens_day = day.replace(opening.date) != Some(opening.date);
        if opening.start - from > HORIZON {
            return None;
        }
        // What overlaps the day before is that day's, and began before `from`.
        let just_begun = from - opening.start < FRESH && from < opening.end;
        if opens_day && (opening.start >= from || just_begun) {
            return Some(opening.start.max(from));
        }
    }
    None
}

/// How an instant lies to the client's day, by the date where they are. Hours past midnight belong to the day on which
/// they began: they are [`DayPhase::During`].
#[must_use]
pub fn day_phase(client: &Client, at: Instant) -> DayPhase {
    if is_decent(client, at) {
        return DayPhase::During;
    }
    let local = client.zone.local(at);
    let Some(day) = decent_day(client, local.date()) else { return DayPhase::DayOff };
    let started = day.spans.iter().any(|span| client.zone.instant(local.date().and_time(span.open)) <= at);
    let goes_on = day.spans.iter().any(|span| client.zone.instant(local.date().and_time(span.open)) > at);
    match (started, goes_on) {
        (false, _) => DayPhase::Before,
        (true, true) => DayPhase::During,
        (true, false) => DayPhase::After,
    }
}

/// The client's decent hours that end after `from`.
fn decent(client: &Client, from: Instant) -> impl Iterator<Item = Opening<'_>> {
    openings(from, |date| decent_day(client, date))
}

fn decent_day(client: &Client, date: NaiveDate) -> Option<Day<'_>> {
    let spans = client.hours.as_ref().unwrap_or(&ORDINARY).day(date.weekday());
    if spans.is_empty() || client.holidays.iter().any(|code| holidays::is_holiday(code, date)) {
        return None;
    }
    Some(Day { zone: &client.zone, spans, place: None })
}

#[cfg(test)]
#[path = "decent_tests.rs"]
mod tests;
