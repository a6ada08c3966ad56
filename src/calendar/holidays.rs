//! Public holidays by country and region, from an embedded data file (`holidays.txt`, written by `tools/holidays.py`;
//! its head describes the format). Years and sources: there.
use crate::model::{Exception, Span, WeeklyHours};
use chrono::{Datelike, NaiveDate};
use std::sync::OnceLock;

/// The file, cut into lines once. A calendar is made when it is first asked for: every command looks at one or two of
/// 879, and to make them all took most of the time of a short one.
struct Book {
    first_year: i32,
    last_year: i32,
    /// The name and the dates of each rule, `NAME|DATES`.
    rules: Vec<&'static str>,
    /// Sorted by code, as in the file.
    calendars: Vec<Entry>,
}

/// One calendar of the book.
struct Entry {
    code: &'static str,
    /// The numbers of its rules.
    rules: &'static str,
    made: OnceLock<Box<Calendar>>,
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
    let calendar = book.calendar(code)?;
    let name = calendar.name_on(date).or_else(|| {
        let parent = calendar.parent.and_then(|parent| book.calendar(parent))?;
        if calendar.removed.binary_search(&date).is_ok() { None } else { parent.name_on(date) }
    })?;
    book.rule(name).map(|(name, _)| name)
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
    book().entry(code).is_some()
}

/// All calendars, in alphabetical order.
pub fn codes() -> impl Iterator<Item = &'static str> {
    book().calendars.iter().map(|entry| entry.code)
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

/// Reads the file. It is our own and tested as a whole, so what it cannot hold is skipped. Each line is only told from the
/// others here: every command does this.
fn read(text: &'static str) -> Book {
    let mut book = Book { first_year: 0, last_year: -1, rules: Vec::new(), calendars: Vec::new() };
    for line in text.lines() {
        match line.as_bytes().first() {
            None | Some(b'#') => {}
            Some(b'=') => book.rules.push(line.get(2..).unwrap_or_default()),
            Some(b'y') => {
                let (first, last) = line.strip_prefix("years ").and_then(|it| it.split_once(' ')).unwrap_or_default();
                (book.first_year, book.last_year) = (first.parse().unwrap_or(0), last.parse().unwrap_or(-1));
            }
            Some(_) => {
                let (code, rules) = line.split_once(' ').unwrap_or((line, ""));
                book.calendars.push(Entry { code, rules, made: OnceLock::new() });
            }
        }
    }
    book
}

impl Book {
    fn entry(&self, code: &str) -> Option<&Entry> {
        let at = self.calendars.binary_search_by(|entry| entry.code.cmp(code)).ok()?;
        self.calendars.get(at)
    }

    fn calendar(&self, code: &str) -> Option<&Calendar> {
        let entry = self.entry(code)?;
        Some(entry.made.get_or_init(|| Box::new(self.make(entry.code, entry.rules))))
    }

    /// The name and the dates of a rule.
    fn rule(&self, number: u16) -> Option<(&'static str, &'static str)> {
        self.rules.get(usize::from(number)).map(|rule| rule.split_once('|').unwrap_or_default())
    }

    fn make(&self, code: &'static str, rules: &str) -> Calendar {
        let mut calendar = Calendar { parent: code.split_once('-').map(|(country, _)| country), ..Calendar::default() };
        for word in rules.split(' ') {
            let (number, away) = word.strip_prefix('-').map_or((word, false), |number| (number, true));
            let Ok(name) = number.parse::<u16>() else { continue };
            let (_, dates) = self.rule(name).unwrap_or_default();
            let dates = dates.split(' ').flat_map(|word| days(word, self.first_year, self.last_year));
            if away {
                calendar.removed.extend(dates);
            } else {
                calendar.added.extend(dates.map(|date| (date, name)));
            }
        }
        calendar.added.sort_unstable();
        calendar.removed.sort_unstable();
        calendar
    }
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
