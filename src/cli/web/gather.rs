//! What the desk's pages show, gathered from configuration, history and daemon. How it looks: `crate::web`.
use super::mails::named;
use crate::calendar::overlap::holds;
use crate::calendar::{promised_window, window_at, zone_at};
use crate::cli::explain::rehearsed;
use crate::cli::hours::{self, Bands};
use crate::cli::{out, outbox, say};
use crate::compose::phrase;
use crate::config::{self, Settings};
use crate::daemon::control::{self, Ask as Question};
use crate::decide::Policy;
use crate::model::{Instant, Language, Verdict, Zone};
use crate::store::{MailState, Reader, Store, StoreError};
use crate::system::Clock;
use crate::web::view::{Client, Doing, Frame, Health, Letter, Message, Page, Person, Today, Withheld};
use crate::web::{Ask, Picture, Trouble, words};
use chrono::TimeDelta;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// How far back *Today* looks, and how many of a kind it shows.
const BACK: TimeDelta = TimeDelta::days(7);
const SHOWN: usize = 12;
/// How far back the whole outbox goes.
const OUTBOX: (TimeDelta, u32) = (TimeDelta::days(90), 200);
/// Lines of a client's history.
const LINES: usize = 200;
/// Lines of a search.
const FOUND: usize = 50;

/// When files were changed.
type Stamps = Vec<Option<SystemTime>>;

/// Where everything comes from.
pub struct Gatherer {
    path: PathBuf,
    dir: PathBuf,
    settings: Mutex<(Arc<Settings>, Stamps)>,
}

/// One look at everything.
pub struct Scene<'a> {
    settings: &'a Settings,
    /// The present.
    pub now: Instant,
    /// Whether nothing automatic leaves.
    pub paused: bool,
}

/// The owner's language.
pub fn language(settings: &Settings) -> Language {
    settings.policy.owner.languages.first().copied().unwrap_or(Language::En)
}

impl Gatherer {
    /// For a configuration and the state directory of it.
    pub fn new(path: PathBuf, settings: Settings, dir: PathBuf) -> Self {
        let stamps = stamps(&settings);
        Self { path, dir, settings: Mutex::new((Arc::new(settings), stamps)) }
    }

    /// The state directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The configuration as it is now; while it is wrong, as it was.
    pub fn settings(&self) -> Arc<Settings> {
        let mut held = self.settings.lock().unwrap_or_else(PoisonError::into_inner);
        let now = stamps(&held.0);
        if now != held.1 {
            held.1 = now;
            if let Ok(fresh) = config::load(&self.path, &held.0.policy.zones) {
                held.1 = stamps(&fresh);
                held.0 = Arc::new(fresh);
            }
        }
        Arc::clone(&held.0)
    }

    /// A page.
    pub fn page(&self, ask: &Ask) -> Result<(Frame, Page), Trouble> {
        let settings = self.settings();
        let now = Clock::System.now();
        let facts = control::ask(&self.dir, Question::Status).ok().flatten().map(|reply| reply.facts);
        let store = Store::path_in(&self.dir).exists().then(|| Store::open_read_only(&self.dir)).transpose();
        let store = store.map_err(|error| Trouble::Failed(error.to_string()))?;
        let read = |work: &dyn Fn(&Reader<'_>) -> Result<bool, StoreError>| {
            store.as_ref().is_some_and(|store| store.read_blocking(work).unwrap_or(false))
        };
        let paused = outbox::paused(&self.dir) || read(&|tx| Ok(tx.paused_all(now)?.is_some()));
        let scene = Scene { settings: &settings, now, paused };
        let page = match &store {
            Some(store) => store
                .read_blocking(|tx| scene.page(tx, ask, facts.as_ref()))
                .map_err(|error| Trouble::Failed(error.to_string()))??,
            None => scene.empty(ask, facts.as_ref())?,
        };
        Ok((scene.frame(ask, facts.is_some()), page))
    }
}

fn stamps(settings: &Settings) -> Stamps {
    settings.files.iter().map(|file| fs::metadata(file).and_then(|it| it.modified()).ok()).collect()
}

fn missing(what: &str) -> Trouble {
    Trouble::Missing(what.to_owned())
}

impl Scene<'_> {
    /// The rules' view of the configuration.
    pub fn policy(&self) -> &Policy {
        &self.settings.policy
    }

    fn language(&self) -> Language {
        language(self.settings)
    }

    /// A moment on the owner's clock: the time alone if it is today.
    pub fn here(&self, at: Instant) -> String {
        self.on(at, zone_at(&self.policy().owner, at))
    }

    /// A moment on another clock, with the city; the day only where it is another one than the owner's.
    pub fn there(&self, at: Instant, zone: &Zone) -> String {
        let local = zone.local(at);
        if local.date() == zone_at(&self.policy().owner, at).local(at).date() {
            return format!("{} {}", local.format("%H:%M"), say::city(zone));
        }
        let day = phrase::date(self.language(), local.date(), zone.local(self.now).date());
        format!("{day} {} {}", local.format("%H:%M"), say::city(zone))
    }

    fn on(&self, at: Instant, zone: &Zone) -> String {
        let (local, today) = (zone.local(at), zone.local(self.now).date());
        let clock = local.format("%H:%M");
        if local.date() == today {
            clock.to_string()
        } else {
            format!("{} {clock}", phrase::date(self.language(), local.date(), today))
        }
    }

    fn frame(&self, ask: &Ask, running: bool) -> Frame {
        let owner = &self.policy().owner;
        let zone = zone_at(owner, self.now);
        let local = zone.local(self.now);
        let id = |path: &str, id: &str| format!("{path}?id={}", crate::web::encoded(id));
        Frame {
            language: self.language(),
            now: format!("{} {}", phrase::date(self.language(), local.date(), local.date()), local.format("%H:%M")),
            place: say::city(zone),
            path: match ask {
                Ask::Today | Ask::Search(_) => "/".to_owned(),
                Ask::Outbox(false) => "/outbox".to_owned(),
                Ask::Outbox(true) => "/outbox?all=1".to_owned(),
                Ask::Mail(it) => id("/mail", it),
                Ask::Client(it) => id("/client", it),
                Ask::Message(it) => id("/message", it),
            },
            running,
            paused: self.paused,
            clients: self.policy().clients.iter().map(named).collect(),
        }
    }

    /// A page while nothing is recorded yet.
    fn empty(&self, ask: &Ask, facts: Option<&Value>) -> Result<Page, Trouble> {
        match ask {
            Ask::Today => Ok(Page::Today(Box::new(self.sky(facts)))),
            Ask::Outbox(all) => Ok(Page::Outbox(Vec::new(), *all)),
            Ask::Search(query) => Ok(Page::Search(query.clone(), Vec::new(), None)),
            Ask::Client(id) => self.client(id).map(|it| Page::Client(Box::new(it))),
            Ask::Mail(_) | Ask::Message(_) => Err(missing("nothing is recorded yet")),
        }
    }

    fn page(&self, tx: &Reader<'_>, ask: &Ask, facts: Option<&Value>) -> Result<Result<Page, Trouble>, StoreError> {
        Ok(Ok(match ask {
            Ask::Today => Page::Today(Box::new(self.today(tx, facts)?)),
            Ask::Outbox(all) => {
                let mut rows =
                    if *all { tx.outbox_since(self.now - OUTBOX.0, OUTBOX.1)? } else { tx.outbox_waiting()? };
                if *all {
                    rows.reverse();
                }
                Page::Outbox(rows.into_iter().map(|row| self.mail(tx, row)).collect::<Result<_, _>>()?, *all)
            }
            Ask::Mail(id) => match tx.outbox_row(id)? {
                Some(row) => Page::Mail(Box::new(self.letter(tx, row)? as Letter)),
                None => return Ok(Err(missing("there is no such mail"))),
            },
            Ask::Client(id) => match self.client(id) {
                Ok(client) => Page::Client(Box::new(self.past(tx, client, id)?)),
                Err(trouble) => return Ok(Err(trouble)),
            },
            Ask::Message(id) => match self.message(tx, id)? {
                Some(message) => Page::Message(Box::new(message)),
                None => return Ok(Err(missing("there is no such message"))),
            },
            Ask::Search(query) => {
                let mut found = Vec::new();
                for it in tx.search(query, FOUND)? {
                    let mut line = self.line(tx, &it.entry, it.client.as_deref())?;
                    line.steps.clear();
                    line.snippet = vec![(it.excerpt.chars().take(240).collect(), false)];
                    found.push(line);
                }
                Page::Search(query.clone(), found, None)
            }
        }))
    }

    /// *Today* as far as the history does not matter.
    fn sky(&self, facts: Option<&Value>) -> Today {
        let policy = self.policy();
        let bands = Bands::new(policy, self.now);
        let window =
            window_at(&policy.owner, self.now).or_else(|| promised_window(&policy.owner, self.now, TimeDelta::zero()));
        Today {
            people: std::iter::once(self.owner())
                .chain(policy.clients.iter().map(|client| self.person(client)))
                .collect(),
            band: Picture { svg: bands.drawn(), style: hours::STYLE },
            window: window.map(|it| {
                format!("{}–{}", self.here(it.start), zone_at(&policy.owner, it.start).local(it.end).format("%H:%M"))
            }),
            health: self.health(facts),
            ..Today::default()
        }
    }

    fn today(&self, tx: &Reader<'_>, facts: Option<&Value>) -> Result<Today, StoreError> {
        let mut today = self.sky(facts);
        today.promises = self.open(tx, None)?;
        for row in tx.outbox_waiting()? {
            today.waiting.push(self.mail(tx, row)?);
        }
        for row in tx.outbox_since(self.now - OUTBOX.0, OUTBOX.1)?.into_iter().rev() {
            let recent = row.finished_at.unwrap_or(row.created_at) >= self.now - BACK;
            let ends = matches!(row.state, MailState::Sent | MailState::Failed | MailState::Observed);
            if row.state == MailState::Drafted && today.drafts.len() < SHOWN {
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
                    reasons: mail.why.into_iter().map(|why| ("dropped", why)).collect(),
                });
            }
        }
        let silent = [Verdict::Hold, Verdict::Ignore, Verdict::Wait];
        for it in tx.recent(self.now - BACK, 200)?.into_iter().rev() {
            let Some(judgement) = it.decision.filter(|it| silent.contains(&it.verdict)) else { continue };
            if today.withheld.len() >= 2 * SHOWN {
                break;
            }
            let speaks = judgement.reasons.iter().filter(|reason| reason.code.verdict() == judgement.verdict);
            today.withheld.push(Withheld {
                exchange: it.entry.id,
                who: it.entry.from.unwrap_or_default(),
                subject: it.entry.subject,
                when: self.here(it.entry.at),
                verdict: judgement.verdict.as_str(),
                reasons: speaks.map(|reason| (reason.code.as_str(), reason.text())).collect(),
            });
        }
        today.withheld.retain(|it| !it.exchange.is_empty());
        Ok(today)
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

    fn person(&self, client: &crate::model::Client) -> Person {
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

    fn health(&self, facts: Option<&Value>) -> Vec<Health> {
        let known = facts.and_then(|facts| facts.get("mailboxes")).and_then(Value::as_array);
        let one = |mailbox: &crate::model::Identity| {
            let it = known
                .and_then(|all| all.iter().find(|it| it.get("name").and_then(Value::as_str) == Some(&mailbox.name)));
            let word = |key: &str| it.and_then(|it| it.get(key)).and_then(Value::as_str);
            let looked = word("last_poll").and_then(|at| chrono::DateTime::parse_from_rfc3339(at).ok());
            Health {
                name: mailbox.name.clone(),
                mode: mailbox.mode.as_str().to_owned(),
                connected: it.and_then(|it| it.get("connected")).and_then(Value::as_bool),
                looked: looked.map(|at| self.here(at.to_utc())),
                error: word("error").map(str::to_owned),
            }
        };
        self.policy().mailboxes.iter().map(one).collect()
    }

    /// A client's page without a past.
    fn client(&self, id: &str) -> Result<Client, Trouble> {
        let client = out::client(self.policy(), id).map_err(|_| missing("no client is called so"))?;
        Ok(Client {
            who: self.person(client),
            zone: client.zone.name().to_owned(),
            promises: Vec::new(),
            lines: Vec::new(),
            older: 0,
        })
    }

    fn past(&self, tx: &Reader<'_>, mut client: Client, id: &str) -> Result<Client, StoreError> {
        client.promises = self.open(tx, Some(id))?;
        let entries = tx.history(id)?;
        client.older = entries.len().saturating_sub(LINES);
        let newest = entries.iter().rev().take(LINES);
        client.lines = newest.map(|entry| self.line(tx, entry, Some(id))).collect::<Result<_, _>>()?;
        Ok(client)
    }

    fn message(&self, tx: &Reader<'_>, id: &str) -> Result<Option<Message>, StoreError> {
        let Some(it) = tx.exchange(id)? else { return Ok(None) };
        let bytes = tx.raw(id)?.map(|(bytes, _)| bytes).unwrap_or_default();
        let text = if bytes.is_empty() { it.excerpt.clone() } else { rehearsed(&bytes, it.entry.at).content.text };
        let client = it.client.as_deref().and_then(|id| self.policy().client(id));
        let here = self.here(it.entry.at);
        let mut conversation = Vec::new();
        for entry in tx.conversation(&it.conversation)?.iter().filter(|entry| entry.id != id) {
            let mut line = self.line(tx, entry, it.client.as_deref())?;
            line.steps.clear();
            conversation.push(line);
        }
        let (mut verdict, mut reasons) = (None, Vec::new());
        if let Some(judgement) = &it.decision {
            verdict = Some(judgement.verdict.as_str());
            let one = |reason: &crate::model::Reason| {
                (reason.code.verdict() == judgement.verdict, reason.code.as_str(), reason.text())
            };
            reasons = judgement.reasons.iter().map(one).collect();
        }
        Ok(Some(Message {
            subject: it.entry.subject,
            from: it.entry.from.unwrap_or_default(),
            to: it.entry.to.unwrap_or_default(),
            client: client.map(named),
            there: client.map_or_else(|| here.clone(), |client| self.there(it.entry.at, &client.zone)),
            here,
            message_id: it.entry.message_id,
            verdict,
            reasons,
            promises: self.promises_of(tx, id)?,
            text,
            mails: tx.outbox_of(id)?.into_iter().map(|row| self.mail(tx, row)).collect::<Result<_, _>>()?,
            conversation,
        }))
    }
}
