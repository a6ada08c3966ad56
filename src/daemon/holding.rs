//! Renewing promises before they lapse: what the rule needs to know, the holding reply in the outbox, a word to the
//! owner where none can be sent. When and whether: `decide::holding`. Sending and the last look: sending.rs.
//!
//! Replies to one client that are due together leave as one mail: it names each subject and promises one new window, it
//! is threaded into the newest conversation, and every promise is renewed by it.
//!
//! A promise is renewed when its holding reply is sent, not when it is queued: a mail that is dropped, refused or only
//! observed leaves the old promise open, because that is the one that the client knows.
use super::clocks;
use super::desk::Desk;
use super::error::TurnError;
use super::intake::{auto, route, window_times};
use super::reply::{self, NewIds, Order};
use crate::compose::VARIANTS;
use crate::decide::{self, Holding, PauseScope, Policy, ReplyTo, Standing, Why, WhyNot};
use crate::mailbox::parse;
use crate::model::{EmailAddress, FolderRole, Incoming, Instant, NoticeCode, Promise, PromiseState};
use crate::store::{NewMail, NewNotice, NewPromise, OutboxRow, Reader, StoreError, Tx};
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
                    Ok(0) => {}
                    Ok(promises) => {
                        let client = &promise.client;
                        tracing::info!(mailbox, client, promise = promise.id, promises, "a holding reply is due");
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
    let address = told_to(tx, promise)?;
    standing_of(tx, desk.policy(), desk.paused(), promise, address.as_ref(), now)
}

/// The same for a known address, without a desk.
///
/// # Errors
/// If the store cannot be read.
pub fn standing_of<'a>(
    tx: &Reader<'_>,
    policy: &'a Policy,
    paused: bool,
    promise: &Promise,
    address: Option<&EmailAddress>,
    now: Instant,
) -> Result<Standing<'a>, StoreError> {
    let owner = address.and_then(|address| policy.client_of(address));
    let mut standing = Standing {
        client: owner.filter(|client| client.id == promise.client),
        renewals: tx.renewals(&promise.conversation)?,
        made: tx.renewal_of(&promise.id)?.is_some(),
        to_client_day: 0,
        to_client_week: 0,
        in_window: 0,
        paused: paused || tx.paused_all(now)?.is_some(),
        resting: tx.paused(&PauseScope::Conversation(promise.conversation.clone()), now)?.is_some(),
        typing: false,
    };
    if let Some(address) = address {
        standing = standing.with_past(&tx.past_of(address, &promise.mailbox, now)?, policy, now);
        // Those that wait for their first try would be made anew with this one in them.
        let waiting = u32::try_from(waiting(tx, address, &promise.mailbox)?.len()).unwrap_or(0);
        standing.to_client_day = standing.to_client_day.saturating_sub(waiting);
        standing.to_client_week = standing.to_client_week.saturating_sub(waiting);
        let since = decide::window_began(policy, now);
        standing.in_window = tx.made_for(address, &promise.mailbox, KIND, since, None)?;
    }
    Ok(standing)
}

/// The holding replies to an address that another one may join; what the owner holds back is left alone.
fn waiting(tx: &Reader<'_>, to: &EmailAddress, mailbox: &str) -> Result<Vec<OutboxRow>, StoreError> {
    let rows = tx.waiting_for(to, mailbox, KIND)?;
    Ok(rows.into_iter().filter(|row| row.held_until.is_none()).collect())
}

/// Whom the mail that stated a promise went to.
///
/// # Errors
/// If the store cannot be read.
pub fn told_to(tx: &Reader<'_>, promise: &Promise) -> Result<Option<EmailAddress>, StoreError> {
    if let Some(row) = tx.mail_stating(&promise.id)? {
        return Ok(EmailAddress::parse(&row.envelope_to));
    }
    let Some(exchange) = tx.promise_exchange(&promise.id)? else { return Ok(None) };
    let rows = tx.outbox_of(&exchange)?;
    Ok(rows.last().and_then(|row| EmailAddress::parse(&row.envelope_to)))
}

/// Composes and queues the holding reply for one promise, with all others of the same client that are due together with
/// it; how many promises it renews, or why it cannot be worded.
fn queue(tx: &Tx<'_>, desk: &Desk, promise: &Promise, now: Instant) -> Result<Result<usize, String>, StoreError> {
    // Another task may have been quicker; and of those that were judged together, the first may have taken this one along.
    if tx.promise(&promise.id)?.is_none_or(|it| it.state != PromiseState::Open) || tx.renewal_of(&promise.id)?.is_some()
    {
        return Ok(Ok(0));
    }
    match told_to(tx, promise)? {
        Some(to) => make(tx, desk, (&promise.mailbox, &promise.client), &to, now),
        None => Ok(Err("nobody knows whom it was told to".to_owned())),
    }
}

/// A holding reply that is no longer right as it is worded: taken back, and made anew for the promises that still need it.
///
/// # Errors
/// If the store fails.
pub(super) fn anew(tx: &Tx<'_>, desk: &Desk, row: &OutboxRow, now: Instant) -> Result<(), StoreError> {
    if !tx.take_back(&row.id, Why::Regrouped.as_str(), now)? {
        return Ok(());
    }
    let Some(to) = EmailAddress::parse(&row.envelope_to) else { return Ok(()) };
    let client = row.client.as_deref().unwrap_or_default();
    if let Err(error) = make(tx, desk, (&row.mailbox, client), &to, now)? {
        tracing::warn!(mailbox = row.mailbox, mail = row.id, error, "the holding reply could not be made anew");
    }
    Ok(())
}

/// Makes one holding reply of all that an address is to hear now; how many promises it renews.
fn make(
    tx: &Tx<'_>,
    desk: &Desk,
    (mailbox, client): (&str, &str),
    to: &EmailAddress,
    now: Instant,
) -> Result<Result<usize, String>, StoreError> {
    for row in waiting(tx, to, mailbox)? {
        tx.take_back(&row.id, Why::Regrouped.as_str(), now)?;
    }
    let (mut parts, mut lost) = (Vec::new(), false);
    for promise in tx.promises_to(client, mailbox)?.into_iter().filter(|promise| promise.announced) {
        if told_to(tx, &promise)?.is_some_and(|address| address.folded() == to.folded()) {
            let standing = standing(tx, desk, &promise, now)?;
            let policy = desk.policy();
            let said = decide::holding_within(&promise, &standing, policy, now, policy.replies.merge);
            if let Holding::Send { variant, .. } = said {
                match part(tx, promise, variant)? {
                    Some(part) => parts.push(part),
                    None => lost = true,
                }
            }
        }
    }
    if parts.is_empty() {
        return Ok(if lost { Err("what it answers is no longer there".to_owned()) } else { Ok(0) });
    }
    compose(tx, desk, mailbox, to, &parts, now)
}

/// One promise to renew, with the message that it was made for.
struct Part {
    promise: Promise,
    exchange: String,
    message: Incoming,
    variant: u32,
}

fn part(tx: &Reader<'_>, promise: Promise, variant: u32) -> Result<Option<Part>, StoreError> {
    let Some(exchange) = tx.promise_exchange(&promise.id)? else { return Ok(None) };
    let message = recall(tx, &exchange)?;
    Ok(message.map(|message| Part { promise, exchange, message, variant }))
}

/// In which way a mail is worded, so that no conversation reads the same twice while there are other ways.
fn variant(tx: &Reader<'_>, parts: &[Part]) -> Result<u32, StoreError> {
    let [part] = parts else {
        let mut used = Vec::new();
        for part in parts {
            used.extend(tx.merged_wordings(&part.promise.conversation)?);
        }
        let fresh = (0..VARIANTS).find(|one| !used.contains(one));
        return Ok(fresh.unwrap_or_else(|| used.last().map_or(0, |last| (last + 1) % VARIANTS)));
    };
    Ok(part.variant)
}

/// Composes and queues one holding reply with the promises that it makes; `Err` says why it cannot be worded.
fn compose(
    tx: &Tx<'_>,
    desk: &Desk,
    mailbox: &str,
    to: &EmailAddress,
    parts: &[Part],
    now: Instant,
) -> Result<Result<usize, String>, StoreError> {
    let policy = desk.policy();
    let promises: Vec<Promise> = parts.iter().map(|part| part.promise.clone()).collect();
    let missing = || Ok(Err("what it answers is no longer there".to_owned()));
    // Threaded into the newest conversation: there the client reads it first.
    let Some(newest) = parts.iter().max_by_key(|part| part.message.arrived) else { return missing() };
    let (Some(plan), Some(identity)) = (decide::together(&promises, policy, now), desk.identity(mailbox)) else {
        return missing();
    };
    let message = &newest.message;
    let from = message.recipients().find_map(|address| identity.own(address)).unwrap_or(&identity.address).clone();
    let to = ReplyTo { to: to.clone(), from, repeat_subject: !message.content.encrypted };
    let client = newest.promise.client.as_str();
    let route = route(tx, desk, identity, Some(client))?;
    let wording = variant(tx, parts)?;
    let mail = desk.ids.next(now);
    let clocks = clocks::claim(tx, policy, Some(client), &plan, &mail)?;
    let order = Order { policy, identity, message, client: Some(client), to: &to, plan: &plan, clocks };
    let ids = NewIds { exchange: &mail, instance: &desk.instance };
    let renewal = reply::Renewal {
        previous: promises.iter().map(|promise| promise.by).min().unwrap_or(now),
        variant: wording,
        subjects: subjects(parts),
    };
    let composed = match reply::holding(&desk.composer, &order, &renewal, ids, auto(route)) {
        Ok(composed) => composed,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let (mut stated, mut first) = (Vec::new(), None);
    for part in parts {
        let id = desk.ids.next(now);
        tx.make_promise(&NewPromise {
            id: &id,
            exchange: &part.exchange,
            client: &part.promise.client,
            mailbox,
            by: plan.by,
            zone: reply::Addressee::of(policy, Some(client)).zone,
            announced: false,
            renews: Some(&part.promise.id),
            now,
        })?;
        if part.promise.id == newest.promise.id {
            first = Some(id.clone());
        }
        stated.push(id);
    }
    let renewed: Vec<&str> = promises.iter().map(|promise| promise.id.as_str()).collect();
    tx.queue(&NewMail {
        id: &mail,
        kind: KIND,
        answers: Some(&newest.exchange),
        promise: first.as_deref(),
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
        dedupe_key: &NewMail::answer_key(KIND, &renewed.join("+")),
        window: Some(&window_times(&plan.window)),
        now,
    })?;
    tx.states(&mail, &stated, wording)?;
    Ok(Ok(parts.len()))
}

/// The subjects of a mail that renews several promises; of one that must not or cannot be named it is `None`.
fn subjects(parts: &[Part]) -> Vec<Option<String>> {
    if parts.len() < 2 {
        return Vec::new();
    }
    let named = |part: &Part| Some(part.message.subject.to_string()).filter(|_| !part.message.content.encrypted);
    parts.iter().map(named).collect()
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
    let fresh: Vec<Unheld> = unheld.iter().filter(|one| !known.contains(&one.promise.id)).cloned().collect();
    for Unheld { promise, why } in &fresh {
        let text = WhyNot::parse(why).map_or("its template does not work", WhyNot::text);
        tracing::warn!(
            mailbox,
            client = promise.client,
            promise = promise.id,
            why,
            "a promise is about to lapse, no holding reply: {text}"
        );
    }
    let text = now.into_iter().collect::<Vec<_>>().join("\n");
    let at = desk.clock.now();
    desk.store
        .write(move |tx| {
            for Unheld { promise, why } in &fresh {
                let exchange = tx.promise_exchange(&promise.id)?;
                tx.notice(&NewNotice {
                    code: NoticeCode::PromiseUnheld,
                    mailbox: Some(&promise.mailbox),
                    client: Some(&promise.client),
                    exchange: exchange.as_deref(),
                    values: &[("why", *why)],
                    once: Some(&format!("unheld:{}", promise.id)),
                    now: at,
                })?;
            }
            tx.set_meta(&key, &text)
        })
        .await?;
    Ok(())
}
