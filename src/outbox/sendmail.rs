//! Delivery through a sendmail-like program (Postfix, Exim, msmtp, ...). Does not live here: SMTP.
use super::message::{copy, with_local_line_ends};
use super::{Envelope, Outcome, Stage};
use crate::model::text::clean;
use std::process::{ExitStatus, Stdio};
use std::{fmt::Display, time::Duration};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStderr, Command};
use tokio::time::timeout;

/// Exit code "temporary failure, try later" of `sysexits.h`.
const EX_TEMPFAIL: i32 = 75;

/// What the program may know of our environment. The rest may hold passwords.
const KEPT: [&str; 14] = [
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
    "XDG_RUNTIME_DIR",
    "DBUS_SESSION_BUS_ADDRESS",
    "GNUPGHOME",
    "SSH_AUTH_SOCK",
];

/// A program that takes a mail on its standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sendmail {
    words: Vec<String>,
    deadline: Duration,
}

impl Sendmail {
    /// A program from its configured words. One word is run as `PROGRAM -i -f FROM -- TO` (`<>` as FROM is the
    /// null sender); several are run as they are, with the recipients behind them. No shell is involved.
    #[must_use]
    pub fn new(words: Vec<String>) -> Self {
        Self { words, deadline: Duration::from_secs(600) }
    }

    /// The same with another limit than 10 minutes.
    #[must_use]
    pub fn within(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }

    /// Hands one mail over, with LF as line end. Exit code 0 is sent, 75 may be tried again, others are final.
    ///
    /// A pipe has no final dot: its end is the end of the message, however it comes about. A crash of ours
    /// half-way would have the program send half a mail. So `before_dot` is awaited before the program is
    /// started, and everything from then on counts as "perhaps sent" until the exit code says otherwise.
    pub async fn send<F, Fut, E>(&self, envelope: &Envelope, message: &[u8], before_dot: F) -> Outcome
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<(), E>>,
        E: Display,
    {
        let refused = |stage, reply: String| Outcome::Refused { permanent: true, stage, reply: clean(&reply, 200) };
        let lines = match with_local_line_ends(message) {
            Ok(lines) => lines,
            Err(error) => return refused(Stage::Body, error.to_string()),
        };
        let to: Vec<String> = envelope.recipients().map(ToString::to_string).collect();
        let bad = envelope.recipients().find(|to| !to.is_deliverable() || to.to_string().starts_with('-'));
        if let Some(to) = bad {
            return refused(Stage::Rcpt, format!("`{to}` cannot be written to through a program"));
        }
        let also = copy(message).filter(|copy| envelope.recipients().all(|to| to != copy)).map(|copy| copy.to_string());
        let also = also.filter(|copy| !copy.starts_with('-'));
        let mut command = match self.command(envelope, to, also) {
            Ok(command) => command,
            Err(text) => return lost(Stage::Connect, &text),
        };
        if let Err(error) = before_dot().await {
            return lost(Stage::Body, &format!("held back: {error}"));
        }
        match command.spawn() {
            Err(error) => lost(Stage::Connect, &format!("`{}` cannot be run: {error}", self.program())),
            Ok(mut child) => match timeout(self.deadline, feed(&mut child, &lines)).await {
                Ok(Ok((status, said))) => verdict(status, &said),
                Ok(Err(error)) => unknown(&format!("lost sight of `{}`: {error}", self.program())),
                Err(_) => {
                    // Killed while its input is still open: what it has not read to the end it cannot send.
                    let _ = child.kill().await;
                    unknown(&format!("`{}` did not end within {} s", self.program(), self.deadline.as_secs()))
                }
            },
        }
    }

    fn program(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    /// The command, if its program is there.
    fn command(&self, envelope: &Envelope, to: Vec<String>, also: Option<String>) -> Result<Command, String> {
        let (program, words) = self.words.split_first().ok_or("no program is configured")?;
        if program.contains('/') && !std::path::Path::new(program).is_file() {
            return Err(format!("`{program}` does not exist: correct `sendmail`"));
        }
        let mut command = Command::new(program);
        if words.is_empty() {
            let from = envelope.from.as_ref().map_or_else(|| "<>".to_owned(), ToString::to_string);
            command.args(["-i", "-f", &from, "--"]);
        }
        command.args(words).args(to).args(also);
        command.env_clear().envs(KEPT.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        Ok(command)
    }
}

/// Writes the message, closes the input, waits for the end; gives the exit status and what was said on
/// standard error. The input stays part of `child`: if this is cancelled, the kill comes before the end of input.
async fn feed(child: &mut Child, message: &[u8]) -> std::io::Result<(ExitStatus, String)> {
    let listener = tokio::spawn(listen(child.stderr.take()));
    if let Some(input) = child.stdin.as_mut() {
        // A program that ends early breaks the pipe: its exit code says more than that.
        let _ = input.write_all(message).await;
        let _ = input.flush().await;
    }
    let status = child.wait().await?;
    // A helper that the program left behind may hold standard error open for ever: do not wait for that.
    let stop = listener.abort_handle();
    let said = timeout(Duration::from_millis(500), listener).await;
    stop.abort();
    Ok((status, said.ok().and_then(Result::ok).unwrap_or_default()))
}

/// The first 4 KiB of standard error; more is read and dropped, so that the program does not block on it.
async fn listen(errors: Option<ChildStderr>) -> String {
    let mut said = Vec::new();
    let mut chunk = [0; 1024];
    if let Some(mut errors) = errors {
        while let Ok(n @ 1..) = errors.read(&mut chunk).await {
            if said.len() < 4096 {
                said.extend_from_slice(chunk.get(..n).unwrap_or_default());
            }
        }
    }
    String::from_utf8_lossy(&said).into_owned()
}

/// What an exit status means (`sysexits.h`). Death by a signal says nothing about the mail.
fn verdict(status: ExitStatus, said: &str) -> Outcome {
    let text = |code: i32| clean(&format!("exit code {code} {said}"), 200);
    match status.code() {
        Some(0) => Outcome::Sent { reply: text(0) },
        Some(code) => Outcome::Refused { permanent: code != EX_TEMPFAIL, stage: Stage::Dot, reply: text(code) },
        None => unknown(&format!("the program was ended by a signal ({status}) {said}")),
    }
}

fn lost(stage: Stage, text: &str) -> Outcome {
    Outcome::Lost { stage, text: clean(text, 200) }
}

fn unknown(text: &str) -> Outcome {
    Outcome::Unknown { text: clean(text, 200) }
}
