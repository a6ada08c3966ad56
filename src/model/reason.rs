//! The closed list of reasons. Every verdict names all of its reasons, in the order in which they were checked.
//!
//! A code is stable: it stands in the database, in `--json` and in `docs/reference/reasons.md` (generated
//! from this list, kept fresh by a test). Rule numbers are those of the sources named in that page.
use super::{HeaderText, Verdict};
use std::fmt;

macro_rules! reasons {
    ($( $(#[doc = $doc:literal])+ $name:ident $code:literal => $verdict:ident, $text:literal, $source:literal; )+) => {
        /// A stable reason code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $( $(#[doc = $doc])+ $name, )+ }

        impl Code {
            /// Every reason, in the order of the list.
            pub const ALL: &'static [Self] = &[ $( Self::$name, )+ ];

            /// The stable code (`loop.auto-submitted`).
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $( Self::$name => $code, )+ }
            }

            /// The verdict that this reason speaks for.
            #[must_use]
            pub fn verdict(self) -> Verdict {
                match self { $( Self::$name => Verdict::$verdict, )+ }
            }

            /// One sentence for the owner.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self { $( Self::$name => $text, )+ }
            }

            /// Where the rule comes from.
            #[must_use]
            pub fn source(self) -> &'static str {
                match self { $( Self::$name => $source, )+ }
            }
        }
    };
}

reasons! {
    /// From is one of our own addresses.
    OwnAddress "own.address" => Own, "it was written by one of your own addresses", "RFC 5230 4.5; rule 21";
    /// Our own marker or Message-ID came back.
    OwnLoop "own.loop" => Own, "it is a mail of fuseau's own that came back", "RFC 3834 2; rules 14, 18";
    /// Found in Sent or Drafts.
    OwnFolder "own.folder" => Own, "it lies in a folder of your own mail", "rule 21";
    /// A colleague wrote it.
    OwnTeam "own.team" => Own, "a member of your team wrote it", "rule 22, B3";

    /// Null Return-Path.
    NullReturnPath "loop.null-return-path" => Ignore, "its Return-Path is empty: a bounce or an automatic answer", "RFC 3834 2, RFC 5321 4.5.5; rules 1, 2";
    /// Auto-Submitted.
    AutoSubmitted "loop.auto-submitted" => Ignore, "Auto-Submitted says that a program sent it", "RFC 3834 5; rule 4";
    /// A delivery, disposition or feedback report.
    Report "loop.report" => Ignore, "it is a delivery report, a read receipt or a complaint", "RFC 3464, RFC 8098 2.1, RFC 5965; rule 5";
    /// A machine's local part.
    SystemAddress "loop.system-address" => Ignore, "its sender is a mail system or a list manager", "RFC 5230 4.6; rule 6";
    /// A no-reply sender.
    NoReply "loop.no-reply" => Ignore, "its sender says that it takes no replies", "rule 7";
    /// Precedence.
    Precedence "loop.precedence" => Ignore, "Precedence marks it as bulk, list, junk or automatic", "RFC 3834 2; rule 9";
    /// A mailing list.
    List "loop.list" => Ignore, "it came through a mailing list or a bulk sender", "RFC 5230 4.6, RFC 2369; rule 10";
    /// X-Auto-Response-Suppress.
    SuppressAsked "loop.suppress" => Ignore, "X-Auto-Response-Suppress asks for no automatic answer", "MS-OXCMAIL 2.1.3.2.20; rule 11";
    /// A header only programs set.
    AutoHeader "loop.auto-header" => Ignore, "it carries a header that only automatic responders set", "rule 12";
    /// iCloud's vacation reply.
    AppleVacation "loop.apple-vacation" => Ignore, "it is an iCloud vacation reply", "rule 13";
    /// X-Loop.
    LoopMark "loop.mark" => Ignore, "it carries another program's loop mark", "rule 14";
    /// The subject grows with every round.
    SubjectGrows "loop.subject-grows" => Ignore, "its subject repeats an automatic marker or is far too long: a loop", "rule 17";
    /// Too many Received fields.
    Hops "loop.hops" => Ignore, "it passed through more than fifty servers: a loop", "RFC 5321 6.3; rule 18";
    /// No usable author.
    NoAuthor "author.none" => Ignore, "it has no usable author", "RFC 5322 3.6.2, RFC 6854; rule 19";
    /// Junk.
    Junk "trust.junk" => Ignore, "it was found to be spam", "RFC 3834 7; rule 33";
    /// Authentication failed.
    AuthenticationFailed "trust.failed" => Ignore, "your mail server says that the sender is forged", "RFC 8601 7.1, RFC 7489; rule 36";
    /// A calendar answer.
    CalendarAnswer "content.calendar-answer" => Ignore, "it is an answer that a calendar program made", "RFC 5546 3.2; rule 40";

    /// The owner's wish.
    Never "limit.never" => Ignore, "you want no automatic mail to its sender, ever", "PRODUCT 6; `fuseau never`";

    /// Not an e-mail.
    Unreadable "content.unreadable" => Hold, "it could not be read as an e-mail", "RFC 5322 2.1";
    /// Several authors.
    SeveralAuthors "author.several" => Hold, "it names several authors", "RFC 3834 4; rule 20";
    /// Postmaster or abuse.
    Postmaster "author.postmaster" => Hold, "it comes from a postmaster or abuse desk: perhaps a person", "RFC 5230 4.6; rule 8";
    /// Reply-To leads elsewhere.
    ReplyToElsewhere "author.reply-to" => Hold, "its Reply-To leads somewhere else", "RFC 3834 4; rule 24";
    /// Return-Path disagrees with From.
    ReturnPathElsewhere "author.return-path" => Hold, "its Return-Path belongs to somebody else", "RFC 8098 2.1; rule 25";
    /// No Return-Path, and nothing else vouches for it.
    NoReturnPath "author.no-return-path" => Hold, "it has no Return-Path and nothing else vouches for its sender", "RFC 3834 4; rule 3";
    /// An address that cannot be written to.
    UnsupportedAddress "author.unsupported-address" => Hold, "its sender's address cannot be written to", "RFC 5321 4.1.2; rules 26, 27";
    /// A look-alike of a client's address.
    LookAlike "author.look-alike" => Hold, "its sender's address looks like a client's but is not", "UTS 39";
    /// Not addressed to us.
    NotToMe "to.not-me" => Hold, "none of your addresses is among its recipients", "RFC 5230 4.5; rules 29, 31";
    /// Only in Cc.
    OnlyCc "to.only-cc" => Hold, "you are only in copy", "rule 30";
    /// Many recipients.
    ManyRecipients "to.many" => Hold, "it went to many people", "rule 30";
    /// No trusted authentication result.
    NotAuthenticated "trust.none" => Hold, "nothing vouches for its sender", "RFC 8601 7.1; rule 37";
    /// An automatic-looking subject.
    AutoSubject "subject.auto-reply" => Hold, "its subject looks like an automatic reply", "RFC 3834 3.1.5; rule 16";
    /// A bounce-looking subject.
    BounceSubject "subject.bounce" => Hold, "its subject looks like a delivery report", "rule 16";
    /// An invitation.
    Invitation "content.invitation" => Hold, "it is an invitation that you should answer yourself", "RFC 5546 3.2; rule 41";
    /// An executable attachment.
    Executable "content.executable" => Hold, "it carries a program", "RFC 3834 7; rule 39";
    /// Nothing new in it.
    Empty "content.empty" => Hold, "it holds nothing new to answer", "rule 43";
    /// A report somewhere inside.
    ReportInside "content.report-inside" => Hold, "it carries a delivery report or a complaint in one of its parts", "RFC 3464, RFC 5965; rule 5";
    /// Larger than the cap.
    TooLarge "content.too-large" => Hold, "it is too large to be read whole", "rule 45";
    /// More parts, or deeper ones, than are looked at.
    TooManyParts "content.too-many-parts" => Hold, "its parts are too many, or lie too deep in one another, to be read whole", "RFC 2046 5.1; rule 45";
    /// A stranger.
    Stranger "client.unknown" => Hold, "its sender is none of your clients", "RFC 3834 2; D1";
    /// A stranger's machine.
    StrangerMachine "client.unknown-machine" => Ignore, "its sender is none of your clients and looks like a program", "D1, D2";
    /// Too old.
    TooOld "late.too-old" => Hold, "it arrived too long ago for an acknowledgement", "rule 47";
    /// Found by a rescan.
    Rescan "late.rescan" => Hold, "it was there before: the folder was listed anew", "rule 47, B8, B10";
    /// Several automatic answers are suspected.
    MachineSuspected "loop.machine-suspected" => Hold, "it answered an automatic mail within two minutes and says nothing new", "rule 15";
    /// The sender's limit.
    LimitSender "limit.sender" => Hold, "its sender has had enough automatic mail for now", "rule 52";
    /// The domain's limit.
    LimitDomain "limit.domain" => Hold, "its sender's domain has had enough automatic mail for now", "rule 53";
    /// The conversation's limit.
    LimitConversation "limit.conversation" => Hold, "its conversation has had enough automatic mail for now", "rules 50, 54";
    /// The mailbox's or the overall limit.
    LimitTotal "limit.total" => Hold, "so much automatic mail went out that sending rests", "rule 54";
    /// The same text again and again.
    SameBody "limit.same-body" => Hold, "the same text came several times from one domain", "rule 55";
    /// The address bounced.
    Bounced "limit.bounced" => Hold, "mail to its sender came back for good", "rule 56";
    /// Paused.
    PausedSender "limit.paused" => Hold, "automatic mail to its sender rests", "rules 15, 17, 53";
    /// No window ahead.
    NoWindow "time.no-window" => Hold, "no answer window is in sight to promise", "PRODUCT, Time";

    /// No rule vouches for an answer.
    Silent "rules.silent" => Hold, "no rule speaks clearly for an answer", "D2";

    /// Handled once already.
    Duplicate "thread.duplicate" => Wait, "the same message was handled before", "RULES B6, B7";
    /// Already answered.
    Answered "thread.answered" => Wait, "it is answered already", "rule 48, B1";
    /// The owner is in the conversation.
    OwnerActive "thread.owner-active" => Wait, "you wrote in this conversation a short while ago", "rule 49";
    /// Covered by an open promise.
    Covered "thread.covered" => Wait, "a promise is open in this conversation", "rule 50, D3";
    /// One automatic mail per conversation.
    OnePerConversation "thread.one-automatic" => Wait, "this conversation had its automatic mail since you last wrote", "rule 50, D3";
    /// A further mail within the interval.
    Interval "limit.interval" => Wait, "its sender had an acknowledgement a short while ago", "RFC 3834 2, RFC 5230 4.2; rule 51";
    /// A thank-you.
    Thanks "content.thanks" => Wait, "it only says thank you", "PRODUCT 2.5";
    /// The client takes the question back.
    Withdrawn "content.withdrawn" => Wait, "it only takes back what was asked", "PRODUCT 1";

    /// A known client.
    KnownClient "client.known" => Acknowledge, "its sender is one of your clients", "RFC 3834 2; D1";
    /// A stranger let in.
    StrangerAllowed "client.stranger-allowed" => Acknowledge, "its sender is authenticated and strangers are let in", "PRODUCT 3";
    /// Authenticated.
    Authenticated "trust.passed" => Acknowledge, "your mail server vouches for its sender", "RFC 8601; rule 34";
    /// The envelope agrees.
    EnvelopeAgrees "trust.envelope" => Acknowledge, "its envelope sender agrees with its author", "rule 37";
    /// Addressed to us.
    ToMe "to.me" => Acknowledge, "it is addressed to you", "RFC 5230 4.5; rule 29";
    /// A shared inbox list.
    OwnList "to.own-list" => Acknowledge, "it came through your own shared inbox", "rule 10";
    /// A contact form.
    ContactForm "author.contact-form" => Acknowledge, "it came through your contact form", "rule 24";
    /// Encrypted.
    Encrypted "content.encrypted" => Acknowledge, "it is encrypted: nothing of it is repeated in the answer", "rules 39, 46";
    /// Promise in a window.
    InWindow "time.in-window" => Acknowledge, "it arrived inside an answer window", "PRODUCT 2";
    /// Promise outside a window.
    OutsideWindow "time.outside-window" => Acknowledge, "it arrived outside your answer windows", "PRODUCT 2";
}

impl Code {
    /// The code written as `word`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == word)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A code with the evidence found in this message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What was found.
    pub code: Code,
    /// The evidence, if it says more than the code (`Precedence: bulk`).
    pub evidence: Option<HeaderText>,
}

impl Reason {
    /// The sentence for the owner, with the evidence behind it.
    #[must_use]
    pub fn text(&self) -> String {
        match &self.evidence {
            Some(evidence) => format!("{} ({evidence})", self.code.text()),
            None => self.code.text().to_owned(),
        }
    }
}

impl From<Code> for Reason {
    fn from(code: Code) -> Self {
        Self { code, evidence: None }
    }
}

impl Code {
    /// This code with evidence.
    #[must_use]
    pub fn with(self, evidence: &str) -> Reason {
        Reason { code: self, evidence: Some(HeaderText::new(evidence)) }
    }
}
