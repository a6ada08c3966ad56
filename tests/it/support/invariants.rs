//! What must hold after every accident, whatever happened: compared are the database, the servers' own logs, the mailbox
//! and the program's log.
use super::house::{BODY_WORD, House, Inbox, PASSWORD, header};
use std::collections::{BTreeMap, BTreeSet};

/// One outgoing mail as the database has it.
#[derive(Debug)]
struct Row {
    message_id: String,
    state: String,
    to: String,
    by: Option<i64>,
    finished: Option<i64>,
}

/// Checks all of them; `what` is named when one is broken. The daemon may run or not.
pub fn hold(house: &House, what: &str) {
    let rows = outbox(house);
    nothing_forgotten(house, what);
    nothing_twice(house, what);
    states_are_true(house, &rows, what);
    promises_can_be_kept(&rows, what);
    doubts_are_shown(house, &rows, what);
    database_is_sound(house, what);
    log_is_silent(house, what);
    mailbox_is_untouched(house, what);
}

/// What must hold even while things are unfinished: nothing twice, nothing believed that is not so.
pub fn nothing_untrue(house: &House, what: &str) {
    nothing_twice(house, what);
    states_are_true(house, &outbox(house), what);
    database_is_sound(house, what);
}

fn outbox(house: &House) -> Vec<Row> {
    let sql = "SELECT e.message_id, o.state, o.envelope_to, p.by_at, o.finished_at FROM outbox o
               JOIN exchange e ON e.seq = o.exchange LEFT JOIN promise p ON p.id = o.promise";
    house.rows(sql, |row| {
        let (message_id, state, to) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(Row { message_id, state, to, by: row.get(3)?, finished: row.get(4)? })
    })
}

/// I1: every message that was delivered is recorded exactly once.
fn nothing_forgotten(house: &House, what: &str) {
    let sql = "SELECT message_id FROM exchange WHERE direction = 'in' AND message_id IS NOT NULL";
    let mut recorded: Vec<String> = house.rows(sql, |row| row.get(0));
    let mut delivered = house.delivered.borrow().clone();
    let unread: i64 = house.asks("SELECT count(*) FROM exchange WHERE message_id IS NULL").unwrap_or(0);
    recorded.sort();
    delivered.sort();
    if unread == 0 {
        assert_eq!(recorded, delivered, "{what}: I1\n{}", house.log());
    } else {
        assert_eq!(recorded.len() as i64 + unread, delivered.len() as i64, "{what}: I1 {recorded:?} + {unread}");
    }
}

/// I2: no message was answered twice, by SMTP or in Drafts; Sent holds one copy of each mail.
fn nothing_twice(house: &House, what: &str) {
    let mut answers: BTreeMap<String, u32> = BTreeMap::new();
    let accepted = house.sink.accepted();
    let drafts = house.mails_in("Drafts");
    for text in accepted.iter().map(|mail| &mail.text).chain(&drafts) {
        *answers.entry(header(text, "In-Reply-To").unwrap()).or_default() += 1;
    }
    assert!(answers.values().all(|n| *n == 1), "{what}: I2, answered twice: {answers:?}\n{}", house.log());
    let copies: Vec<String> = house.mails_in("Sent").iter().filter_map(|text| header(text, "Message-ID")).collect();
    let single: BTreeSet<&String> = copies.iter().collect();
    assert_eq!(single.len(), copies.len(), "{what}: I2, two copies in Sent: {copies:?}\n{}", house.log());
}

/// I3 and I4: what the program believes is what the server did, and nobody else was written to.
fn states_are_true(house: &House, rows: &[Row], what: &str) {
    let accepted: BTreeSet<String> = house.sink.accepted().into_iter().map(|mail| mail.message_id).collect();
    for row in rows {
        let taken = accepted.contains(&row.message_id);
        let true_state = match row.state.as_str() {
            "sent" => taken,
            "unknown" | "dot_sent" | "sending" => true,
            _ => !taken,
        };
        assert!(true_state, "{what}: I3 {row:?}, taken: {taken}\n{}", house.log());
        assert!(row.to.ends_with(".example") && row.to.starts_with("anna@"), "{what}: I4 {row:?}");
    }
    for mail in house.sink.accepted() {
        assert!(rows.iter().any(|row| row.message_id == mail.message_id), "{what}: I3, not ours: {}", mail.message_id);
        assert_eq!((mail.from.as_str(), &mail.to[..5]), ("claire@studio.example", "anna@"), "{what}: I4");
    }
}

/// I5: a mail that left promised something that still lay ahead.
fn promises_can_be_kept(rows: &[Row], what: &str) {
    for row in rows.iter().filter(|row| row.state == "sent") {
        assert!(row.by.zip(row.finished).is_some_and(|(by, sent)| by >= sent), "{what}: I5 {row:?}");
    }
}

/// Every doubt is shown to the owner.
fn doubts_are_shown(house: &House, rows: &[Row], what: &str) {
    let unknown = rows.iter().filter(|row| row.state == "unknown").count();
    let (code, text) = house.command(&["status", "--json"]);
    let facts: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    assert_eq!((code, facts["unknown"].as_u64()), (Some(0), Some(unknown as u64)), "{what}: {text}");
}

/// I7.
fn database_is_sound(house: &House, what: &str) {
    assert_eq!(house.asks::<String>("PRAGMA integrity_check").as_deref(), Some("ok"), "{what}: I7");
    assert!(house.rows("PRAGMA foreign_key_check", |_| Ok(())).is_empty(), "{what}: I7, orphans");
    let lost = "SELECT count(*) FROM exchange e LEFT JOIN outbox o ON o.exchange = e.seq
                WHERE e.kind = 'acknowledgement' AND o.exchange IS NULL";
    assert_eq!(house.asks::<i64>(lost), Some(0), "{what}: I7, a reply without its row");
}

/// I8: no secret, no text, no address.
fn log_is_silent(house: &House, what: &str) {
    let log = house.log();
    for word in [PASSWORD, BODY_WORD, "anna@", "Question"] {
        assert!(!log.contains(word), "{what}: I8, {word} in\n{log}");
    }
}

/// I10: the inbox is as it was delivered; nothing became `\Seen`.
fn mailbox_is_untouched(house: &House, what: &str) {
    match &house.inbox {
        Inbox::Maildir => {
            let root = house.dir.path().join("Maildir");
            let names = |part: &str| -> BTreeSet<String> {
                let entries = std::fs::read_dir(root.join(part)).unwrap();
                entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
            };
            assert_eq!(names("new"), *house.files.borrow(), "{what}: I10");
            assert!(names("cur").is_empty(), "{what}: I10");
        }
        Inbox::Imap(imap) => {
            assert!(imap.mails("INBOX").iter().all(|mail| mail.flags.is_empty()), "{what}: I10");
        }
    }
    for text in house.mails_in("Sent").iter().chain(&house.mails_in("Drafts")) {
        assert!(header(text, "X-Fuseau-Id").is_some(), "{what}: I10, who wrote this? {text}");
    }
}
