//! What the owner wrote down beside the mail, notes of the journal and visits: found, in the owner's dossier and in what is told
//! about a person, never in what is handed over; forgotten with the client; no link of the chain.
use crate::support::program::{demo, run};
use serde_json::Value;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const NOTE: &str = "Façade sketched in vermilion42";
const VISIT: &str = "They want a shop in spring, tangerine42";

/// The demo with a project, a note and a visit.
fn studio() -> TempDir {
    let dir = demo();
    let config = fs::read_to_string(dir.path().join("fuseau.toml")).unwrap();
    let project = "\n[project.relaunch]\ntitle = \"Réunion website\"\nclient = \"acme\"\n";
    fs::write(dir.path().join("fuseau.toml"), config + project).unwrap();
    run(dir.path(), &["note", "relaunch", NOTE, "--at", "2026-01-12T10:30:00Z"]).fine();
    run(dir.path(), &["visit", "done", "acme", VISIT, "--at", "2026-02-03"]).fine();
    dir
}

fn kinds(dir: &Path, query: &str) -> Vec<String> {
    let found = run(dir, &["search", query, "--json"]).json();
    found.as_array().unwrap().iter().map(|it| it["kind"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_was_written_down_is_found() {
    let dir = studio();
    let dir = dir.path();
    for (query, kind) in [
        ("vermilion42", "journal"),
        ("FACADE", "journal"),
        ("tangerine42", "visit"),
        ("\"shop in spring\"", "visit"),
        ("kind:journal", "journal"),
        ("kind:visit client:acme", "visit"),
        ("project:relaunch sketched", "journal"),
        ("shop after:2026-02-03 before:2026-02-04", "visit"),
    ] {
        assert_eq!(kinds(dir, query), [kind], "{query}");
    }
    for query in
        ["vermilion42 client:keller", "shop after:2026-02-04", "from:tangerine42", "tangerine42 -spring", "shop is:in"]
    {
        assert_eq!(kinds(dir, query), [""; 0], "{query}");
    }
    // Mail stands first, and a note is not crowded out.
    let both = kinds(dir, "client:acme");
    assert!(both.len() > 4 && both[0] != "journal" && both.ends_with(&["visit".into(), "journal".into()]), "{both:?}");
    let few = run(dir, &["search", "client:acme", "--limit", "4", "--json"]).json();
    let few: Vec<&str> = few.as_array().unwrap().iter().map(|it| it["kind"].as_str().unwrap()).collect();
    assert_eq!((few.len(), few[3]), (4, "visit"), "{few:?}");
    // As a mail that was found, with all of its keys; and it can be read.
    let mail = run(dir, &["search", "logo", "--limit", "1", "--json"]).json()[0].clone();
    let told = run(dir, &["search", "vermilion42 OR tangerine42"]).fine();
    for part in ["you met", "journal: Réunion website", "[vermilion42]", "[tangerine42]", "Tue 3 Feb 2026 ", "2 hits"]
    {
        assert!(told.contains(part), "{part}: {told}");
    }
    for (query, text) in [("vermilion42", NOTE), ("tangerine42", VISIT)] {
        let found = run(dir, &["search", query, "--json"]).json();
        let missing: Vec<&String> =
            mail.as_object().unwrap().keys().filter(|key| found[0].get(key).is_none()).collect();
        assert!(missing.is_empty(), "{query}: {missing:?}");
        assert!(
            found[0]["passage"].as_array().unwrap().iter().any(|piece| piece["hit"] == true && piece["text"] == query)
        );
        let id = found[0]["id"].as_str().unwrap();
        assert!(run(dir, &["show", id]).fine().contains(text));
        assert_eq!(run(dir, &["show", id, "--json"]).json()["text"], text);
    }
}

#[test]
fn the_owner_has_them_in_the_dossier_and_the_client_has_not() {
    let dir = studio();
    let dir = dir.path();
    let head = |words: &[&str]| -> Value {
        let json = run(dir, &[&["export", "acme", "--format", "json"], words].concat()).fine();
        serde_json::from_str(&json).unwrap()
    };
    for format in ["html", "md", "csv", "json"] {
        let mine = run(dir, &["export", "acme", "--format", format]).fine();
        let (note, visit) = (mine.find("vermilion42").unwrap(), mine.find("tangerine42").unwrap());
        let mail = mine.find("Logo files").unwrap();
        assert!(note < visit && visit < mail, "{format}: in the order of time: {mine}");
        let theirs = run(dir, &["export", "acme", "--for-client", "--format", format]).fine();
        for internal in ["vermilion42", "tangerine42", "journal", "visit", "website"] {
            assert!(!theirs.contains(internal), "{format}: {internal} is the owner's: {theirs}");
        }
    }
    // In the owner's language, which is French here; a visit bears a day.
    let page = run(dir, &["export", "acme"]).fine();
    assert!(
        page.contains("Réunion website") && page.contains("Note personnelle · lundi 12 janvier 2026, 10 h 30"),
        "{page}"
    );
    assert!(
        page.contains("Rencontre") && page.contains("<time datetime=\"2026-02-03\">mardi 3 février 2026</time>"),
        "{page}"
    );
    // Two sides by name, where the client would read "from you".
    assert!(page.contains("Acme Pte Ltd · <time") && !page.contains("De vous"), "{page}");
    assert!(run(dir, &["export", "keller", "--for-client"]).fine().contains("De vous"));
    // An mbox holds mail: that is said.
    let mbox = run(dir, &["export", "acme", "--format", "mbox"]);
    assert!(!mbox.out.contains("vermilion42") && mbox.err.contains("2 notes of yours not in it"), "{}", mbox.err);
    assert_eq!(run(dir, &["export", "acme", "--for-client", "--format", "mbox"]).err, "");
    // They are no links of the chain.
    let with = head(&[]);
    let own: Vec<&Value> = with["entries"].as_array().unwrap().iter().filter(|it| it["seal"].is_null()).collect();
    let kinds: Vec<&str> = own.iter().map(|it| it["kind"].as_str().unwrap()).collect();
    assert_eq!((kinds.as_slice(), &own[1]["local"]), (&["journal", "visit"][..], &"2026-02-03T04:00:00+00:00".into()));
    let theirs = head(&["--for-client"])["chain"]["head"].clone();
    run(dir, &["visit", "done", "acme", "--undo"]).fine();
    assert_eq!(head(&[])["chain"], with["chain"]);
    assert_eq!(head(&["--for-client"])["chain"]["head"], theirs);
    assert!(run(dir, &["verify"]).fine().contains("every entry fits"));
}

#[test]
fn they_are_told_and_forgotten_with_the_client() {
    let dir = studio();
    let dir = dir.path();
    run(dir, &["slots", "acme", "--about", "Cobalt42 logo"]).fine();
    run(dir, &["search", "vermilion42"]).fine();
    run(dir, &["verify"]).fine();
    let told = run(dir, &["export", "acme", "--subject-access"]).fine();
    let told: Value = serde_json::from_str(&told).unwrap();
    let stored = &told["stored_about_you"];
    assert_eq!((&stored["visits"][0]["text"], &stored["visits"][0]["day"]), (&VISIT.into(), &"2026-02-03".into()));
    assert_eq!(stored["notes"][0]["text"], NOTE);
    assert_eq!(stored["offers"][0]["about"], "Cobalt42 logo");
    assert!(stored["offers"][0]["times"].as_str().unwrap().contains("Z/20"), "{stored}");
    // The text and the ids are in the file, then they are not.
    let ids: Vec<String> = ["vermilion42", "tangerine42"]
        .iter()
        .map(|word| run(dir, &["search", word, "--json"]).json()[0]["id"].as_str().unwrap().to_owned())
        .collect();
    let canaries = ["vermilion42", "tangerine42", "cobalt42", &ids[0], &ids[1]];
    let holding = || -> Vec<&str> {
        let files = ["fuseau.db", "fuseau.db-wal", "search.db", "search.db-wal"];
        let all: Vec<u8> =
            files.iter().flat_map(|name| fs::read(dir.join("state").join(name)).unwrap_or_default()).collect();
        let text = String::from_utf8_lossy(&all).to_lowercase();
        canaries.iter().copied().filter(|canary| text.contains(*canary)).collect()
    };
    assert_eq!(holding(), canaries);
    assert!(run(dir, &["erase", "acme"]).fine().contains("2 notes of yours"));
    let said = run(dir, &["erase", "acme", "--yes"]).fine();
    assert!(said.contains("2 notes of yours") && said.contains("none is left in"), "{said}");
    assert_eq!(holding(), [""; 0]);
    assert_eq!(kinds(dir, "vermilion42 OR tangerine42"), [""; 0]);
    assert!(run(dir, &["verify"]).fine().contains("of them erased"));
}
