//! What can go wrong with a mailbox, said so that it is clear who must act. No secrets, no mail text.
use crate::model::text::clean;
use std::{
    io,
    path::{Path, PathBuf},
};

/// Longest piece of a server's text that an error repeats, in characters.
const SERVER_TEXT: usize = 200;

/// A failed mailbox operation. Texts of servers in it are one cleaned line of at most 200 characters.
#[derive(Debug, thiserror::Error)]
pub enum MailboxError {
    /// The server refused user, password or token. Setup: the owner must act.
    #[error("login refused: {text}; check user, password or token of this mailbox")]
    Login {
        /// What the server said.
        text: String,
    },
    /// The configuration names a folder that is not there. Setup: the owner must act.
    #[error("there is no folder {name:?}; there are: {have}")]
    NoFolder {
        /// The configured name.
        name: String,
        /// Some of the names that exist.
        have: String,
    },
    /// A tagged NO or BAD; the session goes on.
    #[error("{command} refused: {text}")]
    Refused {
        /// The command, without arguments.
        command: &'static str,
        /// What the server said.
        text: String,
        /// The server offers to accept it once the folder exists (RFC 3501 7.1, TRYCREATE).
        try_create: bool,
    },
    /// UIDVALIDITY changed under our feet: ask for the status and list the folder again.
    #[error("folder {folder:?} was numbered anew (UIDVALIDITY changed)")]
    Renumbered {
        /// The folder.
        folder: String,
    },
    /// The connection is gone, or was given up after an earlier error.
    #[error("connection lost: {text}")]
    Closed {
        /// The server's farewell, or our words.
        text: String,
    },
    /// The server kept silent, or was far too slow.
    #[error("no answer to {command} in time")]
    TimedOut {
        /// The command, without arguments.
        command: &'static str,
    },
    /// The server's reply cannot be used; the connection is given up.
    #[error("{command}: unusable reply: {what}")]
    Protocol {
        /// The command, without arguments.
        command: &'static str,
        /// What was wrong, in our words.
        what: &'static str,
    },
    /// The connection cannot be trusted; nothing secret was sent.
    #[error("not safe to log in: {what}; tls = \"implicit\" (port 993) avoids this")]
    Unsafe {
        /// What was seen.
        what: &'static str,
    },
    /// We were asked for something that must not be sent. Permanent: repeating does not help.
    #[error("cannot use this {what}")]
    Invalid {
        /// Which argument.
        what: &'static str,
    },
    /// A Maildir or its index cannot be read or written.
    #[error("{}: {source}", path.display())]
    Disk {
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
}

impl MailboxError {
    /// Whether only the owner can mend this (wrong password, missing folder, no permission).
    #[must_use]
    pub fn is_setup(&self) -> bool {
        match self {
            Self::Login { .. } | Self::NoFolder { .. } => true,
            Self::Disk { source, .. } => {
                matches!(source.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied)
            }
            _ => false,
        }
    }

    /// Whether a file of ours below `dir` finds no room on its disk.
    #[must_use]
    pub fn is_full(&self, dir: &Path) -> bool {
        match self {
            Self::Disk { path, source } => {
                let full = matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
                full && path.starts_with(dir)
            }
            _ => false,
        }
    }

    /// Whether the session is of no further use and a new connection is needed.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        !matches!(
            self,
            Self::Refused { .. }
                | Self::Renumbered { .. }
                | Self::NoFolder { .. }
                | Self::Invalid { .. }
                | Self::Disk { .. }
        )
    }

    /// Whether repeating the same call can never succeed.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        matches!(self, Self::Invalid { .. })
    }

    /// A connection that ended, with the server's words if it had any.
    pub(super) fn closed(text: &str) -> Self {
        let text = server_text(text);
        Self::Closed { text: if text.is_empty() { "closed by the server".to_owned() } else { text } }
    }

    /// An input or output error on the connection. Foreign error texts can hold whole replies and are dropped.
    pub(super) fn io(command: &'static str, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::TimedOut => Self::TimedOut { command },
            io::ErrorKind::Other => Self::Protocol { command, what: "not IMAP" },
            io::ErrorKind::InvalidData => match error.get_ref().and_then(|e| e.downcast_ref::<super::gate::Rude>()) {
                Some(rude) => Self::Protocol { command, what: rude.0 },
                None => Self::Protocol { command, what: "damaged data" },
            },
            kind => Self::Closed { text: format!("{kind}") },
        }
    }

    /// A disk error at `path`.
    pub(super) fn disk(path: &std::path::Path, source: io::Error) -> Self {
        Self::Disk { path: path.to_owned(), source }
    }
}

/// A server's text as errors may show it.
pub(super) fn server_text(raw: &str) -> String {
    clean(raw, SERVER_TEXT)
}

/// Words by which servers say "later" instead of "never" (RFC 5530 UNAVAILABLE, INUSE, LIMIT, SERVERBUG; Gmail's
/// "Too many simultaneous connections").
const LATER: &[&str] = &[
    "[unavailable]",
    "[inuse]",
    "[limit]",
    "[serverbug]",
    "[overquota]",
    "too many",
    "simultaneous",
    "temporar",
    "try again",
    "rate limit",
    "bandwidth",
];

/// Whether a refusal may pass by itself.
pub(super) fn says_later(text: &str) -> bool {
    let text = text.to_lowercase();
    LATER.iter().any(|word| text.contains(word))
}
