//! `fuseau visit`: clients near a place or a trip in a sensible order, drafts that propose a day, and what came up when one
//! met. Who is near and when: `decide::occasion::visit`.
use super::args::{Cli, Visit, VisitAction};
use super::fail::Fail;
use super::{draft, note, out};
use crate::config::{Settings, places};
use crate::daemon::control::{self, Ask};
use crate::daemon::{Desk, occasions, run::desk};
use crate::decide::Policy;
use crate::decide::occasion::visit::{Stay, Stop, itinerary, of_stay, stays};
use crate::decide::occasion::{DraftFacts, DraftWhy, Occasion, Place, Point, Ruling, way};
use crate::model::Instant;
use crate::store::NewVisit;
use crate::system::{Clock, Ids};
use chrono::{NaiveDate, TimeDelta};
use serde_json::{Value, json};

/// Without `--to`, so many days.
const USUAL: TimeDelta = TimeDelta::days(13);

/// Runs the command.
pub fn run(cli: &Cli, visit: &Visit) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let now = Clock::System.now();
    if let Some(VisitAction::Done { client, text, at, undo }) = &visit.action {
        return if *undo {
            undone(cli, &settings, client)
        } else {
            done(cli, &settings, client, text.as_deref(), at.as_deref(), now)
        };
    }
    let named = named(&settings.policy, visit, now)?;
    let within = visit.within.as_deref().map(kilometres).transpose()?;
    if settings.policy.drafts.meetings.clients.is_empty() {
        return Err(Fail::Failed(
            "nobody knows where your clients are\n    add place = \"Lyon\", or place = [45.76, 4.84], to [client.NAME]"
                .to_owned(),
        ));
    }
    if visit.draft { drafts(cli, settings, named, within, now) } else { show(cli, &settings, named, within, now) }
}

/// The stay that the command line names.
fn named(policy: &Policy, visit: &Visit, now: Instant) -> Result<Option<Stay>, Fail> {
    let Some(near) = &visit.near else { return Ok(None) };
    let owner = &policy.owner;
    let today = crate::calendar::zone_at(owner, now).local(now).date();
    let from = visit.from.unwrap_or(today + TimeDelta::days(1));
    let to = visit.to.unwrap_or(from + USUAL);
    if to < from {
        return Err(Fail::Usage(format!("--to {to} is before --from {from}; both days are included, exchange them")));
    }
    if to <= today {
        return Err(Fail::Usage(format!("{to} is over: a visit lies ahead")));
    }
    Ok(Some(Stay { place: place(near)?, from, to, near_km: policy.drafts.meetings.near_km }))
}

/// A city, or "45.76,4.84".
fn place(text: &str) -> Result<Place, Fail> {
    let pair = text.split_once(',').and_then(|(a, b)| Some((a.trim().parse().ok()?, b.trim().parse().ok()?)));
    if let Some((latitude, longitude)) = pair {
        let point = Point { latitude, longitude };
        if !(-90.0..=90.0).contains(&latitude) || !(-180.0..=180.0).contains(&longitude) {
            return Err(Fail::Usage(format!(
                "{text:?} is no place on the Earth: write degrees north, then degrees east, as 45.76,4.84"
            )));
        }
        return Ok(Place { name: places::name_of(point).unwrap_or_else(|| text.to_owned()), point });
    }
    places::find(text).map_err(|unknown| {
        let (what, remedy) = unknown.words();
        Fail::Usage(format!("{text:?} {what}\n    {}", remedy.replace("[45.76, 4.84]", "45.76,4.84")))
    })
}

/// "200km", "200".
fn kilometres(text: &str) -> Result<u32, Fail> {
    let number = text.trim().trim_end_matches("km").trim_end();
    number
        .parse()
        .ok()
        .filter(|km| (1..=20_000).contains(km))
        .ok_or_else(|| Fail::Usage(format!("{text:?} is no distance; write it like 200km")))
}

/// What is looked at: the named stay, or the coming trips.
fn wanted(facts: &DraftFacts<'_>, named: Option<&Stay>, within: Option<u32>, now: Instant) -> Vec<Stay> {
    let today = crate::calendar::zone_at(&facts.policy.owner, now).local(now).date();
    let mut all = match named {
        Some(stay) => vec![stay.clone()],
        None => stays(facts).into_iter().filter(|stay| stay.to > today).collect(),
    };
    for stay in &mut all {
        stay.near_km = within.unwrap_or(stay.near_km);
    }
    all
}

fn show(cli: &Cli, settings: &Settings, named: Option<Stay>, within: Option<u32>, now: Instant) -> Result<(), Fail> {
    let policy = &settings.policy;
    let outside = draft::outside(policy, now);
    let store = out::look_into_history(settings)?;
    let gathered = store.read_blocking(|tx| occasions::gather(tx, policy, outside, now))?;
    let facts = gathered.facts(policy);
    let found: Vec<(Stay, Vec<Stop>)> = wanted(&facts, named.as_ref(), within, now)
        .into_iter()
        .map(|stay| {
            let stops = itinerary(&facts, &stay, now);
            (stay, stops)
        })
        .collect();
    if cli.json {
        out::json(&Value::Array(found.iter().map(|(stay, stops)| fact(policy, stay, stops)).collect()));
        return Ok(());
    }
    if found.is_empty() {
        out::text("no trip to a known place is ahead: name a place with --near, or add place = \"Lyon\" to a [[trip]]");
        return Ok(());
    }
    let pages: Vec<String> = found.iter().map(|(stay, stops)| page(policy, &facts, stay, stops)).collect();
    out::text(&pages.join("\n\n"));
    Ok(())
}

fn page(policy: &Policy, facts: &DraftFacts<'_>, stay: &Stay, stops: &[Stop]) -> String {
    let day = |date: NaiveDate| date.format("%a %-d %b %Y").to_string();
    let mut text = format!("{} · {} to {}", out::bold(&stay.place.name), day(stay.from), day(stay.to));
    if stops.is_empty() {
        text.push_str(&format!("\n  nobody within {} km; --within 200km looks further", stay.near_km));
    }
    for stop in stops {
        let name = policy.client(&stop.client).map_or(stop.client.as_str(), |client| &client.name);
        let when = stop.day.map_or_else(|| "no common day".to_owned(), day);
        text.push_str(&format!(
            "\n  {when:<16} {name}, {}: {:.0} km from {}, {:.0} km from the stop before",
            stop.place.name, stop.away_km, stay.place.name, stop.leg_km
        ));
        if !stop.others.is_empty() {
            let others: Vec<String> = stop.others.iter().map(|date| date.format("%a %-d %b").to_string()).collect();
            text.push_str(&format!("\n    also {}", others.join(", ")));
        }
        let met = stop
            .last
            .map_or_else(|| "you have noted no visit yet".to_owned(), |last| format!("last seen {}", day(last)));
        let mail = facts.contact(&stop.client).and_then(|it| it.last_in.max(it.last_out));
        let mail =
            mail.map(|at| format!("; last mail {}", day(policy.owner.zone.local(at).date()))).unwrap_or_default();
        text.push_str(&format!("\n    {met}{mail}"));
    }
    text
}

fn fact(policy: &Policy, stay: &Stay, stops: &[Stop]) -> Value {
    let round = |km: f64| (km * 10.0).round() / 10.0;
    let stop = |stop: &Stop| {
        json!({
            "client": stop.client,
            "name": policy.client(&stop.client).map(|client| client.name.clone()),
            "place": stop.place.name,
            "away_km": round(stop.away_km),
            "leg_km": round(stop.leg_km),
            "day": stop.day,
            "others": stop.others,
            "last_seen": stop.last,
        })
    };
    json!({
        "place": stay.place.name,
        "latitude": stay.place.point.latitude,
        "longitude": stay.place.point.longitude,
        "from": stay.from,
        "to": stay.to,
        "within_km": stay.near_km,
        "stops": stops.iter().map(stop).collect::<Vec<_>>(),
    })
}

/// One draft for each client who has a day.
fn drafts(cli: &Cli, settings: Settings, named: Option<Stay>, within: Option<u32>, now: Instant) -> Result<(), Fail> {
    let dir = out::state_dir(&settings);
    let (store, lock) = out::change_history(&settings)?;
    let desk = desk(settings, store.clone(), &dir, Ids::random()).map_err(|error| Fail::Failed(error.to_string()))?;
    let made = make(&desk, named.as_ref(), within, now);
    drop((desk, lock));
    store.close()?;
    let made = made?;
    let any = made.iter().any(|(_, json)| json["mail"].is_string());
    if cli.json {
        out::json(&Value::Array(made.into_iter().map(|(_, json)| json).collect()));
    } else if made.is_empty() {
        out::text("nobody is near: `fuseau visit` shows the distances, --within 200km looks further");
    } else {
        out::text(&made.into_iter().map(|(text, _)| text).collect::<Vec<_>>().join("\n"));
    }
    if any && control::ask(&dir, Ask::Nudge)?.is_none() && !cli.json {
        out::text("no fuseau runs: they are put there when one does");
    }
    Ok(())
}

fn make(desk: &Desk, named: Option<&Stay>, within: Option<u32>, now: Instant) -> Result<Vec<(String, Value)>, Fail> {
    let policy = desk.policy();
    let outside = draft::outside(policy, now);
    let rulings: Vec<(Ruling, Option<Result<crate::decide::occasion::Way, DraftWhy>>)> =
        desk.store.read_blocking(|tx| {
            let gathered = occasions::gather(tx, policy, outside, now)?;
            let facts = gathered.facts(policy);
            let all = wanted(&facts, named, within, now);
            let all = all.iter().flat_map(|stay| of_stay(&facts, stay, DraftWhy::Asked, now, now));
            Ok(all
                .map(|ruling| {
                    let way = match &ruling {
                        Ruling::Draft(occasion) => Some(way(&facts, occasion)),
                        Ruling::Spared(_) => None,
                    };
                    (ruling, way)
                })
                .collect())
        })?;
    let mut made = Vec::new();
    for (ruling, way) in rulings {
        let none =
            |client: &str, why: &str| (format!("{client}: no draft: {why}"), json!({"client": client, "why": why}));
        made.push(match (ruling, way) {
            (Ruling::Spared(spared), _) => none(&spared.client, spared.why.text()),
            (Ruling::Draft(occasion), Some(Ok(way))) => put(desk, &occasion, &way, now)?,
            (Ruling::Draft(occasion), Some(Err(why))) => none(&occasion.client, why.text()),
            (Ruling::Draft(occasion), None) => none(&occasion.client, DraftWhy::NothingToSay.text()),
        });
    }
    Ok(made)
}

/// One that was made before is said, and the others go on.
fn put(
    desk: &Desk,
    occasion: &Occasion,
    way: &crate::decide::occasion::Way,
    now: Instant,
) -> Result<(String, Value), Fail> {
    match draft::put(desk, occasion, way, now) {
        Ok(said) => Ok((said.text, said.json)),
        Err(Fail::Failed(text)) => {
            let client = occasion.client.as_str();
            let first = text.lines().next().unwrap_or_default();
            Ok((format!("{client}: {first}"), json!({"client": client, "key": occasion.key, "why": first})))
        }
        Err(other) => Err(other),
    }
}

fn done(
    cli: &Cli,
    settings: &Settings,
    client: &str,
    text: Option<&str>,
    at: Option<&str>,
    now: Instant,
) -> Result<(), Fail> {
    let client = out::client(&settings.policy, client)?;
    let owner = &settings.policy.owner;
    let at = match at {
        Some(text) => out::day(text, &owner.zone)?,
        None => now,
    };
    if at > now {
        return Err(Fail::Usage("a visit that is done lies behind you: give --at a day that is over".to_owned()));
    }
    // A day is meant as it is written; an instant has one where the owner was.
    let written = at_date(&settings.policy, at);
    let text = note::words(text.unwrap_or_default())?;
    let id = Ids::random().next(now);
    let dir = out::state_dir(settings);
    let (store, lock) = out::change_history(settings)?;
    let noted = store
        .write_blocking(|tx| tx.visited(&NewVisit { id: &id, client: &client.id, day: written, text: &text, now }));
    drop(lock);
    store.close()?;
    noted?;
    if cli.json {
        out::json(&json!({"id": id, "client": client.id, "day": written, "text": text}));
    } else {
        out::text(&format!("noted: you met {} on {}", client.name, written.format("%a %-d %b %Y")));
    }
    control::ask(&dir, Ask::Nudge)?;
    Ok(())
}

/// The civil date of an instant: home's, which is the date that `--at 2027-01-14` means, or the trip's for the present.
fn at_date(policy: &Policy, at: Instant) -> NaiveDate {
    let home = policy.owner.zone.local(at);
    if home.time() == chrono::NaiveTime::MIN {
        return home.date();
    }
    crate::calendar::zone_at(&policy.owner, at).local(at).date()
}

fn undone(cli: &Cli, settings: &Settings, client: &str) -> Result<(), Fail> {
    let client = out::client(&settings.policy, client)?;
    let (store, lock) = out::change_history(settings)?;
    let gone = store.write_blocking(|tx| tx.unvisited(&client.id));
    drop(lock);
    store.close()?;
    let Some(gone) = gone? else {
        return Err(Fail::Failed(format!("no visit to {} is noted that could be taken back", client.name)));
    };
    if cli.json {
        out::json(&json!({"id": gone.id, "client": gone.client, "day": gone.date, "text": gone.text}));
    } else {
        out::text(&format!("taken back: {}  {}", gone.date.format("%a %-d %b %Y"), gone.text));
    }
    Ok(())
}
