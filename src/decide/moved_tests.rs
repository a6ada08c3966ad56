//! What moves an open promise, and what does not.
use super::*;
use crate::model::{Closure, HeaderText, Language, PromiseState, Span, Trip, WeeklyHours, Zones};
use chrono::{DateTime, NaiveDate, NaiveTime, Weekday};

fn at(text: &str) -> Instant {
    DateTime::parse_from_rfc3339(&format!("{text}:00Z")).unwrap().to_utc()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn span(open: &str, close: &str) -> Span {
    let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").unwrap();
    Span { open: time(open), close: time(close) }
}

fn zone(name: &str) -> Zone {
    Zones::bundled().get(name).unwrap()
}

/// London, every weekday 09:00-09:30 and 16:30-17:00.
fn owner() -> Owner {
    let days = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
    Owner {
        name: "Claire Martin".into(),
        zone: zone("Europe/London"),
        languages: vec![Language::En],
        hours: WeeklyHours::on(&days, &[span("09:00", "09:30"), span("16:30", "17:00")]),
        holidays: Vec::new(),
        closures: Vec::new(),
        trips: Vec::new(),
    }
}

fn promise(by: &str, announced: bool) -> Promise {
    Promise {
        id: "p".into(),
        client: "acme".into(),
        mailbox: "studio".into(),
        conversation: "c".into(),
        message_id: None,
        subject: HeaderText::new("Logo"),
        state: PromiseState::Open,
        by: at(by),
        zone: "Asia/Singapore".into(),
        made_at: at("2027-01-14T10:00"),
        announced,
        closed_at: None,
        closed_by: None,
    }
}

fn look(promise: &Promise, wall: &str, owner: &Owner, newer_tz: bool) -> Moved {
    let zone = zone("Asia/Singapore");
    let wall = NaiveDateTime::parse_from_str(wall, "%Y-%m-%dT%H:%M").unwrap();
    let given = Given { wall, zone: &zone, counted_from: at("2027-01-14T10:05") };
    moved(promise, &given, owner, TimeDelta::minutes(30), newer_tz, at("2027-01-14T11:00"))
}

/// Thursday, 17:00 in London, 01:00 of the next day in Singapore.
const BY: &str = "2027-01-14T17:00";
const TOLD: &str = "2027-01-15T01:00";

#[test]
fn what_was_told_stays_and_what_nobody_knows_moves() {
    let closed = |from: &str, to: &str| {
        let mut owner = owner();
        owner.closures.push(Closure { from: day(from), to: day(to), note: None });
        owner
    };
    let trip = |hours: Option<WeeklyHours>| {
        let mut owner = owner();
        let zone = zone("Asia/Singapore");
        owner.trips.push(Trip { from: day("2027-01-14"), to: day("2027-01-20"), zone, place: None, hours });
        owner
    };
    let thursdays_off = || {
        let mut owner = owner();
        owner.hours.set(Weekday::Thu, Vec::new());
        owner
    };
    let friday = at("2027-01-15T09:30");
    let to = |to, why| Moved::Move { to, why };
    let cases = [
        ("nothing changed", owner(), false, Moved::Keep, Moved::Keep),
        ("a closure later", closed("2027-01-20", "2027-01-21"), false, Moved::Keep, Moved::Keep),
        (
            "a closure over the day",
            closed("2027-01-14", "2027-01-14"),
            false,
            Moved::Bare(Change::Closure),
            to(friday, Change::Closure),
        ),
        ("no hours on that day", thursdays_off(), false, Moved::Bare(Change::Hours), to(friday, Change::Hours)),
        ("the same with newer zones", thursdays_off(), true, Moved::Bare(Change::Tz), to(friday, Change::Tz)),
        // In Singapore it is 19:00 already: the windows of the day are over before the promise was made.
        ("a trip that began", trip(None), false, Moved::Bare(Change::Trip), to(at("2027-01-15T01:30"), Change::Trip)),
    ];
    for (name, owner, newer, told, untold) in cases {
        assert_eq!(look(&promise(BY, true), TOLD, &owner, newer), told, "told: {name}");
        assert_eq!(look(&promise(BY, false), TOLD, &owner, newer), untold, "untold: {name}");
    }
}

#[test]
fn the_wall_clock_that_was_told_leads() {
    // The rules of Singapore's clock when it was promised were an hour off: 01:00 there was another instant.
    let told = promise("2027-01-14T18:00", true);
    assert_eq!(look(&told, TOLD, &owner(), true), Moved::Move { to: at(BY), why: Change::Tz });
    // Nobody was told: the owner's window leads.
    let untold = promise("2027-01-14T18:00", false);
    assert_eq!(look(&untold, TOLD, &owner(), true), Moved::Move { to: at(BY), why: Change::Tz });
}

#[test]
fn the_second_of_two_equal_times_is_no_change() {
    let zone = zone("Europe/London");
    // 01:30 comes twice on 31 October 2027; the second time is 01:30Z.
    let given = Given { wall: zone.local(at("2027-10-31T01:30")), zone: &zone, counted_from: at("2027-10-30T18:00") };
    let mut late = owner();
    late.hours.set(Weekday::Sun, vec![span("01:00", "02:00")]);
    let told = Promise { by: at("2027-10-31T01:30"), ..promise(BY, true) };
    let seen = moved(&told, &given, &late, TimeDelta::minutes(30), true, at("2027-10-30T18:00"));
    assert_eq!(seen, Moved::Keep);
}

#[test]
fn a_promise_that_is_due_is_left_to_lapse() {
    let mut closed = owner();
    closed.closures.push(Closure { from: day("2027-01-14"), to: day("2027-01-14"), note: None });
    for announced in [true, false] {
        assert_eq!(look(&promise("2027-01-14T11:00", announced), "2027-01-14T19:00", &closed, false), Moved::Keep);
    }
}

#[test]
fn without_any_hours_left_nothing_is_made_up() {
    let bare = Owner { hours: WeeklyHours::default(), ..owner() };
    for announced in [true, false] {
        assert_eq!(look(&promise(BY, announced), TOLD, &bare, false), Moved::Bare(Change::Hours));
    }
}
