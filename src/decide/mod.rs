//! The rules: facts + policy + now -> decision with reasons. The order of all rules on one screen.
//! Never here: text, SQL, async, logging as a side effect of deciding.
pub mod decision;
pub mod policy;

pub use decision::{Decision, Pause, PauseScope, Plan, ReplyTo};
pub use policy::{Policy, Promises, Replies, Strangers};

use crate::model::{Incoming, Instant, Past, Verdict};

/// Judges one incoming message of mailbox `mailbox`; see [`Decision`].
#[must_use]
pub fn answer(_message: &Incoming, _mailbox: &str, _past: &Past, _policy: &Policy, _now: Instant) -> Decision {
    Decision {
        verdict: Verdict::Hold,
        reasons: Vec::new(),
        client: None,
        plan: None,
        reply_to: None,
        pauses: Vec::new(),
    }
}
