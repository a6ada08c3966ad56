//! What people and servers get wrong on the first day: each is named with what to do about it, and nothing half-written stays.
//! (A browser that was logged in as somebody else: server/oauth.rs. A file of tokens that others can read: oauth.rs.)
use crate::support::program::{Ran, command, run};
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

/// An IMAP server that answers each command with what `answer` says, and everything that was said to it.
fn imap(greeting: &'static str, answer: fn(&str) -> &'static str) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let notes = heard.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut write = stream.try_clone().unwrap();
            let _ = write!(write, "{greeting}\r\n");
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                let (tag, said) = line.split_once(' ').unwrap_or((&line, ""));
                notes.lock().unwrap().push(said.to_owned());
                for part in answer(said).split('\n') {
                    let _ = write!(write, "{}\r\n", part.replace('$', tag));
                }
            }
        }
    });
    (port, heard)
}

fn first_day(dir: &Path, imap: &str) -> Ran {
    let words = [
        "init",
        "--yes",
        "--email",
        "claire@studio.example",
        "--name",
        "Claire",
        "--zone",
        "London",
        "--languages",
        "en",
        "--password-env",
        "PW",
        "--imap",
        imap,
        "--smtp",
        "127.0.0.1:1/none",
    ];
    let out = command(dir).args(words).env("PW", "Quetzal9").output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: out.status.code().unwrap(), out: text(out.stdout), err: text(out.stderr) }
}

fn is_empty(dir: &Path) -> bool {
    fs::read_dir(dir).unwrap().next().is_none()
}

#[test]
fn a_mistyped_address_is_asked_back() {
    let dir = tempfile::tempdir().unwrap();
    for (typed, words) in [
        ("claire.gmail.com", "is no e-mail address; write it like claire@studio.example"),
        ("claire@gmial.com", "did you mean claire@gmail.com?"),
        ("claire@hotmial.com", "did you mean claire@hotmail.com?"),
    ] {
        let ran = run(dir.path(), &["init", "--yes", "--offline", "--email", typed, "--name", "C", "--zone", "London"]);
        assert_eq!((ran.code, ran.err.contains(words)), (64, true), "{words}: {}", ran.err);
    }
    assert!(is_empty(dir.path()));
}

#[test]
fn a_wrong_password_is_tried_once_and_told_in_one_line() {
    let (port, heard) = imap("* OK [CAPABILITY IMAP4rev1] hello", |said| match said.split(' ').next() {
        Some("LOGIN") => "$ NO [AUTHENTICATIONFAILED] not you",
        Some("CAPABILITY") => "* CAPABILITY IMAP4rev1\n$ OK",
        _ => "$ OK",
    });
    let dir = tempfile::tempdir().unwrap();
    let ran = first_day(dir.path(), &format!("127.0.0.1:{port}/none"));
    assert_eq!(ran.code, 1);
    let said: Vec<&str> = ran.err.lines().filter(|line| line.contains("login refused")).collect();
    assert!(said.len() == 1 && said[0].contains("not you"), "{}", ran.err);
    assert!(ran.err.contains("nothing was written") && !ran.err.contains("Quetzal9"), "{}", ran.err);
    let heard = heard.lock().unwrap();
    assert_eq!(
        heard.iter().filter(|line| line.starts_with("LOGIN")).count(),
        1,
        "a second try brings a locked account nearer"
    );
    assert!(is_empty(dir.path()));
}

/// What a server announces is no promise: each lie ends in words, not in a configuration.
#[test]
fn a_provider_that_lies_about_its_capabilities_is_named() {
    // AUTH=PLAIN and SASL-IR are announced and not known.
    let (port, heard) =
        imap("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN IDLE MOVE] hello", |said| match said.split(' ').next() {
            Some("CAPABILITY") => "* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN IDLE MOVE\n$ OK",
            Some("AUTHENTICATE") => "$ BAD what is that?",
            _ => "$ OK",
        });
    let dir = tempfile::tempdir().unwrap();
    let ran = first_day(dir.path(), &format!("127.0.0.1:{port}/none"));
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("what is that?") && ran.err.contains("nothing was written"), "{}", ran.err);
    assert_eq!(heard.lock().unwrap().iter().filter(|line| line.starts_with("AUTHENTICATE")).count(), 1);
    // STARTTLS is announced and refused: the password stays here.
    let (port, heard) = imap("* OK [CAPABILITY IMAP4rev1 STARTTLS] hello", |said| match said {
        "STARTTLS" => "$ NO not today",
        "CAPABILITY" => "* CAPABILITY IMAP4rev1 STARTTLS\n$ OK",
        _ => "$ OK",
    });
    let ran = first_day(dir.path(), &format!("127.0.0.1:{port}/starttls"));
    assert_eq!(ran.code, 1);
    assert!(ran.err.to_lowercase().contains("starttls") && ran.err.contains("nothing was written"), "{}", ran.err);
    assert!(heard.lock().unwrap().iter().all(|line| !line.contains("Quetzal9")), "the password left in the clear");
    // No login at all without TLS.
    let (port, _) = imap("* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] hello", |said| match said {
        "CAPABILITY" => "* CAPABILITY IMAP4rev1 LOGINDISABLED\n$ OK",
        _ => "$ OK",
    });
    let ran = first_day(dir.path(), &format!("127.0.0.1:{port}/none"));
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("nothing was written"), "{}", ran.err);
    assert!(is_empty(dir.path()));
}

#[test]
fn a_home_that_cannot_be_written_to_is_named_and_stays_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o555)).unwrap();
    let mut init = command(dir.path());
    // Modes mean nothing to root: somebody else tries.
    if rustix::process::geteuid().is_root() {
        init.uid(65534).gid(65534);
    }
    let words = ["init", "--yes", "--offline", "--email", "claire@gmail.com", "--name", "C", "--zone", "London"];
    let out = init.args(words).args(["--password-command", "pass show x"]).output();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    // The program may lie where nobody else can reach it.
    let Ok(out) = out else { return };
    let err = String::from_utf8(out.stderr).unwrap();
    assert_eq!(out.status.code(), Some(1), "{err}");
    let place = dir.path().join(".config/fuseau/fuseau.toml");
    assert!(err.contains(&place.display().to_string()) && err.contains("Permission denied"), "{err}");
    assert!(err.contains("--out"), "what to do: {err}");
    assert!(is_empty(dir.path()));
}

#[test]
fn a_token_file_of_somebody_else_is_refused() {
    if !rustix::process::geteuid().is_root() {
        // Only root can make a file somebody else's.
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("fuseau.toml");
    let text = "state = \"state\"\n[me]\nname = \"C\"\nzone = \"Europe/London\"\nlanguages = [\"en\"]\n[hours]\n\
                mon-fri = [\"09:00-10:00\"]\n[mailbox.studio]\naddress = \"claire@gmail.com\"\n\
                imap = { host = \"imap.gmail.com\", user = \"claire@gmail.com\", oauth2 = { provider = \"google\", client_id = \"x\" } }\n\
                [client.acme]\ncontacts = [\"a@acme.example\"]\nzone = \"Asia/Singapore\"\n";
    fs::write(&config, text).unwrap();
    fs::set_permissions(&config, fs::Permissions::from_mode(0o600)).unwrap();
    let tokens = dir.path().join("state/tokens");
    fs::create_dir_all(&tokens).unwrap();
    let file = tokens.join("studio.json");
    fs::write(&file, "{}").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    chown(&file, Some(12345), Some(12345)).unwrap();
    let rows = run(dir.path(), &["auth", "status", "--json"]).json();
    let said = rows[0]["text"].as_str().unwrap();
    assert!(said.contains("belongs to somebody else") && said.contains("log in again"), "{rows}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "{}", "it is left alone");
}

/// The keyring is an option of the build: without it the configuration is fine, and the login says what to do.
#[cfg(not(feature = "keyring"))]
#[test]
fn a_keyring_that_was_not_built_in_is_named_with_the_way_around() {
    let dir = tempfile::tempdir().unwrap();
    let text = "state = \"state\"\n[me]\nname = \"C\"\nzone = \"Europe/London\"\nlanguages = [\"en\"]\n[hours]\n\
                mon-fri = [\"09:00-10:00\"]\n[mailbox.studio]\naddress = \"c@studio.example\"\n\
                imap = { host = \"127.0.0.1\", port = 1, tls = \"none\", user = \"c\", password = { keyring = \"studio\" } }\n\
                [client.acme]\ncontacts = [\"a@acme.example\"]\nzone = \"Asia/Singapore\"\n";
    fs::write(dir.path().join("fuseau.toml"), text).unwrap();
    let said = run(dir.path(), &["check"]);
    let all = format!("{}{}", said.out, said.err);
    assert!(all.contains("the keyring entry studio: this fuseau was built without the keyring"), "{all}");
    assert!(all.contains("--features keyring") && all.contains("secret-tool"), "{all}");
}

/// Faults in projects leave out those projects, and drafts for their clients rest; a fault anywhere else stops.
#[test]
fn a_project_with_faults_is_left_out_and_the_rest_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let text = "include = [\"projects/*.toml\"]\nstate = \"state\"\n[me]\nname = \"C\"\nzone = \"Europe/London\"\nlanguages = [\"en\"]\n\
                [hours]\nmon-fri = [\"09:00-10:00\"]\n[mailbox.studio]\naddress = \"c@studio.example\"\nmaildir = \"Maildir\"\n\
                outgoing = \"out\"\nmode = \"draft\"\n\
                [client.acme]\ncontacts = [\"a@acme.example\"]\nzone = \"Asia/Singapore\"\n\
                [client.keller]\ncontacts = [\"k@keller.example\"]\nzone = \"Europe/Zurich\"\n\
                [client.lima]\ncontacts = [\"l@lima.example\"]\nzone = \"America/Lima\"\n";
    let project =
        |client: &str, more: &str| format!("client = \"{client}\"\ncadence = \"every monday 09:00\"\n{more}\n");
    for folder in ["projects", "out", "Maildir/cur", "Maildir/new", "Maildir/tmp"] {
        fs::create_dir_all(dir.path().join(folder)).unwrap();
    }
    let file = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    let good = format!("{text}[project.good]\n{}", project("acme", ""));
    file("fuseau.toml", &good);
    run(dir.path(), &["check"]).fine();
    // A milestone without a date, an amount without a currency, no TOML at all.
    let milestone = project("keller", "[[project.site.milestone]]\ntitle = \"Start\"\ndue = \"soon\"");
    file("projects/site.toml", &format!("[project.site]\n{milestone}"));
    file("projects/torn.toml", &format!("[project.torn]\n{}", project("lima", "[[project.torn.invoice]]\namount = ")));
    file(
        "fuseau.toml",
        &format!("{good}[[project.good.invoice]]\nnumber = \"1\"\namount = \"100\"\ndue = 2027-03-01\n[[milestone]]\n"),
    );
    let named = [
        "project.site.milestone[1].due",
        "torn.toml:",
        "project.good.invoice[1].amount",
        "milestone is no known option",
    ];
    // Behind a file that is no TOML nothing else is looked at.
    assert!(run(dir.path(), &["check"]).failed(78).contains(named[1]));
    let drafts = run(dir.path(), &["drafts"]);
    assert_eq!(drafts.code, 0, "{}", drafts.err);
    assert!(named.iter().all(|name| drafts.err.contains(name)), "{}", drafts.err);
    assert!(drafts.err.contains("everything else goes on"), "{}", drafts.err);
    assert!(!drafts.out.contains("progress"), "all three clients rest: {}", drafts.out);
    // One is mended: its drafts come again.
    file("fuseau.toml", &good);
    let drafts = run(dir.path(), &["drafts"]);
    assert!(drafts.out.contains("progress:good") && !drafts.out.contains("progress:site"), "{}", drafts.out);
    // A fault in a client is another matter, and so is a broken file that may hold clients.
    file("projects/site.toml", "[client.site]\ncontacts = []\n");
    assert!(run(dir.path(), &["drafts"]).failed(78).contains("client.site"));
    file("projects/site.toml", "[project.site]\nclient = \"acme\"\n[client.x]\nzone = \n");
    assert!(run(dir.path(), &["drafts"]).failed(78).contains("no valid TOML"));
}

// ---- the first day at a terminal ---------------------------------------------------------------------------------------

/// Everything said at a terminal, and the exit code; `None` without python3.
fn at_a_terminal(dir: &Path, words: &[&str], answers: &str) -> Option<(i32, String)> {
    let mut child = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/terminal"))
        .arg(env!("CARGO_BIN_EXE_fuseau"))
        .args(words)
        .current_dir(dir)
        .env_clear()
        .envs([("HOME", dir.as_os_str()), ("TZ", "Europe/London".as_ref())])
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    child.stdin.take().unwrap().write_all(answers.as_bytes()).unwrap();
    let out = child.wait_with_output().unwrap();
    let said = String::from_utf8(out.stdout).unwrap();
    assert!(!said.is_empty(), "{}", String::from_utf8_lossy(&out.stderr));
    Some((out.status.code().unwrap(), said))
}

/// Goal of the issue: six questions from nothing to a configuration, each of which has a flag.
#[test]
fn six_questions_are_asked() {
    let dir = tempfile::tempdir().unwrap();
    let answers = "claire@gmail.com\nClaire Martin\npass show mail\n\nanna@acme.example\nSingapore\n";
    let Some((code, said)) = at_a_terminal(dir.path(), &["init", "--offline"], answers) else { return };
    assert_eq!((code, said.matches('⟨').count()), (0, 6), "{said}");
    assert!(dir.path().join(".config/fuseau/fuseau.toml").exists());
    let flags: BTreeSet<&str> =
        ["--email", "--name", "--password-command", "--hours", "--client", "--client-zone"].into();
    let help = run(dir.path(), &["init", "--help"]).fine();
    assert!(flags.iter().all(|flag| help.contains(flag)));
    // A second time: refused before the first question.
    let (code, said) = at_a_terminal(dir.path(), &["init", "--offline"], "").unwrap();
    assert_eq!((code, said.matches('⟨').count()), (64, 0), "{said}");
    assert!(said.contains("never written over"), "{said}");
}

/// A password that was typed and refused: told once, and nothing of it stays, not even the folder that was made for it.
#[test]
fn a_typed_password_that_is_refused_leaves_nothing() {
    let (port, heard) = imap("* OK [CAPABILITY IMAP4rev1] hello", |said| match said.split(' ').next() {
        Some("LOGIN") => "$ NO [AUTHENTICATIONFAILED] not you",
        Some("CAPABILITY") => "* CAPABILITY IMAP4rev1\n$ OK",
        _ => "$ OK",
    });
    let dir = tempfile::tempdir().unwrap();
    let server = format!("127.0.0.1:{port}/none");
    let words = ["init", "--imap", &server, "--smtp", "127.0.0.1:1/none"];
    let answers = "claire@studio.example\nClaire\n\nQuetzal9\n\n\n";
    let Some((code, said)) = at_a_terminal(dir.path(), &words, answers) else { return };
    assert!(code == 1 && said.contains("login refused") && said.contains("nothing was written"), "{code}: {said}");
    // Once by the one who typed it, unseen.
    assert_eq!(said.matches("Quetzal9").count(), 1, "{said}");
    assert_eq!(heard.lock().unwrap().iter().filter(|line| line.starts_with("LOGIN")).count(), 1);
    assert!(is_empty(dir.path()));
}

/// An answer that cannot be used is asked for again, at once and with the reason.
#[test]
fn a_mistyped_answer_is_asked_again() {
    let dir = tempfile::tempdir().unwrap();
    let answers = "claire\nclaire@gmail.com\nClaire\npass show mail\nmonday nine\nmon 09:00-10:00\n@acme.example\nAtlantis\nSingapore\n";
    let Some((code, said)) = at_a_terminal(dir.path(), &["init", "--offline"], answers) else { return };
    assert_eq!((code, said.matches('⟨').count()), (0, 9), "{said}");
    assert!(said.contains("is no e-mail address"), "{said}");
    let text = fs::read_to_string(dir.path().join(".config/fuseau/fuseau.toml")).unwrap();
    assert!(text.contains("Asia/Singapore") && text.contains("09:00-10:00"), "{text}");
}
