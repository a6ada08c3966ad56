//! `fuseau check`: configuration, templates, credentials; `--online` logs in to every server and looks around, changing nothing.
use super::args::{Check, Cli};
use super::auth;
use super::fail::Fail;
use super::out;
use crate::config::{Hook, MailboxSettings, Settings};
use crate::daemon::dial::{self, DialError, Dialler};
use crate::daemon::{self, hooks, tokens};
use crate::decide::authentication;
use crate::mailbox::{Connection, Raw, batches};
use crate::model::account::{Incoming, Login, Outgoing, Secret, Server, TokenSource};
use crate::model::identity::EnvelopeSender;
use crate::model::{ClientPolicy, Identity, Instant};
use crate::outbox::{Deliverer, Envelope, OutboxError};
use crate::system::calendars::Held;
use crate::system::net::BoxedWire;
use crate::system::{self, Clock};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// How many of the newest messages are read for authserv-ids (rule 38).
const SAMPLE: usize = 50;

/// One thing that was looked at.
pub(super) struct Finding {
    pub(super) what: String,
    pub(super) ok: bool,
    pub(super) text: String,
}

/// Runs the command.
pub fn run(cli: &Cli, check: &Check) -> Result<(), Fail> {
    let settings = out::settings_without_fault(cli)?;
    let composer = out::composer(&settings)?;
    drop(composer);
    let mut findings = vec![
        good("configuration", &read(&settings)),
        good("templates", "every language, both tones"),
        good("time zones", &format!("{} ({})", settings.policy.zones.version(), settings.policy.zones.origin())),
    ];
    if !settings.policy.drafts.meetings.busy.is_empty() {
        findings.push(calendars(&settings));
    }
    for mailbox in &settings.mailboxes {
        secrets(mailbox, &out::state_dir(&settings), &mut findings);
    }
    if let Some(hook) = &settings.hook {
        findings.push(program(hook));
    } else if check.hook {
        findings.push(bad("hook", "none is configured: write [urgent] hook = [\"program\"]"));
    } else if settings.policy.clients.iter().any(|client| client.policy == ClientPolicy::First) {
        findings
            .push(good("hook", "none: of urgent mail of clients with policy = \"first\" the digest alone tells you"));
    }
    if check.online || check.hook {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Fail::Failed(format!("the runtime could not be started: {error}")))?;
        if check.online {
            runtime.block_on(online(&settings, &mut findings));
        }
        if let (true, Some(hook)) = (check.hook, &settings.hook) {
            findings.push(runtime.block_on(ring(hook)));
        }
    }
    let all_well = findings.iter().all(|finding| finding.ok);
    if cli.json {
        let list: Vec<Value> = findings.iter().map(|f| json!({"what": f.what, "ok": f.ok, "text": f.text})).collect();
        out::json(&json!({"ok": all_well, "findings": list}));
    } else {
        for finding in &findings {
            out::text(&format!("{} {:<28} {}", if finding.ok { "✓" } else { "✗" }, finding.what, finding.text));
        }
    }
    if all_well && !check.online && !cli.json && !settings.mailboxes.is_empty() {
        out::text("the servers were not asked: `fuseau check --online` logs in to them, changing nothing");
    }
    if all_well { Ok(()) } else { Err(Fail::Failed("not everything is well, see above".into())) }
}

/// `fuseau.toml and 2 more; 1 mailbox, 5 clients`
pub(super) fn read(settings: &Settings) -> String {
    let more = settings.files.len().saturating_sub(1);
    let main = settings.files.first().map(|file| file.display().to_string()).unwrap_or_default();
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let [mailboxes, clients] = [settings.mailboxes.len(), settings.policy.clients.len()].map(|n| n as u64);
    format!("{main}{more}; {}, {}", out::count(mailboxes, "mailbox"), out::count(clients, "client"))
}

pub(super) fn good(what: &str, text: &str) -> Finding {
    Finding { what: what.to_owned(), ok: true, text: text.to_owned() }
}

pub(super) fn bad(what: &str, text: &str) -> Finding {
    Finding { what: what.to_owned(), ok: false, text: text.to_owned() }
}

/// What the calendars say. What cannot be read is said beside it, and is no reason not to run.
fn calendars(settings: &Settings) -> Finding {
    let found = daemon::calendars::read(&settings.policy, &Held::default(), Clock::System.now());
    for fault in found.faults.iter().filter(|fault| fault.file.exists()) {
        out::error(&fault.to_string());
    }
    let busy = out::count(found.busy.len() as u64, "busy time");
    let faults = found.faults.len() as u64;
    let more = if faults == 0 { String::new() } else { format!("; {}, see above", out::count(faults, "fault")) };
    good("calendars", &format!("{busy} in the next 400 days{more}"))
}

/// The program of the hook is there.
pub(super) fn program(hook: &Hook) -> Finding {
    let program = hook.command.first().map_or("", String::as_str);
    match system::hook::find(program) {
        Some(path) => good("hook", &path.display().to_string()),
        None => bad("hook", &format!("{program} is not there or may not be run: correct [urgent] hook")),
    }
}

/// Runs the hook once, with a message that never was.
async fn ring(hook: &Hook) -> Finding {
    match hooks::run(hook, &hooks::sample(Clock::System.now())).await {
        Ok(()) => good("hook, run with a sample", "it ended well"),
        Err(error) => bad("hook, run with a sample", &error.to_string()),
    }
}

/// Every secret can be had, without showing any.
pub(super) fn secrets(mailbox: &MailboxSettings, state: &Path, findings: &mut Vec<Finding>) {
    let incoming = match &mailbox.incoming {
        Incoming::Imap(account) => Some(("imap", &account.server)),
        Incoming::Maildir(_) => None,
    };
    let outgoing = match &mailbox.outgoing {
        Some(Outgoing::Smtp(account)) => Some(("smtp", &account.server)),
        _ => None,
    };
    for (kind, server) in incoming.into_iter().chain(outgoing) {
        if let Some(grant) = server.grant() {
            findings.push(auth::finding(&format!("{} {kind} tokens", mailbox.name), grant, state));
        }
        if let Some(source) = secret_of(server) {
            let what = format!("{} {kind} secret", mailbox.name);
            findings.push(match tokens::resolve(source) {
                Ok(_) => good(&what, "found"),
                Err(error) => bad(&what, &error.to_string()),
            });
        }
    }
}

fn secret_of(server: &Server) -> Option<&Secret> {
    match &server.login {
        Some((_, Login::Password(secret) | Login::OAuth2(TokenSource::Command(secret)))) => Some(secret),
        _ => None,
    }
}

async fn online(settings: &Settings, findings: &mut Vec<Finding>) {
    let dialler = Dialler::keeping_in(&out::state_dir(settings));
    for mailbox in &settings.mailboxes {
        let state = out::state_dir(settings);
        let index = dial::index_dir(Some(&state), &mailbox.name);
        let what = format!("{} mailbox", mailbox.name);
        match dialler.mailbox(&mailbox.incoming, &index).await {
            Ok(mut server) => {
                findings.push(good(&what, "logged in"));
                let identity = settings.policy.mailbox(&mailbox.name);
                if let Err(error) = look(mailbox, identity, &mut server, findings).await {
                    findings.push(bad(&what, &error.to_string()));
                }
                server.logout().await;
            }
            Err(error) => findings.push(bad(&what, &error.to_string())),
        }
        if let Some(outgoing) = &mailbox.outgoing {
            let what = format!("{} outbox", mailbox.name);
            let identity = settings.policy.mailbox(&mailbox.name);
            let helo = identity.map_or("localhost", |it| it.address.domain());
            match dialler.outbox(outgoing, helo).await {
                Ok(mut open) => {
                    findings.push(good(&what, "logged in; nothing was sent"));
                    if let Some(identity) = identity {
                        findings.extend(envelope(identity, &mut open).await);
                    }
                    open.quit().await;
                }
                Err(error) => findings.push(bad(&what, &error.to_string())),
            }
        }
    }
}

/// Whether the server takes automatic mail with its envelope sender, asked for a mail to the mailbox itself that is not
/// sent. A program and a folder take everything.
async fn envelope(identity: &Identity, open: &mut Deliverer<BoxedWire>) -> Option<Finding> {
    let Deliverer::Smtp(session) = open else { return None };
    let what = format!("{} envelope", identity.name);
    let from = identity.envelope_from();
    let shown = from.map(ToString::to_string).unwrap_or_default();
    let envelope = Envelope { from: from.cloned(), to: identity.address.clone(), also: Vec::new() };
    let said = match (session.would_take(&envelope).await, &identity.envelope_sender) {
        (Ok(()), _) => {
            return Some(good(&what, &format!("the server takes mail from <{shown}>; nothing was sent")));
        }
        (Err(error @ OutboxError::Transient { .. }), _) => {
            format!("the server does not take mail from <{shown}> now: {error}\n    try again later")
        }
        (Err(error), EnvelopeSender::Account) => format!(
            "the server refuses mail from <{shown}>: {error}\n    this login may not send as {shown}: log in as its owner, \
             have the provider allow it (\"send as\"), or name an address of yours that it may use as envelope_sender in \
             [mailbox.{}]",
            identity.name
        ),
        (Err(error), _) => format!(
            "the server refuses mail from <{shown}>: {error}\n    envelope_sender = \"account\", the default, in \
             [mailbox.{}] is what most servers accept",
            identity.name
        ),
    };
    Some(bad(&what, &said))
}

/// What of a server's abilities makes a difference here.
const USED: [&str; 9] =
    ["IDLE", "MOVE", "UIDPLUS", "SPECIAL-USE", "LIST-EXTENDED", "LIST-STATUS", "SASL-IR", "QUOTA", "ID"];

/// `IDLE MOVE UIDPLUS and 38 more`
fn told_capabilities(all: &[String]) -> String {
    let used: Vec<&str> = USED.into_iter().filter(|used| all.iter().any(|it| it.eq_ignore_ascii_case(used))).collect();
    let more = all.len() - used.len();
    match (used.as_slice(), more) {
        ([], _) => all.join(" "),
        (used, 0) => used.join(" "),
        (used, more) => format!("{} and {more} more", used.join(" ")),
    }
}

/// Folders, capabilities, and under which names the server states authentication results.
pub(super) async fn look(
    mailbox: &MailboxSettings,
    identity: Option<&Identity>,
    server: &mut Connection<BoxedWire>,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Raw>, DialError> {
    let name = &mailbox.name;
    let capabilities = server.capabilities().await?;
    if !capabilities.is_empty() {
        findings.push(good(&format!("{name} capabilities"), &told_capabilities(&capabilities)));
        if !capabilities.iter().any(|it| it == "IDLE") {
            findings.push(good(&format!("{name} IDLE"), "not offered: new mail is seen at the next poll"));
        }
    }
    let folders = server.folders(&mailbox.folders).await?;
    for (role, folder) in [("Sent", &folders.sent), ("Drafts", &folders.drafts), ("Junk", &folders.junk)] {
        let what = format!("{name} {role}");
        findings.push(match folder {
            Some(folder) => good(&what, &folder.name),
            None if role == "Junk" => good(&what, "none found"),
            None => bad(
                &what,
                &format!(
                    "not found; name it with `{} = \"…\"`. There are: {}",
                    role.to_lowercase(),
                    folders.all.join(", ")
                ),
            ),
        });
    }
    let mut ids: BTreeMap<String, usize> = BTreeMap::new();
    let mut sample = Vec::new();
    if let Some(inbox) = folders.inboxes.first() {
        let status = server.status(inbox).await?;
        let span = u32::try_from(SAMPLE).unwrap_or(u32::MAX);
        let from = status.uid_next.unwrap_or(1).saturating_sub(span).max(1);
        let mut listed = server.list_uids(inbox, from).await?;
        listed.reverse();
        listed.truncate(SAMPLE);
        for batch in batches(&listed) {
            for raw in server.fetch(inbox, &batch).await? {
                let message = super::explain::rehearsed(&raw.bytes, Instant::default());
                if let Some(id) = message.headers.first("authentication-results").and_then(authentication::authserv_id)
                {
                    *ids.entry(id).or_default() += 1;
                }
                sample.push(raw);
            }
        }
    }
    findings.push(proposal(name, identity, &ids, sample.len()));
    Ok(sample)
}

/// Which `trusted_authserv` the newest mail suggests.
fn proposal(name: &str, identity: Option<&Identity>, ids: &BTreeMap<String, usize>, read: usize) -> Finding {
    let what = format!("{name} authserv-ids");
    let seen: Vec<String> = ids.iter().map(|(id, n)| format!("{id} ({n} of {read})")).collect();
    let trusted = identity.map(|identity| identity.trusted_authserv.as_slice()).unwrap_or_default();
    let best = ids.iter().max_by_key(|(_, n)| **n).map(|(id, _)| id);
    match best {
        None => good(
            &what,
            &format!("none in the newest {read} messages: senders are judged by their envelope, with half the limits"),
        ),
        Some(best) if trusted.iter().any(|it| it.eq_ignore_ascii_case(best)) => good(&what, &seen.join(", ")),
        Some(best) => good(
            &what,
            &format!(
                "{}\n    if that is your own mail server, add trusted_authserv = [\"{best}\"] to [mailbox.{name}]",
                seen.join(", ")
            ),
        ),
    }
}
