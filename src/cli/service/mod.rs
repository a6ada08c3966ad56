//! `fuseau service`: the systemd unit or launchd agent: written, removed, shown, looked at. What a service manager changes by itself
//! (start, stop, enable) is said, not done; only `--linger` runs a command, because it is asked for by name.
mod files;
mod status;
mod unit;

use super::args::{Cli, Service, ServiceAction};
use super::fail::Fail;
use super::out;
use crate::config::Settings;
pub(super) use status::findings;

/// Runs the command.
pub fn run(cli: &Cli, service: &Service) -> Result<(), Fail> {
    match &service.action {
        ServiceAction::Show { scope } => {
            let unit = unit::unit(cli, scope, readable(cli).as_ref())?;
            for (at, file) in unit.files.iter().enumerate() {
                // One file can be piped into place as it is.
                let head = if at == 0 { String::new() } else { format!("\n# {}\n", file.path.display()) };
                out::text(&format!("{head}{}", file.text));
            }
            Ok(())
        }
        ServiceAction::Install { scope, dry_run, replace, linger } => {
            unit::visible(cli, scope)?;
            let settings = readable(cli);
            if settings.is_none() && out::config_path(cli).is_ok() {
                out::error(
                    "the configuration cannot be read: its credentials are not known yet\n    `fuseau check` says why; after that, once more",
                );
            }
            let unit = unit::unit(cli, scope, settings.as_ref())?;
            files::install(&unit, *dry_run, *replace)?;
            if *linger { files::linger(*dry_run) } else { Ok(()) }
        }
        ServiceAction::Uninstall { scope, dry_run } => {
            let unit = unit::unit(cli, scope, readable(cli).as_ref())?;
            if let Some(state) = status::asked(&unit).filter(|it| it.active || it.enabled) {
                let what = if state.active { "runs" } else { "is enabled" };
                return Err(Fail::Failed(format!("it still {what}\n    first: {}", unit.stop)));
            }
            files::uninstall(&unit, *dry_run)
        }
        ServiceAction::Status { scope } => status::run(cli, &unit::unit(cli, scope, readable(cli).as_ref())?),
    }
}

/// The configuration, if there is a good one: a unit can be written before it.
fn readable(cli: &Cli) -> Option<Settings> {
    out::config_path(cli).ok()?;
    out::settings(cli).ok()
}

/// Whether launchd started this process as our agent.
pub fn under_launchd() -> bool {
    std::env::var("XPC_SERVICE_NAME").is_ok_and(|label| label == "fuseau" || label.ends_with(".fuseau"))
}
