//! K14 and the power cut: what a disk may hold when the current goes. Not simulated in a file system but derived from
//! the files: outside a checkpoint the database is one file and an append-only log, so every prefix of the log's frames,
//! whole or torn, is what some power cut leaves; during a checkpoint it is any mixture of old and new pages with the
//! whole log. Each of these is opened as the daemon opens it.
use super::each;
use crate::support::{
    house::{House, until_or},
    invariants,
};
use fuseau::store::Store;
use rusqlite::{Connection, config::DbConfig};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// The database and its log, as bytes.
#[derive(Clone)]
struct Disk {
    db: Vec<u8>,
    wal: Vec<u8>,
}

impl Disk {
    fn read(state: &Path) -> Self {
        let wal = fs::read(state.join("fuseau.db-wal")).unwrap_or_default();
        Self { db: fs::read(state.join("fuseau.db")).unwrap(), wal }
    }

    /// A state directory that holds this.
    fn lay(&self) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("fuseau.db"), &self.db).unwrap();
        fs::write(dir.path().join("fuseau.db-wal"), &self.wal).unwrap();
        dir
    }

    /// Where each frame of the log ends, and whether it ends a transaction (file format 4.1: a header of 32 octets;
    /// frames of 24 octets and a page, the second word of a commit not zero, the salts those of the header).
    fn frames(&self) -> Vec<(usize, bool)> {
        let word = |at: usize| u32::from_be_bytes(self.wal[at..at + 4].try_into().unwrap());
        let page = usize::try_from(word(8)).unwrap();
        let all = (32..).step_by(24 + page).take_while(|at| at + 24 + page <= self.wal.len());
        all.take_while(|at| self.wal[at + 8..at + 16] == self.wal[16..24])
            .map(|at| (at + 24 + page, word(at + 4) != 0))
            .collect()
    }

    fn cut(&self, at: usize) -> Self {
        Self { db: self.db.clone(), wal: self.wal[..at].to_vec() }
    }
}

/// Looks without folding the log in when it is done, which would cost a flush each time.
fn look(state: &Path) -> Connection {
    let db = Connection::open(state.join("fuseau.db")).unwrap();
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
    db
}

/// Everything in every table.
fn content(state: &Path) -> String {
    let db = look(state);
    let names = |sql: &str| -> Vec<String> {
        let mut statement = db.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let mut text = String::new();
    for table in names("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name") {
        let mut statement = db.prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2")).unwrap();
        let width = statement.column_count();
        let mut rows = statement.raw_query();
        text += &format!("# {table}\n");
        while let Some(row) = rows.next().unwrap() {
            let cells: Vec<String> = (0..width).map(|i| format!("{:?}", row.get_ref(i).unwrap())).collect();
            text += &format!("{}\n", cells.join("|"));
        }
    }
    text
}

fn version(state: &Path) -> i64 {
    let db = look(state);
    db.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

/// I1, I2, I4, I5, I7, as far as the database alone can show them.
fn holds(state: &Path, what: &str) {
    let db = look(state);
    let none = |sql: &str| {
        let count: i64 = db.query_row(&format!("SELECT count(*) FROM ({sql})"), [], |row| row.get(0)).unwrap();
        assert_eq!(count, 0, "{what}: {sql}");
    };
    let sound: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok", "{what}: I7");
    none("SELECT * FROM pragma_foreign_key_check");
    none("SELECT key FROM exchange WHERE key IS NOT NULL GROUP BY key HAVING count(*) > 1");
    // Never a row without its cursor.
    none("SELECT 1 FROM location l JOIN folder f ON f.id = l.folder
          WHERE l.uidvalidity = f.uidvalidity AND l.uid >= f.uid_next");
    none("SELECT dedupe_key FROM outbox GROUP BY dedupe_key HAVING count(*) > 1");
    none("SELECT 1 FROM exchange e LEFT JOIN outbox o ON o.exchange = e.seq
          WHERE e.kind = 'acknowledgement' AND o.exchange IS NULL");
    // What came in stands with its decision, an answer with its promise and its bytes.
    none("SELECT 1 FROM exchange e LEFT JOIN decision d ON d.exchange = e.seq
          WHERE e.direction = 'in' AND d.exchange IS NULL");
    none("SELECT 1 FROM outbox WHERE promise IS NULL OR length(bytes) = 0 OR envelope_to NOT LIKE 'anna@%.example'");
    none("SELECT 1 FROM outbox o JOIN promise p ON p.id = o.promise WHERE o.state = 'sent' AND o.finished_at > p.by_at");
    none("SELECT 1 FROM outbox WHERE state IN ('dot_sent', 'sent') AND attempts = 0");
}

/// The state of each mail of the outbox.
fn mails(state: &Path) -> BTreeMap<i64, String> {
    let db = look(state);
    let mut statement = db.prepare("SELECT exchange, state FROM outbox").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// What three mails and their answers leave on the disk of a program that is killed afterwards.
fn disk_of_a_busy_house() -> Disk {
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
    // Each step of the sending protocol was on the disk by itself before the next one.
    let step = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    let protocol = [step("", "queued"), step("queued", "sending"), step("sending", "dot_sent"), step("dot_sent", "sent")];
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

/// The steps that lead to the newest schema.
fn steps() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/migrations");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|path| fs::read_to_string(path).unwrap()).collect()
}

/// A database of an older version, with something in it.
fn old_database(state: &Path, version: usize, rows: usize) {
    fs::create_dir_all(state).unwrap();
    let db = Connection::open(state.join("fuseau.db")).unwrap();
    db.execute_batch("PRAGMA journal_mode = WAL; BEGIN").unwrap();
    steps().iter().take(version).for_each(|step| db.execute_batch(step).unwrap());
    db.pragma_update(None, "user_version", i64::try_from(version).unwrap()).unwrap();
    db.pragma_update(None, "application_id", 0x4675_7365).unwrap();
    for n in 0..rows {
        db.execute("INSERT INTO meta VALUES (?, ?)", (format!("kept {n}"), "x".repeat(1000))).unwrap();
    }
    db.execute_batch("COMMIT").unwrap();
}

fn kept(state: &Path) -> i64 {
    let db = look(state);
    db.query_row("SELECT count(*) FROM meta WHERE key LIKE 'kept %'", [], |row| row.get(0)).unwrap()
}

/// An upgrade that is cut: the old schema or the new one, with all rows; and the next start brings it to the end.
#[test]
fn an_upgrade_is_cut() {
    let newest = steps().len();
    for from in 1..newest {
        let dir = tempfile::tempdir().unwrap();
        old_database(dir.path(), from, 50);
        let store = Store::open(dir.path()).unwrap();
        let disk = Disk::read(dir.path());
        drop(store);
        let versions: BTreeSet<i64> = disk
            .frames()
            .iter()
            .flat_map(|(end, _)| [disk.cut(end - 700), disk.cut(*end)])
            .map(|cut| {
                let dir = cut.lay();
                let found = version(dir.path());
                assert_eq!(kept(dir.path()), 50);
                Store::open(dir.path()).unwrap().close().unwrap();
                assert_eq!((version(dir.path()), kept(dir.path())), (i64::try_from(newest).unwrap(), 50));
                holds(dir.path(), "upgrade");
                found
            })
            .collect();
        let allowed = [from, newest].map(|v| i64::try_from(v).unwrap());
        assert_eq!(versions, allowed.into_iter().collect(), "from version {from}");
    }
}

/// K14 with the real program: killed while it copies the old database, right after, and in the new one.
#[test]
fn an_upgrade_is_killed() {
    const ROWS: usize = 20_000;
    let newest = steps().len();
    let moments = ["the copy has begun", "the copy is there", "the upgrade is done"];
    let cases: Vec<(usize, &str)> = (1..newest).flat_map(|from| moments.map(|moment| (from, moment))).collect();
    each(cases, |(from, moment)| {
        let what = format!("from {from}, {moment}");
        let house = House::maildir("send");
        let state = house.state();
        fs::create_dir_all(&state).unwrap();
        fs::set_permissions(&state, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        old_database(&state, *from, ROWS);
        let copy = state.join(format!("backups/fuseau-before-upgrade-from-{from}.db"));
        let mut running = house.start(None);
        let end = fuseau::system::clock::monotonic() + Duration::from_secs(20);
        loop {
            let reached = match *moment {
                "the copy has begun" => copy.with_extension("half").exists() || copy.exists(),
                "the copy is there" => copy.exists(),
                _ => house.log().contains("INFO running"),
            };
            if reached {
                break;
            }
            assert!(running.lives() && fuseau::system::clock::monotonic() < end, "{what}\n{}", house.log());
        }
        running.kill();
        let found = usize::try_from(version(&state)).unwrap();
        assert!(found == *from || found == newest, "{what}: version {found}");
        assert_eq!(kept(&state), i64::try_from(ROWS).unwrap(), "{what}");
        let running = house.started(None);
        house.deliver("a", 1);
        assert_eq!(house.reaches(&["sent"]), "sent", "{what}");
        running.stops();
        assert_eq!(usize::try_from(version(&state)).unwrap(), newest, "{what}");
        if copy.exists() {
            let before: i64 = Connection::open(&copy)
                .unwrap()
                .query_row("SELECT count(*) FROM meta WHERE key LIKE 'kept %'", [], |row| row.get(0))
                .unwrap();
            assert_eq!(before, i64::try_from(ROWS).unwrap(), "{what}: the copy is whole");
        } else {
            panic!("{what}: no copy of the old database");
        }
        invariants::hold(&house, &what);
    });
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
