//! Asks a server whether it would take a mail, and sends none: MAIL, RCPT, RSET. Mails: transaction.rs.
use super::{Session, Stage, ask, cut};
use crate::model::EmailAddress;
use crate::outbox::{Envelope, OutboxError};
use lettre::Address;
use lettre::transport::smtp::commands::{Mail, Rcpt};
use tokio::io::{AsyncRead, AsyncWrite};

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Session<S> {
    /// Whether the server would take a mail with this envelope. Many servers judge the sender only when they know the
    /// recipient, so that both are named; a few (Exchange Online) judge it when they have the whole mail.
    ///
    /// # Errors
    /// What the server refuses, and at which command.
    pub async fn would_take(&mut self, envelope: &Envelope) -> Result<(), OutboxError> {
        let written = |stage, address: &EmailAddress| {
            let fits = address.is_deliverable().then(|| Address::new(address.local(), address.domain()).ok()).flatten();
            let unwritable = || format!("`{address}` cannot be written to (SMTPUTF8)");
            fits.ok_or_else(|| OutboxError::Permanent { stage, text: unwritable() })
        };
        let from = envelope.from.as_ref().map(|from| written(Stage::Mail, from)).transpose()?;
        let mut steps = vec![(Stage::Mail, Mail::new(from, Vec::new()).to_string())];
        for to in envelope.recipients() {
            steps.push((Stage::Rcpt, Rcpt::new(written(Stage::Rcpt, to)?, Vec::new()).to_string()));
        }
        if !std::mem::replace(&mut self.in_step, false) {
            return Err(OutboxError::Transient {
                stage: Stage::Mail,
                text: "the conversation had ended before".to_owned(),
            });
        }
        let mut said = Ok(());
        for (stage, command) in steps {
            match ask(&mut self.wire, &command, self.deadlines.command).await {
                Ok(reply) if reply.is_yes() => {}
                Ok(reply) => {
                    said = Err(OutboxError::from_reply(stage, &reply));
                    break;
                }
                Err(error) => {
                    self.wire.hang_up();
                    return Err(cut(stage, &error));
                }
            }
        }
        self.in_step = true;
        let forgotten = self.reset().await;
        said.and(forgotten)
    }
}
