//! What falls due in a closure, on a trip or on a day without windows: promised answers, milestones, follow-ups. Never here: which
//! days those are.
use crate::calendar::zone_at;
use crate::cli::{out, say};
use crate::config::Settings;
use crate::daemon::occasions::{self, Outside};
use crate::decide::Policy;
use crate::decide::occasion::{Content, Occasion, plan};
use crate::model::{DraftKind, Instant, Promise, PromiseState, WaitingOn};
use chrono::NaiveDate;
use serde_json::{Value, json};

/// What the history knows; nothing of it without one. Milestones stand in the configuration.
#[derive(Default)]
pub(super) struct Known {
    /// Open promises.
    pub promises: Vec<Promise>,
    /// Follow-ups that are due or come next.
    pub follow_ups: Vec<Occasion>,
}

/// One thing that falls due.
pub(super) struct Due {
    kind: &'static str,
    client: String,
    project: Option<String>,
    /// A date where the client is, or an instant.
    at: String,
    title: String,
    /// In one line, with what to do.
    pub text: String,
}

impl Due {
    pub(super) fn json(&self) -> Value {
        json!({"kind": self.kind, "client": self.client, "project": self.project, "at": self.at, "title": self.title})
    }
}

/// Reads the history, if there is one.
pub(super) fn known(settings: &Settings, now: Instant) -> Known {
    let policy = &settings.policy;
    let read = out::open_history(settings).and_then(|store| {
        Ok(store.read_blocking(|tx| {
            let gathered = occasions::gather(tx, policy, Outside::default(), now)?;
            let plan = plan(&gathered.facts(policy), now);
            let mut follow_ups: Vec<Occasion> = plan.make.into_iter().chain(plan.coming).collect();
            follow_ups.retain(|one| one.kind == DraftKind::FollowUp);
            let mut promises = tx.promises(true)?;
            promises.retain(|promise| promise.state == PromiseState::Open);
            Ok(Known { promises, follow_ups })
        })?)
    });
    read.unwrap_or_default()
}

/// What falls into a stretch of time, and of dates.
pub(super) fn within(
    policy: &Policy,
    known: &Known,
    (start, end): (Instant, Instant),
    (from, to): (NaiveDate, NaiveDate),
) -> Vec<Due> {
    let stamp = |at: Instant| out::stamp(at, zone_at(&policy.owner, at));
    let promised = known.promises.iter().filter(|promise| start <= promise.by && promise.by < end);
    let promised = promised.map(|it| Due {
        kind: "promise",
        client: it.client.clone(),
        project: None,
        at: out::rfc3339(it.by),
        title: it.subject.as_str().to_owned(),
        text: format!(
            "promised to {} by {}: answer before, or move it: {}",
            it.client,
            stamp(it.by),
            it.subject.as_str()
        ),
    });
    let mut found: Vec<Due> = promised.collect();
    for project in &policy.projects {
        for it in project.milestones.iter().filter(|it| it.done.is_none()) {
            let Some(due) = it.due.filter(|due| from <= *due && *due <= to) else { continue };
            if project.ended.is_some_and(|ended| ended <= due) {
                continue;
            }
            let who = match it.waiting {
                Some(WaitingOn::Client) => ", waits for the client",
                Some(WaitingOn::Other) => ", waits for somebody else",
                Some(WaitingOn::Owner) | None => "",
            };
            found.push(Due {
                kind: "milestone",
                client: project.client.clone(),
                project: Some(project.id.clone()),
                at: due.to_string(),
                title: it.title.clone(),
                text: format!(
                    "milestone of {} for {} due {}{who}: {}",
                    project.id,
                    project.client,
                    say::date(due),
                    it.title
                ),
            });
        }
    }
    for one in known.follow_ups.iter().filter(|one| start <= one.due && one.due < end) {
        let Content::FollowUp(content) = &one.content else { continue };
        found.push(Due {
            kind: "follow-up",
            client: one.client.clone(),
            project: None,
            at: out::rfc3339(one.due),
            title: content.question.clone(),
            text: format!("follow-up to {} due {}: {}", one.client, stamp(one.due), content.question),
        });
    }
    found
}
