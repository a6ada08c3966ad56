//! Past mail taken in from a real server: several folders, one message in two of them, a double in one; killed in the
//! middle and begun again; nothing is answered, nothing is touched on the server.
use crate::support::daemon::{AT_ONCE, Daemon, OWNER, client, mailbox};
use crate::support::lab::{Lab, Person};
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Stdio;

/// A mail of long ago, and the day of January that it came.
fn old(from: &str, to: &str, id: &str, more: &str) -> String {
    format!(
        "Date: Mon, 6 Jan 2020 10:00:00 +0000\r\nFrom: {from}\r\nTo: {to}\r\nMessage-ID: <{id}@x.example>\r\nSubject: Matter {id}\r\n\
         {more}\r\nword{id} in the text\r\n"
    )
}

/// Puts a mail into a folder on the disk, as if it had come in January 2020. The server makes its folders itself.
fn put(folder: &Path, name: &str, mail: &str) {
    let path = folder.join("cur").join(format!("1578304800.{name}.lab:2,"));
    fs::write(&path, mail).unwrap();
    let at = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_578_304_800);
    fs::File::options().append(true).open(&path).unwrap().set_modified(at).unwrap();
}

fn setup<'a>(lab: &'a Lab, owner: &Person<'_>, anna: &Person<'_>) -> Daemon<'a> {
    let zone = "zone = \"Asia/Singapore\"\nlanguage = \"en\"";
    Daemon::new(lab, &format!("{OWNER}{AT_ONCE}{}{}", mailbox(lab, owner, "mode = \"send\""), client(anna, zone)))
}

fn import(daemon: &Daemon<'_>, owner: &Person<'_>, words: &[&str]) -> Value {
    daemon.json(&[&["import", "--mailbox", &owner.name], words].concat())
}

/// Names and flags of all files of a mailbox.
fn files(dir: &Path) -> Vec<String> {
    let mut all = Vec::new();
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            all.extend(files(&entry.path()).into_iter().map(|below| format!("{name}/{below}")));
        } else if name.contains(".lab:2,") {
            all.push(name);
        }
    }
    all.sort();
    all
}

#[test]
fn folders_are_imported_once_and_nothing_is_answered() {
    let Some(lab) = Lab::shared() else { return };
    let (owner, anna) = (lab.person(), lab.person());
    let (me, her) = (owner.address(), anna.address());
    let inbox = owner.maildir();
    let mut program = owner.imap();
    program.run("CREATE Archive");
    program.append("Sent", "\\Seen", &old(&me, "somebody@else.example", "elsewhere", ""));
    drop(program);
    let archive = inbox.join(".Archive");
    let both = old(&her, &me, "both", "");
    put(&inbox, "a", &old(&her, &me, "first", ""));
    put(&inbox, "b", &both);
    put(&archive, "c", &both);
    put(&archive, "d", &old(&her, &me, "deep", ""));
    // Twice in one folder, as careless tools leave them.
    put(&archive, "e", &old(&her, &me, "deep", ""));
    put(&archive, "f", &old("stranger@else.example", &me, "other", ""));
    put(&inbox.join(".Sent"), "g", &old(&me, &her, "reply", "In-Reply-To: <first@x.example>\r\n"));
    let before = files(&inbox);
    let daemon = setup(lab, &owner, &anna);
    let first = import(&daemon, &owner, &[]);
    assert_eq!((&first["new"], &first["foreign"]), (&3.into(), &0.into()), "inbox and Sent: {first}");
    let more = import(&daemon, &owner, &["--folder", "INBOX", "--folder", "Archive"]);
    assert_eq!((&more["new"], &more["known"], &more["others"]), (&1.into(), &2.into(), &1.into()), "{more}");
    let again = import(&daemon, &owner, &["--folder", "Archive", "--all"]);
    assert_eq!((&again["new"], &again["known"]), (&1.into(), &3.into()), "{again}");
    let told = daemon.json(&["history", &anna.name]);
    let mut names: Vec<&str> = told.as_array().unwrap().iter().map(|it| it["message_id"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["<both@x.example>", "<deep@x.example>", "<first@x.example>", "<reply@x.example>"]);
    let of =
        |id: &str| told.as_array().unwrap().iter().find(|it| it["message_id"] == id).unwrap()["conversation"].clone();
    assert_eq!(of("<first@x.example>"), of("<reply@x.example>"), "one conversation over two folders");

    // Now the daemon: what was imported is past.
    let mut daemon = daemon;
    daemon.start();
    daemon.settle();
    assert_eq!(daemon.json(&["outbox"]), Value::Array(vec![]));
    assert_eq!(daemon.json(&["promises"]), Value::Array(vec![]));
    assert!(anna.inbox().is_empty(), "nothing was answered");
    assert_eq!(files(&inbox), before, "no flag was set, nothing was moved");
    assert_eq!(daemon.json(&["history", &anna.name]).as_array().unwrap().len(), 4, "and nothing came twice");
}

#[test]
fn an_import_from_a_server_that_is_killed_goes_on() {
    const MAILS: usize = 3000;
    let Some(lab) = Lab::shared() else { return };
    let (owner, anna) = (lab.person(), lab.person());
    let inbox = owner.maildir();
    owner.imap().run("SELECT INBOX");
    for n in 0..MAILS {
        put(&inbox, &format!("{n:05}"), &old(&anna.address(), &owner.address(), &format!("n{n}"), ""));
    }
    let daemon = setup(lab, &owner, &anna);
    let words = ["import", "--mailbox", &owner.name, "--folder", "INBOX"];
    let known = || -> usize {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let Ok(db) = Connection::open_with_flags(daemon.state().join("fuseau.db"), flags) else { return 0 };
        let count = db.query_row("SELECT count(*) FROM exchange", [], |row| row.get::<_, i64>(0));
        usize::try_from(count.unwrap_or(0)).unwrap()
    };
    let mut deaths = 0;
    loop {
        let before = known();
        let mut child = daemon.command(&words).stdout(Stdio::null()).spawn().unwrap();
        while known() == before && child.try_wait().unwrap().is_none() {
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        if deaths == 3 || child.try_wait().unwrap().is_some() {
            assert!(child.wait().unwrap().success());
            break;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        deaths += 1;
    }
    assert!(deaths >= 1, "it was over before it could be killed");
    assert_eq!(known(), MAILS, "nothing twice, nothing missing");
    let rest = import(&daemon, &owner, &["--folder", "INBOX"]);
    assert_eq!((&rest["new"], &rest["read"]), (&0.into(), &0.into()), "{rest}");
    for n in [0, 1499, 2999] {
        let found = daemon.json(&["search", &format!("wordn{n}")]);
        assert_eq!(found[0]["message_id"], format!("<n{n}@x.example>"), "{found}");
    }
    assert!(daemon.say(&["verify"]).contains("every entry fits"));
    assert!(anna.inbox().is_empty());
}
