//! Cutting text into the words that are indexed and asked for. Case, accents, width and the forms of one Arabic letter
//! fall away; where writing has no spaces (Chinese, Japanese, Korean, Thai ...) every pair of neighbours is a word.
//! Pure; an index is only as good as the version of this file that made it (`VERSION`).
use unicode_normalization::char::{compose, decompose_compatible, is_combining_mark};

/// The mark of an entry with attachments, in a column of its own.
pub(super) const ATTACHMENT: &str = "fuseauhasattachment";
/// A longer word is cut: it is no word of a language.
const LONGEST: usize = 48;

/// One word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// As it is indexed: lower-case letters and digits.
    pub(super) folded: String,
    /// Where it begins in the text, in octets.
    pub(super) start: usize,
    /// Where it ends.
    pub(super) end: usize,
    /// The last one of a run without spaces, standing alone.
    pub(super) tail: bool,
}

/// The words of a text in their order.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    cut(text, |folded, start, end, tail| words.push(Word { folded: folded.to_owned(), start, end, tail }));
    words
}

/// A text as the index takes it: its words with spaces between them.
pub(super) fn spaced(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    cut(text, |folded, _, _, _| {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(folded);
    });
    out
}

/// Gives each word, folded, with where it begins and ends, and whether it is the last one of a run standing alone.
fn cut(text: &str, found: impl FnMut(&str, usize, usize, bool)) {
    let mut cutter = Cutter { found, word: String::new(), from: 0, to: 0, open: false, run: Vec::new() };
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        if c.is_ascii() {
            cutter.end_run();
            if c.is_ascii_alphanumeric() { cutter.letter(c, at, end) } else { cutter.end_word() }
        } else if matches!(c, '\u{ff9e}' | '\u{ff9f}' | '\u{3099}' | '\u{309a}') {
            cutter.voiced(c, end);
        } else if is_unspaced(c) {
            cutter.end_word();
            cutter.run.push((folded_char(c), at, end));
        } else if is_combining_mark(c) || c == '\u{640}' || c == '\u{200c}' || c == '\u{ad}' {
            // Accents, the Arabic stretch, joiners and soft hyphens are inside words and say nothing.
        } else if c.is_alphanumeric() {
            cutter.end_run();
            cutter.letter(c, at, end);
        } else {
            cutter.end_word();
            cutter.end_run();
        }
    }
    cutter.end_word();
    cutter.end_run();
}

struct Cutter<F> {
    found: F,
    /// The word that is being read, if one is `open`; afterwards its room is used again.
    word: String,
    from: usize,
    to: usize,
    open: bool,
    run: Vec<(char, usize, usize)>,
}

impl<F: FnMut(&str, usize, usize, bool)> Cutter<F> {
    fn letter(&mut self, c: char, start: usize, end: usize) {
        if !self.open {
            (self.open, self.from) = (true, start);
            self.word.clear();
        }
        self.to = end;
        if self.word.len() < LONGEST {
            fold(c, &mut self.word);
        }
    }

    /// A Japanese voicing mark joins the kana before it.
    fn voiced(&mut self, mark: char, end: usize) {
        let mark = if matches!(mark, '\u{ff9e}' | '\u{3099}') { '\u{3099}' } else { '\u{309a}' };
        if let Some(last) = self.run.last_mut() {
            last.2 = end;
            last.0 = compose(last.0, mark).unwrap_or(last.0);
        }
    }

    fn end_word(&mut self) {
        if std::mem::take(&mut self.open) {
            let bare = without_article(&self.word);
            if !bare.is_empty() {
                (self.found)(bare, self.from, self.to, false);
            }
        }
    }

    /// `日本語` becomes 日本, 本語, 語.
    fn end_run(&mut self) {
        let Some((last, start, end)) = self.run.last().copied() else { return };
        for pair in self.run.windows(2) {
            if let [(a, start, _), (b, _, end)] = pair {
                self.word.clear();
                self.word.extend([a, b]);
                (self.found)(&self.word, *start, *end, false);
            }
        }
        self.run.clear();
        (self.found)(last.encode_utf8(&mut [0; 4]), start, end, true);
    }
}

/// Scripts that are written without spaces between words (Korean joins its particles).
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{e4f}' | '\u{e80}'..='\u{ecf}' | '\u{1000}'..='\u{103f}' | '\u{1100}'..='\u{11ff}'
        | '\u{1780}'..='\u{17d3}' | '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{309f}' | '\u{30a1}'..='\u{30fa}'
        | '\u{30fc}'..='\u{30ff}' | '\u{3105}'..='\u{318e}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9f}'
        | '\u{20000}'..='\u{3ffff}')
}

/// One character of a run; half-width kana become wide ones.
fn folded_char(c: char) -> char {
    let mut wide = c;
    if matches!(c, '\u{ff66}'..='\u{ff9f}' | '\u{f900}'..='\u{faff}') {
        // One character each (a test says so).
        decompose_compatible(c, |part| wide = part);
    }
    wide
}

fn fold(c: char, out: &mut String) {
    if c.is_ascii() {
        out.push(c.to_ascii_lowercase());
        return;
    }
    decompose_compatible(c, |part| {
        if is_combining_mark(part) || !part.is_alphanumeric() {
            return;
        }
        for lower in part.to_lowercase() {
            match lower {
                'æ' => out.push_str("ae"),
                'œ' => out.push_str("oe"),
                'ß' => out.push_str("ss"),
                'þ' => out.push_str("th"),
                'ø' => out.push('o'),
                'ł' => out.push('l'),
                'đ' | 'ð' => out.push('d'),
                'ı' => out.push('i'),
                'ς' => out.push('σ'),
                // One letter in Arabic, Persian and Urdu hands; digits as everywhere.
                'ى' | 'ی' => out.push('ي'),
                'ة' | 'ە' => out.push('ه'),
                'ک' => out.push('ك'),
                '\u{660}'..='\u{669}' => out.extend(char::from_digit(u32::from(lower) - 0x660, 10)),
                '\u{6f0}'..='\u{6f9}' => out.extend(char::from_digit(u32::from(lower) - 0x6f0, 10)),
                lower if is_combining_mark(lower) => {}
                lower => out.push(lower),
            }
        }
    });
}

/// Arabic writes the article and some prepositions as a part of the word: الكتاب is found by كتاب and the other way round.
fn without_article(word: &str) -> &str {
    const ARTICLES: &[&str] = &["وال", "بال", "كال", "فال", "لل", "ال"];
    if word.is_ascii() || !word.starts_with(['و', 'ب', 'ك', 'ف', 'ل', 'ا']) {
        return word;
    }
    let bare = ARTICLES.iter().find_map(|article| word.strip_prefix(article));
    bare.filter(|bare| bare.chars().count() >= 3).unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding() {
        for (raw, want) in [
            ("Réunion à 16h30", "reunion a 16h30"),
            ("L'équipe d’Anna", "l equipe d anna"),
            ("STRASSE Straße straße", "strasse strasse strasse"),
            ("ŒUVRE Øl łódź İstanbul", "oeuvre ol lodz istanbul"),
            ("e\u{301}te\u{301}", "ete"),
            ("ﬁn ＡＢＣ ½", "fin abc 12"),
            ("日本語", "日本 本語 語"),
            ("ロゴのlogo", "ロゴ ゴの の logo"),
            ("ﾛｺﾞ", "ロゴ ゴ"),
            ("안녕하세요 여러분", "안녕 녕하 하세 세요 요 여러 러분 분"),
            ("الكِتَابُ والكتاب كتاب", "كتاب كتاب كتاب"),
            ("أحمد إلى آخر ١٢٣", "احمد الي اخر 123"),
            ("anna@acme.example", "anna acme example"),
            ("soft\u{ad}hyphen", "softhyphen"),
            ("", ""),
            ("!?", ""),
        ] {
            assert_eq!(spaced(raw), want, "{raw}");
        }
        assert!(spaced(&"x".repeat(10_000)).len() <= LONGEST);
    }

    #[test]
    fn one_character_stays_one() {
        for c in ('\u{ff66}'..='\u{ff9f}').chain('\u{f900}'..='\u{faff}') {
            let mut parts = 0;
            decompose_compatible(c, |_| parts += 1);
            assert_eq!(parts, 1, "{c:?}");
        }
    }

    #[test]
    fn places_are_in_the_text() {
        for text in ["Réunion à 16h30", "ロゴのlogo e\u{301}te\u{301}", "الكِتَابُ x"] {
            for word in words(text) {
                assert!(text.get(word.start..word.end).is_some_and(|part| !part.is_empty()), "{text}: {word:?}");
            }
        }
    }
}
