//! What a point in time means for the client's working day. Arithmetic only, no words.
use crate::calendar::{holidays::spans_on, ordinary};
use crate::model::{Instant, Span, WeeklyHours, Zone};
use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta, Weekday};
use serde::Serialize;
use std::borrow::Cow;

/// The last two hours of a day are its end, the first hour is its start.
const END: TimeDelta = TimeDelta::hours(2);
const START: TimeDelta = TimeDelta::hours(1);

/// Where a point in time falls in the client's day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClientDay {
    /// At or before the opening: it is there when they begin.
    BeforeStart,
    /// In the first hour.
    Start,
    /// In the middle, or nothing certain can be said.
    During,
    /// In the last two hours: still that day.
    End,
    /// After the close: they find it when they begin again.
    After,
    /// On a day without hours: likewise.
    DayOff,
}

/// A client's hours with their holidays.
#[derive(Clone, Copy, Debug)]
pub struct WorkingDays<'a> {
    /// Decent hours; without any, weekdays from 09:00 to 18:00 are supposed, and nothing is said about days
    /// that are a weekend somewhere (Friday to Sunday).
    pub hours: Option<&'a WeeklyHours>,
    /// Public-holiday calendars.
    pub holidays: &'a [String],
}

impl WorkingDays<'_> {
    /// Where `at` falls, and the date of the first start of a working day at or after it.
    #[must_use]
    pub fn place(&self, zone: &Zone, at: Instant) -> (ClientDay, Option<NaiveDate>) {
        let local = zone.local(at);
        let start = self.next_start(local);
        let written = self.hours.is_some_and(|hours| !hours.is_assumed());
        let sure = |date: NaiveDate| written || is_workday_everywhere(date);
        if !sure(local.date()) || start.is_some_and(|date| !sure(date)) {
            return (ClientDay::During, start);
        }
        let day = self.classify(local);
        if start.is_none() && matches!(day, ClientDay::After | ClientDay::DayOff) {
            return (ClientDay::During, None);
        }
        (day, start)
    }

    fn classify(&self, local: NaiveDateTime) -> ClientDay {
        let yesterday = local.date().pred_opt().and_then(|date| self.working_day(date));
        if let Some((_, close)) = yesterday.filter(|(_, close)| local <= *close) {
            // The evening before has run past midnight.
            return if close - local <= END { ClientDay::End } else { ClientDay::During };
        }
        match self.working_day(local.date()) {
            None => ClientDay::DayOff,
            Some((open, _)) if local <= open => ClientDay::BeforeStart,
            Some((_, close)) if local > close => ClientDay::After,
            Some((open, _)) if local <= open + START => ClientDay::Start,
            Some((_, close)) if close - local <= END => ClientDay::End,
            Some(_) => ClientDay::During,
        }
    }

    /// First opening and last close of a date's working day.
    fn working_day(&self, date: NaiveDate) -> Option<(NaiveDateTime, NaiveDateTime)> {
        let spans = self.spans(date);
        let open = spans.iter().map(|span| date.and_time(span.open)).min()?;
        let close = spans.iter().filter_map(|span| {
            let last = if span.crosses_midnight() { date.succ_opt()? } else { date };
            Some(last.and_time(span.close))
        });
        Some((open, close.max()?))
    }

    fn spans(&self, date: NaiveDate) -> Vec<Span> {
        let usual = || ordinary(&[Weekday::Sat, Weekday::Sun]);
        let hours = self.hours.map_or_else(|| Cow::Owned(usual()), Cow::Borrowed);
        spans_on(&hours, &hours, self.holidays, date).to_vec()
    }

    /// The date of the first opening at or after `local`, within four weeks.
    fn next_start(&self, local: NaiveDateTime) -> Option<NaiveDate> {
        let days = local.date().iter_days().take(28);
        days.filter_map(|date| self.working_day(date))
            .map(|(open, _)| open)
            .find(|open| *open >= local)
            .map(|o| o.date())
    }
}

fn is_workday_everywhere(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Mon | Weekday::Tue | Weekday::Wed | Weekday::Thu)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Zones;
    use chrono::NaiveTime;

    fn span(open: (u32, u32), close: (u32, u32)) -> Span {
        let at = |(h, m)| NaiveTime::from_hms_opt(h, m, 0).unwrap();
        Span { open: at(open), close: at(close) }
    }

    #[test]
    fn a_moment_is_placed_in_the_clients_day() {
        use ClientDay::{After, BeforeStart, DayOff, During, End, Start};
        let week = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
        let office = WeeklyHours::on(&week, &[span((9, 0), (12, 0)), span((14, 0), (18, 30))]);
        let night = WeeklyHours::on(&week, &[span((20, 0), (4, 0))]);
        let zone = Zones::bundled().get("Asia/Singapore").unwrap();
        // 2027-01-11 is a Monday.
        for (hours, local, day, start) in [
            (Some(&office), "2027-01-13T02:00:00", BeforeStart, "2027-01-13"),
            (Some(&office), "2027-01-13T09:00:00", BeforeStart, "2027-01-13"),
            (Some(&office), "2027-01-13T09:30:00", Start, "2027-01-14"),
            (Some(&office), "2027-01-13T13:00:00", During, "2027-01-14"),
            (Some(&office), "2027-01-13T16:30:00", End, "2027-01-14"),
            (Some(&office), "2027-01-13T18:30:00", End, "2027-01-14"),
            (Some(&office), "2027-01-15T20:00:00", After, "2027-01-18"),
            (Some(&office), "2027-01-16T10:00:00", DayOff, "2027-01-18"),
            (Some(&night), "2027-01-13T01:00:00", During, "2027-01-13"),
            (Some(&night), "2027-01-13T03:00:00", End, "2027-01-13"),
            (Some(&night), "2027-01-13T05:00:00", BeforeStart, "2027-01-13"),
            (None, "2027-01-13T02:00:00", BeforeStart, "2027-01-13"),
            (None, "2027-01-13T20:00:00", After, "2027-01-14"),
            (None, "2027-01-15T20:00:00", During, "2027-01-18"),
            (None, "2027-01-16T10:00:00", During, "2027-01-18"),
        ] {
            let at = zone.instant(local.parse().unwrap());
            let got = WorkingDays { hours, holidays: &[] }.place(&zone, at);
            assert_eq!(got, (day, Some(start.parse().unwrap())), "{local}");
        }
    }

    #[test]
    fn nothing_is_said_about_a_client_who_never_works() {
        let never = WeeklyHours::default();
        let zone = Zones::bundled().utc();
        let at = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        assert_eq!(WorkingDays { hours: Some(&never), holidays: &[] }.place(&zone, at), (ClientDay::During, None));
    }
}
