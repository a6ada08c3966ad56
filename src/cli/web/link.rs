//! The one-time link: a file of the owner's in the state directory, made by whoever prints the link, taken by the desk. A
//! newer link makes the older one useless. Never here: sessions.
use crate::model::Instant;
use crate::web::same;
use chrono::{DateTime, TimeDelta};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// So long a link can be used.
const LIFE: TimeDelta = TimeDelta::minutes(10);

fn key(dir: &Path) -> PathBuf {
    dir.join("desk-link")
}

fn place(dir: &Path) -> PathBuf {
    dir.join("desk")
}

/// Writes a link's token.
pub fn put(dir: &Path, token: &str, now: Instant) -> io::Result<()> {
    // Written beside and moved: the desk never reads half of it.
    write(&key(dir), &format!("{token} {}\n", now.timestamp()))
}

/// Whether this is the token of the link; it opens nothing afterwards. A wrong guess leaves the link as it is.
pub fn redeem(dir: &Path, token: &str, now: Instant) -> bool {
    let Ok(text) = fs::read_to_string(key(dir)) else { return false };
    let Some((right, made)) = text.trim().split_once(' ') else { return false };
    if !same(right, token) {
        return false;
    }
    let made = made.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    // Of two that come at once, one removes it.
    let taken = fs::remove_file(key(dir)).is_ok();
    taken && made.is_some_and(|made| (TimeDelta::zero()..LIFE).contains(&(now - made)))
}

/// Notes that a desk is served at a place.
pub fn served(dir: &Path, at: &str) -> io::Result<()> {
    write(&place(dir), &format!("{at}\n"))
}

/// Where one is served, as far as is known.
pub fn server(dir: &Path) -> Option<String> {
    fs::read_to_string(place(dir)).ok().map(|text| text.trim().to_owned())
}

/// No desk is served any more; an unused link is of no use either.
pub fn gone(dir: &Path) {
    let _ = fs::remove_file(place(dir));
    let _ = fs::remove_file(key(dir));
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let beside = path.with_extension("new");
    let _ = fs::remove_file(&beside);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    file.write_all(text.as_bytes())?;
    fs::rename(&beside, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_opens_once_and_not_for_long() {
        let dir = tempfile::tempdir().unwrap();
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        assert!(!redeem(dir.path(), "", now) && !redeem(dir.path(), "t", now));
        put(dir.path(), "right", now).unwrap();
        assert!(!redeem(dir.path(), "wrong", now) && !redeem(dir.path(), "", now));
        assert!(redeem(dir.path(), "right", now + TimeDelta::minutes(9)), "a wrong guess burns nothing");
        assert!(!redeem(dir.path(), "right", now), "used");
        for late in [TimeDelta::minutes(10), TimeDelta::seconds(-1)] {
            put(dir.path(), "right", now).unwrap();
            assert!(!redeem(dir.path(), "right", now + late), "{late}");
        }
        put(dir.path(), "older", now).unwrap();
        put(dir.path(), "newer", now).unwrap();
        assert!(!redeem(dir.path(), "older", now) && redeem(dir.path(), "newer", now));
    }
}
