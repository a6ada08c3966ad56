//! What a template of this kind sees. Never here: when one is due (`decide::occasion::follow_up`).
use super::{DraftMail, SampleContent, words};
use crate::compose::variables::Variable;
use crate::decide::occasion::{Content, follow_up::FollowUp};
use crate::model::{Instant, Zone};
use chrono::TimeDelta;
use serde::Serialize;

/// The values, below `follow_up` in the template.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Values {
    question: String,
    asked: String,
    step: u32,
    last: bool,
}

/// What they are, for the reference.
#[rustfmt::skip]
pub(super) const VARIABLES: &[Variable] = &[
    Variable { name: "follow_up.question", meaning: "the sentence that asks, from your own mail; may be empty", example: "Which of the two logos do you prefer?" },
    Variable { name: "follow_up.asked", meaning: "the day on which you asked, as an adverb", example: "on Tuesday, 5 January" },
    Variable { name: "follow_up.step", meaning: "1 for the first word about it, 2 for the second, 3 for all later ones", example: "1" },
    Variable { name: "follow_up.last", meaning: "whether it is the last one of `[drafts] follow_up`", example: "false" },
];

pub(super) fn values(mail: &DraftMail<'_>, content: &FollowUp) -> Values {
    let (language, today) = (mail.client.language, mail.today());
    Values {
        question: words::line(language, &content.question),
        asked: words::on(language, content.asked, today),
        step: content.before.min(2) + 1,
        last: content.last,
    }
}

/// Contents with which the templates are checked and shown: every branch once, the edges (nothing, one, many) too.
pub(super) fn samples(zone: &Zone, now: Instant) -> Vec<SampleContent> {
    let asked = zone.local(now - TimeDelta::days(7)).date();
    let content = |question: &str, before, last| {
        Content::FollowUp(FollowUp { question: question.to_owned(), asked, before, last })
    };
    let question = "Which of the two logos do you prefer?";
    vec![
        SampleContent { case: "first", content: content(question, 0, false) },
        SampleContent { case: "second", content: content(question, 1, false) },
        SampleContent { case: "third", content: content(question, 2, true) },
        SampleContent { case: "no-question", content: content("", 0, false) },
    ]
}
