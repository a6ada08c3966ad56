//! Tests of the public holidays: the file as a whole, and dates that are known from elsewhere.
use super::*;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn dates_that_people_know() {
    for (code, day, name) in [
        ("SG", "2026-02-17", "Chinese New Year"),
        ("SG", "2026-08-10", "National Day (observed)"),
        ("GB-ENG", "2026-04-06", "Easter Monday"),
        ("GB-ENG", "2026-12-28", "Boxing Day (observed)"),
        ("GB", "2035-12-25", "Christmas Day"),
        ("GB-SCT", "2027-11-30", "Saint Andrew's Day"),
        ("CH-GE", "2026-09-10", "Genevan Fast"),
        ("CH-GE", "2026-08-01", "National Day"),
        ("DE-BY", "2026-01-06", "Epiphany"),
        ("DE-BY", "2026-10-03", "German Unity Day"),
        ("FR", "2026-07-14", "National Day"),
        ("US", "2026-07-03", "Independence Day (observed)"),
    ] {
        assert_eq!(name_of(code, date(day)), Some(name), "{code} {day}");
        assert!(is_holiday(code, date(day)));
    }
    for (code, day) in [
        ("GB", "2026-04-06"), // not in Scotland
        ("GB-SCT", "2026-04-06"),
        ("DE", "2026-01-06"),
        ("CH", "2026-09-10"),
        ("CH-NE", "2026-05-25"),
        ("US-AR", "2026-10-12"), // a region that takes a day of its country's away
        ("FR", "2026-07-15"),
        ("FR", "2025-12-25"), // before the first year
        ("FR", "2036-12-25"), // after the last
        ("XX", "2026-12-25"),
        ("gb", "2026-12-25"),
    ] {
        assert!(!is_holiday(code, date(day)), "{code} {day}");
    }
    assert!(is_holiday("US", date("2026-10-12")));
}

#[test]
fn the_file_is_read_to_the_last_word() {
    let text = include_str!("holidays.txt");
    assert!(text.len() < 400 * 1024, "{} bytes", text.len());
    let book = book();
    assert_eq!(years(), (2026, 2035));
    let data = || text.lines().filter(|line| !line.starts_with('#'));
    let (rules, calendars): (Vec<&str>, Vec<&str>) = data().skip(1).partition(|line| line.starts_with("= "));
    assert_eq!(book.rules.len(), rules.len());
    assert_eq!(codes().collect::<Vec<_>>(), calendars.iter().map(|l| l.split(' ').next().unwrap()).collect::<Vec<_>>());
    assert!(codes().count() > 800 && codes().all(is_known));
    for rule in rules {
        let (name, dates) = rule.strip_prefix("= ").unwrap().split_once('|').unwrap();
        assert!(!name.is_empty(), "{rule}");
        for word in dates.split(' ') {
            let found = days(word, 2026, 2035).count();
            assert_eq!(found, if word.len() == 4 { 10 } else { 1 }, "{rule}: {word}");
        }
    }
    for code in codes() {
        let calendar = book.calendar(code).unwrap();
        assert!(calendar.parent.is_none_or(is_known), "{code}");
        for day in &calendar.removed {
            assert!(!is_holiday(code, *day) && is_holiday(calendar.parent.unwrap(), *day), "{code} {day}");
        }
    }
    for line in calendars {
        let mut words = line.split(' ');
        let code = words.next().unwrap();
        assert!(
            words.all(|word| word.trim_start_matches('-').parse::<usize>().is_ok_and(|n| n < book.rules.len())),
            "{code}"
        );
    }
}
