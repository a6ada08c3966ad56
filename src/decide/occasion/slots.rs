//! The rule for proposing meeting times. Never here: words (`compose::draft`), which times are decent (`calendar::slots`),
//! what became of an offer (`decide::offers`).
use super::{DraftFacts, DraftWhy, MeetingSettings, Occasion, OfferState, Ruling, Spared, Target};
use crate::calendar::overlap::Interval;
use crate::calendar::{Meeting, propose, zone_at};
use crate::model::{Client, DraftKind, Instant};
use chrono::TimeDelta;

/// Times decent for both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slots {
    /// The times in their order; their numbers count from 1.
    pub slots: Vec<Interval>,
    /// What the meeting is about, in the owner's words.
    pub about: Option<String>,
    /// Where or how to meet, in the owner's words.
    pub place: Option<String>,
    /// Until when they are kept free.
    pub until: Instant,
}

/// What is wanted.
#[derive(Clone, Debug)]
pub struct Wish {
    /// How long.
    pub length: TimeDelta,
    /// How many times.
    pub count: usize,
    /// Not before; `None`: after the notice of `[meetings]`.
    pub from: Option<Instant>,
    /// Over by then; `None`: as far ahead as `[meetings]` says.
    pub until: Option<Instant>,
    /// Also times that are offered to somebody else.
    pub overlap: bool,
    /// What it is about.
    pub about: Option<String>,
}

impl Wish {
    /// What `[meetings]` says, about something or nothing.
    #[must_use]
    pub fn usual(settings: &MeetingSettings, about: Option<String>) -> Self {
        Self { length: settings.length, count: settings.count, from: None, until: None, overlap: false, about }
    }
}

/// For so long it is said that nobody answered.
const TOLD: TimeDelta = TimeDelta::days(14);

/// What should lie there by itself: nothing; times are proposed at the owner's word. Says which offers nobody answered.
pub(super) fn rule(facts: &DraftFacts<'_>, now: Instant) -> Vec<Ruling> {
    let told = |offer: &&super::Offer| offer.state == OfferState::Expired && offer.since + TOLD > now;
    let expired = facts.meetings.offers.iter().filter(told);
    let spared = |client: &String| {
        Ruling::Spared(Spared {
            kind: DraftKind::Slots,
            client: client.clone(),
            project: None,
            why: DraftWhy::SlotsExpired,
        })
    };
    expired.map(|offer| spared(&offer.client)).collect()
}

/// One draft at the owner's word.
pub(super) fn asked(facts: &DraftFacts<'_>, target: &Target<'_>, now: Instant) -> Result<Occasion, DraftWhy> {
    let about = target.project.map(|project| project.title.clone());
    wished(facts, target, &Wish::usual(&facts.policy.drafts.meetings, about), now)
}

/// One draft with times as they are wished.
///
/// # Errors
/// If no time suits both.
pub fn wished(facts: &DraftFacts<'_>, target: &Target<'_>, wish: &Wish, now: Instant) -> Result<Occasion, DraftWhy> {
    let slots: Vec<Interval> = times(facts, target.client, wish, now).iter().map(|s| (s.start, s.end)).collect();
    let Some(until) = expiry(&slots, facts.policy.drafts.meetings.expires, now) else {
        return Err(DraftWhy::NoCommonTime);
    };
    let day = zone_at(&facts.policy.owner, now).local(now).date();
    let key = free_key(facts, &format!("slots:{}:{day}", target.client.id));
    let occasion = Occasion {
        kind: DraftKind::Slots,
        key,
        client: target.client.id.clone(),
        to: None,
        project: target.project.map(|project| project.id.clone()),
        answers: None,
        due: now,
        until: None,
        why: vec![DraftWhy::SlotsAsked],
        content: super::Content::Slots(Slots {
            slots,
            about: wish.about.clone(),
            place: facts.policy.drafts.meetings.place.clone(),
            until,
        }),
        opening: None,
    };
    Ok(occasion.opened(facts, now))
}

/// The times themselves, in order.
#[must_use]
pub fn times(facts: &DraftFacts<'_>, client: &Client, wish: &Wish, now: Instant) -> Vec<crate::calendar::Slot> {
    let settings = &facts.policy.drafts.meetings;
    let busy = blocked(facts, &client.id, wish.overlap);
    let from = wish.from.unwrap_or(now + settings.notice).max(now);
    let meeting = Meeting {
        owner: &facts.policy.owner,
        client,
        hours: settings.hours.as_ref(),
        length: wish.length,
        from,
        until: wish.until.unwrap_or(from + settings.ahead),
        busy: &busy,
    };
    propose(&meeting, wish.count)
}

/// When nothing may be proposed: calendars with the pause around them, and what is offered already.
fn blocked(facts: &DraftFacts<'_>, client: &str, overlap: bool) -> Vec<Interval> {
    let pause = facts.policy.drafts.meetings.pause;
    let mut busy: Vec<Interval> =
        facts.meetings.busy.iter().map(|(start, end)| (*start - pause, *end + pause)).collect();
    // What was chosen is a meeting, whoever has it; what is only offered blocks unless the owner says otherwise. An offer
    // to the same client never blocks itself out by half.
    let held = facts.meetings.offers.iter().filter(|offer| {
        offer.state == OfferState::Chosen || !overlap && (offer.client != client || offer.state == OfferState::Open)
    });
    busy.extend(held.flat_map(super::Offer::held));
    busy
}

/// The times are kept free until so long before the last one, or until it begins if that is too soon.
pub(super) fn expiry(slots: &[Interval], before: TimeDelta, now: Instant) -> Option<Instant> {
    let last = slots.iter().map(|(start, _)| *start).max()?;
    let eve = last - before;
    Some(if eve > now + TimeDelta::days(1) { eve } else { last })
}

/// The key, or with a number behind it if it was used.
fn free_key(facts: &DraftFacts<'_>, key: &str) -> String {
    let used = |key: &str| facts.made(key).is_some() || facts.meetings.offers.iter().any(|offer| offer.key == key);
    if !used(key) {
        return key.to_owned();
    }
    let mut numbered = (2..1000).map(|n| format!("{key}:{n}"));
    numbered.find(|key| !used(key)).unwrap_or_else(|| key.to_owned())
}
