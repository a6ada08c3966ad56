//! The rule for the recap of a month. Never here: words (`compose::draft`).
use super::common::{Dated, asked_key, live_projects, month_of, months_on, morning, occasion, spared};
use super::{Content, DraftFacts, DraftWhy, Made, MadeState, Occasion, Ruling, Target};
use crate::decide::fold::fold;
use crate::model::{Client, DraftKind, Instant, Milestone, Project, Promise, PromiseState, WaitingOn};
use chrono::{NaiveDate, TimeDelta};

/// So long a look back is worth something.
const FRESH: TimeDelta = TimeDelta::days(10);

/// A month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recap {
    /// Its first day.
    pub month: NaiveDate,
    /// What was done in it: milestones, then the journal.
    pub done: Vec<String>,
    /// What was agreed: signatures of the month, and dates to come that a letter or the journal of the month names, or the
    /// contract that was signed in it.
    pub agreed: Vec<Dated>,
    /// What the client waits for.
    pub mine: Vec<Dated>,
    /// What the owner waits for.
    pub theirs: Vec<Dated>,
    /// How many answers that were promised came in time.
    pub kept: u32,
    /// How many were promised.
    pub promised: u32,
}

/// What should lie there by itself.
pub(super) fn rule(facts: &DraftFacts<'_>, now: Instant) -> Vec<Ruling> {
    if !facts.policy.drafts.recap {
        return Vec::new();
    }
    let of = |client: &Client| {
        let month = month_of(client.zone.local(now).date());
        [months_on(month, -1), month].map(|month| one(facts, client, month, now))
    };
    facts.policy.clients.iter().flat_map(of).flatten().collect()
}

fn one(facts: &DraftFacts<'_>, client: &Client, month: NaiveDate, now: Instant) -> Option<Ruling> {
    let due = morning(client, months_on(month, 1));
    let until = due + FRESH;
    if until <= now && facts.made(&key(client, month)).is_none() {
        return None;
    }
    let Some(content) = recap(facts, client, month) else {
        return (due <= now).then(|| spared(DraftKind::Recap, &client.id, None, DraftWhy::NothingToSay));
    };
    Some(Ruling::Draft(Box::new(Occasion {
        until: Some(until),
        why: vec![DraftWhy::MonthEnded],
        ..occasion(DraftKind::Recap, key(client, month), &client.id, due, Content::Recap(content))
    })))
}

fn key(client: &Client, month: NaiveDate) -> String {
    format!("recap:{}:{}", client.id, month.format("%Y-%m"))
}

/// One draft at the owner's word: about the month that ended last.
pub(super) fn asked(facts: &DraftFacts<'_>, target: &Target<'_>, now: Instant) -> Result<Occasion, DraftWhy> {
    let client = target.client;
    let month = months_on(month_of(client.zone.local(now).date()), -1);
    let content = recap(facts, client, month).ok_or(DraftWhy::NothingToSay)?;
    let key = asked_key(DraftKind::Recap, &client.id, facts, now);
    let why = vec![DraftWhy::Asked];
    Ok(Occasion { why, ..occasion(DraftKind::Recap, key, &client.id, now, Content::Recap(content)) })
}

/// Whether the record of a month names the date of a milestone: a letter that was sent in it, the journal, or the contract that
/// was signed in it. A date that stands in the configuration alone was agreed nobody knows when.
fn was_agreed(facts: &DraftFacts<'_>, client: &Client, project: &Project, it: &Milestone, month: NaiveDate) -> bool {
    let end = months_on(month, 1);
    let within = |date: NaiveDate| month <= date && date < end;
    let day = |at: Instant| client.zone.local(at).date();
    let signed = project.terms.signed.is_some_and(within);
    // As contents print what bears a date.
    let prints = ["date", "due"].map(|field| format!("title: {:?}, {field}: {:?}", it.title, it.due));
    let told = facts.made.iter().filter(|made| made.client == client.id && made.state == MadeState::Sent);
    let mut told = told.filter(|made| prints.iter().any(|print| made.print.contains(print.as_str())));
    let counts = |made: &Made| {
        let contract = made.kind == DraftKind::Contract && signed;
        made.ended_at.is_some_and(|at| within(day(at)) || contract && day(at) < end)
    };
    let title = fold(&it.title);
    let mut noted = facts.journal.iter().filter(|entry| entry.project == project.id && within(day(entry.at)));
    told.any(counts) || noted.any(|entry| fold(&entry.text).contains(&title))
}

/// What is to be said; `None` if that is nothing.
fn recap(facts: &DraftFacts<'_>, client: &Client, month: NaiveDate) -> Option<Recap> {
    let end = months_on(month, 1);
    let within = |date: NaiveDate| month <= date && date < end;
    let projects: Vec<_> = live_projects(facts, &client.id, month).collect();
    let milestones = || projects.iter().flat_map(|project| &project.milestones);
    let open = || milestones().filter(|it| it.done.is_none());
    let dated = |it: &Milestone, title: &str| Dated { title: title.to_owned(), date: it.due };

    let reached = milestones().filter(|it| it.done.is_some_and(within)).map(|it| it.title.clone());
    let about = |id: &str| projects.iter().any(|project| project.id == id);
    let noted = facts.journal.iter().filter(|it| about(&it.project) && within(client.zone.local(it.at).date()));
    let noted = noted.filter_map(|it| it.text.lines().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned));

    let signed = projects.iter().filter_map(|project| {
        let date = project.terms.signed.filter(|date| within(*date))?;
        Some(Dated { title: project.title.clone(), date: Some(date) })
    });
    let coming = projects.iter().flat_map(|project| {
        let open = project.milestones.iter().filter(|it| it.done.is_none() && it.waiting.is_none());
        open.filter(|it| it.due.is_some_and(|due| due >= end) && was_agreed(facts, client, project, it, month))
    });
    let coming = coming.map(|it| dated(it, &it.title));

    let promised = |it: &&Promise| it.client == client.id && it.announced;
    let of_month = |it: &&Promise| within(client.zone.local(it.by).date());
    let ended = facts.promises.iter().filter(promised).filter(of_month);
    let counted = ended.filter(|it| matches!(it.state, PromiseState::Kept | PromiseState::Lapsed));
    let (kept, late): (Vec<_>, Vec<_>) = counted.partition(|it| it.state == PromiseState::Kept);
    let owed =
        facts.promises.iter().filter(promised).filter(|it| it.state == PromiseState::Open && !it.subject.is_empty());
    let owed =
        owed.map(|it| Dated { title: it.subject.as_str().to_owned(), date: Some(client.zone.local(it.by).date()) });
    let late_of_mine = open().filter(|it| {
        it.waiting == Some(WaitingOn::Owner) || (it.waiting.is_none() && it.due.is_some_and(|due| due < end))
    });
    let waiting = open().filter(|it| it.waiting == Some(WaitingOn::Client));
    let waiting = waiting.map(|it| dated(it, it.waiting_for.as_deref().unwrap_or(&it.title)));
    let heard = facts.contact(&client.id).and_then(|contact| contact.last_in);
    let asked = facts.questions.iter().filter(|it| it.client == client.id);
    let asked = asked.filter(|it| heard.is_none_or(|heard| heard <= it.asked_at));
    let asked = asked.map(|it| Dated { title: it.sentence.clone(), date: None });

    let recap = Recap {
        month,
        done: reached.chain(noted).collect(),
        agreed: signed.chain(coming).collect(),
        mine: owed.chain(late_of_mine.map(|it| dated(it, &it.title))).collect(),
        theirs: waiting.chain(asked).collect(),
        kept: u32::try_from(kept.len()).unwrap_or(u32::MAX),
        promised: u32::try_from(kept.len() + late.len()).unwrap_or(u32::MAX),
    };
    let empty = recap.done.is_empty() && recap.agreed.is_empty() && recap.mine.is_empty() && recap.theirs.is_empty();
    (!empty || recap.promised > 0).then_some(recap)
}
