//! The real program as a child process, with a configuration and a state directory of its own.
#![expect(clippy::disallowed_methods, reason = "waits for other processes, which live by the real clock")]
use super::lab::{DEADLINE, Lab, Person, wait};
use fuseau::daemon::control::{self, Ask};
use fuseau::store::{Remembered, Store};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// What the configurations of these tests begin with: home has no summer time, one window a day, 12:00 to 12:30 UTC, so
/// that every promise ends at 12:30 UTC.
pub const OWNER: &str = r#"
[me]
name = "Claire Martin"
zone = "Africa/Abidjan"
languages = ["en", "fr"]
[hours]
mon-sun = ["12:00-12:30"]
[digest]
at = "off"
"#;

/// No delay before an acknowledgement.
pub const AT_ONCE: &str = "[replies]\ngrace = \"0s\"\ngrace_in_window = \"0s\"\n";

/// `[mailbox.NAME]` for a person of the lab, without TLS; `more` are further lines.
pub fn mailbox(lab: &Lab, person: &Person<'_>, more: &str) -> String {
    let (imap, smtp) = (lab.port(10143), lab.port(10587));
    let (user, password, address) = (&person.name, &person.password, person.address());
    format!(
        "[mailbox.{user}]\naddress = \"{address}\"\npoll = \"5s\"\n\
         imap = {{ host = \"127.0.0.1\", port = {imap}, tls = \"none\", user = \"{user}\", password = \"{password}\" }}\n\
         smtp = {{ host = \"127.0.0.1\", port = {smtp}, tls = \"none\", user = \"{user}\", password = \"secret\" }}\n{more}\n"
    )
}

/// `[client.NAME]` for a person of the lab.
pub fn client(person: &Person<'_>, more: &str) -> String {
    format!("[client.{}]\ncontacts = [\"{}\"]\n{more}\n", person.name, person.address())
}

/// A configuration and its state, with or without a daemon running on it.
pub struct Daemon<'a> {
    lab: &'a Lab,
    dir: tempfile::TempDir,
    child: Option<Child>,
}

impl<'a> Daemon<'a> {
    /// Writes the configuration; nothing runs yet.
    pub fn new(lab: &'a Lab, config: &str) -> Self {
        let dir = tempfile::Builder::new().prefix("fuseau-").tempdir().unwrap();
        let daemon = Self { lab, dir, child: None };
        daemon.configure(config);
        daemon
    }

    /// Writes the configuration and runs.
    pub fn run(lab: &'a Lab, config: &str) -> Self {
        let mut daemon = Self::new(lab, config);
        daemon.start();
        daemon
    }

    /// Replaces the configuration.
    pub fn configure(&self, config: &str) {
        let mut file = OpenOptions::new();
        let path = self.dir.path().join("fuseau.toml");
        let file = file.create(true).write(true).truncate(true).mode(0o600).open(path).unwrap();
        std::io::Write::write_all(&mut &file, format!("state = \"state\"\n{config}").as_bytes()).unwrap();
    }

    /// Starts the daemon and waits until it has looked at every mailbox once.
    pub fn start(&mut self) {
        self.spawn();
        wait_with(self, "every mailbox was looked at", |it| {
            let status = it.asked()?;
            let all = status["mailboxes"].as_array()?.clone();
            all.iter().all(|one| one["last_poll"].is_string()).then_some(())
        });
    }

    /// Starts the daemon without waiting.
    pub fn spawn(&mut self) {
        self.spawn_with(&[]);
    }

    /// The same; it kills itself at a point of its own.
    pub fn spawn_dying(&mut self, point: &str) {
        self.spawn_with(&[("FUSEAU_FAIL", point)]);
    }

    /// Waits until it has killed itself.
    pub fn dies(&mut self) {
        let mut child = self.child.take().unwrap();
        wait_with(self, "it dies", |_| child.try_wait().unwrap());
        let _ = std::fs::remove_file(self.note(child.id()));
    }

    fn spawn_with(&mut self, variables: &[(&str, &str)]) {
        let log = OpenOptions::new().create(true).append(true).open(self.log_path()).unwrap();
        let mut command = self.command(&["run"]);
        command
            .env("FUSEAU_LOG", "debug")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        let child = command.spawn().unwrap();
        File::create(self.note(child.id())).unwrap();
        self.child = Some(child);
    }

    /// Asks it to stop, as a service manager does, and waits for its end.
    pub fn stop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
        let begun = Instant::now();
        let ended = loop {
            match child.try_wait().unwrap() {
                Some(ended) => break Some(ended),
                None if begun.elapsed() > DEADLINE => break None,
                None => std::thread::sleep(std::time::Duration::from_millis(20)),
            }
        };
        let _ = child.kill();
        let _ = child.wait();
        let _ = std::fs::remove_file(self.note(child.id()));
        if !std::thread::panicking() {
            assert!(ended.is_some_and(|status| status.success()), "{ended:?}\n{}", self.log());
        }
    }

    fn note(&self, pid: u32) -> PathBuf {
        self.lab.dir().join("children").join(pid.to_string())
    }

    /// The state directory.
    pub fn state(&self) -> PathBuf {
        self.dir.path().join("state")
    }

    fn log_path(&self) -> PathBuf {
        self.dir.path().join("log")
    }

    /// Everything that was logged so far, at `FUSEAU_LOG=debug`.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fuseau"));
        command.arg("--config").arg(self.dir.path().join("fuseau.toml")).args(words);
        command.env_remove("STATE_DIRECTORY").env_remove("NOTIFY_SOCKET").env("NO_COLOR", "1");
        command
    }

    /// Runs a command of the program; what it printed.
    pub fn say(&self, words: &[&str]) -> String {
        let done = self.command(words).output().unwrap();
        let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        assert!(done.status.success(), "{words:?}: {out}{err}\n{}", self.log());
        out.into_owned()
    }

    /// Runs a command with `--json`.
    pub fn json(&self, words: &[&str]) -> Value {
        serde_json::from_str(&self.say(&[words, &["--json"]].concat())).unwrap()
    }

    /// The facts of `status`, straight from the daemon; `None` while it does not listen.
    fn asked(&self) -> Option<Value> {
        control::ask(&self.state(), Ask::Status).ok().flatten().map(|reply| reply.facts)
    }

    /// What `status` shows of one mailbox.
    pub fn health(&self, mailbox: &str) -> Value {
        let status = self.asked().unwrap_or_default();
        let all = status["mailboxes"].as_array().cloned().unwrap_or_default();
        all.into_iter().find(|one| one["name"] == mailbox).unwrap_or_default()
    }

    /// Makes the daemon look at everything at once, twice: what lay there when this was called is dealt with.
    pub fn settle(&self) {
        for _ in 0..2 {
            let before = chrono::Utc::now();
            control::ask(&self.state(), Ask::Nudge).unwrap();
            wait_with(self, "a further look at every mailbox", |it| {
                let status = it.asked()?;
                let looked = |one: &Value| one["last_poll"].as_str()?.parse::<chrono::DateTime<chrono::Utc>>().ok();
                let all = status["mailboxes"].as_array()?.clone();
                all.iter().all(|one| looked(one).is_some_and(|at| at > before)).then_some(())
            });
        }
    }

    /// What is recorded of a message, if anything.
    pub fn recorded(&self, message_id: &str) -> Option<Remembered> {
        let store = Store::open_read_only(&self.state()).ok()?;
        store.read_blocking(|tx| tx.exchange_by_message_id(&format!("<{message_id}>"))).unwrap()
    }

    /// Waits until a message is recorded; its verdict and the codes of its reasons.
    pub fn verdict(&self, message_id: &str) -> (String, Vec<String>) {
        let found = wait_with(self, &format!("{message_id} is recorded"), |it| it.recorded(message_id));
        let verdict = found.entry.verdict.map_or("none", |verdict| verdict.as_str()).to_owned();
        let reasons = found.decision.map(|decision| decision.reasons).unwrap_or_default();
        (verdict, reasons.iter().map(|reason| reason.code.as_str().to_owned()).collect())
    }

    /// The states of the promises for a message.
    pub fn promises(&self, message_id: &str) -> Vec<String> {
        let all = self.json(&["promises", "--all"]);
        let of = |one: &&Value| one["message_id"] == format!("<{message_id}>");
        all.as_array().unwrap().iter().filter(of).map(|one| one["state"].as_str().unwrap().to_owned()).collect()
    }

    /// The automatic mails to a client, as the history shows them: their states.
    pub fn replies(&self, client: &str) -> Vec<String> {
        let all = self.json(&["history", client]);
        let of = |one: &&Value| one["direction"] == "out" && one["kind"] == "acknowledgement";
        all.as_array().unwrap().iter().filter(of).map(|one| one["state"].as_str().unwrap_or("").to_owned()).collect()
    }
}

impl Drop for Daemon<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- log of the daemon in {}\n{}---", Path::display(self.dir.path()), self.log());
        }
        self.stop();
    }
}

/// As [`wait`]; `look` gets the daemon.
pub fn wait_with<T>(daemon: &Daemon<'_>, what: &str, mut look: impl FnMut(&Daemon<'_>) -> Option<T>) -> T {
    wait(what, || look(daemon))
}
