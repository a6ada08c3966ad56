//! The lab: a real Dovecot and a real Exim on loopback, made by `tests/lab`, for as long as the test process lives.
#![expect(clippy::disallowed_methods, reason = "waits for other processes, which live by the real clock")]
use super::letter::Letter;
use super::wire::{self, Imap};
use rustix::process::{Pid, Signal, kill_process_group};
use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

/// How long a condition may take to come true.
pub const DEADLINE: Duration = Duration::from_secs(30);
/// A password that stands nowhere else.
pub const UNCOMMON: &str = "Quetzal7Marzipan";
/// How many people can be had, of each kind: more than all tests of a run ask for.
const PEOPLE: usize = 1000;
/// Where `tests/lab` listens when no shift is asked for: LMTP, IMAP, SMTPS, SMTP, IMAPS.
const PORTS: [u16; 6] = [10024, 10080, 10143, 10465, 10587, 10993];

/// A pair of running servers.
pub struct Lab {
    dir: PathBuf,
    shift: u16,
    /// Stops the servers and what the tests started when this process is gone, however it went.
    watchdog: Mutex<Child>,
    /// Accounts given away.
    people: AtomicUsize,
}

impl Lab {
    /// The lab that all tests share; `None` (said on the terminal) where the servers are not installed.
    pub fn shared() -> Option<&'static Self> {
        static LAB: OnceLock<Option<Lab>> = OnceLock::new();
        LAB.get_or_init(Self::up).as_ref()
    }

    /// A lab of one's own, for tests that stop servers.
    pub fn up() -> Option<Self> {
        let missing: Vec<&str> = [&["dovecot"][..], &["exim4", "exim"], &["openssl"]]
            .into_iter()
            .filter(|names| !names.iter().any(|name| installed(name)))
            .filter_map(|names| names.first().copied())
            .collect();
        if !missing.is_empty() {
            let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
            assert!(!ci, "the tests named server:: need {missing:?}; tests/run installs them");
            // Straight to the terminal: the test runner swallows what the macros print.
            let _ = writeln!(std::io::stderr(), "SKIPPED: a test named server:: ({missing:?} not installed)");
            return None;
        }
        // Not in $TMPDIR: that of macOS is so long that the sockets' paths would not fit into 104 octets.
        let dir = tempfile::Builder::new().prefix("fuseau-lab-").tempdir_in("/tmp").unwrap().keep();
        std::fs::create_dir(dir.join("children")).unwrap();
        let shift = free_shift();
        let watchdog = watch(&dir, shift);
        let lab = Self { dir, shift, watchdog: Mutex::new(watchdog), people: AtomicUsize::new(0) };
        lab.start();
        Some(lab)
    }

    /// Starts the servers (again); mailboxes stay as they are.
    pub fn start(&self) {
        self.script("up");
        // Before the first login: the server reads the list again only when its time stamp shows it.
        let path = self.dir.join("run/users");
        let mut list = std::fs::read_to_string(&path).unwrap();
        for n in 0..PEOPLE {
            list.push_str(&format!("p{n:02}:{{PLAIN}}secret::::::\ng{n:02}:{{PLAIN}}{UNCOMMON}::::::\n"));
        }
        std::fs::write(&path, list).unwrap();
    }

    /// Ends Dovecot with all its processes at once. (Stopped politely it lets a session that waits live on for half a
    /// minute.)
    pub fn crash(&self) {
        let pid = std::fs::read_to_string(self.dir.join("run/dovecot/master.pid")).unwrap();
        let group = Pid::from_raw(pid.trim().parse().unwrap()).unwrap();
        kill_process_group(group, Signal::KILL).unwrap();
        wait("Dovecot is gone", || TcpListener::bind(("127.0.0.1", self.port(10143))).ok());
    }

    fn script(&self, what: &str) {
        // Into a file: the servers inherit it, and a pipe would not end before they do.
        let path = self.dir.join("lab.log");
        let file = OpenOptions::new().create(true).append(true).open(&path).unwrap();
        let done = script(&self.dir, self.shift, what).stdout(Stdio::null()).stderr(file).status().unwrap();
        assert!(done.success(), "tests/lab {what}: {}", std::fs::read_to_string(&path).unwrap_or_default());
    }

    /// Where everything lies.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The certificate of both servers.
    pub fn certificate(&self) -> PathBuf {
        self.dir.join("tls/cert.pem")
    }

    /// A port of this lab, named by the port of an unshifted one.
    pub fn port(&self, usual: u16) -> u16 {
        usual + self.shift
    }

    /// Somebody with an empty mailbox and the password "secret"; nobody else gets the same.
    pub fn person(&self) -> Person<'_> {
        let name = format!("p{:02}", self.next());
        Person { lab: self, name, password: "secret".to_owned() }
    }

    fn next(&self) -> usize {
        let n = self.people.fetch_add(1, Ordering::Relaxed);
        assert!(n < PEOPLE, "the lab knows {PEOPLE} people; it can know more");
        n
    }

    /// A person whose IMAP password is [`UNCOMMON`]; the submission server knows only "secret".
    pub fn guarded(&self) -> Person<'_> {
        let name = format!("g{:02}", self.next());
        Person { lab: self, name, password: UNCOMMON.to_owned() }
    }

    /// The user whose server answers everything while they are away (Sieve `vacation`).
    pub fn vacation(&self) -> Person<'_> {
        Person { lab: self, name: "vacation".to_owned(), password: "secret".to_owned() }
    }

    /// What Dovecot wrote into its log.
    pub fn dovecot_log(&self) -> String {
        std::fs::read_to_string(self.dir.join("log/dovecot.log")).unwrap_or_default()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let mut watchdog = self.watchdog.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        drop(watchdog.stdin.take());
        let _ = watchdog.wait();
    }
}

/// Somebody with a mailbox on the lab's server.
pub struct Person<'a> {
    lab: &'a Lab,
    /// The user name.
    pub name: String,
    /// The password for IMAP.
    pub password: String,
}

impl Person<'_> {
    /// The mail address.
    pub fn address(&self) -> String {
        format!("{}@lab.example", self.name)
    }

    /// The Maildir.
    pub fn maildir(&self) -> PathBuf {
        self.lab.dir.join("mail").join(&self.name).join("Maildir")
    }

    /// Everything in the inbox.
    pub fn inbox(&self) -> Vec<Letter> {
        Letter::all(&self.maildir())
    }

    /// Everything in another folder.
    pub fn folder(&self, name: &str) -> Vec<Letter> {
        Letter::all(&self.maildir().join(format!(".{name}")))
    }

    /// Puts a mail into the inbox on the disk, past every server.
    pub fn put(&self, mail: &str) {
        let name = format!("{}.fuseau.lab", chrono::Utc::now().timestamp_micros());
        std::fs::write(self.maildir().join("new").join(name), mail).unwrap();
    }

    /// Waits until so many mails are in the inbox, and gives them.
    pub fn wait_for(&self, count: usize) -> Vec<Letter> {
        wait(&format!("{count} mails for {}", self.name), || Some(self.inbox()).filter(|all| all.len() >= count))
    }

    /// An IMAP session, as a mail program has one.
    pub fn imap(&self) -> Imap {
        Imap::login(self.lab.port(10143), &self.name, &self.password)
    }

    /// Submits a mail to the submission server: the full circle.
    pub fn submit(&self, to: &str, mail: &str) {
        wire::hand_over(self.lab.port(10587), "EHLO", &self.address(), to, mail);
    }

    /// Gets a mail as if a foreign server had handed it over; `from` is the envelope sender.
    pub fn get(&self, from: &str, mail: &str) {
        wire::hand_over(self.lab.port(10024), "LHLO", from, &self.address(), mail);
    }
}

/// Waits until `look` finds what it looks for.
pub fn wait<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < DEADLINE, "not within {DEADLINE:?}: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn installed(program: &str) -> bool {
    let usual = std::env::var_os("PATH").unwrap_or_default();
    let more = ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin"].map(PathBuf::from);
    std::env::split_paths(&usual).chain(more).any(|dir| dir.join(program).is_file())
}

fn script(dir: &Path, shift: u16, what: &str) -> Command {
    let mut command = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab"));
    command.arg(what).arg(dir).env("FUSEAU_LAB_PORTS", shift.to_string()).stdin(Stdio::null());
    command
}

/// A shift under which all ports are free; below the range from which the system takes outgoing ports. What was given away is not
/// given again: its servers may not listen yet.
fn free_shift() -> u16 {
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    let mut given = GIVEN.lock().unwrap();
    let start = u16::try_from(std::process::id() % 19_000).unwrap();
    let mut shifts = (0..19_000_u16).map(|n| 1000 + (start + n * 7) % 19_000);
    let free = |port: u16| !given.contains(&port) && TcpListener::bind(("127.0.0.1", port)).is_ok();
    let shift = shifts.find(|shift| PORTS.iter().all(|port| free(port + shift))).expect("free ports");
    given.extend(PORTS.iter().map(|port| port + shift));
    shift
}

/// A process of its own that waits for the end of this one (its input then ends), stops everything and cleans up.
fn watch(dir: &Path, shift: u16) -> Child {
    use std::os::unix::process::CommandExt as _;
    let cleaning = "cat >/dev/null
        for file in \"$2\"/children/*; do [ -e \"$file\" ] && kill -9 \"$(basename \"$file\")\"; done
        \"$1\" down \"$2\"
        rm -rf \"$2\"";
    Command::new("bash")
        .args(["-c", cleaning, "watchdog", &format!("{}/tests/lab", env!("CARGO_MANIFEST_DIR"))])
        .arg(dir)
        .env("FUSEAU_LAB_PORTS", shift.to_string())
        // Out of the terminal's group: an interrupt from the keyboard must not end the watchdog too.
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}
