//! Dates, times and lists as drafts say them: the same whenever the draft is read. Never here: when something is due.
use crate::compose::phrase;
use crate::decide::occasion::common::Dated;
use crate::model::{Instant, Language, Zone, text::clean};
use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta, Timelike, Weekday};
use icu_calendar::{Date, Gregorian};
use icu_datetime::{FixedCalendarDateTimeFormatter, fieldsets};
use serde::Serialize;

/// Longest single value in characters.
const VALUE_MAX: usize = 200;

/// "Tuesday, 14 January", without a small word before it; with the year where `today` is far from it.
#[must_use]
pub fn date(language: Language, date: NaiveDate, today: NaiveDate) -> String {
    phrase::date(language, date, today)
}

/// "on Tuesday, 14 January", never "tomorrow"; with the year where `today` is far from it.
#[must_use]
pub fn on(language: Language, date: NaiveDate, today: NaiveDate) -> String {
    phrase::on(language, date, date - before(date, today))
}

/// From so long before a day is neither near nor, unless it is far from `today`, of another year.
fn before(date: NaiveDate, today: NaiveDate) -> TimeDelta {
    TimeDelta::days(if phrase::is_far(date, today) { 400 } else { 30 })
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
    let year = day.year();
    let name = || {
        let date = Date::try_new_gregorian(year, u8::try_from(day.month()).ok()?, 1).ok()?;
        let prefs = crate::compose::zone_name::locale(language);
        let words = FixedCalendarDateTimeFormatter::<Gregorian, _>::try_new((&prefs).into(), fieldsets::M::long());
        Some(words.ok()?.format(&date).to_string())
    };
    match language {
        Language::Ja | Language::Zh => format!("{year}年{}月", day.month()),
        Language::Es | Language::Pt => name().map(|name| format!("{name} de {year}")).unwrap_or_default(),
        _ => name().map(|name| format!("{name} {year}")).unwrap_or_default(),
    }
}

/// A point in time, never "tomorrow": "Tuesday, 14 January, 4:30 pm, Singapore time".
#[must_use]
pub fn moment(language: Language, zone: &Zone, at: Instant, now: Instant) -> phrase::Moment {
    let (date, today) = (zone.local(at).date(), zone.local(now).date());
    phrase::moment(language, zone, at, at - before(date, today))
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

/// Something with a date, in a list.
#[derive(Clone, Debug, Serialize)]
pub struct Item {
    /// What.
    pub title: String,
    /// "Tuesday, 14 January"; empty if there is none.
    pub date: String,
}

/// Each with its date.
#[must_use]
pub fn items(language: Language, all: &[Dated], today: NaiveDate) -> Vec<Item> {
    let item = |it: &Dated| Item {
        title: line(language, &it.title),
        date: it.date.map(|day| date(language, day, today)).unwrap_or_default(),
    };
    all.iter().map(item).collect()
}

/// "Wireframes (Wednesday, 20 January) and Beta (Saturday, 30 January)".
#[must_use]
pub fn joined(language: Language, all: &[Dated], today: NaiveDate) -> String {
    let one = |Item { title, date }: Item| match language {
        _ if date.is_empty() => title,
        Language::Ja => format!("{date}の{title}"),
        Language::Zh => format!("{date}的{title}"),
        _ => format!("{title} ({date})"),
    };
    all_of(language, &items(language, all, today).into_iter().map(one).collect::<Vec<_>>())
}

/// "from 9 am to 1 pm".
#[must_use]
pub fn hours(language: Language, from: NaiveTime, to: NaiveTime) -> String {
    let one = from.hour() == 1;
    let until_one = to.hour() == 1;
    let (from, to) = (phrase::time(language, from), phrase::time(language, to));
    match language {
        Language::En => format!("from {from} to {to}"),
        Language::Fr => format!("de {from} à {to}"),
        Language::De => format!("von {} bis {to}", from.trim_end_matches(" Uhr")),
        Language::Es => {
            format!("de {from} a {to}")
        }
        Language::It => {
            let start = if one { "dall'" } else { "dalle " };
            let end = if until_one { "all'" } else { "alle " };
            format!("{start}{from} {end}{to}")
        }
        Language::Pt => {
            let start = if one { "da" } else { "das" };
            let end = if until_one { "à" } else { "às" };
            format!("{start} {from} {end} {to}")
        }
        Language::Nl => format!("van {} tot {to}", from.trim_end_matches(" uur")),
        Language::Ja => format!("{from}から{to}"),
        Language::Zh => format!("{from}至{to}"),
        Language::Ar => format!("من الساعة {from} إلى الساعة {to}"),
    }
}

/// "Monday to Friday", "Monday and Wednesday": days that follow one another around the week as a range.
#[must_use]
pub fn weekdays(language: Language, days: &[Weekday]) -> String {
    // Any week shows the names; this one begins on a Monday.
    let monday = NaiveDate::from_ymd_opt(2027, 1, 4).unwrap_or_default();
    let name = |day: Weekday| weekday(language, monday + TimeDelta::days(i64::from(day.num_days_from_monday())));
    let has = |day: &Weekday| days.contains(day);
    let starts: Vec<Weekday> = days.iter().copied().filter(|day| !has(&day.pred())).collect();
    if let ([start], 3..) = (starts.as_slice(), days.len()) {
        let last = (1..days.len()).fold(*start, |day, _| day.succ());
        return range(language, &name(*start), &name(last));
    }
    match (days.first(), days.last()) {
        (Some(first), Some(last)) if days.len() == 7 => range(language, &name(*first), &name(*last)),
        _ => all_of(language, &days.iter().map(|day| name(*day)).collect::<Vec<_>>()),
    }
}

fn range(language: Language, first: &str, last: &str) -> String {
    match language {
        Language::En => format!("{first} to {last}"),
        Language::Fr => format!("du {first} au {last}"),
        Language::De => format!("{first} bis {last}"),
        Language::Es => format!("de {first} a {last}"),
        Language::It => {
            let (from, to) =
                (if first == "domenica" { "dalla" } else { "dal" }, if last == "domenica" { "alla" } else { "al" });
            format!("{from} {first} {to} {last}")
        }
        Language::Pt => format!("de {first} a {last}"),
        Language::Nl => format!("{first} tot en met {last}"),
        Language::Ja => format!("{first}から{last}"),
        Language::Zh => format!("{first}至{last}"),
        Language::Ar => format!("من {first} إلى {last}"),
    }
}

/// "a", "a and b", "a, b and c".
#[must_use]
pub fn all_of(language: Language, items: &[String]) -> String {
    let (comma, and) = match language {
        Language::En => (", ", " and "),
        Language::Fr => (", ", " et "),
        Language::De => (", ", " und "),
        Language::Es => (", ", " y "),
        Language::It | Language::Pt => (", ", " e "),
        Language::Nl => (", ", " en "),
        Language::Ja => ("、", "と"),
        Language::Zh => ("、", "和"),
        Language::Ar => ("، ", " و"),
    };
    match items.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, first)) => format!("{}{and}{last}", first.join(comma)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Zones;

    #[test]
    fn a_far_date_bears_its_year_in_every_language() {
        let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
        let (today, zone) = (day(2026, 11, 23), Zones::bundled().utc());
        let at = |date: NaiveDate| zone.instant(date.and_hms_opt(12, 0, 0).unwrap());
        for language in Language::ALL {
            for (on_day, far) in [
                (day(2028, 1, 14), true),
                (day(2027, 9, 20), true),
                (day(2026, 1, 26), true),
                (day(2027, 9, 19), false),
                (day(2027, 1, 14), false),
                (day(2026, 1, 27), false),
                (today, false),
            ] {
                let item = Dated { title: "Beta".into(), date: Some(on_day) };
                let said = [
                    date(language, on_day, today),
                    on(language, on_day, today),
                    moment(language, &zone, at(on_day), at(today)).full,
                    joined(language, &[item], today),
                ];
                let year = on_day.year().to_string();
                for text in said {
                    assert_eq!(text.contains(&year), far, "{language:?} {text}");
                }
            }
        }
    }
}
