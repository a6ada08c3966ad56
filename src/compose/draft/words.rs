//! Dates, times and lists as drafts say them: the same whenever the draft is read. Never here: when something is due.
use crate::compose::phrase;
use crate::model::{Instant, Language, Zone, text::clean};
use chrono::{Datelike, NaiveDate, TimeDelta};
use icu_calendar::{Date, Gregorian};
use icu_datetime::{FixedCalendarDateTimeFormatter, fieldsets};

/// Longest single value in characters.
const VALUE_MAX: usize = 200;

/// "Tuesday, 14 January", without a small word before it, without the year.
#[must_use]
pub fn date(language: Language, date: NaiveDate) -> String {
    phrase::date(language, date, date)
}

/// "on Tuesday, 14 January".
#[must_use]
pub fn on(language: Language, date: NaiveDate) -> String {
    phrase::on(language, date, date - TimeDelta::days(30))
}

/// "Tuesday, 14 January 2027".
#[must_use]
pub fn full_date(language: Language, date: NaiveDate) -> String {
    phrase::date(language, date, date - TimeDelta::days(400))
}

/// "Tuesday".
#[must_use]
pub fn weekday(language: Language, date: NaiveDate) -> String {
    phrase::weekday(language, date)
}

/// "January 2027", "2027年1月".
#[must_use]
pub fn month(language: Language, day: NaiveDate) -> String {
    let formatted = u8::try_from(day.month()).ok().and_then(|month| {
        let date = Date::try_new_gregorian(day.year(), month, 1).ok()?;
        let prefs = crate::compose::zone_name::locale(language);
        let words = FixedCalendarDateTimeFormatter::<Gregorian, _>::try_new((&prefs).into(), fieldsets::YM::long());
        Some(words.ok()?.format(&date).to_string())
    });
    formatted.unwrap_or_else(|| day.format("%Y-%m").to_string())
}

/// A point in time, not seen from any now: "Tuesday, 14 January, 4:30 pm, Singapore time".
#[must_use]
pub fn moment(language: Language, zone: &Zone, at: Instant) -> phrase::Moment {
    phrase::moment(language, zone, at, at - TimeDelta::days(30))
}

/// A text of the owner's or of a client's as one line of the letter, safe inside a sentence that runs the other way.
#[must_use]
pub fn line(language: Language, text: &str) -> String {
    isolate(language, &clean(text, VALUE_MAX))
}

/// In Arabic, what may run from left to right is set apart (Unicode Annex 9, FSI and PDI), so that its marks and numbers
/// stay where they belong. Elsewhere the text itself.
#[must_use]
pub fn isolate(language: Language, text: &str) -> String {
    let arabic = |c: char| ('\u{600}'..='\u{6ff}').contains(&c);
    let foreign = text.chars().any(|c| c.is_alphanumeric() && !arabic(c));
    if language == Language::Ar && foreign { format!("\u{2068}{text}\u{2069}") } else { text.to_owned() }
}
