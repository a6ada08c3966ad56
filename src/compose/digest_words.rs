//! The words of the digest: one line a key in `templates/LANGUAGE/digest-words.txt`, each a small template. An owner's file
//! replaces the lines that it has.
use super::builtin::{DIGEST, DIGEST_HTML, name};
use super::template::{Letter, TemplateError, letter, render};
use super::{digest, digest::Page};
use crate::model::{Code, Language};
use std::collections::BTreeMap;
use tera::{Context, Tera};

/// The kinds of files.
const WORDS: &str = "digest-words";
const LAYOUT: &str = "digest";
/// Some programs cut mails off at 102 KiB.
const MOST: usize = 100 * 1024;

/// Values for one line.
pub(super) type Values = BTreeMap<&'static str, String>;

/// Every value that a line may use; those that a key does not fill are empty.
pub(super) const VALUES: &[&str] = &[
    "after", "before", "d", "day", "error", "h", "hook", "kind", "left", "m", "mailbox", "n", "name", "theirs", "time",
    "to", "until", "when", "why", "wish", "yours", "zone",
];

/// Every key.
pub const KEYS: &[&str] = &[
    "subject.promises",
    "subject.one",
    "subject.news",
    "intro.since",
    "intro.first",
    "foot",
    "part.attention",
    "part.promises",
    "part.days",
    "part.unanswered",
    "part.drafts",
    "part.sent",
    "part.news",
    "part.clocks",
    "more",
    "ignored",
    "no-subject",
    "when",
    "yesterday",
    "theirs",
    "length.minutes",
    "length.hours",
    "length.days",
    "left",
    "over",
    "arrived",
    "done",
    "promise.by",
    "promise.both",
    "promise.untold",
    "day.ends",
    "day.begins",
    "day.none",
    "kind.acknowledgement",
    "kind.holding",
    "kind.hold",
    "kind.mail",
    "kind.other",
    "mail.sent",
    "mail.observed",
    "mail.drafted",
    "mail.failed",
    "mail.unknown",
    "rest",
    "rest.clock",
    "rest.breaker",
    "event.urgent",
    "event.login",
    "event.trust.lowered",
    "event.hook",
    "event.promise.unheld",
    "event.promise.lapsed",
    "event.promise.moved",
    "event.promise.bare",
    "event.promise.released",
    "event.mail.skipped",
    "event.command.done",
    "event.command.failed",
    "event.draft.sent",
    "event.draft.stale",
    "event.offer.expired",
    "event.offer.declined",
    "rung.draft",
    "rung.observe",
    "lowered.complaint",
    "lowered.breaker",
    "lowered.returned",
    "lowered.in-doubt",
    "lowered.taken-back",
    "lowered.lapsed",
    "lowered.renumbered",
    "unheld.exhausted",
    "unheld.no-decent-hour",
    "unheld.no-window",
    "unheld.paused",
    "unheld.resting",
    "unheld.budget-day",
    "unheld.budget-week",
    "unheld.window",
    "unheld.template",
    "skipped.bounced",
    "skipped.too-late",
    "skipped.paused",
    "skipped.budget",
    "skipped.window",
    "skipped.late",
    "skipped.untrue",
    "skipped.no-longer-mailbox",
    "wish.done",
    "wish.never",
    "wish.hold",
    "wish.their-morning",
    "wish.send-now",
    "wish.journal",
    "why.stranger",
    "why.look-alike",
    "why.reply-to",
    "why.unproven",
    "why.many",
    "why.machine",
    "why.invitation",
    "why.program",
    "why.empty",
    "why.unreadable",
    "why.late",
    "why.limit",
    "why.bounced",
    "why.no-window",
    "why.unsure",
    "why.filed",
    "why.withdrawn",
    "why.trip",
    "why.closure",
    "why.hours",
    "why.holiday",
    "why.tz",
    "clock",
    "gap.ahead",
    "gap.behind",
    "gap.same",
];

/// The digest in one language, ready to be written.
pub(super) struct Book {
    tera: Tera,
    language: Language,
}

impl Book {
    /// Whether a file of the owner's is about the digest.
    pub(super) fn has_file(name: &str) -> bool {
        let kind = name.split_once('/').and_then(|(_, file)| file.split_once('.')).map(|(kind, _)| kind);
        kind == Some(WORDS) || kind == Some(LAYOUT)
    }

    /// The shipped texts, with those of the owner in their places.
    pub(super) fn open(language: Language, owners: &[(String, String)]) -> Result<Self, TemplateError> {
        let file = name(language, WORDS, false);
        let of_owner = |name: &str| owners.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str());
        let mut templates: BTreeMap<String, String> = BTreeMap::new();
        let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
        for (kind, texts) in DIGEST {
            let shipped = texts.iter().find(|(of, _)| *of == language).map_or("", |(_, text)| text);
            let name = name(language, kind, false);
            if *kind == LAYOUT {
                templates.insert(name.clone(), of_owner(&name).unwrap_or(shipped).to_owned());
                continue;
            }
            for text in [Some(shipped), of_owner(&name)].into_iter().flatten() {
                for (key, words, number) in lines(&name, text)? {
                    numbers.insert(word_name(&file, key), number);
                    templates.insert(word_name(&file, key), words);
                }
            }
        }
        let rich = name(language, LAYOUT, true);
        let html = of_owner(&rich).unwrap_or(DIGEST_HTML).to_owned();
        templates.insert(rich, html);
        let mut tera = Tera::new();
        tera.autoescape_on([".html"]);
        tera.add_raw_templates(templates).map_err(|error| {
            let fault = TemplateError::from_tera(&file, &error);
            let line = numbers.get(&fault.template).copied().or(fault.line);
            TemplateError { template: fault.template.split('#').next().unwrap_or(&file).to_owned(), line, ..fault }
        })?;
        Ok(Self { tera, language })
    }

    /// One line, filled in.
    pub(super) fn word(&self, key: &str, values: &Values) -> Result<String, TemplateError> {
        let mut context = Context::new();
        for name in VALUES {
            context.insert(*name, values.get(name).map_or("", String::as_str));
        }
        let name = word_name(&name(self.language, WORDS, false), key);
        render(&self.tera, &name, &context, MOST).map(|line| line.trim().to_owned())
    }

    /// Whether there is such a line.
    pub(super) fn has(&self, key: &str) -> bool {
        self.tera.contains_template(&word_name(&name(self.language, WORDS, false), key))
    }

    /// The language.
    pub(super) fn language(&self) -> Language {
        self.language
    }

    /// The mail.
    pub(super) fn letter(&self, page: &Page) -> Result<Letter, TemplateError> {
        letter(&self.tera, LAYOUT, self.language, page, MOST)
    }

    /// Every line and both faces; the faults.
    pub(super) fn check(&self) -> Vec<TemplateError> {
        let words = KEYS.iter().map(|key| self.word(key, &Values::new()).map(drop));
        let page = self.letter(&digest::sample(self.language)).map(drop);
        words.chain([page]).filter_map(Result::err).collect()
    }
}

/// Why a message got no reply, as the digest says it in the shipped words; `None` for reasons that it lumps together.
#[must_use]
pub fn why(language: Language, code: Code) -> Option<&'static str> {
    let group = digest::group(code);
    let (_, texts) = DIGEST.iter().find(|(kind, _)| *kind == WORDS).filter(|_| group != "unsure")?;
    let (_, text) = texts.iter().find(|(it, _)| *it == language)?;
    let mut lines = text.lines().filter_map(|line| line.strip_prefix("why.")?.split_once(" = "));
    lines.find(|(key, _)| *key == group).map(|(_, words)| words.trim())
}

fn word_name(file: &str, key: &str) -> String {
    format!("{file}#{key}")
}

/// The lines of a file: key, template, line number from 1. Blank lines and `#` lines say nothing.
fn lines(name: &str, text: &str) -> Result<Vec<(&'static str, String, usize)>, TemplateError> {
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (key, words) = line
            .split_once('=')
            .map(|(key, words)| (key.trim(), words.trim()))
            .ok_or_else(|| TemplateError::new(name, Some(number), "is no line such as `done = Answered otherwise:`"))?;
        let Some(known) = KEYS.iter().copied().find(|known| *known == key) else {
            return Err(TemplateError::new(name, Some(number), format!("there is no key {key}")));
        };
        found.push((known, words.to_owned(), number));
    }
    Ok(found)
}
