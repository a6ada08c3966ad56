//! `fuseau done MESSAGE-ID`: the owner answered by other means; the promise is kept.
use super::args::{Cli, Done};
use super::fail::Fail;
use super::out;
use crate::daemon::control::{self, Ask};
use crate::model::{MessageId, PromiseState};
use crate::store::Store;
use crate::system::Clock;
use std::path::Path;

/// Runs the command.
pub fn run(cli: &Cli, done: &Done) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let dir = out::state_dir(&settings);
    let kept = keep(&dir, &done.message_id)?;
    match kept {
        0 => out::text("nothing was open for this message; `fuseau promises --all` shows what became of its promise"),
        1 => out::text("done: the promise is kept"),
        n => out::text(&format!("done: {n} promises are kept")),
    }
    Ok(())
}

/// Keeps what is promised for a message; how many promises.
pub fn keep(dir: &Path, message_id: &str) -> Result<usize, Fail> {
    let id = MessageId::parse(message_id)
        .ok_or_else(|| Fail::Usage(format!("{:?} is no Message-ID; `fuseau promises` shows them", message_id)))?;
    if !Store::path_in(dir).exists() {
        return Err(Fail::Failed(format!("nothing is recorded in {} yet", dir.display())));
    }
    let store = Store::open_beside(dir)?;
    let now = Clock::System.now();
    let kept = store.write_blocking(|tx| match tx.exchange_by_message_id(id.as_str())? {
        Some(it) => tx.close_of(&it.entry.id, PromiseState::Kept, "done", now).map(Some),
        None => Ok(None),
    })?;
    store.close()?;
    let Some(kept) = kept else {
        return Err(Fail::Failed(format!("{id} is not in the history; `fuseau promises` shows what is open")));
    };
    control::ask(dir, Ask::Nudge)?;
    Ok(kept.len())
}
