//! Importing from a mailbox as the daemon reaches it: IMAP or a Maildir.
use super::pipe::Pipe;
use super::reading::{Letter, Place};
use super::{ImportError, Show, Tally, Wish, scope};
use crate::config::MailboxSettings;
use crate::daemon::dial::{self, Dialler};
use crate::mailbox::{Connection, Folder, Listed, Raw, batches, parse};
use crate::model::account::FolderNames;
use crate::model::{FolderRole, Instant};
use crate::store::ImportCursor;
use crate::system::net::BoxedWire;

/// Takes folders of a mailbox into the history: those that are named, else its inboxes and Sent.
///
/// # Errors
/// See [`ImportError`]; the next run goes on where this one stopped.
pub async fn from_mailbox(
    wish: Wish<'_>,
    mailbox: &MailboxSettings,
    folders: &[String],
    show: Show<'_>,
) -> Result<Tally, ImportError> {
    let dialler = Dialler::default();
    let index = dial::index_dir(Some(wish.state), &mailbox.name);
    let mut server = dialler.mailbox(&mailbox.incoming, &index).await?;
    let mut tally = Tally::default();
    for (folder, role) in wanted(&mut server, mailbox, folders).await? {
        let before = tally;
        let mut show = |progress: &super::Progress| {
            let mut progress = *progress;
            progress.tally.add(&before);
            show(&progress);
        };
        tally.add(&one(wish, mailbox, &folder, role, &mut server, &mut show).await?);
    }
    server.logout().await;
    Ok(tally)
}

/// The folders, and for those that are watched what they are for.
async fn wanted(
    server: &mut Connection<BoxedWire>,
    mailbox: &MailboxSettings,
    named: &[String],
) -> Result<Vec<(Folder, Option<FolderRole>)>, ImportError> {
    let watched = server.folders(&mailbox.folders).await?;
    let watched: Vec<Folder> = watched.inboxes.into_iter().chain(watched.sent).collect();
    if named.is_empty() {
        return Ok(watched.into_iter().map(|folder| (folder.clone(), Some(folder.role))).collect());
    }
    let names = FolderNames { inboxes: named.to_vec(), ..FolderNames::default() };
    let found = server.folders(&names).await?.inboxes;
    let role = |folder: &Folder| watched.iter().find(|it| it.name == folder.name).map(|it| it.role);
    Ok(found.into_iter().map(|folder| (folder.clone(), role(&folder))).collect())
}

async fn one(
    wish: Wish<'_>,
    mailbox: &MailboxSettings,
    folder: &Folder,
    role: Option<FolderRole>,
    server: &mut Connection<BoxedWire>,
    show: Show<'_>,
) -> Result<Tally, ImportError> {
    let name = &mailbox.name;
    let status = server.status(folder).await?;
    let wish = Wish { mailbox: Some(name), ..wish };
    let source = format!("{name}/{}", folder.name);
    let part = status.uidvalidity.to_string();
    let (known, seen) =
        wish.store.read_blocking(|r| Ok((r.import_cursor(&source, &scope(&wish))?, r.cursor(name, &folder.name)?)))?;
    let from = known.filter(|cursor| cursor.part == part).map_or(1, |cursor| cursor.position);
    let from = u32::try_from(from).unwrap_or(u32::MAX).max(1);
    // What lies behind the daemon's cursor is the daemon's to see first.
    let limit = seen.filter(|cursor| cursor.uidvalidity == status.uidvalidity).map(|cursor| cursor.uid_next);
    let listed = server.list_uids(folder, from).await?;
    let mut pipe = Pipe::open(&wish, &source)?;
    let mut course = Course::of(listed, limit, wish.since, pipe.cutoff);
    pipe.count(&course.passed);
    let place = |uid: u32| Place { folder: folder.name.clone(), role, uidvalidity: status.uidvalidity, uid };
    let mut fetched = Ok(());
    'all: for batch in batches(&course.wanted) {
        let raws = match server.fetch(folder, &batch).await {
            Ok(raws) => raws,
            Err(error) => {
                fetched = Err(error.into());
                break;
            }
        };
        for raw in raws {
            course.done += 1;
            let uid = raw.uid;
            if raw.fault.is_some() {
                pipe.count(&Tally { read: 1, foreign: 1, ..Tally::default() });
                course.leave(uid);
                continue;
            }
            if pipe.take(letter(raw, folder, place(uid))) {
                let next = course.next_after(uid);
                if !pipe.send(
                    ImportCursor { part: part.clone(), position: next.into() },
                    course.done,
                    course.total,
                    show,
                ) {
                    break 'all;
                }
            }
        }
        let next = course.next_after(batch.last().copied().unwrap_or(from));
        if !pipe.send(ImportCursor { part: part.clone(), position: next.into() }, course.done, course.total, show) {
            break;
        }
    }
    let tally = pipe.finish(show)?;
    fetched.map(|()| tally)
}

fn letter(raw: Raw, folder: &Folder, place: Place) -> Letter {
    let role = if folder.role == FolderRole::Sent { FolderRole::Sent } else { FolderRole::Inbox };
    Letter { context: parse::Context::of(&raw, role), bytes: raw.bytes, filed: None, place: Some(place) }
}

/// What of a folder is fetched, and how far the cursor may go.
struct Course {
    wanted: Vec<Listed>,
    /// What is counted without being fetched.
    passed: Tally,
    /// The first message that is left behind: a later import must find it.
    left: Option<u32>,
    done: u64,
    total: u64,
}

impl Course {
    fn of(listed: Vec<Listed>, limit: Option<u32>, since: Option<Instant>, cutoff: Instant) -> Self {
        let all = listed.len() as u64;
        let mine = |one: &Listed| limit.is_none_or(|limit| one.uid < limit) && !one.flags.draft;
        let left = listed.iter().find(|one| mine(one) && one.arrived >= cutoff).map(|one| one.uid);
        let old = |one: &Listed| since.is_some_and(|since| one.arrived < since);
        let mut wanted = listed;
        wanted.retain(|one| mine(one));
        let total = wanted.len() as u64;
        wanted.retain(|one| !old(one));
        let older = total - wanted.len() as u64;
        let passed = Tally { recent: all - total, older, read: older, ..Tally::default() };
        Self { wanted, passed, left, done: older, total }
    }

    fn leave(&mut self, uid: u32) {
        self.left = self.left.map_or(Some(uid), |left| Some(left.min(uid)));
    }

    fn next_after(&self, uid: u32) -> u32 {
        let next = uid.saturating_add(1);
        self.left.map_or(next, |left| left.min(next))
    }
}
