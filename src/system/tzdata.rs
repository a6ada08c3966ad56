//! How new the system's time-zone tree is. The zones themselves: `model::zone`.
use crate::model::Zones;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

/// Where systems keep their TZif tree (zic(8)); `TZDIR` comes first, as in the C library.
const TREES: [&str; 4] =
    ["/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo", "/var/db/timezone/zoneinfo"];

/// The newest zone data at hand: the system's if it says that it is newer than the bundled copy.
#[must_use]
pub fn newest() -> Zones {
    let system = system();
    Zones::newest(system.as_ref().map(|(dir, version)| (dir.as_path(), version.as_str())))
}

/// The version of the system's tree, if it is newer than `known` (`2026f`): time to read the zones again.
#[must_use]
pub fn newer_than(known: &str) -> Option<String> {
    system().map(|(_, version)| version).filter(|version| version.as_str() > known)
}

/// The system's tree and its version, if it states one.
#[must_use]
pub fn system() -> Option<(PathBuf, String)> {
    let own = std::env::var_os("TZDIR").map(PathBuf::from);
    own.into_iter().chain(TREES.iter().map(PathBuf::from)).find_map(|dir| version(&dir).map(|version| (dir, version)))
}

/// The version of a tree: first line of `tzdata.zi` (`# version 2026f`), else `+VERSION`, else `version`.
fn version(dir: &Path) -> Option<String> {
    let first_line = |name: &str| {
        let file = fs::File::open(dir.join(name)).ok()?;
        BufReader::new(file).lines().next()?.ok()
    };
    let stated = first_line("tzdata.zi")
        .and_then(|line| line.strip_prefix("# version ").map(str::to_owned))
        .or_else(|| first_line("+VERSION"))
        .or_else(|| first_line("version"))?;
    let stated = stated.trim().to_owned();
    let plausible = stated.len() >= 5 && stated.bytes().take(4).all(|b| b.is_ascii_digit());
    plausible.then_some(stated)
}

/// The zone that this machine keeps (`TZ`, else where /etc/localtime points to), if it has a name.
#[must_use]
pub fn home() -> Option<String> {
    let variable = std::env::var("TZ").ok().map(|name| name.trim_start_matches(':').to_owned());
    if let Some(name) = variable.filter(|name| name.contains('/') && !name.starts_with('/')) {
        return Some(name);
    }
    let target = fs::canonicalize("/etc/localtime").ok()?;
    let text = target.to_str()?;
    // Some systems keep a second tree below `posix` or `right`.
    let name = text.split_once("zoneinfo/")?.1;
    Some(name.trim_start_matches("posix/").trim_start_matches("right/").to_owned())
}
