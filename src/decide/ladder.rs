//! The ladder of trust: on which rung a mailbox or a client stands, who put it there, and what makes it fall by itself. Pure.
//! Never here: where the words are kept (`store::trust`), what becomes of mail that waits (`gate`).
//!
//! The owner's last word counts, in the file or by `fuseau trust`: a word that was said beside another line in the file is
//! over. A client stands never higher than its mailbox. What falls, falls to drafts; only a complaint silences.
use crate::model::{Client, Identity, Instant, Mode};
use chrono::TimeDelta;

/// Signs are counted over so long, and never beyond the owner's last word.
pub const SPAN: TimeDelta = TimeDelta::days(7);

/// Who stands on a rung.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// A mailbox, by its name in the configuration.
    Mailbox(String),
    /// A client, by its key there.
    Client(String),
}

impl Scope {
    /// `mailbox` or `client`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Mailbox(_) => "mailbox",
            Self::Client(_) => "client",
        }
    }

    /// Its name in the configuration.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Mailbox(name) | Self::Client(name) => name,
        }
    }
}

macro_rules! anomalies {
    ($( $(#[doc = $doc:literal])+ $name:ident $code:literal $text:literal; )+) => {
        /// What makes trust fall. Stable words: they stand in the database and in `--json`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Anomaly { $( $(#[doc = $doc])+ $name, )+ }

        impl Anomaly {
            /// Every one, in the order in which they are named.
            pub const ALL: &'static [Self] = &[ $( Self::$name, )+ ];

            /// The stable word.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $( Self::$name => $code, )+ }
            }

            /// The same for a person.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self { $( Self::$name => $text, )+ }
            }
        }
    };
}

anomalies! {
    /// A feedback report (RFC 5965) about a mail of ours.
    Complaint "complaint" "somebody reported a mail of ours as unwanted";
    /// Rule 54.
    Breaker "breaker" "the breaker stopped automatic mail";
    /// Bounces and refusals for good.
    Returned "returned" "mail came back or was refused for good";
    /// No answer to the final dot.
    InDoubt "in-doubt" "of several mails nobody knows whether they arrived";
    /// `fuseau outbox drop` and the like.
    TakenBack "taken-back" "you took back what was about to leave";
    /// Promises that were told and not kept.
    Lapsed "lapsed" "more promises lapsed than were kept";
    /// UIDVALIDITY changes.
    Renumbered "renumbered" "its folders were numbered anew again and again";
}

impl Anomaly {
    /// The reverse of [`Self::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.as_str() == word)
    }
}

/// Who said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum By {
    /// `fuseau trust`.
    Owner,
    /// The line in the configuration, when it was changed after a word.
    File,
    /// Anomalies.
    Fall,
}

impl By {
    /// The stable word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::File => "file",
            Self::Fall => "fall",
        }
    }

    /// The reverse of [`Self::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Owner, Self::File, Self::Fall].into_iter().find(|it| it.as_str() == word)
    }
}

/// One step on the ladder, as it is written down. The last one of a scope counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The rung from then on; `None`: as the configuration says.
    pub rung: Option<Mode>,
    /// The rung before.
    pub was: Mode,
    /// Who said it.
    pub by: By,
    /// Why it fell, with counts.
    pub why: Vec<(Anomaly, String)>,
    /// What the configuration said then; `None`: nothing.
    pub written: Option<Mode>,
    /// When.
    pub at: Instant,
}

impl Word {
    /// Whether it counts beside what the configuration says now.
    #[must_use]
    pub fn counts(&self, written: Option<Mode>) -> bool {
        self.rung.is_some() && self.written == written
    }
}

/// What somebody's own rung is, before the mailbox lowers it: the word if it counts, else the configuration's.
#[must_use]
pub fn own(written: Option<Mode>, word: Option<&Word>) -> Option<Mode> {
    word.filter(|word| word.counts(written)).and_then(|word| word.rung).or(written)
}

/// The rung on which mail of a mailbox to a client is made: the lower of the two.
#[must_use]
pub fn rung(mailbox: (&Identity, Option<&Word>), client: Option<(&Client, Option<&Word>)>) -> Mode {
    let (identity, word) = mailbox;
    let ceiling = own(Some(identity.mode), word).unwrap_or_default();
    let theirs = client.and_then(|(client, word)| own(client.mode, word));
    theirs.map_or(ceiling, |theirs| theirs.min(ceiling))
}

/// What was seen of a mailbox or a client in the span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Signs {
    /// Automatic mails that left.
    pub sent: u32,
    /// Of their recipients, those whose mail came back for good, and mails that were refused for good.
    pub returned: u32,
    /// Mails of which nobody knows whether they arrived.
    pub in_doubt: u32,
    /// Automatic mails that the owner took back before they left.
    pub taken_back: u32,
    /// Promises that were told and kept.
    pub kept: u32,
    /// Promises that were told and lapsed.
    pub lapsed: u32,
    /// Feedback reports about mails of ours.
    pub complaints: u32,
    /// Folders that were numbered anew.
    pub renumbered: u32,
    /// The breaker stands open.
    pub breaker: bool,
}

/// A fall: the new rung, and every anomaly with its counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fall {
    /// Where to.
    pub to: Mode,
    /// Why.
    pub why: Vec<(Anomaly, String)>,
}

/// Whether somebody falls from a rung. A mailbox needs more than a client: it has more mail.
#[must_use]
pub fn fall(scope: &Scope, rung: Mode, signs: &Signs) -> Option<Fall> {
    let client = matches!(scope, Scope::Client(_));
    let few = if client { 2 } else { 3 };
    let Signs { sent, returned, in_doubt, taken_back, kept, lapsed, complaints, renumbered, breaker } = *signs;
    let of = |n: u32| format!("{n} of {sent}");
    let found = [
        (Anomaly::Complaint, complaints > 0, complaints.to_string()),
        (Anomaly::Breaker, breaker && !client, String::new()),
        // One in ten: a list of old addresses, or a server that begins to refuse us.
        (Anomaly::Returned, returned >= few && returned.saturating_mul(10) >= sent, of(returned)),
        (Anomaly::InDoubt, in_doubt >= few && in_doubt.saturating_mul(10) >= sent, of(in_doubt)),
        (Anomaly::TakenBack, taken_back >= few && taken_back.saturating_mul(4) >= sent, taken_back.to_string()),
        (Anomaly::Lapsed, lapsed >= few * 2 && lapsed > kept, format!("{lapsed} of {}", lapsed.saturating_add(kept))),
        (Anomaly::Renumbered, renumbered >= 3 && !client, renumbered.to_string()),
    ];
    let why: Vec<(Anomaly, String)> =
        found.into_iter().filter(|(_, seen, _)| *seen).map(|(anomaly, _, n)| (anomaly, n)).collect();
    let silenced = client && complaints > 0;
    let to = if silenced { Mode::Observe } else { Mode::Draft };
    (!why.is_empty() && rung > to).then_some(Fall { to, why })
}

/// "mail came back or was refused for good (3 of 20); the breaker stopped automatic mail".
#[must_use]
pub fn reasons(why: &[(Anomaly, String)]) -> String {
    let one = |(anomaly, count): &(Anomaly, String)| match count.as_str() {
        "" => anomaly.text().to_owned(),
        count => format!("{} ({count})", anomaly.text()),
    };
    why.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// The next rung up.
#[must_use]
pub fn above(mode: Mode) -> Option<Mode> {
    match mode {
        Mode::Observe => Some(Mode::Draft),
        Mode::Draft => Some(Mode::Send),
        Mode::Send => None,
    }
}

/// The next rung down.
#[must_use]
pub fn below(mode: Mode) -> Option<Mode> {
    match mode {
        Mode::Observe => None,
        Mode::Draft => Some(Mode::Observe),
        Mode::Send => Some(Mode::Draft),
    }
}
