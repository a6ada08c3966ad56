//! What clients ask again and again: the first question of each mail, grouped by the words that it is about, and a
//! `[[topic]]` to start from. The answer is never invented. Cutting a mail into its question and words: questions.rs.
mod proposal;
mod questions;

pub use proposal::Proposal;

use super::stats::{Entry, Hand};
use super::topics::Topic;
use crate::model::{Client, Instant};
use questions::Question;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A group needs so many mails,
const MAILS: usize = 3;
/// of so many conversations.
const CONVERSATIONS: usize = 2;
/// The words that a group is known by are at least one in so many of what each of its questions is about.
const SHARE: usize = 3;
/// A question about more words than this is a story.
const WORDS: usize = 12;
/// So many groups at most.
const GROUPS: usize = 10;

/// A client's mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Its exchange.
    pub id: String,
    /// Arrival.
    pub at: Instant,
    /// Its conversation.
    pub conversation: String,
    /// The client's key.
    pub client: String,
    /// Its subject.
    pub subject: String,
    /// The beginning of its text.
    pub text: String,
}

/// A question that came more than once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// The folded words that all of its mails have in common.
    pub words: Vec<String>,
    /// How many mails asked it.
    pub mails: u32,
    /// In how many conversations.
    pub conversations: u32,
    /// Which clients.
    pub clients: Vec<String>,
    /// The mails, the newest first.
    pub evidence: Vec<Evidence>,
    /// The topic of the configuration that knows it already.
    pub topic: Option<String>,
    /// What could stand in the configuration; none if a topic knows it already.
    pub proposal: Option<Proposal>,
}

/// One mail that asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// Its exchange.
    pub id: String,
    /// Arrival.
    pub at: Instant,
    /// The client's key.
    pub client: String,
    /// Its conversation.
    pub conversation: String,
    /// The question as it was written.
    pub question: String,
    /// The exchange of the owner's that followed: perhaps the answer stands there.
    pub answered_by: Option<String>,
}

/// Groups the questions of mails, the most frequent group first. `entries`: the history, for what the owner wrote.
#[must_use]
pub fn asked(mails: &[Mail], entries: &[Entry], clients: &[Client], topics: &[Topic], owner_name: &str) -> Vec<Asked> {
    let mut left: Vec<(&Mail, Question)> = mails
        .iter()
        .filter_map(|mail| {
            let client = clients.iter().find(|it| it.id == mail.client);
            let names = [owner_name, client.map_or("", |client| &client.name)];
            Some((mail, Question::of(mail, &names)?))
        })
        .filter(|(_, question)| question.keys.len() <= WORDS)
        .collect();
    let mut written: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in entries.iter().filter(|it| it.hand == Hand::Owner) {
        written.entry(&entry.conversation).or_default().push(entry);
    }
    let mut groups = Vec::new();
    while groups.len() < GROUPS {
        let Some(known_by) = most_asked(&left) else { break };
        let (group, rest): (Vec<_>, Vec<_>) = left.into_iter().partition(|(_, it)| belongs(it, &known_by));
        left = rest;
        groups.push(told(group, &known_by, &written, clients, topics));
    }
    groups
}

/// Whether a question is about these words, and about little else.
fn belongs(question: &Question, known_by: &BTreeSet<String>) -> bool {
    known_by.iter().all(|key| question.keys.contains_key(key)) && question.keys.len() <= known_by.len() * SHARE
}

/// The words by which the largest group is known: one or two, then all that its questions share. Two words count for more
/// than one: they say more.
fn most_asked(left: &[(&Mail, Question)]) -> Option<BTreeSet<String>> {
    let mut groups: BTreeMap<Vec<&str>, Vec<usize>> = BTreeMap::new();
    for (place, (_, question)) in left.iter().enumerate() {
        let keys: Vec<&str> = question.keys.keys().map(String::as_str).collect();
        for (n, one) in keys.iter().enumerate() {
            if keys.len() <= SHARE {
                groups.entry(vec![one]).or_default().push(place);
            }
            if keys.len() <= 2 * SHARE {
                for other in keys.iter().skip(n + 1) {
                    groups.entry(vec![one, other]).or_default().push(place);
                }
            }
        }
    }
    let enough = |places: &[usize]| {
        let mails = places.iter().filter_map(|place| left.get(*place));
        let conversations: BTreeSet<&str> = mails.map(|(mail, _)| mail.conversation.as_str()).collect();
        places.len() >= MAILS && conversations.len() >= CONVERSATIONS
    };
    let (keys, places) = groups
        .into_iter()
        .filter(|(_, places)| enough(places))
        // Of equals the first by the alphabet, so that the same mails always give the same groups.
        .max_by_key(|(keys, places)| (places.len() * keys.len(), keys.len(), std::cmp::Reverse(keys.clone())))?;
    let mut common: Option<BTreeSet<&String>> = None;
    for (_, question) in places.iter().filter_map(|place| left.get(*place)) {
        let theirs: BTreeSet<&String> = question.keys.keys().collect();
        common = Some(common.map_or(theirs.clone(), |common| common.intersection(&theirs).copied().collect()));
    }
    let mut known_by: BTreeSet<String> = common.unwrap_or_default().into_iter().cloned().collect();
    known_by.extend(keys.into_iter().map(str::to_owned));
    Some(known_by)
}

fn told(
    mut group: Vec<(&Mail, Question)>,
    known_by: &BTreeSet<String>,
    written: &BTreeMap<&str, Vec<&Entry>>,
    clients: &[Client],
    topics: &[Topic],
) -> Asked {
    group.sort_by_key(|(mail, _)| std::cmp::Reverse((mail.at, mail.id.clone())));
    let of = |each: fn(&Mail) -> &str| group.iter().map(|(mail, _)| each(mail)).collect::<BTreeSet<_>>();
    let conversations = of(|mail| &mail.conversation).len();
    let clients_asking: Vec<String> = of(|mail| &mail.client).into_iter().map(str::to_owned).collect();
    let answer = |mail: &Mail| {
        let later = written.get(mail.conversation.as_str())?.iter().filter(|it| it.at >= mail.at);
        later.min_by_key(|it| it.at).map(|it| it.id.to_string())
    };
    let evidence = group
        .iter()
        .map(|(mail, question)| Evidence {
            id: mail.id.clone(),
            at: mail.at,
            client: mail.client.clone(),
            conversation: mail.conversation.clone(),
            question: question.sentence.clone(),
            answered_by: answer(mail),
        })
        .collect();
    let topic = proposal::known_topic(&group, topics);
    let asking = clients.iter().filter(|client| clients_asking.contains(&client.id));
    let languages: Vec<_> = asking.map(|client| client.language).collect();
    let proposal = topic.is_none().then(|| Proposal::of(&group, known_by, &languages, conversations));
    Asked {
        words: proposal::shown(&group, known_by),
        mails: u32::try_from(group.len()).unwrap_or(u32::MAX),
        conversations: u32::try_from(conversations).unwrap_or(u32::MAX),
        clients: clients_asking,
        evidence,
        topic,
        proposal: proposal.flatten(),
    }
}
