//! The templates built into the binary. A further kind of mail is one file a language and one line in [`SHIPPED`].
use super::variables::{VARIABLES, Variable};
use super::{draft, page};
use crate::model::{DraftKind, Language};

macro_rules! in_every_language {
    ($kind:literal) => {
        [
            (Language::En, include_str!(concat!("../../templates/en/", $kind, ".txt"))),
            (Language::Fr, include_str!(concat!("../../templates/fr/", $kind, ".txt"))),
            (Language::De, include_str!(concat!("../../templates/de/", $kind, ".txt"))),
            (Language::Es, include_str!(concat!("../../templates/es/", $kind, ".txt"))),
            (Language::It, include_str!(concat!("../../templates/it/", $kind, ".txt"))),
            (Language::Pt, include_str!(concat!("../../templates/pt/", $kind, ".txt"))),
            (Language::Nl, include_str!(concat!("../../templates/nl/", $kind, ".txt"))),
            (Language::Ja, include_str!(concat!("../../templates/ja/", $kind, ".txt"))),
            (Language::Zh, include_str!(concat!("../../templates/zh/", $kind, ".txt"))),
            (Language::Ar, include_str!(concat!("../../templates/ar/", $kind, ".txt"))),
        ]
    };
}

/// A layout whose words stand elsewhere.
macro_rules! one_for_all {
    ($file:literal) => {{
        const TEXT: &str = include_str!(concat!("../../templates/", $file));
        [
            (Language::En, TEXT),
            (Language::Fr, TEXT),
            (Language::De, TEXT),
            (Language::Es, TEXT),
            (Language::It, TEXT),
            (Language::Pt, TEXT),
            (Language::Nl, TEXT),
            (Language::Ja, TEXT),
            (Language::Zh, TEXT),
            (Language::Ar, TEXT),
        ]
    }};
}

/// Every kind with its text in every language, in the order of [`Language::ALL`].
pub const SHIPPED: &[(&str, [(Language, &str); 10])] =
    &[("acknowledgement", in_every_language!("acknowledgement")), ("holding", in_every_language!("holding"))];

/// The kinds of drafts, likewise: one line for each kind of [`crate::model::DraftKind`].
pub const DRAFTS: &[(&str, [(Language, &str); 10])] = &[
    ("progress", in_every_language!("progress")),
    ("follow-up", in_every_language!("follow-up")),
    ("check-in", in_every_language!("check-in")),
    ("trip", in_every_language!("trip")),
    ("closure", in_every_language!("closure")),
    ("contract", in_every_language!("contract")),
    ("deposit", in_every_language!("deposit")),
    ("payment", in_every_language!("payment")),
    ("greeting", in_every_language!("greeting")),
    ("recap", in_every_language!("recap")),
    ("visit", in_every_language!("visit")),
    ("slots", in_every_language!("slots")),
    ("slot-confirmed", in_every_language!("slot-confirmed")),
];

/// Whether a template is one of a draft: `fr/progress.txt`.
pub(super) fn is_draft(name: &str) -> bool {
    let kind = name.rsplit_once('/').map_or(name, |(_, file)| file);
    let kind = kind.rsplit_once('.').map_or(kind, |(kind, _)| kind);
    DraftKind::parse(kind).is_some()
}

/// The digest's kinds, likewise: its words, and the text face of its layout.
pub const DIGEST: &[(&str, [(Language, &str); 10])] =
    &[("digest-words", in_every_language!("digest-words")), ("digest", one_for_all!("digest.txt"))];

/// The words of the public page, likewise; its layout is not the owner's to change.
pub const PAGE: &[(&str, [(Language, &str); 10])] = &[(page::words::KIND, in_every_language!("page-words"))];

/// The HTML face of the digest's layout, the same for every language.
pub const DIGEST_HTML: &str = include_str!("../../templates/digest.html");

/// The name of a template: `fr/acknowledgement.txt`. `html` is the optional second face of the same mail.
#[must_use]
pub fn name(language: Language, kind: &str, html: bool) -> String {
    format!("{}/{kind}.{}", language.code(), if html { "html" } else { "txt" })
}

/// Every name that a template may have.
pub fn names() -> impl Iterator<Item = String> {
    let kinds = SHIPPED
        .iter()
        .chain(DRAFTS)
        .chain(DIGEST)
        .flat_map(|(kind, texts)| texts.iter().map(move |(language, _)| (*language, *kind)));
    let words = PAGE.iter().flat_map(|(kind, texts)| texts.iter().map(move |(it, _)| name(*it, kind, false)));
    kinds.flat_map(|(language, kind)| [name(language, kind, false), name(language, kind, true)]).chain(words)
}

/// The known name that looks most like `wanted`, with at most half of it different.
#[must_use]
pub fn nearest(wanted: &str) -> Option<String> {
    let scored = names().map(|name| (distance(wanted, &name), name));
    scored.min().filter(|(steps, _)| *steps * 2 <= wanted.chars().count()).map(|(_, name)| name)
}

/// The values that the templates of a kind may use.
#[must_use]
pub fn variables(kind: &str) -> Vec<&'static str> {
    let all: Vec<&Variable> = match DraftKind::parse(kind) {
        Some(kind) => draft::COMMON.iter().chain(draft::variables(kind)).collect(),
        None => VARIABLES.iter().collect(),
    };
    all.into_iter().map(|variable| variable.name).collect()
}

/// Of pairs of what is compared and what is meant, the one that looks most like `wanted`, with at most half of it different.
pub(super) fn nearest_of<'a>(wanted: &str, all: impl Iterator<Item = (&'a str, &'a str)>) -> Option<&'a str> {
    let scored = all.map(|(seen, meant)| (distance(wanted, seen), meant));
    scored.min().filter(|(steps, _)| *steps * 2 <= wanted.chars().count()).map(|(_, meant)| meant)
}

/// The shipped text of a template, by its name: `fr/trip.txt`.
#[must_use]
pub fn shipped(wanted: &str) -> Option<&'static str> {
    let all = SHIPPED.iter().chain(DRAFTS).chain(DIGEST).chain(PAGE);
    let mut texts = all.flat_map(|(kind, texts)| texts.iter().map(move |(language, text)| (*language, *kind, *text)));
    texts.find(|(language, kind, _)| name(*language, kind, false) == wanted).map(|(.., text)| text)
}

/// Insertions, deletions and replacements between two texts (Levenshtein 1966).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut left = i + 1;
        let mut next = vec![left];
        for (above, y) in row.windows(2).zip(&b) {
            let [diagonal, above] = above else { continue };
            left = (diagonal + usize::from(x != *y)).min(above + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_finds_its_neighbour() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(nearest("fr/aknowledgement.txt").as_deref(), Some("fr/acknowledgement.txt"));
        assert_eq!(nearest("fr/acknowledgement.htm").as_deref(), Some("fr/acknowledgement.html"));
        assert_eq!(nearest("xx"), None);
    }

    #[test]
    fn every_kind_is_listed_in_the_order_of_languages() {
        for (kind, texts) in SHIPPED.iter().chain(DRAFTS).chain(DIGEST).chain(PAGE) {
            assert!(texts.iter().map(|(language, _)| *language).eq(Language::ALL), "{kind}");
        }
    }
}
