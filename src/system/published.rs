//! Files of ours in a folder that others use too: written whole or not at all, and only where nothing of anybody else's would be
//! lost. What was written is remembered in a list beside them, in the format of sha256sum. Never here: what stands in them.
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The list: `HASH  NAME`, one line a file. While files are being replaced, old and new ones stand in it.
pub const LIST: &str = ".fuseau-page";
/// Nothing of ours is greater: what is, is not read.
const MOST: u64 = 4 * 1024 * 1024;

/// How a file stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// It is what it should be.
    Fresh,
    /// It is ours, and older.
    Stale,
    /// It is not there.
    Missing,
    /// It is ours, and no longer wanted.
    Obsolete,
    /// It was ours; somebody changed it since.
    Edited,
    /// It is somebody else's.
    Foreign,
}

impl State {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Stale => "stale",
            Self::Missing => "missing",
            Self::Obsolete => "obsolete",
            Self::Edited => "edited",
            Self::Foreign => "foreign",
        }
    }

    /// Whether it is left alone.
    #[must_use]
    pub fn is_theirs(self) -> bool {
        matches!(self, Self::Edited | Self::Foreign)
    }
}

/// What cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", .path.display())]
pub struct PublishError {
    /// The file or folder.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> PublishError {
    let path = path.to_path_buf();
    |source| PublishError { path, source }
}

type Known = BTreeSet<(String, String)>;

/// What was written: hash and name. Names with a path in them are nobody's.
fn known(dir: &Path) -> Result<Option<Known>, PublishError> {
    let path = dir.join(LIST);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(at(&path)(error)),
    };
    let lines = text.lines().filter_map(|line| line.split_once("  "));
    let plain = lines.filter(|(_, name)| !name.contains('/') && !name.is_empty() && *name != ".." && *name != ".");
    Ok(Some(plain.map(|(hash, name)| (hash.to_owned(), name.to_owned())).collect()))
}

/// How the wanted files stand, and those of ours that are not wanted any more; in order of names.
///
/// # Errors
/// A folder or file that cannot be read.
pub fn compare(dir: &Path, files: &[(&str, &str)]) -> Result<Vec<(String, State)>, PublishError> {
    let known = known(dir)?.unwrap_or_default();
    let mut states = Vec::new();
    for (name, text) in files {
        let state = match content(&dir.join(name))? {
            None => State::Missing,
            Some(Some(bytes)) if bytes == text.as_bytes() => State::Fresh,
            Some(bytes) => whose(&known, name, bytes.as_deref()),
        };
        states.push(((*name).to_owned(), state));
    }
    let names: BTreeSet<&String> = known.iter().map(|(_, name)| name).collect();
    for name in names.into_iter().filter(|name| files.iter().all(|(wanted, _)| wanted != name)) {
        let Some(bytes) = content(&dir.join(name))? else { continue };
        let state = match whose(&known, name, bytes.as_deref()) {
            State::Stale => State::Obsolete,
            other => other,
        };
        states.push((name.clone(), state));
    }
    states.sort();
    Ok(states)
}

impl PartialOrd for State {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for State {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_str().cmp(other.as_str())
    }
}

/// Nothing if it is not there; no bytes if it is no plain file of a usual size.
fn content(path: &Path) -> Result<Option<Option<Vec<u8>>>, PublishError> {
    match fs::symlink_metadata(path) {
        Ok(it) if it.is_file() && it.len() <= MOST => fs::read(path).map(|bytes| Some(Some(bytes))).map_err(at(path)),
        Ok(_) => Ok(Some(None)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(at(path)(error)),
    }
}

fn whose(known: &Known, name: &str, bytes: Option<&[u8]>) -> State {
    let ours = bytes.is_some_and(|bytes| known.contains(&(hash(bytes), name.to_owned())));
    match ours {
        true => State::Stale,
        false if known.iter().any(|(_, it)| it == name) => State::Edited,
        false => State::Foreign,
    }
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes what is missing or stale and removes what is no longer wanted; what was found before that. Files of others stay as they are; where
/// there is no list yet and one of the names is taken, nothing is written at all.
///
/// # Errors
/// A folder or file that cannot be read or written; each file is then as it was, or as it should be.
pub fn publish(dir: &Path, files: &[(&str, &str)]) -> Result<Vec<(String, State)>, PublishError> {
    if !dir.exists() {
        fs::create_dir_all(dir).map_err(at(dir))?;
        fs::set_permissions(dir, Permissions::from_mode(0o755)).map_err(at(dir))?;
    }
    let before = known(dir)?;
    let states = compare(dir, files)?;
    let theirs: BTreeSet<&str> =
        states.iter().filter(|(_, state)| state.is_theirs()).map(|(name, _)| name.as_str()).collect();
    if before.is_none() && !theirs.is_empty() {
        return Ok(states);
    }
    let before = before.unwrap_or_default();
    // A file that somebody edited stays in the list with its old hash: it is ours again once it is removed.
    let kept =
        before.iter().filter(|(_, name)| theirs.contains(name.as_str()) && files.iter().any(|(it, _)| it == name));
    let ours = files.iter().filter(|(name, _)| !theirs.contains(name));
    let after: Known =
        ours.clone().map(|(name, text)| (hash(text.as_bytes()), (*name).to_owned())).chain(kept.cloned()).collect();
    let both: Known = before.union(&after).cloned().collect();
    if both != before {
        write_list(dir, &both)?;
    }
    for (name, text) in ours {
        let fresh = states.iter().any(|(it, state)| it == name && *state == State::Fresh);
        if !fresh {
            write(dir, name, text.as_bytes())?;
        }
    }
    for (name, _) in states.iter().filter(|(_, state)| *state == State::Obsolete) {
        let path = dir.join(name);
        fs::remove_file(&path).map_err(at(&path))?;
    }
    if after != both {
        write_list(dir, &after)?;
    }
    Ok(states)
}

fn write_list(dir: &Path, known: &Known) -> Result<(), PublishError> {
    let lines: String = known.iter().map(|(hash, name)| format!("{hash}  {name}\n")).collect();
    write(dir, LIST, lines.as_bytes())
}

/// A whole file in the place of the old one, for everybody to read.
fn write(dir: &Path, name: &str, bytes: &[u8]) -> Result<(), PublishError> {
    let path = dir.join(name);
    let new = dir.join(format!(".fuseau-new-{name}"));
    // Left over from a crash.
    let _ = fs::remove_file(&new);
    let written = OpenOptions::new().write(true).create_new(true).mode(0o644).open(&new).and_then(|mut file| {
        file.write_all(bytes)?;
        file.set_permissions(Permissions::from_mode(0o644))?;
        file.sync_all()
    });
    written.and_then(|()| fs::rename(&new, &path)).map_err(|error| {
        let _ = fs::remove_file(&new);
        at(&path)(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states(found: &[(String, State)]) -> Vec<(&str, State)> {
        found.iter().map(|(name, state)| (name.as_str(), *state)).collect()
    }

    #[test]
    fn files_of_others_stay_as_they_are() {
        use State::{Edited, Foreign, Fresh, Missing, Obsolete, Stale};
        let dir = tempfile::tempdir().unwrap();
        let (dir, read) = (dir.path(), |name: &str| fs::read_to_string(dir.path().join(name)).unwrap());
        fs::write(dir.join("a"), "theirs").unwrap();
        let one = [("a", "1"), ("b", "1")];
        // Nothing is written into somebody else's site.
        assert_eq!(states(&publish(dir, &one).unwrap()), [("a", Foreign), ("b", Missing)]);
        assert!(!dir.join("b").exists() && !dir.join(LIST).exists());
        fs::remove_file(dir.join("a")).unwrap();
        assert_eq!(states(&publish(dir, &one).unwrap()), [("a", Missing), ("b", Missing)]);
        assert_eq!(fs::metadata(dir.join("a")).unwrap().permissions().mode() & 0o777, 0o644);
        let two = [("a", "2"), ("c", "2")];
        assert_eq!(states(&compare(dir, &two).unwrap()), [("a", Stale), ("b", Obsolete), ("c", Missing)]);
        publish(dir, &two).unwrap();
        assert_eq!(states(&compare(dir, &two).unwrap()), [("a", Fresh), ("c", Fresh)]);
        assert!(!dir.join("b").exists());
        fs::write(dir.join("a"), "edited").unwrap();
        let three = [("a", "3"), ("c", "3")];
        assert_eq!(states(&publish(dir, &three).unwrap()), [("a", Edited), ("c", Stale)]);
        assert_eq!((read("a"), read("c")), ("edited".to_owned(), "3".to_owned()));
        // A name that is no longer wanted is let go, with what somebody made of it.
        assert_eq!(states(&publish(dir, &[("c", "3")]).unwrap()), [("a", Edited), ("c", Fresh)]);
        assert_eq!(states(&compare(dir, &[("c", "3")]).unwrap()), [("c", Fresh)]);
        assert_eq!(read("a"), "edited");
        let names: Vec<_> = fs::read_dir(dir).unwrap().map(|it| it.unwrap().file_name()).collect();
        assert_eq!(names.len(), 3, "{names:?}");
    }

    #[test]
    fn what_is_cut_off_is_finished_by_the_next_run() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        publish(dir, &[("a", "1"), ("b", "1")]).unwrap();
        // Killed between two files: the list holds both, one file is new.
        let both: Known =
            ["1", "2"].into_iter().flat_map(|it| ["a", "b"].map(|name| (hash(it.as_bytes()), name.into()))).collect();
        write_list(dir, &both).unwrap();
        fs::write(dir.join("a"), "2").unwrap();
        fs::write(dir.join(".fuseau-new-b"), "half").unwrap();
        let found = publish(dir, &[("a", "2"), ("b", "2")]).unwrap();
        assert_eq!(states(&found), [("a", State::Fresh), ("b", State::Stale)]);
        assert_eq!(known(dir).unwrap().unwrap().len(), 2);
        assert!(!dir.join(".fuseau-new-b").exists());
    }

    #[test]
    fn links_and_folders_are_somebody_elses() {
        let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let target = elsewhere.path().join("target");
        fs::write(&target, "1").unwrap();
        publish(dir.path(), &[("a", "1"), ("b", "1")]).unwrap();
        for name in ["a", "b"] {
            fs::remove_file(dir.path().join(name)).unwrap();
        }
        std::os::unix::fs::symlink(&target, dir.path().join("a")).unwrap();
        fs::create_dir(dir.path().join("b")).unwrap();
        fs::write(dir.path().join(LIST), format!("{}  ../target\n{}  a\n", hash(b"1"), hash(b"1"))).unwrap();
        let found = publish(dir.path(), &[("a", "2"), ("b", "2")]).unwrap();
        assert_eq!(states(&found), [("a", State::Edited), ("b", State::Foreign)]);
        assert_eq!(fs::read_to_string(&target).unwrap(), "1");
    }
}
