//! What people type into a search: words, "phrases", beginnings*, -not, this OR that, and filters such as `from:anna`.
//! A wrong query says where and how to mend it. Pure.
use super::words::{self, Word};
use std::fmt::Write as _;

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

/// A piece of the query between spaces.
struct Piece<'q> {
    at: usize,
    negated: bool,
    key: Option<&'q str>,
    /// Where the text begins.
    text_at: usize,
    text: &'q str,
    quoted: bool,
    prefix: bool,
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
                continue;
            }
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

/// The next piece from an octet on.
fn next(raw: &str, from: usize) -> Result<Option<Piece<'_>>, QueryFault> {
    let rest = raw.get(from..).unwrap_or_default();
    let at = from + rest.len() - rest.trim_start().len();
    let mut text_at = at;
    let mut text = raw.get(at..).unwrap_or_default();
    if text.is_empty() {
        return Ok(None);
    }
    let mut negated = false;
    if let Some(bare) = text.strip_prefix('-').filter(|bare| bare.chars().next().is_some_and(|c| !c.is_whitespace())) {
        (negated, text, text_at) = (true, bare, text_at + 1);
    }
    let mut key = None;
    if let Some((head, value)) = text.split_once(':')
        && (2..=10).contains(&head.len())
        && head.chars().all(|c| c.is_ascii_alphabetic())
        && !value.starts_with("//")
        && is_filter_like(head, value)
    {
        (key, text, text_at) = (Some(head), value, text_at + head.len() + 1);
    }
    if let Some(inner) = text.strip_prefix('"') {
        let Some((phrase, after)) = inner.split_once('"') else {
            return Err(fault(raw, text_at, "this quote is never closed", "close it with another \", or leave it out"));
        };
        let prefix = after.starts_with('*');
        return Ok(Some(Piece { at, negated, key, text_at: text_at + 1, text: phrase, quoted: true, prefix }));
    }
    let end = text.find(|c: char| c.is_whitespace() || c == '"').unwrap_or(text.len());
    let word = text.get(..end).unwrap_or(text);
    let prefix = word.len() > 1 && word.ends_with('*');
    let word = if prefix { word.trim_end_matches('*') } else { word };
    let stars = if prefix { end - word.len() } else { 0 };
    if stars > 1 || word == "*" {
        return Err(fault(raw, text_at, "a star stands behind the beginning of a word", "write it like invoi*"));
    }
    Ok(Some(Piece { at, negated, key, text_at, text: word, quoted: false, prefix }))
}

/// A known filter, or a word that is nearly one: `form:anna`. `Re: logo` and `10:30` are text.
fn is_filter_like(head: &str, value: &str) -> bool {
    let lower = head.to_ascii_lowercase();
    let known = FILTERS.iter().any(|(name, _)| *name == lower);
    let valued = value.chars().next().is_some_and(|c| !c.is_whitespace());
    known || (valued && FILTERS.iter().any(|(name, _)| is_near(name, &lower)))
}

/// The same letters but for one that is missing, added, other or two that changed places.
fn is_near(name: &str, typed: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (name.chars().collect(), typed.chars().collect());
    let mut sorted = (a.clone(), b.clone());
    sorted.0.sort_unstable();
    sorted.1.sort_unstable();
    if name.len() < 4 {
        return false;
    }
    let front = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let back = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let longest = a.len().max(b.len());
    sorted.0 == sorted.1 || (a.len().abs_diff(b.len()) <= 1 && front + back + 1 >= longest)
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

impl Query {
    /// The words as FTS5 asks for them; `None` if there are only filters. Every word is letters and digits in quotes:
    /// nothing that was typed reaches FTS5's own language.
    pub(super) fn expression(&self, attachment: Option<bool>) -> Option<String> {
        let mut parts: Vec<String> = self.clauses.iter().map(|clause| any_of(clause)).collect();
        if attachment == Some(true) {
            parts.push(format!("marks : \"{}\"", words::ATTACHMENT));
        }
        if parts.is_empty() {
            return None;
        }
        let mut out = parts.join(" AND ");
        if !self.without.is_empty() {
            out = format!("({out}) NOT {}", any_of(&self.without));
        }
        if attachment == Some(false) {
            out = format!("({out}) NOT (marks : \"{}\")", words::ATTACHMENT);
        }
        Some(out)
    }

    /// The same, looked for in subjects and among people only: what is found there stands first.
    pub(super) fn in_head(&self) -> Option<String> {
        let head = |clause: &Vec<Term>| format!("({{subject sender recipients}} : {})", any_of(clause));
        let parts: Vec<String> = self.clauses.iter().map(head).collect();
        (!parts.is_empty()).then(|| parts.join(" AND "))
    }
}

fn any_of(terms: &[Term]) -> String {
    let mut out = "(".to_owned();
    for (n, term) in terms.iter().enumerate() {
        if n > 0 {
            out.push_str(" OR ");
        }
        out.push_str(match term.column {
            Column::Any => "{subject body sender recipients} : ",
            Column::Subject => "subject : ",
            Column::Sender => "sender : ",
            Column::Recipients => "recipients : ",
        });
        // Writing to a String cannot fail.
        let _ = write!(out, "\"{}\"{}", term.words.join(" "), if term.prefix { " *" } else { "" });
    }
    out.push(')');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(raw: &str) -> String {
        let all = "{subject body sender recipients} : ";
        Query::parse(raw).unwrap().expression(None).unwrap_or_default().replace(all, "")
    }

    #[test]
    fn what_is_asked() {
        for (raw, want) in [
            ("réunion", r#"("reunion")"#),
            ("logo flyer", r#"("logo") AND ("flyer")"#),
            ("logo AND flyer", r#"("logo") AND ("flyer")"#),
            ("logo OR flyer card", r#"("logo" OR "flyer") AND ("card")"#),
            ("\"trade fair\" logo", r#"("trade fair") AND ("logo")"#),
            ("invoi*", r#"("invoi" *)"#),
            ("\"trade fa\"*", r#"("trade fa" *)"#),
            ("logo -draft", r#"(("logo")) NOT ("draft")"#),
            ("from:anna to:claire", r#"(sender : "anna") AND (recipients : "claire")"#),
            ("from:anna@acme.example", r#"(sender : "anna acme example")"#),
            ("日本語", r#"("日本 本語")"#),
            ("語", r#"("語" *)"#),
            ("\"ロゴ logo\"", r#"("ロゴ ゴ logo")"#),
            ("Re: logo 10:30", r#"("re") AND ("logo") AND ("10 30")"#),
            ("https://x.example/a", r#"("https x example a")"#),
            ("NEAR(a", r#"("near a")"#),
            ("client:acme", ""),
        ] {
            assert_eq!(asked(raw), want, "{raw}");
        }
        let query = Query::parse("logo client:acme -is:held after:2026-01-01").unwrap();
        let kinds: Vec<_> = query.filters.iter().map(|f| (f.kind, f.value.as_str(), f.negated)).collect();
        assert_eq!(
            kinds,
            [(Kind::Client, "acme", false), (Kind::Is, "held", true), (Kind::After, "2026-01-01", false)]
        );
    }

    #[test]
    fn faults_say_where_and_how() {
        for (raw, at, says) in [
            ("logo \"trade fair", 5, "close it"),
            ("from:\"anna", 5, "close it"),
            ("form:anna", 0, "from:"),
            ("from: anna", 5, "from:anna"),
            ("before:", 7, "2027-01-31"),
            ("OR logo", 0, "between two words"),
            ("logo OR", 5, "between two words"),
            ("logo OR OR x", 8, "between two words"),
            ("logo OR is:open", 5, "leave OR out"),
            ("-logo", 0, "what to look for"),
            ("", 0, "give a word"),
            ("logo !!!", 5, "only words"),
            ("lo**", 0, "invoi*"),
            ("*", 0, "invoi*"),
            ("logo a*", 5, "two letters"),
        ] {
            let fault = Query::parse(raw).expect_err(raw);
            assert_eq!(fault.at, at, "{raw}: {fault}");
            assert!(fault.remedy.contains(says), "{raw}: {fault}");
        }
        let fault = Query::parse("ロゴ \"x").unwrap_err().to_string();
        assert!(fault.contains("\n    ロゴ \"x\n         ^\n"), "{fault}");
    }
}
