//! Calendar files in a mail as a library sees them that nobody here wrote: Python's icalendar, where it is here, and always
//! calcard. Both have to agree.
use calcard::{Entry, Parser, icalendar::ICalendarProperty};
use chrono::{DateTime, Utc};
use mail_parser::{MessageParser, MimeHeaders};
use std::io::Write as _;
use std::process::{Command, Stdio};

/// One calendar file of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub kind: String,
    pub method: String,
    pub uid: String,
    pub sequence: u32,
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    pub organizer: String,
    pub attendee: Option<String>,
    pub location: String,
}

/// All calendar files of a mail, in their order.
pub fn all(raw: &str) -> Vec<Found> {
    let mail = MessageParser::default().parse(raw.as_bytes()).unwrap();
    let mut kinds = Vec::new();
    let mut found = Vec::new();
    for part in &mail.parts {
        let Some(kind) = part.content_type() else { continue };
        let name = format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default());
        if !matches!(name.as_str(), "text/calendar" | "application/ics") {
            continue;
        }
        let text = String::from_utf8(part.contents().to_vec()).unwrap();
        if name == "text/calendar" {
            let method = kind.attribute("method").unwrap();
            assert!(text.contains(&format!("METHOD:{method}")), "{text}");
        }
        let Entry::ICalendar(calendar) = Parser::new(&text).entry() else { panic!("{text}") };
        assert!(calendar.components[1].has_property(&ICalendarProperty::Dtstamp), "{text}");
        kinds.push(name);
        found.push(text);
    }
    found.iter().zip(kinds).map(|(text, kind)| read(text, kind)).collect()
}

fn line(text: &str, name: &str) -> Option<String> {
    let text = text.replace("\r\n", "\n").replace("\n ", "");
    let value = |line: &str| {
        let (head, value) = line.split_once(if line.starts_with("ATTENDEE") || line.starts_with("ORGANIZER") {
            ":mailto:"
        } else {
            ":"
        })?;
        let plain = head.split(';').next() == Some(name);
        plain.then(|| if head.len() == name.len() { value.to_owned() } else { format!("mailto:{value}") })
    };
    text.lines().find_map(value)
}

fn read(text: &str, kind: String) -> Found {
    let at = |name: &str| {
        let text = line(text, name).unwrap();
        chrono::NaiveDateTime::parse_from_str(&text, "%Y%m%dT%H%M%SZ").unwrap().and_utc()
    };
    let found = Found {
        kind,
        method: line(text, "METHOD").unwrap(),
        uid: line(text, "UID").unwrap(),
        sequence: line(text, "SEQUENCE").unwrap().parse().unwrap(),
        start: at("DTSTART"),
        end: at("DTEND"),
        organizer: line(text, "ORGANIZER").unwrap(),
        attendee: line(text, "ATTENDEE"),
        location: line(text, "LOCATION").unwrap_or_default(),
    };
    if let Some(said) = python(text) {
        let want = format!(
            "{}|{}|{}|{}|{}|{}|{}|{}|True",
            found.method,
            found.uid,
            found.sequence,
            found.start.format("%FT%TZ"),
            found.end.format("%FT%TZ"),
            found.organizer,
            found.attendee.clone().unwrap_or_default(),
            found.location,
        );
        assert_eq!(said.trim(), want, "{text}");
    }
    found
}

/// What Python's icalendar reads; `None` where it is not installed.
fn python(text: &str) -> Option<String> {
    let script = "import sys,icalendar,datetime\n\
        c=icalendar.Calendar.from_ical(sys.stdin.buffer.read()); e=c.walk('VEVENT')[0]\n\
        t=lambda n: e[n].dt.astimezone(datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')\n\
        print('|'.join(str(x) for x in [c['METHOD'],e['UID'],e['SEQUENCE'],t('DTSTART'),t('DTEND'),e['ORGANIZER'],\
        e.get('ATTENDEE',''),e.get('LOCATION',''),not e.errors]))";
    // The distribution's packages are its own Python's.
    let ran = ["/usr/bin/python3", "python3"].iter().find_map(|python| {
        let piped = Stdio::piped;
        let mut command = Command::new(python);
        let mut child = command.args(["-c", script]).stdin(piped()).stdout(piped()).stderr(piped()).spawn().ok()?;
        child.stdin.take()?.write_all(text.as_bytes()).ok()?;
        child.wait_with_output().ok().filter(|output| output.status.success())
    });
    if ran.is_none() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "python3-icalendar is missing");
        eprintln!("SKIPPED: python3-icalendar is not here; only calcard has read the calendar files");
    }
    ran.map(|output| String::from_utf8(output.stdout).unwrap())
}
