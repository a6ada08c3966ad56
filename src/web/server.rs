//! Connections: where they come from, how many, how long. What is answered: site.rs.
use super::site::Site;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// Connections at once.
const CONNECTIONS: usize = 64;
/// The head of a request must be there after this time, the answer be taken after the other one.
const HEAD: Duration = Duration::from_secs(10);
const WHOLE: Duration = Duration::from_secs(30);
/// A stop waits so long for answers that are being made.
const DRAIN: Duration = Duration::from_secs(3);
/// The longest head of a request.
const HEAD_SIZE: usize = 16 * 1024;

/// Where the desk listens: only ever on this machine.
#[derive(Debug)]
pub enum Listener {
    /// A loopback address.
    Tcp(TcpListener),
    /// A socket of the owner's account.
    Unix(UnixListener),
}

/// Serves until `stop` is ready; then no connection is taken any more, and what was asked is answered.
pub async fn serve(listener: Listener, site: Arc<Site>, stop: impl Future<Output = ()>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let (closing, _) = watch::channel(());
    tokio::pin!(stop);
    loop {
        let accept = async {
            let Ok(place) = Arc::clone(&room).acquire_owned().await else { return Err(io::ErrorKind::Other.into()) };
            match &listener {
                Listener::Tcp(it) => it
                    .accept()
                    .await
                    .map(|(stream, _)| tokio::spawn(talk(stream, Arc::clone(&site), closing.subscribe(), place))),
                Listener::Unix(it) => it
                    .accept()
                    .await
                    .map(|(stream, _)| tokio::spawn(talk(stream, Arc::clone(&site), closing.subscribe(), place))),
            }
        };
        let accepted: io::Result<_> = tokio::select! {
            () = &mut stop => break,
            accepted = accept => accepted,
        };
        if let Err(error) = accepted {
            tracing::warn!(%error, "the desk could not take a connection");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
    drop(listener);
    drop(closing);
    let all = u32::try_from(CONNECTIONS).unwrap_or(u32::MAX);
    if tokio::time::timeout(DRAIN, room.acquire_many(all)).await.is_err() {
        tracing::debug!("a connection to the desk was cut off");
    }
}

async fn talk(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    site: Arc<Site>,
    mut closing: watch::Receiver<()>,
    _place: OwnedSemaphorePermit,
) {
    let service = service_fn(move |request| {
        let site = Arc::clone(&site);
        async move { Ok::<_, Infallible>(site.answer(request).await) }
    });
    let talk = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_SIZE)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    let talk = async {
        tokio::pin!(talk);
        tokio::select! {
            ended = &mut talk => ended,
            // The sender is gone: an answer in the making is finished, a request that has not begun is not waited for.
            _ = closing.changed() => {
                talk.as_mut().graceful_shutdown();
                talk.await
            }
        }
    };
    if !matches!(tokio::time::timeout(WHOLE, talk).await, Ok(Ok(()))) {
        tracing::debug!("a request to the desk ended early");
    }
}
