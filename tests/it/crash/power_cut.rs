//! K14 and the power cut: what a disk may hold when the current goes. Not simulated in a file system but derived from
//! the files: outside a checkpoint the database is one file and an append-only log, so every prefix of the log's frames,
//! whole or torn, is what some power cut leaves; during a checkpoint it is any mixture of old and new pages with the
//! whole log. Each of these is opened as the daemon opens it.
use super::disk::{Disk, content, holds, look, version};
use crate::support::{
    house::{House, until_or},
    invariants,
};
use fuseau::store::Store;
use rusqlite::Connection;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::OnceLock,
};

/// The state of each mail of the outbox.
fn mails(state: &Path) -> BTreeMap<i64, String> {
    let db = look(state);
    let mut statement = db.prepare("SELECT exchange, state FROM outbox").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// What three mails and their answers leave on the disk of a program that is killed afterwards; made once.
fn disk_of_a_busy_house() -> Disk {
    static DISK: OnceLock<Disk> = OnceLock::new();
    DISK.get_or_init(busy).clone()
}

fn busy() -> Disk {
    let house = House::maildir("send");
    let running = house.started(None);
    for (client, n) in [("a", 1), ("b", 2), ("c", 3)] {
        house.deliver(client, n);
    }
    until_or(
        || format!("all is done\n{}", house.log()),
        || {
            let done = "SELECT count(*) FROM outbox WHERE state = 'sent' AND sent_copy IN ('present', 'appended')";
            (house.asks::<i64>(done) == Some(3)).then_some(())
        },
    );
    // Somebody who looks on keeps the log from being folded in.
    let disk = Disk::read(&house.state());
    running.kill();
    disk
}

/// Every prefix of the log is the state after its last whole transaction, no more and no less; and every such state is
/// one that the invariants allow.
#[test]
fn every_prefix_of_the_log() {
    let disk = disk_of_a_busy_house();
    let frames = disk.frames();
    let commits = frames.iter().filter(|(_, commit)| *commit).count();
    assert!(commits > 20, "only {commits} transactions in the log");
    let mut last = content(disk.cut(0).lay().path());
    let mut before: BTreeMap<i64, String> = BTreeMap::new();
    let mut seen: BTreeSet<(String, String)> = BTreeSet::new();
    let mut from = 32;
    for (nth, (end, commit)) in frames.iter().enumerate() {
        // Torn in the frame's head, in its page, or counted but never written (zeros): as if it were not there.
        let mut torn = disk.cut([from + 11, end - 512, *end][nth % 3]);
        if nth % 3 == 2 {
            torn.wal[from..].fill(0);
        }
        assert_eq!(content(torn.lay().path()), last, "frame {nth}, torn");
        let dir = disk.cut(*end).lay();
        let now = content(dir.path());
        if *commit {
            if version(dir.path()) > 0 {
                holds(dir.path(), &format!("frame {nth}"));
                let after = mails(dir.path());
                let was = |id: &i64| before.get(id).map_or("", String::as_str).to_owned();
                seen.extend(after.iter().map(|(id, now)| (was(id), now.clone())).filter(|(was, now)| was != now));
                before = after;
            }
            last = now;
        } else {
            assert_eq!(now, last, "frame {nth}: half a transaction shows");
        }
        from = *end;
    }
    // Each step of the sending protocol is in the log by itself, before the next one; which of them are flushed when is
    // another matter (docs/decisions/0012): a cut between two flushes leaves one of these prefixes, too.
    let step = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    let protocol =
        [step("", "queued"), step("queued", "sending"), step("sending", "dot_sent"), step("dot_sent", "sent")];
    assert_eq!(seen, protocol.into_iter().collect());
}

/// What is left after any cut opens as the daemon opens it, and a restart finds nothing to be mended by a human.
#[test]
fn every_transaction_can_be_started_from() {
    let disk = disk_of_a_busy_house();
    let commits: Vec<usize> = disk.frames().iter().filter(|(_, commit)| *commit).map(|(end, _)| *end).collect();
    for end in [0, 32].into_iter().chain(commits) {
        let dir = disk.cut(end).lay();
        let store = Store::open(dir.path()).unwrap_or_else(|error| panic!("cut at {end}: {error}"));
        store.write_blocking(|tx| tx.set_meta("after", "the cut")).unwrap();
        store.close().unwrap();
        holds(dir.path(), &format!("cut at {end}"));
    }
}

/// A checkpoint that is cut: some pages are new, some old, the log is whole.
#[test]
fn a_checkpoint_is_cut() {
    let disk = disk_of_a_busy_house();
    let dir = disk.lay();
    let want = content(dir.path());
    let folded = Disk::read({
        Connection::open(dir.path().join("fuseau.db"))
            .unwrap()
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .unwrap();
        dir.path()
    });
    let page = 4096;
    let pages = folded.db.len() / page;
    assert!(pages > 10 && folded.wal.is_empty());
    for seed in 0..60_usize {
        let mut mixed = disk.clone();
        mixed.db.resize(folded.db.len(), 0);
        for nth in 0..pages {
            // The first ones in order, as SQLite writes them; and any, as a disk may.
            let written = if seed < 20 { nth * 20 < seed * pages } else { (nth * 7919 + seed * 104_729) % 97 < 48 };
            if written {
                let at = nth * page..(nth + 1) * page;
                mixed.db[at.clone()].copy_from_slice(&folded.db[at]);
            }
        }
        let dir = mixed.lay();
        assert_eq!(content(dir.path()), want, "checkpoint, seed {seed}");
        Store::open(dir.path()).unwrap();
    }
    let before_the_log_is_emptied = Disk { db: folded.db.clone(), wal: disk.wal.clone() };
    for disk in [before_the_log_is_emptied, folded] {
        assert_eq!(content(disk.lay().path()), want);
    }
}

/// VACUUM is one transaction that writes everything: cut anywhere, nothing is lost and nothing changed.
#[test]
fn a_rewrite_of_the_file_is_cut() {
    let dir = disk_of_a_busy_house().lay();
    let want = content(dir.path());
    let db = Connection::open(dir.path().join("fuseau.db")).unwrap();
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    db.execute_batch("PRAGMA wal_autocheckpoint = 0; VACUUM").unwrap();
    let disk = Disk::read(dir.path());
    let frames = disk.frames();
    assert!(frames.len() > 10);
    for (end, _) in &frames {
        for cut in [disk.cut(end - 700), disk.cut(*end)] {
            let dir = cut.lay();
            assert_eq!(content(dir.path()), want, "VACUUM cut at {end}");
            Store::open(dir.path()).unwrap();
        }
    }
}

/// A copy that was cut short is made anew, and what was there before is not touched until the new one is whole.
#[test]
fn a_copy_is_cut() {
    let dir = disk_of_a_busy_house().lay();
    let (to, half) = (dir.path().join("copies/copy.db"), dir.path().join("copies/copy.half"));
    let store = Store::open(dir.path()).unwrap();
    store.copy_to(&to).unwrap();
    let whole = fs::read(&to).unwrap();
    store.write_blocking(|tx| tx.set_meta("after", "the copy")).unwrap();
    for length in (0..whole.len()).step_by(whole.len() / 20) {
        fs::write(&half, &whole[..length]).unwrap();
        assert_eq!(fs::read(&to).unwrap(), whole, "the older copy stays");
        store.copy_to(&to).unwrap();
        let copy: String = Connection::open(&to).unwrap().query_row("PRAGMA quick_check", [], |r| r.get(0)).unwrap();
        assert_eq!(copy, "ok");
        fs::write(&to, &whole).unwrap();
    }
}

/// The mark beside the database is not flushed: a power cut leaves it older, or empty. Neither is a restored backup.
#[test]
fn a_torn_mark_is_no_restored_backup() {
    for torn in ["", "\0\0\0", "1\n"] {
        let house = House::maildir("send");
        let running = house.started(None);
        house.deliver("a", 1);
        house.reaches(&["sent"]);
        running.kill();
        fs::write(house.state().join("mark"), torn).unwrap();
        house.deliver("b", 2);
        let running = house.start(None);
        until_or(
            || format!("{torn:?}: what came during the cut is answered\n{}", house.log()),
            || (house.asks::<i64>("SELECT count(*) FROM outbox WHERE state = 'sent'") == Some(2)).then_some(()),
        );
        running.stops();
        assert!(!house.log().contains("restored"), "{torn:?}");
        invariants::hold(&house, torn);
    }
}
