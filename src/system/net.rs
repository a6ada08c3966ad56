//! Dialling and TLS for both mail protocols. Does not live here: the protocols themselves, STARTTLS included.
use super::certificate;
use crate::model::Instant;
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use rustls::{CertificateError, ClientConfig, Error as RustlsError};
use rustls_platform_verifier::Verifier;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::{io, sync::Arc, time::Duration};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// A connection, with or without TLS; or a pipe, in tests.
pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin + fmt::Debug {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin + fmt::Debug> Wire for T {}

/// A connection of any kind.
pub type BoxedWire = Box<dyn Wire>;

/// How long reaching a server and its TLS handshake may take, each.
pub const CONNECT: Duration = Duration::from_secs(30);

/// Most addresses of one host that are tried.
const ADDRESSES: usize = 6;

/// Why a server could not be reached. Each says which server, what happened and what helps.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// The name is unknown, or nobody answers questions about names.
    #[error("the address of `{host}` was not found: {text}; check the name and the network")]
    Name {
        /// Host.
        host: String,
        /// Cause.
        text: String,
    },
    /// No address accepts a connection.
    #[error("{host}:{port} was not reached: {text}; check host, port and network")]
    Connect {
        /// Host.
        host: String,
        /// Port.
        port: u16,
        /// Cause, of the last address tried.
        text: String,
    },
    /// A connection without encryption would leave this machine. Nothing was sent.
    #[error(
        "`{host}` is {address}, which is not this machine, and tls = \"none\" would send the password there in the clear; \
         write tls = \"implicit\" or \"starttls\", or correct `host`"
    )]
    Exposed {
        /// Host.
        host: String,
        /// Where its name leads.
        address: IpAddr,
    },
    /// The TLS handshake broke off.
    #[error("no encryption with `{host}`: {text}")]
    Handshake {
        /// Host.
        host: String,
        /// Cause and remedy.
        text: String,
    },
    /// The server did not prove who it is. Nothing was sent to it.
    #[error("`{host}` did not prove to be `{host}`: {text}; nothing was sent")]
    Certificate {
        /// Host.
        host: String,
        /// Cause and remedy.
        text: String,
    },
    /// The trusted roots cannot be used.
    #[error("{0}")]
    Roots(String),
}

impl NetError {
    /// Whether the owner should hear of it at once. It may pass all the same (a captive portal of a hotel shows a
    /// wrong certificate, too), so every one of these errors is worth another try later, [`NetError::Roots`] excepted.
    #[must_use]
    pub fn is_alarming(&self) -> bool {
        matches!(self, Self::Certificate { .. } | Self::Roots(_) | Self::Exposed { .. })
    }
}

/// Whom to believe: TLS 1.2 or newer, certificates checked against the system's roots, always.
#[derive(Clone)]
pub struct Tls {
    connector: TlsConnector,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

impl Tls {
    /// Trusts the system's roots and, if given, the certificates in a PEM file as well. Reads files: call it at
    /// start, not per connection.
    ///
    /// # Errors
    /// [`NetError::Roots`] if the file cannot be read or holds no certificate, or there are no roots at all.
    pub fn new(ca_file: Option<&Path>) -> Result<Self, NetError> {
        let own = ca_file.map(certificates).transpose()?.unwrap_or_default();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let unusable = |error: &RustlsError| match ca_file {
            Some(path) => NetError::Roots(format!("`{}` cannot be used as ca_file: {error}", path.display())),
            None => NetError::Roots(format!(
                "the system's trusted certificates cannot be used: {error}; install them (ca-certificates) or set ca_file"
            )),
        };
        let verifier = Verifier::new_with_extra_roots(own, Arc::clone(&provider)).map_err(|e| unusable(&e))?;
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(|e| unusable(&e))?
            // "Dangerous" is rustls's word for any verifier that it did not build; this is the platform's.
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        Ok(Self { connector: TlsConnector::from(Arc::new(config)) })
    }
}

/// The certificates in a PEM file.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, NetError> {
    let bad = |text: &dyn fmt::Display| NetError::Roots(format!("ca_file `{}`: {text}", path.display()));
    let found: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    match found {
        Ok(found) if found.is_empty() => Err(bad(&"no certificate in it; PEM text is expected (BEGIN CERTIFICATE)")),
        Ok(found) => Ok(found),
        Err(error) => Err(bad(&error)),
    }
}

/// Opens a TCP connection, address by address in the system's order, each with its share of `deadline`. Sent at
/// once (`TCP_NODELAY`: mail protocols ask and wait, and Nagle adds 40 ms to that); keepalive after 60 s.
///
/// # Errors
/// [`NetError::Name`] or [`NetError::Connect`].
pub async fn connect(host: &str, port: u16, deadline: Duration) -> Result<BoxedWire, NetError> {
    dial(host, port, addresses(host, port, deadline).await?, deadline).await
}

/// [`connect`], to this machine only: a name may lead elsewhere, whatever it sounds like.
///
/// # Errors
/// [`NetError::Exposed`] if it does; else as [`connect`].
pub async fn connect_here(host: &str, port: u16, deadline: Duration) -> Result<BoxedWire, NetError> {
    let (here, elsewhere): (Vec<_>, Vec<_>) = addresses(host, port, deadline)
        .await?
        .into_iter()
        .partition(|address| address.ip().to_canonical().is_loopback());
    match elsewhere.first() {
        Some(address) if here.is_empty() => Err(NetError::Exposed { host: host.to_owned(), address: address.ip() }),
        _ => dial(host, port, here, deadline).await,
    }
}

async fn dial(host: &str, port: u16, addresses: Vec<SocketAddr>, deadline: Duration) -> Result<BoxedWire, NetError> {
    let share = deadline / u32::try_from(addresses.len().max(1)).unwrap_or(1);
    let mut text = "it has no address".to_owned();
    for address in addresses {
        text = match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => match prepare(&stream) {
                Ok(()) => return Ok(Box::new(stream)),
                Err(error) => format!("{address}: {error}"),
            },
            Ok(Err(error)) => format!("{address}: {error}"),
            Err(_) => format!("{address}: no answer within {} s", share.as_secs()),
        };
    }
    Err(NetError::Connect { host: host.to_owned(), port, text })
}

/// The addresses of a host that are tried, in the system's order.
///
/// # Errors
/// [`NetError::Name`].
pub async fn addresses(host: &str, port: u16, deadline: Duration) -> Result<Vec<SocketAddr>, NetError> {
    let unknown = |text: String| NetError::Name { host: host.to_owned(), text };
    match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(address) => Ok(vec![SocketAddr::new(address, port)]),
        Err(_) => match timeout(deadline, lookup_host((host, port))).await {
            Ok(Ok(found)) => Ok(found.take(ADDRESSES).collect()),
            Ok(Err(error)) => Err(unknown(error.to_string())),
            Err(_) => Err(unknown(format!("no answer within {} s", deadline.as_secs()))),
        },
    }
}

/// Sets what every connection needs.
fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    rustix::net::sockopt::set_socket_keepalive(stream, true)?;
    rustix::net::sockopt::set_tcp_keepidle(stream, Duration::from_secs(60))?;
    rustix::net::sockopt::set_tcp_keepintvl(stream, Duration::from_secs(20))?;
    rustix::net::sockopt::set_tcp_keepcnt(stream, 4)?;
    Ok(())
}

/// Encrypts a connection and checks that the server is `host` (a name or an IP address), within `deadline`.
///
/// # Errors
/// [`NetError::Certificate`] if it is not, [`NetError::Handshake`] for everything else.
pub async fn encrypt(stream: BoxedWire, host: &str, tls: &Tls, deadline: Duration) -> Result<BoxedWire, NetError> {
    encrypt_seen(stream, host, tls, deadline).await.map(|(encrypted, _)| encrypted)
}

/// What a handshake showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// `TLS 1.3`
    pub version: &'static str,
    /// Until when the server's certificate is valid, if that could be read.
    pub valid_until: Option<Instant>,
}

/// [`encrypt`], and what the handshake showed.
///
/// # Errors
/// As [`encrypt`].
pub async fn encrypt_seen(
    stream: BoxedWire,
    host: &str,
    tls: &Tls,
    deadline: Duration,
) -> Result<(BoxedWire, Shown), NetError> {
    let broken = |text: String| NetError::Handshake { host: host.to_owned(), text };
    let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned())
        .map_err(|_| broken("this is neither a host name nor an address; correct `host`".to_owned()))?;
    match timeout(deadline, tls.connector.connect(name, stream)).await {
        Ok(Ok(encrypted)) => {
            let session = encrypted.get_ref().1;
            let first = session.peer_certificates().and_then(<[_]>::first);
            let version = match session.protocol_version() {
                Some(rustls::ProtocolVersion::TLSv1_2) => "TLS 1.2",
                _ => "TLS 1.3",
            };
            let shown = Shown { version, valid_until: first.and_then(|it| certificate::valid_until(it.as_ref())) };
            Ok((Box::new(encrypted), shown))
        }
        Ok(Err(error)) => Err(explain(host, &error)),
        Err(_) => Err(broken(format!(
            "the server was silent for {} s; ports 993 and 465 speak TLS at once, 143 and 587 want tls = \"starttls\"",
            deadline.as_secs()
        ))),
    }
}

/// Turns the error of a handshake into cause and remedy.
fn explain(host: &str, error: &io::Error) -> NetError {
    let host = host.to_owned();
    let cause = error.get_ref().and_then(|inner| inner.downcast_ref::<RustlsError>());
    match cause {
        Some(RustlsError::InvalidCertificate(reason)) => NetError::Certificate { host, text: remedy(reason) },
        Some(RustlsError::InvalidMessage(_)) => NetError::Handshake {
            host,
            text: "the server does not speak TLS on this port; ports 993 and 465 do at once, 143 and 587 want \
                   tls = \"starttls\""
                .to_owned(),
        },
        Some(other) => NetError::Handshake { host, text: crate::model::text::clean(&other.to_string(), 200) },
        None => NetError::Handshake { host, text: format!("the connection was lost ({error})") },
    }
}

/// What is wrong with a certificate, and what helps.
fn remedy(reason: &CertificateError) -> String {
    match reason {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "its certificate has expired; whoever runs the server must renew it (or is this computer's clock wrong?)"
                .to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet; is this computer's clock right?".to_owned()
        }
        CertificateError::NotValidForName => "its certificate is for another name; correct `host`".to_owned(),
        CertificateError::NotValidForNameContext { presented, .. } => {
            let names = crate::model::text::clean(&presented.join(", "), 120);
            format!("its certificate is for another name ({names}); correct `host`")
        }
        // A bad signature: an authority of the right name with another key, as after it was made anew.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "its certificate is signed by itself or by an authority unknown here; if the server is yours, name the \
             certificate or its authority in `ca_file`"
                .to_owned()
        }
        CertificateError::Revoked => "its certificate was revoked".to_owned(),
        other => format!("its certificate cannot be used: {}", crate::model::text::clean(&format!("{other:?}"), 120)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn connections_do_not_wait_and_notice_the_dead() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        prepare(&stream).unwrap();
        assert!(stream.nodelay().unwrap());
        assert!(rustix::net::sockopt::socket_keepalive(&stream).unwrap());
        assert_eq!(rustix::net::sockopt::tcp_keepidle(&stream).unwrap(), Duration::from_secs(60));
    }
}
