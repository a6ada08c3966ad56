//! One mail through an open session: MAIL, RCPT, DATA, the message, the final dot (RFC 5321 3.3).
use super::wire::{Wire, WireError};
use super::{Deadlines, Reply, Session, Stage};
use crate::model::{EmailAddress, text::clean};
use crate::outbox::failure::{Failure, classify};
use crate::outbox::{Envelope, Outcome, message};
use lettre::Address;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{MailBodyParameter, MailParameter};
use std::fmt::Display;
use tokio::io::{AsyncRead, AsyncWrite};

/// Bytes of the message written under one deadline.
const BLOCK: usize = 16 * 1024;

/// A mail, ready for the wire.
struct Prepared {
    steps: Vec<(Stage, String)>,
    /// Which of the steps is the RCPT for a colleague in copy: its refusal stops nothing.
    copy: Option<usize>,
    /// The first step forgets the mail before (RSET).
    forgets: bool,
    body: Vec<u8>,
}

/// How a transaction ended.
struct End {
    outcome: Outcome,
    /// Whether the conversation can go on.
    in_step: bool,
    /// Whether the server may still hold a half-begun mail.
    begun: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Session<S> {
    /// Sends one mail: `message` as it is, lines ended by CRLF.
    ///
    /// `before_dot` is awaited when the server has taken the whole message and before the final dot is written.
    /// If it fails, the connection is dropped, and the server discards what it has (RFC 5321 4.1.1.4).
    ///
    /// With PIPELINING, MAIL, RCPT and DATA travel in one write. If the recipient is refused and DATA is
    /// accepted all the same, a lone dot ends the mail that goes to nobody (RFC 2920 3.1); if only MAIL was
    /// refused, the connection is dropped instead, so that no server can deliver an empty mail.
    ///
    /// A reused session that the server has closed meanwhile gives [`Outcome::Lost`] at [`Stage::Mail`]:
    /// connect again, once, without counting an attempt.
    pub async fn send<F, Fut, E>(&mut self, envelope: &Envelope, message: &[u8], before_dot: F) -> Outcome
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<(), E>>,
        E: Display,
    {
        if !self.in_step {
            return lost(Stage::Mail, "the conversation had ended before");
        }
        let prepared = match self.prepare(envelope, message) {
            Ok(prepared) => prepared,
            Err(refused) => return refused,
        };
        self.in_step = false;
        let end = match self.announce(&prepared).await {
            Ok(no_copy) => {
                let end = hand_over(&mut self.wire, &self.deadlines, &prepared.body, before_dot).await;
                no_copy.iter().fold(end, said_with)
            }
            Err(end) => end,
        };
        self.begun = end.begun;
        self.in_step = end.in_step;
        if !end.in_step {
            self.wire.hang_up();
        }
        if matches!(end.outcome, Outcome::Sent { .. }) {
            self.sent += 1;
        }
        end.outcome
    }

    /// Commands and stuffed message, or why this mail can never go this way; the server hears nothing of it.
    fn prepare(&self, envelope: &Envelope, message: &[u8]) -> Result<Prepared, Outcome> {
        let refused = |stage, reply: String| Outcome::Refused { permanent: true, stage, reply: clean(&reply, 200) };
        let body = message::stuffed(message).map_err(|e| refused(Stage::Body, e.to_string()))?;
        let unwritable = |stage, a: &EmailAddress| refused(stage, format!("`{a}` cannot be written to (SMTPUTF8)"));
        let mut recipients = Vec::new();
        for to in envelope.recipients() {
            let to = address(to).ok_or_else(|| unwritable(Stage::Rcpt, to))?;
            recipients.push((Stage::Rcpt, Rcpt::new(to, Vec::new()).to_string()));
        }
        let from = match &envelope.from {
            None => None,
            Some(from) => Some(address(from).ok_or_else(|| unwritable(Stage::Mail, from))?),
        };
        let mut parameters = Vec::new();
        if self.offers.size.is_some() {
            let limit = self.offers.size_limit().and_then(|limit| usize::try_from(limit).ok());
            if let Some(limit) = limit.filter(|limit| message.len() > *limit) {
                let text = format!("the mail has {} bytes, the server takes {limit}", message.len());
                return Err(refused(Stage::Mail, text));
            }
            parameters.push(MailParameter::Size(message.len()));
        }
        if !message.is_ascii() {
            if !self.offers.eight_bit {
                return Err(refused(Stage::Body, "the mail has 8-bit text and the server takes 7-bit only".to_owned()));
            }
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        let mut steps = vec![(Stage::Mail, Mail::new(from, parameters).to_string())];
        steps.extend(recipients);
        // What the owner wrote names its recipients itself; the copy of an automatic mail stands in its bytes.
        let copied = message::copy(message).filter(|copy| envelope.recipients().all(|to| to != copy));
        let copied = copied.filter(|_| envelope.also.is_empty()).and_then(|copy| address(&copy));
        if let Some(copied) = &copied {
            steps.push((Stage::Rcpt, Rcpt::new(copied.clone(), Vec::new()).to_string()));
        }
        steps.push((Stage::Data, Data.to_string()));
        if self.begun {
            steps.insert(0, (Stage::Mail, Rset.to_string()));
        }
        let copy = copied.map(|_| steps.len().saturating_sub(2));
        Ok(Prepared { steps, copy, forgets: self.begun, body })
    }

    /// MAIL, RCPT and DATA. `Ok` means that the server waits for the message; within it, why the colleague in copy was
    /// refused.
    async fn announce(&mut self, prepared: &Prepared) -> Result<Option<Reply>, End> {
        let pipelined = self.offers.pipelining;
        if pipelined {
            let all: String = prepared.steps.iter().map(|(_, command)| command.as_str()).collect();
            self.write(Stage::Mail, &all).await?;
        }
        let mut refused: Option<(Stage, Reply)> = None;
        let mut no_copy: Option<Reply> = None;
        let mut has_recipient = false;
        let mut waits_for_message = false;
        for (at, (stage, command)) in prepared.steps.iter().enumerate() {
            if !pipelined {
                if refused.is_some() {
                    break;
                }
                self.write(*stage, command).await?;
            }
            let limit = if *stage == Stage::Data { self.deadlines.data } else { self.deadlines.command };
            let reply = match (self.wire.reply(limit).await, &refused) {
                (Ok(reply), _) => reply,
                // The reason is known already; that the rest of it was lost changes nothing.
                (Err(_), Some((stage, reply))) => return Err(self.refusal(*stage, reply, false)),
                (Err(error), None) => return Err(broken(*stage, &error)),
            };
            // About the mail before, not about this one: a new connection has nothing to forget.
            if prepared.forgets && at == 0 {
                match reply.is_yes() {
                    true => continue,
                    false => return Err(ended(lost(*stage, &format!("the server refused RSET: {}", reply.text())))),
                }
            }
            let closing = reply.code() == 421;
            match stage {
                Stage::Data if reply.code() == 354 => waits_for_message = true,
                // The client's mail goes on without the copy.
                Stage::Rcpt if reply.is_no() && !closing && prepared.copy == Some(at) => no_copy = Some(reply),
                Stage::Mail | Stage::Rcpt if reply.is_yes() => has_recipient |= *stage == Stage::Rcpt,
                _ if reply.is_no() => refused = refused.or(Some((*stage, reply))),
                _ => return Err(out_of_turn(*stage, &reply)),
            }
            if let Some((stage, reply)) = refused.as_ref().filter(|_| closing) {
                return Err(self.refusal(*stage, reply, false));
            }
        }
        let Some((stage, reply)) = refused else { return Ok(no_copy) };
        let in_step = if waits_for_message { !has_recipient && self.end_for_nobody().await } else { true };
        Err(self.refusal(stage, &reply, in_step))
    }

    /// Ends with a lone dot a mail without recipients. Whether the server then said no, as it should.
    async fn end_for_nobody(&mut self) -> bool {
        self.wire.write(b".\r\n", self.deadlines.block).await.is_ok()
            && self.wire.reply(self.deadlines.dot).await.is_ok_and(|reply| reply.is_no() && reply.code() != 421)
    }

    /// Writes commands, unless the server has said something that nobody asked for.
    async fn write(&mut self, stage: Stage, commands: &str) -> Result<(), End> {
        let limit = self.deadlines.command;
        if let Some(reply) = self.wire.unasked(limit).await.map_err(|e| broken(stage, &e))? {
            return Err(out_of_turn(stage, &reply));
        }
        self.wire.write(commands.as_bytes(), limit).await.map_err(|e| broken(stage, &e))
    }

    /// The end of a mail that was refused before its message was sent.
    fn refusal(&self, stage: Stage, reply: &Reply, in_step: bool) -> End {
        // A server that closes a session left idle says 421 to the next MAIL: that is about the session.
        if reply.code() == 421 && stage == Stage::Mail && self.sent > 0 {
            return End { outcome: lost(stage, &reply.text()), in_step: false, begun: true };
        }
        End { outcome: refused(stage, reply), in_step, begun: true }
    }
}

/// The end of a mail whose copy was refused: the owner reads it with the server's last words.
fn said_with(end: End, no_copy: &Reply) -> End {
    let outcome = match end.outcome {
        Outcome::Sent { reply } => {
            Outcome::Sent { reply: clean(&format!("{reply}; the copy was refused: {}", no_copy.text()), 200) }
        }
        other => other,
    };
    End { outcome, ..end }
}

/// The message and the final dot, after 354.
async fn hand_over<S, F, Fut, E>(wire: &mut Wire<S>, deadlines: &Deadlines, body: &[u8], before_dot: F) -> End
where
    S: AsyncRead + AsyncWrite + Unpin,
    F: FnOnce() -> Fut,
    Fut: Future<Output = Result<(), E>>,
    E: Display,
{
    for block in body.chunks(BLOCK) {
        if let Err(error) = wire.write(block, deadlines.block).await {
            return early_end(wire, deadlines).await.unwrap_or_else(|| broken(Stage::Body, &error));
        }
    }
    if let Some(end) = early_end(wire, deadlines).await {
        return end;
    }
    if let Err(error) = before_dot().await {
        return ended(lost(Stage::Body, &format!("held back before the final dot: {error}")));
    }
    if let Some(end) = early_end(wire, deadlines).await {
        return end;
    }
    // From here on the server may have the mail, whatever goes wrong.
    if let Err(error) = wire.write(b".\r\n", deadlines.block).await {
        return ended(unknown(&error.to_string()));
    }
    match wire.reply(deadlines.dot_for(body.len())).await {
        Err(error) => ended(unknown(&error.to_string())),
        Ok(reply) if reply.is_yes() => {
            End { outcome: Outcome::Sent { reply: reply.text() }, in_step: true, begun: false }
        }
        Ok(reply) if reply.is_no() => {
            End { outcome: refused(Stage::Dot, &reply), in_step: reply.code() != 421, begun: false }
        }
        Ok(reply) => ended(unknown(&format!("the server answered the final dot with {}", reply.text()))),
    }
}

/// What the server said or did before the final dot: it has hung up, or it refuses the rest. Either way the
/// dot is not written.
async fn early_end<S>(wire: &mut Wire<S>, deadlines: &Deadlines) -> Option<End>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    match wire.unasked(deadlines.command).await {
        Ok(None) => None,
        Ok(Some(reply)) if reply.is_no() => Some(ended(refused(Stage::Body, &reply))),
        Ok(Some(reply)) => Some(out_of_turn(Stage::Body, &reply)),
        Err(error) => Some(broken(Stage::Body, &error)),
    }
}

/// An address as lettre writes it; `None` if it needs SMTPUTF8 or quoting.
fn address(address: &EmailAddress) -> Option<Address> {
    if !address.is_deliverable() {
        return None;
    }
    Address::new(address.local(), address.domain()).ok()
}

fn ended(outcome: Outcome) -> End {
    End { outcome, in_step: false, begun: true }
}

fn lost(stage: Stage, text: &str) -> Outcome {
    Outcome::Lost { stage, text: clean(text, 200) }
}

fn unknown(text: &str) -> Outcome {
    Outcome::Unknown { text: clean(text, 200) }
}

fn refused(stage: Stage, reply: &Reply) -> Outcome {
    Outcome::Refused { permanent: classify(stage, reply) != Failure::Transient, stage, reply: reply.text() }
}

fn broken(stage: Stage, error: &WireError) -> End {
    ended(lost(stage, &error.to_string()))
}

fn out_of_turn(stage: Stage, reply: &Reply) -> End {
    ended(lost(stage, &format!("the server said out of turn: {}", reply.text())))
}
