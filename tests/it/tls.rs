//! TLS on loopback: who is believed, who is not, and that nobody who is not hears a credential.
use crate::smtp_server::Server;
use fuseau::model::Credential;
use fuseau::outbox::{Opening, OutboxError, Session, starttls};
use fuseau::system::net::{BoxedWire, NetError, Tls, connect, encrypt};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

const LIMIT: Duration = Duration::from_secs(10);
const PASSWORD: &str = "correct horse";
const IN_TLS: &str = "S: 220 mx\nC: EHLO\nS: 250-mx\nS: 250 AUTH PLAIN\nC: AUTH\nS: 235 ok\nC: QUIT\nS: 221 bye";

/// An authority, a PEM file of its certificate, and what it signs.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: PathBuf,
    _folder: tempfile::TempDir,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let pem = folder.path().join("ca.pem");
        std::fs::write(&pem, params.self_signed(&key).unwrap().pem()).unwrap();
        Self { issuer: Issuer::new(params, key), pem, _folder: folder }
    }

    fn signs(&self, params: &CertificateParams) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        acceptor(params.signed_by(&key, &self.issuer).unwrap().der().clone(), &key)
    }

    fn trusted(&self) -> Tls {
        Tls::new(Some(&self.pem)).unwrap()
    }
}

fn acceptor(certificate: CertificateDer<'static>, key: &KeyPair) -> TlsAcceptor {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(rustls::ALL_VERSIONS)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

fn certificate(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

/// `tls = "none"` is for this machine, by the address that is reached and not by the name: nothing is even connected.
/// (0.0.0.0 is no loopback address, and yet would lead here: the listener hears whether somebody came.)
#[tokio::test]
async fn without_tls_nothing_leaves_this_machine() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let dialler = fuseau::daemon::dial::Dialler::default();
    let credential = Credential::Password(PASSWORD.to_owned());
    let server = |host: &str| fuseau::model::account::Server {
        host: host.to_owned(),
        port,
        tls: fuseau::model::Tls::None,
        ca_file: None,
        login: None,
    };
    for host in ["0.0.0.0", "192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1"] {
        let error = dialler.try_imap(&server(host), "claire", &credential).await.unwrap_err().to_string();
        assert!(error.contains("not this machine") && error.contains("starttls"), "{host}: {error}");
        let outgoing =
            fuseau::model::account::Outgoing::Smtp(fuseau::model::account::SmtpAccount { server: server(host) });
        let error = dialler.outbox(&outgoing, "me.example").await.unwrap_err().to_string();
        assert!(error.contains("not this machine") && error.contains("starttls"), "{host}: {error}");
        assert!(dialler.greeting(&server(host)).await.unwrap_err().to_string().contains("not this machine"), "{host}");
    }
    let came = tokio::time::timeout(Duration::from_millis(200), listener.accept()).await;
    assert!(came.is_err(), "nobody was to come");
    for host in ["127.0.0.1", "localhost", "::ffff:127.0.0.1"] {
        let wire = fuseau::system::net::connect_here(host, port, LIMIT).await;
        assert!(wire.is_ok(), "{host}: {wire:?}");
    }
}

/// One connection to `server`; gives the port, and what was heard inside TLS (`None`: no handshake).
async fn listen(server: TlsAcceptor, in_clear: Option<String>) -> (u16, JoinHandle<Option<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut script = IN_TLS.to_owned();
        if let Some(in_clear) = in_clear {
            clear_part(&mut stream, &in_clear).await;
            script = script.replace("S: 220 mx\n", "");
        }
        let stream = server.accept(stream).await.ok()?;
        Some(Server::on(stream, &script).heard().await)
    });
    (port, served)
}

/// Plays the clear-text part without reading beyond the client's STARTTLS.
async fn clear_part(stream: &mut TcpStream, said_after: &str) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    for (say, hear) in [("220 mx\r\n", "EHLO me.example\r\n"), ("250-mx\r\n250 STARTTLS\r\n", "STARTTLS\r\n")] {
        stream.write_all(say.as_bytes()).await.unwrap();
        let mut heard = vec![0; hear.len()];
        stream.read_exact(&mut heard).await.unwrap();
        assert_eq!(heard, hear.as_bytes());
    }
    stream.write_all(said_after.as_bytes()).await.unwrap();
}

async fn log_in(stream: BoxedWire, opening: Opening) -> Result<(), OutboxError> {
    let mut session = Session::open(stream, opening, "me.example").await?;
    session.login("claire", &Credential::Password(PASSWORD.to_owned())).await?;
    session.quit().await;
    Ok(())
}

/// Dials, encrypts as `host`, logs in.
async fn reach(port: u16, host: &str, tls: &Tls) -> Result<(), NetError> {
    let stream = connect("127.0.0.1", port, LIMIT).await?;
    let stream = encrypt(stream, host, tls, LIMIT).await?;
    log_in(stream, Opening::Greeting).await.unwrap();
    Ok(())
}

#[tokio::test]
async fn a_server_signed_by_an_authority_in_ca_file_is_believed() {
    let authority = Authority::new("ours");
    for host in ["localhost", "127.0.0.1", "mail.example"] {
        let (port, served) = listen(authority.signs(&certificate(&[host])), None).await;
        reach(port, host, &authority.trusted()).await.unwrap();
        assert!(served.await.unwrap().unwrap().contains("AUTH PLAIN AGNsYWlyZQ"), "{host}");
    }
}

#[tokio::test]
async fn nobody_else_is() {
    let ours = Authority::new("ours");
    let other = Authority::new("other");
    let same_name = Authority::new("ours");
    let valid = certificate(&["mail.example"]);
    let mut expired = valid.clone();
    expired.not_before = date_time_ymd(2020, 1, 1);
    expired.not_after = date_time_ymd(2020, 2, 1);
    let mut future = valid.clone();
    future.not_before = date_time_ymd(2090, 1, 1);
    future.not_after = date_time_ymd(2091, 1, 1);
    let mut client = valid.clone();
    client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let key = KeyPair::generate().unwrap();
    let own = || acceptor(valid.self_signed(&key).unwrap().der().clone(), &key);
    for (case, server, trusted, word) in [
        ("expired", ours.signs(&expired), ours.trusted(), "has expired"),
        ("future", ours.signs(&future), ours.trusted(), "not valid yet"),
        ("name", ours.signs(&certificate(&["mx.example", "b.example"])), ours.trusted(), "mx.example"),
        ("parent", ours.signs(&certificate(&["example"])), ours.trusted(), "another name"),
        ("wildcard", ours.signs(&certificate(&["*.mail.example"])), ours.trusted(), "another name"),
        ("no name", ours.signs(&certificate(&[])), ours.trusted(), "another name"),
        ("other authority", other.signs(&valid), ours.trusted(), "`ca_file`"),
        ("other of the same name", same_name.signs(&valid), ours.trusted(), "`ca_file`"),
        ("self-signed", own(), ours.trusted(), "`ca_file`"),
        ("private authority", ours.signs(&valid), Tls::new(None).unwrap(), "`ca_file`"),
        ("purpose", ours.signs(&client), ours.trusted(), "cannot be used"),
    ] {
        let (port, served) = listen(server, None).await;
        let error = reach(port, "mail.example", &trusted).await.unwrap_err();
        assert!(matches!(error, NetError::Certificate { .. }) && error.is_alarming(), "{case}: {error:?}");
        let text = error.to_string();
        assert!(text.contains(word) && text.contains("mail.example"), "{case}: {text}");
        assert_eq!(served.await.unwrap(), None, "{case}: the server heard something");
    }
}

#[tokio::test]
async fn a_self_signed_certificate_is_believed_when_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let pem = folder.path().join("own.pem");
    let key = KeyPair::generate().unwrap();
    let own = certificate(&["mail.example"]).self_signed(&key).unwrap();
    std::fs::write(&pem, own.pem()).unwrap();
    let tls = Tls::new(Some(&pem)).unwrap();
    let (port, served) = listen(acceptor(own.der().clone(), &key), None).await;
    reach(port, "mail.example", &tls).await.unwrap();
    assert!(served.await.unwrap().is_some());
    // It vouches for its own name only.
    let (port, _served) = listen(acceptor(own.der().clone(), &key), None).await;
    assert!(matches!(reach(port, "other.example", &tls).await, Err(NetError::Certificate { .. })));
}

#[tokio::test]
async fn each_connection_is_checked_anew() {
    let ours = Authority::new("ours");
    let tls = ours.trusted();
    for (server, believed) in [
        (ours.signs(&certificate(&["mail.example"])), true),
        (Authority::new("ours").signs(&certificate(&["mail.example"])), false),
        (ours.signs(&certificate(&["mail.example"])), true),
    ] {
        let (port, served) = listen(server, None).await;
        assert_eq!(reach(port, "mail.example", &tls).await.is_ok(), believed);
        assert_eq!(served.await.unwrap().is_some(), believed);
    }
}

#[tokio::test]
async fn starttls_goes_on_inside_tls() {
    let ours = Authority::new("ours");
    for (said_after, host, believed) in [
        ("220 go\r\n", "mail.example", true),
        ("220 go\r\n", "other.example", false),
        ("220 go\r\n250-mx\r\n250 AUTH PLAIN\r\n", "mail.example", false),
        ("220 go\r\n\0", "mail.example", false),
        ("454 not now\r\n", "mail.example", false),
    ] {
        let (port, served) = listen(ours.signs(&certificate(&["mail.example"])), Some(said_after.to_owned())).await;
        let stream = connect("127.0.0.1", port, LIMIT).await.unwrap();
        let reached = match starttls(stream, "me.example").await {
            Err(error) => Err(error.to_string()),
            Ok(stream) => match encrypt(stream, host, &ours.trusted(), LIMIT).await {
                Err(error) => Err(error.to_string()),
                Ok(stream) => log_in(stream, Opening::AfterStartTls).await.map_err(|error| error.to_string()),
            },
        };
        assert_eq!(reached.is_ok(), believed, "{said_after:?}: {reached:?}");
        assert_eq!(served.await.unwrap().is_some(), believed, "{said_after:?}");
    }
}

#[tokio::test]
async fn what_is_no_tls_server_is_named_with_the_remedy() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let tls = Authority::new("ours").trusted();
    for (said, word) in [("220 mx ESMTP\r\n", "starttls"), ("", "starttls"), ("cut", "connection was lost")] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let served = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut hello = [0; 4096];
            let _ = stream.read(&mut hello).await;
            if said != "cut" {
                stream.write_all(said.as_bytes()).await.unwrap();
                let _ = stream.read_to_end(&mut Vec::new()).await;
            }
        });
        let stream = connect("localhost", port, LIMIT).await.unwrap();
        let error = encrypt(stream, "mail.example", &tls, Duration::from_secs(1)).await.unwrap_err();
        assert!(matches!(error, NetError::Handshake { .. }) && !error.is_alarming(), "{error:?}");
        assert!(error.to_string().contains(word), "{error}");
        served.await.unwrap();
    }
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let error = connect("127.0.0.1", port, LIMIT).await.unwrap_err();
    assert!(
        matches!(error, NetError::Connect { .. }) && error.to_string().contains(&format!("127.0.0.1:{port}")),
        "{error}"
    );
    let error = connect("no-such-host.invalid", 465, Duration::from_secs(2)).await.unwrap_err();
    assert!(matches!(error, NetError::Name { .. }) && error.to_string().contains("no-such-host.invalid"), "{error}");
}

#[test]
fn a_ca_file_without_certificates_is_a_mistake() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "nothing here").unwrap();
    let broken = folder.path().join("broken.pem");
    std::fs::write(&broken, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    for (path, word) in [(empty, "no certificate"), (broken, "cannot be used"), (folder.path().join("none"), "none")] {
        let error = Tls::new(Some(&path)).unwrap_err();
        assert!(matches!(error, NetError::Roots(_)) && error.to_string().contains(word), "{error}");
        assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
    }
}
