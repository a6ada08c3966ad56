//! The index against a history: what is found and in which order, and what becomes of it when the history changes.
use super::*;
use crate::store::Store;
use crate::store::fixture::*;

/// A history of messages `m0`, `m1`, ... one minute apart, indexed.
fn indexed(mails: &[(&str, &str, &str)]) -> (World, Index) {
    let world = World::new();
    for (n, (from, subject, text)) in mails.iter().enumerate() {
        let mut mail = message(&format!("m{n}"), from, subject, i64::try_from(n).unwrap());
        (*text).clone_into(&mut mail.content.text);
        world.receive(&mail);
    }
    let index = Index::in_memory().unwrap();
    catch_up(&world.store, &index);
    (world, index)
}

fn page(unread: Unread) -> Page {
    Page {
        seq: unread.seq,
        id: unread.id,
        at: unread.at,
        subject: unread.subject,
        text: unread.excerpt,
        sender: unread.from.unwrap_or_default(),
        recipients: unread.to.unwrap_or_default(),
        attachments: Vec::new(),
        moving: unread.moving,
    }
}

fn catch_up(store: &Store, index: &Index) {
    loop {
        let pages = store.read_blocking(|r| r.recorded_after(index.reaches(r)?, 100)).unwrap();
        if pages.is_empty() {
            return;
        }
        index.add(&pages.into_iter().map(page).collect::<Vec<_>>()).unwrap();
    }
}

fn found(world: &World, index: &Index, query: &str, sieve: &Sieve) -> Vec<String> {
    let query = Query::parse(query).unwrap();
    let hits = world.store.read_blocking(|r| index.find(r, &query, sieve, 10)).unwrap();
    hits.entries.into_iter().map(|it| it.entry.id).collect()
}

#[test]
fn every_script_is_found() {
    let (world, index) = indexed(&[
        ("anna@acme.example", "Réunion demain", "Le décalage horaire est de 7 heures."),
        ("anna@acme.example", "ロゴの件", "日本語のロゴを送ります。"),
        ("bob@lapa.example", "LOGO ДИЗАЙН", "Trade fair in March, fair trade later"),
        ("ali@dar.example", "عن الكتاب", "أرسلت إليك كتابًا جديدًا"),
        ("wei@hua.example", "会议", "我们明天开会讨论合同"),
        ("min@seoul.example", "회의", "내일 회의에서 만나요"),
    ]);
    for (query, want) in [
        ("reunion", vec!["x-m0"]),
        ("REUNION", vec!["x-m0"]),
        ("decalage horaire", vec!["x-m0"]),
        ("décal*", vec!["x-m0"]),
        ("ロゴ", vec!["x-m1"]),
        ("日本語", vec!["x-m1"]),
        ("日", vec!["x-m1"]),
        ("本日", vec![]),
        ("дизайн logo", vec!["x-m2"]),
        ("\"trade fair\"", vec!["x-m2"]),
        ("\"fair in march\"", vec!["x-m2"]),
        ("\"march trade\"", vec![]),
        ("كتاب", vec!["x-m3"]),
        ("جديد*", vec!["x-m3"]),
        ("合同", vec!["x-m4"]),
        ("开会", vec!["x-m4"]),
        ("회의", vec!["x-m5"]),
        ("from:anna", vec!["x-m1", "x-m0"]),
        ("from:anna@acme.example -reunion", vec!["x-m1"]),
        ("from:lapa OR from:dar", vec!["x-m3", "x-m2"]),
        ("to:claire reunion", vec!["x-m0"]),
        ("subject:trade", vec![]),
        ("\"nothing of it\"", vec![]),
    ] {
        assert_eq!(found(&world, &index, query, &Sieve::default()), want, "{query}");
    }
}

#[test]
fn subjects_and_names_stand_first_then_the_newest() {
    let (world, index) = indexed(&[
        ("anna@acme.example", "Invoice 12", "here it is"),
        ("anna@acme.example", "Hello", "the invoice, please"),
        ("anna@acme.example", "Invoice 13", "here"),
        ("anna@acme.example", "Thanks", "for the invoice"),
    ]);
    assert_eq!(found(&world, &index, "invoice", &Sieve::default()), ["x-m2", "x-m0", "x-m3", "x-m1"]);
    let query = Query::parse("invoice").unwrap();
    let hits = world.store.read_blocking(|r| index.find(r, &query, &Sieve::default(), 3)).unwrap();
    assert_eq!((hits.entries.len(), hits.more, hits.cut_short), (3, true, false));
}

#[test]
fn filters() {
    let (world, index) = indexed(&[
        ("anna@acme.example", "Logo", "one"),
        ("anna@acme.example", "Logo", "two"),
        ("anna@acme.example", "Logo", "three"),
    ]);
    world.see_sent(&own("s", "anna@acme.example", "Logo", 5), &["lapa"]);
    world.promise("m1", "acme", 600);
    catch_up(&world.store, &index);
    let with = |test, not| Sieve { tests: vec![(test, not)], ..Sieve::default() };
    let clients = |key: &str| Test::Clients(vec![key.to_owned()]);
    for (sieve, want) in [
        (Sieve { from: Some(minute(1)), until: Some(minute(2)), ..Sieve::default() }, vec!["x-m1"]),
        (with(clients("lapa"), false), vec!["x-s"]),
        (with(clients("lapa"), true), vec!["x-m2", "x-m1", "x-m0"]),
        (with(Test::Open, false), vec!["x-m1"]),
        (with(Test::Open, true), vec!["x-s", "x-m2", "x-m0"]),
        (with(Test::Direction("out"), false), vec!["x-s"]),
        (with(Test::In("sent".to_owned()), false), vec!["x-s"]),
        (with(Test::In("INBOX".to_owned()), false), vec!["x-m2", "x-m1", "x-m0"]),
        (with(Test::In("studio".to_owned()), true), vec![]),
        (with(Test::Kind("automatic".to_owned()), false), vec![]),
        (with(Test::Held, false), vec![]),
        (Sieve { attachment: Some(true), ..Sieve::default() }, vec![]),
        (Sieve { attachment: Some(false), ..Sieve::default() }, vec!["x-s", "x-m2", "x-m1", "x-m0"]),
    ] {
        assert_eq!(found(&world, &index, "logo", &sieve), want, "{sieve:?}");
        // The same without a word.
        if sieve.attachment.is_none() {
            let hits = world.store.read_blocking(|r| index.find(r, &Query::default(), &sieve, 10)).unwrap();
            let ids: Vec<_> = hits.entries.into_iter().map(|it| it.entry.id).collect();
            assert_eq!(ids, want, "{sieve:?}");
        }
    }
}

/// A draft is found by what it says now, not by what it said when it was indexed; once it has left it rests.
#[test]
fn a_mail_that_changes_is_indexed_again() {
    let (world, index) = indexed(&[("anna@acme.example", "Logo", "one")]);
    world.acknowledge("m0", "anna@acme.example", 1);
    catch_up(&world.store, &index);
    let renew = || {
        let moving = index.moving().unwrap();
        let changed = world.store.read_blocking(|r| r.changed(&moving)).unwrap();
        index.renew(&changed.into_iter().map(page).collect::<Vec<_>>()).unwrap()
    };
    let rewrite = |text: &str| {
        let sql = format!("UPDATE exchange SET subject = '{text}', excerpt = '' WHERE id = 'a-m0'");
        world.tx(|tx| Ok(tx.connection().execute_batch(&sql)?));
    };
    assert_eq!(renew(), 0, "nothing has changed");
    rewrite("Quagga");
    assert_eq!((found(&world, &index, "quagga", &Sieve::default()), renew()), (vec![], 1));
    assert_eq!(found(&world, &index, "quagga", &Sieve::default()), ["a-m0"]);
    rewrite("Okapi");
    assert_eq!((renew(), found(&world, &index, "quagga", &Sieve::default())), (1, vec![]));
    world.tx(|tx| tx.dropped("a-m0", "answered", minute(21)));
    assert_eq!((renew(), index.moving().unwrap()), (1, vec![]));
    assert_eq!(found(&world, &index, "okapi", &Sieve::default()), ["a-m0"]);
}

#[test]
fn many_entries_of_one_second() {
    let mails: Vec<(&str, &str, &str)> = vec![("anna@acme.example", "Logo", "x"); 300];
    let world = World::new();
    for (n, (from, subject, _)) in mails.iter().enumerate() {
        world.receive(&message(&format!("m{n}"), from, subject, 0));
    }
    let index = Index::in_memory().unwrap();
    catch_up(&world.store, &index);
    let query = Query::parse("logo").unwrap();
    let hits = world.store.read_blocking(|r| index.find(r, &query, &Sieve::default(), 1000)).unwrap();
    assert_eq!(hits.entries.len(), 300);
}

#[test]
fn an_index_of_another_history_is_made_anew() {
    let (_, index) = indexed(&[("anna@acme.example", "Old", "x"), ("anna@acme.example", "Old", "x")]);
    let other = World::new();
    other.receive(&message("other", "anna@acme.example", "New", 0));
    catch_up(&other.store, &index);
    assert_eq!(found(&other, &index, "new", &Sieve::default()), ["x-other"]);
    assert_eq!(found(&other, &index, "old", &Sieve::default()), [""; 0]);
}

#[test]
fn a_damaged_index_is_made_anew_and_a_forgotten_word_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(INDEX_FILE), vec![7; 9000]).unwrap();
    let index = Index::open(dir.path()).unwrap();
    let world = World::new();
    for n in 0..50 {
        let mut mail = message(&format!("m{n}"), "anna@acme.example", "Logo", n);
        mail.content.text = format!("Text with canary{n:02} and words");
        world.receive(&mail);
    }
    catch_up(&world.store, &index);
    let holds = |word: &str| {
        ["", "-wal"].iter().any(|ending| {
            let bytes = std::fs::read(format!("{}{ending}", dir.path().join(INDEX_FILE).display())).unwrap_or_default();
            bytes.windows(word.len()).any(|part| part == word.as_bytes())
        })
    };
    assert!(holds("canary"));
    index.forget(&(1..=50).collect::<Vec<_>>()).unwrap();
    assert!(!holds("canary") && !holds("anary0"), "words of erased entries are in the file");
    assert_eq!(found(&world, &index, "logo", &Sieve::default()), [""; 0]);
}

/// Mail comes in bursts, and archives without dates have one time for all: everything finds room.
#[test]
fn there_is_always_room() {
    let at = |millis: i64| minute(0) + chrono::TimeDelta::milliseconds(millis);
    let burst = [0, 60_000, 120_000, 180_000, 180_000, 180_000, 181_000, 180_000, 181_000, 180_000, 180_500];
    let undated = (0..9000).map(|_| 500_000);
    let crowded = (0..200).map(|n| 181_000 + n % 3 * 1000);
    let index = Index::in_memory().unwrap();
    let pages: Vec<Page> = burst
        .into_iter()
        .chain(undated)
        .chain(crowded)
        .zip(1..)
        .map(|(millis, seq)| Page {
            seq,
            id: format!("x-{seq}"),
            at: at(millis),
            subject: "Logo".to_owned(),
            text: String::new(),
            sender: String::new(),
            recipients: String::new(),
            attachments: Vec::new(),
            moving: None,
        })
        .collect();
    assert_eq!(index.add(&pages).unwrap(), pages.len());
    // Near their time: a day's filter finds them.
    let far = "SELECT count(*) FROM entry WHERE exchange <= 11 AND slot > ?";
    let late: i64 = index.lock().query_row(far, [slot_of(at(600_000))], |row| row.get(0)).unwrap();
    assert_eq!(late, 0);
}
