//! What becomes of a day's promises to a client if nobody answers: for people and for programs. The story itself:
//! `decide::rehearsal`.
use crate::cli::{out, say};
use crate::decide::gate::{Gate, Outcome};
use crate::decide::rehearsal::{Event, What, unanswered};
use crate::decide::{Check, Plan, Policy};
use crate::model::{Client, Instant, Mode, Promise, PromiseState, Zone};
use serde_json::{Value, json};

/// The story of the promises that mails of a client make, each in a conversation of its own. Empty for a client whom
/// nothing is sent to by itself.
pub fn of(policy: &Policy, client: &Client, plans: &[Plan]) -> Vec<Event> {
    if client.mode.is_some_and(|mode| mode != Mode::Send) {
        return Vec::new();
    }
    let promise = |(n, plan): (usize, &Plan)| Promise {
        id: n.to_string(),
        client: client.id.clone(),
        mailbox: String::new(),
        conversation: n.to_string(),
        message_id: None,
        subject: "".into(),
        state: PromiseState::Open,
        by: plan.by,
        zone: client.zone.name().to_owned(),
        made_at: plan.send_at,
        announced: plan.announced,
        closed_at: None,
        closed_by: None,
    };
    unanswered(policy, client, &plans.iter().enumerate().map(promise).collect::<Vec<_>>())
}

/// A line for each event, on the client's clock; what happens twice in a moment is said once.
pub fn lines(events: &[Event], zone: &Zone) -> Vec<String> {
    let mut lines: Vec<(String, usize)> = Vec::new();
    for event in events {
        let line = format!("{} {}", clock(zone, event.at), words(event, zone));
        match lines.last_mut() {
            Some((last, times)) if *last == line => *times += 1,
            _ => lines.push((line, 1)),
        }
    }
    let one = |(line, times): (String, usize)| if times > 1 { format!("{line} ({times} promises)") } else { line };
    lines.into_iter().map(one).collect()
}

fn clock(zone: &Zone, at: Instant) -> String {
    zone.local(at).format("%a %-d %b %H:%M").to_string()
}

fn words(event: &Event, zone: &Zone) -> String {
    let of = |promises: &usize| if *promises > 1 { format!(" for {promises} promises") } else { String::new() };
    match &event.what {
        What::Held { plan, promises, .. } => format!("holding reply{} -> by {}", of(promises), clock(zone, plan.by)),
        What::Delayed { until, gate } => {
            format!("holding reply waits until {}: {}", clock(zone, *until), because(gate))
        }
        What::Dropped { why, promises, .. } => format!("no holding reply{}: {}", of(promises), why.text()),
        What::Lapsed { why: Some(why) } => format!("lapses; no holding reply: {}", why.text()),
        What::Lapsed { why: None } => "lapses".to_owned(),
    }
}

/// What stands in the way, in the words of the gate.
fn because(gate: &Gate) -> String {
    gate.decisive().map(|(check, _)| check.text()).collect::<Vec<_>>().join("; ")
}

/// For programs.
pub fn json(events: &[Event], zone: &Zone) -> Value {
    let here = |at: Instant| zone.fixed(at).to_rfc3339();
    let one = |event: &Event| {
        let (what, gate) = match &event.what {
            What::Held { gate, .. } => ("holding", Some(gate)),
            What::Delayed { gate, .. } => ("waits", Some(gate)),
            What::Dropped { gate, .. } => ("dropped", Some(gate)),
            What::Lapsed { .. } => ("lapsed", None),
        };
        let (promises, by, until, why) = match &event.what {
            What::Held { plan, promises, .. } => (Some(*promises), Some(here(plan.by)), None, None),
            What::Delayed { until, .. } => (None, None, Some(here(*until)), None),
            What::Dropped { why, promises, .. } => (Some(*promises), None, None, Some(why.as_str())),
            What::Lapsed { why } => (Some(1), None, None, why.map(crate::decide::WhyNot::as_str)),
        };
        json!({
            "at": here(event.at),
            "what": what,
            "promises": promises,
            "promise_by": by,
            "until": until,
            "why": why,
            "checks": gate.map(checks).unwrap_or_default(),
        })
    };
    Value::Array(events.iter().map(one).collect())
}

/// The checks that are not simply passed.
fn checks(gate: &Gate) -> Vec<Value> {
    let told = gate.checks.iter().filter(|(_, outcome)| !matches!(outcome, Outcome::Pass | Outcome::Exempt));
    let one = |(check, outcome): &(Check, Outcome)| json!({"check": check.as_str(), "outcome": outcome.as_str()});
    told.map(one).collect()
}

/// The picture of a client's story, behind the names of the others.
pub fn picture(events: &[Event], client: &Client) -> Vec<String> {
    let mode = client.mode.filter(|mode| *mode != Mode::Send);
    if let Some(mode) = mode {
        return vec![say::wrapped("  unanswered  ", &format!("nothing leaves by itself: mode {}", mode.as_str()))];
    }
    let heads = std::iter::once("  unanswered  ").chain(std::iter::repeat("              "));
    heads.zip(lines(events, &client.zone)).map(|(head, line)| say::wrapped(head, &line)).collect()
}

/// "12 holding replies would go out, 5 promises would lapse": the whole of several stories.
pub fn summary(stories: &[Vec<Event>]) -> String {
    let events = || stories.iter().flatten();
    let held = events().filter(|event| matches!(event.what, What::Held { .. })).count();
    let renewed: usize = events()
        .map(|event| match event.what {
            What::Held { promises, .. } => promises,
            _ => 0,
        })
        .sum();
    let lapsed = events().filter(|event| matches!(event.what, What::Lapsed { .. })).count();
    let replies = if held == 1 { "1 holding reply".to_owned() } else { format!("{held} holding replies") };
    let renewed = out::count(renewed as u64, "promise");
    format!("if nobody answers: {replies} for {renewed}, then {} would lapse", out::count(lapsed as u64, "promise"))
}
