//! `fuseau zones`: where clients probably are, with the evidence. Gathers clues from the history or an archive; weighing
//! them is `decide::zone_evidence`. Prints what to change, changes nothing.
use super::args::{Cli, Zones};
use super::explain::rehearsed;
use super::fail::Fail;
use super::{out, replay};
use crate::config::Settings;
use crate::decide::zone_clues::{date_offset, domain_of, numbers};
use crate::decide::zone_evidence::{Away, Clues, Confidence, Evidence, Stamp, Standing, offset, weigh};
use crate::model::{Client, Incoming, Instant};
use crate::store::Store;
use crate::system::Clock;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// Mails of a client that are looked at: of each sender the last one of each day, the newest first.
const MAILS: u32 = 500;
/// Of these, mails whose signatures are read.
const SIGNATURES: usize = 50;

/// Runs the command.
pub fn run(cli: &Cli, zones: &Zones) -> Result<(), Fail> {
    let settings = out::settings(cli)?;
    let policy = &settings.policy;
    let clients: Vec<&Client> = match zones.clients.as_slice() {
        [] => policy.clients.iter().collect(),
        named => named.iter().map(|id| out::client(policy, id)).collect::<Result<_, _>>()?,
    };
    let source = match &zones.folder {
        Some(folder) => Source::Archive(archive(folder, &settings)?),
        None => Source::History(out::open_history(&settings)?),
    };
    let now = Clock::System.now();
    let mut found = Vec::new();
    for client in clients {
        let clues = match &source {
            Source::Archive(mails) => clues(client, mails.get(&client.id).map_or(&[], Vec::as_slice), &settings),
            Source::History(store) => clues(client, &remembered(store, &client.id)?, &settings),
        };
        found.push((client, weigh(&clues, &client.zone, &policy.zones, now)));
    }
    if cli.json {
        out::json(&found.iter().map(|(client, evidence)| facts(client, evidence)).collect());
    } else {
        let blocks: Vec<String> = found.iter().map(|(client, evidence)| picture(client, evidence)).collect();
        out::text(&blocks.join("\n\n"));
        if found.is_empty() {
            out::text("the configuration names no client");
        }
    }
    Ok(())
}

/// Where the mails come from.
enum Source {
    History(Store),
    Archive(BTreeMap<String, Vec<Mail>>),
}

/// What counts of one mail.
struct Mail {
    stamp: Stamp,
    numbers: Vec<String>,
}

fn mail(message: &Incoming, at: Instant, sender: String, signature: bool) -> Mail {
    let offset = message.headers.first("date").and_then(date_offset);
    let numbers = if signature { numbers(&message.content.text) } else { Vec::new() };
    Mail { stamp: Stamp { at, offset, sender }, numbers }
}

/// The newest mails of a client in the history.
fn remembered(store: &Store, client: &str) -> Result<Vec<Mail>, Fail> {
    Ok(store.read_blocking(|tx| {
        let mut mails = Vec::new();
        for (n, (id, at, sender)) in tx.written_by_client(client, MAILS)?.into_iter().enumerate() {
            // A mail whose bytes are gone says nothing.
            if let Some((bytes, _)) = tx.raw(&id)? {
                mails.push(mail(&rehearsed(&bytes, at), at, sender, n < SIGNATURES));
            }
        }
        Ok(mails)
    })?)
}

/// The newest mails of each client in an archive. Nobody vouches for them: it is the owner who chose the archive.
fn archive(folder: &Path, settings: &Settings) -> Result<BTreeMap<String, Vec<Mail>>, Fail> {
    let mut found = replay::collect(folder)?;
    found.sort_by_key(|one| std::cmp::Reverse(one.arrived));
    let mut mails: BTreeMap<String, Vec<Mail>> = BTreeMap::new();
    for one in found {
        let message = rehearsed(&one.bytes, one.arrived);
        let Some(author) = message.from().map(|party| &party.address) else { continue };
        let Some(client) = settings.policy.client_of(author) else { continue };
        let list = mails.entry(client.id.clone()).or_default();
        let sender = author.folded();
        let same_day = |it: &&Mail| it.stamp.sender == sender && it.stamp.at.date_naive() == one.arrived.date_naive();
        // Sorted by time: what is of the same day stands at the end.
        let seen = list.iter().rev().take(100).any(|it| same_day(&it));
        if list.len() < MAILS as usize && !seen {
            let signature = list.len() < SIGNATURES;
            list.push(mail(&message, one.arrived, sender, signature));
        }
    }
    Ok(mails)
}

/// The clues about a client. A number of the owner's own, which clients like to quote, is none.
fn clues(client: &Client, mails: &[Mail], settings: &Settings) -> Clues {
    let policy = &settings.policy;
    let channels = policy.clients.iter().flat_map(|client| &client.channels);
    let topics = policy.topics.iter().filter_map(|topic| topic.channel.as_ref());
    let own: Vec<String> = channels.chain(topics).flat_map(|channel| numbers(channel)).collect();
    let mut found: Vec<String> = mails.iter().flat_map(|mail| &mail.numbers).cloned().collect();
    found.sort();
    found.dedup();
    found.retain(|number| !own.contains(number));
    Clues {
        stamps: mails.iter().map(|mail| mail.stamp.clone()).collect(),
        domains: client.contacts.iter().map(|contact| domain_of(contact).to_owned()).collect(),
        numbers: found,
    }
}

/// The line to change, where the evidence is good enough to say so.
fn change(evidence: &Evidence) -> Option<String> {
    let worth = evidence.standing == Standing::Differs && evidence.confidence >= Confidence::Likely;
    evidence.proposals.first().filter(|_| worth).map(|zone| format!("zone = {:?}", zone.name()))
}

fn facts(client: &Client, evidence: &Evidence) -> Value {
    let away = |it: &Away| {
        json!({
            "sender": it.sender,
            "from": out::rfc3339(it.from),
            "to": out::rfc3339(it.to),
            "offset": offset(it.offset),
            "like": it.like.as_ref().map(crate::model::Zone::name),
            "current": it.current,
        })
    };
    json!({
        "client": client.id,
        "configured": client.zone.name(),
        "standing": evidence.standing.as_str(),
        "confidence": evidence.confidence.as_str(),
        "proposals": evidence.proposals.iter().map(crate::model::Zone::name).collect::<Vec<_>>(),
        "mails": evidence.mails,
        "days": evidence.days,
        "fitting": evidence.fitting,
        "reasons": evidence.reasons,
        "away": evidence.away.iter().map(away).collect::<Vec<_>>(),
        "change": change(evidence),
    })
}

fn picture(client: &Client, evidence: &Evidence) -> String {
    let configured = client.zone.name();
    let first = evidence.proposals.first().map_or("", |zone| zone.name());
    let confidence = evidence.confidence.as_str();
    let head = match evidence.standing {
        Standing::Agrees => format!("{configured} agrees ({confidence})"),
        Standing::Differs => {
            let others: Vec<&str> = evidence.proposals.iter().skip(1).map(|zone| zone.name()).collect();
            let others = match (evidence.confidence, others.as_slice()) {
                (Confidence::Sure, _) | (_, []) => String::new(),
                (_, others) => format!(", or {}", others.join(", ")),
            };
            format!("{configured}, but it looks like {first} ({confidence}){others}")
        }
        Standing::Unclear if evidence.proposals.is_empty() => format!("{configured}: unclear"),
        Standing::Unclear => {
            let names: Vec<&str> = evidence.proposals.iter().map(|zone| zone.name()).collect();
            format!("{configured}: unclear, perhaps {}", names.join(", "))
        }
        Standing::NoEvidence => format!("{configured}: no evidence"),
    };
    let mut lines = vec![format!("{}  {head}", out::bold(&client.id))];
    lines.extend(evidence.reasons.iter().map(|reason| format!("  - {reason}")));
    for away in &evidence.away {
        let day = |at: Instant| client.zone.local(at).format("%-d %b %Y").to_string();
        let like = away.like.as_ref().map_or(String::new(), |zone| format!(", as in {}", zone.name()));
        let span = match away.current {
            true => format!("seems to travel since {}", day(away.from)),
            false => format!("was away from {} to {}", day(away.from), day(away.to)),
        };
        lines.push(format!("  - {} {span}: {}{like}", away.sender, offset(away.offset)));
    }
    if let Some(line) = change(evidence) {
        lines.push(format!("  if that is right, change in [client.{}]: {line}", client.id));
    }
    lines.join("\n")
}
