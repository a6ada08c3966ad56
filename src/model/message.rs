//! One incoming message as the rules may see it: facts, never raw MIME. Made by `mailbox::parse`.
use super::{EmailAddress, HeaderText, Instant};
use std::fmt;

/// A Message-ID in angle brackets, ASCII, at most 502 characters:
/// `<[!-;=?-~]{1,250}@[!-;=?-~]{1,250}>` (RFC 5322 3.6.4; RULES 72).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(String);

impl MessageId {
    /// Reads an id with or without brackets; `None` if it could harm a header.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        let raw = raw.trim();
        let inner = raw.strip_prefix('<').unwrap_or(raw);
        let inner = inner.strip_suffix('>').unwrap_or(inner);
        let (left, right) = inner.rsplit_once('@')?;
        let fits = |part: &str| {
            (1..=250).contains(&part.len()) && part.bytes().all(|b| matches!(b, b'!'..=b';' | b'=' | b'?'..=b'~'))
        };
        (fits(left) && fits(right)).then(|| Self(format!("<{inner}>")))
    }

    /// With brackets.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part behind the `@`.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, d)| d.trim_end_matches('>'))
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Header fields in the order of the message, names in lower case, values unfolded, decoded, cleaned.
///
/// Every occurrence is kept (the parser's own accessors return the last one, which the sender can forge).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Headers(Vec<(String, HeaderText)>);

impl Headers {
    /// Adds one field at the end.
    pub fn push(&mut self, name: &str, value: HeaderText) {
        self.0.push((name.trim().to_ascii_lowercase(), value));
    }

    /// All values of a field, topmost first. `name` is in lower case.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The topmost value of a field.
    #[must_use]
    pub fn first(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Whether the field occurs.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.first(name).is_some()
    }

    /// Every field, topmost first.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }
}

/// A person or machine named in an address field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// The display name; identifies nobody.
    pub name: Option<HeaderText>,
    /// The address.
    pub address: EmailAddress,
}

/// What the From field says.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Author {
    /// Absent, empty, unreadable, or only a group (RFC 6854).
    #[default]
    None,
    /// Exactly one From field with exactly one address.
    One(Party),
    /// Two From fields, or several addresses.
    Several(Vec<Party>),
}

/// The topmost Return-Path.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum ReturnPath {
    /// The field is not there.
    #[default]
    Absent,
    /// `<>`, in any of the Return-Path fields.
    Null,
    /// An address.
    Address(EmailAddress),
    /// There, but unreadable.
    Unreadable,
}

/// Which kind of folder a message was found in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum FolderRole {
    /// Clients' mail arrives here.
    #[default]
    Inbox,
    /// The owner's sent mail.
    Sent,
    /// Drafts.
    Drafts,
    /// Junk.
    Junk,
    /// What the owner deleted.
    Trash,
}

impl FolderRole {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Inbox, Self::Sent, Self::Drafts, Self::Junk, Self::Trash];

    /// The word used in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Sent => "sent",
            Self::Drafts => "drafts",
            Self::Junk => "junk",
            Self::Trash => "trash",
        }
    }
}

/// Facts about the MIME structure and the text.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Content {
    /// Top-level media type, lower case (`multipart/report`); `text/plain` when absent.
    pub media_type: String,
    /// `method` of every `text/calendar` part, upper case; empty string where it is missing.
    pub calendar_methods: Vec<String>,
    /// File names of attachments, cleaned.
    pub attachments: Vec<HeaderText>,
    /// An S/MIME or PGP encrypted body.
    pub encrypted: bool,
    /// A signed body.
    pub signed: bool,
    /// The plain text (from HTML where there is no other), `\n` line ends; of a long one the beginning.
    pub text: String,
    /// The text goes on behind what stands in `text`.
    pub text_cut: bool,
    /// The message was larger than the cap and only its beginning was read.
    pub truncated: bool,
    /// It has more parts than are looked at, or parts too deep in one another.
    pub parts_left: bool,
    /// Any part is a delivery report, disposition notification or feedback report.
    pub report_part: bool,
    /// Addresses that a delivery report names as gone for good: status 5.1.1, 5.1.10, 5.2.1 or 5.4.4 (RFC 3463;
    /// rule 56). Anybody can claim that; it counts only for addresses that we wrote to.
    pub undeliverable: Vec<EmailAddress>,
    /// Message-IDs of the mails that a feedback report complains about (RFC 5965). Anybody can claim that; it counts only
    /// for mails of ours.
    pub complained_of: Vec<MessageId>,
}

/// The facts of one incoming message.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Incoming {
    /// Identity across folders and mailboxes (RULES B6): lower-case hex SHA-256.
    pub key: String,
    /// Message-ID, if usable.
    pub message_id: Option<MessageId>,
    /// Ids of In-Reply-To.
    pub in_reply_to: Vec<MessageId>,
    /// Ids of References, oldest first.
    pub references: Vec<MessageId>,
    /// From.
    pub author: Author,
    /// Reply-To addresses.
    pub reply_to: Vec<Party>,
    /// Sender.
    pub sender: Option<Party>,
    /// Return-Path.
    pub return_path: ReturnPath,
    /// To, with Resent-To.
    pub to: Vec<Party>,
    /// Cc and Bcc, with Resent-Cc and Resent-Bcc.
    pub cc: Vec<Party>,
    /// Subject, decoded.
    pub subject: HeaderText,
    /// The Date field if it is plausible. Never used for windows.
    pub date: Option<Instant>,
    /// INTERNALDATE: when the server received it.
    pub arrived: Instant,
    /// Octets of the whole message.
    pub size: u64,
    /// All header fields, in order.
    pub headers: Headers,
    /// Structure and text.
    pub content: Content,
    /// Where it was found.
    pub folder: FolderRole,
    /// IMAP `\Answered`.
    pub answered_flag: bool,
    /// The bytes were no e-mail at all (no header could be read).
    pub unreadable: bool,
}

impl Incoming {
    /// The single author, if there is exactly one.
    #[must_use]
    pub fn from(&self) -> Option<&Party> {
        match &self.author {
            Author::One(party) => Some(party),
            _ => None,
        }
    }

    /// To and Cc together.
    pub fn recipients(&self) -> impl Iterator<Item = &EmailAddress> {
        self.to.iter().chain(&self.cc).map(|p| &p.address)
    }

    /// In-Reply-To first, then References, newest first, each once.
    #[must_use]
    pub fn ancestors(&self) -> Vec<&MessageId> {
        let mut seen = Vec::new();
        for id in self.in_reply_to.iter().chain(self.references.iter().rev()) {
            if !seen.contains(&id) {
                seen.push(id);
            }
        }
        seen
    }
}
