//! `fuseau simulate`: the days to come on a virtual clock: windows, holidays, trips, closures and clock changes, and
//! what a client's mail would be promised, and what follows if nobody answers. Over the configuration alone: no mailbox,
//! no history.
use super::args::{Cli, Simulate};
use super::fail::Fail;
use super::hours::owner_notes;
use super::{out, say};
use crate::calendar::holidays::kept_on;
use crate::calendar::overlap::day_of;
use crate::calendar::shift::{Shift, clock_changes, next_shift};
use crate::calendar::{Window, decent_hours, windows, zone_at, zone_on};
use crate::daemon::clocks;
use crate::decide::rehearsal::Event;
use crate::decide::{self, Plan, Policy};
use crate::model::{Client, Instant, WeeklyHours};
use crate::system::Clock;
use chrono::{NaiveDate, NaiveTime, TimeDelta};
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub mod story;

/// When the supposed mails arrive, on the client's clock.
const ARRIVALS: [i64; 2] = [9, 18];

/// One day of the rehearsal.
struct Day<'a> {
    date: NaiveDate,
    windows: Vec<Window>,
    /// Public holidays that the owner keeps: calendar and name.
    holidays: Vec<Holiday>,
    /// What is special, for the owner.
    notes: Vec<String>,
    clients: Vec<Rehearsed<'a>>,
}

/// A client on that date.
struct Rehearsed<'a> {
    client: &'a Client,
    notes: Vec<String>,
    holidays: Vec<Holiday>,
    /// A clock change on that day after which the gap is another.
    shift: Option<Shift>,
    /// Whether they are at work that day.
    works: bool,
    mails: Vec<Supposed>,
    /// What becomes of their promises if nobody answers; each day is played by itself.
    unanswered: Vec<Event>,
}

/// A public holiday: its calendar and its name.
type Holiday = (String, String);

/// A mail of the client.
struct Supposed {
    arrived: Instant,
    plan: Option<Plan>,
    /// The answer tells of a clock change; once for a client and a change.
    tells: bool,
}

/// Runs the command.
pub fn run(cli: &Cli, args: &Simulate) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let policy = &settings.policy;
    let clients: Vec<&Client> = match &args.client {
        Some(id) => vec![out::client(policy, id)?],
        None => policy.clients.iter().collect(),
    };
    let from = args.from.unwrap_or_else(|| {
        let now = Clock::System.now();
        zone_at(&policy.owner, now).local(now).date()
    });
    let mut told = BTreeSet::new();
    let days = from.iter_days().take(usize::from(args.days)).map(|date| rehearse(policy, &clients, date, &mut told));
    if cli.json {
        out::json(&Value::Array(days.map(|day| fact(policy, &day)).collect()));
    } else {
        for day in days {
            out::text(&picture(policy, &day));
        }
    }
    Ok(())
}

fn rehearse<'a>(
    policy: &Policy,
    clients: &[&'a Client],
    date: NaiveDate,
    told: &mut BTreeSet<(&'a str, Instant)>,
) -> Day<'a> {
    let owner = &policy.owner;
    let zone = zone_on(owner, date);
    let (start, end) = day_of(zone, date);
    let second = TimeDelta::seconds(1);
    let mut notes: Vec<String> = owner_notes(owner, date).into_iter().map(|note| note.text).collect();
    notes.extend(clock_changes(zone, start - second, end - second).map(|(at, seconds)| {
        let way = if seconds > 0 { "forward" } else { "back" };
        let by = say::length(i64::from(seconds) / 60);
        format!("your clock goes {way} by {by} to {}", zone.local(at).format("%H:%M"))
    }));
    let windows = windows(owner, start, end).into_iter().filter(|window| window.date == date).collect();
    let one = |client: &&'a Client| {
        let (first, last) = day_of(&client.zone, date);
        let holidays: Vec<Holiday> = kept(client.hours.as_ref(), &client.holidays, date);
        let mut notes: Vec<String> = holidays.iter().map(|(code, name)| format!("{name} ({code})")).collect();
        let shift = next_shift(owner, &client.zone, first - second, last - second);
        notes.extend(shift.map(|shift| {
            format!("from {} {}", client.zone.local(shift.at).format("%H:%M"), say::gap(shift.after_minutes))
        }));
        let arrival = |hour: &i64| client.zone.instant(date.and_time(NaiveTime::MIN + TimeDelta::hours(*hour)));
        let mut suppose = |arrived: Instant| {
            let plan = decide::plan_at(policy, arrived);
            let change = plan.as_ref().and_then(|plan| clocks::coming(policy, Some(&client.id), plan));
            Supposed { arrived, plan, tells: change.is_some_and(|shift| told.insert((client.id.as_str(), shift.at))) }
        };
        let mails: Vec<Supposed> = ARRIVALS.iter().map(arrival).map(&mut suppose).collect();
        let plans: Vec<Plan> = mails.iter().filter_map(|mail| mail.plan.clone()).collect();
        Rehearsed {
            client,
            notes,
            holidays,
            shift,
            works: !decent_hours(client, first, last).is_empty(),
            unanswered: story::of(policy, client, &plans),
            mails,
        }
    };
    let holidays = kept(Some(&owner.hours), &owner.holidays, date);
    Day { date, windows, holidays, notes, clients: clients.iter().map(one).collect() }
}

fn kept(hours: Option<&WeeklyHours>, calendars: &[String], date: NaiveDate) -> Vec<Holiday> {
    kept_on(hours, calendars, date).map(|(code, name)| (code.to_owned(), name.to_owned())).collect()
}

fn picture(policy: &Policy, day: &Day<'_>) -> String {
    let zone = zone_on(&policy.owner, day.date);
    let mut lines = vec![out::bold(&format!("{}  {}", say::date(day.date), say::city(zone)))];
    let spans: Vec<(Instant, Instant)> = day.windows.iter().map(|w| (w.start, w.end)).collect();
    lines.push(say::wrapped("  windows   ", &say::intervals(zone, &spans)));
    lines.extend(day.notes.iter().map(|note| say::wrapped("            ", note)));
    for rehearsed in &day.clients {
        let client = rehearsed.client;
        let mut notes = rehearsed.notes.clone();
        if !rehearsed.works {
            notes.insert(0, "not at work".to_owned());
        }
        let name = say::fitted(&client.id, 9, "…");
        for (n, mail) in rehearsed.mails.iter().enumerate() {
            let head = if n == 0 { format!("  {name} ") } else { " ".repeat(12) };
            let by = mail.plan.as_ref().map_or_else(
                || "no window in sight".to_owned(),
                |plan| {
                    let here = &plan.window.zone;
                    let there = client.zone.local(plan.by).format("%a %-d %b %H:%M");
                    let clock = here.local(plan.by).format(if *here == client.zone { "" } else { "%a %H:%M" });
                    let clock = clock.to_string();
                    if clock.is_empty() { there.to_string() } else { format!("{there} = {clock} {}", say::city(here)) }
                },
            );
            let at = client.zone.local(mail.arrived).format("%H:%M");
            let tells = if mail.tells { "; tells of the clock change" } else { "" };
            lines.push(say::wrapped(&head, &format!("mail at {at} there -> by {by}{tells}")));
        }
        if !notes.is_empty() {
            lines.push(say::wrapped("            ", &notes.join("; ")));
        }
        lines.extend(story::picture(&rehearsed.unanswered, client));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn fact(policy: &Policy, day: &Day<'_>) -> Value {
    let zone = zone_on(&policy.owner, day.date);
    let window = |w: &Window| json!({"start": w.zone.fixed(w.start).to_rfc3339(), "end": w.zone.fixed(w.end).to_rfc3339(), "place": w.place});
    let client = |one: &Rehearsed<'_>| {
        let zone = &one.client.zone;
        let mail = |Supposed { arrived, plan, tells }: &Supposed| {
            json!({
                "arrived": zone.fixed(*arrived).to_rfc3339(),
                "send_at": plan.as_ref().map(|plan| zone.fixed(plan.send_at).to_rfc3339()),
                "promise_by": plan.as_ref().map(|plan| zone.fixed(plan.by).to_rfc3339()),
                "tells_clock_change": tells,
            })
        };
        json!({
            "client": one.client.id,
            "at_work": one.works,
            "notes": one.notes,
            "holidays": holidays(&one.holidays),
            "shift": one.shift.map(|shift| json!({
                "at": zone.fixed(shift.at).to_rfc3339(),
                "before_minutes": shift.before_minutes,
                "after_minutes": shift.after_minutes,
                "whose": shift.whose.as_str(),
            })),
            "mails": one.mails.iter().map(mail).collect::<Vec<_>>(),
            "unanswered": story::json(&one.unanswered, zone),
        })
    };
    json!({
        "date": day.date.to_string(),
        "zone": zone.name(),
        "windows": day.windows.iter().map(window).collect::<Vec<_>>(),
        "notes": day.notes,
        "holidays": holidays(&day.holidays),
        "clients": day.clients.iter().map(client).collect::<Vec<_>>(),
    })
}

fn holidays(all: &[Holiday]) -> Vec<Value> {
    all.iter().map(|(calendar, name)| json!({"calendar": calendar, "name": name})).collect()
}
