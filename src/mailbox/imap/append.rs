//! APPEND: a copy into Sent, a draft into Drafts. The caller looks first whether it is there already (`find`).
use super::{Session, talk::quoted};
use crate::{
    mailbox::{Folder, MailboxError, watch::Transport},
    model::Instant,
};
use std::collections::VecDeque;

impl<S: Transport> Session<S> {
    /// Stores a message with flags such as `\Seen` and the given date of arrival. A missing folder is made if the
    /// server says that this would help (TRYCREATE).
    ///
    /// # Errors
    /// `Refused` with the server's reason, for example a full mailbox; else as every command.
    pub async fn append(
        &mut self,
        folder: &Folder,
        bytes: &[u8],
        flags: &[&str],
        at: Instant,
    ) -> Result<(), MailboxError> {
        let harmless = |flag: &&str| {
            let name = flag.strip_prefix('\\').unwrap_or(flag);
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"$-_".contains(&b))
        };
        if !flags.iter().all(harmless) {
            return Err(MailboxError::Invalid { what: "flag" });
        }
        let name = quoted(&folder.wire)?;
        let date = at.format("%e-%b-%Y %H:%M:%S +0000");
        let line = format!("APPEND {name} ({}) \"{date}\" {{{}}}", flags.join(" "), bytes.len());
        let parts = || VecDeque::from([bytes.to_vec()]);
        match self.run_with("APPEND", &line, parts(), |_| ()).await {
            Err(MailboxError::Refused { try_create: true, .. }) => {}
            outcome => return outcome.map(|_| ()),
        }
        self.make(folder).await?;
        self.run_with("APPEND", &line, parts(), |_| ()).await.map(|_| ())
    }
}
