//! How the service stands: its files, what the service manager says, how hardened it is. For `service status` and `doctor`.
use super::files::{self, Place, place};
use super::unit::{self, Manager, Unit};
use crate::cli::args::{Cli, Scope};
use crate::cli::doctor::{Finding, bad, good, warn};
use crate::cli::fail::Fail;
use crate::cli::out;
use crate::config::Settings;
use crate::daemon::control::{self, Ask};
use serde_json::json;
use std::process::{Command, Stdio};

/// An exposure above this, in tenths, means that somebody took hardening away (systemd-analyze; ours has 10).
const EXPOSED: u32 = 30;

/// What the service manager says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    pub active: bool,
    pub enabled: bool,
    /// `running`, `dead`, `failed`, ...
    pub word: String,
    /// The exit code of the last run, if it failed.
    pub failed: Option<i32>,
}

/// Everything about one unit.
struct Standing {
    place: Place,
    asked: Option<Asked>,
    /// In tenths.
    exposure: Option<u32>,
    lingers: Option<bool>,
    missing: Vec<String>,
}

fn standing(unit: &Unit) -> Standing {
    let places = unit.files.iter().map(place);
    let main = unit.files.first().map_or(Place::Missing, place);
    let edited = main != Place::Missing && places.into_iter().any(|it| it == Place::Differs);
    Standing {
        place: if edited { Place::Differs } else { main },
        asked: asked(unit),
        exposure: (main != Place::Missing && unit.manager == Manager::System).then(|| exposure(unit)).flatten(),
        lingers: (unit.manager == Manager::User).then(files::lingers).flatten(),
        missing: unit.credentials.iter().filter(|it| !it.exists()).map(|it| it.display().to_string()).collect(),
    }
}

/// `fuseau service status`
pub(super) fn run(cli: &Cli, unit: &Unit) -> Result<(), Fail> {
    let it = standing(unit);
    let installed = it.place != Place::Missing;
    // Where nobody can be asked, what is written is all that is known.
    let active = it.asked.as_ref().is_none_or(|asked| asked.active);
    if cli.json {
        out::json(&json!({
            "unit": unit.path(),
            "installed": installed,
            "changed": it.place == Place::Differs,
            "enabled": it.asked.as_ref().map(|asked| asked.enabled),
            "active": it.asked.as_ref().map(|asked| asked.active),
            "state": it.asked.as_ref().map(|asked| &asked.word),
            "exposure": it.exposure.map(|tenths| f64::from(tenths) / 10.0),
            "lingers": it.lingers,
            "missing_credentials": it.missing,
        }));
    } else {
        let mut found = Vec::new();
        report(unit, &it, &mut found);
        for finding in &found {
            out::text(&format!("{:<20} {}", finding.what, finding.text));
            if let Some(remedy) = &finding.remedy {
                out::text(&format!("{:<20} -> {remedy}", ""));
            }
        }
    }
    if installed && active { Ok(()) } else { Err(Fail::Failed("it does not run as a service".to_owned())) }
}

fn report(unit: &Unit, it: &Standing, found: &mut Vec<Finding>) {
    let shown = unit.path().display();
    let system = if unit.manager == Manager::System { " --system" } else { "" };
    match it.place {
        Place::Missing => {
            found.push(warn("service", format!("{shown} is not installed"), format!("fuseau service install{system}")));
            return;
        }
        Place::Same => found.push(good("service", format!("{shown} is installed"))),
        Place::Differs => found.push(warn(
            "service",
            format!("{shown} is installed, and differs from what this fuseau writes"),
            format!("compare it with `fuseau service show{system}`; `fuseau service install{system} --replace` keeps the old one"),
        )),
    }
    match &it.asked {
        None => found.push(good("service state", "not known: the service manager does not answer here")),
        Some(asked) if asked.active && asked.enabled => {
            found.push(good("service state", format!("{}, enabled", asked.word)))
        }
        Some(asked) if asked.active => {
            found.push(warn("service state", format!("{}, but not after the next start", asked.word), &unit.start));
        }
        Some(Asked { failed: Some(78), .. }) => found.push(bad(
            "service state",
            "stopped: the configuration is wrong (exit 78)",
            format!("`fuseau check` names what is wrong, then: {}", unit.start),
        )),
        Some(asked) => found.push(bad("service state", format!("{}: it does not run", asked.word), &unit.start)),
    }
    if let Some(tenths) = it.exposure {
        let text = format!("{}.{} of 10 exposed (systemd-analyze security)", tenths / 10, tenths % 10);
        found.push(match tenths > EXPOSED {
            false => good("service hardening", text),
            true => warn("service hardening", text, "look which line took it away: `systemctl cat fuseau`"),
        });
    }
    match it.lingers {
        Some(true) => found.push(good("service without login", "runs on (lingering)")),
        Some(false) => found.push(warn("service without login", "stops when you log out", "loginctl enable-linger")),
        None => {}
    }
    if !it.missing.is_empty() {
        let places = it.missing.join(", ");
        // A folder that only root may look into says the same.
        found.push(warn(
            "service credentials",
            format!("not seen: {places}"),
            "put each secret into its file, mode 0600",
        ));
    }
}

/// What `doctor` says of the service: of each one that is installed, or that there is none.
pub(in crate::cli) fn findings(cli: &Cli, settings: Option<&Settings>, found: &mut Vec<Finding>) {
    let scopes = [Scope { user: true, system: false }, Scope { user: false, system: true }];
    let mut installed = 0;
    for scope in scopes.iter().take(if cfg!(target_os = "macos") { 1 } else { 2 }) {
        let Ok(unit) = unit::unit(cli, scope, settings) else { continue };
        let it = standing(&unit);
        if it.place != Place::Missing {
            installed += 1;
            report(&unit, &it, found);
        }
    }
    let runs = settings.is_some_and(|it| matches!(control::ask(&out::state_dir(it), Ask::Status), Ok(Some(_))));
    match (installed, runs) {
        (0, true) => found.push(good("service", "none installed; a daemon runs by other means")),
        (0, false) => found.push(warn("service", "none installed, and no daemon runs", "fuseau service install")),
        (2, _) => found.push(bad(
            "services",
            "installed for this user and for the machine: two daemons want one mailbox",
            "remove one: fuseau service uninstall",
        )),
        _ => {}
    }
}

/// What the service manager says of a unit; `None` where it cannot be asked.
pub(super) fn asked(unit: &Unit) -> Option<Asked> {
    let mut ask = match unit.manager {
        Manager::Launchd => {
            let mut ask = Command::new("launchctl");
            ask.args(["list", "fuseau"]);
            ask
        }
        manager => {
            let mut ask = Command::new("systemctl");
            ask.args(if manager == Manager::User { &["--user"][..] } else { &[] });
            ask.args(["show", "fuseau.service", "-p", "ActiveState,SubState,UnitFileState,ExecMainStatus"]);
            ask
        }
    };
    let said = ask.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&said.stdout);
    match unit.manager {
        // Unknown to launchd: not loaded.
        Manager::Launchd if !said.status.success() => Some(Asked { word: "not loaded".to_owned(), ..Asked::default() }),
        Manager::Launchd => Some(launchd(&text)),
        _ => systemd(&text),
    }
}

fn systemd(text: &str) -> Option<Asked> {
    let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    let active = value("ActiveState")?;
    let status: i32 = value("ExecMainStatus").and_then(|it| it.parse().ok()).unwrap_or_default();
    Some(Asked {
        active: matches!(active, "active" | "reloading" | "activating"),
        enabled: value("UnitFileState").is_some_and(|it| it.starts_with("enabled")),
        word: value("SubState").unwrap_or(active).to_owned(),
        failed: (status != 0).then_some(status),
    })
}

/// `launchctl list LABEL` prints a property list with `"PID" = 12;` while it runs.
fn launchd(text: &str) -> Asked {
    let active = text.contains("\"PID\" =");
    // An agent in LaunchAgents that is loaded comes back with the next login.
    let word = if active { "running" } else { "loaded, not running" };
    Asked { active, enabled: true, word: word.to_owned(), failed: None }
}

/// How exposed a unit is, in tenths.
fn exposure(unit: &Unit) -> Option<u32> {
    let mut ask = Command::new("systemd-analyze");
    ask.args(["security", "--offline=true", "--no-pager"]).arg(unit.path());
    tenths(&String::from_utf8_lossy(&ask.stdin(Stdio::null()).output().ok()?.stdout))
}

/// `→ Overall exposure level for fuseau.service: 1.0 OK 🙂`
fn tenths(said: &str) -> Option<u32> {
    let (_, figure) = said.lines().find(|line| line.contains("Overall exposure level"))?.rsplit_once(": ")?;
    let (whole, tenth) = figure.split_whitespace().next()?.split_once('.')?;
    Some(whole.parse::<u32>().ok()? * 10 + tenth.parse::<u32>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_service_managers() {
        let running = "ExecMainStatus=0\nActiveState=active\nSubState=running\nUnitFileState=enabled\n";
        let word = "running".to_owned();
        assert_eq!(systemd(running), Some(Asked { active: true, enabled: true, word, failed: None }));
        let wrong =
            systemd("ActiveState=failed\nSubState=failed\nExecMainStatus=78\nUnitFileState=disabled\n").unwrap();
        assert_eq!((wrong.active, wrong.enabled, wrong.failed), (false, false, Some(78)));
        assert_eq!(systemd(""), None);
        assert!(launchd("{\n\t\"PID\" = 613;\n};").active && !launchd("{\n\t\"Label\" = \"fuseau\";\n};").active);
        assert_eq!(tenths("x\n→ Overall exposure level for fuseau.service: 1.0 OK 🙂\n"), Some(10));
        assert_eq!(tenths("nothing"), None);
    }
}
