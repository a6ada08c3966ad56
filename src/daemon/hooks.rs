//! Telling the owner of urgent mail at once: which message, what the hook is told, what becomes of it. The rule is
//! `decide::urgent`, running the program `system::hook`.
//!
//! A hook runs beside the turn, in a task of its own: nothing waits for it. It is claimed in the database before it is
//! started, so that it is run at most once for a message. Only when it has ended well does the acknowledgement, if it
//! still waits, get the sentence that the owner was told; a mail never says what nobody knows.
use super::desk::Desk;
use super::intake;
use super::reply::{self, NewIds, Order};
use super::{clocks, holding, intake::auto};
use crate::calendar::Window;
use crate::decide::{self, Decision, Plan, ReplyTo, own_words, urgent};
use crate::model::text::clean;
use crate::model::{EmailAddress, Incoming, Instant, NoticeCode};
use crate::store::{Alert, MailState, NewNotice, OutboxRow, Reader, StoreError, Tx};
use crate::system::hook::{self, HookError};
use chrono::TimeDelta;
use serde_json::{Value, json};

/// An alert that could not be run for so long is no longer one; the digest tells.
const STALE: TimeDelta = TimeDelta::hours(1);
/// Characters of the client's own words that the hook gets.
const EXCERPT: usize = 500;

/// Records, with the message, that the owner is to hear of it: in the digest, and at once if there is a hook and the
/// limits allow it.
///
/// # Errors
/// If the rows cannot be written.
pub fn note(
    tx: &Tx<'_>,
    desk: &Desk,
    mailbox: &str,
    message: &Incoming,
    decision: &Decision,
    exchange: &str,
    now: Instant,
) -> Result<(), StoreError> {
    let policy = desk.policy();
    let Some(client) = decision.client.as_deref() else { return Ok(()) };
    let Some(evidence) = decide::alert(message, decision, policy) else { return Ok(()) };
    tx.notice(&NewNotice {
        code: NoticeCode::Urgent,
        mailbox: Some(mailbox),
        client: Some(client),
        exchange: Some(exchange),
        values: &[("subject", message.subject.as_str())],
        once: Some(&format!("urgent:{exchange}")),
        now,
    })?;
    let (own, all) = tx.alerts_since(client, now - TimeDelta::hours(1))?;
    if !policy.urgent.hook || own >= urgent::PER_CLIENT_HOUR || all >= urgent::PER_HOUR {
        return Ok(());
    }
    tx.alert(&Alert {
        exchange: exchange.to_owned(),
        mailbox: mailbox.to_owned(),
        client: client.to_owned(),
        evidence,
        made_at: now,
    })
}

/// Starts the hook for each urgent message of a mailbox that waits for it, and returns at once.
///
/// # Errors
/// If the store fails; then no hook was started that is not recorded.
pub async fn start(desk: &Desk, mailbox: &str) -> Result<(), StoreError> {
    let Some(hook) = desk.settings.hook.clone() else { return Ok(()) };
    let name = mailbox.to_owned();
    if !desk.store.glance(move |tx| tx.alerts_due(&name)).await? {
        return Ok(());
    }
    let (name, desk_) = (mailbox.to_owned(), desk.clone());
    let claimed = desk
        .store
        .write(move |tx| {
            let claimed = tx.claim_alerts(&name)?;
            claimed
                .into_iter()
                .map(|alert| Ok((told(tx, &desk_, &alert)?, alert)))
                .collect::<Result<Vec<_>, StoreError>>()
        })
        .await?;
    for (told, alert) in claimed {
        let (desk, hook) = (desk.clone(), hook.clone());
        tokio::spawn(async move {
            let late = desk.clock.now() - alert.made_at > STALE;
            let result = if late {
                Err("an hour had passed before it could be run".to_owned())
            } else {
                tracing::info!(
                    mailbox = alert.mailbox,
                    client = alert.client,
                    exchange = alert.exchange,
                    "urgent: the hook runs"
                );
                run(&hook, &told).await.map_err(|error| error.to_string())
            };
            if let Err(error) = ended(&desk, alert, result).await {
                tracing::error!(%error, "how the hook ended could not be recorded");
            }
        });
    }
    Ok(())
}

/// Runs the hook with what it is told.
///
/// # Errors
/// See [`HookError`].
pub async fn run(hook: &crate::config::Hook, told: &Value) -> Result<(), HookError> {
    hook::run(&hook.command, format!("{told}\n").as_bytes(), hook.timeout).await
}

/// Hooks that ran when the program was stopped: nobody knows whether the owner was told, and they are not run again.
///
/// # Errors
/// If the rows cannot be written.
pub fn cut(tx: &Tx<'_>, now: Instant) -> Result<(), StoreError> {
    for alert in tx.alerts_cut()? {
        failed(tx, &alert, "the hook", "fuseau was stopped while it ran; it may or may not have told you", now)?;
    }
    Ok(())
}

/// What became of a hook.
async fn ended(desk: &Desk, alert: Alert, result: Result<(), String>) -> Result<(), StoreError> {
    let now = desk.clock.now();
    let (desk_, program) = (desk.clone(), desk.settings.hook.as_ref().and_then(|hook| hook.command.first().cloned()));
    match &result {
        Ok(()) => tracing::info!(
            mailbox = alert.mailbox,
            client = alert.client,
            exchange = alert.exchange,
            "urgent: the owner was told"
        ),
        Err(error) => tracing::error!(
            mailbox = alert.mailbox,
            client = alert.client,
            exchange = alert.exchange,
            error,
            "the hook failed"
        ),
    }
    desk.store
        .write(move |tx| match &result {
            Err(error) => failed(tx, &alert, program.as_deref().unwrap_or_default(), error, now),
            Ok(()) => {
                tx.alert_ended(&alert.exchange, None, now)?;
                if let Err(error) = say_told(tx, &desk_, &alert.exchange)? {
                    tracing::warn!(
                        exchange = alert.exchange,
                        error,
                        "the acknowledgement stays without the word that you were told"
                    );
                }
                Ok(())
            }
        })
        .await
}

fn failed(tx: &Tx<'_>, alert: &Alert, program: &str, error: &str, now: Instant) -> Result<(), StoreError> {
    tx.alert_ended(&alert.exchange, Some(error), now)?;
    tx.notice(&NewNotice {
        code: NoticeCode::Hook,
        mailbox: Some(&alert.mailbox),
        client: Some(&alert.client),
        exchange: Some(&alert.exchange),
        values: &[("hook", program), ("error", error)],
        once: Some(&format!("hook:{}", alert.exchange)),
        now,
    })?;
    Ok(())
}

/// What the hook is told of a message.
fn told(tx: &Reader<'_>, desk: &Desk, alert: &Alert) -> Result<Value, StoreError> {
    let message = holding::recall(tx, &alert.exchange)?.unwrap_or_default();
    let it = tx.exchange(&alert.exchange)?;
    let decision = it.as_ref().and_then(|it| it.decision.as_ref());
    let promise = decision.and_then(|decision| decision.by).map(stamp);
    let name = desk.policy().client(&alert.client).map_or(alert.client.as_str(), |client| client.name.as_str());
    let words = if message.content.encrypted { String::new() } else { own_words::own_words(&message.content.text) };
    Ok(json!({
        "event": "urgent",
        "sample": false,
        "mailbox": alert.mailbox,
        "client": alert.client,
        "name": clean(name, 200),
        "from": message.from().map(|party| party.address.to_string()),
        "subject": message.subject.as_str(),
        "excerpt": clean(&words, EXCERPT),
        "evidence": alert.evidence,
        "message_id": message.message_id.as_ref().map(ToString::to_string),
        "arrived": stamp(message.arrived),
        "verdict": decision.map(|decision| decision.verdict.as_str()),
        "promise_by": promise,
    }))
}

/// A message that never was, in the same shape, for `fuseau check --hook`.
#[must_use]
pub fn sample(now: Instant) -> Value {
    json!({
        "event": "urgent",
        "sample": true,
        "mailbox": "sample",
        "client": "sample",
        "name": "A client",
        "from": "client@example.com",
        "subject": "Urgent: a sample of fuseau check --hook",
        "excerpt": "Nobody wrote this. It shows that the hook reaches you.",
        "evidence": "subject: \"urgent\"",
        "message_id": "<sample@example.com>",
        "arrived": stamp(now),
        "verdict": "acknowledge",
        "promise_by": null,
    })
}

fn stamp(at: Instant) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// Words an acknowledgement that still waits anew, with the sentence that the owner was told; its ids, its moment and
/// its promise stay. The inner error says why it stays as it is.
fn say_told(tx: &Tx<'_>, desk: &Desk, exchange: &str) -> Result<Result<(), String>, StoreError> {
    let waits = |row: &OutboxRow| row.kind == intake::KIND && row.state == MailState::Queued && row.attempts == 0;
    let Some(row) = tx.outbox_of(exchange)?.into_iter().find(waits) else { return Ok(Ok(())) };
    let missing = || Ok(Err("what it answers is no longer there".to_owned()));
    let policy = desk.policy();
    let (Some(message), Some(identity)) = (holding::recall(tx, exchange)?, desk.identity(&row.mailbox)) else {
        return missing();
    };
    let promise = match &row.promise {
        Some(id) => tx.promise(id)?,
        None => None,
    };
    let (Some(promise), Some(window), Some(to)) = (promise, &row.window, EmailAddress::parse(&row.envelope_to)) else {
        return missing();
    };
    let zone = policy.zones.get(&window.zone).unwrap_or_else(|| policy.zones.utc());
    let date = zone.local(window.start).date();
    let plan = Plan {
        send_at: row.not_before,
        window: Window { start: window.start, end: window.end, zone, date, place: None },
        by: promise.by,
        announced: true,
    };
    let from = message.recipients().find_map(|address| identity.own(address)).unwrap_or(&identity.address).clone();
    let to = ReplyTo { to, from, repeat_subject: !message.content.encrypted };
    let client = row.client.as_deref();
    let clocks = clocks::claim(tx, policy, client, &plan, &row.id)?;
    let order = Order { policy, identity, message: &message, client, to: &to, plan: &plan, clocks };
    let ids = NewIds { exchange: &row.id, instance: &desk.instance };
    let reply = match reply::acknowledgement_told(&desk.composer, &order, ids, auto(row.route)) {
        Ok(reply) => reply,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let subject = reply.letter.subject.as_str().into();
    tx.refreeze(&row.id, &reply.bytes, &subject, &reply.letter.text, row.not_before, row.window.as_ref())?;
    Ok(Ok(()))
}
