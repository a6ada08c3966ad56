//! What a template of this kind sees. Never here: when one is due (`decide::occasion::check_in`).
use super::{DraftMail, SampleContent, words};
use crate::compose::variables::Variable;
use crate::decide::occasion::{Content, check_in::CheckIn};
use crate::model::{Instant, Zone};
use chrono::TimeDelta;
use serde::Serialize;

/// The values, below `check_in` in the template.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Values {
    project: String,
    last: String,
}

/// What they are, for the reference.
#[rustfmt::skip]
pub(super) const VARIABLES: &[Variable] = &[
    Variable { name: "check_in.project", meaning: "the project's title; empty if it is about none", example: "Relaunch" },
    Variable { name: "check_in.last", meaning: "the day on which one of you last wrote, as an adverb; may be empty", example: "on Friday, 11 December" },
];

pub(super) fn values(mail: &DraftMail<'_>, content: &CheckIn) -> Values {
    let (language, today) = (mail.client.language, mail.today());
    Values {
        project: words::line(language, content.project.as_deref().unwrap_or_default()),
        last: content.last.map(|date| words::on(language, date, today)).unwrap_or_default(),
    }
}

/// Contents with which the templates are checked and shown: every branch once, the edges (nothing, one, many) too.
pub(super) fn samples(zone: &Zone, now: Instant) -> Vec<SampleContent> {
    let last = Some(zone.local(now - TimeDelta::days(32)).date());
    let content = |project: Option<&str>, last| Content::CheckIn(CheckIn { project: project.map(str::to_owned), last });
    vec![
        SampleContent { case: "silence", content: content(Some("Relaunch"), last) },
        SampleContent { case: "never-wrote", content: content(Some("Relaunch"), None) },
        SampleContent { case: "no-project", content: content(None, last) },
        SampleContent { case: "nothing-known", content: content(None, None) },
    ]
}
