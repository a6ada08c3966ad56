//! The command line as a person or a program meets it: exit codes, texts, JSON shapes, pipes, hostile mail.
//! What the rules say is tested in `decisions`; the shapes in docs/reference/json.md in `docs`.
use crate::support::program::{self, Ran, command, demo, run, run_with};
use chrono::DateTime;
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::Duration;

const COMMANDS: &[&str] = &[
    "search",
    "show",
    "import",
    "export",
    "verify",
    "backup",
    "erase",
    "run",
    "demo",
    "check",
    "explain",
    "replay",
    "when",
    "zones",
    "promises",
    "outbox",
    "done",
    "history",
    "status",
    "pause",
    "resume",
    "reload",
    "service",
    "completions",
    "man",
    "doctor",
    "trust",
];

fn mails() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/replay/mails")
}

fn mail(name: &str) -> String {
    mails().join(name).display().to_string()
}

/// Nothing that a terminal would act upon.
fn assert_plain(text: &str) {
    let odd = text
        .chars()
        .find(|c| (c.is_control() && *c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'));
    assert_eq!(odd, None, "{text:?}");
}

#[test]
fn help_names_every_command_and_every_command_helps() {
    let dir = tempfile::tempdir().unwrap();
    let help = run(dir.path(), &["--help"]).fine();
    assert_eq!(run(dir.path(), &[]).fine(), help, "no command at all is a question for help");
    for command in COMMANDS {
        assert!(help.lines().any(|line| line.trim_start().starts_with(&format!("{command} "))), "{command}\n{help}");
        let own = run(dir.path(), &[command, "--help"]).fine();
        assert!(own.contains(&format!("Usage: fuseau {command}")), "{own}");
        assert_plain(&own);
    }
    assert!(run(dir.path(), &["--version"]).fine().starts_with("fuseau 0."));
    let more = run(dir.path(), &["--version", "--verbose"]).fine();
    assert!(more.contains("time zones in use: 20") && more.contains("SQLite: 3."), "{more}");
}

#[test]
fn exit_codes() {
    let dir = demo();
    let code = |words: &[&str]| run(dir.path(), words).code;
    assert_eq!(code(&["when", "acme"]), 0);
    assert_eq!(code(&["replay", "no-such-folder"]), 1);
    assert_eq!(code(&["explain", "<nobody@nowhere.example>"]), 1);
    assert_eq!(code(&["done", "<nobody@nowhere.example>"]), 1);
    assert_eq!(code(&["frobnicate"]), 64);
    assert_eq!(code(&["when"]), 64);
    assert_eq!(code(&["when", "nobody"]), 64);
    assert_eq!(code(&["when", "acme", "--at", "tomorrow"]), 64);
    assert_eq!(code(&["explain", "no-such-file.eml"]), 64);
    assert_eq!(code(&["explain", "Maildir"]), 64);
    assert_eq!(code(&["explain", "<logo-1@acme.example>", "--at", "2027-01-14T10:02:00Z"]), 64);
    assert_eq!(code(&["done", "not an id"]), 64);
    assert_eq!(code(&["reload"]), 75, "nothing runs");
    assert_eq!(code(&["--config", "no-such.toml", "status"]), 78);
    fs::write(dir.path().join("wrong.toml"), "[me]\nname = \"\"\nzone = \"Europe/Lodnon\"\n").unwrap();
    assert_eq!(code(&["--config", "wrong.toml", "check"]), 78);
    let full = tempfile::tempdir().unwrap();
    fs::write(full.path().join("precious"), "").unwrap();
    assert_eq!(run(full.path(), &["demo", "--dir", "."]).code, 64, "a folder in use is left alone");
    assert!(full.path().join("precious").exists());
}

#[test]
fn errors_name_a_remedy() {
    let dir = demo();
    let says = |words: &[&str], code, parts: &[&str]| {
        let err = run(dir.path(), words).failed(code);
        for part in parts {
            assert!(err.contains(part), "{words:?} should say {part:?}: {err}");
        }
    };
    says(&["promisses"], 64, &["promises"]);
    says(&["history", "keler"], 64, &["did you mean keller?"]);
    says(&["when", "zzz"], 64, &["acme, keller, lapa, trails, bois"]);
    says(&["explain", "x.eml", "--mailbox", "y"], 64, &["neither a file nor a Message-ID"]);
    says(&["explain", &mail("05-stranger.eml"), "--mailbox", "y"], 64, &["there are: studio"]);
    says(&["explain", "Maildir"], 64, &["fuseau replay Maildir"]);
    says(&["when", "acme", "--at", "14:00"], 64, &["2027-01-14T10:02:00Z"]);
    says(&["reload"], 75, &["fuseau run"]);
    says(&["done", "<nobody@nowhere.example>"], 1, &["fuseau promises"]);

    let empty = tempfile::tempdir().unwrap();
    let err = run(empty.path(), &["status"]).failed(78);
    for part in
        ["./fuseau.toml", ".config/fuseau/fuseau.toml", "/etc/fuseau/fuseau.toml", "fuseau demo", "--config FILE"]
    {
        assert!(err.contains(part.trim_start_matches("./")), "{part}: {err}");
    }
    assert!(err.contains("`fuseau init` writes one"), "the first word to a stranger: {err}");
    assert!(run(empty.path(), &["--help"]).fine().contains("fuseau init   "), "it belongs to the first steps");
    // A configuration without a history yet.
    fs::copy(dir.path().join("fuseau.toml"), empty.path().join("fuseau.toml")).unwrap();
    let err = run(empty.path(), &["promises"]).failed(1);
    assert!(err.contains("fuseau run"), "{err}");
}

#[test]
fn the_demo_says_the_same_each_time() {
    let dir = tempfile::tempdir().unwrap();
    let first = run(dir.path(), &["demo"]).fine();
    let left = |folder: &str| {
        let mut files: Vec<(String, Vec<u8>)> = fs::read_dir(dir.path().join("fuseau-demo").join(folder))
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| (entry.file_name().display().to_string(), fs::read(entry.path()).unwrap()))
            .collect();
        files.sort();
        files
    };
    let sent = left("outgoing");
    assert_eq!(sent.len(), 6);
    let config = ["--config", "fuseau-demo/fuseau.toml"];
    let facts = |words: &[&str]| run(dir.path(), &[&config, words].concat()).fine();
    let promises = facts(&["promises", "--all", "--json"]);
    let second = run(dir.path(), &["demo"]).fine();
    assert_eq!(first, second);
    assert!(sent == left("outgoing"), "the same mails, byte for byte");
    assert_eq!(promises, facts(&["promises", "--all", "--json"]), "the same ids");
    assert_plain(&first);
    for part in [
        "acknowledge  (acme)",
        "Singapore time",
        "the promise to keller is kept",
        "a holding reply is sent to anna@acme.example",
        "lapses",
        "hold  (nobody you know)",
    ] {
        assert!(first.contains(part), "{part}\n{first}");
    }
    // Every line that the farewell proposes works as it stands.
    let (_, farewell) = first.split_once("Now look around").unwrap();
    let mut proposed = 0;
    for line in farewell.lines().filter(|line| line.contains(" --config ")) {
        let (_, words) = line.split_once(" --config ").unwrap();
        let words: Vec<&str> = words.split(' ').map(|word| word.trim_matches('\'')).collect();
        assert_eq!(run(dir.path(), &[&["--config"], words.as_slice()].concat()).code, 0, "{line}");
        proposed += 1;
    }
    assert!(proposed >= 6, "{farewell}");
}

// ---- shapes -------------------------------------------------------------------------------------------------------

fn is_instant(value: &Value) {
    let text = value.as_str().unwrap_or_else(|| panic!("{value} is no instant"));
    assert!(DateTime::parse_from_rfc3339(text).is_ok(), "{text} is no RFC 3339");
}

fn is_word(value: &Value, words: &[&str]) {
    assert!(value.as_str().is_some_and(|word| words.contains(&word)), "{value} is none of {words:?}");
}

/// Text or null.
fn is_text(value: &Value) {
    assert!(value.is_string() || value.is_null(), "{value} is no text");
}

fn has(value: &Value, keys: &[&str]) {
    for key in keys {
        assert!(value.get(key).is_some(), "{key} is missing in {value}");
    }
}

const VERDICTS: [&str; 5] = ["acknowledge", "wait", "hold", "ignore", "own"];

fn is_judgement(it: &Value) {
    has(
        it,
        &[
            "path",
            "message_id",
            "from",
            "client",
            "verdict",
            "reasons",
            "arrived",
            "send_at",
            "window",
            "promise_by",
            "reply",
            "recorded",
        ],
    );
    for key in ["message_id", "from", "client"] {
        is_text(&it[key]);
    }
    is_word(&it["verdict"], &VERDICTS);
    is_instant(&it["arrived"]);
    let reasons = it["reasons"].as_array().unwrap();
    assert!(!reasons.is_empty(), "every verdict names its reasons: {it}");
    for reason in reasons {
        let code = reason["code"].as_str().unwrap();
        assert!(fuseau::model::Code::parse(code).is_some(), "{code}");
        assert!(reason["text"].as_str().is_some_and(|text| !text.is_empty()));
    }
    let planned = !it["window"].is_null();
    assert_eq!(it["verdict"] == "acknowledge", !it["send_at"].is_null(), "nothing goes out: {it}");
    assert_eq!(planned, !it["promise_by"].is_null());
    if !it["send_at"].is_null() {
        is_instant(&it["send_at"]);
    }
    if planned {
        is_instant(&it["promise_by"]);
        is_instant(&it["window"]["start"]);
        is_instant(&it["window"]["end"]);
    }
    assert_eq!(it["verdict"] == "acknowledge", !it["reply"].is_null(), "a reply with acknowledge, and only then: {it}");
    if let Some(reply) = it["reply"].as_object() {
        for key in ["from", "to", "subject", "language", "text"] {
            assert!(reply[key].as_str().is_some_and(|text| !text.is_empty()), "{key} in {it}");
        }
    }
}

#[test]
fn shapes_of_the_demo() {
    let dir = demo();
    let json = |words: &[&str]| run(dir.path(), &[words, &["--json"]].concat()).json();

    let when = json(&["when", "acme", "--at", "2027-01-14T10:02:00Z"]);
    assert_eq!(when["client"], "acme");
    assert_eq!(when["window"]["start"], "2027-01-14T19:30:00+08:00");
    assert_eq!(when["window"]["end"], "2027-01-14T20:00:00+08:00");
    assert_eq!(when["owner_window"]["start"], "2027-01-14T11:30:00+00:00");
    assert_eq!(when["promise_by"], "2027-01-14T20:00:00+08:00");
    is_instant(&when["at"]);
    assert!(when["text"].as_str().unwrap().contains("Singapore time"));

    let all = json(&["promises", "--all"]);
    let all = all.as_array().unwrap();
    assert_eq!(all.len(), 6);
    for it in all {
        has(it, &["id", "client", "mailbox", "message_id", "subject", "state", "promise_by", "made_at", "announced"]);
        is_word(&it["state"], &["open", "kept", "renewed", "lapsed", "released"]);
        is_instant(&it["promise_by"]);
        is_instant(&it["made_at"]);
        assert!(it["announced"].is_boolean());
    }
    let open = json(&["promises"]);
    let ids: Vec<&Value> = open.as_array().unwrap().iter().map(|it| &it["message_id"]).collect();
    assert_eq!(ids, ["<map@trails.example>"]);

    let history = json(&["history", "keller"]);
    let history = history.as_array().unwrap();
    assert_eq!(history.len(), 4);
    for it in history {
        has(it, &["id", "at", "direction", "kind", "verdict", "message_id", "subject", "from", "to", "state"]);
        is_instant(&it["at"]);
        is_word(&it["direction"], &["in", "out"]);
        is_word(&it["kind"], &["mail", "acknowledgement"]);
    }
    assert_eq!((&history[0]["verdict"], &history[1]["state"]), (&Value::from("acknowledge"), &Value::from("sent")));
    assert!(history.is_sorted_by_key(|it| it["at"].as_str().unwrap().to_owned()), "the oldest first");

    let status = json(&["status"]);
    has(&status, &["running", "paused", "tz_version", "mailboxes", "open_promises", "queued"]);
    assert_eq!((&status["running"], &status["paused"]), (&Value::from(false), &Value::from(false)));
    assert_eq!((&status["open_promises"], &status["queued"]), (&Value::from(1), &Value::from(0)));
    has(&status["mailboxes"][0], &["name", "mode", "connected", "last_poll", "error"]);

    let check = json(&["check", "--online"]);
    assert_eq!(check["ok"], true);
    for finding in check["findings"].as_array().unwrap() {
        assert!(finding["ok"].is_boolean() && finding["what"].is_string() && finding["text"].is_string(), "{finding}");
    }

    let recorded = json(&["explain", "<logo-1@acme.example>"]);
    let entries = json(&["history", "acme"]);
    let entry = entries.as_array().unwrap().iter().find(|it| it["message_id"] == "<logo-1@acme.example>").unwrap();
    let id = entry["id"].as_str().unwrap();
    for named in [id, &id[..id.len() - 1], &id.to_uppercase()] {
        let by_id = json(&["explain", named]);
        assert_eq!(
            (&by_id["message_id"], &by_id["path"]),
            (&recorded["message_id"], &Value::from(named.to_lowercase()))
        );
    }
    is_judgement(&recorded);
    assert!(
        recorded["reply"]["text"].as_str().unwrap().contains("Singapore time"),
        "the mail that was sent: {recorded}"
    );
    is_judgement(&json(&["explain", &mail("05-stranger.eml")]));
    let replayed = run(dir.path(), &["replay", "Maildir", "--json"]).fine();
    assert_eq!(replayed.lines().count(), 20);
    for line in replayed.lines() {
        is_judgement(&serde_json::from_str(line).unwrap());
    }
}

// ---- explain and replay -------------------------------------------------------------------------------------------

#[test]
fn explain_takes_a_file_standard_input_and_a_message_id() {
    let dir = demo();
    let file = mail("01-client-at-night.eml");
    let told = run(dir.path(), &["explain", &file]).fine();
    for part in [
        "acknowledge  anna@acme.example: Banner sizes",
        "client.known",
        "arrived   Tue 19 Jan 2027 10:10 Asia/Singapore  =  Tue 19 Jan 2027 02:10 Europe/London",
        "goes out  Tue 19 Jan 2027 10:15 Asia/Singapore",
        "window    Tue 19 Jan 09:00-09:30, Europe/London",
        "promise   Tue 19 Jan 2027 17:30 Asia/Singapore  =  Tue 19 Jan 2027 09:30 Europe/London",
        "│ To: anna@acme.example",
        "│ Subject: Re: Banner sizes",
        "5:30 pm today",
    ] {
        assert!(told.contains(part), "{part:?}\n{told}");
    }
    let bytes = fs::read(&file).unwrap();
    let piped = run_with(dir.path(), &["explain", "-", "--json"], &bytes).json();
    let read = run(dir.path(), &["explain", &file, "--json"]).json();
    assert_eq!(piped["path"], "-");
    let same = |mut it: Value| {
        it["path"].take();
        it
    };
    assert_eq!(same(piped), same(read));

    // The history answers by Message-ID, with or without brackets, and for a mail that went out it shows that one.
    for id in ["<logo-1@acme.example>", "logo-1@acme.example"] {
        let told = run(dir.path(), &["explain", id]).fine();
        assert!(told.contains("acknowledgement sent") && told.contains("│ Subject: Re: Logo files"), "{told}");
    }
    // What became of its promises, and why nothing more was sent.
    let told = run(dir.path(), &["explain", "<logo-1@acme.example>"]).fine();
    for part in [
        "promise renewed",
        "renewed: a holding reply made a new one",
        "promise lapsed",
        "no holding reply: the conversation had as many as promises.holding_max allows",
    ] {
        assert!(told.contains(part), "{part:?}\n{told}");
    }
    // A mail of fuseau's own is explained with what it answers.
    let mails = run(dir.path(), &["outbox", "--all", "--json"]).json();
    for mail in mails.as_array().unwrap() {
        let id = format!("<{}@studio.example>", mail["id"].as_str().unwrap());
        let told = run(dir.path(), &["explain", &id]);
        if told.code != 0 {
            // Sent from another address of the owner's.
            assert!(told.err.contains("is not in the history"), "{told:?}");
            continue;
        }
        assert!(told.out.contains(&format!("{} sent", mail["kind"].as_str().unwrap())), "{told:?}");
    }
    let open = run(dir.path(), &["explain", "<map@trails.example>"]).fine();
    assert!(open.contains("promise open") && open.contains("holding reply on"), "{open}");
    let own = run(dir.path(), &["explain", "<answer-keller@studio.example>"]);
    assert!(own.code == 0 || own.err.contains("a mail of yours"), "{own:?}");
    // The file of a message that was handled: what was decided when it came, the same as by its Message-ID.
    let file = "Maildir/new/1799719800.M0P1.demo";
    let told = run(dir.path(), &["explain", file]).fine();
    assert!(told.starts_with("it is in the history") && told.contains("acknowledgement sent"), "{told}");
    let by_file = run(dir.path(), &["explain", file, "--json"]).json();
    assert_eq!(by_file["recorded"], true);
    assert_eq!(same(by_file), same(run(dir.path(), &["explain", "<logo-1@acme.example>", "--json"]).json()));
    // Unless a rehearsal is asked for: that says where the first decision is to be found.
    let anew = run(dir.path(), &["explain", file, "--at", "2027-01-21T09:05:00Z"]).fine();
    assert!(anew.contains("2027 09:05 Europe/London"), "{anew}");
    assert!(anew.contains("fuseau explain '<logo-1@acme.example>'"), "{anew}");
    let anew = run(dir.path(), &["explain", file, "--at", "2027-01-21T09:05:00Z", "--json"]).json();
    assert_eq!(anew["recorded"], false);
}

#[test]
fn at_sets_the_arrival() {
    let dir = demo();
    let explain =
        |at: &str| run(dir.path(), &["explain", &mail("01-client-at-night.eml"), "--at", at, "--json"]).json();
    let inside = explain("2027-01-21T09:05:00Z");
    assert_eq!(inside["arrived"], "2027-01-21T09:05:00Z");
    assert_eq!(inside["send_at"], "2027-01-21T09:35:00Z", "half an hour inside a window");
    let same = explain("2027-01-21T17:05:00+08:00");
    assert_eq!(inside, same, "an offset is another way to write the instant");
    assert_eq!(explain("2027-01-21T05:00:00Z")["send_at"], "2027-01-21T05:05:00Z");
    // On Good Friday 2027 (26 March) Claire keeps the holiday: Easter Monday too.
    assert_eq!(explain("2027-03-26T08:00:00Z")["promise_by"], "2027-03-30T16:30:00+08:00");
}

#[test]
fn replay_judges_a_folder_a_maildir_and_an_mbox_alike() {
    let dir = demo();
    let replayed = run(dir.path(), &["replay", &mails().display().to_string()]).fine();
    let expected = mails().with_file_name("expected.txt");
    // What is no e-mail has no date: it takes its place in time by the age of its file.
    let (lines, summary) = replayed.split_once("\n\n").unwrap();
    let mut lines: Vec<&str> = lines.lines().collect();
    lines.sort_by_key(|line| line.split_whitespace().nth(1));
    let fresh = format!("{}\n\n{summary}", lines.join("\n"));
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&expected, &fresh).unwrap();
    }
    assert_eq!(fs::read_to_string(&expected).unwrap(), fresh, "UPDATE=1 rewrites tests/replay/expected.txt");

    let maildir = dir.path().join("Archive");
    let mut mbox = Vec::new();
    let mut files: Vec<PathBuf> = fs::read_dir(mails()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "eml"));
    for folder in ["cur", "new", "tmp", ".Sub/cur"] {
        fs::create_dir_all(maildir.join(folder)).unwrap();
    }
    fs::write(maildir.join("tmp/half-delivered"), "never looked at").unwrap();
    for (n, file) in files.iter().enumerate() {
        let folder = ["cur", "new", ".Sub/cur"][n % 3];
        fs::copy(file, maildir.join(folder).join(format!("{n}.host:2,S"))).unwrap();
        // Only what is text with headers can stand in an mbox.
        if !matches!(file.file_name().and_then(|name| name.to_str()), Some("08-no-email.eml" | "09-empty.eml")) {
            mbox.extend_from_slice(b"From somebody@example.com Tue Jan 19 02:10:00 2027\n");
            mbox.extend(fs::read_to_string(file).unwrap().replace("\r\n", "\n").bytes());
            mbox.push(b'\n');
        }
    }
    fs::write(dir.path().join("archive.mbox"), mbox).unwrap();
    let verdicts = |archive: &str| {
        let out = run(dir.path(), &["replay", archive, "--json"]).fine();
        let mut all: Vec<(String, String)> = out
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .filter(|it| !it["message_id"].is_null() || !it["from"].is_null())
            .map(|it| (it["message_id"].to_string(), it["verdict"].to_string()))
            .collect();
        all.sort();
        all
    };
    let folder = verdicts(&mails().display().to_string());
    assert!(folder.len() >= 8, "{folder:?}");
    assert_eq!(verdicts("Archive"), folder);
    assert_eq!(verdicts("archive.mbox"), folder);

    // Alone, the second mail of a conversation is as good as the first.
    let each = run(dir.path(), &["replay", "archive.mbox", "--each"]).fine();
    assert!(each.lines().filter(|line| line.starts_with("acknowledge ")).count() == 4, "{each}");
    assert!(!each.contains("if nobody answers"), "alone, nothing follows: {each}");
    assert!(run(dir.path(), &["replay", "Archive/tmp"]).fine().lines().count() >= 1);
    fs::create_dir(dir.path().join("hollow")).unwrap();
    assert!(run(dir.path(), &["replay", "hollow"]).fine().contains("no message was found in hollow"));
}

#[test]
fn what_is_no_mail_is_held_and_what_has_no_author_ignored() {
    let dir = demo();
    let judged = |name: &str| run(dir.path(), &["explain", &mail(name), "--json"]).json();
    for name in ["08-no-email.eml", "09-empty.eml"] {
        let it = judged(name);
        assert_eq!(
            (&it["verdict"], &it["reasons"][0]["code"]),
            (&"hold".into(), &"content.unreadable".into()),
            "{name}"
        );
    }
    let it = judged("07-no-author.eml");
    assert_eq!(it["verdict"], "ignore");
    assert!(it["reasons"].as_array().unwrap().iter().any(|reason| reason["code"] == "author.none"));
    let told = run(dir.path(), &["explain", &mail("07-no-author.eml")]).fine();
    assert!(told.contains("(no usable author)"), "{told}");
    assert_eq!(run_with(dir.path(), &["explain", "-"], b"").code, 0);
}

#[test]
fn no_escape_of_a_mail_reaches_the_terminal() {
    let dir = demo();
    for name in ["10-escapes-client.eml", "11-escapes-stranger.eml"] {
        for words in [&["explain"][..], &["explain", "--json"]] {
            let out = run(dir.path(), &[words, &[&mail(name)]].concat()).fine();
            assert_plain(&out);
            assert!(!out.contains("\\u001b"), "not even in JSON: {out}");
        }
    }
    let folder = dir.path().join("folder");
    fs::create_dir(&folder).unwrap();
    fs::copy(mail("10-escapes-client.eml"), folder.join("name\u{1b}[31m.eml")).unwrap();
    for words in [&["replay", "folder"][..], &["replay", "folder", "--verbose"]] {
        assert_plain(&run(dir.path(), words).fine());
    }
}

/// Not every message has a Message-ID, and some share one: what `--json` prints names it too.
#[test]
fn promises_are_kept_by_every_name() {
    for part in ["id", "exchange", "message_id"] {
        let dir = demo();
        let open = run(dir.path(), &["promises", "--json"]).json();
        let of = |name: &str| open[0][name].as_str().unwrap().to_owned();
        let history = run(dir.path(), &["history", &of("client"), "--json"]).json();
        let mail = history.as_array().unwrap().iter().find(|it| it["message_id"] == open[0]["message_id"]).unwrap();
        let name = if part == "exchange" { mail["id"].as_str().unwrap().to_owned() } else { of(part) };
        assert_eq!(run(dir.path(), &["done", &name]).fine(), "done: the promise is kept\n", "{part}");
        assert_eq!(run(dir.path(), &["promises", "--json"]).json().as_array().unwrap().len(), 0, "{part}");
    }
}

// ---- small commands -----------------------------------------------------------------------------------------------

#[test]
fn the_history_is_told_in_both_times() {
    let dir = demo();
    let told = run(dir.path(), &["history", "keller"]).fine();
    assert!(told.starts_with("Maison Keller · Europe/Zurich · your time: Europe/London\n"), "{told}");
    assert!(told.contains("Tue 12 Jan 2027 07:40 (Tue 06:40)  ← mail: acknowledge"), "{told}");
    assert!(told.contains("→ acknowledgement: sent"), "{told}");
    assert!(told.contains("\n    promised by Tue 12 Jan 10:30 (Tue 09:30): kept, 18 min early\n"), "{told}");
    assert!(
        told.contains("    Tue 12 Jan 2027 06:40 Europe/London  promised (by Tue 12 Jan 2027 10:30 Europe/Zurich)"),
        "{told}"
    );
    let mails: Vec<&str> = told.lines().skip(1).filter(|line| !line.starts_with(' ')).collect();
    assert_eq!((mails.len(), told.lines().count()), (4, 10));
    let columns: Vec<usize> = mails.iter().map(|line| line.chars().position(|c| c == 'R').unwrap()).collect();
    assert!(columns.windows(2).all(|pair| pair[0] == pair[1] || pair[0].abs_diff(pair[1]) < 4), "{told}");
    let when = run(dir.path(), &["when", "trails", "--at", "2027-01-13T09:00:00Z"]).fine();
    for part in ["Pacific Trails", "America/Vancouver", "Europe/London", "inside a window"] {
        assert!(when.contains(part), "{when}");
    }
    let status = run(dir.path(), &["status"]).fine();
    assert!(status.contains("not running") && status.contains("1 open promise, 0 mails waiting"), "{status}");
    let check = run(dir.path(), &["check"]).fine();
    assert!(check.contains("1 mailbox, 5 clients") && check.contains("fuseau check --online"), "{check}");
}

#[test]
fn done_keeps_a_promise_once() {
    let dir = demo();
    assert!(run(dir.path(), &["promises"]).fine().contains("<map@trails.example>"));
    assert_eq!(run(dir.path(), &["done", "<map@trails.example>"]).fine(), "done: the promise is kept\n");
    assert_eq!(run(dir.path(), &["promises"]).fine(), "nothing is promised: everything is answered\n");
    assert!(run(dir.path(), &["done", "map@trails.example"]).fine().starts_with("nothing was open"));
    let all = run(dir.path(), &["promises", "--all", "--json"]).json();
    let it = all.as_array().unwrap().iter().find(|it| it["client"] == "trails").unwrap();
    assert_eq!((&it["state"], &it["closed_by"]), (&"kept".into(), &"done".into()));
    assert!(run(dir.path(), &["promises", "--all"]).fine().contains("lapsed (time)"));
}

#[test]
fn pause_and_resume() {
    let dir = demo();
    let paused = || run(dir.path(), &["status", "--json"]).json()["paused"].clone();
    assert_eq!(paused(), false);
    assert!(run(dir.path(), &["pause"]).fine().contains("fuseau resume"));
    assert!(dir.path().join("state/PAUSE").exists());
    assert_eq!(paused(), true);
    assert!(run(dir.path(), &["status"]).fine().contains("paused"));
    assert_eq!(run(dir.path(), &["pause"]).code, 0, "twice is no error");
    assert_eq!(run(dir.path(), &["resume"]).fine(), "automatic mail goes again\n");
    assert_eq!(paused(), false);
    assert_eq!(run(dir.path(), &["resume"]).code, 0);
}

#[test]
fn service_writes_a_unit_once_and_leaves_changed_ones_alone() {
    let dir = demo();
    if cfg!(target_os = "macos") {
        eprintln!("skipped: launchd is shown here, not systemd");
        return;
    }
    let shown = run(dir.path(), &["service", "show"]).fine();
    let program = env!("CARGO_BIN_EXE_fuseau");
    let config = fs::canonicalize(dir.path().join("fuseau.toml")).unwrap();
    assert!(shown.contains(&format!("ExecStart={program} run --config {}\n", config.display())), "{shown}");
    let unit = dir.path().join(".config/systemd/user/fuseau.service");
    assert!(run(dir.path(), &["service", "install", "--dry-run"]).fine().contains("would write"));
    assert!(!unit.exists());
    assert!(run(dir.path(), &["service", "install"]).fine().contains("systemctl --user"));
    assert_eq!(fs::read_to_string(&unit).unwrap(), shown);
    assert!(run(dir.path(), &["service", "install"]).fine().contains("up to date"));
    fs::write(&unit, "mine").unwrap();
    assert!(run(dir.path(), &["service", "install"]).failed(1).contains("left alone"));
    assert_eq!(fs::read_to_string(&unit).unwrap(), "mine");
}

#[test]
fn completions_of_each_shell() {
    let dir = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(dir.path(), &["completions", shell]).fine();
        assert!(script.contains("fuseau") && script.contains("promises"), "{shell}");
    }
    assert!(run(dir.path(), &["completions", "basch"]).failed(64).contains("bash"));
}

#[test]
fn the_manual_page_tells_of_every_command() {
    let dir = tempfile::tempdir().unwrap();
    let page = run(dir.path(), &["man"]).fine();
    assert!(page.starts_with(".ie") && page.contains(".TH fuseau 1"), "{page}");
    for command in COMMANDS {
        assert!(page.contains(&format!("FUSEAU {}", command.to_uppercase())), "{command}\n{page}");
    }
    for option in ["online", "each", "mailbox", "dry\\-run", "config"] {
        assert!(page.contains(option), "{option}");
    }
}

#[test]
fn a_closed_pipe_is_no_error() {
    let dir = demo();
    let all: [&[&str]; 6] = [
        &["--help"],
        &["completions", "bash"],
        &["history", "acme"],
        &["replay", "Maildir"],
        &["promises", "--json", "--all"],
        &["demo", "--dir", "again"],
    ];
    for words in all {
        let mut child = command(dir.path()).args(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]), "{words:?}: {output:?}");
    }
}

#[test]
fn colours_on_a_terminal_only_and_never_with_no_color() {
    let dir = demo();
    // script(1) lends a terminal.
    let on_a_terminal = |no_color: bool| {
        let mut script = std::process::Command::new("script");
        let line = format!("{} promises --all", env!("CARGO_BIN_EXE_fuseau"));
        script.args(["-qec", &line, "/dev/null"]).current_dir(dir.path()).env_clear().stdin(Stdio::null());
        script.env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", dir.path()).env("TERM", "xterm");
        if no_color {
            script.env("NO_COLOR", "1");
        }
        script
            .output()
            .ok()
            .filter(|output| output.status.success())
            .map(|output| String::from_utf8(output.stdout).unwrap())
    };
    let plain = run(dir.path(), &["promises", "--all"]).fine();
    assert_plain(&plain);
    let Some(coloured) = on_a_terminal(false) else {
        assert!(std::env::var("CI").as_deref() != Ok("true") || cfg!(target_os = "macos"), "script(1) is missing");
        eprintln!("skipped: script(1) of util-linux is not here");
        return;
    };
    assert!(coloured.contains("\u{1b}[1m"), "{coloured:?}");
    let stripped =
        coloured.replace("\u{1b}[1m", "").replace("\u{1b}[2m", "").replace("\u{1b}[0m", "").replace('\r', "");
    assert_eq!(stripped, plain, "the same columns with and without colours");
    assert_eq!(on_a_terminal(true).unwrap().replace('\r', ""), plain);
}

// ---- the daemon ---------------------------------------------------------------------------------------------------

/// A running `fuseau run`; its log is read as it comes.
struct Daemon {
    child: Child,
    log: mpsc::Receiver<String>,
}

impl Daemon {
    fn start(dir: &Path) -> Self {
        let mut child = command(dir).arg("run").stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (tell, log) = mpsc::channel();
        std::thread::spawn(move || stderr.lines().map_while(Result::ok).all(|line| tell.send(line).is_ok()));
        Self { child, log }
    }

    /// Reads the log up to a line with `part`.
    fn says(&self, part: &str) -> String {
        let mut heard = String::new();
        loop {
            let line =
                self.log.recv_timeout(Duration::from_secs(30)).unwrap_or_else(|_| panic!("no {part:?} in\n{heard}"));
            if line.contains(part) {
                return line;
            }
            heard.push_str(&line);
            heard.push('\n');
        }
    }

    fn stop(mut self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.says("stopped");
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_running_daemon_answers_the_commands() {
    let dir = tempfile::tempdir().unwrap();
    let played = demo();
    program::copy(&played.path().join("Maildir/.Sent"), &dir.path().join("Maildir/.Sent"));
    for folder in ["cur", "new", "tmp"] {
        fs::create_dir_all(dir.path().join("Maildir").join(folder)).unwrap();
    }
    let config = fs::read_to_string(played.path().join("fuseau.toml")).unwrap();
    let config = config.replace("\"send\"", "\"observe\"").replace("[me]", "[me]\n# the clock of this machine");
    fs::write(dir.path().join("fuseau.toml"), &config).unwrap();
    let on = |words: &[&str]| -> Ran { run(dir.path(), words) };

    let daemon = Daemon::start(dir.path());
    daemon.says("running");
    daemon.says("connected");
    daemon.says("first contact");
    let status = on(&["status", "--json"]).json();
    assert_eq!((&status["running"], &status["mailboxes"][0]["mode"]), (&true.into(), &"observe".into()));
    assert!(on(&["run"]).err.contains("another fuseau runs on"));
    assert_eq!(on(&["run"]).code, 75);

    // A hostile mail comes in; a nudge makes the daemon look at once.
    on(&["status"]).fine();
    fs::copy(mail("10-escapes-client.eml"), dir.path().join("Maildir/new/1.M1P1.host")).unwrap();
    on(&["resume"]).fine();
    let seen = daemon.says("seen");
    assert!(seen.contains("acknowledge") && seen.contains("client.known"), "{seen}");
    assert!(!seen.contains("keller.example") && !seen.contains("Facture"), "the log names no one: {seen}");
    let history = on(&["history", "keller"]).fine();
    assert!(history.contains("Facture"), "{history}");
    assert_plain(&history);
    assert_plain(&on(&["promises"]).fine());
    assert_plain(&on(&["explain", "<facture@keller.example>"]).fine());
    assert_eq!(on(&["promises", "--json"]).json()[0]["client"], "keller");

    // A reload: a wrong file is refused and the old one stays, a right one is taken.
    fs::write(dir.path().join("fuseau.toml"), config.replace("Europe/London", "Europe/Lodnon")).unwrap();
    assert!(on(&["reload"]).failed(78).contains("did you mean"));
    fs::write(dir.path().join("fuseau.toml"), config.replace("name      = \"Claire Martin\"", "name = \"C. Martin\""))
        .unwrap();
    assert_eq!(on(&["reload"]).fine(), "configuration read again\n");
    assert_eq!(on(&["status", "--json"]).json()["running"], true);
    // Done reaches the daemon's memory while it runs.
    assert!(on(&["done", "<facture@keller.example>"]).fine().contains("kept"));
    daemon.stop();
    assert_eq!(on(&["status", "--json"]).json()["running"], false);
}

#[test]
fn run_without_a_mailbox_or_with_a_broken_template_is_a_matter_of_configuration() {
    let dir = demo();
    let config = fs::read_to_string(dir.path().join("fuseau.toml")).unwrap();
    let (head, rest) = config.split_once("[mailbox.studio]").unwrap();
    let (_, clients) = rest.split_once("\n\n").unwrap();
    fs::write(dir.path().join("none.toml"), format!("{head}{clients}")).unwrap();
    assert!(run(dir.path(), &["--config", "none.toml", "run"]).err.contains("names no mailbox"));
    assert_eq!(run(dir.path(), &["--config", "none.toml", "run"]).code, 78);
    fs::create_dir_all(dir.path().join("templates/en")).unwrap();
    fs::write(dir.path().join("templates/en/acknowledgement.txt"), "Subject: x\n\n{{ promis.full }}\n").unwrap();
    fs::write(dir.path().join("own.toml"), format!("templates = \"templates\"\n{config}")).unwrap();
    for words in [&["check"][..], &["run"], &["explain", &mail("05-stranger.eml")]] {
        let err = run(dir.path(), &[&["--config", "own.toml"], words].concat()).failed(78);
        assert!(err.contains("en/acknowledgement.txt") && err.contains("promis"), "{err}");
    }
}
