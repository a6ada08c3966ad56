//! Where the conversation stands (rules 15, 48 to 50) and how fresh the message is (rule 47).
use super::case::{Case, Findings};
use super::rest;
use crate::model::Code;
use chrono::TimeDelta;

/// An answer to our automatic mail within this time is faster than people write (rule 15).
const MACHINE_SPEED: TimeDelta = TimeDelta::seconds(120);

/// Rule 47: after an outage nobody gets an acknowledgement of yesterday's mail, and what lay there before
/// us gets none at all.
pub fn freshness(case: &Case<'_>, found: &mut Findings) {
    let age = case.now - case.arrived;
    if age > case.policy.replies.max_age {
        found.say(Code::TooOld.with(&format!("{} h ago", age.num_hours())));
    }
    if case.past.rescan {
        found.say(Code::Rescan);
    }
}

/// Rule 15: it answers our automatic mail at once and adds nothing.
pub fn machine_suspected(case: &Case<'_>, found: &mut Findings) {
    let Some(sent) = case.past.answers_our_automatic else { return };
    let content = &case.message.content;
    let silent = case.words.is_empty() && content.attachments.is_empty();
    if case.arrived - sent < MACHINE_SPEED && silent {
        found.say(Code::MachineSuspected);
        found.pause_sender(case, rest::LOOP, Code::MachineSuspected);
    }
}

/// The same message, delivered or listed again (rule 32).
pub fn duplicate(case: &Case<'_>, found: &mut Findings) {
    if let Some(first) = &case.past.duplicate_of {
        found.say(Code::Duplicate.with(first));
    }
}

/// Rules 48 and 49. What the owner wrote in the conversation after the message arrived answers it.
pub fn owner_wrote(case: &Case<'_>, found: &mut Findings) {
    let wrote = case.past.owner_wrote_at;
    if case.past.answered {
        found.say(Code::Answered);
    } else if case.message.answered_flag {
        found.say(Code::Answered.with("\\Answered"));
    } else if wrote.is_some_and(|at| at >= case.arrived) {
        found.say(Code::Answered.with("you wrote in the conversation since"));
    }
    if wrote.is_some_and(|at| case.now - at < case.policy.replies.owner_active) {
        found.say(Code::OwnerActive);
    }
}

/// Rule 50 and D3: one automatic mail in a conversation until the owner has written in it.
pub fn one_automatic(case: &Case<'_>, found: &mut Findings) {
    if case.past.open_promise_by.is_some_and(|by| by > case.now) {
        found.say(Code::Covered);
    }
    // An answer to our automatic mail says the same, even if the conversation was not recognised.
    let since = |sent| case.past.owner_wrote_at.is_none_or(|wrote| wrote < sent);
    if case.past.automatic_since_owner || case.past.answers_our_automatic.is_some_and(since) {
        found.say(Code::OnePerConversation);
    }
}
