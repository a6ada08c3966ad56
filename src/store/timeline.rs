//! A client's history with what was promised: the entries as a person reads them. Never here: how it is shown.
use super::StoreError;
use super::history::{Entry, Remembered};
use super::rows::{At, Reader};
use crate::model::{Instant, Promise, Step, Verdict};
use rusqlite::params;

/// One entry of a timeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// The entry.
    pub it: Remembered,
    /// What was promised for it, the first promise first, each with its life.
    pub promises: Vec<(Promise, Vec<Step>)>,
    /// Its seal: number and content hash, hex.
    pub seal: Option<(u64, String)>,
    /// Why a mail of ours did not leave, or what the server said.
    pub reply: Option<String>,
    /// What the owner's side has to do with it.
    pub by_owner: ByOwner,
}

/// How a mail comes from a person on the owner's side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct ByOwner {
    /// A person on the owner's side wrote it, and it answers.
    pub answers: bool,
    /// It was written here, and the owner sent it as a letter of theirs: they wrote in the draft, or handed it over.
    pub edited: bool,
}

/// It keeps a promise, of its conversation or one that the client was told; or it names what somebody else wrote; or it names
/// nothing that is known, and somebody else wrote in its conversation before.
const ANSWERS: &str = "SELECT
    EXISTS (SELECT 1 FROM exchange m CROSS JOIN promise p ON p.exchange = m.seq JOIN promise_step s ON s.promise = p.id
            WHERE m.conversation = e.conversation AND s.exchange = e.id AND s.state = 'kept')
    OR EXISTS (SELECT 1 FROM promise p JOIN promise_step s ON s.promise = p.id
               WHERE p.announced = 1 AND p.closed_at = e.at AND s.exchange = e.id AND s.state = 'kept')
    OR coalesce((SELECT max(o.written_by = 'other') FROM reference r JOIN exchange o ON o.message_id = r.message_id
                 WHERE r.exchange = e.seq AND r.direct = 1),
                EXISTS (SELECT 1 FROM exchange o
                        WHERE o.conversation = e.conversation AND o.written_by = 'other' AND o.at <= e.at))
    FROM exchange e WHERE e.id = ? AND e.written_by = 'owner'";

impl Reader<'_> {
    /// What was exchanged with a client from an instant on, the oldest first; with `newest`, only so many.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn timeline(&self, client: &str, since: Option<Instant>, newest: Option<u32>) -> Result<Vec<Told>, StoreError> {
        let since = since.map_or(i64::MIN, |since| since.timestamp_millis());
        let most = newest.map_or(-1, i64::from);
        let mut entries = self.many(
            "SELECT seq FROM (
               SELECT seq, at FROM (SELECT seq, at FROM exchange WHERE client = ?1 AND at >= ?2 ORDER BY at DESC, seq DESC LIMIT ?3)
               UNION ALL SELECT e.seq, e.at FROM concerns c JOIN exchange e ON e.seq = c.exchange
               WHERE c.client = ?1 AND e.at >= ?2)
             ORDER BY at DESC, seq DESC LIMIT ?3",
            params![client, since, most],
            |row| row.get::<_, i64>(0),
        )?;
        entries.reverse();
        self.told(&entries)
    }

    /// Everything that an address wrote, or that was written to it, the oldest first: also what is no client's.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn timeline_of_address(&self, folded: &str, since: Option<Instant>) -> Result<Vec<Told>, StoreError> {
        let since = since.map_or(i64::MIN, |since| since.timestamp_millis());
        let entries = self.many(
            "SELECT seq FROM exchange WHERE from_folded = ?1 AND at >= ?2
             UNION SELECT exchange FROM recipient r JOIN exchange e ON e.seq = r.exchange WHERE r.folded = ?1 AND e.at >= ?2
             UNION SELECT o.exchange FROM outbox o JOIN exchange e ON e.seq = o.exchange WHERE o.to_folded = ?1 AND e.at >= ?2",
            params![folded, since],
            |row| row.get::<_, i64>(0),
        )?;
        let mut told = self.told(&entries)?;
        told.sort_by_key(|it| it.it.entry.at);
        Ok(told)
    }

    /// One entry as a timeline tells it.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn told_of(&self, exchange: &str) -> Result<Option<Told>, StoreError> {
        let seq = self.value::<i64>("SELECT seq FROM exchange WHERE id = ?", [exchange])?;
        Ok(self.told(&seq.into_iter().collect::<Vec<_>>())?.pop())
    }

    /// The id of the one exchange whose id begins so; `None` if there is none, or more than one.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn exchange_beginning(&self, start: &str) -> Result<Option<String>, StoreError> {
        // The character behind `f` and `-` in ASCII order ends the range.
        let range = "SELECT id FROM exchange WHERE id >= ?1 AND id < ?1 || 'g' LIMIT 2";
        let found = self.many(range, [start], |row| row.get::<_, String>(0))?;
        Ok(if found.len() == 1 { found.into_iter().next() } else { None })
    }

    fn told(&self, entries: &[i64]) -> Result<Vec<Told>, StoreError> {
        let mut told = Vec::with_capacity(entries.len());
        for seq in entries {
            let Some(it) = self.exchange_at(*seq)? else { continue };
            let promises = if it.entry.direction == "in" { self.lives(&it.entry.id)? } else { Vec::new() };
            let seal = self.one("SELECT number, lower(hex(content)) FROM seal WHERE exchange = ?", [seq], |row| {
                Ok((u64::try_from(row.get::<_, i64>(0)?).unwrap_or(0), row.get(1)?))
            })?;
            let reply = match it.entry.state {
                Some(_) => self.value("SELECT last_reply FROM outbox WHERE exchange = ?", [seq])?,
                None => None,
            };
            let by_owner = self.by_owner(&it.entry)?;
            told.push(Told { it, promises, seal, reply, by_owner });
        }
        Ok(told)
    }

    /// Whether a mail that a person on the owner's side wrote is an answer, and whether it was a draft of ours. No other is
    /// either.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn by_owner(&self, entry: &Entry) -> Result<ByOwner, StoreError> {
        // What was imported was never judged.
        let perhaps = entry.kind == "mail" && matches!(entry.verdict, None | Some(Verdict::Own));
        let edited = entry.state == Some("sent") && {
            let wrote = "SELECT count(*) FROM exchange WHERE id = ? AND written_by = 'owner'";
            self.count(wrote, [&entry.id])? > 0
        };
        Ok(ByOwner { answers: (perhaps || edited) && self.count(ANSWERS, [&entry.id])? > 0, edited })
    }

    fn lives(&self, exchange: &str) -> Result<Vec<(Promise, Vec<Step>)>, StoreError> {
        let mut lives = Vec::new();
        for promise in self.promises_of(exchange)? {
            let steps = self.steps(&promise.id)?;
            // One whose holding reply never left was never given.
            if !steps.is_empty() {
                lives.push((promise, steps));
            }
        }
        Ok(lives)
    }

    /// When the newest exchange with a client was.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn last_contact(&self, client: &str) -> Result<Option<Instant>, StoreError> {
        let at = self.value::<At>(
            "SELECT max(at) FROM (SELECT max(at) AS at FROM exchange WHERE client = ?1 UNION ALL
               SELECT max(e.at) FROM concerns c JOIN exchange e ON e.seq = c.exchange WHERE c.client = ?1)",
            [client],
        )?;
        Ok(at.map(|at| at.0))
    }
}

#[cfg(test)]
mod tests {
    use crate::store::fixture::*;

    #[test]
    fn promises_stand_with_their_message() {
        let world = World::new();
        world.receive(&message("m", "anna@acme.example", "Logo", 0));
        world.promise("m", "acme", 600);
        world.acknowledge("m", "anna@acme.example", 1);
        world.see_sent(&answering(own("s", "anna@acme.example", "Re: Logo", 30), &["m"]), &["acme"]);
        let told = world.store.read_blocking(|r| r.timeline("acme", None, None)).unwrap();
        let ids: Vec<_> = told.iter().map(|it| (it.it.entry.id.as_str(), it.promises.len())).collect();
        assert_eq!(ids, [("x-m", 1), ("a-m", 0), ("x-s", 0)]);
        let some = world.store.read_blocking(|r| r.timeline("acme", Some(minute(1)), Some(1))).unwrap();
        assert_eq!(some.iter().map(|it| it.it.entry.id.as_str()).collect::<Vec<_>>(), ["x-s"]);
        let by = world.store.read_blocking(|r| r.timeline_of_address("anna@acme.example", None)).unwrap();
        assert_eq!(by.len(), 3);
        assert_eq!(world.store.read_blocking(|r| r.exchange_beginning("x-s")).unwrap().as_deref(), Some("x-s"));
        assert_eq!(world.store.read_blocking(|r| r.exchange_beginning("x-")).unwrap(), None);
        assert_eq!(world.store.read_blocking(|r| r.last_contact("acme")).unwrap(), Some(minute(30)));
    }

    #[test]
    fn what_answers_and_what_begins() {
        let world = World::new();
        let (anna, ben) = ("anna@acme.example", "ben@acme.example");
        world.receive(&message("m", anna, "Logo", 0));
        world.promise("m", "acme", 600);
        // Anew to the client, but it keeps what was promised; the next one keeps nothing.
        world.see_sent(&own("kept", anna, "Your question", 10), &["acme"]);
        world.see_sent(&own("anew", anna, "Summer", 20), &["acme"]);
        world.see_sent(&answering(own("named", anna, "Re: Logo", 30), &["m"]), &["acme"]);
        // Names only what the owner wrote; names what nobody knows; names nothing in their conversation.
        world.see_sent(&answering(own("ps", anna, "Re: Logo", 40), &["named"]), &["acme"]);
        world.see_sent(&answering(own("lost", ben, "Re: Flyer", 50), &["nobody"]), &["acme"]);
        world.see_sent(&referring(own("later", anna, "Re: Logo", 60), &["m"]), &["acme"]);
        let answers = |id: &str| {
            let told = world.store.read_blocking(|r| r.told_of(id)).unwrap().unwrap();
            assert_eq!(world.store.read_blocking(|r| r.by_owner(&told.it.entry)).unwrap(), told.by_owner);
            told.by_owner.answers
        };
        for (id, wanted) in [
            ("x-m", false),
            ("x-kept", true),
            ("x-anew", false),
            ("x-named", true),
            ("x-ps", false),
            ("x-lost", false),
            ("x-later", true),
        ] {
            assert_eq!(answers(id), wanted, "{id}");
        }
    }
}
