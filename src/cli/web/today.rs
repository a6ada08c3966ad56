//! *Today*: people, promises, mails, mailboxes. How it looks: `crate::web`.
use super::scene::Scene;
use crate::calendar::overlap::holds;
use crate::calendar::{promised_window, window_at, zone_at};
use crate::cli::hours::Bands;
use crate::cli::{rests, say, trust};
use crate::compose::phrase;
use crate::decide::ladder::Scope;
use crate::decide::occasion::MadeState;
use crate::model::{Language, Zone};
use crate::store::{MailState, Reader, StoreError};
use crate::web::view::{Doing, Health, Person, Today, Why, Withheld};
use crate::web::{Picture, words};
use chrono::TimeDelta;
use serde_json::Value;

/// How far back *Today* looks, and how many of a kind it shows.
const BACK: TimeDelta = TimeDelta::days(7);
const SHOWN: usize = 12;
const SILENT: u32 = 12;
/// Of what needs the owner it shows more.
const PRESSING: usize = 40;
/// Mails of ours that are looked through for drafts and for what left.
const LOOKED_AT: u32 = 200;

impl Scene<'_> {
    /// *Today* as far as the history does not matter.
    pub fn sky(&self, facts: Option<&Value>) -> Today {
        let policy = self.policy();
        let bands = Bands::new(policy, self.now);
        Today {
            people: std::iter::once(self.owner())
                .chain(policy.clients.iter().map(|client| self.person(client)))
                .collect(),
            band: Picture { svg: bands.drawn() },
            window: self.window(None).map(|(here, _)| here),
            health: self.health(trust::standings(self.settings, None).unwrap_or_default(), facts),
            ..Today::default()
        }
    }

    /// All of *Today*.
    pub fn today(&self, tx: &Reader<'_>, facts: Option<&Value>) -> Result<Today, StoreError> {
        let mut today = self.sky(facts);
        today.health = self.health(trust::standings(self.settings, Some(tx))?, facts);
        let home = &self.policy().owner.zone;
        let resting = tx.pauses(self.now)?.into_iter().map(rests::Rest::from);
        today.rests = resting.map(|rest| rest.told_with_remedy(home)).collect();
        let mut open = self.open(tx, None)?;
        today.more_promises = open.len().saturating_sub(PRESSING);
        open.truncate(PRESSING);
        today.promises = open.iter().map(|promise| self.promised(tx, promise)).collect::<Result<_, _>>()?;
        let mut waiting = tx.outbox_waiting()?;
        today.more_waiting = waiting.len().saturating_sub(PRESSING);
        waiting.truncate(PRESSING);
        for row in waiting {
            today.waiting.push(self.mail(tx, row)?);
        }
        for row in tx.outbox_newest(LOOKED_AT)? {
            let recent = row.finished_at.unwrap_or(row.created_at) >= self.now - BACK;
            let ends = matches!(row.state, MailState::Sent | MailState::Failed | MailState::Observed);
            // One that the owner deleted is kept to be recognised, but waits for nobody.
            let lies = row.state == MailState::Drafted
                && tx.occasion_of(&row.id)?.is_none_or(|it| it.made.state != MadeState::Deleted);
            if lies && today.drafts.len() < SHOWN {
                today.drafts.push(self.mail(tx, row)?);
            } else if ends && recent && today.sent.len() < SHOWN {
                today.sent.push(self.mail(tx, row)?);
            } else if row.state == MailState::Dropped && recent && today.withheld.len() < SHOWN {
                let mail = self.mail(tx, row.clone())?;
                today.withheld.push(Withheld {
                    exchange: row.answers.unwrap_or_default(),
                    who: mail.to,
                    subject: mail.subject,
                    when: mail.when,
                    verdict: mail.state,
                    reasons: mail.why.into_iter().map(plain).collect(),
                });
            }
        }
        for it in tx.silent(self.now - BACK, SILENT)? {
            let Some(judgement) = it.decision else { continue };
            today.withheld.push(Withheld {
                exchange: it.entry.id,
                who: it.entry.from.unwrap_or_default(),
                subject: it.entry.subject,
                when: self.here(it.entry.at),
                verdict: judgement.verdict.as_str(),
                reasons: self.whys(&judgement).into_iter().filter(|why| why.speaks).collect(),
            });
        }
        today.withheld.retain(|it| !it.exchange.is_empty());
        Ok(today)
    }

    /// The owner's answer window, this one or the next: on the owner's clock, and on a client's where it is another one.
    pub fn window(&self, zone: Option<&Zone>) -> Option<(String, String)> {
        let owner = &self.policy().owner;
        let it = window_at(owner, self.now).or_else(|| promised_window(owner, self.now, TimeDelta::zero()))?;
        let home = zone_at(owner, it.start);
        // Between Arabic words a range of numbers would be read from its end.
        let mark = if self.language() == Language::Ar { "\u{200e}" } else { "" };
        let range = |zone: &Zone| {
            format!("{mark}{}–{}", zone.local(it.start).format("%H:%M"), zone.local(it.end).format("%H:%M"))
        };
        let on = |zone: &Zone| zone.local(it.start).date();
        let day = |zone: &Zone| phrase::date(self.language(), on(zone), zone.local(self.now).date());
        let here = match on(home) == home.local(self.now).date() {
            true => range(home),
            false => format!("{} {}", day(home), range(home)),
        };
        let there = zone.filter(|zone| *zone != home).map(|zone| match on(zone) == on(home) {
            true => format!("{} {}", range(zone), say::city(zone)),
            false => format!("{} {} {}", day(zone), range(zone), say::city(zone)),
        });
        Some((here, there.unwrap_or_default()))
    }

    fn owner(&self) -> Person {
        let owner = &self.policy().owner;
        let zone = zone_at(owner, self.now);
        let next = (self.now, self.now + TimeDelta::minutes(1));
        let awake = holds(&crate::calendar::overlap::awake_owner(owner, next.0, next.1), self.now);
        let doing = match (window_at(owner, self.now).is_some(), awake) {
            (true, _) => Doing::Window,
            (_, true) => Doing::Awake,
            _ => Doing::Night,
        };
        self.present(None, words(self.language()).you.to_owned(), zone, String::new(), doing)
    }

    /// A client's present.
    pub fn person(&self, client: &crate::model::Client) -> Person {
        let owner = &self.policy().owner;
        let next = self.now + TimeDelta::minutes(1);
        let awake = holds(&crate::calendar::overlap::awake(&client.zone, self.now, next), self.now);
        let doing = match (crate::calendar::decent::is_decent(client, self.now), awake) {
            (true, _) => Doing::Work,
            (_, true) => Doing::Awake,
            _ => Doing::Night,
        };
        let gap = crate::calendar::gap(owner, &client.zone, self.now) / 60;
        let gap = if gap == 0 { String::new() } else { say::gap_short(gap) };
        self.present(Some(client.id.clone()), client.name.clone(), &client.zone, gap, doing)
    }

    fn present(&self, id: Option<String>, name: String, zone: &Zone, gap: String, doing: Doing) -> Person {
        let (local, home) = (zone.local(self.now), zone_at(&self.policy().owner, self.now).local(self.now).date());
        Person {
            id,
            name,
            place: say::city(zone),
            clock: local.format("%H:%M").to_string(),
            day: if local.date() == home { String::new() } else { phrase::weekday(self.language(), local.date()) },
            gap,
            doing,
        }
    }

    fn health(&self, standings: Vec<trust::Standing>, facts: Option<&Value>) -> Vec<Health> {
        let known = facts.and_then(|facts| facts.get("mailboxes")).and_then(Value::as_array);
        let one = |mailbox: &crate::model::Identity| {
            let it = known
                .and_then(|all| all.iter().find(|it| it.get("name").and_then(Value::as_str) == Some(&mailbox.name)));
            let word = |key: &str| it.and_then(|it| it.get(key)).and_then(Value::as_str);
            let looked = word("last_poll").and_then(|at| chrono::DateTime::parse_from_rfc3339(at).ok());
            let stands = standings.iter().find(|one| one.scope == Scope::Mailbox(mailbox.name.clone()));
            Health {
                name: mailbox.name.clone(),
                mode: stands.map_or(mailbox.mode, |one| one.rung).as_str(),
                rung: stands.map(|one| one.why.clone()),
                connected: it.and_then(|it| it.get("connected")).and_then(Value::as_bool),
                looked: looked.map(|at| self.here(at.to_utc())),
                error: word("error").map(str::to_owned),
            }
        };
        self.policy().mailboxes.iter().map(one).collect()
    }
}

/// A reason that has no code.
pub fn plain(detail: String) -> Why {
    Why { said: None, detail, code: "", speaks: true }
}
