//! One turn for one mailbox, readable as prose: follow Sent, follow the inboxes, keep the promises in view, renew
//! those that are about to lapse, settle doubts, send what is due. Everything the real daemon, `demo` and the simulation do passes through here.
use super::desk::Desk;
use super::error::TurnError;
use super::follow;
use super::ports::{Mailbox, Outbox};
use super::{
    commands, digest, drafts, gate, holding, hooks, ladder, mark, occasions, offers, promises, recover, sending,
    settling,
};
use crate::decide;
use crate::mailbox::Folders;
use crate::model::Instant;
use crate::store::{OutboxRow, StoreError};
use chrono::TimeDelta;
use std::collections::BTreeSet;

/// What started a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Time for a look at everything.
    Poll,
    /// The server announced news in the first inbox.
    Notice,
    /// It did so again right after the last turn: only what came is taken in and answered, the rest is looked at when
    /// it calms down.
    Again,
}

/// After news upon news, everything is looked at so much later.
const CALM: TimeDelta = TimeDelta::seconds(1);

/// What a turn did, and when there is something to do again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Turned {
    /// Messages recorded.
    pub recorded: u32,
    /// Mails that left.
    pub sent: u32,
    /// The next moment at which something is due by itself.
    pub wake_at: Option<Instant>,
}

/// Makes one turn.
///
/// # Errors
/// The mailbox or the store failed; see [`TurnError`].
pub async fn turn<M: Mailbox, O: Outbox>(
    desk: &Desk,
    mailbox: &str,
    folders: &Folders,
    cause: Cause,
    server: &mut M,
    outbox: &mut O,
) -> Result<Turned, TurnError> {
    let mut turned = Turned::default();
    // Exchanges that arrived in this very moment need no second look before sending.
    let mut just_seen: BTreeSet<String> = BTreeSet::new();
    match cause {
        Cause::Notice | Cause::Again => {
            if let Some(inbox) = folders.inboxes.first() {
                let news = follow::notice(desk, mailbox, inbox, server, &mut just_seen).await?;
                turned.recorded += news.recorded;
                hooks::start(desk, mailbox).await?;
                if let Some(claimed) = news.claimed {
                    let performed = sending::perform_claimed(desk, mailbox, folders, claimed, server, outbox).await?;
                    turned.sent = performed.done;
                }
            }
        }
        Cause::Poll => {
            // Sent first: an answer of the owner that is already there must win.
            turned.recorded += follow::sent(desk, mailbox, folders, server).await?;
            commands::serve(desk, mailbox, folders, server).await?;
            for inbox in &folders.inboxes {
                turned.recorded += follow::folder(desk, mailbox, inbox, server, &mut just_seen).await?;
            }
            hooks::start(desk, mailbox).await?;
            promises::look(desk, mailbox, folders, server).await?;
            drafts::settle(desk, mailbox, folders, server).await?;
            recover::settle(desk, mailbox, folders, server).await?;
            settling::clear(desk, mailbox, folders, server).await?;
            ladder::watch(desk, mailbox).await?;
        }
    }
    if cause != Cause::Poll {
        // Who wrote just now does not wait for the rest.
        turned.sent += send(desk, mailbox, folders, cause, &just_seen, server, outbox).await?;
    }
    if cause == Cause::Again {
        turned.wake_at = Some(desk.clock.now() + CALM);
        mark::keep(desk, turned.recorded > 0).await?;
        return Ok(turned);
    }
    promises::lapse(desk, mailbox).await?;
    if cause == Cause::Poll {
        gate::sweep(desk, mailbox, folders, server).await?;
    }
    holding::hold(desk, mailbox).await?;
    digest::prepare(desk, mailbox).await?;
    let drafts_at = match cause {
        Cause::Poll => occasions::keep(desk, mailbox, folders, server).await?,
        // Who chose one of the offered times finds the confirmation on its way soon.
        Cause::Notice if turned.recorded > 0 && offers::awaited(desk, desk.clock.now()).await? => {
            occasions::keep(desk, mailbox, folders, server).await?
        }
        Cause::Notice | Cause::Again => None,
    };
    turned.sent += send(desk, mailbox, folders, cause, &just_seen, server, outbox).await?;
    if turned.sent > 0 {
        settling::clear(desk, mailbox, folders, server).await?;
    }
    if cause == Cause::Notice {
        // What was announced may be that a message left for a folder of wishes; answers go first.
        commands::serve(desk, mailbox, folders, server).await?;
    }
    turned.wake_at =
        wake_at(desk, mailbox).await?.into_iter().chain(digest::next(desk, mailbox)).chain(drafts_at).min();
    mark::keep(desk, turned.recorded > 0).await?;
    Ok(turned)
}

/// Sends what is due. A mail whose message did not arrive in this very moment is preceded by a look into Sent: it may
/// have been answered before we heard of it.
async fn send<M: Mailbox, O: Outbox>(
    desk: &Desk,
    mailbox: &str,
    folders: &Folders,
    cause: Cause,
    just_seen: &BTreeSet<String>,
    server: &mut M,
    outbox: &mut O,
) -> Result<u32, TurnError> {
    settling::look(desk, mailbox, folders, server).await?;
    let mut sent = 0;
    let mut looked = cause == Cause::Poll;
    loop {
        let rows = sending::due(desk, mailbox, desk.clock.now()).await?;
        if rows.is_empty() {
            return Ok(sent);
        }
        let known = |row: &OutboxRow| row.answers.as_ref().is_some_and(|id| just_seen.contains(id));
        if !looked && !rows.iter().all(known) {
            follow::sent(desk, mailbox, folders, server).await?;
            looked = true;
        }
        let performed = sending::perform(desk, mailbox, folders, rows, just_seen, server, outbox).await?;
        sent += performed.done;
        if performed.stuck || performed.done + performed.spared == 0 {
            return Ok(sent);
        }
    }
}

/// The next moment at which something happens by itself: a mail is due, a holding reply is, a promise lapses, a copy is
/// to be looked for.
async fn wake_at(desk: &Desk, mailbox: &str) -> Result<Option<Instant>, StoreError> {
    let (name, desk_) = (mailbox.to_owned(), desk.clone());
    desk.store
        .read(move |tx| {
            let due = tx.next_due(&name)?;
            let mut here = Vec::new();
            for promise in tx.promises(true)?.into_iter().filter(|promise| promise.mailbox == name) {
                // The time of one whose mail waits is the mail's.
                if !tx.waits_to_be_told(&promise.id)? {
                    here.push(promise);
                }
            }
            let promised = decide::next_wakeup([], &here, desk_.policy(), desk_.clock.now());
            let (copy, lease) = tx.looked_for(&name)?;
            let copies = copy.map(|at| at + recover::COPY_AFTER);
            let doubts = lease.map(recover::doubt_ends);
            Ok([due, promised, copies, doubts].into_iter().flatten().min())
        })
        .await
}
