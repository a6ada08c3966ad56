//! Meetings: `[meetings]`, and where clients and trips are. Never here: the table of cities (`config::places`).
use super::hours;
use crate::config::places;
use crate::config::reader::{Field, Reader};
use crate::decide::occasion::{MeetingSettings, Place, Point};
use crate::model::pattern::fits;
use std::path::{Path, PathBuf};
use toml::de::DeValue;

/// What stands where a place is expected.
pub(super) enum Spot {
    /// A name.
    Named(String),
    /// A point, with a name of the owner's or the one of the city there.
    At(Option<String>, Point),
}

/// "Lyon", [45.76, 4.84], ["Chez Anna", 45.76, 4.84].
pub(super) fn spot(field: &Field<'_>) -> Option<Spot> {
    let DeValue::Array(list) = &field.value else { return field.text().map(Spot::Named) };
    let number = |value: &DeValue<'_>| match value {
        DeValue::Float(number) => number.as_str().replace('_', "").parse::<f64>().ok(),
        DeValue::Integer(number) => i32::from_str_radix(number.as_str(), number.radix()).ok().map(f64::from),
        _ => None,
    };
    let values: Vec<&DeValue<'_>> = list.iter().map(toml::Spanned::get_ref).collect();
    let (name, pair) = match values.as_slice() {
        [DeValue::String(name), pair @ ..] => (Some(name.trim().to_owned()).filter(|name| !name.is_empty()), pair),
        pair => (None, pair),
    };
    let read = match pair {
        [latitude, longitude] => number(latitude).zip(number(longitude)),
        _ => None,
    };
    let usual = "write degrees north and degrees east, as [45.76, 4.84]".to_owned();
    let Some((latitude, longitude)) = read else {
        field.place.fault("is no place", usual);
        return None;
    };
    if !(-90.0..=90.0).contains(&latitude) || !(-180.0..=180.0).contains(&longitude) {
        let exchanged = (-90.0..=90.0).contains(&longitude) && (-180.0..=180.0).contains(&latitude);
        let remedy =
            if exchanged { format!("write [{longitude}, {latitude}]: degrees north come first") } else { usual };
        field.place.fault("lies beyond the poles or goes around the Earth", remedy);
        return None;
    }
    let point = Point { latitude, longitude };
    Some(Spot::At(name.or_else(|| places::name_of(point)), point))
}

/// `[meetings]` with its defaults, and the places.
pub(super) fn settings(main: &Reader<'_>, readers: &[Reader<'_>]) -> Option<MeetingSettings> {
    let table = main.section("meetings")?;
    let duration = |name: &str| table.field(name).and_then(|field| field.duration());
    let count = |name: &str| table.field(name).and_then(|field| field.count());
    let busy = table.field("busy").map(|field| busy(&field)).unwrap_or_default();
    let has_hours = table.has("hours");
    let hours = table.table("hours").and_then(|inner| {
        hours::weekly(&inner, "leave the option out to meet people between your first and your last window of a day")
    });
    let (length, notice, ahead) = (duration("length"), duration("notice"), duration("ahead"));
    let (pause, expires) = (duration("pause"), duration("expires"));
    let (times, near) = (count("count"), count("near"));
    if let (Some(notice), Some(ahead), Some(field)) = (notice, ahead, table.field("ahead"))
        && ahead <= notice
    {
        field.place.fault("is not longer than notice", "no day would be left: make it longer".to_owned());
    }
    let mut settings = MeetingSettings {
        busy,
        length: length?,
        count: usize::try_from(times?).ok()?,
        expires: expires?,
        notice: notice?,
        ahead: ahead?,
        pause: pause?,
        place: table.text("place"),
        near_km: near?,
        ..MeetingSettings::default()
    };
    if has_hours {
        settings.hours = Some(hours?);
    }
    for (id, client) in readers.iter().flat_map(|reader| reader.named("client")) {
        if let Some(place) = client.field("place").and_then(|field| of_client(&field)) {
            settings.clients.insert(id, place);
        }
    }
    for trip in readers.iter().flat_map(|reader| reader.tables("trip")) {
        let first = trip.field("from").and_then(|field| field.date());
        let place = trip.field("place").and_then(|field| of_trip(&field, !settings.clients.is_empty()));
        if let (Some(first), Some(place)) = (first, place) {
            settings.trips.insert(first, place);
        }
    }
    Some(settings)
}

fn of_client(field: &Field<'_>) -> Option<Place> {
    match spot(field)? {
        Spot::At(name, point) => Some(Place { name: name.unwrap_or_else(|| degrees(point)), point }),
        Spot::Named(name) => places::find(&name)
            .map_err(|unknown| {
                let (what, remedy) = unknown.words();
                field.place.fault(what, remedy);
            })
            .ok(),
    }
}

/// The place of a trip is the owner's word for it, and may be any: then nobody is near it.
fn of_trip(field: &Field<'_>, matters: bool) -> Option<Place> {
    match spot(field)? {
        Spot::At(name, point) => Some(Place { name: name.unwrap_or_else(|| degrees(point)), point }),
        Spot::Named(name) => places::find(&name)
            .map_err(|unknown| {
                let (what, remedy) = unknown.words();
                let remedy = remedy.replace("[45.76, 4.84]", &format!("[{name:?}, 45.76, 4.84]"));
                if matters {
                    field.place.warn(format!("{what}: no visits are proposed for this trip"), remedy);
                }
            })
            .ok(),
    }
}

fn degrees(point: Point) -> String {
    format!("{:.2}, {:.2}", point.latitude, point.longitude)
}

/// The patterns of calendar files. What is not there is a warning: the rest goes on without it.
fn busy(field: &Field<'_>) -> Vec<PathBuf> {
    let mut patterns = Vec::new();
    for item in field.items().unwrap_or_default() {
        let Some(pattern) = item.path() else { continue };
        let folder = pattern.parent().unwrap_or(Path::new(""));
        let name = pattern.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if folder.to_string_lossy().contains('*') {
            item.place.fault("has a * in a folder's name", "write * in the file's name alone".to_owned());
            continue;
        }
        let there = if name.contains('*') {
            let list = std::fs::read_dir(folder).ok();
            list.is_some_and(|list| list.flatten().any(|entry| fits(&entry.file_name().to_string_lossy(), name)))
        } else {
            pattern.is_file()
        };
        if !there {
            let remedy = "nobody knows when you are busy: export your calendar there, or correct the path".to_owned();
            item.place.warn("names no file", remedy);
        }
        patterns.push(pattern);
    }
    patterns
}
