//! `fuseau trust`: the rung of each mailbox and client (observe, draft, send), why it stands there, what was seen, and what changes
//! it; with a rung, the step itself (step.rs). The configuration is the owner's and is never written
//! (docs/decisions/0015-trust-is-a-ladder.md).
mod step;

use super::args::{Cli, Trust};
use super::fail::Fail;
use super::{out, rests};
use crate::config::{Settings, nearest};
use crate::decide::PauseScope;
use crate::decide::ladder::{self, By, Scope, Word, above};
use crate::model::{Client, Identity, Instant, Mode};
use crate::store::{Reader, Seen, StoreError};
use crate::system::Clock;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::PathBuf;

/// So many replies should have been looked at before the next rung.
const ENOUGH: u32 = 5;
/// Over at least so many days.
const DAYS: i64 = 3;

impl Standing {
    /// Whether it fell, and nobody has put it back since.
    pub fn fell(&self) -> bool {
        self.word.as_ref().is_some_and(|word| word.by == By::Fall)
    }
}

/// A place in the configuration.
struct Line {
    file: PathBuf,
    number: usize,
    /// Whether the option stands there already; else it belongs below the table's head.
    there: bool,
}

/// One mailbox or client.
pub(super) struct Standing {
    pub scope: Scope,
    /// Where it stands.
    pub rung: Mode,
    /// What the configuration says; `None`: nothing.
    pub written: Option<Mode>,
    /// The last step, if it counts.
    pub word: Option<Word>,
    /// Why it stands there, in one line.
    pub why: String,
    seen: Seen,
    line: Option<Line>,
    /// The mailboxes allow no more than this.
    ceiling: Mode,
}

/// Runs the command.
pub fn run(cli: &Cli, trust: &Trust) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    if let Some(name) = trust.name.as_deref().filter(|_| trust.changes()) {
        return step::run(cli, &settings, trust, name);
    }
    let now = Clock::System.now();
    // Where nothing was recorded yet the file alone speaks.
    let history = out::recorded(&settings)?;
    let (all, pauses, steps) = match &history {
        Some(store) => store.read_blocking(|tx| {
            let all = everybody(&settings, Some(tx))?;
            let steps = match trust.name.as_deref().and_then(|name| all.iter().find(|it| it.scope.name() == name)) {
                Some(one) => tx.trust_steps(&one.scope)?,
                None => Vec::new(),
            };
            Ok((all, tx.pauses(now)?, steps))
        })?,
        None => (everybody(&settings, None)?, Vec::new(), Vec::new()),
    };
    let all = match &trust.name {
        Some(name) => named(all, name)?,
        None => all,
    };
    if cli.json {
        let rests: Vec<Value> = pauses
            .iter()
            .map(
                |(scope, until, code)| json!({"scope": rests::word(scope), "until": out::rfc3339(*until), "code": code}),
            )
            .collect();
        let rows: Vec<Value> = all.iter().map(|it| facts(it, now)).collect();
        let mut told = json!({"rungs": rows, "rests": rests});
        if let Some(map) = told.as_object_mut().filter(|_| trust.name.is_some()) {
            map.insert("steps".to_owned(), steps.iter().map(step::facts).collect());
        }
        out::json(&told);
        return Ok(());
    }
    let mut text = String::new();
    for (scope, until, code) in &pauses {
        let end = match scope {
            PauseScope::All | PauseScope::Mailbox(_) => "until `fuseau resume`".to_owned(),
            _ => format!("until {}", out::stamp(*until, &settings.policy.owner.zone)),
        };
        let _ = writeln!(text, "rests    {:<14} {end} ({code}): nothing automatic leaves", rests::word(scope));
    }
    for it in &all {
        let _ = writeln!(text, "{:<8} {:<14} {:<8} {}", it.scope.kind(), it.scope.name(), it.rung.as_str(), it.why);
        let _ = writeln!(text, "         {}", told(it, now));
        if trust.name.is_some() || all.len() == 1 {
            let _ = writeln!(text, "         {}", next(it, now));
        }
    }
    for one in &steps {
        let _ = writeln!(text, "         {}", step::told(one, &settings.policy.owner.zone));
    }
    if trust.name.is_none() && all.len() > 1 {
        text.push_str("`fuseau trust NAME` says what the next rung takes; `fuseau trust NAME --raise` takes it");
    }
    out::text(&text);
    Ok(())
}

/// Everybody, with what was seen of them if the history is at hand: mailboxes first.
fn everybody(settings: &Settings, tx: Option<&Reader<'_>>) -> Result<Vec<Standing>, StoreError> {
    let seen = tx.map_or(Ok(Vec::new()), Reader::seen)?;
    let mut all = standings(settings, tx)?;
    for it in &mut all {
        it.seen = sum(seen.iter().filter(|seen| match &it.scope {
            Scope::Mailbox(name) => seen.mailbox == *name,
            Scope::Client(id) => seen.client.as_ref() == Some(id),
        }));
    }
    Ok(all)
}

/// Where everybody stands, mailboxes first; without the history, as the configuration says.
pub(super) fn standings(settings: &Settings, tx: Option<&Reader<'_>>) -> Result<Vec<Standing>, StoreError> {
    let word = |scope: Scope| tx.map_or(Ok(None), |tx| tx.trust_word(&scope));
    let mut all = Vec::new();
    for identity in &settings.policy.mailboxes {
        all.push(of_mailbox(settings, identity, word(Scope::Mailbox(identity.name.clone()))?));
    }
    let ceiling = all.iter().map(|it| it.rung).max().unwrap_or_default();
    for client in &settings.policy.clients {
        all.push(of_client(settings, client, word(Scope::Client(client.id.clone()))?, ceiling));
    }
    Ok(all)
}

/// The one with a name; a name that nobody has is refused with the nearest.
fn named(mut all: Vec<Standing>, name: &str) -> Result<Vec<Standing>, Fail> {
    let known: Vec<String> = all.iter().map(|it| it.scope.name().to_owned()).collect();
    all.retain(|it| it.scope.name() == name);
    if all.is_empty() {
        let hint = match nearest(name, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("the configuration has: {}", known.join(", ")),
        };
        return Err(Fail::Usage(format!("no mailbox or client is called {name:?}\n    {hint}")));
    }
    Ok(all)
}

fn of_mailbox(settings: &Settings, identity: &Identity, word: Option<Word>) -> Standing {
    let line = place(settings, "mailbox", &identity.name);
    let says = written(line.as_ref(), "the default");
    let word = word.filter(|word| word.counts(Some(identity.mode)));
    Standing {
        scope: Scope::Mailbox(identity.name.clone()),
        rung: ladder::own(Some(identity.mode), word.as_ref()).unwrap_or_default(),
        written: Some(identity.mode),
        why: by_word(settings, word.as_ref(), &says).unwrap_or(says),
        word,
        seen: Seen::default(),
        line,
        ceiling: Mode::Send,
    }
}

fn of_client(settings: &Settings, client: &Client, word: Option<Word>, ceiling: Mode) -> Standing {
    let line = place(settings, "client", &client.id);
    let word = word.filter(|word| word.counts(client.mode));
    let says = match client.mode {
        Some(_) => written(line.as_ref(), "its own"),
        None => "as its mailbox".to_owned(),
    };
    let said = by_word(settings, word.as_ref(), &says).unwrap_or(says);
    let (rung, why) = match ladder::own(client.mode, word.as_ref()) {
        Some(mode) if mode > ceiling => (ceiling, format!("no mailbox goes higher; {said}")),
        Some(mode) => (mode, said),
        None => (ceiling, said),
    };
    let scope = Scope::Client(client.id.clone());
    Standing { scope, rung, written: client.mode, word, why, seen: Seen::default(), line, ceiling }
}

/// `fell from send, 23 Nov 2026 10:02 GMT: the breaker stopped automatic mail; the file says send (mode in fuseau.toml:20)`
fn by_word(settings: &Settings, word: Option<&Word>, says: &str) -> Option<String> {
    let word = word?;
    let at = out::stamp(word.at, &settings.policy.owner.zone);
    let file = match word.written {
        Some(mode) => format!("the configuration says {} ({says})", mode.as_str()),
        None => "the configuration says nothing of it".to_owned(),
    };
    Some(match word.by {
        By::Fall => format!("fell from {}, {at}: {}; {file}", word.was.as_str(), ladder::reasons(&word.why)),
        By::Owner | By::File => format!("`fuseau trust`, {at}; {file}"),
    })
}

/// `mode in fuseau.toml:20`
fn written(line: Option<&Line>, otherwise: &str) -> String {
    match line {
        Some(Line { file, number, there: true }) => format!("mode in {}:{number}", file.display()),
        _ => otherwise.to_owned(),
    }
}

fn sum<'a>(rows: impl Iterator<Item = &'a Seen>) -> Seen {
    rows.fold(Seen::default(), |sum, it| Seen {
        since: sum.since.into_iter().chain(it.since).min(),
        received: sum.received + it.received,
        held: sum.held + it.held,
        observed: sum.observed + it.observed,
        drafted: sum.drafted + it.drafted,
        sent: sum.sent + it.sent,
        dropped: sum.dropped + it.dropped,
        failed: sum.failed + it.failed,
        ..sum
    })
}

/// Where a table has its `mode`, or its head. Tables that are written in line are not found; they are named instead.
fn place(settings: &Settings, kind: &str, name: &str) -> Option<Line> {
    let heads = [format!("[{kind}.{name}]"), format!("[{kind}.\"{name}\"]")];
    let mut head = None;
    for file in &settings.files {
        let Ok(text) = std::fs::read_to_string(file) else { continue };
        let mut inside = false;
        for (at, line) in text.lines().enumerate() {
            let bare = line.split('#').next().unwrap_or_default().trim();
            if bare.starts_with('[') {
                inside = heads.iter().any(|it| it == bare);
                if inside {
                    head = Some(Line { file: file.clone(), number: at + 1, there: false });
                }
            } else if inside && bare.split('=').next().unwrap_or_default().trim() == "mode" {
                return Some(Line { file: file.clone(), number: at + 1, there: true });
            }
        }
    }
    head
}

fn days(it: &Standing, now: Instant) -> i64 {
    it.seen.since.map_or(0, |since| (now - since).num_days())
}

/// What was seen, in one line.
fn told(it: &Standing, now: Instant) -> String {
    let seen = &it.seen;
    if seen.since.is_none() {
        return "nothing seen yet".to_owned();
    }
    let mut parts = vec![out::count(u64::from(seen.received), "message")];
    let counts = [
        (seen.held, "held for you"),
        (seen.observed, "only composed"),
        (seen.drafted, "into Drafts"),
        (seen.sent, "sent"),
        (seen.dropped, "withdrawn in time"),
        (seen.failed, "failed"),
    ];
    parts.extend(counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")));
    format!("in {}: {}", out::count(days(it, now).max(1).unsigned_abs(), "day"), parts.join(", "))
}

/// Whether enough was seen on this rung.
fn ready(it: &Standing, now: Instant) -> bool {
    let looked_at = if it.rung == Mode::Observe { it.seen.observed } else { it.seen.drafted };
    it.seen.failed == 0 && looked_at >= ENOUGH && days(it, now) >= DAYS
}

/// What the next rung takes.
fn next(it: &Standing, now: Instant) -> String {
    let Some(mode) = above(it.rung) else {
        return format!("the highest rung; one lower: {}", change(it, Mode::Draft, "--lower"));
    };
    if mode > it.ceiling {
        return "raise its mailbox first: a client is never higher".to_owned();
    }
    let advice = match (ready(it, now), it.rung, it.seen.failed) {
        (true, Mode::Observe, _) => "enough was seen: if you agreed with all of it,",
        (true, ..) => "enough was seen: if you sent the drafts unchanged,",
        (false, _, 1..) => "first look why mail failed; after that,",
        (false, ..) => "better wait for five replies over three days; then,",
    };
    format!("{advice} {}", change(it, mode, "--raise"))
}

/// `fuseau trust studio --raise, or write mode = "draft" in fuseau.toml:20, then fuseau reload`
fn change(it: &Standing, mode: Mode, step: &str) -> String {
    let mode = mode.as_str();
    let place = match &it.line {
        Some(line) if line.there => format!("in {}:{}", line.file.display(), line.number),
        Some(line) => format!("below {}:{}", line.file.display(), line.number),
        None => format!("into [{}.{}]", it.scope.kind(), it.scope.name()),
    };
    format!("`fuseau trust {} {step}`, or write mode = \"{mode}\" {place}, then `fuseau reload`", it.scope.name())
}

fn facts(it: &Standing, now: Instant) -> Value {
    let seen = &it.seen;
    let raise = above(it.rung).filter(|mode| *mode <= it.ceiling);
    json!({
        "kind": it.scope.kind(),
        "name": it.scope.name(),
        "rung": it.rung.as_str(),
        "written": it.written.map(Mode::as_str),
        "fallen": it.fell(),
        "why": it.why,
        "since": seen.since.map(out::rfc3339),
        "received": seen.received,
        "held": seen.held,
        "observed": seen.observed,
        "drafted": seen.drafted,
        "sent": seen.sent,
        "dropped": seen.dropped,
        "failed": seen.failed,
        "next": raise.map(Mode::as_str),
        "ready": raise.is_some() && ready(it, now),
        "file": it.line.as_ref().map(|line| &line.file),
        "line": it.line.as_ref().map(|line| line.number),
    })
}
