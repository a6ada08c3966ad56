//! `fuseau pause`, `resume`, `reload`.
use super::args::Cli;
use super::fail::Fail;
use super::{out, trust};
use crate::daemon::control::{self, Ask};
use crate::decide::PauseScope;
use crate::store::Store;
use crate::system::{Clock, state};
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

/// Lets automatic mail go again, also after the breaker.
pub fn resume(cli: &Cli) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    if go_on(&out::state_dir(&settings))? {
        out::text("the breaker had stopped everything; it is reset");
    }
    out::text("automatic mail goes again");
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

/// Takes the switch away; whether the breaker had to be reset too.
pub fn go_on(dir: &Path) -> Result<bool, Fail> {
    match fs::remove_file(state::pause_file(dir)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let mut reset = false;
    if Store::path_in(dir).exists() {
        let store = Store::open_beside(dir)?;
        let now = Clock::System.now();
        reset = store.write_blocking(|tx| {
            let wide = |(scope, ..): &(PauseScope, _, _)| matches!(scope, PauseScope::All | PauseScope::Mailbox(_));
            let standing: Vec<_> = tx.pauses(now)?.into_iter().filter(wide).collect();
            let broken = !standing.is_empty();
            for (scope, ..) in standing {
                tx.unpause(&scope)?;
            }
            tx.look_again(now)?;
            Ok(broken)
        })?;
        store.close()?;
    }
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
