//! Holding replies: the cases of tests/holding/*.txt, and properties over random owners and clients. The syntax of the
//! cases is described in tests/holding/README.md.
use crate::support::cases;
use chrono::{DateTime, NaiveTime, TimeDelta, Weekday};
use fuseau::calendar::{is_decent, window_at};
use fuseau::decide::{Holding, Policy, Promises, Replies, Standing, WhyNot, holding, holding_within, next_wakeup};
use fuseau::model::{
    Client, ClientPolicy, Closure, HeaderText, Instant, Language, Owner, Promise, PromiseState, Span, Tone, Trip,
    WeeklyHours, Zone, Zones,
};
use proptest::prelude::*;
use std::cell::RefCell;
use std::collections::BTreeSet;

#[test]
fn cases() {
    let said = RefCell::default();
    let checked = cases::ask("holding", || Asked(Table::new(zone("UTC")), &said));
    assert!(checked >= 60, "only {checked} cases were found");
    let said = said.into_inner();
    let untried: Vec<&str> = WhyNot::ALL.iter().map(|why| why.as_str()).filter(|word| !said.contains(*word)).collect();
    assert!(untried.is_empty(), "no case expects {untried:?}");
}

/// A table, and the reasons that it has given.
struct Asked<'a>(Table, &'a RefCell<BTreeSet<String>>);

impl cases::Table for Asked<'_> {
    fn tell(&mut self, line: &str, place: &str) {
        self.0.tell(line, place);
    }

    fn answer(&mut self, question: &[&str], place: &str) -> String {
        let answer = self.0.answer(question, place);
        self.1.borrow_mut().extend(answer.strip_prefix("nothing ").map(str::to_owned));
        answer
    }
}

#[test]
fn words_are_stable_and_read_back() {
    for why in WhyNot::ALL {
        assert_eq!(WhyNot::parse(why.as_str()), Some(why));
        assert!(!why.text().is_empty());
    }
    let words: BTreeSet<&str> = WhyNot::ALL.iter().map(|why| why.as_str()).collect();
    assert_eq!(words.len(), WhyNot::ALL.len());
}

/// What has been told so far; every question sees all of it.
struct Table {
    policy: Policy,
    client: Client,
    promise: Promise,
    renewals: u32,
    counts: [u32; 2],
    flags: BTreeSet<String>,
}

impl Table {
    fn new(home: Zone) -> Self {
        Self {
            policy: policy(nobody(home)),
            client: somebody(zone("UTC")),
            promise: promise(Instant::UNIX_EPOCH, Instant::UNIX_EPOCH),
            renewals: 0,
            counts: [0, 0],
            flags: BTreeSet::new(),
        }
    }

    fn tell(&mut self, line: &str, place: &str) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let words: Vec<&str> = rest.split_whitespace().collect();
        let owner = &mut self.policy.owner;
        match word {
            "home" => *self = Self::new(zone(rest)),
            "hours" => set_hours(&mut owner.hours, &words),
            "holidays" => owner.holidays = words.iter().map(|&code| code.to_owned()).collect(),
            "closed" => {
                let (from, to) = words[0].split_once("..").unwrap_or((words[0], words[0]));
                owner.closures.push(Closure { from: from.parse().unwrap(), to: to.parse().unwrap(), note: None });
            }
            "trip" => {
                let (from, to) = words[0].split_once("..").unwrap_or((words[0], words[0]));
                let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
                owner.trips.push(Trip { from, to, zone: zone(words[1]), place: None, hours: None });
            }
            "client" => self.client = somebody(zone(rest)),
            "works" => set_hours(self.client.hours.get_or_insert_default(), &words),
            "keeps" => self.client.holidays = words.iter().map(|&code| code.to_owned()).collect(),
            "before" => self.policy.promises.holding_before = minutes(rest),
            "max" => self.policy.promises.holding_max = rest.parse().unwrap(),
            "notice" => self.policy.replies.min_notice = minutes(rest),
            "promise" => {
                self.promise = promise(instant(words[0]), instant(words[1]));
                (self.renewals, self.counts) = (0, [0, 0]);
                self.flags = words[2..].iter().map(|&flag| flag.to_owned()).collect();
            }
            "renewals" => self.renewals = rest.parse().unwrap(),
            "mails" => self.counts = [words[0].parse().unwrap(), words[1].parse().unwrap()],
            _ => panic!("{place}: `{word}` is not known"),
        }
    }

    fn answer(&self, question: &[&str], place: &str) -> String {
        let (now, flags) = question.split_first().unwrap();
        let mut flags: BTreeSet<&str> = flags.iter().copied().collect();
        flags.extend(self.flags.iter().map(String::as_str));
        let now = instant(now);
        let early = flags.iter().find_map(|flag| flag.strip_prefix("early=")).map_or(TimeDelta::zero(), minutes);
        flags.retain(|flag| !flag.starts_with("early="));
        let mut promise = self.promise.clone();
        promise.announced = !flags.remove("unannounced");
        for state in ["kept", "renewed", "lapsed", "released"] {
            if flags.remove(state) {
                promise.state = PromiseState::parse(state).unwrap();
            }
        }
        let standing = Standing {
            client: Some(&self.client).filter(|_| !flags.remove("stranger")),
            renewals: self.renewals,
            made: flags.remove("made"),
            to_client_day: self.counts[0],
            to_client_week: self.counts[1],
            in_window: u32::from(flags.remove("heard")),
            paused: flags.remove("paused"),
            resting: flags.remove("resting"),
            typing: flags.remove("typing"),
        };
        assert!(flags.is_empty(), "{place}: {flags:?}");
        match holding_within(&promise, &standing, &self.policy, now, early) {
            Holding::Later(at) => format!("later {}", show(&self.client.zone, at)),
            Holding::Send { plan, variant } => {
                assert_eq!(plan.send_at, now, "{place}");
                let window = &plan.window;
                format!(
                    "send {variant} promise {}/{}",
                    show(&window.zone, window.start),
                    window.zone.local(plan.by).format("%H:%M")
                )
            }
            Holding::Nothing(why) => format!("nothing {}", why.as_str()),
        }
    }
}

fn show(zone: &Zone, at: Instant) -> String {
    let at = zone.fixed(at);
    format!("{} {}", at.format("%a"), at.format("%Y-%m-%dT%H:%M%:z"))
}

fn policy(owner: Owner) -> Policy {
    Policy {
        owner,
        clients: Vec::new(),
        mailboxes: Vec::new(),
        replies: Replies::default(),
        promises: Promises::default(),
        urgent: Default::default(),
        topics: Vec::new(),
        projects: Vec::new(),
        drafts: Default::default(),
        zones: Zones::bundled(),
    }
}

fn nobody(home: Zone) -> Owner {
    Owner {
        name: "Claire Martin".into(),
        zone: home,
        languages: vec![],
        hours: WeeklyHours::default(),
        holidays: vec![],
        closures: vec![],
        trips: vec![],
    }
}

fn somebody(zone: Zone) -> Client {
    Client {
        id: "acme".into(),
        name: "Acme".into(),
        contacts: vec![],
        zone,
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

fn promise(made_at: Instant, by: Instant) -> Promise {
    Promise {
        id: "p".into(),
        client: "acme".into(),
        mailbox: "studio".into(),
        conversation: "c".into(),
        message_id: None,
        subject: HeaderText::new("Logo"),
        state: PromiseState::Open,
        by,
        zone: "UTC".into(),
        made_at,
        announced: true,
        closed_at: None,
        closed_by: None,
    }
}

fn zone(name: &str) -> Zone {
    Zones::bundled().get(name.trim()).unwrap_or_else(|| panic!("zone {name}"))
}

fn minutes(text: &str) -> TimeDelta {
    TimeDelta::minutes(text.strip_suffix('m').unwrap().parse().unwrap())
}

fn instant(text: &str) -> Instant {
    DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%:z").unwrap_or_else(|e| panic!("{text}: {e}")).to_utc()
}

fn set_hours(hours: &mut WeeklyHours, words: &[&str]) {
    let time = |text: &str| NaiveTime::parse_from_str(&text.replace("24:00", "00:00"), "%H:%M").unwrap();
    let spans = words[1..].iter().map(|span| {
        let (open, close) = span.split_once('-').unwrap();
        Span { open: time(open), close: time(close) }
    });
    let (first, last) = words[0].split_once('-').unwrap_or((words[0], words[0]));
    let (mut day, last): (Weekday, Weekday) = (first.parse().unwrap(), last.parse().unwrap());
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

/// Up to three spans a day, some past midnight, some days empty.
fn any_hours() -> impl Strategy<Value = WeeklyHours> {
    let minute = |m: u32| NaiveTime::from_num_seconds_from_midnight_opt(m * 60, 0).unwrap();
    let day = proptest::collection::btree_set(0_u32..96, 0..=6).prop_map(move |marks| {
        let marks: Vec<u32> = marks.into_iter().collect();
        let pair = |pair: &[u32]| Span { open: minute(pair[0] * 15), close: minute(pair[1] * 15) };
        let mut spans: Vec<Span> = marks.chunks_exact(2).map(pair).collect();
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

/// An owner with a trip and a closure near the moment at which a promise is made, a client, and the promise.
fn any_world() -> impl Strategy<Value = (Policy, Client, Promise)> {
    let near = (-5_i64..5, 0_i64..6);
    let owner = (any_zone(), any_zone(), any_hours(), near.clone(), near);
    let client =
        (any_zone(), proptest::option::of(any_hours()), proptest::sample::select(vec!["SG", "DE-BY", "US", "AE"]));
    let numbers = (1_767_225_600_i64..1_893_456_000, 0_i64..300, 0_i64..120);
    (owner, client, numbers).prop_filter_map("no window", |(owner, client, (second, before, notice))| {
        let (home, there, hours, trip, closed) = owner;
        let made = Instant::from_timestamp(second, 0).unwrap();
        let day = |n: i64| made.date_naive() + TimeDelta::days(n);
        let mut policy = policy(Owner {
            hours,
            trips: vec![Trip { from: day(trip.0), to: day(trip.0 + trip.1), zone: there, place: None, hours: None }],
            closures: vec![Closure { from: day(closed.0), to: day(closed.0 + closed.1), note: None }],
            ..nobody(home)
        });
        policy.promises.holding_before = TimeDelta::minutes(before);
        policy.replies.min_notice = TimeDelta::minutes(notice);
        let plan = fuseau::decide::promise(&policy.owner, made, policy.replies.min_notice, true)?;
        let (zone, hours, keeps) = client;
        let client = Client { hours, holidays: vec![keeps.into()], ..somebody(zone) };
        policy.clients = vec![client.clone()];
        Some((policy, client, promise(made, plan.by)))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// The daemon's loop: wake when told, ask, send once, go on with the new promise.
    #[test]
    fn a_promise_is_renewed_decently_or_the_owner_hears((policy, client, first) in any_world()) {
        let (mut promise, mut renewals, mut now) = (first, 0, None);
        for _ in 0..40 {
            let at = now.unwrap_or(promise.made_at);
            let standing = Standing { renewals, ..Standing::first(&client) };
            let said = holding(&promise, &standing, &policy, at);
            let wake = next_wakeup([], [&promise], &policy, at).unwrap();
            prop_assert!(wake > at || at >= promise.by);
            match said {
                Holding::Later(later) => {
                    prop_assert!(later > at && later < promise.by, "{later}");
                    prop_assert_eq!(wake, later);
                    now = Some(later);
                }
                Holding::Send { plan, variant } => {
                    prop_assert!(is_decent(&client, at), "{at} for {client:?}");
                    prop_assert!(at > promise.made_at && at < promise.by);
                    prop_assert!(plan.by > promise.by && plan.by - promise.by >= policy.replies.min_notice);
                    prop_assert_eq!(plan.window.end, plan.by);
                    prop_assert_eq!(window_at(&policy.owner, plan.by - TimeDelta::seconds(1)), Some(plan.window.clone()));
                    prop_assert_eq!((variant, plan.send_at, plan.announced), (renewals, at, true));
                    prop_assert!(renewals < policy.promises.holding_max);
                    // It is never made twice for one promise.
                    let made = Standing { made: true, ..standing };
                    prop_assert_eq!(holding(&promise, &made, &policy, at), Holding::Nothing(WhyNot::Made));
                    renewals += 1;
                    promise = self::promise(at, plan.by);
                    now = None;
                }
                Holding::Nothing(why) => {
                    let due = matches!(why, WhyNot::Exhausted | WhyNot::NoDecentHour | WhyNot::NoWindow);
                    prop_assert!(due && why.alerts(), "{why:?}");
                    prop_assert_eq!(wake, promise.by);
                    return Ok(());
                }
            }
        }
        prop_assert!(false, "it never ends");
    }

    /// Whenever the daemon looks, early, late, after an outage: the same laws.
    #[test]
    fn at_any_moment((policy, client, promise) in any_world(), part in 0_i32..1000, renewals in 0_u32..4) {
        let at = promise.made_at + (promise.by - promise.made_at) / 1000 * part;
        let standing = Standing { renewals, ..Standing::first(&client) };
        match holding(&promise, &standing, &policy, at) {
            Holding::Send { plan, .. } => {
                prop_assert!(is_decent(&client, at) && plan.by > promise.by && renewals < 2);
            }
            Holding::Later(later) => {
                prop_assert!(later > at && later < promise.by);
                // Nothing is due before that.
                let between = at + (later - at) / 2;
                prop_assert_eq!(holding(&promise, &standing, &policy, between), Holding::Later(later));
            }
            Holding::Nothing(_) => {}
        }
        // Kept, told to nobody or over: never.
        for promise in [
            Promise { state: PromiseState::Kept, ..promise.clone() },
            Promise { announced: false, ..promise.clone() },
        ] {
            prop_assert!(matches!(holding(&promise, &standing, &policy, at), Holding::Nothing(_)));
        }
        prop_assert_eq!(holding(&promise, &standing, &policy, promise.by), Holding::Nothing(WhyNot::Lapsed));
    }
}
