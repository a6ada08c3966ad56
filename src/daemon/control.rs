//! The control socket of a running daemon: one JSON line in, one JSON line out. Only the owner's account can open it
//! (mode 0600 inside a 0700 directory).
use crate::system::state;
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream as BlockingStream;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot};

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
                    let served = tokio::time::timeout(Duration::from_secs(30), answer(stream, requests)).await;
                    if !matches!(served, Ok(Ok(()))) {
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
    tokio::io::BufReader::new(read.take(LINE_MAX)).read_line(&mut line).await?;
    let reply = match serde_json::from_str::<Ask>(line.trim()) {
        Ok(ask) => {
            let (tell, told) = oneshot::channel();
            match requests.send((ask, tell)).await {
                Ok(()) => told.await.unwrap_or_else(|_| Reply::failed("the daemon is going down")),
                Err(_) => Reply::failed("the daemon is going down"),
            }
        }
        Err(_) => Reply::failed("this is no request that the daemon knows"),
    };
    let mut text = serde_json::to_string(&reply)?;
    text.push('\n');
    write.write_all(text.as_bytes()).await
}

/// Asks a running daemon, from another process. `Ok(None)` when none listens.
///
/// # Errors
/// When the daemon does not answer within 30 s or answers nonsense.
pub fn ask(dir: &Path, ask: Ask) -> io::Result<Option<Reply>> {
    let mut stream = match BlockingStream::connect(state::control_socket(dir)) {
        Ok(stream) => stream,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    stream.write_all(format!("{}\n", serde_json::to_string(&ask)?).as_bytes())?;
    let mut line = String::new();
    BufReader::new(io::Read::take(stream, LINE_MAX)).read_line(&mut line)?;
    Ok(Some(serde_json::from_str(&line)?))
}
