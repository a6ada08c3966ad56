//! Decision -> words and MIME. Pure: no clock, no randomness, no sending; ids and `now` come from the caller.
//! Never here: whether something is written at all (`decide`), how it leaves (`outbox`).
pub mod builtin;
mod claim;
mod clocks;
pub mod context;
pub mod day;
pub mod digest;
pub mod digest_words;
mod dossier;
pub mod draft;
pub mod handed;
pub mod ics;
pub mod mime;
pub mod money;
pub mod opening;
pub mod page;
pub mod phrase;
pub mod sample;
pub mod template;
pub mod thread;
pub mod variables;
pub mod zone_name;

pub use claim::claim;
pub use context::{About, Acknowledgement, Away, Holding, Urgency, VARIANTS};
pub use dossier::{DossierWords, dossier_words};
pub use draft::{DraftMail, DraftSample};
pub use handed::{Stamp, handed_over};
pub use ics::Ics;
pub use mime::{Auto, Head, MimeError, assemble, assemble_with};
pub use phrase::{Moment, Relative, moment};
pub use template::{Composer, Letter, TemplateError};
pub use thread::{references, reply_subject};
