//! What is stored about a person beside the history and what follows from it: notes, visits, offered times, drafts that were planned, steps of
//! trust, addresses that bounced or get nothing. Whoever asks what is kept about them gets these rows. What an erasure
//! forgets must be found here: erase.rs. Never here: entries, promises, notices, alerts.
use super::StoreError;
use super::rows::Reader;
use chrono::SecondsFormat;
use rusqlite::Row;
use rusqlite::types::ValueRef;
use serde_json::{Map, Value};

/// By the key of a client.
const OF_CLIENT: &[(&str, &str)] = &[
    ("notes", "SELECT at, project, text, source FROM journal WHERE client = ? ORDER BY at"),
    ("visits", "SELECT noted_at, day, text FROM visit WHERE client = ? ORDER BY day, seq"),
    ("offers", OFFERS),
    ("drafts", "SELECT kind, project, state, made_at, ended_at FROM occasion WHERE client = ? ORDER BY made_at"),
    ("trust", "SELECT at, was, rung, cause FROM trust WHERE scope = 'client:' || ? ORDER BY seq"),
    ("signs", "SELECT at, code FROM sign WHERE at >= 0 AND client = ? ORDER BY at"),
];

/// Times that were offered, as `2027-01-14T09:00:00Z/2027-01-14T09:30:00Z`.
const OFFERS: &str = "SELECT made_at, about, state, chosen, since AS since_at, expires AS expires_at,
    (SELECT group_concat(strftime('%Y-%m-%dT%H:%M:%SZ', (s.value ->> 0) / 1000, 'unixepoch') || '/'
                         || strftime('%Y-%m-%dT%H:%M:%SZ', (s.value ->> 1) / 1000, 'unixepoch'), ' ')
     FROM json_each(slots) s) AS times
  FROM offer WHERE client = ? ORDER BY made_at, key";

/// By an address, folded.
const OF_ADDRESS: &[(&str, &str)] = &[
    ("silenced", "SELECT address, made_by, made_at FROM never WHERE folded = ?"),
    ("bounced", "SELECT folded AS address, at FROM bounce WHERE folded = ?"),
    ("pauses", "SELECT substr(scope, 8) AS address, code, made_at, until_at FROM pause WHERE scope = 'sender:' || ?"),
];

impl Reader<'_> {
    /// Everything of these tables about a client and some addresses; every table is named, also where it holds nothing.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn kept_about(&self, client: Option<&str>, folded: &[String]) -> Result<Map<String, Value>, StoreError> {
        let mut all = Map::new();
        for (name, sql) in OF_CLIENT {
            let rows = client.map(|client| self.many(sql, [client], fact)).transpose()?.unwrap_or_default();
            all.insert((*name).to_owned(), Value::Array(rows));
        }
        for (name, sql) in OF_ADDRESS {
            let mut rows = Vec::new();
            for address in folded {
                rows.extend(self.many(sql, [address], fact)?);
            }
            all.insert((*name).to_owned(), Value::Array(rows));
        }
        Ok(all)
    }

    /// The addresses that a client wrote from, folded.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn wrote_from(&self, client: &str) -> Result<Vec<String>, StoreError> {
        self.many(
            "SELECT DISTINCT from_folded FROM exchange WHERE client = ? AND written_by = 'other' AND from_folded <> ''",
            [client],
            |row| row.get(0),
        )
    }
}

/// A row by the names of its columns; instants as RFC 3339.
fn fact(row: &Row<'_>) -> rusqlite::Result<Value> {
    let mut fact = Map::new();
    for (place, name) in row.as_ref().column_names().enumerate() {
        let value = match row.get_ref(place)? {
            ValueRef::Integer(millis) if name == "at" || name.ends_with("_at") => {
                let at = chrono::DateTime::from_timestamp_millis(millis);
                at.map_or(Value::Null, |at| at.to_rfc3339_opts(SecondsFormat::Secs, true).into())
            }
            ValueRef::Integer(number) => number.into(),
            ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
            _ => Value::Null,
        };
        fact.insert(name.to_owned(), value);
    }
    Ok(Value::Object(fact))
}

#[cfg(test)]
mod tests {
    use crate::store::fixture::*;
    use crate::store::{Erasure, StoreError};

    fn kept(world: &World) -> serde_json::Map<String, serde_json::Value> {
        let folded = vec!["anna@acme.example".to_owned()];
        world.store.read_blocking(|r| r.kept_about(Some("acme"), &folded)).unwrap()
    }

    /// What is told about a person and what is forgotten with them are the same tables.
    #[test]
    fn what_is_told_is_what_is_forgotten() {
        let world = World::new();
        world.receive(&message("m", "anna@acme.example", "Logo", 0));
        assert!(kept(&world).values().all(|rows| rows.as_array().is_some_and(Vec::is_empty)), "{:?}", kept(&world));
        world.tx(|tx| -> Result<(), StoreError> {
            tx.connection().execute_batch(
                "INSERT INTO journal (id, project, client, at, text, source) VALUES ('n', 'relaunch', 'acme', 0, 'Sketch', 'cli');
                 INSERT INTO visit (id, client, day, noted_at, text) VALUES ('v', 'acme', '2027-01-14', 0, 'A shop in spring');
                 INSERT INTO offer (key, client, about, slots, state, made_at, since, expires)
                   VALUES ('slots:acme:1', 'acme', 'Logo', '[[0,1800000],[3600000,5400000]]', 'open', 0, 0, 1000);
                 INSERT INTO occasion (key, kind, client, state, asked, print, why, made_at)
                   VALUES ('progress:relaunch:1', 'progress', 'acme', 'waiting', 0, '', '[]', 0);
                 INSERT INTO trust (scope, rung, was, cause, why, at) VALUES ('client:acme', 'draft', 'send', 'owner', '[]', 0);
                 INSERT INTO sign (mailbox, client, code, at) VALUES ('studio', 'acme', 'complaint', 0);
                 INSERT INTO never VALUES ('anna@acme.example', 'Anna@acme.example', 'cli', 0);
                 INSERT INTO bounce VALUES ('anna@acme.example', 0);
                 INSERT INTO pause VALUES ('sender:anna@acme.example', 1000, 'cli', 0);",
            )?;
            Ok(())
        });
        let told = kept(&world);
        assert!(told.values().all(|rows| rows.as_array().is_some_and(|rows| rows.len() == 1)), "{told:?}");
        assert_eq!(told["notes"][0]["text"], "Sketch");
        assert_eq!(
            (&told["visits"][0]["day"], &told["visits"][0]["text"]),
            (&"2027-01-14".into(), &"A shop in spring".into())
        );
        let times = "1970-01-01T00:00:00Z/1970-01-01T00:30:00Z 1970-01-01T01:00:00Z/1970-01-01T01:30:00Z";
        assert_eq!((&told["offers"][0]["times"], &told["offers"][0]["about"]), (&times.into(), &"Logo".into()));
        assert_eq!(told["pauses"][0]["address"], "anna@acme.example");
        assert_eq!(told["pauses"][0]["until_at"], "1970-01-01T00:00:01Z");
        assert_eq!(world.store.read_blocking(|r| r.wrote_from("acme")).unwrap(), ["anna@acme.example"]);
        world.tx(|tx| tx.erase_people(&Erasure { client: Some("acme".to_owned()), ..Default::default() }));
        assert!(kept(&world).values().all(|rows| rows.as_array().is_some_and(Vec::is_empty)), "{:?}", kept(&world));
    }
}
