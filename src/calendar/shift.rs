//! How far a client's clock is from the owner's, and when that changes: clock changes on either side, and trips of the
//! owner. Whom to tell, and in which words: the floors above.
use super::away::zone_at;
use crate::model::{Instant, Owner, Zone};
use chrono::TimeDelta;

/// No zone changes its clock twice and back within so short a time; looked at again inside when something changed.
const STEP: TimeDelta = TimeDelta::hours(6);

/// Whose clock changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Whose {
    /// The clock where the owner is.
    Owner,
    /// The client's.
    Client,
    /// Both in the same instant, by different amounts.
    Both,
}

impl Whose {
    /// The stable word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Client => "client",
            Self::Both => "both",
        }
    }
}

/// A clock change after which owner and client are differently far apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    /// The first instant with the new gap.
    pub at: Instant,
    /// Minutes by which the client's clock is ahead of the owner's until then; negative when it is behind.
    pub before_minutes: i64,
    /// Minutes by which it is ahead from then on.
    pub after_minutes: i64,
    /// Whose clock changes.
    pub whose: Whose,
}

/// A trip of the owner begins or ends, and the client is differently far away. No clock changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Move {
    /// The first instant in the other zone.
    pub at: Instant,
    /// Minutes by which the client's clock is ahead of the owner's until then.
    pub before_minutes: i64,
    /// Minutes by which it is ahead from then on.
    pub after_minutes: i64,
    /// Where the owner is from then on.
    pub zone: Zone,
}

/// Seconds by which the client's clock is ahead of the owner's, where the owner is then; negative when it is behind.
#[must_use]
pub fn gap(owner: &Owner, client_zone: &Zone, at: Instant) -> i64 {
    State::at(owner, client_zone, at).gap()
}

/// The next clock change after `from` and not later than `until` that shifts the gap between owner and client. Changes
/// on both sides that cancel each other out shift nothing, and trips are told by [`moves`].
#[must_use]
pub fn next_shift(owner: &Owner, client_zone: &Zone, from: Instant, until: Instant) -> Option<Shift> {
    shifts(owner, client_zone, from, until).next()
}

/// So long ahead a shift is worth a word to the client.
const SOON: TimeDelta = TimeDelta::days(7);

/// The next clock change that shifts the gap and is worth a word in a mail or digest at `now`: it comes before `until` (the
/// end of the promised window), or within seven days. On which date it is for the client: `client_zone.local(at)`.
#[must_use]
pub fn coming_shift(owner: &Owner, client_zone: &Zone, now: Instant, until: Instant) -> Option<Shift> {
    next_shift(owner, client_zone, now, until.max(now.checked_add_signed(SOON).unwrap_or(now)))
}

/// All of them, in order, each looked for only when it is asked for.
pub fn shifts<'a>(
    owner: &'a Owner,
    client_zone: &'a Zone,
    from: Instant,
    until: Instant,
) -> impl Iterator<Item = Shift> + 'a {
    changes(owner, client_zone, from, until).filter(|change| change.before.owner_zone == change.after.owner_zone).map(
        |Change { at, before, after }| Shift {
            at,
            before_minutes: before.gap() / 60,
            after_minutes: after.gap() / 60,
            whose: match (before.owner != after.owner, before.client != after.client) {
                (true, true) => Whose::Both,
                (true, false) => Whose::Owner,
                (false, _) => Whose::Client,
            },
        },
    )
}

/// The beginnings and ends of trips after `from` and not later than `until` that shift the gap, in order. A clock
/// change in the instant of the crossing is part of it.
pub fn moves<'a>(
    owner: &'a Owner,
    client_zone: &'a Zone,
    from: Instant,
    until: Instant,
) -> impl Iterator<Item = Move> + 'a {
    changes(owner, client_zone, from, until).filter(|change| change.before.owner_zone != change.after.owner_zone).map(
        |Change { at, before, after }| Move {
            at,
            before_minutes: before.gap() / 60,
            after_minutes: after.gap() / 60,
            zone: after.owner_zone.clone(),
        },
    )
}

/// The clock changes of one zone after `from` and not later than `until`: instant, and seconds by which the clock is
/// put forward (negative: back).
pub fn clock_changes(zone: &Zone, from: Instant, until: Instant) -> impl Iterator<Item = (Instant, i32)> + '_ {
    let offset = |at| zone.offset_seconds(at);
    steps(from, until, offset).map(|(at, before, after)| (at, after - before))
}

/// What decides the gap.
#[derive(Clone, Copy, PartialEq)]
struct State<'a> {
    owner_zone: &'a Zone,
    owner: i32,
    client: i32,
}

impl<'a> State<'a> {
    fn at(owner: &'a Owner, client_zone: &Zone, at: Instant) -> Self {
        let owner_zone = zone_at(owner, at);
        Self { owner_zone, owner: owner_zone.offset_seconds(at), client: client_zone.offset_seconds(at) }
    }

    fn gap(&self) -> i64 {
        i64::from(self.client) - i64::from(self.owner)
    }
}

struct Change<'a> {
    at: Instant,
    before: State<'a>,
    after: State<'a>,
}

/// Every instant at which the gap itself changes.
fn changes<'a>(
    owner: &'a Owner,
    client_zone: &'a Zone,
    from: Instant,
    until: Instant,
) -> impl Iterator<Item = Change<'a>> {
    steps(from, until, move |at| State::at(owner, client_zone, at))
        .map(|(at, before, after)| Change { at, before, after })
        .filter(|change| change.before.gap() != change.after.gap())
}

/// The instants after `from`, up to `until`, at which `state` changes, with the states before and after.
fn steps<S: PartialEq + Copy>(
    from: Instant,
    until: Instant,
    state: impl Fn(Instant) -> S,
) -> impl Iterator<Item = (Instant, S, S)> {
    let mut here = (from, state(from));
    std::iter::from_fn(move || {
        while here.0 < until {
            let far = here.0.checked_add_signed(STEP).unwrap_or(until).min(until);
            if state(far) == here.1 {
                here.0 = far;
                continue;
            }
            let (mut low, mut high) = (here.0, far);
            while high - low > TimeDelta::seconds(1) {
                let middle = low + (high - low) / 2;
                if state(middle) == here.1 { low = middle } else { high = middle }
            }
            // Clocks change on whole seconds; `from` may have lain between two.
            let whole = Instant::from_timestamp(high.timestamp(), 0).unwrap_or(high);
            let at = if whole > here.0 && state(whole) != here.1 { whole } else { high };
            let before = here.1;
            here = (at, state(at));
            return Some((at, before, here.1));
        }
        None
    })
}
