//! The rule for an invoice that comes due, or is overdue. Never here: words (`compose::draft`).
use super::common::{asked_key, is_news, morning, occasion, spared};
use super::{Content, DraftFacts, DraftWhy, Occasion, Ruling, Target};
use crate::decide::Policy;
use crate::model::{Client, DraftKind, Instant, Invoice, Money, Project};
use chrono::{NaiveDate, TimeDelta};

/// An invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The project's title.
    pub project: String,
    /// Its number.
    pub number: String,
    /// How much.
    pub amount: Money,
    /// By when, on the client's calendar.
    pub due: NaiveDate,
    /// How firm the words are.
    pub firmness: Firmness,
}

/// How firm the words are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Firmness {
    /// Before the due date.
    Soon,
    /// On it.
    Due,
    /// The first reminder after it.
    Late,
    /// Each one after that.
    Overdue,
}

impl Firmness {
    /// The word for templates.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Soon => "soon",
            Self::Due => "due",
            Self::Late => "late",
            Self::Overdue => "overdue",
        }
    }

    /// What is read after the due date does not say that it is due.
    pub(super) fn on(self, read: NaiveDate, due: NaiveDate) -> Self {
        if self == Self::Due && read > due { Self::Late } else { self }
    }

    fn why(self) -> DraftWhy {
        match self {
            Self::Soon => DraftWhy::InvoiceSoon,
            Self::Due => DraftWhy::InvoiceToday,
            Self::Late | Self::Overdue => DraftWhy::InvoiceLate,
        }
    }
}

/// How firm a step is among all steps.
pub(super) fn firmness(steps: &[i32], days: i32) -> Firmness {
    match days {
        ..0 => Firmness::Soon,
        0 => Firmness::Due,
        _ if steps.iter().any(|other| (1..days).contains(other)) => Firmness::Overdue,
        _ => Firmness::Late,
    }
}

/// What should lie there by itself. Money is owed after the end of a project too.
pub(super) fn rule(facts: &DraftFacts<'_>, now: Instant) -> Vec<Ruling> {
    let mut found = Vec::new();
    for project in &facts.policy.projects {
        let Some(client) = facts.policy.client(&project.client) else { continue };
        for invoice in &project.invoices {
            match invoice.paid {
                Some(paid) if is_news(paid, client, now) => {
                    found.push(spared(DraftKind::Payment, &client.id, Some(&project.id), DraftWhy::Paid));
                }
                Some(_) => {}
                None => found.extend(of(facts, client, project, invoice, now)),
            }
        }
    }
    found
}

/// The steps that are over, the one of now, and the next.
fn of(facts: &DraftFacts<'_>, client: &Client, project: &Project, invoice: &Invoice, now: Instant) -> Vec<Ruling> {
    let mut days = facts.policy.drafts.payment.clone();
    days.sort_unstable();
    days.dedup();
    let date = |days: i32| invoice.due + TimeDelta::days(i64::from(days));
    // A reminder of an invoice that the client does not have yet would be odd.
    let steps: Vec<(i32, Instant)> = days
        .iter()
        .filter(|days| invoice.sent.is_none_or(|sent| date(**days) > sent))
        .map(|days| (*days, morning(client, date(*days))))
        .collect();
    let ends = steps.iter().skip(1).map(|(_, due)| Some(*due)).chain([None]);
    let coming = steps.iter().position(|(_, due)| *due > now).unwrap_or(steps.len());
    let shown = steps.iter().zip(ends).take(coming + 1);
    let draft = |((days, due), until): (&(i32, Instant), Option<Instant>)| {
        // On a day off of theirs it was due before anybody reads of it.
        let read = client.zone.local(now.max(*due)).date();
        let firmness = firmness(&facts.policy.drafts.payment, *days).on(read, invoice.due);
        let key = format!("payment:{}:{}:{days:+}", project.id, invoice.number);
        Ruling::Draft(Box::new(Occasion {
            project: Some(project.id.clone()),
            until,
            why: vec![firmness.why()],
            ..occasion(DraftKind::Payment, key, &client.id, *due, content(project, invoice, firmness))
        }))
    };
    shown.map(draft).collect()
}

/// One draft at the owner's word: about the oldest invoice that is not paid.
pub(super) fn asked(facts: &DraftFacts<'_>, target: &Target<'_>, now: Instant) -> Result<Occasion, DraftWhy> {
    let all: Vec<_> = invoices(facts.policy, target).collect();
    let none = if all.is_empty() { DraftWhy::NothingToSay } else { DraftWhy::Paid };
    let oldest = all.into_iter().filter(|(_, it)| it.paid.is_none()).min_by_key(|(_, it)| it.due);
    let (project, invoice) = oldest.ok_or(none)?;
    Ok(reminder(facts, target, project, invoice, now))
}

/// The same about the invoice of a number.
///
/// # Errors
/// It is paid, or there is none.
pub fn asked_about(
    facts: &DraftFacts<'_>,
    target: &Target<'_>,
    number: &str,
    now: Instant,
) -> Result<Occasion, DraftWhy> {
    let mut all = invoices(facts.policy, target);
    let (project, invoice) = all.find(|(_, it)| it.number == number).ok_or(DraftWhy::NothingToSay)?;
    if invoice.paid.is_some() {
        return Err(DraftWhy::Paid);
    }
    Ok(reminder(facts, target, project, invoice, now))
}

/// The invoices of a project, or of all projects of a client.
pub fn invoices<'a>(policy: &'a Policy, target: &Target<'a>) -> impl Iterator<Item = (&'a Project, &'a Invoice)> {
    let (client, only) = (target.client, target.project);
    let theirs = policy.projects.iter().filter(move |it| it.client == client.id);
    let theirs = theirs.filter(move |it| only.is_none_or(|project| project.id == it.id));
    theirs.flat_map(|project| project.invoices.iter().map(move |invoice| (project, invoice)))
}

fn reminder(
    facts: &DraftFacts<'_>,
    target: &Target<'_>,
    project: &Project,
    invoice: &Invoice,
    now: Instant,
) -> Occasion {
    let late = (target.client.zone.local(now).date() - invoice.due).num_days();
    let firmness = firmness(&facts.policy.drafts.payment, i32::try_from(late).unwrap_or(i32::MAX));
    let about = format!("{}:{}", project.id, invoice.number);
    let key = asked_key(DraftKind::Payment, &about, facts, now);
    Occasion {
        project: Some(project.id.clone()),
        why: vec![DraftWhy::Asked],
        ..occasion(DraftKind::Payment, key, &target.client.id, now, content(project, invoice, firmness))
    }
}

fn content(project: &Project, invoice: &Invoice, firmness: Firmness) -> Content {
    Content::Payment(Payment {
        project: project.title.clone(),
        number: invoice.number.clone(),
        amount: invoice.amount.clone(),
        due: invoice.due,
        firmness,
    })
}
