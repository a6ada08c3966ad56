//! The last look before a queued mail is sent, the next moment at which anything can change, and the
//! promises whose time has passed. Pure: the shells gather the facts.
use super::holding::next_look;
use super::policy::Policy;
use crate::model::{Instant, Mode, Promise, PromiseState};
use chrono::TimeDelta;

/// How long a queued mail waits before the pause switch is looked at again.
const PAUSE_LOOK: TimeDelta = TimeDelta::minutes(1);

/// What the outbox knows about a queued automatic mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queued {
    /// Not before: arrival plus grace, or the next attempt after a failed one.
    pub send_at: Instant,
    /// The promise that its text names: the end of the promised window.
    pub promise_by: Instant,
    /// Later than this it is worth nothing: arrival plus `replies.max_age` for an acknowledgement, the
    /// deadline of the old promise for a holding reply.
    pub good_until: Instant,
    /// Attempts so far. After the first one the bytes may be out in the world: never composed anew.
    pub attempts: u32,
}

/// What was found just now, when the mailbox and the switches were looked at again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fresh {
    /// A human has answered (Sent, `\Answered`, a colleague, a draft being written, `fuseau done`).
    pub answered: bool,
    /// The message is no longer where it was: somebody has dealt with it.
    pub gone: bool,
    /// The address still belongs to a client (or strangers are still let in).
    pub client: bool,
    /// The owner took this mail back.
    pub withdrawn: bool,
    /// All automatic mail rests (`fuseau pause`, the breaker).
    pub paused: bool,
    /// Automatic mail to this address or domain rests until then.
    pub sender_rests_until: Option<Instant>,
    /// For a mail that keeps to the client's decent hours, when now is none: the next one.
    pub decent_at: Option<Instant>,
    /// What may be done in this mailbox for this client now: the lower of the two modes.
    pub mode: Mode,
}

impl Default for Fresh {
    /// Nothing has changed since the mail was queued.
    fn default() -> Self {
        Self {
            answered: false,
            gone: false,
            client: true,
            withdrawn: false,
            paused: false,
            sender_rests_until: None,
            decent_at: None,
            mode: Mode::Send,
        }
    }
}

/// Why a queued mail is not sent after all. Stable words: they stand in the database and in `--json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// The owner took it back.
    Withdrawn,
    /// A human was quicker.
    Answered,
    /// The message it answers has gone.
    Gone,
    /// The address is no client's any more.
    NoLongerClient,
    /// Automatic mail to this address rests for longer than the mail keeps.
    Paused,
    /// It would say something that is no longer true or no longer useful.
    TooLate,
    /// The mailbox no longer sends by itself.
    Mode,
}

impl Why {
    /// Every reason, in the order in which they are looked at.
    pub const ALL: [Self; 7] =
        [Self::Withdrawn, Self::Answered, Self::Gone, Self::NoLongerClient, Self::Paused, Self::TooLate, Self::Mode];

    /// The stable word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Withdrawn => "withdrawn",
            Self::Answered => "answered",
            Self::Gone => "gone",
            Self::NoLongerClient => "no-longer-client",
            Self::Paused => "paused",
            Self::TooLate => "too-late",
            Self::Mode => "mode",
        }
    }

    /// The reverse of [`Self::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.as_str() == word)
    }
}

/// What to do with a queued mail now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Due {
    /// Send it.
    Send,
    /// Look again then.
    Later(Instant),
    /// Never send it.
    Drop(Why),
    /// Its promise can no longer be kept as worded: compute it anew ([`super::promise`]), compose again,
    /// then send. Only before the first attempt.
    Renew,
}

/// The last look: rules 48, 11 of section B, the pause switch, lateness. What ends a mail for good comes
/// before what only delays it.
pub fn still_due(queued: &Queued, fresh: &Fresh, policy: &Policy, now: Instant) -> Due {
    let rests_too_long = fresh.sender_rests_until.is_some_and(|until| until > now && until > queued.good_until);
    let never_decent = fresh.decent_at.is_some_and(|at| at > now && at > queued.good_until);
    let untrue = queued.attempts > 0 && now >= queued.promise_by;
    let ends = [
        (fresh.withdrawn, Why::Withdrawn),
        (fresh.answered, Why::Answered),
        (fresh.gone, Why::Gone),
        (!fresh.client, Why::NoLongerClient),
        (rests_too_long, Why::Paused),
        (now > queued.good_until || untrue || never_decent, Why::TooLate),
        (fresh.mode < Mode::Send, Why::Mode),
    ];
    if let Some((_, why)) = ends.into_iter().find(|(applies, _)| *applies) {
        return Due::Drop(why);
    }
    if let Some(until) = fresh.sender_rests_until.filter(|until| *until > now) {
        return Due::Later(until.max(queued.send_at));
    }
    if let Some(at) = fresh.decent_at.filter(|at| *at > now) {
        return Due::Later(at.max(queued.send_at));
    }
    if now < queued.send_at {
        return Due::Later(queued.send_at);
    }
    if fresh.paused {
        return Due::Later(now + PAUSE_LOOK);
    }
    if queued.attempts == 0 && queued.promise_by - now < policy.replies.min_notice {
        return Due::Renew;
    }
    Due::Send
}

/// The next instant at which anything can change by itself, never before `now`; `None` if nothing is under
/// way. `queue`: the send times of queued mail. Of each open promise counts when its holding reply is due, then when
/// it lapses.
#[must_use]
pub fn next_wakeup<'a>(
    queue: impl IntoIterator<Item = Instant>,
    promises: impl IntoIterator<Item = &'a Promise>,
    policy: &Policy,
    now: Instant,
) -> Option<Instant> {
    let open = promises.into_iter().filter(|promise| promise.state == PromiseState::Open);
    let promised = open.map(|promise| next_look(promise, policy, now).unwrap_or(promise.by));
    queue.into_iter().chain(promised).min().map(|at| at.max(now))
}

/// The open promises whose time has passed without an answer.
pub fn lapsed(promises: &[Promise], now: Instant) -> impl Iterator<Item = &Promise> {
    promises.iter().filter(move |promise| promise.state == PromiseState::Open && promise.by <= now)
}

#[cfg(test)]
#[path = "due_tests.rs"]
mod tests;
