//! Reaching the servers of a mailbox: address, TLS, login, put together from `system`, `mailbox` and `outbox`, which do
//! not know each other. Secrets are resolved here, right before a login, and dropped after it.
use super::ports::{BeforeDot, Mailbox, Outbox};
use super::refusals::Refusals;
use super::tokens;
use crate::config::secret;
use crate::mailbox::{
    self, Branch, Connection, Flags, Folder, Folders, Listed, MailboxError, Raw, Status, imap, maildir,
};
use crate::model::account::{self, FolderNames, Server};
use crate::model::{Credential, Instant, Tls};
use crate::outbox::{self, Deliverer, Envelope, Outcome, Stage, smtp};
use crate::system::net::{self, BoxedWire, NetError};
use crate::system::oauth::OAuthError;
use crate::system::{clock, failpoint};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// An SMTP connection that rested for longer is not used again: servers close idle ones.
const REST: Duration = Duration::from_secs(60);

/// Why a server could not be reached.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// The network or TLS.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The secret could not be had.
    #[error(transparent)]
    Secret(#[from] secret::SecretError),
    /// IMAP.
    #[error(transparent)]
    Mailbox(#[from] MailboxError),
    /// SMTP.
    #[error(transparent)]
    Outbox(#[from] outbox::OutboxError),
    /// No access token.
    #[error(transparent)]
    Token(#[from] OAuthError),
    /// The task that resolves secrets was lost.
    #[error("the password could not be read: {0}")]
    Task(String),
}

impl DialError {
    /// Whether the server refused the login: after three of these a mailbox rests.
    #[must_use]
    pub fn is_login(&self) -> bool {
        match self {
            Self::Mailbox(MailboxError::Login { .. }) => true,
            Self::Outbox(error) => matches!(error, outbox::OutboxError::Login { .. }),
            _ => false,
        }
    }

    /// Whether only the owner can help: another attempt would bring nothing but another refusal.
    #[must_use]
    pub fn needs_owner(&self) -> bool {
        matches!(self, Self::Token(error) if error.needs_owner())
    }
}

/// A TCP connection to a server; without encryption to this machine only, whatever its name promises.
pub(super) async fn reach(server: &Server) -> Result<BoxedWire, NetError> {
    match server.tls {
        Tls::None => net::connect_here(&server.host, server.port, net::CONNECT).await,
        Tls::Implicit | Tls::StartTls => net::connect(&server.host, server.port, net::CONNECT).await,
    }
}

/// Logins in progress at one time: a thousand mailboxes must not all shake hands at once.
const TOGETHER: usize = 32;

/// Reaches servers. Clones share what is costly: the trusted roots are read once for each `ca_file`.
#[derive(Clone, Debug)]
pub struct Dialler(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// The state directory, where access tokens are kept.
    tokens: Option<PathBuf>,
    roots: Mutex<BTreeMap<Option<PathBuf>, net::Tls>>,
    turn: Semaphore,
}

impl Default for Dialler {
    fn default() -> Self {
        Self::with(None)
    }
}

impl Dialler {
    /// One that keeps access tokens in a state directory.
    #[must_use]
    pub fn keeping_in(dir: &Path) -> Self {
        Self::with(Some(dir.to_path_buf()))
    }

    fn with(tokens: Option<PathBuf>) -> Self {
        Self(Arc::new(Shared { tokens, roots: Mutex::default(), turn: Semaphore::new(TOGETHER) }))
    }

    /// Opens and logs in a mailbox. `index` is where a Maildir keeps its numbering.
    ///
    /// # Errors
    /// See [`DialError`]; nothing secret was sent unless the connection was protected as configured.
    pub async fn mailbox(
        &self,
        incoming: &account::Incoming,
        index: &Path,
    ) -> Result<Connection<BoxedWire>, DialError> {
        let server = match incoming {
            account::Incoming::Maildir(place) => {
                return Ok(Connection::Maildir(maildir::Maildir::open(&place.root, index)?));
            }
            account::Incoming::Imap(account) => &account.server,
        };
        let _turn = self.0.turn.acquire().await;
        let mut connection = self.greeted(server).await?;
        if let Some((user, login)) = &server.login {
            let credential = tokens::credential(login, self.0.tokens.as_deref()).await?;
            let done = connection.login(user, &credential).await;
            if let Err(MailboxError::Login { .. }) = &done {
                tokens::refused(login, self.0.tokens.as_deref()).await;
            }
            done?;
        }
        Ok(connection)
    }

    /// A connection to an IMAP server, protected as configured, before the login.
    async fn greeted(&self, server: &Server) -> Result<Connection<BoxedWire>, DialError> {
        let wire = reach(server).await?;
        let (wire, opening) = match server.tls {
            Tls::None => (wire, imap::Opening::Greeting),
            Tls::Implicit => (self.encrypt(wire, server).await?, imap::Opening::Greeting),
            Tls::StartTls => {
                let wire = imap::starttls(wire).await?;
                (self.encrypt(wire, server).await?, imap::Opening::AfterStartTls)
            }
        };
        Ok(Connection::Imap(Box::new(imap::Session::open(wire, opening).await?)))
    }

    /// Whether a server takes a credential, before it is kept.
    ///
    /// # Errors
    /// See [`DialError`].
    pub async fn try_imap(&self, server: &Server, user: &str, credential: &Credential) -> Result<(), DialError> {
        let mut connection = self.greeted(server).await?;
        connection.login(user, credential).await?;
        connection.logout().await;
        Ok(())
    }

    async fn encrypt(&self, wire: BoxedWire, server: &Server) -> Result<BoxedWire, NetError> {
        let tls = self.tls(server.ca_file.as_deref())?;
        net::encrypt(wire, &server.host, &tls, net::CONNECT).await
    }

    /// Opens and logs in an outbox. `helo` is the domain that we greet with.
    ///
    /// # Errors
    /// See [`DialError`].
    pub async fn outbox(&self, outgoing: &account::Outgoing, helo: &str) -> Result<Deliverer<BoxedWire>, DialError> {
        let server = match outgoing {
            account::Outgoing::Sendmail(words) => return Ok(Deliverer::Sendmail(outbox::Sendmail::new(words.clone()))),
            account::Outgoing::Directory(dir) => return Ok(Deliverer::Directory(outbox::Directory::new(dir.clone()))),
            account::Outgoing::Smtp(account) => &account.server,
        };
        let _turn = self.0.turn.acquire().await;
        let wire = reach(server).await?;
        let (wire, opening) = match server.tls {
            Tls::None => (wire, smtp::Opening::Greeting),
            Tls::Implicit => (self.encrypt(wire, server).await?, smtp::Opening::Greeting),
            Tls::StartTls => {
                let wire = outbox::starttls(wire, helo).await?;
                (self.encrypt(wire, server).await?, smtp::Opening::AfterStartTls)
            }
        };
        let mut session = outbox::Session::open(failpoint::in_the_body(wire), opening, helo).await?;
        if let Some((user, login)) = &server.login {
            let credential = tokens::credential(login, self.0.tokens.as_deref()).await?;
            let done = session.login(user, &credential).await;
            if let Err(outbox::OutboxError::Login { .. }) = &done {
                tokens::refused(login, self.0.tokens.as_deref()).await;
            }
            done?;
        }
        Ok(Deliverer::Smtp(Box::new(session)))
    }

    pub(super) fn tls(&self, ca_file: Option<&Path>) -> Result<net::Tls, NetError> {
        let mut roots = self.0.roots.lock().unwrap_or_else(PoisonError::into_inner);
        let key = ca_file.map(Path::to_path_buf);
        if let Some(known) = roots.get(&key) {
            return Ok(known.clone());
        }
        let read = net::Tls::new(ca_file)?;
        roots.insert(key, read.clone());
        Ok(read)
    }
}

/// The outbox of one mailbox: opened when there is something to send, kept for the next mail, opened anew when lost.
#[derive(Debug)]
pub struct Courier {
    dialler: Dialler,
    outgoing: Option<account::Outgoing>,
    helo: String,
    open: Option<Deliverer<BoxedWire>>,
    used: Duration,
    /// What went wrong last, for `status`.
    trouble: Option<String>,
    refusals: Refusals,
}

impl Courier {
    /// A courier that has nothing open yet.
    #[must_use]
    pub fn new(dialler: Dialler, outgoing: Option<account::Outgoing>, helo: &str) -> Self {
        Self {
            dialler,
            outgoing,
            helo: helo.to_owned(),
            open: None,
            used: Duration::ZERO,
            trouble: None,
            refusals: Refusals::default(),
        }
    }

    /// One that goes on counting refused logins.
    #[must_use]
    pub fn counting(self, refusals: Refusals) -> Self {
        Self { trouble: refusals.rests(), refusals, ..self }
    }

    /// What went wrong last, if the last mail did not get through.
    #[must_use]
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// Says goodbye.
    pub async fn close(&mut self) {
        if let Some(open) = self.open.take() {
            open.quit().await;
        }
    }

    async fn ready(&mut self) -> Result<&mut Deliverer<BoxedWire>, Outcome> {
        let stale = clock::monotonic().saturating_sub(self.used) > REST;
        if self.open.as_ref().is_some_and(|open| stale || !open.is_usable()) {
            self.open = None;
        }
        if self.open.is_none() {
            if let Some(text) = self.refusals.rests() {
                self.trouble = Some(text.clone());
                return Err(Outcome::Lost { stage: Stage::Login, text });
            }
            let Some(outgoing) = &self.outgoing else {
                return Err(Outcome::Refused {
                    permanent: true,
                    stage: Stage::Connect,
                    reply: "this mailbox has no smtp, sendmail or outgoing".to_owned(),
                });
            };
            match self.dialler.outbox(outgoing, &self.helo).await {
                Ok(open) => {
                    self.refusals.end();
                    self.open = Some(open);
                }
                Err(error) => {
                    let mut text = error.to_string();
                    if error.is_login() || error.needs_owner() {
                        self.refusals.one_more(&text, error.needs_owner());
                        text = self.refusals.rests().unwrap_or(text);
                    }
                    self.trouble = Some(text.clone());
                    return Err(Outcome::Lost { stage: Stage::Connect, text });
                }
            }
        }
        self.open.as_mut().ok_or_else(|| Outcome::Lost { stage: Stage::Connect, text: "not open".to_owned() })
    }
}

impl Outbox for Courier {
    async fn send(&mut self, envelope: &Envelope, message: &[u8], before_dot: BeforeDot<'_>) -> Outcome {
        let reused = self.open.is_some();
        let mut outcome = self.once(envelope, message, before_dot).await;
        // A kept connection that the server closed meanwhile shows at the first command: nothing was sent.
        if reused && matches!(outcome, Outcome::Lost { stage: Stage::Mail, .. }) {
            self.open = None;
            outcome = self.once(envelope, message, before_dot).await;
        }
        self.used = clock::monotonic();
        if let Outcome::Sent { .. } = outcome {
            self.trouble = None;
        }
        outcome
    }
}

impl Courier {
    async fn once(&mut self, envelope: &Envelope, message: &[u8], before_dot: BeforeDot<'_>) -> Outcome {
        match self.ready().await {
            Ok(open) => open.send(envelope, message, before_dot).await,
            Err(outcome) => outcome,
        }
    }
}

impl<S: mailbox::Transport> Mailbox for Connection<S> {
    async fn folders(&mut self, names: &FolderNames) -> Result<Folders, MailboxError> {
        Connection::folders(self, names).await
    }

    async fn status(&mut self, folder: &Folder) -> Result<Status, MailboxError> {
        Connection::status(self, folder).await
    }

    async fn list(&mut self, folder: &Folder, from_uid: u32) -> Result<Vec<Listed>, MailboxError> {
        Connection::list_uids(self, folder, from_uid).await
    }

    async fn fetch(&mut self, folder: &Folder, uids: &[u32]) -> Result<Vec<Raw>, MailboxError> {
        Connection::fetch(self, folder, uids).await
    }

    async fn fetch_new(&mut self, folder: &Folder, from_uid: u32, expected: u32) -> Result<Vec<Raw>, MailboxError> {
        Connection::fetch_new(self, folder, from_uid, expected).await
    }

    async fn flags(&mut self, folder: &Folder, uid: u32) -> Result<Option<Flags>, MailboxError> {
        Connection::flags(self, folder, uid).await
    }

    async fn find(&mut self, folder: &Folder, header: &str, value: &str) -> Result<Option<u32>, MailboxError> {
        Connection::find(self, folder, header, value).await
    }

    async fn find_all(&mut self, folder: &Folder, header: &str, value: &str) -> Result<Vec<u32>, MailboxError> {
        Connection::find_all(self, folder, header, value).await
    }

    async fn append(&mut self, folder: &Folder, bytes: &[u8], flags: &[&str], at: Instant) -> Result<(), MailboxError> {
        Connection::append(self, folder, bytes, flags, at).await
    }

    async fn below(&mut self, root: &str) -> Result<Vec<Branch>, MailboxError> {
        Connection::below(self, root).await
    }

    async fn create(&mut self, path: &[&str]) -> Result<Folder, MailboxError> {
        Connection::create_path(self, path).await
    }

    async fn move_to(&mut self, folder: &Folder, uid: u32, to: &Folder) -> Result<(), MailboxError> {
        Connection::move_to(self, folder, uid, to).await
    }

    async fn remove(&mut self, folder: &Folder, uid: u32) -> Result<(), MailboxError> {
        Connection::remove(self, folder, uid).await
    }

    async fn whole(&mut self, folder: &Folder, uid: u32, most: usize) -> Result<Option<Vec<u8>>, MailboxError> {
        Connection::whole(self, folder, uid, most).await
    }
}

/// Where a Maildir's numbering is kept.
#[must_use]
pub fn index_dir(state: Option<&Path>, mailbox: &str) -> PathBuf {
    state.map_or_else(|| PathBuf::from("."), Path::to_path_buf).join("maildir").join(mailbox)
}
