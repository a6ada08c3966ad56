//! One mailbox of the owner as the rules see it: addresses, mode, trust. Servers: account.rs.
use super::EmailAddress;

/// What the daemon may do in a mailbox. Ordered: a greater mode may do more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Mode {
    /// Write down what would be sent, send nothing.
    #[default]
    Observe,
    /// Replies wait in the Drafts folder.
    Draft,
    /// Acknowledgements and holding replies leave by themselves.
    Send,
}

impl Mode {
    /// The word used in the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Draft => "draft",
            Self::Send => "send",
        }
    }
}

/// Providers with ways of their own. Copies in Sent: `config`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Provider {
    /// Omits the authserv-id in `Authentication-Results` (RULES 35).
    Microsoft365,
    /// Writes `Authentication-Results` as `mx.google.com`; files submitted mail in Sent by itself (RULES 90).
    Google,
}

impl Provider {
    /// The name under which it states authentication results, if it uses one (RULES 34, 35).
    #[must_use]
    pub fn authserv(self) -> Option<&'static str> {
        match self {
            Self::Google => Some("mx.google.com"),
            Self::Microsoft365 => None,
        }
    }
}

/// Whether a copy of sent mail is appended to Sent (RULES 92).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum SentCopy {
    /// Look first, append only if the server has not filed it.
    #[default]
    Auto,
    /// Always append.
    Always,
    /// Never.
    Never,
}

/// The envelope sender of automatic mail (RULES 3).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum EnvelopeSender {
    /// The mailbox's own address: aligned for SPF and DMARC.
    #[default]
    Account,
    /// `MAIL FROM:<>`; several providers refuse it.
    Null,
    /// A fixed address.
    Address(EmailAddress),
}

/// One mailbox of the owner.
#[derive(Clone, Debug, PartialEq)]
pub struct Identity {
    /// The key in the configuration (`[mailbox.studio]` -> `studio`).
    pub name: String,
    /// Its address.
    pub address: EmailAddress,
    /// Further addresses that deliver here.
    pub aliases: Vec<EmailAddress>,
    /// What may be done here.
    pub mode: Mode,
    /// Names under which the own server states authentication results (RULES 34).
    pub trusted_authserv: Vec<String>,
    /// A provider with its own ways.
    pub provider: Option<Provider>,
    /// List-Ids that are shared inboxes of the owner, not lists (RULES 10).
    pub own_lists: Vec<String>,
    /// Colleagues: their mail is no client's, their answers keep promises (RULES 22, B3).
    pub team: Vec<EmailAddress>,
    /// Web-form senders whose Reply-To is the real author (RULES 24).
    pub contact_form_senders: Vec<EmailAddress>,
    /// Envelope sender of automatic mail.
    pub envelope_sender: EnvelopeSender,
    /// Copies in Sent.
    pub sent_copy: SentCopy,
}

impl Identity {
    /// The envelope sender of automatic mail; `None` is `<>`. The account, not the alias that was written to: a login may
    /// rarely send as another envelope sender.
    #[must_use]
    pub fn envelope_from(&self) -> Option<&EmailAddress> {
        match &self.envelope_sender {
            EnvelopeSender::Account => Some(&self.address),
            EnvelopeSender::Null => None,
            EnvelopeSender::Address(address) => Some(address),
        }
    }

    /// The address of this mailbox that `address` stands for, plus tags and case folded.
    #[must_use]
    pub fn own(&self, address: &EmailAddress) -> Option<&EmailAddress> {
        let wanted = address.folded();
        std::iter::once(&self.address).chain(&self.aliases).find(|a| a.folded() == wanted)
    }
}
