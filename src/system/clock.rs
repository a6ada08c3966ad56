//! The only reader of the clock. Everything else takes `now` as an argument.
use chrono::{DateTime, Utc};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use std::time::Duration;

/// Where the time comes from: the system, or a rehearsal that moves it on by hand.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The system's wall clock.
    #[default]
    System,
    /// A clock that stands still until it is moved (milliseconds since 1970).
    Virtual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that shows `start` until it is moved.
    #[must_use]
    pub fn standing_at(start: DateTime<Utc>) -> Self {
        Self::Virtual(Arc::new(AtomicI64::new(start.timestamp_millis())))
    }

    /// The time, in whole milliseconds: what is stored is what was meant.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    pub fn now(&self) -> DateTime<Utc> {
        let millis = match self {
            Self::System => Utc::now().timestamp_millis(),
            Self::Virtual(at) => at.load(Ordering::SeqCst),
        };
        DateTime::from_timestamp_millis(millis).unwrap_or_default()
    }

    /// Moves a virtual clock to `to`; a system clock is left alone.
    pub fn move_to(&self, to: DateTime<Utc>) {
        if let Self::Virtual(at) = self {
            at.store(to.timestamp_millis(), Ordering::SeqCst);
        }
    }
}

/// Time since some fixed moment that never jumps: for durations and for noticing that the wall clock did.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
pub fn monotonic() -> Duration {
    use std::sync::OnceLock;
    static START: OnceLock<std::time::Instant> = OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed()
}

/// Notices that the wall clock jumped against the monotonic one: suspend, a set clock, a broken battery.
#[derive(Debug)]
pub struct JumpWatch {
    wall: DateTime<Utc>,
    steady: Duration,
}

/// A jump of the wall clock, in seconds; negative when it went backwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jump(pub i64);

impl JumpWatch {
    /// Drift beyond which the clock is said to have jumped, in seconds (RELIABILITY 5).
    const TOLERATED: i64 = 60;

    /// Starts watching.
    #[must_use]
    pub fn new(wall: DateTime<Utc>, steady: Duration) -> Self {
        Self { wall, steady }
    }

    /// Compares both clocks since the last look.
    pub fn look(&mut self, wall: DateTime<Utc>, steady: Duration) -> Option<Jump> {
        let went = (wall - self.wall).num_seconds();
        let lasted = i64::try_from(steady.saturating_sub(self.steady).as_secs()).unwrap_or(i64::MAX);
        (self.wall, self.steady) = (wall, steady);
        let drift = went - lasted;
        (drift.abs() > Self::TOLERATED).then_some(Jump(drift))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_is_noticed_and_ordinary_time_is_not() {
        let start = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let mut watch = JumpWatch::new(start, Duration::ZERO);
        assert_eq!(watch.look(start + chrono::TimeDelta::seconds(100), Duration::from_secs(99)), None);
        assert_eq!(watch.look(start + chrono::TimeDelta::seconds(100), Duration::from_secs(600)), Some(Jump(-501)));
        assert_eq!(watch.look(start + chrono::TimeDelta::days(1), Duration::from_secs(601)), Some(Jump(86299)));
    }
}
