//! The system's keyring: Secret Service (GNOME, KDE) on Linux, the keychain on macOS. An option of the build (`--features keyring`):
//! without it every question is answered with what to do instead. Blocking. Never here: which secret is kept where.

/// The name under which all our entries stand there.
pub const SERVICE: &str = "fuseau";

/// Why the keyring gave or took nothing, with what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}\n    {remedy}")]
pub struct KeyringError {
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

#[cfg(all(test, feature = "keyring"))]
pub use with::imagine;
#[cfg(feature = "keyring")]
pub use with::{get, remove, set};
#[cfg(not(feature = "keyring"))]
pub use without::{get, remove, set};

#[cfg(feature = "keyring")]
mod with {
    use super::{KeyringError, SERVICE};
    use keyring_core::{Entry, Error};
    use std::sync::Mutex;

    /// One at a time: the first one opens the keyring.
    static OPENING: Mutex<()> = Mutex::new(());

    fn open() -> Result<(), Error> {
        let _one = OPENING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if keyring_core::get_default_store().is_none() {
            #[cfg(target_os = "macos")]
            keyring_core::set_default_store(apple_native_keyring_store::keychain::Store::new()?);
            #[cfg(all(unix, not(target_os = "macos")))]
            keyring_core::set_default_store(zbus_secret_service_keyring_store::Store::new()?);
        }
        Ok(())
    }

    fn entry(name: &str) -> Result<Entry, KeyringError> {
        open().and_then(|()| Entry::new(SERVICE, name)).map_err(|error| failed(&error))
    }

    fn failed(error: &Error) -> KeyringError {
        KeyringError {
            what: format!("the keyring does not answer: {}", crate::model::text::clean(&error.to_string(), 200)),
            remedy:
                "log in to your desktop and unlock it; a service without a desktop uses credential, file or command"
                    .to_owned(),
        }
    }

    /// The secret in an entry; `None` if there is no such entry.
    ///
    /// # Errors
    /// The keyring does not answer.
    pub fn get(name: &str) -> Result<Option<String>, KeyringError> {
        match entry(name)?.get_password() {
            Ok(text) => Ok(Some(text)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }

    /// Puts a secret into an entry; what was there is replaced.
    ///
    /// # Errors
    /// The keyring does not take it.
    pub fn set(name: &str, secret: &str) -> Result<(), KeyringError> {
        entry(name)?.set_password(secret).map_err(|error| failed(&error))
    }

    /// Removes an entry; whether there was one.
    ///
    /// # Errors
    /// The keyring does not answer.
    pub fn remove(name: &str) -> Result<bool, KeyringError> {
        match entry(name)?.delete_credential() {
            Ok(()) => Ok(true),
            Err(Error::NoEntry) => Ok(false),
            Err(error) => Err(failed(&error)),
        }
    }

    /// A keyring in memory instead of the desktop's, for all tests of the process.
    #[cfg(test)]
    pub fn imagine() {
        let _one = OPENING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if keyring_core::get_default_store().is_none() {
            keyring_core::set_default_store(keyring_core::mock::Store::new().unwrap());
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn what_is_put_there_is_found_again() {
            imagine();
            assert_eq!(get("nothing").unwrap(), None);
            set("mail/studio", "geheim ☂").unwrap();
            set("mail/studio", "neu").unwrap();
            assert_eq!(get("mail/studio").unwrap().as_deref(), Some("neu"));
            assert!(remove("mail/studio").unwrap() && !remove("mail/studio").unwrap());
        }
    }
}

#[cfg(not(feature = "keyring"))]
mod without {
    use super::KeyringError;

    fn none<T>() -> Result<T, KeyringError> {
        Err(KeyringError {
            what: "this fuseau was built without the keyring".to_owned(),
            remedy: "build it with `cargo install --features keyring`, or ask the keyring by a command: \
                     command = [\"secret-tool\", \"lookup\", \"service\", \"fuseau\", \"username\", \"NAME\"]"
                .to_owned(),
        })
    }

    /// The secret in an entry.
    ///
    /// # Errors
    /// Always: this build has no keyring.
    pub fn get(_: &str) -> Result<Option<String>, KeyringError> {
        none()
    }

    /// Puts a secret into an entry.
    ///
    /// # Errors
    /// Always: this build has no keyring.
    pub fn set(_: &str, _: &str) -> Result<(), KeyringError> {
        none()
    }

    /// Removes an entry.
    ///
    /// # Errors
    /// Always: this build has no keyring.
    pub fn remove(_: &str) -> Result<bool, KeyringError> {
        none()
    }
}
