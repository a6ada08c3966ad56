//! What several rules share: the client's working days, whether a client is in touch, keys. Never here: a rule.
use super::{Content, DraftFacts, DraftWhy, MadeState, Occasion, Ruling, Spared};
use crate::calendar::{decent_hours, next_decent, zone_at, zone_on};
use crate::model::{Client, DraftKind, Instant, Milestone, Owner, Project, WaitingOn, Zone};
use chrono::{Datelike, Months, NaiveDate, NaiveTime, TimeDelta};

/// Mail within this time before a day means that client and owner are in touch on it.
const IN_TOUCH: TimeDelta = TimeDelta::days(90);
/// How far ahead working days are counted.
const FAR: TimeDelta = TimeDelta::days(400);

/// Something of a project with its civil date in the client's zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated {
    /// What.
    pub title: String,
    /// When, if there is a date.
    pub date: Option<NaiveDate>,
}

/// An occasion with nothing special about it.
pub(super) fn occasion(kind: DraftKind, key: String, client: &str, due: Instant, content: Content) -> Occasion {
    Occasion {
        kind,
        key,
        client: client.to_owned(),
        to: None,
        project: None,
        answers: None,
        due,
        until: None,
        why: Vec::new(),
        content,
        opening: None,
    }
}

/// Nothing is written, and why.
pub(super) fn spared(kind: DraftKind, client: &str, project: Option<&str>, why: DraftWhy) -> Ruling {
    Ruling::Spared(Spared { kind, client: client.to_owned(), project: project.map(str::to_owned), why })
}

/// The key of a draft that the owner asked for: one a day.
pub(super) fn asked_key(kind: DraftKind, about: &str, facts: &DraftFacts<'_>, now: Instant) -> String {
    let owner = &facts.policy.owner;
    format!("{}:{about}:asked:{}", kind.as_str(), zone_at(owner, now).local(now).date())
}

/// The first instant of a civil date.
pub(super) fn midnight(zone: &Zone, date: NaiveDate) -> Instant {
    zone.instant(date.and_time(NaiveTime::MIN))
}

/// The first decent moment on a date of the client's or after it; nine o'clock for one who never works.
pub(super) fn morning(client: &Client, date: NaiveDate) -> Instant {
    let start = midnight(&client.zone, date);
    next_decent(client, start).unwrap_or_else(|| start + TimeDelta::hours(9))
}

/// The morning of the client's n-th working day after a date.
pub(super) fn working_day_after(client: &Client, date: NaiveDate, days: u32) -> Instant {
    let after = midnight(&client.zone, date.succ_opt().unwrap_or(date));
    let mut mornings: Vec<Instant> = Vec::new();
    let mut last = None;
    for (start, _) in decent_hours(client, after, after + FAR) {
        let day = client.zone.local(start).date();
        if start >= after && last.replace(day) != Some(day) {
            mornings.push(start);
        }
    }
    let nth = usize::try_from(days.max(1)).unwrap_or(usize::MAX) - 1;
    mornings.get(nth).copied().unwrap_or(after + TimeDelta::days(i64::from(days)))
}

/// The same moment, or the client's first decent one after the owner's closure in which it falls.
pub(super) fn outside_closures(owner: &Owner, client: &Client, at: Instant) -> Instant {
    let mut at = at;
    for _ in 0..owner.closures.len() {
        let day = zone_at(owner, at).local(at).date();
        let Some(closure) = owner.closures.iter().find(|c| c.from <= day && day <= c.to) else { break };
        let Some(back) = closure.to.succ_opt() else { break };
        let back = midnight(zone_on(owner, back), back);
        at = next_decent(client, back).unwrap_or(back);
    }
    at
}

/// Whether a project goes on, on a day.
pub(super) fn is_live(project: &Project, on: NaiveDate) -> bool {
    project.ended.is_none_or(|ended| ended > on)
}

/// The client's projects that go on.
pub(super) fn live_projects<'a>(
    facts: &DraftFacts<'a>,
    client: &'a str,
    on: NaiveDate,
) -> impl Iterator<Item = &'a Project> + use<'a> {
    facts.policy.projects.iter().filter(move |project| project.client == client && is_live(project, on))
}

/// Whether a client and the owner are in touch at `at`: a project goes on, or there was mail in the last 90 days.
pub(super) fn in_touch(facts: &DraftFacts<'_>, client: &Client, at: Instant) -> bool {
    let last = facts.contact(&client.id).and_then(|contact| contact.last_in.max(contact.last_out));
    let written = last.is_some_and(|last| at - last <= IN_TOUCH);
    written || live_projects(facts, &client.id, client.zone.local(at).date()).next().is_some()
}

/// The milestones of a client's live projects that the owner is to reach from one date to another, both included.
pub(super) fn mine_between(facts: &DraftFacts<'_>, client: &Client, from: NaiveDate, to: NaiveDate) -> Vec<Dated> {
    let open = |it: &&Milestone| it.done.is_none() && it.waiting != Some(WaitingOn::Client);
    let all = live_projects(facts, &client.id, from).flat_map(|project| project.milestones.iter().filter(open));
    let dated = all.filter(|it| it.due.is_some_and(|due| from <= due && due <= to));
    let mut found: Vec<Dated> = dated.map(|it| Dated { title: it.title.clone(), date: it.due }).collect();
    found.sort_by_key(|it| it.date);
    found
}

/// Whether the draft of a key went out, as far as is known: who was not told of an absence is not told of its end.
pub(super) fn was_told(facts: &DraftFacts<'_>, key: &str) -> bool {
    facts.made(key).is_some_and(|made| matches!(made.state, MadeState::Sent | MadeState::Touched))
}

/// Whether something on a day is recent enough to be named among what is not written.
pub(super) fn is_news(on: NaiveDate, client: &Client, now: Instant) -> bool {
    client.zone.local(now).date() - on <= TimeDelta::days(30)
}

/// The first day of a date's month.
pub(super) fn month_of(date: NaiveDate) -> NaiveDate {
    date.with_day(1).unwrap_or(date)
}

/// The first day of the month that many months later.
pub(super) fn months_on(month: NaiveDate, months: i32) -> NaiveDate {
    let count = Months::new(months.unsigned_abs());
    if months < 0 { month.checked_sub_months(count) } else { month.checked_add_months(count) }.unwrap_or(month)
}
