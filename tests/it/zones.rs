//! Every zone against Python's zoneinfo, on the same data: all transitions from 2020 to 2037, to the second.
//! Python's side: zones.py. Gaps and folds: src/model/zone_tests.rs.
use fuseau::model::{Instant, Zone, Zones};
use std::{fmt::Write as _, path::Path, process::Command};

const FIRST: i64 = 1_577_836_800; // 2020-01-01
const LAST: i64 = 2_145_916_800; // 2038-01-01

/// What Python says about zones that have the same rules.
struct Told<'a> {
    names: Vec<&'a str>,
    /// (from this second on, this offset), the first for the beginning of 2020.
    offsets: Vec<(i64, i32)>,
}

#[test]
fn every_zone_agrees_with_python() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/zones.py");
    let output = match Command::new("python3").arg(script).output() {
        Ok(output) if output.status.success() => String::from_utf8(output.stdout).unwrap(),
        failed => {
            let why = failed.map_or_else(|e| e.to_string(), |out| String::from_utf8_lossy(&out.stderr).into_owned());
            assert!(std::env::var_os("CI").is_none(), "python3 with zoneinfo and tz data is needed: {why}");
            eprintln!("SKIPPED every_zone_agrees_with_python: python3 with zoneinfo and tz data is needed: {why}");
            return;
        }
    };
    let mut lines = output.lines();
    let (directory, version) = lines.next().and_then(|l| l.strip_prefix("data ")?.rsplit_once(' ')).unwrap();
    let told = told(lines);
    let names: Vec<&str> = Zones::bundled().names().collect();

    // The same files; and our own copy too, where it is of the same version.
    let mut sources = vec![Zones::system(Path::new(directory), version).unwrap()];
    if version == Zones::bundled_version() {
        sources.push(Zones::bundled());
    }
    for zones in sources {
        let (mut compared, mut faults) = (0, String::new());
        for (told, name) in told.iter().flat_map(|told| told.names.iter().map(move |name| (told, *name))) {
            let known = names.contains(&name);
            if let Some(zone) = zones.get(name).filter(|_| known) {
                compared += 1;
                compare(&zone, told, &mut faults);
            } else if known {
                writeln!(faults, "{name}: not found").unwrap();
            }
        }
        eprintln!("{} {}: {compared} zones compared", zones.origin(), zones.version());
        assert!(compared > 450, "only {compared} zones were compared");
        assert!(faults.is_empty(), "{} {}:\n{faults}", zones.origin(), zones.version());
    }
}

fn told<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<Told<'a>> {
    let mut all: Vec<Told> = Vec::new();
    for line in lines {
        if let Some(names) = line.strip_prefix("zone ") {
            all.push(Told { names: names.split(' ').collect(), offsets: Vec::new() });
        } else {
            let (at, offset) = line.split_once(' ').map_or((FIRST, line), |(at, offset)| (at.parse().unwrap(), offset));
            all.last_mut().unwrap().offsets.push((at, offset.parse().unwrap()));
        }
    }
    all
}

/// Both sides of every transition, and every fourth day in between (a transition that only we have would show there).
fn compare(zone: &Zone, told: &Told, faults: &mut String) {
    let mut check = |at: i64, expected: i32| {
        let ours = zone.offset_seconds(Instant::from_timestamp(at, 0).unwrap());
        if ours != expected {
            writeln!(faults, "{} at {at}: {ours}, Python says {expected}", zone.name()).unwrap();
        }
    };
    for (n, (from, offset)) in told.offsets.iter().enumerate() {
        let until = told.offsets.get(n + 1).map_or(LAST, |(next, _)| *next);
        check(*from, *offset);
        check(*from + 1, *offset);
        check(until - 1, *offset);
        let mut at = *from;
        while at < until {
            check(at, *offset);
            at += 4 * 86_400;
        }
    }
}
