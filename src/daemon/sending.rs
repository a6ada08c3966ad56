//! From "recorded" to "sent": the last look, the claim, the hand-over, and what became of it.
//!
//! The last look and the claim are one transaction: what was true when it was looked at is true when it is claimed.
use super::desk::Desk;
use super::error::TurnError;
use super::filing;
use super::gate::{self, Step};
use super::look::{Look, look, typing};
use super::mark;
use super::ports::{Mailbox, Outbox};
use crate::mailbox::Folders;
use crate::model::{EmailAddress, Instant};
use crate::outbox::{Envelope, Outcome, next_attempt};
use crate::store::{MailState, OutboxRow, StoreError};
use crate::system::failpoint;
use chrono::TimeDelta;
use std::collections::BTreeSet;

/// How long a claim lasts: longer than the longest hand-over can take (connect, login, ten minutes for the final dot).
pub const LEASE: TimeDelta = TimeDelta::minutes(30);
/// Rows taken up in one turn; the rest waits for the next one, which follows at once.
const BATCH: u32 = 200;
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
                if filing::goes_to_inbox(desk, &row) {
                    filing::file(desk, mailbox, folders, &row, server).await?;
                    performed.done += 1;
                } else if hand_over(desk, &row, outbox).await? {
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
            let step = match filing::is_digest(&row) {
                true => filing::consider(tx, &row, now)?,
                false => gate::consider(tx, &desk_, &row, seen, typing, now)?,
            };
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

/// Hands one claimed mail over and records what became of it. `false`: the outbox is out of reach.
async fn hand_over<O: Outbox>(desk: &Desk, row: &OutboxRow, outbox: &mut O) -> Result<bool, TurnError> {
    let Some(to) = EmailAddress::parse(&row.envelope_to) else {
        let id = row.id.clone();
        let now = desk.clock.now();
        desk.store.write(move |tx| tx.failed(&id, "its recipient cannot be written to", now)).await?;
        return Ok(true);
    };
    let id = row.id.clone();
    let also = desk.store.read(move |tx| tx.recipients_of(&id)).await?;
    let also = also.iter().filter_map(|one| EmailAddress::parse(one)).filter(|one| *one != to).collect();
    let envelope = Envelope { from: row.envelope_from.as_deref().and_then(EmailAddress::parse), to, also };
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
    let digest = filing::is_digest(row);
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
                Outcome::Sent { reply } => tx.sent(&id, &reply, now)? && (!digest || filing::without_copy(tx, &id)?),
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
