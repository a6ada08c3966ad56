//! The life of a promise.
use super::super::fixture::*;
use super::*;
use crate::model::Zones;
use crate::store::Route;
use chrono::TimeDelta;

const ANNA: &str = "anna@acme.example";

#[test]
fn open_and_closed_once() {
    let world = World::new();
    world.receive(&message("m", ANNA, "Logo", 0));
    world.receive(&answering(message("n", ANNA, "Re: Logo", 1), &["m"]));
    world.promise("m", "acme", 600);
    world.promise("n", "acme", 300);
    assert_eq!(world.open(), ["p-n", "p-m"], "the earliest first");
    let past = world.past(&answering(message("o", ANNA, "Logo", 2), &["n"]), 2);
    assert_eq!(past.open_promise_by, Some(minute(300)));

    assert_eq!(world.store.read_blocking(|r| r.promises_due(minute(300))).unwrap().len(), 1);

    let close = |id: &str, state, by: &str| world.tx(|tx| tx.close_promise(id, state, by, minute(301)));
    assert!(close("p-n", PromiseState::Lapsed, "time"));
    assert!(!close("p-n", PromiseState::Kept, "done"), "an end is an end");
    assert_eq!(world.tx(|tx| tx.answered_flag("x-m", minute(302))), ["p-m"]);
    let kept = world.store.read_blocking(|r| r.promise("p-m")).unwrap().unwrap();
    assert_eq!(
        (kept.state, kept.closed_by.as_deref(), kept.closed_at),
        (PromiseState::Kept, Some("flag"), Some(minute(302)))
    );
    assert_eq!(world.store.read_blocking(|r| r.answered_at("x-m")).unwrap(), Some(minute(0)));
    assert!(world.open().is_empty());
}

/// A holding reply `h` that renews `p-m` by `p-2`, in the outbox since minute 585.
fn held(route: Route) -> World {
    let world = World::new();
    world.receive(&message("m", ANNA, "Logo", 0));
    world.promise("m", "acme", 600);
    let zone = Zones::bundled().get("Asia/Singapore").unwrap();
    let renewed = NewPromise {
        id: "p-2",
        exchange: "x-m",
        client: "acme",
        mailbox: "studio",
        by: minute(900),
        zone: &zone,
        announced: false,
        renews: Some("p-m"),
        now: minute(585),
    };
    world.tx(|tx| tx.make_promise(&renewed));
    let holding = |mail: &mut crate::store::NewMail<'_>| {
        (mail.id, mail.kind, mail.dedupe_key) = ("h", "holding", "holding:p-m");
        (mail.promise, mail.route) = (Some("p-2"), route);
    };
    assert_eq!(world.mail("m", ANNA, 585, holding).as_deref(), Some("h"));
    world
}

fn told(world: &World) -> Vec<(String, PromiseState, Option<String>, bool)> {
    let all = world.store.read_blocking(|r| r.promises(false)).unwrap();
    all.into_iter().map(|p| (p.id, p.state, p.closed_by, p.announced)).collect()
}

fn line(
    id: &str,
    state: PromiseState,
    by: Option<&str>,
    announced: bool,
) -> (String, PromiseState, Option<String>, bool) {
    (id.to_owned(), state, by.map(str::to_owned), announced)
}

#[test]
fn a_promise_is_renewed_when_its_mail_is_sent() {
    use PromiseState::{Kept, Lapsed, Open, Released, Renewed};
    let world = held(Route::Send);
    let waiting = [line("p-m", Open, None, true), line("p-2", Released, Some("unsent"), false)];
    assert_eq!(told(&world), waiting);
    assert_eq!(world.open(), ["p-m"]);
    assert_eq!(world.store.read_blocking(|r| r.renewals("x-m")).unwrap(), 1, "one that is on its way counts");
    assert_eq!(world.store.read_blocking(|r| r.renewal_of("p-m")).unwrap().as_deref(), Some("p-2"));
    assert_eq!(world.store.read_blocking(|r| r.renewed_by("p-2")).unwrap().unwrap().id, "p-m");
    assert_eq!(world.store.read_blocking(|r| r.renewed_by("p-m")).unwrap(), None);
    world.tx(|tx| tx.claim("h", minute(585), TimeDelta::minutes(30)));
    assert_eq!(told(&world), waiting);
    world.tx(|tx| tx.sent("h", "250 ok", minute(586)));
    let renewed = [line("p-m", Renewed, Some("holding"), true), line("p-2", Open, None, true)];
    assert_eq!(told(&world), renewed);
    assert_eq!(world.store.read_blocking(|r| r.promise("p-2")).unwrap().unwrap().made_at, minute(586));
    assert_eq!(world.store.read_blocking(|r| r.renewals("x-m")).unwrap(), 1);
    assert_eq!(world.store.read_blocking(|r| r.promises_of("x-m")).unwrap().len(), 2);
    assert!(!world.tx(|tx| tx.sent("h", "again", minute(700))), "once");
    assert_eq!(told(&world), renewed);

    // It lapsed while the mail was on its way: the client knows the new one.
    let world = held(Route::Send);
    world.tx(|tx| tx.claim("h", minute(599), TimeDelta::minutes(30)));
    world.tx(|tx| tx.close_promise("p-m", Lapsed, "time", minute(600)));
    world.tx(|tx| tx.sent("h", "250 ok", minute(601)));
    assert_eq!(told(&world), renewed);

    // It was kept meanwhile: nothing new begins.
    let world = held(Route::Send);
    world.tx(|tx| tx.claim("h", minute(585), TimeDelta::minutes(30)));
    world.tx(|tx| tx.close_promise("p-m", Kept, "answered", minute(586)));
    world.tx(|tx| tx.sent("h", "250 ok", minute(587)));
    assert_eq!(told(&world), [line("p-m", Kept, Some("answered"), true), line("p-2", Released, Some("unsent"), true)]);
    assert!(world.open().is_empty());
}

#[test]
fn a_holding_reply_that_never_leaves_changes_nothing() {
    use PromiseState::{Open, Released};
    let unchanged = [line("p-m", Open, None, true), line("p-2", Released, Some("unsent"), false)];
    for end in ["dropped", "failed", "observed", "drafted"] {
        let world = held(if end == "observed" { Route::Observe } else { Route::Send });
        world.tx(|tx| tx.claim("h", minute(585), TimeDelta::minutes(30)));
        world.tx(|tx| match end {
            "dropped" => tx.dropped("h", "too-late", minute(600)),
            "failed" => tx.failed(&tx.held("h"), "550 no", minute(586)),
            "drafted" => tx.drafted(&tx.held("h"), minute(586)),
            _ => Ok(true),
        });
        assert_eq!(told(&world), unchanged, "{end}");
        assert_eq!(world.store.read_blocking(|r| r.renewals("x-m")).unwrap(), 0, "{end}");
    }
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
