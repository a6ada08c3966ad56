//! What a server shows before a login: its addresses, its certificate, its greeting. For `fuseau doctor`; connections of
//! the daemon are made in dial.rs.
use super::dial::{DialError, Dialler, reach};
use crate::mailbox::imap;
use crate::model::Tls;
use crate::model::account::Server;
use crate::outbox;
use crate::system::net::{self, BoxedWire, Shown};

/// The protocol that a server speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Speaks {
    /// IMAP.
    Imap,
    /// SMTP; we greet with this name.
    Smtp(String),
}

impl Dialler {
    /// How many addresses the name of a server has.
    ///
    /// # Errors
    /// The name is unknown.
    pub async fn addresses(&self, server: &Server) -> Result<usize, DialError> {
        Ok(net::addresses(&server.host, server.port, net::CONNECT).await?.len())
    }

    /// Shakes hands and hangs up; `None` without TLS.
    ///
    /// # Errors
    /// The server is not reached, or its certificate is not to be believed.
    pub async fn handshake(&self, server: &Server, speaks: &Speaks) -> Result<Option<Shown>, DialError> {
        let wire = reach(server).await?;
        let wire = match (server.tls, speaks) {
            (Tls::None, _) => return Ok(None),
            (Tls::Implicit, _) => wire,
            (Tls::StartTls, Speaks::Imap) => imap::starttls(wire).await?,
            (Tls::StartTls, Speaks::Smtp(helo)) => outbox::starttls(wire, helo).await?,
        };
        let (_, shown) = self.protected(wire, server).await?;
        Ok(Some(shown))
    }

    /// What an SMTP server says when it greets: many name the time of their clock.
    ///
    /// # Errors
    /// The server is not reached, or does not greet.
    pub async fn greeting(&self, server: &Server) -> Result<String, DialError> {
        let wire = reach(server).await?;
        let wire = match server.tls {
            Tls::Implicit => self.protected(wire, server).await?.0,
            Tls::None | Tls::StartTls => wire,
        };
        Ok(outbox::greeting_of(wire).await?)
    }

    async fn protected(&self, wire: BoxedWire, server: &Server) -> Result<(BoxedWire, Shown), DialError> {
        let tls = self.tls(server.ca_file.as_deref())?;
        Ok(net::encrypt_seen(wire, &server.host, &tls, net::CONNECT).await?)
    }
}
