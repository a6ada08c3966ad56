//! What looks after the daemon itself: signs of life for the service manager, fed by the progress of the mailbox tasks, and
//! the watch over the wall clock. Nothing here wakes a process that nobody watches.
use super::desk::Desk;
use super::health::Health;
use crate::decide::PauseScope;
use crate::system::clock::{JumpWatch, monotonic};
use crate::system::notify;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// After the wall clock went backwards, nothing is sent for so long.
const DISTRUST: chrono::TimeDelta = chrono::TimeDelta::minutes(10);
/// IDLE is renewed every five minutes; a loop that stood still for longer than any wait is stuck.
const STUCK: Duration = Duration::from_secs(50 * 60);

/// Watches the wall clock for all mailbox tasks. They ask before each turn: a clock that jumps while nothing is done harms
/// nobody.
#[derive(Clone, Debug)]
pub struct ClockGuard(Arc<Mutex<JumpWatch>>);

impl ClockGuard {
    /// Starts watching; a clock that is behind what is recorded is distrusted at once.
    #[must_use]
    pub fn new(desk: &Desk) -> Self {
        let now = desk.clock.now();
        let last = desk.store.read_blocking(|tx| tx.last_recorded_at()).ok().flatten();
        if last.is_some_and(|last| last > now) {
            distrust(desk, "the clock is behind the newest record");
        }
        Self(Arc::new(Mutex::new(JumpWatch::new(now, monotonic()))))
    }

    /// Compares the clocks; if the wall clock went backwards, automatic mail rests.
    pub fn look(&self, desk: &Desk) {
        let mut watch = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(jump) = watch.look(desk.clock.now(), monotonic()) {
            tracing::warn!(seconds = jump.0, "the wall clock jumped");
            if jump.0 < 0 {
                distrust(desk, "the clock went backwards");
            }
        }
    }
}

/// Feeds the watchdog.
#[derive(Debug)]
pub struct Caretaker {
    turns: u64,
    quiet: Duration,
    /// At half of what the service manager wants; `None` if it wants no signs of life.
    ticks: Option<tokio::time::Interval>,
}

impl Caretaker {
    /// Finds out whether somebody watches.
    #[must_use]
    pub fn new() -> Self {
        let ticks = notify::watchdog().map(|limit| tokio::time::interval(limit / 2));
        Self { turns: 0, quiet: monotonic(), ticks }
    }

    /// Waits until it is time for [`Self::look`]; for ever, if nobody watches. Cancel-safe.
    pub async fn tick(&mut self) {
        match &mut self.ticks {
            Some(ticks) => {
                ticks.tick().await;
            }
            None => std::future::pending().await,
        }
    }

    /// Gives a sign of life if there was progress, and a line for `systemctl status`.
    pub fn look(&mut self, health: &Health) {
        let all = health.all();
        let turns: u64 = all.iter().map(|it| it.turns).sum();
        // A mailbox that is not connected waits in its back-off: that is progress too.
        let moves = all.iter().all(|it| !it.connected) || turns != self.turns;
        if moves {
            self.turns = turns;
            self.quiet = monotonic();
        }
        if monotonic().saturating_sub(self.quiet) < STUCK {
            notify::alive();
        }
        let down: Vec<&str> = all.iter().filter(|it| it.error.is_some()).map(|it| it.name.as_str()).collect();
        if down.is_empty() {
            notify::status(&format!("{} mailboxes, all well", all.len()));
        } else {
            notify::status(&format!("trouble with {}", down.join(", ")));
        }
    }
}

impl Default for Caretaker {
    fn default() -> Self {
        Self::new()
    }
}

/// Rests all automatic mail for a while: an hour wrong is worse than ten minutes late.
fn distrust(desk: &Desk, why: &str) {
    let now = desk.clock.now();
    tracing::error!(why, "no automatic mail for ten minutes");
    let rest = desk.store.write_blocking(|tx| {
        tx.pause(&PauseScope::All, now + DISTRUST, "clock", now)?;
        Ok(())
    });
    if let Err(error) = rest {
        tracing::error!(%error, "the rest could not be noted");
    }
}
