//! `fuseau promises`: what was promised, to whom, by when.
use super::args::{Cli, Promises};
use super::fail::Fail;
use super::out;
use crate::daemon::holding;
use crate::decide::{self, Policy, WhyNot};
use crate::model::{Instant, Promise, PromiseState, Step, Zone};
use crate::store::{MailState, Reader, StoreError};
use crate::system::Clock;
use serde_json::{Value, json};

/// A promise with its steps.
pub type Life = (Promise, Vec<Step>);

/// Runs the command.
pub fn run(cli: &Cli, promises: &Promises) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let store = out::open_history(&settings)?;
    let now = Clock::System.now();
    let paused = super::outbox::paused(&out::state_dir(&settings));
    let list = store.read_blocking(|tx| {
        let with_life = |promise: Promise| {
            let next = next(tx, &settings.policy, paused, &promise, now)?;
            let steps = tx.steps(&promise.id)?;
            Ok(((promise, steps), next))
        };
        tx.promises(!promises.all)?
            .into_iter()
            .map(with_life)
            .collect::<Result<Vec<(Life, Option<Next>)>, StoreError>>()
    })?;
    if cli.json {
        out::json(&Value::Array(list.iter().map(|(life, next)| fact(life, next.as_ref())).collect()));
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
    for ((promise, steps), next) in &list {
        out::text(&line(promise, &settings.policy, now));
        let moved = steps.iter().any(|step| step.state == PromiseState::Open && step.by != promise.by);
        if promises.all || moved {
            for step in steps {
                out::text(&format!("{:<12} {}", "", out::dim(&step_line(step, &promise.zone, &settings.policy))));
            }
        }
        if let Some(next) = next {
            out::text(&next_line(next, promise, &settings.policy));
        }
    }
    Ok(())
}

/// What happens to an open promise by itself.
enum Next {
    /// A holding reply at this moment.
    Holding(Instant),
    /// One waits in the outbox under this id.
    Made(String),
    /// None, and why.
    None(WhyNot),
}

/// The next step of a promise, if nobody answers; `None` for one that is not open.
fn next(
    tx: &Reader<'_>,
    policy: &Policy,
    paused: bool,
    promise: &Promise,
    now: Instant,
) -> Result<Option<Next>, StoreError> {
    if promise.state != PromiseState::Open {
        return Ok(None);
    }
    let address = holding::told_to(tx, promise)?;
    let standing = holding::standing_of(tx, policy, paused, promise, address.as_ref(), now)?;
    Ok(Some(match decide::outlook(promise, &standing, policy, now) {
        Ok(at) => Next::Holding(at),
        Err(WhyNot::Made) => match tx.renewal_of(&promise.id)? {
            Some(renewal) => {
                let mail = tx.mail_stating(&renewal)?.filter(|row| row.state == MailState::Queued);
                mail.map_or(Next::None(WhyNot::Made), |row| Next::Made(row.id))
            }
            None => Next::None(WhyNot::Made),
        },
        Err(why) => Next::None(why),
    }))
}

/// What happens to an open promise by itself, in a line.
pub fn outlook_line(
    tx: &Reader<'_>,
    policy: &Policy,
    paused: bool,
    promise: &Promise,
    now: Instant,
) -> Result<Option<String>, StoreError> {
    let next = next(tx, policy, paused, promise, now)?;
    Ok(next.map(|next| next_line(&next, promise, policy).trim_start().to_owned()))
}

/// The line for a person.
fn next_line(next: &Next, promise: &Promise, policy: &Policy) -> String {
    let zone = policy.zones.get(&promise.zone).unwrap_or_else(|| policy.zones.utc());
    let text = match next {
        Next::Holding(at) => {
            format!("holding reply on {} = {}", out::stamp(*at, &zone), out::stamp(*at, &policy.owner.zone))
        }
        Next::Made(id) => format!("holding reply waits: `fuseau outbox show {id}`"),
        Next::None(why) => format!("no holding reply: {}", why.text()),
    };
    format!("{:<12} {text}", "")
}

fn fact((promise, steps): &Life, next: Option<&Next>) -> Value {
    let (at, mail, none) = match next {
        Some(Next::Holding(at)) => (Some(out::rfc3339(*at)), None, None),
        Some(Next::Made(id)) => (None, Some(id.as_str()), None),
        Some(Next::None(why)) => (None, None, Some(why.as_str())),
        None => (None, None, None),
    };
    json!({
        "holding_at": at,
        "holding_mail": mail,
        "no_holding": none,
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
        "steps": steps_json(steps),
    })
}

/// The life of a promise in `--json`.
pub fn steps_json(steps: &[Step]) -> Value {
    let step = |step: &Step| {
        json!({
            "at": out::rfc3339(step.at),
            "state": step.state,
            "cause": step.cause,
            "promise_by": out::rfc3339(step.by),
            "message_id": step.message_id,
        })
    };
    Value::Array(steps.iter().map(step).collect())
}

/// `Thu 14 Jan 2027 10:07 London  told`: when in the owner's time, and what happened.
pub fn step_line(step: &Step, zone: &str, policy: &Policy) -> String {
    let there: Zone = policy.zones.get(zone).unwrap_or_else(|| policy.zones.utc());
    let what = match step.state {
        PromiseState::Open => words(&step.cause).to_owned(),
        ended => format!("{}: {}", ended.as_str(), words(&step.cause)),
    };
    let by = match step.cause.as_str() {
        "made" | "told" | "late" => format!(" (by {})", out::stamp(step.by, &there)),
        _ if step.state == PromiseState::Open => format!(" (now {})", out::stamp(step.by, &there)),
        _ => String::new(),
    };
    format!("{}  {what}{by}", out::stamp(step.at, &policy.owner.zone))
}

/// What a cause says to people.
fn words(cause: &str) -> &str {
    match cause {
        "made" => "promised",
        "told" => "the client was told",
        "answered" => "the owner answered",
        "team" => "a colleague answered",
        "draft" => "the owner edited a draft and sent it",
        "flag" => "the mailbox shows it as answered",
        "done" => "`fuseau done`",
        "holding" => "a holding reply made a new one",
        "time" => "nobody answered in time",
        "gone" => "the message was deleted",
        "filed" => "the message was filed",
        "withdrawn" => "the client withdrew it",
        "late" => "its mail had to wait: promised anew",
        "tz" => "the rules of the time zone changed",
        "trip" => "moved with a trip",
        "closure" => "moved by a closure",
        "holiday" => "moved by a public holiday",
        "hours" => "moved with the hours",
        "undone" => "`done` was taken back",
        other => other,
    }
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
