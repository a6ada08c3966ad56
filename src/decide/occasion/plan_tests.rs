//! The comparison, row by row of the table in docs/decisions/0017.
use super::super::{Content, Made, check_in::CheckIn};
use super::*;
use crate::decide::Policy;
use crate::decide::occasion::NO_MEETINGS;
use crate::model::{DraftKind, Owner, WeeklyHours, Zones};
use chrono::TimeDelta;

fn policy() -> Policy {
    let zones = Zones::bundled();
    Policy {
        owner: Owner {
            name: String::new(),
            zone: zones.utc(),
            languages: Vec::new(),
            hours: WeeklyHours::default(),
            holidays: Vec::new(),
            closures: Vec::new(),
            trips: Vec::new(),
        },
        clients: Vec::new(),
        mailboxes: Vec::new(),
        replies: crate::decide::Replies::default(),
        promises: crate::decide::Promises::default(),
        urgent: crate::decide::Urgent::default(),
        topics: Vec::new(),
        projects: Vec::new(),
        drafts: crate::decide::DraftSettings::default(),
        zones,
    }
}

fn occasion(due: Instant, until: Option<Instant>) -> Occasion {
    Occasion {
        kind: DraftKind::CheckIn,
        key: "check-in:acme:1".to_owned(),
        client: "acme".to_owned(),
        to: None,
        project: None,
        answers: None,
        due,
        until,
        why: Vec::new(),
        content: Content::CheckIn(CheckIn { project: None, last: None }),
        opening: None,
    }
}

fn made(state: MadeState, print: &str, asked: bool) -> Made {
    Made {
        key: "check-in:acme:1".to_owned(),
        kind: DraftKind::CheckIn,
        client: "acme".to_owned(),
        project: None,
        state,
        asked,
        print: print.to_owned(),
        made_at: Instant::UNIX_EPOCH,
        ended_at: None,
    }
}

#[test]
fn what_should_lie_there_is_compared_with_what_does() {
    let policy = policy();
    let now = Instant::UNIX_EPOCH + TimeDelta::days(20_000);
    let (before, after) = (now - TimeDelta::hours(1), now + TimeDelta::hours(1));
    let same = occasion(before, None).content.print();
    let draft = |due, until| vec![Ruling::Draft(Box::new(occasion(due, until)))];
    let none = Vec::new;
    // rulings, ledger; made, replaced, withdrawn as, coming, wake
    let cases = [
        ("new", draft(before, None), None, (1, 0, None, 0, None)),
        ("to come", draft(after, None), None, (0, 0, None, 1, Some(after))),
        ("at its instant", draft(now, Some(after)), None, (1, 0, None, 0, Some(after))),
        ("too late", draft(before, Some(now)), None, (0, 0, None, 0, None)),
        ("lies there", draft(before, None), Some((MadeState::Waiting, same.as_str(), false)), (0, 0, None, 0, None)),
        ("says something else", draft(before, None), Some((MadeState::Waiting, "", false)), (0, 1, None, 0, None)),
        ("asked for", draft(before, None), Some((MadeState::Waiting, "", true)), (0, 0, None, 0, None)),
        ("touched", draft(before, None), Some((MadeState::Touched, "", false)), (0, 0, None, 0, None)),
        ("sent", draft(before, None), Some((MadeState::Sent, "", false)), (0, 0, None, 0, None)),
        ("deleted", draft(before, None), Some((MadeState::Deleted, "", false)), (0, 0, None, 0, None)),
        ("expired", draft(before, None), Some((MadeState::Expired, "", false)), (0, 0, None, 0, None)),
        ("back", draft(before, None), Some((MadeState::Withdrawn, "", false)), (1, 0, None, 0, None)),
        ("gone", none(), Some((MadeState::Waiting, "", false)), (0, 0, Some(MadeState::Withdrawn), 0, None)),
        ("gone, but asked for", none(), Some((MadeState::Waiting, "", true)), (0, 0, None, 0, None)),
        ("gone, touched", none(), Some((MadeState::Touched, "", false)), (0, 0, None, 0, None)),
        (
            "past its end",
            draft(before, Some(now)),
            Some((MadeState::Waiting, same.as_str(), false)),
            (0, 0, Some(MadeState::Expired), 0, None),
        ),
    ];
    for (name, rulings, ledger, want) in cases {
        let ledger: Vec<Made> = ledger.map(|(state, print, asked)| made(state, print, asked)).into_iter().collect();
        let facts = DraftFacts {
            policy: &policy,
            made: &ledger,
            journal: &[],
            sources: &[],
            contacts: &[],
            questions: &[],
            promises: &[],
            meetings: &NO_MEETINGS,
        };
        let plan = compare(&facts, rulings, now);
        let withdrawn = plan.withdraw.first().map(|(_, state)| *state);
        let got = (plan.make.len(), plan.replace.len(), withdrawn, plan.coming.len(), plan.wake);
        assert_eq!(got, want, "{name}");
    }
}

#[test]
fn one_occasion_is_one_draft_whoever_names_it() {
    let policy = policy();
    let now = Instant::UNIX_EPOCH + TimeDelta::days(20_000);
    let facts = DraftFacts {
        policy: &policy,
        made: &[],
        journal: &[],
        sources: &[],
        contacts: &[],
        questions: &[],
        promises: &[],
        meetings: &NO_MEETINGS,
    };
    let twice = vec![Ruling::Draft(Box::new(occasion(now, None))), Ruling::Draft(Box::new(occasion(now, None)))];
    assert_eq!(compare(&facts, twice, now).make.len(), 1);
}
