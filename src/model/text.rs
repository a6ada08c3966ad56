//! Text from outside, cleaned so that it can stand in a header, a log line or a terminal.
//! Does not live here: decoding (mailbox/parse.rs) and escaping for HTML (templates).
use std::fmt;

/// A single line of foreign text: no control, bidi or zero-width characters, spaces collapsed, at most
/// [`HeaderText::MAX`] characters (RELIABILITY traps T3-T6: a CR in a name panics the MIME builder, and a
/// decoded subject may hold `CR LF Bcc:`).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct HeaderText(String);

impl HeaderText {
    /// Longest text kept, in characters, where it is shown or repeated.
    pub const MAX: usize = 400;

    /// Longest value of a header field kept, in characters: results of authentication and long reference
    /// lists pass [`Self::MAX`] in everyday mail.
    pub const FIELD_MAX: usize = 8000;

    /// Cleans `raw`; never fails.
    #[must_use]
    pub fn new(raw: &str) -> Self {
        Self(clean(raw, Self::MAX))
    }

    /// Cleans a whole header field for the rules to read, up to [`Self::FIELD_MAX`] characters.
    #[must_use]
    pub fn field(raw: &str) -> Self {
        Self(clean(raw, Self::FIELD_MAX))
    }

    /// The cleaned text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing was left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for HeaderText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for HeaderText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl From<&str> for HeaderText {
    fn from(raw: &str) -> Self {
        Self::new(raw)
    }
}

/// One line of at most `max` characters: controls, line separators and invisible format characters
/// become or join a single space.
#[must_use]
pub fn clean(raw: &str, max: usize) -> String {
    let mut out = String::with_capacity(raw.len().min(max * 2));
    let mut kept = 0;
    let mut gap = false;
    for c in raw.chars() {
        // Most are plain, and asked for nothing more.
        if !c.is_ascii_graphic() {
            if is_invisible(c) {
                continue;
            }
            if c.is_whitespace() || is_control(c) {
                gap = kept > 0;
                continue;
            }
        }
        if kept + usize::from(gap) >= max {
            break;
        }
        if gap {
            out.push(' ');
            kept += 1;
            gap = false;
        }
        out.push(c);
        kept += 1;
    }
    out
}

/// Text of several lines, safe for a terminal: keeps line breaks and tabs, drops every other control,
/// bidi and zero-width character. Shape: `\n` line ends.
#[must_use]
pub fn clean_lines(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((plain, odd)) = rest.find(is_odd).and_then(|at| rest.split_at_checked(at)) {
        out.push_str(plain);
        let mut left = odd.chars();
        if left.next() == Some('\r') {
            out.push('\n');
            rest = odd.strip_prefix("\r\n").unwrap_or(left.as_str());
        } else {
            rest = left.as_str();
        }
    }
    out.push_str(rest);
    out
}

/// The beginning of a text, at most `most` octets: it ends with a whole word wherever words have spaces between them.
#[must_use]
pub fn beginning(text: &str, most: usize) -> &str {
    match text.split_at_checked(text.floor_char_boundary(most)) {
        Some((head, rest)) if rest.starts_with(char::is_whitespace) => head.trim_end(),
        Some((head, rest)) if !rest.is_empty() => whole_words(head),
        _ => text,
    }
}

/// A text that was cut off anywhere, without the piece of a word at its end.
#[must_use]
pub fn whole_words(text: &str) -> &str {
    /// A longer piece is no word: an address, a key, or writing without spaces.
    const LONGEST: usize = 200;
    let (head, tail) = text.split_at(text.floor_char_boundary(text.len().saturating_sub(LONGEST)));
    let ends = tail.rfind(char::is_whitespace).map_or(text.len(), |at| head.len() + at);
    // The octets of half a character.
    text.get(..ends).unwrap_or(text).trim_end_matches('\u{fffd}').trim_end()
}

/// What may not stand in a text of several lines as it is.
fn is_odd(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_control() && !matches!(c, '\n' | '\t') } else { is_control(c) || is_invisible(c) }
}

/// C0, DEL, C1 and the Unicode line and paragraph separators.
fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Zero-width and bidirectional format characters (UAX 9), soft hyphen, byte order mark, tags.
/// ZWJ and ZWNJ stay: Arabic-script and Indic words need them.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
        | '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_and_overrides_cannot_survive() {
        for (raw, want) in [
            ("hello\r\nBcc: v@x", "hello Bcc: v@x"),
            ("  a \t b\u{0}c ", "a b c"),
            ("evil\u{202E}gpj.exe", "evilgpj.exe"),
            ("x\u{2028}y", "x y"),
            ("\u{1b}[31mred", "[31mred"),
            ("", ""),
        ] {
            assert_eq!(HeaderText::new(raw).as_str(), want);
        }
        for (raw, want) in [
            ("a\r\nb\rc\n\r\r\nd\r", "a\nb\nc\n\n\nd\n"),
            ("\u{1b}[1mé\tx\u{200B}\u{2028}\u{7f}\u{85}y", "[1mé\txy"),
            ("", ""),
        ] {
            assert_eq!(clean_lines(raw), want, "{raw:?}");
        }
        assert_eq!(HeaderText::new(&"é".repeat(900)).as_str().chars().count(), HeaderText::MAX);
    }

    #[test]
    fn a_beginning_ends_with_a_whole_word() {
        let run = "日".repeat(100);
        for (text, most, want) in [
            ("one two three", 13, "one two three"),
            ("one two three", 12, "one two"),
            ("one two three", 8, "one two"),
            ("one two three", 7, "one two"),
            ("one two\nthree", 6, "one"),
            ("élan vital", 1, ""),
            ("unbroken", 4, "unbr"),
            ("", 4, ""),
            (run.as_str(), 100, run.get(..99).unwrap()),
        ] {
            assert_eq!(beginning(text, most), want, "{text} {most}");
        }
        assert_eq!(whole_words("voil\u{fffd}"), "voil");
        let long = format!("see {}", "x".repeat(300));
        assert_eq!(whole_words(&long), long);
    }
}
