//! What sending writes down: who is claimed, what became of whom. The talk with the server does not wait for it: while one
//! mail is handed over, the outcome of the one before is recorded and the one after is claimed, in one transaction
//! without a flush. Before each final dot one flushed transaction puts all of it on the disk (docs/decisions/0012).
//! Never here: the talk itself (sending.rs), what the last look means (gate.rs).
use super::desk::Desk;
use super::filing;
use super::gate::{self, Step};
use super::intake::Taken;
use super::look::Look;
use super::mark;
use super::sending::about;
use crate::model::Instant;
use crate::outbox::{Outcome, next_attempt};
use crate::store::{Claim, OutboxRow, StoreError, Tx};
use crate::system::failpoint;
use chrono::TimeDelta;
use std::collections::VecDeque;
use std::sync::Arc;

/// A claim made ahead is good for so long: after that the last look is made again.
const FRESH: TimeDelta = TimeDelta::seconds(2);

/// A mail that may leave, with what the mailbox showed about the message that it answers.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) row: OutboxRow,
    /// `None`: the mailbox was not asked.
    pub(super) seen: Option<Look>,
    /// The owner is typing an answer.
    pub(super) typing: bool,
}

/// A mail that is claimed for its way.
#[derive(Clone, Debug)]
pub(super) struct Claimed {
    pub(super) candidate: Candidate,
    pub(super) draft: bool,
    /// Whom it goes to besides.
    pub(super) also: Vec<String>,
    at: Instant,
}

/// What became of a mail.
#[derive(Clone, Debug)]
struct Finished {
    row: OutboxRow,
    outcome: Outcome,
    at: Instant,
}

/// The state of one batch.
#[derive(Debug)]
pub(super) struct Ledger {
    waiting: VecDeque<Arc<Candidate>>,
    ahead: Option<Claimed>,
    finished: Vec<Finished>,
    /// Mails that were dropped or put off.
    pub(super) spared: u32,
}

/// What one transaction did.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// How many of those that wait were looked at.
    passed: usize,
    spared: Vec<(OutboxRow, &'static str)>,
    pub(super) claimed: Option<Claimed>,
}

impl Page {
    /// A line for each mail that does not leave; how many.
    pub(super) fn tell(&self) -> u32 {
        for (row, why) in &self.spared {
            tracing::info!(exchange = about(row), mail = row.id, why, "not sent");
        }
        u32::try_from(self.spared.len()).unwrap_or(u32::MAX)
    }
}

impl Ledger {
    /// A batch to work through, in this order.
    pub(super) fn new(candidates: impl IntoIterator<Item = Candidate>) -> Self {
        let waiting = candidates.into_iter().map(Arc::new).collect();
        Self { waiting, ahead: None, finished: Vec::new(), spared: 0 }
    }

    /// One mail that is claimed already.
    pub(super) fn of(claimed: Claimed) -> Self {
        Self { ahead: Some(claimed), ..Self::new([]) }
    }

    /// Notes what became of a mail; [`Self::turn_page`] or [`Self::close`] writes it down.
    pub(super) fn finished(&mut self, row: OutboxRow, outcome: Outcome, at: Instant) {
        self.finished.push(Finished { row, outcome, at });
    }

    /// The next mail to hand over, claimed.
    ///
    /// # Errors
    /// If the store fails.
    pub(super) async fn next(&mut self, desk: &Desk) -> Result<Option<Claimed>, StoreError> {
        let now = desk.clock.now();
        if self.ahead.as_ref().is_none_or(|ahead| now - ahead.at > FRESH) {
            self.turn(desk, true).await?;
        }
        Ok(self.ahead.take())
    }

    /// Writes down what became of the mail before, and claims the one after. Its commit is not flushed: nothing that
    /// the world has seen depends on it before the next final dot.
    ///
    /// # Errors
    /// If the store fails; the ledger is then as it was.
    pub(super) async fn turn_page(&mut self, desk: &Desk) -> Result<(), StoreError> {
        self.turn(desk, false).await
    }

    /// `awaited`: nothing goes on before it is done.
    async fn turn(&mut self, desk: &Desk, awaited: bool) -> Result<(), StoreError> {
        if self.finished.is_empty() && self.waiting.is_empty() && self.ahead.is_none() {
            return Ok(());
        }
        let (here, finished, stale) = (desk.clone(), self.finished.clone(), self.ahead.clone());
        let mut waiting = self.waiting.clone();
        let now = desk.clock.now();
        if let Some(stale) = &stale {
            waiting.push_front(Arc::new(stale.candidate.clone()));
        }
        let work = move |tx: &Tx<'_>| {
            for finished in &finished {
                settle(tx, &here, finished)?;
            }
            if let Some(stale) = &stale {
                tx.unclaim(&stale.candidate.row.claim())?;
            }
            Ok((claim_next(tx, &here, &waiting, now)?, waiting))
        };
        let (page, mut left) = if awaited { desk.store.jot(work).await? } else { desk.store.write_soon(work).await? };
        if !std::mem::take(&mut self.finished).is_empty() {
            failpoint::reach("K11");
        }
        left.drain(..page.passed.min(left.len()));
        self.waiting = left;
        self.spared += page.tell();
        self.ahead = page.claimed;
        Ok(())
    }

    /// Writes down what is left to write, and gives back the claim that was made ahead.
    ///
    /// # Errors
    /// If the store fails.
    pub(super) async fn close(&mut self, desk: &Desk) -> Result<(), StoreError> {
        let (finished, ahead) = (self.finished.clone(), self.ahead.clone());
        if finished.is_empty() && ahead.is_none() {
            return Ok(());
        }
        let here = desk.clone();
        desk.store
            .write_soon(move |tx| {
                for finished in &finished {
                    settle(tx, &here, finished)?;
                }
                if let Some(ahead) = &ahead {
                    tx.unclaim(&ahead.candidate.row.claim())?;
                }
                Ok(())
            })
            .await?;
        self.ahead = None;
        if !std::mem::take(&mut self.finished).is_empty() {
            failpoint::reach("K11");
        }
        Ok(())
    }
}

/// Claims the answer to one of these messages, which the same transaction took in, if it is due and nothing else is: one
/// transaction less between a message and its answer. Only for messages that arrived in this moment: nothing but the gate is asked.
///
/// # Errors
/// If the store fails.
pub(super) fn claim_answer(
    tx: &Tx<'_>,
    desk: &Desk,
    mailbox: &str,
    arrived: &[&Taken],
    now: Instant,
) -> Result<Page, StoreError> {
    if !arrived.iter().any(|one| !one.duplicate && one.send_at.is_some_and(|at| at <= now)) {
        return Ok(Page::default());
    }
    let answers = |row: &OutboxRow| arrived.iter().any(|one| row.answers.as_ref() == Some(&one.exchange));
    match tx.outbox_due(mailbox, now, 2)?.as_slice() {
        [row] if answers(row) => {
            let candidate = Candidate { row: row.clone(), seen: None, typing: false };
            claim_next(tx, desk, &VecDeque::from([Arc::new(candidate)]), now)
        }
        _ => Ok(Page::default()),
    }
}

/// The last look at those that wait, until one may leave.
fn claim_next(tx: &Tx<'_>, desk: &Desk, waiting: &VecDeque<Arc<Candidate>>, now: Instant) -> Result<Page, StoreError> {
    let mut page = Page::default();
    for candidate in waiting {
        failpoint::reach("K4");
        page.passed += 1;
        let step = match filing::is_digest(&candidate.row) {
            true => filing::consider(tx, &candidate.row, now)?,
            false => gate::consider(tx, desk, &candidate.row, candidate.seen, candidate.typing, now)?,
        };
        let draft = match step {
            Step::Spared(why) => {
                page.spared.push((candidate.row.clone(), why));
                continue;
            }
            Step::Send => false,
            Step::Draft => true,
        };
        // Read again: the last look may have worded it anew.
        if let Some(row) = tx.outbox_row(&candidate.row.id)? {
            let also = tx.recipients_of(&row.id)?;
            page.claimed = Some(Claimed { candidate: Candidate { row, ..**candidate }, draft, also, at: now });
            break;
        }
    }
    Ok(page)
}

/// Writes that the final dot of a mail is about to go out, and flushes it with everything before it. `None`: the mail was
/// taken back, or its lease is over; otherwise the number for [`mark::note`], because what leaves from here on must not wait again in a
/// restored backup.
///
/// # Errors
/// If it could not be flushed; then the dot must not be written.
pub(super) async fn dot(desk: &Desk, claim: Claim) -> Result<Option<u64>, StoreError> {
    // A machine that slept in the middle: others may have drawn their conclusions.
    if claim.is_over(desk.clock.now()) {
        return Ok(None);
    }
    desk.store.write_here(move |tx| if tx.dot_sent(&claim)? { mark::raise(tx).map(Some) } else { Ok(None) }).await
}

/// Records what became of one mail; nothing, if this try was overtaken.
fn settle(tx: &Tx<'_>, desk: &Desk, Finished { row, outcome, at }: &Finished) -> Result<(), StoreError> {
    let claim = row.claim();
    match outcome {
        Outcome::Sent { reply } => {
            tx.sent(&row.id, reply, *at)? && (!filing::is_digest(row) || filing::without_copy(tx, &row.id)?)
        }
        Outcome::Refused { permanent: true, reply, .. } => tx.failed(&claim, reply, *at)?,
        Outcome::Refused { reply: text, .. } | Outcome::Lost { text, .. } => {
            match next_attempt(row.attempts, *at, useful_until(desk, row)) {
                Some(next) => tx.retry(&claim, next, text)?,
                None => tx.failed(&claim, text, *at)?,
            }
        }
        // It stays `dot_sent`: recovery looks for it in Sent.
        Outcome::Unknown { .. } => false,
    };
    Ok(())
}

/// A promise is worth telling as long as the window has not ended.
fn useful_until(desk: &Desk, row: &OutboxRow) -> Instant {
    row.window.as_ref().map_or(row.not_before + desk.policy().replies.max_age, |window| window.end)
}
