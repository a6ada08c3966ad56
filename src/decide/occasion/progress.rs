//! The rule for progress updates by the cadence of a project. Never here: words (`compose::draft`).
use super::cadence::{last_two, next_two};
use super::{
    Content, DraftFacts, DraftWhy, JournalEntry, Made, MadeState, Occasion, Ruling, SourceFact, Spared, Target,
};
use crate::calendar::holidays::kept_on;
use crate::model::{Client, DraftKind, Instant, Milestone, Project, WaitingOn};
use chrono::{NaiveDate, TimeDelta};
use std::collections::BTreeSet;

/// So much is told at once; the newest.
const DONE_MAX: usize = 30;
/// So many steps that come next.
const NEXT_MAX: usize = 6;

/// Where a project stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What both sides call the project.
    pub title: String,
    /// The client's date of the update before; `None` for the first one.
    pub since: Option<NaiveDate>,
    /// What was done since, in the owner's words.
    pub done: Vec<String>,
    /// What comes next.
    pub next: Vec<Step>,
    /// What waits on the client.
    pub waiting: Vec<Step>,
    /// When it is of use: from there the client's day is reckoned.
    pub at: Instant,
}

/// A milestone that is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What.
    pub title: String,
    /// The date where the client is.
    pub due: Option<NaiveDate>,
    /// Whether that date is past.
    pub late: bool,
    /// Whether the client keeps a holiday on that date.
    pub holiday: bool,
    /// For what it waits.
    pub needs: Option<String>,
}

/// What should lie there by itself.
pub(super) fn rule(facts: &DraftFacts<'_>, now: Instant) -> Vec<Ruling> {
    facts.policy.projects.iter().flat_map(|project| of_project(facts, project, now)).collect()
}

fn of_project(facts: &DraftFacts<'_>, project: &Project, now: Instant) -> Vec<Ruling> {
    let (Some(cadence), Some(client)) = (&project.cadence, facts.policy.client(&project.client)) else {
        return Vec::new();
    };
    let spared = |why| {
        vec![Ruling::Spared(Spared {
            kind: DraftKind::Progress,
            client: client.id.clone(),
            project: Some(project.id.clone()),
            why,
        })]
    };
    if project.ended.is_some_and(|ended| ended <= client.zone.local(now).date()) {
        return spared(DraftWhy::ProjectEnded);
    }
    let owner = &facts.policy.owner;
    let (past, coming) = (last_two(cadence, owner, now), next_two(cadence, owner, now));
    let mut rulings = Vec::new();
    if let ([(date, due), before, ..], Some((_, next))) = (past.as_slice(), coming.first()) {
        // One that nobody sent ends when the next is due.
        let (old, began) = (self::key(project, before.0), before.1);
        if facts.made(&old).is_some_and(|made| made.state == MadeState::Waiting) {
            rulings.push(draft(facts, project, client, old, (began, Some(*due)), now));
        }
        let key = key(project, *date);
        let sent = facts.last_sent(DraftKind::Progress, &client.id, Some(&project.id));
        let since = sent.map_or(before.1, |sent| sent.max(before.1));
        let by_hand = facts.contact(&client.id).and_then(|contact| contact.last_by_hand);
        // An update is not made days after its day, but one that lies there stays until the next.
        let fresh = now < *due + (*next - *due) / 2 || facts.made(&key).is_some();
        // Another update went out after this one was due: one of an earlier round, or one that was asked for.
        let told =
            sent.is_some_and(|sent| sent >= *due) && facts.made(&key).is_none_or(|made| made.state != MadeState::Sent);
        if told || by_hand.is_some_and(|at| at > since + TimeDelta::minutes(1)) {
            rulings.extend(spared(DraftWhy::WrittenSince));
        } else if fresh {
            rulings.push(draft(facts, project, client, key, (*due, Some(*next)), now));
        }
    }
    if let [(date, due), (_, until), ..] = coming.as_slice() {
        let key = key(project, *date);
        rulings.push(draft(facts, project, client, key, (*due, Some(*until)), now));
    }
    rulings
}

fn key(project: &Project, date: NaiveDate) -> String {
    format!("progress:{}:{date}", project.id)
}

fn draft(
    facts: &DraftFacts<'_>,
    project: &Project,
    client: &Client,
    key: String,
    (due, until): (Instant, Option<Instant>),
    now: Instant,
) -> Ruling {
    let occasion = occasion(facts, project, client, key, due, now);
    Ruling::Draft(Box::new(Occasion { until, ..occasion }))
}

fn occasion(
    facts: &DraftFacts<'_>,
    project: &Project,
    client: &Client,
    key: String,
    due: Instant,
    now: Instant,
) -> Occasion {
    let content = content(facts, project, client, due, now);
    let mut why = vec![DraftWhy::Cadence];
    if content.done.is_empty() {
        why.push(DraftWhy::NothingDone);
    }
    Occasion {
        kind: DraftKind::Progress,
        key,
        client: client.id.clone(),
        to: None,
        project: Some(project.id.clone()),
        answers: None,
        due,
        until: None,
        why,
        content: Content::Progress(content),
        opening: None,
    }
}

/// One draft at the owner's word.
pub(super) fn asked(facts: &DraftFacts<'_>, target: &Target<'_>, now: Instant) -> Result<Occasion, DraftWhy> {
    let project = target.project.ok_or(DraftWhy::NothingToSay)?;
    let day = facts.policy.owner.zone.local(now).date();
    let key = format!("progress:{}:asked:{day}", project.id);
    let mut occasion = occasion(facts, project, target.client, key, now, now);
    occasion.why.retain(|why| *why != DraftWhy::Cadence);
    occasion.why.insert(0, DraftWhy::Asked);
    Ok(occasion)
}

fn content(facts: &DraftFacts<'_>, project: &Project, client: &Client, at: Instant, now: Instant) -> Progress {
    let since = facts.last_sent(DraftKind::Progress, &client.id, Some(&project.id));
    let since_date = since.map(|since| client.zone.local(since).date());
    let (next, waiting) = steps(facts, project, client, now);
    Progress {
        title: project.title.clone(),
        since: since_date,
        done: done(facts, project, client, since, now),
        next,
        waiting,
        at,
    }
}

/// What was done since the last update, in the order of doing: journal, commits, milestones, ticked items.
fn done(
    facts: &DraftFacts<'_>,
    project: &Project,
    client: &Client,
    since: Option<Instant>,
    now: Instant,
) -> Vec<String> {
    let new = |at: Instant| since.is_none_or(|since| at > since) && at <= now;
    let of = |id: &str| id == project.id;
    let mut dated: Vec<(Instant, String)> = Vec::new();
    for entry in untold(facts, project).into_iter().filter(|entry| entry.at <= now) {
        dated.extend(lines(entry).map(|it| (entry.at, it.to_owned())));
    }
    for fact in facts.sources.iter().filter(|fact| of(&fact.project) && fact.done) {
        dated.extend(fact.at.filter(|at| new(*at)).map(|at| (at, fact.text.clone())));
    }
    dated.sort_by_key(|(at, _)| *at);
    let mut all: Vec<String> = dated.into_iter().map(|(_, text)| text).collect();
    // What bears no time of day was told if an update told it as done.
    let all_told: BTreeSet<String> = sent(facts, project).flat_map(|made| said_done(&made.print)).collect();
    let told = |text: &str| all_told.contains(&format!("{text:?}"));
    // What the last update named as open is news once it is done, whatever its date says.
    let last = sent(facts, project).max_by_key(|made| made.ended_at);
    let was_open = |text: &str| last.is_some_and(|made| made.print.contains(&format!("Step {{ title: {text:?}")));
    let today = client.zone.local(now).date();
    let since_date = since.map(|since| client.zone.local(since).date());
    for milestone in &project.milestones {
        let Some(date) = milestone.done.filter(|date| *date <= today) else { continue };
        let new = since_date.is_none_or(|since| date >= since) || was_open(&milestone.title);
        if new && !told(&milestone.title) {
            all.push(milestone.title.clone());
        }
    }
    let ticked = facts.sources.iter().filter(|fact| of(&fact.project) && fact.done && fact.at.is_none());
    all.extend(ticked.map(|fact| fact.text.clone()).filter(|text| !told(text)));
    let mut unique: Vec<String> = Vec::new();
    for text in all {
        if !unique.contains(&text) {
            unique.push(text);
        }
    }
    let surplus = unique.len().saturating_sub(DONE_MAX);
    unique.split_off(surplus)
}

/// The notes on a project that no update has told, the oldest first: what was written down since the last one went out, and
/// what was written down while it lay there and is not in it, because the owner had touched it. A note's own date does not
/// count, unless it is to come.
#[must_use]
pub fn untold<'a>(facts: &DraftFacts<'a>, project: &Project) -> Vec<&'a JournalEntry> {
    let all = facts.journal.iter().filter(|entry| entry.project == project.id);
    let Some(last) = sent(facts, project).max_by_key(|made| made.ended_at) else { return all.collect() };
    let said = said_done(&last.print);
    let new = |entry: &&JournalEntry| {
        let known = entry.at.max(entry.written);
        let told = || lines(entry).all(|line| said.contains(&format!("{line:?}")));
        last.ended_at.is_some_and(|sent| known > sent) || (known > last.made_at && !told())
    };
    all.filter(new).collect()
}

/// The updates of a project that went out.
fn sent<'a>(facts: &DraftFacts<'a>, project: &'a Project) -> impl Iterator<Item = &'a Made> + use<'a> {
    let sent = facts.made.iter().filter(|made| made.state == MadeState::Sent && made.ended_at.is_some());
    sent.filter(|made| {
        made.kind == DraftKind::Progress
            && made.client == project.client
            && made.project.as_deref() == Some(project.id.as_str())
    })
}

fn lines(entry: &JournalEntry) -> impl Iterator<Item = &str> {
    entry.text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// What a stored print says was done, each as the print writes it: with its quotation marks. Not what came next, or waited.
fn said_done(print: &str) -> Vec<String> {
    let (mut found, mut text, mut outside) = (Vec::new(), None::<String>, String::new());
    let mut escaped = false;
    for c in print.chars() {
        let listed = outside.ends_with("done: [");
        match text.as_mut() {
            Some(inside) => {
                inside.push(c);
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                if ends {
                    found.extend(text.take().filter(|_| listed));
                }
            }
            None if c == '"' => text = Some(c.into()),
            None if listed && c == ']' => break,
            None if listed => {}
            None => outside.push(c),
        }
    }
    found
}

/// What comes next, and what waits on the client; by date, those without one last.
fn steps(facts: &DraftFacts<'_>, project: &Project, client: &Client, now: Instant) -> (Vec<Step>, Vec<Step>) {
    let today = client.zone.local(now).date();
    let step = |milestone: &Milestone| Step {
        title: milestone.title.clone(),
        due: milestone.due,
        late: milestone.due.is_some_and(|due| due < today),
        holiday: milestone.due.is_some_and(|due| is_off(client, due)),
        needs: milestone.waiting_for.clone(),
    };
    let mut open: Vec<&Milestone> = project.milestones.iter().filter(|milestone| milestone.done.is_none()).collect();
    open.sort_by_key(|milestone| (milestone.due.is_none(), milestone.due));
    let on_client = |milestone: &&&Milestone| milestone.waiting == Some(WaitingOn::Client);
    let waiting = open.iter().filter(on_client).map(|it| step(it)).collect();
    let mut next: Vec<Step> = open.iter().filter(|it| !on_client(it)).map(|it| step(it)).collect();
    let unticked = facts.sources.iter().filter(|fact| fact.project == project.id && !fact.done);
    let item =
        |fact: &SourceFact| Step { title: fact.text.clone(), due: None, late: false, holiday: false, needs: None };
    next.extend(unticked.map(item));
    next.truncate(NEXT_MAX);
    (next, waiting)
}

/// Whether a client keeps a holiday on a date.
#[must_use]
pub fn is_off(client: &Client, date: NaiveDate) -> bool {
    kept_on(client.hours.as_ref(), &client.holidays, date).next().is_some()
}
