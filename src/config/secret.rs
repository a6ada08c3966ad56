//! Secrets: from where they are kept to their text, at the moment of a login. Their text is never shown, neither
//! in errors nor in logs. Blocking: call it where waiting is allowed.
use crate::model::Secret;
use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    os::unix::fs::{MetadataExt, PermissionsExt},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::Duration,
};

/// Asks the system's keyring for an entry; what is wrong with it ends with what to do. Handed in: the system is not known here.
pub type Keyring = fn(&str) -> Result<String, String>;

/// How long a command may take.
const DEADLINE: Duration = Duration::from_secs(30);

/// A secret longer than this is none.
const GREATEST: u64 = 64 * 1024;

/// Why a secret could not be had. Setup: the owner must act, except where [`Self::is_transient`].
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read.
    #[error("the secret in {file} cannot be read: {error}")]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// The system's word.
        error: std::io::Error,
    },
    /// Others could read the file, or it belongs to somebody else.
    #[error("{file} {what}\n    {remedy}")]
    Unsafe {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        what: &'static str,
        /// What to do.
        remedy: String,
    },
    /// The command cannot be started.
    #[error("the command {command} cannot be run: {error}")]
    NotStarted {
        /// The program's name.
        command: String,
        /// The system's word.
        error: std::io::Error,
    },
    /// The command said no.
    #[error("the command {command} failed ({status}){}", said(.stderr))]
    Failed {
        /// The program's name.
        command: String,
        /// How it ended.
        status: String,
        /// The end of what it printed on standard error.
        stderr: String,
    },
    /// The command did not end.
    #[error("the command {command} did not end in {} seconds{}\n    does it wait for a passphrase? Then unlock its agent first", .seconds, said(.stderr))]
    TimedOut {
        /// The program's name.
        command: String,
        /// The deadline.
        seconds: u64,
        /// The end of what it printed on standard error.
        stderr: String,
    },
    /// The variable is not there.
    #[error(
        "the environment variable {0} is not set (or is no UTF-8)\n    systemd units set it with Environment= or EnvironmentFile="
    )]
    NoVariable(String),
    /// There are no credentials.
    #[error(
        "$CREDENTIALS_DIRECTORY is not set, so there is no credential {0}\n    add LoadCredential={0}:FILE to the systemd unit; outside of systemd use file or command"
    )]
    NoCredentials(String),
    /// The system's keyring.
    #[error("the keyring entry {0}: {1}")]
    Keyring(String, String),
    /// The first line is empty.
    #[error("{0} yields an empty secret{1}")]
    Empty(String, String),
}

impl SecretError {
    /// Whether trying again later may help without the owner: an agent that was locked, a slow network.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::TimedOut { .. } | Self::Failed { .. })
    }
}

fn said(stderr: &str) -> String {
    if stderr.is_empty() { String::new() } else { format!(": {stderr}") }
}

/// The text of a secret: the first line of what its place holds, without the line's end. Commands have 30 s.
///
/// Blocks. The result must not be logged.
///
/// # Errors
/// [`SecretError`]; its text holds no part of the secret, but what a command wrote to standard error.
pub fn resolve(secret: &Secret, keyring: Keyring) -> Result<String, SecretError> {
    resolve_with(secret, DEADLINE, |name| std::env::var(name).ok(), keyring)
}

fn resolve_with(
    secret: &Secret,
    deadline: Duration,
    variable: impl Fn(&str) -> Option<String>,
    keyring: Keyring,
) -> Result<String, SecretError> {
    let empty = |what: String| SecretError::Empty(what, String::new());
    match secret {
        Secret::Text(text) => Ok(text.clone()),
        Secret::File(path) => own_file(path).and_then(|file| line_of(file, path)),
        Secret::Command(words) => command(words, deadline),
        Secret::Env(name) => {
            let value = variable(name).ok_or_else(|| SecretError::NoVariable(name.clone()))?;
            first_line(&value).ok_or_else(|| empty(format!("the environment variable {name}")))
        }
        Secret::Credential(name) => {
            let folder = variable("CREDENTIALS_DIRECTORY").ok_or_else(|| SecretError::NoCredentials(name.clone()))?;
            let path = Path::new(&folder).join(name);
            // systemd itself guards that folder; its files belong to root on some versions
            open(&path).and_then(|file| line_of(file, &path))
        }
        Secret::Keyring(name) => {
            let text = keyring(name).map_err(|error| SecretError::Keyring(name.clone(), error))?;
            first_line(&text).ok_or_else(|| empty(format!("the keyring entry {name}")))
        }
    }
}

fn open(path: &Path) -> Result<File, SecretError> {
    File::open(path).map_err(|error| SecretError::Unreadable { file: path.to_owned(), error })
}

/// Opens a file that only we can read. Its mode is taken from the handle, so that it cannot be exchanged.
fn own_file(path: &Path) -> Result<File, SecretError> {
    let file = open(path)?;
    let meta = file.metadata().map_err(|error| SecretError::Unreadable { file: path.to_owned(), error })?;
    let unsafe_file = |what, remedy| Err(SecretError::Unsafe { file: path.to_owned(), what, remedy });
    if !meta.is_file() {
        return unsafe_file("is no ordinary file", "write the secret into a file, or use command".to_owned());
    }
    if meta.permissions().mode() & 0o077 != 0 {
        return unsafe_file("can be read by others", format!("run: chmod 600 {}", path.display()));
    }
    // Without /proc the mode says enough: what only its owner can read and we could open is ours, unless we are root.
    let foreign = std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() != meta.uid());
    if foreign {
        return unsafe_file("belongs to another user", format!("run: chown $(id -un) {}", path.display()));
    }
    Ok(file)
}

fn line_of(file: File, path: &Path) -> Result<String, SecretError> {
    let mut line = Vec::new();
    let unreadable = |error| SecretError::Unreadable { file: path.to_owned(), error };
    BufReader::new(file.take(GREATEST)).read_until(b'\n', &mut line).map_err(unreadable)?;
    let line = String::from_utf8(line)
        .map_err(|_| unreadable(std::io::Error::new(std::io::ErrorKind::InvalidData, "it is no UTF-8")))?;
    first_line(&line).ok_or_else(|| SecretError::Empty(path.display().to_string(), String::new()))
}

/// The first line; `None` if it is empty. Spaces may belong to a password.
fn first_line(text: &str) -> Option<String> {
    let line = text.split('\n').next().unwrap_or_default();
    let line = line.strip_suffix('\r').unwrap_or(line);
    (!line.is_empty()).then(|| line.to_owned())
}

fn command(words: &[String], deadline: Duration) -> Result<String, SecretError> {
    let (mut process, name) = match words {
        [line] => {
            let mut shell = Command::new("/bin/sh");
            shell.args(["-c", line]);
            (shell, line.split_whitespace().next().unwrap_or("/bin/sh").to_owned())
        }
        [program, arguments @ ..] => {
            let mut process = Command::new(program);
            process.args(arguments);
            (process, program.clone())
        }
        [] => return Err(SecretError::Empty("an empty command".to_owned(), String::new())),
    };
    // a group of its own, so that what the shell started can be ended with it
    process.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let not_started = |error| SecretError::NotStarted { command: name.clone(), error };
    let mut child = process.spawn().map_err(not_started)?;
    let stdout = child.stdout.take().map(first_line_of);
    let stderr = child.stderr.take().map(end_of);
    let ended = wait(&mut child, deadline).map_err(not_started)?;
    // a program left in the background may keep the pipes open: what is there now must do
    let patience = Duration::from_millis(500);
    let stderr = stderr.and_then(|channel| channel.recv_timeout(patience).ok()).unwrap_or_default();
    match ended {
        None => Err(SecretError::TimedOut { command: name, seconds: deadline.as_secs(), stderr }),
        Some(status) if !status.success() => {
            Err(SecretError::Failed { command: name, status: status.to_string(), stderr })
        }
        Some(_) => {
            let line = stdout.and_then(|channel| channel.recv_timeout(patience).ok()).unwrap_or_default();
            let line = String::from_utf8(line).unwrap_or_default();
            first_line(&line).ok_or_else(|| SecretError::Empty(format!("the command {name}"), said(&stderr)))
        }
    }
}

/// Waits for the end; `None` if the deadline came first, and the command was ended.
fn wait(child: &mut Child, deadline: Duration) -> std::io::Result<Option<std::process::ExitStatus>> {
    let step = Duration::from_millis(10);
    let mut waited = Duration::ZERO;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if waited >= deadline {
            break;
        }
        std::thread::sleep(step);
        waited += step;
    }
    let group = format!("-{}", child.id());
    let _ = Command::new("/bin/kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
    child.kill()?;
    child.wait()?;
    Ok(None)
}

/// Hands over the first line as soon as it is there, and reads on so that the program is not disturbed.
fn first_line_of(pipe: impl Read + Send + 'static) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut reader = BufReader::new(pipe);
        let mut line = Vec::new();
        let _ = (&mut reader).take(GREATEST).read_until(b'\n', &mut line);
        let _ = sender.send(line);
        let _ = std::io::copy(&mut reader, &mut std::io::sink());
    });
    receiver
}

/// The end of what is written to a pipe, without control characters, at most 400 characters.
fn end_of(mut pipe: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = (&mut pipe).take(GREATEST).read_to_end(&mut bytes);
        let text = String::from_utf8_lossy(&bytes);
        let plain = text.trim().replace('\n', " / ");
        let plain: Vec<char> = plain.chars().filter(|c| !c.is_control()).collect();
        let _ = sender.send(plain.iter().skip(plain.len().saturating_sub(400)).collect());
        let _ = std::io::copy(&mut pipe, &mut std::io::sink());
    });
    receiver
}

#[cfg(test)]
#[path = "secret_tests.rs"]
mod tests;
