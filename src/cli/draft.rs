//! `fuseau draft KIND CLIENT|PROJECT`: one draft at the owner's word, by the same way through the ledger as all others.
use super::args::{Cli, Draft};
use super::fail::Fail;
use super::out;
use crate::config;
use crate::daemon::control::{self, Ask};
use crate::daemon::occasions::Outside;
use crate::daemon::{Desk, calendars, occasions, run::desk};
use crate::decide::Policy;
use crate::decide::occasion::payment::{asked_about, invoices};
use crate::decide::occasion::{DraftWhy, MadeState, Occasion, Target, Way, asked, way};
use crate::model::{DraftKind, Instant, Project};
use crate::system::{Clock, Ids, calendars::Held, sources};
use serde_json::json;

/// Runs the command.
pub fn run(cli: &Cli, draft: &Draft) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let kind = kind(&draft.kind)?;
    let dir = out::state_dir(&settings);
    let now = Clock::System.now();
    let at = match &draft.at {
        Some(text) => out::day(text, &settings.policy.owner.zone)?,
        None => now,
    };
    target(&settings.policy, &draft.target, kind)?;
    let (store, lock) = out::change_history(&settings)?;
    let desk = desk(settings, store.clone(), &dir, Ids::random()).map_err(|error| Fail::Failed(error.to_string()))?;
    let done = make(&desk, kind, draft, at, now);
    drop((desk, lock));
    store.close()?;
    let made = done?;
    if cli.json {
        out::json(&made.json);
    } else {
        out::text(&made.text);
    }
    if !draft.print && control::ask(&dir, Ask::Nudge)?.is_none() && !cli.json {
        out::text("no fuseau runs: it is put there when one does");
    }
    Ok(())
}

/// What to say afterwards.
pub struct Said {
    /// For people.
    pub text: String,
    /// For programs.
    pub json: serde_json::Value,
}

fn make(desk: &Desk, kind: DraftKind, draft: &Draft, at: Instant, now: Instant) -> Result<Said, Fail> {
    let policy = desk.policy();
    let target = target(policy, &draft.target, kind)?;
    if let Some(number) = &draft.invoice {
        check_invoice(policy, kind, &target, number)?;
    }
    let outside = outside(policy, now);
    let (occasion, way) = desk
        .store
        .read_blocking(|tx| {
            let gathered = occasions::gather(tx, policy, outside, now)?;
            let facts = gathered.facts(policy);
            let one = match &draft.invoice {
                Some(number) => asked_about(&facts, &target, number, at),
                None => asked(kind, &facts, &target, at),
            };
            Ok(one.and_then(|one| way(&facts, &one).map(|way| (one, way))))
        })?
        .map_err(|why| Fail::Failed(refused(policy, kind, &target, why)))?;
    let occasion = Occasion { due: occasion.due.min(now), ..occasion };
    if draft.print {
        return print(desk, &occasion, &way, at);
    }
    put(desk, &occasion, &way, now)
}

/// Only a reminder is about an invoice, and only about one that is there.
fn check_invoice(policy: &Policy, kind: DraftKind, target: &Target<'_>, number: &str) -> Result<(), Fail> {
    if kind != DraftKind::Payment {
        return Err(Fail::Usage(format!(
            "--invoice belongs to `fuseau draft payment`; {} is about no invoice",
            kind.as_str()
        )));
    }
    let known: Vec<&str> = invoices(policy, target).map(|(_, it)| it.number.as_str()).collect();
    if known.contains(&number) {
        return Ok(());
    }
    let hint = match (known.as_slice(), config::nearest(number, known.iter().copied())) {
        ([], _) => "there is none: add it as [[project.NAME.invoice]]".to_owned(),
        (_, Some(near)) => format!("did you mean {near}? There are: {}", known.join(", ")),
        (known, None) => format!("there are: {}", known.join(", ")),
    };
    Err(Fail::Usage(format!("no invoice has the number {number:?}\n    {hint}")))
}

/// Records a draft that was asked for.
pub fn put(desk: &Desk, occasion: &Occasion, way: &Way, now: Instant) -> Result<Said, Fail> {
    let done = desk.store.write_blocking(|tx| {
        let known = tx.lying(&occasion.key)?.map(|lying| lying.made.state);
        Ok((known, occasions::record(tx, desk, occasion, way, now)?))
    })?;
    match done {
        (_, Err(error)) => Err(Fail::Configuration(error.to_string())),
        (known, Ok(None)) => Err(Fail::Failed(format!(
            "this draft was made before: {} is {}\n    `fuseau drafts --all` shows it; another one can be made tomorrow",
            occasion.key,
            known.map_or("known", MadeState::as_str)
        ))),
        (_, Ok(Some(mail))) => Ok(Said {
            text: format!("{}: a draft to {} goes into the Drafts folder of {}", occasion.key, way.to, way.mailbox),
            json: json!({
                "key": occasion.key,
                "kind": occasion.kind.as_str(),
                "client": occasion.client,
                "project": occasion.project,
                "mailbox": way.mailbox,
                "to": way.to.to_string(),
                "mail": mail,
            }),
        }),
    }
}

/// The draft as it would be.
pub fn print(desk: &Desk, occasion: &Occasion, way: &Way, at: Instant) -> Result<Said, Fail> {
    let id = desk.ids.next(at);
    let written = desk.store.read_blocking(|tx| occasions::write(tx, desk, occasion, way, &id, at))?;
    let written = written.map_err(|error| Fail::Configuration(error.to_string()))?;
    let owner = &desk.policy().owner.name;
    let (from, to) = (written.from.to_string(), way.to.to_string());
    let letter = &written.letter;
    let mut lines = super::judged::letter(owner, &from, &to, None, &letter.subject, &letter.text);
    let files: Vec<&str> = written.files.iter().map(|file| file.name.as_str()).collect();
    if !files.is_empty() {
        lines.push(format!("with {}", files.join(", ")));
    }
    Ok(Said {
        text: lines.join("\n"),
        json: json!({
            "key": occasion.key,
            "kind": occasion.kind.as_str(),
            "client": occasion.client,
            "project": occasion.project,
            "mailbox": way.mailbox,
            "from": from,
            "to": to,
            "subject": letter.subject,
            "text": letter.text,
            "files": files,
            "why": occasion.why.iter().map(|why| why.code()).collect::<Vec<_>>(),
        }),
    })
}

/// What the sources of the projects and the calendars say; what cannot be read is said on standard error.
pub fn outside(policy: &Policy, now: Instant) -> Outside {
    let live = policy.projects.iter().filter(|project| project.ended.is_none());
    let wanted: Vec<_> =
        live.flat_map(|project| project.sources.iter().map(|source| (project.id.clone(), source.clone()))).collect();
    let (items, faults) = sources::read_now(&wanted, now);
    for fault in faults {
        out::error(&format!("project.{}: {}", fault.project, fault.text));
    }
    let found = calendars::read(policy, &Held::default(), now);
    // Of a file that is not there the configuration has spoken.
    for fault in found.faults.iter().filter(|fault| fault.file.exists()) {
        out::error(&fault.to_string());
    }
    Outside { sources: occasions::facts_of(items), busy: found.busy }
}

fn kind(word: &str) -> Result<DraftKind, Fail> {
    DraftKind::parse(word).ok_or_else(|| {
        let words: Vec<&str> = DraftKind::ALL.iter().map(|kind| kind.as_str()).collect();
        let hint = match config::nearest(word, words.iter().copied()) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("there are: {}", words.join(", ")),
        };
        Fail::Usage(format!("no draft is called {word:?}\n    {hint}"))
    })
}

/// Kinds that are about a project, where a project and a client bear the same name.
fn about_projects(kind: DraftKind) -> bool {
    matches!(
        kind,
        DraftKind::Progress | DraftKind::Contract | DraftKind::Deposit | DraftKind::Payment | DraftKind::CheckIn
    )
}

/// The client or the project of a name.
pub fn target<'a>(policy: &'a Policy, name: &str, kind: DraftKind) -> Result<Target<'a>, Fail> {
    let project = policy.project(name);
    let client = policy.client(name);
    let by_project = |project: &'a Project| {
        let client = policy.client(&project.client);
        client.map(|client| Target { client, project: Some(project) })
    };
    let found = match (project, client) {
        (Some(project), None) => by_project(project),
        (Some(project), Some(_)) if about_projects(kind) => by_project(project),
        (_, Some(client)) => {
            let mut live = policy.projects.iter().filter(|it| it.client == client.id && it.ended.is_none());
            let only = live.next().filter(|_| live.next().is_none());
            Some(Target { client, project: only })
        }
        (None, None) => None,
    };
    found.ok_or_else(|| {
        let names =
            policy.projects.iter().map(|it| it.id.as_str()).chain(policy.clients.iter().map(|it| it.id.as_str()));
        let names: Vec<&str> = names.collect();
        let hint = match config::nearest(name, names.iter().copied()) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("the configuration has: {}", names.join(", ")),
        };
        Fail::Usage(format!("no project and no client is called {name:?}\n    {hint}"))
    })
}

fn refused(policy: &Policy, kind: DraftKind, target: &Target<'_>, why: DraftWhy) -> String {
    let mut text = format!("no draft: {}", why.text());
    let projects: Vec<&str> =
        policy.projects.iter().filter(|it| it.client == target.client.id).map(|it| it.id.as_str()).collect();
    if target.project.is_none() && about_projects(kind) {
        text = match projects.as_slice() {
            [] => format!("no draft: {} has no project; add [project.NAME] with client = {0:?}", target.client.id),
            names => format!("no draft: name the project: {}", names.join(", ")),
        };
    }
    text
}
