//! Where what was done is found besides the journal: a local git repository, a Markdown checklist. Reading only, bounded;
//! never here: what becomes of it.
use crate::model::{FactSource, Instant, text::clean};
use chrono::TimeDelta;
use std::io::Read as _;
use std::path::Path;

/// So much of a checklist is read.
const LIST_MAX: u64 = 256 * 1024;
/// So many items of one source count.
const ITEMS_MAX: usize = 200;
/// So many commits are looked at, and none older than this.
const WALK_MAX: usize = 1_000;
const OLDEST: TimeDelta = TimeDelta::days(400);
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
pub fn read_now(wanted: &[(String, FactSource)], now: Instant) -> (Vec<Item>, Vec<SourceFault>) {
    let (mut items, mut faults) = (Vec::new(), Vec::new());
    for (project, source) in wanted {
        let found = match source {
            FactSource::Git { path, branch } => commits(path, branch.as_deref(), now),
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

/// Subjects of the newest commits, merges left out. Reading only: no hook, no filter, no remote is ever touched.
fn commits(path: &Path, branch: Option<&str>, now: Instant) -> Result<Found, String> {
    // Only the folder that is named, never one above it.
    let open = git2::Repository::open_ext(path, git2::RepositoryOpenFlags::NO_SEARCH, std::iter::empty::<&Path>());
    let said = |error: git2::Error| match error.code() {
        git2::ErrorCode::Owner => {
            format!(
                "the git repository {} belongs to another user: run fuseau as that user, or `git config --global --add safe.directory {0}`",
                path.display()
            )
        }
        _ => format!("the git repository {} cannot be read: {}", path.display(), error.message()),
    };
    let repository = open.map_err(said)?;
    let start = match branch {
        Some(name) => {
            let found = repository.find_branch(name, git2::BranchType::Local).and_then(|it| it.get().peel_to_commit());
            found.map_err(|_| format!("the git repository {} has no branch {name:?}", path.display()))?
        }
        None => match repository.head().and_then(|head| head.peel_to_commit()) {
            Ok(commit) => commit,
            // Nothing was committed yet.
            Err(error) if error.code() == git2::ErrorCode::UnbornBranch => return Ok(Vec::new()),
            Err(error) => return Err(said(error)),
        },
    };
    let mut walk = repository.revwalk().map_err(said)?;
    walk.set_sorting(git2::Sort::TIME).and_then(|()| walk.push(start.id())).map_err(said)?;
    let mut found = Vec::new();
    for id in walk.take(WALK_MAX) {
        let commit = repository.find_commit(id.map_err(said)?).map_err(said)?;
        let Some(at) = Instant::from_timestamp(commit.time().seconds(), 0) else { continue };
        if at < now - OLDEST || found.len() >= ITEMS_MAX {
            break;
        }
        if commit.parent_count() < 2 {
            let subject = String::from_utf8_lossy(commit.summary_bytes().unwrap_or_default()).into_owned();
            let subject = clean(subject.trim(), ITEM_MAX);
            found.extend((!subject.is_empty()).then_some((Some(at), true, subject)));
        }
    }
    Ok(found)
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use git2::{Repository, Signature, Time};

    fn commit(repository: &Repository, seconds: i64, message: &str) {
        let who = Signature::new("Claire", "claire@studio.example", &Time::new(seconds, 0)).unwrap();
        let tree = repository.find_tree(repository.index().unwrap().write_tree().unwrap()).unwrap();
        let parent = repository.head().ok().and_then(|head| head.peel_to_commit().ok());
        let parents: Vec<&git2::Commit<'_>> = parent.iter().collect();
        repository.commit(Some("HEAD"), &who, &who, message, &tree, &parents).unwrap();
    }

    fn said(source: FactSource, now: i64) -> Result<Vec<(Option<i64>, bool, String)>, String> {
        let now = Instant::from_timestamp(now, 0).unwrap();
        let (items, faults) = read_now(&[("relaunch".to_owned(), source)], now);
        match faults.into_iter().next() {
            Some(fault) => Err(fault.text),
            None => Ok(items.into_iter().map(|it| (it.at.map(|at| at.timestamp()), it.done, it.text)).collect()),
        }
    }

    #[test]
    fn commits_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let git =
            |branch: Option<&str>| FactSource::Git { path: dir.path().to_owned(), branch: branch.map(str::to_owned) };
        assert!(said(git(None), 0).unwrap_err().contains("cannot be read"), "no repository");
        let repository = Repository::init(dir.path()).unwrap();
        assert_eq!(said(git(None), 0), Ok(Vec::new()), "nothing committed yet");
        let now = 1_800_000_000;
        commit(&repository, now - 500 * 86_400, "Long ago");
        commit(&repository, now - 100, "First\n\nwith a body");
        commit(&repository, now - 50, "Second \u{1b}[31mred");
        let found = said(git(None), now).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!((found[1].0, found[1].1, found[1].2.as_str()), (Some(now - 100), true, "First"));
        assert!(!found[0].2.contains('\u{1b}'), "{found:?}");
        assert!(said(git(Some("nowhere")), now).unwrap_err().contains("no branch"));
        let below = dir.path().join("below");
        std::fs::create_dir(&below).unwrap();
        assert!(said(FactSource::Git { path: below, branch: None }, now).is_err(), "a folder above is not meant");
    }

    #[test]
    fn a_checklist_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("TODO.md");
        let list = || FactSource::Checklist { path: path.clone() };
        assert!(said(list(), 0).unwrap_err().contains("cannot be read"));
        std::fs::write(&path, "# To do\n- [x] Logo\n  * [ ] Icons\n- [ ]\n- [?] odd\n- plain\n+ [X] Photos\n").unwrap();
        let item = |done, text: &str| (None, done, text.to_owned());
        assert_eq!(said(list(), 0), Ok(vec![item(true, "Logo"), item(false, "Icons"), item(true, "Photos")]));
        std::fs::write(&path, "- [x] one\n".repeat(100_000)).unwrap();
        assert_eq!(said(list(), 0).unwrap().len(), ITEMS_MAX);
        assert!(said(FactSource::Checklist { path: dir.path().to_owned() }, 0).unwrap_err().contains("is no file"));
    }
}
