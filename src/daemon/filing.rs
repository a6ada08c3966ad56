//! A digest on its way: the look before it leaves, and into the owner's inbox where that is ours to write to. What stands
//! in it: digest.rs. By SMTP it goes as every mail (sending.rs).
use super::desk::Desk;
use super::error::TurnError;
use super::gate::Step;
use super::ports::Mailbox;
use super::sending::LEASE;
use crate::decide::PauseScope;
use crate::mailbox::{Folder, Folders};
use crate::model::{EmailAddress, Instant};
use crate::store::{DIGEST, OutboxRow, SentCopyState, StoreError, Tx};

/// Whether a mail is a digest: it goes to the owner, and none of what protects clients applies.
pub(super) fn is_digest(row: &OutboxRow) -> bool {
    row.kind == DIGEST
}

/// Whether it is appended to the inbox of its own mailbox.
pub(super) fn goes_to_inbox(desk: &Desk, row: &OutboxRow) -> bool {
    is_digest(row)
        && EmailAddress::parse(&row.envelope_to)
            .zip(desk.identity(&row.mailbox))
            .is_some_and(|(to, identity)| identity.own(&to).is_some())
}

/// Claims it. It waits only for a clock that can be believed again.
pub(super) fn consider(tx: &Tx<'_>, row: &OutboxRow, now: Instant) -> Result<Step, StoreError> {
    let distrusted = |(scope, until, code)| (scope == PauseScope::All && code == "clock").then_some(until);
    if let Some(until) = tx.pauses(now)?.into_iter().find_map(distrusted) {
        tx.postpone(&row.id, until)?;
        return Ok(Step::Spared("later"));
    }
    Ok(if tx.claim(&row.id, now, LEASE)? { Step::Send } else { Step::Spared("claimed elsewhere") })
}

/// Puts a claimed digest into the inbox, once, unread.
pub(super) async fn file<M: Mailbox>(
    desk: &Desk,
    mailbox: &str,
    folders: &Folders,
    row: &OutboxRow,
    server: &mut M,
) -> Result<(), TurnError> {
    let now = desk.clock.now();
    let (id, claim) = (row.id.clone(), row.claim());
    let Some(inbox) = inbox(folders) else {
        desk.store.write(move |tx| tx.failed(&claim, "there is no inbox", now)).await?;
        return Ok(());
    };
    // A try before this one may have died between the server's OK and our note of it.
    let again = row.attempts > 1;
    let there = again && server.find(inbox, "Message-ID", &row.message_id).await?.is_some();
    if !there {
        let held = claim.clone();
        if !desk.store.read(move |tx| tx.holds(&held)).await? {
            return Ok(());
        }
        match server.append(inbox, &row.bytes, &[], now).await {
            Ok(()) => {}
            Err(error) if error.is_lost() => return Err(error.into()),
            Err(error) => {
                tracing::warn!(mailbox, mail = row.id, %error, "the digest could not be put into the inbox");
                let text = error.to_string();
                desk.store.write(move |tx| tx.failed(&claim, &text, now)).await?;
                return Ok(());
            }
        }
    }
    desk.store
        .write(move |tx| {
            tx.sent(&id, "put into the inbox", now)?;
            without_copy(tx, &id)
        })
        .await?;
    Ok(())
}

/// The owner has it already: no copy in Sent.
pub(super) fn without_copy(tx: &Tx<'_>, id: &str) -> Result<bool, StoreError> {
    tx.sent_copy(id, SentCopyState::Unneeded)
}

/// INBOX itself, if it is followed, else the first folder that is.
fn inbox(folders: &Folders) -> Option<&Folder> {
    folders.inboxes.iter().find(|folder| folder.name.eq_ignore_ascii_case("inbox")).or(folders.inboxes.first())
}
