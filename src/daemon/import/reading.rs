//! What becomes of one message of the past: whose it is, whether it is taken, and in which form. No I/O.
use super::{Tally, Wish};
use crate::config::Settings;
use crate::decide::Policy;
use crate::mailbox::parse;
use crate::model::{EmailAddress, Incoming, Instant};
use crate::store::{Packed, Page, StoreError, Writer};
use crate::system::Ids;

/// A message as it was fetched or read from a file.
pub(super) struct Letter {
    pub(super) bytes: Vec<u8>,
    pub(super) context: parse::Context,
    /// It lies in a file: its arrival stands in its own fields.
    pub(super) filed: bool,
    /// Folder, UIDVALIDITY and UID.
    pub(super) place: Option<(String, u32, u32)>,
}

/// A message that is taken.
pub(super) struct Ready {
    pub(super) id: String,
    pub(super) mailbox: String,
    pub(super) place: Option<(String, u32, u32)>,
    /// Without its text once that is in `page`: only the excerpt is recorded.
    pub(super) incoming: Incoming,
    pub(super) packed: Packed,
    pub(super) writer: Writer,
    pub(super) client: Option<String>,
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
        let read = if filed { parse::parse_filed } else { parse::parse };
        let incoming = read(&bytes, &context);
        tally.read += 1;
        let policy = &self.settings.policy;
        let passed_over = if incoming.unreadable {
            &mut tally.foreign
        } else if incoming.arrived >= self.cutoff {
            &mut tally.recent
        } else if self.since.is_some_and(|since| incoming.arrived < since) {
            &mut tally.older
        } else {
            let (writer, client) = whose(policy, &incoming);
            if client.is_some() || self.all {
                return self.ready(incoming, &bytes, place, writer, client).map(Some);
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
        place: Option<(String, u32, u32)>,
        writer: Writer,
        client: Option<String>,
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
        Ok(Ready { id, mailbox, place, incoming, packed, writer, client, page })
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

/// Who wrote a message, and with which client it was exchanged.
fn whose(policy: &Policy, message: &Incoming) -> (Writer, Option<String>) {
    let client_of = |address: &EmailAddress| policy.client_of(address).map(|client| client.id.clone());
    let Some(from) = message.from().map(|party| &party.address) else { return (Writer::Other, None) };
    let writer = if policy.is_own(from) {
        Writer::Owner
    } else if policy.is_team(from) {
        Writer::Team
    } else {
        Writer::Other
    };
    if writer != Writer::Other {
        return (writer, message.recipients().find_map(client_of));
    }
    // Behind a contact form the client stands in Reply-To (rule 24).
    let forms = policy.mailboxes.iter().flat_map(|mailbox| &mailbox.contact_form_senders);
    let form = forms.into_iter().any(|sender| sender.folded() == from.folded());
    match message.reply_to.as_slice() {
        [one] if form => (writer, client_of(&one.address)),
        _ => (writer, client_of(from)),
    }
}
