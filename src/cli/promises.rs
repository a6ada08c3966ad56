//! `fuseau promises`: what was promised, to whom, by when.
use super::args::{Cli, Promises};
use super::fail::Fail;
use super::out;
use crate::decide::Policy;
use crate::model::{Instant, Promise, PromiseState, Zone};
use crate::system::Clock;
use serde_json::{Value, json};

/// Runs the command.
pub fn run(cli: &Cli, promises: &Promises) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let store = out::open_history(&settings)?;
    let list = store.read_blocking(|tx| tx.promises(!promises.all))?;
    if cli.json {
        out::json(&Value::Array(list.iter().map(fact).collect()));
        return Ok(());
    }
    if list.is_empty() {
        out::text(if promises.all {
            "nothing was promised yet"
        } else {
            "nothing is promised: everything is answered"
        });
        return Ok(());
    }
    let now = Clock::System.now();
    for promise in &list {
        out::text(&line(promise, &settings.policy, now));
    }
    Ok(())
}

fn fact(promise: &Promise) -> Value {
    json!({
        "id": promise.id,
        "client": promise.client,
        "mailbox": promise.mailbox,
        "message_id": promise.message_id,
        "subject": promise.subject.as_str(),
        "state": promise.state,
        "promise_by": out::rfc3339(promise.by),
        "made_at": out::rfc3339(promise.made_at),
        "announced": promise.announced,
        "closed_at": promise.closed_at.map(out::rfc3339),
        "closed_by": promise.closed_by,
    })
}

fn line(promise: &Promise, policy: &Policy, now: Instant) -> String {
    let zone: Zone = policy.zones.get(&promise.zone).unwrap_or_else(|| policy.zones.utc());
    let state = match promise.state {
        PromiseState::Open => left(promise.by, now),
        ended => {
            let by = promise.closed_by.as_deref().map_or_else(String::new, |by| format!(" ({by})"));
            format!("{}{by}", ended.as_str())
        }
    };
    let told = if promise.announced { "" } else { ", not told" };
    format!(
        "{} {:<26} {}\n{:<12} {} = {}{}\n{:<12} {}",
        // Padded first: the escapes of bold count as characters.
        out::bold(&format!("{:<12}", promise.client)),
        state,
        promise.subject,
        "",
        out::stamp(promise.by, &zone),
        out::stamp(promise.by, &policy.owner.zone),
        told,
        "",
        out::dim(promise.message_id.as_deref().unwrap_or("(no Message-ID)")),
    )
}

/// `in 3 h 20 min`, `12 min overdue`
pub fn left(by: Instant, now: Instant) -> String {
    let minutes = (by - now).num_minutes();
    let words = |minutes: i64| match (minutes / 1440, minutes % 1440 / 60, minutes % 60) {
        (0, 0, m) => format!("{m} min"),
        (0, h, m) => format!("{h} h {m:02} min"),
        (d, h, _) => format!("{d} d {h} h"),
    };
    if minutes >= 0 { format!("in {}", words(minutes)) } else { format!("{} overdue", words(-minutes)) }
}
