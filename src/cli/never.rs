//! `fuseau never [ADDRESS]`: no automatic mail to an address, ever; its undoing, and the list.
use super::args::{Cli, Never};
use super::fail::Fail;
use super::out;
use crate::daemon::control::{self, Ask};
use crate::model::EmailAddress;
use crate::store::Store;
use crate::system::Clock;
use serde_json::json;

/// Runs the command.
pub fn run(cli: &Cli, never: &Never) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let dir = out::state_dir(&settings);
    let Some(address) = never.address.as_deref().filter(|_| !never.list) else {
        return list(cli, &out::open_history(&settings)?);
    };
    let address = EmailAddress::parse(address)
        .ok_or_else(|| Fail::Usage(format!("{address:?} is no e-mail address; write it as anna@acme.example")))?;
    if settings.policy.is_own(&address) {
        return Err(Fail::Usage(format!("{address} is your own address; nothing automatic goes there anyway")));
    }
    if !Store::path_in(&dir).exists() {
        return Err(Fail::Failed(format!("nothing is recorded in {} yet: start `fuseau run` once", dir.display())));
    }
    let store = Store::open_beside(&dir)?;
    let now = Clock::System.now();
    let undo = never.undo;
    let to = address.clone();
    let changed = store.write_blocking(|tx| if undo { tx.never_mind(&to) } else { tx.never(&to, "cli", now) })?;
    store.close()?;
    control::ask(&dir, Ask::Nudge)?;
    out::text(&match (undo, changed) {
        (false, true) => {
            format!("{address} never gets automatic mail again; `fuseau never --undo {address}` takes it back")
        }
        (false, false) => format!("{address} gets no automatic mail already"),
        (true, true) => format!("{address} may get automatic mail again"),
        (true, false) => format!("{address} was not on the list; `fuseau never` shows it"),
    });
    Ok(())
}

fn list(cli: &Cli, store: &Store) -> Result<(), Fail> {
    let all = store.read_blocking(|tx| tx.nevers())?;
    if cli.json {
        let all: Vec<_> = all
            .iter()
            .map(|one| json!({"address": one.address, "since": one.at.to_rfc3339(), "by": one.made_by}))
            .collect();
        out::json(&all.into());
        return Ok(());
    }
    if all.is_empty() {
        out::text("nobody: every client may get automatic mail");
    }
    for one in all {
        let how = if one.made_by == "folder" { "moved to a folder" } else { "fuseau never" };
        out::text(&format!("{}  since {}  ({how})", one.address, one.at.format("%Y-%m-%d")));
    }
    Ok(())
}
