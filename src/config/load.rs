//! Finding and reading the files: the main one, the included ones, their modes. Their meaning: `check`.
use super::{
    Faults, Finding, Settings, check,
    reader::Reader,
    schema::ROOT,
    source::{Log, Source},
    spare::Left,
};
use crate::model::{Zones, pattern::fits};
use std::{
    ffi::OsString,
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// Beyond this a file is no configuration.
const GREATEST: u64 = 1024 * 1024;

const BUG: &str = "please report this file as a bug, without its passwords";

/// No configuration was found. The owner must act.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("no configuration found; looked for {}\n    `fuseau init` writes one and sends nothing (by hand: README, \"Connect a mailbox\"; `fuseau demo` leaves an example), or name it with --config FILE", list(.tried))]
pub struct NotFound {
    /// Where it was looked for.
    pub tried: Vec<PathBuf>,
}

fn list(paths: &[PathBuf]) -> String {
    let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    paths.join(", ")
}

/// The configuration file: `explicit`, else `$FUSEAU_CONFIG`, else the first that exists of `./fuseau.toml`,
/// `$XDG_CONFIG_HOME/fuseau/fuseau.toml` (`~/.config` without it) and `/etc/fuseau/fuseau.toml`.
///
/// # Errors
/// [`NotFound`] with the places that were tried. A file that is named is returned even if it does not exist:
/// [`load`] says so.
pub fn find(explicit: Option<&Path>) -> Result<PathBuf, NotFound> {
    find_with(explicit, |name| std::env::var_os(name), Path::is_file)
}

fn find_with(
    explicit: Option<&Path>,
    variable: impl Fn(&str) -> Option<OsString>,
    exists: impl Fn(&Path) -> bool,
) -> Result<PathBuf, NotFound> {
    if let Some(path) = explicit {
        return Ok(path.to_owned());
    }
    let set = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(path) = set("FUSEAU_CONFIG") {
        return Ok(path);
    }
    // a relative XDG_CONFIG_HOME is to be ignored (XDG Base Directory Specification)
    let folder = set("XDG_CONFIG_HOME").filter(|path| path.is_absolute());
    let folder = folder.or_else(|| set("HOME").map(|home| home.join(".config")));
    let own = folder.map(|folder| folder.join("fuseau/fuseau.toml"));
    let places = [Some(PathBuf::from("fuseau.toml")), own, Some(PathBuf::from("/etc/fuseau/fuseau.toml"))];
    let tried: Vec<PathBuf> = places.into_iter().flatten().collect();
    tried.iter().find(|path| exists(path)).cloned().ok_or_else(|| NotFound { tried: tried.clone() })
}

/// Reads a configuration with everything that it includes.
///
/// # Errors
/// All faults at once; the owner must act.
pub fn load(path: &Path, zones: &Zones) -> Result<Settings, Faults> {
    let (sources, log) = gather(path)?;
    settings_without(&sources, zones, log, &Left::default())
}

/// The main file and what it includes, with what is wrong so far.
pub(super) fn gather(path: &Path) -> Result<(Vec<Source>, Log), Faults> {
    let log = Log::default();
    let mut sources = Vec::new();
    match read(path) {
        Ok(source) => sources.push(source),
        Err(finding) => return Err(Faults(vec![*finding])),
    }
    for included in sources.first().map(|main| included(main, &log)).unwrap_or_default() {
        match read(&included) {
            Ok(source) => sources.push(source),
            Err(finding) => log.fault(*finding),
        }
    }
    Ok((sources, log))
}

/// Reads a configuration from text, as if it stood at `path`: relative paths start there, but nothing is
/// included and no mode is checked.
///
/// # Errors
/// All faults at once; the owner must act.
pub fn parse(text: &str, path: &Path, zones: &Zones) -> Result<Settings, Faults> {
    let source =
        Source { file: path.to_owned(), text: text.to_owned(), readable_by_others: false, others_may_write: false };
    settings_without(&[source], zones, Log::default(), &Left::default())
}

/// What the files say, but for what is left out.
pub(super) fn settings_without(sources: &[Source], zones: &Zones, log: Log, left: &Left) -> Result<Settings, Faults> {
    let files: Vec<PathBuf> = sources.iter().map(|source| source.file.clone()).collect();
    let settings = {
        let log = &log;
        let mut trees = Vec::new();
        let mut complete = true;
        for source in sources {
            if source.others_may_write {
                let remedy = format!("run: chmod go-w {}", source.file.display());
                log.fault(source.finding("can be changed by everybody on this machine".to_owned(), Some(remedy)));
            }
            match source.tree(log) {
                Some(mut tree) => {
                    left.take_out(&mut tree);
                    trees.push((source, tree));
                }
                None => complete = false,
            }
        }
        // what a broken file would have said is unknown: no complaints about things missing
        if complete { check::settings(trees, zones, log) } else { None }
    };
    let (faults, warnings) = log.into_parts(&files);
    match settings {
        Some(settings) if faults.is_empty() => Ok(Settings { files, warnings, ..settings }),
        // a fault without a finding is ours
        _ if faults.is_empty() => Err(Faults(
            sources
                .iter()
                .take(1)
                .map(|main| main.finding("could not be understood".to_owned(), Some(BUG.to_owned())))
                .collect(),
        )),
        _ => Err(Faults(faults)),
    }
}

/// One file with its mode, read from one handle so that both belong to the same file.
fn read(path: &Path) -> Result<Source, Box<Finding>> {
    let failed = |error: &dyn std::fmt::Display, remedy: &str| {
        let file =
            Source { file: path.to_owned(), text: String::new(), readable_by_others: false, others_may_write: false };
        let remedy = Some(remedy.to_owned()).filter(|remedy| !remedy.is_empty());
        Box::new(file.finding(format!("cannot be read: {error}"), remedy))
    };
    let from_io = |error: io::Error| {
        let remedy = match error.kind() {
            io::ErrorKind::NotFound => {
                "`fuseau init` writes one and sends nothing (by hand: README, \"Connect a mailbox\"; `fuseau demo` leaves an example), or name another with --config FILE"
            }
            io::ErrorKind::PermissionDenied => "run fuseau as the user to whom the file belongs",
            _ => "",
        };
        failed(&error, remedy)
    };
    let mut file = std::fs::File::open(path).map_err(from_io)?;
    let meta = file.metadata().map_err(from_io)?;
    if meta.is_dir() {
        return Err(failed(&"it is a folder", "name the file in it, fuseau.toml"));
    }
    let mut bytes = Vec::new();
    let limited = &mut io::Read::take(&mut file, GREATEST + 1);
    io::Read::read_to_end(limited, &mut bytes).map_err(from_io)?;
    if bytes.len() as u64 > GREATEST {
        return Err(failed(&"it is longer than 1 MiB", "is this the right file?"));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes().iter().take(error.utf8_error().valid_up_to()).filter(|b| **b == b'\n').count() + 1;
        failed(&format!("line {line} is no UTF-8"), "save it as UTF-8")
    })?;
    let mode = meta.permissions().mode();
    Ok(Source {
        file: path.to_owned(),
        text,
        readable_by_others: mode & 0o077 != 0,
        others_may_write: mode & 0o002 != 0,
    })
}

/// The files that the main one includes, sorted within each pattern. A name without `*` must exist.
fn included(main: &Source, log: &Log) -> Vec<PathBuf> {
    // faults of the main file are logged when it is read in full
    let quiet = Log::default();
    let Some(tree) = main.tree(&quiet) else { return Vec::new() };
    let reader = Reader::root(main, &quiet, tree, &ROOT);
    let patterns = reader.field("include").and_then(|field| field.items()).unwrap_or_default();
    let mut files = Vec::new();
    for pattern in patterns {
        let Some(text) = pattern.text() else { continue };
        let path = main.beside(&text);
        let place = super::source::Place { log, ..pattern.place.clone() };
        let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
            place.fault("names no file", "write it as \"clients/*.toml\"".to_owned());
            continue;
        };
        if folder.to_string_lossy().contains('*') {
            place.fault("has a * in a folder's name", "write * in the file's name alone".to_owned());
        } else if name.contains('*') {
            files.extend(matching(folder, name));
        } else if path.is_file() {
            files.push(path);
        } else {
            place.fault("names a file that does not exist", format!("create {}, or remove it here", path.display()));
        }
    }
    let mut unique: Vec<PathBuf> = Vec::new();
    for file in files {
        if file != main.file && !unique.contains(&file) {
            unique.push(file);
        }
    }
    unique
}

fn matching(folder: &Path, pattern: &str) -> Vec<PathBuf> {
    let Ok(list) = std::fs::read_dir(folder) else { return Vec::new() };
    let names = list.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| !name.starts_with('.') && fits(name, pattern)).collect();
    names.sort();
    names.into_iter().map(|name| folder.join(name)).filter(|path| path.is_file()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_in_the_documented_order() {
        let none = |_: &str| None;
        let home = |name: &str| (name == "HOME").then(|| OsString::from("/home/claire"));
        let named = |name: &str| (name == "FUSEAU_CONFIG").then(|| OsString::from("/x.toml"));
        let xdg = |name: &str| match name {
            "XDG_CONFIG_HOME" => Some(OsString::from("/xdg")),
            other => home(other),
        };
        let only = |wanted: &'static str| move |path: &Path| path == Path::new(wanted);
        assert_eq!(find_with(Some(Path::new("a")), named, |_| false), Ok("a".into()));
        assert_eq!(find_with(None, named, |_| true), Ok("/x.toml".into()));
        assert_eq!(find_with(None, home, |_| true), Ok("fuseau.toml".into()));
        let own = "/home/claire/.config/fuseau/fuseau.toml";
        assert_eq!(find_with(None, home, only(own)), Ok(own.into()));
        assert_eq!(find_with(None, xdg, only("/xdg/fuseau/fuseau.toml")), Ok("/xdg/fuseau/fuseau.toml".into()));
        let etc = "/etc/fuseau/fuseau.toml";
        assert_eq!(find_with(None, home, only(etc)), Ok(etc.into()));
        let lost = find_with(None, none, |_| false).unwrap_err();
        assert!(lost.to_string().contains("fuseau.toml, /etc/fuseau/fuseau.toml"), "{lost}");
    }
}
