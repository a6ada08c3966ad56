//! Money: what the files say about it right now. A reminder that reaches somebody who has paid costs more than a look at a
//! file. Never here: when a reminder is due (`decide::occasion::payment`).
use crate::config;
use crate::daemon::desk::Desk;
use crate::decide::Policy;
use crate::decide::occasion::{DraftFacts, DraftPlan, MadeState};
use crate::model::DraftKind;

fn is_money(kind: DraftKind) -> bool {
    matches!(kind, DraftKind::Payment | DraftKind::Deposit)
}

/// Whether a plan asks a client for money, or a draft that does waits.
pub(super) fn is_asked_for(plan: &DraftPlan, facts: &DraftFacts<'_>) -> bool {
    let waits = facts.made.iter().any(|made| made.state == MadeState::Waiting && is_money(made.kind));
    waits || plan.make.iter().any(|one| is_money(one.kind))
}

/// The policy with invoices and terms as the files have them now; `None` where nothing changed, where there are no files,
/// and where they are wrong: whoever is in the middle of writing them is told so by `fuseau reload`. Of a project that is
/// wrong nothing is asked meanwhile.
pub(super) async fn as_written(desk: &Desk) -> Option<Policy> {
    let path = desk.settings.files.first()?.clone();
    let zones = desk.policy().zones.clone();
    let read = tokio::task::spawn_blocking(move || config::load_sparing(&path, &zones).ok()).await.ok()??;
    let read = read.0;
    let mut policy = desk.policy().clone();
    let unclear = &read.policy.drafts.unclear;
    let mut changed = policy.drafts.unclear != *unclear;
    policy.drafts.unclear.clone_from(unclear);
    for project in &mut policy.projects {
        let Some(now) = read.policy.project(&project.id) else { continue };
        changed |= project.invoices != now.invoices || project.terms != now.terms;
        project.invoices.clone_from(&now.invoices);
        project.terms.clone_from(&now.terms);
    }
    changed.then_some(policy)
}
