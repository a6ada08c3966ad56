//! `fuseau forecast`: what falls into the coming closures, trips, holidays and clock changes of the owner and the
//! clients, and what to do about it now. Reads the history if there is one, changes nothing.
mod due;

use self::due::{Due, Known, within};
use super::args::{Cli, Forecast};
use super::fail::Fail;
use super::{out, say};
use crate::calendar::holidays::kept_on;
use crate::calendar::overlap::day_of;
use crate::calendar::shift::{clock_changes, moves, shifts};
use crate::calendar::{self, decent_hours, windows, zone_at, zone_on};
use crate::decide::Policy;
use crate::model::{Client, Closure, Exception, Instant, Owner, Trip};
use crate::system::Clock;
use chrono::{NaiveDate, TimeDelta, Weekday};
use serde_json::{Value, json};

/// Something that is coming.
struct Event {
    /// The first day, where the owner is or the client is.
    from: NaiveDate,
    /// The last day.
    to: NaiveDate,
    /// `closure`, `trip`, `holiday`, `client-holiday`, `clock`.
    kind: &'static str,
    /// The client's key, if it is theirs alone.
    client: Option<String>,
    what: String,
    /// What to do now; empty if nothing.
    todo: Vec<String>,
    /// What falls due in it.
    due: Vec<Due>,
}

/// Runs the command.
pub fn run(cli: &Cli, args: &Forecast) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let now = match &args.at {
        Some(text) => out::instant(text)?,
        None => Clock::System.now(),
    };
    let until = now + TimeDelta::days(i64::from(args.days));
    let known = due::known(&settings, now);
    let policy = &settings.policy;
    let mut events = of_owner(policy, &known, now, until);
    events.extend(of_clients(policy, now, until));
    events.extend(of_clocks(policy, now, until));
    events.sort_by_key(|event| (event.from, event.to));
    if cli.json {
        out::json(&Value::Array(events.iter().map(fact).collect()));
    } else if events.is_empty() {
        out::text(&format!("nothing unusual in the next {} days", args.days));
    } else {
        out::text(&events.iter().map(lines).collect::<Vec<_>>().join("\n"));
    }
    Ok(())
}

fn fact(event: &Event) -> Value {
    json!({
        "from": event.from.to_string(),
        "to": event.to.to_string(),
        "kind": event.kind,
        "client": event.client,
        "text": event.what,
        "todo": event.todo.iter().chain(event.due.iter().map(|due| &due.text)).collect::<Vec<_>>(),
        "due": event.due.iter().map(Due::json).collect::<Vec<_>>(),
    })
}

fn lines(event: &Event) -> String {
    let mut text = say::wrapped(&format!("{:<16}  ", say::date(event.from)), &event.what);
    for todo in event.todo.iter().chain(event.due.iter().map(|due| &due.text)) {
        text.push('\n');
        text += &say::wrapped("                  > ", todo);
    }
    text
}

/// Closures, trips and holidays of the owner.
fn of_owner(policy: &Policy, known: &Known, now: Instant, until: Instant) -> Vec<Event> {
    let owner = &policy.owner;
    let first = zone_at(owner, now).local(now).date();
    let last = zone_at(owner, until).local(until).date();
    let closures = owner.closures.iter().filter(|c| c.to >= first && c.from <= last);
    let trips = owner.trips.iter().filter(|t| t.to >= first && t.from <= last);
    let mut events: Vec<Event> = closures.map(|closure| closed(policy, closure, known, now)).collect();
    events.extend(trips.map(|trip| travel(policy, trip, known, now)));
    let coming = owner.hours.exceptions().filter(|(date, _)| (first..=last).contains(date));
    events.extend(coming.filter_map(|(date, _)| single_day(policy, date, known)));
    for date in first.iter_days().take_while(|date| *date <= last) {
        let Some((code, name)) = kept_on(Some(&owner.hours), &owner.holidays, date).next() else { continue };
        let mut open = owner.clone();
        open.hours.except(date, Exception::Working);
        let (start, end) = day_of(zone_on(owner, date), date);
        let lost = windows(&open, start, end).iter().filter(|window| window.date == date).count();
        if lost > 0 {
            let what = format!("you keep {name} ({code}): {} would have been open", windows_word(lost));
            events.push(Event {
                from: date,
                to: date,
                kind: "holiday",
                client: None,
                what,
                todo: Vec::new(),
                due: within(policy, known, (start, end), (date, date)),
            });
        }
    }
    events
}

/// A `[[day]]` with windows of its own; a closed one, and one that says the same as its weekday, is none.
fn single_day(policy: &Policy, date: NaiveDate, known: &Known) -> Option<Event> {
    let owner = &policy.owner;
    let Some(Exception::Hours(spans)) = owner.hours.exception(date) else { return None };
    let (start, end) = day_of(zone_on(owner, date), date);
    let mut usual = owner.clone();
    usual.hours.except(date, Exception::Working);
    let of_day = |owner: &Owner| -> Vec<(Instant, Instant)> {
        windows(owner, start, end).iter().filter(|it| it.date == date).map(|it| (it.start, it.end)).collect()
    };
    if of_day(owner) == of_day(&usual) {
        return None;
    }
    let said: Vec<String> =
        spans.iter().map(|span| format!("{}-{}", span.open.format("%H:%M"), span.close.format("%H:%M"))).collect();
    let said = if said.is_empty() { "not at all".to_owned() } else { format!("only at {}", said.join(", ")) };
    let what = format!("on this day you answer {said}");
    let due = within(policy, known, (start, end), (date, date));
    Some(Event { from: date, to: date, kind: "day", client: None, what, todo: Vec::new(), due })
}

fn windows_word(count: usize) -> String {
    if count == 1 { "1 window".to_owned() } else { format!("{count} windows") }
}

fn closed(policy: &Policy, closure: &Closure, known: &Known, now: Instant) -> Event {
    let owner = &policy.owner;
    let (start, _) = day_of(zone_on(owner, closure.from), closure.from);
    let (_, end) = day_of(zone_on(owner, closure.to), closure.to);
    let open = Owner { closures: owner.closures.iter().filter(|c| *c != closure).cloned().collect(), ..owner.clone() };
    let lost = windows(&open, start, end).len();
    let note = closure.note.as_ref().map_or_else(String::new, |note| format!(" ({note})"));
    let mut what = format!("you are closed until {}{note}: {} fall away", say::date(closure.to), windows_word(lost));
    if lost == 1 {
        what = what.replace("fall away", "falls away");
    }
    let stamp = |window: &crate::calendar::Window| out::span(window.start, window.end, &window.zone);
    if let Some(next) = windows(owner, end, end + TimeDelta::days(60)).first() {
        what += &format!("; the first one afterwards: {}", stamp(next));
    }
    let mut todo = Vec::new();
    if start > now {
        match windows(owner, now, start).last() {
            Some(last) => todo.push(format!("your last window before it: {}", stamp(last))),
            None => todo.push("there is no window left before it".to_owned()),
        }
        let weeks = |client: &&Client| !decent_hours(client, start, end).is_empty();
        let told: Vec<&str> = policy.clients.iter().filter(weeks).map(|client| client.name.as_str()).collect();
        if lost > 0 && !told.is_empty() {
            todo.push(format!("at work meanwhile, and worth a word before: {}", told.join(", ")));
        }
    }
    let due = within(policy, known, (start, end), (closure.from, closure.to));
    Event { from: closure.from, to: closure.to, kind: "closure", client: None, what, todo, due }
}

fn travel(policy: &Policy, trip: &Trip, known: &Known, now: Instant) -> Event {
    let owner = &policy.owner;
    let place = trip.place.clone().unwrap_or_else(|| say::city(&trip.zone));
    let (start, end) = day_of(&trip.zone, trip.from);
    let there = windows(owner, start, end + TimeDelta::days(14));
    let first = there.iter().find(|window| window.zone == trip.zone);
    let first = first.map_or_else(
        || "no window is open there".to_owned(),
        |window| format!("the first window there: {}", out::span(window.start, window.end, &window.zone)),
    );
    let what = format!("you are in {place} ({}) until {}; {first}", trip.zone.name(), say::date(trip.to));
    let second = TimeDelta::seconds(1);
    let gap = |client: &Client| {
        let moved = moves(owner, &client.zone, start - second, start + second).next()?;
        Some(format!("{} is then {}", client.name, say::gap(moved.after_minutes)))
    };
    let gaps: Vec<String> = policy.clients.iter().filter_map(gap).collect();
    let todo = if gaps.is_empty() || start < now { Vec::new() } else { vec![gaps.join("; ")] };
    let (_, over) = day_of(&trip.zone, trip.to);
    let due = within(policy, known, (start, over), (trip.from, trip.to));
    Event { from: trip.from, to: trip.to, kind: "trip", client: None, what, todo, due }
}

/// Public holidays of clients on days on which they would be at work.
fn of_clients(policy: &Policy, now: Instant, until: Instant) -> Vec<Event> {
    let mut events = Vec::new();
    for client in &policy.clients {
        let dates = client.zone.local(now).date().iter_days();
        for date in dates.take_while(|date| *date <= client.zone.local(until).date()) {
            let Some((code, name)) = kept_on(client.hours.as_ref(), &client.holidays, date).next() else { continue };
            let usual = || calendar::ordinary(&[Weekday::Sat, Weekday::Sun]);
            let mut hours = client.hours.clone().unwrap_or_else(usual);
            hours.except(date, Exception::Working);
            let working = Client { hours: Some(hours), ..client.clone() };
            let (start, end) = day_of(&client.zone, date);
            if decent_hours(&working, start, end).is_empty() {
                continue;
            }
            events.push(Event {
                from: date,
                to: date,
                kind: "client-holiday",
                client: Some(client.id.clone()),
                what: format!("{} keeps {name} ({code}): nothing but acknowledgements goes out to them", client.name),
                todo: Vec::new(),
                due: Vec::new(),
            });
        }
    }
    events
}

/// Clock changes: the owner's own, and those that shift the gap to a client.
fn of_clocks(policy: &Policy, now: Instant, until: Instant) -> Vec<Event> {
    let owner = &policy.owner;
    let on = |at: Instant| zone_at(owner, at).local(at).date();
    let event = |at: Instant, client: Option<String>, what: String| {
        let day = on(at);
        Event { from: day, to: day, kind: "clock", client, what, todo: Vec::new(), due: Vec::new() }
    };
    let mut events = Vec::new();
    for (at, seconds) in clock_changes(&owner.zone, now, until).filter(|(at, _)| *zone_at(owner, *at) == owner.zone) {
        let way = if seconds > 0 { "forward" } else { "back" };
        let by = say::length(i64::from(seconds) / 60);
        events.push(event(at, None, format!("your clock ({}) goes {way} by {by}", say::city(&owner.zone))));
    }
    for client in &policy.clients {
        for shift in shifts(owner, &client.zone, now, until) {
            let what = say::shift(&shift, &client.name, &client.zone, zone_at(owner, shift.at));
            let moved = say::length(shift.after_minutes - shift.before_minutes);
            let todo = vec![format!("what you agreed on their clock moves by {moved} on yours")];
            events.push(Event { todo, ..event(shift.at, Some(client.id.clone()), what) });
        }
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use crate::decide::occasion::{Content, Occasion, follow_up::FollowUp};
    use crate::model::{DraftKind, HeaderText, Milestone, Project, Promise, PromiseState, Terms, Zones};
    use std::path::Path;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn promise(by: &str, subject: &str) -> Promise {
        Promise {
            id: "p".into(),
            client: "acme".into(),
            mailbox: "studio".into(),
            conversation: "c".into(),
            message_id: None,
            subject: HeaderText::new(subject),
            state: PromiseState::Open,
            by: at(by),
            zone: "Asia/Singapore".into(),
            made_at: at("2026-12-01T00:00:00Z"),
            announced: true,
            closed_at: None,
            closed_by: None,
        }
    }

    #[test]
    fn promises_that_fall_into_a_closure_are_named() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/freelance.toml");
        let settings = config::parse(&std::fs::read_to_string(&path).unwrap(), &path, &Zones::bundled()).unwrap();
        let promises = vec![
            promise("2026-12-23T17:00:00Z", "before"),
            promise("2026-12-24T09:30:00Z", "inside"),
            promise("2027-01-02T23:59:59Z", "last moment"),
            promise("2027-01-04T09:30:00Z", "after"),
        ];
        let known = Known { promises, ..Known::default() };
        let events = of_owner(&settings.policy, &known, at("2026-12-20T12:00:00Z"), at("2027-01-10T12:00:00Z"));
        let due = |kind| events.iter().filter(move |e| e.kind == kind).flat_map(|e| &e.due).collect::<Vec<_>>();
        let named = due("closure");
        assert_eq!(named.len(), 2);
        assert!(named[0].text.contains("inside") && named[1].text.contains("last moment"));
        assert!(due("holiday").is_empty());
    }

    fn milestone(title: &str, due: &str, done: Option<&str>) -> Milestone {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        Milestone { title: title.into(), due: Some(date(due)), done: done.map(date), waiting: None, waiting_for: None }
    }

    #[test]
    fn milestones_and_follow_ups_that_fall_into_an_absence_are_named() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/freelance.toml");
        let mut settings = config::parse(&std::fs::read_to_string(&path).unwrap(), &path, &Zones::bundled()).unwrap();
        settings.policy.projects = vec![Project {
            id: "relaunch".into(),
            client: "acme".into(),
            title: "Relaunch".into(),
            mailbox: None,
            ended: None,
            milestones: vec![
                milestone("before", "2026-12-04", None),
                milestone("on the trip", "2026-12-19", None),
                milestone("done", "2026-12-10", Some("2026-12-01")),
                milestone("at Christmas", "2027-01-02", None),
            ],
            deliverables: vec![],
            scope: vec![],
            terms: Terms::default(),
            invoices: vec![],
            cadence: None,
            sources: vec![],
        }];
        let content =
            FollowUp { question: "Which logo?".into(), asked: "2026-12-01".parse().unwrap(), before: 0, last: false };
        let follow_up = |due: &str| Occasion {
            opening: None,
            kind: DraftKind::FollowUp,
            key: "follow-up:x:3".into(),
            client: "acme".into(),
            to: None,
            project: None,
            answers: None,
            due: at(due),
            until: None,
            why: vec![],
            content: Content::FollowUp(content.clone()),
        };
        let known = Known {
            promises: vec![promise("2026-12-10T00:00:00Z", "Hosting")],
            follow_ups: vec![follow_up("2026-12-08T01:00:00Z"), follow_up("2026-12-20T01:00:00Z")],
        };
        let events = of_owner(&settings.policy, &known, at("2026-12-01T12:00:00Z"), at("2027-01-10T12:00:00Z"));
        let due =
            |kind| events.iter().find(move |e| e.kind == kind).unwrap().due.iter().map(Due::json).collect::<Vec<_>>();
        let titles = |kind| due(kind).iter().map(|it| it["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(titles("trip"), ["Hosting", "on the trip", "Which logo?"]);
        assert_eq!(titles("closure"), ["at Christmas"]);
        let milestone = json!({"kind": "milestone", "client": "acme", "project": "relaunch", "at": "2026-12-19", "title": "on the trip"});
        assert_eq!(due("trip")[1], milestone);
        let trip = events.iter().find(|e| e.kind == "trip").unwrap();
        let (text, fact) = (lines(trip).replace('\n', " "), fact(trip));
        for word in ["Hosting", "milestone of relaunch for acme", "follow-up to acme due", "Which logo?"] {
            assert!(text.split_whitespace().collect::<Vec<_>>().join(" ").contains(word), "{word}: {text}");
            assert!(fact["todo"].to_string().contains(word), "{word}: {fact}");
        }
    }
}
