//! The mail server that all contestants share: `tests/lab` in a folder and on ports of its own, Sieve's replies sent to
//! the sink. Gone when dropped. Also the disk's share of a durable figure.
use super::sink::Sink;
use super::table::Samples;
use anyhow::{Context, Result, bail, ensure};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Shift of the lab's ports when `FUSEAU_LAB_PORTS` says nothing.
const SHIFT: u16 = 2000;

/// A running lab.
#[derive(Debug)]
pub struct Lab {
    /// Everything that the figures write: the lab, configurations, state directories.
    pub dir: PathBuf,
    /// IMAP without TLS.
    pub imap: u16,
    /// IMAP over TLS.
    pub imaps: u16,
    /// LMTP.
    pub lmtp: u16,
    /// Where replies go.
    pub sink: Sink,
}

impl Lab {
    /// Starts it.
    pub async fn up() -> Result<Self> {
        let shift = shift()?;
        let dir = folder()?;
        let lab =
            Self { dir, imap: 10143 + shift, imaps: 10993 + shift, lmtp: 10024 + shift, sink: Sink::open().await? };
        let (base, port) = (lab.base(), lab.imap);
        // What an interrupted run of ours left is stopped; somebody else's lab is left alone.
        run_lab("down", &base, shift)?;
        if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            bail!("port {port} is taken: set FUSEAU_LAB_PORTS to another shift than {shift}");
        }
        if lab.dir.exists() {
            std::fs::remove_dir_all(&lab.dir)?;
        }
        std::fs::create_dir_all(&base)?;
        run_lab("up", &base, shift)?;
        lab.point_sieve_at_the_sink()?;
        Ok(lab)
    }

    fn base(&self) -> PathBuf {
        self.dir.join("lab")
    }

    /// The lab's certificate.
    pub fn certificate(&self) -> PathBuf {
        self.base().join("tls/cert.pem")
    }

    /// A user's Maildir.
    pub fn maildir(&self, user: &str) -> PathBuf {
        self.base().join("mail").join(user).join("Maildir")
    }

    /// Adds users with empty mailboxes and password `secret`.
    pub async fn add_users<'a>(&self, users: impl IntoIterator<Item = &'a str>) -> Result<()> {
        let mut file = std::fs::OpenOptions::new().append(true).open(self.base().join("run/users"))?;
        let text: String = users.into_iter().map(|user| format!("{user}:{{PLAIN}}secret::::::\n")).collect();
        file.write_all(text.as_bytes())?;
        // Dovecot looks at the file once a second at most.
        tokio::time::sleep(Duration::from_millis(1200)).await;
        Ok(())
    }

    /// Adds a user to whom the server itself answers, as the lab's user `vacation`.
    pub async fn add_sieve_user(&self, user: &str) -> Result<()> {
        self.add_users([user]).await?;
        let model = self.base().join("mail/vacation");
        let home = self.base().join("mail").join(user);
        std::fs::create_dir_all(&home)?;
        let script = std::fs::read_to_string(model.join(".dovecot.sieve"))?;
        let path = home.join(".dovecot.sieve");
        std::fs::write(&path, script.replace("vacation@lab.example", &format!("{user}@lab.example")))?;
        let owner = std::fs::metadata(&model)?;
        for path in [&home, &path] {
            chown(path, Some(owner.uid()), Some(owner.gid()))?;
        }
        Ok(())
    }

    /// In the lab replies go to Exim; here the sink has to take them, as it takes everybody's.
    fn point_sieve_at_the_sink(&self) -> Result<()> {
        let path = self.base().join("run/dovecot.conf");
        let text = std::fs::read_to_string(&path)?;
        let lines = text.lines().map(|line| match line.starts_with("submission_host") {
            true => format!("submission_host = 127.0.0.1:{}\n", self.sink.port),
            false => format!("{line}\n"),
        });
        std::fs::write(&path, lines.collect::<String>())?;
        let pid = std::fs::read_to_string(self.base().join("run/dovecot/master.pid"))?;
        let reloaded = Command::new("kill").args(["-HUP", pid.trim()]).status()?;
        ensure!(reloaded.success(), "Dovecot does not take its new configuration");
        Ok(())
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let shift = self.imap - 10143;
        if let Err(error) = run_lab("down", &self.base(), shift) {
            eprintln!("the lab in {} may still run: {error}", self.dir.display());
        }
        if std::env::var_os("FUSEAU_FIGURES_KEEP").is_none() {
            // Some hundred megabytes of mail; nothing depends on it.
            let _ = std::fs::remove_dir_all(&self.dir);
        }
    }
}

fn shift() -> Result<u16> {
    match std::env::var("FUSEAU_LAB_PORTS") {
        Ok(text) => text.parse().context("FUSEAU_LAB_PORTS"),
        Err(_) => Ok(SHIFT),
    }
}

/// Where the figures write: `FUSEAU_FIGURES_DIR`, else a folder among the temporary ones.
pub fn folder() -> Result<PathBuf> {
    let usual = std::env::temp_dir().join(format!("fuseau-figures-{}", shift()?));
    Ok(std::env::var_os("FUSEAU_FIGURES_DIR").map_or(usual, PathBuf::from))
}

fn run_lab(what: &str, base: &Path, shift: u16) -> Result<()> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab");
    let mut command = Command::new(script);
    command.arg(what).arg(base).env("FUSEAU_LAB_PORTS", shift.to_string()).stdin(Stdio::null()).stdout(Stdio::null());
    // The servers keep the script's standard error, so it is a file and not a pipe whose end would have to be awaited.
    let said = std::env::temp_dir().join(format!("fuseau-figures-lab-{shift}.log"));
    let status = command.stderr(std::fs::File::create(&said)?).status().context("tests/lab")?;
    ensure!(status.success(), "tests/lab {what} failed, see {}", said.display());
    Ok(())
}

/// How long one write of 4 KiB needs to reach the disk under `dir`.
pub fn disk(dir: &Path, count: usize) -> Result<Vec<Duration>> {
    let path = dir.join("disk-probe");
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(&path)?;
    let block = [0x5a_u8; 4096];
    let mut took = Vec::with_capacity(count);
    for _ in 0..count {
        let started = Instant::now();
        file.write_all(&block)?;
        file.sync_data()?;
        took.push(started.elapsed());
    }
    Ok(took)
}

/// What the disk did, as a row's value.
pub fn disk_words(samples: &Samples) -> String {
    format!("{} of 4 KiB", samples.millis())
}
