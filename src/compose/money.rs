//! Amounts of money in a client's language, by the patterns of CLDR, with ordinary spaces as everywhere in mails. Never here:
//! what an amount means.
use crate::model::{Language, Money};

/// "€4,800.00", "4 800,00 €", "4,800円".
#[must_use]
pub fn money(language: Language, amount: &Money) -> String {
    let digits = usize::try_from(amount.digits()).unwrap_or(2);
    let text = amount.minor.unsigned_abs().to_string();
    let padded = format!("{text:0>width$}", width = digits + 1);
    let (whole, fraction) = padded.split_at_checked(padded.len() - digits).unwrap_or((&padded, ""));
    let style = Style::of(language);
    let mut number = grouped(whole, &style);
    if !fraction.is_empty() {
        number.push(style.point);
        number.push_str(fraction);
    }
    let sign = if amount.minor < 0 { "-" } else { "" };
    let symbol = symbol(language, &amount.currency);
    let letters = symbol.chars().all(|c| c.is_ascii_alphabetic());
    let said = match style.place {
        Place::Before if letters => format!("{sign}{symbol} {number}"),
        Place::Before => format!("{sign}{symbol}{number}"),
        Place::BeforeSpaced if style.minus_inside => format!("{symbol} {sign}{number}"),
        Place::BeforeSpaced => format!("{sign}{symbol} {number}"),
        Place::Behind => format!("{sign}{number} {symbol}"),
    };
    match (language, amount.currency.as_str()) {
        // CLDR writes a full-width sign; in a letter one writes the word.
        (Language::Ja, "JPY") => format!("{sign}{number}円"),
        (Language::Ar, _) => format!("\u{2068}{said}\u{2069}"),
        _ => said,
    }
}

/// How a language writes amounts.
struct Style {
    group: char,
    point: char,
    /// Groups only from so many digits on: "4800,00" in Spanish, but "14.800,00".
    from: usize,
    place: Place,
    minus_inside: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Before,
    BeforeSpaced,
    Behind,
}

impl Style {
    fn of(language: Language) -> Self {
        let style = |group, point, from, place| Self { group, point, from, place, minus_inside: false };
        match language {
            Language::En | Language::Ja | Language::Zh => style(',', '.', 4, Place::Before),
            Language::Fr => style(' ', ',', 4, Place::Behind),
            Language::De => style('.', ',', 4, Place::Behind),
            Language::Es | Language::It => style('.', ',', 5, Place::Behind),
            Language::Pt => style('.', ',', 4, Place::BeforeSpaced),
            Language::Nl => Self { minus_inside: true, ..style('.', ',', 4, Place::BeforeSpaced) },
            Language::Ar => style(',', '.', 4, Place::Behind),
        }
    }
}

fn grouped(whole: &str, style: &Style) -> String {
    if whole.len() < style.from {
        return whole.to_owned();
    }
    let mut text = String::new();
    for (n, digit) in whole.chars().enumerate() {
        if n > 0 && (whole.len() - n).is_multiple_of(3) {
            text.push(style.group);
        }
        text.push(digit);
    }
    text
}

/// The sign of a currency where the language has one that cannot be taken for another; else its code.
fn symbol(language: Language, code: &str) -> String {
    let sign = match (language, code) {
        (_, "EUR") => "€",
        (_, "GBP") => "£",
        (Language::En | Language::Zh, "USD") => "US$",
        (Language::Ja, "USD") => "$",
        (Language::Fr, "USD") => "$US",
        (Language::Pt, "USD") | (Language::Nl, "USD") => "US$",
        (Language::De, "USD") => "$",
        (Language::Pt, "BRL") => "R$",
        (Language::Zh, "CNY") => "¥",
        (Language::Zh, "JPY") => "JP¥",
        (Language::En, "JPY") => "JP¥",
        (Language::En, "AUD") => "A$",
        (Language::En, "CAD") => "CA$",
        (Language::En, "NZD") => "NZ$",
        (Language::En, "INR") => "₹",
        _ => code,
    };
    sign.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(language: Language, minor: i64, currency: &str) -> String {
        money(language, &Money { minor, currency: currency.to_owned() })
    }

    #[test]
    fn amounts_are_written_as_the_language_writes_them() {
        use Language::{Ar, De, En, Es, Fr, It, Ja, Nl, Pt, Zh};
        for (language, minor, currency, want) in [
            (En, 480_000, "EUR", "€4,800.00"),
            (En, 5, "EUR", "€0.05"),
            (En, -480_000, "EUR", "-€4,800.00"),
            (En, 123_456_789, "USD", "US$1,234,567.89"),
            (En, 480_000, "CHF", "CHF 4,800.00"),
            (En, 4_800, "JPY", "JP¥4,800"),
            (En, 4_800_500, "KWD", "KWD 4,800.500"),
            (Fr, 480_000, "EUR", "4 800,00 €"),
            (Fr, 99_950, "EUR", "999,50 €"),
            (Fr, 480_000, "USD", "4 800,00 $US"),
            (De, 480_000, "EUR", "4.800,00 €"),
            (De, 480_000, "CHF", "4.800,00 CHF"),
            (Es, 480_000, "EUR", "4800,00 €"),
            (Es, 1_480_000, "EUR", "14.800,00 €"),
            (It, 480_000, "EUR", "4800,00 €"),
            (It, 1_480_000, "EUR", "14.800,00 €"),
            (Pt, 480_000, "BRL", "R$ 4.800,00"),
            (Pt, 480_000, "EUR", "€ 4.800,00"),
            (Nl, 480_000, "EUR", "€ 4.800,00"),
            (Nl, -480_000, "EUR", "€ -4.800,00"),
            (Ja, 4_800, "JPY", "4,800円"),
            (Ja, 480_000, "EUR", "€4,800.00"),
            (Zh, 480_000, "CNY", "¥4,800.00"),
            (Zh, 4_800, "JPY", "JP¥4,800"),
            (Ar, 480_000, "EUR", "\u{2068}4,800.00 €\u{2069}"),
            (Ar, 480_000, "AED", "\u{2068}4,800.00 AED\u{2069}"),
            (En, i64::MIN, "JPY", "-JP¥9,223,372,036,854,775,808"),
        ] {
            assert_eq!(said(language, minor, currency), want, "{language:?} {minor} {currency}");
        }
    }
}
