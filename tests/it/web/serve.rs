//! `[web] serve` inside `fuseau run`: it starts, follows the configuration, ends with the daemon, and never stops the mail.
#![expect(clippy::disallowed_methods, reason = "waits for another process, which lives by the real clock")]
use crate::support::program::{command, demo, run};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The daemon on the demo's Maildir.
struct Daemon {
    dir: TempDir,
    child: Child,
    config: String,
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn until(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_secs(30), "it never happened: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A port that is free at the moment.
fn port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn status(port: u16) -> Option<u16> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    stream.write_all(format!("GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n").as_bytes()).ok()?;
    let mut all = String::new();
    stream.read_to_string(&mut all).ok()?;
    all.split(' ').nth(1)?.parse().ok()
}

fn write(dir: &Path, text: &str) {
    std::fs::write(dir.join("fuseau.toml"), text).unwrap();
}

impl Daemon {
    fn start(web: &str) -> Self {
        let dir = demo();
        let config = std::fs::read_to_string(dir.path().join("fuseau.toml")).unwrap();
        write(dir.path(), &format!("{config}\n{web}"));
        let log = std::fs::File::create(dir.path().join("log")).unwrap();
        let child = command(dir.path()).arg("run").stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let daemon = Self { dir, child, config };
        until("the daemon answers", || daemon.runs());
        daemon
    }

    fn runs(&self) -> bool {
        run(self.dir.path(), &["--json", "status"]).json()["running"].as_bool() == Some(true)
    }

    fn reload(&self, web: &str) {
        write(self.dir.path(), &format!("{}\n{web}", self.config));
        run(self.dir.path(), &["reload"]).fine();
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap()
    }

    /// SIGTERM; how long it took to end, and how.
    fn stop(&mut self) -> (Duration, Option<i32>) {
        let start = Instant::now();
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let ended = self.child.wait().unwrap();
        (start.elapsed(), ended.code())
    }
}

fn tcp(port: u16) -> String {
    format!("[web]\nserve = true\nlisten = \"127.0.0.1:{port}\"\n")
}

#[test]
fn it_follows_the_configuration() {
    let (first, second) = (port(), port());
    let mut daemon = Daemon::start(&tcp(first));
    until("the desk is served", || status(first) == Some(401));
    let link = run(daemon.dir.path(), &["web"]).fine();
    assert!(link.starts_with(&format!("http://127.0.0.1:{first}/open/")), "{link}");
    // Moved, closed, a socket, opened again.
    daemon.reload(&tcp(second));
    until("it moved", || status(second) == Some(401) && status(first).is_none());
    daemon.reload("[web]\nserve = false\n");
    until("it closed", || status(second).is_none());
    assert!(daemon.runs() && !daemon.dir.path().join("state/desk").exists());
    daemon.reload("[web]\nserve = true\nlisten = \"./desk.sock\"\n");
    let socket = daemon.dir.path().join("desk.sock");
    until("the socket is there", || std::os::unix::net::UnixStream::connect(&socket).is_ok());
    daemon.reload(&tcp(first));
    until("it is back", || status(first) == Some(401) && !socket.exists());
    // A configuration that is wrong moves nothing.
    write(daemon.dir.path(), &format!("{}\n[web]\nserve = true\nlisten = \"0.0.0.0:1\"\n", daemon.config));
    assert_eq!(run(daemon.dir.path(), &["reload"]).code, 78);
    assert_eq!(status(first), Some(401));
    let (took, code) = daemon.stop();
    assert_eq!(code, Some(0), "{}", daemon.log());
    assert!(took < Duration::from_secs(20), "{took:?}");
    assert!(status(first).is_none() && !daemon.dir.path().join("state/desk").exists());
}

#[test]
fn mail_goes_on_without_it() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = taken.local_addr().unwrap().port();
    let mut daemon = Daemon::start(&tcp(at));
    until("it says so", || daemon.log().contains("the desk is not served; mail goes on"));
    until("the mailbox is looked at", || {
        let status = run(daemon.dir.path(), &["--json", "status"]).json();
        status["mailboxes"][0]["last_poll"].is_string()
    });
    assert!(daemon.log().contains("in use by another program"), "{}", daemon.log());
    // Another place serves at once.
    let free = port();
    daemon.reload(&tcp(free));
    until("it is served elsewhere", || status(free) == Some(401));
    assert_eq!(daemon.stop().1, Some(0));
}

#[test]
fn a_stop_finishes_what_was_asked() {
    let port = port();
    let mut daemon = Daemon::start(&tcp(port));
    until("the desk is served", || status(port) == Some(401));
    // One that never says anything, and one that stays in the middle of its head: neither holds the daemon up.
    let mut idle = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let mut half = TcpStream::connect(("127.0.0.1", port)).unwrap();
    half.write_all(b"GET / HTTP/1.1\r\nHo").unwrap();
    // One that has asked gets its answer.
    let mut asked = TcpStream::connect(("127.0.0.1", port)).unwrap();
    asked.write_all(format!("GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n").as_bytes()).unwrap();
    let (took, code) = daemon.stop();
    assert_eq!(code, Some(0), "{}", daemon.log());
    assert!(took < Duration::from_secs(20), "{took:?}");
    let mut answer = String::new();
    asked.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    for stream in [&mut idle, &mut half] {
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        assert!(rest.is_empty(), "{}", String::from_utf8_lossy(&rest));
    }
}
