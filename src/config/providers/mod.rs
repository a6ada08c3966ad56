//! Which servers belong to an address: from a table, from autoconfig XML, by guessing. Pure; the network is asked elsewhere.
//! Never here: logging in, asking the owner.
mod autoconfig;
mod table;

pub use autoconfig::{XmlError, autoconfig};
pub use table::{Access, KNOWN, Known};

use crate::model::{EmailAddress, Tls};

/// A server that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Host name.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Protection.
    pub tls: Tls,
    /// User name.
    pub user: String,
}

/// The servers of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// From where it is known, for people: `Gmail`, `autoconfig`, `DNS`, `a guess`.
    pub source: String,
    /// IMAP.
    pub imap: Endpoint,
    /// Submission.
    pub smtp: Endpoint,
    /// How it lets programs in.
    pub access: Access,
    /// Further lines for `[mailbox.NAME]`.
    pub extra: Vec<String>,
}

impl Found {
    fn known(known: &Known, address: &EmailAddress) -> Self {
        let end = |(host, port, tls): (&str, u16, Tls), user: &str| Endpoint {
            host: host.to_owned(),
            port,
            tls,
            user: user.to_owned(),
        };
        let whole = address.to_string();
        let user = if known.local_user { address.local() } else { whole.as_str() };
        Self {
            source: known.name.to_owned(),
            imap: end(known.imap, user),
            smtp: end(known.smtp, &whole),
            access: known.access,
            extra: known.extra.iter().map(|&line| line.to_owned()).collect(),
        }
    }
}

/// The provider of an address, by its domain.
#[must_use]
pub fn by_domain(address: &EmailAddress) -> Option<Found> {
    let domain = address.domain().to_ascii_lowercase();
    let known = KNOWN.iter().find(|known| known.domains.contains(&domain.as_str()))?;
    Some(Found::known(known, address))
}

/// The provider whose domain was probably meant by one that nobody knows: a letter or two away. A hint, no more: mail.com is
/// not gmail.com.
#[must_use]
pub fn meant(domain: &str) -> Option<&'static str> {
    let domain = domain.to_ascii_lowercase();
    let far = |known: &str| strsim::damerau_levenshtein(known, &domain);
    let all = KNOWN.iter().flat_map(|known| known.domains.iter().copied());
    let near = all.map(|known| (far(known), known)).min_by_key(|(far, _)| *far)?;
    let most = if domain.len() >= 10 { 2 } else { 1 };
    (1..=most).contains(&near.0).then_some(near.1)
}

/// The provider of a domain of the owner's own, by its mail exchangers. The longest end of a name wins.
#[must_use]
pub fn by_exchangers(address: &EmailAddress, exchangers: &[String]) -> Option<Found> {
    let fits = |host: &str, end: &str| host == end || host.strip_suffix(end).is_some_and(|rest| rest.ends_with('.'));
    let mut best: Option<(usize, &Known)> = None;
    for host in exchangers.iter().map(|host| host.trim_end_matches('.').to_ascii_lowercase()) {
        for known in KNOWN {
            let longest = known.exchangers.iter().filter(|end| fits(&host, end)).map(|end| end.len()).max();
            if let Some(length) = longest.filter(|length| best.is_none_or(|(best, _)| *length > best)) {
                best = Some((length, known));
            }
        }
    }
    best.map(|(_, known)| Found::known(known, address))
}

/// What SRV records name (RFC 6186, RFC 8314 5.1).
#[must_use]
pub fn by_records(address: &EmailAddress, imap: (String, u16, Tls), smtp: (String, u16, Tls)) -> Found {
    let end = |(host, port, tls): (String, u16, Tls)| Endpoint { host, port, tls, user: address.to_string() };
    let (access, extra) = ways_of(&imap.0).unwrap_or((Access::Password, Vec::new()));
    Found { source: "DNS".to_owned(), imap: end(imap), smtp: end(smtp), access, extra }
}

/// How a known provider lets programs in, by the name of its IMAP server: somebody with a domain of their own may name that alone.
fn ways_of(host: &str) -> Option<(Access, Vec<String>)> {
    let known = KNOWN.iter().filter(|known| known.imap.2 != Tls::None && !matches!(known.access, Access::Closed(_)));
    let known = known.into_iter().find(|known| known.imap.0.eq_ignore_ascii_case(host))?;
    Some((known.access, known.extra.iter().map(|&line| line.to_owned()).collect()))
}

/// Usual names, the likeliest first; whether anything answers there has to be tried.
#[must_use]
pub fn guesses(domain: &str) -> [Vec<(String, u16, Tls)>; 2] {
    let names = |first: &str| [format!("{first}.{domain}"), format!("mail.{domain}"), domain.to_owned()];
    let ways = |names: [String; 3], ports: [(u16, Tls); 2]| {
        names.iter().flat_map(|name| ports.map(|(port, tls)| (name.clone(), port, tls))).collect()
    };
    [
        ways(names("imap"), [(993, Tls::Implicit), (143, Tls::StartTls)]),
        ways(names("smtp"), [(465, Tls::Implicit), (587, Tls::StartTls)]),
    ]
}

#[cfg(test)]
#[path = "providers_tests.rs"]
mod tests;
