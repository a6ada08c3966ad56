//! A query in FTS5's own language. Every word is letters and digits in quotes.
use super::super::words;
use super::{Column, Query, Term};
use std::fmt::Write as _;

impl Query {
    /// The words as FTS5 asks for them; `None` if there are only filters. Every word is letters and digits in quotes:
    /// nothing that was typed reaches FTS5's own language.
    pub(in crate::store::index) fn expression(&self, attachment: Option<bool>) -> Option<String> {
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

    /// Words that follow each other in a subject; `None` if the text has no words.
    pub(in crate::store::index) fn in_subject(text: &str) -> Option<String> {
        let words = words::words(text);
        let term = super::term(Column::Subject, &words, false);
        (!term.words.is_empty()).then(|| any_of(&[term]))
    }

    /// The same, looked for in subjects and among people only: what is found there stands first.
    pub(in crate::store::index) fn in_head(&self) -> Option<String> {
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
