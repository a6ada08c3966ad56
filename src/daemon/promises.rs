//! Keeping open promises in view: the `\Answered` flag keeps them, filing or the client's word may release them, time lets
//! them lapse.
use super::desk::Desk;
use super::error::TurnError;
use super::ports::Mailbox;
use crate::decide::{self, Decision, Filed};
use crate::mailbox::{Flags, Folders};
use crate::model::{Code, Instant, NoticeCode, Promise, PromiseState, Verdict};
use crate::store::{MailState, NewNotice, Place, Reader, StoreError, Tx};
use chrono::TimeDelta;
use std::collections::{BTreeMap, BTreeSet};

/// So many messages that leave at once, and more than half of those looked at, are a move of the whole folder, not the
/// owner's word about each.
const MANY: usize = 5;
/// A message is gone when it was missing in two looks at least so far apart: one that moves from folder to folder between
/// two commands of ours is missing in one.
const TWICE: TimeDelta = TimeDelta::seconds(50);

/// A promise's message and where it lies.
struct Watched {
    exchange: String,
    promises: Vec<Promise>,
    places: Vec<Place>,
}

/// Looks whether the messages behind open promises are answered by now, or gone.
///
/// # Errors
/// The mailbox or the store failed.
pub async fn look<M: Mailbox>(desk: &Desk, mailbox: &str, folders: &Folders, server: &mut M) -> Result<(), TurnError> {
    let (name, inboxes): (String, Vec<String>) =
        (mailbox.to_owned(), folders.inboxes.iter().map(|inbox| inbox.name.clone()).collect());
    let watched = desk.store.read(move |tx| watched(tx, &name, &inboxes)).await?;
    let mut answered: BTreeSet<&str> = BTreeSet::new();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for inbox in &folders.inboxes {
        let here: Vec<(u32, &str)> = watched
            .iter()
            .flat_map(|one| {
                let here = one.places.iter().filter(|place| place.folder == inbox.name);
                here.map(|place| (place.uid, one.exchange.as_str()))
            })
            .collect();
        let Some(from) = here.iter().map(|(uid, _)| *uid).min() else { continue };
        // One list of flags instead of a command for each: cheap even for hundreds of messages.
        let listed: BTreeMap<u32, Flags> =
            server.list(inbox, from).await?.into_iter().map(|one| (one.uid, one.flags)).collect();
        for (uid, id) in here {
            let Some(flags) = listed.get(&uid).filter(|flags| !flags.deleted) else { continue };
            seen.insert(id);
            if flags.answered {
                answered.insert(id);
            }
        }
    }
    for id in answered {
        let (id, now) = (id.to_owned(), desk.clock.now());
        let kept = desk.store.write(move |tx| tx.answered_flag(&id, now)).await?;
        tracing::info!(mailbox, kept = kept.len(), "answered, as the mailbox shows");
    }
    let gone: Vec<&Watched> =
        watched.iter().filter(|one| !one.places.is_empty() && !seen.contains(one.exchange.as_str())).collect();
    let looked = watched.iter().filter(|one| !one.places.is_empty()).count();
    if gone.len() >= MANY && gone.len() * 2 > looked {
        tracing::warn!(mailbox, messages = gone.len(), "many messages left at once: no promise is released for that");
        return Ok(());
    }
    filed(desk, mailbox, &gone).await
}

/// The messages of a mailbox that open promises were made for, with their places in the followed folders as these are
/// numbered now.
fn watched(tx: &Reader<'_>, mailbox: &str, inboxes: &[String]) -> Result<Vec<Watched>, StoreError> {
    let mut all: Vec<Watched> = Vec::new();
    for promise in tx.promises(true)?.into_iter().filter(|promise| promise.mailbox == mailbox) {
        let Some(exchange) = tx.promise_exchange(&promise.id)? else { continue };
        if let Some(known) = all.iter_mut().find(|one| one.exchange == exchange) {
            known.promises.push(promise);
            continue;
        }
        let mut places = Vec::new();
        for place in tx.places(&exchange)? {
            let followed = place.mailbox == mailbox && inboxes.contains(&place.folder);
            let cursor = if followed { tx.cursor(mailbox, &place.folder)? } else { None };
            if cursor.is_some_and(|cursor| cursor.uidvalidity == place.uidvalidity) {
                places.push(place);
            }
        }
        all.push(Watched { exchange, promises: vec![promise], places });
    }
    Ok(all)
}

/// What becomes of promises whose messages are in none of the followed folders any more. One whose mail still waits is for
/// the last look before sending; one that nobody was told binds nobody; any other as the configuration says.
async fn filed(desk: &Desk, mailbox: &str, gone: &[&Watched]) -> Result<(), TurnError> {
    let release = desk.policy().promises.filed == Filed::Release;
    let now = desk.clock.now();
    let key = format!("promises.gone.{mailbox}");
    let ids: Vec<String> = gone.iter().map(|one| one.exchange.clone()).collect();
    let read_key = key.clone();
    let before = desk.store.read(move |tx| tx.meta(&read_key)).await?.unwrap_or_default();
    let missing_since = |exchange: &str| {
        let line = before.lines().find_map(|line| line.strip_prefix(exchange)?.trim().parse::<i64>().ok());
        line.and_then(Instant::from_timestamp_millis)
    };
    let since: BTreeMap<String, Instant> = ids
        .into_iter()
        .map(|id| {
            let at = missing_since(&id).unwrap_or(now);
            (id, at)
        })
        .collect();
    let text: String = since.iter().map(|(id, at)| format!("{id} {}\n", at.timestamp_millis())).collect();
    let sure = |one: &&&Watched| since.get(&one.exchange).is_some_and(|at| now - *at >= TWICE);
    let free = |promise: &&Promise| release || !promise.announced;
    let due: Vec<(String, Promise)> = gone
        .iter()
        .filter(sure)
        .flat_map(|one| one.promises.iter().filter(free).map(|promise| (one.exchange.clone(), promise.clone())))
        .collect();
    if text == before && due.is_empty() {
        return Ok(());
    }
    let released = desk
        .store
        .write(move |tx| {
            tx.set_meta(&key, &text)?;
            let mut released = 0;
            for (exchange, promise) in due {
                if !tx.waits_to_be_told(&promise.id)? {
                    released += usize::from(let_go(tx, &promise, &exchange, "filed", None, now)?);
                }
            }
            Ok(released)
        })
        .await?;
    if released > 0 {
        tracing::info!(mailbox, released, "promises released: their messages were deleted or filed");
    }
    Ok(())
}

/// Whether a client takes back what was asked, and it is surely the client.
#[must_use]
pub fn takes_back(decision: &Decision) -> bool {
    let found = |code| decision.reasons.iter().any(|reason| reason.code == code);
    let sure = found(Code::KnownClient) && (found(Code::Authenticated) || found(Code::EnvelopeAgrees));
    found(Code::Withdrawn) && decision.verdict == Verdict::Wait && sure
}

/// The client took it back: the promises of the conversation are released, what waits for them is dropped.
///
/// # Errors
/// If the rows cannot be written.
pub fn withdraw(
    tx: &Tx<'_>,
    mailbox: &str,
    by: &str,
    conversation: &str,
    decision: &Decision,
    now: Instant,
) -> Result<(), StoreError> {
    for promise in tx.promises(true)? {
        let theirs = promise.conversation == conversation && decision.client.as_ref() == Some(&promise.client);
        if theirs && let Some(exchange) = tx.promise_exchange(&promise.id)? {
            let_go(tx, &promise, &exchange, "withdrawn", Some(by), now)?;
            tracing::info!(mailbox, promise = promise.id, "the client withdrew it");
        }
    }
    Ok(())
}

/// Releases one promise and drops the mails that wait for it; whether it was open.
fn let_go(
    tx: &Tx<'_>,
    promise: &Promise,
    exchange: &str,
    why: &str,
    by: Option<&str>,
    now: Instant,
) -> Result<bool, StoreError> {
    if !tx.close_promise_for(&promise.id, PromiseState::Released, why, by, now)? {
        return Ok(false);
    }
    for row in tx.outbox_of(exchange)? {
        if row.automatic && row.state == MailState::Queued {
            tx.dropped(&row.id, why, now)?;
        }
    }
    tx.notice(&NewNotice {
        code: NoticeCode::PromiseReleased,
        mailbox: Some(&promise.mailbox),
        client: Some(&promise.client),
        exchange: Some(exchange),
        values: &[("why", why)],
        once: Some(&format!("released:{}", promise.id)),
        now,
    })?;
    Ok(true)
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
    for promise in lapsed.iter().filter(|promise| promise.announced) {
        tracing::warn!(mailbox, client = promise.client, promise = promise.id, "a promise lapsed unanswered");
    }
    desk.store
        .write(move |tx| {
            for promise in &lapsed {
                let now_lapsed = tx.close_promise(&promise.id, PromiseState::Lapsed, "time", now)?;
                if now_lapsed && promise.announced {
                    note_lapse(tx, promise, now)?;
                }
            }
            Ok(())
        })
        .await?;
    Ok(())
}

/// The owner hears of it with the next digest.
fn note_lapse(tx: &Tx<'_>, promise: &Promise, now: Instant) -> Result<(), StoreError> {
    let exchange = tx.promise_exchange(&promise.id)?;
    tx.notice(&NewNotice {
        code: NoticeCode::PromiseLapsed,
        mailbox: Some(&promise.mailbox),
        client: Some(&promise.client),
        exchange: exchange.as_deref(),
        values: &[],
        once: Some(&format!("lapsed:{}", promise.id)),
        now,
    })?;
    Ok(())
}
