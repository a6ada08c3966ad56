//! What a user would have instead of the written history: mbsync for the mail, notmuch or mu for the search. Each in
//! folders of its own, and every command measured the same way: its time and the most memory it had.
use anyhow::{Context, Result, bail, ensure};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::Command;
use tokio::time::{sleep, timeout};

/// What a command cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ran {
    /// From its start to its end.
    pub took: Duration,
    /// The most memory that it had, in octets, as the kernel counts it (`VmHWM`).
    pub peak: u64,
}

/// Runs a command to its end.
pub async fn measured(mut command: Command, patience: Duration) -> Result<Ran> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    let words = format!("{:?}", command.as_std());
    let started = Instant::now();
    let child = command.spawn().with_context(|| words.clone())?;
    let status = PathBuf::from(format!("/proc/{}/status", child.id().context("it has no id")?));
    let mut peak = 0;
    let end = child.wait_with_output();
    tokio::pin!(end);
    let output = loop {
        tokio::select! {
            output = &mut end => break output?,
            () = sleep(Duration::from_millis(10)) => peak = memory(&status).unwrap_or(peak),
        }
        ensure!(started.elapsed() < patience, "{words} takes longer than {patience:?}");
    };
    let took = started.elapsed();
    if !output.status.success() {
        bail!("{words} failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(Ran { took, peak })
}

fn memory(status: &Path) -> Option<u64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

/// What a folder takes on the disk, in octets.
pub fn size_of(dir: &Path) -> Result<u64> {
    let mut all = 0;
    for entry in std::fs::read_dir(dir).with_context(|| dir.display().to_string())? {
        let entry = entry?;
        all += if entry.file_type()?.is_dir() { size_of(&entry.path())? } else { entry.metadata()?.blocks() * 512 };
    }
    Ok(all)
}

/// `mu 1.8.13`; `None` if it is not installed.
pub async fn version(program: &str) -> Option<String> {
    let output = timeout(Duration::from_secs(10), Command::new(program).arg("--version").output()).await.ok()?.ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let number = text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    Some(format!("{program} {number}"))
}

/// A pull into an empty Maildir, `to/INBOX`.
#[derive(Clone, Debug)]
pub struct Pull<'a> {
    pub port: u16,
    pub user: &'a str,
    pub to: PathBuf,
    /// Every file is flushed, as mbsync does if nobody says otherwise.
    pub flush: bool,
    /// So many have to arrive.
    pub mails: usize,
    pub patience: Duration,
}

/// mbsync pulls everything.
pub async fn mbsync(pull: &Pull<'_>) -> Result<Ran> {
    let Pull { port, user, to, mails, .. } = pull;
    if to.exists() {
        std::fs::remove_dir_all(to)?;
    }
    std::fs::create_dir_all(to)?;
    let file = to.with_extension("rc");
    let flush = if pull.flush { "yes" } else { "no" };
    let text = format!(
        "FSync {flush}\n\nIMAPStore there\nHost 127.0.0.1\nPort {port}\nUser {user}\nPass secret\nSSLType None\nAuthMechs LOGIN\n\n\
         MaildirStore here\nPath {to}/\nInbox {to}/INBOX\n\n\
         Channel all\nFar :there:\nNear :here:\nPatterns INBOX\nCreate Near\nSync Pull\nSyncState {to}/state-\n",
        to = to.display()
    );
    std::fs::write(&file, text)?;
    let mut command = Command::new("mbsync");
    command.arg("-c").arg(&file).arg("all");
    let ran = measured(command, pull.patience).await?;
    let mut count = 0;
    for part in ["INBOX/cur", "INBOX/new"] {
        count += std::fs::read_dir(to.join(part))?.count();
    }
    ensure!(count == *mails, "mbsync pulled {count} of {mails}");
    Ok(ran)
}

/// notmuch's database of a folder of Maildirs.
#[derive(Clone, Debug)]
pub struct Notmuch {
    config: PathBuf,
    mail: PathBuf,
}

impl Notmuch {
    /// An empty one.
    pub fn over(mail: &Path) -> Result<Self> {
        let config = mail.with_extension("notmuch");
        let text = format!(
            "[database]\npath={}\n\n[user]\nname=Claire\nprimary_email=claire@lab.example\n\n[new]\ntags=inbox\n",
            mail.display()
        );
        std::fs::write(&config, text)?;
        Ok(Self { config, mail: mail.to_owned() })
    }

    /// `notmuch new`
    pub async fn index(&self, patience: Duration) -> Result<Ran> {
        measured(self.command(&["new", "--quiet", "--no-hooks"]), patience).await
    }

    /// The newest twenty.
    pub fn find(&self, query: &str) -> Command {
        self.command(&["search", "--limit=20", query])
    }

    /// What its index takes.
    pub fn size(&self) -> Result<u64> {
        size_of(&self.mail.join(".notmuch"))
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("notmuch");
        command.args(words).env("NOTMUCH_CONFIG", &self.config);
        command
    }
}

/// mu's database of a folder of Maildirs.
#[derive(Clone, Debug)]
pub struct Mu {
    home: PathBuf,
}

impl Mu {
    /// An empty one.
    pub async fn over(mail: &Path) -> Result<Self> {
        let mu = Self { home: mail.with_extension("mu") };
        if mu.home.exists() {
            std::fs::remove_dir_all(&mu.home)?;
        }
        let maildir = format!("--maildir={}", mail.display());
        measured(mu.command("init", &[&maildir]), Duration::from_secs(60)).await?;
        Ok(mu)
    }

    /// `mu index`
    pub async fn index(&self, patience: Duration) -> Result<Ran> {
        measured(self.command("index", &["--quiet"]), patience).await
    }

    /// The newest twenty.
    pub fn find(&self, query: &str) -> Command {
        self.command("find", &["--sortfield=date", "--reverse", "--maxnum=20", query])
    }

    /// What its index takes.
    pub fn size(&self) -> Result<u64> {
        size_of(&self.home)
    }

    fn command(&self, what: &str, words: &[&str]) -> Command {
        let mut command = Command::new("mu");
        command.arg(what).arg(format!("--muhome={}", self.home.display())).args(words);
        command
    }
}
