//! What the own server says about the owner's mail that came back to the inbox (a copy to oneself, a list): SPF, DKIM, DMARC.
//! Only mail that lies in Sent too is the owner's; anybody can write another one's address.
use super::{Finding, good, warn};
use crate::cli::explain;
use crate::decide::authentication;
use crate::mailbox::{Connection, Folder, Raw};
use crate::model::{Identity, Instant};
use crate::system::net::BoxedWire;
use std::collections::BTreeMap;

/// So many of them are looked for in Sent.
const LOOKED_UP: usize = 5;
const METHODS: [&str; 3] = ["spf", "dkim", "dmarc"];

/// The finding. `sample` are the newest mails of the inbox, the newest first.
pub(super) async fn look(
    identity: &Identity,
    sent: Option<&Folder>,
    sample: &[Raw],
    server: &mut Connection<BoxedWire>,
) -> Finding {
    let what = format!("{} mail sent", identity.name);
    let mut results = Vec::new();
    let mut looked_up = 0;
    for raw in sample {
        let Some((id, said)) = in_our_name(identity, &raw.bytes) else { continue };
        let Some(sent) = sent.filter(|_| looked_up < LOOKED_UP) else { break };
        looked_up += 1;
        if matches!(server.find(sent, "Message-ID", &id).await, Ok(Some(_))) {
            results.push(said);
        }
    }
    summary(&what, &results)
}

/// Message-ID and results by method, of a mail that bears one of our addresses and results at all.
fn in_our_name(identity: &Identity, bytes: &[u8]) -> Option<(String, BTreeMap<&'static str, String>)> {
    let message = explain::rehearsed(bytes, Instant::default());
    identity.own(&message.from()?.address)?;
    let id = message.message_id.as_ref()?.as_str().to_owned();
    // The topmost field is the receiving server's.
    let read = authentication::read(message.headers.first("authentication-results")?);
    let said = |method: &'static str| {
        let found = read.statements.iter().find(|it| it.method == method)?;
        Some((method, found.result.clone()))
    };
    Some((id, METHODS.into_iter().filter_map(said).collect()))
}

fn summary(what: &str, results: &[BTreeMap<&'static str, String>]) -> Finding {
    if results.is_empty() {
        return good(
            what,
            "SPF, DKIM and DMARC are not visible: none of your own mails came back; put yourself in copy once to see them",
        );
    }
    let of = results.len();
    let mut parts = Vec::new();
    let mut failing = Vec::new();
    for method in METHODS {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for result in results.iter().filter_map(|it| it.get(method)) {
            *counts.entry(result.as_str()).or_default() += 1;
        }
        if counts.keys().any(|it| *it != "pass") {
            failing.push(method);
        }
        let counts: Vec<String> = counts.iter().map(|(result, n)| format!("{result} {n} of {of}")).collect();
        if !counts.is_empty() {
            parts.push(format!("{method} {}", counts.join(", ")));
        }
    }
    let text = if parts.is_empty() { "the server states no results".to_owned() } else { parts.join("; ") };
    if failing.is_empty() {
        return good(what, text);
    }
    warn(
        what,
        text,
        format!(
            "your replies may end in spam folders: let whoever keeps the DNS of your domain publish {} for the server that sends",
            failing.join(", ").to_uppercase()
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    #[test]
    fn what_came_back_is_counted() {
        let row = |spf: &str, dmarc: &str| BTreeMap::from([("spf", spf.to_owned()), ("dmarc", dmarc.to_owned())]);
        assert_eq!(summary("x", &[]).level, Level::Good);
        let all_well = summary("x", &[row("pass", "pass")]);
        assert_eq!((all_well.level, all_well.text.as_str()), (Level::Good, "spf pass 1 of 1; dmarc pass 1 of 1"));
        let one_fails = summary("x", &[row("pass", "fail"), row("pass", "pass")]);
        assert_eq!(one_fails.text, "spf pass 2 of 2; dmarc fail 1 of 2, pass 1 of 2");
        assert!(one_fails.remedy.unwrap().contains("publish DMARC"));
    }
}
