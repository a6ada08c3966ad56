//! Is it for us, and from which of our addresses would we answer (rules 29 to 31). Rule 32 (the same mail
//! delivered twice) is the identity of messages: thread.rs.
use super::case::{Case, Findings, Way};
use crate::model::{Code, EmailAddress};

/// Rules 29 and 31, and the first half of 30.
pub fn to_me(case: &Case<'_>, found: &mut Findings) {
    let own = |address: &&EmailAddress| case.policy.is_own(address);
    let to = case.message.to.iter().map(|party| &party.address).find(own);
    let cc = case.message.cc.iter().map(|party| &party.address).find(own);
    match (to, cc, &case.way) {
        (Some(address), _, _) => found.say(Code::ToMe.with(&address.to_string())),
        (None, _, Way::OwnList(list)) => found.say(Code::OwnList.with(list)),
        (None, Some(address), _) if case.policy.replies.when_in_copy => {
            found.say(Code::ToMe.with(&address.to_string()))
        }
        (None, Some(address), _) => found.say(Code::OnlyCc.with(&address.to_string())),
        (None, None, _) => found.say(Code::NotToMe),
    }
}

/// The second half of rule 30.
pub fn many(case: &Case<'_>, found: &mut Findings) {
    let most = usize::try_from(case.policy.replies.max_recipients).unwrap_or(usize::MAX);
    let recipients = case.message.recipients().count();
    if recipients > most {
        let mut distinct: Vec<String> = case.message.recipients().map(EmailAddress::folded).collect();
        distinct.sort_unstable();
        distinct.dedup();
        if distinct.len() > most {
            found.say(Code::ManyRecipients.with(&format!("{} recipients", distinct.len())));
        }
    }
}

/// The address of this mailbox that the author wrote to: To before Cc; the mailbox's own if it came
/// another way (rule 62).
#[must_use]
pub fn answering_address(case: &Case<'_>) -> Option<EmailAddress> {
    let identity = case.identity?;
    let written_to = case.message.recipients().find_map(|address| identity.own(address));
    Some(written_to.unwrap_or(&identity.address).clone())
}
