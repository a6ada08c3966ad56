//! Reading the written history. Never here: how it is shown.
use super::rows::{At, Reader, Tx, at, maybe_at};
use super::{MailState, StoreError, WindowTimes};
use crate::model::{Code, HeaderText, Instant, Reason, Verdict};
use rusqlite::{Row, params};
use serde::Serialize;
use std::io::Read as _;

/// The direction of outgoing mail.
pub(super) const OUT: &str = "out";

/// One line of the history; serialises to the documented JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The exchange's id.
    pub id: String,
    /// Arrival or sending.
    pub at: Instant,
    /// `in` or `out`.
    pub direction: String,
    /// `mail`, `automatic`, `acknowledgement`, `holding`, ...
    pub kind: String,
    /// What the rules said; `null` for outgoing mail.
    pub verdict: Option<Verdict>,
    /// Message-ID with angle brackets.
    pub message_id: Option<String>,
    /// The subject.
    pub subject: String,
    /// The author's address.
    pub from: Option<String>,
    /// The first recipient's address.
    pub to: Option<String>,
    /// Where a mail of ours stands ([`MailState::shown`]); `null` for all others.
    pub state: Option<&'static str>,
}

/// A recorded decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// Its reasons, in the order of checking.
    pub reasons: Vec<Reason>,
    /// The client.
    pub client: Option<String>,
    /// When the acknowledgement was to go out.
    pub send_at: Option<Instant>,
    /// The promised window.
    pub window: Option<WindowTimes>,
    /// The promise.
    pub by: Option<Instant>,
    /// Whether the client was to be told.
    pub announced: bool,
}

/// One exchange with what is known about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// Its line in the history.
    pub entry: Entry,
    /// The mailbox that saw it first.
    pub mailbox: String,
    /// Its conversation.
    pub conversation: String,
    /// Its client.
    pub client: Option<String>,
    /// Its identity (rule B6); `None` for mail made here.
    pub key: Option<String>,
    /// The beginning of its text.
    pub excerpt: String,
    /// The decision about it, if it came in.
    pub decision: Option<Judgement>,
}

/// Figures for `status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Counts {
    /// Open promises.
    pub open_promises: u32,
    /// Mails that wait or are being sent.
    pub queued: u32,
    /// Mails in doubt that the owner should look at.
    pub unknown: u32,
}

pub(super) const COLUMNS: &str = "SELECT e.seq, e.id, e.at, e.direction, e.kind, e.verdict, e.message_id, e.subject,
                         e.from_address, e.to_address, o.state, e.mailbox, e.conversation, e.client, e.key, e.excerpt
                       FROM exchange e LEFT JOIN outbox o ON o.exchange = e.seq ";

impl Reader<'_> {
    /// Everything exchanged with a client, the oldest first; also what went to others too.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn history(&self, client: &str) -> Result<Vec<Entry>, StoreError> {
        self.many(
            &format!(
                "{COLUMNS} WHERE e.client = ?1 OR e.seq IN (SELECT exchange FROM concerns WHERE client = ?1)
                                ORDER BY e.at, e.seq"
            ),
            [client],
            entry,
        )
    }

    /// Mails that a client's people wrote, the newest first, of each author the last one of each day (UTC): id, arrival,
    /// author (folded). Forgeries, machines and what else was ignored are left out.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn written_by_client(&self, client: &str, limit: u32) -> Result<Vec<(String, Instant, String)>, StoreError> {
        self.many(
            // Whoever writes has one client.
            "SELECT id, max(at) AS at, from_folded FROM exchange
             WHERE client = ? AND direction = 'in' AND written_by = 'other' AND from_folded IS NOT NULL
               AND verdict IN ('acknowledge', 'wait', 'hold')
             GROUP BY from_folded, at / 86400000 ORDER BY 2 DESC, 1 DESC LIMIT ?",
            params![client, limit],
            |row| Ok((row.get(0)?, at(row, "at")?, row.get(2)?)),
        )
    }

    /// Everything in a conversation, the oldest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn conversation(&self, id: &str) -> Result<Vec<Entry>, StoreError> {
        self.many(&format!("{COLUMNS} WHERE e.conversation = ? ORDER BY e.at, e.seq"), [id], entry)
    }

    /// The newest exchanges recorded at or after an instant, the oldest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn recent(&self, since: Instant, limit: u32) -> Result<Vec<Remembered>, StoreError> {
        let sql = format!("{COLUMNS} WHERE e.recorded_at >= ? ORDER BY e.recorded_at DESC, e.seq DESC LIMIT ?");
        let mut rows = self.many(&sql, params![At(since), limit], remembered)?;
        rows.reverse();
        rows.into_iter().map(|(seq, it)| self.with_decision(seq, it)).collect()
    }

    /// The exchange with a Message-ID (with angle brackets), the provider's for ours too; the first recorded.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn exchange_by_message_id(&self, message_id: &str) -> Result<Option<Remembered>, StoreError> {
        let Some(known) = self.known(message_id)? else { return Ok(None) };
        let found = self.one(&format!("{COLUMNS} WHERE e.seq = ?"), [known.seq], remembered)?;
        found.map(|(seq, it)| self.with_decision(seq, it)).transpose()
    }

    /// The exchange with an id.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn exchange(&self, id: &str) -> Result<Option<Remembered>, StoreError> {
        let found = self.one(&format!("{COLUMNS} WHERE e.id = ?"), [id], remembered)?;
        found.map(|(seq, it)| self.with_decision(seq, it)).transpose()
    }

    /// The exchange that somebody names by an id of ours: its own, or that of a promise that was made for it.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn exchange_named(&self, id: &str) -> Result<Option<Remembered>, StoreError> {
        let promised = "SELECT e.id FROM promise p JOIN exchange e ON e.seq = p.exchange WHERE p.id = ?";
        match self.value::<String>(promised, [id])? {
            Some(exchange) => self.exchange(&exchange),
            None => self.exchange(id),
        }
    }

    /// The exchange at a place of the history.
    pub(super) fn exchange_at(&self, seq: i64) -> Result<Option<Remembered>, StoreError> {
        let found = self.one(&format!("{COLUMNS} WHERE e.seq = ?"), [seq], remembered)?;
        found.map(|(seq, it)| self.with_decision(seq, it)).transpose()
    }

    /// When an exchange arrived, or was sent.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn arrived_at(&self, id: &str) -> Result<Option<Instant>, StoreError> {
        Ok(self.value::<At>("SELECT at FROM exchange WHERE id = ?", [id])?.map(|at| at.0))
    }

    /// What the rules said about an exchange.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn decision_of(&self, exchange: &str) -> Result<Option<Judgement>, StoreError> {
        Ok(self.exchange(exchange)?.and_then(|it| it.decision))
    }

    /// The bytes of an exchange as they came, if they were kept, and whether they are whole.
    ///
    /// # Errors
    /// If the database cannot be read or the bytes cannot be unpacked.
    pub fn raw(&self, exchange: &str) -> Result<Option<(Vec<u8>, bool)>, StoreError> {
        let packed = self.one(
            "SELECT r.bytes, r.whole FROM exchange e JOIN raw r ON r.exchange = e.seq WHERE e.id = ?",
            [exchange],
            |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?)),
        )?;
        let Some((packed, whole)) = packed else { return Ok(None) };
        let bytes = unpacked(&packed).map_err(|e| StoreError::Corrupt(format!("raw message {exchange}: {e}")))?;
        Ok(Some((bytes, whole)))
    }

    /// The bytes of an exchange as far as they are kept: as they came, or as they left.
    ///
    /// # Errors
    /// If the database cannot be read or the bytes cannot be unpacked.
    pub fn bytes(&self, exchange: &str) -> Result<Option<Vec<u8>>, StoreError> {
        if let Some((bytes, _)) = self.raw(exchange)? {
            return Ok(Some(bytes));
        }
        let ours = "SELECT o.bytes FROM exchange e JOIN outbox o ON o.exchange = e.seq WHERE e.id = ?";
        self.value(ours, [exchange])
    }

    /// When the owner answered an exchange (rule B1), for the look just before sending: by a mail that names it,
    /// by a later one in its conversation or with its subject to its author, or by the `\Answered` flag (then the
    /// arrival stands for the time).
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn answered_at(&self, exchange: &str) -> Result<Option<Instant>, StoreError> {
        let found = self.one(
            "SELECT message_id, conversation, from_folded, base_subject, at, answered FROM exchange WHERE id = ?",
            [exchange],
            |row| {
                let (id, conversation): (Option<String>, String) = (row.get(0)?, row.get(1)?);
                let (folded, subject): (Option<String>, String) = (row.get(2)?, row.get(3)?);
                Ok((id, conversation, folded, subject, at(row, "at")?, row.get::<_, bool>(5)?))
            },
        )?;
        let Some((message_id, conversation, folded, subject, arrived, flag)) = found else { return Ok(None) };
        if flag {
            return Ok(Some(arrived));
        }
        if let Some(named) = message_id.map(|id| self.named_by_owner(&id)).transpose()?.flatten() {
            return Ok(Some(named));
        }
        let later = self.value::<At>(
            "SELECT min(at) FROM exchange WHERE conversation = ? AND written_by = 'owner' AND at >= ?",
            params![conversation, At(arrived)],
        )?;
        match (later, folded) {
            (Some(later), _) => Ok(Some(later.0)),
            (None, Some(folded)) => self.written_since(&folded, &subject, arrived),
            (None, None) => Ok(None),
        }
    }

    /// Figures for `status`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn counts(&self) -> Result<Counts, StoreError> {
        Ok(Counts {
            open_promises: self.count("SELECT count(*) FROM promise WHERE state = 'open'", [])?,
            queued: self.count("SELECT count(*) FROM outbox WHERE finished_at IS NULL", [])?,
            unknown: self.count("SELECT count(*) FROM outbox WHERE state = 'unknown'", [])?,
        })
    }

    /// When the newest exchange was recorded: a clock before it has gone backwards.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn last_recorded_at(&self) -> Result<Option<Instant>, StoreError> {
        let at = self.value::<At>("SELECT recorded_at FROM exchange ORDER BY seq DESC LIMIT 1", [])?;
        Ok(at.map(|at| at.0))
    }

    /// A fact that the program noted about itself.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn meta(&self, key: &str) -> Result<Option<String>, StoreError> {
        self.value("SELECT value FROM meta WHERE key = ?", [key])
    }

    pub(super) fn with_decision(&self, seq: i64, mut it: Remembered) -> Result<Remembered, StoreError> {
        let (verdict, client) = (it.entry.verdict, it.client.clone());
        let Some(verdict) = verdict else { return Ok(it) };
        it.decision =
            self.one("SELECT * FROM decision WHERE exchange = ?", [seq], |row| judgement(row, verdict, client))?;
        Ok(it)
    }
}

impl Tx<'_> {
    /// Notes a fact of the program about itself.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn set_meta(&self, key: &str, value: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value";
        self.change(sql, [key, value])?;
        Ok(())
    }

    /// Raises a number among the notes by one; what it is then. One that is not there, or is none, was 0.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn count_up(&self, key: &str) -> Result<u64, StoreError> {
        let sql = "INSERT INTO meta (key, value) VALUES (?, '1')
                   ON CONFLICT DO UPDATE SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT) RETURNING value";
        Ok(self.value::<String>(sql, [key])?.and_then(|text| text.parse().ok()).unwrap_or(1))
    }
}

/// Undoes the compression of raw bytes; a forged bomb ends at 16 MiB.
pub(super) fn unpacked(packed: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    flate2::read::ZlibDecoder::new(packed).take(16 * 1024 * 1024).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let verdict: Option<String> = row.get("verdict")?;
    Ok(Entry {
        id: row.get("id")?,
        at: at(row, "at")?,
        direction: row.get("direction")?,
        kind: row.get("kind")?,
        verdict: verdict.as_deref().and_then(Verdict::parse),
        message_id: row.get("message_id")?,
        subject: row.get("subject")?,
        from: row.get("from_address")?,
        to: row.get("to_address")?,
        state: row.get::<_, Option<MailState>>("state")?.map(MailState::shown),
    })
}

pub(super) fn remembered(row: &Row<'_>) -> rusqlite::Result<(i64, Remembered)> {
    let it = Remembered {
        entry: entry(row)?,
        mailbox: row.get("mailbox")?,
        conversation: row.get("conversation")?,
        client: row.get("client")?,
        key: row.get("key")?,
        excerpt: row.get("excerpt")?,
        decision: None,
    };
    Ok((row.get("seq")?, it))
}

fn judgement(row: &Row<'_>, verdict: Verdict, client: Option<String>) -> rusqlite::Result<Judgement> {
    let window = match (maybe_at(row, "window_start")?, maybe_at(row, "window_end")?, row.get("window_zone")?) {
        (Some(start), Some(end), Some(zone)) => Some(WindowTimes { start, end, zone }),
        _ => None,
    };
    Ok(Judgement {
        verdict,
        reasons: reasons(&row.get::<_, String>("reasons")?),
        client,
        send_at: maybe_at(row, "send_at")?,
        window,
        by: maybe_at(row, "by_at")?,
        announced: row.get::<_, Option<bool>>("announced")?.unwrap_or(false),
    })
}

/// Reads the stored reasons; a code that this version does not know any more is left out.
fn reasons(json: &str) -> Vec<Reason> {
    let list: Vec<serde_json::Value> = serde_json::from_str(json).unwrap_or_default();
    list.iter()
        .filter_map(|item| {
            let code = Code::parse(item.get("code")?.as_str()?)?;
            let evidence = item.get("evidence").and_then(serde_json::Value::as_str).map(HeaderText::new);
            Some(Reason { code, evidence })
        })
        .collect()
}

#[cfg(test)]
#[path = "history_tests.rs"]
mod tests;
