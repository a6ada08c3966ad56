//! Birthdays of a client's people: a name and a day of the year. The year is nobody's business.
use crate::config::reader::Field;
use crate::config::source::Place;
use crate::model::{Birthday, EmailAddress, text::clean};
use chrono::{Datelike, NaiveDate};
use toml::de::DeValue;

/// Longest name in characters.
const NAME_MAX: usize = 100;
/// 29 February is a birthday: days are looked up in a leap year.
const LEAP: i32 = 2028;

/// Those that can be read, in the order of the file; the others are faults.
pub(super) fn read(field: &Field<'_>) -> Vec<Birthday> {
    let DeValue::Table(table) = &field.value else {
        field.mismatched();
        return Vec::new();
    };
    let mut people: Vec<_> = table.iter().collect();
    people.sort_by_key(|(name, _)| name.span().start);
    let mut found: Vec<Birthday> = Vec::new();
    for (name, value) in people {
        let whole = clean(name.get_ref(), NAME_MAX);
        // "Anna Keller <anna@acme.example>"
        let (person, address) = match whole.split_once('<') {
            Some((person, address)) => (person.trim().to_owned(), Some(address.trim_end_matches('>'))),
            None => (whole.clone(), None),
        };
        let place = Place {
            path: format!("{}.{whole:?}", field.place.path),
            shown: match value.get_ref() {
                DeValue::String(text) => Some(format!("{text:?}")),
                _ => None,
            },
            offset: value.span().start,
            ..field.place.clone()
        };
        if person.is_empty() {
            place.fault("has no name", "write whose birthday it is, as { \"Anna Keller\" = \"05-12\" }".to_owned());
            continue;
        }
        let read = address.map(EmailAddress::parse);
        if let Some(None) = read {
            place.fault("has no address between < and >", "write it as \"Anna Keller <anna@acme.example>\"".to_owned());
            continue;
        }
        let address = read.flatten();
        match day(value.get_ref()) {
            Some((month, day)) => found.push(Birthday { person, address, month, day }),
            None => place.fault("is no day of the year", "write month and day, as \"05-12\" for 12 May".to_owned()),
        }
    }
    found
}

/// `"05-12"`, `"--05-12"` as address books write it, or a date, whose year is left aside.
fn day(value: &DeValue<'_>) -> Option<(u32, u32)> {
    let (month, day) = match value {
        DeValue::String(text) => {
            let (month, day) = text.strip_prefix("--").unwrap_or(text).split_once('-')?;
            (month.parse().ok()?, day.parse().ok()?)
        }
        DeValue::Datetime(written) => {
            let date = written.date.filter(|_| written.time.is_none())?;
            (u32::from(date.month), u32::from(date.day))
        }
        _ => return None,
    };
    NaiveDate::from_ymd_opt(LEAP, month, day).map(|date| (date.month(), date.day()))
}
