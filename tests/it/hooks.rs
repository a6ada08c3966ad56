//! Telling the owner of urgent mail at once: real small scripts that hang, fail, flood and vanish; the daemon's turn
//! beside them. Time in the turn is a standing clock, time in the scripts is real and short.
use crate::support::program;
use fuseau::daemon::turn::{Cause, turn};
use fuseau::daemon::{Desk, dial, dial::Courier, run};
use fuseau::mailbox::{Connection, Folders};
use fuseau::model::{Instant, Notice, NoticeCode, Zones};
use fuseau::store::AlertEnd;
use fuseau::system::hook::{self, HookError};
use fuseau::system::net::BoxedWire;
use fuseau::system::{Clock, Ids, clock::monotonic, state};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A shell script in `folder`, which it knows as `$HERE`. Written by another process: a file that this one has open for
/// writing cannot be run.
fn script(folder: &Path, text: &str) -> String {
    let path = folder.join("hook").to_str().unwrap().to_owned();
    let text = format!("#!/bin/sh\nHERE={}\n{text}\n", folder.display());
    let write = "printf %s \"$1\" >\"$0\" && chmod 700 \"$0\"";
    assert!(std::process::Command::new("/bin/sh").args(["-c", write, &path, &text]).status().unwrap().success());
    path
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn tried(text: &str, limit: Duration) -> (Result<(), HookError>, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let command = [script(dir.path(), text), "an argument; $HOME".to_owned()];
    (runtime().block_on(hook::run(&command, b"{\"event\": \"urgent\"}\n", limit)), dir)
}

const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(700);

#[test]
fn a_hook_hears_its_input_and_its_arguments_as_they_are() {
    let (end, dir) = tried("cat >$HERE/in; printf %s \"$1\" >$HERE/arg; env >$HERE/env; pwd >$HERE/pwd", LONG);
    assert_eq!(end, Ok(()));
    let read = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
    assert_eq!(read("in"), "{\"event\": \"urgent\"}\n");
    assert_eq!(read("arg"), "an argument; $HOME", "no shell takes it apart");
    assert_eq!(read("pwd"), "/\n");
    assert!(read("env").contains("PATH=") && !read("env").contains("CARGO_MANIFEST_DIR"), "{}", read("env"));
}

#[test]
fn failures_say_why_in_one_clean_line() {
    let (end, _dir) = tried("cat >/dev/null; printf 'no \\033[31mphone\\nhere' >&2; exit 3", LONG);
    let said = end.unwrap_err().to_string();
    assert!(said.contains("(exit status: 3): no [31mphone here"), "{said}");
    // What it says on standard output will do where standard error is empty.
    let (end, _dir) = tried("echo out; exit 1", LONG);
    assert!(end.unwrap_err().to_string().ends_with("(exit status: 1): out"));
    let (end, _dir) = tried("kill -9 $$", LONG);
    assert!(end.unwrap_err().to_string().contains("signal: 9"));
}

#[test]
fn a_hook_that_hangs_is_stopped_with_everything_it_started() {
    let start = monotonic();
    let (end, dir) = tried("sleep 300 & echo $! >$HERE/child; trap '' TERM; echo waiting >&2; wait; sleep 300", SHORT);
    let said = end.unwrap_err().to_string();
    assert!(said.contains("did not end within 0 s and was stopped: waiting"), "{said}");
    assert!(monotonic() - start < Duration::from_secs(10));
    let child = fs::read_to_string(dir.path().join("child")).unwrap();
    let proc = PathBuf::from("/proc").join(child.trim()).join("cmdline");
    // Killed, whether or not somebody has collected it yet.
    crate::support::house::until("the grandchild ends", || {
        fs::read(&proc).map_or(true, |line| line.is_empty()).then_some(())
    });
}

#[test]
fn a_hook_that_writes_without_end_is_read_and_stopped() {
    let (end, _dir) = tried("head -c 5000000 /dev/zero | tr '\\0' x; head -c 5000000 /dev/zero >&2; exit 4", LONG);
    let said = end.unwrap_err().to_string();
    assert!(said.contains("(exit status: 4)") && said.len() < 600, "{said}");
    let (end, _dir) = tried("exec yes", SHORT);
    let said = end.unwrap_err().to_string();
    assert!(said.contains("was stopped") && said.len() < 600, "{said}");
}

#[test]
fn a_hook_that_is_not_there_or_reads_nothing() {
    let run = |command: &[String]| runtime().block_on(hook::run(command, b"{}", LONG));
    for command in
        [vec!["/no/such/hook".to_owned()], vec!["no-such-hook-anywhere".to_owned()], vec![], vec!["/".to_owned()]]
    {
        assert!(matches!(run(&command), Err(HookError::NotStarted { .. })), "{command:?}");
    }
    let big = vec![b'x'; 1_000_000];
    let dir = tempfile::tempdir().unwrap();
    let command = [script(dir.path(), "exit 0")];
    assert_eq!(runtime().block_on(hook::run(&command, &big, LONG)), Ok(()));
    // What it leaves running is its own business, and nobody waits for it.
    let start = monotonic();
    let (end, _dir) = tried("sleep 30 & exit 0", LONG);
    assert_eq!(end, Ok(()));
    assert!(monotonic() - start < Duration::from_secs(10));
    assert!(
        hook::find("sh").is_some()
            && hook::find(env!("CARGO_MANIFEST_DIR")).is_none()
            && hook::find("no-such-hook").is_none()
    );
}

const CONFIG: &str = r#"
state = "state"
[me]
name = "Claire Martin"
zone = "Europe/London"
languages = ["en"]
[hours]
mon-fri = ["09:00-09:30", "16:30-17:00"]
[digest]
at = "off"
[mailbox.studio]
address = "claire@studio.example"
aliases = ["billing@studio.example"]
mode = "send"
maildir = "Maildir"
outgoing = "outgoing"
trusted_authserv = ["mx.studio.example"]
team = ["paul@studio.example"]
[client.acme]
name = "Acme"
contacts = ["@acme.example"]
zone = "Asia/Singapore"
language = "en"
channels = ["Signal"]
policy = "first"
[client.strict]
contacts = ["@strict.example"]
zone = "Europe/Lisbon"
channels = ["Signal"]
policy = "firm"
[[topic]]
name = "invoices"
words = ["invoice*"]
contact = "Paul Baker"
channel = "paul@studio.example"
copy = "paul@studio.example"
answer = { en = "Invoices are payable within 30 days.\nThe account is on each of them." }
[urgent]
timeout = "1s"
hook = ["HOOK"]
"#;

fn at(time: &str) -> Instant {
    format!("2027-01-14T{time}:00Z").parse().unwrap()
}

struct World {
    dir: tempfile::TempDir,
    desk: Desk,
    folders: Folders,
    server: Connection<BoxedWire>,
    courier: Courier,
    lock: Option<state::Lock>,
}

impl World {
    async fn new(hook: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["Maildir", "Maildir/.Sent", "Maildir/.Drafts"] {
            for part in ["cur", "new", "tmp"] {
                fs::create_dir_all(dir.path().join(folder).join(part)).unwrap();
            }
        }
        fs::create_dir_all(dir.path().join("outgoing")).unwrap();
        let config = dir.path().join("fuseau.toml");
        fs::write(&config, CONFIG.replace("HOOK", &script(dir.path(), hook))).unwrap();
        state::make_private(&config).unwrap();
        let settings = fuseau::config::load(&config, &Zones::bundled()).unwrap();
        let state_dir = dir.path().join("state");
        let (store, lock) = crate::support::open_state(&state_dir, at("10:00"));
        let desk = run::desk(settings, store, &state_dir, Ids::seeded(7)).unwrap();
        let desk = Desk { clock: Clock::standing_at(at("10:00")), ..desk };
        let settings = desk.mailbox("studio").unwrap().clone();
        let index = dial::index_dir(desk.state.as_deref(), "studio");
        let mut server = desk.dialler.mailbox(&settings.incoming, &index).await.unwrap();
        let folders = server.folders(&settings.folders).await.unwrap();
        let courier = Courier::new(desk.dialler.clone(), settings.outgoing.clone(), "studio.example");
        let mut world = Self { dir, desk, folders, server, courier, lock: Some(lock) };
        world.turn().await;
        world
    }

    /// One turn; it must not take long, whatever the hook does.
    async fn turn(&mut self) {
        let start = monotonic();
        let Self { desk, folders, server, courier, .. } = self;
        turn(desk, "studio", folders, Cause::Poll, server, courier).await.unwrap();
        assert!(monotonic() - start < Duration::from_secs(20), "the turn waited for the hook");
    }

    async fn at(&mut self, time: &str) {
        self.desk.clock.move_to(at(time));
        self.turn().await;
    }

    fn client_writes(&self, n: u32, from: &str, to: &str, subject: &str) {
        let text = "The printer stands still since this morning.\nCould you call me?";
        self.client_says(n, from, to, subject, text);
    }

    fn client_says(&self, n: u32, from: &str, to: &str, subject: &str, text: &str) {
        let domain = from.split_once('@').unwrap().1;
        let path =
            self.dir.path().join("Maildir/new").join(format!("{}.M{n}P1.test", self.desk.clock.now().timestamp()));
        let mail = format!(
            "Return-Path: <{from}>\nAuthentication-Results: mx.studio.example; dmarc=pass header.from={domain}\n\
             From: Ana <{from}>\nTo: {to}\nSubject: {subject}\nMessage-ID: <{n}@{domain}>\n\n{text}\n"
        );
        fs::write(&path, mail.replace('\n', "\r\n")).unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(self.desk.clock.now().into()).unwrap();
    }

    fn read(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.dir.path().join(name)).ok()
    }

    fn left(&self) -> Vec<String> {
        let files = fs::read_dir(self.dir.path().join("outgoing")).unwrap().map(|it| it.unwrap().path());
        let files = files.filter(|path| path.is_file());
        files.map(|path| fs::read_to_string(path).unwrap().replace("=\r\n", "").replace("\r\n", "\n")).collect()
    }

    fn alerts(&self) -> Vec<AlertEnd> {
        let read = |tx: &fuseau::store::Reader<'_>| {
            let recent = tx.recent(at("00:00"), 50)?;
            recent.iter().filter_map(|it| tx.alert_of(&it.entry.id).transpose()).collect()
        };
        self.desk.store.read_blocking(read).unwrap()
    }

    fn notices(&self, code: NoticeCode) -> Vec<Notice> {
        let all = self.desk.store.read_blocking(|tx| tx.notices_untold()).unwrap();
        all.into_iter().filter(|notice| notice.code == code).collect()
    }

    /// Waits until no hook runs any more.
    async fn settled(&self) {
        let start = monotonic();
        while self.alerts().iter().any(|alert| alert.state == "due" || alert.state == "running") {
            assert!(monotonic() - start < Duration::from_secs(30), "{:?}", self.alerts());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

const ANA: &str = "ana@acme.example";
const CLAIRE: &str = "claire@studio.example";
const TOLD: &str = "As it is urgent, I was told of it at once.";

#[test]
fn the_owner_hears_at_once_and_the_reply_says_so() {
    runtime().block_on(async {
        let mut world = World::new("cat >$HERE/told; echo x >>$HERE/count").await;
        world.client_writes(1, ANA, CLAIRE, "URGENT: printer");
        world.at("10:01").await;
        world.settled().await;
        let told: serde_json::Value = serde_json::from_str(&world.read("told").unwrap()).unwrap();
        for (key, want) in [
            ("event", "urgent"),
            ("client", "acme"),
            ("name", "Acme"),
            ("mailbox", "studio"),
            ("from", ANA),
            ("subject", "URGENT: printer"),
            ("excerpt", "The printer stands still since this morning. Could you call me?"),
            ("evidence", "subject: \"urgent\""),
            ("message_id", "<1@acme.example>"),
            ("verdict", "acknowledge"),
            ("arrived", "2027-01-14T10:00:00Z"),
            ("promise_by", "2027-01-14T17:00:00Z"),
        ] {
            assert_eq!(told[key], want, "{key}: {told}");
        }
        assert_eq!(told["sample"], false);
        let keys = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&told), keys(&fuseau::daemon::hooks::sample(at("10:00"))));
        assert_eq!(world.alerts(), [AlertEnd { state: "done".into(), said: None }]);
        assert_eq!(world.notices(NoticeCode::Urgent).len(), 1);
        assert!(world.notices(NoticeCode::Hook).is_empty());
        assert!(world.left().is_empty(), "the grace holds");
        world.at("10:06").await;
        let left = world.left();
        assert_eq!(left.len(), 1);
        assert!(
            left[0].contains(TOLD) && left[0].contains("Signal") && left[0].contains("5 pm")
                || left[0].contains("1 am"),
            "{}",
            left[0]
        );
        assert!(left[0].contains(TOLD), "{}", left[0]);
        for time in ["10:07", "10:30"] {
            world.at(time).await;
        }
        world.settled().await;
        assert_eq!(world.read("count").as_deref(), Some("x\n"), "once a message");
        assert_eq!(world.left().len(), 1);
    });
}

#[test]
fn a_hanging_hook_delays_nothing_and_is_not_boasted_of() {
    runtime().block_on(async {
        let mut world = World::new("echo x >>$HERE/count; sleep 300").await;
        world.client_writes(1, ANA, CLAIRE, "urgent");
        world.at("10:01").await;
        // While it hangs, another client's mail is taken in and answered, and the urgent one's acknowledgement leaves.
        world.client_writes(2, "eva@strict.example", CLAIRE, "urgent too");
        world.at("10:02").await;
        world.at("10:08").await;
        let left = world.left();
        assert_eq!(left.len(), 2);
        assert!(!left.iter().any(|mail| mail.contains(TOLD)), "nobody knows yet: {left:?}");
        let firm = left.iter().find(|mail| mail.contains("strict.example")).unwrap();
        assert!(firm.contains("I keep to these hours for urgent mail too") && !firm.contains("Signal"), "{firm}");
        world.settled().await;
        let alerts = world.alerts();
        assert_eq!((alerts.len(), alerts[0].state.as_str()), (1, "failed"), "{alerts:?}");
        assert!(alerts[0].said.as_deref().unwrap().contains("did not end within 1 s"), "{alerts:?}");
        let notices = world.notices(NoticeCode::Hook);
        assert_eq!(notices.len(), 1);
        assert!(notices[0].values["error"].contains("did not end"), "{notices:?}");
        world.at("10:20").await;
        world.settled().await;
        assert_eq!(world.read("count").as_deref(), Some("x\n"), "it is not tried again");
    });
}

#[test]
fn a_failing_hook_is_reported_and_the_reply_is_silent_about_it() {
    runtime().block_on(async {
        let mut world = World::new("echo no phone >&2; exit 1").await;
        world.client_writes(1, ANA, CLAIRE, "urgent");
        world.at("10:01").await;
        world.settled().await;
        world.at("10:06").await;
        assert_eq!(world.left().len(), 1);
        assert!(!world.left()[0].contains(TOLD));
        assert!(world.notices(NoticeCode::Hook)[0].values["error"].contains("no phone"));
    });
}

#[test]
fn a_flood_of_urgent_mail_rings_five_times_an_hour() {
    runtime().block_on(async {
        let mut world = World::new("echo x >>$HERE/count").await;
        for n in 1..=8 {
            let kind = ["logo", "press", "shop", "card", "door", "sign", "book", "site"][n as usize - 1];
            world.client_says(
                n,
                ANA,
                CLAIRE,
                &format!("urgent: {kind}"),
                &format!("The {kind} is broken, please call."),
            );
        }
        world.at("10:01").await;
        world.settled().await;
        assert_eq!(world.read("count").unwrap().lines().count(), 5);
        assert_eq!(world.notices(NoticeCode::Urgent).len(), 8, "the digest knows all of them");
    });
}

/// Stopped while the hook runs: it may have told the owner, so it is not run again, and the owner hears of the doubt.
#[test]
fn a_hook_that_was_cut_off_is_reported_and_not_run_again() {
    runtime().block_on(async {
        let mut world = World::new("echo x >>$HERE/count").await;
        world.client_writes(1, ANA, CLAIRE, "urgent");
        world.at("10:01").await;
        world.settled().await;
        // As the database looks after a kill between the claim and the end.
        let db = rusqlite::Connection::open(world.dir.path().join("state/fuseau.db")).unwrap();
        db.execute("UPDATE alert SET state = 'running', ended_at = NULL", []).unwrap();
        drop(db);
        world.lock = None;
        let (store, _lock) = crate::support::open_state(&world.dir.path().join("state"), at("10:02"));
        world.desk = Desk { store, ..world.desk.clone() };
        world.at("10:03").await;
        world.settled().await;
        assert_eq!(world.read("count").as_deref(), Some("x\n"));
        let notices = world.notices(NoticeCode::Hook);
        assert_eq!(notices.len(), 1);
        assert!(notices[0].values["error"].contains("stopped while it ran"), "{notices:?}");
    });
}

#[test]
fn a_topic_names_its_contact_answers_and_copies() {
    runtime().block_on(async {
        let mut world = World::new("true").await;
        world.client_writes(1, ANA, CLAIRE, "Invoice 2027-01");
        world.client_writes(2, "eva@strict.example", CLAIRE, "Logo");
        world.at("10:01").await;
        world.at("10:08").await;
        let left = world.left();
        assert_eq!(left.len(), 2);
        let about = left.iter().find(|mail| mail.contains("acme.example")).unwrap();
        for part in [
            "\nTo: ana@acme.example\n",
            "\nCc: paul@studio.example\n",
            "Paul Baker can also help you with this: paul@studio.example. Paul Baker gets this note in copy.",
            "This may already help:\n\nInvoices are payable within 30 days.\nThe account is on each of them.\n",
            "you will have my reply by",
        ] {
            assert!(about.contains(part), "{part:?} in\n{about}");
        }
        assert!(!about.contains("printer"), "the client's words are not passed on\n{about}");
        let other = left.iter().find(|mail| mail.contains("strict.example")).unwrap();
        assert!(!other.contains("Cc:") && !other.contains("Paul"), "{other}");
    });
}

#[test]
fn check_looks_for_the_hook_and_tries_it() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("Maildir")).unwrap();
    let config = |hook: &str| {
        fs::write(dir.path().join("fuseau.toml"), CONFIG.replace("HOOK", hook)).unwrap();
        state::make_private(&dir.path().join("fuseau.toml")).unwrap();
    };
    config("/no/such/hook");
    let ran = program::run(dir.path(), &["check"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("✗ hook") && ran.out.contains("/no/such/hook is not there"), "{}", ran.out);
    config(&script(dir.path(), "cat >$HERE/told"));
    let ran = program::run(dir.path(), &["check"]);
    assert_eq!((ran.code, dir.path().join("told").exists()), (0, false), "{}", ran.out);
    let ran = program::run(dir.path(), &["check", "--hook"]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    let told: serde_json::Value = serde_json::from_str(&fs::read_to_string(dir.path().join("told")).unwrap()).unwrap();
    assert_eq!(told["sample"], true);
    config(&script(dir.path(), "exit 9"));
    let ran = program::run(dir.path(), &["check", "--hook", "--json"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("exit status: 9"), "{}", ran.out);
}

/// docs/reference/json.md shows what the hook is told, with every key.
#[test]
fn the_page_shows_every_key() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/json.md")).unwrap();
    let (_, section) = page.split_once("\n## The hook\n").unwrap();
    let block = section.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let shown: serde_json::Value = serde_json::from_str(block).unwrap();
    let keys = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&shown), keys(&fuseau::daemon::hooks::sample(at("10:00"))));
}
