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

/// "from 9 am to 1 pm"; an end that is not after the beginning is one of the next day: "from 6 pm to 3:30 am the next day".
#[must_use]
pub fn hours(language: Language, from: NaiveTime, to: NaiveTime) -> String {
    let midnight = to == NaiveTime::MIN;
    let next_day = to <= from && !midnight;
    let (start, end) = (phrase::time(language, from), phrase::time(language, to));
    // A day that ends at midnight ends on itself.
    let end = match language {
        Language::Fr if midnight => "minuit".to_owned(),
        Language::De if midnight => "24:00 Uhr".to_owned(),
        Language::Nl if midnight => "24.00 uur".to_owned(),
        Language::Ja if midnight => "24時".to_owned(),
        Language::Es | Language::Zh if midnight => "24:00".to_owned(),
        _ => end,
    };
    let text = match language {
        Language::En => format!("from {start} to {end}"),
        Language::Fr => format!("de {start} à {end}"),
        Language::De => format!("von {} bis {end}", start.trim_end_matches(" Uhr")),
        Language::Es => format!("de {start} a {end}"),
        Language::It => {
            let start = format!("{}{start}", if from.hour() == 1 { "dall'" } else { "dalle " });
            match to.hour() {
                0 if midnight => format!("{start} a mezzanotte"),
                1 => format!("{start} all'{end}"),
                _ => format!("{start} alle {end}"),
            }
        }
        Language::Pt => {
            let start = format!("{} {start}", if from.hour() < 2 { "da" } else { "das" });
            match to.hour() {
                0 if midnight => format!("{start} à meia-noite"),
                0 | 1 => format!("{start} à {end}"),
                _ => format!("{start} às {end}"),
            }
        }
        Language::Nl => format!("van {} tot {end}", start.trim_end_matches(" uur")),
        Language::Ja => format!("{start}から{}{end}", if next_day { "翌" } else { "" }),
        Language::Zh => format!("{start}至{}{end}", if next_day { "次日" } else { "" }),
        Language::Ar if midnight => format!("من الساعة {start} إلى منتصف الليل"),
        Language::Ar => format!("من الساعة {start} إلى الساعة {end}"),
    };
    if next_day { text + the_next_day(language) } else { text }
}

/// What follows an hour of the next day; Japanese and Chinese say it before the hour.
fn the_next_day(language: Language) -> &'static str {
    match language {
        Language::En => " the next day",
        Language::Fr => " le lendemain",
        Language::De => " am Folgetag",
        Language::Es => " del día siguiente",
        Language::It => " del giorno dopo",
        Language::Pt => " do dia seguinte",
        Language::Nl => " de volgende dag",
        Language::Ja | Language::Zh => "",
        Language::Ar => " من اليوم التالي",
    }
}

/// "Monday to Friday", "on Mondays and Wednesdays": days that follow one another around the week as a range.
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
        _ => {
            let list = all_of(language, &days.iter().map(|day| each(language, *day, &name(*day))).collect::<Vec<_>>());
            match language {
                Language::En => format!("on {list}"),
                Language::Nl => format!("op {list}"),
                _ => list,
            }
        }
    }
}

/// A day that comes back every week, in a list: "Mondays", "le lundi", "montags".
fn each(language: Language, day: Weekday, name: &str) -> String {
    let weekend = matches!(day, Weekday::Sat | Weekday::Sun);
    match language {
        Language::En => format!("{name}s"),
        Language::Fr => format!("le {name}"),
        Language::De => format!("{}s", name.to_lowercase()),
        Language::Es => format!("los {}s", name.trim_end_matches('s')),
        Language::It if day == Weekday::Sun => format!("la {name}"),
        Language::It => format!("il {name}"),
        Language::Pt if weekend => format!("aos {name}s"),
        Language::Pt => format!("às {}", name.replace("-feira", "s-feiras")),
        Language::Nl | Language::Ja | Language::Zh => name.to_owned(),
        Language::Ar => format!("يوم {name}"),
    }
}

fn range(language: Language, first: &str, last: &str) -> String {
    match language {
        Language::En => format!("{first} to {last}"),
        Language::Fr => format!("du {first} au {last}"),
        Language::De => format!("{}s bis {}s", first.to_lowercase(), last.to_lowercase()),
        Language::Es => format!("de {first} a {last}"),
        Language::It => {
            let (from, to) =
                (if first == "domenica" { "dalla" } else { "dal" }, if last == "domenica" { "alla" } else { "al" });
            format!("{from} {first} {to} {last}")
        }
        Language::Pt if last.ends_with("-feira") => format!("de {} a {last}", first.trim_end_matches("-feira")),
        Language::Pt => format!("de {first} a {last}"),
        Language::Nl => format!("van {first} tot en met {last}"),
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
        // "y" before the same sound is "e".
        Language::Es if items.last().is_some_and(|last| begins_with_i(last)) => (", ", " e "),
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

fn begins_with_i(text: &str) -> bool {
    let text = text.to_lowercase();
    let vowel = text.strip_prefix('h').unwrap_or(&text);
    vowel.starts_with(['i', 'í']) && !["ia", "ie", "io"].iter().any(|glide| vowel.starts_with(glide))
}

#[cfg(test)]
#[path = "words_tests.rs"]
mod words_tests;

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
