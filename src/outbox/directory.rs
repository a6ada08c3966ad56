//! Delivery into a folder, one file a mail, for programs that fetch mail there and for trying fuseau out.
use super::message::{check, date, message_id};
use super::{Envelope, Outcome, Stage};
use crate::model::text::clean;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::{fmt::Display, io};
use tokio::fs;
use tokio::io::AsyncWriteExt;

/// A folder that mails are put into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directory {
    folder: PathBuf,
}

impl Directory {
    /// An existing folder, or one that can be made.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Puts one mail into `FOLDER/DATE-ID.eml`: written under another name, synced, `before_dot` awaited, renamed,
    /// folder synced. A file appears whole or not at all.
    ///
    /// The name follows from `Date` and `Message-ID` alone, so the same mail sent twice is one file; another mail
    /// of the same name is refused. The envelope is not written: the mail's own header names the recipient.
    pub async fn send<F, Fut, E>(&self, _envelope: &Envelope, message: &[u8], before_dot: F) -> Outcome
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<(), E>>,
        E: Display,
    {
        if let Err(error) = check(message) {
            return refused(Stage::Body, &error.to_string());
        }
        let name = file_name(message);
        let target = self.folder.join(&name);
        let draft = self.folder.join(format!(".{name}.part"));
        match fs::read(&target).await {
            Ok(there) if there == message => {}
            Ok(_) => return refused(Stage::Connect, &format!("another mail is already in {}", target.display())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return lost(Stage::Connect, &target, &error),
        }
        if let Err(error) = self.write(&draft, message).await {
            let _ = fs::remove_file(&draft).await;
            return lost(Stage::Body, &draft, &error);
        }
        if let Err(error) = before_dot().await {
            let _ = fs::remove_file(&draft).await;
            return Outcome::Lost { stage: Stage::Body, text: clean(&format!("held back: {error}"), 200) };
        }
        if let Err(error) = fs::rename(&draft, &target).await {
            let _ = fs::remove_file(&draft).await;
            return lost(Stage::Dot, &target, &error);
        }
        match self.sync().await {
            Ok(()) => Outcome::Sent { reply: clean(&format!("filed as {}", target.display()), 200) },
            Err(error) => {
                Outcome::Unknown { text: clean(&format!("{} may not outlast a crash: {error}", target.display()), 200) }
            }
        }
    }

    async fn write(&self, draft: &Path, message: &[u8]) -> io::Result<()> {
        fs::create_dir_all(&self.folder).await?;
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        options.mode(0o600);
        let mut file = options.open(draft).await?;
        file.write_all(message).await?;
        file.flush().await?;
        file.sync_all().await
    }

    /// Makes the rename last (fsync of the folder).
    async fn sync(&self) -> io::Result<()> {
        fs::File::open(&self.folder).await?.sync_all().await
    }
}

/// `20261123T090000Z-ID.eml`; without a readable `Date`, `ID.eml`. The ID is the Message-ID with everything but
/// letters, digits, dots and hyphens replaced, and a digest so that different ids stay different.
fn file_name(message: &[u8]) -> String {
    let id = message_id(message);
    let digest = Sha256::digest(id.as_ref().map_or(message, |id| id.as_str().as_bytes()));
    let digest: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '.' { c } else { '_' };
    let id = id.map(|id| id.as_str().trim_matches(['<', '>']).chars().take(80).map(plain).collect::<String>());
    let stamp = date(message).map(|date| format!("{}-", date.format("%Y%m%dT%H%M%SZ"))).unwrap_or_default();
    let name = format!("{stamp}{}-{digest}.eml", id.unwrap_or_else(|| "mail".to_owned()));
    name.trim_start_matches('.').to_owned()
}

fn refused(stage: Stage, text: &str) -> Outcome {
    Outcome::Refused { permanent: true, stage, reply: clean(text, 200) }
}

fn lost(stage: Stage, path: &Path, error: &io::Error) -> Outcome {
    Outcome::Lost { stage, text: clean(&format!("{}: {error}", path.display()), 200) }
}
