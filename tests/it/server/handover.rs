//! Two installations on one mailbox of a real server, and drafts that are handed over: each leaves once, whoever takes it,
//! whoever dies, and none comes back into Drafts.
use super::commands::moves;
use super::occasions::{config, lies, states, the_draft};
use crate::support::daemon::{Daemon, OWNER, client, mailbox, wait_with};
use crate::support::lab::{Lab, Person, wait};

const WISHES: &str = "mode = \"send\"\ncommands = true";
const NOW: &str = "Fuseau.Send now";
const MORNING: &str = "Fuseau.Their morning";

fn draft(owner: &Person<'_>, to: &Person<'_>, id: &str) -> String {
    format!(
        "From: <{}>\nTo: <{}>\nSubject: The plan\nMessage-ID: <{id}@studio.example>\nMIME-Version: 1.0\n\
         Content-Type: text/plain; charset=utf-8\n\nHere is what we spoke about.\n",
        owner.address(),
        to.address()
    )
}

fn setting(lab: &Lab, owner: &Person<'_>, anna: &Person<'_>) -> String {
    // A client whose hours never pause: any moment is their morning.
    [OWNER, &mailbox(lab, owner, WISHES), &client(anna, "zone = \"UTC\"\nhours = { mon-sun = [\"00:00-24:00\"] }")]
        .concat()
}

/// The folders of wishes are empty, claims included, and one copy lies in Sent.
fn at_rest(owner: &Person<'_>, sent: usize) {
    wait("nothing is left in the folders of wishes", || {
        (owner.folder(NOW).is_empty() && owner.folder(MORNING).is_empty()).then_some(())
    });
    wait("the copies", || (owner.folder("Sent").len() == sent).then_some(()));
    assert!(owner.folder("Drafts").is_empty());
}

#[test]
fn two_installations_send_each_draft_once() {
    let Some(lab) = Lab::shared() else { return };
    let (owner, anna) = (lab.person(), lab.person());
    let config = setting(lab, &owner, &anna);
    let (one, other) = (Daemon::run(lab, &config), Daemon::run(lab, &config));
    for daemon in [&one, &other] {
        daemon.settle();
    }
    let all = 8;
    for n in 0..all {
        let id = format!("d{n}.{}", owner.name);
        owner.imap().append("Drafts", "\\Draft \\Seen", &draft(&owner, &anna, &id));
        moves(
            &owner,
            "Drafts",
            &format!("{id}@studio.example"),
            if n % 2 == 0 { "Fuseau/Send now" } else { "Fuseau/Their morning" },
        );
        // Both at the same moment.
        std::thread::scope(|scope| {
            scope.spawn(|| one.settle());
            scope.spawn(|| other.settle());
        });
    }
    // One that nobody can send goes back, once.
    let nobody =
        draft(&owner, &anna, &format!("nobody.{}", owner.name)).replace(&format!("To: <{}>\n", anna.address()), "");
    anna.wait_for(all);
    at_rest(&owner, all);
    for daemon in [&one, &other] {
        daemon.settle();
    }
    assert_eq!(anna.inbox().len(), all);
    owner.imap().append("\"Fuseau/Send now\"", "\\Draft \\Seen", &nobody);
    std::thread::scope(|scope| {
        scope.spawn(|| one.settle());
        scope.spawn(|| other.settle());
    });
    wait("it is back", || (!owner.folder("Drafts").is_empty() && owner.folder(NOW).is_empty()).then_some(()));
    for daemon in [&one, &other] {
        daemon.settle();
    }
    assert_eq!(owner.folder("Drafts").len(), 1);
    // Each knows that they left.
    for daemon in [&one, &other] {
        let history = daemon.json(&["history", &anna.name]);
        let mails = history.as_array().unwrap();
        // One that had left before it was seen in its folder is known from Sent.
        let sent = |one: &serde_json::Value| one["state"] == "sent" || one["verdict"] == "own";
        assert!(mails.len() == all && mails.iter().all(sent), "{history}");
    }
}

/// The one that claimed it is dead: the other one waits, however often it looks; once the first is back, or once the owner
/// removes the claim, the mail leaves.
#[test]
fn who_died_with_the_claim_is_waited_for() {
    let Some(lab) = Lab::shared() else { return };
    for (point, back) in [("H6", true), ("H7", false), ("K5", true)] {
        let (owner, anna) = (lab.person(), lab.person());
        let config = setting(lab, &owner, &anna);
        let (mut one, mut other) = (Daemon::run(lab, &config), Daemon::run(lab, &config));
        for daemon in [&mut one, &mut other] {
            daemon.settle();
            daemon.stop();
        }
        let id = format!("d.{}", owner.name);
        owner.imap().append("\"Fuseau/Send now\"", "\\Draft \\Seen", &draft(&owner, &anna, &id));
        one.spawn_dying(point);
        one.dies();
        other.start();
        other.settle();
        other.settle();
        assert_eq!((anna.inbox().len(), owner.folder(NOW).len(), owner.folder("Drafts").len()), (0, 2, 0), "{point}");
        if back {
            one.start();
        } else {
            let claims = owner.folder(NOW);
            let claim = claims.iter().find(|one| one.has("X-Fuseau-Claim")).unwrap();
            assert!(claim.text().contains("delete this message"), "{}", claim.raw);
            super::occasions::remove_from(&owner, "\"Fuseau/Send now\"", claim);
        }
        anna.wait_for(1);
        at_rest(&owner, 1);
        other.settle();
        assert_eq!(anna.inbox().len(), 1, "{point}");
        one.stop();
        other.stop();
    }
}

/// A draft of an occasion is handed over, and the second installation, which was off all the time, comes up while it waits
/// or when it has left: no second draft of the occasion.
#[test]
fn an_occasion_that_was_handed_over_stays_over() {
    let Some(lab) = Lab::shared() else { return };
    for (waits, knew) in [(true, true), (false, true), (true, false)] {
        let (owner, anna) = (lab.person(), lab.person());
        let text = config(lab, &owner, &anna).replace("mode = \"draft\"", "mode = \"draft\"\ncommands = true");
        let text = match waits {
            // Their day begins in twelve hours.
            true => {
                use chrono::Timelike as _;
                let hour = (fuseau::system::Clock::System.now().hour() + 12) % 24;
                let hours = format!("zone = \"UTC\"\nhours = {{ mon-sun = [\"{hour:02}:00-{hour:02}:30\"] }}");
                text.replace("zone = \"Asia/Singapore\"", &hours)
            }
            false => text,
        };
        // It knows the folders or is brand-new, and was off when the draft was made.
        let mut other = Daemon::new(lab, &text);
        if knew {
            other.configure(&text.replace("[project.relaunch]", "[project.relaunch]\nended = 2026-01-01"));
            other.start();
            other.settle();
            other.stop();
            other.configure(&text);
        }
        let one = Daemon::run(lab, &text);
        let draft = the_draft(&owner);
        lies(&one);
        let id = draft.header("Message-ID");
        moves(
            &owner,
            "Drafts",
            id.trim_matches(['<', '>']),
            if waits { "Fuseau/Their morning" } else { "Fuseau/Send now" },
        );
        one.settle();
        if !waits {
            anna.wait_for(1);
            at_rest(&owner, 1);
        }
        other.start();
        for _ in 0..2 {
            other.settle();
            one.settle();
        }
        assert!(owner.folder("Drafts").is_empty(), "waits: {waits}, knew: {knew}");
        assert_eq!(states(&one), ["sent"], "waits: {waits}, knew: {knew}");
        if !knew {
            // What lay in the folder before it came is none of its business, but the occasion is taken.
            assert_eq!(states(&other), ["deleted"]);
            continue;
        }
        wait_with(&other, "it knows", |it| (states(it) == ["sent"]).then_some(()));
        assert_eq!(anna.inbox().len(), usize::from(!waits), "waits: {waits}");
    }
}
