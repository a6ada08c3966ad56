//! The facts on which the gate decides, from the memory and from what the mailbox showed. Only questions: the command
//! line asks them too, beside a running daemon. What follows from the facts: `decide::gate`.
use super::intake;
use super::look::Look;
use super::{hold_until, holding, ladder};
use crate::decide::gate::{Fresh, Gate, Kind, Mail, gate};
use crate::decide::{Policy, Strangers, window_began};
use crate::model::{Client, EmailAddress, Instant, Mode, Promise, PromiseState};
use crate::store::{DIGEST, MailState, OutboxRow, Reader, Route, StoreError};
use chrono::TimeDelta;

/// What is known besides the memory.
#[derive(Clone, Copy, Debug, Default)]
pub struct Around {
    /// What the mailbox shows of the message that the mail answers, if it was asked.
    pub seen: Option<Look>,
    /// An answer to it lies in Drafts.
    pub typing: bool,
    /// The pause switch is on.
    pub paused: bool,
}

/// The gate's word about a recorded mail.
///
/// # Errors
/// If the store cannot be read.
pub fn weigh(
    tx: &Reader<'_>,
    policy: &Policy,
    row: &OutboxRow,
    around: Around,
    now: Instant,
) -> Result<Gate, StoreError> {
    let parts = parts(tx, row, now)?;
    let promise = match &row.promise {
        Some(id) => tx.promise(id)?,
        None => None,
    };
    let mail = mail(tx, policy, row, promise.as_ref(), &parts)?;
    let answered = settled(tx, row, promise.as_ref(), &parts)?;
    let fresh = fresh(tx, policy, row, &mail, answered, &parts, around, now)?;
    Ok(gate(&mail, &fresh, policy, now))
}

/// One promise that a holding reply renews.
struct Part {
    old: Promise,
    /// Somebody has answered, or nobody waits any more.
    closed: bool,
    /// It is still to be renewed.
    live: bool,
}

fn parts(tx: &Reader<'_>, row: &OutboxRow, now: Instant) -> Result<Vec<Part>, StoreError> {
    let mut parts = Vec::new();
    let wished = row.kind == hold_until::KIND;
    if row.kind != holding::KIND && !wished {
        return Ok(parts);
    }
    for promise in tx.stated_by(&row.id)? {
        let Some(old) = tx.renewed_by(&promise)? else { continue };
        let answered = match tx.promise_exchange(&old.id)? {
            Some(exchange) => tx.answered_at(&exchange)?.is_some(),
            None => false,
        };
        // It may lapse while its mail is on its way.
        let closed = answered || !matches!(old.state, PromiseState::Open | PromiseState::Lapsed);
        parts.push(Part { live: !closed && (wished || now < old.by), closed, old });
    }
    Ok(parts)
}

fn mail(
    tx: &Reader<'_>,
    policy: &Policy,
    row: &OutboxRow,
    promise: Option<&Promise>,
    parts: &[Part],
) -> Result<Mail, StoreError> {
    let kind = match row.kind.as_str() {
        intake::KIND => Kind::Acknowledgement,
        holding::KIND => Kind::Holding,
        DIGEST => Kind::Digest,
        hold_until::KIND => Kind::Wished,
        _ => Kind::Other,
    };
    let arrived = match &row.answers {
        Some(id) => tx.arrived_at(id)?.unwrap_or(row.created_at),
        None => row.created_at,
    };
    // Before the first of those that it is to renew has passed; where none is left, the last of them says so.
    let first = parts.iter().filter(|part| part.live).map(|part| part.old.by).min();
    let renewed = first.or(parts.iter().map(|part| part.old.by).max()).map(|by| by - TimeDelta::seconds(1));
    // The owner chose the date: it is worth telling until then.
    let renewed = if kind == Kind::Wished { promise.map(|promise| promise.by) } else { renewed };
    let lease = row.lease_until.filter(|_| row.state == MailState::Sending);
    Ok(Mail {
        kind,
        automatic: row.automatic,
        draft: row.route == Route::Draft,
        send_at: row.not_before,
        due_at: row.next_attempt.max(lease.unwrap_or(row.next_attempt)),
        promise_by: promise.map(|promise| promise.by),
        good_until: renewed.or(row.automatic.then(|| arrived + policy.replies.max_age)),
        attempts: row.attempts,
        held_until: row.held_until,
        hurried: row.hurried,
    })
}

#[expect(clippy::too_many_arguments, reason = "the last step of weigh, split for its length")]
fn fresh<'a>(
    tx: &Reader<'_>,
    policy: &'a Policy,
    row: &OutboxRow,
    mail: &Mail,
    (answered, withdrawn): (bool, bool),
    parts: &[Part],
    around: Around,
    now: Instant,
) -> Result<Fresh<'a>, StoreError> {
    let address = EmailAddress::parse(&row.envelope_to);
    let owner = address.as_ref().and_then(|address| policy.client_of(address));
    let client: Option<&Client> = owner.filter(|client| row.client.as_ref() == Some(&client.id));
    let identity = policy.mailbox(&row.mailbox);
    let silenced = match &address {
        Some(address) => row.automatic && tx.is_never(address)?,
        None => false,
    };
    let mut fresh = Fresh {
        client,
        known: match row.client {
            Some(_) => client.is_some(),
            None => policy.replies.strangers == Strangers::Acknowledge,
        },
        answered,
        answered_in_part: parts.iter().any(|part| part.live) && !parts.iter().all(|part| part.live),
        // Filed or not: the client was promised an answer. Whoever counts filing as an answer closes the promise.
        gone: around.seen == Some(None) && !matches!(mail.kind, Kind::Holding | Kind::Wished),
        withdrawn: withdrawn || silenced,
        mailbox: identity.is_some(),
        mode: match identity {
            Some(identity) => ladder::rung(tx, policy, identity, row.client.as_deref())?,
            None => Mode::Observe,
        },
        typing: around.typing,
        paused: around.paused,
        rests: tx.rests(&row.mailbox, address.as_ref(), &row.conversation, now)?,
        ..Fresh::unchanged()
    };
    if let (Some(address), true) = (&address, row.automatic) {
        // This one counts among them.
        let (day, week) = tx.made_to(address, now)?;
        fresh.to_client_day = day.saturating_sub(1);
        fresh.to_client_week = week.saturating_sub(1);
        fresh.bounced = tx.bounced_at(address)?.is_some_and(|at| now - at < policy.replies.after_bounce);
        if mail.kind == Kind::Holding {
            let since = window_began(policy, now);
            fresh.in_window = tx.made_for(address, &row.mailbox, holding::KIND, since, Some(&row.id))?;
        }
    }
    Ok(fresh)
}

/// Whether everything that a mail speaks of is answered; whether no answer is expected any more.
fn settled(
    tx: &Reader<'_>,
    row: &OutboxRow,
    promise: Option<&Promise>,
    parts: &[Part],
) -> Result<(bool, bool), StoreError> {
    if !parts.is_empty() {
        let released = parts.iter().all(|part| part.old.state == PromiseState::Released);
        return Ok((!released && parts.iter().all(|part| part.closed), released));
    }
    let answered = match &row.answers {
        Some(id) => tx.answered_at(id)?.is_some(),
        None => false,
    };
    let state = promise.map_or(PromiseState::Open, |promise| promise.state);
    // `fuseau done` closes the promise without a mail.
    let closed = !matches!(state, PromiseState::Open | PromiseState::Released);
    Ok((answered || closed, state == PromiseState::Released && row.kind == intake::KIND))
}
