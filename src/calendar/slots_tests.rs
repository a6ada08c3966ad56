//! Tests of meeting times.
use super::*;
use crate::model::{ClientPolicy, Closure, Language, Tone, Trip, Zones};
use chrono::DateTime;

fn zone(name: &str) -> Zone {
    Zones::bundled().get(name).unwrap()
}

fn at(text: &str) -> Instant {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn span(open: &str, close: &str) -> Span {
    let time = |text| NaiveTime::parse_from_str(text, "%H:%M").unwrap();
    Span { open: time(open), close: time(close) }
}

fn owner() -> Owner {
    let week = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu];
    let mut hours = WeeklyHours::on(&week, &[span("09:00", "09:30"), span("16:30", "17:00")]);
    hours.set(Weekday::Fri, vec![span("09:00", "09:30"), span("11:30", "12:00")]);
    Owner {
        name: "Claire Martin".into(),
        zone: zone("Europe/London"),
        languages: vec![Language::En],
        hours,
        holidays: vec!["GB-ENG".into()],
        closures: vec![],
        trips: vec![],
    }
}

fn client(name: &str) -> Client {
    Client {
        id: "acme".into(),
        name: "Acme Pte Ltd".into(),
        contacts: vec![],
        zone: zone(name),
        language: Language::En,
        tone: Tone::Formal,
        hours: None,
        holidays: vec![],
        channels: vec![],
        policy: ClientPolicy::Normal,
        mode: None,
        birthdays: vec![],
        since: None,
    }
}

fn said(owner: &Owner, client: &Client, from: &str, until: &str, busy: &[Interval], count: usize) -> Vec<String> {
    let meeting =
        Meeting { owner, client, hours: None, length: TimeDelta::minutes(30), from: at(from), until: at(until), busy };
    let late = |slot: &Slot| if slot.late { " late" } else { "" };
    let show = |slot: &Slot| format!("{}{}", client.zone.local(slot.start).format("%a %d %H:%M"), late(slot));
    propose(&meeting, count).iter().map(show).collect()
}

#[test]
fn times_are_decent_for_both_and_spread() {
    let slots = said(&owner(), &client("Europe/Paris"), "2027-01-18T00:00:00Z", "2027-01-30T00:00:00Z", &[], 3);
    assert_eq!(slots.len(), 3);
    let days: std::collections::BTreeSet<&str> = slots.iter().filter_map(|slot| slot.get(..6)).collect();
    let times: std::collections::BTreeSet<&str> = slots.iter().filter_map(|slot| slot.get(7..12)).collect();
    assert!(days.len() == 3 && times.len() == 3 && !slots.iter().any(|slot| slot.contains("late")), "{slots:?}");
}

#[test]
fn where_usual_hours_share_nothing_waking_ones_are_used_and_said() {
    // Los Angeles begins when London's usual hours end.
    let slots = said(&owner(), &client("America/Los_Angeles"), "2027-01-18T00:00:00Z", "2027-01-23T00:00:00Z", &[], 2);
    assert_eq!(slots.len(), 2);
    assert!(slots.iter().all(|slot| slot.ends_with("late")), "{slots:?}");
}

#[test]
fn closures_holidays_and_busy_times_are_left_out() {
    let mut owner = owner();
    let day = |n| NaiveDate::from_ymd_opt(2027, 1, n).unwrap();
    owner.closures.push(Closure { from: day(18), to: day(20), note: None });
    let mut acme = client("Asia/Singapore");
    acme.hours =
        Some(WeeklyHours::on(&[Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu], &[span("09:00", "18:00")]));
    // Only Thursday is left: 09:00-10:00 in London is 17:00-18:00 in Singapore.
    let from = "2027-01-18T00:00:00Z";
    assert_eq!(
        said(&owner, &acme, from, "2027-01-23T00:00:00Z", &[], 9).iter().filter(|s| !s.contains("late")).count(),
        2
    );
    let busy = [(at("2027-01-21T09:15:00Z"), at("2027-01-21T11:00:00Z"))];
    let left = said(&owner, &acme, from, "2027-01-23T00:00:00Z", &busy, 9);
    assert!(!left.iter().any(|slot| !slot.contains("late")), "{left:?}");
    // New Year's Day is kept in London.
    let none = said(&owner, &client("Europe/Paris"), "2027-01-01T00:00:00Z", "2027-01-02T00:00:00Z", &[], 3);
    assert!(none.is_empty(), "{none:?}");
}

#[test]
fn trips_move_the_hours_and_clock_changes_are_right() {
    let mut owner = owner();
    let day = |n| NaiveDate::from_ymd_opt(2027, 3, n).unwrap();
    let trip = Trip { from: day(22), to: day(26), zone: zone("Asia/Singapore"), place: None, hours: None };
    owner.trips.push(trip);
    let mut acme = client("Asia/Singapore");
    acme.hours = Some(WeeklyHours::on(&[Weekday::Mon], &[span("09:00", "10:00")]));
    // On the trip 09:00 there is 09:00 here; at home it would be the night.
    let there = said(&owner, &acme, "2027-03-22T00:00:00Z", "2027-03-23T00:00:00Z", &[], 1);
    assert_eq!(there, ["Mon 22 09:00"]);
    // London's clocks go forward on 28 March, New York's went on 14 March: 14:00 there is 10:00, then 9:00.
    let mut york = client("America/New_York");
    york.hours = Some(WeeklyHours::on(&[Weekday::Mon], &[span("09:00", "10:00")]));
    owner.trips.clear();
    let from = |day: &str| (format!("{day}T00:00:00Z"), format!("{day}T23:59:00Z"));
    for (day, want) in [("2027-03-08", "14:00"), ("2027-03-15", "13:00"), ("2027-04-12", "13:00")] {
        let (from, until) = from(day);
        let meeting = Meeting {
            owner: &owner,
            client: &york,
            hours: None,
            length: TimeDelta::minutes(60),
            from: at(&from),
            until: at(&until),
            busy: &[],
        };
        let found: Vec<String> =
            propose(&meeting, 1).iter().map(|slot| slot.start.format("%H:%M").to_string()).collect();
        assert_eq!(found, [want], "{day}");
    }
}
