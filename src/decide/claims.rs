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
/// One's own claim that is older is put there anew before anything is done: others may be about to give the draft back. So
/// much earlier than [`STALE`] as clocks may differ and a mail may take to leave.
pub const OLD: TimeDelta = TimeDelta::minutes(80);
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
    /// Nobody who may still be at it claims it: put ours there and read again.
    Stake,
    /// Ours has stood for too long: remove it, put it there anew and read again.
    Renew,
    /// Ours is the only claim.
    Go,
    /// Somebody else is at it: look again after this time.
    Wait(TimeDelta),
    /// Two claimed at once and ours has to go.
    Withdraw(TimeDelta),
    /// Somebody claimed it at this time and never said what became of it; of those who may still be at it, ours is the
    /// only claim.
    Stale(Instant),
}

/// The step that follows from the claims on one draft. `own` is the token under which we claim.
#[must_use]
pub fn step(own: &str, there: &[Claim], now: Instant) -> Step {
    let age = |claim: &Claim| now - claim.since;
    let mine = there.iter().filter(|claim| claim.token == own).map(age).max();
    let (stale, fresh): (Vec<&Claim>, Vec<&Claim>) =
        there.iter().filter(|claim| claim.token != own).partition(|claim| age(claim) >= STALE);
    if let Some(oldest) = fresh.iter().map(|claim| age(claim)).max() {
        let again = (oldest / 2).clamp(AGAIN[0], AGAIN[1]);
        return match mine {
            Some(_) if fresh.iter().all(|claim| own < claim.token.as_str()) => Step::Wait(SOON),
            Some(_) => Step::Withdraw(again),
            None => Step::Wait(again),
        };
    }
    match (mine, stale.iter().map(|claim| claim.since).min()) {
        (None, _) => Step::Stake,
        (Some(age), _) if age >= OLD => Step::Renew,
        (Some(_), Some(since)) => Step::Stale(since),
        (Some(_), None) => Step::Go,
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
            (vec![claim("b", 0)], 79, Step::Go),
            // Others may be about to give the draft back.
            (vec![claim("b", 0)], 80, Step::Renew),
            (vec![claim("b", 0)], 500, Step::Renew),
            (vec![claim("b", 0), claim("b", 499)], 500, Step::Renew),
            (vec![claim("a", 0)], 0, Step::Wait(again)),
            (vec![claim("a", 0)], 10, Step::Wait(TimeDelta::minutes(5))),
            (vec![claim("a", 0)], 119, Step::Wait(TimeDelta::minutes(10))),
            // Whoever gives it back does so under a claim, too.
            (vec![claim("a", 0)], 120, Step::Stake),
            (vec![claim("a", 0), claim("b", 119)], 120, Step::Stale(minute(0))),
            (vec![claim("a", 0), claim("b", 0)], 120, Step::Renew),
            (vec![claim("a", 0), claim("b", 119), claim("c", 119)], 120, soon),
            (vec![claim("a", 0), claim("b", 0)], 0, Step::Withdraw(again)),
            (vec![claim("b", 0), claim("c", 0)], 0, soon),
            (vec![claim("a", 0), claim("b", 0), claim("c", 0)], 0, Step::Withdraw(again)),
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

    /// Any interleaving of installations that stake, read, renew, withdraw and go or give back, also when one has left its
    /// claim there long ago, dead or not: never two at once.
    #[test]
    fn never_two_at_once() {
        for before in [vec![], vec![("z", 0)], vec![("a", 0)], vec![("c", 0)], vec![("b", 0), ("z", 0)]] {
            let went = walk(&before);
            assert!(went > 10, "{before:?}: {went}");
        }
    }

    /// How often somebody went in all the states that can be reached.
    fn walk(before: &[(&'static str, i64)]) -> u32 {
        /// What somebody does next.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        enum Next {
            Read,
            Stake,
            Remove,
            Renew,
            /// Sends, or gives the draft back.
            Goes,
        }
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
        struct World {
            there: Vec<(&'static str, i64)>,
            does: [Next; 3],
        }
        let (tokens, now) = (["a", "b", "c"], 200);
        let mut seen = std::collections::BTreeSet::new();
        let mut left = vec![World { there: before.to_vec(), does: [Next::Read; 3] }];
        let mut went = 0;
        while let Some(world) = left.pop() {
            if !seen.insert(world.clone()) {
                continue;
            }
            assert!(world.does.iter().filter(|does| **does == Next::Goes).count() < 2, "{:?}", world.there);
            for (n, token) in tokens.iter().enumerate() {
                let mut next = world.clone();
                next.does[n] = match world.does[n] {
                    Next::Read => {
                        let there: Vec<Claim> = world.there.iter().map(|(one, since)| claim(one, *since)).collect();
                        match step(token, &there, minute(now)) {
                            Step::Stake => Next::Stake,
                            Step::Renew => Next::Renew,
                            Step::Go | Step::Stale(_) => Next::Goes,
                            Step::Wait(_) => Next::Read,
                            Step::Withdraw(_) => Next::Remove,
                        }
                    }
                    Next::Stake => {
                        next.there.push((token, now));
                        next.there.sort_unstable();
                        Next::Read
                    }
                    Next::Renew | Next::Remove | Next::Goes => {
                        went += u32::from(world.does[n] == Next::Goes);
                        next.there.retain(|(one, _)| one != token);
                        if world.does[n] == Next::Renew { Next::Stake } else { Next::Read }
                    }
                };
                left.push(next);
            }
        }
        went
    }
}
