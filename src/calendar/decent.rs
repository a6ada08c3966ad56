//! Decent hours of a client: their working time, where they are. Whether they hold a mail back: `decide`.
use super::civil::{Day, HORIZON, Opening, openings};
use super::holidays;
use crate::model::{Client, Instant, Span, WeeklyHours};
use chrono::{Datelike as _, NaiveDate};
use chrono::{NaiveTime, TimeDelta, Weekday};
use std::sync::LazyLock;

/// 09:00-18:00 from Monday to Friday, for a client without hours of their own.
static ORDINARY: LazyLock<WeeklyHours> = LazyLock::new(|| ordinary(&[Weekday::Sat, Weekday::Sun]));

/// 09:00-18:00 on every day but the weekend.
#[must_use]
pub fn ordinary(weekend: &[Weekday]) -> WeeklyHours {
    let at = |hour: i64| NaiveTime::MIN + TimeDelta::hours(hour);
    let days: Vec<Weekday> =
        (0..7).filter_map(|n| Weekday::try_from(n).ok()).filter(|day| !weekend.contains(day)).collect();
    WeeklyHours::on(&days, &[Span { open: at(9), close: at(18) }])
}

/// Countries whose weekend is Friday and Saturday, with the zones that lie wholly in them. Only those where offices in
/// general keep it: not the Emirates (Saturday and Sunday since 2022), not Iran or Brunei (weekends of other shapes),
/// not where regions differ.
const FRIDAY_SATURDAY: [(&str, &[&str]); 17] = [
    ("BD", &["Asia/Dhaka"]),
    ("BH", &["Asia/Bahrain"]),
    ("DZ", &["Africa/Algiers"]),
    ("EG", &["Africa/Cairo"]),
    ("IL", &["Asia/Jerusalem", "Asia/Tel_Aviv"]),
    ("IQ", &["Asia/Baghdad"]),
    ("JO", &["Asia/Amman"]),
    ("KW", &["Asia/Kuwait"]),
    ("LY", &["Africa/Tripoli"]),
    ("MV", &["Indian/Maldives"]),
    ("OM", &["Asia/Muscat"]),
    ("PS", &["Asia/Gaza", "Asia/Hebron"]),
    ("QA", &["Asia/Qatar"]),
    ("SA", &["Asia/Riyadh"]),
    ("SD", &["Africa/Khartoum"]),
    ("SY", &["Asia/Damascus"]),
    ("YE", &["Asia/Aden"]),
];

/// The weekend that is usual where somebody works: by the first of their public-holiday calendars, else by their zone.
#[must_use]
pub fn usual_weekend(zone: &str, holidays: &[String]) -> [Weekday; 2] {
    let country = holidays.first().map(|code| code.split('-').next().unwrap_or_default());
    let early = FRIDAY_SATURDAY.iter().any(|(code, zones)| match country {
        Some(country) => country == *code,
        None => zones.contains(&zone),
    });
    if early { [Weekday::Fri, Weekday::Sat] } else { [Weekday::Sat, Weekday::Sun] }
}

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
    let hours = client.hours.as_ref().unwrap_or(&ORDINARY);
    let spans = holidays::spans_on(hours, hours, &client.holidays, date);
    if spans.is_empty() {
        return None;
    }
    Some(Day { zone: &client.zone, spans, place: None })
}

#[cfg(test)]
#[path = "decent_tests.rs"]
mod tests;
