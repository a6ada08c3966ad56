//! The rule for checking in after a long silence on a live project. Never here: words (`compose::draft`).
use super::common::{asked_key, is_live, live_projects, occasion, outside_closures, spared};
use super::{Contact, Content, DraftFacts, DraftWhy, Occasion, Ruling, Target};
use crate::calendar::next_decent;
use crate::model::{Client, DraftKind, Instant, PromiseState};
use chrono::NaiveDate;

/// A silence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckIn {
    /// The project's title, if it is about one.
    pub project: Option<String>,
    /// When somebody last wrote, on the client's calendar.
    pub last: Option<NaiveDate>,
}

/// What should lie there by itself.
pub(super) fn rule(facts: &DraftFacts<'_>, now: Instant) -> Vec<Ruling> {
    facts.contacts.iter().filter_map(|contact| of(facts, contact, now)).collect()
}

fn of(facts: &DraftFacts<'_>, contact: &Contact, now: Instant) -> Option<Ruling> {
    let client = facts.policy.client(&contact.client)?;
    let last = contact.last_in.max(contact.last_out)?;
    let silent = last + facts.policy.drafts.check_in;
    let due = outside_closures(&facts.policy.owner, client, next_decent(client, silent).unwrap_or(silent));
    let today = client.zone.local(due.max(now)).date();
    let project = live_projects(facts, &client.id, today).next()?;
    let owed = facts.promises.iter().any(|it| it.client == client.id && it.state == PromiseState::Open);
    if owed {
        return None; // an answer is promised: that comes first
    }
    // A question of the owner's is followed up instead.
    let waits = |asked: Instant| contact.last_in.is_none_or(|heard| heard <= asked);
    if facts.questions.iter().any(|it| it.client == client.id && waits(it.asked_at)) {
        return Some(spared(DraftKind::CheckIn, &client.id, Some(&project.id), DraftWhy::Unanswered));
    }
    let date = client.zone.local(last).date();
    let content = Content::CheckIn(CheckIn { project: Some(project.title.clone()), last: Some(date) });
    let key = format!("check-in:{}:{date}", client.id);
    let occasion = Occasion {
        project: Some(project.id.clone()),
        why: vec![DraftWhy::Silence],
        ..occasion(DraftKind::CheckIn, key, &client.id, due, content)
    };
    Some(Ruling::Draft(Box::new(occasion)))
}

/// One draft at the owner's word.
pub(super) fn asked(facts: &DraftFacts<'_>, target: &Target<'_>, now: Instant) -> Result<Occasion, DraftWhy> {
    let client = target.client;
    if let Some(project) = target.project.filter(|project| !is_live(project, client.zone.local(now).date())) {
        let _ = project;
        return Err(DraftWhy::ProjectEnded);
    }
    let project = target.project;
    let content = CheckIn { project: project.map(|it| it.title.clone()), last: last(facts, client) };
    let about = project.map_or(client.id.as_str(), |it| it.id.as_str());
    let key = asked_key(DraftKind::CheckIn, about, facts, now);
    Ok(Occasion {
        project: project.map(|it| it.id.clone()),
        why: vec![DraftWhy::Asked],
        ..occasion(DraftKind::CheckIn, key, &client.id, now, Content::CheckIn(content))
    })
}

fn last(facts: &DraftFacts<'_>, client: &Client) -> Option<NaiveDate> {
    let contact = facts.contact(&client.id)?;
    contact.last_in.max(contact.last_out).map(|at| client.zone.local(at).date())
}
