//! `fuseau export CLIENT`: a dossier of all that was exchanged, for the owner or to hand over.
use super::args::{Cli, Export, Format};
use super::dossier::{self, Dossier, Own, html, mbox, text};
use super::events::{Event, Past};
use super::fail::Fail;
use super::{out, target};
use crate::config::Settings;
use crate::daemon::tidy;
use crate::decide::Policy;
use crate::model::{AddressPattern, Birthday, Client, EmailAddress, Instant, Language, Notice};
use crate::store::{Reader, Store, StoreError, Told};
use crate::system::Clock;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Write as _;

/// Runs the command.
pub fn run(cli: &Cli, export: &Export) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let since = export.since.as_deref().map(|text| out::past_day(text, &settings.policy.owner.zone)).transpose()?;
    if let Some(path) = &export.out {
        target::may_write_file(&settings, path)?;
    }
    seal(&settings);
    let store = out::open_followed_history(&settings)?;
    if export.subject_access {
        let bytes = subject_access(&settings, &store, &export.client)?;
        return write(export, &bytes);
    }
    let client = out::client(&settings.policy, &export.client)?;
    let dossier = made(&settings, &store, client, export.for_client, since)?;
    let format = if cli.json { Format::Json } else { export.format };
    let bytes = match format {
        Format::Html => html::page(&dossier).into_bytes(),
        Format::Md => text::markdown(&dossier).into_bytes(),
        Format::Csv => text::csv(&dossier).into_bytes(),
        Format::Json => pretty(&dossier.json()),
        Format::Mbox => {
            let (bytes, missing) = mbox::file(&dossier);
            if missing > 0 {
                out::error(&format!("{} not in it: their bytes were not kept", out::count(missing as u64, "message")));
            }
            if !dossier.own.is_empty() {
                let n = out::count(dossier.own.len() as u64, "note");
                out::error(&format!(
                    "{n} of yours not in it (journal, visits): an mbox holds mail, the other formats have them"
                ));
            }
            bytes
        }
    };
    write(export, &bytes)
}

/// What is not sealed yet is sealed first, where that is possible.
fn seal(settings: &Settings) {
    let dir = out::state_dir(settings);
    if Store::path_in(&dir).exists()
        && let Ok(beside) = Store::open_beside(&dir)
    {
        let _ = tidy::seal_all(&beside);
        let _ = beside.close();
    }
}

fn made(
    settings: &Settings,
    store: &Store,
    client: &Client,
    for_client: bool,
    since: Option<Instant>,
) -> Result<Dossier, Fail> {
    let (items, whole, own) = store.read_blocking(|r| {
        let past = Past::read(r, client, since, None)?;
        let own = if for_client { Vec::new() } else { own(&past, &settings.policy, client) };
        Ok((dossier::items(r, &settings.policy, past.entries, for_client)?, r.chain_head()?, own))
    })?;
    let owner = &settings.policy.owner;
    let home = owner.languages.first().copied().unwrap_or(Language::En);
    Ok(Dossier {
        name: client.name.clone(),
        key: client.id.clone(),
        owner: owner.name.clone(),
        language: if for_client { client.language } else { home },
        zone: if for_client { client.zone.clone() } else { owner.zone.clone() },
        for_client,
        made_at: Clock::System.now(),
        head: dossier::head(&items),
        items,
        own,
        whole,
    })
}

/// What the owner wrote down about a client.
fn own(past: &Past, policy: &Policy, client: &Client) -> Vec<Own> {
    let own = past.events().into_iter().filter_map(|event| match event {
        Event::Mail(_) => None,
        Event::Note(it) => Some(Own::note(policy, it)),
        Event::Visit(_, it) => Some(Own::visit(policy, client, it)),
    });
    own.collect()
}

/// Everything that is kept about a person: their dossier without anything left out, and the facts beside it.
fn subject_access(settings: &Settings, store: &Store, whom: &str) -> Result<Vec<u8>, Fail> {
    let address = EmailAddress::parse(whom);
    let client = match &address {
        Some(address) => settings.policy.client_of(address),
        None => Some(out::client(&settings.policy, whom)?),
    };
    let zone = client.map_or(&settings.policy.owner.zone, |client| &client.zone);
    let (items, whole, mut beside) = store.read_blocking(|r| {
        let key = client.filter(|_| address.is_none()).map(|client| client.id.as_str());
        let folded = match (&address, key) {
            (Some(address), _) => vec![address.folded()],
            (None, Some(key)) => r.wrote_from(key)?,
            (None, None) => Vec::new(),
        };
        let told = about(r, key, &folded)?;
        let ids: BTreeSet<&str> = told.iter().map(|it| it.it.entry.id.as_str()).collect();
        let (notices, alerts) = beside(r, &ids, key)?;
        let mut kept = r.kept_about(key, &folded)?;
        kept.insert("notices".into(), notices.into());
        kept.insert("alerts".into(), alerts.into());
        Ok((dossier::items(r, &settings.policy, told, false)?, r.chain_head()?, kept))
    })?;
    let dossier = Dossier {
        name: client.map_or_else(|| whom.to_owned(), |client| client.name.clone()),
        key: whom.to_owned(),
        owner: settings.policy.owner.name.clone(),
        language: client.map_or(Language::En, |client| client.language),
        zone: zone.clone(),
        for_client: false,
        made_at: Clock::System.now(),
        head: dossier::head(&items),
        items,
        // They stand beside the entries, with all else that is stored.
        own: Vec::new(),
        whole,
    };
    let mut fact = dossier.json();
    if let serde_json::Value::Object(keys) = &mut fact {
        let stored = client.map(|client| configured(client, address.as_ref()));
        beside.insert("configuration".into(), json!(stored));
        let place = "in the mailbox itself and in fuseau's database on the owner's machine; nothing is passed on";
        beside.insert("where".into(), place.into());
        beside.insert("purpose".into(), "answering mail in time and keeping track of what was promised".into());
        keys.insert("stored_about_you".into(), beside.into());
    }
    Ok(pretty(&fact))
}

/// What the configuration says about a client, to one of their addresses or to all of them.
fn configured(client: &Client, address: Option<&EmailAddress>) -> Value {
    let theirs = |it: &&AddressPattern| address.is_none_or(|address| it.matches(address));
    let contacts: Vec<String> = client.contacts.iter().filter(theirs).map(ToString::to_string).collect();
    let birthday = |it: &Birthday| json!({"person": it.person, "month": it.month, "day": it.day});
    json!({
        "key": client.id, "name": client.name, "contacts": contacts, "zone": client.zone.name(),
        "language": client.language.code(), "tone": client.tone.as_str(), "channels": client.channels,
        "holidays": client.holidays, "since": client.since.map(|day| day.to_string()),
        "birthdays": client.birthdays.iter().map(birthday).collect::<Vec<_>>(),
    })
}

/// All entries of a client, and all that some addresses wrote or got: also the owner's mails to several people.
fn about(r: &Reader<'_>, client: Option<&str>, folded: &[String]) -> Result<Vec<Told>, StoreError> {
    let mut told = client.map(|client| r.timeline(client, None, None)).transpose()?.unwrap_or_default();
    let mut known: BTreeSet<String> = told.iter().map(|it| it.it.entry.id.clone()).collect();
    for address in folded {
        let more = r.timeline_of_address(address, None)?;
        told.extend(more.into_iter().filter(|it| known.insert(it.it.entry.id.clone())));
    }
    told.sort_by_key(|it| it.it.entry.at);
    Ok(told)
}

/// What stands beside the history: what the owner was to hear, and of which mails at once.
fn beside(r: &Reader<'_>, ids: &BTreeSet<&str>, client: Option<&str>) -> Result<(Vec<Value>, Vec<Value>), StoreError> {
    let notice = |it: Notice| json!({"at": out::rfc3339(it.at), "code": it.code.as_str(), "entry": it.exchange, "values": it.values});
    let notices = r.notices_about(ids, client)?.into_iter().map(notice).collect();
    let mut alerts = Vec::new();
    for id in ids {
        if let (Some(it), evidence) = (r.alert_of(id)?, r.alert_evidence(id)?) {
            alerts.push(json!({"entry": id, "evidence": evidence, "state": it.state, "error": it.said}));
        }
    }
    Ok((notices, alerts))
}

fn pretty(value: &serde_json::Value) -> Vec<u8> {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string());
    text.push('\n');
    text.into_bytes()
}

/// Into the file, readable by its owner alone, whole or not at all; or to standard output.
fn write(export: &Export, bytes: &[u8]) -> Result<(), Fail> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let Some(path) = &export.out else {
        // A closed pipe is no error.
        let _ = std::io::stdout().lock().write_all(bytes);
        return Ok(());
    };
    let failed = |error: std::io::Error| Fail::Failed(format!("{}: {error}", path.display()));
    let half = std::path::PathBuf::from(format!("{}.half", path.display()));
    let _ = std::fs::remove_file(&half);
    let mut file = std::fs::File::options().write(true).create_new(true).mode(0o600).open(&half).map_err(failed)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| std::fs::rename(&half, path));
    if let Err(error) = written {
        // On a full disk it would be in the way, too.
        let _ = std::fs::remove_file(&half);
        return Err(failed(error));
    }
    out::text(&format!("{}: {} KiB", path.display(), bytes.len().div_ceil(1024)));
    Ok(())
}
