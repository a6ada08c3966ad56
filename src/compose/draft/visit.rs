//! What a template of this kind sees. Never here: when one is due (`decide::occasion::visit`).
use super::{DraftMail, SampleContent, words};
use crate::compose::variables::Variable;
use crate::decide::occasion::Content;
use crate::decide::occasion::visit::Visit;
use crate::model::{Instant, Zone};
use chrono::TimeDelta;
use serde::Serialize;

/// The values, below `visit` in the template.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Values {
    place: String,
    from: String,
    to: String,
    one_day: bool,
    day: String,
    on_day: String,
    others: Vec<String>,
}

/// What they are, for the reference.
#[rustfmt::skip]
pub(super) const VARIABLES: &[Variable] = &[
    Variable { name: "visit.place", meaning: "where you are going to be", example: "Lyon" },
    Variable { name: "visit.from", meaning: "the first day there", example: "Monday, 18 January" },
    Variable { name: "visit.to", meaning: "the last day there", example: "Friday, 22 January" },
    Variable { name: "visit.one_day", meaning: "whether both are the same", example: "false" },
    Variable { name: "visit.day", meaning: "the day that you propose", example: "Tuesday, 19 January" },
    Variable { name: "visit.on_day", meaning: "the same as an adverb", example: "on Tuesday, 19 January" },
    Variable { name: "visit.others", meaning: "other days that would do, up to two; often empty", example: "" },
];

pub(super) fn values(mail: &DraftMail<'_>, content: &Visit) -> Values {
    let (language, today) = (mail.client.language, mail.today());
    Values {
        place: words::line(language, &content.place),
        from: words::date(language, content.from, today),
        to: words::date(language, content.to, today),
        one_day: content.from == content.to,
        day: words::date(language, content.day, today),
        on_day: words::on(language, content.day, today),
        others: content.others.iter().map(|day| words::date(language, *day, today)).collect(),
    }
}

/// Contents with which the templates are checked and shown: every branch once, the edges (nothing, one, many) too.
pub(super) fn samples(zone: &Zone, now: Instant) -> Vec<SampleContent> {
    let day = |n: i64| zone.local(now).date() + TimeDelta::days(n);
    let sample = |case, from, to, on, others| SampleContent {
        case,
        content: Content::Visit(Visit { place: "Lyon".to_owned(), from, to, day: on, others }),
    };
    vec![
        sample("two-others", day(20), day(24), day(21), vec![day(22), day(23)]),
        sample("one-other", day(20), day(24), day(21), vec![day(22)]),
        sample("no-other", day(20), day(24), day(21), Vec::new()),
        sample("one-day", day(21), day(21), day(21), Vec::new()),
    ]
}
