//! A local Maildir++ tree, with the same methods as an IMAP session. Messages stay where they are, in `new` too:
//! whether they are seen is the business of the owner's mail program. Does not live here: the numbering (`index.rs`).
mod files;
mod index;

use super::{
    Branch, Flags, Folder, Folders, Hint, Listed, MailboxError, Raw, Status,
    folder::{Found, cast},
    raw::BYTES_MAX,
};
use crate::model::{FolderRole, Instant, account::FolderNames, text::clean};
use index::Entry;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    pin::pin,
    time::Duration,
};

/// Between two looks at the folders while waiting for news.
const LOOK: Duration = Duration::from_secs(1);
/// Newest messages among which `find` looks.
const FIND_MAX: usize = 2000;
/// Octets of a message in which `find` looks for header fields.
const HEADER_MAX: usize = 64 * 1024;

/// An open Maildir. The numbers of its messages are kept in small index files of ours, outside of it.
#[derive(Debug)]
pub struct Maildir {
    root: PathBuf,
    index_dir: PathBuf,
    /// UIDVALIDITY of each folder as the caller last learnt it.
    known: BTreeMap<String, u32>,
    /// How each folder looked when it was last read.
    looks: BTreeMap<String, files::Look>,
}

impl Maildir {
    /// Opens the tree below `root` (which holds `cur`, `new`, `tmp`); the numbering is kept in `index_dir`.
    ///
    /// # Errors
    /// `Disk` when there is no Maildir, or the index folder cannot be made.
    pub fn open(root: &Path, index_dir: &Path) -> Result<Self, MailboxError> {
        let root = root.canonicalize().map_err(|error| MailboxError::disk(root, error))?;
        for part in ["cur", "new"] {
            let path = root.join(part);
            path.read_dir().map_err(|error| MailboxError::disk(&path, error))?;
        }
        std::fs::create_dir_all(index_dir).map_err(|error| MailboxError::disk(index_dir, error))?;
        Ok(Self { root, index_dir: index_dir.to_owned(), known: BTreeMap::new(), looks: BTreeMap::new() })
    }

    /// The folders: subdirectories `.Name` with a `cur` in them, and the root as INBOX.
    ///
    /// # Errors
    /// `NoFolder`, `Disk`.
    pub async fn folders(&mut self, names: &FolderNames) -> Result<Folders, MailboxError> {
        let root = self.root.clone();
        let mut found = apart(move || files::folders(&root)).await?;
        found.insert(0, Found { name: "INBOX".to_owned(), ..Found::default() });
        let mut folders = cast(&found, names)?;
        // `cast` spells an unlisted INBOX for IMAP; here its directory is the root itself.
        folders
            .inboxes
            .iter_mut()
            .chain(&mut folders.filed)
            .filter(|one| one.name == "INBOX")
            .for_each(|one| one.wire.clear());
        Ok(folders)
    }

    /// Makes a folder `.Name`; one that exists is fine.
    ///
    /// # Errors
    /// `Disk`; `Invalid` for a name with a slash or a leading dot.
    pub async fn create(&mut self, name: &str, role: FolderRole) -> Result<Folder, MailboxError> {
        let name = clean(name, 100);
        if name.is_empty() || name.contains('/') || name.starts_with('.') {
            return Err(MailboxError::Invalid { what: "folder name" });
        }
        let folder = Folder { wire: format!(".{}", super::utf7::encode(&name)), name, role };
        let path = self.root.join(&folder.wire);
        apart(move || files::make(&path)).await?;
        Ok(folder)
    }

    /// The folders `.ROOT.Name`, with where they stand.
    ///
    /// # Errors
    /// `Disk`.
    pub async fn below(&mut self, root: &str) -> Result<Vec<Branch>, MailboxError> {
        let dir = self.root.clone();
        let found = apart(move || files::folders(&dir)).await?;
        let mut branches = Vec::new();
        for one in found {
            let Some(path) = one.below(root) else { continue };
            let folder = Folder { name: one.name, role: FolderRole::Inbox, wire: one.wire };
            let status = self.status(&folder).await?;
            branches.push(Branch { path, folder, status });
        }
        Ok(branches)
    }

    /// Makes the folder `.A.B`; one that exists is fine.
    ///
    /// # Errors
    /// `Disk`; `Invalid` for a name with a slash.
    pub async fn create_path(&mut self, path: &[&str]) -> Result<Folder, MailboxError> {
        let parts: Vec<String> = path.iter().map(|part| clean(part, 100).replace('.', "-")).collect();
        self.create(&parts.join("."), FolderRole::Inbox).await
    }

    /// Moves one message, with its flags; one that is gone is fine.
    ///
    /// # Errors
    /// As `list_uids`.
    pub async fn move_to(&mut self, folder: &Folder, uid: u32, to: &Folder) -> Result<(), MailboxError> {
        let Some(entry) = self.entries(folder).await?.remove(&uid) else { return Ok(()) };
        let target = self.root.join(&to.wire);
        apart(move || {
            files::make(&target)?;
            files::relocate(&entry.path, &target)
        })
        .await
    }

    /// Removes one message for good; one that is gone is fine.
    ///
    /// # Errors
    /// As `list_uids`.
    pub async fn remove(&mut self, folder: &Folder, uid: u32) -> Result<(), MailboxError> {
        let Some(entry) = self.entries(folder).await?.remove(&uid) else { return Ok(()) };
        apart(move || files::remove(&entry.path)).await
    }

    /// All bytes of one message; `None` when it is gone or has more than `most` octets.
    ///
    /// # Errors
    /// As `list_uids`.
    pub async fn whole(&mut self, folder: &Folder, uid: u32, most: usize) -> Result<Option<Vec<u8>>, MailboxError> {
        let Some(entry) = self.entries(folder).await?.remove(&uid) else { return Ok(None) };
        let limit = most.saturating_add(1);
        let raw = apart(move || Ok(files::raw(uid, &entry, limit))).await?;
        Ok(raw.filter(|raw| raw.fault.is_none() && raw.bytes.len() <= most).map(|raw| raw.bytes))
    }

    /// Where a folder stands.
    ///
    /// # Errors
    /// `Disk`.
    pub async fn status(&mut self, folder: &Folder) -> Result<Status, MailboxError> {
        let read = self.read(folder).await?;
        self.known.insert(folder.wire.clone(), read.uidvalidity);
        let exists = u32::try_from(read.entries.len()).unwrap_or(u32::MAX);
        Ok(Status { uidvalidity: read.uidvalidity, uid_next: Some(read.uid_next), exists })
    }

    /// All messages with numbers from `from_uid` on.
    ///
    /// # Errors
    /// `Renumbered` when the index was lost since the last `status`; `Disk`.
    pub async fn list_uids(&mut self, folder: &Folder, from_uid: u32) -> Result<Vec<Listed>, MailboxError> {
        let entries = self.entries(folder).await?.split_off(&from_uid);
        apart(move || Ok(entries.iter().filter_map(|(uid, entry)| files::listed(*uid, entry)).collect())).await
    }

    /// Messages by number, as far as they still exist. What cannot be read becomes a `fault`.
    ///
    /// # Errors
    /// As `list_uids`.
    pub async fn fetch(&mut self, folder: &Folder, uids: &[u32]) -> Result<Vec<Raw>, MailboxError> {
        let mut entries = self.entries(folder).await?;
        entries.retain(|uid, _| uids.contains(uid));
        apart(move || Ok(entries.iter().filter_map(|(uid, entry)| files::raw(*uid, entry, BYTES_MAX)).collect())).await
    }

    /// Everything from `from_uid` on.
    ///
    /// # Errors
    /// As `list_uids`.
    pub async fn fetch_new(
        &mut self,
        folder: &Folder,
        from_uid: u32,
        _expected: u32,
    ) -> Result<Vec<Raw>, MailboxError> {
        let entries = self.entries(folder).await?.split_off(&from_uid);
        apart(move || Ok(entries.iter().filter_map(|(uid, entry)| files::raw(*uid, entry, BYTES_MAX)).collect())).await
    }

    /// The flags of one message; `None` when it is gone.
    ///
    /// # Errors
    /// As `list_uids`.
    pub async fn flags(&mut self, folder: &Folder, uid: u32) -> Result<Option<Flags>, MailboxError> {
        Ok(self.entries(folder).await?.get(&uid).map(|entry| files::flags(&entry.path)))
    }

    /// The newest message with this header field, among the newest 2,000.
    ///
    /// # Errors
    /// As `list_uids`.
    pub async fn find(&mut self, folder: &Folder, header: &str, value: &str) -> Result<Option<u32>, MailboxError> {
        Ok(self.found(folder, header, value, 1).await?.pop())
    }

    /// All of them among the newest, ascending.
    ///
    /// # Errors
    /// As [`Self::find`].
    pub async fn find_all(&mut self, folder: &Folder, header: &str, value: &str) -> Result<Vec<u32>, MailboxError> {
        let mut found = self.found(folder, header, value, FIND_MAX).await?;
        found.reverse();
        Ok(found)
    }

    /// The newest first, at most so many.
    async fn found(
        &mut self,
        folder: &Folder,
        header: &str,
        value: &str,
        most: usize,
    ) -> Result<Vec<u32>, MailboxError> {
        if header.is_empty() || value.is_empty() {
            return Err(MailboxError::Invalid { what: "search value" });
        }
        let entries = self.entries(folder).await?;
        let (header, value) = (header.to_owned(), value.to_owned());
        apart(move || {
            let newest = entries.iter().rev().take(FIND_MAX);
            let holds = |(uid, entry): &(&u32, &Entry)| {
                files::raw(**uid, entry, HEADER_MAX).is_some_and(|raw| files::has_header(&raw.bytes, &header, &value))
            };
            Ok(newest.filter(holds).take(most).map(|(uid, _)| *uid).collect())
        })
        .await
    }

    /// Stores a message in `cur` with its flags; a missing folder is made. Line ends become `\n`.
    ///
    /// # Errors
    /// `Disk`.
    pub async fn append(
        &mut self,
        folder: &Folder,
        bytes: &[u8],
        flags: &[&str],
        at: Instant,
    ) -> Result<(), MailboxError> {
        let (path, flags) = (self.root.join(&folder.wire), files::info(flags));
        let bytes = files::without_cr(bytes);
        apart(move || {
            files::make(&path)?;
            files::store(&path, &bytes, &flags, at)
        })
        .await?;
        // Numbered at once, so that a message which is gone again before the next look has been there.
        self.read(folder).await.map(drop)
    }

    /// Looks every second whether `new` or `cur` changed since the folder was last read.
    ///
    /// # Errors
    /// `Disk`.
    pub async fn idle(
        &mut self,
        folder: &Folder,
        limit: Duration,
        interrupt: impl Future<Output = ()>,
    ) -> Result<Hint, MailboxError> {
        let mut interrupt = pin!(interrupt);
        let mut over = pin!(tokio::time::sleep(limit));
        loop {
            let path = self.root.join(&folder.wire);
            let look = apart(move || files::look(&path)).await?;
            let before = self.looks.insert(folder.wire.clone(), look.clone());
            if before.is_some_and(|before| before != look) {
                return Ok(Hint::Changed);
            }
            tokio::select! {
                () = &mut interrupt => return Ok(Hint::Interrupted),
                () = &mut over => return Ok(Hint::Quiet),
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// The messages that exist, by number; an index other than the caller's is an error.
    async fn entries(&mut self, folder: &Folder) -> Result<BTreeMap<u32, Entry>, MailboxError> {
        let read = self.read(folder).await?;
        if self.known.insert(folder.wire.clone(), read.uidvalidity).is_some_and(|before| before != read.uidvalidity) {
            return Err(MailboxError::Renumbered { folder: folder.name.clone() });
        }
        Ok(read.entries)
    }

    /// Reads the folder and numbers what is new in it.
    async fn read(&mut self, folder: &Folder) -> Result<index::Read, MailboxError> {
        let (path, index_dir, wire) = (self.root.join(&folder.wire), self.index_dir.clone(), folder.wire.clone());
        let (look, read) = apart(move || {
            // Looked at before it is read: what comes in between counts as news.
            let look = files::look(&path)?;
            Ok((look, index::read(&path, &index_dir, &wire)?))
        })
        .await?;
        self.looks.insert(folder.wire.clone(), look);
        Ok(read)
    }
}

/// Runs disk work on a thread where it may block.
async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, MailboxError> + Send + 'static,
) -> Result<T, MailboxError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(_) => Err(MailboxError::Closed { text: "reading the Maildir was interrupted".to_owned() }),
    }
}
