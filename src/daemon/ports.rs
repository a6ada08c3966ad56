//! What a turn needs of the outside: a mailbox to read and an outbox to hand mail to. Implemented here for the real
//! shells, in the tests for in-memory peers, so that the simulation runs the production turn.
use crate::mailbox::{Branch, Flags, Folder, Folders, Listed, MailboxError, Raw, Status};
use crate::model::Instant;
use crate::model::account::FolderNames;
use crate::outbox::{Envelope, Outcome};
use futures_util::future::BoxFuture;
use std::future::Future;

/// A mailbox that is logged in.
pub trait Mailbox: Send {
    /// The folders that matter, by configuration, SPECIAL-USE, then name.
    fn folders(&mut self, names: &FolderNames) -> impl Future<Output = Result<Folders, MailboxError>> + Send;
    /// UIDVALIDITY, next UID, number of messages.
    fn status(&mut self, folder: &Folder) -> impl Future<Output = Result<Status, MailboxError>> + Send;
    /// UID, flags, arrival and size of every message from `from_uid` on, ascending.
    fn list(
        &mut self,
        folder: &Folder,
        from_uid: u32,
    ) -> impl Future<Output = Result<Vec<Listed>, MailboxError>> + Send;
    /// The messages with these UIDs, at most 256 KiB of each.
    fn fetch(&mut self, folder: &Folder, uids: &[u32]) -> impl Future<Output = Result<Vec<Raw>, MailboxError>> + Send;
    /// Everything from `from_uid` on in one command: for the few that a notice announced.
    fn fetch_new(
        &mut self,
        folder: &Folder,
        from_uid: u32,
        expected: u32,
    ) -> impl Future<Output = Result<Vec<Raw>, MailboxError>> + Send;
    /// The flags of one message; `None` when it is gone.
    fn flags(&mut self, folder: &Folder, uid: u32) -> impl Future<Output = Result<Option<Flags>, MailboxError>> + Send;
    /// The UID of a message with this Message-ID.
    fn find(
        &mut self,
        folder: &Folder,
        header: &str,
        value: &str,
    ) -> impl Future<Output = Result<Option<u32>, MailboxError>> + Send;
    /// The UIDs of all messages with this header, ascending.
    fn find_all(
        &mut self,
        folder: &Folder,
        header: &str,
        value: &str,
    ) -> impl Future<Output = Result<Vec<u32>, MailboxError>> + Send;
    /// Puts a message into a folder.
    fn append(
        &mut self,
        folder: &Folder,
        bytes: &[u8],
        flags: &[&str],
        at: Instant,
    ) -> impl Future<Output = Result<(), MailboxError>> + Send;
    /// The folders below a root folder, with where they stand.
    fn below(&mut self, root: &str) -> impl Future<Output = Result<Vec<Branch>, MailboxError>> + Send;
    /// Makes a folder by its path; one that exists is fine.
    fn create(&mut self, path: &[&str]) -> impl Future<Output = Result<Folder, MailboxError>> + Send;
    /// Moves one message to another folder; one that is gone is fine.
    fn move_to(
        &mut self,
        folder: &Folder,
        uid: u32,
        to: &Folder,
    ) -> impl Future<Output = Result<(), MailboxError>> + Send;
    /// Removes one message for good; one that is gone is fine.
    fn remove(&mut self, folder: &Folder, uid: u32) -> impl Future<Output = Result<(), MailboxError>> + Send;
    /// All bytes of one message; `None` when it is gone or has more than `most` octets.
    fn whole(
        &mut self,
        folder: &Folder,
        uid: u32,
        most: usize,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, MailboxError>> + Send;
}

/// What is called just before the final dot; an error keeps the dot from being written. Called at most once per
/// connection that gets that far.
pub type BeforeDot<'a> = &'a (dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync);

/// Where mail is handed over.
pub trait Outbox: Send {
    /// Hands one mail over. `before_dot` is awaited when everything but the final dot is out.
    fn send(
        &mut self,
        envelope: &Envelope,
        message: &[u8],
        before_dot: BeforeDot<'_>,
    ) -> impl Future<Output = Outcome> + Send;
}
