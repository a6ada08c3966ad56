//! The documented JSON of the history.
use super::super::fixture::*;

const ANNA: &str = "anna@acme.example";

#[test]
fn json_of_both_directions() {
    let world = World::new();
    world.receive(&message("m", ANNA, "Logo", 0));
    world.acknowledge("m", ANNA, 5);
    world.see_sent(&answering(own("s", ANNA, "Re: Logo", 60), &["m"]), &["acme"]);
    world.tx(|tx| {
        tx.claim("a-m", minute(5), chrono::TimeDelta::minutes(1))?;
        tx.dot_sent(&tx.held("a-m"))
    });
    let history = world.store.read_blocking(|r| r.history("acme")).unwrap();
    let json = serde_json::to_value(&history).unwrap();
    let want = serde_json::json!([
        {"id": "x-m", "at": "2027-01-15T08:00:00Z", "direction": "in", "kind": "mail", "verdict": "acknowledge",
         "message_id": "<m@x.example>", "subject": "Logo", "from": ANNA, "to": "claire@studio.example", "state": null},
        {"id": "a-m", "at": "2027-01-15T08:05:00Z", "direction": "out", "kind": "acknowledgement", "verdict": null,
         "message_id": "<a-m@x.example>", "subject": "Re: Logo", "from": "claire@studio.example", "to": ANNA,
         "state": "sending"},
        {"id": "x-s", "at": "2027-01-15T09:00:00Z", "direction": "out", "kind": "mail", "verdict": "own",
         "message_id": "<s@x.example>", "subject": "Re: Logo", "from": "claire@studio.example", "to": ANNA,
         "state": null}
    ]);
    assert_eq!(json, want);
    assert_eq!(world.store.read_blocking(|r| r.conversation("x-m")).unwrap().len(), 3);
    assert!(world.store.read_blocking(|r| r.history("nobody")).unwrap().is_empty());
    let judged = world.store.read_blocking(|r| r.decision_of("x-m")).unwrap().unwrap();
    assert_eq!((judged.reasons.len(), judged.client.as_deref()), (2, Some("acme")));
    assert!(world.store.read_blocking(|r| r.decision_of("a-m")).unwrap().is_none());
}

#[test]
fn of_each_author_one_mail_a_day_is_looked_at() {
    let world = World::new();
    let day = 24 * 60;
    for (id, from, at) in [
        ("a", "anna@acme.example", 0),
        ("b", "anna@acme.example", 60),
        ("c", "bob@acme.example", 61),
        ("d", "anna@acme.example", 3 * day),
    ] {
        world.receive(&message(id, from, "Logo", at));
    }
    let found = |limit| world.store.read_blocking(|tx| tx.written_by_client("acme", limit)).unwrap();
    let ids = |limit| found(limit).into_iter().map(|(id, ..)| id).collect::<Vec<_>>();
    assert_eq!(ids(10), ["x-d", "x-c", "x-b"]);
    assert_eq!(ids(1), ["x-d"]);
    assert_eq!(found(1)[0].1, minute(3 * day));
}
