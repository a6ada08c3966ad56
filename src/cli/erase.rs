//! `fuseau erase CLIENT|ADDRESS`: forgets, searches the files for what should be gone, and says what remains elsewhere.
use super::args::{Cli, Erase};
use super::fail::Fail;
use super::out;
use super::progress::thousands;
use crate::config::Settings;
use crate::daemon::tidy;
use crate::model::{AddressPattern, EmailAddress};
use crate::store::{Erased, Erasure, FILE, INDEX_FILE, Index, Needles, Store};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Runs the command.
pub fn run(cli: &Cli, erase: &Erase) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let dir = out::state_dir(&settings);
    let wanted = whom(&settings, &erase.whom)?;
    if !Store::path_in(&dir).exists() {
        return Err(Fail::Failed(format!("nothing is recorded in {} yet", dir.display())));
    }
    let (store, _lock) = out::change_history(&settings)?;
    if !erase.yes {
        // Tried and rolled back: what is said is what would be done.
        let mut would = None;
        let tried = store.write_blocking(|tx| -> Result<(), crate::store::StoreError> {
            would = Some(tx.erase_people(&wanted)?);
            Err(crate::store::StoreError::Refused("only tried".to_owned()))
        });
        let Some(would) = would else {
            return Err(tried.map_or_else(Fail::from, |()| Fail::Failed("not tried".into())));
        };
        out::text(&format!(
            "this would forget {}; addresses: {}\n`fuseau erase {} --yes` does it; there is no way back",
            entries(&would),
            would.addresses.join(", "),
            erase.whom
        ));
        return Ok(());
    }
    // What was sealed keeps its place in the chain, without a word of what it said.
    tidy::seal_all(&store)?;
    let erased = store.write_blocking(|tx| tx.erase_people(&wanted))?;
    if Index::path_in(&dir).exists() {
        Index::open(&dir)?.forget(&erased.entries)?;
    }
    store.compact()?;
    let needles = Needles::new(&erased.needles);
    let own = proven(&dir, &needles)?;
    let copies = copies(&dir, &needles)?;
    store.close()?;
    report(cli, &settings, erase, &erased, &own, &copies);
    if own.is_empty() || !erased.shared.is_empty() {
        return Ok(());
    }
    Err(Fail::Failed(
        "the files still hold some of it, see above; run the same command again when nothing else uses them".into(),
    ))
}

/// A client of the configuration, one that only the history knows, or an address.
fn whom(settings: &Settings, text: &str) -> Result<Erasure, Fail> {
    if let Some(address) = EmailAddress::parse(text) {
        return Ok(Erasure { client: None, addresses: vec![address.folded()] });
    }
    let mut addresses = Vec::new();
    if let Some(client) = settings.policy.client(text) {
        addresses = client
            .contacts
            .iter()
            .filter_map(|pattern| match pattern {
                AddressPattern::Exact(address) => Some(address.folded()),
                _ => None,
            })
            .collect();
    } else {
        let known = out::open_history(settings)?.read_blocking(|r| r.last_contact(text))?;
        if known.is_none() {
            // Names the nearest.
            out::client(&settings.policy, text)?;
        }
    }
    Ok(Erasure { client: Some(text.to_owned()), addresses })
}

fn beside(dir: &Path) -> Vec<PathBuf> {
    [FILE, INDEX_FILE].iter().flat_map(|name| ["", "-wal"].map(|ending| dir.join(format!("{name}{ending}")))).collect()
}

/// What is still found in the files of the program: file and text.
fn proven(dir: &Path, needles: &Needles) -> Result<Vec<(PathBuf, String)>, Fail> {
    let mut found = Vec::new();
    for path in beside(dir) {
        if let Some(text) = needles.found_in(&path)? {
            found.push((path, text));
        }
    }
    Ok(found)
}

/// Copies of the history in the state directory that still hold some of it.
fn copies(dir: &Path, needles: &Needles) -> Result<Vec<PathBuf>, Fail> {
    let mut found = Vec::new();
    for folder in [dir.to_path_buf(), dir.join("backups")] {
        let Ok(files) = std::fs::read_dir(&folder) else { continue };
        for file in files.flatten().map(|entry| entry.path()).filter(|path| path.is_file()) {
            let own = beside(dir).contains(&file);
            let database = file.file_name().is_some_and(|name| name.to_string_lossy().contains(".db"));
            if !own && database && needles.found_in(&file)?.is_some() {
                found.push(file);
            }
        }
    }
    Ok(found)
}

fn report(
    cli: &Cli,
    settings: &Settings,
    erase: &Erase,
    erased: &Erased,
    own: &[(PathBuf, String)],
    copies: &[PathBuf],
) {
    if cli.json {
        out::json(&json!({
            "entries": erased.entries.len(),
            "notes": erased.jotted,
            "addresses": erased.addresses,
            "still_in_files": own.iter().map(|(path, _)| path.display().to_string()).collect::<Vec<_>>(),
            "still_in_copies": copies.iter().map(|path| path.display().to_string()).collect::<Vec<_>>(),
            "still_in_mailboxes": erased.places.iter()
                .map(|(mailbox, folder, n)| json!({"mailbox": mailbox, "folder": folder, "messages": n}))
                .collect::<Vec<_>>(),
            "named_by": erased.shared,
        }));
        return;
    }
    out::text(&format!("forgotten: {}", entries(erased)));
    if own.is_empty() {
        out::text(&format!(
            "the files were searched for {} addresses and ids: none is left in {FILE}, {INDEX_FILE} and their logs",
            thousands(erased.needles.len() as u64)
        ));
    }
    for (path, text) in own {
        out::text(&format!("still in {}: {text}", path.display()));
    }
    out::text("what remains elsewhere:");
    for (mailbox, folder, n) in &erased.places {
        out::text(&format!(
            "  mailbox {mailbox}, folder {folder}: {}; delete it there",
            out::count(u64::from(*n), "message")
        ));
    }
    for path in copies {
        out::text(&format!("  the copy {}: delete it", path.display()));
    }
    for id in &erased.shared {
        out::text(&format!("  a mail of yours to several people still names them: fuseau show {id}"));
    }
    if settings.policy.client(&erase.whom).is_some() {
        out::text(&format!(
            "  the configuration still has the client {}: take it out, or new mail is recorded again",
            erase.whom
        ));
    }
    out::text("  backups made elsewhere, archives that could be imported again, and the client's own copies");
}

fn entries(erased: &Erased) -> String {
    let entries = match erased.entries.len() {
        1 => "1 entry of the history".to_owned(),
        n => format!("{} entries of the history", thousands(n as u64)),
    };
    match erased.jotted {
        0 => entries,
        1 => format!("{entries}, 1 note of yours"),
        n => format!("{entries}, {} notes of yours", thousands(n as u64)),
    }
}
