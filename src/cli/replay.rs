//! `fuseau replay`: judges an archive in order of arrival, with a memory of its own; nobody answers, nothing is sent. At
//! the end: how many of each verdict, for which reasons, and what would have become of the promises.
use super::args::{Cli, Replay};
use super::explain::rehearsed;
use super::fail::Fail;
use super::judged::Judged;
use super::progress::Line;
use super::simulate::story;
use super::{out, say};
use crate::compose::Composer;
use crate::config::Settings;
use crate::daemon::Desk;
use crate::daemon::dial::Dialler;
use crate::daemon::intake::{self, Item};
use crate::decide::rehearsal::{Event, unanswered};
use crate::decide::{self, Decision, Policy};
use crate::mailbox::parse;
use crate::model::text::clean;
use crate::model::{Incoming, Instant, Past, Promise, PromiseState, Verdict};
use crate::store::{Packed, Store};
use crate::system::{Clock, Ids, calendars::Held};
use std::collections::BTreeMap;
use std::fs;
use std::io::IsTerminal as _;
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
    let mut tally = Tally::default();
    // On a terminal the lines themselves show how far it is.
    let mut line = (!std::io::stdout().is_terminal()).then(|| Line::new("replaying", "messages"));
    let total = found.len() as u64;
    for (n, one) in found.iter().enumerate() {
        if let Some(line) = &mut line {
            line.show(n as u64, total, n as u64);
        }
        let message = rehearsed(&one.bytes, one.arrived);
        let mailbox = out::mailbox_for(&desk.settings, replay.mailbox.as_deref(), &message)?;
        let decision = if replay.each {
            decide::answer(&message, &mailbox, &Past::default(), desk.policy(), one.arrived)
        } else {
            remembered(&desk, &mailbox, &message, &one.bytes, n)?
        };
        tally.count(&decision);
        let judged = Judged::new(one.path.clone(), &mailbox, &message, &decision, desk.policy(), &desk.composer)
            .map_err(|error| Fail::Failed(error.to_string()))?;
        if cli.json {
            out::json(&judged.json(desk.policy()));
        } else if cli.verbose {
            out::text(&format!("{}\n{}\n\n", clean(&one.path, 1000), judged.picture(desk.policy())));
        } else {
            let codes: Vec<&str> = decisive(&decision).collect();
            let path = clean(&one.path, 1000);
            out::text(&format!("{:<12} {path:<60} {}", decision.verdict.as_str(), codes.join(" ")));
        }
    }
    drop(line);
    if !cli.json {
        out::text(&match found.len() {
            0 => format!("no message was found in {}", replay.archive.display()),
            // Alone, a message has no conversation: nothing follows from it.
            _ => tally.summary(if replay.each { None } else { Some(desk.policy()) }),
        });
    }
    Ok(())
}

/// The reasons that speak for the verdict that won.
fn decisive(decision: &Decision) -> impl Iterator<Item = &'static str> {
    let won = decision.reasons.iter().filter(|reason| reason.code.verdict() == decision.verdict);
    won.map(|reason| reason.code.as_str())
}

/// What the archive came to.
#[derive(Default)]
struct Tally {
    /// Messages by verdict.
    verdicts: BTreeMap<&'static str, u64>,
    /// ... by verdict and reason; a message may have several.
    reasons: BTreeMap<(&'static str, &'static str), u64>,
    /// What was promised, by client.
    promises: BTreeMap<String, Vec<Promise>>,
}

impl Tally {
    fn count(&mut self, decision: &Decision) {
        let verdict = decision.verdict.as_str();
        *self.verdicts.entry(verdict).or_default() += 1;
        for code in decisive(decision) {
            *self.reasons.entry((verdict, code)).or_default() += 1;
        }
        let (Some(client), Some(plan)) = (&decision.client, &decision.plan) else { return };
        if decision.verdict == Verdict::Acknowledge {
            let all = self.promises.entry(client.clone()).or_default();
            let id = all.len().to_string();
            all.push(Promise {
                // One conversation has one acknowledgement.
                conversation: id.clone(),
                id,
                client: client.clone(),
                mailbox: String::new(),
                message_id: None,
                subject: "".into(),
                state: PromiseState::Open,
                by: plan.by,
                zone: plan.window.zone.name().to_owned(),
                made_at: plan.send_at,
                announced: plan.announced,
                closed_at: None,
                closed_by: None,
            });
        }
    }

    /// The end of what is printed; what follows from the promises with `policy` only.
    fn summary(&self, policy: Option<&Policy>) -> String {
        let parts: Vec<String> = self.verdicts.iter().map(|(verdict, n)| format!("{n} {verdict}")).collect();
        let total = out::count(self.verdicts.values().sum(), "message");
        let mut lines = vec![String::new(), say::wrapped(&format!("{total}: "), &parts.join(", "))];
        for verdict in self.verdicts.keys() {
            let mut reasons: Vec<(&str, u64)> =
                self.reasons.iter().filter(|((it, _), _)| it == verdict).map(|((_, code), n)| (*code, *n)).collect();
            reasons.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
            let reasons: Vec<String> = reasons.iter().map(|(code, n)| format!("{code}\u{1}({n})")).collect();
            // A count stays beside its reason.
            let reasons = say::wrapped(&format!("  {verdict:<12} "), &reasons.join(", "));
            lines.push(reasons.replace('\u{1}', " "));
        }
        if let Some(policy) = policy {
            let story = |(id, promises): (&String, &Vec<Promise>)| {
                policy.client(id).map(|client| unanswered(policy, client, promises))
            };
            let stories: Vec<Vec<Event>> = self.promises.iter().filter_map(story).collect();
            if stories.iter().any(|events| !events.is_empty()) {
                lines.push(say::wrapped("", &story::summary(&stories)));
            }
        }
        lines.join("\n")
    }
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
        calendars: Held::default(),
        state: None,
    })
}

/// Takes the message into the rehearsal's memory, with the code that the daemon uses.
fn remembered(desk: &Desk, mailbox: &str, message: &Incoming, bytes: &[u8], n: usize) -> Result<Decision, Fail> {
    let uid = u32::try_from(n).unwrap_or(u32::MAX).saturating_add(1);
    let item = Item {
        folder: "INBOX".to_owned(),
        uidvalidity: 1,
        uid,
        incoming: message.clone(),
        raw: Packed::new(bytes.get(..parse::READ_CAP).unwrap_or(bytes), true)?,
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
