//! When to wake, and what lapsed.
use super::*;
use crate::decide::{Promises, Replies};
use crate::model::{Client, ClientPolicy, HeaderText, Language, Owner, Span, Tone, WeeklyHours, Zones};
use chrono::{DateTime, NaiveTime, TimeDelta, Utc, Weekday};

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
        projects: Vec::new(),
        drafts: Default::default(),
        zones,
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
        birthdays: Vec::new(),
        since: None,
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
