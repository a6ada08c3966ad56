//! Topics: what a client's message is about, by the owner's words and addresses; score and evidence. Never here: the
//! wording of what follows (templates), sending a copy (outbox).
use super::author;
use super::own_words::own_words;
use super::policy::Policy;
use super::wording::{Phrase, Wording};
use crate::model::{AddressPattern, EmailAddress, Incoming, Language};

/// A match is sure from this score on,
pub const SURE: u32 = 3;
/// and if it leads the next topic by so much.
pub const LEAD: u32 = 2;
/// For an address: one of the owner's that was written to, or the sender's.
pub const FOR_ADDRESS: u32 = 4;
/// For a word or phrase in the subject.
pub const FOR_SUBJECT: u32 = 3;
/// For a phrase of several words in the text.
pub const FOR_PHRASE: u32 = 2;
/// For a single word in the text.
pub const FOR_WORD: u32 = 1;

/// One `[[topic]]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Topic {
    /// The owner's name for it; clients never read it.
    pub name: String,
    /// What it is known by.
    pub words: Vec<Phrase>,
    /// Addresses of the owner that are written to about it, or senders who write about nothing else.
    pub addresses: Vec<AddressPattern>,
    /// Who else can help.
    pub contact: Option<String>,
    /// How that person is reached.
    pub channel: Option<String>,
    /// A member of the team who gets the acknowledgement in copy.
    pub copy: Option<EmailAddress>,
    /// A standing answer, by language.
    pub answers: Vec<(Language, String)>,
}

impl Topic {
    /// The standing answer in a language.
    #[must_use]
    pub fn answer(&self, language: Language) -> Option<&str> {
        self.answers.iter().find(|(it, _)| *it == language).map(|(_, text)| text.as_str())
    }
}

/// How well a message fits a topic.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit<'a> {
    /// The topic.
    pub topic: &'a Topic,
    /// The points of all evidence.
    pub score: u32,
    /// What was found, with its points: `subject "invoice" (3)`.
    pub evidence: Vec<String>,
}

/// The topics that a message touches.
#[derive(Clone, Debug, PartialEq)]
pub struct Topics<'a> {
    /// The best fit.
    pub best: Fit<'a>,
    /// The others, the better first.
    pub others: Vec<Fit<'a>>,
    /// Whether the best one counts: enough evidence, and well ahead of the next.
    pub sure: bool,
}

/// What a message is about; `None` if no topic is touched, or its author is no client.
#[must_use]
pub fn topics<'a>(message: &Incoming, mailbox: &str, policy: &'a Policy) -> Option<Topics<'a>> {
    if policy.topics.is_empty() || message.unreadable {
        return None;
    }
    let (author, _) = author::author_and_way(message, policy.mailbox(mailbox), policy);
    let author = author.filter(|author| policy.client_of(author).is_some())?;
    // An encrypted mail is known by its addresses alone: nothing that may be in it is hinted at.
    let encrypted = message.content.encrypted;
    let subject = Wording::new(if encrypted { "" } else { message.subject.as_str() });
    let text = Wording::new(&if encrypted { String::new() } else { own_words(&message.content.text) });
    let fits = policy.topics.iter().map(|topic| fit(topic, message, &author, &subject, &text));
    let mut fits: Vec<Fit<'a>> = fits.filter(|fit| fit.score > 0).collect();
    fits.sort_by_key(|fit| std::cmp::Reverse(fit.score));
    let mut fits = fits.into_iter();
    let best = fits.next()?;
    let others: Vec<Fit<'a>> = fits.collect();
    let next = others.first().map_or(0, |other| other.score);
    let sure = best.score >= SURE && best.score >= next + if next > 0 { LEAD } else { 0 };
    Some(Topics { best, others, sure })
}

fn fit<'a>(topic: &'a Topic, message: &Incoming, author: &EmailAddress, subject: &Wording, text: &Wording) -> Fit<'a> {
    let mut fit = Fit { topic, score: 0, evidence: Vec::new() };
    let mut found = |points: u32, what: String| {
        fit.score += points;
        fit.evidence.push(format!("{what} ({points})"));
    };
    let written_to = || message.recipients().find(|to| topic.addresses.iter().any(|it| it.matches(to)));
    if topic.addresses.iter().any(|it| it.matches(author)) {
        found(FOR_ADDRESS, format!("from {author}"));
    } else if let Some(to) = written_to() {
        found(FOR_ADDRESS, format!("to {to}"));
    }
    for (points, place, phrase) in weighed(&topic.words, subject, text) {
        found(points, format!("{place} \"{}\"", phrase.shown));
    }
    fit
}

/// The phrases that stand in a message: points, where, which.
pub(super) fn weighed<'a>(
    words: &'a [Phrase],
    subject: &Wording,
    text: &Wording,
) -> impl Iterator<Item = (u32, &'static str, &'a Phrase)> {
    words.iter().filter_map(move |phrase| {
        if subject.has(phrase) {
            return Some((FOR_SUBJECT, "subject", phrase));
        }
        let points = if phrase.words() > 1 { FOR_PHRASE } else { FOR_WORD };
        text.has(phrase).then_some((points, "text", phrase))
    })
}
