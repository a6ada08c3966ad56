//! The clear-text part of a STARTTLS connection (RFC 3207), up to the point where TLS takes the stream.
use super::wire::Wire;
use super::{Deadlines, Stage, ask, cut, ehlo, greeting};
use crate::outbox::OutboxError;
use lettre::transport::smtp::commands::Starttls;
use tokio::io::{AsyncRead, AsyncWrite};

/// Greets in the clear and asks for TLS; gives the stream back at the exact byte where TLS begins. Go on with
/// [`super::Session::open`] and [`super::Opening::AfterStartTls`]: all that was offered before is forgotten.
///
/// # Errors
/// [`OutboxError::StartTlsMissing`] if it is not offered, [`OutboxError::StartTlsInjected`] if anything
/// followed the reply: it would be taken for the answer to the first encrypted command.
pub async fn starttls<S>(stream: S, helo: &str) -> Result<S, OutboxError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    starttls_within(stream, helo, Deadlines::default()).await
}

/// [`starttls`] with other limits.
///
/// # Errors
/// As [`starttls`].
pub async fn starttls_within<S>(stream: S, helo: &str, deadlines: Deadlines) -> Result<S, OutboxError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let stage = Stage::StartTls;
    let mut wire = Wire::new(stream);
    greeting(&mut wire, &deadlines).await?;
    if !ehlo(&mut wire, helo, &deadlines).await?.starttls {
        return Err(OutboxError::StartTlsMissing);
    }
    let reply = ask(&mut wire, &Starttls.to_string(), deadlines.command).await.map_err(|e| cut(stage, &e))?;
    if reply.code() != 220 {
        return Err(OutboxError::from_reply(stage, &reply));
    }
    // What comes later than this goes to TLS, which takes no clear text.
    if !wire.is_read_up() {
        return Err(OutboxError::StartTlsInjected);
    }
    wire.into_stream().ok_or_else(|| OutboxError::Transient { stage, text: "the connection was lost".to_owned() })
}
