//! What a client's past is made of: mail, notes of the journal, visits, in the order of time. Shared by `history`, the dossier
//! and the desk. Never here: how it is said.
use crate::decide::occasion::{JournalEntry, Visited};
use crate::model::{Client, Instant};
use crate::store::{Reader, StoreError, Told};

/// What was read of a client's past.
pub struct Past {
    /// The mail, the oldest first.
    pub entries: Vec<Told>,
    notes: Vec<JournalEntry>,
    visits: Vec<(Instant, Visited)>,
    newest: Option<u32>,
}

/// What a timeline is made of. A further kind is one more case here, one list in [`Past`].
pub enum Event<'a> {
    Mail(&'a Told),
    Note(&'a JournalEntry),
    Visit(Instant, &'a Visited),
}

impl Past {
    /// A client's past from an instant on; with `newest`, only so many events.
    pub fn read(
        tx: &Reader<'_>,
        client: &Client,
        since: Option<Instant>,
        newest: Option<u32>,
    ) -> Result<Self, StoreError> {
        let entries = tx.timeline(&client.id, since, newest)?;
        let notes = tx.notes_of(&client.id, since, newest)?;
        let visits = tx.visits(Some(&client.id))?.into_iter().map(|it| (it.at(&client.zone), it));
        let visits = visits.filter(|(at, _)| since.is_none_or(|since| *at >= since)).collect();
        Ok(Self { entries, notes, visits, newest })
    }

    /// All in the order of time.
    pub fn events(&self) -> Vec<Event<'_>> {
        let mut all: Vec<Event<'_>> =
            self.entries.iter().map(Event::Mail).chain(self.notes.iter().map(Event::Note)).collect();
        all.extend(self.visits.iter().map(|(at, visit)| Event::Visit(*at, visit)));
        all.sort_by_key(Event::at);
        let most = self.newest.and_then(|newest| usize::try_from(newest).ok()).unwrap_or(usize::MAX);
        all.split_off(all.len().saturating_sub(most))
    }
}

impl Event<'_> {
    fn at(&self) -> Instant {
        match self {
            Self::Mail(it) => it.it.entry.at,
            Self::Note(it) => it.at,
            Self::Visit(at, _) => *at,
        }
    }
}
