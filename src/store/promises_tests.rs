//! The life of a promise.
use super::super::fixture::*;
use super::*;
use crate::model::Zones;

const ANNA: &str = "anna@acme.example";

#[test]
fn open_renewed_and_closed_once() {
    let world = World::new();
    world.receive(&message("m", ANNA, "Logo", 0));
    world.receive(&answering(message("n", ANNA, "Re: Logo", 1), &["m"]));
    world.promise("m", "acme", 600);
    world.promise("n", "acme", 300);
    assert_eq!(world.open(), ["p-n", "p-m"], "the earliest first");
    let past = world.past(&answering(message("o", ANNA, "Logo", 2), &["n"]), 2);
    assert_eq!(past.open_promise_by, Some(minute(300)));

    let zone = Zones::bundled().get("Asia/Singapore").unwrap();
    let renewed = NewPromise {
        id: "p-2",
        exchange: "x-m",
        client: "acme",
        mailbox: "studio",
        by: minute(900),
        zone: &zone,
        announced: true,
        renews: Some("p-m"),
        now: minute(590),
    };
    world.tx(|tx| tx.make_promise(&renewed));
    let all = world.store.read_blocking(|r| r.promises(false)).unwrap();
    let told: Vec<_> = all.iter().map(|p| (p.id.as_str(), p.state, p.closed_by.as_deref())).collect();
    assert_eq!(
        told,
        [
            ("p-n", PromiseState::Open, None),
            ("p-m", PromiseState::Renewed, Some("holding")),
            ("p-2", PromiseState::Open, None)
        ]
    );
    assert_eq!(world.store.read_blocking(|r| r.renewals("x-m")).unwrap(), 1);
    assert_eq!(world.store.read_blocking(|r| r.promises_of("x-m")).unwrap().len(), 2);
    assert_eq!(world.store.read_blocking(|r| r.promises_due(minute(300))).unwrap().len(), 1);

    let close = |id: &str, state, by: &str| world.tx(|tx| tx.close_promise(id, state, by, minute(301)));
    assert!(close("p-n", PromiseState::Lapsed, "time"));
    assert!(!close("p-n", PromiseState::Kept, "done"), "an end is an end");
    assert_eq!(world.tx(|tx| tx.answered_flag("x-m", minute(302))), ["p-2"]);
    let kept = world.store.read_blocking(|r| r.promise("p-2")).unwrap().unwrap();
    assert_eq!(
        (kept.state, kept.closed_by.as_deref(), kept.closed_at),
        (PromiseState::Kept, Some("flag"), Some(minute(302)))
    );
    assert_eq!(world.store.read_blocking(|r| r.answered_at("x-m")).unwrap(), Some(minute(0)));
    assert!(world.open().is_empty());
}

#[test]
fn what_is_shown() {
    let world = World::new();
    world.receive(&message("m", ANNA, "Logo", 0));
    world.promise("m", "acme", 600);
    let shown = world.store.read_blocking(|r| r.promise("p-m")).unwrap().unwrap();
    assert_eq!(
        shown,
        Promise {
            id: "p-m".into(),
            client: "acme".into(),
            mailbox: "studio".into(),
            conversation: "x-m".into(),
            message_id: Some("<m@x.example>".into()),
            subject: HeaderText::new("Logo"),
            state: PromiseState::Open,
            by: minute(600),
            zone: "Asia/Singapore".into(),
            made_at: minute(0),
            announced: true,
            closed_at: None,
            closed_by: None,
        }
    );
    let zone = Zones::bundled().utc();
    assert!(world.tx(|tx| tx.move_promise("p-m", minute(700), &zone)));
    let moved = world.store.read_blocking(|r| r.promise("p-m")).unwrap().unwrap();
    assert_eq!(moved.by, minute(700));
    assert_eq!(world.tx(|tx| tx.close_of("x-m", PromiseState::Released, "gone", minute(1))), ["p-m"]);
    assert!(!world.tx(|tx| tx.move_promise("p-m", minute(800), &zone)));
    let missing = NewPromise {
        id: "p",
        exchange: "nothing",
        client: "acme",
        mailbox: "studio",
        by: minute(1),
        zone: &zone,
        announced: true,
        renews: None,
        now: minute(0),
    };
    assert!(matches!(world.store.write_blocking(|tx| tx.make_promise(&missing)), Err(StoreError::Missing { .. })));
}
