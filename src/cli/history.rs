//! `fuseau history CLIENT`: everything exchanged with a client, the oldest first, and what became of each promise.
use super::args::{Cli, History};
use super::events::{Event, Past};
use super::fail::Fail;
use super::promises::{step_line, steps_json};
use super::{out, told};
use crate::config::Settings;
use crate::decide::Policy;
use crate::decide::occasion::{JournalEntry, Visited};
use crate::model::{Client, text::clean_lines};
use crate::store::{Entry, Told};
use serde_json::{Value, json};
use std::collections::HashMap;

/// Runs the command.
pub fn run(cli: &Cli, history: &History) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let client = out::client(&settings.policy, &history.client)?;
    let since = history.since.as_deref().map(|text| out::past_day(text, &settings.policy.owner.zone)).transpose()?;
    let store = out::open_followed_history(&settings)?;
    let past = store.read_blocking(|tx| Past::read(tx, client, since, history.limit))?;
    let events = past.events();
    if cli.json {
        out::json(&Value::Array(events.iter().map(|event| event.fact(&settings)).collect()));
        return Ok(());
    }
    if events.is_empty() {
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
        threads(&settings, client, &past.entries);
        let others = events.iter().filter(|event| !matches!(event, Event::Mail(_)));
        others.for_each(|event| event.line(&settings, client));
    } else {
        events.iter().for_each(|event| event.line(&settings, client));
    }
    Ok(())
}

impl Event<'_> {
    fn line(&self, settings: &Settings, client: &Client) {
        match self {
            Self::Mail(it) => line(settings, client, it),
            Self::Note(it) => {
                let there = client.zone.local(it.at).format("%a %-d %b %Y %H:%M");
                let here = settings.policy.owner.zone.local(it.at).format("%a %H:%M");
                let title = title(&settings.policy, it);
                out::text(&format!("{there} ({here})  · {:<22} {title}", "journal"));
                clean_lines(&it.text).lines().for_each(|text| out::text(&format!("    {}", out::dim(text))));
            }
            Self::Visit(_, visit) => {
                out::text(&format!("{}  · you met", visit.date.format("%a %-d %b %Y")));
                clean_lines(&visit.text).lines().for_each(|text| out::text(&format!("    {}", out::dim(text))));
            }
        }
    }

    fn fact(&self, settings: &Settings) -> Value {
        match self {
            Self::Mail(it) => told_fact(it),
            Self::Note(it) => note_fact(&settings.policy, it),
            Self::Visit(_, visit) => visit_fact(&settings.policy, visit),
        }
    }
}

/// The documented JSON of a visit: the keys of an entry, and its own.
pub fn visit_fact(policy: &Policy, visit: &Visited) -> Value {
    let zone = policy.client(&visit.client).map_or(&policy.owner.zone, |client| &client.zone);
    let at = visit.at(zone);
    json!({
        "id": visit.id, "at": out::rfc3339(at), "direction": "out", "kind": "visit", "verdict": null, "message_id": null,
        "subject": "", "from": null, "to": null, "state": null, "conversation": null, "mailbox": null, "promises": [],
        "reasons": null, "last_reply": null, "client": visit.client, "day": visit.date, "text": visit.text,
    })
}

/// The documented JSON of a note: the keys of an entry, and its own.
pub fn note_fact(policy: &Policy, note: &JournalEntry) -> Value {
    json!({
        "id": note.id, "at": out::rfc3339(note.at), "direction": null, "kind": "journal", "verdict": null, "message_id": null,
        "subject": title(policy, note), "from": null, "to": null, "state": null, "conversation": null, "mailbox": null,
        "promises": [], "reasons": null, "last_reply": null, "project": note.project, "text": note.text,
    })
}

/// What the project of a note is called.
pub fn title<'a>(policy: &'a Policy, note: &'a JournalEntry) -> &'a str {
    policy.project(&note.project).map_or(&note.project, |project| &project.title)
}

/// Conversation by conversation, in the order of their first entries.
fn threads(settings: &Settings, client: &Client, entries: &[Told]) {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut threads: Vec<Vec<&Told>> = Vec::new();
    for entry in entries {
        let place = *places.entry(entry.it.conversation.as_str()).or_insert(threads.len());
        match threads.get_mut(place) {
            Some(thread) => thread.push(entry),
            None => threads.push(vec![entry]),
        }
    }
    for thread in threads {
        let Some(first) = thread.first() else { continue };
        out::text(&format!("\n{}", out::bold(subject(&first.it.entry))));
        thread.iter().for_each(|it| line(settings, client, it));
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
        told::what(it, &settings.policy),
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
        keys.insert("last_reply".into(), json!(it.reply));
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
