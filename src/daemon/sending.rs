//! From "recorded" to "sent": the last look, the claim, the hand-over, and what became of it.
//!
//! The last look and the claim are one transaction: what was true when it was looked at is true when it is claimed.
use super::desk::Desk;
use super::error::TurnError;
use super::holding;
use super::intake::{self, auto, window_times};
use super::look::{Look, look, typing};
use super::mark;
use super::ports::{Mailbox, Outbox};
use super::reply::{self, NewIds, Order};
use crate::calendar::next_decent;
use crate::decide::{self, Due, Fresh, Plan, Queued, ReplyTo};
use crate::mailbox::Folders;
use crate::model::{EmailAddress, Instant, Mode, PromiseState};
use crate::outbox::{Envelope, Outcome, next_attempt};
use crate::store::{MailState, OutboxRow, Route, StoreError, Tx};
use crate::system::failpoint;
use chrono::TimeDelta;
use std::collections::BTreeSet;

/// How long a claim lasts: longer than the longest hand-over can take (connect, login, ten minutes for the final dot).
pub const LEASE: TimeDelta = TimeDelta::minutes(30);
/// Rows taken up in one turn; the rest waits for the next one, which follows at once.
const BATCH: u32 = 200;
/// While the owner is typing an answer, an acknowledgement or a holding reply waits for so long before it looks again.
const TYPING: TimeDelta = TimeDelta::minutes(5);

/// What sending did in one turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Performed {
    /// Mails that left (sent, drafted).
    pub done: u32,
    /// Mails that were dropped or put off.
    pub spared: u32,
    /// The outbox could not be reached: no use in trying the rest now.
    pub stuck: bool,
}

/// What the last look decided.
enum Step {
    /// Not now, or never.
    Spared(&'static str),
    /// Hand it over by SMTP.
    Send,
    /// Put it into Drafts.
    Draft,
}

/// The mails of a mailbox that may leave now.
///
/// # Errors
/// If the store cannot be read.
pub async fn due(desk: &Desk, mailbox: &str, now: Instant) -> Result<Vec<OutboxRow>, TurnError> {
    let name = mailbox.to_owned();
    Ok(desk.store.read(move |tx| tx.outbox_due(&name, now, BATCH)).await?)
}

/// Performs what is due. `just_seen` are exchanges whose flags were read in this very turn.
///
/// # Errors
/// If the mailbox or the store fails; nothing is lost, every row is in a state from which the next turn goes on.
pub async fn perform<M: Mailbox, O: Outbox>(
    desk: &Desk,
    mailbox: &str,
    folders: &Folders,
    rows: Vec<OutboxRow>,
    just_seen: &BTreeSet<String>,
    server: &mut M,
    outbox: &mut O,
) -> Result<Performed, TurnError> {
    let looks = look(desk, mailbox, folders, &rows, just_seen, server).await?;
    let typing = typing(desk, folders, &rows, just_seen, server).await?;
    let mut performed = Performed::default();
    for row in rows {
        let seen = row.answers.as_ref().and_then(|id| looks.get(id)).copied();
        let id = row.id.clone();
        let typing = row.answers.as_ref().is_some_and(|answers| typing.contains(answers));
        failpoint::reach("K4");
        match claim(desk, &row, seen, typing).await? {
            Step::Spared(why) => {
                tracing::info!(exchange = about(&row), mail = id, why, "not sent");
                performed.spared += 1;
            }
            Step::Send => {
                failpoint::reach("K5");
                let Some(row) = desk.store.read(move |tx| tx.outbox_row(&id)).await? else { continue };
                if hand_over(desk, &row, outbox).await? {
                    performed.done += 1;
                } else {
                    performed.stuck = true;
                    break;
                }
            }
            Step::Draft => {
                file_draft(desk, mailbox, folders, &row, server).await?;
                performed.done += 1;
            }
        }
    }
    Ok(performed)
}

/// The last look and the claim, in one transaction. `seen` is what the mailbox shows, if it was asked.
async fn claim(desk: &Desk, row: &OutboxRow, seen: Option<Look>, typing: bool) -> Result<Step, StoreError> {
    let (desk_, row) = (desk.clone(), row.clone());
    let now = desk.clock.now();
    let (step, turn) = desk
        .store
        .write(move |tx| {
            let step = claim_in(tx, &desk_, &row, seen, typing, now)?;
            // What leaves from here on must not wait again in a restored backup.
            let turn = match step {
                Step::Spared(_) => None,
                Step::Send | Step::Draft => Some(mark::raise(tx)?),
            };
            Ok((step, turn))
        })
        .await?;
    if let Some(turn) = turn {
        mark::note(desk, turn);
    }
    Ok(step)
}

fn claim_in(
    tx: &Tx<'_>,
    desk: &Desk,
    row: &OutboxRow,
    seen: Option<Look>,
    typing: bool,
    now: Instant,
) -> Result<Step, StoreError> {
    if let (Some(Some(flags)), Some(id)) = (seen, &row.answers)
        && flags.answered
    {
        tx.answered_flag(id, now)?;
    }
    let (queued, fresh) = facts(tx, desk, row, seen, now)?;
    let policy = desk.policy();
    let mut verdict = decide::still_due(&queued, &fresh, policy, now);
    if verdict == Due::Renew && row.kind == holding::KIND {
        // Its window was moved under it; a promise is renewed once.
        verdict = Due::Drop(decide::Why::TooLate);
    }
    if typing && matches!(verdict, Due::Send | Due::Renew) {
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
    // A holding reply is about the promise that it renews, as long as that has not lapsed.
    let old = match &row.promise {
        Some(id) if row.kind == holding::KIND => tx.renewed_by(id)?,
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
    let queued = Queued {
        send_at: row.not_before,
        promise_by: promise.as_ref().map_or(row.not_before, |promise| promise.by),
        good_until: old.as_ref().map_or(arrived + policy.replies.max_age, |old| old.by - TimeDelta::seconds(1)),
        attempts: row.attempts,
    };
    let fresh = Fresh {
        answered: answered || closed,
        // Filed or not: the client was promised an answer. Whoever counts filing as an answer closes the promise.
        gone: seen == Some(None) && old.is_none(),
        client: known,
        withdrawn: false,
        paused: desk.paused() || all.is_some(),
        sender_rests_until: rests.filter(|_| all.is_none()),
        decent_at: old.as_ref().and_then(|old| policy.client(&old.client)).and_then(|it| next_decent(it, now)),
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

/// Hands one claimed mail over and records what became of it. `false`: the outbox is out of reach.
async fn hand_over<O: Outbox>(desk: &Desk, row: &OutboxRow, outbox: &mut O) -> Result<bool, TurnError> {
    let Some(to) = EmailAddress::parse(&row.envelope_to) else {
        let id = row.id.clone();
        let now = desk.clock.now();
        desk.store.write(move |tx| tx.failed(&id, "its recipient cannot be written to", now)).await?;
        return Ok(true);
    };
    let envelope = Envelope { from: row.envelope_from.as_deref().and_then(EmailAddress::parse), to };
    let (store, id) = (desk.store.clone(), row.id.clone());
    let before_dot = move || -> futures_util::future::BoxFuture<'static, Result<(), String>> {
        let (store, id) = (store.clone(), id.clone());
        Box::pin(async move {
            match store.write(move |tx| tx.dot_sent(&id)).await {
                Ok(true) => {
                    failpoint::reach("K8");
                    Ok(())
                }
                Ok(false) => Err("the mail was taken back".to_owned()),
                Err(error) => Err(error.to_string()),
            }
        })
    };
    let outcome = outbox.send(&envelope, &row.bytes, &before_dot).await;
    failpoint::reach("K10");
    settle(desk, row, outcome).await
}

async fn settle(desk: &Desk, row: &OutboxRow, outcome: Outcome) -> Result<bool, TurnError> {
    let now = desk.clock.now();
    let (id, attempts) = (row.id.clone(), row.attempts);
    let useful_until = useful_until(desk, row);
    let (reached, line) = match &outcome {
        Outcome::Sent { .. } => (true, "sent"),
        Outcome::Refused { permanent: true, .. } => (true, "refused for good"),
        Outcome::Refused { .. } => (true, "refused for now"),
        Outcome::Lost { .. } => (false, "connection lost before the final dot"),
        Outcome::Unknown { .. } => (false, "no answer to the final dot: in doubt"),
    };
    tracing::info!(exchange = about(row), mail = row.id, mailbox = row.mailbox, "{line}");
    desk.store
        .write(move |tx| {
            match outcome {
                Outcome::Sent { reply } => tx.sent(&id, &reply, now)?,
                Outcome::Refused { permanent: true, reply, .. } => tx.failed(&id, &reply, now)?,
                Outcome::Refused { reply: text, .. } | Outcome::Lost { text, .. } => {
                    match next_attempt(attempts, now, useful_until) {
                        Some(next) => tx.retry(&id, next, &text)?,
                        None => tx.failed(&id, &text, now)?,
                    }
                }
                // It stays `dot_sent`: recovery looks for it in Sent.
                Outcome::Unknown { .. } => false,
            };
            Ok(())
        })
        .await?;
    failpoint::reach("K11");
    Ok(reached)
}

/// A promise is worth telling as long as the window has not ended.
fn useful_until(desk: &Desk, row: &OutboxRow) -> Instant {
    row.window.as_ref().map_or(row.not_before + desk.policy().replies.max_age, |window| window.end)
}

/// Puts a claimed mail into Drafts, once.
async fn file_draft<M: Mailbox>(
    desk: &Desk,
    mailbox: &str,
    folders: &Folders,
    row: &OutboxRow,
    server: &mut M,
) -> Result<(), TurnError> {
    let now = desk.clock.now();
    let id = row.id.clone();
    let Some(drafts) = &folders.drafts else {
        tracing::warn!(mailbox, "there is no Drafts folder: name it with `drafts = \"…\"` in the configuration");
        let id = id.clone();
        desk.store.write(move |tx| tx.failed(&id, "there is no Drafts folder", now)).await?;
        return Ok(());
    };
    // A try before this one may have died between the server's OK and our note of it.
    let again = row.attempts > 0 || row.state == MailState::Sending;
    let there = again && server.find(drafts, "Message-ID", &row.message_id).await?.is_some();
    if !there {
        failpoint::reach("K12");
        server.append(drafts, &row.bytes, &["\\Draft"], now).await?;
        failpoint::reach("K12b");
    }
    desk.store.write(move |tx| tx.drafted(&id, now)).await?;
    Ok(())
}

/// The id under which everything about one exchange stands in the log: the client's message, if there is one.
fn about(row: &OutboxRow) -> &str {
    row.answers.as_deref().unwrap_or(&row.id)
}
