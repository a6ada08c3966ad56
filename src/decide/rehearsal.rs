//! What becomes of promises to one client that nobody keeps: a story on a virtual clock, told with the rules that the
//! daemon follows ([`holding`], the gate). Pure; the commands that rehearse show it.
use super::decision::Plan;
use super::gate::{Due, Fresh, Gate, Kind, Mail, gate};
use super::gate_words::Why;
use super::holding::{self, Holding, Standing, WhyNot, holding_within, together, window_began};
use super::policy::Policy;
use crate::model::{Client, Instant, Promise, PromiseState};
use chrono::TimeDelta;
use std::collections::BTreeMap;

/// More steps than any story has that ends: a promise is renewed `promises.holding_max` times and lapses.
const STEPS_EACH: usize = 100;

/// Something that happens because nobody answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When.
    pub at: Instant,
    /// What.
    pub what: What,
}

/// What happens.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A holding reply leaves; it renews so many promises.
    Held {
        /// The new promise.
        plan: Plan,
        /// How many promises it renews.
        promises: usize,
        /// The gate's word.
        gate: Gate,
    },
    /// The gate has a holding reply wait.
    Delayed {
        /// Until when.
        until: Instant,
        /// The gate's word.
        gate: Gate,
    },
    /// The gate has a holding reply dropped.
    Dropped {
        /// Why.
        why: Why,
        /// How many promises it would have renewed.
        promises: usize,
        /// The gate's word.
        gate: Gate,
    },
    /// A promise ends without an answer.
    Lapsed {
        /// Why no holding reply went out for it, if that was decided.
        why: Option<WhyNot>,
    },
}

/// The story of `promises` to `client`, each given at its `made_at` by an automatic mail, if nobody ever answers. What
/// the client was not told has no story.
#[must_use]
pub fn unanswered(policy: &Policy, client: &Client, promises: &[Promise]) -> Vec<Event> {
    let mut coming: Vec<Promise> = promises.iter().filter(|promise| promise.announced).cloned().collect();
    coming.sort_by_key(|promise| std::cmp::Reverse(promise.made_at));
    let steps = coming.len().saturating_mul(STEPS_EACH);
    let Some(mut now) = coming.last().map(|promise| promise.made_at) else { return Vec::new() };
    let mut story = Story {
        policy,
        client,
        coming,
        lives: Vec::new(),
        queued: Vec::new(),
        renewals: BTreeMap::new(),
        mails: Vec::new(),
        held: Vec::new(),
        events: Vec::new(),
    };
    for _ in 0..steps {
        story.step(now);
        match story.next(now) {
            Some(at) => now = at,
            None => break,
        }
    }
    story.events
}

/// A promise that the client knows.
struct Life {
    promise: Promise,
    /// A holding reply was made for it, whatever became of it.
    made: bool,
    /// Why there was none when it was due.
    why: Option<WhyNot>,
}

/// A holding reply that waits.
struct Queued {
    mail: Mail,
    plan: Plan,
    /// The promises that it renews.
    renews: Vec<String>,
    look: Instant,
}

struct Story<'a> {
    policy: &'a Policy,
    client: &'a Client,
    /// Promises that are not given yet, the next one last.
    coming: Vec<Promise>,
    lives: Vec<Life>,
    queued: Vec<Queued>,
    renewals: BTreeMap<String, u32>,
    /// When an automatic mail went to the client.
    mails: Vec<Instant>,
    /// ... a holding reply.
    held: Vec<Instant>,
    events: Vec<Event>,
}

impl Story<'_> {
    /// Everything that happens at `now`.
    fn step(&mut self, now: Instant) {
        while self.coming.last().is_some_and(|promise| promise.made_at <= now) {
            let Some(promise) = self.coming.pop() else { break };
            self.mails.push(promise.made_at);
            self.lives.push(Life { promise, made: false, why: None });
        }
        for queued in std::mem::take(&mut self.queued) {
            if queued.look <= now { self.leave(queued, now) } else { self.queued.push(queued) }
        }
        self.renew(now);
        for life in self.lives.iter_mut().filter(|life| life.promise.by <= now) {
            life.promise.state = PromiseState::Lapsed;
            self.events.push(Event { at: now, what: What::Lapsed { why: life.why } });
        }
        self.lives.retain(|life| life.promise.state == PromiseState::Open);
    }

    /// The next moment at which something can happen.
    fn next(&self, now: Instant) -> Option<Instant> {
        let given = self.coming.last().map(|promise| promise.made_at);
        let looks = self.queued.iter().map(|queued| queued.look);
        let lives = self.lives.iter().filter_map(|life| match life.made || life.why.is_some() {
            true => Some(life.promise.by),
            false => holding::next_look(&life.promise, self.policy, now),
        });
        given.into_iter().chain(looks).chain(lives).filter(|at| *at > now).min()
    }

    /// Makes one holding reply of all that are due together, if one is due.
    fn renew(&mut self, now: Instant) {
        let mut due = false;
        for n in 0..self.lives.len() {
            let Some(said) = self.judged(n, TimeDelta::zero(), now) else { continue };
            due |= matches!(said, Holding::Send { .. });
            if let (Holding::Nothing(why), Some(life)) = (said, self.lives.get_mut(n))
                && why.alerts()
            {
                life.why.get_or_insert(why);
            }
        }
        if !due {
            return;
        }
        let merge = self.policy.replies.merge;
        let along: Vec<usize> = (0..self.lives.len())
            .filter(|n| matches!(self.judged(*n, merge, now), Some(Holding::Send { .. })))
            .collect();
        let mut parts = Vec::new();
        for n in along {
            if let Some(life) = self.lives.get_mut(n) {
                life.made = true;
                parts.push(life.promise.clone());
            }
        }
        let Some(plan) = together(&parts, self.policy, now) else { return };
        let first = parts.iter().map(|promise| promise.by).min();
        let mail = Mail {
            kind: Kind::Holding,
            automatic: true,
            draft: false,
            send_at: now,
            due_at: now,
            promise_by: Some(plan.by),
            good_until: first.map(|by| by - TimeDelta::seconds(1)),
            attempts: 0,
            held_until: None,
            hurried: false,
        };
        let renews = parts.into_iter().map(|promise| promise.id).collect();
        self.leave(Queued { mail, plan, renews, look: now }, now);
    }

    /// What the rule says about one promise that has no holding reply yet.
    fn judged(&self, n: usize, early: TimeDelta, now: Instant) -> Option<Holding> {
        let life = self.lives.get(n).filter(|life| !life.made && life.why.is_none() && life.promise.by > now)?;
        let standing = Standing {
            renewals: self.renewals.get(&life.promise.conversation).copied().unwrap_or(0),
            to_client_day: count(&self.mails, now - TimeDelta::hours(24)),
            to_client_week: count(&self.mails, now - TimeDelta::days(7)),
            in_window: count(&self.held, window_began(self.policy, now)),
            ..Standing::first(self.client)
        };
        Some(holding_within(&life.promise, &standing, self.policy, now, early))
    }

    /// The gate's word, and what follows from it.
    fn leave(&mut self, queued: Queued, now: Instant) {
        let fresh = Fresh {
            client: Some(self.client),
            to_client_day: count(&self.mails, now - TimeDelta::hours(24)),
            to_client_week: count(&self.mails, now - TimeDelta::days(7)),
            in_window: count(&self.held, window_began(self.policy, now)),
            ..Fresh::unchanged()
        };
        let gate = gate(&queued.mail, &fresh, self.policy, now);
        let promises = queued.renews.len();
        let what = match gate.verdict {
            Due::Send => {
                self.mails.push(now);
                self.held.push(now);
                self.renewed(&queued, now);
                What::Held { plan: queued.plan, promises, gate }
            }
            Due::Later(until) => {
                let mail = Mail { due_at: until, ..queued.mail.clone() };
                self.queued.push(Queued { mail, look: until, ..queued });
                What::Delayed { until, gate }
            }
            Due::Drop(why) => What::Dropped { why, promises, gate },
            // Another window is promised, at once.
            Due::Renew => {
                for life in &mut self.lives {
                    life.made &= !queued.renews.contains(&life.promise.id);
                }
                return;
            }
        };
        self.events.push(Event { at: now, what });
    }

    /// The old promises end, the new ones begin.
    fn renewed(&mut self, queued: &Queued, now: Instant) {
        let mut fresh = Vec::new();
        for life in self.lives.iter_mut().filter(|life| queued.renews.contains(&life.promise.id)) {
            let old = &mut life.promise;
            *self.renewals.entry(old.conversation.clone()).or_default() += 1;
            let id = format!("{}+", old.id);
            fresh.push(Promise { id, by: queued.plan.by, made_at: now, ..old.clone() });
            old.state = PromiseState::Renewed;
        }
        self.lives.retain(|life| life.promise.state == PromiseState::Open);
        self.lives.extend(fresh.into_iter().map(|promise| Life { promise, made: false, why: None }));
    }
}

fn count(all: &[Instant], since: Instant) -> u32 {
    u32::try_from(all.iter().filter(|at| **at > since).count()).unwrap_or(u32::MAX)
}
