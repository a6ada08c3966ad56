//! Drafts in words: the values common to all kinds, and what each kind adds under its own name. Never here: when a draft is
//! due (`decide::occasion`), headers and attachments (mime.rs).
//!
//! A draft is read when the owner sends it, not when it is made: no value here is relative to the present.
mod check_in;
mod closure;
mod contract;
mod deposit;
mod follow_up;
mod greeting;
mod meeting;
mod payment;
mod progress;
mod recap;
mod reference;
mod salutation;
mod sample;
mod slot_confirmed;
mod slots;
mod trip;
mod visit;
pub mod words;

pub use meeting::File;
pub(super) use reference::describe;
pub use sample::{DraftSample, sample_contents, samples};

use super::builtin::{self, name};
use super::opening;
use super::template::{self, Composer, Letter, TemplateError};
use super::thread::answered_subject;
use super::variables::Variable;
use crate::decide::occasion::{Content, Opening};
use crate::model::{Client, DraftKind, EmailAddress, Instant, Language, Owner, text::clean};
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::BTreeMap;
use tera::Tera;

/// Longest single value in characters.
const VALUE_MAX: usize = 200;
/// A contract is longer than a note.
const LETTER_MAX: usize = 128 * 1024;

/// What a draft is written from.
#[derive(Clone, Copy, Debug)]
pub struct DraftMail<'a> {
    /// Who writes.
    pub owner: &'a Owner,
    /// To whom: language, tone, zone, hours.
    pub client: &'a Client,
    /// The person's name, if one is known from their own mails.
    pub person: Option<&'a str>,
    /// The subject of the conversation in which it stands; `None`: it begins one.
    pub subject: Option<&'a str>,
    /// What it says.
    pub content: &'a Content,
    /// The human line after the salutation; `None`: there is nothing to say, or none is wanted.
    pub opening: Option<Opening>,
    /// When it is written: dates far from it bear their year.
    pub now: Instant,
}

impl DraftMail<'_> {
    /// The client's date on which it is written.
    fn today(&self) -> NaiveDate {
        self.client.zone.local(self.now).date()
    }
}

/// A content with the name of the branch that it shows (`empty`, `one`, `many`, `overdue`, ...).
#[derive(Clone, Debug)]
pub struct SampleContent {
    /// Its name, unique within a kind.
    pub case: &'static str,
    /// The content.
    pub content: Content,
}

/// What a template sees.
#[derive(Clone, Debug, Serialize)]
struct Values {
    owner: Named,
    client: ClientValues,
    language: &'static str,
    tone: &'static str,
    subject: Option<String>,
    salutation: String,
    closing: &'static str,
    opening: String,
    #[serde(flatten)]
    kind: BTreeMap<&'static str, KindValues>,
}

#[derive(Clone, Debug, Serialize)]
struct Named {
    name: String,
}

#[derive(Clone, Debug, Serialize)]
struct ClientValues {
    name: String,
    person: String,
}

/// What one kind adds.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
enum KindValues {
    Progress(progress::Values),
    FollowUp(follow_up::Values),
    CheckIn(check_in::Values),
    Trip(trip::Values),
    Closure(closure::Values),
    Visit(visit::Values),
    Slots(slots::Values),
    SlotConfirmed(slot_confirmed::Values),
    Contract(contract::Values),
    Deposit(deposit::Values),
    Payment(payment::Values),
    Greeting(greeting::Values),
    Recap(recap::Values),
}

/// What every draft's template may use.
#[rustfmt::skip]
pub const COMMON: &[Variable] = &[
    Variable { name: "owner.name", meaning: "`me.name`", example: "Claire Martin" },
    Variable { name: "client.name", meaning: "`client.NAME.name`", example: "Acme Pte Ltd" },
    Variable { name: "client.person", meaning: "the person's own name, as in their mails; empty if none is known: ask `{% if client.person %}`", example: "Anna Keller" },
    Variable { name: "language", meaning: "language of the mail", example: "fr" },
    Variable { name: "tone", meaning: "`formal` or `familiar`", example: "formal" },
    Variable { name: "subject", meaning: "the subject of the conversation that the draft continues, with exactly one `Re:`; none where it begins one: ask `{% if subject %}`", example: "Re: Website" },
    Variable { name: "salutation", meaning: "the first line of the letter with its mark, in the tone of the client, with the person's name if it is known", example: "Bonjour Anna Keller," },
    Variable { name: "closing", meaning: "the line before your name, in the tone of the client", example: "Bien cordialement," },
    Variable { name: "opening", meaning: "a human line about what is known to be true (a holiday, a season, a week that begins), with its full stop; often empty, and always with `[drafts] opening = false`: ask `{% if opening %}`", example: "J'espère que le printemps a bien commencé chez vous." },
];

/// What the templates of one kind may use besides [`COMMON`].
#[must_use]
pub fn variables(kind: DraftKind) -> &'static [Variable] {
    match kind {
        DraftKind::Progress => progress::VARIABLES,
        DraftKind::FollowUp => follow_up::VARIABLES,
        DraftKind::CheckIn => check_in::VARIABLES,
        DraftKind::Trip => trip::VARIABLES,
        DraftKind::Closure => closure::VARIABLES,
        DraftKind::Visit => visit::VARIABLES,
        DraftKind::Slots => slots::VARIABLES,
        DraftKind::SlotConfirmed => slot_confirmed::VARIABLES,
        DraftKind::Contract => contract::VARIABLES,
        DraftKind::Deposit => deposit::VARIABLES,
        DraftKind::Payment => payment::VARIABLES,
        DraftKind::Greeting => greeting::VARIABLES,
        DraftKind::Recap => recap::VARIABLES,
    }
}

impl Values {
    fn new(mail: &DraftMail<'_>) -> Self {
        let line = |text: &str| clean(text, VALUE_MAX);
        let (under, kind) = match mail.content {
            Content::Progress(it) => ("progress", KindValues::Progress(progress::values(mail, it))),
            Content::FollowUp(it) => ("follow_up", KindValues::FollowUp(follow_up::values(mail, it))),
            Content::CheckIn(it) => ("check_in", KindValues::CheckIn(check_in::values(mail, it))),
            Content::Trip(it) => ("trip", KindValues::Trip(trip::values(mail, it))),
            Content::Closure(it) => ("closure", KindValues::Closure(closure::values(mail, it))),
            Content::Visit(it) => ("visit", KindValues::Visit(visit::values(mail, it))),
            Content::Slots(it) => ("slots", KindValues::Slots(slots::values(mail, it))),
            Content::SlotConfirmed(it) => {
                ("slot_confirmed", KindValues::SlotConfirmed(slot_confirmed::values(mail, it)))
            }
            Content::Contract(it) => ("contract", KindValues::Contract(contract::values(mail, it))),
            Content::Deposit(it) => ("deposit", KindValues::Deposit(deposit::values(mail, it))),
            Content::Payment(it) => ("payment", KindValues::Payment(payment::values(mail, it))),
            Content::Greeting(it) => ("greeting", KindValues::Greeting(greeting::values(mail, it))),
            Content::Recap(it) => ("recap", KindValues::Recap(recap::values(mail, it))),
        };
        Self {
            owner: Named { name: line(&mail.owner.name) },
            client: ClientValues { name: line(&mail.client.name), person: line(mail.person.unwrap_or_default()) },
            language: mail.client.language.code(),
            tone: mail.client.tone.as_str(),
            salutation: salutation::of(mail),
            closing: salutation::closing(mail.client.language, mail.client.tone),
            opening: mail.opening.map(|it| opening::line(mail.client, it)).unwrap_or_default(),
            subject: mail.subject.map(line).and_then(|it| answered_subject(&it)),
            kind: BTreeMap::from([(under, kind)]),
        }
    }
}

impl Content {
    /// The kind whose template says it.
    #[must_use]
    pub fn kind(&self) -> DraftKind {
        match self {
            Self::Progress(_) => DraftKind::Progress,
            Self::FollowUp(_) => DraftKind::FollowUp,
            Self::CheckIn(_) => DraftKind::CheckIn,
            Self::Trip(_) => DraftKind::Trip,
            Self::Closure(_) => DraftKind::Closure,
            Self::Visit(_) => DraftKind::Visit,
            Self::Slots(_) => DraftKind::Slots,
            Self::SlotConfirmed(_) => DraftKind::SlotConfirmed,
            Self::Contract(_) => DraftKind::Contract,
            Self::Deposit(_) => DraftKind::Deposit,
            Self::Payment(_) => DraftKind::Payment,
            Self::Greeting(_) => DraftKind::Greeting,
            Self::Recap(_) => DraftKind::Recap,
        }
    }
}

impl Composer {
    /// Writes a draft.
    ///
    /// # Errors
    /// A template of the owner that asks for an unknown value, has no subject line or runs away; a kind without template.
    pub fn draft(&self, mail: &DraftMail<'_>) -> Result<Letter, TemplateError> {
        let (language, kind) = (mail.client.language, mail.content.kind().as_str());
        let set = open(language, kind, self.draft_overrides())?;
        template::letter(&set, kind, language, &Values::new(mail), LETTER_MAX)
    }

    /// The faults of the drafts' templates with sample values, each once.
    pub(super) fn check_drafts(&self, language: Language) -> Vec<TemplateError> {
        let mut faults: Vec<TemplateError> = Vec::new();
        for fault in samples(language).iter().filter_map(|sample| self.draft(&sample.as_input()).err()) {
            if !faults.contains(&fault) {
                faults.push(fault);
            }
        }
        faults
    }
}

/// The calendar files that go with a draft, known by the key of its occasion. `at` is when the draft was first made.
#[must_use]
pub fn files(mail: &DraftMail<'_>, key: &str, from: &EmailAddress, to: &EmailAddress, at: Instant) -> Vec<File> {
    match mail.content {
        Content::Slots(it) => slots::files(mail, it, key, from, at),
        Content::SlotConfirmed(it) => slot_confirmed::files(mail, it, from, to),
        _ => Vec::new(),
    }
}

/// The templates of one kind in one language: opened when a draft is written, a few times a day.
fn open(language: Language, kind: &str, overrides: &[(String, String)]) -> Result<Tera, TemplateError> {
    let mut tera = Tera::new();
    tera.autoescape_on([".html"]);
    let plain = name(language, kind, false);
    let shipped = builtin::DRAFTS.iter().find(|(known, _)| *known == kind);
    let shipped = shipped.and_then(|(_, texts)| texts.iter().find(|(of, _)| *of == language));
    let mut put =
        |name: &str, text: &str| tera.add_raw_template(name, text).map_err(|e| TemplateError::from_tera(name, &e));
    if let Some((_, text)) = shipped {
        put(&plain, text)?;
    }
    for (name, text) in overrides.iter().filter(|(of, _)| *of == plain || *of == name(language, kind, true)) {
        put(name, text)?;
    }
    if tera.get_template_names().next().is_none() {
        return Err(TemplateError::new(&plain, None, "there is no such template"));
    }
    Ok(tera)
}
