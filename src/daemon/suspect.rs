//! Messages that may have killed the program. Whatever was being read when it died is suspected, and a suspect is
//! first read alone, in a rehearsal: only deaths in that rehearsal count, because a power cut or a kill from outside
//! is nobody's fault. After two of them it is set aside unread, for the owner to look at.
use super::desk::Desk;
use super::intake::{self, Taken};
use super::reading::item;
use crate::mailbox::{Folder, Raw};
use crate::model::{FolderRole, Instant};
use crate::store::{Cursor, NewExchange, Packed, StoreError, Tx};
use crate::system::failpoint;
use std::collections::BTreeSet;

/// Deaths in its rehearsal after which a message is set aside unread.
const DEATHS: u32 = 2;

/// The folder that is being read.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// What is needed for everything.
    pub desk: &'a Desk,
    /// The mailbox.
    pub mailbox: &'a str,
    /// The folder.
    pub folder: &'a Folder,
    /// Where reading stands.
    pub cursor: Cursor,
}

/// What is known before messages are read.
#[derive(Debug)]
pub struct Begun {
    /// Messages of the folder whose reading was begun before and never finished.
    pub suspects: BTreeSet<u32>,
    /// None of those that are to be read is among them, and they were noted.
    pub noted: bool,
}

impl Place<'_> {
    /// Looks for suspects, and notes what is to be read if none of it is one. At a death all of them are suspected, also those
    /// that were still waiting: they are rehearsed, no more.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn begin(&self, uids: Vec<u32>) -> Result<Begun, StoreError> {
        let (mailbox, folder, validity) = self.names();
        let now = self.desk.clock.now();
        self.desk
            .store
            .jot(move |tx| {
                let suspects: BTreeSet<u32> = tx.in_work(&mailbox, &folder, validity)?.into_iter().collect();
                let noted = !uids.iter().any(|uid| suspects.contains(uid));
                if noted {
                    tx.note_in_work(&mailbox, &folder, validity, &uids, now)?;
                }
                Ok(Begun { suspects, noted })
            })
            .await
    }

    /// Notes what is about to be read, in a transaction of its own: whoever is being read at a death is found by it.
    /// Not flushed: a power cut is no message's fault. How often each was noted before without being cleared.
    ///
    /// # Errors
    /// If it cannot be written.
    pub async fn note(&self, uids: Vec<u32>) -> Result<Vec<(u32, u32)>, StoreError> {
        let (mailbox, folder, validity) = self.names();
        let now = self.desk.clock.now();
        self.desk.store.jot(move |tx| tx.note_in_work(&mailbox, &folder, validity, &uids, now)).await
    }

    /// Takes notes back.
    ///
    /// # Errors
    /// If they cannot be removed.
    pub async fn clear(&self, uids: Vec<u32>) -> Result<(), StoreError> {
        let (mailbox, folder, validity) = self.names();
        self.desk.store.jot(move |tx| tx.clear_in_work(&mailbox, &folder, validity, &uids)).await
    }

    /// After a failure that was no death.
    pub async fn forgive(&self, uids: Vec<u32>, error: &StoreError) {
        // A full disk is no death. A panic is: it would come again.
        if !matches!(error, StoreError::Panicked) {
            self.release(uids).await;
        }
    }

    /// Takes notes back of what was not read. If this fails, the messages are rehearsed the next time, no more.
    pub async fn release(&self, uids: Vec<u32>) {
        if let Err(error) = self.clear(uids).await {
            tracing::warn!(%error, "what was being read could not be cleared");
        }
    }

    /// Whether a suspect can be read: parsed, judged, answered and recorded as usual, and all of it undone. If this kills
    /// the program, it was this message. The note lies there for no longer than that takes: whoever is killed from
    /// outside again and again is seldom killed just then.
    ///
    /// # Errors
    /// If the store fails, or reading it panics.
    pub async fn survives(&self, raw: &Raw) -> Result<bool, StoreError> {
        let (uid, now) = (raw.uid, self.desk.clock.now());
        let (mailbox, folder, validity) = self.names();
        let note = move |tx: &Tx<'_>| {
            let noted = tx.note_in_work(&mailbox, &folder, validity, &[uid], now)?;
            // The first note is the one under which it became a suspect.
            Ok(noted.iter().all(|(_, noted)| *noted <= DEATHS))
        };
        let (desk, raw, cursor) = (self.desk.clone(), raw.clone(), self.cursor);
        let (mailbox, folder) = (self.mailbox.to_owned(), self.folder.clone());
        let read = move |tx: &Tx<'_>| {
            failpoint::reach("K2r");
            let item = item(&folder, cursor, raw, desk.settings.keep)?;
            intake::take_in(tx, &desk, &mailbox, &item, now)
        };
        let (mailbox, folder, validity) = self.names();
        let clear = move |tx: &Tx<'_>| tx.clear_in_work(&mailbox, &folder, validity, &[uid]);
        let rehearsed = self.desk.store.rehearse(note, read, clear).await;
        if let Err(error) = &rehearsed {
            self.forgive(vec![uid], error).await;
        }
        rehearsed
    }

    fn names(&self) -> (String, String, u32) {
        (self.mailbox.to_owned(), self.folder.name.clone(), self.cursor.uidvalidity)
    }
}

/// Records a message that was not read.
///
/// # Errors
/// If the rows cannot be written.
pub fn set_aside(
    tx: &Tx<'_>,
    desk: &Desk,
    mailbox: &str,
    folder: &Folder,
    cursor: Cursor,
    raw: &Raw,
    now: Instant,
) -> Result<Taken, StoreError> {
    let place = format!("{mailbox}:{}:{}:{}", folder.name, cursor.uidvalidity, raw.uid);
    tracing::error!(
        mailbox,
        folder = folder.name,
        uid = raw.uid,
        "reading this message stopped the program twice: set aside"
    );
    let (mut message, decision) = intake::set_aside(raw.arrived, raw.size, &place);
    message.folder = FolderRole::Inbox;
    let id = desk.ids.next(now);
    let recorded = tx.record(&NewExchange {
        id: &id,
        mailbox,
        folder: &folder.name,
        uidvalidity: cursor.uidvalidity,
        uid: raw.uid,
        incoming: &message,
        raw: Some(&Packed::new(&raw.bytes, true)?),
        decision: &decision,
        now,
    })?;
    Ok(Taken {
        exchange: recorded.exchange,
        decision: Some(decision),
        send_at: None,
        kept: Vec::new(),
        duplicate: recorded.duplicate,
        trouble: None,
    })
}
