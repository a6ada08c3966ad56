//! `fuseau history CLIENT`: everything exchanged with a client, the oldest first, and what became of each promise.
use super::args::{Cli, History};
use super::fail::Fail;
use super::promises::{step_line, steps_json};
use super::{out, told};
use crate::config::Settings;
use crate::decide::Policy;
use crate::decide::occasion::Visited;
use crate::model::{Client, Instant, Zone};
use crate::store::{Entry, Told};
use serde_json::{Value, json};

/// Runs the command.
pub fn run(cli: &Cli, history: &History) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let client = out::client(&settings.policy, &history.client)?;
    let since = history.since.as_deref().map(|text| out::day(text, &settings.policy.owner.zone)).transpose()?;
    let store = out::open_history(&settings)?;
    let (mut entries, visits) =
        store.read_blocking(|tx| Ok((tx.timeline(&client.id, since, history.limit)?, tx.visits(Some(&client.id))?)))?;
    let mut visits: Vec<(Instant, Visited)> = visits.into_iter().map(|it| (noon(&client.zone, &it), it)).collect();
    visits.retain(|(at, _)| since.is_none_or(|since| *at >= since));
    only_newest(&mut entries, &mut visits, history.limit);
    if cli.json {
        out::json(&Value::Array(facts(&settings.policy, &entries, &visits)));
        return Ok(());
    }
    if entries.is_empty() && visits.is_empty() {
        out::text(&match since {
            Some(_) => format!("nothing was exchanged with {} since then", client.name),
            None => format!("nothing was exchanged with {} yet", client.name),
        });
        return Ok(());
    }
    out::text(&format!(
        "{} · {} · your time: {}",
        out::bold(&client.name),
        client.zone.name(),
        settings.policy.owner.zone.name()
    ));
    if history.threads {
        threads(&settings, client, &entries);
        visits.iter().for_each(|(_, visit)| met(visit));
        return Ok(());
    }
    let mut visits = visits.iter().peekable();
    for entry in &entries {
        while let Some((_, visit)) = visits.next_if(|(at, _)| *at <= entry.it.entry.at) {
            met(visit);
        }
        line(&settings, client, entry);
    }
    visits.for_each(|(_, visit)| met(visit));
    Ok(())
}

/// A visit bears a day, not a time: it stands at noon where the client is.
fn noon(zone: &Zone, visit: &Visited) -> Instant {
    zone.instant(visit.date.and_time(chrono::NaiveTime::MIN) + chrono::TimeDelta::hours(12))
}

/// So many of both together, the newest.
fn only_newest(entries: &mut Vec<Told>, visits: &mut Vec<(Instant, Visited)>, limit: Option<u32>) {
    let Some(limit) = limit.and_then(|limit| usize::try_from(limit).ok()) else { return };
    while entries.len() + visits.len() > limit {
        let entry = entries.first().map(|it| it.it.entry.at);
        match visits.first().map(|(at, _)| *at) {
            Some(visit) if entry.is_none_or(|entry| visit <= entry) => drop(visits.remove(0)),
            _ => drop(entries.remove(0)),
        }
    }
}

fn met(visit: &Visited) {
    let text = visit.text.replace('\n', "\n    ");
    out::text(&format!("{}  ·  you met\n    {text}", visit.date.format("%a %-d %b %Y")));
}

/// The documented JSON of everything, the oldest first.
fn facts(policy: &Policy, entries: &[Told], visits: &[(Instant, Visited)]) -> Vec<Value> {
    let mut all: Vec<(Instant, Value)> = entries.iter().map(|it| (it.it.entry.at, told_fact(it))).collect();
    all.extend(visits.iter().map(|(at, visit)| (*at, visit_fact(policy, visit))));
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, fact)| fact).collect()
}

/// The documented JSON of a visit: the keys of an entry, and its own.
pub fn visit_fact(policy: &Policy, visit: &Visited) -> Value {
    let zone = policy.client(&visit.client).map_or(&policy.owner.zone, |client| &client.zone);
    let at = noon(zone, visit);
    json!({
        "id": visit.id, "at": out::rfc3339(at), "direction": "out", "kind": "visit", "verdict": null, "message_id": null,
        "subject": "", "from": null, "to": null, "state": null, "client": visit.client, "day": visit.date, "text": visit.text,
    })
}

/// Conversation by conversation, in the order of their first entries.
fn threads(settings: &Settings, client: &Client, entries: &[Told]) {
    let mut seen: Vec<&str> = Vec::new();
    for first in entries {
        let conversation = first.it.conversation.as_str();
        if seen.contains(&conversation) {
            continue;
        }
        seen.push(conversation);
        out::text(&format!("\n{}", out::bold(subject(&first.it.entry))));
        entries.iter().filter(|it| it.it.conversation == conversation).for_each(|it| line(settings, client, it));
    }
}

fn line(settings: &Settings, client: &Client, it: &Told) {
    let entry = &it.it.entry;
    let there = client.zone.local(entry.at).format("%a %-d %b %Y %H:%M");
    let here = settings.policy.owner.zone.local(entry.at).format("%a %H:%M");
    let arrow = if entry.direction == "in" { "←" } else { "→" };
    let who = if entry.direction == "in" { &entry.from } else { &entry.to };
    out::text(&format!(
        "{there} ({here})  {arrow} {:<26} {}  {}",
        told::what(it),
        subject(entry),
        out::dim(who.as_deref().unwrap_or(""))
    ));
    for note in told::notes(it, &settings.policy, &client.zone) {
        out::text(&format!("    {}", out::dim(&note)));
    }
    for (promise, steps) in &it.promises {
        for step in steps {
            out::text(&format!("      {}", out::dim(&step_line(step, &promise.zone, &settings.policy))));
        }
    }
}

fn subject(entry: &Entry) -> &str {
    if entry.subject.is_empty() { "(no subject)" } else { &entry.subject }
}

/// The documented JSON of an entry with what was promised.
pub fn told_fact(it: &Told) -> Value {
    let mut fact = fact(&it.it.entry);
    let promises: Vec<Value> = it
        .promises
        .iter()
        .map(|(promise, steps)| {
            let late = promise.closed_at.map(|at| (at - promise.by).num_minutes());
            json!({
                "id": promise.id,
                "state": promise.state,
                "promise_by": out::rfc3339(promise.by),
                "announced": promise.announced,
                "closed_at": promise.closed_at.map(out::rfc3339),
                "minutes_late": late,
                "steps": steps_json(steps),
            })
        })
        .collect();
    let reasons = it.it.decision.as_ref().map(|decision| {
        decision.reasons.iter().map(|r| json!({"code": r.code.as_str(), "text": r.text()})).collect::<Vec<_>>()
    });
    if let Value::Object(keys) = &mut fact {
        keys.insert("conversation".into(), json!(it.it.conversation));
        keys.insert("mailbox".into(), json!(it.it.mailbox));
        keys.insert("promises".into(), Value::Array(promises));
        keys.insert("reasons".into(), json!(reasons));
    }
    fact
}

/// The documented JSON of an entry.
pub fn fact(entry: &Entry) -> Value {
    json!({
        "id": entry.id,
        "at": out::rfc3339(entry.at),
        "direction": entry.direction,
        "kind": entry.kind,
        "verdict": entry.verdict,
        "message_id": entry.message_id,
        "subject": entry.subject,
        "from": entry.from,
        "to": entry.to,
        "state": entry.state,
    })
}
