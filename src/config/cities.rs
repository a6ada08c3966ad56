//! The zone of a city, for people who do not know IANA names. Pure; proposes, decides nothing.
use crate::model::Zones;

/// Cities whose zone bears another city's name. Not complete on purpose: who is not found here types the zone.
const ELSEWHERE: &[(&str, &str)] = &[
    ("abu dhabi", "Asia/Dubai"),
    ("ankara", "Europe/Istanbul"),
    ("antwerp", "Europe/Brussels"),
    ("atlanta", "America/New_York"),
    ("auckland", "Pacific/Auckland"),
    ("austin", "America/Chicago"),
    ("bangalore", "Asia/Kolkata"),
    ("barcelona", "Europe/Madrid"),
    ("basel", "Europe/Zurich"),
    ("beijing", "Asia/Shanghai"),
    ("bengaluru", "Asia/Kolkata"),
    ("bern", "Europe/Zurich"),
    ("bilbao", "Europe/Madrid"),
    ("birmingham", "Europe/London"),
    ("bologna", "Europe/Rome"),
    ("bordeaux", "Europe/Paris"),
    ("boston", "America/New_York"),
    ("brasilia", "America/Sao_Paulo"),
    ("bremen", "Europe/Berlin"),
    ("bristol", "Europe/London"),
    ("calgary", "America/Edmonton"),
    ("canberra", "Australia/Sydney"),
    ("cape town", "Africa/Johannesburg"),
    ("cologne", "Europe/Berlin"),
    ("dallas", "America/Chicago"),
    ("delhi", "Asia/Kolkata"),
    ("den haag", "Europe/Amsterdam"),
    ("dusseldorf", "Europe/Berlin"),
    ("edinburgh", "Europe/London"),
    ("florence", "Europe/Rome"),
    ("frankfurt", "Europe/Berlin"),
    ("geneva", "Europe/Zurich"),
    ("geneve", "Europe/Zurich"),
    ("genf", "Europe/Zurich"),
    ("glasgow", "Europe/London"),
    ("gothenburg", "Europe/Stockholm"),
    ("graz", "Europe/Vienna"),
    ("hamburg", "Europe/Berlin"),
    ("hanoi", "Asia/Ho_Chi_Minh"),
    ("houston", "America/Chicago"),
    ("koln", "Europe/Berlin"),
    ("krakow", "Europe/Warsaw"),
    ("kyoto", "Asia/Tokyo"),
    ("las vegas", "America/Los_Angeles"),
    ("lausanne", "Europe/Zurich"),
    ("leipzig", "Europe/Berlin"),
    ("lille", "Europe/Paris"),
    ("londres", "Europe/London"),
    ("lyon", "Europe/Paris"),
    ("manchester", "Europe/London"),
    ("marseille", "Europe/Paris"),
    ("melbourne", "Australia/Melbourne"),
    ("miami", "America/New_York"),
    ("milan", "Europe/Rome"),
    ("milano", "Europe/Rome"),
    ("montreal", "America/Toronto"),
    ("mumbai", "Asia/Kolkata"),
    ("munchen", "Europe/Berlin"),
    ("munich", "Europe/Berlin"),
    ("nantes", "Europe/Paris"),
    ("naples", "Europe/Rome"),
    ("new delhi", "Asia/Kolkata"),
    ("nice", "Europe/Paris"),
    ("osaka", "Asia/Tokyo"),
    ("ottawa", "America/Toronto"),
    ("philadelphia", "America/New_York"),
    ("porto", "Europe/Lisbon"),
    ("quebec", "America/Toronto"),
    ("rio de janeiro", "America/Sao_Paulo"),
    ("rotterdam", "Europe/Amsterdam"),
    ("salvador", "America/Bahia"),
    ("san diego", "America/Los_Angeles"),
    ("san francisco", "America/Los_Angeles"),
    ("seattle", "America/Los_Angeles"),
    ("shenzhen", "Asia/Shanghai"),
    ("strasbourg", "Europe/Paris"),
    ("stuttgart", "Europe/Berlin"),
    ("tel aviv", "Asia/Jerusalem"),
    ("toulouse", "Europe/Paris"),
    ("turin", "Europe/Rome"),
    ("utrecht", "Europe/Amsterdam"),
    ("valencia", "Europe/Madrid"),
    ("venice", "Europe/Rome"),
    ("washington", "America/New_York"),
    ("wellington", "Pacific/Auckland"),
    ("wien", "Europe/Vienna"),
    ("zurich", "Europe/Zurich"),
];

/// The IANA names that a person may mean with `text`: a zone's own name, a city of its name, a city of the list above.
/// Empty: nothing is like it. Several: it has to be asked.
#[must_use]
pub fn zones_of(text: &str, zones: &Zones) -> Vec<String> {
    let wanted = folded(text);
    if wanted.is_empty() {
        return Vec::new();
    }
    let named = |with_city: bool| {
        zones
            .names()
            .find(|name| name.contains('/') == with_city && folded(name) == wanted)
            .map(|name| vec![name.to_owned()])
    };
    if let Some(found) = named(true) {
        return found;
    }
    if let Some((_, zone)) = ELSEWHERE.iter().find(|(city, _)| *city == wanted) {
        return vec![(*zone).to_owned()];
    }
    let city = |name: &str| name.rsplit('/').next().map(folded);
    let mut found: Vec<String> = zones
        .names()
        // Old names ("Singapore", "US/Pacific") are links to the names with a continent.
        .filter(|name| {
            name.contains('/') && !name.starts_with("Etc/") && !name.starts_with("US/") && !name.starts_with("Brazil/")
        })
        .filter(|name| city(name).as_deref() == Some(wanted.as_str()))
        .map(str::to_owned)
        .collect();
    found.sort_unstable();
    found.dedup();
    if found.is_empty() {
        // Names without a city ("Singapore", "Japan") are old links; better than nothing.
        return named(false).unwrap_or_default();
    }
    found
}

/// The zone whose name, or whose city, is spelled most like `text`.
#[must_use]
pub fn nearest(text: &str, zones: &Zones) -> Option<&'static str> {
    let names: Vec<&'static str> = zones.names().filter(|name| name.contains('/')).collect();
    let city = |name: &'static str| name.rsplit('/').next().unwrap_or(name);
    let near = super::nearest(text, names.iter().copied()).map(str::to_owned);
    let near = near.or_else(|| {
        let near = super::nearest(text, names.iter().map(|name| city(name)))?.to_owned();
        names.iter().find(|name| city(name) == near).map(|name| (*name).to_owned())
    })?;
    names.into_iter().find(|name| *name == near)
}

/// Lower case without accents, spaces for everything else.
fn folded(text: &str) -> String {
    let plain = |c: char| match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'ç' => 'c',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ñ' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        '_' | '-' => ' ',
        other => other,
    };
    text.trim().to_lowercase().chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cities_of_the_list_have_zones_that_exist() {
        let zones = Zones::bundled();
        for (city, zone) in ELSEWHERE {
            assert!(zones.get(zone).is_some(), "{city}: {zone}");
            assert_eq!(folded(city), *city);
        }
    }

    #[test]
    fn people_write_cities() {
        let zones = Zones::bundled();
        for (text, zone) in [
            ("Singapore", "Asia/Singapore"),
            ("são paulo", "America/Sao_Paulo"),
            ("Genève", "Europe/Zurich"),
            ("new york", "America/New_York"),
            ("asia/tokyo", "Asia/Tokyo"),
            ("Montréal", "America/Toronto"),
        ] {
            assert_eq!(zones_of(text, &zones), [zone], "{text}");
        }
        assert_eq!(nearest("Lodnon", &zones), Some("Europe/London"));
        assert!(zones_of("Lodnon", &zones).is_empty());
        assert!(zones_of("  ", &zones).is_empty());
    }
}
