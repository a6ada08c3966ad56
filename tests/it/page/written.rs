//! The command and the daemon: what they write, what they leave alone, and that the page follows the configuration and the date.
use crate::support::program::{Ran, command, run};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use tempfile::TempDir;

const AT: &str = "2026-11-23T10:00:00Z";

const CONFIG: &str = r#"state = "state"
[me]
name = "Claire Martin"
zone = "Europe/London"
languages = ["en", "fr"]
[hours]
mon-sun = ["09:00-09:30"]
[page]
out = "www"
url = "https://studio.example/hours/"
[mailbox.studio]
address = "claire@studio.example"
maildir = "Maildir"
outgoing = "outgoing"
poll = "5s"
[client.acme]
contacts = ["anna@acme.example"]
zone = "Asia/Singapore"
"#;

fn studio() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for folder in ["Maildir/cur", "Maildir/new", "Maildir/tmp", "outgoing"] {
        fs::create_dir_all(dir.path().join(folder)).unwrap();
    }
    fs::write(dir.path().join("fuseau.toml"), CONFIG).unwrap();
    dir
}

fn change(dir: &Path, from: &str, to: &str) {
    let path = dir.join("fuseau.toml");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(&path, text.replace(from, to)).unwrap();
}

fn page(dir: &Path, more: &[&str]) -> Ran {
    run(dir, &[&["page", "--at", AT][..], more].concat())
}

#[test]
fn a_page_is_made_and_a_stale_one_is_named() {
    let dir = studio();
    let dir = dir.path();
    assert!(page(dir, &["--check"]).failed(1).contains("`fuseau page` makes it"));
    let said = page(dir, &[]).fine();
    assert_eq!(said.matches("written").count(), 8, "{said}");
    let fresh = page(dir, &["--check", "--json"]).json();
    assert_eq!((&fresh["ok"], &fresh["date"]), (&true.into(), &"2026-11-23".into()));
    assert_eq!(fresh["files"].as_array().unwrap().len(), 8);
    // Every minute that changes the promise makes the page stale, and so does the next day.
    for (from, to) in [("09:30", "09:40"), ("\"en\", \"fr\"", "\"en\""), ("London", "Dublin")] {
        change(dir, from, to);
        let stale = page(dir, &["--check"]);
        assert!(stale.code == 1 && stale.err.contains("`fuseau page` writes it anew"), "{to}: {}", stale.err);
        page(dir, &[]).fine();
        page(dir, &["--check"]).fine();
    }
    let names: Vec<String> =
        fs::read_dir(dir.join("www")).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(names.len(), 5, "French is gone: {names:?}");
    assert_eq!(run(dir, &["page", "--check", "--at", "2026-11-24T00:00:00Z"]).code, 1);
    // Made again, nothing is touched.
    let before = fs::metadata(dir.join("www/index.html")).unwrap().modified().unwrap();
    assert!(page(dir, &[]).fine().contains("fresh"));
    assert_eq!(fs::metadata(dir.join("www/index.html")).unwrap().modified().unwrap(), before);
}

#[test]
fn what_is_not_ours_stays() {
    let dir = studio();
    let dir = dir.path();
    let www = dir.join("www");
    fs::create_dir(&www).unwrap();
    fs::write(www.join("index.html"), "my site").unwrap();
    let refused = page(dir, &[]);
    assert!(refused.code == 1 && refused.out.contains("not fuseau's") && refused.err.contains("nothing was written"));
    assert_eq!(fs::read_dir(&www).unwrap().count(), 1);
    fs::remove_file(www.join("index.html")).unwrap();
    fs::write(www.join("robots.txt"), "theirs").unwrap();
    page(dir, &[]).fine();
    fs::write(www.join("signature.txt"), "my own words").unwrap();
    change(dir, "09:30", "09:45");
    let told = page(dir, &["--json"]);
    let facts: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    let state = |name: &str| {
        facts["files"].as_array().unwrap().iter().find(|it| it["name"] == name).unwrap()["state"].as_str().unwrap()
    };
    assert_eq!((told.code, state("signature.txt"), state("index.html")), (1, "edited", "written"));
    assert_eq!(fs::read_to_string(www.join("signature.txt")).unwrap(), "my own words");
    assert_eq!(fs::read_to_string(www.join("robots.txt")).unwrap(), "theirs");
    assert!(fs::read_to_string(www.join("index.html")).unwrap().contains("09:45"));
    // The remedy works.
    fs::remove_file(www.join("signature.txt")).unwrap();
    assert!(page(dir, &[]).fine().contains("written    signature.txt"));
}

#[test]
fn faults_say_what_to_do() {
    let dir = studio();
    let dir = dir.path();
    change(dir, "out = \"www\"\n", "");
    assert!(page(dir, &[]).failed(64).contains("--out DIR"));
    fs::write(dir.join("a-file"), "").unwrap();
    assert!(page(dir, &["--out", "a-file"]).failed(64).contains("no folder"));
    assert!(page(dir, &["--out", "/proc/nowhere/page"]).failed(1).contains("/proc/nowhere/page"));
    let text = page(dir, &["--text"]).fine();
    assert!(text.contains("signature.fr.txt") && text.contains("Monday–Sunday 09:00–09:30 (UK time)"), "{text}");
    assert!(text.contains("https://studio.example/hours/index.fr.html"));
    for (url, wanted) in
        [("studio.example", "no address on the web"), ("https://studio.example/a?b", "more than a folder")]
    {
        let config = CONFIG.replace("https://studio.example/hours/", url);
        fs::write(dir.join("wrong.toml"), config).unwrap();
        let err = run(dir, &["--config", "wrong.toml", "page", "--text"]).failed(78);
        assert!(err.contains(wanted) && err.contains("https://studio.example/hours/"), "{err}");
    }
    change(dir, "[page]", "[page]\npublish = [\"closurs\"]");
    assert!(page(dir, &["--text"]).failed(78).contains("did you mean \"closures\"?"));
}

/// A daemon on an empty Maildir; its log is read as it comes.
struct Daemon {
    child: Child,
    log: mpsc::Receiver<String>,
}

impl Daemon {
    fn start(dir: &Path, clock: Option<&str>) -> Option<Self> {
        let mut program = command(dir);
        if let Some(clock) = clock {
            program.env("LD_PRELOAD", crate::faketime::library()?).env("FAKETIME", clock).env("TZ", "UTC");
            program.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("NO_FAKE_STAT", "1");
        }
        let mut child = program.arg("run").stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (tell, log) = mpsc::channel();
        std::thread::spawn(move || stderr.lines().map_while(Result::ok).all(|line| tell.send(line).is_ok()));
        Some(Self { child, log })
    }

    fn says(&self, part: &str) -> String {
        let mut heard = String::new();
        loop {
            let line =
                self.log.recv_timeout(Duration::from_secs(60)).unwrap_or_else(|_| panic!("no {part:?} in\n{heard}"));
            heard.push_str(&line);
            heard.push('\n');
            if line.contains(part) {
                return line;
            }
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_daemon_keeps_the_page_of_the_configuration_that_holds() {
    let dir = studio();
    let dir = dir.path();
    let daemon = Daemon::start(dir, None).unwrap();
    daemon.says("the public page is fresh");
    let index = || fs::read_to_string(dir.join("www/index.html")).unwrap();
    assert!(index().contains("09:00–09:30"));
    // A wrong configuration is refused: the page stays with the one that holds.
    let config = fs::read_to_string(dir.join("fuseau.toml")).unwrap();
    fs::write(dir.join("fuseau.toml"), config.replace("09:00-09:30", "09:00-25:30")).unwrap();
    assert_eq!(run(dir, &["reload"]).code, 78);
    assert!(index().contains("09:00–09:30"));
    fs::write(dir.join("fuseau.toml"), config.replace("09:00-09:30", "10:00-10:20")).unwrap();
    run(dir, &["reload"]).fine();
    daemon.says("the public page is fresh");
    assert!(index().contains("10:00–10:20") && !index().contains("09:00–09:30"));
    // Somebody edits it, and the folder goes away: mail goes on, the log says what to do.
    fs::write(dir.join("www/contract.txt"), "mine").unwrap();
    fs::write(dir.join("fuseau.toml"), config.replace("09:00-09:30", "11:00-11:20")).unwrap();
    run(dir, &["reload"]).fine();
    assert!(daemon.says("contract.txt").contains("remove it, and it is made anew"));
    fs::write(dir.join("fuseau.toml"), config.replace("\"www\"", "\"/proc/nowhere/page\"")).unwrap();
    run(dir, &["reload"]).fine();
    daemon.says("the public page was not written");
    assert_eq!(run(dir, &["status", "--json"]).json()["running"], true);
}

#[test]
fn a_new_day_at_home_makes_a_new_page() {
    let dir = studio();
    let dir = dir.path();
    let Some(daemon) = Daemon::start(dir, Some("@2026-11-23 23:59:55")) else { return };
    daemon.says("the public page is fresh");
    let index = || fs::read_to_string(dir.join("www/index.html")).unwrap();
    assert!(index().contains("As of Monday, 23 November."));
    daemon.says("the public page is fresh");
    assert!(index().contains("As of Tuesday, 24 November."));
}
