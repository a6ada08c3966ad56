//! The kinds of mail that wait in Drafts for the owner. Never here: when one is due (`decide::occasion`), what it says.

macro_rules! kinds {
    ($(#[doc = $text:literal] $variant:ident = $word:literal,)+) => {
        /// A kind of draft; its word is the name of its template and the one on the command line.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum DraftKind { $(#[doc = $text] $variant,)+ }

        impl DraftKind {
            /// Every kind, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Its word, in templates, database, `--json` and on the command line.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// When it is written, for the owner.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }.trim()
            }
        }
    };
}

kinds! {
    /// Where a project stands, by its cadence.
    Progress = "progress",
    /// The owner's question is unanswered.
    FollowUp = "follow-up",
    /// Long silence on a live project.
    CheckIn = "check-in",
    /// A trip begins, or is over.
    Trip = "trip",
    /// Days without windows begin, or are over.
    Closure = "closure",
    /// The owner is going to be near the client.
    Visit = "visit",
    /// Meeting times decent for both.
    Slots = "slots",
    /// The client chose one of them.
    SlotConfirmed = "slot-confirmed",
    /// The terms of a project, in writing.
    Contract = "contract",
    /// The deposit of a project.
    Deposit = "deposit",
    /// An invoice comes due, or is overdue.
    Payment = "payment",
    /// A birthday, or the day on which the work together began.
    Greeting = "greeting",
    /// A month: what was agreed, what is open.
    Recap = "recap",
}

impl DraftKind {
    /// The reverse of [`Self::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }
}
