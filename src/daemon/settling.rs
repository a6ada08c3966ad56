//! What becomes of drafts that were handed over (handed.rs): sent like every other mail, and taken out of their folder once
//! that is recorded. Until it leaves, moving the draft away takes the mail back.
use super::claims::{self, Contest, Standing};
use super::commands::drafts;
use super::desk::Desk;
use super::error::TurnError;
use super::gate::Step;
use super::handed::{self, place};
use super::mark;
use super::ports::Mailbox;
use super::sending::LEASE;
use crate::calendar::{is_decent, next_morning};
use crate::decide::Why;
use crate::decide::claims::{SOON, STALE};
use crate::decide::wish_names::ROOT;
use crate::decide::wishes::{Refusal, Wish};
use crate::mailbox::{Branch, Folder, Folders};
use crate::model::{Instant, NoticeCode};
use crate::store::{Handed, MailState, NewNotice, OutboxRow, Reader, StoreError, Tx};
use crate::system::failpoint;
use chrono::TimeDelta;

/// While everything rests, such a mail waits for so long before it looks again.
const PAUSE_LOOK: TimeDelta = TimeDelta::minutes(1);
/// Where the server takes no claim (a full mailbox), so long.
const REFUSED_LOOK: TimeDelta = TimeDelta::minutes(10);
/// That nobody else sends a mail is looked at within this time before it leaves.
const FRESH: TimeDelta = TimeDelta::minutes(2);
/// The draft is gone and somebody else claims it: look again so soon.
const GONE_LOOK: TimeDelta = TimeDelta::seconds(20);
const AT_ONCE: TimeDelta = TimeDelta::seconds(1);

/// Brings drafts and their mails together: sent ones leave their folder, those that could not be sent go back to Drafts, and
/// a mail whose draft was moved away is taken back, unless another installation sent it.
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
        let lies = whereabouts(desk, &handed, tree, server).await?;
        let contest = contest(desk, mailbox, tree, &handed);
        match handed.state {
            MailState::Sending | MailState::DotSent => {}
            MailState::Queued => match (lies, contest) {
                (None, contest) => gone(desk, mailbox, folders, &handed, contest, server).await?,
                // Refused for now, or everything rests: meanwhile somebody else may be luckier.
                (Some(_), Some(contest)) if handed.next_attempt > desk.clock.now() + SOON * 2 => {
                    if contest.entered().await? {
                        contest.leave(false, server).await?;
                    }
                }
                (Some(_), _) => {}
            },
            state => {
                // A power cut must not undo what became of a mail whose draft is gone.
                mark::keep(desk, false).await?;
                failpoint::reach("H3");
                let sent = state == MailState::Sent;
                if let Some((folder, uid)) = lies {
                    let home = drafts(folders).filter(|_| !sent);
                    match (home, &contest) {
                        (None, _) => server.remove(folder, uid).await?,
                        // Two that move the same message make two of it.
                        (Some(_), Some(contest)) if matches!(contest.enter(server).await?, Standing::Wait(_)) => {
                            continue;
                        }
                        (Some(home), _) => server.move_to(folder, uid, home).await?,
                    }
                }
                failpoint::reach("H4");
                // Whoever misses the draft looks for the mail in Sent: as long as the claim stands, it may yet come there.
                if sent && handed.copy_wanted {
                    continue;
                }
                if let Some(contest) = contest {
                    contest.leave(true, server).await?;
                }
                settled(desk, mailbox, handed, sent).await?;
            }
        }
    }
    Ok(())
}

/// After mails were sent, or copies made: the drafts leave their folder at once.
///
/// # Errors
/// The mailbox or the store failed.
pub async fn clear<M: Mailbox>(desk: &Desk, mailbox: &str, folders: &Folders, server: &mut M) -> Result<(), TurnError> {
    let name = mailbox.to_owned();
    let open = desk.store.read(move |tx| tx.handed_open(&name)).await?;
    if open.iter().any(|handed| handed.state == MailState::Sent) {
        let tree = server.below(ROOT).await?;
        settle(desk, mailbox, folders, &tree, server).await?;
    }
    Ok(())
}

fn contest<'a>(desk: &'a Desk, mailbox: &'a str, tree: &'a [Branch], handed: &'a Handed) -> Option<Contest<'a>> {
    claims::arena(tree).map(|arena| Contest { desk, mailbox, arena, draft: &handed.key, place: &handed.place })
}

/// The draft's folder and UID now; `None` if it is gone.
async fn whereabouts<'a, M: Mailbox>(
    desk: &Desk,
    handed: &Handed,
    tree: &'a [Branch],
    server: &mut M,
) -> Result<Option<(&'a Folder, u32)>, TurnError> {
    let branch = tree.iter().find(|branch| branch.folder.name == handed.place.folder);
    let Some(branch) = branch.filter(|branch| branch.status.exists > 0) else { return Ok(None) };
    if branch.status.uidvalidity == handed.place.uidvalidity {
        return Ok(lies(&branch.folder, handed.place.uid, server).await?.then_some((&branch.folder, handed.place.uid)));
    }
    let Some(id) = &handed.draft_id else { return Ok(None) };
    let found = server.find(&branch.folder, "Message-ID", id).await?;
    if let Some(uid) = found {
        let (id, place) = (handed.id.clone(), place(branch, uid));
        desk.store.write(move |tx| tx.handed_moved(&id, &place)).await?;
    }
    Ok(found.map(|uid| (&branch.folder, uid)))
}

pub(super) async fn lies<M: Mailbox>(folder: &Folder, uid: u32, server: &mut M) -> Result<bool, TurnError> {
    Ok(server.flags(folder, uid).await?.is_some_and(|flags| !flags.deleted))
}

/// The draft is not where it was handed over: another installation sent it, or the owner took it back.
async fn gone<M: Mailbox>(
    desk: &Desk,
    mailbox: &str,
    folders: &Folders,
    handed: &Handed,
    contest: Option<Contest<'_>>,
    server: &mut M,
) -> Result<(), TurnError> {
    if !found(desk, mailbox, folders, handed, server).await? {
        let (id, now) = (handed.id.clone(), desk.clock.now());
        if let Some(contest) = &contest
            && contest.others(server).await?
        {
            // Somebody is at it, or has just sent it and not filed the copy yet.
            desk.store.write(move |tx| tx.postpone(&id, now + GONE_LOOK)).await?;
            return Ok(());
        }
        if desk.store.write(move |tx| tx.call_back(&id, "withdrawn", now)).await? {
            tracing::info!(mailbox, mail = handed.id, "the draft was moved away: its mail is taken back");
        }
    }
    match contest {
        Some(contest) => contest.leave(true, server).await,
        None => Ok(()),
    }
}

/// Whether it lies in Sent already; then it is sent.
async fn found<M: Mailbox>(
    desk: &Desk,
    mailbox: &str,
    folders: &Folders,
    handed: &Handed,
    server: &mut M,
) -> Result<bool, TurnError> {
    let (id, now) = (handed.id.clone(), desk.clock.now());
    let row = desk.store.read(move |tx| tx.outbox_row(&id)).await?;
    let (Some(sent), Some(row)) = (&folders.sent, row) else { return Ok(false) };
    // Another installation may have given it another id than we have.
    let mut ids = handed::ids(desk, mailbox, handed.draft_id.as_deref(), &handed.key, 1);
    ids.retain(|id| *id != row.message_id);
    let ids = std::iter::once(row.message_id.as_str()).chain(ids.iter().map(String::as_str));
    let fields = ids.map(|id| ("Message-ID", id)).chain([("X-Fuseau-Id", row.fuseau_id.as_str())]);
    for (field, value) in fields {
        if server.find(sent, field, value).await?.is_some() {
            tracing::info!(mailbox, mail = handed.id, "a draft that was handed over lies in Sent already");
            let id = handed.id.clone();
            desk.store.write(move |tx| tx.handed_found(&id, now)).await?;
            return Ok(true);
        }
    }
    Ok(false)
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

/// Just before sending: of the mails that are due, those stay due that only this installation sends now. Those whose drafts
/// are gone from their folders are taken back, those that lie in Sent are sent, the others wait.
///
/// # Errors
/// The mailbox or the store failed.
pub async fn look<M: Mailbox>(desk: &Desk, mailbox: &str, folders: &Folders, server: &mut M) -> Result<(), TurnError> {
    let (name, here, now) = (mailbox.to_owned(), desk.clone(), desk.clock.now());
    let due = desk
        .store
        .glance(move |tx| {
            let mut due = Vec::new();
            for handed in tx.handed_open(&name)?.into_iter().filter(|one| one.state == MailState::Queued) {
                let row = tx.outbox_row(&handed.id)?.filter(|row| row.next_attempt <= now);
                if let Some(row) = row
                    && hindrance(tx, &here, &row, &handed.wish, now)?.is_none()
                {
                    due.push((handed, row));
                }
            }
            Ok(due)
        })
        .await?;
    if due.is_empty() {
        return Ok(());
    }
    let tree = server.below(ROOT).await?;
    for (handed, row) in due {
        let contest = contest(desk, mailbox, &tree, &handed);
        let lies = whereabouts(desk, &handed, &tree, server).await?;
        let (folder, uid, contest) = match (lies, contest) {
            (Some((folder, uid)), Some(contest)) => (folder, uid, contest),
            (_, contest) => {
                gone(desk, mailbox, folders, &handed, contest, server).await?;
                continue;
            }
        };
        if found(desk, mailbox, folders, &handed, server).await? {
            continue;
        }
        let standing = contest.enter(server).await?;
        failpoint::reach("H7");
        if standing == Standing::Ours {
            // Somebody else may have sent it just before: who has, files the copy, removes the draft and then the claim.
            if !self::lies(folder, uid, server).await? {
                gone(desk, mailbox, folders, &handed, Some(contest), server).await?;
            } else if found(desk, mailbox, folders, &handed, server).await? {
                contest.leave(false, server).await?;
            }
            continue;
        }
        wait(desk, mailbox, row, standing).await?;
    }
    Ok(())
}

/// A mail that we may not send now.
async fn wait(desk: &Desk, mailbox: &str, row: OutboxRow, standing: Standing) -> Result<(), StoreError> {
    let now = desk.clock.now();
    let in_vain = match standing {
        Standing::Ours => return Ok(()),
        Standing::Wait(time) => Err(time),
        Standing::Stale(since) => Ok(format!(
            "another installation of fuseau began to send it at {} and never said what became of it",
            since.format("%Y-%m-%d %H:%M UTC")
        )),
        Standing::Refused(text) if now - row.not_before.max(row.created_at) > STALE => Ok(text),
        Standing::Refused(text) => {
            tracing::warn!(mailbox, mail = row.id, error = text, "a draft waits: no message can be put beside it");
            Err(REFUSED_LOOK)
        }
    };
    desk.store
        .write(move |tx| match in_vain {
            Ok(why) => tx.handed_in_vain(&row.id, &why, now),
            Err(time) => tx.postpone(&row.id, now + time),
        })
        .await?;
    Ok(())
}

/// What keeps a mail of the owner's from leaving.
enum Hindrance {
    /// Everything rests.
    Rests,
    /// Its mailbox observes.
    Observes,
    /// Its morning was missed; the next one.
    Later(Instant),
}

fn hindrance(
    tx: &Reader<'_>,
    desk: &Desk,
    row: &OutboxRow,
    wish: &str,
    now: Instant,
) -> Result<Option<Hindrance>, StoreError> {
    if desk.paused() || tx.paused_all(now)?.is_some() {
        return Ok(Some(Hindrance::Rests));
    }
    if super::handed::observes(tx, desk, &row.mailbox)? {
        return Ok(Some(Hindrance::Observes));
    }
    let client = row.client.as_ref().and_then(|id| desk.policy().client(id));
    let missed = wish == Wish::TheirMorning.as_str() && row.attempts == 0;
    let late = client.filter(|client| missed && !is_decent(client, now));
    Ok(late.and_then(|client| next_morning(client, now)).map(Hindrance::Later))
}

/// The gate for a mail that the owner handed over: no limits, but the switches that stop everything, a morning that was
/// missed is waited for again, and no other installation may be at it.
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
    match hindrance(tx, desk, row, wish, now)? {
        Some(Hindrance::Rests) => {
            tx.postpone(&row.id, now + PAUSE_LOOK)?;
            return Ok(Step::Spared("everything rests"));
        }
        Some(Hindrance::Observes) => {
            // The mailbox was lowered while it waited: the draft goes back to where it came from.
            tx.dropped(&row.id, Why::Mode.text(), now)?;
            return Ok(Step::Spared(Why::Mode.as_str()));
        }
        Some(Hindrance::Later(morning)) => {
            tx.postpone(&row.id, morning)?;
            return Ok(Step::Spared("later"));
        }
        None => {}
    }
    if !tx.claim_stands(&row.id, now - FRESH)? {
        // It came due after the look, or the look is too long ago.
        tx.postpone(&row.id, now + AT_ONCE)?;
        return Ok(Step::Spared("to be looked at"));
    }
    match tx.claim(&row.id, now, LEASE)? {
        true => Ok(Step::Send),
        false => Ok(Step::Spared("claimed elsewhere")),
    }
}
