//! The rule for the notice before a closure, and after it. Never here: words (`compose::draft`).
use super::common::{Dated, asked_key, in_touch, midnight, mine_between, occasion, was_told};
use super::{Content, DraftFacts, DraftWhy, Occasion, Ruling, Target};
use crate::calendar::{next_decent, promised_window, windows, zone_on};
use crate::model::{Client, DraftKind, Instant, Owner, PromiseState};
use chrono::{NaiveDate, TimeDelta};

/// How far back the last window before a closure is looked for.
const LOOK: TimeDelta = TimeDelta::days(21);
/// After this time nobody needs to hear that the owner is back.
const BACK: TimeDelta = TimeDelta::days(5);

/// So long after a closure its drafts are still looked at, so that one that waits ends.
const PAST: TimeDelta = TimeDelta::days(40);

/// Days without windows, before or after them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosureNote {
    /// Whether they are over.
    pub over: bool,
    /// The first closed day.
    pub from: NaiveDate,
    /// The last closed day.
    pub to: NaiveDate,
    /// The end of the last window before them.
    pub last: Option<Instant>,
    /// The beginning of the first window after them.
    pub first: Option<Instant>,
    /// What the client gets before them.
    pub before: Vec<Dated>,
    /// What falls into them.
    pub during: Vec<Dated>,
    /// Subjects of the client's mails to which an answer is promised for these days.
    pub promised: Vec<String>,
}

/// Closures that follow one another without a day between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Days {
    from: NaiveDate,
    to: NaiveDate,
}

/// What should lie there by itself.
pub(super) fn rule(facts: &DraftFacts<'_>, now: Instant) -> Vec<Ruling> {
    let policy = facts.policy;
    let owner = &policy.owner;
    let mut found = Vec::new();
    for days in merged(owner) {
        let (start, end) = bounds(owner, days);
        if end + PAST <= now || missed(owner, days) < policy.drafts.closure_days {
            continue;
        }
        for client in &policy.clients {
            let early = start - policy.drafts.before_absence;
            let ahead = next_decent(client, early).unwrap_or(early).min(start);
            if !in_touch(facts, client, ahead) {
                continue;
            }
            let today = client.zone.local(now.max(ahead)).date();
            let note = |over| Content::Closure(note(facts, client, days, over, today));
            let key = format!("closure:{}:{}", client.id, days.from);
            found.push(Ruling::Draft(Box::new(Occasion {
                until: Some(start),
                why: vec![DraftWhy::ClosureAhead],
                ..occasion(DraftKind::Closure, key.clone(), &client.id, ahead, note(false))
            })));
            if now >= start && !was_told(facts, &key) {
                continue;
            }
            // The first window is when the owner reads again, and writes this.
            let back = promised_window(owner, end, TimeDelta::zero()).map_or(end, |window| window.start);
            let due = next_decent(client, back).unwrap_or(back);
            found.push(Ruling::Draft(Box::new(Occasion {
                until: Some(due + BACK),
                why: vec![DraftWhy::ClosureOver],
                ..occasion(DraftKind::Closure, format!("{key}:back"), &client.id, due, note(true))
            })));
        }
    }
    found
}

/// One draft at the owner's word: about the closure under way, else the next, else the last one.
pub(super) fn asked(facts: &DraftFacts<'_>, target: &Target<'_>, now: Instant) -> Result<Occasion, DraftWhy> {
    let owner = &facts.policy.owner;
    let all = merged(owner);
    let next = all.iter().find(|days| bounds(owner, **days).1 > now);
    let days = *next.or_else(|| all.last()).ok_or(DraftWhy::NothingToSay)?;
    let today = target.client.zone.local(now).date();
    let content = Content::Closure(note(facts, target.client, days, next.is_none(), today));
    let about = format!("{}:{}", target.client.id, days.from);
    let key = asked_key(DraftKind::Closure, &about, facts, now);
    let why = vec![DraftWhy::Asked];
    Ok(Occasion { why, ..occasion(DraftKind::Closure, key, &target.client.id, now, content) })
}

/// In order of time.
fn merged(owner: &Owner) -> Vec<Days> {
    let mut sorted: Vec<Days> = owner.closures.iter().map(|it| Days { from: it.from, to: it.to }).collect();
    sorted.sort_by_key(|days| (days.from, days.to));
    let mut found: Vec<Days> = Vec::new();
    for days in sorted {
        match found.last_mut() {
            Some(last) if last.to.succ_opt().is_some_and(|next| days.from <= next) => last.to = last.to.max(days.to),
            _ => found.push(days),
        }
    }
    found
}

fn bounds(owner: &Owner, days: Days) -> (Instant, Instant) {
    let after = days.to.succ_opt().unwrap_or(days.to);
    (midnight(zone_on(owner, days.from), days.from), midnight(zone_on(owner, after), after))
}

/// On how many days there would have been windows.
fn missed(owner: &Owner, days: Days) -> u32 {
    let open = Owner { closures: Vec::new(), ..owner.clone() };
    let (start, end) = bounds(owner, days);
    let mut dates: Vec<NaiveDate> = windows(&open, start, end).into_iter().map(|window| window.date).collect();
    dates.retain(|date| days.from <= *date && *date <= days.to);
    dates.dedup();
    u32::try_from(dates.len()).unwrap_or(u32::MAX)
}

fn note(facts: &DraftFacts<'_>, client: &Client, days: Days, over: bool, today: NaiveDate) -> ClosureNote {
    let owner = &facts.policy.owner;
    let (start, end) = bounds(owner, days);
    let earlier = windows(owner, start - LOOK, start);
    let eve = days.from.pred_opt().unwrap_or(days.from);
    let theirs = facts.promises.iter().filter(|it| it.client == client.id && it.state == PromiseState::Open);
    let inside = theirs.filter(|it| start <= it.by && it.by <= end && !it.subject.is_empty());
    ClosureNote {
        over,
        from: days.from,
        to: days.to,
        last: earlier.last().map(|window| window.end),
        first: promised_window(owner, end, TimeDelta::zero()).map(|window| window.start),
        before: if over { Vec::new() } else { mine_between(facts, client, today, eve) },
        during: if over { Vec::new() } else { mine_between(facts, client, days.from.max(today), days.to) },
        promised: inside.filter(|_| !over).map(|it| it.subject.as_str().to_owned()).collect(),
    }
}
