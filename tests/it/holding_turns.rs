//! Holding replies through the production turn, on a Maildir, a folder for what leaves, and a clock that moves on.
use chrono::{DateTime, TimeDelta};
use fuseau::daemon::turn::{Cause, Turned, turn};
use fuseau::daemon::{Desk, dial, dial::Courier, run};
use fuseau::mailbox::{Connection, Folders};
use fuseau::model::{Instant, Promise, PromiseState, Zones};
use fuseau::store::MailState;
use fuseau::system::net::BoxedWire;
use fuseau::system::{Clock, Ids, state};
use std::fs;
use std::path::PathBuf;

const CONFIG: &str = r#"
state = "state"
[me]
name = "Claire Martin"
zone = "Europe/London"
languages = ["en", "fr"]
[hours]
mon-thu = ["09:00-09:30", "11:30-12:00", "14:00-14:30", "16:30-17:00"]
fri = ["09:00-09:30", "11:30-12:00"]
[digest]
at = "off"
[mailbox.studio]
address = "claire@studio.example"
mode = "send"
maildir = "Maildir"
outgoing = "outgoing"
trusted_authserv = ["mx.studio.example"]
[client.lisboa]
contacts = ["@lisboa.example"]
zone = "Europe/Lisbon"
language = "en"
channels = ["Signal"]
[client.acme]
contacts = ["@acme.example"]
zone = "Asia/Singapore"
language = "en"
hours = { mon-fri = ["09:00-18:30"] }
[client.quiet]
contacts = ["@quiet.example"]
zone = "Europe/Lisbon"
mode = "draft"
"#;

/// Thursday, 14 January 2027; the clock of London and Lisbon.
pub(crate) fn at(time: &str) -> Instant {
    let text = if time.contains('T') { format!("{time}:00Z") } else { format!("2027-01-14T{time}:00Z") };
    DateTime::parse_from_rfc3339(&text).unwrap().to_utc()
}

pub(crate) struct World {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) desk: Desk,
    folders: Folders,
    server: Connection<BoxedWire>,
    courier: Courier,
    mails: u32,
    _lock: state::Lock,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with("").await
    }

    /// With more configuration.
    pub(crate) async fn with(more: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["Maildir", "Maildir/.Sent", "Maildir/.Drafts"] {
            for part in ["cur", "new", "tmp"] {
                fs::create_dir_all(dir.path().join(folder).join(part)).unwrap();
            }
        }
        fs::create_dir_all(dir.path().join("outgoing")).unwrap();
        let config = dir.path().join("fuseau.toml");
        fs::write(&config, format!("{CONFIG}{more}")).unwrap();
        state::make_private(&config).unwrap();
        let settings = fuseau::config::load(&config, &Zones::bundled()).unwrap();
        let state_dir = dir.path().join("state");
        let (store, lock) = crate::support::open_state(&state_dir, at("08:00"));
        let desk = run::desk(settings, store, &state_dir, Ids::seeded(7)).unwrap();
        let desk = Desk { clock: Clock::standing_at(at("08:00")), ..desk };
        let settings = desk.mailbox("studio").unwrap().clone();
        let index = dial::index_dir(desk.state.as_deref(), "studio");
        let mut server = desk.dialler.mailbox(&settings.incoming, &index).await.unwrap();
        let folders = server.folders(&settings.folders).await.unwrap();
        let courier = Courier::new(desk.dialler.clone(), settings.outgoing.clone(), "studio.example");
        let mut world = Self { dir, desk, folders, server, courier, mails: 0, _lock: lock };
        world.turn().await;
        world
    }

    pub(crate) async fn turn(&mut self) -> Turned {
        let Self { desk, folders, server, courier, .. } = self;
        turn(desk, "studio", folders, Cause::Poll, server, courier).await.unwrap()
    }

    /// A turn of another mailbox that uses the same folders.
    pub(crate) async fn turn_as(&mut self, mailbox: &str) -> Turned {
        let Self { desk, folders, server, courier, .. } = self;
        turn(desk, mailbox, folders, Cause::Poll, server, courier).await.unwrap()
    }

    /// Lets the time pass, waking when the daemon wants to be woken.
    pub(crate) async fn until(&mut self, time: &str) {
        for _ in 0..200 {
            let turned = self.turn().await;
            let now = self.desk.clock.now();
            if now >= at(time) {
                return;
            }
            // As the worker does it: at least a moment later, at the latest with the next poll of the test.
            let wake = turned.wake_at.map_or(at(time), |wake| wake.max(now + TimeDelta::milliseconds(500)));
            self.desk.clock.move_to(wake.min(at(time)));
        }
        panic!("the daemon spins before {time}");
    }

    pub(crate) fn put(&mut self, folder: &str, info: &str, mail: &str) -> PathBuf {
        self.mails += 1;
        let now = self.desk.clock.now();
        let dir = self.dir.path().join("Maildir").join(folder);
        let path = dir.join(format!("{}.M{}P1.test{info}", now.timestamp(), self.mails));
        fs::write(&path, mail.replace('\n', "\r\n")).unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(now.into()).unwrap();
        path
    }

    pub(crate) fn client_writes(&mut self, from: &str, id: &str) -> PathBuf {
        self.client_writes_about(from, id, "Logo")
    }

    pub(crate) fn client_writes_about(&mut self, from: &str, id: &str, subject: &str) -> PathBuf {
        let domain = from.split_once('@').unwrap().1;
        self.put(
            "new",
            "",
            &format!(
                "Return-Path: <{from}>\nAuthentication-Results: mx.studio.example; dmarc=pass header.from={domain}\n\
                 Received: from mx.{domain} by mx.studio.example; Thu, 14 Jan 2027 10:02:00 +0000\nFrom: Ana <{from}>\n\
                 To: claire@studio.example\nSubject: {subject}\nMessage-ID: <{id}@{domain}>\n\nCould you send me the logo?\n"
            ),
        )
    }

    pub(crate) fn owner_writes(&mut self, folder: &str, to: &str, answers: &str) -> PathBuf {
        let flags = if folder == ".Drafts/cur" { ":2,DS" } else { ":2,S" };
        self.put(
            folder,
            flags,
            &format!(
                "From: Claire <claire@studio.example>\nTo: {to}\nSubject: Re: Logo\nMessage-ID: <own-{}@studio.example>\n\
                 In-Reply-To: <{answers}>\nReferences: <{answers}>\n\nHere it is.\n",
                self.mails
            ),
        )
    }

    /// What left, in order.
    pub(crate) fn left(&self) -> Vec<String> {
        let mut files: Vec<PathBuf> =
            fs::read_dir(self.dir.path().join("outgoing")).unwrap().map(|it| it.unwrap().path()).collect();
        files.retain(|path| path.is_file());
        let mut mails: Vec<(Instant, String)> = files
            .iter()
            .map(|path| {
                let text = fs::read_to_string(path).unwrap().replace("=\r\n", "").replace("\r\n", "\n");
                let date = text.lines().find_map(|line| line.strip_prefix("Date: ")).unwrap();
                (DateTime::parse_from_rfc2822(date).unwrap().to_utc(), text)
            })
            .collect();
        mails.sort();
        mails.into_iter().map(|(_, text)| text).collect()
    }

    pub(crate) fn dates(&self) -> Vec<String> {
        let date = |mail: &String| mail.lines().find_map(|line| line.strip_prefix("Date: ")).unwrap().to_owned();
        let hour = |date: String| date.split_whitespace().nth(4).unwrap()[..5].to_owned();
        self.left().iter().map(date).map(hour).collect()
    }

    /// Every promise that the client ever knew or knows, with its end.
    pub(crate) fn promises(&self) -> Vec<(PromiseState, Instant)> {
        let all = self.desk.store.read_blocking(|tx| tx.promises(false)).unwrap();
        let shown = all.into_iter().filter(|it: &Promise| it.closed_by.as_deref() != Some("unsent"));
        shown.map(|it| (it.state, it.by)).collect()
    }

    pub(crate) fn fates(&self) -> Vec<(String, MailState, Option<String>)> {
        let read = |tx: &fuseau::store::Reader<'_>| {
            let recent = tx.recent(at("00:00"), 50)?;
            let mut rows = Vec::new();
            for it in recent {
                rows.extend(tx.outbox_row(&it.entry.id)?);
            }
            rows.sort_by_key(|row| row.created_at);
            Ok(rows)
        };
        let rows = self.desk.store.read_blocking(read).unwrap();
        rows.into_iter().filter(|row| row.kind == "holding").map(|row| (row.kind, row.state, row.last_reply)).collect()
    }
}

pub(crate) fn play<F: Future<Output = ()>>(story: F) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(story);
}

pub(crate) const ANA: &str = "ana@lisboa.example";

#[test]
fn twice_renewed_then_the_owner_is_on_their_own() {
    play(async {
        let mut world = World::new().await;
        world.until("10:02").await;
        world.client_writes(ANA, "logo");
        world.until("23:00").await;
        assert_eq!(world.dates(), ["10:07", "11:45", "14:15"]);
        assert_eq!(
            world.promises(),
            [
                (PromiseState::Renewed, at("12:00")),
                (PromiseState::Renewed, at("14:30")),
                (PromiseState::Lapsed, at("17:00"))
            ]
        );
        let mails = world.left();
        for mail in &mails[1..] {
            for header in [
                "In-Reply-To: <logo@lisboa.example>",
                "Auto-Submitted: auto-replied",
                "Subject: Re: Logo",
                "To: <ana@lisboa.example>",
            ] {
                assert!(mail.contains(header) || mail.contains(&header.replace(['<', '>'], "")), "{header} in\n{mail}");
            }
            assert!(mail.contains("Signal"), "{mail}");
        }
        assert!(mails[1].contains("by 2:30 pm today, Thursday, 14 January"), "{}", mails[1]);
        assert!(mails[2].contains("by 5 pm today, Thursday, 14 January"), "{}", mails[2]);
        let body = |mail: &str| mail.split_once("\n\n").unwrap().1.to_owned();
        assert_ne!(body(&mails[1]), body(&mails[2]).replace("5 pm", "2:30 pm"), "never the same twice");
        let alerted = world.desk.store.read_blocking(|tx| tx.meta("holding.alerted.studio")).unwrap();
        assert_eq!(alerted.as_deref(), Some(""), "it was noted, and forgotten when the promise lapsed");
    });
}

#[test]
fn an_answer_in_time_keeps_the_promise() {
    play(async {
        let mut world = World::new().await;
        world.until("10:02").await;
        world.client_writes(ANA, "logo");
        world.until("11:40").await;
        world.owner_writes(".Sent/cur", ANA, "logo@lisboa.example");
        world.until("23:00").await;
        assert_eq!(world.dates(), ["10:07"]);
        assert_eq!(world.promises(), [(PromiseState::Kept, at("12:00"))]);
    });
}

#[test]
fn after_a_renewal_the_answer_keeps_the_new_promise() {
    play(async {
        let mut world = World::new().await;
        world.until("10:02").await;
        world.client_writes(ANA, "logo");
        world.until("13:00").await;
        world.owner_writes(".Sent/cur", ANA, "logo@lisboa.example");
        world.until("23:00").await;
        assert_eq!(world.dates(), ["10:07", "11:45"]);
        assert_eq!(world.promises(), [(PromiseState::Renewed, at("12:00")), (PromiseState::Kept, at("14:30"))]);
    });
}

#[test]
fn while_the_owner_is_typing_nothing_is_sent() {
    play(async {
        let mut world = World::new().await;
        world.until("10:02").await;
        world.client_writes(ANA, "logo");
        world.until("11:40").await;
        let draft = world.owner_writes(".Drafts/cur", ANA, "logo@lisboa.example");
        world.until("11:56").await;
        assert_eq!(world.dates(), ["10:07"]);
        fs::remove_file(draft).unwrap();
        world.owner_writes(".Sent/cur", ANA, "logo@lisboa.example");
        world.until("23:00").await;
        assert_eq!(world.dates(), ["10:07"]);
        assert_eq!(world.promises(), [(PromiseState::Kept, at("12:00"))]);
        assert_eq!(world.fates(), [("holding".into(), MailState::Dropped, Some("answered".into()))]);
    });
}

#[test]
fn a_draft_that_stays_a_draft_lets_the_promise_lapse() {
    play(async {
        let mut world = World::new().await;
        world.until("10:02").await;
        world.client_writes(ANA, "logo");
        world.until("11:40").await;
        world.owner_writes(".Drafts/cur", ANA, "logo@lisboa.example");
        world.until("23:00").await;
        assert_eq!(world.dates(), ["10:07"]);
        assert_eq!(world.promises(), [(PromiseState::Lapsed, at("12:00"))]);
        assert_eq!(world.fates().len(), 1);
        assert_eq!(world.fates()[0].1, MailState::Dropped);
    });
}

#[test]
fn a_pause_holds_it_back_and_its_end_lets_it_go() {
    play(async {
        let mut world = World::new().await;
        world.until("10:02").await;
        world.client_writes(ANA, "logo");
        world.until("11:40").await;
        let pause = state::pause_file(world.desk.state.as_deref().unwrap());
        fs::write(&pause, "").unwrap();
        world.until("11:50").await;
        assert_eq!(world.dates(), ["10:07"]);
        fs::remove_file(&pause).unwrap();
        world.until("11:51").await;
        assert_eq!(world.dates(), ["10:07", "11:50"]);
        world.until("11:59").await;
        assert_eq!(world.promises(), [(PromiseState::Renewed, at("12:00")), (PromiseState::Open, at("14:30"))]);
    });
}

#[test]
fn nobody_is_woken_at_night() {
    play(async {
        let mut world = World::new().await;
        // 16:40 in Singapore, promised for 17:30, then for 20:00: the second reply comes at the end of their day, 18:25.
        world.until("08:40").await;
        world.client_writes("li@acme.example", "early");
        world.until("23:00").await;
        assert_eq!(world.dates(), ["08:45", "09:15", "10:25"]);
        assert_eq!(
            world.promises(),
            [
                (PromiseState::Renewed, at("09:30")),
                (PromiseState::Renewed, at("12:00")),
                (PromiseState::Lapsed, at("14:30"))
            ]
        );
        // 18:20 there, promised for 20:00: no decent hour is left.
        let mut world = World::new().await;
        world.until("10:20").await;
        world.client_writes("li@acme.example", "late");
        world.until("23:00").await;
        assert_eq!(world.dates(), ["10:25"]);
        assert_eq!(world.promises(), [(PromiseState::Lapsed, at("12:00"))]);
    });
}

#[test]
fn where_nothing_was_announced_nothing_is_renewed() {
    play(async {
        let mut world = World::new().await;
        world.until("10:02").await;
        world.client_writes("eva@quiet.example", "draft");
        world.until("23:00").await;
        assert!(world.left().is_empty());
        assert_eq!(world.promises(), [(PromiseState::Lapsed, at("12:00"))]);
        assert!(world.fates().is_empty());
    });
}

#[test]
fn a_reply_that_cannot_leave_renews_nothing() {
    play(async {
        let mut world = World::new().await;
        world.until("10:02").await;
        world.client_writes(ANA, "logo");
        world.until("11:40").await;
        let (outgoing, away) = (world.dir.path().join("outgoing"), world.dir.path().join("elsewhere"));
        fs::rename(&outgoing, &away).unwrap();
        fs::write(&outgoing, "no folder").unwrap();
        world.until("12:30").await;
        fs::remove_file(&outgoing).unwrap();
        fs::rename(&away, &outgoing).unwrap();
        world.until("23:00").await;
        assert_eq!(world.dates(), ["10:07"]);
        assert_eq!(world.promises(), [(PromiseState::Lapsed, at("12:00"))]);
        assert_eq!(world.fates().len(), 1);
        assert!(matches!(world.fates()[0].1, MailState::Dropped | MailState::Failed), "{:?}", world.fates());
    });
}

#[test]
fn a_filed_message_is_still_owed_an_answer() {
    play(async {
        let mut world = World::new().await;
        world.until("10:02").await;
        let mail = world.client_writes(ANA, "logo");
        world.until("11:00").await;
        fs::remove_file(&mail).unwrap();
        world.until("13:00").await;
        assert_eq!(world.dates(), ["10:07", "11:45"]);
        assert_eq!(world.promises(), [(PromiseState::Renewed, at("12:00")), (PromiseState::Open, at("14:30"))]);
    });
}
