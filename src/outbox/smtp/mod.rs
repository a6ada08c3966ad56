//! One SMTP submission conversation: opened, logged in, used for several mails, left (RFC 5321, RFC 6409).
//! Does not live here: dialling and TLS (system/net.rs); a session runs on any stream.
//!
//! lettre writes the commands and knows the login mechanisms; the conversation itself is ours, because its
//! connection waits without limit, keeps what was read before STARTTLS, sends each command alone and leaves
//! no room between the message and the final dot.
mod deadlines;
mod login;
mod probe;
mod reply;
mod starttls;
mod transaction;
mod wire;

pub use deadlines::Deadlines;
pub use reply::{Offers, Reply};
pub use starttls::{starttls, starttls_within};

use super::{OutboxError, Stage};
use lettre::transport::smtp::commands::{Ehlo, Quit, Rset};
use lettre::transport::smtp::extension::ClientId;
use std::fmt;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;
use wire::{Wire, WireError};

/// How a conversation begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// The server greets first.
    Greeting,
    /// The server has greeted before [`starttls`] and does not again (RFC 3207 4.2).
    AfterStartTls,
}

/// An open conversation. Dropping it closes the connection, which is never wrong: without a final dot
/// nothing is sent.
pub struct Session<S> {
    wire: Wire<S>,
    offers: Offers,
    deadlines: Deadlines,
    /// Both sides agree where they are. False while a step is under way, so that a step cancelled half-way
    /// leaves it false: the next reply would be read as the answer to another command.
    in_step: bool,
    /// A mail was begun and refused: RSET before the next one.
    begun: bool,
    /// Mails taken over so far.
    sent: u32,
}

impl<S> fmt::Debug for Session<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("offers", &self.offers)
            .field("in_step", &self.in_step)
            .field("sent", &self.sent)
            .finish_non_exhaustive()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Session<S> {
    /// Reads the greeting and says EHLO, with the limits of [`Deadlines::default`].
    ///
    /// `helo` is a host name or an address literal such as `[192.0.2.1]` (RFC 5321 4.1.4).
    ///
    /// # Errors
    /// [`OutboxError::Setup`] for a `helo` that is neither, otherwise what the server said or did not say.
    pub async fn open(stream: S, opening: Opening, helo: &str) -> Result<Self, OutboxError> {
        Self::open_within(stream, opening, helo, Deadlines::default()).await
    }

    /// [`Session::open`] with other limits.
    ///
    /// # Errors
    /// As [`Session::open`].
    pub async fn open_within(
        stream: S,
        opening: Opening,
        helo: &str,
        deadlines: Deadlines,
    ) -> Result<Self, OutboxError> {
        let mut wire = Wire::new(stream);
        if opening == Opening::Greeting {
            greeting(&mut wire, &deadlines).await?;
        }
        let offers = ehlo(&mut wire, helo, &deadlines).await?;
        Ok(Self { wire, offers, deadlines, in_step: true, begun: false, sent: 0 })
    }

    /// What the server offers.
    #[must_use]
    pub fn offers(&self) -> &Offers {
        &self.offers
    }

    /// Whether another mail can be sent. `true` is no guarantee: the server may hang up at any time.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.in_step
    }

    /// Forgets a mail that was begun (RSET). Done by itself before the next mail where it is needed.
    ///
    /// # Errors
    /// [`OutboxError::Transient`]; the session is then of no use any more.
    pub async fn reset(&mut self) -> Result<(), OutboxError> {
        let in_step = std::mem::replace(&mut self.in_step, false);
        let asked = if in_step {
            ask(&mut self.wire, &Rset.to_string(), self.deadlines.command).await
        } else {
            Err(WireError::Lost("the conversation had ended before".to_owned()))
        };
        match asked {
            Ok(reply) if reply.is_yes() => {
                self.in_step = true;
                self.begun = false;
                Ok(())
            }
            other => {
                self.wire.hang_up();
                let text = other.map_or_else(|error| error.to_string(), |reply| reply.text());
                Err(OutboxError::Transient { stage: Stage::Mail, text })
            }
        }
    }

    /// Says QUIT, waits shortly for the answer and closes. Nothing that happens here matters any more.
    pub async fn quit(mut self) {
        let limit = self.deadlines.quit;
        if self.in_step {
            let _ = ask(&mut self.wire, &Quit.to_string(), limit).await;
        }
        if let Some(mut stream) = self.wire.into_stream() {
            let _ = timeout(limit, stream.shutdown()).await;
        }
    }
}

/// What the server says when it greets; it is left politely right after.
///
/// # Errors
/// As [`Session::open`].
pub async fn greeting_of<S>(stream: S) -> Result<String, OutboxError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (mut wire, deadlines) = (Wire::new(stream), Deadlines::default());
    let reply = wire.reply(deadlines.greeting).await.map_err(|e| cut(Stage::Greeting, &e))?;
    let _ = ask(&mut wire, &Quit.to_string(), deadlines.quit).await;
    if reply.is_yes() { Ok(reply.text()) } else { Err(OutboxError::from_reply(Stage::Greeting, &reply)) }
}

/// One command and its reply. Whatever the server said before it was asked ends the conversation.
async fn ask<S>(wire: &mut Wire<S>, command: &str, limit: std::time::Duration) -> Result<Reply, WireError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    if let Some(early) = wire.unasked(limit).await? {
        return Err(WireError::Lost(format!("the server said unasked: {}", early.text())));
    }
    wire.write(command.as_bytes(), limit).await?;
    wire.reply(limit).await
}

/// The greeting (RFC 5321 3.1).
async fn greeting<S>(wire: &mut Wire<S>, deadlines: &Deadlines) -> Result<(), OutboxError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let reply = wire.reply(deadlines.greeting).await.map_err(|e| cut(Stage::Greeting, &e))?;
    if reply.is_yes() { Ok(()) } else { Err(OutboxError::from_reply(Stage::Greeting, &reply)) }
}

/// EHLO. A server that knows no EHLO is no submission server of today: no falling back to HELO.
async fn ehlo<S>(wire: &mut Wire<S>, helo: &str, deadlines: &Deadlines) -> Result<Offers, OutboxError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let fits = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
    if helo.is_empty() || helo.len() > 255 || !helo.chars().all(fits) {
        let name = crate::model::text::clean(helo, 80);
        return Err(OutboxError::Setup(format!("`{name}` is no host name to greet a server with")));
    }
    let command = Ehlo::new(ClientId::Domain(helo.to_owned())).to_string();
    let reply = ask(wire, &command, deadlines.command).await.map_err(|e| cut(Stage::Ehlo, &e))?;
    if reply.is_yes() { Ok(Offers::read(&reply)) } else { Err(OutboxError::from_reply(Stage::Ehlo, &reply)) }
}

/// The error for a conversation that broke off before a mail was begun.
fn cut(stage: Stage, error: &WireError) -> OutboxError {
    OutboxError::Transient { stage, text: error.to_string() }
}
