//! Keeping open promises in view: the `\Answered` flag keeps them, time lets them lapse.
use super::desk::Desk;
use super::error::TurnError;
use super::ports::Mailbox;
use crate::decide;
use crate::mailbox::{Flags, Folders};
use crate::model::{Promise, PromiseState};
use crate::store::Place;
use std::collections::BTreeMap;

/// Looks whether the messages behind open promises are answered by now.
///
/// # Errors
/// The mailbox or the store failed.
pub async fn look<M: Mailbox>(desk: &Desk, mailbox: &str, folders: &Folders, server: &mut M) -> Result<(), TurnError> {
    let name = mailbox.to_owned();
    let open: Vec<(String, Vec<Place>)> = desk
        .store
        .read(move |tx| {
            let mut open = Vec::new();
            for promise in tx.promises(true)?.into_iter().filter(|promise| promise.mailbox == name) {
                if let Some(exchange) = tx.promise_exchange(&promise.id)? {
                    let places = tx.places(&exchange)?;
                    open.push((exchange, places));
                }
            }
            Ok(open)
        })
        .await?;
    for inbox in &folders.inboxes {
        let here: Vec<(u32, &str)> = open
            .iter()
            .flat_map(|(id, places)| {
                let here = places.iter().filter(|p| p.mailbox == mailbox && p.folder == inbox.name);
                here.map(|place| (place.uid, id.as_str()))
            })
            .collect();
        let Some(from) = here.iter().map(|(uid, _)| *uid).min() else { continue };
        // One list of flags instead of a command for each: cheap even for hundreds of messages.
        let listed: BTreeMap<u32, Flags> =
            server.list(inbox, from).await?.into_iter().map(|one| (one.uid, one.flags)).collect();
        for (uid, id) in here {
            if listed.get(&uid).is_some_and(|flags| flags.answered) {
                let (id, now) = (id.to_owned(), desk.clock.now());
                let kept = desk.store.write(move |tx| tx.answered_flag(&id, now)).await?;
                tracing::info!(mailbox, kept = kept.len(), "answered, as the mailbox shows");
            }
        }
    }
    Ok(())
}

/// Lets the promises lapse whose time has passed; says so once each. One whose mail still waits was given to nobody:
/// the last look before sending gives it anew, or drops the mail.
///
/// # Errors
/// If the store fails.
pub async fn lapse(desk: &Desk, mailbox: &str) -> Result<(), TurnError> {
    let now = desk.clock.now();
    let name = mailbox.to_owned();
    let due: Vec<Promise> = desk
        .store
        .read(move |tx| {
            let mut due = Vec::new();
            for promise in tx.promises_due(now)? {
                if !tx.waits_to_be_told(&promise.id)? {
                    due.push(promise);
                }
            }
            Ok(due)
        })
        .await?;
    let lapsed: Vec<Promise> = decide::lapsed(&due, now).filter(|promise| promise.mailbox == name).cloned().collect();
    if lapsed.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = lapsed.iter().map(|promise| promise.id.clone()).collect();
    desk.store
        .write(move |tx| {
            for id in &ids {
                tx.close_promise(id, PromiseState::Lapsed, "time", now)?;
            }
            Ok(())
        })
        .await?;
    for promise in lapsed {
        if promise.announced {
            tracing::warn!(mailbox, client = promise.client, promise = promise.id, "a promise lapsed unanswered");
        }
    }
    Ok(())
}
