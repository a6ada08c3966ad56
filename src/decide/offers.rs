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

/// What the replies to an offer that was sent come to. The newest one that says something counts; but what was chosen stays
/// chosen until another time is, or none: "perfect, see you then, I will write to you on Friday" takes nothing back.
#[must_use]
pub fn heard<'a>(offer: &'a Offer, client: &Client, owner: &Owner) -> Option<Heard<'a>> {
    if matches!(offer.state, OfferState::Drafted | OfferState::Dropped) {
        return None;
    }
    let mut heard: Option<Heard<'a>> = None;
    for reply in &offer.replies {
        let Some(verdict) = verdict(offer, reply, heard.as_ref().map(|it| &it.verdict), client, owner) else {
            continue;
        };
        let chosen = matches!(heard, Some(Heard { verdict: Verdict::Chosen(_), .. }));
        if !(chosen && matches!(verdict, Verdict::Unclear(_) | Verdict::Counter)) {
            heard = Some(Heard { verdict, reply });
        }
    }
    heard
}

/// What one reply says, after what was said before.
fn verdict(offer: &Offer, reply: &Reply, before: Option<&Verdict>, client: &Client, owner: &Owner) -> Option<Verdict> {
    let of = |slots| Offered { slots, zone: &client.zone, language: client.language, owner };
    Some(match choice(&reply.text, &of(&offer.slots)) {
        Choice::Chosen(n) => Verdict::Chosen(n),
        // Left to the owner: the first that was still to come when they said so.
        Choice::Any => Verdict::Chosen(offer.slots.iter().position(|slot| slot.0 > reply.at)? + 1),
        Choice::Unclear(among) => match before {
            // A plain yes to "is it this one?".
            Some(Verdict::Unclear(asked)) if asked.len() == 1 => {
                let n = *asked.first()?;
                let one = offer.slots.get(n.checked_sub(1)?..n)?;
                let yes = choice(&reply.text, &of(one)) == Choice::Chosen(1);
                if yes { Verdict::Chosen(n) } else { Verdict::Unclear(among) }
            }
            _ => Verdict::Unclear(among),
        },
        Choice::Declined => Verdict::Declined,
        Choice::Counter => Verdict::Counter,
        Choice::Nothing => return None,
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
    let left = made.filter(|made| made.state == MadeState::Sent);
    match (offer.state, made.map(|made| made.state)) {
        (OfferState::Drafted, None) => return None,
        (OfferState::Drafted, Some(MadeState::Waiting | MadeState::Touched)) => {}
        (OfferState::Drafted, Some(MadeState::Sent)) => sent.state = OfferState::Open,
        (OfferState::Drafted, Some(_)) => sent.state = OfferState::Dropped,
        // The draft was gone, and it turned out later that it had been sent.
        (OfferState::Dropped, _) if left.and_then(|made| made.ended_at).is_some_and(|at| at > offer.since) => {
            sent.state = OfferState::Open;
        }
        _ => {}
    }
    let answer = client.and_then(|client| heard(&sent, client, owner)).map(|heard| heard.verdict);
    let (state, chosen) = match (sent.state, answer) {
        (OfferState::Dropped, _) => (OfferState::Dropped, None),
        (_, Some(Verdict::Chosen(n))) => (OfferState::Chosen, Some(n)),
        (_, Some(Verdict::Declined | Verdict::Counter)) => (OfferState::Declined, None),
        (OfferState::Chosen, _) => (OfferState::Chosen, offer.chosen),
        (OfferState::Declined, _) => (OfferState::Declined, None),
        // Without a clear answer it ends with its time; so does one that was never sent.
        _ if offer.expires <= now => (OfferState::Expired, None),
        (state, _) => (state, None),
    };
    ((state, chosen) != (offer.state, offer.chosen)).then_some((state, chosen))
}

/// When this has to be asked again, if nothing else happens before.
#[must_use]
pub fn next_expiry(offers: &[Offer], now: Instant) -> Option<Instant> {
    let ends = |state| matches!(state, OfferState::Drafted | OfferState::Open);
    let open = offers.iter().filter(|offer| ends(offer.state) && offer.expires > now);
    open.map(|offer| offer.expires).min()
}
