//! How money and rhythms are written: "4800 EUR", "every thursday 16:00". Text in, values out, with a remedy for what
//! cannot be read.
use crate::config::reader::Field;
use crate::config::{nearest, value};
use crate::model::{Cadence, CadenceUnit, Money};
use chrono::{NaiveTime, Weekday};

/// The currencies in use (ISO 4217, without funds and metals).
const CURRENCIES: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD \
    CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL \
    HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD \
    MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR \
    SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND \
    VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG";

/// Signs that are written instead of a code, and what is probably meant.
const SIGNS: [(&str, &str); 4] = [("€", "EUR"), ("$", "USD"), ("£", "GBP"), ("¥", "JPY")];

/// The greatest amount, in whole units.
const MOST: i64 = 1_000_000_000_000;

/// An amount with its currency.
pub(super) fn money(field: &Field<'_>) -> Option<Money> {
    let text = field.text()?;
    match read_money(&text) {
        Ok(money) => Some(money),
        Err((what, remedy)) => {
            field.place.fault(what, remedy);
            None
        }
    }
}

fn read_money(text: &str) -> Result<Money, (&'static str, String)> {
    let usual = || "write it as \"4800 EUR\" or \"4800.50 EUR\"".to_owned();
    if let Some((sign, code)) = SIGNS.iter().find(|(sign, _)| text.contains(sign)) {
        let number = text.replace(sign, "");
        return Err(("has a sign instead of a currency", format!("write \"{} {code}\"", number.trim())));
    }
    let is_letter = |c: char| c.is_alphabetic();
    let code: String = text.chars().filter(|c| is_letter(*c)).collect();
    let number = text.trim_matches(is_letter).trim();
    if code.is_empty() {
        return Err(("has no currency", format!("write it with its currency, as \"{number} EUR\"")));
    }
    if number.chars().any(is_letter) {
        return Err(("is no amount", usual()));
    }
    let code = code.to_uppercase();
    let known = || CURRENCIES.split_whitespace();
    if !known().any(|one| one == code) {
        let remedy = match nearest::word(&code, known()) {
            Some(meant) => format!("did you mean {meant}?"),
            None => "write its code of ISO 4217, such as EUR, GBP, USD or JPY".to_owned(),
        };
        return Err(("names no currency", remedy));
    }
    let money = Money { minor: 0, currency: code };
    let digits = money.digits();
    let minor = minor(number, digits).ok_or_else(|| {
        let none = if digits == 0 { format!("{} has no smaller unit: ", money.currency) } else { String::new() };
        let remedy = match digits {
            _ if !meant(number, digits).is_empty() => {
                let sums = meant(number, digits).into_iter().map(|sum| format!("\"{sum} {}\"", money.currency));
                format!("{none}write {}", sums.collect::<Vec<_>>().join(" or "))
            }
            0 => format!("{} has no smaller unit: write \"4800 {}\"", money.currency, money.currency),
            _ => format!(
                "write it as \"4800 {0}\" or with all digits behind the point, \"4800.{1} {0}\"",
                money.currency,
                "5000".get(..digits as usize).unwrap_or("50")
            ),
        };
        ("is no amount", remedy)
    })?;
    Ok(Money { minor, ..money })
}

/// `4800`, `4 800`, `4800.50`, `4800,50`; a point before three digits could mean thousands, so it is not read.
fn minor(number: &str, digits: u32) -> Option<i64> {
    let plain: String =
        number.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\'' | '’' | '_')).collect();
    let (whole, part) = match plain.split_once(['.', ',']) {
        None => (plain.as_str(), ""),
        Some((whole, part)) if part.len() == digits as usize && digits > 0 && digits != 3 => (whole, part),
        Some((whole, part)) if digits == 3 && part.len() == 3 && plain.contains('.') => (whole, part),
        Some(_) => return None,
    };
    let all = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !all(whole) || !(part.is_empty() || all(part)) {
        return None;
    }
    let whole: i64 = whole.parse().ok().filter(|whole| *whole <= MOST)?;
    let scale = 10_i64.checked_pow(digits)?;
    let part: i64 = if part.is_empty() { 0 } else { part.parse().ok()? };
    let minor = whole.checked_mul(scale)?.checked_add(part)?;
    (minor > 0).then_some(minor)
}

/// The sums that a number with a wrong part behind its point may mean: rounded, and without the point, where it may stand between
/// thousands.
fn meant(number: &str, digits: u32) -> Vec<String> {
    let is_point = |c: char| matches!(c, '.' | ',');
    let only = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    let strange =
        |c: char| !(c.is_ascii_digit() || is_point(c) || matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\'' | '’' | '_'));
    let Some((whole, part)) = number.rsplit_once(is_point).filter(|_| !number.contains(strange)) else {
        return Vec::new();
    };
    let (whole, part) = (only(whole), only(part));
    let (Ok(units), 1..=9) = (whole.parse::<i64>(), part.len()) else { return Vec::new() };
    let Some(scale) = 10_i64.checked_pow(digits).filter(|_| units <= MOST) else { return Vec::new() };
    let parts = 10_i64.pow(u32::try_from(part.len()).unwrap_or(9));
    let minor = units * scale + (part.parse::<i64>().unwrap_or(0) * scale + parts / 2) / parts;
    let rounded = match digits {
        0 => minor.to_string(),
        _ => format!("{}.{:0width$}", minor / scale, minor % scale, width = digits as usize),
    };
    let mut sums = Vec::new();
    if part.len() == 3 && digits != 3 {
        sums.push(format!("{whole}{part}"));
    }
    if minor > 0 && (part.len() != 3 || digits > 0) {
        sums.push(rounded);
    }
    sums
}

/// A rhythm.
pub(super) fn cadence(field: &Field<'_>) -> Option<Cadence> {
    let text = field.text()?;
    let found = read_cadence(&text);
    if found.is_none() {
        let remedy = "write \"every thursday 16:00\", \"every 2 weeks\", \"every other friday\", \"every 10 days 09:00\", \
                      \"every month\" or \"every month tuesday 10:00\"";
        field.place.fault("is no rhythm", remedy.to_owned());
    }
    found
}

/// "every [other|N] (weeks|days|months|WEEKDAY) [on|WEEKDAY] [at] [HH:MM]", "weekly", "monthly", "fortnightly".
fn read_cadence(text: &str) -> Option<Cadence> {
    let lower = text.to_lowercase();
    let mut words: Vec<&str> = lower.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    words.retain(|word| !matches!(*word, "on" | "at" | "the" | "first" | "of"));
    let (mut every, mut unit, mut day, mut time) = (None, None, None, None);
    let mut begun = false;
    for (n, word) in words.iter().enumerate() {
        let once = |slot: &Option<CadenceUnit>| slot.is_none();
        match *word {
            "every" | "each" if n == 0 => begun = true,
            "weekly" if n == 0 => (begun, unit) = (true, Some(CadenceUnit::Weeks)),
            "monthly" if n == 0 => (begun, unit) = (true, Some(CadenceUnit::Months)),
            "daily" if n == 0 => (begun, unit) = (true, Some(CadenceUnit::Days)),
            "fortnightly" | "biweekly" if n == 0 => (begun, unit, every) = (true, Some(CadenceUnit::Weeks), Some(2)),
            "other" | "second" if every.is_none() => every = Some(2),
            "week" | "weeks" if once(&unit) => unit = Some(CadenceUnit::Weeks),
            "day" | "days" if once(&unit) => unit = Some(CadenceUnit::Days),
            "month" | "months" if once(&unit) => unit = Some(CadenceUnit::Months),
            word => match (weekday(word), value::time(word), word.parse::<u32>()) {
                (Some(found), ..) if day.is_none() => day = Some(found),
                (_, Some(found), _) if time.is_none() => time = Some(found),
                (_, _, Ok(n)) if every.is_none() && unit.is_none() && (1..=52).contains(&n) => every = Some(n),
                _ => return None,
            },
        }
    }
    let unit = unit.or_else(|| day.map(|_| CadenceUnit::Weeks)).filter(|_| begun)?;
    if unit == CadenceUnit::Days && day.is_some() {
        return None;
    }
    Some(Cadence {
        every: every.unwrap_or(1),
        unit,
        weekday: day.unwrap_or(Weekday::Thu),
        time: time.or_else(|| NaiveTime::from_hms_opt(16, 0, 0))?,
    })
}

/// "thursday", "thursdays", "thu".
fn weekday(word: &str) -> Option<Weekday> {
    let word = word.strip_suffix('s').filter(|word| word.ends_with("day")).unwrap_or(word);
    let named = |(short, _, long): &&(&str, Weekday, &str)| word == *short || word == long.to_lowercase();
    value::DAYS.iter().find(named).map(|(_, day, _)| *day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_has_its_currency() {
        for (text, want) in [
            ("4800 EUR", Some((480_000, "EUR"))),
            ("4 800,50 eur", Some((480_050, "EUR"))),
            ("CHF 1'250.50", Some((125_050, "CHF"))),
            ("500000 JPY", Some((500_000, "JPY"))),
            ("12.500 KWD", Some((12_500, "KWD"))),
            ("4800", None),
            ("4.800 EUR", None),
            ("4800.5 EUR", None),
            ("4800.50 JPY", None),
            ("€4800", None),
            ("4800 EURO", None),
            ("0 EUR", None),
            ("-5 EUR", None),
            ("EUR", None),
            ("4800 ABC", None),
            ("99999999999999999999 EUR", None),
            ("EUR 4800 EUR", None),
        ] {
            let got = read_money(text).ok();
            let want = want.map(|(minor, code)| Money { minor, currency: code.to_owned() });
            assert_eq!(got, want, "{text}");
        }
    }

    #[test]
    fn the_remedy_names_the_own_sum() {
        for (text, want) in [
            ("1234.50 JPY", "JPY has no smaller unit: write \"1235 JPY\""),
            ("1,234.40 JPY", "JPY has no smaller unit: write \"1234 JPY\""),
            ("4.800 JPY", "JPY has no smaller unit: write \"4800 JPY\""),
            ("1234.5 EUR", "write \"1234.50 EUR\""),
            ("1234.567 EUR", "write \"1234567 EUR\" or \"1234.57 EUR\""),
            ("4.800,50 EUR", "write \"4800.50 EUR\""),
            ("-5 EUR", "write it as \"4800 EUR\" or with all digits behind the point, \"4800.50 EUR\""),
        ] {
            assert_eq!(read_money(text).unwrap_err().1, want, "{text}");
        }
    }

    #[test]
    fn rhythms() {
        use CadenceUnit::{Days, Months, Weeks};
        for (text, want) in [
            ("every thursday 16:00", Some((1, Weeks, Weekday::Thu, "16:00"))),
            ("Every other Friday at 9:30", Some((2, Weeks, Weekday::Fri, "09:30"))),
            ("every 2 weeks", Some((2, Weeks, Weekday::Thu, "16:00"))),
            ("every 2 weeks on mon 08:00", Some((2, Weeks, Weekday::Mon, "08:00"))),
            ("every month", Some((1, Months, Weekday::Thu, "16:00"))),
            ("every 3 months tuesday", Some((3, Months, Weekday::Tue, "16:00"))),
            ("monthly", Some((1, Months, Weekday::Thu, "16:00"))),
            ("every 10 days 09:00", Some((10, Days, Weekday::Thu, "09:00"))),
            ("fortnightly", Some((2, Weeks, Weekday::Thu, "16:00"))),
            ("every", None),
            ("thursday", None),
            ("every 0 weeks", None),
            ("every day monday", None),
            ("every week week", None),
            ("every thursday 25:00", None),
            ("every now and then", None),
        ] {
            let got = read_cadence(text).map(|c| (c.every, c.unit, c.weekday, c.time.format("%H:%M").to_string()));
            assert_eq!(got, want.map(|(n, unit, day, time)| (n, unit, day, time.to_owned())), "{text}");
        }
    }
}
