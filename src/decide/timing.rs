//! When an acknowledgement goes out, and what it promises (PRODUCT 2). The windows themselves: `calendar`.
use super::case::Case;
use super::decision::Plan;
use super::policy::Policy;
use crate::calendar::{promised_window, window_at};
use crate::model::{Code, Instant, Owner};
use chrono::TimeDelta;

/// The plan for a mail that would arrive at `at`, as if it were acknowledged; `None` if no window is in sight.
#[must_use]
pub fn plan_at(policy: &Policy, at: Instant) -> Option<Plan> {
    schedule(policy, at, at, true).map(|(plan, _)| plan)
}

/// The plan for a message, with the code that says whether it arrived in a window; `None` if no window is
/// in sight.
#[must_use]
pub fn plan(case: &Case<'_>, announced: bool) -> Option<(Plan, Code)> {
    schedule(case.policy, case.arrived, case.now, announced)
}

fn schedule(policy: &Policy, arrived: Instant, now: Instant, announced: bool) -> Option<(Plan, Code)> {
    let (owner, replies) = (&policy.owner, &policy.replies);
    let inside = window_at(owner, arrived).is_some();
    let grace = if inside { replies.grace_in_window } else { replies.grace };
    let send_at = (arrived + grace).max(now);
    let plan = promise(owner, send_at, replies.min_notice, announced)?;
    Some((plan, if inside { Code::InWindow } else { Code::OutsideWindow }))
}

/// What is promised by a mail that goes out at `send_at`: the first window whose end is at least
/// `min_notice` later. Also for a promise that has to be made anew ([`super::Due::Renew`]).
#[must_use]
pub fn promise(owner: &Owner, send_at: Instant, min_notice: TimeDelta, announced: bool) -> Option<Plan> {
    let window = promised_window(owner, send_at, min_notice)?;
    Some(Plan { send_at, by: window.end, window, announced })
}
