//! What a login is done with: secrets of the configuration, access tokens of an authority, put together from `config` and
//! `system`, which do not know each other. Off the async threads: a command may take 30 s, an authority too.
use super::dial::DialError;
use crate::config::secret;
use crate::model::Credential;
use crate::model::account::{Grant, Login, Secret, TokenSource};
use crate::system::keyring;
use crate::system::oauth::{self, Known};
use crate::system::{Clock, state};
use std::path::{Path, PathBuf};

/// The text of a secret; the keyring is the system's.
///
/// # Errors
/// If it cannot be had.
pub fn resolve(source: &Secret) -> Result<String, secret::SecretError> {
    secret::resolve(source, |name| match keyring::get(name) {
        Ok(Some(text)) => Ok(text),
        Ok(None) => Err(format!(
            "there is no such entry\n    make it: secret-tool store --label=fuseau service {0} username {name} (macOS: security add-generic-password -s {0} -a {name} -w)",
            keyring::SERVICE
        )),
        Err(error) => Err(error.to_string()),
    })
}

/// The credential of a login. `dir` is the state directory, where tokens are kept.
///
/// # Errors
/// The secret cannot be had, the authority gives no token.
pub async fn credential(login: &Login, dir: Option<&Path>) -> Result<Credential, DialError> {
    let (login, dir) = (login.clone(), dir.map(Path::to_path_buf));
    apart(move || match &login {
        Login::Password(source) => Ok(Credential::Password(resolve(source)?)),
        Login::OAuth2(TokenSource::Command(source)) => Ok(Credential::Token(resolve(source)?)),
        Login::OAuth2(TokenSource::Grant(grant)) => {
            let known = known(grant)?;
            let token = oauth::access_token(grant, &known, &place(dir), Clock::System.now())?;
            Ok(Credential::Token(token))
        }
    })
    .await
}

/// The server refused a kept token: the next attempt asks for a new one.
pub async fn refused(login: &Login, dir: Option<&Path>) {
    if let Login::OAuth2(TokenSource::Grant(grant)) = login {
        let (grant, dir) = (grant.clone(), dir.map(Path::to_path_buf));
        if let Err(error) = apart(move || Ok(oauth::distrust(&grant, &place(dir))?)).await {
            tracing::warn!(%error, "the refused token could not be set aside");
        }
    }
}

/// The secrets that the authority wants.
///
/// # Errors
/// If one cannot be had.
pub fn known(grant: &Grant) -> Result<Known, secret::SecretError> {
    Ok(Known {
        client_secret: grant.client_secret.as_ref().map(resolve).transpose()?,
        refresh_token: grant.refresh_token.as_ref().map(resolve).transpose()?,
    })
}

fn place(dir: Option<PathBuf>) -> PathBuf {
    dir.unwrap_or_else(|| state::locate(None))
}

async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, DialError> + Send + 'static,
) -> Result<T, DialError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| DialError::Task(error.to_string()))?
}
