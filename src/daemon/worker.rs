//! The task of one mailbox: connect, make turns, wait for news, and after any failure start over with back-off.
//! A panic (a server's text can make the IMAP parser panic) ends one session, not the task.
use super::backoff::Backoff;
use super::caretaker::Guard;
use super::desk::Desk;
use super::dial::{self, Courier, DialError};
use super::entrance::Entrance;
use super::error::TurnError;
use super::health::Health;
use super::refusals::Refusals;
use super::turn::{Cause, Turned, turn};
use super::{mark, recover};
use crate::config::MailboxSettings;
use crate::mailbox::{Connection, Folders, Hint, MailboxError};
use crate::model::{Instant, NoticeCode, text::clean};
use crate::store::{NewNotice, StoreError};
use crate::system::net::BoxedWire;
use crate::system::{clock, state};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::time::Duration;
use tokio::sync::watch;

/// IDLE is renewed so often that a dead link is noticed within six minutes.
const RENEW: Duration = Duration::from_secs(5 * 60);
/// News within this time after a whole turn are only taken in and answered.
const CALM: Duration = Duration::from_secs(1);
/// How long a whole turn may take before the session is given up.
const TURN: Duration = Duration::from_secs(45 * 60);

/// What the daemon tells its mailbox tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Go on; the number changes when there is reason to look at once.
    Work(u64),
    /// Finish what is in hand and go.
    Stop,
}

/// Why a session ended.
#[derive(Debug, thiserror::Error)]
enum SessionError {
    #[error(transparent)]
    Dial(#[from] DialError),
    #[error(transparent)]
    Turn(#[from] TurnError),
    #[error(transparent)]
    Mailbox(#[from] MailboxError),
    #[error("a turn took longer than 45 minutes")]
    Stuck,
    #[error("the session stopped on an unforeseen reply of the server")]
    Panicked,
}

impl SessionError {
    fn is_login(&self) -> bool {
        match self {
            Self::Dial(error) => error.is_login(),
            Self::Mailbox(MailboxError::Login { .. }) => true,
            _ => false,
        }
    }

    /// Only the owner can help.
    fn needs_owner(&self) -> bool {
        matches!(self, Self::Dial(error) if error.needs_owner())
    }

    /// Whether the disk of the state directory is full: the database's, and that of the numbers of a Maildir, which
    /// are written before anything is read.
    fn is_full(&self, state: &Path) -> bool {
        match self {
            Self::Turn(TurnError::Store(error)) => matches!(error, StoreError::Full(_)),
            Self::Dial(DialError::Mailbox(error)) | Self::Mailbox(error) | Self::Turn(TurnError::Mailbox(error)) => {
                error.is_full(state)
            }
            _ => false,
        }
    }
}

/// Runs the task until it is told to stop.
pub(super) async fn work(
    desk: Desk,
    settings: MailboxSettings,
    health: Health,
    guard: Guard,
    entrance: Entrance,
    mut orders: watch::Receiver<Order>,
) {
    let mut backoff = Backoff::default();
    let refusals = Refusals::default();
    let name = settings.name.clone();
    while *orders.borrow() != Order::Stop {
        // If it panics, only the session is gone. Not a task of its own: it must end with this one, or the session that
        // follows a reload would not be alone.
        let session: BoxFuture<'_, Result<(), SessionError>> =
            Box::pin(session(&desk, &settings, &health, &guard, &entrance, &refusals, orders.clone()));
        let ended = match AssertUnwindSafe(session).catch_unwind().await {
            Ok(ended) => ended,
            Err(_) => Err(SessionError::Panicked),
        };
        health.note(&name, |it| it.connected = false);
        // What a turn that failed had written is not left to the next one, which may be far.
        if let Err(error) = mark::keep(&desk, false).await {
            tracing::error!(mailbox = name, %error, "what was recorded may be undone by a power cut");
        }
        let Err(error) = ended else { return };
        let lived = health.all().iter().any(|it| it.name == name && it.turns > 0 && it.error.is_none());
        if lived && !error.is_login() {
            backoff.succeeded();
        }
        backoff.failed(error.is_login());
        make_room(&desk, &error);
        health.note(&name, |it| it.error = Some(error.to_string()));
        if backoff.rests() || error.needs_owner() {
            let why = if backoff.rests() { "three logins refused" } else { "no login without you" };
            tracing::error!(mailbox = name, %error, "{why}: this mailbox rests until `fuseau reload`");
            if let Err(error) = care(&desk, &name, &error.to_string()).await {
                tracing::warn!(%error, "the digest will not hear of it");
            }
            rest(&mut orders).await;
            return;
        }
        let delay = backoff.delay(desk.ids.bits());
        tracing::warn!(mailbox = name, %error, seconds = delay.as_secs(), "session ended; trying again");
        tokio::select! {
            () = tokio::time::sleep(delay) => {}
            () = stopped(&mut orders) => return,
        }
    }
}

/// A word for the digest: this mailbox needs the owner.
async fn care(desk: &Desk, mailbox: &str, error: &str) -> Result<(), StoreError> {
    let (mailbox, error, now) = (mailbox.to_owned(), clean(error, 200), desk.clock.now());
    desk.store
        .write(move |tx| {
            tx.notice(&NewNotice {
                code: NoticeCode::Login,
                mailbox: Some(&mailbox),
                client: None,
                exchange: None,
                values: &[("error", &error)],
                once: None,
                now,
            })
        })
        .await?;
    Ok(())
}

/// A full disk gets the reserve, so that what was sent can still be written down.
fn make_room(desk: &Desk, error: &SessionError) {
    if let Some(dir) = desk.state.as_deref().filter(|dir| error.is_full(dir)) {
        match state::release_reserve(dir) {
            Ok(()) => {
                tracing::error!("the disk is full: the reserve was given up, nothing new is sent until there is room")
            }
            Err(error) => tracing::error!(%error, "the disk is full and the reserve could not be given up"),
        }
    }
}

/// Waits for the order to stop.
async fn stopped(orders: &mut watch::Receiver<Order>) {
    while *orders.borrow_and_update() != Order::Stop {
        if orders.changed().await.is_err() {
            return;
        }
    }
}

async fn rest(orders: &mut watch::Receiver<Order>) {
    stopped(orders).await;
}

/// One connection, from login to its end. `Ok` means that it was told to stop.
async fn session(
    desk: &Desk,
    settings: &MailboxSettings,
    health: &Health,
    guard: &Guard,
    entrance: &Entrance,
    refusals: &Refusals,
    mut orders: watch::Receiver<Order>,
) -> Result<(), SessionError> {
    let name = settings.name.as_str();
    let index = dial::index_dir(desk.state.as_deref(), name);
    let mut entering = tokio::select! {
        place = entrance.pass() => place,
        () = stopped(&mut orders) => return Ok(()),
    };
    let mut server = tokio::select! {
        opened = desk.dialler.mailbox(&settings.incoming, &index) => opened?,
        () = stopped(&mut orders) => return Ok(()),
    };
    let mut folders = server.folders(&settings.folders).await?;
    say_folders(name, &folders);
    // Whatever the session before this one had claimed is nobody's now.
    let (mailbox, now) = (settings.name.clone(), desk.clock.now());
    desk.store.write(move |tx| recover::release_claims(tx, Some(&mailbox), now)).await.map_err(TurnError::from)?;
    let helo = desk.identity(name).map_or("localhost", |identity| identity.address.domain()).to_owned();
    let courier = Courier::new(desk.dialler.clone(), settings.outgoing.clone(), &helo);
    let mut courier = courier.counting(refusals.clone());
    health.note(name, |it| it.connected = true);
    let mut cause = Cause::Poll;
    let mut polled = Duration::ZERO;
    let mut looked = Duration::ZERO;
    loop {
        if cause == Cause::Notice && clock::monotonic().saturating_sub(looked) < CALM {
            cause = Cause::Again;
        }
        guard.look(desk);
        if cause == Cause::Poll && polled > Duration::ZERO && folders.sent.is_none() {
            // Some programs make Sent when the first mail goes there: the owner's answers.
            folders = server.folders(&settings.folders).await?;
            if folders.sent.is_some() {
                say_folders(name, &folders);
            }
        }
        // Boxed: the compiler cannot prove Send for the whole session at once.
        let work: BoxFuture<'_, Result<Turned, TurnError>> =
            Box::pin(turn(desk, name, &folders, cause, &mut server, &mut courier));
        let turned = tokio::time::timeout(TURN, work).await.map_err(|_| SessionError::Stuck)??;
        drop(entering.take());
        if cause == Cause::Poll {
            polled = clock::monotonic();
        }
        if cause != Cause::Again {
            looked = clock::monotonic();
        }
        let now = desk.clock.now();
        health.note(name, |it| {
            it.last_poll = Some(now);
            it.turns += 1;
            it.error = courier.trouble().map(str::to_owned);
        });
        if let Some(error) = refusals.news() {
            tracing::error!(mailbox = name, error, "no login at the outbox: it rests until `fuseau reload`");
            care(desk, name, &error).await.map_err(TurnError::from)?;
        }
        // Left unread: a request that came during the turn ends the wait below at once.
        if *orders.borrow() == Order::Stop {
            courier.close().await;
            server.logout().await;
            return Ok(());
        }
        for alert in server.take_alerts() {
            tracing::warn!(mailbox = name, alert, "the server says");
        }
        desk.store.rest().await.map_err(TurnError::from)?;
        let waiting: BoxFuture<'_, Result<Cause, SessionError>> =
            Box::pin(wait(desk, settings, &folders, &turned, polled, &mut server, &mut orders));
        cause = waiting.await?;
    }
}

fn say_folders(mailbox: &str, folders: &Folders) {
    let sent = folders.sent.as_ref().map_or("none", |folder| folder.name.as_str());
    let drafts = folders.drafts.as_ref().map_or("none", |folder| folder.name.as_str());
    tracing::info!(mailbox, sent, drafts, "connected");
    if folders.sent.is_none() {
        tracing::warn!(mailbox, "no Sent folder was found: name it with `sent = \"…\"`, or your answers are not seen");
    }
}

/// Waits for news, the next due moment or an order; says what to do then.
async fn wait(
    desk: &Desk,
    settings: &MailboxSettings,
    folders: &Folders,
    turned: &Turned,
    polled: Duration,
    server: &mut Connection<BoxedWire>,
    orders: &mut watch::Receiver<Order>,
) -> Result<Cause, SessionError> {
    let until_poll = settings.poll_every.saturating_sub(clock::monotonic().saturating_sub(polled));
    let until_due = turned.wake_at.map(|at| until(at, desk.clock.now()));
    let limit = patience(until_poll, until_due);
    let hint = match folders.inboxes.first() {
        Some(inbox) if limit > Duration::ZERO => {
            let ordered = async {
                let _ = orders.changed().await;
            };
            server.idle(inbox, limit, ordered).await?
        }
        _ => Hint::Quiet,
    };
    if hint == Hint::NotSupported {
        tokio::select! {
            () = tokio::time::sleep(limit) => {}
            _ = orders.changed() => {}
        }
    }
    let poll_due = clock::monotonic().saturating_sub(polled) >= settings.poll_every;
    Ok(match hint {
        Hint::Changed if !poll_due => Cause::Notice,
        _ => Cause::Poll,
    })
}

/// How long news are waited for at one time; then the line shows whether it is alive.
fn patience(until_poll: Duration, until_due: Option<Duration>) -> Duration {
    until_poll.min(until_due.unwrap_or(RENEW)).min(RENEW)
}

/// From now until an instant; at least half a second, so that a row that cannot go yet does not spin.
fn until(at: Instant, now: Instant) -> Duration {
    (at - now).to_std().unwrap_or(Duration::ZERO).max(Duration::from_millis(500))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mailbox::{Folder, imap};
    use crate::model::FolderRole;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    /// What is promised: a dead line is noticed so soon.
    const NOTICED: Duration = Duration::from_secs(6 * 60);

    #[test]
    fn no_wait_is_longer_than_a_dead_line_may_stay_unnoticed() {
        let day = Duration::from_secs(24 * 3600);
        assert_eq!(RENEW, Duration::from_secs(300));
        assert_eq!(patience(day, None), RENEW);
        assert_eq!(patience(day, Some(day)), RENEW);
        assert_eq!(patience(day, Some(CALM)), CALM);
        assert_eq!(patience(CALM, None), CALM);
    }

    /// A server whose line dies when IDLE has begun: it takes everything and says nothing more.
    #[tokio::test(start_paused = true)]
    #[expect(clippy::disallowed_methods, reason = "measures paused time")]
    async fn a_dead_line_is_noticed_within_six_minutes() {
        let (ours, mut theirs) = tokio::io::duplex(64 * 1024);
        tokio::spawn(async move {
            let lines = [
                "* OK [CAPABILITY IMAP4rev1 IDLE] hi\r\n",
                "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n* OK [UIDNEXT 10] n\r\nF1 OK\r\n",
                "+ idling\r\n",
            ];
            for line in lines {
                theirs.write_all(line.as_bytes()).await.unwrap();
                if theirs.read(&mut [0; 1024]).await.unwrap() == 0 {
                    return;
                }
            }
            let _ = theirs.read_to_end(&mut Vec::new()).await;
        });
        let session = imap::Session::open(ours, imap::Opening::Greeting).await.unwrap();
        let mut server = Connection::Imap(Box::new(session));
        let inbox = Folder::new("INBOX", FolderRole::Inbox);
        let began = tokio::time::Instant::now();
        let limit = patience(Duration::from_secs(24 * 3600), None);
        let error = server.idle(&inbox, limit, std::future::pending()).await.unwrap_err();
        let elapsed = began.elapsed();
        assert!(error.is_lost(), "{error}");
        assert!(elapsed >= RENEW && elapsed <= NOTICED, "{elapsed:?}");
    }
}
