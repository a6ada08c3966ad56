//! The passage of a text that shows why it was found, with the words marked. Pure.
use super::query::{Query, Term};
use super::words::{Word, words};

/// Octets of text in a passage, about; cut between words.
const LENGTH: usize = 180;
/// Words before the first hit.
const LEAD: usize = 6;

/// A part of a passage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The text, on one line.
    pub text: String,
    /// It is what was looked for.
    pub hit: bool,
}

/// The best passage of `text` for a query: where most of its words stand closest; the beginning where none does.
#[must_use]
pub fn snippet(text: &str, query: &Query) -> Vec<Piece> {
    let all = words(text);
    let marks = marks(&all, query);
    let first = best(&marks);
    let start_word = first.map_or(0, |word| word.saturating_sub(LEAD));
    let start = if start_word == 0 { 0 } else { all.get(start_word).map_or(0, |word| word.start) };
    let end = text.floor_char_boundary((start + LENGTH).min(text.len()));
    let end =
        if end == text.len() { end } else { all.iter().rfind(|word| word.end <= end).map_or(end, |word| word.end) };
    let end = end.max(start);
    let mut pieces = Vec::new();
    if start > 0 {
        pieces.push(Piece { text: "… ".to_owned(), hit: false });
    }
    let mut at = start;
    for (from, to) in ranges(&all, &marks).into_iter().filter(|(from, to)| *from >= start && *to <= end) {
        push(&mut pieces, text.get(at..from), false);
        push(&mut pieces, text.get(from..to), true);
        at = to;
    }
    push(&mut pieces, text.get(at..end), false);
    if end < text.trim_end().len() {
        pieces.push(Piece { text: " …".to_owned(), hit: false });
    }
    pieces
}

/// Whether all that a query looks for stands in these texts, whichever it is.
#[must_use]
pub fn says_all(texts: &[&str], query: &Query) -> bool {
    let texts: Vec<Vec<Word>> = texts.iter().map(|text| words(text)).collect();
    let stands = |term: &Term, all: &Vec<Word>| (0..all.len()).any(|at| fits(all.get(at..).unwrap_or_default(), term));
    query.needles().all(|term| texts.iter().any(|all| stands(term, all)))
}

fn push(pieces: &mut Vec<Piece>, part: Option<&str>, hit: bool) {
    let Some(part) = part.filter(|part| !part.is_empty()) else { return };
    let mut text = String::with_capacity(part.len());
    let mut gap = false;
    for c in part.chars() {
        if c.is_whitespace() {
            gap = true;
        } else {
            if gap {
                text.push(' ');
            }
            gap = false;
            text.push(c);
        }
    }
    if gap {
        text.push(' ');
    }
    pieces.push(Piece { text, hit });
}

/// What of a word was looked for.
#[derive(Clone, Copy)]
struct Mark {
    /// The number of the term.
    term: usize,
    /// Where in the text it ends.
    end: usize,
}

/// For each word what of it was looked for.
fn marks(all: &[Word], query: &Query) -> Vec<Option<Mark>> {
    let mut marks: Vec<Option<Mark>> = vec![None; all.len()];
    for (n, term) in query.needles().enumerate() {
        for at in 0..all.len() {
            if !fits(all.get(at..).unwrap_or_default(), term) {
                continue;
            }
            for (place, wanted) in (at..).zip(&term.words) {
                let end = end_of(wanted, all.get(place..).unwrap_or_default());
                if let Some(mark) = marks.get_mut(place) {
                    *mark = Some(Mark { term: n, end: mark.map_or(end, |before| before.end.max(end)) });
                }
            }
        }
    }
    marks
}

/// Where in the text the part of the first of these words ends that was looked for: all of it, or of a pair of characters the
/// first one, where only that was wanted.
fn end_of(wanted: &str, words: &[Word]) -> usize {
    match words {
        // The pair that follows begins with the second character.
        [word, next, ..] if next.start < word.end && word.folded.chars().count() > wanted.chars().count() => next.start,
        [word, ..] => word.end,
        [] => 0,
    }
}

/// Whether a term stands at the beginning of some words.
pub(super) fn fits(words: &[Word], term: &Term) -> bool {
    let last = term.words.len().saturating_sub(1);
    words.len() >= term.words.len()
        && term.words.iter().zip(words).enumerate().all(|(n, (wanted, word))| match term.prefix && n == last {
            true => word.folded.starts_with(wanted.as_str()),
            false => word.folded == *wanted,
        })
}

/// The first word of the passage in which most different terms stand.
fn best(marks: &[Option<Mark>]) -> Option<usize> {
    const WINDOW: usize = 24;
    let hits: Vec<(usize, usize)> =
        marks.iter().enumerate().filter_map(|(at, mark)| Some((at, (*mark)?.term))).collect();
    let score = |from: usize| {
        let mut seen: Vec<usize> =
            hits.iter().filter(|(at, _)| (from..from + WINDOW).contains(at)).map(|(_, term)| *term).collect();
        seen.sort_unstable();
        seen.dedup();
        seen.len()
    };
    // A text full of hits is not searched for the very best one.
    let looked_at = hits.iter().take(200).map(|(at, _)| *at);
    looked_at.map(|at| (score(at), std::cmp::Reverse(at))).max().map(|(_, std::cmp::Reverse(at))| at)
}

/// The marked parts of the text; pairs of one run overlap and become one.
fn ranges(all: &[Word], marks: &[Option<Mark>]) -> Vec<(usize, usize)> {
    let mut out: Vec<(usize, usize)> = Vec::new();
    for (word, end) in all.iter().zip(marks).filter_map(|(word, mark)| Some((word, (*mark)?.end))) {
        match out.last_mut() {
            Some(last) if word.start < last.1 => last.1 = last.1.max(end),
            _ => out.push((word.start, end)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, query: &str) -> String {
        let pieces = snippet(text, &Query::parse(query).unwrap());
        pieces.iter().map(|p| if p.hit { format!("[{}]", p.text) } else { p.text.clone() }).collect()
    }

    #[test]
    fn passages() {
        let long = format!("{} la réunion du logo {}", "mot ".repeat(100), "suite ".repeat(100));
        for (text, query, want) in [
            ("La Réunion est à 16 h", "reunion", "La [Réunion] est à 16 h"),
            ("Trade fair. The trade\n  fair", "\"trade fair\"", "[Trade] [fair]. The [trade] [fair]"),
            ("日本語のロゴ", "本語", "日[本語]のロゴ"),
            ("日本語のロゴ", "日本語", "[日本語]のロゴ"),
            ("請求書を送る", "求", "請[求]書を送る"),
            ("請求書を送る", "書", "請求[書]を送る"),
            ("請求書を送る", "る", "請求書を送[る]"),
            ("請求書を送る", "求書", "請[求書]を送る"),
            ("請求書を送る", "請求書", "[請求書]を送る"),
            ("請求書を送る", "求 求書", "請[求書]を送る"),
            ("請求書を送る", "請 書を", "[請]求[書を]送る"),
            ("請求書を送る", "求*", "請[求]書を送る"),
            ("請求書を送る", "請求*", "[請求]書を送る"),
            ("求求", "求", "[求][求]"),
            ("新しいlogoの請求書", "logo 求", "新しい[logo]の請[求]書"),
            ("新しいlogoの請求書", "logoの", "新しい[logo][の]請求書"),
            ("請求書 No. 12, Ｌｏｇｏ", "求 logo 12", "請[求]書 No. [12], [Ｌｏｇｏ]"),
            ("請求書 logo", "\"求書 logo\"", "請[求書] [logo]"),
            ("ｶﾞｲﾄﾞ", "ガ", "[ｶﾞ]ｲﾄﾞ"),
            ("안녕하세요", "녕", "안[녕]하세요"),
            ("Invoices", "invoi*", "[Invoices]"),
            ("nothing here", "logo", "nothing here"),
            ("", "logo", ""),
        ] {
            assert_eq!(shown(text, query), want, "{text}");
        }
        let cut = shown(&long, "logo reunion");
        assert!(
            cut.starts_with("… mot mot") && cut.contains("la [réunion] du [logo] suite") && cut.ends_with("suite …"),
            "{cut}"
        );
        assert!(cut.len() < 300, "{cut}");
    }

    #[test]
    fn all_of_it_or_not() {
        for (texts, query, want) in [
            (&["La Réunion", "est à 16 h"][..], "reunion 16", true),
            (&["La Réunion"], "reunion logo", false),
            (&["trade", "fair"], "\"trade fair\"", false),
            (&["the trade fair"], "\"trade fair\"", true),
            (&["trade", "fairs"], "trade fair*", true),
            (&[""], "logo", false),
        ] {
            assert_eq!(says_all(texts, &Query::parse(query).unwrap()), want, "{texts:?} {query}");
        }
    }

    #[test]
    fn any_text_can_be_cut() {
        for text in ["é".repeat(1000), "日".repeat(1000), "a".repeat(1000), " \n".repeat(1000), "x é 日 ".repeat(300)]
        {
            for query in ["é", "日", "xx*", "aaa*"] {
                shown(&text, query);
            }
        }
    }
}
