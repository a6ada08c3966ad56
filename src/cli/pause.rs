//! `fuseau pause`, `resume`, `reload`.
use super::args::{Cli, Resume};
use super::fail::Fail;
use super::{out, rests, trust};
use crate::config::Settings;
use crate::daemon::control::{self, Ask};
use crate::system::state;
use std::fs;
use std::path::{Path, PathBuf};

/// Stops all automatic mail, in this very moment: the switch is a file that is looked at before each sending.
pub fn pause(cli: &Cli) -> Result<(), Fail> {
    let file = stop(&out::state_dir(&out::settings(cli)?))?;
    out::text(&format!("paused: nothing automatic leaves until `fuseau resume` ({})", file.display()));
    Ok(())
}

/// Makes the switch; where it is.
pub fn stop(dir: &Path) -> Result<PathBuf, Fail> {
    state::prepare(dir)?;
    let file = state::pause_file(dir);
    fs::write(&file, "fuseau sends nothing automatic while this file is here\n")?;
    Ok(file)
}

/// Lets automatic mail go again, also after the breaker; or ends single rests and leaves the switch as it is.
pub fn resume(cli: &Cli, resume: &Resume) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let dir = out::state_dir(&settings);
    if !resume.rest.is_empty() {
        let scopes = rests::named(&rests::standing(&settings)?, &resume.rest)?;
        lift(&dir, |rest| scopes.contains(&rest.scope))?;
        control::ask(&dir, Ask::Nudge)?;
        if state::pause_file(&dir).exists() {
            out::text("fuseau is still paused: nothing leaves before `fuseau resume`");
        }
        return still(&settings);
    }
    if resume.rests {
        lift(&dir, |rest| !rest.is_wide())?;
    }
    if go_on(&dir)? {
        out::text("the breaker had stopped everything; it is reset");
    }
    let left = rests::standing(&settings)?;
    out::text(if left.is_empty() {
        "automatic mail goes again"
    } else {
        "automatic mail goes again, but for what rests:"
    });
    still(&settings)?;
    if let Ok(store) = out::open_history(&settings) {
        let all = store.read_blocking(|tx| trust::standings(&settings, Some(tx)))?;
        for it in all.iter().filter(|it| it.fell()) {
            let (name, rung, was) =
                (it.scope.name(), it.rung.as_str(), it.word.as_ref().map_or("", |it| it.was.as_str()));
            out::text(&format!("{name} stands at {rung} since it fell; `fuseau trust {name} {was}` raises it again"));
        }
    }
    Ok(())
}

/// Ends rests and says so.
fn lift(dir: &Path, which: impl Fn(&rests::Rest) -> bool) -> Result<(), Fail> {
    for rest in rests::lift(dir, which)? {
        out::text(&format!("{} rests no longer", rests::word(&rest.scope)));
    }
    Ok(())
}

/// What rests now, and what ends it.
fn still(settings: &Settings) -> Result<(), Fail> {
    let left = rests::standing(settings)?;
    for rest in &left {
        out::text(&format!("  {}", rest.told_with_remedy(&settings.policy.owner.zone)));
    }
    if left.iter().filter(|rest| !rest.is_wide()).count() > 1 {
        out::text("  `fuseau resume --rests` lifts all of them");
    }
    Ok(())
}

/// Takes the switch away; whether the breaker had to be reset too.
pub fn go_on(dir: &Path) -> Result<bool, Fail> {
    match fs::remove_file(state::pause_file(dir)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let reset = !rests::lift(dir, rests::Rest::is_wide)?.is_empty();
    control::ask(dir, Ask::Nudge)?;
    Ok(reset)
}

/// Makes the daemon read its configuration again.
pub fn reload(cli: &Cli) -> Result<(), Fail> {
    // A wrong file is refused here already, with all its faults; the daemon would keep its old one.
    let settings = out::settings(cli)?;
    let dir = out::state_dir(&settings);
    match control::ask(&dir, Ask::Reload)? {
        Some(reply) if reply.ok => {
            out::text(&reply.text);
            Ok(())
        }
        Some(reply) => Err(Fail::Configuration(reply.text)),
        None => Err(Fail::TryLater(format!("no fuseau runs on {}: start it with `fuseau run`", dir.display()))),
    }
}
