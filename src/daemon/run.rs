//! The daemon's main loop: signals, control requests. The mailbox tasks: staff.rs; reading the configuration again:
//! reload.rs; the watchdog: caretaker.rs.
use super::caretaker::{Caretaker, Guard, News};
use super::control::{self, Ask, Reply};
use super::desk::Desk;
use super::dial::Dialler;
use super::health::{Health, MailboxHealth};
use super::reload::{self, Ears, Next, Source};
use super::staff::Staff;
use super::{adopt, hooks, ladder, mark, moved, page, recover, tidy};
use crate::compose::{Composer, TemplateError};
use crate::config::{Faults, Settings};
use crate::model::Instant;
use crate::store::{Counts, Store, StoreError};
use crate::system::signal::{Request, Signals};
use crate::system::{Clock, Ids, calendars::Held, notify, state};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

/// Why the daemon cannot run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Another daemon has the state directory.
    #[error("another fuseau runs on {}: stop it first, or name another directory in `state`", .0.display())]
    Taken(PathBuf),
    /// The state directory cannot be used.
    #[error("the state directory {} cannot be used: {source}", .dir.display())]
    State {
        /// Which.
        dir: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The memory.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A template of the owner's.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Templates(Vec<TemplateError>),
    /// The system refuses what every daemon needs.
    #[error("the system refuses a service that fuseau needs: {0}")]
    System(#[from] std::io::Error),
}

/// Reads the configuration again; handed in, because only the command line knows where it came from.
pub type Reread = Box<dyn Fn() -> Result<Settings, Faults> + Send + Sync>;

/// Makes the desk for a configuration.
///
/// # Errors
/// Templates that do not work.
pub fn desk(settings: Settings, store: Store, dir: &Path, ids: Ids) -> Result<Desk, RunError> {
    let composer = Composer::with(&settings.templates).map_err(|error| RunError::Templates(vec![error]))?;
    // The shipped templates are proven by tests; rendering them all here would only cost memory.
    let faults = if settings.templates.is_empty() { Vec::new() } else { composer.check() };
    if !faults.is_empty() {
        return Err(RunError::Templates(faults));
    }
    let instance = instance(&store, &ids)?;
    Ok(Desk {
        settings: Arc::new(settings),
        composer: Arc::new(composer),
        store,
        clock: Clock::System,
        ids,
        instance: instance.into(),
        dialler: Dialler::keeping_in(dir),
        calendars: Held::default(),
        state: Some(dir.to_path_buf()),
    })
}

/// This installation's id, made once.
///
/// # Errors
/// If the store fails.
pub fn instance(store: &Store, ids: &Ids) -> Result<String, StoreError> {
    store.write_blocking(|tx| match tx.meta("instance")? {
        Some(known) => Ok(known),
        None => {
            let new = format!("{:016x}", ids.bits());
            tx.set_meta("instance", &new)?;
            Ok(new)
        }
    })
}

/// Opens the memory of a state directory for a daemon: lock, checks, leftovers of a crash, a restored backup.
///
/// # Errors
/// See [`RunError`].
pub fn open(dir: &Path, now: Instant) -> Result<(Store, state::Lock), RunError> {
    let at = |source| RunError::State { dir: dir.to_path_buf(), source };
    state::prepare(dir).map_err(at)?;
    let lock = state::lock(dir).map_err(|error| match error.kind() {
        std::io::ErrorKind::WouldBlock => RunError::Taken(dir.to_path_buf()),
        _ => at(error),
    })?;
    if let Err(error) = state::keep_reserve(dir) {
        tracing::warn!(%error, "no room for the reserve of 4 MiB");
    }
    let store = notify::while_starting("looking at every page of the history", || Store::open(dir))?;
    if let Some(dropped) = mark::restored(&store, dir, now)? {
        tracing::warn!(
            dropped,
            "the database is older than what happened here (a restored backup?): nothing old will be answered"
        );
    }
    store.write_blocking(|tx| hooks::cut(tx, now))?;
    let released = store.write_blocking(|tx| recover::release_claims(tx, None, now))?;
    if released > 0 {
        tracing::info!(released, "mails of an interrupted run go on");
    }
    Ok((store, lock))
}

/// Runs until a signal stops it.
///
/// # Errors
/// When it cannot start; once started, it goes on through every failure.
pub async fn run(settings: Settings, dir: PathBuf, reread: Reread) -> Result<(), RunError> {
    let clock = Clock::System;
    let (store, _lock) = open(&dir, clock.now())?;
    let mut desk = desk(settings, store.clone(), &dir, Ids::random())?;
    let signals = Signals::listen()?;
    let listener = control::listen(&dir)?;
    let (ask, asked) = mpsc::channel(16);
    let mut ears = Ears { signals, asked };
    let server = tokio::spawn(control::serve(listener, ask));
    let health = Health::default();
    say_running(&desk, &dir);
    let (guard, mut noticed) = Guard::new(&desk);
    recompute(&desk).await;
    let mut staff = Staff::start(&desk, &health, &guard);
    let mut caretaker = Caretaker::new();
    let mut behind = Behind::start(&desk, &dir);
    let source = Source { reread, dir };
    notify::ready();
    'work: loop {
        let mut reload = tokio::select! {
            request = ears.signals.next() => match request {
                Request::Stop => break,
                Request::Reload => Some(Vec::new()),
            },
            Some((ask, tell)) = ears.asked.recv() => match ask {
                Ask::Reload => Some(vec![tell]),
                Ask::Status => {
                    let _ = tell.send(status(&desk, &health).await);
                    None
                }
                Ask::Nudge => {
                    staff.nudge();
                    let _ = tell.send(Reply::done());
                    None
                }
            },
            Some(news) = noticed.recv() => match news {
                News::Released => {
                    look_again(&desk).await;
                    staff.nudge();
                    None
                }
                News::NewerZones => Some(Vec::new()),
            },
            () = caretaker.tick() => {
                guard.look(&desk);
                caretaker.look(&health);
                None
            }
        };
        while let Some(tell) = reload.take() {
            match reload::now(&mut desk, &mut staff, &health, &guard, &source, &mut ears, tell).await {
                Next::Work => {}
                Next::Reload(tell) => reload = Some(tell),
                Next::Stop => break 'work,
            }
            behind.follow(&desk);
        }
    }
    notify::stopping();
    tracing::info!("stopping: finishing what is in hand");
    staff.stop().await;
    behind.tasks.abort_all();
    server.abort();
    store.close()?;
    tracing::info!("stopped");
    Ok(())
}

/// What is done behind the replies: the index, the seals, the public page, whose earlier mail is.
struct Behind {
    tasks: JoinSet<()>,
    retention: watch::Sender<Option<chrono::TimeDelta>>,
    desks: watch::Sender<Desk>,
}

impl Behind {
    fn start(desk: &Desk, dir: &Path) -> Self {
        let (retention, kept_for) = watch::channel(desk.settings.retention);
        let (desks, holds) = watch::channel(desk.clone());
        let follows = desks.subscribe();
        let mut tasks = JoinSet::new();
        tasks.spawn(tidy::keep_up(desk.store.clone(), dir.to_path_buf(), kept_for));
        tasks.spawn(page::keep_fresh(holds));
        tasks.spawn(adopt::keep_up(follows));
        Self { tasks, retention, desks }
    }

    /// The configuration was read again.
    fn follow(&self, desk: &Desk) {
        self.retention.send_replace(desk.settings.retention);
        self.desks.send_replace(desk.clone());
    }
}

fn say_running(desk: &Desk, dir: &Path) {
    tracing::info!(
        mailboxes = desk.settings.mailboxes.len(),
        clients = desk.policy().clients.len(),
        zones = desk.policy().zones.version(),
        state = %dir.display(),
        "running"
    );
}

/// Ends words of trust that the configuration has overtaken, and moves open promises with a calendar that changed; before the mailbox tasks start, so that none sends the old time.
pub(super) async fn recompute(desk: &Desk) {
    adopt::keys(desk).await;
    let (here, now) = (desk.clone(), desk.clock.now());
    match desk.store.write(move |tx| ladder::settle(tx, here.policy(), now)).await {
        Ok(0) => {}
        Ok(words) => tracing::info!(words, "the configuration was changed: it counts, not `fuseau trust` before it"),
        Err(error) => tracing::error!(%error, "the rungs could not be looked at"),
    }
    match moved::look(desk).await {
        Ok(0) => {}
        Ok(promises) => tracing::info!(promises, "promises moved with the calendar"),
        Err(error) => tracing::error!(%error, "open promises could not be looked at"),
    }
}

/// Mails that were put off by the pause are looked at now.
async fn look_again(desk: &Desk) {
    let now = desk.clock.now();
    if let Err(error) = desk.store.write(move |tx| tx.look_again(now)).await {
        tracing::warn!(%error, "mails that were put off by the pause wait for their time");
    }
}

/// The facts of `fuseau status --json`.
pub(super) async fn status(desk: &Desk, health: &Health) -> Reply {
    let now = desk.clock.now();
    let counts = desk.store.read(move |tx| Ok((tx.counts()?, tx.paused_all(now)?.is_some()))).await;
    let (counts, breaker) = counts.unwrap_or_default();
    let facts = facts(true, desk.paused() || breaker, desk.policy().zones.version(), &health.all(), counts);
    Reply { ok: true, text: String::new(), facts }
}

/// The shape of `status --json`.
#[must_use]
pub fn facts(
    running: bool,
    paused: bool,
    tz_version: &str,
    mailboxes: &[MailboxHealth],
    counts: Counts,
) -> serde_json::Value {
    serde_json::json!({
        "running": running,
        "paused": paused,
        "tz_version": tz_version,
        "mailboxes": mailboxes,
        "open_promises": counts.open_promises,
        "queued": counts.queued,
        "unknown": counts.unknown,
    })
}
