//! What becomes of offered times: the cases of tests/slots/offers, whose notation the README there tells.
use chrono::{NaiveDate, TimeDelta};
use fuseau::config;
use fuseau::decide::Policy;
use fuseau::decide::occasion::{
    Content, DraftFacts, Made, MadeState, Meetings, Offer, OfferState, Reply, Ruling, rulings,
};
use fuseau::decide::offers::settled;
use fuseau::model::{DraftKind, Instant, Zones};
use std::path::Path;

const CONFIG: &str = r#"
[me]
name = "Claire Martin"
zone = "Europe/London"
languages = ["en"]
[hours]
mon-fri = ["09:00-17:00"]
[mailbox.studio]
address = "claire@studio.example"
mode = "draft"
imap = { host = "imap.example.com", user = "claire", password = { env = "PW" } }
outgoing = "out"
[client.acme]
contacts = ["anna@acme.example"]
zone = "Asia/Singapore"
[client.boreal]
contacts = ["jo@boreal.example"]
zone = "Asia/Singapore"
"#;

const KEY: &str = "slots:acme:2027-01-11";

fn at(day: &str, time: &str) -> Instant {
    let date = NaiveDate::from_ymd_opt(2027, 1, day.parse().unwrap()).unwrap();
    date.and_time(format!("{time}:00").parse().unwrap()).and_utc()
}

fn offer(key: &str, client: &str, starts: &[Instant]) -> Offer {
    let made_at = at("11", "08:00");
    Offer {
        key: key.to_owned(),
        client: client.to_owned(),
        about: None,
        slots: starts.iter().map(|start| (*start, *start + TimeDelta::minutes(30))).collect(),
        state: OfferState::Open,
        chosen: None,
        made_at,
        since: made_at,
        expires: *starts.last().unwrap() - TimeDelta::days(1),
        replies: Vec::new(),
    }
}

fn made(key: &str, kind: DraftKind, state: MadeState) -> Made {
    Made {
        key: key.to_owned(),
        kind,
        client: "acme".to_owned(),
        project: None,
        state,
        asked: kind == DraftKind::Slots,
        print: String::new(),
        made_at: at("11", "08:00"),
        ended_at: (state != MadeState::Waiting).then(|| at("11", "09:00")),
    }
}

fn reply(n: usize, when: Instant, text: &str) -> Reply {
    Reply { exchange: n.to_string(), at: when, from: None, text: text.to_owned() }
}

/// What is said of one case.
fn judged(policy: &Policy, lines: &[&str]) -> String {
    let mut one = offer(KEY, "acme", &[at("19", "02:00")]);
    let (mut all, mut meetings, mut now) = (Vec::new(), Meetings::default(), at("13", "09:00"));
    let mut ledger = vec![made(KEY, DraftKind::Slots, MadeState::Sent)];
    for line in lines {
        let (word, rest) = line.split_once(' ').unwrap();
        let words: Vec<&str> = rest.split(' ').collect();
        match word {
            "slots" => {
                let starts = rest.split(", ").map(|one| one.split_once(' ').unwrap());
                one = offer(KEY, "acme", &starts.map(|(day, time)| at(day, time)).collect::<Vec<_>>());
            }
            "state" => {
                one.state = OfferState::parse(rest).unwrap();
                one.chosen = (one.state == OfferState::Chosen).then_some(3);
            }
            "draft" => ledger[0] = made(KEY, DraftKind::Slots, MadeState::parse(rest).unwrap()),
            "reply" => one.replies.push(reply(one.replies.len(), at(words[0], words[1]), &words[2..].join(" "))),
            "busy" => meetings.busy.push((at(words[0], words[1]), at(words[2], words[3]))),
            "other" => {
                let mut other = offer("slots:boreal:2027-01-11", "boreal", &[at(words[2], words[3])]);
                other.replies.push(reply(99, at(words[0], words[1]), "1"));
                (other.state, other.chosen) = (OfferState::Chosen, Some(1));
                all.push(other);
            }
            "confirmed" => {
                ledger.push(made(&format!("slot-confirmed:{KEY}:{rest}"), DraftKind::SlotConfirmed, MadeState::Sent));
            }
            "now" => now = at(words[0], words[1]),
            _ => panic!("{line}"),
        }
    }
    if let Some((state, chosen)) = settled(&one, Some(&ledger[0]), policy.client("acme"), &policy.owner, now) {
        (one.state, one.chosen, one.since) = (state, chosen, now);
        // Settled once, it stays where it stands.
        assert_eq!(settled(&one, Some(&ledger[0]), policy.client("acme"), &policy.owner, now), None, "{lines:?}");
    }
    let state = match one.chosen {
        Some(n) => format!("{} {n}", one.state.as_str()),
        None => one.state.as_str().to_owned(),
    };
    all.push(one);
    meetings.offers = all;
    let facts = DraftFacts {
        policy,
        made: &ledger,
        journal: &[],
        sources: &[],
        contacts: &[],
        questions: &[],
        promises: &[],
        meetings: &meetings,
    };
    let mine = rulings(&facts, now).into_iter().find_map(|ruling| match ruling {
        Ruling::Draft(one) if one.client == "acme" => match &one.content {
            Content::SlotConfirmed(it) => {
                let numbers: Vec<String> = it.slots.iter().map(|(n, _)| format!(" {n}")).collect();
                let numbers = numbers.concat();
                Some(match it.taken {
                    _ if it.chosen => format!("confirms{numbers}"),
                    Some((n, _)) => format!("taken {n} left{numbers}"),
                    None => format!("asks{numbers}"),
                })
            }
            _ => None,
        },
        Ruling::Spared(one) if one.client == "acme" => Some(format!("none {}", one.why.code())),
        _ => None,
    });
    format!("{state}; draft {}", mine.unwrap_or_else(|| "nothing".to_owned()))
}

#[test]
fn offers_live_as_they_should() {
    let policy = config::parse(CONFIG, Path::new("/tmp/fuseau.toml"), &Zones::bundled()).unwrap().policy;
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/slots/offers/life.txt");
    let text = std::fs::read_to_string(cases).unwrap();
    let (mut wrong, mut checked) = (Vec::new(), 0);
    for block in text.split("\n\n") {
        let lines: Vec<&str> = block.lines().filter(|line| !line.is_empty()).collect();
        let (name, want) = (lines[0], lines.last().unwrap().strip_prefix("=> ").unwrap());
        let said = judged(&policy, &lines[1..lines.len() - 1]);
        if said != want {
            wrong.push(format!("{name}\n  wanted {want}\n  said   {said}"));
        }
        checked += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(checked >= 20, "only {checked} cases were found");
}
