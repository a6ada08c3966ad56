//! What a template of this kind sees. Never here: when one is due (`decide::occasion::payment`).
use super::{DraftMail, SampleContent, words};
use crate::compose::{money::money, variables::Variable};
use crate::decide::occasion::{
    Content,
    payment::{Firmness, Payment},
};
use crate::model::{Instant, Money, Zone};
use chrono::TimeDelta;
use serde::Serialize;

/// The values, below `payment` in the template.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Values {
    project: String,
    number: String,
    amount: String,
    due: String,
    due_on: String,
    firmness: &'static str,
}

/// What they are, for the reference.
#[rustfmt::skip]
pub(super) const VARIABLES: &[Variable] = &[
    Variable { name: "payment.project", meaning: "the project's title", example: "Relaunch" },
    Variable { name: "payment.number", meaning: "the invoice's number", example: "2027-014" },
    Variable { name: "payment.amount", meaning: "how much", example: "€4,800.00" },
    Variable { name: "payment.due", meaning: "the due date, without a small word", example: "Friday, 15 January" },
    Variable { name: "payment.due_on", meaning: "the due date as an adverb", example: "on Friday, 15 January" },
    Variable { name: "payment.firmness", meaning: "`soon` (before the due date), `due` (on it), `late` (the first reminder after it), `overdue` (each one after that)", example: "late" },
];

pub(super) fn values(mail: &DraftMail<'_>, content: &Payment) -> Values {
    let (language, today) = (mail.client.language, mail.today());
    Values {
        project: words::line(language, &content.project),
        number: words::line(language, &content.number),
        amount: money(language, mail.client.region(), &content.amount),
        due: words::date(language, content.due, today),
        due_on: words::on(language, content.due, today),
        firmness: content.firmness.as_str(),
    }
}

/// Contents with which the templates are checked and shown: every branch once, the edges (nothing, one, many) too.
pub(super) fn samples(zone: &Zone, now: Instant) -> Vec<SampleContent> {
    let due = zone.local(now + TimeDelta::days(3)).date();
    let content = |firmness, minor, currency: &str| {
        Content::Payment(Payment {
            project: "Relaunch".to_owned(),
            number: "2027-014".to_owned(),
            amount: Money { minor, currency: currency.to_owned() },
            due,
            firmness,
        })
    };
    vec![
        SampleContent { case: "soon", content: content(Firmness::Soon, 480_000, "EUR") },
        SampleContent { case: "due", content: content(Firmness::Due, 480_000, "EUR") },
        SampleContent { case: "late", content: content(Firmness::Late, 480_000, "EUR") },
        SampleContent { case: "overdue", content: content(Firmness::Overdue, 480_000, "EUR") },
        SampleContent { case: "no-decimals", content: content(Firmness::Soon, 1_250_000, "JPY") },
    ]
}
