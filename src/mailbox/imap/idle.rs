//! Waiting for news (IDLE, RFC 2177). A hint only: what happened is asked for afterwards.
use super::{COMMAND, Session, talk::Reply};
use crate::mailbox::{
    Folder, Hint, MailboxError,
    watch::{SILENCE, Transport},
};
use std::{collections::VecDeque, pin::pin, time::Duration};
use tokio::time::timeout;

/// How long the server may take to end IDLE: a dead line shows here.
const DONE: Duration = Duration::from_secs(15);
/// Replies during one IDLE that say nothing ("still here").
const CHATTER_MAX: usize = 10_000;

impl<S: Transport> Session<S> {
    /// Waits for news of `folder`: until something changes, `interrupt` completes or `limit` is over, which should
    /// be at most 5 minutes so that a dead line is noticed. News that came before the wait end it at once. After news IDLE
    /// itself is ended by the next command.
    ///
    /// # Errors
    /// `Closed` when the server hangs up; else as every command.
    pub async fn idle(
        &mut self,
        folder: &Folder,
        limit: Duration,
        interrupt: impl Future<Output = ()>,
    ) -> Result<Hint, MailboxError> {
        if self.idle_refused || !self.capabilities().await?.iter().any(|one| one == "IDLE") {
            return Ok(Hint::NotSupported);
        }
        self.enter(folder).await?;
        if self.take_news() {
            return Ok(Hint::Changed);
        }
        if self.idling.is_some() {
            self.run("NOOP", "NOOP", |_| ()).await?;
        }
        let tag = self.begin()?;
        self.send("IDLE", format!("{tag} IDLE\r\n").as_bytes()).await?;
        let started = timeout(COMMAND, self.await_start(&tag)).await;
        if !started.unwrap_or(Err(MailboxError::TimedOut { command: "IDLE" }))? {
            self.idle_refused = true;
            return Ok(Hint::NotSupported);
        }
        let early = self.take_news();
        self.client.get_mut().bear_silence(None);
        let hint = if early { Some(Hint::Changed) } else { self.watch(&tag, limit, interrupt).await? };
        self.client.get_mut().bear_silence(Some(SILENCE));
        let Some(hint) = hint else {
            self.busy = false;
            self.idle_refused = true;
            return Ok(Hint::NotSupported);
        };
        if hint == Hint::Changed {
            self.take_news();
            self.idling = Some(tag);
            return Ok(hint);
        }
        let end = async {
            self.send("IDLE", b"DONE\r\n").await?;
            self.finish("IDLE", &tag, VecDeque::new(), |_| ()).await
        };
        match timeout(DONE, end).await.unwrap_or(Err(MailboxError::TimedOut { command: "IDLE" })) {
            // IDLE ended in a NO: the news are as good.
            Ok(_) | Err(MailboxError::Refused { .. }) => {}
            Err(error) => return Err(error),
        }
        Ok(match hint {
            Hint::Quiet if self.take_news() => Hint::Changed,
            other => other,
        })
    }

    /// Reads up to `+`; false when the server refuses IDLE, or claims to be done with it at once.
    async fn await_start(&mut self, tag: &str) -> Result<bool, MailboxError> {
        for _ in 0..CHATTER_MAX {
            match self.next("IDLE", &mut |_| ()).await? {
                Reply::More => return Ok(true),
                Reply::Tagged(theirs, _) if theirs == tag => {
                    self.busy = false;
                    return Ok(false);
                }
                Reply::Tagged(..) => {
                    return Err(MailboxError::Protocol { command: "IDLE", what: "a reply to another command" });
                }
                _ => {}
            }
        }
        Err(MailboxError::Protocol { command: "IDLE", what: "too many replies" })
    }

    /// The wait itself; `None` when the server ended IDLE of its own accord.
    async fn watch(
        &mut self,
        tag: &str,
        limit: Duration,
        interrupt: impl Future<Output = ()>,
    ) -> Result<Option<Hint>, MailboxError> {
        let mut interrupt = pin!(interrupt);
        let mut over = pin!(tokio::time::sleep(limit));
        for _ in 0..CHATTER_MAX {
            let mut nothing = |_: &async_imap::imap_proto::Response<'_>| ();
            let reply = tokio::select! {
                biased;
                reply = self.next("IDLE", &mut nothing) => reply?,
                () = &mut interrupt => return Ok(Some(Hint::Interrupted)),
                () = &mut over => return Ok(Some(Hint::Quiet)),
            };
            match reply {
                Reply::News => return Ok(Some(Hint::Changed)),
                Reply::Tagged(theirs, _) if theirs == tag => return Ok(None),
                Reply::Tagged(..) => {
                    return Err(MailboxError::Protocol { command: "IDLE", what: "a reply to another command" });
                }
                _ => {}
            }
        }
        Err(MailboxError::Protocol { command: "IDLE", what: "too many replies" })
    }

    /// Whether something was announced since last asked.
    pub(super) fn take_news(&mut self) -> bool {
        self.open.as_mut().is_some_and(|open| std::mem::take(&mut open.news))
    }
}
