//! The picture for a terminal: 80 columns, half an hour a column, readable without colour. Glyphs for UTF-8 and for
//! terminals that have only ASCII.
use super::scene::{Day, Doing, Row, announcements};
use super::{Picture, out, say};
use crate::calendar::overlap::{Interval, holds, intersection};
use crate::model::{Client, Instant, Zone};
use chrono::{NaiveDate, TimeDelta, Timelike};

const CELL: TimeDelta = TimeDelta::minutes(30);
/// Columns of names before the strips of a day.
const NAMES: usize = 23;
/// Columns of dates before the strips of a week.
const DATES: usize = 12;

/// What the terminal can show.
#[derive(Clone, Copy)]
pub struct Style {
    pub utf8: bool,
    pub colours: bool,
}

/// What is drawn in one column.
#[derive(Clone, Copy, PartialEq)]
enum Mark {
    Night,
    Awake,
    Work,
    Window,
    /// Midnight on this clock, at night.
    Midnight,
    /// A week: some clients are at work, or all while the owner sleeps.
    Some,
    /// A week: a window outside the common hours.
    LoneWindow,
    /// So many clients are at work, but not all.
    Count(usize),
    Nothing,
}

impl Style {
    /// As the environment says: `LC_ALL`, `LC_CTYPE`, `LANG` (the first that is set), and `NO_COLOR`.
    pub fn of_terminal() -> Self {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().filter_map(std::env::var_os).find(|value| !value.is_empty());
        let locale = locale.map(|value| value.to_string_lossy().to_lowercase()).unwrap_or_default();
        Self { utf8: locale.contains("utf-8") || locale.contains("utf8"), colours: out::colours() }
    }

    /// The client under a name that the terminal can show: without UTF-8 their key.
    pub fn nameable(self, client: &Client) -> Client {
        let name = if self.utf8 || client.name.is_ascii() { &client.name } else { &client.id };
        Client { name: name.clone(), ..client.clone() }
    }

    fn glyph(self, mark: Mark) -> char {
        let (fine, plain) = match mark {
            Mark::Night => ('·', '.'),
            Mark::Awake => ('─', '-'),
            Mark::Work => ('▒', '='),
            Mark::Window => ('█', '#'),
            Mark::Midnight => ('┊', ':'),
            Mark::Some => ('░', '-'),
            Mark::LoneWindow => ('▪', 'o'),
            Mark::Count(count) => {
                let digit = u32::try_from(count).ok().and_then(|n| char::from_digit(n, 10)).unwrap_or('+');
                (digit, digit)
            }
            Mark::Nothing => (' ', ' '),
        };
        if self.utf8 { fine } else { plain }
    }

    fn strip(self, marks: &[Mark]) -> String {
        let mut drawn = String::new();
        for same in marks.chunk_by(|one, other| one == other) {
            let glyphs: String = same.iter().map(|mark| self.glyph(*mark)).collect();
            drawn += &match same.first() {
                Some(Mark::Window) => self.paint("1;32", &glyphs),
                Some(Mark::Work) => self.paint("36", &glyphs),
                Some(Mark::Night | Mark::Midnight | Mark::Some | Mark::Count(_)) => self.paint("2", &glyphs),
                _ => glyphs,
            };
        }
        drawn
    }

    pub fn paint(self, code: &str, text: &str) -> String {
        if self.colours && !text.trim().is_empty() { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    pub fn fitted(self, text: &str, columns: usize) -> String {
        say::fitted(&self.plain(text), columns, if self.utf8 { "…" } else { "~" })
    }

    /// A name as it can be shown: without UTF-8, what is no ASCII becomes a question mark.
    pub fn plain(self, text: &str) -> String {
        if self.utf8 { text.to_owned() } else { text.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect() }
    }
}

/// Draws the picture.
pub fn draw(picture: &Picture<'_>, style: Style) -> String {
    let mut lines = vec![style.paint("1", &style.plain(&picture.heading())), String::new()];
    match picture.days.as_slice() {
        [day] => one_day(picture, day, style, &mut lines),
        days => week(picture, days, style, &mut lines),
    }
    let mut notes: Vec<(String, String)> = Vec::new();
    for note in picture.days.iter().flat_map(|day| &day.notes) {
        let told = (note.who.clone(), note.text.clone());
        if !note.text.is_empty() && !notes.contains(&told) {
            notes.push(told);
        }
    }
    lines.push(String::new());
    for (who, text) in &notes {
        lines.push(say::wrapped(&style.plain(&format!("{who}: ")), &style.plain(text)));
    }
    let from = picture.days.first().map_or(picture.now, |day| day.start);
    let (shifts, steady) = announcements(picture.owner, &picture.clients, from);
    for (date, text) in shifts {
        lines.push(say::wrapped(&format!("{}: ", say::date(date)), &style.plain(&text)));
    }
    if let Some(steady) = steady {
        lines.push(say::wrapped("", &style.plain(&format!("In the next 400 days {steady}."))));
    }
    lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
}

fn one_day(picture: &Picture<'_>, day: &Day, style: Style, lines: &mut Vec<String>) {
    if let Some(now) = picture.marked_now() {
        lines.push(now_line(style, day, now));
    }
    let axis = |row: &Row| scale(&row.zone, day.start, day.end, None);
    let me = &day.owner;
    lines.push(format!("{}{}", " ".repeat(NAMES), axis(me)));
    lines.push(format!("{}{}", style.fitted("You", NAMES), style.strip(&cells(day, me))));
    for row in &day.clients {
        let gap = say::gap_short(row.gap_minutes);
        let city = style.fitted(&format!("  {}", say::city(&row.zone)), NAMES - gap.len() - 2);
        lines.push(String::new());
        lines.push(format!(
            "{} {}",
            style.fitted(&row.name, NAMES - 1),
            scale(&row.zone, day.start, day.end, Some(day.date))
        ));
        lines.push(format!("{}  {}", style.paint("2", &format!("{city}{gap}")), style.strip(&cells(day, row))));
    }
    if !day.clients.is_empty() {
        let shared: Vec<Mark> =
            columns(day.start, day.end).map(|(from, until)| shared_mark(day, from, until)).collect();
        lines.push(String::new());
        lines.push(format!("{}{}", style.fitted("Shared", NAMES), style.strip(&shared)));
    }
    lines.push(String::new());
    let legend = [
        (Mark::Window, "answer window"),
        (Mark::Work, "at work"),
        (Mark::Awake, "awake"),
        (Mark::Night, "night"),
        (Mark::Midnight, "midnight"),
    ];
    lines.push(self::legend(style, &legend));
    if day.clients.len() > 1 {
        let shared = [(Mark::Work, "all at work and you up"), (Mark::Window, "your window in it")];
        let counts = if day.clients.len() > 2 { "   2 two of them" } else { "" };
        lines.push(format!("Shared: {}{counts}", self::legend(style, &shared)));
    }
    lines.push(say::wrapped("", &style.plain(&picture.summary(day))));
}

fn legend(style: Style, entries: &[(Mark, &str)]) -> String {
    let one = |(mark, text): &(Mark, &str)| format!("{} {text}", style.strip(&[*mark]));
    entries.iter().map(one).collect::<Vec<_>>().join("   ")
}

fn now_line(style: Style, day: &Day, now: Instant) -> String {
    let column = usize::try_from((now - day.start).num_minutes() / CELL.num_minutes()).unwrap_or(0);
    let (sign, text) = (if style.utf8 { "▼" } else { "v" }, format!("now {}", day.zone.local(now).format("%H:%M")));
    // near the right edge the words stand before the sign
    if column > 36 {
        let before = (NAMES + column).saturating_sub(text.len() + 1);
        return format!("{}{text} {sign}", " ".repeat(before));
    }
    format!("{}{sign} {text}", " ".repeat(NAMES + column))
}

/// The columns between two instants.
fn columns(start: Instant, end: Instant) -> impl Iterator<Item = Interval> {
    let next = move |at: &Instant| Some(*at + CELL);
    std::iter::successors(Some(start), next).take_while(move |at| *at < end).map(move |at| (at, (at + CELL).min(end)))
}

fn cells(day: &Day, row: &Row) -> Vec<Mark> {
    let mut date: Option<NaiveDate> = None;
    let mark = |(from, until): Interval| {
        let here = row.zone.local(from).date();
        let midnight = date.replace(here).is_some_and(|before| before != here);
        match row.doing(from, until) {
            Doing::Window => Mark::Window,
            Doing::Work => Mark::Work,
            Doing::Awake => Mark::Awake,
            Doing::Night if midnight => Mark::Midnight,
            Doing::Night => Mark::Night,
        }
    };
    columns(day.start, day.end).map(mark).collect()
}

fn shared_mark(day: &Day, from: Instant, until: Instant) -> Mark {
    match together(day, from, until) {
        (true, true) => Mark::Window,
        (true, false) => Mark::Work,
        _ => match day.at_work(from + (until - from) / 2) {
            count @ 2.. => Mark::Count(count),
            _ => Mark::Nothing,
        },
    }
}

/// Whether a column is common (by its middle), and whether a window is in it.
fn together(day: &Day, from: Instant, until: Instant) -> (bool, bool) {
    let window = !intersection(&day.shared_windows, &[(from, until)]).is_empty();
    (window || holds(&day.shared, from + (until - from) / 2), window)
}

/// The even hours of a clock over their columns; with `other_day`, midnight is the name of the day that begins.
fn scale(zone: &Zone, start: Instant, end: Instant, other_day: Option<NaiveDate>) -> String {
    let mut line = String::new();
    for (column, (from, until)) in columns(start, end).enumerate() {
        // the whole hour that falls into this column, if one does
        let whole = from + TimeDelta::minutes(i64::from((60 - zone.local(from).minute()) % 60));
        let local = zone.local(whole);
        if whole >= until || local.minute() != 0 || !local.hour().is_multiple_of(2) || line.chars().count() > column {
            continue;
        }
        line += &" ".repeat(column - line.chars().count());
        line += &match (local.hour(), other_day) {
            (0, Some(_)) => local.format("%a").to_string(),
            (hour, _) => hour.to_string(),
        };
        line.push(' ');
    }
    line.trim_end().to_owned()
}

fn week(picture: &Picture<'_>, days: &[Day], style: Style, lines: &mut Vec<String>) {
    let mut zone: Option<&Zone> = None;
    for day in days {
        // the clocks over the strips hold until the owner is elsewhere
        if let Some(before) = zone.replace(&day.zone).filter(|before| **before != day.zone) {
            lines.push(String::new());
            lines.push(format!("on your clock in {}, no longer {}", say::city(&day.zone), say::city(before)));
            clocks(day, style, lines);
        } else if lines.len() < 3 {
            clocks(day, style, lines);
        }
        let marks: Vec<Mark> = columns(day.start, day.end).map(|(from, until)| week_mark(day, from, until)).collect();
        let room = say::COLUMNS.saturating_sub(DATES + marks.len() + 2);
        let strip = style.strip(&marks);
        let short = day.notes.first().map_or_else(String::new, |note| match &note.id {
            None => note.short.clone(),
            Some(id) => format!("{id}: {}", note.short),
        });
        lines.push(format!(
            "{}{strip}  {}",
            style.fitted(&day.date.format("%a %-d %b").to_string(), DATES),
            style.fitted(&short, room)
        ));
    }
    lines.push(String::new());
    let shared =
        [(Mark::Window, "window in common hours"), (Mark::Work, "common hours"), (Mark::LoneWindow, "other window")];
    lines.push(legend(style, &shared));
    let (rest, counts) = match picture.clients.len() {
        1 => ("they are at work, you asleep", ""),
        2 => ("one at work, or you asleep", ""),
        _ => ("one at work, or you asleep", "   2 two of them"),
    };
    lines.push(format!("{}{counts}", legend(style, &[(Mark::Night, "nobody is at work"), (Mark::Some, rest)])));
}

/// Everybody's clock over the days of a week that follow.
fn clocks(day: &Day, style: Style, lines: &mut Vec<String>) {
    lines.push(format!("{}{}", style.fitted("You", DATES), scale(&day.zone, day.start, day.end, None)));
    for row in &day.clients {
        let clock = scale(&row.zone, day.start, day.end, Some(day.date));
        let name = style.fitted(row.id.as_deref().unwrap_or(&row.name), DATES - 1);
        lines.push(style.paint("2", &format!("{name} {clock}")));
    }
}

fn week_mark(day: &Day, from: Instant, until: Instant) -> Mark {
    let middle = from + (until - from) / 2;
    let window = !intersection(&day.owner.windows, &[(from, until)]).is_empty();
    match together(day, from, until) {
        (_, true) => Mark::Window,
        _ if window => Mark::LoneWindow,
        (true, _) => Mark::Work,
        _ if day.at_work(middle) > 1 => Mark::Count(day.at_work(middle)),
        _ if day.clients.iter().any(|row| holds(&row.work, middle)) => Mark::Some,
        _ => Mark::Night,
    }
}
