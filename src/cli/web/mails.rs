//! Rows of the store as values of the desk's pages: mails of ours, promises. Lines of the history: past.rs.
use super::scene::Scene;
use crate::cli::explain::ours;
use crate::cli::outbox::{Waiting, far, fate};
use crate::decide::gate::{Due, Outcome};
use crate::model::{Client, Instant, Promise, PromiseState, Zone};
use crate::store::{MailState, OutboxRow, Reader, StoreError};
use crate::web::view::{Letter, Mail, Named, Promised};
use chrono::TimeDelta;

/// So long a missed promise stays in sight.
const LATELY: TimeDelta = TimeDelta::days(7);
const MISSED: u32 = 20;

/// A client as a link.
pub fn named(client: &Client) -> Named {
    Named { id: client.id.clone(), name: client.name.clone() }
}

impl Scene<'_> {
    /// The zone of a client; the owner's for others.
    pub fn client_zone(&self, id: Option<&str>) -> &Zone {
        id.and_then(|id| self.policy().client(id)).map_or(&self.policy().owner.zone, |client| &client.zone)
    }

    /// `Thursday, 14 January 19:30 = Friday, 15 January 03:30 Singapore`
    pub fn both(&self, at: Instant, zone: &Zone) -> String {
        let here = self.here(at);
        if zone == &self.policy().owner.zone { here } else { format!("{here} = {}", self.there(at, zone)) }
    }

    /// One mail of ours.
    pub fn mail(&self, tx: &Reader<'_>, row: OutboxRow) -> Result<Mail, StoreError> {
        Ok(self.shown(&Waiting::new(tx, self.policy(), self.paused, row, self.now)?))
    }

    fn shown(&self, waiting: &Waiting) -> Mail {
        let Waiting { row, gate } = waiting;
        let zone = self.client_zone(row.client.as_deref());
        let mut why: Vec<String> = Vec::new();
        let mut when = row.finished_at.map(|at| self.both(at, zone)).unwrap_or_default();
        if let Some(gate) = gate {
            why.extend(gate.decisive().map(|(check, _)| check.text().to_owned()));
            when = match gate.verdict {
                Due::Later(at) if far(at) => String::new(),
                _ => waiting.next_look(self.now).map(|at| self.both(at, zone)).unwrap_or_default(),
            };
        } else if matches!(row.state, MailState::Dropped | MailState::Failed | MailState::Unknown) {
            why.extend(Some(fate(row).trim_start_matches(": ").to_owned()).filter(|fate| !fate.is_empty()));
        }
        Mail {
            id: row.id.clone(),
            kind: row.kind.clone(),
            client: row.client.as_deref().and_then(|id| self.policy().client(id)).map(named),
            to: row.envelope_to.clone(),
            subject: row.subject.clone(),
            state: row.state.shown(),
            when,
            why,
            waits: row.state == MailState::Queued,
            held: row.held_until.is_some_and(|until| until > self.now),
        }
    }

    /// One mail of ours with everything.
    pub fn letter(&self, tx: &Reader<'_>, row: OutboxRow) -> Result<Letter, StoreError> {
        let waiting = Waiting::new(tx, self.policy(), self.paused, row, self.now)?;
        let row = &waiting.row;
        let zone = self.client_zone(row.client.as_deref());
        let message = ours(row);
        let checks = waiting.gate.iter().flat_map(|gate| &gate.checks).map(|(check, outcome)| {
            let text = match outcome {
                Outcome::Pass | Outcome::Exempt => String::new(),
                Outcome::Wait(until) if !far(*until) => format!("{} ({})", check.text(), self.both(*until, zone)),
                _ => check.text().to_owned(),
            };
            (check.as_str(), outcome.as_str(), text)
        });
        Ok(Letter {
            from: message.from().map(|party| party.address.to_string()).unwrap_or_default(),
            text: message.content.text.clone(),
            promise: row.window.as_ref().map(|window| self.both(window.end, zone)),
            answers: row.answers.clone(),
            checks: checks.collect(),
            mail: self.shown(&waiting),
        })
    }

    /// One promise.
    pub fn promised(&self, tx: &Reader<'_>, promise: &Promise) -> Result<Promised, StoreError> {
        let zone = self.policy().zones.get(&promise.zone).unwrap_or_else(|| self.policy().zones.utc());
        let exchange = tx.promise_exchange(&promise.id)?;
        let name =
            self.policy().client(&promise.client).map_or_else(|| promise.client.clone(), |client| client.name.clone());
        let here = self.here(promise.by);
        let same = zone == self.policy().owner.zone;
        Ok(Promised {
            client: Named { id: promise.client.clone(), name },
            subject: promise.subject.as_str().to_owned(),
            exchange,
            there: if same { here.clone() } else { self.there(promise.by, &zone) },
            here,
            left: (promise.by - self.now).num_minutes(),
            told: promise.announced,
            state: promise.state.as_str(),
        })
    }

    /// Open promises, the most pressing first, after those that were missed lately.
    pub fn open(&self, tx: &Reader<'_>, client: Option<&str>) -> Result<Vec<Promise>, StoreError> {
        let mut open = tx.promises(true)?;
        open.extend(tx.promises_missed(self.now - LATELY, MISSED)?);
        open.retain(|promise| client.is_none_or(|client| promise.client == client));
        open.sort_by_key(|promise| (promise.state == PromiseState::Open, promise.by));
        Ok(open)
    }
}
