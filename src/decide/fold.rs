//! One form for words that people write in many ways: case, accents, ligatures, dashes and quotes fall
//! away. For comparing only; folded text is never shown.
use std::borrow::Cow;
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Folds `text`: NFKD without combining marks, lower case, `ae`/`oe`/`ss` for æ/ø/ß (rule 16), typographic
/// quotes, dashes and full-width punctuation as their ASCII cousins. Line breaks stay.
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match c {
            'æ' => out.push_str("ae"),
            'ø' | 'œ' => out.push_str("oe"),
            'ß' => out.push_str("ss"),
            'ł' => out.push('l'),
            'ı' => out.push('i'),
            '‘' | '’' | 'ʼ' | '´' | '`' => out.push('\''),
            '‐' | '‑' | '‒' | '–' | '—' | '−' => out.push('-'),
            '。' => out.push('.'),
            '、' => out.push(','),
            c if is_combining_mark(c) => {}
            c => out.push(c),
        }
    }
    out
}

/// Folds `text` and joins compounds: a dash or underscore between two letters becomes a space
/// (`auto-reply` is `auto reply`), runs of white space become one.
#[must_use]
pub fn fold_words(text: &str) -> String {
    let folded = fold(text);
    let mut out = String::with_capacity(folded.len());
    let mut letter_before = false;
    let mut rest = folded.chars().peekable();
    while let Some(c) = rest.next() {
        let joins = matches!(c, '-' | '_') && letter_before && rest.peek().is_some_and(|n| n.is_alphanumeric());
        if c.is_whitespace() || joins {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else {
            out.push(c);
        }
        letter_before = c.is_alphanumeric();
    }
    out.truncate(out.trim_end().len());
    out
}

/// The folded words of a name or text, without punctuation.
pub fn tokens(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty())
}

/// Whether `text` begins with one of the words of a list. The first octet is compared first: most differ there.
#[must_use]
pub fn begins_with_any(text: &str, words: &[&str]) -> bool {
    let first = text.as_bytes().first();
    words.iter().any(|word| word.as_bytes().first() == first && text.starts_with(word))
}

/// `text` itself where it is lower-case ASCII already, else a lower-case copy.
#[must_use]
pub fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|b| b.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_meet() {
        for (raw, want) in [
            ("Réponse automatique", "reponse automatique"),
            ("Fravær", "fravaer"),
            ("Frånvaro", "franvaro"),
            ("Automatyczna odpowiedź", "automatyczna odpowiedz"),
            ("Auto-Reply:  out_of_office", "auto reply: out of office"),
            ("message d’absence", "message d'absence"),
            ("Ｔｈａｎｋｓ！", "thanks!"),
            ("a - b", "a - b"),
            ("Straße", "strasse"),
        ] {
            assert_eq!(fold_words(raw), want);
        }
        assert_eq!(fold_words("자동 회신"), fold_words("자동\u{a0}회신"));
    }
}
