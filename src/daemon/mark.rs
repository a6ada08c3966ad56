//! The mark beside the database by which a restored backup is recognised (docs/decisions/0005).
use super::desk::Desk;
use crate::model::Instant;
use crate::store::{Reader, Store, StoreError, Tx};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

const KEY: &str = "turn";

fn path(dir: &Path) -> PathBuf {
    dir.join("mark")
}

/// Counts one more transaction that a restored backup must not undo (mail recorded, mail about to leave); its number.
///
/// # Errors
/// If the row cannot be written.
pub fn raise(tx: &Tx<'_>) -> Result<u64, StoreError> {
    tx.count_up(KEY)
}

fn count(tx: &Reader<'_>) -> Result<u64, StoreError> {
    Ok(tx.meta(KEY)?.and_then(|text| text.parse().ok()).unwrap_or(0))
}

/// Notes the number beside the database, after its commit was flushed. It may lag behind, never run ahead.
pub fn note(desk: &Desk, turn: u64) {
    if let Some(dir) = &desk.state {
        write(dir, turn);
    }
}

/// Puts on the disk what was written without a flush, and counts it; nothing to do if there is none, unless mail was
/// `recorded`: then somebody else's flush took it along uncounted.
///
/// # Errors
/// If it could not be flushed: it may be undone by a power cut.
pub async fn keep(desk: &Desk, recorded: bool) -> Result<(), StoreError> {
    if recorded || desk.store.owes_a_flush() {
        let turn = desk.store.write(raise).await?;
        note(desk, turn);
    }
    Ok(())
}

/// Several mailboxes write it; the greatest number stays, whoever comes last.
fn write(dir: &Path, turn: u64) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let noted = noted(dir);
    if noted.is_some_and(|noted| noted >= turn) {
        return;
    }
    // In place: a number that grows has no moment in which it is greater than it should be.
    let file = fs::File::options().create(true).truncate(noted.is_none()).write(true).open(path(dir));
    if let Err(error) = file.and_then(|mut file| file.write_all(format!("{turn}\n").as_bytes())) {
        tracing::warn!(%error, "the mark could not be written");
    }
}

fn noted(dir: &Path) -> Option<u64> {
    fs::read_to_string(path(dir)).ok()?.trim().parse().ok()
}

/// If the database is older than what happened in this state directory, its folders are met anew and what waits is
/// dropped, in the transaction that brings its number up to date: dying in between must not make it look current.
/// How many mails were dropped; `None` for a database that is no older.
///
/// # Errors
/// If the store cannot be read or written.
pub fn restored(store: &Store, dir: &Path, now: Instant) -> Result<Option<usize>, StoreError> {
    let there = store.read_blocking(count)?;
    let noted = noted(dir);
    let restored = match noted {
        Some(noted) => noted > there,
        // A used database without its mark came from somewhere else. A mark without a number was there: it is not
        // flushed, and a power cut can leave it empty.
        None => there > 0 && !path(dir).exists(),
    };
    let ahead = there.max(noted.unwrap_or(0));
    let dropped = match restored {
        true => Some(store.write_blocking(|tx| {
            let dropped = tx.meet_anew(now)?;
            tx.set_meta(KEY, &ahead.to_string())?;
            Ok(dropped)
        })?),
        false => None,
    };
    write(dir, ahead);
    Ok(dropped)
}
