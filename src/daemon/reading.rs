//! Messages between the mailbox and the record: parsed, with what is kept of them packed. Many are read on another thread
//! while those before them are recorded. Never here: which are read (follow.rs), what they mean (intake.rs).
use super::intake::Item;
use crate::mailbox::{Folder, Raw, parse};
use crate::model::{Incoming, Instant, Keep};
use crate::store::{Cursor, Packed, StoreError};

/// Messages that are recorded in one transaction.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) uids: Vec<u32>,
    /// When each arrived.
    pub(super) arrived: Vec<Instant>,
    pub(super) mails: Mails,
}

#[derive(Debug)]
pub(super) enum Mails {
    /// As they were fetched.
    Unread(Vec<Raw>),
    /// Read ahead.
    Read(Vec<Item>),
}

impl Group {
    pub(super) fn unread(raws: Vec<Raw>) -> Self {
        Self {
            uids: raws.iter().map(|raw| raw.uid).collect(),
            arrived: raws.iter().map(|raw| raw.arrived).collect(),
            mails: Mails::Unread(raws),
        }
    }

    /// Reads them on another thread; nothing is read of none.
    ///
    /// # Errors
    /// `Panicked` if one cannot be read, or the compressor's.
    pub(super) async fn read(
        self,
        folder: &Folder,
        cursor: Cursor,
        keep: Keep,
    ) -> Result<Self, (Vec<u32>, StoreError)> {
        let Self { uids, arrived, mails } = self;
        let Mails::Unread(raws) = mails else { return Ok(Self { uids, arrived, mails }) };
        let folder = folder.clone();
        let read = move || raws.into_iter().map(|raw| item(&folder, cursor, raw, keep)).collect::<Result<_, _>>();
        match tokio::task::spawn_blocking(read).await {
            Ok(Ok(items)) => Ok(Self { uids, arrived, mails: Mails::Read(items) }),
            Ok(Err(error)) => Err((uids, error)),
            Err(error) if error.is_panic() => Err((uids, StoreError::Panicked)),
            Err(_) => Err((uids, StoreError::Closed)),
        }
    }
}

/// A message as fetched, parsed, with what of it is kept.
///
/// # Errors
/// Only if the compressor fails.
pub fn item(folder: &Folder, cursor: Cursor, raw: Raw, keep: Keep) -> Result<Item, StoreError> {
    let incoming = parsed(&raw, folder);
    Ok(Item {
        folder: folder.name.clone(),
        uidvalidity: cursor.uidvalidity,
        uid: raw.uid,
        rescan: raw.uid < cursor.rescan_below,
        raw: kept(&raw, &incoming, keep)?,
        incoming,
    })
}

/// What of a message's bytes is kept, packed.
///
/// # Errors
/// Only if the compressor fails.
pub fn kept(raw: &Raw, incoming: &Incoming, keep: Keep) -> Result<Packed, StoreError> {
    let kept = parse::kept(&raw.bytes, raw.size, keep);
    Packed::new(kept.as_deref().unwrap_or(&raw.bytes), !incoming.content.truncated)
}

/// Bytes that could not be had are a fact too.
fn parsed(raw: &Raw, folder: &Folder) -> Incoming {
    if raw.fault.is_some() {
        let key = format!("unread:{}:{}", raw.uid, raw.arrived.timestamp_millis());
        return Incoming { key, arrived: raw.arrived, size: raw.size, unreadable: true, ..Incoming::default() };
    }
    parse::parse(&raw.bytes, &parse::Context::of(raw, folder.role))
}
