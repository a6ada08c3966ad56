//! `fuseau doctor`, `trust` and `service`: what they see, what they say to do, and that they change nothing.
use crate::support::fake_imap::Imap;
use crate::support::lab::Lab;
use crate::support::program::{Ran, command, demo, run};
use crate::support::smtp_sink::Sink;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A configuration whose one mailbox, studio, is reached as these tables say.
fn house(imap: &str, smtp: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let text = format!(
        "state = \"state\"\n[me]\nname = \"Claire\"\nzone = \"Europe/London\"\nlanguages = [\"en\"]\n[hours]\n\
         mon-fri = [\"09:00-10:00\"]\n[mailbox.studio]\naddress = \"claire@studio.example\"\nmode = \"draft\"\nimap = {{ {imap} }}\n\
         smtp = {{ {smtp} }}\n[client.acme]\ncontacts = [\"anna@acme.example\"]\nzone = \"Asia/Singapore\"\nmode = \"observe\"\n"
    );
    write(&dir.path().join("fuseau.toml"), &text);
    dir
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

fn plain(port: u16) -> String {
    format!("host = \"127.0.0.1\", port = {port}, tls = \"none\", user = \"claire\", password = \"secret\"")
}

/// what -> (level, text, remedy)
fn findings(ran: &Ran) -> BTreeMap<String, (String, String, String)> {
    let value: Value = serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
    let worst = value["findings"].as_array().unwrap().iter().any(|it| it["level"] == "bad");
    assert_eq!((value["ok"] == true, ran.code), (!worst, i32::from(worst)), "{ran:?}");
    let word = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    let rows = value["findings"].as_array().unwrap().iter();
    rows.map(|it| {
        let (level, remedy) = (word(&it["level"]), word(&it["remedy"]));
        assert_eq!(level == "good", remedy.is_empty(), "every trouble has a remedy, and nothing else: {it}");
        (word(&it["what"]), (level, word(&it["text"]), remedy))
    })
    .collect()
}

/// Every file below a folder with its content.
fn everything(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap().flatten() {
        match entry.file_type().unwrap().is_dir() {
            true => found.extend(everything(&entry.path())),
            false => drop(found.insert(entry.path(), fs::read(entry.path()).unwrap_or_default())),
        }
    }
    found
}

fn own_mail(id: &str, results: &str) -> String {
    format!(
        "Authentication-Results: mx.studio.example; {results}\r\nFrom: Claire <claire@studio.example>\r\nTo: anna@acme.example\r\n\
         Subject: Offer\r\nMessage-ID: <{id}@studio.example>\r\nDate: Mon, 23 Nov 2026 07:00:00 +0000\r\n\r\nHello\r\n"
    )
}

#[test]
fn both_servers_are_looked_at_and_nothing_changes() {
    let (imap, sink) = (Imap::start(), Sink::start());
    for (id, results) in
        [("a", "spf=pass smtp.mailfrom=studio.example; dkim=pass; dmarc=fail"), ("forged", "spf=fail; dkim=none")]
    {
        imap.deliver("INBOX", &own_mail(id, results));
    }
    // What lies in Sent was written by the owner; "forged" does not.
    imap.deliver("Sent", &own_mail("a", ""));
    let dir = house(&plain(imap.port), &plain(sink.port));
    let before = (everything(dir.path()), imap.mails("INBOX"), imap.mails("Drafts"));
    let ran = run(dir.path(), &["doctor", "--json"]);
    let found = findings(&ran);
    for (what, level, text) in [
        ("configuration", "good", "1 mailbox, 1 client"),
        ("time-zone data", "good", "20"),
        ("disk", "good", "free"),
        ("database", "good", "none yet"),
        ("studio imap name", "good", "127.0.0.1 has an address"),
        ("studio imap connection", "good", "on this machine only"),
        ("studio mailbox", "good", "logged in"),
        ("studio Sent", "good", "Sent"),
        ("studio capabilities", "good", "IDLE"),
        ("studio quota", "warn", "96 % of 1000 KiB"),
        ("studio authserv-ids", "warn", "mx.studio.example (2 of 2)"),
        ("studio mail sent", "warn", "dmarc fail 1 of 1"),
        ("studio outbox", "good", "nothing was sent"),
        ("clock", "good", "not behind 127.0.0.1"),
        ("service", "warn", "none installed"),
    ] {
        let it = found.get(what).unwrap_or_else(|| panic!("{what}: {found:#?}"));
        assert!(it.0 == level && it.1.contains(text), "{what}: {it:?}");
    }
    assert!(found["studio authserv-ids"].2.contains("trusted_authserv = [\"mx.studio.example\"]"));
    assert!(found["studio mail sent"].1.contains("spf pass 1 of 1"), "the forged one does not count: {found:?}");
    assert!(found["studio mail sent"].2.contains("publish DMARC"));
    assert_eq!((everything(dir.path()), imap.mails("INBOX"), imap.mails("Drafts")), before);
    assert!(sink.accepted().is_empty());
}

#[test]
fn a_clock_that_is_behind_is_seen_in_the_newest_arrival() {
    let (imap, sink) = (Imap::start(), Sink::start());
    imap.deliver_at("INBOX", &own_mail("late", "spf=pass"), "23-Nov-2096 07:47:37 +0000");
    let dir = house(&plain(imap.port), &plain(sink.port));
    let found = findings(&run(dir.path(), &["doctor", "--json"]));
    assert!(found["clock"].0 == "bad" && found["clock"].1.contains("behind 127.0.0.1"), "{found:?}");
}

#[test]
fn what_cannot_be_reached_has_a_remedy_and_does_not_hide_the_rest() {
    let sink = Sink::start();
    // Nobody listens on port 1; the sink speaks no TLS.
    let tls = plain(sink.port).replace("\"none\"", "\"implicit\"");
    let dir = house(&plain(1), &tls);
    let ran = run(dir.path(), &["doctor", "--json"]);
    let found = findings(&ran);
    assert_eq!(ran.code, 1);
    assert!(found["studio imap connection"].2.contains("check host, port and network"), "{found:?}");
    assert!(found["studio smtp connection"].2.contains("tls = \"starttls\""), "{found:?}");
    for what in ["studio mailbox", "studio outbox"] {
        assert!(!found.contains_key(what), "no login is tried after that");
    }
    for what in ["disk", "database", "clock", "service"] {
        assert!(found.contains_key(what), "{what}");
    }
    let told = run(dir.path(), &["doctor"]);
    assert!(
        told.out.contains("✗ studio imap connection") && told.out.contains("-> check host, port and network"),
        "{told:?}"
    );
    assert!(told.err.contains("2 findings must be mended"), "{told:?}");
}

#[test]
fn a_bad_configuration_is_one_finding_among_others() {
    let dir = tempfile::tempdir().unwrap();
    write(&dir.path().join("fuseau.toml"), "[me]\nnmae = \"Claire\"\n");
    let found = findings(&run(dir.path(), &["doctor", "--json"]));
    assert!(found["configuration"].0 == "bad" && found["configuration"].1.contains("nmae"), "{found:?}");
    assert!(found.contains_key("time-zone data"));
}

#[test]
fn real_servers_with_certificates() {
    let Some(lab) = Lab::shared() else { return };
    let owner = lab.person();
    let ca = lab.certificate().display().to_string();
    let with = |port: u16, tls: &str| {
        format!(
            "host = \"localhost\", port = {port}, tls = \"{tls}\", ca_file = \"{ca}\", user = \"{}\", password = \"secret\"",
            owner.name
        )
    };
    let dir = house(&with(lab.port(10993), "implicit"), &with(lab.port(10465), "implicit"));
    let found = findings(&run(dir.path(), &["doctor", "--json"]));
    for server in ["imap", "smtp"] {
        let tls = &found[&format!("studio {server} connection")];
        assert!(tls.1.starts_with("TLS 1.3, certificate until 20"), "{tls:?}");
    }
    // The greeting of Exim names its time.
    assert_eq!(found["clock"].1, "agrees with localhost");
    assert_eq!(found["studio outbox"].1, "logged in; nothing was sent");
}

#[test]
fn the_rungs_and_the_line_that_changes_them() {
    let dir = house(&plain(1), &plain(2));
    let rows = run(dir.path(), &["trust", "--json"]).json();
    let row = |at: usize| {
        let it = &rows["rungs"][at];
        [&it["name"], &it["rung"], &it["next"]].map(|it| it.as_str().unwrap_or("-").to_owned())
    };
    assert_eq!(row(0), ["studio", "draft", "send"]);
    assert_eq!(row(1), ["acme", "observe", "draft"]);
    // Where the lines are, so that an editor can jump there.
    let text = fs::read_to_string(dir.path().join("fuseau.toml")).unwrap();
    for at in 0..2 {
        let number = usize::try_from(rows["rungs"][at]["line"].as_u64().unwrap()).unwrap();
        assert!(text.lines().nth(number - 1).unwrap().starts_with("mode = "), "{rows}");
    }
    let told = run(dir.path(), &["trust", "acme"]).fine();
    assert!(told.contains("nothing seen yet") && told.contains("write mode = \"draft\" in fuseau.toml:"), "{told}");
    let status = run(dir.path(), &["status"]).fine();
    assert!(status.contains("mode in fuseau.toml:10; held lower: acme (observe)"), "{status}");
    let wrong = run(dir.path(), &["trust", "stduio"]).failed(64);
    assert!(wrong.contains("did you mean studio?"), "{wrong}");
    // With a history there are counts.
    let played = demo();
    let rows = run(played.path(), &["trust", "--json"]).json();
    let acme = rows["rungs"].as_array().unwrap().iter().find(|it| it["name"] == "acme").unwrap();
    assert!(acme["received"].as_u64().unwrap() >= 1 && acme["sent"].as_u64().unwrap() >= 1, "{acme}");
    assert!(acme["since"].is_string() && acme["next"].is_null());
}

#[test]
fn a_service_comes_and_goes_without_losing_what_was_changed() {
    if cfg!(target_os = "macos") {
        return;
    }
    let dir = house(
        "host = \"127.0.0.1\", port = 1, tls = \"none\", user = \"c\", password = { credential = \"studio\" }",
        &plain(2),
    );
    let service = |words: &[&str]| run(dir.path(), &[&["service"], words].concat());
    let unit = dir.path().join(".config/systemd/user/fuseau.service");
    let drop_in = dir.path().join(".config/systemd/user/fuseau.service.d/credentials.conf");
    assert!(service(&["install", "--dry-run", "--linger"]).fine().contains("would run: loginctl enable-linger"));
    assert!(!unit.exists());
    let out = service(&["install"]).fine();
    assert!(out.contains("the secret is missing: put it into "), "{out}");
    let shown = service(&["show"]).fine();
    let wanted = format!(
        "{}\n# {}\n{}",
        fs::read_to_string(&unit).unwrap(),
        drop_in.display(),
        fs::read_to_string(&drop_in).unwrap()
    );
    assert_eq!(shown, wanted);
    assert!(wanted.contains("LoadCredential=studio:") && !wanted.contains("/bin/kill"));
    assert!(service(&["install"]).fine().contains("is up to date"));
    // A change of the owner.
    fs::write(&unit, "mine").unwrap();
    assert!(service(&["install"]).failed(1).contains("it is left alone"));
    assert_eq!(fs::read_to_string(&unit).unwrap(), "mine");
    let found = findings(&run(dir.path(), &["doctor", "--json"]));
    assert!(found["service"].1.contains("differs from what this fuseau writes"), "{found:?}");
    assert!(found["service credentials"].1.contains("credentials/studio"), "{found:?}");
    service(&["install", "--replace"]).fine();
    assert_eq!(fs::read_to_string(unit.with_extension("service.old")).unwrap(), "mine");
    assert!(service(&["status", "--json"]).out.contains("\"installed\":true"));
    fs::write(&unit, "mine again").unwrap();
    assert!(service(&["uninstall", "--dry-run"]).fine().contains("would keep"));
    assert!(service(&["uninstall"]).fine().contains("it was changed: kept as"));
    assert!(!unit.exists() && !drop_in.parent().unwrap().exists());
    assert_eq!(fs::read_to_string(unit.with_extension("service.old2")).unwrap(), "mine again");
    assert!(service(&["uninstall"]).fine().contains("is not there"));
    assert!(service(&["install", "--user", "--system"]).err.contains("cannot be used with"));
}

#[test]
fn under_launchd_a_bad_configuration_does_not_loop() {
    let dir = tempfile::tempdir().unwrap();
    write(&dir.path().join("fuseau.toml"), "[me]\nnmae = \"Claire\"\n");
    let under = |label: &str, verb: &str| {
        let ran = command(dir.path()).arg(verb).env("XPC_SERVICE_NAME", label).output().unwrap();
        (ran.status.code().unwrap(), String::from_utf8(ran.stderr).unwrap())
    };
    let (code, said) = under("fuseau", "run");
    assert!(code == 0 && said.contains("nmae") && said.contains("launchctl kickstart"), "{code}: {said}");
    assert_eq!(under("homebrew.mxcl.fuseau", "run").0, 0);
    // A terminal under launchd, and every other command, tell the truth.
    assert_eq!(under("0", "run").0, 78);
    assert_eq!(under("fuseau", "check").0, 78);
}
