//! `fuseau history CLIENT`: everything exchanged with a client, the oldest first.
use super::args::{Cli, History};
use super::fail::Fail;
use super::out;
use crate::store::Entry;
use serde_json::{Value, json};

/// Runs the command.
pub fn run(cli: &Cli, history: &History) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let client = out::client(&settings.policy, &history.client)?;
    let store = out::open_history(&settings)?;
    let entries = store.read_blocking(|tx| tx.history(&client.id))?;
    if cli.json {
        out::json(&Value::Array(entries.iter().map(fact).collect()));
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
    for entry in &entries {
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
    }
    Ok(())
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
