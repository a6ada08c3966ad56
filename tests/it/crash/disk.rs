//! The database on the disk as bytes, to be cut, mixed and opened again. What is done to it: `power_cut.rs`, `upgrade.rs`.
use rusqlite::{Connection, config::DbConfig};
use std::{fs, path::Path};

/// The database and its log, as bytes.
#[derive(Clone)]
pub struct Disk {
    pub db: Vec<u8>,
    pub wal: Vec<u8>,
}

impl Disk {
    pub fn read(state: &Path) -> Self {
        let wal = fs::read(state.join("fuseau.db-wal")).unwrap_or_default();
        Self { db: fs::read(state.join("fuseau.db")).unwrap(), wal }
    }

    /// A state directory that holds this.
    pub fn lay(&self) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("fuseau.db"), &self.db).unwrap();
        fs::write(dir.path().join("fuseau.db-wal"), &self.wal).unwrap();
        dir
    }

    /// Where each frame of the log ends, and whether it ends a transaction (file format 4.1: a header of 32 octets;
    /// frames of 24 octets and a page, the second word of a commit not zero, the salts those of the header).
    pub fn frames(&self) -> Vec<(usize, bool)> {
        let word = |at: usize| u32::from_be_bytes(self.wal[at..at + 4].try_into().unwrap());
        let page = usize::try_from(word(8)).unwrap();
        let all = (32..).step_by(24 + page).take_while(|at| at + 24 + page <= self.wal.len());
        all.take_while(|at| self.wal[at + 8..at + 16] == self.wal[16..24])
            .map(|at| (at + 24 + page, word(at + 4) != 0))
            .collect()
    }

    pub fn cut(&self, at: usize) -> Self {
        Self { db: self.db.clone(), wal: self.wal[..at].to_vec() }
    }
}

/// Looks without folding the log in when it is done, which would cost a flush each time.
pub fn look(state: &Path) -> Connection {
    let db = Connection::open(state.join("fuseau.db")).unwrap();
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
    db
}

/// Everything in every table.
pub fn content(state: &Path) -> String {
    let db = look(state);
    let names = |sql: &str| -> Vec<String> {
        let mut statement = db.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let mut text = String::new();
    for table in names("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name") {
        let mut statement = db.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let width = statement.column_count();
        let mut rows = statement.raw_query();
        text += &format!("# {table}\n");
        let mut lines = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            let cells: Vec<String> = (0..width).map(|i| format!("{:?}", row.get_ref(i).unwrap())).collect();
            lines.push(format!("{}\n", cells.join("|")));
        }
        lines.sort_unstable();
        text.extend(lines);
    }
    text
}

pub fn version(state: &Path) -> i64 {
    let db = look(state);
    db.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

/// I1, I2, I4, I5, I7, as far as the database alone can show them.
pub fn holds(state: &Path, what: &str) {
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
    none(
        "SELECT 1 FROM location l JOIN folder f ON f.id = l.folder
          WHERE l.uidvalidity = f.uidvalidity AND l.uid >= f.uid_next",
    );
    none("SELECT dedupe_key FROM outbox GROUP BY dedupe_key HAVING count(*) > 1");
    none(
        "SELECT 1 FROM exchange e LEFT JOIN outbox o ON o.exchange = e.seq
          WHERE e.kind = 'acknowledgement' AND o.exchange IS NULL",
    );
    // What came in stands with its decision, an answer with its promise and its bytes.
    none(
        "SELECT 1 FROM exchange e LEFT JOIN decision d ON d.exchange = e.seq
          WHERE e.direction = 'in' AND d.exchange IS NULL",
    );
    none("SELECT 1 FROM outbox WHERE promise IS NULL OR length(bytes) = 0 OR envelope_to NOT LIKE 'anna@%.example'");
    none(
        "SELECT 1 FROM outbox o JOIN promise p ON p.id = o.promise WHERE o.state = 'sent' AND o.finished_at > p.by_at",
    );
    none("SELECT 1 FROM outbox WHERE state IN ('dot_sent', 'sent') AND attempts = 0");
}
