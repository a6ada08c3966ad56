//! Weekly hours: ranges and days, windows that overlap.
use crate::calendar::holidays;
use crate::config::{
    reader::{Field, Reader},
    source::Place,
    value::{self, BadSpan},
};
use crate::model::{Exception, Span, WeeklyHours};
use chrono::{Datelike, Days, NaiveDate, Timelike, Weekday};
use toml::de::DeValue;

const WEEK: u32 = 7 * 24 * 60;

/// One window with the place where it is written.
struct Written<'a> {
    span: Span,
    place: Place<'a>,
}

/// The hours in a table with keys named after days. Faults: unreadable, empty or overlapping windows, a day
/// in two ranges, no window at all (`none` says what that would mean).
pub(super) fn weekly<'a>(table: &Reader<'a>, none: &str) -> Option<WeeklyHours> {
    let fields = table.day_fields();
    let read: Vec<(&str, &Field<'a>, Option<Vec<Written<'a>>>)> =
        fields.iter().map(|(key, field)| (*key, field, spans(field))).collect();
    let unreadable = read.iter().any(|(.., spans)| spans.is_none());
    let mut hours = WeeklyHours::default();
    let mut week = Vec::new();
    for (_, day, name) in value::DAYS {
        let on_day = |(key, ..): &&(&str, _, _)| value::days(key).is_some_and(|days| days.contains(&day));
        let mut ranges = read.iter().filter(|entry| entry.0.contains('-')).filter(on_day);
        let first = ranges.next();
        if let (Some((first, ..)), Some((_, second, _))) = (first, ranges.next()) {
            let place = Place { shown: None, ..second.place.clone() };
            place.fault(
                format!("covers {name}, which {first} covers too"),
                "a day may be in one range; write single days for exceptions".to_owned(),
            );
            break;
        }
        let single = read.iter().filter(|entry| !entry.0.contains('-')).find(on_day);
        if let Some(spans) = single.or(first).and_then(|(.., spans)| spans.as_ref()) {
            hours.set(day, spans.iter().map(|written| written.span).collect());
            week.extend(spans.iter().map(|written| (minutes(day, written.span), day, written)));
        }
    }
    report_overlaps(week);
    if hours.is_empty() && !unreadable && !table.has_unknown {
        table.place.fault("has no window at all", none.to_owned());
        return None;
    }
    (!unreadable).then_some(hours)
}

fn spans<'a>(field: &Field<'a>) -> Option<Vec<Written<'a>>> {
    let read = |item: Field<'a>| {
        let DeValue::String(text) = &item.value else {
            item.mismatched();
            return None;
        };
        match value::span(text) {
            Ok(span) => return Some(Written { span, place: item.place.clone() }),
            Err(BadSpan::Empty) => {
                let remedy = "a window ends after it begins; the whole day is \"00:00-24:00\"".to_owned();
                item.place.fault("is an empty window", remedy);
            }
            Err(BadSpan::Unreadable) => {
                item.place.fault("is no window", "write it as \"09:00-09:30\", in 24 hours".to_owned());
            }
        }
        None
    };
    let read: Vec<_> = field.items()?.into_iter().map(read).collect();
    read.into_iter().collect()
}

/// First minute of the week and length.
fn minutes(day: Weekday, span: Span) -> (u32, u32) {
    let of_day = |time: chrono::NaiveTime| time.num_seconds_from_midnight() / 60;
    let (open, close) = (of_day(span.open), of_day(span.close));
    let length = if span.crosses_midnight() { close + 24 * 60 - open } else { close - open };
    (day.num_days_from_monday() * 24 * 60 + open, length)
}

/// Complains about windows that overlap, over midnight and over the week's end too; each pair of written
/// windows once.
fn report_overlaps(mut week: Vec<((u32, u32), Weekday, &Written<'_>)>) {
    week.sort_by_key(|((start, _), ..)| *start);
    let next_week = week.first().map(|((start, length), day, written)| ((start + WEEK, *length), *day, *written));
    let mut told: Vec<(usize, usize)> = Vec::new();
    let mut latest: Option<(u32, &Written<'_>)> = None;
    for ((start, length), day, written) in week.iter().copied().chain(next_week) {
        if let Some((_, other)) = latest.filter(|(end, _)| start < *end) {
            let pair = (other.place.offset, written.place.offset);
            if !told.contains(&pair) {
                told.push(pair);
                let other = other.place.shown.clone().unwrap_or_default();
                let what = format!("overlaps {other} on {}", value::day_name(day));
                written.place.fault(what, "join the two windows or move one of them".to_owned());
            }
        }
        if latest.is_none_or(|(end, _)| start + length > end) {
            latest = Some((start + length, written));
        }
    }
}

/// The codes of public-holiday calendars in `holidays`.
fn codes(table: &Reader<'_>) -> Vec<String> {
    let read = |item: &Field<'_>| {
        let code = item.text()?;
        if holidays::is_known(&code) {
            return Some(code);
        }
        item.place.fault("is no known holiday calendar", holiday_remedy(&code));
        None
    };
    table.field("holidays").and_then(|field| field.each(read)).unwrap_or_default()
}

/// `holidays`, with the single days that are dropped and added: the codes; the days go into `hours`.
pub(super) fn holidays(table: &Reader<'_>, hours: &mut WeeklyHours) -> Vec<String> {
    let codes = codes(table);
    let dates = |name: &str| -> Vec<(NaiveDate, Field<'_>)> {
        let items = table.field(name).and_then(|field| field.items()).unwrap_or_default();
        items.into_iter().filter_map(|item| item.date().map(|date| (date, item))).collect()
    };
    let known = |date: NaiveDate| {
        let (first, last) = holidays::years();
        (first..=last).contains(&date.year())
    };
    let names = |date: NaiveDate| codes.iter().find_map(|code| holidays::name_of(code, date));
    let dropped = dates("holidays_except");
    for (date, item) in &dropped {
        if names(*date).is_none() && known(*date) {
            let near = (1..=10).flat_map(|n| [*date + Days::new(n), *date - Days::new(n)]);
            let near = near.filter_map(|day| Some(format!("{day} is {}", names(day)?))).next();
            let remedy = match (codes.is_empty(), near) {
                (true, _) => "no calendar is named in holidays: there is nothing to except".to_owned(),
                (false, Some(near)) => format!("{near}; `fuseau holidays` lists them all"),
                (false, None) => "remove it; `fuseau holidays` lists them all".to_owned(),
            };
            item.place.warn(format!("is no public holiday in {}", list_or_none(&codes)), remedy);
        }
        hours.except(*date, Exception::Working);
    }
    for (date, item) in dates("holidays_extra") {
        if dropped.iter().any(|(other, _)| *other == date) {
            item.place.fault("is in holidays_except too", "a day is off or not: remove one of the two".to_owned());
        } else if let Some(name) = names(date) {
            item.place.warn(format!("is a public holiday already ({name})"), "remove it, or check the date".to_owned());
        }
        hours.except(date, Exception::Off);
    }
    codes
}

fn list_or_none(codes: &[String]) -> String {
    if codes.is_empty() { "any calendar".to_owned() } else { codes.join(", ") }
}

/// The windows of one date, sorted; none may overlap another.
pub(super) fn of_date(field: &Field<'_>) -> Option<Vec<Span>> {
    let mut written = spans(field)?;
    written.sort_by_key(|written| written.span);
    let end = |span: Span| if span.crosses_midnight() { 24 * 60 } else { span.close.num_seconds_from_midnight() / 60 };
    for (first, second) in written.iter().zip(written.iter().skip(1)) {
        if second.span.open.num_seconds_from_midnight() / 60 < end(first.span) {
            let other = first.place.shown.clone().unwrap_or_default();
            second.place.fault(format!("overlaps {other}"), "join the two windows or move one of them".to_owned());
        }
    }
    Some(written.into_iter().map(|written| written.span).collect())
}

/// The days of a weekend.
pub(super) fn weekdays(field: &Field<'_>) -> Option<Vec<Weekday>> {
    let day = |item: &Field<'_>| {
        let text = item.text()?;
        let found = value::days(&text).filter(|days| days.len() == 1).and_then(|days| days.first().copied());
        if found.is_none() {
            item.place.fault("is no day", "write single days: mon, tue, wed, thu, fri, sat, sun".to_owned());
        }
        found
    };
    field.each(day)
}

fn holiday_remedy(written: &str) -> String {
    let code = written.to_uppercase().replace('_', "-").replace("UK", "GB");
    if holidays::is_known(&code) {
        return format!("did you mean {code:?}?");
    }
    let country = code.split('-').next().unwrap_or_default();
    let family: Vec<&str> =
        holidays::codes().filter(|known| known.split('-').next() == Some(country)).take(30).collect();
    if family.is_empty() {
        return "write the country, or country and region, as \"FR\" or \"GB-ENG\" (ISO 3166)".to_owned();
    }
    format!("known for this country: {}", family.join(", "))
}
