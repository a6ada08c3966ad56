//! What cannot be changed, damaged or forgotten in silence: bytes that were flipped, a database of a newer version, what
//! is left in the files after an erasure.
use super::{ids, import, mbox};
use crate::support::program::{demo, run};
use rusqlite::Connection;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

fn database(dir: &Path) -> PathBuf {
    dir.join("state/fuseau.db")
}

/// Everything is in the one file, nothing in its log.
fn fold(dir: &Path) {
    let db = Connection::open(database(dir)).unwrap();
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
}

/// Where some octets lie in the file.
fn place_of(bytes: &[u8], wanted: &[u8]) -> usize {
    bytes.windows(wanted.len()).position(|window| window == wanted).expect("they are in the file")
}

/// One bit on the disk, and the entry is named; of two, the first one; a page of text is not noticed by SQLite.
#[test]
fn one_flipped_bit_is_named() {
    let dir = demo();
    fs::write(dir.path().join("old.mbox"), mbox(60)).unwrap();
    import(dir.path(), &["old.mbox"]);
    assert!(run(dir.path(), &["verify"]).fine().contains("every entry fits"));
    fold(dir.path());
    let path = database(dir.path());
    let good = fs::read(&path).unwrap();
    let id_of = |subject: &str| {
        let history = run(dir.path(), &["history", "acme", "--json"]).json();
        let it = history.as_array().unwrap().iter().find(|it| it["subject"] == subject).unwrap().clone();
        it["id"].as_str().unwrap().to_owned()
    };
    let (early, late) = (id_of("Old matter 12"), id_of("Old matter 44"));
    for (flipped, named) in
        [(&["Old matter 44"][..], &late), (&["Old matter 12"], &early), (&["Old matter 44", "Old matter 12"], &early)]
    {
        let mut bytes = good.clone();
        for subject in flipped {
            let at = place_of(&bytes, subject.as_bytes());
            bytes[at] ^= 0x20;
        }
        fs::write(&path, &bytes).unwrap();
        let err = run(dir.path(), &["verify"]).failed(1);
        assert!(err.contains("was changed after it was sealed") && err.contains(named.as_str()), "{flipped:?}: {err}");
        let fact = run(dir.path(), &["verify", "--json"]);
        assert_eq!(fact.code, 1);
        let fact: Value = serde_json::from_str(fact.out.trim()).unwrap();
        assert_eq!((&fact["ok"], fact["fault"]["id"].as_str()), (&Value::Bool(false), Some(named.as_str())));
    }
    fs::write(&path, &good).unwrap();
    assert!(run(dir.path(), &["verify"]).fine().contains("every entry fits"));
}

/// A page of bytes is lost: nothing is sent any more, what can be read is read, and the way back is said.
#[test]
fn a_damaged_page_stops_the_sending_and_not_the_reading() {
    let dir = demo();
    fs::write(dir.path().join("old.mbox"), mbox(200)).unwrap();
    import(dir.path(), &["old.mbox"]);
    run(dir.path(), &["search", "matter"]).fine();
    run(dir.path(), &["backup", "good.db"]).fine();
    fold(dir.path());
    let packed: Vec<u8> = Connection::open(database(dir.path()))
        .unwrap()
        .query_row("SELECT bytes FROM raw WHERE exchange = (SELECT max(exchange) - 60 FROM raw)", [], |row| row.get(0))
        .unwrap();
    let mut bytes = fs::read(database(dir.path())).unwrap();
    let page = place_of(&bytes, &packed[..packed.len().min(60)]) / 4096 * 4096;
    bytes[page..page + 4096].fill(0xa5);
    fs::write(database(dir.path()), &bytes).unwrap();

    let err = run(dir.path(), &["run"]).failed(78);
    assert!(err.contains("the database is damaged") && err.contains("fuseau restore FILE"), "{err}");
    let history = run(dir.path(), &["history", "acme", "--json"]).json();
    assert!(history.as_array().unwrap().len() > 100, "the entries are read");
    let found = run(dir.path(), &["search", "unique00000", "--json"]);
    assert_eq!((found.code, ids(&serde_json::from_str(&found.out).unwrap())), (0, vec!["<old-0@acme.example>"]));
    assert!(run(dir.path(), &["promises", "--json"]).json().is_array());
    let err = run(dir.path(), &["verify"]);
    assert_ne!(err.code, 0, "it is not whole: {}", err.out);
    run(dir.path(), &["restore", "good.db"]).fine();
    assert!(run(dir.path(), &["verify"]).fine().contains("every entry fits"));
}

/// Whatever opens the history refuses one of a newer version, names it, and leaves it alone. (`pause` does not open it.)
#[test]
fn a_newer_database_is_refused_by_every_command() {
    let dir = demo();
    fs::write(dir.path().join("old.mbox"), mbox(2)).unwrap();
    let id = run(dir.path(), &["history", "acme", "--json"]).json()[0]["id"].as_str().unwrap().to_owned();
    run(dir.path(), &["search", "logo"]).fine();
    run(dir.path(), &["backup", "copy.db"]).fine();
    let newer = |path: &Path| {
        let db = Connection::open(path).unwrap();
        db.pragma_update(None, "user_version", 999).unwrap();
        db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    };
    newer(&database(dir.path()));
    newer(&dir.path().join("copy.db"));
    let before = fs::read(database(dir.path())).unwrap();
    for (words, code) in [
        (&["run"][..], 78),
        (&["history", "acme"], 1),
        (&["show", &id], 1),
        (&["search", "logo"], 1),
        (&["stats"], 1),
        (&["export", "acme"], 1),
        (&["export", "acme", "--subject-access"], 1),
        (&["import", "old.mbox"], 78),
        (&["verify"], 1),
        (&["verify", "copy.db"], 78),
        (&["backup", "another.db"], 1),
        (&["restore", "copy.db"], 78),
        (&["erase", "acme", "--yes"], 78),
        (&["promises"], 1),
        (&["outbox"], 1),
        (&["digest"], 1),
        (&["drafts"], 1),
        (&["done", "<logo-1@acme.example>"], 78),
        (&["explain", "<logo-1@acme.example>"], 1),
        (&["trust"], 1),
        (&["status"], 1),
        (&["never", "anna@acme.example"], 78),
        (&["hold", "<logo-1@acme.example>"], 78),
        (&["resume"], 78),
    ] {
        let ran = run(dir.path(), words);
        assert!(
            ran.err.contains("999") && ran.err.contains("newer"),
            "{words:?} ({}): {}{}",
            ran.code,
            ran.out,
            ran.err
        );
        assert!(ran.code == code || [1, 78].contains(&ran.code), "{words:?}: {}", ran.code);
    }
    assert!(fs::read(database(dir.path())).unwrap() == before, "it was left alone");
}

/// Not a piece of what was stored is left in any file: bytes of messages, attachments, mails of the outbox, words.
#[test]
fn erased_bytes_are_in_no_file() {
    let dir = demo();
    let config = fs::read_to_string(dir.path().join("fuseau.toml")).unwrap();
    fs::write(dir.path().join("fuseau.toml"), format!("{config}\n[history]\nattachments = \"keep\"\n")).unwrap();
    // Cannot be packed any smaller, so that it lies there as it is.
    let noise: String =
        (0..6000_u64).map(|n| format!("{:016x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (n << 7))).collect();
    let mail = format!(
        "Date: Mon, 6 Jan 2020 10:00:00 +0000\nFrom: anna@acme.example\nTo: claire@studio.example\nMessage-ID: <files@x.example>\n\
         Subject: Quokkafile\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n\
         numbatword\n--b\nContent-Type: application/pdf; name=\"bilbyplan.pdf\"\nContent-Transfer-Encoding: base64\n\n{noise}\n--b--\n"
    );
    fs::write(dir.path().join("files.eml"), mail).unwrap();
    fs::write(dir.path().join("old.mbox"), mbox(40)).unwrap();
    import(dir.path(), &["files.eml"]);
    import(dir.path(), &["old.mbox"]);
    assert_eq!(ids(&run(dir.path(), &["search", "bilbyplan", "--json"]).json()), ["<files@x.example>"]);
    run(dir.path(), &["backup", "state/backups/before.db"]).fine();

    // What is stored of them, in pieces.
    let mut pieces: Vec<Vec<u8>> =
        ["quokkafile", "numbatword", "bilbyplan", "anna@acme.example"].map(|word| word.as_bytes().to_vec()).into();
    let db = Connection::open(database(dir.path())).unwrap();
    for (sql, least) in [
        ("SELECT r.bytes FROM raw r JOIN exchange e ON e.seq = r.exchange WHERE e.client = 'acme'", 20),
        ("SELECT o.bytes FROM outbox o JOIN exchange e ON e.seq = o.exchange WHERE e.client = 'acme'", 1),
    ] {
        let mut statement = db.prepare(sql).unwrap();
        let blobs = statement.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
        let blobs: Vec<Vec<u8>> = blobs.map(Result::unwrap).filter(|blob| blob.len() > 100).collect();
        assert!(blobs.len() >= least, "{sql}: {}", blobs.len());
        // Of what is packed the middle, of what is not what no other mail has.
        pieces.extend(blobs.iter().map(|blob| {
            let text = String::from_utf8_lossy(blob);
            let own = text.lines().find_map(|line| line.strip_prefix("Message-ID: "));
            own.map_or_else(|| blob[blob.len() / 2..blob.len() / 2 + 24].to_vec(), |id| id.trim().as_bytes().to_vec())
        }));
    }
    drop(db);
    let holding = || -> Vec<String> {
        let files = ["fuseau.db", "fuseau.db-wal", "search.db", "search.db-wal"]
            .map(|name| dir.path().join("state").join(name));
        let all: Vec<u8> = files.iter().flat_map(|path| fs::read(path).unwrap_or_default()).collect();
        let folded = all.to_ascii_lowercase();
        let text =
            |piece: &Vec<u8>| piece.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'@' || *byte == b'.');
        let found = |piece: &&Vec<u8>| {
            let hay = if text(piece) { &folded } else { &all };
            hay.windows(piece.len()).any(|window| window == piece.as_slice())
        };
        pieces.iter().filter(found).map(|piece| String::from_utf8_lossy(piece).into_owned()).collect()
    };
    assert!(holding().len() > 15, "what is looked for was there: {:?}", holding());
    let said = run(dir.path(), &["erase", "acme", "--yes"]).fine();
    assert!(said.contains("none is left in") && said.contains("before.db: delete it"), "{said}");
    assert_eq!(holding(), [""; 0]);
    // The copy still has it, as was said.
    let copy = fs::read(dir.path().join("state/backups/before.db")).unwrap();
    assert!(copy.windows(17).any(|window| window == b"anna@acme.example"));
}

/// `retention`: a client with whom nothing was exchanged for so long is forgotten with their words; who still writes stays.
#[test]
fn what_is_older_than_the_retention_is_forgotten() {
    let dir = demo();
    let config = fs::read_to_string(dir.path().join("fuseau.toml")).unwrap();
    let more =
        "\n[history]\nretention = \"3y\"\n[client.oldco]\ncontacts = [\"@else.example\"]\nzone = \"Asia/Tokyo\"\n";
    fs::write(dir.path().join("fuseau.toml"), config + more).unwrap();
    fs::write(dir.path().join("old.mbox"), mbox(40)).unwrap();
    import(dir.path(), &["old.mbox"]);
    let of = |client: &str| run(dir.path(), &["history", client, "--json"]).json().as_array().unwrap().len();
    let (acme, oldco) = (of("acme"), of("oldco"));
    assert_eq!(oldco, 20);
    run(dir.path(), &["verify"]).fine();
    let state = dir.path().join("state");
    let settings = fuseau::config::load(&dir.path().join("fuseau.toml"), &fuseau::model::Zones::bundled()).unwrap();
    let now = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let store = fuseau::store::Store::open(&state).unwrap();
    let index = fuseau::store::Index::open(&state).unwrap();
    let before = now - settings.retention.unwrap();
    assert_eq!(fuseau::daemon::tidy::forget_old(&store, &index, before).unwrap(), 20);
    assert_eq!(fuseau::daemon::tidy::forget_old(&store, &index, before).unwrap(), 0);
    drop(index);
    store.close().unwrap();
    assert_eq!((of("acme"), of("oldco")), (acme, 0));
    for (word, found) in [("unique00001", 0), ("unique00002", 1)] {
        let hits = run(dir.path(), &["search", word, "--json"]).json();
        assert_eq!(hits.as_array().unwrap().len(), found, "{word}");
    }
    fold(dir.path());
    for name in ["fuseau.db", "search.db"] {
        let text = String::from_utf8_lossy(&fs::read(state.join(name)).unwrap()).to_lowercase();
        assert!(!text.contains("unique00001") && !text.contains("someone@else.example"), "{name}");
    }
    assert!(run(dir.path(), &["verify"]).fine().contains("20 of them erased"));
}
