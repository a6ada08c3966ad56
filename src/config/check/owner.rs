//! The owner: `[me]`, `[hours]`, `[[closed]]`, `[[trip]]`.
use super::hours;
use crate::config::reader::{Field, Reader};
use crate::model::{Closure, Language, Owner, Trip, Zones};
use chrono::NaiveDate;

/// The owner; closures and trips come from every file.
pub(super) fn owner(main: &Reader<'_>, readers: &[Reader<'_>], zones: &Zones) -> Option<Owner> {
    let me = main.section("me")?;
    let name = me.text("name");
    let zone = me.field("zone").and_then(|field| field.zone(zones));
    let languages = me.field("languages").and_then(|field| languages(&field));
    let (hours, holidays) = match main.table("hours") {
        Some(table) => (hours::weekly(&table, "add one, as mon-fri = [\"09:00-09:30\"]"), hours::codes(&table)),
        None => (None, Vec::new()),
    };
    let closures = readers.iter().flat_map(|reader| reader.tables("closed")).filter_map(|table| closure(&table));
    let closures: Vec<Closure> = closures.collect();
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
    let place = table.text("place");
    let hours = table
        .table("hours")
        .and_then(|hours| hours::weekly(&hours, "for days without windows write [[closed]] instead"));
    let (from, to) = days?;
    Some(Trip { from, to, zone: zone?, place, hours })
}
