//! Drafts that the owner handed over by moving them: read, decided about, and frozen into the outbox. What becomes of them
//! afterwards: settling.rs.
use super::claims::{self, Contest, Standing};
use super::commands::drafts;
use super::desk::Desk;
use super::error::TurnError;
use super::ladder;
use super::mark;
use super::ports::Mailbox;
use super::settling;
use crate::compose::{self, Stamp};
use crate::decide::wishes::{self, DRAFT_MAX, Draft, Refusal, Wish};
use crate::mailbox::{Branch, Folder, Folders, Listed, Raw, parse};
use crate::model::{EmailAddress, FolderRole, Incoming, Instant, MessageId, Mode, NoticeCode};
use crate::store::{DraftPlace, Handed, MailState, NewHanded, NewMail, NewNotice, Reader, Route, StoreError, Tx};
use crate::system::failpoint;

/// The kind of mail that the owner wrote.
pub const KIND: &str = "mail";

/// Takes up one draft, unless it was taken up before.
///
/// # Errors
/// The mailbox or the store failed.
pub async fn take<M: Mailbox>(
    desk: &Desk,
    mailbox: &str,
    folders: &Folders,
    tree: &[Branch],
    branch: &Branch,
    listed: &Listed,
    server: &mut M,
) -> Result<(), TurnError> {
    let Ok(wish) = wishes::read(&branch.path) else { return Ok(()) };
    let place = place(branch, listed.uid);
    let name = mailbox.to_owned();
    let open = desk.store.read(move |tx| tx.handed_open(&name)).await?;
    if open.iter().any(|one| one.place == place) {
        return Ok(());
    }
    let Some(raw) = server.fetch(&branch.folder, &[listed.uid]).await?.pop() else { return Ok(()) };
    if let Some(claim) = claims::read(&raw) {
        if !open.iter().any(|one| one.key == claim.draft) && claims::is_leftover(desk, &claim).await? {
            server.remove(&branch.folder, raw.uid).await?;
        }
        return Ok(());
    }
    let draft = read(&raw);
    let Err(why) = freeze(desk, mailbox, folders, branch, wish, &raw, &draft, server).await? else { return Ok(()) };
    let arena = claims::arena(tree).unwrap_or(&branch.folder);
    let contest = Contest { desk, mailbox, arena, draft: &draft.key, place: &place };
    if let Standing::Wait(_) = contest.enter(server).await? {
        // Another installation sends it, or puts it back: two that move the same message make two of it.
        return Ok(());
    }
    failpoint::reach("H8");
    if settling::lies(&branch.folder, raw.uid, server).await? {
        refuse(desk, mailbox, wish, branch, &raw, &draft, why).await?;
        match drafts(folders) {
            // What was sent does not turn up in Drafts again.
            _ if why == Refusal::AlreadySent && twin_in_sent(desk, mailbox, folders, &draft, server).await? => {
                server.remove(&branch.folder, raw.uid).await?;
            }
            Some(home) => server.move_to(&branch.folder, raw.uid, home).await?,
            None => {}
        }
    }
    contest.leave(true, server).await
}

/// Whether the same words lie in Sent under one of the draft's Message-IDs: then nothing is lost with the draft.
async fn twin_in_sent<M: Mailbox>(
    desk: &Desk,
    mailbox: &str,
    folders: &Folders,
    draft: &Incoming,
    server: &mut M,
) -> Result<bool, TurnError> {
    let Some((sent, uid)) = in_sent(desk, mailbox, folders, draft, server).await? else { return Ok(false) };
    let Some(twin) = server.fetch(sent, &[uid]).await?.pop().map(|raw| read(&raw)) else { return Ok(false) };
    let readable = !twin.unreadable && !draft.unreadable && !twin.content.truncated && !draft.content.truncated;
    let words = |it: &Incoming| it.content.text.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(readable && words(&twin) == words(draft) && twin.content.attachments == draft.content.attachments)
}

/// The draft's mail in Sent, under whichever id it left.
async fn in_sent<'a, M: Mailbox>(
    desk: &Desk,
    mailbox: &str,
    folders: &'a Folders,
    draft: &Incoming,
    server: &mut M,
) -> Result<Option<(&'a Folder, u32)>, TurnError> {
    let Some(sent) = &folders.sent else { return Ok(None) };
    let key = draft.key.clone();
    let times = desk.store.read(move |tx| tx.handed_as(&key)).await?.len();
    for id in ids(desk, mailbox, draft.message_id.as_ref().map(MessageId::as_str), &draft.key, times) {
        if let Some(uid) = server.find(sent, "Message-ID", &id).await? {
            return Ok(Some((sent, uid)));
        }
    }
    Ok(None)
}

/// The Message-IDs under which the mail of a draft may have left, from here or from another installation: its own, or those
/// that are made from the draft ([`record`]) when it has none or was handed over before, `times` times here.
pub(super) fn ids(desk: &Desk, mailbox: &str, own: Option<&str>, key: &str, times: usize) -> Vec<String> {
    let made = desk
        .identity(mailbox)
        .into_iter()
        .flat_map(|identity| (0..=times.max(1)).filter_map(move |n| made_id(key, n, identity.address.domain())));
    own.map(str::to_owned).into_iter().chain(made.map(|id| id.as_str().to_owned())).collect()
}

/// Every installation makes the same one.
fn made_id(key: &str, times: usize, domain: &str) -> Option<MessageId> {
    MessageId::parse(&format!("<handed.{}.{times}@{domain}>", key.get(..32).unwrap_or(key)))
}

pub(super) fn place(branch: &Branch, uid: u32) -> DraftPlace {
    DraftPlace { folder: branch.folder.name.clone(), uidvalidity: branch.status.uidvalidity, uid }
}

fn read(raw: &Raw) -> Incoming {
    let context =
        parse::Context { arrived: raw.arrived, folder: FolderRole::Drafts, answered_flag: false, size: raw.size };
    let mut draft = parse::parse(&raw.bytes, &context);
    draft.unreadable |= raw.fault.is_some();
    draft
}

/// Decides about a draft and records its mail.
#[expect(clippy::too_many_arguments, reason = "one step of take, split for its length")]
async fn freeze<M: Mailbox>(
    desk: &Desk,
    mailbox: &str,
    folders: &Folders,
    branch: &Branch,
    wish: Wish,
    raw: &Raw,
    draft: &Incoming,
    server: &mut M,
) -> Result<Result<(), Refusal>, TurnError> {
    let key = draft.key.clone();
    let before = desk.store.read(move |tx| tx.handed_as(&key)).await?;
    if let Some(moved) = before.iter().find(|one| waits(one.state) || unsettled(one, &before)) {
        // The folder was numbered anew, or an earlier copy is on its way.
        let (id, place) = (moved.id.clone(), place(branch, raw.uid));
        desk.store.write(move |tx| tx.handed_moved(&id, &place)).await?;
        return Ok(Ok(()));
    }
    let now = desk.clock.now();
    let recipients = recipients(draft);
    let sent = before.iter().any(|one| matches!(one.state, MailState::Sent | MailState::Unknown))
        || sent_before(desk, mailbox, folders, draft, server).await?;
    let settings = desk.mailbox(mailbox);
    let may_send = may_send(desk, mailbox).await?;
    let identity = desk.identity(mailbox);
    let facts = Draft {
        unreadable: draft.unreadable,
        own: draft.from().is_some_and(|from| identity.is_some_and(|it| it.own(&from.address).is_some())),
        sent,
        recipients: &recipients,
        size: raw.size,
        can_send: settings.is_some_and(|it| it.outgoing.is_some()) && may_send,
    };
    let at = match wishes::about_draft(wish, &facts, desk.policy(), now) {
        Ok(_) if loses_recipients(draft) => return Ok(Err(Refusal::BadRecipient)),
        Ok(at) => at,
        Err(why) => return Ok(Err(why)),
    };
    let Some(bytes) = server.whole(&branch.folder, raw.uid, DRAFT_MAX).await? else {
        return Ok(Err(Refusal::TooLarge));
    };
    failpoint::reach("H1");
    let (here, name, place, draft) = (desk.clone(), mailbox.to_owned(), place(branch, raw.uid), draft.clone());
    let times = before.len();
    let (done, turn) = desk
        .store
        .write(move |tx| {
            let handed = NewHanded { place: &place, draft: &draft, wish: wish.as_str(), recipients: &recipients };
            Ok((record(tx, &here, &name, &handed, &bytes, times, at, now)?, mark::raise(tx)?))
        })
        .await?;
    mark::note(desk, turn);
    failpoint::reach("H2");
    tracing::info!(mailbox, wish = wish.as_str(), at = %at, "a draft was handed over");
    Ok(done)
}

/// Whether the mailbox stands higher than observe.
async fn may_send(desk: &Desk, mailbox: &str) -> Result<bool, StoreError> {
    let (here, mailbox) = (desk.clone(), mailbox.to_owned());
    desk.store.read(move |tx| observes(tx, &here, &mailbox).map(|observes| !observes)).await
}

/// Whether a mailbox stands at observe: then nothing leaves, not even what the owner wrote.
///
/// # Errors
/// If the store cannot be read.
pub(super) fn observes(tx: &Reader<'_>, desk: &Desk, mailbox: &str) -> Result<bool, StoreError> {
    Ok(match desk.identity(mailbox) {
        Some(identity) => ladder::rung(tx, desk.policy(), identity, None)? == Mode::Observe,
        None => true,
    })
}

fn waits(state: MailState) -> bool {
    matches!(state, MailState::Queued | MailState::Sending | MailState::DotSent)
}

/// Sent, and its draft not yet removed as far as we know: then this is that draft, under another number.
fn unsettled(one: &Handed, all: &[Handed]) -> bool {
    one.state == MailState::Sent && !one.settled && all.first().is_some_and(|newest| newest.id == one.id)
}

/// Whether the mail lies in Sent, or was recorded as sent, already.
async fn sent_before<M: Mailbox>(
    desk: &Desk,
    mailbox: &str,
    folders: &Folders,
    draft: &Incoming,
    server: &mut M,
) -> Result<bool, TurnError> {
    let key = draft.key.clone();
    if desk.store.read(move |tx| tx.recorded_as(&key)).await?.is_some() {
        return Ok(true);
    }
    Ok(in_sent(desk, mailbox, folders, draft, server).await?.is_some())
}

/// Everybody in To, Cc and Bcc, each once.
fn recipients(draft: &Incoming) -> Vec<EmailAddress> {
    let mut all: Vec<EmailAddress> = Vec::new();
    for address in draft.recipients() {
        if !all.contains(address) {
            all.push(address.clone());
        }
    }
    all
}

/// Whether a recipient was written in a way that cannot be read: better asked than left out.
fn loses_recipients(draft: &Incoming) -> bool {
    let fields = || ["to", "cc", "bcc"].into_iter().flat_map(|name| draft.headers.all(name));
    let brackets = fields().map(|field| field.matches('<').count()).sum::<usize>();
    brackets > draft.to.len() + draft.cc.len()
}

#[expect(clippy::too_many_arguments, reason = "the inside of one transaction")]
fn record(
    tx: &Tx<'_>,
    desk: &Desk,
    mailbox: &str,
    handed: &NewHanded<'_>,
    bytes: &[u8],
    times: usize,
    at: Instant,
    now: Instant,
) -> Result<Result<(), Refusal>, StoreError> {
    let draft = handed.draft;
    let (Some(identity), Some(from), Some(to)) = (desk.identity(mailbox), draft.from(), handed.recipients.first())
    else {
        return Ok(Err(Refusal::NotOwn));
    };
    let ours = match &draft.message_id {
        Some(id) => tx.drafted_as(id.as_str())?,
        None => None,
    };
    let id = desk.ids.next(now);
    // An id that a mail of ours had before would make the two one.
    let used = match &draft.message_id {
        Some(id) => ours.is_none() && (times > 0 || tx.exchange_by_message_id(id.as_str())?.is_some()),
        None => true,
    };
    let new_id = || made_id(&draft.key, times, identity.address.domain());
    let message_id = draft.message_id.clone().filter(|_| !used).or_else(new_id);
    let Some(message_id) = message_id else { return Ok(Err(Refusal::NotOwn)) };
    let mark = ours.as_ref().map(|(_, mark)| mark.as_str());
    let bytes = compose::handed_over(bytes, &Stamp { date: at, message_id: &message_id, fuseau_id: mark });
    let client = handed.recipients.iter().find_map(|to| desk.policy().client_of(to));
    let mail = NewMail {
        id: &id,
        mailbox,
        answers: None,
        promise: None,
        client: client.map(|client| client.id.as_str()),
        kind: KIND,
        automatic: false,
        route: Route::Send,
        not_before: at,
        from: &from.address,
        envelope_from: Some(&identity.address),
        to,
        message_id: &message_id,
        fuseau_id: &format!("{}/{id}", desk.instance),
        subject: &draft.subject,
        text: &draft.content.text,
        bytes: &bytes,
        dedupe_key: &format!("handed:{}:{times}", draft.key),
        window: None,
        now,
    };
    let taken = match &ours {
        Some((ours, _)) => tx.adopt(ours, &mail, handed)?,
        None => tx.hand_over(&mail, handed)?.is_some(),
    };
    Ok(if taken { Ok(()) } else { Err(Refusal::AlreadySent) })
}

/// Notes why a draft goes back.
async fn refuse(
    desk: &Desk,
    mailbox: &str,
    wish: Wish,
    branch: &Branch,
    raw: &Raw,
    draft: &Incoming,
    why: Refusal,
) -> Result<(), StoreError> {
    tracing::info!(mailbox, wish = wish.as_str(), why = why.as_str(), "a draft goes back");
    let (name, subject, now) = (mailbox.to_owned(), draft.subject.clone(), desk.clock.now());
    let client = recipients(draft).iter().find_map(|to| desk.policy().client_of(to)).map(|client| client.id.clone());
    let once = format!("wish:{mailbox}:{}:{}:{}", branch.folder.name, branch.status.uidvalidity, raw.uid);
    desk.store
        .write(move |tx| {
            tx.notice(&NewNotice {
                code: NoticeCode::CommandFailed,
                mailbox: Some(&name),
                client: client.as_deref(),
                exchange: None,
                values: &[
                    ("wish", wish.as_str()),
                    ("subject", subject.as_str()),
                    ("why", why.as_str()),
                    ("error", why.text()),
                ],
                once: Some(&once),
                now,
            })
        })
        .await?;
    Ok(())
}
