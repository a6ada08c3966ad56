//! How a turn fails. What to do about it: worker.rs.
use crate::mailbox::MailboxError;
use crate::store::StoreError;

/// Why a turn ended early. Whatever was recorded before stays; the next turn goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum TurnError {
    /// The mailbox.
    #[error(transparent)]
    Mailbox(#[from] MailboxError),
    /// The memory.
    #[error(transparent)]
    Store(#[from] StoreError),
}
