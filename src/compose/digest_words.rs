//! The words of the digest: one line a key in `templates/LANGUAGE/digest-words.txt`, each a small template. An owner's file
//! replaces the lines that it has.
use super::template::TemplateError;
use std::collections::BTreeMap;

/// The kind under which the file is found.
pub(super) const KIND: &str = "digest-words";

/// Values for one line.
pub(super) type Values = BTreeMap<&'static str, String>;

/// Every value that a line may use; those that a key does not fill are empty.
pub(super) const VALUES: &[&str] = &[
    "after", "before", "d", "day", "error", "h", "hook", "kind", "left", "m", "mailbox", "n", "theirs", "time", "to",
    "until", "when", "why", "wish", "yours", "zone",
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
    "kind.other",
    "mail.sent",
    "mail.observed",
    "mail.drafted",
    "mail.failed",
    "mail.unknown",
    "rest",
    "rest.clock",
    "event.urgent",
    "event.login",
    "event.breaker",
    "event.hook",
    "event.promise.unheld",
    "event.promise.lapsed",
    "event.promise.moved",
    "event.promise.released",
    "event.mail.skipped",
    "event.mail.failed",
    "event.command.done",
    "event.command.failed",
    "event.draft.sent",
    "event.draft.stale",
    "unheld.exhausted",
    "unheld.no-decent-hour",
    "unheld.no-window",
    "unheld.paused",
    "unheld.resting",
    "unheld.budget-day",
    "unheld.budget-week",
    "unheld.template",
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
    "why.gone",
    "why.withdrawn",
    "why.trip",
    "why.closure",
    "why.hours",
    "why.holidays",
    "why.tzdata",
    "clock",
    "gap.ahead",
    "gap.behind",
    "gap.same",
];

/// The lines of a file: key, template, line number from 1. Blank lines and `#` lines say nothing.
pub(super) fn lines(name: &str, text: &str) -> Result<Vec<(&'static str, String, usize)>, TemplateError> {
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
