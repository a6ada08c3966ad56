//! Both servers of each mailbox: name, handshake, login, folders, quota. Logs in and looks around, changes nothing.
use super::clock::{self, Heard};
use super::{Finding, failed, good, machine, own_mail, warn};
use crate::cli::check;
use crate::config::{MailboxSettings, Settings};
use crate::daemon::dial::{self, DialError, Dialler};
use crate::daemon::probe::Speaks;
use crate::model::account::{Incoming, Outgoing, Server};
use crate::model::{Identity, Instant, Tls};
use crate::system::Clock;
use crate::system::net::Shown;
use chrono::TimeDelta;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;

/// A certificate that ends within this time should have been renewed.
const RENEWAL: TimeDelta = TimeDelta::days(14);
/// A mailbox that is fuller than this, in percent, will soon refuse mail.
const FULL: u64 = 90;

/// Looks at every mailbox.
pub(super) async fn look(settings: &Settings, findings: &mut Vec<Finding>) {
    let dialler = Dialler::keeping_in(&crate::cli::out::state_dir(settings));
    let mut heard = Heard::default();
    for mailbox in &settings.mailboxes {
        let Some(identity) = settings.policy.mailbox(&mailbox.name) else { continue };
        fetching(&dialler, mailbox, identity, &mut heard, findings).await;
        sending(&dialler, mailbox, identity, &mut heard, findings).await;
    }
    findings.push(clock::judge(&heard, machine::synchronised()));
}

async fn fetching(
    dialler: &Dialler,
    mailbox: &MailboxSettings,
    identity: &Identity,
    heard: &mut Heard,
    findings: &mut Vec<Finding>,
) {
    let what = format!("{} mailbox", mailbox.name);
    if let Incoming::Imap(account) = &mailbox.incoming
        && !reached(dialler, &format!("{} imap", mailbox.name), &account.server, &Speaks::Imap, findings).await
    {
        return;
    }
    // The numbering of a Maildir is made anew in a folder that goes away: the daemon's own stays as it is.
    let scratch = std::env::temp_dir().join(format!("fuseau-doctor-{}", std::process::id()));
    let local = matches!(mailbox.incoming, Incoming::Maildir(_));
    // Ours alone: in a folder that everybody writes to, somebody may have been there first.
    if local && let Err(error) = DirBuilder::new().mode(0o700).create(&scratch) {
        findings.push(failed(&what, &format!("{} cannot be made: {error}; remove it", scratch.display())));
        return;
    }
    let index = dial::index_dir(Some(&scratch), &mailbox.name);
    let outcome = async {
        let mut server = dialler.mailbox(&mailbox.incoming, &index).await?;
        findings.push(good(&what, "logged in"));
        let mut found = Vec::new();
        let sample = check::look(mailbox, Some(identity), &mut server, &mut found).await;
        findings.extend(found.into_iter().map(Finding::from));
        let sample = sample?;
        if let Incoming::Imap(account) = &mailbox.incoming {
            let newest = sample.iter().map(|raw| raw.arrived).max();
            heard.arrivals.extend(newest.map(|at| (account.server.host.clone(), at, Clock::System.now())));
        }
        if let Some(quota) = server.quota().await? {
            findings.push(quota_of(&mailbox.name, quota.used, quota.limit));
        }
        let sent = server.folders(&mailbox.folders).await?.sent;
        findings.push(own_mail::look(identity, sent.as_ref(), &sample, &mut server).await);
        for alert in server.take_alerts() {
            findings.push(warn(&what, format!("the server wants you to know: {alert}"), "do what it says"));
        }
        server.logout().await;
        Ok::<(), DialError>(())
    };
    if let Err(error) = outcome.await {
        findings.push(failed(&what, &error.to_string()));
    }
    if local {
        let _ = std::fs::remove_dir_all(&scratch);
    }
}

async fn sending(
    dialler: &Dialler,
    mailbox: &MailboxSettings,
    identity: &Identity,
    heard: &mut Heard,
    findings: &mut Vec<Finding>,
) {
    let what = format!("{} outbox", mailbox.name);
    let Some(outgoing) = &mailbox.outgoing else {
        findings.push(good(&what, format!("none: {} is all that this mailbox does", identity.mode.as_str())));
        return;
    };
    let helo = identity.address.domain();
    if let Outgoing::Smtp(account) = outgoing {
        let speaks = Speaks::Smtp(helo.to_owned());
        if !reached(dialler, &format!("{} smtp", mailbox.name), &account.server, &speaks, findings).await {
            return;
        }
        let greeting = dialler.greeting(&account.server).await.unwrap_or_default();
        if let Some(at) = clock::time_in(&greeting) {
            heard.greetings.push((account.server.host.clone(), at, Clock::System.now()));
        }
    }
    match dialler.outbox(outgoing, helo).await {
        Ok(open) => {
            open.quit().await;
            findings.push(good(&what, "logged in; nothing was sent"));
        }
        Err(error) => findings.push(failed(&what, &error.to_string())),
    }
}

/// Name and handshake; whether a login is worth trying.
async fn reached(dialler: &Dialler, what: &str, server: &Server, speaks: &Speaks, findings: &mut Vec<Finding>) -> bool {
    match dialler.addresses(server).await {
        Ok(1) => findings.push(good(&format!("{what} name"), format!("{} has an address", server.host))),
        Ok(n) => findings.push(good(&format!("{what} name"), format!("{} has {n} addresses", server.host))),
        Err(error) => {
            findings.push(failed(&format!("{what} name"), &error.to_string()));
            return false;
        }
    }
    let what = format!("{what} connection");
    match dialler.handshake(server, speaks).await {
        Ok(Some(shown)) => {
            findings.push(certificate(&what, server.tls, &shown, Clock::System.now()));
            true
        }
        Ok(None) => {
            findings.push(good(&what, "without TLS, on this machine only"));
            true
        }
        Err(error) => {
            findings.push(failed(&what, &error.to_string()));
            false
        }
    }
}

fn certificate(what: &str, tls: Tls, shown: &Shown, now: Instant) -> Finding {
    let how = if tls == Tls::StartTls { " by STARTTLS" } else { "" };
    let Some(end) = shown.valid_until else { return good(what, format!("{}{how}", shown.version)) };
    let text = format!("{}{how}, certificate until {}", shown.version, end.format("%Y-%m-%d"));
    match end - now < RENEWAL {
        false => good(what, text),
        true => warn(what, text, "it ends soon: whoever runs the server should have renewed it by now"),
    }
}

fn quota_of(name: &str, used: u64, limit: u64) -> Finding {
    let percent = used.saturating_mul(100) / limit.max(1);
    let text = format!("{percent} % of {}", machine::size(limit));
    let what = format!("{name} quota");
    match percent > FULL {
        false => good(&what, text),
        true => warn(&what, text, "make room: a full mailbox refuses your clients' mail"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    #[test]
    fn what_ends_soon_is_named_early() {
        let now = Instant::default();
        let shown = |days: i64| Shown { version: "TLS 1.3", valid_until: Some(now + TimeDelta::days(days)) };
        assert_eq!(certificate("x", Tls::Implicit, &shown(60), now).level, Level::Good);
        assert_eq!(certificate("x", Tls::StartTls, &shown(3), now).level, Level::Warn);
        assert_eq!(quota_of("x", 50, 100).level, Level::Good);
        assert_eq!(quota_of("x", 95 << 30, 100 << 30).level, Level::Warn);
    }
}
