//! The gate: the last look at a queued mail, and its word carried out in the outbox: claimed, put off, dropped, made anew.
//! What follows from the facts is decided in `decide::gate`; the facts: facts.rs; handing over: sending.rs.
use super::desk::Desk;
use super::error::TurnError;
use super::facts::{Around, weigh};
use super::filing;
use super::intake::{self, auto, window_times};
use super::look::{self, Look};
use super::ports::Mailbox;
use super::reply::{self, NewIds, Order};
use super::sending::LEASE;
use super::{clocks, hold_until, holding, settling};
use crate::decide::{self, Check, Due, Outcome, Plan, ReplyTo, Why};
use crate::mailbox::Folders;
use crate::model::{EmailAddress, Instant, NoticeCode, PromiseState};
use crate::store::{MailState, NewNotice, OutboxRow, Route, StoreError, Tx};
use chrono::TimeDelta;
use std::collections::{BTreeMap, BTreeSet};

/// A mail that waits for longer than this is looked after while it waits: whether its message is still there.
const LONG: TimeDelta = TimeDelta::minutes(5);

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
    // Since it was found due, its message may have been seen in the mailbox that it was written to.
    if desk.policy().mailboxes.len() > 1 && !tx.waits_at(&row.id, &row.mailbox)? {
        return Ok(Step::Spared("another mailbox answers"));
    }
    if let Some(wish) = tx.handed_wish(&row.id)? {
        return settling::consider(tx, desk, row, &wish, now);
    }
    if let (Some(Some(flags)), Some(id)) = (seen, &row.answers)
        && flags.answered
    {
        tx.answered_flag(id, now)?;
    }
    let said = weigh(tx, desk.policy(), row, Around { seen, typing, paused: desk.paused() }, now)?;
    let decisive = said.decisive().next().map_or("later", |(check, _)| check.as_str());
    let mut verdict = said.verdict;
    let lowered = said.checks.contains(&(Check::Mode, Outcome::Renew));
    let redirected;
    let row = if verdict == Due::Renew && lowered && row.kind == intake::KIND {
        tx.to_drafts(&row.id)?;
        redirected = OutboxRow { route: Route::Draft, ..row.clone() };
        &redirected
    } else {
        row
    };
    if verdict == Due::Renew && row.kind == hold_until::KIND {
        // The owner chose its date; there is no other.
        verdict = Due::Drop(Why::TooLate);
    }
    if verdict == Due::Renew && row.kind == holding::KIND {
        holding::anew(tx, desk, row, now)?;
        return Ok(Step::Spared(Why::Regrouped.as_str()));
    }
    if verdict == Due::Send && row.hurried && row.attempts == 0 && row.kind == intake::KIND {
        // It was written for a later moment: its date would lie in the future.
        verdict = Due::Renew;
    }
    if verdict == Due::Renew {
        verdict = match renew(tx, desk, row, now) {
            Ok(()) => Due::Send,
            Err(error) => {
                tracing::warn!(exchange = row.id, %error, "the promise could not be renewed");
                Due::Drop(Why::TooLate)
            }
        };
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
            Ok(Step::Spared(decisive))
        }
        Due::Drop(why) => {
            give_up(tx, row, why, now)?;
            Ok(Step::Spared(why.as_str()))
        }
    }
}

/// Drops a mail, with what that means for its promise; the owner is to hear of what remains unsaid.
fn give_up(tx: &Tx<'_>, row: &OutboxRow, why: Why, now: Instant) -> Result<(), StoreError> {
    if !tx.dropped(&row.id, why.as_str(), now)? {
        return Ok(());
    }
    if let Some(promise) = &row.promise {
        if why == Why::Answered && row.kind == intake::KIND {
            tx.close_promise(promise, PromiseState::Kept, why.as_str(), now)?;
        }
        if why.releases() {
            // Nobody was told: nothing is owed.
            tx.close_promise(promise, PromiseState::Released, why.as_str(), now)?;
        }
    }
    if why.tells() {
        skipped(tx, row, why, now)?;
    }
    Ok(())
}

/// Notes for the owner that a mail was skipped. Those that were refused, and those of which nobody knows whether they
/// arrived, stand in the outbox itself.
fn skipped(tx: &Tx<'_>, row: &OutboxRow, why: Why, now: Instant) -> Result<bool, StoreError> {
    tx.notice(&NewNotice {
        code: NoticeCode::MailSkipped,
        mailbox: Some(&row.mailbox),
        client: row.client.as_deref(),
        exchange: Some(&row.id),
        values: &[("kind", &row.kind), ("why", why.as_str())],
        once: Some(&format!("{}:{}", NoticeCode::MailSkipped.as_str(), row.id)),
        now,
    })
}

/// Cancels the waiting mails whose reason is gone, without waiting for their time: of this mailbox, and of mailboxes that
/// are no longer in the configuration, for which nobody else looks.
///
/// # Errors
/// If the mailbox or the store fails.
pub async fn sweep<M: Mailbox>(desk: &Desk, mailbox: &str, folders: &Folders, server: &mut M) -> Result<(), TurnError> {
    let now = desk.clock.now();
    let (name, here) = (mailbox.to_owned(), desk.clone());
    let waiting: Vec<OutboxRow> = desk
        .store
        .read(move |tx| {
            // A digest has no reason that could go: the next one takes its place.
            let all = tx.outbox_waiting()?.into_iter().filter(|row| !filing::is_digest(row));
            let waits = |row: &OutboxRow| row.state == MailState::Queued && row.next_attempt > now;
            let known = |row: &OutboxRow| here.identity(&row.mailbox).is_some();
            Ok(all
                .filter(
                    |row| if known(row) { row.mailbox == name && waits(row) } else { row.state == MailState::Queued },
                )
                .collect())
        })
        .await?;
    if waiting.is_empty() {
        return Ok(());
    }
    let long = |row: &&OutboxRow| row.mailbox == mailbox && row.kind == intake::KIND && row.next_attempt - now > LONG;
    let watched: Vec<OutboxRow> = waiting.iter().filter(long).cloned().collect();
    let looks: BTreeMap<String, Look> = match watched.is_empty() {
        true => BTreeMap::new(),
        false => look::look(desk, mailbox, folders, &watched, &BTreeSet::new(), server).await?,
    };
    let here = desk.clone();
    let cancelled = move |tx: &crate::store::Reader<'_>, row: &OutboxRow| -> Result<Option<Why>, StoreError> {
        let seen = row.answers.as_ref().and_then(|id| looks.get(id)).copied();
        let said = weigh(tx, here.policy(), row, Around { seen, ..Around::default() }, now)?;
        Ok(match said.verdict {
            Due::Drop(why) if why.cancels_at_once() => Some(why),
            _ => None,
        })
    };
    let ended: Vec<(OutboxRow, Why)> = desk
        .store
        .read(move |tx| {
            let mut ended = Vec::new();
            for row in waiting {
                if let Some(why) = cancelled(tx, &row)? {
                    ended.push((row, why));
                }
            }
            Ok(ended)
        })
        .await?;
    for (row, why) in ended {
        tracing::info!(mail = row.id, mailbox = row.mailbox, why = why.as_str(), "cancelled: its reason is gone");
        desk.store.write_soon(move |tx| give_up(tx, &row, why, now)).await?;
    }
    Ok(())
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
    let client = row.client.as_deref();
    let clocks = clocks::claim(tx, policy, client, &plan, &row.id).map_err(|e| e.to_string())?;
    let order = Order { policy, identity, message: &message, client, to: &to, plan: &plan, clocks };
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
