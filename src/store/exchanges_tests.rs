//! Recording: what is kept, and that doing it twice changes nothing. Cursors and the note against poison too.
use super::super::fixture::*;
use super::super::raw::RAW_MOST;
use super::*;
use crate::model::{Code, FolderRole};
use crate::store::Cursor;

const ANNA: &str = "anna@acme.example";

#[test]
fn everything_is_kept() {
    let world = World::new();
    let mail = message("m", "Anna+x@ACME.example", "Re: Logo", 3);
    let decision = planned(600);
    let new = NewExchange {
        id: "x-m",
        mailbox: "studio",
        folder: "INBOX",
        uidvalidity: 7,
        uid: 1,
        incoming: &mail,
        raw: Some(&Packed::new(b"Subject: raw\r\n\r\nbody", true).unwrap()),
        decision: &decision,
        now: minute(4),
    };
    world.tx(|tx| tx.record(&new));
    let kept = world.store.read_blocking(|r| r.exchange_by_message_id("<m@x.example>")).unwrap().unwrap();
    assert_eq!(kept.entry.from.as_deref(), Some("Anna+x@acme.example"));
    assert_eq!(kept.entry.to.as_deref(), Some("claire@studio.example"));
    assert_eq!((kept.entry.at, kept.entry.direction.as_str(), kept.entry.kind.as_str()), (minute(3), "in", "mail"));
    assert_eq!(
        (kept.mailbox.as_str(), kept.key.as_deref(), kept.excerpt.as_str()),
        ("studio", Some("key-m"), "Text of m")
    );
    let judged = kept.decision.unwrap();
    assert_eq!(judged.reasons, vec![Code::KnownClient.into(), Code::Precedence.with("bulk")]);
    assert_eq!((judged.by, judged.send_at, judged.announced), (Some(minute(600)), Some(minute(5)), true));
    assert_eq!(judged.window.unwrap().zone, "Asia/Singapore");
    assert_eq!(
        world.store.read_blocking(|r| r.raw("x-m")).unwrap(),
        Some((b"Subject: raw\r\n\r\nbody".to_vec(), true))
    );
    assert_eq!(world.store.read_blocking(|r| r.last_recorded_at()).unwrap(), Some(minute(4)));
    assert_eq!(world.store.read_blocking(|r| r.recent(minute(4), 10)).unwrap().len(), 1);
    assert_eq!(world.store.read_blocking(|r| r.recent(minute(5), 10)).unwrap().len(), 0);
}

#[test]
fn a_place_or_a_message_without_identity_is_recorded_once() {
    let world = World::new();
    let nothing = Incoming { unreadable: true, ..Incoming::default() };
    let decision = decision(Verdict::Hold);
    let new = NewExchange {
        id: "x-1",
        mailbox: "studio",
        folder: "INBOX",
        uidvalidity: 7,
        uid: 1,
        incoming: &nothing,
        raw: None,
        decision: &decision,
        now: minute(0),
    };
    assert!(!world.tx(|tx| tx.record(&new)).duplicate);
    let again = world.tx(|tx| tx.record(&NewExchange { id: "x-2", ..new }));
    assert_eq!((again.exchange.as_str(), again.duplicate), ("x-1", true));
    let other = world.tx(|tx| tx.record(&NewExchange { id: "x-3", uid: 2, ..new }));
    assert_eq!((other.exchange.as_str(), other.duplicate), ("x-3", false), "unreadable ones are not each other");
    let recorded =
        |uid, validity| world.store.read_blocking(|r| r.was_recorded("studio", "INBOX", validity, uid)).unwrap();
    assert_eq!([recorded(1, 7), recorded(2, 7), recorded(3, 7), recorded(1, 8)], [true, true, false, false]);
}

#[test]
fn large_raw_messages_keep_their_beginning() {
    let world = World::new();
    world.receive(&message("m", ANNA, "Logo", 0));
    let raw = vec![b'x'; RAW_MOST + 5];
    world.tx(|tx| {
        tx.change("DELETE FROM raw WHERE exchange = 1", [])?;
        tx.keep_packed(1, &Packed::new(&raw, true)?)
    });
    let (bytes, whole) = world.store.read_blocking(|r| r.raw("x-m")).unwrap().unwrap();
    assert_eq!((bytes.len(), whole), (RAW_MOST, false));
}

#[test]
fn cursors() {
    let world = World::new();
    let cursor = || world.store.read_blocking(|r| r.cursor("studio", "INBOX")).unwrap();
    world.receive(&message("early", ANNA, "Logo", 0));
    assert_eq!(cursor(), None, "a record alone sets no cursor");
    let contact = |validity, next| {
        world.tx(|tx| tx.first_contact("studio", "INBOX", FolderRole::Inbox, validity, next, minute(0)))
    };
    assert!(contact(7, 100));
    assert_eq!(cursor(), Some(Cursor { uidvalidity: 7, uid_next: 100, rescan_below: 100 }));
    assert!(!contact(7, 900), "first contact happens once");
    let set = |validity, next| world.tx(|tx| tx.set_cursor("studio", "INBOX", validity, next));
    assert!(set(7, 105) && set(7, 50));
    assert_eq!(cursor().unwrap().uid_next, 105, "never back (rule B9)");
    assert!(!set(8, 200), "not for another validity");
    assert!(!world.tx(|tx| tx.set_cursor("studio", "Nowhere", 7, 1)));

    let mail = message("m", ANNA, "Logo", 0);
    world.receive(&mail);
    world.tx(|tx| tx.uidvalidity_changed("studio", "INBOX", 9, 50));
    assert_eq!(cursor(), Some(Cursor { uidvalidity: 9, uid_next: 1, rescan_below: 50 }));
    assert!(world.store.read_blocking(|r| r.places("x-m")).unwrap().is_empty(), "places are forgotten");
    assert!(world.receive(&mail).duplicate, "messages are not (rule B8)");
    let missing = world.store.write_blocking(|tx| tx.uidvalidity_changed("studio", "Nowhere", 9, 50));
    assert!(matches!(missing, Err(StoreError::Missing { .. })));
}

#[test]
fn a_message_that_kills_the_program_is_noticed() {
    let world = World::new();
    let note = || world.tx(|tx| tx.note_in_work("studio", "INBOX", 7, &[1, 2], minute(0)));
    let deaths = |uid| world.store.read_blocking(|r| r.deaths("studio", "INBOX", 7, uid)).unwrap();
    assert_eq!(note(), [(1, 0), (2, 0)]);
    world.receive(&message("m", ANNA, "Logo", 0));
    assert_eq!(note(), [(1, 0), (2, 1)], "1 was recorded, 2 was not");
    assert_eq!(note(), [(1, 1), (2, 2)]);
    assert_eq!((deaths(1), deaths(2), deaths(3)), (1, 2, 0));
    let begun = |validity| world.store.read_blocking(|r| r.in_work("studio", "INBOX", validity)).unwrap();
    assert_eq!((begun(7), begun(8)), (vec![1, 2], vec![]));
    world.tx(|tx| tx.clear_in_work("studio", "INBOX", 7, &[2]));
    assert_eq!((deaths(1), deaths(2)), (1, 0));
}
