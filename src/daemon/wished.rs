//! A wish about a recorded message, carried out: the promise is kept, the author never written to, the client told of a later
//! date. What follows from a wish is decided in `decide::wishes`; where it comes from: commands.rs and the command line.
use super::desk::Desk;
use super::hold_until::{self, Waiting};
use super::ladder;
use crate::decide::wishes::{self, Message, Order, Refusal, Wish};
use crate::model::{Incoming, Instant, Mode, PromiseState};
use crate::store::{StoreError, Tx};

/// Carries out a wish about a recorded message. `Ok(Ok(Some(by)))`: the client is told of `by`.
///
/// # Errors
/// Outer: the store. Inner: why it cannot be carried out.
#[expect(clippy::too_many_arguments, reason = "the message and everything around it")]
pub fn wished(
    tx: &Tx<'_>,
    desk: &Desk,
    mailbox: &str,
    wish: Wish,
    incoming: &Incoming,
    exchange: &str,
    by: &str,
    now: Instant,
) -> Result<Result<Option<Instant>, Refusal>, StoreError> {
    let policy = desk.policy();
    let Some(it) = tx.exchange(exchange)? else { return Ok(Err(Refusal::Unreadable)) };
    let author = incoming.from().map(|party| &party.address);
    let client = author.and_then(|author| policy.client_of(author));
    let waiting = Waiting {
        exchange,
        conversation: &it.conversation,
        message: incoming,
        client: client.map_or("", |client| client.id.as_str()),
        mailbox,
    };
    let past = match author {
        Some(author) => tx.past_of(author, mailbox, now)?,
        None => crate::model::Past::default(),
    };
    let message = Message {
        unreadable: incoming.unreadable,
        draft: false,
        own: author.is_some_and(|author| policy.is_own(author) || policy.is_team(author)),
        author,
        client,
        never: past.never,
        verdict: it.entry.verdict,
        answered: incoming.answered_flag || tx.answered_at(exchange)?.is_some(),
        promised: hold_until::known_promise(tx, &waiting)?.map(|(_, by)| by),
        had: [past.to_sender_day, past.to_sender_week],
        mode: match desk.identity(mailbox) {
            Some(identity) => ladder::rung(tx, policy, identity, Some(waiting.client))?,
            None => Mode::default(),
        },
    };
    match wishes::about_message(wish, &message, policy, now) {
        Err(why) => Ok(Err(why)),
        Ok(Order::Keep) => {
            tx.close_of(exchange, PromiseState::Kept, "done", now)?;
            for promise in tx.promises(true)?.into_iter().filter(|one| one.conversation == it.conversation) {
                tx.close_promise(&promise.id, PromiseState::Kept, "done", now)?;
            }
            Ok(Ok(None))
        }
        Ok(Order::Silence) => {
            if let Some(author) = author {
                tx.never(author, by, now)?;
            }
            Ok(Ok(None))
        }
        Ok(Order::Hold(plan)) => Ok(hold_until::queue(tx, desk, &waiting, &plan, now)?.map(|()| Some(plan.by))),
    }
}
