//! What a template of this kind sees. Never here: when one is due (`decide::occasion::contract`).
use super::{DraftMail, SampleContent, words};
use crate::compose::{money::money, variables::Variable};
use crate::decide::occasion::{Content, common::Dated, contract::Contract};
use crate::model::{Instant, Money, Zone};
use chrono::TimeDelta;
use serde::Serialize;

/// The values, below `contract` in the template.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Values {
    project: String,
    scope: Vec<String>,
    deliverables: Vec<String>,
    milestones: Vec<words::Item>,
    fee: String,
    deposit: String,
    payment_days: u32,
}

/// What they are, for the reference.
#[rustfmt::skip]
pub(super) const VARIABLES: &[Variable] = &[
    Variable { name: "contract.project", meaning: "the project's title", example: "Relaunch" },
    Variable { name: "contract.scope", meaning: "list of what belongs to it; may be empty", example: "" },
    Variable { name: "contract.deliverables", meaning: "list of what is handed over; may be empty", example: "" },
    Variable { name: "contract.milestones", meaning: "list of steps; each has `title` and `date` (with the year; may be empty)", example: "" },
    Variable { name: "contract.fee", meaning: "the price; may be empty", example: "€4,800.00" },
    Variable { name: "contract.deposit", meaning: "the deposit; may be empty", example: "€1,440.00" },
    Variable { name: "contract.payment_days", meaning: "days from an invoice to its due date; 0 if the terms do not say", example: "30" },
];

pub(super) fn values(mail: &DraftMail<'_>, content: &Contract) -> Values {
    let language = mail.client.language;
    let lines = |all: &[String]| all.iter().map(|it| words::line(language, it)).filter(|it| !it.is_empty()).collect();
    let amount =
        |it: &Option<Money>| it.as_ref().map(|it| money(language, mail.client.region(), it)).unwrap_or_default();
    let step = |it: &Dated| words::Item {
        title: words::line(language, &it.title),
        date: it.date.map(|date| words::full_date(language, date)).unwrap_or_default(),
    };
    Values {
        project: words::line(language, &content.project),
        scope: lines(&content.scope),
        deliverables: lines(&content.deliverables),
        milestones: content.milestones.iter().map(step).collect(),
        fee: amount(&content.fee),
        deposit: amount(&content.deposit),
        payment_days: content.payment_days.unwrap_or(0),
    }
}

/// Contents with which the templates are checked and shown: every branch once, the edges (nothing, one, many) too.
pub(super) fn samples(zone: &Zone, now: Instant) -> Vec<SampleContent> {
    let day = |days| Some(zone.local(now + TimeDelta::days(days)).date());
    let item = |title: &str, date| Dated { title: title.to_owned(), date };
    let euros = |amount: i64| Some(Money { minor: amount * 100, currency: "EUR".to_owned() });
    let bare = Contract {
        project: "Relaunch".to_owned(),
        scope: Vec::new(),
        deliverables: Vec::new(),
        milestones: Vec::new(),
        fee: euros(4800),
        deposit: None,
        payment_days: None,
    };
    let full = Contract {
        scope: vec!["Design of five pages".to_owned(), "Two rounds of changes".to_owned()],
        deliverables: vec!["Layouts as PDF".to_owned(), "HTML and CSS".to_owned()],
        milestones: vec![item("Wireframes", day(17)), item("Beta", day(45)), item("Training", None)],
        deposit: euros(1440),
        payment_days: Some(30),
        ..bare.clone()
    };
    let one = Contract {
        milestones: vec![item("Beta", day(45))],
        fee: None,
        deliverables: vec!["HTML and CSS".to_owned()],
        ..bare.clone()
    };
    let cases = [
        ("full", full.clone()),
        ("price-alone", bare.clone()),
        ("one", one),
        ("terms", Contract { payment_days: Some(14), ..bare.clone() }),
        ("deposit", Contract { deposit: euros(1440), ..bare }),
    ];
    cases.map(|(case, it)| SampleContent { case, content: Content::Contract(it) }).into()
}
