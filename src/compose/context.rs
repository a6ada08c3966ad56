//! The values that a template may use, and their description (source of docs/reference/templates.md).
//!
//! Never a bare instant: what a template gets is already in the client's language and zone. Every text is a
//! single clean line, whoever wrote it, so that none can end a header or start another.
use super::clocks::ClockValues;
use super::day::{ClientDay, WorkingDays};
use super::phrase::{self, Moment};
use super::thread::{bare_subject, reply_subject};
use crate::calendar::{Shift, Window};
use crate::model::{Instant, Language, Owner, Tone, WeeklyHours, Zone, text::clean, text::clean_lines};
use chrono::{NaiveDate, Timelike};
use serde::Serialize;

/// Longest value in characters, subject aside.
const VALUE_MAX: usize = 200;

/// Everything that an acknowledgement says.
#[derive(Clone, Debug)]
pub struct Acknowledgement<'a> {
    /// Who answers.
    pub owner: &'a Owner,
    /// The client's name in the configuration, often a company's; `None` for strangers, who are told
    /// neither channels nor absences.
    pub client_name: Option<&'a str>,
    /// The client's language.
    pub language: Language,
    /// The client's tone.
    pub tone: Tone,
    /// Where the client is.
    pub zone: &'a Zone,
    /// The client's decent hours, if configured.
    pub hours: Option<&'a WeeklyHours>,
    /// The public holidays that the client keeps.
    pub holidays: &'a [String],
    /// Other ways to reach the owner, for this client.
    pub channels: &'a [String],
    /// When the mail leaves.
    pub written_at: Instant,
    /// The promised window; its end is the promise.
    pub window: &'a Window,
    /// The subject of the client's mail; `None` when it may not be repeated (encrypted mail).
    pub subject: Option<&'a str>,
    /// Why the answer takes longer, or comes from elsewhere.
    pub away: Option<Away<'a>>,
    /// Whether and how the mail is urgent for this client.
    pub urgency: Urgency,
    /// Who else can help, and a standing answer; known clients only.
    pub topic: Option<About<'a>>,
    /// A clock change to come, after which the owner's hours lie differently in the client's day; known clients only.
    pub clocks: Option<Shift>,
}

/// What is said about urgent mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Urgency {
    /// Nothing.
    #[default]
    Unsaid,
    /// The owner was told of this mail at once.
    Told,
    /// The owner's hours hold for urgent mail too; no other way is named.
    Firm,
}

/// What the owner prepared for a matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About<'a> {
    /// Who else can help.
    pub contact: Option<&'a str>,
    /// How that person is reached.
    pub channel: Option<&'a str>,
    /// Whether that person gets this mail in copy.
    pub copied: bool,
    /// A standing answer.
    pub answer: Option<&'a str>,
}

/// In how many ways a holding reply is worded.
pub const VARIANTS: u32 = 3;

/// Everything that a holding reply says: a new promise in the place of an earlier one. To known clients only.
#[derive(Clone, Debug)]
pub struct Holding<'a> {
    /// The new promise, with all that an acknowledgement of it would say.
    pub anew: Acknowledgement<'a>,
    /// The earlier promise.
    pub previous: Instant,
    /// How many holding replies went before it in the conversation: no two that follow one another are worded
    /// alike ([`VARIANTS`] ways, in turn).
    pub variant: u32,
    /// The subjects of all messages, where one reply speaks of several; `None` for one that may not be named.
    pub subjects: &'a [Option<String>],
}

/// An absence worth a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Away<'a> {
    /// Closed days.
    Closure {
        /// The last closed day.
        until: NaiveDate,
        /// The owner's own word for it; only for templates that ask for it.
        note: Option<&'a str>,
    },
    /// Days elsewhere.
    Trip {
        /// Where, in the owner's words.
        place: Option<&'a str>,
    },
}

/// What a template sees. The names are public: people write templates with them.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Values {
    owner: Named,
    client: Named,
    language: &'static str,
    tone: &'static str,
    subject: Option<String>,
    promise: PromiseValues,
    away: Option<AwayValues>,
    channels: Vec<String>,
    reach: String,
    written: Written,
    urgency: &'static str,
    topic: Option<TopicValues>,
    clocks: Option<ClockValues>,
    #[serde(flatten)]
    renewal: Option<Renewal>,
}

/// What only a holding reply knows.
#[derive(Clone, Debug, Serialize)]
struct Renewal {
    previous: Moment,
    variant: u32,
    several: bool,
    subjects: Vec<String>,
    about: String,
}

#[derive(Clone, Debug, Serialize)]
struct Named {
    name: String,
}

#[derive(Clone, Debug, Serialize)]
struct PromiseValues {
    #[serde(flatten)]
    moment: Moment,
    client_day: ClientDay,
    start: String,
}

#[derive(Clone, Debug, Serialize)]
struct AwayValues {
    kind: &'static str,
    until: String,
    place: String,
    note: String,
}

#[derive(Clone, Debug, Serialize)]
struct TopicValues {
    contact: String,
    channel: String,
    copied: bool,
    answer: String,
}

#[derive(Clone, Debug, Serialize)]
struct Written {
    part_of_day: &'static str,
}

impl Values {
    pub(super) fn new(a: &Acknowledgement<'_>) -> Self {
        let line = |text: &str| clean(text, VALUE_MAX);
        let today = a.zone.local(a.written_at).date();
        let days = WorkingDays { hours: a.hours, holidays: a.holidays };
        let (client_day, start) = days.place(a.zone, a.window.end);
        // Strangers learn neither where the owner is nor how else to reach them (RFC 3834 6).
        let known = a.client_name.is_some();
        let reachable = known && a.urgency != Urgency::Firm;
        let channels: Vec<String> =
            a.channels.iter().filter(|_| reachable).map(|c| line(c)).filter(|c| !c.is_empty()).collect();
        Self {
            owner: Named { name: line(&a.owner.name) },
            client: Named { name: line(a.client_name.unwrap_or_default()) },
            language: a.language.code(),
            tone: a.tone.as_str(),
            subject: a.subject.map(|s| clean(s, VALUE_MAX)).filter(|s| !s.is_empty()).map(|s| reply_subject(&s)),
            promise: PromiseValues {
                moment: phrase::moment(a.language, a.zone, a.window.end, a.written_at),
                client_day,
                start: start.map(|date| phrase::on(a.language, date, today)).unwrap_or_default(),
            },
            away: a.away.filter(|_| known).map(|away| AwayValues::new(away, a.language, today)),
            reach: any_of(a.language, &channels),
            channels,
            written: Written { part_of_day: part_of_day(a.zone.local(a.written_at).hour()) },
            urgency: match a.urgency {
                Urgency::Unsaid => "",
                Urgency::Told => "told",
                Urgency::Firm => "firm",
            },
            topic: a.topic.filter(|_| known).map(TopicValues::new),
            clocks: a.clocks.filter(|_| known).map(|shift| ClockValues::new(shift, a.language, a.zone, today)),
            renewal: None,
        }
    }

    pub(super) fn holding(h: &Holding<'_>) -> Self {
        let a = &h.anew;
        let previous = phrase::moment(a.language, a.zone, h.previous, a.written_at);
        let several = h.subjects.len() > 1;
        let named = h.subjects.iter().filter(|_| several).flatten();
        let subjects: Vec<String> = named.map(|s| bare_subject(s)).filter(|s| !s.is_empty()).collect();
        // Naming some of them would pass over the others.
        let all = several && subjects.len() == h.subjects.len();
        let about = if all { all_of(a.language, &subjects) } else { String::new() };
        let variant = h.variant % VARIANTS;
        Self { renewal: Some(Renewal { previous, variant, several, subjects, about }), ..Self::new(a) }
    }

    /// The point in time that the mail has to state.
    pub(super) fn promise(&self) -> &Moment {
        &self.promise.moment
    }
}

impl TopicValues {
    fn new(about: About<'_>) -> Self {
        let line = |text: Option<&str>| clean(text.unwrap_or_default(), VALUE_MAX);
        Self {
            contact: line(about.contact),
            channel: line(about.channel),
            copied: about.copied,
            // The owner's own text: its lines stay.
            answer: clean_lines(about.answer.unwrap_or_default()).trim().to_owned(),
        }
    }
}

impl AwayValues {
    fn new(away: Away<'_>, language: Language, today: NaiveDate) -> Self {
        let line = |text: Option<&str>| clean(text.unwrap_or_default(), VALUE_MAX);
        match away {
            Away::Closure { until, note } => Self {
                kind: "closure",
                until: phrase::date(language, until, today),
                place: String::new(),
                note: line(note),
            },
            Away::Trip { place } => {
                Self { kind: "trip", until: String::new(), place: line(place), note: String::new() }
            }
        }
    }
}

/// "a", "a or b", "a, b or c".
fn any_of(language: Language, items: &[String]) -> String {
    let (comma, or) = match language {
        Language::En => (", ", " or "),
        Language::Fr => (", ", " ou "),
        Language::De => (", ", " oder "),
        Language::Es | Language::It => (", ", " o "),
        Language::Pt => (", ", " ou "),
        Language::Nl => (", ", " of "),
        Language::Ja => ("、", "または"),
        Language::Zh => ("、", "或"),
        Language::Ar => ("، ", " أو "),
    };
    match items.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, first)) => format!("{}{or}{last}", first.join(comma)),
    }
}

/// "“a” and “b”", each once, in the marks of the language.
fn all_of(language: Language, items: &[String]) -> String {
    let (open, close, comma, and) = match language {
        Language::En => ("“", "”", ", ", " and "),
        Language::Fr => ("«\u{a0}", "\u{a0}»", ", ", " et "),
        Language::De => ("„", "“", ", ", " und "),
        Language::Es => ("«", "»", ", ", " y "),
        Language::It => ("«", "»", ", ", " e "),
        Language::Pt => ("“", "”", ", ", " e "),
        Language::Nl => ("‘", "’", ", ", " en "),
        Language::Ja => ("「", "」", "", "と"),
        Language::Zh => ("“", "”", "、", "和"),
        Language::Ar => ("«", "»", "، ", " و"),
    };
    let mut quoted: Vec<String> = Vec::new();
    for item in items {
        let item = format!("{open}{item}{close}");
        if !quoted.contains(&item) {
            quoted.push(item);
        }
    }
    match quoted.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, first)) => format!("{}{and}{last}", first.join(comma)),
    }
}

/// Rough enough for a greeting.
fn part_of_day(hour: u32) -> &'static str {
    match hour {
        4..12 => "morning",
        12..19 => "afternoon",
        _ => "evening",
    }
}

/// A value that templates may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable {
    /// As it is written between the braces.
    pub name: &'static str,
    /// What it holds.
    pub meaning: &'static str,
    /// An example.
    pub example: &'static str,
}

/// Every value, in the order of the page.
#[rustfmt::skip]
pub const VARIABLES: &[Variable] = &[
    Variable { name: "owner.name", meaning: "`me.name`", example: "Claire Martin" },
    Variable { name: "client.name", meaning: "`client.NAME.name`; empty for strangers", example: "Acme Pte Ltd" },
    Variable { name: "language", meaning: "language of the mail", example: "fr" },
    Variable { name: "tone", meaning: "`formal` or `familiar`", example: "formal" },
    Variable { name: "subject", meaning: "the client's subject with exactly one `Re:`; none if there is no subject or the mail was encrypted: ask `{% if subject %}`", example: "Re: Website" },
    Variable { name: "promise.full", meaning: "the promised time in one piece, to follow the language's words for \"by\"", example: "demain, mardi 14 janvier, à 16 h 30, heure de Singapour" },
    Variable { name: "promise.date", meaning: "its date with the weekday, and with the year when it is more than ten months away", example: "mardi 14 janvier" },
    Variable { name: "promise.weekday", meaning: "its weekday", example: "mardi" },
    Variable { name: "promise.time", meaning: "its time of day, 12 hours in English, 24 elsewhere", example: "16 h 30" },
    Variable { name: "promise.zone", meaning: "the client's zone in the client's words", example: "heure de Singapour" },
    Variable { name: "promise.relative", meaning: "seen from the client's date: `today`, `tomorrow`, `weekday` (2 to 6 days ahead) or `later`", example: "tomorrow" },
    Variable { name: "promise.client_day", meaning: "where it falls in the client's day: `before-start` (until the opening), `start` (first hour), `during`, `end` (last two hours), `after` (after the close), `day-off`", example: "end" },
    Variable { name: "promise.start", meaning: "the client's first start of a working day at or after the promise, as an adverb; for `after` and `day-off`", example: "lundi" },
    Variable { name: "away", meaning: "none when nothing is special: ask `{% if away %}` before the next four", example: "" },
    Variable { name: "away.kind", meaning: "`closure` or `trip`", example: "closure" },
    Variable { name: "away.until", meaning: "the last closed day; empty for a trip", example: "samedi 2 janvier" },
    Variable { name: "away.place", meaning: "the trip's `place`; empty for a closure", example: "Singapore" },
    Variable { name: "away.note", meaning: "the closure's `note`; empty for a trip. The built-in templates do not show it", example: "Christmas" },
    Variable { name: "channels", meaning: "list of `client.NAME.channels`: ask `{% if channels %}`", example: "" },
    Variable { name: "reach", meaning: "the channels in one piece", example: "WhatsApp +65 5550 0100 ou Signal" },
    Variable { name: "written.part_of_day", meaning: "when the mail leaves, where the client is: `morning`, `afternoon` or `evening`", example: "evening" },
    Variable { name: "urgency", meaning: "`acknowledgement` only: `told` if you were told of the mail at once, `firm` for a client with that policy (then `channels` is empty), else empty", example: "" },
    Variable { name: "topic", meaning: "`acknowledgement` only: none unless a `[[topic]]` surely fits: ask `{% if topic %}` before the next four", example: "" },
    Variable { name: "topic.contact", meaning: "the topic's `contact`; may be empty", example: "Paul Baker" },
    Variable { name: "topic.channel", meaning: "the topic's `channel`; may be empty", example: "paul@studio.example" },
    Variable { name: "topic.copied", meaning: "whether that person gets this mail in copy", example: "true" },
    Variable { name: "topic.answer", meaning: "the topic's `answer` in the language of the mail; may be empty, may have several lines", example: "Les factures sont payables à 30 jours." },
    Variable { name: "clocks", meaning: "none unless the clocks change soon and shift your hours for this client (`replies.mention_clock_change`): ask `{% if clocks %}` before the next four", example: "" },
    Variable { name: "clocks.whose", meaning: "whose clock changes: `owner`, `client` or `both`", example: "owner" },
    Variable { name: "clocks.on", meaning: "the day of it on the client's calendar, as an adverb", example: "dimanche" },
    Variable { name: "clocks.by", meaning: "by how much your hours move in the client's day", example: "une heure" },
    Variable { name: "clocks.way", meaning: "which way: `later` or `earlier`", example: "later" },
    Variable { name: "variant", meaning: "`holding` only: 0, 1, 2, 0 ... for the first, second, third ... holding reply of a conversation, so that no two in a row read alike", example: "0" },
    Variable { name: "several", meaning: "`holding` only: whether it speaks of several messages at once", example: "true" },
    Variable { name: "subjects", meaning: "`holding` only: their subjects without marks, in a list; empty unless `several`, and without those that may not be named", example: "" },
    Variable { name: "about", meaning: "`holding` only: the same in one piece; empty if one of them cannot be named: ask `{% if about %}`", example: "« Site web » et « Facture »" },
    Variable { name: "previous.full", meaning: "`holding` only: the earlier promise, as `promise.full`", example: "aujourd'hui, lundi 13 janvier, à 17 h, heure de Singapour" },
    Variable { name: "previous.date", meaning: "`holding` only: its date", example: "lundi 13 janvier" },
    Variable { name: "previous.weekday", meaning: "`holding` only: its weekday", example: "lundi" },
    Variable { name: "previous.time", meaning: "`holding` only: its time of day", example: "17 h" },
    Variable { name: "previous.zone", meaning: "`holding` only: the client's zone", example: "heure de Singapour" },
    Variable { name: "previous.relative", meaning: "`holding` only: seen from the client's date, as `promise.relative`", example: "today" },
];

/// The page docs/reference/templates.md.
#[must_use]
pub fn reference() -> String {
    let mut page = String::from(REFERENCE_HEAD);
    for Variable { name, meaning, example } in VARIABLES {
        let example = if example.is_empty() { String::new() } else { format!("`{example}`") };
        page.push_str(&format!("| `{name}` | {meaning} | {example} |\n"));
    }
    super::draft::describe(&mut page);
    page.push_str(REFERENCE_DIGEST);
    for key in super::digest_words::KEYS {
        page.push_str(&format!("- `{key}`\n"));
    }
    page
}

const REFERENCE_HEAD: &str = "\
# Templates

<!-- Generated from src/compose/context.rs; `UPDATE=1 cargo test --test it templates` writes it. -->

A mail is a [Tera](https://keats.github.io/tera/) template, `LANGUAGE/KIND.txt`: the first line is `Subject: ...`, a blank line follows, then the body.
Those of `fuseau` are built in; a file of the same name under `templates = \"DIR\"` takes the place of one. A file `LANGUAGE/KIND.html`
beside it adds an HTML face to the same mail (values are escaped there, in `.txt` they are not). Kinds: `acknowledgement`,
`holding` (a new promise before an earlier one lapses), those of drafts (see below), `digest` and `digest-words` (the mail to yourself, see the end of this page).
Languages: `en`, `fr`, `de`, `es`, `it`, `pt`, `nl`, `ja`, `zh`, `ar`.

`fuseau check` renders every template in both tones with sample values and reports an unknown variable with its line. A mail that does not
state the promised time (`promise.full`, or `promise.time` with `promise.zone`) is refused, so is one of more than 64 KiB.

Times have no other shape than words: every value below is already in the client's language and zone. Texts are single lines without control
characters. What a client wrote is a value, never a template.

`promise.full` continues these words: en \"by\", fr \"au plus tard\", de \"spätestens\", es \"a más tardar\", it \"entro\", pt \"o mais tardar\", nl \"uiterlijk\",
ar \"في موعد أقصاه\"; in Japanese までに and in Chinese 之前 come after it.

| value | what it is | example |
|---|---|---|
";

const REFERENCE_DIGEST: &str = "
## The digest

Its words stand in `LANGUAGE/digest-words.txt`, one line each: `done = Answered otherwise?`. A line is a small template; a file of yours replaces the lines that it has, the others stay.
A line may use `after`, `before`, `d`, `day`, `error`, `h`, `hook`, `kind`, `left`, `m`, `mailbox`, `n`, `theirs`, `time`, `to`, `until`, `when`, `why`, `wish`, `yours` and `zone`, all of them text, empty where they mean nothing.

The layout is `LANGUAGE/digest.txt` and `LANGUAGE/digest.html`. It sees `language`, `direction` (`ltr` or `rtl`), `subject`, `intro`, `foot` and `parts`; a part has `kind`, `heading`, `items`, `more` (\"and 12 more\" or nothing);
an item has `title`, `due`, `lines`, `badge`, `tone` (`late`, `soon` or nothing), `link` (a `mid:` link), `hint` and `command`. At most 100 KiB.

The lines:

";

#[cfg(test)]
#[path = "context_tests.rs"]
mod tests;
