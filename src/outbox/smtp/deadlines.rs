//! How long each step of an SMTP conversation may take (RFC 5321 4.5.3.2; the figures are Postfix's).
use std::time::Duration;

/// Limits of one step each. They bound the whole step, so a server that sends a byte a minute gains nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// The greeting. 300 s.
    pub greeting: Duration,
    /// Any other command and the reply to it. 300 s.
    pub command: Duration,
    /// DATA. 120 s.
    pub data: Duration,
    /// Writing one block of the message. 180 s.
    pub block: Duration,
    /// From the final dot to the reply, for messages up to 600 KiB; a second more for each further KiB. 600 s.
    ///
    /// Shorter limits make duplicates: the server has taken the mail and is only slow to say so (RFC 1047).
    pub dot: Duration,
    /// The goodbye, for whose answer nobody waits long. 5 s.
    pub quit: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            greeting: Duration::from_secs(300),
            command: Duration::from_secs(300),
            data: Duration::from_secs(120),
            block: Duration::from_secs(180),
            dot: Duration::from_secs(600),
            quit: Duration::from_secs(5),
        }
    }
}

impl Deadlines {
    /// The limit for the answer to the final dot of a message of `bytes` bytes.
    #[must_use]
    pub fn dot_for(&self, bytes: usize) -> Duration {
        let kib = u64::try_from(bytes / 1024).unwrap_or(u64::MAX);
        self.dot.max(Duration::from_secs(kib))
    }
}
