//! Writing and removing the files of a service. What a person changed is never lost: it is left alone, or kept as FILE.old.
use super::unit::{File, Manager, Unit};
use crate::cli::fail::Fail;
use crate::cli::out;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How a file stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Missing,
    Same,
    Differs,
}

pub(super) fn place(file: &File) -> Place {
    match fs::read_to_string(&file.path) {
        Ok(there) if there == file.text => Place::Same,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Place::Missing,
        _ => Place::Differs,
    }
}

pub(super) fn install(unit: &Unit, dry_run: bool, replace: bool) -> Result<(), Fail> {
    let differing: Vec<String> =
        unit.files.iter().filter(|it| place(it) == Place::Differs).map(|it| it.path.display().to_string()).collect();
    if !differing.is_empty() && !replace {
        return Err(Fail::Failed(format!(
            "{} exists and differs: it is left alone\n    compare it with `fuseau service show`; `--replace` keeps the old one as FILE.old",
            differing.join(", ")
        )));
    }
    for file in &unit.files {
        let shown = file.path.display();
        match (place(file), dry_run) {
            (Place::Same, _) => out::text(&format!("{shown} is up to date")),
            (_, true) => out::text(&format!("would write {shown}")),
            (how, false) => {
                if how == Place::Differs {
                    let old = aside(&file.path)?;
                    out::text(&format!("kept the old one as {}", old.display()));
                }
                write(file)?;
                out::text(&format!("wrote {shown}"));
            }
        }
    }
    for secret in unit.credentials.iter().filter(|it| !it.exists()) {
        let shown = secret.display();
        out::text(&format!("the secret is missing: put it into {shown} (umask 077; cat > {shown})"));
    }
    out::text(&format!("to start it: {}", unit.start));
    if unit.manager == Manager::User && lingers() == Some(false) {
        out::text("without a login it stops: loginctl enable-linger (or --linger)");
    }
    Ok(())
}

fn write(file: &File) -> Result<(), Fail> {
    let failed = |error: io::Error| Fail::Failed(format!("{} could not be written: {error}", file.path.display()));
    if let Some(folder) = file.path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    fs::write(&file.path, &file.text).map_err(failed)
}

pub(super) fn uninstall(unit: &Unit, dry_run: bool) -> Result<(), Fail> {
    // The unit of a package comes first in the list and goes with its package.
    let ours = unit.files.iter().skip(usize::from(unit.packaged));
    let there: Vec<&File> = ours.filter(|it| place(it) != Place::Missing).collect();
    if unit.packaged {
        out::text(&format!("{} belongs to the package: apt remove fuseau", unit.path().display()));
    } else if there.is_empty() {
        out::text(&format!("{} is not there", unit.path().display()));
        return Ok(());
    }
    // The drop-in first: its folder goes with it.
    for file in there.into_iter().rev() {
        let shown = file.path.display();
        match (place(file), dry_run) {
            (Place::Differs, true) => out::text(&format!("would keep {shown} as FILE.old: it was changed")),
            (_, true) => out::text(&format!("would remove {shown}")),
            (Place::Differs, false) => {
                let old = aside(&file.path)?;
                out::text(&format!("it was changed: kept as {}", old.display()));
            }
            (_, false) => {
                fs::remove_file(&file.path)
                    .map_err(|error| Fail::Failed(format!("{shown} could not be removed: {error}")))?;
                out::text(&format!("removed {shown}"));
            }
        }
        if let Some(folder) = file.path.parent().filter(|it| it.ends_with("fuseau.service.d")) {
            // Stays if somebody else's file is in it.
            let _ = fs::remove_dir(folder);
        }
    }
    if unit.manager != Manager::Launchd && !dry_run {
        let user = if unit.manager == Manager::User { " --user" } else { "" };
        out::text(&format!("then: systemctl{user} daemon-reload"));
    }
    out::text("configuration, history and secrets stay where they are");
    Ok(())
}

/// Moves a file out of the way; an older one that lies there already gets a number.
fn aside(path: &Path) -> Result<PathBuf, Fail> {
    let named = |ending: String| {
        let mut name = OsString::from(path);
        name.push(ending);
        PathBuf::from(name)
    };
    let numbered = (2..100).map(|n| named(format!(".old{n}")));
    let free = std::iter::once(named(".old".to_owned())).chain(numbered).find(|it| !it.exists());
    let to = free.ok_or_else(|| Fail::Failed(format!("too many old copies beside {}: remove some", path.display())))?;
    fs::rename(path, &to).map_err(|error| Fail::Failed(format!("{} could not be moved: {error}", path.display())))?;
    Ok(to)
}

/// Whether this user's services run without a login, where systemd-logind says so.
pub(super) fn lingers() -> Option<bool> {
    let folder = Path::new("/var/lib/systemd");
    let user = std::env::var("USER").ok().filter(|it| !it.is_empty() && !it.contains('/'))?;
    folder.is_dir().then(|| folder.join("linger").join(user).exists())
}

pub(super) fn linger(dry_run: bool) -> Result<(), Fail> {
    if cfg!(target_os = "macos") {
        return Err(Fail::Usage("launchd knows no lingering: an agent runs while its user is logged in".to_owned()));
    }
    if dry_run {
        out::text("would run: loginctl enable-linger");
        return Ok(());
    }
    let done = Command::new("loginctl").arg("enable-linger").status();
    match done {
        Ok(status) if status.success() => {
            out::text("it runs without a login from now on");
            Ok(())
        }
        Ok(_) => Err(Fail::Failed("loginctl enable-linger failed, see above; the unit is installed".to_owned())),
        Err(error) => Err(Fail::Failed(format!("loginctl cannot be run: {error}; the unit is installed"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_changed_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("fuseau.service");
        for _ in 0..2 {
            fs::write(&path, "mine").unwrap();
            aside(&path).unwrap();
        }
        assert_eq!(fs::read_to_string(dir.path().join("fuseau.service.old")).unwrap(), "mine");
        assert!(dir.path().join("fuseau.service.old2").exists() && !path.exists());
    }
}
