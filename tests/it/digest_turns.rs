//! The digest through the production turn, on a Maildir and a clock that moves on: when one comes, how often, and what becomes of it.
use chrono::{DateTime, TimeDelta, Timelike};
use fuseau::daemon::turn::{Cause, Turned, turn};
use fuseau::daemon::{Desk, dial, dial::Courier, run};
use fuseau::mailbox::{Connection, Folders};
use fuseau::model::{Instant, NoticeCode, Zones};
use fuseau::store::{MailState, NewNotice, OutboxRow, SentCopyState};
use fuseau::system::net::BoxedWire;
use fuseau::system::{Clock, Ids, state};
use std::fs;

const CONFIG: &str = r#"
state = "state"
[me]
name = "Claire Martin"
zone = "Europe/London"
languages = ["en", "fr"]
[hours]
mon-fri = ["09:00-09:30", "11:30-12:00", "16:30-17:00"]
[[closed]]
from = 2027-01-14
to = 2027-01-14
[mailbox.studio]
address = "claire@studio.example"
aliases = ["hello@studio.example"]
maildir = "Maildir"
outgoing = "outgoing"
trusted_authserv = ["mx.studio.example"]
[client.acme]
name = "Acme Pte Ltd"
contacts = ["@acme.example"]
zone = "Asia/Singapore"
language = "en"
"#;

fn at(text: &str) -> Instant {
    DateTime::parse_from_rfc3339(&format!("{text}:00Z")).unwrap().to_utc()
}

struct World {
    dir: tempfile::TempDir,
    desk: Desk,
    folders: Folders,
    server: Connection<BoxedWire>,
    courier: Courier,
    mails: u32,
    _lock: state::Lock,
}

impl World {
    /// `more` are lines of the mailbox, then of the rest.
    async fn new(mode: &str, rest: &str, begin: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["Maildir", "Maildir/.Sent", "Maildir/.Drafts"] {
            for part in ["cur", "new", "tmp"] {
                fs::create_dir_all(dir.path().join(folder).join(part)).unwrap();
            }
        }
        fs::create_dir_all(dir.path().join("outgoing")).unwrap();
        let path = dir.path().join("fuseau.toml");
        let config = CONFIG.replace("maildir =", &format!("mode = \"{mode}\"\nmaildir ="));
        fs::write(&path, format!("{config}{rest}")).unwrap();
        state::make_private(&path).unwrap();
        let settings = fuseau::config::load(&path, &Zones::bundled()).unwrap();
        let state_dir = dir.path().join("state");
        let (store, lock) = crate::support::open_state(&state_dir, at(begin));
        let desk = run::desk(settings, store, &state_dir, Ids::seeded(7)).unwrap();
        let desk = Desk { clock: Clock::standing_at(at(begin)), ..desk };
        let settings = desk.mailbox("studio").unwrap().clone();
        let index = dial::index_dir(desk.state.as_deref(), "studio");
        let mut server = desk.dialler.mailbox(&settings.incoming, &index).await.unwrap();
        let folders = server.folders(&settings.folders).await.unwrap();
        let courier = Courier::new(desk.dialler.clone(), settings.outgoing.clone(), "studio.example");
        let mut world = Self { dir, desk, folders, server, courier, mails: 0, _lock: lock };
        world.turn().await;
        world
    }

    async fn turn(&mut self) -> Turned {
        let Self { desk, folders, server, courier, .. } = self;
        turn(desk, "studio", folders, Cause::Poll, server, courier).await.unwrap()
    }

    /// Lets the time pass, waking when the daemon wants to be woken, and at least every quarter of an hour.
    async fn until(&mut self, time: &str) {
        let end = at(time);
        loop {
            let turned = self.turn().await;
            let now = self.desk.clock.now();
            if now >= end {
                return;
            }
            let poll = now + TimeDelta::minutes(15);
            let wake = turned.wake_at.map_or(poll, |wake| wake.clamp(now + TimeDelta::milliseconds(500), poll));
            self.desk.clock.move_to(wake.min(end));
        }
    }

    fn writes(&mut self, from: &str, id: &str) {
        self.mails += 1;
        let now = self.desk.clock.now();
        let domain = from.split_once('@').unwrap().1;
        let path = self.dir.path().join(format!("Maildir/new/{}.M{}P1.test", now.timestamp(), self.mails));
        let mail = format!(
            "Return-Path: <{from}>\nAuthentication-Results: mx.studio.example; dmarc=pass header.from={domain}\n\
             From: Anna <{from}>\nTo: claire@studio.example\nSubject: {id}\nMessage-ID: <{id}@{domain}>\n\nWhen can we talk about {id}?\n"
        );
        fs::write(&path, mail.replace('\n', "\r\n")).unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(now.into()).unwrap();
    }

    fn notice(&self, hook: &str) {
        let now = self.desk.clock.now();
        let new = NewNotice {
            code: NoticeCode::Hook,
            mailbox: None,
            client: None,
            exchange: None,
            values: &[("hook", hook)],
            once: None,
            now,
        };
        self.desk.store.write_blocking(|tx| tx.notice(&new)).unwrap();
    }

    /// The text face of every digest in the inbox, in order of filing.
    fn inbox(&self) -> Vec<String> {
        let mut found: Vec<_> = ["new", "cur"]
            .iter()
            .flat_map(|part| fs::read_dir(self.dir.path().join("Maildir").join(part)).unwrap())
            .map(|entry| entry.unwrap().path())
            .map(|path| fs::read_to_string(path).unwrap())
            .filter(|text| text.contains("X-Fuseau-Id:"))
            .map(|text| {
                let date = text.lines().find_map(|line| line.strip_prefix("Date: ")).unwrap();
                (DateTime::parse_from_rfc2822(date).unwrap(), text.replace('\r', "").replace("=\n", ""))
            })
            .collect();
        found.sort();
        found.into_iter().map(|(_, text)| text).collect()
    }

    fn outgoing(&self) -> Vec<String> {
        let files = fs::read_dir(self.dir.path().join("outgoing")).unwrap().map(|it| it.unwrap().path());
        files.filter(|path| path.is_file()).map(|path| fs::read_to_string(path).unwrap().replace("=\r\n", "")).collect()
    }

    /// Every digest that was made, in order.
    fn rows(&self) -> Vec<OutboxRow> {
        let read = |tx: &fuseau::store::Reader<'_>| {
            let mut rows = Vec::new();
            for it in tx.recent(Instant::UNIX_EPOCH, 500)? {
                rows.extend(tx.outbox_row(&it.entry.id)?.filter(|row| row.kind == "digest"));
            }
            Ok(rows)
        };
        self.desk.store.read_blocking(read).unwrap()
    }

    fn times(&self) -> Vec<String> {
        self.rows().iter().map(|row| row.created_at.format("%a %H:%M").to_string()).collect()
    }
}

fn play<F: Future<Output = ()>>(story: F) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(story);
}

#[test]
fn one_digest_a_window_for_a_week() {
    play(async {
        // Monday, 11 January 2027.
        let mut world = World::new("send", "", "2027-01-11T07:00").await;
        world.until("2027-01-11T09:10").await;
        assert_eq!(world.times(), [""; 0], "nothing to say");
        // Inside the window that was looked at: it waits for the next one.
        world.writes("someone@elsewhere.example", "offer");
        world.until("2027-01-11T13:00").await;
        assert_eq!(world.times(), ["Mon 11:30"]);
        world.until("2027-01-12T09:05").await;
        assert_eq!(world.times(), ["Mon 11:30"], "said once");
        world.writes("anna@acme.example", "launch");
        world.until("2027-01-13T18:00").await;
        world.writes("anna@acme.example", "logo");
        // Thursday is closed.
        world.until("2027-01-18T09:40").await;
        let times = world.times();
        let mut single = times.clone();
        single.dedup();
        assert_eq!(times, single);
        assert!(times.contains(&"Tue 11:30".to_owned()) && times.contains(&"Fri 09:00".to_owned()), "{times:?}");
        for row in world.rows() {
            let (at, weekday) = (row.created_at, row.created_at.format("%a").to_string());
            assert!(!["Thu", "Sat", "Sun"].contains(&weekday.as_str()), "{at}");
            assert!([(9, 0), (11, 30), (16, 30)].contains(&(at.hour(), at.minute())), "{at}");
            assert_eq!((row.state, row.sent_copy, row.automatic), (MailState::Sent, SentCopyState::Unneeded, false));
        }
        // Filed, unread, recognised, and answered by nobody.
        let filed = world.inbox();
        assert_eq!(filed.len(), times.len());
        assert!(filed.iter().all(|mail| mail.contains("Auto-Submitted: auto-generated") && mail.contains("text/html")));
        assert!(filed[0].contains("offer") && !filed[1].contains("offer"), "{}", filed[1]);
        let seen = world.desk.store.read_blocking(|tx| tx.recent(Instant::UNIX_EPOCH, 500)).unwrap();
        let own: Vec<_> = seen
            .iter()
            .filter(|it| it.entry.direction == "in" && it.entry.from.as_deref() == Some("claire@studio.example"))
            .map(|it| it.entry.verdict.unwrap().as_str())
            .collect();
        assert_eq!(own, vec!["own"; filed.len()]);
        assert!(world.outgoing().iter().all(|mail| mail.contains("To: anna@acme.example")), "only the client got mail");
    });
}

#[test]
fn an_outage_leads_to_one_digest() {
    play(async {
        let mut world = World::new("send", "", "2027-01-11T13:00").await;
        world.writes("someone@elsewhere.example", "first");
        world.turn().await;
        world.notice("one");
        // Nothing runs for two days; it comes up in the middle of a window.
        world.desk.clock.move_to(at("2027-01-13T11:40"));
        world.writes("someone@elsewhere.example", "second");
        world.until("2027-01-13T16:20").await;
        assert_eq!(world.times(), ["Wed 11:40"]);
        let mail = world.inbox().remove(0);
        for word in ["first", "second", "The command one failed"] {
            assert!(mail.contains(word), "{word}: {mail}");
        }
        // Started between two windows, it waits for the next one.
        world.desk.clock.move_to(at("2027-01-15T13:00"));
        world.writes("someone@elsewhere.example", "third");
        world.until("2027-01-15T16:25").await;
        assert_eq!(world.times().len(), 1);
        world.until("2027-01-15T16:35").await;
        assert_eq!(world.times(), ["Wed 11:40", "Fri 16:30"]);
    });
}

#[test]
fn what_an_undelivered_digest_told_is_told_again() {
    play(async {
        let mut world = World::new("send", "[digest]\nto = \"claire@elsewhere.example\"\n", "2027-01-11T13:00").await;
        let (there, away) = (world.dir.path().join("outgoing"), world.dir.path().join("away"));
        fs::rename(&there, &away).unwrap();
        fs::write(&there, "no folder").unwrap();
        world.notice("one");
        world.until("2027-01-11T17:10").await;
        assert_eq!(world.rows().last().unwrap().state, MailState::Queued, "{:?}", world.rows().last());
        world.notice("two");
        fs::remove_file(&there).unwrap();
        fs::create_dir(&there).unwrap();
        world.desk.clock.move_to(at("2027-01-12T09:00"));
        world.until("2027-01-12T11:00").await;
        let states: Vec<MailState> = world.rows().iter().map(|row| row.state).collect();
        assert_eq!(states, [MailState::Dropped, MailState::Sent]);
        let mails = world.outgoing();
        assert_eq!(mails.len(), 1);
        assert!(mails[0].contains("command one") && mails[0].contains("command two"), "{}", mails[0]);
        assert!(
            mails[0].contains("To: claire@elsewhere.example") && mails[0].contains("From: \"fuseau\"")
                || mails[0].contains("From: fuseau")
        );
        assert!(world.inbox().is_empty());
        assert_eq!(fs::read_dir(world.dir.path().join("Maildir/.Sent/cur")).unwrap().count(), 0, "no copy in Sent");
        // Told is told.
        world.until("2027-01-12T18:00").await;
        assert_eq!(world.rows().len(), 2);
    });
}

#[test]
fn an_observing_mailbox_is_written_to_only_when_asked() {
    play(async {
        for (rest, wanted) in [
            ("", 0),
            ("[digest]\nat = \"off\"\nto = \"claire@studio.example\"\n", 0),
            ("[digest]\nto = \"hello@studio.example\"\n", 1),
            ("[digest]\nto = \"claire@studio.example\"\nat = [\"10:00\"]\n", 1),
        ] {
            let mut world = World::new("observe", rest, "2027-01-11T08:00").await;
            world.writes("someone@elsewhere.example", "offer");
            world.until("2027-01-11T11:00").await;
            assert_eq!((world.inbox().len(), world.rows().len()), (wanted, wanted), "{rest}");
            assert!(world.outgoing().is_empty());
        }
    });
}

#[test]
fn pause_does_not_hold_the_digest_but_a_wrong_clock_does() {
    play(async {
        let mut world = World::new("send", "", "2027-01-11T08:00").await;
        let all = fuseau::decide::PauseScope::All;
        let pause = |world: &World, until, code: &str| {
            let now = world.desk.clock.now();
            world.desk.store.write_blocking(|tx| tx.pause(&all, at(until), code, now)).unwrap();
        };
        pause(&world, "2027-01-11T10:00", "limit.total");
        world.until("2027-01-11T09:00").await;
        assert_eq!(world.inbox().len(), 1);
        assert!(world.inbox()[0].contains("Too much at once: all automatic mail rests until"), "{}", world.inbox()[0]);
        world.until("2027-01-11T11:29").await;
        pause(&world, "2027-01-11T11:40", "clock");
        world.until("2027-01-11T11:35").await;
        assert_eq!(world.inbox().len(), 1);
        world.until("2027-01-11T11:45").await;
        assert_eq!(world.inbox().len(), 2);
    });
}
