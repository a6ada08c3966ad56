//! Finding: matches are walked from the newest to the oldest, and only so many of them, so that a common word in a
//! million entries costs as little as in a thousand. What has its words in subject or names stands first.
use super::super::history::Remembered;
use super::super::{Reader, StoreError};
use super::query::Query;
use super::{Index, slot_of};
use crate::model::Instant;
use rusqlite::params;
use std::collections::BTreeSet;

/// Matches that are looked at, whatever the filters leave of them.
const WALK: usize = 50_000;
/// Of those that pass, so many are ranked.
const POOL: usize = 500;

/// What an entry must be, whatever it says. Made from the query's filters by somebody who knows clients and zones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sieve {
    /// Not before.
    pub from: Option<Instant>,
    /// Before.
    pub until: Option<Instant>,
    /// With or without attachments.
    pub attachment: Option<bool>,
    /// All of these must hold; the flag turns one round.
    pub tests: Vec<(Test, bool)>,
}

/// One thing that an entry must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// Exchanged with one of these clients.
    Clients(Vec<String>),
    /// Of this kind.
    Kind(String),
    /// In a mailbox or a folder of this name, or in folders of this role.
    In(String),
    /// Waits for an answer.
    Open,
    /// The owner should look.
    Held,
    /// `in` or `out`.
    Direction(&'static str),
    /// About a project of a client's.
    Project(About),
    /// One of these.
    Among(BTreeSet<i64>),
}

/// How a project is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// Its key.
    pub id: String,
    /// Its client.
    pub client: String,
    /// What both sides call it.
    pub title: String,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    /// The best first.
    pub entries: Vec<Remembered>,
    /// There are more.
    pub more: bool,
    /// Older matches were not looked at.
    pub cut_short: bool,
}

impl Index {
    /// Entries that match, the best first, at most `limit`.
    ///
    /// # Errors
    /// If index or history cannot be read.
    pub fn find(&self, history: &Reader<'_>, query: &Query, sieve: &Sieve, limit: usize) -> Result<Hits, StoreError> {
        let sieve = &self.resolved(history, sieve)?;
        let wanted = query.expression(sieve.attachment);
        let from = sieve.from.map_or(0, slot_of);
        let until = sieve.until.map_or(i64::MAX, |until| slot_of(until).saturating_sub(1));
        let few = few(history, sieve)?;
        let mut pool: Vec<(i64, i64)> = Vec::new();
        let mut walked = 0;
        let mut look = |slot: i64, seq: i64| -> Result<bool, StoreError> {
            walked += 1;
            if few.as_ref().is_none_or(|few| few.contains(&seq)) && passes(history, seq, sieve)? {
                pool.push((slot, seq));
            }
            Ok(pool.len() <= POOL.max(limit) && walked < WALK)
        };
        let connection = self.lock();
        match (&wanted, &few) {
            (Some(wanted), _) => {
                let sql = "SELECT e.slot, e.exchange FROM words w JOIN entry e ON e.slot = w.rowid
                           WHERE w.words MATCH ? AND w.rowid BETWEEN ? AND ? ORDER BY w.rowid DESC";
                let mut statement = connection.prepare_cached(sql)?;
                let mut rows = statement.query(params![wanted, from, until])?;
                while let Some(row) = rows.next()? {
                    if !look(row.get(0)?, row.get(1)?)? {
                        break;
                    }
                }
            }
            (None, Some(few)) => {
                let mut statement = connection
                    .prepare_cached("SELECT slot FROM entry WHERE exchange = ?1 AND slot BETWEEN ?2 AND ?3")?;
                let mut there: Vec<(i64, i64)> = Vec::new();
                for seq in few {
                    let mut rows = statement.query(params![seq, from, until])?;
                    if let Some(row) = rows.next()? {
                        there.push((row.get(0)?, *seq));
                    }
                }
                there.sort_unstable_by(|a, b| b.cmp(a));
                for (slot, seq) in there {
                    if !look(slot, seq)? {
                        break;
                    }
                }
            }
            (None, None) => {
                let sql = "SELECT slot, exchange FROM entry WHERE slot BETWEEN ? AND ? ORDER BY slot DESC";
                let mut statement = connection.prepare_cached(sql)?;
                let mut rows = statement.query(params![from, until])?;
                while let Some(row) = rows.next()? {
                    if !look(row.get(0)?, row.get(1)?)? {
                        break;
                    }
                }
            }
        }
        let cut_short = walked >= WALK;
        let head = match (query.in_head(), pool.first(), pool.last()) {
            (Some(head), Some((newest, _)), Some((oldest, _))) => slots(&connection, &head, *oldest, *newest)?,
            _ => BTreeSet::new(),
        };
        drop(connection);
        pool.sort_by_key(|(slot, _)| (!head.contains(slot), std::cmp::Reverse(*slot)));
        let more = pool.len() > limit;
        let mut entries = Vec::new();
        for (_, seq) in pool.into_iter().take(limit) {
            entries.extend(history.exchange_at(seq)?);
        }
        Ok(Hits { entries, more, cut_short })
    }
}

impl Index {
    /// The same with each project replaced by its entries: those exchanged with its client in conversations in which a subject names
    /// it, a draft was made for it, or a note of its journal was taken from.
    fn resolved(&self, history: &Reader<'_>, sieve: &Sieve) -> Result<Sieve, StoreError> {
        let mut resolved = sieve.clone();
        for (test, _) in &mut resolved.tests {
            if let Test::Project(about) = test {
                *test = Test::Among(self.about(history, about)?);
            }
        }
        Ok(resolved)
    }

    fn about(&self, history: &Reader<'_>, about: &About) -> Result<BTreeSet<i64>, StoreError> {
        let text = |row: &rusqlite::Row<'_>| row.get::<_, String>(0);
        let drafts = "SELECT m.conversation FROM occasion o JOIN exchange m ON m.seq = o.mail WHERE o.client = ? AND o.project = ?";
        let noted = "SELECT x.conversation FROM journal j JOIN exchange x ON x.key = j.once WHERE j.project = ?";
        let mut conversations: BTreeSet<String> =
            history.many(drafts, [&about.client, &about.id], text)?.into_iter().collect();
        conversations.extend(history.many(noted, [&about.id], text)?);
        let named = [&about.title, &about.id].map(|name| Query::in_subject(name));
        let named: Vec<String> = named.into_iter().flatten().collect();
        if !named.is_empty() {
            let connection = self.lock();
            let sql = "SELECT e.exchange FROM words w JOIN entry e ON e.slot = w.rowid WHERE w.words MATCH ?";
            let mut statement = connection.prepare_cached(sql)?;
            let seqs = statement.query_map([named.join(" OR ")], |row| row.get::<_, i64>(0))?;
            let of = "SELECT conversation FROM exchange WHERE seq = ?1 AND client = ?2";
            for seq in seqs {
                conversations.extend(history.one(of, params![seq?, about.client], text)?);
            }
        }
        let mut entries = BTreeSet::new();
        let within = "SELECT seq FROM exchange WHERE conversation = ?1 AND (client = ?2 OR client IS NULL)";
        for conversation in conversations {
            entries.extend(history.many(within, [&conversation, &about.client], |row| row.get::<_, i64>(0))?);
        }
        Ok(entries)
    }
}

/// Slots between two where an expression matches.
fn slots(
    connection: &rusqlite::Connection,
    expression: &str,
    from: i64,
    until: i64,
) -> Result<BTreeSet<i64>, StoreError> {
    let sql = "SELECT rowid FROM words WHERE words MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid DESC LIMIT ?";
    let mut statement = connection.prepare_cached(sql)?;
    let most = i64::try_from(WALK).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![expression, from, until, most], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The entries that a filter leaves, where a look-up by it is cheaper than a look at each match.
fn few(history: &Reader<'_>, sieve: &Sieve) -> Result<Option<BTreeSet<i64>>, StoreError> {
    let mut few: Option<BTreeSet<i64>> = None;
    for (test, negated) in &sieve.tests {
        if *negated {
            continue;
        }
        let mut found = BTreeSet::new();
        match test {
            Test::Clients(clients) => {
                for client in clients {
                    let sql = "SELECT seq FROM exchange WHERE client = ?1
                               UNION ALL SELECT exchange FROM concerns WHERE client = ?1";
                    found.extend(history.many(sql, [client], |row| row.get::<_, i64>(0))?);
                }
            }
            Test::Among(these) => found.clone_from(these),
            Test::Open => {
                let sql = "SELECT exchange FROM promise WHERE state = 'open'";
                found.extend(history.many(sql, [], |row| row.get::<_, i64>(0))?);
            }
            _ => continue,
        }
        few = Some(match few {
            Some(before) => before.intersection(&found).copied().collect(),
            None => found,
        });
    }
    Ok(few)
}

/// Whether an entry is still there and is what the sieve asks for.
fn passes(history: &Reader<'_>, seq: i64, sieve: &Sieve) -> Result<bool, StoreError> {
    if sieve.tests.is_empty() {
        return Ok(true);
    }
    let row =
        history.one("SELECT client, kind, verdict, direction, mailbox FROM exchange WHERE seq = ?", [seq], |row| {
            let (client, kind): (Option<String>, String) = (row.get(0)?, row.get(1)?);
            let (verdict, direction): (Option<String>, String) = (row.get(2)?, row.get(3)?);
            Ok((client, kind, verdict, direction, row.get::<_, String>(4)?))
        })?;
    let Some((client, kind, verdict, direction, mailbox)) = row else { return Ok(false) };
    for (test, negated) in &sieve.tests {
        let holds = match test {
            Test::Clients(clients) => {
                client.as_ref().is_some_and(|client| clients.contains(client)) || concerns(history, seq, clients)?
            }
            Test::Kind(wanted) => kind == *wanted,
            Test::Held => verdict.as_deref() == Some("hold"),
            Test::Direction(wanted) => direction == *wanted,
            Test::Among(these) => these.contains(&seq),
            // Resolved before.
            Test::Project(_) => false,
            Test::Open => {
                let open = "SELECT EXISTS (SELECT 1 FROM promise WHERE exchange = ? AND state = 'open')";
                history.value::<bool>(open, [seq])? == Some(true)
            }
            Test::In(wanted) => mailbox.eq_ignore_ascii_case(wanted) || lies_in(history, seq, wanted)?,
        };
        if holds == *negated {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a mail to several went to one of these clients too.
fn concerns(history: &Reader<'_>, seq: i64, clients: &[String]) -> Result<bool, StoreError> {
    let further =
        history.many("SELECT client FROM concerns WHERE exchange = ?", [seq], |row| row.get::<_, String>(0))?;
    Ok(further.iter().any(|client| clients.contains(client)))
}

fn lies_in(history: &Reader<'_>, seq: i64, wanted: &str) -> Result<bool, StoreError> {
    let places = history.many(
        "SELECT f.name, CASE f.imported WHEN 0 THEN f.role ELSE '' END FROM location l JOIN folder f ON f.id = l.folder WHERE l.exchange = ?",
        [seq],
        |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)),
    )?;
    let wanted = wanted.to_lowercase();
    Ok(places.iter().any(|(name, role)| name.to_lowercase() == wanted || *role == wanted))
}
