//! The rule for the deposit of a project: asked for when the contract is signed, then as `[drafts] payment` says. Never
//! here: words (`compose::draft`).
use super::common::{asked_key, is_live, is_news, morning, occasion, spared};
use super::payment::{Firmness, firmness};
use super::{Content, DraftFacts, DraftWhy, Occasion, Ruling, Target};
use crate::model::{DraftKind, Instant, Money, Project};
use chrono::{NaiveDate, TimeDelta};

/// A deposit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deposit {
    /// The project's title.
    pub project: String,
    /// How much.
    pub amount: Money,
    /// By when, on the client's calendar, if the terms say so.
    pub due: Option<NaiveDate>,
    /// How firm the words are; `Soon` asks for it first.
    pub firmness: Firmness,
}

/// What should lie there by itself.
pub(super) fn rule(facts: &DraftFacts<'_>, now: Instant) -> Vec<Ruling> {
    let mut found = Vec::new();
    for project in &facts.policy.projects {
        let Some(client) = facts.policy.client(&project.client) else { continue };
        let (Some(amount), Some(signed)) = (&project.terms.deposit, project.terms.signed) else { continue };
        if !is_live(project, client.zone.local(now).date()) {
            continue;
        }
        if let Some(paid) = project.terms.deposit_paid {
            if is_news(paid, client, now) {
                found.push(spared(DraftKind::Deposit, &client.id, Some(&project.id), DraftWhy::Paid));
            }
            continue;
        }
        let steps = steps(facts, project, signed);
        let dues: Vec<Instant> = steps.iter().map(|(date, ..)| morning(client, *date)).collect();
        let ends = dues.iter().skip(1).map(|due| Some(*due)).chain([None]);
        // Those that are over, the one of now, and the next.
        let coming = dues.iter().position(|due| *due > now).unwrap_or(dues.len());
        for (((_, name, firmness), due), until) in steps.iter().zip(&dues).zip(ends).take(coming + 1) {
            let key = format!("deposit:{}:{name}", project.id);
            let read = client.zone.local(now.max(*due)).date();
            let firmness = self::due(project).map_or(*firmness, |due| firmness.on(read, due));
            found.push(Ruling::Draft(Box::new(Occasion {
                project: Some(project.id.clone()),
                until,
                why: vec![DraftWhy::DepositDue],
                ..occasion(DraftKind::Deposit, key, &client.id, *due, content(project, amount, firmness))
            })));
        }
    }
    found
}

/// When, what the step is called, how firm.
fn steps(facts: &DraftFacts<'_>, project: &Project, signed: NaiveDate) -> Vec<(NaiveDate, String, Firmness)> {
    // Without a due date in the terms none is made up: the steps count from the signature.
    let due = due(project);
    let base = due.unwrap_or(signed);
    let mut later: Vec<i32> = facts.policy.drafts.payment.clone();
    later.retain(|days| *days > 0 || (*days == 0 && due.is_some_and(|due| due > signed)));
    later.sort_unstable();
    later.dedup();
    let further = later.iter().map(|days| {
        (base + TimeDelta::days(i64::from(*days)), format!("{days:+}"), firmness(&facts.policy.drafts.payment, *days))
    });
    [(signed, "signed".to_owned(), Firmness::Soon)].into_iter().chain(further).collect()
}

fn due(project: &Project) -> Option<NaiveDate> {
    let days = i64::from(project.terms.payment_days?);
    project.terms.signed.map(|signed| signed + TimeDelta::days(days))
}

fn content(project: &Project, amount: &Money, firmness: Firmness) -> Content {
    Content::Deposit(Deposit { project: project.title.clone(), amount: amount.clone(), due: due(project), firmness })
}

/// One draft at the owner's word.
pub(super) fn asked(facts: &DraftFacts<'_>, target: &Target<'_>, now: Instant) -> Result<Occasion, DraftWhy> {
    let theirs = facts.policy.projects.iter().filter(|it| it.client == target.client.id);
    let mut projects = theirs.filter(|it| target.project.is_none_or(|project| project.id == it.id));
    let with_deposit = |it: &&Project| it.terms.deposit.is_some();
    let first = projects.clone().find(|it| with_deposit(it) && it.terms.deposit_paid.is_none());
    let Some(project) = first else {
        return Err(if projects.any(|it| with_deposit(&it)) { DraftWhy::Paid } else { DraftWhy::NothingToSay });
    };
    let amount = project.terms.deposit.as_ref().ok_or(DraftWhy::NothingToSay)?;
    // Its first words thank for the signature.
    let today = target.client.zone.local(now).date();
    let signed = project.terms.signed.filter(|signed| *signed <= today).ok_or(DraftWhy::NotSigned)?;
    let steps = steps(facts, project, signed);
    let firmness = steps.iter().rfind(|(date, ..)| *date <= today).map_or(Firmness::Soon, |(_, _, firmness)| *firmness);
    let key = asked_key(DraftKind::Deposit, &project.id, facts, now);
    Ok(Occasion {
        project: Some(project.id.clone()),
        why: vec![DraftWhy::Asked],
        ..occasion(DraftKind::Deposit, key, &target.client.id, now, content(project, amount, firmness))
    })
}
