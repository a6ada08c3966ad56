//! Holding replies: whether a promise that nobody has kept yet is renewed before it lapses, when, and with which new
//! window (PRODUCT 2 and 6). Pure; the words are `compose`'s, the doing is the daemon's.
//!
//! The reply goes out `promises.holding_before` before the deadline. Where that is no decent hour for the client, it
//! goes out at the end of the decent hours before it; if the promise is younger than that, at the first decent moment
//! that is left. Is there none, nobody is woken: the owner is told instead.
use super::decision::Plan;
use super::policy::Policy;
use crate::calendar::{decent_hours, is_decent, next_decent, promised_window, windows};
use crate::model::{Client, Instant, Past, Promise, PromiseState};
use chrono::TimeDelta;

/// A client who just read a promise does not hear at once that it moves: at least so long lies in between, or half the
/// time to the deadline if that is shorter.
const LEAST_AGE: TimeDelta = TimeDelta::minutes(30);
/// A reply that is moved to the end of a working day comes this long before its end, so that it is still read.
const BEFORE_CLOSE: TimeDelta = TimeDelta::minutes(5);
/// The latest that a reply may be planned for, before the deadline.
const LEAST_LEAD: TimeDelta = TimeDelta::minutes(1);

/// How far back the last answer window is looked for: longer than closures usually are.
const WINDOWS_BACK: TimeDelta = TimeDelta::days(30);

/// What is known besides the promise itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing<'a> {
    /// The client, if the promise was given to one and the address is still theirs.
    pub client: Option<&'a Client>,
    /// Holding replies sent in the conversation so far.
    pub renewals: u32,
    /// A holding reply for this very promise was made before, whatever became of it.
    pub made: bool,
    /// Automatic mails made for the address in the last 24 h, of all kinds (rule 52).
    pub to_client_day: u32,
    /// ... in the last 7 days.
    pub to_client_week: u32,
    /// Holding replies made for the address since the last answer window; those that still wait do not count, this one
    /// would go with them.
    pub in_window: u32,
    /// All automatic mail rests (`fuseau pause`, the breaker).
    pub paused: bool,
    /// Automatic mail to this address or domain rests (rules 15, 17, 53, 55), or the address bounced (rule 56).
    pub resting: bool,
    /// A draft lies in the conversation: the owner is typing.
    pub typing: bool,
}

impl<'a> Standing<'a> {
    /// The first holding reply to a client, nothing in its way.
    #[must_use]
    pub fn first(client: &'a Client) -> Self {
        Self {
            client: Some(client),
            renewals: 0,
            made: false,
            to_client_day: 0,
            to_client_week: 0,
            in_window: 0,
            paused: false,
            resting: false,
            typing: false,
        }
    }

    /// With what is known about the address (`past`) at `now`: budgets, rests, bounces, the totals of rule 54.
    #[must_use]
    pub fn with_past(self, past: &Past, policy: &Policy, now: Instant) -> Self {
        let replies = &policy.replies;
        let over = |counts: [u32; 3], halves: u32| {
            counts.into_iter().zip(replies.total).any(|(count, limit)| count >= limit.div_ceil(halves))
        };
        let bounced = past.bounced_at.is_some_and(|at| now - at < replies.after_bounce);
        Self {
            to_client_day: past.to_sender_day,
            to_client_week: past.to_sender_week,
            paused: self.paused || over(past.total, 1) || over(past.mailbox_total, 2),
            resting: self.resting || bounced || past.paused_until.is_some_and(|until| until > now),
            ..self
        }
    }
}

/// What becomes of an open promise now.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub enum Holding {
    /// Nothing yet: look again then.
    Later(Instant),
    /// Its time has come.
    Send {
        /// When it goes out (now), the new window and the new promise; announced.
        plan: Plan,
        /// How many holding replies went before it in the conversation, for the wording.
        variant: u32,
    },
    /// No holding reply now.
    Nothing(WhyNot),
}

/// Why there is no holding reply. Stable words: `explain`, the digest and `--json` show them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WhyNot {
    /// The promise is kept, renewed or released.
    Closed,
    /// Its time has passed: a renewal would come after the fact.
    Lapsed,
    /// The client was never told of it: there is nothing to take back.
    Unannounced,
    /// It was given to somebody who is no client (any more).
    Stranger,
    /// A holding reply for this promise was made before.
    Made,
    /// The conversation had `promises.holding_max` of them.
    Exhausted,
    /// No decent hour of the client is left before the deadline.
    NoDecentHour,
    /// All automatic mail rests.
    Paused,
    /// Automatic mail to this client rests.
    Resting,
    /// The client had the automatic mails of a day (rule 52).
    BudgetDay,
    /// The client had the automatic mails of a week (rule 52).
    BudgetWeek,
    /// The client had a holding reply since the last answer window.
    Window,
    /// The owner is typing the answer.
    Typing,
    /// No answer window is in sight that could be promised.
    NoWindow,
}

impl WhyNot {
    /// Every reason, in the order in which they are looked at.
    pub const ALL: [Self; 14] = [
        Self::Closed,
        Self::Lapsed,
        Self::Unannounced,
        Self::Stranger,
        Self::Made,
        Self::NoDecentHour,
        Self::Exhausted,
        Self::NoWindow,
        Self::Paused,
        Self::Resting,
        Self::BudgetDay,
        Self::BudgetWeek,
        Self::Window,
        Self::Typing,
    ];

    /// The stable word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Lapsed => "lapsed",
            Self::Unannounced => "unannounced",
            Self::Stranger => "stranger",
            Self::Made => "made",
            Self::Exhausted => "exhausted",
            Self::NoDecentHour => "no-decent-hour",
            Self::Paused => "paused",
            Self::Resting => "resting",
            Self::BudgetDay => "budget-day",
            Self::BudgetWeek => "budget-week",
            Self::Window => "window",
            Self::Typing => "typing",
            Self::NoWindow => "no-window",
        }
    }

    /// The reverse of [`Self::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.as_str() == word)
    }

    /// A sentence for the owner, to follow "no holding reply: ".
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Closed => "the promise is no longer open",
            Self::Lapsed => "its time has passed",
            Self::Unannounced => "the client was never told of the promise",
            Self::Stranger => "it was not given to a client",
            Self::Made => "one was made for this promise before",
            Self::Exhausted => "the conversation had as many as promises.holding_max allows",
            Self::NoDecentHour => "no decent hour of the client is left before the deadline",
            Self::Paused => "automatic mail is paused",
            Self::Resting => "automatic mail to this client rests",
            Self::BudgetDay => "the client had as many automatic mails in 24 hours as replies.per_sender_day allows",
            Self::BudgetWeek => "the client had as many automatic mails in 7 days as replies.per_sender_week allows",
            Self::Window => "the client had another holding reply since the last answer window",
            Self::Typing => "the owner is typing an answer",
            Self::NoWindow => "no answer window is in sight",
        }
    }

    /// Whether the owner has to act, because a promise that the client knows of is about to lapse in silence.
    #[must_use]
    pub fn alerts(self) -> bool {
        match self {
            Self::Exhausted
            | Self::NoDecentHour
            | Self::Paused
            | Self::Resting
            | Self::BudgetDay
            | Self::BudgetWeek
            | Self::Window
            | Self::NoWindow => true,
            Self::Closed | Self::Lapsed | Self::Unannounced | Self::Stranger | Self::Made | Self::Typing => false,
        }
    }
}

/// Decides about one promise at `now`. Nothing but [`Holding::Later`] is said before the reply is due, so that what
/// stands in its way is judged, and the owner alerted, when it matters.
///
/// The new promise is the end of the first window that ends at least `replies.min_notice` after the old promise.
pub fn holding(promise: &Promise, standing: &Standing<'_>, policy: &Policy, now: Instant) -> Holding {
    holding_within(promise, standing, policy, now, TimeDelta::zero())
}

/// The same for a reply that may go out up to `early` before its time, because another one to the same client does; never
/// to a client who has only just read the promise, nor outside decent hours.
pub fn holding_within(
    promise: &Promise,
    standing: &Standing<'_>,
    policy: &Policy,
    now: Instant,
    early: TimeDelta,
) -> Holding {
    let certain = [
        (matches!(promise.state, PromiseState::Lapsed), WhyNot::Lapsed),
        (promise.state != PromiseState::Open, WhyNot::Closed),
        (promise.by <= now, WhyNot::Lapsed),
        (!promise.announced, WhyNot::Unannounced),
    ];
    if let Some(why) = first(certain) {
        return Holding::Nothing(why);
    }
    let Some(client) = standing.client else { return Holding::Nothing(WhyNot::Stranger) };
    if standing.made {
        return Holding::Nothing(WhyNot::Made);
    }
    match moment(promise, client, policy.promises.holding_before, now) {
        Moment::Later(at)
            if at - now > early || now < bounds(promise, TimeDelta::zero()).0 || !is_decent(client, now) =>
        {
            return Holding::Later(at);
        }
        Moment::Never => return Holding::Nothing(WhyNot::NoDecentHour),
        Moment::Now | Moment::Later(_) => {}
    }
    let replies = &policy.replies;
    let plan = renewed(promise, policy, now).filter(|_| standing.renewals < policy.promises.holding_max);
    let in_the_way = [
        (standing.renewals >= policy.promises.holding_max, WhyNot::Exhausted),
        (plan.is_none(), WhyNot::NoWindow),
        (standing.paused, WhyNot::Paused),
        (standing.resting, WhyNot::Resting),
        (standing.to_client_day >= replies.per_sender_day, WhyNot::BudgetDay),
        (standing.to_client_week >= replies.per_sender_week, WhyNot::BudgetWeek),
        (standing.in_window > 0, WhyNot::Window),
        (standing.typing, WhyNot::Typing),
    ];
    match (first(in_the_way), plan) {
        (None, Some(plan)) => Holding::Send { plan, variant: standing.renewals },
        (why, _) => Holding::Nothing(why.unwrap_or(WhyNot::NoWindow)),
    }
}

/// What will become of a promise if nothing changes: the moment of its holding reply, or why there will be none.
///
/// # Errors
/// The reason why there will be none.
pub fn outlook(promise: &Promise, standing: &Standing<'_>, policy: &Policy, now: Instant) -> Result<Instant, WhyNot> {
    let mut at = now;
    // A moment that is named may turn out to be the one at which the owner hears that there is none.
    for _ in 0..3 {
        match holding(promise, standing, policy, at) {
            Holding::Later(later) => at = later,
            Holding::Send { .. } => return Ok(at),
            Holding::Nothing(why) => return Err(why),
        }
    }
    Err(WhyNot::NoDecentHour)
}

/// One mail in the place of several: all of `promises` are renewed by one window, later than each of them.
#[must_use]
pub fn together(promises: &[Promise], policy: &Policy, now: Instant) -> Option<Plan> {
    renewed(promises.iter().max_by_key(|promise| promise.by)?, policy, now)
}

/// The beginning of the time in which a client gets at most one holding reply: the end of the last answer window.
#[must_use]
pub fn window_began(policy: &Policy, now: Instant) -> Instant {
    let since = now - WINDOWS_BACK;
    let ended = windows(&policy.owner, since, now).into_iter().rev().map(|window| window.end).find(|end| *end <= now);
    ended.unwrap_or(since)
}

/// When a promise wants to be looked at next by itself, later than `now`; at the latest when it lapses. `None` once
/// that is past, or if the promise is no longer open.
#[must_use]
pub fn next_look(promise: &Promise, policy: &Policy, now: Instant) -> Option<Instant> {
    if promise.state != PromiseState::Open || promise.by <= now {
        return None;
    }
    let client = policy.client(&promise.client).filter(|_| promise.announced);
    match client.map(|client| moment(promise, client, policy.promises.holding_before, now)) {
        Some(Moment::Later(at)) => Some(at),
        _ => Some(promise.by),
    }
}

/// The plan of a reply that goes out at `now`: a window later than the old promise, with the usual notice.
fn renewed(promise: &Promise, policy: &Policy, now: Instant) -> Option<Plan> {
    let notice = policy.replies.min_notice.max(TimeDelta::seconds(1));
    let window = promised_window(&policy.owner, promise.by, notice)?;
    Some(Plan { send_at: now, by: window.end, window, announced: true })
}

fn first<const N: usize>(all: [(bool, WhyNot); N]) -> Option<WhyNot> {
    all.into_iter().find(|(applies, _)| *applies).map(|(_, why)| why)
}

/// How `now` lies to the moment at which a holding reply may go out.
enum Moment {
    Later(Instant),
    Now,
    Never,
}

fn moment(promise: &Promise, client: &Client, before: TimeDelta, now: Instant) -> Moment {
    let (earliest, target) = bounds(promise, before);
    match due(promise, client, earliest, target) {
        Some(due) if now < due => Moment::Later(due),
        Some(_) if is_decent(client, now) => Moment::Now,
        // It was to go out earlier and could not: the next decent moment, if one is left.
        Some(_) => match next_decent(client, now).filter(|at| *at < promise.by) {
            Some(at) => Moment::Later(at),
            None => Moment::Never,
        },
        // The owner is told when the reply would have gone out, not the evening before.
        None if now < target => Moment::Later(target),
        None => Moment::Never,
    }
}

/// The first moment at which a reply may go out at all, and the one at which it should.
fn bounds(promise: &Promise, before: TimeDelta) -> (Instant, Instant) {
    let life = (promise.by - promise.made_at).max(TimeDelta::zero());
    let earliest = promise.made_at.min(promise.by) + LEAST_AGE.min(life / 2);
    let target = promise.by.checked_sub_signed(before.max(LEAST_LEAD)).unwrap_or(earliest);
    (earliest, target.max(earliest))
}

/// The last decent moment up to `target`, else the first one between it and the deadline.
fn due(promise: &Promise, client: &Client, earliest: Instant, target: Instant) -> Option<Instant> {
    let hours = decent_hours(client, earliest, promise.by);
    let up_to = hours.iter().rev().find(|(start, _)| *start <= target);
    match up_to {
        Some((start, end)) => Some(target.min((*end - BEFORE_CLOSE).max(*start)).max(earliest)),
        None => hours.first().map(|(start, _)| *start),
    }
}
