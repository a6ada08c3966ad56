//! What `fuseau draft`, `drafts`, `project` and `slots` say at the command line: refusals that tell what to do, the person to
//! whom a letter goes, the invoice that is meant.
use crate::support::program::run;
use chrono::{Datelike, TimeDelta};
use fuseau::system::Clock;
use std::fs;
use tempfile::TempDir;

/// A studio with a client of two people, one of whom only a domain is known, and one of whom nobody knows where they are.
fn studio(more: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for folder in ["Maildir/cur", "Maildir/new", "Maildir/tmp", "outgoing"] {
        fs::create_dir_all(dir.path().join(folder)).unwrap();
    }
    let today = Clock::System.now().date_naive();
    let day = |days| today + TimeDelta::days(days);
    let config = format!(
        r#"state = "state"
[me]
name = "Claire Martin"
zone = "Europe/London"
languages = ["en"]
[hours]
mon-sun = ["09:00-17:00"]
[[trip]]
from = {}
to = {}
zone = "Europe/Paris"
place = "Lyon"
[mailbox.studio]
address = "claire@studio.example"
maildir = "Maildir"
outgoing = "outgoing"
mode = "draft"
[client.acme]
name = "Acme"
contacts = ["anna@acme.example", "bob@acme.example"]
zone = "Europe/London"
birthdays = {{ {more} = "{:02}-{:02}" }}
[client.bloom]
contacts = ["@bloom.example"]
zone = "Europe/Paris"
place = "Lyon"
[project.relaunch]
client = "acme"
title = "Relaunch"
terms = {{ deposit = "1440 EUR", payment_days = 14 }}
invoice = [
  {{ number = "F-11", amount = "100 EUR", due = {} }},
  {{ number = "F-12", amount = "200 EUR", due = {} }},
  {{ number = "F-10", amount = "50 EUR", due = {}, paid = {} }},
]
"#,
        day(60),
        day(66),
        day(20).month(),
        day(20).day().min(28),
        day(30),
        day(31),
        day(-40),
        day(-39),
    );
    fs::write(dir.path().join("fuseau.toml"), config).unwrap();
    dir
}

#[test]
fn a_deposit_is_not_asked_for_before_the_contract_is_signed() {
    let dir = studio("Anna");
    let said = run(dir.path(), &["draft", "deposit", "relaunch", "--print"]).failed(1);
    assert!(said.contains("not signed") && said.contains("`signed = DATE`"), "{said}");
    let config = dir.path().join("fuseau.toml");
    let signed =
        fs::read_to_string(&config).unwrap().replace("payment_days = 14", "payment_days = 14, signed = 2026-01-05");
    fs::write(&config, signed).unwrap();
    run(dir.path(), &["draft", "deposit", "relaunch", "--print"]).fine();
}

#[test]
fn an_invoice_can_be_named() {
    let dir = studio("Anna");
    let dir = dir.path();
    let print = |words: &[&str]| run(dir, &[&["draft"], words, &["--print"]].concat());
    assert!(print(&["payment", "relaunch"]).fine().contains("F-11"));
    for target in ["relaunch", "acme"] {
        let said = print(&["payment", target, "--invoice", "F-12"]).fine();
        assert!(said.contains("F-12") && !said.contains("F-11"), "{said}");
    }
    let said = print(&["payment", "relaunch", "--invoice", "X9999"]).failed(64);
    assert!(said.contains("there are: F-11, F-12, F-10"), "{said}");
    assert!(print(&["payment", "relaunch", "--invoice", "F-10"]).failed(1).contains("it is paid"));
    assert!(print(&["progress", "relaunch", "--invoice", "F-11"]).failed(64).contains("fuseau draft payment"));
    let said = run(dir, &["project", "relaunch"]).fine();
    let reminders: Vec<&str> = said.lines().filter(|line| line.trim_start().starts_with("payment ")).collect();
    assert!(reminders.len() == 2 && reminders[0].ends_with("invoice F-11") && reminders[1].ends_with("F-12"), "{said}");
}

#[test]
fn what_cannot_be_made_says_so() {
    let dir = studio("Anna");
    let dir = dir.path();
    let said = run(dir, &["draft", "visit", "acme"]).failed(1);
    assert!(said.contains("add `place = \"CITY\"`"), "{said}");
    let said = run(dir, &["draft", "visit", "bloom"]).failed(1);
    assert!(said.contains("no address of the client is known"), "{said}");
    let said = run(dir, &["drafts"]).fine().split_whitespace().collect::<Vec<_>>().join(" ");
    let visit = said.split("visit:bloom:").nth(1).unwrap_or_else(|| panic!("{said}"));
    assert!(visit.contains("cannot be made as things are: no address of the client is known"), "{said}");
    let facts = run(dir, &["drafts", "--json"]).json();
    let coming = facts["coming"].as_array().unwrap();
    let stuck = |kind: &str| coming.iter().find(|it| it["kind"] == kind).unwrap()["stuck"].clone();
    assert_eq!((stuck("visit").as_str(), stuck("payment").as_str()), (Some("client.no-address"), None));
    run(dir, &["draft", "payment", "relaunch"]).fine();
    let said = run(dir, &["drafts"]).fine();
    assert!(said.contains("goes into Drafts when the daemon next looks at studio"), "{said}");
}

#[test]
fn a_meeting_has_a_longest_length() {
    let dir = studio("Anna");
    for (length, why) in
        [("20h", "20h is too long for a meeting; 5m is the least, 12h the most"), ("1m", "too short"), ("x", "30m")]
    {
        let said = run(dir.path(), &["slots", "acme", "--length", length]).failed(64);
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn only_who_needs_busy_times_hears_that_a_calendar_is_missing() {
    let dir = studio("Anna");
    let dir = dir.path();
    let config = dir.join("fuseau.toml");
    let missing = fs::read_to_string(&config).unwrap() + "[meetings]\nbusy = [\"missing.ics\"]\n";
    fs::write(&config, missing).unwrap();
    for (words, want) in [
        (&["note", "relaunch", "Two drafts"][..], false),
        (&["project", "relaunch"], false),
        (&["promises"], false),
        (&["draft", "payment", "relaunch", "--print"], false),
        (&["drafts"], true),
        (&["slots"], true),
        (&["draft", "slots", "acme", "--print"], true),
        (&["check"], true),
    ] {
        let ran = run(dir, words);
        assert_eq!(
            ran.err.contains("missing.ics") && ran.err.contains("names no file"),
            want,
            "{words:?}\n{}",
            ran.err
        );
    }
}

#[test]
fn a_birthday_letter_goes_to_that_person_or_nowhere() {
    let greeting = |dir: &TempDir| run(dir.path(), &["draft", "greeting", "acme", "--print", "--json"]);
    let to = |dir: &TempDir| greeting(dir).json()["to"].as_str().unwrap().to_owned();
    assert_eq!(to(&studio("Anna")), "anna@acme.example");
    assert_eq!(to(&studio(r#""Paul Roy <bob@acme.example>""#)), "bob@acme.example");
    let dir = studio("Paul");
    let said = greeting(&dir).failed(1);
    assert!(said.contains("NAME <ADDRESS>") && said.contains("`birthdays`"), "{said}");
    let facts = run(dir.path(), &["drafts", "--json"]).json();
    let coming = facts["coming"].as_array().unwrap().iter().find(|it| it["kind"] == "greeting").unwrap().clone();
    assert_eq!(coming["stuck"], "person.no-address");
    // Their own mails say who is who, also to whom the owner wrote last.
    let mail = |n: u32, from: &str, to: &str| {
        format!(
            "From x Mon Jan 12 10:00:00 2026\nMessage-ID: <{n}@x.example>\nDate: Mon, 12 Jan 2026 1{n}:00:00 +0000\nFrom: {from}\nTo: {to}\nSubject: Logo\n\nText {n}.\n\n"
        )
    };
    let owner = "Claire Martin <claire@studio.example>";
    let mails = [mail(0, "Paul Roy <bob@acme.example>", owner), mail(1, "Anna Keller <anna@acme.example>", owner)];
    fs::write(dir.path().join("old.mbox"), mails.concat()).unwrap();
    run(dir.path(), &["import", "old.mbox", "--mailbox", "studio"]).fine();
    assert_eq!(to(&dir), "bob@acme.example");
    let written = studio("Zoe");
    fs::write(written.path().join("old.mbox"), mail(2, owner, "Zoé Lang <bob@acme.example>")).unwrap();
    run(written.path(), &["import", "old.mbox", "--mailbox", "studio"]).fine();
    assert_eq!(to(&written), "bob@acme.example");
    let wrong = studio(r#""Paul <bob>""#);
    assert!(greeting(&wrong).failed(78).contains("has no address between < and >"));
}
