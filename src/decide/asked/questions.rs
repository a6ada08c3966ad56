//! One mail: its first question, and the words that the question is about. Function words, greetings and names say
//! nothing; endings fall away, so that one invoice and two invoices are one word.
use super::Mail;
use crate::decide::fold::{fold, tokens};
use crate::decide::own_words::own_words;
use crate::decide::subject::name_words;
use crate::model::text::clean;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// Longest question that is looked at, in characters.
const LONGEST: usize = 300;

/// Words that say nothing about what a question is about.
static EMPTY: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    let lines = include_str!("../asked.txt").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(": ")).flat_map(|(_, words)| words.split(' ')).collect()
});

/// The first question of a mail.
pub(super) struct Question {
    /// As it was written, on one line.
    pub sentence: String,
    /// What it is about: the word without its ending, and the folded word.
    pub keys: BTreeMap<String, String>,
}

impl Question {
    /// The question of a mail; none if it asks nothing that words can tell. `names` are no words.
    pub(super) fn of(mail: &Mail, names: &[&str]) -> Option<Self> {
        let text = own_words(&mail.text);
        let subject = || Some(mail.subject.trim()).filter(|it| it.ends_with(MARKS)).map(str::to_owned);
        let sentence = first_question(&text).or_else(subject)?;
        let names: BTreeSet<String> = names.iter().flat_map(|name| name_words(name)).collect();
        let keys = keys(&sentence, &names);
        (!keys.is_empty()).then_some(Self { sentence, keys })
    }
}

/// Question marks.
const MARKS: [char; 3] = ['?', '？', '؟'];

/// The first sentence that ends with a question mark; in Japanese also one that ends with か.
fn first_question(text: &str) -> Option<String> {
    for paragraph in paragraphs(text) {
        let mut sentence = String::new();
        let mut rest = paragraph.chars().peekable();
        while let Some(c) = rest.next() {
            let ends = match c {
                '.' | '!' | '?' | '…' => rest.peek().is_none_or(|next| !next.is_alphanumeric() && *next != '/'),
                '。' | '！' | '？' | '؟' | '\n' => true,
                _ => false,
            };
            if !ends {
                sentence.push(c);
                continue;
            }
            let asks = MARKS.contains(&c) || (c == '。' && sentence.ends_with('か'));
            if asks && sentence.chars().any(char::is_alphanumeric) && sentence.chars().count() <= LONGEST {
                return Some(clean(&format!("{}{c}", sentence.trim_start()), LONGEST + 1));
            }
            sentence.clear();
        }
    }
    None
}

/// Paragraphs with their wrapped lines joined. A short line that ends with a comma is a greeting: it stands alone.
fn paragraphs(text: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    for line in text.lines().map(str::trim) {
        let greeting = line.ends_with([',', '，', '،']) && line.split_whitespace().count() <= 5;
        if line.is_empty() || greeting {
            all.push(String::new());
        } else if let Some(last) = all.last_mut() {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(line);
        }
    }
    all
}

fn keys(sentence: &str, names: &BTreeSet<String>) -> BTreeMap<String, String> {
    let folded = fold(sentence).replace('\'', " ");
    let mut found = BTreeMap::new();
    for token in tokens(&folded) {
        if token.chars().any(is_ideograph) {
            for pair in pairs(token).filter(|pair| !EMPTY.contains(pair.as_str())) {
                found.insert(pair.clone(), pair);
            }
            continue;
        }
        let says_nothing = token.chars().count() < 3 || token.chars().all(char::is_numeric);
        if says_nothing || EMPTY.contains(token) || names.contains(token) {
            continue;
        }
        found.entry(stem(token)).or_insert_with(|| token.to_owned());
    }
    found
}

/// Han and Katakana carry the meaning; Hiragana is grammar.
pub(super) fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{30a1}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{2fa1f}')
}

/// Every two neighbouring ideographs: there are no spaces between words.
fn pairs(token: &str) -> impl Iterator<Item = String> {
    let chars: Vec<char> = token.chars().collect();
    let pairs: Vec<String> =
        chars.windows(2).filter(|pair| pair.iter().all(|c| is_ideograph(*c))).map(String::from_iter).collect();
    pairs.into_iter()
}

/// A word without the endings of number and gender, and without the Arabic article. Good for comparing only.
fn stem(word: &str) -> String {
    let bare = ["وال", "بال", "لل", "ال"].iter().find_map(|article| word.strip_prefix(article));
    let word = bare.filter(|rest| rest.chars().count() >= 3).unwrap_or(word);
    let mut stem: Vec<char> = word.chars().collect();
    while stem.len() > 4 && stem.last().is_some_and(|c| matches!(c, 'a' | 'e' | 'i' | 'o' | 's' | 'n' | 'x' | 'ة')) {
        stem.pop();
    }
    stem.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_question_is_found() {
        for (text, want) in [
            ("Hi Claire,\n\nwhat are your\nrates for 2027? And when?", Some("what are your rates for 2027?")),
            ("See https://a.example/?x=1 first. Is v2.0 out?", Some("Is v2.0 out?")),
            ("Bonjour,\nPouvez-vous m'envoyer la facture ?\nMerci", Some("Pouvez-vous m'envoyer la facture ?")),
            ("お世話になっております。請求書はいつ届きますか。", Some("請求書はいつ届きますか。")),
            ("متى تصل الفاتورة؟", Some("متى تصل الفاتورة؟")),
            ("Please send it.", None),
            ("??", None),
        ] {
            assert_eq!(first_question(text).as_deref(), want, "{text}");
        }
    }

    #[test]
    fn words_without_what_says_nothing() {
        let names = BTreeSet::from(["claire".to_owned()]);
        let of = |sentence: &str| keys(sentence, &names).into_values().collect::<Vec<_>>();
        assert_eq!(of("Claire, could you send us the two invoices for May 2027?"), ["invoices"]);
        assert_eq!(of("Wann kommt die Rechnung?"), ["kommt", "rechnung"]);
        assert_eq!(of("請求書はいつ届きますか。"), ["求書", "請求"]);
        assert_eq!(stem("invoices"), stem("invoice"));
        assert_eq!(stem("rechnungen"), "rechnung");
        assert_eq!(stem("الفاتورة"), stem("فاتورة"));
        assert_eq!(stem("sea"), "sea");
    }
}
