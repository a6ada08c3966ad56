//! The last look as a table: what was found, what happens.
use super::*;
use crate::decide::{Promises, Replies};
use crate::model::{Client, ClientPolicy, HeaderText, Language, Owner, Span, Tone, WeeklyHours, Zones};
use chrono::{DateTime, NaiveTime, Utc, Weekday};

fn at(minutes: i64) -> Instant {
    DateTime::<Utc>::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
}

fn policy() -> Policy {
    let zones = Zones::bundled();
    Policy {
        owner: Owner {
            name: "Claire Martin".to_owned(),
            zone: zones.get("Europe/London").unwrap(),
            languages: vec![Language::En],
            hours: WeeklyHours::default(),
            holidays: Vec::new(),
            closures: Vec::new(),
            trips: Vec::new(),
        },
        clients: Vec::new(),
        mailboxes: Vec::new(),
        replies: Replies::default(),
        promises: Promises::default(),
        urgent: Default::default(),
        topics: Vec::new(),
        zones,
    }
}

#[test]
fn the_last_look() {
    let queued = Queued { send_at: at(5), promise_by: at(120), good_until: at(1440), attempts: 0 };
    let tried = Queued { attempts: 1, ..queued.clone() };
    let fresh = Fresh::default;
    let until = |minutes| Fresh { sender_rests_until: Some(at(minutes)), ..fresh() };
    for (name, queued, fresh, now, want) in [
        ("too early", &queued, fresh(), 4, Due::Later(at(5))),
        ("its time", &queued, fresh(), 5, Due::Send),
        ("notice just enough", &queued, fresh(), 90, Due::Send),
        ("notice too short", &queued, fresh(), 91, Due::Renew),
        ("window over", &queued, fresh(), 121, Due::Renew),
        ("tried, notice short", &tried, fresh(), 119, Due::Send),
        ("tried, window over", &tried, fresh(), 120, Due::Drop(Why::TooLate)),
        ("last useful moment", &queued, fresh(), 1440, Due::Renew),
        ("too late", &queued, fresh(), 1441, Due::Drop(Why::TooLate)),
        ("answered", &queued, Fresh { answered: true, ..fresh() }, 5, Due::Drop(Why::Answered)),
        ("answered early", &queued, Fresh { answered: true, ..fresh() }, 1, Due::Drop(Why::Answered)),
        ("gone", &queued, Fresh { gone: true, ..fresh() }, 5, Due::Drop(Why::Gone)),
        (
            "withdrawn and answered",
            &queued,
            Fresh { withdrawn: true, answered: true, ..fresh() },
            5,
            Due::Drop(Why::Withdrawn),
        ),
        ("no client", &queued, Fresh { client: false, ..fresh() }, 5, Due::Drop(Why::NoLongerClient)),
        ("observe", &queued, Fresh { mode: Mode::Observe, ..fresh() }, 5, Due::Drop(Why::Mode)),
        ("draft", &queued, Fresh { mode: Mode::Draft, ..fresh() }, 5, Due::Drop(Why::Mode)),
        ("paused", &queued, Fresh { paused: true, ..fresh() }, 5, Due::Later(at(6))),
        ("paused too long", &queued, Fresh { paused: true, ..fresh() }, 1441, Due::Drop(Why::TooLate)),
        ("sender rests an hour", &queued, until(60), 5, Due::Later(at(60))),
        ("sender rested", &queued, until(60), 60, Due::Send),
        ("decent in an hour", &queued, Fresh { decent_at: Some(at(65)), ..fresh() }, 5, Due::Later(at(65))),
        ("decent now", &queued, Fresh { decent_at: Some(at(5)), ..fresh() }, 5, Due::Send),
        (
            "decent when it is too late",
            &queued,
            Fresh { decent_at: Some(at(1441)), ..fresh() },
            5,
            Due::Drop(Why::TooLate),
        ),
        ("sender rests a week", &queued, until(7 * 1440), 5, Due::Drop(Why::Paused)),
    ] {
        assert_eq!(still_due(queued, &fresh, &policy(), at(now)), want, "{name}");
    }
    for why in Why::ALL {
        assert_eq!(Why::parse(why.as_str()), Some(why));
    }
}

fn promise(by: i64, state: PromiseState) -> Promise {
    Promise {
        id: "p".to_owned(),
        client: "acme".to_owned(),
        mailbox: "studio".to_owned(),
        conversation: "c".to_owned(),
        message_id: None,
        subject: HeaderText::new("x"),
        state,
        by: at(by),
        zone: "UTC".to_owned(),
        made_at: at(-600),
        announced: true,
        closed_at: None,
        closed_by: None,
    }
}

#[test]
fn the_next_moment() {
    let mut policy = policy();
    // 1_800_000_000 is Friday, 15 January 2027, 08:00 UTC.
    let mut hours = WeeklyHours::default();
    hours.set(Weekday::Fri, vec![Span { open: NaiveTime::MIN, close: NaiveTime::MIN }]);
    policy.clients = vec![Client {
        id: "acme".to_owned(),
        name: "Acme".to_owned(),
        contacts: Vec::new(),
        zone: policy.zones.utc(),
        language: Language::En,
        tone: Tone::Formal,
        hours: Some(hours),
        holidays: Vec::new(),
        channels: Vec::new(),
        policy: ClientPolicy::Normal,
        mode: None,
    }];
    let next = |queue: &[i64], promises: &[Promise], now: i64| {
        next_wakeup(queue.iter().map(|m| at(*m)), promises, &policy, at(now))
    };
    let open = |by| promise(by, PromiseState::Open);
    let untold = Promise { announced: false, ..open(60) };
    let stranger = Promise { client: "x@y.example".to_owned(), ..open(60) };
    assert_eq!(next(&[], &[], 0), None);
    assert_eq!(next(&[7, 3], &[open(60)], 0), Some(at(3)));
    assert_eq!(next(&[], &[open(60)], 0), Some(at(45)), "its holding reply");
    assert_eq!(next(&[], &[open(60)], 45), Some(at(60)), "its end");
    assert_eq!(next(&[], &[open(60)], 61), Some(at(61)), "an end that was missed");
    assert_eq!(next(&[], &[untold], 0), Some(at(60)));
    assert_eq!(next(&[], &[stranger], 0), Some(at(60)));
    assert_eq!(next(&[], &[promise(60, PromiseState::Kept), open(90)], 0), Some(at(75)));
    assert_eq!(next(&[-5], &[open(60)], 0), Some(at(0)));
}

#[test]
fn what_lapsed() {
    let all = [
        promise(10, PromiseState::Open),
        promise(11, PromiseState::Open),
        promise(5, PromiseState::Kept),
        promise(9, PromiseState::Open),
    ];
    let found: Vec<Instant> = lapsed(&all, at(10)).map(|p| p.by).collect();
    assert_eq!(found, [at(10), at(9)]);
}
