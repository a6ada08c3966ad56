//! Promises: making, moving, closing, listing. Never here: when one is kept by a mail (own.rs).
use super::StoreError;
use super::rows::{At, Reader, Tx, at, maybe_at};
use crate::model::{HeaderText, Instant, Promise, PromiseState, Zone};
use chrono::NaiveDateTime;
use rusqlite::{Row, params};

/// A promise to make.
#[derive(Clone, Copy, Debug)]
pub struct NewPromise<'a> {
    /// Its id, made by the caller.
    pub id: &'a str,
    /// The client's message, recorded before in the same or an earlier transaction.
    pub exchange: &'a str,
    /// The client's key, or a stranger's address.
    pub client: &'a str,
    /// The mailbox.
    pub mailbox: &'a str,
    /// The promised instant.
    pub by: Instant,
    /// The zone in which it is worded.
    pub zone: &'a Zone,
    /// Whether the client will be told; the outbox corrects it when the mail is sent, dropped or fails.
    pub announced: bool,
    /// The promise in whose place this one stands once its holding reply is sent; until then it waits, and the
    /// old one stays open.
    pub renews: Option<&'a str>,
    /// The present.
    pub now: Instant,
}

/// How a wall clock is written.
const WALL: &str = "%Y-%m-%dT%H:%M:%S";

pub(super) const COLUMNS: &str =
    "SELECT p.id, p.client, p.mailbox, p.conversation, e.message_id, e.subject, p.state, p.by_at,
                         p.zone, p.made_at, p.announced, p.closed_at, p.closed_by
                       FROM promise p JOIN exchange e ON e.seq = p.exchange ";

impl Reader<'_> {
    /// Promises, the earliest deadline first: only the open ones, or all.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn promises(&self, open_only: bool) -> Result<Vec<Promise>, StoreError> {
        let which = if open_only { "WHERE p.state = 'open'" } else { "" };
        self.many(&format!("{COLUMNS} {which} ORDER BY p.by_at, p.exchange, p.id"), [], read)
    }

    /// Open promises to one client in one mailbox, the earliest deadline first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn promises_to(&self, client: &str, mailbox: &str) -> Result<Vec<Promise>, StoreError> {
        let which = "WHERE p.state = 'open' AND p.client = ? AND p.mailbox = ? ORDER BY p.by_at, p.exchange, p.id";
        self.many(&format!("{COLUMNS} {which}"), [client, mailbox], read)
    }

    /// Open promises due at or before an instant, the earliest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn promises_due(&self, until: Instant) -> Result<Vec<Promise>, StoreError> {
        let which = "WHERE p.state = 'open' AND p.by_at <= ? ORDER BY p.by_at, p.exchange, p.id";
        self.many(&format!("{COLUMNS} {which}"), params![At(until)], read)
    }

    /// One promise.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn promise(&self, id: &str) -> Result<Option<Promise>, StoreError> {
        self.one(&format!("{COLUMNS} WHERE p.id = ?"), [id], read)
    }

    /// A promise as it was worded: the wall clock in its zone.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn promise_wall(&self, id: &str) -> Result<Option<NaiveDateTime>, StoreError> {
        let text = self.value::<String>("SELECT by_wall FROM promise WHERE id = ?", [id])?;
        Ok(text.and_then(|text| NaiveDateTime::parse_from_str(&text, WALL).ok()))
    }

    /// All promises made for one message of a client, the first first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn promises_of(&self, exchange: &str) -> Result<Vec<Promise>, StoreError> {
        self.many(&format!("{COLUMNS} WHERE e.id = ? ORDER BY p.made_at, p.id"), [exchange], read)
    }

    /// The id of the message that a promise was made for.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn promise_exchange(&self, id: &str) -> Result<Option<String>, StoreError> {
        self.value("SELECT e.id FROM promise p JOIN exchange e ON e.seq = p.exchange WHERE p.id = ?", [id])
    }

    /// Whether the mail that states a promise has yet to leave: nobody was told so far.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn waits_to_be_told(&self, id: &str) -> Result<bool, StoreError> {
        let waiting = "SELECT 1 FROM outbox WHERE exchange IN (SELECT mail FROM stated WHERE promise = ?)
                       AND state IN ('queued', 'sending') LIMIT 1";
        Ok(self.value::<i64>(waiting, [id])?.is_some())
    }

    /// How many holding replies a conversation had: promises that stand in the place of another, or will when their mail
    /// is sent. Those whose mail never left do not count.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn renewals(&self, conversation: &str) -> Result<u32, StoreError> {
        self.count(
            "SELECT count(*) FROM exchange e CROSS JOIN promise p ON p.exchange = e.seq
             WHERE e.conversation = ? AND p.renews IS NOT NULL
             AND (p.closed_by IS NOT 'unsent' OR EXISTS (SELECT 1 FROM outbox
                  WHERE exchange IN (SELECT mail FROM stated WHERE promise = p.id)
                  AND state IN ('queued', 'sending', 'dot_sent', 'unknown')))",
            [conversation],
        )
    }

    /// The id of the promise that was made in the place of another, whether its holding reply was sent or not.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn renewal_of(&self, id: &str) -> Result<Option<String>, StoreError> {
        self.value("SELECT id FROM promise WHERE renews = ? LIMIT 1", [id])
    }

    /// The promise in whose place another one stands, or will stand.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn renewed_by(&self, id: &str) -> Result<Option<Promise>, StoreError> {
        self.one(&format!("{COLUMNS} WHERE p.id = (SELECT renews FROM promise WHERE id = ?)"), [id], read)
    }
}

impl Tx<'_> {
    /// Makes a promise. One that renews another waits (`released`, closed by `unsent`) until its mail is sent: if it
    /// never is, the old promise is still the one that the client knows.
    ///
    /// # Errors
    /// `Missing` if the message is not recorded, or if the row cannot be written.
    pub fn make_promise(&self, new: &NewPromise<'_>) -> Result<(), StoreError> {
        let made = self.change(
            "INSERT INTO promise (id, exchange, client, to_folded, mailbox, conversation, state, by_at, by_wall, zone,
               made_at, announced, renews, closed_at, closed_by)
             SELECT ?1, seq, ?3, from_folded, ?4, conversation,
               CASE WHEN ?10 IS NULL THEN 'open' ELSE 'released' END, ?5, ?6, ?7, ?8, ?9, ?10,
               CASE WHEN ?10 IS NULL THEN NULL ELSE ?8 END, CASE WHEN ?10 IS NULL THEN NULL ELSE 'unsent' END
             FROM exchange WHERE id = ?2",
            params![
                new.id,
                new.exchange,
                new.client,
                new.mailbox,
                At(new.by),
                wall(new.by, new.zone),
                new.zone.name(),
                At(new.now),
                new.announced,
                new.renews
            ],
        )?;
        if made == 0 {
            return Err(StoreError::Missing { what: "exchange", id: new.exchange.to_owned() });
        }
        match new.renews {
            // Its life begins when its mail is sent.
            Some(_) => Ok(()),
            None => self.step(new.id, "made", Some(new.exchange), new.now),
        }
    }

    /// The holding reply in row `seq` was sent: its promises begin, those in whose place they stand are renewed; also
    /// if one lapsed while the mail was on its way. Nothing begins where the old promise was kept or released
    /// meanwhile.
    pub(super) fn begin_renewal(&self, seq: i64, now: Instant) -> Result<(), StoreError> {
        let begun = self.many(
            "UPDATE promise SET state = 'open', made_at = ?2, closed_at = NULL, closed_by = NULL
             WHERE id IN (SELECT promise FROM stated WHERE mail = ?1) AND closed_by = 'unsent'
               AND EXISTS (SELECT 1 FROM promise old WHERE old.id = promise.renews AND old.state IN ('open', 'lapsed'))
             RETURNING id, renews",
            params![seq, At(now)],
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)),
        )?;
        for (new, old) in begun {
            self.step(&new, "made", None, now)?;
            self.change(
                "UPDATE promise SET state = 'renewed', closed_by = 'holding', closed_at = ?2 WHERE id = ?1",
                params![old, At(now)],
            )?;
            self.step(&old, "holding", None, now)?;
        }
        Ok(())
    }

    /// Moves an open promise that nobody was told yet (the mail had to wait and its window passed); whether it
    /// was open.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn move_promise(&self, id: &str, by: Instant, zone: &Zone) -> Result<bool, StoreError> {
        let changed = self.change(
            "UPDATE promise SET by_at = ?2, by_wall = ?3, zone = ?4 WHERE id = ?1 AND state = 'open'",
            params![id, At(by), wall(by, zone), zone.name()],
        )?;
        if changed > 0 {
            // Its mail was worded anew in this transaction: that is when.
            let at = self.value::<At>("SELECT max(not_before) FROM outbox WHERE promise = ?", [id])?;
            self.step(id, "late", None, at.map_or(by, |at| at.0))?;
        }
        Ok(changed > 0)
    }

    /// Moves an open promise because its calendar changed, and says why; whether it was open. `wall` is what it is
    /// in `zone` from now on.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn recompute_promise(
        &self,
        id: &str,
        by: Instant,
        zone: &Zone,
        why: &str,
        now: Instant,
    ) -> Result<bool, StoreError> {
        let changed = self.change(
            "UPDATE promise SET by_at = ?2, by_wall = ?3, zone = ?4 WHERE id = ?1 AND state = 'open'",
            params![id, At(by), wall(by, zone), zone.name()],
        )?;
        if changed > 0 {
            self.step(id, why, None, now)?;
        }
        Ok(changed > 0)
    }

    /// Ends an open promise; whether it was open. `by` is a stable word: `answered`, `flag`, `done`, `holding`,
    /// `time`, `gone`, ...
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn close_promise(&self, id: &str, state: PromiseState, by: &str, at: Instant) -> Result<bool, StoreError> {
        self.close_promise_for(id, state, by, None, at)
    }

    /// The same, with the exchange that ended it.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn close_promise_for(
        &self,
        id: &str,
        state: PromiseState,
        by: &str,
        exchange: Option<&str>,
        at: Instant,
    ) -> Result<bool, StoreError> {
        let changed = self.change(
            "UPDATE promise SET state = ?2, closed_by = ?3, closed_at = ?4 WHERE id = ?1 AND state = 'open'",
            params![id, state.as_str(), by, At(at)],
        )?;
        if changed > 0 {
            self.step(id, by, exchange, at)?;
        }
        Ok(changed > 0)
    }

    /// The server shows `\Answered` on a message: its promises are kept. Their ids.
    ///
    /// # Errors
    /// If the rows cannot be written.
    pub fn answered_flag(&self, exchange: &str, now: Instant) -> Result<Vec<String>, StoreError> {
        self.change("UPDATE exchange SET answered = 1 WHERE id = ?", [exchange])?;
        self.close_of(exchange, PromiseState::Kept, "flag", now)
    }

    /// Ends every open promise made for one message (`fuseau done`); their ids.
    ///
    /// # Errors
    /// If the rows cannot be written.
    pub fn close_of(
        &self,
        exchange: &str,
        state: PromiseState,
        by: &str,
        now: Instant,
    ) -> Result<Vec<String>, StoreError> {
        let open = self.many(
            "SELECT p.id FROM exchange e JOIN promise p ON p.exchange = e.seq WHERE e.id = ? AND p.state = 'open'",
            [exchange],
            |row| row.get::<_, String>(0),
        )?;
        for id in &open {
            self.close_promise(id, state, by, now)?;
        }
        Ok(open)
    }
}

/// The promise as it is worded.
fn wall(by: Instant, zone: &Zone) -> String {
    zone.local(by).format(WALL).to_string()
}

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Promise> {
    let state: String = row.get("state")?;
    Ok(Promise {
        id: row.get("id")?,
        client: row.get("client")?,
        mailbox: row.get("mailbox")?,
        conversation: row.get("conversation")?,
        message_id: row.get("message_id")?,
        subject: HeaderText::new(&row.get::<_, String>("subject")?),
        // The column's CHECK admits no other word.
        state: PromiseState::parse(&state).unwrap_or(PromiseState::Open),
        by: at(row, "by_at")?,
        zone: row.get("zone")?,
        made_at: at(row, "made_at")?,
        announced: row.get("announced")?,
        closed_at: maybe_at(row, "closed_at")?,
        closed_by: row.get("closed_by")?,
    })
}

#[cfg(test)]
#[path = "promises_tests.rs"]
mod tests;
