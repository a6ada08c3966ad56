//! What no table can know alone: addresses that two claim, and settings that together make little sense.
use super::Claims;
use crate::config::{Digest, MailboxSettings, reader::Reader};
use crate::decide::{Replies, Strangers};
use crate::model::{AddressPattern, Client, Identity};

/// Faults between tables.
pub(super) fn check(claims: &Claims<'_>) {
    report_shared_addresses(claims);
    report_shared_contacts(claims);
    report_own_contacts(claims);
}

/// A digest for an address that is no mailbox here has to be sent by one.
pub(super) fn report_digest_without_a_way(
    main: &Reader<'_>,
    digest: Option<&Digest>,
    mailboxes: &[(Identity, MailboxSettings)],
) {
    let Some(to) = digest.and_then(|digest| digest.to.as_ref()) else { return };
    let reached = mailboxes.iter().any(|(identity, it)| identity.own(to).is_some() || it.outgoing.is_some());
    let field = main.section("digest").and_then(|table| table.field("to"));
    if let Some(field) = field.filter(|_| !reached && !mailboxes.is_empty()) {
        field.place.fault(
            "is no address of your mailboxes, and none of them can send",
            "name the address of a mailbox, or give one of them `smtp`, `sendmail` or `outgoing`".to_owned(),
        );
    }
}

fn report_shared_addresses(claims: &Claims<'_>) {
    for (i, (address, mailbox, place)) in claims.own.iter().enumerate() {
        let first = claims.own.iter().take(i).find(|(other, ..)| other.folded() == address.folded());
        match first {
            Some((_, other, _)) if other == mailbox => {
                place.fault(format!("is already an address of mailbox {other}"), "name each address once".to_owned());
            }
            Some((_, other, first)) => {
                let at = first.position();
                place.fault(
                    format!("is already an address of mailbox {other} ({at})"),
                    "an address belongs to one mailbox".to_owned(),
                );
            }
            None => {}
        }
    }
}

fn report_shared_contacts(claims: &Claims<'_>) {
    for (i, (pattern, client, place)) in claims.contacts.iter().enumerate() {
        let mut earlier = claims.contacts.iter().take(i).filter(|(_, other, _)| other != client);
        if let Some((other, owner, first)) = earlier.find(|(other, ..)| other.overlaps(pattern)) {
            let at = first.position();
            place.fault(
                format!("is claimed by client {owner} too, as \"{other}\" ({at})"),
                "a contact belongs to one client; name single addresses instead of the domain".to_owned(),
            );
        }
    }
}

fn report_own_contacts(claims: &Claims<'_>) {
    for (pattern, _, place) in &claims.contacts {
        if let Some((address, mailbox, _)) = claims.own.iter().find(|(address, ..)| pattern.matches(address)) {
            place.fault(
                format!("is your own: {address} is an address of mailbox {mailbox}"),
                "a client writes from elsewhere; remove it".to_owned(),
            );
        }
        let team = claims.team.iter().find(|member| pattern.matches(member));
        match (pattern, team) {
            (AddressPattern::Exact(_), Some(member)) => {
                place.fault(format!("is in your team: {member}"), "a colleague is no client; remove one".to_owned());
            }
            (_, Some(member)) => place.warn(
                format!("takes in {member} of your team"),
                "mail from the team is never answered automatically".to_owned(),
            ),
            (_, None) => {}
        }
    }
}

/// Warnings between tables.
pub(super) fn warn(
    main: &Reader<'_>,
    mailboxes: &[(Identity, MailboxSettings)],
    clients: &[Client],
    replies: Option<&Replies>,
) {
    if !main.has("mailbox") && mailboxes.is_empty() {
        let finding = main.place.source.finding(
            "has no mailbox: nothing is watched".to_owned(),
            Some("add [mailbox.NAME] with address and imap".to_owned()),
        );
        main.place.log.warn(finding);
    }
    let opened = replies.is_some_and(|replies| replies.strangers == Strangers::Acknowledge);
    if clients.is_empty() && !opened && !main.has("client") {
        let finding = main.place.source.finding(
            "has no client: nobody is answered automatically".to_owned(),
            Some("add [client.NAME] with contacts and zone".to_owned()),
        );
        main.place.log.warn(finding);
    }
    let trusting = |mailbox: &Identity| !mailbox.trusted_authserv.is_empty() || mailbox.provider.is_some();
    if opened && !mailboxes.is_empty() && !mailboxes.iter().any(|(identity, _)| trusting(identity)) {
        let Some(field) = main.table("replies").and_then(|table| table.field("strangers")) else { return };
        field.place.warn(
            "has no effect yet: no mailbox names a trusted_authserv",
            "strangers are acknowledged only if their authentication passes; see `fuseau check --online`".to_owned(),
        );
    }
}
