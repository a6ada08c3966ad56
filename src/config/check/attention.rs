//! What mail is about and whether it can wait: `[urgent]`, `[[topic]]`.
use super::Claims;
use crate::config::{
    Hook,
    reader::{Field, Reader},
};
use crate::decide::{Strangers, Topic, Urgent, wording::Phrase};
use crate::model::text::clean_lines;
use crate::model::{AddressPattern, Client, ClientPolicy, Language};
use std::time::Duration;
use toml::de::DeValue;

/// A standing answer that is longer belongs on a page of its own.
const ANSWER_MAX: usize = 2000;

/// Words that stand in nearly every mail, folded: a topic or an alarm known by one of them is known by nothing.
const EVERYWHERE: &str = "a the and or to of in is it you your we i for on at re fw hello hi dear thanks thank please regards best \
    mail email e-mail message question client le la les de des du et un une bonjour merci cordialement madame monsieur vous nous \
    der die das und ein eine hallo danke bitte guten tag sie wir ich el los las y una hola gracias por favor saludos il lo gli e \
    ciao grazie buongiorno salve o os as um uma ola obrigado obrigada bom dia het een en hoi dank groeten です ます お世話 よろしく \
    お願い 您好 你好 谢谢 您 من في على مرحبا شكرا السلام عليكم";

/// `[urgent]` with its defaults; the inner `None` is no hook.
pub(super) fn urgent(main: &Reader<'_>) -> Option<(Urgent, Option<Hook>)> {
    let table = main.section("urgent")?;
    let words = words(&table);
    let shipped = table.field("shipped_words").and_then(|field| field.flag());
    let timeout = table.field("timeout").and_then(|field| field.duration());
    let hook = table.field("hook").map(|field| program(&field));
    let command = match hook {
        Some(command) => Some(command?),
        None => None,
    };
    let timeout = Duration::from_secs(u64::try_from(timeout?.num_seconds()).ok()?);
    let urgent = Urgent { words: words?, shipped: shipped?, hook: command.is_some() };
    Some((urgent, command.map(|command| Hook { command, timeout })))
}

/// A program and its arguments; a path is relative to the file. Whether it is there, `fuseau check` says: a program
/// that is missing for a while must not keep the daemon from answering.
fn program(field: &Field<'_>) -> Option<Vec<String>> {
    if let DeValue::String(_) = &field.value {
        field
            .place
            .fault("is one text, but no shell will take it apart", "write [\"program\", \"argument\"]".to_owned());
        return None;
    }
    let mut words = field.texts()?;
    let Some(program) = words.first_mut() else {
        field.place.fault("is empty", format!("write {}, or leave it out", field.key.kind.expected()));
        return None;
    };
    if program.contains('/') {
        *program = field.place.source.resolve(program).to_string_lossy().into_owned();
    }
    Some(words)
}

/// The phrases of `words`.
fn words(table: &Reader<'_>) -> Option<Vec<Phrase>> {
    let Some(field) = table.field("words") else { return Some(Vec::new()) };
    field.each(|item| {
        let text = item.text()?;
        let phrase = Phrase::read(&text);
        let everywhere = |phrase: &Phrase| {
            let common = |word: &str| EVERYWHERE.split_whitespace().any(|it| it == word);
            phrase.letters() < 2 || phrase.folded().split(' ').all(common)
        };
        match phrase {
            Some(phrase) if !everywhere(&phrase) => Some(phrase),
            _ => {
                item.place.fault("would fit nearly every mail", "name words that only such mail has".to_owned());
                None
            }
        }
    })
}

/// The topics of the main file. Contacts and teams must have been claimed before.
pub(super) fn topics(
    main: &Reader<'_>,
    claims: &Claims<'_>,
    clients: &[Client],
    strangers: Option<Strangers>,
) -> Vec<Topic> {
    let mut list: Vec<Topic> = Vec::new();
    for table in main.tables("topic") {
        let Some(topic) = topic(&table, claims, clients, strangers) else { continue };
        if list.iter().any(|other| other.name == topic.name) {
            if let Some(field) = table.field("name") {
                field.place.fault("is the name of an earlier topic", "give it another name".to_owned());
            }
            continue;
        }
        for phrase in &topic.words {
            let other = list.iter().find(|other| other.words.iter().any(|it| it.folded() == phrase.folded()));
            if let (Some(other), Some(field)) = (other, table.field("words")) {
                field.place.warn(
                    format!("shares \"{}\" with topic {}", phrase.shown, other.name),
                    "mail with that word alone fits both, so neither is sure".to_owned(),
                );
            }
        }
        list.push(topic);
    }
    list
}

fn topic(table: &Reader<'_>, claims: &Claims<'_>, clients: &[Client], strangers: Option<Strangers>) -> Option<Topic> {
    let name = table.text("name");
    let words = words(table);
    let addresses = addresses(table, claims, strangers);
    let contact = table.text("contact");
    let channel = table.text("channel");
    let copy = table.field("copy").and_then(|field| colleague(&field, claims));
    let answers = table.table("answer").map(|answer| answers(&answer, clients)).unwrap_or_default();
    if !table.has("words") && !table.has("addresses") && !table.has_unknown {
        table.place.fault("has neither words nor addresses", "add words = [\"invoice*\"]".to_owned());
        return None;
    }
    if !table.has("contact") && !table.has("answer") && !table.has_unknown {
        let remedy = "add contact = \"Paul Baker\" or answer = { en = \"…\" }".to_owned();
        table.place.fault("names nobody and answers nothing", remedy);
        return None;
    }
    for key in ["channel", "copy"].into_iter().filter(|_| !table.has("contact")) {
        if let Some(field) = table.field(key) {
            field.place.fault("belongs to nobody", "say whose it is with contact = \"Paul Baker\"".to_owned());
        }
    }
    Some(Topic { name: name?, words: words?, addresses: addresses?, contact, channel, copy, answers })
}

/// Addresses of the owner or of senders; one that is neither would never be met.
fn addresses(table: &Reader<'_>, claims: &Claims<'_>, strangers: Option<Strangers>) -> Option<Vec<AddressPattern>> {
    let Some(field) = table.field("addresses") else { return Some(Vec::new()) };
    let items = field.items()?;
    let read: Vec<Option<AddressPattern>> = items.iter().map(Field::contact).collect();
    for (item, pattern) in items.iter().zip(&read) {
        let Some(pattern) = pattern else { continue };
        let ours = claims.own.iter().filter(|(address, ..)| pattern.matches(address)).count();
        let theirs = claims.contacts.iter().any(|(contact, ..)| contact.overlaps(pattern));
        if ours > 0 && ours == claims.own.len() {
            item.place.fault(
                "takes in every address of yours",
                "name the alias that is written to about this alone".to_owned(),
            );
            return None;
        }
        if ours == 0 && !theirs && strangers == Some(Strangers::Hold) {
            item.place.warn(
                "belongs neither to you nor to a client",
                "add it to the aliases of a mailbox, or to the contacts of a client".to_owned(),
            );
        }
    }
    read.into_iter().collect()
}

/// Copies go to the team only: a client's subject and address are not everybody's.
fn colleague(field: &Field<'_>, claims: &Claims<'_>) -> Option<crate::model::EmailAddress> {
    let address = field.own_address()?;
    if !claims.team.iter().any(|member| member.folded() == address.folded()) {
        field.place.fault("is in the team of no mailbox", format!("add team = [\"{address}\"] to the mailbox"));
        return None;
    }
    Some(address)
}

/// The texts by language; languages of clients in which there is none are warned about.
fn answers(table: &Reader<'_>, clients: &[Client]) -> Vec<(Language, String)> {
    let mut list = Vec::new();
    for language in Language::ALL {
        let Some(field) = table.field(language.code()) else { continue };
        let DeValue::String(text) = &field.value else {
            field.mismatched();
            continue;
        };
        let text = clean_lines(text).trim().to_owned();
        if text.is_empty() {
            field.place.fault("is empty", "write the answer, or leave the language out".to_owned());
        } else if text.chars().count() > ANSWER_MAX {
            let remedy = "shorten it, or put it on a page and write where that is".to_owned();
            field.place.fault(format!("has more than {ANSWER_MAX} characters"), remedy);
        } else {
            list.push((language, text));
        }
    }
    let mut missing: Vec<Language> = Vec::new();
    for client in clients {
        if !table.has(client.language.code()) && !missing.contains(&client.language) {
            missing.push(client.language);
            table.place.warn(
                format!("has no text in {:?}, the language of client {}", client.language.code(), client.id),
                "without it they get the acknowledgement without an answer".to_owned(),
            );
        }
    }
    list
}

/// Warnings that need the whole picture.
pub(super) fn warn(main: &Reader<'_>, clients: &[Client], hook: Option<&Hook>) {
    let first = clients.iter().any(|client| client.policy == ClientPolicy::First);
    if let (Some(_), false) = (hook, first || clients.is_empty()) {
        let Some(field) = main.table("urgent").and_then(|table| table.field("hook")) else { return };
        field.place.warn(
            "is never run: no client has policy = \"first\"",
            "add it to the clients whose urgent mail is to reach you at once".to_owned(),
        );
    }
}
