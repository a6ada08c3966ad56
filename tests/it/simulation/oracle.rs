//! The calendar a second time, as naively as can be: every minute of the simulated weeks is open or closed. Shares with
//! the production calendar only the offsets of the zones.
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use fuseau::model::{Owner, Zone};

/// The minutes of some weeks.
pub struct Oracle {
    start: DateTime<Utc>,
    open: Vec<bool>,
}

impl Oracle {
    /// Marks the open minutes of all dates from five days before `from` up to `to`.
    pub fn new(owner: &Owner, from: NaiveDate, to: NaiveDate) -> Self {
        let start = from.checked_sub_days(Days::new(7)).unwrap().and_hms_opt(0, 0, 0).unwrap().and_utc();
        let length = (to.and_hms_opt(0, 0, 0).unwrap().and_utc() - start).num_minutes() + 4 * 1440;
        let mut open = vec![false; usize::try_from(length).unwrap()];
        let mut date = from.checked_sub_days(Days::new(5)).unwrap();
        while date <= to {
            let trip = owner.trips.iter().find(|trip| trip.from <= date && date <= trip.to);
            let zone = trip.map_or(&owner.zone, |trip| &trip.zone);
            let hours = trip.and_then(|trip| trip.hours.as_ref()).unwrap_or(&owner.hours);
            let closed = owner.closures.iter().any(|closure| closure.from <= date && date <= closure.to);
            for span in hours.day(date.weekday()).iter().filter(|_| !closed) {
                let end = if span.close <= span.open { date.succ_opt().unwrap() } else { date };
                let first = first_showing(zone, date.and_time(span.open));
                let last = first_showing(zone, end.and_time(span.close));
                let mut minute = first;
                while minute < last {
                    open[usize::try_from((minute - start).num_minutes()).unwrap()] = true;
                    minute += TimeDelta::minutes(1);
                }
            }
            date = date.succ_opt().unwrap();
        }
        Self { start, open }
    }

    /// The first end of a window at or after an instant.
    pub fn first_end(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        // Rounded up: windows end on whole minutes.
        let from = usize::try_from((at - self.start).num_seconds().div_euclid(60)).unwrap();
        let from = if self.minute(from) < at { from + 1 } else { from };
        (from.max(1)..self.open.len()).find(|&m| self.open[m - 1] && !self.open[m]).map(|m| self.minute(m))
    }

    /// Whether a window ends at this very instant.
    pub fn is_end(&self, at: DateTime<Utc>) -> bool {
        self.first_end(at) == Some(at)
    }

    fn minute(&self, index: usize) -> DateTime<Utc> {
        self.start + TimeDelta::minutes(i64::try_from(index).unwrap())
    }
}

/// The first minute at which the wall clock shows this time or a later one: a time in a gap becomes the gap's end, an
/// ambiguous one its first occurrence.
fn first_showing(zone: &Zone, wall: NaiveDateTime) -> DateTime<Utc> {
    let near = wall.and_utc() - TimeDelta::seconds(i64::from(zone.offset_seconds(wall.and_utc())));
    let mut minute = near - TimeDelta::hours(4);
    while zone.local(minute) < wall {
        minute += TimeDelta::minutes(1);
    }
    minute
}
