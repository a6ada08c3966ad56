//! Tests of decent hours and phases of the day.
use super::*;
use crate::model::{ClientPolicy, Exception, Language, Tone, Zones};
use chrono::DateTime;

fn client(zone: &str) -> Client {
    Client {
        id: "acme".into(),
        name: "Acme Pte Ltd".into(),
        contacts: vec![],
        zone: Zones::bundled().get(zone).unwrap(),
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

fn at(text: &str) -> Instant {
    DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%:z").unwrap().to_utc()
}

fn check(client: &Client, cases: &[(&str, DayPhase, bool, &str)]) {
    for (now, phase, decent, next) in cases {
        let now = at(now);
        assert_eq!(day_phase(client, now), *phase, "{now}");
        assert_eq!(is_decent(client, now), *decent, "{now}");
        assert_eq!(next_decent(client, now), Some(at(next)), "{now}");
    }
}

#[test]
fn the_usual_weekend() {
    let holidays = |code: &str| if code.is_empty() { vec![] } else { vec![code.to_owned()] };
    for (zone, calendar, first) in [
        ("Asia/Riyadh", "", Weekday::Fri),
        ("Africa/Cairo", "", Weekday::Fri),
        ("Asia/Dubai", "", Weekday::Sat),
        ("Asia/Tehran", "", Weekday::Sat),
        ("Asia/Singapore", "", Weekday::Sat),
        ("Asia/Dubai", "SA", Weekday::Fri),
        ("Asia/Riyadh", "GB-ENG", Weekday::Sat),
        ("Nowhere/AtAll", "", Weekday::Sat),
    ] {
        assert_eq!(usual_weekend(zone, &holidays(calendar))[0], first, "{zone} {calendar}");
    }
    let zones = Zones::bundled();
    for (_, names) in FRIDAY_SATURDAY {
        assert!(names.iter().all(|name| zones.get(name).is_some()), "{names:?}");
    }
}

#[test]
fn days_off_and_holidays_that_are_not_kept() {
    use DayPhase::{DayOff, During};
    let mut client = client("Asia/Riyadh");
    let mut hours = ordinary(&[Weekday::Fri, Weekday::Sat]);
    client.holidays = vec!["GB-ENG".into()];
    hours.except(chrono::NaiveDate::from_ymd_opt(2026, 12, 28).unwrap(), Exception::Working);
    hours.except(chrono::NaiveDate::from_ymd_opt(2026, 12, 24).unwrap(), Exception::Off);
    client.hours = Some(hours);
    check(
        &client,
        &[
            // Thursday is off, Friday and Saturday are the weekend, Sunday is a working day.
            ("2026-12-24T10:00+03:00", DayOff, false, "2026-12-27T09:00+03:00"),
            ("2026-12-26T10:00+03:00", DayOff, false, "2026-12-27T09:00+03:00"),
            // The substitute for Boxing Day, which they do not keep.
            ("2026-12-28T10:00+03:00", During, true, "2026-12-28T10:00+03:00"),
        ],
    );
}

#[test]
fn ordinary_hours_and_holidays() {
    use DayPhase::{After, Before, DayOff, During};
    let mut client = client("Asia/Singapore");
    client.holidays = vec!["SG".into()];
    check(
        &client,
        &[
            ("2026-08-07T08:59+08:00", Before, false, "2026-08-07T09:00+08:00"),
            ("2026-08-07T09:00+08:00", During, true, "2026-08-07T09:00+08:00"),
            ("2026-08-07T17:59+08:00", During, true, "2026-08-07T17:59+08:00"),
            // Friday evening; Monday the 10th is kept for National Day.
            ("2026-08-07T18:00+08:00", After, false, "2026-08-11T09:00+08:00"),
            ("2026-08-08T12:00+08:00", DayOff, false, "2026-08-11T09:00+08:00"),
            ("2026-08-10T12:00+08:00", DayOff, false, "2026-08-11T09:00+08:00"),
            // Sunday in London, Monday in Singapore.
            ("2026-08-16T23:30+01:00", Before, false, "2026-08-17T09:00+08:00"),
        ],
    );
    assert_eq!(
        decent_hours(&client, at("2026-08-07T12:00+08:00"), at("2026-08-12T00:00+08:00")),
        [
            (at("2026-08-07T09:00+08:00"), at("2026-08-07T18:00+08:00")),
            (at("2026-08-11T09:00+08:00"), at("2026-08-11T18:00+08:00")),
        ]
    );
}

#[test]
fn own_hours_with_breaks_and_nights() {
    use DayPhase::{After, Before, DayOff, During};
    let mut client = client("Europe/Madrid");
    let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    let span = |open, close| Span { open: time(open), close: time(close) };
    client.hours = Some(WeeklyHours::on(&[Weekday::Mon, Weekday::Sat], &[span(9, 13), span(16, 20), span(22, 2)]));
    check(
        &client,
        &[
            ("2026-11-23T08:00+01:00", Before, false, "2026-11-23T09:00+01:00"),
            ("2026-11-23T14:00+01:00", During, false, "2026-11-23T16:00+01:00"),
            ("2026-11-23T23:00+01:00", During, true, "2026-11-23T23:00+01:00"),
            ("2026-11-24T01:00+01:00", During, true, "2026-11-24T01:00+01:00"),
            ("2026-11-24T02:00+01:00", DayOff, false, "2026-11-28T09:00+01:00"),
        ],
    );
    client.hours = Some(WeeklyHours::on(&[Weekday::Mon], &[span(9, 13)]));
    check(&client, &[("2026-11-23T13:00+01:00", After, false, "2026-11-30T09:00+01:00")]);
    // No hours at all: never decent, and no endless search.
    client.hours = Some(WeeklyHours::default());
    assert!(!is_decent(&client, at("2026-11-23T12:00+01:00")));
    assert_eq!(next_decent(&client, at("2026-11-23T12:00+01:00")), None);
    assert_eq!(day_phase(&client, at("2026-11-23T12:00+01:00")), DayOff);
}
