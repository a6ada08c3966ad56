//! Importing from a mailbox as the daemon reaches it: IMAP or a Maildir.
use super::{ImportError, Progress, Show, Taker, Tally, Wish};
use crate::config::MailboxSettings;
use crate::daemon::dial::{self, Dialler};
use crate::mailbox::{Connection, Folder, batches, parse};
use crate::model::account::FolderNames;
use crate::model::{FolderRole, Instant};
use crate::store::ImportCursor;
use crate::system::net::BoxedWire;
use std::path::Path;

/// Takes folders of a mailbox into the history: those that are named, else its inboxes and Sent.
///
/// # Errors
/// See [`ImportError`]; the next run goes on where this one stopped.
pub async fn from_mailbox(
    wish: Wish<'_>,
    mailbox: &MailboxSettings,
    folders: &[String],
    state: &Path,
    show: Show<'_>,
) -> Result<Tally, ImportError> {
    let dialler = Dialler::default();
    let index = dial::index_dir(Some(state), &mailbox.name);
    let mut server = dialler.mailbox(&mailbox.incoming, &index).await?;
    let mut tally = Tally::default();
    for folder in wanted(&mut server, mailbox, folders).await? {
        tally = one(wish, mailbox, &folder, &mut server, tally, show).await?;
    }
    server.logout().await;
    Ok(tally)
}

async fn wanted(
    server: &mut Connection<BoxedWire>,
    mailbox: &MailboxSettings,
    named: &[String],
) -> Result<Vec<Folder>, ImportError> {
    if named.is_empty() {
        let found = server.folders(&mailbox.folders).await?;
        return Ok(found.inboxes.into_iter().chain(found.sent).collect());
    }
    let names = FolderNames { inboxes: named.to_vec(), ..FolderNames::default() };
    Ok(server.folders(&names).await?.inboxes)
}

async fn one(
    wish: Wish<'_>,
    mailbox: &MailboxSettings,
    folder: &Folder,
    server: &mut Connection<BoxedWire>,
    before: Tally,
    show: Show<'_>,
) -> Result<Tally, ImportError> {
    let name = &mailbox.name;
    let status = server.status(folder).await?;
    let wish = Wish { mailbox: Some(name), ..wish };
    let mut taker = Taker::new(wish, format!("{name}/{}", folder.name))?;
    taker.tally = before;
    let part = status.uidvalidity.to_string();
    let from = taker.cursor()?.filter(|cursor| cursor.part == part).map_or(1, |cursor| cursor.position);
    let from = u32::try_from(from).unwrap_or(u32::MAX).max(1);
    let mut listed = server.list_uids(folder, from).await?;
    // What lies behind the daemon's cursor is the daemon's to see first.
    let seen = wish.store.read_blocking(|r| r.cursor(name, &folder.name))?;
    let limit = seen.filter(|cursor| cursor.uidvalidity == status.uidvalidity).map(|cursor| cursor.uid_next);
    let all = listed.len();
    listed.retain(|one| limit.is_none_or(|limit| one.uid < limit) && !one.flags.draft);
    taker.tally.recent += (all - listed.len()) as u64;
    let recent = |arrived: Instant, taker: &Taker<'_>| arrived >= taker.cutoff;
    // The cursor stops before the first message that is left to the daemon, so that a later import finds it.
    let mut left = listed.iter().find(|one| recent(one.arrived, &taker)).map(|one| one.uid);
    let total = listed.len() as u64;
    let old = |arrived: Instant| wish.since.is_some_and(|since| arrived < since);
    let passed = listed.iter().filter(|one| old(one.arrived)).count() as u64;
    taker.tally.older += passed;
    taker.tally.read += passed;
    listed.retain(|one| !old(one.arrived));
    let mut done = passed;
    for batch in batches(&listed) {
        for raw in server.fetch(folder, &batch).await? {
            done += 1;
            let context = parse::Context {
                arrived: raw.arrived,
                folder: if folder.role == FolderRole::Sent { FolderRole::Sent } else { FolderRole::Inbox },
                answered_flag: raw.flags.answered,
                size: raw.size,
            };
            if raw.fault.is_some() {
                taker.tally.read += 1;
                taker.tally.foreign += 1;
                left = left.min(Some(raw.uid)).or(Some(raw.uid));
                continue;
            }
            let incoming = parse::parse(&raw.bytes, &context);
            let place = (folder.name.clone(), status.uidvalidity, raw.uid);
            if taker.take(incoming, raw.bytes, Some(place)) {
                let next = left.map_or(raw.uid.saturating_add(1), |left| left.min(raw.uid.saturating_add(1)));
                taker.commit(&ImportCursor { part: part.clone(), position: next.into() })?;
                show(&Progress { done, total, tally: taker.tally });
            }
        }
        let last = batch.last().copied().unwrap_or(from).saturating_add(1);
        let next = left.map_or(last, |left| left.min(last));
        taker.commit(&ImportCursor { part: part.clone(), position: next.into() })?;
        show(&Progress { done, total, tally: taker.tally });
    }
    Ok(taker.tally)
}
