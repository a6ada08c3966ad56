//! A step on the ladder by hand, with its receipt. What it means for mail that waits is the gate's.
use super::super::args::{Cli, Rung, Trust};
use super::super::fail::Fail;
use super::super::out;
use super::{Standing, named, standings};
use crate::config::Settings;
use crate::daemon::control::{self, Ask};
use crate::decide::UNTIL_RESUMED;
use crate::decide::ladder::{self, By, Scope, Word, above, below};
use crate::model::{Instant, Mode, Zone};
use crate::store::{MailState, Reader, Route, StoreError};
use crate::system::Clock;
use serde_json::{Value, json};

/// Takes the step, unless it leads nowhere.
pub(super) fn run(cli: &Cli, settings: &Settings, trust: &Trust, name: &str) -> Result<(), Fail> {
    // A name that nobody has, before anything is made.
    named(standings(settings, None)?, name)?;
    let (store, _lock) = out::change_history(settings)?;
    let now = Clock::System.now();
    let (all, broken) = store.read_blocking(|tx| {
        let broken = tx.pauses(now)?.into_iter().any(|(_, until, code)| until == UNTIL_RESUMED && code != "cli");
        Ok((standings(settings, Some(tx))?, broken))
    })?;
    let mut all = named(all, name)?;
    let Some(it) = all.pop() else { return Ok(()) };
    let to = target(&it, trust)?;
    allowed(settings, &it, to.unwrap_or_default(), broken)?;
    let already = match to {
        Some(to) => to == it.rung && it.word.as_ref().is_none_or(|word| word.by == By::Owner),
        None => it.word.is_none(),
    };
    let word = Word { rung: to, was: it.rung, by: By::Owner, why: Vec::new(), written: it.written, at: now };
    let (stands, waiting) = store.write_blocking(|tx| {
        if !already {
            tx.trust(&it.scope, &word)?;
        }
        // What waits is looked at by its new rung.
        tx.look_again(now)?;
        Ok((standings(settings, Some(tx))?, waiting(tx, &it.scope)?))
    })?;
    store.close()?;
    control::ask(&out::state_dir(settings), Ask::Nudge)?;
    let rung = stands.iter().find(|one| one.scope == it.scope).map_or(it.rung, |one| one.rung);
    if cli.json {
        out::json(&json!({
            "kind": it.scope.kind(), "name": it.scope.name(), "was": it.rung.as_str(), "rung": rung.as_str(),
            "written": it.written.map(Mode::as_str), "changed": !already, "at": out::rfc3339(now), "waiting": waiting,
        }));
    } else {
        out::text(&receipt(&it, to, rung, already, waiting));
    }
    Ok(())
}

/// The rung that was asked for; `None`: as the configuration says.
fn target(it: &Standing, trust: &Trust) -> Result<Option<Mode>, Fail> {
    let name = it.scope.name();
    let end = |which: &str| Fail::Usage(format!("{name} stands on the {which} rung already: {}", it.rung.as_str()));
    match trust.rung {
        Some(Rung::Observe) => Ok(Some(Mode::Observe)),
        Some(Rung::Draft) => Ok(Some(Mode::Draft)),
        Some(Rung::Send) => Ok(Some(Mode::Send)),
        None if trust.raise => above(it.rung).map(Some).ok_or_else(|| end("highest")),
        None if trust.lower => below(it.rung).map(Some).ok_or_else(|| end("lowest")),
        None => Ok(None),
    }
}

/// What would lead nowhere is refused with what has to come first.
fn allowed(settings: &Settings, it: &Standing, to: Mode, broken: bool) -> Result<(), Fail> {
    let name = it.scope.name();
    if to <= it.rung {
        return Ok(());
    }
    if broken && to == Mode::Send {
        let hint = format!("look why, `fuseau resume`, then `fuseau trust {name} send`");
        return Err(Fail::Failed(format!("the breaker has stopped automatic mail\n    {hint}")));
    }
    match &it.scope {
        Scope::Client(_) if to > it.ceiling => Err(Fail::Failed(format!(
            "no mailbox stands higher than {}, and a client never stands higher than its mailbox\n    \
             raise the mailbox (`fuseau trust MAILBOX {to}`) and lower the clients who are to stay (`fuseau trust CLIENT {}`)",
            it.ceiling.as_str(),
            it.ceiling.as_str(),
            to = to.as_str()
        ))),
        Scope::Mailbox(mailbox) if to == Mode::Send => {
            let sends = settings.mailboxes.iter().any(|one| one.name == *mailbox && one.outgoing.is_some());
            let hint = "give it `smtp`, `sendmail` or `outgoing` in the configuration; `fuseau check` looks it over";
            if sends { Ok(()) } else { Err(Fail::Failed(format!("{mailbox} has no way to send\n    {hint}"))) }
        }
        _ => Ok(()),
    }
}

/// Automatic mails that wait to be sent, of a mailbox or to a client.
fn waiting(tx: &Reader<'_>, scope: &Scope) -> Result<u64, StoreError> {
    let here = |row: &crate::store::OutboxRow| match scope {
        Scope::Mailbox(name) => row.mailbox == *name,
        Scope::Client(id) => row.client.as_ref() == Some(id),
    };
    let rows = tx.outbox_waiting()?;
    let waits = |row: &&crate::store::OutboxRow| row.state == MailState::Queued && row.route == Route::Send;
    Ok(rows.iter().filter(waits).filter(|row| row.automatic && here(row)).count() as u64)
}

fn receipt(it: &Standing, to: Option<Mode>, rung: Mode, already: bool, waiting: u64) -> String {
    let name = it.scope.name();
    if already {
        return match to {
            Some(_) => format!("{name} stands at {} already ({})", rung.as_str(), it.why),
            None => format!("{name} stands as the configuration says already: {}", rung.as_str()),
        };
    }
    let mut text = format!("{name} stands at {} from now on (was {})", rung.as_str(), it.rung.as_str());
    text.push_str(match rung {
        Mode::Observe => ": what would be sent is only written down",
        Mode::Draft => ": replies wait in Drafts, nothing leaves by itself",
        Mode::Send => ": acknowledgements and holding replies leave by themselves",
    });
    match (it.written, to) {
        (Some(written), Some(to)) if written != to => {
            text.push_str(&format!(
                "\n    the configuration says {} and stays as it is; the last word counts, until that line is changed",
                written.as_str()
            ));
        }
        _ => {}
    }
    if waiting > 0 && rung < it.rung {
        let fate = if rung == Mode::Draft { "into Drafts when the time comes" } else { "nowhere" };
        let goes = if waiting == 1 { "goes" } else { "go" };
        text.push_str(&format!("\n    {} that waits to be sent {goes} {fate}", out::count(waiting, "mail")));
    }
    text.push_str(&format!("\n    back: `fuseau trust {name} {}`", it.rung.as_str()));
    text
}

/// A step, for a person.
pub(super) fn told(word: &Word, zone: &Zone) -> String {
    let at: Instant = word.at;
    let to = word.rung.map_or("as the configuration says", Mode::as_str);
    let by = match word.by {
        By::Owner => "by `fuseau trust`".to_owned(),
        By::File => "the configuration was changed".to_owned(),
        By::Fall => format!("fell: {}", ladder::reasons(&word.why)),
    };
    format!("{}  {} -> {to}  {by}", out::stamp(at, zone), word.was.as_str())
}

/// A step, for a program.
pub(super) fn facts(word: &Word) -> Value {
    let why: Vec<Value> = word
        .why
        .iter()
        .map(|(anomaly, count)| json!({"code": anomaly.as_str(), "count": count, "text": anomaly.text()}))
        .collect();
    json!({
        "at": out::rfc3339(word.at),
        "was": word.was.as_str(),
        "rung": word.rung.map(Mode::as_str),
        "by": word.by.as_str(),
        "why": why,
        "written": word.written.map(Mode::as_str),
    })
}
