//! The comparison of what should lie in Drafts with what was taken up (docs/decisions/0017). Pure; the daemon carries it out
//! and looks first whether the owner has touched a draft.
use super::{DraftFacts, Made, MadeState, Occasion, Ruling, Spared, rulings};
use crate::model::Instant;

/// What is to be done about drafts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DraftPlan {
    /// Drafts to be made.
    pub make: Vec<Occasion>,
    /// Drafts that say something else now; only if the owner has not touched them.
    pub replace: Vec<Replacement>,
    /// Keys of drafts without an occasion, and whether their time has passed (else their facts changed); only if the owner
    /// has not touched them.
    pub withdraw: Vec<(String, MadeState)>,
    /// What comes next, the earliest first.
    pub coming: Vec<Occasion>,
    /// What is not written, and why.
    pub spared: Vec<Spared>,
    /// When this has to be asked again, if nothing else happens before.
    pub wake: Option<Instant>,
}

/// A draft whose facts changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Replacement {
    /// What it says from now on; its key names the draft.
    pub occasion: Occasion,
}

/// Compares what every rule wants with the ledger.
#[must_use]
pub fn plan(facts: &DraftFacts<'_>, now: Instant) -> DraftPlan {
    compare(facts, rulings(facts, now), now)
}

/// The comparison itself.
fn compare(facts: &DraftFacts<'_>, rulings: Vec<Ruling>, now: Instant) -> DraftPlan {
    let mut plan = DraftPlan::default();
    let (mut wanted, mut ended): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let mut wake = |at: Instant| plan.wake = Some(plan.wake.map_or(at, |wake| wake.min(at)));
    for ruling in rulings {
        let occasion = match ruling {
            Ruling::Draft(occasion) => *occasion,
            Ruling::Spared(spared) => {
                plan.spared.push(spared);
                continue;
            }
        };
        // One occasion, whoever else names it.
        if wanted.contains(&occasion.key) {
            continue;
        }
        if occasion.due > now {
            wake(occasion.due);
            plan.coming.push(occasion);
            continue;
        }
        let over = occasion.until.is_some_and(|until| until <= now);
        let state = facts.made(&occasion.key).map(|made| (made.state, made.print == occasion.print()));
        if over {
            ended.push(occasion.key); // a waiting one is withdrawn below
            continue;
        }
        wanted.push(occasion.key.clone());
        if let Some(until) = occasion.until {
            wake(until);
        }
        match state {
            None | Some((MadeState::Withdrawn, _)) => plan.make.push(occasion),
            Some((MadeState::Waiting, false)) if facts.made(&occasion.key).is_some_and(|made| !made.asked) => {
                plan.replace.push(Replacement { occasion });
            }
            Some(_) => {}
        }
    }
    let rests = |made: &Made| facts.policy.drafts.rests(&made.client, made.project.as_deref());
    let waiting = facts.made.iter().filter(|made| made.state == MadeState::Waiting && !made.asked && !rests(made));
    for made in waiting.filter(|made| !wanted.contains(&made.key)) {
        let state = if ended.contains(&made.key) { MadeState::Expired } else { MadeState::Withdrawn };
        plan.withdraw.push((made.key.clone(), state));
    }
    plan.coming.sort_by(|one, other| (one.due, &one.key).cmp(&(other.due, &other.key)));
    plan
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
