//! LIST, STATUS and CREATE. Choosing among the listed folders is `mailbox/folder.rs`' trade.
use super::{Session, talk::quoted};
use crate::{
    mailbox::{
        Folder, Folders, MailboxError, Status,
        folder::{Found, cast},
        utf7,
        watch::Transport,
    },
    model::{FolderRole, account::FolderNames, text::clean},
};
use async_imap::imap_proto::{MailboxDatum, MailboxListData, NameAttribute, Response, StatusAttribute};

/// Folders of one account that are looked at.
const FOLDERS_MAX: usize = 10_000;

impl<S: Transport> Session<S> {
    /// Lists the folders and finds Sent, Drafts, Junk and Trash: configuration, then SPECIAL-USE (RFC 6154), then names.
    ///
    /// # Errors
    /// `NoFolder` when a configured folder is missing; else as every command.
    pub async fn folders(&mut self, names: &FolderNames) -> Result<Folders, MailboxError> {
        let mut listing = Listing::default();
        let mut collect = |response: &Response<'_>| listing.take(response);
        // Some servers name the special uses only when asked (rule 94).
        let asked = match self.can("SPECIAL-USE") && self.can("LIST-EXTENDED") {
            true => match self.run("LIST", "LIST \"\" \"*\" RETURN (SPECIAL-USE)", &mut collect).await {
                Ok(_) => true,
                Err(MailboxError::Refused { .. }) => false,
                Err(error) => return Err(error),
            },
            false => false,
        };
        if !asked {
            self.run("LIST", "LIST \"\" \"*\"", &mut collect).await?;
        }
        let Listing(mut found) = listing;
        found.sort_by(|a, b| a.wire.cmp(&b.wire));
        found.dedup_by(|b, a| {
            let same = a.wire == b.wire;
            if same {
                a.special = a.special.or(b.special);
            }
            same
        });
        self.prefix = prefix(&found);
        self.delimiter = found.iter().find_map(|one| one.delimiter);
        cast(&found, names)
    }

    /// Where a folder stands. STATUS, or EXAMINE where the folder is open (RFC 3501 6.3.10 advises against STATUS
    /// there) or STATUS did not tell.
    ///
    /// # Errors
    /// As every command.
    pub async fn status(&mut self, folder: &Folder) -> Result<Status, MailboxError> {
        if self.open.as_ref().is_none_or(|open| open.wire != folder.wire) {
            let line = format!("STATUS {} (MESSAGES UIDNEXT UIDVALIDITY)", quoted(&folder.wire)?);
            let (mut status, mut uidvalidity) = (Status::default(), None);
            self.run("STATUS", &line, |response| {
                if let Some((wire, told)) = read_status(response)
                    && wire == folder.wire.to_lowercase()
                {
                    status = told;
                    uidvalidity = Some(told.uidvalidity).filter(|n| *n > 0);
                }
            })
            .await?;
            if let (Some(uidvalidity), Some(_)) = (uidvalidity, status.uid_next) {
                let status = Status { uidvalidity, ..status };
                self.known.insert(folder.wire.clone(), status);
                return Ok(status);
            }
        }
        self.examine(&folder.wire).await
    }

    /// Makes a folder at the top, or below INBOX where the server keeps everything there; one that exists is fine.
    ///
    /// # Errors
    /// As every command.
    pub async fn create(&mut self, name: &str, role: FolderRole) -> Result<Folder, MailboxError> {
        let name = format!("{}{}", self.prefix, clean(name, 100));
        let folder = Folder { wire: utf7::encode(&name), name, role };
        self.make(&folder).await.map(|()| folder)
    }

    pub(super) async fn make(&mut self, folder: &Folder) -> Result<(), MailboxError> {
        let name = quoted(&folder.wire)?;
        match self.run("CREATE", &format!("CREATE {name}"), |_| ()).await {
            Ok(_) => {}
            Err(MailboxError::Refused { text, .. }) if text.to_lowercase().contains("exist") => {}
            Err(error) => return Err(error),
        }
        match self.run("SUBSCRIBE", &format!("SUBSCRIBE {name}"), |_| ()).await {
            Ok(_) | Err(MailboxError::Refused { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Folders as the replies to LIST name them.
#[derive(Debug, Default)]
pub(super) struct Listing(pub(super) Vec<Found>);

impl Listing {
    /// Takes what one reply says.
    pub(super) fn take(&mut self, response: &Response<'_>) {
        if let Response::MailboxData(MailboxDatum::List(data)) = response
            && self.0.len() < FOLDERS_MAX
        {
            self.0.extend(listed(data));
        }
    }
}

/// What a STATUS reply says: the folder's wire name in lower case, and its numbers; UIDVALIDITY 0 where it is not told.
pub(super) fn read_status(response: &Response<'_>) -> Option<(String, Status)> {
    let Response::MailboxData(MailboxDatum::Status { mailbox, status: attributes }) = response else { return None };
    let mut status = Status::default();
    for attribute in attributes {
        match attribute {
            StatusAttribute::Messages(n) => status.exists = *n,
            StatusAttribute::UidNext(n) => status.uid_next = Some(*n),
            StatusAttribute::UidValidity(n) => status.uidvalidity = *n,
            _ => {}
        }
    }
    Some((unescaped(mailbox).to_lowercase(), status))
}

/// A folder that can be opened, from one LIST reply.
fn listed(data: &MailboxListData<'_>) -> Option<Found> {
    let hidden = data.name_attributes.iter().any(|attribute| match attribute {
        NameAttribute::NoSelect => true,
        NameAttribute::Extension(other) => other.eq_ignore_ascii_case("\\NonExistent"),
        _ => false,
    });
    let wire = unescaped(&data.name);
    // A name in no known encoding cannot be sent back.
    if hidden || wire.is_empty() || wire.contains(char::REPLACEMENT_CHARACTER) || quoted(&wire).is_err() {
        return None;
    }
    let special = data.name_attributes.iter().find_map(|attribute| match attribute {
        NameAttribute::Sent => Some(FolderRole::Sent),
        NameAttribute::Drafts => Some(FolderRole::Drafts),
        NameAttribute::Junk => Some(FolderRole::Junk),
        NameAttribute::Trash => Some(FolderRole::Trash),
        _ => None,
    });
    let delimiter = data.delimiter.as_deref().and_then(|text| unescaped(text).chars().next());
    Some(Found { name: clean(&utf7::decode(&wire), 200), wire, delimiter, special })
}

/// The parser leaves the escapes of quoted strings in place.
fn unescaped(text: &str) -> String {
    text.replace("\\\"", "\"").replace("\\\\", "\\")
}

/// `INBOX.` (in the server's spelling) when all other folders live below INBOX.
fn prefix(found: &[Found]) -> String {
    let below = |one: &Found| {
        let (head, delimiter) = (one.name.get(..5)?, one.delimiter?);
        let rest = one.name.get(5..)?;
        (head.eq_ignore_ascii_case("INBOX") && rest.starts_with(delimiter)).then(|| format!("{head}{delimiter}"))
    };
    let mut others = found.iter().filter(|one| !one.name.eq_ignore_ascii_case("INBOX")).peekable();
    let first = others.peek().and_then(|one| below(one));
    match first {
        Some(prefix) if others.all(|one| below(one).is_some()) => prefix,
        _ => String::new(),
    }
}
