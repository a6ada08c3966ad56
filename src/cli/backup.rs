//! `fuseau backup FILE` and `fuseau restore FILE`: a checked copy, out and back.
use super::args::{Backup, Cli, Restore};
use super::fail::Fail;
use super::out;
use super::progress::thousands;
use super::target;
use crate::store::{CopyFacts, Store};
use crate::system::{Clock, state};

/// Copies the history while everything runs, then checks the copy from its first to its last page.
pub fn backup(cli: &Cli, backup: &Backup) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    target::may_copy_to(&settings, &backup.to)?;
    let store = out::open_history(&settings)?;
    store.copy_to(&backup.to)?;
    let facts = Store::check_copy(&backup.to)?;
    out::text(&format!("{}: {}, checked", backup.to.display(), said(&facts)));
    Ok(())
}

/// Puts a copy in the history's place; the daemon must stand still meanwhile.
pub fn restore(cli: &Cli, restore: &Restore) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let dir = out::state_dir(&settings);
    let facts = Store::check_copy(&restore.from)?;
    if same_file(&restore.from, &Store::path_in(&dir)) {
        return Err(Fail::Usage(format!("{} is the history itself: name a copy", restore.from.display())));
    }
    let failed = |error: std::io::Error| Fail::Failed(format!("{}: {error}", dir.display()));
    state::prepare(&dir).map_err(failed)?;
    let _lock = state::lock(&dir).map_err(|error| match error.kind() {
        std::io::ErrorKind::WouldBlock => Fail::TryLater(format!("fuseau runs on {}: stop it first", dir.display())),
        _ => failed(error),
    })?;
    let aside = Store::put_in_place(&restore.from, &dir, Clock::System.now())?;
    // An older copy is brought to this version now, not at the next start.
    Store::open(&dir)?.close()?;
    out::text(&format!("the history is now {}: {}", restore.from.display(), said(&facts)));
    if let Some(aside) = aside {
        out::text(&format!("what was there before is kept as {}", aside.display()));
    }
    out::text(
        "if mail came or left since the copy was made, fuseau meets every folder anew at its next start: nothing that lies \
         there is answered, and mails that waited are dropped",
    );
    Ok(())
}

fn said(facts: &CopyFacts) -> String {
    let newest = facts.newest.map_or_else(String::new, |at| format!(", the newest recorded {}", out::rfc3339(at)));
    let entries =
        if facts.entries == 1 { "1 entry".to_owned() } else { format!("{} entries", thousands(facts.entries)) };
    format!("{entries}, {} KiB{newest}", thousands(facts.size / 1024))
}

fn same_file(a: &std::path::Path, b: &std::path::Path) -> bool {
    matches!((std::fs::canonicalize(a), std::fs::canonicalize(b)), (Ok(a), Ok(b)) if a == b)
}
