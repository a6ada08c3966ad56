//! The control socket of a running daemon: one JSON line in, one JSON line out. Only the owner's account can open it
//! (mode 0600 inside a 0700 directory).
use super::staff::longest_stop;
use crate::system::{failpoint, state};
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream as BlockingStream;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// How long a request may take in the daemon; one to read the configuration again takes longer.
const PATIENCE: Duration = Duration::from_secs(30);
/// The one who asks waits a little longer, so that it hears why.
const MORE: Duration = Duration::from_secs(5);
/// Longest request and answer, in bytes.
const LINE_MAX: u64 = 256 * 1024;

/// What can be asked of a running daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ask {
    /// How everything fares.
    Status,
    /// Read the configuration again.
    Reload,
    /// Look at the memory again: another program changed it.
    Nudge,
}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// Whether it was done.
    pub ok: bool,
    /// What a person should read, if anything.
    pub text: String,
    /// Facts, for `status`.
    #[serde(default)]
    pub facts: serde_json::Value,
}

impl Ask {
    /// How long the daemon may take for it. What is in hand is finished first; perhaps that of another reload, too.
    fn patience(self) -> Duration {
        let usual = failpoint::lasts("FUSEAU_PATIENCE", PATIENCE);
        match self {
            Self::Status | Self::Nudge => usual,
            Self::Reload => usual + 2 * longest_stop(),
        }
    }
}

impl Reply {
    /// Done, and nothing to read.
    pub(super) fn done() -> Self {
        Self { ok: true, text: String::new(), facts: serde_json::Value::Null }
    }

    /// Not done, and why.
    pub(super) fn failed(text: &str) -> Self {
        Self { ok: false, text: text.to_owned(), facts: serde_json::Value::Null }
    }
}

/// A request on its way to the daemon's main loop.
pub type Request = (Ask, oneshot::Sender<Reply>);

/// Opens the socket; a stale one of a dead daemon is replaced (the state lock is held by the caller).
///
/// # Errors
/// When the socket cannot be made.
pub fn listen(dir: &Path) -> io::Result<UnixListener> {
    let path = state::control_socket(dir);
    if path.exists() {
        std::fs::remove_file(&path)?;
    }
    let listener = UnixListener::bind(&path)?;
    state::make_private(&path)?;
    Ok(listener)
}

/// Serves requests until the receiver is gone.
pub async fn serve(listener: UnixListener, requests: mpsc::Sender<Request>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let requests = requests.clone();
                tokio::spawn(async move {
                    if answer(stream, requests).await.is_err() {
                        tracing::debug!("a control request ended early");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "the control socket refused a connection");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
        if requests.is_closed() {
            return;
        }
    }
}

async fn answer(stream: UnixStream, requests: mpsc::Sender<Request>) -> io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    let mut read = tokio::io::BufReader::new(read.take(LINE_MAX));
    timeout(PATIENCE, read.read_line(&mut line)).await??;
    let reply = match serde_json::from_str::<Ask>(line.trim()) {
        Ok(ask) => {
            let (tell, told) = oneshot::channel();
            match requests.send((ask, tell)).await {
                Ok(()) => match timeout(ask.patience(), told).await {
                    Ok(Ok(reply)) => reply,
                    Ok(Err(_)) => Reply::failed("the daemon is going down"),
                    Err(_) => Reply::failed("the daemon is busy with something that takes too long: its log says what"),
                },
                Err(_) => Reply::failed("the daemon is going down"),
            }
        }
        Err(_) => Reply::failed("this is no request that the daemon knows"),
    };
    let mut text = serde_json::to_string(&reply)?;
    text.push('\n');
    timeout(PATIENCE, write.write_all(text.as_bytes())).await?
}

/// Asks a running daemon, from another process. `Ok(None)` when none listens.
///
/// # Errors
/// When the daemon does not answer in time, hangs up or answers nonsense; the text is for people.
pub fn ask(dir: &Path, ask: Ask) -> io::Result<Option<Reply>> {
    let mut stream = match BlockingStream::connect(state::control_socket(dir)) {
        Ok(stream) => stream,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    stream.set_read_timeout(Some(ask.patience() + MORE))?;
    let mut line = String::new();
    let told = stream
        .write_all(format!("{}\n", serde_json::to_string(&ask)?).as_bytes())
        .and_then(|()| BufReader::new(io::Read::take(stream, LINE_MAX)).read_line(&mut line));
    let why = match told {
        Ok(0) => "hung up without an answer",
        Ok(_) => match serde_json::from_str(&line) {
            Ok(reply) => return Ok(Some(reply)),
            Err(_) => "gave an answer that this version does not understand",
        },
        Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
            "has not answered in time"
        }
        Err(_) => "hung up before it had the question",
    };
    Err(io::Error::other(format!(
        "the running fuseau {why}; whether it did what was asked shows in its log and in `fuseau status`"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener as BlockingListener;

    #[test]
    fn a_reload_is_waited_for_until_it_is_done() {
        for unit in [
            include_str!("../../packaging/systemd/fuseau.service"),
            include_str!("../../packaging/systemd/user/fuseau.service"),
        ] {
            // The service manager ends ExecReload after this time.
            let line = unit.lines().find_map(|line| line.strip_prefix("TimeoutStartSec=")).unwrap();
            let limit = Duration::from_secs(line.parse().unwrap());
            let patience = Ask::Reload.patience();
            assert!(longest_stop() < patience && patience + MORE < limit);
        }
    }

    /// Whatever becomes of the daemon while it is asked, a person reads a sentence.
    #[test]
    fn a_daemon_that_goes_away_is_told_in_words() {
        for (answer, want) in [("", "hung up without an answer"), ("{\"o", "does not understand"), ("\n", "understand")]
        {
            let dir = tempfile::tempdir().unwrap();
            let listener = BlockingListener::bind(state::control_socket(dir.path())).unwrap();
            let answer = answer.to_owned();
            let daemon = std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let mut line = String::new();
                BufReader::new(stream.try_clone().unwrap()).read_line(&mut line).unwrap();
                stream.write_all(answer.as_bytes()).unwrap();
                line
            });
            let error = ask(dir.path(), Ask::Reload).unwrap_err().to_string();
            assert_eq!(daemon.join().unwrap(), "\"reload\"\n");
            assert!(error.contains(want) && !error.contains("EOF"), "{error}");
        }
        let nobody = tempfile::tempdir().unwrap();
        assert_eq!(ask(nobody.path(), Ask::Status).unwrap(), None);
    }
}
