//! Forgetting a client, and looking through what is remembered. Never here: exports, copies made before.
use super::history::Remembered;
use super::needles::Needles;
use super::rows::{At, Reader, Tx};
use super::{DIGEST, Store, StoreError};
use crate::model::{AddressPattern, EmailAddress, Instant};
use rusqlite::params;
use std::collections::{BTreeMap, BTreeSet};

/// Where it is noted which folders still hold erased mail, and how many lines of it.
const LEFT: &str = "erased.left";
const MOST_LEFT: usize = 50;

impl Reader<'_> {
    /// Exchanges whose subject, addresses or excerpt hold every word of `query`, the newest first. Letter case does
    /// not matter, in any script.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn search(&self, query: &str, limit: usize) -> Result<Vec<Remembered>, StoreError> {
        let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
        let mut found = Vec::new();
        // In Rust, because SQLite folds the case of ASCII only. Ids first: hits are few, rows are many.
        let mut rows = self.statement(
            "SELECT id, subject, from_address, to_address, excerpt FROM exchange ORDER BY at DESC, seq DESC",
        )?;
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()?.filter(|_| found.len() < limit && !words.is_empty()) {
            let mut text = row.get::<_, String>("subject")?;
            for column in ["from_address", "to_address", "excerpt"] {
                text.push('\n');
                text.push_str(&row.get::<_, Option<String>>(column)?.unwrap_or_default());
            }
            let text = text.to_lowercase();
            if words.iter().all(|word| text.contains(word.as_str())) {
                found.push(row.get::<_, String>("id")?);
            }
        }
        let found: Result<Vec<_>, _> = found.iter().map(|id| self.exchange(id)).collect();
        Ok(found?.into_iter().flatten().collect())
    }
}

/// Who is to be forgotten.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Erasure {
    /// A client's key: all that was exchanged with them.
    pub client: Option<String>,
    /// Addresses, folded: all that they wrote, and what was written to them alone. Those that the client wrote from
    /// are added by themselves.
    pub addresses: Vec<String>,
    /// Contacts of other clients: where a client is forgotten, what is known of these people's addresses stays.
    pub others: Vec<AddressPattern>,
}

/// What was forgotten, and what is still known to be elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Places of the forgotten entries in the history.
    pub entries: Vec<i64>,
    /// Addresses that were forgotten.
    pub addresses: Vec<String>,
    /// Folders on servers that still hold their mail: mailbox, folder, messages.
    pub places: Vec<(String, String, u32)>,
    /// Entries of others that still name an address: the owner's mail to several people, another client's.
    pub shared: Vec<String>,
    /// Notes of the journal and visits that were forgotten.
    pub jotted: usize,
    /// What must not be found in the files any more.
    pub needles: Vec<String>,
}

impl Tx<'_> {
    /// Deletes everything exchanged with a client, with decisions, promises, raw bytes and outbox; the number of
    /// exchanges. Cursors stay, so that nothing is read again. See [`Store::erase`].
    ///
    /// # Errors
    /// If the rows cannot be deleted.
    pub fn erase_client(&self, client: &str) -> Result<usize, StoreError> {
        let erased = self.erase_people(&Erasure { client: Some(client.to_owned()), ..Erasure::default() })?;
        Ok(erased.entries.len())
    }

    /// Deletes what an erasure asks for; see [`Erasure`]. Seals stay: they hold no word of it.
    ///
    /// # Errors
    /// If the rows cannot be deleted.
    pub fn erase_people(&self, wanted: &Erasure) -> Result<Erased, StoreError> {
        let mut erased = Erased { addresses: wanted.addresses.clone(), ..Erased::default() };
        if let Some(client) = &wanted.client {
            for sql in [
                "SELECT DISTINCT from_folded FROM exchange WHERE client = ? AND written_by = 'other' AND from_folded <> ''",
                "SELECT DISTINCT o.to_folded FROM exchange e JOIN outbox o ON o.exchange = e.seq WHERE e.client = ?",
            ] {
                erased.addresses.extend(self.many(sql, [client], |row| row.get::<_, String>(0))?);
            }
        }
        erased.addresses.sort_unstable();
        erased.addresses.dedup();
        let mut doomed = BTreeSet::new();
        if let Some(client) = &wanted.client {
            erased.shared.extend(self.leave_to_others(client)?);
            doomed
                .extend(self.many("SELECT seq FROM exchange WHERE client = ?", [client], |row| row.get::<_, i64>(0))?);
        }
        for address in &erased.addresses {
            doomed.extend(self.about(address, wanted.client.as_deref(), &mut erased.shared)?);
        }
        if !doomed.is_empty() {
            // Digests tell of everybody in one mail; told, they are of no further use. So are the copies in the inbox.
            let digests = "SELECT seq FROM exchange WHERE kind = ?1
                           OR message_id IN (SELECT message_id FROM exchange WHERE kind = ?1)";
            doomed.extend(self.many(digests, [DIGEST], |row| row.get::<_, i64>(0))?);
        }
        self.note_places(&doomed, &mut erased)?;
        if let Some(client) = &wanted.client {
            let jotted = "SELECT id FROM journal WHERE client = ?1 UNION ALL SELECT id FROM visit WHERE client = ?1";
            let ids = self.many(jotted, [client], |row| row.get::<_, String>(0))?;
            erased.jotted = ids.len();
            erased.needles.extend(ids);
            self.forget_work(client)?;
        }
        let mut gone = BTreeSet::new();
        for seq in &doomed {
            gone.extend(self.forget_entry(*seq, &mut erased)?);
        }
        self.forget_traces(&gone, wanted.client.as_deref())?;
        for address in erased.addresses.clone() {
            if let Some(client) = &wanted.client
                && self.is_others(&address, client, &wanted.others)?
            {
                continue;
            }
            let shared = "SELECT e.id FROM recipient r JOIN exchange e ON e.seq = r.exchange WHERE r.folded = ?";
            erased.shared.extend(self.many(shared, [&address], |row| row.get::<_, String>(0))?);
            for sql in [
                "DELETE FROM recipient WHERE folded = ?",
                "DELETE FROM bounce WHERE folded = ?",
                "DELETE FROM never WHERE folded = ?",
                "DELETE FROM pause WHERE scope = 'sender:' || ?",
            ] {
                self.change(sql, [&address])?;
            }
            erased.needles.push(address);
        }
        erased.shared.sort_unstable();
        erased.shared.dedup();
        erased.entries = doomed.into_iter().collect();
        Ok(erased)
    }

    /// Mails to several clients become the others'; their ids.
    fn leave_to_others(&self, client: &str) -> Result<Vec<String>, StoreError> {
        let both = self.many(
            "SELECT e.id FROM concerns c JOIN exchange e ON e.seq = c.exchange WHERE c.client = ?1
             UNION SELECT e.id FROM exchange e WHERE e.client = ?1 AND e.seq IN (SELECT exchange FROM concerns)",
            [client],
            |row| row.get::<_, String>(0),
        )?;
        self.change("DELETE FROM concerns WHERE client = ?", [client])?;
        for id in &both {
            self.change(
                "UPDATE exchange SET client = (SELECT min(c.client) FROM concerns c WHERE c.exchange = exchange.seq)
                 WHERE id = ?1 AND client = ?2",
                [id, client],
            )?;
            let once = "DELETE FROM concerns WHERE exchange = (SELECT seq FROM exchange WHERE id = ?1)
                          AND client = (SELECT client FROM exchange WHERE id = ?1)";
            self.change(once, [id])?;
        }
        Ok(both)
    }

    /// Entries of an address that belong to no other client: what it wrote, and what was written to it alone. What it wrote
    /// as another client's stays, and is named.
    fn about(&self, address: &str, client: Option<&str>, named: &mut Vec<String>) -> Result<Vec<i64>, StoreError> {
        let wrote = self.many(
            "SELECT seq, id, (?2 IS NULL OR client IS NULL OR client = ?2) FROM exchange WHERE from_folded = ?1",
            params![address, client],
            |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, bool>(2)?)),
        )?;
        let mut found = Vec::new();
        for (seq, id, theirs) in wrote {
            if theirs {
                found.push(seq);
            } else {
                named.push(id);
            }
        }
        found.extend(self.many(
            "SELECT r.exchange FROM recipient r JOIN exchange e ON e.seq = r.exchange
             WHERE r.folded = ?1 AND (?2 IS NULL OR e.client IS NULL OR e.client = ?2)
               AND NOT EXISTS (SELECT 1 FROM recipient o WHERE o.exchange = r.exchange AND o.folded <> ?1)",
            params![address, client],
            |row| row.get::<_, i64>(0),
        )?);
        let ours = "SELECT exchange FROM outbox WHERE to_folded = ?1 AND (?2 IS NULL OR
                      (SELECT e.client IS NULL OR e.client = ?2 FROM exchange e WHERE e.seq = outbox.exchange))";
        found.extend(self.many(ours, params![address, client], |row| row.get::<_, i64>(0))?);
        Ok(found)
    }

    /// Whether an address is another client's now: by the configuration, or because entries that stay are theirs.
    fn is_others(&self, address: &str, client: &str, others: &[AddressPattern]) -> Result<bool, StoreError> {
        if EmailAddress::parse(address).is_some_and(|it| others.iter().any(|pattern| pattern.matches(&it))) {
            return Ok(true);
        }
        let wrote = "SELECT EXISTS (SELECT 1 FROM exchange WHERE from_folded = ?1 AND client <> ?2)";
        Ok(self.value::<bool>(wrote, [address, client])? == Some(true))
    }

    fn note_places(&self, doomed: &BTreeSet<i64>, erased: &mut Erased) -> Result<(), StoreError> {
        let mut places = BTreeMap::new();
        for seq in doomed {
            let sql = "SELECT f.mailbox, f.name FROM location l JOIN folder f ON f.id = l.folder WHERE l.exchange = ?";
            for place in self.many(sql, [seq], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))? {
                *places.entry(place).or_insert(0) += 1;
            }
            // Not seen there, but put there by us.
            let put = "SELECT o.mailbox, CASE WHEN o.state = 'drafted' THEN 'drafts' ELSE 'sent' END FROM outbox o
                       WHERE o.exchange = ?1 AND (o.state = 'drafted' OR o.sent_copy IN ('present', 'appended'))
                         AND NOT EXISTS (SELECT 1 FROM location l WHERE l.exchange = ?1)";
            if let Some((mailbox, role)) =
                self.one(put, [seq], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?
            {
                let named =
                    "SELECT name FROM folder WHERE mailbox = ? AND role = ? AND imported = 0 ORDER BY id LIMIT 1";
                let usual = if role == "drafts" { "Drafts" } else { "Sent" };
                let folder = self.value(named, [&mailbox, &role])?.unwrap_or_else(|| usual.to_owned());
                *places.entry((mailbox, folder)).or_insert(0) += 1;
            }
        }
        erased.places = places.into_iter().map(|((mailbox, folder), n)| (mailbox, folder, n)).collect();
        Ok(())
    }

    /// Notes which folders still hold erased mail, without a word of whose it was: a second look finds nothing any more.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn note_left(&self, places: &[(String, String, u32)], day: &str) -> Result<(), StoreError> {
        if places.is_empty() {
            return Ok(());
        }
        let mut lines: Vec<String> = self.meta(LEFT)?.unwrap_or_default().lines().map(str::to_owned).collect();
        lines.extend(places.iter().map(|(mailbox, folder, n)| format!("{day}\t{mailbox}\t{folder}\t{n}")));
        let first = lines.len().saturating_sub(MOST_LEFT);
        self.set_meta(LEFT, &lines.split_off(first).join("\n"))
    }

    fn forget_entry(&self, seq: i64, erased: &mut Erased) -> Result<Option<String>, StoreError> {
        let known = self.one("SELECT id, message_id FROM exchange WHERE seq = ?", [seq], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?))
        })?;
        let Some((id, message_id)) = known else { return Ok(None) };
        if let Some(message_id) = message_id {
            // Others' answers to it name it.
            self.change("DELETE FROM reference WHERE message_id = ?", [&message_id])?;
            let draft = "UPDATE outbox SET provider_message_id = NULL WHERE provider_message_id = ?";
            self.change(draft, [&message_id])?;
            erased.needles.push(message_id);
        }
        erased.needles.push(id.clone());
        self.memo.forget_made();
        // The occasion stays over; what it said goes.
        self.change(
            "UPDATE occasion SET print = '', replaced = NULL, removing = 0,
               state = CASE WHEN state IN ('waiting', 'touched') THEN 'deleted' ELSE state END WHERE mail = ?",
            [seq],
        )?;
        self.change("DELETE FROM exchange WHERE seq = ?", [seq])?;
        Ok(Some(id))
    }
}

impl Reader<'_> {
    /// Folders in which erased mail was left, the newest first: day, mailbox, folder, messages.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn left_before(&self) -> Result<Vec<(String, String, String, u32)>, StoreError> {
        let lines = self.meta(LEFT)?.unwrap_or_default();
        let place = |line: &str| {
            let mut parts = line.split('\t').map(str::to_owned);
            Some((parts.next()?, parts.next()?, parts.next()?, parts.next()?.parse().ok()?))
        };
        Ok(lines.lines().rev().filter_map(place).collect())
    }

    /// Entries in which some texts stand, by id, and these texts: in what is kept of a message, packed or not. Reads all of it.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn naming(&self, needles: &Needles) -> Result<(Vec<String>, BTreeSet<String>), StoreError> {
        let (mut ids, mut texts) = (Vec::new(), BTreeSet::new());
        let mut after = 0;
        loop {
            let some = self.many(
                "SELECT e.seq, e.id, e.subject || char(10) || coalesce(e.from_address, '') || char(10)
                   || coalesce(e.to_address, '') || char(10) || e.excerpt, o.bytes
                 FROM exchange e LEFT JOIN outbox o ON o.exchange = e.seq WHERE e.seq > ? ORDER BY e.seq LIMIT 100",
                [after],
                |row| {
                    Ok((
                        row.get::<_, i64>(0)?,
                        row.get::<_, String>(1)?,
                        row.get::<_, String>(2)?,
                        row.get::<_, Option<Vec<u8>>>(3)?,
                    ))
                },
            )?;
            let Some(last) = some.last() else { return Ok((ids, texts)) };
            after = last.0;
            for (_, id, said, ours) in some {
                let kept = self.bytes(&id)?;
                let mut found = needles.all_in(said.as_bytes(), &mut texts);
                for octets in [kept, ours].into_iter().flatten() {
                    found |= needles.all_in(&octets, &mut texts);
                }
                if found {
                    ids.push(id);
                }
            }
        }
    }

    /// Clients with whom nothing was exchanged since, of whom nothing was written down since, and who are promised nothing.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn clients_silent_since(&self, since: Instant) -> Result<Vec<String>, StoreError> {
        self.many(
            "SELECT client FROM (
               SELECT client, max(at) AS at FROM exchange INDEXED BY exchange_client WHERE client IS NOT NULL GROUP BY client
               UNION ALL SELECT c.client, max(e.at) FROM concerns c JOIN exchange e ON e.seq = c.exchange GROUP BY c.client
               UNION ALL SELECT client, max(at) FROM journal INDEXED BY journal_client WHERE client > '' GROUP BY client
               UNION ALL SELECT client, max(noted_at) FROM visit INDEXED BY visit_client WHERE client > '' GROUP BY client
             ) AS last GROUP BY client
             HAVING max(at) < ?1 AND NOT EXISTS (SELECT 1 FROM promise p WHERE p.client = last.client AND p.state = 'open')",
            [At(since)],
            |row| row.get(0),
        )
    }
}

impl Tx<'_> {
    /// Deletes a portion of what is no client's and older; the places of what was deleted.
    ///
    /// # Errors
    /// If the rows cannot be deleted.
    pub fn erase_others_before(&self, before: Instant) -> Result<Vec<i64>, StoreError> {
        let old = self.many(
            "SELECT seq FROM exchange e WHERE client IS NULL AND at < ?
               AND NOT EXISTS (SELECT 1 FROM promise p WHERE p.exchange = e.seq AND p.state = 'open') LIMIT 500",
            [At(before)],
            |row| row.get::<_, i64>(0),
        )?;
        let mut erased = Erased::default();
        let mut gone = BTreeSet::new();
        for seq in &old {
            gone.extend(self.forget_entry(*seq, &mut erased)?);
        }
        self.forget_traces(&gone, None)?;
        Ok(old)
    }
}

impl Store {
    /// Whether deleted rows are overwritten in place. It does not reach old copies in pages that were split before:
    /// [`Self::compact`] does.
    ///
    /// # Errors
    /// If the connection refuses.
    pub fn overwrite_deleted(&self, on: bool) -> Result<(), StoreError> {
        let state = self.0.writer.as_ref().ok_or(StoreError::ReadOnly)?.lock();
        let connection = state.connection.as_ref().ok_or(StoreError::Closed)?;
        Ok(connection.pragma_update(None, "secure_delete", on)?)
    }

    /// [`Tx::erase_client`], then rewrites the file so that nothing of it is left in free pages or in the log.
    /// Copies made before still hold it.
    ///
    /// # Errors
    /// `Full` or `Io`; if the rows were deleted and the file could not be rewritten, calling again does it.
    pub fn erase(&self, client: &str) -> Result<usize, StoreError> {
        let erased = self.write_blocking(|tx| tx.erase_client(client))?;
        self.compact()?;
        Ok(erased)
    }
}

#[cfg(test)]
#[path = "erase_tests.rs"]
mod tests;
