//! An SMTP server that accepts everything at once and notes when: the far end of every reply. It pipelines, so it
//! never is what a figure waits for.
use anyhow::{Context, Result};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::time::timeout;

/// Longest silence of a client before its connection is dropped.
const PATIENCE: Duration = Duration::from_secs(900);

/// What arrived.
#[derive(Debug, Default)]
struct Arrivals {
    /// By token (see [`token`]): when the first mail was accepted.
    first: HashMap<String, Instant>,
    /// All mails.
    total: usize,
    /// When the latest one was accepted.
    last: Option<Instant>,
}

#[derive(Debug, Default)]
struct Shared {
    arrivals: Mutex<Arrivals>,
    news: Notify,
}

/// A running sink on a loopback port of its own; ends with the runtime.
#[derive(Clone, Debug)]
pub struct Sink {
    /// Where it listens.
    pub port: u16,
    shared: Arc<Shared>,
}

impl Sink {
    /// Starts it.
    pub async fn open() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("a port for the SMTP sink")?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared::default());
        let sink = Self { port, shared: Arc::clone(&shared) };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&shared);
                tokio::spawn(async move {
                    // A client that goes away in the middle is its own affair.
                    let _ = serve(stream, &shared).await;
                });
            }
        });
        Ok(sink)
    }

    /// Forgets everything.
    pub fn clear(&self) {
        *self.lock() = Arrivals::default();
    }

    /// How many mails came, and when the last one did.
    pub fn seen(&self) -> (usize, Option<Instant>) {
        let arrivals = self.lock();
        (arrivals.total, arrivals.last)
    }

    /// How many different mails were answered.
    pub fn answered(&self) -> usize {
        self.lock().first.len()
    }

    /// When the reply to `token` was accepted; `None` if it does not come in time.
    pub async fn reply_to(&self, token: &str, within: Duration) -> Option<Instant> {
        self.until(within, |arrivals| arrivals.first.get(token).copied()).await
    }

    /// Waits until `count` different mails are answered; how many are.
    pub async fn replies(&self, count: usize, within: Duration) -> usize {
        self.until(within, |arrivals| (arrivals.first.len() >= count).then_some(())).await;
        self.answered()
    }

    async fn until<T>(&self, within: Duration, done: impl Fn(&Arrivals) -> Option<T>) -> Option<T> {
        let wait = async {
            loop {
                let news = self.shared.news.notified();
                if let Some(value) = done(&self.lock()) {
                    return value;
                }
                news.await;
            }
        };
        timeout(within, wait).await.ok()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Arrivals> {
        self.shared.arrivals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The token of a mail: the left part of the Message-ID that its In-Reply-To names.
fn token(line: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(line);
    let (name, value) = text.split_once(':')?;
    let id = name.eq_ignore_ascii_case("in-reply-to").then(|| value.trim())?;
    Some(id.trim_start_matches('<').split('@').next()?.to_owned())
}

async fn serve(stream: TcpStream, shared: &Shared) -> Result<()> {
    stream.set_nodelay(true)?;
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::with_capacity(32 * 1024, read);
    write.write_all(b"220 sink.example ESMTP\r\n").await?;
    let mut line = Vec::new();
    let mut out: Vec<u8> = Vec::new();
    loop {
        // Answers of one flight leave together, as a pipelining server does.
        if read.buffer().is_empty() && !out.is_empty() {
            write.write_all(&out).await?;
            out.clear();
        }
        line.clear();
        if timeout(PATIENCE, read.read_until(b'\n', &mut line)).await?? == 0 {
            return Ok(());
        }
        let verb: Vec<u8> = line.iter().take(4).map(u8::to_ascii_uppercase).collect();
        match verb.as_slice() {
            b"EHLO" | b"LHLO" => out.extend_from_slice(
                b"250-sink.example\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n",
            ),
            b"DATA" => {
                out.extend_from_slice(b"354 go ahead\r\n");
                write.write_all(&out).await?;
                out.clear();
                let answers = body(&mut read).await?;
                note(shared, answers);
                out.extend_from_slice(b"250 2.0.0 accepted\r\n");
            }
            b"QUIT" => {
                out.extend_from_slice(b"221 2.0.0 bye\r\n");
                return Ok(write.write_all(&out).await?);
            }
            _ => out.extend_from_slice(b"250 2.0.0 fine\r\n"),
        }
    }
}

/// Reads a mail up to the final dot; what it answers.
async fn body(read: &mut (impl AsyncBufReadExt + Unpin)) -> Result<Option<String>> {
    let mut line = Vec::new();
    let mut answers = None;
    let mut in_header = true;
    loop {
        line.clear();
        anyhow::ensure!(timeout(PATIENCE, read.read_until(b'\n', &mut line)).await?? > 0, "the client hung up");
        match line.as_slice() {
            b".\r\n" => return Ok(answers),
            b"\r\n" => in_header = false,
            field if in_header && answers.is_none() => answers = token(field),
            _ => {}
        }
    }
}

fn note(shared: &Shared, answers: Option<String>) {
    let now = Instant::now();
    let mut arrivals = shared.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
    arrivals.total += 1;
    arrivals.last = Some(now);
    let unnamed = format!("unnamed-{}", arrivals.total);
    arrivals.first.entry(answers.unwrap_or(unnamed)).or_insert(now);
    drop(arrivals);
    shared.news.notify_waiters();
}
