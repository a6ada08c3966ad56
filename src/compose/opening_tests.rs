//! The human line: what is known, and that it is said in every language.
use super::*;
use crate::compose::draft::samples;
use crate::decide::occasion::opening;
use crate::model::{Span, WeeklyHours, Zones};
use chrono::{NaiveDate, NaiveTime, Weekday};

fn client(zone: &str, holidays: &[&str], language: Language) -> Client {
    let mail = samples(language).remove(0);
    let mut client = mail.as_input().client.clone();
    let week = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
    let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    client.zone = Zones::bundled().get(zone).unwrap();
    client.hours = Some(WeeklyHours::on(&week, &[Span { open: at(9), close: at(17) }]));
    client.holidays = holidays.iter().map(|&code| code.to_owned()).collect();
    client
}

fn said(client: &Client, date: &str, key: &str) -> Option<String> {
    said_on(client, date, date, key)
}

/// What a draft of one date opens with, seen on another.
fn said_on(client: &Client, date: &str, today: &str, key: &str) -> Option<String> {
    let at = |date: &str| client.zone.instant(date.parse::<NaiveDate>().unwrap().and_hms_opt(9, 0, 0).unwrap());
    opening::of(client, key, at(date), at(today)).map(|opening| line(client, opening))
}

#[test]
fn nothing_is_said_for_longer_than_it_is_true() {
    for (zone, holidays, date, last, over) in [
        // Thanksgiving is Thursday, 26 November 2026.
        ("America/New_York", &["US"][..], "2026-11-23", "2026-11-26", "2026-11-27"),
        // Monday, 9 August 2027: a week later "on Monday" is another one.
        ("Asia/Singapore", &["SG"], "2027-08-10", "2027-08-15", "2027-08-16"),
        ("Europe/London", &[], "2027-04-07", "2027-04-21", "2027-04-22"),
        ("Asia/Singapore", &[], "2027-03-29", "2027-03-31", "2027-04-01"),
    ] {
        let client = client(zone, holidays, Language::En);
        let first = said(&client, date, "b");
        assert!(first.is_some(), "{zone} {date}");
        assert_eq!(said_on(&client, date, last, "b"), first, "{zone} {date}");
        assert_eq!(said_on(&client, date, over, "b"), None, "{zone} {date}");
    }
}

#[test]
fn only_what_is_known_is_said() {
    for (zone, holidays, date, want) in [
        // 2027-08-09 is Singapore's National Day, a Monday.
        (
            "Asia/Singapore",
            &["SG"][..],
            "2027-08-04",
            Some("Monday, 9 August is a public holiday where you are (National Day): I wish you a restful day."),
        ),
        (
            "Asia/Singapore",
            &["SG"],
            "2027-08-10",
            Some("I hope the holiday on Monday (National Day) gave you some rest."),
        ),
        ("Asia/Singapore", &[], "2027-08-04", None),
        // No seasons near the equator; the week begins on Monday.
        ("Asia/Singapore", &[], "2027-03-30", None),
        ("Asia/Singapore", &[], "2027-03-29", Some("I hope your week has begun well.")),
        ("Europe/London", &[], "2027-04-07", Some("I hope spring has begun well for you.")),
        ("Australia/Sydney", &[], "2027-04-07", Some("I hope autumn has begun well for you.")),
        ("Pacific/Auckland", &[], "2027-01-06", Some("I hope summer has begun well for you.")),
        ("Europe/London", &[], "2027-01-06", Some("I hope winter has begun well for you.")),
        ("Europe/London", &[], "2027-03-23", None),
        ("Europe/London", &[], "2027-05-12", None),
    ] {
        let client = client(zone, holidays, Language::En);
        assert_eq!(said(&client, date, "b").as_deref(), want, "{zone} {date}");
    }
}

#[test]
fn supposed_hours_say_nothing_of_weeks() {
    let mut client = client("Asia/Singapore", &[], Language::En);
    client.hours = client.hours.map(WeeklyHours::assumed);
    assert_eq!(said(&client, "2027-03-29", "b"), None);
    client.hours = None;
    assert_eq!(said(&client, "2027-03-29", "b"), None);
}

#[test]
fn the_same_key_says_the_same_and_others_vary() {
    let client = client("Europe/London", &[], Language::En);
    let all: Vec<_> = ["a", "b", "a"].iter().map(|key| said(&client, "2027-04-07", key).unwrap()).collect();
    assert_eq!(all[0], all[2]);
    assert_ne!(all[0], all[1]);
}

#[test]
fn every_language_says_each_in_one_sentence() {
    for language in Language::ALL {
        for (zone, codes, date) in [
            ("Asia/Singapore", &["SG"][..], "2027-08-04"),
            ("Asia/Singapore", &["SG"], "2027-08-10"),
            ("Europe/London", &[], "2027-04-07"),
            ("Asia/Singapore", &[], "2027-03-29"),
        ] {
            for key in ["a", "b"] {
                let text = said(&client(zone, codes, language), date, key).unwrap();
                let end = text.chars().last().unwrap();
                assert!(".。".contains(end) && !text.contains(['!', '\u{a0}', '{']), "{language:?}: {text}");
                let named = text.contains("National Day");
                assert_eq!(named, language == Language::En && codes == ["SG"], "{text}");
            }
        }
    }
}
