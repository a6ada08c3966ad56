//! A wait that the owner asked for: the client is told of a new date. What follows is decided in `decide::wishes`; here the
//! mail is worded and queued. Where the client knows of a promise it is a holding reply that renews it, else the first
//! word on the matter: an acknowledgement with that date.
use super::clocks;
use super::desk::Desk;
use super::intake::{auto, route, window_times};
use super::reply::{self, NewIds, Order, Renewal};
use crate::decide::wishes::Refusal;
use crate::decide::{Plan, ReplyTo};
use crate::model::{Incoming, Instant, PromiseState};
use crate::store::{MailState, NewMail, NewPromise, StoreError, Tx};

/// The kind of mail that tells of a date that the owner chose.
pub const KIND: &str = "hold";

/// The message that is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Waiting<'a> {
    /// Its exchange.
    pub exchange: &'a str,
    /// Its conversation.
    pub conversation: &'a str,
    /// Its facts.
    pub message: &'a Incoming,
    /// Its client.
    pub client: &'a str,
    /// The mailbox.
    pub mailbox: &'a str,
}

/// Words and queues the mail with its promise. What was to be said before and has not been is not said any more.
///
/// # Errors
/// Outer: the store. Inner: it cannot be worded.
pub fn queue(
    tx: &Tx<'_>,
    desk: &Desk,
    waiting: &Waiting<'_>,
    plan: &Plan,
    now: Instant,
) -> Result<Result<(), Refusal>, StoreError> {
    let policy = desk.policy();
    let Waiting { exchange, message, client, mailbox, .. } = *waiting;
    let Some(author) = message.from().map(|party| party.address.clone()) else { return Ok(Err(Refusal::NoAuthor)) };
    let Some(identity) = desk.identity(mailbox) else { return Ok(Err(Refusal::Observes)) };
    let told = known_promise(tx, waiting)?;
    let variant = tx.renewals(waiting.conversation)?;
    let (promise, mail) = (desk.ids.next(now), desk.ids.next(now));
    let from = message.recipients().find_map(|address| identity.own(address)).unwrap_or(&identity.address).clone();
    let to = ReplyTo { to: author, from, repeat_subject: !message.content.encrypted };
    let route = route(tx, desk, identity, Some(client))?;
    let clocks = clocks::claim(tx, policy, Some(client), plan, &mail)?;
    let order = Order { policy, identity, message, client: Some(client), to: &to, plan, clocks };
    let ids = NewIds { exchange: &mail, instance: &desk.instance };
    let composed = match &told {
        Some((_, by)) => {
            let renewal = Renewal { previous: *by, variant, subjects: Vec::new() };
            reply::holding(&desk.composer, &order, &renewal, ids, auto(route))
        }
        None => reply::acknowledgement(&desk.composer, &order, ids, auto(route)),
    };
    let composed = match composed {
        Ok(composed) => composed,
        Err(error) => {
            tracing::warn!(mailbox, %error, "a holding reply could not be worded");
            return Ok(Err(Refusal::Template));
        }
    };
    withdraw(tx, waiting, told.as_ref().map(|(id, _)| id.as_str()), now)?;
    tx.make_promise(&NewPromise {
        id: &promise,
        exchange,
        client,
        mailbox,
        by: plan.by,
        zone: reply::Addressee::of(policy, Some(client)).zone,
        announced: false,
        renews: told.as_ref().map(|(id, _)| id.as_str()),
        now,
    })?;
    tx.queue(&NewMail {
        id: &mail,
        kind: KIND,
        answers: Some(exchange),
        promise: Some(&promise),
        client: Some(client),
        mailbox,
        automatic: true,
        route,
        not_before: now,
        envelope_from: composed.envelope.from.as_ref(),
        to: &composed.envelope.to,
        from: &composed.from,
        subject: &composed.letter.subject.as_str().into(),
        text: &composed.letter.text,
        bytes: &composed.bytes,
        message_id: &composed.message_id,
        fuseau_id: &composed.fuseau_id,
        dedupe_key: &NewMail::answer_key(KIND, &promise),
        window: Some(&window_times(&plan.window)),
        now,
    })?;
    Ok(Ok(()))
}

/// The last promise in the conversation that the client knows of and that nobody has kept: its id and when it is due.
///
/// # Errors
/// If the store cannot be read.
pub fn known_promise(tx: &Tx<'_>, waiting: &Waiting<'_>) -> Result<Option<(String, Instant)>, StoreError> {
    let mut here: Vec<_> = tx
        .promises(true)?
        .into_iter()
        .chain(tx.promises_of(waiting.exchange)?)
        .filter(|promise| promise.announced && promise.conversation == waiting.conversation)
        .filter(|promise| matches!(promise.state, PromiseState::Open | PromiseState::Lapsed))
        .collect();
    here.sort_by_key(|promise| promise.by);
    Ok(here.pop().map(|promise| (promise.id, promise.by)))
}

/// Takes back what waits to be said in the conversation, and ends the promises there that nobody was told of.
fn withdraw(tx: &Tx<'_>, waiting: &Waiting<'_>, keep: Option<&str>, now: Instant) -> Result<(), StoreError> {
    for row in tx.outbox_waiting()? {
        let here = row.conversation == waiting.conversation && row.automatic && row.state == MailState::Queued;
        if here && tx.dropped(&row.id, "hold", now)? {
            tracing::debug!(mail = row.id, "superseded by a wish");
        }
    }
    for promise in tx.promises(true)? {
        if promise.conversation == waiting.conversation && !promise.announced && keep != Some(promise.id.as_str()) {
            tx.close_promise(&promise.id, PromiseState::Released, "hold", now)?;
        }
    }
    Ok(())
}
