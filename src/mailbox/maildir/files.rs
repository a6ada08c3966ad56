//! The files of a Maildir++ tree: finding, reading and storing messages. Symbolic links to messages are not followed.
use super::{
    super::{Flags, Listed, MailboxError, Raw, folder::Found, utf7},
    index::Entry,
};
use crate::model::{Instant, text::clean};
use std::{
    collections::BTreeMap,
    fs::{self, DirBuilder, File},
    hash::{BuildHasher as _, Hasher as _, RandomState},
    io::{self, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    time::SystemTime,
};

/// What shows that a folder changed: the times of `new` and `cur`, and how many files `new` holds (two deliveries
/// within one tick of the file system's clock leave one time).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Look {
    times: [Option<SystemTime>; 2],
    new: usize,
}

pub(super) fn look(path: &Path) -> Result<Look, MailboxError> {
    let time = |part: &str| fs::metadata(path.join(part)).and_then(|meta| meta.modified()).ok();
    let new = path.join("new");
    let count = match new.read_dir() {
        Ok(entries) => entries.count(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        Err(error) => return Err(MailboxError::disk(&new, error)),
    };
    Ok(Look { times: [time("new"), time("cur")], new: count })
}

/// The folders below the root.
pub(super) fn folders(root: &Path) -> Result<Vec<Found>, MailboxError> {
    let entries = root.read_dir().map_err(|error| MailboxError::disk(root, error))?;
    let mut found: Vec<Found> = entries
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|wire| wire.len() > 1 && wire.starts_with('.') && wire != ".." && root.join(wire).join("cur").is_dir())
        .map(|wire| {
            let name = clean(&utf7::decode(wire.trim_start_matches('.')), 200);
            Found { name, wire, delimiter: Some('.'), special: None }
        })
        .collect();
    found.sort_by(|a, b| a.wire.cmp(&b.wire));
    Ok(found)
}

/// Makes the folder with `cur`, `new` and `tmp`, readable by the owner only; what exists stays.
pub(super) fn make(path: &Path) -> Result<(), MailboxError> {
    for part in ["cur", "new", "tmp"] {
        let part = path.join(part);
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&part);
        made.map_err(|error| MailboxError::disk(&part, error))?;
    }
    Ok(())
}

/// All messages by unique name. `new` is read before `cur`: a message that moves between the two is seen at least once.
pub(super) fn messages(path: &Path) -> Result<BTreeMap<String, PathBuf>, MailboxError> {
    let mut all = BTreeMap::new();
    for part in ["new", "cur"] {
        let dir = path.join(part);
        let entries = match dir.read_dir() {
            Ok(entries) => entries,
            // A folder such as .Sent may not have been made yet.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(MailboxError::disk(&dir, error)),
        };
        for entry in entries {
            let entry = entry.map_err(|error| MailboxError::disk(&dir, error))?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with('.') || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
                continue;
            }
            let unique = name.split(':').next().unwrap_or_default().replace(char::is_control, "?");
            all.insert(unique, entry.path());
        }
    }
    Ok(all)
}

/// The seconds at the head of a unique name, `0` where there are none.
pub(super) fn seconds(name: &str) -> i64 {
    name.split('.').next().and_then(|head| head.parse().ok()).unwrap_or(0)
}

/// The flags behind `:2,`.
pub(super) fn flags(path: &Path) -> Flags {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let letters = name.split_once(":2,").map_or("", |(_, letters)| letters);
    Flags {
        answered: letters.contains('R'),
        seen: letters.contains('S'),
        draft: letters.contains('D'),
        deleted: letters.contains('T'),
        flagged: letters.contains('F'),
    }
}

/// IMAP's flag names as letters in alphabetical order, as the Maildir convention wants them.
pub(super) fn info(flags: &[&str]) -> String {
    let mut letters: Vec<char> = flags
        .iter()
        .filter_map(|flag| match flag.to_ascii_lowercase().as_str() {
            "\\answered" => Some('R'),
            "\\seen" => Some('S'),
            "\\draft" => Some('D'),
            "\\deleted" => Some('T'),
            "\\flagged" => Some('F'),
            _ => None,
        })
        .collect();
    letters.sort_unstable();
    letters.dedup();
    letters.into_iter().collect()
}

/// `None` when the file is gone.
pub(super) fn listed(uid: u32, entry: &Entry) -> Option<Listed> {
    let meta = fs::symlink_metadata(&entry.path).ok()?;
    Some(Listed { uid, flags: flags(&entry.path), arrived: arrived(&entry.path, &meta), size: meta.len() })
}

/// The first `most` octets; `None` when the file is gone, a fault when it cannot be read.
pub(super) fn raw(uid: u32, entry: &Entry, most: usize) -> Option<Raw> {
    let Listed { flags, arrived, size, .. } = listed(uid, entry)?;
    let (bytes, fault) = match begin(&entry.path, most) {
        Ok(bytes) => (bytes, None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => (Vec::new(), Some(clean(&error.to_string(), 200))),
    };
    Some(Raw { uid, flags, arrived, size, bytes, fault })
}

fn begin(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let before = fs::symlink_metadata(path)?;
    let refused = || io::Error::other("no ordinary file");
    if !before.is_file() {
        return Err(refused());
    }
    let file = File::open(path)?;
    let meta = file.metadata()?;
    if (meta.dev(), meta.ino()) != (before.dev(), before.ino()) {
        return Err(refused());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or(most).min(most));
    file.take(most as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The time in the name if it is one (after 2000 and within a day of the file's), else the file's.
fn arrived(path: &Path, meta: &fs::Metadata) -> Instant {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let (named, file) = (seconds(&name), meta.mtime());
    let plausible = named > 946_684_800 && named <= file.saturating_add(86_400);
    Instant::from_timestamp(if plausible { named } else { file }, 0).unwrap_or_default()
}

/// Whether a header field of this name holds `value`; folded lines count as one.
pub(super) fn has_header(bytes: &[u8], header: &str, value: &str) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let mut inside = false;
    for line in text.lines() {
        if line.is_empty() {
            return false;
        }
        if !line.starts_with([' ', '\t']) {
            inside = line.split_once(':').is_some_and(|(name, _)| name.trim_end().eq_ignore_ascii_case(header));
        }
        if inside && line.contains(value) {
            return true;
        }
    }
    false
}

/// A number that nobody can foresee: the seed that the standard library draws for its hash tables.
pub(super) fn chance() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// Files on disk end their lines with `\n`.
pub(super) fn without_cr(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\r' || rest.peek() != Some(&b'\n') {
            out.push(byte);
        }
    }
    out
}

/// Writes into `tmp`, syncs, and renames into `cur` with the flags.
pub(super) fn store(path: &Path, bytes: &[u8], letters: &str, at: Instant) -> Result<(), MailboxError> {
    let name = format!("{}.{:016x}.fuseau", at.timestamp().max(0), chance());
    let (tmp, cur) = (path.join("tmp").join(&name), path.join("cur"));
    let write = || {
        let mut file = File::options().write(true).create_new(true).mode(0o600).open(&tmp)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&tmp, cur.join(format!("{name}:2,{letters}")))?;
        File::open(&cur)?.sync_all()
    };
    write().map_err(|error| {
        let _ = fs::remove_file(&tmp);
        MailboxError::disk(&tmp, error)
    })
}

/// Renames a message into another folder, under its own name, into `new` or `cur` as it was.
pub(super) fn relocate(file: &Path, target: &Path) -> Result<(), MailboxError> {
    let part = file.parent().and_then(Path::file_name).unwrap_or_default();
    let to = target.join(part);
    let rename = || {
        fs::rename(file, to.join(file.file_name().unwrap_or_default()))?;
        File::open(&to)?.sync_all()
    };
    match rename() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        outcome => outcome.map_err(|error| MailboxError::disk(&to, error)),
    }
}

/// Removes a message; one that is gone is fine.
pub(super) fn remove(file: &Path) -> Result<(), MailboxError> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(MailboxError::disk(file, error)),
        _ => Ok(()),
    }
}
