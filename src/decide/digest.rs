//! The one mail to the owner: when it is due, and what stands in it, in which order. Never here: its words (`compose`),
//! where the facts come from (`store`).
pub use super::digest_facts::{DigestFacts, Event, Fate, OurMail, Promised, Rest, Unanswered};
pub use super::digest_parts::{DayLeft, Digest, Item, Part, Section};
pub use super::digest_times::{DigestTimes, Slot, next_slot, slot};
use super::policy::Policy;
use crate::calendar::{DayPhase, coming_shift, day_phase, decent_hours, next_decent};
use crate::model::{Client, Code, Instant, NoticeCode, Verdict};
use chrono::TimeDelta;
use std::collections::BTreeSet;

/// Arranges the facts for the owner.
#[must_use]
pub fn digest(facts: &DigestFacts, policy: &Policy, now: Instant) -> Digest {
    let mut all: Vec<(Part, Item)> = Vec::new();
    all.extend(facts.rests.iter().map(|rest| (Part::Attention, Item::Rest(rest.clone()))));
    let events = facts.events.iter().filter(|event| still_true(event, facts));
    all.extend(events.map(|event| (part_of(event), Item::Event(event.clone()))));
    all.extend(ended(facts).map(|it| (part_of_ended(it), Item::Ended(it.clone()))));
    let mut open: Vec<(&Promised, Option<DayLeft>)> = facts
        .open
        .iter()
        .map(|it| (it, policy.client(&it.promise.client).map(|client| day_left(client, now))))
        .collect();
    open.sort_by_key(|(it, day)| (it.promise.by, day.as_ref().map(day_order), it.promise.id.clone()));
    all.extend(open.iter().map(|(it, day)| (Part::Promises, Item::Open((*it).clone(), day.clone()))));
    // Who is never to get automatic mail is no machine, and no news either.
    let wanted = facts.unanswered.iter().filter(|mail| mail.why() != Some(Code::Never));
    let (looked_at, ignored): (Vec<_>, Vec<_>) = wanted.partition(|mail| mail.verdict == Verdict::Hold);
    all.extend(looked_at.into_iter().map(|mail| (Part::Unanswered, Item::Unanswered(mail.clone()))));
    all.extend(
        facts
            .mails
            .iter()
            .filter(|mail| !told(mail, facts))
            .map(|mail| (part_of_mail(mail.fate), Item::Mail(mail.clone()))),
    );
    all.extend(days(&all, policy, now).into_iter().map(|day| (Part::Days, Item::Day(day))));
    let soon = |client: &Client| coming_shift(&policy.owner, &client.zone, now, now);
    all.extend(
        policy.clients.iter().filter_map(|client| Some((Part::Clocks, Item::Clock(client.id.clone(), soon(client)?)))),
    );
    // Stable: within a part the order is the one above.
    all.sort_by_key(|(part, _)| *part);
    let mut sections: Vec<Section> = Vec::new();
    for (part, item) in all {
        match sections.last_mut().filter(|section| section.part == part) {
            Some(section) if section.items.len() < part.most() => section.items.push(item),
            Some(section) => section.more += 1,
            None => sections.push(Section { part, items: vec![item], more: 0 }),
        }
    }
    Digest {
        at: now,
        since: facts.since,
        promises: open.len(),
        first_by: open.first().map(|(it, _)| it.promise.by),
        ignored: ignored.len(),
        sections,
    }
}

/// Whether an event still asks for something: what the owner has seen to in the meantime does not.
fn still_true(event: &Event, facts: &DigestFacts) -> bool {
    match event.notice.code {
        // Rests are read where they stand, for as long as they last.
        NoticeCode::Breaker => false,
        NoticeCode::PromiseUnheld => open(event, facts),
        NoticeCode::PromiseMoved if event.is_bare() => open(event, facts),
        // "Could not be sent" would be more than is known.
        NoticeCode::CommandFailed => {
            !facts.mails.iter().any(|mail| mail.fate == Fate::Unknown && is_about(event, mail))
        }
        _ => true,
    }
}

/// Whether the promise that an event is about is open.
fn open(event: &Event, facts: &DigestFacts) -> bool {
    event.message_id.is_none() || facts.open.iter().any(|it| it.promise.message_id == event.message_id)
}

/// Whether an event tells what became of a mail. That nobody knows it is always said.
fn told(mail: &OurMail, facts: &DigestFacts) -> bool {
    matches!(mail.fate, Fate::Sent | Fate::Observed | Fate::Failed)
        && facts.events.iter().any(|event| is_about(event, mail))
}

fn is_about(event: &Event, mail: &OurMail) -> bool {
    event.notice.exchange.as_ref() == Some(&mail.exchange)
}

/// Promises that ended and that no event tells of.
fn ended(facts: &DigestFacts) -> impl Iterator<Item = &Promised> {
    let told = |it: &Promised| {
        facts.events.iter().any(|event| {
            matches!(event.notice.code, NoticeCode::PromiseLapsed | NoticeCode::PromiseReleased)
                && event.message_id.is_some()
                && event.message_id == it.promise.message_id
        })
    };
    facts.ended.iter().filter(move |it| !told(it))
}

fn part_of_ended(it: &Promised) -> Part {
    if it.promise.state == crate::model::PromiseState::Lapsed { Part::Attention } else { Part::News }
}

fn part_of_mail(fate: Fate) -> Part {
    match fate {
        Fate::Sent | Fate::Observed => Part::Sent,
        Fate::Drafted => Part::Drafts,
        Fate::Failed | Fate::Unknown => Part::Attention,
    }
}

fn part_of(event: &Event) -> Part {
    use NoticeCode as N;
    match event.notice.code {
        N::PromiseMoved if event.is_bare() => Part::Attention,
        N::Urgent
        | N::Login
        | N::Breaker
        | N::TrustLowered
        | N::Hook
        | N::PromiseUnheld
        | N::PromiseLapsed
        | N::OfferDeclined
        | N::CommandFailed => Part::Attention,
        N::PromiseMoved
        | N::PromiseReleased
        | N::MailSkipped
        | N::CommandDone
        | N::DraftSent
        | N::DraftStale
        | N::OfferExpired => Part::News,
    }
}

/// The days of the clients who wait for something, the one with the least left first.
fn days(all: &[(Part, Item)], policy: &Policy, now: Instant) -> Vec<DayLeft> {
    let waiting: BTreeSet<&str> = all
        .iter()
        .filter_map(|(part, item)| match item {
            Item::Open(it, _) => Some(it.promise.client.as_str()),
            Item::Unanswered(it) => it.client.as_deref(),
            Item::Mail(it) if *part == Part::Drafts => it.client.as_deref(),
            _ => None,
        })
        .collect();
    let mut days: Vec<DayLeft> =
        policy.clients.iter().filter(|it| waiting.contains(it.id.as_str())).map(|it| day_left(it, now)).collect();
    days.sort_by_key(|day| (day_order(day), day.client.clone()));
    days
}

/// Days that last come first, the shortest rest first; then those that begin next.
fn day_order(day: &DayLeft) -> (bool, bool, Option<Instant>) {
    (day.phase != DayPhase::During, day.at.is_none(), day.at)
}

/// What is left of a client's day.
#[must_use]
pub fn day_left(client: &Client, now: Instant) -> DayLeft {
    let phase = day_phase(client, now);
    let at = match phase {
        DayPhase::During => {
            let today = client.zone.local(now).date();
            let ahead = decent_hours(client, now, now + TimeDelta::hours(30));
            // Hours that began yesterday and go on past midnight are still yesterday's day.
            let running =
                ahead.iter().find(|(start, _)| *start <= now).map(|(start, _)| client.zone.local(*start).date());
            let day = running.unwrap_or(today);
            ahead.into_iter().filter(|(start, _)| client.zone.local(*start).date() == day).map(|(_, end)| end).max()
        }
        _ => next_decent(client, now),
    };
    DayLeft { client: client.id.clone(), phase, at }
}
