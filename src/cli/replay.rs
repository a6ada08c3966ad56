//! `fuseau replay`: judges an archive in order of arrival, with a memory of its own; nobody answers, nothing is sent.
use super::args::{Cli, Replay};
use super::explain::rehearsed;
use super::fail::Fail;
use super::judged::Judged;
use super::out;
use crate::compose::Composer;
use crate::config::Settings;
use crate::daemon::Desk;
use crate::daemon::dial::Dialler;
use crate::daemon::intake::{self, Item};
use crate::decide;
use crate::mailbox::parse;
use crate::model::text::clean;
use crate::model::{Incoming, Instant, Past};
use crate::store::Store;
use crate::system::{Clock, Ids};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Messages beyond this size are read in part: the rest is never looked at.
const READ: usize = 64 * 1024 * 1024;

/// One message of the archive.
pub(super) struct Found {
    path: String,
    /// The message.
    pub(super) bytes: Vec<u8>,
    /// When it seems to have arrived.
    pub(super) arrived: Instant,
}

/// Runs the command.
pub fn run(cli: &Cli, replay: &Replay) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let composer = out::composer(&settings)?;
    let mut found = collect(&replay.archive)?;
    found.sort_by(|a, b| (a.arrived, &a.path).cmp(&(b.arrived, &b.path)));
    let desk = rehearsal(settings, composer)?;
    let mut tally: BTreeMap<&'static str, u32> = BTreeMap::new();
    for (n, one) in found.iter().enumerate() {
        let message = rehearsed(&one.bytes, one.arrived);
        let mailbox = out::mailbox_for(&desk.settings, replay.mailbox.as_deref(), &message)?;
        let decision = if replay.each {
            decide::answer(&message, &mailbox, &Past::default(), desk.policy(), one.arrived)
        } else {
            remembered(&desk, &mailbox, &message, &one.bytes, n)?
        };
        *tally.entry(decision.verdict.as_str()).or_default() += 1;
        let judged = Judged::new(one.path.clone(), &mailbox, &message, &decision, desk.policy(), &desk.composer)
            .map_err(|error| Fail::Failed(error.to_string()))?;
        if cli.json {
            out::json(&judged.json(desk.policy()));
        } else if cli.verbose {
            out::text(&format!("{}\n{}\n\n", clean(&one.path, 1000), judged.picture(desk.policy())));
        } else {
            let codes: Vec<&str> = decision
                .reasons
                .iter()
                .filter(|reason| reason.code.verdict() == decision.verdict)
                .map(|reason| reason.code.as_str())
                .collect();
            let path = clean(&one.path, 1000);
            out::text(&format!("{:<12} {path:<60} {}", decision.verdict.as_str(), codes.join(" ")));
        }
    }
    if !cli.json {
        let parts: Vec<String> = tally.iter().map(|(verdict, n)| format!("{n} {verdict}")).collect();
        out::text(&match found.len() {
            0 => format!("no message was found in {}", replay.archive.display()),
            n => format!("{}: {}", out::count(n as u64, "message"), parts.join(", ")),
        });
    }
    Ok(())
}

/// A desk for a rehearsal: nothing outside its own memory.
fn rehearsal(settings: Settings, composer: Composer) -> Result<Desk, Fail> {
    Ok(Desk {
        settings: Arc::new(settings),
        composer: Arc::new(composer),
        store: Store::in_memory()?,
        clock: Clock::standing_at(Instant::default()),
        ids: Ids::seeded(1),
        instance: "rehearsal".into(),
        dialler: Dialler::default(),
        state: None,
    })
}

/// Takes the message into the rehearsal's memory, with the code that the daemon uses.
fn remembered(
    desk: &Desk,
    mailbox: &str,
    message: &Incoming,
    bytes: &[u8],
    n: usize,
) -> Result<decide::Decision, Fail> {
    let uid = u32::try_from(n).unwrap_or(u32::MAX).saturating_add(1);
    let item = Item {
        folder: "INBOX".to_owned(),
        uidvalidity: 1,
        uid,
        incoming: message.clone(),
        raw: bytes.iter().take(parse::READ_CAP).copied().collect(),
        rescan: false,
    };
    let now = message.arrived;
    desk.clock.move_to(now);
    let taken = desk.store.write_blocking(|tx| intake::take_in(tx, desk, mailbox, &item, now))?;
    taken.decision.ok_or_else(|| Fail::Failed("a message was taken for the owner's own in Sent".into()))
}

/// Every message of an mbox file, a Maildir or a folder.
pub(super) fn collect(archive: &Path) -> Result<Vec<Found>, Fail> {
    let failed = |error: std::io::Error| Fail::Failed(format!("{}: {error}", archive.display()));
    let meta = fs::metadata(archive).map_err(failed)?;
    let mut found = Vec::new();
    if meta.is_file() {
        let bytes = fs::read(archive).map_err(failed)?;
        let changed = changed(archive);
        for (n, message) in parse::split_mbox(&bytes).enumerate() {
            let path = format!("{}:{}", archive.display(), n + 1);
            found.push(one(path, message.to_vec(), changed));
        }
        return Ok(found);
    }
    let mut files = Vec::new();
    walk(archive, 0, &mut files).map_err(failed)?;
    files.sort();
    for file in files {
        let mut bytes = fs::read(&file).map_err(|error| Fail::Failed(format!("{}: {error}", file.display())))?;
        bytes.truncate(READ);
        let shown = file.strip_prefix(archive).unwrap_or(&file).display().to_string();
        found.push(one(shown, bytes, changed(&file)));
    }
    Ok(found)
}

fn one(path: String, bytes: Vec<u8>, changed: Option<Instant>) -> Found {
    let arrived = parse::arrival_guess(&bytes).or(changed).unwrap_or_default();
    Found { path, bytes, arrived }
}

fn changed(file: &Path) -> Option<Instant> {
    fs::metadata(file).and_then(|m| m.modified()).ok().map(Instant::from)
}

/// Regular files below a folder, at most ten levels deep; links are not followed, hidden control files left out.
fn walk(dir: &Path, depth: u32, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if depth > 10 {
        return Ok(());
    }
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if kind.is_dir() {
            if name != "tmp" {
                walk(&entry.path(), depth + 1, files)?;
            }
        } else if kind.is_file() && !name.starts_with("dovecot") && !name.starts_with(".") && name != "maildirfolder" {
            files.push(entry.path());
        }
    }
    Ok(())
}
