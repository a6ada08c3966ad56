//! The servers as the turn meets them: `Mailbox` and `Outbox` on the world in memory, with faults, and with deaths of
//! the daemon at any call (the call never returns, the turn is dropped).
use super::world::{Accepted, Event, INBOXES, Instant, Kind, Lying, Mail, World};
use chrono::TimeDelta;
use fuseau::daemon::ports::{BeforeDot, Mailbox, Outbox};
use fuseau::mailbox::{Branch, Flags, Folder, Folders, Listed, MailboxError, Raw, Status};
use fuseau::model::{FolderRole, account::FolderNames};
use fuseau::outbox::{Envelope, Outcome, Stage};
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::task::Poll;

pub type Shared = Arc<Mutex<World>>;

/// One session with an account's IMAP server.
pub struct Server {
    world: Shared,
    account: usize,
    /// UIDVALIDITY as last given by `status`.
    validity: BTreeMap<String, u32>,
    /// After every call somebody else may come first.
    pub yields: bool,
}

type Answer<T> = Result<T, MailboxError>;

/// Waits for ever if the daemon died in this call.
async fn give<T>(answer: Option<T>, yields: bool) -> T {
    let Some(answer) = answer else { return std::future::pending().await };
    if yields {
        let mut waited = false;
        std::future::poll_fn(|_| if std::mem::replace(&mut waited, true) { Poll::Ready(()) } else { Poll::Pending })
            .await;
    }
    answer
}

impl World {
    /// Whether the daemon dies here.
    fn dies(&mut self, after: bool) -> bool {
        match &mut self.doom {
            Some(doom) if doom.after == after && doom.calls == 0 => {
                self.dead = true;
                self.say(if after { "dies after the call" } else { "dies before the call" });
                true
            }
            Some(doom) if doom.after == after => {
                doom.calls -= 1;
                false
            }
            _ => false,
        }
    }
}

impl Server {
    pub fn new(world: &Shared, account: usize) -> Self {
        Self { world: world.clone(), account, validity: BTreeMap::new(), yields: false }
    }

    /// One command: time passes, things go wrong, the effect, and perhaps the end.
    fn call<T>(
        &mut self,
        what: &'static str,
        folder: &str,
        effect: impl FnOnce(&mut World, usize) -> Answer<T>,
    ) -> Option<Answer<T>> {
        let world = self.world.clone();
        let mut world = world.lock().unwrap();
        world.pass(800);
        if world.dies(false) {
            return None;
        }
        let odds = world.odds.mailbox;
        if world.rng.chance(odds) {
            world.say(&format!("{} {what} {folder}: lost", self.account));
            return Some(Err(MailboxError::Closed { text: "simulated".to_owned() }));
        }
        let asked = matches!(what, "LIST" | "FETCH" | "FLAGS" | "SEARCH");
        if asked
            && let Some(store) = world.accounts[self.account].folders.get(folder)
            && self.validity.get(folder).is_some_and(|known| *known != store.validity)
        {
            return Some(Err(MailboxError::Renumbered { folder: folder.to_owned() }));
        }
        let answer = effect(&mut world, self.account);
        let reached = if answer.is_ok() { "" } else { " refused" };
        world.say(&format!("{} {what} {folder}{reached}", self.account));
        if world.dies(true) { None } else { Some(answer) }
    }
}

fn lying<'a>(world: &'a World, account: usize, folder: &str) -> &'a [Lying] {
    world.accounts[account].folders.get(folder).map_or(&[], |store| &store.lying)
}

fn raw(one: &Lying) -> Raw {
    let bytes = one.bytes.as_ref().clone();
    Raw { uid: one.uid, flags: one.flags, arrived: one.arrived, size: bytes.len() as u64, bytes, fault: None }
}

impl Mailbox for Server {
    fn folders(&mut self, _: &FolderNames) -> impl Future<Output = Answer<Folders>> + Send {
        let answer = self.call("FOLDERS", "", |world, account| {
            let has = |name: &str| world.accounts[account].folders.contains_key(name);
            let inboxes = INBOXES.iter().filter(|name| has(name)).map(|name| Folder::new(name, FolderRole::Inbox));
            Ok(Folders {
                inboxes: inboxes.collect(),
                sent: Some(Folder::new("Sent", FolderRole::Sent)),
                drafts: Some(Folder::new("Drafts", FolderRole::Drafts)),
                ..Folders::default()
            })
        });
        give(answer, self.yields)
    }

    fn status(&mut self, folder: &Folder) -> impl Future<Output = Answer<Status>> + Send {
        let name = folder.name.clone();
        let answer = self.call("STATUS", &name, |world, account| {
            let it = &world.accounts[account];
            let store = &it.folders[name.as_str()];
            let exists = u32::try_from(store.lying.len()).unwrap();
            let uid_next = (!it.hides_next).then_some(store.next);
            Ok(Status { uidvalidity: store.validity, uid_next, exists })
        });
        if let Some(Ok(status)) = &answer {
            self.validity.insert(folder.name.clone(), status.uidvalidity);
        }
        give(answer, self.yields)
    }

    fn list(&mut self, folder: &Folder, from_uid: u32) -> impl Future<Output = Answer<Vec<Listed>>> + Send {
        let answer = self.call("LIST", &folder.name, |world, account| {
            let listed = lying(world, account, &folder.name).iter().filter(|one| one.uid >= from_uid);
            Ok(listed
                .map(|one| Listed {
                    uid: one.uid,
                    flags: one.flags,
                    arrived: one.arrived,
                    size: one.bytes.len() as u64,
                })
                .collect())
        });
        give(answer, self.yields)
    }

    fn fetch(&mut self, folder: &Folder, uids: &[u32]) -> impl Future<Output = Answer<Vec<Raw>>> + Send {
        let answer = self.call("FETCH", &folder.name, |world, account| {
            Ok(lying(world, account, &folder.name).iter().filter(|one| uids.contains(&one.uid)).map(raw).collect())
        });
        give(answer, self.yields)
    }

    fn fetch_new(&mut self, folder: &Folder, from: u32, _: u32) -> impl Future<Output = Answer<Vec<Raw>>> + Send {
        let answer = self.call("FETCH", &folder.name, |world, account| {
            Ok(lying(world, account, &folder.name).iter().filter(|one| one.uid >= from).map(raw).collect())
        });
        give(answer, self.yields)
    }

    fn flags(&mut self, folder: &Folder, uid: u32) -> impl Future<Output = Answer<Option<Flags>>> + Send {
        let answer = self.call("FLAGS", &folder.name, |world, account| {
            Ok(lying(world, account, &folder.name).iter().find(|one| one.uid == uid).map(|one| one.flags))
        });
        give(answer, self.yields)
    }

    fn find(&mut self, folder: &Folder, header: &str, value: &str) -> impl Future<Output = Answer<Option<u32>>> + Send {
        let line = format!("{header}: {value}");
        let answer = self.call("SEARCH", &folder.name, |world, account| {
            let holds = |one: &&Lying| {
                let text = String::from_utf8_lossy(&one.bytes);
                text.lines().take_while(|l| !l.is_empty()).any(|l| l.eq_ignore_ascii_case(&line))
            };
            Ok(lying(world, account, &folder.name).iter().rev().find(holds).map(|one| one.uid))
        });
        give(answer, self.yields)
    }

    fn find_all(
        &mut self,
        folder: &Folder,
        header: &str,
        value: &str,
    ) -> impl Future<Output = Answer<Vec<u32>>> + Send {
        let line = format!("{header}: {value}");
        let answer = self.call("SEARCH", &folder.name, |world, account| {
            let holds = |one: &&Lying| {
                let text = String::from_utf8_lossy(&one.bytes);
                text.lines().take_while(|l| !l.is_empty()).any(|l| l.eq_ignore_ascii_case(&line))
            };
            Ok(lying(world, account, &folder.name).iter().filter(holds).map(|one| one.uid).collect())
        });
        give(answer, self.yields)
    }

    fn append(
        &mut self,
        folder: &Folder,
        bytes: &[u8],
        _: &[&str],
        _: Instant,
    ) -> impl Future<Output = Answer<()>> + Send {
        let bytes = Arc::new(bytes.to_vec());
        let wanted = folder.name.clone();
        let answer = self.call("APPEND", &wanted, |world, account| {
            let name = *world.accounts[account].folders.keys().find(|name| **name == wanted).unwrap();
            let mail = world.copy(bytes, String::new());
            world.put(account, name, mail, Flags { seen: true, ..Flags::default() });
            Ok(())
        });
        give(answer, self.yields)
    }

    fn below(&mut self, root: &str) -> impl Future<Output = Answer<Vec<Branch>>> + Send {
        let root = format!("{root}/");
        let answer = self.call("BELOW", "", |world, account| {
            let all = world.accounts[account].folders.iter();
            let below = all.filter_map(|(name, store)| Some((name.strip_prefix(root.as_str())?, name, store)));
            Ok(below
                .map(|(rest, name, store)| Branch {
                    path: rest.split('/').map(str::to_owned).collect(),
                    folder: Folder::new(name, FolderRole::Inbox),
                    status: Status {
                        uidvalidity: store.validity,
                        uid_next: Some(store.next),
                        exists: u32::try_from(store.lying.len()).unwrap(),
                    },
                })
                .collect())
        });
        give(answer, self.yields)
    }

    fn create(&mut self, path: &[&str]) -> impl Future<Output = Answer<Folder>> + Send {
        let name = path.join("/");
        // The world's folders are fixed: whoever wants another is refused, as by a server without room.
        let answer = self.call("CREATE", &name, |_, _| {
            Err(MailboxError::Refused { command: "CREATE", text: "no more folders".to_owned(), try_create: false })
        });
        give(answer, self.yields)
    }

    fn move_to(&mut self, folder: &Folder, uid: u32, to: &Folder) -> impl Future<Output = Answer<()>> + Send {
        let to = to.name.clone();
        let answer = self.call("MOVE", &folder.name, |world, account| {
            let folders = &mut world.accounts[account].folders;
            let from = folders.get_mut(folder.name.as_str()).unwrap();
            let Some(at) = from.lying.iter().position(|one| one.uid == uid) else { return Ok(()) };
            let mut moved = from.lying.remove(at);
            let store = folders.get_mut(to.as_str()).unwrap();
            moved.uid = store.next;
            store.next += 1;
            store.lying.push(moved);
            Ok(())
        });
        give(answer, self.yields)
    }

    fn remove(&mut self, folder: &Folder, uid: u32) -> impl Future<Output = Answer<()>> + Send {
        let answer = self.call("EXPUNGE", &folder.name, |world, account| {
            world.accounts[account].folders.get_mut(folder.name.as_str()).unwrap().lying.retain(|one| one.uid != uid);
            Ok(())
        });
        give(answer, self.yields)
    }

    fn whole(
        &mut self,
        folder: &Folder,
        uid: u32,
        most: usize,
    ) -> impl Future<Output = Answer<Option<Vec<u8>>>> + Send {
        let answer = self.call("FETCH", &folder.name, |world, account| {
            let one = lying(world, account, &folder.name).iter().find(|one| one.uid == uid);
            Ok(one.map(|one| one.bytes.as_ref().clone()).filter(|bytes| bytes.len() <= most))
        });
        give(answer, self.yields)
    }
}

/// The value of a header field.
pub fn field(bytes: &[u8], name: &str) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut value = String::new();
    for line in text.lines().take_while(|line| !line.is_empty()) {
        if !value.is_empty() && line.starts_with([' ', '\t']) {
            value.push_str(line);
        } else if !value.is_empty() {
            break;
        } else if line.get(..name.len() + 1).is_some_and(|head| head.eq_ignore_ascii_case(&format!("{name}:"))) {
            line[name.len() + 1..].trim().clone_into(&mut value);
        }
    }
    value
}

impl World {
    /// Notes a copy of a mail of ours.
    pub fn copy(&mut self, bytes: Arc<Vec<u8>>, from: String) -> usize {
        self.mails.push(Mail {
            id: Some(field(&bytes, "Message-ID")),
            from,
            subject: field(&bytes, "Subject"),
            kind: Kind::Copy,
            person: 0,
            bytes,
            token: String::new(),
            references: Vec::new(),
            answered_at: None,
            answered_from: None,
            gone_at: None,
            was_gone: false,
            before_us: false,
            recorded: true,
            exempt: false,
        });
        self.mails.len() - 1
    }

    /// The SMTP server takes a mail over.
    fn accept(&mut self, account: usize, envelope: &Envelope, bytes: &[u8]) {
        let bytes = Arc::new(bytes.to_vec());
        let message_id = field(&bytes, "Message-ID");
        let mut public_id = message_id.clone();
        let it = &self.accounts[account];
        let (files, renames) = (it.files_itself, it.renames);
        let mut filed = bytes.clone();
        if renames {
            public_id = format!("<{:016x}@provider.example>", self.rng.bits());
            let text = String::from_utf8(bytes.as_ref().clone()).unwrap();
            filed = Arc::new(text.replacen(&message_id, &public_id, 1).into_bytes());
        }
        if files {
            let copy = self.copy(filed, String::new());
            self.put(account, "Sent", copy, Flags { seen: true, ..Flags::default() });
        }
        if self.paused() {
            self.sent_while_paused += 1;
        }
        let (at, turn_at) = (self.now(), self.turn_at);
        self.accepted.push(Accepted {
            at,
            account,
            to: envelope.to.to_string(),
            message_id: message_id.clone(),
            public_id,
            subject: field(&bytes, "Subject"),
            bytes,
            turn_at,
        });
        let accepted = self.accepted.len() - 1;
        let delay = self.rng.between(2, 30);
        self.plan(at + TimeDelta::seconds(delay), Event::React { accepted });
        self.say(&format!("{account} ACCEPTED {message_id} for {}", envelope.to));
    }
}

/// The way out of an account.
pub struct Smtp {
    world: Shared,
    account: usize,
    /// As [`Server::yields`].
    pub yields: bool,
}

impl Smtp {
    pub fn new(world: &Shared, account: usize) -> Self {
        Self { world: world.clone(), account, yields: false }
    }
}

/// What the SMTP server has in mind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    Takes,
    RefusesNow(bool),
    RefusesForGood,
    LostBefore,
    DoubtTaken,
    DoubtNot,
}

impl World {
    fn mood(&mut self) -> Mood {
        let odds = self.odds;
        let dice = self.rng.below(1000);
        let mut sum = 0;
        let late = self.rng.chance(500);
        for (share, mood) in [
            (odds.refused, Mood::RefusesNow(late)),
            (odds.refused_for_good, Mood::RefusesForGood),
            (odds.lost, Mood::LostBefore),
            (odds.doubt, Mood::DoubtTaken),
            (odds.doubt, Mood::DoubtNot),
        ] {
            sum += share;
            if dice < sum {
                return mood;
            }
        }
        Mood::Takes
    }
}

impl Outbox for Smtp {
    async fn send(&mut self, envelope: &Envelope, message: &[u8], before_dot: BeforeDot<'_>) -> Outcome {
        let account = self.account;
        let start = {
            let mut world = self.world.lock().unwrap();
            // What the last look found still holds here: no time passes before the envelope.
            if world.dies(false) {
                None
            } else {
                let mood = world.mood();
                world.say(&format!("{account} SEND {}: {mood:?}", field(message, "Message-ID")));
                Some(mood)
            }
        };
        let mood = give(start, self.yields).await;
        match mood {
            Mood::RefusesNow(false) => {
                return Outcome::Refused { permanent: false, stage: Stage::Rcpt, reply: "450 later".into() };
            }
            Mood::RefusesForGood => {
                return Outcome::Refused { permanent: true, stage: Stage::Rcpt, reply: "550 no".into() };
            }
            Mood::LostBefore => return Outcome::Lost { stage: Stage::Body, text: "gone".into() },
            _ => {}
        }
        if let Err(text) = before_dot().await {
            return Outcome::Lost { stage: Stage::Body, text };
        }
        let end = {
            let mut world = self.world.lock().unwrap();
            if world.dies(false) {
                None
            } else {
                if matches!(mood, Mood::Takes | Mood::DoubtTaken) {
                    world.accept(account, envelope, message);
                }
                let slow = if mood == Mood::Takes { 1500 } else { 600_000 };
                if world.dies(true) {
                    None
                } else {
                    world.pass(slow);
                    Some(match mood {
                        Mood::Takes => Outcome::Sent { reply: "250 ok".into() },
                        Mood::RefusesNow(_) => {
                            Outcome::Refused { permanent: false, stage: Stage::Dot, reply: "451 busy".into() }
                        }
                        _ => Outcome::Unknown { text: "no answer".into() },
                    })
                }
            }
        };
        give(end, self.yields).await
    }
}
