//! Words of the trade as plain, always valid values. No I/O, no clock, no async, no wording.
//!
//! Invariant: a value of these types can be shown, stored and compared without further checks;
//! text that came from outside has been cleaned by [`text::HeaderText`] or is marked as raw.
pub mod account;
pub mod address;
pub mod client;
pub mod draft_kind;
pub mod hours;
pub mod identity;
pub mod keep;
pub mod language;
pub mod message;
pub mod notice;
pub mod owner;
pub mod past;
pub mod pattern;
pub mod project;
pub mod promise;
pub mod reason;
pub mod text;
pub mod verdict;
pub mod zone;

pub use account::{Credential, ImapAccount, MaildirAccount, Secret, SmtpAccount, Tls};
pub use address::{AddressPattern, EmailAddress};
pub use client::{Birthday, Client, ClientPolicy, Tone};
pub use draft_kind::DraftKind;
pub use hours::{Exception, Span, WeeklyHours};
pub use identity::{Identity, Mode, Provider, SentCopy};
pub use keep::Keep;
pub use language::Language;
pub use message::{Author, Content, FolderRole, Headers, Incoming, MessageId, Party, ReturnPath};
pub use notice::{Notice, NoticeCode};
pub use owner::{Closure, Owner, Trip};
pub use past::Past;
pub use project::{Cadence, CadenceUnit, FactSource, Invoice, Milestone, Money, Project, Terms, WaitingOn};
pub use promise::{Promise, PromiseState, Step};
pub use reason::{Code, Reason};
pub use text::HeaderText;
pub use verdict::Verdict;
pub use zone::{Zone, Zones};

/// An instant: UTC, always. Civil times carry their [`Zone`] beside them.
pub type Instant = chrono::DateTime<chrono::Utc>;
