//! The gate: the last look at a queued mail, its facts gathered, the rule's word carried out in the outbox. What follows
//! from the facts is decided in `decide::due`; handing over is sending.rs.
use super::desk::Desk;
use super::intake::{self, auto, window_times};
use super::look::Look;
use super::reply::{self, NewIds, Order};
use super::sending::LEASE;
use super::{hold_until, holding, settling};
use crate::calendar::next_decent;
use crate::decide::{self, Due, Fresh, Plan, Queued, ReplyTo};
use crate::model::{EmailAddress, Instant, Mode, PromiseState};
use crate::store::{OutboxRow, Route, StoreError, Tx};
use chrono::TimeDelta;

/// While the owner is typing an answer, an acknowledgement or a holding reply waits for so long before it looks again.
const TYPING: TimeDelta = TimeDelta::minutes(5);

/// What the last look decided.
pub(super) enum Step {
    /// Not now, or never.
    Spared(&'static str),
    /// Hand it over by SMTP.
    Send,
    /// Put it into Drafts.
    Draft,
}

/// What becomes of one mail that is due: claimed for its way, put off, or dropped. The caller's transaction holds what was
/// looked at and the claim together. `seen` is what the mailbox shows, if it was asked.
///
/// # Errors
/// If the store fails.
pub(super) fn consider(
    tx: &Tx<'_>,
    desk: &Desk,
    row: &OutboxRow,
    seen: Option<Look>,
    typing: bool,
    now: Instant,
) -> Result<Step, StoreError> {
    if let Some(wish) = tx.handed_wish(&row.id)? {
        return settling::consider(tx, desk, row, &wish, now);
    }
    if let (Some(Some(flags)), Some(id)) = (seen, &row.answers)
        && flags.answered
    {
        tx.answered_flag(id, now)?;
    }
    let (queued, fresh) = facts(tx, desk, row, seen, now)?;
    let policy = desk.policy();
    let mut verdict = decide::still_due(&queued, &fresh, policy, now);
    if verdict == Due::Renew && matches!(row.kind.as_str(), holding::KIND | hold_until::KIND) {
        // Its window was moved under it; a promise is renewed once.
        verdict = Due::Drop(decide::Why::TooLate);
    }
    // Who asks for more time has perhaps begun to write already.
    if typing && row.kind != hold_until::KIND && matches!(verdict, Due::Send | Due::Renew) {
        tx.postpone(&row.id, now + TYPING)?;
        return Ok(Step::Spared("the owner is typing an answer"));
    }
    if verdict == Due::Renew {
        if let Err(error) = renew(tx, desk, row, now) {
            tracing::warn!(exchange = row.id, %error, "the promise could not be renewed");
            verdict = Due::Drop(decide::Why::TooLate);
        } else {
            verdict = Due::Send;
        }
    }
    match verdict {
        Due::Send | Due::Renew => {
            if !tx.claim(&row.id, now, LEASE)? {
                return Ok(Step::Spared("claimed elsewhere"));
            }
            Ok(if row.route == Route::Draft { Step::Draft } else { Step::Send })
        }
        Due::Later(until) => {
            tx.postpone(&row.id, until)?;
            Ok(Step::Spared("later"))
        }
        Due::Drop(why) => {
            tx.dropped(&row.id, why.as_str(), now)?;
            if why == decide::Why::Answered
                && row.kind == intake::KIND
                && let Some(promise) = &row.promise
            {
                tx.close_promise(promise, PromiseState::Kept, why.as_str(), now)?;
            }
            if matches!(why, decide::Why::Gone | decide::Why::NoLongerClient)
                && let Some(promise) = &row.promise
            {
                // Nobody was told: nothing is owed.
                tx.close_promise(promise, PromiseState::Released, why.as_str(), now)?;
            }
            Ok(Step::Spared(why.as_str()))
        }
    }
}

/// The facts for the last look.
fn facts(
    tx: &Tx<'_>,
    desk: &Desk,
    row: &OutboxRow,
    seen: Option<Look>,
    now: Instant,
) -> Result<(Queued, Fresh), StoreError> {
    let policy = desk.policy();
    let answered = match &row.answers {
        Some(id) => tx.answered_at(id)?.is_some(),
        None => false,
    };
    let promise = match &row.promise {
        Some(id) => tx.promise(id)?,
        None => None,
    };
    // The owner chose the date: it is worth telling until then, wherever the message lies.
    let wished = row.kind == hold_until::KIND;
    // A holding reply is about the promise that it renews, as long as that has not lapsed.
    let old = match &row.promise {
        Some(id) if wished || row.kind == holding::KIND => tx.renewed_by(id)?,
        _ => None,
    };
    // `fuseau done` closes the promise without a mail.
    let closed = match &old {
        Some(old) => !matches!(old.state, PromiseState::Open | PromiseState::Lapsed),
        None => promise.as_ref().is_some_and(|promise| promise.state != PromiseState::Open),
    };
    let arrived = match &row.answers {
        Some(id) => tx.exchange(id)?.map_or(row.created_at, |it| it.entry.at),
        None => row.created_at,
    };
    let address = EmailAddress::parse(&row.envelope_to);
    let rests = match &address {
        Some(address) => tx.paused_author(address, now)?,
        None => None,
    };
    let silenced = match &address {
        Some(address) => row.automatic && tx.is_never(address)?,
        None => false,
    };
    let all = tx.paused_all(now)?;
    let known = match (&row.client, &address) {
        (Some(_), Some(address)) => policy.client_of(address).is_some(),
        (None, _) => policy.replies.strangers == decide::Strangers::Acknowledge,
        (Some(_), None) => false,
    };
    let mode = match desk.identity(&row.mailbox) {
        Some(identity) => intake::mode(desk, identity, row.client.as_deref()),
        None => Mode::Observe,
    };
    // A draft leaves only by the owner's hand: any mode that allows drafts allows it.
    let mode = if row.route == Route::Draft && mode >= Mode::Draft { Mode::Send } else { mode };
    let good_until = match (&promise, &old) {
        (Some(promise), _) if wished => promise.by,
        (_, Some(old)) => old.by - TimeDelta::seconds(1),
        _ => arrived + policy.replies.max_age,
    };
    let decent_for = match &old {
        Some(old) => Some(&old.client),
        None => row.client.as_ref().filter(|_| wished),
    };
    let queued = Queued {
        send_at: row.not_before,
        promise_by: promise.as_ref().map_or(row.not_before, |promise| promise.by),
        good_until,
        attempts: row.attempts,
    };
    let fresh = Fresh {
        answered: answered || closed,
        // Filed or not: the client was promised an answer. Whoever counts filing as an answer closes the promise.
        gone: seen == Some(None) && old.is_none() && !wished,
        client: known,
        withdrawn: silenced,
        paused: desk.paused() || all.is_some(),
        sender_rests_until: rests.filter(|_| all.is_none()),
        decent_at: decent_for.and_then(|id| policy.client(id)).and_then(|it| next_decent(it, now)),
        mode,
    };
    Ok((queued, fresh))
}

/// The mail had to wait until its promise could no longer be kept: promise anew, word anew, keep the id.
fn renew(tx: &Tx<'_>, desk: &Desk, row: &OutboxRow, now: Instant) -> Result<(), String> {
    let policy = desk.policy();
    let missing = || "what it answers is no longer there".to_owned();
    let answers = row.answers.as_deref().ok_or_else(missing)?;
    let message = holding::recall(tx, answers).map_err(|e| e.to_string())?.ok_or_else(missing)?;
    let identity = desk.identity(&row.mailbox).ok_or_else(|| "the mailbox is no longer configured".to_owned())?;
    let plan: Plan = decide::promise(&policy.owner, now, policy.replies.min_notice, true)
        .ok_or_else(|| "no answer window is in sight".to_owned())?;
    let to = EmailAddress::parse(&row.envelope_to).ok_or_else(missing)?;
    let from = message.recipients().find_map(|address| identity.own(address)).unwrap_or(&identity.address).clone();
    let to = ReplyTo { to, from, repeat_subject: !message.content.encrypted };
    let order = Order { policy, identity, message: &message, client: row.client.as_deref(), to: &to, plan: &plan };
    let ids = NewIds { exchange: &row.id, instance: &desk.instance };
    let reply = reply::acknowledgement(&desk.composer, &order, ids, auto(row.route)).map_err(|e| e.to_string())?;
    let addressee = reply::Addressee::of(policy, row.client.as_deref());
    let work = || -> Result<(), StoreError> {
        tx.refreeze(
            &row.id,
            &reply.bytes,
            &reply.letter.subject.as_str().into(),
            &reply.letter.text,
            now,
            Some(&window_times(&plan.window)),
        )?;
        if let Some(promise) = &row.promise {
            tx.move_promise(promise, plan.by, addressee.zone)?;
        }
        Ok(())
    };
    work().map_err(|e| e.to_string())
}
