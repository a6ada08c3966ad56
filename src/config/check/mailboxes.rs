//! The mailboxes: `[mailbox.NAME]`. Servers and logins: `servers`.
use super::{Claims, servers};
use crate::config::{
    MailboxSettings,
    reader::{Field, Reader},
    schema::Kind,
};
use crate::decide::wish_names::ROOT;
use crate::model::account::{FolderNames, Incoming, MaildirAccount, Outgoing};
use crate::model::identity::EnvelopeSender;
use crate::model::{EmailAddress, Identity, ImapAccount, Mode, Provider, SentCopy, SmtpAccount};
use std::{path::Path, time::Duration};
use toml::de::DeValue;

/// The word of a mode as a mode.
pub(super) fn mode(word: &str) -> Mode {
    match word {
        "send" => Mode::Send,
        "draft" => Mode::Draft,
        _ => Mode::Observe,
    }
}

/// One mailbox: what the rules see of it and how it is reached. Its addresses are added to the claims even
/// if something else is wrong.
pub(super) fn mailbox<'a>(
    name: &str,
    table: &Reader<'a>,
    claims: &mut Claims<'a>,
) -> Option<(Identity, MailboxSettings)> {
    let identity = identity(name, table, claims);
    let incoming = incoming(table, name);
    let mode = table.field("mode").and_then(|field| field.choice()).map(mode);
    let mut outgoing = outgoing(table, mode.unwrap_or_default(), name);
    if let (Some(incoming), Some(Some(outgoing))) = (&incoming, &mut outgoing) {
        keep_apart(incoming, outgoing);
    }
    let inboxes = table.field("folders").and_then(|field| inboxes(&field));
    let poll = table.field("poll").and_then(|field| field.duration());
    let folders = FolderNames {
        inboxes: inboxes.unwrap_or_default(),
        sent: table.text("sent"),
        drafts: table.text("drafts"),
        junk: table.text("junk"),
        filed: table.text("commands_into"),
    };
    let commands = table.field("commands").and_then(|field| field.flag()).unwrap_or_default();
    if let Some(field) = table.field("commands_into").filter(|_| table.has("commands_into")) {
        commands_into(&field, commands);
    }
    let poll_every = Duration::from_secs(u64::try_from(poll?.num_seconds()).ok()?);
    let settings = MailboxSettings {
        name: name.to_owned(),
        incoming: incoming?,
        outgoing: outgoing?,
        folders,
        poll_every,
        commands,
    };
    Some((Identity { mode: mode?, ..identity? }, settings))
}

/// Tokens of another client or for other scopes have a file of their own.
fn keep_apart(incoming: &Incoming, outgoing: &mut Outgoing) {
    let (Incoming::Imap(imap), Outgoing::Smtp(smtp)) = (incoming, outgoing) else { return };
    let (Some(one), Some(other)) = (imap.server.grant(), smtp.server.grant_mut()) else { return };
    if one != other {
        other.key.push_str("-smtp");
    }
}

fn identity<'a>(name: &str, table: &Reader<'a>, claims: &mut Claims<'a>) -> Option<Identity> {
    let address = table.field("address");
    let aliases = table.field("aliases").and_then(|field| field.items()).unwrap_or_default();
    let mut own = Vec::new();
    for field in address.iter().chain(&aliases) {
        if let Some(address) = field.own_address() {
            own.push(address.clone());
            claims.own.push((address, name.to_owned(), field.place.clone()));
        }
    }
    let provider = table.field("provider").and_then(|field| field.choice());
    let provider = provider.map(|word| if word == "google" { Provider::Google } else { Provider::Microsoft365 });
    let sent_copy = table.field("sent_copy").and_then(|field| field.choice());
    let envelope_sender = table.field("envelope_sender").and_then(|field| envelope_sender(&field, provider));
    let team = table.addresses("team");
    claims.team.extend(team.iter().cloned());
    let mut own = own.into_iter();
    Some(Identity {
        name: name.to_owned(),
        address: own.next()?,
        aliases: own.collect(),
        mode: Mode::Observe,
        trusted_authserv: table.texts("trusted_authserv"),
        provider,
        own_lists: table.texts("own_lists"),
        team,
        contact_form_senders: table.addresses("contact_form_senders"),
        envelope_sender: envelope_sender?,
        sent_copy: match sent_copy? {
            "always" => SentCopy::Always,
            "never" => SentCopy::Never,
            // Gmail files whatever it accepts. Microsoft does not for shared mailboxes: there, looking tells.
            _ if provider == Some(Provider::Google) && !table.has("sent_copy") => SentCopy::Never,
            _ => SentCopy::Auto,
        },
    })
}

fn envelope_sender(field: &Field<'_>, provider: Option<Provider>) -> Option<EnvelopeSender> {
    match field.text()?.as_str() {
        "account" => Some(EnvelopeSender::Account),
        "null" if provider == Some(Provider::Microsoft365) => {
            // 550 5.7.60, and only after the whole message.
            let remedy = "\"account\", the default, is what it accepts".to_owned();
            field.place.fault("is refused by Microsoft 365", remedy);
            None
        }
        "null" => Some(EnvelopeSender::Null),
        other if EmailAddress::parse(other).is_none() => {
            let expected = field.key.kind.expected();
            field.place.fault(format!("is not {expected}"), "\"account\" is right for most providers".to_owned());
            None
        }
        _ => field.own_address().map(EnvelopeSender::Address),
    }
}

/// Where messages go afterwards: no folder of wishes, or they would never arrive.
fn commands_into(field: &Field<'_>, commands: bool) {
    if !commands {
        field.place.warn("has no effect", "set commands = true, or remove it".to_owned());
    }
    let name = field.text().unwrap_or_default().to_lowercase();
    let parts = || name.split(['/', '.']).skip_while(|part| *part == "inbox");
    if parts().next() == Some(&*ROOT.to_lowercase()) && parts().nth(1).is_some() {
        field.place.fault("is a folder of wishes itself", "name another one, for example \"Archive\"".to_owned());
    }
}

fn inboxes(field: &Field<'_>) -> Option<Vec<String>> {
    let names = field.texts()?;
    if names.is_empty() {
        field.place.fault("is empty", "name the folders in which clients' mail arrives, as [\"INBOX\"]".to_owned());
        return None;
    }
    Some(names)
}

fn incoming(table: &Reader<'_>, name: &str) -> Option<Incoming> {
    if table.has("imap") && table.has("maildir") {
        table.place.fault("has both imap and maildir", "keep the one where its mail arrives".to_owned());
    }
    if table.has("maildir") {
        let field = table.field("maildir")?;
        let root = field.path()?;
        if !root.is_dir() {
            field.place.warn("is no folder yet", format!("create the Maildir {}", root.display()));
        }
        return Some(Incoming::Maildir(MaildirAccount { root }));
    }
    if !table.has("imap") {
        table.place.fault(
            "has neither imap nor maildir",
            "add imap = { host = …, user = …, password = … } or maildir = \"DIR\"".to_owned(),
        );
        return None;
    }
    let imap = table.table("imap")?;
    servers::server(&imap, servers::Protocol::Imap, name).map(|server| Incoming::Imap(ImapAccount { server }))
}

/// The outer `None` is a fault, the inner one a mailbox that only observes.
fn outgoing(table: &Reader<'_>, mode: Mode, name: &str) -> Option<Option<Outgoing>> {
    let ways: Vec<&str> = ["smtp", "sendmail", "outgoing"].into_iter().filter(|way| table.has(way)).collect();
    if ways.len() > 1 {
        table.place.fault(format!("has {} at once", ways.join(" and ")), "keep one way to hand mail over".to_owned());
    }
    match ways.first().copied() {
        Some("smtp") => {
            let smtp = table.table("smtp")?;
            let server = servers::server(&smtp, servers::Protocol::Smtp, name)?;
            Some(Some(Outgoing::Smtp(SmtpAccount { server })))
        }
        Some("sendmail") => sendmail(&table.field("sendmail")?).map(|words| Some(Outgoing::Sendmail(words))),
        Some(_) => table.path("outgoing").map(|path| Some(Outgoing::Directory(path))),
        None if mode == Mode::Observe => Some(None),
        None => {
            table.place.fault(
                format!("has mode {:?}, but no way to hand mail over", mode.as_str()),
                "add smtp, sendmail or outgoing, or leave mode = \"observe\"".to_owned(),
            );
            None
        }
    }
}

/// The words of a sendmail command; its program must exist.
fn sendmail(field: &Field<'_>) -> Option<Vec<String>> {
    debug_assert!(matches!(field.key.kind, Kind::Command));
    let mut words: Vec<String> = match &field.value {
        DeValue::String(text) => text.split_whitespace().map(str::to_owned).collect(),
        _ => field.texts()?,
    };
    let Some(program) = words.first_mut() else {
        field.place.fault("is empty", "write the program, as \"/usr/sbin/sendmail\"".to_owned());
        return None;
    };
    let found = if program.contains('/') {
        let path = field.place.source.resolve(program);
        *program = path.to_string_lossy().into_owned();
        path.is_file()
    } else {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|folder| folder.join(&*program).is_file())
    };
    if !found {
        let shown = Path::new(program.as_str()).display().to_string();
        field
            .place
            .fault(format!("names a program that does not exist: {shown}"), "install it, or use smtp".to_owned());
        return None;
    }
    Some(words)
}
