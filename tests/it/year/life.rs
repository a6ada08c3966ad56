//! One life: clients who write, an owner who answers in many ways or not at all, and the production turn, which wakes
//! when it wants to. Time jumps to whatever comes next.
use super::checks::{Checker, Conversation, Left};
use super::days::Ends;
use super::letters;
use super::people::{PEOPLE, config};
use crate::simulation::Rng;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use fuseau::daemon::turn::{Cause, Turned, turn};
use fuseau::daemon::{Desk, dial, dial::Courier, run};
use fuseau::mailbox::{Connection, Folders};
use fuseau::model::Zones;
use fuseau::system::net::BoxedWire;
use fuseau::system::{Clock, Ids, state};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

type Instant = DateTime<Utc>;

/// What happens by itself; the number is a person's or a conversation's.
#[derive(Clone, Copy, Debug)]
enum Event {
    Ask(usize),
    Again(usize),
    Thanks(usize),
    Reply(usize),
    NewMail(usize),
    Flag(usize),
    Draft(usize),
    FinishDraft(usize),
    Tidy(usize),
}

struct Life {
    rng: Rng,
    dir: PathBuf,
    desk: Desk,
    folders: Folders,
    server: Connection<BoxedWire>,
    courier: Courier,
    events: BTreeMap<(Instant, u64), Event>,
    planned: u64,
    files: u32,
    /// Files that belong to each conversation.
    lying: Vec<Vec<PathBuf>>,
    checker: Checker,
    end: Instant,
    verbose: bool,
    turns: u32,
    _lock: state::Lock,
}

/// Lives `days` days from `start`; figures, or what did not hold.
pub fn live(seed: u64, start: NaiveDate, days: u64, verbose: bool) -> Result<String, String> {
    let shm = Path::new("/dev/shm");
    let place = if shm.is_dir() { tempfile::tempdir_in(shm) } else { tempfile::tempdir() }.unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut life = Life::new(seed, start, days, place.path(), verbose).await;
        life.pass().await?;
        life.checker.settled(&life.dir.join("state"), life.end);
        life.checker.verdict()?;
        Ok(format!("{days} days, {} turns, {}", life.turns, life.checker.figures()))
    })
}

impl Life {
    async fn new(seed: u64, first: NaiveDate, days: u64, dir: &Path, verbose: bool) -> Self {
        for folder in ["Maildir", "Maildir/.Sent", "Maildir/.Drafts"] {
            for part in ["cur", "new", "tmp"] {
                fs::create_dir_all(dir.join(folder).join(part)).unwrap();
            }
        }
        fs::create_dir_all(dir.join("outgoing")).unwrap();
        let path = dir.join("fuseau.toml");
        fs::write(&path, config()).unwrap();
        state::make_private(&path).unwrap();
        let settings = fuseau::config::load(&path, &Zones::bundled()).unwrap();
        let start = first.and_hms_opt(5, 17, 0).unwrap().and_utc();
        let (store, lock) = crate::support::open_state(&dir.join("state"), start);
        let desk = run::desk(settings, store, &dir.join("state"), Ids::seeded(seed)).unwrap();
        let desk = Desk { clock: Clock::standing_at(start), ..desk };
        crate::ladder::stand_firm(&desk.store, desk.policy());
        let studio = desk.mailbox("studio").unwrap().clone();
        let index = dial::index_dir(desk.state.as_deref(), "studio");
        let mut server = desk.dialler.mailbox(&studio.incoming, &index).await.unwrap();
        let folders = server.folders(&studio.folders).await.unwrap();
        let courier = Courier::new(desk.dialler.clone(), studio.outgoing.clone(), "studio.example");
        let last = first.checked_add_days(Days::new(days)).unwrap();
        let ends = Ends::new(first, last.checked_add_days(Days::new(45)).unwrap());
        let mut life = Self {
            rng: Rng::new(seed),
            dir: dir.to_owned(),
            desk,
            folders,
            server,
            courier,
            events: BTreeMap::new(),
            planned: 0,
            files: 0,
            lying: Vec::new(),
            checker: Checker::new(ends),
            end: start + TimeDelta::days(i64::try_from(days).unwrap()),
            verbose,
            turns: 0,
            _lock: lock,
        };
        for person in 0..PEOPLE.len() {
            life.plan(60, 6 * 24 * 60, Event::Ask(person));
        }
        life.turn().await;
        life
    }

    /// Something happens in so many minutes, from `least` to `most`.
    fn plan(&mut self, least: i64, most: i64, event: Event) {
        let minutes = self.rng.between(least, most);
        self.planned += 1;
        let at = self.desk.clock.now() + TimeDelta::minutes(minutes) + TimeDelta::seconds(self.rng.between(0, 59));
        self.events.insert((at, self.planned), event);
    }

    async fn pass(&mut self) -> Result<(), String> {
        let mut wake = None;
        let mut idle = 0;
        loop {
            let now = self.desk.clock.now();
            let event = self.events.first_key_value().map(|((at, _), _)| *at);
            // As the worker does it: at least a moment later.
            let wake_at: Option<Instant> = wake.map(|at: Instant| at.max(now + TimeDelta::milliseconds(500)));
            let Some(at) = event.into_iter().chain(wake_at).min().filter(|at| *at <= self.end) else { return Ok(()) };
            idle = if at - now < TimeDelta::seconds(30) { idle + 1 } else { 0 };
            if idle > 60 {
                return Err(format!("the daemon spins at {now}"));
            }
            self.desk.clock.move_to(at.max(now));
            while let Some(entry) = self.events.first_entry().filter(|entry| entry.key().0 <= at) {
                let event = entry.remove();
                self.happen(event);
            }
            let turned = self.turn().await;
            wake = turned.wake_at;
            if turned.sent > 0 {
                self.collect();
                self.checker.verdict()?;
            }
        }
    }

    async fn turn(&mut self) -> Turned {
        self.turns += 1;
        let Self { desk, folders, server, courier, .. } = self;
        turn(desk, "studio", folders, Cause::Poll, server, courier).await.unwrap()
    }

    fn happen(&mut self, event: Event) {
        if self.verbose {
            println!("{} {event:?}", self.desk.clock.now());
        }
        match event {
            Event::Ask(person) => {
                let number = self.checker.conversations.len();
                self.checker.conversations.push(Conversation::of(person));
                self.lying.push(Vec::new());
                let (subject, text) = letters::question(PEOPLE[person].language, number);
                self.client_writes(number, &subject, &text, false);
                self.plan(5 * 24 * 60, 25 * 24 * 60, Event::Ask(person));
                self.owner_plans(number);
            }
            Event::Again(number) => {
                let language = PEOPLE[self.checker.conversations[number].person].language;
                let (subject, _) = letters::question(language, number);
                self.client_writes(number, &format!("Re: {subject}"), &letters::again(language, number), false);
                self.owner_plans(number);
            }
            Event::Thanks(number) => {
                let language = PEOPLE[self.checker.conversations[number].person].language;
                let (subject, _) = letters::question(language, number);
                self.client_writes(number, &format!("Re: {subject}"), letters::thanks(language), true);
            }
            Event::Reply(number) | Event::NewMail(number) => {
                self.owner_writes(number, ".Sent/cur", matches!(event, Event::Reply(_)));
                self.answered(number, matches!(event, Event::NewMail(_)));
            }
            Event::Flag(number) => {
                if let Some(path) = self.lying[number].last().cloned().filter(|path| path.is_file()) {
                    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                    let flagged = self.dir.join("Maildir/cur").join(format!("{name}:2,RS"));
                    fs::rename(&path, &flagged).unwrap();
                    *self.lying[number].last_mut().unwrap() = flagged;
                    self.answered(number, false);
                }
            }
            Event::Draft(number) => {
                let path = self.owner_writes(number, ".Drafts/cur", true);
                self.lying[number].push(path);
                self.plan(5, 26 * 60, Event::FinishDraft(number));
            }
            Event::FinishDraft(number) => {
                let drafts = self.lying[number].extract_if(.., |path| path.to_string_lossy().contains(".Drafts"));
                drafts.for_each(|path| fs::remove_file(path).unwrap());
                self.owner_writes(number, ".Sent/cur", true);
                self.answered(number, false);
            }
            Event::Tidy(number) => {
                for path in std::mem::take(&mut self.lying[number]) {
                    let _ = fs::remove_file(path);
                }
            }
        }
    }

    /// What the owner will do about a message that has just come.
    fn owner_plans(&mut self, number: usize) {
        // At once, in the next windows, late, far too late; or never.
        let (least, most) = match self.rng.below(100) {
            0..8 => (0, 4),
            8..40 => (20, 5 * 60),
            40..62 => (5 * 60, 24 * 60),
            62..84 => (20 * 60, 5 * 24 * 60),
            _ => return self.plan(6 * 24 * 60, 9 * 24 * 60, Event::Tidy(number)),
        };
        match self.rng.below(10) {
            0 => self.plan(least, most, Event::Flag(number)),
            1 => self.plan(least, most, Event::NewMail(number)),
            2 => self.plan(least, most, Event::Draft(number)),
            _ => self.plan(least, most, Event::Reply(number)),
        }
        if self.rng.chance(150) {
            self.plan(30, 3 * 24 * 60, Event::Again(number));
        }
    }

    fn answered(&mut self, number: usize, to_the_client: bool) {
        let (now, person) = (self.desk.clock.now(), self.checker.conversations[number].person);
        for (other, it) in self.checker.conversations.iter_mut().enumerate() {
            // A mail that belongs to no conversation answers all that the client has asked.
            if other == number || to_the_client && it.person == person {
                it.answered_at = Some(now);
            }
        }
        match self.rng.below(10) {
            0..3 => self.plan(10, 24 * 60, Event::Thanks(number)),
            3..5 => self.plan(60, 3 * 24 * 60, Event::Again(number)),
            _ => {}
        }
        self.plan(24 * 60, 4 * 24 * 60, Event::Tidy(number));
    }

    fn client_writes(&mut self, number: usize, subject: &str, text: &str, thanks: bool) {
        let now = self.desk.clock.now();
        let person = &PEOPLE[self.checker.conversations[number].person];
        let it = &mut self.checker.conversations[number];
        let id = format!("c{number}.{}@{}.example", it.messages.len(), person.key);
        let parents: Vec<String> = it.messages.iter().map(|id| format!("<{id}>")).collect();
        it.messages.push(id.clone());
        if thanks {
            it.thanks.push(id.clone());
        } else {
            it.asked_at = now;
        }
        let mut mail = format!(
            "Return-Path: <{0}>\nAuthentication-Results: mx.studio.example; dmarc=pass header.from={1}.example\n\
             From: {1} <{0}>\nTo: claire@studio.example\nSubject: {subject}\nMessage-ID: <{id}>\n\
             Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n",
            person.address(),
            person.key
        );
        if let Some(parent) = parents.last() {
            let _ = writeln!(mail, "In-Reply-To: {parent}\nReferences: {}", parents.join(" "));
        }
        let path = self.put("new", "", &format!("{mail}\n{text}\n"));
        self.lying[number].push(path);
    }

    fn owner_writes(&mut self, number: usize, folder: &str, in_conversation: bool) -> PathBuf {
        let it = &self.checker.conversations[number];
        let (to, last) = (PEOPLE[it.person].address(), it.messages.last().unwrap().clone());
        let flags = if folder == ".Drafts/cur" { ":2,DS" } else { ":2,S" };
        let thread =
            if in_conversation { format!("In-Reply-To: <{last}>\nReferences: <{last}>\n") } else { String::new() };
        let mail = format!(
            "From: Claire <claire@studio.example>\nTo: {to}\nSubject: Answer {number}\nMessage-ID: <own-{}@studio.example>\n\
             {thread}\nHere it is.\n",
            self.files
        );
        let path = self.put(folder, flags, &mail);
        if folder == ".Sent/cur" {
            self.lying[number].push(path.clone());
        }
        path
    }

    fn put(&mut self, folder: &str, info: &str, mail: &str) -> PathBuf {
        self.files += 1;
        let now = self.desk.clock.now();
        let path =
            self.dir.join("Maildir").join(folder).join(format!("{}.M{}P1.test{info}", now.timestamp(), self.files));
        fs::write(&path, mail.replace('\n', "\r\n")).unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(now.into()).unwrap();
        path
    }

    /// What left in this turn is judged.
    fn collect(&mut self) {
        let now = self.desk.clock.now();
        for entry in fs::read_dir(self.dir.join("outgoing")).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let bytes = fs::read(&path).unwrap();
                fs::remove_file(&path).unwrap();
                let left = Left::read(&self.dir.join("state"), &self.checker.conversations, &bytes, now);
                if self.verbose {
                    println!("{left:?}");
                }
                self.checker.look(left);
            }
        }
    }
}
