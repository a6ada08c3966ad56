//! Offered times in the ledger: written down with their draft, and moved on when the draft was sent, the client answered or
//! their time passed. Never here: what an answer says or an offer becomes (`decide`), drafts about it (`occasions`).
use super::desk::Desk;
use crate::decide::Policy;
use crate::decide::occasion::{Content, Occasion, Offer, OfferState};
use crate::decide::offers::settled;
use crate::model::{Instant, NoticeCode};
use crate::store::{NewNotice, NewOffer, Reader, StoreError, Tx};
use chrono::TimeDelta;

/// Offers older than this are history.
pub const KEPT: TimeDelta = TimeDelta::days(200);

/// A change: which offer, where it stands now, the number that was chosen.
type Change = (String, String, OfferState, Option<usize>);

/// The draft of an occasion is recorded: what it offers is an offer.
///
/// # Errors
/// If the row cannot be written.
pub fn record(tx: &Tx<'_>, occasion: &Occasion, now: Instant) -> Result<(), StoreError> {
    let Content::Slots(it) = &occasion.content else { return Ok(()) };
    tx.offer(&NewOffer {
        key: &occasion.key,
        client: &occasion.client,
        about: it.about.as_deref(),
        slots: &it.slots,
        expires: it.until,
        now,
    })
}

/// Brings every offer (of one client) to where it stands now. Whether one moved.
///
/// # Errors
/// If the rows cannot be written.
pub fn settle(tx: &Tx<'_>, policy: &Policy, client: Option<&str>, now: Instant) -> Result<bool, StoreError> {
    let changes = changes(tx, policy, client, now)?;
    for (key, client, state, chosen) in &changes {
        tracing::info!(key, state = state.as_str(), chosen, "an offer of times moved on");
        tx.offer_becomes(key, *state, *chosen, now)?;
        let code = match state {
            // One that was never sent is of no use in Drafts any more.
            OfferState::Expired => (!tx.drop_draft(key)?).then_some(NoticeCode::OfferExpired),
            OfferState::Declined => Some(NoticeCode::OfferDeclined),
            _ => None,
        };
        if let Some(code) = code {
            tell(tx, code, key, client, now)?;
        }
    }
    Ok(!changes.is_empty())
}

fn tell(tx: &Tx<'_>, code: NoticeCode, key: &str, client: &str, now: Instant) -> Result<(), StoreError> {
    tx.notice(&NewNotice {
        code,
        mailbox: None,
        client: Some(client),
        exchange: None,
        values: &[],
        once: Some(&format!("{}:{key}", code.as_str())),
        now,
    })?;
    Ok(())
}

fn changes(tx: &Reader<'_>, policy: &Policy, client: Option<&str>, now: Instant) -> Result<Vec<Change>, StoreError> {
    let mut changes = Vec::new();
    for offer in tx.offers(now - KEPT)? {
        if client.is_some_and(|client| client != offer.client) {
            continue;
        }
        let made = tx.occasion(&offer.key)?;
        let known = policy.client(&offer.client);
        if let Some((state, chosen)) = settled(&offer, made.as_ref(), known, &policy.owner, now) {
            changes.push((offer.key, offer.client, state, chosen));
        }
    }
    Ok(changes)
}

/// The offers as they stand now, also where nobody has written it down yet.
///
/// # Errors
/// If the database cannot be read.
pub fn standing(tx: &Reader<'_>, policy: &Policy, now: Instant) -> Result<Vec<Offer>, StoreError> {
    let mut offers = tx.offers(now - KEPT)?;
    for (key, _, state, chosen) in changes(tx, policy, None, now)? {
        if let Some(offer) = offers.iter_mut().find(|offer| offer.key == key) {
            (offer.state, offer.chosen, offer.since) = (state, chosen, now);
        }
    }
    Ok(offers)
}

/// The same for the daemon: writes only if something moved.
///
/// # Errors
/// If the store fails.
pub async fn keep(desk: &Desk, now: Instant) -> Result<(), StoreError> {
    let here = desk.clone();
    if desk.store.read(move |tx| Ok(changes(tx, here.policy(), None, now)?.is_empty())).await? {
        return Ok(());
    }
    let here = desk.clone();
    desk.store.write(move |tx| settle(tx, here.policy(), None, now)).await?;
    Ok(())
}

/// Whether a client may have answered an offer with what just came.
///
/// # Errors
/// If the store cannot be read.
pub async fn awaited(desk: &Desk, now: Instant) -> Result<bool, StoreError> {
    desk.store.read(move |tx| tx.offers_await(now - KEPT)).await
}
