//! The SMTP conversation against a real server, Exim, as inetd would run it: one process, one connection.
//! Skips visibly where Exim is not installed; with `CI` set that is a failure.
use fuseau::model::{Credential, EmailAddress};
use fuseau::outbox::{Deliverer, Envelope, Opening, OutboxError, Outcome, Sendmail, Session, Stage, starttls};
use fuseau::system::net::{BoxedWire, Tls, connect, encrypt};
use rcgen::{CertificateParams, KeyPair};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::net::TcpListener;

const LIMIT: Duration = Duration::from_secs(20);

const CONFIG: &str = r"
primary_hostname = mx.example
spool_directory = HERE/spool
log_file_path = HERE/%slog
exim_user = USER
exim_group = USER
keep_environment =
tls_advertise_hosts = *
tls_certificate = HERE/cert.pem
tls_privatekey = HERE/key.pem
pipelining_advertise_hosts = PIPELINING
acl_smtp_rcpt = rcpt
acl_smtp_data = data
message_size_limit = 1M
queue_only = true
begin acl
rcpt:
  deny message = log in first
       !authenticated = *
  deny message = no such person
       local_parts = nobody
  defer message = greylisted
       local_parts = later
  accept
data:
  deny message = spam
       condition = ${if match{$h_subject:}{SPAM}}
  accept
begin authenticators
MECHANISM
";

const PLAIN: &str = "plain:\n  driver = plaintext\n  public_name = PLAIN\n  \
    server_condition = ${if and{{eq{$auth2}{claire}}{eq{$auth3}{correct horse}}}}";
const LOGIN: &str = "login:\n  driver = plaintext\n  public_name = LOGIN\n  server_prompts = User:: : Pass::\n  \
    server_condition = ${if and{{eq{$auth1}{claire}}{eq{$auth2}{correct horse}}}}";

fn installed() -> bool {
    let there = Command::new("exim4").arg("-bV").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    assert!(there || std::env::var_os("CI").is_none(), "Exim is needed here");
    if !there {
        eprintln!("SKIPPED: Exim is not installed");
    }
    there
}

fn configure(folder: &Path, pipelining: bool, mechanism: &str) {
    let key = KeyPair::generate().unwrap();
    let own = CertificateParams::new(vec!["mx.example".to_owned()]).unwrap().self_signed(&key).unwrap();
    std::fs::write(folder.join("cert.pem"), own.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
    std::fs::create_dir_all(folder.join("spool")).unwrap();
    let user = String::from_utf8(Command::new("id").arg("-u").output().unwrap().stdout).unwrap();
    let config = CONFIG
        .replace("HERE", folder.to_str().unwrap())
        .replace("USER", user.trim())
        .replace("PIPELINING", if pipelining { "*" } else { "" })
        .replace("MECHANISM", mechanism);
    std::fs::write(folder.join("exim.conf"), config).unwrap();
}

/// A connection to a fresh Exim, encrypted with STARTTLS, after EHLO; and the end of that Exim.
async fn session(folder: &Path) -> (Session<BoxedWire>, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (client, server) = tokio::join!(connect("127.0.0.1", port, LIMIT), listener.accept());
    let server = server.unwrap().0.into_std().unwrap();
    server.set_nonblocking(false).unwrap();
    let output = server.try_clone().unwrap();
    let config = folder.join("exim.conf");
    let mut exim = Command::new("exim4");
    exim.arg("-C").arg(config).arg("-bs").stderr(Stdio::null());
    let mut exim = exim
        .stdin(Stdio::from(std::os::fd::OwnedFd::from(server)))
        .stdout(Stdio::from(std::os::fd::OwnedFd::from(output)))
        .spawn()
        .unwrap();
    let ended = std::thread::spawn(move || assert!(exim.wait().is_ok()));
    let stream = starttls(client.unwrap(), "me.example").await.unwrap();
    let tls = Tls::new(Some(&folder.join("cert.pem"))).unwrap();
    let stream = encrypt(stream, "mx.example", &tls, LIMIT).await.unwrap();
    (Session::open(stream, Opening::AfterStartTls, "me.example").await.unwrap(), ended)
}

fn mail(subject: &str) -> Vec<u8> {
    format!("Subject: {subject}\r\nMessage-ID: <{subject}@studio.example>\r\n\r\n.\r\n..dots\r\nend\r\n").into_bytes()
}

/// The bodies that Exim has taken, in no order.
fn queued(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder.join("spool/input")).into_iter().flatten().map(|file| file.unwrap().path());
    let bodies = files.filter(|path| path.to_str().unwrap().ends_with("-D"));
    bodies.map(|path| std::fs::read_to_string(path).unwrap().split_once('\n').unwrap().1.to_owned()).collect()
}

async fn send(way: &mut Deliverer<BoxedWire>, to: &str, mail: &[u8]) -> Outcome {
    let envelope = Envelope {
        from: EmailAddress::parse("claire@studio.example"),
        to: EmailAddress::parse(to).unwrap(),
        also: Vec::new(),
    };
    way.send(&envelope, mail, || async { Ok::<(), String>(()) }).await
}

/// Refusals between mails, in one session, with and without PIPELINING, on another thread of the runtime.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exim_takes_what_it_should() {
    for (pipelining, mechanism) in [(true, PLAIN), (false, LOGIN)] {
        if !installed() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        configure(folder.path(), pipelining, mechanism);
        let (mut session, ended) = session(folder.path()).await;
        assert_eq!(session.offers().pipelining, pipelining);
        session.login("claire", &Credential::Password("correct horse".to_owned())).await.unwrap();
        let conversation = tokio::spawn(async move {
            let mut way = Deliverer::Smtp(Box::new(session));
            for (to, subject, want) in [
                ("anna@acme.example", "one", None),
                ("nobody@acme.example", "two", Some((true, Stage::Rcpt, "550 no such person"))),
                ("later@acme.example", "three", Some((false, Stage::Rcpt, "451 greylisted"))),
                ("anna@acme.example", "SPAM", Some((true, Stage::Dot, "550 spam"))),
                ("anna@acme.example", "four", None),
            ] {
                match (send(&mut way, to, &mail(subject)).await, want) {
                    (Outcome::Sent { reply }, None) => assert!(reply.starts_with("250 OK id="), "{reply}"),
                    (Outcome::Refused { permanent, stage, reply }, Some(want)) => {
                        assert_eq!((permanent, stage, reply.as_str()), want);
                    }
                    other => panic!("{subject}: {other:?}"),
                }
                assert!(way.is_usable(), "{subject}");
            }
            let big = b"0123456789\r\n".repeat(100_000);
            let refused = send(&mut way, "anna@acme.example", &big).await;
            assert!(matches!(refused, Outcome::Refused { permanent: true, stage: Stage::Mail, .. }), "{refused:?}");
            way.quit().await;
        });
        conversation.await.unwrap();
        ended.join().unwrap();
        assert_eq!(queued(folder.path()), [".\n..dots\nend\n"; 2]);
    }
}

#[tokio::test]
async fn exim_gets_no_mail_without_the_dot() {
    if !installed() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), true, PLAIN);
    let (mut session, ended) = session(folder.path()).await;
    session.login("claire", &Credential::Password("correct horse".to_owned())).await.unwrap();
    let envelope = Envelope { from: None, to: EmailAddress::parse("anna@acme.example").unwrap(), also: Vec::new() };
    let held = session.send(&envelope, &mail("held"), || async { Err("disk full") }).await;
    assert!(matches!(held, Outcome::Lost { stage: Stage::Body, .. }), "{held:?}");
    ended.join().unwrap();
    assert_eq!(queued(folder.path()), Vec::<String>::new());
}

#[tokio::test]
async fn exim_refuses_a_wrong_password_and_none() {
    if !installed() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), true, PLAIN);
    let (mut wrong, _) = session(folder.path()).await;
    let error = wrong.login("claire", &Credential::Password("battery staple".to_owned())).await.unwrap_err();
    assert!(matches!(&error, OutboxError::Login { reply, .. } if reply.starts_with("535")), "{error}");
    let mut without = Deliverer::Smtp(Box::new(session(folder.path()).await.0));
    let refused = send(&mut without, "anna@acme.example", &mail("x")).await;
    assert!(matches!(refused, Outcome::Refused { permanent: true, stage: Stage::Rcpt, .. }), "{refused:?}");
}

#[tokio::test]
async fn exim_as_a_program_takes_the_same_mail() {
    if !installed() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), true, PLAIN);
    let config = folder.path().join("exim.conf");
    let words = ["exim4", "-C", config.to_str().unwrap(), "-i", "-f", "claire@studio.example", "--"];
    let mut way = Deliverer::Sendmail(Sendmail::new(words.map(str::to_owned).to_vec()));
    let sent = send(&mut way, "anna@acme.example", &mail("one")).await;
    assert!(matches!(sent, Outcome::Sent { .. }), "{sent:?}");
    assert_eq!(queued(folder.path()), [".\n..dots\nend\n"]);
}
