//! What the rules decided about one message, with the reasons. Plain data: nothing has happened yet.
use crate::calendar::Window;
use crate::model::{EmailAddress, Instant, Reason, Verdict};

/// The decision about one incoming message.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a decision that is not recorded is a message forgotten"]
pub struct Decision {
    /// The strongest verdict among the reasons.
    pub verdict: Verdict,
    /// Every reason found, in the order in which the rules were checked.
    pub reasons: Vec<Reason>,
    /// The client that the message belongs to.
    pub client: Option<String>,
    /// The promise to make: for `acknowledge` announced to the client; tracked only for a `wait` that leaves
    /// something to answer and no open promise: a further conversation within the interval (rule 51), a new
    /// question after a promise was released or lapsed (rule 50). `None` for everything else.
    pub plan: Option<Plan>,
    /// Whom an acknowledgement would go to, and from which address; present for `acknowledge` only.
    pub reply_to: Option<ReplyTo>,
    /// Senders or domains whose automatic mail rests from now on.
    pub pauses: Vec<Pause>,
}

/// The arithmetic of a promise.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// When the acknowledgement goes out: arrival plus grace, never before now.
    pub send_at: Instant,
    /// The promised window.
    pub window: Window,
    /// The promise: the window's end.
    pub by: Instant,
    /// Whether the client is told.
    pub announced: bool,
}

/// Addresses of an acknowledgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyTo {
    /// The one recipient.
    pub to: EmailAddress,
    /// Our address that the client wrote to.
    pub from: EmailAddress,
    /// Whether the subject may be repeated (not for encrypted mail; RULES 46).
    pub repeat_subject: bool,
}

/// Whose automatic mail rests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PauseScope {
    /// One address (folded form).
    Sender(String),
    /// One domain.
    Domain(String),
    /// One mailbox, until `fuseau resume`.
    Mailbox(String),
    /// One conversation (its id).
    Conversation(String),
    /// Everything, until `fuseau resume`.
    All,
}

/// A rest of automatic mail that a rule asks for (the breaker).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// Whose.
    pub scope: PauseScope,
    /// Until when.
    pub until: Instant,
    /// Which rule asked.
    pub code: crate::model::Code,
}
