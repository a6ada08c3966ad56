//! The desk in a browser: a raw HTTP client against the program, the demo's state behind it. What an attacker tries:
//! web/attacks.rs; beside the daemon: web/serve.rs; through Chromium: web/browser.rs; searching: web/searching.rs;
//! notes and visits: web/written.rs; long texts: web/long.rs.
mod attacks;
mod browser;
mod long;
pub mod markup;
mod searching;
mod serve;
mod written;

use crate::support::program::{command, demo, run};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// A desk that is served.
struct Desk {
    dir: TempDir,
    child: Child,
    port: u16,
    /// The path of its one-time link.
    link: String,
    /// Its output stays open.
    _out: BufReader<std::process::ChildStdout>,
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What came back.
#[derive(Debug)]
struct Got {
    status: u16,
    head: String,
    body: String,
}

impl Got {
    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The form token of a page.
    fn token(&self) -> String {
        self.body.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    }
}

/// A browser that was let in.
struct Visit<'a> {
    desk: &'a Desk,
    cookie: String,
    token: String,
}

impl Desk {
    fn serve(dir: TempDir) -> Self {
        Self::serve_at(dir, None)
    }

    /// The same with another present (libfaketime): the demo plays in January 2027.
    fn serve_at(dir: TempDir, now: Option<&str>) -> Self {
        let mut program = command(dir.path());
        if let (Some(now), Some(library)) = (now, crate::faketime::library()) {
            program
                .env("LD_PRELOAD", library)
                .env("FAKETIME", now)
                .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
                .env("TZ", "UTC");
        }
        let mut child = program.args(["web", "--port", "0"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let rest = line.trim().strip_prefix("http://127.0.0.1:").unwrap_or_else(|| panic!("no link: {line:?}"));
        let (port, link) = rest.split_once('/').unwrap();
        let (port, link) = (port.parse().unwrap(), format!("/{link}"));
        Self { dir, child, port, link, _out: out }
    }

    fn send(&self, bytes: &[u8]) -> Got {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        // A server that has heard enough may close before everything is written.
        let _ = stream.write_all(bytes);
        let mut all = Vec::new();
        let _ = stream.read_to_end(&mut all);
        let text = String::from_utf8_lossy(&all).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|it| it.parse().ok()).unwrap_or(0);
        Got { status, head: head.to_owned(), body: body.to_owned() }
    }

    fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    fn get(&self, path: &str, headers: &str) -> Got {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{headers}\r\n", self.host()).as_bytes())
    }

    fn post(&self, path: &str, headers: &str, form: &str) -> Got {
        let kind = "Content-Type: application/x-www-form-urlencoded";
        let head =
            format!("POST {path} HTTP/1.1\r\nHost: {}\r\n{kind}\r\nContent-Length: {}\r\n", self.host(), form.len());
        self.send(format!("{head}{headers}\r\n{form}").as_bytes())
    }

    fn visit(&self) -> Visit<'_> {
        let got = self.get(&self.link, "");
        assert_eq!((got.status, got.header("location")), (303, Some("/")), "{got:?}");
        let set = got.header("set-cookie").unwrap();
        assert!(set.contains("; HttpOnly; SameSite=Strict; Path=/"), "{set}");
        let cookie = format!("Cookie: theme=x; {}\r\n", set.split(';').next().unwrap());
        let token = self.get("/", &cookie).token();
        Visit { desk: self, cookie, token }
    }
}

impl Visit<'_> {
    fn get(&self, path: &str) -> Got {
        self.desk.get(path, &self.cookie)
    }

    fn act(&self, form: &str) -> Got {
        let headers = format!("{}Origin: http://{}\r\n", self.cookie, self.desk.host());
        self.desk.post("/act", &headers, &format!("token={}&{form}", self.token))
    }
}

/// The paths of a page's links that begin so.
fn links(page: &Got, start: &str) -> Vec<String> {
    let hrefs = page.body.split("href=\"").skip(1).filter_map(|it| it.split('"').next());
    hrefs.filter(|it| it.starts_with(start)).map(|it| it.replace("&amp;", "&")).collect()
}

#[test]
fn pages_show_the_demo() {
    let desk = Desk::serve(demo());
    let visit = desk.visit();
    let today = visit.get("/");
    assert_eq!(today.status, 200);
    // The demo's owner reads French first.
    for part in [
        "lang=\"fr\"",
        "Aujourd’hui",
        "Qui est debout",
        "Pacific Trails",
        "<svg class=\"fuseau\"",
        "Promesses",
        "name=\"viewport\"",
        "<main id=\"content\"",
        "studio",
    ] {
        assert!(today.body.contains(part), "{part}\n{}", today.body);
    }
    let script = "<script src=\"/desk.js\" defer></script>";
    for never in ["<script", "<style", "style=", "onclick", "http://", "https://"] {
        let page = today.body.replace("xmlns=\"http://www.w3.org/2000/svg\"", "").replacen(script, "", 1);
        assert!(!page.contains(never), "{never}\n{page}");
    }
    let mut seen = 0;
    for path in links(&today, "/client?id=").into_iter().chain([
        "/outbox".into(),
        "/outbox?all=1".into(),
        "/search?q=logo".into(),
    ]) {
        let page = visit.get(&path);
        assert_eq!(page.status, 200, "{path}\n{}", page.body);
        for path in links(&page, "/message?id=").iter().chain(&links(&page, "/mail?id=")) {
            let page = visit.get(path);
            assert_eq!(page.status, 200, "{path}\n{}", page.body);
            assert!(page.body.contains("class=\"letter\""), "{path}");
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen}");
    let style = desk.get("/style.css", "");
    assert!(
        style.status == 200 && style.body.contains("prefers-color-scheme:dark") && style.body.contains("svg.fuseau")
    );
    for header in ["content-security-policy", "cache-control", "x-content-type-options", "x-frame-options"] {
        assert!(today.header(header).is_some(), "{header}: {}", today.head);
    }
    let policy = today.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("unsafe") && policy.contains("script-src 'self';"), "{policy}");
    assert_eq!(today.header("cache-control"), Some("no-store"));
}

#[test]
fn acts_do_what_the_commands_do() {
    let desk = Desk::serve(demo());
    let visit = desk.visit();
    let dir = desk.dir.path();
    let paused = || run(dir, &["--json", "status"]).json()["paused"].as_bool().unwrap();
    let got = visit.act("act=pause&back=/outbox");
    assert_eq!((got.status, got.header("location")), (303, Some("/outbox")));
    assert!(paused());
    // The receipt is said once, with the way back; nobody can forge one by a link.
    let receipt = visit.get("/outbox").body;
    let said = receipt.split("class=\"said\"").nth(1).unwrap_or_else(|| panic!("{receipt}"));
    assert!(
        said.contains("Plus rien ne part")
            && said.contains("name=\"act\" value=\"resume\"")
            && said.contains("Annuler")
    );
    assert!(!visit.get("/?said=pause").body.contains("class=\"said\""));
    assert_eq!(visit.act("act=resume").status, 303);
    assert!(!paused());
    let open = run(dir, &["--json", "promises"]).json();
    let open: Vec<&str> = open.as_array().unwrap().iter().filter_map(|it| it["message_id"].as_str()).collect();
    assert!(!open.is_empty());
    let id: String = open[0].replace('<', "%3C").replace('>', "%3E").replace('@', "%40");
    let count = || run(dir, &["--json", "promises"]).json().as_array().unwrap().len();
    assert_eq!(visit.act("act=undo&id=%3Cnobody%40nowhere.example%3E").status, 409);
    assert_eq!(visit.act(&format!("act=undo&id={id}")).status, 409, "nothing was done yet");
    assert_eq!(visit.act(&format!("act=done&id={id}")).status, 303);
    assert_eq!(count(), open.len() - 1);
    assert_eq!(visit.act(&format!("act=done&id={id}")).status, 409, "it is kept already");
    assert_eq!(visit.act(&format!("act=undo&id={id}&back=/client?id=acme")).status, 303);
    assert_eq!(count(), open.len());
    assert!(visit.get("/").body.contains("la promesse court de nouveau"));
    assert_eq!(visit.act(&format!("act=done&id={id}")).status, 303);
    // What makes no sense says so and changes nothing.
    for (form, status) in [
        ("act=explode", 400),
        ("act=done&id=nonsense", 409),
        ("act=done&id=%3Cnobody%40nowhere.example%3E", 409),
        ("act=send&id=none", 409),
        ("act=hold&id=none&for=soon", 409),
        ("act=drop&id=", 409),
    ] {
        assert_eq!(visit.act(form).status, status, "{form}");
    }
    // What was sent stays sent.
    let sent = links(&visit.get("/outbox?all=1"), "/mail?id=")[0].replace("/mail?id=", "");
    assert_eq!(visit.act(&format!("act=drop&id={sent}")).status, 409);
}

/// Refused as by every other command, before anything is served. Without a history it opens.
#[test]
fn a_newer_database_is_refused() {
    let dir = demo();
    let db = rusqlite::Connection::open(dir.path().join("state/fuseau.db")).unwrap();
    db.pragma_update(None, "user_version", 9_999).unwrap();
    drop(db);
    let words = run(dir.path(), &["history", "acme"]).failed(1);
    assert!(words.contains("has version 9999, this fuseau knows up to"), "{words}");
    let mut child =
        command(dir.path()).args(["web", "--port", "0"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    if !line.is_empty() {
        let _ = child.kill();
    }
    let ended = child.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), line.as_str()), (Some(1), ""));
    assert_eq!(String::from_utf8_lossy(&ended.stderr), words);
    assert!(!dir.path().join("state/desk-link").exists());
    std::fs::remove_dir_all(dir.path().join("state")).unwrap();
    let desk = Desk::serve(dir);
    assert_eq!(desk.visit().get("/client?id=acme").status, 200);
}

/// Makes a language the owner's first; the desk follows the configuration at once.
fn speak(desk: &Desk, language: &str) {
    let path = desk.dir.path().join("fuseau.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let others = ["fr", "en", "pt"].into_iter().filter(|it| *it != language);
    let all: Vec<String> = std::iter::once(language).chain(others).map(|it| format!("\"{it}\"")).collect();
    let lines = text.lines().map(|line| match line.starts_with("languages") {
        true => format!("languages = [{}]", all.join(", ")),
        false => line.to_owned(),
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    std::fs::write(&path, text).unwrap();
    // The clock of files may be coarse.
    let later =
        std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000 + u64::from(language.as_bytes()[0]));
    std::fs::File::options().append(true).open(&path).unwrap().set_modified(later).unwrap();
}

/// One path of every page that there is.
fn every_page(visit: &Visit<'_>) -> Vec<String> {
    let mut paths: Vec<String> = [
        "/",
        "/outbox",
        "/outbox?all=1",
        "/client?id=acme",
        "/client?id=acme&by=thread",
        "/client?id=keller&q=logo",
        "/search",
        "/search?q=logo",
        "/search?q=client:acmee",
        "/stats",
        "/stats?all=1&client=acme",
    ]
    .map(str::to_owned)
    .to_vec();
    let first = |page: &str, start: &str| links(&visit.get(page), start).into_iter().next().unwrap();
    paths.push(first("/outbox?all=1", "/mail?id="));
    paths.push(first("/client?id=acme", "/message?id="));
    paths
}
