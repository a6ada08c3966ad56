//! Bytes to text: charsets, encoded words, transfer encodings. Every call into the mail library goes
//! through [`guard`], for some of its checks panic in debug builds.
//! Does not live here: where the bytes stand in the message (fields.rs, content.rs).
use mail_parser::decoders::{base64::base64_decode, charsets::DecoderFnc, charsets::map::charset_decoder};
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs foreign code on foreign input; a panic becomes `None`.
pub(super) fn guard<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

/// The decoder for a charset name (RFC 2978), if known.
pub(super) fn decoder(charset: &str) -> Option<DecoderFnc> {
    let charset = charset.trim().trim_matches('"');
    (!charset.is_empty()).then(|| charset_decoder(charset.as_bytes())).flatten()
}

fn run(decoder: DecoderFnc, bytes: &[u8]) -> String {
    guard(|| decoder(bytes)).unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned())
}

/// Text in `charset`. What is labelled ASCII or UTF-8, or not at all, is UTF-8 if it can be and
/// windows-1252 otherwise: that is what such mail turns out to be.
pub(super) fn text(bytes: &[u8], charset: Option<&str>) -> String {
    let charset = charset.map(|name| name.trim().to_ascii_lowercase()).unwrap_or_default();
    if matches!(charset.as_str(), "" | "us-ascii" | "ascii" | "utf-8" | "utf8" | "unknown-8bit" | "8bit") {
        return unlabelled(bytes, None);
    }
    // Seven-bit charsets have no octets above 127: such a label is wrong.
    let seven_bit = charset.starts_with("iso-2022-") || charset == "utf-7";
    if seven_bit && !bytes.is_ascii() && std::str::from_utf8(bytes).is_ok() {
        return unlabelled(bytes, None);
    }
    match decoder(&charset) {
        Some(decoder) => run(decoder, bytes),
        None => unlabelled(bytes, None),
    }
}

/// Text without a label: UTF-8, else ISO-2022-JP if it has its escapes, else `usual`, else windows-1252.
pub(super) fn unlabelled(bytes: &[u8], usual: Option<DecoderFnc>) -> String {
    if bytes.windows(2).any(|pair| pair == b"\x1b$")
        && let Some(japanese) = decoder("iso-2022-jp")
    {
        return run(japanese, bytes);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        // Only the end is missing, behind text that is no ASCII: the message was cut there.
        Err(error)
            if error.error_len().is_none() && bytes.get(..error.valid_up_to()).is_some_and(|b| !b.is_ascii()) =>
        {
            String::from_utf8_lossy(bytes).into_owned()
        }
        Err(_) => match usual.or_else(|| decoder("windows-1252")) {
            Some(decoder) => run(decoder, bytes),
            None => String::from_utf8_lossy(bytes).into_owned(),
        },
    }
}

enum Piece<'a> {
    Plain(&'a str),
    Word { charset: &'a str, base64: bool, payload: String },
}

/// Splits text into encoded words (RFC 2047 section 2) and what stands between them; blanks between two
/// words vanish (6.2). Neighbours of one charset become one word first, for mailers cut characters in two.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut out: Vec<Piece<'_>> = Vec::new();
    let mut plain = text;
    let mut rest = text;
    while let Some((_, behind)) = rest.split_once("=?") {
        rest = behind;
        let Some((charset, base64, payload, after)) = word(behind) else { continue };
        let before = plain.get(..plain.len() - behind.len() - 2).unwrap_or_default();
        let gap = before.trim().is_empty();
        let mut joined = false;
        if let (true, Some(Piece::Word { charset: c, base64: b, payload: p })) = (gap, out.last_mut())
            && c.eq_ignore_ascii_case(charset)
            && *b == base64
            && (!base64 || (p.len() % 4 == 0 && !p.ends_with('=')))
        {
            p.push_str(payload);
            joined = true;
        }
        if !joined {
            let between = gap && matches!(out.last(), Some(Piece::Word { .. }));
            if !between && !before.is_empty() {
                out.push(Piece::Plain(before));
            }
            out.push(Piece::Word { charset, base64, payload: payload.to_owned() });
        }
        rest = after;
        plain = after;
    }
    if !plain.is_empty() {
        out.push(Piece::Plain(plain));
    }
    out
}

/// Reads a word whose `=?` has been read: charset (without RFC 2231's language), encoding, payload, rest.
fn word(text: &str) -> Option<(&str, bool, &str, &str)> {
    let (charset, rest) = text.split_once('?')?;
    let charset = charset.split('*').next().unwrap_or(charset);
    let token = |b: u8| b.is_ascii_graphic();
    if !(2..=40).contains(&charset.len()) || !charset.bytes().all(token) {
        return None;
    }
    let (encoding, rest) = rest.split_once('?')?;
    let base64 = match encoding {
        "B" | "b" => true,
        "Q" | "q" => false,
        _ => return None,
    };
    let (payload, rest) = rest.split_once('?')?;
    let bare = payload.trim_end_matches('=');
    let payload = if base64 && bare.len() % 4 == 0 { bare } else { payload };
    Some((charset, base64, payload, rest.strip_prefix('=')?))
}

/// Text with its encoded words decoded; a word that cannot be stays as it is. May hold line breaks and
/// other controls: clean it before use.
pub(super) fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Plain(plain) => out.push_str(plain),
            Piece::Word { charset, base64: true, payload } if !is_base64(&payload) => {
                let _ = write!(out, "=?{charset}?B?{payload}?=");
            }
            Piece::Word { charset, base64, payload } => {
                let bytes = if base64 { base64_body(payload.as_bytes()) } else { quoted(payload.as_bytes(), true) };
                out.push_str(&self::text(&bytes, Some(charset)));
            }
        }
    }
    out
}

fn is_base64(payload: &str) -> bool {
    payload.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b' '))
}

/// The same text with neighbouring words of one charset joined, for a parser that decodes them singly.
pub(super) fn joined(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut after_word = false;
    for piece in pieces(text) {
        match piece {
            Piece::Plain(plain) => {
                out.push_str(plain);
                after_word = false;
            }
            Piece::Word { charset, base64, payload } => {
                let gap = if after_word { " " } else { "" };
                let _ = write!(out, "{gap}=?{charset}?{}?{payload}?=", if base64 { 'B' } else { 'Q' });
                after_word = true;
            }
        }
    }
    out
}

/// Base64 (RFC 2045 6.8), whatever can be read of it: characters outside the alphabet are skipped, and a
/// torn end is dropped.
pub(super) fn base64_body(bytes: &[u8]) -> Vec<u8> {
    let mut clean: Vec<u8> =
        bytes.iter().copied().filter(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/')).collect();
    if clean.len() % 4 == 1 {
        clean.pop();
    }
    while !clean.len().is_multiple_of(4) {
        clean.push(b'=');
    }
    guard(|| base64_decode(&clean)).flatten().unwrap_or_default()
}

/// Quoted-printable (RFC 2045 6.7); `header` adds RFC 2047's underscore. What is no valid escape stays.
pub(super) fn quoted(bytes: &[u8], header: bool) -> Vec<u8> {
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    loop {
        rest = match rest {
            [] => return out,
            [b'=', b'\r', b'\n', tail @ ..] | [b'=', b'\n', tail @ ..] => tail,
            [b'=', high, low, tail @ ..] if digit(*high).is_some() && digit(*low).is_some() => {
                let (high, low) = (digit(*high).unwrap_or(0), digit(*low).unwrap_or(0));
                out.push(high * 16 + low);
                tail
            }
            [b'_', tail @ ..] if header => {
                out.push(b' ');
                tail
            }
            [other, tail @ ..] => {
                out.push(*other);
                tail
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_words() {
        for (raw, want) in [
            ("=?utf-8?q?caf=C3=A9?=", "café"),
            ("a =?utf-8?q?b?= c", "a b c"),
            ("=?utf-8?q?caf=C3?= =?UTF-8?Q?=A9_noir?=", "café noir"),
            ("=?iso-8859-1*fr?b?6Q==?=  =?utf-8?b?w6k=?=", "éé"),
            ("=?utf-8?b?w6k?=", "é"),
            ("=?utf-8?b?YWLD=?= =?utf-8?b?qWM=?=", "abéc"),
            ("=?iso-2022-jp?B?GyRCJCIbKEI=?=", "あ"),
            ("=?utf-8?q?x=0D=0ABcc:_v?=", "x\r\nBcc: v"),
            ("=?nope?q?a=20b?=", "a b"),
            ("=?broken =?utf-8?x?y?= =?", "=?broken =?utf-8?x?y?= =?"),
            ("1 = 1 =? 2", "1 = 1 =? 2"),
            ("=?utf-8?q?50=?= =?utf-8?q?%?=", "50=%"),
        ] {
            assert_eq!(words(raw), want, "{raw}");
        }
        assert_eq!(joined("=?utf-8?q?=C3?=\t=?utf-8?q?=A9?= <a@b>"), "=?utf-8?Q?=C3=A9?= <a@b>");
    }

    #[test]
    fn transfer_encodings() {
        assert_eq!(base64_body(b"aGVs\r\nbG8=\r\n"), b"hello");
        assert_eq!(base64_body(b"aGVs!bG8"), b"hello");
        assert_eq!(base64_body(b"!!!"), b"");
        assert_eq!(quoted(b"caf=C3=A9 =\r\nnoir =ZZ =", false), "café noir =ZZ =".as_bytes());
    }

    #[test]
    fn charsets() {
        assert_eq!(text(b"caf\xe9", None), "café");
        assert_eq!(text("café".as_bytes(), Some("us-ascii")), "café");
        assert_eq!(text(b"caf\xe9", Some("\"ISO-8859-1\"")), "café");
        assert_eq!(text(b"\xf0\xd2\xc9", Some("koi8-r")), "При");
        assert_eq!(text(b"\x1b$B$\"\x1b(B", None), "あ");
        assert_eq!(text("あ".as_bytes(), Some("ISO-2022-JP")), "あ");
        assert_eq!(text(b"\xc3\xa9abc\xc3", None), "éabc\u{fffd}");
    }
}
