//! Whether a mail of the owner's asks something: its last question, in its own words. Marks of ten languages; no meaning.
use crate::decide::own_words::own_words;
use crate::model::text::clean;

/// Longest question that is repeated, in characters.
const LONGEST: usize = 200;
/// A question has so many letters at least: "OK?" asks nothing that one repeats.
const SHORTEST: usize = 8;

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

/// The last question in the own words of a mail: quotations, signatures and addresses of pages ask nothing.
#[must_use]
pub fn question_in(text: &str) -> Option<String> {
    let own = own_words(text);
    let mut found = None;
    for paragraph in own.split("\n\n") {
        // "Hello Anna," on a line of its own is no part of what follows.
        let greeting =
            |(line, _): &(&str, &str)| line.trim_end().ends_with(',') && line.split_whitespace().count() <= 4;
        let paragraph = paragraph.split_once('\n').filter(greeting).map_or(paragraph, |(_, rest)| rest);
        let line = paragraph.split_whitespace().filter(|word| !is_link(word)).collect::<Vec<_>>().join(" ");
        for sentence in sentences(&line) {
            if let Some(question) = question(&sentence) {
                found = Some(question);
            }
        }
    }
    found
}

fn is_link(word: &str) -> bool {
    word.contains("://") || word.starts_with("www.")
}

/// Cut after the marks that end sentences; a full stop only where a space follows.
fn sentences(line: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut one = String::new();
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        one.push(c);
        let wide = matches!(c, '。' | '？' | '！' | '؟');
        let narrow = matches!(c, '.' | '?' | '!' | '…');
        // "?!", "???" and closing marks belong to it.
        let more =
            rest.peek().is_some_and(|next| matches!(next, '?' | '!' | '？' | '！' | '؟' | ')' | '"' | '”' | '»' | '’'));
        let ends = wide || narrow && rest.peek().is_none_or(|next| next.is_whitespace());
        if ends && !more {
            all.push(std::mem::take(&mut one));
        }
    }
    all.push(one);
    all
}

fn question(sentence: &str) -> Option<String> {
    let sentence = sentence.trim();
    let bare = sentence.trim_end_matches([')', '"', '”', '»', '’', '!', ' ', '\u{a0}', '\u{202f}']);
    let asks = bare.ends_with(['?', '？', '؟', '⁇']) || bare.ends_with("か。") || bare.ends_with("吗。");
    let letters = bare.chars().filter(|c| c.is_alphabetic()).count();
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
            ("The version is 2.3?x", None),
            ("OK?", None),
            ("The logo is ready.\n\nOn Mon, Jan 12 Anna wrote:\n> When is it ready?", None),
            ("", None),
        ] {
            assert_eq!(question_in(text).as_deref(), want, "{text}");
        }
    }
}
