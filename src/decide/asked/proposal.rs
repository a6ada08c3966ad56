//! A `[[topic]]` for a question that comes again and again: name, words, and an empty place for the answer. The words are
//! weighed by the rule that will weigh them (topics.rs), so that what is said of them is what will happen.
use super::Mail;
use super::questions::{Question, is_ideograph};
use crate::decide::fold::{fold, tokens};
use crate::decide::own_words::own_words;
use crate::decide::topics::{SURE, Topic, weighed};
use crate::decide::wording::{Phrase, Wording};
use crate::model::Language;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Phrases of several words at most.
const PHRASES: usize = 4;
/// Words of a phrase, and characters of one without spaces.
const PHRASE_WORDS: std::ops::RangeInclusive<usize> = 2..=4;
const RUN: usize = 8;

/// What could stand in the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// The name.
    pub name: String,
    /// The words and phrases.
    pub words: Vec<String>,
    /// In how many of the mails these words alone are sure.
    pub sure: u32,
    /// The whole block, in TOML. Its answer is empty: until the owner writes it, the configuration is refused.
    pub block: String,
}

impl Proposal {
    /// For a group of mails; none if no word is left to know them by.
    pub(super) fn of(
        group: &[(&Mail, Question)],
        known_by: &BTreeSet<String>,
        languages: &[Language],
        conversations: usize,
    ) -> Option<Self> {
        let mut words = phrases(group, known_by);
        words.extend(single_words(group, known_by));
        words.dedup();
        let read: Vec<Phrase> = words.iter().filter_map(|word| Phrase::read(word)).collect();
        let sure = group.iter().filter(|(mail, _)| points(mail, &read) >= SURE).count();
        let name = shown(group, known_by).join(" ");
        if name.is_empty() || read.is_empty() {
            return None;
        }
        let quoted = |words: &[String]| words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
        let mut codes: Vec<&str> =
            Language::ALL.into_iter().filter(|it| languages.contains(it)).map(Language::code).collect();
        if codes.is_empty() {
            codes.push(Language::En.code());
        }
        let answers: Vec<String> = codes.iter().map(|code| format!("{code} = \"\"")).collect();
        let block = format!(
            "# Asked in {} mails of {conversations} conversations; these words are sure in {sure} of them.\n[[topic]]\n\
             name   = \"{name}\"\nwords  = [{}]\nanswer = {{ {} }} # yours to write: while it is empty, the file is refused\n",
            group.len(),
            quoted(&words),
            answers.join(", "),
        );
        Some(Self { name, words, sure: u32::try_from(sure).unwrap_or(u32::MAX), block })
    }
}

/// The words that a group is known by, as the newest mail has them.
pub(super) fn shown(group: &[(&Mail, Question)], known_by: &BTreeSet<String>) -> Vec<String> {
    let newest = group.first().map(|(_, question)| question);
    let runs: Vec<String> = known_by.iter().filter(|key| key.chars().any(is_ideograph)).cloned().collect();
    let mut words: Vec<String> = known_by
        .iter()
        .filter(|key| !runs.contains(key))
        .filter_map(|key| newest.and_then(|question| question.keys.get(key)).cloned())
        .collect();
    words.extend(joined_runs(group, &runs));
    words
}

/// The topic of the configuration that at least half of the mails touch.
pub(super) fn known_topic(group: &[(&Mail, Question)], topics: &[Topic]) -> Option<String> {
    let touched = |topic: &Topic| group.iter().filter(|(mail, _)| points(mail, &topic.words) > 0).count();
    let known = topics.iter().filter(|topic| touched(topic) * 2 >= group.len());
    known.max_by_key(|topic| touched(topic)).map(|topic| topic.name.clone())
}

fn points(mail: &Mail, words: &[Phrase]) -> u32 {
    let (subject, text) = (Wording::new(&mail.subject), Wording::new(&own_words(&mail.text)));
    weighed(words, &subject, &text).map(|(points, ..)| points).sum()
}

/// Each word in its one form, or what its forms have in common with a star.
fn single_words(group: &[(&Mail, Question)], known_by: &BTreeSet<String>) -> Vec<String> {
    let spaced = known_by.iter().filter(|key| !key.chars().any(is_ideograph));
    spaced
        .filter_map(|key| {
            let forms: BTreeSet<&String> = group.iter().filter_map(|(_, question)| question.keys.get(key)).collect();
            let first = forms.first()?;
            let common =
                first.chars().enumerate().take_while(|(n, c)| forms.iter().all(|it| it.chars().nth(*n) == Some(*c)));
            let common: String = common.map(|(_, c)| c).collect();
            match forms.len() {
                1 => Some((*first).clone()),
                _ if common.chars().count() >= 4 => Some(format!("{common}*")),
                _ => Some((*first).clone()),
            }
        })
        .collect()
}

/// Phrases with one of the words in them that at least half of the questions have, the most frequent first; none that
/// is part of another.
fn phrases(group: &[(&Mail, Question)], known_by: &BTreeSet<String>) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (_, question) in group {
        let folded = fold(&question.sentence).replace('\'', " ");
        let words: Vec<&str> = tokens(&folded).collect();
        let wanted: BTreeSet<&str> =
            known_by.iter().filter_map(|key| question.keys.get(key)).map(String::as_str).collect();
        let mut seen = BTreeSet::new();
        for length in PHRASE_WORDS {
            for part in words.windows(length).filter(|part| part.iter().any(|word| wanted.contains(word))) {
                seen.insert(part.join(" "));
            }
        }
        for phrase in seen {
            *counts.entry(phrase).or_default() += 1;
        }
    }
    let spaced = |phrase: &String| !phrase.chars().any(is_ideograph);
    let mut frequent: Vec<(String, usize)> = counts
        .into_iter()
        .filter(|(phrase, count)| *count >= 2 && *count * 2 >= group.len() && spaced(phrase))
        .collect();
    frequent.sort_by_key(|(phrase, count)| (std::cmp::Reverse((*count, phrase.split(' ').count())), phrase.clone()));
    let mut chosen: Vec<String> = Vec::new();
    for (phrase, _) in frequent {
        let within = |a: &str, b: &str| format!(" {b} ").contains(&format!(" {a} "));
        if chosen.len() < PHRASES && !chosen.iter().any(|it| within(it, &phrase) || within(&phrase, it)) {
            chosen.push(phrase);
        }
    }
    let runs: Vec<String> = known_by.iter().filter(|key| key.chars().any(is_ideograph)).cloned().collect();
    chosen.extend(joined_runs(group, &runs));
    chosen
}

/// Pairs of ideographs grown together to the longest runs that every question has.
fn joined_runs(group: &[(&Mail, Question)], pairs: &[String]) -> Vec<String> {
    let sentences: Vec<String> = group.iter().map(|(_, question)| fold(&question.sentence)).collect();
    let Some(first) = sentences.first() else { return Vec::new() };
    let chars: Vec<char> = first.chars().collect();
    let mut runs: Vec<String> = Vec::new();
    for length in (2..=RUN).rev() {
        for part in chars.windows(length).filter(|part| part.iter().all(|c| is_ideograph(*c))) {
            let run: String = part.iter().collect();
            let new = !runs.iter().any(|it| it.contains(&run));
            if new && pairs.iter().any(|pair| run.contains(pair)) && sentences.iter().all(|it| it.contains(&run)) {
                runs.push(run);
            }
        }
    }
    runs
}
