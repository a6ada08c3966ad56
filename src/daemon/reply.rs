//! From a decision to the bytes of an acknowledgement or a holding reply: who, in which words, under which id. Pure but for the id.
use crate::calendar;
use crate::compose::{
    self, About, Acknowledgement, Auto, Away, Composer, Head, Holding, Letter, MimeError, TemplateError, Urgency,
};
use crate::decide::{self, Plan, Policy, ReplyTo, Topic};
use crate::model::{Client, ClientPolicy, EmailAddress, Identity, Incoming, Instant, Language, MessageId, Tone, Zone};
use crate::outbox::Envelope;

/// Why no mail could be made; always the owner's to mend.
#[derive(Debug, thiserror::Error)]
pub enum ReplyError {
    /// A template of the owner's is wrong.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// An address cannot stand in a header.
    #[error(transparent)]
    Mime(#[from] MimeError),
    /// The id could not be made (the address has a domain that no Message-ID may have).
    #[error("no Message-ID can be made for {0}")]
    Id(String),
}

/// A composed mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Its words.
    pub letter: Letter,
    /// Its final bytes.
    pub bytes: Vec<u8>,
    /// Its Message-ID.
    pub message_id: MessageId,
    /// Its `X-Fuseau-Id`.
    pub fuseau_id: String,
    /// From.
    pub from: EmailAddress,
    /// Envelope.
    pub envelope: Envelope,
    /// A colleague who gets it in copy.
    pub copy: Option<EmailAddress>,
}

/// Ids of a mail to be made: both are recorded, and stay when its words are renewed.
#[derive(Clone, Copy, Debug)]
pub struct NewIds<'a> {
    /// The outgoing exchange's id, the left part of its Message-ID.
    pub exchange: &'a str,
    /// This installation.
    pub instance: &'a str,
}

/// Where and how somebody is written to: a client as configured, a stranger as the owner.
#[derive(Clone, Copy, Debug)]
pub struct Addressee<'a> {
    /// The client; `None` for a stranger.
    pub client: Option<&'a Client>,
    /// Their language.
    pub language: Language,
    /// Their tone.
    pub tone: Tone,
    /// Their zone.
    pub zone: &'a Zone,
}

impl<'a> Addressee<'a> {
    /// The addressee of a decision.
    #[must_use]
    pub fn of(policy: &'a Policy, client: Option<&str>) -> Self {
        match client.and_then(|id| policy.client(id)) {
            Some(client) => {
                Self { client: Some(client), language: client.language, tone: client.tone, zone: &client.zone }
            }
            None => Self {
                client: None,
                language: policy.owner.languages.first().copied().unwrap_or(Language::En),
                tone: Tone::Formal,
                zone: &policy.owner.zone,
            },
        }
    }
}

/// What an acknowledgement is made from.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// The owner's choices.
    pub policy: &'a Policy,
    /// The mailbox that answers.
    pub identity: &'a Identity,
    /// The client's message.
    pub message: &'a Incoming,
    /// The client; `None` for a stranger.
    pub client: Option<&'a str>,
    /// Addresses.
    pub to: &'a ReplyTo,
    /// The promise; `send_at` is the moment of writing.
    pub plan: &'a Plan,
    /// A clock change that is worth a word (clocks.rs).
    pub clocks: Option<calendar::Shift>,
}

/// Composes an acknowledgement.
///
/// # Errors
/// A template or an address that does not work.
pub fn acknowledgement(
    composer: &Composer,
    order: &Order<'_>,
    ids: NewIds<'_>,
    auto: Auto,
) -> Result<Reply, ReplyError> {
    worded(composer, order, ids, auto, false)
}

/// The same for an urgent mail of which the owner was told at once.
///
/// # Errors
/// As [`acknowledgement`].
pub fn acknowledgement_told(
    composer: &Composer,
    order: &Order<'_>,
    ids: NewIds<'_>,
    auto: Auto,
) -> Result<Reply, ReplyError> {
    worded(composer, order, ids, auto, true)
}

fn worded(
    composer: &Composer,
    order: &Order<'_>,
    ids: NewIds<'_>,
    auto: Auto,
    told: bool,
) -> Result<Reply, ReplyError> {
    let away = away(order.policy, order.plan.send_at, order.plan.window.start);
    let topic = topic(order);
    let mut words = words(order, away.as_ref());
    if told && words.urgency == Urgency::Unsaid {
        words.urgency = Urgency::Told;
    }
    words.topic = topic.map(|topic| about(topic, words.language));
    let letter = composer.acknowledgement(&words)?;
    sealed(letter, order, ids, auto, topic.and_then(|topic| topic.copy.as_ref()))
}

/// What the message is surely about, of known clients.
fn topic<'a>(order: &Order<'a>) -> Option<&'a Topic> {
    order.client?;
    let topics = decide::topics(order.message, &order.identity.name, order.policy)?;
    topics.sure.then_some(topics.best.topic)
}

fn about(topic: &Topic, language: Language) -> About<'_> {
    About {
        contact: topic.contact.as_deref(),
        channel: topic.channel.as_deref(),
        copied: topic.copy.is_some(),
        answer: topic.answer(language),
    }
}

/// What a holding reply renews.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewal {
    /// The old promise; of several the first to end.
    pub previous: Instant,
    /// In which way it is worded.
    pub variant: u32,
    /// The subjects of all messages, if it renews several promises; `None` for one that may not be named.
    pub subjects: Vec<Option<String>>,
}

/// Composes a holding reply: `order` has the new promise.
///
/// # Errors
/// A template or an address that does not work.
pub fn holding(
    composer: &Composer,
    order: &Order<'_>,
    renewal: &Renewal,
    ids: NewIds<'_>,
    auto: Auto,
) -> Result<Reply, ReplyError> {
    let away = away(order.policy, order.plan.send_at, order.plan.window.start);
    let letter = composer.holding(&Holding {
        anew: words(order, away.as_ref()),
        previous: renewal.previous,
        variant: renewal.variant,
        subjects: &renewal.subjects,
    })?;
    sealed(letter, order, ids, auto, None)
}

/// What a mail that states a promise says.
fn words<'a>(order: &Order<'a>, away: Option<&'a calendar::Away>) -> Acknowledgement<'a> {
    let Order { policy, message, client, to, plan, .. } = *order;
    let addressee = Addressee::of(policy, client);
    Acknowledgement {
        owner: &policy.owner,
        client_name: addressee.client.map(|client| client.name.as_str()),
        language: addressee.language,
        tone: addressee.tone,
        zone: addressee.zone,
        hours: addressee.client.and_then(|client| client.hours.as_ref()),
        holidays: addressee.client.map_or(&[], |client| &client.holidays),
        channels: addressee.client.map_or(&[], |client| &client.channels),
        written_at: plan.send_at,
        window: &plan.window,
        subject: to.repeat_subject.then_some(message.subject.as_str()),
        away: away.map(borrow),
        urgency: match addressee.client.map(|client| client.policy) {
            Some(ClientPolicy::Firm) => Urgency::Firm,
            _ => Urgency::Unsaid,
        },
        topic: None,
        clocks: order.clocks,
    }
}

/// The words with headers and envelope. A colleague in copy stands in the bytes; the envelope names the client.
fn sealed(
    letter: Letter,
    order: &Order<'_>,
    ids: NewIds<'_>,
    auto: Auto,
    copy: Option<&EmailAddress>,
) -> Result<Reply, ReplyError> {
    let Order { policy, identity, message, to, plan, .. } = *order;
    let raw_id = format!("<{}@{}>", ids.exchange, to.from.domain());
    let message_id = MessageId::parse(&raw_id).ok_or_else(|| ReplyError::Id(to.from.to_string()))?;
    let fuseau_id = format!("{}/{}", ids.instance, ids.exchange);
    let references = compose::references(&message.references, &message.in_reply_to, message.message_id.as_ref());
    // Whoever wrote needs no copy of the answer.
    let copy = copy.filter(|copy| copy.folded() != to.to.folded());
    let bytes = compose::assemble(
        &letter,
        &Head {
            from_name: &policy.owner.name,
            from: &to.from,
            to: &to.to,
            copy,
            message_id: &message_id,
            in_reply_to: message.message_id.as_ref(),
            references: &references,
            date: plan.send_at,
            fuseau_id: &fuseau_id,
            auto,
        },
    )?;
    let envelope = Envelope { from: identity.envelope_from().cloned(), to: to.to.clone(), also: Vec::new() };
    Ok(Reply { letter, bytes, message_id, fuseau_id, from: to.from.clone(), envelope, copy: copy.cloned() })
}

fn away(policy: &Policy, from: Instant, until: Instant) -> Option<calendar::Away> {
    calendar::away(&policy.owner, from, until)
}

fn borrow(away: &calendar::Away) -> Away<'_> {
    match away {
        calendar::Away::Closure { last_day, note } => Away::Closure { until: *last_day, note: note.as_deref() },
        calendar::Away::Trip { place, .. } => Away::Trip { place: place.as_deref() },
    }
}
