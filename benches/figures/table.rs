//! What a figure says: rows with a goal and whether it is met, printed as one table. Statistics of samples live
//! here too; measuring does not.
use std::time::Duration;

/// Whether a goal is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// It is.
    Met,
    /// It is not.
    Missed,
    /// A peer's figure, or one without a goal.
    None,
}

/// One line of the table.
#[derive(Clone, Debug)]
pub struct Row {
    what: String,
    value: String,
    wanted: String,
    goal: Goal,
}

impl Row {
    /// A figure without a goal: a peer, a limit, a circumstance.
    pub fn plain(what: &str, value: impl Into<String>) -> Self {
        Self { what: what.to_owned(), value: value.into(), wanted: String::new(), goal: Goal::None }
    }

    /// A figure with its goal in words and whether it is met.
    pub fn with_goal(what: &str, value: impl Into<String>, wanted: impl Into<String>, met: bool) -> Self {
        let goal = if met { Goal::Met } else { Goal::Missed };
        Self { what: what.to_owned(), value: value.into(), wanted: wanted.into(), goal }
    }

    /// A peer or figure that cannot be had here; said aloud instead of left out.
    pub fn absent(what: &str, why: &str) -> Self {
        Self::plain(what, format!("absent: {why}"))
    }

    fn verdict(&self) -> &'static str {
        match self.goal {
            Goal::Met => "met",
            Goal::Missed => "NOT met",
            Goal::None => "",
        }
    }
}

/// Prints the rows of one figure as a Markdown table that also reads well in a terminal.
pub fn print(title: &str, rows: &[Row]) {
    let wide = |cell: fn(&Row) -> &str, head: &str| {
        rows.iter().map(|row| cell(row).chars().count()).max().unwrap_or(0).max(head.chars().count())
    };
    let (a, b) = (wide(|row| &row.what, title), wide(|row| &row.value, "figure"));
    let (c, d) = (wide(|row| &row.wanted, "goal"), wide(Row::verdict, ""));
    println!("\n| {title:a$} | {:b$} | {:c$} | {:d$} |", "figure", "goal", "");
    println!("| {} | {} | {} | {} |", "-".repeat(a), "-".repeat(b), "-".repeat(c), "-".repeat(d.max(1)));
    for row in rows {
        println!("| {:a$} | {:b$} | {:c$} | {:d$} |", row.what, row.value, row.wanted, row.verdict());
    }
}

/// Durations, sorted.
#[derive(Clone, Debug, Default)]
pub struct Samples(Vec<Duration>);

impl Samples {
    /// Takes measured values in any order.
    pub fn new(mut values: Vec<Duration>) -> Self {
        values.sort_unstable();
        Self(values)
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The value below which `part` (0 to 1) of them lie; nearest rank.
    pub fn at(&self, part: f64) -> Duration {
        let last = self.0.len().saturating_sub(1);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a rank"
        )]
        let rank = (part * last as f64).round() as usize;
        self.0.get(rank.min(last)).copied().unwrap_or_default()
    }

    /// p50 and p95 in milliseconds, with the number of samples.
    pub fn millis(&self) -> String {
        format!("p50 {} / p95 {} ms (n={})", ms(self.at(0.5)), ms(self.at(0.95)), self.len())
    }
}

/// Milliseconds with three significant digits or so.
pub fn ms(value: Duration) -> String {
    let millis = value.as_secs_f64() * 1000.0;
    match millis {
        m if m < 10.0 => format!("{m:.2}"),
        m if m < 100.0 => format!("{m:.1}"),
        m => format!("{m:.0}"),
    }
}

/// Something a second.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
pub fn rate(count: usize, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64().max(f64::EPSILON)
}
