//! What the owner wrote down about clients, notes of the journal and visits, as values of the desk's pages. How it looks: `crate::web`.
use super::mails::named;
use super::scene::Scene;
use super::search::pieces;
use crate::cli::history::title;
use crate::compose::phrase;
use crate::daemon::search::{Noted, Written};
use crate::decide::occasion::{JournalEntry, Visited};
use crate::model::text::clean_lines;
use crate::store::{Query, Reader, StoreError, snippet};
use crate::web::view::Own;

impl Scene<'_> {
    /// A note of the journal.
    pub fn note(&self, client: &str, note: &JournalEntry) -> Own {
        let zone = self.client_zone(Some(client));
        Own {
            id: note.id.clone(),
            kind: "journal",
            title: title(self.policy(), note).to_owned(),
            client: self.policy().client(client).map(named),
            here: self.here(note.at),
            there: self.elsewhere(note.at, zone),
            text: clean_lines(&note.text),
            ..Own::default()
        }
    }

    /// A visit: it bears a day, not a time.
    pub fn visit(&self, visit: &Visited) -> Own {
        let today = self.policy().owner.zone.local(self.now).date();
        Own {
            id: visit.id.clone(),
            kind: "visit",
            client: self.policy().client(&visit.client).map(named),
            here: phrase::date(self.language(), visit.date, today),
            text: clean_lines(&visit.text),
            ..Own::default()
        }
    }

    /// One that was found.
    pub fn noted(&self, it: &Noted, query: &Query) -> Own {
        let own = match &it.what {
            Written::Note(note) => self.note(&it.client, note),
            Written::Visit(visit) => self.visit(visit),
        };
        Own {
            marked: pieces(snippet(&own.title, query)),
            snippet: pieces(it.passage.clone()),
            text: String::new(),
            ..own
        }
    }

    /// The one with an id.
    pub fn jotted(&self, tx: &Reader<'_>, id: &str) -> Result<Option<Own>, StoreError> {
        if let Some((client, note)) = tx.note_beginning(id)?.filter(|(_, note)| note.id == id) {
            return Ok(Some(self.note(&client, &note)));
        }
        Ok(tx.visits(None)?.iter().find(|visit| visit.id == id).map(|visit| self.visit(visit)))
    }
}
