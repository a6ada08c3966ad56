//! Folders as commands, the part that decides: names in ten languages, and what follows for messages and drafts. Cases:
//! `tests/wishes/`.
use chrono::{DateTime, NaiveTime, TimeDelta, Utc, Weekday};
use fuseau::decide::wish_names::made;
use fuseau::decide::wishes::{Draft, Message, Order, Until, Wish, about_draft, about_message, read};
use fuseau::model::{Client, EmailAddress, Instant, Language, Mode, Span, Verdict, WeeklyHours};
use std::collections::BTreeSet;
use std::path::Path;

use crate::decisions::policy;

fn cases(file: &str) -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wishes").join(file);
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let split =
        |line: &str| line.split_once("=>").map(|(left, right)| (left.trim().to_owned(), right.trim().to_owned()));
    lines.map(|line| split(line).unwrap_or_else(|| panic!("no case: {line}"))).collect()
}

fn shown(wish: Wish) -> String {
    match wish {
        Wish::Hold(Until::Hours(n)) => format!("hold {n} hours"),
        Wish::Hold(Until::Days(n)) => format!("hold {n} days"),
        Wish::Hold(Until::Day(day)) => format!("hold until {}", day.to_string().to_lowercase()),
        other => other.as_str().to_owned(),
    }
}

fn wish(word: &str) -> Wish {
    let words: Vec<&str> = word.split_whitespace().collect();
    match words.as_slice() {
        ["done"] => Wish::Done,
        ["never"] => Wish::Never,
        ["their-morning"] => Wish::TheirMorning,
        ["send-now"] => Wish::SendNow,
        ["hold", "until", day] => Wish::Hold(Until::Day(day.parse::<Weekday>().unwrap())),
        ["hold", n, "hours"] => Wish::Hold(Until::Hours(n.parse().unwrap())),
        ["hold", n, "days"] => Wish::Hold(Until::Days(n.parse().unwrap())),
        _ => panic!("no wish: {word}"),
    }
}

/// Reports every case that differs, not only the first.
fn all_agree(results: impl Iterator<Item = (String, String, String)>) {
    let (mut count, mut wrong) = (0, Vec::new());
    for (case, want, got) in results {
        count += 1;
        if want != got {
            wrong.push(format!("{case}\n    want {want}\n    got  {got}"));
        }
    }
    assert!(count > 10 && wrong.is_empty(), "{count} cases\n{}", wrong.join("\n"));
}

#[test]
fn names_are_understood_in_ten_languages() {
    all_agree(cases("folders.txt").into_iter().map(|(name, want)| {
        let path: Vec<String> = name.split(" / ").map(str::to_owned).collect();
        let got = read(&path).map_or_else(|why| format!("! {}", why.as_str()), shown);
        (name, want, got)
    }));
}

#[test]
fn every_folder_that_is_made_means_what_it_was_made_for() {
    for language in Language::ALL {
        let all = made(language);
        assert_eq!(all.len(), 6);
        for (wish, name) in &all {
            assert_eq!(read(&[(*name).to_owned()]), Ok(*wish), "{} {name}", language.code());
            // No server takes these for a level, a wildcard or a control.
            assert!(!name.contains(['/', '.', '*', '%', '"', '\\', '~']) && name.chars().count() < 40, "{name}");
        }
        assert_eq!(all.iter().map(|(_, name)| name).collect::<BTreeSet<_>>().len(), 6);
    }
}

fn world() -> (fuseau::decide::Policy, Instant) {
    let mut policy = policy();
    let at = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").unwrap();
    let spans = [Span { open: at("09:00"), close: at("09:30") }, Span { open: at("16:30"), close: at("17:00") }];
    policy.owner.hours =
        WeeklyHours::on(&[Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri], &spans);
    policy.owner.holidays.clear();
    policy.owner.trips.clear();
    policy.owner.closures.clear();
    let acme: &mut Client = policy.clients.iter_mut().find(|client| client.id == "acme").unwrap();
    acme.hours = None;
    acme.holidays = vec!["SG".to_owned()];
    (policy, "2027-01-14T10:02:00Z".parse().unwrap())
}

#[test]
fn what_follows_for_a_message() {
    let (policy, now) = world();
    let anna = EmailAddress::parse("anna@acme.example").unwrap();
    all_agree(cases("messages.txt").into_iter().map(|(case, want)| {
        let (word, facts) = case.split_once(':').unwrap();
        let mut policy = policy.clone();
        let acme = policy.client("acme").cloned();
        let mut message = Message {
            author: Some(&anna),
            client: acme.as_ref(),
            verdict: Some(Verdict::Acknowledge),
            mode: Mode::Send,
            ..Message::default()
        };
        for fact in facts.split_whitespace() {
            let (key, value) = fact.split_once('=').unwrap_or((fact, ""));
            match key {
                "draft" => message.draft = true,
                "own" => message.own = true,
                "no-author" => message.author = None,
                "stranger" => message.client = None,
                "never" => message.never = true,
                "answered" => message.answered = true,
                "ignored" => message.verdict = Some(Verdict::Ignore),
                "observe" => message.mode = Mode::Observe,
                "unreadable" => message.unreadable = true,
                "no-hours" => policy.owner.hours = WeeklyHours::default(),
                "had" => {
                    let (day, week) = value.split_once('/').unwrap();
                    message.had = [day.parse().unwrap(), week.parse().unwrap()];
                }
                "promised" => message.promised = Some(moment(value, now)),
                _ => panic!("no fact: {fact}"),
            }
        }
        let got = match about_message(wish(word), &message, &policy, now) {
            Ok(Order::Keep) => "keep".to_owned(),
            Ok(Order::Silence) => "silence".to_owned(),
            Ok(Order::Hold(plan)) => {
                assert_eq!((plan.by, plan.announced), (plan.window.end, true));
                format!("hold {}", plan.by.format("%Y-%m-%dT%H:%M:%SZ"))
            }
            Err(why) => format!("! {}", why.as_str()),
        };
        (case, want, got)
    }));
}

fn moment(text: &str, now: Instant) -> Instant {
    match text.strip_prefix('+').and_then(|days| days.strip_suffix('d')) {
        Some(days) => now + TimeDelta::days(days.parse().unwrap()),
        None => text.parse::<DateTime<Utc>>().unwrap(),
    }
}

#[test]
fn what_follows_for_a_draft() {
    let (policy, usual) = world();
    all_agree(cases("drafts.txt").into_iter().map(|(case, want)| {
        let (word, facts) = case.split_once(':').unwrap();
        let mut now = usual;
        let mut recipients = Vec::new();
        let mut draft = Draft { own: true, can_send: true, size: 1000, ..Draft::default() };
        for fact in facts.split_whitespace() {
            let (key, value) = fact.split_once('=').unwrap_or((fact, ""));
            match key {
                "to" => recipients.extend(value.split(',').filter_map(EmailAddress::parse)),
                "foreign" => draft.own = false,
                "sent" => draft.sent = true,
                "cannot-send" => draft.can_send = false,
                "unreadable" => draft.unreadable = true,
                "size" => draft.size = value.parse().unwrap(),
                "at" => now = moment(value, now),
                _ => panic!("no fact: {fact}"),
            }
        }
        draft.recipients = &recipients;
        let got = about_draft(wish(word), &draft, &policy, now)
            .map_or_else(|why| format!("! {}", why.as_str()), |at| at.format("%Y-%m-%dT%H:%M:%SZ").to_string());
        (case, want, got)
    }));
}

#[test]
fn a_refusal_says_what_to_do_in_one_sentence() {
    use fuseau::decide::wishes::Refusal;
    let all = [Refusal::UnknownFolder, Refusal::UnknownTime, Refusal::TimeOutOfRange, Refusal::NoZone, Refusal::Never];
    let words: BTreeSet<&str> = all.iter().map(|why| why.as_str()).collect();
    assert_eq!(words.len(), all.len());
    assert!(all.iter().all(|why| why.text().len() > 15 && !why.text().ends_with('.')));
}
