//! Numbered, append-only steps from an empty file to the newest schema. schema.sql explains the result.
//! Never here: queries of the running program.
use super::{StoreError, connection};
use rusqlite::{Connection, TransactionBehavior};
use std::path::{Path, PathBuf};

/// The steps; step `n` (from 1) leads to version `n`. A published step is never changed.
const STEPS: &[&str] = &[
    include_str!("migrations/0001.sql"),
    include_str!("migrations/0002.sql"),
    include_str!("migrations/0003.sql"),
    include_str!("migrations/0004.sql"),
    include_str!("migrations/0005.sql"),
    include_str!("migrations/0006.sql"),
    include_str!("migrations/0007.sql"),
    include_str!("migrations/0008.sql"),
    include_str!("migrations/0009.sql"),
    include_str!("migrations/0010.sql"),
    include_str!("migrations/0011.sql"),
    include_str!("migrations/0012.sql"),
    include_str!("migrations/0013.sql"),
    include_str!("migrations/0014.sql"),
    include_str!("migrations/0015.sql"),
];

/// The version that the last step leads to.
pub(super) const NEWEST: i64 = STEPS.len() as i64;

/// The version of a database, 0 for an empty one.
pub(super) fn version(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Brings a database to the newest version; an existing file is copied first.
pub(super) fn to_newest(connection: &mut Connection, path: Option<&Path>) -> Result<(), StoreError> {
    run(connection, path, STEPS)
}

/// All steps that are missing, in one transaction: the old schema or the new one, never between.
fn run(connection: &mut Connection, path: Option<&Path>, steps: &[&str]) -> Result<(), StoreError> {
    let found = version(connection)?;
    let newest = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    if found >= newest {
        return Ok(());
    }
    if let Some(path) = path.filter(|_| found > 0) {
        copy_to(connection, &copy_before(path, found))?;
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Read again inside the transaction: another process may have been faster.
    let found = version(&transaction)?;
    for step in steps.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", newest)?;
    transaction.pragma_update(None, "application_id", connection::APPLICATION_ID)?;
    Ok(transaction.commit()?)
}

/// Where the copy of version `found` goes: `backups/fuseau-before-upgrade-from-1.db` beside the database.
fn copy_before(path: &Path, found: i64) -> PathBuf {
    path.with_file_name("backups").join(format!("fuseau-before-upgrade-from-{found}.db"))
}

/// Writes a consistent copy (mode 0600) to a path; what was there before is replaced once the copy is whole.
pub(super) fn copy_to(connection: &Connection, to: &Path) -> Result<(), StoreError> {
    let io = |e: std::io::Error| StoreError::open(to, &e);
    if let Some(dir) = to.parent() {
        std::fs::create_dir_all(dir).map_err(io)?;
    }
    let half = to.with_extension("half");
    match std::fs::remove_file(&half) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(io(e)),
        _ => connection::create_private(&half)?,
    }
    let name = half.to_str().ok_or_else(|| StoreError::open(to, &"the path is not UTF-8"))?;
    connection.execute("VACUUM INTO ?1", [name])?;
    std::fs::File::open(&half).and_then(|file| file.sync_all()).map_err(io)?;
    std::fs::rename(&half, to).map_err(io)?;
    // The parent of a bare name is the empty path.
    let dir = to.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::File::open(dir).and_then(|dir| dir.sync_all()).map_err(io)
}

#[cfg(test)]
#[path = "migrate_tests.rs"]
mod tests;
