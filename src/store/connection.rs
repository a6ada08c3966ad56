//! Opening the database file: permissions, pragmas, checks. Never here: the tables (migrate.rs), queries.
use super::{StoreError, migrate};
use rusqlite::{Connection, OpenFlags, config::DbConfig};
use std::{fs, os::unix::fs::DirBuilderExt as _, os::unix::fs::OpenOptionsExt as _, path::Path, time::Duration};

/// Marks our files (`PRAGMA application_id`): "Fuse" in ASCII.
pub(super) const APPLICATION_ID: i64 = 0x4675_7365;

/// How long another process may hold the file.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// How much of a file is looked at before it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inspection {
    /// Every page: seconds for each gigabyte that is in memory, minutes where the disk has to be asked.
    Whole,
    /// Whose file it is and of which version; every page only before it is brought to the newest one.
    Owner,
}

/// Opens the writer's connection; makes directory (0700) and file (0600) when they are not there.
pub(super) fn writer(path: &Path, inspection: Inspection) -> Result<Connection, StoreError> {
    if let Some(dir) = path.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(|e| StoreError::open(dir, &e))?;
    }
    create_private(path)?;
    let mut connection = writable(path)?;
    inspect(&connection, path, inspection)?;
    tune(&connection)?;
    migrate::to_newest(&mut connection, Some(path))?;
    Ok(connection)
}

/// Opens a second writer on a file that [`reader`] has accepted.
pub(super) fn beside(path: &Path) -> Result<Connection, StoreError> {
    let connection = writable(path)?;
    tune(&connection)?;
    Ok(connection)
}

fn writable(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|e| StoreError::open(path, &e))?;
    connection.busy_timeout(PATIENCE)?;
    Ok(connection)
}

/// Opens a connection that cannot write; the file must exist and have our version.
pub(super) fn reader(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|e| StoreError::open(path, &e))?;
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    keep_plans(&connection)?;
    connection.set_prepared_statement_cache_capacity(128);
    let found = migrate::version(&connection)?;
    if found > migrate::NEWEST {
        return Err(StoreError::Newer { path: path.to_owned(), found, known: migrate::NEWEST });
    }
    if application(&connection)? != APPLICATION_ID && (found > 0 || tables(&connection)? > 0) {
        return Err(StoreError::Foreign(path.to_owned()));
    }
    if found < migrate::NEWEST {
        return Err(StoreError::Older { path: path.to_owned(), found, known: migrate::NEWEST });
    }
    Ok(connection)
}

/// A database in memory with the newest schema.
pub(super) fn memory() -> Result<Connection, StoreError> {
    let mut connection = Connection::open_in_memory()?;
    tune(&connection)?;
    migrate::to_newest(&mut connection, None)?;
    Ok(connection)
}

/// Makes an empty file that only we can read; SQLite gives its `-wal` and `-shm` the same mode.
pub(super) fn create_private(path: &Path) -> Result<(), StoreError> {
    match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(e) => Err(StoreError::open(path, &e)),
    }
}

/// Refuses foreign, newer and damaged files before anything in them is changed.
fn inspect(connection: &Connection, path: &Path, inspection: Inspection) -> Result<(), StoreError> {
    let found = migrate::version(connection)?;
    if tables(connection)? > 0 && application(connection)? != APPLICATION_ID {
        return Err(StoreError::Foreign(path.to_owned()));
    }
    if found > migrate::NEWEST {
        return Err(StoreError::Newer { path: path.to_owned(), found, known: migrate::NEWEST });
    }
    if inspection == Inspection::Owner && found == migrate::NEWEST {
        return Ok(());
    }
    match connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0))?.as_str() {
        "ok" => Ok(()),
        detail => Err(StoreError::Corrupt(detail.lines().next().unwrap_or_default().to_owned())),
    }
}

/// WAL, flushed by ourselves (log.rs): a committed "dot sent" must survive a power cut, or a mail goes out twice.
fn tune(connection: &Connection) -> Result<(), StoreError> {
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -8_000)?;
    connection.query_row("PRAGMA journal_size_limit = 33554432", [], |_| Ok(()))?;
    // The log is folded in between two turns (`Store::rest`); a commit does it only when that never comes.
    connection.query_row("PRAGMA wal_autocheckpoint = 4000", [], |_| Ok(()))?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    keep_plans(connection)?;
    connection.set_prepared_statement_cache_capacity(256);
    Ok(())
}

/// Without this, SQLite prepares a statement anew whenever another value is bound to it, in case another plan were
/// better: a quarter of all the time spent in it.
fn keep_plans(connection: &Connection) -> Result<(), StoreError> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

fn tables(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?)
}

/// The file's owner, 0 for a new one.
fn application(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.pragma_query_value(None, "application_id", |row| row.get(0))?)
}
