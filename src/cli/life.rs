//! What became of the promises that were made for a message, and of the mails that told of them, in words: no mail that
//! went out, or did not, is left without its reason. Only reads.
use super::{out, promises};
use crate::decide::{Policy, Why, WhyNot};
use crate::model::{Instant, Promise, PromiseState, Step};
use crate::store::{MailState, OutboxRow, Reader, StoreError};
use serde_json::{Value, json};

/// One promise of a message.
#[derive(Debug)]
pub struct Life {
    promise: Promise,
    steps: Vec<Step>,
    /// About its holding reply: the one to come, or why there is or was none.
    after: Option<String>,
}

/// The promises that were made for a message, the first first.
pub fn of(
    tx: &Reader<'_>,
    policy: &Policy,
    paused: bool,
    exchange: &str,
    now: Instant,
) -> Result<Vec<Life>, StoreError> {
    let mut lives = Vec::new();
    for promise in tx.promises_of(exchange)? {
        let steps = tx.steps(&promise.id)?;
        // One that was to stand in the place of another, and whose mail never left: that mail says why.
        if promise.closed_by.as_deref() == Some("unsent") || steps.is_empty() {
            continue;
        }
        let after = match promise.state {
            PromiseState::Lapsed => Some(unheld(tx, &promise)?),
            PromiseState::Open => promises::outlook_line(tx, policy, paused, &promise, now)?,
            _ => None,
        };
        lives.push(Life { promise, steps, after });
    }
    Ok(lives)
}

/// Why a promise lapsed without being renewed.
fn unheld(tx: &Reader<'_>, promise: &Promise) -> Result<String, StoreError> {
    if let Some(notice) = tx.noted_as(&format!("unheld:{}", promise.id))? {
        let why = notice.values.get("why").map(String::as_str).unwrap_or_default();
        let text = WhyNot::parse(why).map_or("its template does not work", WhyNot::text);
        return Ok(format!("no holding reply: {text}"));
    }
    if let Some(renewal) = tx.renewal_of(&promise.id)?
        && let Some(mail) = tx.mail_stating(&renewal)?
    {
        return Ok(format!("its holding reply: {}", fate(&mail)));
    }
    Ok(if promise.announced {
        "no holding reply, and no note says why: most likely fuseau was not running when it was due".to_owned()
    } else {
        format!("no holding reply: {}", WhyNot::Unannounced.text())
    })
}

/// Where a mail of ours stands, and why.
pub fn fate(mail: &OutboxRow) -> String {
    let said = mail.last_reply.as_deref().filter(|text| !text.is_empty());
    let with = |state: &str| said.map_or_else(|| state.to_owned(), |text| format!("{state}: {text}"));
    match mail.state {
        MailState::Dropped => match said.and_then(Why::parse) {
            Some(why) => format!("dropped ({}): {}", why.as_str(), why.text()),
            None => with("dropped"),
        },
        MailState::Observed => "observed: this would have gone out; the mode is observe".to_owned(),
        MailState::Drafted => "drafted: it lies in Drafts, the client knows nothing until you send it".to_owned(),
        MailState::Unknown => with("unknown, never sent again"),
        state => with(state.shown()),
    }
}

/// A line for each step, and one about the holding reply.
pub fn lines(lives: &[Life], policy: &Policy) -> Vec<String> {
    let mut lines = Vec::new();
    for life in lives {
        lines.push(String::new());
        let told = if life.promise.announced { "" } else { ", not told" };
        lines.push(format!("  promise {}{told}", life.promise.state.as_str()));
        let steps = life.steps.iter().map(|step| promises::step_line(step, &life.promise.zone, policy));
        lines.extend(steps.chain(life.after.clone()).map(|line| format!("    {line}")));
    }
    lines
}

/// For programs.
pub fn json(lives: &[Life]) -> Value {
    let one = |life: &Life| {
        json!({
            "id": life.promise.id,
            "state": life.promise.state,
            "promise_by": out::rfc3339(life.promise.by),
            "announced": life.promise.announced,
            "why": life.after,
            "steps": promises::steps_json(&life.steps),
        })
    };
    Value::Array(lives.iter().map(one).collect())
}
