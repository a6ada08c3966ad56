//! Urgent messages of which the owner is to be told at once, and how that went. A row is claimed before the hook
//! starts, so that it is run at most once. Never here: running it.
use super::StoreError;
use super::rows::{At, Reader, Tx, at};
use crate::model::Instant;
use rusqlite::{Row, params};

/// An urgent message of which the owner is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Id of the exchange.
    pub exchange: String,
    /// In which mailbox.
    pub mailbox: String,
    /// Whose it is.
    pub client: String,
    /// What marked it as urgent.
    pub evidence: String,
    /// When it was recorded.
    pub made_at: Instant,
}

/// How an alert stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertEnd {
    /// `due`, `running`, `done` or `failed`.
    pub state: String,
    /// Why it failed.
    pub said: Option<String>,
}

const COLUMNS: &str =
    "SELECT e.id, a.mailbox, a.client, a.evidence, a.made_at FROM alert a JOIN exchange e ON e.seq = a.exchange ";

impl Reader<'_> {
    /// Alerts of one client, and in all, since an instant: a flood of urgent mail must not ring for ever.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn alerts_since(&self, client: &str, since: Instant) -> Result<(u32, u32), StoreError> {
        let all = self.count("SELECT count(*) FROM alert WHERE made_at > ?", [At(since)])?;
        let own =
            self.count("SELECT count(*) FROM alert WHERE made_at > ? AND client = ?", params![At(since), client])?;
        Ok((own, all))
    }

    /// Whether alerts of a mailbox wait for their hook.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn alerts_due(&self, mailbox: &str) -> Result<bool, StoreError> {
        let due = "SELECT count(*) FROM alert WHERE state IN ('due', 'running') AND state = 'due' AND mailbox = ?";
        Ok(self.count(due, [mailbox])? > 0)
    }

    /// How the alert about an exchange stands, if there is one.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn alert_of(&self, exchange: &str) -> Result<Option<AlertEnd>, StoreError> {
        self.one(
            "SELECT state, said FROM alert WHERE exchange = (SELECT seq FROM exchange WHERE id = ?)",
            [exchange],
            |row| Ok(AlertEnd { state: row.get(0)?, said: row.get(1)? }),
        )
    }
}

impl Tx<'_> {
    /// Records that the owner is to be told of an exchange.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn alert(&self, new: &Alert) -> Result<(), StoreError> {
        self.change(
            "INSERT INTO alert (exchange, mailbox, client, evidence, state, made_at)
             VALUES ((SELECT seq FROM exchange WHERE id = ?1), ?2, ?3, ?4, 'due', ?5) ON CONFLICT DO NOTHING",
            params![new.exchange, new.mailbox, new.client, new.evidence, At(new.made_at)],
        )?;
        Ok(())
    }

    /// Claims the alerts of a mailbox whose hook is to be run now; each is claimed once.
    ///
    /// # Errors
    /// If the rows cannot be written; then no hook may be run.
    pub fn claim_alerts(&self, mailbox: &str) -> Result<Vec<Alert>, StoreError> {
        let sql = format!(
            "{COLUMNS} WHERE a.state IN ('due', 'running') AND a.state = 'due' AND a.mailbox = ? ORDER BY a.exchange"
        );
        let found = self.many(&sql, [mailbox], read)?;
        if !found.is_empty() {
            self.change(
                "UPDATE alert SET state = 'running' WHERE state IN ('due', 'running') AND state = 'due' AND mailbox = ?",
                [mailbox],
            )?;
        }
        Ok(found)
    }

    /// Alerts whose hook was begun before a stop and never ended: nobody knows whether the owner was told. To be
    /// called while no hook runs.
    ///
    /// # Errors
    /// If the rows cannot be read.
    pub fn alerts_cut(&self) -> Result<Vec<Alert>, StoreError> {
        // The bound lets it walk the short index instead of the table.
        let sql = format!(
            "{COLUMNS} WHERE a.state IN ('due', 'running') AND a.state = 'running' AND a.mailbox >= ''
             ORDER BY a.mailbox, a.exchange"
        );
        self.many(&sql, [], read)
    }

    /// The hook of an alert ended; `error` says why it failed.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn alert_ended(&self, exchange: &str, error: Option<&str>, now: Instant) -> Result<bool, StoreError> {
        let rows = self.change(
            "UPDATE alert SET state = iif(?2 IS NULL, 'done', 'failed'), said = ?2, ended_at = ?3
             WHERE exchange = (SELECT seq FROM exchange WHERE id = ?1) AND state = 'running'",
            params![exchange, error, At(now)],
        )?;
        Ok(rows > 0)
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Alert> {
    Ok(Alert {
        exchange: row.get(0)?,
        mailbox: row.get(1)?,
        client: row.get(2)?,
        evidence: row.get(3)?,
        made_at: at(row, "made_at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::*;
    use chrono::TimeDelta;

    #[test]
    fn an_alert_is_claimed_once_and_ends_once() {
        let world = World::new();
        world.receive(&message("m", "anna@acme.example", "urgent", 0));
        let new = Alert {
            exchange: "x-m".into(),
            mailbox: "studio".into(),
            client: "acme".into(),
            evidence: "subject".into(),
            made_at: minute(0),
        };
        world.tx(|tx| tx.alert(&new));
        world.tx(|tx| tx.alert(&new));
        assert_eq!(world.tx(|tx| tx.claim_alerts("other")), []);
        assert_eq!(world.tx(|tx| tx.alerts_cut()), []);
        assert!(world.store.read_blocking(|tx| tx.alerts_due("studio")).unwrap());
        assert_eq!(world.tx(|tx| tx.claim_alerts("studio")), std::slice::from_ref(&new));
        assert_eq!(world.tx(|tx| tx.claim_alerts("studio")), []);
        assert_eq!(world.tx(|tx| tx.alerts_cut()), [new]);
        assert!(world.tx(|tx| tx.alert_ended("x-m", Some("exit status: 1"), minute(1))));
        assert!(!world.tx(|tx| tx.alert_ended("x-m", None, minute(1))));
        let end = world.store.read_blocking(|tx| tx.alert_of("x-m")).unwrap().unwrap();
        assert_eq!((end.state.as_str(), end.said.as_deref()), ("failed", Some("exit status: 1")));
        let since = |minutes| minute(0) - TimeDelta::minutes(minutes);
        assert_eq!(world.store.read_blocking(|tx| tx.alerts_since("acme", since(1))).unwrap(), (1, 1));
        assert_eq!(world.store.read_blocking(|tx| tx.alerts_since("bell", since(1))).unwrap(), (0, 1));
        assert_eq!(world.store.read_blocking(|tx| tx.alerts_since("acme", since(0))).unwrap(), (0, 0));
        world.tx(|tx| tx.erase_client("acme"));
        assert_eq!(world.store.read_blocking(|tx| tx.alert_of("x-m")).unwrap(), None);
    }
}
