//! One message taken in: recall, decide, compose, record. Runs inside the transaction that records it, so that
//! two mailboxes that see one message at once cannot both answer it. No I/O besides the given transaction.
use super::desk::Desk;
use super::reply::{self, NewIds, Order};
use super::{addressed, clocks, drafts, hooks, journal, ladder, offers, promises};
use crate::calendar::Window;
use crate::compose::Auto;
use crate::decide::ladder::Anomaly;
use crate::decide::{self, Decision, Plan};
use crate::model::{Code, FolderRole, Identity, Incoming, Instant, Mode, Promise, Reason, Verdict};
use crate::store::{
    NewExchange, NewMail, NewOwn, NewPromise, NewSign, OwnSource, Packed, Reader, Route, SentDraft, StoreError, Tx,
    WindowTimes,
};

/// The kind of mail that states a first promise.
pub const KIND: &str = "acknowledgement";

/// A message as fetched and parsed.
#[derive(Clone, Debug)]
pub struct Item {
    /// The folder's name.
    pub folder: String,
    /// Its UIDVALIDITY.
    pub uidvalidity: u32,
    /// The message's UID.
    pub uid: u32,
    /// The facts.
    pub incoming: Incoming,
    /// What is kept of the bytes.
    pub raw: Packed,
    /// It lay there before: first contact, another UIDVALIDITY, a restored backup (rule 47).
    pub rescan: bool,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Taken {
    /// Its exchange id.
    pub exchange: String,
    /// What the rules said; `None` for the owner's own mail in Sent.
    pub decision: Option<Decision>,
    /// When its acknowledgement is due, if one was queued.
    pub send_at: Option<Instant>,
    /// Promises that it kept.
    pub kept: Vec<String>,
    /// It was recorded before.
    pub duplicate: bool,
    /// What the owner should mend (a template that does not work).
    pub trouble: Option<String>,
}

/// Takes in one message of `mailbox`.
///
/// # Errors
/// If the rows cannot be written; the transaction must then be given up.
pub fn take_in(tx: &Tx<'_>, desk: &Desk, mailbox: &str, item: &Item, now: Instant) -> Result<Taken, StoreError> {
    journal::from_mail(tx, desk, mailbox, item, now)?;
    if item.incoming.folder == FolderRole::Sent {
        return own(tx, desk, mailbox, item, OwnSource::Sent, None, now);
    }
    let mut past = tx.past(&item.incoming, mailbox, now)?;
    // A message that lay there before keeps its date when it is moved out and back.
    past.rescan |= item.rescan || tx.met_after(mailbox, item.incoming.arrived)?;
    let decision = decide::answer(&item.incoming, mailbox, &past, desk.policy(), now);
    let found = |code| decision.reasons.iter().any(|reason| reason.code == code);
    // From can be forged: a colleague whom the own server disowns keeps no promise.
    if found(Code::OwnTeam) && !found(Code::AuthenticationFailed) {
        return own(tx, desk, mailbox, item, OwnSource::Team, Some(decision), now);
    }
    note_bounce(tx, &item.incoming, now)?;
    let id = desk.ids.next(now);
    let recorded = tx.record(&NewExchange {
        id: &id,
        mailbox,
        folder: &item.folder,
        uidvalidity: item.uidvalidity,
        uid: item.uid,
        incoming: &item.incoming,
        raw: Some(&item.raw),
        decision: &decision,
        now,
    })?;
    let mut taken = Taken {
        exchange: recorded.exchange.clone(),
        decision: None,
        send_at: None,
        kept: Vec::new(),
        duplicate: recorded.duplicate,
        trouble: None,
    };
    if recorded.duplicate && !past.rescan {
        addressed::hand_over(tx, desk, mailbox, &item.incoming, &recorded.exchange)?;
    }
    if !recorded.duplicate {
        note_complaint(tx, &item.incoming, &recorded.exchange, now)?;
    }
    if !recorded.duplicate && promises::takes_back(&decision) {
        promises::withdraw(tx, mailbox, &recorded.exchange, &recorded.conversation, &decision, now)?;
    }
    if !recorded.duplicate
        && let Some(plan) = &decision.plan
    {
        promise(tx, desk, mailbox, item, &decision, plan, &recorded.exchange, &mut taken, now)?;
    }
    if !recorded.duplicate {
        hooks::note(tx, desk, mailbox, &item.incoming, &decision, &recorded.exchange, now)?;
        if let Some(client) = &decision.client {
            offers::settle(tx, desk.policy(), Some(client), now)?;
        }
    }
    taken.decision = Some(decision);
    Ok(taken)
}

/// Makes the promise and, where the client is to be told, composes and queues the acknowledgement.
#[expect(clippy::too_many_arguments, reason = "one step of take_in, split for its length")]
fn promise(
    tx: &Tx<'_>,
    desk: &Desk,
    mailbox: &str,
    item: &Item,
    decision: &Decision,
    plan: &Plan,
    exchange: &str,
    taken: &mut Taken,
    now: Instant,
) -> Result<(), StoreError> {
    let policy = desk.policy();
    let addressee = reply::Addressee::of(policy, decision.client.as_deref());
    let stranger = item.incoming.from().map(|party| party.address.to_string()).unwrap_or_default();
    let promise_id = desk.ids.next(now);
    tx.make_promise(&NewPromise {
        id: &promise_id,
        exchange,
        client: decision.client.as_deref().unwrap_or(&stranger),
        mailbox,
        by: plan.by,
        zone: addressee.zone,
        announced: false,
        renews: None,
        now,
    })?;
    let (Some(to), Some(identity)) = (&decision.reply_to, desk.identity(mailbox)) else { return Ok(()) };
    let mail_id = desk.ids.next(now);
    let route = route(tx, desk, identity, decision.client.as_deref())?;
    let client = decision.client.as_deref();
    let clocks = clocks::claim(tx, policy, client, plan, &mail_id)?;
    let order = Order { policy, identity, message: &item.incoming, client, to, plan, clocks };
    let ids = NewIds { exchange: &mail_id, instance: &desk.instance };
    let composed = reply::acknowledgement(&desk.composer, &order, ids, auto(route));
    let window = window_times(&plan.window);
    match composed {
        Ok(composed) => {
            let queued = tx.queue(&NewMail {
                id: &mail_id,
                kind: KIND,
                answers: Some(exchange),
                promise: Some(&promise_id),
                client: decision.client.as_deref(),
                mailbox,
                automatic: true,
                route,
                not_before: plan.send_at,
                envelope_from: composed.envelope.from.as_ref(),
                to: &composed.envelope.to,
                from: &composed.from,
                subject: &composed.letter.subject.as_str().into(),
                text: &composed.letter.text,
                bytes: &composed.bytes,
                message_id: &composed.message_id,
                fuseau_id: &composed.fuseau_id,
                dedupe_key: &NewMail::answer_key(KIND, &item.incoming.key),
                window: Some(&window),
                now,
            })?;
            if queued.is_some() {
                taken.send_at = Some(plan.send_at);
            }
        }
        Err(error) => taken.trouble = Some(error.to_string()),
    }
    Ok(())
}

/// Who a mail says it is from: a draft is the owner's own once it is sent (RFC 3834 3.1.7; decision D5 of the rules).
#[must_use]
pub fn auto(route: Route) -> Auto {
    if route == Route::Draft { Auto::None } else { Auto::Replied }
}

/// A window as the store keeps it.
#[must_use]
pub fn window_times(window: &Window) -> WindowTimes {
    WindowTimes { start: window.start, end: window.end, zone: window.zone.name().to_owned() }
}

/// How a mail to a client leaves: by the rung on which mailbox and client stand.
///
/// # Errors
/// If the store cannot be read.
pub fn route(tx: &Reader<'_>, desk: &Desk, identity: &Identity, client: Option<&str>) -> Result<Route, StoreError> {
    Ok(match ladder::rung(tx, desk.policy(), identity, client)? {
        Mode::Observe => Route::Observe,
        Mode::Draft => Route::Draft,
        Mode::Send => Route::Send,
    })
}

/// Records a mail of the owner's side; a human's keeps promises.
fn own(
    tx: &Tx<'_>,
    desk: &Desk,
    mailbox: &str,
    item: &Item,
    source: OwnSource,
    decision: Option<Decision>,
    now: Instant,
) -> Result<Taken, StoreError> {
    let policy = desk.policy();
    let mut clients: Vec<String> = Vec::new();
    for address in item.incoming.recipients() {
        if let Some(client) = policy.client_of(address)
            && !clients.contains(&client.id)
        {
            clients.push(client.id.clone());
        }
    }
    let draft = match source {
        OwnSource::Sent => drafts::sent(tx, mailbox, &item.incoming)?,
        OwnSource::Team => None,
    };
    let id = desk.ids.next(now);
    let recorded = tx.record_own(&NewOwn {
        id: &id,
        mailbox,
        folder: &item.folder,
        uidvalidity: item.uidvalidity,
        uid: item.uid,
        incoming: &item.incoming,
        raw: Some(&item.raw),
        source,
        clients: &clients,
        draft: draft.as_ref().map(|(mail, edited)| SentDraft { mail, edited: *edited }),
        decision: decision.as_ref(),
        now,
    })?;
    Ok(Taken {
        exchange: recorded.exchange,
        decision,
        send_at: None,
        kept: recorded.kept,
        duplicate: recorded.duplicate,
        trouble: None,
    })
}

/// Remembers the addresses that a delivery report names as gone for good, if we wrote to them (rule 56).
fn note_bounce(tx: &Tx<'_>, message: &Incoming, now: Instant) -> Result<(), StoreError> {
    for address in &message.content.undeliverable {
        if tx.mailed(address)? {
            tx.bounce(address, now)?;
        }
    }
    Ok(())
}

/// Remembers that somebody reported an automatic mail of ours as unwanted (RFC 5965). Whoever forges one has to know its
/// Message-ID, and makes us more careful at worst.
fn note_complaint(tx: &Tx<'_>, message: &Incoming, exchange: &str, now: Instant) -> Result<(), StoreError> {
    for id in &message.content.complained_of {
        if let Some((mailbox, client)) = tx.automatic_as(id)? {
            let sign = Anomaly::Complaint;
            let (client, exchange) = (client.as_deref(), Some(exchange));
            tx.sign(&NewSign { mailbox: &mailbox, client, sign, exchange, now })?;
        }
    }
    Ok(())
}

/// A message that killed the process twice: recorded without being read, for the owner to look at.
pub fn set_aside(arrived: Instant, size: u64, place: &str) -> (Incoming, Decision) {
    let message = Incoming { key: format!("unread:{place}"), arrived, size, unreadable: true, ..Incoming::default() };
    let reason: Reason = Code::Unreadable.with("reading it stopped the program twice");
    let decision = Decision {
        verdict: Verdict::Hold,
        reasons: vec![reason],
        client: None,
        plan: None,
        reply_to: None,
        pauses: Vec::new(),
    };
    (message, decision)
}

/// A promise whose time has come without an answer.
#[must_use]
pub fn lapse_line(promise: &Promise) -> String {
    format!(
        "promise to {} lapsed: nobody has answered {}",
        promise.client,
        promise.message_id.as_deref().unwrap_or("it")
    )
}
