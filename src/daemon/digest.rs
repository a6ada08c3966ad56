//! The digest, made: whether one is due in this turn, its facts, its bytes, its row in the outbox. What stands in it:
//! `decide::digest`; how it leaves: filing.rs and sending.rs.
use super::desk::Desk;
use super::error::TurnError;
use super::reply::ReplyError;
use crate::compose::{self, Auto, Head, Letter};
use crate::decide::digest::{self, Digest, Slot};
use crate::model::{EmailAddress, Identity, Instant, MessageId, Mode};
use crate::store::{DIGEST, NewMail, Reader, Route, StoreError, Tx};

/// The moment that was last looked at, whether a digest came of it or not.
const LOOKED: &str = "digest.looked";

/// Who brings the digest, and to whom.
#[derive(Clone, Copy, Debug)]
pub struct Carrier<'a> {
    /// The mailbox.
    pub identity: &'a Identity,
    /// The owner's address.
    pub to: &'a EmailAddress,
}

/// The mailbox that brings the digest: the one whose address `digest.to` is, else the first that can send. `None`: nobody
/// may, see docs/decisions/0009.
#[must_use]
pub fn carrier(desk: &Desk) -> Option<Carrier<'_>> {
    let settings = &desk.settings.digest;
    let to = settings.to.as_ref()?;
    let mailboxes = &desk.policy().mailboxes;
    if let Some(identity) = mailboxes.iter().find(|identity| identity.own(to).is_some()) {
        let allowed = identity.mode != Mode::Observe || settings.asked;
        return allowed.then_some(Carrier { identity, to });
    }
    let sends = |identity: &&Identity| desk.mailbox(&identity.name).is_some_and(|it| it.outgoing.is_some());
    let mut able = mailboxes.iter().filter(sends);
    let identity = able.clone().find(|identity| identity.mode != Mode::Observe).or_else(|| able.next())?;
    Some(Carrier { identity, to })
}

/// The next moment at which a mailbox has a digest to bring.
#[must_use]
pub fn next(desk: &Desk, mailbox: &str) -> Option<Instant> {
    let carrier = carrier(desk).filter(|carrier| carrier.identity.name == mailbox);
    carrier.and_then(|_| digest::next_slot(&desk.policy().owner, &desk.settings.digest.at, desk.clock.now()))
}

/// Makes the digest of the present moment, if this mailbox brings it, it was not looked at before, and there is something to say.
///
/// # Errors
/// If the store fails.
pub async fn prepare(desk: &Desk, mailbox: &str) -> Result<(), TurnError> {
    let now = desk.clock.now();
    if carrier(desk).is_none_or(|carrier| carrier.identity.name != mailbox) {
        return Ok(());
    }
    let Some(slot) = digest::slot(&desk.policy().owner, &desk.settings.digest.at, now) else { return Ok(()) };
    let word = slot.start.to_rfc3339();
    let known = desk.store.read(|tx| tx.meta(LOOKED)).await?;
    if known.as_ref() == Some(&word) {
        return Ok(());
    }
    let here = desk.clone();
    let made = desk
        .store
        .write(move |tx| {
            tx.set_meta(LOOKED, &word)?;
            make(tx, &here, slot, now)
        })
        .await?;
    match made {
        Ok(Some(id)) => tracing::info!(mailbox, mail = id, "a digest is due"),
        Ok(None) => {}
        Err(error) => tracing::error!(mailbox, %error, "the digest could not be made"),
    }
    Ok(())
}

/// What the digest of `now` would say.
///
/// # Errors
/// If the store cannot be read.
pub fn look(tx: &Reader<'_>, desk: &Desk, now: Instant) -> Result<Digest, StoreError> {
    Ok(digest::digest(&tx.digest_facts(now)?, desk.policy(), now))
}

/// Composes and queues it; its id, or `None` if there is nothing to say.
fn make(tx: &Tx<'_>, desk: &Desk, slot: Slot, now: Instant) -> Result<Result<Option<String>, ReplyError>, StoreError> {
    let Some(carrier) = carrier(desk) else { return Ok(Ok(None)) };
    tx.take_back_digests(now)?;
    let digest = look(tx, desk, now)?;
    if digest.is_empty() {
        return Ok(Ok(None));
    }
    let id = desk.ids.next(now);
    let sealed = match seal(desk, &carrier, &digest, &id) {
        Ok(sealed) => sealed,
        Err(error) => return Ok(Err(error)),
    };
    let queued = tx.queue(&NewMail {
        id: &id,
        mailbox: &carrier.identity.name,
        answers: None,
        promise: None,
        client: None,
        kind: DIGEST,
        automatic: false,
        route: Route::Send,
        not_before: now,
        from: &carrier.identity.address,
        envelope_from: carrier.identity.envelope_from(),
        to: carrier.to,
        message_id: &sealed.message_id,
        fuseau_id: &sealed.fuseau_id,
        subject: &sealed.letter.subject.as_str().into(),
        // What it says stands in the history already, each thing in its place.
        text: "",
        bytes: &sealed.bytes,
        dedupe_key: &format!("{DIGEST}:{}", slot.start.to_rfc3339()),
        window: None,
        now,
    })?;
    if queued.is_some() {
        tx.tell_notices(now)?;
    }
    Ok(Ok(queued))
}

/// A digest with its headers.
struct Sealed {
    letter: Letter,
    bytes: Vec<u8>,
    message_id: MessageId,
    fuseau_id: String,
}

fn seal(desk: &Desk, carrier: &Carrier<'_>, digest: &Digest, id: &str) -> Result<Sealed, ReplyError> {
    let letter = desk.composer.digest(digest, desk.policy())?;
    let from = &carrier.identity.address;
    let message_id =
        MessageId::parse(&format!("<{id}@{}>", from.domain())).ok_or_else(|| ReplyError::Id(from.to_string()))?;
    let fuseau_id = format!("{}/{id}", desk.instance);
    let bytes = compose::assemble(
        &letter,
        &Head {
            from_name: "fuseau",
            from,
            to: carrier.to,
            message_id: &message_id,
            in_reply_to: None,
            references: &[],
            date: digest.at,
            fuseau_id: &fuseau_id,
            auto: Auto::Generated,
            copy: None,
        },
    )?;
    Ok(Sealed { letter, bytes, message_id, fuseau_id })
}
