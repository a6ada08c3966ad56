//! What rests is told by `status`, `doctor`, `resume` and `explain`, with its end and the line that lifts it.
use crate::ladder::house;
use crate::support::program::run;
use chrono::TimeDelta;
use fuseau::decide::{PauseScope, UNTIL_RESUMED};
use fuseau::store::Store;
use fuseau::system::Clock;
use std::path::Path;

const CONVERSATION: &str = "019b0000-0000-7000-8000-000000000001";

/// Three narrow rests, as rules ask for them.
fn rest(dir: &Path) {
    let store = Store::open(&dir.join("state")).unwrap();
    let now = Clock::System.now();
    let rests = [
        (PauseScope::Domain("acme.example".into()), TimeDelta::hours(1), "limit.same-body"),
        (PauseScope::Sender("ana@lapa.example".into()), TimeDelta::days(7), "loop.machine-suspected"),
        (PauseScope::Conversation(CONVERSATION.into()), TimeDelta::hours(24), "limit.conversation"),
    ];
    store
        .write_blocking(|tx| {
            rests.iter().try_for_each(|(scope, length, code)| tx.pause(scope, now + *length, code, now))
        })
        .unwrap();
    store.close().unwrap();
}

fn scopes(dir: &Path) -> Vec<String> {
    let status = run(dir, &["status", "--json"]).json();
    status["rests"].as_array().unwrap().iter().map(|it| it["scope"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_rest_is_named_with_its_end_and_the_line_that_lifts_it() {
    let dir = house("send");
    let dir = dir.path();
    assert_eq!(run(dir, &["status", "--json"]).json()["rests"].as_array().map(Vec::len), Some(0));
    assert_eq!(run(dir, &["resume"]).fine().trim(), "automatic mail goes again");
    rest(dir);
    let said = "Europe/London: the same text came several times from one domain (limit.same-body)";
    let text = run(dir, &["status"]).fine();
    for part in [
        "@acme.example rests until ",
        said,
        "`fuseau resume @acme.example` lifts it",
        "`fuseau resume ana@lapa.example` lifts it",
        &format!("`fuseau resume {CONVERSATION}` lifts it"),
    ] {
        assert!(text.contains(part), "{part:?}: {text}");
    }
    assert!(!text.contains("paused"), "nothing else rests: {text}");
    let doctor = run(dir, &["doctor", "--json"]).out;
    assert!(doctor.contains(said) && doctor.contains("`fuseau resume @acme.example` lifts it at once"), "{doctor}");
    let status = run(dir, &["status", "--json"]).json();
    let one = status["rests"].as_array().unwrap().iter().find(|it| it["scope"] == "@acme.example").unwrap();
    assert_eq!((one["zone"].as_str(), one["code"].as_str()), (Some("Europe/London"), Some("limit.same-body")));
    assert_eq!(one["lift"], "fuseau resume @acme.example");
    assert!(chrono::DateTime::parse_from_rfc3339(one["until"].as_str().unwrap()).is_ok());
}

#[test]
fn resume_says_what_still_rests_and_ends_what_is_named() {
    let dir = house("send");
    let dir = dir.path();
    rest(dir);
    let text = run(dir, &["resume"]).fine();
    assert!(text.starts_with("automatic mail goes again, but for what rests:\n"), "{text}");
    assert!(text.contains("@acme.example rests until") && text.contains("`fuseau resume --rests` lifts all of them"));
    assert_eq!(scopes(dir).len(), 3, "a plain resume leaves them");
    let wrong = run(dir, &["resume", "@amce.example"]).failed(64);
    assert!(wrong.contains("no rest of \"@amce.example\"") && wrong.contains("what rests: conversation"), "{wrong}");
    run(dir, &["resume", "@acme.example", "--rests"]).failed(64);
    // One rest ends; the pause that somebody wanted stays.
    run(dir, &["pause"]).fine();
    let text = run(dir, &["resume", "acme.example", CONVERSATION]).fine();
    assert!(text.contains("@acme.example rests no longer") && text.contains("still paused"), "{text}");
    assert!(text.contains(&format!("conversation {CONVERSATION} rests no longer")), "{text}");
    assert_eq!(scopes(dir), ["ana@lapa.example"]);
    assert_eq!(run(dir, &["status", "--json"]).json()["paused"], true);
    let text = run(dir, &["resume", "--rests"]).fine();
    assert_eq!(text.trim(), "ana@lapa.example rests no longer\nautomatic mail goes again");
    assert!(scopes(dir).is_empty());
    assert_eq!(run(dir, &["status", "--json"]).json()["paused"], false);
}

#[test]
fn an_address_that_a_shell_might_read_is_quoted_or_not_shown() {
    let dir = house("send");
    let dir = dir.path();
    let store = Store::open(&dir.join("state")).unwrap();
    let now = Clock::System.now();
    for address in ["a$(reboot)@acme.example", "b`reboot`@acme.example", "c';reboot;'@acme.example", "-d@acme.example"]
    {
        let scope = PauseScope::Sender(address.into());
        store.write_blocking(|tx| tx.pause(&scope, now + TimeDelta::hours(1), "subject.grows", now)).unwrap();
    }
    store.close().unwrap();
    let status = run(dir, &["status", "--json"]).json();
    let lifts: Vec<&str> = status["rests"].as_array().unwrap().iter().map(|it| it["lift"].as_str().unwrap()).collect();
    let (all, quoted) = ("fuseau resume --rests", "fuseau resume 'a$(reboot)@acme.example'");
    assert_eq!(lifts, [all, quoted, all, all], "{status}");
    let text = run(dir, &["resume", "a$(reboot)@acme.example"]).fine();
    assert!(text.contains("a$(reboot)@acme.example rests no longer"), "{text}");
}

#[test]
fn the_breaker_is_told_with_its_reason() {
    let dir = house("send");
    let dir = dir.path();
    let store = Store::open(&dir.join("state")).unwrap();
    let (scope, now) = (PauseScope::Mailbox("studio".into()), Clock::System.now());
    store.write_blocking(|tx| tx.pause(&scope, UNTIL_RESUMED, "limit.total", now)).unwrap();
    store.close().unwrap();
    let text = run(dir, &["status"]).fine();
    assert!(text.contains("mailbox studio rests until resumed: so much automatic mail went out"), "{text}");
    assert!(text.contains("`fuseau resume` lifts it"), "{text}");
    assert!(run(dir, &["status", "--json"]).json()["rests"][0]["until"].is_null());
    let text = run(dir, &["resume"]).fine();
    assert!(text.contains("it is reset") && text.contains("automatic mail goes again"), "{text}");
    assert!(scopes(dir).is_empty());
}
