//! What a template of this kind sees. Never here: when one is due (`decide::occasion::recap`).
use super::{DraftMail, SampleContent, words};
use crate::compose::variables::Variable;
use crate::decide::occasion::{Content, common::Dated, recap::Recap};
use crate::model::{Instant, Zone};
use chrono::{NaiveDate, TimeDelta};
use serde::Serialize;

/// The values, below `recap` in the template.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Values {
    month: String,
    done: Vec<String>,
    agreed: Vec<words::Item>,
    mine: Vec<words::Item>,
    theirs: Vec<words::Item>,
    kept: u32,
    promised: u32,
}

/// What they are, for the reference.
#[rustfmt::skip]
pub(super) const VARIABLES: &[Variable] = &[
    Variable { name: "recap.month", meaning: "the month with its year", example: "December 2026" },
    Variable { name: "recap.done", meaning: "list of what was done: milestones, then the journal's first lines; may be empty", example: "" },
    Variable { name: "recap.agreed", meaning: "list of what was agreed: contracts signed in the month, dates of milestones to come that a letter or the journal of the month names; each has `title` and `date` (may be empty)", example: "" },
    Variable { name: "recap.mine", meaning: "list of what the client waits for: promised answers, milestones; likewise", example: "" },
    Variable { name: "recap.theirs", meaning: "list of what you wait for: milestones, your questions; likewise", example: "" },
    Variable { name: "recap.kept", meaning: "how many promised answers came in time", example: "4" },
    Variable { name: "recap.promised", meaning: "how many were promised; may be 0", example: "4" },
];

pub(super) fn values(mail: &DraftMail<'_>, content: &Recap) -> Values {
    let (language, today) = (mail.client.language, mail.today());
    Values {
        month: words::month(language, content.month),
        done: content.done.iter().map(|it| words::line(language, it)).collect(),
        agreed: words::items(language, &content.agreed, today),
        mine: words::items(language, &content.mine, today),
        theirs: words::items(language, &content.theirs, today),
        kept: content.kept,
        promised: content.promised,
    }
}

/// Contents with which the templates are checked and shown: every branch once, the edges (nothing, one, many) too.
pub(super) fn samples(zone: &Zone, now: Instant) -> Vec<SampleContent> {
    let month = NaiveDate::from_ymd_opt(2026, 12, 1).unwrap_or_default();
    let day = |days| Some(zone.local(now + TimeDelta::days(days)).date());
    let item = |title: &str, date| Dated { title: title.to_owned(), date };
    let bare = Recap {
        month,
        done: Vec::new(),
        agreed: Vec::new(),
        mine: Vec::new(),
        theirs: Vec::new(),
        kept: 0,
        promised: 0,
    };
    let many = Recap {
        done: vec!["Wireframes".to_owned(), "Interviews with three users".to_owned()],
        agreed: vec![item("Relaunch", day(-30)), item("Beta", day(20))],
        mine: vec![item("Hosting", day(1))],
        theirs: vec![item("Texts of the home page", day(8)), item("Which of the two logos do you prefer?", None)],
        kept: 4,
        promised: 5,
        ..bare.clone()
    };
    let cases = [
        ("many", many.clone()),
        ("one-done", Recap { done: vec!["Wireframes".to_owned()], ..bare.clone() }),
        ("theirs-alone", Recap { theirs: many.theirs.clone(), ..bare.clone() }),
        ("one-kept", Recap { kept: 1, promised: 1, ..bare.clone() }),
        ("all-kept", Recap { done: many.done, kept: 4, promised: 4, ..bare }),
    ];
    cases.map(|(case, it)| SampleContent { case, content: Content::Recap(it) }).into()
}
