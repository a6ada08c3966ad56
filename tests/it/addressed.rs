//! A message that comes into two mailboxes is answered once, by the one that it was written to.
use crate::holding_turns::{World, at, play};
use chrono::TimeDelta;

const OFFICE: &str = "[mailbox.office]\naddress = \"office@studio.example\"\nmaildir = \"Office\"\noutgoing = \"outgoing\"\n\
                      trusted_authserv = [\"mx.studio.example\"]\n";

fn arrives(world: &mut World, id: &str, to: &str) {
    world.put(
        "new",
        "",
        &format!(
            "Return-Path: <ana@lisboa.example>\n\
             Authentication-Results: mx.studio.example; dmarc=pass header.from=lisboa.example\n\
             From: Ana <ana@lisboa.example>\n{to}\nSubject: Logo\nMessage-ID: <{id}@lisboa.example>\n\nCould you send me the logo?\n"
        ),
    );
}

/// Both mailboxes in turns, the first one first, until an hour.
async fn both(world: &mut World, order: [&str; 2], time: &str) {
    for _ in 0..200 {
        for mailbox in order {
            world.turn_as(mailbox).await;
        }
        let now = world.desk.clock.now();
        if now >= at(time) {
            return;
        }
        world.desk.clock.move_to((now + TimeDelta::minutes(1)).min(at(time)));
    }
}

async fn world(mode: &str) -> World {
    let mut world = World::with(&format!("{OFFICE}mode = \"{mode}\"\n")).await;
    world.turn_as("office").await;
    both(&mut world, ["studio", "office"], "10:02").await;
    world
}

fn from(mail: &str) -> &str {
    mail.lines().find_map(|line| line.strip_prefix("From: ")).unwrap()
}

/// Whichever sees it first; and without any copy for the other when only one of them was written to.
#[test]
fn who_was_written_to_answers() {
    for order in [["studio", "office"], ["office", "studio"]] {
        for (to, answers) in [
            ("To: office@studio.example\nCc: claire@studio.example", "office@"),
            ("To: claire@studio.example\nCc: office@studio.example", "claire@"),
            ("To: office@studio.example, claire@studio.example", "office@"),
            ("To: office@studio.example", "office@"),
        ] {
            play(async move {
                let mut world = world("send").await;
                arrives(&mut world, "m", to);
                both(&mut world, order, "11:00").await;
                let mails = world.left();
                assert_eq!(mails.len(), 1, "{order:?} {to}: {mails:?}");
                assert!(from(&mails[0]).contains(answers), "{order:?} {to}: {}", mails[0]);
                assert!(mails[0].contains("In-Reply-To: <m@lisboa.example>"), "{}", mails[0]);
                let promises = world.desk.store.read_blocking(|tx| tx.promises(true)).unwrap();
                let home = if answers == "office@" { "office" } else { "studio" };
                assert_eq!(promises.iter().map(|it| (&*it.mailbox, it.announced)).collect::<Vec<_>>(), [(home, true)]);
                // The id under which it left is the recorded one: its copy in Sent is known again.
                let id = mails[0].lines().find_map(|line| line.strip_prefix("Message-ID: ")).unwrap().to_owned();
                let known = world.desk.store.read_blocking(|tx| tx.exchange_by_message_id(&id)).unwrap().unwrap();
                assert_eq!((&*known.mailbox, known.entry.kind.as_str()), (home, "acknowledgement"));
                // The owner's answer keeps it, wherever it is.
                world.owner_writes(".Sent/cur", "ana@lisboa.example", "m@lisboa.example");
                both(&mut world, order, "11:10").await;
                assert!(world.desk.store.read_blocking(|tx| tx.promises(true)).unwrap().is_empty());
            });
        }
    }
}

/// One that only observes answers nothing; one that drafts makes a draft.
#[test]
fn it_answers_as_it_may() {
    for (mode, sent, drafted) in [("observe", 1, 0), ("draft", 0, 1)] {
        play(async move {
            let mut world = world(mode).await;
            arrives(&mut world, "m", "To: office@studio.example\nCc: claire@studio.example");
            both(&mut world, ["studio", "office"], "11:00").await;
            let drafts = std::fs::read_dir(world.dir.path().join("Maildir/.Drafts/cur")).unwrap().count();
            assert_eq!((world.left().len(), drafts), (sent, drafted), "{mode}");
        });
    }
}

/// What was sent is sent: a copy that comes later changes nothing.
#[test]
fn a_late_copy_changes_nothing() {
    play(async {
        let mut world = world("send").await;
        arrives(&mut world, "m", "To: office@studio.example\nCc: claire@studio.example");
        world.until("11:00").await;
        assert_eq!(world.left().len(), 1);
        both(&mut world, ["office", "studio"], "11:30").await;
        assert_eq!(world.left().len(), 1);
        let promises = world.desk.store.read_blocking(|tx| tx.promises(true)).unwrap();
        assert_eq!(promises[0].mailbox, "studio");
    });
}
