//! Servers that go away and folders that are numbered anew.
use crate::support::daemon::{AT_ONCE, Daemon, OWNER, client, mailbox, wait_with};
use crate::support::lab::{Lab, Person};
use crate::support::letter::human;

const ABROAD: &str = "zone = \"Asia/Singapore\"\nlanguage = \"en\"";

fn ask(owner: &Person<'_>, anna: &Person<'_>, id: &str) {
    owner.get(&anna.address(), &human(&anna.address(), &owner.address(), id, &format!("About {id}"), ""));
}

fn validity(owner: &Person<'_>) -> String {
    let text = owner.imap().run("STATUS INBOX (UIDVALIDITY)");
    text.split("UIDVALIDITY ").nth(1).unwrap().split(')').next().unwrap().to_owned()
}

/// Takes from the server its list of numbers, as a restored backup or a moved mailbox does.
fn renumber(owner: &Person<'_>) {
    let before = validity(owner);
    for file in std::fs::read_dir(owner.maildir()).unwrap().flatten() {
        let name = file.file_name().into_string().unwrap();
        if name.starts_with("dovecot.index") || name == "dovecot-uidlist" {
            let _ = std::fs::remove_file(file.path());
        }
    }
    assert_ne!(before, validity(owner));
}

#[test]
fn a_folder_numbered_anew_brings_nothing_back() {
    let Some(lab) = Lab::shared() else { return };
    let (owner, anna) = (lab.person(), lab.person());
    let replies = format!("{AT_ONCE}min_interval = \"0s\"\nper_sender_day = 100\n");
    let config = [OWNER, &replies, &mailbox(lab, &owner, "mode = \"send\""), &client(&anna, ABROAD)].concat();
    ask(&owner, &anna, "before@client.example");
    let mut daemon = Daemon::run(lab, &config);
    ask(&owner, &anna, "first@client.example");
    anna.wait_for(1);

    // While nothing runs.
    daemon.stop();
    renumber(&owner);
    daemon.start();
    daemon.settle();
    ask(&owner, &anna, "second@client.example");
    assert_eq!(anna.wait_for(2)[1].header("In-Reply-To"), "<second@client.example>");

    // While the daemon has the folder open.
    renumber(&owner);
    daemon.settle();
    ask(&owner, &anna, "third@client.example");
    assert_eq!(anna.wait_for(3)[2].header("In-Reply-To"), "<third@client.example>");
    daemon.settle();
    assert_eq!(anna.inbox().len(), 3);
    assert_eq!(daemon.replies(&anna.name), ["sent", "sent", "sent"]);
}

#[test]
fn the_server_restarts_while_the_daemon_waits() {
    let Some(lab) = Lab::up() else { return };
    let (owner, anna) = (lab.person(), lab.person());
    let config = [OWNER, AT_ONCE, &mailbox(&lab, &owner, "mode = \"send\""), &client(&anna, ABROAD)].concat();
    let mut daemon = Daemon::run(&lab, &config);
    daemon.settle();
    lab.crash();
    wait_with(&daemon, "the loss is noticed", |it| (it.health(&owner.name)["connected"] == false).then_some(()));
    assert!(daemon.health(&owner.name)["error"].is_string());
    // Mail that another host put there meanwhile.
    let mail = human(&anna.address(), &owner.address(), "meanwhile@client.example", "Are you there", "");
    owner.put(&format!("Return-Path: <{}>\n{mail}", anna.address()));
    lab.start();
    assert_eq!(anna.wait_for(1)[0].header("In-Reply-To"), "<meanwhile@client.example>");
    daemon.settle();
    assert_eq!(anna.inbox().len(), 1);
    assert_eq!(daemon.health(&owner.name)["error"], serde_json::Value::Null);
    daemon.stop();
}
