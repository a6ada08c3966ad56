//! One life: weeks of mail with one seed. The daemon's part is the production turn, restarted whenever it dies; time
//! jumps to whatever comes next.
use super::invariants::Checker;
use super::oracle::Oracle;
use super::peers::{Server, Shared, Smtp};
use super::people::{begin, people};
use super::rng::Rng;
use super::world::{Account, Doom, Event, Instant, Odds, Store as Folder, World};
use chrono::{Days, NaiveDate, NaiveTime, TimeDelta, Weekday};
use fuseau::compose::Composer;
use fuseau::config::{Digest, DigestTimes, MailboxSettings, Settings};
use fuseau::daemon::error::TurnError;
use fuseau::daemon::turn::{Cause, Turned, turn};
use fuseau::daemon::{Desk, dial::Dialler, ports::Mailbox, run};
use fuseau::decide::{Policy, Promises, Replies};
use fuseau::mailbox::{Flags, Folders};
use fuseau::model::account::{self, FolderNames};
use fuseau::model::identity::EnvelopeSender;
use fuseau::model::{
    AddressPattern, Client, ClientPolicy, Closure, EmailAddress, Identity, Language, Mode, Owner, SentCopy, Span, Tone,
    Trip, WeeklyHours, Zones,
};
use fuseau::system::{Clock, Ids, state};
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

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

const HOMES: [&str; 7] = [
    "Europe/London",
    "Europe/Paris",
    "Australia/Lord_Howe",
    "America/Vancouver",
    "America/Sao_Paulo",
    "Asia/Singapore",
    "America/New_York",
];

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
            rng,
        }
    }

    fn say(&self, line: &str) {
        self.world.lock().unwrap().say(line);
    }

    /// Starts the daemon on what lies in the state directory.
    fn start(&mut self) -> &Desk {
        if self.desk.is_none() {
            let (store, lock) = run::open(&self.dir, self.clock.now()).expect("the daemon starts");
            // As `run::desk` does, but for the templates, which are checked once.
            let instance = run::instance(&store, &self.ids).expect("an instance");
            let desk = Desk {
                settings: Arc::new(settings(self.policy.clone())),
                composer: self.composer.clone(),
                store,
                clock: self.clock.clone(),
                ids: self.ids.clone(),
                instance: instance.into(),
                state: Some(self.dir.clone()),
                dialler: Dialler::default(),
            };
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
async fn drive<F: Future>(work: F, steps: u32, world: &Shared) -> Option<F::Output> {
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

fn world(rng: &mut Rng, clock: Clock, dir: &Path, verbose: bool, seed: u64, start: Instant, end: Instant) -> World {
    let mut world = World::new(Rng::new(seed ^ 0xABCD), clock, dir.join("state"), verbose);
    let account = |name, rng: &mut Rng| {
        let mut folders = BTreeMap::new();
        let names: &[&str] =
            if rng.chance(500) { &["INBOX", "Clients", "Sent", "Drafts"] } else { &["INBOX", "Sent", "Drafts"] };
        for name in names {
            folders.insert(*name, Folder { validity: 7, next: 1, lying: Vec::new() });
        }
        let files_itself = rng.chance(500);
        let renames = files_itself && rng.chance(300);
        Account { name, folders, files_itself, renames, hides_next: rng.chance(200) }
    };
    world.accounts = vec![account("studio", rng), account("shop", rng)];
    world.people = people();
    // What lay there before.
    for person in [0, 2, 4] {
        world.happen(Event::Write(person));
    }
    let early: Vec<Event> = std::mem::take(&mut world.events).into_sorted_vec().into_iter().map(|it| it.0.2).collect();
    for event in early {
        if let Event::Arrive { mail, accounts, .. } = event {
            world.mails[mail].before_us = true;
            world.put(accounts[0], "INBOX", mail, Flags::default());
        }
    }
    begin(&mut world, start);
    let trouble = rng.chance(700);
    let mut odds = |most: u64| if trouble && rng.chance(600) { rng.below(most) } else { 0 };
    world.odds =
        Odds { mailbox: odds(40), refused: odds(150), refused_for_good: odds(50), lost: odds(150), doubt: odds(150) };
    plan_faults(rng, &mut world, start, end);
    world
}

fn plan_faults(rng: &mut Rng, world: &mut World, start: Instant, end: Instant) {
    let minutes = (end - start).num_minutes() - 3000;
    let mut some = |most: u64| if rng.chance(500) { rng.below(most) } else { 0 };
    let (pauses, renumbers, drafts) = (some(6), some(8), 40);
    for _ in 0..pauses {
        let from = start + TimeDelta::minutes(rng.between(60, minutes));
        world.plan(from, Event::Pause(true));
        world.plan(from + TimeDelta::minutes(rng.between(3, 2000)), Event::Pause(false));
    }
    world.plan(end - TimeDelta::days(2), Event::Pause(false));
    for _ in 0..renumbers {
        let at = start + TimeDelta::minutes(rng.between(60, minutes));
        let account = usize::try_from(rng.below(2)).unwrap();
        world.plan(at, Event::Renumber { account, folder: rng.pick::<&'static str>(&["INBOX", "Sent", "Clients"]) });
    }
    for _ in 0..drafts {
        let at = start + TimeDelta::minutes(rng.between(60, minutes));
        world.plan(at, Event::SendDraft { account: usize::try_from(rng.below(2)).unwrap() });
    }
}

fn policy(rng: &mut Rng, first: NaiveDate) -> Policy {
    let zones = Zones::bundled();
    let client = |id: &str, name: &str, zone: &str, language, contacts: &[&str]| Client {
        id: id.to_owned(),
        name: name.to_owned(),
        contacts: contacts.iter().map(|c| AddressPattern::parse(c).unwrap()).collect(),
        zone: zones.get(zone).unwrap(),
        language,
        tone: Tone::Formal,
        hours: None,
        holidays: Vec::new(),
        channels: Vec::new(),
        policy: ClientPolicy::Normal,
        mode: None,
    };
    let mode = |rng: &mut Rng| match rng.below(10) {
        0 => Mode::Observe,
        1 => Mode::Draft,
        _ => Mode::Send,
    };
    let identity = |name: &str, address: &str, trusted: &[&str], mode| Identity {
        name: name.to_owned(),
        address: EmailAddress::parse(address).unwrap(),
        aliases: Vec::new(),
        mode,
        trusted_authserv: trusted.iter().map(ToString::to_string).collect(),
        provider: None,
        own_lists: Vec::new(),
        team: Vec::new(),
        contact_form_senders: Vec::new(),
        envelope_sender: EnvelopeSender::Account,
        sent_copy: SentCopy::Auto,
    };
    let (studio, shop) = (mode(rng), mode(rng));
    Policy {
        owner: owner(rng, &zones, first),
        clients: vec![
            client("acme", "Acme Pte Ltd", "Asia/Singapore", Language::En, &["@acme.example"]),
            client("keller", "Keller AG", "Europe/Zurich", Language::De, &["urs@keller.example"]),
            client("sampa", "Sampa Ltda", "America/Sao_Paulo", Language::Pt, &["joao@sampa.example"]),
            client("cascade", "Cascade Inc", "America/Vancouver", Language::En, &["@cascade.example"]),
            client("rose", "Rose SARL", "Europe/Paris", Language::Fr, &["rose@paris.example"]),
            client("island", "Island Tours", "Australia/Lord_Howe", Language::En, &["howie@island.example"]),
            client("tickets", "Tickets BV", "Europe/Paris", Language::Nl, &["desk@tickets.example"]),
            client("echo", "Echo KK", "Asia/Singapore", Language::Ja, &["hello@echo.example"]),
        ],
        mailboxes: vec![
            identity("studio", "claire@studio.example", &["mx.studio.example"], studio),
            identity("shop", "claire@shop.example", &[], shop),
        ],
        replies: Replies::default(),
        promises: Promises::default(),
        zones,
    }
}

fn owner(rng: &mut Rng, zones: &Zones, first: NaiveDate) -> Owner {
    let day = |rng: &mut Rng, from: i64, to: i64| {
        first.checked_add_days(Days::new(u64::try_from(rng.between(from, to)).unwrap())).unwrap()
    };
    let trips = if rng.chance(600) {
        let from = day(rng, 1, 10);
        let hours = rng.chance(300).then(|| hours(rng));
        let zone = zones.get(rng.pick::<&str>(&HOMES)).unwrap();
        let to = from.checked_add_days(Days::new(rng.below(9))).unwrap();
        vec![Trip { from, to, zone, place: Some("Elsewhere".to_owned()), hours }]
    } else {
        Vec::new()
    };
    let closures = if rng.chance(500) {
        let from = day(rng, 1, 15);
        vec![Closure { from, to: from.checked_add_days(Days::new(rng.below(8))).unwrap(), note: None }]
    } else {
        Vec::new()
    };
    Owner {
        name: "Claire Martin".to_owned(),
        zone: zones.get(rng.pick::<&str>(&HOMES)).unwrap(),
        languages: vec![Language::Fr, Language::En],
        hours: hours(rng),
        holidays: Vec::new(),
        closures,
        trips,
    }
}

/// Random windows; some in the night, when clocks change, some over midnight.
fn hours(rng: &mut Rng) -> WeeklyHours {
    use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    let clock = |minute: u32| NaiveTime::from_hms_opt(minute / 60 % 24, minute % 60, 0).unwrap();
    let spans = |rng: &mut Rng| {
        let mut spans = Vec::new();
        let mut minute = 0;
        for _ in 0..=rng.below(4) {
            let open = minute + u32::try_from(rng.between(15, 500)).unwrap() / 15 * 15;
            let close = open + u32::try_from(rng.between(1, 8)).unwrap() * 15;
            if close > 1440 {
                break;
            }
            spans.push(Span { open: clock(open), close: clock(close) });
            minute = close;
        }
        if minute < 1400 && rng.chance(200) {
            spans.push(Span { open: clock(1410), close: clock(20) });
        }
        spans
    };
    let mut week = WeeklyHours::default();
    for day in [Mon, Tue, Wed, Thu, Fri] {
        let found = spans(rng);
        week.set(day, found);
    }
    for day in [Sat, Sun] {
        if rng.chance(400) {
            let found = spans(rng);
            week.set(day, found);
        }
    }
    if week.is_empty() {
        week.set(Mon, vec![Span { open: clock(540), close: clock(600) }]);
    }
    week
}

fn settings(policy: Policy) -> Settings {
    let mailboxes = policy.mailboxes.iter().map(|identity| MailboxSettings {
        name: identity.name.clone(),
        incoming: account::Incoming::Maildir(account::MaildirAccount { root: PathBuf::new() }),
        outgoing: None,
        folders: FolderNames::default(),
        poll_every: Duration::from_secs(300),
    });
    Settings {
        mailboxes: mailboxes.collect(),
        policy,
        templates: Vec::new(),
        state: None,
        digest: Digest { to: None, at: DigestTimes::Off },
        files: Vec::new(),
        warnings: Vec::new(),
    }
}
