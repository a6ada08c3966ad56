//! The ladder of trust: the cases of tests/ladder, falls through the production turn, and steps by hand.
use crate::holding_turns::{ANA, World, at, play};
use crate::support::program::run;
use chrono::TimeDelta;
use fuseau::decide::UNTIL_RESUMED;
use fuseau::decide::ladder::{self, Anomaly, By, Scope, Signs, Word};
use fuseau::decide::{PauseScope, Policy, Why};
use fuseau::model::{Instant, Mode, NoticeCode, Zones};
use fuseau::store::{MailState, OutboxRow};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt as _;
use std::{fs, path::Path};

fn lines(file: &str) -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ladder").join(file);
    let text = fs::read_to_string(path).unwrap();
    let cases = text.lines().map(|line| line.split('#').next().unwrap().trim()).filter(|line| !line.is_empty());
    cases
        .map(|line| {
            let (case, expected) = line.split_once(" -> ").unwrap();
            (case.trim().to_owned(), expected.trim().to_owned())
        })
        .collect()
}

fn mode(word: &str) -> Option<Mode> {
    [Mode::Observe, Mode::Draft, Mode::Send].into_iter().find(|it| it.as_str() == word)
}

fn said(rung: Option<Mode>, written: Option<Mode>, by: By) -> Word {
    Word { rung, was: Mode::Observe, by, why: Vec::new(), written, at: at("09:00") }
}

/// What the configuration says, and the last word.
fn side(text: &str) -> (Option<Mode>, Option<Word>) {
    let mut words = text.split_whitespace();
    let written = mode(words.next().unwrap());
    let word = words.next().map(|word| {
        let (rung, then) = word.split_once('@').unwrap();
        said(mode(rung), mode(then), By::Owner)
    });
    (written, word)
}

#[test]
fn rungs() {
    let cases = lines("rungs.txt");
    assert!(cases.len() >= 20);
    for (case, expected) in cases {
        let (mailbox, theirs) = case.split_once(" / ").map_or((case.as_str(), None), |(a, b)| (a, Some(b)));
        let (written, word) = side(mailbox);
        let theirs = theirs.map(side);
        let policy = policy(written.unwrap(), theirs.as_ref().and_then(|(written, _)| *written));
        let theirs = theirs.as_ref().map(|(_, word)| (&policy.clients[0], word.as_ref()));
        assert_eq!(ladder::rung((&policy.mailboxes[0], word.as_ref()), theirs).as_str(), expected, "{case}");
    }
}

#[test]
fn falls() {
    let mut seen = Vec::new();
    let cases = lines("falls.txt");
    assert!(cases.len() >= 30);
    for (case, expected) in cases {
        let mut words = case.split_whitespace();
        let scope = match words.next().unwrap() {
            "mailbox" => Scope::Mailbox("studio".into()),
            _ => Scope::Client("acme".into()),
        };
        let rung = mode(words.next().unwrap()).unwrap();
        let mut signs = Signs::default();
        for word in words {
            let (name, n) = word.split_once('=').unwrap();
            let n: u32 = n.parse().unwrap();
            match name {
                "sent" => signs.sent = n,
                "returned" => signs.returned = n,
                "in_doubt" => signs.in_doubt = n,
                "taken_back" => signs.taken_back = n,
                "kept" => signs.kept = n,
                "lapsed" => signs.lapsed = n,
                "complaints" => signs.complaints = n,
                "renumbered" => signs.renumbered = n,
                "breaker" => signs.breaker = n > 0,
                _ => panic!("{case}: {name}"),
            }
        }
        let fall = ladder::fall(&scope, rung, &signs);
        let shown = fall.map_or_else(
            || "stays".to_owned(),
            |fall| {
                seen.extend(fall.why.iter().map(|(anomaly, _)| *anomaly));
                let one = |(anomaly, n): &(Anomaly, String)| match n.as_str() {
                    "" => anomaly.as_str().to_owned(),
                    n => format!("{} ({n})", anomaly.as_str()),
                };
                let why: Vec<String> = fall.why.iter().map(one).collect();
                format!("{} {}", fall.to.as_str(), why.join("; "))
            },
        );
        assert_eq!(shown, expected, "{case}");
    }
    for anomaly in Anomaly::ALL {
        assert!(seen.contains(anomaly), "no case in which {anomaly:?} makes somebody fall");
        assert_eq!(Anomaly::parse(anomaly.as_str()), Some(*anomaly));
    }
}

/// A configuration with these modes.
fn policy(mailbox: Mode, client: Option<Mode>) -> Policy {
    let theirs = client.map_or_else(String::new, |mode| format!("mode = \"{}\"\n", mode.as_str()));
    let text = format!(
        "[me]\nname = \"Claire\"\nzone = \"Europe/London\"\nlanguages = [\"en\"]\n[hours]\nmon-fri = [\"09:00-10:00\"]\n\
         [mailbox.studio]\naddress = \"claire@studio.example\"\nmode = \"{}\"\nmaildir = \"M\"\noutgoing = \"out\"\n\
         [client.acme]\ncontacts = [\"@acme.example\"]\nzone = \"Asia/Singapore\"\n{theirs}",
        mailbox.as_str()
    );
    fuseau::config::parse(&text, Path::new("fuseau.toml"), &Zones::bundled()).unwrap().policy
}

/// The owner's word for good: whatever happens, everybody stays on the rung that is written. For stories that are about
/// something else.
pub(crate) fn stand_firm(store: &fuseau::store::Store, policy: &Policy) {
    let written = policy.mailboxes.iter().map(|it| (Scope::Mailbox(it.name.clone()), Some(it.mode), it.mode));
    let own = policy.clients.iter().map(|it| (Scope::Client(it.id.clone()), it.mode, it.mode.unwrap_or(Mode::Send)));
    for (scope, written, rung) in written.chain(own) {
        let word = Word { at: UNTIL_RESUMED, ..said(Some(rung), written, By::Owner) };
        store.write_blocking(|tx| tx.trust(&scope, &word)).unwrap();
    }
}

// ---- through the production turn -----------------------------------------------------------------------------------

fn rows(world: &World) -> Vec<OutboxRow> {
    world.desk.store.read_blocking(|tx| tx.outbox_since(Instant::UNIX_EPOCH, 50)).unwrap()
}

fn speak(world: &World, scope: &Scope, rung: Mode, written: Option<Mode>) {
    let word = Word { at: world.desk.clock.now(), ..said(Some(rung), written, By::Owner) };
    world.desk.store.write_blocking(|tx| tx.trust(scope, &word)).unwrap();
}

fn word(world: &World, scope: &Scope) -> Option<Word> {
    world.desk.store.read_blocking(|tx| tx.trust_word(scope)).unwrap()
}

fn mailbox() -> Scope {
    Scope::Mailbox("studio".into())
}

fn drafts(world: &World) -> Vec<String> {
    let dir = world.dir.path().join("Maildir/.Drafts");
    let files = ["cur", "new"].into_iter().flat_map(|part| fs::read_dir(dir.join(part)).unwrap());
    files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect()
}

#[test]
fn what_waits_when_the_rung_comes_down_becomes_a_draft() {
    play(async {
        let mut world = World::new().await;
        world.until("10:02").await;
        world.client_writes(ANA, "logo");
        world.until("10:04").await;
        assert_eq!(rows(&world)[0].state, MailState::Queued);
        speak(&world, &mailbox(), Mode::Draft, Some(Mode::Send));
        world.until("10:10").await;
        assert!(world.left().is_empty(), "nothing left");
        let drafts = drafts(&world);
        assert_eq!(drafts.len(), 1);
        assert!(!drafts[0].contains("Auto-Submitted"), "a draft is the owner's own: {}", drafts[0]);
        assert_eq!(rows(&world)[0].state, MailState::Drafted);
        // Raised again: the next one leaves.
        speak(&world, &mailbox(), Mode::Send, Some(Mode::Send));
        world.client_writes("rui@lisboa.example", "bill");
        world.until("10:20").await;
        assert_eq!(world.left().len(), 1);
    });
}

#[test]
fn what_waits_when_nothing_may_be_written_any_more_is_dropped() {
    play(async {
        let mut world = World::new().await;
        world.until("10:02").await;
        world.client_writes(ANA, "logo");
        world.until("10:04").await;
        speak(&world, &Scope::Client("lisboa".into()), Mode::Observe, None);
        world.until("10:10").await;
        assert!(world.left().is_empty() && drafts(&world).is_empty());
        let row = &rows(&world)[0];
        assert_eq!((row.state, row.last_reply.as_deref()), (MailState::Dropped, Some(Why::Mode.as_str())));
    });
}

#[test]
fn a_holding_reply_follows_the_rung_too() {
    play(async {
        let mut world = World::new().await;
        world.until("10:02").await;
        world.client_writes(ANA, "logo");
        world.until("11:00").await;
        assert_eq!(world.left().len(), 1);
        speak(&world, &mailbox(), Mode::Draft, Some(Mode::Send));
        world.until("12:10").await;
        assert_eq!(world.left().len(), 1, "only the acknowledgement left");
        assert_eq!(drafts(&world).len(), 1, "the holding reply waits");
    });
}

#[test]
fn mails_taken_back_by_hand_lower_the_rung_once() {
    play(async {
        let mut world =
            World::with("[replies]\nmin_interval = \"1m\"\nper_sender_day = 20\nper_sender_week = 40\n").await;
        world.until("10:02").await;
        let clients = [ANA, "rui@lisboa.example", "anna@acme.example"];
        for (n, from) in clients.into_iter().enumerate() {
            world.client_writes_about(from, &format!("m{n}"), &format!("Matter {n}"));
        }
        world.until("10:03").await;
        for row in rows(&world) {
            let now = world.desk.clock.now();
            assert!(world.desk.store.write_blocking(|tx| tx.dropped(&row.id, Why::Withdrawn.as_str(), now)).unwrap());
        }
        world.until("10:04").await;
        let fallen = word(&world, &mailbox()).unwrap();
        assert_eq!((fallen.rung, fallen.by, fallen.was), (Some(Mode::Draft), By::Fall, Mode::Send));
        assert_eq!(fallen.why, [(Anomaly::TakenBack, "3".to_owned())]);
        let notices = world.desk.store.read_blocking(|tx| tx.notices_untold()).unwrap();
        let told: Vec<_> = notices.iter().filter(|it| it.code == NoticeCode::TrustLowered).collect();
        assert_eq!(told.len(), 2, "the mailbox and its client: {told:?}");
        assert_eq!(told[0].values["why"], "taken-back");
        // Raised by hand, the old signs are not held against it again.
        world.desk.clock.move_to(at("10:05"));
        speak(&world, &mailbox(), Mode::Send, Some(Mode::Send));
        world.until("10:30").await;
        assert_eq!(word(&world, &mailbox()).unwrap().by, By::Owner);
        let steps = world.desk.store.read_blocking(|tx| tx.trust_steps(&mailbox())).unwrap();
        assert_eq!(steps.len(), 2);
    });
}

#[test]
fn the_breaker_lowers_and_a_clock_does_not() {
    play(async {
        let mut world = World::new().await;
        let now = world.desk.clock.now();
        let until = now + TimeDelta::minutes(10);
        world.desk.store.write_blocking(|tx| tx.pause(&PauseScope::All, until, "clock", now)).unwrap();
        world.until("08:05").await;
        assert_eq!(word(&world, &mailbox()), None);
        let code = "limit.total";
        world.desk.store.write_blocking(|tx| tx.pause(&PauseScope::All, UNTIL_RESUMED, code, now)).unwrap();
        world.until("08:10").await;
        assert_eq!(word(&world, &mailbox()).unwrap().why, [(Anomaly::Breaker, String::new())]);
    });
}

#[test]
fn a_complaint_silences_the_client_and_lowers_the_mailbox() {
    play(async {
        let mut world = World::new().await;
        world.until("10:02").await;
        world.client_writes(ANA, "logo");
        world.until("10:10").await;
        let id = world.left()[0].lines().find_map(|line| line.strip_prefix("Message-ID: ").map(str::to_owned)).unwrap();
        let report = |id: &str, kind: &str| {
            format!(
                "From: abuse@isp.example\nTo: claire@studio.example\nSubject: Abuse report\nMessage-ID: <r-{kind}@isp.example>\n\
                 MIME-Version: 1.0\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n\
                 --b\nContent-Type: text/plain\n\nThis is a report.\n--b\nContent-Type: message/feedback-report\n\n\
                 Feedback-Type: {kind}\nUser-Agent: x/1\nVersion: 1\n\n--b\nContent-Type: message/rfc822\n\n\
                 From: claire@studio.example\nSubject: Re: Logo\nMessage-ID: {id}\n\nHi\n--b--\n"
            )
        };
        world.put("new", "", &report("<other@elsewhere.example>", "abuse"));
        world.put("new", "", &report(&id, "not-spam"));
        world.until("10:15").await;
        assert_eq!(word(&world, &mailbox()), None, "of another mail, or no complaint");
        world.put("new", "", &report(&id, "fraud"));
        world.until("10:20").await;
        let lisboa = Scope::Client("lisboa".into());
        assert_eq!(word(&world, &mailbox()).unwrap().rung, Some(Mode::Draft));
        assert_eq!(word(&world, &lisboa).unwrap().rung, Some(Mode::Observe));
        // The promise was told: the holding reply that would renew it is not even written.
        world.until("12:10").await;
        assert_eq!(world.left().len(), 1);
        assert!(drafts(&world).is_empty());
    });
}

#[test]
fn a_line_that_was_changed_ends_the_word_for_good() {
    play(async {
        let world = World::new().await;
        speak(&world, &mailbox(), Mode::Send, Some(Mode::Observe));
        let now = world.desk.clock.now();
        let settle =
            || world.desk.store.write_blocking(|tx| fuseau::daemon::ladder::settle(tx, world.desk.policy(), now));
        assert_eq!((settle().unwrap(), settle().unwrap()), (1, 0));
        let last = word(&world, &mailbox()).unwrap();
        assert_eq!((last.by, last.rung, last.written), (By::File, None, Some(Mode::Send)));
    });
}

// ---- by hand -----------------------------------------------------------------------------------------------------------

pub fn house(mode: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("fuseau.toml");
    let text = format!(
        "state = \"state\"\n[me]\nname = \"Claire\"\nzone = \"Europe/London\"\nlanguages = [\"en\"]\n[hours]\n\
         mon-fri = [\"09:00-10:00\"]\n[mailbox.studio]\naddress = \"claire@studio.example\"\nmode = \"{mode}\"\nmaildir = \"Maildir\"\n\
         outgoing = \"out\"\n[mailbox.second]\naddress = \"c@second.example\"\nmaildir = \"Second\"\n\
         [client.acme]\ncontacts = [\"anna@acme.example\"]\nzone = \"Asia/Singapore\"\n"
    );
    fs::write(&path, text).unwrap();
    for folder in ["Maildir", "Second"] {
        for part in ["cur", "new", "tmp"] {
            fs::create_dir_all(dir.path().join(folder).join(part)).unwrap();
        }
    }
    fs::create_dir_all(dir.path().join("out")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    dir
}

fn row(dir: &Path, name: &str) -> Value {
    let told = run(dir, &["trust", name, "--json"]).json();
    told["rungs"][0].clone()
}

#[test]
fn the_owner_climbs_and_the_file_stays_as_it_is() {
    let dir = house("observe");
    let dir = dir.path();
    let file = fs::read_to_string(dir.join("fuseau.toml")).unwrap();
    let receipt = run(dir, &["trust", "studio", "draft"]).fine();
    for part in [
        "studio stands at draft from now on (was observe): replies wait in Drafts",
        "the configuration says observe and stays as it is",
        "back: `fuseau trust studio observe`",
    ] {
        assert!(receipt.contains(part), "{part}: {receipt}");
    }
    assert_eq!(fs::read_to_string(dir.join("fuseau.toml")).unwrap(), file);
    assert_eq!(row(dir, "studio")["rung"], "draft");
    assert_eq!(row(dir, "acme")["rung"], "draft", "as its mailbox");
    assert!(run(dir, &["trust", "studio", "draft"]).fine().contains("stands at draft already"));
    let done = run(dir, &["trust", "studio", "--raise", "--json"]).json();
    assert_eq!([&done["was"], &done["rung"], &done["written"]], ["draft", "send", "observe"]);
    let status = run(dir, &["status"]).fine();
    assert!(status.contains("studio       send") && status.contains("`fuseau trust`, "), "{status}");
    assert!(status.contains("the configuration says observe (mode in fuseau.toml:10)"), "{status}");
    let json = run(dir, &["status", "--json"]).json();
    let studio = json["mailboxes"].as_array().unwrap().iter().find(|it| it["name"] == "studio").unwrap();
    assert_eq!([&studio["mode"], &studio["written"]], ["send", "observe"]);
    let doctor = run(dir, &["doctor", "--json"]);
    assert!(
        doctor.out.contains("\"what\":\"studio rung\"") && doctor.out.contains("send: `fuseau trust`"),
        "{doctor:?}"
    );
    // The client, down and up.
    let held = run(dir, &["trust", "acme", "--lower"]).fine();
    assert!(held.contains("acme stands at draft from now on (was send)"), "{held}");
    let status = run(dir, &["status"]).fine();
    assert!(status.contains("held lower: acme (draft)"), "{status}");
    // The way back, and what happened.
    run(dir, &["trust", "studio", "--as-written"]).fine();
    let told = run(dir, &["trust", "studio", "--json"]).json();
    assert_eq!(told["rungs"][0]["rung"], "observe");
    let steps: Vec<[&str; 2]> = told["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| ["was", "rung"].map(|key| it[key].as_str().unwrap_or("-")))
        .collect();
    assert_eq!(steps, [["observe", "draft"], ["draft", "send"], ["send", "-"]]);
    let told = run(dir, &["trust", "studio"]).fine();
    assert!(told.contains("draft -> send  by `fuseau trust`"), "{told}");
}

#[test]
fn the_configuration_counts_again_once_its_line_is_changed() {
    let dir = house("observe");
    run(dir.path(), &["trust", "studio", "send"]).fine();
    let path = dir.path().join("fuseau.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("mode = \"observe\"", "mode = \"draft\"")).unwrap();
    assert_eq!(row(dir.path(), "studio")["rung"], "draft");
    assert_eq!(row(dir.path(), "studio")["why"], "mode in fuseau.toml:10");
}

#[test]
fn steps_that_lead_nowhere_are_refused_with_what_has_to_come_first() {
    let dir = house("draft");
    let dir = dir.path();
    let refused = |words: &[&str], code: i32, part: &str| {
        let err = run(dir, words).failed(code);
        assert!(err.contains(part), "{words:?}: {err}");
    };
    refused(&["trust", "stduio", "send"], 64, "did you mean studio?");
    refused(&["trust", "acme", "send"], 1, "raise the mailbox");
    refused(&["trust", "second", "send"], 1, "second has no way to send");
    refused(&["trust", "second", "--lower"], 64, "lowest rung already");
    refused(&["trust", "studio", "higher"], 64, "observe, draft, send");
    refused(&["trust", "--raise"], 64, "MAILBOX|CLIENT");
    assert_eq!(row(dir, "studio")["rung"], "draft");
    // While the breaker stands, nothing would leave.
    let store = fuseau::store::Store::open(&dir.join("state")).unwrap();
    let now = fuseau::system::Clock::System.now();
    store.write_blocking(|tx| tx.pause(&PauseScope::All, UNTIL_RESUMED, "limit.total", now)).unwrap();
    store.close().unwrap();
    refused(&["trust", "studio", "send"], 1, "the breaker has stopped automatic mail");
    run(dir, &["resume"]).fine();
    run(dir, &["trust", "studio", "send"]).fine();
}

#[test]
fn who_fell_is_named_everywhere_with_the_way_back() {
    let dir = house("send");
    let store = fuseau::store::Store::open(&dir.path().join("state")).unwrap();
    let fell = Word {
        rung: Some(Mode::Draft),
        was: Mode::Send,
        by: By::Fall,
        why: vec![(Anomaly::Returned, "3 of 9".to_owned())],
        written: Some(Mode::Send),
        at: fuseau::system::Clock::System.now(),
    };
    store.write_blocking(|tx| tx.trust(&mailbox(), &fell)).unwrap();
    store.close().unwrap();
    let said = "mail came back or was refused for good (3 of 9)";
    for words in [&["status"][..], &["trust"], &["trust", "studio"]] {
        let text = run(dir.path(), words).fine();
        assert!(text.contains("fell from send") && text.contains(said), "{words:?}: {text}");
    }
    let doctor = run(dir.path(), &["doctor", "--json"]).out;
    assert!(doctor.contains("see to it, then `fuseau trust studio --raise`"), "{doctor}");
    let resumed = run(dir.path(), &["resume"]).fine();
    assert!(
        resumed.contains("studio stands at draft since it fell; `fuseau trust studio send` raises it"),
        "{resumed}"
    );
    assert_eq!(run(dir.path(), &["trust", "studio", "--json"]).json()["steps"][0]["why"][0]["code"], "returned");
}
