//! The facts for the rules of drafts, from the memory and the sources of the projects. Never here: what follows from them.
use crate::calendar::overlap::Interval;
use crate::daemon::desk::Desk;
use crate::daemon::{calendars, holding, offers};
use crate::decide::Policy;
use crate::decide::occasion::person::is_unsettled;
use crate::decide::occasion::{Contact, DraftFacts, JournalEntry, Made, Meetings, Question, SourceFact};
use crate::model::{Client, DraftKind, EmailAddress, Instant, Promise};
use crate::store::{Reader, StoreError};
use crate::system::sources as files;
use chrono::TimeDelta;

/// How far back the ledger is read: a greeting comes once a year.
const LEDGER: TimeDelta = TimeDelta::days(800);
/// The faults of sources that the log has named.
const SAID: &str = "sources.said";
/// Questions older than this are not asked again.
const QUESTIONS: TimeDelta = TimeDelta::days(150);
/// Promises that ended longer ago are of no use.
const PROMISES: TimeDelta = TimeDelta::days(100);

/// Names of a client's people are looked for in so many mails of either side.
const NAMES: u32 = 8;

/// What is known from outside the memory; nothing of it where only the way of a draft is asked for.
#[derive(Clone, Debug, Default)]
pub struct Outside {
    /// What the sources of the projects say.
    pub sources: Vec<SourceFact>,
    /// When the owner is busy.
    pub busy: Vec<Interval>,
}

/// Everything that [`DraftFacts`] borrows.
#[derive(Clone, Debug, Default)]
pub struct Gathered {
    made: Vec<Made>,
    journal: Vec<JournalEntry>,
    sources: Vec<SourceFact>,
    contacts: Vec<Contact>,
    questions: Vec<Question>,
    promises: Vec<Promise>,
    meetings: Meetings,
}

impl Gathered {
    /// As the rules want it.
    #[must_use]
    pub fn facts<'a>(&'a self, policy: &'a Policy) -> DraftFacts<'a> {
        DraftFacts {
            policy,
            made: &self.made,
            journal: &self.journal,
            sources: &self.sources,
            contacts: &self.contacts,
            questions: &self.questions,
            promises: &self.promises,
            meetings: &self.meetings,
        }
    }
}

/// Reads the facts of `now`.
///
/// # Errors
/// If the store cannot be read.
pub fn gather(tx: &Reader<'_>, policy: &Policy, outside: Outside, now: Instant) -> Result<Gathered, StoreError> {
    let mut all = Gathered { made: tx.occasions(now - LEDGER)?, sources: outside.sources, ..Gathered::default() };
    all.meetings = Meetings { offers: tx.offers(now - offers::KEPT)?, visits: tx.visits(None)?, busy: outside.busy };
    for project in &policy.projects {
        all.journal.extend(tx.journal(&project.id)?);
    }
    all.journal.sort_by_key(|entry| entry.at);
    for client in &policy.clients {
        if let Some(mut contact) = tx.contact(client)? {
            if !policy.drafts.off.contains(&DraftKind::Greeting) && is_unsettled(client) {
                contact.people = people(tx, client)?;
            }
            all.contacts.push(contact);
        }
        if !policy.drafts.off.contains(&DraftKind::FollowUp) {
            all.questions.extend(tx.questions(client, now - QUESTIONS)?);
        }
    }
    all.questions.sort_by_key(|question| question.asked_at);
    // Those that ended are only told of in a recap.
    let recap = policy.drafts.recap && !policy.drafts.off.contains(&DraftKind::Recap);
    all.promises = if recap { tx.promises_since(now - PROMISES)? } else { tx.promises(true)? };
    Ok(all)
}

/// The names of a client's people in past mails, theirs first.
fn people(tx: &Reader<'_>, client: &Client) -> Result<Vec<(EmailAddress, String)>, StoreError> {
    let mut found: Vec<(EmailAddress, String)> = Vec::new();
    for exchange in tx.mails_with_names(&client.id, NAMES)? {
        let Some(mail) = holding::recall(tx, &exchange)? else { continue };
        for party in mail.from().into_iter().chain(&mail.to).chain(&mail.cc).filter(|it| client.knows(&it.address)) {
            let Some(name) = party.name.as_ref().map(|name| name.as_str().trim().to_owned()) else { continue };
            let known = found.iter().any(|(address, of)| address.folded() == party.address.folded() && *of == name);
            if !known && !name.is_empty() && !name.contains('@') {
                found.push((party.address.clone(), name));
            }
        }
    }
    Ok(found)
}

/// Sources of projects and calendars, as they are now.
///
/// # Errors
/// If the store fails.
pub async fn outside(desk: &Desk, now: Instant) -> Result<Outside, StoreError> {
    Ok(Outside { sources: sources(desk, now).await?, busy: calendars::busy(desk, now).await? })
}

/// What the sources of live projects say. What cannot be read is said in the log, once, and the rest goes on.
///
/// # Errors
/// If the store fails.
async fn sources(desk: &Desk, now: Instant) -> Result<Vec<SourceFact>, StoreError> {
    let policy = desk.policy();
    let mut wanted = Vec::new();
    for project in policy.projects.iter().filter(|project| project.ended.is_none()) {
        wanted.extend(project.sources.iter().map(|source| (project.id.clone(), source.clone())));
    }
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let (facts, faults) = files::read(wanted, now).await;
    let said = faults.iter().map(|it| format!("{}: {}", it.project, it.text)).collect::<Vec<_>>().join("\n");
    let before = desk.store.read(|tx| tx.meta(SAID)).await?.unwrap_or_default();
    if said != before {
        for fault in &faults {
            tracing::warn!(project = fault.project, "{}", fault.text);
        }
        desk.store.write_soon(move |tx| tx.set_meta(SAID, &said)).await?;
    }
    Ok(facts_of(facts))
}

/// Items of sources as the rules want them.
#[must_use]
pub fn facts_of(items: Vec<files::Item>) -> Vec<SourceFact> {
    items.into_iter().map(|it| SourceFact { project: it.project, at: it.at, done: it.done, text: it.text }).collect()
}
