//! The chain of seals: a hash over every entry whose bytes are final, chained to the one before (decision 0011).
//! Made in the background, never in the transaction of a reply. Never here: promises and states, which change.
use super::rows::{At, Reader, Tx};
use super::{Store, StoreError};
use crate::model::{Instant, Verdict};
use rusqlite::{Row, params};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// Up to which `seq` entries were looked at for sealing.
const LOOKED_AT: &str = "sealed_to";
/// Entries sealed in one transaction: short, because a reply may wait for it.
const AT_ONCE: u32 = 100;
/// The chain value before the first entry.
const BEGINNING: [u8; 32] = [0; 32];

/// States of a mail of ours that what is sealed may still change from: it is worded anew or sent, it is found in Sent
/// after all, or the owner writes in the draft before sending it.
const MOVING: &str = "('queued', 'sending', 'dot_sent', 'unknown', 'failed', 'drafted')";

/// What is sealed of an entry: what can no longer change.
const FACTS: &str =
    "SELECT e.seq, e.id, e.mailbox, e.direction, e.written_by, e.verdict, e.kind, e.message_id, e.from_address, e.to_address, e.subject, e.at,
                       e.recorded_at, e.size, e.excerpt, d.reasons, d.by_at, r.bytes AS packed, o.bytes AS ours,
                       o.state, EXISTS (SELECT 1 FROM location l JOIN folder f ON f.id = l.folder
                                        WHERE l.exchange = e.seq AND f.role = 'sent') AS in_sent
                     FROM exchange e LEFT JOIN decision d ON d.exchange = e.seq LEFT JOIN raw r ON r.exchange = e.seq
                     LEFT JOIN outbox o ON o.exchange = e.seq ";

/// The seal of one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// Its place in the chain, from 1.
    pub number: u64,
    /// The lines that were hashed.
    pub record: String,
    /// SHA-256 of `record`, hex.
    pub content: String,
    /// The chain value, hex.
    pub chain: String,
}

/// What a check of the chain found.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Checked {
    /// Seals that were checked.
    pub seals: u64,
    /// Of these, entries that were erased; their place in the chain stays.
    pub erased: u64,
    /// Entries that are not sealed yet.
    pub unsealed: u64,
    /// The newest chain value, hex; empty without seals.
    pub head: String,
    /// The first that does not fit.
    pub fault: Option<ChainFault>,
}

/// The first entry that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainFault {
    /// Its place in the chain.
    pub number: u64,
    /// Its id, if it is still there.
    pub id: Option<String>,
    /// What is wrong.
    pub what: &'static str,
}

struct Facts {
    seq: i64,
    id: String,
    /// The lines that are hashed, by name; those of [`WHO`] came with version 2.
    lines: Vec<(&'static str, String)>,
    moving: bool,
    /// It was taken for the owner's own, and lies in Sent.
    promoted: bool,
}

/// Lines that a first version did not seal: who wrote to whom, and what was made of it.
const WHO: [&str; 3] = ["direction", "written-by", "verdict"];

impl Facts {
    /// What is hashed today.
    fn record(&self) -> String {
        self.worded(2, |_| None)
    }

    fn worded<'a>(&'a self, version: u32, instead: impl Fn(&str) -> Option<&'a str>) -> String {
        let mut record = format!("fuseau entry {version}\nid {}\n", self.id);
        for (name, value) in &self.lines {
            if version >= 2 || !WHO.contains(name) {
                // Writing to a String cannot fail.
                let _ = writeln!(record, "{name} {}", instead(name).unwrap_or(value));
            }
        }
        record
    }

    /// The record with this hash. A message that was seen in an inbox first and in Sent later is the owner's from then on: its
    /// seal may speak of what it was before.
    fn fitting(&self, content: &[u8]) -> Option<String> {
        let before = |verdict: Verdict| {
            move |name: &str| match name {
                "direction" => Some("in"),
                "written-by" => Some("other"),
                "verdict" => Some(verdict.as_str()),
                _ => None,
            }
        };
        let promoted = Verdict::ALL.iter().filter(|_| self.promoted).map(|verdict| self.worded(2, before(*verdict)));
        let first = std::iter::once_with(|| self.worded(1, |_| None));
        let fits = |record: &String| hash(record.as_bytes()) == content;
        std::iter::once_with(|| self.record()).chain(first).chain(promoted).find(fits)
    }
}

impl Reader<'_> {
    /// The seal of an entry, if it has one.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn seal_of(&self, exchange: &str) -> Result<Option<Seal>, StoreError> {
        let Some(facts) = self.one(&format!("{FACTS} WHERE e.id = ?"), [exchange], facts)? else { return Ok(None) };
        self.one("SELECT number, content, chain FROM seal WHERE exchange = ?", [facts.seq], |row| {
            let content: Vec<u8> = row.get(1)?;
            Ok(Seal {
                number: number(row.get(0)?),
                record: facts.fitting(&content).unwrap_or_else(|| facts.record()),
                content: hex(&content),
                chain: hex(&row.get::<_, Vec<u8>>(2)?),
            })
        })
    }

    /// The newest link: its number and its value, hex.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn chain_head(&self) -> Result<Option<(u64, String)>, StoreError> {
        self.one("SELECT number, chain FROM seal ORDER BY number DESC LIMIT 1", [], |row| {
            Ok((number(row.get(0)?), hex(&row.get::<_, Vec<u8>>(1)?)))
        })
    }

    /// Goes through the whole chain and compares it with the entries; `look` is called with how many are done.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn check_chain(&self, mut look: impl FnMut(u64)) -> Result<Checked, StoreError> {
        let mut found = Checked::default();
        let mut before = BEGINNING.to_vec();
        let mut seals = self.statement("SELECT number, exchange, content, chain FROM seal ORDER BY number")?;
        let mut rows = seals.query([])?;
        while let Some(row) = rows.next()? {
            let (place, seq): (i64, i64) = (row.get(0)?, row.get(1)?);
            let (content, chain): (Vec<u8>, Vec<u8>) = (row.get(2)?, row.get(3)?);
            found.seals += 1;
            look(found.seals);
            let entry = self.one(&format!("{FACTS} WHERE e.seq = ?"), [seq], facts)?;
            found.erased += u64::from(entry.is_none());
            let what = if number(place) != found.seals {
                Some("entries before it are missing from the chain")
            } else if entry.as_ref().is_some_and(|entry| entry.fitting(&content).is_none()) {
                Some("the entry was changed after it was sealed")
            } else if link(&before, &content) != chain {
                Some("the chain was changed here")
            } else {
                None
            };
            if let Some(what) = what {
                found.fault = Some(ChainFault { number: number(place), id: entry.map(|entry| entry.id), what });
                return Ok(found);
            }
            before = chain;
        }
        if found.seals > 0 {
            found.head = hex(&before);
        }
        let looked_at = self.looked_at()?;
        found.unsealed = u64::from(self.count("SELECT count(*) FROM exchange WHERE seq > ?", [looked_at])?)
            + u64::from(self.count("SELECT count(*) FROM unsealed WHERE exchange > 0", [])?);
        // An entry below that has neither seal nor excuse was put in later, behind the program's back.
        let planted = "SELECT e.id FROM exchange e WHERE e.seq <= ?1
                         AND NOT EXISTS (SELECT 1 FROM seal s WHERE s.exchange = e.seq)
                         AND NOT EXISTS (SELECT 1 FROM unsealed u WHERE u.exchange = e.seq) ORDER BY e.seq LIMIT 1";
        if let Some(id) = self.value::<String>(planted, [looked_at])? {
            found.fault =
                Some(ChainFault { number: found.seals + 1, id: Some(id), what: "the entry has no place in the chain" });
        }
        Ok(found)
    }

    fn looked_at(&self) -> Result<i64, StoreError> {
        Ok(self.meta(LOOKED_AT)?.and_then(|text| text.parse().ok()).unwrap_or(0))
    }
}

impl Tx<'_> {
    /// Seals a portion of what is not sealed yet; how many entries were looked at.
    ///
    /// # Errors
    /// If the rows cannot be written.
    pub fn seal_some(&self) -> Result<u32, StoreError> {
        let looked_at = self.looked_at()?;
        let waiting = format!(
            "WHERE e.seq IN (SELECT u.exchange FROM unsealed u JOIN outbox q ON q.exchange = u.exchange
                             WHERE u.exchange > 0 AND q.state NOT IN {MOVING} ORDER BY u.exchange LIMIT ?)"
        );
        let left = self.many(&format!("{FACTS} {waiting} ORDER BY e.seq"), [AT_ONCE], facts)?;
        let new =
            self.many(&format!("{FACTS} WHERE e.seq > ? ORDER BY e.seq LIMIT ?"), params![looked_at, AT_ONCE], facts)?;
        let mut last = self
            .one("SELECT number, chain FROM seal ORDER BY number DESC LIMIT 1", [], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?))
            })?
            .unwrap_or((0, BEGINNING.to_vec()));
        for facts in &left {
            last = self.seal(facts, &last)?;
            self.change("DELETE FROM unsealed WHERE exchange = ?", [facts.seq])?;
        }
        for facts in &new {
            if facts.moving {
                self.change("INSERT INTO unsealed (exchange) VALUES (?)", [facts.seq])?;
            } else {
                last = self.seal(facts, &last)?;
            }
        }
        if let Some(facts) = new.last() {
            self.set_meta(LOOKED_AT, &facts.seq.to_string())?;
        }
        Ok(u32::try_from(new.len()).unwrap_or(u32::MAX))
    }

    fn seal(&self, facts: &Facts, last: &(i64, Vec<u8>)) -> Result<(i64, Vec<u8>), StoreError> {
        let content = hash(facts.record().as_bytes());
        let this = (last.0 + 1, link(&last.1, &content));
        self.change(
            "INSERT INTO seal (number, exchange, content, chain) VALUES (?, ?, ?, ?)",
            params![this.0, facts.seq, content, this.1],
        )?;
        Ok(this)
    }
}

impl Store {
    /// Whether there is anything to seal; asks without a transaction, so that an idle daemon writes nothing.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn has_unsealed(&self) -> Result<bool, StoreError> {
        self.read_blocking(|r| {
            let looked_at = r.looked_at()?;
            let new = r.value::<bool>("SELECT EXISTS (SELECT 1 FROM exchange WHERE seq > ?)", [looked_at])?;
            let ready = r.value::<bool>(
                &format!(
                    "SELECT EXISTS (SELECT 1 FROM unsealed u JOIN outbox o ON o.exchange = u.exchange
                                    WHERE u.exchange > 0 AND o.state NOT IN {MOVING})"
                ),
                [],
            )?;
            Ok(new == Some(true) || ready == Some(true))
        })
    }
}

/// The chain over some entries alone, as a dossier carries it: their content hashes in the order of sealing.
#[must_use]
pub fn chain_of(contents: &[String]) -> String {
    let link_hex = |before: Vec<u8>, content: &String| link(&before, &unhex(content));
    hex(&contents.iter().fold(BEGINNING.to_vec(), link_hex))
}

/// The lines that are hashed. A change here is a new first line, or every seal before breaks.
fn facts(row: &Row<'_>) -> rusqlite::Result<Facts> {
    let text = |name: &str| -> rusqlite::Result<String> {
        Ok(row.get::<_, Option<String>>(name)?.map_or_else(|| "-".to_owned(), |text| text.replace('\n', " ")))
    };
    let instant = |at: Instant| at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let time = |name: &str| -> rusqlite::Result<String> {
        Ok(row.get::<_, Option<At>>(name)?.map_or_else(|| "-".to_owned(), |at| instant(at.0)))
    };
    let body = match (row.get::<_, Option<Vec<u8>>>("packed")?, row.get::<_, Option<Vec<u8>>>("ours")?) {
        (Some(packed), _) => super::history::unpacked(&packed).map_or_else(|_| "unreadable".to_owned(), |b| hex_of(&b)),
        (None, Some(ours)) => hex_of(&ours),
        (None, None) => "-".to_owned(),
    };
    let id: String = row.get("id")?;
    let lines = vec![
        ("mailbox", text("mailbox")?),
        ("direction", text("direction")?),
        ("written-by", text("written_by")?),
        ("verdict", text("verdict")?),
        ("kind", text("kind")?),
        ("message-id", text("message_id")?),
        ("from", text("from_address")?),
        ("to", text("to_address")?),
        ("subject", text("subject")?),
        ("at", time("at")?),
        ("recorded", time("recorded_at")?),
        ("size", row.get::<_, i64>("size")?.to_string()),
        ("reasons", text("reasons")?),
        ("promised", time("by_at")?),
        ("excerpt", hex_of(row.get::<_, String>("excerpt")?.as_bytes())),
        ("body", body),
    ];
    let promoted = row.get::<_, bool>("in_sent")? && text("written_by")? == "owner" && text("verdict")? == "own";
    let state: Option<String> = row.get("state")?;
    let moving = state.is_some_and(|state| MOVING.contains(&format!("'{state}'")));
    Ok(Facts { seq: row.get("seq")?, id, lines, moving, promoted })
}

fn number(raw: i64) -> u64 {
    u64::try_from(raw).unwrap_or(0)
}

fn hash(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

fn link(before: &[u8], content: &[u8]) -> Vec<u8> {
    Sha256::new().chain_update(before).chain_update(content).finalize().to_vec()
}

/// SHA-256 in lower-case hex.
pub(super) fn hex_of(bytes: &[u8]) -> String {
    hex(&hash(bytes))
}

fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.chars().filter_map(|c| c.to_digit(16)).filter_map(|d| u8::try_from(d).ok()).collect();
    digits.chunks_exact(2).filter_map(|pair| Some(pair.first()? * 16 + pair.last()?)).collect()
}

#[cfg(test)]
#[path = "seal_tests.rs"]
mod tests;
