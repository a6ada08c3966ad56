//! The public page: made anew after a start, a reload and midnight at home, so that what is published is what holds. It never
//! stands in the way of mail: what cannot be written is a warning. What is on it: `compose::page`.
use super::Desk;
use crate::compose::{Composer, TemplateError, page::File};
use crate::config::Settings;
use crate::model::Instant;
use crate::system::published::{self, PublishError, State};
use chrono::{NaiveDate, NaiveTime, TimeDelta};
use std::path::Path;
use std::time::Duration;
use tokio::sync::watch;

/// A machine that slept may wake up on another day: the date is looked at no less often.
const LOOK: Duration = Duration::from_secs(60 * 60);

/// The date at home.
#[must_use]
pub fn home_date(settings: &Settings, now: Instant) -> NaiveDate {
    settings.policy.owner.zone.local(now).date()
}

/// All files of the page as they should be.
///
/// # Errors
/// Words of the owner that are wrong.
pub fn files(settings: &Settings, composer: &Composer, now: Instant) -> Result<Vec<File>, TemplateError> {
    composer.page(&settings.policy, &settings.page.shown, home_date(settings, now))
}

/// How the files in a folder stand; with `write` they are written first.
///
/// # Errors
/// A folder or file that cannot be read or written.
pub fn stand(dir: &Path, files: &[File], write: bool) -> Result<Vec<(String, State)>, PublishError> {
    let files: Vec<(&str, &str)> = files.iter().map(|file| (file.name.as_str(), file.text.as_str())).collect();
    if write { published::publish(dir, &files) } else { published::compare(dir, &files) }
}

/// What to do about a file that was left alone.
#[must_use]
pub fn remedy(state: State) -> &'static str {
    match state {
        State::Edited => "somebody changed it, so it is left alone: remove it, and it is made anew",
        _ => "it is not fuseau's, so it is left alone: name an empty folder, or move it away",
    }
}

/// Keeps the page of each configuration that comes in, for ever.
pub(super) async fn keep_fresh(mut desks: watch::Receiver<Desk>) {
    // What was made last, and what went wrong, so that each trouble is told once.
    let mut made: Option<NaiveDate> = None;
    let mut told: Vec<String> = Vec::new();
    loop {
        let desk = desks.borrow_and_update().clone();
        let now = desk.clock.now();
        let today = home_date(&desk.settings, now);
        if desk.settings.page.out.is_some() && made != Some(today) {
            let troubles = make(desk.clone(), now).await;
            for trouble in troubles.iter().filter(|trouble| !told.contains(trouble)) {
                tracing::warn!("{trouble}");
            }
            made = troubles.is_empty().then_some(today);
            told = troubles;
        }
        tokio::select! {
            changed = desks.changed() => match changed {
                Ok(()) => made = None,
                Err(_) => return,
            },
            () = tokio::time::sleep(until_midnight(&desk, now)), if desk.settings.page.out.is_some() => {}
        }
    }
}

/// How long the date at home stays the same, or an hour.
fn until_midnight(desk: &Desk, now: Instant) -> Duration {
    let next = home_date(&desk.settings, now).succ_opt();
    let midnight = next.map(|date| desk.policy().owner.zone.instant(date.and_time(NaiveTime::MIN)));
    let left = midnight.map_or(TimeDelta::hours(1), |midnight| midnight - now + TimeDelta::seconds(1));
    left.to_std().unwrap_or(LOOK).min(LOOK)
}

/// Makes it; what went wrong.
async fn make(desk: Desk, now: Instant) -> Vec<String> {
    // A folder on a network may take its time.
    let work = move || -> Vec<String> {
        let Some(dir) = &desk.settings.page.out else { return Vec::new() };
        let files = match files(&desk.settings, &desk.composer, now) {
            Ok(files) => files,
            Err(error) => return vec![format!("the public page was not written: {error}")],
        };
        match stand(dir, &files, true) {
            Ok(states) => {
                let stale = states.iter().filter(|(_, state)| *state != State::Fresh && !state.is_theirs()).count();
                if stale > 0 {
                    tracing::info!(dir = %dir.display(), files = stale, "the public page is fresh");
                }
                let theirs = states.into_iter().filter(|(_, state)| state.is_theirs());
                theirs
                    .map(|(name, state)| format!("the public page: {}: {}", dir.join(name).display(), remedy(state)))
                    .collect()
            }
            Err(error) => vec![format!("the public page was not written: {error}")],
        }
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(troubles) => troubles,
        Err(error) => vec![format!("the public page was not written: {error}")],
    }
}
