//! `fuseau service`: the systemd unit or launchd agent. Full management (enable, status, uninstall) stays with
//! systemctl and launchctl, whose lines are printed.
use super::args::{Cli, Service, ServiceAction};
use super::fail::Fail;
use super::out;
use std::fs;
use std::path::{Path, PathBuf};

const SYSTEM_UNIT: &str = include_str!("../../packaging/systemd/fuseau.service");
const USER_UNIT: &str = include_str!("../../packaging/systemd/user/fuseau.service");
const LAUNCHD_AGENT: &str = include_str!("../../packaging/launchd/fuseau.plist");

/// A unit to be written.
struct Unit {
    path: PathBuf,
    text: String,
    start: String,
}

/// Runs the command.
pub fn run(cli: &Cli, service: &Service) -> Result<(), Fail> {
    match &service.action {
        ServiceAction::Show { system } => {
            out::text(&unit(cli, *system)?.text);
            Ok(())
        }
        ServiceAction::Install { system, dry_run } => {
            if *system && !cfg!(target_os = "macos") {
                let config = out::config_path(cli).ok().map(|path| fs::canonicalize(&path).unwrap_or(path));
                within_reach(&std::env::current_exe()?, config.as_deref())?;
            }
            install(&unit(cli, *system)?, *dry_run)
        }
    }
}

fn install(unit: &Unit, dry_run: bool) -> Result<(), Fail> {
    let shown = unit.path.display();
    match fs::read_to_string(&unit.path) {
        Ok(there) if there == unit.text => {
            out::text(&format!("{shown} is up to date\nto start it: {}", unit.start));
            return Ok(());
        }
        Ok(_) => {
            return Err(Fail::Failed(format!(
                "{shown} exists and differs: it is left alone\n    compare it with `fuseau service show`, or remove it and install again"
            )));
        }
        Err(_) => {}
    }
    if dry_run {
        out::text(&format!("would write {shown}\nthen: {}", unit.start));
        return Ok(());
    }
    if let Some(folder) = unit.path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&unit.path, &unit.text)
        .map_err(|error| Fail::Failed(format!("{shown} could not be written: {error}")))?;
    out::text(&format!("wrote {shown}\nto start it: {}", unit.start));
    Ok(())
}

fn unit(cli: &Cli, system: bool) -> Result<Unit, Fail> {
    let program = std::env::current_exe()?;
    let program = program.to_string_lossy();
    let config = out::config_path(cli).ok().map(|path| fs::canonicalize(&path).unwrap_or(path));
    let home = || std::env::var_os("HOME").map(PathBuf::from).ok_or_else(|| Fail::Failed("$HOME is not set".into()));
    if cfg!(target_os = "macos") {
        let home = home()?;
        let config = config.unwrap_or_else(|| home.join(".config/fuseau/fuseau.toml"));
        let text = LAUNCHD_AGENT
            .replace("HOME/.cargo/bin/fuseau", &xml(&program))
            .replace("HOME/.config/fuseau/fuseau.toml", &xml(&config.to_string_lossy()))
            .replace("HOME/Library", &xml(&home.join("Library").to_string_lossy()));
        let path = home.join("Library/LaunchAgents/fuseau.plist");
        let start = format!("launchctl bootstrap gui/$UID {}", path.display());
        return Ok(Unit { path, text, start });
    }
    let program = word(&program);
    if system {
        let config = config.unwrap_or_else(|| Path::new("/etc/fuseau/fuseau.toml").to_path_buf());
        return Ok(Unit {
            path: Path::new("/etc/systemd/system/fuseau.service").to_path_buf(),
            text: SYSTEM_UNIT
                .replace("/usr/bin/fuseau", &program)
                .replace("/etc/fuseau/fuseau.toml", &word(&config.to_string_lossy())),
            start: "systemctl daemon-reload && systemctl enable --now fuseau".into(),
        });
    }
    let home = home()?;
    let mut text = USER_UNIT.replace("%h/.cargo/bin/fuseau", &program);
    if let Some(config) = config {
        let config = word(&config.to_string_lossy());
        let with = |verb: &str| (format!("{program} {verb}\n"), format!("{program} {verb} --config {config}\n"));
        for (plain, named) in [with("run"), with("reload")] {
            text = text.replace(&plain, &named);
        }
    }
    let folder = std::env::var_os("XDG_CONFIG_HOME").map_or_else(|| home.join(".config"), PathBuf::from);
    Ok(Unit {
        path: folder.join("systemd/user/fuseau.service"),
        text,
        start: "systemctl --user daemon-reload && systemctl --user enable --now fuseau   (without a login: loginctl enable-linger)".into(),
    })
}

/// A path as one word of a systemd command line: `%` and `$` mean something there, spaces part words
/// (systemd.service, "Command lines").
fn word(path: &str) -> String {
    let escaped = path.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%").replace('$', "$$");
    if escaped.contains([' ', '\t', '"', '\'', '\\', ';']) { format!("\"{escaped}\"") } else { escaped }
}

/// A path as text of an XML file.
fn xml(path: &str) -> String {
    path.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// What the system unit cannot see: `ProtectHome=` and `PrivateTmp=` hide these folders from it.
fn hidden(path: &Path) -> bool {
    ["/home", "/root", "/run/user", "/tmp", "/var/tmp"].iter().any(|folder| path.starts_with(folder))
}

/// Refuses a system unit that could not start.
fn within_reach(program: &Path, config: Option<&Path>) -> Result<(), Fail> {
    if hidden(program) {
        return Err(Fail::Failed(format!(
            "the system unit cannot see {0}\n    sudo install -m 755 {0} /usr/local/bin/fuseau, then /usr/local/bin/fuseau service install --system",
            program.display()
        )));
    }
    match config {
        Some(config) if hidden(config) => Err(Fail::Failed(format!(
            "the system unit cannot see {}\n    put the configuration into /etc/fuseau/fuseau.toml, and name it with --config",
            config.display()
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_one_word() {
        assert_eq!(word("/usr/bin/fuseau"), "/usr/bin/fuseau");
        assert_eq!(word("/home/a b/100%/$x"), "\"/home/a b/100%%/$$x\"");
        assert_eq!(xml("/a&b<c>"), "/a&amp;b&lt;c&gt;");
    }

    #[test]
    fn a_system_unit_needs_what_it_can_see() {
        let path = Path::new;
        assert!(within_reach(path("/usr/local/bin/fuseau"), Some(path("/etc/fuseau/fuseau.toml"))).is_ok());
        assert!(within_reach(path("/usr/bin/fuseau"), None).is_ok());
        assert!(within_reach(path("/home/claire/.cargo/bin/fuseau"), None).is_err());
        assert!(within_reach(path("/usr/bin/fuseau"), Some(path("/root/fuseau.toml"))).is_err());
    }
}
