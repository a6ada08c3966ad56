//! What the owner wrote down, notes and visits, on the desk: in the timeline in the order of time, in every language, escaped, counted
//! in pages, found.
use super::markup::faults;
use super::{Desk, Got, links, speak};
use crate::support::program::{demo, run};
use fuseau::store::{NewNote, NoteSource, Store};
use std::collections::BTreeSet;
use std::path::Path;
use tempfile::TempDir;

const NOTE: &str = "Façade sketched in vermilion42\nTwo shades are left";
const VISIT: &str = "They want a shop in spring, tangerine42";

/// The demo with a project, a note and a visit before the mail, and a note behind it.
fn studio() -> TempDir {
    let dir = demo();
    let config = std::fs::read_to_string(dir.path().join("fuseau.toml")).unwrap();
    let project = "\n[project.relaunch]\ntitle = \"Réunion <b>website</b>\"\nclient = \"acme\"\n";
    std::fs::write(dir.path().join("fuseau.toml"), config + project).unwrap();
    run(dir.path(), &["note", "relaunch", NOTE, "--at", "2026-01-12T10:30:00Z"]).fine();
    run(dir.path(), &["visit", "done", "acme", VISIT, "--at", "2026-02-03"]).fine();
    jot(dir.path(), "n-behind", "2027-01-12T05:00:00Z", "Behind two mails, before the third");
    dir
}

fn jot(dir: &Path, id: &str, at: &str, text: &str) {
    let store = Store::open_beside(&dir.join("state")).unwrap();
    let new = NewNote {
        id,
        project: "relaunch",
        client: "acme",
        at: at.parse().unwrap(),
        text,
        source: NoteSource::Cli,
        once: None,
    };
    assert!(store.write_blocking(|tx| tx.note(&new)).unwrap());
    store.close().unwrap();
}

/// The ids of what a page lists, in its order.
fn ids(page: &Got) -> Vec<String> {
    let of = |path: &str| path.split_once("?id=").unwrap().1.to_owned();
    let wanted = |path: &&String| ["/message?", "/mail?", "/note?"].iter().any(|start| path.starts_with(start));
    let lines = page.body.rsplit("class=\"switches\"").next().unwrap_or_default();
    let part = Got { status: page.status, head: String::new(), body: lines.to_owned() };
    links(&part, "/").iter().filter(wanted).map(|path| of(path)).collect()
}

fn words(language: &str, key: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates").join(language).join("desk-words.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("{key} = ")));
    line.unwrap_or_else(|| panic!("{language} {key}")).to_owned()
}

#[test]
fn they_stand_in_the_order_of_time() {
    let desk = Desk::serve(studio());
    let visit = desk.visit();
    speak(&desk, "en");
    let told = run(desk.dir.path(), &["history", "acme", "--json"]).json();
    let told: Vec<&str> = told.as_array().unwrap().iter().rev().map(|it| it["id"].as_str().unwrap()).collect();
    let page = visit.get("/client?id=acme");
    assert_eq!(ids(&page), told, "as the command tells it, the newest first");
    let at = told.iter().position(|id| *id == "n-behind").unwrap();
    assert!(at > 0 && at < told.len() - 3, "among the mail: {told:?}");
    // Both clocks of a note, its lines, what it is; a visit has its day.
    let line = |id: &str| {
        let lines = page.body.split("<li class=\"own\">").skip(1).map(|it| it.split("</li>").next().unwrap());
        lines.into_iter().find(|it| it.contains(id)).unwrap_or_else(|| panic!("{id}: {}", page.body)).to_owned()
    };
    let note = line("vermilion42");
    for part in ["10:30</time>", "18:30 Singapore", "Two shades are left", "Réunion &lt;b&gt;website", ">note<"] {
        assert!(note.contains(part), "{part}: {note}");
    }
    let met = line("tangerine42");
    assert!(met.contains("3 February") && met.contains("You met") && !met.contains(':'), "{met}");
    // By conversation they stand below, and each has a page of its own.
    let threads = visit.get("/client?id=acme&by=thread");
    assert_eq!(ids(&threads).iter().collect::<BTreeSet<_>>(), ids(&page).iter().collect());
    let own = threads.body.split("Your notes and visits").nth(1).unwrap();
    assert!(own.contains("vermilion42") && own.contains("tangerine42") && !own.contains("/message?id="), "{own}");
    assert!(!visit.get("/client?id=keller&by=thread").body.contains("Your notes and visits"));
    for path in links(&page, "/note?id=") {
        let one = visit.get(&path);
        assert_eq!(one.status, 200, "{path}");
        assert!(one.body.contains("class=\"letter\"") && one.body.contains("/client?id=acme"), "{}", one.body);
        assert_eq!(faults(&one.body), Vec::<String>::new(), "{path}");
    }
    for path in ["/note", "/note?id=", "/note?id=n-behin", "/note?id=%00", "/message?id=n-behind"] {
        assert_eq!(visit.get(path).status, 404, "{path}");
    }
}

#[test]
fn they_are_said_in_every_language() {
    let desk = Desk::serve(studio());
    let visit = desk.visit();
    for language in ["en", "fr", "de", "es", "it", "pt", "nl", "ja", "zh", "ar"] {
        speak(&desk, language);
        for (path, keys) in [
            ("/client?id=acme", &["met", "said.journal"][..]),
            ("/client?id=acme&by=thread", &["met", "said.journal", "own_notes"]),
            ("/search?q=vermilion42+OR+tangerine42", &["met", "said.journal"]),
            ("/client?id=keller", &["said.you_answered"]),
            ("/note?id=n-behind", &["said.journal"]),
        ] {
            let page = visit.get(path);
            assert!(page.body.contains(&format!("<html lang=\"{language}\"")), "{path}");
            for key in keys {
                assert!(page.body.contains(&words(language, key)), "{language} {path} {key}: {}", page.body);
            }
            assert_eq!(faults(&page.body), Vec::<String>::new(), "{language} {path}");
        }
    }
}

#[test]
fn a_hostile_note_stays_text() {
    let dir = studio();
    let hostile = "<script>alert(1)</script>\"><img src=x onerror=alert(2)>' onload='x vermilion43 \u{202e}gpj.exe";
    jot(dir.path(), "n-'\"><b>", "2027-01-12T05:00:00Z", hostile);
    let desk = Desk::serve(dir);
    let visit = desk.visit();
    let mut shown = 0;
    for path in [
        "/client?id=acme",
        "/client?id=acme&by=thread",
        "/client?id=acme&q=vermilion43",
        "/search?q=vermilion43",
        "/found?q=vermilion4",
        "/note?id=n-%27%22%3E%3Cb%3E",
    ] {
        let page = visit.get(path);
        assert_eq!(page.status, 200, "{path}");
        let body = page.body.replacen("<script src=\"/desk.js\" defer></script>", "", 1);
        for never in ["<script", "<img", "<b>", "' onload='", "\u{202e}"] {
            assert!(!body.contains(never), "{path}: {never}\n{body}");
        }
        shown += usize::from(body.contains("onerror=alert(2)&gt;") && body.contains("vermilion43"));
    }
    assert_eq!(shown, 6, "the words are shown, as text");
}

#[test]
fn they_count_in_pages() {
    let dir = studio();
    let store = Store::open_beside(&dir.path().join("state")).unwrap();
    let fill = |n: i64| {
        let (id, text) = (format!("n-{n:03}"), format!("Sheet {n} vermilion44"));
        let at = chrono::DateTime::from_timestamp(1_770_000_000 + n * 60, 0).unwrap();
        let source = NoteSource::Folder;
        let new = NewNote { id: &id, project: "relaunch", client: "acme", at, text: &text, source, once: None };
        assert!(store.write_blocking(|tx| tx.note(&new)).unwrap());
    };
    (0..70).for_each(fill);
    store.close().unwrap();
    let desk = Desk::serve(dir);
    let visit = desk.visit();
    speak(&desk, "en");
    // The newest sixty of everything; older ones behind a link, until nothing is left.
    let told = run(desk.dir.path(), &["history", "acme", "--json"]).json();
    let told: Vec<&str> = told.as_array().unwrap().iter().rev().map(|it| it["id"].as_str().unwrap()).collect();
    let first = visit.get("/client?id=acme");
    assert_eq!(ids(&first), told[..60]);
    let more = links(&first, "/client?id=acme&amp;n=");
    assert_eq!(more, ["/client?id=acme&n=120"]);
    let all = visit.get(&more[0]);
    assert_eq!(ids(&all), told);
    assert_eq!(links(&all, "/client?id=acme&amp;n="), Vec::<String>::new());
    let threads = visit.get("/client?id=acme&by=thread");
    assert_eq!(ids(&threads).len(), 60, "by conversation too");
    // What is found is turned page by page, nothing twice; mail stands first, and no page hides the notes.
    for (query, both) in [("vermilion44", false), ("client:acme", true)] {
        let told = run(desk.dir.path(), &["--json", "search", "--limit", "500", "--", query]).json();
        let told: BTreeSet<String> =
            told.as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect();
        let mut path = format!("/search?q={query}");
        let (mut seen, mut page) = (Vec::new(), 0);
        loop {
            let got = visit.get(&path);
            let found = ids(&got);
            assert!(got.status == 200 && found.len() <= 25 && page < 9, "{path}: {}", found.len());
            assert!(got.body.contains(&format!("{}–{}", seen.len() + 1, seen.len() + found.len())) || page == 0);
            seen.extend(found);
            page += 1;
            let next = got.body.split("rel=\"next\" href=\"").nth(1).and_then(|it| it.split('"').next());
            let Some(next) = next else { break };
            path = next.replace("&amp;", "&");
        }
        let count = seen.len();
        assert_eq!(seen.iter().any(|id| !id.starts_with("n-")), both, "{query}");
        assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), told, "{query}");
        assert_eq!(count, told.len(), "{query}: nothing stands on two pages");
        assert!(count >= 70 && page >= 3, "{query}: {count} on {page}");
    }
}

#[test]
fn they_are_found_as_the_command_finds_them() {
    let desk = Desk::serve(studio());
    let visit = desk.visit();
    speak(&desk, "en");
    for query in [
        "vermilion42",
        "FACADE",
        "kind:journal",
        "kind:visit",
        "project:relaunch",
        "client:acme",
        "shop after:2026-02-03 before:2026-02-04",
        "vermilion42 client:keller",
        "tangerine42 is:in",
    ] {
        let told = run(desk.dir.path(), &["--json", "search", "--limit", "25", "--", query]).json();
        let told: Vec<&str> = told.as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect();
        let page = visit.get(&format!("/search?q={}", query.replace(' ', "+")));
        assert_eq!(ids(&page), told, "{query}");
    }
    let page = visit.get("/search?q=vermilion42+OR+r%C3%A9union").body;
    for part in ["<mark>vermilion42</mark>", "<mark>Réunion</mark>", "/client?id=acme", "18:30 Singapore"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    // While somebody types, everywhere and on a client's page.
    for (path, found) in [
        ("/found?q=vermili", true),
        ("/found?q=vermili&client=acme", true),
        ("/found?q=tangeri", true),
        ("/found?q=vermili&client=keller", false),
        ("/client?id=acme&q=vermilion42", true),
    ] {
        let part = visit.get(path).body;
        let part = part.split("id=\"found\"").nth(1).unwrap().split("class=\"switches\"").next().unwrap();
        assert_eq!(part.contains("<li class=\"own\">") && part.contains("/note?id="), found, "{path}: {part}");
    }
}
