//! Bytes of a message to the facts that rules may see. Pure: no clock, no files; never panics.
//! Does not live here: fetching (imap, maildir) and judging (decide).
//!
//! Own readers decide what the structure is and which field comes first: the mail library's accessors
//! return the last of two fields, which the sender can choose. The library decodes single values.
mod content;
mod decode;
mod fields;
mod handed;
mod html;
mod kept;
mod mbox;
mod part;
mod parties;
mod report;
mod stamps;
mod structure;

pub use handed::handed_over;
pub use kept::{Attachment, attachments, kept};
pub use mbox::split_mbox;

use super::Raw;
use crate::model::{FolderRole, HeaderText, Headers, Incoming, Instant, MessageId, ReturnPath};
use fields::Section;
use std::borrow::Cow;

/// Octets read of a message; what follows is an attachment in practice.
pub const READ_CAP: usize = 256 * 1024;
/// Octets of text that the rules read.
const TEXT_CAP: usize = 64 * 1024;
/// Octets of a message that is kept, and of its text, that are read for people.
const KEPT_CAP: usize = 1024 * 1024;
/// Header fields kept for the rules. The facts come from all of them.
const MOST_FIELDS: usize = 1000;
/// Octets decoded of one field that is kept.
const LONGEST_FIELD: usize = 32 * 1024;

/// What is known about a message from outside its bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context {
    /// INTERNALDATE, or what stands for it.
    pub arrived: Instant,
    /// Kind of folder in which it lies.
    pub folder: FolderRole,
    /// IMAP `\Answered`.
    pub answered_flag: bool,
    /// Octets of the whole message; the bytes at hand may be its beginning. 0 where unknown.
    pub size: u64,
}

impl Context {
    /// What the server says about a message in a folder of this kind.
    #[must_use]
    pub fn of(raw: &Raw, folder: FolderRole) -> Self {
        Self { arrived: raw.arrived, folder, answered_flag: raw.flags.answered, size: raw.size }
    }
}

/// How much is read of a message, and of its text.
#[derive(Clone, Copy)]
struct Reach {
    octets: usize,
    text: usize,
}

/// What is enough to decide: it stays cheap, whatever somebody sends.
const FOR_RULES: Reach = Reach { octets: READ_CAP, text: TEXT_CAP };
const FOR_PEOPLE: Reach = Reach { octets: KEPT_CAP, text: KEPT_CAP };

/// Reads one message: RFC 5322 and MIME as they are met, any line ends, any charset.
///
/// Never fails: bytes that are no e-mail become an [`Incoming`] with `unreadable`. Reads the first
/// [`READ_CAP`] octets and keeps at most 64 KiB of text.
#[must_use]
pub fn parse(bytes: &[u8], context: &Context) -> Incoming {
    read(bytes, context, FOR_RULES, |_| Some(context.arrived))
}

/// [`parse`] for people and for the search: with all of the text that the bytes hold.
#[must_use]
pub fn parse_whole(bytes: &[u8], context: &Context) -> Incoming {
    read(bytes, context, FOR_PEOPLE, |_| Some(context.arrived))
}

/// [`parse`] for a message in a file: it arrived when its topmost readable `Received` says, else its `Date`, else at
/// the context's time.
#[must_use]
pub fn parse_filed(bytes: &[u8], context: &Context) -> Incoming {
    read(bytes, context, FOR_RULES, arrival)
}

fn read(bytes: &[u8], context: &Context, reach: Reach, arrival: impl Fn(&Values<'_>) -> Option<Instant>) -> Incoming {
    let whole = u64::try_from(bytes.len()).unwrap_or(u64::MAX).max(context.size);
    let head = bytes.get(..reach.octets).unwrap_or(bytes);
    let truncated = whole > u64::try_from(head.len()).unwrap_or(u64::MAX);
    let unified = fields::unify(head);
    let section = fields::message(&unified);
    let values = Values::new(&section);

    let subject_field = values.first("subject");
    let message_id = values.first("message-id").and_then(|value| stamps::ids(&value).into_iter().next());
    let from = values.all(&["from"]);
    let author = parties::author(&from.iter().map(AsRef::as_ref).collect::<Vec<_>>());
    let subject = HeaderText::new(&decode::words(subject_field.as_deref().unwrap_or_default()));
    let people = |names: &[&str]| parties::parties(values.all(names).iter().map(AsRef::as_ref));
    let (date_field, to_field) = (values.first("date"), values.first("to"));
    let look = stamps::Look {
        date: date_field.as_deref().unwrap_or_default().trim(),
        subject: subject.as_str(),
        to: to_field.as_deref().unwrap_or_default().trim(),
        body: section.body,
    };
    // Of a text that was kept alone it stands there whether it is whole.
    let alone = kept::text_alone(&section);
    let mut content = content::read(&section, reach.text, truncated && alone.is_none());
    content.truncated = truncated;
    content.text_cut |= alone == Some(kept::Alone::Beginning);

    Incoming {
        key: stamps::key(message_id.as_ref(), &author, &look),
        in_reply_to: values.ids("in-reply-to"),
        references: values.ids("references"),
        reply_to: people(&["reply-to"]),
        sender: people(&["sender"]).into_iter().next(),
        return_path: values.return_path(),
        to: people(&["to", "resent-to"]),
        cc: people(&["cc", "bcc", "resent-cc", "resent-bcc"]),
        date: date_field.as_deref().and_then(stamps::date),
        headers: values.headers(),
        unreadable: !section.is_mail(),
        message_id,
        author,
        subject,
        arrived: arrival(&values).unwrap_or(context.arrived),
        size: whole,
        content,
        folder: context.folder,
        answered_flag: context.answered_flag,
    }
}

/// When a message that lies in a file has arrived: the topmost readable `Received` date, else `Date`.
#[must_use]
pub fn arrival_guess(bytes: &[u8]) -> Option<Instant> {
    let unified = fields::unify(bytes.get(..READ_CAP).unwrap_or(bytes));
    let section = fields::message(&unified);
    arrival(&Values::new(&section))
}

fn arrival(values: &Values<'_>) -> Option<Instant> {
    let passed = values.all(&["received"]).iter().take(MOST_FIELDS).find_map(|value| stamps::received(value));
    passed.or_else(|| stamps::date(values.first("date")?.as_ref()))
}

/// Header fields with a charset for those that are neither ASCII nor UTF-8.
struct Values<'a> {
    section: &'a Section<'a>,
    usual: Option<mail_parser::decoders::charsets::DecoderFnc>,
}

impl<'a> Values<'a> {
    fn new(section: &'a Section<'a>) -> Self {
        // Raw eight-bit fields are mostly in the charset of the text below them.
        let usual = part::kind(section).charset.as_deref().and_then(decode::decoder);
        Self { section, usual }
    }

    /// One value on one line, encoded words untouched.
    fn line(&self, value: &'a [u8]) -> Cow<'a, str> {
        let text = match std::str::from_utf8(value) {
            Ok(text) if !text.contains('\u{1b}') => Cow::Borrowed(text),
            _ => Cow::Owned(decode::unlabelled(value, self.usual)),
        };
        if text.contains(['\r', '\n']) { Cow::Owned(text.replace(['\r', '\n'], " ")) } else { text }
    }

    fn first(&self, name: &str) -> Option<Cow<'a, str>> {
        self.section.first(name).map(|value| self.line(value))
    }

    /// All values of the fields with these names, topmost first, name by name.
    fn all(&self, names: &[&str]) -> Vec<Cow<'a, str>> {
        names.iter().flat_map(|name| self.section.all(name)).map(|value| self.line(value)).collect()
    }

    fn ids(&self, name: &str) -> Vec<MessageId> {
        stamps::ids(&self.all(&[name]).join(" "))
    }

    fn return_path(&self) -> ReturnPath {
        parties::return_path(self.all(&["return-path"]).iter().map(AsRef::as_ref))
    }

    /// The fields for the rules. Encoded words are decoded where people write text; in structured fields
    /// they could forge an address or a result.
    fn headers(&self) -> Headers {
        let mut headers = Headers::default();
        for field in self.section.fields.iter().take(MOST_FIELDS) {
            let line = self.line(field.value.get(..LONGEST_FIELD).unwrap_or(field.value));
            let text = if is_prose(field.name()) { Cow::Owned(decode::words(&line)) } else { line };
            headers.push(field.name(), HeaderText::field(&text));
        }
        headers
    }
}

/// Fields whose value is free text (RFC 2047 section 5, case 1).
fn is_prose(name: &str) -> bool {
    let prose = ["subject", "comments", "keywords", "organization", "content-description", "thread-topic"];
    prose.iter().any(|word| word.eq_ignore_ascii_case(name))
}
