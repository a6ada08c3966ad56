//! The look into the mailbox just before something is sent: is the message still there, was it answered, is the owner
//! typing? Only questions; what follows from the answers is decided in `decide::gate`.
use super::desk::Desk;
use super::error::TurnError;
use super::ports::Mailbox;
use crate::mailbox::{Flags, Folder, Folders};
use crate::store::{OutboxRow, Place, Route};
use std::collections::{BTreeMap, BTreeSet};

/// Beyond this many messages of one folder their flags are asked for as a list.
const SINGLE_LOOKS: usize = 4;

/// Whether a message is still where it was, and whether it was answered; `None`: gone.
pub type Look = Option<Flags>;

/// Looks at the messages that the rows answer, except those in `just_seen`.
///
/// # Errors
/// The mailbox or the store failed.
pub async fn look<M: Mailbox>(
    desk: &Desk,
    mailbox: &str,
    folders: &Folders,
    rows: &[OutboxRow],
    just_seen: &BTreeSet<String>,
    server: &mut M,
) -> Result<BTreeMap<String, Look>, TurnError> {
    let mut wanted: Vec<String> =
        rows.iter().filter_map(|row| row.answers.clone()).filter(|id| !just_seen.contains(id)).collect();
    let others: BTreeSet<String> = others(desk, rows).await?.into_values().flatten().collect();
    wanted.extend(others.iter().cloned());
    if wanted.is_empty() {
        return Ok(BTreeMap::new());
    }
    let places: Vec<(String, Vec<Place>)> = desk
        .store
        .glance(move |tx| wanted.into_iter().map(|id| tx.places(&id).map(|places| (id, places))).collect())
        .await?;
    let mut by_folder: BTreeMap<String, Vec<(u32, String)>> = BTreeMap::new();
    let mut looks = BTreeMap::new();
    for (id, places) in places {
        // Only places in this mailbox's inboxes can be looked at here; a copy elsewhere proves nothing.
        let here =
            |place: &Place| place.mailbox == mailbox && folders.inboxes.iter().any(|inbox| inbox.name == place.folder);
        for place in places.into_iter().filter(here) {
            by_folder.entry(place.folder).or_default().push((place.uid, id.clone()));
        }
    }
    for (name, mut uids) in by_folder {
        let Some(folder) = folders.inboxes.iter().find(|inbox| inbox.name == name) else { continue };
        uids.sort_unstable();
        look_in(folder, uids, server, &mut looks).await?;
    }
    note_answered(desk, &others, &looks).await?;
    Ok(looks)
}

/// The further messages of which a holding reply speaks, by the mail's id: all but the one that it is threaded to.
async fn others(desk: &Desk, rows: &[OutboxRow]) -> Result<BTreeMap<String, Vec<String>>, TurnError> {
    let holding: Vec<(String, Option<String>)> = rows
        .iter()
        .filter(|row| row.kind == super::holding::KIND)
        .map(|row| (row.id.clone(), row.answers.clone()))
        .collect();
    if holding.is_empty() {
        return Ok(BTreeMap::new());
    }
    let found = desk.store.glance(move |tx| {
        let mut found = BTreeMap::new();
        for (mail, answers) in holding {
            let mut others = Vec::new();
            for promise in tx.stated_by(&mail)? {
                others.extend(tx.promise_exchange(&promise)?.filter(|id| answers.as_ref() != Some(id)));
            }
            found.insert(mail, others);
        }
        Ok(found)
    });
    Ok(found.await?)
}

/// What the mailbox shows of further messages is remembered: the gate asks the memory for them.
async fn note_answered(
    desk: &Desk,
    others: &BTreeSet<String>,
    looks: &BTreeMap<String, Look>,
) -> Result<(), TurnError> {
    let shown = |id: &&String| looks.get(*id).is_some_and(|look| look.is_some_and(|flags| flags.answered));
    let answered: Vec<String> = others.iter().filter(shown).cloned().collect();
    if !answered.is_empty() {
        let now = desk.clock.now();
        let note = move |tx: &crate::store::Tx<'_>| {
            for id in &answered {
                tx.answered_flag(id, now)?;
            }
            Ok(())
        };
        desk.store.write_soon(note).await?;
    }
    Ok(())
}

/// The messages to which an answer lies in Drafts: the owner is typing (rule B1).
///
/// # Errors
/// The mailbox or the store failed.
pub async fn typing<M: Mailbox>(
    desk: &Desk,
    folders: &Folders,
    rows: &[OutboxRow],
    just_seen: &BTreeSet<String>,
    server: &mut M,
) -> Result<BTreeSet<String>, TurnError> {
    // A draft of our own is no sign of the owner, and what came in this very moment has no draft yet.
    let mut wanted: Vec<String> = rows
        .iter()
        .filter(|row| row.route == Route::Send)
        .filter_map(|row| row.answers.clone())
        .filter(|id| !just_seen.contains(id))
        .collect();
    // An answer to any of the messages that a mail speaks of holds the whole mail back.
    let others = others(desk, rows).await?;
    wanted.extend(others.values().flatten().cloned());
    let mut found = waiting_answers(desk, &wanted).await?;
    let Some(drafts) = folders.drafts.as_ref().filter(|_| !wanted.is_empty()) else { return Ok(found) };
    if server.status(drafts).await?.exists == 0 {
        return Ok(found);
    }
    let ids: Vec<(String, String)> = desk
        .store
        .glance(move |tx| {
            let mut ids = Vec::new();
            for id in wanted {
                if let Some(message_id) = tx.exchange(&id)?.and_then(|it| it.entry.message_id) {
                    ids.push((id, message_id));
                }
            }
            Ok(ids)
        })
        .await?;
    for (id, message_id) in ids {
        if server.find(drafts, "In-Reply-To", &message_id).await?.is_some() {
            found.insert(id);
        }
    }
    for row in rows {
        let typed = others.get(&row.id).is_some_and(|others| others.iter().any(|id| found.contains(id)));
        if let (true, Some(answers)) = (typed, &row.answers) {
            found.insert(answers.clone());
        }
    }
    Ok(found)
}

/// Those whose answer waits in the outbox: the owner wrote it and handed it over.
async fn waiting_answers(desk: &Desk, wanted: &[String]) -> Result<BTreeSet<String>, TurnError> {
    if wanted.is_empty() {
        return Ok(BTreeSet::new());
    }
    let wanted = wanted.to_vec();
    let found = desk.store.glance(move |tx| {
        let mut found = BTreeSet::new();
        for id in wanted {
            if tx.answer_waits(&id)? {
                found.insert(id);
            }
        }
        Ok(found)
    });
    Ok(found.await?)
}

async fn look_in<M: Mailbox>(
    folder: &Folder,
    uids: Vec<(u32, String)>,
    server: &mut M,
    looks: &mut BTreeMap<String, Look>,
) -> Result<(), TurnError> {
    if uids.len() <= SINGLE_LOOKS {
        for (uid, id) in uids {
            let found = server.flags(folder, uid).await?;
            note(looks, id, found);
        }
        return Ok(());
    }
    let from = uids.first().map_or(1, |(uid, _)| *uid);
    let listed: BTreeMap<u32, Flags> =
        server.list(folder, from).await?.into_iter().map(|one| (one.uid, one.flags)).collect();
    for (uid, id) in uids {
        note(looks, id, listed.get(&uid).copied());
    }
    Ok(())
}

/// A message that lies in several places (delivered twice, moved away and back) is gone when it is gone from all of
/// them, and answered when any of them says so.
fn note(looks: &mut BTreeMap<String, Look>, id: String, found: Look) {
    let known = looks.entry(id).or_insert(found);
    if known.is_none() || found.is_some_and(|flags| flags.answered) {
        *known = found.or(*known);
    }
}
