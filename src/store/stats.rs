//! What the figures are made of: entries, promises and the beginnings of texts. Never here: arithmetic.
use super::StoreError;
use super::promises::read;
use super::rows::{At, Reader, at};
use crate::decide::asked::Mail;
use crate::decide::stats::{Entry, Given, Hand, Period};
use rusqlite::{Row, params};

/// An entry, and the beginning of its text if nobody has judged it (past mail that was taken in).
pub type Unjudged = (Entry, Option<String>);

impl Reader<'_> {
    /// Everything exchanged with clients, in the order of recording: with one, or with all. Left out are mails of ours that did
    /// not leave, and of theirs what was ignored.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn figures(&self, client: Option<&str>) -> Result<Vec<Unjudged>, StoreError> {
        let rows = self.many(
            "SELECT /* figures */ e.id, e.at, e.conversation, e.direction, e.kind, e.written_by, e.verdict, o.state,
               coalesce(e.client, (SELECT c.client FROM exchange c
                                   WHERE c.conversation = e.conversation AND c.client IS NOT NULL LIMIT 1)) AS client,
               CASE WHEN e.verdict = 'wait' THEN
                 (SELECT instr(d.reasons, '\"content.thanks\"') FROM decision d WHERE d.exchange = e.seq) END AS thanks,
               CASE WHEN e.verdict IS NULL AND e.direction = 'in' THEN substr(e.excerpt, 1, 400) END AS text
             FROM exchange e LEFT JOIN outbox o ON o.exchange = e.seq
             WHERE (e.client IS NOT NULL OR e.written_by = 'owner') AND (?1 IS NULL OR e.client = ?1 OR e.client IS NULL)
             ORDER BY e.seq",
            [client],
            figure,
        )?;
        let wanted = |(entry, _): &Unjudged| {
            entry.client.is_some() && client.is_none_or(|client| entry.client.as_deref() == Some(client))
        };
        Ok(rows.into_iter().flatten().filter(wanted).collect())
    }

    /// The promises that began, each with what was promised in its place: to one client, or to all.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn promises_given(&self, client: Option<&str>) -> Result<Vec<Given>, StoreError> {
        self.many(
            "SELECT p.id, p.client, p.mailbox, p.conversation, e.message_id, e.subject, p.state, p.by_at, p.zone, p.made_at,
               p.announced, p.closed_at, p.closed_by, e.at AS asked,
               (SELECT n.by_at FROM promise n WHERE n.renews = p.id AND n.closed_by IS NOT 'unsent' LIMIT 1) AS renewed_to
             FROM promise p JOIN exchange e ON e.seq = p.exchange
             WHERE p.closed_by IS NOT 'unsent' AND (?1 IS NULL OR p.client = ?1) ORDER BY p.by_at, p.exchange, p.id",
            [client],
            |row| {
                let renewed_to = row.get::<_, Option<At>>("renewed_to")?.map(|at| at.0);
                Ok(Given { promise: read(row)?, asked: at(row, "asked")?, renewed_to })
            },
        )
    }

    /// The newest mails that clients wrote in a period, with the beginnings of their texts.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn asking(&self, client: Option<&str>, period: Period, most: u32) -> Result<Vec<Mail>, StoreError> {
        let since = period.since.map_or(i64::MIN, |at| at.timestamp_millis());
        let until = period.until.map_or(i64::MAX, |at| at.timestamp_millis());
        self.many(
            "SELECT /* figures */ id, at, conversation, client, subject, excerpt FROM exchange
             WHERE client IS NOT NULL AND (?1 IS NULL OR client = ?1) AND at >= ?2 AND at < ?3 AND direction = 'in'
               AND kind = 'mail' AND written_by = 'other' AND (verdict IS NULL OR verdict IN ('acknowledge', 'wait', 'hold'))
             ORDER BY at DESC, seq DESC LIMIT ?4",
            params![client, since, until, most],
            |row| {
                Ok(Mail {
                    id: row.get("id")?,
                    at: at(row, "at")?,
                    conversation: row.get("conversation")?,
                    client: row.get("client")?,
                    subject: row.get("subject")?,
                    text: row.get("excerpt")?,
                })
            },
        )
    }
}

/// One row; none if it is nobody's work that counts.
fn figure(row: &Row<'_>) -> rusqlite::Result<Option<Unjudged>> {
    let (direction, kind): (String, String) = (row.get("direction")?, row.get("kind")?);
    let (written_by, verdict): (String, Option<String>) = (row.get("written_by")?, row.get("verdict")?);
    let state: Option<String> = row.get("state")?;
    let left = state.is_none_or(|state| state == "sent" || state == "unknown");
    let thanks = row.get::<_, Option<i64>>("thanks")?.is_some_and(|found| found > 0);
    let hand = match (written_by.as_str(), direction.as_str()) {
        ("owner", _) if left => Hand::Owner,
        ("machine", "out") if left => Hand::Machine,
        ("other", "in") if kind == "mail" && verdict.as_deref() != Some("ignore") => Hand::Client(!thanks),
        _ => return Ok(None),
    };
    let entry = Entry {
        id: row.get("id")?,
        at: at(row, "at")?,
        conversation: row.get("conversation")?,
        client: row.get("client")?,
        hand,
    };
    let text = if matches!(hand, Hand::Client(_)) { row.get("text")? } else { None };
    Ok(Some((entry, text)))
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
        let read = |client: Option<&str>| world.store.read_blocking(|r| r.figures(client)).unwrap();
        let hands: Vec<_> =
            read(None).iter().map(|(entry, text)| (entry.id.clone(), entry.hand, text.is_some())).collect();
        // The acknowledgement waits: it has not left.
        assert_eq!(hands, [("x-m".into(), Hand::Client(true), false), ("x-s".into(), Hand::Owner, false)]);
        assert_eq!(read(Some("acme")).len(), 2);
        assert_eq!(read(Some("other")).len(), 0);
        let given = world.store.read_blocking(|r| r.promises_given(Some("acme"))).unwrap();
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
