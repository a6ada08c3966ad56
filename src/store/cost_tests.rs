//! What a reply costs: pages of the log and statements, from the note that its message is being read to `sent`
//! (docs/decisions/0029). A limit that is passed shows an index or a table that every reply has to keep.
use super::fixture::{address, message, minute, planned};
use super::*;
use crate::model::{HeaderText, Incoming, MessageId, Zones};
use chrono::TimeDelta;
use rusqlite::Connection;
use std::collections::BTreeMap;

/// A step of a reply and how many pages of the log it may write.
const LIMITS: &[(&str, usize)] = &[("note", 1), ("record", 40), ("dot", 2), ("sent", 8)];

/// An id as the daemon makes them: rising, 36 letters.
fn name(what: u32, n: u32) -> String {
    format!("0198f6a0-{:04x}-7{what:03x}-8a3c-{:012x}", n / 16, u64::from(n).wrapping_mul(0x9e37_79b9) & 0xffff_ffff)
}

/// Hashes and Message-IDs of strangers come in no order.
fn scattered(n: u32) -> String {
    format!("{:08x}{:08x}", n.wrapping_mul(0x9e37_79b9), n.wrapping_mul(0x85eb_ca6b))
}

/// Queues the acknowledgement.
fn answer(tx: &Tx<'_>, n: u32, client: &str, mail: &Incoming) -> Result<(), StoreError> {
    let (x, p, a, now) = (name(1, n), name(2, n), name(3, n), mail.arrived);
    let bytes = format!("From: Claire Martin <claire@studio.example>\r\n{}", "A line of the mail.\r\n".repeat(70));
    let (message_id, to) =
        (MessageId::parse(&format!("{a}@studio.example")).unwrap(), mail.from().unwrap().address.clone());
    tx.queue(&NewMail {
        id: &a,
        mailbox: "studio",
        answers: Some(&x),
        promise: Some(&p),
        client: Some(client),
        kind: "acknowledgement",
        automatic: true,
        route: Route::Send,
        not_before: now,
        from: &address("claire@studio.example"),
        envelope_from: None,
        to: &to,
        message_id: &message_id,
        fuseau_id: &format!("instance/{a}"),
        subject: &HeaderText::new(&format!("Re: Question {n} about the website")),
        text: &"Your message has arrived safely. ".repeat(12),
        bytes: bytes.as_bytes(),
        dedupe_key: &NewMail::answer_key("acknowledgement", &mail.key),
        window: Some(&WindowTimes { start: now, end: now, zone: "Asia/Singapore".to_owned() }),
        now,
    })?;
    Ok(())
}

/// Lets one reply through, transaction by transaction as the daemon does; `each` is called after every one.
fn reply(store: &Store, n: u32, mut each: impl FnMut(&'static str)) {
    let now = minute(i64::from(n) * 20);
    let write = |work: &dyn Fn(&Tx<'_>) -> Result<(), StoreError>| store.write_blocking(|tx| work(tx)).unwrap();
    let (x, p, a) = (name(1, n), name(2, n), name(3, n));
    let from = format!("client{}@company{}.example", n % 40, n % 20);
    let mut mail = message(&scattered(n), &from, &format!("Question {n} about the website"), i64::from(n) * 20);
    mail.content.text = format!("Hello Claire, {}\n", "could you look at this page number ".repeat(8)) + &n.to_string();
    let raw = Packed::new(scattered(n).repeat(90).as_bytes(), true).unwrap();
    let client = format!("client{}", n % 40);
    let mut decision = planned(i64::from(n) * 20 + 600);
    decision.client = Some(client.clone());
    write(&|tx| tx.note_in_work("studio", "INBOX", 7, &[n], now).map(drop));
    each("note");
    write(&|tx| {
        tx.past(&mail, "studio", now)?;
        tx.record(&NewExchange {
            id: &x,
            mailbox: "studio",
            folder: "INBOX",
            uidvalidity: 7,
            uid: n,
            incoming: &mail,
            raw: Some(&raw),
            decision: &decision,
            now,
        })?;
        let zone = Zones::bundled().get("Asia/Singapore").unwrap();
        tx.make_promise(&NewPromise {
            id: &p,
            exchange: &x,
            client: &client,
            mailbox: "studio",
            by: now + TimeDelta::hours(10),
            zone: &zone,
            announced: false,
            renews: None,
            now,
        })?;
        answer(tx, n, &client, &mail)?;
        tx.set_cursor("studio", "INBOX", 7, n + 1)?;
        let due = tx.outbox_due("studio", now, 2)?;
        assert_eq!(due.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), [a.as_str()]);
        assert!(tx.claim(&a, now, TimeDelta::minutes(30))?);
        assert!(tx.outbox_row(&a)?.is_some());
        Ok(())
    });
    each("record");
    write(&|tx| {
        assert!(tx.dot_sent(&tx.held(&a))?);
        tx.count_up("turn").map(drop)
    });
    each("dot");
    write(&|tx| tx.sent(&a, "250 2.0.0 Ok: queued as 4bX2kL0Yz3z1", now + TimeDelta::milliseconds(3)).map(drop));
    each("sent");
}

/// The pages in the log, in the order in which they were written.
fn logged(path: &Path) -> Vec<u32> {
    let log = std::fs::read(path.with_file_name("fuseau.db-wal")).unwrap();
    let word = |at: usize| u32::from_be_bytes(log.get(at..at + 4).unwrap().try_into().unwrap());
    let frames = (0..).map(|n| 32 + n * (24 + 4096)).take_while(|at| at + 24 < log.len());
    // What is left of an earlier round has another salt.
    frames.take_while(|at| word(at + 8) == word(16)).map(word).collect()
}

#[test]
fn a_reply_writes_few_pages() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let path = Store::path_in(dir.path());
    store
        .write_blocking(|tx| tx.first_contact("studio", "INBOX", crate::model::FolderRole::Inbox, 7, 1, minute(0)))
        .unwrap();
    let beside = Connection::open(&path).unwrap();
    let fold = || beside.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    (0..400).for_each(|n| reply(&store, n, |_| ()));
    fold();
    let rounds = 25;
    let (mut pages, mut before) = (BTreeMap::<&str, Vec<u32>>::new(), 0);
    let mut statements = BTreeMap::<&str, usize>::new();
    rows::asked();
    for n in 400..400 + rounds {
        reply(&store, n, |step| {
            let all = logged(&path);
            pages.entry(step).or_default().extend(all.get(before..).unwrap());
            before = all.len();
            *statements.entry(step).or_default() += rows::asked();
        });
    }
    fold();
    let mut owner = BTreeMap::new();
    let mut list = beside.prepare("SELECT pageno, name FROM dbstat").unwrap();
    let mut rows = list.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        owner.insert(row.get::<_, u32>(0).unwrap(), row.get::<_, String>(1).unwrap());
    }
    let each = f64::from(rounds);
    let mut over = Vec::new();
    for (step, limit) in LIMITS {
        let written = pages.remove(step).unwrap_or_default();
        let mut by_tree = BTreeMap::<&str, u32>::new();
        for page in &written {
            *by_tree.entry(owner.get(page).map_or("free", String::as_str)).or_default() += 1;
        }
        let mean = f64::from(u32::try_from(written.len()).unwrap()) / each;
        let asked = f64::from(u32::try_from(statements.remove(step).unwrap_or_default()).unwrap()) / each;
        println!("{step}: {mean:.1} pages, {asked:.1} statements");
        for (tree, count) in by_tree {
            println!("  {tree} {:.1}", f64::from(count) / each);
        }
        if mean > f64::from(u32::try_from(*limit).unwrap()) {
            over.push(format!("{step}: {mean} pages, at most {limit}"));
        }
    }
    assert!(over.is_empty(), "{over:?}");
}
