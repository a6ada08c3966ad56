//! The digest in words: what `decide::digest` arranged, worded for the owner, as values for the layout. Never here: what
//! stands in it; the layout (templates/digest.txt, templates/digest.html).
//!
//! What a client wrote is a value of a template whose escaping is the layout's; inside a sentence of the other writing direction it is isolated (UAX 9).
mod items;
mod saying;

pub(super) use items::group;

use super::digest_words::Book;
use super::template::TemplateError;
use crate::calendar::zone_at;
use crate::decide::Policy;
use crate::decide::digest::{Digest, Item, Part, Section};
use crate::model::{Instant, Language, Zone};
use serde::Serialize;

/// Longest value in characters.
const VALUE_MAX: usize = 160;

/// What the layouts see.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Page {
    language: &'static str,
    direction: &'static str,
    subject: String,
    intro: String,
    parts: Vec<PartView>,
    foot: String,
}

#[derive(Clone, Debug, Serialize)]
struct PartView {
    kind: &'static str,
    heading: String,
    items: Vec<Line>,
    more: String,
}

/// One item.
#[derive(Clone, Debug, Default, Serialize)]
struct Line {
    title: String,
    /// `mid:` of the message (RFC 2392).
    link: String,
    badge: String,
    /// `late`, `soon` or nothing.
    tone: &'static str,
    /// The promised time.
    due: String,
    lines: Vec<String>,
    /// What to type to close it.
    command: String,
    /// The words before the command.
    hint: String,
}

/// The language of the digest: the owner's first.
#[must_use]
pub fn language(policy: &Policy) -> Language {
    policy.owner.languages.first().copied().unwrap_or(Language::En)
}

/// Words a digest.
pub(super) fn page(book: &Book, digest: &Digest, policy: &Policy) -> Result<Page, TemplateError> {
    let language = book.language();
    let writer = Writer { book, language, policy, now: digest.at, here: zone_at(&policy.owner, digest.at) };
    let subject = match (digest.promises, digest.first_by) {
        (0, _) | (_, None) => writer.say("subject.news", &[])?,
        (1, Some(by)) => writer.say("subject.one", &[("when", writer.when(by)?)])?,
        (n, Some(by)) => writer.say("subject.promises", &[("n", n.to_string()), ("when", writer.when(by)?)])?,
    };
    let intro = match digest.since {
        Some(since) => writer.say("intro.since", &[("when", writer.when(since)?)])?,
        None => writer.say("intro.first", &[])?,
    };
    let parts = digest.sections.iter().map(|section| writer.part(section, digest.ignored));
    Ok(Page {
        language: language.code(),
        direction: if language == Language::Ar { "rtl" } else { "ltr" },
        subject,
        intro,
        parts: parts.collect::<Result<_, _>>()?,
        foot: writer.say("foot", &[])?,
    })
}

/// A page that uses everything that a layout may use.
pub(super) fn sample(language: Language) -> Page {
    let text = || "x".to_owned();
    let item = Line { title: text(), lines: vec![text()], ..Line::default() };
    let full =
        Line { link: text(), badge: text(), due: text(), tone: "late", command: text(), hint: text(), ..item.clone() };
    let part = |more| PartView { kind: Part::Promises.as_str(), heading: text(), items: vec![item, full], more };
    Page {
        language: language.code(),
        direction: "ltr",
        subject: text(),
        intro: text(),
        parts: vec![part(text())],
        foot: text(),
    }
}

/// Everything that words depend on.
struct Writer<'a> {
    book: &'a Book,
    language: Language,
    policy: &'a Policy,
    now: Instant,
    here: &'a Zone,
}

type Said<T = String> = Result<T, TemplateError>;

impl Writer<'_> {
    fn part(&self, section: &Section, ignored: usize) -> Said<PartView> {
        let mut items = section.items.iter().map(|item| self.item(item)).collect::<Said<Vec<_>>>()?;
        if section.part == Part::Unanswered && ignored > 0 && section.more == 0 {
            let title = self.say("ignored", &[("n", ignored.to_string())])?;
            items.push(Line { title, ..Line::default() });
        }
        let more = match section.more {
            0 => String::new(),
            n => self.say("more", &[("n", n.to_string())])?,
        };
        let heading = self.say(&format!("part.{}", section.part.as_str()), &[])?;
        Ok(PartView { kind: section.part.as_str(), heading, items, more })
    }

    fn item(&self, item: &Item) -> Said<Line> {
        match item {
            Item::Open(promised, _) => self.open(promised),
            Item::Ended(promised) => self.ended(promised),
            Item::Day(day) => self.day_line(day),
            Item::Unanswered(mail) => self.unanswered(mail),
            Item::Mail(mail) => self.mail(mail),
            Item::Event(event) => self.event(event),
            Item::Rest(rest) => self.rest(rest),
            Item::Clock(client, shift) => {
                let values = [
                    ("when", self.when(shift.at)?),
                    ("before", self.gap(shift.before_minutes)?),
                    ("after", self.gap(shift.after_minutes)?),
                ];
                Ok(Line { title: self.name(client), lines: vec![self.say("clock", &values)?], ..Line::default() })
            }
        }
    }
}
