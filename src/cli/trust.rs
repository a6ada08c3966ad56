//! `fuseau trust`: the rung of each mailbox and client (observe, draft, send), why it stands there, what was seen, and which line changes
//! it. Writes nothing: the configuration is the owner's (docs/decisions/0015-trust-is-shown.md).
use super::args::{Cli, Trust};
use super::fail::Fail;
use super::out;
use crate::config::{Settings, nearest};
use crate::decide::PauseScope;
use crate::model::{Client, Identity, Instant, Mode};
use crate::store::Seen;
use crate::system::Clock;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::PathBuf;

/// So many replies should have been looked at before the next rung.
const ENOUGH: u32 = 5;
/// Over at least so many days.
const DAYS: i64 = 3;

/// A place in the configuration.
struct Line {
    file: PathBuf,
    number: usize,
    /// Whether the option stands there already; else it belongs below the table's head.
    there: bool,
}

/// One mailbox or client.
struct Standing {
    kind: &'static str,
    name: String,
    rung: Mode,
    why: String,
    seen: Seen,
    line: Option<Line>,
    /// The mailboxes allow no more than this.
    ceiling: Mode,
}

pub fn run(cli: &Cli, trust: &Trust) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let now = Clock::System.now();
    let history = out::open_history(&settings).ok();
    let (seen, pauses) = match &history {
        Some(store) => store.read_blocking(|tx| Ok((tx.seen()?, tx.pauses(now)?)))?,
        None => (Vec::new(), Vec::new()),
    };
    let mut all: Vec<Standing> = settings.policy.mailboxes.iter().map(|it| of_mailbox(&settings, it, &seen)).collect();
    all.extend(settings.policy.clients.iter().map(|it| of_client(&settings, it, &seen)));
    if let Some(name) = &trust.name {
        let known: Vec<String> = all.iter().map(|it| it.name.clone()).collect();
        all.retain(|it| it.name == *name);
        if all.is_empty() {
            let hint = match nearest(name, known.iter().map(String::as_str)) {
                Some(near) => format!("did you mean {near}?"),
                None => format!("the configuration has: {}", known.join(", ")),
            };
            return Err(Fail::Usage(format!("no mailbox or client is called {name:?}\n    {hint}")));
        }
    }
    if cli.json {
        let rests: Vec<Value> = pauses
            .iter()
            .map(
                |(scope, until, code)| json!({"scope": scope_word(scope), "until": out::rfc3339(*until), "code": code}),
            )
            .collect();
        let rows: Vec<Value> = all.iter().map(|it| facts(it, now)).collect();
        out::json(&json!({"rungs": rows, "rests": rests}));
        return Ok(());
    }
    let mut text = String::new();
    for (scope, until, code) in &pauses {
        let end = match scope {
            PauseScope::All | PauseScope::Mailbox(_) => "until `fuseau resume`".to_owned(),
            _ => format!("until {}", out::stamp(*until, &settings.policy.owner.zone)),
        };
        let _ = writeln!(text, "rests    {:<14} {end} ({code}): nothing automatic leaves", scope_word(scope));
    }
    for it in &all {
        let _ = writeln!(text, "{:<8} {:<14} {:<8} {}", it.kind, it.name, it.rung.as_str(), it.why);
        let _ = writeln!(text, "         {}", told(it, now));
        if trust.name.is_some() || all.len() == 1 {
            let _ = writeln!(text, "         {}", next(it, now));
        }
    }
    if trust.name.is_none() && all.len() > 1 {
        text.push_str("`fuseau trust NAME` says what the next rung takes and which line to change");
    }
    out::text(&text);
    Ok(())
}

/// Why a mailbox stands on its rung, in one line for `status`.
pub fn why(settings: &Settings, mailbox: &str) -> Option<String> {
    let identity = settings.policy.mailbox(mailbox)?;
    let it = of_mailbox(settings, identity, &[]);
    let lower = |client: &&Client| client.mode.is_some_and(|mode| mode < identity.mode);
    let held: Vec<String> = settings
        .policy
        .clients
        .iter()
        .filter(lower)
        .map(|client| format!("{} ({})", client.id, client.mode.unwrap_or_default().as_str()))
        .collect();
    let held = if held.is_empty() { String::new() } else { format!("; held lower: {}", held.join(", ")) };
    Some(format!("{}{held}", it.why))
}

fn of_mailbox(settings: &Settings, identity: &Identity, seen: &[Seen]) -> Standing {
    let line = place(settings, "mailbox", &identity.name);
    Standing {
        kind: "mailbox",
        name: identity.name.clone(),
        rung: identity.mode,
        why: written(line.as_ref(), "the default"),
        seen: sum(seen.iter().filter(|it| it.mailbox == identity.name)),
        line,
        ceiling: Mode::Send,
    }
}

fn of_client(settings: &Settings, client: &Client, seen: &[Seen]) -> Standing {
    let ceiling = settings.policy.mailboxes.iter().map(|it| it.mode).max().unwrap_or_default();
    let line = place(settings, "client", &client.id);
    let (rung, why) = match client.mode {
        Some(mode) if mode > ceiling => {
            (ceiling, format!("no mailbox goes higher; {}", written(line.as_ref(), "its own")))
        }
        Some(mode) => (mode, written(line.as_ref(), "its own")),
        None => (ceiling, "as its mailbox".to_owned()),
    };
    let seen = sum(seen.iter().filter(|it| it.client.as_deref() == Some(client.id.as_str())));
    Standing { kind: "client", name: client.id.clone(), rung, why, seen, line, ceiling }
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

fn above(mode: Mode) -> Option<Mode> {
    match mode {
        Mode::Observe => Some(Mode::Draft),
        Mode::Draft => Some(Mode::Send),
        Mode::Send => None,
    }
}

/// Whether enough was seen on this rung.
fn ready(it: &Standing, now: Instant) -> bool {
    let looked_at = if it.rung == Mode::Observe { it.seen.observed } else { it.seen.drafted };
    it.seen.failed == 0 && looked_at >= ENOUGH && days(it, now) >= DAYS
}

/// What the next rung takes.
fn next(it: &Standing, now: Instant) -> String {
    let Some(mode) = above(it.rung) else {
        return format!("the highest rung; one lower: {}", change(it, Mode::Draft));
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
    format!("{advice} {}", change(it, mode))
}

/// `write mode = "draft" in fuseau.toml:20, then fuseau reload`
fn change(it: &Standing, mode: Mode) -> String {
    let mode = mode.as_str();
    let place = match &it.line {
        Some(line) if line.there => format!("in {}:{}", line.file.display(), line.number),
        Some(line) => format!("below {}:{}", line.file.display(), line.number),
        None => format!("into [{}.{}]", it.kind, it.name),
    };
    format!("write mode = \"{mode}\" {place}, then `fuseau reload`")
}

fn scope_word(scope: &PauseScope) -> String {
    match scope {
        PauseScope::All => "everything".to_owned(),
        PauseScope::Sender(address) => address.clone(),
        PauseScope::Domain(domain) => format!("@{domain}"),
        PauseScope::Mailbox(name) => format!("mailbox {name}"),
        PauseScope::Conversation(id) => format!("conversation {id}"),
    }
}

fn facts(it: &Standing, now: Instant) -> Value {
    let seen = &it.seen;
    let raise = above(it.rung).filter(|mode| *mode <= it.ceiling);
    json!({
        "kind": it.kind,
        "name": it.name,
        "rung": it.rung.as_str(),
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
