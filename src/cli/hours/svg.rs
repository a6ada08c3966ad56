//! The picture as one SVG file: no script, no font or picture from elsewhere, light and dark by the reader's choice,
//! shapes that differ without colour (a thin line is night, a bar is awake, a broad bar is work, a tall one a window).
use super::scene::{Day, Row, announcements};
use super::{Picture, say};
use crate::calendar::overlap::Interval;
use crate::model::{Instant, Zone};
use chrono::{TimeDelta, Timelike};
use std::fmt::Write as _;

const WIDTH: f64 = 920.0;
/// The strips begin here and are so wide.
const LEFT: f64 = 212.0;
const SPAN: f64 = 672.0;
/// Characters of a line of prose.
const PROSE: usize = 124;

pub const CSS: &str = "\
svg.fuseau{--paper:#fdfcf9;--ink:#1d2433;--soft:#5d6678;--line:#dcdfe6;--night:#a9b0be;--awake:#b9c6dc;--work:#3f6ea8;\
--window:#c2571a;--shared:#1f8a5b;--veil:.13;font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','DejaVu Sans',sans-serif;\
font-variant-numeric:tabular-nums;max-width:100%;height:auto}\
@media (prefers-color-scheme:dark){svg.fuseau{--paper:#14181f;--ink:#e9ecf2;--soft:#a3adbf;--line:#2c3340;--night:#5d6678;\
--awake:#4a5870;--work:#6fa3e0;--window:#f0914d;--shared:#4cc48f;--veil:.2}}\
.fuseau .paper{fill:var(--paper)}.fuseau text{fill:var(--ink);font-size:13px}.fuseau .head{font-size:20px;font-weight:600}\
.fuseau .name{font-size:14px;font-weight:600}.fuseau .soft{fill:var(--soft);font-size:12px}.fuseau text.tick{fill:var(--soft);font-size:11px;text-anchor:middle;paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}\
.fuseau text.day{font-weight:700;fill:var(--ink)}.fuseau .lane{fill:var(--soft);font-size:10.5px;text-anchor:end}\
.fuseau .grid{stroke:var(--line);stroke-width:1}.fuseau .night{stroke:var(--night);stroke-width:1.5;stroke-dasharray:1.5 4;stroke-linecap:round}\
.fuseau .midnight{stroke:var(--ink);stroke-width:1.2;stroke-dasharray:3 2}.fuseau .awake{fill:var(--awake)}.fuseau .work{fill:var(--work)}\
.fuseau .window{fill:var(--window)}.fuseau .veil{fill:var(--shared);opacity:var(--veil)}.fuseau .shared{fill:var(--shared)}\
.fuseau .part{fill:var(--paper);stroke:var(--shared);stroke-width:1.5;stroke-dasharray:4 3}.fuseau .reach{stroke:var(--window);stroke-width:1;stroke-dasharray:2 3;opacity:.75}.fuseau .now{stroke:var(--ink);stroke-width:1.5}\
.fuseau text.mark{fill:var(--shared);font-size:12px;font-weight:600;text-anchor:middle}";

/// Heights of night to window in a row, in pixels.
struct Bars {
    awake: f64,
    work: f64,
    window: f64,
}

const TALL: Bars = Bars { awake: 7.0, work: 20.0, window: 26.0 };
const SMALL: Bars = Bars { awake: 3.0, work: 9.0, window: 12.0 };

/// The file so far, and how far down it reaches.
struct Sheet {
    body: String,
    y: f64,
}

/// Draws the picture.
pub fn draw(picture: &Picture<'_>) -> String {
    drawn(picture, &format!("<style>{CSS}</style>\n"))
}

/// Draws the picture for a page that has the style already: inline, a strict policy would refuse it.
pub fn draw_without_style(picture: &Picture<'_>) -> String {
    drawn(picture, "")
}

fn drawn(picture: &Picture<'_>, style: &str) -> String {
    let mut sheet = Sheet { body: String::new(), y: 40.0 };
    sheet.text("head", 24.0, &picture.heading());
    sheet.y += 24.0;
    let summary = match picture.days.as_slice() {
        [day] => picture.summary(day),
        days => week_summary(days),
    };
    sheet.prose("", &summary);
    sheet.y += 6.0;
    match picture.days.as_slice() {
        [day] => one_day(picture, day, &mut sheet),
        days => week(picture, days, &mut sheet),
    }
    legend(&mut sheet, picture);
    sheet.y += 12.0;
    let notes = below(picture);
    for note in &notes {
        sheet.prose("soft", note);
    }
    let height = sheet.y + 8.0;
    let description = std::iter::once(&summary).chain(&notes).map(String::as_str).collect::<Vec<_>>().join(" ");
    format!(
        "<svg class=\"fuseau\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" role=\"img\" aria-labelledby=\"fuseau-title fuseau-desc\">\n\
         <title id=\"fuseau-title\">Common hours: {}</title>\n<desc id=\"fuseau-desc\">{}</desc>\n{style}\
         <rect class=\"paper\" width=\"{WIDTH}\" height=\"{height}\" rx=\"10\"/>\n{}</svg>\n",
        escaped(&picture.heading()),
        escaped(&description),
        sheet.body,
    )
}

/// What stands below: notes of the days, then coming clock changes.
fn below(picture: &Picture<'_>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for note in picture.days.iter().flat_map(|day| &day.notes).filter(|note| !note.text.is_empty()) {
        let line = format!("{}: {}.", note.who, note.text);
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    let from = picture.days.first().map_or(picture.now, |day| day.start);
    let (shifts, steady) = announcements(picture.owner, &picture.clients, from);
    lines.extend(shifts.iter().map(|(date, text)| format!("{}: {text}.", say::date(*date))));
    lines.extend(steady.map(|text| format!("In the next 400 days {text}.")));
    lines
}

fn week_summary(days: &[Day]) -> String {
    let one = |day: &Day| format!("{} {}", day.date.format("%a"), say::intervals(&day.zone, &day.shared));
    let common: Vec<String> = days.iter().filter(|day| !day.shared.is_empty()).map(one).collect();
    if common.is_empty() {
        return "No hour in common while you are up.".to_owned();
    }
    format!("In common: {}.", common.join("; "))
}

fn one_day(picture: &Picture<'_>, day: &Day, sheet: &mut Sheet) {
    let top = sheet.y + 10.0;
    let rows = std::iter::once(&day.owner).chain(&day.clients);
    let count = day.clients.len() + 1;
    #[expect(clippy::cast_precision_loss, reason = "a count of rows on a picture")]
    let bottom = top + 66.0 * count as f64 + 8.0;
    sheet.behind(day, top + 22.0, bottom);
    if let Some(now) = picture.marked_now() {
        let x = x(day, now);
        sheet.line("now", x, top + 6.0, x, bottom);
        let _ = writeln!(
            sheet.body,
            "<text class=\"tick day\" x=\"{x:.1}\" y=\"{:.1}\">now {}</text>",
            top,
            day.zone.local(now).format("%H:%M")
        );
    }
    sheet.y = top;
    for row in rows {
        sheet.y += 18.0;
        sheet.scale(day, row, row.id.is_some());
        sheet.y += 24.0;
        sheet.at("name", 24.0, sheet.y - 4.0, &short(&row.name, 19));
        let gap = if row.id.is_some() { format!(" · {}", say::gap_short(row.gap_minutes)) } else { String::new() };
        sheet.at("soft", 24.0, sheet.y + 13.0, &short(&format!("{}{gap}", say::city(&row.zone)), 26));
        sheet.strip(day, row, &TALL);
        sheet.y += 24.0;
    }
    sheet.y += 30.0;
    if day.clients.is_empty() {
        return;
    }
    sheet.at("name", 24.0, sheet.y + 5.0, "Shared");
    sheet.line("night", LEFT, sheet.y, LEFT + SPAN, sheet.y);
    for interval in &day.shared {
        sheet.bar("shared", day, *interval, TALL.work);
        let middle = (x(day, interval.0) + x(day, interval.1)) / 2.0;
        let words = say::intervals(&day.zone, &[*interval]);
        let _ =
            writeln!(sheet.body, "<text class=\"mark\" x=\"{middle:.1}\" y=\"{:.1}\">{words}</text>", sheet.y + 29.0);
    }
    for interval in &day.shared_windows {
        sheet.bar("window", day, *interval, TALL.window);
    }
    let most = if day.shared.is_empty() { day.most() } else { Vec::new() };
    for (interval, who) in most.iter().filter(|(_, who)| who.len() > 1) {
        sheet.bar("part", day, *interval, TALL.work);
        let (middle, y) = ((x(day, interval.0) + x(day, interval.1)) / 2.0, sheet.y + 4.0);
        let (count, all) = (who.len(), day.clients.len());
        let _ = writeln!(sheet.body, "<text class=\"mark\" x=\"{middle:.1}\" y=\"{y:.1}\">{count} of {all}</text>");
    }
    sheet.y += 60.0;
}

fn week(picture: &Picture<'_>, days: &[Day], sheet: &mut Sheet) {
    let mut zone: Option<&Zone> = None;
    for day in days {
        if zone.replace(&day.zone).is_none_or(|before| *before != day.zone) {
            sheet.clocks(day);
        }
        let top = sheet.y;
        #[expect(clippy::cast_precision_loss, reason = "a count of rows on a picture")]
        let bottom = (top + 15.0 * (day.clients.len() + 1) as f64 + 10.0).max(top + 44.0);
        sheet.line("grid", 24.0, top, LEFT + SPAN, top);
        sheet.behind(day, top, bottom);
        if let Some(now) = picture.marked_now().filter(|now| day.start <= *now && *now < day.end) {
            sheet.line("now", x(day, now), top, x(day, now), bottom);
        }
        sheet.at("name", 24.0, top + 19.0, &day.date.format("%a %-d %b").to_string());
        if let Some(note) = day.notes.first() {
            let who = note.id.as_ref().map_or_else(String::new, |id| format!("{id}: "));
            sheet.at("soft", 24.0, top + 36.0, &short(&format!("{who}{}", note.short), 17));
        }
        sheet.y = top + 12.0;
        for row in std::iter::once(&day.owner).chain(&day.clients) {
            sheet.at("lane", LEFT - 12.0, sheet.y + 3.5, &short(row.id.as_deref().unwrap_or("you"), 10));
            sheet.strip(day, row, &SMALL);
            sheet.y += 15.0;
        }
        sheet.y = bottom;
    }
    sheet.line("grid", 24.0, sheet.y, LEFT + SPAN, sheet.y);
    sheet.y += 26.0;
}

fn legend(sheet: &mut Sheet, picture: &Picture<'_>) {
    let y = sheet.y;
    let mut x = 24.0;
    let one = picture.days.len() == 1;
    let entries = [
        ("window", TALL.window, "answer window", 12.0),
        ("work", TALL.work, "at work", 30.0),
        ("awake", TALL.awake, "awake", 30.0),
        ("night", 0.0, "night", 30.0),
        (if one { "shared" } else { "veil" }, TALL.work, "everybody at work, you awake", 30.0),
    ];
    let shown = if picture.clients.is_empty() { 4 } else { entries.len() };
    for (class, height, words, width) in entries.into_iter().take(shown) {
        if class == "night" {
            sheet.line("night", x, y, x + width, y);
        } else {
            let (rx, top) = (height.min(6.0) / 2.0, y - height / 2.0);
            let _ = writeln!(
                sheet.body,
                "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"{rx:.1}\"/>"
            );
        }
        sheet.at("soft", x + width + 8.0, y + 4.0, words);
        #[expect(clippy::cast_precision_loss, reason = "a length of a word on a picture")]
        let wide = words.len() as f64 * 6.6;
        x += width + wide + 30.0;
    }
    sheet.y += 34.0;
}

impl Sheet {
    fn at(&mut self, class: &str, x: f64, y: f64, text: &str) {
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        let _ = writeln!(self.body, "<text{class} x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escaped(text));
    }

    fn text(&mut self, class: &str, x: f64, text: &str) {
        self.at(class, x, self.y, text);
    }

    /// A sentence in as many lines as it needs; moves down.
    fn prose(&mut self, class: &str, text: &str) {
        let mut line = String::new();
        let mut lines = Vec::new();
        for word in text.split_whitespace() {
            if !line.is_empty() && say::width(&line) + 1 + say::width(word) > PROSE {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
        for line in lines {
            self.text(class, 24.0, &line);
            self.y += 19.0;
        }
    }

    fn line(&mut self, class: &str, x1: f64, y1: f64, x2: f64, y2: f64) {
        let _ = writeln!(
            self.body,
            "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>"
        );
    }

    /// A bar around the present height.
    fn bar(&mut self, class: &str, day: &Day, (start, end): Interval, height: f64) {
        let (from, to) = (x(day, start), x(day, end));
        let (wide, rx, top) = ((to - from).max(2.5), height.min(6.0) / 2.0, self.y - height / 2.0);
        let _ = writeln!(
            self.body,
            "<rect class=\"{class}\" x=\"{from:.1}\" y=\"{top:.1}\" width=\"{wide:.1}\" height=\"{height:.1}\" rx=\"{rx:.1}\"/>"
        );
    }

    fn strip(&mut self, day: &Day, row: &Row, bars: &Bars) {
        self.line("night", LEFT, self.y, LEFT + SPAN, self.y);
        for (class, intervals, height) in
            [("awake", &row.awake, bars.awake), ("work", &row.work, bars.work), ("window", &row.windows, bars.window)]
        {
            for interval in intervals {
                self.bar(class, day, *interval, height);
            }
        }
        if let Some(midnight) = midnights(&row.zone, day).next().filter(|_| row.id.is_some()) {
            let (x, half) = (x(day, midnight), bars.window / 2.0);
            self.line("midnight", x, self.y - half, x, self.y + half);
        }
    }

    /// The clock of everybody over the days of a week that follow.
    fn clocks(&mut self, day: &Day) {
        self.y += 6.0;
        self.at("soft", 24.0, self.y + 16.0, &short(&format!("in {}", say::city(&day.zone)), 18));
        for row in std::iter::once(&day.owner).chain(&day.clients) {
            self.y += 16.0;
            self.scale(day, row, row.id.is_some());
            self.at("lane", LEFT - 12.0, self.y, &short(row.id.as_deref().unwrap_or("you"), 10));
        }
        self.y += 12.0;
    }

    /// What stands behind the rows: shared hours as a veil, windows as lines down through everybody's day.
    fn behind(&mut self, day: &Day, top: f64, bottom: f64) {
        for (start, end) in if day.clients.is_empty() { &[][..] } else { &day.shared[..] } {
            let (from, to) = (x(day, *start), x(day, *end));
            let (wide, height) = (to - from, bottom - top);
            let _ = writeln!(
                self.body,
                "<rect class=\"veil\" x=\"{from:.1}\" y=\"{top:.1}\" width=\"{wide:.1}\" height=\"{height:.1}\"/>"
            );
        }
        for (start, end) in &day.owner.windows {
            for at in [start, end] {
                self.line("reach", x(day, *at), top, x(day, *at), bottom);
            }
        }
    }

    /// The even hours of a clock; at midnight the day that begins.
    fn scale(&mut self, day: &Day, row: &Row, named: bool) {
        let mut last = f64::MIN;
        for hour in 0..=26 {
            let from = day.start + TimeDelta::hours(hour);
            let whole = from + TimeDelta::minutes(i64::from((60 - row.zone.local(from).minute()) % 60));
            let local = row.zone.local(whole);
            let at = x(day, whole);
            if whole > day.end || local.minute() != 0 || !local.hour().is_multiple_of(2) || at - last < 24.0 {
                continue;
            }
            last = at;
            let (class, words) = match local.hour() {
                0 if named => ("tick day", local.format("%a %-d").to_string()),
                0 if whole == day.end => ("tick", "24".to_owned()),
                hour => ("tick", hour.to_string()),
            };
            let _ = writeln!(self.body, "<text class=\"{class}\" x=\"{at:.1}\" y=\"{:.1}\">{words}</text>", self.y);
        }
    }
}

/// The midnights of a clock inside a day of the owner.
fn midnights<'a>(zone: &'a Zone, day: &Day) -> impl Iterator<Item = Instant> + 'a {
    let (start, end) = (day.start, day.end);
    let dates = zone.local(start).date().iter_days().take(4);
    dates.map(|date| zone.instant(date.and_time(chrono::NaiveTime::MIN))).filter(move |at| start < *at && *at < end)
}

/// Where an instant lies on the axis.
fn x(day: &Day, at: Instant) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "seconds of a day are exact")]
    let part = (at - day.start).num_seconds() as f64 / (day.end - day.start).num_seconds().max(1) as f64;
    LEFT + SPAN * part
}

fn short(text: &str, columns: usize) -> String {
    say::fitted(text, columns, "…").trim_end().to_owned()
}

/// Text as XML character data. Control characters are no XML and go.
fn escaped(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
