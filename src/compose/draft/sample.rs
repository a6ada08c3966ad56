//! Sample drafts, with which templates are checked and shown: every kind, every branch, both tones, and the edges of every
//! mail: a client without a person's name, one whose name runs from right to left.
use super::{DraftMail, SampleContent};
use crate::decide::occasion::Content;
use crate::model::{Client, ClientPolicy, DraftKind, Instant, Language, Owner, Span, Tone, WeeklyHours, Zone, Zones};
use chrono::{NaiveDate, NaiveTime, TimeDelta, Weekday};

/// One draft with everything that it borrows.
#[derive(Clone, Debug)]
pub struct DraftSample {
    /// What it shows: the content's case, or `no-name`, `right-to-left` of the first one.
    pub case: &'static str,
    owner: Owner,
    client: Client,
    person: Option<&'static str>,
    content: Content,
    now: Instant,
}

/// Every sample of every kind in both tones, for a client in Singapore and the first week of 2027.
#[must_use]
pub fn samples(language: Language) -> Vec<DraftSample> {
    let zones = Zones::bundled();
    let zone = zones.get("Asia/Singapore").unwrap_or_else(|| zones.utc());
    let home = zones.get("Europe/London").unwrap_or_else(|| zones.utc());
    let now = zone.instant(NaiveDate::from_ymd_opt(2027, 1, 12).unwrap_or_default().and_time(NaiveTime::MIN))
        + TimeDelta::hours(10);
    let mut found = Vec::new();
    for tone in [Tone::Formal, Tone::Familiar] {
        for of_kind in contents(&zone, now) {
            for (n, SampleContent { case, content }) in of_kind.into_iter().enumerate() {
                let one = |case, name: &str, person| DraftSample {
                    case,
                    owner: owner(&home),
                    client: client(language, tone, &zone, name),
                    person,
                    content: content.clone(),
                    now,
                };
                found.push(one(case, "Acme Pte Ltd", Some("Anna Keller")));
                if n == 0 {
                    found.push(one("no-name", "Acme Pte Ltd", None));
                    found.push(one(
                        "right-to-left",
                        "\u{634}\u{631}\u{643}\u{629} \u{627}\u{644}\u{646}\u{648}\u{631}",
                        Some("\u{644}\u{64a}\u{644}\u{649} \u{62d}\u{62f}\u{627}\u{62f}"),
                    ));
                }
            }
        }
    }
    found
}

/// Contents of one kind with which it can be shown, for a client in `zone`.
#[must_use]
pub fn sample_contents(kind: DraftKind, zone: &Zone, now: Instant) -> Vec<SampleContent> {
    let all = contents(zone, now).into_iter().flatten();
    all.filter(|sample| sample.content.kind() == kind).collect()
}

/// The contents of every kind, in the order of [`crate::model::DraftKind::ALL`].
fn contents(zone: &Zone, now: Instant) -> Vec<Vec<SampleContent>> {
    vec![
        super::progress::samples(zone, now),
        super::follow_up::samples(zone, now),
        super::check_in::samples(zone, now),
        super::trip::samples(zone, now),
        super::closure::samples(zone, now),
        super::visit::samples(zone, now),
        super::slots::samples(zone, now),
        super::slot_confirmed::samples(zone, now),
        super::contract::samples(zone, now),
        super::deposit::samples(zone, now),
        super::payment::samples(zone, now),
        super::greeting::samples(zone, now),
        super::recap::samples(zone, now),
    ]
}

impl DraftSample {
    /// As the composer wants it.
    #[must_use]
    pub fn as_input(&self) -> DraftMail<'_> {
        DraftMail {
            owner: &self.owner,
            client: &self.client,
            person: self.person,
            subject: None,
            content: &self.content,
            opening: None,
            now: self.now,
        }
    }

    /// As it is usually written: kinds that answer something stand in a conversation.
    #[must_use]
    pub fn as_usual(&self) -> DraftMail<'_> {
        match self.content.kind() {
            DraftKind::FollowUp | DraftKind::SlotConfirmed => self.as_reply(),
            _ => self.as_input(),
        }
    }

    /// Its kind, tone and case: what it is called.
    #[must_use]
    pub fn label(&self) -> (DraftKind, Tone, &'static str) {
        (self.content.kind(), self.client.tone, self.case)
    }

    /// The same in a conversation.
    #[must_use]
    pub fn as_reply(&self) -> DraftMail<'_> {
        DraftMail { subject: Some("Website"), ..self.as_input() }
    }
}

fn client(language: Language, tone: Tone, zone: &Zone, name: &str) -> Client {
    let week = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
    let time = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default();
    Client {
        id: "acme".to_owned(),
        name: name.to_owned(),
        contacts: Vec::new(),
        zone: zone.clone(),
        language,
        tone,
        hours: Some(WeeklyHours::on(&week, &[Span { open: time(9, 0), close: time(18, 30) }])),
        holidays: vec!["SG".to_owned()],
        channels: vec!["WhatsApp +65 5550 0100".to_owned()],
        policy: ClientPolicy::Normal,
        mode: None,
        birthdays: Vec::new(),
        since: None,
    }
}

fn owner(home: &Zone) -> Owner {
    Owner {
        name: "Claire Martin".to_owned(),
        zone: home.clone(),
        languages: vec![Language::Fr, Language::En],
        hours: WeeklyHours::default(),
        holidays: Vec::new(),
        closures: Vec::new(),
        trips: Vec::new(),
    }
}
