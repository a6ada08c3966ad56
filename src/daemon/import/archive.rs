//! Importing an archive on disk.
use super::{ImportError, Progress, Show, Taker, Tally, Wish};
use crate::mailbox::archive::{Archive, Standing};
use crate::mailbox::parse;
use crate::model::FolderRole;
use crate::store::ImportCursor;
use std::path::Path;

/// Takes an mbox, a Maildir or a folder into the history; what became of its messages, and names of some files that
/// are no mail.
///
/// # Errors
/// See [`ImportError`]; the next run goes on where this one stopped.
pub fn from_archive(wish: Wish<'_>, path: &Path, show: Show<'_>) -> Result<(Tally, Vec<String>), ImportError> {
    let whole = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut archive = Archive::open(&whole)?;
    let mut taker = Taker::new(wish, whole.display().to_string())?;
    if let Some(ImportCursor { part, position }) = taker.cursor()?
        && !archive.go_to(&Standing { part, position })?
    {
        archive = Archive::open(&whole)?;
    }
    let total = archive.octets();
    let mut since_commit = 0_u32;
    while let Some(letter) = archive.read()? {
        // A file's own time comes last: synchronising and exporting make it new.
        let arrived = parse::arrival_guess(&letter.bytes).or(letter.stamp);
        let context = parse::Context {
            arrived: arrived.unwrap_or_default(),
            folder: FolderRole::Inbox,
            answered_flag: letter.answered,
            size: letter.size,
        };
        let incoming = parse::parse(&letter.bytes, &context);
        let full = taker.take(incoming, letter.bytes, None);
        since_commit += 1;
        if full || since_commit >= 2_000 {
            taker.commit(&cursor(archive.standing()))?;
            since_commit = 0;
            show(&Progress { done: archive.octets_read(), total, tally: taker.tally });
        }
    }
    taker.commit(&cursor(archive.standing()))?;
    // In a folder of files the next new one may lie anywhere; behind the end of one file there is only what is new,
    // unless some of it was left to the daemon.
    if !archive.grows_at_its_end() || taker.tally.recent > 0 {
        wish.store.write_blocking(|tx| tx.end_import(&taker.source))?;
    }
    let (foreign, names) = archive.foreign();
    let mut tally = taker.tally;
    tally.foreign += foreign;
    tally.read += foreign;
    show(&Progress { done: total, total, tally });
    Ok((tally, names.to_vec()))
}

fn cursor(standing: &Standing) -> ImportCursor {
    ImportCursor { part: standing.part.clone(), position: standing.position }
}
