//! Words and phrases of the owner's or of a shipped list, looked for in what a client wrote: both folded, on whole words.
//! What follows from a match: urgent.rs, topics.rs. Never here: guesses at meaning.
use super::fold::{fold, tokens};

/// A word or phrase in folded form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    /// As it was written, for showing.
    pub shown: String,
    /// Folded words with one space between them.
    text: String,
    /// It may go on with further letters.
    open: bool,
}

impl Phrase {
    /// Reads a phrase; a star at its end lets the last word go on (`invoice*`). `None` if nothing is left to look for.
    #[must_use]
    pub fn read(raw: &str) -> Option<Self> {
        let raw = raw.trim();
        let (words, open) = raw.strip_suffix('*').map_or((raw, false), |words| (words, true));
        let text = joined(words);
        (!text.is_empty()).then(|| Self { shown: raw.to_owned(), text, open })
    }

    /// How many words it has; in scripts without spaces two characters count as one.
    #[must_use]
    pub fn words(&self) -> usize {
        if self.unspaced() { self.text.chars().count().div_ceil(2) } else { self.text.split(' ').count() }
    }

    /// Letters and digits in it.
    #[must_use]
    pub fn letters(&self) -> usize {
        self.text.chars().filter(|c| c.is_alphanumeric()).count()
    }

    /// Whether it is written without spaces, so that it has no bounds of words.
    #[must_use]
    pub fn unspaced(&self) -> bool {
        self.text.chars().any(is_unspaced)
    }

    /// Its folded form.
    #[must_use]
    pub fn folded(&self) -> &str {
        &self.text
    }

    /// Where it stands in a text, in bytes.
    fn find(&self, text: &str) -> Option<(usize, usize)> {
        if self.unspaced() {
            return text.find(&self.text).map(|at| (at, at + self.text.len()));
        }
        let wanted = if self.open { format!(" {}", self.text) } else { format!(" {} ", self.text) };
        // The spaces around it belong to its neighbours too.
        text.find(&wanted).map(|at| (at + 1, at + 1 + self.text.len()))
    }
}

/// A text to look into.
#[derive(Clone, Debug)]
pub struct Wording(String);

impl Wording {
    /// Folds a text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(format!(" {} ", joined(text)))
    }

    /// Whether the phrase stands in it.
    #[must_use]
    pub fn has(&self, phrase: &Phrase) -> bool {
        phrase.find(&self.0).is_some()
    }

    /// The text without a phrase, wherever it stands: what is left on both sides of it does not grow together.
    pub fn cut(&mut self, phrase: &Phrase) {
        let mut left = String::new();
        let mut rest = self.0.as_str();
        while let Some((from, to)) = phrase.find(rest) {
            let (Some((before, _)), Some((_, after))) = (rest.split_at_checked(from), rest.split_at_checked(to)) else {
                break;
            };
            left.push_str(before);
            left.push('|');
            rest = after;
        }
        left.push_str(rest);
        self.0 = left;
    }
}

/// Folded words with one space between them; apostrophes part words (`d'urgence` is `d urgence`).
fn joined(text: &str) -> String {
    let folded = fold(text).replace('\'', " ");
    tokens(&folded).collect::<Vec<_>>().join(" ")
}

/// Han, Hiragana, Katakana, Thai, Lao, Khmer: written without spaces between words.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{e00}'..='\u{eff}' | '\u{1780}'..='\u{17ff}' | '\u{20000}'..='\u{2fa1f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_in_every_script() {
        for (phrase, text, want) in [
            ("invoice", "About the INVOICE, please", true),
            ("invoice", "invoices", false),
            ("invoice*", "invoices", true),
            ("payment reminder", "the payment   reminder", true),
            ("payment reminder", "payment. Reminder", true),
            ("facture", "la Facture n° 3", true),
            ("d'urgence", "C’est d’urgence !", true),
            ("règlement", "reglement", true),
            ("時差", "東京との時差について", true),
            ("فاتورة", "الفاتورة", false),
            ("عاجل", "طلب عاجل جدًا", true),
            ("c++", "c", true),
        ] {
            assert_eq!(Wording::new(text).has(&Phrase::read(phrase).unwrap()), want, "{phrase} in {text}");
        }
        assert_eq!(Phrase::read(" … "), None);
    }

    #[test]
    fn cutting_ends_and_joins_nothing() {
        let mut text = Wording::new("not urgent not urgent, urgent? a not urgent b");
        text.cut(&Phrase::read("not urgent").unwrap());
        assert!(text.has(&Phrase::read("urgent").unwrap()));
        assert!(!text.has(&Phrase::read("a b").unwrap()));
        let mut none = Wording::new("not urgent");
        none.cut(&Phrase::read("not urgent").unwrap());
        assert!(!none.has(&Phrase::read("urgent").unwrap()));
        let mut ja = Wording::new("急ぎではありません");
        ja.cut(&Phrase::read("急ぎではありません").unwrap());
        assert!(!ja.has(&Phrase::read("急ぎで").unwrap()));
    }
}
