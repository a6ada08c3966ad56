//! Amounts of money in a client's language, by the patterns of CLDR, with ordinary spaces as everywhere in mails. Never here:
//! what an amount means.
use crate::model::{Language, Money};

/// "€4,800.00", "4 800,00 €", "4,800円"; in a region that writes otherwise than most who speak the language, "CHF 4'800.00".
#[must_use]
pub fn money(language: Language, region: Option<&str>, amount: &Money) -> String {
    let region = region.unwrap_or_default();
    let digits = usize::try_from(amount.digits()).unwrap_or(2);
    let text = amount.minor.unsigned_abs().to_string();
    let padded = format!("{text:0>width$}", width = digits + 1);
    let (whole, fraction) = padded.split_at_checked(padded.len() - digits).unwrap_or((&padded, ""));
    let style = Style::of(language, region);
    let mut number = grouped(whole, &style);
    if !fraction.is_empty() {
        number.push(style.point);
        number.push_str(fraction);
    }
    let sign = if amount.minor < 0 { "-" } else { "" };
    let symbol = symbol(language, region, &amount.currency);
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
    fn of(language: Language, region: &str) -> Self {
        let style = |group, point, from, place| Self { group, point, from, place, minus_inside: false };
        match (language, region) {
            (Language::De | Language::It, "CH" | "LI") => return style('\'', '.', 4, Place::BeforeSpaced),
            (Language::De, "AT") => return style('.', ',', 4, Place::BeforeSpaced),
            (Language::Fr, "CH") => return style(' ', '.', 4, Place::Behind),
            (Language::Fr, "LU") => return style('.', ',', 4, Place::Behind),
            (Language::Pt, "PT" | "AO" | "CH" | "CV" | "GW" | "LU" | "MO" | "MZ" | "ST" | "TL") => {
                return style(' ', ',', 5, Place::Behind);
            }
            (Language::Es, "DO" | "GT" | "HN" | "MX" | "NI" | "PA" | "PE" | "PR" | "SV" | "US") => {
                return style(',', '.', 4, Place::Before);
            }
            (Language::Es, "AR" | "CO" | "UY") => return style('.', ',', 4, Place::BeforeSpaced),
            (Language::Es, "CL" | "EC") => return style('.', ',', 4, Place::Before),
            (Language::En, "ZA") => return style(' ', ',', 4, Place::BeforeSpaced),
            _ => {}
        }
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
fn symbol(language: Language, region: &str, code: &str) -> String {
    // At home a dollar or peso needs no name.
    let own = matches!(
        (language, region, code),
        (Language::En, "US", "USD")
            | (Language::En | Language::Fr, "CA", "CAD")
            | (Language::En, "AU", "AUD")
            | (Language::En, "NZ", "NZD")
            | (Language::En, "SG", "SGD")
            | (Language::Es, "MX", "MXN")
            | (Language::Es, "EC" | "PR" | "SV" | "US", "USD")
            | (Language::Es, "AR", "ARS")
            | (Language::Es, "CL", "CLP")
            | (Language::Es, "CO", "COP")
            | (Language::Es, "UY", "UYU")
            | (Language::Zh, "TW", "TWD")
    );
    if own {
        return "$".to_owned();
    }
    let sign = match (language, code) {
        (Language::Pt, "BRL") => "R$",
        (Language::En, "ZAR") if region == "ZA" => "R",
        (_, "EUR") => "€",
        (_, "GBP") => "£",
        (Language::En | Language::Zh, "USD") => "US$",
        (Language::Ja, "USD") => "$",
        (Language::Fr, "USD") => "$US",
        (Language::Pt | Language::Nl, "USD") => "US$",
        (Language::De, "USD") => "$",
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
        money(language, None, &Money { minor, currency: currency.to_owned() })
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

    #[test]
    fn a_region_writes_them_in_its_own_way() {
        use Language::{De, En, Es, Fr, It, Nl, Pt, Zh};
        for (language, region, minor, currency, want) in [
            (De, "CH", 480_000, "CHF", "CHF 4'800.00"),
            (De, "LI", 480_000, "EUR", "€ 4'800.00"),
            (De, "AT", 480_000, "EUR", "€ 4.800,00"),
            (De, "DE", 480_000, "EUR", "4.800,00 €"),
            (Fr, "CH", 1_480_000, "CHF", "14 800.00 CHF"),
            (Fr, "BE", 480_000, "EUR", "4 800,00 €"),
            (Fr, "CA", 480_000, "CAD", "4 800,00 $"),
            (It, "CH", 1_480_000, "CHF", "CHF 14'800.00"),
            (Pt, "PT", 480_000, "EUR", "4800,00 €"),
            (Pt, "PT", 1_480_000, "EUR", "14 800,00 €"),
            (Pt, "BR", 480_000, "BRL", "R$ 4.800,00"),
            (Es, "MX", 480_000, "MXN", "$4,800.00"),
            (Es, "AR", 480_000, "ARS", "$ 4.800,00"),
            (En, "US", 480_000, "USD", "$4,800.00"),
            (En, "GB", 480_000, "USD", "US$4,800.00"),
            (En, "ZA", 480_000, "ZAR", "R 4 800,00"),
            (En, "SG", 480_000, "EUR", "€4,800.00"),
            (Nl, "BE", 480_000, "EUR", "€ 4.800,00"),
            (Zh, "TW", 480_000, "TWD", "$4,800.00"),
        ] {
            let amount = Money { minor, currency: currency.to_owned() };
            assert_eq!(money(language, Some(region), &amount), want, "{language:?}-{region} {minor} {currency}");
        }
    }
}
