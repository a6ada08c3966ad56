//! Log lines for the journal or a terminal. Secrets and bodies never reach them: foreign libraries are held at
//! `warn`, and the `log` crate's trace calls (which print whole IMAP dialogues) are compiled out.
use std::io::IsTerminal;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::{fmt, prelude::*};

/// Sets the log up once. `FUSEAU_LOG` takes `error`, `warn`, `info` (the default) or `debug`; only fuseau's own
/// lines are raised by it.
pub fn start() {
    let level = match std::env::var("FUSEAU_LOG").unwrap_or_default().as_str() {
        "error" => LevelFilter::ERROR,
        "warn" => LevelFilter::WARN,
        "debug" => LevelFilter::DEBUG,
        _ => LevelFilter::INFO,
    };
    // Foreign libraries are held at `warn`, whatever is asked for.
    let filter = Targets::new().with_default(LevelFilter::WARN.min(level)).with_target("fuseau", level);
    let lines = fmt::layer().with_writer(std::io::stderr).with_target(false);
    let journal = std::env::var_os("JOURNAL_STREAM").is_some();
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let log = tracing_subscriber::registry();
    // The journal stamps its own lines; a second stamp only makes them longer.
    let set = if journal {
        log.with(lines.without_time().with_ansi(false).with_filter(filter)).try_init()
    } else {
        log.with(lines.with_ansi(colour).with_filter(filter)).try_init()
    };
    if set.is_err() {
        tracing::debug!("the log was set up already");
    }
}
