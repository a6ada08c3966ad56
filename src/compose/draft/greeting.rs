//! What a template of this kind sees. Never here: when one is due (`decide::occasion::greeting`).
use super::{DraftMail, SampleContent, words};
use crate::compose::variables::Variable;
use crate::decide::occasion::{
    Content,
    greeting::{Day, Greeting},
};
use crate::model::{Instant, Zone};
use chrono::TimeDelta;
use serde::Serialize;

/// The values, below `greeting` in the template.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Values {
    what: &'static str,
    person: String,
    years: i32,
    date: String,
    weekday: String,
    past: bool,
}

/// What they are, for the reference.
#[rustfmt::skip]
pub(super) const VARIABLES: &[Variable] = &[
    Variable { name: "greeting.what", meaning: "`birthday` or `start` (of the work together)", example: "birthday" },
    Variable { name: "greeting.person", meaning: "whose birthday; the salutation names them too; empty for `start`", example: "Anna Keller" },
    Variable { name: "greeting.years", meaning: "how many years since the start; 0 for a birthday", example: "3" },
    Variable { name: "greeting.date", meaning: "the day, without a small word; with the year where it is far from the day of writing", example: "Tuesday, 12 January" },
    Variable { name: "greeting.weekday", meaning: "its weekday; more than six days from the day of writing its date", example: "Tuesday" },
    Variable { name: "greeting.past", meaning: "whether the day is over: the word comes late", example: "false" },
];

pub(super) fn values(mail: &DraftMail<'_>, content: &Greeting) -> Values {
    let (language, today) = (mail.client.language, mail.today());
    let (what, years) = match &content.what {
        Day::Birthday(_) => ("birthday", 0),
        Day::Start(years) => ("start", *years),
    };
    Values {
        what,
        person: words::line(language, content.person().unwrap_or_default()),
        years,
        date: words::date(language, content.on, today),
        // A weekday alone names a day of this week.
        weekday: match (content.on - today).num_days().abs() {
            0..=6 => words::weekday(language, content.on),
            _ => words::date(language, content.on, today),
        },
        past: content.past,
    }
}

/// Contents with which the templates are checked and shown: every branch once, the edges (nothing, one, many) too.
pub(super) fn samples(zone: &Zone, now: Instant) -> Vec<SampleContent> {
    let today = zone.local(now).date();
    let content = |what, days, past| Content::Greeting(Greeting { what, on: today + TimeDelta::days(days), past });
    let anna = || Day::Birthday("Anna Keller".to_owned());
    let sample = |case, content| SampleContent { case, content };
    vec![
        sample("birthday", content(anna(), 0, false)),
        sample("birthday-past", content(anna(), -2, true)),
        sample("birthday-far", content(anna(), 340, false)),
        sample("one-year", content(Day::Start(1), 0, false)),
        sample("two-years", content(Day::Start(2), 0, false)),
        sample("many-years", content(Day::Start(11), 0, false)),
        sample("five-years", content(Day::Start(5), 0, false)),
        sample("one-year-past", content(Day::Start(1), -2, true)),
        sample("two-years-past", content(Day::Start(2), -2, true)),
        sample("many-years-past", content(Day::Start(11), -2, true)),
        sample("many-years-far", content(Day::Start(11), 340, false)),
    ]
}
