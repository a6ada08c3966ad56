//! What can go wrong with the database, and who must act. Never here: retries, alerts.
use std::path::{Path, PathBuf};

/// An error of the store.
///
/// Transient errors ([`Self::is_transient`]) pass by themselves or when the owner makes room; everything that
/// was committed before is safe. Setup errors ([`Self::is_setup`]) need the owner before the daemon can run.
/// All others are permanent for this call.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Transient: another process held the database for longer than five seconds.
    #[error("the database is busy: another program holds it; trying again later")]
    Busy,
    /// Transient: no space left. The transaction was rolled back; nothing committed is lost.
    #[error("no room left for the database ({0}): free some disk space, fuseau then goes on by itself")]
    Full(String),
    /// Transient once; after a failed flush the store refuses to write until it is opened anew.
    #[error("the disk failed under the database ({0}): check the disk and the system log")]
    Io(String),
    /// Setup: the file is damaged.
    #[error(
        "the database is damaged ({0}): nothing is sent from it; `fuseau history` and `fuseau search` show what can still \
         be read. Stop fuseau and put the newest copy in its place with `fuseau restore FILE` (the backups folder beside it \
         may hold one); without a copy move fuseau.db, fuseau.db-wal and fuseau.db-shm away: fuseau then begins at the newest mail \
         and answers nothing older"
    )]
    Corrupt(String),
    /// Setup: a newer fuseau wrote it.
    #[error(
        "the database {} has version {found}, this fuseau knows up to {known}: install the newer fuseau again, or put \
         the copy in its place that was made before the upgrade", .path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// Setup: an older fuseau wrote it, and whoever asks may not change it.
    #[error(
        "the database {} has version {found}, this fuseau needs {known}: if the daemon runs, it is the older one, so restart it; \
         its start brings the database up, after a copy", .path.display()
    )]
    Older {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The version that is read here.
        known: i64,
    },
    /// Setup: a database of some other program.
    #[error("{} belongs to another program: name another directory in `state`", .0.display())]
    Foreign(PathBuf),
    /// Setup: the file or its directory cannot be opened or made.
    #[error("cannot open the database {} ({reason}): check that the directory exists and belongs to you", .path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// Permanent: a write through a read-only store.
    #[error("the database was opened for reading only")]
    ReadOnly,
    /// Permanent: the store was closed, or the runtime is stopping.
    #[error("the database is closed")]
    Closed,
    /// Permanent: the closure panicked; its transaction was rolled back, the store lives on.
    #[error("a transaction was abandoned because its work panicked")]
    Panicked,
    /// Permanent: the caller gave the transaction up; it was rolled back.
    #[error("{0}")]
    Refused(String),
    /// Permanent: a row that is needed is not there.
    #[error("the database holds no {what} {id:?}")]
    Missing {
        /// What kind of row.
        what: &'static str,
        /// The id asked for.
        id: String,
    },
    /// Permanent: SQLite refused a statement; a mistake in fuseau.
    #[error("the database refused a statement: {0}")]
    Sql(String),
}

impl StoreError {
    /// Whether the same call may succeed later without anybody changing the program or its set-up.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Busy | Self::Full(_) | Self::Io(_))
    }

    /// Whether the owner has to act before the daemon can run (exit code 78).
    #[must_use]
    pub fn is_setup(&self) -> bool {
        matches!(
            self,
            Self::Corrupt(_) | Self::Newer { .. } | Self::Older { .. } | Self::Foreign(_) | Self::Open { .. }
        )
    }

    /// An error of the file system while `path` was opened or made.
    pub(super) fn open(path: &Path, reason: &impl ToString) -> Self {
        Self::Open { path: path.to_owned(), reason: reason.to_string() }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        let detail = error.to_string();
        match error.sqlite_error_code() {
            Some(Code::DatabaseBusy | Code::DatabaseLocked | Code::FileLockingProtocolFailed) => Self::Busy,
            Some(Code::DiskFull) => Self::Full(detail),
            Some(Code::SystemIoFailure) => Self::Io(detail),
            Some(Code::DatabaseCorrupt | Code::NotADatabase) => Self::Corrupt(detail),
            Some(Code::ReadOnly) => Self::ReadOnly,
            _ => Self::Sql(detail),
        }
    }
}
