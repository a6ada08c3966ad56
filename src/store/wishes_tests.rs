//! Wishes, and mails that state several promises.
use super::super::fixture::*;
use crate::model::PromiseState;
use crate::store::{MailState, NewPromise};

const ANNA: &str = "anna@acme.example";

/// Two promises told, and a holding reply `a-h` that would renew both.
fn world() -> World {
    let world = World::new();
    for name in ["m", "n"] {
        world.receive(&message(name, ANNA, name, 0));
        world.promise(name, "acme", 600);
    }
    for (id, exchange, renews) in [("p-m2", "x-m", "p-m"), ("p-n2", "x-n", "p-n")] {
        let zone = crate::model::Zones::bundled().utc();
        let new = NewPromise {
            id,
            exchange,
            client: "acme",
            mailbox: "studio",
            by: minute(900),
            zone: &zone,
            announced: false,
            renews: Some(renews),
            now: minute(500),
        };
        world.tx(|tx| tx.make_promise(&new));
    }
    world.mail("h", ANNA, 500, |mail| {
        (mail.answers, mail.promise, mail.kind) = (Some("x-n"), Some("p-n2"), "holding");
    });
    world.tx(|tx| tx.states("a-h", &["p-m2".to_owned(), "p-n2".to_owned()], 2));
    world
}

fn state(world: &World, promise: &str) -> PromiseState {
    world.store.read_blocking(|r| r.promise(promise)).unwrap().unwrap().state
}

#[test]
fn every_promise_that_a_mail_states_begins_when_it_is_sent() {
    let world = world();
    let stated = |r: &crate::store::Reader<'_>| r.stated_by("a-h");
    assert_eq!(world.store.read_blocking(stated).unwrap(), ["p-m2", "p-n2"]);
    assert_eq!(world.row("a-h").wording, 2);
    assert_eq!(state(&world, "p-m2"), PromiseState::Released);
    for exchange in ["x-m", "x-n"] {
        let of = world.store.read_blocking(|r| r.outbox_of(exchange)).unwrap();
        assert_eq!(of.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["a-h"], "{exchange}");
    }
    let wordings = |c: &str| world.store.read_blocking(|r| r.merged_wordings(c)).unwrap();
    assert_eq!((wordings("x-m"), wordings("x-n")), (vec![2], vec![2]));
    assert!(world.store.read_blocking(|r| r.waits_to_be_told("p-m2")).unwrap());
    world.tx(|tx| tx.claim("a-h", minute(500), chrono::TimeDelta::minutes(5)));
    world.tx(|tx| tx.sent("a-h", "250", minute(501)));
    for (old, new) in [("p-m", "p-m2"), ("p-n", "p-n2")] {
        assert_eq!((state(&world, old), state(&world, new)), (PromiseState::Renewed, PromiseState::Open));
        assert!(world.store.read_blocking(|r| r.promise(new)).unwrap().unwrap().announced);
    }
}

#[test]
fn one_kept_meanwhile_does_not_begin() {
    let world = world();
    world.tx(|tx| tx.close_promise("p-m", PromiseState::Kept, "answered", minute(500)));
    world.tx(|tx| tx.claim("a-h", minute(500), chrono::TimeDelta::minutes(5)));
    world.tx(|tx| tx.sent("a-h", "250", minute(501)));
    assert_eq!((state(&world, "p-m"), state(&world, "p-m2")), (PromiseState::Kept, PromiseState::Released));
    assert_eq!((state(&world, "p-n"), state(&world, "p-n2")), (PromiseState::Renewed, PromiseState::Open));
}

#[test]
fn a_mail_that_is_taken_back_leaves_nothing_in_the_way() {
    let world = world();
    assert!(world.tx(|tx| tx.take_back("a-h", "regrouped", minute(501))));
    assert!(!world.tx(|tx| tx.take_back("a-h", "regrouped", minute(501))), "once");
    assert_eq!(world.row("a-h").state, MailState::Dropped);
    for old in ["p-m", "p-n"] {
        assert_eq!(world.store.read_blocking(|r| r.renewal_of(old)).unwrap(), None);
        assert_eq!(state(&world, old), PromiseState::Open);
    }
    // Its key is free again.
    assert!(world.mail("h", ANNA, 502, |mail| (mail.id, mail.answers) = ("a-h2", Some("x-n"))).is_some());
}

#[test]
fn only_what_waits_can_be_held_and_hurried() {
    let world = World::new();
    world.receive(&message("m", ANNA, "Logo", 0));
    world.mail("m", ANNA, 0, |mail| mail.not_before = minute(5));
    assert!(world.tx(|tx| tx.hold("a-m", minute(60))));
    let row = world.row("a-m");
    assert_eq!((row.held_until, row.next_attempt, row.not_before), (Some(minute(60)), minute(60), minute(5)));
    // The end of a pause does not end it.
    assert_eq!(world.tx(|tx| tx.look_again(minute(10))), 0);
    assert!(world.tx(|tx| tx.hurry("a-m", minute(3))));
    let row = world.row("a-m");
    assert_eq!((row.held_until, row.hurried, row.next_attempt, row.not_before), (None, true, minute(3), minute(3)));
    let to = address(ANNA);
    let waiting = || world.store.read_blocking(|r| r.waiting_for(&to, "studio", "acknowledgement")).unwrap().len();
    let made = |since| {
        let but = |it| world.store.read_blocking(|r| r.made_for(&to, "studio", "acknowledgement", minute(since), it));
        (but(None).unwrap(), but(Some("a-m")).unwrap())
    };
    assert_eq!((waiting(), made(-1)), (1, (0, 0)), "what has not been tried does not count");
    world.tx(|tx| tx.claim("a-m", minute(4), chrono::TimeDelta::minutes(5)));
    assert_eq!((made(-1), made(0)), ((1, 0), (0, 0)));
    assert!(!world.tx(|tx| tx.hold("a-m", minute(60))) && !world.tx(|tx| tx.hurry("a-m", minute(4))));
    assert_eq!(waiting(), 0);
}

#[test]
fn a_pause_that_ends_does_not_make_mails_late() {
    let world = World::new();
    world.receive(&message("m", ANNA, "Logo", 0));
    world.mail("m", ANNA, 0, |mail| mail.not_before = minute(5));
    world.tx(|tx| tx.postpone("a-m", minute(50)));
    world.tx(|tx| tx.look_again(minute(49)));
    assert_eq!(world.row("a-m").next_attempt, minute(49), "looked at now, as it was a minute ago");
    world.tx(|tx| tx.look_again(minute(90)));
    assert_eq!(world.row("a-m").next_attempt, minute(49), "nobody looked since");
}

#[test]
fn the_owner_hears_once_that_everything_rests() {
    use crate::decide::PauseScope;
    let world = World::new();
    let told = || world.store.read_blocking(|r| r.notices_untold()).unwrap();
    let rest = |scope: PauseScope, code: &'static str, at: i64| {
        world.tx(|tx| tx.pause(&scope, minute(at + 60), code, minute(at)));
    };
    rest(PauseScope::Sender(ANNA.into()), "limit.sender", 0);
    rest(PauseScope::Conversation("x-m".into()), "limit.conversation", 0);
    rest(PauseScope::All, "cli", 0);
    assert!(told().is_empty());
    world.tx(|tx| tx.unpause(&PauseScope::All));
    rest(PauseScope::All, "limit.total", 1);
    rest(PauseScope::All, "limit.total", 2);
    rest(PauseScope::Mailbox("studio".into()), "limit.total", 3);
    let all = told();
    assert_eq!(all.iter().map(|it| it.mailbox.as_deref()).collect::<Vec<_>>(), [None, Some("studio")]);
    assert_eq!(all[0].values["code"], "limit.total");
    // What stands in the way of one mail, from the widest to the narrowest.
    let rests = world.store.read_blocking(|r| r.rests("studio", Some(&address(ANNA)), "x-m", minute(5))).unwrap();
    let scopes: Vec<PauseScope> = rests.into_iter().map(|(scope, _)| scope).collect();
    assert_eq!(
        scopes,
        [
            PauseScope::All,
            PauseScope::Mailbox("studio".into()),
            PauseScope::Sender(ANNA.into()),
            PauseScope::Conversation("x-m".into())
        ]
    );
    let other = world.store.read_blocking(|r| r.rests("other", None, "x-n", minute(5))).unwrap();
    assert_eq!(other.len(), 1);
}
