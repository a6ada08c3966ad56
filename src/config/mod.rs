//! The owner's file, read and checked: `fuseau.toml` to [`Settings`]. Also the resolving of secrets.
//!
//! Every option is declared once, in `schema`. `load` finds and reads files, `reader` and `scalar` read
//! values, `check` gives them meaning; all of them collect findings instead of stopping at the first.
mod check;
pub mod cities;
mod fault;
mod json_schema;
mod load;
mod nearest;
pub mod places;
pub mod providers;
mod reader;
pub mod reference;
mod scalar;
mod schema;
pub mod secret;
mod source;
mod spare;
mod templates;
mod value;

pub use crate::decide::DigestTimes;
pub use fault::{Faults, Finding};
pub use json_schema::json_schema;
pub use load::{NotFound, find, load, parse};
pub use nearest::word as nearest;
pub use spare::load_sparing;
pub use value::duration;

use crate::{
    decide::Policy,
    model::{
        EmailAddress,
        account::{FolderNames, Incoming, Outgoing},
    },
};
use std::{path::PathBuf, time::Duration};

/// Everything that the configuration says, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What the rules need.
    pub policy: Policy,
    /// How each mailbox is reached, in the order of `policy.mailboxes`.
    pub mailboxes: Vec<MailboxSettings>,
    /// The folder of the owner's templates, if the file names one.
    pub template_folder: Option<PathBuf>,
    /// Templates of the owner: name such as `fr/acknowledgement.txt`, and text.
    pub templates: Vec<(String, String)>,
    /// The folder of the database, if the file says it.
    pub state: Option<PathBuf>,
    /// The mail to the owner.
    pub digest: Digest,
    /// How long the history is kept after the last contact; `None`: until it is erased by hand.
    pub retention: Option<chrono::TimeDelta>,
    /// What of a message is kept in the history.
    pub keep: crate::model::Keep,
    /// The desk in a browser.
    pub web: Web,
    /// The public page.
    pub page: Page,
    /// The command by which the owner hears of urgent mail at once.
    pub hook: Option<Hook>,
    /// The files that were read, the main one first.
    pub files: Vec<PathBuf>,
    /// What is accepted, but probably not meant.
    pub warnings: Vec<Finding>,
}

/// How one mailbox is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailboxSettings {
    /// The key in the configuration, as in [`crate::model::Identity`].
    pub name: String,
    /// Where mail is fetched.
    pub incoming: Incoming,
    /// Where mail is handed over; `None` only if the mailbox's mode is `observe`.
    pub outgoing: Option<Outgoing>,
    /// Folders that the file names.
    pub folders: FolderNames,
    /// Time between two polls, 5 s to 1 h.
    pub poll_every: Duration,
    /// Whether folders are commands.
    pub commands: bool,
}

/// A command that is told something on its standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// Program and arguments; not empty.
    pub command: Vec<String>,
    /// How long it may take.
    pub timeout: Duration,
}

/// The one mail to the owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest {
    /// Where it goes; `None` only if there is no mailbox.
    pub to: Option<EmailAddress>,
    /// Whether the file says where: then an observing mailbox may be written to.
    pub asked: bool,
    /// When.
    pub at: DigestTimes,
}

/// The public page.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Page {
    /// The folder that the daemon keeps fresh; `None`: nothing is written by itself.
    pub out: Option<PathBuf>,
    /// What is published.
    pub shown: crate::compose::page::Shown,
}

/// The desk in a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Web {
    /// Whether the daemon serves it too.
    pub serve: bool,
    /// Where.
    pub listen: Listen,
}

/// Where the desk listens: on this machine only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listen {
    /// A loopback address.
    Tcp(std::net::SocketAddr),
    /// A socket.
    Unix(PathBuf),
}

impl Default for Web {
    fn default() -> Self {
        Self { serve: false, listen: Listen::Tcp(([127, 0, 0, 1], 8427).into()) }
    }
}
