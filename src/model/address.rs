//! E-mail addresses and the patterns that say whose they are. Never display names: those identify nobody.
use std::fmt;

/// An address: a local part as written and a domain in lower-case A-label form (RFC 5321 2.4, RFC 5891).
///
/// Equality compares the local part without case, as every provider met in practice does.
#[derive(Clone)]
pub struct EmailAddress {
    local: String,
    domain: String,
}

impl EmailAddress {
    /// Reads `local@domain`. Accepts whatever can be compared safely, quoted local parts and domain
    /// literals included; see [`Self::is_deliverable`] for what can be written to.
    ///
    /// `None` if there is no `@`, a side is empty, anything is a control character or space outside
    /// quotes, or the domain is no valid IDNA name.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        let raw = raw.trim();
        let raw = raw.strip_prefix('<').and_then(|r| r.strip_suffix('>')).unwrap_or(raw);
        let (local, domain) = raw.rsplit_once('@')?;
        let quoted = local.len() >= 2 && local.starts_with('"') && local.ends_with('"');
        let bad = |c: char| c.is_control() || (!quoted && (c.is_whitespace() || "<>(),:;\"\\@".contains(c)));
        if local.is_empty() || raw.len() > 320 || local.chars().any(bad) {
            return None;
        }
        let domain = if domain.starts_with('[') && domain.ends_with(']') {
            domain.to_ascii_lowercase()
        } else {
            idna::domain_to_ascii_strict(domain.trim_end_matches('.')).ok().filter(|d| !d.is_empty())?
        };
        Some(Self { local: local.to_owned(), domain })
    }

    /// The part before the `@`, as written.
    #[must_use]
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The part after it, lower-case A-labels.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The domain as people read it: A-labels decoded, where they are valid.
    #[must_use]
    pub fn unicode_domain(&self) -> String {
        unicode(&self.domain)
    }

    /// The organisational domain (public suffix plus one label); the domain itself if it has none.
    #[must_use]
    pub fn organisation(&self) -> &str {
        organisation(&self.domain)
    }

    fn is_gmail(&self) -> bool {
        matches!(self.domain.as_str(), "gmail.com" | "googlemail.com")
    }

    /// One form for all variants that reach the same person: lower case, without a plus-tag, and for
    /// Gmail without dots (RULES 21).
    #[must_use]
    pub fn folded(&self) -> String {
        let local = self.local.to_lowercase();
        let plain = local.split('+').next().filter(|l| !l.is_empty()).unwrap_or(&local);
        match self.domain.as_str() {
            "gmail.com" | "googlemail.com" => format!("{}@gmail.com", plain.replace('.', "")),
            domain => format!("{plain}@{domain}"),
        }
    }

    /// What stands behind the plus, lower case: `claire+relaunch@…` has `relaunch`.
    #[must_use]
    pub fn tag(&self) -> Option<String> {
        let (_, tag) = self.local.split_once('+')?;
        Some(tag.to_lowercase()).filter(|tag| !tag.is_empty())
    }

    /// Whether a mail can be addressed to it without SMTPUTF8: a plain ASCII dot-atom at a host name
    /// (RFC 5321 4.1.2; RULES 26, 27).
    #[must_use]
    pub fn is_deliverable(&self) -> bool {
        let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
        self.local.len() <= 64
            && self.local.split('.').all(|part| !part.is_empty() && part.chars().all(atom))
            && !self.domain.starts_with('[')
            && self.domain.len() <= 253
    }
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.domain == other.domain && self.local.to_lowercase() == other.local.to_lowercase()
    }
}

impl Eq for EmailAddress {}

impl std::hash::Hash for EmailAddress {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.domain.hash(state);
        self.local.to_lowercase().hash(state);
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// A domain as people read it: A-labels decoded, where they are valid (RFC 5891).
#[must_use]
pub fn unicode(domain: &str) -> String {
    idna::domain_to_unicode(domain).0
}

/// The organisational domain of a domain in A-label form.
#[must_use]
pub fn organisation(domain: &str) -> &str {
    psl::domain_str(domain).unwrap_or(domain)
}

/// Whose addresses: one, a domain, or a domain's subdomains.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AddressPattern {
    /// `anna@acme.example`
    Exact(EmailAddress),
    /// `@acme.example`: that domain alone.
    Domain(String),
    /// `@.acme.example`: the domain and its subdomains.
    Subdomains(String),
}

impl AddressPattern {
    /// Reads one entry of `contacts`.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        let domain = |d: &str| idna::domain_to_ascii_strict(d).ok().filter(|d| d.contains('.'));
        match raw.trim().strip_prefix('@') {
            Some(rest) => match rest.strip_prefix('.') {
                Some(base) => domain(base).map(Self::Subdomains),
                None => domain(rest).map(Self::Domain),
            },
            None => EmailAddress::parse(raw).map(Self::Exact),
        }
    }

    /// Whether `address` falls under this pattern; plus-tags of an exact address do.
    #[must_use]
    pub fn matches(&self, address: &EmailAddress) -> bool {
        match self {
            // The plain comparison first: folding allocates, and a list of clients is walked for every mail.
            Self::Exact(one) => {
                one == address || (one.domain == address.domain || one.is_gmail()) && one.folded() == address.folded()
            }
            Self::Domain(domain) => address.domain == *domain,
            Self::Subdomains(base) => {
                address.domain == *base || address.domain.strip_suffix(base.as_str()).is_some_and(|d| d.ends_with('.'))
            }
        }
    }

    /// Whether some address could fall under both, with an example that does.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Exact(a), b) | (b, Self::Exact(a)) => b.matches(a),
            (Self::Domain(a), Self::Domain(b)) => a == b,
            (Self::Domain(d), Self::Subdomains(b)) | (Self::Subdomains(b), Self::Domain(d)) => {
                d == b || d.strip_suffix(b.as_str()).is_some_and(|d| d.ends_with('.'))
            }
            (Self::Subdomains(a), Self::Subdomains(b)) => {
                let under = |x: &str, y: &str| x == y || x.strip_suffix(y).is_some_and(|d| d.ends_with('.'));
                under(a, b) || under(b, a)
            }
        }
    }
}

impl fmt::Display for AddressPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(address) => write!(f, "{address}"),
            Self::Domain(domain) => write!(f, "@{domain}"),
            Self::Subdomains(domain) => write!(f, "@.{domain}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_folds() {
        let parse = |raw| EmailAddress::parse(raw);
        assert_eq!(parse("Anna@ACME.example").map(|a| a.to_string()).as_deref(), Some("Anna@acme.example"));
        assert_eq!(parse("a@bücher.example").map(|a| a.domain).as_deref(), Some("xn--bcher-kva.example"));
        assert_eq!(parse("An.Na+x@googlemail.com").map(|a| a.folded()).as_deref(), Some("anna@gmail.com"));
        assert_eq!(parse("a@b.co.uk").map(|a| organisation(&a.domain).to_owned()).as_deref(), Some("b.co.uk"));
        for bad in ["", "a", "@b.c", "a@", "a b@c.d", "a@c d", "a\r@b.c", "a@b@c d"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
        for (raw, can) in [
            ("a@b.c", true),
            ("\"a b\"@c.d", false),
            ("a..b@c.d", false),
            ("a.@c.d", false),
            ("x@[1.2.3.4]", false),
            ("é@c.d", false),
        ] {
            assert_eq!(parse(raw).map(|a| a.is_deliverable()), Some(can), "{raw}");
        }
    }

    #[test]
    fn patterns() {
        let matches =
            |p: &str, a: &str| AddressPattern::parse(p).zip(EmailAddress::parse(a)).map(|(p, a)| p.matches(&a));
        assert_eq!(matches("@acme.example", "x@acme.example"), Some(true));
        assert_eq!(matches("@acme.example", "x@eu.acme.example"), Some(false));
        assert_eq!(matches("@.acme.example", "x@eu.acme.example"), Some(true));
        assert_eq!(matches("@.acme.example", "x@notacme.example"), Some(false));
        assert_eq!(matches("anna@acme.example", "ANNA+fr@acme.example"), Some(true));
    }
}
