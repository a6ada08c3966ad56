//! What the gate looks at and what it says: the facts of a mail and of the moment, the outcome of each check, the word
//! that follows. Values only; the looking is in gate.rs.
use super::decision::PauseScope;
use super::gate_words::{Check, Why};
use crate::model::{Client, Instant, Mode};

/// What a mail is, as far as the gate cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// States a first promise; the client has just written.
    Acknowledgement,
    /// Renews promises.
    Holding,
    /// The mail to the owner, which nothing that protects clients holds up.
    Digest,
    /// Tells of a date that the owner chose.
    Wished,
    /// Handed over by the owner.
    Other,
}

/// What the outbox knows about a queued mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Its kind.
    pub kind: Kind,
    /// It leaves without a human.
    pub automatic: bool,
    /// It only goes into Drafts.
    pub draft: bool,
    /// Not before: arrival plus grace, the moment that the owner named, the next try after a failed one.
    pub send_at: Instant,
    /// The moment at which it was to be looked at: what lies behind that is how late it is.
    pub due_at: Instant,
    /// The promise that its text names: the end of the promised window.
    pub promise_by: Option<Instant>,
    /// Later than this it is worth nothing: arrival plus `replies.max_age` for an acknowledgement, the deadline of the
    /// old promise for a holding reply.
    pub good_until: Option<Instant>,
    /// Attempts so far. After the first one the bytes may be out in the world: never composed anew.
    pub attempts: u32,
    /// The owner holds it back until then.
    pub held_until: Option<Instant>,
    /// The owner wants it sent at once.
    pub hurried: bool,
}

/// What was found just now, when the mailbox and the switches were looked at again.
#[derive(Clone, Debug, PartialEq)]
pub struct Fresh<'a> {
    /// The client whom it goes to, if it goes to one.
    pub client: Option<&'a Client>,
    /// The address still belongs to the client for whom it was made (or strangers are still let in).
    pub known: bool,
    /// A human has answered (Sent, `\Answered`, a colleague, `fuseau done`).
    pub answered: bool,
    /// It renews several promises, and some of them need it no more.
    pub answered_in_part: bool,
    /// The message is no longer where it was: somebody has dealt with it.
    pub gone: bool,
    /// The promise was released: no answer is expected any more.
    pub withdrawn: bool,
    /// The mailbox is still configured.
    pub mailbox: bool,
    /// What may be done in this mailbox for this client now: the lower of the two modes.
    pub mode: Mode,
    /// The address bounced for good a short while ago (rule 56).
    pub bounced: bool,
    /// An answer lies in Drafts: the owner is typing.
    pub typing: bool,
    /// The pause switch is on.
    pub paused: bool,
    /// Rests of automatic mail that stand in its way.
    pub rests: Vec<(PauseScope, Instant)>,
    /// Other automatic mails to the address in 24 hours.
    pub to_client_day: u32,
    /// ... in 7 days.
    pub to_client_week: u32,
    /// Other holding replies to the address since the last answer window.
    pub in_window: u32,
}

impl Fresh<'_> {
    /// Nothing has changed since the mail was queued.
    #[must_use]
    pub fn unchanged() -> Self {
        Self {
            client: None,
            known: true,
            answered: false,
            answered_in_part: false,
            gone: false,
            withdrawn: false,
            mailbox: true,
            mode: Mode::Send,
            bounced: false,
            typing: false,
            paused: false,
            rests: Vec::new(),
            to_client_day: 0,
            to_client_week: 0,
            in_window: 0,
        }
    }
}

/// What one check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing in the way.
    Pass,
    /// The check is not for mails of this kind.
    Exempt,
    /// Something would be in the way, but the owner wants the mail sent at once.
    Waived,
    /// Not before then.
    Wait(Instant),
    /// It is made anew, then sent.
    Renew,
    /// Never.
    Drop(Why),
}

impl Outcome {
    /// The stable word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Exempt => "exempt",
            Self::Waived => "waived",
            Self::Wait(_) => "wait",
            Self::Renew => "renew",
            Self::Drop(_) => "drop",
        }
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
    /// What it says is no longer so: compute it anew ([`super::promise`], [`super::holding`]), compose again, then send.
    Renew,
}

/// The gate's word about one mail.
#[derive(Clone, Debug, PartialEq)]
pub struct Gate {
    /// Every check in order, with what it found.
    pub checks: Vec<(Check, Outcome)>,
    /// What follows.
    pub verdict: Due,
}

impl Gate {
    /// The next moment to look again; `None` once it is dropped.
    #[must_use]
    pub fn next_look(&self, now: Instant) -> Option<Instant> {
        match self.verdict {
            Due::Send | Due::Renew => Some(now),
            Due::Later(at) => Some(at),
            Due::Drop(_) => None,
        }
    }

    /// The checks that stand in the way: those that decided, the strongest kind only.
    pub fn decisive(&self) -> impl Iterator<Item = (Check, Outcome)> + '_ {
        let decided = |outcome: &Outcome| match self.verdict {
            Due::Drop(why) => *outcome == Outcome::Drop(why),
            Due::Later(_) => matches!(outcome, Outcome::Wait(_)),
            Due::Renew => *outcome == Outcome::Renew,
            Due::Send => false,
        };
        self.checks.iter().copied().filter(move |(_, outcome)| decided(outcome))
    }

    /// What the owner's wish to send it at once sets aside.
    pub fn waived(&self) -> impl Iterator<Item = Check> + '_ {
        self.checks.iter().filter(|(_, outcome)| *outcome == Outcome::Waived).map(|(check, _)| *check)
    }
}
