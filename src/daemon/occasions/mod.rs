//! Drafts in the turn: what the rules want is compared with the ledger, new ones are recorded and queued, stale ones
//! replaced or withdrawn. What should lie there: `decide::occasion`; looking into folders: found.rs and lie.rs; the words: write.rs.
//!
//! Everything that goes into Drafts goes through the outbox (sending.rs), so that whoever dies in between goes on there.
mod found;
mod gather;
mod lie;
mod money;
mod write;

pub use gather::{Gathered, Outside, facts_of, gather, outside};
pub(super) use lie::file;
pub use write::{Written, record, write};

use super::desk::Desk;
use super::error::TurnError;
use super::offers;
use super::ports::Mailbox;
use super::reply::ReplyError;
use crate::decide::Policy;
use crate::decide::occasion::{DraftPlan, DraftWhy, Occasion, plan, way};
use crate::decide::offers::next_expiry;
use crate::mailbox::Folders;
use crate::model::{DraftKind, Instant};
use crate::store::OutboxRow;

/// The drafts that cannot be made, as the log has named them.
const SAID: &str = "drafts.said";
/// Between two looks whether the drafts that wait still lie there.
const LOOK_EVERY: chrono::TimeDelta = chrono::TimeDelta::hours(1);

/// Whether a mail is the draft of an occasion.
pub(super) fn is_occasion(row: &OutboxRow) -> bool {
    DraftKind::parse(&row.kind).is_some()
}

/// Compares, records what is to be made, and puts right what is stale. The next moment at which something comes due.
///
/// # Errors
/// The mailbox or the store failed.
pub async fn keep<M: Mailbox>(
    desk: &Desk,
    mailbox: &str,
    folders: &Folders,
    server: &mut M,
) -> Result<Option<Instant>, TurnError> {
    if desk.policy().clients.is_empty() {
        return Ok(None);
    }
    let now = desk.clock.now();
    lie::follow_outbox(desk, mailbox).await?;
    offers::keep(desk, now).await?;
    lie::drop_unwanted(desk, mailbox, folders, server).await?;
    let plan = planned(desk, now).await?;
    for occasion in plan.here(mailbox) {
        make(desk, occasion, folders.drafts.is_some(), now).await?;
    }
    say_stuck(desk, &plan).await?;
    for replacement in &plan.plan.replace {
        lie::replace(desk, mailbox, folders, &replacement.occasion, server).await?;
    }
    for (key, state) in &plan.plan.withdraw {
        lie::withdraw(desk, mailbox, folders, key, *state, server).await?;
    }
    lie::look(desk, mailbox, folders, LOOK_EVERY, server).await?;
    Ok(plan.plan.wake.into_iter().chain(plan.expiry).min())
}

/// A plan with the way of each draft that is to be made.
struct Planned {
    plan: DraftPlan,
    ways: Vec<Option<String>>,
    /// What is due and goes nowhere because nobody knows whose address is whose; and what the log has said of it.
    stuck: String,
    said: String,
    /// When an offer ends that nobody answered.
    expiry: Option<Instant>,
    /// Whether it asks for money, or a draft that does waits.
    money: bool,
}

impl Planned {
    /// What this mailbox makes.
    fn here<'a>(&'a self, mailbox: &'a str) -> impl Iterator<Item = &'a Occasion> {
        let with = self.plan.make.iter().zip(&self.ways);
        with.filter(move |(_, way)| way.as_deref() == Some(mailbox)).map(|(occasion, _)| occasion)
    }
}

async fn planned(desk: &Desk, now: Instant) -> Result<Planned, TurnError> {
    let outside = outside(desk, now).await?;
    let planned = compared(desk, None, outside.clone(), now).await?;
    if !planned.money {
        return Ok(planned);
    }
    // Whoever has paid is not reminded because nobody said `fuseau reload` yet.
    match money::as_written(desk).await {
        Some(policy) => compared(desk, Some(policy), outside, now).await,
        None => Ok(planned),
    }
}

async fn compared(desk: &Desk, policy: Option<Policy>, outside: Outside, now: Instant) -> Result<Planned, TurnError> {
    let here = desk.clone();
    let planned = desk.store.read(move |tx| {
        let policy = policy.as_ref().unwrap_or(here.policy());
        let gathered = gather(tx, policy, outside, now)?;
        let facts = gathered.facts(policy);
        let plan = plan(&facts, now);
        let ways: Vec<_> = plan.make.iter().map(|one| way(&facts, one)).collect();
        let stuck = plan.make.iter().zip(&ways).filter(|(_, way)| matches!(way, Err(DraftWhy::WhoseAddress)));
        let stuck = stuck.map(|(one, _)| one.key.clone()).collect::<Vec<_>>().join("\n");
        let ways = ways.into_iter().map(|way| way.ok().map(|way| way.mailbox)).collect();
        let said = tx.meta(SAID)?.unwrap_or_default();
        let expiry = next_expiry(&facts.meetings.offers, now);
        let money = money::is_asked_for(&plan, &facts);
        Ok(Planned { plan, ways, stuck, said, expiry, money })
    });
    Ok(planned.await?)
}

/// Says once in the log what goes nowhere.
async fn say_stuck(desk: &Desk, plan: &Planned) -> Result<(), TurnError> {
    if plan.stuck == plan.said {
        return Ok(());
    }
    for key in plan.stuck.lines() {
        tracing::warn!(key, "no draft is made: {}", DraftWhy::WhoseAddress.text());
    }
    let stuck = plan.stuck.clone();
    desk.store.write_soon(move |tx| tx.set_meta(SAID, &stuck)).await?;
    Ok(())
}

/// Records one draft; what cannot be worded is said in the log.
async fn make(desk: &Desk, occasion: &Occasion, drafts: bool, now: Instant) -> Result<(), TurnError> {
    if !drafts {
        tracing::warn!(
            key = occasion.key,
            "there is no Drafts folder: name it with `drafts = \"…\"` in the configuration"
        );
        return Ok(());
    }
    let (here, one) = (desk.clone(), occasion.clone());
    let done = desk
        .store
        .write(move |tx| {
            let gathered = gather(tx, here.policy(), Outside::default(), now)?;
            match way(&gathered.facts(here.policy()), &one) {
                Ok(way) => record(tx, &here, &one, &way, now),
                Err(_) => Ok(Ok(None)),
            }
        })
        .await?;
    crate::system::failpoint::reach("D1");
    say(&occasion.key, done);
    Ok(())
}

fn say(key: &str, done: Result<Option<String>, ReplyError>) {
    match done {
        Ok(Some(mail)) => tracing::info!(key, mail, "a draft is due"),
        Ok(None) => {}
        Err(error) => tracing::error!(key, %error, "the draft could not be written"),
    }
}
