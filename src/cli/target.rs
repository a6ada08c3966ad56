//! Where a command may write: never over the history, the configuration, the templates, or a copy of the history. Every
//! command that is given a path to write asks here first.
use super::fail::Fail;
use super::out;
use crate::config::Settings;
use crate::store::Store;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// A file that a command makes, or a folder into which it puts some; one of the same name may be replaced.
pub fn may_write(settings: &Settings, path: &Path) -> Result<(), Fail> {
    not_ours(settings, path)?;
    if Store::is_database(path) {
        return Err(refused(
            path,
            "is a database, perhaps a copy of the history",
            "name another file, or remove it first",
        ));
    }
    Ok(())
}

/// A file that a command makes; no folder.
pub fn may_write_file(settings: &Settings, path: &Path) -> Result<(), Fail> {
    not_a_folder(path)?;
    may_write(settings, path)
}

fn not_a_folder(path: &Path) -> Result<(), Fail> {
    match path.is_dir() {
        true => Err(Fail::Usage(format!("{} is a folder: name a file in it", path.display()))),
        false => Ok(()),
    }
}

/// A copy of the history: it replaces nothing but an older copy.
pub fn may_copy_to(settings: &Settings, path: &Path) -> Result<(), Fail> {
    not_a_folder(path)?;
    not_ours(settings, path)?;
    // What somebody made to be filled holds nothing.
    let empty = fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.len() == 0);
    if path.exists() && !empty && !Store::is_history(path) {
        return Err(refused(path, "is there and is no copy of the history", "name another file, or remove it first"));
    }
    Ok(())
}

fn refused(path: &Path, what: &str, remedy: &str) -> Fail {
    Fail::Usage(format!("{} {what}\n    {remedy}", path.display()))
}

/// Nothing of the state directory, of the configuration or of the templates, also by another name.
fn not_ours(settings: &Settings, path: &Path) -> Result<(), Fail> {
    let Some(real) = real(path) else { return Ok(()) };
    let other = "name another place";
    let state = out::state_dir(settings);
    if same(&real, &Store::path_in(&state)) {
        return Err(refused(path, "is the history itself", other));
    }
    let state = real_or_same(&state);
    // Copies may lie with those that are made before an upgrade.
    if real.starts_with(&state) && !real.starts_with(state.join("backups")) {
        return Err(refused(path, &format!("lies in {}, where fuseau keeps what it knows", state.display()), other));
    }
    if settings.files.iter().any(|file| same(&real, file)) {
        return Err(refused(path, "is a file of the configuration", other));
    }
    if settings.template_folder.as_deref().is_some_and(|folder| real.starts_with(real_or_same(folder))) {
        return Err(refused(path, "lies among your templates", other));
    }
    Ok(())
}

/// The path without links, also of what is not there yet.
fn real(path: &Path) -> Option<PathBuf> {
    // Through a link that leads nowhere yet something is written, too.
    let path = match fs::read_link(path) {
        Ok(to) if !path.exists() => path.parent().unwrap_or(Path::new("")).join(to),
        _ => path.to_owned(),
    };
    if let Ok(real) = fs::canonicalize(&path) {
        return Some(real);
    }
    let parent = path.parent()?;
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    Some(real(parent)?.join(path.file_name()?))
}

fn real_or_same(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// The same file, also by another name of it.
fn same(a: &Path, b: &Path) -> bool {
    match (fs::metadata(a), fs::metadata(b)) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => real(b).is_some_and(|b| a == b),
    }
}
