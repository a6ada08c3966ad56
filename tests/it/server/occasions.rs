//! Drafts by themselves on a real server: put there once, replaced and withdrawn only while nobody touched them, whatever
//! dies in between, and whoever else looks after the same mailbox.
use crate::support::daemon::{Daemon, OWNER, client, mailbox, wait_with};
use crate::support::lab::{Lab, Person, wait};
use crate::support::letter::Letter;

const SINGAPORE: &str = "zone = \"Asia/Singapore\"\nlanguage = \"en\"\n";

/// A project whose update was due two minutes ago, in the zone of the owner of these tests (UTC).
fn project(client: &Person<'_>) -> String {
    let at = (fuseau::system::Clock::System.now() - chrono::TimeDelta::minutes(2)).format("%H:%M");
    format!(
        "[project.relaunch]\nclient = \"{}\"\ntitle = \"Website relaunch\"\ncadence = \"every day {at}\"\n\
         milestone = [{{ title = \"First design\", due = 2027-01-22 }}]\n",
        client.name
    )
}

pub fn config(lab: &Lab, owner: &Person<'_>, anna: &Person<'_>) -> String {
    [OWNER, &mailbox(lab, owner, "mode = \"draft\""), &client(anna, SINGAPORE), &project(anna)].concat()
}

/// Where the update of the project stands, in the ledger.
pub fn states(daemon: &Daemon<'_>) -> Vec<String> {
    let all = daemon.json(&["drafts", "--all"]);
    let of = |list: &str| all[list].as_array().unwrap().clone();
    let both = of("waiting").into_iter().chain(of("ended"));
    both.map(|one| one["state"].as_str().unwrap().to_owned()).collect()
}

pub fn the_draft(owner: &Person<'_>) -> Letter {
    let mut all = wait("a draft", || Some(owner.folder("Drafts")).filter(|all| !all.is_empty()));
    assert_eq!(all.len(), 1, "one draft");
    all.remove(0)
}

pub fn lies(daemon: &Daemon<'_>) {
    wait_with(daemon, "the draft is recorded", |it| {
        (it.json(&["drafts"])["waiting"][0]["in_drafts"] == true).then_some(())
    });
}

pub fn remove(owner: &Person<'_>, draft: &Letter) {
    remove_from(owner, "Drafts", draft);
}

pub fn remove_from(owner: &Person<'_>, folder: &str, draft: &Letter) {
    let mut imap = owner.imap();
    imap.flag(folder, &draft.header("Message-ID"), "\\Deleted");
    imap.run("EXPUNGE");
}

#[test]
fn a_draft_lies_there_once_and_says_what_is_so() {
    let Some(lab) = Lab::shared() else { return };
    let (owner, anna) = (lab.person(), lab.person());
    let mut daemon = Daemon::run(lab, &config(lab, &owner, &anna));
    let draft = the_draft(&owner);
    lies(&daemon);
    assert_eq!(draft.subject(), "Website relaunch: where it stands");
    assert!(draft.header("From").contains(&owner.address()) && draft.header("To").contains(&anna.address()));
    assert!(!draft.has("Auto-Submitted"), "it is the owner's letter");
    assert!(draft.text().contains("Nothing on Website relaunch is finished yet"), "{}", draft.text());
    assert!(draft.flags.contains('D') && draft.flags.contains('S'), "{}", draft.flags);
    // Again and again, and after a restart.
    daemon.settle();
    daemon.stop();
    daemon.start();
    daemon.settle();
    assert_eq!(the_draft(&owner).raw, draft.raw);
    // What was done since belongs into it.
    daemon.say(&["note", "relaunch", "Two designs for the start page"]);
    daemon.settle();
    let replaced = the_draft(&owner);
    assert!(replaced.text().contains("- Two designs for the start page"), "{}", replaced.text());
    assert_eq!(replaced.header("Message-ID"), draft.header("Message-ID"));
    // Once the owner has written in it, it is theirs.
    remove(&owner, &replaced);
    let edited = replaced.raw.replace("- Two designs", "- I am proud of two designs");
    owner.imap().append("Drafts", "\\Draft \\Seen", &edited);
    daemon.say(&["note", "relaunch", "Photos are chosen"]);
    daemon.settle();
    assert!(the_draft(&owner).text().contains("I am proud of"));
    assert_eq!(states(&daemon), ["touched"]);
    // Deleted, it never comes back.
    remove(&owner, &replaced);
    daemon.say(&["note", "relaunch", "Texts are in"]);
    daemon.settle();
    daemon.stop();
    daemon.start();
    daemon.settle();
    assert!(owner.folder("Drafts").is_empty());
}

#[test]
fn what_the_owner_deletes_or_drops_never_comes_back() {
    let Some(lab) = Lab::shared() else { return };
    for drop in [false, true] {
        let (owner, anna) = (lab.person(), lab.person());
        let mut daemon = Daemon::run(lab, &config(lab, &owner, &anna));
        let draft = the_draft(&owner);
        lies(&daemon);
        if drop {
            let key = daemon.json(&["drafts"])["waiting"][0]["key"].as_str().unwrap().to_owned();
            daemon.say(&["drafts", "drop", &key]);
        } else {
            remove(&owner, &draft);
            daemon.say(&["note", "relaunch", "Photos are chosen"]);
        }
        daemon.settle();
        daemon.stop();
        daemon.start();
        daemon.settle();
        assert!(owner.folder("Drafts").is_empty(), "drop: {drop}");
        assert_eq!(states(&daemon), ["deleted"], "drop: {drop}");
    }
}

/// Two machines look after one mailbox: one draft, and none once it is deleted.
#[test]
fn two_installations_make_one_draft() {
    let Some(lab) = Lab::shared() else { return };
    let (owner, anna) = (lab.person(), lab.person());
    let config = config(lab, &owner, &anna);
    let (mut one, mut other) = (Daemon::new(lab, &config), Daemon::new(lab, &config));
    one.spawn();
    other.spawn();
    wait_with(&one, "a draft", |_| (!owner.folder("Drafts").is_empty()).then_some(()));
    for daemon in [&one, &other] {
        lies(daemon);
        daemon.settle();
    }
    let draft = the_draft(&owner);
    remove(&owner, &draft);
    for daemon in [&one, &other] {
        daemon.say(&["note", "relaunch", "Photos are chosen"]);
        daemon.settle();
    }
    assert!(owner.folder("Drafts").is_empty());
    one.stop();
    other.stop();
}

/// Killed at every step of putting a draft there and of replacing it: never two, never none.
#[test]
fn killed_at_every_step() {
    let Some(lab) = Lab::shared() else { return };
    for point in ["D1", "D2", "D3", "D6", "D4", "D5", "D2:2", "D3:2", "D7", "D8"] {
        let (owner, anna) = (lab.person(), lab.person());
        let config = config(lab, &owner, &anna);
        let mut daemon = Daemon::new(lab, &config);
        let first = matches!(point, "D1" | "D2" | "D3");
        daemon.spawn_dying(point);
        if !first {
            the_draft(&owner);
            lies(&daemon);
            match point {
                // The owner wrote to the client meanwhile: the update is not needed.
                "D7" | "D8" => daemon.configure(&config.replace("cadence", "ended = 2026-01-01\ncadence")),
                _ => drop(daemon.say(&["note", "relaunch", "Two designs"])),
            }
            if matches!(point, "D7" | "D8") {
                daemon.say(&["reload"]);
            }
        }
        daemon.dies();
        daemon.start();
        daemon.settle();
        let drafts = owner.folder("Drafts");
        match point {
            "D7" | "D8" => {
                assert!(drafts.is_empty(), "{point}: {} drafts", drafts.len());
                assert_eq!(states(&daemon), ["withdrawn"], "{point}");
            }
            _ => {
                assert_eq!(drafts.len(), 1, "{point}");
                assert_eq!(drafts[0].text().contains("Two designs"), !first, "{point}: {}", drafts[0].text());
                assert_eq!(states(&daemon), ["waiting"], "{point}");
            }
        }
        daemon.stop();
    }
}

/// The owner sends it from some program: the three forms in which programs leave a draft.
#[test]
fn a_sent_update_is_known_in_all_forms() {
    let Some(lab) = Lab::shared() else { return };
    for form in ["same-id", "noted-id", "new-id", "new-id-edited"] {
        let (owner, anna) = (lab.person(), lab.person());
        let daemon = Daemon::run(lab, &config(lab, &owner, &anna));
        let draft = the_draft(&owner);
        lies(&daemon);
        let old = draft.header("Message-ID");
        let id = if form == "same-id" { old.clone() } else { format!("<{form}.{}@program.example>", owner.name) };
        let noted = if form == "noted-id" { format!("X-Google-Original-Message-ID: {old}\n") } else { String::new() };
        let more = if form == "new-id-edited" { "I look forward to the fair in March with you.\n" } else { "" };
        let mail = format!(
            "From: Claire <{}>\nTo: <{}>\nSubject: {}\nMessage-ID: {id}\n{noted}MIME-Version: 1.0\n\
             Content-Type: text/plain; charset=utf-8\n\n{more}{}\n",
            owner.address(),
            anna.address(),
            draft.subject(),
            draft.text()
        );
        owner.imap().append("Sent", "\\Seen", &mail);
        remove(&owner, &draft);
        daemon.settle();
        assert_eq!(states(&daemon), ["sent"], "{form}");
        let next = daemon.json(&["project", "relaunch"]);
        assert!(next["last_update"].is_string(), "{form}: {next}");
        assert!(owner.folder("Drafts").is_empty(), "{form}");
    }
}
