//! Folders as commands: what the owner moved into a folder of wishes is read, carried out and put back. What a folder means
//! and what follows is decided in `decide::wishes`; drafts that are handed over: handed.rs.
//!
//! A wish is carried out and noted in one transaction, and only then the message moves: whoever dies in between finds
//! the note, and only the move is left to do.
use super::desk::Desk;
use super::error::TurnError;
use super::handed;
use super::intake::{self, Item};
use super::journal;
use super::mark;
use super::ports::Mailbox;
use super::reading::kept;
use super::settling;
use super::wished::wished;
use crate::decide;
use crate::decide::wish_names::{self, ROOT};
use crate::decide::wishes::{self, Refusal, Wish};
use crate::mailbox::{Branch, Folder, Folders, MailboxError, Raw, batches, parse};
use crate::model::{FolderRole, Incoming, Instant, Language, NoticeCode, text::clean};
use crate::store::{NewNotice, StoreError, Tx};
use crate::system::failpoint;
use std::collections::BTreeSet;

/// Messages of one folder that are dealt with in one turn; the rest follows in the next one.
const AT_ONCE: usize = 50;

/// Looks into the folders of wishes and carries out what lies there.
///
/// # Errors
/// The mailbox or the store failed; what was noted is noted, the rest comes with the next turn.
pub async fn serve<M: Mailbox>(desk: &Desk, mailbox: &str, folders: &Folders, server: &mut M) -> Result<(), TurnError> {
    if !desk.mailbox(mailbox).is_some_and(|it| it.commands) {
        return Ok(());
    }
    let tree = server.below(ROOT).await?;
    let known = format!("commands.made.{mailbox}");
    let key = known.clone();
    let made: Option<String> = desk.store.read(move |tx| tx.meta(&key)).await?;
    let first = made.is_none();
    let made: BTreeSet<String> = made.unwrap_or_default().lines().map(str::to_owned).collect();
    settling::settle(desk, mailbox, folders, &tree, server).await?;
    for branch in tree.iter().filter(|branch| branch.status.exists > 0) {
        match look_in(desk, mailbox, folders, &tree, branch, first, server).await {
            Err(TurnError::Mailbox(error)) if !error.is_lost() => {
                tracing::warn!(mailbox, folder = branch.folder.name, %error, "wishes in this folder wait");
            }
            other => other?,
        }
    }
    let mut now_made = make(desk, mailbox, &tree, &made, server).await?;
    journal::make(desk, mailbox, &tree, &mut now_made, server).await?;
    if first || now_made != made {
        let text = now_made.into_iter().collect::<Vec<_>>().join("\n");
        desk.store.write(move |tx| tx.set_meta(&known, &text)).await?;
    }
    Ok(())
}

/// Makes the folders that are missing, each once: one that the owner removed does not come back, unless all are gone.
async fn make<M: Mailbox>(
    desk: &Desk,
    mailbox: &str,
    tree: &[Branch],
    made: &BTreeSet<String>,
    server: &mut M,
) -> Result<BTreeSet<String>, TurnError> {
    let language = desk.policy().owner.languages.first().copied().unwrap_or(Language::En);
    let there: Vec<Wish> = tree.iter().filter_map(|branch| wishes::read(&branch.path).ok()).collect();
    let mut now_made = made.clone();
    for (wish, name) in wish_names::made(language) {
        let key = match wish {
            Wish::Hold(until) => format!("hold {until:?}"),
            other => other.as_str().to_owned(),
        };
        if there.contains(&wish) || (made.contains(&key) && !tree.is_empty()) {
            now_made.insert(key);
            continue;
        }
        match server.create(&[ROOT, name]).await {
            Ok(folder) => tracing::info!(mailbox, folder = folder.name, "made"),
            Err(error) if error.is_lost() => return Err(error.into()),
            Err(error) => cannot_make(desk, mailbox, name, &error).await?,
        }
        now_made.insert(key);
    }
    Ok(now_made)
}

async fn cannot_make(desk: &Desk, mailbox: &str, name: &str, error: &MailboxError) -> Result<(), StoreError> {
    let said = format!("{error}: make the folder {ROOT}/{name} in your mail program");
    tracing::warn!(mailbox, folder = name, error = said, "a folder of wishes could not be made");
    let (mailbox, name, now) = (mailbox.to_owned(), format!("{ROOT}/{name}"), desk.clock.now());
    desk.store
        .write(move |tx| {
            tx.notice(&NewNotice {
                code: NoticeCode::CommandFailed,
                mailbox: Some(&mailbox),
                client: None,
                exchange: None,
                values: &[("wish", &name), ("subject", ""), ("why", "create"), ("error", &said)],
                once: Some(&format!("commands.create:{mailbox}:{name}")),
                now,
            })
        })
        .await?;
    Ok(())
}

async fn look_in<M: Mailbox>(
    desk: &Desk,
    mailbox: &str,
    folders: &Folders,
    tree: &[Branch],
    branch: &Branch,
    first: bool,
    server: &mut M,
) -> Result<(), TurnError> {
    let from = begin(desk, mailbox, branch, first, server).await?;
    let mut listed = server.list(&branch.folder, from).await?;
    // One that is marked as deleted was dealt with, at a server that could not remove it.
    listed.retain(|one| !one.flags.deleted);
    listed.truncate(AT_ONCE);
    let wish = wishes::read(&branch.path);
    if let Ok(wish) = wish
        && wish.wants_draft()
    {
        for one in &listed {
            handed::take(desk, mailbox, folders, tree, branch, one, server).await?;
        }
        return Ok(());
    }
    for batch in batches(&listed) {
        for raw in server.fetch(&branch.folder, &batch).await? {
            message(desk, mailbox, folders, branch, wish, raw, server).await?;
        }
    }
    Ok(())
}

/// The first UID that counts; see [`Tx::wishes_from`].
async fn begin<M: Mailbox>(
    desk: &Desk,
    mailbox: &str,
    branch: &Branch,
    first: bool,
    server: &mut M,
) -> Result<u32, TurnError> {
    let validity = branch.status.uidvalidity;
    let (name, folder) = (mailbox.to_owned(), branch.folder.name.clone());
    let known = desk.store.read(move |tx| tx.cursor(&name, &folder)).await?;
    if let Some(cursor) = known.filter(|cursor| cursor.uidvalidity == validity) {
        return Ok(cursor.rescan_below);
    }
    let next = match branch.status.uid_next {
        Some(next) => next,
        None => server.list(&branch.folder, 1).await?.last().map_or(1, |last| last.uid.saturating_add(1)),
    };
    let (name, folder, now) = (mailbox.to_owned(), branch.folder.name.clone(), desk.clock.now());
    Ok(desk.store.write(move |tx| tx.wishes_from(&name, &folder, validity, next, first, now)).await?)
}

/// Where a message is put afterwards, and whether its wish was carried out.
struct Outcome {
    home: Option<String>,
    draft: bool,
    done: bool,
}

/// One message in a folder that is not for drafts.
async fn message<M: Mailbox>(
    desk: &Desk,
    mailbox: &str,
    folders: &Folders,
    branch: &Branch,
    wish: Result<Wish, Refusal>,
    raw: Raw,
    server: &mut M,
) -> Result<(), TurnError> {
    let uid = raw.uid;
    let (desk_, name, branch_, now) = (desk.clone(), mailbox.to_owned(), branch.clone(), desk.clock.now());
    let (outcome, turn) = desk
        .store
        .write(move |tx| Ok((carry_out(tx, &desk_, &name, &branch_, wish, &raw, now)?, mark::raise(tx)?)))
        .await?;
    mark::note(desk, turn);
    failpoint::reach("C1");
    let home = match &outcome {
        Outcome { done: true, .. } if folders.filed.is_some() => folders.filed.as_ref(),
        Outcome { draft: true, .. } => drafts(folders),
        Outcome { home, .. } => home_of(folders, home.as_deref()),
    };
    if let Some(home) = home {
        server.move_to(&branch.folder, uid, home).await?;
    }
    failpoint::reach("C2");
    Ok(())
}

/// Where drafts go back to.
pub(super) fn drafts(folders: &Folders) -> Option<&Folder> {
    folders.drafts.as_ref().or_else(|| folders.inboxes.first())
}

/// The folder of a name, else the first inbox.
fn home_of<'a>(folders: &'a Folders, name: Option<&str>) -> Option<&'a Folder> {
    let all = || folders.inboxes.iter().chain(&folders.sent);
    all().find(|folder| name == Some(folder.name.as_str())).or_else(|| folders.inboxes.first())
}

/// Carries out one wish and notes it, once for each place of a message.
fn carry_out(
    tx: &Tx<'_>,
    desk: &Desk,
    mailbox: &str,
    branch: &Branch,
    wish: Result<Wish, Refusal>,
    raw: &Raw,
    now: Instant,
) -> Result<Outcome, StoreError> {
    let incoming = parse::parse(&raw.bytes, &parse::Context::of(raw, FolderRole::Inbox));
    let unreadable = raw.fault.is_some() || incoming.unreadable;
    let exchange = match raw.flags.draft || unreadable {
        true => None,
        false => Some(recorded(tx, desk, mailbox, branch, raw, &incoming, now)?),
    };
    let home = match &exchange {
        Some(id) => {
            tx.places(id)?.into_iter().rev().find(|it| it.mailbox == mailbox && it.folder != branch.folder.name)
        }
        None => None,
    };
    let outcome = |done| Outcome { home: home.map(|place| place.folder), draft: raw.flags.draft, done };
    let once = place_key(mailbox, branch, raw.uid);
    if let Some(noted) = tx.noted_as(&once)? {
        // Only the move is left to do.
        return Ok(outcome(noted.code == NoticeCode::CommandDone));
    }
    let journal = decide::journal::folder(&branch.path, desk.policy());
    let done = match wish {
        _ if unreadable => Err(Refusal::Unreadable),
        _ if let Some(project) = journal => journal::from_folder(tx, desk, project, &incoming, now)?.map(|()| None),
        Ok(wish) => obey(tx, desk, mailbox, wish, raw, &incoming, exchange.as_deref(), now)?,
        Err(why) => Err(why),
    };
    let word = if journal.is_some() { Ok(journal::WORD) } else { Err(wish) };
    let word = word.map(str::to_owned).unwrap_or_else(|wish| {
        wish.map_or_else(|_| clean(&branch.path.join("/"), 100), |wish| wish.as_str().to_owned())
    });
    let author = incoming.from().map(|party| party.address.to_string()).unwrap_or_default();
    let client = incoming.from().and_then(|party| desk.policy().client_of(&party.address));
    let (code, why) = match &done {
        Ok(_) => (NoticeCode::CommandDone, None),
        Err(why) => (NoticeCode::CommandFailed, Some(*why)),
    };
    let by = done.ok().flatten().map(|by| by.to_rfc3339()).unwrap_or_default();
    let mut values = vec![("wish", word.as_str()), ("subject", incoming.subject.as_str()), ("from", author.as_str())];
    match why {
        Some(why) => values.extend([("why", why.as_str()), ("error", why.text())]),
        None if !by.is_empty() => values.push(("by", by.as_str())),
        None => {}
    }
    tx.notice(&NewNotice {
        code,
        mailbox: Some(mailbox),
        client: client.map(|client| client.id.as_str()),
        exchange: exchange.as_deref(),
        values: &values,
        once: Some(&once),
        now,
    })?;
    tracing::info!(
        mailbox,
        exchange = exchange.as_deref(),
        wish = word,
        why = why.map_or("", Refusal::as_str),
        "a wish was read"
    );
    Ok(outcome(why.is_none()))
}

fn place_key(mailbox: &str, branch: &Branch, uid: u32) -> String {
    format!("wish:{mailbox}:{}:{}:{uid}", branch.folder.name, branch.status.uidvalidity)
}

/// The message's exchange; one that was never seen is recorded as old mail, which is never answered.
fn recorded(
    tx: &Tx<'_>,
    desk: &Desk,
    mailbox: &str,
    branch: &Branch,
    raw: &Raw,
    incoming: &Incoming,
    now: Instant,
) -> Result<String, StoreError> {
    if let Some(known) = tx.recorded_as(&incoming.key)? {
        return Ok(known);
    }
    let item = Item {
        folder: branch.folder.name.clone(),
        uidvalidity: branch.status.uidvalidity,
        uid: raw.uid,
        incoming: incoming.clone(),
        raw: kept(raw, incoming, desk.settings.keep)?,
        rescan: true,
    };
    Ok(intake::take_in(tx, desk, mailbox, &item, now)?.exchange)
}

/// Does what the owner wants. `Ok(Ok(Some(by)))`: the client is told of `by`.
#[expect(clippy::too_many_arguments, reason = "one step of carry_out, split for its length")]
fn obey(
    tx: &Tx<'_>,
    desk: &Desk,
    mailbox: &str,
    wish: Wish,
    raw: &Raw,
    incoming: &Incoming,
    exchange: Option<&str>,
    now: Instant,
) -> Result<Result<Option<Instant>, Refusal>, StoreError> {
    if raw.flags.draft {
        return Ok(Err(Refusal::IsDraft));
    }
    match exchange {
        Some(exchange) => wished(tx, desk, mailbox, wish, incoming, exchange, "folder", now),
        None => Ok(Err(Refusal::Unreadable)),
    }
}
