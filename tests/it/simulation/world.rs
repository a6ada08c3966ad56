//! The outside: servers that keep mail, a clock, and the list of what really happened, against which the daemon's
//! memory is held.
use super::rng::Rng;
use chrono::{DateTime, TimeDelta, Utc};
use fuseau::mailbox::Flags;
use fuseau::system::Clock;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::path::PathBuf;
use std::sync::Arc;

pub type Instant = DateTime<Utc>;

/// What kind of thing a mail really is, whatever it looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A client wants something.
    Question,
    /// A client says thank you.
    Thanks,
    /// A program without any mark, at a client's address.
    Unmarked,
    /// A program that says so: newsletter, notice, vacation reply, bounce.
    Machine,
    /// Somebody pretends to be a client.
    Forged,
    /// No client.
    Stranger,
    /// The owner, by hand.
    Owner,
    /// A copy of a mail of ours.
    Copy,
}

/// One mail of this world.
pub struct Mail {
    pub id: Option<String>,
    pub from: String,
    pub subject: String,
    pub kind: Kind,
    pub person: usize,
    pub bytes: Arc<Vec<u8>>,
    /// A word in its text by which it is found again.
    pub token: String,
    pub references: Vec<String>,
    /// When the owner answered it visibly: in Sent, or by `\Answered` in every inbox.
    pub answered_at: Option<Instant>,
    /// In whose Sent folder the answer lies; `None`: the flags say it.
    pub answered_from: Option<usize>,
    /// When it left the last inbox.
    pub gone_at: Option<Instant>,
    /// It was taken out of the inboxes at some time.
    pub was_gone: bool,
    /// It lay there before the first look: it must never be answered.
    pub before_us: bool,
    /// A look that must have found it was made, and it was found.
    pub recorded: bool,
    /// Lost for the record by the rules: too old after a renumbering, or known to a restored-away past.
    pub exempt: bool,
}

/// A message in a folder.
#[derive(Clone)]
pub struct Lying {
    pub uid: u32,
    pub mail: usize,
    pub bytes: Arc<Vec<u8>>,
    pub arrived: Instant,
    pub flags: Flags,
}

/// A folder of a server.
#[derive(Default)]
pub struct Store {
    pub validity: u32,
    pub next: u32,
    pub lying: Vec<Lying>,
}

/// An account of the owner.
pub struct Account {
    pub name: &'static str,
    pub folders: BTreeMap<&'static str, Store>,
    /// The server files what it takes over.
    pub files_itself: bool,
    /// ... under a Message-ID of its own.
    pub renames: bool,
    /// It keeps UIDNEXT to itself.
    pub hides_next: bool,
}

/// A mail that an SMTP server took over from us.
#[derive(Clone)]
pub struct Accepted {
    pub at: Instant,
    pub account: usize,
    pub to: String,
    pub message_id: String,
    /// Under this id the client has it.
    pub public_id: String,
    pub subject: String,
    pub bytes: Arc<Vec<u8>>,
    /// The turn began then.
    pub turn_at: Instant,
}

/// Something that happens by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// A person writes of their own accord.
    Write(usize),
    /// A mail arrives.
    Arrive { mail: usize, accounts: Vec<usize>, folder: &'static str },
    /// The owner deals with a mail.
    Owner { mail: usize, how: u8 },
    /// Somebody got a mail of ours.
    React { accepted: usize },
    /// Somebody got an answer of the owner's.
    Answered { mail: usize },
    /// The kill switch.
    Pause(bool),
    /// A folder is numbered anew.
    Renumber { account: usize, folder: &'static str },
    /// The owner sends a draft of ours.
    SendDraft { account: usize },
}

/// How often things go wrong, in thousandths.
#[derive(Clone, Copy, Debug, Default)]
pub struct Odds {
    pub mailbox: u64,
    pub refused: u64,
    pub refused_for_good: u64,
    pub lost: u64,
    pub doubt: u64,
}

/// A death that is planned for this turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doom {
    /// Calls left.
    pub calls: u32,
    /// After the effect, or before it.
    pub after: bool,
}

/// Everything outside.
pub struct World {
    pub rng: Rng,
    pub clock: Clock,
    pub accounts: Vec<Account>,
    pub people: Vec<super::people::Person>,
    pub mails: Vec<Mail>,
    pub accepted: Vec<Accepted>,
    pub events: BinaryHeap<Reverse<(Instant, u64, Event)>>,
    pub odds: Odds,
    pub doom: Option<Doom>,
    pub dead: bool,
    pub turn_at: Instant,
    /// Accounts whose server announced news.
    pub news: Vec<usize>,
    pub log: Log,
    pub dir: PathBuf,
    /// Transactions that ran while the kill switch was on: always wrong.
    pub sent_while_paused: u32,
    next_event: u64,
}

impl World {
    pub fn new(rng: Rng, clock: Clock, dir: PathBuf, verbose: bool) -> Self {
        let turn_at = clock.now();
        Self {
            rng,
            clock,
            accounts: Vec::new(),
            people: Vec::new(),
            mails: Vec::new(),
            accepted: Vec::new(),
            events: BinaryHeap::new(),
            odds: Odds::default(),
            doom: None,
            dead: false,
            turn_at,
            news: Vec::new(),
            log: Log { hash: 0xCBF2_9CE4_8422_2325, lines: 0, verbose, whose: "" },
            dir,
            sent_while_paused: 0,
            next_event: 0,
        }
    }

    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    pub fn paused(&self) -> bool {
        fuseau::system::state::pause_file(&self.dir).exists()
    }

    pub fn plan(&mut self, at: Instant, event: Event) {
        self.next_event += 1;
        self.events.push(Reverse((at, self.next_event, event)));
    }

    pub fn say(&mut self, line: &str) {
        let now = self.now();
        self.log.say(now, line);
    }

    /// Lets a little time pass, and whatever happens in it.
    pub fn pass(&mut self, most_millis: i64) {
        let millis = self.rng.between(0, most_millis);
        self.clock.move_to(self.now() + TimeDelta::milliseconds(millis));
        self.catch_up();
    }

    /// Everything that is due by now happens.
    pub fn catch_up(&mut self) {
        while self.events.peek().is_some_and(|Reverse((at, _, _))| *at <= self.now()) {
            let Some(Reverse((_, _, event))) = self.events.pop() else { break };
            self.happen(event);
        }
    }

    /// Puts a mail into a folder.
    pub fn put(&mut self, account: usize, folder: &'static str, mail: usize, flags: Flags) {
        let (arrived, bytes) = (self.now(), self.mails[mail].bytes.clone());
        let store = self.accounts[account].folders.get_mut(folder).unwrap();
        let uid = store.next;
        store.next += 1;
        store.lying.push(Lying { uid, mail, bytes, arrived, flags });
    }
}

/// Folders in which clients' mail arrives.
pub const INBOXES: [&str; 2] = ["INBOX", "Clients"];

/// What happened, for people and as a hash.
pub struct Log {
    pub hash: u64,
    pub lines: u64,
    verbose: bool,
    /// Whose turn it is, where there are several.
    pub whose: &'static str,
}

impl Log {
    pub fn say(&mut self, now: Instant, line: &str) {
        let line = format!("{}{} {line}", now.format("%m-%d %H:%M:%S%.3f"), self.whose);
        for byte in line.bytes() {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3);
        }
        self.lines += 1;
        if self.verbose {
            println!("{line}");
        }
    }
}
