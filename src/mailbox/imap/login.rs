//! Logging in: PLAIN, LOGIN, XOAUTH2 or OAUTHBEARER, and introducing ourselves. Secrets leave through the stream only.
use super::{Session, talk::quoted};
use crate::{
    mailbox::{MailboxError, error::says_later, watch::Transport},
    model::Credential,
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use std::collections::VecDeque;

impl<S: Transport> Session<S> {
    /// Logs in and learns what the server can do.
    ///
    /// # Errors
    /// `Login` when the server refuses us for good, or offers no way to log in; `Refused` when it says "later".
    pub async fn login(&mut self, user: &str, credential: &Credential) -> Result<(), MailboxError> {
        let secret = match credential {
            Credential::Password(secret) | Credential::Token(secret) => secret,
        };
        if user.is_empty() || [user, secret].iter().any(|text| text.chars().any(|c| matches!(c, '\0' | '\r' | '\n'))) {
            return Err(MailboxError::Login { text: "user or password is empty or holds a line break".to_owned() });
        }
        self.capabilities().await?;
        let (name, line, parts, sent) = match credential {
            Credential::Token(token) => {
                // The older mechanism where it is offered, because all who know either know it; RFC 7628 else.
                let standard = self.can("AUTH=OAUTHBEARER") && !self.can("AUTH=XOAUTH2");
                let (mechanism, answer, end): (_, _, &[u8]) = if standard {
                    ("OAUTHBEARER", format!("n,a={},\x01auth=Bearer {token}\x01\x01", sasl_name(user)), b"AQ==")
                } else {
                    ("XOAUTH2", format!("user={user}\x01auth=Bearer {token}\x01\x01"), b"")
                };
                let answer = BASE64.encode(answer);
                // An empty line (XOAUTH2) or a lone %x01 (RFC 7628 3.2.3) answers the error challenge, after which the
                // server says NO.
                let (line, parts) = self.sasl(mechanism, &answer, Some(end));
                ("AUTHENTICATE", line, parts, answer)
            }
            Credential::Password(password) if self.can("AUTH=PLAIN") => {
                let answer = BASE64.encode(format!("\0{user}\0{password}"));
                let (line, parts) = self.sasl("PLAIN", &answer, None);
                ("AUTHENTICATE", line, parts, answer)
            }
            Credential::Password(_) if self.can("LOGINDISABLED") => {
                let text = "the server takes no password on this connection".to_owned();
                return Err(MailboxError::Login { text });
            }
            Credential::Password(password) => {
                let (line, parts) = plain_login(user, password);
                ("LOGIN", line, parts, String::new())
            }
        };
        let before = std::mem::take(&mut self.capabilities);
        match self.run_with(name, &line, parts, |_| ()).await {
            Ok(_) => {}
            Err(MailboxError::Refused { command, text, try_create }) => {
                self.capabilities = before;
                let text = without(&text, &[secret, &sent]);
                return Err(if says_later(&text) {
                    MailboxError::Refused { command, text, try_create }
                } else {
                    MailboxError::Login { text }
                });
            }
            Err(MailboxError::Closed { text }) => {
                return Err(MailboxError::Closed { text: without(&text, &[secret, &sent]) });
            }
            Err(other) => return Err(other),
        }
        self.capabilities().await?;
        self.introduce().await
    }

    /// AUTHENTICATE with the answer on the same line where the server takes it (RFC 4959), else after its `+`.
    /// `end` answers a further challenge.
    fn sasl(&self, mechanism: &str, answer: &str, end: Option<&[u8]>) -> (String, VecDeque<Vec<u8>>) {
        let follow = end.map(<[u8]>::to_vec);
        if self.can("SASL-IR") {
            (format!("AUTHENTICATE {mechanism} {answer}"), follow.into_iter().collect())
        } else {
            let parts = std::iter::once(answer.as_bytes().to_vec()).chain(follow).collect();
            (format!("AUTHENTICATE {mechanism}"), parts)
        }
    }

    /// ID (RFC 2971): some servers (163.com) open no folder before it. Its refusal does no harm.
    async fn introduce(&mut self) -> Result<(), MailboxError> {
        if !self.can("ID") {
            return Ok(());
        }
        let line = concat!("ID (\"name\" \"fuseau\" \"version\" \"", env!("CARGO_PKG_VERSION"), "\")");
        match self.run("ID", line, |_| ()).await {
            Ok(_) | Err(MailboxError::Refused { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// LOGIN with quoted strings, or with literals where quoting is not enough (RFC 3501 4.3: quoted is 7-bit).
fn plain_login(user: &str, password: &str) -> (String, VecDeque<Vec<u8>>) {
    if user.is_ascii()
        && password.is_ascii()
        && let (Ok(user), Ok(password)) = (quoted(user), quoted(password))
    {
        return (format!("LOGIN {user} {password}"), VecDeque::new());
    }
    let user_part = format!("{user} {{{}}}", password.len()).into_bytes();
    (format!("LOGIN {{{}}}", user.len()), VecDeque::from([user_part, password.as_bytes().to_vec()]))
}

/// A name as GS2 wants it (RFC 5801 4): comma and equals sign have a meaning there.
fn sasl_name(user: &str) -> String {
    user.replace('=', "=3D").replace(',', "=2C")
}

/// A server's text without the secrets it may have repeated.
fn without(text: &str, secrets: &[&str]) -> String {
    let echoed = |secret: &&&str| !secret.is_empty() && text.contains(**secret);
    match secrets.iter().find(echoed) {
        // Shown not even in part: the text could hold it twice, or cut.
        Some(_) => "the server repeated what we sent; its words are left out".to_owned(),
        None => text.to_owned(),
    }
}
