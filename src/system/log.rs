//! Log lines for the journal or a terminal. Secrets and bodies never reach them: foreign libraries are held at
//! `warn`, and the `log` crate's trace calls (which print whole IMAP dialogues) are compiled out.
use std::io::IsTerminal;
use tracing_subscriber::{EnvFilter, fmt};

/// Sets the log up once. `FUSEAU_LOG` takes `error`, `warn`, `info` (the default) or `debug`; only fuseau's own
/// lines are raised by it.
pub fn start() {
    let level = std::env::var("FUSEAU_LOG").unwrap_or_default();
    let level = match level.as_str() {
        known @ ("error" | "warn" | "debug") => known.to_owned(),
        _ => "info".to_owned(),
    };
    let filter = EnvFilter::new(format!("warn,fuseau={level}"));
    let journal = std::env::var_os("JOURNAL_STREAM").is_some();
    let lines = fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    // The journal stamps its own lines; a second stamp only makes them longer.
    let set =
        if journal { lines.without_time().with_ansi(false).try_init() } else { lines.with_ansi(colour).try_init() };
    if set.is_err() {
        tracing::debug!("the log was set up already");
    }
}
