//! A quarter of drafts on the production turn: three projects in three zones, two machines that look after one mailbox, changes
//! of clocks, a trip, deaths at any call, an owner who sends, deletes and rewrites drafts, clients who answer and pay.
use super::life::drive;
use super::peers::{Server, Shared, Smtp, field};
use super::rng::Rng;
use super::setting;
use super::world::{Account, Doom, Instant, Store as Folder, World};
use chrono::{DateTime, Datelike as _, NaiveDate, TimeDelta, Timelike as _, Weekday};
use chrono_tz::Tz;
use fuseau::compose::Composer;
use fuseau::config;
use fuseau::daemon::Desk;
use fuseau::daemon::error::TurnError;
use fuseau::daemon::ports::Mailbox as _;
use fuseau::daemon::turn::{Cause, Turned, turn};
use fuseau::decide::occasion::local_id;
use fuseau::mailbox::{Flags, Folders};
use fuseau::model::{EmailAddress, Zones, account::FolderNames};
use fuseau::system::{Clock, Ids, state};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

const CONFIG: &str = r#"
[me]
name = "Claire Martin"
zone = "Europe/London"
languages = ["en", "fr"]
[hours]
mon-fri = ["09:00-09:30", "16:30-17:00"]
[digest]
at = "off"
[[trip]]
from = 2027-02-08
to = 2027-02-19
zone = "Asia/Singapore"
place = "Singapore"
[mailbox.studio]
address = "claire@studio.example"
mode = "draft"
commands = true
imap = { host = "imap.example.com", user = "claire", password = { env = "PW" } }
outgoing = "out"
[client.acme]
contacts = ["anna@acme.example"]
zone = "Asia/Singapore"
holidays = ["SG"]
[client.keller]
contacts = ["eva@keller.example"]
zone = "America/New_York"
birthdays = { "Eva Keller" = "02-29" }
[client.boreal]
contacts = ["jo@boreal.example"]
zone = "Australia/Sydney"
since = 2020-01-20
[project.relaunch]
client = "acme"
title = "Website relaunch"
cadence = "every thursday 16:00"
[[project.relaunch.invoice]]
number = "2027-014"
amount = "2400 EUR"
due = 2027-01-29
# PAID
[project.shop]
client = "keller"
title = "Shop"
cadence = "every 2 weeks monday 09:30"
[[project.shop.invoice]]
number = "2027-020"
amount = "1800 USD"
due = 2027-03-12
[project.app]
client = "boreal"
title = "App"
cadence = "every month tuesday 02:30"
"#;

const CLIENTS: [(&str, &str, Tz); 3] = [
    ("acme", "anna@acme.example", Tz::Asia__Singapore),
    ("keller", "eva@keller.example", Tz::America__New_York),
    ("boreal", "jo@boreal.example", Tz::Australia__Sydney),
];
const OWN: &str = "claire@studio.example";
const MORNING: &str = "Fuseau/Their morning";
/// So late a draft may be: a machine that died is back after minutes.
const LATE: TimeDelta = TimeDelta::minutes(20);

/// One installation.
struct Machine {
    dir: PathBuf,
    ids: Ids,
    desk: Option<(Desk, state::Lock)>,
    session: Option<(Server, Smtp, Folders)>,
    next: Instant,
}

struct Quarter {
    rng: Rng,
    world: Shared,
    clock: Clock,
    composer: Arc<Composer>,
    zones: Zones,
    machines: Vec<Machine>,
    paid: bool,
    keys: BTreeMap<String, String>,
    /// Message-IDs of drafts that lie there, or lay there and were withdrawn.
    seen: BTreeSet<String>,
    /// Those that the owner ended.
    over: BTreeSet<String>,
    /// Those that the owner wrote in, with their bytes.
    edited: BTreeMap<String, Vec<u8>>,
    /// Those that the owner handed over for the client's morning, and when; until they left.
    handed: BTreeMap<String, Instant>,
    /// Mails that left, as far as they were looked at.
    left: usize,
    kinds: BTreeMap<String, u32>,
    deaths: u32,
    letters: u32,
}

fn at(text: &str) -> Instant {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

impl Quarter {
    fn new(seed: u64, machines: usize, dir: &Path) -> Self {
        let start = at("2027-01-03T20:00:00Z");
        let clock = Clock::standing_at(start);
        let mut world = World::new(Rng::new(seed ^ 0xABCD), clock.clone(), dir.join("pause"), false);
        let folders =
            ["INBOX", "Sent", "Drafts", MORNING].map(|name| (name, Folder { validity: 7, next: 1, lying: Vec::new() }));
        world.accounts = vec![Account {
            name: "studio",
            folders: folders.into_iter().collect(),
            files_itself: true,
            renames: false,
            hides_next: false,
        }];
        let machine = |n: usize| Machine {
            dir: dir.join(n.to_string()),
            ids: Ids::seeded(seed * 10 + n as u64),
            desk: None,
            session: None,
            next: start,
        };
        Self {
            rng: Rng::new(seed),
            world: Arc::new(Mutex::new(world)),
            clock,
            composer: Arc::new(Composer::built_in().unwrap()),
            zones: Zones::bundled(),
            machines: (0..machines).map(machine).collect(),
            paid: false,
            keys: BTreeMap::new(),
            seen: BTreeSet::new(),
            over: BTreeSet::new(),
            edited: BTreeMap::new(),
            handed: BTreeMap::new(),
            left: 0,
            kinds: BTreeMap::new(),
            deaths: 0,
            letters: 0,
        }
    }

    fn desk(&mut self, n: usize) -> Desk {
        let text = if self.paid { CONFIG.replace("# PAID", "paid = 2027-02-08") } else { CONFIG.to_owned() };
        let machine = &mut self.machines[n];
        let (composer, zones, clock) = (&self.composer, &self.zones, &self.clock);
        let (desk, _) = machine.desk.get_or_insert_with(|| {
            let settings = config::parse(&text, Path::new("/tmp/fuseau.toml"), zones).unwrap_or_else(|e| panic!("{e}"));
            setting::desk(settings, composer, clock, &machine.ids, &machine.dir)
        });
        desk.clone()
    }

    /// One turn of one machine; it may die in it, and is back after a few minutes.
    async fn turn(&mut self, n: usize, mortal: bool) {
        let desk = self.desk(n);
        let doomed = mortal && self.rng.chance(120);
        let (steps, doom) = match (doomed, self.rng.chance(500)) {
            (false, _) => (u32::MAX, None),
            (true, true) => (u32::try_from(self.rng.below(40)).unwrap(), None),
            (true, false) => {
                let calls = u32::try_from(self.rng.below(30)).unwrap();
                (u32::MAX, Some(Doom { calls, after: self.rng.chance(500) }))
            }
        };
        {
            let mut world = self.world.lock().unwrap();
            (world.turn_at, world.doom, world.dead) = (world.now(), doom, false);
        }
        let (world, session) = (self.world.clone(), self.machines[n].session.take());
        let work = async {
            let (mut server, mut smtp, folders) = match session {
                Some(session) => session,
                None => {
                    let mut server = Server::new(&world, 0);
                    let folders = server.folders(&FolderNames::default()).await?;
                    (server, Smtp::new(&world, 0), folders)
                }
            };
            let turned = turn(&desk, "studio", &folders, Cause::Poll, &mut server, &mut smtp).await?;
            Ok::<_, TurnError>((turned, (server, smtp, folders)))
        };
        let ended: Option<Result<(Turned, _), TurnError>> = drive(work, steps, &world).await;
        drop(desk);
        let now = self.clock.now();
        let machine = &mut self.machines[n];
        match ended {
            Some(done) => {
                let (turned, session) = done.expect("nothing but death goes wrong");
                machine.session = Some(session);
                let poll = now + TimeDelta::hours(8);
                machine.next = turned.wake_at.map_or(poll, |wake| poll.min(wake.max(now + TimeDelta::seconds(1))));
            }
            None => {
                self.deaths += 1;
                (machine.desk, machine.session) = (None, None);
                machine.next = now + TimeDelta::seconds(self.rng.between(1, 300));
            }
        }
        self.learn();
    }

    /// Which Message-ID belongs to which occasion.
    fn learn(&mut self) {
        let own = EmailAddress::parse(OWN).unwrap();
        for machine in &self.machines {
            let Some((desk, _)) = &machine.desk else { continue };
            for made in desk.store.read_blocking(|tx| tx.occasions(at("2026-01-01T00:00:00Z"))).unwrap() {
                self.keys.insert(format!("<{}@studio.example>", local_id(&made.key, &own)), made.key);
            }
        }
    }

    /// The drafts of occasions that lie there: Message-ID and bytes.
    fn lying(&self) -> Vec<(String, Vec<u8>)> {
        let world = self.world.lock().unwrap();
        let all = &world.accounts[0].folders["Drafts"].lying;
        let with = all.iter().map(|one| (field(&one.bytes, "Message-ID"), one.bytes.as_ref().clone()));
        with.filter(|(id, _)| id.starts_with("<draft.")).collect()
    }

    fn check(&mut self) {
        let now = self.clock.now();
        self.look_out();
        let lying = self.lying();
        for (id, bytes) in &lying {
            let Some(key) = self.keys.get(id).cloned() else { continue };
            let what = format!("{now} {key}");
            assert_eq!(lying.iter().filter(|(other, _)| other == id).count(), 1, "{what}: two");
            assert!(!self.over.contains(id), "{what}: it came back");
            if let Some(edited) = self.edited.get(id) {
                assert_eq!(bytes, edited, "{what}: the owner wrote in it");
            } else {
                assert!(!(self.paid && key.starts_with("payment:relaunch")), "{what}: it is paid");
            }
            if self.seen.insert(id.clone()) {
                hour(&key, now);
                *self.kinds.entry(key.split(':').next().unwrap().to_owned()).or_default() += 1;
            }
        }
        for id in self.edited.keys() {
            assert!(
                lying.iter().any(|(other, _)| other == id),
                "{now} {:?}: what the owner wrote is gone",
                self.keys[id]
            );
        }
    }

    /// What was handed over leaves at the beginning of the client's working day, and nothing else leaves.
    fn look_out(&mut self) {
        let world = self.world.clone();
        let world = world.lock().unwrap();
        for mail in world.accepted.iter().skip(self.left) {
            let tz = CLIENTS.iter().find(|(_, address, _)| *address == mail.to).unwrap().2;
            let there = mail.at.with_timezone(&tz);
            let handed = self.handed.remove(&mail.message_id);
            assert!(handed.is_some_and(|at| at < mail.at), "{there}: {} left", mail.subject);
            let weekend = matches!(there.weekday(), Weekday::Sat | Weekday::Sun);
            // After a death in the middle of it somewhat later: a claim is nobody else's for a while.
            assert!(there.hour() == 9 && !weekend, "{} left at {there}", mail.subject);
        }
        self.left = world.accepted.len();
        for (id, at) in &self.handed {
            assert!(
                world.now() - *at < TimeDelta::days(6),
                "{:?} was handed over at {at} and did not leave",
                self.keys[id]
            );
        }
    }

    fn remove(&mut self, id: &str) {
        let mut world = self.world.lock().unwrap();
        let folder = world.accounts[0].folders.get_mut("Drafts").unwrap();
        folder.lying.retain(|one| field(&one.bytes, "Message-ID") != id);
    }

    fn put(&mut self, folder: &'static str, mail: String) {
        let mut world = self.world.lock().unwrap();
        let copy = world.copy(Arc::new(mail.replace("\r\n", "\n").replace('\n', "\r\n").into_bytes()), String::new());
        world.put(0, folder, copy, Flags { seen: true, ..Flags::default() });
    }

    fn letter(&mut self, from: &str, to: &str, subject: &str, text: &str) -> String {
        self.letters += 1;
        let id = format!("<l{}@{}>", self.letters, from.split('@').nth(1).unwrap());
        format!(
            "Return-Path: <{from}>\nFrom: <{from}>\nTo: <{to}>\nSubject: {subject}\nMessage-ID: {id}\nMIME-Version: 1.0\n\
             Content-Type: text/plain; charset=utf-8\n\n{text}\n"
        )
    }

    /// Somebody does something.
    fn act(&mut self) {
        let (_, address, _) = *self.rng.pick(&CLIENTS);
        let lying: Vec<_> = self.lying().into_iter().filter(|(id, _)| self.keys.contains_key(id)).collect();
        let draft = (!lying.is_empty()).then(|| self.rng.pick(&lying).clone());
        match (self.rng.below(10), draft) {
            // Sent: as it was; under another id, with a note of the first; rewritten under another id.
            (0..3, Some((id, bytes))) => {
                let text = String::from_utf8(bytes).unwrap();
                let mail = match self.rng.below(3) {
                    0 => text,
                    1 => text.replacen(
                        &id,
                        &format!("<s{}@p.example>\r\nX-Google-Original-Message-ID: {id}", self.letters),
                        1,
                    ),
                    _ => format!(
                        "{}I look forward to the fair in March.\n",
                        text.replacen(&id, &format!("<s{}@p.example>", self.letters), 1)
                    ),
                };
                self.letters += 1;
                self.put("Sent", mail);
                self.end(&id);
            }
            (3, Some((id, bytes))) => {
                self.end(&id);
                self.put(MORNING, String::from_utf8(bytes).unwrap());
                self.handed.insert(id, self.clock.now());
            }
            (4, Some((id, _))) => self.end(&id),
            (5, Some((id, bytes))) => {
                let edited = format!("{}A line of my own.\r\n", String::from_utf8(bytes).unwrap());
                self.remove(&id);
                self.put("Drafts", edited.clone());
                self.edited.insert(id, edited.into_bytes());
            }
            (6 | 7, _) => {
                let note = self.letter(OWN, "claire+relaunch@studio.example", "journal", "Another page is done");
                self.put("Sent", note);
            }
            (8, _) => {
                let mail = self.letter(address, OWN, "Logo", "Thank you, we will see.");
                self.put("INBOX", mail);
            }
            _ => {
                let n = self.letters;
                let mail = self.letter(OWN, address, &format!("Colours {n}"), "Which of the two blues do you prefer?");
                self.put("Sent", mail);
            }
        }
    }

    fn end(&mut self, id: &str) {
        self.remove(id);
        self.edited.remove(id);
        self.over.insert(id.to_owned());
    }

    async fn live(mut self) -> String {
        let end = at("2027-04-10T00:00:00Z");
        let mut acts = self.clock.now() + TimeDelta::hours(5);
        for n in 0..self.machines.len() {
            self.turn(n, false).await;
        }
        loop {
            let (n, next) = self.machines.iter().map(|it| it.next).enumerate().min_by_key(|(_, at)| *at).unwrap();
            if next.min(acts) > end {
                break;
            }
            self.clock.move_to(next.min(acts).max(self.clock.now()));
            if next <= acts {
                self.turn(n, true).await;
                self.check();
                continue;
            }
            // Every machine has seen what lies there before somebody acts.
            for n in 0..self.machines.len() {
                self.turn(n, false).await;
            }
            self.check();
            self.act();
            if !self.paid && acts > at("2027-02-08T12:00:00Z") {
                self.paid = true;
                self.machines.iter_mut().for_each(|it| (it.desk, it.session) = (None, None));
            }
            for n in 0..self.machines.len() {
                self.turn(n, false).await;
            }
            self.check();
            acts += TimeDelta::minutes(self.rng.between(300, 2400));
        }
        format!("{} letters, {} deaths, {} left in the morning, {:?}", self.letters, self.deaths, self.left, self.kinds)
    }
}

/// Whether a draft of an occasion may appear at this moment, on the clock of whom it concerns.
fn hour(key: &str, now: Instant) {
    let parts: Vec<&str> = key.split(':').collect();
    let working = |tz: Tz| {
        let there = now.with_timezone(&tz);
        let weekend = matches!(there.weekday(), Weekday::Sat | Weekday::Sun);
        assert!(!weekend && (9..18).contains(&there.hour()), "{key} appears at {there}");
        there
    };
    let of = |id: &str| CLIENTS.iter().find(|(client, ..)| *client == id).unwrap().2;
    match parts[0] {
        "progress" => {
            let date: NaiveDate = parts[2].parse().unwrap();
            let away = date >= "2027-02-08".parse().unwrap() && date <= "2027-02-19".parse().unwrap();
            let tz = if away { Tz::Asia__Singapore } else { Tz::Europe__London };
            let wall = match parts[1] {
                "relaunch" => (16, 0),
                "shop" => (9, 30),
                _ => (2, 30),
            };
            let due = date.and_hms_opt(wall.0, wall.1, 0).unwrap().and_local_timezone(tz).unwrap();
            let late = now - due.to_utc();
            // Before anybody looked.
            let early = due.to_utc() < at("2027-01-03T20:00:00Z");
            assert!(early || TimeDelta::zero() <= late && late <= LATE, "{key} appears at {}", now.with_timezone(&tz));
        }
        "payment" => {
            let tz = if parts[1] == "relaunch" { Tz::Asia__Singapore } else { Tz::America__New_York };
            let due: NaiveDate = if parts[1] == "relaunch" { "2027-01-29" } else { "2027-03-12" }.parse().unwrap();
            let days: i64 = parts[3].parse().unwrap();
            let there = working(tz);
            // All of these are working days there.
            assert_eq!(there.date_naive(), due + TimeDelta::days(days), "{key}");
            assert!(there.hour() == 9 && i64::from(there.minute()) <= LATE.num_minutes(), "{key} appears at {there}");
        }
        "greeting" => {
            let there = working(of(parts[1]));
            // 28 February 2027 is a Sunday: the Friday before it.
            let day = if parts[1] == "keller" { (2, 26) } else { (1, 20) };
            assert_eq!((there.month(), there.day(), there.hour()), (day.0, day.1, 9), "{key}");
        }
        "trip" | "check-in" => drop(working(of(parts[1]))),
        "follow-up" => {
            let anywhere = CLIENTS.iter().any(|(_, _, tz)| {
                let there = now.with_timezone(tz);
                there.hour() == 9 && !matches!(there.weekday(), Weekday::Sat | Weekday::Sun)
            });
            assert!(anywhere, "{key} appears at {now}");
        }
        _ => panic!("{key}"),
    }
}

#[test]
fn a_quarter_of_drafts() {
    let shm = Path::new("/dev/shm");
    for (seed, machines) in [(1, 1), (2, 2)] {
        let place = if shm.is_dir() { tempfile::tempdir_in(shm) } else { tempfile::tempdir() }.unwrap();
        let runtime =
            tokio::runtime::Builder::new_current_thread().max_blocking_threads(1).enable_all().build().unwrap();
        let quarter = Quarter::new(seed, machines, place.path());
        let said = runtime.block_on(quarter.live());
        println!("seed {seed}, {machines} machines: {said}");
    }
}
