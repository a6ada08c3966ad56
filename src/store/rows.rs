//! `Reader` and `Tx`: what a closure gets, with the small helpers that every query here uses.
//! Never here: statements.
use super::StoreError;
use super::memo::Memo;
use crate::model::Instant;
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, OptionalExtension as _, Params, Row};
use std::ops::Deref;

/// The questions; valid inside [`super::Store::read`] and, as a part of [`Tx`], inside `write`.
pub struct Reader<'c> {
    connection: &'c Connection,
    pub(super) memo: Memo,
}

/// The questions and the changes; valid inside [`super::Store::write`].
pub struct Tx<'c>(Reader<'c>);

impl<'c> Deref for Tx<'c> {
    type Target = Reader<'c>;

    fn deref(&self) -> &Reader<'c> {
        &self.0
    }
}

impl<'c> Reader<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        Self { connection, memo: Memo::default() }
    }

    pub(super) fn statement(&self, sql: &str) -> Result<CachedStatement<'c>, StoreError> {
        #[cfg(test)]
        plans::check(self.connection, sql);
        Ok(self.connection.prepare_cached(sql)?)
    }

    /// The first row, if there is one.
    pub(super) fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.statement(sql)?.query_row(params, read).optional()?)
    }

    /// The first column of the first row, if it is there and not NULL.
    pub(super) fn value<T: FromSql>(&self, sql: &str, params: impl Params) -> Result<Option<T>, StoreError> {
        Ok(self.one(sql, params, |row| row.get(0))?.flatten())
    }

    /// The first row's count.
    pub(super) fn count(&self, sql: &str, params: impl Params) -> Result<u32, StoreError> {
        Ok(self.value(sql, params)?.unwrap_or(0))
    }

    /// Every row.
    pub(super) fn many<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        Ok(self.statement(sql)?.query_map(params, read)?.collect::<Result<_, _>>()?)
    }
}

impl<'c> Tx<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        Self(Reader::new(connection))
    }

    /// Runs a change; the number of rows that it touched.
    pub(super) fn change(&self, sql: &str, params: impl Params) -> Result<usize, StoreError> {
        Ok(self.statement(sql)?.execute(params)?)
    }

    /// The rowid of the row inserted last.
    pub(super) fn last_row(&self) -> i64 {
        self.0.connection.last_insert_rowid()
    }

    #[cfg(test)]
    pub(super) fn connection(&self) -> &'c Connection {
        self.0.connection
    }
}

/// An instant as the database keeps it: milliseconds since 1970, UTC.
pub(super) struct At(pub(super) Instant);

impl ToSql for At {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.timestamp_millis().into())
    }
}

impl FromSql for At {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let millis = value.as_i64()?;
        Instant::from_timestamp_millis(millis).map(Self).ok_or(rusqlite::types::FromSqlError::OutOfRange(millis))
    }
}

/// Reads an instant column.
pub(super) fn at(row: &Row<'_>, column: &str) -> rusqlite::Result<Instant> {
    row.get::<_, At>(column).map(|at| at.0)
}

/// Reads an instant column that may be NULL.
pub(super) fn maybe_at(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Instant>> {
    Ok(row.get::<_, Option<At>>(column)?.map(|at| at.0))
}

/// How many statements this thread has run since it was last asked.
#[cfg(test)]
pub(super) fn asked() -> usize {
    plans::COUNT.replace(0)
}

/// What the indexes of the outbox rest on says the same as its states.
#[cfg(test)]
pub(super) fn flags(connection: &Connection) {
    let wrong = "SELECT group_concat(exchange || ' ' || state) FROM outbox
                 WHERE (finished_at IS NULL) <> (state IN ('queued', 'sending', 'dot_sent')) OR counted = (state = 'dropped')";
    let wrong: Option<String> = connection.query_row(wrong, [], |row| row.get(0)).unwrap();
    assert_eq!(wrong, None);
}

/// Every statement that a test runs is asked for its plan: a look-up that walks a whole table would get slower
/// with every year of history.
#[cfg(test)]
mod plans {
    use rusqlite::Connection;
    use std::{
        cell::{Cell, RefCell},
        collections::HashSet,
    };

    thread_local!(static SEEN: RefCell<HashSet<String>> = RefCell::default());
    thread_local!(pub(super) static COUNT: Cell<usize> = const { Cell::new(0) });

    /// Partial indexes over what is open now: short however long the history is.
    const SHORT: &[&str] = &[
        "promise_open",
        "outbox_open",
        "outbox_unknown",
        "outbox_copy",
        "notice_untold",
        "alert_open",
        "handed_open",
        "occasion_open",
    ];
    /// Statements that may walk a table: a handful of rows, the owner's `--all`, one step from the end.
    const ALLOWED: &[&str] = &[
        "FROM pause",
        "FROM never ORDER BY",
        "DELETE FROM bounce",
        "ORDER BY at DESC, seq DESC",
        "ORDER BY p.by_at, p.exchange, p.id",
        "FROM exchange WHERE kind = ?1",
        "ORDER BY seq DESC LIMIT 1",
        "ORDER BY number",
        // So many of the newest, for the desk.
        "exchange DESC LIMIT",
        // Once a day, where `retention` is set.
        "INDEXED BY exchange_client",
        "WHERE client IS NULL AND at < ?",
        // The owner asks about one address: seldom, and worth a walk.
        "WHERE from_folded = ?1",
        "FROM outbox WHERE to_folded = ?",
        // The figures: seldom, and over everything.
        "/* figures */",
        // What an erased entry is named by.
        "FROM notice WHERE client",
        "FROM notice WHERE exchange",
        "FROM promise_step WHERE exchange",
        // The list in a column of one row.
        "FROM json_each(slots)",
        // Once for each client whose key is gone, and for one who is forgotten: `INDEXED BY`, step by step; a seldom walk.
        "/* keys */",
        "/* key */",
        "/* addresses */",
        // Once for each client who is forgotten.
        "DELETE FROM journal WHERE project",
    ];

    pub(super) fn check(connection: &Connection, sql: &str) {
        COUNT.set(COUNT.get() + 1);
        if ALLOWED.iter().any(|part| sql.contains(part)) || !SEEN.with_borrow_mut(|seen| seen.insert(sql.to_owned())) {
            return;
        }
        let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let mut rows = plan.raw_query();
        while let Some(row) = rows.next().unwrap() {
            let step: String = row.get("detail").unwrap();
            let short = SHORT.iter().any(|index| step.contains(index))
                || step.contains("(subquery")
                || step.contains("CONSTANT");
            assert!(!step.starts_with("SCAN ") || short, "walks a whole table: {step}\n{sql}");
        }
    }
}
