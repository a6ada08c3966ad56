//! A query cut at its spaces: words, phrases, filters with their values. Never here: what they mean.
use super::{FILTERS, QueryFault, fault};

/// A piece of the query between spaces.
pub(super) struct Piece<'q> {
    pub(super) at: usize,
    pub(super) negated: bool,
    pub(super) key: Option<&'q str>,
    /// Where the text begins.
    pub(super) text_at: usize,
    pub(super) text: &'q str,
    pub(super) quoted: bool,
    pub(super) prefix: bool,
}

/// The next piece from an octet on.
pub(super) fn next(raw: &str, from: usize) -> Result<Option<Piece<'_>>, QueryFault> {
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
pub(super) fn is_near(name: &str, typed: &str) -> bool {
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
