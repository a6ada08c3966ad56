//! Whether a mail of the owner's asks something: its last question, in its own words. Marks of ten languages; no meaning.
use crate::decide::own_words::own_words;
use crate::model::text::clean;

/// Longest question that is repeated, in characters.
const LONGEST: usize = 200;
/// A question has so many letters at least: "OK?" asks nothing that one repeats.
const SHORTEST: usize = 8;
/// A link that is longer is left out of a quotation: "…".
const LINK_MAX: usize = 60;

/// Courtesies that expect no answer, lower case, without the mark.
const COURTESIES: &[&str] = &[
    "how are you",
    "how are you doing",
    "how is everything",
    "how was your weekend",
    "comment allez-vous",
    "comment vas-tu",
    "comment ça va",
    "wie geht es ihnen",
    "wie geht es dir",
    "wie geht's",
    "cómo estás",
    "cómo está",
    "qué tal",
    "come stai",
    "come sta",
    "como vai",
    "como está",
    "hoe gaat het",
    "hoe gaat het met je",
    "hoe gaat het met u",
    "お元気ですか",
    "你好吗",
    "您好吗",
    "كيف حالك",
];

/// The last question in the own words of a mail: quotations and signatures ask nothing, nor does the `?` in a link.
#[must_use]
pub fn question_in(text: &str) -> Option<String> {
    let own = own_words(text);
    let mut found = None;
    for paragraph in own.split("\n\n") {
        let paragraph = without_greeting(paragraph);
        for sentence in sentences(paragraph) {
            if let Some(question) = question(&sentence) {
                found = Some(question);
            }
        }
    }
    found
}

/// A paragraph without a line of greeting above it: "Bonjour,".
fn without_greeting(paragraph: &str) -> &str {
    match paragraph.trim_start().split_once('\n') {
        Some((first, rest))
            if first.trim_end().ends_with([',', '،', '，']) && first.split_whitespace().count() <= 4 =>
        {
            rest
        }
        _ => paragraph,
    }
}

/// A word with a link in it: what stands before the link, the link, what stands behind it. The marks at its end are the
/// sentence's.
fn link(word: &str) -> Option<(&str, &str, &str)> {
    let before = match word.split_once("://") {
        Some((before, _)) => before.trim_end_matches(|c: char| c.is_ascii_alphanumeric()),
        None => word.strip_suffix(word.trim_start_matches(|c: char| !c.is_alphanumeric()))?,
    };
    let from = word.strip_prefix(before)?;
    if !from.contains("://") && !from.get(..4)?.eq_ignore_ascii_case("www.") {
        return None;
    }
    let ends = |c: char| {
        matches!(c, '。' | '？' | '！' | '؟' | '、' | '，' | '；' | '）' | '」' | '<' | '>' | '"' | '”' | '»')
    };
    let (whole, _) = from.split_at_checked(from.find(ends).unwrap_or(from.len()))?;
    let closes = |c: char| matches!(c, '.' | ',' | ';' | ':' | '?' | '!' | '…' | '\'' | '’' | ']' | ')');
    let bare = whole.trim_end_matches(|c: char| closes(c) && (c != ')' || !whole.contains('(')));
    Some((before, bare, from.strip_prefix(bare)?))
}

/// Cut after the marks that end sentences; a full stop only where a space follows. A link is one word, and ends a sentence at
/// the end of its line, unless the next line goes on with a small letter.
fn sentences(paragraph: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut one = String::new();
    let mut lines = paragraph.lines().peekable();
    while let Some(line) = lines.next() {
        let mut linked = false;
        for word in line.split_whitespace() {
            if !one.is_empty() {
                one.push(' ');
            }
            let found = link(word);
            linked = found.is_some();
            let Some((before, link, behind)) = found else {
                cut(word, &mut one, &mut all);
                continue;
            };
            one.push_str(before);
            one.push_str(if link.chars().count() > LINK_MAX { "…" } else { link });
            cut(behind, &mut one, &mut all);
        }
        let mut goes_on = || lines.peek().is_some_and(|next| next.trim_start().starts_with(char::is_lowercase));
        let alone = line.split_whitespace().count() == 1;
        if linked && (alone || !goes_on()) {
            all.push(std::mem::take(&mut one));
        }
    }
    all.push(one);
    all
}

/// Adds a word, and begins a new sentence behind each mark in it that ends one.
fn cut(word: &str, one: &mut String, all: &mut Vec<String>) {
    let mut rest = word.chars().peekable();
    while let Some(c) = rest.next() {
        one.push(c);
        let wide = matches!(c, '。' | '？' | '！' | '؟');
        let narrow = matches!(c, '.' | '?' | '!' | '…');
        // "?!", "???" and closing marks belong to it.
        let more =
            rest.peek().is_some_and(|next| matches!(next, '?' | '!' | '？' | '！' | '؟' | ')' | '"' | '”' | '»' | '’'));
        let ends = wide || narrow && rest.peek().is_none();
        if ends && !more {
            all.push(std::mem::take(one));
        }
    }
}

fn question(sentence: &str) -> Option<String> {
    let sentence = sentence.trim();
    let bare = sentence.trim_end_matches([')', '"', '”', '»', '’', '!', ' ', '\u{a0}', '\u{202f}']);
    let asks = bare.ends_with(['?', '？', '؟', '⁇']) || bare.ends_with("か。") || bare.ends_with("吗。");
    // A link alone asks nothing.
    let own = bare.split_whitespace().filter(|word| link(word).is_none());
    let letters = own.flat_map(str::chars).filter(|c| c.is_alphabetic()).count();
    // A character of Japanese or Chinese says as much as a few letters.
    let wide = bare.chars().any(|c| matches!(c, '\u{3040}'..='\u{9fff}'));
    if !asks || letters < if wide { SHORTEST / 2 } else { SHORTEST } {
        return None;
    }
    let core = bare.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let courtesy = COURTESIES.iter().any(|known| core == *known || core.ends_with(&format!(", {known}")));
    (!courtesy).then(|| clean(sentence, LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_question_is_found() {
        for (text, want) in [
            ("Hi Anna,\n\nwhich logo do you prefer?\n\nClaire", Some("which logo do you prefer?")),
            ("Could you send the texts? Then I can go on.", Some("Could you send the texts?")),
            ("First? Really, which one? Or shall we wait until May?", Some("Or shall we wait until May?")),
            ("Bonjour,\nquelle couleur préférez-vous ?\nMerci", Some("quelle couleur préférez-vous ?")),
            ("¿Puede enviarme los textos? Gracias", Some("¿Puede enviarme los textos?")),
            ("ロゴはどちらがよろしいでしょうか。", Some("ロゴはどちらがよろしいでしょうか。")),
            ("您更喜欢哪个标志？", Some("您更喜欢哪个标志？")),
            ("أي شعار تفضلون؟", Some("أي شعار تفضلون؟")),
            ("Hi Anna, how are you? The logo is ready.", None),
            ("Look: https://a.example/?q=logo", None),
            ("Is this it: https://a.example/?", Some("Is this it: https://a.example/?")),
            ("https://a.example/a/long/path?", None),
            (
                "I put both logos online at https://x.example/?a=1. Which of the two do you prefer?",
                Some("Which of the two do you prefer?"),
            ),
            (
                "Both logos are here:\nhttps://x.example/?a=1\nwhich of the two do you prefer?",
                Some("which of the two do you prefer?"),
            ),
            ("Both are at https://x.example/?a=1\nWhich do you prefer?\nThanks", Some("Which do you prefer?")),
            (
                "Do you prefer www.x.example/?a=1\nor the other one?",
                Some("Do you prefer www.x.example/?a=1 or the other one?"),
            ),
            (
                "Would (https://x.example/a_(b)?c=1) suit you better than <https://x.example/b>? I can do both.",
                Some("Would (https://x.example/a_(b)?c=1) suit you better than <https://x.example/b>?"),
            ),
            ("Have you seen https://x.example/a? I like it.", Some("Have you seen https://x.example/a?")),
            ("I like https://x.example/a?b=c! Everything is there.", None),
            (
                "Could you look at https://x.example/a/path/that/goes/on/and/on/and/on/and/on/and/on/for/ever?q=1 today?",
                Some("Could you look at … today?"),
            ),
            ("ロゴはhttps://x.example/?a=1です。どちらがよろしいでしょうか。", Some("どちらがよろしいでしょうか。")),
            ("The version is 2.3?x", None),
            ("OK?", None),
            ("The logo is ready.\n\nOn Mon, Jan 12 Anna wrote:\n> When is it ready?", None),
            ("", None),
        ] {
            assert_eq!(question_in(text).as_deref(), want, "{text}");
        }
    }
}
