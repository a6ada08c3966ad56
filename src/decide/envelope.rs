//! The envelope sender, as Return-Path preserved it: whose it is once the wrappings of forwarders and of
//! bounce-address tags are taken off (rule 25). Not here: what follows from a disagreement (author.rs).
use super::fold::lower;
use super::free_mail::is_free_mail;
use super::policy::Policy;
use crate::model::{EmailAddress, ReturnPath};

/// What Return-Path says about the author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Envelope {
    /// `<>`.
    Null,
    /// Not there.
    Absent,
    /// There, but unreadable.
    Unreadable,
    /// The author's own, or their organisation's, or another contact of the same client.
    Agrees,
    /// Somebody else's; unwrapped.
    Elsewhere(EmailAddress),
}

/// Compares Return-Path with the author that From names.
#[must_use]
pub fn envelope(path: &ReturnPath, author: Option<&EmailAddress>, policy: &Policy) -> Envelope {
    match path {
        ReturnPath::Null => Envelope::Null,
        ReturnPath::Absent => Envelope::Absent,
        ReturnPath::Unreadable => Envelope::Unreadable,
        ReturnPath::Address(address) => {
            let sender = unwrapped(address);
            match author {
                Some(author) if same_party(&sender, author, policy) => Envelope::Agrees,
                _ => Envelope::Elsewhere(sender),
            }
        }
    }
}

/// Whether two addresses stand for one correspondent: the same person, the same organisation (never among
/// free-mail addresses), or two contacts of one client.
#[must_use]
pub fn same_party(a: &EmailAddress, b: &EmailAddress, policy: &Policy) -> bool {
    if a == b {
        return true;
    }
    let organisation = a.organisation();
    if organisation == b.organisation() && !is_free_mail(organisation) {
        return true;
    }
    a.folded() == b.folded() || policy.clients.iter().any(|client| client.knows(a) && client.knows(b))
}

/// Takes off, as far as they are there: SRS0 and SRS1 (a forwarder's wrapping), BATV `prvs=` and
/// Barracuda's `btv1==`. Plus-tags (VERP, Gmail's `+caf_=`, Google Groups' `+bnc`) fall away when
/// addresses are folded.
#[must_use]
pub fn unwrapped(address: &EmailAddress) -> EmailAddress {
    let mut current = address.clone();
    // A forwarder may have wrapped a tagged address; deeper nesting does not occur.
    for _ in 0..3 {
        match unwrap_once(&current) {
            Some(inner) => current = inner,
            None => break,
        }
    }
    current
}

fn unwrap_once(address: &EmailAddress) -> Option<EmailAddress> {
    let local = address.local();
    let low = local.to_lowercase();
    let behind = |prefix: &str| local.get(prefix.len()..).filter(|_| low.starts_with(prefix));
    if let Some(rest) = ["srs0=", "srs0+", "srs0-"].iter().find_map(|p| behind(p)) {
        return srs0(rest);
    }
    if let Some(rest) = ["srs1=", "srs1+", "srs1-"].iter().find_map(|p| behind(p)) {
        // SRS1=hash=first-forwarder==hash=tt=domain=user
        return rest.split_once("==").and_then(|(_, inner)| srs0(inner));
    }
    if let Some(rest) = behind("prvs=") {
        // prvs=tag=user, and the older prvs=user/tag
        let user = match rest.split_once('=') {
            Some((_, user)) => user,
            None => rest.split_once('/')?.0,
        };
        return EmailAddress::parse(&format!("{user}@{}", address.domain()));
    }
    let rest = behind("btv1==")?;
    let (_, user) = rest.split_once("==")?;
    EmailAddress::parse(&format!("{user}@{}", address.domain()))
}

/// `hash=timestamp=domain=user`
fn srs0(rest: &str) -> Option<EmailAddress> {
    let mut parts = rest.splitn(4, '=');
    let (_, _) = (parts.next()?, parts.next()?);
    let (domain, user) = (parts.next()?, parts.next()?);
    EmailAddress::parse(&format!("{user}@{domain}"))
}

/// Whether a forwarder or list made this address out of another one: it then says nothing about who
/// owns the base (rule 21).
#[must_use]
pub fn is_forwarding_form(address: &EmailAddress) -> bool {
    let local = lower(address.local());
    let tagged = local.split_once('+').is_some_and(|(_, tag)| tag.contains('=') || tag.starts_with("bnc"));
    tagged || ["srs0", "srs1", "prvs=", "btv1=="].iter().any(|prefix| local.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrappings_come_off() {
        for (raw, want) in [
            ("prvs=1234abcdef=anna@acme.example", "anna@acme.example"),
            ("prvs=anna/1234abcdef@acme.example", "anna@acme.example"),
            ("btv1==6012aa==anna@acme.example", "anna@acme.example"),
            ("SRS0=HHH=TT=acme.example=anna@fwd.example", "anna@acme.example"),
            ("SRS0+HHH=TT=acme.example=anna@fwd.example", "anna@acme.example"),
            ("srs1=GGG=first.example==HHH=TT=acme.example=anna@second.example", "anna@acme.example"),
            ("SRS0=HHH=TT=acme.example=prvs=1234=anna@fwd.example", "anna@acme.example"),
            ("anna@acme.example", "anna@acme.example"),
            ("srs0=broken@fwd.example", "srs0=broken@fwd.example"),
        ] {
            let address = EmailAddress::parse(raw).unwrap();
            assert_eq!(unwrapped(&address).to_string(), want);
        }
        let forwarding = |raw: &str| is_forwarding_form(&EmailAddress::parse(raw).unwrap());
        assert!(forwarding("claire+caf_=hello=x.example@gmail.com"));
        assert!(forwarding("hello+bncBAABAA@studio.example"));
        assert!(forwarding("SRS0=a=b=c.d=e@studio.example"));
        assert!(!forwarding("claire+shop@studio.example"));
    }
}
