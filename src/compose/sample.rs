//! Sample values with which templates are checked and shown: one client, one week, every branch of a template.
use super::context::{About, Acknowledgement, Away, Holding, Urgency};
use crate::calendar::{Shift, Whose, Window};
use crate::model::{Instant, Language, Owner, Span, Tone, WeeklyHours, Zone, Zones};
use chrono::{NaiveDate, NaiveTime, TimeDelta, Weekday};

/// One acknowledgement with everything that it borrows.
#[derive(Clone, Debug)]
pub struct Sample {
    /// What it shows: `today`, `tomorrow`, `after-the-weekend`, `closure`, `trip`, `client-asleep`, `stranger`, `told`, `firm`, `topic`, `answer`,
    /// `clocks-here`, `clocks-there`.
    pub case: &'static str,
    /// Formal or familiar.
    pub tone: Tone,
    owner: Owner,
    language: Language,
    zone: Zone,
    hours: Option<WeeklyHours>,
    channels: Vec<String>,
    written_at: Instant,
    window: Window,
    known: bool,
    away: Option<Away<'static>>,
    urgency: Urgency,
    topic: Option<About<'static>>,
    clocks: Option<Shift>,
    subjects: Vec<Option<String>>,
}

/// What one case is made of: written at and promised by on the client's wall clock in January 2027
/// (the 11th is a Monday), day and minute of day.
type Case = (&'static str, (u32, u32), (u32, u32), Option<Absence>);

#[derive(Clone, Copy)]
enum Absence {
    Closure,
    Trip,
}

const CASES: &[Case] = &[
    ("today", (12, 9 * 60 + 40), (12, 16 * 60 + 30), None),
    ("tomorrow", (13, 21 * 60 + 10), (14, 17 * 60), None),
    ("after-the-weekend", (15, 19 * 60 + 5), (18, 17 * 60), None),
    ("client-asleep", (12, 20 * 60), (13, 60), None),
    ("closure", (6, 14 * 60), (18, 9 * 60 + 45), Some(Absence::Closure)),
    ("trip", (13, 10 * 60), (14, 12 * 60 + 30), Some(Absence::Trip)),
    ("evening", (15, 11 * 60), (15, 21 * 60 + 30), None),
    ("stranger", (13, 10 * 60), (14, 2 * 60), None),
    ("told", (13, 21 * 60 + 10), (14, 17 * 60), None),
    ("firm", (13, 21 * 60 + 10), (14, 17 * 60), None),
    ("topic", (12, 9 * 60 + 40), (12, 16 * 60 + 30), None),
    ("answer", (12, 9 * 60 + 40), (12, 16 * 60 + 30), None),
    ("clocks-here", (13, 21 * 60 + 10), (14, 17 * 60), None),
    ("clocks-there", (13, 21 * 60 + 10), (14, 17 * 60), None),
];

/// Every case in both tones, for a client in Singapore; a stranger has neither name, channels nor hours.
#[must_use]
pub fn samples(language: Language) -> Vec<Sample> {
    let zones = Zones::bundled();
    let zone = zones.get("Asia/Singapore").unwrap_or_else(|| zones.utc());
    let tones = [Tone::Formal, Tone::Familiar];
    let cases = tones.into_iter().flat_map(|tone| CASES.iter().map(move |case| (tone, case)));
    cases.map(|(tone, case)| Sample::new(language, tone, &zone, case)).collect()
}

impl Sample {
    fn new(language: Language, tone: Tone, zone: &Zone, (case, written, by, absence): &Case) -> Self {
        let known = *case != "stranger";
        let at = |(day, minute): (u32, u32)| {
            let date = NaiveDate::from_ymd_opt(2027, 1, day).unwrap_or_default();
            zone.instant(date.and_time(NaiveTime::MIN) + TimeDelta::minutes(i64::from(minute)))
        };
        let end = at(*by);
        let office = Span { open: clock(9, 0), close: clock(18, 30) };
        let week = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
        Self {
            case,
            tone,
            owner: owner(zone),
            language,
            zone: zone.clone(),
            hours: known.then(|| WeeklyHours::on(&week, &[office])),
            channels: if known { vec!["WhatsApp +65 5550 0100".to_owned()] } else { Vec::new() },
            written_at: at(*written),
            window: Window {
                start: end - TimeDelta::minutes(30),
                end,
                zone: zone.clone(),
                date: zone.local(end).date(),
                place: None,
            },
            known,
            subjects: ["Website", "Re: Logo"].map(|subject| Some(subject.to_owned())).to_vec(),
            away: absence.map(|absence| match absence {
                Absence::Closure => {
                    Away::Closure { until: NaiveDate::from_ymd_opt(2027, 1, 16).unwrap_or_default(), note: None }
                }
                Absence::Trip => Away::Trip { place: Some("Singapore") },
            }),
            urgency: match *case {
                "told" => Urgency::Told,
                "firm" => Urgency::Firm,
                _ => Urgency::Unsaid,
            },
            topic: match *case {
                "topic" => Some(About {
                    contact: Some("Paul Baker"),
                    channel: Some("paul@studio.example"),
                    copied: true,
                    answer: None,
                }),
                "answer" => Some(About {
                    contact: Some("Paul Baker"),
                    channel: None,
                    copied: false,
                    answer: Some("https://studio.example/faq"),
                }),
                _ => None,
            },
            // Sunday in the week after; the sample's zone knows no summer time, the words do not mind.
            clocks: match *case {
                "clocks-here" => Some((420, 480, Whose::Owner)),
                "clocks-there" => Some((480, 420, Whose::Client)),
                _ => None,
            }
            .map(|(before_minutes, after_minutes, whose)| Shift {
                at: at((17, 10 * 60)),
                before_minutes,
                after_minutes,
                whose,
            }),
        }
    }

    /// As the composer wants it.
    #[must_use]
    pub fn as_input(&self) -> Acknowledgement<'_> {
        Acknowledgement {
            owner: &self.owner,
            client_name: self.known.then_some("Acme Pte Ltd"),
            language: self.language,
            tone: self.tone,
            zone: &self.zone,
            hours: self.hours.as_ref(),
            holidays: &[],
            channels: &self.channels,
            written_at: self.written_at,
            window: &self.window,
            subject: self.known.then_some("Website"),
            away: self.away,
            urgency: self.urgency,
            topic: self.topic,
            clocks: self.clocks,
        }
    }

    /// The same as a holding reply: the promise that it renews would end in a quarter of an hour.
    #[must_use]
    pub fn as_holding(&self, variant: u32) -> Holding<'_> {
        Holding { anew: self.as_input(), previous: self.written_at + TimeDelta::minutes(15), variant, subjects: &[] }
    }

    /// The same for two messages at once.
    #[must_use]
    pub fn as_merged(&self, variant: u32) -> Holding<'_> {
        Holding { subjects: &self.subjects, ..self.as_holding(variant) }
    }

    /// The same where they may not be named.
    #[must_use]
    pub fn as_merged_unnamed(&self, variant: u32) -> Holding<'_> {
        const UNNAMED: &[Option<String>] = &[None, None];
        Holding { subjects: UNNAMED, ..self.as_holding(variant) }
    }
}

fn clock(hour: u32, minute: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default()
}

fn owner(zone: &Zone) -> Owner {
    Owner {
        name: "Claire Martin".to_owned(),
        zone: zone.clone(),
        languages: vec![Language::Fr, Language::En],
        hours: WeeklyHours::default(),
        holidays: Vec::new(),
        closures: Vec::new(),
        trips: Vec::new(),
    }
}
