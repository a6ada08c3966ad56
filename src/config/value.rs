//! How single values are written: durations, times of day, windows, days of the week. Text in, values out.
use crate::model::Span;
use chrono::{NaiveTime, TimeDelta, Weekday};

/// The days as keys are written.
pub(super) const DAYS: [(&str, Weekday, &str); 7] = [
    ("mon", Weekday::Mon, "Monday"),
    ("tue", Weekday::Tue, "Tuesday"),
    ("wed", Weekday::Wed, "Wednesday"),
    ("thu", Weekday::Thu, "Thursday"),
    ("fri", Weekday::Fri, "Friday"),
    ("sat", Weekday::Sat, "Saturday"),
    ("sun", Weekday::Sun, "Sunday"),
];

/// Reads `30s`, `5m`, `2h`, `3d`, `1w` and sums such as `1h30m`; `None` for anything else, a bare number
/// and a sign included.
pub fn duration(text: &str) -> Option<TimeDelta> {
    let mut seconds: i64 = 0;
    let mut number: Option<i64> = None;
    for c in text.chars() {
        match (c.to_digit(10), unit_seconds(c)) {
            (Some(digit), _) => {
                number = Some(number.unwrap_or(0).checked_mul(10)?.checked_add(i64::from(digit))?);
            }
            (None, Some(unit)) => seconds = seconds.checked_add(number.take()?.checked_mul(unit)?)?,
            (None, None) => return None,
        }
    }
    let complete = number.is_none() && !text.is_empty();
    complete.then(|| TimeDelta::try_seconds(seconds)).flatten()
}

fn unit_seconds(unit: char) -> Option<i64> {
    match unit {
        's' => Some(1),
        'm' => Some(60),
        'h' => Some(3600),
        'd' => Some(86_400),
        'w' => Some(604_800),
        _ => None,
    }
}

/// Reads `09:00` or `9:00`; seconds are not known.
pub(super) fn time(text: &str) -> Option<NaiveTime> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |part: &str, at_least: usize| {
        let fits = (at_least..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| part.parse::<u32>().ok()).flatten()
    };
    NaiveTime::from_hms_opt(digits(hour, 1)?, digits(minute, 2)?, 0)
}

/// Why a window could not be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum BadSpan {
    /// Not `HH:MM-HH:MM`.
    Unreadable,
    /// It ends when it begins.
    Empty,
}

/// Reads `09:00-09:30`; `24:00` is allowed as the end, and an end before the start lies on the next day.
pub(super) fn span(text: &str) -> Result<Span, BadSpan> {
    let (open, close) = text.split_once(['-', '–']).ok_or(BadSpan::Unreadable)?;
    let open = time(open.trim()).ok_or(BadSpan::Unreadable)?;
    let midnight = close.trim() == "24:00";
    let close = if midnight { NaiveTime::MIN } else { time(close.trim()).ok_or(BadSpan::Unreadable)? };
    if open == close && !midnight {
        return Err(BadSpan::Empty);
    }
    Ok(Span { open, close })
}

/// Reads a key of an hours table: `mon`, or `mon-thu`, or `fri-mon` around the week's end.
pub(super) fn days(key: &str) -> Option<Vec<Weekday>> {
    let day = |name: &str| DAYS.iter().find(|(key, ..)| *key == name).map(|(_, day, _)| *day);
    let Some((first, last)) = key.split_once('-') else {
        return day(key).map(|day| vec![day]);
    };
    let (first, last) = (day(first)?, day(last)?);
    let mut list = vec![first];
    let mut next = first;
    while next != last && list.len() < 7 {
        next = next.succ();
        list.push(next);
    }
    Some(list)
}

/// The English name of a day, for complaints.
pub(super) fn day_name(day: Weekday) -> &'static str {
    DAYS.iter().find(|(_, candidate, _)| *candidate == day).map_or("a day", |(_, _, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, seconds) in
            [("30s", Some(30)), ("5m", Some(300)), ("1h30m", Some(5400)), ("3d", Some(259_200)), ("1w", Some(604_800))]
        {
            assert_eq!(duration(text).map(|d| d.num_seconds()), seconds, "{text}");
        }
        for bad in ["", "5", "m", "-5m", "5 m", "5min", "1h30", "99999999999999999999d", "9223372036854775807w", "٣m"]
        {
            assert_eq!(duration(bad), None, "{bad}");
        }
    }

    #[test]
    fn spans() {
        let at = |h, m| NaiveTime::from_hms_opt(h, m, 0).unwrap();
        assert_eq!(span("9:00-09:30"), Ok(Span { open: at(9, 0), close: at(9, 30) }));
        assert_eq!(span("22:00 – 01:00"), Ok(Span { open: at(22, 0), close: at(1, 0) }));
        assert_eq!(span("00:00-24:00"), Ok(Span { open: at(0, 0), close: at(0, 0) }));
        assert_eq!(span("00:00-00:00"), Err(BadSpan::Empty));
        for bad in ["", "9-17", "09:00", "09:00-25:00", "24:00-01:00", "09:60-10:00", "9:0-9:30", "+9:00-10:00"] {
            assert_eq!(span(bad), Err(BadSpan::Unreadable), "{bad}");
        }
    }

    #[test]
    fn weekdays() {
        use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
        assert_eq!(days("mon-thu"), Some(vec![Mon, Tue, Wed, Thu]));
        assert_eq!(days("fri-mon"), Some(vec![Fri, Sat, Sun, Mon]));
        assert_eq!(days("tue-mon").map(|d| d.len()), Some(7));
        for bad in ["", "Mon", "mon-", "monday", "mon-tue-wed"] {
            assert_eq!(days(bad), None, "{bad}");
        }
    }
}
