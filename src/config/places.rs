//! Where a city is, for people who write its name: the table cities.txt. Pure; never here: distances (`decide::near`), zones
//! of cities (cities.rs).
use crate::decide::fold::fold_words;
use crate::decide::near::distance;
use crate::decide::occasion::{Place, Point};
use std::sync::LazyLock;

/// So near a point is called by the name of a city, in kilometres.
const HERE: f64 = 30.0;
/// So like names are proposed.
const LIKE: f64 = 0.55;

/// One city of the table.
#[derive(Clone, Debug)]
struct City {
    country: &'static str,
    names: Vec<&'static str>,
    folded: Vec<String>,
    point: Point,
}

static CITIES: LazyLock<Vec<City>> = LazyLock::new(|| {
    let lines = include_str!("cities.txt").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(city).collect()
});

fn city(line: &'static str) -> Option<City> {
    let mut words = line.splitn(4, ' ');
    let (country, latitude, longitude) = (words.next()?, words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let names: Vec<&str> = words.next()?.split('|').collect();
    let mut folded: Vec<String> = names.iter().map(|name| plain(name)).collect();
    folded.sort_unstable();
    folded.dedup();
    Some(City { country, names, folded, point: Point { latitude, longitude } })
}

fn plain(name: &str) -> String {
    fold_words(name).replace(['.', '\''], "")
}

/// Why a name leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// No city is called so; the ones that are called most like it.
    None(Vec<String>),
    /// Several are; how to tell them apart.
    Several(Vec<String>),
}

impl Unknown {
    /// What is wrong, and what to do, for a complaint about a name.
    #[must_use]
    pub fn words(&self) -> (&'static str, String) {
        let list =
            |names: &[String], between| names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(between);
        match self {
            Self::None(near) if near.is_empty() => {
                ("is no known city", "write where it is, as [45.76, 4.84]".to_owned())
            }
            Self::None(near) => (
                "is no known city",
                format!("did you mean {}? Else write where it is, as [45.76, 4.84]", list(near, ", ")),
            ),
            Self::Several(names) => ("is the name of several cities", format!("write {}", list(names, " or "))),
        }
    }
}

/// The city of a name: "Lyon", "lyon", "Genève", "Birmingham, GB".
///
/// # Errors
/// No city is called so, or several are.
pub fn find(text: &str) -> Result<Place, Unknown> {
    let (name, country) = match text.rsplit_once(',') {
        Some((name, country)) if country.trim().len() == 2 => (name.trim(), Some(country.trim().to_uppercase())),
        _ => (text.trim(), None),
    };
    let wanted = plain(name);
    let named = CITIES.iter().filter(|city| city.folded.contains(&wanted));
    let found: Vec<&City> = named.filter(|city| country.as_deref().is_none_or(|it| it == city.country)).collect();
    match found.as_slice() {
        [one] => Ok(Place { name: name.to_owned(), point: one.point }),
        [] => Err(Unknown::None(like(&wanted))),
        several => {
            let full = |city: &&City| format!("{name}, {}", city.country);
            Err(Unknown::Several(several.iter().map(full).collect()))
        }
    }
}

/// Up to three cities whose names are most like a folded one.
fn like(wanted: &str) -> Vec<String> {
    let mut scored: Vec<(f64, &str)> = Vec::new();
    for city in CITIES.iter() {
        let likeness = |name: &String| {
            let near = strsim::normalized_damerau_levenshtein(name, wanted);
            if wanted.chars().count() >= 4 && name.starts_with(wanted) { near.max(0.9) } else { near }
        };
        let best = city.folded.iter().map(likeness).fold(0.0, f64::max);
        if let Some(name) = city.names.first().filter(|name| best >= LIKE && scored.iter().all(|(_, it)| it != *name)) {
            scored.push((best, name));
        }
    }
    scored.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(other.1)));
    let best = scored.first().map_or(0.0, |(best, _)| *best);
    scored.iter().take_while(|(score, _)| best - score < 0.2).take(3).map(|(_, name)| (*name).to_owned()).collect()
}

/// What a point is called: the city there, if there is one.
#[must_use]
pub fn name_of(point: Point) -> Option<String> {
    let near = CITIES.iter().map(|city| (distance(point, city.point), city));
    let (away, city) = near.min_by(|one, other| one.0.total_cmp(&other.0))?;
    city.names.first().filter(|_| away <= HERE).map(|name| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        let lines = include_str!("cities.txt").lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(CITIES.len(), lines);
        assert!(lines > 400, "{lines}");
        // Two of one name in one country could not be told apart.
        let mut all: Vec<(&str, &str)> =
            CITIES.iter().flat_map(|city| city.folded.iter().map(|name| (city.country, name.as_str()))).collect();
        all.sort_unstable();
        let twice = all.windows(2).find(|two| two[0] == two[1]);
        assert_eq!(twice, None);
        for city in CITIES.iter() {
            let Point { latitude, longitude } = city.point;
            assert!(latitude.abs() < 72.0 && longitude.abs() <= 180.0 && city.country.len() == 2, "{city:?}");
        }
    }

    #[test]
    fn people_write_cities() {
        for (text, latitude) in [
            ("Lyon", 45.76),
            ("  lyon ", 45.76),
            ("Genève", 46.20),
            ("geneve", 46.20),
            ("münchen", 48.14),
            ("st gallen", 47.42),
            ("saint étienne", 45.43),
            ("東京", 35.69),
            ("Birmingham, GB", 52.48),
            ("birmingham, us", 33.52),
        ] {
            assert_eq!(find(text).map(|place| place.point.latitude), Ok(latitude), "{text}");
        }
        let (what, remedy) = find("Lyno").unwrap_err().words();
        assert!(what == "is no known city" && remedy.starts_with("did you mean \"Lyon\""), "{remedy}");
        assert_eq!(find("Qqqqzz"), Err(Unknown::None(Vec::new())));
        let several = find("Birmingham").unwrap_err();
        assert_eq!(several, Unknown::Several(vec!["Birmingham, GB".into(), "Birmingham, US".into()]));
        assert_eq!(name_of(Point { latitude: 45.7, longitude: 4.9 }).as_deref(), Some("Lyon"));
        assert_eq!(name_of(Point { latitude: 0.0, longitude: -30.0 }), None);
    }
}
