//! Bytes out and replies in, each step within its limit. Knows replies, not what they are replies to.
use super::reply::{Assembly, Reply};
use futures_util::FutureExt;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

/// Longest line of a reply, in bytes (RFC 5321 4.5.3.1.5 says 512; servers exceed it).
const LINE_MAX: usize = 2048;

/// Why the conversation cannot go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum WireError {
    /// Closed by the other side, or broken.
    #[error("the connection was lost ({0})")]
    Lost(String),
    /// Nothing came, or nothing was taken, for too long.
    #[error("the server was silent for {} s", .0.as_secs())]
    Silent(Duration),
    /// What came is no reply.
    #[error("the server sent {0}")]
    Garbled(&'static str),
}

/// A stream with what was read from it and not yet used.
pub(super) struct Wire<S> {
    stream: Option<S>,
    unread: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    /// Takes a stream of which nothing has been read.
    pub fn new(stream: S) -> Self {
        Self { stream: Some(stream), unread: Vec::new() }
    }

    /// Writes `bytes` in one go and flushes them, within `limit`.
    pub async fn write(&mut self, bytes: &[u8], limit: Duration) -> Result<(), WireError> {
        let stream = self.stream.as_mut().ok_or_else(gone)?;
        let writing = async {
            stream.write_all(bytes).await?;
            stream.flush().await
        };
        match timeout(limit, writing).await {
            Ok(done) => done.map_err(|e| lost(&e)),
            Err(_) => Err(WireError::Silent(limit)),
        }
    }

    /// The next reply, complete, within `limit`.
    pub async fn reply(&mut self, limit: Duration) -> Result<Reply, WireError> {
        let reading = async {
            let mut assembly = Assembly::default();
            loop {
                let line = self.line().await?;
                if let Some(reply) = assembly.push(&line).map_err(WireError::Garbled)? {
                    return Ok(reply);
                }
            }
        };
        timeout(limit, reading).await.unwrap_or(Err(WireError::Silent(limit)))
    }

    /// What the server said without being asked: nothing, or a reply, or that it has hung up. Does not wait
    /// unless a reply has begun. To be asked before each command: an extra reply would be taken for the next
    /// command's, and every answer after it would be one late.
    pub async fn unasked(&mut self, limit: Duration) -> Result<Option<Reply>, WireError> {
        if self.unread.is_empty() {
            let mut chunk = [0; 1024];
            let stream = self.stream.as_mut().ok_or_else(gone)?;
            match stream.read(&mut chunk).now_or_never() {
                None => return Ok(None),
                Some(Err(e)) => return Err(lost(&e)),
                Some(Ok(n)) => self.keep(chunk.get(..n).unwrap_or_default())?,
            }
        }
        self.reply(limit).await.map(Some)
    }

    /// Drops the connection without a word.
    pub fn hang_up(&mut self) {
        self.stream = None;
        self.unread.clear();
    }

    /// Whether nothing is left unread.
    pub fn is_read_up(&self) -> bool {
        self.unread.is_empty()
    }

    /// The stream, if it was not dropped.
    pub fn into_stream(self) -> Option<S> {
        self.stream
    }

    /// One line without its line end; LF alone is let pass, as no reply is forwarded anywhere.
    async fn line(&mut self) -> Result<Vec<u8>, WireError> {
        loop {
            let end = self.unread.iter().position(|&byte| byte == b'\n');
            if end.unwrap_or(self.unread.len()) > LINE_MAX {
                return Err(WireError::Garbled("a line of more than 2048 bytes"));
            }
            if let Some(end) = end {
                let mut line: Vec<u8> = self.unread.drain(..=end).collect();
                line.truncate(end);
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                return Ok(line);
            }
            let mut chunk = [0; 4096];
            let stream = self.stream.as_mut().ok_or_else(gone)?;
            let n = stream.read(&mut chunk).await.map_err(|e| lost(&e))?;
            self.keep(chunk.get(..n).unwrap_or_default())?;
        }
    }

    /// Adds what was read; nothing means that the other side has closed.
    fn keep(&mut self, bytes: &[u8]) -> Result<(), WireError> {
        if bytes.is_empty() {
            return Err(closed());
        }
        self.unread.extend_from_slice(bytes);
        Ok(())
    }
}

fn closed() -> WireError {
    WireError::Lost("closed by the server".to_owned())
}

fn gone() -> WireError {
    WireError::Lost("hung up".to_owned())
}

/// The kind of an I/O error; its text may come from the TLS layer and say more than one line should.
fn lost(error: &std::io::Error) -> WireError {
    if error.kind() == std::io::ErrorKind::UnexpectedEof {
        return closed();
    }
    WireError::Lost(crate::model::text::clean(&error.to_string(), 120))
}
