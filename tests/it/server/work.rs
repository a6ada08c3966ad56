//! Journal and drafts as their owner meets them: notes by mail and by folder, a draft opened, edited and sent with mutt in
//! a terminal, a draft handed over for the client's morning.
use super::occasions::{config, lies, states, the_draft};
use crate::support::daemon::{Daemon, wait_with};
use crate::support::lab::{Lab, Person, wait};
use crate::support::letter::human;
use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::time::Duration;

fn notes(daemon: &Daemon<'_>) -> Vec<String> {
    let all = daemon.json(&["note", "relaunch", "--list"]);
    all.as_array().unwrap().iter().map(|one| one["text"].as_str().unwrap().to_owned()).collect()
}

fn moves(owner: &Person<'_>, from: &str, id: &str, to: &str) {
    let mut program = owner.imap();
    program.run(&format!("SELECT \"{from}\""));
    let found = program.run(&format!("UID SEARCH HEADER Message-ID \"{id}\""));
    let uid = found.lines().find_map(|line| line.strip_prefix("* SEARCH ")).expect("it is there").trim().to_owned();
    program.run(&format!("UID MOVE {uid} \"{to}\""));
}

#[test]
fn the_journal_is_written_from_a_shell_by_mail_and_by_folder() {
    let Some(lab) = Lab::shared() else { return };
    let (owner, anna) = (lab.person(), lab.person());
    let config = config(lab, &owner, &anna).replace("mode = \"draft\"", "mode = \"draft\"\ncommands = true");
    let mut daemon = Daemon::new(lab, &config);
    // Without a daemon.
    daemon.say(&["note", "relaunch", "A first sketch", "--at", "2026-01-02"]);
    daemon.start();
    daemon.say(&["note", "relaunch", "slip of the pen"]);
    daemon.say(&["note", "relaunch", "--undo"]);
    assert_eq!(notes(&daemon), ["A first sketch"]);
    // A mail to oneself, as it lies in Sent, and its copy in the inbox.
    let tagged = owner.address().replace('@', "+relaunch@");
    let own = |id: &str, text: &str| {
        format!(
            "From: <{}>\nTo: <{tagged}>\nSubject: journal\nMessage-ID: <{id}>\nDate: Mon, 4 Jan 2027 10:00:00 +0000\n\
             MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{text}\n\n-- \nClaire Martin\n",
            owner.address()
        )
    };
    let mail = own("n1@studio.example", "Photos are chosen");
    owner.imap().append("Sent", "\\Seen", &mail);
    owner.get(&owner.address(), &mail);
    wait_with(&daemon, "the note from a mail", |it| (notes(it).len() == 2).then_some(()));
    // Somebody else who claims to be the owner.
    owner.get(&anna.address(), &own("n2@evil.example", "Everything is late"));
    daemon.settle();
    assert_eq!(notes(&daemon), ["A first sketch", "Photos are chosen"]);
    // A client's message, moved.
    owner.get(&anna.address(), &human(&anna.address(), &owner.address(), "n3@client.example", "The logo", ""));
    assert!(!daemon.verdict("n3@client.example").0.is_empty());
    moves(&owner, "INBOX", "<n3@client.example>", "Fuseau/Journal/relaunch");
    wait_with(&daemon, "the note from a folder", |it| (notes(it).len() == 3).then_some(()));
    wait("it is back", || owner.folder("Fuseau.Journal.relaunch").is_empty().then_some(()));
    // A folder that names no project gives it back too, with the reason.
    owner.imap().run("CREATE \"Fuseau/Journal/nothing\"");
    daemon.settle();
    moves(&owner, "INBOX", "<n3@client.example>", "Fuseau/Journal/nothing");
    wait("it is back", || owner.folder("Fuseau.Journal.nothing").is_empty().then_some(()));
    daemon.settle();
    assert_eq!(notes(&daemon).len(), 3);
    let digest = daemon.say(&["digest"]);
    assert!(digest.contains("Journal"), "{digest}");
}

#[test]
fn a_draft_is_handed_over_and_leaves() {
    let Some(lab) = Lab::shared() else { return };
    let (owner, anna) = (lab.person(), lab.person());
    let config = config(lab, &owner, &anna).replace("mode = \"draft\"", "mode = \"draft\"\ncommands = true");
    // `Their morning` needs a clock that is passed: simulation/quarter.rs.
    let daemon = Daemon::run(lab, &config);
    let draft = the_draft(&owner);
    lies(&daemon);
    moves(&owner, "Drafts", &draft.header("Message-ID"), "Fuseau/Send now");
    assert_eq!(anna.wait_for(1)[0].subject(), draft.subject());
    daemon.settle();
    assert_eq!(states(&daemon), ["sent"]);
    assert!(owner.folder("Drafts").is_empty());
    assert!(daemon.json(&["project", "relaunch"])["last_update"].is_string());
}

/// mutt recalls the draft, an editor adds a line, mutt sends it and files its copy.
#[test]
fn mutt_opens_edits_and_sends_a_draft() {
    let Some(lab) = Lab::shared() else { return };
    if [["mutt", "-v"], ["script", "--version"]].iter().any(|[name, ask]| Command::new(name).arg(ask).output().is_err())
    {
        assert!(std::env::var("CI").is_err(), "this test needs mutt and script");
        return eprintln!("SKIPPED: mutt or script is not installed");
    }
    let (owner, anna) = (lab.person(), lab.person());
    let daemon = Daemon::run(lab, &config(lab, &owner, &anna));
    let draft = the_draft(&owner);
    lies(&daemon);
    mutt(lab, &owner, "I look forward to the fair in March with you.");
    let sent = wait("the copy in Sent", || owner.folder("Sent").pop());
    assert!(sent.text().contains("the fair in March") && sent.subject() == draft.subject(), "{}", sent.raw);
    assert_eq!(anna.wait_for(1)[0].subject(), draft.subject());
    wait("mutt has removed the draft", || owner.folder("Drafts").is_empty().then_some(()));
    daemon.settle();
    assert_eq!(states(&daemon), ["sent"]);
    let project = daemon.json(&["project", "relaunch"]);
    let updates = project["next"].as_array().unwrap().iter().filter(|one| one["kind"] == "progress").count();
    assert!(project["last_update"].is_string() && updates == 1, "{project}");
    // What the owner made of it is what the history shows.
    let history = daemon.json(&["history", &anna.name]);
    let shown = daemon.say(&["show", history[0]["id"].as_str().unwrap()]);
    assert!(shown.contains("the fair in March"), "{shown}");
}

fn mutt(lab: &Lab, owner: &Person<'_>, line: &str) {
    let home = tempfile::tempdir().unwrap();
    let (imap, smtp) = (lab.port(10143), lab.port(10587));
    let editor = home.path().join("edit");
    fs::write(&editor, format!("#!/bin/sh\nprintf '{line}\\n' >> \"$1\"\n")).unwrap();
    fs::set_permissions(&editor, fs::Permissions::from_mode(0o700)).unwrap();
    let (user, address) = (&owner.name, owner.address());
    let settings = format!(
        "set from=\"{address}\"\nset realname=\"Claire Martin\"\nset folder=\"imap://{user}:secret@127.0.0.1:{imap}/\"\n\
         set spoolfile=\"+INBOX\"\nset postponed=\"+Drafts\"\nset record=\"+Sent\"\n\
         set smtp_url=\"smtp://{user}:secret@127.0.0.1:{smtp}/\"\nset ssl_starttls=no\nset ssl_force_tls=no\n\
         set smtp_authenticators=\"plain:login\"\nset editor=\"{}\"\nset recall=yes\nset confirmappend=no\n\
         set autoedit=yes\nset abort_unmodified=no\nset copy=yes\nset hostname=\"lab.example\"\n",
        editor.display()
    );
    let (rc, screen) = (home.path().join("muttrc"), home.path().join("screen"));
    fs::write(&rc, settings).unwrap();
    let mut terminal = Command::new("script");
    terminal.args(["-qfec", &format!("mutt -F {} -p", rc.display()), "/dev/null"]);
    terminal.env("HOME", home.path()).env("TERM", "xterm").env("LANG", "C.UTF-8");
    terminal.stdin(Stdio::piped()).stdout(File::create(&screen).unwrap()).stderr(Stdio::null());
    let mut running = terminal.spawn().unwrap();
    let mut keys = running.stdin.take().unwrap();
    let shows = |words: &str| String::from_utf8_lossy(&fs::read(&screen).unwrap_or_default()).contains(words);
    wait("mutt shows the letter before sending", || shows("Mutt: Compose").then_some(()));
    let mut ended = None;
    for _ in 0..100 {
        let _ = keys.write_all(if shows("Mail sent") { b"q" } else { b"y" });
        std::thread::sleep(Duration::from_millis(200));
        ended = running.try_wait().unwrap();
        if ended.is_some() {
            break;
        }
    }
    let _ = running.kill();
    let _ = running.wait();
    assert!(ended.is_some(), "mutt did not end: {}", String::from_utf8_lossy(&fs::read(&screen).unwrap()));
}
