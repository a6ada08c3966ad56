//! What an answer to offered times says: the cases of tests/slots/choices.
use chrono::{NaiveDateTime, TimeDelta};
use fuseau::decide::slot_choice::{Choice, Offered, choice};
use fuseau::model::{Instant, Language, Owner, WeeklyHours, Zone, Zones};
use std::{fs, path::Path};

#[test]
fn answers_are_read_and_never_guessed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/slots/choices");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "txt"));
    files.sort();
    let (mut faults, mut checked) = (Vec::new(), 0);
    for path in files {
        let mut offer: (Zone, Vec<(Instant, Instant)>) = (zone("UTC"), Vec::new());
        let mut language = Language::En;
        for (n, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            if line.is_empty() || line.starts_with("# ") {
                continue;
            }
            if let Some(code) = line.strip_prefix("language ") {
                language = Language::parse(code).unwrap();
                continue;
            }
            if let Some(rest) = line.strip_prefix("offer ") {
                offer = offered(rest);
                continue;
            }
            let (text, want) = line.rsplit_once("=>").unwrap();
            let text = text.trim().replace("\\n", "\n");
            let found = said(&choice(&text, &Offered { slots: &offer.1, zone: &offer.0, language, owner: &owner() }));
            if found != want.trim() {
                faults.push(format!(
                    "{}:{}: {text:?} is {found}, not{want}",
                    path.file_name().unwrap().display(),
                    n + 1
                ));
            }
            checked += 1;
        }
    }
    assert!(faults.is_empty(), "{} of {checked}:\n{}", faults.len(), faults.join("\n"));
    assert!(checked > 120, "only {checked} cases were found");
}

fn zone(name: &str) -> Zone {
    Zones::bundled().get(name).unwrap()
}

fn offered(line: &str) -> (Zone, Vec<(Instant, Instant)>) {
    let mut words = line.split_whitespace();
    let zone = zone(words.next().unwrap());
    let at = |word: &str| zone.instant(NaiveDateTime::parse_from_str(word, "%Y-%m-%dT%H:%M").unwrap());
    let slots = words.map(|word| (at(word), at(word) + TimeDelta::minutes(30))).collect();
    (zone, slots)
}

fn owner() -> Owner {
    Owner {
        name: "Claire Martin".into(),
        zone: zone("Europe/London"),
        languages: vec![Language::En],
        hours: WeeklyHours::default(),
        holidays: vec![],
        closures: vec![],
        trips: vec![],
    }
}

fn said(choice: &Choice) -> String {
    match choice {
        Choice::Chosen(n) => n.to_string(),
        Choice::Any => "any".into(),
        Choice::Unclear(among) => {
            format!("which {}", among.iter().map(usize::to_string).collect::<Vec<_>>().join(" "))
        }
        Choice::Declined => "none".into(),
        Choice::Counter => "counter".into(),
        Choice::Nothing => "nothing".into(),
    }
}

mod never_panics {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whatever is written, a choice is one of those offered.
        #[test]
        fn whatever_is_written(text in "([0-9]{1,4}|[ .,:/)?\\n-]|月|日|時|Tuesday|le |at |pm|not |or |january|\\PC){0,24}") {
            let (zone, slots) = offered("Asia/Singapore 2027-01-19T10:00 2027-01-20T14:00");
            match choice(&text, &Offered { slots: &slots, zone: &zone, language: Language::En, owner: &owner() }) {
                Choice::Chosen(n) => prop_assert!((1..=2).contains(&n)),
                Choice::Unclear(among) => prop_assert!(!among.is_empty() && among.iter().all(|n| (1..=2).contains(n))),
                _ => {}
            }
        }
    }
}
