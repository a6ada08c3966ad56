//! Servers and logins: the tables `imap`, `smtp`, `password`. The table `oauth2`: oauth.rs.
use super::oauth;
use crate::config::{
    reader::{Field, Reader},
    schema,
};
use crate::model::Secret;
use crate::model::account::{Login, Server, Tls};
use std::net::IpAddr;
use toml::de::DeValue;

/// Which server.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// Fetching.
    Imap,
    /// Handing over.
    Smtp,
}

/// A server with its defaults; `mailbox` is whose.
pub(super) fn server(table: &Reader<'_>, protocol: Protocol, mailbox: &str) -> Option<Server> {
    let host = table.field("host");
    let name = host.as_ref().and_then(host_name);
    let port = table.field("port").map(|field| field.count());
    let tls_field = table.field("tls");
    let tls = match &tls_field {
        Some(field) => field.choice(),
        None => Some(usual_tls(port.flatten(), protocol)),
    };
    let tls = tls.map(|word| match word {
        "starttls" => Tls::StartTls,
        "none" => Tls::None,
        _ => Tls::Implicit,
    });
    let loopback = name.as_deref().is_some_and(is_loopback);
    if let (Some(field), Some(Tls::None), Some(host), false) = (&tls_field, tls, &name, loopback) {
        field.place.fault(
            format!("would send the password to {host} in the clear"),
            "write \"implicit\" or \"starttls\"; \"none\" is for this machine only".to_owned(),
        );
    }
    let login = login(table, protocol, mailbox);
    let ca_file = table.field("ca_file").map(|field| ca_file(&field));
    let tls = tls?;
    let port = match port {
        Some(port) => u16::try_from(port?).ok()?,
        None => usual_port(tls, protocol),
    };
    warn_of_port(table, tls, port);
    let ca_file = match ca_file {
        Some(path) => Some(path?),
        None => None,
    };
    Some(Server { host: name?, port, tls, ca_file, login: login? })
}

fn host_name(field: &Field<'_>) -> Option<String> {
    let text = field.text()?;
    let ip: Option<IpAddr> = text.trim_start_matches('[').trim_end_matches(']').parse().ok();
    if let Some(ip) = ip {
        return Some(ip.to_string());
    }
    if text.contains("://") || text.contains('/') || text.contains('@') {
        // not shown: a URL may carry a password
        let place = crate::config::source::Place { shown: None, ..field.place.clone() };
        place.fault("is no host name", "write the name alone, without imap:// or user".to_owned());
        return None;
    }
    if text.contains(':') {
        field.place.fault("is no host name", "write the port as an option of its own, port = 993".to_owned());
        return None;
    }
    let good = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
    if !text.trim_end_matches('.').split('.').all(good) {
        field.place.fault("is no host name", "write it as imap.example.com".to_owned());
        return None;
    }
    Some(text)
}

fn is_loopback(host: &str) -> bool {
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost") || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn usual_tls(port: Option<u32>, protocol: Protocol) -> &'static str {
    match (protocol, port) {
        (Protocol::Imap, Some(143)) | (Protocol::Smtp, Some(587 | 25)) => "starttls",
        _ => "implicit",
    }
}

fn usual_port(tls: Tls, protocol: Protocol) -> u16 {
    match (protocol, tls) {
        (Protocol::Imap, Tls::Implicit) => 993,
        (Protocol::Imap, _) => 143,
        (Protocol::Smtp, Tls::Implicit) => 465,
        (Protocol::Smtp, _) => 587,
    }
}

/// The well-known ports have one protection each (RFC 8314 section 3); the reverse hangs until a timeout.
fn warn_of_port(table: &Reader<'_>, tls: Tls, port: u16) {
    let usual = match port {
        993 | 465 => Tls::Implicit,
        143 | 587 => Tls::StartTls,
        _ => return,
    };
    if let (Some(field), true) = (table.field("tls"), tls != usual && tls != Tls::None) {
        let word = if usual == Tls::Implicit { "implicit" } else { "starttls" };
        field.place.warn(format!("is unusual on port {port}"), format!("servers expect \"{word}\" there"));
    }
}

fn ca_file(field: &Field<'_>) -> Option<std::path::PathBuf> {
    let path = field.path()?;
    if !path.is_file() {
        field.place.fault("is no file", "name a PEM file with the root to trust".to_owned());
        return None;
    }
    Some(path)
}

/// User and proof; the outer `None` is a fault, the inner one a server without login.
fn login(table: &Reader<'_>, protocol: Protocol, mailbox: &str) -> Option<Option<(String, Login)>> {
    let user = table.text("user");
    let password = table.field("password").map(|field| secret(&field));
    let oauth2 = table.table("oauth2").map(|table| oauth::token(&table, mailbox));
    if table.has("password") && table.has("oauth2") {
        table.place.fault("has both password and oauth2", "keep one of them".to_owned());
        return None;
    }
    let proof = table.has("password") || table.has("oauth2");
    match (table.has("user"), proof) {
        (true, false) => {
            table.place.fault("has a user, but neither password nor oauth2", PASSWORD_REMEDY.to_owned());
            return None;
        }
        (false, true) => {
            table.place.fault("has a password, but no user", "add user = \"claire@studio.example\"".to_owned());
            return None;
        }
        (false, false) => {
            if protocol == Protocol::Imap {
                table.place.warn("has no user", "most servers show no mail without a login".to_owned());
            }
            return Some(None);
        }
        (true, true) => {}
    }
    let login = match (password, oauth2) {
        (Some(secret), _) => Login::Password(secret?),
        (None, Some(source)) => Login::OAuth2(source?),
        (None, None) => return None,
    };
    Some(Some((user?, login)))
}

const PASSWORD_REMEDY: &str = "add password = { command = \"pass show mail/studio\" }";

pub(super) fn secret(field: &Field<'_>) -> Option<Secret> {
    if let DeValue::String(text) = &field.value {
        if text.is_empty() {
            field.place.fault("is empty", PASSWORD_REMEDY.to_owned());
            return None;
        }
        let source = field.place.source;
        if source.readable_by_others {
            field.place.fault(
                "is written in a file that others can read",
                format!("run: chmod 600 {}; or write {{ command = … }} or {{ file = … }}", source.file.display()),
            );
        }
        return Some(Secret::Text(text.to_string()));
    }
    let Some(table) = field.as_table(&schema::SECRET) else {
        field.mismatched();
        return None;
    };
    let sources: Vec<&str> =
        ["command", "file", "env", "credential", "keyring"].into_iter().filter(|name| table.has(name)).collect();
    match sources.as_slice() {
        ["command"] => command(&table.field("command")?),
        ["file"] => table.path("file").map(Secret::File),
        ["env"] => table.text("env").map(Secret::Env),
        ["credential"] => credential(&table.field("credential")?),
        ["keyring"] => table.text("keyring").map(Secret::Keyring),
        [] if table.has_unknown => None,
        [] => {
            let remedy = format!("write {}", field.key.kind.expected());
            table.place.fault("names no place of the secret", remedy);
            None
        }
        several => {
            let several = several.join(" and ");
            table.place.fault(format!("has {several} at once"), "keep one of them".to_owned());
            None
        }
    }
}

/// Text is one element and goes to the shell, a list is run as it is. A list of one program gets `env` before
/// it, so that it is not taken for a line of shell.
pub(super) fn command(field: &Field<'_>) -> Option<Secret> {
    if let DeValue::String(_) = &field.value {
        return field.text().map(|line| Secret::Command(vec![line]));
    }
    let mut words = field.texts()?;
    if let Some(program) = words.first_mut().filter(|program| program.contains('/')) {
        *program = field.place.source.resolve(program).to_string_lossy().into_owned();
    }
    match words.len() {
        0 => {
            field.place.fault("is empty", "write the program and its arguments".to_owned());
            return None;
        }
        1 => words.insert(0, "/usr/bin/env".to_owned()),
        _ => {}
    }
    Some(Secret::Command(words))
}

fn credential(field: &Field<'_>) -> Option<Secret> {
    let name = field.text()?;
    if name.contains('/') || name.starts_with('.') {
        field
            .place
            .fault("is no name of a credential", "write the name given to LoadCredential=, without a path".to_owned());
        return None;
    }
    Some(Secret::Credential(name))
}
