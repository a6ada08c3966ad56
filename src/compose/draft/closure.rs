//! What a template of this kind sees. Never here: when one is due (`decide::occasion::closure`).
use super::{DraftMail, SampleContent, words};
use crate::compose::phrase::Moment;
use crate::compose::variables::Variable;
use crate::decide::occasion::Content;
use crate::decide::occasion::closure::ClosureNote;
use crate::decide::occasion::common::Dated;
use crate::model::{Instant, Zone};
use chrono::{NaiveDate, TimeDelta};
use serde::Serialize;

/// The values, below `closure` in the template.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Values {
    over: bool,
    from: String,
    to: String,
    one_day: bool,
    last: Option<Moment>,
    first: Option<Moment>,
    before: Vec<words::Item>,
    delivered: String,
    during: Vec<words::Item>,
    meanwhile: String,
    promised: Vec<String>,
    owed: String,
}

/// What they are, for the reference.
#[rustfmt::skip]
pub(super) const VARIABLES: &[Variable] = &[
    Variable { name: "closure.over", meaning: "whether it is the word after it", example: "false" },
    Variable { name: "closure.from", meaning: "the first closed day, without a small word", example: "Thursday, 24 December" },
    Variable { name: "closure.to", meaning: "the last closed day", example: "Saturday, 2 January" },
    Variable { name: "closure.one_day", meaning: "whether it is one day only", example: "false" },
    Variable { name: "closure.last.full", meaning: "the end of your last window before it, as `promise.full`; `closure.last` may be none; it has `date`, `weekday`, `time` and `zone` too", example: "Thursday, 24 December, 1 am, Singapore time" },
    Variable { name: "closure.first.full", meaning: "the beginning of your first window after it, likewise", example: "Monday, 4 January, 5 pm, Singapore time" },
    Variable { name: "closure.before", meaning: "list of milestones of yours until then; each has `title` and `date` (may be empty)", example: "" },
    Variable { name: "closure.delivered", meaning: "the same in one piece; may be empty", example: "Wireframes (Wednesday, 20 January)" },
    Variable { name: "closure.during", meaning: "list of those that fall into it", example: "" },
    Variable { name: "closure.meanwhile", meaning: "the same in one piece; may be empty", example: "Beta (Saturday, 30 January)" },
    Variable { name: "closure.promised", meaning: "list of the subjects to which an answer is promised for these days", example: "" },
    Variable { name: "closure.owed", meaning: "the same in one piece; may be empty", example: "Logo and Hosting" },
];

pub(super) fn values(mail: &DraftMail<'_>, content: &ClosureNote) -> Values {
    let (language, today) = (mail.client.language, mail.today());
    let moment = |at: Option<Instant>| at.map(|at| words::moment(language, &mail.client.zone, at, mail.now));
    Values {
        over: content.over,
        from: words::date(language, content.from, today),
        to: words::date(language, content.to, today),
        one_day: content.from == content.to,
        last: moment(content.last),
        first: moment(content.first),
        before: words::items(language, &content.before, today),
        delivered: words::joined(language, &content.before, today),
        during: words::items(language, &content.during, today),
        meanwhile: words::joined(language, &content.during, today),
        owed: words::all_of(language, &content.promised.iter().map(|it| words::line(language, it)).collect::<Vec<_>>()),
        promised: content.promised.iter().map(|it| words::line(language, it)).collect(),
    }
}

/// Contents with which the templates are checked and shown: every branch once, the edges (nothing, one, many) too.
pub(super) fn samples(zone: &Zone, now: Instant) -> Vec<SampleContent> {
    let day = |days| zone.local(now + TimeDelta::days(days)).date();
    let item = |title: &str, date: Option<NaiveDate>| Dated { title: title.to_owned(), date };
    let note = ClosureNote {
        over: false,
        from: day(9),
        to: day(19),
        last: Some(now + TimeDelta::days(8) + TimeDelta::hours(6)),
        first: Some(now + TimeDelta::days(20) + TimeDelta::hours(7)),
        before: Vec::new(),
        during: Vec::new(),
        promised: Vec::new(),
    };
    let cases = [
        ("plain", note.clone()),
        ("one-day", ClosureNote { to: note.from, ..note.clone() }),
        ("no-windows", ClosureNote { last: None, first: None, ..note.clone() }),
        ("one-before", ClosureNote { before: vec![item("Wireframes", Some(day(8)))], ..note.clone() }),
        ("during-only", ClosureNote { during: vec![item("Beta", Some(day(12)))], ..note.clone() }),
        ("owed-only", ClosureNote { promised: vec!["Logo".to_owned()], ..note.clone() }),
        (
            "owed-and-during",
            ClosureNote {
                during: vec![item("Beta", Some(day(12)))],
                promised: vec!["Logo".to_owned()],
                ..note.clone()
            },
        ),
        (
            "many",
            ClosureNote {
                before: vec![item("Wireframes", Some(day(6))), item("Copy of the home page", Some(day(8)))],
                during: vec![item("Beta", Some(day(12)))],
                promised: vec!["Logo".to_owned(), "Hosting".to_owned()],
                ..note.clone()
            },
        ),
        ("over", ClosureNote { over: true, ..note }),
    ];
    cases.map(|(case, note)| SampleContent { case, content: Content::Closure(note) }).into()
}
