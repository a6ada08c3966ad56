//! What a template of this kind sees, and the invitation that goes with it. Never here: when one is due
//! (`decide::occasion::slot_confirmed`).
use super::meeting::{self, File, Numbered};
use super::{DraftMail, SampleContent, words};
use crate::compose::variables::Variable;
use crate::compose::zone_name::zone_name;
use crate::decide::occasion::Content;
use crate::decide::occasion::slot_confirmed::SlotConfirmed;
use crate::model::{EmailAddress, Instant, Zone};
use chrono::TimeDelta;
use serde::Serialize;

/// The values, below `slot_confirmed` in the template.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Values {
    chosen: bool,
    slot: Option<Numbered>,
    taken: Option<Numbered>,
    among: Vec<Numbered>,
    zone: String,
    length: String,
    about: String,
    place: String,
}

/// What they are, for the reference.
#[rustfmt::skip]
pub(super) const VARIABLES: &[Variable] = &[
    Variable { name: "slot_confirmed.chosen", meaning: "whether the client's choice is clear; else the draft asks, and no invitation goes with it", example: "true" },
    Variable { name: "slot_confirmed.slot", meaning: "the chosen time: `slot_confirmed.slot.n`, `.date`, `.time`, `.zone`, `.full`; none if it is asked", example: "Tuesday, 19 January, 10 am, Singapore time" },
    Variable { name: "slot_confirmed.taken", meaning: "the time that the client chose, as above, if you are no longer free then; none otherwise: ask `{% if slot_confirmed.taken %}`", example: "" },
    Variable { name: "slot_confirmed.among", meaning: "the times that may be meant, or that are left, each as above; empty if one is chosen", example: "" },
    Variable { name: "slot_confirmed.zone", meaning: "the client's zone", example: "Singapore time" },
    Variable { name: "slot_confirmed.length", meaning: "how long the meeting is", example: "30 minutes" },
    Variable { name: "slot_confirmed.about", meaning: "what it is about; often empty", example: "Website relaunch" },
    Variable { name: "slot_confirmed.place", meaning: "`[meetings] place`; often empty", example: "https://meet.example/claire" },
];

pub(super) fn values(mail: &DraftMail<'_>, content: &SlotConfirmed) -> Values {
    let language = mail.client.language;
    let numbered: Vec<Numbered> = content.slots.iter().map(|(n, slot)| Numbered::new(mail, *n, *slot)).collect();
    let (slot, among) = if content.chosen { (numbered.into_iter().next(), Vec::new()) } else { (None, numbered) };
    Values {
        chosen: content.chosen,
        slot,
        taken: content.taken.map(|(n, slot)| Numbered::new(mail, n, slot)),
        among,
        zone: zone_name(language, &mail.client.zone, content.at),
        length: meeting::length(mail, content.slots.first().map(|(_, slot)| *slot)),
        about: words::line(language, content.about.as_deref().unwrap_or_default()),
        place: words::line(language, content.place.as_deref().unwrap_or_default()),
    }
}

/// The invitation, if a time is chosen.
pub(super) fn files(
    mail: &DraftMail<'_>,
    content: &SlotConfirmed,
    from: &EmailAddress,
    to: &EmailAddress,
) -> Vec<File> {
    let Some((n, slot)) = content.slots.first().filter(|_| content.chosen) else { return Vec::new() };
    let event = meeting::Event {
        key: &content.offer,
        n: *n,
        slot: *slot,
        about: content.about.as_deref(),
        place: content.place.as_deref(),
        from,
        to: Some(to),
        at: content.at,
    };
    vec![File { name: "invite.ics".to_owned(), method: "REQUEST", text: meeting::invitation(mail, &event) }]
}

/// Contents with which the templates are checked and shown: every branch once, the edges (nothing, one, many) too.
pub(super) fn samples(_zone: &Zone, now: Instant) -> Vec<SampleContent> {
    let slot = |n: usize, hours: i64| {
        let start = now + TimeDelta::days(7) + TimeDelta::hours(hours);
        (n, (start, start + TimeDelta::minutes(30)))
    };
    let sample = |case, slots, chosen, taken, place: Option<&str>| SampleContent {
        case,
        content: Content::SlotConfirmed(SlotConfirmed {
            offer: "slots:acme:2027-01-12".to_owned(),
            slots,
            chosen,
            taken,
            about: None,
            place: place.map(str::to_owned),
            at: now,
        }),
    };
    vec![
        sample("chosen", vec![slot(2, 0)], true, None, None),
        sample("place", vec![slot(1, 5)], true, None, Some("https://meet.example/claire")),
        sample("which", vec![slot(2, 0), slot(3, 30)], false, None, None),
        sample("sure", vec![slot(2, 0)], false, None, None),
        sample("taken", vec![slot(1, 5), slot(3, 30)], false, Some(slot(2, 0)), None),
        sample("all-taken", Vec::new(), false, Some(slot(2, 0)), None),
    ]
}
