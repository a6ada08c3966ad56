//! What the rules for drafts may know. Gathered by `daemon::occasions`; only plain values here.
use super::Meetings;
use crate::decide::Policy;
use crate::model::{Client, DraftKind, EmailAddress, Instant, Project, Promise};

/// The facts. Slices are ordered by time, the oldest first, unless said otherwise.
#[derive(Clone, Copy, Debug)]
pub struct DraftFacts<'a> {
    /// Owner, clients, projects, choices.
    pub policy: &'a Policy,
    /// Every occasion that was ever taken up.
    pub made: &'a [Made],
    /// The journal of all projects.
    pub journal: &'a [JournalEntry],
    /// What the sources of the projects say.
    pub sources: &'a [SourceFact],
    /// One for each client with whom mail was ever exchanged.
    pub contacts: &'a [Contact],
    /// Questions of the owner's to which nobody answered, in any conversation with a client.
    pub questions: &'a [Question],
    /// All promises that are open, and those that ended in the last hundred days.
    pub promises: &'a [Promise],
    /// Offered times, visits, busy times.
    pub meetings: &'a Meetings,
}

impl DraftFacts<'_> {
    /// What is known about the exchange with a client.
    #[must_use]
    pub fn contact(&self, client: &str) -> Option<&Contact> {
        self.contacts.iter().find(|contact| contact.client == client)
    }

    /// The occasion with a key.
    #[must_use]
    pub fn made(&self, key: &str) -> Option<&Made> {
        self.made.iter().find(|made| made.key == key)
    }

    /// When a draft of a kind was last sent, about a project or to a client.
    #[must_use]
    pub fn last_sent(&self, kind: DraftKind, client: &str, project: Option<&str>) -> Option<Instant> {
        let of = |made: &&Made| made.kind == kind && made.client == client && made.project.as_deref() == project;
        let sent = self.made.iter().filter(of).filter(|made| made.state == MadeState::Sent);
        sent.filter_map(|made| made.ended_at).max()
    }
}

/// Whom an asked-for draft is about.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The client.
    pub client: &'a Client,
    /// The project, if one was named or the client has only one.
    pub project: Option<&'a Project>,
}

/// An occasion that was taken up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Its key.
    pub key: String,
    /// What it is.
    pub kind: DraftKind,
    /// To whom.
    pub client: String,
    /// About which project.
    pub project: Option<String>,
    /// Where it stands.
    pub state: MadeState,
    /// Whether the owner asked for it: then it is never replaced or withdrawn.
    pub asked: bool,
    /// What it says, see [`super::Content::print`].
    pub print: String,
    /// When it was made.
    pub made_at: Instant,
    /// When the occasion ended.
    pub ended_at: Option<Instant>,
}

/// Where an occasion stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MadeState {
    /// Our draft lies there as we wrote it, or is about to.
    Waiting,
    /// The owner wrote in it: it is theirs now.
    Touched,
    /// The owner sent it, or handed it over to be sent.
    Sent,
    /// The owner removed it.
    Deleted,
    /// Its facts changed before the owner touched it; it comes back if they change back.
    Withdrawn,
    /// Its time passed.
    Expired,
}

impl MadeState {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Waiting, Self::Touched, Self::Sent, Self::Deleted, Self::Withdrawn, Self::Expired];

    /// The word used in the database and in `--json`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Touched => "touched",
            Self::Sent => "sent",
            Self::Deleted => "deleted",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }

    /// The reverse of [`Self::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// A short note of the owner's on a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    /// Its id.
    pub id: String,
    /// The project's key.
    pub project: String,
    /// When it was so, in the owner's words: `--at`, the date of a mail.
    pub at: Instant,
    /// When it was written down: only then could an update tell it.
    pub written: Instant,
    /// One clean text of the owner's, possibly several lines.
    pub text: String,
}

/// What a source of a project says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFact {
    /// The project's key.
    pub project: String,
    /// When it was done; `None` for items of a checklist, which bear no time.
    pub at: Option<Instant>,
    /// Done, or still to do.
    pub done: bool,
    /// One clean line.
    pub text: String,
}

/// The exchange with one client, as far as drafts need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// The client's key.
    pub client: String,
    /// The address of the person who wrote last, or to whom the owner wrote last.
    pub address: Option<EmailAddress>,
    /// The mailbox in which that was.
    pub mailbox: Option<String>,
    /// The last mail of a human of theirs.
    pub last_in: Option<Instant>,
    /// The last mail that the owner wrote to them by hand (a draft of ours that was sent counts).
    pub last_out: Option<Instant>,
    /// The last mail that the owner wrote to them without a draft of ours.
    pub last_by_hand: Option<Instant>,
    /// The newest exchange with them: where a mail of no conversation may be threaded.
    pub last_exchange: Option<String>,
    /// The names of their people in past mails, the newest first; only where a birthday needs them.
    pub people: Vec<(EmailAddress, String)>,
}

/// A question of the owner's without an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The exchange in which it was asked.
    pub exchange: String,
    /// Its Message-ID: the same on every machine that reads this mailbox.
    pub message_id: Option<String>,
    /// The client's key.
    pub client: String,
    /// To whom.
    pub to: EmailAddress,
    /// When.
    pub asked_at: Instant,
    /// The subject of the conversation.
    pub subject: String,
    /// The sentence that asks, cleaned.
    pub sentence: String,
}
