//! The file of the tokens on a real disk.
use super::*;
use crate::model::account::Endpoints;
use std::os::unix::fs::PermissionsExt as _;

fn grant() -> Grant {
    let (endpoints, scopes) = Endpoints::known("microsoft").unwrap();
    Grant {
        key: "studio".to_owned(),
        provider: "microsoft".to_owned(),
        client_id: "id".to_owned(),
        client_secret: None,
        refresh_token: None,
        endpoints,
        scopes,
        resource: Vec::new(),
        keyring: false,
    }
}

fn some() -> Tokens {
    let until = Instant::from_timestamp(2000, 0).unwrap();
    Tokens::granted(&grant(), "access".to_owned(), Some("refresh".to_owned()), None, until)
}

#[test]
fn kept_privately_read_back_and_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    let mut drawer = Drawer::open(dir.path(), &grant()).unwrap();
    assert_eq!(drawer.read().unwrap(), None);
    drawer.write(&some()).unwrap();
    drawer.write(&some()).unwrap();
    assert_eq!(Drawer::peek(dir.path(), &grant()).unwrap(), Some(some()));
    for (path, mode) in [("tokens", 0o700), ("tokens/studio.json", 0o600)] {
        assert_eq!(fs::metadata(dir.path().join(path)).unwrap().permissions().mode() & 0o777, mode, "{path}");
    }
    assert!(drawer.remove().unwrap());
    assert!(!drawer.remove().unwrap());
}

#[test]
fn a_file_that_others_can_read_or_that_is_none_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut drawer = Drawer::open(dir.path(), &grant()).unwrap();
    drawer.write(&some()).unwrap();
    let path = dir.path().join("tokens/studio.json");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let said = drawer.read().unwrap_err().to_string();
    assert!(said.contains("others can read it"), "{said}");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&path, "{").unwrap();
    assert!(drawer.read().unwrap_err().to_string().contains("is no file of tokens"));
}

#[test]
fn a_name_never_leaves_the_directory() {
    assert_eq!(place(Path::new("/s"), "../../etc/x"), Path::new("/s/tokens/______etc_x.json"));
}

#[test]
fn a_refresh_keeps_the_old_refresh_token_unless_there_is_a_new_one() {
    let mut kept = some();
    let mut fresh = some();
    fresh.refresh_token = None;
    fresh.expires_at = 9000;
    kept.renew(fresh);
    assert_eq!((kept.refresh_token.as_deref(), kept.expires_at), (Some("refresh"), 9000));
    let mut fresh = some();
    fresh.refresh_token = Some("rotated".to_owned());
    kept.renew(fresh);
    assert_eq!(kept.refresh_token.as_deref(), Some("rotated"));
}

#[test]
fn nothing_of_a_token_is_shown() {
    let shown = format!("{:?}", some());
    assert!(!shown.contains("access\"") && !shown.contains("refresh"), "{shown}");
}

#[cfg(feature = "keyring")]
#[test]
fn tokens_in_the_keyring_leave_no_file() {
    keyring::imagine();
    let dir = tempfile::tempdir().unwrap();
    let grant = Grant { keyring: true, ..grant() };
    let mut drawer = Drawer::open(dir.path(), &grant).unwrap();
    assert_eq!(drawer.read().unwrap(), None);
    drawer.write(&some()).unwrap();
    assert_eq!(drawer.read().unwrap(), Some(some()));
    assert_eq!(Drawer::peek(dir.path(), &grant).unwrap(), Some(some()));
    assert!(!dir.path().join("tokens/studio.json").exists());
    assert!(drawer.remove().unwrap() && !drawer.remove().unwrap());
}

#[cfg(not(feature = "keyring"))]
#[test]
fn a_build_without_the_keyring_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let grant = Grant { keyring: true, ..grant() };
    let error = Drawer::open(dir.path(), &grant).unwrap().write(&some()).unwrap_err().to_string();
    assert!(error.contains("built without the keyring") && error.contains("--features keyring"), "{error}");
    assert!(!dir.path().join("tokens/studio.json").exists());
}
