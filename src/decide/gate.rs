//! The gate: the one place through which every mail passes before it leaves. A pure function from what is known just
//! before sending to a list of checks, each with its outcome, and what follows from them. Gathering the facts and
//! carrying out the word is the daemon's; composing anew too.
//!
//! What ends a mail comes before what only delays it, and what delays it before what has it worded anew. Of several
//! delays the longest counts. The order of the list is the order in which the checks are shown.
use super::decision::PauseScope;
pub use super::gate_facts::{Due, Fresh, Gate, Kind, Mail, Outcome};
use super::gate_words::{Check, Why};
use super::policy::{Late, Policy};
use crate::calendar::{DayOff, day_off, next_decent, window_at, zone_at};
use crate::model::{Instant, Mode};
use chrono::TimeDelta;

/// How long a queued mail waits before the pause switch is looked at again.
const PAUSE_LOOK: TimeDelta = TimeDelta::minutes(1);
/// While the owner is typing an answer, an acknowledgement or a holding reply waits for so long before it looks again.
const TYPING: TimeDelta = TimeDelta::minutes(5);
/// A mail that is looked at so long after its moment has missed it: polls and retries of a healthy day take less.
pub const MISSED: TimeDelta = TimeDelta::minutes(10);

/// Looks at one mail at `now`. Every check speaks, whatever was found before.
#[must_use]
pub fn gate(mail: &Mail, fresh: &Fresh<'_>, policy: &Policy, now: Instant) -> Gate {
    let at = Look { mail, fresh, policy, now };
    let checks: Vec<(Check, Outcome)> = Check::ALL.into_iter().map(|check| (check, at.check(check))).collect();
    let dropped = checks.iter().find_map(|(_, outcome)| match outcome {
        Outcome::Drop(why) => Some(Due::Drop(*why)),
        _ => None,
    });
    let waits = checks.iter().filter_map(|(_, outcome)| match outcome {
        Outcome::Wait(until) => Some(*until),
        _ => None,
    });
    let renew = checks.iter().any(|(_, outcome)| *outcome == Outcome::Renew);
    let verdict = dropped.or(waits.max().map(Due::Later)).unwrap_or(if renew { Due::Renew } else { Due::Send });
    Gate { checks, verdict }
}

/// One look: the arguments of [`gate`] in one hand.
struct Look<'a> {
    mail: &'a Mail,
    fresh: &'a Fresh<'a>,
    policy: &'a Policy,
    now: Instant,
}

impl Look<'_> {
    fn check(&self, check: Check) -> Outcome {
        let Self { mail, fresh, now, .. } = *self;
        if self.exempt(check) {
            return Outcome::Exempt;
        }
        let outcome = match check {
            Check::Withdrawn => ends(fresh.withdrawn, Why::Withdrawn),
            Check::Answered => ends(fresh.answered, Why::Answered),
            Check::Gone => ends(fresh.gone, Why::Gone),
            Check::Client => ends(!fresh.known, Why::NoLongerClient),
            Check::Mailbox => ends(!fresh.mailbox, Why::NoLongerMailbox),
            Check::Mode => self.mode(),
            Check::Bounced => ends(fresh.bounced, Why::Bounced),
            Check::Useful => self.useful(),
            Check::Together if fresh.answered_in_part => Outcome::Renew,
            Check::Held => waits(mail.held_until.filter(|until| *until > now)),
            Check::Time => waits((now < mail.send_at).then_some(mail.send_at)),
            Check::Typing => waits(fresh.typing.then(|| now + TYPING)),
            Check::Paused => waits(fresh.paused.then(|| now + PAUSE_LOOK)),
            Check::RestAll | Check::RestMailbox | Check::RestDomain | Check::RestSender | Check::RestConversation => {
                self.rest(check)
            }
            Check::BudgetDay => ends(fresh.to_client_day >= self.policy.replies.per_sender_day, Why::Budget),
            Check::BudgetWeek => ends(fresh.to_client_week >= self.policy.replies.per_sender_week, Why::Budget),
            Check::Window => ends(fresh.in_window > 0, Why::Window),
            Check::Hours | Check::Weekend | Check::Holiday => self.decent(check),
            Check::Closure if self.promised_in_closure() => self.untrue(),
            Check::Late => self.late(),
            Check::Promise => self.promise(),
            Check::Together | Check::Closure => Outcome::Pass,
        };
        match outcome {
            Outcome::Wait(_) | Outcome::Drop(_) if mail.hurried && check.waived_by_wish() => Outcome::Waived,
            other => other,
        }
    }

    /// Checks that are not for every mail.
    fn exempt(&self, check: Check) -> bool {
        let Mail { kind, automatic, draft, promise_by, .. } = *self.mail;
        match check {
            // What the owner handed over was answered, addressed and timed by the owner.
            Check::Answered
            | Check::Withdrawn
            | Check::Gone
            | Check::Client
            | Check::BudgetDay
            | Check::BudgetWeek
            | Check::RestAll
            | Check::RestMailbox
            | Check::RestDomain
            | Check::RestSender
            | Check::RestConversation => !automatic,
            // Who asks for more time has perhaps begun to write already.
            Check::Typing => !automatic || kind == Kind::Wished,
            Check::Mode => !automatic && !draft,
            Check::Window | Check::Together => kind != Kind::Holding,
            // The client has just written; what the owner handed over has the moment that the owner chose; a draft
            // disturbs nobody.
            Check::Hours | Check::Weekend | Check::Holiday => !matches!(kind, Kind::Holding | Kind::Wished) || draft,
            Check::Late => draft || kind == Kind::Digest,
            Check::Paused => kind == Kind::Digest,
            Check::Closure | Check::Promise => promise_by.is_none(),
            Check::Mailbox | Check::Bounced | Check::Useful | Check::Held | Check::Time => false,
        }
    }

    /// What was to leave by itself waits in Drafts, where the rung came down to that: made anew, as the owner's own mail.
    fn mode(&self) -> Outcome {
        let Self { mail, fresh, .. } = *self;
        let worded = matches!(mail.kind, Kind::Acknowledgement | Kind::Holding) && mail.attempts == 0;
        match fresh.mode {
            Mode::Send => Outcome::Pass,
            Mode::Draft if mail.draft => Outcome::Pass,
            Mode::Draft if worded => Outcome::Renew,
            _ => Outcome::Drop(Why::Mode),
        }
    }

    /// Not beyond its use, and not said a second time after its time.
    fn useful(&self) -> Outcome {
        let Self { mail, now, .. } = *self;
        let over = mail.good_until.is_some_and(|until| now > until);
        let said_too_late = mail.attempts > 0 && mail.promise_by.is_some_and(|by| now >= by);
        ends(over || said_too_late, Why::TooLate)
    }

    fn rest(&self, check: Check) -> Outcome {
        let here = |scope: &PauseScope| match scope {
            PauseScope::All => Check::RestAll,
            PauseScope::Mailbox(_) => Check::RestMailbox,
            PauseScope::Domain(_) => Check::RestDomain,
            PauseScope::Sender(_) => Check::RestSender,
            PauseScope::Conversation(_) => Check::RestConversation,
        };
        let rests = self.fresh.rests.iter().filter(|(scope, until)| here(scope) == check && *until > self.now);
        let until = rests.map(|(_, until)| *until).max();
        match (check, until) {
            // Ended by hand (`fuseau resume`): looked at again like the switch, as long as the mail is worth something.
            (Check::RestAll | Check::RestMailbox, Some(until)) => Outcome::Wait(until.min(self.now + PAUSE_LOOK)),
            (_, until) => self.within_use(until, Why::Paused),
        }
    }

    /// Whether it is a decent hour for the client, and if not, for which of the three reasons.
    fn decent(&self, check: Check) -> Outcome {
        let Some(client) = self.fresh.client else { return Outcome::Pass };
        let why = match day_off(client, self.now) {
            None => return Outcome::Pass,
            Some(DayOff::Hours) => Check::Hours,
            Some(DayOff::Weekend) => Check::Weekend,
            Some(DayOff::Holiday) => Check::Holiday,
        };
        if why != check {
            return Outcome::Pass;
        }
        match next_decent(client, self.now) {
            Some(at) => self.within_use(Some(at), Why::TooLate),
            None => Outcome::Drop(Why::TooLate),
        }
    }

    /// The owner's policy for a mail whose moment was missed.
    fn late(&self) -> Outcome {
        if self.now - self.mail.due_at <= MISSED {
            return Outcome::Pass;
        }
        match self.policy.replies.late {
            Late::Send => Outcome::Pass,
            Late::Skip => Outcome::Drop(Why::Late),
            Late::NextDecentHour => {
                let next = self.fresh.client.and_then(|client| next_decent(client, self.now));
                self.within_use(next.filter(|at| *at > self.now), Why::TooLate)
            }
        }
    }

    /// Whether what it promises can still be kept as worded: enough notice, and an answer window there.
    fn promise(&self) -> Outcome {
        let Self { mail, policy, now, .. } = *self;
        let Some(by) = mail.promise_by else { return Outcome::Exempt };
        let short = by - now < policy.replies.min_notice;
        let window = by.checked_sub_signed(TimeDelta::seconds(1)).and_then(|at| window_at(&policy.owner, at));
        match (window, mail.attempts) {
            // Its bytes may be on their way: they stay, as long as the time itself has not passed (`useful`).
            (Some(_), 0) if short => Outcome::Renew,
            (Some(_), _) => Outcome::Pass,
            (None, _) => self.untrue(),
        }
    }

    /// A promise that the calendar no longer holds.
    fn untrue(&self) -> Outcome {
        if self.mail.attempts == 0 { Outcome::Renew } else { Outcome::Drop(Why::Untrue) }
    }

    fn promised_in_closure(&self) -> bool {
        let owner = &self.policy.owner;
        let last = self.mail.promise_by.and_then(|by| by.checked_sub_signed(TimeDelta::seconds(1)));
        last.is_some_and(|at| {
            let date = zone_at(owner, at).local(at).date();
            let closed = owner.closures.iter().any(|closure| closure.from <= date && date <= closure.to);
            // A window that opened before the closure may run past midnight into it.
            closed && window_at(owner, at).is_none()
        })
    }

    /// Waiting is no use beyond the mail's own use.
    fn within_use(&self, until: Option<Instant>, why: Why) -> Outcome {
        match until {
            Some(until) if self.mail.good_until.is_some_and(|good| until > good) => Outcome::Drop(why),
            until => waits(until),
        }
    }
}

fn ends(applies: bool, why: Why) -> Outcome {
    if applies { Outcome::Drop(why) } else { Outcome::Pass }
}

fn waits(until: Option<Instant>) -> Outcome {
    until.map_or(Outcome::Pass, Outcome::Wait)
}
