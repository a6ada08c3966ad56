//! The owner's calendars: tests/slots/calendars/NAME.ics against NAME.busy (busy times in UTC, faults below a line `--`).
//! `UPDATE=1` writes them. Where python3 has recurring_ical_events, it has the same opinion about every file that any program
//! reads alike.
use chrono::{DateTime, NaiveDate};
use fuseau::model::{EmailAddress, Instant, Language, Owner, Trip, WeeklyHours, Zone, Zones};
use fuseau::system::calendars::{Wanted, busy, read};
use std::path::{Path, PathBuf};
use std::{fs, process::Command};

/// What other programs cannot know: where the owner is, which zone names are right, who the owner is.
const OURS_ALONE: &[&str] = &[
    "broken",
    "empty",
    "endless",
    "free-and-cancelled",
    "free-busy",
    "from-now-on",
    "further-dates",
    "never",
    "night-of-the-change",
    "no-calendar",
    "whole-days-and-floating-times",
    "without-a-start",
    "zone-described-wrongly",
    "zone-of-nobody",
];

fn zone(name: &str) -> Zone {
    Zones::bundled().get(name).unwrap()
}

fn owner() -> Owner {
    let date = |day| NaiveDate::from_ymd_opt(2027, 2, day).unwrap();
    let trip = Trip { from: date(1), to: date(7), zone: zone("Asia/Singapore"), place: None, hours: None };
    Owner {
        name: "Claire Martin".into(),
        zone: zone("Europe/Paris"),
        languages: vec![Language::En],
        hours: WeeklyHours::default(),
        holidays: vec![],
        closures: vec![],
        trips: vec![trip],
    }
}

fn instant(text: &str) -> Instant {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

const FROM: &str = "2027-02-01T00:00:00Z";
const UNTIL: &str = "2027-04-01T00:00:00Z";

fn ask<T>(work: impl FnOnce(&Wanted<'_>) -> T) -> T {
    let (owner, zones) = (owner(), Zones::bundled());
    let own = [EmailAddress::parse("claire@studio.example").unwrap()];
    work(&Wanted { owner: &owner, own: &own, zones: &zones, from: instant(FROM), until: instant(UNTIL) })
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/slots/calendars");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "ics"));
    files.sort();
    files
}

fn lines(busy: &[(Instant, Instant)]) -> String {
    busy.iter().map(|(start, end)| format!("{} {}\n", start.format("%FT%TZ"), end.format("%FT%TZ"))).collect()
}

#[test]
fn busy_times_are_known() {
    let (mut faults, update) = (Vec::new(), std::env::var_os("UPDATE").is_some());
    let files = files();
    for file in &files {
        let (found, whats) = ask(|wanted| busy(&fs::read_to_string(file).unwrap(), wanted));
        let mut page = lines(&found);
        if !whats.is_empty() {
            page.push_str(&format!("--\n{}\n", whats.join("\n")));
        }
        let want = file.with_extension("busy");
        if fs::read_to_string(&want).ok().as_deref() != Some(page.as_str()) {
            faults.push(format!("{}:\n{page}", file.display()));
            if update {
                fs::write(want, page).unwrap();
            }
        }
    }
    assert!(update || faults.is_empty(), "{}", faults.join("\n"));
    assert!(files.len() >= 18, "{}", files.len());
}

#[test]
fn another_program_has_the_same_opinion() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/calendars.py");
    let alike = |file: &&PathBuf| !OURS_ALONE.contains(&file.file_stem().unwrap().to_str().unwrap());
    let (mut checked, all) = (0, files());
    for file in all.iter().filter(alike) {
        // The distribution's packages are its own Python's.
        let ran = ["/usr/bin/python3", "python3"].iter().find_map(|python| {
            let output = Command::new(python).arg(&script).args([FROM, UNTIL]).arg(file).output().ok()?;
            output.status.success().then_some(output)
        });
        let Some(output) = ran else {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "python3-recurring-ical-events is missing");
            eprintln!("SKIPPED another_program_has_the_same_opinion: python3-recurring-ical-events is not here");
            return;
        };
        let (found, _) = ask(|wanted| busy(&fs::read_to_string(file).unwrap(), wanted));
        assert_eq!(lines(&found), String::from_utf8_lossy(&output.stdout), "{}", file.display());
        checked += 1;
    }
    assert!(checked >= 6, "{checked}");
}

#[test]
fn a_bad_file_is_named_and_the_rest_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    let good = files().into_iter().find(|file| file.ends_with("further-dates.ics")).unwrap();
    fs::File::create(path("huge.ics")).unwrap().set_len(17 * 1024 * 1024).unwrap();
    fs::write(path("page.ics"), "<html>log in</html>").unwrap();
    let all = [path("huge.ics"), path("missing.ics"), path("page.ics"), good];
    let found = ask(|wanted| read(&all, wanted));
    assert_eq!(found.busy.len(), 4);
    let said: Vec<String> = found.faults.iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(said[0].contains("huge.ics: it is larger than 16 MiB; its busy times are not (all) known"), "{said:?}");
    assert!(said[1].contains("missing.ics: it cannot be read"), "{said:?}");
    assert!(said[2].contains("page.ics: it is no calendar"), "{said:?}");
}

#[test]
fn a_file_that_changes_is_read_again() {
    let dir = tempfile::tempdir().unwrap();
    let (held, pattern) = (fuseau::system::calendars::Held::default(), [dir.path().join("*.ics")]);
    let look = || ask(|wanted| held.read(&pattern, wanted));
    assert!(look().faults[0].to_string().contains("*.ics: there is no such file"));
    let good = files().into_iter().find(|file| file.ends_with("further-dates.ics")).unwrap();
    fs::copy(good, dir.path().join("a.ics")).unwrap();
    for _ in 0..2 {
        let found = look();
        assert_eq!((found.busy.len(), found.faults.len()), (4, 0));
    }
    fs::write(dir.path().join("a.ics"), "<html>log in</html>").unwrap();
    for _ in 0..2 {
        let found = look();
        assert_eq!((found.busy.len(), found.faults.len()), (0, 1), "what was read before is not kept");
    }
}

mod whatever_is_in_it {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// No text of lines that calendars are made of stops the program, and no stretch runs backwards.
        #[test]
        fn nothing_stops(lines in proptest::collection::vec(
            prop_oneof![
                Just("BEGIN:VCALENDAR".to_owned()), Just("BEGIN:VEVENT".to_owned()), Just("END:VEVENT".to_owned()),
                Just("BEGIN:VTIMEZONE".to_owned()), Just("END:VCALENDAR".to_owned()), Just("UID:a".to_owned()),
                "DTSTART(;TZID=[A-Za-z/]{1,9}|;VALUE=DATE)?:[0-9]{0,8}(T[0-9]{0,6}Z?)?",
                "DTEND:2027[0-9]{4}T[0-9]{6}Z?", "DURATION:-?P[0-9]{1,9}[DWH]", "EXDATE:2027030[1-9]T090000Z",
                "RRULE:FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY|HOURLY|SECONDLY)(;INTERVAL=[0-9]{1,6})?(;COUNT=[0-9]{1,9})?(;BYDAY=-?[0-9]?MO)?(;BYMONTHDAY=-?[0-9]{1,2})?(;BYSETPOS=-?[0-9]{1,3})?(;UNTIL=[0-9]{8})?",
                "RECURRENCE-ID(;RANGE=THISANDFUTURE)?:2027030[1-9]T090000", "RDATE:[0-9]{8}T[0-9]{6}",
            ], 0..14)) {
            let (found, _) = ask(|wanted| busy(&lines.join("\r\n"), wanted));
            prop_assert!(found.iter().all(|(start, end)| start < end));
        }
    }
}
