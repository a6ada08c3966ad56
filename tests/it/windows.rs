//! Answer windows: the cases of tests/windows/*.txt, and properties over all zones. The syntax of the cases is
//! described in tests/windows/README.md.
use crate::support::cases;
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Weekday};
use fuseau::calendar::{Away, Window, away, promised_window, window_at, windows, zone_on};
use fuseau::model::{Closure, Exception, Instant, Owner, Span, Trip, WeeklyHours, Zone, Zones};
use proptest::prelude::*;

#[test]
fn cases() {
    let checked = cases::ask("windows", || Table { owner: nobody(), notice: TimeDelta::minutes(30) });
    assert!(checked > 50, "only {checked} cases were found");
}

struct Table {
    owner: Owner,
    notice: TimeDelta,
}

impl cases::Table for Table {
    fn tell(&mut self, line: &str, place: &str) {
        let (word, rest) = line.split_once(' ').unwrap_or_else(|| panic!("{place}: {line}"));
        let words: Vec<&str> = rest.split_whitespace().collect();
        match word {
            "home" => *self = Table { owner: Owner { zone: zone(rest), ..nobody() }, notice: TimeDelta::minutes(30) },
            "hours" => set_hours(&mut self.owner.hours, &words),
            "holidays" => self.owner.holidays = words.iter().map(|&code| code.to_owned()).collect(),
            "day" => {
                let date = words[0].parse().unwrap();
                self.owner.hours.except(date, Exception::Hours(spans(&words[1..]).collect()));
            }
            "except" => words.iter().for_each(|d| self.owner.hours.except(d.parse().unwrap(), Exception::Working)),
            "extra" => words.iter().for_each(|d| self.owner.hours.except(d.parse().unwrap(), Exception::Off)),
            "notice" => self.notice = TimeDelta::minutes(rest.strip_suffix('m').unwrap().parse().unwrap()),
            "closed" => {
                let (from, to) = dates(words[0]);
                self.owner.closures.push(Closure { from, to, note: words.get(1).map(|&note| note.to_owned()) });
            }
            "trip" => {
                let (from, to) = dates(words[0]);
                let place = words.get(2).map(|&place| place.to_owned());
                self.owner.trips.push(Trip { from, to, zone: zone(words[1]), place, hours: None });
            }
            "there" => set_hours(self.owner.trips.last_mut().unwrap().hours.get_or_insert_default(), &words),
            _ => panic!("{place}: `{word}` is not known"),
        }
    }

    fn answer(&mut self, question: &[&str], _: &str) -> String {
        match question {
            ["all", from, until] => {
                let all = windows(&self.owner, instant(from), instant(until));
                if all.is_empty() { "none".into() } else { all.iter().map(show).collect::<Vec<_>>().join(" ") }
            }
            ["open", at] => window_at(&self.owner, instant(at)).as_ref().map_or("none".into(), show),
            ["where", at] => promised_window(&self.owner, instant(at), self.notice).map_or("none".into(), |window| {
                format!("{} {} {}", window.date, window.zone.name(), window.place.as_deref().unwrap_or("home"))
            }),
            ["away", at] => {
                let until =
                    promised_window(&self.owner, instant(at), self.notice).map_or(Instant::MAX_UTC, |w| w.start);
                match away(&self.owner, instant(at), until) {
                    Some(Away::Closure { last_day, note }) => format!("closed {last_day} {}", note.unwrap_or_default()),
                    Some(Away::Trip { place, zone, first_day, last_day }) => {
                        format!("trip {first_day}..{last_day} {} {}", zone.name(), place.unwrap_or_default())
                    }
                    None => "none".into(),
                }
            }
            [at] => promised_window(&self.owner, instant(at), self.notice).as_ref().map_or("none".into(), show),
            _ => panic!("{question:?}"),
        }
    }
}

/// The window in the zone where it is, so that a case reads as the owner's clock does.
fn show(window: &Window) -> String {
    let show = |at| window.zone.fixed(at).format("%Y-%m-%dT%H:%M%:z").to_string();
    format!("{}/{}", show(window.start), show(window.end))
}

fn nobody() -> Owner {
    Owner {
        name: "Claire Martin".into(),
        zone: Zones::bundled().utc(),
        languages: vec![],
        hours: WeeklyHours::default(),
        holidays: vec![],
        closures: vec![],
        trips: vec![],
    }
}

fn zone(name: &str) -> Zone {
    Zones::bundled().get(name.trim()).unwrap_or_else(|| panic!("zone {name}"))
}

fn instant(text: &str) -> Instant {
    DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%:z").unwrap_or_else(|e| panic!("{text}: {e}")).to_utc()
}

fn dates(text: &str) -> (NaiveDate, NaiveDate) {
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    (from.parse().unwrap(), to.parse().unwrap())
}

fn spans<'a>(words: &'a [&'a str]) -> impl Iterator<Item = Span> + Clone + 'a {
    words.iter().map(|span| {
        let (open, close) = span.split_once('-').unwrap();
        let time = |text: &str| NaiveTime::parse_from_str(&text.replace("24:00", "00:00"), "%H:%M").unwrap();
        Span { open: time(open), close: time(close) }
    })
}

fn set_hours(hours: &mut WeeklyHours, words: &[&str]) {
    let spans = spans(&words[1..]);
    let (first, last) = words[0].split_once('-').unwrap_or((words[0], words[0]));
    let (first, last): (Weekday, Weekday) = (first.parse().unwrap(), last.parse().unwrap());
    let mut day = first;
    loop {
        hours.set(day, spans.clone().collect());
        if day == last {
            break;
        }
        day = day.succ();
    }
}

// ---- properties ----

fn any_zone() -> impl Strategy<Value = Zone> {
    let zones = Zones::bundled();
    let names: Vec<&str> = zones.names().collect();
    proptest::sample::select(names).prop_map(move |name| zones.get(name).unwrap())
}

fn any_hours() -> impl Strategy<Value = WeeklyHours> {
    let minute = |m: u32| NaiveTime::from_num_seconds_from_midnight_opt(m * 60, 0).unwrap();
    let day = proptest::collection::btree_set(0_u32..96, 0..=6).prop_map(move |marks| {
        let marks: Vec<u32> = marks.into_iter().collect();
        let pair = |pair: &[u32]| Span { open: minute(pair[0] * 15), close: minute(pair[1] * 15) };
        let mut spans: Vec<Span> = marks.chunks_exact(2).map(pair).collect();
        // Every other last span goes on past midnight.
        if let (Some(last), 1) = (spans.last_mut(), marks.len() % 2) {
            last.close = minute(marks[0] / 8 * 15);
        }
        spans
    });
    proptest::collection::vec(day, 7).prop_map(|days| {
        let mut hours = WeeklyHours::default();
        for (n, spans) in (0_u8..).zip(days) {
            hours.set(Weekday::try_from(n).unwrap(), spans);
        }
        hours
    })
}

/// An owner with a trip and a closure near a moment of 2026 to 2029, and the moment.
fn any_owner() -> impl Strategy<Value = (Owner, Instant)> {
    let days = (-10_i64..10, 0_u64..12);
    let parts = (any_zone(), any_zone(), any_hours(), proptest::option::of(any_hours()), days.clone(), days);
    (parts, 1_767_225_600_i64..1_893_456_000).prop_map(|((home, there, hours, other, trip, closed), second)| {
        let at = Instant::from_timestamp(second, 0).unwrap();
        let days = |(ahead, long): (i64, u64)| {
            let from = at.date_naive() + TimeDelta::days(ahead);
            (from, from + Days::new(long))
        };
        let ((from, to), (first, last)) = (days(trip), days(closed));
        let owner = Owner {
            zone: home,
            hours,
            trips: vec![Trip { from, to, zone: there, place: Some("there".into()), hours: other }],
            closures: vec![Closure { from: first, to: last, note: None }],
            holidays: vec!["GB-ENG".into()],
            ..nobody()
        };
        (owner, at)
    })
}

/// Whether a clock on the wall says that a window is open: only meaningful far from any change of offset.
fn open_by_the_wall(owner: &Owner, at: Instant) -> bool {
    let zones = [&owner.zone, &owner.trips[0].zone];
    zones.into_iter().any(|zone| {
        let local = zone.local(at);
        [0, 1].into_iter().any(|back| {
            let date = local.date() - Days::new(back);
            let trip = owner.trips.iter().find(|trip| (trip.from..=trip.to).contains(&date));
            let closed = owner.closures.iter().any(|closure| (closure.from..=closure.to).contains(&date));
            let holiday = fuseau::calendar::holidays::is_holiday("GB-ENG", date);
            let hours = trip.and_then(|trip| trip.hours.as_ref()).unwrap_or(&owner.hours);
            let minutes = (local - date.and_time(NaiveTime::MIN)).num_seconds();
            !closed
                && !holiday
                && zone_on(owner, date) == zone
                && hours.day(date.weekday()).iter().any(|span| {
                    let open = span.open.signed_duration_since(NaiveTime::MIN).num_seconds();
                    let close = span.close.signed_duration_since(NaiveTime::MIN).num_seconds();
                    (open..if close <= open { close + 86_400 } else { close }).contains(&minutes)
                })
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn windows_are_sorted_and_disjoint((owner, at) in any_owner()) {
        let until = at + TimeDelta::days(20);
        let all = windows(&owner, at, until);
        for window in &all {
            prop_assert!(window.start < window.end && window.end > at && window.start < until);
            prop_assert_eq!(&window.zone, zone_on(&owner, window.date));
        }
        for pair in all.windows(2) {
            prop_assert!(pair[0].end < pair[1].start, "{pair:?}");
        }
        // The same windows, wherever one starts to look.
        for window in all.iter().take(12) {
            prop_assert_eq!(window_at(&owner, window.start), Some(window.clone()));
            prop_assert_eq!(window_at(&owner, window.end - TimeDelta::seconds(1)), Some(window.clone()));
            prop_assert_eq!(window_at(&owner, window.end), None);
        }
    }

    #[test]
    fn the_promised_window_is_the_first_that_leaves_time((owner, at) in any_owner(), notice in 0_i64..20_000) {
        let by = at + TimeDelta::seconds(notice);
        let promised = promised_window(&owner, at, TimeDelta::seconds(notice));
        let all = windows(&owner, at - TimeDelta::days(1), at + TimeDelta::days(400));
        prop_assert_eq!(promised.as_ref(), all.iter().find(|window| window.end >= by));
        prop_assert_eq!(promised.is_none(), owner.hours.is_empty() && all.is_empty());
        if let Some(window) = promised {
            prop_assert!(window.end >= by);
            prop_assert_eq!(promised_window(&owner, window.end, TimeDelta::zero()), Some(window));
        }
    }

    #[test]
    fn a_clock_on_the_wall_agrees((owner, at) in any_owner(), steps in proptest::collection::vec(0_i64..28_800, 20)) {
        for step in steps {
            let at = at - TimeDelta::days(10) + TimeDelta::minutes(step);
            let steady = |zone: &Zone| {
                let offset = |days| zone.offset_seconds(at + TimeDelta::days(days));
                offset(-2) == offset(2)
            };
            if steady(&owner.zone) && steady(&owner.trips[0].zone) {
                prop_assert_eq!(window_at(&owner, at).is_some(), open_by_the_wall(&owner, at), "{}", at);
            }
        }
    }
}
