//! Secrets from each place, and what is said when they cannot be had.
use super::*;

fn no_keyring(_: &str) -> Result<String, String> {
    Err("there is none".to_owned())
}

fn get(secret: &Secret) -> Result<String, String> {
    let variable = |name: &str| (name == "SET").then(|| "from env\nsecond".to_owned());
    resolve_with(secret, Duration::from_millis(300), variable, no_keyring).map_err(|error| error.to_string())
}

fn shell(line: &str) -> Secret {
    Secret::Command(vec![line.to_owned()])
}

fn file(text: &str, mode: u32) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    (folder, path)
}

#[test]
fn the_first_line_is_the_secret() {
    assert_eq!(get(&Secret::Text("as is\n".into())), Ok("as is\n".into()));
    assert_eq!(get(&Secret::Env("SET".into())), Ok("from env".into()));
    assert_eq!(get(&shell("echo ' a b '; echo user: x")), Ok(" a b ".into()));
    let direct = ["printf", "%s\r\n", "$HOME"].map(str::to_owned).to_vec();
    assert_eq!(get(&Secret::Command(direct)), Ok("$HOME".into()));
    let (_folder, path) = file("from file\nuser: x\n", 0o600);
    assert_eq!(get(&Secret::File(path)), Ok("from file".into()));
}

#[test]
fn credentials_come_from_systemds_folder() {
    let (folder, _path) = file("from systemd", 0o440);
    let place = folder.path().to_string_lossy().into_owned();
    let variable = |name: &str| (name == "CREDENTIALS_DIRECTORY").then(|| place.clone());
    let got = resolve_with(&Secret::Credential("secret".into()), DEADLINE, variable, no_keyring);
    assert_eq!(got.unwrap(), "from systemd");
    assert!(get(&Secret::Credential("secret".into())).unwrap_err().contains("LoadCredential=secret"));
}

#[test]
fn a_file_that_others_can_read_is_refused() {
    for mode in [0o640, 0o604, 0o660, 0o777] {
        let (_folder, path) = file("hunter2", mode);
        let error = get(&Secret::File(path)).unwrap_err();
        assert!(error.contains("chmod 600") && !error.contains("hunter2"), "{error}");
    }
    let (folder, path) = file("", 0o600);
    assert!(get(&Secret::File(path)).unwrap_err().contains("empty"));
    assert!(get(&Secret::File(folder.path().join("none"))).unwrap_err().contains("cannot be read"));
    assert!(get(&Secret::File(folder.path().to_owned())).unwrap_err().contains("no ordinary file"));
}

#[test]
fn errors_show_stderr_but_never_stdout() {
    let error = get(&shell("echo hunter2; echo gpg: locked >&2; exit 3")).unwrap_err();
    assert!(error.contains("gpg: locked") && error.contains('3') && !error.contains("hunter2"), "{error}");
    let error = get(&shell("echo hunter2; exec sleep 20")).unwrap_err();
    assert!(error.contains("did not end") && !error.contains("hunter2"), "{error}");
    assert!(get(&shell("true")).unwrap_err().contains("empty secret"));
    assert!(get(&Secret::Env("UNSET".into())).unwrap_err().contains("UNSET"));
    let missing = ["/does/not/exist".to_owned(), "x".to_owned()].to_vec();
    assert!(get(&Secret::Command(missing)).unwrap_err().contains("cannot be run"));
}

#[test]
fn a_command_may_leave_an_agent_behind() {
    assert_eq!(get(&shell("echo pw; sleep 5 &")), Ok("pw".into()));
}
