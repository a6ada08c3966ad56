//! One draft for each occasion, ever: deaths at every step of making, replacing and withdrawing, restored backups, a folder
//! that is numbered anew, mail programs that rewrite a draft, money that was paid.
use super::occasions::{config, lies, remove, states, the_draft};
use crate::support::daemon::{Daemon, OWNER, client, mailbox};
use crate::support::lab::{Lab, Person};
use crate::support::letter::Letter;

/// Every step of `daemon/occasions/`, and what happens between the death and the next start.
#[test]
fn killed_at_every_step_while_the_owner_acts() {
    let Some(lab) = Lab::shared() else { return };
    for point in ["D3", "D6", "D4", "D3:2", "D7"] {
        let (owner, anna) = (lab.person(), lab.person());
        let config = config(lab, &owner, &anna);
        let mut daemon = Daemon::new(lab, &config);
        daemon.spawn_dying(point);
        if point != "D3" {
            the_draft(&owner);
            lies(&daemon);
            if point == "D7" {
                daemon.configure(&config.replace("cadence", "ended = 2026-01-01\ncadence"));
                daemon.say(&["reload"]);
            } else {
                daemon.say(&["note", "relaunch", "Two designs"]);
            }
        }
        daemon.dies();
        // While nobody looks, the owner writes in what lies there: it is theirs.
        let lying = the_draft(&owner);
        remove(&owner, &lying);
        let words = lying
            .raw
            .replace("This is where", "Dear Anna, this is where")
            .replace("Nothing on", "Dear Anna, nothing on");
        assert_ne!(words, lying.raw);
        owner.imap().append("Drafts", "\\Draft \\Seen", &words);
        daemon.start();
        daemon.settle();
        assert!(the_draft(&owner).text().contains("Dear Anna"), "{point}");
        assert_eq!(states(&daemon), ["touched"], "{point}");
        daemon.stop();
    }
}

/// The owner deletes the draft before the dead daemon has noted that it lay there: it stays deleted. What else comes and
/// goes in Drafts meanwhile is told from it as far as numbers can tell.
#[test]
fn what_is_deleted_while_nobody_looks_stays_deleted() {
    let Some(lab) = Lab::shared() else { return };
    for (point, meanwhile, left) in [
        ("D3", "deleted", "deleted"),
        ("D3:2", "deleted", "deleted"),
        ("D2", "nothing", "waiting"),
        ("D2", "another draft", "waiting"),
        // Ours or another one: nobody knows, so that it is not made again.
        ("D2", "another draft, gone again", "deleted"),
    ] {
        let (owner, anna) = (lab.person(), lab.person());
        let mut daemon = Daemon::new(lab, &config(lab, &owner, &anna));
        daemon.spawn_dying(point);
        if point == "D3:2" {
            the_draft(&owner);
            lies(&daemon);
            daemon.say(&["note", "relaunch", "Two designs"]);
        }
        daemon.dies();
        let others = match meanwhile {
            "deleted" => {
                remove(&owner, &the_draft(&owner));
                0
            }
            "nothing" => 0,
            _ => {
                owner.imap().append(
                    "Drafts",
                    "\\Draft",
                    "Subject: Another\nMessage-ID: <another@program.example>\n\nHm.\n",
                );
                1
            }
        };
        if meanwhile.ends_with("gone again") {
            remove(&owner, &the_draft(&owner));
        }
        daemon.start();
        daemon.settle();
        daemon.say(&["note", "relaunch", "Photos are chosen"]);
        daemon.settle();
        let ours = owner.folder("Drafts").iter().filter(|one| one.subject().contains("where it stands")).count();
        let case = format!("{point}, {meanwhile}");
        assert_eq!(states(&daemon), [left], "{case}");
        assert_eq!(ours, usize::from(left == "waiting"), "{case}");
        if left == "waiting" {
            assert_eq!(owner.folder("Drafts").len(), 1 + others, "{case}");
        }
        daemon.stop();
    }
}

/// A draft that another installation made and the owner threw away before this one was ever started.
#[test]
fn what_lies_in_the_trash_was_deleted() {
    let Some(lab) = Lab::shared() else { return };
    let (owner, anna) = (lab.person(), lab.person());
    let config = config(lab, &owner, &anna);
    let mut one = Daemon::run(lab, &config);
    let draft = the_draft(&owner);
    lies(&one);
    one.stop();
    owner.imap().run("CREATE Trash");
    owner.imap().append("Trash", "\\Seen", &draft.raw);
    remove(&owner, &draft);
    let mut other = Daemon::run(lab, &config);
    other.settle();
    assert_eq!(states(&other), ["deleted"]);
    assert!(owner.folder("Drafts").is_empty());
    other.stop();
}

/// The backup knows nothing of the draft; whether it lies there, was sent or deleted since: no other one.
#[test]
fn a_restored_backup_makes_no_second_draft() {
    let Some(lab) = Lab::shared() else { return };
    for fate in ["lies", "deleted", "sent"] {
        let (owner, anna) = (lab.person(), lab.person());
        let config = config(lab, &owner, &anna);
        let mut daemon =
            Daemon::run(lab, &config.replace("[project.relaunch]", "[project.relaunch]\nended = 2026-01-01"));
        daemon.settle();
        assert!(owner.folder("Drafts").is_empty());
        let copy = daemon.state().join("backups/copy.db");
        daemon.say(&["backup", copy.to_str().unwrap()]);
        daemon.configure(&config);
        daemon.say(&["reload"]);
        let draft = the_draft(&owner);
        lies(&daemon);
        daemon.stop();
        match fate {
            "lies" => {}
            "deleted" => remove(&owner, &draft),
            _ => {
                owner.imap().append("Sent", "\\Seen", &draft.raw);
                remove(&owner, &draft);
            }
        }
        daemon.say(&["restore", copy.to_str().unwrap()]);
        daemon.start();
        daemon.settle();
        let lying = owner.folder("Drafts");
        assert_eq!(lying.len(), usize::from(fate == "lies"), "{fate}");
        assert!(lying.iter().all(|one| one.raw == draft.raw), "{fate}");
        let wanted = match fate {
            "lies" => "touched",
            "deleted" => "expired",
            _ => "sent",
        };
        assert_eq!(states(&daemon), [wanted], "{fate}");
        daemon.stop();
    }
}

/// Drafts gets another UIDVALIDITY: nothing is doubled, and what is ours is still known as ours.
#[test]
fn a_renumbered_drafts_folder_doubles_nothing() {
    let Some(lab) = Lab::shared() else { return };
    let (owner, anna) = (lab.person(), lab.person());
    let mut daemon = Daemon::run(lab, &config(lab, &owner, &anna));
    let draft = the_draft(&owner);
    lies(&daemon);
    let number = || owner.imap().run("STATUS Drafts (UIDVALIDITY)");
    let before = number();
    daemon.stop();
    for name in ["dovecot-uidlist", "dovecot.index", "dovecot.index.log", "dovecot.index.cache"] {
        let _ = std::fs::remove_file(owner.maildir().join(".Drafts").join(name));
    }
    assert_ne!(number(), before, "it is renumbered");
    daemon.start();
    daemon.settle();
    assert_eq!(the_draft(&owner).raw, draft.raw);
    assert_eq!(states(&daemon), ["waiting"]);
    daemon.say(&["note", "relaunch", "Two designs for the start page"]);
    daemon.settle();
    assert!(the_draft(&owner).text().contains("- Two designs"));
    assert_eq!(states(&daemon), ["waiting"]);
}

fn rewritten(owner: &Person<'_>, draft: &Letter, id: &str, more: &str) -> String {
    let head = ["From", "To", "Subject"].map(|name| format!("{name}: {}\n", draft.header(name))).concat();
    format!(
        "{head}Message-ID: <{id}.{}@program.example>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{more}{}\n",
        owner.name,
        draft.text()
    )
}

/// A program that saves a draft by putting a new one there and removing the old one, twice, and then sends it.
#[test]
fn a_draft_that_is_saved_anew_and_sent_is_known() {
    let Some(lab) = Lab::shared() else { return };
    let (owner, anna) = (lab.person(), lab.person());
    let mut daemon = Daemon::run(lab, &config(lab, &owner, &anna));
    let mut draft = the_draft(&owner);
    lies(&daemon);
    for (id, more) in [("a", "I look forward to the fair"), ("b", " in March with you.\n")] {
        let saved = rewritten(&owner, &draft, id, more);
        owner.imap().append("Drafts", "\\Draft \\Seen", &saved);
        remove(&owner, &draft);
        draft = the_draft(&owner);
        // What is done meanwhile changes nothing of it, nor puts another beside it.
        daemon.say(&["note", "relaunch", &format!("Page {id} is done")]);
        daemon.settle();
        assert_eq!(the_draft(&owner).raw, draft.raw);
    }
    daemon.stop();
    daemon.start();
    daemon.settle();
    assert_eq!(the_draft(&owner).raw, draft.raw);
    let sent = rewritten(&owner, &draft, "c", "");
    owner.imap().append("Sent", "\\Seen", &sent);
    remove(&owner, &draft);
    daemon.settle();
    assert_eq!(states(&daemon), ["sent"]);
    assert!(daemon.json(&["project", "relaunch"])["last_update"].is_string());
    let history = daemon.json(&["history", &anna.name]);
    assert_eq!(history.as_array().unwrap().iter().filter(|one| one["direction"] == "out").count(), 1, "{history}");
    assert!(owner.folder("Drafts").is_empty());
}

/// The reminder of an invoice goes as soon as the file says that it is paid, with and without `reload`; what the owner
/// wrote in stays theirs; and what is paid before is never asked for.
#[test]
fn what_is_paid_is_not_asked_for() {
    let Some(lab) = Lab::shared() else { return };
    for way in ["reload", "unread", "touched", "before"] {
        let (owner, anna) = (lab.person(), lab.person());
        let today = fuseau::system::Clock::System.now().date_naive();
        let hours = "zone = \"Etc/UTC\"\nlanguage = \"en\"\nhours = { mon-sun = [\"00:00-24:00\"] }\n";
        let money = |paid: &str| {
            let invoice = format!("{{ number = \"7\", amount = \"2400 EUR\", due = {today}{paid} }}");
            let project = format!("[project.relaunch]\nclient = \"{}\"\ninvoice = [{invoice}]\n", anna.name);
            [OWNER, &mailbox(lab, &owner, "mode = \"draft\""), &client(&anna, hours), &project].concat()
        };
        let paid = money(&format!(", paid = {today}"));
        let mut daemon = Daemon::new(lab, &money(""));
        if way == "before" {
            // The daemon dies before the draft is there; meanwhile the money comes.
            daemon.spawn_dying("D2");
            daemon.dies();
            daemon.configure(&paid);
            daemon.start();
            daemon.settle();
            assert!(owner.folder("Drafts").is_empty());
            assert!(!states(&daemon).contains(&"waiting".to_owned()));
            continue;
        }
        daemon.start();
        let draft = the_draft(&owner);
        lies(&daemon);
        assert!(draft.text().contains("€2,400.00"), "{}", draft.text());
        if way == "touched" {
            remove(&owner, &draft);
            owner.imap().append("Drafts", "\\Draft \\Seen", &draft.raw.replace("Invoice 7", "The invoice 7"));
        }
        daemon.configure(&paid);
        if way == "reload" {
            daemon.say(&["reload"]);
        }
        daemon.settle();
        let left = owner.folder("Drafts").len();
        assert_eq!(
            (left, states(&daemon)),
            match way {
                "touched" => (1, vec!["touched".to_owned()]),
                _ => (0, vec!["withdrawn".to_owned()]),
            },
            "{way}"
        );
        daemon.stop();
    }
}

/// Two machines, and the owner deletes the draft before either has looked again.
#[test]
fn two_machines_agree_about_what_was_deleted() {
    let Some(lab) = Lab::shared() else { return };
    let (owner, anna) = (lab.person(), lab.person());
    let config = config(lab, &owner, &anna);
    let (mut one, mut other) = (Daemon::run(lab, &config), Daemon::run(lab, &config));
    for daemon in [&one, &other] {
        lies(daemon);
    }
    assert_eq!((states(&one), states(&other)), (vec!["waiting".to_owned()], vec!["touched".to_owned()]));
    let in_digest = |daemon: &Daemon<'_>| daemon.say(&["digest"]).contains("Website relaunch: where it stands");
    assert!(in_digest(&one));
    // The first machine changes its draft; the second one leaves it alone.
    one.say(&["note", "relaunch", "Two designs"]);
    one.settle();
    other.say(&["note", "relaunch", "Other words"]);
    other.settle();
    let draft = the_draft(&owner);
    assert!(draft.text().contains("- Two designs") && !draft.text().contains("Other words"), "{}", draft.text());
    remove(&owner, &draft);
    for daemon in [&mut one, &mut other] {
        // Known at the latest at the hourly look, and whenever something is to be changed.
        daemon.stop();
        daemon.start();
        daemon.say(&["note", "relaunch", "Photos are chosen"]);
        daemon.settle();
        assert!(owner.folder("Drafts").is_empty());
    }
    assert!(!in_digest(&one), "what was deleted waits for nobody");
    one.stop();
    other.stop();
}
