//! A query answered: filters get their meaning from the configuration, the index finds, passages are cut.
//! Never here: how hits are shown.
use super::tidy;
use crate::config::{Settings, nearest};
use crate::decide::occasion::{JournalEntry, Visited};
use crate::model::{DraftKind, FolderRole, Instant, Zone};
use crate::store::{
    About, Filter, FilterKind, Hits, Index, Jotted, Piece, Query, QueryFault, Reader, Remembered, Sieve, Store,
    StoreError, Test, says_all, snippet,
};
use chrono::{Datelike as _, NaiveDate, NaiveTime, TimeDelta};

/// How a day of the past is written.
pub const DAYS: &str = "write a day 2027-01-31, a month 2027-01, a year 2027, a time ago 30d 6w, today or yesterday";

/// One entry that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The entry.
    pub it: Remembered,
    /// The passage that shows why.
    pub passage: Vec<Piece>,
}

/// What a search gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The best first.
    pub found: Vec<Found>,
    /// There are more.
    pub more: bool,
    /// Older matches were not looked at: `before:` finds them.
    pub cut_short: bool,
}

/// Something that the owner wrote down about a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// A note in the journal of a project.
    Note(JournalEntry),
    /// What came up at a meeting.
    Visit(Visited),
}

/// A note or a visit that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// When it was so.
    pub at: Instant,
    /// The client's key.
    pub client: String,
    /// What.
    pub what: Written,
    /// The passage that shows why.
    pub passage: Vec<Piece>,
}

/// One page of what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leaf {
    /// Mail, the best first.
    pub found: Vec<Found>,
    /// What the owner wrote down, the newest first.
    pub noted: Vec<Noted>,
    /// Hits on the pages before.
    pub before: usize,
    /// There are further pages.
    pub more: bool,
    /// Older matches were not looked at.
    pub cut_short: bool,
}

impl Leaf {
    /// The page with a number, from 1, of an answer that holds `page * size` mails if there are so many. Mail stands first; a
    /// quarter of the room is for what the owner wrote down, more where mail leaves it.
    #[must_use]
    pub fn cut(answer: Answer, noted: Vec<Noted>, page: usize, size: usize) -> Self {
        let share = |mails: usize, notes: usize| {
            let notes = notes.min((size / 4).max(size.saturating_sub(mails)));
            (mails.min(size - notes), notes)
        };
        let (mut mails, mut notes) = (0, 0);
        for _ in 1..page {
            let (some, own) = share(answer.found.len() - mails, noted.len() - notes);
            (mails, notes) = (mails + some, notes + own);
        }
        let (some, own) = share(answer.found.len() - mails, noted.len() - notes);
        Self {
            more: answer.more || answer.found.len() > mails + some || noted.len() > notes + own,
            found: answer.found.into_iter().skip(mails).take(some).collect(),
            noted: noted.into_iter().skip(notes).take(own).collect(),
            before: mails + notes,
            cut_short: answer.cut_short,
        }
    }
}

/// Reads a query and its filters.
///
/// # Errors
/// Where it is wrong, and how to mend it.
pub fn understand(raw: &str, settings: &Settings, now: Instant) -> Result<(Query, Sieve), QueryFault> {
    let query = Query::parse(raw)?;
    let mut sieve = Sieve::default();
    for filter in &query.filters {
        let refuse = |what: &str, remedy: &str| Err(Query::fault_at(raw, filter, what, remedy));
        let value = filter.value.as_str();
        let test = match filter.kind {
            FilterKind::Client => Test::Clients(vec![client(raw, filter, settings)?]),
            FilterKind::Project => Test::Project(project(raw, filter, settings)?),
            FilterKind::Kind => Test::Kind(kind(raw, filter)?),
            FilterKind::In => Test::In(value.to_owned()),
            FilterKind::Has if value.eq_ignore_ascii_case("attachment") => {
                sieve.attachment = Some(!filter.negated);
                continue;
            }
            FilterKind::Has => return refuse(&format!("has: does not know {value:?}"), "write has:attachment"),
            FilterKind::Is => match value.to_ascii_lowercase().as_str() {
                "open" => Test::Open,
                "held" => Test::Held,
                "in" => Test::Direction("in"),
                "out" => Test::Direction("out"),
                _ => return refuse(&format!("is: does not know {value:?}"), "write is:open, is:held, is:in or is:out"),
            },
            FilterKind::Before | FilterKind::After => {
                if filter.negated {
                    return refuse("a day cannot be left out", "turn it round: before: instead of after:");
                }
                let Some(at) = day(value, &settings.policy.owner.zone, now) else {
                    return refuse(&format!("{value:?} is no day"), DAYS);
                };
                if filter.kind == FilterKind::After {
                    sieve.from = sieve.from.max(Some(at));
                } else {
                    sieve.until = Some(sieve.until.map_or(at, |before| before.min(at)));
                }
                continue;
            }
        };
        sieve.tests.push((test, filter.negated));
    }
    Ok((query, sieve))
}

/// Whether there is what `in:` names: a mailbox, a folder that was ever looked into, or the role of one.
///
/// # Errors
/// Outer: the history cannot be read. Inner: where the query is wrong, and how to mend it.
pub fn placed(
    raw: &str,
    query: &Query,
    settings: &Settings,
    history: &Store,
) -> Result<Result<(), QueryFault>, StoreError> {
    let mut asked = query.filters.iter().filter(|filter| filter.kind == FilterKind::In).peekable();
    if asked.peek().is_none() {
        return Ok(Ok(()));
    }
    let mut known = history.read_blocking(|r| r.places_known())?;
    known.extend(settings.mailboxes.iter().map(|mailbox| mailbox.name.clone()));
    known.extend(FolderRole::ALL.iter().map(|role| role.as_str().to_owned()));
    let there = |filter: &&Filter| known.iter().any(|name| name.to_lowercase() == filter.value.to_lowercase());
    let Some(filter) = asked.find(|filter| !there(filter)) else { return Ok(Ok(())) };
    let remedy = match nearest(&filter.value, known.iter().map(String::as_str)) {
        Some(near) if near.contains(' ') => format!("did you mean in:\"{near}\"?"),
        Some(near) => format!("did you mean in:{near}?"),
        None => {
            known.sort_unstable();
            known.dedup();
            format!("there are: {}", known.join(", "))
        }
    };
    let what = format!("no mailbox and no folder is called {:?}", filter.value);
    Ok(Err(Query::fault_at(raw, filter, &what, &remedy)))
}

fn client(raw: &str, filter: &Filter, settings: &Settings) -> Result<String, QueryFault> {
    let clients = &settings.policy.clients;
    let named = |client: &&crate::model::Client| {
        client.id == filter.value || client.name.to_lowercase() == filter.value.to_lowercase()
    };
    if let Some(known) = clients.iter().find(named) {
        return Ok(known.id.clone());
    }
    let remedy = match nearest(&filter.value, clients.iter().map(|client| client.id.as_str())) {
        Some(near) => format!("did you mean client:{near}?"),
        None => {
            let known: Vec<&str> = clients.iter().map(|client| client.id.as_str()).collect();
            format!("the configuration has: {}", known.join(", "))
        }
    };
    Err(Query::fault_at(raw, filter, &format!("no client is called {:?}", filter.value), &remedy))
}

/// A kind of mail, or of what the owner wrote down.
fn kind(raw: &str, filter: &Filter) -> Result<String, QueryFault> {
    let plain = ["mail", "automatic", "acknowledgement", "holding", "hold", "digest", "journal", "visit"];
    let known: Vec<&str> = plain.into_iter().chain(DraftKind::ALL.iter().map(|kind| kind.as_str())).collect();
    let value = filter.value.to_lowercase();
    if known.contains(&value.as_str()) {
        return Ok(value);
    }
    let remedy = match nearest(&value, known.iter().copied()) {
        Some(near) => format!("did you mean kind:{near}?"),
        None => format!("there are: {}", known.join(", ")),
    };
    Err(Query::fault_at(raw, filter, &format!("no kind is called {:?}", filter.value), &remedy))
}

fn project(raw: &str, filter: &Filter, settings: &Settings) -> Result<About, QueryFault> {
    let projects = &settings.policy.projects;
    let wanted = filter.value.to_lowercase();
    let named = |it: &&crate::model::Project| it.id.to_lowercase() == wanted || it.title.to_lowercase() == wanted;
    if let Some(it) = projects.iter().find(named) {
        return Ok(About { id: it.id.clone(), client: it.client.clone(), title: it.title.clone() });
    }
    let known: Vec<&str> = projects.iter().map(|it| it.id.as_str()).collect();
    let remedy = match nearest(&filter.value, known.iter().copied()) {
        Some(near) => format!("did you mean project:{near}?"),
        None if known.is_empty() => "there is no [project.NAME] in the configuration".to_owned(),
        None => format!("the configuration has: {}", known.join(", ")),
    };
    Err(Query::fault_at(raw, filter, &format!("no project is called {:?}", filter.value), &remedy))
}

/// The beginning of a day, month or year where the owner is, written as [`DAYS`] says.
#[must_use]
pub fn day(text: &str, zone: &Zone, now: Instant) -> Option<Instant> {
    let begins = |date: NaiveDate| zone.instant(date.and_time(NaiveTime::MIN));
    let today = zone.local(now).date();
    if let Ok(date) = text.parse::<NaiveDate>() {
        return Some(begins(date));
    }
    match text.to_ascii_lowercase().as_str() {
        "today" => return Some(begins(today)),
        "yesterday" => return Some(begins(today.pred_opt()?)),
        _ => {}
    }
    if let Some((year, month)) = text.split_once('-') {
        return Some(begins(NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, 1)?));
    }
    if let Some(number) = text.strip_suffix(['d', 'w', 'm', 'y']) {
        let number: i64 = number.parse().ok()?;
        let days = match text.chars().last()? {
            'd' => number,
            'w' => number.checked_mul(7)?,
            'm' => number.checked_mul(30)?,
            _ => number.checked_mul(365)?,
        };
        return Some(begins(today.checked_sub_signed(TimeDelta::try_days(days)?)?));
    }
    let year: i32 = text.parse().ok().filter(|year| (1970..=9999).contains(year))?;
    let first = NaiveDate::from_ymd_opt(year, 1, 1)?;
    (first.year() == year).then(|| begins(first))
}

/// Finds entries and cuts their passages.
///
/// # Errors
/// If history or index cannot be read.
pub fn search(store: &Store, index: &Index, query: &Query, sieve: &Sieve, limit: usize) -> Result<Answer, StoreError> {
    store.read_blocking(|r| {
        let Hits { entries, more, cut_short } = index.find(r, query, sieve, limit)?;
        let found: Result<Vec<Found>, StoreError> = entries.into_iter().map(|it| shown(r, it, query)).collect();
        Ok(Answer { found: found?, more, cut_short })
    })
}

/// Notes of the journal and visits that match, the newest first: few and short, they are in no index.
///
/// # Errors
/// If the history cannot be read.
pub fn noted(store: &Store, settings: &Settings, query: &Query, sieve: &Sieve) -> Result<Vec<Noted>, StoreError> {
    let policy = &settings.policy;
    let (notes, visits) = store.read_blocking(|r| Ok((r.all_notes()?, r.visits(None)?)))?;
    let mut all: Vec<(Instant, String, Written)> =
        notes.into_iter().map(|(client, note)| (note.at, client, Written::Note(note))).collect();
    all.extend(visits.into_iter().map(|visit| {
        let zone = policy.client(&visit.client).map_or(&policy.owner.zone, |client| &client.zone);
        (visit.at(zone), visit.client.clone(), Written::Visit(visit))
    }));
    all.sort_by_key(|(at, ..)| std::cmp::Reverse(*at));
    let found = all.into_iter().filter_map(|(at, client, what)| {
        let (kind, project, text) = match &what {
            Written::Note(note) => ("journal", Some(note.project.as_str()), note.text.as_str()),
            Written::Visit(visit) => ("visit", None, visit.text.as_str()),
        };
        let title = project.map(|id| policy.project(id).map_or(id, |project| &project.title)).unwrap_or_default();
        let jotted = Jotted { kind, at, client: &client, project, title, text };
        let passage = query.finds(sieve, &jotted).then(|| snippet(text, query))?;
        Some(Noted { at, client, what, passage })
    });
    Ok(found.collect())
}

/// An entry with the passage that shows why it was found. To read a whole message takes longer than to find twenty, so it is
/// only done where its beginning does not show everything.
fn shown(history: &Reader<'_>, it: Remembered, query: &Query) -> Result<Found, StoreError> {
    let beginning = snippet(&it.excerpt, query);
    // If it ends with the excerpt, it would perhaps go on.
    let goes_on = beginning.last().is_some_and(|last| !last.hit && last.text == " …");
    let text: String = beginning.iter().map(|piece| piece.text.as_str()).collect();
    if goes_on && says_all(&[it.entry.subject.as_str(), &text], query) {
        return Ok(Found { it, passage: beginning });
    }
    let bytes = history.bytes(&it.entry.id)?;
    let passage = snippet(&tidy::text(bytes.as_deref(), true, &it.excerpt).text, query);
    Ok(Found { it, passage })
}
