//! The way of a draft: which mailbox, to whom, under which Message-ID. Never here: what it says, headers.
use super::{Content, DraftFacts, DraftWhy, Occasion};
use crate::model::{AddressPattern, Client, EmailAddress, Identity, Mode};

/// Where a draft lies and whom it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The mailbox in whose Drafts folder it lies.
    pub mailbox: String,
    /// To whom.
    pub to: EmailAddress,
}

/// The way of one draft.
///
/// # Errors
/// Why there is none.
pub fn way(facts: &DraftFacts<'_>, occasion: &Occasion) -> Result<Way, DraftWhy> {
    let policy = facts.policy;
    let client = policy.client(&occasion.client).ok_or(DraftWhy::NoAddress)?;
    let contact = facts.contact(&client.id);
    // A person's letter goes to that person, or nowhere.
    let person = matches!(&occasion.content, Content::Greeting(greeting) if greeting.person().is_some());
    if person && occasion.to.is_none() {
        return Err(DraftWhy::WhoseAddress);
    }
    let writes = |mailbox: &&Identity| client.mode.map_or(mailbox.mode, |mode| mode.min(mailbox.mode)) > Mode::Observe;
    let by_project = occasion.project.as_deref().and_then(|id| policy.project(id)).and_then(|it| it.mailbox.as_deref());
    let named = by_project.or_else(|| contact.and_then(|it| it.mailbox.as_deref())).and_then(|it| policy.mailbox(it));
    let mailbox = match named {
        Some(mailbox) => Some(mailbox).filter(writes),
        None => policy.mailboxes.iter().find(writes),
    };
    let mailbox = mailbox.ok_or(DraftWhy::NoMailbox)?;
    let to =
        occasion.to.clone().or_else(|| contact.and_then(|it| it.address.clone())).or_else(|| first_address(client));
    Ok(Way { mailbox: mailbox.name.clone(), to: to.ok_or(DraftWhy::NoAddress)? })
}

/// The first contact that is a whole address.
fn first_address(client: &Client) -> Option<EmailAddress> {
    client.contacts.iter().find_map(|pattern| match pattern {
        AddressPattern::Exact(address) => Some(address.clone()),
        _ => None,
    })
}

/// The part of a Message-ID before the `@`: the same on every machine for one occasion and one own address, so that
/// whoever is about to put a draft there finds the one that lies there already. FNV-1a, 64 bit, twice.
#[must_use]
pub fn local_id(key: &str, from: &EmailAddress) -> String {
    let hash = |basis: u64| {
        let from = from.folded();
        let bytes = key.bytes().chain([0]).chain(from.bytes());
        bytes.fold(basis, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
    };
    format!("draft.{:016x}{:016x}", hash(0xcbf2_9ce4_8422_2325), hash(0x6c62_272e_07bb_0142))
}
