//! Reads Received (RFC 5321 4.4): was a message handed on inside the house that received it, or did it come in
//! from outside with this hop? Not here: which authentication result is believed (trust.rs).
//!
//! Only what the receiving server has found out itself counts: the address of its peer, the name that belongs to
//! that address, the protocol. What the peer says of itself (HELO) is never enough. Any doubt means "from outside".
use crate::model::address::organisation;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Protocols that nobody speaks to a house from outside: local delivery, and fetching from another mailbox.
const AT_HOME: &[&str] = &["LMTP", "LMTPA", "LMTPS", "LMTPSA", "LOCAL", "POP3", "POP3S", "IMAP", "IMAPS"];

/// Where Exchange Online hands mail on to itself, over public addresses.
const MICROSOFT: &[&str] = &["outlook.com", "office365.com"];

/// Whose house it is.
pub struct House<'a> {
    /// The names under which its servers state authentication results.
    pub names: Vec<&'a str>,
    /// It is Exchange Online.
    pub microsoft: bool,
}

impl House<'_> {
    /// Whether `received` tells of a step inside: the message had been in the house before it.
    #[must_use]
    pub fn is_inside(&self, received: &str) -> bool {
        let hop = Hop::read(received);
        let Some(from) = hop.from else { return true };
        let at_home = hop.with.is_some_and(|with| AT_HOME.iter().any(|known| known.eq_ignore_ascii_case(with)));
        at_home || near(from, hop.by) || self.owns(&hop, from, received)
    }

    /// The name that belongs to the peer's address is one of the house. A server that states results judges what it
    /// takes from others, also from its own outgoing side: there a name means nothing.
    fn owns(&self, hop: &Hop<'_>, from: &str, received: &str) -> bool {
        let by = domain(hop.by.unwrap_or_default());
        if self.microsoft {
            let of = |name: &str| MICROSOFT.contains(&organisation(&domain(name)));
            let border = by.ends_with(".mail.protection.outlook.com");
            return !border && of(&by) && hop.peer.is_some_and(of);
        }
        if self.names.iter().any(|name| name.eq_ignore_ascii_case(&by)) {
            return false;
        }
        let Some(peer) = verified(from, hop.peer, received).map(domain) else { return false };
        let ours = |name: &str| name.contains('.') && organisation(name) == organisation(&peer);
        ours(&by) || self.names.iter().any(|name| ours(&domain(name)))
    }
}

/// One field, taken apart.
struct Hop<'a> {
    /// All between `from` and the last `by`, comments included: words that a peer slipped in before it are part of it.
    from: Option<&'a str>,
    /// The first word behind `from`.
    peer: Option<&'a str>,
    by: Option<&'a str>,
    with: Option<&'a str>,
}

impl<'a> Hop<'a> {
    fn read(value: &'a str) -> Self {
        let words = words(value);
        let word = |at: usize| words.get(at).map(|(_, word)| *word);
        let last = |name: &str| words.iter().rposition(|(_, word)| word.eq_ignore_ascii_case(name));
        let by = last("by");
        let end = by.and_then(|at| words.get(at)).map_or(value.len(), |(at, _)| *at);
        let begins = words.first().filter(|(_, word)| word.eq_ignore_ascii_case("from"));
        Self {
            from: begins.and_then(|(at, word)| value.get(at + word.len()..end)),
            peer: begins.and_then(|_| word(1)),
            by: by.and_then(|at| word(at + 1)),
            with: last("with").and_then(|at| word(at + 1)),
        }
    }
}

/// The words outside comments, with their places.
fn words(value: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let (mut depth, mut begin) = (0_usize, None);
    for (at, c) in value.char_indices() {
        let part = depth == 0 && !c.is_whitespace() && !matches!(c, '(' | ')' | ';');
        if part {
            begin = begin.or(Some(at));
        } else if let Some(word) = begin.take() {
            found.extend(value.get(word..at).map(|text| (word, text)));
        }
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    found.extend(begin.and_then(|word| value.get(word..).map(|text| (word, text))));
    found
}

/// Every address that the clause names is of this machine or of a private network. Without any, the hop is inside a
/// machine room if it was taken by a host without a domain: a server on the Internet has one, and names its peer's address.
fn near(from: &str, by: Option<&str>) -> bool {
    let mut addresses =
        from.split(|c: char| c.is_whitespace() || "()[],;=%".contains(c)).filter_map(address).peekable();
    if addresses.peek().is_none() {
        return by.is_some_and(|by| !by.contains('.') && !by.contains(':'));
    }
    addresses.all(|address| match address.to_canonical() {
        IpAddr::V4(four) => four.is_loopback() || four.is_private() || four.is_link_local() || is_shared(four),
        IpAddr::V6(six) => six.is_loopback() || six.is_unique_local() || six.is_unicast_link_local(),
    })
}

/// `192.0.2.1`, `IPv6:2001:db8::1`
fn address(word: &str) -> Option<IpAddr> {
    let bare =
        word.get(..5).filter(|tag| tag.eq_ignore_ascii_case("ipv6:")).and_then(|_| word.get(5..)).unwrap_or(word);
    bare.parse::<Ipv6Addr>().map(IpAddr::V6).or_else(|_| bare.parse::<IpAddr>()).ok()
}

/// RFC 6598: between a provider and its customers.
fn is_shared(address: Ipv4Addr) -> bool {
    let [a, b, ..] = address.octets();
    a == 100 && (64..128).contains(&b)
}

/// The name that the server found to the peer's address: `from HELO (name [192.0.2.1])`; Exim writes
/// `from name ([192.0.2.1] helo=HELO)` and leaves the name out where it found none.
fn verified<'a>(from: &'a str, peer: Option<&'a str>, received: &str) -> Option<&'a str> {
    if received.contains("(Exim ") && from.contains("([") {
        return peer.filter(|peer| !peer.starts_with('['));
    }
    let (before, _) = from.rsplit_once('[')?;
    let (_, name) = before.rsplit_once('(')?;
    let name = name.trim();
    (!name.is_empty() && !name.contains([' ', '=', ')', ']'])).then_some(name)
}

fn domain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inside_or_from_outside() {
        let house = House { names: vec!["mx.studio.example"], microsoft: false };
        for (inside, received) in [
            // As providers and programs write it.
            (true, "by 2002:a05:6a10:1a2b:b0:1 with SMTP id a1; Thu, 14 Jan 2027 02:02:00 -0800"),
            (true, "(qmail 4711 invoked by uid 89); 14 Jan 2027 10:02:00 -0000"),
            (true, "by mx.studio.example (Postfix, from userid 5001) id 1; Thu, 14 Jan 2027 10:02:00 +0000"),
            (true, "from mx.studio.example by mx.studio.example with LMTP id 1 (envelope-from <a@b.example>)"),
            (true, "from compute4.lan (compute4.nyi.lan [10.202.2.44]) by sloti22 (Cyrus 3.0) with LMTPA"),
            (true, "from mx4 ([10.202.2.203]) by compute4.lan (LMTPProxy)"),
            (
                true,
                "from mail.studio.example ([127.0.0.1]) by localhost (mail.studio.example [127.0.0.1]) (amavisd-new, port 10024) with ESMTP",
            ),
            (
                true,
                "from EX1.studio.local (10.0.0.5) by EX2.studio.local (10.0.0.6) with Microsoft SMTP Server id 15.1",
            ),
            (true, "from gw (IPv6:fd00::1) by store.studio.example with ESMTP"),
            (true, "from relay.me.example by p44-gateway-778464bd6 (gateway 2403B92) with SMTP id 1"),
            (true, "from pop.provider.example [203.0.113.5] by localhost with POP3 (fetchmail-6.4) for <me@localhost>"),
            (
                true,
                "from mx1.studio.example (mx1.studio.example [203.0.113.5]) by store.studio.example (Postfix) with ESMTPS",
            ),
            (
                true,
                "from mx1.studio.example ([203.0.113.5]:4512 helo=x) by store.studio.example with esmtps (Exim 4.98)",
            ),
            (true, "from gw.relay.example (gw.relay.example. [203.0.113.5]) by store.relay.example with ESMTPS"),
            // From outside.
            (
                false,
                "from mail.acme.example (mail.acme.example [192.0.2.7]) by mx.studio.example (Postfix) with ESMTPS",
            ),
            (false, "from mail.acme.example by mx.studio.example; Tue, 12 Jan 2027 02:10:00 +0000"),
            (false, "from mail.acme.example ([192.0.2.7]) by mx.studio.example with esmtps (Exim 4.98)"),
            (false, "from unknown (HELO mx.studio.example) (198.51.100.9) by mx.studio.example with SMTP"),
            // A server that says nothing of its peer took it from nobody.
            (true, ""),
            // What a peer says of itself.
            (false, "from mx1.studio.example (unknown [198.51.100.9]) by store.studio.example (Postfix) with ESMTP"),
            (false, "from [127.0.0.1] (x.evil.example [198.51.100.9]) by store.studio.example (Postfix) with ESMTP"),
            (false, "from [198.51.100.9] (helo=[127.0.0.1]) by store.studio.example with smtp (Exim 4.98)"),
            (false, "from [198.51.100.9] (helo=mx1.studio.example) by store.studio.example with smtp (Exim 4.98)"),
            (
                false,
                "from x.evil.example ([198.51.100.9] helo=(mx.studio.example) by store.studio.example with smtp (Exim 4.98)",
            ),
            (false, "from x by y with LMTP (z.evil.example [198.51.100.9]) by store.studio.example with ESMTP"),
            (false, "from mx1.studio.example ([198.51.100.9]) by store.studio.example with ESMTP"),
            // Who states results judges its neighbours too.
            (
                false,
                "from out.studio.example (out.studio.example [203.0.113.5]) by mx.studio.example (Postfix) with ESMTPS",
            ),
        ] {
            assert_eq!(house.is_inside(received), inside, "{received}");
        }
    }

    #[test]
    fn exchange_online_hands_on_over_public_addresses() {
        let house = House { names: Vec::new(), microsoft: true };
        for (inside, received) in [
            (
                true,
                "from DB8P1.EURP191.PROD.OUTLOOK.COM (2603:10a6:800:7d::17) by VI1P1.EURP191.PROD.OUTLOOK.COM with HTTPS",
            ),
            (
                true,
                "from HE1FT028.eop-EUR02.prod.protection.outlook.com (2a01:111:f400:7e05::209) by AM6P1.outlook.office365.com (2603:10a6:209:8b::36) with Microsoft SMTP Server id 15.20 via Frontend Transport",
            ),
            (
                false,
                "from mail.acme.example (192.0.2.7) by HE1FT028.mail.protection.outlook.com (10.152.10.9) with Microsoft SMTP Server id 15.20",
            ),
            (
                false,
                "from x.prod.outlook.com (198.51.100.9) by HE1FT028.mail.protection.outlook.com (10.152.10.9) with Microsoft SMTP Server",
            ),
            (false, "from x.prod.outlook.com (198.51.100.9) by mx.studio.example with ESMTP"),
        ] {
            assert_eq!(house.is_inside(received), inside, "{received}");
        }
    }
}
