//! Following a folder: what is new since the cursor, in batches, never one command per message. First contact,
//! another UIDVALIDITY and a next UID that went down answer nothing old (rules B8-B10).
use super::desk::Desk;
use super::error::TurnError;
use super::intake::{self, Taken};
use super::ports::Mailbox;
use super::reading::{Group, Mails, item};
use super::suspect::{self, Place};
use crate::decide::ladder::Anomaly;
use crate::mailbox::{Folder, Folders, Listed, Raw, batches};
use crate::model::Instant;
use crate::store::{Cursor, NewSign, StoreError, Tx};
use crate::system::failpoint;
use chrono::TimeDelta;
use std::collections::BTreeSet;

/// Messages recorded in one transaction: few commits for many, without holding up the other mailboxes.
const TOGETHER: usize = 100;
/// So few are recorded at once, by whoever waits for them.
const FEW: usize = 2;
/// In octets: what is larger may take long to read, and others wait on that thread.
const SMALL: usize = 32 * 1024;
/// What arrived within this time needs no second look before an acknowledgement without grace: nobody answers faster,
/// and the look would cost a round trip.
const FRESH: TimeDelta = TimeDelta::seconds(15);
/// Beyond `max_age`, so much older mail is still listed after a renumbering: for the history, never to be answered.
const RESCAN_SLACK: TimeDelta = TimeDelta::days(1);

/// The Sent folder, if there is one; how many messages were recorded.
///
/// # Errors
/// The mailbox or the store failed.
pub async fn sent<M: Mailbox>(desk: &Desk, mailbox: &str, folders: &Folders, server: &mut M) -> Result<u32, TurnError> {
    match &folders.sent {
        Some(sent) => folder(desk, mailbox, sent, server, &mut BTreeSet::new()).await,
        None => Ok(0),
    }
}

/// Follows one folder; how many messages were recorded. Exchanges that it took in are added to `seen`.
///
/// # Errors
/// The mailbox or the store failed.
pub async fn folder<M: Mailbox>(
    desk: &Desk,
    mailbox: &str,
    folder: &Folder,
    server: &mut M,
    seen: &mut BTreeSet<String>,
) -> Result<u32, TurnError> {
    let status = server.status(folder).await?;
    let known = cursor(desk, mailbox, folder).await?;
    let now = desk.clock.now();
    let next = match status.uid_next {
        Some(next) => next,
        // A few servers keep UIDNEXT to themselves: what lies behind the cursor tells.
        None => {
            // Numbers of another UIDVALIDITY say nothing about this one.
            let same = known.filter(|cursor| cursor.uidvalidity == status.uidvalidity);
            let from = same.map_or(1, |cursor| cursor.uid_next);
            let listed = server.list(folder, from).await?;
            listed.last().map_or(from, |last| last.uid.saturating_add(1))
        }
    };
    let cursor = match known {
        None => {
            first_contact(desk, mailbox, folder, status.uidvalidity, next, now).await?;
            return Ok(0);
        }
        Some(known) if known.uidvalidity != status.uidvalidity || next < known.uid_next => {
            tracing::warn!(mailbox, folder = folder.name, "the folder was numbered anew: nothing old will be answered");
            renumbered(desk, mailbox, folder, status.uidvalidity, next).await?
        }
        Some(known) => known,
    };
    if next <= cursor.uid_next {
        return Ok(0);
    }
    let mut listed = server.list(folder, cursor.uid_next).await?;
    if cursor.uid_next == 1 && cursor.rescan_below > 1 {
        let oldest = now - desk.policy().replies.max_age - RESCAN_SLACK;
        listed.retain(|one| one.arrived >= oldest);
    }
    let listed = unknown(desk, mailbox, folder, cursor, listed).await?;
    let mut recorded = 0;
    let mut batches = batches(&listed).into_iter();
    let mut fetched = fetch(server, folder, batches.next()).await?;
    while let Some(raws) = fetched {
        // The server sends the next batch while this one is recorded. Both run to their end, whatever the other says: a
        // command that is dropped half-way takes its connection with it.
        let record = take(desk, mailbox, folder, cursor, raws, seen);
        let (taken, ahead) = tokio::join!(record, fetch(server, folder, batches.next()));
        recorded += taken?;
        fetched = ahead?;
    }
    advance(desk, mailbox, folder, cursor, next).await?;
    Ok(recorded)
}

/// The messages of a batch, as far as they still exist; `None` behind the last one.
async fn fetch<M: Mailbox>(
    server: &mut M,
    folder: &Folder,
    batch: Option<Vec<u32>>,
) -> Result<Option<Vec<Raw>>, TurnError> {
    match batch {
        Some(uids) => Ok(Some(server.fetch(folder, &uids).await?)),
        None => Ok(None),
    }
}

/// The short way after a notice: everything new in the open folder in one command.
///
/// # Errors
/// The mailbox or the store failed.
pub async fn notice<M: Mailbox>(
    desk: &Desk,
    mailbox: &str,
    inbox: &Folder,
    server: &mut M,
    seen: &mut BTreeSet<String>,
) -> Result<u32, TurnError> {
    let Some(cursor) = cursor(desk, mailbox, inbox).await? else {
        return folder(desk, mailbox, inbox, server, seen).await;
    };
    if cursor.uid_next < cursor.rescan_below {
        return folder(desk, mailbox, inbox, server, seen).await;
    }
    let raws = server.fetch_new(inbox, cursor.uid_next, 1).await?;
    let raws: Vec<Raw> = raws.into_iter().filter(|raw| raw.uid >= cursor.uid_next).collect();
    take(desk, mailbox, inbox, cursor, raws, seen).await
}

async fn cursor(desk: &Desk, mailbox: &str, folder: &Folder) -> Result<Option<Cursor>, StoreError> {
    let (mailbox, name) = (mailbox.to_owned(), folder.name.clone());
    desk.store.glance(move |tx| tx.cursor(&mailbox, &name)).await
}

/// The cursor is set to now: what was there before is never answered.
async fn first_contact(
    desk: &Desk,
    mailbox: &str,
    folder: &Folder,
    validity: u32,
    next: u32,
    now: Instant,
) -> Result<(), StoreError> {
    tracing::info!(mailbox, folder = folder.name, "first contact: mail that is there already is not answered");
    let (mailbox, name, role) = (mailbox.to_owned(), folder.name.clone(), folder.role);
    desk.store.write(move |tx| tx.first_contact(&mailbox, &name, role, validity, next, now)).await?;
    Ok(())
}

async fn renumbered(
    desk: &Desk,
    mailbox: &str,
    folder: &Folder,
    validity: u32,
    next: u32,
) -> Result<Cursor, StoreError> {
    let (mailbox, name) = (mailbox.to_owned(), folder.name.clone());
    let now = desk.clock.now();
    desk.store
        .write(move |tx| {
            let sign = Anomaly::Renumbered;
            tx.sign(&NewSign { mailbox: &mailbox, client: None, sign, exchange: None, now })?;
            tx.uidvalidity_changed(&mailbox, &name, validity, next)
        })
        .await?;
    Ok(Cursor { uidvalidity: validity, uid_next: 1, rescan_below: next })
}

/// Leaves out what is recorded at its place already: a batch that was cut short, a list that began too early.
async fn unknown(
    desk: &Desk,
    mailbox: &str,
    folder: &Folder,
    cursor: Cursor,
    listed: Vec<Listed>,
) -> Result<Vec<Listed>, StoreError> {
    let (mailbox, name) = (mailbox.to_owned(), folder.name.clone());
    desk.store
        .glance(move |tx| {
            let mut left = Vec::with_capacity(listed.len());
            for one in listed {
                if !tx.was_recorded(&mailbox, &name, cursor.uidvalidity, one.uid)? {
                    left.push(one);
                }
            }
            Ok(left)
        })
        .await
}

async fn advance(desk: &Desk, mailbox: &str, folder: &Folder, cursor: Cursor, next: u32) -> Result<(), StoreError> {
    let (mailbox, name) = (mailbox.to_owned(), folder.name.clone());
    desk.store.jot(move |tx| tx.set_cursor(&mailbox, &name, cursor.uidvalidity, next)).await?;
    Ok(())
}

/// Parses and records a batch; how many were new.
async fn take<M>(
    desk: &Desk,
    mailbox: &str,
    folder: &Folder,
    cursor: Cursor,
    raws: Vec<Raw>,
    seen: &mut M,
) -> Result<u32, TurnError>
where
    M: Extend<String>,
{
    if raws.is_empty() {
        return Ok(0);
    }
    let mut recorded = 0;
    let place = Place { desk, mailbox, folder, cursor };
    let uids = raws.iter().map(|raw| raw.uid).collect();
    let (suspects, noted) = place.begin(uids).await?;
    // Suspects last and each alone, so that none can take others with it.
    let (alone, together): (Vec<Raw>, Vec<Raw>) = raws.into_iter().partition(|raw| suspects.contains(&raw.uid));
    let mut waiting: BTreeSet<u32> = alone.iter().chain(&together).map(|raw| raw.uid).collect();
    let mut left = groups(together).into_iter().chain(alone.into_iter().map(|raw| vec![raw])).map(Group::unread);
    let mut next = left.next();
    while let Some(group) = next {
        let uids = group.uids.clone();
        let oldest = desk.clock.now() - FRESH;
        let fresh: Vec<bool> = group.arrived.iter().map(|arrived| *arrived >= oldest).collect();
        waiting.retain(|uid| !uids.contains(uid));
        let mut aside = false;
        match &group.mails {
            Mails::Unread(raws) if matches!(raws.as_slice(), [one] if suspects.contains(&one.uid)) => {
                for one in raws {
                    aside = !place.survives(one).await?;
                }
            }
            // With a suspect among them each group is noted in its turn.
            _ if !noted => drop(place.note(uids.clone()).await?),
            _ => {}
        }
        // While these are recorded, the ones after them are read.
        let ahead = async {
            match left.next() {
                Some(group) if noted => group.read(folder, cursor, desk.settings.keep).await.map(Some),
                other => Ok(other),
            }
        };
        let (taken, ahead) =
            tokio::join!(record(desk, mailbox, folder, cursor, group, aside, waiting.first().copied()), ahead);
        let failed = match (taken, ahead) {
            (Ok(taken), ahead) => {
                recorded += u32::try_from(taken.iter().filter(|one| !one.duplicate).count()).unwrap_or(u32::MAX);
                // Of one recorded before, only this copy's flags were read, and not kept: it is looked at again.
                let new = taken.into_iter().zip(fresh).filter(|(one, fresh)| *fresh && !one.duplicate);
                seen.extend(new.map(|(one, _)| one.exchange));
                match ahead {
                    Ok(ahead) => {
                        next = ahead;
                        continue;
                    }
                    Err(failed) => failed,
                }
            }
            (Err(error), _) => (uids, error),
        };
        let (uids, error) = failed;
        if noted {
            // Those that were still waiting have done nothing.
            waiting.retain(|uid| !uids.contains(uid));
            place.release(waiting.into_iter().collect()).await;
        }
        place.forgive(uids, &error).await;
        return Err(error.into());
    }
    Ok(recorded)
}

/// At most [`TOGETHER`] messages each.
fn groups(mut raws: Vec<Raw>) -> Vec<Vec<Raw>> {
    let mut all = Vec::new();
    while !raws.is_empty() {
        let tail = raws.split_off(raws.len().min(TOGETHER));
        all.push(std::mem::replace(&mut raws, tail));
    }
    all
}

/// Records a group, or sets it `aside` unread; without a flush of its own: until one comes (before anything is sent, at
/// the end of the turn at the latest) a power cut makes it new mail again. The cursor does not pass `waiting`, the
/// smallest UID that is still to be read: it would never be.
async fn record(
    desk: &Desk,
    mailbox: &str,
    folder: &Folder,
    cursor: Cursor,
    group: Group,
    aside: bool,
    waiting: Option<u32>,
) -> Result<Vec<Taken>, StoreError> {
    let (folder, desk_, mailbox_) = (folder.clone(), desk.clone(), mailbox.to_owned());
    failpoint::reach("K2");
    let now = desk.clock.now();
    let few = match &group.mails {
        Mails::Unread(raws) => raws.len() <= FEW && raws.iter().map(|raw| raw.bytes.len()).sum::<usize>() <= SMALL,
        Mails::Read(items) => items.len() <= FEW,
    };
    let work = move |tx: &Tx<'_>| {
        let mut taken = Vec::with_capacity(group.uids.len());
        let next = group.uids.iter().map(|uid| uid.saturating_add(1)).fold(cursor.uid_next, u32::max);
        match group.mails {
            Mails::Unread(raws) if aside => {
                for raw in &raws {
                    taken.push(suspect::set_aside(tx, &desk_, &mailbox_, &folder, cursor, raw, now)?);
                }
            }
            Mails::Unread(raws) => {
                for raw in raws {
                    let item = item(&folder, cursor, raw, desk_.settings.keep)?;
                    taken.push(intake::take_in(tx, &desk_, &mailbox_, &item, now)?);
                }
            }
            Mails::Read(items) => {
                for item in &items {
                    taken.push(intake::take_in(tx, &desk_, &mailbox_, item, now)?);
                }
            }
        }
        let next = waiting.map_or(next, |waiting| next.min(waiting));
        tx.set_cursor(&mailbox_, &folder.name, cursor.uidvalidity, next)?;
        failpoint::reach("K3");
        Ok(taken)
    };
    let taken = if few { desk.store.jot(work).await? } else { desk.store.write_soon(work).await? };
    failpoint::reach("K3b");
    for one in &taken {
        log(mailbox, one);
    }
    Ok(taken)
}

/// One line an exchange: its id, the verdict, the codes. No address, no subject, no text.
fn log(mailbox: &str, taken: &Taken) {
    if let Some(trouble) = &taken.trouble {
        tracing::error!(mailbox, exchange = taken.exchange, trouble, "no reply could be written");
    }
    if taken.duplicate {
        return;
    }
    match &taken.decision {
        Some(decision) => {
            let codes: Vec<&str> = decision.reasons.iter().map(|reason| reason.code.as_str()).collect();
            let verdict = decision.verdict.as_str();
            tracing::info!(mailbox, exchange = taken.exchange, verdict, reasons = codes.join(" "), "seen");
            for pause in &decision.pauses {
                tracing::warn!(mailbox, exchange = taken.exchange, code = pause.code.as_str(), "automatic mail rests");
            }
        }
        None => tracing::info!(mailbox, exchange = taken.exchange, kept = taken.kept.len(), "own mail seen"),
    }
}
