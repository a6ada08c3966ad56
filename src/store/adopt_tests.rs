//! Whose entries are: another key, contacts that were added, mails to several, and what nobody is given.
use super::*;
use crate::model::Incoming;
use crate::store::fixture::*;
use crate::store::{NewNote, NewVisit, NoteSource};

fn contacts(clients: &[(&str, &[&str])]) -> Contacts {
    let patterns = |all: &[&str]| all.iter().map(|text| AddressPattern::parse(text).unwrap()).collect();
    Contacts {
        clients: clients.iter().map(|(key, all)| ((*key).to_owned(), patterns(all))).collect(),
        anybody: Vec::new(),
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

/// People of one key that became two clients: the key goes to neither, each entry to the one who wrote it or got it.
#[test]
fn one_client_becomes_two() {
    let world = World::new();
    world.receive(&message("a", "anna@acme.example", "Logo", 0));
    world.receive(&message("b", "boss@branch.example", "Flyer", 1));
    world.promise("a", "acme", 600);
    world.promise("b", "acme", 700);
    let new = contacts(&[("acme-pte", &["@acme.example"]), ("branch", &["@branch.example"])]);
    assert!(world.store.follow_keys(&new).unwrap().is_empty());
    assert_eq!(world.store.adopt(&new).unwrap(), 2);
    assert_eq!((of(&world, "acme-pte"), of(&world, "branch")), (vec!["x-a".to_owned()], vec!["x-b".to_owned()]));
    let promises = world.store.read_blocking(|r| r.promises(true)).unwrap();
    let clients: BTreeSet<&str> = promises.iter().map(|p| &*p.client).collect();
    assert_eq!(clients, BTreeSet::from(["acme-pte", "branch"]));
}

/// Somebody of theirs is nobody's now: that person's mail keeps the old key, as nothing says whose it is.
#[test]
fn who_is_in_no_contacts_stays() {
    let world = World::new();
    world.receive(&message("a", "anna@acme.example", "Logo", 0));
    world.receive(&message("b", "former@gone.example", "Flyer", 1));
    let new = contacts(&[("acme-pte", &["@acme.example"])]);
    assert!(world.store.follow_keys(&new).unwrap().is_empty());
    assert_eq!(world.store.adopt(&new).unwrap(), 1);
    assert_eq!((of(&world, "acme-pte"), of(&world, "acme")), (vec!["x-a".to_owned()], vec!["x-b".to_owned()]));
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
    // A client who keeps the key keeps what was said; a letter to somebody who went elsewhere is told there too.
    let moved = contacts(&[("acme", &["@acme.example", "kim@new.example"]), ("new", &["kim@newer.example"])]);
    assert_eq!(world.store.adopt(&moved).unwrap(), 1);
    assert_eq!(
        (of(&world, "new"), of(&world, "acme")),
        (vec!["x-m".to_owned(), "x-s".to_owned()], vec!["x-s".to_owned()])
    );
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
    // Recorded when there was only one of them.
    world.see_sent(&to_two("then", "anna@acme.example", "boss@branch.example"), &["acme"]);
    let all =
        contacts(&[("keller", &["@keller.example"]), ("acme", &["@acme.example"]), ("branch", &["@branch.example"])]);
    assert_eq!(world.store.adopt(&all).unwrap(), 1);
    assert_eq!(of(&world, "keller"), ["x-now"]);
    assert_eq!(of(&world, "acme"), ["x-now", "x-then"]);
    assert_eq!(of(&world, "branch"), ["x-then"]);
    // One of them is forgotten: the other's stays, and says that it names them.
    let whom = crate::store::Erasure { client: Some("keller".to_owned()), addresses: Vec::new() };
    let gone = world.tx(|tx| tx.erase_people(&whom));
    assert_eq!(gone.shared, ["x-now"]);
    assert_eq!((of(&world, "keller"), of(&world, "acme")), (vec![], vec!["x-now".to_owned(), "x-then".to_owned()]));
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
    world.tx(|tx| tx.change("UPDATE exchange SET client = 'acme-pte' WHERE seq <= 3", []));
    assert_eq!(world.store.follow_keys(&new).unwrap().len(), 1);
    assert_eq!(of(&world, "acme-pte").len(), portion + 5);
    world.tx(|tx| tx.change("UPDATE exchange SET client = NULL WHERE seq > 2", []));
    assert_eq!(world.store.adopt(&new).unwrap(), portion + 3);
    assert_eq!(of(&world, "acme-pte").len(), portion + 5);
}
