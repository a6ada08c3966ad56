//! Autoconfig XML, as providers publish it (the "config-v1.1" format of Thunderbird).
use super::{Access, Endpoint, Found};
use crate::model::{EmailAddress, Tls};
use roxmltree::{Document, Node, ParsingOptions};

/// A greater file is none.
const GREATEST: usize = 128 * 1024;

/// Why a file names no servers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    /// Not XML, or too much of it.
    #[error("is no autoconfig file: {0}")]
    Unreadable(String),
    /// It has no IMAP and submission server that is protected.
    #[error("names no {0} with TLS or STARTTLS")]
    Missing(&'static str),
}

/// The servers that a file names for an address. Unprotected ones are passed over, and POP.
///
/// # Errors
/// See [`XmlError`].
pub fn autoconfig(xml: &str, address: &EmailAddress) -> Result<Found, XmlError> {
    if xml.len() > GREATEST {
        return Err(XmlError::Unreadable("it is too long".to_owned()));
    }
    // No DTD, so no entities that grow.
    let options = ParsingOptions { allow_dtd: false, nodes_limit: 10_000, ..ParsingOptions::default() };
    let document =
        Document::parse_with_options(xml, options).map_err(|error| XmlError::Unreadable(error.to_string()))?;
    let servers = |tag: &'static str, kind: &'static str| -> Vec<Node<'_, '_>> {
        let all = document.descendants().filter(|node| node.has_tag_name(tag));
        all.filter(|node| node.attribute("type").is_some_and(|it| it.eq_ignore_ascii_case(kind))).collect()
    };
    let best = |all: Vec<Node<'_, '_>>| -> Option<(Endpoint, bool)> {
        let mut read: Vec<(Endpoint, bool)> = all.into_iter().filter_map(|node| server(node, address)).collect();
        // TLS from the first byte is better than STARTTLS (RFC 8314 3); the sort keeps the provider's order.
        read.sort_by_key(|(end, _)| end.tls != Tls::Implicit);
        read.into_iter().next()
    };
    let (imap, token) = best(servers("incomingServer", "imap")).ok_or(XmlError::Missing("IMAP server"))?;
    let (smtp, _) = best(servers("outgoingServer", "smtp")).ok_or(XmlError::Missing("submission server"))?;
    // Whether it takes tokens alone; of which authority, the file does not say.
    let access = if token { Access::Token("other") } else { Access::Password };
    let (access, extra) = super::ways_of(&imap.host).unwrap_or((access, Vec::new()));
    Ok(Found { source: "autoconfig".to_owned(), imap, smtp, access, extra })
}

/// One server and whether it takes nothing but tokens.
fn server(node: Node<'_, '_>, address: &EmailAddress) -> Option<(Endpoint, bool)> {
    let text = |tag: &str| {
        let child = node.children().find(|child| child.has_tag_name(tag))?;
        Some(child.text()?.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let fill = |template: String| {
        template
            .replace("%EMAILADDRESS%", &address.to_string())
            .replace("%EMAILLOCALPART%", address.local())
            .replace("%EMAILDOMAIN%", address.domain())
    };
    let host = fill(text("hostname")?);
    let port = text("port")?.parse().ok()?;
    let tls = match text("socketType")?.to_ascii_uppercase().as_str() {
        "SSL" | "TLS" => Tls::Implicit,
        "STARTTLS" => Tls::StartTls,
        _ => return None,
    };
    let label = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
    if !host.split('.').all(label) {
        return None;
    }
    let user = fill(text("username").unwrap_or_else(|| "%EMAILADDRESS%".to_owned()));
    if user.chars().any(char::is_control) {
        return None;
    }
    let ways: Vec<&str> = node
        .children()
        .filter(|child| child.has_tag_name("authentication"))
        .filter_map(|child| child.text().map(str::trim))
        .collect();
    let token = !ways.is_empty() && ways.iter().all(|way| *way == "OAuth2");
    Some((Endpoint { host, port, tls, user }, token))
}
