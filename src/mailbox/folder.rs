//! Folders: which there are, which of them plays which part, and where each stands. No I/O.
use super::folder_names::usual_names;
use super::{MailboxError, utf7};
use crate::model::{FolderRole, account::FolderNames, text::clean};

/// One folder as the daemon names it; the server's spelling stays inside.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Folder {
    /// The name as the owner sees it, UTF-8.
    pub name: String,
    /// The part it plays.
    pub role: FolderRole,
    /// IMAP: modified UTF-7. Maildir: the directory below the root, empty for INBOX.
    pub(super) wire: String,
}

impl Folder {
    /// A folder whose name the server spells the same way: for rehearsals with a mailbox in memory.
    #[must_use]
    pub fn new(name: &str, role: FolderRole) -> Self {
        Self { name: name.to_owned(), role, wire: name.to_owned() }
    }
}

/// The folders that matter.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Folders {
    /// Folders in which clients' mail arrives, at least one.
    pub inboxes: Vec<Folder>,
    /// The owner's sent mail.
    pub sent: Option<Folder>,
    /// Drafts.
    pub drafts: Option<Folder>,
    /// Junk.
    pub junk: Option<Folder>,
    /// What the owner deleted; looked into only for drafts.
    pub trash: Option<Folder>,
    /// Where messages go whose wish was carried out, if the configuration names it.
    pub filed: Option<Folder>,
    /// The names of all folders, UTF-8, for messages to the owner.
    pub all: Vec<String>,
}

/// Where a folder stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Status {
    /// Changes when the server numbers the folder anew (RFC 3501 2.3.1.1).
    pub uidvalidity: u32,
    /// The number that the next message will have at least; some servers keep it to themselves.
    pub uid_next: Option<u32>,
    /// Messages in the folder.
    pub exists: u32,
}

/// A folder below a root, with where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// Its names below the root, outermost first.
    pub path: Vec<String>,
    /// The folder.
    pub folder: Folder,
    /// Where it stands.
    pub status: Status,
}

/// A folder as it was listed.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    pub(super) wire: String,
    pub(super) name: String,
    pub(super) delimiter: Option<char>,
    /// By SPECIAL-USE (RFC 6154).
    pub(super) special: Option<FolderRole>,
}

impl Found {
    /// The names below `root`, which stands at the top or just below INBOX; `None` for the root itself and all others.
    pub(super) fn below(&self, root: &str) -> Option<Vec<String>> {
        let delimiter = self.delimiter?;
        let mut parts: Vec<&str> = self.name.split(delimiter).collect();
        if parts.first().is_some_and(|first| first.eq_ignore_ascii_case("INBOX")) {
            parts.remove(0);
        }
        let (first, rest) = parts.split_first()?;
        let fits = first.eq_ignore_ascii_case(root) && !rest.is_empty();
        fits.then(|| rest.iter().map(|part| (*part).to_owned()).collect())
    }

    /// The last part of the name, lower case, when it stands at the top or just below INBOX or a `[Gmail]`.
    fn leaf(&self) -> Option<String> {
        let lower = self.name.to_lowercase();
        let mut parts: Vec<&str> = match self.delimiter {
            Some(delimiter) => lower.split(delimiter).collect(),
            None => vec![&lower],
        };
        let leaf = parts.pop()?.trim().to_owned();
        let shallow = match parts.as_slice() {
            [] => true,
            [parent] => *parent == "inbox" || parent.starts_with('['),
            _ => false,
        };
        shallow.then_some(leaf)
    }
}

/// Whether a folder of this name holds drafts or junk, which are no exchanges.
pub(super) fn holds_no_exchanges(name: &str) -> bool {
    let lower = name.to_lowercase();
    let leaf = lower.rsplit(['.', '/']).next().unwrap_or_default().trim();
    [FolderRole::Drafts, FolderRole::Junk].into_iter().any(|role| usual_names(role).contains(&leaf))
}

/// Who plays which part: the configuration wins, then SPECIAL-USE, then the usual names (rule 94).
///
/// # Errors
/// `NoFolder` for a configured name that was not listed.
pub(super) fn cast(found: &[Found], names: &FolderNames) -> Result<Folders, MailboxError> {
    let inboxes =
        names.inboxes.iter().map(|name| configured(found, name, FolderRole::Inbox)).collect::<Result<_, _>>()?;
    let part = |role, name: &Option<String>| match name {
        Some(name) => configured(found, name, role).map(Some),
        None => Ok(special(found, role).or_else(|| usual(found, role)).map(|one| folder(one, role))),
    };
    Ok(Folders {
        inboxes,
        sent: part(FolderRole::Sent, &names.sent)?,
        drafts: part(FolderRole::Drafts, &names.drafts)?,
        junk: part(FolderRole::Junk, &names.junk)?,
        trash: part(FolderRole::Trash, &None)?,
        filed: match &names.filed {
            Some(name) => Some(configured(found, name, FolderRole::Inbox)?),
            None => None,
        },
        all: found.iter().map(|one| one.name.clone()).collect(),
    })
}

fn folder(found: &Found, role: FolderRole) -> Folder {
    Folder { name: found.name.clone(), role, wire: found.wire.clone() }
}

/// The folder with a configured name: as listed, else regardless of case, else as the server spells it.
fn configured(found: &[Found], name: &str, role: FolderRole) -> Result<Folder, MailboxError> {
    let lower = name.to_lowercase();
    let by = |test: &dyn Fn(&Found) -> bool| found.iter().find(|one| test(one)).map(|one| folder(one, role));
    if let Some(folder) = by(&|one| one.name == name)
        .or_else(|| by(&|one| one.name.to_lowercase() == lower))
        .or_else(|| by(&|one| one.wire == name || one.wire == utf7::encode(name)))
    {
        return Ok(folder);
    }
    if lower == "inbox" {
        return Ok(Folder { name: "INBOX".to_owned(), role, wire: "INBOX".to_owned() });
    }
    let have: Vec<&str> = found.iter().take(40).map(|one| one.name.as_str()).collect();
    Err(MailboxError::NoFolder { name: clean(name, 100), have: clean(&have.join(", "), 400) })
}

/// The shallowest folder that the server itself gives this part.
fn special(found: &[Found], role: FolderRole) -> Option<&Found> {
    let depth = |one: &Found| one.delimiter.map_or(0, |delimiter| one.name.matches(delimiter).count());
    found.iter().filter(|one| one.special == Some(role)).min_by_key(|one| depth(one))
}

/// The folder with the most usual name for this part, unless the server gave it another.
fn usual(found: &[Found], role: FolderRole) -> Option<&Found> {
    let rank = |one: &Found| {
        let leaf = one.leaf()?;
        usual_names(role).iter().position(|name| *name == leaf)
    };
    found
        .iter()
        .filter(|one| one.special.is_none())
        .filter_map(|one| Some((rank(one)?, one)))
        .min_by_key(|(rank, _)| *rank)
        .map(|(_, one)| one)
}

#[cfg(test)]
#[path = "folder_tests.rs"]
mod tests;
