//! Comparing texts: base subjects, excerpts, the hash of a body. Pure; never here: queries.

/// Longest excerpt kept of what the owner and their clients wrote, in characters: questions and answers are looked for in it.
const EXCERPT: usize = 2_000;
/// Of everybody else's, which is only shown.
const OTHERS: usize = 400;

/// A subject without reply and forward prefixes, lower case, spaces collapsed (rule B4): `Re`, `AW`, `SV`, `TR`,
/// `RE[2]`, `Fwd`, `回复` with or without a space, as often as they are repeated, and brackets around them.
#[must_use]
pub fn base_subject(subject: &str) -> String {
    let lower = subject.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let mut rest = lower.as_str();
    while let Some(shorter) = without_prefix(rest) {
        rest = shorter;
    }
    rest.to_owned()
}

/// What mail programs put before the subject of an answer or a forwarded mail.
const PREFIXES: &[&str] = &[
    "re", "aw", "sv", "vs", "ref", "rif", "rép", "rep", "res", "odp", "antw", "antwort", "fw", "fwd", "wg", "tr", "rv",
    "enc", "vb", "doorst", "i", "r", "رد", "回复", "回覆", "答复", "答覆", "转发", "轉寄", "返信", "転送",
];

/// `subject` without its first prefix; `None` if it begins with none.
fn without_prefix(subject: &str) -> Option<&str> {
    let (head, tail) = subject.split_once([':', '：'])?;
    let word = head.trim_end();
    // A counter: "re[2]", "re(3)", "re^2".
    let word = word.trim_end_matches([']', ')']).trim_end_matches(|c: char| c.is_ascii_digit());
    let word = word.trim_end_matches(['[', '(', '^']).trim_end();
    PREFIXES.contains(&word).then(|| tail.trim_start())
}

/// The beginning of a text for the history.
pub(super) fn excerpt(text: &str) -> String {
    beginning(text, EXCERPT)
}

/// [`excerpt`] of a text that concerns no client.
pub(super) fn short_excerpt(text: &str) -> String {
    beginning(text, OTHERS)
}

/// Whether an excerpt is only the beginning of its text: it is as long as one may be.
#[must_use]
pub fn is_beginning(excerpt: &str) -> bool {
    excerpt.len() >= OTHERS && matches!(excerpt.chars().count(), OTHERS | EXCERPT)
}

fn beginning(text: &str, most: usize) -> String {
    let text = text.trim();
    let end = text.char_indices().nth(most).map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or(text).to_owned()
}

/// A hash of what a text says (rule 55): letters only, lower case, without quoted lines, so that counters,
/// dates and line breaks make no difference. `None` if nothing is left.
pub(super) fn body_hash(text: &str) -> Option<i64> {
    // FNV-1a, 64 bit, over characters: stable between versions, and a forged collision only silences the forger's own domain.
    const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let mut any = false;
    let mut hash = BASIS;
    let mut add = |letter: u32| {
        any = true;
        hash = (hash ^ u64::from(letter)).wrapping_mul(PRIME);
    };
    for line in text.lines().filter(|line| !line.trim_start().starts_with('>')) {
        if line.is_ascii() {
            let letters = line.bytes().filter(u8::is_ascii_alphabetic);
            letters.for_each(|byte| add(u32::from(byte.to_ascii_lowercase())));
        } else {
            for c in line.chars() {
                match c {
                    'A'..='Z' | 'a'..='z' => add(u32::from(c.to_ascii_lowercase())),
                    c if c.is_ascii() => {}
                    c if is_caseless(c) => add(u32::from(c)),
                    c if c.is_alphabetic() => c.to_lowercase().for_each(|c| add(u32::from(c))),
                    _ => {}
                }
            }
        }
    }
    any.then(|| i64::from_ne_bytes(hash.to_ne_bytes()))
}

/// Letters of scripts without case, of which a text has many: kana, Chinese characters, Korean syllables.
fn is_caseless(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_without_case_are_letters() {
        for c in (char::MIN..=char::MAX).filter(|c| is_caseless(*c)) {
            assert!(c.is_alphabetic() && c.to_lowercase().eq([c]), "{c:?}");
        }
    }

    #[test]
    fn subjects() {
        for (raw, want) in [
            ("Re: RE : Fwd:  The   Logo", "the logo"),
            ("AW: SV: Logo", "logo"),
            ("RE[2]: Logo", "logo"),
            ("Re (3): Logo", "logo"),
            ("回复：Logo", "logo"),
            ("Re:Logo", "logo"),
            ("Logo", "logo"),
            ("Logo: round two", "logo: round two"),
            ("Reply: Logo", "reply: logo"),
            ("Re:", ""),
            ("", ""),
        ] {
            assert_eq!(base_subject(raw), want, "{raw}");
        }
    }

    #[test]
    fn bodies() {
        let same = body_hash("Ticket 12 was opened.\n");
        assert!(same.is_some());
        assert_eq!(same, body_hash("ticket 77   was\nopened"));
        assert_eq!(same, body_hash("Ticket 12 was opened\n> quoted\n"));
        assert_ne!(same, body_hash("Ticket 12 was closed."));
        assert_ne!(body_hash("ab"), body_hash("ba"));
        assert_eq!(body_hash("12 34\n> quoted"), None);
        assert_eq!(excerpt(&"é".repeat(3_000)).chars().count(), EXCERPT);
        assert_eq!(short_excerpt(&"é".repeat(3_000)).chars().count(), OTHERS);
        assert_eq!(short_excerpt(" é \n"), "é");
        for (text, want) in
            [("é".repeat(400), true), ("é".repeat(2_000), true), ("é".repeat(401), false), (String::new(), false)]
        {
            assert_eq!(is_beginning(&text), want, "{}", text.len());
        }
    }
}
