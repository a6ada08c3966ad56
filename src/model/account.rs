//! Where a mailbox lives and how to log in. Secrets are named here, resolved by `config`, and never shown.
use std::{fmt, path::PathBuf};

/// How a connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tls {
    /// TLS from the first byte (993, 465).
    Implicit,
    /// Upgraded by STARTTLS (143, 587); anything sent with the OK is an attack.
    StartTls,
    /// Loopback only.
    None,
}

/// Where a secret is found.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    /// Written in the configuration file (refused if others can read it).
    Text(String),
    /// A file of the owner with mode 0600.
    File(PathBuf),
    /// What a command prints on its first line. One element: run by the shell; several: run as is.
    Command(Vec<String>),
    /// An environment variable.
    Env(String),
    /// A systemd credential, `$CREDENTIALS_DIRECTORY/NAME`.
    Credential(String),
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("Text(…)"),
            Self::File(path) => write!(f, "File({})", path.display()),
            Self::Command(words) => write!(f, "Command({:?}, …)", words.first()),
            Self::Env(name) => write!(f, "Env({name})"),
            Self::Credential(name) => write!(f, "Credential({name})"),
        }
    }
}

/// How to prove who we are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Login {
    /// LOGIN or PLAIN.
    Password(Secret),
    /// XOAUTH2 with the access token that the secret yields.
    OAuth2(Secret),
}

/// A resolved secret, ready for one login. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// For LOGIN or PLAIN.
    Password(String),
    /// For XOAUTH2.
    Token(String),
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Password(_) => "Password(…)",
            Self::Token(_) => "Token(…)",
        })
    }
}

/// A server: the part that IMAP and SMTP share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Protection.
    pub tls: Tls,
    /// PEM file with further trusted roots.
    pub ca_file: Option<PathBuf>,
    /// User name and proof; `None` means no login (IMAP then fails, SMTP sends unauthenticated).
    pub login: Option<(String, Login)>,
}

/// An IMAP account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImapAccount {
    /// Server and login.
    pub server: Server,
}

/// A Maildir++ tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaildirAccount {
    /// The folder that holds `cur`, `new`, `tmp` (INBOX) and `.Sent`, `.Drafts`.
    pub root: PathBuf,
}

/// Where mail is fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// IMAP.
    Imap(ImapAccount),
    /// A local Maildir.
    Maildir(MaildirAccount),
}

/// An SMTP submission account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpAccount {
    /// Server and login.
    pub server: Server,
}

/// Where mail is handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// SMTP submission.
    Smtp(SmtpAccount),
    /// A sendmail-like program, fed the message on standard input, recipients as arguments.
    Sendmail(Vec<String>),
    /// A folder, one file a mail.
    Directory(PathBuf),
}

/// Folder names that the configuration fixes; otherwise found by SPECIAL-USE or by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderNames {
    /// Folders in which clients' mail arrives.
    pub inboxes: Vec<String>,
    /// Sent.
    pub sent: Option<String>,
    /// Drafts.
    pub drafts: Option<String>,
    /// Junk.
    pub junk: Option<String>,
    /// Where messages go whose wish was carried out.
    pub filed: Option<String>,
}

impl Default for FolderNames {
    fn default() -> Self {
        Self { inboxes: vec!["INBOX".to_owned()], sent: None, drafts: None, junk: None, filed: None }
    }
}
