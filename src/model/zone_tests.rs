//! Tests of zones: today's rules, gaps and folds. All zones against Python: tests/it/zones.rs.
use super::*;

fn wall(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").unwrap()
}

fn utc(text: &str) -> Instant {
    wall(text).and_utc()
}

fn zone(name: &str) -> Zone {
    Zones::bundled().get(name).unwrap()
}

#[test]
fn bundled_rules_are_those_of_late_2026() {
    // Vancouver and Havana stay on summer time, Casablanca has gone back to +00; chrono-tz 0.10.4 knows none of it.
    for (name, hours) in [("America/Vancouver", -7), ("Africa/Casablanca", 0), ("America/Havana", -4)] {
        let at = utc("2026-11-23 12:00:00");
        assert_eq!(zone(name).offset_seconds(at), hours * 3600, "{name}");
    }
}

#[test]
fn gap_moves_to_its_end_and_fold_is_taken_first() {
    let cases = [
        ("Europe/Paris", "2026-03-29 01:59:59", "2026-03-29 00:59:59"),
        ("Europe/Paris", "2026-03-29 02:00:00", "2026-03-29 01:00:00"),
        ("Europe/Paris", "2026-03-29 02:30:00.5", "2026-03-29 01:00:00"),
        ("Europe/Paris", "2026-03-29 02:59:59.999", "2026-03-29 01:00:00"),
        ("Europe/Paris", "2026-03-29 03:00:00", "2026-03-29 01:00:00"),
        ("Europe/Paris", "2026-10-25 01:59:59", "2026-10-24 23:59:59"),
        ("Europe/Paris", "2026-10-25 02:00:00", "2026-10-25 00:00:00"),
        ("Europe/Paris", "2026-10-25 02:59:59", "2026-10-25 00:59:59"),
        ("Europe/Paris", "2026-10-25 03:00:00", "2026-10-25 02:00:00"),
        // Half an hour.
        ("Australia/Lord_Howe", "2026-10-04 02:15:00", "2026-10-03 15:30:00"),
        ("Australia/Lord_Howe", "2026-04-05 01:45:00", "2026-04-04 14:45:00"),
        ("Australia/Lord_Howe", "2026-04-05 02:00:00", "2026-04-04 15:30:00"),
        // Midnight does not exist: the day begins at one.
        ("America/Santiago", "2026-09-06 00:00:00", "2026-09-06 04:00:00"),
        // A whole day: Samoa went from the 29th to the 31st.
        ("Pacific/Apia", "2011-12-29 23:59:59", "2011-12-30 09:59:59"),
        ("Pacific/Apia", "2011-12-30 00:00:00", "2011-12-30 10:00:00"),
        ("Pacific/Apia", "2011-12-30 12:00:00", "2011-12-30 10:00:00"),
        ("Pacific/Apia", "2011-12-30 23:59:59", "2011-12-30 10:00:00"),
        ("Pacific/Apia", "2011-12-31 00:00:00", "2011-12-30 10:00:00"),
    ];
    for (name, civil, expected) in cases {
        assert_eq!(zone(name).instant(wall(civil)), utc(expected), "{name} {civil}");
        assert_eq!(zone(name).in_gap(wall(civil)), zone(name).local(utc(expected)) != wall(civil));
    }
}

/// A gap is found right although the offset changes again before or after it, within hours.
#[test]
fn two_changes_within_two_days() {
    // A zone of our own: +00; 2026-03-01T00:00Z -> +02; 2026-03-01T20:00Z -> +00; 2026-03-02T10:00Z -> +01.
    let moments = [utc("2026-03-01 00:00:00"), utc("2026-03-01 20:00:00"), utc("2026-03-02 10:00:00")];
    let times: Vec<i64> = moments.iter().map(|t| t.timestamp()).collect();
    let tz = TimeZone::tzif("Test/Twice", &tzif(&times, &[0, 7200, 0, 3600])).unwrap();
    let zone = Zone { name: "Test/Twice".into(), rules: tz };
    for (civil, expected) in [
        ("2026-02-28 23:59:59", "2026-02-28 23:59:59"),
        ("2026-03-01 01:00:00", "2026-03-01 00:00:00"),
        ("2026-03-01 02:00:00", "2026-03-01 00:00:00"),
        ("2026-03-01 21:00:00", "2026-03-01 19:00:00"),
        ("2026-03-01 22:00:00", "2026-03-01 22:00:00"),
        ("2026-03-02 10:30:00", "2026-03-02 10:00:00"),
        ("2026-03-02 11:00:00", "2026-03-02 10:00:00"),
    ] {
        assert_eq!(zone.instant(wall(civil)), utc(expected), "{civil}");
    }
}

/// A TZif file of version 2 (RFC 8536) with the transitions `times`; `offsets[0]` is in force before the first.
fn tzif(times: &[i64], offsets: &[i32]) -> Vec<u8> {
    let header = |times: usize, types: usize| {
        let mut head = b"TZif2".to_vec();
        head.extend([0; 15]);
        for count in [0, 0, 0, times, types, 4] {
            head.extend(u32::try_from(count).unwrap().to_be_bytes());
        }
        head
    };
    let kind = |offset: i32| [offset.to_be_bytes().as_slice(), &[0, 0]].concat();
    let mut file = header(0, 1);
    file.extend(kind(0));
    file.extend(b"TST\0");
    file.extend(header(times.len(), offsets.len()));
    file.extend(times.iter().flat_map(|t| t.to_be_bytes()));
    file.extend((1..=times.len()).map(|n| u8::try_from(n).unwrap()));
    file.extend(offsets.iter().flat_map(|offset| kind(*offset)));
    file.extend(b"TST\0");
    file.extend(b"\nTST-1\n");
    file
}

#[test]
fn names_are_spelled_exactly() {
    let zones = Zones::bundled();
    assert!(zones.get("Europe/Paris").is_some());
    for wrong in ["europe/paris", "Europe/Lodnon", "Paris", "UTC+8", ""] {
        assert!(zones.get(wrong).is_none(), "{wrong}");
    }
    assert!(zones.names().all(|name| zones.get(name).is_some()), "every name offered is a zone");
}

/// A system's tree without the old names: they have the rules of the copy in the binary.
#[test]
fn names_that_the_system_leaves_out() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("Europe")).unwrap();
    let paris = tzif(&[0], &[3600, 3600]);
    std::fs::write(dir.path().join("Europe/Paris"), paris).unwrap();
    let zones = Zones::system(dir.path(), "2027a").unwrap();
    let summer = utc("2026-07-01 12:00:00");
    assert_eq!(zones.get("Europe/Paris").unwrap().offset_seconds(summer), 3600, "the system's own");
    assert_eq!(zones.get("US/Pacific").unwrap().offset_seconds(summer), -7 * 3600);
    assert_eq!(zones.get("US/Pacific").unwrap().name(), "US/Pacific");
    assert!(zones.get("Europe/Lodnon").is_none());
}
