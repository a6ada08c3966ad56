//! What a template of this kind sees, and the calendar files that go with it. Never here: when one is due
//! (`decide::occasion::slots`).
use super::meeting::{self, File, Numbered};
use super::{DraftMail, SampleContent, words};
use crate::compose::phrase::Moment;
use crate::compose::variables::Variable;
use crate::compose::zone_name::zone_name;
use crate::decide::occasion::Content;
use crate::decide::occasion::slots::Slots;
use crate::model::{EmailAddress, Instant, Zone};
use chrono::TimeDelta;
use serde::Serialize;

/// The values, below `slots` in the template.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Values {
    list: Vec<Numbered>,
    zone: String,
    length: String,
    about: String,
    place: String,
    until: Moment,
}

/// What they are, for the reference.
#[rustfmt::skip]
pub(super) const VARIABLES: &[Variable] = &[
    Variable { name: "slots.list", meaning: "the times, in order: `{% for slot in slots.list %}`, with `slot.n` (its number), `slot.date`, `slot.time`, `slot.zone`, `slot.full` in the client's words and zone", example: "" },
    Variable { name: "slots.zone", meaning: "the client's zone", example: "Singapore time" },
    Variable { name: "slots.length", meaning: "how long the meeting is", example: "30 minutes" },
    Variable { name: "slots.about", meaning: "what it is about (`--about`, the project's title); often empty", example: "Website relaunch" },
    Variable { name: "slots.place", meaning: "`[meetings] place`; often empty", example: "https://meet.example/claire" },
    Variable { name: "slots.until", meaning: "until when the times are kept free: `slots.until.date`, `slots.until.time`, `slots.until.full`", example: "Monday, 18 January" },
];

pub(super) fn values(mail: &DraftMail<'_>, content: &Slots) -> Values {
    let (language, zone) = (mail.client.language, &mail.client.zone);
    Values {
        list: content.slots.iter().zip(1..).map(|(slot, n)| Numbered::new(mail, n, *slot)).collect(),
        zone: zone_name(language, zone, content.until),
        length: meeting::length(mail, content.slots.first().copied()),
        about: words::line(language, content.about.as_deref().unwrap_or_default()),
        place: words::line(language, content.place.as_deref().unwrap_or_default()),
        until: words::moment(language, zone, content.until, mail.now),
    }
}

/// One file for each time: programs take a file with several events for a whole calendar.
pub(super) fn files(mail: &DraftMail<'_>, content: &Slots, key: &str, from: &EmailAddress, at: Instant) -> Vec<File> {
    let one = |(n, slot): (usize, &(Instant, Instant))| {
        let about = content.about.as_deref();
        let place = content.place.as_deref();
        File {
            name: format!("{n}.ics"),
            method: "PUBLISH",
            text: meeting::proposal(mail, &meeting::Event { key, n, slot: *slot, about, place, from, to: None, at }),
        }
    };
    content.slots.iter().enumerate().map(|(n, slot)| one((n + 1, slot))).collect()
}

/// Contents with which the templates are checked and shown: every branch once, the edges (nothing, one, many) too.
pub(super) fn samples(_zone: &Zone, now: Instant) -> Vec<SampleContent> {
    let slot = |days: i64, hours: i64, minutes: i64| {
        let start = now + TimeDelta::days(days) + TimeDelta::hours(hours);
        (start, start + TimeDelta::minutes(minutes))
    };
    let sample = |case, slots: Vec<(Instant, Instant)>, about: Option<&str>, place: Option<&str>| SampleContent {
        case,
        content: Content::Slots(Slots {
            until: slots.last().map_or(now, |(start, _)| *start) - TimeDelta::days(1),
            slots,
            about: about.map(str::to_owned),
            place: place.map(str::to_owned),
        }),
    };
    vec![
        sample("three", vec![slot(6, 0, 30), slot(8, 4, 30), slot(10, 6, 30)], None, None),
        sample("one", vec![slot(7, 5, 60)], None, None),
        sample("about", vec![slot(6, 0, 45), slot(7, 5, 45)], Some("Website relaunch"), None),
        sample(
            "place",
            vec![slot(6, 1, 90), slot(7, 5, 90)],
            Some("Website relaunch"),
            Some("https://meet.example/claire"),
        ),
    ]
}
