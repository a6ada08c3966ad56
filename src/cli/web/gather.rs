//! What the desk's pages show, gathered from configuration, history and daemon. How it looks: `crate::web`.
use super::mails::named;
use super::scene::Scene;
use crate::cli::outbox;
use crate::config::{self, Settings};
use crate::daemon::control::{self, Ask as Question};
use crate::model::Language;
use crate::store::{Reader, Store, StoreError};
use crate::system::Clock;
use crate::web::view::{Frame, Page, Search, Stats};
use crate::web::{Ask, Trouble};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// Mails of the whole outbox.
const OUTBOX: u32 = 200;

/// When files were changed.
type Stamps = Vec<Option<SystemTime>>;

/// Where everything comes from.
pub struct Gatherer {
    path: PathBuf,
    dir: PathBuf,
    settings: Mutex<(Arc<Settings>, Stamps)>,
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
            Some(store) => {
                let search = scene.sought(store, &self.dir, ask)?;
                store
                    .read_blocking(|tx| scene.page(tx, ask, search, facts.as_ref()))
                    .map_err(|error| Trouble::Failed(error.to_string()))??
            }
            None => scene.empty(ask, facts.as_ref())?,
        };
        Ok((scene.frame(ask, facts.is_some()), page))
    }

    /// The bytes of a message.
    pub fn source(&self, id: &str) -> Result<Vec<u8>, Trouble> {
        if !Store::path_in(&self.dir).exists() {
            return Err(missing("nothing is recorded yet"));
        }
        let store = Store::open_read_only(&self.dir);
        let bytes = store.and_then(|store| store.read_blocking(|tx| tx.bytes(id)));
        bytes.map_err(|error| Trouble::Failed(error.to_string()))?.ok_or_else(|| missing("its source is not kept"))
    }
}

fn stamps(settings: &Settings) -> Stamps {
    settings.files.iter().map(|file| fs::metadata(file).and_then(|it| it.modified()).ok()).collect()
}

/// There is no such thing.
pub fn missing(what: &str) -> Trouble {
    Trouble::Missing(what.to_owned())
}

impl Scene<'_> {
    /// A page while nothing is recorded yet.
    fn empty(&self, ask: &Ask, facts: Option<&Value>) -> Result<Page, Trouble> {
        match ask {
            Ask::Today => Ok(Page::Today(Box::new(self.sky(facts)))),
            Ask::Outbox(all) => Ok(Page::Outbox(Vec::new(), *all)),
            Ask::Search(seek) => {
                Ok(Page::Search(Box::new(Search { query: seek.query.clone(), page: 1, ..Search::default() })))
            }
            Ask::Client(look) => self.client(&look.id).map(|it| Page::Client(Box::new(it))),
            Ask::Stats(id, all) => {
                let client = self.counted(id.as_deref())?.map(named);
                Ok(Page::Stats(Box::new(Stats { client, all: *all, empty: true, ..Stats::default() })))
            }
            Ask::Mail(_) | Ask::Message(_) | Ask::Note(_) => Err(missing("nothing is recorded yet")),
        }
    }

    fn page(
        &self,
        tx: &Reader<'_>,
        ask: &Ask,
        search: Option<Search>,
        facts: Option<&Value>,
    ) -> Result<Result<Page, Trouble>, StoreError> {
        Ok(Ok(match ask {
            Ask::Today => Page::Today(Box::new(self.today(tx, facts)?)),
            Ask::Outbox(all) => {
                let mut rows = if *all { tx.outbox_newest(OUTBOX)? } else { tx.outbox_waiting()? };
                rows.truncate(usize::try_from(OUTBOX).unwrap_or(usize::MAX));
                Page::Outbox(rows.into_iter().map(|row| self.mail(tx, row)).collect::<Result<_, _>>()?, *all)
            }
            Ask::Mail(id) => match tx.outbox_row(id)? {
                Some(row) => Page::Mail(Box::new(self.letter(tx, row)?)),
                None => return Ok(Err(missing("there is no such mail"))),
            },
            Ask::Client(look) => match self.client(&look.id) {
                Ok(client) => Page::Client(Box::new(self.past(tx, client, look, search)?)),
                Err(trouble) => return Ok(Err(trouble)),
            },
            Ask::Message(id) => match self.message(tx, id)? {
                Some(message) => Page::Message(Box::new(message)),
                None => return Ok(Err(missing("there is no such message"))),
            },
            Ask::Note(id) => match self.jotted(tx, id)? {
                Some(own) => Page::Note(Box::new(own)),
                None => return Ok(Err(missing("there is no such note"))),
            },
            Ask::Stats(id, all) => match self.counted(id.as_deref()) {
                Ok(client) => Page::Stats(Box::new(self.stats(tx, client, *all)?)),
                Err(trouble) => return Ok(Err(trouble)),
            },
            Ask::Search(_) => Page::Search(Box::new(search.unwrap_or_default())),
        }))
    }
}
