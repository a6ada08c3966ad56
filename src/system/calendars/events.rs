//! iCalendar text -> events as they are written: when, how often, busy or free. Never here: the single dates of a series.
use super::Wanted;
use crate::calendar::zone_on;
use crate::model::{EmailAddress, Instant, Zone};
use calcard::common::PartialDateTime;
use calcard::common::timezone::Tz;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarEntry, ICalendarFreeBusyType,
    ICalendarParameterName, ICalendarParameterValue, ICalendarParticipationStatus, ICalendarPeriod, ICalendarProperty,
    ICalendarRecurrenceRule, ICalendarStatus, ICalendarTransparency, ICalendarValue,
};
use calcard::{Entry, Parser};
use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

/// More calendars in one file are no calendar.
const CALENDARS: usize = 1000;

/// A point in time as it is written.
#[derive(Clone, Debug)]
pub(super) enum When {
    /// A whole day, wherever the owner is.
    Day(NaiveDate),
    /// A wall-clock time in a zone; `None`: wherever the owner is.
    Wall(NaiveDateTime, Option<Zone>),
    /// An instant.
    At(Instant),
}

/// How long something is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Length {
    /// Whole days on the calendar: 23 or 25 hours long where the clock changes.
    Days(TimeDelta),
    /// So much time.
    Time(TimeDelta),
}

/// One VEVENT.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub uid: String,
    pub start: When,
    pub length: Length,
    pub rule: Option<ICalendarRecurrenceRule>,
    /// Further dates, each with a length of its own if it has one.
    pub more: Vec<(When, Option<TimeDelta>)>,
    pub except: Vec<When>,
    /// The date of the series that this one stands for, and whether for all later ones too.
    pub instead: Option<(When, bool)>,
    /// Whether it keeps the owner busy.
    pub busy: bool,
}

/// The calendars of a text, and what is wrong with it.
pub(super) fn calendars(text: &str) -> (Vec<ICalendar>, Vec<String>) {
    let mut parser = Parser::new(text);
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    loop {
        match parser.entry() {
            Entry::ICalendar(calendar) => found.push(calendar),
            Entry::Eof => break,
            Entry::UnterminatedComponent(_) => {
                faults.push("it ends in the middle".to_owned());
                break;
            }
            Entry::UnexpectedComponentEnd { .. } => {
                faults.push("it is damaged: something ends that was not begun".to_owned())
            }
            Entry::TooManyComponents => {
                faults.push("it has too many entries".to_owned());
                break;
            }
            Entry::InvalidLine(line) if line.trim().is_empty() => {}
            Entry::InvalidLine(_) | Entry::VCard(_) | _ => faults.push("it is no calendar, or damaged".to_owned()),
        }
        if found.len() > CALENDARS || faults.len() > CALENDARS {
            faults.push("it has too many entries".to_owned());
            break;
        }
    }
    let lines = |what: &str| text.lines().filter(|line| line.trim().eq_ignore_ascii_case(what)).count();
    if lines("BEGIN:VCALENDAR") > lines("END:VCALENDAR") {
        faults.push("it ends in the middle".to_owned());
    }
    if found.is_empty() && faults.is_empty() && !text.trim().is_empty() {
        faults.push("it is no calendar".to_owned());
    }
    (found, faults)
}

/// The events of a calendar; those without a usable start are faults.
pub(super) fn events(calendar: &ICalendar, wanted: &Wanted<'_>, faults: &mut Vec<String>) -> Vec<Event> {
    let of_kind = |kind: ICalendarComponentType| calendar.components.iter().filter(move |it| it.component_type == kind);
    let mut found: Vec<Event> = Vec::new();
    for component in of_kind(ICalendarComponentType::VEvent) {
        match event(calendar, component, wanted, faults) {
            Some(event) => found.push(event),
            None => faults.push("an event has no usable start".to_owned()),
        }
    }
    found.extend(of_kind(ICalendarComponentType::VFreebusy).flat_map(free_busy));
    found
}

fn event(
    calendar: &ICalendar,
    component: &ICalendarComponent,
    wanted: &Wanted<'_>,
    faults: &mut Vec<String>,
) -> Option<Event> {
    let mut times = |name: &ICalendarProperty| -> Vec<(When, Option<TimeDelta>)> {
        let entries = component.entries.iter().filter(|entry| entry.name == *name);
        entries.flat_map(|entry| whens(calendar, entry, wanted, faults)).collect()
    };
    let instead = times(&ICalendarProperty::RecurrenceId).into_iter().next();
    let start = times(&ICalendarProperty::Dtstart).into_iter().next().or_else(|| instead.clone())?.0;
    let end = times(&ICalendarProperty::Dtend).into_iter().next().map(|(when, _)| when);
    let unusable = end.is_none() && component.has_property(&ICalendarProperty::Dtend);
    let more = times(&ICalendarProperty::Rdate);
    let except = times(&ICalendarProperty::Exdate).into_iter().map(|(when, _)| when).collect();
    let value = |name: &ICalendarProperty| component.property(name).and_then(|entry| entry.values.first());
    let duration = match value(&ICalendarProperty::Duration) {
        Some(ICalendarValue::Duration(duration)) => duration.to_time_delta(),
        _ => None,
    };
    let rule = match value(&ICalendarProperty::Rrule) {
        Some(ICalendarValue::RecurrenceRule(rule)) => Some((**rule).clone()),
        Some(_) => {
            faults.push("an event repeats in a way that cannot be read".to_owned());
            None
        }
        None => None,
    };
    if unusable {
        faults.push("an event has no usable end".to_owned());
    }
    let onwards = component
        .property(&ICalendarProperty::RecurrenceId)
        .is_some_and(|entry| entry.has_parameter(&ICalendarParameterName::Range));
    Some(Event {
        uid: component.uid().unwrap_or_default().to_owned(),
        length: length(&start, end.as_ref(), duration, wanted),
        start,
        rule,
        more,
        except,
        instead: instead.map(|(when, _)| (when, onwards)),
        busy: keeps_busy(component, wanted.own),
    })
}

fn length(start: &When, end: Option<&When>, duration: Option<TimeDelta>, wanted: &Wanted<'_>) -> Length {
    match (start, end, duration) {
        (When::Day(from), Some(When::Day(to)), _) => Length::Days(*to - *from),
        (When::Day(_), None, None) => Length::Days(TimeDelta::days(1)),
        (When::Day(_), None, Some(duration)) => Length::Days(duration),
        (_, Some(end), _) => Length::Time(instant(end, wanted) - instant(start, wanted)),
        (_, None, Some(duration)) => Length::Time(duration),
        (_, None, None) => Length::Time(TimeDelta::zero()),
    }
}

/// Cancelled events, events that are marked as free and events that the owner declined keep nobody busy.
fn keeps_busy(component: &ICalendarComponent, own: &[EmailAddress]) -> bool {
    if component.status() == Some(&ICalendarStatus::Cancelled)
        || component.transparency() == Some(&ICalendarTransparency::Transparent)
    {
        return false;
    }
    let declined = |entry: &ICalendarEntry| {
        let mine = entry.calendar_address().and_then(EmailAddress::parse).is_some_and(|address| own.contains(&address));
        let word = entry.parameter(&ICalendarParameterName::Partstat);
        mine && word == Some(&ICalendarParameterValue::Partstat(ICalendarParticipationStatus::Declined))
    };
    let free = |entry: &ICalendarEntry| {
        let named = matches!(&entry.name, ICalendarProperty::Other(name) if name.eq_ignore_ascii_case("X-MICROSOFT-CDO-BUSYSTATUS"));
        named
            && entry
                .values
                .first()
                .and_then(ICalendarValue::as_text)
                .is_some_and(|word| word.eq_ignore_ascii_case("FREE"))
    };
    let attends = |entry: &&ICalendarEntry| entry.name == ICalendarProperty::Attendee;
    !component.entries.iter().any(free) && !component.entries.iter().filter(attends).any(declined)
}

/// The stretches of a VFREEBUSY, each as an event of its own.
fn free_busy(component: &ICalendarComponent) -> Vec<Event> {
    let is_free = |entry: &&ICalendarEntry| {
        let kind = entry.parameter(&ICalendarParameterName::Fbtype);
        kind == Some(&ICalendarParameterValue::Fbtype(ICalendarFreeBusyType::Free))
    };
    let entries = component.entries.iter().filter(|entry| entry.name == ICalendarProperty::Freebusy);
    let periods = entries.filter(|entry| !is_free(entry)).flat_map(|entry| &entry.values);
    let one = |value: &ICalendarValue| {
        let ICalendarValue::Period(period) = value else { return None };
        let (start, length) = stretch(period)?;
        Some(Event {
            uid: String::new(),
            start: when(start, None)?,
            length: Length::Time(length),
            rule: None,
            more: Vec::new(),
            except: Vec::new(),
            instead: None,
            busy: true,
        })
    };
    periods.filter_map(one).collect()
}

fn offset(offset: Option<chrono::FixedOffset>) -> TimeDelta {
    TimeDelta::seconds(offset.map_or(0, |offset| i64::from(offset.local_minus_utc())))
}

fn stretch(period: &ICalendarPeriod) -> Option<(&PartialDateTime, TimeDelta)> {
    Some(match period {
        ICalendarPeriod::Range { start, end } => {
            (start, end.to_date_time()?.date_time.signed_duration_since(start.to_date_time()?.date_time))
        }
        ICalendarPeriod::Duration { start, duration } => (start, duration.to_time_delta()?),
    })
}

/// The points in time of a property.
fn whens(
    calendar: &ICalendar,
    entry: &ICalendarEntry,
    wanted: &Wanted<'_>,
    faults: &mut Vec<String>,
) -> Vec<(When, Option<TimeDelta>)> {
    let zone = entry.tz_id().and_then(|name| {
        let zone = zone(calendar, name, wanted);
        if zone.is_none() {
            faults
                .push(format!("nobody knows its time zone {:?}: taken for yours", crate::model::text::clean(name, 60)));
        }
        zone
    });
    let read = |value: &ICalendarValue| match value {
        ICalendarValue::PartialDateTime(time) => Some((when(time, zone.as_ref())?, None)),
        ICalendarValue::Period(period) => {
            let (start, length) = stretch(period)?;
            Some((when(start, zone.as_ref())?, Some(length)))
        }
        _ => None,
    };
    entry.values.iter().filter_map(read).collect()
}

fn when(time: &PartialDateTime, zone: Option<&Zone>) -> Option<When> {
    // Beyond these years nothing is meant, and sums would not fit.
    let read = time.to_date_time().filter(|read| (1600..2400).contains(&read.date_time.year()))?;
    Some(match (time.has_time(), read.offset) {
        (false, _) => When::Day(read.date_time.date()),
        (true, Some(_)) => When::At(read.date_time.and_utc() - offset(read.offset)),
        (true, None) => When::Wall(read.date_time, zone.cloned()),
    })
}

/// The zone of a name: an IANA name with the newest rules; else what Outlook and others mean by it; else what the VTIMEZONE
/// of that name calls itself.
fn zone(calendar: &ICalendar, name: &str, wanted: &Wanted<'_>) -> Option<Zone> {
    let known = |tz: Tz| tz.name().and_then(|name| wanted.zones.get(&name));
    let described =
        || calendar.timezones().filter_map(|it| it.timezone()).find(|(id, _)| *id == name).map(|(_, tz)| tz);
    let iana = wanted.zones.get(name);
    iana.or_else(|| name.parse::<Tz>().ok().and_then(known)).or_else(|| described().and_then(known))
}

/// The instant that is meant.
pub(super) fn instant(when: &When, wanted: &Wanted<'_>) -> Instant {
    match when {
        When::Day(date) => zone_on(wanted.owner, *date).instant(date.and_time(NaiveTime::MIN)),
        When::Wall(wall, Some(zone)) => zone.instant(*wall),
        When::Wall(wall, None) => zone_on(wanted.owner, wall.date()).instant(*wall),
        When::At(at) => *at,
    }
}
