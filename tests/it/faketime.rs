//! The real program under libfaketime, on a Maildir, over the nights on which clocks change, over the end of the year, and
//! with a clock that is set back. Where libfaketime is not installed these tests say so and pass, except with `CI=true`.
#![expect(clippy::disallowed_methods, reason = "waits for another process, which lives by its own clock")]
use chrono::{DateTime, TimeDelta, Utc};
use fuseau::daemon::control::{self, Ask};
use fuseau::system::state;
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const DEADLINE: Duration = Duration::from_secs(60);

/// Where packages put the library; the one for programs with threads.
pub fn library() -> Option<PathBuf> {
    let mut dirs: Vec<PathBuf> =
        ["/usr/lib", "/usr/local/lib", "/usr/lib64", "/opt/homebrew/lib"].map(PathBuf::from).into();
    let under = fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|entry| entry.path());
    dirs.extend(under.filter(|dir| dir.is_dir()));
    let names = ["libfaketimeMT.so.1", "libfaketimeMT.1.dylib"];
    let found =
        dirs.iter().flat_map(|dir| names.map(|name| dir.join("faketime").join(name))).find(|path| path.is_file());
    if found.is_none() {
        let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(!ci, "the tests named faketime:: need libfaketime; tests/run installs it");
        let _ = writeln!(std::io::stderr(), "SKIPPED: a test named faketime:: (libfaketime not installed)");
    }
    found
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A configuration, its Maildir, and a daemon that lives by the time of a file.
struct House {
    dir: tempfile::TempDir,
    library: PathBuf,
    now: DateTime<Utc>,
    mails: u32,
    child: Option<Child>,
}

impl House {
    fn new(library: &Path, owner: &str, now: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["Maildir", "Maildir/.Sent", "Maildir/.Drafts"] {
            for part in ["cur", "new", "tmp"] {
                fs::create_dir_all(dir.path().join(folder).join(part)).unwrap();
            }
        }
        fs::create_dir_all(dir.path().join("outgoing")).unwrap();
        let config = dir.path().join("fuseau.toml");
        fs::write(&config, format!("{owner}{REST}")).unwrap();
        state::make_private(&config).unwrap();
        let mut house = Self { dir, library: library.to_owned(), now: at(now), mails: 0, child: None };
        house.set(at(now));
        house
    }

    /// The daemon's clock stands at this time from now on.
    fn set(&mut self, now: DateTime<Utc>) {
        self.now = now;
        let (new, file) = (self.dir.path().join("time.new"), self.dir.path().join("time"));
        fs::write(&new, now.format("%Y-%m-%d %H:%M:%S\n").to_string()).unwrap();
        fs::rename(new, file).unwrap();
    }

    fn start(&mut self) {
        self.run(&[
            ("FAKETIME_TIMESTAMP_FILE", self.dir.path().join("time").to_str().unwrap()),
            ("FAKETIME_NO_CACHE", "1"),
        ]);
        self.look();
    }

    fn run(&mut self, clock: &[(&str, &str)]) {
        let log = fs::File::options().create(true).append(true).open(self.dir.path().join("log")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_fuseau"));
        command.current_dir(self.dir.path()).arg("run").env_clear().env("HOME", self.dir.path()).env("TZ", "UTC");
        let preload = if cfg!(target_os = "macos") { "DYLD_INSERT_LIBRARIES" } else { "LD_PRELOAD" };
        command
            .env(preload, &self.library)
            .env("NO_FAKE_STAT", "1")
            .env("FUSEAU_LOG", "debug")
            .envs(clock.iter().copied());
        if !clock.iter().any(|(name, _)| *name == "FAKETIME") {
            command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        }
        self.child = Some(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap());
    }

    fn stop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        kill_process(Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap(), Signal::TERM).unwrap();
        let _ = child.wait();
    }

    fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }

    fn wait<T>(&self, what: &str, look: impl Fn() -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            if let Some(found) = look() {
                return found;
            }
            assert!(begun.elapsed() < DEADLINE, "not within {DEADLINE:?}: {what}\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Everything that is due now is done: two whole looks, each a second later than the one before.
    fn look(&mut self) {
        for _ in 0..2 {
            self.set(self.now + TimeDelta::seconds(1));
            let (state, now) = (self.dir.path().join("state"), self.now);
            self.wait("a look", || {
                control::ask(&state, Ask::Nudge).ok()??;
                let facts = control::ask(&state, Ask::Status).ok()??.facts;
                let polled = facts["mailboxes"][0]["last_poll"].as_str()?.parse::<DateTime<Utc>>().ok()?;
                // The clock may have been set back: the very second, or a little more.
                (polled >= now && polled - now < TimeDelta::seconds(5)).then_some(())
            });
        }
    }

    /// The clock goes on to this time, and what is due then happens.
    fn until(&mut self, time: &str) {
        self.set(at(time));
        self.look();
    }

    fn client_writes(&mut self, from: &str) {
        self.mails += 1;
        let mail = format!(
            "Return-Path: <{from}>\nAuthentication-Results: mx.studio.example; dmarc=pass header.from=acme.example\n\
             From: Li <{from}>\nTo: claire@studio.example\nSubject: Draft {0}\nMessage-ID: <m{0}@acme.example>\n\n\
             Could you look at the {1}?\n",
            self.mails,
            ["logo", "bill", "poster"].iter().cycle().nth(self.mails as usize).unwrap()
        );
        let name = format!("{}.M{}P1.test", self.now.timestamp(), self.mails);
        let path = self.dir.path().join("Maildir/tmp").join(&name);
        fs::write(&path, mail.replace('\n', "\r\n")).unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(self.now.into()).unwrap();
        fs::rename(path, self.dir.path().join("Maildir/new").join(name)).unwrap();
    }

    /// What left: when, and what it says.
    fn left(&self) -> Vec<(DateTime<Utc>, String)> {
        let files = fs::read_dir(self.dir.path().join("outgoing")).unwrap().map(|entry| entry.unwrap().path());
        let read = |path: PathBuf| {
            let text = fs::read_to_string(path).unwrap().replace("=\r\n", "").replace("\r\n", "\n");
            let date = text.lines().find_map(|line| line.strip_prefix("Date: ")).unwrap().to_owned();
            (DateTime::parse_from_rfc2822(&date).unwrap().to_utc(), text)
        };
        let mut mails: Vec<_> =
            files.filter(|path| path.is_file() && path.extension().is_some_and(|it| it == "eml")).map(read).collect();
        mails.sort();
        mails
    }
}

impl House {
    /// So many mails left, and the last one says all of this.
    fn says(&self, mails: usize, parts: &[&str]) {
        let left = self.left();
        assert_eq!(left.len(), mails, "at {}: {left:?}", self.now);
        let (_, text) = &left[mails - 1];
        assert!(parts.iter().all(|part| text.contains(part)), "{parts:?} in\n{text}");
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- log\n{}---", self.log());
        }
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

const LONDON: &str =
    "state = \"state\"\n[me]\nname = \"Claire Martin\"\nzone = \"Europe/London\"\nlanguages = [\"en\"]\n";
const NEW_YORK: &str =
    "state = \"state\"\n[me]\nname = \"Claire Martin\"\nzone = \"America/New_York\"\nlanguages = [\"en\"]\n";
const REST: &str = r#"
[hours]
mon-fri = ["09:00-09:30"]
[[closed]]
from = 2027-01-01
to = 2027-01-01
[mailbox.studio]
address = "claire@studio.example"
mode = "send"
maildir = "Maildir"
outgoing = "outgoing"
poll = "5s"
trusted_authserv = ["mx.studio.example"]
[client.tokyo]
contacts = ["li@acme.example"]
zone = "Asia/Tokyo"
[client.newyork]
contacts = ["bo@acme.example"]
zone = "America/New_York"
[client.berlin]
contacts = ["eva@acme.example"]
zone = "Europe/Berlin"
"#;

/// A night: the owner, who writes, five minutes before something changes; what the client reads; when a holding reply is
/// due, and until when it promises.
struct Night {
    owner: &'static str,
    from: &'static str,
    before: &'static str,
    says: [&'static str; 2],
    too_early: &'static str,
    holding: &'static str,
    then: [&'static str; 2],
}

const NIGHTS: [Night; 4] = [
    // Europe goes forward at 01:00 UTC: London's 9:30 is an hour earlier for everybody else.
    Night {
        owner: LONDON,
        from: "li@acme.example",
        before: "2027-03-28T00:56:00Z",
        says: ["Monday, 29 March", "5:30 pm"],
        too_early: "2027-03-29T08:14:50Z",
        holding: "2027-03-29T08:15:10Z",
        then: ["Tuesday, 30 March", "5:30 pm"],
    },
    // The United States go forward at 07:00 UTC.
    Night {
        owner: NEW_YORK,
        from: "eva@acme.example",
        before: "2027-03-14T06:56:00Z",
        says: ["Monday, 15 March", "2:30 pm"],
        too_early: "2027-03-15T13:14:50Z",
        holding: "2027-03-15T13:15:10Z",
        then: ["Tuesday, 16 March", "2:30 pm"],
    },
    // Europe goes back at 01:00 UTC, the United States a week later.
    Night {
        owner: NEW_YORK,
        from: "eva@acme.example",
        before: "2027-10-31T00:56:00Z",
        says: ["Monday, 1 November", "2:30 pm"],
        too_early: "2027-11-01T13:14:50Z",
        holding: "2027-11-01T13:15:10Z",
        then: ["Tuesday, 2 November", "2:30 pm"],
    },
    // The year ends; its first day is closed, the next two are a weekend.
    Night {
        owner: LONDON,
        from: "li@acme.example",
        before: "2026-12-31T23:56:00Z",
        says: ["Monday, 4 January", "6:30 pm"],
        too_early: "2027-01-04T08:50:00Z",
        holding: "2027-01-04T08:55:10Z",
        then: ["Tuesday, 5 January", "6:30 pm"],
    },
];

#[test]
fn promises_hold_over_the_nights_on_which_clocks_change() {
    let Some(library) = library() else { return };
    for night in &NIGHTS {
        let mut house = House::new(&library, night.owner, night.before);
        house.start();
        house.client_writes(night.from);
        house.look();
        assert!(house.left().is_empty(), "its grace is not over");
        let change = at(night.before) + TimeDelta::minutes(6);
        house.set(change);
        house.look();
        house.says(1, &night.says);
        house.until(night.too_early);
        assert_eq!(house.left().len(), 1, "not an hour early: {:?}", house.left());
        // The promise is in the memory, not in the process.
        house.stop();
        house.set(at(night.holding));
        house.start();
        house.says(2, &night.then);
        house.stop();
    }
}

#[test]
fn time_that_runs_fast_changes_nothing() {
    let Some(library) = library() else { return };
    let mut house = House::new(&library, LONDON, "2027-03-28T00:50:00Z");
    let begun = Instant::now();
    // Two minutes in a second: over 01:00 UTC within five, timers and all.
    house.run(&[("FAKETIME", "@2027-03-28 00:50:00 x120")]);
    let state = house.dir.path().join("state");
    house.wait("it looked around", || {
        control::ask(&state, Ask::Status).ok()??.facts["mailboxes"][0]["last_poll"].is_string().then_some(())
    });
    house.now += TimeDelta::milliseconds(i64::try_from(begun.elapsed().as_millis()).unwrap() * 120);
    house.client_writes("li@acme.example");
    let (sent, text) = house.wait("an acknowledgement", || house.left().pop());
    assert!(
        sent >= house.now + TimeDelta::minutes(4) && sent < house.now + TimeDelta::hours(3),
        "{sent}, {}",
        house.now
    );
    assert!(text.contains("Monday, 29 March") && text.contains("5:30 pm"), "{text}");
    house.stop();
}

#[test]
fn a_clock_set_back_a_day_sends_nothing_until_it_is_sane() {
    let Some(library) = library() else { return };
    for restarted in [false, true] {
        let mut house = House::new(&library, LONDON, "2027-06-08T09:50:00Z");
        house.start();
        house.client_writes("bo@acme.example");
        house.until("2027-06-08T09:58:00Z");
        house.until("2027-06-08T10:04:00Z");
        assert_eq!(house.left().len(), 1);
        // Its grace goes on until 10:09.
        house.client_writes("li@acme.example");
        house.look();
        // A day back: while it runs, or while it does not.
        if restarted {
            house.stop();
            house.set(at("2027-06-07T10:10:00Z"));
            house.start();
        } else {
            house.set(at("2027-06-07T10:10:00Z"));
            house.wait("it notices", || house.log().contains("the clock went backwards").then_some(()));
            house.look();
        }
        house.until("2027-06-07T10:22:00Z");
        // What comes now is for the owner to look at, also when ten minutes have gone by.
        house.client_writes("eva@acme.example");
        for time in ["2027-06-07T10:25:00Z", "2027-06-07T10:40:00Z", "2027-06-07T18:00:00Z", "2027-06-08T10:03:00Z"] {
            house.until(time);
            assert_eq!(house.left().len(), 1, "at {time}: {:?}", house.left());
        }
        // It shows what it showed before, and ten minutes have gone well.
        house.until("2027-06-08T10:16:00Z");
        house.says(2, &["To: li@acme.example", "Wednesday, 9 June", "5:30 pm"]);
        house.client_writes("eva@acme.example");
        house.until("2027-06-08T10:25:00Z");
        house.until("2027-06-08T10:31:00Z");
        house.says(3, &["To: eva@acme.example", "Wednesday, 9 June", "10:30 am"]);
        house.stop();
    }
}
