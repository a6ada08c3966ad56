//! Dates and times in the client's language and zone. What they are called: zone_name.rs; what they mean for
//! the client's working day: day.rs.
//!
//! Weekdays and months come from CLDR; the order and the small words around them are written here, because
//! they stand in the middle of a sentence. Spaces are ordinary ones: they survive every mail program and
//! every search.
use super::zone_name::{locale, zone_name};
use crate::model::{Instant, Language, Zone};
use chrono::{Datelike, NaiveDate, NaiveTime, Timelike};
use icu_calendar::{Date, Gregorian};
use icu_datetime::{FixedCalendarDateTimeFormatter, fieldsets};
use serde::Serialize;

/// A day as seen from the client's now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relative {
    /// The same date.
    Today,
    /// The next date.
    Tomorrow,
    /// Two to six days ahead: the weekday alone names it.
    Weekday,
    /// Further away, or past.
    Later,
}

impl Relative {
    /// Where `date` lies, seen from `today`.
    #[must_use]
    pub fn of(date: NaiveDate, today: NaiveDate) -> Self {
        match (date - today).num_days() {
            0 => Self::Today,
            1 => Self::Tomorrow,
            2..=6 => Self::Weekday,
            _ => Self::Later,
        }
    }
}

/// A point in time in words. Every text stands in the client's language, every time in their zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// "Tuesday, 14 January"; with the year when it is more than ten months away.
    pub date: String,
    /// "Tuesday"
    pub weekday: String,
    /// "4:30 pm", "16 h 30", "16:30 Uhr"
    pub time: String,
    /// "Singapore time"
    pub zone: String,
    /// All of it, as the language says "by ..." : "tomorrow, Tuesday, 14 January, 4:30 pm, Singapore time".
    pub full: String,
    /// Seen from now.
    pub relative: Relative,
}

/// Puts `at` into words, in `zone` as seen at `now`.
#[must_use]
pub fn moment(language: Language, zone: &Zone, at: Instant, now: Instant) -> Moment {
    let (local, today) = (zone.local(at), zone.local(now).date());
    let parts = Moment {
        date: date(language, local.date(), today),
        weekday: weekday(language, local.date()),
        time: time(language, local.time()),
        zone: zone_name(language, zone, at),
        full: String::new(),
        relative: Relative::of(local.date(), today),
    };
    let full = if language == Language::En && (local.hour(), local.minute()) == (0, 0) {
        // "12 am" is read both ways; this is not.
        let eve = local.date().pred_opt().map_or_else(String::new, |eve| weekday(language, eve));
        format!("midnight between {eve} and {}, {}", parts.date, parts.zone)
    } else {
        full(language, &parts, local.time())
    };
    Moment { full, ..parts }
}

/// Whether day and month alone do not say which year is meant.
#[must_use]
pub fn is_far(date: NaiveDate, today: NaiveDate) -> bool {
    (date - today).num_days().abs() > 300
}

/// "Tuesday, 14 January", without a small word before it.
#[must_use]
pub fn date(language: Language, date: NaiveDate, today: NaiveDate) -> String {
    let day = day_month(language, date, is_far(date, today));
    let weekday = weekday(language, date);
    match language {
        Language::En | Language::De | Language::Pt => format!("{weekday}, {day}"),
        Language::Fr | Language::Es | Language::It | Language::Nl | Language::Ar => format!("{weekday} {day}"),
        Language::Ja => format!("{day}（{}）", weekday.trim_end_matches("曜日")),
        Language::Zh => format!("{day}（{weekday}）"),
    }
}

/// "Tuesday".
#[must_use]
pub fn weekday(language: Language, date: NaiveDate) -> String {
    let formatted = gregorian(date).and_then(|day| {
        let prefs = locale(language);
        let words = FixedCalendarDateTimeFormatter::<Gregorian, _>::try_new((&prefs).into(), fieldsets::E::long());
        Some(words.ok()?.format(&day).to_string())
    });
    formatted.unwrap_or_else(|| date.format("%A").to_string())
}

/// The day of a later event as an adverb: "tomorrow", "on Monday", "on Monday, 5 January".
#[must_use]
pub fn on(language: Language, day: NaiveDate, today: NaiveDate) -> String {
    let relative = Relative::of(day, today);
    if let Relative::Today | Relative::Tomorrow = relative {
        return near(language, relative).to_owned();
    }
    let name = match (relative, language) {
        (Relative::Weekday, Language::Zh) => weekday(language, day).replace("星期", "周"),
        (Relative::Weekday, _) => weekday(language, day),
        _ => date(language, day, today),
    };
    match language {
        Language::En => format!("on {name}"),
        Language::De => format!("am {name}"),
        Language::Es => format!("el {name}"),
        Language::Fr if relative == Relative::Later => format!("le {name}"),
        Language::Nl if relative == Relative::Later => format!("op {name}"),
        Language::Pt => portuguese_on(&name),
        Language::Ar => format!("يوم {name}"),
        Language::Fr | Language::It | Language::Nl | Language::Ja | Language::Zh => name,
    }
}

/// "4:30 pm", "16 h 30", "16:30 Uhr": twelve hours in English, twenty-four elsewhere.
#[must_use]
pub fn time(language: Language, time: NaiveTime) -> String {
    let (hour, minute) = (time.hour(), time.minute());
    match (language, minute) {
        (Language::En, _) => english_time(hour, minute),
        (Language::Fr, 0) => format!("{hour} h"),
        (Language::Fr, _) => format!("{hour} h {minute:02}"),
        (Language::De, _) => format!("{hour}:{minute:02} Uhr"),
        (Language::Pt, 0) => format!("{hour}h"),
        (Language::Pt, _) => format!("{hour}h{minute:02}"),
        (Language::Nl, _) => format!("{hour}.{minute:02} uur"),
        (Language::Ja, 0) => format!("{hour}時"),
        (Language::Ja, _) => format!("{hour}時{minute}分"),
        (Language::Es | Language::It | Language::Zh | Language::Ar, _) => format!("{hour}:{minute:02}"),
    }
}

fn english_time(hour: u32, minute: u32) -> String {
    let half = if hour < 12 { "am" } else { "pm" };
    let twelve = (hour + 11) % 12 + 1;
    match (hour, minute) {
        (0, 0) => "midnight".to_owned(),
        (12, 0) => "noon".to_owned(),
        (_, 0) => format!("{twelve} {half}"),
        _ => format!("{twelve}:{minute:02} {half}"),
    }
}

fn near(language: Language, relative: Relative) -> &'static str {
    let today = relative == Relative::Today;
    match language {
        Language::En => ["tomorrow", "today"],
        Language::Fr => ["demain", "aujourd'hui"],
        Language::De => ["morgen", "heute"],
        Language::Es => ["mañana", "hoy"],
        Language::It => ["domani", "oggi"],
        Language::Pt => ["amanhã", "hoje"],
        Language::Nl => ["morgen", "vandaag"],
        Language::Ja => ["明日", "本日"],
        Language::Zh => ["明天", "今天"],
        Language::Ar => ["غدًا", "اليوم"],
    }
    .get(usize::from(today))
    .copied()
    .unwrap_or_default()
}

/// The whole point in time, ready to follow the language's word for "by".
fn full(language: Language, parts: &Moment, clock: NaiveTime) -> String {
    let Moment { date, time, zone, relative, .. } = parts;
    let close = matches!(relative, Relative::Today | Relative::Tomorrow);
    let near = near(language, *relative);
    let one = clock.hour() == 1;
    match language {
        Language::En if *relative == Relative::Today => format!("{time} {near}, {date}, {zone}"),
        Language::En if close => format!("{near}, {date}, {time}, {zone}"),
        Language::En => format!("{date}, {time}, {zone}"),
        Language::Fr if close => format!("{near}, {date}, à {time}, {zone}"),
        Language::Fr => format!("le {date} à {time}, {zone}"),
        Language::De if close => format!("{near}, {date}, um {time} ({zone})"),
        Language::De => format!("am {date}, um {time} ({zone})"),
        Language::Es => {
            let at = if one { "a la" } else { "a las" };
            if close {
                format!("{near}, {date}, {at} {time}, {zone}")
            } else {
                format!("el {date} {at} {time}, {zone}")
            }
        }
        Language::It => {
            let at = if one { "all'" } else { "alle " };
            if close { format!("{near}, {date}, {at}{time}, {zone}") } else { format!("{date} {at}{time}, {zone}") }
        }
        Language::Pt => {
            let at = if clock.hour() < 2 { "à" } else { "às" };
            let day = if close { format!("{near}, {date}") } else { portuguese_on(date) };
            format!("{day}, {at} {time}, {zone}")
        }
        Language::Nl if close => format!("{near}, {date}, om {time} ({zone})"),
        Language::Nl => format!("{date} om {time} ({zone})"),
        Language::Ja if close => format!("{near}{date}{time}（{zone}）"),
        Language::Ja => format!("{date}{time}（{zone}）"),
        Language::Zh if close => format!("{zone}{near}（{}）{time}", date.trim_end_matches('）').replace('（', "，")),
        Language::Zh => format!("{zone}{date}{time}"),
        Language::Ar if close => format!("{near} {date}، الساعة {time} {zone}"),
        Language::Ar => format!("يوم {date}، الساعة {time} {zone}"),
    }
}

/// The weekdays are feminine (-feira), the weekend is not.
fn portuguese_on(day: &str) -> String {
    let article = if day.starts_with("sábado") || day.starts_with("domingo") { "no" } else { "na" };
    format!("{article} {day}")
}

fn day_month(language: Language, date: NaiveDate, with_year: bool) -> String {
    let formatted = gregorian(date).and_then(|day| {
        let prefs = locale(language);
        Some(if with_year {
            FixedCalendarDateTimeFormatter::<Gregorian, _>::try_new((&prefs).into(), fieldsets::YMD::long())
                .ok()?
                .format(&day)
                .to_string()
        } else {
            FixedCalendarDateTimeFormatter::<Gregorian, _>::try_new((&prefs).into(), fieldsets::MD::long())
                .ok()?
                .format(&day)
                .to_string()
        })
    });
    let text = formatted.unwrap_or_else(|| date.format("%Y-%m-%d").to_string());
    // CLDR knows no ordinals: the first of the month is one where the language says so.
    let first = match language {
        Language::Fr => "1er ",
        Language::It | Language::Pt => "1º ",
        _ => return text,
    };
    text.strip_prefix("1 ").map_or_else(|| text.clone(), |rest| format!("{first}{rest}"))
}

fn gregorian(date: NaiveDate) -> Option<Date<Gregorian>> {
    Date::try_new_gregorian(date.year(), u8::try_from(date.month()).ok()?, u8::try_from(date.day()).ok()?).ok()
}

#[cfg(test)]
#[path = "phrase_tests.rs"]
mod tests;
