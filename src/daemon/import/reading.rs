//! What becomes of one message of the past: whose it is, whether it is taken, and in which form. No I/O.
use super::{Tally, Wish};
use crate::config::Settings;
use crate::decide::{self, Policy};
use crate::mailbox::parse;
use crate::model::{EmailAddress, FolderRole, Incoming, Instant};
use crate::store::{Packed, Page, StoreError, Writer};
use crate::system::Ids;
use chrono::TimeDelta;

/// A message as it was fetched or read from a file.
pub(super) struct Letter {
    pub(super) bytes: Vec<u8>,
    pub(super) context: parse::Context,
    /// It lies in a file: its arrival stands in its own fields, or else beside it.
    pub(super) filed: Option<Filed>,
    /// Where it lies on a server.
    pub(super) place: Option<Place>,
}

/// A time from beside a message in a file, if there is one.
#[derive(Clone, Copy)]
pub(super) struct Filed(pub(super) Option<Instant>);

/// A place on a server.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) folder: String,
    /// What it is for; `None` for a folder that nobody watches.
    pub(super) role: Option<FolderRole>,
    pub(super) uidvalidity: u32,
    pub(super) uid: u32,
}

/// A message that is taken.
pub(super) struct Ready {
    pub(super) id: String,
    pub(super) mailbox: String,
    pub(super) place: Option<Place>,
    /// Without its text once that is in `page`: only the excerpt is recorded.
    pub(super) incoming: Incoming,
    pub(super) packed: Packed,
    pub(super) writer: Writer,
    pub(super) machine: bool,
    pub(super) clients: Vec<String>,
    /// For the search index; its place in the history is not known yet.
    pub(super) page: Page,
}

/// What is taken, without what only the caller's thread knows.
pub(super) struct Reading {
    settings: Settings,
    mailbox: Option<String>,
    all: bool,
    since: Option<Instant>,
    ids: Ids,
    pub(super) now: Instant,
    /// What arrived from here on is the daemon's: it may still answer it, or a promise may be kept by it.
    pub(super) cutoff: Instant,
}

impl Reading {
    pub(super) fn new(wish: &Wish<'_>, now: Instant) -> Result<Self, StoreError> {
        let oldest = wish.store.read_blocking(|r| r.oldest_open_promise())?;
        let late = now - wish.settings.policy.replies.max_age;
        Ok(Self {
            settings: wish.settings.clone(),
            mailbox: wish.mailbox.map(str::to_owned),
            all: wish.all,
            since: wish.since,
            ids: Ids::random(),
            now,
            cutoff: oldest.map_or(late, |oldest| oldest.min(late)),
        })
    }

    /// Looks at one message; what of it is taken, if it is.
    pub(super) fn look(&self, letter: Letter, tally: &mut Tally) -> Result<Option<Ready>, StoreError> {
        let Letter { bytes, context, filed, place } = letter;
        let read = if filed.is_some() { parse::parse_filed } else { parse::parse };
        let mut incoming = read(&bytes, &context);
        // A clock that went far ahead: the time beside the message is nearer to the truth.
        if let Some(Filed(Some(stamp))) = filed
            && incoming.arrived > self.now + TimeDelta::days(1)
        {
            incoming.arrived = stamp;
        }
        tally.read += 1;
        let policy = &self.settings.policy;
        let passed_over = if incoming.unreadable {
            &mut tally.foreign
        } else if incoming.arrived >= self.cutoff {
            &mut tally.recent
        } else if self.since.is_some_and(|since| incoming.arrived < since) {
            &mut tally.older
        } else {
            let (writer, clients) = whose(policy, &incoming);
            if !clients.is_empty() || self.all {
                return self.ready(incoming, &bytes, place, writer, clients).map(Some);
            }
            &mut tally.others
        };
        *passed_over += 1;
        Ok(None)
    }

    fn ready(
        &self,
        incoming: Incoming,
        bytes: &[u8],
        place: Option<Place>,
        writer: Writer,
        clients: Vec<String>,
    ) -> Result<Ready, StoreError> {
        let kept = parse::kept(bytes, incoming.size, self.settings.keep);
        let packed = Packed::new(kept.as_deref().unwrap_or(bytes), !incoming.content.truncated)?;
        let mailbox = self.mailbox_of(&incoming);
        let id = self.ids.next(self.now);
        let mut page = crate::daemon::tidy::page_of(&incoming);
        page.id.clone_from(&id);
        if incoming.content.text_cut {
            page.text = parse::parse_whole(bytes, &parse::Context::default()).content.text;
        }
        if self.settings.keep.form == crate::model::keep::Form::Headers {
            page.text.clear();
        }
        let machine = writer == Writer::Other && decide::made_by_machine(&incoming, &mailbox, &self.settings.policy);
        Ok(Ready { id, mailbox, place, incoming, packed, writer, machine, clients, page })
    }

    fn mailbox_of(&self, message: &Incoming) -> String {
        if let Some(named) = &self.mailbox {
            return named.clone();
        }
        let mailboxes = &self.settings.policy.mailboxes;
        let from = message.from().map(|party| &party.address);
        let own = mailboxes.iter().find(|mailbox| message.recipients().chain(from).any(|it| mailbox.own(it).is_some()));
        own.or(mailboxes.first()).map_or_else(|| "archive".to_owned(), |mailbox| mailbox.name.clone())
    }
}

/// Who wrote a message, and with which clients it was exchanged: what the owner's side wrote with all whom it went to.
fn whose(policy: &Policy, message: &Incoming) -> (Writer, Vec<String>) {
    let client_of = |address: &EmailAddress| policy.client_of(address).map(|client| client.id.clone());
    let Some(from) = message.from().map(|party| &party.address) else { return (Writer::Other, Vec::new()) };
    let writer = if policy.is_own(from) {
        Writer::Owner
    } else if policy.is_team(from) {
        Writer::Team
    } else {
        Writer::Other
    };
    if writer != Writer::Other {
        let mut clients: Vec<String> = Vec::new();
        for client in message.recipients().filter_map(client_of) {
            if !clients.contains(&client) {
                clients.push(client);
            }
        }
        return (writer, clients);
    }
    // Behind a contact form the client stands in Reply-To (rule 24).
    let forms = policy.mailboxes.iter().flat_map(|mailbox| &mailbox.contact_form_senders);
    let form = forms.into_iter().any(|sender| sender.folded() == from.folded());
    match message.reply_to.as_slice() {
        [one] if form => (writer, client_of(&one.address).into_iter().collect()),
        _ => (writer, client_of(from).into_iter().collect()),
    }
}
