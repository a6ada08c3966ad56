//! What the owner is to hear with the next digest: a closed list of events, each with its values. Where they are kept is
//! the store's, how they are worded the digest's.
use super::Instant;
use std::collections::BTreeMap;

macro_rules! notices {
    ($( $(#[doc = $doc:literal])+ $name:ident $code:literal; )+) => {
        /// A stable code of an event.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum NoticeCode { $( $(#[doc = $doc])+ $name, )+ }

        impl NoticeCode {
            /// Every code, in the order in which a digest lists them.
            pub const ALL: &'static [Self] = &[ $( Self::$name, )+ ];

            /// The stable code (`promise.moved`).
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $( Self::$name => $code, )+ }
            }
        }
    };
}

notices! {
    /// An urgent mail of a client with `policy = "first"`. Values: `subject`.
    Urgent "urgent";
    /// A mailbox needs care: its login was refused. Values: `error`.
    Login "login";
    /// Automatic mail rests by itself, all of it or that of a mailbox. Values: `code`, `until`. The digest reads the rests
    /// themselves: they may have ended.
    Breaker "breaker";
    /// A mailbox or a client fell on the ladder of trust. Values: `name`, `rung`, `why` (the first
    /// anomaly), `error` (all of them, as a sentence).
    TrustLowered "trust.lowered";
    /// A hook failed or was stopped. Values: `hook`, `error`.
    Hook "hook";
    /// A promise will lapse, and no holding reply can go out. Values: `why`.
    PromiseUnheld "promise.unheld";
    /// A promise lapsed unanswered. Values: none.
    PromiseLapsed "promise.lapsed";
    /// A promise moved with the calendar. Values: `from`, `to` (RFC 3339), `why` (`tz`, `closure`, `holiday`, `trip`,
    /// `hours`). With `why` = `no-window` it stays where it was told (`to` is `from`), but no window lies before it any
    /// more.
    PromiseMoved "promise.moved";
    /// A promise was released. Values: `why`.
    PromiseReleased "promise.released";
    /// A mail was not sent. Values: `kind`, `why`. (What was refused, and what nobody knows of, stands in the outbox.)
    MailSkipped "mail.skipped";
    /// A wish expressed by a folder was carried out. Values: `wish`, `subject`, `from`, and `by` (RFC 3339) if the client
    /// is told of a new date.
    CommandDone "command.done";
    /// A wish that could not be carried out. Values: `wish`, `subject`, `from`, `why` (a stable word), `error` (a sentence).
    CommandFailed "command.failed";
    /// A draft of fuseau's was sent by the owner. Values: `kind`.
    DraftSent "draft.sent";
    /// A draft was withdrawn or replaced. Values: `kind`, `why`.
    DraftStale "draft.stale";
    /// Nobody answered offered meeting times while they held. Values: none.
    OfferExpired "offer.expired";
    /// None of the offered meeting times suits the client, or they named another. Values: none.
    OfferDeclined "offer.declined";
}

impl NoticeCode {
    /// The reverse of [`Self::as_str`].
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.as_str() == code)
    }
}

/// One event that waits for the digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its number: the order of happening.
    pub seq: i64,
    /// What happened.
    pub code: NoticeCode,
    /// In which mailbox, if that matters.
    pub mailbox: Option<String>,
    /// Which client it is about.
    pub client: Option<String>,
    /// Id of the exchange that it is about.
    pub exchange: Option<String>,
    /// The values that its wording needs; foreign text in them is cleaned.
    pub values: BTreeMap<String, String>,
    /// When it happened.
    pub at: Instant,
}
