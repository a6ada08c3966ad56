//! Why a wish that the owner expressed by a folder is not carried out: a closed list with stable words. When each applies:
//! wishes.rs.

/// Why a wish is not carried out. The words are stable: they stand in receipts and in `--json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The folder means nothing.
    UnknownFolder,
    /// A Hold folder whose time is not understood.
    UnknownTime,
    /// Not a time that a client can be asked to wait.
    TimeOutOfRange,
    /// It cannot be read as an e-mail.
    Unreadable,
    /// A draft where a message was expected.
    IsDraft,
    /// The owner's own mail where a client's was expected.
    IsOwn,
    /// A message that somebody else wrote where a draft was expected.
    NotOwn,
    /// Its sender is no client.
    NoClient,
    /// Its sender never gets automatic mail.
    Never,
    /// A program wrote it.
    Machine,
    /// It has no usable author.
    NoAuthor,
    /// The mailbox only observes.
    Observes,
    /// Somebody has answered it.
    Answered,
    /// The client was promised an answer by then or later already.
    NotLater,
    /// The client had enough automatic mail.
    Budget,
    /// No answer window is in sight.
    NoWindow,
    /// The draft names nobody.
    NoRecipient,
    /// One of its recipients cannot be written to.
    BadRecipient,
    /// It goes to too many people.
    TooMany,
    /// It is too large.
    TooLarge,
    /// It was sent before.
    AlreadySent,
    /// None of its recipients is a client: nobody knows when their morning is.
    NoZone,
    /// No decent morning of the client's is in sight.
    NoMorning,
    /// The server refused it, or nobody knows what became of it.
    NotSent,
    /// Its reply cannot be worded.
    Template,
    /// The folder names no project.
    NoProject,
    /// It says nothing.
    NothingToNote,
}

impl Refusal {
    /// The stable word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.words().0
    }

    /// A sentence for the owner.
    #[must_use]
    pub fn text(self) -> &'static str {
        self.words().1
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::UnknownFolder => ("unknown-folder", "this folder means nothing to fuseau"),
            Self::UnknownTime => {
                ("unknown-time", "write the folder's name as \"Hold 2 days\" or \"Hold until Friday\"")
            }
            Self::TimeOutOfRange => ("time-out-of-range", "a client can be asked to wait from 1 hour up to 60 days"),
            Self::Unreadable => ("unreadable", "it could not be read as an e-mail"),
            Self::IsDraft => ("is-draft", "it is a draft, and this folder is for messages that came in"),
            Self::IsOwn => ("is-own", "you wrote it yourself"),
            Self::NotOwn => ("not-own", "its From is none of this mailbox's addresses"),
            Self::NoClient => ("no-client", "its sender is none of your clients"),
            Self::Never => {
                ("never", "its sender never gets automatic mail; `fuseau never --undo ADDRESS` takes that back")
            }
            Self::Machine => ("machine", "a program wrote it"),
            Self::NoAuthor => ("no-author", "it has no usable author"),
            Self::Observes => ("observes", "this mailbox only observes: nothing leaves it"),
            Self::Answered => ("answered", "it is answered already: nothing is waited for"),
            Self::NotLater => ("not-later", "the client was promised an answer by that time or later already"),
            Self::Budget => ("budget", "the client had as much automatic mail as replies.per_sender_* allow"),
            Self::NoWindow => ("no-window", "no answer window is in sight then"),
            Self::NoRecipient => ("no-recipient", "the draft names no recipient"),
            Self::BadRecipient => ("bad-recipient", "one of its recipients cannot be written to"),
            Self::TooMany => ("too-many-recipients", "it has more than 100 recipients"),
            Self::TooLarge => ("too-large", "it is larger than 20 MiB"),
            Self::AlreadySent => ("already-sent", "it was sent before, or nobody can know whether it was"),
            Self::NoZone => {
                ("no-zone", "none of its recipients is a client of yours: when their morning is, is not known")
            }
            Self::NoMorning => ("no-morning", "no decent morning of the client's is in sight"),
            Self::NotSent => ("not-sent", "it could not be sent"),
            Self::NoProject => {
                ("no-project", "no project of the configuration is called so: name the folder Fuseau/Journal/PROJECT")
            }
            Self::NothingToNote => ("nothing-to-note", "it has neither words of its own nor a subject"),
            Self::Template => ("template", "its reply could not be worded: `fuseau check` says why"),
        }
    }
}
