//! The rule for confirming the meeting time that a client chose, or for asking which one they mean. Never here: words
//! (`compose::draft`), reading the answer (`decide::slot_choice`).
use super::{Content, DraftFacts, DraftWhy, MadeState, Occasion, Offer, OfferState, Ruling, Spared, Target};
use crate::calendar::overlap::Interval;
use crate::decide::offers::{Heard, Verdict, heard};
use crate::model::{DraftKind, Instant};

/// The chosen time, or the question which one it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotConfirmed {
    /// The key of the offer: what its calendar files are known by.
    pub offer: String,
    /// The chosen time with its number, or those that may be meant.
    pub slots: Vec<(usize, Interval)>,
    /// Whether one is chosen; else it is asked.
    pub chosen: bool,
    /// The time that the client chose and that is no longer free; then `slots` are those that are left.
    pub taken: Option<(usize, Interval)>,
    /// What the meeting is about.
    pub about: Option<String>,
    /// Where or how to meet.
    pub place: Option<String>,
    /// When the answer came: the stamp of the invitation.
    pub at: Instant,
}

/// What should lie there by itself.
pub(super) fn rule(facts: &DraftFacts<'_>, now: Instant) -> Vec<Ruling> {
    facts.meetings.offers.iter().filter_map(|offer| of_offer(facts, offer, now)).collect()
}

/// One draft at the owner's word: about the newest offer to the client that has an answer.
pub(super) fn asked(facts: &DraftFacts<'_>, target: &Target<'_>, now: Instant) -> Result<Occasion, DraftWhy> {
    let offers = facts.meetings.offers.iter().rev().filter(|offer| offer.client == target.client.id);
    let found = offers.filter_map(|offer| of_offer(facts, offer, now)).find_map(|ruling| match ruling {
        Ruling::Draft(occasion) => Some(*occasion),
        Ruling::Spared(_) => None,
    });
    found.ok_or(DraftWhy::NothingToSay)
}

fn of_offer(facts: &DraftFacts<'_>, offer: &Offer, now: Instant) -> Option<Ruling> {
    let client = facts.policy.client(&offer.client)?;
    let heard = heard(offer, client, &facts.policy.owner)?;
    let numbered = |n: usize| Some((n, *offer.slots.get(n.checked_sub(1)?)?));
    // The draft stands until its time has come, whatever became of the offer meanwhile.
    let sent = |key: &str| facts.made(key).is_some_and(|made| made.state == MadeState::Sent);
    let mut taken = None;
    let (key, slots, why) = match &heard.verdict {
        Verdict::Chosen(n) => {
            let slot = numbered(*n)?;
            let key = format!("slot-confirmed:{}:{n}", offer.key);
            if slot.1.0 <= now {
                return spared(offer, DraftWhy::SlotsExpired);
            }
            if sent(&key) || is_free(facts, offer, slot.1, &heard) {
                (key, vec![slot], DraftWhy::SlotChosen)
            } else {
                taken = Some(slot);
                let others = (1..=offer.slots.len()).filter(|other| other != n).filter_map(numbered);
                let left = others.filter(|(_, it)| it.0 > now && is_free(facts, offer, *it, &heard)).collect();
                (format!("slot-confirmed:{}:taken:{}", offer.key, heard.reply.exchange), left, DraftWhy::SlotTaken)
            }
        }
        Verdict::Unclear(among) => {
            let ahead: Vec<_> = among.iter().filter_map(|n| numbered(*n)).filter(|(_, slot)| slot.0 > now).collect();
            if ahead.is_empty() {
                return spared(offer, DraftWhy::SlotsExpired);
            }
            (format!("slot-confirmed:{}:ask:{}", offer.key, heard.reply.exchange), ahead, DraftWhy::SlotUnclear)
        }
        Verdict::Declined | Verdict::Counter => return spared(offer, DraftWhy::SlotsDeclined),
    };
    let until = slots.iter().chain(&taken).map(|(_, slot)| slot.0).max();
    let chosen = why == DraftWhy::SlotChosen;
    Some(Ruling::Draft(Box::new(Occasion {
        kind: DraftKind::SlotConfirmed,
        key,
        client: offer.client.clone(),
        to: heard.reply.from.clone(),
        project: None,
        answers: Some(heard.reply.exchange.clone()),
        due: heard.reply.at,
        until,
        why: vec![why],
        content: Content::SlotConfirmed(SlotConfirmed {
            offer: offer.key.clone(),
            slots,
            chosen,
            taken,
            about: offer.about.clone(),
            place: facts.policy.drafts.meetings.place.clone(),
            at: heard.reply.at,
        }),
        opening: None,
    })))
}

/// Whether nothing else came into the owner's way meanwhile. What stands in the calendar at the very time of the offer is
/// the owner's note of it; of two clients who chose one time it is the first one's.
fn is_free(facts: &DraftFacts<'_>, offer: &Offer, slot: Interval, mine: &Heard<'_>) -> bool {
    let meets = |other: &Interval| other.0 < slot.1 && slot.0 < other.1;
    let chosen = |other: &&Offer| other.key != offer.key && other.state == OfferState::Chosen;
    let earlier = |other: &&Offer| {
        let client = facts.policy.client(&other.client);
        let theirs = client.and_then(|client| heard(other, client, &facts.policy.owner));
        // What was chosen long ago is no longer read: it came before.
        theirs.is_none_or(|theirs| (theirs.reply.at, &other.key) < (mine.reply.at, &offer.key))
    };
    let elsewhere = facts.meetings.offers.iter().filter(chosen).filter(earlier).flat_map(Offer::held);
    !facts.meetings.busy.iter().any(|busy| *busy != slot && meets(busy)) && !elsewhere.into_iter().any(|it| meets(&it))
}

fn spared(offer: &Offer, why: DraftWhy) -> Option<Ruling> {
    Some(Ruling::Spared(Spared { kind: DraftKind::SlotConfirmed, client: offer.client.clone(), project: None, why }))
}
