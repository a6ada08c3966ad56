//! `fuseau doctor`: configuration, machine, servers, own mail, service, each with what to do about it. Reads only: the one thing that
//! may be written is a fresh access token, which the next login would fetch anyway. What a rehearsal of the rules says: check.rs.
mod clock;
mod machine;
mod own_mail;
mod servers;

use super::args::Cli;
use super::check;
use super::fail::Fail;
use super::{out, rests, service, trust};
use crate::config::Settings;
use crate::decide::ladder::Scope;
use serde_json::{Value, json};

/// How bad it is. Ordered: a greater one is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// Nothing to do.
    Good,
    /// It works, but something should be done.
    Warn,
    /// It does not work.
    Bad,
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }

    fn mark(self) -> &'static str {
        match self {
            Self::Good => "✓",
            Self::Warn => "!",
            Self::Bad => "✗",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    /// How bad it is.
    pub level: Level,
    /// The thing.
    pub what: String,
    /// What was found.
    pub text: String,
    /// What to do.
    pub remedy: Option<String>,
}

/// A finding without anything to do.
pub(super) fn good(what: &str, text: impl Into<String>) -> Finding {
    Finding { level: Level::Good, what: what.to_owned(), text: text.into(), remedy: None }
}

/// A finding that should be mended.
pub(super) fn warn(what: &str, text: impl Into<String>, remedy: impl Into<String>) -> Finding {
    Finding { level: Level::Warn, what: what.to_owned(), text: text.into(), remedy: Some(remedy.into()) }
}

/// A finding that must be mended.
pub(super) fn bad(what: &str, text: impl Into<String>, remedy: impl Into<String>) -> Finding {
    Finding { level: Level::Bad, what: what.to_owned(), text: text.into(), remedy: Some(remedy.into()) }
}

/// An error that says at its end what to do, as all of ours do.
fn failed(what: &str, error: &str) -> Finding {
    let (text, remedy) = match error.split_once("\n    ").or_else(|| error.rsplit_once("; ")) {
        Some((text, remedy)) => (text, remedy),
        None => (error, "mend it, then run `fuseau doctor` again"),
    };
    bad(what, text, remedy)
}

impl From<check::Finding> for Finding {
    fn from(found: check::Finding) -> Self {
        if !found.ok {
            return failed(&found.what, &found.text);
        }
        match found.text.split_once("\n    ") {
            Some((text, proposal)) => warn(&found.what, text, proposal),
            None => good(&found.what, found.text),
        }
    }
}

/// Runs the command.
pub fn run(cli: &Cli) -> Result<(), Fail> {
    let mut findings = Vec::new();
    let settings =
        match out::settings_without_fault(cli).and_then(|settings| out::composer(&settings).map(|_| settings)) {
            Ok(settings) => {
                findings.push(good("configuration", check::read(&settings)));
                Some(settings)
            }
            Err(Fail::Configuration(text)) => {
                findings.push(bad("configuration", text, "mend what is named, `fuseau check` looks again"));
                None
            }
            Err(other) => return Err(other),
        };
    machine::look(settings.as_ref(), &mut findings);
    if let Some(settings) = &settings {
        rungs(settings, &mut findings)?;
        findings.extend(resting(settings));
        let state = out::state_dir(settings);
        for mailbox in &settings.mailboxes {
            let mut found = Vec::new();
            check::secrets(mailbox, &state, &mut found);
            findings.extend(found.into_iter().map(Finding::from));
        }
        findings.extend(super::page::finding(settings));
        findings.extend(settings.hook.iter().map(|hook| Finding::from(check::program(hook))));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(servers::look(settings, &mut findings));
    }
    service::findings(cli, settings.as_ref(), &mut findings);
    tell(cli, &findings)
}

/// Where each mailbox stands; who has fallen is a warning.
fn rungs(settings: &Settings, findings: &mut Vec<Finding>) -> Result<(), Fail> {
    let all = match out::open_history(settings) {
        Ok(store) => store.read_blocking(|tx| trust::standings(settings, Some(tx)))?,
        Err(_) => trust::standings(settings, None)?,
    };
    for it in all {
        let (what, said) = (format!("{} rung", it.scope.name()), format!("{}: {}", it.rung.as_str(), it.why));
        if it.fell() {
            let remedy = format!("see to it, then `fuseau trust {} --raise`", it.scope.name());
            findings.push(warn(&what, said, remedy));
        } else if matches!(it.scope, Scope::Mailbox(_)) {
            findings.push(good(&what, said));
        }
    }
    Ok(())
}

/// Whose automatic mail rests. A history that cannot be read is named elsewhere.
fn resting(settings: &Settings) -> Vec<Finding> {
    let home = &settings.policy.owner.zone;
    let one = |rest: rests::Rest| {
        warn(
            "automatic mail",
            rest.told(home),
            format!("look at what came, then `{}` lifts it at once", rest.command()),
        )
    };
    rests::standing(settings).unwrap_or_default().into_iter().map(one).collect()
}

fn tell(cli: &Cli, findings: &[Finding]) -> Result<(), Fail> {
    let worst = findings.iter().map(|it| it.level).max().unwrap_or(Level::Good);
    if cli.json {
        let row =
            |it: &Finding| json!({"level": it.level.word(), "what": it.what, "text": it.text, "remedy": it.remedy});
        let rows: Vec<Value> = findings.iter().map(row).collect();
        out::json(&json!({"ok": worst != Level::Bad, "findings": rows}));
    } else {
        for it in findings {
            out::text(&format!("{} {:<28} {}", it.level.mark(), it.what, it.text));
            if let Some(remedy) = &it.remedy {
                out::text(&format!("  {:<28} -> {remedy}", ""));
            }
        }
    }
    let count = |level: Level| findings.iter().filter(|it| it.level == level).count() as u64;
    match (worst, count(Level::Bad)) {
        (Level::Bad, 1) => Err(Fail::Failed("one finding must be mended, see ✗ above".to_owned())),
        (Level::Bad, n) => Err(Fail::Failed(format!("{n} findings must be mended, see ✗ above"))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_of_check_keep_their_remedy() {
        let remedy = |ok: bool, text: &str| {
            let found = Finding::from(check::Finding { what: "x".to_owned(), ok, text: text.to_owned() });
            (found.level, found.text, found.remedy.unwrap_or_default())
        };
        let row = |level, text: &str, remedy: &str| (level, text.to_owned(), remedy.to_owned());
        assert_eq!(remedy(true, "fine"), row(Level::Good, "fine", ""));
        assert_eq!(remedy(true, "mx (3 of 4)\n    add it"), row(Level::Warn, "mx (3 of 4)", "add it"));
        assert_eq!(remedy(false, "not found; name it"), row(Level::Bad, "not found", "name it"));
        assert_eq!(remedy(false, "a; b\n    do c"), row(Level::Bad, "a; b", "do c"));
        assert_eq!(remedy(false, "no").0, Level::Bad);
    }
}
