//! The digest on a real server: one a window, in the inbox, unread, and answered by nobody.
use crate::support::daemon::{AT_ONCE, Daemon, OWNER, client, mailbox, wait_with};
use crate::support::lab::{Lab, wait};
use crate::support::letter::human;
use chrono::TimeDelta;
use fuseau::system::Clock;

#[test]
fn one_digest_lies_in_the_inbox() {
    let Some(lab) = Lab::shared() else { return };
    let (owner, anna, stranger) = (lab.person(), lab.person(), lab.person());
    // Home has no summer time: its clock is UTC.
    let span = |from: i64, to: i64| {
        let clock = |minutes| (Clock::System.now() + TimeDelta::minutes(minutes)).format("%H:%M").to_string();
        OWNER.replace("12:00-12:30", &format!("{}-{}", clock(from), clock(to))).replace("off", "window")
    };
    let rest = [
        AT_ONCE,
        &mailbox(lab, &owner, "mode = \"send\""),
        &client(&anna, "zone = \"Asia/Singapore\"\nlanguage = \"en\""),
    ]
    .concat();
    let mut daemon = Daemon::run(lab, &format!("{}{rest}", span(300, 330)));
    anna.submit(&owner.address(), &human(&anna.address(), &owner.address(), "d1@client.example", "The page", ""));
    stranger
        .submit(&owner.address(), &human(&stranger.address(), &owner.address(), "d2@client.example", "An offer", ""));
    wait_with(&daemon, "both are recorded", |it| {
        it.recorded("d1@client.example").and(it.recorded("d2@client.example"))
    });
    anna.wait_for(1);
    daemon.settle();
    assert_eq!(owner.inbox().len(), 2, "no window, no digest");

    daemon.stop();
    daemon.configure(&format!("{}{rest}", span(-10, 200)));
    daemon.start();
    wait("the digest", || (owner.inbox().len() == 3).then_some(()));
    daemon.settle();
    // A second start in the same window brings no second one.
    daemon.stop();
    daemon.start();
    daemon.settle();
    let inbox = owner.inbox();
    let digests: Vec<_> = inbox.iter().filter(|mail| mail.has("X-Fuseau-Id")).collect();
    assert_eq!((inbox.len(), digests.len()), (3, 1));
    let digest = digests[0];
    assert!(digest.flags.is_empty(), "unread: {}", digest.flags);
    assert_eq!(digest.header("Auto-Submitted"), "auto-generated");
    assert!(digest.header("From").contains("fuseau") && digest.header("To").contains(&owner.address()));
    assert!(digest.subject().starts_with("One promise open, due "), "{}", digest.subject());
    assert!(digest.header("Content-Type").contains("multipart/alternative"));
    let id = digest.header("Message-ID");
    let (verdict, reasons) = daemon.verdict(id.trim_matches(['<', '>']));
    assert!(verdict == "own" || verdict == "none", "{verdict} {reasons:?}");
    assert_eq!((anna.inbox().len(), stranger.inbox().len()), (1, 0));
    assert!(owner.folder("Sent").iter().all(|mail| mail.header("Message-ID") != id), "no copy in Sent");
    // What the next one would say is shown at any time.
    let next = daemon.json(&["digest"]);
    assert_eq!((&next["promises"], &next["sections"][0]["part"]), (&1.into(), &"promises".into()), "{next}");
}
