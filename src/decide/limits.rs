//! How much automatic mail is enough (rules 51 to 56). Intents are counted, failed ones too (rule 58).
use super::case::{Case, Findings};
use super::decision::PauseScope;
use super::free_mail::is_free_mail;
use super::rest;
use super::thanks::is_thank_you;
use super::trust::Trust;
use crate::calendar::zone_at;
use crate::model::{Code, EmailAddress};

/// Octets of letters up to which different people write the same by chance.
const SHORT: usize = 32;

/// Rule 51: a further conversation within the interval is tracked, not acknowledged.
pub fn interval(case: &Case<'_>, found: &mut Findings) {
    if case.past.last_acknowledgement.is_some_and(|at| case.now - at < case.policy.replies.min_interval) {
        found.say(Code::Interval);
    }
}

/// Rule 52.
pub fn sender(case: &Case<'_>, found: &mut Findings) {
    let (replies, past) = (&case.policy.replies, case.past);
    if past.to_sender_day >= allowed(case, replies.per_sender_day) {
        found.say(Code::LimitSender.with(&format!("{} in 24 h", past.to_sender_day)));
    } else if past.to_sender_week >= allowed(case, replies.per_sender_week) {
        found.say(Code::LimitSender.with(&format!("{} in 7 days", past.to_sender_week)));
    }
}

/// Rule 53: a peer that changes its address with every mail keeps its domain.
pub fn domain(case: &Case<'_>, found: &mut Findings) {
    let Some(author) = &case.author else { return };
    let replies = &case.policy.replies;
    let free = is_free_mail(author.domain());
    let most = if free { replies.per_free_mail_domain_day } else { replies.per_domain_day };
    if case.past.to_domain_day >= allowed(case, most) {
        found.say(Code::LimitDomain.with(&format!("{} in 24 h to {}", case.past.to_domain_day, author.domain())));
        found.pause(PauseScope::Domain(author.domain().to_owned()), case.now + rest::DOMAIN, Code::LimitDomain);
    }
}

/// Rule 54: the whole, and half of it for one mailbox.
pub fn total(case: &Case<'_>, found: &mut Findings) {
    let spans = ["10 min", "60 min", "24 h"];
    let limits = case.policy.replies.total;
    let over = |counts: [u32; 3], halves: u32| {
        let mut all = counts.into_iter().zip(limits).zip(spans);
        all.find(|((count, limit), _)| *count >= limit.div_ceil(halves)).map(|((count, _), span)| (count, span))
    };
    if let Some((count, span)) = over(case.past.total, 1) {
        found.say(Code::LimitTotal.with(&format!("{count} in {span}")));
        found.pause(PauseScope::All, rest::UNTIL_RESUMED, Code::LimitTotal);
    } else if let Some((count, span)) = over(case.past.mailbox_total, 2) {
        found.say(Code::LimitTotal.with(&format!("{count} in {span} from this mailbox")));
        let here = case.identity.map(|identity| PauseScope::Mailbox(identity.name.clone()));
        found.pause(here.unwrap_or(PauseScope::All), rest::UNTIL_RESUMED, Code::LimitTotal);
    }
}

/// A peer that answers under a new address each time keeps its conversation.
pub fn conversation(case: &Case<'_>, found: &mut Findings) {
    let count = case.past.in_conversation_day;
    if let Some(id) = case.past.conversation.as_ref().filter(|_| count >= case.policy.replies.per_conversation_day) {
        found.say(Code::LimitConversation.with(&format!("{count} in 24 h")));
        let scope = PauseScope::Conversation(id.clone());
        found.pause(scope, case.now + rest::CONVERSATION, Code::LimitConversation);
    }
}

/// Rule 55: this one is at least the third. At a free-mail domain only the sender rests, not everybody there, and
/// so with words that people share. A thank-you gets no answer: three of them are three people, not a loop.
pub fn same_body(case: &Case<'_>, found: &mut Findings) {
    let Some(author) = &case.author else { return };
    let times = case.past.same_body_hour.saturating_add(1);
    if times >= 3 && !is_thank_you(case) {
        found.say(Code::SameBody.with(&format!("{times} times in an hour")));
        let scope = if is_free_mail(author.domain()) || is_shared(&case.message.content.text, author) {
            PauseScope::Sender(author.folded())
        } else {
            PauseScope::Domain(author.domain().to_owned())
        };
        found.pause(scope, case.now + rest::SAME_BODY, Code::SameBody);
    }
}

/// Whether colleagues may well write the same text within an hour ("any news?"): then only mail of the same address
/// counts for rule 55. A machine that changes its address with every mail shows a number in it, and repeats itself
/// whatever the length of its text.
#[must_use]
pub fn is_shared(text: &str, author: &EmailAddress) -> bool {
    let new = text.lines().filter(|line| !line.trim_start().starts_with('>'));
    let letters = new.flat_map(str::chars).filter(|c| c.is_alphabetic()).map(char::len_utf8);
    let length = letters.scan(0, |sum, octets| {
        *sum += octets;
        Some(*sum)
    });
    length.take(SHORT + 1).last().is_none_or(|octets| octets <= SHORT)
        && !author.local().contains(|c: char| c.is_ascii_digit())
}

/// Rule 56.
pub fn bounced(case: &Case<'_>, found: &mut Findings) {
    if case.past.bounced_at.is_some_and(|at| case.now - at < case.policy.replies.after_bounce) {
        found.say(Code::Bounced);
    }
}

/// A pause that an earlier message caused.
pub fn paused(case: &Case<'_>, found: &mut Findings) {
    if let Some(until) = case.past.paused_until.filter(|until| *until > case.now) {
        let zone = zone_at(&case.policy.owner, case.now);
        let end = match until >= rest::UNTIL_RESUMED {
            true => "`fuseau resume`".to_owned(),
            false => format!("{} {}", zone.local(until).format("%a %-d %b %Y %H:%M"), zone.name()),
        };
        found.say(Code::PausedSender.with(&format!("until {end}")));
    }
}

/// The owner wants no automatic mail to this sender, ever.
pub fn never(case: &Case<'_>, found: &mut Findings) {
    if case.past.never {
        found.say(Code::Never);
    }
}

/// A limit, halved (rounded up) where only the envelope vouches for the author (rule 37).
fn allowed(case: &Case<'_>, limit: u32) -> u32 {
    if case.trust == Trust::NotConfigured { limit.div_ceil(2) } else { limit }
}
