//! What in a client's mail hints at where they are: the offset of a Date header, the country of a domain, the country
//! of a telephone number in a signature. Weighing them: zone_evidence.rs. Nothing else ever looks at these.
use crate::model::{AddressPattern, Zone, Zones};
use std::sync::LazyLock;

/// A country with its telephone code and its zones.
#[derive(Debug)]
pub struct Country {
    /// ISO 3166-1.
    pub code: &'static str,
    /// Digits behind the plus; empty if it has none of its own.
    pub dial: &'static str,
    /// IANA names.
    pub zones: Vec<&'static str>,
}

/// Every country of the list.
pub static COUNTRIES: LazyLock<Vec<Country>> = LazyLock::new(|| {
    let lines = include_str!("zone_countries.txt").lines().filter(|line| !line.starts_with('#'));
    let read = |line: &'static str| {
        let mut words = line.split(' ');
        let (code, dial) = (words.next()?, words.next()?);
        Some(Country { code, dial: if dial == "-" { "" } else { dial }, zones: words.collect() })
    };
    lines.filter_map(read).collect()
});

/// Top-level domains of countries that everybody takes: they say nothing about a place.
const SOLD: &[&str] = &[
    "ac", "ag", "ai", "am", "as", "bz", "cc", "cd", "co", "dj", "fm", "gg", "gl", "im", "io", "la", "lc", "li", "ly",
    "me", "mn", "ms", "nu", "pm", "pw", "sc", "sh", "so", "st", "sx", "tc", "tf", "tk", "tl", "to", "tv", "vc", "vg",
    "vu", "wf", "ws", "yt",
];

/// The zones that a list of countries has, each known to `zones`.
pub fn all_zones(zones: &Zones) -> Vec<Zone> {
    let mut names: Vec<&str> = COUNTRIES.iter().flat_map(|country| country.zones.iter().copied()).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().filter_map(|name| zones.get(name)).collect()
}

/// The country of a domain's last label, if that label says a place.
#[must_use]
pub fn country_of_domain(domain: &str) -> Option<&'static Country> {
    let last = domain.rsplit('.').next()?.to_ascii_lowercase();
    if SOLD.contains(&last.as_str()) {
        return None;
    }
    let code = if last == "uk" { "gb" } else { last.as_str() };
    COUNTRIES.iter().find(|country| country.code.eq_ignore_ascii_case(code))
}

/// The countries of a number in international form (digits behind the plus): those with the longest code that fits.
#[must_use]
pub fn countries_of_number(digits: &str) -> Vec<&'static Country> {
    let fits = |country: &&Country| !country.dial.is_empty() && digits.starts_with(country.dial);
    let longest = COUNTRIES.iter().filter(fits).map(|country| country.dial.len()).max().unwrap_or(0);
    COUNTRIES.iter().filter(fits).filter(|country| country.dial.len() == longest).collect()
}

/// The domain that a contact names.
#[must_use]
pub fn domain_of(contact: &AddressPattern) -> &str {
    match contact {
        AddressPattern::Exact(address) => address.domain(),
        AddressPattern::Domain(domain) | AddressPattern::Subdomains(domain) => domain,
    }
}

/// The offset that a Date field states, in minutes east of UTC; `None` if it states none: `-0000` (RFC 5322 3.3),
/// a military letter, nothing, nonsense.
#[must_use]
pub fn date_offset(date: &str) -> Option<i32> {
    // A comment may follow: `+0200 (CEST)`.
    let bare = date.split('(').next().unwrap_or_default();
    let zone = bare.split_whitespace().next_back()?;
    let named = |hours: i32| Some(hours * 60);
    match zone.to_ascii_uppercase().as_str() {
        "UT" | "UTC" | "GMT" => return named(0),
        "EDT" => return named(-4),
        "EST" | "CDT" => return named(-5),
        "CST" | "MDT" => return named(-6),
        "MST" | "PDT" => return named(-7),
        "PST" => return named(-8),
        "-0000" => return None,
        _ => {}
    }
    let east = match zone.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let digits: String = zone.chars().skip(1).filter(|c| *c != ':').collect();
    if digits.len() != 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: i32 = digits.parse().ok()?;
    let minutes = east * (number / 100 * 60 + number % 100);
    // What no place on earth has is a program's mistake.
    (number % 100 < 60 && minutes % 15 == 0 && (-12 * 60..=14 * 60).contains(&minutes)).then_some(minutes)
}

/// Telephone numbers in international form in what somebody wrote and signed, without quotations: digits behind the
/// plus.
#[must_use]
pub fn numbers(text: &str) -> Vec<String> {
    let own = text.lines().map(str::trim).take_while(|line| !line.starts_with("-----") && !line.starts_with("____"));
    let own: Vec<&str> = own.filter(|line| !line.starts_with(['>', '|'])).collect();
    // A signature stands at the end.
    let end = own.iter().rev().take(15);
    let mut found: Vec<String> = Vec::new();
    for line in end {
        for piece in line.split('+').skip(1) {
            let dialled = piece.chars().take_while(|c| c.is_ascii_digit() || " .-/()\u{a0}\u{2011}".contains(*c));
            // `+44 (0)20 …`: the zero in brackets is for those at home.
            let dialled = dialled.collect::<String>().replace("(0)", "");
            let digits: String = dialled.chars().filter(char::is_ascii_digit).collect();
            if (8..=15).contains(&digits.len()) && !digits.starts_with('0') && !found.contains(&digits) {
                found.push(digits);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets() {
        for (date, want) in [
            ("Thu, 14 Jan 2027 18:02:00 +0800", Some(480)),
            ("Thu, 14 Jan 2027 18:02:00 -0330 (NST)", Some(-210)),
            ("Thu, 14 Jan 2027 18:02:00 +0545", Some(345)),
            ("14 Jan 2027 18:02 EST", Some(-300)),
            ("Thu, 14 Jan 2027 18:02:00 GMT", Some(0)),
            ("Thu, 14 Jan 2027 18:02:00 -0000", None),
            ("Thu, 14 Jan 2027 18:02:00 +0823", None),
            ("Thu, 14 Jan 2027 18:02:00 +9900", None),
            ("Thu, 14 Jan 2027 18:02:00 +١٢٣٤", None),
            ("Thu, 14 Jan 2027 18:02:00", None),
            ("(", None),
            ("", None),
        ] {
            assert_eq!(date_offset(date), want, "{date}");
        }
    }

    #[test]
    fn countries() {
        let domain = |name| country_of_domain(name).map(|country| country.code);
        assert_eq!(domain("acme.com.sg"), Some("SG"));
        assert_eq!(domain("acme.co.uk"), Some("GB"));
        assert_eq!((domain("acme.io"), domain("acme.com"), domain("acme.example")), (None, None, None));
        let codes = |digits| countries_of_number(digits).iter().map(|it| it.code).collect::<Vec<_>>();
        assert_eq!(codes("6555500100"), ["SG"]);
        assert_eq!(codes("12425550100"), ["BS"]);
        assert_eq!(codes("12125550100"), ["CA", "US"]);
        assert!(codes("99955501000").is_empty());
        let zones = Zones::bundled();
        for country in COUNTRIES.iter() {
            assert!(country.zones.iter().any(|name| zones.get(name).is_some()), "{}", country.code);
        }
    }

    #[test]
    fn numbers_in_signatures() {
        let text = "Hello, see you on +1 day.\n\nAnna\nT +65 5550 0100 | M: +44 (0)20 5550-0100\n> +33 1 55 50 01 00\n";
        assert_eq!(numbers(text), ["6555500100", "442055500100"]);
        assert!(numbers("2 + 2 = 4, +0 800 123 4567").is_empty());
    }
}
