//! One life: weeks of mail with one seed. The daemon's part is the production turn, restarted whenever it dies; time
//! jumps to whatever comes next.
use super::invariants::Checker;
use super::oracle::Oracle;
use super::peers::{Server, Shared, Smtp};
use super::rng::Rng;
use super::setting::{self, policy, settings, world};
use super::world::{Doom, Instant, Odds};
use crate::ladder::stand_firm;
use chrono::{Days, NaiveDate, TimeDelta};
use fuseau::compose::Composer;
use fuseau::daemon::error::TurnError;
use fuseau::daemon::turn::{Cause, Turned, turn};
use fuseau::daemon::{Desk, ports::Mailbox};
use fuseau::decide::Policy;
use fuseau::mailbox::Folders;
use fuseau::model::account::FolderNames;
use fuseau::system::{Clock, Ids, state};
use std::future::{Future, poll_fn};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::task::Poll;

/// What a life left behind.
#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    pub hash: u64,
    pub lines: u64,
    pub turns: u32,
    pub deaths: u32,
    pub figures: String,
}

/// Dates a few days before clocks change somewhere, and an ordinary one.
const STARTS: [(i32, u32, u32); 6] =
    [(2026, 10, 19), (2027, 3, 22), (2026, 9, 29), (2027, 3, 8), (2026, 12, 14), (2027, 6, 1)];

/// Lives `days` days with one seed; the text says what did not hold.
pub fn live(seed: u64, days: u64, verbose: bool) -> Result<Outcome, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().max_blocking_threads(1).build().unwrap();
    let shm = Path::new("/dev/shm");
    let place = if shm.is_dir() { tempfile::tempdir_in(shm) } else { tempfile::tempdir() }.unwrap();
    runtime.block_on(async { Life::new(seed, days, place.path(), verbose).run().await })
}

/// A connection of a mailbox: its server, its way out, its folders.
type Session = (Server, Smtp, Folders);

struct Life {
    rng: Rng,
    world: Shared,
    clock: Clock,
    dir: PathBuf,
    ids: Ids,
    policy: Policy,
    composer: Arc<Composer>,
    desk: Option<(Desk, state::Lock)>,
    sessions: Vec<Option<Session>>,
    next: Vec<Instant>,
    spins: u32,
    oracle: Oracle,
    checker: Option<Checker>,
    end: Instant,
    calm: Instant,
    turns: u32,
    deaths: u32,
    crash: u64,
    falls: bool,
}

impl Life {
    fn new(seed: u64, days: u64, dir: &Path, verbose: bool) -> Self {
        let mut rng = Rng::new(seed);
        let (year, month, day) = *rng.pick(&STARTS);
        let first = NaiveDate::from_ymd_opt(year, month, day).unwrap();
        let start = first.and_hms_opt(5, 17, 0).unwrap().and_utc();
        let last = first.checked_add_days(Days::new(days)).unwrap();
        let end = start + TimeDelta::days(i64::try_from(days).unwrap());
        let policy = policy(&mut rng, first);
        let oracle = Oracle::new(&policy.owner, first, last.checked_add_days(Days::new(45)).unwrap());
        let clock = Clock::standing_at(start);
        let world = world(&mut rng, clock.clone(), dir, verbose, seed, start, end);
        let crash = if rng.chance(600) { rng.below(80) } else { 0 };
        Self {
            world: Arc::new(Mutex::new(world)),
            clock,
            dir: dir.join("state"),
            ids: Ids::seeded(seed),
            policy,
            composer: Arc::new(Composer::built_in().unwrap()),
            desk: None,
            sessions: vec![None, None],
            next: vec![start, start],
            spins: 0,
            oracle,
            checker: None,
            end,
            // The last two days nothing goes wrong, so that everything must come to rest.
            calm: end - TimeDelta::days(2),
            turns: 0,
            deaths: 0,
            crash,
            falls: seed % 4 == 3,
            rng,
        }
    }

    fn say(&self, line: &str) {
        self.world.lock().unwrap().say(line);
    }

    /// Starts the daemon on what lies in the state directory.
    fn start(&mut self) -> &Desk {
        if self.desk.is_none() {
            let (desk, lock) =
                setting::desk(settings(self.policy.clone()), &self.composer, &self.clock, &self.ids, &self.dir);
            // In one life of four, trust falls; in the others all mail goes on leaving, so that more of it is tried.
            if self.checker.is_none() && !self.falls {
                stand_firm(&desk.store, &self.policy);
            }
            self.desk = Some((desk, lock));
            self.sessions = vec![None, None];
            if self.checker.is_none() {
                self.checker = Some(Checker::new(&self.dir));
            }
        }
        &self.desk.as_ref().unwrap().0
    }

    async fn run(mut self) -> Result<Outcome, String> {
        self.start();
        let mut day = self.clock.now();
        loop {
            let event = self.world.lock().unwrap().events.peek().map(|it| it.0.0);
            let turn = self.next.iter().min().copied().unwrap();
            let at = event.unwrap_or(turn).min(turn);
            if at > self.end {
                break;
            }
            self.clock.move_to(at.max(self.clock.now()));
            if event.is_some_and(|event| event <= turn) {
                let mut world = self.world.lock().unwrap();
                world.catch_up();
                drop(world);
                self.hear();
            } else {
                let account = self.next.iter().position(|next| *next == turn).unwrap();
                self.turn(account, Cause::Poll).await?;
            }
            if self.clock.now() - day > TimeDelta::days(1) {
                day = self.clock.now();
                self.check_all()?;
            }
        }
        for account in 0..2 {
            self.turn(account, Cause::Poll).await?;
        }
        self.check_all()?;
        let now = self.clock.now();
        let checker = self.checker.as_mut().unwrap();
        checker.settled(now);
        checker.verdict()?;
        let world = self.world.lock().unwrap();
        Ok(Outcome {
            hash: world.log.hash,
            lines: world.log.lines,
            turns: self.turns,
            deaths: self.deaths,
            figures: checker.figures(&world),
        })
    }

    fn check_all(&mut self) -> Result<(), String> {
        let world = self.world.lock().unwrap();
        let checker = self.checker.as_mut().unwrap();
        checker.all(&world, &self.policy);
        checker.verdict()
    }

    /// A server that announced news gets a turn at once, if somebody listens.
    fn hear(&mut self) {
        let news = std::mem::take(&mut self.world.lock().unwrap().news);
        for account in news {
            if self.sessions[account].is_some() {
                self.next[account] = self.next[account].min(self.clock.now() + TimeDelta::seconds(1));
            }
        }
    }

    async fn turn(&mut self, account: usize, _: Cause) -> Result<(), String> {
        self.turns += 1;
        let calm = self.clock.now() >= self.calm;
        let doomed = !calm && self.rng.chance(self.crash);
        let (steps, doom) = match (doomed, self.rng.chance(500)) {
            (false, _) => (None, None),
            (true, true) => (Some(u32::try_from(self.rng.below(12)).unwrap()), None),
            (true, false) => {
                let doom = Doom { calls: u32::try_from(self.rng.below(8)).unwrap(), after: self.rng.chance(500) };
                (Some(u32::MAX), Some(doom))
            }
        };
        let desk = self.start().clone();
        // A notice comes only to a session that has looked around before.
        let cause = match self.sessions[account].is_some() && self.rng.chance(250) {
            true if self.rng.chance(300) => Cause::Again,
            true => Cause::Notice,
            false => Cause::Poll,
        };
        {
            let mut world = self.world.lock().unwrap();
            world.turn_at = world.now();
            world.doom = doom;
            world.dead = false;
            if calm {
                world.odds = Odds::default();
            }
            world.say(&format!("{account} turn {cause:?}"));
        }
        let mut session = self.sessions[account].take();
        let world = self.world.clone();
        let name = world.lock().unwrap().accounts[account].name;
        let work = async {
            let (mut server, mut smtp, folders) = match session.take() {
                Some(session) => session,
                None => {
                    let mut server = Server::new(&world, account);
                    let folders = server.folders(&FolderNames::default()).await?;
                    (server, Smtp::new(&world, account), folders)
                }
            };
            let turned = turn(&desk, name, &folders, cause, &mut server, &mut smtp).await?;
            Ok::<_, TurnError>((turned, (server, smtp, folders)))
        };
        let ended = match steps {
            None => Some(work.await),
            Some(steps) => drive(work, steps, &world).await,
        };
        drop(desk);
        self.conclude(account, cause, ended).await
    }

    async fn conclude(
        &mut self,
        account: usize,
        cause: Cause,
        ended: Option<Result<(Turned, Session), TurnError>>,
    ) -> Result<(), String> {
        let now = self.clock.now();
        match ended {
            Some(Ok((turned, session))) => {
                self.sessions[account] = Some(session);
                self.say(&format!("{account} turned {} {}", turned.recorded, turned.sent));
                if cause == Cause::Poll {
                    let mut world = self.world.lock().unwrap();
                    self.checker.as_mut().unwrap().polled(&mut world, account);
                }
                self.progress(account, now, &turned)?;
            }
            Some(Err(TurnError::Store(error))) => return Err(format!("the store failed: {error}")),
            Some(Err(TurnError::Mailbox(error))) => {
                self.say(&format!("{account} session ended: {error}"));
                self.next[account] = now + TimeDelta::seconds(self.rng.between(1, 900));
            }
            None => {
                self.deaths += 1;
                // Mostly it is back at once; sometimes only the next day.
                let longest = if self.rng.chance(100) { 100_000 } else { 300 };
                let down = TimeDelta::seconds(self.rng.between(1, longest));
                self.sessions = vec![None, None];
                self.desk = None;
                self.next = vec![now + down, now + down];
                self.say("dead");
            }
        }
        self.hear();
        let world = self.world.lock().unwrap();
        let checker = self.checker.as_mut().unwrap();
        checker.left(&world, &self.policy, &self.oracle);
        checker.verdict()
    }

    /// When this mailbox is looked at again; a daemon that asks to be woken at once for ever spins.
    fn progress(&mut self, account: usize, now: Instant, turned: &Turned) -> Result<(), String> {
        let poll = now + TimeDelta::minutes(self.rng.between(2, 120));
        let wake = turned.wake_at.unwrap_or(poll);
        if wake <= now && turned.sent == 0 {
            self.spins += 1;
            if self.spins > 20 {
                return Err(format!("{account} asks to be woken at {wake} again and again at {now}"));
            }
        } else {
            self.spins = 0;
        }
        self.next[account] = poll.min(wake.max(now + TimeDelta::milliseconds(500)));
        Ok(())
    }
}

/// Runs a turn so that it can be cut off after any of its transactions: the blocking thread is held back while the turn
/// is polled, so that the number of polls is the number of transactions, on every machine.
pub(super) async fn drive<F: Future>(work: F, steps: u32, world: &Shared) -> Option<F::Output> {
    let mut work = Box::pin(work);
    let mut left = steps;
    loop {
        let (release, held) = std::sync::mpsc::channel::<()>();
        let gate = tokio::task::spawn_blocking(move || held.recv().is_err());
        let polled = poll_fn(|cx| Poll::Ready(work.as_mut().poll(cx))).await;
        drop(release);
        gate.await.unwrap();
        if let Poll::Ready(output) = polled {
            return Some(output);
        }
        let dead = world.lock().unwrap().dead;
        if dead || left == 0 {
            drop(work);
            // What was handed to the database is done even so.
            tokio::task::spawn_blocking(|| ()).await.unwrap();
            return None;
        }
        left -= 1;
        tokio::task::spawn_blocking(|| ()).await.unwrap();
    }
}
