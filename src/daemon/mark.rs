//! The mark beside the database by which a restored backup is recognised (docs/decisions/0005).
use super::desk::Desk;
use crate::store::{Reader, Store, StoreError, Tx};
use std::fs;
use std::path::{Path, PathBuf};

const KEY: &str = "turn";

fn path(dir: &Path) -> PathBuf {
    dir.join("mark")
}

/// Counts one more recording transaction; its number.
///
/// # Errors
/// If the row cannot be written.
pub fn raise(tx: &Tx<'_>) -> Result<u64, StoreError> {
    let next = count(tx)? + 1;
    tx.set_meta(KEY, &next.to_string())?;
    Ok(next)
}

fn count(tx: &Reader<'_>) -> Result<u64, StoreError> {
    Ok(tx.meta(KEY)?.and_then(|text| text.parse().ok()).unwrap_or(0))
}

/// Notes the number beside the database, after its commit. It may lag behind, never run ahead.
pub fn note(desk: &Desk, turn: u64) {
    if let Some(dir) = &desk.state {
        write(dir, turn);
    }
}

fn write(dir: &Path, turn: u64) {
    let (new, path) = (dir.join("mark.new"), path(dir));
    if let Err(error) = fs::write(&new, format!("{turn}\n")).and_then(|()| fs::rename(&new, &path)) {
        tracing::warn!(%error, "the mark could not be written");
    }
}

/// Whether the database is older than what happened in this state directory; brings the mark up to date.
///
/// # Errors
/// If the store cannot be read.
pub fn restored(store: &Store, dir: &Path) -> Result<bool, StoreError> {
    let there = store.read_blocking(count)?;
    let noted: Option<u64> = fs::read_to_string(path(dir)).ok().and_then(|text| text.trim().parse().ok());
    let restored = match noted {
        Some(noted) => noted > there,
        // A used database without its mark came from somewhere else.
        None => there > 0,
    };
    write(dir, there.max(noted.unwrap_or(0)));
    if restored {
        let ahead = there.max(noted.unwrap_or(0));
        store.write_blocking(|tx| tx.set_meta(KEY, &ahead.to_string()))?;
    }
    Ok(restored)
}
