//! A server that accepts connections and never says a word delays nobody but its own mailbox.
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_tar_pit_delays_no_other_mailbox() {
    let dir = tempfile::tempdir().unwrap();
    let pit = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = pit.local_addr().unwrap().port();
    // Accepts, keeps the connections open, says nothing.
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        for stream in pit.incoming().flatten() {
            kept.push(stream);
        }
    });
    lay_out(dir.path(), port);
    let log = fs::File::create(dir.path().join("log")).unwrap();
    let daemon = Command::new(env!("CARGO_BIN_EXE_fuseau"))
        .args(["run", "--config"])
        .arg(dir.path().join("fuseau.toml"))
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap();
    let _daemon = Daemon(daemon);
    until("first contact", || read(&dir.path().join("log")).matches("first contact").count() >= 2);
    fs::write(dir.path().join("Maildir/new/1.M1P1.here"), MAIL).unwrap();
    until("the answer", || fs::read_dir(dir.path().join("outgoing")).unwrap().flatten().any(|f| is_mail(&f.path())));
}

const MAIL: &str = "Return-Path: <anna@acme.example>\nFrom: Anna <anna@acme.example>\nTo: claire@studio.example\n\
    Subject: Hello\nMessage-ID: <1@acme.example>\n\nWhen can you send the draft?\n";

fn lay_out(dir: &Path, port: u16) {
    for folder in ["Maildir", "Maildir/.Sent"] {
        for part in ["cur", "new", "tmp"] {
            fs::create_dir_all(dir.join(folder).join(part)).unwrap();
        }
    }
    fs::create_dir_all(dir.join("outgoing")).unwrap();
    let text = format!(
        r#"
state = "state"
[me]
name = "Claire"
zone = "Europe/London"
languages = ["en"]
[hours]
mon-sun = ["09:00-10:00"]
[mailbox.a_pit]
address = "pit@studio.example"
imap = {{ host = "127.0.0.1", port = {port}, tls = "none", user = "x", password = {{ env = "PATH" }} }}
[mailbox.studio]
address = "claire@studio.example"
mode = "send"
maildir = "Maildir"
outgoing = "outgoing"
[client.acme]
name = "Acme"
contacts = ["@acme.example"]
zone = "Asia/Singapore"
language = "en"
[replies]
grace = "0s"
grace_in_window = "0s"
"#
    );
    fs::write(dir.join("fuseau.toml"), text).unwrap();
}

fn is_mail(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "eml")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// Waits for a condition of another process; the only kind of waiting that tests may do.
fn until(what: &str, mut condition: impl FnMut() -> bool) {
    for _ in 0..1000 {
        if condition() {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("{what} did not come in time");
}
