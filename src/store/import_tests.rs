//! Importing: nothing twice, nothing promised, threads whole in any order.
use super::*;
use crate::store::fixture::*;

fn import(world: &World, mail: &Incoming, writer: Writer) -> bool {
    let id = mail.key.replace("key-", "x-");
    let new = NewImport {
        id: &id,
        mailbox: "studio",
        place: None,
        incoming: mail,
        raw: &Packed::new(b"Subject: raw\r\n\r\n", true).unwrap(),
        writer,
        machine: false,
        clients: &["acme".to_owned()],
        now: minute(1000),
    };
    world.tx(|tx| tx.import(&new)).is_some()
}

fn conversation(world: &World, name: &str) -> String {
    world.store.read_blocking(|r| r.exchange(&format!("x-{name}"))).unwrap().unwrap().conversation
}

#[test]
fn nothing_comes_twice() {
    let world = World::new();
    let mail = message("m", "anna@acme.example", "Logo", 0);
    assert!(import(&world, &mail, Writer::Other));
    assert!(!import(&world, &mail, Writer::Other));
    let live = message("n", "anna@acme.example", "Logo", 0);
    world.receive(&live);
    assert!(!import(&world, &live, Writer::Other));
    // Our own acknowledgement, found in an archive of Sent.
    world.acknowledge("n", "anna@acme.example", 1);
    let mut copy = own("a-n", "anna@acme.example", "Re: Logo", 2);
    copy.key = "key-copy".to_owned();
    assert!(!import(&world, &copy, Writer::Owner));
}

#[test]
fn nothing_is_promised_kept_or_sent() {
    let world = World::new();
    world.receive(&message("m", "anna@acme.example", "Logo", 0));
    world.promise("m", "acme", 600);
    assert!(import(&world, &answering(own("s", "anna@acme.example", "Re: Logo", 5), &["m"]), Writer::Owner));
    assert!(import(&world, &message("n", "anna@acme.example", "New", 6), Writer::Other));
    assert_eq!(world.open(), ["p-m"]);
    let counts = world.store.read_blocking(|r| r.counts()).unwrap();
    assert_eq!((counts.open_promises, counts.queued), (1, 0));
    assert_eq!(world.store.read_blocking(|r| r.exchange("x-n")).unwrap().unwrap().decision, None);
    assert_eq!(world.store.read_blocking(|r| r.oldest_open_promise()).unwrap(), Some(minute(0)));
}

#[test]
fn threads_are_joined_in_any_order() {
    let thread = [
        (message("a", "anna@acme.example", "Logo", 0), Writer::Other),
        (answering(own("b", "anna@acme.example", "Re: Logo", 1), &["a"]), Writer::Owner),
        (answering(message("c", "anna@acme.example", "Re: Logo", 2), &["a"]), Writer::Other),
        (answering(message("d", "anna@acme.example", "Re: Logo", 3), &["b"]), Writer::Other),
    ];
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 2, 0]] {
        let world = World::new();
        for n in order {
            assert!(import(&world, &thread[n].0, thread[n].1));
        }
        let all: Vec<String> = ["a", "b", "c", "d"].iter().map(|name| conversation(&world, name)).collect();
        assert!(all.iter().all(|it| *it == all[0]), "{order:?}: {all:?}");
    }
}

/// Mail programs that write no In-Reply-To; mails whose parent is lost.
#[test]
fn references_join_in_any_order() {
    let mut grandchild = answering(message("c", "anna@acme.example", "Re: Logo", 2), &["lost"]);
    grandchild.references = vec![id("a"), id("lost")];
    let thread = [
        message("a", "anna@acme.example", "Logo", 0),
        referring(message("b", "anna@acme.example", "Re: Logo", 1), &["a"]),
        grandchild,
    ];
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [2, 0, 1]] {
        let world = World::new();
        for n in order {
            assert!(import(&world, &thread[n], Writer::Other));
        }
        let all: Vec<String> = ["a", "b", "c"].iter().map(|name| conversation(&world, name)).collect();
        assert!(all.iter().all(|it| *it == all[0]), "{order:?}: {all:?}");
        // Threading only: who refers to a message without answering it has not answered it.
        assert!(world.open().is_empty());
    }
    // Another matter that only refers to it is another conversation, whichever comes first.
    let aside = referring(message("d", "anna@acme.example", "The invoice", 3), &["a"]);
    let world = World::new();
    assert!(import(&world, &aside, Writer::Other));
    assert!(import(&world, &thread[0], Writer::Other));
    assert_ne!(conversation(&world, "a"), conversation(&world, "d"));
}

#[test]
fn a_cursor_counts_only_for_what_was_asked() {
    let world = World::new();
    let cursor = ImportCursor { part: "a.mbox".to_owned(), position: 77 };
    world.tx(|tx| tx.set_import_cursor("/mail", "clients: acme", &cursor, minute(0)));
    let known = |scope: &str| world.store.read_blocking(|r| r.import_cursor("/mail", scope)).unwrap();
    assert_eq!(known("clients: acme"), Some(cursor));
    assert_eq!(known("clients: acme, keller"), None);
    world.tx(|tx| tx.end_import("/mail"));
    assert_eq!(known("clients: acme"), None);
}

/// However many mails of ours there are, a message of the past is looked up by its Message-ID.
#[test]
fn a_look_up_does_not_walk_our_own_mails() {
    let source = include_str!("import.rs");
    let sql = source.split("let ours = \"").nth(1).unwrap().split('"').next().unwrap();
    let world = World::new();
    world.tx(|tx| {
        let mut plan = tx.connection().prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
        let lines: Vec<String> =
            plan.query_map(["<a@b>"], |row| row.get(3))?.collect::<rusqlite::Result<Vec<String>>>()?;
        assert!(lines.iter().any(|line| line.contains("exchange_message_id")), "{lines:?}");
        assert!(!lines.iter().any(|line| line.contains("key=")), "{lines:?}");
        Ok(())
    });
}
