//! Public holidays by country and region, from an embedded data file (`holidays.txt`, written by `tools/holidays.py`;
//! its head describes the format). Years and sources: there.
use crate::model::{Exception, Span, WeeklyHours};
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The file, read once.
struct Book {
    first_year: i32,
    last_year: i32,
    names: Vec<&'static str>,
    calendars: BTreeMap<&'static str, Calendar>,
}

/// One country (without parent) or region.
#[derive(Default)]
struct Calendar {
    /// The country whose dates a region shares.
    parent: Option<&'static str>,
    /// Own holidays: date and index of the name, sorted.
    added: Vec<(NaiveDate, u16)>,
    /// Dates of the parent that are no holidays here, sorted.
    removed: Vec<NaiveDate>,
}

/// Whether `date` is a public holiday in the calendar `code` (ISO 3166: `SG`, `GB-ENG`). Unknown codes and years
/// outside [`years`] have none.
#[must_use]
pub fn is_holiday(code: &str, date: NaiveDate) -> bool {
    name_of(code, date).is_some()
}

/// The English name of the public holiday, the first if there are several on that date.
#[must_use]
pub fn name_of(code: &str, date: NaiveDate) -> Option<&'static str> {
    let book = book();
    let calendar = book.calendars.get(code)?;
    let name = calendar.name_on(date).or_else(|| {
        let parent = calendar.parent.and_then(|parent| book.calendars.get(parent))?;
        if calendar.removed.binary_search(&date).is_ok() { None } else { parent.name_on(date) }
    })?;
    book.names.get(usize::from(name)).copied()
}

/// The hours of a date: an exception of `own` first, then the public holidays, then the weekday in `week` (the week of a
/// trip, or that of `own`).
#[must_use]
pub fn spans_on<'a>(own: &'a WeeklyHours, week: &'a WeeklyHours, codes: &[String], date: NaiveDate) -> &'a [Span] {
    match own.exception(date) {
        Some(Exception::Hours(spans)) => spans,
        Some(Exception::Off) => &[],
        Some(Exception::Working) => week.day(date.weekday()),
        None if codes.iter().any(|code| is_holiday(code, date)) => &[],
        None => week.day(date.weekday()),
    }
}

/// The public holidays of a date in these calendars, as (code, name); one that several calendars name alike, once. A day
/// that somebody takes off beside them is one of calendar [`OWN`]; one on which they work all the same is none.
pub fn kept_on<'a>(
    hours: Option<&WeeklyHours>,
    codes: &'a [String],
    date: NaiveDate,
) -> impl Iterator<Item = (&'a str, &'static str)> + use<'a> {
    let exception = hours.and_then(|hours| hours.exception(date));
    let own = matches!(exception, Some(Exception::Off)).then_some((OWN, "day off"));
    let none = match exception {
        Some(Exception::Working) => true,
        Some(Exception::Hours(spans)) => !spans.is_empty(),
        Some(Exception::Off) | None => false,
    };
    let named = move |code: &String| name_of(code, date).filter(|_| !none);
    let public = codes.iter().enumerate().filter_map(move |(n, code)| {
        let name = named(code)?;
        let before = codes.iter().take(n).any(|earlier| named(earlier) == Some(name));
        (!before).then_some((code.as_str(), name))
    });
    public.chain(own)
}

/// In the place of a calendar's code: a day off from the configuration.
pub const OWN: &str = "own";

/// Whether the calendar `code` is known; spelled exactly, in capitals.
#[must_use]
pub fn is_known(code: &str) -> bool {
    book().calendars.contains_key(code)
}

/// All calendars, in alphabetical order.
pub fn codes() -> impl Iterator<Item = &'static str> {
    book().calendars.keys().copied()
}

/// The first and the last year that the calendars cover.
#[must_use]
pub fn years() -> (i32, i32) {
    (book().first_year, book().last_year)
}

impl Calendar {
    fn name_on(&self, date: NaiveDate) -> Option<u16> {
        let at = self.added.partition_point(|(day, _)| *day < date);
        self.added.get(at).filter(|(day, _)| *day == date).map(|(_, name)| *name)
    }
}

fn book() -> &'static Book {
    static BOOK: OnceLock<Book> = OnceLock::new();
    BOOK.get_or_init(|| read(include_str!("holidays.txt")))
}

/// Reads the file. It is our own and tested as a whole, so what it cannot hold is skipped.
fn read(text: &'static str) -> Book {
    let mut book = Book { first_year: 0, last_year: -1, names: Vec::new(), calendars: BTreeMap::new() };
    let mut rules: Vec<Vec<NaiveDate>> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split(' ');
        match words.next() {
            Some("years") => {
                let mut year = || words.next().and_then(|word| word.parse().ok());
                (book.first_year, book.last_year) = (year().unwrap_or(0), year().unwrap_or(-1));
            }
            Some("=") => {
                let (name, dates) =
                    line.split_once("= ").and_then(|(_, rule)| rule.split_once('|')).unwrap_or_default();
                book.names.push(name);
                rules.push(dates.split(' ').flat_map(|word| days(word, book.first_year, book.last_year)).collect());
            }
            Some(code) => {
                book.calendars.insert(code, calendar(code, words, &rules));
            }
            None => (),
        }
    }
    book
}

fn calendar(code: &'static str, words: std::str::Split<'static, char>, rules: &[Vec<NaiveDate>]) -> Calendar {
    let mut calendar = Calendar { parent: code.split_once('-').map(|(country, _)| country), ..Calendar::default() };
    for word in words {
        let (number, away) = word.strip_prefix('-').map_or((word, false), |number| (number, true));
        let Ok(name) = number.parse::<u16>() else { continue };
        let dates = rules.get(usize::from(name)).map_or(&[][..], Vec::as_slice);
        if away {
            calendar.removed.extend(dates);
        } else {
            calendar.added.extend(dates.iter().map(|date| (*date, name)));
        }
    }
    calendar.added.sort_unstable();
    calendar.removed.sort_unstable();
    calendar
}

/// `MMDD` is a date of every year, `YMMDD` one of the year that ends in Y.
fn days(word: &str, first_year: i32, last_year: i32) -> impl Iterator<Item = NaiveDate> {
    let number: i32 = word.parse().unwrap_or(0);
    let digit = (word.len() == 5).then_some(number / 10_000);
    let (month, day) = (number / 100 % 100, number % 100);
    (first_year..=last_year)
        .filter(move |year| digit.is_none_or(|digit| year % 10 == digit))
        .filter_map(move |year| NaiveDate::from_ymd_opt(year, month.try_into().ok()?, day.try_into().ok()?))
}

#[cfg(test)]
#[path = "holidays_tests.rs"]
mod tests;
