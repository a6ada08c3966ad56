//! What the service manager is told (sd_notify(3)). Without one, nothing happens.
use sd_notify::NotifyState;
use std::time::Duration;

/// Start-up is complete.
pub fn ready() {
    tell(&[NotifyState::Ready]);
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
