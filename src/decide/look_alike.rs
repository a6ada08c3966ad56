//! Addresses that look like a client's and are not (UTS 39): the letters of other alphabets, digits for
//! letters, `rn` for `m`, a client's address in a foreign display name. Own small table of the confusions
//! that domains allow.
use super::case::{Case, Findings};
use super::free_mail::is_free_mail;
use crate::model::address::unicode;
use crate::model::{AddressPattern, Code, EmailAddress};
use std::borrow::Cow;
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Strangers only: a client is recognised by the exact address.
pub fn look_alike(case: &Case<'_>, found: &mut Findings) {
    let Some(author) = &case.author else { return };
    if case.client.is_some() || case.policy.is_own(author) || case.policy.is_team(author) {
        return;
    }
    let shape = Shape::of(author);
    let name = case.message.from().and_then(|party| party.name.as_ref());
    let shown = name.map(|name| name.as_str().to_lowercase()).filter(|name| name.contains('@'));
    for client in &case.policy.clients {
        for pattern in &client.contacts {
            if shape.imitates(pattern) || shown.as_deref().is_some_and(|shown| names(shown, pattern)) {
                found.say(Code::LookAlike.with(&format!("{author} is not {pattern}")));
                return;
            }
        }
    }
}

/// A stranger's address, ready for many comparisons.
struct Shape<'a> {
    address: &'a EmailAddress,
    local: String,
    domain: String,
}

impl<'a> Shape<'a> {
    fn of(address: &'a EmailAddress) -> Self {
        let domain = skeleton(&address.unicode_domain()).collect();
        Self { address, local: skeleton(address.local()).collect(), domain }
    }

    fn imitates(&self, pattern: &AddressPattern) -> bool {
        match pattern {
            AddressPattern::Exact(one) => {
                let domain = self.has_shape_of(one.domain());
                let free = is_free_mail(one.domain());
                let local = || skeleton(one.local()).eq(self.local.chars());
                (domain && self.address.domain() != one.domain() && (!free || local()))
                    || (domain && self.address.domain() == one.domain() && local() && one != self.address)
                    || (!free && self.carries(one.domain()))
            }
            AddressPattern::Domain(domain) => {
                self.has_shape_of(domain) && self.address.domain() != domain || self.carries(domain)
            }
            AddressPattern::Subdomains(base) => {
                let organisation = self.address.organisation();
                let shape: String = skeleton(&unicode(organisation)).collect();
                (organisation != base && skeleton(&readable(base)).eq(shape.chars())) || self.carries(base)
            }
        }
    }

    fn has_shape_of(&self, domain: &str) -> bool {
        skeleton(&readable(domain)).eq(self.domain.chars())
    }

    /// `acme.example.other.example`
    fn carries(&self, domain: &str) -> bool {
        self.address.domain().strip_prefix(domain).is_some_and(|rest| rest.starts_with('.'))
    }
}

/// Whether a display name (lower case) shows an address of the client.
fn names(shown: &str, pattern: &AddressPattern) -> bool {
    match pattern {
        AddressPattern::Exact(one) => shown.contains(&one.to_string().to_lowercase()),
        AddressPattern::Domain(domain) | AddressPattern::Subdomains(domain) => {
            shown.split_once('@').is_some_and(|(_, rest)| rest.starts_with(domain.as_str()))
        }
    }
}

fn readable(domain: &str) -> Cow<'_, str> {
    if domain.contains("xn--") { Cow::Owned(unicode(domain)) } else { Cow::Borrowed(domain) }
}

/// What the eye reads: lower case, no accents, one letter for all that look like it.
fn skeleton(text: &str) -> impl Iterator<Item = char> + '_ {
    let plain = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).map(look);
    let mut plain = plain.peekable();
    std::iter::from_fn(move || {
        let c = plain.next()?;
        // Two letters that run into one.
        match c {
            'r' if plain.next_if_eq(&'n').is_some() => Some('m'),
            'v' if plain.next_if_eq(&'v').is_some() => Some('w'),
            c => Some(c),
        }
    })
}

fn look(c: char) -> char {
    match c {
        'а' | 'α' | 'ɑ' => 'a',
        'ь' | 'в' | 'β' => 'b',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' | 'ё' | 'є' | 'ε' => 'e',
        'ɡ' => 'g',
        'һ' | 'н' => 'h',
        '1' | 'i' | 'ı' | 'і' | 'ι' | 'ӏ' | '|' | 'ł' | 'ɩ' => 'l',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'м' => 'm',
        'п' | 'η' => 'n',
        '0' | 'о' | 'ο' | 'σ' | 'ө' | 'ø' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' => 'q',
        'г' => 'r',
        'ѕ' | '5' => 's',
        'т' | 'τ' => 't',
        'υ' | 'ս' => 'u',
        'ν' | 'ѵ' => 'v',
        'ԝ' | 'ω' | 'ѡ' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' | 'ү' => 'y',
        'ᴢ' => 'z',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes() {
        let imitates = |address: &str, pattern: &str| {
            let address = EmailAddress::parse(address).unwrap();
            Shape::of(&address).imitates(&AddressPattern::parse(pattern).unwrap())
        };
        for (address, pattern, want) in [
            ("anna@acrne.example", "@acme.example", true),
            ("anna@аcme.example", "@acme.example", true),
            ("anna@acmе.example", "anna@acme.example", true),
            ("bob@be11.example", "@bell.example", true),
            ("bob@g00gle.example", "@google.example", true),
            ("bob@vvind.example", "@.wind.example", true),
            ("bob@mail.vvind.example", "@.wind.example", true),
            ("anna@ácme.example", "@acme.example", true),
            ("ann4@acme.example", "anna@acme.example", false),
            ("annа@acme.example", "anna@acme.example", true),
            ("anna.ke11er@gmail.com", "anna.keller@gmail.com", true),
            ("bob@gmail.com", "anna@gmail.com", false),
            ("bob@gmai1.com", "anna@gmail.com", false),
            ("anna@gmai1.com", "anna@gmail.com", true),
            ("anna@acme.example.other.example", "@acme.example", true),
            ("anna@αcme.example", "@acme.example", true),
            ("anna@αcmе.example", "@.acme.example", true),
            ("bob@paypaI.example", "@paypal.example", true),
            ("bob@paypa1.example", "@paypal.example", true),
            ("bob@pаypal.example", "bob@paypal.example", true),
            ("bob@xn--pypal-4ve.example", "@paypal.example", true),
            ("bob@rnodern.example", "@modern.example", true),
            ("bob@mоdеrn.example", "@modern.example", true),
            ("bob@5tudio9.example", "@studio9.example", true),
            ("bob@bücher.example", "@bucher.example", true),
            ("bob@bücher.example", "@bücher.example", false),
            ("b0b@acme.example", "@acme.example", false),
            ("anna@acme.example", "@acme.example", false),
            ("anna@eu.acme.example", "@acme.example", false),
            ("anna@acme-shop.example", "@acme.example", false),
            ("anna@other.example", "@acme.example", false),
        ] {
            assert_eq!(imitates(address, pattern), want, "{address} {pattern}");
        }
    }
}
