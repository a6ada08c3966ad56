//! What people call a time zone, in ten languages. CLDR gives the cities; here lives what one says around them.
//!
//! CLDR's own zone names are left aside: "Singapore Standard Time" and "heure : Royaume-Uni" are said by
//! nobody, and names that follow the offset ("Pacific Daylight Time") are wrong where the law changed
//! (British Columbia since November 2026). A city is never wrong.
use crate::model::{Instant, Language, Zone};
use icu_datetime::{NoCalendarFormatter, fieldsets::zone};
use icu_locale_core::Locale;
use icu_time::zone::{IanaParser, TimeZone};
use std::sync::LazyLock;

/// Names that everybody there uses, where the city alone would sound foreign. Aliases (`US/Eastern`,
/// `Asia/Calcutta`) count as the zone that they stand for.
const EVERYDAY: &[(Language, &str, &str)] = &[
    (Language::En, "America/New_York", "Eastern Time"),
    (Language::En, "America/Detroit", "Eastern Time"),
    (Language::En, "America/Toronto", "Eastern Time"),
    (Language::En, "America/Chicago", "Central Time"),
    (Language::En, "America/Denver", "Mountain Time"),
    (Language::En, "America/Los_Angeles", "Pacific Time"),
    (Language::En, "Europe/London", "UK time"),
    (Language::En, "Europe/Zurich", "Swiss time"),
    (Language::En, "Asia/Kolkata", "India time"),
    (Language::En, "Asia/Shanghai", "China time"),
    (Language::Fr, "America/Toronto", "heure de l'Est"),
    (Language::Fr, "Atlantic/Canary", "heure des Canaries"),
    (Language::Fr, "Europe/Zurich", "heure suisse"),
    (Language::Fr, "Asia/Kolkata", "heure de l'Inde"),
    (Language::Fr, "Asia/Shanghai", "heure de Pékin"),
    (Language::De, "Europe/Berlin", "deutsche Zeit"),
    (Language::De, "Europe/Vienna", "österreichische Zeit"),
    (Language::De, "Europe/Zurich", "Schweizer Zeit"),
    (Language::De, "Asia/Kolkata", "indische Zeit"),
    (Language::De, "Asia/Shanghai", "Pekinger Zeit"),
    (Language::Es, "Europe/Madrid", "hora peninsular española"),
    (Language::Es, "Asia/Kolkata", "hora de la India"),
    (Language::Es, "Asia/Shanghai", "hora de Pekín"),
    (Language::It, "Europe/Rome", "ora italiana"),
    (Language::It, "Europe/Zurich", "ora svizzera"),
    (Language::It, "Asia/Kolkata", "ora dell'India"),
    (Language::It, "Asia/Shanghai", "ora di Pechino"),
    (Language::It, "Atlantic/Canary", "ora delle Canarie"),
    (Language::Pt, "America/Sao_Paulo", "horário de Brasília"),
    (Language::Pt, "Africa/Cairo", "horário do Cairo"),
    (Language::Pt, "Asia/Kolkata", "horário da Índia"),
    (Language::Pt, "Asia/Shanghai", "horário de Pequim"),
    (Language::Pt, "Atlantic/Canary", "horário das Canárias"),
    (Language::Nl, "Europe/Amsterdam", "Nederlandse tijd"),
    (Language::Nl, "Europe/Brussels", "Belgische tijd"),
    (Language::Nl, "Europe/London", "Britse tijd"),
    (Language::Nl, "Europe/Berlin", "Duitse tijd"),
    (Language::Nl, "Asia/Kolkata", "tijd in India"),
    (Language::Nl, "Asia/Shanghai", "tijd in China"),
    (Language::Nl, "Atlantic/Canary", "tijd op de Canarische Eilanden"),
    (Language::Zh, "Asia/Shanghai", "北京时间"),
    (Language::Zh, "America/New_York", "美国东部时间"),
    (Language::Zh, "America/Chicago", "美国中部时间"),
    (Language::Zh, "America/Los_Angeles", "美国太平洋时间"),
    (Language::Ja, "America/New_York", "米国東部時間"),
    (Language::Ja, "America/Chicago", "米国中部時間"),
    (Language::Ja, "America/Los_Angeles", "米国太平洋時間"),
];

/// The same by CLDR's zones, which every alias leads to.
static CALLED: LazyLock<Vec<(Language, TimeZone, &str)>> = LazyLock::new(|| {
    let parser = IanaParser::new();
    EVERYDAY.iter().map(|(language, iana, name)| (*language, parser.parse(iana), *name)).collect()
});

/// The zone in the client's words: "Singapore time", "heure de Singapour", "シンガポール時間".
///
/// A zone without a place (`UTC`, `Etc/GMT+8`, `EST5EDT`) is named by its offset at `at`: "UTC", "UTC-8".
#[must_use]
pub fn zone_name(language: Language, zone: &Zone, at: Instant) -> String {
    let wanted = IanaParser::new().parse(zone.name());
    let everyday = CALLED.iter().find(|(spoken, zone, _)| *spoken == language && *zone == wanted);
    if let Some((_, _, name)) = everyday {
        return (*name).to_owned();
    }
    match place(language, wanted) {
        Some(place) => around(language, &place),
        None => offset_name(language, zone.offset_seconds(at)),
    }
}

/// The locale in which CLDR is asked: British word order for English, Gregorian calendar, Latin digits.
pub(super) fn locale(language: Language) -> Locale {
    let tag = match language {
        Language::En => "en-GB",
        other => other.code(),
    };
    format!("{tag}-u-ca-gregory-nu-latn").parse().unwrap_or(Locale::UNKNOWN)
}

/// The city as the language calls it; ja, zh and ar speak of the country where it has a single time.
fn place(language: Language, zone: TimeZone) -> Option<String> {
    let prefs = locale(language);
    let city = NoCalendarFormatter::try_new((&prefs).into(), zone::ExemplarCity).ok()?;
    let name = city.format(&zone.without_offset()).to_string();
    if name == city.format(&TimeZone::UNKNOWN.without_offset()).to_string() {
        return None;
    }
    match language {
        Language::Ja | Language::Zh | Language::Ar => {
            let location = NoCalendarFormatter::try_new((&prefs).into(), zone::Location).ok()?;
            Some(location.format(&zone.without_offset()).to_string())
        }
        _ => Some(name),
    }
}

fn around(language: Language, place: &str) -> String {
    match language {
        Language::En => format!("{place} time"),
        Language::Fr => format!("heure {}", french_of(place)),
        Language::De => format!("Ortszeit {place}"),
        Language::Es => format!("hora de {place}"),
        Language::Pt => format!("horário de {place}"),
        Language::It => format!("ora {}", italian_of(place)),
        Language::Nl => format!("tijd in {place}"),
        // CLDR has already said "time" here.
        Language::Ja | Language::Zh => place.to_owned(),
        Language::Ar => format!("ب{place}"),
    }
}

fn french_of(place: &str) -> String {
    let contracted = [("Le ", "du "), ("Les ", "des "), ("Îles ", "des îles "), ("Île ", "de l'île ")];
    if let Some((rest, article)) = contracted.iter().find_map(|(from, to)| Some((place.strip_prefix(from)?, to))) {
        return format!("{article}{rest}");
    }
    let vowel = place.starts_with(|c: char| "AÀÂEÉÈÊIÎOÔUÛŒ".contains(c)) || place.starts_with("Helsinki");
    if vowel { format!("d'{place}") } else { format!("de {place}") }
}

fn italian_of(place: &str) -> String {
    match (place.strip_prefix("Il "), place.strip_prefix("L'").or_else(|| place.strip_prefix("L’"))) {
        (Some(rest), _) => format!("del {rest}"),
        (_, Some(rest)) => format!("dell'{rest}"),
        _ => format!("di {place}"),
    }
}

fn offset_name(language: Language, seconds: i32) -> String {
    let (hours, minutes) = (seconds.abs() / 3600, seconds.abs() % 3600 / 60);
    let sign = if seconds < 0 { '-' } else { '+' };
    let name = match (hours, minutes) {
        (0, 0) => "UTC".to_owned(),
        (_, 0) => format!("UTC{sign}{hours}"),
        _ => format!("UTC{sign}{hours}:{minutes:02}"),
    };
    match language {
        Language::Zh => format!("{name}时间"),
        Language::Ar => format!("بتوقيت {name}"),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Zones;

    #[test]
    fn zones_are_called_what_people_call_them() {
        let at = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        for (language, iana, want) in [
            (Language::En, "Asia/Singapore", "Singapore time"),
            (Language::En, "America/Vancouver", "Vancouver time"),
            (Language::En, "US/Eastern", "Eastern Time"),
            (Language::En, "Asia/Calcutta", "India time"),
            (Language::En, "UTC", "UTC"),
            (Language::En, "Etc/GMT+8", "UTC-8"),
            (Language::Fr, "Asia/Singapore", "heure de Singapour"),
            (Language::Fr, "Europe/Amsterdam", "heure d'Amsterdam"),
            (Language::Fr, "Africa/Cairo", "heure du Caire"),
            (Language::Fr, "America/Montreal", "heure de l'Est"),
            (Language::De, "Asia/Singapore", "Ortszeit Singapur"),
            (Language::De, "Europe/Berlin", "deutsche Zeit"),
            (Language::Es, "America/New_York", "hora de Nueva York"),
            (Language::It, "Africa/Cairo", "ora del Cairo"),
            (Language::Pt, "Asia/Singapore", "horário de Singapura"),
            (Language::Nl, "Europe/London", "Britse tijd"),
            (Language::Ja, "Asia/Tokyo", "日本時間"),
            (Language::Ja, "America/Vancouver", "バンクーバー時間"),
            (Language::Zh, "Asia/Singapore", "新加坡时间"),
            (Language::Ar, "Asia/Singapore", "بتوقيت سنغافورة"),
        ] {
            let zone = Zones::bundled().get(iana).unwrap();
            assert_eq!(zone_name(language, &zone, at), want, "{iana} in {language:?}");
        }
    }

    #[test]
    fn every_zone_has_a_name_in_every_language_and_every_everyday_zone_exists() {
        let zones = Zones::bundled();
        let at = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let city = |iana: &str| iana.contains('/') && !iana.starts_with("Etc/");
        for iana in zones.names() {
            let zone = zones.get(iana).unwrap();
            for language in Language::ALL {
                let name = zone_name(language, &zone, at);
                assert!(!name.is_empty() && !name.contains(['\u{202f}', '\n', '?']), "{iana} {language:?}: {name}");
                assert!(!city(iana) || !name.contains("UTC"), "{iana} {language:?}: {name}");
            }
        }
        for (_, iana, _) in EVERYDAY {
            assert!(IanaParser::new().parse(iana) != TimeZone::UNKNOWN, "{iana}");
        }
    }
}
