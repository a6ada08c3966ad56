//! What became of offered times: sent or not, answered or not, expired. Never here: what an answer says (slot_choice.rs),
//! drafts about it (`occasion::slot_confirmed`), the database.
use super::occasion::{Made, MadeState, Offer, OfferState, Reply};
use super::slot_choice::{Choice, Offered, choice};
use crate::model::{Client, Instant, Owner};

/// What the client's answer means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The time with this number.
    Chosen(usize),
    /// One of these.
    Unclear(Vec<usize>),
    /// None of them.
    Declined,
    /// Another time, that was not offered.
    Counter,
}

/// An answer with what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard<'a> {
    /// What it means.
    pub verdict: Verdict,
    /// The mail.
    pub reply: &'a Reply,
}

/// The newest reply that says something about the times of an offer that was sent.
#[must_use]
pub fn heard<'a>(offer: &'a Offer, client: &Client, owner: &Owner) -> Option<Heard<'a>> {
    if matches!(offer.state, OfferState::Drafted | OfferState::Dropped) {
        return None;
    }
    let offered = Offered { slots: &offer.slots, zone: &client.zone, language: client.language, owner };
    offer.replies.iter().rev().find_map(|reply| {
        let verdict = match choice(&reply.text, &offered) {
            Choice::Chosen(n) => Verdict::Chosen(n),
            // Left to the owner: the first that was still to come when they said so.
            Choice::Any => Verdict::Chosen(offer.slots.iter().position(|slot| slot.0 > reply.at)? + 1),
            Choice::Unclear(among) => Verdict::Unclear(among),
            Choice::Declined => Verdict::Declined,
            Choice::Counter => Verdict::Counter,
            Choice::Nothing => return None,
        };
        Some(Heard { verdict, reply })
    })
}

/// What an offer has become: its state and the number that was chosen; `None` if nothing changed.
#[must_use]
pub fn settled(
    offer: &Offer,
    made: Option<&Made>,
    client: Option<&Client>,
    owner: &Owner,
    now: Instant,
) -> Option<(OfferState, Option<usize>)> {
    let mut sent = offer.clone();
    if offer.state == OfferState::Drafted {
        sent.state = match made.map(|made| made.state)? {
            MadeState::Sent => OfferState::Open,
            MadeState::Waiting | MadeState::Touched => return None,
            MadeState::Deleted | MadeState::Withdrawn | MadeState::Expired => OfferState::Dropped,
        };
    }
    let answer = client.and_then(|client| heard(&sent, client, owner)).map(|heard| heard.verdict);
    let (state, chosen) = match (sent.state, answer) {
        (OfferState::Dropped, _) => (OfferState::Dropped, None),
        (_, Some(Verdict::Chosen(n))) => (OfferState::Chosen, Some(n)),
        (_, Some(Verdict::Declined | Verdict::Counter)) => (OfferState::Declined, None),
        (OfferState::Chosen, _) => (OfferState::Chosen, offer.chosen),
        (OfferState::Declined, _) => (OfferState::Declined, None),
        // Without a clear answer it ends with its time.
        _ if offer.expires <= now => (OfferState::Expired, None),
        (state, _) => (state, None),
    };
    ((state, chosen) != (offer.state, offer.chosen)).then_some((state, chosen))
}

/// When this has to be asked again, if nothing else happens before.
#[must_use]
pub fn next_expiry(offers: &[Offer], now: Instant) -> Option<Instant> {
    let open = offers.iter().filter(|offer| offer.state == OfferState::Open && offer.expires > now);
    open.map(|offer| offer.expires).min()
}
