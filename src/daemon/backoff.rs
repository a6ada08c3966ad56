//! How long to wait before the next attempt to reach a server. Pure: the random number is an argument.
use std::time::Duration;

/// First delay's ceiling.
const FIRST: Duration = Duration::from_secs(5);
/// Ceiling of every delay.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// Refused logins after which a mailbox rests until the configuration is read again (avoids a lock-out).
pub const LOGIN_ATTEMPTS: u32 = 3;

/// Consecutive failures of one mailbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backoff {
    failures: u32,
    refused_logins: u32,
}

impl Backoff {
    /// A session worked: start afresh.
    pub fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// One more failure; `login_refused` counts towards resting.
    pub fn failed(&mut self, login_refused: bool) {
        self.failures = self.failures.saturating_add(1);
        self.refused_logins = if login_refused { self.refused_logins.saturating_add(1) } else { 0 };
    }

    /// Whether the mailbox should be left alone until the owner acts.
    #[must_use]
    pub fn rests(&self) -> bool {
        self.refused_logins >= LOGIN_ATTEMPTS
    }

    /// The ceiling of the next delay: 5 s, doubled with each failure, at most 15 min.
    #[must_use]
    pub fn ceiling(&self) -> Duration {
        let doubled = 2_u32.checked_pow(self.failures.saturating_sub(1).min(16)).unwrap_or(u32::MAX);
        FIRST.saturating_mul(doubled).min(LONGEST)
    }

    /// Full jitter: anything from one second up to the ceiling, so that a thousand daemons do not come back at once.
    #[must_use]
    pub fn delay(&self, random: u64) -> Duration {
        let range = u64::try_from(self.ceiling().as_millis()).unwrap_or(u64::MAX).saturating_sub(1000).max(1);
        Duration::from_millis(1000 + random % range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_to_a_ceiling_and_logins_stop() {
        let mut backoff = Backoff::default();
        let mut last = Duration::ZERO;
        for _ in 0..40 {
            backoff.failed(false);
            assert!(backoff.ceiling() >= last);
            last = backoff.ceiling();
            for random in [0, 7, u64::MAX] {
                assert!(backoff.delay(random) <= backoff.ceiling().max(Duration::from_secs(1)));
                assert!(backoff.delay(random) >= Duration::from_secs(1));
            }
        }
        assert_eq!(last, LONGEST);
        assert!(!backoff.rests());
        for _ in 0..LOGIN_ATTEMPTS {
            backoff.failed(true);
        }
        assert!(backoff.rests());
        backoff.succeeded();
        assert_eq!(backoff.ceiling(), FIRST);
    }
}
