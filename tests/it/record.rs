//! The written history from outside: importing, searching, reading, handing over, proving, restoring, forgetting. What
//! other programs read of it: record/readers.rs; damage, versions, erased bytes: record/proofs.rs; full disks, giants,
//! broken archives: record/rough.rs; the timeline and `--since`: record/told.rs; notes and visits: record/jotted.rs; what
//! a client is handed, and what not: record/handed.rs; long texts: record/long.rs; the past of clients who came later or
//! were not alone: record/past.rs; where nothing may be written: record/places.rs.
mod handed;
mod jotted;
mod long;
mod past;
mod places;
mod proofs;
mod readers;
mod rough;
mod told;

pub(crate) use long::letter as long_letter;

use crate::support::program::{command, demo, run};
use fuseau::store::Store;
use serde_json::Value;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// An mbox of `n` messages, half of them of a client, a day apart, from 2020 on.
fn mbox(n: usize) -> String {
    let mut text = String::new();
    for i in 0..n {
        let at = chrono::DateTime::from_timestamp(1_580_000_000 + i64::try_from(i).unwrap() * 3600, 0).unwrap();
        let who = if i % 2 == 0 { "Anna <anna@acme.example>" } else { "someone@else.example" };
        write!(
            text,
            "From x@y {}\nDate: {}\nFrom: {who}\nTo: claire@studio.example\nMessage-ID: <old-{i}@acme.example>\n\
             Subject: Old matter {i}\nContent-Type: text/plain; charset=utf-8\n\nUnique{i:05} décalage horaire.\n>From here on\n\n",
            at.format("%a %b %e %H:%M:%S %Y"),
            at.to_rfc2822()
        )
        .unwrap();
    }
    text
}

fn counts(dir: &Path) -> (u64, u64) {
    let status = run(dir, &["status", "--json"]).json();
    (status["open_promises"].as_u64().unwrap(), status["queued"].as_u64().unwrap())
}

fn import(dir: &Path, words: &[&str]) -> Value {
    run(dir, &[&["import", "--json"], words].concat()).json()
}

fn ids(found: &Value) -> Vec<&str> {
    found.as_array().unwrap().iter().map(|it| it["message_id"].as_str().unwrap()).collect()
}

#[test]
fn an_archive_is_imported_once_and_answers_nothing() {
    let dir = demo();
    fs::write(dir.path().join("old.mbox"), mbox(450)).unwrap();
    let before = counts(dir.path());
    let first = import(dir.path(), &["old.mbox"]);
    assert_eq!((&first["read"], &first["new"], &first["others"]), (&450.into(), &225.into(), &225.into()));
    assert_eq!(counts(dir.path()), before, "nothing is promised and nothing waits");
    assert_eq!(import(dir.path(), &["old.mbox"])["new"], 0);
    // The same messages from somewhere else, and those of strangers only when they are asked for.
    fs::copy(dir.path().join("old.mbox"), dir.path().join("copy.mbox")).unwrap();
    let again = import(dir.path(), &["copy.mbox"]);
    assert_eq!((&again["new"], &again["known"]), (&0.into(), &225.into()));
    assert_eq!(import(dir.path(), &["old.mbox", "--all"])["new"], 225);
    // It is found, told without a verdict, and never kept a promise.
    let found = run(dir.path(), &["search", "unique00042 DECALAGE", "--json"]).json();
    assert_eq!(ids(&found), ["<old-42@acme.example>"]);
    assert_eq!((&found[0]["verdict"], &found[0]["client"]), (&Value::Null, &"acme".into()));
    let shown = run(dir.path(), &["show", "<old-42@acme.example>"]).fine();
    assert!(shown.contains("Unique00042 décalage horaire.\nFrom here on"), "{shown}");
    let raw = run(dir.path(), &["show", "<old-42@acme.example>", "--raw"]).fine();
    assert!(raw.starts_with("Date: ") && raw.contains("\nFrom here on\n"), "{raw}");
    assert!(run(dir.path(), &["verify"]).fine().contains("every entry fits"));
}

#[test]
fn an_import_that_is_killed_goes_on() {
    let dir = demo();
    fs::write(dir.path().join("old.mbox"), mbox(4000)).unwrap();
    let state = dir.path().join("state");
    let entries = || {
        let store = Store::open_read_only(&state).unwrap();
        store.read_blocking(|r| r.history("acme")).unwrap().len()
    };
    let before = entries();
    let mut child = command(dir.path()).args(["import", "old.mbox"]).stdout(Stdio::null()).spawn().unwrap();
    while entries() == before && child.try_wait().unwrap().is_none() {
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let halfway = entries();
    assert!(halfway > before && halfway < before + 2000, "{halfway} of 2000: killed too late to show anything");
    let rest = import(dir.path(), &["old.mbox"]);
    assert_eq!(entries(), before + 2000);
    assert!(rest["read"].as_u64().unwrap() < 4000, "it went on: {rest}");
    assert_eq!(rest["known"], 0, "nothing was read twice: {rest}");
}

#[test]
fn a_folder_with_foreign_files_and_odd_mail() {
    let dir = demo();
    let old = dir.path().join("old");
    for folder in ["cur", "new", "tmp", ".Sent/cur", ".Sent/new"] {
        fs::create_dir_all(old.join(folder)).unwrap();
    }
    let put = |name: &str, bytes: &[u8]| fs::write(old.join(name), bytes).unwrap();
    let mail = |id: &str, from: &str, to: &str, more: &str, body: &[u8]| {
        let head = format!(
            "Date: Mon, 6 Jan 2020 10:00:00 +0000\r\nFrom: {from}\r\nTo: {to}\r\nMessage-ID: <{id}@x.example>\r\n{more}\r\n"
        );
        [head.as_bytes(), body].concat()
    };
    let (anna, me) = ("anna@acme.example", "claire@studio.example");
    put("cur/1578304800.a.h:2,S", &mail("root", anna, me, "Subject: Ancient\r\n", b"first"));
    // The answer in Sent is older by its name: threads are joined in any order.
    put(
        ".Sent/cur/1578304700.b.h:2,S",
        &mail("reply", me, anna, "Subject: Re: Ancient\r\nIn-Reply-To: <root@x.example>\r\n", b"second"),
    );
    put(
        "cur/1578304900.c.h",
        &mail(
            "odd",
            anna,
            me,
            "Subject: =?nope?q?Odd?=\r\nContent-Type: text/plain; charset=nope\r\n",
            b"\xe9\x00 broken \xe9t\xe9",
        ),
    );
    put("cur/1578305000.d.h", b"\x89PNG\r\n\x1a\n");
    put("cur/notes.txt", b"no mail at all");
    put("new/1578305100.e.h", b"");
    let said = run(dir.path(), &["import", "old"]).fine();
    assert!(said.contains("3 new in the history") && said.contains("3 are no mail"), "{said}");
    assert!(said.contains("notes.txt"), "{said}");
    let history = run(dir.path(), &["history", "acme", "--json"]).json();
    let of = |id: &str| {
        let it = history.as_array().unwrap().iter().find(|it| it["message_id"] == format!("<{id}@x.example>")).unwrap();
        (it["conversation"].clone(), it["direction"].as_str().unwrap().to_owned())
    };
    assert_eq!(of("root").0, of("reply").0, "one conversation");
    assert_eq!((of("root").1, of("reply").1), ("in".to_owned(), "out".to_owned()));
    assert_eq!(ids(&run(dir.path(), &["search", "broken", "--json"]).json()), ["<odd@x.example>"]);
    // New mail is the daemon's.
    let today = fuseau::system::Clock::System.now().to_rfc2822();
    let fresh = format!("Date: {today}\r\nFrom: {anna}\r\nTo: {me}\r\nMessage-ID: <fresh@x.example>\r\n\r\nnew\r\n");
    fs::write(dir.path().join("fresh.eml"), fresh).unwrap();
    assert_eq!(import(dir.path(), &["fresh.eml"])["recent"], 1);
}

#[test]
fn wrong_archives_and_wrong_questions_say_what_to_do() {
    let dir = demo();
    fs::write(dir.path().join("a.gz"), b"\x1f\x8b\x08\x00rubbish").unwrap();
    fs::write(dir.path().join("a.txt"), "no mail\n").unwrap();
    for (words, code, says) in [
        (&["import", "a.gz"][..], 1, "gunzip"),
        (&["import", "a.txt"], 1, "From SENDER DATE"),
        (&["import", "none.mbox"], 1, "no such file"),
        (&["import"], 64, "`--mailbox NAME` fetches from the server"),
        (&["history", "anna@acme.example"], 64, "it is an address of acme"),
        (&["export", "anna@acme.example"], 64, "it is an address of acme"),
        (&["import", "--mailbox", "nobody"], 64, "there are: studio"),
        (&["import", "a.txt", "--since", "soon"], 64, "2027-01-31"),
        (&["import", "--mailbox", "studio", "--folder", "Nowhere"], 1, "there are: INBOX"),
        (&["search", "logo \"trade"], 64, "     ^"),
        (&["search", "form:anna"], 64, "did you mean from:anna?"),
        (&["search", "client:keler"], 64, "client:keller"),
        (&["search", "after:soon"], 64, "2027-01-31"),
        (&["search", "is:red"], 64, "is:open"),
        (&["search", "has:teeth"], 64, "has:attachment"),
        (&["search", "logo kind:mial"], 64, "did you mean kind:mail?"),
        (&["search", "logo kind:zebra"], 64, "there are: mail, automatic"),
        (&["search", "logo AND"], 64, "leave AND out"),
        (&["import", "/dev/null"], 64, "neither a file nor a folder"),
        (&["search", "logo", "--limit", "0"], 64, "1..=1000"),
        (&["show", "<none@x.example>"], 1, "fuseau search"),
        (&["export", "keler"], 64, "did you mean keller?"),
        (&["restore", "a.txt"], 1, "belongs to another program"),
        (&["backup", "state"], 64, "name a file"),
        (&["backup", "state/fuseau.db"], 64, "the history itself"),
        (&["erase", "keler"], 64, "did you mean keller?"),
    ] {
        let err = run(dir.path(), words).failed(code);
        assert!(err.contains(says), "{words:?}: {err}");
    }
}

#[test]
fn a_mailbox_is_imported_through_the_daemons_own_door() {
    let dir = demo();
    let box_of = |name: &str| dir.path().join("Maildir").join(name);
    let old = "Date: Mon, 6 Jan 2020 10:00:00 +0000\nFrom: anna@acme.example\nTo: claire@studio.example\nMessage-ID: <deep@x.example>\nSubject: Deep\n\nwell hidden\n";
    fs::create_dir_all(box_of(".Archive/cur")).unwrap();
    fs::create_dir_all(box_of(".Archive/new")).unwrap();
    fs::write(box_of(".Archive/cur/1578304800.z.h:2,S"), old).unwrap();
    let asked = ["--mailbox", "studio", "--folder", "Archive"];
    assert_eq!(import(dir.path(), &asked)["new"], 1);
    let again = import(dir.path(), &asked);
    assert_eq!((&again["new"], &again["read"]), (&0.into(), &0.into()), "only what is new is fetched");
    assert_eq!(ids(&run(dir.path(), &["search", "hidden", "--json"]).json()), ["<deep@x.example>"]);
}

/// One writer at a time: an import and the daemon take turns, and the daemon indexes nothing that search would miss.
#[test]
fn an_import_runs_beside_the_daemon() {
    let dir = demo();
    let config = fs::read_to_string(dir.path().join("fuseau.toml")).unwrap();
    fs::write(dir.path().join("fuseau.toml"), config.replace("\"send\"", "\"observe\"")).unwrap();
    fs::write(dir.path().join("old.mbox"), mbox(600)).unwrap();
    let mut daemon = command(dir.path()).arg("run").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while run(dir.path(), &["status", "--json"]).json()["mailboxes"][0]["connected"] != true {
        assert!(daemon.try_wait().unwrap().is_none(), "the daemon ended");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert_eq!(import(dir.path(), &["old.mbox"])["new"], 300);
    assert_eq!(ids(&run(dir.path(), &["search", "unique00042", "--json"]).json()), ["<old-42@acme.example>"]);
    assert!(run(dir.path(), &["verify"]).fine().contains("every entry fits"));
    run(dir.path(), &["backup", "copy.db"]).fine();
    assert!(run(dir.path(), &["restore", "copy.db"]).failed(75).contains("stop it first"));
    let said = run(dir.path(), &["erase", "acme", "--yes"]).fine();
    assert!(said.contains("none is left in"), "{said}");
    assert!(daemon.try_wait().unwrap().is_none(), "the daemon goes on");
    daemon.kill().unwrap();
    daemon.wait().unwrap();
}

#[test]
fn filters_and_passages() {
    let dir = demo();
    let search = |query: &str| run(dir.path(), &["search", query, "--json"]).json();
    assert_eq!(ids(&search("is:open")), ["<map@trails.example>"]);
    assert!(ids(&search("client:keller REUNION")).contains(&"<reunion@keller.example>"));
    assert_eq!(search("from:keller after:2027-01-13"), Value::Array(vec![]));
    assert_eq!(search("reunion before:2027-01-01"), Value::Array(vec![]));
    assert!(search("kind:acknowledgement").as_array().unwrap().len() >= 4);
    assert!(
        search("in:sent -kind:acknowledgement -kind:holding is:out")
            .as_array()
            .unwrap()
            .iter()
            .all(|it| it["kind"] == "mail")
    );
    let found = run(dir.path(), &["search", "plage reponse"]).fine();
    assert!(found.contains("[plage] de [réponse]"), "{found}");
}

/// Another program reads the dossier back: the messages, and the chain by what the dossier itself says.
#[test]
fn a_dossier_is_read_and_checked_without_fuseau() {
    let dir = demo();
    fs::write(dir.path().join("old.mbox"), mbox(6)).unwrap();
    import(dir.path(), &["old.mbox"]);
    let said = run(dir.path(), &["export", "acme", "--format", "mbox", "--out", "acme.mbox"]).fine();
    assert!(said.contains("acme.mbox"), "{said}");
    run(dir.path(), &["export", "acme", "--format", "json", "--out", "acme.json"]).fine();
    run(dir.path(), &["export", "acme", "--for-client", "--format", "json", "--out", "theirs.json"]).fine();
    let script = r#"
import hashlib, json, mailbox, sys
box = mailbox.mbox("acme.mbox")
print(len(box), sorted(m["Message-ID"] for m in box if "old-" in m["Message-ID"]))
print([m.get_payload() for m in box if m["Message-ID"] == "<old-2@acme.example>"][0].count("\n>From here on\n"))
for name in ["acme.json", "theirs.json"]:
    dossier = json.load(open(name))
    head = bytes(32)
    seals = sorted((e["seal"]["number"], e["seal"]["sha256"], e["seal"]["record"]) for e in dossier["entries"] if e["seal"])
    for number, content, record in seals:
        if record:
            assert hashlib.sha256(record.encode()).hexdigest() == content, number
        head = hashlib.sha256(head + bytes.fromhex(content)).digest()
    print(name, len(seals), head.hex() == dossier["chain"]["head"])
"#;
    let ran = Command::new("python3").args(["-c", script]).current_dir(dir.path()).output();
    let Ok(ran) = ran else {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "python3 is missing");
        eprintln!("skipped: python3 is not here");
        return;
    };
    let told = String::from_utf8_lossy(&ran.stdout).into_owned();
    let lines: Vec<&str> = told.lines().collect();
    let entries = run(dir.path(), &["history", "acme", "--json"]).json().as_array().unwrap().len();
    let want = format!("{entries} ['<old-0@acme.example>', '<old-2@acme.example>', '<old-4@acme.example>']");
    assert_eq!(lines[0], want, "{}", String::from_utf8_lossy(&ran.stderr));
    assert_eq!(lines[1], "1", "a line that begins with From is quoted");
    // Without the one that is forged in their name.
    assert_eq!(lines[2..], [format!("acme.json {entries} True"), format!("theirs.json {} True", entries - 1)]);
}

#[test]
fn what_is_handed_over_is_safe_whole_and_theirs() {
    let dir = demo();
    let nasty = "Date: Mon, 6 Jan 2020 10:00:00 +0000\nFrom: \"<b>Anna\" <anna@acme.example>\nTo: claire@studio.example\n\
                 Message-ID: <nasty@x.example>\nSubject: <script>alert(1)</script> \"'& | # *x*\n\n\
                 <img src=http://evil.example/x>\n</div></article><script>x</script>\n=cmd()\n";
    fs::write(dir.path().join("nasty.eml"), nasty).unwrap();
    import(dir.path(), &["nasty.eml"]);
    let page = run(dir.path(), &["export", "acme"]).fine();
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{page}");
    for evil in ["<script", "<img", "<a ", "<link", "url(", "@import", "<b>"] {
        assert!(!page.contains(evil), "{evil} in the page");
    }
    assert!(page.contains("default-src 'none'") && page.contains("@media print"));
    // In their language and zone, without what is internal.
    let theirs = run(dir.path(), &["export", "keller", "--for-client"]).fine();
    assert!(theirs.contains("<html lang=\"fr\">") && theirs.contains("Europe/Zurich"), "{theirs}");
    assert!(theirs.contains("Réponse promise au plus tard mardi 12 janvier 2027, 10 h 30"), "{theirs}");
    let json = run(dir.path(), &["export", "keller", "--for-client", "--format", "json"]).fine();
    for internal in ["verdict", "client.known", "\"mailbox\": \"", "dropped", "observed"] {
        assert!(!json.contains(internal), "{internal} is the owner's business");
    }
    let csv = run(dir.path(), &["export", "acme", "--format", "csv"]).fine();
    assert!(csv.starts_with("id,at,local,") && csv.contains("\"<script>alert(1)</script> \"\"'& | # *x*\""), "{csv}");
    let md = run(dir.path(), &["export", "acme", "--format", "md"]).fine();
    assert!(md.contains("## \\<script\\>alert(1)") && md.contains("\n    </div></article>"), "{md}");
    let access = run(dir.path(), &["export", "m.keller@keller.example", "--subject-access"]).fine();
    let access: Value = serde_json::from_str(&access).unwrap();
    assert_eq!(access["entries"].as_array().unwrap().len(), 4);
    assert_eq!(access["stored_about_you"]["configuration"]["key"], "keller");
}

/// Notes of the journal stand where they belong in time, and are the owner's own.
#[test]
fn notes_stand_in_the_timeline() {
    let dir = demo();
    let config = fs::read_to_string(dir.path().join("fuseau.toml")).unwrap();
    let project = "\n[project.relaunch]\ntitle = \"Relaunch\"\nclient = \"acme\"\n";
    fs::write(dir.path().join("fuseau.toml"), config + project).unwrap();
    fs::write(dir.path().join("old.mbox"), mbox(4)).unwrap();
    import(dir.path(), &["old.mbox"]);
    run(dir.path(), &["note", "relaunch", "Sketches are done", "--at", "2020-06-01"]).fine();
    let told = run(dir.path(), &["history", "acme"]).fine();
    let place = |text: &str| told.find(text).unwrap_or_else(|| panic!("{text}: {told}"));
    assert!(place("Old matter 2") < place("Sketches are done"), "{told}");
    assert!(place("Sketches are done") < place("Logo files"), "{told}");
    assert!(told.contains("journal                Relaunch"), "{told}");
    assert!(!run(dir.path(), &["history", "acme", "--since", "2020-07-01"]).fine().contains("Sketches"));
    assert!(!run(dir.path(), &["history", "acme", "--limit", "1"]).fine().contains("Sketches"));
    assert!(run(dir.path(), &["history", "acme", "--threads"]).fine().contains("Sketches"));
    assert!(!run(dir.path(), &["export", "acme", "--for-client"]).fine().contains("Sketches"));
    let access = run(dir.path(), &["export", "acme", "--subject-access"]).fine();
    let access: Value = serde_json::from_str(&access).unwrap();
    assert_eq!(access["stored_about_you"]["notes"][0]["text"], "Sketches are done");
    assert_eq!(access["stored_about_you"]["configuration"]["contacts"], serde_json::json!(["@acme.example"]));
    assert!(run(dir.path(), &["erase", "acme", "--yes"]).fine().contains("none is left in"));
    assert!(!run(dir.path(), &["history", "acme"]).fine().contains("Sketches"));
}

#[test]
fn what_is_asked_for_is_what_is_taken() {
    let dir = demo();
    let text = mbox(48);
    fs::write(dir.path().join("old.mbox"), &text).unwrap();
    // From 26 January 2020 on, an hour apart.
    let since = import(dir.path(), &["old.mbox", "--since", "2020-01-27"]);
    let (older, new) = (since["older"].as_u64().unwrap(), since["new"].as_u64().unwrap());
    assert!(older > 10 && new > 10, "{since}");
    assert_eq!(import(dir.path(), &["old.mbox"])["new"].as_u64().unwrap() + new, 24, "the rest comes without it");
    // A folder of archives of several kinds.
    fs::create_dir_all(dir.path().join("all/years")).unwrap();
    fs::write(dir.path().join("all/years/2020.mbox"), text.replace("<old-", "<again-")).unwrap();
    let (head, body) = text.split_once("\n\n").unwrap();
    let one = format!("{}\n\n{}", head.split_once('\n').unwrap().1, body.split("\n\n").next().unwrap());
    fs::write(dir.path().join("all/one.eml"), one.replace("<old-", "<single-")).unwrap();
    let folder = import(dir.path(), &["all"]);
    assert_eq!((&folder["read"], &folder["new"]), (&49.into(), &25.into()), "{folder}");
}

/// On a terminal a bar shows how far it is and how fast; elsewhere nothing of it.
#[test]
fn a_terminal_shows_how_far_an_import_is() {
    if !readers::installed("script", "--version") {
        return;
    }
    let dir = demo();
    fs::write(dir.path().join("old.mbox"), mbox(6000)).unwrap();
    let line = format!("{} import old.mbox", env!("CARGO_BIN_EXE_fuseau"));
    let mut terminal = Command::new("script");
    terminal.args(["-qfec", &line, "/dev/null"]).current_dir(dir.path()).env("HOME", dir.path()).stdin(Stdio::null());
    let screen = String::from_utf8_lossy(&terminal.output().unwrap().stdout).into_owned();
    for part in ["importing  [", "%", "messages", "/s", "3,000 new in the history"] {
        assert!(screen.contains(part), "{part}: {screen}");
    }
}

#[test]
fn a_quiet_change_is_named() {
    let dir = demo();
    assert!(run(dir.path(), &["verify"]).fine().contains("every entry fits"));
    run(dir.path(), &["backup", "good.db"]).fine();
    let id = run(dir.path(), &["history", "keller", "--json"]).json()[0]["id"].as_str().unwrap().to_owned();
    let change = rusqlite::Connection::open(dir.path().join("state/fuseau.db")).unwrap();
    change.execute("UPDATE exchange SET subject = 'What was never said' WHERE id = ?", [&id]).unwrap();
    drop(change);
    let err = run(dir.path(), &["verify"]).failed(1);
    assert!(err.contains("was changed after it was sealed") && err.contains(&id), "{err}");
    assert!(run(dir.path(), &["verify", "good.db"]).fine().contains("every entry fits"));
    // Back to the copy; what was there is kept.
    let said = run(dir.path(), &["restore", "good.db"]).fine();
    assert!(said.contains("fuseau.db.replaced-"), "{said}");
    assert!(run(dir.path(), &["verify"]).fine().contains("every entry fits"));
    assert!(!run(dir.path(), &["search", "reunion"]).fine().contains("never said"));
}

#[test]
fn a_damaged_history_is_read_as_far_as_it_goes_and_restored() {
    let dir = demo();
    fs::write(dir.path().join("old.mbox"), mbox(200)).unwrap();
    import(dir.path(), &["old.mbox"]);
    run(dir.path(), &["backup", "good.db"]).fine();
    let path = dir.path().join("state/fuseau.db");
    let mut bytes = fs::read(&path).unwrap();
    // In several places: a damaged index alone would not be missed in a copy.
    for part in 1..8 {
        let at = bytes.len() * part / 8 / 4096 * 4096;
        bytes[at..at + 4096].fill(0xa5);
    }
    fs::write(&path, &bytes).unwrap();
    let err = run(dir.path(), &["run"]).failed(78);
    assert!(err.contains("the database is damaged") && err.contains("fuseau restore FILE"), "{err}");
    assert_eq!(run(dir.path(), &["backup", "bad.db"]).code, 1, "a damaged copy is no copy");
    run(dir.path(), &["restore", "good.db"]).fine();
    assert!(run(dir.path(), &["verify"]).fine().contains("every entry fits"));
}

#[test]
fn a_client_is_forgotten_and_the_files_prove_it() {
    let dir = demo();
    fs::write(dir.path().join("old.mbox"), mbox(60)).unwrap();
    import(dir.path(), &["old.mbox"]);
    run(dir.path(), &["search", "unique00002"]).fine();
    run(dir.path(), &["backup", "state/backups/before.db"]).fine();
    let would = run(dir.path(), &["erase", "acme"]).fine();
    assert!(would.contains("this would forget") && would.contains("anna@acme.example"), "{would}");
    assert!(!run(dir.path(), &["history", "acme", "--json"]).json().as_array().unwrap().is_empty(), "only said");
    let said = run(dir.path(), &["erase", "acme", "--yes"]).fine();
    for part in
        ["none is left in", "folder INBOX", "before.db: delete it", "the configuration still has the client acme"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    for name in ["fuseau.db", "fuseau.db-wal", "search.db", "search.db-wal"] {
        let bytes = fs::read(dir.path().join("state").join(name)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        for canary in ["anna@acme", "unique00002", "nique0001", "old-42@acme"] {
            assert!(!text.contains(canary), "{canary} is still in {name}");
        }
    }
    assert_eq!(run(dir.path(), &["history", "acme", "--json"]).json(), Value::Array(vec![]));
    assert_eq!(run(dir.path(), &["search", "unique00002", "--json"]).json(), Value::Array(vec![]));
    assert!(run(dir.path(), &["verify"]).fine().contains("of them erased"));
    assert!(!run(dir.path(), &["history", "keller", "--json"]).json().as_array().unwrap().is_empty(), "others stay");
}
