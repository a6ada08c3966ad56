//! What an authority is asked and what its answers mean. Values in, values out; the network is http.rs.
use super::tokens::Tokens;
use super::{Known, OAuthError};
use crate::model::account::{Grant, host_of};
use crate::model::{Instant, text};
use crate::system::entropy::Ids;
use crate::system::http::Answer;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::time::Duration;

/// An authority's words are shown up to this length.
const WORDS: usize = 300;
/// How long an access token lives if the authority does not say (RFC 6749 5.1 recommends to say).
const USUAL: TimeDelta = TimeDelta::hours(1);
/// Between two questions about a device code, unless the authority says otherwise (RFC 8628 3.2).
const DEVICE_PAUSE: u64 = 5;

/// The fields of a form, in order.
pub(super) type Form = Vec<(&'static str, String)>;

/// What proves that the code which comes back was asked for here: `state` against forged answers, PKCE (RFC 7636)
/// against stolen codes.
#[derive(Clone, PartialEq, Eq)]
pub struct Proof {
    /// Where the browser is sent afterwards.
    pub redirect: String,
    /// Comes back with the code.
    pub state: String,
    /// The secret behind the challenge.
    verifier: String,
}

impl Proof {
    /// Fresh secrets for one login.
    pub(super) fn new(redirect: &str, ids: &Ids) -> Self {
        let random = || -> String {
            let bytes: Vec<u8> = (0..4).flat_map(|_| ids.bits().to_be_bytes()).collect();
            URL_SAFE_NO_PAD.encode(bytes)
        };
        Self { redirect: redirect.to_owned(), state: random(), verifier: random() }
    }

    /// S256 (RFC 7636 4.2).
    fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.as_bytes()))
    }
}

/// A code that the owner enters on another device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceCode {
    code: String,
    /// What to enter.
    pub user_code: String,
    /// Where.
    pub page: String,
    /// How long the code can be entered.
    pub lives: Duration,
    /// The least time between two questions.
    pub pause: Duration,
}

pub(super) fn authorize(grant: &Grant, proof: &Proof, user: &str) -> Result<String, OAuthError> {
    let Some(page) = &grant.endpoints.authorize else {
        return Err(OAuthError::Refused {
            host: grant.provider.clone(),
            error: "no page for the browser is known".to_owned(),
            description: Some("set authorize_url".to_owned()),
        });
    };
    let mut query = form_urlencoded::Serializer::new(String::new());
    query
        .append_pair("response_type", "code")
        .append_pair("client_id", &grant.client_id)
        .append_pair("redirect_uri", &proof.redirect)
        .append_pair("scope", &grant.scopes.join(" "))
        .append_pair("state", &proof.state)
        .append_pair("code_challenge", &proof.challenge())
        .append_pair("code_challenge_method", "S256")
        .append_pair("login_hint", user);
    for resource in &grant.resource {
        query.append_pair("resource", resource);
    }
    if grant.provider == "google" {
        // Without these Google gives no refresh token to somebody who has said yes before.
        query.append_pair("access_type", "offline").append_pair("prompt", "consent");
    }
    let sign = if page.contains('?') { '&' } else { '?' };
    Ok(format!("{page}{sign}{}", query.finish()))
}

/// RFC 8707 2.2: the same at every step, or the token would be for something else.
fn for_services(grant: &Grant, form: &mut Form) {
    form.extend(grant.resource.iter().map(|resource| ("resource", resource.clone())));
}

pub(super) fn exchange(grant: &Grant, known: &Known, code: &str, proof: &Proof) -> Form {
    let mut form = vec![
        ("grant_type", "authorization_code".to_owned()),
        ("code", code.to_owned()),
        ("redirect_uri", proof.redirect.clone()),
        ("code_verifier", proof.verifier.clone()),
    ];
    for_services(grant, &mut form);
    ourselves(grant, known, &mut form);
    form
}

pub(super) fn refresh(grant: &Grant, known: &Known, token: &str) -> Form {
    let mut form = vec![("grant_type", "refresh_token".to_owned()), ("refresh_token", token.to_owned())];
    for_services(grant, &mut form);
    ourselves(grant, known, &mut form);
    form
}

pub(super) fn device(grant: &Grant) -> Form {
    let mut form = vec![("client_id", grant.client_id.clone()), ("scope", grant.scopes.join(" "))];
    for_services(grant, &mut form);
    form
}

pub(super) fn device_poll(grant: &Grant, known: &Known, code: &DeviceCode) -> Form {
    let mut form = vec![
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code".to_owned()),
        ("device_code", code.code.clone()),
    ];
    ourselves(grant, known, &mut form);
    form
}

fn ourselves(grant: &Grant, known: &Known, form: &mut Form) {
    form.push(("client_id", grant.client_id.clone()));
    if let Some(secret) = &known.client_secret {
        form.push(("client_secret", secret.clone()));
    }
}

/// RFC 6749 5.1.
#[derive(Deserialize)]
struct Granted {
    access_token: String,
    #[serde(default)]
    token_type: String,
    expires_in: Option<i64>,
    refresh_token: Option<String>,
    scope: Option<String>,
}

/// RFC 6749 5.2, RFC 8628 3.5.
#[derive(Deserialize)]
struct Denied {
    error: String,
    error_description: Option<String>,
}

/// RFC 8628 3.2.
#[derive(Deserialize)]
struct Device {
    device_code: String,
    user_code: String,
    #[serde(alias = "verification_url")]
    verification_uri: String,
    expires_in: u64,
    interval: Option<u64>,
}

/// The tokens in an answer of the token endpoint.
pub(super) fn tokens(grant: &Grant, answer: &Answer, now: Instant) -> Result<Tokens, OAuthError> {
    let granted: Granted = understood(&grant.endpoints.token, answer)?;
    let clean = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic());
    if !clean(&granted.access_token) || !granted.refresh_token.as_deref().is_none_or(clean) {
        return Err(garbled(&grant.endpoints.token, "a token with characters that no token has"));
    }
    if !granted.token_type.is_empty() && !granted.token_type.eq_ignore_ascii_case("bearer") {
        return Err(garbled(&grant.endpoints.token, "a token that is no bearer token"));
    }
    let lives = granted.expires_in.and_then(TimeDelta::try_seconds).filter(|it| *it > TimeDelta::zero());
    Ok(Tokens::granted(grant, granted.access_token, granted.refresh_token, granted.scope, now + lives.unwrap_or(USUAL)))
}

pub(super) fn device_code(url: &str, answer: &Answer) -> Result<DeviceCode, OAuthError> {
    let device: Device = understood(url, answer)?;
    Ok(DeviceCode {
        code: device.device_code,
        user_code: text::clean(&device.user_code, 40),
        page: text::clean(&device.verification_uri, WORDS),
        lives: Duration::from_secs(device.expires_in.min(3600)),
        pause: Duration::from_secs(device.interval.unwrap_or(DEVICE_PAUSE).clamp(1, 60)),
    })
}

fn understood<T: serde::de::DeserializeOwned>(url: &str, answer: &Answer) -> Result<T, OAuthError> {
    if (200..300).contains(&answer.status) {
        return serde_json::from_str(&answer.body).map_err(|_| garbled(url, "not the JSON that was to be expected"));
    }
    match serde_json::from_str::<Denied>(&answer.body) {
        Ok(denied) => Err(match denied.error.as_str() {
            "authorization_pending" => OAuthError::Pending { slower: false },
            "slow_down" => OAuthError::Pending { slower: true },
            _ => OAuthError::Refused {
                host: host_of(url).to_owned(),
                error: text::clean(&denied.error, WORDS),
                description: denied.error_description.map(|it| text::clean(&it, WORDS)),
            },
        }),
        // A proxy, an outage: worth another try, unlike a refusal.
        Err(_) => Err(garbled(url, &format!("status {}", answer.status))),
    }
}

fn garbled(url: &str, what: &str) -> OAuthError {
    OAuthError::Garbled { host: host_of(url).to_owned(), what: what.to_owned() }
}

#[cfg(test)]
#[path = "authority_tests.rs"]
mod tests;
