//! The owner's calendars as files: when they are busy. A file that is broken, huge or endless is named, and the rest goes on.
//! Never here: what busy times are good for (`decide`), which files they are (`config`).
mod events;
mod held;
mod series;

pub use held::Held;

use crate::calendar::overlap::Interval;
use crate::model::{EmailAddress, Instant, Owner, Zones};
use std::io::Read;
use std::path::{Path, PathBuf};

/// A calendar of years has a few megabytes.
const LARGEST: u64 = 16 * 1024 * 1024;
/// More files than this are no calendars of one person.
const FILES: usize = 2000;

/// For whom and for when calendars are read.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The owner: times without a zone are theirs, wherever they are then.
    pub owner: &'a Owner,
    /// Their addresses: what they declined does not keep them busy.
    pub own: &'a [EmailAddress],
    /// The tz data in use: a name of a zone is trusted more than what a file says about it.
    pub zones: &'a Zones,
    /// Nothing that is over by then.
    pub from: Instant,
    /// Nothing that begins later.
    pub until: Instant,
}

/// What the calendars say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendars {
    /// Busy times: in order, not merged.
    pub busy: Vec<Interval>,
    /// What could not be read.
    pub faults: Vec<Fault>,
}

/// A file of which not all busy times are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file.
    pub file: PathBuf,
    /// What is wrong with it.
    pub what: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}; its busy times are not (all) known", self.file.display(), self.what)
    }
}

/// Reads calendars.
#[must_use]
pub fn read(files: &[PathBuf], wanted: &Wanted<'_>) -> Calendars {
    let mut found = Calendars::default();
    for file in files.iter().take(FILES) {
        let (busy, whats) = match text_of(file) {
            Ok(text) => busy(&text, wanted),
            Err(what) => (Vec::new(), vec![what]),
        };
        found.busy.extend(busy);
        found.faults.extend(whats.into_iter().map(|what| Fault { file: file.clone(), what }));
    }
    if let Some(file) = files.get(FILES) {
        found.faults.push(Fault { file: file.clone(), what: format!("it is one of more than {FILES} files") });
    }
    found.busy.sort_unstable();
    found.busy.dedup();
    found
}

/// The busy times in the text of one calendar, and what is wrong with it.
#[must_use]
pub fn busy(text: &str, wanted: &Wanted<'_>) -> (Vec<Interval>, Vec<String>) {
    let (calendars, mut faults) = events::calendars(text);
    let mut busy = Vec::new();
    for calendar in &calendars {
        busy.extend(series::busy(calendar, wanted, &mut faults));
    }
    busy.sort_unstable();
    busy.dedup();
    // One sentence for each kind of fault is enough.
    faults.sort();
    faults.dedup();
    faults.truncate(3);
    (busy, faults)
}

fn text_of(file: &Path) -> Result<String, String> {
    let open = std::fs::File::open(file).map_err(|error| format!("it cannot be read: {error}"))?;
    let mut bytes = Vec::new();
    open.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| format!("it cannot be read: {error}"))?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("it is larger than {} MiB", LARGEST / 1024 / 1024));
    }
    // Old programs wrote Latin-1: names are hurt, times are not.
    Ok(String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}
