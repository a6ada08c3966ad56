//! One small request over HTTPS and its answer. Blocking, bounded in time and size, no redirects; plain HTTP on
//! loopback only. Never here: what is asked and why.
use crate::model::account::{host_of, is_protected};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use ureq::config::Config;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body, http::Response};

/// A whole request may take so long.
const DEADLINE: Duration = Duration::from_secs(30);
/// No answer that we ask for is longer.
const GREATEST: u64 = 256 * 1024;

/// An answer, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status (RFC 9110 15).
    pub status: u16,
    /// The body, as text.
    pub body: String,
}

/// Why there was no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// Secrets would cross the network in the clear.
    #[error("{0} is not an https address")]
    Plain(String),
    /// The network, TLS, time, size.
    #[error("{host} could not be asked: {error}")]
    Network {
        /// Whom.
        host: String,
        /// What happened.
        error: String,
    },
}

static AGENT: LazyLock<Agent> = LazyLock::new(|| {
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::PlatformVerifier)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build();
    let config = Config::builder()
        .tls_config(tls)
        .timeout_global(Some(DEADLINE))
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .user_agent(concat!("fuseau/", env!("CARGO_PKG_VERSION")))
        .build();
    Agent::new_with_config(config)
});

/// Sends a form (RFC 6749 asks for `application/x-www-form-urlencoded`) and returns the answer.
///
/// # Errors
/// See [`HttpError`]; an answer with an error status is an answer.
pub fn post_form(url: &str, form: &[(&str, &str)]) -> Result<Answer, HttpError> {
    guard(url)?;
    let sent = AGENT.post(url).header("Accept", "application/json").send_form(form.iter().copied());
    read(url, sent)
}

/// Fetches a small document.
///
/// # Errors
/// See [`HttpError`].
pub fn get(url: &str) -> Result<Answer, HttpError> {
    guard(url)?;
    read(url, AGENT.get(url).call())
}

fn read(url: &str, sent: Result<Response<Body>, ureq::Error>) -> Result<Answer, HttpError> {
    let failed = |error: ureq::Error| HttpError::Network { host: host_of(url).to_owned(), error: error.to_string() };
    let mut response = sent.map_err(failed)?;
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(GREATEST).read_to_string().map_err(failed)?;
    Ok(Answer { status, body })
}

fn guard(url: &str) -> Result<(), HttpError> {
    if is_protected(url) { Ok(()) } else { Err(HttpError::Plain(url.to_owned())) }
}
