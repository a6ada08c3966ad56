//! `fuseau erase CLIENT|ADDRESS`: forgets, searches the files for what should be gone, and says what remains elsewhere.
use super::args::{Cli, Erase};
use super::fail::Fail;
use super::out;
use super::progress::thousands;
use crate::config::Settings;
use crate::daemon::{adopt, tidy};
use crate::model::{AddressPattern, EmailAddress};
use crate::store::{Erased, Erasure, FILE, INDEX_FILE, Index, Needles, Store};
use crate::system::Clock;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Runs the command.
pub fn run(cli: &Cli, erase: &Erase) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let dir = out::state_dir(&settings);
    if !Store::path_in(&dir).exists() {
        if EmailAddress::parse(&erase.whom).is_none() {
            out::client(&settings.policy, &erase.whom)?;
        }
        return Err(Fail::Failed(format!("nothing is recorded in {} yet", dir.display())));
    }
    let (store, lock) = out::change_history(&settings)?;
    // What bears another key, or none, is theirs by their contacts. A daemon follows them by itself.
    if lock.is_some() {
        out::follow(&store, &settings)?;
    }
    let wanted = whom(&settings, &store, &erase.whom)?;
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
    let today = settings.policy.owner.zone.local(Clock::System.now()).date().to_string();
    let before = store.read_blocking(|r| r.left_before())?;
    let mut erased = store.write_blocking(|tx| {
        let erased = tx.erase_people(&wanted)?;
        tx.note_left(&erased.places, &today)?;
        Ok::<_, crate::store::StoreError>(erased)
    })?;
    if Index::path_in(&dir).exists() {
        Index::open(&dir)?.forget(&erased.entries)?;
    }
    store.compact()?;
    let needles = Needles::new(&erased.needles);
    // Mail that is another's too may name them, packed or not; nothing else may.
    let (named, texts) = store.read_blocking(|r| r.naming(&needles))?;
    erased.shared.extend(named);
    erased.shared.sort_unstable();
    erased.shared.dedup();
    let own = proven(&dir, &needles.without(&texts))?;
    let copies = copies(&dir, &needles)?;
    store.close()?;
    let left = Left { own, copies, domains: domains(&settings, &dir, &erase.whom)?, before };
    report(cli, &settings, erase, &erased, &left);
    if left.own.is_empty() {
        return Ok(());
    }
    Err(Fail::Failed(
        "the files still hold some of it, see above; run the same command again when nothing else uses them".into(),
    ))
}

/// A client of the configuration, one that only the history knows, or an address.
fn whom(settings: &Settings, store: &Store, text: &str) -> Result<Erasure, Fail> {
    if let Some(address) = EmailAddress::parse(text) {
        return Ok(Erasure { addresses: vec![address.folded()], ..Erasure::default() });
    }
    let mut addresses = Vec::new();
    if let Some(client) = settings.policy.client(text) {
        addresses = store.read_blocking(|r| r.addresses_of(&client.contacts))?;
        addresses.extend(client.contacts.iter().filter_map(|pattern| match pattern {
            AddressPattern::Exact(address) => Some(address.folded()),
            _ => None,
        }));
    } else {
        let contacts = adopt::contacts(&settings.policy);
        let gone = store.read_blocking(|r| r.clients_gone(&contacts))?;
        if !gone.iter().any(|key| key == text) {
            // Names the nearest.
            out::client(&settings.policy, text)?;
        }
    }
    let others = settings.policy.clients.iter().filter(|client| client.id != text);
    let others = others.flat_map(|client| client.contacts.clone()).collect();
    Ok(Erasure { client: Some(text.to_owned()), addresses, others })
}

/// What is left where the program looked.
struct Left {
    /// In its own files: file and text.
    own: Vec<(PathBuf, String)>,
    copies: Vec<PathBuf>,
    /// Contacts that are whole domains, and are still named in the files.
    domains: Vec<String>,
    /// What earlier erasures left in mailboxes: day, mailbox, folder, messages.
    before: Vec<(String, String, String, u32)>,
}

/// Whole domains among the contacts that the files still name: others' mail may, so that is no failure.
fn domains(settings: &Settings, dir: &Path, whom: &str) -> Result<Vec<String>, Fail> {
    let mut named = Vec::new();
    for pattern in settings.policy.client(whom).into_iter().flat_map(|client| &client.contacts) {
        let text = match pattern {
            AddressPattern::Exact(_) => continue,
            AddressPattern::Domain(domain) => format!("@{domain}"),
            AddressPattern::Subdomains(domain) => format!(".{domain}"),
        };
        if !proven(dir, &Needles::new(std::slice::from_ref(&text)))?.is_empty() {
            named.push(text);
        }
    }
    Ok(named)
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

fn report(cli: &Cli, settings: &Settings, erase: &Erase, erased: &Erased, left: &Left) {
    let Left { own, copies, domains, before } = left;
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
            "left_before": before.iter()
                .map(|(day, mailbox, folder, n)| json!({"day": day, "mailbox": mailbox, "folder": folder, "messages": n}))
                .collect::<Vec<_>>(),
            "named_by": erased.shared,
            "domains_named": domains,
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
    for (day, mailbox, folder, n) in before.iter().filter(|_| erased.places.is_empty()) {
        out::text(&format!(
            "  mailbox {mailbox}, folder {folder}: {} of what was erased on {day}, unless deleted there since",
            out::count(u64::from(*n), "message")
        ));
    }
    for path in copies {
        out::text(&format!("  the copy {}: delete it", path.display()));
    }
    for id in &erased.shared {
        out::text(&format!("  a mail that is another's too still names them: fuseau show {id}"));
    }
    for domain in domains {
        out::text(&format!("  mail of others still names {domain}: fuseau search '\"{domain}\"'"));
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
