//! From readers to settings: what the tables mean, alone and together. All faults are logged before anything
//! is given up. Files are read elsewhere (`load`).
mod across;
mod attention;
mod birthdays;
mod clients;
mod hours;
mod mailboxes;
mod meetings;
mod oauth;
mod owner;
mod page;
mod projects;
mod rules;
mod servers;
mod terms;

use super::{
    MailboxSettings, Settings,
    reader::Reader,
    schema::{INCLUDABLE, ROOT},
    source::{Log, Place, Source},
    templates,
};
use crate::decide::{DraftSettings, Policy};
use crate::model::{AddressPattern, EmailAddress, Identity, Zones};
use toml::de::DeTable;

/// Addresses with their places, for the checks across tables.
#[derive(Default)]
struct Claims<'a> {
    /// The owner's, with the mailbox's name.
    own: Vec<(EmailAddress, String, Place<'a>)>,
    /// The team's.
    team: Vec<EmailAddress>,
    /// The clients', with the client's id.
    contacts: Vec<(AddressPattern, String, Place<'a>)>,
}

/// The settings in the main file (the first) and the included ones; `None` after a fault. What was read and
/// the warnings are filled in by the caller.
pub(super) fn settings<'a>(trees: Vec<(&'a Source, DeTable<'a>)>, zones: &Zones, log: &'a Log) -> Option<Settings> {
    let readers: Vec<Reader<'a>> =
        trees.into_iter().map(|(source, tree)| Reader::root(source, log, tree, &ROOT)).collect();
    let main = readers.first()?;
    for included in readers.iter().skip(1) {
        included.restrict(&INCLUDABLE);
    }
    let mut claims = Claims::default();
    let owner = owner::owner(main, &readers, zones);
    let mailboxes = unique(&readers, "mailbox", |name, table| mailboxes::mailbox(name, table, &mut claims));
    let languages = owner.as_ref().map(|owner| owner.languages.clone()).unwrap_or_default();
    let clients = unique(&readers, "client", |id, table| clients::client(id, table, zones, &languages, &mut claims));
    let known = projects::Known {
        clients: readers.iter().flat_map(|reader| reader.named("client")).map(|(name, _)| name).collect(),
        mailboxes: readers.iter().flat_map(|reader| reader.named("mailbox")).map(|(name, _)| name).collect(),
    };
    let projects = unique(&readers, "project", |id, table| projects::project(id, table, &known));
    let drafts = projects::drafts(main);
    let meetings = meetings::settings(main, &readers);
    let replies = rules::replies(main);
    let promises = rules::promises(main);
    let digest = rules::digest(main, &claims);
    let retention = rules::retention(main);
    let keep = rules::keep(main);
    let web = rules::web(main);
    let page = page::page(main, zones);
    let urgent = attention::urgent(main);
    let topics = attention::topics(main, &claims, &clients, replies.as_ref().map(|replies| replies.strangers));
    attention::warn(main, &clients, urgent.as_ref().and_then(|(_, hook)| hook.as_ref()));
    let (template_folder, templates) = main
        .field("templates")
        .and_then(|field| templates::read(&field))
        .map_or((None, Vec::new()), |(root, all)| (Some(root), all));
    let state = main.path("state");
    across::check(&claims);
    across::warn(main, &mailboxes, &clients, replies.as_ref());
    across::report_digest_without_a_way(main, digest.as_ref(), &mailboxes);
    if !log.is_clean() {
        return None;
    }
    let (identities, mailboxes): (Vec<Identity>, Vec<MailboxSettings>) = mailboxes.into_iter().unzip();
    let (urgent, hook) = urgent?;
    let policy = Policy {
        owner: owner?,
        clients,
        mailboxes: identities,
        replies: replies?,
        promises: promises?,
        urgent,
        topics,
        projects,
        drafts: DraftSettings { meetings: meetings?, ..drafts? },
        zones: zones.clone(),
    };
    Some(Settings {
        policy,
        mailboxes,
        template_folder,
        templates,
        state,
        digest: digest?,
        retention,
        keep: keep?,
        web: web?,
        page: page?,
        hook,
        files: Vec::new(),
        warnings: Vec::new(),
    })
}

/// The tables `[kind.NAME]` of all files; a name that comes twice is a fault.
fn unique<'a, T>(readers: &[Reader<'a>], kind: &str, mut read: impl FnMut(&str, &Reader<'a>) -> Option<T>) -> Vec<T> {
    let mut seen: Vec<(String, Place<'a>)> = Vec::new();
    let mut list = Vec::new();
    for (name, table) in readers.iter().flat_map(|reader| reader.named(kind)) {
        if let Some((_, first)) = seen.iter().find(|(other, _)| *other == name) {
            let first = first.position();
            table.place.fault(format!("is already in {first}"), "give it another name".to_owned());
        }
        list.extend(read(&name, &table));
        seen.push((name, table.place));
    }
    list
}
