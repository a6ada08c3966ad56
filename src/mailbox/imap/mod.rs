//! One IMAP session (RFC 3501): login, which folder is open, and how it ends. The parser and its buffer are
//! `async_imap`'s; commands are sent and awaited by ourselves (`talk.rs`), because its helpers take a tagged NO,
//! or the end of the connection, for success.
mod append;
mod fetch;
mod folders;
mod idle;
mod login;
mod moving;
mod quota;
mod starttls;
mod talk;

pub use quota::Quota;
pub use starttls::starttls;

use super::{
    Folder, MailboxError, Status,
    watch::{Transport, Watched},
};
use std::{collections::BTreeMap, fmt, time::Duration};

/// Longest time for one whole command, however steadily it trickles.
const COMMAND: Duration = Duration::from_secs(600);

/// Whether the server still has to greet us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// A fresh connection.
    Greeting,
    /// The stream that [`starttls`] returned, now encrypted: no second greeting comes (RFC 3501 6.2.1).
    AfterStartTls,
}

/// The folder that is open, read-only (EXAMINE) but for the moment in which a wish leaves its folder.
#[derive(Debug)]
struct Open {
    wire: String,
    uidvalidity: u32,
    uid_next: Option<u32>,
    exists: u32,
    /// `exists` when new mail was last asked for.
    exists_read: u32,
    /// Something was announced since the caller last looked.
    news: bool,
    /// The server changed UIDVALIDITY while the folder was open.
    renumbered: bool,
    /// Sizes as last listed, to cut batches.
    sizes: BTreeMap<u32, u64>,
}

/// A session. After any error with `MailboxError::is_lost`, and after a call was dropped half-way, every further
/// call fails with `Closed`: the connection may be out of step and must be opened anew.
pub struct Session<S: Transport> {
    client: async_imap::Client<Watched<S>>,
    tags: u32,
    /// A command is under way, or was when something went wrong.
    busy: bool,
    capabilities: Vec<String>,
    open: Option<Open>,
    /// Where each folder stood when the caller last learnt it, by wire name.
    known: BTreeMap<String, Status>,
    idle_refused: bool,
    /// The tag of an IDLE that brought news: DONE travels with the next command, which saves a round trip.
    idling: Option<String>,
    /// Put before the names of new folders where everything lives below INBOX.
    prefix: String,
    /// What parts the levels of folder names.
    delimiter: Option<char>,
    alerts: Vec<String>,
}

/// Shows nothing of what was sent or received.
impl<S: Transport> fmt::Debug for Session<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let open = self.open.as_ref().map(|open| &open.wire);
        f.debug_struct("Session").field("busy", &self.busy).field("open", &open).finish_non_exhaustive()
    }
}

impl<S: Transport> Session<S> {
    /// Reads the greeting, if one is due. Nothing is sent.
    ///
    /// # Errors
    /// `Unsafe` for PREAUTH, which would let someone in the line skip login and TLS; `Closed`, `TimedOut`, `Protocol`.
    pub async fn open(stream: S, opening: Opening) -> Result<Self, MailboxError> {
        let mut session = Self {
            client: async_imap::Client::new(Watched::new(stream)),
            tags: 0,
            busy: false,
            capabilities: Vec::new(),
            open: None,
            known: BTreeMap::new(),
            idle_refused: false,
            idling: None,
            prefix: String::new(),
            delimiter: None,
            alerts: Vec::new(),
        };
        if opening == Opening::Greeting {
            session.greeting().await?;
        }
        Ok(session)
    }

    /// What the server can do, upper case (RFC 3501 7.2.1); asks it if it has not said so yet.
    ///
    /// # Errors
    /// As every command.
    pub async fn capabilities(&mut self) -> Result<Vec<String>, MailboxError> {
        if self.capabilities.is_empty() {
            self.run("CAPABILITY", "CAPABILITY", |_| ()).await?;
        }
        Ok(self.capabilities.clone())
    }

    fn can(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|one| one == capability)
    }

    /// Notices that the server wants the owner to read (ALERT, RFC 3501 7.1), each given out once.
    pub fn take_alerts(&mut self) -> Vec<String> {
        std::mem::take(&mut self.alerts)
    }

    /// Opens a folder read-only, unless it is open already; nothing in it changes, not even `\Recent`.
    async fn enter(&mut self, folder: &Folder) -> Result<&mut Open, MailboxError> {
        if self.open.as_ref().is_none_or(|open| open.wire != folder.wire || open.renumbered) {
            let before = self.known.get(&folder.wire).copied();
            let now = self.examine(&folder.wire).await?;
            if before.is_some_and(|before| before.uidvalidity != now.uidvalidity) {
                return Err(MailboxError::Renumbered { folder: folder.name.clone() });
            }
            // What arrived since the caller last looked was never announced in this folder.
            if let (Some(before), Some(open)) = (before, &mut self.open) {
                open.news = before != now;
            }
        }
        self.open.as_mut().ok_or_else(|| MailboxError::closed(""))
    }

    /// EXAMINE: where the folder stands. A reply without UIDVALIDITY means that the connection broke off, or that the folder
    /// has no lasting numbers, which is as useless.
    async fn examine(&mut self, wire: &str) -> Result<Status, MailboxError> {
        self.open_as("EXAMINE", wire).await
    }

    async fn open_as(&mut self, verb: &'static str, wire: &str) -> Result<Status, MailboxError> {
        use async_imap::imap_proto::{MailboxDatum, Response, ResponseCode};
        if let Some(Open { wire, uidvalidity, uid_next, exists_read, .. }) = self.open.take() {
            // What the caller has seen of the folder that is left, to notice news on the return.
            self.known.insert(wire, Status { uidvalidity, uid_next, exists: exists_read });
        }
        let line = format!("{verb} {}", talk::quoted(wire)?);
        let (mut exists, mut uidvalidity, mut uid_next) = (0, None, None);
        let done = self
            .run(verb, &line, |response| match response {
                Response::MailboxData(MailboxDatum::Exists(n)) => exists = *n,
                Response::Data { outcome, .. } => match &outcome.code {
                    Some(ResponseCode::UidValidity(n)) => uidvalidity = Some(*n),
                    Some(ResponseCode::UidNext(n)) => uid_next = Some(*n),
                    _ => {}
                },
                _ => {}
            })
            .await?;
        let uidvalidity = uidvalidity.or(done.uidvalidity);
        let Some(uidvalidity) = uidvalidity else {
            self.busy = true;
            return Err(MailboxError::Protocol { command: verb, what: "no UIDVALIDITY" });
        };
        let status = Status { uidvalidity, uid_next, exists };
        self.known.insert(wire.to_owned(), status);
        self.open = Some(Open {
            wire: wire.to_owned(),
            uidvalidity,
            uid_next,
            exists,
            exists_read: exists,
            news: false,
            renumbered: false,
            sizes: BTreeMap::new(),
        });
        Ok(status)
    }

    /// Asks the server for news of the open folder (NOOP); opens the folder if it is not.
    async fn refresh(&mut self, folder: &Folder) -> Result<(), MailboxError> {
        if self.open.as_ref().is_some_and(|open| open.wire == folder.wire) {
            self.run("NOOP", "NOOP", |_| ()).await?;
        }
        self.enter(folder).await.map(|_| ())
    }

    /// Says good-bye; waits at most 5 s for the reply.
    pub async fn logout(mut self) {
        if !self.busy || self.idling.is_some() {
            let farewell = self.run("LOGOUT", "LOGOUT", |_| ());
            // However it ends, the connection is dropped.
            let _ = tokio::time::timeout(Duration::from_secs(5), farewell).await;
        }
    }
}
