//! What the owner is to hear with the next digest. Never here: its wording.
use super::StoreError;
use super::rows::{At, Reader, Tx, at};
use crate::model::{Instant, Notice, NoticeCode};
use rusqlite::{Row, named_params, params};
use std::collections::BTreeMap;

/// An event to note for the owner.
#[derive(Clone, Copy, Debug)]
pub struct NewNotice<'a> {
    /// What happened.
    pub code: NoticeCode,
    /// In which mailbox.
    pub mailbox: Option<&'a str>,
    /// Which client it is about.
    pub client: Option<&'a str>,
    /// Id of the exchange that it is about.
    pub exchange: Option<&'a str>,
    /// The values of its wording, see [`NoticeCode`].
    pub values: &'a [(&'a str, &'a str)],
    /// A second notice with the same key is not noted, ever; `None`: always noted.
    pub once: Option<&'a str>,
    /// When it happened.
    pub now: Instant,
}

impl Reader<'_> {
    /// What the owner has not been told yet, in the order of happening.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn notices_untold(&self) -> Result<Vec<Notice>, StoreError> {
        let all = self.many("SELECT * FROM notice WHERE told_at IS NULL ORDER BY seq", [], read)?;
        // A code of a newer version that was here before says nothing to this one.
        Ok(all.into_iter().flatten().collect())
    }
}

impl Reader<'_> {
    /// The event that was noted with this key, told or not.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn noted_as(&self, once: &str) -> Result<Option<Notice>, StoreError> {
        Ok(self.one("SELECT * FROM notice WHERE once = ?", [once], read)?.flatten())
    }
}

impl Tx<'_> {
    /// Notes an event for the next digest; `false` if one with its key was noted before.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn notice(&self, new: &NewNotice<'_>) -> Result<bool, StoreError> {
        let values: BTreeMap<&str, &str> = new.values.iter().copied().collect();
        let rows = self.change(
            "INSERT INTO notice (code, mailbox, client, exchange, detail, once, at)
             VALUES (:code, :mailbox, :client, :exchange, :detail, :once, :at) ON CONFLICT DO NOTHING",
            named_params! {
                ":code": new.code.as_str(),
                ":mailbox": new.mailbox,
                ":client": new.client,
                ":exchange": new.exchange,
                ":detail": serde_json::to_string(&values).unwrap_or_default(),
                ":once": new.once,
                ":at": At(new.now),
            },
        )?;
        Ok(rows > 0)
    }

    /// The owner was told of every notice up to this number.
    ///
    /// # Errors
    /// If the rows cannot be written.
    pub fn notices_told(&self, up_to: i64, now: Instant) -> Result<usize, StoreError> {
        self.change("UPDATE notice SET told_at = ? WHERE told_at IS NULL AND seq <= ?", params![At(now), up_to])
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Option<Notice>> {
    let Some(code) = NoticeCode::parse(&row.get::<_, String>("code")?) else { return Ok(None) };
    Ok(Some(Notice {
        seq: row.get("seq")?,
        code,
        mailbox: row.get("mailbox")?,
        client: row.get("client")?,
        exchange: row.get("exchange")?,
        values: serde_json::from_str(&row.get::<_, String>("detail")?).unwrap_or_default(),
        at: at(row, "at")?,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;
    use chrono::TimeDelta;

    #[test]
    fn an_event_is_told_once_and_noted_once_per_key() {
        let store = Store::in_memory().unwrap();
        let now = Instant::from_timestamp_millis(1_800_000_000_000).unwrap();
        let new = NewNotice {
            code: NoticeCode::PromiseMoved,
            mailbox: Some("studio"),
            client: Some("acme"),
            exchange: None,
            values: &[("why", "trip")],
            once: Some("moved:1"),
            now,
        };
        let first = store.write_blocking(|tx| Ok((tx.notice(&new)?, tx.notice(&new)?))).unwrap();
        assert_eq!(first, (true, false));
        let untold = store.read_blocking(|tx| tx.notices_untold()).unwrap();
        assert_eq!(untold.len(), 1);
        assert_eq!(untold[0].values["why"], "trip");
        assert_eq!((untold[0].code, untold[0].at), (NoticeCode::PromiseMoved, now));
        store.write_blocking(|tx| tx.notices_told(untold[0].seq, now + TimeDelta::hours(1))).unwrap();
        assert!(store.read_blocking(|tx| tx.notices_untold()).unwrap().is_empty());
        // Told is not forgotten: the same event does not come back.
        assert!(!store.write_blocking(|tx| tx.notice(&new)).unwrap());
    }

    #[test]
    fn every_code_reads_back() {
        for code in NoticeCode::ALL {
            assert_eq!(NoticeCode::parse(code.as_str()), Some(*code));
        }
    }
}
