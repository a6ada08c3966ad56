//! Permission by OAuth2: in a browser, by a pasted address, by a device code; kept, refreshed, taken back.
use crate::support::authority::{Authority, browse, ends_at};
use crate::support::program::{Ran, command, run, run_with};
use serde_json::Value;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;
use tempfile::TempDir;

/// A configuration whose mailbox logs in with tokens; nothing listens at its servers.
fn house(authority: &Authority, more: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let oauth2 = authority.table(more);
    let server = |port: u16| {
        format!("{{ host = \"127.0.0.1\", port = {port}, tls = \"none\", user = \"claire\", oauth2 = {oauth2} }}")
    };
    let text = format!(
        "state = \"state\"\n[me]\nname = \"Claire\"\nzone = \"Europe/London\"\nlanguages = [\"en\"]\n[hours]\n\
         mon-fri = [\"09:00-10:00\"]\n[mailbox.studio]\naddress = \"claire@studio.example\"\nimap = {}\nsmtp = {}\n\
         [client.acme]\ncontacts = [\"anna@acme.example\"]\nzone = \"Asia/Singapore\"\n",
        server(1),
        server(2)
    );
    let path = dir.path().join("fuseau.toml");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    dir
}

/// `auth login` with somebody at the browser; exit code, standard output, standard error.
fn login(dir: &Path, words: &[&str], at_browser: impl FnOnce(&str)) -> (i32, String, String) {
    let mut child = command(dir)
        .args(["auth", "login", "studio", "--no-browser"])
        .args(words)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    loop {
        let mut line = String::new();
        if out.read_line(&mut line).unwrap() == 0 {
            break;
        }
        said += &line;
        if line.trim().starts_with("http://") {
            at_browser(line.trim());
            break;
        }
    }
    out.read_to_string(&mut said).unwrap();
    let done = child.wait_with_output().unwrap();
    (done.status.code().unwrap(), said, String::from_utf8(done.stderr).unwrap())
}

fn state(dir: &Path) -> String {
    let rows: Value = run(dir, &["auth", "status", "--json"]).json();
    rows[0]["state"].as_str().unwrap_or("none").to_owned()
}

#[test]
fn a_login_in_the_browser_is_kept_privately_and_forgotten_on_demand() {
    let authority = Authority::open(0);
    authority.logged_in("claire");
    let dir = house(&authority, "");
    assert_eq!(state(dir.path()), "missing");
    let (code, out, err) = login(dir.path(), &["--untested"], |url| {
        for part in ["code_challenge=", "state=", "login_hint=claire", "redirect_uri=http%3A%2F%2F127.0.0.1%3A"] {
            assert!(url.contains(part), "{part} in {url}");
        }
        browse(url);
    });
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    let file = dir.path().join("state/tokens/studio.json");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(state(dir.path()), "ready");
    // One permission for fetching and sending alike.
    assert_eq!(authority.asked(), 1);
    let check = run(dir.path(), &["check"]);
    assert!(check.out.contains("studio imap tokens"), "{check:?}");
    for text in [&out, &check.out, &run(dir.path(), &["auth", "status"]).out] {
        for mark in Authority::MARKS {
            assert!(!text.contains(mark), "a token is shown: {text}");
        }
    }
    run(dir.path(), &["auth", "logout", "studio"]).fine();
    assert!(!file.exists());
    assert_eq!(state(dir.path()), "missing");
}

#[test]
fn the_address_can_be_pasted_where_there_is_no_browser() {
    let authority = Authority::open(0);
    authority.logged_in("claire");
    let dir = house(&authority, "");
    let mut child = command(dir.path())
        .args(["auth", "login", "studio", "--paste", "--untested"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.trim().starts_with("http://") {
        line.clear();
        assert!(out.read_line(&mut line).unwrap() > 0, "no address");
    }
    let mut stdin = child.stdin.take().unwrap();
    std::io::Write::write_all(&mut stdin, format!("what?\n{}\n", ends_at(line.trim())).as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success());
    assert!(String::from_utf8(done.stderr).unwrap().contains("that is not the address"));
    assert_eq!(state(dir.path()), "ready");
}

#[test]
fn a_code_on_another_device() {
    let authority = Authority::open(0);
    authority.logged_in("claire");
    authority.patience(1);
    let dir = house(&authority, "");
    let out = run(dir.path(), &["auth", "login", "studio", "--device", "--untested"]).fine();
    assert!(out.contains("enter the code WDJB-MJHT"), "{out}");
    assert_eq!((state(dir.path()).as_str(), authority.asked()), ("ready", 2));
}

#[test]
fn what_is_not_the_answer_to_our_question_keeps_nothing() {
    let authority = Authority::open(0);
    authority.logged_in("claire");
    authority.calls_itself("https://evil.example");
    let dir = house(&authority, "");
    let (code, _, err) = login(dir.path(), &["--untested"], browse);
    assert_eq!(code, 1);
    assert!(err.contains("another authority answered"), "{err}");
    let dir = house(&authority, "");
    let (code, _, err) = login(dir.path(), &["--untested"], |url| {
        let redirect = ends_at(url);
        let base = redirect.split('?').next().unwrap();
        let state = redirect.split("state=").nth(1).unwrap().split('&').next().unwrap();
        // The owner changes their mind.
        let refusal = format!("{base}?error=access_denied&state={state}");
        let stream = refusal.strip_prefix("http://").unwrap();
        let (host, path) = stream.split_once('/').unwrap();
        let mut stream = std::net::TcpStream::connect(host).unwrap();
        std::io::Write::write_all(&mut stream, format!("GET /{path} HTTP/1.1\r\n\r\n").as_bytes()).unwrap();
        let _ = stream.read_to_string(&mut String::new());
    });
    assert_eq!(code, 1);
    assert!(err.contains("did not allow it"), "{err}");
    assert_eq!((state(dir.path()).as_str(), authority.asked()), ("missing", 0));
}

/// What `check --online` says of the mailbox: nothing listens there, so a token was had if the network is to blame.
fn tried(dir: &Path) -> String {
    let Ran { out, .. } = run(dir, &["check", "--online"]);
    out
}

#[test]
fn a_token_file_that_others_can_read_is_refused_with_the_remedy() {
    let authority = Authority::open(0);
    authority.logged_in("claire");
    let dir = house(&authority, "");
    assert_eq!(login(dir.path(), &["--untested"], browse).0, 0);
    fs::set_permissions(dir.path().join("state/tokens/studio.json"), fs::Permissions::from_mode(0o644)).unwrap();
    let rows: Value = run(dir.path(), &["auth", "status", "--json"]).json();
    assert_eq!(rows[0]["state"], "unusable");
    assert!(rows[0]["text"].as_str().unwrap().contains("others can read it"), "{rows}");
    assert!(tried(dir.path()).contains("others can read it"));
}

#[test]
fn an_outage_of_the_authority_is_no_refusal() {
    let authority = Authority::open(0);
    authority.logged_in("claire");
    authority.broken(Some((503, "<h1>later</h1>")));
    let dir = house(&authority, "");
    let (code, _, err) = login(dir.path(), &["--untested"], browse);
    assert_eq!(code, 75, "try later: {err}");
    authority.broken(Some((400, r#"{"error":"invalid_client","error_description":"unknown client"}"#)));
    let (code, _, err) = login(dir.path(), &["--untested"], browse);
    assert_eq!(code, 1);
    assert!(err.contains("invalid_client (unknown client)"), "{err}");
}

#[test]
fn mistakes_on_the_command_line_are_answered_with_the_remedy() {
    let authority = Authority::open(0);
    let dir = house(&authority, "");
    let err = run(dir.path(), &["auth", "login", "stuido"]).failed(64);
    assert!(err.contains("did you mean studio?"), "{err}");
    let plain = tempfile::tempdir().unwrap();
    fs::write(
        plain.path().join("fuseau.toml"),
        "[me]\nname = \"C\"\nzone = \"Europe/London\"\nlanguages = [\"en\"]\n[hours]\nmon = [\"09:00-10:00\"]\n\
         [mailbox.studio]\naddress = \"c@studio.example\"\nmaildir = \".\"\n\
         [client.acme]\ncontacts = [\"anna@acme.example\"]\nzone = \"Asia/Singapore\"\n",
    )
    .unwrap();
    let err = run_with(plain.path(), &["auth", "login", "studio"], b"");
    assert_eq!(err.code, 64);
    assert!(err.err.contains("does not log in with tokens"), "{}", err.err);
}
