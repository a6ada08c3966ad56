//! What looks after the daemon itself: signs of life for the service manager, fed by the progress of the mailbox tasks, and
//! the watch over the wall clock, the pause switch and the time-zone data. Nothing here wakes a process that nobody watches.
use super::desk::Desk;
use super::health::Health;
use crate::decide::PauseScope;
use crate::model::Instant;
use crate::system::clock::{JumpWatch, monotonic};
use crate::system::{notify, tzdata};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;

/// After the wall clock went backwards, nothing is sent until it has come back to where it was, and for so long after that.
const DISTRUST: chrono::TimeDelta = chrono::TimeDelta::minutes(10);
/// The system's time-zone data is looked at no oftener than this.
const ZONES: Duration = Duration::from_secs(10 * 60);
/// IDLE is renewed every five minutes; a loop that stood still for longer than any wait is stuck.
const STUCK: Duration = Duration::from_secs(50 * 60);

/// What the main loop is to hear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// Somebody removed the pause switch by hand: the mailboxes have reason to look at once.
    Released,
    /// The system got newer time-zone data than those in use; said once for each version.
    NewerZones,
}

/// Watches what may change behind the daemon's back: the wall clock, the pause switch, the system's time-zone data. The
/// mailbox tasks ask before each turn, at the latest when IDLE is renewed: what changes while nothing is done harms nobody.
#[derive(Clone, Debug)]
pub struct Guard {
    known: Arc<Mutex<Known>>,
    tell: mpsc::UnboundedSender<News>,
}

#[derive(Debug)]
struct Known {
    jumps: JumpWatch,
    paused: bool,
    /// When the system's time-zone data was looked at last, and the version that was told.
    zones: (Duration, Option<String>),
}

impl Guard {
    /// Starts watching; a clock that is behind what is recorded is distrusted at once.
    #[must_use]
    pub fn new(desk: &Desk) -> (Self, mpsc::UnboundedReceiver<News>) {
        let now = desk.clock.now();
        let last = desk.store.read_blocking(|tx| tx.last_recorded_at()).ok().flatten();
        if let Some(last) = last.filter(|last| *last > now) {
            distrust(desk, "the clock is behind the newest record", last);
        }
        let (tell, news) = mpsc::unbounded_channel();
        let jumps = JumpWatch::new(now, monotonic());
        let known = Known { jumps, paused: desk.paused(), zones: (monotonic(), None) };
        (Self { known: Arc::new(Mutex::new(known)), tell }, news)
    }

    /// Looks at all three. If the wall clock went backwards, automatic mail rests.
    pub fn look(&self, desk: &Desk) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(jump) = known.jumps.look(desk.clock.now(), monotonic()) {
            tracing::warn!(seconds = jump.0, "the wall clock jumped");
            if jump.0 < 0 {
                let before = desk.clock.now() - chrono::TimeDelta::seconds(jump.0);
                distrust(desk, "the clock went backwards", before);
            }
        }
        if known.released(desk.paused()) {
            let _ = self.tell.send(News::Released);
        }
        if known.newer_zones(monotonic(), || tzdata::newer_than(desk.policy().zones.version())) {
            let _ = self.tell.send(News::NewerZones);
        }
    }
}

impl Known {
    /// Whether the pause switch was there at the last look and is gone.
    fn released(&mut self, paused: bool) -> bool {
        std::mem::replace(&mut self.paused, paused) && !paused
    }

    /// Whether there is a version that was not told yet; asked for no oftener than [`ZONES`].
    fn newer_zones(&mut self, now: Duration, newest: impl FnOnce() -> Option<String>) -> bool {
        if now.saturating_sub(self.zones.0) < ZONES {
            return false;
        }
        self.zones.0 = now;
        let newer = newest();
        let new = newer.is_some() && newer != self.zones.1;
        if let Some(version) = newer.filter(|_| new) {
            tracing::info!(version, "the system has newer time-zone data: reading everything again");
            self.zones.1 = Some(version);
        }
        new
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

/// Rests all automatic mail until the clock is sane: it shows `before` again, and ten minutes have gone well. An hour
/// wrong is worse than late; if it was wrong before and is right now, only the owner can know.
fn distrust(desk: &Desk, why: &str, before: Instant) {
    let now = desk.clock.now();
    let until = before.max(now) + DISTRUST;
    tracing::error!(why, %until, "no automatic mail until the clock is sane; if it is right now: `fuseau resume`");
    let rest = desk.store.write_blocking(|tx| {
        tx.pause(&PauseScope::All, until, "clock", now)?;
        Ok(())
    });
    if let Err(error) = rest {
        tracing::error!(%error, "the rest could not be noted");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        let start = monotonic();
        let jumps = JumpWatch::new(crate::model::Instant::default(), start);
        Known { jumps, paused: false, zones: (start, None) }
    }

    #[test]
    fn a_release_is_told_once() {
        let mut known = known();
        let told = [false, true, true, false, false, true].map(|paused| known.released(paused));
        assert_eq!(told, [false, false, false, true, false, false]);
    }

    #[test]
    fn newer_zones_are_told_once_for_each_version() {
        let mut known = known();
        let start = known.zones.0;
        let mut at = |minutes: u64, newest: Option<&str>| {
            let newest = newest.map(str::to_owned);
            known.newer_zones(start + Duration::from_secs(minutes * 60), || newest)
        };
        assert!(!at(9, Some("2099a")), "too early to ask");
        assert!(!at(10, None));
        assert!(!at(19, Some("2099a")));
        assert!(at(20, Some("2099a")));
        assert!(!at(30, Some("2099a")), "told before");
        assert!(at(40, Some("2099b")));
    }
}
