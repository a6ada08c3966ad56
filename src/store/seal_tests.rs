//! Sealing: every change after it is named, erasure is not a change, mails that move are sealed when they rest.
use super::*;
use crate::store::{OwnSource, SentDraft, fixture::*};

fn seal_all(world: &World) {
    while world.store.has_unsealed().unwrap() {
        world.tx(|tx| tx.seal_some());
    }
}

fn checked(world: &World) -> Checked {
    world.store.read_blocking(|r| r.check_chain(|_| ())).unwrap()
}

fn story() -> World {
    let world = World::new();
    for n in 0..5 {
        world.receive(&message(&format!("m{n}"), "anna@acme.example", "Logo", n));
    }
    world.see_sent(&answering(own("s", "anna@acme.example", "Re: Logo", 9), &["m1"]), &["acme"]);
    seal_all(&world);
    world
}

#[test]
fn a_whole_chain_is_whole() {
    let world = story();
    let found = checked(&world);
    assert_eq!((found.seals, found.erased, found.unsealed, found.fault), (6, 0, 0, None));
    assert_eq!(found.head.len(), 64);
    assert_eq!(world.store.read_blocking(|r| r.chain_head()).unwrap().unwrap(), (6, found.head));
    let seal = world.store.read_blocking(|r| r.seal_of("x-m2")).unwrap().unwrap();
    assert_eq!((seal.number, hex_of(seal.record.as_bytes())), (3, seal.content));
}

#[test]
fn what_was_changed_is_named() {
    let cases: &[(&str, u64, Option<&str>, &str)] = &[
        ("UPDATE exchange SET subject = 'Other' WHERE id = 'x-m2'", 3, Some("x-m2"), "changed after"),
        ("UPDATE exchange SET at = at + 1 WHERE id = 'x-m1'", 2, Some("x-m1"), "changed after"),
        ("UPDATE exchange SET direction = 'out' WHERE id = 'x-m2'", 3, Some("x-m2"), "changed after"),
        ("UPDATE exchange SET written_by = 'owner' WHERE id = 'x-m2'", 3, Some("x-m2"), "changed after"),
        ("UPDATE exchange SET verdict = 'ignore' WHERE id = 'x-m2'", 3, Some("x-m2"), "changed after"),
        (
            "UPDATE exchange SET direction = 'out', written_by = 'owner', verdict = 'own' WHERE id = 'x-m2'",
            3,
            Some("x-m2"),
            "changed after",
        ),
        ("UPDATE raw SET bytes = x'00' WHERE exchange = 4", 4, Some("x-m3"), "changed after"),
        ("UPDATE decision SET reasons = '[]' WHERE exchange = 5", 5, Some("x-m4"), "changed after"),
        ("UPDATE seal SET content = zeroblob(32) WHERE number = 2", 2, Some("x-m1"), "changed after"),
        ("UPDATE seal SET chain = zeroblob(32) WHERE number = 2", 2, Some("x-m1"), "chain was changed"),
        ("DELETE FROM seal WHERE number = 3", 4, Some("x-m3"), "missing"),
        ("DELETE FROM seal WHERE number = 6", 6, Some("x-s"), "no place"),
    ];
    for (sql, number, id, what) in cases {
        let world = story();
        world.tx(|tx| Ok(tx.connection().execute_batch(sql)?));
        let fault = checked(&world).fault.unwrap_or_else(|| panic!("{sql}"));
        assert_eq!((fault.number, fault.id.as_deref()), (*number, *id), "{sql}");
        assert!(fault.what.contains(what), "{sql}: {}", fault.what);
    }
}

#[test]
fn erasing_leaves_the_chain_checkable() {
    let world = story();
    let before = checked(&world).head;
    world.store.erase("acme").unwrap();
    let found = checked(&world);
    assert_eq!((found.seals, found.erased, found.fault, found.head), (6, 6, None, before));
}

#[test]
fn a_mail_is_sealed_when_it_rests() {
    let world = story();
    world.acknowledge("m0", "anna@acme.example", 1);
    seal_all(&world);
    let found = checked(&world);
    assert_eq!((found.seals, found.unsealed, found.fault), (6, 1, None));
    world.receive(&message("late", "anna@acme.example", "Late", 20));
    seal_all(&world);
    world.tx(|tx| tx.dropped("a-m0", "answered", minute(21)));
    seal_all(&world);
    let found = checked(&world);
    assert_eq!((found.seals, found.unsealed, found.fault), (8, 0, None));
}

#[test]
fn what_is_found_in_sent_after_all_breaks_no_seal() {
    type End = fn(&Tx<'_>) -> Result<bool, StoreError>;
    let ends: [End; 3] = [
        |tx| tx.drafted(&tx.held("a-m0"), minute(5)),
        |tx| tx.unknown(&tx.held("a-m0"), "no answer", minute(5)),
        |tx| tx.failed(&tx.held("a-m0"), "550 no", minute(5)),
    ];
    for (n, end) in ends.into_iter().enumerate() {
        let world = story();
        world.acknowledge("m0", "anna@acme.example", 1);
        world.tx(|tx| {
            tx.claim("a-m0", minute(4), chrono::TimeDelta::minutes(9))?;
            tx.dot_sent(&tx.held("a-m0"))?;
            end(tx)
        });
        seal_all(&world);
        assert_eq!(checked(&world).unsealed, 1, "{n}");
        let mut mail = answering(own("a-m0", "anna@acme.example", "Re: Logo, as I wrote it", 30), &["m0"]);
        mail.content.text = "Other words".to_owned();
        let draft = (n == 0).then_some(SentDraft { mail: "a-m0", edited: true });
        world.see_draft(&mail, &["acme"], OwnSource::Sent, draft);
        seal_all(&world);
        let found = checked(&world);
        assert_eq!((found.seals, found.unsealed, found.fault), (7, 0, None), "{n}");
    }
}

/// A mail of the owner's to themselves is seen in the inbox first.
#[test]
fn what_turns_out_to_be_the_owners_own_breaks_no_seal() {
    let world = story();
    world.receive(&message("self", "claire@martin.example", "Note", 30));
    seal_all(&world);
    let mut again = message("self", "claire@martin.example", "Note", 30);
    again.folder = crate::model::FolderRole::Sent;
    world.see_sent(&again, &[]);
    let found = world.store.read_blocking(|r| r.exchange("x-self")).unwrap().unwrap();
    assert_eq!(found.entry.direction, "out");
    let checked = checked(&world);
    assert_eq!((checked.seals, checked.fault), (7, None));
    let seal = world.store.read_blocking(|r| r.seal_of("x-self")).unwrap().unwrap();
    assert_eq!(hex_of(seal.record.as_bytes()), seal.content);
    assert!(seal.record.contains("direction in\n"), "{}", seal.record);
}

/// Entries that were sealed before version 2 still fit.
#[test]
fn the_first_version_still_fits() {
    let world = World::new();
    world.receive(&message("m0", "anna@acme.example", "Logo", 0));
    world.tx(|tx| {
        let facts = tx.one(&format!("{FACTS} WHERE e.id = ?"), ["x-m0"], facts)?.unwrap();
        let content = hash(facts.worded(1, |_| None).as_bytes());
        tx.change(
            "INSERT INTO seal (number, exchange, content, chain) VALUES (1, ?, ?, ?)",
            params![facts.seq, content, link(&BEGINNING, &content)],
        )?;
        tx.set_meta(LOOKED_AT, &facts.seq.to_string())
    });
    assert_eq!((checked(&world).seals, checked(&world).fault), (1, None));
    let seal = world.store.read_blocking(|r| r.seal_of("x-m0")).unwrap().unwrap();
    assert!(seal.record.starts_with("fuseau entry 1\n") && hex_of(seal.record.as_bytes()) == seal.content);
}

#[test]
fn a_dossier_has_a_chain_of_its_own() {
    let contents = [hex_of(b"one"), hex_of(b"two")];
    let first = link(&BEGINNING, &hash(b"one"));
    assert_eq!(chain_of(&contents), hex(&link(&first, &hash(b"two"))));
    assert_eq!(chain_of(&[]), hex(&BEGINNING));
}
