//! K14: a database of an older version is copied and brought to the newest, and that is cut or killed on the way.
use super::{
    disk::{Disk, holds, look, version},
    each,
};
use crate::support::{
    house::House,
    invariants,
    lab::wait,
    program::{demo, run},
};
use fuseau::store::Store;
use rusqlite::Connection;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

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
    const ROWS: usize = 8_000;
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

/// The program is newer than its history: a command that only reads brings it up, unless an older daemon still runs.
#[test]
fn a_command_after_an_upgrade() {
    let newest = steps().len();
    let dir = demo();
    let state = dir.path().join("state");
    fs::remove_dir_all(&state).unwrap();
    fuseau::system::state::prepare(&state).unwrap();
    old_database(&state, newest - 1, 3);
    let daemon = fuseau::system::state::lock(&state).unwrap();
    let said = run(dir.path(), &["history", "acme"]).failed(1);
    assert!(said.contains(&format!("version {}", newest - 1)) && said.contains("restart it"), "{said}");
    assert_eq!(version(&state), i64::try_from(newest - 1).unwrap());
    drop(daemon);
    // A lock that was just dropped is still held by any process between fork and exec.
    wait("the command reads it", || (run(dir.path(), &["history", "acme"]).code == 0).then_some(()));
    assert_eq!((version(&state), kept(&state)), (i64::try_from(newest).unwrap(), 3));
    assert!(state.join(format!("backups/fuseau-before-upgrade-from-{}.db", newest - 1)).exists());
}
