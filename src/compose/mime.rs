//! Letters -> bytes: headers and bodies, through lettre's builder alone. Never here: the envelope (`outbox`).
//!
//! Every text is cleaned before lettre sees it: a CR in a display name makes its builder panic.
use super::draft::File;
use super::template::Letter;
use crate::model::{EmailAddress, Instant, MessageId, text::clean};
use chrono::{DateTime, TimeDelta};
use lettre::Address;
use lettre::message::header::{ContentDisposition, ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MessageBuilder, MultiPart, SinglePart};
use std::time::SystemTime;

/// Longest display name, in characters.
const NAME_MAX: usize = 60;

/// Why a letter cannot become a mail. Permanent: trying again changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MimeError {
    /// Not an address that plain SMTP can carry.
    #[error("{0} cannot be written in a mail header")]
    Address(EmailAddress),
    /// The builder refused.
    #[error("the mail cannot be assembled: {0}")]
    Builder(String),
}

/// What the mail says about its own origin (RFC 3834 3.1.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Auto {
    /// Answers a message: `auto-replied`.
    Replied,
    /// Sent on our own account: `auto-generated`.
    Generated,
    /// A draft that a human will send: no mark.
    None,
}

/// The headers of one mail. Bcc, Reply-To and lists do not exist here; the one Cc is a colleague of the owner's.
#[derive(Clone, Debug)]
pub struct Head<'a> {
    /// Display name of the sender, from the configuration.
    pub from_name: &'a str,
    /// The sender: our address that the client wrote to.
    pub from: &'a EmailAddress,
    /// The recipient.
    pub to: &'a EmailAddress,
    /// A member of the team who gets the mail in copy; the outbox reads it off the finished bytes.
    pub copy: Option<&'a EmailAddress>,
    /// Its own id, recorded before it is sent.
    pub message_id: &'a MessageId,
    /// The message that it answers.
    pub in_reply_to: Option<&'a MessageId>,
    /// See [`super::references`].
    pub references: &'a [MessageId],
    /// When it was written.
    pub date: Instant,
    /// `X-Fuseau-Id`: by which our own mail is known even when a server rewrites the Message-ID.
    pub fuseau_id: &'a str,
    /// Automatic or not.
    pub auto: Auto,
}

/// The final bytes of a mail: CRLF line ends, ASCII, no line over 998 octets (RFC 5322 2.1.1).
///
/// # Errors
/// An address that cannot stand in a header.
pub fn assemble(letter: &Letter, head: &Head<'_>) -> Result<Vec<u8>, MimeError> {
    assemble_with(letter, head, &[])
}

/// The same with calendar files. An invitation stands twice: as another face of the text, by which mail programs show
/// "accept" (RFC 6047 2.4), and as a file, for all others.
///
/// # Errors
/// As [`assemble`].
pub fn assemble_with(letter: &Letter, head: &Head<'_>, files: &[File]) -> Result<Vec<u8>, MimeError> {
    let message = match faces(letter, head, files)? {
        (builder, Faces::One(text)) if files.is_empty() => builder.singlepart(text),
        (builder, Faces::Several(faces)) if files.is_empty() => builder.multipart(faces),
        (builder, faces) => {
            let mixed = MultiPart::mixed().boundary(format!("{}-files", boundary(head.message_id)));
            let mixed = match faces {
                Faces::One(text) => mixed.singlepart(text),
                Faces::Several(faces) => mixed.multipart(faces),
            };
            let attached = files.iter().try_fold(mixed, |mixed, file| Ok(mixed.singlepart(attachment(file)?)));
            builder.multipart(attached?)
        }
    };
    message.map(|mail| mail.formatted()).map_err(|e| MimeError::Builder(e.to_string()))
}

/// What is read.
enum Faces {
    One(SinglePart),
    Several(MultiPart),
}

/// The headers, and the faces of the text.
fn faces(letter: &Letter, head: &Head<'_>, files: &[File]) -> Result<(MessageBuilder, Faces), MimeError> {
    let builder = headers(letter, head)?;
    let text = SinglePart::plain(body(&letter.text));
    let invitation = files.iter().find(|file| file.method == "REQUEST");
    if letter.html.is_none() && invitation.is_none() {
        return Ok((builder, Faces::One(text)));
    }
    let mut faces = MultiPart::alternative().boundary(boundary(head.message_id)).singlepart(text);
    if let Some(html) = &letter.html {
        faces = faces.singlepart(SinglePart::html(body(html)));
    }
    if let Some(file) = invitation {
        faces = faces.singlepart(SinglePart::builder().header(calendar(file.method)?).body(file.text.clone()));
    }
    Ok((builder, Faces::Several(faces)))
}

fn calendar(method: &str) -> Result<ContentType, MimeError> {
    let wanted = format!("text/calendar; charset=utf-8; method={method}");
    ContentType::parse(&wanted).map_err(|e| MimeError::Builder(e.to_string()))
}

fn attachment(file: &File) -> Result<SinglePart, MimeError> {
    // As a file the invitation must not be taken for a second one.
    let kind = match file.method {
        "REQUEST" => ContentType::parse("application/ics").map_err(|e| MimeError::Builder(e.to_string()))?,
        method => calendar(method)?,
    };
    let disposition = ContentDisposition::attachment(&file.name);
    Ok(SinglePart::builder().header(kind).header(disposition).body(file.text.clone()))
}

fn headers(letter: &Letter, head: &Head<'_>) -> Result<MessageBuilder, MimeError> {
    let name = Some(header_text(head.from_name, NAME_MAX)).filter(|name| !name.is_empty());
    let mut builder = Message::builder()
        .from(Mailbox::new(name, address(head.from)?))
        .to(Mailbox::new(None, address(head.to)?))
        .subject(header_text(&letter.subject, super::thread::SUBJECT_MAX))
        .date(system_time(head.date))
        .message_id(Some(head.message_id.as_str().to_owned()));
    if let Some(copy) = head.copy {
        builder = builder.cc(Mailbox::new(None, address(copy)?));
    }
    if let Some(parent) = head.in_reply_to {
        builder = builder.in_reply_to(parent.as_str().to_owned());
    }
    if !head.references.is_empty() {
        let ids: Vec<&str> = head.references.iter().map(MessageId::as_str).collect();
        builder = builder.references(ids.join(" "));
    }
    let id: String = clean(head.fuseau_id, 200).chars().filter(char::is_ascii).collect();
    builder =
        builder.raw_header(field("Content-Language", letter.language.code())).raw_header(field("X-Fuseau-Id", &id));
    let mark = match head.auto {
        Auto::Replied => Some("auto-replied"),
        Auto::Generated => Some("auto-generated"),
        Auto::None => None,
    };
    if let Some(mark) = mark {
        builder = builder
            .raw_header(field("Auto-Submitted", mark))
            .raw_header(field("X-Auto-Response-Suppress", "AutoReply, OOF"));
    }
    Ok(builder)
}

fn field(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn address(address: &EmailAddress) -> Result<Address, MimeError> {
    let refuse = || MimeError::Address(address.clone());
    if !address.is_deliverable() {
        return Err(refuse());
    }
    Address::new(address.local(), address.domain()).map_err(|_| refuse())
}

/// One clean line that no reader will decode again: text that looks like an encoded word (RFC 2047 2) would
/// leave here as it is, and hide a line break until it arrives.
fn header_text(text: &str, max: usize) -> String {
    clean(&text.replace("=?", "= ?"), max)
}

/// A body in CRLF without any control character but tab: a bare CR inside a line can smuggle commands.
fn body(text: &str) -> String {
    let unified = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n");
    let clean: String = unified.chars().filter(|&c| c == '\n' || c == '\t' || !c.is_control()).collect();
    clean.trim_end_matches('\n').replace('\n', "\r\n")
}

/// Depends on the mail alone, so that the same mail always has the same bytes.
fn boundary(id: &MessageId) -> String {
    let safe: String = id.as_str().chars().filter(char::is_ascii_alphanumeric).take(50).collect();
    format!("fuseau-{safe}")
}

/// The Date field holds years 1970 to 9999.
fn system_time(at: Instant) -> SystemTime {
    let last = DateTime::from_timestamp(253_402_300_799, 0).unwrap_or(DateTime::UNIX_EPOCH);
    let at = at.clamp(DateTime::UNIX_EPOCH, last);
    let whole = at - TimeDelta::nanoseconds(i64::from(at.timestamp_subsec_nanos()));
    SystemTime::from(whole)
}

#[cfg(test)]
#[path = "mime_tests.rs"]
mod tests;
