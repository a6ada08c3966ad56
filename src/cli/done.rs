//! `fuseau done ID`: the owner answered by other means; the promise is kept.
use super::args::{Cli, Done};
use super::fail::Fail;
use super::out;
use crate::daemon::control::{self, Ask};
use crate::model::{MessageId, PromiseState};
use crate::store::{Reader, Remembered, Store, StoreError};
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

/// The message that is named by its Message-ID, or by an id of `promises --json` or `history --json`: not every message has
/// a Message-ID.
pub fn named(tx: &Reader<'_>, id: &str) -> Result<Option<Remembered>, StoreError> {
    match MessageId::parse(id) {
        Some(id) => tx.exchange_by_message_id(id.as_str()),
        None => tx.exchange_named(id),
    }
}

/// Nothing has this name.
pub fn unknown(id: &str) -> Fail {
    if MessageId::parse(id).is_some() {
        return Fail::Failed(format!("{id} is not in the history; `fuseau promises` shows what is open"));
    }
    Fail::Usage(format!("{id:?} is no Message-ID and no id of the history; `fuseau promises` shows them"))
}

/// Keeps what is promised for a message; how many promises.
pub fn keep(dir: &Path, id: &str) -> Result<usize, Fail> {
    if !Store::path_in(dir).exists() {
        return Err(Fail::Failed(format!("nothing is recorded in {} yet", dir.display())));
    }
    let store = Store::open_beside(dir)?;
    let now = Clock::System.now();
    let kept = store.write_blocking(|tx| match named(tx, id)? {
        Some(it) => tx.close_of(&it.entry.id, PromiseState::Kept, "done", now).map(Some),
        None => Ok(None),
    })?;
    store.close()?;
    let Some(kept) = kept else { return Err(unknown(id)) };
    control::ask(dir, Ask::Nudge)?;
    Ok(kept.len())
}
