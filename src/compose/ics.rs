//! Calendar files (RFC 5545), written line by line: components, escaping, folding, instants in UTC. What stands in them:
//! whoever writes one. Never here: time zones; every instant is written in UTC, so that no reader needs a VTIMEZONE.
use crate::model::Instant;

/// Octets of a line before it is folded (RFC 5545 3.1), the line break not counted.
const LINE: usize = 75;

/// Who made the file (RFC 5545 3.7.3).
const PRODUCT: &str = "-//fuseau//fuseau//EN";

/// A calendar that is being written. Names of components, properties and parameters are ours; values may be anybody's.
#[derive(Clone, Debug)]
pub struct Ics {
    out: String,
    open: Vec<&'static str>,
}

impl Ics {
    /// Begins a VCALENDAR; `method` as in RFC 5546 (`PUBLISH`, `REQUEST`, `CANCEL`).
    #[must_use]
    pub fn new(method: &'static str) -> Self {
        let mut ics = Self { out: String::new(), open: Vec::new() };
        ics.begin("VCALENDAR");
        ics.word("VERSION", "2.0");
        ics.word("PRODID", PRODUCT);
        ics.word("CALSCALE", "GREGORIAN");
        ics.word("METHOD", method);
        ics
    }

    /// Begins a component (`VEVENT`, `VALARM`).
    pub fn begin(&mut self, component: &'static str) {
        self.line(&format!("BEGIN:{component}"));
        self.open.push(component);
    }

    /// Ends the component that was begun last.
    pub fn end(&mut self) {
        if let Some(component) = self.open.pop() {
            self.line(&format!("END:{component}"));
        }
    }

    /// A property whose value is a word of the format, a number or an address: written as it is, line breaks excepted.
    pub fn word(&mut self, name: &str, value: &str) {
        let value: String = value.chars().filter(|c| !c.is_control()).collect();
        self.line(&format!("{name}:{value}"));
    }

    /// A property whose value is text: anybody's, escaped (RFC 5545 3.3.11).
    pub fn text(&mut self, name: &str, value: &str) {
        self.line(&format!("{name}:{}", escaped(value)));
    }

    /// An instant, in UTC to the second: `DTSTART:20270114T080000Z`.
    pub fn instant(&mut self, name: &str, at: Instant) {
        self.line(&format!("{name}:{}", at.format("%Y%m%dT%H%M%SZ")));
    }

    /// An address of a person: `ORGANIZER;CN="Claire Martin":mailto:claire@studio.example`. `more` are further parameters
    /// (`ROLE=REQ-PARTICIPANT`), ours.
    pub fn person(&mut self, property: &str, name: &str, address: &str, more: &[&str]) {
        // A parameter cannot hold a quotation mark (RFC 5545 3.2), escaped or not.
        let name: String = name.chars().map(|c| if c == '"' { '\'' } else { c }).filter(|c| !c.is_control()).collect();
        let address: String = address.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
        let more: String = more.iter().map(|parameter| format!(";{parameter}")).collect();
        self.line(&format!("{property};CN=\"{name}\"{more}:mailto:{address}"));
    }

    /// The file: whatever is open ends here.
    #[must_use]
    pub fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.end();
        }
        self.out
    }

    /// Writes one content line, folded between characters.
    fn line(&mut self, line: &str) {
        let mut octets = 0;
        for c in line.chars() {
            if octets + c.len_utf8() > LINE {
                self.out.push_str("\r\n ");
                octets = 1;
            }
            self.out.push(c);
            octets += c.len_utf8();
        }
        self.out.push_str("\r\n");
    }
}

/// Text for a value: backslash, semicolon and comma escaped, line breaks as `\n`, other controls dropped.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").replace('\r', "\n").chars() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push(c),
            c if c.is_control() => (),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_calendar_is_closed_escaped_and_folded() {
        let mut ics = Ics::new("PUBLISH");
        ics.begin("VEVENT");
        ics.word("UID", "one@fuseau\r\nATTENDEE:x");
        ics.instant("DTSTART", "2027-01-14T08:00:00.9Z".parse().unwrap());
        ics.text("SUMMARY", "a, b; c\\d\r\ne\u{7}\rf");
        ics.text("DESCRIPTION", &"é".repeat(80));
        ics.person("ORGANIZER", "Claire \"C\"\r\n Martin", "claire@studio.example\r\nX:y", &["ROLE=CHAIR"]);
        let file = ics.finish();
        for line in file.split_terminator("\r\n") {
            assert!(line.len() <= LINE && !line.contains(['\r', '\n']), "{line:?}");
        }
        let unfolded = file.replace("\r\n ", "");
        let want = [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//fuseau//fuseau//EN",
            "CALSCALE:GREGORIAN",
            "METHOD:PUBLISH",
            "BEGIN:VEVENT",
            "UID:one@fuseauATTENDEE:x",
            "DTSTART:20270114T080000Z",
            "SUMMARY:a\\, b\\; c\\\\d\\ne\\nf",
            &format!("DESCRIPTION:{}", "é".repeat(80)),
            "ORGANIZER;CN=\"Claire 'C' Martin\";ROLE=CHAIR:mailto:claire@studio.exampleX:y",
            "END:VEVENT",
            "END:VCALENDAR",
        ];
        assert_eq!(unfolded.split_terminator("\r\n").collect::<Vec<_>>(), want);
        assert!(file.ends_with("END:VCALENDAR\r\n"));
    }
}
