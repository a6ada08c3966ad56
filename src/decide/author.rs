//! Who wrote it and where an answer would go (rules 3, 8, 19 to 27). Machines' addresses: machine.rs;
//! whether the author is a client: client.rs; look-alikes: look_alike.rs.
use super::case::{Case, Findings, Way};
use super::envelope::{Envelope, is_forwarding_form, same_party};
use super::fold::lower;
use super::policy::Policy;
use super::trust::Trust;
use crate::model::{Author, Code, EmailAddress, FolderRole, Identity, Incoming, ReturnPath};

/// The author and how they were found: From; behind a shared inbox that rewrote it, the original one
/// (rule 10); behind a contact form, Reply-To (rule 24).
#[must_use]
pub fn author_and_way(message: &Incoming, identity: Option<&Identity>, policy: &Policy) -> (Option<EmailAddress>, Way) {
    let Some(from) = message.from().map(|party| &party.address) else { return (None, Way::Direct) };
    let Some(identity) = identity else { return (Some(from.clone()), Way::Direct) };
    if let Some(list) = own_list(message, identity) {
        let rewritten = policy.is_own(from) || belongs_to(from.organisation(), &list);
        let author = if rewritten { original_author(message, policy) } else { None };
        return (Some(author.unwrap_or_else(|| from.clone())), Way::OwnList(list));
    }
    let form = identity.contact_form_senders.iter().any(|sender| sender.folded() == from.folded());
    match message.reply_to.as_slice() {
        [one] if form && !policy.is_own(&one.address) => (Some(one.address.clone()), Way::ContactForm),
        _ => (Some(from.clone()), Way::Direct),
    }
}

/// The List-Id (RFC 2919) that the configuration names as a shared inbox, lower case.
fn own_list(message: &Incoming, identity: &Identity) -> Option<String> {
    let ids = message.headers.all("list-id").map(|value| {
        let inner = value.rsplit_once('<').map_or(value, |(_, rest)| rest.split('>').next().unwrap_or(rest));
        inner.trim().to_ascii_lowercase()
    });
    ids.into_iter().find(|id| identity.own_lists.iter().any(|own| own.trim().eq_ignore_ascii_case(id)))
}

/// Whether a List-Id (`hello.agency.example`) lies under an organisation's domain.
pub fn belongs_to(organisation: &str, list: &str) -> bool {
    list.strip_suffix(organisation).is_some_and(|head| head.is_empty() || head.ends_with('.'))
}

/// Whom a rewriting list names as the author; never one of ours.
fn original_author(message: &Incoming, policy: &Policy) -> Option<EmailAddress> {
    let headers = &message.headers;
    let named = headers.first("x-original-from").into_iter().chain(headers.first("x-original-sender"));
    let named = named.filter_map(|value| {
        let inner = value.rsplit_once('<').map_or(value, |(_, rest)| rest.split('>').next().unwrap_or(rest));
        EmailAddress::parse(inner)
    });
    named.chain(message.reply_to.iter().map(|party| party.address.clone())).find(|address| !policy.is_own(address))
}

/// Rules 21 and 22: our own mail, a colleague's.
///
/// A Return-Path of ours speaks only where no client is the author: forwarders write such paths too.
pub fn own(case: &Case<'_>, found: &mut Findings) {
    if matches!(case.message.folder, FolderRole::Sent | FolderRole::Drafts) {
        found.say(Code::OwnFolder.with(case.message.folder.as_str()));
    }
    let policy = case.policy;
    let path = match &case.message.return_path {
        ReturnPath::Address(path) if policy.is_own(path) && !is_forwarding_form(path) => Some(path),
        _ => None,
    };
    match &case.author {
        Some(author) if policy.is_own(author) => found.say(Code::OwnAddress.with(&author.to_string())),
        Some(author) if policy.is_team(author) => found.say(Code::OwnTeam.with(&author.to_string())),
        Some(_) if case.client.is_none() && case.way == Way::Direct => {
            if let Some(path) = path {
                found.say(Code::OwnAddress.with(&format!("Return-Path: {path}")));
            }
        }
        _ => {}
    }
}

/// Rules 19 and 20.
pub fn number(case: &Case<'_>, found: &mut Findings) {
    match &case.message.author {
        Author::None => found.say(Code::NoAuthor),
        Author::One(_) => {}
        Author::Several(parties) => found.say(Code::SeveralAuthors.with(&format!("{} authors", parties.len()))),
    }
}

/// Rule 8.
pub fn postmaster(case: &Case<'_>, found: &mut Findings) {
    if let Some(author) = &case.author
        && ["postmaster", "abuse"].contains(&lower(author.local()).replace(['_', '-', '.'], "").as_str())
    {
        found.say(Code::Postmaster.with(&author.to_string()));
    }
}

/// Rule 24: an answer goes to From; a Reply-To of somebody else makes that doubtful, and might steer our
/// mail to a victim.
pub fn reply_to(case: &Case<'_>, found: &mut Findings) {
    let Some(author) = &case.author else { return };
    match case.way {
        Way::ContactForm if case.client.is_some() => found.say(Code::ContactForm.with(&author.to_string())),
        Way::ContactForm | Way::OwnList(_) => {}
        Way::Direct => {
            let mut targets = case.message.reply_to.iter().map(|party| &party.address);
            if let Some(other) = targets.find(|target| !same_party(target, author, case.policy)) {
                found.say(Code::ReplyToElsewhere.with(&other.to_string()));
            }
        }
    }
}

/// Rules 3 and 25: a Return-Path that is missing or somebody else's is made good only for a client for
/// whom the own server vouches. A shared inbox writes its own Return-Path.
pub fn return_path(case: &Case<'_>, found: &mut Findings) {
    if case.author.is_none() || (case.client.is_some() && matches!(case.trust, Trust::Passed(_))) {
        return;
    }
    match &case.envelope {
        Envelope::Absent => found.say(Code::NoReturnPath),
        Envelope::Unreadable => found.say(Code::ReturnPathElsewhere.with("unreadable")),
        Envelope::Elsewhere(_) if case.list_sent_it() => {}
        Envelope::Elsewhere(path) => found.say(Code::ReturnPathElsewhere.with(&path.to_string())),
        Envelope::Null | Envelope::Agrees => {}
    }
}

/// Rules 26 and 27.
pub fn unsupported(case: &Case<'_>, found: &mut Findings) {
    if let Some(author) = case.author.as_ref().filter(|author| !author.is_deliverable()) {
        found.say(Code::UnsupportedAddress.with(&author.to_string()));
    }
}
