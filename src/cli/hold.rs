//! `fuseau hold MESSAGE-ID --for 2d`: the client is told of a new date, as by moving the message to `Fuseau/Hold 2 days`.
use super::args::{Cli, Hold};
use super::fail::Fail;
use super::{done, out};
use crate::config::Settings;
use crate::daemon::control::{self, Ask};
use crate::daemon::{holding, run::desk, wished};
use crate::decide::wishes::{self, Refusal, Wish};
use crate::store::Store;
use crate::system::{Clock, Ids};
use std::path::Path;

/// Runs the command.
pub fn run(cli: &Cli, hold: &Hold) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let dir = out::state_dir(&settings);
    out::text(&later(settings, &dir, &hold.message_id, &hold.until)?);
    Ok(())
}

/// A holding reply with a later date; what was done, in words.
pub fn later(settings: Settings, dir: &Path, id: &str, until: &str) -> Result<String, Fail> {
    let wish = match wishes::read(&[format!("Hold {}", until)]) {
        Ok(wish @ Wish::Hold(_)) => wish,
        Err(Refusal::TimeOutOfRange) => return Err(Fail::Usage(Refusal::TimeOutOfRange.text().to_owned())),
        _ => return Err(Fail::Usage(format!("{:?} is no time; write 3h, 2d, 1w or friday", until))),
    };
    if !Store::path_in(dir).exists() {
        return Err(Fail::Failed(format!("nothing is recorded in {} yet", dir.display())));
    }
    let store = Store::open_beside(dir)?;
    let desk = desk(settings, store.clone(), dir, Ids::random()).map_err(|e| Fail::Failed(e.to_string()))?;
    let now = Clock::System.now();
    let zone = desk.policy().owner.zone.clone();
    let held = store.write_blocking(|tx| {
        let Some(it) = done::named(tx, id)? else { return Ok(None) };
        let Some(message) = holding::recall(tx, &it.entry.id)? else { return Ok(None) };
        wished::wished(tx, &desk, &it.mailbox, wish, &message, &it.entry.id, "cli", now).map(Some)
    })?;
    drop(desk);
    store.close()?;
    match held {
        None => Err(done::unknown(id)),
        Some(Err(why)) => Err(Fail::Failed(format!("not held: {}", why.text()))),
        Some(Ok(by)) => {
            control::ask(dir, Ask::Nudge)?;
            let by = by.map(|by| zone.local(by).format("%A %-d %B, %H:%M").to_string()).unwrap_or_default();
            Ok(format!("held: the client is told of {by} ({})", zone.name()))
        }
    }
}
