//! Renewing promises before they lapse: what the rule needs to know, the holding reply in the outbox, a word to the
//! owner where none can be sent. When and whether: `decide::holding`. Sending and the last look: sending.rs.
//!
//! A promise is renewed when its holding reply is sent, not when it is queued: a mail that is dropped, refused or only
//! observed leaves the old promise open, because that is the one that the client knows.
use super::desk::Desk;
use super::error::TurnError;
use super::intake::{auto, route, window_times};
use super::reply::{self, NewIds, Order};
use crate::decide::{self, Holding, ReplyTo, Standing, WhyNot};
use crate::mailbox::parse;
use crate::model::{EmailAddress, FolderRole, Incoming, Instant, NoticeCode, Promise};
use crate::store::{NewMail, NewNotice, NewPromise, Reader, StoreError, Tx};
use std::collections::BTreeSet;

/// The kind of mail that renews a promise.
pub const KIND: &str = "holding";
/// Where the promises are noted of which the owner has heard that no holding reply can be sent.
const ALERTED: &str = "holding.alerted";

/// A promise that is about to lapse without a holding reply, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Unheld {
    /// The promise.
    pub promise: Promise,
    /// A word of [`WhyNot`], or `template` if the reply cannot be worded.
    pub why: &'static str,
}

/// Queues the holding replies of a mailbox whose time has come, and warns once of each promise that will lapse without.
///
/// # Errors
/// If the store fails.
pub async fn hold(desk: &Desk, mailbox: &str) -> Result<(), TurnError> {
    let now = desk.clock.now();
    let (here, name) = (desk.clone(), mailbox.to_owned());
    let judged = desk.store.read(move |tx| judge(tx, &here, &name, now)).await?;
    let mut unheld = Vec::new();
    for (promise, holding) in judged {
        match holding {
            Holding::Later(_) => {}
            Holding::Nothing(why) => {
                if why.alerts() {
                    unheld.push(Unheld { promise, why: why.as_str() });
                }
            }
            Holding::Send { .. } => {
                let (here, one) = (desk.clone(), promise.clone());
                match desk.store.write(move |tx| queue(tx, &here, &one, now)).await? {
                    Ok(()) => {
                        tracing::info!(mailbox, client = promise.client, promise = promise.id, "a holding reply is due")
                    }
                    Err(error) => {
                        tracing::debug!(mailbox, promise = promise.id, error, "no holding reply could be made");
                        unheld.push(Unheld { promise, why: "template" });
                    }
                }
            }
        }
    }
    alert(desk, mailbox, &unheld).await
}

/// What the rule says about each open promise of a mailbox at `now`; those that wait are left out.
///
/// # Errors
/// If the store cannot be read.
pub fn judge(tx: &Reader<'_>, desk: &Desk, mailbox: &str, now: Instant) -> Result<Vec<(Promise, Holding)>, StoreError> {
    let policy = desk.policy();
    let mut judged = Vec::new();
    for promise in tx.promises(true)?.into_iter().filter(|promise| promise.mailbox == mailbox) {
        // Most promises only wait: for them nothing has to be looked up.
        let waits = policy.client(&promise.client).is_some_and(|it| {
            matches!(decide::holding(&promise, &Standing::first(it), policy, now), Holding::Later(_))
        });
        if !waits && promise.announced {
            let said = decide::holding(&promise, &standing(tx, desk, &promise, now)?, policy, now);
            judged.push((promise, said));
        }
    }
    Ok(judged)
}

/// The facts about a promise. A draft of the owner's is looked for when the mail is about to leave.
fn standing<'a>(tx: &Reader<'_>, desk: &'a Desk, promise: &Promise, now: Instant) -> Result<Standing<'a>, StoreError> {
    let policy = desk.policy();
    let address = told_to(tx, promise)?;
    let owner = address.as_ref().and_then(|address| policy.client_of(address));
    let standing = Standing {
        client: owner.filter(|client| client.id == promise.client),
        renewals: tx.renewals(&promise.conversation)?,
        made: tx.renewal_of(&promise.id)?.is_some(),
        to_client_day: 0,
        to_client_week: 0,
        paused: desk.paused() || tx.paused_all(now)?.is_some(),
        resting: false,
        typing: false,
    };
    Ok(match &address {
        Some(address) => standing.with_past(&tx.past_of(address, &promise.mailbox, now)?, policy, now),
        None => standing,
    })
}

/// Whom the mail that stated a promise went to.
fn told_to(tx: &Reader<'_>, promise: &Promise) -> Result<Option<EmailAddress>, StoreError> {
    let Some(exchange) = tx.promise_exchange(&promise.id)? else { return Ok(None) };
    let rows = tx.outbox_of(&exchange)?;
    let row = rows.iter().find(|row| row.promise.as_ref() == Some(&promise.id)).or(rows.last());
    Ok(row.and_then(|row| EmailAddress::parse(&row.envelope_to)))
}

/// Composes and queues one holding reply with the promise that it makes; `Err` says why it cannot be worded.
fn queue(tx: &Tx<'_>, desk: &Desk, promise: &Promise, now: Instant) -> Result<Result<(), String>, StoreError> {
    let policy = desk.policy();
    let missing = || Ok(Err("what it answers is no longer there".to_owned()));
    // Another task may have been quicker; and of those that were judged together, the first may have used up what the
    // client or the conversation may get.
    let Some(promise) = &tx.promise(&promise.id)? else { return missing() };
    let said = decide::holding(promise, &standing(tx, desk, promise, now)?, policy, now);
    let Holding::Send { plan, variant } = said else { return Ok(Ok(())) };
    let (Some(exchange), Some(to)) = (tx.promise_exchange(&promise.id)?, told_to(tx, promise)?) else {
        return missing();
    };
    let Some(message) = recall(tx, &exchange)? else { return missing() };
    let Some(identity) = desk.identity(&promise.mailbox) else { return missing() };
    let from = message.recipients().find_map(|address| identity.own(address)).unwrap_or(&identity.address).clone();
    let to = ReplyTo { to, from, repeat_subject: !message.content.encrypted };
    let client = Some(promise.client.as_str());
    let route = route(desk, identity, client);
    let (new_promise, mail) = (desk.ids.next(now), desk.ids.next(now));
    let order = Order { policy, identity, message: &message, client, to: &to, plan: &plan };
    let ids = NewIds { exchange: &mail, instance: &desk.instance };
    let composed = match reply::holding(&desk.composer, &order, promise.by, variant, ids, auto(route)) {
        Ok(composed) => composed,
        Err(error) => return Ok(Err(error.to_string())),
    };
    tx.make_promise(&NewPromise {
        id: &new_promise,
        exchange: &exchange,
        client: &promise.client,
        mailbox: &promise.mailbox,
        by: plan.by,
        zone: reply::Addressee::of(policy, client).zone,
        announced: false,
        renews: Some(&promise.id),
        now,
    })?;
    tx.queue(&NewMail {
        id: &mail,
        kind: KIND,
        answers: Some(&exchange),
        promise: Some(&new_promise),
        client,
        mailbox: &promise.mailbox,
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
        dedupe_key: &NewMail::answer_key(KIND, &promise.id),
        window: Some(&window_times(&plan.window)),
        now,
    })?;
    Ok(Ok(()))
}

/// A recorded message as it was read when it came; `None` if its bytes are not kept.
///
/// # Errors
/// If the store cannot be read.
pub fn recall(tx: &Reader<'_>, exchange: &str) -> Result<Option<Incoming>, StoreError> {
    let (Some((bytes, _)), Some(it)) = (tx.raw(exchange)?, tx.exchange(exchange)?) else { return Ok(None) };
    let size = bytes.len() as u64;
    let context = parse::Context { arrived: it.entry.at, folder: FolderRole::Inbox, answered_flag: false, size };
    Ok(Some(parse::parse(&bytes, &context)))
}

/// Warns of promises that will lapse unrenewed, of each once.
async fn alert(desk: &Desk, mailbox: &str, unheld: &[Unheld]) -> Result<(), TurnError> {
    let key = format!("{ALERTED}.{mailbox}");
    let read_key = key.clone();
    let known: BTreeSet<String> = desk
        .store
        .read(move |tx| tx.meta(&read_key))
        .await?
        .map(|text| text.lines().map(str::to_owned).collect())
        .unwrap_or_default();
    let now: BTreeSet<String> = unheld.iter().map(|one| one.promise.id.clone()).collect();
    if now == known {
        return Ok(());
    }
    for Unheld { promise, why } in unheld.iter().filter(|one| !known.contains(&one.promise.id)) {
        let text = WhyNot::parse(why).map_or("its template does not work", WhyNot::text);
        tracing::warn!(
            mailbox,
            client = promise.client,
            promise = promise.id,
            why,
            "a promise is about to lapse, no holding reply: {text}"
        );
    }
    let new: Vec<(Promise, &'static str)> = unheld
        .iter()
        .filter(|one| !known.contains(&one.promise.id))
        .map(|one| (one.promise.clone(), one.why))
        .collect();
    let at = desk.clock.now();
    let text = now.into_iter().collect::<Vec<_>>().join("\n");
    desk.store
        .write(move |tx| {
            for (promise, why) in &new {
                tx.notice(&NewNotice {
                    code: NoticeCode::PromiseUnheld,
                    mailbox: Some(&promise.mailbox),
                    client: Some(&promise.client),
                    exchange: tx.promise_exchange(&promise.id)?.as_deref(),
                    values: &[("why", why)],
                    once: Some(&format!("unheld:{}", promise.id)),
                    now: at,
                })?;
            }
            tx.set_meta(&key, &text)
        })
        .await?;
    Ok(())
}
