//! fuseau as its users have it: a configuration file, a process, signals, `status --json`. Nothing here knows its
//! insides, but for the number of decisions in its database.
use anyhow::{Context, Result, bail, ensure};
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

/// The program that is measured.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_fuseau");

/// Longest wait for an orderly end: a drain may take 45 s.
const DRAIN: Duration = Duration::from_secs(60);

/// One mailbox of a configuration. Its name is its user.
#[derive(Clone, Debug)]
pub struct Mailbox<'a> {
    /// The lab's user.
    pub user: &'a str,
    /// IMAP port on loopback.
    pub imap: u16,
    /// SMTP port on loopback.
    pub smtp: u16,
}

/// A configuration.
#[derive(Clone, Debug)]
pub struct Setup<'a> {
    /// Where it lives; the state lies beside it.
    pub dir: PathBuf,
    /// `send` or `observe`.
    pub mode: &'a str,
    /// The contacts of the one client.
    pub contacts: Vec<String>,
    /// Further TOML lines of each mailbox.
    pub extra: &'a str,
    /// A certificate: IMAP over TLS then.
    pub certificate: Option<PathBuf>,
    /// Further TOML, at the end.
    pub further: String,
}

impl<'a> Setup<'a> {
    /// Sends replies to the figures' clients, over connections without TLS.
    pub fn sending(dir: PathBuf) -> Self {
        let contacts = vec!["@client.example".to_owned()];
        Self { dir, mode: "send", contacts, extra: "", certificate: None, further: String::new() }
    }

    /// Writes the file. No grace and the highest limits: figures are about capacity, not about manners.
    pub fn write(&self, mailboxes: &[Mailbox<'_>]) -> Result<PathBuf> {
        let state = self.dir.join("state");
        std::fs::create_dir_all(&self.dir)?;
        let mut text = format!(
            "state = {state:?}\n\n[me]\nname = \"Claire Martin\"\nzone = \"Europe/Paris\"\nlanguages = [\"en\", \"fr\"]\n\n\
             [hours]\nmon-sun = [\"09:00-09:30\", \"17:00-17:30\"]\n\n\
             [replies]\ngrace = \"0s\"\ngrace_in_window = \"0s\"\nper_sender_day = 1000\nper_sender_week = 1000\n\
             per_domain_day = 10000\ntotal_10_minutes = 10000\ntotal_hour = 10000\ntotal_day = 10000\n\n\
             [digest]\nat = \"off\"\n\n[client.figures]\nname = \"Acme Pte Ltd\"\nzone = \"Asia/Singapore\"\n\
             language = \"en\"\ncontacts = {:?}\n",
            self.contacts
        );
        let (host, tls) = match &self.certificate {
            Some(path) => ("localhost", format!("tls = \"implicit\", ca_file = {path:?}")),
            None => ("127.0.0.1", "tls = \"none\"".to_owned()),
        };
        for Mailbox { user, imap, smtp } in mailboxes {
            let login = format!("user = \"{user}\", password = \"secret\"");
            write!(
                text,
                "\n[mailbox.{user}]\naddress = \"{user}@lab.example\"\nmode = \"{}\"\nsent_copy = \"never\"\n{}\n\
                 imap = {{ host = \"{host}\", port = {imap}, {tls}, {login} }}\n\
                 smtp = {{ host = \"127.0.0.1\", port = {smtp}, tls = \"none\" }}\n",
                self.mode, self.extra
            )?;
        }
        text.push_str(&self.further);
        let path = self.dir.join("fuseau.toml");
        std::fs::write(&path, text)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        Ok(path)
    }

    /// The state directory.
    pub fn state(&self) -> PathBuf {
        self.dir.join("state")
    }
}

/// A running daemon; killed when dropped.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    config: PathBuf,
}

impl Daemon {
    /// Starts `fuseau run` as its systemd unit does (one heap for all threads); what it says goes to `fuseau.log` beside
    /// the configuration.
    pub fn start(config: &Path) -> Result<Self> {
        let log = config.with_file_name("fuseau.log");
        let log = std::fs::OpenOptions::new().create(true).append(true).open(log)?;
        let child = Command::new(PROGRAM)
            .args(["run", "--config"])
            .arg(config)
            .env("MALLOC_ARENA_MAX", "1")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .context("fuseau run")?;
        Ok(Self { child, config: config.to_owned() })
    }

    /// Its process id.
    pub fn pid(&self) -> Result<u32> {
        self.child.id().context("fuseau has ended")
    }

    /// Fails if it has ended by itself.
    pub fn alive(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("fuseau ended ({status}):\n{}", last_words(&self.config)),
        }
    }

    /// SIGTERM, and kill if that does not help.
    pub async fn stop(mut self) -> Result<()> {
        self.alive()?;
        let pid = self.pid()?.to_string();
        ensure!(std::process::Command::new("kill").args(["-TERM", &pid]).status()?.success(), "cannot stop fuseau");
        match timeout(DRAIN, self.child.wait()).await {
            Ok(status) => ensure!(status?.success(), "fuseau ended badly:\n{}", last_words(&self.config)),
            Err(_) => {
                self.child.kill().await?;
                bail!("fuseau did not stop within {DRAIN:?}");
            }
        }
        Ok(())
    }

    /// Waits until all mailboxes are connected by `status --json`.
    pub async fn connected(&mut self, count: usize, within: Duration) -> Result<()> {
        let started = Instant::now();
        loop {
            self.alive()?;
            let connected = self.count_connected().await.unwrap_or(0);
            if connected >= count {
                return Ok(());
            }
            ensure!(
                started.elapsed() < within,
                "only {connected} of {count} mailboxes are connected after {within:?}:\n{}",
                last_words(&self.config)
            );
            sleep(Duration::from_millis(500)).await;
        }
    }

    async fn count_connected(&self) -> Result<usize> {
        let mut ask = Command::new(PROGRAM);
        ask.args(["status", "--json", "--config"]).arg(&self.config).stdin(Stdio::null()).kill_on_drop(true);
        let answer = timeout(Duration::from_secs(35), ask.output()).await??;
        let status: serde_json::Value = serde_json::from_slice(&answer.stdout)?;
        let mailboxes = status.get("mailboxes").and_then(|list| list.as_array()).context("no mailboxes")?;
        let connected = |one: &&serde_json::Value| one.get("connected") == Some(&serde_json::Value::Bool(true));
        Ok(mailboxes.iter().filter(connected).count())
    }
}

/// How many messages have been judged and recorded in a state directory.
pub fn decisions(state: &Path) -> Result<usize> {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY | rusqlite::OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let database = rusqlite::Connection::open_with_flags(state.join("fuseau.db"), flags)?;
    database.busy_timeout(Duration::from_secs(5))?;
    Ok(database.query_row("SELECT count(*) FROM decision", [], |row| row.get::<_, i64>(0))?.try_into()?)
}

fn last_words(config: &Path) -> String {
    let log = std::fs::read_to_string(config.with_file_name("fuseau.log")).unwrap_or_default();
    let lines: Vec<&str> = log.lines().rev().take(8).collect();
    lines.into_iter().rev().map(|line| format!("  {line}\n")).collect()
}
