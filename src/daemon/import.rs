//! Past mail into the history, from archives (archive.rs) and servers (online.rs). Nothing is decided, promised,
//! answered or kept: what the daemon has still to see is left to it.
mod archive;
mod online;

pub use archive::from_archive;
pub use online::from_mailbox;

use super::dial::DialError;
use crate::config::Settings;
use crate::decide::Policy;
use crate::mailbox::MailboxError;
use crate::model::{EmailAddress, Incoming, Instant};
use crate::store::{ImportCursor, ImportPlace, NewImport, Store, StoreError, Writer};
use crate::system::{Clock, Ids};
use std::fmt::Write as _;

/// Messages taken in one transaction: one flush for many, without holding up the daemon.
const TOGETHER: usize = 200;

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

/// Takes messages, a portion a transaction.
struct Taker<'a> {
    wish: Wish<'a>,
    source: String,
    scope: String,
    ids: Ids,
    now: Instant,
    /// What arrived from here on is the daemon's: it may still answer it, or a promise may be kept by it.
    cutoff: Instant,
    waiting: Vec<Waiting>,
    tally: Tally,
}

struct Waiting {
    id: String,
    mailbox: String,
    folder: Option<(String, u32, u32)>,
    incoming: Incoming,
    raw: Vec<u8>,
    writer: Writer,
    client: Option<String>,
}

impl<'a> Taker<'a> {
    fn new(wish: Wish<'a>, source: String) -> Result<Self, StoreError> {
        let now = Clock::System.now();
        let policy = &wish.settings.policy;
        let oldest = wish.store.read_blocking(|r| r.oldest_open_promise())?;
        let late = now - policy.replies.max_age;
        let cutoff = oldest.map_or(late, |oldest| oldest.min(late));
        let scope = scope(&wish);
        Ok(Self { wish, source, scope, ids: Ids::random(), now, cutoff, waiting: Vec::new(), tally: Tally::default() })
    }

    fn cursor(&self) -> Result<Option<ImportCursor>, StoreError> {
        self.wish.store.read_blocking(|r| r.import_cursor(&self.source, &self.scope))
    }

    /// Looks at one message; whether a portion is full.
    fn take(&mut self, incoming: Incoming, raw: Vec<u8>, folder: Option<(String, u32, u32)>) -> bool {
        self.tally.read += 1;
        if incoming.unreadable {
            self.tally.foreign += 1;
        } else if incoming.arrived >= self.cutoff {
            self.tally.recent += 1;
        } else if self.wish.since.is_some_and(|since| incoming.arrived < since) {
            self.tally.older += 1;
        } else {
            let policy = &self.wish.settings.policy;
            let (writer, client) = whose(policy, &incoming);
            if client.is_none() && !self.wish.all {
                self.tally.others += 1;
            } else {
                let mailbox = self.mailbox(&incoming);
                let id = self.ids.next(self.now);
                self.waiting.push(Waiting { id, mailbox, folder, incoming, raw, writer, client });
            }
        }
        self.waiting.len() >= TOGETHER
    }

    fn mailbox(&self, message: &Incoming) -> String {
        if let Some(named) = self.wish.mailbox {
            return named.to_owned();
        }
        let mailboxes = &self.wish.settings.policy.mailboxes;
        let from = message.from().map(|party| &party.address);
        let own = mailboxes.iter().find(|mailbox| message.recipients().chain(from).any(|it| mailbox.own(it).is_some()));
        own.or(mailboxes.first()).map_or_else(|| "archive".to_owned(), |mailbox| mailbox.name.clone())
    }

    /// Commits what waits, with how far that is.
    fn commit(&mut self, cursor: &ImportCursor) -> Result<(), StoreError> {
        let waiting = std::mem::take(&mut self.waiting);
        let (source, scope, now) = (&self.source, &self.scope, self.now);
        let total = waiting.len() as u64;
        let new = self.wish.store.write_blocking(|tx| {
            let mut new = 0;
            for one in &waiting {
                let place = one.folder.as_ref();
                new += u64::from(tx.import(&NewImport {
                    id: &one.id,
                    mailbox: &one.mailbox,
                    place: place.map(|(folder, uidvalidity, uid)| ImportPlace {
                        folder,
                        uidvalidity: *uidvalidity,
                        uid: *uid,
                    }),
                    incoming: &one.incoming,
                    raw: &one.raw,
                    writer: one.writer,
                    client: one.client.as_deref(),
                    now,
                })?);
            }
            tx.set_import_cursor(source, scope, cursor, now)?;
            Ok(new)
        })?;
        self.tally.new += new;
        self.tally.known += total - new;
        Ok(())
    }
}

/// Who wrote a message, and with which client it was exchanged.
fn whose(policy: &Policy, message: &Incoming) -> (Writer, Option<String>) {
    let client_of = |address: &EmailAddress| policy.client_of(address).map(|client| client.id.clone());
    let Some(from) = message.from().map(|party| &party.address) else { return (Writer::Other, None) };
    let writer = if policy.is_own(from) {
        Writer::Owner
    } else if policy.is_team(from) {
        Writer::Team
    } else {
        Writer::Other
    };
    if writer != Writer::Other {
        return (writer, message.recipients().find_map(client_of));
    }
    // Behind a contact form the client stands in Reply-To (rule 24).
    let forms = policy.mailboxes.iter().flat_map(|mailbox| &mailbox.contact_form_senders);
    let form = forms.into_iter().any(|sender| sender.folded() == from.folded());
    match message.reply_to.as_slice() {
        [one] if form => (writer, client_of(&one.address)),
        _ => (writer, client_of(from)),
    }
}

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
