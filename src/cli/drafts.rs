//! `fuseau drafts`: what waits in Drafts, what comes next, what is not written, each with its reasons; `drop`.
use super::args::{Cli, Drafts, DraftsAction};
use super::fail::Fail;
use super::{draft, out, say, slots};
use crate::config::Settings;
use crate::daemon::control::{self, Ask};
use crate::daemon::{occasions, offers};
use crate::decide::occasion::{DraftPlan, DraftWhy, Made, MadeState, Occasion, plan, way};
use crate::model::Instant;
use crate::store::{Lying, MailState, Store};
use crate::system::Clock;
use chrono::TimeDelta;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// How far back `--all` goes.
const ALL: TimeDelta = TimeDelta::days(90);

/// Columns for a key and a moment.
const ROOM: usize = 74;

/// Runs the command.
pub fn run(cli: &Cli, drafts: &Drafts) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let now = Clock::System.now();
    match &drafts.action {
        None => list(cli, &settings, drafts.all, now),
        Some(DraftsAction::Drop { key }) => take_away(&settings, key, now),
    }
}

/// Everything that is shown.
struct Shown {
    waiting: Vec<(Lying, Vec<String>)>,
    ended: Vec<(Made, Vec<String>)>,
    plan: DraftPlan,
    offers: Vec<String>,
    /// Why a draft that is due cannot be made; one for each.
    stuck: Vec<Option<DraftWhy>>,
    /// Why one that comes could not be made now; one for each.
    blocked: Vec<Option<DraftWhy>>,
}

fn look(settings: &Settings, store: &Store, now: Instant) -> Result<Shown, Fail> {
    let policy = &settings.policy;
    let outside = draft::outside(policy, now);
    let busy = outside.busy.clone();
    Ok(store.read_blocking(|tx| {
        let gathered = occasions::gather(tx, policy, outside, now)?;
        let facts = gathered.facts(policy);
        let plan = plan(&facts, now);
        let stuck = plan.make.iter().map(|one| way(&facts, one).err()).collect();
        let blocked = plan.coming.iter().map(|one| way(&facts, one).err()).collect();
        let (mut waiting, mut ended) = (Vec::new(), Vec::new());
        for made in tx.occasions(now - TimeDelta::days(800))? {
            let why = tx.occasion_why(&made.key)?;
            if let MadeState::Waiting | MadeState::Touched = made.state {
                waiting.extend(tx.lying(&made.key)?.map(|lying| (lying, why)));
            } else if made.ended_at.is_some_and(|at| at >= now - ALL) {
                ended.push((made, why));
            }
        }
        let offers = offers::standing(tx, policy, now)?;
        let offers = offers.iter().filter(|offer| slots::lively(offer, now));
        let offers = offers.map(|offer| slots::line(settings, offer, &busy, now)).collect();
        Ok(Shown { waiting, ended, plan, offers, stuck, blocked })
    })?)
}

fn list(cli: &Cli, settings: &Settings, all: bool, now: Instant) -> Result<(), Fail> {
    let shown = look(settings, &out::look_into_history(settings)?, now)?;
    if cli.json {
        out::json(&json_of(settings, &shown, all));
        return Ok(());
    }
    let mut text = String::new();
    section(&mut text, "waits for you", shown.waiting.iter().map(|(lying, why)| waiting(settings, lying, why)));
    let due = shown.plan.make.iter().zip(&shown.stuck).map(|(one, stuck)| due(settings, one, *stuck));
    section(&mut text, "due", due);
    section(&mut text, "meeting times that you offered", shown.offers.iter().cloned());
    let coming = shown.plan.coming.iter().zip(&shown.blocked).map(|(one, blocked)| coming(settings, one, *blocked));
    section(&mut text, "comes next", coming);
    if all {
        section(&mut text, "is over", shown.ended.iter().map(|(made, why)| ended(settings, made, why)));
        let spared = shown.plan.spared.iter().map(|one| {
            let about = one.project.as_deref().unwrap_or(&one.client);
            format!("{} {about}\n    {}", one.kind.as_str(), one.why.text())
        });
        section(&mut text, "is not written", spared);
    }
    if text.is_empty() {
        text = "no draft waits and none comes (`--all` shows what is over, and what is not written)".to_owned();
    }
    out::text(text.trim_end());
    Ok(())
}

fn section(text: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    let lines: Vec<String> = lines.collect();
    if !lines.is_empty() {
        let _ = write!(text, "{}\n  {}\n\n", out::bold(title), lines.join("\n").replace('\n', "\n  "));
    }
}

/// The reasons in words; a code of a newer version as it is.
fn words(codes: &[String]) -> String {
    fn of(code: &String) -> &str {
        DraftWhy::ALL.iter().find(|why| why.code() == code).map_or(code.as_str(), |why| why.text())
    }
    codes.iter().map(of).collect::<Vec<_>>().join("; ")
}

fn waiting(settings: &Settings, lying: &Lying, why: &[String]) -> String {
    let place = match (lying.row.state, lying.made.state, lying.dropped) {
        (_, _, true) => "it goes when the daemon next looks at",
        (MailState::Drafted, MadeState::Touched, _) => {
            "you wrote in it, or it came from elsewhere, and it stays as it is: in Drafts of"
        }
        (MailState::Drafted, ..) => "in Drafts of",
        _ => "goes into Drafts when the daemon next looks at",
    };
    let made = out::stamp(lying.made.made_at, &settings.policy.owner.zone);
    format!(
        "{}\n{}\n{}\n{}",
        lying.made.key,
        say::wrapped("    ", &format!("to {}: {}", lying.row.envelope_to, lying.row.subject)),
        say::wrapped("    ", &format!("{place} {}, made {made}", lying.row.mailbox)),
        say::wrapped("    ", &words(why))
    )
}

fn due(settings: &Settings, one: &Occasion, stuck: Option<DraftWhy>) -> String {
    let why = stuck.map_or("made when the daemon next looks", DraftWhy::text);
    format!("{}\n{}", head(settings, one), say::wrapped("    ", why))
}

fn coming(settings: &Settings, one: &Occasion, blocked: Option<DraftWhy>) -> String {
    match blocked {
        None => head(settings, one),
        Some(why) => {
            let why = say::wrapped("    ", &format!("cannot be made as things are: {}", why.text()));
            format!("{}\n{why}", head(settings, one))
        }
    }
}

fn head(settings: &Settings, one: &Occasion) -> String {
    let why: Vec<&str> = one.why.iter().map(|why| why.text()).collect();
    let due = out::stamp(one.due, &settings.policy.owner.zone);
    // The key and the moment on one line, where there is room.
    let gap = if one.key.len() + due.len() > ROOM { "\n    " } else { "  " };
    format!("{}{gap}{due}\n{}", one.key, say::wrapped("    ", &why.join("; ")))
}

fn ended(settings: &Settings, made: &Made, why: &[String]) -> String {
    let at = made.ended_at.map(|at| out::stamp(at, &settings.policy.owner.zone)).unwrap_or_default();
    format!("{}\n    {} {at}\n{}", made.key, made.state.as_str(), say::wrapped("    ", &words(why)))
}

fn json_of(settings: &Settings, shown: &Shown, all: bool) -> Value {
    let made = |made: &Made, why: &[String]| {
        json!({
            "key": made.key,
            "kind": made.kind.as_str(),
            "client": made.client,
            "project": made.project,
            "state": made.state.as_str(),
            "asked": made.asked,
            "why": why,
            "made_at": out::rfc3339(made.made_at),
            "ended_at": made.ended_at.map(out::rfc3339),
        })
    };
    let waiting = shown.waiting.iter().map(|(lying, why)| {
        let mut one = made(&lying.made, why);
        if let Some(one) = one.as_object_mut() {
            one.insert("mail".to_owned(), json!(lying.row.id));
            one.insert("mailbox".to_owned(), json!(lying.row.mailbox));
            one.insert("to".to_owned(), json!(lying.row.envelope_to));
            one.insert("subject".to_owned(), json!(lying.row.subject));
            one.insert("in_drafts".to_owned(), json!(lying.row.state == MailState::Drafted));
        }
        one
    });
    let occasion = |one: &Occasion, stuck: Option<DraftWhy>| {
        json!({
            "key": one.key,
            "kind": one.kind.as_str(),
            "client": one.client,
            "project": one.project,
            "due": out::rfc3339(one.due),
            "until": one.until.map(out::rfc3339),
            "why": one.why.iter().map(|why| why.code()).collect::<Vec<_>>(),
            "stuck": stuck.map(DraftWhy::code),
        })
    };
    let due = shown.plan.make.iter().zip(&shown.stuck).map(|(one, stuck)| occasion(one, *stuck));
    let coming = shown.plan.coming.iter().zip(&shown.blocked).map(|(one, blocked)| occasion(one, *blocked));
    let mut facts = json!({
        "zone": settings.policy.owner.zone.name(),
        "waiting": waiting.collect::<Vec<_>>(),
        "due": due.collect::<Vec<_>>(),
        "coming": coming.collect::<Vec<_>>(),
    });
    if let Some(facts) = facts.as_object_mut().filter(|_| all) {
        let ended: Vec<Value> = shown.ended.iter().map(|(one, why)| made(one, why)).collect();
        let spared = shown.plan.spared.iter().map(|one| {
            json!({"kind": one.kind.as_str(), "client": one.client, "project": one.project, "why": one.why.code()})
        });
        facts.insert("ended".to_owned(), json!(ended));
        facts.insert("spared".to_owned(), json!(spared.collect::<Vec<_>>()));
    }
    facts
}

fn take_away(settings: &Settings, key: &str, now: Instant) -> Result<(), Fail> {
    let dir = out::state_dir(settings);
    let (store, lock) = out::change_history(settings)?;
    let done = drop_one(settings, &store, key, now);
    drop(lock);
    store.close()?;
    let mut text = done?;
    if control::ask(&dir, Ask::Nudge)?.is_none() {
        text.push_str("\n    no fuseau runs: it happens when one does");
    }
    out::text(&text);
    Ok(())
}

fn drop_one(settings: &Settings, store: &Store, key: &str, now: Instant) -> Result<String, Fail> {
    let known = store.read_blocking(|tx| tx.lying(key))?;
    match known.map(|lying| lying.made.state) {
        Some(MadeState::Touched) => Err(Fail::Failed(
            "you wrote in this draft: delete it in your mail program; it does not come back".to_owned(),
        )),
        Some(MadeState::Waiting) => {
            store.write_blocking(|tx| tx.drop_draft(key))?;
            Ok("it is taken out of Drafts, unless you have written in it meanwhile; it does not come back".to_owned())
        }
        Some(state) if state != MadeState::Withdrawn => Err(Fail::Failed(format!("{key} is over: {}", state.as_str()))),
        _ => {
            let shown = look(settings, store, now)?;
            let Some(one) = shown.plan.make.iter().chain(&shown.plan.coming).find(|one| one.key == key) else {
                return Err(Fail::Usage(format!("no draft has the key {key:?}; `fuseau drafts` shows them")));
            };
            let project = one.project.as_deref();
            store.write_blocking(|tx| tx.pass_over(&one.key, one.kind, &one.client, project, now))?;
            Ok("it will not be made".to_owned())
        }
    }
}
