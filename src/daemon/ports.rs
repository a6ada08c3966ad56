//! What a turn needs of the outside: a mailbox to read and an outbox to hand mail to. Implemented here for the real
//! shells, in the tests for in-memory peers, so that the simulation runs the production turn.
use crate::mailbox::{Connection, Flags, Folder, Folders, MailboxError, Raw, Status, Summary};
use crate::model::account::FolderNames;
use crate::model::Instant;
use crate::outbox::{Envelope, Outcome};
use std::fmt::Debug;
use std::future::Future;
use tokio::io::{AsyncRead, AsyncWrite};

/// A mailbox that is logged in.
pub trait Mailbox: Send {
    /// The folders that matter, by configuration, SPECIAL-USE, then name.
    fn folders(&mut self, names: &FolderNames) -> impl Future<Output = Result<Folders, MailboxError>> + Send;
    /// UIDVALIDITY, next UID, number of messages.
    fn status(&mut self, folder: &Folder) -> impl Future<Output = Result<Status, MailboxError>> + Send;
    /// UID, flags, arrival and size of every message from `from_uid` on, ascending.
    fn list(&mut self, folder: &Folder, from_uid: u32)
    -> impl Future<Output = Result<Vec<Summary>, MailboxError>> + Send;
    /// The messages with these UIDs, at most 256 KiB of each.
    fn fetch(&mut self, folder: &Folder, wanted: &[Summary])
    -> impl Future<Output = Result<Vec<Raw>, MailboxError>> + Send;
    /// Everything from `from_uid` on in one command: for the few that a notice announced.
    fn fetch_new(&mut self, folder: &Folder, from_uid: u32)
    -> impl Future<Output = Result<Vec<Raw>, MailboxError>> + Send;
    /// The flags of one message; `None` when it is gone.
    fn flags(&mut self, folder: &Folder, uid: u32) -> impl Future<Output = Result<Option<Flags>, MailboxError>> + Send;
    /// The UID of a message with this Message-ID.
    fn find(&mut self, folder: &Folder, header: &str, value: &str)
    -> impl Future<Output = Result<Option<u32>, MailboxError>> + Send;
    /// Puts a message into a folder.
    fn append(
        &mut self,
        folder: &Folder,
        bytes: &[u8],
        flags: &[&str],
        at: Instant,
    ) -> impl Future<Output = Result<(), MailboxError>> + Send;
}

/// What is called just before the final dot; an error keeps the dot from being written.
pub type BeforeDot<'a> = Box<dyn FnOnce() -> futures_util::future::BoxFuture<'a, Result<(), String>> + Send + 'a>;

/// Where mail is handed over.
pub trait Outbox: Send {
    /// Hands one mail over. `before_dot` is awaited when everything but the final dot is out.
    fn send<'a>(
        &'a mut self,
        envelope: &'a Envelope,
        message: &'a [u8],
        before_dot: BeforeDot<'a>,
    ) -> impl Future<Output = Outcome> + Send + 'a;
}
