//! Past mail into the history, from archives (archive.rs) and servers (online.rs). Nothing is decided, promised,
//! answered or kept: what the daemon has still to see is left to it.
mod archive;
mod online;
mod pipe;
mod reading;

pub use archive::from_archive;
pub use online::from_mailbox;

use super::dial::DialError;
use crate::config::Settings;
use crate::mailbox::MailboxError;
use crate::model::Instant;
use crate::store::{Store, StoreError};
use std::fmt::Write as _;
use std::path::Path;

/// Why an import stopped. What was committed before stays; the next run goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The archive or the server's folder.
    #[error(transparent)]
    Mailbox(#[from] MailboxError),
    /// The server.
    #[error(transparent)]
    Dial(#[from] DialError),
    /// The history.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What to take.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// The configuration.
    pub settings: &'a Settings,
    /// The history.
    pub store: &'a Store,
    /// The state directory, where the search index lies too.
    pub state: &'a Path,
    /// The mailbox that it belongs to; `None`: the one each message is addressed to.
    pub mailbox: Option<&'a str>,
    /// Also mail of people who are no clients.
    pub all: bool,
    /// Nothing that arrived before.
    pub since: Option<Instant>,
}

/// How many messages were read, and what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All that were looked at.
    pub read: u64,
    /// New in the history.
    pub new: u64,
    /// Known already.
    pub known: u64,
    /// Of people who are no clients.
    pub others: u64,
    /// So new that they are left to the daemon.
    pub recent: u64,
    /// From before `since`.
    pub older: u64,
    /// No mail at all.
    pub foreign: u64,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.read += other.read;
        self.new += other.new;
        self.known += other.known;
        self.others += other.others;
        self.recent += other.recent;
        self.older += other.older;
        self.foreign += other.foreign;
    }
}

/// What is shown while it runs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    /// What was done, in units of `total`.
    pub done: u64,
    /// Octets or messages in all; 0 where unknown.
    pub total: u64,
    /// Messages so far.
    pub tally: Tally,
}

/// Called while an import runs.
pub type Show<'a> = &'a mut dyn FnMut(&Progress);

/// What was asked for, in one text: another wish reads everything again.
fn scope(wish: &Wish<'_>) -> String {
    let policy = &wish.settings.policy;
    let mut scope = format!("all {} since {:?} mailbox {:?}", wish.all, wish.since, wish.mailbox);
    for client in &policy.clients {
        let _ = write!(scope, " {} {:?}", client.id, client.contacts);
    }
    for mailbox in &policy.mailboxes {
        let _ = write!(scope, " {} {} {:?} {:?}", mailbox.name, mailbox.address, mailbox.aliases, mailbox.team);
    }
    scope
}
