//! The owner's choices as the rules need them; made by `config`, always valid.
use super::{occasion::DraftSettings, topics::Topic, urgent::Urgent};
use crate::model::{Client, EmailAddress, Identity, Incoming, Owner, Project, Zones};
use chrono::TimeDelta;

/// Everything the rules may know beside the message and the past.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The owner and their time.
    pub owner: Owner,
    /// The clients, in the order of the file.
    pub clients: Vec<Client>,
    /// The mailboxes, in the order of the file.
    pub mailboxes: Vec<Identity>,
    /// Replies and their limits.
    pub replies: Replies,
    /// Promises.
    pub promises: Promises,
    /// Urgent mail.
    pub urgent: Urgent,
    /// What mail may be about, in the order of the file.
    pub topics: Vec<Topic>,
    /// The projects, in the order of the files.
    pub projects: Vec<Project>,
    /// Drafts.
    pub drafts: DraftSettings,
    /// The tz data in use.
    pub zones: Zones,
}

impl Policy {
    /// The client to whom an address belongs.
    #[must_use]
    pub fn client_of(&self, address: &EmailAddress) -> Option<&Client> {
        self.clients.iter().find(|client| client.knows(address))
    }

    /// The client with an id.
    #[must_use]
    pub fn client(&self, id: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.id == id)
    }

    /// The project with an id.
    #[must_use]
    pub fn project(&self, id: &str) -> Option<&Project> {
        self.projects.iter().find(|project| project.id == id)
    }

    /// The mailbox with a name.
    #[must_use]
    pub fn mailbox(&self, name: &str) -> Option<&Identity> {
        self.mailboxes.iter().find(|mailbox| mailbox.name == name)
    }

    /// The mailbox to which a message was written: that of the first of the owner's addresses in To, then in Cc (rule B7);
    /// `None` if it names none of them.
    #[must_use]
    pub fn addressed(&self, message: &Incoming) -> Option<&Identity> {
        let of = |address: &EmailAddress| self.mailboxes.iter().find(|mailbox| mailbox.own(address).is_some());
        message.recipients().find_map(of)
    }

    /// Whether an address is one of the owner's, in any mailbox.
    #[must_use]
    pub fn is_own(&self, address: &EmailAddress) -> bool {
        self.mailboxes.iter().any(|mailbox| mailbox.own(address).is_some())
    }

    /// Whether an address belongs to the team of any mailbox.
    #[must_use]
    pub fn is_team(&self, address: &EmailAddress) -> bool {
        let folded = address.folded();
        self.mailboxes.iter().flat_map(|mailbox| &mailbox.team).any(|member| member.folded() == folded)
    }
}

/// What happens to people who are no clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Strangers {
    /// Shown to the owner.
    #[default]
    Hold,
    /// Acknowledged, if their authentication passes.
    Acknowledge,
}

/// What becomes of a mail whose moment was missed: an outage, a laptop asleep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Late {
    /// It is sent, as long as it is of use.
    #[default]
    Send,
    /// It waits for the client's next decent hour.
    NextDecentHour,
    /// It is not sent; the owner is told.
    Skip,
}

/// When acknowledgements go out, and how many at most (RULES 49-56).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replies {
    /// Delay outside a window, so that a quick human answer wins. Default 5 min.
    pub grace: TimeDelta,
    /// Delay inside a window. Default 30 min.
    pub grace_in_window: TimeDelta,
    /// A window is promised only if its end is at least this far away. Default 30 min.
    pub min_notice: TimeDelta,
    /// Mail that arrived longer ago gets no acknowledgement. Default 24 h.
    pub max_age: TimeDelta,
    /// Between two acknowledgements to one sender. Default 4 h.
    pub min_interval: TimeDelta,
    /// After the owner wrote in a conversation, nothing automatic in it for this long. Default 4 h.
    pub owner_active: TimeDelta,
    /// Strangers.
    pub strangers: Strangers,
    /// Automatic mails to one sender in 24 h. Default 3.
    pub per_sender_day: u32,
    /// ... in 7 days. Default 6.
    pub per_sender_week: u32,
    /// Automatic mails to one sender domain in 24 h. Default 20.
    pub per_domain_day: u32,
    /// ... for free-mail domains. Default 60.
    pub per_free_mail_domain_day: u32,
    /// Automatic mails in all, in 10 min, 60 min, 24 h. Default 30, 60, 200; a mailbox gets half of it.
    pub total: [u32; 3],
    /// Visible recipients beyond which a mail is group mail. Default 6.
    pub max_recipients: u32,
    /// Whether mail that has us only in Cc may be acknowledged. Default no.
    pub when_in_copy: bool,
    /// Automatic mails in one conversation in 24 h, whoever gets them. Default 4.
    pub per_conversation_day: u32,
    /// Mails whose moment was missed. Default send.
    pub late: Late,
    /// Holding replies to one client that are due within this span leave as one. Default 30 min.
    pub merge: TimeDelta,
    /// Whether one sentence tells a client of a clock change that shifts the gap. Default yes.
    pub mention_clock_change: bool,
    /// No automatic mail to an address that bounced for good, for this long. Default 60 days.
    pub after_bounce: TimeDelta,
}

impl Default for Replies {
    fn default() -> Self {
        Self {
            grace: TimeDelta::minutes(5),
            grace_in_window: TimeDelta::minutes(30),
            min_notice: TimeDelta::minutes(30),
            max_age: TimeDelta::hours(24),
            min_interval: TimeDelta::hours(4),
            owner_active: TimeDelta::hours(4),
            strangers: Strangers::Hold,
            per_sender_day: 3,
            per_sender_week: 6,
            per_domain_day: 20,
            per_free_mail_domain_day: 60,
            total: [30, 60, 200],
            max_recipients: 6,
            when_in_copy: false,
            per_conversation_day: 4,
            late: Late::Send,
            merge: TimeDelta::minutes(30),
            mention_clock_change: true,
            after_bounce: TimeDelta::days(60),
        }
    }
}

/// Keeping promises in sight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promises {
    /// How long before the deadline a holding reply goes out. Default 15 min.
    pub holding_before: TimeDelta,
    /// Holding replies per conversation at most. Default 2.
    pub holding_max: u32,
    /// What becomes of a promise whose message was deleted or filed. Default keep.
    pub filed: Filed,
}

/// What becomes of a promise that the client was told, when its message leaves the followed folders unanswered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Filed {
    /// It stays: many people archive what they have read.
    #[default]
    Keep,
    /// It is released: for people who file only what is done with.
    Release,
}

impl Default for Promises {
    fn default() -> Self {
        Self { holding_before: TimeDelta::minutes(15), holding_max: 2, filed: Filed::Keep }
    }
}
