//! A mail of the outbox with the gate's word, for people and for programs. What is done to it: outbox.rs.
use crate::cli::out;
use crate::daemon::facts::{self, Around};
use crate::decide::gate::{Due, Gate, Outcome};
use crate::decide::{Check, Policy};
use crate::model::{Instant, Zone};
use crate::store::{MailState, OutboxRow, Reader, StoreError};
use serde_json::{Value, json};

/// A mail with the gate's word, if it still waits.
pub struct Waiting {
    /// The mail.
    pub row: OutboxRow,
    /// The gate's word, if it waits.
    pub gate: Option<Gate>,
}

impl Waiting {
    /// The gate's word about a mail that waits; none about one that does not.
    pub fn new(
        tx: &Reader<'_>,
        policy: &Policy,
        paused: bool,
        row: OutboxRow,
        now: Instant,
    ) -> Result<Self, StoreError> {
        let gate = match row.state {
            MailState::Queued => Some(facts::weigh(tx, policy, &row, Around { paused, ..Around::default() }, now)?),
            _ => None,
        };
        Ok(Self { row, gate })
    }

    /// The next moment at which it is looked at.
    pub fn next_look(&self, now: Instant) -> Option<Instant> {
        self.gate.as_ref().and_then(|gate| gate.next_look(now)).map(|at| at.max(now))
    }

    /// For programs.
    pub fn json(&self, now: Instant) -> Value {
        let Self { row, gate } = self;
        json!({
            "id": row.id,
            "kind": row.kind,
            "mailbox": row.mailbox,
            "client": row.client,
            "to": row.envelope_to,
            "subject": row.subject,
            "route": row.route.as_str(),
            "state": row.state.shown(),
            "made_at": out::rfc3339(row.created_at),
            "finished_at": row.finished_at.map(out::rfc3339),
            "attempts": row.attempts,
            "promise_by": row.window.as_ref().map(|window| out::rfc3339(window.end)),
            "held_until": row.held_until.map(out::rfc3339),
            "last_reply": row.last_reply,
            "next": gate.as_ref().map(|gate| verdict(gate)),
            "next_look": self.next_look(now).map(out::rfc3339),
            "checks": gate.as_ref().map(checks).unwrap_or_default(),
        })
    }

    /// The checks that are not simply passed, or all of them, a line each.
    pub fn lines(&self, policy: &Policy, all: bool) -> Vec<String> {
        let Some(gate) = &self.gate else { return Vec::new() };
        let zone = zone(policy, &self.row);
        let told = gate.checks.iter().filter(|(_, outcome)| all || !matches!(outcome, Outcome::Pass | Outcome::Exempt));
        told.map(|(check, outcome)| line(*check, *outcome, zone)).collect()
    }
}

fn line(check: Check, outcome: Outcome, zone: &Zone) -> String {
    let text = match outcome {
        Outcome::Pass | Outcome::Exempt => String::new(),
        Outcome::Wait(until) if far(until) => format!("  {}", check.text()),
        Outcome::Wait(until) => format!("  {}, until {}", check.text(), out::stamp(until, zone)),
        Outcome::Waived => "  set aside, because you want it sent".to_owned(),
        Outcome::Renew | Outcome::Drop(_) => format!("  {}", check.text()),
    };
    format!("{:<7} {:<18}{text}", outcome.as_str(), check.as_str()).trim_end().to_owned()
}

fn checks(gate: &Gate) -> Vec<Value> {
    let one = |(check, outcome): &(Check, Outcome)| {
        let until = match outcome {
            Outcome::Wait(until) => Some(out::rfc3339(*until)),
            _ => None,
        };
        let text = (!matches!(outcome, Outcome::Pass | Outcome::Exempt)).then(|| check.text());
        json!({"check": check.as_str(), "outcome": outcome.as_str(), "until": until, "text": text})
    };
    gate.checks.iter().map(one).collect()
}

fn verdict(gate: &Gate) -> &'static str {
    match gate.verdict {
        Due::Send => "send",
        Due::Renew => "renew",
        Due::Later(_) => "wait",
        Due::Drop(_) => "drop",
    }
}

/// "Until told otherwise", as an instant.
pub fn far(until: Instant) -> bool {
    until >= crate::decide::UNTIL_RESUMED
}

/// The zone of the person whom a mail goes to.
fn zone<'a>(policy: &'a Policy, row: &OutboxRow) -> &'a Zone {
    let client = row.client.as_deref().and_then(|id| policy.client(id));
    client.map_or(&policy.owner.zone, |client| &client.zone)
}

/// On the clock of the person whom a mail goes to, and on the owner's.
pub fn both(policy: &Policy, row: &OutboxRow, at: Instant) -> String {
    let (there, home) = (zone(policy, row), &policy.owner.zone);
    if there == home {
        return out::stamp(at, home);
    }
    format!("{} = {}", out::stamp(at, there), out::stamp(at, home))
}
