//! Handing one mail to an SMTP server, a sendmail-like program or a folder, and saying truthfully what
//! became of it. Does not live here: words and MIME (compose), what is due and when (daemon), rows (store).
//!
//! The moment that matters is the one before the mail can no longer be taken back (the final dot of
//! RFC 5321 4.1.1.4). Every way of delivery awaits the caller's `before_dot` right before it, so that the
//! doubt can be recorded first; an [`Outcome`] then says on which side of that moment things ended.
pub mod directory;
pub mod failure;
pub mod message;
pub mod retry;
pub mod sendmail;
pub mod smtp;

pub use directory::Directory;
pub use failure::{Failure, OutboxError};
pub use retry::next_attempt;
pub use sendmail::Sendmail;
pub use smtp::{Deadlines, Opening, Session, greeting_of, starttls, starttls_within};

use crate::model::EmailAddress;
use std::{fmt, future::Future};
use tokio::io::{AsyncRead, AsyncWrite};

/// Who a mail comes from and goes to, as the servers see it (RFC 5321 2.3.1). One recipient, always; a colleague in
/// copy stands in the mail itself ([`message::copy`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Envelope sender; `None` is the null sender `<>`, to which nobody answers.
    pub from: Option<EmailAddress>,
    /// The recipient.
    pub to: EmailAddress,
    /// Further ones: the mail goes to all of them or to nobody.
    pub also: Vec<EmailAddress>,
}

impl Envelope {
    /// Everybody whom it goes to.
    pub fn recipients(&self) -> impl Iterator<Item = &EmailAddress> {
        std::iter::once(&self.to).chain(&self.also)
    }
}

/// How far a delivery had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Reaching the server, the program or the folder.
    Connect,
    /// The server's greeting.
    Greeting,
    /// EHLO.
    Ehlo,
    /// STARTTLS.
    StartTls,
    /// AUTH.
    Login,
    /// MAIL FROM.
    Mail,
    /// RCPT TO.
    Rcpt,
    /// DATA.
    Data,
    /// The message, up to and without the final dot.
    Body,
    /// The final dot and the answer to it.
    Dot,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connect",
            Self::Greeting => "greeting",
            Self::Ehlo => "EHLO",
            Self::StartTls => "STARTTLS",
            Self::Login => "login",
            Self::Mail => "MAIL",
            Self::Rcpt => "RCPT",
            Self::Data => "DATA",
            Self::Body => "message",
            Self::Dot => "final dot",
        })
    }
}

/// What became of a mail. Texts are one line, at most 200 characters, without secrets.
///
/// `before_dot` was certainly awaited for `Unknown` and `Sent`; after `Refused` and `Lost` the mail was
/// certainly not taken over, whether or not `before_dot` had been awaited.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a mail whose outcome is not recorded may be sent twice"]
pub enum Outcome {
    /// Taken over.
    Sent {
        /// What the server or program said.
        reply: String,
    },
    /// Refused: not sent.
    Refused {
        /// Whether trying again is pointless (5xx) or may help (4xx, 421).
        permanent: bool,
        /// Where.
        stage: Stage,
        /// The server's words, or ours if the mail could not even be offered.
        reply: String,
    },
    /// The connection was lost or fell silent before the final dot was written: not sent, try again.
    Lost {
        /// Where.
        stage: Stage,
        /// What happened.
        text: String,
    },
    /// The dot was written and no clear answer came: sent or not, nobody here can know (RFC 1047).
    Unknown {
        /// What happened.
        text: String,
    },
}

/// An open way to deliver mail: one per batch, used for one mail after the other.
#[derive(Debug)]
pub enum Deliverer<S> {
    /// An SMTP conversation, logged in.
    Smtp(Box<Session<S>>),
    /// A program.
    Sendmail(Sendmail),
    /// A folder.
    Directory(Directory),
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Deliverer<S> {
    /// Delivers one mail; see [`Session::send`], [`Sendmail::send`], [`Directory::send`].
    pub async fn send<F, Fut, E>(&mut self, envelope: &Envelope, message: &[u8], before_dot: F) -> Outcome
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<(), E>>,
        E: fmt::Display,
    {
        match self {
            Self::Smtp(session) => session.send(envelope, message, before_dot).await,
            Self::Sendmail(program) => program.send(envelope, message, before_dot).await,
            Self::Directory(folder) => folder.send(envelope, message, before_dot).await,
        }
    }

    /// Whether another mail may be sent through it; if not, open a new one.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        match self {
            Self::Smtp(session) => session.is_usable(),
            Self::Sendmail(_) | Self::Directory(_) => true,
        }
    }

    /// Says goodbye.
    pub async fn quit(self) {
        if let Self::Smtp(session) = self {
            session.quit().await;
        }
    }
}
