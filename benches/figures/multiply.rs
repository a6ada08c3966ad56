//! A long history out of a short one: every row copied many times under other ids, a little later each time. A million
//! messages in minutes; what the program finds there looks as if it had recorded them. What was to be sent is sent, what
//! was promised is kept: only the newest part of a history is ever open.
use anyhow::Result;
use rusqlite::Connection;
use std::path::Path;

/// Seconds between a message and its copy.
pub const APART: i64 = 13;

/// How a column of a copy differs.
fn copied(column: &str) -> String {
    match column {
        "seq" | "exchange" | "answers" => format!("{column} + ?1 * ?2"),
        "uid" => "uid + ?1 * ?3".to_owned(),
        "body_hash" => "body_hash + ?1".to_owned(),
        "id" | "key" | "message_id" | "conversation" | "promise" | "renews" | "fuseau_id" | "dedupe_key" => {
            format!("printf('%04d.', ?1) || {column}")
        }
        name if name == "at" || name.ends_with("_at") || name.ends_with("_until") => format!("{name} + ?1 * ?4"),
        "not_before" | "next_attempt" | "window_start" | "window_end" => format!("{column} + ?1 * ?4"),
        other => other.to_owned(),
    }
}

/// Adds `copies` of everything to a database that nobody uses; `messages` is how many UIDs it has.
pub fn history(path: &Path, copies: usize, messages: usize) -> Result<()> {
    let database = Connection::open(path)?;
    database.execute_batch(
        "PRAGMA journal_mode = DELETE; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -400000;
         UPDATE outbox SET state = 'sent', finished_at = created_at, sent_copy = 'present';
         UPDATE promise SET state = 'kept', closed_at = by_at, closed_by = 'answered';",
    )?;
    // Built at the end they are sorted once.
    let indexes: Vec<(String, String)> = database
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let last: i64 = database.query_row("SELECT max(seq) FROM exchange", [], |row| row.get(0))?;
    if copies > 0 {
        for (name, _) in &indexes {
            database.execute_batch(&format!("DROP INDEX {name}"))?;
        }
        database.execute_batch("BEGIN")?;
        for table in ["exchange", "reference", "recipient", "location", "raw", "decision", "promise", "outbox"] {
            let columns: Vec<String> = database
                .prepare(&format!("SELECT name FROM pragma_table_info('{table}')"))?
                .query_map([], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            let made: Vec<String> = columns.iter().map(|column| copied(column)).collect();
            // Copies are made of the model only, which keeps the small numbers.
            let model = if table == "exchange" { "seq" } else { "exchange" };
            let sql = format!(
                "INSERT INTO {table} ({}) SELECT {} FROM {table} WHERE {model} <= ?2 AND ?1 + ?3 + ?4 > 0",
                columns.join(", "),
                made.join(", ")
            );
            let mut copy = database.prepare(&sql)?;
            for number in 1..=i64::try_from(copies)? {
                copy.execute((number, last, i64::try_from(messages)?, APART * 1000))?;
            }
        }
        database.execute_batch("COMMIT")?;
        for (_, sql) in &indexes {
            database.execute_batch(sql)?;
        }
    }
    database.execute_batch("PRAGMA journal_mode = WAL")?;
    Ok(())
}

/// Opens the newest promises again: something has to wait.
pub fn leave_open(path: &Path, promises: u32) -> Result<()> {
    let database = Connection::open(path)?;
    database.execute(
        "UPDATE promise SET state = 'open', closed_at = NULL, closed_by = NULL
         WHERE rowid IN (SELECT rowid FROM promise ORDER BY rowid DESC LIMIT ?)",
        [promises],
    )?;
    Ok(())
}
