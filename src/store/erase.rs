//! Forgetting a client, and looking through what is remembered. Never here: exports, copies made before.
use super::history::Remembered;
use super::rows::{Reader, Tx};
use super::{Store, StoreError};

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

impl Tx<'_> {
    /// Deletes everything exchanged with a client, with decisions, promises, raw bytes and outbox; the number of
    /// exchanges. Cursors stay, so that nothing is read again. See [`Store::erase`].
    ///
    /// # Errors
    /// If the rows cannot be deleted.
    pub fn erase_client(&self, client: &str) -> Result<usize, StoreError> {
        for sql in [
            "DELETE FROM bounce WHERE folded IN (SELECT from_folded FROM exchange WHERE client = ?)",
            "DELETE FROM pause WHERE scope IN (SELECT 'sender:' || from_folded FROM exchange WHERE client = ?)",
        ] {
            self.change(sql, [client])?;
        }
        self.change("DELETE FROM exchange WHERE client = ?", [client])
    }
}

impl Store {
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
mod tests {
    use crate::store::{FILE, Store, fixture::*};

    #[test]
    fn search_knows_every_script() {
        let world = World::new();
        for (n, subject) in ["Décalage horaire", "ロゴの件", "LOGO ДИЗАЙН"].iter().enumerate() {
            world.receive(&message(&format!("m{n}"), "anna@acme.example", subject, i64::try_from(n).unwrap()));
        }
        let ids = |query: &str, limit| -> Vec<String> {
            let found = world.store.read_blocking(|r| r.search(query, limit)).unwrap();
            found.into_iter().map(|it| it.entry.id).collect()
        };
        for (query, want) in [
            ("décalage", vec!["x-m0"]),
            ("ロゴ", vec!["x-m1"]),
            ("дизайн logo", vec!["x-m2"]),
            ("anna@acme", vec!["x-m2", "x-m1", "x-m0"]),
            ("\" OR 1=1 %", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(ids(query, 10), want, "{query}");
        }
        assert_eq!(ids("text of", 2).len(), 2);
    }

    #[test]
    fn nothing_of_an_erased_client_is_left_in_the_files() {
        let dir = tempfile::tempdir().unwrap();
        let mut world = World::new();
        world.store = Store::open(dir.path()).unwrap();
        let mut mail = message("m", "anna@acme.example", "Canary subject", 0);
        mail.content.text = "Canary text".to_owned();
        world.receive(&mail);
        world.promise("m", "acme", 600);
        world.mail("m", "anna@acme.example", 1, |mail| mail.promise = Some("p-m")).unwrap();
        world.see_sent(&answering(own("s", "anna@acme.example", "Canary answer", 2), &["m"]), &["acme"]);
        world.tx(|tx| tx.bounce(&address("anna@acme.example"), minute(0)));
        assert_eq!(world.store.erase("acme").unwrap(), 3);
        assert!(world.store.read_blocking(|r| r.promises(false)).unwrap().is_empty());
        for name in [FILE.to_owned(), format!("{FILE}-wal")] {
            let bytes = std::fs::read(dir.path().join(&name)).unwrap();
            let text = String::from_utf8_lossy(&bytes).to_lowercase();
            assert!(!text.contains("canary") && !text.contains("anna@acme"), "{name}");
        }
    }
}
