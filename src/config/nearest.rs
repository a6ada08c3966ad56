//! The nearest valid value to a misspelt one. Words in, words out.
use crate::model::Zones;

/// What people write for our words.
const SYNONYMS: [(&str, &str); 28] = [
    ("timezone", "zone"),
    ("time_zone", "zone"),
    ("tz", "zone"),
    ("email", "address"),
    ("mail", "address"),
    ("lang", "language"),
    ("locale", "language"),
    ("server", "host"),
    ("hostname", "host"),
    ("username", "user"),
    ("login", "user"),
    ("pass", "password"),
    ("passwd", "password"),
    ("ssl", "tls"),
    ("security", "tls"),
    ("start", "from"),
    ("end", "to"),
    ("until", "to"),
    ("emails", "contacts"),
    ("addresses", "contacts"),
    ("owner", "me"),
    ("inbox", "folders"),
    ("gmail", "google"),
    ("outlook", "microsoft"),
    ("office365", "microsoft"),
    ("microsoft365", "microsoft"),
    ("office365", "microsoft365"),
    ("outlook", "microsoft365"),
];

/// The candidate that was probably meant, if any is near enough; the first of equals.
#[must_use]
pub fn word<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = written.trim().to_lowercase().replace('-', "_");
    let score = |candidate: &str| {
        let plain = candidate.to_lowercase().replace('-', "_");
        if plain == written || SYNONYMS.contains(&(written.as_str(), candidate)) {
            return 1.0;
        }
        let shared =
            plain.len().min(written.len()) >= 3 && (plain.starts_with(&written) || written.starts_with(&plain));
        let likeness = strsim::normalized_damerau_levenshtein(&plain, &written);
        if shared { likeness.max(0.7) } else { likeness }
    };
    best(candidates, score, 0.6)
}

fn best<'a>(candidates: impl IntoIterator<Item = &'a str>, score: impl Fn(&str) -> f64, least: f64) -> Option<&'a str> {
    let scored = candidates.into_iter().map(|candidate| (score(candidate), candidate));
    // `fold`, not `max_by`: of equal candidates the first is the one that people expect
    let first = |best: Option<(f64, &'a str)>, next: (f64, &'a str)| match best {
        Some(best) if best.0 >= next.0 => Some(best),
        _ => Some(next),
    };
    scored.fold(None, first).filter(|(score, _)| *score >= least).map(|(_, candidate)| candidate)
}

/// Abbreviations that are no zone, with the place that most people mean.
const ABBREVIATIONS: [(&str, &str); 20] = [
    ("BST", "Europe/London"),
    ("CEST", "Europe/Paris"),
    ("EEST", "Europe/Athens"),
    ("WEST", "Europe/Lisbon"),
    ("MSK", "Europe/Moscow"),
    ("PST", "America/Los_Angeles"),
    ("PDT", "America/Los_Angeles"),
    ("MDT", "America/Denver"),
    ("CST", "America/Chicago"),
    ("CDT", "America/Chicago"),
    ("EDT", "America/New_York"),
    ("AST", "America/Halifax"),
    ("BRT", "America/Sao_Paulo"),
    ("IST", "Asia/Kolkata"),
    ("SGT", "Asia/Singapore"),
    ("HKT", "Asia/Hong_Kong"),
    ("JST", "Asia/Tokyo"),
    ("KST", "Asia/Seoul"),
    ("AEST", "Australia/Sydney"),
    ("NZST", "Pacific/Auckland"),
];

/// Names that exist but name an offset or a rule, not a place.
const PLACELESS: [&str; 11] =
    ["CET", "CST6CDT", "EET", "EST", "EST5EDT", "HST", "MET", "MST", "MST7MDT", "PST8PDT", "WET"];

/// Those of them that do have summer time, with a place that keeps the same.
const RULED: [(&str, &str); 8] = [
    ("CET", "Europe/Paris"),
    ("CST6CDT", "America/Chicago"),
    ("EET", "Europe/Athens"),
    ("EST5EDT", "America/New_York"),
    ("MET", "Europe/Paris"),
    ("MST7MDT", "America/Denver"),
    ("PST8PDT", "America/Los_Angeles"),
    ("WET", "Europe/Lisbon"),
];

/// What is wrong with a zone that exists but names no place, and what to write instead.
pub(super) fn placeless_remedy(name: &str) -> (&'static str, String) {
    if let Some((_, place)) = RULED.iter().find(|(ruled, _)| *ruled == name) {
        let follow = "so that it follows when the law there changes";
        return ("names a rule for summer time, not a place", format!("name the place, such as {place:?}, {follow}"));
    }
    let mut remedy = "name the place, such as \"Asia/Singapore\", so that its summer time counts".to_owned();
    if name.starts_with("Etc/GMT") {
        remedy.push_str("; the sign in Etc names is reversed: Etc/GMT-8 is 8 hours ahead of UTC");
    }
    ("names an offset, not a place", remedy)
}

/// The remedy for a name that is no zone.
pub(super) fn zone_remedy(written: &str, zones: &Zones) -> String {
    let written = written.trim();
    let abbreviation = ABBREVIATIONS.iter().find(|(short, _)| short.eq_ignore_ascii_case(written));
    if let Some((short, place)) = abbreviation {
        return format!("{short} is an abbreviation, which changes with the season; name the place, such as {place:?}");
    }
    if is_offset(written) {
        return "an offset knows no summer time; name the place, such as \"Asia/Singapore\" or \"Europe/Paris\""
            .to_owned();
    }
    match nearest_zone(written, zones) {
        Some(name) => format!("did you mean {name:?}?"),
        None => "name it Area/City, such as \"Europe/Paris\"; `timedatectl list-timezones` lists them all".to_owned(),
    }
}

/// Whether a zone's name carries an offset or a rule without a place (`Etc/GMT-8`, `EST`, `CET`): what the place that
/// was meant does with its clocks does not count.
pub(super) fn is_placeless(name: &str) -> bool {
    (name.starts_with("Etc/") && !matches!(name, "Etc/UTC" | "Etc/UCT" | "Etc/Zulu" | "Etc/Universal"))
        || PLACELESS.contains(&name)
}

fn is_offset(written: &str) -> bool {
    let upper = written.to_ascii_uppercase();
    let rest = ["UTC", "GMT"].iter().find_map(|name| upper.strip_prefix(name)).unwrap_or(&upper).trim();
    rest.strip_prefix(['+', '-', '−'])
        .is_some_and(|digits| !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit() || c == ':'))
}

fn nearest_zone(written: &str, zones: &Zones) -> Option<&'static str> {
    let plain = |name: &str| name.to_lowercase().replace([' ', '-'], "_");
    let written = plain(written);
    let city = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
    let written_city = city(&written);
    let score = |name: &str| {
        let name = plain(name);
        let whole = strsim::normalized_damerau_levenshtein(&name, &written);
        let place = strsim::normalized_damerau_levenshtein(&city(&name), &written_city);
        // a right city in a wrong or missing area is nearly right; the whole name decides between equals
        (place * 0.9).max(whole) + whole * 0.01
    };
    let places = zones.names().filter(|name| name.contains('/') && !is_placeless(name) && !name.starts_with("posix"));
    best(places, score, 0.65)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_recognised() {
        let zones = Zones::bundled();
        for (written, expected) in [
            ("Europe/Lodnon", Some("Europe/London")),
            ("europe/london", Some("Europe/London")),
            ("Paris", Some("Europe/Paris")),
            ("New York", Some("America/New_York")),
            ("Asia/Singapur", Some("Asia/Singapore")),
            ("America/Berlin", Some("Europe/Berlin")),
            ("Europe/Genf", None),
            ("Mittelerde", None),
        ] {
            let found = nearest_zone(written, &zones);
            match expected {
                Some(_) => assert_eq!(found, expected, "{written}"),
                None => assert_ne!(found, Some(written), "{written}"),
            }
        }
        assert!(zone_remedy("UTC+8", &zones).contains("summer time"));
        assert!(zone_remedy("+08:00", &zones).contains("summer time"));
        assert!(zone_remedy("PST", &zones).contains("America/Los_Angeles"));
        assert!(is_placeless("Etc/GMT-8") && !is_placeless("Etc/UTC") && !is_placeless("Asia/Singapore"));
    }

    #[test]
    fn words_are_recognised() {
        let keys = ["name", "zone", "languages", "grace_in_window"];
        assert_eq!(word("zoen", keys), Some("zone"));
        assert_eq!(word("timezone", keys), Some("zone"));
        assert_eq!(word("grace-in-window", keys), Some("grace_in_window"));
        assert_eq!(word("colour", keys), None);
    }
}
