//! Calendar files by their patterns, read again only when one of them changed. Never here: what stands in them (events.rs).
use super::{Calendars, Fault, Wanted, read};
use crate::model::{Instant, pattern::fits};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// What was read last. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Held(Arc<Mutex<Option<Seen>>>);

#[derive(Clone, Debug)]
struct Seen {
    files: Vec<Stamp>,
    span: (Instant, Instant),
    found: Calendars,
}

/// A file as it was: name, time of change, length.
type Stamp = (PathBuf, Option<SystemTime>, u64);

impl Held {
    /// The busy times in all files that fit; looks at names, times and lengths of the files, and reads only if one changed
    /// or other days are asked for.
    #[must_use]
    pub fn read(&self, patterns: &[PathBuf], wanted: &Wanted<'_>) -> Calendars {
        if patterns.is_empty() {
            return Calendars::default();
        }
        let (paths, faults) = files(patterns);
        let stamps: Vec<Stamp> = paths.iter().map(|path| stamp(path)).collect();
        let span = (wanted.from, wanted.until);
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = match held.as_ref().filter(|seen| seen.files == stamps && seen.span == span) {
            Some(seen) => seen.found.clone(),
            None => {
                let found = read(&paths, wanted);
                *held = Some(Seen { files: stamps, span, found: found.clone() });
                found
            }
        };
        let faults = faults.into_iter().chain(found.faults).collect();
        Calendars { faults, ..found }
    }
}

fn stamp(path: &Path) -> Stamp {
    let meta = std::fs::metadata(path).ok();
    let len = meta.as_ref().map_or(0, std::fs::Metadata::len);
    (path.to_owned(), meta.and_then(|meta| meta.modified().ok()), len)
}

/// The files that fit, in the order of the patterns, each once; a pattern that no file fits is a fault.
fn files(patterns: &[PathBuf]) -> (Vec<PathBuf>, Vec<Fault>) {
    let (mut found, mut faults): (Vec<PathBuf>, Vec<Fault>) = (Vec::new(), Vec::new());
    for pattern in patterns {
        let name = pattern.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let mut all = if name.contains('*') { matching(pattern, name) } else { vec![pattern.clone()] };
        if all.is_empty() {
            faults.push(Fault { file: pattern.clone(), what: "there is no such file".to_owned() });
        }
        all.retain(|file| !found.contains(file));
        found.extend(all);
    }
    (found, faults)
}

fn matching(pattern: &Path, name: &str) -> Vec<PathBuf> {
    let folder = pattern.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Ok(list) = std::fs::read_dir(folder) else { return Vec::new() };
    let names = list.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|it| !it.starts_with('.') && fits(it, name)).collect();
    names.sort();
    names.into_iter().map(|name| folder.join(name)).filter(|path| path.is_file()).collect()
}
