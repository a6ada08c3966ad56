//! Drafts of ours that the owner sent, edited or not, from whatever program: found when a mail appears in Sent, and when a
//! draft is gone. What follows for the promise: `store::own`; what counts as edited: `decide::drafts`.
use super::desk::Desk;
use super::error::TurnError;
use super::ports::Mailbox;
use crate::decide::{Likeness, likeness};
use crate::mailbox::{Folders, parse};
use crate::model::{FolderRole, Incoming, Instant};
use crate::store::{OutboxRow, Reader, StoreError};
use chrono::TimeDelta;

/// For so long after a mail of the owner's it is looked whether the draft beside it is gone.
const LOOK_FOR: TimeDelta = TimeDelta::days(2);

/// The draft that a mail in Sent is, and whether the owner wrote in it: three forms (docs/decisions/0008).
///
/// # Errors
/// If the store cannot be read.
pub fn sent(tx: &Reader<'_>, mailbox: &str, message: &Incoming) -> Result<Option<(String, bool)>, StoreError> {
    for (row, proven) in tx.drafts_like(message, mailbox)? {
        let like = likeness(&text(&row), &message.content.text, !message.content.attachments.is_empty());
        match (like, proven) {
            (Likeness::Same, _) => return Ok(Some((row.id, false))),
            (Likeness::Edited, _) | (Likeness::Other, true) => return Ok(Some((row.id, true))),
            // An answer of the owner's own; whether the draft went into it shows when the draft is gone.
            (Likeness::Other, false) => {}
        }
    }
    Ok(None)
}

fn text(row: &OutboxRow) -> String {
    let context = parse::Context {
        arrived: row.created_at,
        folder: FolderRole::Drafts,
        answered_flag: false,
        size: row.bytes.len() as u64,
    };
    parse::parse(&row.bytes, &context).content.text
}

/// Looks for drafts that are gone and beside which the owner wrote: they became that mail.
///
/// # Errors
/// The mailbox or the store failed.
pub async fn settle<M: Mailbox>(
    desk: &Desk,
    mailbox: &str,
    folders: &Folders,
    server: &mut M,
) -> Result<(), TurnError> {
    let Some(drafts) = &folders.drafts else { return Ok(()) };
    let (name, now): (String, Instant) = (mailbox.to_owned(), desk.clock.now());
    let perhaps = desk.store.read(move |tx| tx.drafts_perhaps_sent(&name, now - LOOK_FOR)).await?;
    for (row, mail) in perhaps {
        let mut there = false;
        for (header, value) in [("Message-ID", &row.message_id), ("X-Fuseau-Id", &row.fuseau_id)] {
            there = there || server.find(drafts, header, value).await?.is_some();
        }
        if !there {
            tracing::info!(mailbox, mail = row.id, "the draft is gone and the owner wrote: it was sent");
            desk.store.write(move |tx| tx.draft_became(&row.id, &mail, now)).await?;
        }
    }
    Ok(())
}
