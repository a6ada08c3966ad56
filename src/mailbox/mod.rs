//! Where mail is fetched: an IMAP session or a Maildir behind one type, [`Connection`].
//! Does not live here: dialling and TLS (`system`), what a message means (`parse.rs`), when to look (`daemon`).
//!
//! Invariants: nothing is ever marked as seen; only messages in the owner's folders of wishes are moved or removed, one
//! at a time, by `move_to` and `remove`; the other writes are `append` and `create`. A tagged NO or BAD, or a connection that ends early, is an error, never an empty answer.
pub mod archive;
mod error;
mod folder;
mod folder_names;
mod gate;
pub mod imap;
pub mod maildir;
pub mod parse;
mod raw;
mod utf7;
mod watch;

pub use error::MailboxError;
pub use folder::{Branch, Folder, Folders, Status};
pub use raw::{BATCH_BYTES, BATCH_COUNT, BYTES_MAX, Flags, Hint, Listed, Raw, batches};
pub use watch::Transport;

use crate::model::{Credential, FolderRole, Instant, account::FolderNames};
use std::time::Duration;

/// An open mailbox of either kind. Errors of each call: see the kind's method of the same name.
#[derive(Debug)]
pub enum Connection<S: Transport> {
    /// IMAP.
    Imap(Box<imap::Session<S>>),
    /// A local Maildir.
    Maildir(maildir::Maildir),
}

/// Passes a call on to whichever kind it is.
macro_rules! pass {
    ($self:ident.$call:ident($($argument:expr),*)) => {
        match $self {
            Self::Imap(session) => session.$call($($argument),*).await,
            Self::Maildir(maildir) => maildir.$call($($argument),*).await,
        }
    };
}

impl<S: Transport> Connection<S> {
    /// Logs in; a Maildir needs none.
    ///
    /// # Errors
    /// `Login` when the owner must act.
    pub async fn login(&mut self, user: &str, credential: &Credential) -> Result<(), MailboxError> {
        match self {
            Self::Imap(session) => session.login(user, credential).await,
            Self::Maildir(_) => Ok(()),
        }
    }

    /// What the server can do, upper case; empty for a Maildir.
    ///
    /// # Errors
    /// As every command.
    pub async fn capabilities(&mut self) -> Result<Vec<String>, MailboxError> {
        match self {
            Self::Imap(session) => session.capabilities().await,
            Self::Maildir(_) => Ok(Vec::new()),
        }
    }

    /// How full the mailbox is, where the server says so; a Maildir has the disk.
    ///
    /// # Errors
    /// As every command.
    pub async fn quota(&mut self) -> Result<Option<imap::Quota>, MailboxError> {
        match self {
            Self::Imap(session) => session.quota().await,
            Self::Maildir(_) => Ok(None),
        }
    }

    /// Notices that the server wants the owner to read, each given out once.
    pub fn take_alerts(&mut self) -> Vec<String> {
        match self {
            Self::Imap(session) => session.take_alerts(),
            Self::Maildir(_) => Vec::new(),
        }
    }

    /// The folders that matter.
    ///
    /// # Errors
    /// `NoFolder` when a configured folder is missing.
    pub async fn folders(&mut self, names: &FolderNames) -> Result<Folders, MailboxError> {
        pass!(self.folders(names))
    }

    /// Makes a folder; one that exists is fine.
    ///
    /// # Errors
    /// `Refused`, `Disk`.
    pub async fn create(&mut self, name: &str, role: FolderRole) -> Result<Folder, MailboxError> {
        pass!(self.create(name, role))
    }

    /// The folders below a root folder, with where they stand.
    ///
    /// # Errors
    /// As every command.
    pub async fn below(&mut self, root: &str) -> Result<Vec<Branch>, MailboxError> {
        pass!(self.below(root))
    }

    /// Makes a folder by its path; one that exists is fine.
    ///
    /// # Errors
    /// `Refused`, `Disk`.
    pub async fn create_path(&mut self, path: &[&str]) -> Result<Folder, MailboxError> {
        pass!(self.create_path(path))
    }

    /// Moves one message to another folder; one that is gone is fine.
    ///
    /// # Errors
    /// `Renumbered`, `Refused`, `Disk`.
    pub async fn move_to(&mut self, folder: &Folder, uid: u32, to: &Folder) -> Result<(), MailboxError> {
        pass!(self.move_to(folder, uid, to))
    }

    /// Removes one message for good; one that is gone is fine.
    ///
    /// # Errors
    /// As `move_to`.
    pub async fn remove(&mut self, folder: &Folder, uid: u32) -> Result<(), MailboxError> {
        pass!(self.remove(folder, uid))
    }

    /// All bytes of one message; `None` when it is gone or has more than `most` octets.
    ///
    /// # Errors
    /// `Renumbered`, `Disk`.
    pub async fn whole(&mut self, folder: &Folder, uid: u32, most: usize) -> Result<Option<Vec<u8>>, MailboxError> {
        pass!(self.whole(folder, uid, most))
    }

    /// Where a folder stands.
    ///
    /// # Errors
    /// As every command.
    pub async fn status(&mut self, folder: &Folder) -> Result<Status, MailboxError> {
        pass!(self.status(folder))
    }

    /// All messages with numbers from `from_uid` on, by number.
    ///
    /// # Errors
    /// `Renumbered` when UIDVALIDITY is not the one last given by `status`.
    pub async fn list_uids(&mut self, folder: &Folder, from_uid: u32) -> Result<Vec<Listed>, MailboxError> {
        pass!(self.list_uids(folder, from_uid))
    }

    /// Messages by number, as far as they still exist; portions as [`batches`] cuts them.
    ///
    /// # Errors
    /// `Renumbered` when UIDVALIDITY is not the one last given by `status`.
    pub async fn fetch(&mut self, folder: &Folder, uids: &[u32]) -> Result<Vec<Raw>, MailboxError> {
        pass!(self.fetch(folder, uids))
    }

    /// Everything from `from_uid` on, in one round trip where few are `expected`.
    ///
    /// # Errors
    /// `Renumbered` when UIDVALIDITY is not the one last given by `status`.
    pub async fn fetch_new(&mut self, folder: &Folder, from_uid: u32, expected: u32) -> Result<Vec<Raw>, MailboxError> {
        pass!(self.fetch_new(folder, from_uid, expected))
    }

    /// The flags of one message; `None` when it is gone.
    ///
    /// # Errors
    /// As every command.
    pub async fn flags(&mut self, folder: &Folder, uid: u32) -> Result<Option<Flags>, MailboxError> {
        pass!(self.flags(folder, uid))
    }

    /// The newest message whose header field holds `value`.
    ///
    /// # Errors
    /// `Invalid` for values that must not be sent.
    pub async fn find(&mut self, folder: &Folder, header: &str, value: &str) -> Result<Option<u32>, MailboxError> {
        pass!(self.find(folder, header, value))
    }

    /// The UIDs of all messages with this header, ascending.
    ///
    /// # Errors
    /// As [`Self::find`].
    pub async fn find_all(&mut self, folder: &Folder, header: &str, value: &str) -> Result<Vec<u32>, MailboxError> {
        pass!(self.find_all(folder, header, value))
    }

    /// Stores a message with flags such as `\Seen`; `at` is its date of arrival.
    ///
    /// # Errors
    /// `Refused`, `Disk`.
    pub async fn append(
        &mut self,
        folder: &Folder,
        bytes: &[u8],
        flags: &[&str],
        at: Instant,
    ) -> Result<(), MailboxError> {
        pass!(self.append(folder, bytes, flags, at))
    }

    /// Waits for news of a folder, at most `limit` (5 minutes or less), or until `interrupt` completes.
    ///
    /// # Errors
    /// `Closed` when the server hangs up.
    pub async fn idle(
        &mut self,
        folder: &Folder,
        limit: Duration,
        interrupt: impl Future<Output = ()>,
    ) -> Result<Hint, MailboxError> {
        pass!(self.idle(folder, limit, interrupt))
    }

    /// Ends the session politely.
    pub async fn logout(self) {
        if let Self::Imap(session) = self {
            session.logout().await;
        }
    }
}
