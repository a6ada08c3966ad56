//! A message that came into several mailboxes is answered by the one that it was written to (rule B7), whichever saw it first:
//! an acknowledgement that still waits is handed over when its message is seen there. Never here: that it is one message
//! (`store::exchanges`), which mailbox it was written to (`decide::Policy::addressed`).
use super::desk::Desk;
use super::intake::{self, route, window_times};
use super::moved;
use crate::model::Incoming;
use crate::store::{MailState, NewHome, Route, StoreError, Tx};

/// Hands the acknowledgement of an exchange over to a mailbox, if the message was written to it and nothing was tried yet.
/// Where this mailbox only observes, or the mail cannot be worded, whoever saw the message first goes on.
///
/// # Errors
/// If the rows cannot be read or written.
pub(super) fn hand_over(
    tx: &Tx<'_>,
    desk: &Desk,
    mailbox: &str,
    message: &Incoming,
    exchange: &str,
) -> Result<(), StoreError> {
    if desk.policy().addressed(message).is_none_or(|it| it.name != mailbox) {
        return Ok(());
    }
    let Some(identity) = desk.identity(mailbox) else { return Ok(()) };
    let waits = |row: &crate::store::OutboxRow| {
        row.kind == intake::KIND && row.state == MailState::Queued && row.attempts == 0 && row.mailbox != mailbox
    };
    let Some(row) = tx.outbox_of(exchange)?.into_iter().find(waits) else { return Ok(()) };
    let route = route(tx, desk, identity, row.client.as_deref())?;
    if route == Route::Observe {
        return Ok(());
    }
    let (reply, plan) = match moved::word(tx, desk, &row, message, identity, route) {
        Ok(worded) => worded,
        Err(error) => {
            tracing::warn!(mailbox, exchange, error, "the waiting reply could not be handed over");
            return Ok(());
        }
    };
    let handed = tx.rehome(&NewHome {
        id: &row.id,
        mailbox,
        route,
        from: &reply.from,
        envelope_from: reply.envelope.from.as_ref(),
        message_id: &reply.message_id,
        subject: &reply.letter.subject.as_str().into(),
        text: &reply.letter.text,
        bytes: &reply.bytes,
        window: &window_times(&plan.window),
    })?;
    if handed {
        tracing::info!(mailbox, exchange, from = row.mailbox, "the message was written to this mailbox: it answers");
    }
    Ok(())
}
