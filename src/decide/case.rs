//! One message before the rules: the facts, and what every rule would otherwise work out again (author,
//! client, envelope, trust, folded subject, own words). Findings: what the rules have said so far.
use super::author::{author_and_way, belongs_to};
use super::decision::{Pause, PauseScope};
use super::envelope::{Envelope, envelope};
use super::own_words::own_words;
use super::policy::Policy;
use super::subject;
use super::trust::{Trust, trust};
use crate::model::{Client, Code, EmailAddress, Identity, Incoming, Instant, Past, Reason, Verdict};
use chrono::TimeDelta;

/// How the author was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// From, or nothing.
    Direct,
    /// Through a shared inbox of the owner that rewrites or marks its mail as a list's (rule 10); the List-Id.
    OwnList(String),
    /// A contact form wrote for the author that Reply-To names (rule 24).
    ContactForm,
}

/// One message before the rules.
pub struct Case<'a> {
    /// The facts of the message.
    pub message: &'a Incoming,
    /// The mailbox in which it was found, if the policy knows it.
    pub identity: Option<&'a Identity>,
    /// What happened before.
    pub past: &'a Past,
    /// The owner's choices.
    pub policy: &'a Policy,
    /// The present.
    pub now: Instant,
    /// Arrival, never later than now (a server's clock may be ahead).
    pub arrived: Instant,
    /// The one author, to whom an answer would go.
    pub author: Option<EmailAddress>,
    /// How the author was found.
    pub way: Way,
    /// Whose address the author's is.
    pub client: Option<&'a Client>,
    /// What Return-Path says about From.
    pub envelope: Envelope,
    /// What the own server says about From.
    pub trust: Trust,
    /// The subject, folded.
    pub subject: String,
    /// What is new in the text.
    pub words: String,
}

impl<'a> Case<'a> {
    /// Lays out the facts.
    #[must_use]
    pub fn new(message: &'a Incoming, mailbox: &str, past: &'a Past, policy: &'a Policy, now: Instant) -> Self {
        Self { words: own_words(&message.content.text), ..Self::of_header(message, mailbox, past, policy, now) }
    }

    /// The same without a look at the text.
    #[must_use]
    pub fn of_header(message: &'a Incoming, mailbox: &str, past: &'a Past, policy: &'a Policy, now: Instant) -> Self {
        let identity = policy.mailbox(mailbox);
        let (author, way) = author_and_way(message, identity, policy);
        let from = message.from().map(|party| &party.address);
        Self {
            client: author.as_ref().and_then(|author| policy.client_of(author)),
            envelope: envelope(&message.return_path, from, policy),
            trust: trust(message, identity),
            subject: subject::folded(&message.subject),
            words: String::new(),
            arrived: message.arrived.min(now),
            message,
            identity,
            past,
            policy,
            now,
            author,
            way,
        }
    }

    /// The folded words of the names under which the author is known: From's display name, the local part.
    #[must_use]
    pub fn author_names(&self) -> Vec<String> {
        let shown = self.message.from().and_then(|party| party.name.as_ref()).map_or("", |name| name.as_str());
        let local = self.author.as_ref().map_or("", EmailAddress::local);
        subject::name_words(shown).into_iter().chain(subject::name_words(local)).collect()
    }

    /// Whether the shared inbox through which the message came is also the one that sent it on.
    #[must_use]
    pub fn list_sent_it(&self) -> bool {
        match (&self.way, &self.envelope) {
            (Way::OwnList(list), Envelope::Elsewhere(path)) => belongs_to(path.organisation(), list),
            _ => false,
        }
    }

    /// Whether the envelope sender agrees with the author, or is the shared inbox's own.
    #[must_use]
    pub fn envelope_agrees(&self) -> bool {
        self.envelope == Envelope::Agrees || self.list_sent_it()
    }
}

/// What the rules have said so far about one message.
#[derive(Default)]
pub struct Findings {
    reasons: Vec<Reason>,
    pauses: Vec<Pause>,
}

impl Findings {
    /// Adds a reason at the end.
    pub fn say(&mut self, reason: impl Into<Reason>) {
        self.reasons.push(reason.into());
    }

    /// Asks for a rest of automatic mail; the reason with the same code is said beside it.
    pub fn pause(&mut self, scope: PauseScope, until: Instant, code: Code) {
        self.pauses.push(Pause { scope, until, code });
    }

    /// Asks for a rest of automatic mail to the author.
    pub fn pause_sender(&mut self, case: &Case<'_>, rest: TimeDelta, code: Code) {
        if let Some(author) = &case.author {
            self.pause(PauseScope::Sender(author.folded()), case.now + rest, code);
        }
    }

    /// The strongest verdict so far; `None` while nothing was said.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        self.reasons.iter().map(|reason| reason.code.verdict()).max()
    }

    /// Whether a code was said.
    #[must_use]
    pub fn has(&self, code: Code) -> bool {
        self.reasons.iter().any(|reason| reason.code == code)
    }

    /// Codes said so far.
    pub fn codes(&self) -> impl Iterator<Item = Code> + '_ {
        self.reasons.iter().map(|reason| reason.code)
    }

    /// Reasons, and the pauses that stand: only those asked for by the mail of somebody who would be answered
    /// (or was). Otherwise a flood of strangers' or forged mail could stop the answers to clients. What the
    /// mail holds and its subject do not matter here: a loop often shows in both.
    #[must_use]
    pub fn into_parts(self) -> (Vec<Reason>, Vec<Pause>) {
        let asking: Vec<Code> = self.pauses.iter().map(|pause| pause.code).collect();
        let about_sender = |code: &Code| {
            let family = code.as_str().split('.').next();
            !asking.contains(code) && !matches!(family, Some("content" | "subject"))
        };
        let otherwise = self.codes().filter(about_sender).map(Code::verdict).max();
        let stands = otherwise.is_some_and(|verdict| verdict <= Verdict::Wait);
        let pauses = if stands { self.pauses } else { Vec::new() };
        (self.reasons, pauses)
    }
}
