//! A whole installation in a folder of its own: configuration, mailbox, state, and the real binary, started, killed and
//! started again. What must hold afterwards is in `invariants.rs`.
use super::{fake_imap::Imap, smtp_sink::Sink};
use fuseau::system::clock::monotonic;
use rusqlite::{Connection, OpenFlags, types::FromSql};
use std::{
    cell::RefCell,
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

/// What is waited for has to come within this time (machines that test are slow).
const PATIENCE: Duration = Duration::from_secs(20);
/// The password of both servers; it must never reach a log.
pub const PASSWORD: &str = "hunter2-geheim";
/// A word of every body; it must never reach a log.
pub const BODY_WORD: &str = "Zwetschgenkuchen";

/// How the mailbox is reached.
#[derive(Clone)]
pub enum Inbox {
    Maildir,
    Imap(Imap),
}

/// The installation.
pub struct House {
    pub dir: tempfile::TempDir,
    pub sink: Sink,
    pub inbox: Inbox,
    /// `send` or `draft`.
    pub mode: &'static str,
    /// Message-IDs of what was delivered to the inbox.
    pub delivered: RefCell<Vec<String>>,
    /// Names of the inbox's files as they were delivered.
    pub files: RefCell<BTreeSet<String>>,
}

/// The running program; killed when dropped.
pub struct Running {
    child: Child,
    log: PathBuf,
    /// How many starts the log shows when this one has come up.
    starts: usize,
}

impl House {
    pub fn maildir(mode: &'static str) -> Self {
        Self::new(Inbox::Maildir, mode)
    }

    pub fn imap(imap: &Imap, mode: &'static str) -> Self {
        Self::new(Inbox::Imap(imap.clone()), mode)
    }

    fn new(inbox: Inbox, mode: &'static str) -> Self {
        let dir = tempfile::Builder::new().prefix("fz").tempdir().unwrap();
        for folder in ["Maildir", "Maildir/.Sent", "Maildir/.Drafts"] {
            for part in ["cur", "new", "tmp"] {
                fs::create_dir_all(dir.path().join(folder).join(part)).unwrap();
            }
        }
        let (delivered, files) = (RefCell::default(), RefCell::default());
        let house = Self { dir, sink: Sink::start(), inbox, mode, delivered, files };
        house.configure("");
        house
    }

    /// Writes the configuration, with more lines in `[replies]`.
    pub fn configure(&self, replies: &str) {
        let incoming = match &self.inbox {
            Inbox::Maildir => "maildir = \"Maildir\"".to_owned(),
            Inbox::Imap(imap) => format!("imap = {}", server(imap.port)),
        };
        let clients: String = ('a'..='z')
            .map(|name| {
                format!(
                    "[client.{name}]\nname = \"Client {name}\"\ncontacts = [\"@{name}.example\"]\nzone = \"Asia/Tokyo\"\n"
                )
            })
            .collect();
        let grace = if replies.contains("grace") { "" } else { "grace = \"0s\"\ngrace_in_window = \"0s\"\n" };
        self.write_config(&format!(
            "state = \"state\"\n
             [me]\nname = \"Claire Martin\"\nzone = \"Europe/London\"\nlanguages = [\"en\"]\n
             [hours]\nmon-sun = [\"00:00-08:00\", \"08:00-16:00\", \"16:00-24:00\"]\n[digest]\nat = \"off\"\n
             [replies]\nmin_notice = \"0s\"\n{grace}{replies}\n
             [mailbox.studio]\naddress = \"claire@studio.example\"\nmode = \"{}\"\n{incoming}\nsmtp = {}\n
             trusted_authserv = [\"mx.studio.example\"]\npoll = \"5s\"\n{clients}",
            self.mode,
            server(self.sink.port)
        ));
    }

    pub fn write_config(&self, text: &str) {
        let path = self.config();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// Adds lines to the section of the mailbox.
    pub fn in_mailbox(&self, lines: &str) {
        let text = fs::read_to_string(self.config()).unwrap();
        self.write_config(&text.replace("poll = \"5s\"\n", &format!("poll = \"5s\"\n{lines}\n")));
    }

    pub fn config(&self) -> PathBuf {
        self.dir.path().join("fuseau.toml")
    }

    pub fn state(&self) -> PathBuf {
        self.dir.path().join("state")
    }

    pub fn sent_folder(&self) -> PathBuf {
        self.dir.path().join("Maildir/.Sent")
    }

    /// Starts the daemon; `fail` is where it is to die.
    pub fn start(&self, fail: Option<&str>) -> Running {
        self.spawn(Command::new(env!("CARGO_BIN_EXE_fuseau")), fail.map(|fail| ("FUSEAU_FAIL", fail)))
    }

    /// The same within a limit of the system, in the words of `ulimit`.
    pub fn start_within(&self, limit: &str) -> Running {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("ulimit {limit} && exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_fuseau")]);
        self.spawn(command, None)
    }

    /// The same with something in its environment.
    pub fn start_with(&self, variable: (&str, &str)) -> Running {
        self.spawn(Command::new(env!("CARGO_BIN_EXE_fuseau")), Some(variable))
    }

    /// The same with several things in its environment.
    pub fn start_with_all(&self, variables: &[(&str, &str)]) -> Running {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fuseau"));
        command.envs(variables.iter().copied());
        self.spawn(command, None)
    }

    fn spawn(&self, mut command: Command, variable: Option<(&str, &str)>) -> Running {
        let path = self.dir.path().join("log");
        let starts = starts(&path) + 1;
        let log = fs::File::options().create(true).append(true).open(&path).unwrap();
        command.arg("run").arg("--config").arg(self.config()).current_dir(self.dir.path());
        command.env_remove("FUSEAU_FAIL").env("FUSEAU_LOG", "debug").env("NO_COLOR", "1").envs(variable);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        Running { child, log: path, starts }
    }

    /// The same, and waits until the inbox was met.
    pub fn started(&self, fail: Option<&str>) -> Running {
        self.met(self.start(fail))
    }

    /// Waits until the inbox was met.
    pub fn met(&self, mut running: Running) -> Running {
        until("first contact", || {
            assert!(running.child.try_wait().unwrap().is_none(), "it died before first contact: {}", self.log());
            self.asks::<i64>("SELECT count(*) FROM folder WHERE uidvalidity > 0").filter(|met| *met >= 2)
        });
        running
    }

    /// The same with something in its environment.
    pub fn started_with(&self, variable: (&str, &str)) -> Running {
        self.met(self.start_with(variable))
    }

    /// Runs another command of the program; exit code and standard output.
    pub fn command(&self, words: &[&str]) -> (Option<i32>, String) {
        self.command_with(words, &[])
    }

    /// The same with something in its environment.
    pub fn command_with(&self, words: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fuseau"));
        command.envs(variables.iter().copied());
        command.args(words).arg("--config").arg(self.config()).current_dir(self.dir.path()).env_remove("FUSEAU_FAIL");
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }

    /// A client's mail arrives; its Message-ID.
    pub fn deliver(&self, client: &str, n: u32) -> String {
        let id = format!("<question-{n}@{client}.example>");
        let text = format!(
            "Return-Path: <anna@{client}.example>\r\n\
             Authentication-Results: mx.studio.example; dmarc=pass header.from={client}.example\r\n\
             Received: from mail.{client}.example by mx.studio.example; Tue, 12 Jan 2027 02:10:00 +0000\r\n\
             From: Anna Tan <anna@{client}.example>\r\nTo: Claire Martin <claire@studio.example>\r\n\
             Subject: Question {n}\r\nDate: Tue, 12 Jan 2027 10:09:48 +0800\r\nMessage-ID: {id}\r\n\
             Content-Type: text/plain; charset=utf-8\r\n\r\nHi Claire,\r\n\r\n{}\r\n\r\nAnna\r\n",
            format_args!("could you send the {BODY_WORD} number {n} this week? The fair opens on Friday.\r\n")
                .to_string()
                + &"The printer needs it as a vector file, with all four colours.\r\n".repeat(30)
        );
        self.delivered.borrow_mut().push(id.clone());
        match &self.inbox {
            Inbox::Maildir => {
                let name = put(&self.dir.path().join("Maildir"), "new", &text, "");
                self.files.borrow_mut().insert(name);
            }
            Inbox::Imap(imap) => imap.deliver("INBOX", &text),
        }
        id
    }

    /// One value from the database; `None` without a database or a row.
    pub fn asks<T: FromSql>(&self, sql: &str) -> Option<T> {
        self.rows(sql, |row| row.get(0)).into_iter().next()
    }

    pub fn rows<T>(&self, sql: &str, read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>) -> Vec<T> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
        let Ok(db) = Connection::open_with_flags(self.state().join("fuseau.db"), flags) else { return Vec::new() };
        db.busy_timeout(Duration::from_secs(5)).unwrap();
        let Ok(mut statement) = db.prepare(sql) else { return Vec::new() };
        statement.query_map([], read).map(|rows| rows.flatten().collect()).unwrap_or_default()
    }

    /// The state of the only outgoing mail.
    pub fn mail_state(&self) -> Option<String> {
        self.asks("SELECT state FROM outbox")
    }

    /// Waits until the only outgoing mail is in one of these states.
    pub fn reaches(&self, states: &[&str]) -> String {
        until_or(
            || format!("state {states:?}, it is {:?}; log:\n{}", self.mail_state(), self.log()),
            || self.mail_state().filter(|state| states.contains(&state.as_str())),
        )
    }

    /// What the database holds is so much older now (the program must not run).
    pub fn time_passes(&self, minutes: i64) {
        let db = Connection::open(self.state().join("fuseau.db")).unwrap();
        let ms = minutes * 60_000;
        db.execute("UPDATE outbox SET lease_until = lease_until - ?1, next_attempt = next_attempt - ?1", [ms]).unwrap();
    }

    /// The messages in a folder.
    pub fn mails_in(&self, folder: &str) -> Vec<String> {
        match &self.inbox {
            Inbox::Imap(imap) => imap.mails(folder).into_iter().map(|mail| mail.text).collect(),
            Inbox::Maildir => {
                let root = self.dir.path().join("Maildir");
                let folder = if folder == "INBOX" { root } else { root.join(format!(".{folder}")) };
                let parts = ["new", "cur"].into_iter().flat_map(|part| fs::read_dir(folder.join(part)).unwrap());
                parts.map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap()).collect()
            }
        }
    }
}

impl Running {
    /// SIGKILL: nothing is flushed, nothing is said.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM or SIGHUP.
    pub fn signal(&self, signal: rustix::process::Signal) {
        let id = i32::try_from(self.child.id()).unwrap();
        rustix::process::kill_process(rustix::process::Pid::from_raw(id).unwrap(), signal).unwrap();
    }

    /// Waits until it ends by itself.
    pub fn ended(mut self) -> ExitStatus {
        let log = self.log.clone();
        until_or(
            || format!("the program ends\n{}", fs::read_to_string(&log).unwrap_or_default()),
            || self.child.try_wait().unwrap(),
        )
    }

    /// Waits until it dies where it was told to.
    pub fn dies(self, house: &House) {
        let mut running = self;
        let status = until_or(
            || format!("the program dies at its point; log:\n{}", house.log()),
            || running.child.try_wait().unwrap(),
        );
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9), "{status} {}", house.log());
    }

    /// Whether it still runs.
    pub fn lives(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Asks it to stop and expects a clean end.
    pub fn stops(self) {
        // Before it has come up a signal simply ends it.
        until("the program is up", || (starts(&self.log) >= self.starts).then_some(()));
        self.signal(rustix::process::Signal::TERM);
        let status = self.ended();
        assert!(status.success(), "{status}");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How often the log says that the program is up.
fn starts(log: &Path) -> usize {
    fs::read_to_string(log).unwrap_or_default().matches("INFO running ").count()
}

fn server(port: u16) -> String {
    format!("{{ host = \"127.0.0.1\", port = {port}, tls = \"none\", user = \"claire\", password = \"{PASSWORD}\" }}")
}

/// Stores a message in a Maildir folder; its unique name.
pub fn put(folder: &Path, part: &str, text: &str, flags: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let seconds = fuseau::system::Clock::System.now().timestamp();
    let name = format!("{seconds}.{}_{}.test", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
    let tmp = folder.join("tmp").join(&name);
    fs::write(&tmp, text).unwrap();
    fs::rename(&tmp, folder.join(part).join(format!("{name}{flags}"))).unwrap();
    name
}

/// The value of a header field that stands on one line or is folded.
pub fn header(text: &str, field: &str) -> Option<String> {
    let mut lines = text.lines().take_while(|line| !line.is_empty()).peekable();
    while let Some(line) = lines.next() {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case(field)
        {
            let mut value = value.trim().to_owned();
            while let Some(more) = lines.next_if(|line| line.starts_with([' ', '\t'])) {
                value = format!("{value} {}", more.trim()).trim().to_owned();
            }
            return Some(value);
        }
    }
    None
}

/// Looks again and again until there is something.
pub fn until<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    until_or(|| what.to_owned(), look)
}

/// The same, with a description made when it is needed.
pub fn until_or<T>(what: impl Fn() -> String, mut look: impl FnMut() -> Option<T>) -> T {
    let end = monotonic() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(monotonic() < end, "waited in vain: {}", what());
        std::thread::sleep(Duration::from_millis(25));
    }
}
