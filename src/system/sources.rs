//! Where what was done is found besides the journal: a local git repository, a Markdown checklist. Reading only, bounded;
//! never here: what becomes of it.
use crate::model::{FactSource, Instant, text::clean};
use std::io::Read as _;
use std::path::Path;

/// So much of a checklist is read.
const LIST_MAX: u64 = 256 * 1024;
/// So many items of one source count.
const ITEMS_MAX: usize = 200;
/// Longest item, in characters.
const ITEM_MAX: usize = 200;

/// What a source says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The project's key.
    pub project: String,
    /// When it was done, if that is known.
    pub at: Option<Instant>,
    /// Done, or still to do.
    pub done: bool,
    /// One clean line.
    pub text: String,
}

/// A source that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFault {
    /// The project's key.
    pub project: String,
    /// What to do.
    pub text: String,
}

/// Reads all sources, on a thread that may wait for the disk.
pub async fn read(wanted: Vec<(String, FactSource)>, now: Instant) -> (Vec<Item>, Vec<SourceFault>) {
    let work = move || read_now(&wanted, now);
    tokio::task::spawn_blocking(work).await.unwrap_or_default()
}

/// The same where nothing else waits.
#[must_use]
pub fn read_now(wanted: &[(String, FactSource)], _now: Instant) -> (Vec<Item>, Vec<SourceFault>) {
    let (mut items, mut faults) = (Vec::new(), Vec::new());
    for (project, source) in wanted {
        let found = match source {
            FactSource::Git { .. } => Ok(Vec::new()),
            FactSource::Checklist { path } => checklist(path),
        };
        match found {
            Ok(found) => items.extend(found.into_iter().map(|(at, done, text)| Item {
                project: project.clone(),
                at,
                done,
                text,
            })),
            Err(text) => faults.push(SourceFault { project: project.clone(), text }),
        }
    }
    (items, faults)
}

type Found = Vec<(Option<Instant>, bool, String)>;

/// `- [x] done`, `* [ ] next`, at any depth.
fn checklist(path: &Path) -> Result<Found, String> {
    let failed = |error: std::io::Error| format!("the checklist {} cannot be read: {error}", path.display());
    let file = std::fs::File::open(path).map_err(failed)?;
    if !file.metadata().map_err(failed)?.is_file() {
        return Err(format!("the checklist {} is no file", path.display()));
    }
    let mut bytes = Vec::new();
    file.take(LIST_MAX).read_to_end(&mut bytes).map_err(failed)?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.lines().filter_map(item).take(ITEMS_MAX).collect())
}

fn item(line: &str) -> Option<(Option<Instant>, bool, String)> {
    let rest = line.trim_start().strip_prefix(['-', '*', '+'])?.trim_start();
    let rest = rest.strip_prefix('[')?;
    let (mark, text) = rest.split_once(']')?;
    let done = match mark.trim() {
        "x" | "X" => true,
        "" => false,
        _ => return None,
    };
    let text = clean(text.trim(), ITEM_MAX);
    (!text.is_empty()).then_some((None, done, text))
}
