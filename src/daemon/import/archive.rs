//! Importing an archive on disk.
use super::pipe::Pipe;
use super::reading::{Filed, Letter};
use super::{ImportError, Progress, Show, Tally, Wish, scope};
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
    let source = whole.display().to_string();
    let known = wish.store.read_blocking(|r| r.import_cursor(&source, &scope(&wish)))?;
    if let Some(ImportCursor { part, position }) = known
        && !archive.go_to(&Standing { part, position })?
    {
        archive = Archive::open(&whole)?;
    }
    let total = archive.octets();
    let mut pipe = Pipe::open(&wish, &source)?;
    let mut ended = Ok(());
    let mut going = true;
    while going {
        let letter = match archive.read() {
            Ok(Some(letter)) => letter,
            Ok(None) => break,
            Err(error) => {
                ended = Err(error);
                break;
            }
        };
        let full = pipe.take(Letter {
            bytes: letter.bytes,
            context: parse::Context {
                // A file's own time comes last: synchronising and exporting make it new.
                arrived: letter.stamp.unwrap_or_default(),
                folder: FolderRole::Inbox,
                answered_flag: letter.answered,
                size: letter.size,
            },
            filed: Some(Filed(letter.stamp)),
            place: None,
        });
        if full {
            going = pipe.send(cursor(archive.standing()), archive.octets_read(), total, show);
        }
    }
    if going {
        pipe.send(cursor(archive.standing()), total, total, show);
    }
    let mut tally = pipe.finish(show)?;
    ended?;
    // In a folder of files the next new one may lie anywhere; behind the end of one file there is only what is new,
    // unless some of it was left to the daemon.
    if !archive.grows_at_its_end() || tally.recent > 0 {
        wish.store.write_blocking(|tx| tx.end_import(&source))?;
    }
    let (foreign, names) = archive.foreign();
    tally.foreign += foreign;
    tally.read += foreign;
    show(&Progress { done: total, total, tally });
    Ok((tally, names.to_vec()))
}

fn cursor(standing: &Standing) -> ImportCursor {
    ImportCursor { part: standing.part.clone(), position: standing.position }
}
