//! The folders of wishes: listing them with their numbers of messages in one round trip, and taking messages out of them
//! again (RFC 6851, RFC 4315). Nothing else is ever moved or removed.
use super::{
    Session,
    folders::{Listing, read_status},
    talk::quoted,
};
use crate::{
    mailbox::{BYTES_MAX, Branch, Folder, MailboxError, utf7, watch::Transport},
    model::{FolderRole, text::clean},
};
use async_imap::imap_proto::{AttributeValue, MailboxDatum, Response};
use std::collections::BTreeMap;

/// Folders of wishes that are looked at.
const BRANCHES_MAX: usize = 100;

impl<S: Transport> Session<S> {
    /// The folders below the folder `root`, which stands at the top or just below INBOX. With LIST-STATUS (RFC 5819) one
    /// round trip, else one more for each folder.
    ///
    /// # Errors
    /// As every command.
    pub async fn below(&mut self, root: &str) -> Result<Vec<Branch>, MailboxError> {
        let pattern = quoted(&format!("*{}*", utf7::encode(root)))?;
        let mut listing = Listing::default();
        let mut numbers = BTreeMap::new();
        let with_status = self.can("LIST-STATUS");
        let line = match with_status {
            true => format!("LIST \"\" {pattern} RETURN (STATUS (MESSAGES UIDNEXT UIDVALIDITY))"),
            false => format!("LIST \"\" {pattern}"),
        };
        self.run("LIST", &line, |response| {
            listing.take(response);
            if let Some((wire, status)) = read_status(response) {
                numbers.insert(wire, status);
            }
        })
        .await?;
        let mut found = Vec::new();
        for one in listing.0 {
            let Some(path) = one.below(root) else { continue };
            let folder = Folder { name: one.name.clone(), role: FolderRole::Inbox, wire: one.wire };
            if found.len() < BRANCHES_MAX && !found.iter().any(|(_, known): &(_, Folder)| known.wire == folder.wire) {
                found.push((path, folder));
            }
        }
        let mut branches = Vec::new();
        for (path, folder) in found {
            let told = numbers.get(&folder.wire.to_lowercase()).copied().filter(|_| with_status);
            let opened = self.open.as_ref().is_some_and(|open| open.wire == folder.wire);
            let status = match told {
                Some(status) if status.uid_next.is_some() && status.uidvalidity > 0 => {
                    // What the caller learns here is what later calls are measured by.
                    if !opened {
                        self.known.insert(folder.wire.clone(), status);
                    }
                    status
                }
                _ => self.status(&folder).await?,
            };
            branches.push(Branch { path, folder, status });
        }
        Ok(branches)
    }

    /// Makes and subscribes a folder by its path, below INBOX where everything lives there; one that exists is fine.
    ///
    /// # Errors
    /// `Refused` with the server's reason; else as every command.
    pub async fn create_path(&mut self, path: &[&str]) -> Result<Folder, MailboxError> {
        let delimiter = self.delimiter.unwrap_or('/');
        let parts: Vec<String> = path.iter().map(|part| clean(part, 100).replace(delimiter, "-")).collect();
        let joined = parts.join(&delimiter.to_string());
        let folder = |prefix: &str| {
            let name = format!("{prefix}{joined}");
            Folder { wire: utf7::encode(&name), name, role: FolderRole::Inbox }
        };
        let first = folder(&self.prefix);
        match self.make(&first).await {
            Ok(()) => Ok(first),
            // A mailbox with nothing but INBOX does not show that all others belong below it.
            Err(refused @ MailboxError::Refused { .. }) if self.prefix.is_empty() => {
                let second = folder(&format!("INBOX{delimiter}"));
                match self.make(&second).await {
                    Ok(()) => Ok(second),
                    Err(MailboxError::Refused { .. }) => Err(refused),
                    Err(error) => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// Moves one message. Without MOVE it is copied first and removed then: whoever dies in between leaves two.
    ///
    /// # Errors
    /// `Refused` (the message is where it was, or in both places); `Renumbered`; else as every command.
    pub async fn move_to(&mut self, folder: &Folder, uid: u32, to: &Folder) -> Result<(), MailboxError> {
        let target = quoted(&to.wire)?;
        self.select(folder).await?;
        if self.can("MOVE") {
            match self.run("UID MOVE", &format!("UID MOVE {uid} {target}"), |_| ()).await {
                Ok(_) => return self.leave().await,
                // Some servers offer it and fail at it.
                Err(MailboxError::Refused { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        if !self.is_there(uid).await? {
            return self.leave().await;
        }
        self.run("UID COPY", &format!("UID COPY {uid} {target}"), |_| ()).await?;
        self.expunge(uid).await
    }

    /// Removes one message for good.
    ///
    /// # Errors
    /// As `move_to`.
    pub async fn remove(&mut self, folder: &Folder, uid: u32) -> Result<(), MailboxError> {
        self.select(folder).await?;
        self.expunge(uid).await
    }

    /// `\Deleted`, then UID EXPUNGE. Without UIDPLUS a plain EXPUNGE, unless it would take others along: the message then
    /// stays, marked as deleted.
    async fn expunge(&mut self, uid: u32) -> Result<(), MailboxError> {
        self.run("UID STORE", &format!("UID STORE {uid} +FLAGS.SILENT (\\Deleted)"), |_| ()).await?;
        if self.can("UIDPLUS") {
            self.run("UID EXPUNGE", &format!("UID EXPUNGE {uid}"), |_| ()).await?;
            return self.leave().await;
        }
        let mut deleted = Vec::new();
        self.run("UID SEARCH", "UID SEARCH DELETED", |response| {
            if let Response::MailboxData(MailboxDatum::Search(uids)) = response {
                deleted.extend(uids.iter().copied());
            }
        })
        .await?;
        if deleted == [uid] {
            self.run("EXPUNGE", "EXPUNGE", |_| ()).await?;
        }
        self.leave().await
    }

    async fn is_there(&mut self, uid: u32) -> Result<bool, MailboxError> {
        let mut there = false;
        self.run("UID FETCH", &format!("UID FETCH {uid} (UID)"), |response| {
            if let Response::Fetch(_, attributes) = response {
                there |= attributes.iter().any(|one| matches!(one, AttributeValue::Uid(found) if *found == uid));
            }
        })
        .await?;
        Ok(there)
    }

    /// Opens a folder for writing; an error if it was numbered anew since the caller last learnt its number.
    async fn select(&mut self, folder: &Folder) -> Result<(), MailboxError> {
        let before = self.known.get(&folder.wire).copied();
        let now = self.open_as("SELECT", &folder.wire).await?;
        if before.is_some_and(|before| before.uidvalidity != now.uidvalidity) {
            return Err(MailboxError::Renumbered { folder: folder.name.clone() });
        }
        Ok(())
    }

    /// Nothing stays open for writing: the next call opens what it needs anew. What moved is not news of this folder.
    async fn leave(&mut self) -> Result<(), MailboxError> {
        self.open = None;
        Ok(())
    }

    /// A whole message of at most `most` octets, in pieces that no literal outgrows; `None` when it is gone or larger.
    ///
    /// # Errors
    /// `Renumbered`; else as every command.
    pub async fn whole(&mut self, folder: &Folder, uid: u32, most: usize) -> Result<Option<Vec<u8>>, MailboxError> {
        self.enter(folder).await?;
        let mut bytes: Vec<u8> = Vec::new();
        loop {
            let from = bytes.len();
            let mut piece: Option<Vec<u8>> = None;
            self.run("UID FETCH", &format!("UID FETCH {uid} (UID BODY.PEEK[]<{from}.{BYTES_MAX}>)"), |response| {
                let Response::Fetch(_, attributes) = response else { return };
                let ours = attributes.iter().any(|one| matches!(one, AttributeValue::Uid(found) if *found == uid));
                for attribute in attributes.iter().filter(|_| ours) {
                    if let AttributeValue::BodySection { section: None, data: Some(data), .. } = attribute {
                        piece = Some(data.to_vec());
                    }
                }
            })
            .await?;
            let Some(piece) = piece else {
                // Behind the last octet some servers say NIL.
                return Ok((from > 0).then_some(bytes));
            };
            bytes.extend_from_slice(&piece);
            if bytes.len() > most {
                return Ok(None);
            }
            if piece.len() < BYTES_MAX {
                return Ok(Some(bytes));
            }
        }
    }
}
