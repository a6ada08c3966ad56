//! Numbers for the messages of a Maildir, kept in a file of ours so that the Maildir itself stays untouched.
//!
//! `fuseau-uidlist` (with the folder's name appended): a first line `fuseau-uidlist 1 UIDVALIDITY UIDNEXT`, then
//! `UID NAME` per message, NAME being the file name up to the `:` of the flags. A lost or damaged file is begun anew
//! with another UIDVALIDITY, which the daemon answers by recognising messages by their content.
use crate::mailbox::MailboxError;
use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
};

/// Largest index file that is read, in octets: some 2 million messages.
const INDEX_MAX: u64 = 128 * 1024 * 1024;

/// One message file.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) path: PathBuf,
}

/// A folder as read just now.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) uidvalidity: u32,
    pub(super) uid_next: u32,
    pub(super) entries: BTreeMap<u32, Entry>,
}

/// The index as written.
#[derive(Debug)]
struct Index {
    uidvalidity: u32,
    uid_next: u32,
    uids: HashMap<String, u32>,
}

/// Reads the folder at `path`, gives numbers to new files and writes the index if it changed.
pub(super) fn read(path: &Path, index_dir: &Path, wire: &str) -> Result<Read, MailboxError> {
    let file = index_dir.join(format!("fuseau-uidlist{}", wire.replace('/', "_")));
    let _lock = lock(&file)?;
    let (mut index, mut changed) = match load(&file) {
        Some(index) => (index, false),
        None => (fresh(), true),
    };
    let files = super::files::messages(path)?;
    let mut new: Vec<&String> = files.keys().filter(|name| !index.uids.contains_key(*name)).collect();
    new.sort_by_key(|name| (super::files::seconds(name), (*name).clone()));
    for name in new {
        index.uids.insert(name.clone(), index.uid_next);
        index.uid_next = index.uid_next.saturating_add(1);
        changed = true;
    }
    // Names that are gone are kept for a while: a rename during the look may hide a file for a moment.
    if index.uids.len() > 2 * files.len() + 1000 {
        index.uids.retain(|name, _| files.contains_key(name));
        changed = true;
    }
    if changed {
        save(&file, &index)?;
    }
    let entries =
        files.into_iter().filter_map(|(name, path)| index.uids.get(&name).map(|uid| (*uid, Entry { path }))).collect();
    Ok(Read { uidvalidity: index.uidvalidity, uid_next: index.uid_next, entries })
}

/// A numbering that has never been used: UIDVALIDITY is random because there is no clock here.
fn fresh() -> Index {
    let uidvalidity = u32::try_from(super::files::chance() >> 33).unwrap_or(1).max(1);
    Index { uidvalidity, uid_next: 1, uids: HashMap::new() }
}

/// `None` when the file is missing or not as we wrote it.
fn load(file: &Path) -> Option<Index> {
    if fs::metadata(file).ok()?.len() > INDEX_MAX {
        return None;
    }
    let text = fs::read_to_string(file).ok()?;
    let mut lines = text.strip_suffix('\n')?.split('\n');
    let head: Vec<&str> = lines.next()?.split(' ').collect();
    let ["fuseau-uidlist", "1", uidvalidity, uid_next] = head.as_slice() else { return None };
    let (uidvalidity, uid_next) = (uidvalidity.parse().ok()?, uid_next.parse().ok()?);
    let uids: HashMap<String, u32> = lines
        .map(|line| {
            let (uid, name) = line.split_once(' ')?;
            Some((name.to_owned(), uid.parse().ok().filter(|uid| *uid < uid_next)?))
        })
        .collect::<Option<_>>()?;
    Some(Index { uidvalidity, uid_next, uids })
}

/// Writes beside, syncs and renames, so that the file is always a whole one; syncs the folder, because numbers that a
/// power cut took back would make the next mails look like old ones.
fn save(file: &Path, index: &Index) -> Result<(), MailboxError> {
    let mut text = format!("fuseau-uidlist 1 {} {}\n", index.uidvalidity, index.uid_next);
    let mut lines: Vec<(&u32, &String)> = index.uids.iter().map(|(name, uid)| (uid, name)).collect();
    lines.sort();
    for (uid, name) in lines {
        // Writing into a String cannot fail.
        let _ = writeln!(text, "{uid} {name}");
    }
    let new = beside(file, "new-");
    let write = || {
        let mut out = File::create(&new)?;
        out.write_all(text.as_bytes())?;
        out.sync_all()?;
        fs::rename(&new, file)?;
        file.parent().map_or(Ok(()), |dir| File::open(dir)?.sync_all())
    };
    write().map_err(|error| MailboxError::disk(file, error))
}

/// One reader at a time, across processes; released when dropped.
fn lock(file: &Path) -> Result<File, MailboxError> {
    let path = beside(file, "lock-");
    let open = || {
        let lock = File::create(&path)?;
        lock.lock()?;
        Ok(lock)
    };
    open().map_err(|error| MailboxError::disk(&path, error))
}

/// A file with a prefix before the index file's name; suffixes could be another folder's name.
fn beside(file: &Path, prefix: &str) -> PathBuf {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    file.with_file_name(format!("{prefix}{name}"))
}
