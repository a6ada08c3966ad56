//! What people type into a search: words, "phrases", beginnings*, -not, this OR that, and filters such as `from:anna`.
//! A wrong query says where and how to mend it. Pure.
mod expression;
mod pieces;

use super::words::{self, Word};
use pieces::{Piece, is_near, next};

/// A search that can be asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// All of these must match; of one clause any alternative.
    pub(super) clauses: Vec<Vec<Term>>,
    /// None of these may match.
    pub(super) without: Vec<Term>,
    /// Filters, as typed.
    pub filters: Vec<Filter>,
}

/// Words that follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) column: Column,
    pub(super) words: Vec<String>,
    /// The last word is only the beginning of one.
    pub(super) prefix: bool,
}

/// Where words are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Any,
    Subject,
    Sender,
    Recipients,
}

/// One filter: which entries count, whatever they say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// What it looks at.
    pub kind: Kind,
    /// Its value.
    pub value: String,
    /// Entries that have it are left out.
    pub negated: bool,
    /// Where the value stands in the query, in octets.
    pub at: usize,
}

/// What a filter looks at. `from:`, `to:` and `subject:` are words in a column and no filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A client's key.
    Client,
    /// A project's key.
    Project,
    /// `mail`, `automatic`, `acknowledgement`, ...
    Kind,
    /// A mailbox, or a folder, or its role.
    In,
    /// Before a day.
    Before,
    /// From a day on.
    After,
    /// `has:attachment`
    Has,
    /// `is:open`, `is:held`, `is:in`, `is:out`
    Is,
}

const FILTERS: &[(&str, Option<Kind>)] = &[
    ("from", None),
    ("to", None),
    ("subject", None),
    ("client", Some(Kind::Client)),
    ("project", Some(Kind::Project)),
    ("kind", Some(Kind::Kind)),
    ("in", Some(Kind::In)),
    ("before", Some(Kind::Before)),
    ("after", Some(Kind::After)),
    ("has", Some(Kind::Has)),
    ("is", Some(Kind::Is)),
];

/// A query that cannot be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryFault {
    /// The whole query.
    pub query: String,
    /// Where the fault is, in octets.
    pub at: usize,
    /// What is wrong.
    pub what: String,
    /// How to mend it.
    pub remedy: String,
}

impl std::error::Error for QueryFault {}

impl std::fmt::Display for QueryFault {
    /// The query with a caret under the place.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let before = self.query.get(..self.at).unwrap_or(&self.query);
        // Wide characters take two columns of a terminal.
        let columns: usize = before.chars().map(|c| if u32::from(c) >= 0x1100 { 2 } else { 1 }).sum();
        write!(f, "{}\n    {}\n    {}^\n    {}", self.what, self.query, " ".repeat(columns), self.remedy)
    }
}

impl Query {
    /// Reads a query.
    ///
    /// # Errors
    /// Where it is wrong, and how to mend it.
    pub fn parse(raw: &str) -> Result<Self, QueryFault> {
        let mut query = Self::default();
        let mut rest = 0;
        // Where an OR stands that still waits for its other side.
        let mut or: Option<usize> = None;
        let mut joinable = false;
        let mut and: Option<usize> = None;
        while let Some(piece) = next(raw, rest)? {
            rest = piece.text_at + piece.text.len() + usize::from(piece.quoted) + usize::from(piece.prefix);
            if piece.key.is_none() && !piece.quoted && !piece.prefix && piece.text == "OR" {
                if !joinable || or.is_some() {
                    return Err(fault(
                        raw,
                        piece.at,
                        "OR has nothing on its left",
                        "write it between two words: logo OR flyer",
                    ));
                }
                or = Some(piece.at);
                continue;
            }
            if piece.key.is_none() && !piece.quoted && piece.text == "AND" {
                and = Some(piece.at);
                continue;
            }
            and = None;
            let Some(term) = query.filter_or_term(raw, &piece)? else {
                joinable = false;
                refuse_or(raw, or)?;
                continue;
            };
            if piece.negated {
                refuse_or(raw, or)?;
                query.without.push(term);
                joinable = false;
                continue;
            }
            match (or.take(), query.clauses.last_mut()) {
                (Some(_), Some(clause)) => clause.push(term),
                _ => query.clauses.push(vec![term]),
            }
            joinable = true;
        }
        if let Some(at) = or {
            return Err(fault(raw, at, "OR has nothing on its right", "write it between two words: logo OR flyer"));
        }
        if let Some(at) = and {
            return Err(fault(
                raw,
                at,
                "AND has nothing on its right",
                "all words must be there anyway: leave AND out",
            ));
        }
        if query.clauses.is_empty() && !query.filters.iter().any(|filter| !filter.negated) {
            let (what, remedy) = match query.without.is_empty() && query.filters.is_empty() {
                true => ("nothing to look for", "give a word, a \"phrase\" or a filter such as from:anna"),
                false => ("it says only what to leave out", "add what to look for: logo -draft"),
            };
            return Err(fault(raw, 0, what, remedy));
        }
        Ok(query)
    }

    /// The whole phrases that are looked for, for marking them: words, and whether the last is a beginning.
    pub(super) fn needles(&self) -> impl Iterator<Item = &Term> {
        self.clauses.iter().flatten()
    }

    /// A fault at a filter's value.
    #[must_use]
    pub fn fault_at(raw: &str, filter: &Filter, what: &str, remedy: &str) -> QueryFault {
        fault(raw, filter.at, what, remedy)
    }

    fn filter_or_term(&mut self, raw: &str, piece: &Piece<'_>) -> Result<Option<Term>, QueryFault> {
        let mut column = Column::Any;
        if let Some(key) = piece.key {
            let known = FILTERS.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
            let Some((name, kind)) = known else {
                let near = FILTERS.iter().find(|(name, _)| is_near(name, &key.to_ascii_lowercase()));
                let near = near.map_or("from", |(name, _)| name);
                let remedy = format!("did you mean {near}:{}? In quotes it is text", piece.text);
                return Err(fault(raw, piece.at, &format!("there is no filter {key}:"), &remedy));
            };
            if piece.text.is_empty() {
                let remedy = format!("write it without a space: {name}:{}", example(name));
                return Err(fault(raw, piece.text_at, &format!("{name}: has no value"), &remedy));
            }
            if let Some(kind) = *kind {
                let value = piece.text.to_owned();
                self.filters.push(Filter { kind, value, negated: piece.negated, at: piece.text_at });
                return Ok(None);
            }
            column = match *name {
                "from" => Column::Sender,
                "to" => Column::Recipients,
                _ => Column::Subject,
            };
        }
        let words = words::words(piece.text);
        if words.is_empty() {
            let what = format!("{:?} holds no letter and no digit", piece.text);
            return Err(fault(raw, piece.text_at, &what, "only words and numbers are indexed"));
        }
        let short = words.last().is_some_and(|word| !word.tail && word.folded.chars().count() < 2);
        if piece.prefix && short {
            let what = "one letter is the beginning of too many words";
            return Err(fault(raw, piece.text_at, what, "give at least two letters before the star"));
        }
        Ok(Some(term(column, &words, piece.prefix)))
    }
}

fn refuse_or(raw: &str, or: Option<usize>) -> Result<(), QueryFault> {
    match or {
        Some(at) => {
            Err(fault(raw, at, "OR stands between words only", "filters and -words always apply: leave OR out"))
        }
        None => Ok(()),
    }
}

/// The words of a term; of a run without spaces the single last character counts only inside a phrase.
fn term(column: Column, words: &[Word], prefix: bool) -> Term {
    let last = words.len().saturating_sub(1);
    let mut kept: Vec<String> = Vec::new();
    let mut alone = false;
    for (n, word) in words.iter().enumerate() {
        let begins_run = n == 0 || words.get(n - 1).is_some_and(|before| before.tail || before.end <= word.start);
        if word.tail && n == last && !begins_run {
            continue;
        }
        alone = word.tail && n == last;
        kept.push(word.folded.clone());
    }
    // One character of such a script is the beginning of the pairs that it begins.
    Term { column, words: kept, prefix: prefix || alone }
}

fn example(name: &str) -> &'static str {
    match name {
        "before" | "after" => "2027-01-31",
        "has" => "attachment",
        "is" => "open",
        "kind" => "mail",
        "in" => "sent",
        "subject" => "logo",
        _ => "anna",
    }
}

fn fault(query: &str, at: usize, what: &str, remedy: &str) -> QueryFault {
    QueryFault { query: query.to_owned(), at, what: what.to_owned(), remedy: remedy.to_owned() }
}

#[cfg(test)]
#[path = "query_tests.rs"]
mod tests;
