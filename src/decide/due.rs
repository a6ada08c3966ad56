//! The next moment at which anything can change by itself, and the promises whose time has passed. Pure. Whether a
//! queued mail is sent: gate.rs.
use super::holding::next_look;
use super::policy::Policy;
use crate::model::{Instant, Promise, PromiseState};

/// The next instant at which anything can change by itself, never before `now`; `None` if nothing is under
/// way. `queue`: the send times of queued mail. Of each open promise counts when its holding reply is due, then when
/// it lapses.
#[must_use]
pub fn next_wakeup<'a>(
    queue: impl IntoIterator<Item = Instant>,
    promises: impl IntoIterator<Item = &'a Promise>,
    policy: &Policy,
    now: Instant,
) -> Option<Instant> {
    let open = promises.into_iter().filter(|promise| promise.state == PromiseState::Open);
    let promised = open.map(|promise| next_look(promise, policy, now).unwrap_or(promise.by));
    queue.into_iter().chain(promised).min().map(|at| at.max(now))
}

/// The open promises whose time has passed without an answer.
pub fn lapsed(promises: &[Promise], now: Instant) -> impl Iterator<Item = &Promise> {
    promises.iter().filter(move |promise| promise.state == PromiseState::Open && promise.by <= now)
}

#[cfg(test)]
#[path = "due_tests.rs"]
mod tests;
