//! What a template of this kind sees. Never here: when one is due (`decide::occasion::deposit`).
use super::{DraftMail, SampleContent, words};
use crate::compose::{money::money, variables::Variable};
use crate::decide::occasion::{Content, deposit::Deposit, payment::Firmness};
use crate::model::{Instant, Money, Zone};
use chrono::TimeDelta;
use serde::Serialize;

/// The values, below `deposit` in the template.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Values {
    project: String,
    amount: String,
    due: String,
    due_on: String,
    firmness: &'static str,
}

/// What they are, for the reference.
#[rustfmt::skip]
pub(super) const VARIABLES: &[Variable] = &[
    Variable { name: "deposit.project", meaning: "the project's title", example: "Relaunch" },
    Variable { name: "deposit.amount", meaning: "how much", example: "€1,440.00" },
    Variable { name: "deposit.due", meaning: "by when, without a small word; empty unless the terms name `payment_days`", example: "Friday, 15 January" },
    Variable { name: "deposit.due_on", meaning: "the same as an adverb", example: "on Friday, 15 January" },
    Variable { name: "deposit.firmness", meaning: "`soon` asks for it first, then `due`, `late`, `overdue`", example: "soon" },
];

pub(super) fn values(mail: &DraftMail<'_>, content: &Deposit) -> Values {
    let (language, today) = (mail.client.language, mail.today());
    Values {
        project: words::line(language, &content.project),
        amount: money(language, mail.client.region(), &content.amount),
        due: content.due.map(|date| words::date(language, date, today)).unwrap_or_default(),
        due_on: content.due.map(|date| words::on(language, date, today)).unwrap_or_default(),
        firmness: content.firmness.as_str(),
    }
}

/// Contents with which the templates are checked and shown: every branch once, the edges (nothing, one, many) too.
pub(super) fn samples(zone: &Zone, now: Instant) -> Vec<SampleContent> {
    let due = Some(zone.local(now + TimeDelta::days(3)).date());
    let content = |firmness, due| {
        let amount = Money { minor: 144_000, currency: "EUR".to_owned() };
        Content::Deposit(Deposit { project: "Relaunch".to_owned(), amount, due, firmness })
    };
    vec![
        SampleContent { case: "soon", content: content(Firmness::Soon, due) },
        SampleContent { case: "due", content: content(Firmness::Due, due) },
        SampleContent { case: "late", content: content(Firmness::Late, due) },
        SampleContent { case: "overdue", content: content(Firmness::Overdue, due) },
        SampleContent { case: "soon-undated", content: content(Firmness::Soon, None) },
        SampleContent { case: "late-undated", content: content(Firmness::Late, None) },
        SampleContent { case: "overdue-undated", content: content(Firmness::Overdue, None) },
    ]
}
