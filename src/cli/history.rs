//! `fuseau history CLIENT`: everything exchanged with a client, the oldest first, and what became of each promise.
use super::args::{Cli, History};
use super::fail::Fail;
use super::promises::{step_line, steps_json};
use super::{out, told};
use crate::config::Settings;
use crate::decide::occasion::JournalEntry;
use crate::model::Client;
use crate::model::text::clean_lines;
use crate::store::{Entry, Told};
use serde_json::{Value, json};
use std::collections::HashMap;

/// Runs the command.
pub fn run(cli: &Cli, history: &History) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let client = out::client(&settings.policy, &history.client)?;
    let since = history.since.as_deref().map(|text| out::day(text, &settings.policy.owner.zone)).transpose()?;
    let store = out::open_history(&settings)?;
    let entries = store.read_blocking(|tx| tx.timeline(&client.id, since, history.limit))?;
    let mut notes = store.read_blocking(|tx| tx.notes_with(&client.id, since))?;
    if cli.json {
        out::json(&Value::Array(entries.iter().map(told_fact).collect()));
        return Ok(());
    }
    if let Some(first) = entries.first().filter(|_| history.limit.is_some()) {
        notes.retain(|note| note.at >= first.it.entry.at);
    }
    if entries.is_empty() && notes.is_empty() {
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
        notes.iter().for_each(|note| noted(client, note));
        return Ok(());
    }
    let mut notes = notes.iter().peekable();
    for entry in &entries {
        while let Some(note) = notes.next_if(|note| note.at <= entry.it.entry.at) {
            noted(client, note);
        }
        line(&settings, client, entry);
    }
    notes.for_each(|note| noted(client, note));
    Ok(())
}

/// A note of the journal where it stands in time.
fn noted(client: &Client, note: &JournalEntry) {
    let there = client.zone.local(note.at).format("%a %-d %b %Y %H:%M");
    let text = clean_lines(&note.text).trim_end().replace('\n', "\n    ");
    out::text(&format!("{there}  ·  you noted, {}\n    {text}", note.project));
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
