//! What a turn works with: the settings, the memory, the words, the clock. Shared by all mailbox tasks.
use super::dial::Dialler;
use crate::compose::Composer;
use crate::config::{MailboxSettings, Settings};
use crate::decide::Policy;
use crate::model::Identity;
use crate::store::Store;
use crate::system::{Clock, Ids, calendars, state};
use std::path::PathBuf;
use std::sync::Arc;

/// Everything that a turn needs beside the mailbox itself. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Desk {
    /// The checked configuration.
    pub settings: Arc<Settings>,
    /// The templates.
    pub composer: Arc<Composer>,
    /// The memory.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Ids and jitter.
    pub ids: Ids,
    /// This installation's own id: the first half of every `X-Fuseau-Id`.
    pub instance: Arc<str>,
    /// How servers are reached.
    pub dialler: Dialler,
    /// The owner's calendars as they were read last.
    pub calendars: calendars::Held,
    /// The state directory; `None` in a rehearsal, which keeps nothing outside the store.
    pub state: Option<PathBuf>,
}

impl Desk {
    /// The rules' view of the configuration.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.settings.policy
    }

    /// A mailbox's identity.
    #[must_use]
    pub fn identity(&self, mailbox: &str) -> Option<&Identity> {
        self.policy().mailbox(mailbox)
    }

    /// A mailbox's servers and folders.
    #[must_use]
    pub fn mailbox(&self, name: &str) -> Option<&MailboxSettings> {
        self.settings.mailboxes.iter().find(|mailbox| mailbox.name == name)
    }

    /// Whether the kill switch is on.
    #[must_use]
    pub fn paused(&self) -> bool {
        self.state.as_ref().is_some_and(|dir| state::pause_file(dir).exists())
    }
}
