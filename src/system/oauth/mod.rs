//! Access tokens from an OAuth2 authority: asked for in the browser (RFC 6749 with PKCE, RFC 8252) or by a device code
//! (RFC 8628), kept in a private file, refreshed before they end. Blocking.
//! Never here: where secrets of the configuration are kept, logging in to mail servers.
mod authority;
mod redirect;
mod tokens;

pub use authority::{DeviceCode, Proof};
pub use redirect::{Listener, Stray, code_of};
pub use tokens::Tokens;

use crate::model::Instant;
use crate::model::account::{Grant, host_of};
use crate::system::entropy::Ids;
use crate::system::http::{self, HttpError};
use chrono::TimeDelta;
use std::path::{Path, PathBuf};

/// A token that ends sooner is refreshed before it is used.
const EARLY: TimeDelta = TimeDelta::minutes(5);

/// Why there is no access token.
#[derive(Debug, thiserror::Error)]
pub enum OAuthError {
    /// Nobody has logged in yet, or the authority took its permission back: only the owner can help.
    #[error("{why}\n    run: fuseau auth login {key}")]
    NeedsLogin {
        /// The mailbox.
        key: String,
        /// What happened.
        why: String,
    },
    /// The authority says no to this program or to what it asks for.
    #[error("{host} refused: {error}{}", .description.as_ref().map(|it| format!(" ({it})")).unwrap_or_default())]
    Refused {
        /// Who.
        host: String,
        /// Its code (RFC 6749 5.2).
        error: String,
        /// Its words.
        description: Option<String>,
    },
    /// The authority waits for the owner (RFC 8628 3.5).
    #[error("the authority still waits for you")]
    Pending {
        /// It asks to be asked less often.
        slower: bool,
    },
    /// What came back through the browser is not what was asked for.
    #[error("{0}")]
    Browser(String),
    /// The network.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The answer makes no sense.
    #[error("{host} gave an answer that is none: {what}")]
    Garbled {
        /// Who.
        host: String,
        /// What is wrong with it.
        what: String,
    },
    /// The file of the tokens.
    #[error("{}: {what}\n    {remedy}", .file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// What is wrong.
        what: String,
        /// What to do.
        remedy: String,
    },
}

impl OAuthError {
    /// Whether only the owner can help: trying again would bring nothing but more refusals.
    #[must_use]
    pub fn needs_owner(&self) -> bool {
        matches!(self, Self::NeedsLogin { .. } | Self::Refused { .. } | Self::File { .. })
    }
}

/// Secrets of the configuration, resolved.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// `client_secret`.
    pub client_secret: Option<String>,
    /// `refresh_token`.
    pub refresh_token: Option<String>,
}

/// A valid access token: the one that is kept, or a fresh one. `dir` is the state directory.
///
/// # Errors
/// See [`OAuthError`].
pub fn access_token(grant: &Grant, known: &Known, dir: &Path, now: Instant) -> Result<String, OAuthError> {
    let mut drawer = tokens::Drawer::open(dir, grant)?;
    let kept = drawer.read()?;
    let seed = known.refresh_token.as_deref().map(tokens::seed);
    // A refresh token that was changed in the configuration is newer than what is kept.
    let mut kept = match kept {
        Some(kept) if kept.fits(grant) && (seed.is_none() || kept.seed == seed) => kept,
        _ => match &known.refresh_token {
            Some(token) => Tokens::seeded(grant, token, seed),
            None => return Err(needs_login(grant, "nobody has logged in to this mailbox yet")),
        },
    };
    if kept.refused {
        return Err(needs_login(grant, "the authority took its permission back (invalid_grant)"));
    }
    if let Some(token) = kept.access(now + EARLY) {
        return Ok(token.to_owned());
    }
    let Some(refresh) = kept.refresh_token.clone() else {
        return Err(needs_login(grant, "the access token has ended and there is no refresh token"));
    };
    let answer = http::post_form(&grant.endpoints.token, &borrowed(&authority::refresh(grant, known, &refresh)))?;
    match authority::tokens(grant, &answer, now) {
        Ok(fresh) => {
            kept.renew(fresh);
            drawer.write(&kept)?;
            kept.access(now).map(str::to_owned).ok_or_else(|| OAuthError::Garbled {
                host: host_of(&grant.endpoints.token).to_owned(),
                what: "the token has ended already: is this machine's clock right?".to_owned(),
            })
        }
        Err(OAuthError::Refused { error, .. }) if error == "invalid_grant" => {
            // Noted, so that a restart does not ask again and again.
            kept.refused = true;
            drawer.write(&kept)?;
            Err(needs_login(grant, "the authority took its permission back (invalid_grant)"))
        }
        Err(error) => Err(error),
    }
}

/// A server refused the kept access token although it had not ended: the next one is asked for anew.
///
/// # Errors
/// If the file cannot be written.
pub fn distrust(grant: &Grant, dir: &Path) -> Result<(), OAuthError> {
    let mut drawer = tokens::Drawer::open(dir, grant)?;
    if let Some(mut kept) = drawer.read()? {
        kept.expires_at = 0;
        drawer.write(&kept)?;
    }
    Ok(())
}

/// Keeps the tokens of a login.
///
/// # Errors
/// If the file cannot be written.
pub fn keep(grant: &Grant, tokens: &Tokens, dir: &Path) -> Result<(), OAuthError> {
    tokens::Drawer::open(dir, grant)?.write(tokens)
}

/// What is kept for a mailbox.
///
/// # Errors
/// If the file cannot be read, or others can read it.
pub fn kept(grant: &Grant, dir: &Path) -> Result<Option<Tokens>, OAuthError> {
    tokens::Drawer::peek(dir, grant)
}

/// Forgets the tokens of a mailbox; whether there were any.
///
/// # Errors
/// If the file cannot be removed.
pub fn forget(grant: &Grant, dir: &Path) -> Result<bool, OAuthError> {
    tokens::Drawer::open(dir, grant)?.remove()
}

/// Begins a login in the browser: the address to open, and the proof to keep until the code comes back.
///
/// # Errors
/// `Refused` if the authority has no page for the browser.
pub fn begin(grant: &Grant, redirect: &str, user: &str, ids: &Ids) -> Result<(String, Proof), OAuthError> {
    let proof = Proof::new(redirect, ids);
    authority::authorize(grant, &proof, user).map(|url| (url, proof))
}

/// Ends a login in the browser: the code for tokens.
///
/// # Errors
/// See [`OAuthError`].
pub fn finish(grant: &Grant, known: &Known, code: &str, proof: &Proof, now: Instant) -> Result<Tokens, OAuthError> {
    let form = authority::exchange(grant, known, code, proof);
    let answer = http::post_form(&grant.endpoints.token, &borrowed(&form))?;
    authority::tokens(grant, &answer, now)
}

/// Begins a login on another device (RFC 8628 3.1).
///
/// # Errors
/// See [`OAuthError`].
pub fn begin_device(grant: &Grant) -> Result<DeviceCode, OAuthError> {
    let Some(url) = &grant.endpoints.device else {
        return Err(OAuthError::Refused {
            host: grant.provider.clone(),
            error: "it knows no device codes".to_owned(),
            description: Some("leave --device out".to_owned()),
        });
    };
    let answer = http::post_form(url, &borrowed(&authority::device(grant)))?;
    authority::device_code(url, &answer)
}

/// Asks once whether the owner has entered the device code; [`OAuthError::Pending`] if not yet.
///
/// # Errors
/// See [`OAuthError`].
pub fn poll_device(grant: &Grant, known: &Known, code: &DeviceCode, now: Instant) -> Result<Tokens, OAuthError> {
    let form = authority::device_poll(grant, known, code);
    let answer = http::post_form(&grant.endpoints.token, &borrowed(&form))?;
    authority::tokens(grant, &answer, now)
}

fn needs_login(grant: &Grant, why: &str) -> OAuthError {
    OAuthError::NeedsLogin { key: grant.key.clone(), why: why.to_owned() }
}

fn borrowed<'a>(form: &'a [(&'static str, String)]) -> Vec<(&'a str, &'a str)> {
    form.iter().map(|(name, value)| (*name, value.as_str())).collect()
}
