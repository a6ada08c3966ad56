//! Forgetting: what is gone afterwards, and what stays.
use crate::decide::PauseScope;
use crate::model::PromiseState;
use crate::store::{Alert, FILE, NewNote, NewNotice, NewVisit, NoteSource, Store, fixture::*};

#[test]
fn search_knows_every_script() {
    let world = World::new();
    for (n, subject) in ["Décalage horaire", "ロゴの件", "LOGO ДИЗАЙН"].iter().enumerate() {
        world.receive(&message(&format!("m{n}"), "anna@acme.example", subject, i64::try_from(n).unwrap()));
    }
    let ids = |query: &str, limit| -> Vec<String> {
        let found = world.store.read_blocking(|r| r.search(query, limit)).unwrap();
        found.into_iter().map(|it| it.entry.id).collect()
    };
    for (query, want) in [
        ("décalage", vec!["x-m0"]),
        ("ロゴ", vec!["x-m1"]),
        ("дизайн logo", vec!["x-m2"]),
        ("anna@acme", vec!["x-m2", "x-m1", "x-m0"]),
        ("\" OR 1=1 %", vec![]),
        ("", vec![]),
    ] {
        assert_eq!(ids(query, 10), want, "{query}");
    }
    assert_eq!(ids("text of", 2).len(), 2);
}

#[test]
fn what_is_too_old_goes_unless_it_is_promised() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::new();
    world.store = Store::open(dir.path()).unwrap();
    world.receive(&message("old", "anna@acme.example", "Canary subject", 0));
    let silent = |at| world.store.read_blocking(|r| r.clients_silent_since(minute(at))).unwrap();
    assert_eq!((silent(0), silent(1)), (vec![], vec!["acme".to_owned()]));
    world.promise("old", "acme", 600);
    assert_eq!(silent(1), [""; 0]);
    world.tx(|tx| tx.close_of("x-old", crate::model::PromiseState::Kept, "done", minute(2)));
    world.store.overwrite_deleted(true).unwrap();
    world.tx(|tx| tx.erase_client("acme"));
    world.store.close().unwrap();
    let bytes = std::fs::read(dir.path().join(FILE)).unwrap();
    assert!(!String::from_utf8_lossy(&bytes).to_lowercase().contains("canary"));
}

/// A client of whom only notes and visits are left: the younger of them counts, and both go.
#[test]
fn what_was_only_written_down_grows_old_too() {
    let world = World::new();
    let day = chrono::NaiveDate::from_ymd_opt(2027, 2, 3).unwrap();
    world.tx(|tx| {
        tx.note(&NewNote {
            id: "n-1",
            project: "flyer",
            client: "keller",
            at: minute(5),
            text: "Two drafts",
            source: NoteSource::Cli,
            once: None,
        })?;
        tx.visited(&NewVisit { id: "v-1", client: "keller", day, text: "A shop in spring", now: minute(9) })
    });
    let silent = |at| world.store.read_blocking(|r| r.clients_silent_since(minute(at))).unwrap();
    assert_eq!((silent(5), silent(9), silent(10)), (vec![], vec![], vec!["keller".to_owned()]));
    let wanted = super::Erasure { client: Some("keller".to_owned()), ..Default::default() };
    assert_eq!(world.tx(|tx| tx.erase_people(&wanted)).entries, [0; 0]);
    let left = |r: &crate::store::Reader<'_>| Ok((r.journal("flyer")?.len(), r.visits(None)?.len()));
    assert_eq!(world.store.read_blocking(left).unwrap(), (0, 0));
    assert_eq!(silent(10), [""; 0]);
}

#[test]
fn what_is_left_of_a_conversation_keeps_together() {
    let world = World::new();
    world.receive(&message("m", "anna@acme.example", "Logo", 0));
    for (n, name) in ["b", "c"].into_iter().enumerate() {
        let mut mail = message(name, "bob@acme.example", "Re: Logo", 1 + i64::try_from(n).unwrap());
        mail.in_reply_to = vec![id("m")];
        world.receive(&mail);
    }
    world.tx(|tx| tx.pause(&PauseScope::Conversation("x-m".to_owned()), minute(900), "cli", minute(3)));
    world.tx(|tx| {
        tx.erase_people(&super::Erasure { addresses: vec!["anna@acme.example".to_owned()], ..Default::default() })
    });
    let talk = |id: &str| world.store.read_blocking(|r| r.exchange(id)).unwrap().unwrap().conversation;
    assert_eq!((talk("x-b"), talk("x-c")), ("x-b".to_owned(), "x-b".to_owned()));
    let scope = PauseScope::Conversation("x-b".to_owned());
    assert!(world.store.read_blocking(|r| r.paused(&scope, minute(4))).unwrap().is_some());
}

#[test]
fn an_address_is_erased_and_what_names_it_elsewhere_is_told() {
    let world = World::new();
    world.receive(&message("m", "anna@acme.example", "Logo", 0));
    world.receive(&message("n", "bob@acme.example", "Logo", 1));
    world.see_sent(&answering(own("s", "anna@acme.example", "Re: Logo", 2), &["m"]), &["acme"]);
    let mut both = own("both", "anna@acme.example", "Hello", 3);
    both.to.push(party("zoe@lapa.example"));
    world.see_sent(&both, &["lapa"]);
    let wanted = super::Erasure { addresses: vec!["anna@acme.example".to_owned()], ..Default::default() };
    let erased = world.tx(|tx| tx.erase_people(&wanted));
    assert_eq!(erased.entries.len(), 2, "what she wrote and what was written to her alone");
    assert_eq!(erased.shared, ["x-both"]);
    assert_eq!(
        erased.places,
        [("studio".to_owned(), "INBOX".to_owned(), 1), ("studio".to_owned(), "Sent".to_owned(), 1)]
    );
    let left = |client: &str| world.store.read_blocking(|r| r.history(client)).unwrap().len();
    assert_eq!((left("acme"), left("lapa")), (1, 1));
}

#[test]
fn nothing_of_an_erased_client_is_left_in_the_files() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::new();
    world.store = Store::open(dir.path()).unwrap();
    let mut mail = message("m", "anna@acme.example", "Canary subject", 0);
    mail.content.text = "Canary text".to_owned();
    world.receive(&mail);
    world.promise("m", "acme", 600);
    world.mail("m", "anna@acme.example", 1, |mail| mail.promise = Some("p-m")).unwrap();
    world.see_sent(&answering(own("s", "anna@acme.example", "Canary answer", 2), &["m"]), &["acme"]);
    world.tx(|tx| tx.bounce(&address("anna@acme.example"), minute(0)));
    // What names her in other tables: a notice, an alert and what its hook said, the daemon's notes, and the promise
    // to somebody else that a mail to both has kept.
    world.see_sent(&own("z", "zoe@lapa.example", "Poster", 3), &["lapa"]);
    world.promise("z", "lapa", 600);
    world.tx(|tx| {
        let (mailbox, client, exchange) = (Some("studio"), Some("acme"), Some("x-m"));
        let values: &[(&str, &str)] = &[("subject", "Canary subject")];
        let code = crate::model::NoticeCode::Urgent;
        let now = minute(3);
        tx.notice(&NewNotice { code, mailbox, client, exchange, values, once: Some("urgent:x-m"), now })?;
        tx.notice(&NewNotice { code, mailbox, client: None, exchange, values, once: Some("other:x-m"), now })?;
        tx.alert(&Alert {
            exchange: "x-m".to_owned(),
            mailbox: "studio".to_owned(),
            client: "acme".to_owned(),
            evidence: "subject: canary".to_owned(),
            made_at: now,
        })?;
        tx.claim_alerts("studio")?;
        tx.alert_ended("x-m", Some("canary: exit status 1"), now)?;
        tx.pause(&PauseScope::Conversation("x-m".to_owned()), minute(900), "cli", now)?;
        tx.set_meta("promises.gone.studio", "x-m 5\nx-z 6\n")?;
        tx.copying("x-m")?;
        tx.close_promise_for("p-z", PromiseState::Kept, "answered", Some("x-s"), now)
    });
    assert_eq!(world.store.erase("acme").unwrap(), 3);
    world.store.read_blocking(|r| r.meta("promises.gone.studio")).map(|it| assert_eq!(it.unwrap(), "x-z 6\n")).unwrap();
    let about = world.store.read_blocking(|r| r.notices_about(&["x-m"].into(), Some("acme"))).unwrap();
    assert_eq!(about, []);
    let left = world.store.read_blocking(|r| r.steps("p-z")).unwrap();
    assert_eq!(left.last().map(|step| step.cause.as_str()), Some("answered"), "his own promise's life is whole");
    let left = world.store.read_blocking(|r| r.promises(false)).unwrap();
    assert_eq!(left.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["p-z"]);
    for name in [FILE.to_owned(), format!("{FILE}-wal")] {
        let bytes = std::fs::read(dir.path().join(&name)).unwrap();
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        assert!(!["canary", "anna@acme", "x-m", "x-s"].iter().any(|it| text.contains(it)), "{name}");
    }
}

/// Somebody went from one client to another: forgetting the first takes nothing of the second.
#[test]
fn who_is_anothers_now_stays_known() {
    let world = World::new();
    world.receive(&message("old", "anna@acme.example", "Logo", 0));
    world.receive(&message("new", "anna@acme.example", "Flyer", 1));
    world.tx(|tx| tx.change("UPDATE exchange SET client = 'keller' WHERE id = 'x-new'", []));
    world.mail("new", "anna@acme.example", 2, |mail| mail.client = Some("keller"));
    world.receive(&message("ben", "ben@acme.example", "Logo", 3));
    for who in ["anna@acme.example", "ben@acme.example", "eve@acme.example"] {
        world.tx(|tx| tx.never(&address(who), "owner", minute(4)));
    }
    world.receive(&message("eve", "eve@acme.example", "Logo", 5));
    let others = vec![crate::model::AddressPattern::parse("eve@acme.example").unwrap()];
    let wanted = super::Erasure { client: Some("acme".to_owned()), others, ..Default::default() };
    let erased = world.tx(|tx| tx.erase_people(&wanted));
    assert_eq!(erased.entries.len(), 3);
    assert_eq!(erased.shared, ["x-new"]);
    let left = world.store.read_blocking(|r| r.history("keller")).unwrap();
    assert_eq!(left.iter().map(|it| &*it.id).collect::<Vec<_>>(), ["x-new", "a-new"]);
    let never = |who: &str| world.store.read_blocking(|r| r.is_never(&address(who))).unwrap();
    assert_eq!([never("anna@acme.example"), never("ben@acme.example"), never("eve@acme.example")], [true, false, true]);
}
