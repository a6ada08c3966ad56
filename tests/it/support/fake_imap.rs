//! An IMAP server on a loopback port over a mailbox in memory: as much of RFC 3501 and IDLE as a reader of mail needs.
//! It can misbehave once, at a chosen moment, and it can number a folder anew.
use super::house::{header, until};
use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard},
    thread,
    time::Duration,
};

/// A stored message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    pub uid: u32,
    pub flags: Vec<String>,
    /// INTERNALDATE.
    pub date: String,
    pub text: String,
}

/// What the server does at the chosen moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Hangs up.
    Drop,
    /// Says nothing more until the client is gone.
    Stall,
    /// Takes its time, then goes on.
    Slow(Duration),
}

/// The moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trap {
    /// While the text of a message goes out.
    HalfLiteral(Act),
    /// The client wants to bring a message and was not yet told to go on.
    BeforeLiteral(Act),
    /// The client's message for a folder has come and is not stored.
    BeforeAppend(Act),
    /// It is stored and the client does not know it.
    AfterAppend(Act),
    /// EXAMINE was asked for.
    Examine(Act),
    /// The inbox is numbered anew between STATUS and EXAMINE.
    RenumberAfterStatus,
}

#[derive(Default)]
struct Folder {
    uidvalidity: u32,
    uid_next: u32,
    mails: Vec<Mail>,
    attribute: &'static str,
}

#[derive(Default)]
struct State {
    folders: BTreeMap<String, Folder>,
    trap: Option<Trap>,
    sprung: u32,
    appends: u32,
}

/// The server; it lives as long as the test process.
#[derive(Clone)]
pub struct Imap {
    pub port: u16,
    state: Arc<Mutex<State>>,
}

/// One connection.
struct Talk {
    imap: Imap,
    line: BufReader<TcpStream>,
    open: Option<(String, u32)>,
    announced: usize,
}

impl Imap {
    /// A server with INBOX, Sent and Drafts, all empty.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let imap = Self { port: listener.local_addr().unwrap().port(), state: Arc::default() };
        for (name, attribute) in [("INBOX", ""), ("Sent", "\\Sent"), ("Drafts", "\\Drafts")] {
            let folder = Folder { uidvalidity: 100, uid_next: 1, mails: Vec::new(), attribute };
            imap.state().folders.insert(name.to_owned(), folder);
        }
        let shared = imap.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = stream.set_nodelay(true);
                let talk =
                    Talk { imap: shared.clone(), line: BufReader::new(stream), open: None, announced: usize::MAX };
                thread::spawn(move || talk.serve());
            }
        });
        imap
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Misbehaves the next time this moment comes, once.
    pub fn trap(&self, trap: Trap) {
        self.state().trap = Some(trap);
    }

    /// Waits until a trap has been sprung.
    pub fn sprung(&self) {
        until("the IMAP server reaches the moment", || (self.state().sprung > 0).then_some(()));
    }

    /// Waits until so many messages were brought, or were to be.
    pub fn appended(&self, want: u32) {
        until("the messages are brought", || (self.state().appends >= want).then_some(()));
    }

    /// Takes the trap if it is this one.
    fn springs(&self, fits: impl Fn(Trap) -> Option<Act>) -> Option<Act> {
        let mut state = self.state();
        let act = fits(state.trap?)?;
        state.trap = None;
        state.sprung += 1;
        Some(act)
    }

    /// A message arrives now.
    pub fn deliver(&self, folder: &str, text: &str) {
        let date = fuseau::system::Clock::System.now().format("%e-%b-%Y %H:%M:%S +0000").to_string();
        self.store(folder, text, Vec::new(), date);
    }

    /// A message that came at another time (`23-Nov-2026 07:47:37 +0000`).
    pub fn deliver_at(&self, folder: &str, text: &str, date: &str) {
        self.store(folder, text, Vec::new(), date.to_owned());
    }

    fn store(&self, folder: &str, text: &str, flags: Vec<String>, date: String) {
        let mut state = self.state();
        let folder = state.folders.get_mut(folder).unwrap();
        folder.mails.push(Mail { uid: folder.uid_next, flags, date, text: text.to_owned() });
        folder.uid_next += 1;
    }

    pub fn mails(&self, folder: &str) -> Vec<Mail> {
        self.state().folders[folder].mails.clone()
    }

    /// Another UIDVALIDITY and other UIDs for all messages of a folder.
    pub fn renumber(&self, folder: &str) {
        self.state().folders.get_mut(folder).unwrap().uidvalidity += 1;
        self.rewind(folder);
    }

    /// The next message gets a UID that is so much greater, as after years of mail.
    pub fn leap(&self, folder: &str, by: u32) {
        self.state().folders.get_mut(folder).unwrap().uid_next += by;
    }

    /// Other UIDs for all messages of a folder under the same UIDVALIDITY: against the protocol, and met in practice.
    pub fn rewind(&self, folder: &str) {
        let mut state = self.state();
        let folder = state.folders.get_mut(folder).unwrap();
        folder.uid_next = 1;
        for mail in &mut folder.mails {
            mail.uid = folder.uid_next;
            folder.uid_next += 1;
        }
    }
}

impl Talk {
    fn serve(mut self) -> Option<()> {
        self.say("* OK [CAPABILITY IMAP4rev1 IDLE QUOTA] fake")?;
        loop {
            let command = self.hear()?;
            let (tag, rest) = command.split_once(' ')?;
            // A folder that was numbered anew under an open session ends the session, as Dovecot does it.
            if let Some((name, validity)) = &self.open
                && self.imap.state().folders[name].uidvalidity != *validity
            {
                self.say("* BYE the folder was numbered anew")?;
                return None;
            }
            let done = self.perform(tag, rest)?;
            self.news()?;
            self.say(&format!("{tag} {done}"))?;
            if rest == "LOGOUT" {
                return None;
            }
        }
    }

    /// Performs one command; the words behind the tag.
    fn perform(&mut self, tag: &str, rest: &str) -> Option<String> {
        let words: Vec<&str> = rest.split(' ').collect();
        match words[0] {
            "CAPABILITY" => self.say("* CAPABILITY IMAP4rev1 IDLE QUOTA")?,
            "GETQUOTAROOT" => self.say("* QUOTAROOT INBOX \"\"\r\n* QUOTA \"\" (STORAGE 960 1000)")?,
            "LOGIN" | "NOOP" | "SUBSCRIBE" => {}
            "LOGOUT" => self.say("* BYE then")?,
            "LIST" => self.list()?,
            "STATUS" => self.status(&quoted(rest))?,
            "SELECT" | "EXAMINE" => self.examine(&quoted(rest))?,
            "APPEND" => {
                let done = self.append(rest);
                self.imap.state().appends += 1;
                return done;
            }
            "IDLE" => self.idle()?,
            "UID" if words[1] == "FETCH" => self.fetch(words[2], rest)?,
            "UID" if words[1] == "SEARCH" => self.search(words[3], &quoted(rest))?,
            other => return Some(format!("BAD {other}? ({tag})")),
        }
        Some("OK done".to_owned())
    }

    fn list(&mut self) -> Option<()> {
        let folders: Vec<(String, &str)> =
            self.imap.state().folders.iter().map(|(name, folder)| (name.clone(), folder.attribute)).collect();
        for (name, attribute) in folders {
            self.say(&format!("* LIST ({attribute}) \"/\" \"{name}\""))?;
        }
        Some(())
    }

    fn status(&mut self, name: &str) -> Option<()> {
        let line = {
            let state = self.imap.state();
            let folder = &state.folders[name];
            let (count, next, validity) = (folder.mails.len(), folder.uid_next, folder.uidvalidity);
            format!("* STATUS \"{name}\" (MESSAGES {count} UIDNEXT {next} UIDVALIDITY {validity})")
        };
        self.say(&line)?;
        if name == "INBOX"
            && self.imap.springs(|trap| (trap == Trap::RenumberAfterStatus).then_some(Act::Drop)).is_some()
        {
            self.imap.renumber(name);
        }
        Some(())
    }

    fn examine(&mut self, name: &str) -> Option<()> {
        self.misbehave(|trap| if let Trap::Examine(act) = trap { Some(act) } else { None })?;
        let (count, next, validity) = {
            let state = self.imap.state();
            let folder = &state.folders[name];
            (folder.mails.len(), folder.uid_next, folder.uidvalidity)
        };
        self.open = Some((name.to_owned(), validity));
        self.announced = count;
        self.say(&format!("* {count} EXISTS\r\n* OK [UIDVALIDITY {validity}] v\r\n* OK [UIDNEXT {next}] n"))
    }

    /// Announces what came into the open folder.
    fn news(&mut self) -> Option<()> {
        let Some((name, _)) = &self.open else { return Some(()) };
        let count = self.imap.state().folders[name].mails.len();
        if count == self.announced {
            return Some(());
        }
        self.announced = count;
        self.say(&format!("* {count} EXISTS"))
    }

    fn idle(&mut self) -> Option<()> {
        self.say("+ idling")?;
        self.line.get_ref().set_read_timeout(Some(Duration::from_millis(20))).ok()?;
        loop {
            match self.line.fill_buf() {
                Ok([]) => return None,
                Ok(_) => break,
                Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {
                    self.news()?;
                }
                Err(_) => return None,
            }
        }
        self.line.get_ref().set_read_timeout(None).ok()?;
        (self.hear()? == "DONE").then_some(())
    }

    fn fetch(&mut self, set: &str, rest: &str) -> Option<()> {
        let (name, _) = self.open.clone()?;
        let mails = self.imap.mails(&name);
        let last = mails.last().map_or(0, |mail| mail.uid);
        for (at, mail) in mails.iter().enumerate().filter(|(_, mail)| within(set, mail.uid, last)) {
            let flags = mail.flags.join(" ");
            let mut facts = format!("* {} FETCH (UID {} FLAGS ({flags})", at + 1, mail.uid);
            if rest.contains("RFC822.SIZE") {
                facts += &format!(" INTERNALDATE \"{}\" RFC822.SIZE {}", mail.date, mail.text.len());
            }
            if !rest.contains("BODY.PEEK[]") {
                self.say(&format!("{facts})"))?;
                continue;
            }
            let literal = format!("{facts} BODY[]<0> {{{}}}\r\n{}", mail.text.len(), mail.text);
            let half = literal.len() - mail.text.len() / 2;
            self.line.get_mut().write_all(&literal.as_bytes()[..half]).ok()?;
            self.misbehave(|trap| if let Trap::HalfLiteral(act) = trap { Some(act) } else { None })?;
            self.line.get_mut().write_all(&literal.as_bytes()[half..]).ok()?;
            self.say(")")?;
        }
        Some(())
    }

    fn search(&mut self, field: &str, value: &str) -> Option<()> {
        let (name, _) = self.open.clone()?;
        let found: Vec<String> = self
            .imap
            .mails(&name)
            .iter()
            .filter(|mail| header(&mail.text, field).is_some_and(|text| text.contains(value)))
            .map(|mail| format!(" {}", mail.uid))
            .collect();
        self.say(&format!("* SEARCH{}", found.concat()))
    }

    fn append(&mut self, rest: &str) -> Option<String> {
        let size: usize = rest.rsplit_once('{')?.1.trim_end_matches('}').parse().ok()?;
        self.misbehave(|trap| if let Trap::BeforeLiteral(act) = trap { Some(act) } else { None })?;
        self.say("+ go on")?;
        let mut bytes = vec![0; size];
        self.line.read_exact(&mut bytes).ok()?;
        self.hear()?;
        self.misbehave(|trap| if let Trap::BeforeAppend(act) = trap { Some(act) } else { None })?;
        let flags = rest.split_once('(')?.1.split_once(')')?.0.split(' ').map(str::to_owned).collect();
        let date = rest.split('"').nth(3)?.to_owned();
        self.imap.store(&quoted(rest), &String::from_utf8(bytes).unwrap(), flags, date);
        self.misbehave(|trap| if let Trap::AfterAppend(act) = trap { Some(act) } else { None })?;
        Some("OK stored".to_owned())
    }

    /// `None`: the conversation is over.
    fn misbehave(&mut self, fits: impl Fn(Trap) -> Option<Act>) -> Option<()> {
        match self.imap.springs(fits) {
            None => Some(()),
            Some(Act::Drop) => None,
            Some(Act::Slow(time)) => {
                thread::sleep(time);
                Some(())
            }
            Some(Act::Stall) => {
                let _ = self.line.read_to_end(&mut Vec::new());
                None
            }
        }
    }

    fn say(&mut self, text: &str) -> Option<()> {
        self.line.get_mut().write_all(format!("{text}\r\n").as_bytes()).ok()
    }

    fn hear(&mut self) -> Option<String> {
        let mut text = String::new();
        let read = self.line.read_line(&mut text).ok()?;
        (read > 0).then(|| text.trim_end().to_owned())
    }
}

/// The last quoted string of a line with one, the first of a line with more (`APPEND`, `STATUS`).
fn quoted(rest: &str) -> String {
    rest.split('"').nth(1).unwrap_or_default().to_owned()
}

/// Whether a UID is in a set such as `3:5,9` or `7:*` (which always has the last message, RFC 3501 6.4.8).
fn within(set: &str, uid: u32, last: u32) -> bool {
    let number = |text: &str| if text == "*" { last } else { text.parse().unwrap() };
    set.split(',').any(|part| {
        let (from, to) = part.split_once(':').unwrap_or((part, part));
        let (from, to) = (number(from), number(to));
        (from.min(to)..=from.max(to)).contains(&uid)
    })
}
