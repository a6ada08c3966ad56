//! The message that keeps other installations from sending a draft that this one is sending (`decide::claims`). The owner may
//! see it for a moment, or find it after a death: it says what it is.
use crate::model::{EmailAddress, Instant};

const TEXT: &str = "fuseau is sending a draft that you handed over. While this message lies here, no other installation of\r\n\
fuseau on this mailbox sends it too. It goes by itself when the mail has left.\r\n\
\r\n\
If it stays, the machine that put it here stopped in the middle. When that machine runs again, it goes on\r\n\
from there. If it never will: look into Sent. Is the mail not there, delete this message, and another\r\n\
installation sends it.\r\n";

/// The bytes of a claim; `value` is that of its field.
#[must_use]
pub fn claim(from: &EmailAddress, token: &str, value: &str, at: Instant) -> Vec<u8> {
    let date = at.format("%a, %d %b %Y %H:%M:%S +0000");
    format!(
        "Date: {date}\r\nFrom: fuseau <{from}>\r\nSubject: fuseau is sending a draft\r\nMessage-ID: <claim.{token}@{}>\r\n\
         X-Fuseau-Claim: {value}\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=us-ascii\r\n\r\n{TEXT}",
        from.domain()
    )
    .into_bytes()
}
