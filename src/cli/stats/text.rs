//! The figures for a terminal: 80 columns, bars and a map of hours, readable without colour and in plain ASCII.
use super::Sheet;
use crate::cli::hours::Style;
use crate::cli::{out, say};
use crate::decide::Policy;
use crate::decide::asked::Asked;
use crate::decide::stats::{Answers, BOUNDS, ClientFigures, Grid, Month, Spread, Tally, ZoneLoad};

/// The longest bar.
const BAR: u32 = 40;
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/// Questions shown of each group.
const QUESTIONS: usize = 3;
/// Months shown.
const MONTHS: usize = 12;

/// Draws the figures.
pub fn draw(sheet: &Sheet<'_>, policy: &Policy, style: Style) -> String {
    let stats = sheet.stats;
    let who = sheet.client.map(|client| format!("{}, ", style.nameable(client).name)).unwrap_or_default();
    let heading = format!("Figures: {who}{}", sheet.period());
    let mut lines = vec![style.paint("1", &heading)];
    if sheet.usual {
        lines.push("The last 12 months; `--all` counts the whole history, `--since` another time.".to_owned());
    }
    if stats.is_empty() {
        let limited = stats.since.is_some() || stats.until.is_some();
        let when = if limited { "in this time" } else { "yet" };
        lines.push(format!("Nothing was exchanged with clients {when}."));
        return lines.join("\n");
    }
    lines.push(format!(
        "{} from clients, {} written by hand, {} sent by itself",
        out::count(stats.received.into(), "mail"),
        stats.written,
        stats.automatic
    ));
    answers(&stats.answers, sheet, style, &mut lines);
    promises(&stats.promises.told, "Promises", style, &mut lines);
    promises(&stats.promises.untold, "Promises that no client was told", style, &mut lines);
    months(&stats.months, style, &mut lines);
    grid("When mail comes, on the clock where you were", &stats.load.received, style, &mut lines);
    zones(&stats.zones, sheet.client.is_some(), style, &mut lines);
    if sheet.client.is_none() {
        clients(&stats.clients, policy, style, &mut lines);
    }
    asked(&stats.asked, style, &mut lines);
    lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
}

fn heading(title: &str, style: Style, lines: &mut Vec<String>) {
    lines.push(String::new());
    lines.push(style.paint("1", &say::wrapped("", title)));
}

/// `2 h 5 min`, `3 d 4 h`
pub fn length(minutes: i64) -> String {
    match (minutes / 1440, minutes % 1440 / 60) {
        (0, _) => say::length(minutes),
        (days, 0) => format!("{days} d"),
        (days, hours) => format!("{days} d {hours} h"),
    }
}

fn answers(answers: &Answers, sheet: &Sheet<'_>, style: Style, lines: &mut Vec<String>) {
    heading("Until a person answered", style, lines);
    lines.push(format!("                       {:>5} {:>11} {:>11} {:>11}", "", "median", "p90", "longest"));
    for (name, spread) in [("their working time", &answers.working), ("on the clock", &answers.elapsed)] {
        let told = |minutes: Option<i64>| minutes.map_or_else(|| "-".to_owned(), length);
        lines.push(format!(
            "  {name:<20} {:>5} {:>11} {:>11} {:>11}",
            spread.count,
            told(spread.median),
            told(spread.p90),
            told(spread.longest)
        ));
    }
    if let Some(since) = answers.waiting_since {
        lines.push(format!("  {} still waiting, the longest since {}", answers.waiting, out::stamp(since, sheet.home)));
    }
    if answers.released > 0 {
        lines.push(format!("  {} ended without an answer: none was expected any more", answers.released));
    }
    if answers.working.count > 0 {
        lines.push(String::new());
        lines.push("  In their working time:".to_owned());
        let most = answers.working.groups.iter().copied().max().unwrap_or(0);
        for (label, count) in group_names().iter().zip(answers.working.groups) {
            let label = if style.utf8 { label.clone() } else { label.replace('≤', "<=") };
            lines.push(format!("  {label:>12} {}", bar(count, most, style)));
        }
    }
}

/// What the groups of lengths are called.
pub fn group_names() -> Vec<String> {
    let up_to = BOUNDS.iter().map(|bound| format!("≤ {}", length(*bound)));
    let more = BOUNDS.last().map(|bound| format!("> {}", length(*bound)));
    up_to.chain(more).collect()
}

/// A bar with its number; a number above zero is always seen.
fn bar(count: u32, most: u32, style: Style) -> String {
    let room = BAR - 8;
    let columns = (count * room).div_ceil(most.max(1)) as usize;
    let drawn = if style.utf8 { "█" } else { "#" }.repeat(columns);
    match count {
        0 => if style.utf8 { "·" } else { "." }.to_owned(),
        _ => format!("{} {count}", style.paint("36", &drawn)),
    }
}

fn promises(tally: &Tally, title: &str, style: Style, lines: &mut Vec<String>) {
    if tally.made == 0 {
        return;
    }
    heading(&format!("{title}: {}", tally.made), style, lines);
    let percent = tally.kept_percent().map(|it| format!(" ({it} %)")).unwrap_or_default();
    let half = |spread: &Spread, words: &str| match (spread.count, spread.median) {
        (1, Some(minutes)) => format!("{} {words}", length(minutes)),
        (_, Some(minutes)) => format!("half of them {} or less {words}", length(minutes)),
        _ => String::new(),
    };
    let never = match (tally.never, tally.late.count) {
        (0, _) => half(&tally.late, "late"),
        (never, 0) => format!("{never} not answered in the conversation"),
        (never, _) => format!("{}; {never} not answered in the conversation", half(&tally.late, "late")),
    };
    let rows = [
        ("kept", tally.kept, percent.as_str(), half(&tally.early, "before the time")),
        ("missed", tally.missed, "", never),
        ("renewed", tally.renewed, "", half(&tally.moved, "later than promised first")),
        ("released", tally.released, "", half(&tally.spared, "before the time")),
        ("open", tally.open, "", String::new()),
    ];
    for (name, count, percent, by) in rows.iter().filter(|row| row.1 > 0 || row.0 == "kept" || row.0 == "missed") {
        let counted = format!("{count}{percent}");
        lines.push(format!("  {name:<10} {counted:<14} {by}"));
    }
}

fn months(months: &[Month], style: Style, lines: &mut Vec<String>) {
    if months.len() < 2 {
        return;
    }
    heading("Promises by the month in which they were due", style, lines);
    let shown = months.get(months.len().saturating_sub(MONTHS)..).unwrap_or_default();
    let most = shown.iter().map(Month::made).max().unwrap_or(1).max(1);
    let glyphs = if style.utf8 { ["█", "▚", "▒", "░"] } else { ["#", "X", "=", "-"] };
    let [kept, missed, renewed, rest] = glyphs;
    for month in shown {
        let parts =
            [(kept, month.kept), (missed, month.missed), (renewed, month.renewed), (rest, month.released + month.open)];
        let strip: String =
            parts.iter().map(|(glyph, count)| glyph.repeat((count * BAR).div_ceil(most) as usize)).collect();
        lines.push(format!("  {}  {strip} {}", month.month, month.made()));
    }
    lines.push(format!("  {kept} kept   {missed} missed   {renewed} renewed   {rest} released or open"));
}

/// A map of the week: the fuller a cell, the more mail.
fn grid(title: &str, grid: &Grid, style: Style, lines: &mut Vec<String>) {
    let most = grid.iter().flatten().copied().max().unwrap_or(0);
    if most == 0 {
        return;
    }
    heading(title, style, lines);
    lines.push(format!("       {}", (0..24).step_by(2).map(|hour| format!("{hour:<4}")).collect::<String>()));
    let shades = if style.utf8 { ['·', '░', '▒', '▓', '█'] } else { ['.', '-', '=', '%', '#'] };
    for (day, hours) in DAYS.iter().zip(grid) {
        let cells: String = hours
            .iter()
            .map(|count| {
                let shade = shades.get((count * 4).div_ceil(most) as usize).copied().unwrap_or('#');
                String::from_iter([shade, if *count == 0 { ' ' } else { shade }])
            })
            .collect();
        lines.push(format!("  {day}  {cells} {}", hours.iter().sum::<u32>()));
    }
    let [_, first, .., full] = shades;
    lines.push(format!("       {first} at least one   {full} {most} in the hour"));
}

/// On the clients' own clocks: a map for one zone, else a line for each.
fn zones(all: &[ZoneLoad], one: bool, style: Style, lines: &mut Vec<String>) {
    if let ([zone], true) = (all, one) {
        grid(&format!("When mail comes, on the clock in {}", zone.zone), &zone.received, style, lines);
        return;
    }
    for (n, zone) in all.iter().enumerate() {
        if n == 0 {
            heading("When mail comes, on the clients' own clocks", style, lines);
        }
        let Some((count, day, hour)) = busiest(&zone.received) else { continue };
        let total: u32 = zone.received.iter().flatten().sum();
        let told = format!(
            "{} from {}, most on {day} from {hour} to {} o'clock ({count})",
            out::count(total.into(), "mail"),
            zone.clients.join(", "),
            hour + 1
        );
        lines.push(say::wrapped(&format!("  {:<20} ", zone.zone), &told));
    }
}

/// The fullest hour of a week, the first of equals: how many, on which day, from when; none without mail.
pub fn busiest(grid: &Grid) -> Option<(u32, &'static str, u32)> {
    let cells =
        grid.iter().zip(DAYS).flat_map(|(hours, day)| hours.iter().zip(0..).map(move |(n, hour)| (*n, day, hour)));
    cells.filter(|it| it.0 > 0).fold(None, |best, it| match best {
        Some((most, ..)) if most >= it.0 => best,
        _ => Some(it),
    })
}

/// One line a client; the name comes last, whatever its writing direction is.
fn clients(all: &[ClientFigures], policy: &Policy, style: Style, lines: &mut Vec<String>) {
    if all.len() < 2 {
        return;
    }
    heading("Client by client (their working time)", style, lines);
    lines.push("   mails answers      median         p90   kept missed".to_owned());
    for it in all {
        let told = |minutes: Option<i64>| minutes.map_or_else(|| "-".to_owned(), length);
        let client = policy.client(&it.client);
        let name = client.map_or_else(|| it.name.clone(), |client| style.nameable(client).name);
        lines.push(format!(
            "  {:>6} {:>7} {:>11} {:>11} {:>6} {:>6}  {}",
            it.received,
            it.answers.answered,
            told(it.answers.working.median),
            told(it.answers.working.p90),
            it.promises.told.kept,
            it.promises.told.missed,
            style.fitted(&name, 22).trim_end()
        ));
    }
}

fn asked(all: &[Asked], style: Style, lines: &mut Vec<String>) {
    if all.is_empty() {
        return;
    }
    heading("Asked again and again", style, lines);
    for it in all {
        lines.push(String::new());
        lines.push(say::wrapped(
            "  ",
            &style.plain(&format!(
                "{}: {} in {} ({})",
                it.words.join(", "),
                out::count(it.mails.into(), "mail"),
                out::count(it.conversations.into(), "conversation"),
                it.clients.join(", ")
            )),
        ));
        for question in it.evidence.iter().take(QUESTIONS) {
            lines.push(say::wrapped("    ", &style.plain(&question.question)));
            let answered = question.answered_by.as_ref().map(|id| format!("; what you wrote then: fuseau show {id}"));
            lines.push(format!(
                "      fuseau show {}{}",
                question.id,
                answered.map_or_else(String::new, |it| format!("\n      {}", it.trim_start_matches("; ")))
            ));
        }
        if let Some(topic) = &it.topic {
            lines.push(format!("    [[topic]] {topic:?} knows it already."));
        }
        if let Some(proposal) = &it.proposal {
            lines.push("    For your configuration, once you have written the answer:".to_owned());
            lines.extend(proposal.block.lines().map(|line| format!("    {}", style.plain(line))));
        }
    }
}
