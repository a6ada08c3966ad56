//! The units as text: what `service install` writes, filled with this program, this configuration and its credentials.
//! Writing and asking the service manager: files.rs, status.rs.
use crate::cli::args::{Cli, Scope};
use crate::cli::fail::Fail;
use crate::cli::out;
use crate::config::{MailboxSettings, Settings};
use crate::model::account::{Incoming, Login, Outgoing, Secret, Server, TokenSource};
use std::fs;
use std::path::{Path, PathBuf};

const SYSTEM_UNIT: &str = include_str!("../../../packaging/systemd/fuseau.service");
const USER_UNIT: &str = include_str!("../../../packaging/systemd/user/fuseau.service");
const LAUNCHD_AGENT: &str = include_str!("../../../packaging/launchd/fuseau.plist");

/// Who runs the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manager {
    /// systemd, for the whole machine.
    System,
    /// systemd, for one user.
    User,
    /// launchd, for one user.
    Launchd,
}

/// A file to be written.
pub(super) struct File {
    pub path: PathBuf,
    pub text: String,
}

/// A service as it should be.
pub(super) struct Unit {
    pub manager: Manager,
    /// The unit; where the configuration names credentials, a drop-in too.
    pub files: Vec<File>,
    /// Where each credential's secret belongs.
    pub credentials: Vec<PathBuf>,
    /// The unit came with a package: it is nobody's to write or remove here.
    pub packaged: bool,
    pub start: String,
    pub stop: String,
}

impl Unit {
    /// The unit itself.
    pub fn path(&self) -> &Path {
        self.files.first().map_or(Path::new("fuseau.service"), |file| &file.path)
    }
}

/// The service of this machine or of this user.
pub(super) fn unit(cli: &Cli, scope: &Scope, settings: Option<&Settings>) -> Result<Unit, Fail> {
    let program = std::env::current_exe()?;
    let config = out::config_path(cli).ok().map(|path| fs::canonicalize(&path).unwrap_or(path));
    if cfg!(target_os = "macos") {
        return Ok(launchd(&home()?, &program, config));
    }
    let names = settings.map(credentials).unwrap_or_default();
    let mut unit = if scope.system { system(&program, config, &names) } else { user(&program, config, &names)? };
    if let Some(dir) = settings.and_then(|settings| settings.page.out.as_deref()).filter(|_| scope.system) {
        unit.files.push(writable(unit.path(), dir));
    }
    let folder = if scope.system { "/usr/lib/systemd/system" } else { "/usr/lib/systemd/user" };
    Ok(from_package(unit, &program, &Path::new(folder).join("fuseau.service")))
}

/// The program of a package is run by the unit of that package, unless somebody wrote one of their own.
fn from_package(mut unit: Unit, program: &Path, packaged: &Path) -> Unit {
    if program == Path::new("/usr/bin/fuseau")
        && !unit.path().exists()
        && let (Ok(text), Some(file)) = (fs::read_to_string(packaged), unit.files.first_mut())
    {
        *file = File { path: packaged.to_path_buf(), text };
        unit.packaged = true;
    }
    unit
}

/// A system unit that could start: refuses one whose program or configuration it cannot see.
pub(super) fn visible(cli: &Cli, scope: &Scope) -> Result<(), Fail> {
    if !scope.system || cfg!(target_os = "macos") {
        return Ok(());
    }
    let config = out::config_path(cli).ok().map(|path| fs::canonicalize(&path).unwrap_or(path));
    within_reach(&std::env::current_exe()?, config.as_deref())
}

fn home() -> Result<PathBuf, Fail> {
    std::env::var_os("HOME").map(PathBuf::from).ok_or_else(|| Fail::Failed("$HOME is not set".into()))
}

fn launchd(home: &Path, program: &Path, config: Option<PathBuf>) -> Unit {
    let config = config.unwrap_or_else(|| home.join(".config/fuseau/fuseau.toml"));
    let text = LAUNCHD_AGENT
        .replace("HOME/.cargo/bin/fuseau", &xml(&program.to_string_lossy()))
        .replace("HOME/.config/fuseau/fuseau.toml", &xml(&config.to_string_lossy()))
        .replace("HOME/Library", &xml(&home.join("Library").to_string_lossy()));
    let path = home.join("Library/LaunchAgents/fuseau.plist");
    Unit {
        manager: Manager::Launchd,
        start: format!("launchctl bootstrap gui/$UID {}", path.display()),
        stop: "launchctl bootout gui/$UID/fuseau".to_owned(),
        files: vec![File { path, text }],
        credentials: Vec::new(),
        packaged: false,
    }
}

fn system(program: &Path, config: Option<PathBuf>, names: &[String]) -> Unit {
    let config = config.unwrap_or_else(|| PathBuf::from("/etc/fuseau/fuseau.toml"));
    let text = SYSTEM_UNIT
        .replace("/usr/bin/fuseau", &word(&program.to_string_lossy()))
        .replace("/etc/fuseau/fuseau.toml", &word(&config.to_string_lossy()));
    let path = PathBuf::from("/etc/systemd/system/fuseau.service");
    let (files, credentials) = with_credentials(File { path, text }, names, Path::new("/etc/fuseau/credentials"));
    Unit {
        manager: Manager::System,
        files,
        credentials,
        packaged: false,
        start: "systemctl daemon-reload && systemctl enable --now fuseau".to_owned(),
        stop: "systemctl disable --now fuseau".to_owned(),
    }
}

fn user(program: &Path, config: Option<PathBuf>, names: &[String]) -> Result<Unit, Fail> {
    let home = home()?;
    let program = word(&program.to_string_lossy());
    let mut text = USER_UNIT.replace("%h/.cargo/bin/fuseau", &program);
    if let Some(config) = config {
        let config = word(&config.to_string_lossy());
        let with = |verb: &str| (format!("{program} {verb}\n"), format!("{program} {verb} --config {config}\n"));
        for (plain, named) in [with("run"), with("reload")] {
            text = text.replace(&plain, &named);
        }
    }
    let folder = std::env::var_os("XDG_CONFIG_HOME").map_or_else(|| home.join(".config"), PathBuf::from);
    let path = folder.join("systemd/user/fuseau.service");
    let (files, credentials) = with_credentials(File { path, text }, names, &folder.join("fuseau/credentials"));
    Ok(Unit {
        manager: Manager::User,
        files,
        credentials,
        packaged: false,
        start: "systemctl --user daemon-reload && systemctl --user enable --now fuseau".to_owned(),
        stop: "systemctl --user disable --now fuseau".to_owned(),
    })
}

/// The unit with its drop-in, and where the secrets belong.
fn with_credentials(unit: File, names: &[String], folder: &Path) -> (Vec<File>, Vec<PathBuf>) {
    if names.is_empty() {
        return (vec![unit], Vec::new());
    }
    let places: Vec<PathBuf> = names.iter().map(|name| folder.join(name)).collect();
    let mut text = "# The credentials that the configuration names.\n[Service]\n".to_owned();
    for (name, place) in names.iter().zip(&places) {
        text.push_str(&format!("LoadCredential={name}:{}\n", place.to_string_lossy().replace('%', "%%")));
    }
    let path = unit.path.with_extension("service.d").join("credentials.conf");
    (vec![unit, File { path, text }], places)
}

/// The system unit may write nowhere but into its state: the folder of the public page is named to it.
fn writable(unit: &Path, dir: &Path) -> File {
    let dir = word(&dir.to_string_lossy());
    let text = format!(
        "# The folder of the public page. A folder that is missing is no fault.\n[Service]\nReadWritePaths=-{dir}\n"
    );
    File { path: unit.with_extension("service.d").join("page.conf"), text }
}

/// Every credential that the configuration names, once, by name.
fn credentials(settings: &Settings) -> Vec<String> {
    let mut names: Vec<String> = settings.mailboxes.iter().flat_map(servers).flat_map(secrets).collect();
    names.sort();
    names.dedup();
    names
}

fn servers(mailbox: &MailboxSettings) -> Vec<&Server> {
    let incoming = match &mailbox.incoming {
        Incoming::Imap(account) => Some(&account.server),
        Incoming::Maildir(_) => None,
    };
    let outgoing = match &mailbox.outgoing {
        Some(Outgoing::Smtp(account)) => Some(&account.server),
        _ => None,
    };
    incoming.into_iter().chain(outgoing).collect()
}

fn secrets(server: &Server) -> Vec<String> {
    let all: Vec<&Secret> = match &server.login {
        Some((_, Login::Password(secret) | Login::OAuth2(TokenSource::Command(secret)))) => vec![secret],
        Some((_, Login::OAuth2(TokenSource::Grant(grant)))) => {
            grant.client_secret.iter().chain(&grant.refresh_token).collect()
        }
        None => Vec::new(),
    };
    let name = |secret: &Secret| match secret {
        Secret::Credential(name) => Some(name.clone()),
        _ => None,
    };
    all.into_iter().filter_map(name).collect()
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
    fn the_agent_of_launchd_names_real_places() {
        let (home, program) = (Path::new("/Users/claire"), Path::new("/opt/a & b/bin/fuseau"));
        for (config, named) in [
            (None, "/Users/claire/.config/fuseau/fuseau.toml"),
            (Some("/Users/claire/R&D <1>/fuseau.toml"), "/Users/claire/R&amp;D &lt;1&gt;/fuseau.toml"),
        ] {
            let unit = launchd(home, program, config.map(PathBuf::from));
            assert_eq!(unit.path(), Path::new("/Users/claire/Library/LaunchAgents/fuseau.plist"));
            assert_eq!((unit.manager, unit.files.len(), unit.credentials.len()), (Manager::Launchd, 1, 0));
            assert_eq!(unit.start, "launchctl bootstrap gui/$UID /Users/claire/Library/LaunchAgents/fuseau.plist");
            let text = &unit.files[0].text;
            let strings: Vec<&str> = text
                .lines()
                .filter_map(|line| line.trim().strip_prefix("<string>")?.strip_suffix("</string>"))
                .filter(|value| value.contains('/') && !value.contains(':'))
                .collect();
            let want = ["/opt/a &amp; b/bin/fuseau", named, "/Users/claire/Library/Logs/fuseau.log"];
            assert_eq!(strings, want, "{text}");
            assert!(!text.contains("HOME/"), "{text}");
        }
    }

    #[test]
    fn a_system_unit_needs_what_it_can_see() {
        let path = Path::new;
        assert!(within_reach(path("/usr/local/bin/fuseau"), Some(path("/etc/fuseau/fuseau.toml"))).is_ok());
        assert!(within_reach(path("/usr/bin/fuseau"), None).is_ok());
        assert!(within_reach(path("/home/claire/.cargo/bin/fuseau"), None).is_err());
        assert!(within_reach(path("/usr/bin/fuseau"), Some(path("/root/fuseau.toml"))).is_err());
    }
    #[test]
    fn the_unit_of_a_package_is_left_to_it() {
        let dir = tempfile::tempdir().unwrap();
        let packaged = dir.path().join("fuseau.service");
        fs::write(&packaged, "theirs").unwrap();
        let unit = |program: &str| from_package(system(Path::new(program), None, &[]), Path::new(program), &packaged);
        assert!(unit("/usr/bin/fuseau").packaged);
        assert_eq!(unit("/usr/bin/fuseau").files[0].text, "theirs");
        assert!(!unit("/usr/local/bin/fuseau").packaged);
    }

    #[test]
    fn the_folder_of_the_page_is_named_to_the_unit() {
        let file = writable(Path::new("/etc/systemd/system/fuseau.service"), Path::new("/srv/my hours"));
        assert_eq!(file.path, Path::new("/etc/systemd/system/fuseau.service.d/page.conf"));
        assert!(file.text.ends_with("[Service]\nReadWritePaths=-\"/srv/my hours\"\n"), "{}", file.text);
    }

    #[test]
    fn credentials_become_a_drop_in() {
        let unit = || File { path: PathBuf::from("/etc/systemd/system/fuseau.service"), text: String::new() };
        let (files, places) = with_credentials(unit(), &["a".to_owned(), "b".to_owned()], Path::new("/etc/f 100%"));
        assert_eq!(files[1].path, Path::new("/etc/systemd/system/fuseau.service.d/credentials.conf"));
        assert!(files[1].text.ends_with("LoadCredential=a:/etc/f 100%%/a\nLoadCredential=b:/etc/f 100%%/b\n"));
        assert_eq!(places, [Path::new("/etc/f 100%/a"), Path::new("/etc/f 100%/b")]);
        assert_eq!(with_credentials(unit(), &[], Path::new("/")).0.len(), 1);
    }
}
