//! From an occasion to its mail: words, headers, the row in the outbox, the entry in the ledger. Pure but for the memory.
use crate::compose::draft::{self, DraftMail};
use crate::compose::{self, Auto, Head, Letter};
use crate::daemon::desk::Desk;
use crate::daemon::holding;
use crate::daemon::offers;
use crate::daemon::reply::ReplyError;
use crate::decide::occasion::{DraftWhy, Occasion, Way, local_id};
use crate::model::{EmailAddress, Incoming, Instant, MessageId};
use crate::store::{NewMail, NewOccasion, Reader, Route, StoreError, Tx};

/// A draft in words and bytes.
#[derive(Clone, Debug)]
pub struct Written {
    /// Its words.
    pub letter: Letter,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its Message-ID.
    pub message_id: MessageId,
    /// Its `X-Fuseau-Id`.
    pub fuseau_id: String,
    /// From.
    pub from: EmailAddress,
    /// The calendar files that go with it.
    pub files: Vec<draft::File>,
}

/// Words a draft. The id of the mail is `id`.
///
/// # Errors
/// Outer: the store. Inner: a template or an address that does not work.
pub fn write(
    tx: &Reader<'_>,
    desk: &Desk,
    occasion: &Occasion,
    way: &Way,
    id: &str,
    now: Instant,
) -> Result<Result<Written, ReplyError>, StoreError> {
    let policy = desk.policy();
    let answers = match &occasion.answers {
        Some(exchange) => holding::recall(tx, exchange)?,
        None => None,
    };
    let person = match tx.last_heard(&occasion.client, &way.to)? {
        Some(exchange) => holding::recall(tx, &exchange)?.and_then(|mail| person(&mail)),
        None => None,
    };
    let (Some(client), Some(identity)) = (policy.client(&occasion.client), desk.identity(&way.mailbox)) else {
        return Ok(Err(ReplyError::Id(way.to.to_string())));
    };
    // In a conversation one stays whom one was there.
    let own = |message: &Incoming| {
        let from = message.from().and_then(|party| identity.own(&party.address));
        from.or_else(|| message.recipients().find_map(|to| identity.own(to))).cloned()
    };
    let from = answers.as_ref().and_then(own).unwrap_or_else(|| identity.address.clone());
    let mail = DraftMail {
        owner: &policy.owner,
        client,
        person: person.as_deref(),
        subject: answers.as_ref().filter(|it| !it.content.encrypted).map(|it| it.subject.as_str()),
        content: &occasion.content,
        opening: occasion.opening,
        now,
    };
    let work = || -> Result<Written, ReplyError> {
        let letter = desk.composer.draft(&mail)?;
        let raw_id = format!("<{}@{}>", local_id(&occasion.key, &identity.address), identity.address.domain());
        let message_id = MessageId::parse(&raw_id).ok_or_else(|| ReplyError::Id(identity.address.to_string()))?;
        let fuseau_id = format!("{}/{id}", desk.instance);
        let parent = answers.as_ref();
        let references = parent
            .map_or_else(Vec::new, |it| compose::references(&it.references, &it.in_reply_to, it.message_id.as_ref()));
        let files = draft::files(&mail, &occasion.key, &from, &way.to, now);
        let bytes = compose::assemble_with(
            &letter,
            &Head {
                from_name: &policy.owner.name,
                from: &from,
                to: &way.to,
                copy: None,
                message_id: &message_id,
                in_reply_to: parent.and_then(|it| it.message_id.as_ref()),
                references: &references,
                date: now,
                fuseau_id: &fuseau_id,
                auto: Auto::None,
            },
            &files,
        )?;
        Ok(Written { letter, bytes, message_id, fuseau_id, from, files })
    };
    Ok(work())
}

/// The name that somebody gives themselves.
fn person(mail: &Incoming) -> Option<String> {
    let name = mail.from()?.name.as_ref()?.as_str().trim().to_owned();
    // An address in the place of a name, or a firm's "via".
    (!name.is_empty() && !name.contains('@') && name.chars().any(char::is_alphabetic)).then_some(name)
}

/// Records a draft and its occasion; its id, or `None` if the occasion was taken up before.
///
/// # Errors
/// Outer: the store. Inner: it cannot be worded.
pub fn record(
    tx: &Tx<'_>,
    desk: &Desk,
    occasion: &Occasion,
    way: &Way,
    now: Instant,
) -> Result<Result<Option<String>, ReplyError>, StoreError> {
    use crate::decide::occasion::MadeState;
    let known = tx.lying(&occasion.key)?;
    if known.as_ref().is_some_and(|known| known.made.state != MadeState::Withdrawn) {
        return Ok(Ok(None));
    }
    let id = desk.ids.next(now);
    let written = match write(tx, desk, occasion, way, &id, now)? {
        Ok(written) => written,
        Err(error) => return Ok(Err(error)),
    };
    if let Some(mail) = tx.handed_by_another(written.message_id.as_str())? {
        // Another installation made this draft while we were off, and the owner has handed it over.
        take_up(tx, occasion, &mail, now)?;
        tx.occasion_leaves(&mail, now)?;
        return Ok(Ok(None));
    }
    // What was withdrawn may come back, once more.
    let dedupe_key = match &known {
        None => format!("occasion:{}", occasion.key),
        Some(_) => format!("occasion:{}#{id}", occasion.key),
    };
    let queued = tx.queue(&NewMail {
        id: &id,
        mailbox: &way.mailbox,
        answers: occasion.answers.as_deref(),
        promise: None,
        client: Some(&occasion.client),
        kind: occasion.kind.as_str(),
        automatic: false,
        route: Route::Draft,
        // What was due before a backup was restored is known by it.
        not_before: occasion.due.min(now),
        from: &written.from,
        envelope_from: Some(&written.from),
        to: &way.to,
        message_id: &written.message_id,
        fuseau_id: &written.fuseau_id,
        subject: &written.letter.subject.as_str().into(),
        text: &written.letter.text,
        bytes: &written.bytes,
        dedupe_key: &dedupe_key,
        window: None,
        now,
    })?;
    let Some(id) = queued else { return Ok(Ok(None)) };
    take_up(tx, occasion, &id, now)?;
    offers::record(tx, occasion, now)?;
    Ok(Ok(Some(id)))
}

/// Enters an occasion into the ledger, with the mail that stands for it.
fn take_up(tx: &Tx<'_>, occasion: &Occasion, mail: &str, now: Instant) -> Result<bool, StoreError> {
    let why: Vec<&str> = occasion.why.iter().map(|why| why.code()).collect();
    tx.take_up(&NewOccasion {
        key: &occasion.key,
        kind: occasion.kind,
        client: &occasion.client,
        project: occasion.project.as_deref(),
        mail,
        asked: occasion.why.iter().any(|why| matches!(why, DraftWhy::Asked | DraftWhy::SlotsAsked)),
        print: &occasion.print(),
        why: &why,
        now,
    })
}
