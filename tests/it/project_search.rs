//! `project:` in a search, and the journal in a client's timeline: what belongs to a project and what does not.
use crate::support::program::run;
use serde_json::Value;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const CONFIG: &str = r#"state = "state"
[me]
name = "Claire Martin"
zone = "Europe/London"
languages = ["en"]
[hours]
mon-fri = ["09:00-09:30"]
[mailbox.studio]
address = "claire@studio.example"
maildir = "Maildir"
outgoing = "outgoing"
mode = "draft"
[client.acme]
name = "Acme"
contacts = ["@acme.example"]
zone = "Asia/Singapore"
[client.keller]
name = "Keller"
contacts = ["@keller.example"]
zone = "Europe/Zurich"
[project.relaunch]
client = "acme"
title = "Réunion website"
[project.flyer]
client = "keller"
title = "Spring flyer"
"#;

/// Id, author, recipient, subject, the id that it answers.
const MAILS: &[(&str, &str, &str, &str, &str)] = &[
    ("named", "anna@acme.example", "claire@studio.example", "REUNION Website: colours", ""),
    ("answer", "claire@studio.example", "anna@acme.example", "Re: REUNION Website: colours", "named"),
    ("renamed", "anna@acme.example", "claire@studio.example", "Blue or green?", "answer"),
    ("key", "bob@acme.example", "claire@studio.example", "Relaunch in March", ""),
    ("apart", "anna@acme.example", "claire@studio.example", "The website of the reunion", ""),
    ("other", "anna@acme.example", "claire@studio.example", "Invoice 7", ""),
    ("theirs", "ines@keller.example", "claire@studio.example", "Our relaunch of the Réunion website", ""),
    ("flyer", "ines@keller.example", "claire@studio.example", "Spring flyer", ""),
];

fn studio() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for folder in ["Maildir/cur", "Maildir/new", "Maildir/tmp", "outgoing"] {
        fs::create_dir_all(dir.path().join(folder)).unwrap();
    }
    fs::write(dir.path().join("fuseau.toml"), CONFIG).unwrap();
    let mut mbox = String::new();
    for (n, (id, from, to, subject, answers)) in MAILS.iter().enumerate() {
        let reply = if answers.is_empty() {
            String::new()
        } else {
            format!("In-Reply-To: <{answers}@x.example>\nReferences: <{answers}@x.example>\n")
        };
        let subject: String = if subject.is_ascii() {
            (*subject).to_owned()
        } else {
            format!("=?utf-8?q?{}?=", subject.replace('é', "=C3=A9").replace(' ', "_"))
        };
        write!(
            mbox,
            "From x Mon Jan 12 10:00:00 2026\nMessage-ID: <{id}@x.example>\nDate: Mon, 12 Jan 2026 1{n}:00:00 +0000\nFrom: {from}\nTo: {to}\nSubject: {subject}\n{reply}\nText of {id}.\n\n"
        )
        .unwrap();
    }
    fs::write(dir.path().join("old.mbox"), mbox).unwrap();
    assert_eq!(run(dir.path(), &["import", "old.mbox", "--mailbox", "studio"]).code, 0);
    dir
}

fn found(dir: &Path, query: &str) -> Vec<String> {
    let list = run(dir, &["search", query, "--json"]).json();
    let id = |it: &Value| it["message_id"].as_str().unwrap().trim_matches(['<', '>']).replace("@x.example", "");
    let mut ids: Vec<String> = list.as_array().unwrap().iter().map(id).collect();
    ids.sort();
    ids
}

#[test]
fn a_project_has_the_conversations_that_name_it() {
    let dir = studio();
    let dir = dir.path();
    // By its title as a phrase, whatever the accents, or by its key; the whole conversation, and its client's alone.
    assert_eq!(found(dir, "project:relaunch"), ["answer", "key", "named", "renamed"]);
    assert_eq!(found(dir, "project:\"Réunion website\""), found(dir, "project:RELAUNCH"));
    assert_eq!(found(dir, "project:flyer"), ["flyer"]);
    // With words and other filters, and turned round.
    assert_eq!(found(dir, "green project:relaunch"), ["renamed"]);
    assert_eq!(found(dir, "project:relaunch is:out"), ["answer"]);
    assert_eq!(found(dir, "client:acme -project:relaunch"), ["apart", "other"]);
    assert_eq!(found(dir, "project:relaunch client:keller"), Vec::<String>::new());
    let err = run(dir, &["search", "project:relunch"]).failed(64);
    assert!(err.contains("did you mean project:relaunch?") && err.contains("        ^"), "{err}");
}

/// `in:` names a mailbox, a folder or a role; what is none of them is an error and not an empty answer.
#[test]
fn a_place_that_is_unknown_is_named() {
    let dir = studio();
    let dir = dir.path();
    let all = found(dir, "client:acme").len();
    assert!(all > 0);
    for place in ["in:inbox", "in:Studio", "in:trash", "client:acme -in:junk"] {
        run(dir, &["search", place]).fine();
    }
    for (query, remedy) in [
        ("client:acme in:studioo", "did you mean in:studio?"),
        ("in:sentt", "did you mean in:sent?"),
        ("client:acme -in:somewhere", "there are: "),
    ] {
        let err = run(dir, &["search", query]).failed(64);
        assert!(err.contains("no mailbox and no folder is called") && err.contains(remedy), "{err}");
    }
}

#[test]
fn a_draft_for_a_project_belongs_to_it() {
    let dir = studio();
    let dir = dir.path();
    run(dir, &["note", "flyer", "Two drafts are ready"]).fine();
    let made = run(dir, &["draft", "progress", "keller"]);
    assert_eq!(made.code, 0, "{}{}", made.out, made.err);
    let list = run(dir, &["search", "project:flyer kind:progress", "--json"]).json();
    assert_eq!(list.as_array().unwrap().len(), 1, "{list}");
}

#[test]
fn the_timeline_tells_the_journal() {
    let dir = studio();
    let dir = dir.path();
    run(dir, &["note", "relaunch", "Colours are chosen", "--at", "2026-01-12T10:30:00Z"]).fine();
    run(dir, &["note", "flyer", "Not theirs"]).fine();
    let told = run(dir, &["history", "acme"]).fine();
    let lines: Vec<&str> = told.lines().collect();
    let note = lines.iter().position(|line| line.contains("journal")).unwrap_or_else(|| panic!("{told}"));
    assert!(
        lines[note].contains("Mon 12 Jan 2026 18:30 (Mon 10:30)") && lines[note].contains("Réunion website"),
        "{told}"
    );
    assert!(lines[note + 1].contains("Colours are chosen") && !told.contains("Not theirs"));
    assert!(lines[note - 1].contains("colours") && lines[note + 2].contains("Re:"), "in the order of time: {told}");
    let facts = run(dir, &["history", "acme", "--json"]).json();
    let fact = facts.as_array().unwrap().iter().find(|it| it["kind"] == "journal").unwrap().clone();
    assert_eq!((&fact["text"], &fact["project"]), (&"Colours are chosen".into(), &"relaunch".into()));
    let mail = facts.as_array().unwrap().iter().find(|it| it["kind"] == "mail").unwrap();
    let missing: Vec<&String> =
        mail.as_object().unwrap().keys().filter(|key| fact.get(key.as_str()).is_none()).collect();
    assert!(missing.is_empty(), "a note has every key of a mail: {missing:?}");
    // The newest of all, notes too.
    let newest = run(dir, &["history", "acme", "--limit", "2", "--json"]).json();
    assert_eq!(newest.as_array().unwrap().len(), 2);
}
