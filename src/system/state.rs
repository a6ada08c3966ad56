//! The state directory: where it is, who may read it, and that only one daemon uses it.
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Where state lives: `configured`, else `$STATE_DIRECTORY` (systemd), else `$XDG_STATE_HOME/fuseau`.
#[must_use]
pub fn locate(configured: Option<&Path>) -> PathBuf {
    let from_env = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    if let Some(dir) = configured {
        return dir.to_path_buf();
    }
    if let Some(list) = from_env("STATE_DIRECTORY") {
        // systemd separates several directories by colons; the first one is ours.
        let text = list.to_string_lossy().into_owned();
        return PathBuf::from(text.split(':').next().unwrap_or_default());
    }
    let base = from_env("XDG_STATE_HOME")
        .or_else(|| from_env("HOME").map(|home| home.join(".local/state")))
        .unwrap_or_else(|| PathBuf::from("."));
    base.join("fuseau")
}

/// Makes the directory, readable by its owner alone.
///
/// # Errors
/// When it cannot be made.
pub fn prepare(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

/// Holds the state directory for one daemon; released when dropped or when the process ends.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "the open file is the lock")] File);

/// Takes the directory, or says that somebody else has it.
///
/// # Errors
/// `WouldBlock` when another daemon runs on it; anything else as the system says.
pub fn lock(dir: &Path) -> io::Result<Lock> {
    let path = dir.join("lock");
    let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)?;
    file.try_lock().map_err(|error| match error {
        fs::TryLockError::WouldBlock => io::ErrorKind::WouldBlock.into(),
        fs::TryLockError::Error(error) => error,
    })?;
    Ok(Lock(file))
}

/// The kill switch: while this file is there, nothing automatic leaves.
#[must_use]
pub fn pause_file(dir: &Path) -> PathBuf {
    dir.join("PAUSE")
}

/// The control socket of a running daemon.
#[must_use]
pub fn control_socket(dir: &Path) -> PathBuf {
    dir.join("control")
}

/// Makes a file readable by its owner alone.
///
/// # Errors
/// As the system says.
pub fn make_private(path: &Path) -> io::Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))
}

/// Bytes kept aside so that a full disk leaves room for the record of what was sent (RELIABILITY 4).
const RESERVE: u64 = 4 * 1024 * 1024;

/// Sets the reserve aside, if it is not there.
///
/// # Errors
/// When the disk has no room for it.
pub fn keep_reserve(dir: &Path) -> io::Result<()> {
    let path = dir.join("reserve");
    if fs::metadata(&path).is_ok_and(|m| m.len() >= RESERVE) {
        return Ok(());
    }
    let chunk = vec![0x5a_u8; usize::try_from(RESERVE).unwrap_or_default()];
    fs::write(&path, chunk)
}

/// Gives the reserve back to a full disk.
///
/// # Errors
/// As the system says.
pub fn release_reserve(dir: &Path) -> io::Result<()> {
    match fs::remove_file(dir.join("reserve")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Octets that are free on the disk of a folder, for us.
///
/// # Errors
/// As the system says.
pub fn free(dir: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(dir)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}
