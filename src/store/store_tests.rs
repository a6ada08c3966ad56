//! The file itself: permissions, transactions, two connections, full disks, damage.
use super::fixture::*;
use super::*;
use rusqlite::Connection;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

const ANNA: &str = "anna@acme.example";

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn fill(store: &Store, n: u32) -> Result<Recorded, StoreError> {
    let mut mail = message(&format!("m{n}"), ANNA, "Logo", i64::from(n));
    mail.content.text = "x".repeat(2_000);
    let decision = decision(crate::model::Verdict::Hold);
    let id = format!("x-m{n}");
    store.write_blocking(|tx| {
        tx.record(&NewExchange {
            id: &id,
            mailbox: "studio",
            folder: "INBOX",
            uidvalidity: 7,
            uid: n,
            incoming: &mail,
            raw: None,
            decision: &decision,
            now: mail.arrived,
        })
    })
}

#[test]
fn the_files_are_private_and_durable() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state/fuseau");
    let store = Store::open(&state).unwrap();
    fill(&store, 1).unwrap();
    assert_eq!(mode(&state), 0o700);
    for name in ["fuseau.db", "fuseau.db-wal", "fuseau.db-shm"] {
        assert_eq!(mode(&state.join(name)), 0o600, "{name}");
    }
    store
        .write_blocking(|tx| {
            let ask = |pragma: &str| tx.connection().query_row(&format!("PRAGMA {pragma}"), [], |r| r.get::<_, i64>(0));
            for (pragma, want) in
                [("synchronous", 1), ("foreign_keys", 1), ("trusted_schema", 0), ("busy_timeout", 5_000)]
            {
                assert_eq!(ask(pragma)?, want, "{pragma}");
            }
            assert_eq!(ask("application_id")?, connection::APPLICATION_ID);
            Ok(())
        })
        .unwrap();
    let copy = dir.path().join("copies/a.db");
    store.copy_to(&copy).unwrap();
    store.copy_to(&copy).unwrap();
    assert_eq!(mode(&copy), 0o600);
    store.clone().close().unwrap();
    assert!(matches!(fill(&store, 2), Err(StoreError::Closed)));
    assert!(!state.join("fuseau.db-wal").exists(), "folded in");
    for reopened in [&state, copy.parent().unwrap()] {
        if *reopened != *state {
            fs::rename(&copy, reopened.join(FILE)).unwrap();
        }
        let store = Store::open(reopened).unwrap();
        assert!(store.read_blocking(|r| r.exchange("x-m1")).unwrap().is_some());
    }
}

/// What is flushed when; that the flush reaches the disk is the system's word (log.rs).
#[tokio::test(flavor = "current_thread")]
async fn a_write_flushes_those_before_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    assert!(!store.owes_a_flush());
    store.write_soon(|tx| tx.set_meta("a", "1")).await.unwrap();
    assert!(store.owes_a_flush());
    assert_eq!(store.read(|r| r.meta("a")).await.unwrap().as_deref(), Some("1"), "visible at once");
    // Even one that changes nothing.
    store.write(|_| Ok(())).await.unwrap();
    assert!(!store.owes_a_flush());
    store.write_soon(|_| Ok(())).await.unwrap();
    assert!(!store.owes_a_flush(), "nothing was written");
    store.write_soon(|tx| tx.set_meta("a", "2")).await.unwrap();
    store.write_blocking(|tx| tx.set_meta("a", "3")).unwrap();
    assert!(!store.owes_a_flush());
    store.rest().await.unwrap();
    store.close().unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn nothing_is_written_after_a_failed_flush() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    // A log that cannot be opened: as good as a disk that refuses.
    fs::remove_file(dir.path().join("fuseau.db-wal")).unwrap();
    assert!(matches!(store.write(|tx| tx.set_meta("a", "1")).await, Err(StoreError::Io(_))));
    assert!(store.owes_a_flush());
    assert!(matches!(store.write_soon(|tx| tx.set_meta("a", "2")).await, Err(StoreError::Io(_))));
}

#[test]
fn a_transaction_is_whole_or_nothing() {
    let store = Store::in_memory().unwrap();
    let refused = store.write_blocking(|tx| {
        tx.set_meta("a", "1")?;
        Err::<(), _>(StoreError::Refused("changed my mind".into()))
    });
    assert!(matches!(refused, Err(StoreError::Refused(_))));
    let panicking = store.clone();
    let panicked = std::thread::spawn(move || {
        panicking.write_blocking(|tx| -> Result<(), StoreError> {
            tx.set_meta("a", "1")?;
            panic!("poison")
        })
    });
    assert!(panicked.join().is_err());
    assert_eq!(store.read_blocking(|r| r.meta("a")).unwrap(), None);
    store.write_blocking(|tx| tx.set_meta("a", "2")).unwrap();
    assert_eq!(store.read_blocking(|r| r.meta("a")).unwrap().as_deref(), Some("2"));
}

#[tokio::test(flavor = "current_thread")]
async fn the_async_forms_do_the_same_and_survive_panics() {
    let store = Store::in_memory().unwrap();
    let panicked = store.write(|tx| tx.set_meta("a", "1").map(|()| -> () { panic!("poison") })).await;
    assert!(matches!(panicked, Err(StoreError::Panicked)));
    let writes = (0..50).map(|n| store.write(move |tx| tx.set_meta(&format!("k{n}"), "v")));
    futures_util::future::try_join_all(writes).await.unwrap();
    assert_eq!(store.read(|r| r.meta("a")).await.unwrap(), None);
    assert_eq!(store.read(|r| r.meta("k49")).await.unwrap().as_deref(), Some("v"));
}

#[test]
fn another_process_reads_while_the_daemon_writes() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(Store::open_read_only(dir.path()), Err(StoreError::Open { .. })));
    let daemon = Store::open(dir.path()).unwrap();
    let other = Store::open_read_only(dir.path()).unwrap();
    assert!(matches!(other.write_blocking(|tx| tx.set_meta("a", "1")), Err(StoreError::ReadOnly)));
    daemon
        .write_blocking(|tx| {
            tx.set_meta("a", "1")?;
            assert_eq!(other.read_blocking(|r| r.meta("a"))?, None, "not committed yet, and no waiting");
            assert_eq!(daemon.read_blocking(|r| r.meta("a"))?, None);
            Ok(())
        })
        .unwrap();
    assert_eq!(other.read_blocking(|r| r.meta("a")).unwrap().as_deref(), Some("1"));
    other
        .read_blocking(|r| {
            daemon.write_blocking(|tx| tx.set_meta("a", "2"))?;
            r.meta("a")
        })
        .unwrap();
    assert_eq!(daemon.read_blocking(|r| r.meta("a")).unwrap().as_deref(), Some("2"));
}

#[test]
fn a_full_disk_is_told_apart_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let limit = |pages: i64| {
        store
            .write_blocking(|tx| {
                Ok(tx
                    .connection()
                    .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |r| r.get::<_, i64>(0))?)
            })
            .unwrap()
    };
    limit(120);
    let (mut stored, mut full) = (0, 0);
    for n in 1..=300 {
        match fill(&store, n) {
            Ok(_) => stored += 1,
            Err(e) => {
                assert!(matches!(e, StoreError::Full(_)) && e.is_transient(), "{e}");
                full += 1;
            }
        }
    }
    assert!(stored > 5 && full > 5, "{stored} {full}");
    let count = |store: &Store| {
        let all = (1..=300).map(|n| store.read_blocking(|r| r.exchange(&format!("x-m{n}"))).unwrap());
        all.flatten().count()
    };
    assert_eq!(count(&store), stored, "reads work and every committed row is there");
    limit(1_000_000);
    fill(&store, 301).unwrap();
    store.close().unwrap();
    let store = Store::open(dir.path()).unwrap();
    assert_eq!(count(&store), stored);
}

#[test]
fn files_that_cannot_be_used_are_refused_with_the_way_back() {
    let dir = tempfile::tempdir().unwrap();
    let path = Store::path_in(dir.path());
    let store = Store::open(dir.path()).unwrap();
    for n in 1..=200 {
        fill(&store, n).unwrap();
    }
    store.close().unwrap();
    let good = fs::read(&path).unwrap();
    let open = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        let _ = fs::remove_file(path.with_file_name("fuseau.db-wal"));
        let _ = fs::remove_file(path.with_file_name("fuseau.db-shm"));
        Store::open(dir.path()).map(|_| ())
    };
    let mut holes = good.clone();
    for page in [5, 9, 14, 22] {
        holes[page * 4096..page * 4096 + 2000].fill(0xA5);
    }
    for (bytes, what) in [(&holes[..], "holes"), (b"no database at all, just text that is long enough to look", "text")]
    {
        let error = open(bytes).unwrap_err();
        assert!(matches!(error, StoreError::Corrupt(_)) && error.is_setup(), "{what}: {error}");
        assert!(error.to_string().contains("newest copy"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), bytes, "{what}: left as it was");
    }
    let change = |sql: &str| {
        open(&good).unwrap();
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        (Store::open(dir.path()).map(|_| ()), Store::open_read_only(dir.path()).map(|_| ()))
    };
    let newer = change("PRAGMA user_version = 99");
    assert!(matches!(newer, (Err(StoreError::Newer { found: 99, .. }), Err(StoreError::Newer { .. }))));
    assert!(matches!(change("PRAGMA application_id = 1"), (Err(StoreError::Foreign(_)), Err(_))));
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(matches!(Store::open(dir.path()).map(|_| ()), Err(StoreError::Open { .. })));
}

/// On the thread that asks, unless somebody else writes; then it waits like everybody, and the thread goes on.
#[tokio::test]
async fn a_jot_waits_for_nobody_here() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let here = std::thread::current().id();
    let wrote = store.jot(|tx| tx.set_meta("a", "1").map(|()| std::thread::current().id())).await.unwrap();
    assert_eq!(wrote, here);
    assert!(store.owes_a_flush(), "written, and not flushed");
    // Another process writes.
    let other = Connection::open(Store::path_in(dir.path())).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (going, later) = (store.clone(), tokio::sync::oneshot::channel::<()>());
    let (told, tell) = (later.1, later.0);
    let jotting = going.jot(|tx| tx.set_meta("a", "2").map(|()| std::thread::current().id()));
    let release = async {
        // Reached only if the thread was not held up.
        tell.send(()).unwrap();
        other.execute_batch("COMMIT").unwrap();
    };
    let (wrote, ()) = tokio::join!(biased; jotting, release);
    told.await.unwrap();
    assert_ne!(wrote.unwrap(), here);
    assert_eq!(store.read_blocking(|r| r.meta("a")).unwrap().as_deref(), Some("2"));
    // What fails or panics is undone, and the next one works.
    assert!(matches!(
        store
            .jot(|tx| {
                tx.set_meta("a", "3")?;
                Err::<(), _>(StoreError::Closed)
            })
            .await,
        Err(StoreError::Closed)
    ));
    let panicked = store.jot(|tx| -> Result<(), StoreError> {
        tx.set_meta("a", "4")?;
        panic!("a test")
    });
    assert!(matches!(panicked.await, Err(StoreError::Panicked)));
    assert_eq!(store.read_blocking(|r| r.meta("a")).unwrap().as_deref(), Some("2"));
    store.jot(|tx| tx.set_meta("a", "5")).await.unwrap();
    assert_eq!(store.read_blocking(|r| r.meta("a")).unwrap().as_deref(), Some("5"));
}

/// A command does not read gigabytes for one note; a file that has to be brought to the newest version is looked at first.
#[test]
fn a_command_alone_leaves_the_long_check_to_the_daemon() {
    let dir = tempfile::tempdir().unwrap();
    let path = Store::path_in(dir.path());
    let store = Store::open_alone(dir.path()).unwrap();
    for n in 1..=200 {
        fill(&store, n).unwrap();
    }
    store.close().unwrap();
    let mut holes = fs::read(&path).unwrap();
    let last = holes.len() - 4096;
    holes[last..].fill(0xA5);
    fs::write(&path, &holes).unwrap();
    assert!(matches!(Store::open(dir.path()).map(|_| ()), Err(StoreError::Corrupt(_))));
    let alone = Store::open_alone(dir.path()).unwrap();
    alone.write_blocking(|tx| tx.set_meta("a", "1")).unwrap();
    alone.close().unwrap();
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 1).unwrap();
    let before = fs::read(&path).unwrap();
    assert!(matches!(Store::open_alone(dir.path()).map(|_| ()), Err(StoreError::Corrupt(_))));
    assert_eq!(fs::read(&path).unwrap(), before, "left as it was");
}

#[test]
fn a_command_changes_one_thing_beside_the_daemon() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(Store::open_beside(dir.path()).map(|_| ()), Err(StoreError::Open { .. })));
    let daemon = Store::open(dir.path()).unwrap();
    let command = Store::open_beside(dir.path()).unwrap();
    command.write_blocking(|tx| tx.set_meta("a", "1")).unwrap();
    assert_eq!(daemon.read_blocking(|r| r.meta("a")).unwrap().as_deref(), Some("1"));
    command.close().unwrap();
    daemon.write_blocking(|tx| tx.set_meta("a", "2")).unwrap();
}
