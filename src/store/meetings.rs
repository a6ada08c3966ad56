//! Offered times with the answers to them, and visits. Never here: what an answer says (`decide::slot_choice`), what becomes
//! of an offer (`decide::offers`).
use super::StoreError;
use super::rows::{At, Reader, Tx, at};
use crate::calendar::overlap::Interval;
use crate::decide::occasion::{Offer, OfferState, Reply, Visited};
use crate::model::{EmailAddress, Instant};
use rusqlite::{Row, params};

/// Longest note of a visit, in characters.
const NOTE_MAX: usize = 4_000;
/// Answers to one offer that are read, the newest.
const REPLIES: u32 = 50;

/// Times that are offered.
#[derive(Clone, Copy, Debug)]
pub struct NewOffer<'a> {
    /// The key of its draft's occasion.
    pub key: &'a str,
    /// To whom.
    pub client: &'a str,
    /// What it is about.
    pub about: Option<&'a str>,
    /// The times, in the order of their numbers.
    pub slots: &'a [Interval],
    /// Until when the client may choose.
    pub expires: Instant,
    /// The present.
    pub now: Instant,
}

/// A meeting that took place.
#[derive(Clone, Copy, Debug)]
pub struct NewVisit<'a> {
    /// Its id, made by the caller.
    pub id: &'a str,
    /// Whom the owner met.
    pub client: &'a str,
    /// On which day.
    pub day: chrono::NaiveDate,
    /// What came up.
    pub text: &'a str,
    /// The present.
    pub now: Instant,
}

impl Reader<'_> {
    /// The offers that were made since an instant, the oldest first, with the answers of people of the client.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn offers(&self, since: Instant) -> Result<Vec<Offer>, StoreError> {
        let sql = "SELECT * FROM offer WHERE made_at >= ? ORDER BY made_at, key";
        let mut offers: Vec<Offer> = self.many(sql, [At(since)], read)?.into_iter().flatten().collect();
        for offer in &mut offers {
            offer.replies = self.replies(offer)?;
        }
        Ok(offers)
    }

    /// Whether an offer made since an instant may still be answered.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn offers_await(&self, since: Instant) -> Result<bool, StoreError> {
        let sql = "SELECT count(*) FROM offer WHERE made_at >= ? AND state NOT IN ('drafted', 'dropped')";
        Ok(self.count(sql, [At(since)])? > 0)
    }

    /// What people of the client wrote in the conversation of the offer. A machine of theirs ("I am away until Tuesday")
    /// chooses nothing, and what the own server disowns neither.
    fn replies(&self, offer: &Offer) -> Result<Vec<Reply>, StoreError> {
        // Servers' clocks tick in whole seconds.
        let since = offer.made_at - chrono::TimeDelta::seconds(1);
        let mut replies = self.many(
            "SELECT e.id, e.at, e.from_address, e.excerpt FROM exchange e
             WHERE e.conversation = (SELECT m.conversation FROM occasion c JOIN exchange m ON m.seq = c.mail WHERE c.key = ?1)
               AND e.client = ?2 AND e.direction = 'in' AND e.written_by = 'other' AND e.kind = 'mail'
               AND e.verdict IS NOT 'ignore' AND e.at >= ?3
             ORDER BY e.at DESC, e.seq DESC LIMIT ?4",
            params![offer.key, offer.client, At(since), REPLIES],
            |row| {
                Ok(Reply {
                    exchange: row.get(0)?,
                    at: at(row, "at")?,
                    from: row.get::<_, Option<String>>(2)?.and_then(|text| EmailAddress::parse(&text)),
                    text: row.get(3)?,
                })
            },
        )?;
        replies.reverse();
        Ok(replies)
    }

    /// Meetings that took place, the oldest first; with a client, theirs.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn visits(&self, client: Option<&str>) -> Result<Vec<Visited>, StoreError> {
        match client {
            Some(client) => self.many("SELECT * FROM visit WHERE client = ? ORDER BY day, seq", [client], visited),
            None => self.many(
                "SELECT * FROM visit INDEXED BY visit_client WHERE client > '' ORDER BY day, seq",
                [],
                visited,
            ),
        }
    }
}

impl Tx<'_> {
    /// Writes an offer down. Its draft may have been withdrawn before; then it begins anew.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn offer(&self, new: &NewOffer<'_>) -> Result<(), StoreError> {
        let times: Vec<[i64; 2]> =
            new.slots.iter().map(|(start, end)| [start.timestamp_millis(), end.timestamp_millis()]).collect();
        self.change(
            "INSERT INTO offer (key, client, about, slots, state, made_at, since, expires)
             VALUES (?1, ?2, ?3, ?4, 'drafted', ?5, ?5, ?6)
             ON CONFLICT (key) DO UPDATE SET about = excluded.about, slots = excluded.slots, state = 'drafted', chosen = NULL,
               since = excluded.since, expires = excluded.expires",
            params![
                new.key,
                new.client,
                new.about,
                serde_json::to_string(&times).unwrap_or_default(),
                At(new.now),
                At(new.expires)
            ],
        )?;
        Ok(())
    }

    /// An offer stands elsewhere from now on.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn offer_becomes(
        &self,
        key: &str,
        state: OfferState,
        chosen: Option<usize>,
        now: Instant,
    ) -> Result<bool, StoreError> {
        let chosen = chosen.and_then(|n| i64::try_from(n).ok());
        let sql = "UPDATE offer SET state = ?2, chosen = ?3, since = ?4 WHERE key = ?1";
        Ok(self.change(sql, params![key, state.as_str(), chosen, At(now)])? > 0)
    }

    /// Writes down that the owner met a client.
    ///
    /// # Errors
    /// If the row cannot be written.
    pub fn visited(&self, new: &NewVisit<'_>) -> Result<(), StoreError> {
        let text: String = new.text.trim().chars().take(NOTE_MAX).collect();
        self.change(
            "INSERT INTO visit (id, client, day, noted_at, text) VALUES (?, ?, ?, ?, ?)",
            params![new.id, new.client, new.day.to_string(), At(new.now), text],
        )?;
        Ok(())
    }

    /// Takes back the visit that was noted last; what it was.
    ///
    /// # Errors
    /// If the row cannot be deleted.
    pub fn unvisited(&self, client: &str) -> Result<Option<Visited>, StoreError> {
        let last = "SELECT * FROM visit WHERE seq = (SELECT max(seq) FROM visit WHERE client = ?)";
        let Some(visit) = self.one(last, [client], visited)? else { return Ok(None) };
        self.change("DELETE FROM visit WHERE id = ?", [&visit.id])?;
        Ok(Some(visit))
    }
}

/// `None` for what a newer version wrote.
fn read(row: &Row<'_>) -> rusqlite::Result<Option<Offer>> {
    let (state, slots): (String, String) = (row.get("state")?, row.get("slots")?);
    let times: Vec<[i64; 2]> = serde_json::from_str(&slots).unwrap_or_default();
    let instant = |ms: i64| Instant::from_timestamp_millis(ms);
    let slots: Option<Vec<Interval>> =
        times.into_iter().map(|[start, end]| Some((instant(start)?, instant(end)?))).collect();
    let (Some(state), Some(slots)) = (OfferState::parse(&state), slots) else { return Ok(None) };
    Ok(Some(Offer {
        key: row.get("key")?,
        client: row.get("client")?,
        about: row.get("about")?,
        slots,
        state,
        chosen: row.get::<_, Option<i64>>("chosen")?.and_then(|n| usize::try_from(n).ok()),
        made_at: at(row, "made_at")?,
        since: at(row, "since")?,
        expires: at(row, "expires")?,
        replies: Vec::new(),
    }))
}

fn visited(row: &Row<'_>) -> rusqlite::Result<Visited> {
    let day: String = row.get("day")?;
    Ok(Visited {
        id: row.get("id")?,
        client: row.get("client")?,
        date: day.parse().unwrap_or_default(),
        noted_at: at(row, "noted_at")?,
        text: row.get("text")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::{World, minute};

    #[test]
    fn offers_and_visits_are_kept_and_forgotten() {
        let world = World::new();
        let slots = [(minute(600), minute(630)), (minute(700), minute(730))];
        let look = || {
            let read = |r: &Reader<'_>| Ok((r.offers(minute(0))?, r.offers_await(minute(0))?, r.visits(None)?));
            world.store.read_blocking(read).unwrap()
        };
        let key = "slots:acme:2027-01-14";
        let new =
            NewOffer { key, client: "acme", about: Some("Logo"), slots: &slots, expires: minute(500), now: minute(0) };
        world.store.write_blocking(|tx| tx.offer(&new)).unwrap();
        assert!(!look().1, "what lies in Drafts awaits nothing");
        world.store.write_blocking(|tx| tx.offer_becomes(key, OfferState::Chosen, Some(2), minute(9))).unwrap();
        let (offers, awaited, _) = look();
        assert!(awaited);
        assert_eq!((offers[0].slots.as_slice(), offers[0].chosen, offers[0].since), (&slots[..], Some(2), minute(9)));
        let day = "2027-01-14".parse().unwrap();
        let visit = NewVisit { id: "v-1", client: "acme", day, text: " A shop in spring ", now: minute(2) };
        world.store.write_blocking(|tx| tx.visited(&visit)).unwrap();
        assert_eq!(look().2[0].text, "A shop in spring");
        assert_eq!(world.store.read_blocking(|r| r.visits(Some("acme"))).unwrap().len(), 1);
        assert!(world.store.write_blocking(|tx| tx.unvisited("boreal")).unwrap().is_none());
        assert!(world.store.write_blocking(|tx| tx.unvisited("acme")).unwrap().is_some());
        world.store.write_blocking(|tx| tx.visited(&visit)).unwrap();
        world.store.write_blocking(|tx| tx.erase_client("acme")).unwrap();
        let (offers, awaited, visits) = look();
        assert!(offers.is_empty() && !awaited && visits.is_empty());
    }
}
