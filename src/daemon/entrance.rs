//! Where mailboxes come in. A hundred that log in and look around at the same moment are a burden to their server, and each
//! needs more memory for that moment than ever again: so many at a time. Nobody waits long for those before: a server that
//! does not answer must not keep others out.
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Mailboxes that may be between their dial and the end of their first turn.
const AT_ONCE: usize = 32;
/// Whoever has waited for so long comes in all the same: as long as a server takes that never answers.
const PATIENCE: Duration = Duration::from_secs(60);

/// The way in, shared by all mailbox tasks.
#[derive(Clone, Debug)]
pub(super) struct Entrance(Arc<Semaphore>);

impl Entrance {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }

    /// Waits for its turn; what it gives is kept until the mailbox is in.
    pub(super) async fn pass(&self) -> Option<OwnedSemaphorePermit> {
        timeout(PATIENCE, self.0.clone().acquire_owned()).await.ok()?.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    #[expect(clippy::disallowed_methods, reason = "measures paused time")]
    async fn so_many_at_once_and_nobody_waits_for_ever() {
        let entrance = Entrance::new();
        let mut inside = Vec::new();
        for _ in 0..AT_ONCE {
            inside.push(entrance.pass().await.unwrap());
        }
        let began = tokio::time::Instant::now();
        assert!(entrance.pass().await.is_none(), "comes in without a place");
        assert_eq!(began.elapsed(), PATIENCE);
        inside.pop();
        assert!(entrance.pass().await.is_some(), "a place is free again");
        assert_eq!(began.elapsed(), PATIENCE);
    }
}
