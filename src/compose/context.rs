//! The values that a template may use; described in variables.rs.
//!
//! Never a bare instant: what a template gets is already in the client's language and zone. Every text is a
//! single clean line, whoever wrote it, so that none can end a header or start another.
use super::clocks::ClockValues;
use super::day::{ClientDay, WorkingDays};
use super::phrase::{self, Moment};
use super::thread::{answered_subject, bare_subject};
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
            subject: a.subject.map(|s| clean(s, VALUE_MAX)).and_then(|s| answered_subject(&s)),
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

#[cfg(test)]
#[path = "context_tests.rs"]
mod tests;
