//! What the service manager is told (sd_notify(3)). Without one, nothing happens.
use sd_notify::NotifyState;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

/// Between two requests for patience, and how much each asks for, in microseconds.
const ASK_EVERY: Duration = Duration::from_secs(5);
const PATIENCE_USEC: u32 = 60_000_000;

/// Start-up is complete.
pub fn ready() {
    tell(&[NotifyState::Ready]);
}

/// Does something long before start-up is complete: the service manager is asked for patience as long as it lasts.
pub fn while_starting<R: Send>(what: &str, work: impl FnOnce() -> R + Send) -> R {
    std::thread::scope(|threads| {
        let (end, ended) = std::sync::mpsc::channel::<()>();
        threads.spawn(move || {
            let mut told = false;
            while ended.recv_timeout(ASK_EVERY) == Err(RecvTimeoutError::Timeout) {
                tell(&[NotifyState::ExtendTimeoutUsec(PATIENCE_USEC), NotifyState::Status(what)]);
                if !told {
                    tracing::info!("{what}");
                    told = true;
                }
            }
        });
        let done = work();
        drop(end);
        done
    })
}

/// One line for `systemctl status`.
pub fn status(line: &str) {
    tell(&[NotifyState::Status(line)]);
}

/// Going down.
pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// The loop has moved on.
pub fn alive() {
    tell(&[NotifyState::Watchdog]);
}

/// How often the service manager wants a sign of life, if it does (`WatchdogSec=`).
#[must_use]
pub fn watchdog() -> Option<Duration> {
    sd_notify::watchdog_enabled()
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "the service manager could not be told");
    }
}
