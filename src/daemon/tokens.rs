//! What a login is done with: secrets of the configuration, access tokens of an authority, put together from `config` and
//! `system`, which do not know each other. Off the async threads: a command may take 30 s, an authority too.
use super::dial::DialError;
use crate::config::secret;
use crate::model::Credential;
use crate::model::account::{Grant, Login, TokenSource};
use crate::system::oauth::{self, Known};
use crate::system::{Clock, state};
use std::path::{Path, PathBuf};

/// The credential of a login. `dir` is the state directory, where tokens are kept.
///
/// # Errors
/// The secret cannot be had, the authority gives no token.
pub async fn credential(login: &Login, dir: Option<&Path>) -> Result<Credential, DialError> {
    let (login, dir) = (login.clone(), dir.map(Path::to_path_buf));
    apart(move || match &login {
        Login::Password(source) => Ok(Credential::Password(secret::resolve(source)?)),
        Login::OAuth2(TokenSource::Command(source)) => Ok(Credential::Token(secret::resolve(source)?)),
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
        client_secret: grant.client_secret.as_ref().map(secret::resolve).transpose()?,
        refresh_token: grant.refresh_token.as_ref().map(secret::resolve).transpose()?,
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
