//! A line that shows how far a long task is, on a terminal only. No facts for programs here.
use crate::system::clock::monotonic;
use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

/// Between two drawings.
const EVERY: Duration = Duration::from_millis(100);

/// One line on standard error, drawn over and over.
pub struct Line {
    what: &'static str,
    unit: &'static str,
    shown: bool,
    began: Duration,
    drawn: Duration,
}

impl Line {
    /// A line for one task; `unit` is what its rate counts.
    pub fn new(what: &'static str, unit: &'static str) -> Self {
        let shown = std::io::stderr().is_terminal();
        Self { what, unit, shown, began: monotonic(), drawn: Duration::ZERO }
    }

    /// Shows `done` of `total` (0: unknown) and that `count` units were handled so far.
    pub fn show(&mut self, done: u64, total: u64, count: u64) {
        let now = monotonic();
        if !self.shown || now.saturating_sub(self.drawn) < EVERY {
            return;
        }
        self.drawn = now;
        let text = picture(self.what, self.unit, done, total, count, now.saturating_sub(self.began));
        let _ = write!(std::io::stderr(), "\r{text}\u{1b}[K");
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.shown && !self.drawn.is_zero() {
            let _ = write!(std::io::stderr(), "\r\u{1b}[K");
        }
    }
}

/// `importing  [#####-----]  50 %  12,345 messages  2,100/s  0:07 left`
fn picture(what: &str, unit: &str, done: u64, total: u64, count: u64, spent: Duration) -> String {
    const WIDTH: u64 = 24;
    let seconds = spent.as_secs_f64().max(0.001);
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = count as f64 / seconds;
    if total == 0 {
        return format!("{what}  {} {unit}  {rate:.0}/s", thousands(count));
    }
    let filled = (done.min(total) * WIDTH / total).min(WIDTH);
    let bar: String = (0..WIDTH).map(|n| if n < filled { '#' } else { '-' }).collect();
    let percent = done.min(total) * 100 / total;
    let left = spent.as_secs().saturating_mul(total.saturating_sub(done)) / done.max(1);
    let left = format!("{}:{:02} left", left / 60, left % 60);
    format!("{what}  [{bar}] {percent:>3} %  {} {unit}  {rate:.0}/s  {left}", thousands(count))
}

/// `12,345`
fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown() {
        let at = Duration::from_secs(10);
        assert_eq!(
            picture("importing", "messages", 50, 100, 12_345, at),
            "importing  [############------------]  50 %  12,345 messages  1234/s  0:10 left"
        );
        assert_eq!(picture("importing", "messages", 0, 0, 7, at), "importing  7 messages  1/s");
        assert!(picture("x", "y", 300, 100, 0, at).contains("100 %"));
        assert_eq!(
            (thousands(0), thousands(999), thousands(1_000_000)),
            ("0".into(), "999".into(), "1,000,000".into())
        );
    }
}
