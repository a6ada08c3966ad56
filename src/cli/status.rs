//! `fuseau status`: is it running, connected, paused? Works without the daemon too.
use super::args::Cli;
use super::fail::Fail;
use super::{out, rests, trust};
use crate::config::Settings;
use crate::daemon::control::{self, Ask};
use crate::daemon::health::MailboxHealth;
use crate::daemon::run::facts;
use crate::decide::ladder::Scope;
use crate::model::{Mode, Zone};
use crate::store::Counts;
use crate::system::{Clock, state};
use serde_json::{Value, json};

/// Runs the command.
pub fn run(cli: &Cli) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let dir = out::state_dir(&settings);
    let facts = match control::ask(&dir, Ask::Status)? {
        Some(reply) => reply.facts,
        None => {
            let now = Clock::System.now();
            let (counts, breaker) = match out::recorded(&settings)? {
                Some(store) => store.read_blocking(|tx| Ok((tx.counts()?, tx.paused_all(now)?.is_some())))?,
                None => (Counts::default(), false),
            };
            let mailboxes: Vec<MailboxHealth> = settings
                .policy
                .mailboxes
                .iter()
                .map(|mailbox| MailboxHealth {
                    name: mailbox.name.clone(),
                    mode: mailbox.mode.as_str().to_owned(),
                    ..MailboxHealth::default()
                })
                .collect();
            let paused = breaker || state::pause_file(&dir).exists();
            facts(false, paused, settings.policy.zones.version(), &mailboxes, counts)
        }
    };
    let mut facts = facts;
    rungs(&settings, &mut facts)?;
    let standing = rests::standing(&settings)?;
    if let Some(map) = facts.as_object_mut() {
        let home = &settings.policy.owner.zone;
        map.insert("rests".to_owned(), standing.iter().map(|rest| rest.json(home)).collect());
    }
    if cli.json {
        out::json(&facts);
    } else {
        out::text(&picture(&facts, &standing, &settings.policy.owner.zone));
    }
    Ok(())
}

/// Adds where each mailbox stands and why, and the clients who are held lower: `mode` is what it does, not what is written.
fn rungs(settings: &Settings, facts: &mut Value) -> Result<(), Fail> {
    let all = match out::recorded(settings)? {
        Some(store) => store.read_blocking(|tx| trust::standings(settings, Some(tx)))?,
        None => trust::standings(settings, None)?,
    };
    for mailbox in facts.get_mut("mailboxes").and_then(Value::as_array_mut).into_iter().flatten() {
        let name = mailbox.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        let Some(it) = all.iter().find(|it| it.scope == Scope::Mailbox(name.clone())) else { continue };
        let lower = |one: &&trust::Standing| matches!(one.scope, Scope::Client(_)) && one.rung < it.rung;
        let held: Vec<Value> = all
            .iter()
            .filter(lower)
            .map(|one| json!({"name": one.scope.name(), "rung": one.rung.as_str(), "why": one.why}))
            .collect();
        if let Some(map) = mailbox.as_object_mut() {
            map.insert("mode".to_owned(), it.rung.as_str().into());
            map.insert("written".to_owned(), it.written.map(Mode::as_str).into());
            map.insert("why".to_owned(), it.why.as_str().into());
            map.insert("fallen".to_owned(), it.fell().into());
            map.insert("held_lower".to_owned(), held.into());
        }
    }
    Ok(())
}

/// The clients who stand lower than their mailbox: `; held lower: acme (observe)`.
fn held(mailbox: &Value) -> String {
    let word = |it: &Value, key: &str| it.get(key).and_then(Value::as_str).unwrap_or("").to_owned();
    let all = mailbox.get("held_lower").and_then(Value::as_array).into_iter().flatten();
    let all: Vec<String> = all.map(|it| format!("{} ({})", word(it, "name"), word(it, "rung"))).collect();
    if all.is_empty() { String::new() } else { format!("; held lower: {}", all.join(", ")) }
}

/// The same for a person.
fn picture(facts: &Value, standing: &[rests::Rest], home: &Zone) -> String {
    let flag = |key: &str| facts.get(key).and_then(Value::as_bool).unwrap_or(false);
    let number = |key: &str| facts.get(key).and_then(Value::as_u64).unwrap_or(0);
    let word = |it: &Value, key: &str| it.get(key).and_then(Value::as_str).unwrap_or("").to_owned();
    let running = flag("running");
    let mut lines = vec![format!(
        "{}{}",
        out::bold(if running { "running" } else { "not running (`fuseau run`, or `fuseau service install`)" }),
        if flag("paused") { "; paused: nothing automatic leaves (`fuseau resume`)" } else { "" }
    )];
    lines.extend(standing.iter().map(|rest| rest.told_with_remedy(home)));
    for mailbox in facts.get("mailboxes").and_then(Value::as_array).into_iter().flatten() {
        let connected = mailbox.get("connected").and_then(Value::as_bool).unwrap_or(false);
        let last = word(mailbox, "last_poll");
        let link = match (running, connected) {
            (false, _) => "",
            (true, true) => "connected",
            (true, false) => "not connected",
        };
        let looked = chrono::DateTime::parse_from_rfc3339(&last).ok();
        let looked = looked.map_or_else(String::new, |at| format!(", last look {}", out::stamp(at.to_utc(), home)));
        let line = format!("  {:<12} {:<8} {link}{looked}", word(mailbox, "name"), word(mailbox, "mode"));
        lines.push(line.trim_end().to_owned());
        let why = format!("{}{}", word(mailbox, "why"), held(mailbox));
        if !why.is_empty() {
            lines.push(format!("    {why}"));
        }
        let error = word(mailbox, "error");
        if !error.is_empty() {
            lines.push(format!("    {error}"));
        }
    }
    lines.push(format!(
        "{}, {} waiting",
        out::count(number("open_promises"), "open promise"),
        out::count(number("queued"), "mail")
    ));
    if number("unknown") > 0 {
        lines.push(format!(
            "{} of which nobody can know whether it arrived: look for state unknown in `fuseau history CLIENT`",
            out::count(number("unknown"), "mail")
        ));
    }
    lines.push(format!("time zones: {}", facts.get("tz_version").and_then(Value::as_str).unwrap_or("")));
    lines.join("\n")
}
