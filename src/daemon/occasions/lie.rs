//! What lies in Drafts: put there once, replaced and withdrawn only while it is as we wrote it, and noticed when it is gone.
//! Never here: what should lie there (`decide::occasion`), what it says (write.rs).
use super::super::mark;
use super::found::{Absent, Found, absent, find, in_sent, same_but_for_date};
use super::write;
use crate::daemon::desk::Desk;
use crate::daemon::error::TurnError;
use crate::daemon::ports::Mailbox;
use crate::decide::occasion::{MadeState, Occasion, way};
use crate::mailbox::{Folder, Folders};
use crate::model::Instant;
use crate::store::{Claim, Lying, MailState, OutboxRow, StoreError, Tx};
use crate::system::failpoint;
use chrono::TimeDelta;

/// After a refusal by the server, so much later.
const AGAIN: TimeDelta = TimeDelta::hours(1);

/// Puts a claimed draft into its folder, once: looks first whether it lies there or was sent, whoever did that.
///
/// # Errors
/// The mailbox or the store failed.
pub async fn file<M: Mailbox>(
    desk: &Desk,
    mailbox: &str,
    folders: &Folders,
    row: &OutboxRow,
    server: &mut M,
) -> Result<(), TurnError> {
    let now = desk.clock.now();
    let (id, claim) = (row.id.clone(), row.claim());
    let Some(drafts) = &folders.drafts else {
        tracing::warn!(mailbox, "there is no Drafts folder: name it with `drafts = \"…\"` in the configuration");
        desk.store.write(move |tx| tx.retry(&claim, now + AGAIN, "there is no Drafts folder")).await?;
        return Ok(());
    };
    let known = row.id.clone();
    let (lying, restored) = desk.store.read(move |tx| Ok((tx.occasion_of(&known)?, tx.restored_at()?))).await?;
    let Some(lying) = lying else {
        desk.store.write(move |tx| tx.dropped(&id, "the occasion is gone", now)).await?;
        return Ok(());
    };
    let key = lying.made.key.clone();
    match find(drafts, &lying, server).await? {
        // We died after the server had it, or it was put back as it was.
        Found::Same(_) => {
            desk.store.write(move |tx| tx.draft_lies(&claim, now)).await?;
            return Ok(());
        }
        Found::Other => {
            tracing::info!(mailbox, key, "a draft of this occasion lies there that is not ours alone: it stays");
            desk.store.write(move |tx| tx.draft_touched(&key, now)).await?;
            return Ok(());
        }
        Found::Before(uid) => {
            let removing = key.clone();
            desk.store.write(move |tx| tx.removing_draft(&removing)).await?;
            failpoint::reach("D4");
            server.remove(drafts, uid).await?;
            failpoint::reach("D5");
        }
        Found::Nothing => {
            let state = match absent(drafts, folders, &lying, restored, server).await? {
                Absent::Missing => None,
                Absent::Over(state) => {
                    tracing::info!(mailbox, key, state = state.as_str(), "the draft is not made");
                    Some(state)
                }
                Absent::Doubtful => {
                    tracing::warn!(
                        mailbox,
                        key,
                        "a draft was being put into its folder when fuseau stopped, and is not there: it was most likely deleted \
                         and is not made again; if you miss it, `fuseau draft` makes one"
                    );
                    Some(MadeState::Deleted)
                }
            };
            if let Some(state) = state {
                desk.store.write(move |tx| ended(tx, &key, &id, state, now)).await?;
                return Ok(());
            }
        }
    }
    append(desk, mailbox, drafts, &lying, claim, server).await
}

fn ended(tx: &Tx<'_>, key: &str, id: &str, state: MadeState, now: Instant) -> Result<(), StoreError> {
    if state == MadeState::Sent {
        tx.sent(id, "found in Sent", now)?;
    } else {
        tx.occasion_ends(key, state, now)?;
    }
    Ok(())
}

async fn append<M: Mailbox>(
    desk: &Desk,
    mailbox: &str,
    drafts: &Folder,
    lying: &Lying,
    claim: Claim,
    server: &mut M,
) -> Result<(), TurnError> {
    let now = desk.clock.now();
    let (row, key) = (&lying.row, lying.made.key.clone());
    let status = server.status(drafts).await?;
    if let Some(uid_next) = status.uid_next {
        let going = key.clone();
        desk.store.write(move |tx| tx.draft_going(&going, status.uidvalidity, uid_next)).await?;
    }
    // A power cut must not undo the claim of a draft that lies there.
    mark::keep(desk, false).await?;
    let held = claim.clone();
    if !desk.store.read(move |tx| tx.holds(&held)).await? {
        return Ok(());
    }
    failpoint::reach("D2");
    match server.append(drafts, &row.bytes, &["\\Draft", "\\Seen"], now).await {
        Ok(()) => {}
        Err(error) if error.is_lost() => return Err(error.into()),
        Err(error) => {
            tracing::warn!(mailbox, key, %error, "the draft could not be put into its folder; again in an hour");
            let said = error.to_string();
            desk.store
                .write(move |tx| {
                    if tx.retry(&claim, now + AGAIN, &said)? {
                        tx.draft_refused(&key)?;
                    }
                    Ok(())
                })
                .await?;
            return Ok(());
        }
    }
    failpoint::reach("D3");
    // Another installation may have put its own there at the same moment: the first one stays.
    let all = server.find_all(drafts, "Message-ID", &row.message_id).await?;
    let ours = server.find_all(drafts, "X-Fuseau-Id", &row.fuseau_id).await?;
    if let (Some(first), [own]) = (all.iter().min(), ours.as_slice())
        && first < own
    {
        server.remove(drafts, *own).await?;
        desk.store.write(move |tx| tx.draft_touched(&key, now)).await?;
        return Ok(());
    }
    desk.store.write(move |tx| tx.draft_lies(&claim, now)).await?;
    tracing::info!(mailbox, key, "a draft lies in Drafts");
    Ok(())
}

/// Lets a draft say something else, if it lies there as we wrote it.
///
/// # Errors
/// The mailbox or the store failed.
pub async fn replace<M: Mailbox>(
    desk: &Desk,
    mailbox: &str,
    folders: &Folders,
    occasion: &Occasion,
    server: &mut M,
) -> Result<(), TurnError> {
    let Some(lying) = ours(desk, mailbox, &occasion.key).await? else { return Ok(()) };
    let now = desk.clock.now();
    if !untouched(desk, mailbox, folders, &lying, server).await? {
        return Ok(());
    }
    let (here, one) = (desk.clone(), occasion.clone());
    let done = desk
        .store
        .write(move |tx| {
            let gathered = super::gather(tx, here.policy(), super::Outside::default(), now)?;
            let Ok(way) = way(&gathered.facts(here.policy()), &one) else { return Ok(Ok(false)) };
            let written = match write::write(tx, &here, &one, &way, &lying.row.id, now)? {
                Ok(written) => written,
                Err(error) => return Ok(Err(error)),
            };
            let subject = written.letter.subject.as_str().into();
            let print = one.print();
            if same_but_for_date(&lying.row.bytes, &written.bytes) {
                tx.draft_says(&one.key, &print)?;
                return Ok(Ok(false));
            }
            Ok(Ok(tx.redraft(&one.key, &written.bytes, &subject, &written.letter.text, &print, now)?))
        })
        .await?;
    match done {
        Ok(true) => tracing::info!(mailbox, key = occasion.key, "the facts of a draft changed: it is replaced"),
        Ok(false) => {}
        Err(error) => tracing::error!(mailbox, key = occasion.key, %error, "the draft could not be written anew"),
    }
    failpoint::reach("D6");
    Ok(())
}

/// Removes a draft without an occasion, if it lies there as we wrote it.
///
/// # Errors
/// The mailbox or the store failed.
pub async fn withdraw<M: Mailbox>(
    desk: &Desk,
    mailbox: &str,
    folders: &Folders,
    key: &str,
    state: MadeState,
    server: &mut M,
) -> Result<(), TurnError> {
    let Some(lying) = ours(desk, mailbox, key).await? else { return Ok(()) };
    let (now, key) = (desk.clock.now(), key.to_owned());
    if let Some(drafts) = folders.drafts.as_ref().filter(|_| lies(&lying)) {
        if lying.removing {
            // We died after we had begun.
        } else if !untouched(desk, mailbox, folders, &lying, server).await? {
            return Ok(());
        }
        let removing = key.clone();
        desk.store.write(move |tx| tx.removing_draft(&removing)).await?;
        failpoint::reach("D7");
        match find(drafts, &lying, server).await? {
            Found::Same(uid) | Found::Before(uid) => server.remove(drafts, uid).await?,
            // After a death in between: the owner was faster.
            Found::Other => {
                desk.store.write(move |tx| tx.draft_touched(&key, now)).await?;
                return Ok(());
            }
            Found::Nothing => {}
        }
        failpoint::reach("D8");
    }
    tracing::info!(mailbox, key, state = state.as_str(), "a draft has no occasion any more: withdrawn");
    desk.store
        .write(move |tx| {
            tx.occasion_ends(&key, state, now)?;
            tx.dropped(&lying.row.id, state.as_str(), now)
        })
        .await?;
    Ok(())
}

/// Removes the drafts that the owner wants gone; one in which they wrote stays.
///
/// # Errors
/// The mailbox or the store failed.
pub async fn drop_unwanted<M: Mailbox>(
    desk: &Desk,
    mailbox: &str,
    folders: &Folders,
    server: &mut M,
) -> Result<(), TurnError> {
    let name = mailbox.to_owned();
    let waiting = desk.store.read(move |tx| tx.occasions_waiting(&name)).await?;
    for lying in waiting.into_iter().filter(|lying| lying.dropped && lying.made.state == MadeState::Waiting) {
        withdraw(desk, mailbox, folders, &lying.made.key, MadeState::Deleted, server).await?;
    }
    Ok(())
}

/// An occasion of this mailbox that waits.
async fn ours(desk: &Desk, mailbox: &str, key: &str) -> Result<Option<Lying>, StoreError> {
    let key = key.to_owned();
    let lying = desk.store.read(move |tx| tx.lying(&key)).await?;
    Ok(lying.filter(|lying| lying.row.mailbox == mailbox && lying.made.state == MadeState::Waiting))
}

/// Whether something of it may lie in Drafts.
fn lies(lying: &Lying) -> bool {
    lying.row.state == MailState::Drafted || lying.row.attempts > 0
}

/// Whether a draft may be changed: it lies there as we wrote it, or nothing does yet. What is found else is written down.
async fn untouched<M: Mailbox>(
    desk: &Desk,
    mailbox: &str,
    folders: &Folders,
    lying: &Lying,
    server: &mut M,
) -> Result<bool, TurnError> {
    let Some(drafts) = &folders.drafts else { return Ok(false) };
    if !lies(lying) {
        return Ok(true);
    }
    let (now, key, id) = (desk.clock.now(), lying.made.key.clone(), lying.row.id.clone());
    match find(drafts, lying, server).await? {
        Found::Same(_) | Found::Before(_) => return Ok(true),
        Found::Other => {
            tracing::info!(mailbox, key, "you wrote in this draft: it stays");
            desk.store.write(move |tx| tx.draft_touched(&key, now)).await?;
        }
        // Not yet there, as far as we know: the outbox goes on.
        Found::Nothing if lying.row.state != MailState::Drafted => return Ok(false),
        Found::Nothing => {
            let state = if in_sent(folders, &lying.row, server).await? { MadeState::Sent } else { MadeState::Deleted };
            desk.store.write(move |tx| ended(tx, &key, &id, state, now)).await?;
        }
    }
    Ok(false)
}

/// Occasions whose mail ended in the outbox without us: dropped by the owner, or by a mode that allows it no more.
///
/// # Errors
/// If the store fails.
pub async fn follow_outbox(desk: &Desk, mailbox: &str) -> Result<(), TurnError> {
    let (name, now) = (mailbox.to_owned(), desk.clock.now());
    let ended = desk
        .store
        .read(move |tx| {
            let mut ended = Vec::new();
            for lying in tx.occasions_waiting(&name)? {
                if let MailState::Dropped | MailState::Failed | MailState::Observed = lying.row.state {
                    let why = lying.row.last_reply.clone().unwrap_or_default();
                    ended.push((lying.made.key, ended_as(&why)));
                }
            }
            Ok(ended)
        })
        .await?;
    for (key, state) in ended {
        desk.store.write(move |tx| tx.occasion_ends(&key, state, now)).await?;
    }
    Ok(())
}

/// What becomes of an occasion whose mail was dropped for this reason.
fn ended_as(why: &str) -> MadeState {
    use crate::decide::Why;
    match Why::parse(why) {
        Some(Why::Withdrawn) => MadeState::Deleted,
        // A mailbox or a client that may not be written to now may be written to again.
        Some(_) => MadeState::Withdrawn,
        None => MadeState::Expired,
    }
}

/// Looks now and then whether the drafts that wait still lie there.
///
/// # Errors
/// The mailbox or the store failed.
pub async fn look<M: Mailbox>(
    desk: &Desk,
    mailbox: &str,
    folders: &Folders,
    every: TimeDelta,
    server: &mut M,
) -> Result<(), TurnError> {
    let Some(drafts) = &folders.drafts else { return Ok(()) };
    let now = desk.clock.now();
    let (name, meta) = (mailbox.to_owned(), format!("drafts.looked.{mailbox}"));
    let asked = meta.clone();
    let waiting: Vec<Lying> = desk
        .store
        .read(move |tx| {
            let looked: Option<i64> = tx.meta(&asked)?.and_then(|text| text.parse().ok());
            let fresh = looked.is_some_and(|at| (0..every.num_milliseconds()).contains(&(now.timestamp_millis() - at)));
            if fresh {
                return Ok(Vec::new());
            }
            let lies = |lying: &Lying| lying.row.state == MailState::Drafted;
            Ok(tx.occasions_waiting(&name)?.into_iter().filter(lies).collect())
        })
        .await?;
    if waiting.is_empty() {
        return Ok(());
    }
    for lying in waiting {
        let (key, id, touched) = (lying.made.key.clone(), lying.row.id.clone(), lying.made.state == MadeState::Touched);
        match find(drafts, &lying, server).await? {
            Found::Other if !touched => desk.store.write(move |tx| tx.draft_touched(&key, now)).await?,
            Found::Nothing => {
                let state =
                    if in_sent(folders, &lying.row, server).await? { MadeState::Sent } else { MadeState::Deleted };
                tracing::info!(mailbox, key, state = state.as_str(), "a draft is gone");
                desk.store.write(move |tx| ended(tx, &key, &id, state, now)).await?;
            }
            _ => {}
        }
    }
    desk.store.write_soon(move |tx| tx.set_meta(&meta, &now.timestamp_millis().to_string())).await?;
    Ok(())
}
