//! Whom the year is lived with, and the configuration that says so.
use chrono_tz::Tz;

/// A client, as the oracle knows them: not read from the configuration.
pub struct Person {
    pub key: &'static str,
    pub language: &'static str,
    pub zone: Tz,
    /// Days of the week on which they do not work, Monday is 0.
    pub weekend: &'static [u32],
    /// Decent hours, minutes of the day.
    pub hours: (u32, u32),
    /// Public holidays that everybody knows: (month, day).
    pub holidays: &'static [(u32, u32)],
    calendar: &'static str,
}

const SAT_SUN: &[u32] = &[5, 6];

macro_rules! person {
    ($key:literal $language:literal $zone:ident $calendar:literal $weekend:expr, $hours:expr, $holidays:expr) => {
        Person {
            key: $key,
            language: $language,
            zone: Tz::$zone,
            weekend: $weekend,
            hours: $hours,
            holidays: &$holidays,
            calendar: $calendar,
        }
    };
}

pub const PEOPLE: [Person; 12] = [
    person!("singapore" "en" Asia__Singapore "SG" SAT_SUN, (9 * 60, 18 * 60 + 30), [(12, 25), (1, 1), (5, 1), (8, 9)]),
    person!("newyork" "en" America__New_York "US" SAT_SUN, (540, 1080), [(12, 25), (1, 1), (11, 11)]),
    person!("paris" "fr" Europe__Paris "FR" SAT_SUN, (540, 1080), [(5, 1), (7, 14), (11, 11), (12, 25), (1, 1)]),
    person!("berlin" "de" Europe__Berlin "DE-BY" SAT_SUN, (540, 1080), [(1, 1), (1, 6), (5, 1), (12, 25)]),
    person!("santiago" "es" America__Santiago "CL" SAT_SUN, (540, 1080), [(1, 1), (5, 21), (9, 18), (12, 25)]),
    person!("roma" "it" Europe__Rome "IT" SAT_SUN, (540, 1080), [(1, 6), (4, 25), (6, 2), (8, 15), (12, 8)]),
    person!("saopaulo" "pt" America__Sao_Paulo "BR" SAT_SUN, (540, 1080), [(1, 1), (4, 21), (9, 7), (12, 25)]),
    person!("utrecht" "nl" Europe__Amsterdam "NL" SAT_SUN, (540, 1080), [(12, 25), (1, 1), (4, 27)]),
    person!("tokyo" "ja" Asia__Tokyo "JP" SAT_SUN, (540, 1080), [(1, 1), (2, 11), (11, 3), (11, 23)]),
    person!("shanghai" "zh" Asia__Shanghai "CN" SAT_SUN, (540, 1080), [(1, 1), (5, 1), (10, 1)]),
    person!("cairo" "ar" Africa__Cairo "EG" &[4, 5], (540, 1080), [(1, 7)]),
    person!("lordhowe" "en" Australia__Lord_Howe "AU" SAT_SUN, (8 * 60, 16 * 60), [(1, 26), (12, 25), (4, 25)]),
];

impl Person {
    pub fn address(&self) -> String {
        format!("{0}@{0}.example", self.key)
    }
}

/// The whole configuration: the owner of `days.rs`, and [`PEOPLE`].
pub fn config() -> String {
    let mut text = OWNER.to_owned();
    for person in &PEOPLE {
        let clock = |minute: u32| format!("{:02}:{:02}", minute / 60, minute % 60);
        // The weekend of Cairo, and ordinary hours, are for the program to know.
        let hours = match person.hours {
            (540, 1080) => String::new(),
            (open, close) => format!("hours = {{ mon-fri = [\"{}-{}\"] }}\n", clock(open), clock(close)),
        };
        text += &format!(
            "[client.{0}]\ncontacts = [\"@{0}.example\"]\nzone = \"{1}\"\nlanguage = \"{2}\"\nholidays = [\"{3}\"]\n{hours}",
            person.key, person.zone, person.language, person.calendar
        );
    }
    text
}

const OWNER: &str = r#"
state = "state"
[me]
name = "Claire Martin"
zone = "Europe/London"
languages = ["en", "fr", "de", "es", "it", "pt", "nl", "ja", "zh", "ar"]
[hours]
mon-thu = ["09:00-09:30", "11:30-12:00", "14:00-14:30", "16:30-17:00"]
fri = ["09:00-09:30", "11:30-12:00"]
holidays = ["GB-ENG"]
[[closed]]
from = 2026-12-24
to = 2027-01-02
[[closed]]
from = 2027-08-09
to = 2027-08-22
[[closed]]
from = 2027-10-05
to = 2027-10-06
[[day]]
date = 2027-05-03
hours = ["10:00-11:00"]
[[day]]
date = 2027-06-16
hours = []
[[day]]
date = 2027-05-15
hours = ["14:00-16:00"]
[[trip]]
from = 2026-12-05
to = 2026-12-19
zone = "Asia/Singapore"
place = "Singapore"
[[trip]]
from = 2027-03-08
to = 2027-03-20
zone = "America/New_York"
hours = { mon-fri = ["02:15-02:45", "08:00-08:30", "17:00-17:30"], sun = ["02:15-03:15"] }
[[trip]]
from = 2027-04-01
to = 2027-04-10
zone = "Pacific/Auckland"
[[trip]]
from = 2027-09-27
to = 2027-10-10
zone = "Australia/Lord_Howe"
[mailbox.studio]
address = "claire@studio.example"
mode = "send"
maildir = "Maildir"
outgoing = "outgoing"
trusted_authserv = ["mx.studio.example"]
"#;
