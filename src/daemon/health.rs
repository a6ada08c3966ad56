//! How each mailbox fares, for `status` and the service manager. Written by the mailbox tasks, read by all.
use crate::model::Instant;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What is known of one mailbox.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MailboxHealth {
    /// Its name in the configuration.
    pub name: String,
    /// `observe`, `draft` or `send`.
    pub mode: String,
    /// Whether a session is up.
    pub connected: bool,
    /// When a poll last went through.
    pub last_poll: Option<Instant>,
    /// What is wrong, in one line.
    pub error: Option<String>,
    /// Turns made since the start; the watchdog is fed when it grows.
    #[serde(skip)]
    pub turns: u64,
}

/// The health of all mailboxes.
#[derive(Clone, Debug, Default)]
pub struct Health(Arc<Mutex<BTreeMap<String, MailboxHealth>>>);

impl Health {
    /// Changes what is known of one mailbox.
    pub fn note(&self, mailbox: &str, change: impl FnOnce(&mut MailboxHealth)) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = all
            .entry(mailbox.to_owned())
            .or_insert_with(|| MailboxHealth { name: mailbox.to_owned(), ..MailboxHealth::default() });
        change(entry);
    }

    /// A snapshot, by name.
    #[must_use]
    pub fn all(&self) -> Vec<MailboxHealth> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Forgets everything: the configuration was read again.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
