//! What the timeline says of mail that was held and of mail that was withheld; where `--since` cuts a dossier; a rehearsal
//! without a history that can be read.
use super::{import, mbox};
use crate::holding_turns::{World, play};
use crate::support::program::{demo, run};
use serde_json::Value;
use std::fs;
use std::path::Path;

const ANNA: &str = "anna@acme.example";
const ANNA_TO: &str = "claire@studio.example";

fn entry(told: &Value, wanted: impl Fn(&Value) -> bool) -> &Value {
    told.as_array().unwrap().iter().find(|it| wanted(it)).unwrap_or_else(|| panic!("{told}"))
}

/// Thursday noon in London is the evening in Singapore: each line has both.
#[test]
fn held_and_withheld_stand_in_the_timeline_with_their_reasons() {
    play(async {
        let mut world = World::new().await;
        let dir = world.dir.path().to_owned();
        world.until("10:02").await;
        world.client_writes(ANNA, "answered");
        world.until("10:04").await;
        world.owner_writes(".Sent/cur", ANNA, "answered@acme.example");
        world.until("10:20").await;
        let odd = format!(
            "Return-Path: <{ANNA}>\nAuthentication-Results: mx.studio.example; dmarc=pass header.from=acme.example\n\
             From: Anna <{ANNA}>\nReply-To: pay@elsewhere.example\nTo: claire@studio.example\nSubject: New account\nMessage-ID: <odd@acme.example>\n\nPay here.\n"
        );
        world.put("new", "", &odd);
        world.until("17:02").await;
        world.client_writes_about(ANNA, "stopped", "Flyer");
        world.until("17:03").await;
        let waiting = run(&dir, &["outbox", "--json"]).json();
        run(&dir, &["outbox", "drop", waiting[0]["id"].as_str().unwrap()]).fine();
        world.until("18:00").await;
        assert!(world.left().is_empty(), "{:?}", world.left());

        let told = run(&dir, &["history", "acme"]).fine();
        let lines: Vec<&str> = told.lines().collect();
        let below = |line: &str| {
            let place = lines.iter().position(|it| it.starts_with(line)).unwrap_or_else(|| panic!("{line}\n{told}"));
            lines[place + 1].trim()
        };
        let held = below("Thu 14 Jan 2027 18:20 (Thu 10:20)  ← mail: hold");
        assert!(held.starts_with("held: ") && held.contains("its Reply-To leads somewhere else"), "{told}");
        for (line, why) in [
            ("Thu 14 Jan 2027 18:02 (Thu 10:02)  → acknowledgement: dropped", "withheld: somebody has answered"),
            ("Fri 15 Jan 2027 01:02 (Thu 17:02)  → acknowledgement: dropped", "withheld: it was taken back"),
        ] {
            assert_eq!(below(line), why, "{told}");
        }

        // The owner's own answer is no verdict of the rules.
        let mine = format!("Thu 14 Jan 2027 18:04 (Thu 10:04)  → {:<26} Re: Logo  {ANNA}", "answered by you");
        assert!(told.contains(&mine) && !told.contains(": own"), "{told}");
        let told = run(&dir, &["history", "acme", "--json"]).json();
        assert_eq!(entry(&told, |it| it["direction"] == "out" && it["kind"] == "mail")["verdict"], "own");
        let held = entry(&told, |it| it["verdict"] == "hold");
        assert_eq!((&held["at"], &held["last_reply"]), (&"2027-01-14T10:20:00Z".into(), &Value::Null));
        let reasons = held["reasons"].as_array().unwrap();
        assert!(
            reasons.iter().any(|it| it["text"].as_str().unwrap().contains("its Reply-To leads somewhere else")),
            "{held}"
        );
        for (subject, why) in [("Re: Logo", "answered"), ("Re: Flyer", "withdrawn")] {
            let it = entry(&told, |it| it["kind"] == "acknowledgement" && it["subject"] == subject);
            assert_eq!((&it["state"], &it["last_reply"]), (&"dropped".into(), &why.into()));
        }
        // What never left is no client's business, nor is why.
        let theirs = run(&dir, &["export", "acme", "--for-client", "--format", "json"]).fine();
        for internal in ["dropped", "withdrawn", "taken back", "last_reply", "Reply-To leads"] {
            assert!(!theirs.contains(internal), "{internal}: {theirs}");
        }
        let page = run(&dir, &["export", "acme", "--for-client"]).fine();
        assert!(!page.contains("dropped") && !page.contains("taken back"), "{page}");
    });
}

type Damage = fn(&Path);

fn exported(dir: &Path, format: &str, more: &[&str]) -> String {
    let ran = run(dir, &[&["export", "acme", "--format", format], more].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.out
}

/// Each format has what came at the instant or after it, and nothing before; so has what is handed over.
#[test]
fn a_dossier_begins_where_it_is_asked_to() {
    let dir = demo();
    let dir = dir.path();
    let config = fs::read_to_string(dir.join("fuseau.toml")).unwrap();
    let project = "\n[project.relaunch]\ntitle = \"Relaunch\"\nclient = \"acme\"\n";
    fs::write(dir.join("fuseau.toml"), config + project).unwrap();
    fs::write(dir.join("old.mbox"), mbox(6)).unwrap();
    import(dir, &["old.mbox"]);
    for (text, day) in [("Early sketch", "2020-01-20"), ("Late sketch", "2020-02-20")] {
        run(dir, &["note", "relaunch", text, "--at", day]).fine();
        run(dir, &["visit", "done", "acme", &text.replace("sketch", "lunch"), "--at", day]).fine();
    }
    // Two hours apart: entry 2 came exactly then.
    let then = "2020-01-26T02:53:20Z";
    let since = ["--since", then];
    for format in ["html", "md", "mbox", "json", "csv"] {
        let mark =
            |n: u32| if format == "mbox" { format!("<old-{n}@acme.example>") } else { format!("Old matter {n}") };
        for for_client in [&[][..], &["--for-client"]] {
            let all = exported(dir, format, for_client);
            let cut = exported(dir, format, &[&since[..], for_client].concat());
            for n in [0, 2, 4] {
                assert!(all.contains(&mark(n)), "{format}: {n} in {all}");
                assert_eq!(cut.contains(&mark(n)), n > 0, "{format} {for_client:?}: {n} in {cut}");
            }
            let own = for_client.is_empty() && format != "mbox";
            for (text, after) in
                [("Early sketch", false), ("Early lunch", false), ("Late sketch", true), ("Late lunch", true)]
            {
                assert_eq!(all.contains(text), own, "{format} {for_client:?}: {text} in {all}");
                assert_eq!(cut.contains(text), own && after, "{format} {for_client:?}: {text} in {cut}");
            }
        }
    }
    // A day begins where the owner is.
    let later = exported(dir, "csv", &["--since", "2020-01-27"]);
    assert!(!later.contains("Old matter") && later.contains("Late sketch"), "{later}");
    assert_eq!(exported(dir, "csv", &["--since", "2030-01-01"]).lines().count(), 1);
    let err = run(dir, &["export", "acme", "--since", "soon"]).failed(64);
    assert!(err.contains("2027-01-31"), "{err}");
    assert_eq!(run(dir, &["export", "acme", "--subject-access", "--since", "2020-01-27"]).code, 64);
}

/// A history that cannot be read is no empty one: it is said, and the rehearsal goes on.
#[test]
fn a_rehearsal_says_that_it_knows_no_history() {
    let mail = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/replay/mails/01-client-at-night.eml");
    let mail = mail.to_str().unwrap();
    let damages: [(&str, Damage); 2] = [
        ("is damaged", |path| {
            let mut bytes = fs::read(path).unwrap();
            bytes[..4096].fill(0xa5);
            fs::write(path, bytes).unwrap();
            // Its log still has the page.
            for log in ["fuseau.db-wal", "fuseau.db-shm"] {
                let _ = fs::remove_file(path.with_file_name(log));
            }
        }),
        ("this fuseau knows up to", |path| {
            let db = rusqlite::Connection::open(path).unwrap();
            db.pragma_update(None, "user_version", 9_999).unwrap();
        }),
    ];
    for (why, damage) in damages {
        let dir = demo();
        let words = ["explain", mail, "--at", "2027-01-14T22:00:00Z"];
        let good = run(dir.path(), &words).fine();
        assert!(!good.contains("without the history"), "{good}");
        damage(&dir.path().join("state/fuseau.db"));
        let told = run(dir.path(), &words);
        assert_eq!(told.code, 0, "{}", told.err);
        for part in ["the history cannot be read", why, "judged without it"] {
            assert!(told.err.contains(part), "{part}: {}", told.err);
        }
        assert!(told.out.starts_with("acknowledge") && told.out.contains("judged without the history"), "{}", told.out);
        let fact = run(dir.path(), &[&words[..], &["--json"]].concat());
        let fact: Value = serde_json::from_str(&fact.out).unwrap();
        assert!(fact["without_history"].as_str().unwrap().contains(why), "{fact}");
        // None at all is an empty one.
        fs::remove_dir_all(dir.path().join("state")).unwrap();
        assert_eq!(run(dir.path(), &[&words[..], &["--json"]].concat()).json()["without_history"], Value::Null);
    }
}

/// Who wrote on the owner's side, and whether it answers: in the terminal, in the owner's dossier; the client reads a colleague's
/// letter as one of the owner's.
#[test]
fn a_mail_by_hand_says_whose_it_is() {
    let dir = demo();
    let dir = dir.path();
    let config = fs::read_to_string(dir.join("fuseau.toml")).unwrap();
    let team = "outgoing = \"outgoing\"\nteam = [\"paul@studio.example\"]";
    fs::write(dir.join("fuseau.toml"), config.replace("outgoing = \"outgoing\"", team)).unwrap();
    let letters = [
        ("ask", "anna@acme.example", ANNA_TO, "Flyer", ""),
        ("mine", "claire@studio.example", ANNA, "Re: Flyer", "ask"),
        ("news", "claire@studio.example", ANNA, "Summer", ""),
        ("theirs", "paul@studio.example", ANNA, "Re: Flyer", "ask"),
        ("greeting", "paul@studio.example", ANNA, "Hello", ""),
    ];
    let mails = letters.iter().enumerate().map(|(n, (id, from, to, subject, parent))| {
        let parent = if parent.is_empty() { String::new() } else { format!("In-Reply-To: <{parent}@x.example>\n") };
        format!(
            "From x@y Mon Jan 06 10:0{n}:00 2020\nDate: Mon, 06 Jan 2020 10:0{n}:00 +0000\nFrom: {from}\nTo: {to}\n{parent}\
             Message-ID: <{id}@x.example>\nSubject: {subject}\n\nText of {id}.\n\n"
        )
    });
    fs::write(dir.join("old.mbox"), mails.collect::<String>()).unwrap();
    import(dir, &["old.mbox"]);
    let wanted = ["mail", "answered by you", "you wrote", "answered by a colleague", "a colleague wrote"];
    let told = run(dir, &["history", "acme"]).fine();
    let page = run(dir, &["export", "acme"]).fine();
    let theirs = run(dir, &["export", "acme", "--for-client", "--format", "md"]).fine();
    let entries = run(dir, &["history", "acme", "--json"]).json();
    for (n, ((id, .., subject, _), what)) in letters.iter().zip(wanted).enumerate() {
        let line =
            told.lines().find(|line| line.contains(&format!("(Mon 10:0{n})"))).unwrap_or_else(|| panic!("{told}"));
        assert!(line.contains(&format!(" {what:<26} {subject}  ")), "{id}: {line}");
        let article = page.split("<article").find(|it| it.contains(&format!("Text of {id}."))).unwrap();
        assert!(article.contains(&format!("<p class=\"meta\">{what}</p>")), "{id}: {article}");
        assert_eq!(article.starts_with(" class=\"in\""), n == 0, "{id}: {article}");
        let section = theirs.split("\n## ").find(|it| it.contains(&format!("Text of {id}."))).unwrap();
        assert!(section.contains(if n == 0 { "From you" } else { "From me" }), "{id}: {section}");
        let mail = entry(&entries, |it| it["message_id"] == format!("<{id}@x.example>"));
        let shown = run(dir, &["show", mail["id"].as_str().unwrap()]).fine();
        assert!(shown.contains(&format!("what         {what}\n")), "{id}: {shown}");
    }
}

/// A day of the past is written as in `search after:`, wherever it is asked for.
#[test]
fn a_day_of_the_past_is_written_as_in_a_search() {
    let dir = demo();
    let dir = dir.path();
    fs::write(dir.join("none.mbox"), "").unwrap();
    let entries =
        |since: &str| run(dir, &["history", "acme", "--json", "--since", since]).json().as_array().unwrap().len();
    let all = run(dir, &["history", "acme", "--json"]).json().as_array().unwrap().len();
    assert!(all > 0);
    for (since, some) in [("2000", true), ("2000-01", true), ("2000-01-31", true), ("100y", true), ("2099-01", false)] {
        let begun = entries(since);
        assert_eq!(begun == all, some, "{since}: {begun} of {all}");
        for words in [&["stats", "acme"][..], &["export", "acme", "--format", "md"], &["import", "none.mbox"]] {
            assert_eq!(run(dir, &[words, &["--since", since]].concat()).code, 0, "{words:?} {since}");
        }
    }
    for words in [&["history", "acme"][..], &["stats"], &["export", "acme"], &["import", "none.mbox"]] {
        let said = run(dir, &[words, &["--since", "soon"]].concat()).failed(64);
        assert!(said.contains("\"soon\" is no day") && said.contains("a time ago 30d 6w"), "{words:?}: {said}");
    }
}
