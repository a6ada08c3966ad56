//! Sending a command and awaiting its tagged reply: the one place where it is decided whether a command succeeded.
//! Does not live here: what the replies mean to a folder or a message.
use super::{COMMAND, Session};
use crate::mailbox::{MailboxError, error::server_text, watch::Transport};
use async_imap::imap_proto::{Capability, MailboxDatum, Outcome, Response, ResponseCode, Status};
use futures_util::FutureExt as _;
use std::{collections::VecDeque, panic::AssertUnwindSafe};
use tokio::{io::AsyncWriteExt as _, time::timeout};

/// Replies to one command; the largest honest number is a list of 5,000 messages, or of all folders.
const REPLIES_MAX: usize = 100_000;
/// Alerts kept until they are asked for.
const ALERTS_MAX: usize = 5;

/// A tagged OK.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) uidvalidity: Option<u32>,
}

/// One reply, as far as the exchange is concerned.
#[derive(Debug)]
pub(super) enum Reply {
    Tagged(String, Result<Done, MailboxError>),
    /// `+`: the server wants the next part.
    More,
    /// Untagged OK, NO or BAD, PREAUTH, BYE.
    Condition(Status),
    /// News of the open folder that may interest the caller.
    News,
    Other,
}

/// A name or value as a quoted string (RFC 3501 4.3).
pub(super) fn quoted(text: &str) -> Result<String, MailboxError> {
    if text.chars().any(char::is_control) || text.len() > 1000 {
        return Err(MailboxError::Invalid { what: "name or value for the mail server" });
    }
    Ok(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
}

impl<S: Transport> Session<S> {
    /// Runs a command; `each` sees every untagged reply. `name` is the command without arguments, for errors.
    pub(super) async fn run(
        &mut self,
        name: &'static str,
        line: &str,
        each: impl FnMut(&Response<'_>),
    ) -> Result<Done, MailboxError> {
        self.run_with(name, line, VecDeque::new(), each).await
    }

    /// Runs a command whose further `parts` are sent one by one when the server asks for more with `+`.
    pub(super) async fn run_with(
        &mut self,
        name: &'static str,
        line: &str,
        parts: VecDeque<Vec<u8>>,
        each: impl FnMut(&Response<'_>),
    ) -> Result<Done, MailboxError> {
        let done = self.rouse();
        let tag = self.begin()?;
        let exchange = async {
            self.send(name, format!("{done}{tag} {line}\r\n").as_bytes()).await?;
            self.finish(name, &tag, parts, each).await
        };
        timeout(COMMAND, exchange).await.unwrap_or(Err(MailboxError::TimedOut { command: name }))
    }

    /// What ends an IDLE that is still open, to be written before the next command.
    fn rouse(&mut self) -> &'static str {
        match &self.idling {
            Some(_) => {
                self.busy = false;
                "DONE\r\n"
            }
            None => "",
        }
    }

    /// The tag of the next command. Until its tagged reply has been read the session counts as out of step, so a
    /// dropped future or an error on the way leaves it unusable instead of wrong.
    pub(super) fn begin(&mut self) -> Result<String, MailboxError> {
        if self.busy {
            return Err(MailboxError::Closed { text: "given up after an earlier error".to_owned() });
        }
        self.busy = true;
        self.tags = self.tags.wrapping_add(1);
        Ok(format!("F{}", self.tags))
    }

    /// Writes bytes as they are.
    pub(super) async fn send(&mut self, name: &'static str, bytes: &[u8]) -> Result<(), MailboxError> {
        let stream = self.client.get_mut();
        let sent = async {
            stream.write_all(bytes).await?;
            stream.flush().await
        };
        sent.await.map_err(|error| MailboxError::io(name, &error))
    }

    /// Reads until the reply with `tag`.
    pub(super) async fn finish(
        &mut self,
        name: &'static str,
        tag: &str,
        mut parts: VecDeque<Vec<u8>>,
        mut each: impl FnMut(&Response<'_>),
    ) -> Result<Done, MailboxError> {
        for _ in 0..REPLIES_MAX {
            match self.next(name, &mut each).await? {
                // Whether IDLE ended in an OK or a NO: the news were as good, and the command sees all that it announced.
                Reply::Tagged(theirs, _) if self.idling.as_ref() == Some(&theirs) => {
                    self.idling = None;
                    self.take_news();
                }
                Reply::Tagged(theirs, verdict) => {
                    if theirs != tag || self.idling.is_some() {
                        return Err(MailboxError::Protocol { command: name, what: "a reply to another command" });
                    }
                    self.busy = false;
                    return verdict;
                }
                Reply::More => {
                    let what = "an unexpected +";
                    let mut part = parts.pop_front().ok_or(MailboxError::Protocol { command: name, what })?;
                    part.extend_from_slice(b"\r\n");
                    self.send(name, &part).await?;
                }
                Reply::Condition(Status::PreAuth) => {
                    return Err(MailboxError::Protocol { command: name, what: "a second greeting" });
                }
                Reply::Condition(_) | Reply::News | Reply::Other => {}
            }
        }
        Err(MailboxError::Protocol { command: name, what: "too many replies" })
    }

    /// Reads one reply and takes in what it says about the session. A panic of the parser counts as a bad reply.
    /// Cancel-safe: a dropped call loses nothing.
    pub(super) async fn next(
        &mut self,
        name: &'static str,
        each: &mut impl FnMut(&Response<'_>),
    ) -> Result<Reply, MailboxError> {
        let read = AssertUnwindSafe(self.client.read_response()).catch_unwind().await;
        let unread = |_| MailboxError::Protocol { command: name, what: "not IMAP" };
        let read = read.map_err(unread)?.map_err(|error| MailboxError::io(name, &error))?;
        let response = read.ok_or_else(|| MailboxError::closed(""))?;
        let response = response.parsed();
        self.absorb(response);
        Ok(match response {
            Response::Done { tag, status, outcome } => Reply::Tagged(tag.0.clone(), verdict(name, status, outcome)),
            Response::Continue(_) => Reply::More,
            Response::Data { status: Status::Bye, outcome } if name != "LOGOUT" => {
                return Err(MailboxError::closed(outcome.information.as_deref().unwrap_or_default()));
            }
            _ => {
                each(response);
                match response {
                    Response::Data { status, .. } => Reply::Condition(copy(status)),
                    Response::MailboxData(MailboxDatum::Exists(_))
                    | Response::Expunge(_)
                    | Response::Vanished { .. }
                    | Response::Fetch(..) => Reply::News,
                    _ => Reply::Other,
                }
            }
        })
    }

    /// What any reply at any time may say (RFC 3501 7).
    fn absorb(&mut self, response: &Response<'_>) {
        match response {
            Response::Capabilities(all) => self.learn(all),
            Response::Done { outcome, .. } | Response::Data { outcome, .. } => match &outcome.code {
                Some(ResponseCode::Capabilities(all)) => self.learn(all),
                Some(ResponseCode::Alert) if self.alerts.len() < ALERTS_MAX => {
                    self.alerts.push(server_text(outcome.information.as_deref().unwrap_or_default()));
                }
                Some(ResponseCode::UidValidity(n)) => {
                    if let Some(open) = &mut self.open {
                        open.renumbered |= open.uidvalidity != *n;
                    }
                }
                _ => {}
            },
            Response::MailboxData(MailboxDatum::Exists(n)) => {
                if let Some(open) = &mut self.open {
                    open.news |= open.exists != *n;
                    open.exists = *n;
                }
            }
            Response::Expunge(_) | Response::Vanished { .. } => {
                if let Some(open) = &mut self.open {
                    open.news = true;
                    let gone = u32::from(matches!(response, Response::Expunge(_)));
                    open.exists = open.exists.saturating_sub(gone);
                    open.exists_read = open.exists_read.min(open.exists);
                }
            }
            _ => {}
        }
    }

    fn learn(&mut self, capabilities: &[Capability<'_>]) {
        self.capabilities = capabilities
            .iter()
            .map(|one| match one {
                Capability::Imap4rev1 => "IMAP4REV1".to_owned(),
                Capability::Auth(how) => format!("AUTH={}", how.to_ascii_uppercase()),
                Capability::Atom(atom) => atom.to_ascii_uppercase(),
            })
            .collect();
    }

    /// The greeting (RFC 3501 7.1).
    pub(super) async fn greeting(&mut self) -> Result<(), MailboxError> {
        self.busy = true;
        match self.next("greeting", &mut |_| ()).await? {
            Reply::Condition(Status::Ok) => {
                self.busy = false;
                Ok(())
            }
            Reply::Condition(Status::PreAuth) => {
                Err(MailboxError::Unsafe { what: "the server greets us as if we were logged in already (PREAUTH)" })
            }
            _ => Err(MailboxError::Protocol { command: "greeting", what: "no greeting" }),
        }
    }
}

fn verdict(name: &'static str, status: &Status, outcome: &Outcome<'_>) -> Result<Done, MailboxError> {
    if *status == Status::Ok {
        let uidvalidity = match outcome.code {
            Some(ResponseCode::UidValidity(n)) => Some(n),
            _ => None,
        };
        return Ok(Done { uidvalidity });
    }
    let text = server_text(outcome.information.as_deref().unwrap_or_default());
    let text = if text.is_empty() { "no reason given".to_owned() } else { text };
    Err(MailboxError::Refused { command: name, text, try_create: outcome.code == Some(ResponseCode::TryCreate) })
}

fn copy(status: &Status) -> Status {
    match status {
        Status::Ok => Status::Ok,
        Status::No => Status::No,
        Status::Bad => Status::Bad,
        Status::PreAuth => Status::PreAuth,
        Status::Bye => Status::Bye,
    }
}
