//! The gate's closed lists: what is checked, and why a mail is not sent after all. Stable words: they stand in the
//! database, in `--json` and on docs/reference/gate.md.

macro_rules! words {
    ($(#[$doc:meta])+ $name:ident { $( $(#[$variant_doc:meta])+ $variant:ident $word:literal $text:literal, )+ }) => {
        $(#[$doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $( $(#[$variant_doc])+ $variant, )+ }

        impl $name {
            /// Every one, in the order in which they are looked at.
            pub const ALL: [Self; [$( $word, )+].len()] = [$( Self::$variant, )+];

            /// The stable word.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $word, )+ }
            }

            /// The reverse of [`Self::as_str`].
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|it| it.as_str() == word)
            }

            /// The same for a person: what is in the way.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self { $( Self::$variant => $text, )+ }
            }
        }
    };
}

words! {
    /// A check of the gate. The text says what is in the way when it does not pass.
    Check {
        /// The promise was released.
        Withdrawn "withdrawn" "no answer is expected any more",
        /// A human was quicker.
        Answered "answered" "somebody has answered",
        /// The message that it answers.
        Gone "gone" "the message that it answers is gone from the inbox",
        /// The address.
        Client "client" "its address belongs to no client any more",
        /// The mailbox.
        Mailbox "mailbox" "its mailbox is no longer in the configuration",
        /// The mode of mailbox and client.
        Mode "mode" "the mode of the mailbox or the client does not allow it",
        /// Rule 56.
        Bounced "bounced" "mail to this address came back for good",
        /// Its use.
        Useful "useful" "it would come too late to be of use",
        /// What it renews.
        Together "together" "some of the answers that it speaks of have come: it is worded anew for the others",
        /// `fuseau outbox hold`.
        Held "held" "you hold it back",
        /// Grace, retry.
        Time "time" "its time has not come",
        /// A draft in the conversation.
        Typing "typing" "an answer of yours lies in Drafts",
        /// The pause switch.
        Paused "paused" "everything is paused: `fuseau resume` lets it go",
        /// The breaker, overall.
        RestAll "rest.all" "the breaker has stopped all automatic mail: `fuseau resume` lets it go",
        /// The breaker of one mailbox.
        RestMailbox "rest.mailbox" "the breaker has stopped this mailbox: `fuseau resume` lets it go",
        /// Rule 53, 55.
        RestDomain "rest.domain" "automatic mail to this domain rests",
        /// Rules 15, 17, 55.
        RestSender "rest.sender" "automatic mail to this address rests",
        /// Too many automatic mails in one conversation.
        RestConversation "rest.conversation" "automatic mail in this conversation rests",
        /// Rule 52.
        BudgetDay "budget.day" "the client had as many automatic mails in 24 hours as replies.per_sender_day allows",
        /// Rule 52.
        BudgetWeek "budget.week" "the client had as many automatic mails in 7 days as replies.per_sender_week allows",
        /// One holding reply for a client and a window.
        Window "window" "the client had a holding reply since the last answer window",
        /// The client's decent hours.
        Hours "hours" "it is no decent hour where the client is",
        /// The client's weekend.
        Weekend "weekend" "the client does not work on this day of the week",
        /// The client's public holidays.
        Holiday "holiday" "the client keeps a public holiday today",
        /// The owner's closures.
        Closure "closure" "the promised window lies in a closure of yours: another one is promised",
        /// The late policy.
        Late "late" "its moment was missed, and replies.late speaks against sending it now",
        /// The promise.
        Promise "promise" "what it promises can no longer be kept as worded: another window is promised",
    }
}

impl Check {
    /// Whether `fuseau outbox send` sets it aside: courtesy, never safety.
    #[must_use]
    pub fn waived_by_wish(self) -> bool {
        matches!(self, Self::Held | Self::Time | Self::Hours | Self::Weekend | Self::Holiday | Self::Late)
    }
}

words! {
    /// Why a queued mail is not sent after all.
    Why {
        /// No answer is expected any more, or the owner took the mail back.
        Withdrawn "withdrawn" "it was taken back",
        /// A human was quicker.
        Answered "answered" "somebody has answered",
        /// The message it answers has gone.
        Gone "gone" "the message that it answers is gone",
        /// The address is no client's any more.
        NoLongerClient "no-longer-client" "its address belongs to no client any more",
        /// The mailbox was removed from the configuration.
        NoLongerMailbox "no-longer-mailbox" "its mailbox is no longer in the configuration",
        /// The mailbox no longer sends by itself.
        Mode "mode" "the mode of the mailbox or the client does not allow it any more",
        /// The address bounced.
        Bounced "bounced" "mail to this address came back for good",
        /// It would say something that is no longer useful.
        TooLate "too-late" "it would have come too late to be of use",
        /// Automatic mail to this address rests for longer than the mail keeps.
        Paused "paused" "automatic mail to this address rests for longer than it keeps",
        /// The client had enough.
        Budget "budget" "the client had enough automatic mail for now",
        /// The client had a holding reply in this window.
        Window "window" "the client had a holding reply since the last answer window",
        /// Its moment was missed (`replies.late = "skip"`).
        Late "late" "its moment was missed",
        /// It was tried before, and promises a window that is none any more.
        Untrue "untrue" "what it promised is no longer so",
        /// Made anew in another mail: with others, or without one that needs it no more.
        Regrouped "regrouped" "another mail took its place",
    }
}

impl Why {
    /// Whether the owner is told: something that was to be said is not said, and nobody knows it.
    #[must_use]
    pub fn tells(self) -> bool {
        match self {
            Self::Bounced
            | Self::TooLate
            | Self::Paused
            | Self::Budget
            | Self::Window
            | Self::Late
            | Self::Untrue
            | Self::NoLongerMailbox => true,
            Self::Withdrawn | Self::Answered | Self::Gone | Self::NoLongerClient | Self::Mode | Self::Regrouped => {
                false
            }
        }
    }

    /// Whether nothing is owed any more where a mail ends for this reason: nobody was told, and nobody waits.
    #[must_use]
    pub fn releases(self) -> bool {
        matches!(self, Self::Gone | Self::NoLongerClient)
    }

    /// Whether the reason for the mail is gone for good, so that it need not wait for its time to be cancelled.
    #[must_use]
    pub fn cancels_at_once(self) -> bool {
        matches!(
            self,
            Self::Withdrawn
                | Self::Answered
                | Self::Gone
                | Self::NoLongerClient
                | Self::NoLongerMailbox
                | Self::Mode
                | Self::TooLate
        )
    }
}
