//! Copies of the history: looking whether one is sound, and putting one in the history's place.
//! Never here: making one ([`Store::copy_to`]), what is then not answered (the daemon's mark, decision 0005).
use super::{FILE, INDEX_FILE, Store, StoreError, connection, migrate};
use crate::model::Instant;
use rusqlite::{Connection, OpenFlags};
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

/// What a sound copy holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyFacts {
    /// Entries of the history.
    pub entries: u64,
    /// When the newest was recorded.
    pub newest: Option<Instant>,
    /// Octets.
    pub size: u64,
}

impl Store {
    /// Whether a file is an SQLite database of anybody's, by its first octets.
    #[must_use]
    pub fn is_database(path: &Path) -> bool {
        header(path).is_some()
    }

    /// Whether a file is a history or a copy of one, by its first octets.
    #[must_use]
    pub fn is_history(path: &Path) -> bool {
        // The application id stands at 68 (https://www.sqlite.org/fileformat.html, 1.3).
        let id = header(path).and_then(|header| header.get(68..72)?.try_into().ok()).map(u32::from_be_bytes);
        id.is_some_and(|id| i64::from(id) == connection::APPLICATION_ID)
    }

    /// Looks through a whole copy: is it ours, of a version known here, undamaged, with every reference in place?
    ///
    /// # Errors
    /// `Foreign`, `Newer`, `Corrupt`, `Open`.
    pub fn check_copy(path: &Path) -> Result<CopyFacts, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let meta = fs::metadata(path).map_err(|error| StoreError::open(path, &error))?;
        let copy = Connection::open_with_flags(path, flags).map_err(|error| StoreError::open(path, &error))?;
        let ours: i64 =
            copy.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(|error| {
                match error.sqlite_error_code() {
                    Some(rusqlite::ErrorCode::NotADatabase) => StoreError::Foreign(path.to_owned()),
                    _ => error.into(),
                }
            })?;
        if ours != connection::APPLICATION_ID {
            return Err(StoreError::Foreign(path.to_owned()));
        }
        let found = migrate::version(&copy)?;
        if found > migrate::NEWEST {
            return Err(StoreError::Newer { path: path.to_owned(), found, known: migrate::NEWEST });
        }
        let said: String = copy.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if said != "ok" {
            return Err(StoreError::Corrupt(format!(
                "{}: {}",
                path.display(),
                said.lines().next().unwrap_or_default()
            )));
        }
        let lost: i64 = copy.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0))?;
        if lost > 0 {
            return Err(StoreError::Corrupt(format!("{}: {lost} rows refer to nothing", path.display())));
        }
        let (entries, newest): (i64, Option<i64>) =
            copy.query_row("SELECT count(*), max(recorded_at) FROM exchange", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        Ok(CopyFacts {
            entries: u64::try_from(entries).unwrap_or(0),
            newest: newest.and_then(Instant::from_timestamp_millis),
            size: meta.len(),
        })
    }

    /// Puts a copy into the place of the history in a state directory that nobody uses. What was there is kept beside
    /// it under the name that is returned. The caller has checked the copy and holds the directory's lock.
    ///
    /// # Errors
    /// `Open` as the file system says; the history then stands as it was.
    pub fn put_in_place(copy: &Path, dir: &Path, now: Instant) -> Result<Option<PathBuf>, StoreError> {
        let place = dir.join(FILE);
        let half = dir.join("fuseau.db.restoring");
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |error: std::io::Error| StoreError::open(&path, &error)
        };
        let _ = fs::remove_file(&half);
        connection::create_private(&half)?;
        let mut from = fs::File::open(copy).map_err(failed(copy))?;
        let mut into = fs::File::options().write(true).open(&half).map_err(failed(&half))?;
        let mut chunk = vec![0; 1 << 20];
        loop {
            let n = from.read(&mut chunk).map_err(failed(copy))?;
            if n == 0 {
                break;
            }
            into.write_all(chunk.get(..n).unwrap_or_default()).map_err(failed(&half))?;
        }
        into.sync_all().map_err(failed(&half))?;
        let aside = dir.join(format!("fuseau.db.replaced-{}", now.format("%Y%m%dT%H%M%SZ")));
        let beside = |path: &Path, ending: &str| PathBuf::from(format!("{}{ending}", path.display()));
        let there = place.exists();
        if there {
            // With its log: what was not folded in belongs to it.
            let _ = fs::remove_file(beside(&place, "-shm"));
            for ending in ["-wal", ""] {
                let old = beside(&place, ending);
                if old.exists() {
                    fs::rename(&old, beside(&aside, ending)).map_err(failed(&old))?;
                }
            }
        }
        fs::rename(&half, &place).map_err(failed(&place))?;
        // The index belongs to the other history; it is made anew.
        for ending in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(beside(&dir.join(INDEX_FILE), ending));
        }
        fs::File::open(dir).and_then(|dir| dir.sync_all()).map_err(failed(dir))?;
        Ok(there.then_some(aside))
    }
}

/// The header of a database; `None` if the file is none.
fn header(path: &Path) -> Option<[u8; 100]> {
    let mut header = [0; 100];
    // A pipe would be emptied, or never answer.
    fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    fs::File::open(path).ok()?.read_exact(&mut header).ok()?;
    header.starts_with(b"SQLite format 3\0").then_some(header)
}

#[cfg(test)]
mod tests {
    use crate::store::{FILE, Store, StoreError, fixture::*};
    use std::fs;

    #[test]
    fn a_copy_is_checked_and_put_in_place() {
        let dir = tempfile::tempdir().unwrap();
        let mut world = World::new();
        world.store = Store::open(dir.path()).unwrap();
        world.receive(&message("kept", "anna@acme.example", "Logo", 0));
        let copy = dir.path().join("copy.db");
        world.store.copy_to(&copy).unwrap();
        let facts = Store::check_copy(&copy).unwrap();
        assert_eq!((facts.entries, facts.newest), (1, Some(minute(0))));
        world.receive(&message("later", "anna@acme.example", "Logo", 1));
        world.store.close().unwrap();
        let aside = Store::put_in_place(&copy, dir.path(), minute(2)).unwrap().unwrap();
        assert_eq!(Store::check_copy(&aside).unwrap().entries, 2);
        let store = Store::open(dir.path()).unwrap();
        assert_eq!(store.read_blocking(|r| r.history("acme")).unwrap().len(), 1);
    }

    #[test]
    fn copies_that_are_none_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.db");
        fs::write(&path, vec![b'x'; 5000]).unwrap();
        assert!(matches!(Store::check_copy(&path), Err(StoreError::Foreign(_))));
        assert!(matches!(Store::check_copy(&dir.path().join("none")), Err(StoreError::Open { .. })));
        let other = rusqlite::Connection::open(dir.path().join("other.db")).unwrap();
        other.execute_batch("CREATE TABLE a (b)").unwrap();
        assert!(matches!(Store::check_copy(&dir.path().join("other.db")), Err(StoreError::Foreign(_))));
        // Bytes flipped in the middle of a real one.
        let home = tempfile::tempdir().unwrap();
        let mut world = World::new();
        world.store = Store::open(home.path()).unwrap();
        for n in 0..200 {
            world.receive(&message(&format!("m{n}"), "anna@acme.example", "Logo", n));
        }
        world.store.close().unwrap();
        let mut bytes = fs::read(home.path().join(FILE)).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle..middle + 4096].fill(0xa5);
        fs::write(&path, bytes).unwrap();
        assert!(matches!(Store::check_copy(&path), Err(StoreError::Corrupt(_))));
        let newer = dir.path().join("newer.db");
        Store::open(home.path()).unwrap().copy_to(&newer).unwrap();
        rusqlite::Connection::open(&newer).unwrap().pragma_update(None, "user_version", 999).unwrap();
        assert!(matches!(Store::check_copy(&newer), Err(StoreError::Newer { found: 999, .. })));
    }
}
