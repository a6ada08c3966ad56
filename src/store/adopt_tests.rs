//! Whose entries are: another key, contacts that were added, mails to several, and what nobody is given.
use super::*;
use crate::model::Incoming;
use crate::store::fixture::*;
use crate::store::{NewNote, NewVisit, NoteSource};

fn contacts(clients: &[(&str, &[&str])]) -> Contacts {
    let patterns = |all: &[&str]| all.iter().map(|text| AddressPattern::parse(text).unwrap()).collect();
    Contacts {
        clients: clients.iter().map(|(key, all)| ((*key).to_owned(), patterns(all))).collect(),
        ..Contacts::default()
    }
}

/// The ids of what is told of a client.
fn of(world: &World, client: &str) -> Vec<String> {
    world.store.read_blocking(|r| r.history(client)).unwrap().into_iter().map(|entry| entry.id).collect()
}

fn written(world: &World, mail: &Incoming) {
    world.see_sent(mail, &[]);
}

fn to_two(name: &str, one: &str, other: &str) -> Incoming {
    let mut mail = own(name, one, "For both of you", 3);
    mail.to.push(party(other));
    mail
}

#[test]
fn another_key_for_the_same_people() {
    let world = World::new();
    world.receive(&message("m", "anna@acme.example", "Logo", 0));
    world.acknowledge("m", "anna@acme.example", 1);
    world.see_sent(&to_two("s", "eve@acme.example", "printer@else.example"), &["acme"]);
    world.promise("m", "acme", 600);
    let day = chrono::NaiveDate::from_ymd_opt(2027, 2, 3).unwrap();
    world.tx(|tx| {
        tx.note(&NewNote {
            id: "n-1",
            project: "flyer",
            client: "acme",
            at: minute(5),
            text: "Two drafts",
            source: NoteSource::Cli,
            once: None,
        })?;
        tx.visited(&NewVisit { id: "v-1", client: "acme", day, text: "Coffee", now: minute(6) })
    });
    let new = contacts(&[("keller", &["@keller.example"]), ("acme-pte", &["@acme.example"])]);
    assert_eq!(world.store.follow_keys(&new).unwrap(), [("acme".to_owned(), "acme-pte".to_owned())]);
    assert_eq!(of(&world, "acme-pte"), ["x-m", "a-m", "x-s"]);
    assert!(of(&world, "acme").is_empty());
    let promises = world.store.read_blocking(|r| r.promises(true)).unwrap();
    assert_eq!(promises.iter().map(|p| (&*p.id, &*p.client)).collect::<Vec<_>>(), [("p-m", "acme-pte")]);
    // Nothing is left to do, and nothing is done twice.
    assert!(world.store.read_blocking(|r| r.clients_gone(&new)).unwrap().is_empty());
    assert!(world.store.follow_keys(&new).unwrap().is_empty());
    assert_eq!(world.store.adopt(&new).unwrap(), 0);
}

fn keys(world: &World, new: &Contacts) -> Vec<(String, String)> {
    world.store.follow_keys(new).unwrap()
}

/// Who left the client's contacts goes along: what was said was said to the client.
#[test]
fn who_left_goes_along() {
    let world = World::new();
    world.receive(&message("a", "anna@acme.example", "Logo", 0));
    world.receive(&message("b", "former@gone.example", "Flyer", 1));
    let new = contacts(&[("acme-pte", &["@acme.example"])]);
    assert_eq!(keys(&world, &new), [("acme".to_owned(), "acme-pte".to_owned())]);
    assert_eq!(of(&world, "acme-pte"), ["x-a", "x-b"]);
}

/// Two clients that become one, one that becomes two, people who are another client's now: nothing moves, nobody hears what
/// another was told, and what is gone from the configuration can still be named.
#[test]
fn nothing_is_mixed() {
    let world = World::new();
    world.receive(&message("a", "anna@acme.example", "Logo", 0));
    world.receive(&message("b", "boss@branch.example", "Flyer", 1));
    world.tx(|tx| tx.change("UPDATE exchange SET client = 'keller' WHERE id = 'x-b'", []));
    let one = contacts(&[("group", &["@acme.example", "@branch.example"])]);
    let two = contacts(&[("keller", &["@branch.example"]), ("lapa", &["anna@acme.example", "@lapa.example"])]);
    world.receive(&message("c", "anna@acme.example", "More", 2));
    world.receive(&message("d", "ana@lapa.example", "Site", 3));
    world.tx(|tx| tx.change("UPDATE exchange SET client = 'lapa' WHERE id = 'x-d'", []));
    world.receive(&message("e", "eve@pacific.example", "Map", 4));
    let split = contacts(&[
        ("keller", &["@branch.example"]),
        ("lapa", &["@lapa.example"]),
        ("acme-pte", &["@acme.example"]),
        ("pacific", &["@pacific.example"]),
    ]);
    for (what, new) in [("merged", one), ("moved", two), ("split", split)] {
        assert!(keys(&world, &new).is_empty(), "{what}");
        assert_eq!(world.store.adopt(&new).unwrap(), 0, "{what}");
        assert_eq!(of(&world, "acme"), ["x-a", "x-c", "x-e"], "{what}");
        assert!(world.store.read_blocking(|r| r.clients_gone(&new)).unwrap().contains(&"acme".to_owned()), "{what}");
    }
}

/// Notes bear their project; drafts are made once for each occasion, under whichever key.
#[test]
fn notes_and_occasions_follow() {
    let world = World::new();
    let occasion = |key: &str, project: Option<&str>| {
        world.tx(|tx| {
            tx.change(
                "INSERT INTO occasion (key, kind, client, project, state, asked, print, why, made_at)
                 VALUES (?1, substr(?1, 1, instr(?1, ':') - 1), 'acme', ?2, 'sent', 0, '', '[]', 0)",
                params![key, project],
            )
        });
    };
    for (key, project) in [
        ("recap:acme:2027-01", None),
        ("greeting:acme:birthday:anna:2027", None),
        ("slots:acme:2027-01-14", None),
        ("slot-confirmed:slots:acme:2027-01-14:2", None),
        ("payment:acme:2027-03:+7", Some("acme")),
        ("progress:acme:asked:2027-01-14", Some("acme")),
    ] {
        occasion(key, project);
    }
    let note = |id: &'static str, project: &'static str| {
        world.tx(|tx| {
            tx.note(&NewNote {
                id,
                project,
                client: "acme",
                at: minute(5),
                text: "x",
                source: NoteSource::Cli,
                once: None,
            })
        });
    };
    note("n-1", "flyer");
    note("n-2", "old");
    let notes = |client: &str| {
        let sql = "SELECT id FROM journal WHERE client = ? ORDER BY id";
        world.store.read_blocking(|r| r.many(sql, [client], |row| row.get::<_, String>(0))).unwrap()
    };
    // Without any mail nobody can tell who it is; a project that is configured says whose it is.
    let mut new = contacts(&[("acme-pte", &["@acme.example"])]);
    new.projects.push(("flyer".to_owned(), "acme-pte".to_owned()));
    assert!(keys(&world, &new).is_empty());
    assert_eq!((notes("acme-pte"), notes("acme")), (vec!["n-1".to_owned()], vec!["n-2".to_owned()]));
    world.receive(&message("a", "anna@acme.example", "Logo", 0));
    assert_eq!(keys(&world, &new).len(), 1);
    assert_eq!(notes("acme-pte"), ["n-1", "n-2"]);
    let sql = "SELECT key FROM occasion WHERE client = 'acme-pte' ORDER BY key";
    let all = world.store.read_blocking(|r| r.many(sql, [], |row| row.get::<_, String>(0))).unwrap();
    let want = [
        "greeting:acme-pte:birthday:anna:2027",
        "payment:acme:2027-03:+7",
        "progress:acme:asked:2027-01-14",
        "recap:acme-pte:2027-01",
        "slot-confirmed:slots:acme-pte:2027-01-14:2",
        "slots:acme-pte:2027-01-14",
    ];
    assert_eq!(all, want);
}

#[test]
fn contacts_that_come_later_bring_their_mail() {
    let world = World::new();
    let mut stranger = decision(crate::model::Verdict::Ignore);
    stranger.client = None;
    let mail = message("m", "kim@new.example", "First contact", 0);
    let new = crate::store::NewExchange {
        id: "x-m",
        mailbox: "studio",
        folder: "INBOX",
        uidvalidity: 7,
        uid: 1,
        incoming: &mail,
        raw: None,
        decision: &stranger,
        now: minute(0),
    };
    world.tx(|tx| tx.record(&new));
    written(&world, &own("s", "kim@new.example", "Re: First contact", 1));
    let before = contacts(&[("acme", &["@acme.example"])]);
    assert_eq!(world.store.adopt(&before).unwrap(), 0);
    assert!(!world.store.read_blocking(|r| r.contacts_changed(&before)).unwrap());
    let after = contacts(&[("acme", &["@acme.example"]), ("new", &["kim@new.example"])]);
    assert!(world.store.read_blocking(|r| r.contacts_changed(&after)).unwrap());
    assert_eq!(world.store.adopt(&after).unwrap(), 2);
    assert_eq!(of(&world, "new"), ["x-m", "x-s"]);
    assert_eq!(world.store.adopt(&after).unwrap(), 0);
    // A client who keeps the key keeps what was said, whatever becomes of the addresses; nobody else hears of it.
    let moved = contacts(&[("acme", &["@acme.example", "kim@new.example"]), ("new", &["kim@newer.example"])]);
    assert_eq!(world.store.adopt(&moved).unwrap(), 0);
    assert_eq!((of(&world, "new"), of(&world, "acme")), (vec!["x-m".to_owned(), "x-s".to_owned()], vec![]));
}

/// Whoever writes through a form stands in Reply-To; the form's address is nobody's.
#[test]
fn a_form_proves_nobody() {
    let world = World::new();
    world.receive(&message("m", "form@studio.example", "Through the form", 0));
    let mut new = contacts(&[("studio", &["@studio.example"])]);
    new.anybody.push("form@studio.example".to_owned());
    assert!(world.store.follow_keys(&new).unwrap().is_empty());
    assert_eq!(world.store.adopt(&new).unwrap(), 0);
    assert_eq!(of(&world, "acme"), ["x-m"]);
}

#[test]
fn a_mail_to_two_is_in_both_histories() {
    let world = World::new();
    world.see_sent(&to_two("now", "m@keller.example", "anna@acme.example"), &["keller", "acme"]);
    // Recorded when both were nobody's.
    written(&world, &to_two("then", "anna@acme.example", "boss@branch.example"));
    // Recorded when one of them was: what that one was told is not told to the other.
    world.see_sent(&to_two("once", "anna@acme.example", "boss@branch.example"), &["acme"]);
    let all =
        contacts(&[("keller", &["@keller.example"]), ("acme", &["@acme.example"]), ("branch", &["@branch.example"])]);
    assert_eq!(world.store.adopt(&all).unwrap(), 1);
    assert_eq!(of(&world, "keller"), ["x-now"]);
    assert_eq!(of(&world, "acme"), ["x-now", "x-then", "x-once"]);
    assert_eq!(of(&world, "branch"), ["x-then"]);
    // One of them is forgotten: the other's stays, and says that it names them.
    let whom = crate::store::Erasure { client: Some("keller".to_owned()), ..Default::default() };
    let gone = world.tx(|tx| tx.erase_people(&whom));
    assert_eq!(gone.shared, ["x-now"]);
    assert_eq!(
        (of(&world, "keller"), of(&world, "acme")),
        (vec![], ["x-now", "x-then", "x-once"].map(str::to_owned).to_vec())
    );
}

/// More than one portion, and a process that ends between two: the next start does the rest.
#[test]
fn it_goes_on_in_portions() {
    let world = World::new();
    let portion = usize::try_from(AT_ONCE).unwrap();
    for n in 0..portion + 5 {
        let mut mail = message(&format!("m{n}"), "anna@acme.example", "Logo", i64::try_from(n).unwrap());
        mail.message_id = None;
        world.receive(&mail);
    }
    let new = contacts(&[("acme-pte", &["@acme.example"]), ("branch", &["@branch.example"])]);
    world.tx(|tx| {
        tx.set_meta(FOLLOWING, "acme\tacme-pte")?;
        tx.change("UPDATE exchange SET client = 'acme-pte' WHERE seq <= 3", [])
    });
    assert_eq!(keys(&world, &new).len(), 1);
    assert_eq!(of(&world, "acme-pte").len(), portion + 5);
    assert!(keys(&world, &new).is_empty());
    world.tx(|tx| tx.change("UPDATE exchange SET client = NULL WHERE seq > 2", []));
    assert_eq!(world.store.adopt(&new).unwrap(), portion + 3);
    assert_eq!(of(&world, "acme-pte").len(), portion + 5);
}
