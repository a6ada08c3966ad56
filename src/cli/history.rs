//! `fuseau history CLIENT`: everything exchanged with a client, the oldest first.
use super::args::{Cli, History};
use super::fail::Fail;
use super::out;
use super::promises::{Life, step_line, steps_json};
use crate::store::Entry;
use serde_json::{Value, json};

/// Runs the command.
pub fn run(cli: &Cli, history: &History) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let client = out::client(&settings.policy, &history.client)?;
    let store = out::open_history(&settings)?;
    let lives = |tx: &crate::store::Reader<'_>| {
        let mut entries = Vec::new();
        for entry in tx.history(&client.id)? {
            let mut promised = Vec::new();
            for promise in tx.promises_of(&entry.id)? {
                let steps = tx.steps(&promise.id)?;
                // One whose holding reply never left was never given.
                if !steps.is_empty() {
                    promised.push((promise, steps));
                }
            }
            entries.push((entry, promised));
        }
        Ok(entries)
    };
    let entries: Vec<(Entry, Vec<Life>)> = store.read_blocking(lives)?;
    if cli.json {
        out::json(&Value::Array(entries.iter().map(|(entry, promised)| fact(entry, promised)).collect()));
        return Ok(());
    }
    if entries.is_empty() {
        out::text(&format!("nothing was exchanged with {} yet", client.name));
        return Ok(());
    }
    out::text(&format!(
        "{} · {} · your time: {}",
        out::bold(&client.name),
        client.zone.name(),
        settings.policy.owner.zone.name()
    ));
    for (entry, promised) in &entries {
        let there = client.zone.local(entry.at).format("%a %-d %b %Y %H:%M");
        let here = settings.policy.owner.zone.local(entry.at).format("%a %H:%M");
        let arrow = if entry.direction == "in" { "←" } else { "→" };
        let what = match (&entry.verdict, entry.state) {
            (Some(verdict), _) => format!("{}: {}", entry.kind, verdict.as_str()),
            (None, Some(state)) => format!("{}: {state}", entry.kind),
            (None, None) => entry.kind.clone(),
        };
        let who = if entry.direction == "in" { &entry.from } else { &entry.to };
        out::text(&format!(
            "{there} ({here})  {arrow} {what:<26} {}  {}",
            entry.subject,
            out::dim(who.as_deref().unwrap_or(""))
        ));
        for (promise, steps) in promised {
            for step in steps {
                out::text(&format!("    {}", out::dim(&step_line(step, &promise.zone, &settings.policy))));
            }
        }
    }
    Ok(())
}

fn fact(entry: &Entry, promised: &[Life]) -> Value {
    let promise = |(promise, steps): &Life| {
        json!({
            "id": promise.id,
            "state": promise.state,
            "promise_by": out::rfc3339(promise.by),
            "announced": promise.announced,
            "steps": steps_json(steps),
        })
    };
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
        "promises": promised.iter().map(promise).collect::<Vec<_>>(),
    })
}
