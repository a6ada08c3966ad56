//! The history follows the configuration: a client under another key keeps what was said, entries of nobody become the client's
//! whose addresses theirs are now. What was said to one client never becomes another's. Nothing is decided, promised or answered
//! by it. Never here: who asks for it, and when (`daemon::adopt`).
use super::rows::{Reader, Tx};
use super::seal::hex_of;
use super::{DIGEST, Store, StoreError};
use crate::model::{AddressPattern, EmailAddress};
use rusqlite::params;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;

/// Entries looked at in one portion, and changed in one transaction: a reply may wait for it.
const AT_ONCE: i64 = 1000;
/// Where it is noted for which contacts, and up to which entry, it was done.
const DONE: &str = "clients.adopted";
/// Which key is being taken to which, while its entries follow.
const FOLLOWING: &str = "clients.following";
/// Every table that names a client by key and is not an entry: promises first. In the key of an occasion the client stands behind
/// the kind; a project that is called the same stays what it is.
const BESIDE: &[&str] = &[
    "UPDATE /* key */ promise SET client = ?2 WHERE client = ?1",
    "UPDATE journal SET client = ?2 WHERE client = ?1",
    "UPDATE visit SET client = ?2 WHERE client = ?1",
    // A draft is made once for each occasion, whatever the client is called.
    "UPDATE OR IGNORE occasion SET key = kind || ':' || ?2 || substr(key, length(kind) + 2 + length(?1))
     WHERE client = ?1 AND kind NOT IN ('payment', 'deposit', 'progress', 'follow-up', 'slot-confirmed')
       AND substr(key || ':', 1, length(kind) + length(?1) + 2) = kind || ':' || ?1 || ':'",
    "UPDATE OR IGNORE occasion SET key = 'slot-confirmed:slots:' || ?2 || substr(key, 22 + length(?1))
     WHERE client = ?1 AND substr(key || ':', 1, 22 + length(?1)) = 'slot-confirmed:slots:' || ?1 || ':'",
    "UPDATE occasion SET client = ?2 WHERE client = ?1",
    "UPDATE OR IGNORE offer SET key = 'slots:' || ?2 || substr(key, 7 + length(?1))
     WHERE client = ?1 AND substr(key || ':', 1, 7 + length(?1)) = 'slots:' || ?1 || ':'",
    "UPDATE offer SET client = ?2 WHERE client = ?1",
    "UPDATE /* key */ notice SET client = ?2 WHERE client = ?1",
    "UPDATE alert SET client = ?2 WHERE made_at >= 0 AND client = ?1",
    "UPDATE sign SET client = ?2 WHERE at >= 0 AND client = ?1",
    "UPDATE trust SET scope = 'client:' || ?2 WHERE scope = 'client:' || ?1",
    "UPDATE OR REPLACE concerns SET client = ?2 WHERE client = ?1",
];

/// Whose address is whose now.
#[derive(Clone, Debug, Default)]
pub struct Contacts {
    /// Each client's key, with the addresses that are theirs.
    pub clients: Vec<(String, Vec<AddressPattern>)>,
    /// Addresses under which anybody may write (contact forms), folded: they prove nobody.
    pub anybody: Vec<String>,
    /// Each project's key, with its client's.
    pub projects: Vec<(String, String)>,
}

impl Contacts {
    /// The client whose an address is.
    #[must_use]
    pub fn of(&self, address: &EmailAddress) -> Option<&str> {
        let (key, _) = self.clients.iter().find(|(_, all)| all.iter().any(|pattern| pattern.matches(address)))?;
        Some(key)
    }

    fn has(&self, key: &str) -> bool {
        self.clients.iter().any(|(known, _)| known == key)
    }

    /// The same contacts have the same.
    fn print(&self) -> String {
        let mut all = String::new();
        for (key, patterns) in &self.clients {
            // Writing to a String cannot fail.
            let _ = write!(all, "{key} {patterns:?}\n{:?}\n", self.anybody);
        }
        hex_of(all.as_bytes())
    }
}

/// Looked up once for each address.
struct Known<'a> {
    contacts: &'a Contacts,
    of: HashMap<String, Option<&'a str>>,
}

impl<'a> Known<'a> {
    fn of(&mut self, address: &str) -> Option<&'a str> {
        if let Some(known) = self.of.get(address) {
            return *known;
        }
        let parsed = EmailAddress::parse(address).filter(|it| !self.contacts.anybody.contains(&it.folded()));
        let found = parsed.and_then(|address| self.contacts.of(&address));
        self.of.insert(address.to_owned(), found);
        found
    }
}

/// What an entry of nobody becomes.
struct Change {
    seq: i64,
    clients: Vec<String>,
}

struct Row {
    seq: i64,
    written_by: String,
    from: Option<String>,
    to: Option<String>,
}

impl Reader<'_> {
    /// Whether contacts have changed since the history followed them.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn contacts_changed(&self, contacts: &Contacts) -> Result<bool, StoreError> {
        Ok(self.adopted()?.is_none_or(|(print, _)| print != contacts.print()))
    }

    /// Keys of clients that the history knows and the configuration does not: of entries, promises, notes and visits.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn clients_gone(&self, contacts: &Contacts) -> Result<Vec<String>, StoreError> {
        let mut gone = BTreeSet::new();
        for (table, index) in
            [("exchange", "exchange_client"), ("journal", "journal_client"), ("visit", "visit_client")]
        {
            // One step of the index for each key there is.
            let keys = format!(
                "WITH RECURSIVE known (client) AS (SELECT min(client) FROM {table} INDEXED BY {index} WHERE client > ''
                   UNION ALL SELECT (SELECT min(t.client) FROM {table} t INDEXED BY {index} WHERE t.client > known.client)
                   FROM known WHERE known.client IS NOT NULL)
                 SELECT /* keys */ client FROM known WHERE client IS NOT NULL"
            );
            gone.extend(self.many(&keys, [], |row| row.get::<_, String>(0))?);
        }
        gone.retain(|key| !contacts.has(key));
        Ok(gone.into_iter().collect())
    }

    fn adopted(&self) -> Result<Option<(String, i64)>, StoreError> {
        let noted = self.meta(DONE)?;
        Ok(noted.and_then(|it| it.split_once(' ').map(|(print, to)| (print.to_owned(), to.parse().unwrap_or(0)))))
    }

    /// The one client to whom everybody belongs now with whom something was exchanged under a key, and with whom nothing was
    /// exchanged yet under the new one: that is another key for the same people. Who is nobody's has left. `None` if they are
    /// several clients', or nobody's, or the client has a history.
    fn heir<'a>(&self, key: &str, known: &mut Known<'a>) -> Result<Option<&'a str>, StoreError> {
        let mut theirs: BTreeSet<&str> = BTreeSet::new();
        for sql in [
            "SELECT DISTINCT from_folded FROM exchange WHERE client = ? AND written_by = 'other' AND from_folded <> ''",
            "SELECT DISTINCT o.to_folded FROM exchange e JOIN outbox o ON o.exchange = e.seq WHERE e.client = ?",
        ] {
            let all = self.many(sql, [key], |row| row.get::<_, String>(0))?;
            theirs.extend(all.iter().filter_map(|address| known.of(address)));
        }
        // Others may have got the owner's mails too.
        let written = "SELECT e.seq, r.folded FROM exchange e JOIN recipient r ON r.exchange = e.seq
                       WHERE e.client = ? AND e.written_by = 'owner'";
        let mut mails: BTreeMap<i64, BTreeSet<&str>> = BTreeMap::new();
        for (seq, folded) in self.many(written, [key], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))? {
            mails.entry(seq).or_default().extend(known.of(&folded));
        }
        mails.retain(|_, clients| !clients.is_empty());
        if theirs.is_empty() {
            theirs = mails.values().flatten().copied().collect();
        }
        let mut all = theirs.into_iter();
        let (Some(heir), None) = (all.next(), all.next()) else { return Ok(None) };
        let fresh = self.value::<bool>("SELECT NOT EXISTS (SELECT 1 FROM exchange WHERE client = ?)", [heir])?;
        Ok((fresh == Some(true) && mails.values().all(|clients| clients.contains(heir))).then_some(heir))
    }

    /// Which key was being taken to which when the process ended.
    fn following(&self) -> Result<Option<(String, String)>, StoreError> {
        let noted = self.meta(FOLLOWING)?;
        Ok(noted.and_then(|it| it.split_once('\t').map(|(gone, heir)| (gone.to_owned(), heir.to_owned()))))
    }

    /// A portion of entries of nobody after one, and whose they are; `None` behind the newest.
    fn to_adopt(&self, after: i64, known: &mut Known<'_>) -> Result<Option<(i64, Vec<Change>)>, StoreError> {
        let rows = self.many(
            "SELECT seq, written_by, from_folded, to_address FROM exchange WHERE seq > ?1 AND client IS NULL AND kind <> ?2
             ORDER BY seq LIMIT ?3",
            params![after, DIGEST, AT_ONCE],
            |row| Ok(Row { seq: row.get(0)?, written_by: row.get(1)?, from: row.get(2)?, to: row.get(3)? }),
        )?;
        let Some(last) = rows.last().map(|row| row.seq) else { return Ok(None) };
        let mut recipients: HashMap<i64, Vec<String>> = HashMap::new();
        self.many(
            "SELECT exchange, folded FROM recipient WHERE exchange > ? AND exchange <= ?",
            [after, last],
            |row| {
                recipients.entry(row.get(0)?).or_default().push(row.get(1)?);
                Ok(())
            },
        )?;
        let mut changes = Vec::new();
        for row in rows {
            let people: Vec<String> = match row.written_by.as_str() {
                "other" => row.from.into_iter().collect(),
                "owner" => row.to.into_iter().chain(recipients.remove(&row.seq).unwrap_or_default()).collect(),
                _ => row.to.into_iter().collect(),
            };
            let mut clients: Vec<String> = Vec::new();
            for client in people.iter().filter_map(|address| known.of(address)) {
                if !clients.iter().any(|it| it == client) {
                    clients.push(client.to_owned());
                }
            }
            if !clients.is_empty() {
                changes.push(Change { seq: row.seq, clients });
            }
        }
        Ok(Some((last, changes)))
    }

    /// Addresses in the history, folded, that are contacts of a client.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn addresses_of(&self, contacts: &[AddressPattern]) -> Result<Vec<String>, StoreError> {
        let mut found = BTreeSet::new();
        for sql in [
            "SELECT DISTINCT /* addresses */ from_folded FROM exchange WHERE from_folded <> ''",
            "SELECT DISTINCT /* addresses */ folded FROM recipient",
            "SELECT DISTINCT /* addresses */ to_folded FROM outbox",
            "SELECT /* addresses */ folded FROM bounce",
            "SELECT /* addresses */ folded FROM never",
        ] {
            let all = self.many(sql, [], |row| row.get::<_, String>(0))?;
            found.extend(all.into_iter().filter(|address| {
                EmailAddress::parse(address).is_some_and(|it| contacts.iter().any(|pattern| pattern.matches(&it)))
            }));
        }
        Ok(found.into_iter().collect())
    }
}

impl Tx<'_> {
    /// Notes the further clients of an entry; how many were new.
    pub(super) fn concern(&self, seq: i64, clients: &[String]) -> Result<usize, StoreError> {
        let mut new = 0;
        for client in clients {
            new += self.change(
                "INSERT INTO concerns (client, exchange) SELECT ?1, seq FROM exchange
                 WHERE seq = ?2 AND client IS NOT ?1 ON CONFLICT DO NOTHING",
                params![client, seq],
            )?;
        }
        Ok(new)
    }

    fn adopt_entry(&self, change: &Change) -> Result<(), StoreError> {
        let sql = "UPDATE exchange SET client = ?2 WHERE seq = ?1 AND client IS NULL";
        self.change(sql, params![change.seq, change.clients.first()])?;
        self.concern(change.seq, &change.clients).map(drop)
    }
}

impl Store {
    /// Takes everything of a client whose key is gone to the client who is the same people under a new key; notes of a project
    /// go to whose it is now. Two keys that would become one stay what they are: nobody could part them again.
    ///
    /// # Errors
    /// If the rows cannot be read or written; the next time goes on.
    pub fn follow_keys(&self, contacts: &Contacts) -> Result<Vec<(String, String)>, StoreError> {
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        if let Some((gone, heir)) = self.read_blocking(|r| r.following())? {
            found.insert(heir, vec![gone]);
        }
        for gone in self.read_blocking(|r| r.clients_gone(contacts))? {
            let mut known = Known { contacts, of: HashMap::new() };
            if let Some(heir) = self.read_blocking(|r| r.heir(&gone, &mut known))? {
                found.entry(heir.to_owned()).or_default().push(gone);
            } else {
                self.follow_projects(&gone, contacts)?;
            }
        }
        let mut followed = Vec::new();
        for (heir, gone) in found {
            if let [gone] = gone.as_slice() {
                self.follow(gone, &heir)?;
                followed.push((gone.clone(), heir));
            }
        }
        Ok(followed)
    }

    fn follow_projects(&self, gone: &str, contacts: &Contacts) -> Result<(), StoreError> {
        let notes = "SELECT DISTINCT /* key */ project FROM journal WHERE client = ?";
        let projects = self.read_blocking(|r| r.many(notes, [gone], |row| row.get::<_, String>(0)))?;
        for (project, client) in contacts.projects.iter().filter(|(project, _)| projects.contains(project)) {
            let sql = "UPDATE journal SET client = ?3 WHERE client = ?1 AND project = ?2";
            self.write_blocking(|tx| tx.change(sql, params![gone, project, client]))?;
        }
        Ok(())
    }

    /// What has no portions goes first, with a word that the rest is to follow.
    fn follow(&self, gone: &str, heir: &str) -> Result<(), StoreError> {
        self.write_blocking(|tx| {
            tx.set_meta(FOLLOWING, &format!("{gone}\t{heir}"))?;
            BESIDE.iter().try_for_each(|sql| tx.change(sql, [gone, heir]).map(drop))
        })?;
        let some = "UPDATE exchange SET client = ?2
                    WHERE seq IN (SELECT seq FROM exchange WHERE client = ?1 ORDER BY at LIMIT ?3)";
        while self.write_blocking(|tx| tx.change(some, params![gone, heir, AT_ONCE]))? > 0 {}
        self.write_blocking(|tx| tx.set_meta(FOLLOWING, ""))
    }

    /// Gives entries of nobody to those whose addresses theirs are now; how many. All of them if the contacts have changed since
    /// the last time, else what was recorded since then.
    ///
    /// # Errors
    /// If the rows cannot be read or written; the next time begins again.
    pub fn adopt(&self, contacts: &Contacts) -> Result<usize, StoreError> {
        let print = contacts.print();
        let (before, newest) = self.read_blocking(|r| Ok((r.adopted()?, r.newest_seq()?)))?;
        let begun = before.as_ref().map_or(0, |(known, to)| if *known == print { *to } else { 0 });
        let mut known = Known { contacts, of: HashMap::new() };
        let (mut after, mut adopted) = (begun, 0);
        while let Some((last, changes)) = self.read_blocking(|r| r.to_adopt(after, &mut known))? {
            after = last;
            if !changes.is_empty() {
                self.write_blocking(|tx| changes.iter().try_for_each(|change| tx.adopt_entry(change)))?;
                adopted += changes.len();
            }
        }
        let after = after.max(newest);
        if before != Some((print.clone(), after)) {
            self.write_blocking(|tx| tx.set_meta(DONE, &format!("{print} {after}")))?;
        }
        Ok(adopted)
    }
}

#[cfg(test)]
#[path = "adopt_tests.rs"]
mod tests;
