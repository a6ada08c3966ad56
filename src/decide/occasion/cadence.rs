//! When a cadence comes round: civil days and times of the owner's, where they are on that day. Never here: what follows.
use crate::calendar::zone_on;
use crate::model::{Cadence, CadenceUnit, Instant, Owner};
use chrono::{Datelike, NaiveDate};

/// The longest rhythm, 52 months, and a little more.
const REACH: usize = 1_700;

/// One coming-round: its day, which names it, and its instant.
pub type Round = (NaiveDate, Instant);

/// Whether it comes round on a day.
fn on(cadence: &Cadence, date: NaiveDate) -> bool {
    let every = i64::from(cadence.every.max(1));
    // Day 1 of the common era was a Monday.
    let day = i64::from(date.num_days_from_ce());
    let month = i64::from(date.year()) * 12 + i64::from(date.month0());
    match cadence.unit {
        CadenceUnit::Days => day.rem_euclid(every) == 0,
        CadenceUnit::Weeks => date.weekday() == cadence.weekday && (day - 1).div_euclid(7).rem_euclid(every) == 0,
        CadenceUnit::Months => date.weekday() == cadence.weekday && date.day() <= 7 && month.rem_euclid(every) == 0,
    }
}

fn round(cadence: &Cadence, owner: &Owner, date: NaiveDate) -> Option<Round> {
    on(cadence, date).then(|| (date, zone_on(owner, date).instant(date.and_time(cadence.time))))
}

/// The last two at or before `now`, the newer one first. A day skipped on the way to another zone comes round at its
/// instant all the same.
#[must_use]
pub fn last_two(cadence: &Cadence, owner: &Owner, now: Instant) -> Vec<Round> {
    let from = now.date_naive().succ_opt().unwrap_or(NaiveDate::MAX);
    let days = std::iter::successors(Some(from), NaiveDate::pred_opt).take(2 * REACH);
    days.filter_map(|date| round(cadence, owner, date)).filter(|(_, at)| *at <= now).take(2).collect()
}

/// The next two after `now`.
#[must_use]
pub fn next_two(cadence: &Cadence, owner: &Owner, now: Instant) -> Vec<Round> {
    let from = now.date_naive().pred_opt().unwrap_or(NaiveDate::MIN);
    let days = from.iter_days().take(2 * REACH);
    days.filter_map(|date| round(cadence, owner, date)).filter(|(_, at)| *at > now).take(2).collect()
}
