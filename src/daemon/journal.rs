//! Notes for the journal of a project that come by mail: written in the transaction that records the message. What is
//! meant: `decide::journal`; the folders themselves: commands.rs.
use super::desk::Desk;
use super::error::TurnError;
use super::intake::Item;
use super::ports::Mailbox;
use crate::decide::journal;
use crate::decide::wish_names::ROOT;
use crate::decide::wishes::Refusal;
use crate::mailbox::Branch;
use crate::model::{Incoming, Instant, NoticeCode, Project};
use crate::store::{NewNote, NewNotice, NoteSource, StoreError, Tx};
use std::collections::BTreeSet;

/// The word of receipts.
pub const WORD: &str = "journal";

/// Notes what the owner wrote to an address of theirs with a project behind the plus, with a receipt.
///
/// # Errors
/// If the rows cannot be written.
pub fn from_mail(tx: &Tx<'_>, desk: &Desk, mailbox: &str, item: &Item, now: Instant) -> Result<(), StoreError> {
    let policy = desk.policy();
    if policy.projects.is_empty() {
        return Ok(());
    }
    let Some(identity) = desk.identity(mailbox) else { return Ok(()) };
    // Old mail was noted, or meant, before this installation.
    let Some(project) = journal::addressed(&item.incoming, identity, policy).filter(|_| !item.rescan) else {
        return Ok(());
    };
    let Some(text) = journal::note(&item.incoming) else { return Ok(()) };
    if !write(tx, desk, project, &item.incoming, &text, NoteSource::Mail, now)? {
        return Ok(());
    }
    tracing::info!(mailbox, project = project.id, "noted from a mail");
    tx.notice(&NewNotice {
        code: NoticeCode::CommandDone,
        mailbox: Some(mailbox),
        client: Some(&project.client),
        exchange: None,
        values: &[("wish", WORD), ("subject", item.incoming.subject.as_str())],
        once: Some(&format!("journal:{}", item.incoming.key)),
        now,
    })?;
    Ok(())
}

/// Notes a message that was moved into the folder of a project.
///
/// # Errors
/// Outer: the store. Inner: why it cannot be a note.
pub fn from_folder(
    tx: &Tx<'_>,
    desk: &Desk,
    project: Result<&Project, Refusal>,
    message: &Incoming,
    now: Instant,
) -> Result<Result<(), Refusal>, StoreError> {
    let project = match project {
        Ok(project) => project,
        Err(why) => return Ok(Err(why)),
    };
    let Some(text) = journal::note(message) else { return Ok(Err(Refusal::NothingToNote)) };
    write(tx, desk, project, message, &text, NoteSource::Folder, now)?;
    Ok(Ok(()))
}

/// `false` if this mail made a note of this project before.
fn write(
    tx: &Tx<'_>,
    desk: &Desk,
    project: &Project,
    message: &Incoming,
    text: &str,
    source: NoteSource,
    now: Instant,
) -> Result<bool, StoreError> {
    tx.note(&NewNote {
        id: &desk.ids.next(now),
        project: &project.id,
        client: &project.client,
        at: message.arrived.min(now),
        text,
        source,
        once: Some(&format!("{}:{}", project.id, message.key)),
    })
}

/// Makes the folder of each live project that has none, once; the keys of those that are made are added to `made`.
///
/// # Errors
/// The connection was lost.
pub async fn make<M: Mailbox>(
    desk: &Desk,
    mailbox: &str,
    tree: &[Branch],
    made: &mut BTreeSet<String>,
    server: &mut M,
) -> Result<(), TurnError> {
    for project in desk.policy().projects.iter().filter(|project| project.ended.is_none()) {
        let key = format!("{WORD} {}", project.id);
        let ours = project.mailbox.as_deref().is_none_or(|own| own == mailbox);
        let there = tree.iter().any(|branch| {
            journal::folder(&branch.path, desk.policy()).is_some_and(|it| it.is_ok_and(|it| it.id == project.id))
        });
        if !ours || made.contains(&key) {
            continue;
        }
        if !there {
            match server.create(&[ROOT, journal::FOLDER, &project.id]).await {
                Ok(folder) => tracing::info!(mailbox, folder = folder.name, "made"),
                Err(error) if error.is_lost() => return Err(error.into()),
                Err(error) => {
                    tracing::warn!(mailbox, project = project.id, %error, "its journal folder could not be made");
                }
            }
        }
        made.insert(key);
    }
    Ok(())
}
