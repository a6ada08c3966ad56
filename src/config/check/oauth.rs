//! The table `oauth2`: where access tokens come from.
use super::servers::{command, secret};
use crate::config::reader::Reader;
use crate::model::account::{Endpoints, Grant, TokenSource, is_protected};

/// Keys that say how to ask the authority; a command needs none of them.
const OF_GRANT: [&str; 9] = [
    "client_id",
    "client_secret",
    "refresh_token",
    "scopes",
    "resource",
    "authorize_url",
    "token_url",
    "device_url",
    "issuer",
];

/// Where the tokens of a mailbox come from.
pub(super) fn token(table: &Reader<'_>, mailbox: &str) -> Option<TokenSource> {
    let provider = table.field("provider").and_then(|field| field.choice());
    let grant: Vec<&str> = OF_GRANT.into_iter().filter(|name| table.has(name)).collect();
    match (table.has("token_command"), grant.is_empty()) {
        (true, true) => {
            provider?;
            command(&table.field("token_command")?).map(TokenSource::Command)
        }
        (true, false) => {
            table.place.fault(
                format!("has token_command and {}", grant.join(", ")),
                "keep token_command alone, or client_id and what belongs to it".to_owned(),
            );
            None
        }
        (false, _) if !table.has("client_id") => {
            table.place.fault(
                "has neither token_command nor client_id",
                "add client_id = \"…\" (your own, see the guide) and run fuseau auth login, or \
                 token_command = \"oama access claire@gmail.com\""
                    .to_owned(),
            );
            None
        }
        (false, _) => ask(table, provider?, mailbox).map(|grant| TokenSource::Grant(Box::new(grant))),
    }
}

fn ask(table: &Reader<'_>, provider: &str, mailbox: &str) -> Option<Grant> {
    let (known, scopes) = Endpoints::known(provider).unwrap_or_default();
    let url = |name: &str, known: Option<String>| -> Option<Option<String>> {
        let Some(field) = table.field(name).filter(|_| table.has(name)) else { return Some(known) };
        let text = field.text()?;
        if !is_protected(&text) {
            field.place.fault("is no https address", "write it as https://login.example.com/token".to_owned());
            return None;
        }
        Some(Some(text))
    };
    let authorize = url("authorize_url", known.authorize);
    let token = url("token_url", Some(known.token).filter(|it| !it.is_empty()));
    let device = url("device_url", known.device);
    let issuer = if table.has("issuer") { table.text("issuer").map(Some) } else { Some(known.issuer) };
    let held = |name: &str| match table.field(name).filter(|_| table.has(name)) {
        Some(field) => secret(&field).map(Some),
        None => Some(None),
    };
    let (client_secret, refresh_token) = (held("client_secret"), held("refresh_token"));
    let scopes = if table.has("scopes") { table.field("scopes")?.texts()? } else { scopes };
    let resource = resource(table, provider)?;
    let Some(token) = token? else {
        table.place.fault("has no token_url", "add token_url = \"https://login.example.com/token\"".to_owned());
        return None;
    };
    let refresh_token = refresh_token?;
    let (authorize, device) = (authorize?, device?);
    if authorize.is_none() && device.is_none() && refresh_token.is_none() {
        table.place.fault(
            "has no way to log in",
            "add authorize_url or device_url for fuseau auth login, or refresh_token".to_owned(),
        );
        return None;
    }
    Some(Grant {
        key: mailbox.to_owned(),
        provider: provider.to_owned(),
        client_id: table.text("client_id")?,
        client_secret: client_secret?,
        refresh_token,
        endpoints: Endpoints { authorize, token, device, issuer: issuer? },
        scopes,
        resource,
        keyring: table.field("keep")?.choice()? == "keyring",
    })
}

/// Absolute addresses without a fragment (RFC 8707 2).
fn resource(table: &Reader<'_>, provider: &str) -> Option<Vec<String>> {
    let Some(field) = table.field("resource").filter(|_| table.has("resource")) else {
        return Some(Endpoints::resource(provider));
    };
    let all = field.texts()?;
    let absolute = |it: &String| {
        it.split_once("://").is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty())
            && it.chars().all(|c| c.is_ascii_graphic() && c != '#')
    };
    if !all.iter().all(absolute) {
        field.place.fault(
            "holds something that is no whole address, or has a fragment",
            "write each as https://mail.example.com, without #".to_owned(),
        );
        return None;
    }
    Some(all)
}
