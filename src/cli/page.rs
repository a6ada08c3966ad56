//! `fuseau page`: "how to reach me" written into a folder, compared with it, or its texts printed. What is on it: `compose::page`.
use super::args::{self, Cli};
use super::doctor::{Finding, good, warn};
use super::fail::Fail;
use super::out;
use super::target;
use crate::compose::{Composer, page::File};
use crate::config::Settings;
use crate::daemon::page;
use crate::system::Clock;
use crate::system::published::State;
use serde_json::{Value, json};
use std::path::Path;

/// Runs the command.
pub fn run(cli: &Cli, args: &args::Page) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let composer = composer(&settings)?;
    let now = args.at.as_deref().map_or_else(|| Ok(Clock::System.now()), out::instant)?;
    let files = page::files(&settings, &composer, now).map_err(|error| Fail::Configuration(error.to_string()))?;
    if args.text {
        out::text(&texts(&files));
        return Ok(());
    }
    let Some(dir) = args.out.as_deref().or(settings.page.out.as_deref()) else {
        return Err(Fail::Usage(
            "there is no folder to write into\n    name it: `fuseau page --out DIR`, or [page] out in the configuration; `--text` prints the texts"
                .to_owned(),
        ));
    };
    if let Some(dir) = args.out.as_deref().filter(|_| !args.check) {
        target::may_write(&settings, dir)?;
    }
    if dir.exists() && !dir.is_dir() {
        return Err(Fail::Usage(format!("{} is no folder\n    name a folder for the page", dir.display())));
    }
    if args.check && !dir.is_dir() {
        return Err(Fail::Failed(format!("{} is not there\n    `fuseau page` makes it", dir.display())));
    }
    let states = page::stand(dir, &files, !args.check).map_err(|error| {
        Fail::Failed(format!("{error}\n    name a folder that you may write, with --out or `[page] out`"))
    })?;
    tell(cli, args.check, dir, &page::home_date(&settings, now).to_string(), &states)
}

/// The owner's words; the templates of mails have nothing to do with it.
fn composer(settings: &Settings) -> Result<Composer, Fail> {
    Composer::with(&settings.templates).map_err(|error| Fail::Configuration(error.to_string()))
}

/// The signature and the contract in each language.
fn texts(files: &[File]) -> String {
    let texts = files.iter().filter(|file| file.name.ends_with(".txt"));
    texts.map(|file| format!("{}\n{}", out::bold(&format!("{}:", file.name)), file.text)).collect::<Vec<_>>().join("\n")
}

fn tell(cli: &Cli, check: bool, dir: &Path, date: &str, states: &[(String, State)]) -> Result<(), Fail> {
    let nothing_written = !check && !dir.join(crate::system::published::LIST).exists();
    let done = |state: State| match state {
        _ if check => state.as_str(),
        State::Fresh => "fresh",
        State::Edited | State::Foreign => state.as_str(),
        _ if nothing_written => "missing",
        State::Obsolete => "removed",
        State::Stale | State::Missing => "written",
    };
    let wrong = |state: State| if check { state != State::Fresh } else { state.is_theirs() };
    let amiss = states.iter().filter(|(_, state)| wrong(*state)).count();
    if cli.json {
        let files: Vec<Value> =
            states.iter().map(|(name, state)| json!({"name": name, "state": done(*state)})).collect();
        out::json(&json!({"dir": dir.display().to_string(), "date": date, "ok": amiss == 0, "files": files}));
    } else {
        out::text(&format!("{} · {date}", out::bold(&dir.display().to_string())));
        for (name, state) in states {
            let remedy = if state.is_theirs() { format!(": {}", page::remedy(*state)) } else { String::new() };
            out::text(&format!("  {:<10} {name}{remedy}", done(*state)));
        }
    }
    match amiss {
        0 => Ok(()),
        _ if check => {
            Err(Fail::Failed("the page is not what the configuration says\n    `fuseau page` writes it anew".into()))
        }
        _ if nothing_written => Err(Fail::Failed("nothing was written, see above".into())),
        _ => Err(Fail::Failed("not every file was written, see above".into())),
    }
}

/// How the page stands, for `fuseau doctor`.
pub(super) fn finding(settings: &Settings) -> Option<Finding> {
    let dir = settings.page.out.as_deref()?;
    let composer = composer(settings).ok()?;
    let files = page::files(settings, &composer, Clock::System.now()).ok()?;
    let (what, shown) = ("public page", dir.display().to_string());
    Some(match page::stand(dir, &files, false) {
        Err(error) => warn(what, error.to_string(), "make the folder readable for the service"),
        Ok(_) if !dir.is_dir() => warn(what, format!("{shown} is not there"), "`fuseau page` makes it"),
        Ok(states) => match states.iter().find(|(_, state)| *state != State::Fresh) {
            None => good(what, shown),
            Some((name, state)) if state.is_theirs() => warn(what, format!("{shown}/{name}"), page::remedy(*state)),
            Some((name, state)) => warn(
                what,
                format!("{shown}/{name} is {}", state.as_str()),
                "`fuseau page` writes it; the daemon needs the folder in ReadWritePaths (docs/guide/page.md)",
            ),
        },
    })
}
