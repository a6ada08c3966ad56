//! When an acknowledgement goes out, and what it promises (PRODUCT 2). The windows themselves: `calendar`.
use super::case::Case;
use super::decision::Plan;
use crate::calendar::{promised_window, window_at};
use crate::model::{Code, Instant, Owner};
use chrono::TimeDelta;

/// The plan for a message, with the code that says whether it arrived in a window; `None` if no window is
/// in sight.
#[must_use]
pub fn plan(case: &Case<'_>, announced: bool) -> Option<(Plan, Code)> {
    let (owner, replies) = (&case.policy.owner, &case.policy.replies);
    let inside = window_at(owner, case.arrived).is_some();
    let grace = if inside { replies.grace_in_window } else { replies.grace };
    let send_at = (case.arrived + grace).max(case.now);
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
