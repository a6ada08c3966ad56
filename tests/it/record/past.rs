//! The past of clients who came later, were renamed, or were not alone: contacts that are added, another key, a mail to two,
//! mail that machines made, folders that only an import saw, archives without an order.
use super::{ids, import};
use crate::support::program::{demo, run};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// An mbox of mails: From, To, Message-ID, further fields, text.
fn archive(dir: &Path, mails: &[(&str, &str, &str, &str)]) {
    let mut all = String::new();
    for (n, (from, to, id, more)) in mails.iter().enumerate() {
        all += &format!(
            "From x@y Mon Jan 06 10:00:00 2020\nDate: Mon, 06 Jan 2020 10:{n:02}:00 +0000\nFrom: {from}\nTo: {to}\n\
             Message-ID: <{id}@x.example>\n{more}Content-Type: text/plain; charset=utf-8\n\nAbout {id}.\n\n"
        );
    }
    fs::write(dir.join("past.mbox"), all).unwrap();
}

fn configure(dir: &Path, change: impl FnOnce(String) -> String) {
    let path = dir.join("fuseau.toml");
    let config = fs::read_to_string(&path).unwrap();
    let changed = change(config.clone());
    assert_ne!(changed, config, "nothing was changed");
    fs::write(&path, changed).unwrap();
}

/// The Message-IDs of what is told of a client.
fn told(dir: &Path, client: &str) -> Vec<String> {
    let entries = run(dir, &["history", client, "--json"]).json();
    entries.as_array().unwrap().iter().filter_map(|it| it["message_id"].as_str().map(str::to_owned)).collect()
}

const ME: &str = "claire@studio.example";

#[test]
fn another_key_takes_the_history_along() {
    let dir = demo();
    let dir = dir.path();
    let before = told(dir, "acme");
    assert!(before.len() > 3);
    configure(dir, |config| config.replace("[client.acme]", "[client.acme-pte]"));
    let first = run(dir, &["history", "acme-pte"]);
    assert!(first.err.contains("the client acme is called acme-pte now"), "{}", first.err);
    assert_eq!(told(dir, "acme-pte"), before);
    assert_eq!(
        run(dir, &["search", "client:acme-pte", "--json", "--limit", "50"]).json().as_array().unwrap().len(),
        before.len()
    );
    let stats = run(dir, &["stats", "acme-pte", "--all", "--json"]).json();
    assert_ne!(stats["received"], 0, "{stats}");
    assert!(run(dir, &["verify"]).fine().contains("every entry fits"), "what is sealed names no key");
    let promises = run(dir, &["promises", "--json", "--all"]).json();
    assert!(promises.as_array().unwrap().iter().all(|it| it["client"] != "acme"), "{promises}");
    // Forgetting finds all of it.
    let said = run(dir, &["erase", "acme-pte", "--yes", "--json"]).json();
    assert_eq!(
        (&said["entries"], &said["still_in_files"]),
        (&before.len().into(), &Value::Array(Vec::new())),
        "{said}"
    );
    assert_eq!(run(dir, &["search", "from:anna", "--json"]).json(), Value::Array(Vec::new()));
}

#[test]
fn the_first_mails_of_a_client_who_came_later() {
    let dir = demo();
    let dir = dir.path();
    let kim = "Kim <kim@stranger.example>";
    archive(
        dir,
        &[
            (kim, ME, "ask", "Subject: Would you\n"),
            (ME, kim, "offer", "Subject: Re: Would you\nIn-Reply-To: <ask@x.example>\n"),
            ("someone@else.example", ME, "else", "Subject: Hello\n"),
        ],
    );
    assert_eq!(import(dir, &["past.mbox", "--all"])["new"], 3);
    let client = "\n[client.stranger]\ncontacts = [\"@stranger.example\"]\nzone = \"Asia/Seoul\"\n";
    configure(dir, |config| format!("{config}{client}"));
    assert_eq!(told(dir, "stranger"), ["<ask@x.example>", "<offer@x.example>"]);
    let dossier = run(dir, &["export", "stranger", "--format", "md"]).fine();
    assert!(dossier.contains("About ask.") && dossier.contains("About offer."), "{dossier}");
    // Nothing is promised for it, and nothing goes out.
    assert!(run(dir, &["promises", "--json"]).json().as_array().unwrap().iter().all(|it| it["client"] != "stranger"));
    let said = run(dir, &["erase", "stranger", "--yes"]).fine();
    assert!(said.contains("forgotten: 2 entries"), "{said}");
    assert_eq!(ids(&run(dir, &["search", "\"about ask\"", "--json"]).json()).len(), 0);
    assert_eq!(ids(&run(dir, &["search", "\"about else\"", "--json"]).json()), ["<else@x.example>"]);
}

#[test]
fn a_mail_to_two_clients_is_told_to_both() {
    let dir = demo();
    let dir = dir.path();
    archive(
        dir,
        &[
            (ME, "m@keller.example, anna@acme.example", "both", "Subject: To both\n"),
            (ME, "m@keller.example", "copy", "Cc: anna@acme.example\nSubject: Copied\n"),
        ],
    );
    assert_eq!(import(dir, &["past.mbox"])["new"], 2);
    for client in ["keller", "acme"] {
        let all = told(dir, client);
        for id in ["<both@x.example>", "<copy@x.example>"] {
            assert!(all.iter().any(|it| it == id), "{client}: {all:?}");
        }
        let found = run(dir, &["search", &format!("client:{client} about"), "--json"]).json();
        assert!(ids(&found).contains(&"<both@x.example>"), "{client}: {found}");
        for format in ["md", "mbox", "json"] {
            let dossier = run(dir, &["export", client, "--format", format]).fine();
            assert!(dossier.contains("About both") && dossier.contains("About copy"), "{client} {format}");
        }
    }
    // One of them is forgotten: the other keeps it, and it is said that it names them.
    let said = run(dir, &["erase", "keller", "--yes"]);
    assert!(
        said.out.contains("a mail that is another's too still names them: fuseau show"),
        "{} {}",
        said.out,
        said.err
    );
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(told(dir, "acme").contains(&"<both@x.example>".to_owned()));
    let again = run(dir, &["erase", "m@keller.example", "--yes"]).fine();
    assert!(again.contains("another's too still names them"), "{again}");
}

/// A word about somebody in another client's mail is packed: it is named all the same.
#[test]
fn who_stands_in_the_mail_of_another_is_named() {
    let dir = demo();
    let dir = dir.path();
    let (anna, jo) = ("Anna <anna@acme.example>", "Cc: Jo <jo@trails.example>\nSubject: With Jo\n");
    archive(dir, &[(anna, ME, "with-jo", jo), ("jo@trails.example", ME, "own", "Subject: Mine\n")]);
    import(dir, &["past.mbox"]);
    let said = run(dir, &["erase", "trails", "--yes"]).fine();
    let id = run(dir, &["history", "acme", "--json"]).json();
    let id = id.as_array().unwrap().iter().find(|it| it["message_id"] == "<with-jo@x.example>").unwrap()["id"].clone();
    assert!(said.contains(&format!("fuseau show {}", id.as_str().unwrap())), "{said}");
    assert!(run(dir, &["search", "own", "from:jo", "--json"]).json().as_array().unwrap().is_empty());
}

/// What was said to one client is never another's, whoever goes where.
#[test]
fn who_goes_to_another_client_takes_nothing_along() {
    let dir = demo();
    let dir = dir.path();
    archive(
        dir,
        &[
            ("jo@trails.example", ME, "ask", "Subject: Secret launch\n"),
            (ME, "jo@trails.example", "rate", "Subject: Re: Secret launch\nIn-Reply-To: <ask@x.example>\n"),
        ],
    );
    import(dir, &["past.mbox"]);
    configure(dir, |config| {
        config
            .replace("[\"jo@trails.example\"]", "[\"@trails.example.org\"]")
            .replace("[\"@lapa.example\"]", "[\"@lapa.example\", \"jo@trails.example\"]")
    });
    assert!(told(dir, "trails").len() >= 2);
    assert!(!run(dir, &["export", "lapa", "--for-client", "--format", "md"]).fine().contains("Secret launch"));
    // Gone from the configuration, it can still be forgotten.
    configure(dir, |config| config.replace("[client.trails]", "[client.other]"));
    assert!(told(dir, "other").is_empty());
    assert!(run(dir, &["erase", "trails", "--yes"]).fine().contains("forgotten"));
}

#[test]
fn what_machines_made_waits_for_nobody() {
    let dir = demo();
    let dir = dir.path();
    let anna = "Anna <anna@acme.example>";
    archive(
        dir,
        &[
            (anna, ME, "away", "Auto-Submitted: auto-replied\nSubject: Out of office\n"),
            (anna, ME, "news", "List-Id: <news.acme.example>\nSubject: News\n"),
            (anna, ME, "asked", "Subject: When?\n"),
        ],
    );
    import(dir, &["past.mbox"]);
    let stats = run(dir, &["stats", "acme", "--since", "2020-01-01", "--until", "2020-02-01", "--json"]).json();
    assert_eq!((&stats["received"], &stats["answers"]["waiting"]), (&1.into(), &1.into()), "{stats}");
}

#[test]
fn references_join_in_any_order_and_no_line_is_added() {
    let dir = demo();
    let dir = dir.path();
    let anna = "Anna <anna@acme.example>";
    archive(
        dir,
        &[
            (anna, ME, "later", "References: <parent@x.example>\nSubject: Re: Thirteen\n"),
            (anna, ME, "parent", "Subject: Thirteen\n"),
        ],
    );
    import(dir, &["past.mbox"]);
    let entries = run(dir, &["history", "acme", "--json"]).json();
    let of = |id: &str| {
        let mut all = entries.as_array().unwrap().iter();
        all.find(|it| it["message_id"] == format!("<{id}@x.example>")).unwrap()["conversation"].clone()
    };
    assert_eq!(of("later"), of("parent"));
    // The empty line between two mails of an mbox is nobody's: the bytes are the message's, also after a second round.
    let raw = run(dir, &["show", "<later@x.example>", "--raw"]).fine();
    assert!(raw.ends_with("\n\nAbout later.\n"), "{raw:?}");
    run(dir, &["export", "acme", "--format", "mbox", "--out", "again.mbox"]).fine();
    let other = demo();
    fs::copy(dir.join("again.mbox"), other.path().join("again.mbox")).unwrap();
    import(other.path(), &["again.mbox"]);
    assert_eq!(run(other.path(), &["show", "<later@x.example>", "--raw"]).fine(), raw);
}

/// A clock that went far ahead; one that stood still is in `record::rough`.
#[test]
fn a_date_to_come_is_not_waited_for() {
    let dir = demo();
    let dir = dir.path();
    let mail = "From x@y Mon Jan 06 10:00:00 2020\nDate: Tue, 06 Jan 2099 10:00:00 +0000\nFrom: anna@acme.example\n\
                To: claire@studio.example\nMessage-ID: <ahead@x.example>\nSubject: Ahead\n\nAhead of time\n";
    fs::write(dir.join("past.mbox"), mail).unwrap();
    assert_eq!(import(dir, &["past.mbox"])["new"], 1);
    let entries = run(dir, &["history", "acme", "--json"]).json();
    let it = entries.as_array().unwrap().iter().find(|it| it["message_id"] == "<ahead@x.example>").unwrap();
    assert!(it["at"].as_str().unwrap().starts_with("2020-01-06"), "{it}");
}

#[test]
fn folders_that_only_an_import_saw_are_found_and_named() {
    let dir = demo();
    let dir = dir.path();
    let archive = dir.join("Maildir/.Archive");
    for part in ["cur", "new", "tmp"] {
        fs::create_dir_all(archive.join(part)).unwrap();
    }
    let mail = "Date: Mon, 06 Jan 2020 10:00:00 +0000\r\nFrom: anna@acme.example\r\nTo: claire@studio.example\r\n\
                Message-ID: <filed@x.example>\r\nSubject: Filed\r\n\r\nFiled away\r\n";
    fs::write(archive.join("cur/1578304800.a.h:2,S"), mail).unwrap();
    assert_eq!(import(dir, &["--mailbox", "studio", "--folder", "Archive"])["new"], 1);
    let found = run(dir, &["search", "in:archive", "--json"]).json();
    assert_eq!(ids(&found), ["<filed@x.example>"]);
    let said = run(dir, &["erase", "acme", "--yes"]).fine();
    assert!(said.contains("mailbox studio, folder Archive: 1 message"), "{said}");
    // A second run finds nothing any more, and still knows what lies there.
    let again = run(dir, &["erase", "acme", "--yes"]).fine();
    assert!(again.contains("folder Archive: 1 message of what was erased on"), "{again}");
}
