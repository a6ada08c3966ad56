//! The rule for the terms of a project in writing: only when asked for. A text that binds both is begun by the owner.
//! Never here: words (`compose::draft`).
use super::common::{Dated, asked_key, is_live, occasion};
use super::{Content, DraftFacts, DraftWhy, Occasion, Ruling, Target};
use crate::model::{DraftKind, Instant, Money};

/// The terms of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    /// The project's title.
    pub project: String,
    /// What belongs to it.
    pub scope: Vec<String>,
    /// What is handed over.
    pub deliverables: Vec<String>,
    /// The steps, in the order of the file.
    pub milestones: Vec<Dated>,
    /// The price.
    pub fee: Option<Money>,
    /// Paid before the work begins.
    pub deposit: Option<Money>,
    /// Days from an invoice to its due date.
    pub payment_days: Option<u32>,
}

/// Nothing lies there by itself.
pub(super) fn rule(_facts: &DraftFacts<'_>, _now: Instant) -> Vec<Ruling> {
    Vec::new()
}

/// One draft at the owner's word.
pub(super) fn asked(facts: &DraftFacts<'_>, target: &Target<'_>, now: Instant) -> Result<Occasion, DraftWhy> {
    let project = target.project.ok_or(DraftWhy::NothingToSay)?;
    let terms = &project.terms;
    if terms.signed.is_some() {
        return Err(DraftWhy::Signed);
    }
    if !is_live(project, target.client.zone.local(now).date()) {
        return Err(DraftWhy::ProjectEnded);
    }
    let none = project.scope.is_empty() && project.deliverables.is_empty() && project.milestones.is_empty();
    if none && terms.fee.is_none() {
        return Err(DraftWhy::NothingToSay);
    }
    let open = project.milestones.iter().filter(|it| it.done.is_none());
    let content = Contract {
        project: project.title.clone(),
        scope: project.scope.clone(),
        deliverables: project.deliverables.clone(),
        milestones: open.map(|it| Dated { title: it.title.clone(), date: it.due }).collect(),
        fee: terms.fee.clone(),
        deposit: terms.deposit.clone(),
        payment_days: terms.payment_days,
    };
    let key = asked_key(DraftKind::Contract, &project.id, facts, now);
    Ok(Occasion {
        project: Some(project.id.clone()),
        why: vec![DraftWhy::Asked],
        ..occasion(DraftKind::Contract, key, &target.client.id, now, Content::Contract(content))
    })
}
