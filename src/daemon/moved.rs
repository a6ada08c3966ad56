//! Open promises after the calendar changed: looked at when the daemon starts, reads its configuration again, or finds newer
//! time-zone data. What moves and why: `decide::moved`. Here: the facts, the row, the mail that waits worded anew, a word to
//! the owner.
use super::clocks;
use super::desk::Desk;
use super::holding;
use super::intake::{self, auto, window_times};
use super::reply::{self, NewIds, Order, Reply};
use crate::decide::{self, Given, Moved, Plan, ReplyTo};
use crate::model::{EmailAddress, Identity, Incoming, Instant, NoticeCode, Promise};
use crate::store::{MailState, NewNotice, OutboxRow, Route, StoreError, Tx};
use chrono::SecondsFormat;

/// Where the version of the time-zone data is noted with which promises were looked at last.
const TZ: &str = "moved.tz";

/// Looks at every open promise; how many moved.
///
/// # Errors
/// If the store fails.
pub async fn look(desk: &Desk) -> Result<usize, StoreError> {
    let (desk, now) = (desk.clone(), desk.clock.now());
    desk.store.clone().write(move |tx| recompute(tx, &desk, now)).await
}

/// The same inside a transaction.
///
/// # Errors
/// If the store fails.
pub fn recompute(tx: &Tx<'_>, desk: &Desk, now: Instant) -> Result<usize, StoreError> {
    let policy = desk.policy();
    let version = policy.zones.version();
    let newer_tz = tx.meta(TZ)?.is_some_and(|known| known != version);
    tx.set_meta(TZ, version)?;
    let mut count = 0;
    for promise in tx.promises(true)? {
        let Some((zone, wall)) = policy.zones.get(&promise.zone).zip(tx.promise_wall(&promise.id)?) else { continue };
        let row = stating(tx, &promise)?;
        // What stands in a draft, or may be on its way, is as good as told.
        let said = row.as_ref().is_some_and(|row| {
            use MailState::{DotSent, Drafted, Sending, Unknown};
            matches!(row.state, Drafted | DotSent | Sending | Unknown)
                || row.attempts > 0 && row.state == MailState::Queued
        });
        let seen = Promise { announced: promise.announced || said, ..promise };
        let counted_from = counted_from(tx, &seen, row.as_ref())?;
        let given = Given { wall, zone: &zone, counted_from };
        match decide::moved(&seen, &given, &policy.owner, policy.replies.min_notice, newer_tz, now) {
            Moved::Keep => {}
            Moved::Move { to, why } => {
                let worded_in =
                    if seen.announced { &zone } else { reply::Addressee::of(policy, Some(&seen.client)).zone };
                if tx.recompute_promise(&seen.id, to, worded_in, why.as_str(), now)? {
                    if let Some(row) = row.filter(|row| !seen.announced && row.state == MailState::Queued) {
                        word_anew(tx, desk, &row, &seen);
                    }
                    note(tx, &seen, to, why.as_str(), now)?;
                    count += 1;
                }
            }
            Moved::Bare(_) => note(tx, &seen, seen.by, "no-window", now)?,
        }
    }
    Ok(count)
}

/// The mail that states a promise.
fn stating(tx: &Tx<'_>, promise: &Promise) -> Result<Option<OutboxRow>, StoreError> {
    let Some(exchange) = tx.promise_exchange(&promise.id)? else { return Ok(None) };
    Ok(tx.outbox_of(&exchange)?.into_iter().find(|row| row.promise.as_ref() == Some(&promise.id)))
}

/// The moment from which the promised window was looked for.
fn counted_from(tx: &Tx<'_>, promise: &Promise, row: Option<&OutboxRow>) -> Result<Instant, StoreError> {
    if let Some(row) = row {
        return Ok(row.not_before);
    }
    let Some(exchange) = tx.promise_exchange(&promise.id)? else { return Ok(promise.made_at) };
    Ok(tx.decision_of(&exchange)?.and_then(|decision| decision.send_at).unwrap_or(promise.made_at))
}

/// One word to the owner for each move; the same move is never told twice.
fn note(tx: &Tx<'_>, promise: &Promise, to: Instant, why: &str, now: Instant) -> Result<(), StoreError> {
    let said = |at: Instant| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let (from, to) = (said(promise.by), said(to));
    let exchange = tx.promise_exchange(&promise.id)?;
    let new = tx.notice(&NewNotice {
        code: NoticeCode::PromiseMoved,
        mailbox: Some(&promise.mailbox),
        client: Some(&promise.client),
        exchange: exchange.as_deref(),
        values: &[("from", &from), ("to", &to), ("why", why)],
        once: Some(&format!("moved:{}:{from}:{to}:{why}", promise.id)),
        now,
    })?;
    if new {
        let client = promise.client.as_str();
        tracing::warn!(mailbox = promise.mailbox, client, promise = promise.id, from, to, why, "a promise moved");
    }
    Ok(())
}

/// The acknowledgement that waits names the new window; if it cannot be worded, the last look before sending decides.
fn word_anew(tx: &Tx<'_>, desk: &Desk, row: &OutboxRow, promise: &Promise) {
    if let Err(error) = try_to_word(tx, desk, row) {
        tracing::warn!(exchange = row.id, promise = promise.id, error, "the waiting reply could not be worded anew");
    }
}

fn try_to_word(tx: &Tx<'_>, desk: &Desk, row: &OutboxRow) -> Result<(), String> {
    if row.kind != intake::KIND {
        return Ok(());
    }
    let missing = || "what it answers is no longer there".to_owned();
    let answers = row.answers.as_deref().ok_or_else(missing)?;
    let message = holding::recall(tx, answers).map_err(|e| e.to_string())?.ok_or_else(missing)?;
    let identity = desk.identity(&row.mailbox).ok_or_else(|| "the mailbox is no longer configured".to_owned())?;
    let (reply, plan) = word(tx, desk, row, &message, identity, row.route)?;
    let (subject, window) = (reply.letter.subject.as_str().into(), window_times(&plan.window));
    tx.refreeze(&row.id, &reply.bytes, &subject, &reply.letter.text, row.not_before, Some(&window))
        .map(|_| ())
        .map_err(|e| e.to_string())
}

/// An acknowledgement that waits, worded as it would be now, from a mailbox.
pub(super) fn word(
    tx: &Tx<'_>,
    desk: &Desk,
    row: &OutboxRow,
    message: &Incoming,
    identity: &Identity,
    route: Route,
) -> Result<(Reply, Plan), String> {
    let policy = desk.policy();
    let plan: Plan = decide::promise(&policy.owner, row.not_before, policy.replies.min_notice, true)
        .ok_or_else(|| "no answer window is in sight".to_owned())?;
    let to = EmailAddress::parse(&row.envelope_to).ok_or_else(|| "its recipient is no address".to_owned())?;
    let from = message.recipients().find_map(|address| identity.own(address)).unwrap_or(&identity.address).clone();
    let to = ReplyTo { to, from, repeat_subject: !message.content.encrypted };
    let client = row.client.as_deref();
    let clocks = clocks::claim(tx, policy, client, &plan, &row.id).map_err(|e| e.to_string())?;
    let order = Order { policy, identity, message, client, to: &to, plan: &plan, clocks };
    let ids = NewIds { exchange: &row.id, instance: &desk.instance };
    let reply = reply::acknowledgement(&desk.composer, &order, ids, auto(route)).map_err(|e| e.to_string())?;
    Ok((reply, plan))
}
