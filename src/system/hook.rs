//! Running a program of the owner's that is told something: JSON on its standard input, no shell, bounded in time and
//! output, ended with everything that it started. Never here: when, and what it is told.
use crate::model::text::clean;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// What the program may know of our environment: enough to find its own settings and the owner's desktop. The rest
/// may hold passwords.
const KEPT: [&str; 18] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_RUNTIME_DIR",
    "DBUS_SESSION_BUS_ADDRESS",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "GNUPGHOME",
    "SSH_AUTH_SOCK",
];
/// Octets of output that are kept; more is read and dropped, so that the program does not block on it.
const KEPT_OUTPUT: usize = 4096;
/// Characters of it that an error repeats.
const SHOWN: usize = 300;
/// After the program has ended, how long its last words are waited for: something that it left behind may hold the pipe.
const LAST_WORDS: Duration = Duration::from_millis(300);

/// Why a hook did not do its work. Texts are one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HookError {
    /// It cannot be started.
    #[error("{program} cannot be run: {error}")]
    NotStarted {
        /// The program.
        program: String,
        /// The system's word.
        error: String,
    },
    /// It said no.
    #[error("{program} failed ({status}){}", said(.output))]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        status: String,
        /// The beginning of what it wrote.
        output: String,
    },
    /// It did not end in time, and was ended.
    #[error("{program} did not end within {} s and was stopped{}", .limit.as_secs(), said(.output))]
    TimedOut {
        /// The program.
        program: String,
        /// The limit.
        limit: Duration,
        /// The beginning of what it wrote.
        output: String,
    },
}

fn said(output: &str) -> String {
    if output.is_empty() { String::new() } else { format!(": {output}") }
}

/// Where a program would be found: the path itself, or the first of `$PATH` that has it; `None` if it is not there or
/// may not be run.
#[must_use]
pub fn find(program: &str) -> Option<std::path::PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let runs = |path: &std::path::Path| {
        std::fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
    };
    if program.contains('/') {
        return Some(std::path::PathBuf::from(program)).filter(|path| runs(path));
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|path| runs(path))
}

/// Runs a command (program and arguments) with `input` on its standard input, until it ends or `limit` is over.
///
/// The program leads a process group of its own. When time is over, or when this future is dropped, the whole group is
/// killed. What it leaves running after it has ended well is its own business.
///
/// # Errors
/// See [`HookError`].
pub async fn run(command: &[String], input: &[u8], limit: Duration) -> Result<(), HookError> {
    let (program, words) = command.split_first().map_or(("", command), |(program, words)| (program.as_str(), words));
    let not_started = |error: String| HookError::NotStarted { program: program.to_owned(), error };
    let mut process = Command::new(program);
    process.args(words).current_dir("/").process_group(0).kill_on_drop(true);
    process.env_clear().envs(KEPT.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    process.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = process.spawn().map_err(|error| not_started(error.to_string()))?;
    let mut group = Group(child.id().and_then(|id| rustix::process::Pid::from_raw(i32::try_from(id).ok()?)));
    let errors = child.stderr.take().map(|pipe| tokio::spawn(listen(pipe)));
    let words = child.stdout.take().map(|pipe| tokio::spawn(listen(pipe)));
    let ended = timeout(limit, feed(&mut child, input)).await;
    if matches!(ended, Ok(Ok(_))) {
        group.spare();
    }
    drop(group);
    let mut output = last_words(errors).await;
    if output.is_empty() {
        output = last_words(words).await;
    }
    match ended {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(HookError::Failed { program: program.to_owned(), status: status.to_string(), output }),
        Ok(Err(error)) => Err(not_started(error.to_string())),
        Err(_) => Err(HookError::TimedOut { program: program.to_owned(), limit, output }),
    }
}

/// A process group that is killed when this is dropped.
struct Group(Option<rustix::process::Pid>);

impl Group {
    fn spare(&mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // Gone already: nothing to do.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

/// Writes the input, closes it, waits for the end.
async fn feed(child: &mut Child, input: &[u8]) -> std::io::Result<ExitStatus> {
    if let Some(mut pipe) = child.stdin.take() {
        // A program that does not read its input breaks the pipe: its exit code says more than that.
        let _ = pipe.write_all(input).await;
        let _ = pipe.shutdown().await;
    }
    child.wait().await
}

/// The beginning of what is written to a pipe; the rest is read and dropped.
async fn listen(mut pipe: impl AsyncRead + Unpin) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut chunk = [0; 4096];
    while let Ok(n @ 1..) = pipe.read(&mut chunk).await {
        let room = KEPT_OUTPUT.saturating_sub(kept.len()).min(n);
        kept.extend_from_slice(chunk.get(..room).unwrap_or_default());
    }
    kept
}

async fn last_words(listener: Option<tokio::task::JoinHandle<Vec<u8>>>) -> String {
    let Some(listener) = listener else { return String::new() };
    let stop = listener.abort_handle();
    let kept = timeout(LAST_WORDS, listener).await;
    stop.abort();
    let kept = kept.ok().and_then(Result::ok).unwrap_or_default();
    clean(&String::from_utf8_lossy(&kept), SHOWN)
}
