//! What the rules may know about the past when they judge one message: a snapshot made by `store`.
use super::Instant;

/// The past of one message's conversation, author and mailbox. `Default` is a blank memory.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Past {
    /// The same message (identity of RULES B6) was recorded before, under this exchange id.
    pub duplicate_of: Option<String>,
    /// The conversation that the message joins: the root exchange's id; `None` opens a new one.
    pub conversation: Option<String>,
    /// In-Reply-To or References names one of our automatic mails, sent at this time.
    pub answers_our_automatic: Option<Instant>,
    /// An automatic mail was made in the conversation after the owner last wrote in it (RULES 50, D3).
    pub automatic_since_owner: bool,
    /// A promise is open in the conversation, due at this time.
    pub open_promise_by: Option<Instant>,
    /// The owner (or the team) last wrote in the conversation at this time.
    pub owner_wrote_at: Option<Instant>,
    /// The owner already answered this very message (Sent names it; RULES B1).
    pub answered: bool,
    /// The owner has written to this address before.
    pub written_to: bool,
    /// When the last acknowledgement to this author was made (intent, not success; RULES 58).
    pub last_acknowledgement: Option<Instant>,
    /// Automatic mails made for this author in the last 24 h.
    pub to_sender_day: u32,
    /// ... in the last 7 days.
    pub to_sender_week: u32,
    /// Automatic mails made for this author's domain in the last 24 h.
    pub to_domain_day: u32,
    /// Messages with the same normalised body from the same domain in the last hour, this one not counted, nor any to
    /// which nothing is ever sent; of words that people share only those of the same address.
    pub same_body_hour: u32,
    /// Automatic mails made in the last 10 min, 60 min and 24 h: everywhere.
    pub total: [u32; 3],
    /// ... and for this mailbox.
    pub mailbox_total: [u32; 3],
    /// The address bounced permanently at this time.
    pub bounced_at: Option<Instant>,
    /// Automatic mail to this author or domain is paused until this time.
    pub paused_until: Option<Instant>,
    /// Automatic mails made in the conversation in the last 24 h.
    pub in_conversation_day: u32,
    /// The owner wants no automatic mail to this author, ever.
    pub never: bool,
    /// The message was found by first contact or by a rescan after a UIDVALIDITY change (RULES 47).
    pub rescan: bool,
    /// This installation's id, the first half of our `X-Fuseau-Id`; `None` before the first start (RULES 14).
    pub instance: Option<String>,
}
