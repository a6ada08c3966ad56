//! What is left in doubt: mails whose final dot went out and whose fate is unknown, and copies in Sent.
//! The rule: look it up, never resend blindly.
use super::desk::Desk;
use super::error::TurnError;
use super::ports::Mailbox;
use super::sending::LEASE;
use crate::mailbox::Folders;
use crate::model::{Instant, SentCopy};
use crate::store::{MailState, OutboxRow, SentCopyState, StoreError, Tx};
use chrono::TimeDelta;

/// How long a mail in doubt is looked for in Sent.
const LOOK_FOR: TimeDelta = TimeDelta::minutes(10);
/// After sending, how long the server gets to file a copy itself (rule 92).
pub const COPY_AFTER: TimeDelta = TimeDelta::seconds(8);
/// The last so many copies were filed by the server: then we know that it does so.
const SURE: u32 = 2;

/// Claims that nobody works on any more are free again: at start those of a process that is gone, at the start of a
/// session those of the one before it. Their final dot was not written: they are sent anew. How many.
///
/// # Errors
/// If the store fails.
pub fn release_claims(tx: &Tx<'_>, mailbox: Option<&str>, now: Instant) -> Result<usize, StoreError> {
    let mut released = 0;
    for row in tx.outbox_waiting()? {
        let ours = mailbox.is_none_or(|name| name == row.mailbox);
        if ours
            && row.state == MailState::Sending
            && tx.retry(&row.claim(), now, "the program was stopped before the final dot")?
        {
            released += 1;
        }
    }
    Ok(released)
}

/// When looking for a mail in doubt ends, by the end of its lease.
#[must_use]
pub fn doubt_ends(lease_until: Instant) -> Instant {
    lease_until - LEASE + LOOK_FOR
}

/// Looks for mails in doubt and for copies.
///
/// # Errors
/// The mailbox or the store failed.
pub async fn settle<M: Mailbox>(
    desk: &Desk,
    mailbox: &str,
    folders: &Folders,
    server: &mut M,
) -> Result<(), TurnError> {
    let name = mailbox.to_owned();
    let (doubts, copies) =
        desk.store.read(move |tx| Ok((tx.outbox_in_doubt(&name)?, tx.copies_wanted(&name)?))).await?;
    for row in doubts {
        doubt(desk, mailbox, folders, &row, server).await?;
    }
    for row in copies {
        copy(desk, mailbox, folders, &row, server).await?;
    }
    Ok(())
}

/// Whether a mail of ours lies in Sent, under its own id or under its mark.
async fn in_sent<M: Mailbox>(folders: &Folders, row: &OutboxRow, server: &mut M) -> Result<bool, TurnError> {
    let Some(sent) = &folders.sent else { return Ok(false) };
    for (header, value) in [("Message-ID", &row.message_id), ("X-Fuseau-Id", &row.fuseau_id)] {
        if server.find(sent, header, value).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn doubt<M: Mailbox>(
    desk: &Desk,
    mailbox: &str,
    folders: &Folders,
    row: &OutboxRow,
    server: &mut M,
) -> Result<(), TurnError> {
    let now = desk.clock.now();
    let (id, claim) = (row.id.clone(), row.claim());
    if in_sent(folders, row, server).await? {
        tracing::info!(mailbox, exchange = row.id, "in doubt, found in Sent: it was sent");
        desk.store.write(move |tx| tx.sent(&id, "found in Sent", now)).await?;
        return Ok(());
    }
    if row.lease_until.is_some_and(|lease| now < doubt_ends(lease)) {
        return Ok(());
    }
    let name = mailbox.to_owned();
    let files_itself = desk.store.read(move |tx| tx.files_copies(&name, SURE)).await?;
    if files_itself && row.attempts < 2 {
        // A server that files every mail it accepts has not filed this one: it did not accept it.
        tracing::info!(mailbox, exchange = row.id, "in doubt, not in Sent of a server that files copies: once more");
        desk.store.write(move |tx| tx.retry(&claim, now, "not found in Sent")).await?;
    } else {
        tracing::warn!(
            mailbox,
            exchange = row.id,
            "it cannot be known whether this mail was sent; it is not sent again"
        );
        desk.store.write(move |tx| tx.unknown(&claim, "no answer to the final dot, not found in Sent", now)).await?;
    }
    Ok(())
}

/// Makes sure that the owner finds a sent mail in Sent, without making a second copy.
async fn copy<M: Mailbox>(
    desk: &Desk,
    mailbox: &str,
    folders: &Folders,
    row: &OutboxRow,
    server: &mut M,
) -> Result<(), TurnError> {
    let policy = desk.identity(mailbox).map_or(SentCopy::Auto, |identity| identity.sent_copy);
    let now = desk.clock.now();
    let done = match (&folders.sent, policy) {
        (None, _) | (_, SentCopy::Never) => SentCopyState::Unneeded,
        (Some(sent), policy) => {
            let waited = row.finished_at.is_none_or(|at| now >= at + COPY_AFTER);
            if policy == SentCopy::Auto && !waited {
                return Ok(());
            }
            // Also with `always`: a try before this one may have died between the server's OK and our note of it.
            if in_sent(folders, row, server).await? {
                SentCopyState::Present
            } else {
                let id = row.id.clone();
                desk.store.write(move |tx| tx.copying(&id)).await?;
                match server.append(sent, &row.bytes, &["\\Seen"], now).await {
                    Ok(()) => SentCopyState::Appended,
                    Err(error) if error.is_lost() => return Err(error.into()),
                    Err(error) => {
                        // Never a reason to send again (rule 93).
                        tracing::warn!(mailbox, exchange = row.id, %error, "the copy could not be put into Sent");
                        SentCopyState::Failed
                    }
                }
            }
        }
    };
    let id = row.id.clone();
    desk.store.write_soon(move |tx| tx.sent_copy(&id, done)).await?;
    Ok(())
}
