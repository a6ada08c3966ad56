//! STARTTLS up to the point where TLS takes over. By hand and byte by byte: what a reader buffers here would be
//! believed after the upgrade, although anyone in the line may have written it (RFC 3501 6.2.1, 11.1).
use crate::mailbox::{
    MailboxError,
    watch::{SILENCE, Transport},
};
use std::{future::poll_fn, pin::Pin, task::Poll, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, ReadBuf},
    time::timeout,
};

/// Octets the server may send before TLS.
const PLAIN_MAX: usize = 16 * 1024;
/// The whole exchange.
const WHOLE: Duration = Duration::from_secs(90);

/// Asks the server to start TLS; returns the stream, on which the TLS handshake comes next and then
/// `Session::open(stream, Opening::AfterStartTls)`. Nothing secret is sent.
///
/// # Errors
/// `Unsafe` when the server greets with PREAUTH, does not offer STARTTLS, refuses it, or when anything at all follows
/// its OK; `Closed`, `TimedOut`, `Protocol`.
pub async fn starttls<S: Transport>(stream: S) -> Result<S, MailboxError> {
    let exchange = async {
        let mut line = Line { stream, got: Vec::new(), total: 0 };
        let greeting = line.read().await?;
        match word(&greeting, 1).as_str() {
            "OK" => {}
            "PREAUTH" => return Err(MailboxError::Unsafe { what: "PREAUTH before TLS" }),
            "BYE" => return Err(MailboxError::closed(greeting.trim_start_matches("* BYE"))),
            _ => return Err(MailboxError::Protocol { command: "greeting", what: "no greeting" }),
        }
        let mut offers = Vec::new();
        let answer = line.ask("CAPABILITY", &mut offers).await?;
        if answer != "OK" || !offers.iter().any(|one| one == "STARTTLS") {
            return Err(MailboxError::Unsafe { what: "the server does not offer STARTTLS" });
        }
        let answer = line.ask("STARTTLS", &mut Vec::new()).await?;
        if answer != "OK" {
            return Err(MailboxError::Unsafe { what: "the server refuses STARTTLS" });
        }
        line.end().await
    };
    timeout(WHOLE, exchange).await.unwrap_or(Err(MailboxError::TimedOut { command: "STARTTLS" }))
}

struct Line<S> {
    stream: S,
    got: Vec<u8>,
    total: usize,
}

impl<S: Transport> Line<S> {
    /// One line without its end.
    async fn read(&mut self) -> Result<String, MailboxError> {
        loop {
            if let Some(end) = self.got.iter().position(|&b| b == b'\n') {
                let rest = self.got.split_off(end + 1);
                let line = std::mem::replace(&mut self.got, rest);
                return Ok(String::from_utf8_lossy(line.trim_ascii()).into_owned());
            }
            let mut piece = [0; 1024];
            let count = timeout(SILENCE, self.stream.read(&mut piece))
                .await
                .map_err(|_| MailboxError::TimedOut { command: "STARTTLS" })?
                .map_err(|error| MailboxError::io("STARTTLS", &error))?;
            self.total += count;
            if count == 0 {
                return Err(MailboxError::closed(""));
            }
            if self.total > PLAIN_MAX {
                return Err(MailboxError::Protocol { command: "STARTTLS", what: "too much before TLS" });
            }
            self.got.extend(piece.iter().take(count));
        }
    }

    /// Sends a command; its tagged answer, upper case. Capabilities on the way go to `offers`.
    async fn ask(&mut self, command: &str, offers: &mut Vec<String>) -> Result<String, MailboxError> {
        let sent = async {
            self.stream.write_all(format!("{command} {command}\r\n").as_bytes()).await?;
            self.stream.flush().await
        };
        timeout(SILENCE, sent)
            .await
            .map_err(|_| MailboxError::TimedOut { command: "STARTTLS" })?
            .map_err(|error| MailboxError::io("STARTTLS", &error))?;
        loop {
            let line = self.read().await?;
            match word(&line, 0).as_str() {
                "*" if word(&line, 1) == "CAPABILITY" => {
                    offers.extend(line.split_whitespace().skip(2).map(str::to_ascii_uppercase));
                }
                "*" if word(&line, 1) == "BYE" => return Err(MailboxError::closed(line.trim_start_matches("* BYE"))),
                "*" => {}
                tag if tag == command => return Ok(word(&line, 1)),
                _ => return Err(MailboxError::Protocol { command: "STARTTLS", what: "a reply to another command" }),
            }
        }
    }

    /// The bare stream, if really nothing follows. What has not arrived yet meets the TLS handshake, which rejects it.
    async fn end(mut self) -> Result<S, MailboxError> {
        let mut byte = [0];
        let more = poll_fn(|cx| {
            let mut buf = ReadBuf::new(&mut byte);
            Poll::Ready(match Pin::new(&mut self.stream).poll_read(cx, &mut buf) {
                Poll::Ready(Ok(())) => Some(buf.filled().len()),
                Poll::Ready(Err(_)) => Some(0),
                Poll::Pending => None,
            })
        })
        .await;
        match more {
            _ if !self.got.is_empty() => Err(INJECTED),
            Some(0) => Err(MailboxError::closed("")),
            Some(_) => Err(INJECTED),
            None => Ok(self.stream),
        }
    }
}

const INJECTED: MailboxError = MailboxError::Unsafe { what: "plain text follows the server's OK to STARTTLS" };

/// A word of a line, upper case.
fn word(line: &str, at: usize) -> String {
    line.split(' ').nth(at).unwrap_or_default().to_ascii_uppercase()
}
