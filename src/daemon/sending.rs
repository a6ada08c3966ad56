//! From "recorded" to "sent": the last look, the claim, the hand-over, and what became of it.
//!
//! The last look and the claim are one transaction: what was true when it was looked at is true when it is claimed. What
//! is written down when: ledger.rs.
use super::desk::Desk;
use super::error::TurnError;
use super::filing;
use super::ledger::{self, Candidate, Claimed, Ledger};
use super::look::{look, typing};
use super::mark;
use super::occasions;
use super::ports::{Mailbox, Outbox};
use crate::mailbox::Folders;
use crate::model::{EmailAddress, Instant};
use crate::outbox::{Envelope, Outcome, Stage};
use crate::store::{MailState, OutboxRow};
use crate::system::failpoint;
use chrono::TimeDelta;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

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
    Ok(desk.store.glance(move |tx| tx.outbox_due(&name, now, BATCH)).await?)
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
    let ledger = Ledger::new(rows.into_iter().map(|row| {
        let seen = row.answers.as_ref().and_then(|id| looks.get(id)).copied();
        let typing = row.answers.as_ref().is_some_and(|id| typing.contains(id));
        Candidate { row, seen, typing }
    }));
    work_through(desk, mailbox, folders, ledger, server, outbox).await
}

/// Performs what was claimed where its message was recorded.
///
/// # Errors
/// As [`perform`].
pub(super) async fn perform_claimed<M: Mailbox, O: Outbox>(
    desk: &Desk,
    mailbox: &str,
    folders: &Folders,
    claimed: Claimed,
    server: &mut M,
    outbox: &mut O,
) -> Result<Performed, TurnError> {
    work_through(desk, mailbox, folders, Ledger::of(claimed), server, outbox).await
}

async fn work_through<M: Mailbox, O: Outbox>(
    desk: &Desk,
    mailbox: &str,
    folders: &Folders,
    mut ledger: Ledger,
    server: &mut M,
    outbox: &mut O,
) -> Result<Performed, TurnError> {
    let went = one_by_one(desk, mailbox, folders, &mut ledger, server, outbox).await;
    // Whatever went wrong: what was sent is written down.
    ledger.close(desk).await?;
    let mut performed = went?;
    performed.spared = ledger.spared;
    Ok(performed)
}

async fn one_by_one<M: Mailbox, O: Outbox>(
    desk: &Desk,
    mailbox: &str,
    folders: &Folders,
    ledger: &mut Ledger,
    server: &mut M,
    outbox: &mut O,
) -> Result<Performed, TurnError> {
    let mut performed = Performed::default();
    while let Some(claimed) = ledger.next(desk).await? {
        let row = claimed.candidate.row;
        if claimed.draft {
            file_draft(desk, mailbox, folders, &row, server).await?;
            performed.done += 1;
            continue;
        }
        if filing::goes_to_inbox(desk, &row) {
            // The claim is on the disk before the digest is in the inbox.
            mark::keep(desk, false).await?;
            filing::file(desk, mailbox, folders, &row, server).await?;
            performed.done += 1;
            continue;
        }
        failpoint::reach("K5");
        // The page is turned first, so that the transaction before the dot comes after it.
        let (turned, outcome) =
            tokio::join!(biased; ledger.turn_page(desk), hand_over(desk, &row, &claimed.also, outbox));
        failpoint::reach("K10");
        let (reached, line) = said(&outcome);
        tracing::info!(exchange = about(&row), mail = row.id, mailbox = row.mailbox, "{line}");
        let at = desk.clock.now();
        ledger.finished(row, outcome, at);
        turned?;
        if !reached {
            performed.stuck = true;
            break;
        }
        performed.done += 1;
    }
    Ok(performed)
}

/// Whether the outbox could be reached, and a line for the log.
fn said(outcome: &Outcome) -> (bool, &'static str) {
    match outcome {
        Outcome::Sent { .. } => (true, "sent"),
        Outcome::Refused { permanent: true, .. } => (true, "refused for good"),
        Outcome::Refused { .. } => (true, "refused for now"),
        Outcome::Lost { .. } => (false, "connection lost before the final dot"),
        Outcome::Unknown { .. } => (false, "no answer to the final dot: in doubt"),
    }
}

/// Hands one claimed mail over.
async fn hand_over<O: Outbox>(desk: &Desk, row: &OutboxRow, also: &[String], outbox: &mut O) -> Outcome {
    let Some(to) = EmailAddress::parse(&row.envelope_to) else {
        let reply = "its recipient cannot be written to".to_owned();
        return Outcome::Refused { permanent: true, stage: Stage::Rcpt, reply };
    };
    let also = also.iter().filter_map(|one| EmailAddress::parse(one)).filter(|one| *one != to).collect();
    let envelope = Envelope { from: row.envelope_from.as_deref().and_then(EmailAddress::parse), to, also };
    let turn = Arc::new(AtomicU64::new(0));
    let (here, claim, turn_) = (desk.clone(), row.claim(), turn.clone());
    let before_dot = move || -> futures_util::future::BoxFuture<'static, Result<(), String>> {
        let (desk, claim, turn) = (here.clone(), claim.clone(), turn_.clone());
        Box::pin(async move {
            match ledger::dot(&desk, claim).await {
                Ok(Some(number)) => {
                    failpoint::reach("K8");
                    turn.store(number, Ordering::SeqCst);
                    Ok(())
                }
                Ok(None) => Err("the mail was taken back".to_owned()),
                Err(error) => Err(error.to_string()),
            }
        })
    };
    let outcome = outbox.send(&envelope, &row.bytes, &before_dot).await;
    let turn = turn.load(Ordering::SeqCst);
    if turn > 0 {
        mark::note(desk, turn);
    }
    outcome
}

/// Puts a claimed mail into Drafts, once.
async fn file_draft<M: Mailbox>(
    desk: &Desk,
    mailbox: &str,
    folders: &Folders,
    row: &OutboxRow,
    server: &mut M,
) -> Result<(), TurnError> {
    if occasions::is_occasion(row) {
        return occasions::file(desk, mailbox, folders, row, server).await;
    }
    let now = desk.clock.now();
    let claim = row.claim();
    let Some(drafts) = &folders.drafts else {
        tracing::warn!(mailbox, "there is no Drafts folder: name it with `drafts = \"…\"` in the configuration");
        desk.store.write(move |tx| tx.failed(&claim, "there is no Drafts folder", now)).await?;
        return Ok(());
    };
    // A try before this one may have died between the server's OK and our note of it.
    let again = row.attempts > 0 || row.state == MailState::Sending;
    let mut there = again && server.find(drafts, "Message-ID", &row.message_id).await?.is_some();
    if !there && row.attempts > 1 {
        // And the owner may have sent it since, or thrown it away.
        for folder in [&folders.sent, &folders.trash].into_iter().flatten() {
            there |= server.find(folder, "Message-ID", &row.message_id).await?.is_some();
        }
    }
    if !there {
        // A power cut must not undo the claim of a draft that lies there.
        mark::keep(desk, false).await?;
        let held = claim.clone();
        if !desk.store.read(move |tx| tx.holds(&held)).await? {
            return Ok(());
        }
        failpoint::reach("K12");
        server.append(drafts, &row.bytes, &["\\Draft"], now).await?;
        failpoint::reach("K12b");
    }
    desk.store.write(move |tx| tx.drafted(&claim, now)).await?;
    Ok(())
}

/// The id under which everything about one exchange stands in the log: the client's message, if there is one.
pub(super) fn about(row: &OutboxRow) -> &str {
    row.answers.as_deref().unwrap_or(&row.id)
}
