//! What becomes of drafts that were handed over (handed.rs): sent like every other mail, and taken out of their folder once
//! that is recorded. Until it leaves, moving the draft away takes the mail back.
use super::commands::drafts;
use super::desk::Desk;
use super::error::TurnError;
use super::gate::Step;
use super::handed::place;
use super::mark;
use super::ports::Mailbox;
use super::sending::LEASE;
use crate::calendar::{is_decent, next_morning};
use crate::decide::Why;
use crate::decide::wish_names::ROOT;
use crate::decide::wishes::{Refusal, Wish};
use crate::mailbox::{Branch, Folders};
use crate::model::{Instant, NoticeCode};
use crate::store::{Handed, MailState, NewNotice, OutboxRow, StoreError, Tx};
use crate::system::failpoint;
use chrono::TimeDelta;

/// While everything rests, such a mail waits for so long before it looks again.
const PAUSE_LOOK: TimeDelta = TimeDelta::minutes(1);

/// Brings drafts and their mails together: sent ones leave their folder, those that could not be sent go back to Drafts, and
/// a mail whose draft was moved away is taken back.
///
/// # Errors
/// The mailbox or the store failed.
pub async fn settle<M: Mailbox>(
    desk: &Desk,
    mailbox: &str,
    folders: &Folders,
    tree: &[Branch],
    server: &mut M,
) -> Result<(), TurnError> {
    let name = mailbox.to_owned();
    for handed in desk.store.read(move |tx| tx.handed_open(&name)).await? {
        let branch = tree.iter().find(|branch| branch.folder.name == handed.place.folder);
        let uid = match branch {
            Some(branch) => whereabouts(desk, &handed, branch, server).await?,
            None => None,
        };
        match handed.state {
            MailState::Sending | MailState::DotSent => {}
            MailState::Queued => {
                if uid.is_none() {
                    call_back(desk, mailbox, &handed).await?;
                }
            }
            state => {
                // A power cut must not undo what became of a mail whose draft is gone.
                mark::keep(desk, false).await?;
                failpoint::reach("H3");
                let sent = state == MailState::Sent;
                if let (Some(branch), Some(uid)) = (branch, uid) {
                    match drafts(folders).filter(|_| !sent) {
                        Some(home) => server.move_to(&branch.folder, uid, home).await?,
                        None => server.remove(&branch.folder, uid).await?,
                    }
                }
                failpoint::reach("H4");
                settled(desk, mailbox, handed, sent).await?;
            }
        }
    }
    Ok(())
}

/// The draft's UID now; `None` if it is gone.
async fn whereabouts<M: Mailbox>(
    desk: &Desk,
    handed: &Handed,
    branch: &Branch,
    server: &mut M,
) -> Result<Option<u32>, TurnError> {
    if branch.status.exists == 0 {
        return Ok(None);
    }
    if branch.status.uidvalidity == handed.place.uidvalidity {
        let flags = server.flags(&branch.folder, handed.place.uid).await?;
        return Ok(flags.filter(|flags| !flags.deleted).map(|_| handed.place.uid));
    }
    let Some(id) = &handed.draft_id else { return Ok(None) };
    let found = server.find(&branch.folder, "Message-ID", id).await?;
    if let Some(uid) = found {
        let (id, place) = (handed.id.clone(), place(branch, uid));
        desk.store.write(move |tx| tx.handed_moved(&id, &place)).await?;
    }
    Ok(found)
}

async fn call_back(desk: &Desk, mailbox: &str, handed: &Handed) -> Result<(), StoreError> {
    let (id, now) = (handed.id.clone(), desk.clock.now());
    if desk.store.write(move |tx| tx.call_back(&id, "withdrawn", now)).await? {
        tracing::info!(mailbox, mail = handed.id, "the draft was moved away: its mail is taken back");
    }
    Ok(())
}

async fn settled(desk: &Desk, mailbox: &str, handed: Handed, sent: bool) -> Result<(), StoreError> {
    let (name, now) = (mailbox.to_owned(), desk.clock.now());
    desk.store
        .write(move |tx| {
            let said = handed.last_reply.clone().unwrap_or_default();
            let error = format!("{}: {said}", Refusal::NotSent.text());
            let mut values = vec![("wish", handed.wish.as_str()), ("subject", handed.subject.as_str())];
            if !sent {
                values.extend([("why", Refusal::NotSent.as_str()), ("error", error.as_str())]);
            }
            tx.notice(&NewNotice {
                code: if sent { NoticeCode::CommandDone } else { NoticeCode::CommandFailed },
                mailbox: Some(&name),
                client: handed.client.as_deref(),
                exchange: Some(&handed.id),
                values: &values,
                once: Some(&format!("handed:{}:{}", handed.id, handed.place.uid)),
                now,
            })?;
            tx.handed_settled(&handed.id, now)
        })
        .await
}

/// Just before sending: takes back the mails that are due and whose drafts are gone from their folders.
///
/// # Errors
/// The mailbox or the store failed.
pub async fn look<M: Mailbox>(desk: &Desk, mailbox: &str, server: &mut M) -> Result<(), TurnError> {
    let (name, now) = (mailbox.to_owned(), desk.clock.now());
    let due = desk
        .store
        .glance(move |tx| {
            let mut due = Vec::new();
            for handed in tx.handed_open(&name)?.into_iter().filter(|one| one.state == MailState::Queued) {
                if tx.outbox_row(&handed.id)?.is_some_and(|row| row.next_attempt <= now) {
                    due.push(handed);
                }
            }
            Ok(due)
        })
        .await?;
    if due.is_empty() {
        return Ok(());
    }
    let tree = server.below(ROOT).await?;
    for handed in due {
        let uid = match tree.iter().find(|branch| branch.folder.name == handed.place.folder) {
            Some(branch) => whereabouts(desk, &handed, branch, server).await?,
            None => None,
        };
        if uid.is_none() {
            call_back(desk, mailbox, &handed).await?;
        }
    }
    Ok(())
}

/// The gate for a mail that the owner handed over: no limits, but the switches that stop everything, and a morning that
/// was missed is waited for again.
///
/// # Errors
/// If the store fails.
pub(super) fn consider(
    tx: &Tx<'_>,
    desk: &Desk,
    row: &OutboxRow,
    wish: &str,
    now: Instant,
) -> Result<Step, StoreError> {
    if desk.paused() || tx.paused_all(now)?.is_some() {
        tx.postpone(&row.id, now + PAUSE_LOOK)?;
        return Ok(Step::Spared("everything rests"));
    }
    if super::handed::observes(tx, desk, &row.mailbox)? {
        // The mailbox was lowered while it waited: the draft goes back to where it came from.
        tx.dropped(&row.id, Why::Mode.text(), now)?;
        return Ok(Step::Spared(Why::Mode.as_str()));
    }
    let client = row.client.as_ref().and_then(|id| desk.policy().client(id));
    if wish == Wish::TheirMorning.as_str()
        && row.attempts == 0
        && let Some(client) = client.filter(|client| !is_decent(client, now))
        && let Some(morning) = next_morning(client, now)
    {
        tx.postpone(&row.id, morning)?;
        return Ok(Step::Spared("later"));
    }
    match tx.claim(&row.id, now, LEASE)? {
        true => Ok(Step::Send),
        false => Ok(Step::Spared("claimed elsewhere")),
    }
}
