//! What the figures are made of: entries, promises and the beginnings of texts. Never here: arithmetic.
use super::StoreError;
use super::promises::read;
use super::rows::{At, Reader, at};
use crate::decide::asked::Mail;
use crate::decide::stats::{Entry, Given, Hand, Period};
use rusqlite::{Row, params};
use std::collections::HashSet;
use std::sync::Arc;

/// The conversations that a period is about: those in which something was exchanged or due in it. All of each is wanted, as a wait may
/// begin before the period and end after it.
const TOUCHED: &str = "SELECT conversation FROM exchange WHERE client IS NOT NULL AND at >= ?2 AND at < ?3
    UNION SELECT conversation FROM exchange WHERE written_by = 'owner' AND at >= ?2 AND at < ?3
    UNION SELECT conversation FROM promise WHERE by_at >= ?2 AND by_at < ?3";
/// The same for one client. What the owner wrote by hand may bear no client.
const THEIRS_TOUCHED: &str = "SELECT conversation FROM exchange WHERE client = ?1 AND at >= ?2 AND at < ?3
    UNION SELECT t.conversation FROM concerns c JOIN exchange t ON t.seq = c.exchange WHERE c.client = ?1 AND t.at >= ?2 AND t.at < ?3
    UNION SELECT conversation FROM exchange WHERE written_by = 'owner' AND client IS NULL AND at >= ?2 AND at < ?3
    UNION SELECT conversation FROM promise WHERE client = ?1 AND by_at >= ?2 AND by_at < ?3";
/// Everything of one client.
const THEIRS: &str = "SELECT conversation FROM exchange WHERE client = ?1
    UNION SELECT t.conversation FROM concerns c JOIN exchange t ON t.seq = c.exchange WHERE c.client = ?1";

/// Texts that stand for many rows, kept once.
#[derive(Default)]
struct Pool(HashSet<Arc<str>>);

impl Pool {
    fn keep(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let new: Arc<str> = text.into();
        self.0.insert(Arc::clone(&new));
        new
    }
}

/// First and last millisecond.
fn ends(period: Period) -> (i64, i64) {
    let since = period.since.map_or(i64::MIN, |at| at.timestamp_millis());
    (since, period.until.map_or(i64::MAX, |at| at.timestamp_millis()))
}

impl Reader<'_> {
    /// What was exchanged with clients, in the order of recording: with one, or with all; of a period at least what its figures rest
    /// on. A mail to several clients counts for each of them, in the figures of all for the first. Left out are mails of ours that
    /// did not leave, and of theirs what was ignored. `opens` says whether a mail that nobody
    /// judged (past mail that was taken in) wants an answer, from its client and the beginning of its text.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn figures(
        &self,
        client: Option<&str>,
        period: Period,
        opens: &dyn Fn(&str, &str) -> bool,
    ) -> Result<Vec<Entry>, StoreError> {
        let limited = match (client, period.since.or(period.until)) {
            (Some(_), None) => format!("AND e.conversation IN ({THEIRS})"),
            (Some(_), Some(_)) => format!("AND e.conversation IN ({THEIRS_TOUCHED})"),
            (None, Some(_)) => format!("AND e.conversation IN ({TOUCHED})"),
            (None, None) => String::new(),
        };
        let sql = format!(
            "SELECT /* figures */ e.id, e.at, e.conversation, e.direction, e.kind, e.written_by, e.verdict, o.state,
               coalesce((SELECT k.client FROM concerns k WHERE k.client = ?1 AND k.exchange = e.seq), e.client, (SELECT c.client FROM exchange c
                                   WHERE c.conversation = e.conversation AND c.client IS NOT NULL LIMIT 1)),
               CASE WHEN e.verdict = 'wait' THEN
                 (SELECT instr(d.reasons, '\"content.thanks\"') FROM decision d WHERE d.exchange = e.seq) END,
               CASE WHEN e.verdict IS NULL AND e.direction = 'in' THEN substr(e.excerpt, 1, 400) END
             FROM exchange e LEFT JOIN outbox o ON o.exchange = e.seq
             WHERE (e.client IS NOT NULL OR e.written_by = 'owner') AND (?1 IS NULL OR e.client = ?1 OR e.client IS NULL
               OR EXISTS (SELECT 1 FROM concerns k WHERE k.client = ?1 AND k.exchange = e.seq))
               AND ?2 <= ?3 {limited}
             ORDER BY e.seq"
        );
        let (since, until) = ends(period);
        let (mut pool, mut entries) = (Pool::default(), Vec::new());
        self.many(&sql, params![client, since, until], |row| {
            entries.extend(figure(row, client, &mut pool, opens)?);
            Ok(())
        })?;
        Ok(entries)
    }

    /// The promises that began, each with what was promised in its place: to one client, or to all; of a period at least what its
    /// figures rest on.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn promises_given(&self, client: Option<&str>, period: Period) -> Result<Vec<Given>, StoreError> {
        let limited = match (client, period.since.or(period.until)) {
            (None, Some(_)) => format!("AND p.conversation IN ({TOUCHED})"),
            _ => String::new(),
        };
        let (since, until) = ends(period);
        let sql = format!(
            "SELECT /* figures */ p.id, p.client, p.mailbox, p.conversation, e.message_id, e.subject, p.state, p.by_at, p.zone, p.made_at,
               p.announced, p.closed_at, p.closed_by, e.at AS asked,
               (SELECT n.by_at FROM promise n WHERE n.renews = p.id AND n.closed_by IS NOT 'unsent' LIMIT 1) AS renewed_to
             FROM promise p JOIN exchange e ON e.seq = p.exchange
             WHERE p.closed_by IS NOT 'unsent' AND (?1 IS NULL OR p.client = ?1) AND ?2 <= ?3 {limited}
             ORDER BY p.by_at, p.exchange, p.id"
        );
        self.many(&sql, params![client, since, until], |row| {
            let renewed_to = row.get::<_, Option<At>>("renewed_to")?.map(|at| at.0);
            Ok(Given { promise: read(row)?, asked: at(row, "asked")?, renewed_to })
        })
    }

    /// The newest mails that clients wrote in a period, with the beginnings of their texts.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn asking(&self, client: Option<&str>, period: Period, most: u32) -> Result<Vec<Mail>, StoreError> {
        let (since, until) = ends(period);
        // Client by client: each has its mails in order of time. One step of the index for each client there is.
        let all = "WITH RECURSIVE known (client) AS (SELECT min(client) FROM exchange WHERE client IS NOT NULL
                     UNION ALL SELECT (SELECT min(e.client) FROM exchange e WHERE e.client > known.client) FROM known
                     WHERE known.client IS NOT NULL)
                   SELECT /* figures */ client FROM known WHERE client IS NOT NULL AND (?1 IS NULL OR client = ?1)";
        let clients = self.many(all, [client], |row| row.get::<_, String>(0))?;
        let mut newest: Vec<(i64, i64)> = Vec::new();
        for client in clients {
            newest.extend(self.many(
                "SELECT at, seq FROM exchange
                 WHERE client = ?1 AND at >= ?2 AND at < ?3 AND direction = 'in' AND kind = 'mail' AND written_by = 'other'
                   AND (verdict IS NULL OR verdict IN ('acknowledge', 'wait', 'hold'))
                 ORDER BY at DESC, seq DESC LIMIT ?4",
                params![client, since, until, most],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?);
        }
        newest.sort_unstable_by(|a, b| b.cmp(a));
        newest.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        let sql = "SELECT id, at, conversation, client, subject, excerpt FROM exchange WHERE seq = ?";
        let mail = |row: &Row<'_>| {
            Ok(Mail {
                id: row.get("id")?,
                at: at(row, "at")?,
                conversation: row.get("conversation")?,
                client: row.get("client")?,
                subject: row.get("subject")?,
                text: row.get("excerpt")?,
            })
        };
        let mails = newest.into_iter().map(|(_, seq)| self.one(sql, [seq], mail));
        Ok(mails.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }
}

/// One row; none if it is nobody's work that counts, or another client's. By place, not by name: there may be a million.
fn figure(
    row: &Row<'_>,
    wanted: Option<&str>,
    pool: &mut Pool,
    opens: &dyn Fn(&str, &str) -> bool,
) -> rusqlite::Result<Option<Entry>> {
    let text = |place: usize| row.get_ref(place).map(|value| value.as_str_or_null().ok().flatten());
    let Some(client) = text(8)?.filter(|client| wanted.is_none_or(|wanted| wanted == *client)) else { return Ok(None) };
    let left = text(7)?.is_none_or(|state| state == "sent" || state == "unknown");
    let ignored = text(6)? == Some("ignore");
    let thanks = row.get::<_, Option<i64>>(9)?.is_some_and(|found| found > 0);
    let hand = match (text(5)?.unwrap_or_default(), text(3)?.unwrap_or_default()) {
        ("owner", _) if left => Hand::Owner,
        ("machine", "out") if left => Hand::Machine,
        ("other", "in") if text(4)? == Some("mail") && !ignored => {
            Hand::Client(!thanks && text(10)?.is_none_or(|said| opens(client, said)))
        }
        _ => return Ok(None),
    };
    let id: Arc<str> = if hand == Hand::Owner { row.get_ref(0)?.as_str()?.into() } else { pool.keep("") };
    let conversation = pool.keep(row.get_ref(2)?.as_str()?);
    Ok(Some(Entry { id, at: row.get::<_, At>(1)?.0, conversation, client: Some(pool.keep(client)), hand }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PromiseState;
    use crate::store::fixture::*;

    #[test]
    fn who_wrote_what_and_what_was_promised() {
        let world = World::new();
        world.receive(&message("m", "anna@acme.example", "Logo", 0));
        world.promise("m", "acme", 600);
        world.acknowledge("m", "anna@acme.example", 1);
        world.see_sent(&answering(own("s", "anna@acme.example", "Re: Logo", 30), &["m"]), &["acme"]);
        let always = Period::default();
        let figures = |client: Option<&str>, period| {
            world.store.read_blocking(|r| r.figures(client, period, &|_, _| true)).unwrap()
        };
        let read = |client: Option<&str>| figures(client, always);
        let hands: Vec<_> = read(None).iter().map(|entry| (entry.id.to_string(), entry.hand)).collect();
        // The acknowledgement waits: it has not left.
        assert_eq!(hands, [(String::new(), Hand::Client(true)), ("x-s".into(), Hand::Owner)]);
        // A period has all of the conversations that it touches, and none of the others.
        let of = |since, until| Period { since: Some(minute(since)), until: Some(minute(until)) };
        assert_eq!([figures(None, of(20, 40)).len(), figures(None, of(-20, -10)).len()], [2, 0]);
        // The promise was due in it.
        assert_eq!(figures(None, of(599, 601)).len(), 2);
        assert_eq!([(20, 40), (-20, -10), (599, 601)].map(|(a, b)| figures(Some("acme"), of(a, b)).len()), [2, 0, 2]);
        assert_eq!(read(Some("acme")).len(), 2);
        assert_eq!(read(Some("other")).len(), 0);
        let given = world.store.read_blocking(|r| r.promises_given(Some("acme"), always)).unwrap();
        assert_eq!(given.len(), 1);
        assert_eq!((given[0].promise.state, given[0].asked), (PromiseState::Kept, minute(0)));
        let asking = |until| {
            let period = Period { since: Some(minute(0)), until: Some(minute(until)) };
            world.store.read_blocking(|r| r.asking(None, period, 10)).unwrap()
        };
        assert_eq!(asking(1).iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["x-m"]);
        assert!(asking(0).is_empty());
    }
}
