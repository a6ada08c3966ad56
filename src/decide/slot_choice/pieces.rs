//! A text as folded pieces: words, numbers, marks; every Chinese or Japanese character alone. Sentences and clauses of them,
//! dates and times in them. Never here: what they mean for an offer.
use super::{Said, words};
use crate::decide::fold::fold;
use std::collections::BTreeSet;

/// A run of pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Clause {
    /// The pieces.
    pub tokens: Vec<String>,
}

/// A list of words and phrases, in the same pieces.
#[derive(Debug)]
pub(super) struct Words {
    single: BTreeSet<String>,
    /// The longest first.
    phrases: Vec<Vec<String>>,
}

/// Text in pieces, without greetings that name a time of day and without refusals that are none.
pub(super) fn prepared(text: &str) -> Clause {
    let mut clause = Clause { tokens: tokens(text) };
    for list in [words::GREETINGS, words::NOT_REALLY] {
        let list = Words::new(list);
        while let Some((at, len)) = list.find(&clause) {
            clause.take(at, len);
        }
    }
    clause
}

fn wide(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}')
}

/// Words in lower case without accents, runs of digits, single marks, `\n`.
fn tokens(text: &str) -> Vec<String> {
    #[derive(PartialEq)]
    enum Run {
        None,
        Word,
        Digits,
    }
    let mut all: Vec<String> = Vec::new();
    let mut run = Run::None;
    for c in fold(text).chars() {
        let digit = match c {
            '\u{660}'..='\u{669}' => char::from_digit(u32::from(c) - 0x660, 10),
            c if c.is_ascii_digit() => Some(c),
            _ => None,
        };
        let here = match (digit, c) {
            (Some(_), _) => Run::Digits,
            (None, c) if wide(c) => Run::None,
            (None, c) if c.is_alphabetic() || c == '\'' && run == Run::Word => Run::Word,
            _ => Run::None,
        };
        let c = digit.unwrap_or(c);
        match all.last_mut() {
            Some(last) if here != Run::None && run == here => last.push(c),
            _ if c.is_whitespace() && c != '\n' => {}
            _ => all.push(c.to_string()),
        }
        run = if c.is_whitespace() { Run::None } else { here };
    }
    all
}

/// Sentences, each in clauses. A full stop between numbers ends nothing.
pub(super) fn sentences(whole: &Clause, but: &Words) -> Vec<Vec<Clause>> {
    let mut all = vec![vec![Clause::default()]];
    for (at, token) in whole.tokens.iter().enumerate() {
        let number = |n: Option<&String>| n.is_some_and(|token| number(token).is_some());
        let (before, after) = (at.checked_sub(1).and_then(|n| whole.tokens.get(n)), whole.tokens.get(at + 1));
        // "19.1.", "Di. 10 Uhr", "a.m."
        let stop = token == "." && !number(after) && !before.is_some_and(|it| it.len() < 3 && number_or_letter(it));
        let ends = stop || matches!(token.as_str(), "\n" | "?" | "!" | "\u{61f}");
        let parts = matches!(token.as_str(), "," | ";" | "\u{60c}" | "\u{61b}") || but.has(token);
        let Some(sentence) = all.last_mut() else { continue };
        if ends {
            all.push(vec![Clause::default()]);
        } else if parts {
            sentence.push(Clause::default());
        } else if let Some(clause) = sentence.last_mut() {
            clause.tokens.push(token.clone());
        }
    }
    for sentence in &mut all {
        sentence.retain(|clause| !clause.tokens.is_empty());
    }
    all.retain(|sentence| !sentence.is_empty());
    all
}

fn number_or_letter(token: &str) -> bool {
    token.chars().all(char::is_alphanumeric)
}

/// A number up to three digits.
pub(super) fn number(token: &str) -> Option<usize> {
    let fits = (1..=3).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| token.parse().ok()).flatten()
}

impl Words {
    pub(super) fn new(list: &[&str]) -> Self {
        let (mut single, mut phrases) = (BTreeSet::new(), Vec::new());
        for word in list {
            let mut pieces = tokens(word);
            if pieces.len() == 1 {
                single.extend(pieces.pop());
            } else {
                phrases.push(pieces);
            }
        }
        phrases.sort_by_key(|phrase| std::cmp::Reverse(phrase.len()));
        Self { single, phrases }
    }

    pub(super) fn has(&self, token: &str) -> bool {
        self.single.contains(token)
    }

    /// The first place where a word or a phrase of the list stands, and its length.
    pub(super) fn find(&self, clause: &Clause) -> Option<(usize, usize)> {
        for phrase in &self.phrases {
            if let Some(at) = clause.tokens.windows(phrase.len()).position(|window| window == phrase) {
                return Some((at, phrase.len()));
            }
        }
        clause.tokens.iter().position(|token| self.single.contains(token)).map(|at| (at, 1))
    }

    pub(super) fn in_clause(&self, clause: &Clause) -> bool {
        self.find(clause).is_some()
    }
}

impl Clause {
    fn get(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", String::as_str)
    }

    /// Where a word has a number behind it, a full stop between them or not.
    pub(super) fn before_a_number(&self, word: &str) -> Option<usize> {
        self.tokens.iter().enumerate().position(|(at, token)| {
            let next = self.tokens.iter().skip(at + 1).find(|token| *token != ".");
            token == word && next.is_some_and(|next| number(next).is_some())
        })
    }

    /// The piece before another.
    pub(super) fn behind(&self, at: usize) -> Option<&str> {
        at.checked_sub(1).map(|before| self.get(before))
    }

    /// The word behind a number, a bracket or a full stop skipped: "2) works".
    pub(super) fn ahead(&self, at: usize) -> Option<&str> {
        self.tokens.iter().skip(at + 1).find(|token| !matches!(token.as_str(), ")" | "." | ":")).map(String::as_str)
    }

    /// Takes pieces out; a mark stays in their place, so that what stood apart does not come together.
    pub(super) fn take(&mut self, at: usize, len: usize) {
        let end = (at + len).min(self.tokens.len());
        self.tokens.splice(at.min(end)..end, ["|".to_owned()]);
    }

    /// Whether what stands there is a border: "after …", "…以降".
    pub(super) fn bounded(&self, at: usize, len: usize, before: &Words, behind: &Words) -> bool {
        let near = (1..=2).filter_map(|n| at.checked_sub(n)).any(|n| before.has(self.get(n)));
        let rest = Clause { tokens: self.tokens.iter().skip(at + len).take(3).cloned().collect() };
        near || behind.find(&rest).is_some_and(|(at, _)| at == 0)
    }

    /// A date that begins at a piece: its day, its month if it is said, how many pieces it has, where it begins.
    pub(super) fn date_at(
        &self,
        at: usize,
        month: impl Fn(&str) -> Option<u32>,
    ) -> Option<(u32, Option<u32>, usize, usize)> {
        let first = u32::try_from(number(self.get(at))?).ok()?;
        let in_days = |day: &u32| (1..=31).contains(day);
        let small = |at: usize| number(self.get(at)).and_then(|n| u32::try_from(n).ok());
        // 1月19日, 19日, 19号
        if self.get(at + 1) == "月" {
            let day = small(at + 2).filter(in_days)?;
            return Some((day, Some(first), if matches!(self.get(at + 3), "日" | "号") { 4 } else { 3 }, at));
        }
        if matches!(self.get(at + 1), "日" | "号") && first > 5 {
            return Some((first, None, 2, at)).filter(|(day, ..)| in_days(day));
        }
        // 19.1., 19/01, 19-01; in doubt the day comes first, unless it cannot
        if matches!(self.get(at + 1), "." | "/" | "-") && !matches!(self.get(at + 3), ":" | "h") {
            if let Some(second) = small(at + 2).filter(|n| (1..=31).contains(n)) {
                let (day, month) = if second > 12 { (second, first) } else { (first, second) };
                let dotted = self.get(at + 1) == "." && self.get(at + 3) != ".";
                let clock = dotted && (second == 0 || self.get(at + 2).len() == 2 && self.get(at + 2) != "01");
                if (1..=12).contains(&month) && in_days(&day) && !clock && second > 0 {
                    return Some((day, Some(month), 3, at));
                }
            }
        }
        if !in_days(&first) {
            return None;
        }
        // 19 January, 19. Januar, 19 de janeiro, 19th of January
        let mut next = at + 1;
        let mut suffix = false;
        while matches!(self.get(next), "." | "th" | "st" | "nd" | "rd" | "de" | "of" | "er" | "e" | "º")
            && next < at + 4
        {
            suffix |= matches!(self.get(next), "th" | "st" | "nd" | "rd");
            next += 1;
        }
        if let Some(month) = month(self.get(next)) {
            return Some((first, Some(month), next + 1 - at, at));
        }
        // January 19
        if let Some((before, month)) = at.checked_sub(1).and_then(|n| Some((n, month(self.get(n))?))) {
            return Some((first, Some(month), at + 1 - before, before));
        }
        (suffix && first > 5).then_some((first, None, 2, at))
    }

    /// A time of day whose hour is a piece.
    pub(super) fn time_at(
        &self,
        at: usize,
        hours: &Words,
        before: &Words,
        (early, late): (&Words, &Words),
    ) -> Option<Said> {
        let hour = u32::try_from(number(self.get(at))?).ok().filter(|hour| *hour < 25)?;
        let minute = |at: usize| number(self.get(at)).filter(|n| *n < 60 && self.get(at).len() == 2);
        let mut len = 1;
        let mut said = 0;
        let next = self.get(at + 1);
        let unit = hours.has(next);
        if matches!(next, ":" | ".") || unit {
            if let Some(n) = minute(at + 2) {
                said = u32::try_from(n).unwrap_or(0);
                len = 3;
            } else if unit {
                len = 2;
            }
        }
        let half_hour = unit && self.get(at + 2) == "半";
        if half_hour {
            (said, len) = (30, 3);
        }
        if unit && matches!(self.get(at + len), "分" | "m" | "min") {
            len += 1;
        }
        let mut known = len > 1;
        if known && hours.has(self.get(at + len)) {
            len += 1;
        }
        // "2 pm", "2 p.m.", "午後2時"
        let rest = Clause { tokens: self.tokens.iter().skip(at + len).take(3).cloned().collect() };
        let half = |words: &Words| words.find(&rest).filter(|(at, _)| *at == 0).map(|(_, len)| len);
        let mut part = None;
        if let Some((which, more)) = half(early).map(|n| (false, n)).or(half(late).map(|n| (true, n))) {
            (part, known) = (Some(which), true);
            len += more;
        }
        let mut from = at;
        let back = Clause { tokens: self.tokens.iter().take(at).skip(at.saturating_sub(2)).cloned().collect() };
        for (words, which) in [(early, false), (late, true)] {
            if let Some((_, n)) =
                words.find(&back).filter(|(start, n)| start + n == back.tokens.len() && part.is_none())
            {
                (part, from) = (Some(which), at - n);
                len += n;
            }
        }
        let announced = self.behind(from).is_some_and(|word| before.has(word)) && !matches!(self.get(at + len), "%");
        (known || announced).then_some(Said { hour: hour % 24, minute: said, late: part, from, len })
    }
}
