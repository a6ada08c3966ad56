//! A stream that cannot hang for ever: every read and write that makes no progress ends in `TimedOut`, and what
//! comes in passes the gate first. Does not live here: dialling, TLS, limits for whole commands.
use super::gate::{Gate, LITERAL_MAX};
use std::{
    fmt, io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep},
};

/// Silence that is borne while a reply is awaited.
pub(super) const SILENCE: Duration = Duration::from_secs(60);

/// A connection's byte stream, dialled and (where wanted) encrypted by the caller.
pub trait Transport: AsyncRead + AsyncWrite + Unpin + Send + fmt::Debug + 'static {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + fmt::Debug + 'static> Transport for T {}

/// A limit that starts with the first fruitless poll and ends with progress.
#[derive(Debug)]
struct Limit {
    length: Option<Duration>,
    running: Option<Pin<Box<Sleep>>>,
}

impl Limit {
    fn new(length: Duration) -> Self {
        Self { length: Some(length), running: None }
    }

    /// Passes `outcome` on, or turns a wait that took too long into an error.
    fn bound<T>(&mut self, cx: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.running = None;
            return outcome;
        }
        let Some(length) = self.length else { return Poll::Pending };
        ready!(self.running.get_or_insert_with(|| Box::pin(sleep(length))).as_mut().poll(cx));
        self.running = None;
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

/// The watched stream.
#[derive(Debug)]
pub(super) struct Watched<S> {
    inner: S,
    gate: Gate,
    read: Limit,
    write: Limit,
}

impl<S> Watched<S> {
    pub(super) fn new(inner: S) -> Self {
        Self { inner, gate: Gate::default(), read: Limit::new(SILENCE), write: Limit::new(SILENCE) }
    }

    /// How long a read may wait; `None` for as long as it takes (IDLE, where the caller keeps the time).
    pub(super) fn bear_silence(&mut self, length: Option<Duration>) {
        self.read = Limit { length, running: None };
    }
}

impl<S: Transport> AsyncRead for Watched<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        // The parser offers as much room as it believes a literal needs: a second lock behind the gate.
        if buf.remaining() > 2 * LITERAL_MAX {
            return Poll::Ready(Err(io::Error::new(
                io::ErrorKind::InvalidData,
                super::gate::Rude("a reply too large"),
            )));
        }
        let before = buf.filled().len();
        let outcome = Pin::new(&mut this.inner).poll_read(cx, buf);
        ready!(this.read.bound(cx, outcome))?;
        let news = buf.filled().get(before..).unwrap_or_default();
        Poll::Ready(this.gate.admit(news).map_err(|rude| io::Error::new(io::ErrorKind::InvalidData, rude)))
    }
}

impl<S: Transport> AsyncWrite for Watched<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.inner).poll_write(cx, bytes);
        this.write.bound(cx, outcome)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.inner).poll_flush(cx);
        this.write.bound(cx, outcome)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.inner).poll_shutdown(cx);
        this.write.bound(cx, outcome)
    }
}
