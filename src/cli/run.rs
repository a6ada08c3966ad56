//! `fuseau run`: the daemon in the foreground.
use super::args::Cli;
use super::fail::Fail;
use super::out;
use crate::config;
use crate::daemon::{self, RunError};
use crate::system::log;
use tokio::sync::watch;

/// Runs the daemon until it is stopped.
pub fn run(cli: &Cli) -> Result<(), Fail> {
    log::start();
    let path = out::config_path(cli)?;
    let settings = out::settings(cli)?;
    if settings.mailboxes.is_empty() {
        return Err(Fail::Configuration(format!(
            "{} names no mailbox: add [mailbox.NAME] with an address and imap or maildir",
            path.display()
        )));
    }
    let dir = out::state_dir(&settings);
    let (desk, wishes) = watch::channel(settings.clone());
    let of = path.clone();
    let reread = Box::new(move || {
        let fresh = config::load(&path, &out::zones())?;
        // The desk moves, opens and closes with `[web]`.
        desk.send_replace(fresh.clone());
        Ok(fresh)
    });
    // Two threads are plenty for conversations that mostly wait; the memory of more would be wasted.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(16)
        .enable_all()
        .build()
        .map_err(|error| Fail::Failed(format!("the runtime could not be started: {error}")))?;
    let desk = (of, dir.clone(), wishes);
    let ended = runtime.block_on(super::web::beside(desk, daemon::run(settings, dir, reread)));
    runtime.shutdown_timeout(std::time::Duration::from_secs(3));
    ended.map_err(|error| match &error {
        RunError::Templates(_) => Fail::Configuration(error.to_string()),
        RunError::Taken(_) => Fail::TryLater(error.to_string()),
        RunError::Store(inner) if inner.is_setup() => Fail::Configuration(error.to_string()),
        _ => Fail::Failed(error.to_string()),
    })
}
