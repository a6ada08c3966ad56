//! Calendar files of drafts as other programs read them: calcard and, where it is here, Python's icalendar.
use calcard::{Entry, Parser, icalendar::ICalendarProperty};
use fuseau::compose::draft::{files, samples};
use fuseau::compose::{Auto, Composer, Head, assemble_with};
use fuseau::model::{DraftKind, EmailAddress, Instant, Language, MessageId};
use mail_parser::{MessageParser, MimeHeaders};
use std::process::Command;

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

/// Every mail of a kind with calendar files, in every language and case: its bytes, and the number of files.
fn mails(kind: DraftKind) -> Vec<(String, Vec<u8>, usize)> {
    let composer = Composer::built_in().unwrap();
    let at: Instant = "2027-01-12T10:00:00Z".parse().unwrap();
    let (from, to) = (address("claire@studio.example"), address("anna@acme.example"));
    let mut all = Vec::new();
    for language in Language::ALL {
        for sample in samples(language).into_iter().filter(|sample| sample.label().0 == kind) {
            let mail = sample.as_usual();
            let attached = files(&mail, "slots:acme:2027-01-12", &from, &to, at);
            let id = MessageId::parse("<draft.1@studio.example>").unwrap();
            let head = Head {
                from_name: "Claire Martin",
                from: &from,
                to: &to,
                copy: None,
                message_id: &id,
                in_reply_to: None,
                references: &[],
                date: at,
                fuseau_id: "1",
                auto: Auto::None,
            };
            let bytes = assemble_with(&composer.draft(&mail).unwrap(), &head, &attached).unwrap();
            all.push((format!("{language:?} {}", sample.label().2), bytes, attached.len()));
        }
    }
    all
}

fn calendar(text: &str) -> calcard::icalendar::ICalendar {
    // Its strict mode takes no BEGIN at all: whatever is not understood shows in what is missing below.
    match Parser::new(text).entry() {
        Entry::ICalendar(calendar) => calendar,
        other => panic!("{other:?} in {text}"),
    }
}

#[test]
fn proposals_are_one_file_for_each_time() {
    for (place, bytes, count) in mails(DraftKind::Slots) {
        let mail = MessageParser::default().parse(&bytes).unwrap();
        assert!(count > 0 && mail.attachment_count() == count, "{place}");
        for part in mail.attachments() {
            assert_eq!(part.content_type().unwrap().attribute("method"), Some("PUBLISH"), "{place}");
            let found = calendar(part.text_contents().unwrap());
            let event = &found.components[1];
            assert!(!event.has_property(&ICalendarProperty::Attendee), "{place}");
            assert!(event.uid().unwrap().ends_with("@studio.example"), "{place}");
        }
    }
}

#[test]
fn an_invitation_is_a_face_of_the_mail_and_a_file() {
    for (place, bytes, count) in mails(DraftKind::SlotConfirmed) {
        let text = String::from_utf8(bytes.clone()).unwrap();
        let mail = MessageParser::default().parse(&bytes).unwrap();
        if count == 0 {
            assert!(!text.contains("text/calendar"), "{place}: a question invites nobody");
            continue;
        }
        let parts: Vec<_> = mail.parts.iter().filter_map(|part| Some((part.content_type()?, part))).collect();
        let kind = |kind: &str, sub: &str| {
            let found = parts.iter().find(|(it, _)| it.ctype() == kind && it.subtype() == Some(sub));
            found.unwrap_or_else(|| panic!("{place}: no {kind}/{sub} in\n{text}"))
        };
        assert_eq!(kind("text", "calendar").0.attribute("method"), Some("REQUEST"), "{place}");
        let face = kind("text", "calendar").1.text_contents().unwrap().to_owned();
        let file = String::from_utf8(kind("application", "ics").1.contents().to_vec()).unwrap();
        assert_eq!(face.replace("\r\n", "\n").trim(), file.replace("\r\n", "\n").trim(), "{place}");
        kind("multipart", "alternative");
        let found = calendar(&face);
        let event = &found.components[1];
        for needed in [
            ICalendarProperty::Organizer,
            ICalendarProperty::Attendee,
            ICalendarProperty::Dtstamp,
            ICalendarProperty::Dtstart,
            ICalendarProperty::Dtend,
            ICalendarProperty::Sequence,
        ] {
            assert!(event.has_property(&needed), "{place}: {needed:?}");
        }
        assert!(!face.contains("VALARM") && !face.contains("TZID"), "{place}");
    }
}

/// The check of a library that nobody here wrote: Python's icalendar.
#[test]
fn another_library_reads_the_invitation() {
    let script = "import sys,email,email.policy,icalendar\n\
        m=email.message_from_bytes(sys.stdin.buffer.read(),policy=email.policy.default)\n\
        p=[p for p in m.walk() if p.get_content_type()=='text/calendar'][0]\n\
        c=icalendar.Calendar.from_ical(p.get_content()); e=c.walk('VEVENT')[0]\n\
        print(c['METHOD'],p.get_param('method'),e['DTSTART'].dt.isoformat(),e['ORGANIZER'],e['ATTENDEE'],e['SEQUENCE'],e['UID'],not e.errors)";
    let (place, bytes, _) = mails(DraftKind::SlotConfirmed).into_iter().next().unwrap();
    let ran = ["/usr/bin/python3", "python3"].iter().find_map(|python| {
        use std::io::Write;
        let piped = std::process::Stdio::piped;
        let mut child =
            Command::new(python).args(["-c", script]).stdin(piped()).stdout(piped()).stderr(piped()).spawn().ok()?;
        child.stdin.take()?.write_all(&bytes).ok()?;
        child.wait_with_output().ok().filter(|output| output.status.success())
    });
    let Some(output) = ran else {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "python3-icalendar is missing");
        eprintln!("SKIPPED another_library_reads_the_invitation: python3-icalendar is not here");
        return;
    };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let want = "REQUEST REQUEST 2027-01-19T02:00:00+00:00 mailto:claire@studio.example mailto:anna@acme.example 1 \
                slots-acme-2027-01-12-2@studio.example True\n";
    assert_eq!(said, want, "{place}");
}
