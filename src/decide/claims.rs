//! Several installations on one mailbox, and a draft that was handed over: which of them sends it. Pure; claims are put
//! beside drafts, read and removed in `daemon::claims`. Why it is done so: docs/decisions/0023.
//!
//! Whoever wants to send puts a claim there, then reads all claims, and goes only if theirs is the only one: of two whose
//! claims were there before they read, neither sees itself alone. No order of messages is relied upon.
use crate::model::Instant;
use chrono::TimeDelta;

/// The header field that makes a message a claim; in lower case, as headers are kept.
pub const FIELD: &str = "x-fuseau-claim";
/// Somebody else's claim that is older stands for an installation that died with it. Longer than any try to send lasts.
pub const STALE: TimeDelta = TimeDelta::hours(2);
/// Two claimed at once and ours stays: the other one has withdrawn by then.
pub const SOON: TimeDelta = TimeDelta::seconds(5);
/// Somebody else is sending: look again after this time at the earliest, at the latest after that.
const AGAIN: [TimeDelta; 2] = [TimeDelta::seconds(20), TimeDelta::minutes(10)];

/// A claim as it stands beside a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Whose it is: drawn by an installation for this draft.
    pub token: String,
    /// The identity of the draft (rule B6).
    pub draft: String,
    /// Where the draft lay.
    pub place: String,
    /// When it was put there.
    pub since: Instant,
}

impl Claim {
    /// Reads the value of the field.
    #[must_use]
    pub fn read(value: &str, since: Instant) -> Option<Self> {
        let mut words = value.split_whitespace().map(str::to_owned);
        let (token, draft, place) = (words.next()?, words.next()?, words.next()?);
        words.next().is_none().then_some(Self { token, draft, place, since })
    }

    /// The value of the field.
    #[must_use]
    pub fn value(&self) -> String {
        format!("{} {} {}", self.token, self.draft, self.place)
    }
}

/// What to do about a draft that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nobody claims it: put ours there and read again.
    Stake,
    /// Ours is the only claim.
    Go,
    /// Somebody else is at it: look again after this time.
    Wait(TimeDelta),
    /// Two claimed at once and ours has to go.
    Withdraw(TimeDelta),
    /// Somebody claimed it at this time and never said what became of it.
    Stale(Instant),
}

/// The step that follows from the claims on one draft. `own` is the token under which we claim.
#[must_use]
pub fn step(own: &str, there: &[Claim], now: Instant) -> Step {
    let mine = there.iter().any(|claim| claim.token == own);
    let others = || there.iter().filter(|claim| claim.token != own);
    let Some(oldest) = others().map(|claim| claim.since).min() else {
        return if mine { Step::Go } else { Step::Stake };
    };
    let age = now - oldest;
    let again = (age / 2).clamp(AGAIN[0], AGAIN[1]);
    match mine {
        _ if age >= STALE => Step::Stale(oldest),
        true if others().all(|claim| own < claim.token.as_str()) => Step::Wait(SOON),
        true => Step::Withdraw(again),
        false => Step::Wait(again),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(minute: i64) -> Instant {
        Instant::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    fn claim(token: &str, since: i64) -> Claim {
        Claim { token: token.to_owned(), draft: "d".to_owned(), place: "7.1".to_owned(), since: minute(since) }
    }

    #[test]
    fn alone_one_goes_and_of_two_one_stays() {
        let (soon, again) = (Step::Wait(SOON), TimeDelta::seconds(20));
        // (claims there, minute, what "b" does)
        for (there, now, want) in [
            (vec![], 0, Step::Stake),
            (vec![claim("b", 0)], 0, Step::Go),
            // However old one's own is.
            (vec![claim("b", 0)], 500, Step::Go),
            (vec![claim("a", 0)], 0, Step::Wait(again)),
            (vec![claim("a", 0)], 10, Step::Wait(TimeDelta::minutes(5))),
            (vec![claim("a", 0)], 119, Step::Wait(TimeDelta::minutes(10))),
            (vec![claim("a", 0)], 120, Step::Stale(minute(0))),
            (vec![claim("a", 0), claim("b", 0)], 0, Step::Withdraw(again)),
            (vec![claim("b", 0), claim("c", 0)], 0, soon),
            (vec![claim("a", 0), claim("b", 0), claim("c", 0)], 0, Step::Withdraw(again)),
            (vec![claim("b", 0), claim("c", 0)], 130, Step::Stale(minute(0))),
            // A clock that is ahead.
            (vec![claim("a", 60)], 0, Step::Wait(again)),
        ] {
            assert_eq!(step("b", &there, minute(now)), want, "{there:?} at {now}");
        }
    }

    #[test]
    fn a_claim_is_read_as_it_was_written() {
        let one = claim("a", 3);
        assert_eq!(Claim::read(&one.value(), minute(3)), Some(one));
        for odd in ["", "a", "a b", "a b c d"] {
            assert_eq!(Claim::read(odd, minute(0)), None, "{odd}");
        }
    }

    /// Any interleaving of any number of installations that stake, read, withdraw and go: never two at once.
    #[test]
    fn never_two_at_once() {
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        struct World {
            there: Vec<&'static str>,
            // For each: 0 to read, 1 to stake, 2 to withdraw, 3 sends.
            does: Vec<u8>,
        }
        let tokens = ["a", "b", "c"];
        let mut seen = std::collections::BTreeSet::new();
        let mut left = vec![World { there: vec![], does: vec![0; 3] }];
        let mut went = 0;
        while let Some(world) = left.pop() {
            if !seen.insert(world.clone()) {
                continue;
            }
            assert!(world.does.iter().filter(|does| **does == 3).count() < 2, "{:?}", world.there);
            for (n, token) in tokens.iter().enumerate() {
                let mut next = world.clone();
                match world.does[n] {
                    0 => {
                        let there: Vec<Claim> = world.there.iter().map(|one| claim(one, 0)).collect();
                        next.does[n] = match step(token, &there, minute(1)) {
                            Step::Stake => 1,
                            Step::Go => 3,
                            Step::Wait(_) | Step::Stale(_) => 0,
                            Step::Withdraw(_) => 2,
                        };
                    }
                    1 => {
                        next.there.push(token);
                        next.there.sort_unstable();
                        next.does[n] = 0;
                    }
                    2 => {
                        next.there.retain(|one| one != token);
                        next.does[n] = 0;
                    }
                    // It could not be sent for now.
                    _ => {
                        went += 1;
                        next.there.retain(|one| one != token);
                        next.does[n] = 0;
                    }
                }
                left.push(next);
            }
        }
        assert!(went > 10, "{went}");
    }
}
