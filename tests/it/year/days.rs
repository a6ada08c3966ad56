//! The calendars a second time, by hand and minute by minute: the owner's windows, and what is decent where a client is.
//! Nothing but the offsets of the zones is shared with the program's calendar.
use super::people::Person;
use chrono::{DateTime, Datelike as _, Days, NaiveDate, TimeDelta, Timelike as _, Utc};
use chrono_tz::Tz;

type Instant = DateTime<Utc>;
/// Windows, in minutes of the day.
type Windows = Vec<(u32, u32)>;
/// Year, month, day.
type Day = (i32, u32, u32);

const fn day(year: i32, month: u32, day: u32) -> Day {
    (year, month, day)
}

/// The public holidays of England and Wales, from the government's own list.
const ENGLAND: [Day; 14] = [
    day(2026, 8, 31),
    day(2026, 12, 25),
    day(2026, 12, 28),
    day(2027, 1, 1),
    day(2027, 3, 26),
    day(2027, 3, 29),
    day(2027, 5, 3),
    day(2027, 5, 31),
    day(2027, 8, 30),
    day(2027, 12, 27),
    day(2027, 12, 28),
    day(2028, 1, 3),
    day(2028, 4, 14),
    day(2028, 4, 17),
];

/// Days without windows.
const CLOSED: [(Day, Day); 3] =
    [(day(2026, 12, 24), day(2027, 1, 2)), (day(2027, 8, 9), day(2027, 8, 22)), (day(2027, 10, 5), day(2027, 10, 6))];

fn between(date: NaiveDate, from: Day, to: Day) -> bool {
    let date = (date.year(), date.month(), date.day());
    from <= date && date <= to
}

/// Where the owner is on a date.
fn place(date: NaiveDate) -> Tz {
    let trips = [
        (day(2026, 12, 5), day(2026, 12, 19), Tz::Asia__Singapore),
        (day(2027, 3, 8), day(2027, 3, 20), Tz::America__New_York),
        (day(2027, 4, 1), day(2027, 4, 10), Tz::Pacific__Auckland),
        (day(2027, 9, 27), day(2027, 10, 10), Tz::Australia__Lord_Howe),
    ];
    trips.iter().find(|(from, to, _)| between(date, *from, *to)).map_or(Tz::Europe__London, |(_, _, zone)| *zone)
}

/// The owner's windows on a date, where they are then.
fn windows(date: NaiveDate) -> Windows {
    let this = (date.year(), date.month(), date.day());
    if CLOSED.iter().any(|(from, to)| between(date, *from, *to)) {
        return Vec::new();
    }
    match this {
        (2027, 5, 3) => return vec![(600, 660)],
        (2027, 5, 15) => return vec![(840, 960)],
        (2027, 6, 16) => return Vec::new(),
        _ if ENGLAND.contains(&this) => return Vec::new(),
        _ => {}
    }
    let weekday = date.weekday().num_days_from_monday();
    let newyork = place(date) == Tz::America__New_York;
    match weekday {
        0..=4 if newyork => vec![(135, 165), (480, 510), (1020, 1050)],
        6 if newyork => vec![(135, 195)],
        0..=3 => vec![(540, 570), (690, 720), (840, 870), (990, 1020)],
        4 => vec![(540, 570), (690, 720)],
        _ => Vec::new(),
    }
}

/// The first minute at which the wall clock shows this time or a later one.
fn first_showing(zone: Tz, date: NaiveDate, minute: u32) -> Instant {
    let wall = date.and_hms_opt(0, 0, 0).unwrap() + TimeDelta::minutes(minute.into());
    // Both neighbours of a change may be up to a day off: every quarter of an hour, then every minute.
    let mut at = wall.and_utc() - TimeDelta::hours(15);
    while at.with_timezone(&zone).naive_local() < wall {
        at += TimeDelta::minutes(15);
    }
    at -= TimeDelta::minutes(15);
    while at.with_timezone(&zone).naive_local() < wall {
        at += TimeDelta::minutes(1);
    }
    at
}

/// When the owner's windows end.
pub struct Ends(Vec<Instant>);

impl Ends {
    /// Of all dates from two weeks before `from` to `to`.
    pub fn new(from: NaiveDate, to: NaiveDate) -> Self {
        let mut ends = Vec::new();
        let mut date = from.checked_sub_days(Days::new(14)).unwrap();
        while date <= to {
            for (open, close) in windows(date) {
                let (start, end) = (first_showing(place(date), date, open), first_showing(place(date), date, close));
                // A window that lies in a gap is none.
                if start < end {
                    ends.push(end);
                }
            }
            date = date.succ_opt().unwrap();
        }
        ends.sort();
        Self(ends)
    }

    /// The first end at or after an instant.
    pub fn first(&self, at: Instant) -> Instant {
        *self.0.iter().find(|end| **end >= at).expect("the calendar goes on")
    }

    /// How many windows had ended by then: two instants with the same number lie between the same two ends.
    pub fn number(&self, at: Instant) -> usize {
        self.0.iter().filter(|end| **end <= at).count()
    }
}

/// Whether a client may be written to without being asked.
pub fn decent(person: &Person, at: Instant) -> Result<(), String> {
    let there = at.with_timezone(&person.zone);
    let minute = there.hour() * 60 + there.minute();
    if person.weekend.contains(&there.weekday().num_days_from_monday()) {
        return Err(format!("on a {} of {}", there.weekday(), person.key));
    }
    if person.holidays.contains(&(there.month(), there.day())) {
        return Err(format!("on a public holiday of {}: {there}", person.key));
    }
    if minute < person.hours.0 || minute >= person.hours.1 {
        return Err(format!("at {there}"));
    }
    Ok(())
}
