//! Small phrases that the calendar commands share: days, gaps, lengths, lines that fit.
use crate::calendar::Shift;
use crate::calendar::shift::Whose;
use crate::model::{Instant, Zone};
use chrono::NaiveDate;

/// The widest line that is printed.
pub const COLUMNS: usize = 80;

/// `Thu 14 Jan 2027`
pub fn date(date: NaiveDate) -> String {
    date.format("%a %-d %b %Y").to_string()
}

/// `London`, `New York`
pub fn city(zone: &Zone) -> String {
    zone.name().rsplit('/').next().unwrap_or_default().replace('_', " ")
}

/// `09:00`, and `24:00` for midnight at the end of the day that is told.
pub fn clock(zone: &Zone, at: Instant, day: NaiveDate) -> String {
    let local = zone.local(at);
    if local.date() > day && local.format("%H:%M").to_string() == "00:00" {
        return "24:00".to_owned();
    }
    local.format("%H:%M").to_string()
}

/// `09:00-10:30, 14:00-15:00`, on one clock; `none` without any.
pub fn intervals(zone: &Zone, all: &[(Instant, Instant)]) -> String {
    let one = |(start, end): &(Instant, Instant)| {
        let day = zone.local(*start).date();
        format!("{}-{}", clock(zone, *start, day), clock(zone, *end, day))
    };
    if all.is_empty() { "none".to_owned() } else { all.iter().map(one).collect::<Vec<_>>().join(", ") }
}

/// `8 h`, `5 h 45 min`, `30 min`
pub fn length(minutes: i64) -> String {
    match (minutes.abs() / 60, minutes.abs() % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// `+8 h`, `-3:30 h`, `same time`
pub fn gap_short(minutes: i64) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    match (minutes.abs() / 60, minutes.abs() % 60) {
        (0, 0) => "same time".to_owned(),
        (hours, 0) => format!("{sign}{hours} h"),
        (hours, minutes) => format!("{sign}{hours}:{minutes:02} h"),
    }
}

/// `8 h ahead of you`, `5 h behind you`, `on your time`
pub fn gap(minutes: i64) -> String {
    match minutes {
        0 => "on your time".to_owned(),
        1.. => format!("{} ahead of you", length(minutes)),
        _ => format!("{} behind you", length(minutes)),
    }
}

/// `the clock in Toronto changes: Studio Boréal is then 4 h behind you, instead of 5 h`
pub fn shift(shift: &Shift, client: &str, zone: &Zone, owner_zone: &Zone) -> String {
    let whose = match shift.whose {
        Whose::Owner => format!("your clock ({}) changes", city(owner_zone)),
        Whose::Client => format!("the clock in {} changes", city(zone)),
        Whose::Both => format!("your clock and the one in {} change", city(zone)),
    };
    let (before, after) = (shift.before_minutes, shift.after_minutes);
    let instead = match before {
        0 => "on it".to_owned(),
        _ if before.signum() == after.signum() => length(before),
        1.. => format!("{} ahead", length(before)),
        _ => format!("{} behind", length(before)),
    };
    format!("{whose}: {client} is then {}, instead of {instead}", gap(after))
}

/// How many columns a text takes in a terminal: East Asian wide characters take two, combining marks none.
pub fn width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

fn char_width(c: char) -> usize {
    match c as u32 {
        0x300..=0x36F | 0x200B..=0x200F | 0xFE00..=0xFE0F => 0,
        0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE6F | 0xFF00..=0xFF60 => 2,
        0xFFE0..=0xFFE6 | 0x1F300..=0x1FAFF | 0x20000..=0x3FFFD => 2,
        _ => 1,
    }
}

/// The text in exactly `columns`: filled with spaces, or cut with a mark.
pub fn fitted(text: &str, columns: usize, mark: &str) -> String {
    if width(text) <= columns {
        return format!("{text}{}", " ".repeat(columns - width(text)));
    }
    let room = columns.saturating_sub(width(mark));
    let mut cut = String::new();
    for c in text.chars() {
        if width(&cut) + char_width(c) > room {
            break;
        }
        cut.push(c);
    }
    let cut = format!("{}{mark}", cut.trim_end());
    format!("{cut}{}", " ".repeat(columns.saturating_sub(width(&cut))))
}

/// A line behind a bar. With `fold` in lines of at most [`COLUMNS`], each behind its bar: a terminal would break them without.
pub fn barred(bar: &str, line: &str, fold: bool) -> Vec<String> {
    let room = COLUMNS.saturating_sub(width(bar));
    if !fold || width(line) <= room {
        return vec![format!("{bar}{line}").trim_end().to_owned()];
    }
    let (mut lines, mut now, mut used) = (Vec::new(), String::from(bar), 0);
    let mut end = |now: &mut String, used: &mut usize| {
        lines.push(now.trim_end().to_owned());
        bar.clone_into(now);
        *used = 0;
    };
    for word in line.split_inclusive(' ') {
        if used > 0 && used + width(word.trim_end()) > room {
            end(&mut now, &mut used);
        }
        for c in word.chars() {
            if c != ' ' && used + char_width(c) > room {
                end(&mut now, &mut used);
            }
            now.push(c);
            used += char_width(c);
        }
    }
    end(&mut now, &mut used);
    lines
}

/// The text in lines of at most [`COLUMNS`], the first one behind `head`, the others behind as many spaces.
pub fn wrapped(head: &str, text: &str) -> String {
    let indent = width(head);
    let mut lines = vec![head.to_owned()];
    let mut fresh = true;
    for word in text.split_whitespace() {
        let used = lines.last().map_or(0, |line| width(line));
        if !fresh && used + 1 + width(word) > COLUMNS {
            lines.push(" ".repeat(indent));
            fresh = true;
        }
        if let Some(line) = lines.last_mut() {
            if !fresh {
                line.push(' ');
            }
            line.push_str(word);
        }
        fresh = false;
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_in_words() {
        for (minutes, short, long) in [
            (480, "+8 h", "8 h ahead of you"),
            (-300, "-5 h", "5 h behind you"),
            (345, "+5:45 h", "5 h 45 min ahead of you"),
            (-30, "-0:30 h", "30 min behind you"),
            (0, "same time", "on your time"),
        ] {
            assert_eq!((gap_short(minutes).as_str(), gap(minutes).as_str()), (short, long));
        }
    }

    #[test]
    fn lines_fit() {
        assert_eq!(fitted("東京デザイン", 8, "…"), "東京デ… ");
        assert_eq!(fitted("Zoé", 5, "…"), "Zoé  ");
        let text = wrapped("Acme: ", &"word ".repeat(40));
        assert!(text.lines().all(|line| width(line) <= COLUMNS));
        assert!(text.lines().skip(1).all(|line| line.starts_with("      w")));
        for text in ["word ".repeat(40), "x".repeat(200), "返事は火曜日に".repeat(20), String::new()] {
            let lines = barred("  │ ", &text, true);
            assert!(lines.iter().all(|line| line.starts_with("  │") && width(line) <= COLUMNS), "{lines:?}");
            let whole: String = lines.iter().map(|line| line.trim_start_matches("  │").replace(' ', "")).collect();
            assert_eq!(whole, text.replace(' ', ""));
            assert_eq!(barred("  │ ", &text, false).len(), 1);
        }
    }
}
