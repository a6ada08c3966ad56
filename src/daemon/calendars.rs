//! The owner's busy times for the rules: which days, which files, and what is said about a file that cannot be read.
//! Never here: reading one (`system::calendars`), what busy times are good for (`decide`).
use super::desk::Desk;
use crate::calendar::overlap::Interval;
use crate::decide::Policy;
use crate::model::{EmailAddress, Instant};
use crate::store::StoreError;
use crate::system::calendars::{Calendars, Held, Wanted};
use chrono::{NaiveTime, TimeDelta};

/// So far ahead busy times are known.
const AHEAD: TimeDelta = TimeDelta::days(400);
/// The faults of calendars that the log has named.
const SAID: &str = "calendars.said";

/// The busy times from yesterday on. What cannot be read is said in the log, once, and the rest goes on.
///
/// # Errors
/// If the store fails.
pub async fn busy(desk: &Desk, now: Instant) -> Result<Vec<Interval>, StoreError> {
    if desk.policy().drafts.meetings.busy.is_empty() {
        return Ok(Vec::new());
    }
    let here = desk.clone();
    let read = tokio::task::spawn_blocking(move || read(here.policy(), &here.calendars, now));
    let found = read.await.unwrap_or_default();
    let said = found.faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    let before = desk.store.read(|tx| tx.meta(SAID)).await?.unwrap_or_default();
    if said != before {
        for fault in &found.faults {
            tracing::warn!("{fault}");
        }
        desk.store.write_soon(move |tx| tx.set_meta(SAID, &said)).await?;
    }
    Ok(found.busy)
}

/// The same where nothing else waits, with what could not be read.
#[must_use]
pub fn read(policy: &Policy, held: &Held, now: Instant) -> Calendars {
    let own: Vec<EmailAddress> =
        policy.mailboxes.iter().flat_map(|it| it.aliases.iter().chain([&it.address])).cloned().collect();
    // Whole days, so that the same files are read once a day.
    let from = now.date_naive().and_time(NaiveTime::MIN).and_utc() - TimeDelta::days(1);
    let wanted = Wanted { owner: &policy.owner, own: &own, zones: &policy.zones, from, until: from + AHEAD };
    held.read(&policy.drafts.meetings.busy, &wanted)
}
