//! The owner: `[me]`, `[hours]`, `[[closed]]`, `[[day]]`, `[[trip]]`.
use super::hours;
use super::meetings::{self, Spot};
use crate::config::reader::{Field, Reader};
use crate::config::source::Place;
use crate::model::{Closure, Exception, Language, Owner, Trip, WeeklyHours, Zones};
use chrono::NaiveDate;

/// The owner; closures and trips come from every file.
pub(super) fn owner(main: &Reader<'_>, readers: &[Reader<'_>], zones: &Zones) -> Option<Owner> {
    let me = main.section("me")?;
    let name = me.text("name");
    let zone = me.field("zone").and_then(|field| field.zone(zones));
    let languages = me.field("languages").and_then(|field| languages(&field));
    let (hours, holidays) = match main.table("hours") {
        Some(table) => {
            let mut hours = hours::weekly(&table, "add one, as mon-fri = [\"09:00-09:30\"]");
            let mut unread = WeeklyHours::default();
            let holidays = hours::holidays(&table, hours.as_mut().unwrap_or(&mut unread));
            (hours, holidays)
        }
        None => (None, Vec::new()),
    };
    let closed: Vec<Reader<'_>> = readers.iter().flat_map(|reader| reader.tables("closed")).collect();
    let closed: Vec<(Closure, &Reader<'_>)> =
        closed.iter().filter_map(|table| Some((closure(table)?, table))).collect();
    let hours = single_days(readers, &closed, hours);
    let closures: Vec<Closure> = closed.into_iter().map(|(closure, _)| closure).collect();
    let trips = trips(readers, zones);
    Some(Owner { name: name?, zone: zone?, languages: languages?, hours: hours?, holidays, closures, trips })
}

fn languages(field: &Field<'_>) -> Option<Vec<Language>> {
    let languages = field.each(Field::language)?;
    if languages.is_empty() {
        field.place.fault("is empty", "name the languages in which you can answer, as [\"en\"]".to_owned());
        return None;
    }
    let mut unique = Vec::new();
    for language in languages {
        if !unique.contains(&language) {
            unique.push(language);
        }
    }
    Some(unique)
}

/// `from` and `to` in their order.
fn days(table: &Reader<'_>) -> Option<(NaiveDate, NaiveDate)> {
    let from = table.field("from").and_then(|field| field.date());
    let last = table.field("to");
    let to = last.as_ref().and_then(Field::date);
    let (from, to) = (from?, to?);
    if from > to {
        last?.place.fault(format!("is before from = {from}"), "both days are included; exchange them".to_owned());
        return None;
    }
    Some((from, to))
}

fn closure(table: &Reader<'_>) -> Option<Closure> {
    let days = days(table);
    let note = table.text("note");
    let (from, to) = days?;
    if (to - from).num_days() > 366 {
        table.place.warn("is longer than a year", "check the dates: no client is promised anything then".to_owned());
    }
    Some(Closure { from, to, note })
}

/// `[[day]]`: the hours with those days in them.
fn single_days(
    readers: &[Reader<'_>],
    closed: &[(Closure, &Reader<'_>)],
    mut hours: Option<WeeklyHours>,
) -> Option<WeeklyHours> {
    let mut seen: Vec<(NaiveDate, Place<'_>)> = Vec::new();
    for table in readers.iter().flat_map(|reader| reader.tables("day")) {
        let (field, written) = (table.field("date"), table.field("hours"));
        let date = field.as_ref().and_then(Field::date);
        let spans = written.as_ref().and_then(hours::of_date);
        let (Some(date), Some(field), Some(spans)) = (date, field, spans) else { continue };
        if let Some((_, first)) = seen.iter().find(|(other, _)| *other == date) {
            let first = first.position();
            field
                .place
                .fault(format!("is already in {first}"), "write all windows of a day into one [[day]]".to_owned());
        }
        let closure = closed.iter().find(|(closure, _)| closure.from <= date && date <= closure.to);
        if let Some((closure, table)) = closure.filter(|_| !spans.is_empty()) {
            let at = table.place.position();
            field.place.fault(
                format!("lies in the closure from {} to {} ({at})", closure.from, closure.to),
                "a closed day has no windows: remove one of the two, or write two closures around the day".to_owned(),
            );
        }
        let off = hours.as_ref().and_then(|hours| hours.exception(date)) == Some(&Exception::Off);
        if off && !spans.is_empty() && !seen.iter().any(|(other, _)| *other == date) {
            field.place.fault("is among hours.holidays_extra, which takes it off", "remove one of the two".to_owned());
        }
        if let Some(hours) = &mut hours {
            hours.except(date, Exception::Hours(spans));
        }
        seen.push((date, field.place));
    }
    hours
}

fn trips(readers: &[Reader<'_>], zones: &Zones) -> Vec<Trip> {
    let tables: Vec<Reader<'_>> = readers.iter().flat_map(|reader| reader.tables("trip")).collect();
    let mut trips: Vec<(Trip, &Reader<'_>)> =
        tables.iter().filter_map(|table| Some((trip(table, zones)?, table))).collect();
    trips.sort_by_key(|(trip, _)| (trip.from, trip.to));
    for ((first, first_table), (second, table)) in trips.iter().zip(trips.iter().skip(1)) {
        if second.from <= first.to {
            let place = first_table.place.position();
            table.place.fault(
                format!("begins on {}, while the trip in {place} lasts until {}", second.from, first.to),
                "a day has one zone: let the next trip begin on the day after".to_owned(),
            );
        }
    }
    trips.into_iter().map(|(trip, _)| trip).collect()
}

fn trip(table: &Reader<'_>, zones: &Zones) -> Option<Trip> {
    let days = days(table);
    let zone = table.field("zone").and_then(|field| field.zone(zones));
    let place = table.field("place").and_then(|field| meetings::spot(&field)).and_then(|spot| match spot {
        Spot::Named(name) => Some(name),
        Spot::At(name, _) => name,
    });
    let hours = table
        .table("hours")
        .and_then(|hours| hours::weekly(&hours, "for days without windows write [[closed]] instead"));
    let (from, to) = days?;
    Some(Trip { from, to, zone: zone?, place, hours })
}
