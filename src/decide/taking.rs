//! Lists of folded phrases that are taken out of a short text, as whole words: what is left was not among them.
//! Never here: the lists, what follows from what is left (thanks.rs, withdrawn.rs).
use super::fold::fold;

/// Folded phrases, the longest first, so that `thank you` goes before `thank`.
pub(super) struct Phrases(Vec<Phrase>);

struct Phrase {
    /// With the spaces around it, where its script has them.
    wanted: String,
    /// The beginning of its first word; `None` in scripts without spaces.
    start: Option<Starts>,
}

/// Beginnings of words, as a set of 128 hashes. What is not in it is not in the text: most phrases of ten languages are
/// passed over without a search.
#[derive(Clone, Copy)]
struct Starts(u128);

impl Phrases {
    /// Reads a list: phrases between bars.
    pub(super) fn read(list: &str) -> Self {
        let mut all: Vec<String> = list.split('|').map(|word| fold(word.trim())).filter(|w| !w.is_empty()).collect();
        all.sort_by_key(|phrase| std::cmp::Reverse(phrase.len()));
        all.dedup();
        Self(all.into_iter().map(Phrase::new).collect())
    }

    /// Removes every phrase of the list from a text of words with a space before, between and after them; whether there
    /// was one.
    pub(super) fn take_from(&self, text: &mut String) -> bool {
        let mut starts = Starts::of(text);
        let mut ascii = text.is_ascii();
        let mut found = false;
        for phrase in &self.0 {
            let may_be_there = phrase.start.map_or(!ascii, |start| start.0 & starts.0 != 0);
            if may_be_there && phrase.take_from(text) {
                (starts, ascii, found) = (Starts::of(text), text.is_ascii(), true);
            }
        }
        found
    }
}

impl Phrase {
    fn new(phrase: String) -> Self {
        let spaced = |c: char| c.is_ascii_alphabetic() || ('\u{600}'..'\u{700}').contains(&c);
        if phrase.contains(spaced) {
            let start = phrase.split(' ').next().map(Starts::of);
            Self { wanted: format!(" {phrase} "), start }
        } else {
            Self { wanted: phrase, start: None }
        }
    }

    fn take_from(&self, text: &mut String) -> bool {
        let mut found = false;
        // Neighbours share the space between them, hence the loop; it ends because each round shortens the text.
        while text.contains(&self.wanted) && self.wanted.len() > 1 {
            *text = text.replacen(&self.wanted, " ", 1);
            if !text.starts_with(' ') {
                text.insert(0, ' ');
            }
            found = true;
        }
        found
    }
}

impl Starts {
    fn of(text: &str) -> Self {
        let starts = text.split(' ').filter(|word| !word.is_empty()).map(|word| {
            let two = word.chars().take(2).fold(0u32, |sum, c| sum.wrapping_mul(31).wrapping_add(c.into()));
            1u128 << (two % 128)
        });
        Self(starts.fold(0, |all, one| all | one))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_and_scripts_without_spaces() {
        let list = Phrases::read("thank you | thanks | merci | 谢谢 | شكرا | c'est bon");
        for (text, left, found) in [
            (" thanks thanks ok ", " ok ", true),
            (" thank you ", " ", true),
            (" thankyou ", " thankyou ", false),
            (" abc谢谢merci ", " abc ", true),
            (" شكرا لك ", " لك ", true),
            (" merci c'est bon ", " ", true),
            (" ", " ", false),
        ] {
            let mut rest = text.to_owned();
            assert_eq!((list.take_from(&mut rest), rest.as_str()), (found, left), "{text}");
        }
    }
}
