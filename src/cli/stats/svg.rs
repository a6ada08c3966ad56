//! The figures as SVG: no script, no font or picture from elsewhere, text as text, light and dark by the reader's choice. Every
//! number that a colour stands for is written too.
use super::Sheet;
use super::text::{busiest, group_names, length};
use crate::cli::{out, say};
use crate::decide::stats::{Grid, Month, Spread};
use std::fmt::Write as _;

const WIDTH: u32 = 920;
const LEFT: u32 = 24;
/// Where cells and bars begin.
const INNER: u32 = 124;
const CELL: u32 = 32;
const BAR: u32 = 520;
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/// Zones and months drawn at most.
const ZONES: usize = 4;
const MONTHS: usize = 24;

/// The style, for a page that shows the pictures inline.
pub const STYLE: &str = "\
svg.figures{--paper:#fdfcf9;--ink:#1d2433;--soft:#5d6678;--line:#dcdfe6;--bar:#3f6ea8;--other:#8fabd0;--bad:#c2571a;--on:#fff;\
font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','DejaVu Sans',sans-serif;font-variant-numeric:tabular-nums;\
max-width:100%;height:auto}\
@media (prefers-color-scheme:dark){svg.figures{--paper:#14181f;--ink:#e9ecf2;--soft:#a3adbf;--line:#2c3340;--bar:#6fa3e0;\
--other:#3d5f8a;--bad:#f0914d;--on:#10141a}}\
.figures .paper{fill:var(--paper)}.figures text{fill:var(--ink);font-size:13px}.figures .head{font-size:20px;font-weight:600}\
.figures .part{font-size:15px;font-weight:600}.figures .soft{fill:var(--soft);font-size:12px}\
.figures .tick{fill:var(--soft);font-size:11px;text-anchor:middle}.figures .side{text-anchor:end}\
.figures .cell{fill:var(--bar)}.figures .none{fill:none;stroke:var(--line)}.figures .in{font-size:11px;text-anchor:middle}\
.figures .on{fill:var(--on)}.figures .bar{fill:var(--bar)}.figures .missed{fill:var(--bad)}\
.figures .renewed{fill:var(--paper);stroke:var(--bar);stroke-width:1.5;stroke-dasharray:4 3}.figures .rest{fill:var(--other)}\
.figures .base{stroke:var(--line);stroke-width:1}";

/// One of the pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picture {
    /// When mail comes.
    Load,
    /// How long clients waited.
    Answers,
    /// What became of promises, by month.
    Promises,
}

impl Picture {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Load, Self::Answers, Self::Promises];

    /// The name of its file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Answers => "answers",
            Self::Promises => "promises",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Load => "When mail comes",
            Self::Answers => "Until a person answered",
            Self::Promises => "Promises by month",
        }
    }
}

/// A picture in the making.
struct Canvas {
    body: String,
    y: u32,
    told: Vec<String>,
}

/// All pictures in one file.
pub fn all(sheet: &Sheet<'_>) -> String {
    svg(sheet, &Picture::ALL, "figures", &format!("<style>{STYLE}</style>\n"))
}

/// One picture; with `style` it stands alone, without it is for a page that has [`STYLE`] already.
pub fn one(sheet: &Sheet<'_>, picture: Picture, style: bool) -> String {
    let style = if style { format!("<style>{STYLE}</style>\n") } else { String::new() };
    svg(sheet, &[picture], picture.name(), &style)
}

fn svg(sheet: &Sheet<'_>, pictures: &[Picture], id: &str, style: &str) -> String {
    let mut canvas = Canvas { body: String::new(), y: 40, told: Vec::new() };
    // Names may be written from right to left: isolated, they turn nothing else around.
    let who = sheet.client.map(|client| format!("\u{2068}{}\u{2069}, ", client.name)).unwrap_or_default();
    let title = match pictures {
        [one] => format!("{}: {who}{}", one.title(), sheet.period()),
        _ => format!("Figures: {who}{}", sheet.period()),
    };
    canvas.text("head", LEFT, &say::fitted(&title, 76, "…"));
    canvas.y += 34;
    for picture in pictures {
        if pictures.len() > 1 {
            canvas.text("part", LEFT, picture.title());
            canvas.y += 28;
        }
        match picture {
            Picture::Load => load(sheet, &mut canvas),
            Picture::Answers => answers(sheet, &mut canvas),
            Picture::Promises => promises(sheet, &mut canvas),
        }
        canvas.y += 16;
    }
    let height = canvas.y;
    format!(
        "<svg class=\"figures\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\">\n<title id=\"{id}-title\">{}</title>\n\
         <desc id=\"{id}-desc\">{}</desc>\n{style}<rect class=\"paper\" width=\"{WIDTH}\" height=\"{height}\" rx=\"10\"/>\n{}</svg>\n",
        escaped(&title),
        escaped(&canvas.told.join(" ")),
        canvas.body,
    )
}

fn load(sheet: &Sheet<'_>, canvas: &mut Canvas) {
    grid("On the clock where you were", &sheet.stats.load.received, canvas);
    for zone in sheet.stats.zones.iter().take(ZONES) {
        let clients = say::fitted(&zone.clients.join(", "), 60, "…");
        grid(&format!("On the clock in {} ({})", zone.zone, clients.trim_end()), &zone.received, canvas);
    }
}

/// A map of the week; each cell says its number.
fn grid(title: &str, grid: &Grid, canvas: &mut Canvas) {
    canvas.text("", LEFT, title);
    canvas.y += 20;
    for hour in (0..24).step_by(2) {
        canvas.text("tick", INNER + CELL * hour + CELL / 2, &hour.to_string());
    }
    canvas.y += 8;
    let most = grid.iter().flatten().copied().max().unwrap_or(0);
    for (day, hours) in DAYS.iter().zip(grid) {
        canvas.y += 17;
        canvas.text("soft side", INNER - 10, day);
        canvas.y -= 17;
        for (hour, count) in (0_u32..).zip(hours) {
            let x = INNER + CELL * hour;
            if *count == 0 {
                canvas.rect("none", x + 1, 1, CELL - 2, 22, None);
                continue;
            }
            // From a fifth to full, so that one mail is seen.
            let strength = 20 + 80 * count / most;
            canvas.rect("cell", x + 1, 1, CELL - 2, 22, Some(strength));
            canvas.y += 16;
            canvas.text(if strength > 55 { "in on" } else { "in" }, x + CELL / 2, &count.to_string());
            canvas.y -= 16;
        }
        canvas.y += 25;
    }
    canvas.y += 22;
    let total: u32 = grid.iter().flatten().sum();
    canvas.told.push(match busiest(grid) {
        None => format!("{title}: no mail."),
        Some((count, day, hour)) => {
            format!(
                "{title}: {}, most on {day} from {hour} to {} o'clock ({count}).",
                out::count(total.into(), "mail"),
                hour + 1
            )
        }
    });
}

fn answers(sheet: &Sheet<'_>, canvas: &mut Canvas) {
    let answers = &sheet.stats.answers;
    for (title, spread) in [("In the clients' working time", &answers.working), ("On the clock", &answers.elapsed)] {
        canvas.text("", LEFT, &format!("{title}: {}", in_words(spread)));
        canvas.told.push(format!("{title}: {}.", in_words(spread)));
        canvas.y += 12;
        let most = spread.groups.iter().copied().max().unwrap_or(0).max(1);
        for (label, count) in group_names().iter().zip(spread.groups) {
            canvas.y += 15;
            canvas.text("soft side", INNER - 10, label);
            canvas.text("soft", INNER + 8 + BAR * count / most, &count.to_string());
            canvas.y -= 15;
            canvas.rect("bar", INNER, 2, (BAR * count / most).max(1), 18, None);
            canvas.y += 22;
        }
        canvas.y += 30;
    }
    let mut rest = Vec::new();
    if answers.waiting > 0 {
        rest.push(format!("{} still waiting", answers.waiting));
    }
    if answers.released > 0 {
        rest.push(format!("{} ended without an answer, none was expected any more", answers.released));
    }
    if !rest.is_empty() {
        canvas.y -= 8;
        canvas.text("soft", LEFT, &format!("{}.", rest.join("; ")));
        canvas.told.push(format!("{}.", rest.join("; ")));
        canvas.y += 22;
    }
}

fn in_words(spread: &Spread) -> String {
    match (spread.median, spread.p90) {
        (Some(median), Some(p90)) => format!(
            "{}, half of them within {}, nine of ten within {}",
            out::count(spread.count.into(), "answer"),
            length(median),
            length(p90)
        ),
        _ => "no answers".to_owned(),
    }
}

fn promises(sheet: &Sheet<'_>, canvas: &mut Canvas) {
    let stats = sheet.stats;
    let months = stats.months.get(stats.months.len().saturating_sub(MONTHS)..).unwrap_or_default();
    if months.is_empty() {
        canvas.text("", LEFT, "No promises.");
        canvas.told.push("No promises.".to_owned());
        canvas.y += 24;
        return;
    }
    if stats.promises.told.made == 0 {
        canvas.text("soft", LEFT, "Clients were not told of them.");
        canvas.y += 20;
    }
    let most = months.iter().map(Month::made).max().unwrap_or(1).max(1);
    for month in months {
        // Missed ones are taller, renewed ones outlined, the rest is low: nothing depends on colour.
        let parts = [
            ("bar", month.kept, 4, 18, "kept"),
            ("missed", month.missed, 1, 24, "missed"),
            ("renewed", month.renewed, 4, 18, "renewed"),
            ("rest", month.released, 9, 8, "released"),
            ("none", month.open, 9, 8, "open"),
        ];
        let mut x = INNER;
        let mut words = Vec::new();
        for (class, count, top, height, name) in parts.into_iter().filter(|part| part.1 > 0) {
            let wide = (BAR * count / most).max(3);
            canvas.rect(class, x, top, wide - 1, height, None);
            x += wide;
            words.push(format!("{count} {name}"));
        }
        let words = words.join(" · ");
        canvas.y += 17;
        canvas.text("soft side", INNER - 10, &month.month);
        canvas.text("soft", x + 8, &words);
        canvas.y += 13;
        canvas.told.push(format!("{}: {}.", month.month, if words.is_empty() { "none" } else { &words }));
    }
    canvas.y += 12;
}

impl Canvas {
    fn text(&mut self, class: &str, x: u32, text: &str) {
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        let _ = writeln!(self.body, "<text{class} x=\"{x}\" y=\"{}\">{}</text>", self.y, escaped(text.trim_end()));
    }

    /// A box below the present height; `strength` in hundredths.
    fn rect(&mut self, class: &str, x: u32, top: u32, wide: u32, height: u32, strength: Option<u32>) {
        let strength = strength.map(|it| format!(" fill-opacity=\"{}.{:02}\"", it / 100, it % 100)).unwrap_or_default();
        let y = self.y + top;
        let _ = writeln!(
            self.body,
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{wide}\" height=\"{height}\" rx=\"2\"{strength}/>"
        );
    }
}

/// Text as XML character data. Control characters are no XML and go.
fn escaped(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
