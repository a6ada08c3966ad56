//! The rule for a question of the owner's without an answer. Never here: words (`compose::draft`).
//!
//! Days are the client's working days. A step that was sent moves the next one on; a sign of life ends them all.
use super::common::{asked_key, occasion, outside_closures, spared, working_day_after};
use super::{Content, DraftFacts, DraftWhy, MadeState, Occasion, Question, Ruling, Target};
use crate::model::{Client, DraftKind, Instant};
use chrono::{NaiveDate, TimeDelta};

/// After the last step it is too late for another word.
const END: TimeDelta = TimeDelta::days(30);
/// A question asked within this time of a follow-up that was sent is that follow-up itself.
const ECHO: TimeDelta = TimeDelta::hours(1);

/// A question without an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUp {
    /// The sentence that asks.
    pub question: String,
    /// When, on the client's calendar.
    pub asked: NaiveDate,
    /// How many follow-ups went before it.
    pub before: u32,
    /// Whether it is the last one.
    pub last: bool,
}

/// What should lie there by itself.
pub(super) fn rule(facts: &DraftFacts<'_>, now: Instant) -> Vec<Ruling> {
    let policy = facts.policy;
    let mut found = Vec::new();
    for question in questions(facts) {
        let Some(client) = policy.client(&question.client) else { continue };
        let heard = facts.contact(&client.id).and_then(|contact| contact.last_in);
        if heard.is_some_and(|heard| heard > question.asked_at) {
            found.push(spared(DraftKind::FollowUp, &client.id, None, DraftWhy::Alive));
            continue;
        }
        let steps = steps(facts, client, question);
        // Those that are over, the one of now, and the next.
        let coming = steps.iter().position(|step| step.due > now).unwrap_or(steps.len());
        let shown = steps.into_iter().take(coming + 1);
        found.extend(shown.map(|step| Ruling::Draft(Box::new(step))));
    }
    found
}

/// One draft at the owner's word: about the latest question.
pub(super) fn asked(facts: &DraftFacts<'_>, target: &Target<'_>, now: Instant) -> Result<Occasion, DraftWhy> {
    let theirs = questions(facts).into_iter().filter(|question| question.client == target.client.id);
    let question = theirs.max_by_key(|question| question.asked_at).ok_or(DraftWhy::NothingToSay)?;
    let before = sent(facts, question).len();
    let content = content(target.client, question, before, before + 1 >= facts.policy.drafts.follow_up.len());
    let key = asked_key(DraftKind::FollowUp, &name(question), facts, now);
    Ok(Occasion {
        to: Some(question.to.clone()),
        answers: Some(question.exchange.clone()),
        why: vec![DraftWhy::Asked],
        ..occasion(DraftKind::FollowUp, key, &target.client.id, now, content)
    })
}

/// The newest question of each matter; a follow-up of ours is none.
fn questions<'a>(facts: &DraftFacts<'a>) -> Vec<&'a Question> {
    let matter = |one: &Question| (one.client.clone(), one.to.folded(), bare(&one.subject));
    let follow_ups =
        || facts.made.iter().filter(|made| made.kind == DraftKind::FollowUp && made.state == MadeState::Sent);
    let echo = |one: &Question| {
        follow_ups()
            .filter(|made| made.client == one.client)
            .filter_map(|made| made.ended_at)
            .any(|sent| (sent - one.asked_at).abs() <= ECHO)
    };
    let all: Vec<&Question> = facts.questions.iter().filter(|one| !echo(one)).collect();
    let newest = |one: &&&Question| {
        all.iter().all(|other| {
            matter(other) != matter(one) || (other.asked_at, &other.exchange) <= (one.asked_at, &one.exchange)
        })
    };
    all.iter().filter(newest).copied().collect()
}

/// The subject without the marks of an answer.
fn bare(subject: &str) -> String {
    let mut rest = subject.trim();
    while let Some((_, more)) = rest.split_once(':').filter(|(mark, _)| mark.trim().chars().count() <= 3) {
        rest = more.trim();
    }
    rest.to_lowercase()
}

/// Which steps were sent, and when.
fn sent(facts: &DraftFacts<'_>, question: &Question) -> Vec<(u32, Instant)> {
    let mut days = facts.policy.drafts.follow_up.clone();
    days.sort_unstable();
    let made = days.into_iter().filter_map(|day| Some((day, facts.made(&key(question, day))?)));
    made.filter(|(_, made)| made.state == MadeState::Sent)
        .filter_map(|(day, made)| Some((day, made.ended_at?)))
        .collect()
}

/// Named by what every machine knows of the question; an exchange has another id on each.
fn key(question: &Question, days: u32) -> String {
    format!("follow-up:{}:{days}", name(question))
}

fn name(question: &Question) -> String {
    question.message_id.as_deref().map_or_else(|| question.exchange.clone(), short)
}

/// A short name for a long id: FNV-1a, 64 bit.
fn short(id: &str) -> String {
    let hash = id
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    format!("{hash:016x}")
}

fn steps(facts: &DraftFacts<'_>, client: &Client, question: &Question) -> Vec<Occasion> {
    let mut cadence = facts.policy.drafts.follow_up.clone();
    cadence.sort_unstable();
    cadence.dedup();
    let sent = sent(facts, question);
    // Whatever the owner wrote by hand since may have asked again.
    let by_hand = facts.contact(&client.id).and_then(|contact| contact.last_by_hand);
    let asked_at = by_hand.map_or(question.asked_at, |at| at.max(question.asked_at));
    let (counted, from) = sent.last().copied().unwrap_or((0, asked_at));
    let from = client.zone.local(from.max(asked_at)).date();
    let touched = |day: &u32| facts.made(&key(question, *day)).is_some_and(|made| made.state == MadeState::Touched);
    let mut left: Vec<u32> = cadence.iter().copied().filter(|day| *day > counted || (sent.is_empty())).collect();
    // While the owner writes one, there is no next one.
    if let Some(writing) = left.iter().position(touched) {
        left.truncate(writing + 1);
    }
    let steps = || cadence.iter().filter_map(|day| facts.made(&key(question, *day)));
    let deleted_at = steps().filter(|made| made.state == MadeState::Deleted).filter_map(|made| made.ended_at).max();
    let due = |day: u32| {
        let morning = working_day_after(client, from, day.saturating_sub(counted));
        let known = facts.made(&key(question, day)).is_some();
        // Not at once after the owner removed the one before.
        let morning = match deleted_at.filter(|at| !known && morning <= *at) {
            Some(at) => working_day_after(client, client.zone.local(at).date(), 1),
            None => morning,
        };
        outside_closures(&facts.policy.owner, client, morning)
    };
    let dues: Vec<(u32, Instant)> = left.into_iter().map(|day| (day, due(day))).collect();
    let ends = dues.iter().skip(1).map(|(_, due)| Some(*due)).chain([None]);
    let before = sent.len();
    let step = |((day, due), next): (&(u32, Instant), Option<Instant>)| Occasion {
        to: Some(question.to.clone()),
        answers: Some(question.exchange.clone()),
        until: Some(next.unwrap_or(*due + END)),
        why: vec![DraftWhy::Unanswered],
        ..occasion(
            DraftKind::FollowUp,
            key(question, *day),
            &client.id,
            *due,
            content(client, question, before, Some(day) == cadence.last()),
        )
    };
    dues.iter().zip(ends).map(step).collect()
}

fn content(client: &Client, question: &Question, before: usize, last: bool) -> Content {
    Content::FollowUp(FollowUp {
        question: question.sentence.clone(),
        asked: client.zone.local(question.asked_at).date(),
        before: u32::try_from(before).unwrap_or(u32::MAX),
        last,
    })
}
