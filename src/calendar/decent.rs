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

/// Why an instant is no decent hour of a client's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DayOff {
    /// A working day, but not its hours.
    Hours,
    /// A day of the week on which they do not work.
    Weekend,
    /// A public holiday that they keep.
    Holiday,
}

/// Why it is no decent hour where the client is; `None` if it is one.
#[must_use]
pub fn day_off(client: &Client, at: Instant) -> Option<DayOff> {
    if is_decent(client, at) {
        return None;
    }
    let date = client.zone.local(at).date();
    let works = |day| !client.hours.as_ref().unwrap_or(&ORDINARY).day(day).is_empty();
    Some(match decent_day(client, date) {
        Some(_) => DayOff::Hours,
        None if works(date.weekday()) => DayOff::Holiday,
        None => DayOff::Weekend,
    })
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
