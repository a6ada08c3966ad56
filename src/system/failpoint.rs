//! Deaths on demand, for the crash tests: in debug builds `FUSEAU_FAIL=NAME` kills the process (SIGKILL, nothing
//! is flushed) when it reaches the point of that name; `NAME:N` when it reaches it for the N-th time. Release
//! builds contain none of this. Waits that tests shorten are here, too.
use super::net::BoxedWire;
use std::time::Duration;

/// How long something lasts; in debug builds the variable of that name says it in other milliseconds.
#[cfg(debug_assertions)]
#[must_use]
pub fn lasts(variable: &str, usual: Duration) -> Duration {
    let other = std::env::var(variable).ok().and_then(|text| text.parse().ok());
    other.map_or(usual, Duration::from_millis)
}

/// As it is in a release build.
#[cfg(not(debug_assertions))]
#[must_use]
pub fn lasts(_variable: &str, usual: Duration) -> Duration {
    usual
}

/// Dies here if the test asked for it.
#[cfg(debug_assertions)]
pub fn reach(point: &str) {
    use std::sync::atomic::{AtomicU32, Ordering};
    static REACHED: AtomicU32 = AtomicU32::new(0);
    let Ok(wanted) = std::env::var("FUSEAU_FAIL") else { return };
    let (name, count) = wanted.split_once(':').unwrap_or((&wanted, "1"));
    if name != point {
        return;
    }
    let nth = count.parse::<u32>().unwrap_or(1);
    if REACHED.fetch_add(1, Ordering::SeqCst) + 1 == nth {
        die();
    }
}

#[cfg(debug_assertions)]
fn die() {
    let own = rustix::process::getpid();
    let killed = rustix::process::kill_process(own, rustix::process::Signal::KILL);
    tracing::error!(?killed, "the test asked for death");
}

/// Nothing in a release build.
#[cfg(not(debug_assertions))]
pub fn reach(_point: &str) {}

/// A connection to an outbox. With `FUSEAU_FAIL=K7:N` the process dies when N octets of a mail's text are on their way.
#[cfg(debug_assertions)]
#[must_use]
pub fn in_the_body(wire: BoxedWire) -> BoxedWire {
    let wanted = std::env::var("FUSEAU_FAIL").unwrap_or_default();
    match wanted.strip_prefix("K7:").and_then(|count| count.parse().ok()) {
        Some(left) => Box::new(body::Body { wire, begun: false, left }),
        None => wire,
    }
}

/// The connection as it is in a release build.
#[cfg(not(debug_assertions))]
#[must_use]
pub fn in_the_body(wire: BoxedWire) -> BoxedWire {
    wire
}

#[cfg(debug_assertions)]
mod body {
    use super::BoxedWire;
    use std::io;
    use std::pin::Pin;
    use std::task::{Context, Poll, ready};
    use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

    /// Lets so much of a mail's text pass, and no more.
    #[derive(Debug)]
    pub(super) struct Body {
        pub(super) wire: BoxedWire,
        pub(super) begun: bool,
        pub(super) left: usize,
    }

    impl AsyncRead for Body {
        fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.wire).poll_read(cx, buf)
        }
    }

    impl AsyncWrite for Body {
        fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
            if !self.begun {
                let written = ready!(Pin::new(&mut self.wire).poll_write(cx, buf))?;
                self.begun = written == buf.len() && buf.ends_with(b"DATA\r\n");
                return Poll::Ready(Ok(written));
            }
            if self.left == 0 {
                super::die();
            }
            let part = buf.get(..self.left).unwrap_or(buf);
            let written = ready!(Pin::new(&mut self.wire).poll_write(cx, part))?;
            self.left = self.left.saturating_sub(written);
            Poll::Ready(Ok(written))
        }

        fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.wire).poll_flush(cx)
        }

        fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.wire).poll_shutdown(cx)
        }
    }
}
