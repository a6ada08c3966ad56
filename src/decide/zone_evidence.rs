//! Where a client probably is, from the offsets of their Date headers across clock changes, their domain and the
//! telephone numbers of their signatures: a ranking with reasons. Facts in, ranking out; nothing is applied, and nothing
//! else follows from a Date header. Reading the clues: zone_clues.rs.
use super::zone_clues::{Country, all_zones, countries_of_number, country_of_domain};
pub use super::zone_standing::{Away, Clues, Confidence, Evidence, Stamp, Standing};
use crate::model::{Instant, Zone, Zones};
use chrono::{Datelike, TimeDelta};
use std::collections::{BTreeMap, BTreeSet};

/// A day of a sender: one mail or twenty of it count once.
#[derive(Clone, Debug)]
struct Day {
    at: Instant,
    offset: i32,
    sender: String,
}

/// Fewer days than this are no more than a hint.
const ENOUGH: usize = 5;
/// A run of so many days with one other offset is a journey, not a slip.
const JOURNEY: usize = 2;
/// Whoever is away for longer has perhaps moved.
const MOVED: TimeDelta = TimeDelta::days(45);
/// Percent of the days at home that have to fit.
const FIT: usize = 90;
/// Proposals at most.
const SHOWN: usize = 5;

/// Zones that people mean more often than their neighbours with the same clock.
const USUAL: &[&str] = &[
    "Europe/London",
    "Europe/Paris",
    "Europe/Berlin",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "Asia/Tokyo",
    "Asia/Shanghai",
    "Asia/Singapore",
    "Asia/Kolkata",
    "Asia/Dubai",
    "Australia/Sydney",
    "Australia/Brisbane",
    "Australia/Adelaide",
    "Australia/Perth",
    "America/Toronto",
    "America/Vancouver",
    "America/Edmonton",
    "America/Winnipeg",
    "America/Halifax",
    "America/Sao_Paulo",
    "America/Mexico_City",
    "America/Bogota",
    "America/Argentina/Buenos_Aires",
    "Africa/Lagos",
    "Africa/Nairobi",
    "Africa/Cairo",
    "Africa/Johannesburg",
    "Africa/Accra",
    "Europe/Athens",
    "Europe/Kyiv",
    "Europe/Istanbul",
    "Europe/Moscow",
    "Asia/Karachi",
    "Asia/Dhaka",
    "Asia/Bangkok",
    "Asia/Seoul",
    "Pacific/Auckland",
    "Pacific/Honolulu",
    "America/Phoenix",
    "America/Anchorage",
];

/// Weighs the clues about a client whose configured zone is `configured`, at `now`.
#[must_use]
pub fn weigh(clues: &Clues, configured: &Zone, zones: &Zones, now: Instant) -> Evidence {
    let mut reasons = Vec::new();
    let lands = lands(clues, &mut reasons);
    let days = days(clues, configured, &lands, zones, &mut reasons);
    let mut candidates = all_zones(zones);
    if !candidates.contains(configured) {
        candidates.push(configured.clone());
    }
    let mut evidence = Evidence {
        standing: Standing::NoEvidence,
        confidence: Confidence::None,
        proposals: Vec::new(),
        mails: clues.stamps.len(),
        days: days.len(),
        fitting: 0,
        reasons,
        away: Vec::new(),
    };
    if days.is_empty() {
        by_land_alone(&mut evidence, configured, &lands, zones);
        return evidence;
    }
    let best = best_of(&candidates, &days, configured, &lands);
    let Some(first) = best.first().cloned() else { return evidence };
    evidence.away = journeys(&days, &first);
    for away in &mut evidence.away {
        let there = |day: &&Day| day.sender == away.sender && away.from <= day.at && day.at <= away.to;
        let there: Vec<Day> = days.iter().filter(there).cloned().collect();
        away.like = best_of(&candidates, &there, configured, &lands).into_iter().next();
    }
    let abroad =
        |day: &Day| evidence.away.iter().any(|it| it.sender == day.sender && it.from <= day.at && day.at <= it.to);
    let home: Vec<Day> = days.iter().filter(|day| !abroad(day)).cloned().collect();
    evidence.fitting = home.iter().filter(|day| fits(&first, day)).count();
    let ratio_good = evidence.fitting * 100 >= home.len() * FIT && !home.is_empty();
    say_fit(&mut evidence, &first, &home, &days);
    judge(&mut evidence, &best, &home, configured, &lands, ratio_good);
    say_telling(&mut evidence, &best, &home, now);
    evidence.proposals = best.into_iter().take(SHOWN).collect();
    if let Some(away) =
        evidence.away.iter().find(|away| away.current && away.days >= ENOUGH && away.to - away.from > MOVED)
    {
        let since = first.local(away.from).format("%-d %B %Y");
        evidence.reasons.push(format!("{} has written from elsewhere since {since}: perhaps they moved", away.sender));
        evidence.standing = Standing::Unclear;
        evidence.confidence = evidence.confidence.min(Confidence::Likely);
    }
    if !ratio_good {
        say_places(&mut evidence, &days, &candidates, configured, &lands);
    }
    evidence
}

/// How sure the best zone is, and what that says about the configured one.
fn judge(
    evidence: &mut Evidence,
    best: &[Zone],
    home: &[Day],
    configured: &Zone,
    lands: &[(&'static Country, u32)],
    ratio_good: bool,
) {
    let Some((first, others)) = best.split_first() else { return };
    let points = land_points(first, lands);
    let against = points == 0 && !lands.is_empty();
    let alone = others.iter().all(|other| land_points(other, lands) < points);
    let both_halves = both_halves(home);
    // Where only the clock speaks, places with the same clock remain.
    let named = points > 0 || first == configured || others.is_empty();
    evidence.confidence = match () {
        () if !ratio_good => Confidence::Possible,
        () if home.len() >= ENOUGH && both_halves && !against && named => Confidence::Sure,
        () if home.len() >= ENOUGH && both_halves => Confidence::Likely,
        () if home.len() >= 2 && points > 0 => Confidence::Likely,
        () => Confidence::Possible,
    };
    if ratio_good && both_halves && !named {
        evidence.reasons.push("other places keep the same clock, and nothing says which it is".to_owned());
    }
    evidence.standing = match () {
        () if !ratio_good => Standing::Unclear,
        () if first == configured => Standing::Agrees,
        // As good by the clock: only a country that points elsewhere makes it doubtful.
        () if others.contains(configured) && land_points(configured, lands) >= points => Standing::Agrees,
        () if others.contains(configured) => Standing::Unclear,
        () if evidence.confidence == Confidence::Possible && !alone => Standing::Unclear,
        () => Standing::Differs,
    };
}

/// Without mail from both halves of the year: which other zone fits as well, and from when a mail would tell.
fn say_telling(evidence: &mut Evidence, best: &[Zone], home: &[Day], now: Instant) {
    let Some((first, others)) = best.split_first().filter(|_| !both_halves(home)) else { return };
    let telling = others.iter().find_map(|other| parts(first, other, now).map(|at| (other, at)));
    if let Some((other, at)) = telling {
        let day = first.local(at).format("%-d %B %Y");
        evidence.reasons.push(format!("{} fits as well: a mail after {day} would tell them apart", other.name()));
    }
}

/// Countries that the clues name, with the words for them.
fn lands(clues: &Clues, reasons: &mut Vec<String>) -> Vec<(&'static Country, u32)> {
    let mut found: BTreeMap<&'static str, (&'static Country, u32)> = BTreeMap::new();
    let mut point = |country: &'static Country| found.entry(country.code).or_insert((country, 0)).1 += 1;
    for domain in clues.domains.iter().collect::<BTreeSet<_>>() {
        if let Some(country) = country_of_domain(domain) {
            reasons.push(format!("the domain {domain} is of {}", country.code));
            point(country);
        }
    }
    // Many numbers of one country are one hint.
    let mut codes = BTreeSet::new();
    for number in &clues.numbers {
        let countries = countries_of_number(number);
        let Some(first) = countries.first().filter(|first| codes.insert(first.dial)) else { continue };
        let names: Vec<&str> = countries.iter().map(|country| country.code).collect();
        reasons.push(format!("a telephone number begins with +{} ({})", first.dial, names.join(", ")));
        countries.iter().for_each(|country| point(country));
    }
    found.into_values().collect()
}

/// The days that count, in order. A sender who only ever writes +0000 may be a program that does not know its zone: it
/// counts only where a country or the configuration says that it may be true.
fn days(
    clues: &Clues,
    configured: &Zone,
    lands: &[(&'static Country, u32)],
    zones: &Zones,
    reasons: &mut Vec<String>,
) -> Vec<Day> {
    let mut seen = BTreeSet::new();
    let mut days: Vec<Day> = Vec::new();
    let mut unsaid = 0;
    for stamp in &clues.stamps {
        match stamp.offset {
            Some(offset) if seen.insert((stamp.sender.clone(), stamp.at.date_naive(), offset)) => {
                days.push(Day { at: stamp.at, offset, sender: stamp.sender.clone() });
            }
            Some(_) => {}
            None => unsaid += 1,
        }
    }
    days.sort_by(|a, b| (a.at, &a.sender).cmp(&(b.at, &b.sender)));
    if unsaid > 0 {
        reasons.push(format!("{unsaid} of the mails state no offset"));
    }
    let senders: BTreeSet<String> = days.iter().map(|day| day.sender.clone()).collect();
    for sender in senders {
        let own: Vec<&Day> = days.iter().filter(|day| day.sender == sender).collect();
        if own.iter().any(|day| day.offset != 0) {
            continue;
        }
        let named = lands.iter().flat_map(|(land, _)| &land.zones).filter_map(|name| zones.get(name));
        let plausible = named.chain([configured.clone()]).any(|zone| own.iter().all(|day| fits(&zone, day)));
        if !plausible {
            reasons.push(format!("{sender} always writes +0000, as webmail does: no evidence"));
            days.retain(|day| day.sender != sender);
        }
    }
    days
}

fn fits(zone: &Zone, day: &Day) -> bool {
    zone.offset_seconds(day.at) == day.offset * 60
}

/// How many clues point to a zone's country.
fn land_points(zone: &Zone, lands: &[(&'static Country, u32)]) -> u32 {
    lands.iter().filter(|(land, _)| land.zones.contains(&zone.name())).map(|(_, points)| points).sum()
}

/// The zones that fit most days, the likeliest first: by country, then the configured one, then the well-known ones.
fn best_of(candidates: &[Zone], days: &[Day], configured: &Zone, lands: &[(&'static Country, u32)]) -> Vec<Zone> {
    let counted: Vec<(usize, &Zone)> =
        candidates.iter().map(|zone| (days.iter().filter(|day| fits(zone, day)).count(), zone)).collect();
    let most = counted.iter().map(|(n, _)| *n).max().unwrap_or(0);
    let mut best: Vec<&Zone> =
        counted.into_iter().filter(|(n, _)| *n == most && most > 0).map(|(_, zone)| zone).collect();
    let usual = |zone: &Zone| USUAL.iter().position(|name| *name == zone.name()).unwrap_or(USUAL.len());
    best.sort_by_key(|zone| {
        (std::cmp::Reverse(land_points(zone, lands)), *zone != configured, usual(zone), zone.name().to_owned())
    });
    best.into_iter().cloned().collect()
}

/// Runs of days of one sender with one offset that is not home's.
fn journeys(days: &[Day], home: &Zone) -> Vec<Away> {
    let mut found: Vec<Away> = Vec::new();
    let senders: BTreeSet<&str> = days.iter().map(|day| day.sender.as_str()).collect();
    for sender in senders {
        let own: Vec<&Day> = days.iter().filter(|day| day.sender == sender).collect();
        // Whoever never writes from home does not travel: they live elsewhere.
        if !own.iter().any(|day| fits(home, day)) {
            continue;
        }
        for run in own.chunk_by(|a, b| a.offset == b.offset && fits(home, a) == fits(home, b)) {
            let (Some(start), Some(end)) = (run.first(), run.last()) else { continue };
            if run.len() < JOURNEY || fits(home, start) {
                continue;
            }
            let current = own.last().is_some_and(|last| last.at == end.at);
            found.push(Away {
                sender: sender.to_owned(),
                from: start.at,
                to: end.at,
                days: run.len(),
                offset: start.offset,
                like: None,
                current,
            });
        }
    }
    found.sort_by_key(|away| away.from);
    found
}

/// Mail from both halves of the year, around the turn of the year and around its middle: clocks that change are told
/// from those that do not, on either side of the equator.
fn both_halves(days: &[Day]) -> bool {
    let within = |months: &[u32]| days.iter().any(|day| months.contains(&day.at.month()));
    within(&[11, 12, 1, 2]) && within(&[5, 6, 7, 8])
}

/// When two zones next show different times, within 400 days.
fn parts(one: &Zone, other: &Zone, now: Instant) -> Option<Instant> {
    let differ = |at: &Instant| one.offset_seconds(*at) != other.offset_seconds(*at);
    (0..400).map(|day| now + TimeDelta::days(day)).find(differ)
}

fn say_fit(evidence: &mut Evidence, first: &Zone, home: &[Day], days: &[Day]) {
    let offsets: BTreeSet<i32> = home.iter().filter(|day| fits(first, day)).map(|day| day.offset).collect();
    let offsets: Vec<String> = offsets.into_iter().map(offset).collect();
    let all = home.len();
    let away = days.len() - all;
    let away = if away > 0 { format!("; {away} more from elsewhere") } else { String::new() };
    evidence.reasons.push(format!("{} of {all} days fit ({}){away}", evidence.fitting, offsets.join(", ")));
    if both_halves(home) {
        evidence.reasons.push("there is mail from winter and from summer".to_owned());
    } else {
        evidence.reasons.push("all mail is from one half of the year".to_owned());
    }
}

/// Nothing but a country.
fn by_land_alone(evidence: &mut Evidence, configured: &Zone, lands: &[(&'static Country, u32)], zones: &Zones) {
    let most = lands.iter().map(|(_, points)| *points).max().unwrap_or(0);
    let named = lands.iter().filter(|(_, points)| *points == most).flat_map(|(land, _)| &land.zones);
    let mut named: Vec<Zone> = named.filter_map(|name| zones.get(name)).collect();
    if named.is_empty() {
        if evidence.mails == 0 {
            evidence.reasons.push("there is no mail of theirs yet".to_owned());
        }
        return;
    }
    evidence.reasons.push("no mail of theirs states an offset that counts".to_owned());
    if named.contains(configured) {
        evidence.standing = Standing::Agrees;
        named = vec![configured.clone()];
    } else {
        evidence.standing = Standing::Unclear;
    }
    evidence.confidence = Confidence::Possible;
    let usual = |zone: &Zone| USUAL.iter().position(|name| *name == zone.name()).unwrap_or(USUAL.len());
    named.sort_by_key(usual);
    named.truncate(SHOWN);
    evidence.proposals = named;
}

/// People of one client in several places: each sender with what fits them.
fn say_places(
    evidence: &mut Evidence,
    days: &[Day],
    candidates: &[Zone],
    configured: &Zone,
    lands: &[(&'static Country, u32)],
) {
    let senders: BTreeSet<&str> = days.iter().map(|day| day.sender.as_str()).collect();
    if senders.len() < 2 {
        evidence.reasons.push("no zone fits well: they travel a lot, or their program's clock is wrong".to_owned());
        return;
    }
    for sender in senders {
        let own: Vec<Day> = days.iter().filter(|day| day.sender == sender).cloned().collect();
        if let Some(zone) = best_of(candidates, &own, configured, lands).first() {
            let fit = own.iter().filter(|day| fits(zone, day)).count();
            evidence.reasons.push(format!("{sender}: as in {}, {fit} of {} days", zone.name(), own.len()));
        }
    }
    evidence.reasons.push("they write from several places: make them several clients, if that matters".to_owned());
}

/// `UTC+05:45`
#[must_use]
pub fn offset(minutes: i32) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("UTC{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}
