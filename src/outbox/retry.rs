//! When a mail that was not sent is tried again. Pure arithmetic; whether it may be tried is the caller's.
use crate::model::Instant;
use chrono::TimeDelta;

/// Minutes to wait after the first, second, third attempt; from the fourth on, an hour each.
const WAITS: [i64; 3] = [1, 5, 15];

/// The next attempt after `attempts` failed ones, counted from `now`: 1, 5, 15, 60 minutes, then hourly, and at
/// once if there was none yet. `None` once the mail would come later than it is useful.
#[must_use]
pub fn next_attempt(attempts: u32, now: Instant, useful_until: Instant) -> Option<Instant> {
    let wait = match usize::try_from(attempts).ok().and_then(|n| n.checked_sub(1)) {
        None => 0,
        Some(n) => WAITS.get(n).copied().unwrap_or(60),
    };
    now.checked_add_signed(TimeDelta::minutes(wait)).filter(|next| *next <= useful_until)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_an_hour_and_end_with_the_use() {
        let now: Instant = "2026-11-23T09:00:00Z".parse().unwrap();
        let until = now + TimeDelta::hours(1);
        let wait = |attempts| next_attempt(attempts, now, until).map(|at| (at - now).num_minutes());
        let got: Vec<_> = (0..7).map(wait).collect();
        assert_eq!(got, [Some(0), Some(1), Some(5), Some(15), Some(60), Some(60), Some(60)]);
        assert_eq!(next_attempt(u32::MAX, now, until), Some(until));
        assert_eq!(next_attempt(4, now, until - TimeDelta::seconds(1)), None);
        assert_eq!(next_attempt(0, now, now - TimeDelta::seconds(1)), None);
        assert_eq!(next_attempt(9, Instant::MAX_UTC, Instant::MAX_UTC), None);
    }
}
