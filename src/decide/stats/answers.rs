//! Who waited for a person, and for how long: on the clock, and in the client's own working time.
use super::{Entry, Facts, Hand};
use crate::calendar::decent_hours;
use crate::model::{Client, Instant, PromiseState};
use chrono::TimeDelta;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Upper bounds of the groups of lengths, in minutes; the last group is everything above.
pub const BOUNDS: [i64; 8] = [15, 30, 60, 120, 240, 480, 1440, 2880];

/// Somebody waits: from their first message that nobody has answered yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wait {
    pub client: Option<Arc<str>>,
    pub since: Instant,
    pub end: Option<End>,
    /// If it was answered: whole minutes in the client's working time. None for clients who are no longer in the configuration.
    pub working: Option<i64>,
}

/// How a wait ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    /// A person answered, in the conversation or by other means.
    Answered(Instant),
    /// No answer was expected any more.
    Released(Instant),
}

impl End {
    fn at(self) -> Instant {
        match self {
            Self::Answered(at) | Self::Released(at) => at,
        }
    }
}

/// What ends waits, by conversation, in order of time.
pub(super) struct Ends<'a>(BTreeMap<&'a str, Vec<End>>);

impl Ends<'_> {
    /// The first answer in a conversation at or after an instant.
    pub(super) fn answered(&self, conversation: &str, from: Instant) -> Option<Instant> {
        let all = self.0.get(conversation)?.iter();
        all.filter_map(|end| if let End::Answered(at) = end { Some(*at) } else { None }).find(|at| *at >= from)
    }
}

/// Mails of the owner, and promises that ended otherwise (`fuseau done`, the flag, an answer in another conversation).
pub(super) fn ends<'a>(facts: &Facts<'a>) -> Ends<'a> {
    let mut all: BTreeMap<&str, Vec<End>> = BTreeMap::new();
    for entry in facts.entries.iter().filter(|it| it.hand == Hand::Owner) {
        all.entry(&entry.conversation).or_default().push(End::Answered(entry.at));
    }
    for given in facts.promises {
        let end = match (given.promise.state, given.promise.closed_at) {
            (PromiseState::Kept, Some(at)) => End::Answered(at),
            (PromiseState::Released, Some(at)) => End::Released(at),
            _ => continue,
        };
        all.entry(given.promise.conversation.as_str()).or_default().push(end);
    }
    for ends in all.values_mut() {
        ends.sort_by_key(|end| (end.at(), *end));
    }
    Ends(all)
}

/// Every wait, in order of time. Further messages before the answer belong to the same wait.
pub(super) fn waits(facts: &Facts<'_>, ends: &Ends<'_>) -> Vec<Wait> {
    let mut asking: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in facts.entries.iter().filter(|it| it.hand == Hand::Client(true)) {
        asking.entry(&entry.conversation).or_default().push(entry);
    }
    let mut waits = Vec::new();
    for (conversation, mut asked) in asking {
        asked.sort_by_key(|it| it.at);
        let none = Vec::new();
        let ends = ends.0.get(conversation).unwrap_or(&none);
        let mut over: Option<Option<End>> = None;
        for entry in asked {
            // Still the wait before: nothing has ended it until this message came.
            if over.is_some_and(|end| end.is_none_or(|end| end.at() >= entry.at)) {
                continue;
            }
            let end = ends.iter().find(|end| end.at() >= entry.at).copied();
            waits.push(Wait { client: entry.client.clone(), since: entry.at, end, working: None });
            over = Some(end);
        }
    }
    waits.sort_by_key(|wait| wait.since);
    waits
}

/// How long clients waited for a person.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Answers {
    /// Waits that a person ended.
    pub answered: u32,
    /// Waits that nobody has ended yet.
    pub waiting: u32,
    /// Since when the longest of them lasts.
    pub waiting_since: Option<Instant>,
    /// Waits that ended without an answer, because none was expected any more.
    pub released: u32,
    /// In the client's working time: their hours, without their weekend and holidays. Clients who are no longer in the
    /// configuration have none.
    pub working: Spread,
    /// On the clock.
    pub elapsed: Spread,
}

impl Answers {
    pub(super) fn of(waits: &[&Wait]) -> Self {
        let mut answers = Self::default();
        let (mut working, mut elapsed) = (Vec::new(), Vec::new());
        for wait in waits {
            match wait.end {
                Some(End::Answered(at)) => {
                    answers.answered += 1;
                    elapsed.push((at - wait.since).num_minutes());
                    working.extend(wait.working);
                }
                Some(End::Released(_)) => answers.released += 1,
                None => {
                    answers.waiting += 1;
                    answers.waiting_since = answers.waiting_since.or(Some(wait.since)).min(Some(wait.since));
                }
            }
        }
        Self { working: Spread::of(working), elapsed: Spread::of(elapsed), ..answers }
    }
}

/// Measures the waits that were answered, in each client's working time.
pub(super) fn measure(waits: &mut [Wait], clients: &[Client]) {
    for client in clients {
        let theirs = waits.iter_mut().filter(|it| it.client.as_deref() == Some(client.id.as_str()));
        let mut answered: Vec<(&mut Wait, Instant)> = theirs
            .filter_map(|wait| match wait.end {
                Some(End::Answered(at)) => Some((wait, at)),
                _ => None,
            })
            .collect();
        let (Some(from), Some(until)) =
            (answered.iter().map(|(it, _)| it.since).min(), answered.iter().map(|(_, at)| *at).max())
        else {
            continue;
        };
        let hours = Worked::new(client, from, until);
        for (wait, at) in &mut answered {
            wait.working = Some((hours.until(*at) - hours.until(wait.since)).num_minutes());
        }
    }
}

/// A client's decent hours over a long time: found once, asked for each of thousands of waits.
struct Worked {
    /// First instant, first instant after it, and what was worked before it; in order, disjoint.
    spans: Vec<(Instant, Instant, TimeDelta)>,
}

impl Worked {
    /// `calendar` looks about a year ahead, so it is asked piece by piece.
    const PIECE: TimeDelta = TimeDelta::days(300);

    fn new(client: &Client, from: Instant, until: Instant) -> Self {
        let (mut spans, mut before, mut piece) = (Vec::new(), TimeDelta::zero(), from);
        while piece < until {
            let end = (piece + Self::PIECE).min(until);
            for (start, stop) in decent_hours(client, piece, end) {
                let (start, stop) = (start.max(piece), stop.min(end));
                spans.push((start, stop, before));
                before += (stop - start).max(TimeDelta::zero());
            }
            piece = end;
        }
        Self { spans }
    }

    /// What was worked up to an instant.
    fn until(&self, at: Instant) -> TimeDelta {
        let begun = self.spans.partition_point(|(start, ..)| *start <= at);
        let last = begun.checked_sub(1).and_then(|last| self.spans.get(last));
        last.map_or(TimeDelta::zero(), |(start, end, before)| *before + (at.min(*end) - *start))
    }
}

/// How lengths are spread, in minutes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Spread {
    /// How many.
    pub count: u32,
    /// Half of them are not longer; of an even number the mean of the two in the middle.
    pub median: Option<i64>,
    /// Nine of ten are not longer (nearest rank).
    pub p90: Option<i64>,
    /// The shortest.
    pub shortest: Option<i64>,
    /// The longest.
    pub longest: Option<i64>,
    /// How many are not longer than each of [`BOUNDS`] and longer than the one before; the last: longer than all.
    pub groups: [u32; BOUNDS.len() + 1],
}

impl Spread {
    pub(super) fn of(mut lengths: Vec<i64>) -> Self {
        lengths.sort_unstable();
        let mut groups = [0; BOUNDS.len() + 1];
        for length in &lengths {
            let group = BOUNDS.iter().take_while(|bound| *length > **bound).count();
            if let Some(group) = groups.get_mut(group) {
                *group += 1;
            }
        }
        let count = lengths.len();
        let at = |place: usize| lengths.get(place).copied();
        let median = match (count % 2, at(count / 2)) {
            (0, Some(upper)) => at(count / 2 - 1).map(|lower| i64::midpoint(lower, upper)),
            (_, middle) => middle,
        };
        Self {
            count: u32::try_from(count).unwrap_or(u32::MAX),
            median,
            p90: at((count * 9).div_ceil(10).saturating_sub(1)),
            shortest: at(0),
            longest: lengths.last().copied(),
            groups,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spreads() {
        for (lengths, median, p90) in [
            (vec![], None, None),
            (vec![7], Some(7), Some(7)),
            (vec![3, 1], Some(2), Some(3)),
            (vec![5, 1, 3], Some(3), Some(5)),
            ((1..=10).collect(), Some(5), Some(9)),
            ((1..=11).collect(), Some(6), Some(10)),
        ] {
            let spread = Spread::of(lengths);
            assert_eq!((spread.median, spread.p90), (median, p90), "{spread:?}");
        }
        let spread = Spread::of(vec![0, 15, 16, 2880, 2881]);
        assert_eq!(spread.groups, [2, 1, 0, 0, 0, 0, 0, 1, 1]);
    }
}
