//! Meetings in words and as calendar files, for the kinds that propose and confirm them. Never here: how a file is written
//! (ics.rs), how it is put into a mail (mime.rs).
//!
//! A proposal and its confirmation bear one UID, the confirmation a higher SEQUENCE: who kept the proposal in their calendar
//! sees it become firm instead of standing twice.
use super::{DraftMail, VALUE_MAX, words};
use crate::compose::ics::Ics;
use crate::model::{EmailAddress, Instant, Language, text::clean};
use serde::Serialize;

/// A calendar file that goes with a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name.
    pub name: String,
    /// What it wants (RFC 5546): `PUBLISH`, or `REQUEST`, which wants an answer.
    pub method: &'static str,
    /// Its text, in CRLF.
    pub text: String,
}

/// A time with its number, in the client's words and zone.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Numbered {
    n: usize,
    date: String,
    time: String,
    zone: String,
    full: String,
}

impl Numbered {
    pub(super) fn new(mail: &DraftMail<'_>, n: usize, slot: (Instant, Instant)) -> Self {
        let moment = words::moment(mail.client.language, &mail.client.zone, slot.0, mail.now);
        Self { n, date: moment.date, time: moment.time, zone: moment.zone, full: moment.full }
    }
}

/// "30 minutes", "an hour".
pub(super) fn length(mail: &DraftMail<'_>, slot: Option<(Instant, Instant)>) -> String {
    let minutes = slot.map_or(0, |(start, end)| (end - start).num_minutes());
    let hour = minutes == 60;
    match mail.client.language {
        Language::En if hour => "an hour".to_owned(),
        Language::Fr if hour => "une heure".to_owned(),
        Language::De if hour => "eine Stunde".to_owned(),
        Language::Es if hour => "una hora".to_owned(),
        Language::It if hour => "un'ora".to_owned(),
        Language::Pt if hour => "uma hora".to_owned(),
        Language::Nl if hour => "een uur".to_owned(),
        Language::Ja if hour => "1時間".to_owned(),
        Language::Zh if hour => "1小时".to_owned(),
        Language::Ar if hour => "ساعة".to_owned(),
        Language::De => format!("{minutes} Minuten"),
        Language::Es => format!("{minutes} minutos"),
        Language::It => format!("{minutes} minuti"),
        Language::Pt => format!("{minutes} minutos"),
        Language::Nl => format!("{minutes} minuten"),
        Language::Ja => format!("{minutes}分"),
        Language::Zh => format!("{minutes}分钟"),
        // 11 and more take the singular.
        Language::Ar if minutes > 10 => format!("{minutes} دقيقة"),
        Language::Ar => format!("{minutes} دقائق"),
        Language::En | Language::Fr => format!("{minutes} minutes"),
    }
}

/// A meeting as calendars know it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Event<'a> {
    /// The offer.
    pub key: &'a str,
    /// The number of the time in it.
    pub n: usize,
    /// When.
    pub slot: (Instant, Instant),
    /// What it is about.
    pub about: Option<&'a str>,
    /// Where or how.
    pub place: Option<&'a str>,
    /// The owner's address.
    pub from: &'a EmailAddress,
    /// The client's address; only invitations have one (RFC 5546 3.2.1).
    pub to: Option<&'a EmailAddress>,
    /// When it was written: never the present, so that the same draft has the same bytes.
    pub at: Instant,
}

/// A time that is kept free, for the client's calendar.
pub(super) fn proposal(mail: &DraftMail<'_>, event: &Event<'_>) -> String {
    written("PUBLISH", "TENTATIVE", 0, mail, event)
}

/// The invitation to the chosen time.
pub(super) fn invitation(mail: &DraftMail<'_>, event: &Event<'_>) -> String {
    written("REQUEST", "CONFIRMED", 1, mail, event)
}

fn written(method: &'static str, status: &str, sequence: u32, mail: &DraftMail<'_>, event: &Event<'_>) -> String {
    let owner = clean(&mail.owner.name, VALUE_MAX);
    let mut ics = Ics::new(method);
    ics.begin("VEVENT");
    ics.word("UID", &uid(event));
    ics.word("SEQUENCE", &sequence.to_string());
    ics.instant("DTSTAMP", event.at);
    ics.instant("DTSTART", event.slot.0);
    ics.instant("DTEND", event.slot.1);
    ics.text("SUMMARY", &summary(mail, event));
    ics.word("STATUS", status);
    ics.word("TRANSP", "OPAQUE");
    if let Some(place) = event.place {
        ics.text("LOCATION", &clean(place, VALUE_MAX));
        if place.starts_with("https://") {
            ics.word("URL", &clean(place, VALUE_MAX));
        }
    }
    ics.person("ORGANIZER", &owner, &event.from.to_string(), &[]);
    if let Some(to) = event.to {
        let name = mail.person.map_or_else(|| to.to_string(), |person| clean(person, VALUE_MAX));
        let more = ["CUTYPE=INDIVIDUAL", "ROLE=REQ-PARTICIPANT", "PARTSTAT=NEEDS-ACTION", "RSVP=TRUE"];
        ics.person("ATTENDEE", &name, &to.to_string(), &more);
    }
    ics.finish()
}

/// The same for a proposal and its confirmation, on every machine.
fn uid(event: &Event<'_>) -> String {
    let key: String = event.key.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' }).collect();
    format!("{key}-{}@{}", event.n, event.from.domain())
}

/// What both see in their calendars.
fn summary(mail: &DraftMail<'_>, event: &Event<'_>) -> String {
    // Without `name` a client is called by their key: the owner's business alone.
    let named = Some(mail.client.name.as_str()).filter(|name| *name != mail.client.id);
    let with = mail.person.or(named).map(|with| format!(" / {with}")).unwrap_or_default();
    let names = format!("{}{with}", mail.owner.name);
    clean(&event.about.map_or(names.clone(), |about| format!("{about} ({names})")), VALUE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::draft::samples;

    #[test]
    fn a_key_is_not_shown() {
        let sample = samples(Language::En).remove(0);
        let from = EmailAddress::parse("claire@studio.example").unwrap();
        for (name, person, want) in [
            ("Acme Pte Ltd", None, "Relaunch (Claire Martin / Acme Pte Ltd)"),
            ("acme", None, "Relaunch (Claire Martin)"),
            ("acme", Some("Anna Keller"), "Relaunch (Claire Martin / Anna Keller)"),
        ] {
            let mut client = sample.as_input().client.clone();
            (client.id, client.name) = ("acme".to_owned(), name.to_owned());
            let mail = DraftMail { client: &client, person, ..sample.as_input() };
            let at = Instant::default();
            let event = Event {
                key: "slots:acme:2027-01-12",
                n: 1,
                slot: (at, at),
                about: Some("Relaunch"),
                place: None,
                from: &from,
                to: None,
                at,
            };
            assert_eq!(summary(&mail, &event), want);
            assert!(proposal(&mail, &event).contains(&format!("SUMMARY:{want}\r\n")), "{want}");
        }
    }
}
