//! What a subject says about its maker: automatic replies and bounces by phrase (rule 16), subjects that
//! grow with every round of a loop (rule 17). The phrases: phrases.rs. Never the body.
use super::case::{Case, Findings};
use super::fold::{fold_words, tokens};
use super::phrases::{ABSENT_PEOPLE, AUTO_REPLIES, BOUNCES};
use super::rest;
use crate::model::{Code, HeaderText, Incoming};

/// Reply and forward prefixes, folded, as mail programs put them before a subject.
const PREFIXES: &[&str] = &[
    "re",
    "aw",
    "sv",
    "tr",
    "fwd",
    "fw",
    "wg",
    "rif",
    "r",
    "i",
    "antw",
    "vs",
    "odp",
    "res",
    "enc",
    "rv",
    "doorst",
    "vb",
    "ynt",
    "ilt",
    "回复",
    "答复",
    "转发",
    "回覆",
    "轉寄",
    "返信",
    "転送",
    "رد",
    "اعادة توجيه",
];

/// Rule 16.
pub fn phrases(case: &Case<'_>, found: &mut Findings) {
    match sign(case) {
        Some((Sign::Bounce, phrase)) => found.say(Code::BounceSubject.with(phrase)),
        Some((Sign::AutoReply, phrase)) => found.say(Code::AutoSubject.with(phrase)),
        None => {}
    }
}

/// Rule 17: the same ticket or auto marker twice, or a subject that was cut at 400 characters.
pub fn growth(case: &Case<'_>, found: &mut Findings) {
    let full = case.message.subject.as_str().chars().count() >= HeaderText::MAX;
    let folded = &case.subject;
    let marker = if full { Some("more than 400 characters") } else { repeated_marker(folded) };
    if let Some(marker) = marker {
        found.say(Code::SubjectGrows.with(marker));
        found.pause_sender(case, rest::LOOP, Code::SubjectGrows);
    }
}

/// What a subject was recognised as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// An automatic reply.
    AutoReply,
    /// A delivery report.
    Bounce,
}

/// The sign and the phrase that gave it away.
#[must_use]
pub fn sign(case: &Case<'_>) -> Option<(Sign, &'static str)> {
    let names = case.author_names();
    let mut text = case.subject.as_str();
    // Prefixes, brackets and the author's name peel off one after the other; the bound stops at nonsense.
    for _ in 0..8 {
        text = text.trim_start_matches(|c: char| c.is_whitespace() || ":|,;-*!".contains(c));
        if let Some(found) = begins(text) {
            return Some(found);
        }
        let Some(rest) = without_prefix(text)
            .or_else(|| into_bracket(text))
            .or_else(|| text.strip_prefix("auto:"))
            .or_else(|| without_name(text, &names))
        else {
            break;
        };
        text = rest;
    }
    ABSENT_PEOPLE.behind_name(text, 5).map(|phrase| (Sign::AutoReply, phrase))
}

fn begins(text: &str) -> Option<(Sign, &'static str)> {
    let auto = AUTO_REPLIES.begins(text).map(|phrase| (Sign::AutoReply, phrase));
    auto.or_else(|| BOUNCES.begins(text).map(|phrase| (Sign::Bounce, phrase)))
}

/// Without one `Re:`, `AW:`, `RE[2]:`, `回复：`.
fn without_prefix(text: &str) -> Option<&str> {
    let (head, rest) = text.split_once(':')?;
    let word = head.trim_end().trim_end_matches([']', ')']).trim_end_matches(|c: char| c.is_ascii_digit());
    let word = word.trim_end_matches(['[', '(', '^']).trim_end();
    PREFIXES.contains(&word).then_some(rest)
}

/// Behind an opening bracket if a phrase follows in it (【自動応答】), else behind the closing one.
fn into_bracket(text: &str) -> Option<&str> {
    let mut chars = text.chars();
    let close = match chars.next()? {
        '[' => ']',
        '(' => ')',
        '{' => '}',
        '<' => '>',
        '【' => '】',
        '「' => '」',
        '《' => '》',
        '"' => '"',
        _ => return None,
    };
    let inner = chars.as_str();
    if begins(inner.trim_start()).is_some() {
        return Some(inner);
    }
    inner.split_once(close).map(|(_, rest)| rest)
}

/// Behind the words of the author's own name.
fn without_name<'a>(text: &'a str, names: &[String]) -> Option<&'a str> {
    let mut rest = text;
    for _ in 0..5 {
        let word = rest.split(|c: char| c.is_whitespace() || c == ',' || c == ':').next().unwrap_or_default();
        if word.is_empty() || !names.iter().any(|name| name == word) {
            break;
        }
        rest = rest.get(word.len()..)?.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
    }
    (rest.len() < text.len()).then_some(rest)
}

/// A ticket or auto marker that occurs twice: `[#12] … [#13]`, `auto: auto:`, a phrase of rule 16.
fn repeated_marker(folded: &str) -> Option<&'static str> {
    let mut tickets: Vec<&str> = Vec::new();
    for part in folded.split('[').skip(1) {
        let Some((inner, _)) = part.split_once(']') else { continue };
        let kind = inner.trim_end_matches(|c: char| c.is_ascii_digit());
        let numbered = kind.len() < inner.len() && (kind.ends_with(['#', ':', ' ']) || kind.ends_with('-'));
        if numbered && tickets.contains(&kind) {
            return Some("the same ticket marker twice");
        }
        if numbered {
            tickets.push(kind);
        }
    }
    let autos = folded
        .match_indices("auto:")
        .filter(|(at, _)| folded.get(..*at).is_some_and(|before| !before.ends_with(char::is_alphanumeric)));
    if autos.count() > 1 {
        return Some("auto: twice");
    }
    AUTO_REPLIES.twice(folded)
}

/// Whether the subject is an earlier one, repeated by an answer: it begins with a mark of answers, and the message
/// names what it answers.
pub fn is_repeated(message: &Incoming) -> bool {
    let answers = !message.in_reply_to.is_empty() || !message.references.is_empty();
    answers && without_prefix(&folded(&message.subject)).is_some()
}

/// Folded subject as the rules compare it.
#[must_use]
pub fn folded(subject: &HeaderText) -> String {
    fold_words(subject.as_str())
}

/// The folded words of a name, longer than one letter.
pub fn name_words(name: &str) -> Vec<String> {
    let folded = fold_words(name);
    tokens(&folded).filter(|word| word.chars().count() > 1).map(str::to_owned).collect()
}
