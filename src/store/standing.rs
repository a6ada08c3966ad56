//! How things stand: whether the file is sound, and what was seen of a mailbox or client since when, for the rungs of trust.
//! Never here: what follows from it.
use super::StoreError;
use super::rows::{Reader, maybe_at};
use crate::model::Instant;
use rusqlite::Row;

/// What became of mail, for one client of one mailbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The mailbox.
    pub mailbox: String,
    /// The client; `None`: strangers.
    pub client: Option<String>,
    /// When the first message was recorded.
    pub since: Option<Instant>,
    /// Messages that came in.
    pub received: u32,
    /// Of these, held for the owner.
    pub held: u32,
    /// Replies that were only composed.
    pub observed: u32,
    /// Replies that were put into Drafts.
    pub drafted: u32,
    /// Replies that left by themselves.
    pub sent: u32,
    /// Replies that were not sent because something spoke against it at the last moment, such as an answer of the owner.
    pub dropped: u32,
    /// Replies that were refused, or of which nobody can know whether they arrived.
    pub failed: u32,
}

impl Reader<'_> {
    /// What is wrong with the file, in one line; `None` if it is sound. Reads all of it.
    ///
    /// # Errors
    /// If it cannot be read at all.
    pub fn fault(&self) -> Result<Option<String>, StoreError> {
        let said: Option<String> = self.value("PRAGMA quick_check(1)", [])?;
        Ok(said.filter(|it| it != "ok").map(|it| it.lines().next().unwrap_or_default().to_owned()))
    }

    /// What was seen, by mailbox and client. Walks the whole history: for a person who asks, not for the daemon.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn seen(&self) -> Result<Vec<Seen>, StoreError> {
        self.many(
            "SELECT e.mailbox, e.client, min(e.recorded_at) AS since,
                    sum(e.direction = 'in') AS received, sum(e.verdict IS 'hold') AS held,
                    sum(o.state IS 'observed') AS observed, sum(o.state IS 'drafted') AS drafted,
                    sum(o.state IS 'sent') AS sent, sum(o.state IS 'dropped') AS dropped,
                    sum(o.state IS 'failed' OR o.state IS 'unknown') AS failed
             FROM exchange e LEFT JOIN outbox o ON o.exchange = e.seq
             GROUP BY e.mailbox, e.client ORDER BY e.mailbox, e.client",
            [],
            seen,
        )
    }
}

fn seen(row: &Row<'_>) -> rusqlite::Result<Seen> {
    Ok(Seen {
        mailbox: row.get("mailbox")?,
        client: row.get("client")?,
        since: maybe_at(row, "since")?,
        received: row.get("received")?,
        held: row.get("held")?,
        observed: row.get("observed")?,
        drafted: row.get("drafted")?,
        sent: row.get("sent")?,
        dropped: row.get("dropped")?,
        failed: row.get("failed")?,
    })
}

#[cfg(test)]
mod tests {
    use crate::store::Store;

    #[test]
    fn a_new_database_is_sound_and_has_seen_nothing() {
        let store = Store::in_memory().unwrap();
        assert_eq!(store.read_blocking(|tx| tx.fault()).unwrap(), None);
    }
}
