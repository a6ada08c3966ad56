//! The outbox: each step from each state, leases, one mail per key.
use super::super::fixture::*;
use super::*;
use crate::store::{Route, StoreError};

const ANNA: &str = "anna@acme.example";
const LEASE: TimeDelta = TimeDelta::minutes(10);

/// A world with the mail `a-m`, due in minute 5, promised by `p-m`.
fn world() -> World {
    let world = World::new();
    world.receive(&message("m", ANNA, "Logo", 0));
    world.promise("m", "acme", 600);
    world.mail("m", ANNA, 0, |mail| (mail.not_before, mail.promise) = (minute(5), Some("p-m"))).unwrap();
    world
}

fn due(world: &World, at: i64) -> Vec<String> {
    let due = world.store.read_blocking(|r| r.outbox_due("studio", minute(at), 10)).unwrap();
    due.into_iter().map(|row| row.id).collect()
}

fn step(world: &World, name: &str) -> bool {
    world.tx(|tx| match name {
        "claim" => tx.claim("a-m", minute(5), LEASE),
        "dot_sent" => tx.dot_sent(&tx.held("a-m")),
        "sent" => tx.sent("a-m", "250 ok", minute(6)),
        "retry" => tx.retry(&tx.held("a-m"), minute(9), "451 later"),
        "failed" => tx.failed(&tx.held("a-m"), "550 no", minute(6)),
        "unknown" => tx.unknown(&tx.held("a-m"), "not in Sent", minute(6)),
        "dropped" => tx.dropped("a-m", "answered", minute(6)),
        "observed" => tx.observed("a-m", minute(6)),
        "drafted" => tx.drafted(&tx.held("a-m"), minute(6)),
        other => panic!("{other}"),
    })
}

#[test]
fn each_step_is_allowed_from_its_states_only() {
    let ways: &[(&str, &[&str])] = &[
        ("queued", &[]),
        ("sending", &["claim"]),
        ("dot_sent", &["claim", "dot_sent"]),
        ("sent", &["claim", "dot_sent", "sent"]),
        ("unknown", &["claim", "dot_sent", "unknown"]),
        ("failed", &["claim", "failed"]),
        ("dropped", &["dropped"]),
        ("observed", &["observed"]),
        ("drafted", &["claim", "drafted"]),
    ];
    let allowed: &[(&str, &[&str])] = &[
        ("claim", &["queued"]),
        ("dot_sent", &["sending"]),
        ("sent", &["queued", "sending", "dot_sent", "unknown", "failed", "drafted"]),
        ("retry", &["sending", "dot_sent"]),
        ("failed", &["sending", "dot_sent"]),
        ("unknown", &["dot_sent"]),
        ("dropped", &["queued", "sending", "drafted"]),
        ("observed", &["queued", "sending"]),
        ("drafted", &["sending", "dot_sent"]),
    ];
    for (state, way) in ways {
        for (name, from) in allowed {
            let world = world();
            assert!(way.iter().all(|s| step(&world, s)));
            assert_eq!(world.row("a-m").state.as_str(), *state);
            assert_eq!(step(&world, name), from.contains(state), "{name} from {state}");
            let want = match (*name, from.contains(state)) {
                (_, false) => *state,
                ("claim", _) => "sending",
                ("retry", _) => "queued",
                (end, _) => end,
            };
            assert_eq!(world.row("a-m").state.as_str(), want, "{name} from {state}");
        }
    }
}

/// A session that was given up may wake again: what it then reports of its try changes nothing for the try that runs now,
/// except that the mail was accepted, which is true whoever hears of it.
#[test]
fn a_try_that_was_overtaken_changes_nothing() {
    type Report = fn(&Tx<'_>, &Claim) -> Result<bool, StoreError>;
    let later = minute(8);
    let reports: &[(&str, Report)] = &[
        ("unclaim", |tx, old| tx.unclaim(old)),
        ("holds", |tx, old| tx.holds(old)),
        ("dot_sent", |tx, old| tx.dot_sent(old)),
        ("retry", |tx, old| tx.retry(old, minute(9), "451 later")),
        ("failed", |tx, old| tx.failed(old, "550 no", minute(9))),
        ("unknown", |tx, old| tx.unknown(old, "not in Sent", minute(9))),
        ("drafted", |tx, old| tx.drafted(old, minute(9))),
    ];
    // Where the new try stands when the old one reports.
    let ways: &[(&str, &[&str])] = &[
        ("queued", &["retry"]),
        ("sending", &["retry", "claim again"]),
        ("dot_sent", &["retry", "claim again", "dot_sent"]),
        ("sent", &["retry", "claim again", "dot_sent", "sent"]),
        ("unknown", &["retry", "claim again", "dot_sent", "unknown"]),
        ("sending", &["lease over, claim again"]),
    ];
    for (state, way) in ways {
        for (name, report) in reports {
            let world = world();
            assert!(step(&world, "claim"));
            let old = world.tx(|tx| Ok(tx.held("a-m")));
            for one in *way {
                let done = match *one {
                    "retry" => world.tx(|tx| tx.retry(&old, later, "the program was stopped")),
                    "claim again" => world.tx(|tx| tx.claim("a-m", later, LEASE)),
                    "lease over, claim again" => world.tx(|tx| tx.claim("a-m", minute(15), LEASE)),
                    other => step(&world, other),
                };
                assert!(done, "{one}");
            }
            let before = world.row("a-m");
            assert!(!world.tx(|tx| report(tx, &old)), "{name} of an old try while {state}");
            assert_eq!(world.row("a-m"), before, "{name} of an old try while {state}");
            assert_eq!(before.state.as_str(), *state);
            if ["queued", "sending"].contains(state) {
                assert!(world.tx(|tx| tx.sent("a-m", "250 ok", minute(9))), "accepted is accepted");
                let new = world.tx(|tx| Ok(tx.held("a-m")));
                assert!(!world.tx(|tx| tx.dot_sent(&new)), "no second mail");
                assert_eq!(due(&world, 9_000), Vec::<String>::new());
            }
        }
    }
}

/// The same number of tries is not the same try: a draft that the owner hands over begins to count anew.
#[test]
fn a_claim_is_known_by_its_lease_too() {
    let world = world();
    assert!(step(&world, "claim"));
    let old = world.tx(|tx| Ok(tx.held("a-m")));
    world.tx(|tx| Ok(tx.unclaim(&old)? && tx.claim("a-m", minute(7), LEASE)?));
    assert_eq!(world.row("a-m").attempts, 1);
    assert!(!world.tx(|tx| tx.dot_sent(&old)));
    assert!(step(&world, "dot_sent"));
}

#[test]
fn one_mail_per_key_ever() {
    let world = world();
    for mailbox in ["studio", "second"] {
        assert_eq!(world.mail("m", ANNA, 1, |mail| (mail.id, mail.mailbox) = ("again", mailbox)), None);
    }
    assert!(step(&world, "dropped"));
    assert_eq!(world.mail("m", ANNA, 1, |mail| mail.id = "again"), None, "not even when it was dropped");
    assert!(world.store.read_blocking(|r| r.exchange("again")).unwrap().is_none(), "nothing is left behind");
    let holding = |mail: &mut crate::store::NewMail<'_>| {
        (mail.id, mail.kind, mail.dedupe_key) = ("h", "holding", "holding:p-m");
    };
    assert_eq!(world.mail("m", ANNA, 1, holding).as_deref(), Some("h"));
    assert_eq!(world.store.read_blocking(|r| r.outbox_of("x-m")).unwrap().len(), 2);
}

#[test]
fn leases_and_due_times() {
    let world = world();
    let next = || world.store.read_blocking(|r| r.next_due("studio")).unwrap();
    assert_eq!((due(&world, 4), next()), (vec![], Some(minute(5))));
    assert_eq!(due(&world, 5), ["a-m"]);
    assert!(!world.tx(|tx| tx.claim("a-m", minute(4), LEASE)), "not before its time");
    assert!(step(&world, "claim"));
    assert!(!step(&world, "claim"), "one worker at a time");
    assert_eq!((due(&world, 14), next()), (vec![], Some(minute(15))));
    assert_eq!(due(&world, 15), ["a-m"], "a worker that died before the dot");
    assert!(world.tx(|tx| tx.claim("a-m", minute(15), LEASE)));
    assert_eq!(world.row("a-m").attempts, 2);
    assert!(world.tx(|tx| tx.retry(&tx.held("a-m"), minute(30), "451 try\r\nlater")));
    let row = world.row("a-m");
    assert_eq!(
        (row.next_attempt, row.last_reply.as_deref(), row.lease_until),
        (minute(30), Some("451 try later"), None)
    );
    assert!(world.tx(|tx| tx.postpone("a-m", minute(40))));
    assert_eq!((due(&world, 39), due(&world, 40)), (vec![], vec!["a-m".to_owned()]));
    assert!(world.tx(|tx| tx.claim("a-m", minute(40), LEASE)));
    assert!(step(&world, "dot_sent"));
    assert_eq!((due(&world, 9_000), next()), (vec![], None), "in doubt: never again by itself");
    let doubt = world.store.read_blocking(|r| r.outbox_in_doubt("studio")).unwrap();
    assert_eq!(doubt.len(), 1);
    assert_eq!(doubt[0].bytes, b"From: claire\r\n\r\nhello\r\n");
    let counts = world.store.read_blocking(|r| r.counts()).unwrap();
    assert_eq!((counts.open_promises, counts.queued, counts.unknown), (1, 1, 0));
    assert!(step(&world, "unknown"));
    let counts = world.store.read_blocking(|r| r.counts()).unwrap();
    assert_eq!((counts.queued, counts.unknown), (0, 1));
    assert_eq!(world.store.read_blocking(|r| r.outbox_waiting()).unwrap().len(), 1);
}

#[test]
fn other_mailboxes_are_not_disturbed() {
    let world = world();
    assert!(world.store.read_blocking(|r| r.outbox_due("second", minute(9), 10)).unwrap().is_empty());
    assert_eq!(world.store.read_blocking(|r| r.next_due("second")).unwrap(), None);
    assert!(world.store.read_blocking(|r| r.outbox_in_doubt("second")).unwrap().is_empty());
}

#[test]
fn a_promise_is_announced_when_its_mail_is_sent() {
    for (steps, announced) in [
        (&[][..], true),
        (&["claim", "dot_sent", "sent"], true),
        (&["claim", "dot_sent", "unknown"], true),
        (&["dropped"], false),
        (&["claim", "failed"], false),
        (&["observed"], false),
        (&["claim", "drafted"], false),
        (&["claim", "drafted", "sent"], true),
    ] {
        let world = world();
        assert!(steps.iter().all(|s| step(&world, s)), "{steps:?}");
        let promise = world.store.read_blocking(|r| r.promise("p-m")).unwrap().unwrap();
        assert_eq!(promise.announced, announced, "{steps:?}");
    }
    let world = World::new();
    world.receive(&message("m", ANNA, "Logo", 0));
    world.promise("m", "acme", 600);
    world.mail("m", ANNA, 0, |mail| (mail.route, mail.promise) = (Route::Observe, Some("p-m"))).unwrap();
    assert_eq!(world.row("a-m").state, MailState::Observed);
    assert!(!world.store.read_blocking(|r| r.promise("p-m")).unwrap().unwrap().announced);
    assert!(due(&world, 9_000).is_empty());
}

#[test]
fn bytes_are_frozen_from_the_first_try() {
    let world = world();
    let window = WindowTimes { start: minute(700), end: minute(730), zone: "Europe/London".into() };
    let refreeze = || {
        let subject = HeaderText::new("Re: Logo again");
        world.tx(|tx| tx.refreeze("a-m", b"new", &subject, "text", minute(50), Some(&window)))
    };
    assert!(refreeze());
    let row = world.row("a-m");
    assert_eq!((row.bytes.as_slice(), row.next_attempt, row.window.as_ref()), (&b"new"[..], minute(50), Some(&window)));
    assert_eq!((row.subject.as_str(), row.message_id.as_str()), ("Re: Logo again", "<a-m@x.example>"));
    world.tx(|tx| tx.claim("a-m", minute(50), LEASE));
    assert!(!refreeze());
    world.tx(|tx| tx.retry(&tx.held("a-m"), minute(60), "451"));
    assert!(!refreeze(), "tried once: the same bytes for ever");
}

#[test]
fn copies_in_sent() {
    let world = world();
    let wanted = || world.store.read_blocking(|r| r.copies_wanted("studio")).unwrap().len();
    assert_eq!(wanted(), 0);
    assert!(["claim", "dot_sent", "sent"].iter().all(|s| step(&world, s)));
    assert_eq!(wanted(), 1, "noted in the same transaction");
    assert!(world.tx(|tx| tx.sent_copy("a-m", SentCopyState::Appended)));
    assert_eq!((wanted(), world.row("a-m").sent_copy), (0, SentCopyState::Appended));
    assert_eq!(world.row("a-m").finished_at, Some(minute(6)));
}

#[test]
fn an_answer_to_nothing_is_refused_and_a_mail_of_its_own_is_not() {
    let world = world();
    let lost = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        world.mail("z", ANNA, 0, |_| ());
    }));
    assert!(lost.is_err(), "x-z was never recorded");
    let digest = world.mail("d", "claire@studio.example", 0, |mail| {
        (mail.answers, mail.client, mail.kind, mail.automatic, mail.envelope_from) =
            (None, None, "digest", false, None);
    });
    assert_eq!(digest.as_deref(), Some("a-d"));
    let row = world.row("a-d");
    assert_eq!((row.answers, row.conversation.as_str(), row.envelope_from), (None, "a-d", None));
    assert!(matches!(world.store.read_blocking(|r| r.outbox_row("none")), Ok::<_, StoreError>(None)));
}
