//! Several installations on one mailbox and drafts that are handed over: their turns interleaved at every call, with deaths,
//! days without a machine, refusals, broken lines. Each draft leaves once, is never lost, and does not come back.
use super::number;
use super::peers::{Server, Shared, Smtp, field};
use super::rng::Rng;
use super::setting;
use super::world::{Account, Doom, Instant, Odds, Store as Folder, World};
use chrono::{DateTime, TimeDelta};
use fuseau::compose::Composer;
use fuseau::config;
use fuseau::daemon::Desk;
use fuseau::daemon::error::TurnError;
use fuseau::daemon::ports::Mailbox as _;
use fuseau::daemon::turn::{Cause, turn};
use fuseau::mailbox::{Flags, Folders};
use fuseau::model::{Zones, account::FolderNames};
use fuseau::store::MailState;
use fuseau::system::{Clock, Ids, state};
use futures_util::future::BoxFuture;
use std::collections::BTreeSet;
use std::future::poll_fn;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::task::Poll;

/// Others may take its claim for left behind after so long, and a little.
const LONG: TimeDelta = TimeDelta::minutes(100);
const CONFIG: &str = r#"
[me]
name = "Claire Martin"
zone = "Europe/London"
languages = ["en"]
[hours]
mon-fri = ["09:00-09:30", "16:30-17:00"]
[digest]
at = "off"
[mailbox.studio]
address = "claire@studio.example"
mode = "send"
commands = true
imap = { host = "imap.example.com", user = "claire", password = { env = "PW" } }
outgoing = "out"
[client.acme]
contacts = ["anna@acme.example"]
zone = "Asia/Singapore"
"#;

const MORNING: &str = "Fuseau/Their morning";
const NOW: &str = "Fuseau/Send now";
const NAMES: [&str; 3] = [" A", " B", " C"];
const WISHES: [&str; 2] = [NOW, MORNING];

type Session = (Server, Smtp, Folders);
type Work = BoxFuture<'static, Result<Session, TurnError>>;

struct Machine {
    dir: PathBuf,
    ids: Ids,
    desk: Option<(Desk, state::Lock)>,
    session: Option<Session>,
    back_at: Instant,
}

/// A draft of the owner's, known by its subject.
#[derive(Debug)]
struct Draft {
    subject: String,
    /// Nobody can send it.
    impossible: bool,
    /// The owner took it back at least once.
    taken: bool,
}

struct Life {
    rng: Rng,
    world: Shared,
    clock: Clock,
    composer: Arc<Composer>,
    machines: Vec<Machine>,
    drafts: Vec<Draft>,
    /// Somebody died and was away for so long that others drew conclusions.
    long_away: bool,
    deaths: u32,
    contended: u32,
}

impl Life {
    fn new(seed: u64, dir: &Path) -> Self {
        let mut rng = Rng::new(seed);
        let start: Instant = DateTime::parse_from_rfc3339("2027-01-11T20:00:00Z").unwrap().to_utc();
        let clock = Clock::standing_at(start);
        let mut world =
            World::new(Rng::new(seed ^ 0xABCD), clock.clone(), dir.join("pause"), number("FUSEAU_SEED").is_some());
        let names = ["INBOX", "Sent", "Drafts", NOW, MORNING];
        let folders = names.map(|name| (name, Folder { validity: 7, next: 1, lying: Vec::new() }));
        world.accounts = vec![Account {
            name: "studio",
            folders: folders.into_iter().collect(),
            files_itself: rng.chance(500),
            renames: false,
            hides_next: false,
        }];
        if rng.chance(500) {
            world.odds = Odds { mailbox: 10, refused: 80, refused_for_good: 20, lost: 60, doubt: 20 };
        }
        let machine = |n: u64| Machine {
            dir: dir.join(n.to_string()),
            ids: Ids::seeded(seed * 10 + n),
            desk: None,
            session: None,
            back_at: start,
        };
        let machines = (0..rng.between(2, 3).unsigned_abs()).map(machine).collect();
        Self {
            rng,
            world: Arc::new(Mutex::new(world)),
            clock,
            composer: Arc::new(Composer::built_in().unwrap()),
            machines,
            drafts: Vec::new(),
            long_away: false,
            deaths: 0,
            contended: 0,
        }
    }

    fn desk(&mut self, n: usize) -> Desk {
        let (composer, clock, machine) = (&self.composer, &self.clock, &mut self.machines[n]);
        let (desk, _) = machine.desk.get_or_insert_with(|| {
            let settings = config::parse(CONFIG, Path::new("/tmp/fuseau.toml"), &Zones::bundled()).unwrap();
            setting::desk(settings, composer, clock, &machine.ids, &machine.dir)
        });
        desk.clone()
    }

    fn work(&mut self, n: usize) -> Work {
        let (desk, session, world) = (self.desk(n), self.machines[n].session.take(), self.world.clone());
        let turn = async move {
            let (mut server, mut smtp, folders) = match session {
                Some(session) => session,
                None => {
                    let (mut server, mut smtp) = (Server::new(&world, 0), Smtp::new(&world, 0));
                    (server.yields, smtp.yields) = (true, true);
                    let folders = server.folders(&FolderNames::default()).await?;
                    (server, smtp, folders)
                }
            };
            turn(&desk, "studio", &folders, Cause::Poll, &mut server, &mut smtp).await?;
            Ok((server, smtp, folders))
        };
        // Who is ready goes on, however long the runtime has been kept busy: else a seed gives another life each time.
        Box::pin(tokio::task::unconstrained(turn))
    }

    /// One turn of each of these machines, all at once; one of them may die at any call.
    async fn together(&mut self, who: Vec<usize>, mortal: bool) {
        {
            let doom = (mortal && self.rng.chance(300))
                .then(|| Doom { calls: u32::try_from(self.rng.below(90)).unwrap(), after: self.rng.chance(500) });
            let mut world = self.world.lock().unwrap();
            (world.turn_at, world.doom, world.dead) = (world.now(), doom, false);
        }
        self.contended += u32::from(who.len() > 1);
        let mut running: Vec<(usize, Work)> = Vec::new();
        for n in who {
            running.push((n, self.work(n)));
        }
        while !running.is_empty() {
            let at = usize::try_from(self.rng.below(running.len() as u64)).unwrap();
            // The database works while nobody else does, so that a seed gives one life.
            let (release, held) = std::sync::mpsc::channel::<()>();
            let gate = tokio::task::spawn_blocking(move || held.recv().is_err());
            self.world.lock().unwrap().log.whose = NAMES[running[at].0];
            let polled = poll_fn(|cx| Poll::Ready(running[at].1.as_mut().poll(cx))).await;
            drop(release);
            gate.await.unwrap();
            tokio::task::spawn_blocking(|| ()).await.unwrap();
            let dead = std::mem::take(&mut self.world.lock().unwrap().dead);
            let ended = match polled {
                Poll::Ready(ended) => Some(ended),
                Poll::Pending if dead => None,
                Poll::Pending => continue,
            };
            let (n, work) = running.remove(at);
            drop(work);
            tokio::task::spawn_blocking(|| ()).await.unwrap();
            match ended {
                Some(Ok(session)) => self.machines[n].session = Some(session),
                // A line that broke: the session is over, and what it claimed is free.
                Some(Err(_)) => {
                    let (desk, now) = (self.desk(n), self.clock.now());
                    let free = move |tx: &fuseau::store::Tx<'_>| {
                        fuseau::daemon::recover::release_claims(tx, Some("studio"), now)
                    };
                    desk.store.write(free).await.unwrap();
                }
                None => self.dies(n),
            }
        }
    }

    fn dies(&mut self, n: usize) {
        self.deaths += 1;
        let away = match self.rng.chance(700) {
            true => TimeDelta::seconds(self.rng.between(1, 300)),
            false => TimeDelta::hours(self.rng.between(1, 70)),
        };
        self.long_away |= away > LONG;
        let machine = &mut self.machines[n];
        (machine.desk, machine.session, machine.back_at) = (None, None, self.clock.now() + away);
        self.world.lock().unwrap().doom = None;
    }

    fn put(&mut self, folder: &'static str, mail: String) {
        let mut world = self.world.lock().unwrap();
        let copy = world.copy(Arc::new(mail.replace('\n', "\r\n").into_bytes()), String::new());
        world.log.whose = "";
        world.say(&format!(" owner: a draft in {folder}"));
        world.put(0, folder, copy, Flags { seen: true, draft: true, ..Flags::default() });
    }

    /// Where the draft lies: in Drafts, in folders of wishes.
    fn lies(&self, subject: &str) -> (usize, usize) {
        let world = self.world.lock().unwrap();
        let count = |folder: &str| {
            let lying = &world.accounts[0].folders[folder].lying;
            lying.iter().filter(|one| field(&one.bytes, "Subject") == subject).count()
        };
        (count("Drafts"), WISHES.iter().map(|folder| count(folder)).sum())
    }

    fn left(&self, subject: &str) -> usize {
        self.world.lock().unwrap().accepted.iter().filter(|mail| mail.subject == subject).count()
    }

    fn act(&mut self) {
        match self.rng.below(4) {
            0 | 1 if self.drafts.len() < 6 => {
                let n = self.drafts.len();
                let (subject, impossible) = (format!("Draft {n}"), self.rng.chance(150));
                let to = if impossible { "" } else { "To: <anna@acme.example>\n" };
                let id =
                    if self.rng.chance(200) { String::new() } else { format!("Message-ID: <d{n}@studio.example>\n") };
                let mail =
                    format!("From: <claire@studio.example>\n{to}Subject: {subject}\n{id}\nThese are my words.\n");
                let folder = *self.rng.pick(&WISHES);
                self.put(folder, mail);
                self.drafts.push(Draft { subject, impossible, taken: false });
            }
            // Taken back, or moved to another wish.
            2 if !self.drafts.is_empty() => {
                let n = usize::try_from(self.rng.below(self.drafts.len() as u64)).unwrap();
                let to = if self.rng.chance(500) { "Drafts" } else { *self.rng.pick(&WISHES) };
                let (draft, mut world) = (&mut self.drafts[n], self.world.lock().unwrap());
                let folders = &mut world.accounts[0].folders;
                let mut moves = None;
                for name in ["Drafts", NOW, MORNING] {
                    let lying = &mut folders.get_mut(name).unwrap().lying;
                    let Some(at) = lying.iter().position(|one| field(&one.bytes, "Subject") == draft.subject) else {
                        continue;
                    };
                    if name != "Drafts" {
                        let mut moved = lying.remove(at);
                        moves = Some(format!(" owner: {} from {name} to {to}", draft.subject));
                        draft.taken |= to == "Drafts";
                        let target = folders.get_mut(to).unwrap();
                        moved.uid = target.next;
                        target.next += 1;
                        target.lying.push(moved);
                    }
                    break;
                }
                if let Some(line) = moves {
                    world.log.whose = "";
                    world.say(&line);
                }
            }
            _ => {}
        }
    }

    /// What holds at any time.
    fn check(&self) {
        let now = self.clock.now();
        for draft in &self.drafts {
            let (drafts, wishes) = self.lies(&draft.subject);
            let left = self.left(&draft.subject);
            let what = format!("{now} {draft:?}: {left} left, {drafts} in Drafts, {wishes} in folders of wishes");
            assert!(left < 2, "sent twice: {what}");
            assert!(drafts + wishes < 2, "two of it: {what}");
            assert!(drafts + wishes + left > 0, "lost: {what}");
            assert!(!draft.impossible || left == 0, "{what}");
        }
    }

    async fn live(mut self) -> String {
        // What lies in a folder of wishes when it is first met is nobody's wish.
        self.together((0..self.machines.len()).collect(), false).await;
        for round in 0..50 {
            let calm = round >= 34;
            if calm {
                self.world.lock().unwrap().odds = Odds::default();
            } else {
                self.act();
            }
            let now = self.clock.now();
            let mut who: Vec<usize> = (0..self.machines.len())
                .filter(|n| calm || self.machines[*n].back_at <= now && self.rng_on())
                .collect();
            if who.is_empty() {
                who.push(0);
                self.machines[0].back_at = now;
            }
            self.together(who, !calm).await;
            self.check();
            let pause = *self.rng.pick(&[2, 6, 20, 60, 300, 1800, 3 * 3600, 9 * 3600]);
            if pause > 300 {
                // Who is on does what follows in the next seconds before it sleeps.
                for _ in 0..2 {
                    self.clock.move_to(self.clock.now() + TimeDelta::seconds(10));
                    let now = self.clock.now();
                    let on = (0..self.machines.len()).filter(|n| self.machines[*n].back_at <= now).collect();
                    self.together(on, false).await;
                }
                self.check();
            }
            // Who lies dead while everybody sleeps is away for as long; so is who sleeps on a claim.
            let (now, long) = (self.clock.now(), TimeDelta::seconds(pause) > LONG);
            let asleep = self.machines.iter().any(|machine| machine.back_at > now) || self.claims() > 0;
            self.long_away |= long && asleep;
            self.clock.move_to(now + TimeDelta::seconds(pause));
        }
        // What waits for a morning leaves, and who has just sent something comes to rest.
        for minutes in [300, 300, 300, 300, 300, 5, 5, 5, 5] {
            self.clock.move_to(self.clock.now() + TimeDelta::minutes(minutes));
            self.together((0..self.machines.len()).collect(), false).await;
            self.check();
        }
        self.end()
    }

    fn claims(&self) -> usize {
        let world = self.world.lock().unwrap();
        let lying = WISHES.iter().flat_map(|folder| &world.accounts[0].folders[folder].lying);
        lying.filter(|one| !field(&one.bytes, "X-Fuseau-Claim").is_empty()).count()
    }

    fn rng_on(&self) -> bool {
        self.world.lock().unwrap().rng.chance(800)
    }

    /// What holds when everybody has come to rest.
    fn end(self) -> String {
        let doubted = self.doubted();
        let mut sent = 0;
        for draft in &self.drafts {
            let (drafts, wishes) = self.lies(&draft.subject);
            let left = self.left(&draft.subject);
            let what = format!(
                "{draft:?}: {left} left, {drafts} in Drafts, {wishes} in folders of wishes, long away {}",
                self.long_away
            );
            assert_eq!(wishes, 0, "it waits for ever: {what}");
            let doubt = doubted.contains(&draft.subject);
            if draft.impossible {
                assert_eq!(drafts, 1, "{what}");
            } else if !doubt && !draft.taken && !self.long_away {
                assert_eq!((left, drafts), (1, 0), "{what}");
            } else if !doubt && !draft.taken {
                // Somebody who was away for hours had claimed it: the others gave it back to the owner. Where the server
                // files no copies nobody can know whether it had left.
                let files = self.world.lock().unwrap().accounts[0].files_itself;
                assert!(left + drafts == 1 || !files && (left, drafts) == (1, 1), "{what}");
            }
            let world = self.world.lock().unwrap();
            let copies = world.accounts[0].folders["Sent"].lying.iter();
            let copies = copies.filter(|one| field(&one.bytes, "Subject") == draft.subject).count();
            assert!(copies == left || doubt, "{copies} copies in Sent: {what}");
            sent += left;
        }
        let world = self.world.lock().unwrap();
        for folder in WISHES {
            let lying: Vec<String> =
                world.accounts[0].folders[folder].lying.iter().map(|one| field(&one.bytes, "X-Fuseau-Claim")).collect();
            assert!(lying.is_empty(), "claims stay: {lying:?}");
        }
        format!(
            "{} machines, {} drafts, {sent} sent, {} deaths, {} turns at once",
            self.machines.len(),
            self.drafts.len(),
            self.deaths,
            self.contended
        )
    }

    /// Drafts of which somebody cannot know what became of them, or that were refused for good.
    fn doubted(&self) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        for (desk, _) in self.machines.iter().filter_map(|machine| machine.desk.as_ref()) {
            for row in desk.store.read_blocking(|tx| tx.outbox_newest(500)).unwrap() {
                let given_back = row.last_reply.as_ref().is_some_and(|said| said.starts_with("another installation"));
                if row.state == MailState::Unknown || row.state == MailState::Failed && !given_back {
                    all.insert(row.subject.to_string());
                }
            }
        }
        all
    }
}

#[test]
fn each_draft_leaves_once() {
    let (first, lives) = match number("FUSEAU_SEED") {
        Some(seed) => (seed, 1),
        None => (number("FUSEAU_FIRST").unwrap_or(0), number("FUSEAU_SEEDS").unwrap_or(30)),
    };
    let shm = Path::new("/dev/shm");
    for seed in first..first + lives {
        let place = if shm.is_dir() { tempfile::tempdir_in(shm) } else { tempfile::tempdir() }.unwrap();
        let runtime =
            tokio::runtime::Builder::new_current_thread().max_blocking_threads(1).enable_all().build().unwrap();
        println!("seed {seed}");
        let said = runtime.block_on(Life::new(seed, place.path()).live());
        println!("seed {seed}: {said}");
    }
}
