//! How far owner and clients are apart, and what hours they share: the cases of tests/gaps/*.txt, whose syntax is
//! described in tests/gaps/README.md, and properties over all zones.
use chrono::{DateTime, NaiveTime, TimeDelta, Weekday};
use fuseau::calendar::overlap::{awake_owner, intersection};
use fuseau::calendar::shift::{moves, shifts};
use fuseau::calendar::{OwnerTime, Shift, coming_shift, decent_hours, gap, next_shift, overlap, zone_at};
use fuseau::model::{Client, ClientPolicy, Instant, Language, Owner, Span, Tone, Trip, WeeklyHours, Zone, Zones};
use proptest::prelude::*;
use std::{fs, path::Path};

#[test]
fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gaps");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "txt"));
    let (mut checked, mut faults) = (0, String::new());
    for path in files {
        let mut table = Table { owner: nobody("UTC"), clients: vec![] };
        for (n, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            let line = line.split('#').next().unwrap().trim();
            let words: Vec<&str> = line.split_whitespace().collect();
            if let Some((question, expected)) = line.split_once(" -> ") {
                checked += 1;
                let answer = table.answer(&question.split_whitespace().collect::<Vec<_>>());
                if answer != expected {
                    let place = format!("{}:{}", path.file_name().unwrap().display(), n + 1);
                    faults += &format!("{place}: {question}\n  expected {expected}\n  but was  {answer}\n");
                }
            } else if !words.is_empty() {
                table.tell(&words);
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
    assert!(checked > 50, "only {checked} cases were found");
}

struct Table {
    owner: Owner,
    clients: Vec<Client>,
}

impl Table {
    fn tell(&mut self, words: &[&str]) {
        match words {
            ["home", name] => *self = Table { owner: nobody(name), clients: vec![] },
            ["hours", rest @ ..] => set_hours(&mut self.owner.hours, rest),
            ["trip", dates, name] => {
                let (from, to) = dates.split_once("..").unwrap();
                let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
                self.owner.trips.push(Trip { from, to, zone: zone(name), place: None, hours: None });
            }
            ["client", name, rest @ ..] => {
                let mut client = somebody(name);
                if !rest.is_empty() {
                    set_hours(client.hours.get_or_insert_default(), rest);
                }
                self.clients.push(client);
            }
            ["holidays", codes @ ..] => {
                self.clients.last_mut().unwrap().holidays = codes.iter().map(|&code| code.to_owned()).collect();
            }
            _ => panic!("{words:?}"),
        }
    }

    fn answer(&self, question: &[&str]) -> String {
        let owner = &self.owner;
        let far = |at: Instant| at + TimeDelta::days(400);
        let there = || &self.clients.last().unwrap().zone;
        let list = |all: Vec<String>| if all.is_empty() { "none".to_owned() } else { all.join(" ") };
        let common = |time, from, until| {
            let clients: Vec<&Client> = self.clients.iter().collect();
            let all = overlap(owner, &clients, time, instant(from), instant(until));
            list(all.iter().map(|(start, end)| format!("{}/{}", self.show(*start), self.show(*end))).collect())
        };
        let said = |shift: Option<Shift>| {
            shift.map_or("none".into(), |s| {
                format!("{} {} {} {}", self.show(s.at), s.before_minutes, s.after_minutes, s.whose.as_str())
            })
        };
        match question {
            ["gap", at] => {
                let seconds = gap(owner, there(), instant(at));
                assert_eq!(seconds % 60, 0);
                (seconds / 60).to_string()
            }
            ["next", at] => said(next_shift(owner, there(), instant(at), far(instant(at)))),
            ["coming", at, until] => said(coming_shift(owner, there(), instant(at), instant(until))),
            ["moves", at] => list(
                moves(owner, there(), instant(at), far(instant(at)))
                    .map(|m| {
                        let zone = m.zone.name();
                        format!("{} {} {} {zone}", self.show(m.at), m.before_minutes, m.after_minutes)
                    })
                    .collect(),
            ),
            ["common", from, until] => common(OwnerTime::Awake, from, until),
            ["windows", from, until] => common(OwnerTime::Windows, from, until),
            _ => panic!("{question:?}"),
        }
    }

    fn show(&self, at: Instant) -> String {
        zone_at(&self.owner, at).fixed(at).format("%Y-%m-%dT%H:%M%:z").to_string()
    }
}

fn nobody(home: &str) -> Owner {
    Owner {
        name: "Claire Martin".into(),
        zone: zone(home),
        languages: vec![],
        hours: WeeklyHours::default(),
        holidays: vec![],
        closures: vec![],
        trips: vec![],
    }
}

fn somebody(home: &str) -> Client {
    Client {
        id: "acme".into(),
        name: "Acme".into(),
        contacts: vec![],
        zone: zone(home),
        language: Language::En,
        tone: Tone::Formal,
        hours: None,
        holidays: vec![],
        channels: vec![],
        policy: ClientPolicy::Normal,
        mode: None,
        birthdays: Vec::new(),
        since: None,
    }
}

fn zone(name: &str) -> Zone {
    Zones::bundled().get(name).unwrap_or_else(|| panic!("zone {name}"))
}

fn instant(text: &str) -> Instant {
    DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%:z").unwrap_or_else(|e| panic!("{text}: {e}")).to_utc()
}

fn set_hours(hours: &mut WeeklyHours, words: &[&str]) {
    let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").unwrap();
    let span = |span: &&str| span.split_once('-').map(|(open, close)| Span { open: time(open), close: time(close) });
    let spans: Vec<Span> = words[1..].iter().map(|word| span(word).unwrap()).collect();
    let (first, last) = words[0].split_once('-').unwrap_or((words[0], words[0]));
    let (mut day, last): (Weekday, Weekday) = (first.parse().unwrap(), last.parse().unwrap());
    while day != last {
        hours.set(day, spans.clone());
        day = day.succ();
    }
    hours.set(last, spans);
}

fn any_zone() -> impl Strategy<Value = Zone> {
    let zones = Zones::bundled();
    let names: Vec<&str> = zones.names().collect();
    proptest::sample::select(names).prop_map(move |name| zones.get(name).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn between_shifts_and_moves_the_gap_stands_still(
        home in any_zone(), away in any_zone(), there in any_zone(), second in 1_767_225_600_i64..1_893_456_000,
        looks in proptest::collection::vec(0_i64..400 * 86_400, 20),
    ) {
        let from = Instant::from_timestamp(second, 0).unwrap();
        let until = from + TimeDelta::days(400);
        let day = (from + TimeDelta::days(90)).date_naive();
        let trip = Trip { from: day, to: day + TimeDelta::days(9), zone: away, place: None, hours: None };
        let owner = Owner { zone: home, trips: vec![trip], ..nobody("UTC") };
        let mut all: Vec<(Instant, i64, i64)> =
            shifts(&owner, &there, from, until).map(|s| (s.at, s.before_minutes, s.after_minutes)).collect();
        all.extend(moves(&owner, &there, from, until).map(|m| (m.at, m.before_minutes, m.after_minutes)));
        all.sort_unstable();
        let start = gap(&owner, &there, from) / 60;
        for pair in all.windows(2) {
            prop_assert_eq!(pair[0].2, pair[1].1);
        }
        for (at, before, after) in &all {
            prop_assert_eq!(gap(&owner, &there, *at - TimeDelta::seconds(1)) / 60, *before);
            prop_assert_eq!(gap(&owner, &there, *at) / 60, *after);
        }
        for look in looks {
            let at = from + TimeDelta::seconds(look);
            let told = all.iter().rev().find(|change| change.0 <= at).map_or(start, |change| change.2);
            prop_assert_eq!(gap(&owner, &there, at) / 60, told, "{}", at);
        }
    }

    #[test]
    fn common_hours_are_hours_of_each(home in any_zone(), one in any_zone(), other in any_zone(), second in 1_767_225_600_i64..1_893_456_000) {
        let from = Instant::from_timestamp(second, 0).unwrap();
        let until = from + TimeDelta::days(7);
        let owner = Owner { zone: home, ..nobody("UTC") };
        let clients = [Client { zone: one, ..somebody("UTC") }, Client { zone: other, ..somebody("UTC") }];
        let common = overlap(&owner, &[&clients[0], &clients[1]], OwnerTime::Awake, from, until);
        for pair in common.windows(2) {
            prop_assert!(pair[0].1 < pair[1].0, "{pair:?}");
        }
        let total = |list: &[(Instant, Instant)]| list.iter().map(|(a, b)| *b - *a).sum::<TimeDelta>();
        for hours in [awake_owner(&owner, from, until), decent_hours(&clients[0], from, until), decent_hours(&clients[1], from, until)] {
            prop_assert_eq!(total(&intersection(&common, &hours)), total(&common));
        }
    }
}
