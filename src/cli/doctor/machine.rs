//! What the machine brings: the age of the time-zone data, the state directory with its disk, the database.
use super::{Finding, bad, good, warn};
use crate::cli::out;
use crate::config::Settings;
use crate::model::Zones;
use crate::store::{self, Store};
use crate::system::{Clock, state};
use chrono::{Datelike as _, TimeDelta};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// Room for years of mail, and room for little more than what must be recorded.
const ROOM_GOOD: u64 = 500 * MIB;
const ROOM_BAD: u64 = 50 * MIB;
const MIB: u64 = 1024 * 1024;
/// Countries change their clocks at short notice: data older than this is worth a look.
const TZ_AGE: TimeDelta = TimeDelta::days(120);

/// Looks at everything that needs no network.
pub(super) fn look(settings: Option<&Settings>, findings: &mut Vec<Finding>) {
    let zones = settings.map_or_else(out::zones, |settings| settings.policy.zones.clone());
    findings.push(time_zones(&zones));
    if let Some(settings) = settings {
        let dir = out::state_dir(settings);
        findings.push(state_directory(&dir));
        findings.push(disk(&dir));
        findings.push(database(&dir));
    }
}

/// A release names its year and a letter, not its day: it is as old as the end of its year at least.
fn time_zones(zones: &Zones) -> Finding {
    let version = zones.version();
    let text = format!("{version} ({})", zones.origin());
    let now = Clock::System.now();
    let year: Option<i32> = version.get(..4).and_then(|year| year.parse().ok());
    let stale = year.is_some_and(|year| year < (now - TZ_AGE).year());
    match stale {
        false => good("time-zone data", text),
        true => {
            warn("time-zone data", text, "update the package tzdata of this machine, or fuseau: the newer one is used")
        }
    }
}

fn state_directory(dir: &Path) -> Finding {
    let what = "state directory";
    let shown = dir.display();
    let Ok(meta) = fs::metadata(dir) else {
        return good(what, format!("{shown} is made when the daemon first runs"));
    };
    if meta.permissions().mode() & 0o077 != 0 {
        return bad(what, format!("{shown} can be read by others: it holds mail"), format!("chmod 700 {shown}"));
    }
    good(what, shown.to_string())
}

fn disk(dir: &Path) -> Finding {
    let what = "disk";
    // Of a folder that is not there yet, the disk of the one above counts.
    let Some(there) = dir.ancestors().find(|it| it.is_dir()) else { return good(what, "no folder yet") };
    let remedy =
        "make room, or move the state directory (`state` in the configuration): on a full disk nothing is sent";
    match state::free(there) {
        Ok(free) if free >= ROOM_GOOD => good(what, format!("{} free", size(free))),
        Ok(free) if free >= ROOM_BAD => warn(what, format!("only {} free", size(free)), remedy),
        Ok(free) => bad(what, format!("only {} free", size(free)), remedy),
        Err(error) => warn(what, format!("its room is not known: {error}"), remedy),
    }
}

fn database(dir: &Path) -> Finding {
    let what = "database";
    let path = dir.join(store::FILE);
    let Ok(meta) = fs::metadata(&path) else {
        return good(what, "none yet: it is made when the daemon first runs");
    };
    let checked = Store::open_read_only(dir).and_then(|store| store.read_blocking(|tx| tx.fault()));
    let remedy = "stop the daemon and put the newest backup in its place (guide: \"Backups\")";
    match checked {
        Ok(None) => good(what, format!("sound, {}", size(meta.len()))),
        Ok(Some(fault)) => bad(what, format!("{} is damaged: {fault}", path.display()), remedy),
        Err(error) => bad(what, error.to_string(), remedy),
    }
}

/// `3.2 GiB`, `120 MiB`, `40 KiB`
pub(super) fn size(octets: u64) -> String {
    match octets {
        0..MIB => format!("{} KiB", octets / 1024),
        MIB..0x4000_0000 => format!("{} MiB", octets / MIB),
        _ => format!("{}.{} GiB", octets >> 30, ((octets % (1 << 30)) * 10) >> 30),
    }
}

/// Whether the machine sets its clock from the network, where systemd knows.
pub(super) fn synchronised() -> Option<bool> {
    if !Path::new("/run/systemd/system").is_dir() {
        return None;
    }
    let mut ask = Command::new("timedatectl");
    let said = ask.args(["show", "-p", "NTPSynchronized", "--value"]).stdin(Stdio::null()).output().ok()?;
    match String::from_utf8_lossy(&said.stdout).trim() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (octets, shown) in
            [(0, "0 KiB"), (40_960, "40 KiB"), (120 * MIB, "120 MiB"), ((1 << 30) * 3 + (1 << 28), "3.2 GiB")]
        {
            assert_eq!(size(octets), shown);
        }
    }

    #[test]
    fn a_folder_open_to_others_is_named() {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        assert!(state_directory(dir.path()).remedy.unwrap().starts_with("chmod 700 "));
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(state_directory(dir.path()).remedy, None);
        assert!(disk(&dir.path().join("not/there")).text.contains("free"));
    }

    #[test]
    fn a_damaged_database_is_named() {
        let dir = tempfile::tempdir().unwrap();
        assert!(database(dir.path()).text.starts_with("none yet"));
        Store::open(dir.path()).unwrap().close().unwrap();
        assert!(database(dir.path()).text.starts_with("sound"), "{:?}", database(dir.path()));
        let path = dir.path().join(store::FILE);
        let mut bytes = fs::read(&path).unwrap();
        let half = bytes.len() / 2;
        bytes[half..].fill(0xA5);
        fs::write(&path, bytes).unwrap();
        assert_eq!(database(dir.path()).level, super::super::Level::Bad);
    }
}
