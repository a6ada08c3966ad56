//! This machine's clock against the servers'. Two sources are sound: the time in an SMTP greeting, and the newest arrival
//! (INTERNALDATE), which can only show that we are behind. Date fields of mails are their senders' word and count nothing.
use super::{Finding, bad, good, warn};
use crate::cli::say;
use crate::model::Instant;
use chrono::{DateTime, TimeDelta};

const WHAT: &str = "clock";
/// A difference that no promise notices, in seconds: greetings name whole seconds and take their time.
const TOLERATED: i64 = 30;
/// Beyond this, replies leave visibly early or late.
const HARMFUL: i64 = 300;
const REMEDY: &str = "let it be set from the network: `sudo timedatectl set-ntp true`, or chrony; on macOS: System Settings, Date & Time";

/// What servers said about the time.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// Host, its clock, ours at that moment.
    pub greetings: Vec<(String, Instant, Instant)>,
    /// Host, the newest arrival, our clock at that moment.
    pub arrivals: Vec<(String, Instant, Instant)>,
}

/// The time in a greeting (RFC 5321 4.3.1 leaves the text free; Exim, Sendmail and Exchange end it with a date).
pub(super) fn time_in(greeting: &str) -> Option<Instant> {
    let words: Vec<&str> = greeting.split_whitespace().collect();
    let days = ["Mon,", "Tue,", "Wed,", "Thu,", "Fri,", "Sat,", "Sun,"];
    let start = words.iter().position(|word| days.contains(word))?;
    // Mon, 23 Nov 2026 07:47:37 +0000
    let date = words.get(start..start + 6)?.join(" ");
    DateTime::parse_from_rfc2822(&date).ok().map(|at| at.to_utc())
}

/// The verdict. `synchronised` is what the machine says itself.
pub(super) fn judge(heard: &Heard, synchronised: Option<bool>) -> Finding {
    let behind = heard.arrivals.iter().map(|(host, at, ours)| (host, (*at - *ours).num_seconds()));
    if let Some((host, seconds)) = behind.max_by_key(|(_, s)| *s).filter(|(_, s)| *s > 2 * TOLERATED) {
        let text = format!("at least {} behind {host}: its newest mail arrived in our future", length(seconds));
        return bad(WHAT, text, REMEDY);
    }
    let off = heard.greetings.iter().map(|(host, theirs, ours)| (host, (*ours - *theirs).num_seconds()));
    // One server may be wrong itself: the one that agrees best is believed.
    if let Some((host, seconds)) = off.min_by_key(|(_, s)| s.abs()) {
        let way = if seconds < 0 { "behind" } else { "ahead of" };
        let text = format!("{} {way} {host}", length(seconds.abs()));
        return match seconds.abs() {
            off if off <= TOLERATED => good(WHAT, format!("agrees with {host}")),
            off if off <= HARMFUL => warn(WHAT, text, REMEDY),
            _ => bad(WHAT, text, REMEDY),
        };
    }
    let servers = match heard.arrivals.first() {
        Some((host, ..)) => format!("not behind {host}; no server says more"),
        None => "no server told its time".to_owned(),
    };
    match synchronised {
        Some(true) => good(WHAT, format!("set from the network; {servers}")),
        Some(false) => warn(WHAT, format!("not set from the network; {servers}"), REMEDY),
        None => good(WHAT, servers),
    }
}

fn length(seconds: i64) -> String {
    match TimeDelta::seconds(seconds).num_minutes() {
        0..=1 => format!("{seconds} s"),
        minutes => say::length(minutes),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    fn at(seconds: i64) -> Instant {
        DateTime::from_timestamp(1_795_420_000 + seconds, 0).unwrap()
    }

    #[test]
    fn greetings_that_name_the_time() {
        for (greeting, found) in [
            ("220 mx.example ESMTP Exim 4.96 Mon, 23 Nov 2026 07:46:40 +0000", true),
            ("220 ex.example Microsoft ESMTP MAIL Service ready at Mon, 23 Nov 2026 08:46:40 +0100 [08DE]", true),
            ("220 s.example ESMTP Sendmail 8.17.1/8.17.1; Mon, 23 Nov 2026 07:46:40 GMT", true),
            ("220 smtp.gmail.com ESMTP x-1 - gsmtp", false),
            ("220 Mon, 23 Nov", false),
        ] {
            assert_eq!(time_in(greeting), found.then(|| at(0)), "{greeting}");
        }
    }

    #[test]
    fn the_verdict() {
        let heard = |greeting: Option<i64>, arrival: Option<i64>| Heard {
            greetings: greeting.map(|off| ("smtp".to_owned(), at(-off), at(0))).into_iter().collect(),
            arrivals: arrival.map(|off| ("imap".to_owned(), at(off), at(0))).into_iter().collect(),
        };
        for (greeting, arrival, synchronised, level, word) in [
            (Some(2), Some(-500), None, Level::Good, "agrees with smtp"),
            (Some(90), None, None, Level::Warn, "90 s ahead of smtp"),
            (Some(-4000), None, None, Level::Bad, "1 h 6 min behind smtp"),
            (Some(2), Some(600), None, Level::Bad, "at least 10 min behind imap"),
            (None, Some(-500), None, Level::Good, "not behind imap"),
            (None, None, Some(false), Level::Warn, "not set from the network"),
            (None, None, Some(true), Level::Good, "set from the network"),
            (None, None, None, Level::Good, "no server told its time"),
        ] {
            let found = judge(&heard(greeting, arrival), synchronised);
            assert_eq!(found.level, level, "{found:?}");
            assert!(found.text.starts_with(word), "{found:?}");
            assert_eq!(found.remedy.is_some(), level != Level::Good, "{found:?}");
        }
    }
}
