//! Replies of an SMTP server (RFC 5321 4.2) and what its reply to EHLO offers. Pure; reading is wire.rs.
use crate::model::text::clean;

/// A complete reply. Its text comes from outside: show [`Reply::text`], which is cleaned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    code: u16,
    lines: Vec<String>,
}

/// Longest text of a reply that is kept, in characters.
const TEXT_MAX: usize = 200;
/// Most lines of a reply.
const LINES_MAX: usize = 100;

impl Reply {
    /// Reads a reply from its lines, separated by LF or CRLF; `None` if it is none, or more than one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut assembly = Assembly::default();
        let mut lines = text.lines();
        let reply = lines.find_map(|line| assembly.push(line.as_bytes()).transpose())?.ok()?;
        lines.next().is_none().then_some(reply)
    }

    /// The three digits.
    #[must_use]
    pub fn code(&self) -> u16 {
        self.code
    }

    /// Whether it says yes (2yz). 3yz is a question, not a yes.
    #[must_use]
    pub fn is_yes(&self) -> bool {
        (200..300).contains(&self.code)
    }

    /// Whether it says no (4yz, 5yz).
    #[must_use]
    pub fn is_no(&self) -> bool {
        (400..600).contains(&self.code)
    }

    /// The enhanced status code (RFC 2034, 3463), such as `5.7.1`.
    #[must_use]
    pub fn enhanced(&self) -> Option<&str> {
        let word = self.lines.first()?.split(' ').next()?;
        let class = char::from_digit(u32::from(self.code / 100), 10)?;
        let mut parts = word.split('.');
        let number = |part: Option<&str>| {
            part.is_some_and(|p| (1..=3).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit()))
        };
        let fits = parts.next().is_some_and(|p| p.starts_with(class) && p.len() == 1);
        (fits && number(parts.next()) && number(parts.next()) && parts.next().is_none()).then_some(word)
    }

    /// The texts behind the code, line by line, as received.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(String::as_str)
    }

    /// Code and text on one clean line of at most 200 characters.
    #[must_use]
    pub fn text(&self) -> String {
        self.text_without(&[])
    }

    /// The same without any word that repeats a piece of `secrets`. Servers like to quote the command they
    /// did not understand, and commands of a login hold the secret.
    #[must_use]
    pub fn text_without(&self, secrets: &[String]) -> String {
        let enhanced = self.enhanced().unwrap_or_default();
        let mut text = format!("{} {enhanced}", self.code);
        for word in self.lines().flat_map(str::split_whitespace).filter(|word| *word != enhanced) {
            text.push(' ');
            text.push_str(if repeats(word, secrets) { "…" } else { word });
        }
        clean(&text, TEXT_MAX)
    }
}

/// Whether `word` holds a whole secret, or eight bytes in a row of one, or is itself a longer piece of one.
fn repeats(word: &str, secrets: &[String]) -> bool {
    secrets.iter().filter(|secret| !secret.is_empty()).any(|secret| {
        let piece = |bytes: &[u8]| secret.as_bytes().windows(bytes.len()).any(|window| window == bytes);
        word.contains(secret.as_str())
            || word.as_bytes().windows(8).any(piece)
            || (word.len() >= 4 && word.len() < 8 && piece(word.as_bytes()))
    })
}

/// Joins lines to a reply.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    code: u16,
    lines: Vec<String>,
}

impl Assembly {
    /// Takes the next line, without its line end. A reply when it is complete.
    ///
    /// # Errors
    /// What is wrong with the line, without quoting it.
    pub fn push(&mut self, line: &[u8]) -> Result<Option<Reply>, &'static str> {
        let (digits, rest) = line.split_at_checked(3).ok_or("a reply without a code")?;
        let code = std::str::from_utf8(digits)
            .ok()
            .filter(|d| d.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|d| d.parse::<u16>().ok())
            .filter(|code| (200..600).contains(code))
            .ok_or("a reply without a code")?;
        let (last, text) = match rest.split_first() {
            None => (true, rest),
            Some((b' ', text)) => (true, text),
            Some((b'-', text)) => (false, text),
            Some(_) => return Err("a reply without a code"),
        };
        if !self.lines.is_empty() && code != self.code {
            return Err("a reply whose lines have different codes");
        }
        if self.lines.len() >= LINES_MAX {
            return Err("a reply of more than 100 lines");
        }
        self.code = code;
        self.lines.push(String::from_utf8_lossy(text).trim_end().to_owned());
        Ok(last.then(|| Reply { code, lines: std::mem::take(&mut self.lines) }))
    }
}

/// What a server offers in its reply to EHLO (RFC 5321 4.1.1.1).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Offers {
    /// PIPELINING (RFC 2920).
    pub pipelining: bool,
    /// STARTTLS (RFC 3207).
    pub starttls: bool,
    /// 8BITMIME (RFC 6152).
    pub eight_bit: bool,
    /// SIZE (RFC 1870): `Some(0)` and a value nobody can read mean no stated limit.
    pub size: Option<u64>,
    /// Ways to log in (RFC 4954), upper case.
    pub logins: Vec<String>,
}

impl Offers {
    /// Reads the reply to EHLO; its first line only greets.
    #[must_use]
    pub fn read(reply: &Reply) -> Self {
        let mut offers = Self::default();
        for line in reply.lines().skip(1) {
            // Old servers write `AUTH=LOGIN`.
            let upper = line.to_ascii_uppercase().replace('=', " ");
            let mut words = upper.split_whitespace();
            match words.next() {
                Some("PIPELINING") => offers.pipelining = true,
                Some("STARTTLS") => offers.starttls = true,
                Some("8BITMIME") => offers.eight_bit = true,
                Some("SIZE") => offers.size = Some(words.next().and_then(|n| n.parse().ok()).unwrap_or(0)),
                Some("AUTH") => offers.logins.extend(words.map(str::to_owned)),
                _ => {}
            }
        }
        offers.logins.sort_unstable();
        offers.logins.dedup();
        offers
    }

    /// The stated size limit, in bytes.
    #[must_use]
    pub fn size_limit(&self) -> Option<u64> {
        self.size.filter(|limit| *limit > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies() {
        for (text, code, enhanced, shown) in [
            ("250 ok", 250, None, "250 ok"),
            ("250", 250, None, "250"),
            ("250-a\r\n250-\r\n250 b\r\n", 250, None, "250 a b"),
            ("550-5.7.1 no\n550 5.7.1 really", 550, Some("5.7.1"), "550 5.7.1 no really"),
            ("550 4.7.1 odd", 550, None, "550 4.7.1 odd"),
            ("550 5.7 odd", 550, None, "550 5.7 odd"),
            ("421 4.3.0 \u{1b}[31mred\u{202e}", 421, Some("4.3.0"), "421 4.3.0 [31mred"),
        ] {
            let reply = Reply::parse(text).unwrap();
            assert_eq!((reply.code(), reply.enhanced(), reply.text().as_str()), (code, enhanced, shown));
        }
        for bad in ["", "25", "abc x", "250x", "250-a", "250-a\n251 b", "199 x", "650 x", "250 a\n250 b", "+OK x"] {
            assert_eq!(Reply::parse(bad), None, "{bad}");
        }
        assert_eq!(Reply::parse(&format!("550 {}", "é".repeat(500))).unwrap().text().chars().count(), 200);
    }

    #[test]
    fn quoted_secrets_are_left_out() {
        let secrets = ["AGNsYWlyZQBodW50ZXIy".to_owned(), "hunter2".to_owned()];
        for (line, want) in [
            ("500 unknown: AUTH PLAIN AGNsYWlyZQBodW50ZXIy", "500 unknown: AUTH PLAIN …"),
            ("500 too long: \"AGNsYWlyZQBo\"", "500 too long: …"),
            ("535 wrong password 'hunter2'", "535 wrong password …"),
            ("535 5.7.8 no", "535 5.7.8 no"),
        ] {
            assert_eq!(Reply::parse(line).unwrap().text_without(&secrets), want);
        }
    }

    #[test]
    fn offers() {
        let reply = "250-mx greets PIPELINING\r\n250-size 1000\r\n250-   \r\n250-AUTH=login PLAIN\r\n250-AUTH PLAIN xoauth2\r\n250 Pipelining";
        let offers = Offers::read(&Reply::parse(reply).unwrap());
        assert_eq!(offers.logins, ["LOGIN", "PLAIN", "XOAUTH2"]);
        assert_eq!((offers.pipelining, offers.size, offers.starttls), (true, Some(1000), false));
        assert_eq!(Offers::read(&Reply::parse("250 PIPELINING").unwrap()), Offers::default());
    }

    proptest::proptest! {
        /// Whatever a server says, what is shown of it is one clean line.
        #[test]
        fn no_bytes_harm(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400), code in "[2-5][0-9]{2}") {
            let mut assembly = Assembly::default();
            let line = [code.as_bytes(), b" ", &bytes].concat();
            for line in [&bytes, &line] {
                if let Ok(Some(reply)) = assembly.push(line) {
                    let text = reply.text();
                    proptest::prop_assert!(text.chars().count() <= TEXT_MAX && !text.contains(char::is_control));
                    let _ = Offers::read(&reply);
                }
            }
        }
    }
}
