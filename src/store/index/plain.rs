//! The owner's own words beside the mail (journal, visits): few and short, so they are in no index and are looked through as
//! they are, with the same words and filters. Pure; never here: reading them.
use super::find::{Sieve, Test};
use super::query::{Column, Query, Term};
use super::snippet::fits;
use super::words::{Word, words};
use crate::model::Instant;

/// Something that the owner wrote down, as a search sees it.
#[derive(Clone, Copy, Debug)]
pub struct Jotted<'a> {
    /// `journal` or `visit`.
    pub kind: &'a str,
    /// When it was so.
    pub at: Instant,
    /// About which client.
    pub client: &'a str,
    /// About which project.
    pub project: Option<&'a str>,
    /// What stands above it.
    pub title: &'a str,
    /// The owner's words.
    pub text: &'a str,
}

impl Query {
    /// Whether something that was written down is what is looked for. It has no people, no folder, no attachments and waits
    /// for nothing: filters and words that ask for those leave it out.
    #[must_use]
    pub fn finds(&self, sieve: &Sieve, it: &Jotted<'_>) -> bool {
        let in_time = sieve.from.is_none_or(|from| it.at >= from) && sieve.until.is_none_or(|until| it.at < until);
        if !in_time || sieve.attachment == Some(true) || !sieve.tests.iter().all(|(test, not)| holds(test, it) != *not)
        {
            return false;
        }
        let (title, text) = (words(it.title), words(it.text));
        let there = |term: &Term| {
            let subject = matches!(term.column, Column::Any | Column::Subject) && stands(&title, term);
            subject || (term.column == Column::Any && stands(&text, term))
        };
        self.clauses.iter().all(|any| any.iter().any(there)) && !self.without.iter().any(there)
    }
}

fn stands(words: &[Word], term: &Term) -> bool {
    (0..words.len()).any(|at| fits(words.get(at..).unwrap_or_default(), term))
}

fn holds(test: &Test, it: &Jotted<'_>) -> bool {
    match test {
        Test::Clients(clients) => clients.iter().any(|client| client == it.client),
        Test::Kind(kind) => kind == it.kind,
        Test::Project(about) => it.project == Some(about.id.as_str()),
        Test::In(_) | Test::Open | Test::Held | Test::Direction(_) | Test::Among(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::About;
    use crate::store::fixture::minute;

    #[test]
    fn what_was_written_down_is_found_like_mail() {
        let note = Jotted {
            kind: "journal",
            at: minute(10),
            client: "acme",
            project: Some("relaunch"),
            title: "Réunion website",
            text: "The colours are chosen: blue. 日本語のロゴ",
        };
        let finds = |query: &str| Query::parse(query).unwrap().finds(&Sieve::default(), &note);
        for query in [
            "COLOURS",
            "\"colours are\"",
            "chos*",
            "reunion blue",
            "green OR blue",
            "本語",
            "subject:reunion",
            "blue -green",
        ] {
            assert!(finds(query), "{query}");
        }
        for query in ["colour", "\"are colours\"", "green", "blue -chosen", "from:blue", "to:blue", "subject:blue"] {
            assert!(!finds(query), "{query}");
        }
        let about = About { id: "relaunch".into(), client: "acme".into(), title: String::new() };
        for (test, held) in [
            (Test::Clients(vec!["acme".into()]), true),
            (Test::Clients(vec!["keller".into()]), false),
            (Test::Kind("journal".into()), true),
            (Test::Kind("mail".into()), false),
            (Test::Project(about), true),
            (Test::In("sent".into()), false),
            (Test::Open, false),
            (Test::Held, false),
            (Test::Direction("out"), false),
        ] {
            for not in [false, true] {
                let sieve = Sieve { tests: vec![(test.clone(), not)], ..Sieve::default() };
                assert_eq!(Query::parse("blue").unwrap().finds(&sieve, &note), held != not, "{test:?} {not}");
            }
        }
        for (from, until, attachment, found) in [
            (Some(10), Some(11), None, true),
            (Some(11), None, None, false),
            (None, Some(10), None, false),
            (None, None, Some(true), false),
            (None, None, Some(false), true),
        ] {
            let sieve = Sieve { from: from.map(minute), until: until.map(minute), attachment, tests: Vec::new() };
            assert_eq!(Query::parse("blue").unwrap().finds(&sieve, &note), found, "{sieve:?}");
        }
    }
}
