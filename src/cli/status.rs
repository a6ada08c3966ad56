//! `fuseau status`: is it running, connected, paused? Works without the daemon too.
use super::args::Cli;
use super::fail::Fail;
use super::out;
use super::trust;
use crate::daemon::control::{self, Ask};
use crate::daemon::health::MailboxHealth;
use crate::daemon::run::facts;
use crate::model::Zone;
use crate::store::Counts;
use crate::system::{Clock, state};
use serde_json::Value;

/// Runs the command.
pub fn run(cli: &Cli) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let dir = out::state_dir(&settings);
    let facts = match control::ask(&dir, Ask::Status)? {
        Some(reply) => reply.facts,
        None => {
            let now = Clock::System.now();
            let (counts, breaker) = match out::open_history(&settings) {
                Ok(store) => store.read_blocking(|tx| Ok((tx.counts()?, tx.paused_all(now)?.is_some())))?,
                Err(_) => (Counts::default(), false),
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
    if cli.json {
        out::json(&facts);
    } else {
        out::text(&picture(&facts, &settings.policy.owner.zone, &|name| trust::why(&settings, name)));
    }
    Ok(())
}

/// The same for a person.
fn picture(facts: &Value, home: &Zone, why: &dyn Fn(&str) -> Option<String>) -> String {
    let flag = |key: &str| facts.get(key).and_then(Value::as_bool).unwrap_or(false);
    let number = |key: &str| facts.get(key).and_then(Value::as_u64).unwrap_or(0);
    let word = |it: &Value, key: &str| it.get(key).and_then(Value::as_str).unwrap_or("").to_owned();
    let running = flag("running");
    let mut lines = vec![format!(
        "{}{}",
        out::bold(if running { "running" } else { "not running (`fuseau run`, or `fuseau service install`)" }),
        if flag("paused") { "; paused: nothing automatic leaves (`fuseau resume`)" } else { "" }
    )];
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
        lines.extend(why(&word(mailbox, "name")).map(|why| format!("    {why}")));
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
