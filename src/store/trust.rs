//! Steps on the ladder of trust, and the signs that speak against trust. Never here: what follows from them
//! (`decide::ladder`).
use super::StoreError;
use super::rows::{At, Reader, Tx, at};
use crate::decide::ladder::{Anomaly, By, Scope, Signs, Word};
use crate::model::{Instant, MessageId, Mode};
use chrono::TimeDelta;
use rusqlite::{Row, named_params, params};
use serde_json::{Value, json};

/// Signs are kept so long.
const KEPT: TimeDelta = TimeDelta::days(30);

/// A sign that nothing else records.
#[derive(Clone, Copy, Debug)]
pub struct NewSign<'a> {
    /// In which mailbox.
    pub mailbox: &'a str,
    /// Whose mail it was about.
    pub client: Option<&'a str>,
    /// [`Anomaly::Complaint`] or [`Anomaly::Renumbered`].
    pub sign: Anomaly,
    /// The message that brought it: it counts once.
    pub exchange: Option<&'a str>,
    /// When.
    pub now: Instant,
}

fn word_of(scope: &Scope) -> String {
    format!("{}:{}", scope.kind(), scope.name())
}

fn mode(word: &str) -> Mode {
    [Mode::Observe, Mode::Draft, Mode::Send].into_iter().find(|it| it.as_str() == word).unwrap_or_default()
}

impl Reader<'_> {
    /// The last step of a mailbox or a client.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn trust_word(&self, scope: &Scope) -> Result<Option<Word>, StoreError> {
        let scope = word_of(scope);
        if let Some(known) = self.memo.trust(&scope) {
            return Ok(known);
        }
        let sql = "SELECT rung, was, cause, why, written, at FROM trust WHERE scope = ? ORDER BY seq DESC";
        let word = self.one(sql, [&scope], read)?;
        self.memo.keep_trust(scope, word.clone());
        Ok(word)
    }

    /// Every step of a mailbox or a client, the first one first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn trust_steps(&self, scope: &Scope) -> Result<Vec<Word>, StoreError> {
        self.many(
            "SELECT rung, was, cause, why, written, at FROM trust WHERE scope = ? ORDER BY seq",
            [word_of(scope)],
            read,
        )
    }

    /// What was seen of a mailbox, or of one client in it, since an instant.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn signs(&self, mailbox: &str, client: Option<&str>, since: Instant) -> Result<Signs, StoreError> {
        let span = named_params! {":mailbox": mailbox, ":client": client, ":since": At(since)};
        let mails = self.one(
            "SELECT sum(o.state IN ('sent', 'unknown', 'failed')), sum(o.state = 'unknown'), sum(o.state = 'failed'),
               count(DISTINCT CASE WHEN o.state = 'sent' THEN b.folded END)
             FROM outbox o JOIN exchange e ON e.seq = o.exchange
             LEFT JOIN bounce b ON b.folded = o.to_folded AND b.at >= o.created_at
             WHERE o.automatic = 1 AND o.counted = 1 AND o.route = 'send' AND o.created_at >= :since
               AND o.mailbox = :mailbox AND (:client IS NULL OR e.client = :client)",
            span,
            |row| Ok([0, 1, 2, 3].map(|column| row.get::<_, Option<u32>>(column).ok().flatten().unwrap_or(0))),
        )?;
        let [sent, in_doubt, failed, bounced] = mails.unwrap_or_default();
        let taken_back = self.count(
            "SELECT count(*) FROM outbox o JOIN exchange e ON e.seq = o.exchange LEFT JOIN promise p ON p.id = o.promise
             WHERE o.state = 'dropped' AND o.last_reply = 'withdrawn' AND o.finished_at >= :since AND o.automatic = 1
               AND o.route = 'send' AND o.mailbox = :mailbox AND (:client IS NULL OR e.client = :client)
               AND p.state IS NOT 'released'",
            span,
        )?;
        let promises = self.one(
            "SELECT sum(state = 'kept'), sum(state = 'lapsed') FROM promise
             WHERE announced = 1 AND closed_at IS NOT NULL AND closed_at >= :since
               AND mailbox = :mailbox AND (:client IS NULL OR client = :client)",
            span,
            |row| Ok([0, 1].map(|column| row.get::<_, Option<u32>>(column).ok().flatten().unwrap_or(0))),
        )?;
        let [kept, lapsed] = promises.unwrap_or_default();
        let signs = self.many(
            "SELECT code FROM sign WHERE at >= :since AND mailbox = :mailbox AND (:client IS NULL OR client = :client)",
            span,
            |row| row.get::<_, String>(0),
        )?;
        let of = |sign: Anomaly| {
            u32::try_from(signs.iter().filter(|it| it.as_str() == sign.as_str()).count()).unwrap_or(u32::MAX)
        };
        // What ends by itself, as after a clock that went backwards, is no loss of trust; nor is the owner's own stop.
        let breaker = self.count(
            "SELECT count(*) FROM pause WHERE scope IN ('all', 'mailbox:' || :mailbox) AND until_at >= :end
               AND code <> 'cli' AND made_at >= :since",
            named_params! {":mailbox": mailbox, ":end": At(crate::decide::UNTIL_RESUMED), ":since": At(since)},
        )?;
        Ok(Signs {
            sent,
            returned: failed.saturating_add(bounced),
            in_doubt,
            taken_back,
            kept,
            lapsed,
            complaints: of(Anomaly::Complaint),
            renumbered: of(Anomaly::Renumbered),
            breaker: breaker > 0,
        })
    }

    /// The automatic mail of ours with a Message-ID: its mailbox and its client.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn automatic_as(&self, id: &MessageId) -> Result<Option<(String, Option<String>)>, StoreError> {
        self.one(
            "SELECT o.mailbox, e.client FROM exchange e JOIN outbox o ON o.exchange = e.seq
             WHERE e.message_id = ? AND o.automatic = 1 AND o.route = 'send'",
            [id.as_str()],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }
}

impl Tx<'_> {
    /// Writes a step down.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn trust(&self, scope: &Scope, word: &Word) -> Result<(), StoreError> {
        self.memo.forget_trust();
        let why: Vec<Value> =
            word.why.iter().map(|(anomaly, count)| json!({"code": anomaly.as_str(), "count": count})).collect();
        self.change(
            "INSERT INTO trust (scope, rung, was, cause, why, written, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            params![
                word_of(scope),
                word.rung.map(Mode::as_str),
                word.was.as_str(),
                word.by.as_str(),
                Value::from(why).to_string(),
                word.written.map(Mode::as_str),
                At(word.at),
            ],
        )?;
        Ok(())
    }

    /// Notes a sign; one message brings one.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn sign(&self, new: &NewSign<'_>) -> Result<(), StoreError> {
        self.change("DELETE FROM sign WHERE at < ?", [At(new.now - KEPT)])?;
        self.change(
            "INSERT INTO sign (mailbox, client, code, exchange, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            params![new.mailbox, new.client, new.sign.as_str(), new.exchange, At(new.now)],
        )?;
        Ok(())
    }

    /// Forgets a client's steps and signs.
    pub(super) fn forget_trust(&self, client: &str) -> Result<(), StoreError> {
        self.memo.forget_trust();
        self.change("DELETE FROM trust WHERE scope = 'client:' || ?", [client])?;
        self.change("DELETE FROM sign WHERE at >= 0 AND client = ?", [client])?;
        Ok(())
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Word> {
    let why: Value = serde_json::from_str(&row.get::<_, String>("why")?).unwrap_or_default();
    let text = |it: &Value, key: &str| it.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let why = why.as_array().into_iter().flatten();
    Ok(Word {
        rung: row.get::<_, Option<String>>("rung")?.as_deref().map(mode),
        was: mode(&row.get::<_, String>("was")?),
        // The column's CHECK admits no other word.
        by: By::parse(&row.get::<_, String>("cause")?).unwrap_or(By::Fall),
        why: why.filter_map(|it| Some((Anomaly::parse(&text(it, "code"))?, text(it, "count")))).collect(),
        written: row.get::<_, Option<String>>("written")?.as_deref().map(mode),
        at: at(row, "at")?,
    })
}
