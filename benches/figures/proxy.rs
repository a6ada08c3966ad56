//! A transparent TCP proxy on loopback: adds a delay in each direction, notes when the client was told about new mail
//! during IDLE and when it spoke again after it was spoken to. So a daemon can be timed, and its round trips counted,
//! from the outside.
use anyhow::{Context, Result};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc};
use tokio::time::{sleep_until, timeout};

/// Chunks on their way at most; far above what a delay of some milliseconds can hold.
const ON_THE_WAY: usize = 100_000;

#[derive(Debug, Default)]
struct Log {
    /// When an EXISTS during IDLE had been handed to the client.
    notices: Mutex<Vec<Instant>>,
    /// When a client spoke after the server had said something: a flight, whatever its number of packets.
    flights: Mutex<Vec<Instant>>,
    /// IDLE commands seen, and connections that idle now.
    idles: AtomicUsize,
    idling: AtomicUsize,
    news: Notify,
}

/// A running proxy; ends with the runtime.
#[derive(Clone, Debug)]
pub struct Proxy {
    /// Where clients connect.
    pub port: u16,
    log: Arc<Log>,
}

impl Proxy {
    /// Passes connections on to `to` on loopback, each byte `one_way` later.
    pub async fn open(to: u16, one_way: Duration) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("a port for a proxy")?;
        let port = listener.local_addr()?.port();
        let log = Arc::new(Log::default());
        let proxy = Self { port, log: Arc::clone(&log) };
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let log = Arc::clone(&log);
                tokio::spawn(async move {
                    let Ok(server) = TcpStream::connect(("127.0.0.1", to)).await else { return };
                    if client.set_nodelay(true).is_err() || server.set_nodelay(true).is_err() {
                        return;
                    }
                    let (idle, told) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
                    let (client_read, client_write) = client.into_split();
                    let (server_read, server_write) = server.into_split();
                    let up = Watch {
                        log: Arc::clone(&log),
                        idle: Arc::clone(&idle),
                        told: Arc::clone(&told),
                        from_server: false,
                    };
                    let down = Watch { log, idle, told, from_server: true };
                    tokio::join!(
                        pump(client_read, server_write, one_way, &up),
                        pump(server_read, client_write, one_way, &down)
                    );
                    down.set_idle(false);
                });
            }
        });
        Ok(proxy)
    }

    /// The first notice that the client got after `since`.
    pub fn notice_after(&self, since: Instant) -> Option<Instant> {
        let notices = self.log.notices.lock().unwrap_or_else(PoisonError::into_inner);
        notices.iter().copied().find(|at| *at > since)
    }

    /// How many flights clients made between two moments.
    pub fn flights(&self, from: Instant, to: Instant) -> usize {
        let flights = self.log.flights.lock().unwrap_or_else(PoisonError::into_inner);
        flights.iter().filter(|at| (from..=to).contains(*at)).count()
    }

    /// Waits until some client idles.
    pub async fn idling(&self, within: Duration) -> Result<()> {
        let wait = async {
            loop {
                let news = self.log.news.notified();
                if self.log.idling.load(Ordering::SeqCst) > 0 {
                    return;
                }
                news.await;
            }
        };
        let seen = self.log.idles.load(Ordering::SeqCst);
        timeout(within, wait).await.with_context(|| format!("nobody idles within {within:?} ({seen} IDLE before)"))
    }
}

/// Looks at one direction of a connection as it passes.
struct Watch {
    log: Arc<Log>,
    idle: Arc<AtomicBool>,
    /// The client was told something since it last spoke.
    told: Arc<AtomicBool>,
    from_server: bool,
}

impl Watch {
    /// Client to server: does it begin or end to idle? Commands come whole; one chunk may hold several.
    fn going_up(&self, chunk: &[u8]) {
        if self.told.swap(false, Ordering::SeqCst) {
            self.log.flights.lock().unwrap_or_else(PoisonError::into_inner).push(Instant::now());
        }
        for line in chunk.split_inclusive(|byte| *byte == b'\n') {
            let upper = line.to_ascii_uppercase();
            if upper == b"DONE\r\n" {
                self.set_idle(false);
            } else if upper.ends_with(b" IDLE\r\n") {
                self.log.idles.fetch_add(1, Ordering::SeqCst);
                self.set_idle(true);
            }
        }
    }

    fn set_idle(&self, idle: bool) {
        if self.idle.swap(idle, Ordering::SeqCst) != idle {
            let one = &self.log.idling;
            if idle {
                one.fetch_add(1, Ordering::SeqCst)
            } else {
                one.fetch_sub(1, Ordering::SeqCst)
            };
            self.log.news.notify_waiters();
        }
    }

    /// Server to client, after the chunk was handed over. While a client idles no literal can pass.
    fn went_down(&self, chunk: &[u8]) {
        self.told.store(true, Ordering::SeqCst);
        if self.idle.load(Ordering::SeqCst) && chunk.windows(8).any(|part| part.eq_ignore_ascii_case(b" EXISTS\r")) {
            self.log.notices.lock().unwrap_or_else(PoisonError::into_inner).push(Instant::now());
        }
    }
}

async fn pump(read: OwnedReadHalf, write: OwnedWriteHalf, one_way: Duration, watch: &Watch) {
    // Either end may go away at any time; that ends the connection, as without a proxy.
    let _ =
        if one_way.is_zero() { at_once(read, write, watch).await } else { later(read, write, one_way, watch).await };
}

async fn at_once(mut read: OwnedReadHalf, mut write: OwnedWriteHalf, watch: &Watch) -> Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = read.read(&mut buffer).await?;
        let chunk = buffer.get(..length).unwrap_or_default();
        if chunk.is_empty() {
            return Ok(write.shutdown().await?);
        }
        if !watch.from_server {
            watch.going_up(chunk);
        }
        hand_over(&mut write, chunk, watch).await?;
    }
}

async fn later(mut read: OwnedReadHalf, mut write: OwnedWriteHalf, one_way: Duration, watch: &Watch) -> Result<()> {
    let (put, mut take) = mpsc::channel::<(tokio::time::Instant, Vec<u8>)>(ON_THE_WAY);
    let sending = async {
        while let Some((due, chunk)) = take.recv().await {
            sleep_until(due).await;
            hand_over(&mut write, &chunk, watch).await?;
        }
        Ok::<_, anyhow::Error>(write.shutdown().await?)
    };
    let reading = async move {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let length = read.read(&mut buffer).await?;
            let chunk = buffer.get(..length).unwrap_or_default().to_vec();
            if chunk.is_empty() {
                return Ok::<_, anyhow::Error>(());
            }
            if !watch.from_server {
                watch.going_up(&chunk);
            }
            put.send((tokio::time::Instant::now() + one_way, chunk)).await?;
        }
    };
    tokio::try_join!(sending, reading).map(|_| ())
}

async fn hand_over(write: &mut OwnedWriteHalf, chunk: &[u8], watch: &Watch) -> Result<()> {
    write.write_all(chunk).await?;
    if watch.from_server {
        watch.went_down(chunk);
    }
    Ok(())
}
