//! `fuseau status`: is it running, connected, paused? Works without the daemon too.
use super::args::Cli;
use super::fail::Fail;
use super::out;
use crate::daemon::control::{self, Ask};
use crate::daemon::health::MailboxHealth;
use crate::daemon::run::facts;
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
        out::text(&picture(&facts));
    }
    Ok(())
}

/// The same for a person.
fn picture(facts: &Value) -> String {
    let flag = |key: &str| facts.get(key).and_then(Value::as_bool).unwrap_or(false);
    let number = |key: &str| facts.get(key).and_then(Value::as_u64).unwrap_or(0);
    let word = |it: &Value, key: &str| it.get(key).and_then(Value::as_str).unwrap_or("").to_owned();
    let mut lines = vec![format!(
        "{}{}",
        out::bold(if flag("running") { "running" } else { "not running" }),
        if flag("paused") { "; paused: nothing automatic leaves (`fuseau resume`)" } else { "" }
    )];
    for mailbox in facts.get("mailboxes").and_then(Value::as_array).into_iter().flatten() {
        let connected = mailbox.get("connected").and_then(Value::as_bool).unwrap_or(false);
        let last = word(mailbox, "last_poll");
        lines.push(format!(
            "  {:<12} {:<8} {}{}",
            word(mailbox, "name"),
            word(mailbox, "mode"),
            if connected { "connected" } else { "not connected" },
            if last.is_empty() { String::new() } else { format!(", last look {last}") },
        ));
        let error = word(mailbox, "error");
        if !error.is_empty() {
            lines.push(format!("    {error}"));
        }
    }
    lines.push(format!("{} open promises, {} mails waiting", number("open_promises"), number("queued")));
    if number("unknown") > 0 {
        lines.push(format!(
            "{} mails of which nobody can know whether they arrived: look at `fuseau history CLIENT`, state unknown",
            number("unknown")
        ));
    }
    lines.push(format!("time zones: {}", facts.get("tz_version").and_then(Value::as_str).unwrap_or("")));
    lines.join("\n")
}
