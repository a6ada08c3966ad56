//! How full the mailbox is (RFC 9208, in its RFC 2087 form). Nothing depends on it; a full mailbox receives nothing.
use super::Session;
use crate::mailbox::{MailboxError, watch::Transport};
use async_imap::imap_proto::{Response, rfc2087::QuotaResourceName};

/// Octets used and allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Used.
    pub used: u64,
    /// Allowed.
    pub limit: u64,
}

impl<S: Transport> Session<S> {
    /// The quota of the inbox, the fullest where several hold; `None` where the server keeps none.
    ///
    /// # Errors
    /// As every command.
    pub async fn quota(&mut self) -> Result<Option<Quota>, MailboxError> {
        if !self.capabilities().await?.iter().any(|one| one == "QUOTA") {
            return Ok(None);
        }
        let mut found: Vec<Quota> = Vec::new();
        let each = |response: &Response<'_>| {
            if let Response::Quota(quota) = response {
                let storage = quota.resources.iter().filter(|it| it.name == QuotaResourceName::Storage && it.limit > 0);
                // The unit is 1024 octets.
                found.extend(
                    storage
                        .map(|it| Quota { used: it.usage.saturating_mul(1024), limit: it.limit.saturating_mul(1024) }),
                );
            }
        };
        self.run("GETQUOTAROOT", "GETQUOTAROOT INBOX", each).await?;
        Ok(found.into_iter().min_by_key(|it| it.limit.saturating_sub(it.used)))
    }
}
