//! What the header fields of one MIME part say about its body (RFC 2045, 2183, 2231).
use super::decode::{guard, unlabelled, words};
use super::fields::Section;
use crate::model::HeaderText;
use mail_parser::{ContentType, HeaderValue, parsers::MessageStream};

/// Longest Content-Type read, in octets.
const LONGEST: usize = 16 * 1024;

/// One part's own description.
#[derive(Clone, Debug, Default)]
pub(super) struct Kind {
    /// Type and subtype in lower case; `text/plain` if absent or unreadable (RFC 2045 5.2).
    pub media: String,
    /// Delimiter of a multipart.
    pub boundary: Option<String>,
    /// Charset.
    pub charset: Option<String>,
    /// `method` of a calendar, upper case.
    pub method: Option<String>,
    /// `smime-type`, lower case.
    pub smime: String,
    /// Transfer encoding, lower case; empty where nothing needs to be undone.
    pub encoding: String,
    /// File name, from either field.
    pub name: Option<HeaderText>,
    /// Meant as an attachment, not to be read in place.
    pub attached: bool,
}

impl Kind {
    /// A report by a mail system (RFC 3464, 8098, 5965, 6533).
    pub(super) fn is_report(&self) -> bool {
        let reports = [
            "multipart/report",
            "message/delivery-status",
            "message/disposition-notification",
            "message/feedback-report",
        ];
        reports.contains(&self.media.as_str()) || self.media.starts_with("message/global-")
    }

    /// Encrypted by S/MIME (RFC 8551 3.3) or PGP (RFC 3156 4).
    pub(super) fn is_encrypted(&self) -> bool {
        match self.media.as_str() {
            "multipart/encrypted" | "application/pgp-encrypted" => true,
            _ => self.is_pkcs7() && !matches!(self.smime.as_str(), "signed-data" | "certs-only"),
        }
    }

    /// Signed by S/MIME or PGP.
    pub(super) fn is_signed(&self) -> bool {
        self.media == "multipart/signed" || (self.is_pkcs7() && self.smime == "signed-data")
    }

    fn is_pkcs7(&self) -> bool {
        matches!(self.media.as_str(), "application/pkcs7-mime" | "application/x-pkcs7-mime")
    }
}

/// Reads the topmost Content-Type, Content-Disposition and Content-Transfer-Encoding of a section.
pub(super) fn kind(section: &Section<'_>) -> Kind {
    let content = section.first("content-type").and_then(structured);
    let disposition = section.first("content-disposition").and_then(structured);
    let encoding = section.first("content-transfer-encoding").map(|value| unlabelled(value, None)).unwrap_or_default();
    let encoding = encoding.split(['(', ';']).next().unwrap_or_default().trim().to_ascii_lowercase();
    let mut kind = Kind { media: "text/plain".to_owned(), ..Kind::default() };
    if matches!(encoding.as_str(), "base64" | "quoted-printable") {
        kind.encoding = encoding;
    }
    let mut name = None;
    if let Some(content) = &content {
        if let Some(media) = media(content) {
            kind.media = media;
        }
        let attribute = |name: &str| content.attribute(name).map(str::to_owned);
        kind.boundary = attribute("boundary").map(|b| b.trim_end().to_owned()).filter(|b| !b.is_empty());
        kind.charset = attribute("charset").map(|name| name.chars().take(40).collect());
        kind.method = attribute("method").map(|method| HeaderText::new(&method).as_str().to_ascii_uppercase());
        kind.smime = attribute("smime-type").unwrap_or_default().to_ascii_lowercase();
        name = attribute("name");
    }
    if let Some(disposition) = &disposition {
        let file = disposition.attribute("filename").map(str::to_owned);
        kind.attached = disposition.ctype().eq_ignore_ascii_case("attachment") || file.is_some();
        name = file.or(name);
    }
    kind.name = name.map(|name| HeaderText::new(&words(&name))).filter(|name| !name.is_empty());
    kind
}

fn structured(value: &[u8]) -> Option<ContentType<'static>> {
    let value = unlabelled(value.get(..LONGEST).unwrap_or(value), None);
    let line = format!("{}\n", value.replace(['\r', '\n'], " ").trim());
    guard(|| match MessageStream::new(line.as_bytes()).parse_content_type().into_owned() {
        HeaderValue::ContentType(read) => Some(read),
        _ => None,
    })
    .flatten()
}

/// `type/subtype`, if both are tokens that can be shown.
fn media(content: &ContentType<'_>) -> Option<String> {
    let media = format!("{}/{}", content.ctype(), content.subtype()?).to_ascii_lowercase();
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$&^_.+-/".contains(&b);
    (media.len() <= 100 && media.bytes().all(token)).then_some(media)
}
