//! What a template of this kind sees. Never here: when one is due (`decide::occasion::progress`).
use super::{DraftMail, SampleContent, words};
use crate::compose::day::{ClientDay, WorkingDays};
use crate::compose::phrase;
use crate::compose::variables::Variable;
use crate::decide::occasion::Content;
use crate::decide::occasion::progress::{Progress, Step};
use crate::model::{Instant, Language, Zone};
use chrono::{NaiveDate, TimeDelta};
use serde::Serialize;

/// The values, below `progress` in the template.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Values {
    title: String,
    since: String,
    start: String,
    done: Vec<String>,
    next: Vec<StepValues>,
    waiting: Vec<StepValues>,
}

#[derive(Clone, Debug, Serialize)]
struct StepValues {
    title: String,
    due: String,
    late: bool,
    holiday: bool,
    needs: String,
}

/// What they are, for the reference.
#[rustfmt::skip]
pub(super) const VARIABLES: &[Variable] = &[
    Variable { name: "progress.title", meaning: "`project.NAME.title`", example: "Website relaunch" },
    Variable { name: "progress.since", meaning: "the date of the update before, where the client is; empty for the first one", example: "Thursday, 7 January" },
    Variable { name: "progress.start", meaning: "the client's next start of a working day, as an adverb, if the update comes outside their day; else empty", example: "on Friday" },
    Variable { name: "progress.done", meaning: "list of what was done since: journal, commits, milestones, ticked items; may be empty: ask `{% if progress.done %}`", example: "" },
    Variable { name: "progress.next", meaning: "list of what comes next, with the five values below", example: "" },
    Variable { name: "progress.waiting", meaning: "list of what waits on the client, likewise", example: "" },
    Variable { name: "progress.next[].title", meaning: "the milestone, or the item of the checklist", example: "First design" },
    Variable { name: "progress.next[].due", meaning: "its date; with the year where it is far from the day of writing; may be empty", example: "Friday, 22 January" },
    Variable { name: "progress.next[].late", meaning: "whether that date is past", example: "false" },
    Variable { name: "progress.next[].holiday", meaning: "whether the client keeps a holiday on that date", example: "false" },
    Variable { name: "progress.next[].needs", meaning: "its `waiting_for`; may be empty", example: "the texts of the five pages" },
];

pub(super) fn values(mail: &DraftMail<'_>, content: &Progress) -> Values {
    let (language, client, today) = (mail.client.language, mail.client, mail.today());
    let days = WorkingDays { hours: client.hours.as_ref(), holidays: &client.holidays };
    let (day, start) = days.place(&client.zone, content.at);
    let outside = matches!(day, ClientDay::After | ClientDay::DayOff | ClientDay::BeforeStart);
    let start = start.filter(|_| outside).map(|date| weekday(language, date)).unwrap_or_default();
    let line = |text: &str| words::line(language, text);
    let step = |step: &Step| StepValues {
        title: line(&step.title),
        due: step.due.map(|date| words::date(language, date, today)).unwrap_or_default(),
        late: step.late,
        holiday: step.holiday,
        needs: step.needs.as_deref().map(line).unwrap_or_default(),
    };
    Values {
        title: line(&content.title),
        since: content.since.map(|date| words::date(language, date, today)).unwrap_or_default(),
        start,
        done: content.done.iter().map(|text| line(text)).filter(|text| !text.is_empty()).collect(),
        next: content.next.iter().map(step).collect(),
        waiting: content.waiting.iter().map(step).collect(),
    }
}

/// "on Friday": the day alone, seen from a few days before.
fn weekday(language: Language, date: NaiveDate) -> String {
    phrase::on(language, date, date - TimeDelta::days(3))
}

/// Contents with which the templates are checked and shown: every branch once, the edges (nothing, one, many) too.
pub(super) fn samples(zone: &Zone, now: Instant) -> Vec<SampleContent> {
    let date = |month, day| NaiveDate::from_ymd_opt(2027, month, day);
    let today = zone.local(now).date();
    let step = |title, due, holiday, needs| sample_step(title, due, today, holiday, needs);
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let empty = Progress {
        title: "Website relaunch".to_owned(),
        since: date(1, 7),
        done: Vec::new(),
        next: Vec::new(),
        waiting: Vec::new(),
        at: now,
    };
    let evening = zone.instant(date(1, 14).unwrap_or_default().and_hms_opt(23, 55, 0).unwrap_or_default());
    let sample = |case, content| SampleContent { case, content: Content::Progress(content) };
    vec![
        sample(
            "many",
            Progress {
                done: texts(&[
                    "Two designs for the start page",
                    "Photos are chosen",
                    "The old addresses lead to the new pages",
                ]),
                next: vec![
                    step("First design", date(1, 22), false, None),
                    step("Test on phones", date(2, 8), true, None),
                    step("Handover", None, false, None),
                ],
                waiting: vec![
                    step("Texts", date(1, 18), false, Some("the texts of the five pages")),
                    step("Access to the domain", None, false, None),
                ],
                at: evening,
                ..empty.clone()
            },
        ),
        sample("one", Progress { done: texts(&["Two designs for the start page"]), since: None, ..empty.clone() }),
        sample(
            "nothing-done",
            Progress { next: vec![step("First design", date(1, 22), false, None)], at: evening, ..empty.clone() },
        ),
        sample(
            "waits-only",
            Progress {
                waiting: vec![step("Texts", date(1, 18), false, Some("the texts of the five pages"))],
                ..empty.clone()
            },
        ),
        sample(
            "late-and-far",
            Progress {
                done: texts(&["Photos are chosen"]),
                next: vec![
                    step("First design", date(1, 8), false, None),
                    step("Care for a year", NaiveDate::from_ymd_opt(2028, 1, 14), false, None),
                ],
                waiting: vec![
                    step("Texts", date(1, 5), false, Some("the texts of the five pages")),
                    step("Access to the domain", date(1, 11), true, None),
                ],
                ..empty.clone()
            },
        ),
        sample("nothing-at-all", empty.clone()),
        sample("first-and-nothing", Progress { since: None, ..empty }),
    ]
}

fn sample_step(title: &str, due: Option<NaiveDate>, today: NaiveDate, holiday: bool, needs: Option<&str>) -> Step {
    let (title, needs) = (title.to_owned(), needs.map(str::to_owned));
    Step { title, due, late: due.is_some_and(|due| due < today), holiday, needs }
}
