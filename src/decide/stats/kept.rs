//! What became of promises: kept, missed, renewed, released, and by how much.
use super::Given;
use super::answers::{Ends, Spread};
use crate::model::{Instant, PromiseState, Zone};
use serde::Serialize;
use std::collections::BTreeMap;

/// Promises that clients were told, and those that were only kept in mind.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Promises {
    /// Clients were told.
    pub told: Tally,
    /// Nobody was told: mode `observe`, a further conversation within the interval, a mail that did not leave.
    pub untold: Tally,
}

/// What became of some promises.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// All of them.
    pub made: u32,
    /// Not due yet, or due and not looked at yet.
    pub open: u32,
    /// An answer came in time.
    pub kept: u32,
    /// No answer came in time.
    pub missed: u32,
    /// A holding reply put another in its place before it was due.
    pub renewed: u32,
    /// No answer was expected any more.
    pub released: u32,
    /// Of those kept: minutes left when the answer came.
    pub early: Spread,
    /// Of those missed: minutes until an answer came all the same.
    pub late: Spread,
    /// Of those missed: still without an answer in their conversation.
    pub never: u32,
    /// Of those renewed: minutes by which the new one is later.
    pub moved: Spread,
    /// Of those released: minutes that were left.
    pub spared: Spread,
}

impl Tally {
    /// Of those that came due with or without an answer, how many of a hundred were kept; rounded down, so that 100 means
    /// all.
    #[must_use]
    pub fn kept_percent(&self) -> Option<u32> {
        (self.kept * 100).checked_div(self.kept + self.missed)
    }
}

/// What a promise came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Open,
    Kept(i64),
    Missed,
    Renewed,
    Released,
}

fn fate(given: &Given) -> Fate {
    let promise = &given.promise;
    let left = promise.closed_at.map_or(0, |at| (promise.by - at).num_seconds());
    match promise.state {
        PromiseState::Open => Fate::Open,
        PromiseState::Kept if left >= 0 => Fate::Kept(left / 60),
        PromiseState::Kept | PromiseState::Lapsed => Fate::Missed,
        PromiseState::Renewed => Fate::Renewed,
        PromiseState::Released => Fate::Released,
    }
}

impl Promises {
    pub(super) fn of(given: &[&Given], ends: &Ends<'_>, now: Instant) -> Self {
        let (told, untold): (Vec<&Given>, Vec<&Given>) = given.iter().partition(|it| it.promise.announced);
        Self { told: Tally::of(&told, ends, now), untold: Tally::of(&untold, ends, now) }
    }
}

impl Tally {
    fn of(given: &[&Given], ends: &Ends<'_>, now: Instant) -> Self {
        let mut tally = Self { made: u32::try_from(given.len()).unwrap_or(u32::MAX), ..Self::default() };
        let (mut early, mut late, mut moved, mut spared) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for it in given {
            let promise = &it.promise;
            match fate(it) {
                Fate::Open => tally.open += 1,
                Fate::Kept(left) => {
                    tally.kept += 1;
                    early.push(left);
                }
                Fate::Missed => {
                    tally.missed += 1;
                    let closed = promise.closed_at.filter(|_| promise.state == PromiseState::Kept);
                    match closed.or_else(|| ends.answered(&promise.conversation, it.asked)).filter(|at| *at <= now) {
                        Some(at) => late.push((at - promise.by).num_minutes().max(0)),
                        None => tally.never += 1,
                    }
                }
                Fate::Renewed => {
                    tally.renewed += 1;
                    moved.extend(it.renewed_to.map(|to| (to - promise.by).num_minutes()));
                }
                Fate::Released => {
                    tally.released += 1;
                    spared.extend(promise.closed_at.map(|at| (promise.by - at).num_minutes().max(0)));
                }
            }
        }
        let spread = Spread::of;
        Self { early: spread(early), late: spread(late), moved: spread(moved), spared: spread(spared), ..tally }
    }
}

/// What became of the promises that were due in a month.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Month {
    /// `2027-01`, at home.
    pub month: String,
    /// Not due yet.
    pub open: u32,
    /// Answered in time.
    pub kept: u32,
    /// Not answered in time.
    pub missed: u32,
    /// Put off by a holding reply.
    pub renewed: u32,
    /// No longer owed.
    pub released: u32,
}

impl Month {
    /// All of them.
    #[must_use]
    pub fn made(&self) -> u32 {
        self.open + self.kept + self.missed + self.renewed + self.released
    }
}

/// Month by month, without gaps; of those that clients were told, or of all if none was told.
pub(super) fn months(given: &[&Given], home: &Zone) -> Vec<Month> {
    let any_told = given.iter().any(|it| it.promise.announced);
    let mut by: BTreeMap<(i32, u32), Month> = BTreeMap::new();
    for it in given.iter().filter(|it| it.promise.announced || !any_told) {
        let due = home.local(it.promise.by).date();
        let month = by.entry((chrono::Datelike::year(&due), chrono::Datelike::month(&due))).or_default();
        match fate(it) {
            Fate::Open => month.open += 1,
            Fate::Kept(_) => month.kept += 1,
            Fate::Missed => month.missed += 1,
            Fate::Renewed => month.renewed += 1,
            Fate::Released => month.released += 1,
        }
    }
    let (Some(first), Some(last)) = (by.keys().next().copied(), by.keys().next_back().copied()) else {
        return Vec::new();
    };
    let next = |(year, month): (i32, u32)| if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    std::iter::successors(Some(first), |at| Some(next(*at)).filter(|it| *it <= last))
        .map(|at| Month { month: format!("{:04}-{:02}", at.0, at.1), ..by.remove(&at).unwrap_or_default() })
        .collect()
}
