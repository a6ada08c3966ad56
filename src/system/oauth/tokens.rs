//! The file that keeps a mailbox's tokens: private, written whole or not at all, one writer at a time.
use super::OAuthError;
use crate::model::Instant;
use crate::model::account::Grant;
use crate::system::keyring;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Greater files are not ours.
const GREATEST: u64 = 256 * 1024;

/// What a login left. `Debug` shows no token.
#[derive(Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct Tokens {
    /// For whom they were made: tokens of another client id are of no use.
    client_id: String,
    /// Where they are refreshed.
    token_url: String,
    access_token: Option<String>,
    /// The refresh token; authorities may replace it with every use.
    pub(super) refresh_token: Option<String>,
    /// When the access token ends, in seconds since 1970 (UTC).
    pub expires_at: i64,
    /// What it allows, as the authority says.
    pub scope: Option<String>,
    /// The authority has taken its permission back.
    #[serde(default)]
    pub refused: bool,
    /// Which refresh token of the configuration it began with.
    #[serde(default)]
    pub(super) seed: Option<String>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("expires_at", &self.expires_at)
            .field("refused", &self.refused)
            .finish_non_exhaustive()
    }
}

impl Tokens {
    pub(super) fn granted(
        grant: &Grant,
        access: String,
        refresh: Option<String>,
        scope: Option<String>,
        expires_at: Instant,
    ) -> Self {
        Self {
            client_id: grant.client_id.clone(),
            token_url: grant.endpoints.token.clone(),
            access_token: Some(access),
            refresh_token: refresh,
            expires_at: expires_at.timestamp(),
            scope,
            refused: false,
            seed: None,
        }
    }

    /// The start with a refresh token of the configuration.
    pub(super) fn seeded(grant: &Grant, refresh: &str, seed: Option<String>) -> Self {
        Self {
            client_id: grant.client_id.clone(),
            token_url: grant.endpoints.token.clone(),
            access_token: None,
            refresh_token: Some(refresh.to_owned()),
            expires_at: 0,
            scope: None,
            refused: false,
            seed,
        }
    }

    pub(super) fn fits(&self, grant: &Grant) -> bool {
        self.client_id == grant.client_id && self.token_url == grant.endpoints.token
    }

    /// Takes over what a refresh brought; an authority that names no new refresh token keeps the old one valid
    /// (RFC 6749 6).
    pub(super) fn renew(&mut self, fresh: Self) {
        self.access_token = fresh.access_token;
        self.expires_at = fresh.expires_at;
        self.refresh_token = fresh.refresh_token.or(self.refresh_token.take());
        self.scope = fresh.scope.or(self.scope.take());
    }

    /// The access token, if it is good beyond `until`.
    #[must_use]
    pub fn access(&self, until: Instant) -> Option<&str> {
        self.access_token.as_deref().filter(|_| self.expires_at > until.timestamp())
    }

    /// Whether it can be refreshed without the owner.
    #[must_use]
    pub fn lasts(&self) -> bool {
        self.refresh_token.is_some() && !self.refused
    }
}

/// By which a refresh token of the configuration is recognised again, without keeping it twice.
pub(super) fn seed(token: &str) -> String {
    Sha256::digest(token.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The file of one mailbox, locked: of two programs that refresh at once, the second finds what the first one got.
pub(super) struct Drawer {
    file: PathBuf,
    /// The entry of the keyring that stands for the file.
    entry: Option<String>,
    _lock: File,
}

impl Drawer {
    /// Makes the directory and takes the lock; waits for whoever holds it.
    pub(super) fn open(dir: &Path, grant: &Grant) -> Result<Self, OAuthError> {
        let file = place(dir, &grant.key);
        let failed =
            |error: &io::Error| fault(&file, &error.to_string(), "make the state directory writable for this user");
        let tokens = file.parent().unwrap_or(dir);
        if !tokens.is_dir() {
            DirBuilder::new().recursive(true).mode(0o700).create(tokens).map_err(|error| failed(&error))?;
        }
        let path = file.with_extension("lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path);
        let lock = lock.and_then(|lock| lock.lock().map(|()| lock)).map_err(|error| failed(&error))?;
        Ok(Self { file, entry: entry(grant), _lock: lock })
    }

    /// What is kept, without a lock: for looking only.
    pub(super) fn peek(dir: &Path, grant: &Grant) -> Result<Option<Tokens>, OAuthError> {
        match entry(grant) {
            Some(entry) => asked(&place(dir, &grant.key), &entry),
            None => load(&place(dir, &grant.key)),
        }
    }

    pub(super) fn read(&mut self) -> Result<Option<Tokens>, OAuthError> {
        match &self.entry {
            Some(entry) => asked(&self.file, entry),
            None => load(&self.file),
        }
    }

    /// Writes a new file beside the old one and puts it in its place.
    pub(super) fn write(&mut self, tokens: &Tokens) -> Result<(), OAuthError> {
        if let Some(entry) = &self.entry {
            let text = serde_json::to_string(tokens).unwrap_or_default();
            return keyring::set(entry, &text).map_err(|error| fault(&self.file, &error.what, &error.remedy));
        }
        let fresh = self.file.with_extension("new");
        let work = || -> io::Result<()> {
            // A leftover of a crash may have another mode.
            match fs::remove_file(&fresh) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&fresh)?;
            file.write_all(&serde_json::to_vec_pretty(tokens)?)?;
            file.sync_all()?;
            fs::rename(&fresh, &self.file)?;
            if let Some(dir) = self.file.parent() {
                File::open(dir)?.sync_all()?;
            }
            Ok(())
        };
        work().map_err(|error| fault(&self.file, &error.to_string(), "make room, or make the directory writable"))
    }

    pub(super) fn remove(&mut self) -> Result<bool, OAuthError> {
        if let Some(entry) = &self.entry {
            return keyring::remove(entry).map_err(|error| fault(&self.file, &error.what, &error.remedy));
        }
        match fs::remove_file(&self.file) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(fault(&self.file, &error.to_string(), "remove it by hand")),
        }
    }
}

/// Names of mailboxes are checked by the configuration; what could leave the directory is replaced all the same.
fn place(dir: &Path, key: &str) -> PathBuf {
    let name: String =
        key.chars().map(|c| if c.is_alphanumeric() || matches!(c, '-' | '_') { c } else { '_' }).collect();
    dir.join("tokens").join(format!("{name}.json"))
}

/// The name of the keyring's entry, where the tokens are kept there.
fn entry(grant: &Grant) -> Option<String> {
    grant.keyring.then(|| format!("tokens/{}", grant.key))
}

/// What the keyring holds; `file` only names the place in an error.
fn asked(file: &Path, entry: &str) -> Result<Option<Tokens>, OAuthError> {
    let held = keyring::get(entry).map_err(|error| fault(file, &error.what, &error.remedy))?;
    let unread = |_| fault(file, "its entry in the keyring holds no tokens", "log in again");
    held.map(|text| serde_json::from_str(&text).map_err(unread)).transpose()
}

fn load(path: &Path) -> Result<Option<Tokens>, OAuthError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fault(path, &error.to_string(), "make it readable for this user")),
    };
    // Asked of the open file: the name may be exchanged meanwhile.
    let meta = file.metadata().map_err(|error| fault(path, &error.to_string(), "look at the disk"))?;
    if meta.uid() != rustix::process::geteuid().as_raw() {
        return Err(fault(path, "belongs to somebody else", "remove it and log in again"));
    }
    if meta.mode() & 0o077 != 0 {
        return Err(fault(
            path,
            "others can read it",
            "log in again (what others could read is theirs too), or: chmod 600",
        ));
    }
    let mut text = String::new();
    file.take(GREATEST)
        .read_to_string(&mut text)
        .map_err(|error| fault(path, &error.to_string(), "remove it and log in again"))?;
    serde_json::from_str(&text).map(Some).map_err(|_| fault(path, "is no file of tokens", "remove it and log in again"))
}

fn fault(file: &Path, what: &str, remedy: &str) -> OAuthError {
    OAuthError::File { file: file.to_path_buf(), what: what.to_owned(), remedy: remedy.to_owned() }
}

#[cfg(test)]
#[path = "tokens_tests.rs"]
mod tests;
