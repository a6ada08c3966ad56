//! What a client's plain answer to an offer of times says: "2", "le 2", "Dienstag passt", "the second one works". Their own
//! words only, never what they quote. It never guesses: whatever can be read in two ways is unclear.
//!
//! Days, times, dates and numbers each name a set of the offered times. Sets that share something narrow one another down;
//! sets that do not are several choices. What stands in one clause with a refusal is taken out. A day or a time that was
//! not offered is a counter-proposal. Words: words.rs; text into pieces: pieces.rs.
mod pieces;
// Lists of words: one line a day or a meaning, as people read them.
#[rustfmt::skip]
mod words;

use super::own_words::own_words;
use crate::calendar::{overlap::Interval, zone_at};
use crate::model::{Language, Owner, Zone};
use chrono::{Datelike, NaiveTime, Timelike};
use pieces::{Clause, Words, sentences};
use std::sync::LazyLock;

/// So much of an answer is read, in characters.
const READ: usize = 1500;

/// What an answer says. Numbers count from 1, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// This one.
    Chosen(usize),
    /// Whichever the owner likes.
    Any,
    /// One of these, but which is not clear.
    Unclear(Vec<usize>),
    /// None of them.
    Declined,
    /// Another time.
    Counter,
    /// Nothing about the times.
    Nothing,
}

/// What was offered.
#[derive(Clone, Copy, Debug)]
pub struct Offered<'a> {
    /// The times, in the order of their numbers.
    pub slots: &'a [Interval],
    /// The client's clock.
    pub zone: &'a Zone,
    /// The language in which the client is written to: for abbreviations of days.
    pub language: Language,
    /// The owner, for times that are said on their clock.
    pub owner: &'a Owner,
}

/// What is collected from an answer.
#[derive(Debug, Default)]
struct Heard {
    /// Choices that have nothing in common.
    groups: Vec<Vec<usize>>,
    /// Refused.
    refused: Vec<usize>,
    /// A day or a time that was not offered stands alone in a sentence, or beside one that was.
    foreign: bool,
    /// A border ("after Tuesday"), a doubt.
    vague: bool,
}

/// Reads an answer.
#[must_use]
pub fn choice(text: &str, offered: &Offered<'_>) -> Choice {
    let own: String = own_words(text).chars().take(READ).collect();
    let whole = pieces::prepared(&own);
    let mut heard = Heard { vague: LISTS.maybe.in_clause(&whole), ..Heard::default() };
    for sentence in sentences(&whole, &LISTS.but) {
        hear(&sentence, offered, &mut heard);
    }
    let mut found: Vec<usize> = heard.groups.concat();
    found.sort_unstable();
    found.dedup();
    found.retain(|n| !heard.refused.contains(n));
    match found.as_slice() {
        _ if heard.foreign => Choice::Counter,
        [one] if !heard.vague => Choice::Chosen(*one),
        [] => without_a_name(&whole, &heard, offered.slots.len()),
        _ => Choice::Unclear(found),
    }
}

/// No time is named: all, none, or nothing is said about them.
fn without_a_name(whole: &Clause, heard: &Heard, count: usize) -> Choice {
    let left: Vec<usize> = (1..=count).filter(|n| !heard.refused.contains(n)).collect();
    if LISTS.none.in_clause(whole) {
        return Choice::Declined;
    }
    if LISTS.any.in_clause(whole) && heard.refused.is_empty() {
        return Choice::Any;
    }
    if !heard.refused.is_empty() {
        return if left.is_empty() { Choice::Declined } else { Choice::Unclear(left) };
    }
    let short = whole.tokens.iter().filter(|token| token.chars().any(char::is_alphabetic)).count() <= 12;
    if short && LISTS.yes.in_clause(whole) && !LISTS.not.in_clause(whole) && !heard.vague {
        return if count == 1 { Choice::Chosen(1) } else { Choice::Unclear(left) };
    }
    Choice::Nothing
}

/// One sentence.
fn hear(sentence: &[Clause], offered: &Offered<'_>, heard: &mut Heard) {
    let mut named = false;
    let mut strange = false;
    for clause in sentence {
        let mut mentions = Vec::new();
        let mut border = false;
        let at_home = LISTS.your_time.in_clause(clause);
        read_clause(clause, offered, at_home, &mut mentions, &mut border);
        heard.vague |= border && !mentions.is_empty();
        let refuses = LISTS.not.in_clause(clause);
        let sets: Vec<&Vec<usize>> = mentions.iter().filter(|set| !set.is_empty()).collect();
        if refuses {
            let mut refused = Vec::new();
            sets.iter().for_each(|set| narrow(&mut refused, set));
            heard.refused.extend(refused.concat());
            continue;
        }
        strange |= mentions.len() > sets.len();
        for set in sets {
            named = true;
            narrow(&mut heard.groups, set);
        }
    }
    // A number that chooses is not undone by a day that is spoken of in passing; a day without one is.
    heard.foreign |= strange && (named || heard.groups.is_empty());
}

/// A set that shares something with what was heard last narrows it down; else it is a further choice.
fn narrow(groups: &mut Vec<Vec<usize>>, set: &[usize]) {
    if let Some(last) = groups.last_mut() {
        let common: Vec<usize> = last.iter().filter(|n| set.contains(n)).copied().collect();
        if !common.is_empty() {
            *last = common;
            return;
        }
    }
    groups.push(set.to_vec());
}

/// What a clause names: one set for each day, date, time or number; an empty one is what was not offered.
fn read_clause(
    clause: &Clause,
    offered: &Offered<'_>,
    at_home: bool,
    mentions: &mut Vec<Vec<usize>>,
    border: &mut bool,
) {
    let mut clause = clause.clone();
    let slots = || offered.slots.iter().zip(1..);
    let there = |slot: &Interval| offered.zone.local(slot.0);
    for (day, names) in LISTS.weekdays.iter().enumerate() {
        while let Some((at, len)) = names.find(&clause) {
            let bound = clause.bounded(at, len, &LISTS.borders, &LISTS.borders_behind);
            clause.take(at, len);
            if bound {
                *border = true;
                continue;
            }
            mentions.push(slots().filter(|(slot, _)| weekday(there(slot)) == day).map(|(_, n)| n).collect());
        }
        let short = words::SHORT_WEEKDAYS.iter().find(|(language, _)| *language == offered.language);
        let short = short.and_then(|(_, days)| days.get(day));
        if let Some(at) = short.and_then(|day| clause.before_a_number(day)) {
            clause.take(at, 1);
            mentions.push(slots().filter(|(slot, _)| weekday(there(slot)) == day).map(|(_, n)| n).collect());
        }
    }
    feiras(&mut clause, offered, mentions);
    dates(&mut clause, offered, mentions, border);
    times(&mut clause, offered, at_home, mentions, border);
    numbers(&mut clause, offered, mentions);
    let part = match (LISTS.morning.in_clause(&clause), LISTS.afternoon.in_clause(&clause)) {
        (true, false) => Some(false),
        (false, true) => Some(true),
        _ => None,
    };
    if let Some(late) = part.filter(|_| !mentions.is_empty()) {
        mentions.push(slots().filter(|(slot, _)| (there(slot).hour() >= 12) == late).map(|(_, n)| n).collect());
    }
}

fn weekday(local: chrono::NaiveDateTime) -> usize {
    local.weekday().num_days_from_monday() as usize
}

/// "na segunda" is Monday, "a segunda" the second or Monday.
fn feiras(clause: &mut Clause, offered: &Offered<'_>, mentions: &mut Vec<Vec<usize>>) {
    for (word, day, nth) in words::FEIRAS {
        let Some(at) = clause.tokens.iter().position(|token| token == word) else { continue };
        let is_day = clause.behind(at).is_some_and(|before| LISTS.feira_before.has(before));
        clause.take(at, 1);
        let fits = |(slot, n): (&Interval, usize)| {
            (weekday(offered.zone.local(slot.0)) == *day || !is_day && n == *nth).then_some(n)
        };
        let set: Vec<usize> = offered.slots.iter().zip(1..).filter_map(fits).collect();
        if !set.is_empty() {
            mentions.push(set);
        }
    }
}

/// "19 January", "19.1.", "1月19日", "the 19th"; "le 2" is left to [`numbers`].
fn dates(clause: &mut Clause, offered: &Offered<'_>, mentions: &mut Vec<Vec<usize>>, border: &mut bool) {
    let mut at = 0;
    while at < clause.tokens.len() {
        let Some((day, month, len, from)) = clause.date_at(at, |word| LISTS.month(word)) else {
            at += 1;
            continue;
        };
        if clause.bounded(from, len, &LISTS.borders, &LISTS.borders_behind) {
            *border = true;
        } else {
            let fits = |(slot, n): (&Interval, usize)| {
                let date = offered.zone.local(slot.0);
                (date.day() == day && month.is_none_or(|month| date.month() == month)).then_some(n)
            };
            mentions.push(offered.slots.iter().zip(1..).filter_map(fits).collect());
        }
        clause.take(from, len);
        at = 0;
    }
}

/// "10:30", "10h", "um 10", "2 pm", "午後2時".
fn times(clause: &mut Clause, offered: &Offered<'_>, at_home: bool, mentions: &mut Vec<Vec<usize>>, border: &mut bool) {
    let mut at = 0;
    while at < clause.tokens.len() {
        let Some(time) = clause.time_at(at, &LISTS.hours, &LISTS.at, (&LISTS.early, &LISTS.late)) else {
            at += 1;
            continue;
        };
        if clause.bounded(time.from, time.len, &LISTS.borders, &LISTS.borders_behind) {
            *border = true;
        } else {
            let fits = |(slot, n): (&Interval, usize)| {
                let clock = if at_home { zone_at(offered.owner, slot.0) } else { offered.zone };
                time.is(clock.local(slot.0).time()).then_some(n)
            };
            mentions.push(offered.slots.iter().zip(1..).filter_map(fits).collect());
        }
        clause.take(time.from, time.len);
        at = 0;
    }
}

/// "2", "#2", "option two", "the second one", "le 2" (which may be the second of a month too).
fn numbers(clause: &mut Clause, offered: &Offered<'_>, mentions: &mut Vec<Vec<usize>>) {
    let count = offered.slots.len();
    if LISTS.last.in_clause(clause) {
        mentions.push(vec![count]);
    }
    let agrees = |token: &str| LISTS.agrees.has(token) || LISTS.maybe.has(token);
    let beside = |token: &str| agrees(token) || LISTS.small.has(token) || LISTS.marks.has(token);
    let plain =
        |token: &String| pieces::number(token).is_some() || !token.chars().any(char::is_alphanumeric) || beside(token);
    let alone = clause.tokens.iter().all(plain);
    for at in 0..clause.tokens.len() {
        let Some(token) = clause.tokens.get(at).cloned() else { continue };
        let before = clause.behind(at).map(str::to_owned).unwrap_or_default();
        let after = clause.ahead(at).unwrap_or_default();
        let marked = LISTS.marks.has(&before);
        let article = LISTS.articles.has(&before);
        let number = pieces::number(&token).filter(|_| alone || marked || article || agrees(after));
        let suffixed = matches!(after, "st" | "nd" | "rd" | "th" | "eme" | "er" | "re") || article && after == "e";
        let number = number.or_else(|| pieces::number(&token).filter(|_| suffixed));
        let ordinal = LISTS.ordinals.iter().position(|words| words.has(&token)).map(|n| n + 1);
        let ordinal = ordinal.filter(|_| article || alone || beside(after) || marked || before == "第");
        let word = LISTS.cardinals.iter().position(|words| words.has(&token)).map(|n| n + 1);
        let word = word
            .filter(|_| marked || before == "le" && token != "un" || matches!(after, "番" | "个" | "個" | "号" | "つ"));
        let Some(n) = number.or(ordinal).or(word) else { continue };
        let mut set: Vec<usize> = if (1..=count).contains(&n) { vec![n] } else { Vec::new() };
        if article && word.is_none() && !marked {
            let day = |(slot, i): (&Interval, usize)| (offered.zone.local(slot.0).day() as usize == n).then_some(i);
            set.extend(offered.slots.iter().zip(1..).filter_map(day).filter(|i| *i != n));
        }
        if !set.is_empty() || marked || alone && number.is_some() && n > 0 && n <= 20 {
            mentions.push(set);
        }
    }
}

/// A time of day as it was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Said {
    hour: u32,
    minute: u32,
    /// Whether the half of the day was said, and which.
    late: Option<bool>,
    /// Where it begins among the tokens, and how many they are.
    from: usize,
    len: usize,
}

impl Said {
    fn is(&self, time: NaiveTime) -> bool {
        let (hour, minute) = (time.hour(), time.minute());
        let hours = match (self.hour, self.late) {
            (13.., _) => hour == self.hour,
            (12, Some(false)) => hour == 0,
            (12, Some(true)) | (12, None) => hour == 12,
            (said, Some(late)) => hour == said + if late { 12 } else { 0 },
            (said, None) => hour == said || hour == said + 12,
        };
        hours && minute == self.minute
    }
}

/// The lists, folded once.
struct Lists {
    weekdays: Vec<Words>,
    months: Vec<Words>,
    ordinals: Vec<Words>,
    cardinals: Vec<Words>,
    feira_before: Words,
    last: Words,
    marks: Words,
    articles: Words,
    agrees: Words,
    yes: Words,
    small: Words,
    not: Words,
    none: Words,
    any: Words,
    maybe: Words,
    borders: Words,
    borders_behind: Words,
    morning: Words,
    afternoon: Words,
    early: Words,
    late: Words,
    hours: Words,
    at: Words,
    your_time: Words,
    but: Words,
}

impl Lists {
    fn month(&self, word: &str) -> Option<u32> {
        self.months.iter().zip(1..).find(|(words, _)| words.has(word)).map(|(_, n)| n)
    }
}

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let all = |lists: &[&[&str]]| lists.iter().map(|list| Words::new(list)).collect::<Vec<_>>();
    Lists {
        weekdays: all(&words::WEEKDAYS),
        months: all(&words::MONTHS),
        ordinals: all(&words::ORDINALS),
        cardinals: all(&words::CARDINALS),
        feira_before: Words::new(words::FEIRA_BEFORE),
        last: Words::new(words::LAST),
        marks: Words::new(words::MARKS),
        articles: Words::new(words::ARTICLES),
        agrees: Words::new(words::AGREES),
        yes: Words::new(words::YES),
        small: Words::new(words::SMALL),
        not: Words::new(words::NOT),
        none: Words::new(words::NONE),
        any: Words::new(words::ANY),
        maybe: Words::new(words::MAYBE),
        borders: Words::new(words::BORDERS),
        borders_behind: Words::new(words::BORDERS_BEHIND),
        morning: Words::new(words::MORNING),
        afternoon: Words::new(words::AFTERNOON),
        early: Words::new(&[words::MORNING, words::AM].concat()),
        late: Words::new(&[words::AFTERNOON, words::PM].concat()),
        hours: Words::new(words::HOURS),
        at: Words::new(words::AT),
        your_time: Words::new(words::YOUR_TIME),
        but: Words::new(words::BUT),
    }
});
