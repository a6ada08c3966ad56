//! The files of an archive, in an order that two runs share: by age where their names tell it, then by name.
//! Drafts and junk are no exchanges and left out.
use super::super::{MailboxError, folder, utf7};
use crate::model::Instant;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Folders inside one another that are entered.
const DEEPEST: u32 = 20;

/// One file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    /// Its name within the archive without Maildir flags, which change.
    pub(super) part: String,
    /// Its name for people.
    pub(super) shown: String,
    pub(super) size: u64,
    pub(super) stamp: Option<Instant>,
    pub(super) answered: bool,
    seconds: i64,
}

impl Found {
    /// The archive that is one file; its age says nothing about the messages in it.
    pub(super) fn file(path: &Path, meta: &Metadata) -> Self {
        let shown = path.display().to_string();
        Self { path: path.to_owned(), shown, size: meta.len(), ..Self::default() }
    }
}

/// All files below a folder that may be mail, and the names of links, pipes and the like, which are never opened.
pub(super) fn below(root: &Path) -> Result<(Vec<Found>, Vec<String>), MailboxError> {
    let (mut all, mut others) = (Vec::new(), Vec::new());
    walk(root, root, 0, &mut all, &mut others)?;
    all.sort_by(|a, b| (a.seconds, &a.part).cmp(&(b.seconds, &b.part)));
    others.sort();
    Ok((all, others))
}

fn walk(
    root: &Path,
    dir: &Path,
    depth: u32,
    all: &mut Vec<Found>,
    others: &mut Vec<String>,
) -> Result<(), MailboxError> {
    let maildir = dir.join("cur").is_dir() && dir.join("new").is_dir();
    let inside = dir.file_name().is_some_and(|name| name == "cur" || name == "new")
        && dir.parent().is_some_and(|parent| parent.join("cur").is_dir() && parent.join("new").is_dir());
    for entry in fs::read_dir(dir).map_err(|error| MailboxError::disk(dir, error))? {
        let entry = entry.map_err(|error| MailboxError::disk(dir, error))?;
        let Ok(kind) = entry.file_type() else { continue };
        let name = entry.file_name().to_string_lossy().into_owned();
        if kind.is_dir() {
            // Half-written messages lie in tmp; Maildir++ names its folders with a leading dot.
            let hidden = name.starts_with('.') && !entry.path().join("cur").is_dir();
            let no_mail = folder::holds_no_exchanges(&utf7::decode(name.trim_start_matches('.')));
            let half_written = maildir && name == "tmp";
            if !(hidden || no_mail || half_written) && depth < DEEPEST {
                walk(root, &entry.path(), depth + 1, all, others)?;
            }
        } else if kind.is_file() && !maildir && !name.starts_with('.') && !is_index(&name) {
            let Ok(meta) = entry.metadata() else { continue };
            all.push(found(root, &entry.path(), &name, &meta, inside));
        } else if !kind.is_file() && !name.starts_with('.') {
            // A link may lead out of the archive, a pipe never ends.
            let path = entry.path();
            others.push(path.strip_prefix(root).unwrap_or(&path).display().to_string());
        }
    }
    Ok(())
}

/// Files that mail programs keep beside the mail.
fn is_index(name: &str) -> bool {
    name.starts_with("dovecot") || name.ends_with(".msf") || name == "maildirfolder" || name == "maildirsize"
}

fn found(root: &Path, path: &Path, name: &str, meta: &Metadata, maildir: bool) -> Found {
    let below = path.strip_prefix(root).unwrap_or(path);
    let shown = below.display().to_string();
    let mut found = Found { path: path.to_owned(), part: shown.clone(), shown, size: meta.len(), ..Found::default() };
    let stamp = |seconds| Instant::from_timestamp(seconds, 0);
    if maildir {
        let unique = name.split(':').next().unwrap_or_default();
        let folder = below.parent().and_then(Path::parent).map(|it| it.display().to_string()).unwrap_or_default();
        found.part = format!("{folder}/{unique}");
        found.answered = name.split_once(":2,").is_some_and(|(_, flags)| flags.contains('R'));
        let named = unique.split('.').next().and_then(|head| head.parse::<i64>().ok()).unwrap_or(0);
        // After 2000 and no later than the file itself, give or take a day.
        let plausible = named > 946_684_800 && named <= meta.mtime().saturating_add(86_400);
        found.seconds = if plausible { named } else { meta.mtime() };
        found.stamp = stamp(found.seconds);
    } else if Path::new(name).extension().is_some_and(|ending| ending == "eml" || ending == "msg") {
        found.stamp = stamp(meta.mtime());
    }
    found
}
