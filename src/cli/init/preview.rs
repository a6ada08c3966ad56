//! What the last days' mail would have got: read, judged, shown; nothing is kept, nothing is marked.
use super::Fail;
use super::out;
use crate::cli::explain::rehearsed;
use crate::cli::judged::Judged;
use crate::config::Settings;
use crate::daemon::dial::Dialler;
use crate::decide;
use crate::mailbox::batches;
use crate::model::{Past, Verdict};
use crate::system::Clock;
use chrono::TimeDelta;
use std::collections::BTreeMap;

/// No more than the newest of them.
const MOST: usize = 60;
/// So many lines are shown.
const LINES: usize = 12;

/// Judges the mail of the last days.
pub async fn show(settings: &Settings, days: u16) -> Result<(), Fail> {
    let Some(mailbox) = settings.mailboxes.first() else { return Ok(()) };
    let dialler = Dialler::keeping_in(&out::state_dir(settings));
    let Ok(mut server) = dialler.mailbox(&mailbox.incoming, &std::env::temp_dir()).await else { return Ok(()) };
    let failed = |error: crate::mailbox::MailboxError| Fail::Failed(format!("the preview failed: {error}"));
    let folders = server.folders(&mailbox.folders).await.map_err(failed)?;
    let Some(inbox) = folders.inboxes.first() else { return Ok(()) };
    let status = server.status(inbox).await.map_err(failed)?;
    // UIDs grow with arrival; a long list is asked for at its end only.
    let from = status.uid_next.unwrap_or(1).saturating_sub(2000).max(1);
    let since = Clock::System.now() - TimeDelta::days(i64::from(days));
    let mut listed = server.list_uids(inbox, from).await.map_err(failed)?;
    listed.retain(|one| one.arrived >= since);
    let skipped = listed.len().saturating_sub(MOST);
    listed.drain(..skipped);
    let composer = out::composer(settings)?;
    let (mut tally, mut shown, mut letter) = (BTreeMap::<&str, u64>::new(), 0, None);
    out::text(&format!("\nthe last {days} days in {}, as they would have been judged:", inbox.name));
    for batch in batches(&listed) {
        for raw in server.fetch(inbox, &batch).await.map_err(failed)? {
            let message = rehearsed(&raw.bytes, raw.arrived);
            let decision = decide::answer(&message, &mailbox.name, &Past::default(), &settings.policy, raw.arrived);
            *tally.entry(decision.verdict.as_str()).or_default() += 1;
            let judged = Judged::new(String::new(), &mailbox.name, &message, &decision, &settings.policy, &composer)
                .map_err(|error| Fail::Failed(error.to_string()))?;
            if shown < LINES || decision.verdict == Verdict::Acknowledge && letter.is_none() {
                shown += 1;
                let from = message.from().map_or_else(|| "?".to_owned(), |party| party.address.to_string());
                let code = decision.reasons.iter().find(|it| it.code.verdict() == decision.verdict);
                // Who is answered is known by the client; why not, by the rule.
                let client = decision.client.as_deref().filter(|_| decision.verdict == Verdict::Acknowledge);
                let code = client.or(code.map(|reason| reason.code.as_str())).unwrap_or_default();
                out::text(&format!("  {:<12} {from}: {}  ({code})", decision.verdict.as_str(), message.subject));
            }
            if decision.verdict == Verdict::Acknowledge && letter.is_none() {
                letter = Some(judged.picture(&settings.policy));
            }
        }
    }
    server.logout().await;
    let parts: Vec<String> = tally.iter().map(|(verdict, n)| format!("{n} {verdict}")).collect();
    out::text(&match parts.is_empty() {
        true => "  no mail came".to_owned(),
        false => format!("  together: {}", parts.join(", ")),
    });
    match letter {
        Some(letter) => out::text(&format!("\nthe first of these answers:\n\n{letter}")),
        None if parts.is_empty() => {}
        None => out::text("  none of it would have been answered: only mail of known clients is"),
    }
    Ok(())
}
