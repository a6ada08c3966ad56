//! The answer windows as a calendar to subscribe to (RFC 5545, RFC 7986). Never here: which windows there are.
use super::days::{Differs, Kind};
use super::words::Words;
use crate::calendar::Window;
use crate::compose::Ics;
use crate::model::Instant;
use chrono::NaiveDate;

/// How often subscribers look again.
const REFRESH: &str = "PT6H";

/// What the calendar is about.
pub(super) struct Feed<'a> {
    pub name: &'a str,
    /// Whose, in the names of events: the host of the page.
    pub host: &'a str,
    pub title: &'a str,
    /// Where it will lie, if that is known.
    pub url: Option<&'a str>,
    /// The day on which it is made.
    pub made: Instant,
}

/// One event a window; closed days are whole days, free for whoever subscribes.
pub(super) fn calendar<'a>(
    feed: &Feed<'_>,
    words: &Words,
    windows: impl Iterator<Item = &'a Window>,
    differing: &[Differs],
) -> String {
    let mut ics = Ics::new("PUBLISH");
    ics.text("NAME", feed.title);
    ics.text("X-WR-CALNAME", feed.title);
    ics.word("REFRESH-INTERVAL;VALUE=DURATION", REFRESH);
    ics.word("X-PUBLISHED-TTL", REFRESH);
    if let Some(url) = feed.url {
        ics.word("SOURCE;VALUE=URI", url);
    }
    let whose = fnv(feed.name);
    let summary = words.say("ics.window", &[("name", feed.name)]);
    for window in windows {
        ics.begin("VEVENT");
        let start = window.start.format("%Y%m%dT%H%M%SZ");
        ics.word("UID", &format!("window-{start}-{whose:08x}@{}", feed.host));
        ics.instant("DTSTAMP", feed.made);
        ics.instant("DTSTART", window.start);
        ics.instant("DTEND", window.end);
        ics.text("SUMMARY", &summary);
        ics.word("TRANSP", "TRANSPARENT");
        ics.end();
    }
    for it in differing {
        let summary = match &it.kind {
            Kind::Closed => words.say("ics.closed", &[("name", feed.name)]),
            Kind::Holiday(holiday) => words.say("ics.holiday", &[("name", feed.name), ("holiday", holiday)]),
            Kind::Trip => continue,
        };
        let (first, last) = it.dates;
        let day = |date: NaiveDate| date.format("%Y%m%d").to_string();
        ics.begin("VEVENT");
        ics.word("UID", &format!("closed-{}-{whose:08x}@{}", day(first), feed.host));
        ics.instant("DTSTAMP", feed.made);
        ics.word("DTSTART;VALUE=DATE", &day(first));
        // The first day after it (RFC 5545 3.6.1).
        ics.word("DTEND;VALUE=DATE", &day(last.succ_opt().unwrap_or(last)));
        ics.text("SUMMARY", &summary);
        if !it.note.is_empty() {
            ics.text("DESCRIPTION", &it.note);
        }
        ics.word("TRANSP", "TRANSPARENT");
        ics.end();
    }
    ics.finish()
}

/// FNV-1a: two owners without a page's address have different events.
fn fnv(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
