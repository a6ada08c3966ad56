//! What a picture of common hours shows, before anybody draws it: days, rows, notes.
use crate::calendar::holidays::kept_on;
use crate::calendar::overlap::{Interval, awake, day_of, holds, intersection};
use crate::calendar::{OwnerTime, decent_hours, gap, next_shift, overlap, trip_on, windows, zone_on};
use crate::cli::say;
use crate::model::{Client, Exception, Instant, Owner, Zone};
use chrono::{NaiveDate, TimeDelta};

/// How far ahead clock changes are announced.
const AHEAD: TimeDelta = TimeDelta::days(400);

/// One civil day of the owner, from midnight to midnight on their clock.
pub struct Day {
    pub date: NaiveDate,
    /// Where the owner is that day: the axis.
    pub zone: Zone,
    pub start: Instant,
    pub end: Instant,
    pub owner: Row,
    pub clients: Vec<Row>,
    /// Decent for all clients while the owner is up.
    pub shared: Vec<Interval>,
    /// The parts of answer windows that are decent for all clients.
    pub shared_windows: Vec<Interval>,
    pub notes: Vec<Note>,
}

/// One person's day.
pub struct Row {
    /// The client's key; none for the owner.
    pub id: Option<String>,
    pub name: String,
    pub zone: Zone,
    /// Minutes ahead of the owner at noon.
    pub gap_minutes: i64,
    /// The owner's answer windows; none for clients.
    pub windows: Vec<Interval>,
    /// Decent hours of a client; none for the owner.
    pub work: Vec<Interval>,
    pub awake: Vec<Interval>,
}

/// What is special about a day.
#[derive(Clone, PartialEq)]
pub struct Note {
    /// The client's key; none for the owner.
    pub id: Option<String>,
    /// Whose: `You`, or the client's name.
    pub who: String,
    /// In two words.
    pub short: String,
    /// In a sentence; empty where the picture says it in another place.
    pub text: String,
}

/// What somebody does in a stretch of time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Doing {
    Night,
    Awake,
    Work,
    Window,
}

impl Row {
    /// What is done between two instants: a window shows however short it is, everything else by the middle.
    pub fn doing(&self, from: Instant, until: Instant) -> Doing {
        let middle = from + (until - from) / 2;
        if !intersection(&self.windows, &[(from, until)]).is_empty() {
            Doing::Window
        } else if holds(&self.work, middle) {
            Doing::Work
        } else if holds(&self.awake, middle) {
            Doing::Awake
        } else {
            Doing::Night
        }
    }
}

/// The dates on a clock between two instants.
fn dates(zone: &Zone, from: Instant, until: Instant) -> Vec<NaiveDate> {
    let last = zone.local(until - TimeDelta::seconds(1)).date();
    zone.local(from).date().iter_days().take_while(|date| *date <= last).collect()
}

impl Day {
    /// One day of the owner and these clients.
    pub fn new(owner: &Owner, clients: &[&Client], date: NaiveDate) -> Self {
        let zone = zone_on(owner, date).clone();
        let (start, end) = day_of(&zone, date);
        let noon = start + (end - start) / 2;
        let me = Row {
            id: None,
            name: "You".to_owned(),
            zone: zone.clone(),
            gap_minutes: 0,
            windows: windows(owner, start, end).iter().map(|w| (w.start.max(start), w.end.min(end))).collect(),
            work: Vec::new(),
            awake: awake(&zone, start, end),
        };
        let row = |client: &&Client| Row {
            id: Some(client.id.clone()),
            name: client.name.clone(),
            zone: client.zone.clone(),
            gap_minutes: gap(owner, &client.zone, noon) / 60,
            windows: Vec::new(),
            work: intersection(&decent_hours(client, start, end), &[(start, end)]),
            awake: awake(&client.zone, start, end),
        };
        let mut notes = owner_notes(owner, date);
        notes.extend(clients.iter().flat_map(|client| client_notes(client, start, end)));
        notes.extend(clients.iter().filter_map(|client| shift_note(owner, client, start, end)));
        Self {
            clients: clients.iter().map(row).collect(),
            shared: overlap(owner, clients, OwnerTime::Awake, start, end),
            shared_windows: overlap(owner, clients, OwnerTime::Windows, start, end),
            owner: me,
            date,
            zone,
            start,
            end,
            notes,
        }
    }
}

impl Day {
    /// How many clients are at work at an instant at which the owner is up; 0 while the owner sleeps.
    pub fn at_work(&self, at: Instant) -> usize {
        if holds(&self.owner.awake, at) { self.clients.iter().filter(|row| holds(&row.work, at)).count() } else { 0 }
    }

    /// When the largest number of clients is at work at once while the owner is up, and who (their keys).
    pub fn most(&self) -> Vec<(Interval, Vec<&str>)> {
        let rows = self.clients.iter().flat_map(|row| &row.work).chain(&self.owner.awake);
        let mut borders: Vec<Instant> = rows.flat_map(|(start, end)| [*start, *end]).collect();
        borders.sort_unstable();
        borders.dedup();
        let most = borders.iter().map(|at| self.at_work(*at)).max().unwrap_or(0);
        let mut found: Vec<(Interval, Vec<&str>)> = Vec::new();
        for (start, end) in borders.iter().copied().zip(borders.iter().copied().skip(1)) {
            if self.at_work(start) != most {
                continue;
            }
            let there = self.clients.iter().filter(|row| holds(&row.work, start));
            let who: Vec<&str> = there.filter_map(|row| row.id.as_deref()).collect();
            match found.last_mut() {
                Some((last, same)) if last.1 == start && *same == who => last.1 = end,
                _ => found.push(((start, end), who)),
            }
        }
        found
    }
}

/// Why a date of the owner is special.
pub fn owner_notes(owner: &Owner, date: NaiveDate) -> Vec<Note> {
    let note = |short: &str, text: String| Note { id: None, who: "You".to_owned(), short: short.to_owned(), text };
    let mut notes = Vec::new();
    if let Some(trip) = trip_on(owner, date) {
        let place = trip.place.clone().unwrap_or_else(|| say::city(&trip.zone));
        notes
            .push(note(&format!("in {place}"), format!("in {place} until {}, on the clock there", say::date(trip.to))));
    }
    if let Some(closure) = owner.closures.iter().find(|closure| closure.from <= date && date <= closure.to) {
        let why = closure.note.as_ref().map_or_else(String::new, |note| format!(" ({note})"));
        notes.push(note("closed", format!("closed until {}{why}", say::date(closure.to))));
    }
    if let Some(Exception::Hours(spans)) = owner.hours.exception(date) {
        let said = spans.iter().map(|span| format!("{}-{}", span.open.format("%H:%M"), span.close.format("%H:%M")));
        let said = said.collect::<Vec<_>>().join(", ");
        let text = if said.is_empty() { "no windows on this day".to_owned() } else { format!("this day only: {said}") };
        notes.push(note(if said.is_empty() { "day off" } else { "own hours" }, text));
    }
    notes.extend(
        kept_on(Some(&owner.hours), &owner.holidays, date).map(|(code, name)| note(name, format!("{name} ({code})"))),
    );
    notes
}

fn client_notes(client: &Client, start: Instant, end: Instant) -> Vec<Note> {
    let on = |date| {
        kept_on(client.hours.as_ref(), &client.holidays, date).map(move |(code, name)| Note {
            id: Some(client.id.clone()),
            who: client.name.clone(),
            short: name.to_owned(),
            text: format!("{name} on {} ({code})", say::date(date)),
        })
    };
    dates(&client.zone, start, end).into_iter().flat_map(on).collect()
}

/// The mark of a day on which the gap shifts; the sentence stands below the picture.
fn shift_note(owner: &Owner, client: &Client, start: Instant, end: Instant) -> Option<Note> {
    let second = TimeDelta::seconds(1);
    let shift = next_shift(owner, &client.zone, start - second, end - second)?;
    Some(Note {
        id: Some(client.id.clone()),
        who: client.name.clone(),
        short: format!("now {}", say::gap_short(shift.after_minutes)),
        text: String::new(),
    })
}

/// The next clock change that shifts the gap to each client, the earliest first, as (day where the owner is, sentence);
/// then one sentence about those for whom none does.
pub fn announcements(owner: &Owner, clients: &[&Client], from: Instant) -> (Vec<(NaiveDate, String)>, Option<String>) {
    let mut found = Vec::new();
    let mut steady = Vec::new();
    for client in clients {
        // a change in the very first instant of the picture belongs to it
        match next_shift(owner, &client.zone, from - TimeDelta::seconds(1), from + AHEAD) {
            Some(shift) => found.push((shift, *client)),
            None => steady.push(client.name.as_str()),
        }
    }
    found.sort_by_key(|(shift, _)| shift.at);
    let sentence = |(shift, client): &(_, &Client)| {
        let shift: &crate::calendar::Shift = shift;
        let zone = crate::calendar::zone_at(owner, shift.at);
        (zone.local(shift.at).date(), say::shift(shift, &client.name, &client.zone, zone))
    };
    let none = (!steady.is_empty()).then(|| format!("no clock change shifts your gap to {}", steady.join(", ")));
    (found.iter().map(sentence).collect(), none)
}
