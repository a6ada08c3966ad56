//! Allow-list first (D1): automatic mail goes to known clients; the owner may let in strangers for whom
//! the own server vouches.
use super::case::{Case, Findings, Way};
use super::policy::Strangers;
use super::subject;
use super::trust::Trust;
use crate::model::Code;

/// Client, stranger let in, stranger, or a stranger's machine.
pub fn client(case: &Case<'_>, found: &mut Findings) {
    let Some(author) = &case.author else { return };
    if case.policy.is_own(author) || case.policy.is_team(author) {
        return;
    }
    if let Some(client) = case.client {
        return found.say(Code::KnownClient.with(&client.id));
    }
    let vouched = matches!(case.trust, Trust::Passed(_)) && case.way == Way::Direct;
    if subject::sign(case).is_some() || case.message.content.report_part {
        found.say(Code::StrangerMachine.with(&author.to_string()));
    } else if vouched && case.policy.replies.strangers == Strangers::Acknowledge {
        found.say(Code::StrangerAllowed.with(&author.to_string()));
    } else {
        found.say(Code::Stranger.with(&author.to_string()));
    }
}
