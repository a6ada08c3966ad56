//! What a template of this kind sees. Never here: when one is due (`decide::occasion::greeting`).
use super::{DraftMail, SampleContent, words};
use crate::compose::variables::Variable;
use crate::decide::occasion::{
    Content,
    greeting::{Day, Greeting},
};
use crate::model::{Instant, Zone};
use serde::Serialize;

/// The values, below `greeting` in the template.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Values {
    what: &'static str,
    person: String,
    years: i32,
    date: String,
    weekday: String,
}

/// What they are, for the reference.
#[rustfmt::skip]
pub(super) const VARIABLES: &[Variable] = &[
    Variable { name: "greeting.what", meaning: "`birthday` or `start` (of the work together)", example: "birthday" },
    Variable { name: "greeting.person", meaning: "whose birthday; the salutation names them too; empty for `start`", example: "Anna Keller" },
    Variable { name: "greeting.years", meaning: "how many years since the start; 0 for a birthday", example: "3" },
    Variable { name: "greeting.date", meaning: "the day, without a small word", example: "Tuesday, 12 January" },
    Variable { name: "greeting.weekday", meaning: "its weekday", example: "Tuesday" },
];

pub(super) fn values(mail: &DraftMail<'_>, content: &Greeting) -> Values {
    let language = mail.client.language;
    let (what, years) = match &content.what {
        Day::Birthday(_) => ("birthday", 0),
        Day::Start(years) => ("start", *years),
    };
    Values {
        what,
        person: words::line(language, content.person().unwrap_or_default()),
        years,
        date: words::date(language, content.on),
        weekday: words::weekday(language, content.on),
    }
}

/// Contents with which the templates are checked and shown: every branch once, the edges (nothing, one, many) too.
pub(super) fn samples(zone: &Zone, now: Instant) -> Vec<SampleContent> {
    let on = zone.local(now).date();
    let content = |what| Content::Greeting(Greeting { what, on });
    vec![
        SampleContent { case: "birthday", content: content(Day::Birthday("Anna Keller".to_owned())) },
        SampleContent { case: "one-year", content: content(Day::Start(1)) },
        SampleContent { case: "two-years", content: content(Day::Start(2)) },
        SampleContent { case: "many-years", content: content(Day::Start(11)) },
        SampleContent { case: "five-years", content: content(Day::Start(5)) },
    ]
}
