//! Following a folder: what is new since the cursor, in batches, never one command per message. First contact,
//! another UIDVALIDITY and a next UID that went down answer nothing old (rules B8-B10). Never here: how a batch is recorded
//! (taking.rs).
use super::desk::Desk;
use super::error::TurnError;
use super::ports::Mailbox;
use super::suspect::Place;
use super::taking::{News, take};
use crate::decide::ladder::Anomaly;
use crate::mailbox::{Folder, Folders, Listed, Raw, batches};
use crate::model::{FolderRole, Instant};
use crate::store::{Cursor, NewSign, StoreError};
use chrono::TimeDelta;
use std::collections::BTreeSet;

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
        None => match first_contact(desk, mailbox, folder, status.uidvalidity, next, now).await? {
            None => return Ok(0),
            Some(cursor) => cursor,
        },
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
        let oldest = oldest(desk, folder, now).await?;
        listed.retain(|one| one.arrived >= oldest);
    }
    let listed = unknown(desk, mailbox, folder, cursor, listed).await?;
    let mut recorded = 0;
    let place = Place { desk, mailbox, folder, cursor };
    let mut batches = batches(&listed).into_iter();
    let mut fetched = fetch(server, folder, batches.next()).await?;
    while let Some(raws) = fetched {
        // The server sends the next batch while this one is recorded. Both run to their end, whatever the other says: a
        // command that is dropped half-way takes its connection with it.
        let record = take(place, raws, None, false, seen);
        let (taken, ahead) = tokio::join!(record, fetch(server, folder, batches.next()));
        recorded += taken?.recorded;
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

/// The short way after a notice: everything new in the open folder in one command, and the first of the answers that are
/// due at once is claimed already.
///
/// # Errors
/// The mailbox or the store failed.
pub async fn notice<M: Mailbox>(
    desk: &Desk,
    mailbox: &str,
    inbox: &Folder,
    server: &mut M,
    seen: &mut BTreeSet<String>,
) -> Result<News, TurnError> {
    let known = cursor(desk, mailbox, inbox).await?.filter(|cursor| cursor.uid_next >= cursor.rescan_below);
    let Some(cursor) = known else {
        return Ok(News { recorded: folder(desk, mailbox, inbox, server, seen).await?, claimed: None });
    };
    let place = Place { desk, mailbox, folder: inbox, cursor };
    // Mostly it is one message, with the next number: it is noted while the server looks for it.
    let expected = cursor.uid_next;
    let (raws, begun) = tokio::join!(server.fetch_new(inbox, expected, 1), place.begin(vec![expected]));
    let raws: Result<Vec<Raw>, _> =
        raws.map(|raws| raws.into_iter().filter(|raw| raw.uid >= cursor.uid_next).collect());
    let as_expected = |raws: &Vec<Raw>| matches!(raws.as_slice(), [one] if one.uid == expected);
    let mut begun = Some(begun?);
    if !raws.as_ref().is_ok_and(as_expected) && begun.take().is_some_and(|begun| begun.noted) {
        place.release(vec![expected]).await;
    }
    take(place, raws?, begun, true, seen).await
}

async fn cursor(desk: &Desk, mailbox: &str, folder: &Folder) -> Result<Option<Cursor>, StoreError> {
    let (mailbox, name) = (mailbox.to_owned(), folder.name.clone());
    desk.store.glance(move |tx| tx.cursor(&mailbox, &name)).await
}

/// What is still listed of a folder that is read anew: for the history, and of Sent all that may keep a promise.
async fn oldest(desk: &Desk, folder: &Folder, now: Instant) -> Result<Instant, StoreError> {
    let recent = now - desk.policy().replies.max_age - RESCAN_SLACK;
    if folder.role != FolderRole::Sent {
        return Ok(recent);
    }
    let owed = desk.store.glance(|tx| tx.oldest_open_promise()).await?;
    Ok(owed.map_or(recent, |made| recent.min(made)))
}

/// The cursor is set to now: what was there before is never answered. A Sent folder of a mailbox that is known already (a mail
/// program made it just now, or the configuration names another one) holds answers: where reading it begins.
async fn first_contact(
    desk: &Desk,
    mailbox: &str,
    folder: &Folder,
    validity: u32,
    next: u32,
    now: Instant,
) -> Result<Option<Cursor>, StoreError> {
    tracing::info!(mailbox, folder = folder.name, "first contact: mail that is there already is not answered");
    let (mailbox, name, role) = (mailbox.to_owned(), folder.name.clone(), folder.role);
    desk.store
        .write(move |tx| {
            let late = role == FolderRole::Sent && next > 1 && tx.met_at(&mailbox)?.is_some();
            tx.first_contact(&mailbox, &name, role, validity, next, now)?;
            if !late {
                return Ok(None);
            }
            tx.uidvalidity_changed(&mailbox, &name, validity, next)?;
            Ok(Some(Cursor { uidvalidity: validity, uid_next: 1, rescan_below: next }))
        })
        .await
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
